"""Word error rate: what was to be said against what was heard, in order, word by word.

WER = (S + D + I) / N (substitutions, deletions, insertions over the words expected), by the Levenshtein
alignment of the two word sequences, as in NIST's sclite. Both sides go through the same normalisation
first: numbers, money and abbreviations to words, small letters, no punctuation, contractions written out,
one spelling for British and American pairs and for homophones (no voice can say "hare" so that it is not
"hair"), hyphens open, and words written together or apart ("bed time", "F B I") counted as equal.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kamishibai.documents import numerals
from kamishibai.documents.frozen import Frozen
from kamishibai.documents.spoken import read_aloud
from kamishibai.documents.takes import Word
from kamishibai.gates.variants import expand, one_spelling

__all__ = ["Heard", "Pair", "WordErrors", "compared_words", "heard_words", "normal_words", "word_errors"]

LONGEST_JOIN = 4
"""As many words may be one written together."""
NUMBER_WORDS = frozenset((*numerals.ONES, *numerals.TENS[2:]))
UNITS_OF_TEN = frozenset({"hundred", "thousand", "million", "billion"})


Kind = Literal["match", "substitution", "deletion", "insertion"]


class Pair(Frozen):
    """One step of the alignment; `expected` or `heard` is empty for an insertion or deletion."""

    kind: Kind
    expected: str = ""
    heard: str = ""


class WordErrors(Frozen):
    """The count of every kind of error, and the alignment it comes from."""

    words: int
    """N: words expected."""
    substitutions: int
    deletions: int
    insertions: int
    pairs: tuple[Pair, ...]

    @property
    def errors(self) -> int:
        """Return S + D + I."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float:
        """Return the word error rate, 0 for a perfect take; above 1 when more was added than was to be said."""
        return self.errors / max(self.words, 1)

    def summary(self) -> str:
        """Return the errors in words: ``missing “fox”, added “the”, “hare” heard as “chair”``."""
        said = {
            "deletion": "missing “{0.expected}”",
            "insertion": "added “{0.heard}”",
            "substitution": "“{0.expected}” heard as “{0.heard}”",
        }
        return ", ".join(said[p.kind].format(p) for p in self.pairs if p.kind != "match")


class Heard(Frozen):
    """An expected word and the heard word it was aligned with, by their places in the two word lists."""

    expected: int
    heard: int


@dataclass(frozen=True)
class _Word:
    """A word as it is written, as it is compared, and where in the text it comes from."""

    written: str
    compared: str
    first: int


def normal_words(text: str, language: str = "en") -> list[str]:
    """Return the words of `text` as they are compared."""
    return [word.compared for word in _normal(text, language)]


def word_errors(expected: str, heard: str, language: str = "en") -> WordErrors:
    """Compare two texts word by word, in order. Pure: the same texts give the same answer."""
    wanted, got = _normal(expected, language), _normal(heard, language)
    pairs = []
    counts: dict[Kind, int] = {"match": 0, "substitution": 0, "deletion": 0, "insertion": 0}
    for kind, a, b in _align(wanted, got):
        counts[kind] += 1
        pairs.append(Pair(kind=kind, expected=_written(wanted[a]), heard=_written(got[b])))
    return WordErrors(
        words=len(wanted),
        substitutions=counts["substitution"],
        deletions=counts["deletion"],
        insertions=counts["insertion"],
        pairs=tuple(pairs),
    )


def heard_words(expected: Sequence[Word], heard: Sequence[Word], language: str = "en") -> tuple[Heard, ...]:
    """Return which of the `heard` words answers each of the `expected` words; missed and changed ones are left out.

    Expected words count as they are spoken, so "£5" is answered by the first of "five pounds".
    """
    wanted, wanted_from = _sourced([word.spoken or word.text for word in expected], language)
    got, got_from = _sourced([word.text for word in heard], language)
    found: dict[int, int] = {}
    for kind, a, b in _align(wanted, got):
        if kind != "match":
            continue
        source = wanted_from[a.start]
        opens = a.start == 0 or wanted_from[a.start - 1] != source
        if opens and source not in found:
            found[source] = got_from[b.start]
    return tuple(Heard(expected=e, heard=h) for e, h in sorted(found.items()))


def compared_words(texts: Sequence[str], language: str = "en") -> tuple[list[str], list[int]]:
    """Return the words of all `texts`, read as one line, as they are compared, and which text each comes from."""
    words, sources = _sourced(texts, language)
    return [word.compared for word in words], sources


def _written(words: Sequence[_Word]) -> str:
    return " ".join(word.written for word in words)


def _sourced(texts: Sequence[str], language: str) -> tuple[list[_Word], list[int]]:
    """Return the words of all texts read as one line, and the index of the text each comes from."""
    line, owners = "", []
    for index, text in enumerate(texts):
        line += f"{text} "
        owners += [index] * (len(text) + 1)
    words = _normal(line, language)
    return words, [owners[word.first] for word in words]


def _normal(text: str, language: str) -> list[_Word]:
    flat: list[tuple[str, int]] = []
    for spoken in read_aloud(text, language):
        for piece in spoken.spoken.replace("’", "'").casefold().replace("-", " ").split():
            for part in expand(piece):
                kept = "".join(c for c in part if unicodedata.category(c)[0] in "LMN")
                if kept:
                    flat.append((kept, spoken.first))
    out: list[_Word] = []
    for index, (word, first) in enumerate(flat):
        after = flat[index + 1][0] if index + 1 < len(flat) else ""
        if word == "and" and out and out[-1].written in UNITS_OF_TEN and after in NUMBER_WORDS:
            continue
        said = "one" if word == "a" and after in UNITS_OF_TEN else word
        out.append(_Word(word, one_spelling(said), first))
    return out


_Step = tuple[Kind, slice, slice]


def _align(wanted: Sequence[_Word], got: Sequence[_Word]) -> list[_Step]:
    """Return the cheapest alignment (Levenshtein, every error costs 1; words joined or split cost nothing)."""
    n, m = len(wanted), len(got)
    cost = [[0] * (m + 1) for _ in range(n + 1)]
    back: list[list[tuple[int, int]]] = [[(0, 0)] * (m + 1) for _ in range(n + 1)]
    for i in range(n + 1):
        for j in range(m + 1):
            if i == j == 0:
                continue
            choices = []
            if i and j:
                choices.append((cost[i - 1][j - 1] + (wanted[i - 1].compared != got[j - 1].compared), (1, 1)))
            if i:
                choices.append((cost[i - 1][j] + 1, (1, 0)))
            if j:
                choices.append((cost[i][j - 1] + 1, (0, 1)))
            choices += [(cost[i - a][j - b], (a, b)) for a, b in _joins(wanted, got, i, j)]
            cost[i][j], back[i][j] = min(choices, key=lambda choice: choice[0])
    steps: list[_Step] = []
    i, j = n, m
    while i or j:
        a, b = back[i][j]
        if a and b:
            same = a + b > 2 or wanted[i - 1].compared == got[j - 1].compared
            kind: Literal["match", "substitution", "deletion", "insertion"] = (
                "match" if same else "substitution"
            )
        else:
            kind = "deletion" if a else "insertion"
        steps.append((kind, slice(i - a, i), slice(j - b, j)))
        i, j = i - a, j - b
    return steps[::-1]


def _joins(wanted: Sequence[_Word], got: Sequence[_Word], i: int, j: int) -> list[tuple[int, int]]:
    """Return (a, b) for which the last `a` wanted and `b` got words are the same letters, written apart or together."""
    if not i or not j or wanted[i - 1].written[-1] != got[j - 1].written[-1]:
        return []
    found = []
    for a in range(1, min(i, LONGEST_JOIN) + 1):
        for b in range(1, min(j, LONGEST_JOIN) + 1):
            if a != b and min(a, b) == 1 and _joined(wanted[i - a : i]) == _joined(got[j - b : j]):
                found.append((a, b))
    return found


def _joined(words: Sequence[_Word]) -> str:
    return "".join(word.written for word in words)
