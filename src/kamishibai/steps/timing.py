"""timing: word times out of what an ear heard, for voices that have none of their own."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kamishibai.documents.takes import Word
from kamishibai.gates.wer import heard_words

__all__ = ["heard_times"]


def heard_times(
    words: Sequence[Word], heard: Sequence[Word], seconds: Fraction, language: str
) -> tuple[Word, ...]:
    """Return `words` with the times at which they were heard.

    Words are paired by the ordered alignment of the word error rate. What was not heard, or heard as another word, is
    spread over the gap between its neighbours in the proportions of its estimated times.
    """
    pairs = {pair.expected: heard[pair.heard] for pair in heard_words(words, heard, language)}
    if not pairs:
        return tuple(words)
    times: list[tuple[Fraction, Fraction]] = []
    for index, word in enumerate(words):
        if index in pairs:
            start = max(pairs[index].start, times[-1][0] if times else Fraction(0))
            times.append((start, max(start, pairs[index].end)))
            continue
        before = max((i for i in pairs if i < index), default=None)
        after = min((i for i in pairs if i > index), default=None)
        times.append(
            _between(words, index, before, after, pairs, seconds)
            if times or after
            else (word.start, word.end)
        )
    return tuple(
        word.model_copy(update={"start": min(start, seconds), "end": min(end, seconds)})
        for word, (start, end) in zip(words, times, strict=True)
    )


def _between(
    words: Sequence[Word],
    index: int,
    before: int | None,
    after: int | None,
    pairs: dict[int, Word],
    seconds: Fraction,
) -> tuple[Fraction, Fraction]:
    """Return the time of a word that was not heard: its estimate, moved and stretched to the gap that was left."""
    guessed_from = words[before].end if before is not None else Fraction(0)
    guessed_to = words[after].start if after is not None else seconds
    left = pairs[before].end if before is not None else Fraction(0)
    right = pairs[after].start if after is not None else seconds
    right = max(left, right)
    span = guessed_to - guessed_from
    scale = (right - left) / span if span > 0 else Fraction(0)
    start = left + max(Fraction(0), words[index].start - guessed_from) * scale
    end = left + max(Fraction(0), words[index].end - guessed_from) * scale
    return min(start, right), min(max(start, end), right)
