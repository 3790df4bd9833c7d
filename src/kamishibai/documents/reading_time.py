"""How long a line takes to read in silence, in any script, and when the eye is on each of its words."""

from __future__ import annotations

import unicodedata
from fractions import Fraction

from kamishibai.documents.spoken import ShownWord, shown_words
from kamishibai.documents.takes import Word

__all__ = ["reading_seconds", "reading_words"]

CHARACTER_MS = 68
"""About 15 characters a second: subtitles for children run at 13 to 17."""
WORD_MS = 60
IDEOGRAPH_MS = 190
KANA_MS = 150
HANGUL_MS = 130
EMOJI_MS = 350
SHORTEST_MS = 1_300
SETTLE_MS = 350
"""The eye needs a moment to find a new caption."""


def reading_words(text: str, pace: Fraction = Fraction(1)) -> tuple[tuple[Word, ...], Fraction]:
    """Return every shown word of `text` with its time, and the seconds the line should stand.

    Word times follow one another without gaps, each as long as its word is heavy to read. `pace` above 1 is
    quicker. A text with no words stands for the shortest time.
    """
    shown = shown_words(text)
    weights = [_weight_ms(word) for word in shown]
    total_ms = max(SHORTEST_MS, SETTLE_MS + sum(weights))
    seconds = Fraction(total_ms, 1000) / pace
    if not shown:
        return (), seconds
    head = Fraction(min(SETTLE_MS, total_ms // 4), 1000) / pace
    share = (seconds - head) / sum(weights)
    words = []
    at = head
    for word, weight in zip(shown, weights, strict=True):
        end = at + weight * share
        words.append(Word(text=word.shown, start=_ms(at), end=_ms(end), first=word.first, last=word.last))
        at = end
    return tuple(words), _ms(seconds)


def reading_seconds(text: str) -> Fraction:
    """Return how long `text` should stand to be read without hurry."""
    return reading_words(text)[1]


def _ms(time: Fraction) -> Fraction:
    return Fraction(round(time * 1000), 1000)


def _weight_ms(word: ShownWord) -> int:
    total = WORD_MS
    for character in word.shown:
        category = unicodedata.category(character)
        point = ord(character)
        if category.startswith("M") or category == "Cf":
            continue
        if 0x3400 <= point <= 0x9FFF or 0xF900 <= point <= 0xFAFF or 0x20000 <= point <= 0x3FFFF:
            total += IDEOGRAPH_MS
        elif 0x3040 <= point <= 0x30FF:
            total += KANA_MS
        elif 0xAC00 <= point <= 0xD7A3:
            total += HANGUL_MS
        elif category == "So":
            total += EMOJI_MS
        else:
            total += CHARACTER_MS
    if word.shown[-1:] in ".!?…。！？":
        total += 4 * WORD_MS
    elif word.shown[-1:] in ",;:，、；：":
        total += 2 * WORD_MS
    return total
