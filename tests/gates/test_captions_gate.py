"""Captions against the times of their words: late ones fail, an ear's own lateness is allowed for."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kamishibai.documents.takes import Word
from kamishibai.exports.read_captions import captions_of, read_captions, stamped_words
from kamishibai.gates.alignment import stamp_onsets
from kamishibai.gates.captions import judge_captions

VTT = """WEBVTT

00:01.000 --> 00:03.000
The <00:01.500>fox <00:02.000>ran

00:04.000 --> 00:05.000
and the <00:04.600>hen &amp; owl
"""
SRT = "1\r\n00:00:01,000 --> 00:00:03,000\r\nThe <i>fox</i>\r\nran\r\n\r\n2\r\n00:00:04,000 --> 00:00:05,000\r\nand the hen\r\n"
VOICE = [("The", 1), ("fox", 1.5), ("ran", 2), ("and", 4), ("the", 4.2), ("hen", 4.6)]


def voice(late_s: float = 0) -> list[Word]:
    return [
        Word(text=text, start=Fraction(str(at + late_s)), end=Fraction(str(at + late_s + 0.2)))
        for text, at in VOICE
    ]


@pytest.mark.parametrize(("text", "compared"), [(VTT, 5), (SRT, 2)])
def test_captions_of_both_kinds_are_on_time(text: str, compared: int) -> None:
    errors = stamp_onsets(stamped_words(read_captions(text)), voice())

    assert errors.compared == compared
    assert errors.worst_s == 0
    assert judge_captions(errors).passed


@pytest.mark.parametrize("late_s", [-0.5, 0.5, 2])
def test_captions_that_are_early_or_late_fail(late_s: float) -> None:
    verdict = judge_captions(stamp_onsets(stamped_words(read_captions(VTT)), voice(late_s)))

    assert not verdict.passed
    assert verdict.measured["onset_median_s"] == abs(late_s)
    assert verdict.measured["onset_bias_s"] == -late_s


def test_an_ear_may_be_a_little_early() -> None:
    errors = stamp_onsets(stamped_words(read_captions(VTT)), voice(-0.15))

    assert not judge_captions(errors).passed
    assert judge_captions(errors, by_ear=True).passed


def test_captions_of_another_film_are_not_found() -> None:
    captions = read_captions(
        "1\n00:00:01,000 --> 00:00:02,000\nOnce there was\n\n2\n00:00:03,000 --> 00:00:04,000\na king\n"
    )

    verdict = judge_captions(stamp_onsets(stamped_words(captions), voice()))

    assert verdict.faults == ("only 0 of 2 onsets were found",)


def test_a_films_own_track_gives_the_same_captions_as_a_file() -> None:
    cues = [
        (Fraction(1), Fraction(3), "The fox\nran"),
        (Fraction(3), Fraction(3), "gone"),
        (Fraction(4), Fraction(5), " "),
    ]

    assert [(c.start, c.text) for c in captions_of(cues)] == [(1, "The fox ran")]
