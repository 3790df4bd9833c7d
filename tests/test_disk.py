from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from kamishibai import disk
from kamishibai.disk import PART, clone, make_folder, read_whole, remove_parts, write_atomically
from kamishibai.errors import StoreError
from rooms import Other, as_a_person


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_reader_sees_the_old_file_or_the_whole_new_one(tmp_path: Path) -> None:
    path, sizes, done = tmp_path / "a", {1000, 300_000}, threading.Event()
    write_atomically(path, b"x" * 1000)

    def write() -> None:
        for turn in range(40):
            write_atomically(path, (b"y" if turn % 2 else b"x") * (300_000 if turn % 2 else 1000))
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    seen = set()
    while not done.is_set():
        data = path.read_bytes()
        assert len(data) in sizes
        assert len(set(data)) == 1
        seen.add(len(data))
    thread.join()
    assert names(tmp_path) == ["a"]
    assert seen


def test_a_writer_that_is_killed_leaves_the_old_file_and_one_part(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_atomically(path, b"old")
    code = (
        "import os\nfrom pathlib import Path\nfrom kamishibai import disk\n"
        "def stop(handle):\n    print('in', flush=True)\n    sys.stdin.readline()\n"
        "os.fsync = stop\ndisk.write_atomically(Path(sys.argv[1]), b'new')"
    )
    with Other(code, str(path)) as other:
        other.kill()
    assert path.read_bytes() == b"old"
    left = [name for name in names(tmp_path) if name != "a"]
    assert len(left) == 1
    assert left[0].startswith(PART)
    assert remove_parts(tmp_path) == 3
    assert names(tmp_path) == ["a"]


def test_the_bytes_reach_the_disk_before_the_name_and_the_name_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    sync, replace = os.fsync, os.replace

    def noted_sync(handle: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        sync(handle)

    def noted_replace(old: str, new: str) -> None:
        done.append("name")
        replace(old, new)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(os, "replace", noted_replace)
    monkeypatch.setattr(Path, "replace", lambda self, new: noted_replace(str(self), str(new)))
    write_atomically(tmp_path / "a", b"x")
    assert done == ["file", "name", "folder"]


def test_new_folders_reach_the_disk_with_those_above_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    sync = os.fsync

    def noted(handle: int) -> None:
        synced.append(os.fstat(handle).st_ino)
        sync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    make_folder(tmp_path / "a" / "b" / "c")
    assert synced == [path.stat().st_ino for path in (tmp_path, tmp_path / "a", tmp_path / "a" / "b")]
    make_folder(tmp_path / "a" / "b" / "c")
    assert len(synced) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no descriptors there")
def test_a_file_system_that_syncs_files_alone_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = os.fsync

    def files_alone(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        sync(handle)

    monkeypatch.setattr(os, "fsync", files_alone)
    write_atomically(tmp_path / "a", b"x")
    assert (tmp_path / "a").read_bytes() == b"x"


def test_a_file_system_without_permissions_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*args: object, **more: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "chmod", refused)
    monkeypatch.setattr(Path, "chmod", refused)
    write_atomically(tmp_path / "a", b"x")
    assert (tmp_path / "a").read_bytes() == b"x"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no umask there")
def test_files_have_the_permissions_that_the_user_asks_for(tmp_path: Path) -> None:
    code = "import sys\nfrom pathlib import Path\nfrom kamishibai.disk import write_atomically\n"
    code += "write_atomically(Path(sys.argv[1]), b'x')"
    subprocess.run(
        [sys.executable, "-c", f"import os\nos.umask(0o027)\n{code}", str(tmp_path / "a")], check=True
    )
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO])
def test_a_disk_that_fails_leaves_the_old_file_and_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    write_atomically(tmp_path / "a", b"old")

    def failing(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(StoreError) as caught:
        write_atomically(tmp_path / "a", b"new")
    assert ("no room left" in caught.value.what) == (number != errno.EIO)
    assert ("cache gc" in (caught.value.hint or "")) == (number != errno.EIO)
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_a_file_where_a_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    for action in (lambda: write_atomically(tmp_path / "a" / "b" / "c", b"x"),):
        with pytest.raises(StoreError) as caught:
            action()
        assert str(tmp_path / "a" / "b" / "c") in str(caught.value)
    assert names(tmp_path) == ["a"]


def test_what_is_not_there_is_none_and_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    assert read_whole(tmp_path / "b") is None
    assert read_whole(tmp_path / "a" / "b") is None
    with pytest.raises(StoreError, match="cannot be read"):
        read_whole(tmp_path)


@as_a_person
def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    with pytest.raises(StoreError, match="cannot write for 1 bytes: Permission denied"):
        write_atomically(folder / "a", b"x")
    assert names(folder) == []


# ---------------------------------------------------------------------- copies


def test_a_copy_has_the_bytes_and_lives_on_alone(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one" * 50_000)
    clone(tmp_path / "a", tmp_path / "deep" / "b")
    assert (tmp_path / "deep" / "b").read_bytes() == b"one" * 50_000
    (tmp_path / "a").write_bytes(b"two")
    assert (tmp_path / "deep" / "b").read_bytes() == b"one" * 50_000
    assert names(tmp_path / "deep") == ["b"]


def test_a_copy_is_the_same_where_blocks_cannot_be_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[bool] = []
    monkeypatch.setattr(disk, "_reflink", lambda source, target: bool(tried.append(True)))
    (tmp_path / "a").write_bytes(b"one")
    (tmp_path / "b").write_bytes(b"what was there")
    clone(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"one"
    assert tried == [True]
    assert names(tmp_path) == ["a", "b"]


@pytest.mark.skipif(sys.platform != "linux", reason="how Linux shares blocks")
def test_sharing_blocks_either_gives_the_very_bytes_or_says_no(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(os.urandom(100_000))
    (tmp_path / "b").write_bytes(b"")
    if disk._reflink(tmp_path / "a", tmp_path / "b"):
        assert (tmp_path / "b").read_bytes() == (tmp_path / "a").read_bytes()
    else:
        assert (tmp_path / "b").read_bytes() == b""


def test_an_empty_file_is_copied(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    clone(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b""


def test_a_copy_of_what_is_not_there_names_the_source(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"old")
    with pytest.raises(StoreError, match="cannot be read: No such file") as caught:
        clone(tmp_path / "a", tmp_path / "b")
    assert caught.value.where == str(tmp_path / "a")
    assert (tmp_path / "b").read_bytes() == b"old"
    assert names(tmp_path) == ["b"]


def test_a_copy_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"new")
    (tmp_path / "b").write_bytes(b"old")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="no room left for 3 bytes"):
        clone(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"old"
    assert names(tmp_path) == ["a", "b"]


# ---------------------------------------------------------------------- parts


def test_only_the_folders_own_parts_are_removed(tmp_path: Path) -> None:
    (tmp_path / f"{PART}one").write_bytes(b"12345")
    (tmp_path / f"{PART}two").write_bytes(b"123")
    (tmp_path / "film.mp4").write_bytes(b"film")
    (tmp_path / "x.part-one").write_bytes(b"somebody's")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / f"{PART}three").write_bytes(b"1")
    (tmp_path / f"{PART}link").symlink_to(tmp_path / "film.mp4")
    link = (tmp_path / f"{PART}link").lstat().st_size
    assert remove_parts(tmp_path) == 8 + link
    assert names(tmp_path) == ["film.mp4", "sub", "x.part-one"]
    assert names(tmp_path / "sub") == [f"{PART}three"]
    assert remove_parts(tmp_path) == 0
    assert remove_parts(tmp_path / "nowhere") == 0
