"""check, as a user types it: the scorecard, its exit codes, and what is no film."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kamishibai.errors import FailedGateError
from kamishibai.media.sound import encode_wav


def test_a_failing_film_ends_with_a_code_of_its_own_and_says_what_fails(run, film: Path) -> None:
    said = run("check", "film/story", "--gates", "mix,clip", "--threshold", "mix.true_peak_dbtp=-30")

    assert said.code == FailedGateError.exit_code == 76
    assert "failed" in said.out
    assert "is above -30" in said.out


def test_a_passing_one_ends_with_zero(run, film: Path) -> None:
    said = run("check", "film/story", "--gates", "captions", "--ear", "none")

    assert said.code == 0
    assert "not judged" in said.out
    assert "switched off" in said.out


def test_json_is_one_object_with_every_verdict(run, film: Path) -> None:
    said = run("check", "film/story/story.mp4", "--json", "--ear", "none")

    (card,) = said.lines
    assert card["passed"] is (said.code == 0)
    assert {"picture", "clip", "mix"} <= {v["gate"] for v in card["verdicts"]}
    assert {one["gate"] for one in card["not_judged"]} >= {"cast", "narration", "captions"}
    assert all(not v["faults"] for v in card["verdicts"] if v["passed"])


def test_an_unknown_gate_is_a_usage_error_with_the_names(run, film: Path) -> None:
    said = run("check", "film/story", "--gates", "narration,colour")

    assert said.code == 2
    assert "there is no gate 'colour'" in said.err
    assert "gates are narration, picture" in said.err


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("gone.mp4", None, "there is no such film"),
        ("empty.mp4", b"", "the film is an empty file"),
        ("text.mp4", b"Once upon a time", "not a readable film"),
        ("list.mp4", b"#EXTM3U\n#EXTINF:5,\nstory.mp4\n", "not a readable film"),
        ("concat.mp4", b"ffconcat version 1.0\nfile story.mp4\n", "not a readable film"),
        ("sound.wav", encode_wav(np.zeros((1, 4800), np.float32)), "not a readable film"),
    ],
)
def test_what_is_no_film_is_refused(run, fakes: Path, name: str, data: bytes | None, what: str) -> None:
    if data is not None:
        (fakes / name).write_bytes(data)

    said = run("check", name)

    assert said.code == 74
    assert what in said.err
    assert "next: " in said.err


def test_a_project_without_a_film_says_how_to_make_it(run, fakes: Path) -> None:
    run("board", "story.txt", "--out", "film/new")

    said = run("check", "film/new")

    assert said.code == 2
    assert "`kamishibai make film/new`" in said.err
