"""Reference attention on tiny checkpoints: layers look at the references' features, by weight and place, and let go."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from faces import BLUE, GREEN, RED, apart, cast, draw, opened  # noqa: E402

from kamishibai.diffusion.reference_attention import ReferenceAttention, _Shared  # noqa: E402
from kamishibai.errors import UnsupportedError, UsageError  # noqa: E402

Tiny = Callable[[str], Path]


def attention_of(pipe: Any, **changes: Any) -> ReferenceAttention:
    return ReferenceAttention(pipe, **{"strength": 1.0, "layers": "all", "span": (0.0, 1.0), **changes})


@pytest.fixture(scope="module")
def pipe(tiny: Tiny) -> Any:
    return opened(tiny("sd15"))


@pytest.fixture(scope="module")
def way(pipe: Any) -> ReferenceAttention:
    return attention_of(pipe)


@pytest.mark.parametrize("family", ["sd15", "sdxl", "sdxl-turbo"])
def test_a_face_changes_the_picture_and_leaves_no_trace(tiny: Tiny, family: str) -> None:
    pipe = opened(tiny(family))
    way = attention_of(pipe)
    guidance = {"guidance_scale": 0.0} if family == "sdxl-turbo" else {}
    before, processors = draw(pipe, **guidance), dict(pipe.unet.attn_processors)
    held = draw(pipe, way, cast(RED), **guidance)
    assert apart(before, held) > 0.5
    assert apart(held, draw(pipe, way, cast(RED), **guidance)) == 0
    assert apart(held, draw(pipe, way, cast(BLUE), **guidance)) > 0.2
    assert apart(before, draw(pipe, **guidance)) == 0
    assert pipe.unet.attn_processors == processors
    assert not pipe.unet._forward_pre_hooks


@pytest.mark.parametrize("scheduler", ["EulerDiscreteScheduler", "DPMSolverMultistepScheduler", "DDIMScheduler",
                                       "UniPCMultistepScheduler", "LCMScheduler"])  # fmt: skip
def test_every_scheduler_with_noise_levels_goes(tiny: Tiny, scheduler: str) -> None:
    import diffusers

    pipe = opened(tiny("sd15"))
    pipe.scheduler = getattr(diffusers, scheduler).from_config(pipe.scheduler.config)
    plain, held = draw(pipe), draw(pipe, attention_of(pipe), cast(RED))
    assert np.isfinite(held).all()
    assert apart(plain, held) > 0.2


def test_references_get_the_noise_that_the_scheduler_gives_the_picture(pipe: Any, tiny: Tiny) -> None:
    import diffusers

    scheduler = diffusers.EulerDiscreteScheduler.from_config(pipe.scheduler.config)
    scheduler.set_timesteps(5)
    clean, noise = torch.randn(1, 4, 8, 8), torch.randn(1, 4, 8, 8)
    timestep = scheduler.timesteps[2:3]
    theirs = scheduler.scale_model_input(scheduler.add_noise(clean, noise, timestep), timestep[0])
    sent = []

    class Network:
        config = pipe.unet.config

        def __call__(self, sample: Any, timestep: Any, **_: Any) -> None:
            sent.append(sample)

    with attention_of(pipe).hold(cast(RED), 64, 64, True):
        (hook,) = pipe.unet._forward_pre_hooks.values()
        hook.references, hook.noise = clean, noise
        hook(Network(), (torch.zeros(2, 4, 8, 8), timestep[0]), {})
    assert torch.allclose(sent[0], theirs, atol=1e-3)


def test_each_layer_looks_at_the_pictures_tokens_and_at_the_references(
    pipe: Any, way: ReferenceAttention, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch.nn.functional as functional

    real, seen = functional.scaled_dot_product_attention, set()

    def watched(query: Any, key: Any, *rest: Any, **more: Any) -> Any:
        seen.add((query.shape[-2], key.shape[-2]))
        return real(query, key, *rest, **more)

    monkeypatch.setattr(functional, "scaled_dot_product_attention", watched)
    one, two = cast(RED), cast(RED, BLUE)
    draw(pipe, way, one)
    # 96 × 64 pixels are 12 × 8 tokens; a reference of 64 × 64 has 8 × 8.
    assert (96, 96 + 64) in seen
    seen.clear()
    draw(pipe, way, [*one, *one])
    assert (96, 96 + 128) not in seen  # each in its own columns, the second in none that are left
    draw(pipe, way, two)
    assert (48, 96 + 64) in seen


def test_a_weight_multiplies_the_share_of_a_references_tokens() -> None:
    from diffusers.models.attention_processor import Attention, AttnProcessor2_0

    torch.manual_seed(0)
    layer = Attention(query_dim=8, heads=2, dim_head=4)
    own, features = torch.randn(1, 6, 8), torch.randn(1, 5, 8)
    plain: Any = AttnProcessor2_0
    for weight in (0.25, 1.0, 2.0):
        got = _Shared(plain(), "x", None)._extended(layer, own, own, features, [weight])  # type: ignore[arg-type]
        keys = torch.cat([own, features], 1)
        q, k, v = (
            part.view(1, -1, 2, 4).transpose(1, 2)
            for part in (layer.to_q(own), layer.to_k(keys), layer.to_v(keys))
        )
        mass = (q @ k.transpose(-1, -2) / math.sqrt(4)).exp()
        mass[..., 6:] *= weight
        wanted = (mass / mass.sum(-1, keepdim=True) @ v).transpose(1, 2).reshape(1, 6, 8)
        assert torch.allclose(got, layer.to_out[0](wanted), atol=1e-5)


def test_a_weight_of_nothing_is_as_if_nobody_was_there(pipe: Any, way: ReferenceAttention) -> None:
    plain = draw(pipe)
    assert apart(plain, draw(pipe, way, cast(RED, weights=[0]))) == 0
    assert apart(plain, draw(pipe, way, cast(RED, weights=[1e-7]))) < 0.1


def test_two_faces_differ_from_one_and_their_sides_count(pipe: Any, way: ReferenceAttention) -> None:
    one, two, exchanged = (draw(pipe, way, cast(*c)) for c in ((RED,), (RED, BLUE), (BLUE, RED)))
    assert apart(one, two) > 0.2
    assert apart(two, exchanged) > 0.2


def test_who_stands_beside_a_face_keeps_to_the_picture(pipe: Any, way: ReferenceAttention) -> None:
    left, both = cast(RED, BLUE)[:1], cast(RED, BLUE)
    assert apart(draw(pipe), draw(pipe, way, left)) > 0.2
    assert apart(draw(pipe, way, left), draw(pipe, way, both)) > 0.2


def test_neighbours_in_a_call_change_nobodys_picture(pipe: Any, way: ReferenceAttention) -> None:
    together = draw(pipe, way, cast(RED, GREEN), seeds=(1, 2, 3))
    for i, seed in enumerate((1, 2, 3)):
        assert apart(together[i : i + 1], draw(pipe, way, cast(RED, GREEN), seeds=(seed,))) <= 2


def test_fewer_layers_and_fewer_steps_hold_less(pipe: Any, way: ReferenceAttention) -> None:
    plain, all_ = draw(pipe), draw(pipe, way, cast(RED))
    up = draw(pipe, attention_of(pipe, layers="up"), cast(RED))
    late = draw(pipe, attention_of(pipe, span=(0.6, 1.0)), cast(RED))
    never = draw(pipe, attention_of(pipe, span=(1.0, 1.0)), cast(RED))
    assert apart(up, all_) > 0.1
    assert apart(late, all_) > 0.1
    assert apart(late, plain) > 0.1
    assert apart(never, plain) == 0


def test_a_network_for_repairs_is_shown_the_reference_beside_an_empty_mask(tiny: Tiny) -> None:
    import diffusers
    from PIL import Image

    pipe = opened(tiny("sd15"))
    torch.manual_seed(0)
    network = diffusers.UNet2DConditionModel.from_config({**pipe.unet.config, "in_channels": 9}).eval()
    repair = diffusers.StableDiffusionInpaintPipeline(
        **{**pipe.components, "unet": network}, requires_safety_checker=False
    )
    repair.set_progress_bar_config(disable=True)
    given = {"image": Image.new("RGB", (96, 64), RED), "mask_image": Image.new("L", (96, 64), 255)}
    plain = draw(repair, **given)
    held = draw(repair, attention_of(repair), cast(BLUE), **given)
    assert apart(plain, held) > 0.2


def test_it_goes_with_offloading_and_with_sliced_attention(
    tiny: Tiny, pipe: Any, way: ReferenceAttention
) -> None:
    wanted = draw(pipe, way, cast(RED, BLUE))
    away = opened(tiny("sd15"))
    away.enable_model_cpu_offload(device=torch.device("cpu"))
    assert apart(wanted, draw(away, attention_of(away), cast(RED, BLUE))) == 0
    sliced = opened(tiny("sd15"))
    sliced.unet.set_attention_slice("max")
    assert apart(wanted, draw(sliced, attention_of(sliced), cast(RED, BLUE))) < 0.1
    weighted = cast(RED, BLUE, weights=[0.5, 2.0])
    assert apart(draw(pipe, way, weighted), draw(sliced, attention_of(sliced), weighted)) < 0.1


@pytest.mark.slow
def test_a_compiled_network_draws_the_same(tiny: Tiny, pipe: Any, way: ReferenceAttention) -> None:
    compiled = opened(tiny("sd15"))
    compiled.unet.compile(backend="eager")
    once = {"num_inference_steps": 1, "guidance_scale": 0.0}
    wanted = draw(pipe, way, cast(RED), **once)
    assert apart(wanted, draw(compiled, attention_of(compiled), cast(RED), **once)) < 0.1


def test_a_pipeline_is_let_go_when_its_call_is_left(pipe: Any, way: ReferenceAttention) -> None:
    plain = draw(pipe)

    def leave(*_: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        draw(pipe, way, cast(RED), callback_on_step_end=leave)
    assert apart(plain, draw(pipe)) == 0


def test_unknown_layers_and_schedulers_without_noise_levels_are_refused(tiny: Tiny) -> None:
    import diffusers

    pipe = opened(tiny("sd15"))
    with pytest.raises(UsageError, match="not known"):
        attention_of(pipe, layers="down")
    pipe.scheduler = diffusers.EDMEulerScheduler()
    with pytest.raises(UnsupportedError, match="EDMEulerScheduler"):
        attention_of(pipe).hold(cast(RED), 96, 64, True)
