from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
from pathlib import Path

import pytest

from kamishibai import Studio
from kamishibai.work.presence import Presence
from kamishibai.work.store import Store
from rooms import as_a_person, keep, tree

IDLE = hashlib.sha256(b"idle").hexdigest()


@pytest.fixture
def filled(film_once: Path, fakes: Path) -> Path:
    """An own copy of a cache with one film in it, and one result that no film is made from."""
    folder = Path(shutil.copytree(film_once.parents[1] / "store", fakes / "store"))
    keep(Store(folder), "idle", b"x" * 40_000)
    return folder


def unused(folder: Path) -> int:
    return Studio(cache=folder).cache_use().unused.results


def without_gate(folder: Path) -> dict[str, tuple[str, int]]:
    return {name: facts for name, facts in tree(folder).items() if name not in ("gc.lock", "runs")}


# ---------------------------------------------------------------------- looking


def test_size_says_how_much_by_whom_and_how_long(run, filled: Path) -> None:
    before = tree(filled)
    said = run("cache", "size")
    assert said.code == 0
    use = Studio(cache=filled).cache_use()
    assert "picture:fake" in said.out
    assert str(filled) in said.out
    assert f"in {use.results:,} results" in said.out
    assert f"in {use.unused.results} results, " in said.out
    assert "cache gc --dry-run" in said.out
    assert said.err == ""
    assert tree(filled) == before


def test_ls_names_every_project_and_whether_it_is_there(run, filled: Path, film_once: Path) -> None:
    said = run("cache", "ls")
    assert said.code == 0
    assert str(film_once) in said.out
    assert "(gone)" not in said.out
    assert "no project" in said.out
    hidden = film_once / ".kamishibai"
    hidden.rename(hidden.with_name("away"))
    try:
        assert "(gone)" in run("cache", "ls").out
    finally:
        hidden.with_name("away").rename(hidden)


@pytest.mark.parametrize("command", ["size", "ls"])
def test_both_say_the_same_as_json(run, filled: Path, command: str) -> None:
    said = run("cache", command, "--json")
    assert said.code == 0
    (line,) = said.lines
    assert line == json.loads(Studio(cache=filled).cache_use().model_dump_json())
    assert line["unused"]["results"] >= 1
    assert line["size"] > 40_000


def test_names_that_would_move_the_cursor_are_shown_harmless(run, fakes: Path) -> None:
    store = Store(fakes / "store")
    record = keep(store, "odd")
    store.keep(record.model_copy(update={"maker": "voice:\x1b[31mred[/]"}))
    said = run("cache", "size")
    assert said.code == 0
    assert "\x1b[31m" not in said.out
    assert "red[/]" in said.out


@pytest.mark.parametrize("command", [("size",), ("ls",), ("gc", "--dry-run"), ("gc",), ("verify",)])
def test_a_cache_that_is_not_there_or_empty_is_no_fault(run, fakes: Path, command: tuple[str, ...]) -> None:
    assert run("cache", *command).code == 0
    assert not (fakes / "store").exists()
    (fakes / "store").mkdir()
    assert run("cache", *command).code == 0
    assert list((fakes / "store").iterdir()) == []


@pytest.mark.parametrize(
    "command", [("size",), ("ls",), ("gc", "--dry-run"), ("gc", "--yes"), ("verify",), ("verify", "--repair")]
)
def test_a_file_in_place_of_the_cache_is_told(run, fakes: Path, command: tuple[str, ...]) -> None:
    (fakes / "letter").write_text("Dear all")
    said = run("cache", *command, "--cache", "letter")
    assert said.code == 74
    assert "not a folder" in said.err
    assert "--cache" in said.err
    assert "Traceback" not in said.err
    assert (fakes / "letter").read_text() == "Dear all"


def test_another_cache_can_be_named(run, filled: Path, fakes: Path) -> None:
    other = fakes / "other"
    filled.rename(other)
    assert run("cache", "size", "--cache", str(other), "--json").lines[0]["folder"] == str(other)
    assert run("cache", "size", "--json").lines[0]["results"] == 0


@as_a_person
def test_a_cache_that_may_only_be_read_can_be_looked_at(run, filled: Path) -> None:
    folders = [filled, *(path for path in filled.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o500)
    try:
        before = tree(filled)
        for command in (("size",), ("ls",), ("gc", "--dry-run"), ("verify",)):
            assert run("cache", *command).code == 0, command
        said = run("cache", "gc", "--yes")
        assert said.code == 74
        assert "Permission denied" in said.err
        assert "Traceback" not in said.err
        assert tree(filled) == before
    finally:
        for folder in folders:
            folder.chmod(0o700)


@as_a_person
def test_a_cache_that_may_not_be_read_is_told(run, filled: Path) -> None:
    record = next((filled / "results").rglob("*.json"))
    record.chmod(0)
    for command in (("size",), ("gc", "--dry-run"), ("verify",)):
        said = run("cache", *command)
        assert said.code == 74, command
        assert record.name in said.err
    assert record.exists()


# ---------------------------------------------------------------------- cleaning


def test_gc_deletes_only_with_a_yes(run, filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, idle = without_gate(filled), unused(filled)
    assert idle
    said = run("cache", "gc", "--dry-run")
    assert said.code == 0
    assert "would go" in said.out
    assert f": {idle} results that took" in said.out
    assert without_gate(filled) == before

    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    said = run("cache", "gc")
    assert said.code == 2
    assert "--yes" in said.err
    assert without_gate(filled) == before

    said = run("cache", "gc", "--yes")
    assert said.code == 0
    assert "deleted" in said.out
    assert f": {idle} results that took" in said.out
    assert unused(filled) == 0
    assert run("cache", "gc").out.count("0 bytes") >= 1  # nothing to ask about


@pytest.mark.parametrize(("answer", "code"), [("n\n", 1), ("", 1), ("y\n", 0)])
def test_gc_asks_a_person(run, filled: Path, monkeypatch: pytest.MonkeyPatch, answer: str, code: int) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    before = len(list(Store(filled).result_keys()))
    idle = unused(filled)
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    said = run("cache", "gc")
    assert "would go" in said.out
    assert (said.code == 0) == (code == 0)
    assert "Traceback" not in said.err
    assert before - len(list(Store(filled).result_keys())) == (idle if code == 0 else 0)


def test_gc_as_json(run, filled: Path) -> None:
    idle = unused(filled)
    (would,) = run("cache", "gc", "--dry-run", "--json").lines
    (done,) = run("cache", "gc", "--yes", "--json").lines
    assert (would["done"], done["done"]) == (False, True)
    assert {**would, "done": True} == done
    assert done["results"] == idle
    assert done["size"] > 40_000


def test_gc_keeps_what_was_used_lately_and_what_fits(run, filled: Path) -> None:
    there, idle = set(Store(filled).result_keys()), unused(filled)
    assert run("cache", "gc", "--yes", "--unused-days", "1").code == 0
    assert run("cache", "gc", "--yes", "--max-gb", "1").code == 0
    assert set(Store(filled).result_keys()) == there
    assert run("cache", "gc", "--yes", "--max-gb", "0").code == 0
    assert len(there - set(Store(filled).result_keys())) == idle


@pytest.mark.parametrize(
    "words", [("--unused-days", "-1"), ("--max-gb", "-1"), ("--max-gb", "many"), ("more",)]
)
def test_gc_refuses_what_makes_no_sense(run, filled: Path, words: tuple[str, ...]) -> None:
    before = tree(filled)
    said = run("cache", "gc", "--yes", *words)
    assert said.code == 2
    assert "Traceback" not in said.err
    assert tree(filled) == before


def test_gc_waits_for_no_film_that_is_being_made(run, filled: Path) -> None:
    here = Presence(filled)
    here.enter()
    said = run("cache", "gc", "--yes")
    here.leave()
    assert said.code == 75
    assert "films are being made with this cache" in said.err
    assert run("cache", "gc", "--yes").code == 0


def test_gc_that_does_not_know_what_a_project_needs_deletes_nothing(run, filled: Path) -> None:
    (note,) = (filled / "roots").glob("*.json")
    note.write_bytes(note.read_bytes()[:-1])
    before = without_gate(filled)
    said = run("cache", "gc", "--yes")
    assert said.code == 74
    assert note.name in said.err
    assert "kamishibai make" in said.err
    assert without_gate(filled) == before


# ---------------------------------------------------------------------- checking


def _spoil(filled: Path, maker: str) -> Path:
    store = Store(filled)
    for key in store.result_keys():
        record = store.look_up(key)
        if record is not None and record.maker == maker and record.key != IDLE:
            path = store.blob(record.refs()[0].sha256)
            data = path.read_bytes()
            path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
            return path
    raise AssertionError(maker)


def test_verify_finds_a_whole_cache_whole(run, filled: Path) -> None:
    before = tree(filled)
    said = run("cache", "verify")
    assert said.code == 0
    assert "nothing" in said.out
    assert tree(filled) == before


def test_verify_tells_of_damage_and_repairs_it(run, filled: Path) -> None:
    path = _spoil(filled, "picture:fake")
    said = run("cache", "verify")
    assert said.code == 74
    assert "one stored file is damaged or missing" in said.err
    assert "verify --repair" in said.err
    assert str(path) in said.out
    assert not path.exists()

    said = run("cache", "verify", "--repair")
    assert said.code == 0
    assert "1 results, 1 of them with the very bytes they had" in said.out
    assert path.exists()
    assert run("cache", "verify").code == 0


def test_verify_as_json(run, filled: Path) -> None:
    path = _spoil(filled, "voice:fake")
    said = run("cache", "verify", "--json", "--repair")
    assert said.code == 0
    (line,) = said.lines
    assert [damage["path"] for damage in line["damaged"]] == [str(path)]
    assert [(one["maker"], one["mended"], one["same"]) for one in line["mended"]] == [
        ("voice:fake", True, True)
    ]
    path = _spoil(filled, "voice:fake")
    said = run("cache", "verify", "--json")
    assert said.code == 74
    assert [damage["path"] for damage in said.lines[0]["damaged"]] == [str(path)]


def test_what_cannot_be_made_again_is_an_error_too(run, filled: Path) -> None:
    store = Store(filled)
    (ref,) = Store(filled).look_up(IDLE).refs()  # type: ignore[union-attr]
    store.blob(ref.sha256).unlink()
    said = run("cache", "verify", "--repair")
    assert said.code == 74
    assert "1 stored results could not be made again" in said.err
    assert "voice:fake could not make its result again" in said.out


@pytest.mark.slow
def test_a_film_that_changed_by_itself_is_told(run, fakes: Path) -> None:
    assert run("make", "story.txt").code == 0
    film = next((fakes / "film").rglob("*.mp4"))
    facts, data = film.stat(), film.read_bytes()
    film.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    os.utime(film, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    said = run("cache", "verify")
    assert said.code == 74
    assert f"{film}: not what was written" in said.out
    assert run("cache", "verify", "--repair").code == 0
    assert run("make", "story.txt").code == 0
    assert film.read_bytes() == data


def test_help_names_every_command(run) -> None:
    said = run("cache", "--help")
    assert all(name in said.out for name in ("size", "ls", "gc", "verify"))
    assert run("cache", "nothing").code == 2
