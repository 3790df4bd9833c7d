"""The lines of a story are found in what was heard of a recording, whatever is said between them."""

from __future__ import annotations

import random

from kamishibai.gates.line_matching import match_lines

LINES = ["a small fox found a lantern", "it was bedtime now", "good night"]


def found(lines: list[str], heard: str) -> list[str]:
    """Return, for each line, the heard words that answer it; - stands for a word that was not said."""
    words = heard.split()
    return [
        " ".join("-" if one is None else " ".join(words[one.first : one.last]) for one in line)
        for line in match_lines([line.split() for line in lines], words)
    ]


def test_every_word_finds_itself() -> None:
    assert found(LINES, " ".join(LINES)) == LINES


def test_what_is_said_between_lines_is_nobodys() -> None:
    heard = "hello a small fox found a lantern um let me see it was bedtime now good night thanks"

    assert found(LINES, heard) == LINES


def test_a_line_that_was_begun_again_is_taken_where_it_was_read_in_one_go() -> None:
    heard = "a small fox found no sorry a small fox found a lantern it was bedtime now good night"

    (first, *_) = match_lines([line.split() for line in LINES], heard.split())

    assert [one.first for one in first if one is not None] == [6, 7, 8, 9, 10, 11]


def test_of_two_readings_the_last_counts() -> None:
    heard = "a small fox found a lantern again a small fox found a lantern it was bedtime now good night"

    (first, *_) = match_lines([line.split() for line in LINES], heard.split())

    assert [one.first for one in first if one is not None] == [7, 8, 9, 10, 11, 12]


def test_words_written_together_or_apart_are_the_same() -> None:
    assert found(["it was bedtime"], "it was bed time") == ["it was bed time"]
    ((f, b, i),) = match_lines([["f", "b", "i"]], ["fbi"])
    assert f == b == i
    assert f is not None
    assert f.kind == "same"


def test_a_name_that_was_heard_otherwise_keeps_its_place() -> None:
    ((mira, slept),) = match_lines([["mira", "slept"]], ["myra", "slept"])

    assert mira is not None
    assert (mira.kind, mira.first) == ("alike", 0)
    assert slept is not None
    assert slept.kind == "same"


def test_a_line_that_was_not_said_is_missing_and_its_neighbours_are_not() -> None:
    assert found(LINES, "a small fox found a lantern good night") == [LINES[0], "- - - -", LINES[2]]


def test_nothing_heard_and_nothing_wanted() -> None:
    assert found(LINES, "") == ["- - - - - -", "- - - -", "- -"]
    assert found([], "good night") == []
    assert match_lines([[], ["night"]], ["night"])[0] == []


def test_thousands_of_words_are_found_in_a_moment() -> None:
    rng = random.Random(1)
    names = ["".join(rng.choice("abcdefghij") for _ in range(rng.randint(2, 8))) for _ in range(800)]
    told = [rng.choice(names) for _ in range(1500)]
    lines = [told[i : i + 15] for i in range(0, len(told), 15)]
    heard = [rng.choice(names) if rng.random() < 0.05 else word for word in told]
    for at in range(0, 1500, 150):
        heard[at:at] = ["um", "so"]

    matched = match_lines(lines, heard)

    same = sum(one is not None and one.kind == "same" for line in matched for one in line)
    assert same > 0.93 * len(told)
