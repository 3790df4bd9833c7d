"""LoRA files: found on this machine alone, safe, whole, and fit for the model they are laid over."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kamishibai.diffusion.adapters import lay_over, lora_file, shapes_of
from kamishibai.errors import KamishibaiError, ModelError, UnknownModelError, UnsupportedError
from kamishibai.weights.families import family_named

Tiny = Callable[[str], Path]


@pytest.fixture(scope="module")
def sd15(tiny: Tiny) -> Any:
    from diffusers import StableDiffusionPipeline

    return StableDiffusionPipeline.from_pretrained(str(tiny("sd15")), local_files_only=True)


def test_a_file_a_folder_with_one_and_a_named_one_are_found(tiny: Tiny, tmp_path: Path) -> None:
    one, two = tmp_path / "ink.safetensors", tmp_path / "more"
    shutil.copy(tiny("lora.safetensors"), one)
    two.mkdir()
    for name in ("ink", "oil"):
        shutil.copy(one, two / f"{name}.safetensors")

    assert lora_file(str(one)) == one
    assert lora_file(str(tmp_path)) == one
    assert lora_file(f"{two}:oil.safetensors") == two / "oil.safetensors"


def test_a_pulled_repository_is_found_by_its_id(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = "0" * 39 + "1"
    repo = tmp_path / "hub" / "models--org--ink"
    (repo / "refs").mkdir(parents=True)
    (repo / "refs" / "main").write_text(commit)
    (repo / "snapshots" / commit).mkdir(parents=True)
    shutil.copy(tiny("lora.safetensors"), repo / "snapshots" / commit / "ink.safetensors")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)

    assert lora_file("org/ink").name == "ink.safetensors"
    assert lora_file("org/ink:ink.safetensors") == lora_file("org/ink")
    with pytest.raises(UnknownModelError, match=r"name one after a colon: ink\.safetensors"):
        lora_file("org/ink:oil.safetensors")


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("org/none", UnknownModelError, "models pull org/none"),
        ("/nowhere/ink.safetensors", UnknownModelError, "no LoRA"),
        ("{}/two", ModelError, "several files"),
        ("{}/two:../ink.safetensors", UnknownModelError, "no file"),
        ("{}/empty", UnsupportedError, "no .safetensors"),
        ("{}/ink.pt", UnsupportedError, "pickled"),
    ],
)
def test_what_is_missing_unclear_or_unsafe_is_refused(
    tiny: Tiny, tmp_path: Path, name: str, error: type[KamishibaiError], words: str
) -> None:
    (tmp_path / "two").mkdir()
    (tmp_path / "empty").mkdir()
    (tmp_path / "ink.pt").write_bytes(b"pickle")
    for file in ("ink", "two/a", "two/b"):
        shutil.copy(tiny("lora.safetensors"), tmp_path / f"{file}.safetensors")

    with pytest.raises(error) as told:
        lora_file(name.format(tmp_path))
    assert words in str(told.value)


def test_a_cut_off_file_is_named(tiny: Tiny, tmp_path: Path) -> None:
    short = tmp_path / "short.safetensors"
    short.write_bytes(tiny("lora.safetensors").read_bytes()[:-100])

    with pytest.raises(ModelError, match=r"short\.safetensors"):
        shapes_of(short)


def test_an_adapter_in_kohyas_format_for_sdxl_is_refused_by_its_widths(sd15: Any, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file

    place = "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k"
    path = tmp_path / "xl.safetensors"
    save_file(
        {
            f"{place}.lora_down.weight": torch.zeros(4, 2048),
            f"{place}.lora_up.weight": torch.zeros(640, 4),
            f"{place}.alpha": torch.tensor(4.0),
        },
        path,
    )

    with pytest.raises(UnsupportedError, match="made for SDXL, not for sd15"):
        lay_over(sd15, _sd15(), {str(path): 1.0})


def test_an_adapter_with_nothing_for_this_model_is_refused_and_leaves_no_trace(
    sd15: Any, tmp_path: Path
) -> None:
    import torch
    from safetensors.torch import save_file

    path = tmp_path / "other.safetensors"
    save_file(
        {
            "transformer.blocks.0.attn1.to_q.lora_A.weight": torch.zeros(4, 32),
            "transformer.blocks.0.attn1.to_q.lora_B.weight": torch.zeros(32, 4),
        },
        path,
    )

    with pytest.raises(UnsupportedError, match="sd15"):
        lay_over(sd15, _sd15(), {str(path): 1.0})
    assert not sd15.get_list_adapters()


def test_a_whole_checkpoint_is_no_lora(sd15: Any, tiny: Tiny) -> None:
    with pytest.raises(UnsupportedError, match="holds no LoRA"):
        lay_over(sd15, _sd15(), {str(tiny("sd15.safetensors")): 1.0})


def test_several_adapters_lie_over_one_another(tiny: Tiny, tmp_path: Path) -> None:
    from diffusers import StableDiffusionPipeline

    pipe = StableDiffusionPipeline.from_pretrained(str(tiny("sd15")), local_files_only=True)
    again = tmp_path / "again.safetensors"
    shutil.copy(tiny("lora.safetensors"), again)

    lay_over(pipe, _sd15(), {str(tiny("lora.safetensors")): 0.5, str(again): 0.25})

    assert pipe.get_active_adapters() == ["lora0", "lora1"]


def _sd15() -> Any:
    return family_named("sd15")
