"""How much of a text is heard in a whole film."""

from __future__ import annotations

from kamishibai.gates.told import ToldLimits, judge_told, lines_as_heard

LINES = (
    "A small fox found a lantern in the forest.",
    "The fox ran home through the rain.",
    "Everybody danced until the sun came up.",
)


def words(*texts: str) -> list[str]:
    return " ".join(texts).split()


def test_a_film_that_tells_its_text_passes() -> None:
    verdict = judge_told(LINES, words(*LINES))

    assert verdict.passed
    assert (verdict.measured["wer"], verdict.measured["words"]) == (0, 23)


def test_what_is_sung_or_said_between_lines_belongs_to_none() -> None:
    heard = words("Chapter one", LINES[0], "la la la", *LINES[1:], "Thank you for watching")

    assert lines_as_heard(LINES, heard)[1] == LINES[1]
    assert judge_told(LINES, heard).passed


def test_a_line_that_is_not_heard_is_named() -> None:
    verdict = judge_told(LINES, words(LINES[0], LINES[2]))

    assert not verdict.passed
    assert verdict.faults[0] == "line 2 is not heard: “The fox ran home through the rain.”"
    assert verdict.measured["lines_lost"] == 1


def test_lines_in_another_order_are_not_heard() -> None:
    assert judge_told(LINES, words(LINES[1], LINES[0], LINES[2])).measured["lines_lost"] == 1


def test_another_text_fails_in_every_line() -> None:
    verdict = judge_told(LINES, words("Once there was a king who owned seven ships and could not swim"))

    assert verdict.measured["lines_lost"] == 3


def test_many_small_errors_fail_together() -> None:
    heard = words(
        "A small fix found a lantern in the florist.", "The fax ran home through the train.", LINES[2]
    )

    assert judge_told(LINES, heard, limits=ToldLimits(wer=0.2)).passed
    assert judge_told(LINES, heard).faults == ("4 errors in 23 words",)


def test_nothing_heard_is_every_line_lost() -> None:
    assert judge_told(LINES, []).measured["lines_lost"] == 3
