from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from kamishibai import Studio
from kamishibai.errors import Cancelled, ModelError
from kamishibai.weights import hub as the_hub
from kamishibai.weights import pull
from local_hub import REPO, UNET, LocalHub, pipeline, safetensors

ID = f"picture:diffusers:{REPO}"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with a storyboard, whose film is drawn by a pulled pipeline."""
    for kind in ("text", "motion", "voice", "music", "sound", "ear"):
        monkeypatch.setenv(f"KAMISHIBAI_{kind.upper()}", "fake")
    monkeypatch.setenv("KAMISHIBAI_PICTURE", f"diffusers:{REPO}")
    monkeypatch.setenv("KAMISHIBAI_CACHE", str(tmp_path / "store"))
    (tmp_path / "story.txt").write_text("A fox came home.\n")
    return Studio(workers=0).board(tmp_path / "story.txt", tmp_path / "film").folder


def fetch() -> str:
    return pull.pull(pull.offer(REPO), lambda *_: None).commit


def begin(project: Path, **how: bool) -> None:
    """Begin the film, and stop it before its first call: the lock is looked at before any work."""
    with pytest.raises(Cancelled):
        Studio(workers=0, stop=lambda: True).make(project, **how)


def lock_of(project: Path) -> dict[str, dict[str, object]]:
    models: dict[str, dict[str, object]] = json.loads((project / "kamishibai.lock").read_text())["models"]
    return models


def test_the_first_film_writes_down_its_weights(hub: LocalHub, project: Path) -> None:
    commit = hub.add(REPO, pipeline())
    fetch()
    begin(project)
    line = lock_of(project)[ID]
    assert set(lock_of(project)) == {ID}
    assert (line["repo"], line["revision"], line["licence"]) == (REPO, commit, "Apache-2.0")
    assert len(str(line["digest"])) == 64


def test_other_weights_under_the_same_name_are_refused_until_they_are_accepted(
    hub: LocalHub, project: Path
) -> None:
    first = hub.add(REPO, pipeline())
    fetch()
    begin(project)
    before = lock_of(project)
    hub.add(REPO, pipeline(**{UNET: safetensors(200_000, 50)}))
    second = fetch()

    with pytest.raises(ModelError) as caught:
        Studio(workers=0).make(project)
    said = str(caught.value)
    kept = lock_of(project)
    begin(project, update_lock=True)

    for part in (ID, first[:12], second[:12], "--update-lock", f"kamishibai models pull {REPO}@{first}"):
        assert part in said
    assert kept == before
    assert lock_of(project)[ID]["revision"] == second


def test_the_same_weights_at_a_new_commit_are_no_other_weights(hub: LocalHub, project: Path) -> None:
    hub.add(REPO, pipeline())
    fetch()
    begin(project)
    hub.add(REPO, pipeline(**{"README.md": b"---\nlicense: apache-2.0\n---\nA new card.\n"}))
    second = fetch()
    begin(project)
    assert lock_of(project)[ID]["revision"] == second


def test_a_film_never_asks_the_hub(hub: LocalHub, project: Path) -> None:
    hub.add(REPO, pipeline())
    fetch()
    hub.asked.clear()
    begin(project)
    assert hub.asked == []


def test_offline_closes_the_door_for_the_hubs_library_too(
    hub: LocalHub, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    hub.add(REPO, pipeline())
    fetch()
    with pytest.raises(Cancelled):
        Studio(workers=0, stop=lambda: True, offline=True).make(project)
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    assert sys.modules["huggingface_hub.constants"].HF_HUB_OFFLINE
    assert the_hub.is_offline()


def test_a_film_of_embedded_models_has_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("text", "picture", "motion", "voice", "music", "sound", "ear"):
        monkeypatch.setenv(f"KAMISHIBAI_{kind.upper()}", "fake")
    (tmp_path / "story.txt").write_text("A fox came home.\n")
    folder = Studio(workers=0, cache=tmp_path / "s").board(tmp_path / "story.txt", tmp_path / "film").folder
    with pytest.raises(Cancelled):
        Studio(workers=0, cache=tmp_path / "s", stop=lambda: True).make(folder)
    assert not (folder / "kamishibai.lock").exists()
