from __future__ import annotations

import hashlib
import json
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from kamishibai.errors import ModelError
from kamishibai.weights import digests
from kamishibai.weights.digests import SMALL_BYTES, file_digest


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where digests are remembered."""
    monkeypatch.setenv("KAMISHIBAI_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "digests.json"


def _large(path: Path, seed: int = 0, age_s: int = 60) -> Path:
    """Write a file that is worth remembering, changed some time ago."""
    path.write_bytes(bytes([seed]) * (SMALL_BYTES + 1))
    stat = path.stat()
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns - age_s * 10**9))
    return path


def _truth(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_digest_is_sha256(tmp_path: Path, memory: Path) -> None:
    path = _large(tmp_path / "a")
    assert file_digest(path) == _truth(path)


def test_a_large_file_is_read_once(tmp_path: Path, memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _large(tmp_path / "a")
    before = file_digest(path)
    read: list[Path] = []
    monkeypatch.setattr(digests, "read_digest", lambda p: read.append(p))
    assert file_digest(path) == before
    assert read == []


def test_a_file_that_changed_is_read_again(tmp_path: Path, memory: Path) -> None:
    path = _large(tmp_path / "a")
    before = file_digest(path)
    _large(path, seed=1, age_s=30)
    assert file_digest(path) == _truth(path) != before


def test_a_file_of_another_size_is_read_again_even_at_the_same_time(tmp_path: Path, memory: Path) -> None:
    path = _large(tmp_path / "a")
    file_digest(path)
    stat = path.stat()
    path.write_bytes(path.read_bytes() + b"x")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert file_digest(path) == _truth(path)


def test_a_file_written_just_now_is_not_remembered(tmp_path: Path, memory: Path) -> None:
    file_digest(_large(tmp_path / "a", age_s=0))
    assert not memory.exists()


def test_small_files_are_not_remembered(tmp_path: Path, memory: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    assert file_digest(tmp_path / "a") == _truth(tmp_path / "a")
    assert not memory.exists()


def test_files_that_are_gone_are_forgotten(tmp_path: Path, memory: Path) -> None:
    file_digest(_large(tmp_path / "a"))
    (tmp_path / "a").unlink()
    file_digest(_large(tmp_path / "b"))
    assert list(json.loads(memory.read_text())) == [str((tmp_path / "b").resolve())]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"x": 3}', "\x00"])
def test_a_damaged_memory_is_begun_anew(tmp_path: Path, memory: Path, content: str) -> None:
    memory.parent.mkdir()
    memory.write_text(content)
    path = _large(tmp_path / "a")
    assert file_digest(path) == _truth(path)
    assert str(path.resolve()) in json.loads(memory.read_text())


def test_an_entry_of_the_wrong_form_is_not_believed(tmp_path: Path, memory: Path) -> None:
    path = _large(tmp_path / "a")
    memory.parent.mkdir()
    memory.write_text(json.dumps({str(path.resolve()): "0" * 64}))
    assert file_digest(path) == _truth(path)


def test_a_memory_that_cannot_be_written_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("KAMISHIBAI_CACHE", str(tmp_path / "file" / "cache"))
    path = _large(tmp_path / "a")
    assert file_digest(path) == _truth(path)


def test_no_part_of_a_memory_is_left_behind(tmp_path: Path, memory: Path) -> None:
    file_digest(_large(tmp_path / "a"))
    assert sorted(p.name for p in memory.parent.iterdir() if not p.name.endswith(".lock")) == ["digests.json"]


def test_processes_at_once_lose_nothing_of_each_other(tmp_path: Path, memory: Path) -> None:
    paths = [_large(tmp_path / f"{n}", seed=n) for n in range(12)]
    with ProcessPoolExecutor(3) as pool:
        found = list(pool.map(file_digest, paths))
    assert found == [_truth(path) for path in paths]
    assert set(json.loads(memory.read_text())) == {str(path.resolve()) for path in paths}


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path, memory: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        file_digest(tmp_path / "none")
