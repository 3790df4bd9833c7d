"""Splits a spoken line into captions of at most two lines, at the ends of clauses, keeping every word's time."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from kamishibai.documents.film import Caption
from kamishibai.documents.takes import Word
from kamishibai.engine.linebreak import Token, balanced, dangles, is_wide, tokens

__all__ = ["cues", "line_length", "plain_lines"]

LINES = 2
HOLD_S = Fraction(2, 5)
"""How long a caption stays after its last word, when nothing follows sooner."""
LEAD_S = Fraction(1, 10)
"""How much earlier than its first word a caption appears, when nothing is in the way."""
_SENTENCE_END = frozenset(".!?。！？…؟।॥")
_CLAUSE_END = frozenset(",;:，、；：—–،؛")
_CLOSING = frozenset("\"'”’»›)]}）」』】〉》〕］｝")


def line_length(width: int, height: int, wide: bool = False) -> int:
    """Return how many characters a caption's line may have in a frame of this shape (`wide`: CJK)."""
    shape = width / height
    length = 42 if shape > 1.5 else 32 if shape > 0.9 else 28 if shape > 0.7 else 24
    return round(length * 0.42) if wide else length


def cues(
    words: Sequence[Word],
    text: str = "",
    *,
    language: str = "en",
    width: int = 1920,
    height: int = 1080,
    offset: Fraction = Fraction(0),
    until: Fraction | None = None,
    speaker: str = "",
) -> tuple[Caption, ...]:
    """Return the captions of one line.

    Parameters
    ----------
    words
        The line's words in order, with times; `first` and `last` are their places in `text`.
    text
        The line as shown, with its punctuation; without it, the words one after another.
    language
        BCP 47 tag; decides whether words are joined by spaces when there is no `text`.
    width, height
        The film's size: an upright film has shorter lines.
    offset
        When the line begins on the film's clock; it is added to every time.
    until
        The moment, on the film's clock, by which the last caption must be gone.

    Returns
    -------
    Captions whose words have places in the caption's own text and times on the film's clock.
    """
    if not words:
        return ()
    if not text.strip():
        words = [word.model_copy(update={"first": 0, "last": 0}) for word in words]
        text = ("" if language[:2] in ("zh", "ja", "th") else " ").join(word.text for word in words)
    placed = _placed(words, text)
    limit = line_length(width, height, _mostly_wide(text))
    cuts = _cuts(placed, text)
    spans = _best_spans(placed, text, cuts, limit)
    captions = []
    for n, (i, j) in enumerate(spans):
        first, last = cuts[i], cuts[j]
        shown = text[first:last]
        skipped = len(shown) - len(shown.lstrip())
        first += skipped
        timed = tuple(
            w.model_copy(
                update={
                    "start": w.start + offset, "end": w.end + offset,
                    "first": w.first - first, "last": w.last - first,
                }
            )
            for w in placed[i:j]
        )  # fmt: skip
        end = timed[-1].end + HOLD_S
        if n + 1 < len(spans):
            end = min(end, placed[spans[n + 1][0]].start + offset)
        elif until is not None:
            end = max(min(end, until), timed[-1].end)
        start = timed[0].start
        if n == 0:
            start = max(offset, start - LEAD_S)
        captions.append(
            Caption(
                start=start,
                end=max(end, start + Fraction(1, 100)),
                text=shown.strip(),
                words=timed,
                speaker=speaker,
            )
        )
    return tuple(captions)


def plain_lines(text: str, width: int = 1920, height: int = 1080, *, words: Sequence[Word] = ()) -> list[str]:
    """Return a caption's text on one line or two of even length, for formats that hold plain text."""
    limit = line_length(width, height, _mostly_wide(text))
    pieces = tokens(text, [word.first for word in words])
    return [_joined(line) for line in balanced(pieces, lambda line: len(_joined(line)), limit)]


def _joined(pieces: Sequence[Token]) -> str:
    return "".join((" " if piece.spaced and i else "") + piece.text for i, piece in enumerate(pieces))


def _mostly_wide(text: str) -> bool:
    return 2 * sum(is_wide(c) for c in text) > sum(not c.isspace() for c in text)


def _placed(words: Sequence[Word], text: str) -> list[Word]:
    """Return the words with places in `text`; those that have none are looked for, in order."""
    placed, at = [], 0
    for word in words:
        first, last = word.first, word.last
        if not at <= first < last <= len(text):
            found = text.find(word.text, at)
            first, last = (found, found + len(word.text)) if found >= 0 and word.text else (at, at)
        placed.append(word.model_copy(update={"first": first, "last": last}))
        at = max(at, last)
    return placed


def _cuts(words: Sequence[Word], text: str) -> list[int]:
    """Return, for each word and the end, where the text before it may be cut off: closing marks stay with the word before."""
    cuts = [0]
    for before, after in pairwise(words):
        gap = text[before.last : after.first]
        space = max((i for i, c in enumerate(gap) if c.isspace()), default=-1)
        if space >= 0:
            cuts.append(before.last + space)
        else:
            closing = 0
            while closing < len(gap) and gap[closing] in _SENTENCE_END | _CLAUSE_END | _CLOSING:
                closing += 1
            cuts.append(before.last + closing)
    return [*cuts, len(text)]


def _best_spans(words: Sequence[Word], text: str, cuts: Sequence[int], limit: int) -> list[tuple[int, int]]:
    """Return (first, one past last) word of each caption, the cheapest by dynamic programming."""
    count = len(words)
    best: list[tuple[float, int]] = [(0.0, 0)] + [(float("inf"), 0)] * count
    for j in range(1, count + 1):
        for i in range(j - 1, -1, -1):
            shown = text[cuts[i] : cuts[j]].strip()
            lines = balanced(tokens(shown), lambda pieces: len(_joined(pieces)), limit)
            fits = len(lines) <= LINES and all(len(_joined(line)) <= limit for line in lines)
            if not fits and i < j - 1:
                break
            cost = best[i][0] + _cost(shown, j == count, i == 0 and j == count, limit) + (0 if fits else 5)
            if cost < best[j][0]:
                best[j] = cost, i
    spans: list[tuple[int, int]] = []
    j = count
    while j > 0:
        spans.append((best[j][1], j))
        j = best[j][1]
    return spans[::-1]


def _cost(shown: str, is_last: bool, is_all: bool, limit: int) -> float:
    cost = 1.0
    ending = shown.rstrip("".join(_CLOSING))[-1:]
    if not is_last and ending not in _SENTENCE_END:
        cost += 0.35 if ending in _CLAUSE_END else 1.5
        if dangles(shown.rsplit(None, 1)[-1]):
            cost += 0.3
    if not is_all:
        # Captions of much the same length read more calmly than a full one and a scrap.
        cost += 0.6 * max(0.0, 1 - len(shown) / (LINES * limit)) ** 2
    return cost
