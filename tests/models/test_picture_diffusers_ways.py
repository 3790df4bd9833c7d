"""picture:diffusers with what people have and what goes wrong: files, LoRA, schedulers, checkers, faults, memory."""

from __future__ import annotations

import gc
import inspect
import json
import shutil
import weakref
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desks import RecordingDesk
from kamishibai.diffusion.schedulers import NAMES
from kamishibai.documents.storyboard import Scene
from kamishibai.errors import KamishibaiError, ModelError, UnknownModelError, UnsupportedError, UsageError
from kamishibai.media.picture import Pixels
from kamishibai.models.kinds import Draw
from kamishibai.models.picture.diffusers import DiffusersPicture
from kamishibai.models.registry import make
from kamishibai.weights.families import FAMILIES, Family, family_named
from kamishibai.weights.presets import Preset, presets

pytestmark = pytest.mark.slow

Tiny = Callable[[str], Path]
DRAWN: dict[str, Pixels] = {}
COMMON = ("ddim", "euler-a", "dpm++2m-karras", "dpm++sde", "lcm", "pndm")
SMALL = {"steps": 2, "width": 64, "height": 64}


def ask(seed: int = 7, **more: Any) -> Draw:
    return Draw(prompt="a fox", scene=Scene(id="scene", line=""), width=96, height=96, seed=seed, **more)


def made(path: Path | str, **options: Any) -> DiffusersPicture:
    model: Any = make(f"picture:diffusers:{path}", {**SMALL, **options})
    return model


def drawn(path: Path | str, *, desk: RecordingDesk | None = None, **options: Any) -> Pixels:
    """Load a checkpoint and draw once; the same again is remembered, unless there is a desk to look at."""
    if desk is None:
        key = f"{path} {sorted(options.items())}"
        if key not in DRAWN:
            DRAWN[key] = drawn(path, desk=RecordingDesk(), **options)
        return DRAWN[key]
    model = made(path, **options)
    model.load()
    (still,) = model.run([ask()], desk)
    return desk.pixels(still.image)


def pulled(
    folder: Path, repo: str, name: str, home: Path, monkeypatch: pytest.MonkeyPatch, **options: Any
) -> DiffusersPicture:
    """Put a checkpoint into a hub cache under `repo` and open it by `name`, with no options but these."""
    cache = home / "hub" / f"models--{repo.replace('/', '--')}"
    commit = "1" * 40
    if not cache.exists():
        (cache / "refs").mkdir(parents=True)
        (cache / "refs" / "main").write_text(commit)
        shutil.copytree(folder, cache / "snapshots" / commit)
    monkeypatch.setenv("HF_HOME", str(home))
    for other in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.delenv(other, raising=False)
    model: Any = make(f"picture:diffusers:{name}", options)
    return model


def changed(folder: Path, copy: Path, component: str, change: Callable[[dict[str, Any]], None]) -> Path:
    """Copy a checkpoint and change the weights of one of its components."""
    from safetensors.torch import load_file, save_file

    shutil.copytree(folder, copy)
    (path,) = (copy / component).glob("*.safetensors")
    weights = load_file(path)
    change(weights)
    save_file(weights, path, metadata={"format": "pt"})
    return copy


# ------------------------------------------------------------------------------------------ files
def test_a_folder_with_half_precision_files_alone_is_read(tiny: Tiny) -> None:
    whole, half = drawn(tiny("sd15")), drawn(tiny("sd15-fp16"))

    assert np.abs(whole.astype(np.int16) - half).mean() < 4


def test_half_precision_files_beside_plain_ones_serve_half_precision(tiny: Tiny, tmp_path: Path) -> None:
    both = tmp_path / "both"
    shutil.copytree(tiny("sd15-fp16"), both)
    shutil.copytree(tiny("sd15"), both, dirs_exist_ok=True)

    assert np.array_equal(drawn(both), drawn(tiny("sd15")))
    assert np.array_equal(drawn(both, dtype="float16"), drawn(tiny("sd15-fp16"), dtype="float16"))


def test_a_single_file_is_read_with_a_configuration_beside_it_or_named(tiny: Tiny, tmp_path: Path) -> None:
    beside = tmp_path / "model.safetensors"
    shutil.copy(tiny("sd15.safetensors"), beside)
    shutil.copytree(tiny("sd15"), tmp_path / "model")

    whole = drawn(tiny("sd15"), safety=False)

    assert np.array_equal(drawn(beside, safety=False), whole)
    assert np.array_equal(drawn(tiny("sd15.safetensors"), config=str(tiny("sd15")), safety=False), whole)


def test_a_single_file_without_configuration_is_refused_before_any_work(tiny: Tiny, tmp_path: Path) -> None:
    alone = tmp_path / "alone.safetensors"
    shutil.copy(tiny("sd15.safetensors"), alone)

    with pytest.raises(UnknownModelError, match="models pull sd15"):
        made(alone).weights()


def test_the_configuration_of_a_single_file_is_part_of_the_key_and_its_place_is_not(
    tiny: Tiny, tmp_path: Path
) -> None:
    moved, other = tmp_path / "moved", tmp_path / "other"
    shutil.copytree(tiny("sd15"), moved)
    shutil.copytree(tiny("sd15"), other)
    (other / "scheduler" / "scheduler_config.json").write_text(
        (tiny("sdxl") / "scheduler" / "scheduler_config.json").read_text()
    )

    here, there, otherwise = (
        made(tiny("sd15.safetensors"), config=str(folder)).weights()
        for folder in (tiny("sd15"), moved, other)
    )

    assert here == there != otherwise


@pytest.mark.parametrize("cut", [40, 3000])
def test_a_cut_off_file_is_named_before_any_work(tiny: Tiny, tmp_path: Path, cut: int) -> None:
    folder = tmp_path / "cut"
    shutil.copytree(tiny("sd15"), folder)
    (weights,) = (folder / "unet").glob("*.safetensors")
    weights.write_bytes(weights.read_bytes()[:-cut])

    with pytest.raises(ModelError, match="verify") as told:
        made(folder).weights()
    assert "diffusion_pytorch_model.safetensors" in str(told.value)


def test_weights_that_do_not_fit_their_configuration_are_an_error_and_no_trace(
    tiny: Tiny, tmp_path: Path
) -> None:
    folder = tmp_path / "misfit"
    shutil.copytree(tiny("sd15"), folder)
    config = folder / "unet" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"block_out_channels": [32, 32]}))

    with pytest.raises(ModelError, match="cannot be loaded"):
        made(folder).load()


def test_a_pickle_is_refused(tiny: Tiny) -> None:
    with pytest.raises(ModelError, match="pickle"):
        made(tiny("sd15-pickle")).weights()


def test_a_model_for_clips_is_refused_with_its_own_flag(tiny: Tiny) -> None:
    with pytest.raises(UnsupportedError, match="--motion svd"):
        made(tiny("svd")).weights()


def test_a_preset_that_was_not_pulled_says_how_to_get_it() -> None:
    with pytest.raises(UnknownModelError, match="models pull sdxl-turbo"):
        made("sdxl-turbo").weights()


# ------------------------------------------------------------------------------------------ LoRA
def test_a_lora_changes_the_picture_by_its_weight_and_none_at_zero(tiny: Tiny) -> None:
    lora = str(tiny("lora.safetensors"))
    plain = drawn(tiny("sd15"))

    full, half, none = (drawn(tiny("sd15"), lora={lora: weight}) for weight in (1.0, 0.5, 0.0))

    assert np.array_equal(plain, none)
    assert not np.array_equal(plain, full)
    assert not np.array_equal(half, full)


def test_a_lora_may_be_named_alone_and_counts_by_content(tiny: Tiny) -> None:
    lora = str(tiny("lora.safetensors"))

    assert made(tiny("sd15"), lora=lora).options.lora == {lora: 1.0}
    assert made(tiny("sd15"), lora=lora).weights() != made(tiny("sd15")).weights()
    assert made(tiny("sd15"), lora={lora: 0}).weights() == made(tiny("sd15")).weights()


def test_a_lora_that_moved_is_the_same_and_another_weight_is_not(tiny: Tiny, tmp_path: Path) -> None:
    here, there = tiny("lora.safetensors"), tmp_path / "moved.safetensors"
    shutil.copy(here, there)

    def key(lora: dict[str, float]) -> str:
        return made(tiny("sd15"), lora=lora).weights()

    assert "lora" in DiffusersPicture.Options.unkeyed
    assert key({str(here): 0.5}) == key({str(there): 0.5}) != key({str(there): 0.6})


def test_a_lora_of_another_family_is_refused_with_both_names(tiny: Tiny) -> None:
    model = made(tiny("sdxl"), lora=str(tiny("lora.safetensors")))

    with pytest.raises(UnsupportedError, match=r"not for sdxl: its cross-attention reads 32 features.* 64"):
        model.load()


def test_a_lora_for_a_u_net_does_not_fit_a_transformer(tiny: Tiny) -> None:
    model = made(tiny("flux"), lora=str(tiny("lora.safetensors")))

    with pytest.raises(UnsupportedError, match="flux"):
        model.load()


def test_loras_state_no_terms_so_they_are_not_for_commerce(tiny: Tiny) -> None:
    terms = made(tiny("sd15"), lora=str(tiny("lora.safetensors"))).terms()

    assert [term.commercial for term in terms][-1] is False
    assert terms[-1].source.endswith("lora.safetensors")


# ------------------------------------------------------------------------------------------ schedulers
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in COMMON else pytest.mark.slow)
        for name in NAMES
        if not name.startswith("flow")
    ],
)
def test_every_scheduler_of_noise_draws_and_gives_batches_their_own_seeds(tiny: Tiny, name: str) -> None:
    desk = RecordingDesk()
    model = made(tiny("sd15"), scheduler=name, batch=2, steps=3)
    model.load()

    pair = [desk.pixels(still.image) for still in model.run([ask(1), ask(2)], desk)]
    alone = [desk.pixels(model.run([ask(seed)], desk)[0].image) for seed in (1, 2)]

    assert not np.array_equal(*pair)
    for a, b in zip(pair, alone, strict=True):
        assert int(np.abs(a.astype(np.int16) - b).max()) <= 2


@pytest.mark.parametrize("family", ["sd3", "flux-dev", "zimage", "qwenimage"])
def test_every_scheduler_of_flow_that_a_family_is_said_to_use_draws(tiny: Tiny, family: str) -> None:
    from kamishibai.diffusion.schedulers import usable

    model = made(tiny(family))
    model.load()
    names = usable(model._easel.pipe)
    pictures = [drawn(tiny(family), scheduler=name, steps=3) for name in names]

    assert "flow-euler" in names
    assert len({picture.tobytes() for picture in pictures}) > 1


def test_a_scheduler_of_the_other_sort_is_refused_with_those_that_fit(tiny: Tiny) -> None:
    with pytest.raises(UsageError, match="flow-euler"):
        made(tiny("flux"), scheduler="ddim").load()
    with pytest.raises(UsageError, match="euler-a"):
        made(tiny("sd15"), scheduler="flow-euler").load()


def test_options_that_cannot_be_right_are_refused_before_any_work(tiny: Tiny) -> None:
    for family, options, words in (
        ("flux", {"scheduler": "ddim"}, "flow-euler"),
        ("zimage", {"scheduler": "flow-heun"}, "flow-lcm"),
        ("sd15", {"width": 100}, "multiple of 8"),
        ("sdxl", {"lora": str(tiny("lora.safetensors"))}, "not for sdxl"),
        ("flux", {"negative": "fog"}, "no negative prompt"),
        ("sd15", {"lora": "/nowhere.safetensors"}, "no LoRA"),
    ):
        with pytest.raises(KamishibaiError, match=words):
            made(tiny(family), **options).weights()


@pytest.mark.parametrize("known", presets("picture"), ids=lambda known: known.name)
def test_what_a_preset_sets_are_options_that_its_family_takes(known: Preset) -> None:
    family = family_named(known.family)
    assert family is not None
    settings = {name: value for name, value in known.options.items() if name != "prompt_tokens"}

    options = DiffusersPicture.Options(**settings)

    assert not (options.width or 0) % family.multiple
    assert (options.width is None) == (options.height is None)


def test_the_size_of_a_preset_is_an_area_and_the_shape_the_films(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = pulled(tiny("sdxl-turbo"), "stabilityai/sdxl-turbo", "sdxl-turbo", tmp_path, monkeypatch)

    assert model._family().native == (512, 512)
    assert model._setting("steps") == 4
    assert "negative" not in model.honours()
    assert model.options.width is None
    desk = RecordingDesk()
    model.load()
    model.run([ask(), ask(8)], desk)
    assert [note for _, note in desk.reported if note.startswith("step 4")] == ["step 4 of 4"] * 2


def test_a_preset_holds_for_its_repository_too(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = "stabilityai/sdxl-turbo"
    by_name = pulled(tiny("sdxl-turbo"), repo, "sdxl-turbo", tmp_path, monkeypatch)
    by_id = pulled(tiny("sdxl-turbo"), repo, repo, tmp_path, monkeypatch)

    assert by_name.weights() == by_id.weights()
    assert by_id.terms()[0].name == by_name.terms()[0].name


def test_the_users_options_win_over_the_presets(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = pulled(
        tiny("sdxl-turbo"), "stabilityai/sdxl-turbo", "sdxl-turbo", tmp_path, monkeypatch, steps=2, guidance=3
    )

    assert model._setting("steps") == 2
    assert model._setting("guidance") == 3


def test_a_scheduler_that_cannot_start_from_a_picture_says_which_can(tiny: Tiny) -> None:
    desk = RecordingDesk()
    model = made(tiny("flux"), scheduler="flow-unipc")
    model.load()

    with pytest.raises(UsageError, match="flow-euler"):
        model.run([ask(source=desk.picture(np.zeros((96, 96, 3), np.uint8)))], desk)


def test_a_scheduler_that_nobody_knows_is_refused_at_once() -> None:
    with pytest.raises(UsageError, match="scheduler 'eular'"):
        made("sd15", scheduler="eular")


def test_another_scheduler_is_another_picture(tiny: Tiny) -> None:
    assert not np.array_equal(drawn(tiny("sd15")), drawn(tiny("sd15"), scheduler="ddim"))


# ------------------------------------------------------------------------------------------ faults
def test_a_flagged_picture_is_drawn_again_twice_and_then_told_with_the_switch(tiny: Tiny) -> None:
    desk = RecordingDesk()
    model = made(tiny("sd15-flagged"))
    model.load()

    with pytest.raises(ModelError, match=r"refused all 3 pictures of 'a fox'") as told:
        model.run([ask()], desk)

    assert "safety=false" in str(told.value)
    assert len(desk.warnings) == 2
    assert not desk.blobs


def test_the_checker_can_be_switched_off_and_does_not_touch_pictures_it_lets_pass(tiny: Tiny) -> None:
    flagged = made(tiny("sd15-flagged"), safety=False)
    flagged.load()

    assert flagged._easel.pipe.safety_checker is None
    assert np.array_equal(drawn(tiny("sd15-flagged"), safety=False), drawn(tiny("sd15")))


def test_a_missing_checker_is_done_without(tiny: Tiny, tmp_path: Path) -> None:
    folder = tmp_path / "unchecked"
    shutil.copytree(tiny("sd15"), folder)
    shutil.rmtree(folder / "safety_checker")
    desk = RecordingDesk()

    assert np.array_equal(drawn(folder, desk=desk), drawn(tiny("sd15")))
    assert any("safety checker" in note for note in desk.warnings)


def test_a_black_picture_is_drawn_again_twice_and_then_an_error(tiny: Tiny, tmp_path: Path) -> None:
    def blacken(weights: dict[str, Any]) -> None:
        weights["decoder.conv_out.weight"].zero_()
        weights["decoder.conv_out.bias"].fill_(-1.0)

    desk = RecordingDesk()
    model = made(changed(tiny("sd15"), tmp_path / "black", "vae", blacken))
    model.load()

    with pytest.raises(ModelError, match="black after 3 tries"):
        model.run([ask()], desk)
    assert len(desk.warnings) == 2


def test_a_source_that_is_black_already_may_stay_so(tiny: Tiny, tmp_path: Path) -> None:
    def blacken(weights: dict[str, Any]) -> None:
        weights["decoder.conv_out.weight"].zero_()
        weights["decoder.conv_out.bias"].fill_(-1.0)

    desk = RecordingDesk()
    model = made(changed(tiny("sd15"), tmp_path / "black", "vae", blacken))
    model.load()

    model.run([ask(source=desk.picture(np.zeros((96, 96, 3), np.uint8)))], desk)

    assert not desk.warnings


@pytest.mark.parametrize("component", ["unet", "vae"])
def test_numbers_that_are_none_are_an_error_and_no_picture(
    tiny: Tiny, tmp_path: Path, component: str
) -> None:
    def poison(weights: dict[str, Any]) -> None:
        weights["conv_in.bias" if component == "unet" else "decoder.conv_in.bias"].fill_(float("nan"))

    desk = RecordingDesk()
    model = made(changed(tiny("sd15"), tmp_path / "nan", component, poison), batch=2)
    model.load()

    with pytest.raises(ModelError, match="not a number"):
        model.run([ask(1), ask(2)], desk)
    assert not desk.blobs


@pytest.mark.parametrize("component", ["unet", "vae"])
def test_what_overflows_in_half_precision_is_drawn_in_full(
    tiny: Tiny, tmp_path: Path, component: str
) -> None:
    name = "conv_out" if component == "unet" else "decoder.conv_in"
    back = "conv_norm_out" if component == "unet" else None

    def enlarge(weights: dict[str, Any]) -> None:
        weights[f"{name}.weight" if back is None else f"{back}.weight"].mul_(1e6)
        if back is not None:
            weights["conv_out.weight"].mul_(1e-6)

    folder = changed(tiny("sd15"), tmp_path / "loud", component, enlarge)
    desk = RecordingDesk()

    picture = drawn(folder, dtype="float16", desk=desk)

    assert any("float32" in note for note in desk.warnings)
    assert np.array_equal(picture, drawn(folder, dtype="float32"))


# ------------------------------------------------------------------------------------------ memory and life
def test_many_runs_load_once(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    from diffusers import DiffusionPipeline

    loads: list[str] = []
    read = DiffusionPipeline.from_pretrained.__func__

    def counted(cls: type, *args: Any, **kwargs: Any) -> Any:
        loads.append(cls.__name__)
        return read(cls, *args, **kwargs)

    monkeypatch.setattr(DiffusionPipeline, "from_pretrained", classmethod(counted))
    desk = RecordingDesk()
    model = made(tiny("sd15"))
    model.load()
    (still,) = model.run([ask(1)], desk)
    model.run([ask(2, source=still.image)], desk)
    white = desk.picture(np.full((still.height, still.width, 3), 255, np.uint8))
    model.run([ask(3, source=still.image, mask=white)], desk)

    assert loads == ["StableDiffusionPipeline"]


@pytest.mark.parametrize("identity", ["off", "reference-attention"])
def test_unloading_gives_the_weights_back(tiny: Tiny, identity: str) -> None:
    model = made(tiny("sd15"), identity=identity)
    model.load()
    model.run([ask()], RecordingDesk())
    parts = [weakref.ref(part) for part in (model._easel.pipe.unet, model._easel.pipe.vae)]

    model.unload()
    gc.collect()

    assert [part() for part in parts] == [None, None]
    model.unload()


def test_running_out_of_memory_steps_down_and_goes_on_with_what_is_left(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from kamishibai.diffusion import drawing

    desk = RecordingDesk()
    model = made(tiny("sd15"), batch=2)
    model.load()
    sizes: list[int] = []
    call = drawing.call

    def cramped(pipe: Any, watch: Any, **kwargs: Any) -> Any:
        count = len(kwargs["generator"]) if isinstance(kwargs["generator"], list) else 1
        sizes.append(count)
        if count > 1 and len(sizes) > 1:
            raise torch.OutOfMemoryError("out of memory")
        return call(pipe, watch, **kwargs)

    monkeypatch.setattr(drawing, "call", cramped)
    stills = model.run([ask(seed) for seed in (1, 2, 3, 4)], desk)

    assert len({still.image.sha256 for still in stills}) == 4
    assert sizes[0] == 2
    assert sizes[-2:] == [1, 1]
    assert sizes.count(1) == 2
    assert any("out of memory" in note for note in desk.warnings)


def test_only_with_leave_are_pictures_drawn_smaller(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from kamishibai.diffusion import drawing

    call = drawing.call

    def cramped(pipe: Any, watch: Any, **kwargs: Any) -> Any:
        if kwargs["width"] > 96:
            raise torch.OutOfMemoryError("out of memory")
        return call(pipe, watch, **kwargs)

    monkeypatch.setattr(drawing, "call", cramped)

    with pytest.raises(ModelError, match="shrink=true"):
        drawn(tiny("sd15"), width=128, height=128)
    desk = RecordingDesk()
    assert drawn(tiny("sd15"), width=128, height=128, shrink=True, desk=desk).shape == (111, 111, 3)
    assert any("in place of 128×128" in note for note in desk.warnings)


def test_options_that_move_rounding_alone_are_in_no_key() -> None:
    unkeyed = DiffusersPicture.Options.unkeyed

    assert {"device", "offload", "batch", "compile", "attention"} <= unkeyed
    assert not {"steps", "dtype", "quantise", "safety", "scheduler", "identity_strength"} & unkeyed
    assert unkeyed <= set(DiffusersPicture.Options.model_fields)


def test_the_output_stays_clean(tiny: Tiny, capfd: pytest.CaptureFixture[str]) -> None:
    drawn(tiny("sd15"), desk=RecordingDesk(), safety=False, lora=str(tiny("lora.safetensors")))

    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_shorter_numbers_draw_nearly_the_same(tiny: Tiny, dtype: str) -> None:
    apart = np.abs(drawn(tiny("sd15")).astype(np.int16) - drawn(tiny("sd15"), dtype=dtype))

    assert apart.mean() < 12


def test_what_is_not_installed_is_named(tiny: Tiny) -> None:
    if find_spec("torchao") is None:
        with pytest.raises(KamishibaiError, match="torchao"):
            made(tiny("sd15"), quantise="int8").load()
    with pytest.raises(KamishibaiError, match="xformers"):
        drawn(tiny("sd15"), attention="xformers")


@pytest.mark.parametrize(
    "family", [each for each in FAMILIES if each.kind == "picture" and each.pipelines], ids=lambda f: f.name
)
def test_what_a_family_is_said_to_do_with_a_source_its_pipelines_do(family: Family) -> None:
    import diffusers
    from diffusers.pipelines import auto_pipeline

    def takes_strength(job: str, auto: dict[str, Any]) -> bool:
        key = next(
            (
                k
                for k, c in auto_pipeline.AUTO_TEXT2IMAGE_PIPELINES_MAPPING.items()
                if c.__name__ in family.pipelines
            ),
            None,
        )
        name = family.pipelines[0].removesuffix("Pipeline") + f"{job}Pipeline"
        pipeline = auto.get(key) or getattr(diffusers, name, None)
        return pipeline is not None and "strength" in inspect.signature(pipeline.__call__).parameters

    if family.image_to_image:
        assert takes_strength("Img2Img", auto_pipeline.AUTO_IMAGE2IMAGE_PIPELINES_MAPPING)
    if family.inpaint:
        assert takes_strength("Inpaint", auto_pipeline.AUTO_INPAINT_PIPELINES_MAPPING)


def test_an_adapter_that_hangs_in_without_a_picture_is_told_plainly(tiny: Tiny) -> None:
    model = made(tiny("sd15"))
    model.load()
    model._easel.pipe.load_ip_adapter(
        str(tiny("ip-adapter-sd15")), subfolder="models", weight_name="ip-adapter_sd15.safetensors",
        image_encoder_folder=None,
    )  # fmt: skip

    with pytest.raises(ModelError, match="no picture for it"):
        model.run([ask()], RecordingDesk())
