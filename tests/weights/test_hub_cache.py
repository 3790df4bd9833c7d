from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from subprocess import run

import pytest
from handmade import COMMIT, SD15, pipeline, safetensors, shelve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kamishibai.errors import KamishibaiError, ModelError, UnknownModelError
from kamishibai.weights.checkpoint import digest, file_digest, files_of, licence_of, locate
from kamishibai.weights.places import hub_cache, repo_folder, snapshot, snapshots, user_cache

OTHER = "b" * 40


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub's cache, in a home of its own."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "KAMISHIBAI_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "hf" / "hub"


def test_a_hub_id_is_found_in_the_cache(tmp_path: Path, cache: Path) -> None:
    shelve(pipeline(tmp_path / "p"), cache, "org/name")
    found = locate("org/name", "picture")
    assert (found.repo, found.revision, found.name) == ("org/name", COMMIT, "org/name")
    assert found.path == cache / "models--org--name" / "snapshots" / COMMIT


def test_a_preset_is_found_in_the_cache_with_its_terms(tmp_path: Path, cache: Path) -> None:
    shelve(
        pipeline(tmp_path / "p", variants=("", "fp16")), cache, "stable-diffusion-v1-5/stable-diffusion-v1-5"
    )
    found = locate("sd15", "picture")
    assert found.preset is not None
    assert (found.preset.name, found.revision) == ("sd15", COMMIT)
    assert licence_of(found).name == "CreativeML-OpenRAIL-M"


def test_a_preset_prefers_its_variant_where_it_is_there(tmp_path: Path, cache: Path) -> None:
    shelve(
        pipeline(tmp_path / "p", variants=("", "fp16")), cache, "stable-diffusion-v1-5/stable-diffusion-v1-5"
    )
    assert locate("sd15", "picture").variant == "fp16"
    assert locate("stable-diffusion-v1-5/stable-diffusion-v1-5", "picture").variant == ""


def test_a_preset_without_its_variant_takes_what_is_there(tmp_path: Path, cache: Path) -> None:
    shelve(pipeline(tmp_path / "p"), cache, "stable-diffusion-v1-5/stable-diffusion-v1-5")
    assert locate("sd15", "picture").variant == ""


def test_the_terms_of_a_presets_repo_hold_for_its_hub_id_too(tmp_path: Path, cache: Path) -> None:
    shelve(pipeline(tmp_path / "p"), cache, "Lykon/dreamshaper-8")
    assert licence_of(locate("Lykon/dreamshaper-8", "picture")).name == "CreativeML-OpenRAIL-M"


@pytest.mark.parametrize("revision", ["main", COMMIT, "v1.0"])
def test_a_revision_is_a_commit_a_branch_or_a_tag(tmp_path: Path, cache: Path, revision: str) -> None:
    folder = pipeline(tmp_path / "p")
    shelve(folder, cache, "org/name")
    shelve(folder, cache, "org/name", branch="v1.0")
    assert locate(f"org/name@{revision}", "picture").revision == COMMIT


def test_two_commits_stand_side_by_side(tmp_path: Path, cache: Path) -> None:
    shelve(pipeline(tmp_path / "old"), cache, "org/name", OTHER, None)
    shelve(pipeline(tmp_path / "new", variants=("fp16",)), cache, "org/name")
    assert locate(f"org/name@{OTHER}", "picture").variant == ""
    assert locate("org/name", "picture").variant == "fp16"
    assert [folder.name for folder in snapshots("org/name")] == [COMMIT, OTHER]


def test_what_was_fetched_by_commit_is_main_while_it_is_the_only_one(tmp_path: Path, cache: Path) -> None:
    shelve(pipeline(tmp_path / "p"), cache, "org/name", branch=None)
    assert locate("org/name", "picture").revision == COMMIT
    shelve(pipeline(tmp_path / "p2"), cache, "org/name", OTHER, None)
    with pytest.raises(UnknownModelError):
        locate("org/name", "picture")


@pytest.mark.parametrize("name", ["org/other", f"org/name@{OTHER}", "org/name@v9"])
def test_what_the_cache_has_not_is_answered_with_the_command(tmp_path: Path, cache: Path, name: str) -> None:
    shelve(pipeline(tmp_path / "p"), cache, "org/name")
    with pytest.raises(UnknownModelError, match="not on this machine") as caught:
        locate(name, "picture")
    assert f"`kamishibai models pull {name}`" in (caught.value.hint or "")


def test_a_folder_on_disk_goes_before_the_hub(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelve(pipeline(tmp_path / "p"), cache, "org/name")
    pipeline(tmp_path / "org" / "name")
    monkeypatch.chdir(tmp_path)
    assert locate("org/name", "picture").path == tmp_path / "org" / "name"


def test_a_download_that_stopped_half_way_is_not_taken_for_whole(tmp_path: Path, cache: Path) -> None:
    found = shelve(pipeline(tmp_path / "p"), cache, "org/name")
    (found / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    with pytest.raises(ModelError, match="no weights in unet") as caught:
        locate("org/name", "picture")
    assert "models pull" in (caught.value.hint or "")


def test_a_blob_that_is_gone_is_named(tmp_path: Path, cache: Path) -> None:
    found = shelve(pipeline(tmp_path / "p"), cache, "org/name")
    link = found / "unet" / "diffusion_pytorch_model.safetensors"
    link.resolve().unlink()
    with pytest.raises(ModelError, match="leads nowhere"):
        locate("org/name", "picture")


def test_a_snapshot_named_as_a_folder_may_link_into_its_blobs(tmp_path: Path, cache: Path) -> None:
    found = shelve(pipeline(tmp_path / "p"), cache, "org/name")
    assert locate(str(found), "picture").path == found


def test_a_snapshot_may_not_link_into_the_blobs_of_another_repo(tmp_path: Path, cache: Path) -> None:
    found = shelve(pipeline(tmp_path / "p"), cache, "org/name")
    shelve(pipeline(tmp_path / "q"), cache, "org/other")
    link = found / "vae" / "config.json"
    link.unlink()
    link.symlink_to(
        repo_folder("org/other") / "blobs" / sorted((repo_folder("org/other") / "blobs").iterdir())[0].name
    )
    with pytest.raises(ModelError, match="leads out"):
        locate("org/name", "picture")


def test_a_branch_file_that_leads_elsewhere_is_not_followed(tmp_path: Path, cache: Path) -> None:
    shelve(pipeline(tmp_path / "p"), cache, "org/name")
    (repo_folder("org/name") / "refs" / "main").write_text("../../../../p")
    assert snapshot("org/name") is None


@given(
    repo=st.from_regex(r"[A-Za-z0-9][\w.-]{0,20}/[A-Za-z0-9][\w.-]{0,20}", fullmatch=True),
    revision=st.from_regex(r"[\w./-]{0,20}", fullmatch=True),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
def test_no_id_and_no_revision_reads_outside_of_the_cache(cache: Path, repo: str, revision: str) -> None:
    with pytest.raises(KamishibaiError):
        locate(f"{repo}@{revision}", "picture")


def test_the_same_weights_have_one_digest_in_a_folder_and_in_the_cache(tmp_path: Path, cache: Path) -> None:
    folder = pipeline(tmp_path / "p")
    shelve(folder, cache, "org/name")
    assert digest(locate(str(folder), "picture")) == digest(locate("org/name", "picture"))


def test_large_blobs_are_known_by_their_names_and_not_read(tmp_path: Path, cache: Path) -> None:
    found = shelve(pipeline(tmp_path / "p"), cache, "org/name")
    link = found / "unet" / "diffusion_pytorch_model.safetensors"
    name = link.resolve().name
    link.resolve().write_bytes(b"changed behind its name")
    assert file_digest(link) == name


def test_a_folder_that_only_looks_like_the_cache_is_read(tmp_path: Path, cache: Path) -> None:
    found = shelve(pipeline(tmp_path / "p"), tmp_path / "elsewhere", "org/name")
    link = found / "unet" / "diffusion_pytorch_model.safetensors"
    link.resolve().write_bytes(b"changed behind its name")
    assert file_digest(link) == hashlib.sha256(b"changed behind its name").hexdigest()


def test_small_blobs_are_read(tmp_path: Path, cache: Path) -> None:
    found = shelve(pipeline(tmp_path / "p"), cache, "org/name")
    link = found / "model_index.json"
    assert len(link.resolve().name) == 40
    assert file_digest(link) == hashlib.sha256(link.read_bytes()).hexdigest()


def test_files_of_a_checkpoint_are_what_the_pipeline_loads(tmp_path: Path, cache: Path) -> None:
    folder = pipeline(tmp_path / "p", parts={**SD15, "safety_checker": ["stable_diffusion", "Checker"]})
    safetensors(folder / "dream.safetensors")
    (folder / "README.md").write_text("x")
    shelve(folder, cache, "org/name")
    found = locate("org/name", "picture")
    assert {path.relative_to(found.path).as_posix() for path in files_of(found)} == {
        "model_index.json",
        "safety_checker/config.json",
        "safety_checker/model.safetensors",
        "scheduler/scheduler_config.json",
        "text_encoder/config.json",
        "text_encoder/model.safetensors",
        "tokenizer/tokenizer_config.json",
        "unet/config.json",
        "unet/diffusion_pytorch_model.safetensors",
        "vae/config.json",
        "vae/diffusion_pytorch_model.safetensors",
    }


# ------------------------------------------------------------------------------------------ places
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"HF_HOME": "/somewhere"},
        {"HF_HUB_CACHE": "/cache"},
        {"HF_HUB_CACHE": "/cache", "HF_HOME": "/somewhere"},
        {"HUGGINGFACE_HUB_CACHE": "/older"},
        {"XDG_CACHE_HOME": "/xdg"},
        {"XDG_CACHE_HOME": "/xdg", "HF_HOME": "~/hf"},
        {"HF_HOME": "$PLACE/hf", "PLACE": "/expanded"},
    ],
)
def test_the_hubs_cache_is_where_huggingface_hub_has_it(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("huggingface_hub")
    names = ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME", "PLACE")
    for name in names:
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    code = "import huggingface_hub.constants as c; print(c.HF_HUB_CACHE)"
    environment = {k: v for k, v in os.environ.items() if k not in names} | settings
    theirs = run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert str(hub_cache()) == theirs.stdout.strip()


def test_the_users_cache_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KAMISHIBAI_CACHE", str(tmp_path))
    assert user_cache() == tmp_path


def test_the_users_cache_is_that_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    from kamishibai.settings import default_cache

    monkeypatch.delenv("KAMISHIBAI_CACHE", raising=False)
    assert user_cache() == default_cache()
