"""The golden is written anew by one command, which replaces nothing behind a version that was not raised."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import book
import pytest
import regenerate
from asks import CASES
from bench import Bench, run
from book import Book, classes, read, write
from fingerprints import Fingerprint

from kamishibai.documents.takes import CameraKey, Shot

MAKER = "motion:fake"
THEIRS = [case for case in CASES if case.maker == MAKER]


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[dict[str, Fingerprint]]:
    with Bench(tmp_path, lambda name: tmp_path / name) as bench:
        yield run(THEIRS, bench, classes()[MAKER])


@pytest.fixture
def other(fresh: dict[str, Fingerprint]) -> dict[str, Fingerprint]:
    """The same takes, had somebody changed the first of them."""
    from fingerprints import of_take

    key = CameraKey(time=0, x=0.4, y=0.5, scale=0.9)
    take = of_take(Shot(seconds=2, keys=(key,)), lambda ref: b"")
    return fresh | {THEIRS[0].name: take}


def test_what_is_new_is_written(fresh: dict[str, Fingerprint]) -> None:
    written: Book = {}

    assert regenerate.settle(written, MAKER, THEIRS, fresh, same_version=False)
    assert written[MAKER] == {
        "version": classes()[MAKER].version,
        "takes": {name: one.golden() for name, one in fresh.items()},
    }


def test_another_take_of_the_same_version_is_refused_and_the_old_one_kept(
    fresh: dict[str, Fingerprint], other: dict[str, Fingerprint], capsys: pytest.CaptureFixture[str]
) -> None:
    written: Book = {}
    regenerate.settle(written, MAKER, THEIRS, fresh, same_version=False)
    before = dict(written[MAKER])

    assert not regenerate.settle(written, MAKER, THEIRS, other, same_version=False)
    assert written[MAKER] == before
    assert "refused, for version 1 was not raised: keys[0].x is 0.4 and was 0.5" in capsys.readouterr().out


def test_it_is_replaced_when_that_is_asked_for(
    fresh: dict[str, Fingerprint], other: dict[str, Fingerprint]
) -> None:
    written: Book = {}
    regenerate.settle(written, MAKER, THEIRS, fresh, same_version=False)

    assert regenerate.settle(written, MAKER, THEIRS, other, same_version=True)
    assert written[MAKER]["takes"][THEIRS[0].name] == other[THEIRS[0].name].golden()


def test_it_is_replaced_when_the_version_was_raised(
    fresh: dict[str, Fingerprint], other: dict[str, Fingerprint], monkeypatch: pytest.MonkeyPatch
) -> None:
    written: Book = {}
    regenerate.settle(written, MAKER, THEIRS, fresh, same_version=False)
    monkeypatch.setattr(classes()[MAKER], "version", "2")

    assert regenerate.settle(written, MAKER, THEIRS, other, same_version=False)
    assert written[MAKER]["version"] == "2"
    assert written[MAKER]["takes"][THEIRS[0].name] == other[THEIRS[0].name].golden()


def test_the_command_leaves_the_committed_file_as_it_is_when_nothing_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "golden.json"
    write(read(), copy)
    monkeypatch.setattr(book, "GOLDEN", copy)
    monkeypatch.setattr(regenerate, "GOLDEN", copy)

    status = regenerate.main(["motion:camera", "engine:pause"])

    assert status == 0
    assert read(copy) == read(Path(__file__).with_name("golden.json"))
    assert copy.read_bytes() == Path(__file__).with_name("golden.json").read_bytes()


def test_a_maker_that_is_none_is_refused_with_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        regenerate.main(["motion:camara"])

    assert "motion:camera" in capsys.readouterr().err
