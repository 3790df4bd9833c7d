from __future__ import annotations

import json
from pathlib import Path

import pytest

from kamishibai.errors import DocumentError, ModelError
from kamishibai.models.base import Licence
from kamishibai.weights.lock import (
    FILE,
    Lock,
    Pinned,
    check,
    folders_that_pin,
    merged,
    pinned,
    read_lock,
    refuse,
    write_lock,
)

MIT = Licence(name="MIT", commercial=True)
OLD = Pinned(repo="a/b", revision="1" * 40, digest="d" * 64, licence="MIT", commercial=True)
NEW = Pinned(repo="a/b", revision="2" * 40, digest="e" * 64, licence="MIT", commercial=True)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    lock = Lock(models={"picture:diffusers:sdxl": OLD, "motion:svd": NEW})
    path = write_lock(tmp_path, lock)
    written = json.loads(path.read_text())
    assert read_lock(tmp_path) == lock
    assert written["schema"] == "kamishibai.lock/1"
    assert list(written["models"]) == ["motion:svd", "picture:diffusers:sdxl"]


def test_a_project_without_a_lock_has_none(tmp_path: Path) -> None:
    assert read_lock(tmp_path) is None
    assert check(None, {"motion:svd": NEW}) == []


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": "kamishibai.lock/9"}', '{"models": {"a": {}}}'])
def test_a_lock_that_cannot_be_read_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(DocumentError) as caught:
        read_lock(tmp_path)
    assert caught.value.where == str(tmp_path / FILE)
    assert "--update-lock" in str(caught.value.hint)


def test_other_content_under_the_same_name_is_a_change_and_the_way_back_is_named(tmp_path: Path) -> None:
    changes = check(Lock(models={"motion:svd": OLD}), {"motion:svd": NEW, "picture:diffusers:sdxl": OLD})
    with pytest.raises(ModelError) as caught:
        refuse(changes, tmp_path)
    said = str(caught.value)
    for part in (
        "motion:svd",
        "revision 111111111111 → 222222222222",
        "--update-lock",
        f"pull a/b@{'1' * 40}",
    ):
        assert part in said
    assert "sdxl" not in said


def test_the_same_content_at_another_revision_is_no_change() -> None:
    moved = NEW.model_copy(update={"digest": OLD.digest})
    assert check(Lock(models={"motion:svd": OLD}), {"motion:svd": moved}) == []


def test_a_lock_keeps_models_of_earlier_films_unless_it_is_written_anew() -> None:
    lock = Lock(models={"motion:svd": OLD})
    now = {"picture:diffusers:sdxl": NEW}
    assert set(merged(lock, now).models) == {"motion:svd", "picture:diffusers:sdxl"}
    assert set(merged(lock, now, update=True).models) == {"picture:diffusers:sdxl"}


def test_terms_of_several_parts_stand_together() -> None:
    bound = Licence(name="CC-BY-NC-4.0", commercial=False)
    line = pinned("d", [MIT, bound])
    assert (line.licence, line.commercial) == ("MIT + CC-BY-NC-4.0", False)
    assert pinned("d", [MIT]).commercial
    assert not pinned("d", []).commercial


def test_projects_that_need_a_commit_are_found_below_here(tmp_path: Path) -> None:
    folder = tmp_path / "film" / "fox"
    folder.mkdir(parents=True)
    write_lock(folder, Lock(models={"motion:svd": OLD}))
    (tmp_path / FILE).write_text("broken")
    assert folders_that_pin("a/b", ["1" * 40], tmp_path) == [folder]
    assert folders_that_pin("a/b", ["3" * 40], tmp_path) == []
