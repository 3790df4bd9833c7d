"""Onset errors of words and captions."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kamishibai.documents.takes import Word
from kamishibai.gates.alignment import onset_errors, stamp_onsets, word_onsets


def spaced(text: str, shift: str = "0") -> list[Word]:
    return [
        Word(text=t, start=Fraction(i) + Fraction(shift), end=Fraction(i + 1) + Fraction(shift))
        for i, t in enumerate(text.split())
    ]


def test_words_that_are_heard_when_shown_have_no_error() -> None:
    found = word_onsets(spaced("the fox ran home"), spaced("The fox ran home."))

    assert (found.compared, found.expected, found.median_s, found.p95_s, found.bias_s) == (4, 4, 0, 0, 0)


def test_late_words_show_as_bias() -> None:
    found = word_onsets(spaced("the fox ran home", "1/4"), spaced("the fox ran home"))

    assert found.median_s == found.p95_s == found.bias_s == 0.25
    assert not found.within(0.2)


def test_missing_words_are_left_out_and_counted() -> None:
    found = word_onsets(spaced("the red fox ran"), spaced("the red ox ran"))

    assert (found.compared, found.expected) == (3, 4)


def test_quantiles_are_interpolated() -> None:
    found = onset_errors([Fraction(n, 10) for n in range(5)], [Fraction(0)] * 5)

    assert found.median_s == pytest.approx(0.2)
    assert found.p95_s == pytest.approx(0.38)
    assert found.worst_s == pytest.approx(0.4)


def test_nothing_to_compare_is_not_a_pass() -> None:
    assert not onset_errors([], []).within(1.0)
    assert not word_onsets(spaced("fox"), spaced("hen")).within(1.0)


def test_every_caption_word_is_held_against_itself_and_not_the_nearest() -> None:
    words = spaced("the fox and the hen and the owl")
    late = [(w.model_copy(update={"start": w.start + Fraction(4, 5)}), True) for w in words]

    found = stamp_onsets(late, words)

    # Each is four fifths late; the nearest word would only be a fifth away.
    assert (found.compared, found.median_s) == (8, 0.8)


def test_words_that_share_their_neighbours_moment_are_not_compared() -> None:
    words = spaced("the fox ran")
    shown = [
        (words[0], True),
        (words[1].model_copy(update={"start": words[0].start}), False),
        (words[2], True),
    ]

    found = stamp_onsets(shown, words)

    assert (found.compared, found.expected, found.worst_s) == (2, 2, 0)


def test_ten_thousand_words_are_paired_at_once() -> None:
    words = spaced(" ".join(f"w{i % 50}" for i in range(10_000)))

    assert stamp_onsets([(w, True) for w in words], words).compared == 10_000
