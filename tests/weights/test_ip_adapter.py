"""Which way a checkpoint is held to faces, where its IP-Adapter lies, and which adapters are refused."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from handmade import safetensors, write_json

from kamishibai.errors import KamishibaiError, ModelError, UnknownModelError, UnsupportedError, UsageError
from kamishibai.weights.checkpoint import Checkpoint
from kamishibai.weights.families import family_named
from kamishibai.weights.ip_adapter import adapter_digest, find_adapter, hold_of
from kamishibai.weights.presets import preset

WIDTH = 768


def shapes(width: int = WIDTH, pictures: int = 1024, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the tensors by which a plain IP-Adapter is known."""
    return {
        "image_proj.proj.weight": (4 * 4, pictures),
        "image_proj.norm.weight": (width,),
        "ip_adapter.1.to_k_ip.weight": (4, width),
        "ip_adapter.1.to_v_ip.weight": (4, width),
        **(more or {}),
    }


PLUS = {
    "image_proj.latents": (1, 4, 8),
    "image_proj.proj_in.weight": (8, 1280),
    "ip_adapter.1.to_k_ip.weight": (4, WIDTH),
    "ip_adapter.1.to_v_ip.weight": (4, WIDTH),
}


def encoder(folder: Path, projection: int = 1024, hidden: int = 1280) -> Path:
    write_json(
        folder / "config.json", {"projection_dim": projection, "hidden_size": hidden, "image_size": 224}
    )
    safetensors(folder / "model.safetensors")
    return folder


def checkpoint(tmp_path: Path, family: str = "sd15", name: str = "sd15", width: int = WIDTH) -> Checkpoint:
    """Return a checkpoint whose U-Net reads `width` features; `name` may be a preset's."""
    write_json(tmp_path / "pipeline" / "unet" / "config.json", {"cross_attention_dim": width})
    known, found = preset(name), family_named(family)
    assert found is not None
    return Checkpoint(
        name=name, kind="picture", preset=known, path=tmp_path / "pipeline", pipeline="x", family=found, weights_mb=1
    )  # fmt: skip


def in_the_hub(repo: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the folder of an empty snapshot of `repo` in a cache of its own."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    folder = tmp_path / "hf" / "hub" / ("models--" + repo.replace("/", "--"))
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text("a" * 40, encoding="ascii")
    snapshot = folder / "snapshots" / ("a" * 40)
    snapshot.mkdir(parents=True)
    return snapshot


@pytest.fixture(autouse=True)
def empty_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "nowhere"))


# ------------------------------------------------------------------------------------------ which way
def test_without_an_adapter_on_the_machine_a_unet_is_held_by_reference_attention(tmp_path: Path) -> None:
    hold = hold_of(checkpoint(tmp_path))
    assert hold.way == "reference-attention"
    assert "kamishibai models pull sd15 --with-identity" in hold.note


def test_the_adapter_of_the_preset_is_taken_when_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = preset("sd15")
    assert known is not None
    assert known.ip_adapter is not None
    folder = in_the_hub(known.ip_adapter.repo, monkeypatch, tmp_path)
    safetensors(folder / known.ip_adapter.subfolder / known.ip_adapter.file, PLUS)
    encoder(folder / known.ip_adapter.image_encoder)
    hold = hold_of(checkpoint(tmp_path))
    assert hold.way == "ip-adapter"
    assert hold.adapter is not None
    assert not hold.adapter.pooled
    assert hold.adapter.licence == known.ip_adapter.licence
    assert hold.note == ""
    assert hold_of(checkpoint(tmp_path, name="my folder")).way == "ip-adapter"


def test_an_adapter_that_does_not_fit_by_itself_is_passed_over_with_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = preset("sd15")
    assert known is not None
    assert known.ip_adapter is not None
    folder = in_the_hub(known.ip_adapter.repo, monkeypatch, tmp_path)
    safetensors(folder / known.ip_adapter.subfolder / known.ip_adapter.file, PLUS)
    encoder(folder / known.ip_adapter.image_encoder)
    hold = hold_of(checkpoint(tmp_path, width=32))
    assert hold.way == "reference-attention"
    assert "was made for" in hold.note


def test_what_is_asked_for_is_taken_or_refused_never_exchanged(tmp_path: Path) -> None:
    assert hold_of(checkpoint(tmp_path), "off").way == "none"
    assert hold_of(checkpoint(tmp_path), "reference-attention").note == ""
    with pytest.raises(UnknownModelError, match="not on this machine") as caught:
        hold_of(checkpoint(tmp_path), "ip-adapter")
    assert "models pull sd15 --with-identity" in str(caught.value.hint)
    with pytest.raises(UsageError):
        hold_of(checkpoint(tmp_path), "off", "adapter.safetensors")
    with pytest.raises(UsageError):
        hold_of(checkpoint(tmp_path), "reference-attention", "adapter.safetensors")


def test_a_transformer_is_shown_no_pictures_and_says_so(tmp_path: Path) -> None:
    hold = hold_of(checkpoint(tmp_path, family="zimage", name="z"))
    assert hold.way == "none"
    assert "fixed words and seeds" in hold.note
    for wanted in ("ip-adapter", "reference-attention"):
        with pytest.raises(UnsupportedError, match="zimage cannot be held"):
            hold_of(checkpoint(tmp_path, family="zimage", name="z"), wanted)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------ where it lies
def test_a_file_a_folder_and_a_hub_id_name_an_adapter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = in_the_hub("me/adapters", monkeypatch, tmp_path)
    file = safetensors(folder / "models" / "ip-adapter_sd15.safetensors", shapes())
    encoder(folder / "models" / "image_encoder")
    found = [
        find_adapter(checkpoint(tmp_path), name)
        for name in (str(file), str(folder), "me/adapters", "me/adapters:models/ip-adapter_sd15.safetensors")
    ]
    assert {adapter.file for adapter in found} == {file}
    assert all(adapter.pooled for adapter in found)
    assert not found[0].licence.commercial
    assert len({adapter_digest(adapter) for adapter in found}) == 1


def test_of_several_encoders_the_one_that_fits_is_taken(tmp_path: Path) -> None:
    file = safetensors(tmp_path / "sdxl_models" / "ip-adapter-plus_sdxl_vit-h.safetensors", PLUS)
    encoder(tmp_path / "sdxl_models" / "image_encoder", projection=1280, hidden=1664)
    wanted = encoder(tmp_path / "models" / "image_encoder")
    assert find_adapter(checkpoint(tmp_path), str(file)).encoder == wanted


def test_the_digest_follows_what_the_files_hold(tmp_path: Path) -> None:
    file = safetensors(tmp_path / "a.safetensors", shapes())
    encoder(tmp_path / "image_encoder")
    first = adapter_digest(find_adapter(checkpoint(tmp_path), str(file)))
    renamed = file.rename(tmp_path / "b.safetensors")
    assert adapter_digest(find_adapter(checkpoint(tmp_path), str(renamed))) == first
    safetensors(tmp_path / "image_encoder" / "model.safetensors", {"other": (1, 1)})
    assert adapter_digest(find_adapter(checkpoint(tmp_path), str(renamed))) != first


# ------------------------------------------------------------------------------------------ what is refused
def test_an_adapter_of_another_family_is_refused(tmp_path: Path) -> None:
    file = safetensors(tmp_path / "a.safetensors", shapes(2048))
    encoder(tmp_path / "image_encoder")
    with pytest.raises(UnsupportedError, match="was made for SDXL, not for sd15"):
        hold_of(checkpoint(tmp_path), "auto", str(file))


def refused(tmp_path: Path, name: str) -> KamishibaiError:
    with pytest.raises(KamishibaiError) as caught:
        find_adapter(checkpoint(tmp_path), name)
    assert caught.value.hint
    return caught.value


def test_missing_adapters_name_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "there is no IP-Adapter" in refused(tmp_path, "./gone.safetensors").what
    assert "--with-identity" in str(refused(tmp_path, "h94/IP-Adapter").hint)
    (tmp_path / "empty").mkdir()
    assert "there is no IP-Adapter in" in refused(tmp_path, str(tmp_path / "empty")).what
    folder = in_the_hub("me/adapters", monkeypatch, tmp_path)
    safetensors(folder / "a.safetensors", shapes())
    assert "has no file 'b.safetensors'" in refused(tmp_path, "me/adapters:b.safetensors").what
    assert "has no file" in refused(tmp_path, "me/adapters:../a.safetensors").what


def test_several_adapters_in_a_folder_must_be_named(tmp_path: Path) -> None:
    for name in ("a", "b"):
        safetensors(tmp_path / "both" / f"{name}.safetensors", shapes())
    assert "name one: a.safetensors, b.safetensors" in str(refused(tmp_path, str(tmp_path / "both")).hint)


def test_pickles_are_refused(tmp_path: Path) -> None:
    (tmp_path / "ip-adapter_sd15.bin").write_bytes(b"pickle")
    assert "not a safetensors file" in refused(tmp_path, str(tmp_path / "ip-adapter_sd15.bin")).what
    (tmp_path / "folder").mkdir()
    shutil.move(tmp_path / "ip-adapter_sd15.bin", tmp_path / "folder")
    assert "not a safetensors file" in refused(tmp_path, str(tmp_path / "folder")).what


@pytest.mark.parametrize(
    ("tensors", "said"),
    [
        ({"lora_up.weight": (1, 1)}, "is no IP-Adapter"),
        (
            {"image_proj.norm.weight": (4,), "image_proj.proj.0.weight": (4, 512),
             "ip_adapter.1.to_k_ip.weight": (4, WIDTH)},
            "FaceID",
        ),
        (shapes(more={"ip_adapter.0.to_q_lora.down.weight": (4, 4)}), "FaceID"),
        (
            {"image_proj.other.weight": (4,), "ip_adapter.1.to_k_ip.weight": (4, WIDTH)},
            "of a kind that is not known",
        ),
    ],
)  # fmt: skip
def test_other_files_are_told_from_adapters(tmp_path: Path, tensors: dict[str, Any], said: str) -> None:
    file = safetensors(tmp_path / "a.safetensors", tensors)
    encoder(tmp_path / "image_encoder")
    assert said in refused(tmp_path, str(file)).what


def test_an_adapter_needs_the_image_encoder_it_was_trained_with(tmp_path: Path) -> None:
    file = safetensors(tmp_path / "a.safetensors", shapes())
    assert "without its image encoder" in refused(tmp_path, str(file)).what
    encoder(tmp_path / "image_encoder", projection=512)
    error = refused(tmp_path, str(file))
    assert "reads pictures as 1024 numbers" in error.what
    assert "gives 512" in str(error.where)


def test_damaged_files_are_told_not_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = preset("sd15")
    assert known is not None
    assert known.ip_adapter is not None
    folder = in_the_hub(known.ip_adapter.repo, monkeypatch, tmp_path)
    file = safetensors(folder / known.ip_adapter.subfolder / known.ip_adapter.file, PLUS)
    encoder(folder / known.ip_adapter.image_encoder)
    os.truncate(file, 40)
    with pytest.raises(ModelError, match="damaged"):
        hold_of(checkpoint(tmp_path))


def test_a_tiny_adapter_fits_its_own_checkpoint_alone(tiny: Callable[[str], Path]) -> None:
    from kamishibai.weights.checkpoint import locate

    sd15, sdxl = (locate(str(tiny(name)), "picture") for name in ("sd15", "sdxl"))
    assert find_adapter(sd15, str(tiny("ip-adapter-sd15"))).pooled
    with pytest.raises(UnsupportedError, match="was made for"):
        find_adapter(sd15, str(tiny("ip-adapter-sdxl")))
    with pytest.raises(UnsupportedError, match="was made for"):
        find_adapter(sdxl, str(tiny("ip-adapter-sd15")))
