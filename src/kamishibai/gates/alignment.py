"""Onset error: how far captions and word times lie from where the words are really heard.

The measure is that of forced-alignment work (e.g. the Montreal Forced Aligner's evaluation): the absolute
difference of start times over words that both sides have, its median and its 95th percentile.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from fractions import Fraction

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.takes import Word
from kamishibai.gates.wer import heard_words

__all__ = ["OnsetErrors", "line_onsets", "onset_errors", "stamp_onsets", "word_onsets"]


class OnsetErrors(Frozen):
    """Start-time differences in seconds; all None when no word could be compared."""

    compared: int
    """How many onsets were compared."""
    expected: int
    """How many there were to compare."""
    median_s: float | None = None
    p95_s: float | None = None
    worst_s: float | None = None
    bias_s: float | None = None
    """Median of the signed difference; positive when what is shown comes late."""

    def within(self, limit_s: float) -> bool:
        """Say whether something was compared and 95 % of it lies within `limit_s`."""
        return self.p95_s is not None and self.p95_s <= limit_s


def onset_errors(
    shown: Sequence[Fraction], heard: Sequence[Fraction], expected: int | None = None
) -> OnsetErrors:
    """Return the errors of `shown` start times against `heard` ones, pair by pair (equally many)."""
    signed = sorted(a - b for a, b in zip(shown, heard, strict=True))
    if not signed:
        return OnsetErrors(compared=0, expected=expected or 0)
    absolute = sorted(abs(d) for d in signed)
    return OnsetErrors(
        compared=len(signed),
        expected=len(signed) if expected is None else expected,
        median_s=_quantile(absolute, Fraction(1, 2)),
        p95_s=_quantile(absolute, Fraction(95, 100)),
        worst_s=round(float(absolute[-1]), 4),
        bias_s=_quantile(signed, Fraction(1, 2)),
    )


def word_onsets(shown: Sequence[Word], heard: Sequence[Word], language: str = "en") -> OnsetErrors:
    """Compare the times of `shown` words with those of the same words as `heard`, both on one clock."""
    return line_onsets([(shown, heard)], language)


def line_onsets(lines: Iterable[tuple[Sequence[Word], Sequence[Word]]], language: str = "en") -> OnsetErrors:
    """Compare the times of the words of lines as shown with those of the same words as heard, line by line on one clock.

    Words are paired by the ordered alignment of the word error rate; words that were missed or heard as
    others are not compared, and ``compared`` says how many were.
    """
    said: list[Fraction] = []
    got: list[Fraction] = []
    expected = 0
    for shown, heard in lines:
        pairs = heard_words(shown, heard, language)
        said += [shown[p.expected].start for p in pairs]
        got += [heard[p.heard].start for p in pairs]
        expected += len(shown)
    return onset_errors(said, got, expected)


def stamp_onsets(shown: Sequence[tuple[Word, bool]], heard: Sequence[Word]) -> OnsetErrors:
    """Compare the moments at which captions' words light up with the onsets of the same words in `heard`.

    `shown` says of every word whether its moment is its own; those that share their neighbour's are paired and not
    compared. Each word is held against itself, found by its place in the order, never against the nearest.
    """
    # A film's captions and its narration are nearly the same words: their common stretches are found in no time, where
    # the full alignment of ten thousand words would take minutes.
    matcher = SequenceMatcher(None, _plain(w for w, _ in shown), _plain(heard), autojunk=False)
    mine = [
        (block.a + i, block.b + i)
        for block in matcher.get_matching_blocks()
        for i in range(block.size)
        if shown[block.a + i][1]
    ]
    return onset_errors(
        [shown[a][0].start for a, _ in mine],
        [heard[b].start for _, b in mine],
        sum(own for _, own in shown),
    )


def _plain(words: Iterable[Word]) -> list[str]:
    return ["".join(c for c in word.text.casefold() if c.isalnum()) or word.text for word in words]


def _quantile(ordered: Sequence[Fraction], part: Fraction) -> float:
    """Return the linearly interpolated quantile (Hyndman & Fan's type 7) of an ordered sequence."""
    place = part * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return round(float(ordered[low] + (place - low) * (ordered[high] - ordered[low])), 4)
