from __future__ import annotations

from pathlib import Path

import pytest

from kamishibai.documents.ref import Ref
from kamishibai.work.records import Note, Record, foreign_refs, read_record, refs_in, write_record
from kamishibai.work.sealed import BrokenSeal, sealed
from kamishibai.work.store import Store
from rooms import keep

KEY = "ab" * 32
ONE, TWO = (Ref(sha256=f"{n}" * 64, media_type="image/png", size=n) for n in (1, 2))
RECORD = Record(
    key=KEY,
    maker="picture:x",
    version="2",
    take={"image": ONE.model_dump(), "layers": [TWO.model_dump(), ONE.model_dump()]},
    seconds=1.25,
    weights="w",
    options={"steps": 4},
    path="a:B",
    asked="Draw",
    ask={"still": {"image": TWO.model_dump()}},
    notes=(Note(text="with care"), Note(text="too dark", warn=True)),
    memory_mb=12,
)


def test_a_record_comes_back_whole() -> None:
    assert read_record(write_record(RECORD), KEY) == RECORD


def test_a_record_names_what_it_holds_and_what_it_was_made_from_each_once() -> None:
    assert RECORD.refs() == [ONE, TWO]
    assert RECORD.needs() == [TWO]
    assert list(refs_in((ONE.model_dump(), "text", 3))) == [ONE]


def test_the_record_of_another_call_is_damage() -> None:
    with pytest.raises(BrokenSeal, match="another call"):
        read_record(write_record(RECORD), "cd" * 32)


def test_whole_files_of_other_things_are_damage() -> None:
    for value in ([], 3, None, {}, {"key": KEY}, {**RECORD.model_dump(mode="json"), "more": 1}):
        with pytest.raises(BrokenSeal, match="not a record"):
            read_record(sealed("kamishibai.result/2", value), KEY)


def test_another_versions_record_is_none_and_says_what_it_refers_to() -> None:
    data = sealed("kamishibai.result/9", {"takes": [{"image": ONE.model_dump()}], "too": TWO.model_dump()})
    assert read_record(data, KEY) is None
    assert set(foreign_refs(data)) == {ONE, TWO}
    with pytest.raises(BrokenSeal):
        foreign_refs(data[:-1])


def test_every_flipped_bit_of_a_stored_record_makes_it_missing_and_is_told(tmp_path: Path) -> None:
    store = Store(tmp_path)
    record = keep(store, "a", None)
    path = store.result(record.key)
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << at % 8)]) + whole[at + 1 :])
        assert store.peek(record.key) is None
        assert path.exists()  # a look changes nothing
        assert store.find(record.key) is None
        assert [damage.path for damage in store.damage] == [path]
        assert not path.exists()
        store.damage.clear()
    path.write_bytes(whole)
    assert store.find(record.key) == record


def test_a_look_tells_records_from_those_of_another_version(tmp_path: Path) -> None:
    store = Store(tmp_path)
    record = keep(store, "a")
    assert store.peek(record.key) == record
    assert store.peek(KEY) is None
    path = store.result(record.key)
    path.write_bytes(sealed("kamishibai.result/9", {"image": ONE.model_dump()}))
    assert store.peek(record.key) == [ONE]
    assert store.find(record.key) is None
    assert path.exists()
    assert store.damage == []
