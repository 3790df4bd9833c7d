"""IP-Adapter on tiny checkpoints: hung in for an ask, each face in its part of the frame, gone without a trace after."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from faces import BLUE, GREEN, RED, apart, cast, draw, face, opened  # noqa: E402

from desks import RecordingDesk  # noqa: E402
from kamishibai.diffusion.identity import (  # noqa: E402
    alike,
    is_guided,
    likenesses,
    open_holder,
    squared,
)
from kamishibai.diffusion.image_prompt import ImagePrompt, column_masks  # noqa: E402
from kamishibai.diffusion.reference_attention import ReferenceAttention  # noqa: E402
from kamishibai.documents.storyboard import Actor, Scene  # noqa: E402
from kamishibai.errors import ModelError, UnsupportedError  # noqa: E402
from kamishibai.models.kinds import Draw, Reference  # noqa: E402
from kamishibai.weights.checkpoint import Checkpoint, locate  # noqa: E402
from kamishibai.weights.ip_adapter import Hold, find_adapter, hold_of  # noqa: E402

Tiny = Callable[[str], Path]


def adapter_of(tiny: Tiny, family: str, pipe: Any, strength: float = 0.6) -> ImagePrompt:
    found = find_adapter(locate(str(tiny(family)), "picture"), str(tiny(f"ip-adapter-{family}")))
    return ImagePrompt(pipe, found, strength)


@pytest.fixture(scope="module")
def pipe(tiny: Tiny) -> Any:
    return opened(tiny("sd15"))


@pytest.fixture(scope="module")
def way(tiny: Tiny, pipe: Any) -> ImagePrompt:
    return adapter_of(tiny, "sd15", pipe)


@pytest.mark.parametrize("family", ["sd15", "sdxl"])
def test_a_face_changes_the_picture_and_leaves_no_trace(tiny: Tiny, family: str) -> None:
    pipe = opened(tiny(family))
    way = adapter_of(tiny, family, pipe)
    before = draw(pipe)
    held = draw(pipe, way, cast(RED))
    assert apart(before, held) > 5
    assert apart(held, draw(pipe, way, cast(RED))) == 0
    assert apart(before, draw(pipe)) == 0
    assert pipe.unet.encoder_hid_proj is None
    assert not any(hasattr(layer, "to_k_ip") for layer in pipe.unet.attn_processors.values())


def test_another_face_gives_another_picture(pipe: Any, way: ImagePrompt) -> None:
    assert apart(draw(pipe, way, cast(RED)), draw(pipe, way, cast(BLUE))) > 5


def test_a_weight_of_nothing_is_as_if_nobody_was_there(pipe: Any, way: ImagePrompt) -> None:
    plain = draw(pipe)
    assert apart(plain, draw(pipe, way, cast(RED, weights=[0]))) == 0
    assert apart(plain, draw(pipe, way, cast(RED, weights=[1e-6]))) < 0.1


def test_more_weight_moves_the_picture_further(pipe: Any, way: ImagePrompt) -> None:
    plain = draw(pipe)
    slight, strong = (draw(pipe, way, cast(RED, weights=[weight])) for weight in (0.1, 1.0))
    assert np.abs(slight - plain).mean() < np.abs(strong - plain).mean()


def test_two_faces_differ_from_one_and_their_sides_count(pipe: Any, way: ImagePrompt) -> None:
    one, two, exchanged = (draw(pipe, way, cast(*c)) for c in ((RED,), (RED, BLUE), (BLUE, RED)))
    assert apart(one, two) > 5
    assert apart(two, exchanged) > 5


def test_a_face_counts_most_in_its_own_part_of_the_frame(pipe: Any, way: ImagePrompt) -> None:
    first = draw(pipe, way, cast(RED, BLUE), num_inference_steps=1)[0]
    other = draw(pipe, way, cast(RED, GREEN), num_inference_steps=1)[0]
    moved = np.abs(first - other).mean((0, 2))
    assert moved[48:].mean() > 1.5 * moved[:48].mean()


def test_a_face_beside_somebody_without_one_has_its_side_only(pipe: Any, way: ImagePrompt) -> None:
    plain = draw(pipe, num_inference_steps=1)[0]
    left_parts = []
    for span in ((0.0, 0.5), (0.5, 1.0)):
        there = [replace(cast(RED)[0], span=span)]
        moved = np.abs(plain - draw(pipe, way, there, num_inference_steps=1)[0]).mean((0, 2))
        left_parts.append(moved[:48].mean() / moved.mean())
    assert left_parts[0] > 1.25 * left_parts[1]


def test_neighbours_in_a_call_change_nobodys_picture(pipe: Any, way: ImagePrompt) -> None:
    together = draw(pipe, way, cast(RED, BLUE), seeds=(1, 2, 3))
    for i, seed in enumerate((1, 2, 3)):
        assert apart(together[i : i + 1], draw(pipe, way, cast(RED, BLUE), seeds=(seed,))) <= 2


def test_it_works_without_guidance_and_from_a_picture(pipe: Any, way: ImagePrompt) -> None:
    import diffusers
    from PIL import Image

    assert apart(draw(pipe, guidance_scale=0.0), draw(pipe, way, cast(RED), guidance_scale=0.0)) > 5
    sibling = diffusers.StableDiffusionImg2ImgPipeline.from_pipe(pipe)
    sibling.set_progress_bar_config(disable=True)
    start = {"image": Image.fromarray(face(GREEN, 64, 96)), "strength": 0.8, "num_inference_steps": 3}
    words = {"prompt": ["a fox"], "guidance_scale": 5.0, "output_type": "np"}

    def once() -> Any:
        return {**start, **words, "generator": [torch.Generator("cpu").manual_seed(1)]}

    plain = sibling(**once()).images
    with way.hold(cast(RED), 96, 64, True) as held:
        shown = sibling(**held.with_(once())).images
    assert apart(plain, shown) > 1
    assert apart(plain, sibling(**once()).images) == 0


def test_an_offloaded_pipeline_is_put_in_its_place_again(tiny: Tiny, pipe: Any, way: ImagePrompt) -> None:
    wanted = draw(pipe, way, cast(RED, BLUE))
    away = opened(tiny("sd15"))
    times = []

    def put_back() -> None:
        times.append(1)
        away.enable_model_cpu_offload(device=torch.device("cpu"))

    put_back()
    found = find_adapter(locate(str(tiny("sd15")), "picture"), str(tiny("ip-adapter-sd15")))
    lazy = ImagePrompt(away, found, 0.6, put_back)
    assert apart(wanted, draw(away, lazy, cast(RED, BLUE))) == 0
    assert apart(draw(pipe), draw(away)) == 0
    assert len(times) == 2


def test_sliced_attention_is_sliced_again_after(tiny: Tiny, pipe: Any, way: ImagePrompt) -> None:
    sliced = opened(tiny("sd15"))
    sliced.unet.set_attention_slice("max")
    held = draw(sliced, adapter_of(tiny, "sd15", sliced), cast(RED))
    assert apart(draw(pipe, way, cast(RED)), held) < 0.1
    assert {type(p).__name__ for p in sliced.unet.attn_processors.values()} == {"SlicedAttnProcessor"}


def test_a_pipeline_is_let_go_when_its_call_is_left(pipe: Any, way: ImagePrompt) -> None:
    plain = draw(pipe)

    def leave(*_: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        draw(pipe, way, cast(RED), callback_on_step_end=leave)
    assert apart(plain, draw(pipe)) == 0


def test_an_adapter_for_a_deeper_network_is_refused(tiny: Tiny, tmp_path: Path, pipe: Any) -> None:
    from safetensors.torch import load_file, save_file

    shutil.copytree(tiny("ip-adapter-sd15"), tmp_path / "adapter")
    file = next((tmp_path / "adapter" / "models").glob("*.safetensors"))
    weights = load_file(file)
    last = max(int(name.split(".")[1]) for name in weights if name.startswith("ip_adapter."))
    save_file({n: w for n, w in weights.items() if not n.startswith(f"ip_adapter.{last}.")}, file)
    found = find_adapter(locate(str(tiny("sd15")), "picture"), str(file))
    plain = draw(pipe)
    with pytest.raises(UnsupportedError, match="does not fit this network"):
        draw(pipe, ImagePrompt(pipe, found, 0.6), cast(RED))
    assert apart(plain, draw(pipe)) == 0


def test_a_damaged_image_encoder_is_named(tiny: Tiny, tmp_path: Path, pipe: Any) -> None:
    shutil.copytree(tiny("ip-adapter-sd15"), tmp_path / "adapter")
    found = find_adapter(locate(str(tiny("sd15")), "picture"), str(tmp_path / "adapter"))
    (found.encoder / "model.safetensors").write_bytes(b"cut")
    with pytest.raises(ModelError, match="image encoder"):
        draw(pipe, ImagePrompt(pipe, found, 0.6), cast(RED))


def test_a_plus_adapter_reads_every_patch(tiny: Tiny, tmp_path: Path, pipe: Any) -> None:
    from safetensors.torch import load_file, save_file

    shutil.copytree(tiny("ip-adapter-sd15"), tmp_path / "adapter")
    file = next((tmp_path / "adapter" / "models").glob("*.safetensors"))
    weights = {n: w for n, w in load_file(file).items() if n.startswith("ip_adapter.")}
    weights |= _resampler()
    save_file(weights, file)
    found = find_adapter(locate(str(tiny("sd15")), "picture"), str(file))
    assert not found.pooled
    plain, held = draw(pipe), draw(pipe, ImagePrompt(pipe, found, 0.6), cast(RED, BLUE))
    assert apart(plain, held) > 1


def _resampler() -> dict[str, Any]:
    """Return a resampler of the "plus" kind, four layers of 32, under the names of the published adapters."""
    torch.manual_seed(0)
    width = 32
    shapes: dict[str, tuple[int, ...]] = {
        "latents": (1, 4, width), "proj_in.weight": (width, width), "proj_in.bias": (width,),
        "proj_out.weight": (width, width), "proj_out.bias": (width,),
        "norm_out.weight": (width,), "norm_out.bias": (width,),
    }  # fmt: skip
    for layer in range(4):
        shapes |= {
            f"layers.{layer}.{name}": shape
            for name, shape in {
                "0.norm1.weight": (width,), "0.norm1.bias": (width,),
                "0.norm2.weight": (width,), "0.norm2.bias": (width,),
                "0.to_q.weight": (64, width), "0.to_kv.weight": (128, width), "0.to_out.weight": (width, 64),
                "1.0.weight": (width,), "1.0.bias": (width,),
                "1.1.weight": (width * 4, width), "1.3.weight": (width, width * 4),
            }.items()
        }  # fmt: skip
    return {f"image_proj.{name}": torch.randn(*shape) * 0.3 for name, shape in shapes.items()}


# ------------------------------------------------------------------------------------------ without a network
@pytest.mark.parametrize("size", [(680, 384), (912, 512), (1024, 576), (1344, 768), (576, 1024), (512, 640)])
@pytest.mark.parametrize("levels", [3, 4])
def test_masks_fall_on_the_right_columns_in_every_layer(size: tuple[int, int], levels: int) -> None:
    from diffusers.image_processor import IPAdapterMaskProcessor

    width, height = size
    shape = SimpleNamespace(
        unet=SimpleNamespace(config=SimpleNamespace(block_out_channels=(1,) * levels)), vae_scale_factor=8
    )
    masks = column_masks(shape, [(0, 0.5), (0.5, 1)], width, height)
    assert masks is not None
    assert torch.allclose(masks.sum(1), torch.ones_like(masks[:, 0]))
    rows, columns = height // 8, width // 8
    for _ in range(levels):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            flat = IPAdapterMaskProcessor.downsample(masks[:, 0], 1, rows * columns, 1)
        grid = flat.view(rows, columns)
        assert torch.allclose(grid, grid[:1].expand_as(grid), atol=1e-4)
        assert grid[0, 0] > 0.9
        assert grid[0, -1] < 0.1
        rows, columns = -(-rows // 2), -(-columns // 2)


def reference(desk: RecordingDesk, who: str, colour: tuple[int, int, int], weight: float = 1.0) -> Reference:
    return Reference(who=who, image=desk.picture(face(colour)), weight=weight)


def ask(*references: Reference, actors: tuple[str, ...] = (), seed: int = 1) -> Draw:
    scene = Scene(id="scene", line="", actors=tuple(Actor(who=who) for who in actors))
    return Draw(prompt="a fox", scene=scene, references=references, width=96, height=64, seed=seed)


def test_the_frame_is_divided_by_the_order_of_the_actors() -> None:
    desk = RecordingDesk()
    mira, bruno = reference(desk, "mira", RED), reference(desk, "bruno", BLUE)
    faces = likenesses(ask(bruno, mira, actors=("mira", "owl", "bruno", "mira")), desk.open)
    assert [(f.who, f.span) for f in faces] == [("bruno", (2 / 3, 1.0)), ("mira", (0.0, 1 / 3))]
    assert np.array_equal(faces[0].pixels, face(BLUE))
    assert [f.span for f in likenesses(ask(mira), desk.open)] == [(0.0, 1.0)]
    assert likenesses(ask(reference(desk, "mira", RED, 0)), desk.open) == ()


def test_only_asks_with_the_same_faces_share_a_call() -> None:
    desk = RecordingDesk()
    mira, bruno = reference(desk, "mira", RED), reference(desk, "bruno", BLUE)
    both = ask(mira, bruno, actors=("mira", "bruno"))
    asks = [
        ask(),
        ask(seed=2),
        ask(mira),
        ask(mira, seed=3),
        both,
        ask(mira, bruno, actors=("bruno", "mira")),
    ]
    assert alike(asks) == [[0, 1], [2, 3], [4], [5]]


def test_a_portrait_is_whole_in_its_square() -> None:
    pixels = np.full((120, 40, 3), 200, np.uint8)
    pixels[:20] = 0
    square = squared(pixels, 60)
    assert square.shape == (60, 60, 3)
    assert (square[30, [0, 59]] == 200).all()
    assert (square[2, 30] < 20).all()
    assert np.array_equal(squared(face(RED, 64, 64), 64), face(RED, 64, 64))


def test_guidance_is_told_from_the_calls_own_scale(pipe: Any) -> None:
    assert is_guided(pipe, {})
    assert not is_guided(pipe, {"guidance_scale": 1.0})


def test_families_without_a_way_say_so_once_and_are_left_alone() -> None:
    desk = RecordingDesk()
    holder = open_holder(None, Hold(way="none", note="no pictures"))
    for _ in range(2):
        with holder.hold(ask(), desk, width=96, height=64, guided=True) as held:
            assert held.with_({"prompt": "x"}) == {"prompt": "x"}
    assert desk.notes == ["no pictures"]


def test_the_holder_reads_references_from_the_desk(tiny: Tiny, pipe: Any) -> None:
    desk = RecordingDesk()
    checkpoint: Checkpoint = locate(str(tiny("sd15")), "picture")
    holder = open_holder(pipe, hold_of(checkpoint, "auto", str(tiny("ip-adapter-sd15"))))
    made = ask(reference(desk, "mira", RED))
    with holder.hold(made, desk, width=96, height=64, guided=True) as held:
        assert set(held.kwargs) == {"ip_adapter_image_embeds"}
    with holder.hold(ask(), desk, width=96, height=64, guided=True) as held:
        assert held.kwargs == {}
    holder.close()


def test_a_network_with_distilled_guidance_gets_one_half_only(tiny: Tiny) -> None:
    import diffusers

    plain = opened(tiny("sd15"))
    torch.manual_seed(0)
    network = diffusers.UNet2DConditionModel.from_config(
        {**plain.unet.config, "time_cond_proj_dim": 16}
    ).eval()
    parts = {name: part for name, part in plain.components.items() if name not in ("image_encoder", "unet")}
    fast = diffusers.LatentConsistencyModelPipeline(**parts, unet=network, requires_safety_checker=False)
    fast.scheduler = diffusers.LCMScheduler.from_config(fast.scheduler.config)
    fast.set_progress_bar_config(disable=True)
    before = draw(fast)
    for way in (adapter_of(tiny, "sd15", fast), ReferenceAttention(fast, 1.0, "all", (0.0, 1.0))):
        held = draw(fast, way, cast(RED, BLUE), seeds=(1, 2))
        assert apart(before, held[:1]) > 0.2
        assert apart(held[1:], draw(fast, way, cast(RED, BLUE), seeds=(2,))) <= 2
        assert apart(before, draw(fast)) == 0
