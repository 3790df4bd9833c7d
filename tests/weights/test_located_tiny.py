from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from handmade import shelve

from kamishibai.errors import ModelError, UnsupportedError
from kamishibai.weights.checkpoint import digest, files_of, locate
from kamishibai.weights.safe import read_header

Tiny = Callable[[str], Path]
PICTURES = {
    "sd15": "sd15", "sdxl": "sdxl", "sdxl-turbo": "sdxl", "sd3": "sd3", "flux": "flux", "flux-dev": "flux",
    "zimage": "zimage", "qwenimage": "qwenimage", "sd15.safetensors": "sd15",
}  # fmt: skip
CLIPS = {"svd": "svd", "modelscope": "modelscope", "ltx": "ltx", "wan": "wan", "wan-i2v": "wan"}


@pytest.mark.parametrize(("name", "family"), PICTURES.items())
def test_real_picture_checkpoints_are_found(tiny: Tiny, name: str, family: str) -> None:
    found = locate(str(tiny(name)), "picture")
    assert found.family.name == family
    with pytest.raises(UnsupportedError, match="draws pictures"):
        locate(str(tiny(name)), "motion")


@pytest.mark.parametrize(("name", "family"), CLIPS.items())
def test_real_motion_checkpoints_are_found(tiny: Tiny, name: str, family: str) -> None:
    assert locate(str(tiny(name)), "motion").family.name == family
    with pytest.raises(UnsupportedError, match=f"--motion {family}:"):
        locate(str(tiny(name)), "picture")


@pytest.mark.parametrize("name", [*PICTURES, *CLIPS, "lora.safetensors"])
def test_every_header_that_safetensors_wrote_is_whole(tiny: Tiny, name: str) -> None:
    path = tiny(name)
    files = [path] if path.is_file() else sorted(path.rglob("*.safetensors"))
    assert all(read_header(file).tensors for file in files)


def test_a_real_half_precision_folder_is_fp16(tiny: Tiny) -> None:
    assert locate(str(tiny("sd15-fp16")), "picture").variant == "fp16"


def test_the_size_in_half_precision_is_the_same_however_it_is_stored(tiny: Tiny) -> None:
    stored = {name: locate(str(tiny(name)), "picture") for name in ("sd15", "sd15-fp16")}
    assert stored["sd15"].half_mb == stored["sd15-fp16"].half_mb
    assert stored["sd15"].weights_mb > stored["sd15-fp16"].weights_mb


def test_a_real_pickle_folder_is_refused(tiny: Tiny) -> None:
    with pytest.raises(ModelError, match="pickle"):
        locate(str(tiny("sd15-pickle")), "picture")


def test_a_real_lora_and_a_real_adapter_are_sent_to_their_places(tiny: Tiny) -> None:
    with pytest.raises(UnsupportedError, match="LoRA"):
        locate(str(tiny("lora.safetensors")), "picture")
    with pytest.raises(UnsupportedError, match="IP-Adapter"):
        locate(str(tiny("ip-adapter-sd15")), "picture")
    (file,) = tiny("ip-adapter-sd15").rglob("ip-adapter*.safetensors")
    with pytest.raises(UnsupportedError, match="IP-Adapter"):
        locate(str(file), "picture")


def test_the_native_size_of_a_tiny_checkpoint_is_what_diffusers_would_draw(tiny: Tiny) -> None:
    from diffusers import StableDiffusionPipeline

    pipe = StableDiffusionPipeline.from_pretrained(tiny("sd15"), local_files_only=True)
    side = pipe.unet.config.sample_size * pipe.vae_scale_factor
    assert locate(str(tiny("sd15")), "picture").family.native == (side, side)


def test_a_real_checkpoint_has_one_digest_wherever_it_lies(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    shutil.copytree(tiny("sd15"), tmp_path / "copy")
    shelve(tiny("sd15"), tmp_path / "hub", "org/tiny")
    here = digest(locate(str(tiny("sd15")), "picture"))
    assert digest(locate(str(tmp_path / "copy"), "picture")) == here
    assert digest(locate("org/tiny", "picture")) == here
    assert digest(locate(str(tiny("sdxl")), "picture")) != here


@pytest.mark.parametrize("name", ["sd15", "sdxl", "svd", "wan-i2v"])
def test_what_is_listed_as_loaded_is_enough_to_load(tiny: Tiny, tmp_path: Path, name: str) -> None:
    """A folder with the listed files alone opens, so the digest covers everything that counts."""
    import diffusers

    kind = "picture" if name in PICTURES else "motion"
    found = locate(str(tiny(name)), kind)
    for path in files_of(found):
        target = tmp_path / name / path.relative_to(found.path)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    pipe = getattr(diffusers, found.pipeline).from_pretrained(
        tmp_path / name, local_files_only=True, use_safetensors=True
    )
    assert type(pipe).__name__ == found.pipeline


@pytest.mark.slow
def test_the_conversion_that_is_named_does_what_it_says(tiny: Tiny, tmp_path: Path) -> None:
    import subprocess
    import sys

    shutil.copytree(tiny("sd15-pickle"), tmp_path / "old")
    with pytest.raises(ModelError) as caught:
        locate(str(tmp_path / "old"), "picture")
    command = (caught.value.hint or "").split(": ", 1)[1].split('"')[1]
    subprocess.run([sys.executable, "-c", command], check=True, capture_output=True)
    assert locate(str(tmp_path / "old-safetensors"), "picture").family.name == "sd15"
