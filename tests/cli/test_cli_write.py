"""`kamishibai write` as it is typed: what it shows, what it writes, and what it refuses."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from kamishibai.documents.read_story import read_story
from kamishibai.media.picture import encode_png


def test_a_story_is_shown_and_written_and_the_next_command_named(run, fakes: Path) -> None:
    said = run("write", "--idea", "a snail who wants to fly", "--lines", "3", "-o", "snail.md")
    assert said.code == 0
    story = read_story(fakes / "snail.md").story
    assert len(story.lines) == 3
    assert all(line.text in said.out for line in story.lines)
    assert "kamishibai make snail.md" in said.out


def test_programs_get_the_story_as_the_last_line(run, fakes: Path) -> None:
    said = run("write", "--idea", "a snail", "--lines", "2", "--json")
    last = said.lines[-1]
    assert (last["event"], last["exit_code"], len(last["result"]["lines"])) == ("end", 0, 2)
    assert (fakes / last["result"]["path"]).is_file()


def test_quiet_says_where_the_story_is_and_nothing_else(run, fakes: Path) -> None:
    said = run("write", "--idea", "a snail", "--quiet")
    assert said.out.strip() == "snail.md"


def test_an_idea_can_come_from_another_program(run, fakes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pipe(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    pipe(b"eine Schnecke")
    assert run("write", "--idea", "-", "--quiet").out.strip() == "eine-schnecke.md"
    pipe(b"fox " * 1_300_000)
    said = run("write", "--idea", "-")
    assert (said.code, "4,000 is the most" in said.err) == (2, True)
    pipe(b"\xff\xfe")
    assert "no UTF-8 text" in run("write", "--idea", "-").err


def test_another_seed_is_another_story(run, fakes: Path) -> None:
    for seed in ("1", "2"):
        run("write", "--idea", "a snail", "--seed", seed, "-o", f"{seed}.md")
    assert (fakes / "1.md").read_text() != (fakes / "2.md").read_text()


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ((), 2, "nothing to write a story of"),
        (("--idea", " "), 2, "nothing to write a story of"),
        (("--idea", "x", "--lines", "0"), 2, "--lines cannot be 0"),
        (("--idea", "x", "-o", "story.txt"), 2, "there is such a file already"),
        (("--idea", "x", "--text", "planner"), 69, "writes no stories"),
        (("--idea", "x", "--text", "transformers:nobody/none"), 69, "not on this machine"),
        (("--from-image", "no.jpg"), 2, "nobody is there to look at the picture"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_to_type(
    run, words: tuple[str, ...], code: int, says: str
) -> None:
    said = run("write", *words)
    assert said.code == code
    assert says in " ".join(said.err.split())
    assert "next" in said.err
    assert "Traceback" not in said.err


def test_the_film_can_be_made_at_once(run, fakes: Path) -> None:
    said = run("write", "--idea", "a snail", "--lines", "1", "-o", "snail.md", "--make", "--json")
    assert said.code == 0, said.err
    result = said.lines[-1]["result"]
    assert Path(result["film"]["film"]).name == "snail.mp4"
    assert (fakes / "film/snail/snail.mp4").is_file()


@pytest.mark.slow
@pytest.mark.skipif(find_spec("llguidance") is None, reason="the [models] extra is not installed")
def test_a_language_model_writes_what_make_can_read(run, fakes: Path, tiny: Callable[[str], Path]) -> None:
    said = run(
        "write", "--idea", "a snail", "--lines", "2", "--text", f"transformers:{tiny('llm')}", "-o", "a.md"
    )
    assert said.code == 0
    assert read_story(fakes / "a.md").story.title


def test_a_picture_becomes_a_story_with_its_picture_beside_it(run, fakes: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (96, 128, 3), dtype=np.uint8)
    (fakes / "cat.png").write_bytes(encode_png(pixels))
    said = run("write", "--from-image", "cat.png", "--critic", "fake", "--lines", "2", "-o", "tale.md")
    assert said.code == 0, said.err
    assert (fakes / "tale.png").is_file()
    assert read_story(fakes / "tale.md").story.picture == "tale.png"
