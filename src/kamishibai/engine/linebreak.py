"""Where a line of text may be broken: spaces, between CJK characters (kinsoku), between words of scripts without spaces."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Token", "balanced", "dangles", "is_wide", "tokens"]

# JIS X 4051 and W3C clreq: what may not begin a line, and what may not end one.
_NOT_FIRST = frozenset(
    "、。，．・：；？！）」』】〉》〕］｝〙〗〟’”»›…‥ー〜～々〻ゝゞヽヾ,.:;?!)]}%％"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ"
)
_NOT_LAST = frozenset("（「『【〈《〔［｛〘〖〝‘“«‹([{$￥£＄#＃")
_CLAUSE_END = frozenset(".!?。！？…;；:：,，、—–·؟،؛।॥")


@dataclass(frozen=True)
class Token:
    """A piece of text that is never broken: `text` from `first` to `last`, and whether a space comes before it."""

    text: str
    first: int
    last: int
    spaced: bool


def is_wide(character: str) -> bool:
    """Say whether a character is CJK, so that a line may be broken beside it."""
    return unicodedata.east_asian_width(character) in ("W", "F") and not _is_hangul(character)


def _is_hangul(character: str) -> bool:
    return "\uac00" <= character <= "\ud7a3" or "\u1100" <= character <= "\u11ff"


def _is_unspaced(character: str) -> bool:
    """Say whether a character belongs to Thai, Lao, Myanmar or Khmer, which write no spaces between words."""
    return (
        "\u0e00" <= character <= "\u0eff"
        or "\u1000" <= character <= "\u109f"
        or "\u1780" <= character <= "\u17ff"
    )


def _joins(character: str) -> bool:
    """Say whether a character stays with the one before it: marks, joiners, trailing vowels."""
    return unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf") or character in "ะาำๅๆฯຯໆ"


def dangles(word: str) -> bool:
    """Say whether a word is so short that it belongs to the next one: articles and prepositions, in most languages."""
    return len(word) <= 3 and word.isalpha() and not any(is_wide(c) for c in word)


def tokens(text: str, word_starts: Iterable[int] = ()) -> list[Token]:
    """Return the unbreakable pieces of `text`.

    `word_starts` are indices at which words begin; scripts without spaces break there, or failing any, between
    characters or clusters.
    """
    starts = frozenset(word_starts)
    found: list[Token] = []
    first, spaced = 0, False
    for i in range(len(text) + 1):
        end = i == len(text)
        if end or text[i].isspace() or (i > first and _may_break(text, i, starts)):
            if i > first:
                found.append(Token(text[first:i], first, i, spaced))
                spaced = False
            first = i
        if not end and text[i].isspace():
            first, spaced = i + 1, bool(found)
    return found


def _may_break(text: str, i: int, starts: frozenset[int]) -> bool:
    before, after = text[i - 1], text[i]
    if _joins(after) or before == "\u200d":
        return False
    if before == "—" and after.isalnum():
        return True
    if _is_unspaced(before) and _is_unspaced(after):
        # A vowel that is written before its consonant belongs to what follows.
        return i in starts if starts else before not in "เแโใไເແໂໃໄ"
    if not (is_wide(before) or is_wide(after)):
        return False
    if starts and before.isalnum() and after.isalnum() and i not in starts:
        return False
    return after not in _NOT_FIRST and before not in _NOT_LAST


def balanced(
    pieces: Sequence[Token], measure: Callable[[Sequence[Token]], float], limit: float, most: int = 2
) -> list[list[Token]]:
    """Return `pieces` on as few lines as fit in `limit`, at most `most` where that is possible, of even length.

    A break after a clause is worth a little unevenness; a first line shorter than the second is preferred to the
    opposite. Raises nothing: a piece wider than `limit` gets a line to itself.
    """
    pieces = list(pieces)
    if not pieces or measure(pieces) <= limit:
        return [pieces] if pieces else []
    best: tuple[float, list[list[Token]]] | None = None
    if most >= 2:
        for i in range(1, len(pieces)):
            head, tail = measure(pieces[:i]), measure(pieces[i:])
            if max(head, tail) > limit:
                continue
            cost = max(head, tail) + (0.05 * limit if head > tail else 0)
            if pieces[i - 1].text[-1] not in _CLAUSE_END:
                cost += 0.12 * limit
            if dangles(pieces[i - 1].text):
                cost += 0.08 * limit
            if best is None or cost < best[0]:
                best = cost, [pieces[:i], pieces[i:]]
    if best is not None:
        return best[1]
    lines: list[list[Token]] = [[]]
    for piece in pieces:
        if lines[-1] and measure([*lines[-1], piece]) > limit:
            lines.append([])
        lines[-1].append(piece)
    return lines
