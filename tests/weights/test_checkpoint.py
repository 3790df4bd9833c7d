from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from handmade import SD15, pipeline, safetensors, write_json
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kamishibai.errors import KamishibaiError, ModelError, UnknownModelError, UnsupportedError, UsageError
from kamishibai.weights.checkpoint import digest, files_of, licence_of, locate
from kamishibai.weights.presets import presets


@pytest.fixture(autouse=True)
def empty_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.delenv("HUGGINGFACE_HUB_CACHE", raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def sd15(tmp_path: Path) -> Path:
    return pipeline(tmp_path / "sd15")


# ------------------------------------------------------------------------------------------ names
def test_a_folder_is_found_by_its_path(sd15: Path) -> None:
    found = locate(str(sd15), "picture")
    assert (found.path, found.pipeline, found.family.name) == (sd15, "StableDiffusionPipeline", "sd15")
    assert (found.repo, found.revision, found.variant, found.preset) == (None, "", "", None)
    assert found.weights_mb == 1


def test_a_folder_is_found_from_where_the_user_stands(sd15: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(sd15.parent)
    pipeline(sd15.parent / "models" / "mine")
    assert locate("models/mine", "picture").path == sd15.parent / "models" / "mine"
    assert locate("./sd15", "picture").path == sd15


def test_a_tilde_is_the_home_folder(sd15: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(sd15.parent))
    assert locate("~/sd15", "picture").path == sd15


def test_a_presets_name_means_the_preset_and_not_a_folder_of_that_name(
    sd15: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(sd15.parent)
    with pytest.raises(UnknownModelError) as caught:
        locate("sd15", "picture")
    assert "not on this machine" in caught.value.what
    assert "`kamishibai models pull sd15`" in (caught.value.hint or "")
    assert "2,740 MB" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("sdxl-trubo", "sdxl-turbo"),
        ("SD15", "sd15"),
        ("flux-schnel", "flux-schnell"),
        ("zimage-turbo", "z-image-turbo"),
    ],
)
def test_a_misspelt_preset_is_answered_with_the_nearest(typed: str, meant: str) -> None:
    with pytest.raises(UnknownModelError) as caught:
        locate(typed, "picture")
    assert f"did you mean {meant!r}?" in (caught.value.hint or "")


def test_a_misspelt_motion_preset_is_found_among_those(tmp_path: Path) -> None:
    with pytest.raises(UnknownModelError) as caught:
        locate("wan21-1.3", "motion")
    assert "did you mean 'wan21-1.3b'?" in (caught.value.hint or "")


@pytest.mark.parametrize("name", ["./gone", "/no/such/folder", "~/gone", "gone.safetensors", "C:\\models\\x"])
def test_a_path_to_nothing_is_said_so(name: str) -> None:
    with pytest.raises(UnknownModelError, match="no such file or folder"):
        locate(name, "picture")


@pytest.mark.parametrize("name", ["", "  ", "a\0b", "x" * 5000])
def test_what_can_name_nothing_is_a_wrong_word(name: str) -> None:
    with pytest.raises(UsageError, match="names no checkpoint"):
        locate(name, "picture")


@given(name=st.text(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
def test_any_name_whatever_is_answered_with_an_error_of_ours(name: str) -> None:
    with pytest.raises(KamishibaiError) as caught:
        locate(name, "picture")
    assert caught.value.hint


@given(name=st.from_regex(r"[\w./~@:-]{1,30}", fullmatch=True))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
def test_names_that_look_like_paths_or_ids_never_lead_out_of_the_cache(name: str) -> None:
    with pytest.raises(KamishibaiError):
        locate(f"org/{name}@../../{name}", "picture")


def test_a_name_longer_than_a_path_may_be_is_answered(tmp_path: Path) -> None:
    with pytest.raises(UnknownModelError):
        locate("./" + "x" * 3000, "picture")


# ------------------------------------------------------------------------------------------ parts and files
def test_a_folder_without_an_index_is_no_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=r"no model_index\.json") as caught:
        locate(str(tmp_path / "empty"), "picture")
    assert caught.value.where == str(tmp_path / "empty")


def test_a_folder_above_a_pipeline_is_answered_with_the_pipeline(sd15: Path) -> None:
    with pytest.raises(ModelError) as caught:
        locate(str(sd15.parent), "picture")
    assert str(sd15) in (caught.value.hint or "")


@pytest.mark.parametrize("text", ["", "{", "[1]", "\x00\x01"])
def test_an_index_that_is_not_one_is_named(sd15: Path, text: str) -> None:
    (sd15 / "model_index.json").write_text(text)
    with pytest.raises(ModelError) as caught:
        locate(str(sd15), "picture")
    assert caught.value.where == str(sd15 / "model_index.json")


def test_a_missing_part_is_named(sd15: Path) -> None:
    for path in (sd15 / "vae").iterdir():
        path.unlink()
    (sd15 / "vae").rmdir()
    with pytest.raises(ModelError, match="the part vae \\(AutoencoderKL\\) is missing") as caught:
        locate(str(sd15), "picture")
    assert "models pull" in (caught.value.hint or "")


def test_a_part_without_weights_is_named(sd15: Path) -> None:
    (sd15 / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    with pytest.raises(ModelError, match="no weights in unet") as caught:
        locate(str(sd15), "picture")
    assert caught.value.where == str(sd15 / "unet")


def test_weights_under_another_name_are_told(sd15: Path) -> None:
    old = sd15 / "unet" / "diffusion_pytorch_model.safetensors"
    old.rename(old.with_name("mine.safetensors"))
    with pytest.raises(ModelError, match=r"there is mine\.safetensors"):
        locate(str(sd15), "picture")


def test_a_part_without_its_config_is_named(sd15: Path) -> None:
    (sd15 / "unet" / "config.json").unlink()
    with pytest.raises(ModelError, match=r"unet has no config\.json"):
        locate(str(sd15), "picture")


def test_an_empty_tokenizer_is_named(sd15: Path) -> None:
    (sd15 / "tokenizer" / "tokenizer_config.json").unlink()
    with pytest.raises(ModelError, match="tokenizer \\(CLIPTokenizer\\) is empty"):
        locate(str(sd15), "picture")


def test_parts_that_the_pipeline_does_without_are_not_missed(tmp_path: Path) -> None:
    folder = pipeline(tmp_path / "p", parts={**SD15, "image_encoder": [None, None]})
    assert locate(str(folder), "picture").missing == ()


def test_a_safety_checker_that_is_not_there_is_told_and_not_refused(tmp_path: Path) -> None:
    parts = {**SD15, "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"]}
    folder = pipeline(tmp_path / "p", parts=parts)
    for path in (folder / "safety_checker").iterdir():
        path.unlink()
    (folder / "safety_checker").rmdir()
    assert locate(str(folder), "picture").missing == ("safety_checker",)


def test_the_checkers_of_diffusers_own_modules_are_no_foreign_code(tmp_path: Path) -> None:
    parts = {**SD15, "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"]}
    assert locate(str(pipeline(tmp_path / "p", parts=parts)), "picture").missing == ()


def test_only_half_precision_files_are_fine_and_called_fp16(tmp_path: Path) -> None:
    found = locate(str(pipeline(tmp_path / "p", variants=("fp16",))), "picture")
    assert found.variant == "fp16"
    assert all(".fp16." in p.name for p in files_of(found) if p.suffix == ".safetensors")


def test_where_both_are_there_a_folder_means_the_plain_files(tmp_path: Path) -> None:
    found = locate(str(pipeline(tmp_path / "p", variants=("", "fp16"))), "picture")
    assert found.variant == ""
    assert not any(".fp16." in p.name for p in files_of(found))


def test_one_part_in_half_precision_alone_makes_the_whole_fp16(tmp_path: Path) -> None:
    folder = pipeline(tmp_path / "p", variants=("", "fp16"))
    (folder / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    (folder / "vae" / "diffusion_pytorch_model.fp16.safetensors").unlink()
    found = locate(str(folder), "picture")
    names = {p.relative_to(folder).as_posix() for p in files_of(found) if p.suffix == ".safetensors"}
    assert found.variant == "fp16"
    assert names == {
        "text_encoder/model.fp16.safetensors",
        "unet/diffusion_pytorch_model.fp16.safetensors",
        "vae/diffusion_pytorch_model.safetensors",
    }


def test_weights_of_another_variant_alone_are_no_weights(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no weights"):
        locate(str(pipeline(tmp_path / "p", variants=("non_ema",))), "picture")


def _shard(part: Path, names: list[str], variant: str = "") -> None:
    (part / "diffusion_pytorch_model.safetensors").unlink()
    dot = f".{variant}" if variant else ""
    mapping = {f"w{i}": name for i, name in enumerate(names)}
    write_json(part / f"diffusion_pytorch_model.safetensors.index{dot}.json", {"weight_map": mapping})
    for name in names:
        safetensors(part / name)


SHARDS = [f"diffusion_pytorch_model-0000{i}-of-00002.safetensors" for i in (1, 2)]


def test_shards_behind_an_index_are_found(sd15: Path) -> None:
    _shard(sd15 / "unet", SHARDS)
    names = [p.name for p in files_of(locate(str(sd15), "picture")) if p.parent.name == "unet"]
    assert names == ["config.json", "diffusion_pytorch_model.safetensors.index.json", *SHARDS]


def test_a_missing_shard_is_named(sd15: Path) -> None:
    _shard(sd15 / "unet", SHARDS)
    (sd15 / "unet" / SHARDS[1]).unlink()
    with pytest.raises(ModelError, match="a shard of the weights is missing") as caught:
        locate(str(sd15), "picture")
    assert caught.value.where == str(sd15 / "unet" / SHARDS[1])


def test_shards_in_half_precision_alone_are_found(sd15: Path) -> None:
    _shard(sd15 / "unet", [s.replace("model-", "model.fp16-") for s in SHARDS], "fp16")
    assert locate(str(sd15), "picture").variant == "fp16"


@pytest.mark.parametrize("shard", ["../../../secret.safetensors", "/etc/passwd", "model.bin"])
def test_an_index_that_names_files_elsewhere_or_pickles_is_refused(sd15: Path, shard: str) -> None:
    part = sd15 / "unet"
    (part / "diffusion_pytorch_model.safetensors").unlink()
    write_json(part / "diffusion_pytorch_model.safetensors.index.json", {"weight_map": {"w": shard}})
    with pytest.raises(ModelError, match="no safetensors shard beside it"):
        locate(str(sd15), "picture")


@pytest.mark.parametrize("index", [{}, {"weight_map": {}}, {"weight_map": []}, {"weight_map": {"w": 3}}])
def test_an_index_without_a_map_is_named(sd15: Path, index: Any) -> None:
    part = sd15 / "unet"
    (part / "diffusion_pytorch_model.safetensors").unlink()
    path = write_json(part / "diffusion_pytorch_model.safetensors.index.json", index)
    with pytest.raises(ModelError) as caught:
        locate(str(sd15), "picture")
    assert caught.value.where == str(path)


def test_truncated_weights_are_found_before_any_work(sd15: Path) -> None:
    path = sd15 / "vae" / "diffusion_pytorch_model.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ModelError, match="cut off") as caught:
        locate(str(sd15), "picture")
    assert caught.value.where == str(path)


# ------------------------------------------------------------------------------------------ what is never loaded
@pytest.mark.parametrize(
    "name", ["diffusion_pytorch_model.bin", "diffusion_pytorch_model.fp16.bin", "x.ckpt"]
)
def test_a_part_that_is_a_pickle_alone_is_refused_with_the_conversion(sd15: Path, name: str) -> None:
    part = sd15 / "unet"
    (part / "diffusion_pytorch_model.safetensors").unlink()
    (part / name).write_bytes(b"\x80\x04.")
    with pytest.raises(ModelError, match="pickle") as caught:
        locate(str(sd15), "picture")
    assert caught.value.where == str(part / name)
    assert "save_pretrained" in (caught.value.hint or "")
    assert str(sd15) + "-safetensors" in (caught.value.hint or "")


def test_pickles_beside_safetensors_are_not_looked_at(sd15: Path) -> None:
    (sd15 / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"\x80\x04.")
    assert not any(path.suffix == ".bin" for path in files_of(locate(str(sd15), "picture")))


@pytest.mark.parametrize("suffix", [".ckpt", ".pt", ".bin", ".pth"])
def test_a_pickle_file_is_refused_with_the_conversion(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"model{suffix}"
    path.write_bytes(b"\x80\x04.")
    with pytest.raises(ModelError, match="pickle") as caught:
        locate(str(path), "picture")
    assert "from_single_file" in (caught.value.hint or "")


def test_a_folder_of_one_pickle_is_refused_as_one(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "v1-5.ckpt").write_bytes(b"\x80\x04.")
    with pytest.raises(ModelError, match="pickle"):
        locate(str(tmp_path / "old"), "picture")


@pytest.mark.parametrize("where", ["pipeline.py", "unet/my_unet.py", "kernel.so"])
def test_code_in_the_folder_is_refused_and_named(sd15: Path, where: str) -> None:
    (sd15 / where).write_text("print('hello')")
    with pytest.raises(ModelError, match="code of its own") as caught:
        locate(str(sd15), "picture")
    assert caught.value.where == str(sd15 / where)


@pytest.mark.parametrize("library", ["my_unet", "onnxruntime", "os", "diffusers_modules.local", "optimum"])
def test_a_part_of_a_foreign_library_is_refused(tmp_path: Path, library: str) -> None:
    folder = pipeline(tmp_path / "p", parts={**SD15, "unet": [library, "UNet2DConditionModel"]})
    with pytest.raises(ModelError, match="neither diffusers nor transformers"):
        locate(str(folder), "picture")


def test_a_pipeline_of_its_own_code_is_refused(tmp_path: Path) -> None:
    folder = pipeline(tmp_path / "p", class_name=["pipeline", "MyPipeline"])
    with pytest.raises(ModelError, match="its own code"):
        locate(str(folder), "picture")


def test_an_index_without_a_class_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="names no pipeline class"):
        locate(str(pipeline(tmp_path / "p", class_name=None)), "picture")


@pytest.mark.parametrize("name", ["../outside", "un/et", "a b"])
def test_a_part_that_would_lie_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    folder = pipeline(tmp_path / "p")
    index = json.loads((folder / "model_index.json").read_text())
    write_json(folder / "model_index.json", {**index, name: ["diffusers", "AutoencoderKL"]})
    with pytest.raises(ModelError, match="no name for a component"):
        locate(str(folder), "picture")


@pytest.mark.parametrize("other", ["adapter_model.bin", "../vae/model.safetensors", ["x"]])
def test_a_config_that_leads_to_other_weights_is_refused(sd15: Path, other: Any) -> None:
    path = write_json(sd15 / "text_encoder" / "config.json", {"transformers_weights": other})
    with pytest.raises(ModelError, match="leads to other weights") as caught:
        locate(str(sd15), "picture")
    assert caught.value.where == str(path)


def test_an_adapter_laid_over_a_part_is_refused(sd15: Path) -> None:
    write_json(sd15 / "text_encoder" / "adapter_config.json", {"base_model_name_or_path": "org/other"})
    with pytest.raises(ModelError, match="adapter laid over"):
        locate(str(sd15), "picture")


@pytest.mark.parametrize(("class_", "refused"), [("AutoTokenizer", True), ("CLIPTokenizer", False)])
def test_code_is_refused_where_transformers_would_offer_to_run_it(
    tmp_path: Path, class_: str, refused: bool
) -> None:
    folder = pipeline(tmp_path / "p", parts={**SD15, "tokenizer": ["transformers", class_]})
    write_json(folder / "tokenizer" / "tokenizer_config.json", {"auto_map": {"AutoTokenizer": "tok.Tok"}})
    if not refused:
        assert locate(str(folder), "picture").family.name == "sd15"
        return
    with pytest.raises(ModelError, match="code of its own for AutoTokenizer"):
        locate(str(folder), "picture")


@pytest.mark.parametrize("what", ["unet/diffusion_pytorch_model.safetensors", "unet", "model_index.json"])
def test_links_out_of_the_folder_are_refused(sd15: Path, what: str) -> None:
    outside = sd15.parent / "outside"
    (sd15 / what).rename(outside)
    (sd15 / what).symlink_to(outside)
    with pytest.raises(ModelError, match="leads out of the checkpoint") as caught:
        locate(str(sd15), "picture")
    assert caught.value.where == str(sd15 / what)


def test_links_within_the_folder_are_fine(sd15: Path) -> None:
    path = sd15 / "unet" / "diffusion_pytorch_model.safetensors"
    path.rename(sd15 / "weights.bytes")
    path.symlink_to("../weights.bytes")
    assert locate(str(sd15), "picture").weights_mb == 1


def test_a_link_to_the_folder_itself_is_fine(sd15: Path) -> None:
    (sd15.parent / "link").symlink_to(sd15)
    assert locate(str(sd15.parent / "link"), "picture").family.name == "sd15"


def test_a_link_to_nothing_is_named(sd15: Path) -> None:
    (sd15 / "unet" / "more.json").symlink_to(sd15 / "gone")
    with pytest.raises(ModelError, match="leads nowhere"):
        locate(str(sd15), "picture")


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_said_so(sd15: Path) -> None:
    (sd15 / "unet").chmod(0)
    try:
        with pytest.raises(ModelError, match="cannot be read"):
            locate(str(sd15), "picture")
    finally:
        (sd15 / "unet").chmod(0o755)


def test_an_error_of_the_disk_becomes_one_of_ours(sd15: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: Path) -> Any:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "iterdir", refused)
    with pytest.raises(ModelError, match="Permission denied") as caught:
        locate(str(sd15), "picture")
    assert str(sd15) in (caught.value.where or "")


# ------------------------------------------------------------------------------------------ the right job
MOTION = {"vae": ["diffusers", "AutoencoderKL"]}


@pytest.mark.parametrize(
    ("class_name", "flag"),
    [
        ("StableVideoDiffusionPipeline", "--motion svd:"),
        ("TextToVideoSDPipeline", "--motion modelscope:"),
        ("LTXPipeline", "--motion ltx:"),
        ("WanPipeline", "--motion wan:"),
        ("CogVideoXImageToVideoPipeline", "--motion diffusers:"),
        ("LTX2Pipeline", "--motion diffusers:"),
    ],
)
def test_a_motion_model_as_picture_is_sent_to_the_right_option(
    tmp_path: Path, class_name: str, flag: str
) -> None:
    folder = pipeline(tmp_path / "clips", class_name, MOTION)
    with pytest.raises(UnsupportedError, match="makes clips") as caught:
        locate(str(folder), "picture")
    assert f"{flag}{folder}" in (caught.value.hint or "")


def test_a_picture_model_as_motion_is_sent_to_the_right_option(sd15: Path) -> None:
    with pytest.raises(UnsupportedError, match="draws pictures") as caught:
        locate(str(sd15), "motion")
    assert f"--picture diffusers:{sd15}" in (caught.value.hint or "")


def test_a_preset_for_the_other_job_is_sent_there_even_when_it_is_not_here() -> None:
    with pytest.raises(UnsupportedError) as caught:
        locate("svd-xt", "picture")
    assert "--motion svd:svd-xt" in (caught.value.hint or "")


def test_a_motion_model_of_another_family_is_sent_to_its_back_end(tmp_path: Path) -> None:
    folder = pipeline(tmp_path / "wan", "WanPipeline", MOTION)
    with pytest.raises(UnsupportedError, match="this back-end runs svd") as caught:
        locate(str(folder), "motion", ("svd",))
    assert f"--motion wan:{folder}" in (caught.value.hint or "")
    assert locate(str(folder), "motion", ("wan",)).family.name == "wan"


def test_a_preset_of_another_family_is_sent_to_its_back_end_even_when_it_is_not_here() -> None:
    with pytest.raises(UnsupportedError, match="this back-end runs svd") as caught:
        locate("ltx", "motion", ("svd",))
    assert "--motion ltx:ltx" in (caught.value.hint or "")


def test_an_unknown_pipeline_is_refused_with_the_nearest(tmp_path: Path) -> None:
    folder = pipeline(tmp_path / "p", "StableDifusionPipeline", MOTION)
    with pytest.raises(UnsupportedError, match="no pipeline for pictures, clips or sounds") as caught:
        locate(str(folder), "picture")
    assert "StableDiffusionPipeline" in (caught.value.hint or "")


def test_a_pipeline_for_another_job_is_refused_with_the_reason(tmp_path: Path) -> None:
    folder = pipeline(tmp_path / "p", "AudioLDM2Pipeline", MOTION)
    with pytest.raises(UnsupportedError, match="makes sound"):
        locate(str(folder), "picture")


@pytest.mark.parametrize(
    ("config", "what"),
    [
        ({"model_type": "whisper"}, "Whisper speech recogniser"),
        (
            {"model_type": "llama", "architectures": ["LlamaForCausalLM"]},
            "language model \\(LlamaForCausalLM\\)",
        ),
        ({"model_type": "bark"}, "Bark speech"),
        ({"model_type": "odd"}, "a model of transformers \\(odd\\)"),
        ({}, "a model of transformers"),
        ({"architectures": None}, "a model of transformers"),
    ],
)
def test_a_model_of_another_kind_is_told_what_it_is(tmp_path: Path, config: Any, what: str) -> None:
    write_json(tmp_path / "m" / "config.json", config)
    with pytest.raises(UnsupportedError, match=what):
        locate(str(tmp_path / "m"), "picture")


def test_one_part_of_a_pipeline_is_sent_to_the_whole(sd15: Path) -> None:
    with pytest.raises(ModelError, match="the UNet of a pipeline") as caught:
        locate(str(sd15 / "unet"), "picture")
    assert f"name the whole pipeline: {sd15}" in (caught.value.hint or "")


def test_a_scheduler_is_sent_to_the_whole(sd15: Path) -> None:
    with pytest.raises(ModelError, match="this is a scheduler"):
        locate(str(sd15 / "scheduler"), "picture")


def test_a_lora_folder_is_sent_to_its_option(tmp_path: Path) -> None:
    write_json(tmp_path / "lora" / "adapter_config.json", {})
    with pytest.raises(UnsupportedError, match="this is a LoRA") as caught:
        locate(str(tmp_path / "lora"), "picture")
    assert "picture:diffusers.lora=" in (caught.value.hint or "")


def test_an_adapters_folder_is_told_what_it_is(tmp_path: Path) -> None:
    safetensors(tmp_path / "h94" / "models" / "ip-adapter_sd15.safetensors")
    with pytest.raises(UnsupportedError, match="this is an IP-Adapter"):
        locate(str(tmp_path / "h94"), "picture")


def test_a_folder_of_one_file_is_answered_with_the_file(tmp_path: Path) -> None:
    path = safetensors(tmp_path / "one" / "dream.safetensors")
    with pytest.raises(ModelError) as caught:
        locate(str(tmp_path / "one"), "picture")
    assert str(path) in (caught.value.hint or "")


def test_a_refiner_is_refused(tmp_path: Path) -> None:
    folder = pipeline(
        tmp_path / "p", "StableDiffusionXLImg2ImgPipeline", extra={"requires_aesthetics_score": True}
    )
    with pytest.raises(UnsupportedError, match="refiner"):
        locate(str(folder), "picture")


@pytest.mark.parametrize(("channels", "why"), [(9, "repairs"), (8, "edits")])
def test_a_unet_that_wants_more_than_noise_is_refused(sd15: Path, channels: int, why: str) -> None:
    write_json(sd15 / "unet" / "config.json", {"in_channels": channels})
    with pytest.raises(UnsupportedError, match=why):
        locate(str(sd15), "picture")


# ------------------------------------------------------------------------------------------ single files
LDM = "model.diffusion_model."
FIRST = LDM + "input_blocks.0.0.weight"
CROSS = LDM + "input_blocks.2.1.transformer_blocks.0.attn2.to_k.weight"


@pytest.mark.parametrize(
    ("shapes", "family"),
    [
        ({FIRST: (3, 4, 1, 1), CROSS: (3, 768)}, "sd15"),
        ({FIRST: (3, 4, 1, 1), CROSS: (3, 1024)}, "sd2"),
        ({FIRST: (3, 4, 1, 1), "conditioner.embedders.1.model.text_projection": (1,)}, "sdxl"),
        ({LDM + "joint_blocks.0.context_block.adaLN_modulation.1.bias": (1,)}, "sd3"),
        ({"double_blocks.0.img_attn.norm.key_norm.scale": (1,)}, "flux"),
        ({LDM + "double_blocks.0.img_attn.norm.key_norm.scale": (1,)}, "flux"),
        ({LDM + "single_stream_modulation.lin.weight": (1,)}, "flux2"),
        ({"layers.0.adaLN_modulation.0.weight": (1,)}, "zimage"),
    ],
)
def test_a_single_file_is_known_by_its_tensors(tmp_path: Path, shapes: Any, family: str) -> None:
    found = locate(str(safetensors(tmp_path / "dream.safetensors", shapes)), "picture")
    assert (found.single_file, found.family.name, found.pipeline) == (True, family, "")
    assert found.weights_mb == 1


def test_a_single_file_for_clips_is_sent_to_its_back_end(tmp_path: Path) -> None:
    path = safetensors(tmp_path / "wan.safetensors", {"head.modulation": (1,)})
    with pytest.raises(UnsupportedError) as caught:
        locate(str(path), "picture")
    assert "--motion wan:" in (caught.value.hint or "")
    assert locate(str(path), "motion").family.name == "wan"


@pytest.mark.parametrize(
    ("shapes", "what"),
    [
        ({"unet.down.lora_A.weight": (1,)}, "this is a LoRA"),
        ({"lora_unet_x.lora_down.weight": (1,)}, "this is a LoRA"),
        ({"image_proj.proj.weight": (1,)}, "this is an IP-Adapter"),
        ({"ip_adapter.1.to_k_ip.weight": (1,)}, "this is an IP-Adapter"),
    ],
)
def test_a_file_that_goes_elsewhere_is_sent_there(tmp_path: Path, shapes: Any, what: str) -> None:
    with pytest.raises(UnsupportedError, match=what):
        locate(str(safetensors(tmp_path / "x.safetensors", shapes)), "picture")


@pytest.mark.parametrize(
    ("shapes", "what"),
    [
        ({FIRST: (3, 9, 1, 1)}, "inpainting"),
        ({FIRST: (3, 8, 1, 1)}, "edits"),
        ({FIRST: (3, 4, 1, 1), "conditioner.embedders.0.model.text_projection": (1,)}, "refiner"),
        ({"control_model.time_embed.0.weight": (1,)}, "ControlNet"),
        ({"down_blocks.0.resnets.0.conv1.weight": (1,)}, "one part of a pipeline"),
        ({"emb_params": (1,)}, "textual inversion"),
        ({"a": (1,), "b": (1,), "c": (1,)}, "no whole checkpoint"),
    ],
)
def test_a_file_that_is_no_whole_checkpoint_is_told_what_it_is(
    tmp_path: Path, shapes: Any, what: str
) -> None:
    with pytest.raises(ModelError, match=what):
        locate(str(safetensors(tmp_path / "x.safetensors", shapes)), "picture")


@pytest.mark.parametrize(
    ("name", "what"), [("a.gguf", "GGUF"), ("a.onnx", "ONNX"), ("a.txt", "no checkpoint")]
)
def test_files_of_other_kinds_are_refused(tmp_path: Path, name: str, what: str) -> None:
    (tmp_path / name).write_bytes(b"GGUF")
    with pytest.raises(ModelError, match=what):
        locate(str(tmp_path / name), "picture")


def test_a_truncated_single_file_is_damaged(tmp_path: Path) -> None:
    path = safetensors(tmp_path / "x.safetensors", {FIRST: (3, 4, 1, 1)})
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(ModelError, match="cut off"):
        locate(str(path), "picture")


# ------------------------------------------------------------------------------------------ what the configs say
def test_the_native_size_is_the_checkpoints_own(sd15: Path) -> None:
    write_json(sd15 / "unet" / "config.json", {"sample_size": 96})
    write_json(sd15 / "vae" / "config.json", {"block_out_channels": [1, 2, 3, 4]})
    assert locate(str(sd15), "picture").family.native == (768, 768)


def test_stable_diffusion_2_is_told_by_its_text_width(sd15: Path) -> None:
    write_json(sd15 / "unet" / "config.json", {"cross_attention_dim": 1024})
    family = locate(str(sd15), "picture").family
    assert (family.name, family.identity, family.pipelines) == (
        "sd2",
        ("reference-attention",),
        ("StableDiffusionPipeline",),
    )


def test_svd_xt_is_told_by_its_frames(tmp_path: Path) -> None:
    folder = pipeline(
        tmp_path / "p",
        "StableVideoDiffusionPipeline",
        {"unet": ["diffusers", "UNetSpatioTemporalConditionModel"]},
    )
    write_json(folder / "unet" / "config.json", {"num_frames": 25, "in_channels": 8})
    assert locate(str(folder), "motion").family.frames == 25


def test_wan_22_5b_takes_words_and_pictures_at_720_lines(tmp_path: Path) -> None:
    family = locate(
        str(pipeline(tmp_path / "p", "WanPipeline", MOTION, extra={"expand_timesteps": True})), "motion"
    ).family
    assert (family.words_pipeline, family.picture_pipeline) == ("WanPipeline", "WanImageToVideoPipeline")
    assert (family.native, family.fps, family.multiple) == ((1280, 704), 24, 32)


def test_cogvideox_15_is_told_by_its_transformer(tmp_path: Path) -> None:
    folder = pipeline(
        tmp_path / "p", "CogVideoXPipeline", {"transformer": ["diffusers", "CogVideoXTransformer3DModel"]}
    )
    config = {"sample_width": 170, "sample_height": 96, "sample_frames": 81, "patch_size_t": 2}
    write_json(folder / "transformer" / "config.json", config)
    family = locate(str(folder), "motion").family
    assert (family.native, family.frames, family.fps) == ((1360, 768), 81, 16)


def test_a_config_that_is_not_json_is_named(sd15: Path) -> None:
    (sd15 / "unet" / "config.json").write_text("{")
    with pytest.raises(ModelError, match="is not JSON") as caught:
        locate(str(sd15), "picture")
    assert caught.value.where == str(sd15 / "unet" / "config.json")


# ------------------------------------------------------------------------------------------ identity and terms
def test_a_folder_that_moved_keeps_its_digest(sd15: Path) -> None:
    before = digest(locate(str(sd15), "picture"))
    sd15.rename(sd15.parent / "elsewhere")
    assert digest(locate(str(sd15.parent / "elsewhere"), "picture")) == before


def test_a_single_file_that_was_renamed_keeps_its_digest(tmp_path: Path) -> None:
    one = safetensors(tmp_path / "a.safetensors", {FIRST: (3, 4, 1, 1)})
    before = digest(locate(str(one), "picture"))
    one.rename(tmp_path / "b.safetensors")
    assert digest(locate(str(tmp_path / "b.safetensors"), "picture")) == before


@pytest.mark.parametrize(
    "name", ["README.md", "unet/diffusion_pytorch_model.fp16.safetensors", "extra/x.json"]
)
def test_files_that_would_not_be_loaded_are_in_no_digest(sd15: Path, name: str) -> None:
    before = digest(locate(str(sd15), "picture"))
    (safetensors if name.endswith("safetensors") else write_json)(sd15 / name, {"w": (1,)})
    assert digest(locate(str(sd15), "picture")) == before


@pytest.mark.parametrize(
    "name",
    [
        "unet/diffusion_pytorch_model.safetensors",
        "unet/config.json",
        "tokenizer/merges.txt",
        "model_index.json",
    ],
)
def test_every_file_that_would_be_loaded_is_in_the_digest(sd15: Path, name: str) -> None:
    before = digest(locate(str(sd15), "picture"))
    if name.endswith("safetensors"):
        safetensors(sd15 / name, {"weight": (3, 2)})
    elif name == "model_index.json":
        index = json.loads((sd15 / name).read_text())
        write_json(sd15 / name, {**index, "force_zeros_for_empty_prompt": True})
    else:
        (sd15 / name).write_text("{}\n")
    assert digest(locate(str(sd15), "picture")) != before


def _card(folder: Path, front: str) -> str:
    (folder / "README.md").write_text(f"---\n{front}\n---\n# A model\n", encoding="utf-8")
    licence = licence_of(locate(str(folder), "picture"))
    return f"{licence.name} {licence.commercial}"


@pytest.mark.parametrize(
    ("front", "judged"),
    [
        ("license: apache-2.0", "Apache-2.0 True"),
        ("license: CC-BY-NC-4.0", "CC-BY-NC-4.0 False"),
        (
            "license: other\nlicense_name: flux-1-dev-non-commercial-license",
            "FLUX.1-dev-Non-Commercial False",
        ),
        ("license: other", "other False"),
        ("license: something-new", "something-new False"),
        ("tags: [x]", "unknown False"),
        ("license: [", "unknown False"),
        ("license: 3", "unknown False"),
        ("license: [apache-2.0]", "unknown False"),
    ],
)
def test_terms_are_read_from_the_model_card(sd15: Path, front: str, judged: str) -> None:
    assert _card(sd15, front) == judged


@pytest.mark.parametrize("content", [b"", b"no front matter", b"\xff\xfe\x00", b"---\n- a\n- b\n---\n"])
def test_a_card_that_cannot_be_read_states_no_terms(sd15: Path, content: bytes) -> None:
    (sd15 / "README.md").write_bytes(content)
    assert licence_of(locate(str(sd15), "picture")).name == "unknown"


def test_a_card_that_holds_itself_a_million_times_is_no_trap(sd15: Path) -> None:
    bomb = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 12))
    assert _card(sd15, f"l0: &l0 [x]\n{bomb}\nlicense: *l11") == "unknown False"


def test_a_config_too_long_to_be_one_is_not_read(sd15: Path) -> None:
    with (sd15 / "unet" / "config.json").open("wb") as file:
        file.truncate(65_000_000)
    with pytest.raises(ModelError, match="is not JSON"):
        locate(str(sd15), "picture")


def test_where_both_are_there_diffusers_takes_the_index_and_transformers_the_whole_file(sd15: Path) -> None:
    for part, stem in (("unet", "diffusion_pytorch_model"), ("text_encoder", "model")):
        shard = f"{stem}-00001-of-00001.safetensors"
        safetensors(sd15 / part / shard)
        write_json(sd15 / part / f"{stem}.safetensors.index.json", {"weight_map": {"w": shard}})
    names = {p.relative_to(sd15).as_posix() for p in files_of(locate(str(sd15), "picture"))}
    assert "unet/diffusion_pytorch_model-00001-of-00001.safetensors" in names
    assert "unet/diffusion_pytorch_model.safetensors" not in names
    assert "text_encoder/model.safetensors" in names
    assert "text_encoder/model-00001-of-00001.safetensors" not in names


@pytest.mark.parametrize("address", ["https://huggingface.co/org/name", "hf.co/org/name/tree/main"])
def test_an_address_is_answered_with_the_name_in_it(address: str) -> None:
    with pytest.raises(UnknownModelError, match="is an address") as caught:
        locate(address, "picture")
    assert (caught.value.hint or "").endswith(": org/name")


def test_every_preset_answers_with_the_command_that_fetches_it() -> None:
    for one in presets():
        with pytest.raises(UnknownModelError) as caught:
            locate(one.name, one.kind)
        assert f"`kamishibai models pull {one.name}`" in (caught.value.hint or "")
