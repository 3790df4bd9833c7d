from __future__ import annotations

import json
from pathlib import Path

import pytest

from kamishibai.disk import write_atomically
from kamishibai.documents.ref import Ref
from kamishibai.errors import DamagedError, StoreError
from kamishibai.work.records import Record, refs_in
from kamishibai.work.store import Store


def record(key: str, *refs: Ref) -> Record:
    return Record(
        key=key, maker="voice:x", version="1", take={"sounds": [r.model_dump() for r in refs]}, seconds=1.0
    )


def test_saved_bytes_come_back(tmp_path: Path) -> None:
    store = Store(tmp_path)
    ref = store.save(b"once upon a time", "text/plain")
    assert Store(tmp_path).open(ref) == b"once upon a time"
    assert ref.size == 16


def test_equal_bytes_are_kept_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.save(b"same", "a/b") == store.save(b"same", "a/b")
    assert len([p for p in (tmp_path / "blobs").rglob("*") if p.is_file()]) == 1


@pytest.mark.parametrize("harm", [b"onze upon a time", b"once", b""])
def test_damaged_bytes_are_noticed_and_set_aside(tmp_path: Path, harm: bytes) -> None:
    ref = Store(tmp_path).save(b"once upon a time", "text/plain")
    blob = tmp_path / "blobs" / ref.sha256[:2] / ref.sha256
    blob.write_bytes(harm)

    with pytest.raises(DamagedError, match="damaged"):
        Store(tmp_path).open(ref)

    assert not blob.exists()
    assert (tmp_path / "damaged" / ref.sha256).read_bytes() == harm


def test_a_path_is_checked_before_it_is_given_out(tmp_path: Path) -> None:
    ref = Store(tmp_path).save(b"once upon a time", "text/plain")
    (tmp_path / "blobs" / ref.sha256[:2] / ref.sha256).write_bytes(b"onze upon a time")
    with pytest.raises(DamagedError):
        Store(tmp_path).path(ref)


def test_a_finished_call_is_found_by_its_key(tmp_path: Path) -> None:
    store = Store(tmp_path)
    kept = record("ab" * 32, store.save(b"x", "a/b"))
    store.keep(kept)
    assert store.find("ab" * 32) == kept
    assert store.find("cd" * 32) is None


def test_a_call_whose_blob_is_gone_or_cut_short_is_not_found(tmp_path: Path) -> None:
    store = Store(tmp_path)
    ref = store.save(b"four", "a/b")
    store.keep(record("ab" * 32, ref))
    blob = tmp_path / "blobs" / ref.sha256[:2] / ref.sha256

    blob.write_bytes(b"fo")
    assert store.find("ab" * 32) is None
    assert store.find("ab" * 32) is None  # gone by now


def test_a_damaged_record_counts_as_missing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.keep(record("ab" * 32))
    path = tmp_path / "results" / "ab" / ("ab" * 32 + ".json")
    path.write_bytes(path.read_bytes()[:-9])
    assert store.find("ab" * 32) is None
    assert not path.exists()


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("a file where a folder should be")
    with pytest.raises(StoreError) as caught:
        Store(tmp_path).save(b"x", "a/b")
    assert caught.value.hint
    assert not list(tmp_path.rglob(".part-*"))


def test_writing_leaves_the_old_file_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "film.mp4"
    write_atomically(target, b"old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StoreError, match="no room left"):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["film.mp4"]


def test_refs_are_found_at_any_depth() -> None:
    ref = Ref(sha256="0" * 64, media_type="a/b", size=1)
    nest = json.loads(json.dumps({"a": [{"b": ref.model_dump()}, 3, None]}))
    assert list(refs_in(nest)) == [ref]
