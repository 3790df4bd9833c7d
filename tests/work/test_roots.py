from __future__ import annotations

import os
from pathlib import Path

import pytest

from kamishibai.project import HIDDEN
from kamishibai.work.roots import FORM, Root, forget_root, remember_root, roots
from kamishibai.work.sealed import BrokenSeal, sealed
from rooms import as_a_person

KEYS = ("ab" * 32, "cd" * 32)


def note(root: Path) -> Path:
    (path,) = (root / "roots").glob("*.json")
    return path


def test_projects_are_known_with_their_keys_until_they_are_forgotten(tmp_path: Path) -> None:
    assert roots(tmp_path) == []
    remember_root(tmp_path, tmp_path / "b", reversed(KEYS))
    remember_root(tmp_path, tmp_path / "a", ())
    assert [(one.folder.name, one.keys) for one in roots(tmp_path)] == [("a", ()), ("b", KEYS)]
    remember_root(tmp_path, tmp_path / "b", KEYS[:1])
    assert roots(tmp_path)[1].keys == KEYS[:1]
    forget_root(tmp_path, tmp_path / "b")
    forget_root(tmp_path, tmp_path / "b")
    assert [one.folder.name for one in roots(tmp_path)] == ["a"]


def test_what_is_known_already_is_not_written_again(tmp_path: Path) -> None:
    remember_root(tmp_path, tmp_path / "a", KEYS)
    before = note(tmp_path).stat()
    remember_root(tmp_path, tmp_path / "a", KEYS)
    after = note(tmp_path).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_folder_is_the_same_however_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    remember_root(tmp_path, Path("a"), KEYS)
    remember_root(tmp_path, tmp_path / "a", KEYS)
    assert [one.folder for one in roots(tmp_path)] == [tmp_path / "a"]


def test_folders_are_known_by_any_name(tmp_path: Path) -> None:
    names = ["雪 film", "a\nb", "'\"", "a" * 255]
    for name in names:
        remember_root(tmp_path, tmp_path / name, ())
    assert sorted(one.folder.name for one in roots(tmp_path)) == sorted(names)


def test_every_damaged_note_stops_whoever_would_delete(tmp_path: Path) -> None:
    remember_root(tmp_path, tmp_path / "a", KEYS[:1])
    path = note(tmp_path)
    whole = path.read_bytes()
    bad = [whole[:at] + bytes([whole[at] ^ (1 << at % 8)]) + whole[at + 1 :] for at in range(len(whole))]
    bad += [whole[:end] for end in range(0, len(whole), 5)]
    bad += [sealed("kamishibai.root/2", {}), sealed(FORM, []), sealed(FORM, {"keys": []})]
    for data in bad:
        path.write_bytes(data)
        with pytest.raises(BrokenSeal, match=path.name):
            roots(tmp_path)
    remember_root(tmp_path, tmp_path / "a", KEYS[:1])
    assert path.read_bytes() == whole  # its next run mends it


def test_a_project_is_gone_when_its_folder_is_and_its_disk_is_not(tmp_path: Path) -> None:
    project = tmp_path / "films" / "fox"
    (project / HIDDEN).mkdir(parents=True)
    remember_root(tmp_path, project, KEYS)
    (one,) = roots(tmp_path)
    assert not one.is_gone(HIDDEN)
    (project / HIDDEN).rmdir()
    assert one.is_gone(HIDDEN)
    project.rmdir()
    assert one.is_gone(HIDDEN)
    project.parent.rmdir()
    assert not one.is_gone(HIDDEN)  # who knows what was mounted there


def test_a_project_on_a_disk_that_is_not_mounted_now_is_not_gone(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    there = Root(folder=stick / "fox", mount=stick)
    assert not os.path.ismount(stick)
    assert not there.is_gone(HIDDEN)
    assert Root(folder=stick / "fox").is_gone(HIDDEN)


def test_the_mount_of_a_project_is_noted(tmp_path: Path) -> None:
    remember_root(tmp_path, tmp_path / "films" / "fox", ())
    (one,) = roots(tmp_path)
    assert one.mount is not None
    assert os.path.ismount(one.mount)
    assert tmp_path.resolve().is_relative_to(one.mount)


@as_a_person
def test_a_project_that_may_not_be_looked_into_is_not_gone(tmp_path: Path) -> None:
    project = tmp_path / "films" / "fox"
    (project / HIDDEN).mkdir(parents=True)
    for closed in (project, project.parent):
        closed.chmod(0)
        assert not Root(folder=project).is_gone(HIDDEN)
        closed.chmod(0o700)
