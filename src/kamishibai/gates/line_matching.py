"""Finds the lines of a story in what was heard of a long recording: a global alignment that knows where lines end.

Like the word error rate's alignment it is a cheapest path over two word sequences (Needleman & Wunsch 1970), with two
differences that speech before a microphone asks for. What is said between two lines (an aside, a cough, a line that
is begun again) costs next to nothing, and what is said inside a line costs much: so a line that was read twice is
found where it was read in one go, the last time. And rows are worked out as arrays, so that ten thousand words
against ten thousand take seconds; the way back is kept in two bits a cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = ["Found", "match_lines"]

SIMILAR, OTHER, MISSED, INSIDE, BETWEEN = 30, 60, 50, 35, 1
"""Costs: another word that is spelled alike, any other word, a word not said, a word more inside a line and between."""
LONGEST_JOIN = 4
"""As many words may be one written together."""
ALIKE = 0.6
LETTERS = 64

Kind = Literal["same", "alike", "other"]


@dataclass(frozen=True)
class Found:
    """Which heard words answer one word of the story: ``first`` to one before ``last``."""

    first: int
    last: int
    kind: Kind


def match_lines(lines: Sequence[Sequence[str]], heard: Sequence[str]) -> list[list[Found | None]]:
    """Return, for every word of every line, which of the heard words answers it; None where it was not said.

    Words are compared as they are: both sides go through `kamishibai.gates.wer.compared_words` first. The order of
    the lines holds.
    """
    wanted = [word for line in lines for word in line]
    ends = set(np.cumsum([len(line) for line in lines]).tolist()) | {0}
    path = _Path(wanted, heard, ends)
    found: list[Found | None] = [None] * len(wanted)
    for rows, first, last, kind in path.back():
        for row in rows:
            found[row] = Found(first, last, kind)
    out, at = [], 0
    for line in lines:
        out.append(found[at : at + len(line)])
        at += len(line)
    return out


class _Path:
    """The costs row by row, and the way back."""

    def __init__(self, wanted: Sequence[str], heard: Sequence[str], ends: set[int]) -> None:
        self.wanted, self.heard, self.m = wanted, heard, len(heard)
        words = {word: index for index, word in enumerate(dict.fromkeys(heard))}
        self._ids = np.array([words[word] for word in heard], np.int64)
        self._names = list(words)
        self._letters = _letters(self._names)
        self._price: dict[str, npt.NDArray[np.int32]] = {}
        self._joins: dict[tuple[int, int], tuple[int, int]] = {}
        """(row, column) → how many wanted and heard words are one written together."""
        self._diagonal: list[npt.NDArray[np.uint8]] = []
        self._up: list[npt.NDArray[np.uint8]] = []
        self._run(ends)

    def _prices(self, word: str) -> npt.NDArray[np.int32]:
        """Return what each heard word costs in place of `word`."""
        if word not in self._price:
            mine = _letters([word])[0]
            apart = np.abs(self._letters - mine).sum(axis=1)
            alike = 1 - apart / np.maximum(self._letters.sum(axis=1) + mine.sum(), 1) >= ALIKE
            prices = np.where(alike, SIMILAR, OTHER).astype(np.int32)
            prices[[name == word for name in self._names]] = 0
            self._price[word] = prices
        return self._price[word]

    def _run(self, ends: set[int]) -> None:
        columns = np.arange(self.m + 1, dtype=np.int32)
        rows = [columns * BETWEEN]
        joins = _joins(self.wanted, self.heard)
        for i, word in enumerate(self.wanted, start=1):
            before = rows[-1]
            up = before + MISSED
            across = np.full(self.m + 1, np.iinfo(np.int32).max // 2, np.int32)
            across[1:] = before[:-1] + self._prices(word)[self._ids] if self.m else 0
            best = np.minimum(up, across)
            for j, a, b in joins.get(i, ()):
                if (cost := int(rows[-a][j - b])) < best[j]:
                    best[j] = cost
                    self._joins[i, j] = (a, b)
            more = BETWEEN if i in ends else INSIDE
            row = np.minimum.accumulate(best - more * columns) + more * columns
            self._diagonal.append(np.packbits(across <= row))
            self._up.append(np.packbits(up <= row))
            for j, _, _ in joins.get(i, ()):
                if (i, j) in self._joins and row[j] < best[j]:
                    del self._joins[i, j]
            rows = [*rows[-LONGEST_JOIN:], row]

    def back(self) -> Iterator[tuple[range, int, int, Kind]]:
        """Yield the wanted words that were answered, last first, with the heard words that answer them."""
        i, j = len(self.wanted), self.m
        while i:
            a, b = self._joins.get((i, j), (0, 0))
            if a:
                yield range(i - a, i), j - b, j, "same"
            elif _bit(self._diagonal[i - 1], j):
                a, b = 1, 1
                price = int(self._prices(self.wanted[i - 1])[self._ids[j - 1]])
                yield (
                    range(i - 1, i),
                    j - 1,
                    j,
                    "same" if price == 0 else "alike" if price == SIMILAR else "other",
                )
            elif _bit(self._up[i - 1], j):
                a, b = 1, 0
            else:
                a, b = 0, 1
            i, j = i - a, j - b


def _bit(packed: npt.NDArray[np.uint8], index: int) -> bool:
    return bool(packed[index >> 3] >> (7 - (index & 7)) & 1)


def _letters(words: Sequence[str]) -> npt.NDArray[np.int16]:
    """Return how often each letter stands in each word, letters folded into 64 bins."""
    counts = np.zeros((len(words), LETTERS), np.int16)
    for row, word in enumerate(words):
        for letter in word:
            counts[row, ord(letter) % LETTERS] += 1
    return counts


def _joins(wanted: Sequence[str], heard: Sequence[str]) -> dict[int, list[tuple[int, int, int]]]:
    """Return, by row, the (column, wanted words, heard words) that are the same letters, written apart or together."""
    found: dict[int, list[tuple[int, int, int]]] = {}
    for one, other, turned in ((wanted, heard, False), (heard, wanted, True)):
        places: dict[str, list[int]] = {}
        for index, word in enumerate(one, start=1):
            places.setdefault(word, []).append(index)
        for length in range(2, LONGEST_JOIN + 1):
            for last in range(length, len(other) + 1):
                for place in places.get("".join(other[last - length : last]), ()):
                    i, j, a, b = (last, place, length, 1) if turned else (place, last, 1, length)
                    found.setdefault(i, []).append((j, a, b))
    return found
