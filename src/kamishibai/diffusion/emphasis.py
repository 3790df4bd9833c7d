"""Weights in a prompt: ``a (red:1.3) fox`` as the words and how much each of them counts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby

__all__ = ["HEAVIEST", "LIGHTEST", "Emphasis", "read_emphasis"]

LIGHTEST, HEAVIEST = 0.1, 2.0
"""Beyond them pictures fall apart."""
_NUMBER = re.compile(r":\s*(\d+(?:\.\d*)?|\.\d+)\s*$")


@dataclass(frozen=True)
class Emphasis:
    """A prompt in stretches of equal weight; the texts in order are the words as they are meant to be read."""

    texts: tuple[str, ...]
    weights: tuple[float, ...]
    limited: tuple[float, ...] = ()
    """Weights that were asked for and are out of range: `LIGHTEST` or `HEAVIEST` stands in for them."""

    @property
    def plain(self) -> str:
        """The words alone."""
        return " ".join("".join(self.texts).split())

    @property
    def weighted(self) -> bool:
        """Say whether any of it counts more or less than the rest."""
        return any(weight != 1.0 for weight in self.weights)


def read_emphasis(prompt: str) -> Emphasis:
    r"""Return the stretches of `prompt`: ``(words:1.2)`` weighs its words, nested ones multiply.

    Brackets without a number, ``word++`` and every other syntax are ordinary text; ``\(`` is a bracket.
    """
    weights: list[float | None] = [1.0] * len(prompt)  # of each character; None: syntax, not text
    opened: list[int] = []
    at = 0
    while at < len(prompt):
        if prompt[at] == "\\" and prompt[at + 1 : at + 2] in ("(", ")", "\\"):
            weights[at] = None
            at += 2
            continue
        if prompt[at] == "(":
            opened.append(at)
        elif prompt[at] == ")" and opened:
            first = opened.pop()
            number = _NUMBER.search(prompt[first + 1 : at])
            if number is not None:
                _weigh(weights, first, first + 1 + number.start(), at, float(number[1]))
        at += 1
    return _stretches(prompt, weights)


def _weigh(weights: list[float | None], first: int, colon: int, last: int, factor: float) -> None:
    """Multiply what is between two brackets, and take the brackets and the number out of the text."""
    for index in range(first + 1, colon):
        was = weights[index]
        weights[index] = None if was is None else was * factor
    for index in (first, *range(colon, last + 1)):
        weights[index] = None


def _stretches(prompt: str, weights: list[float | None]) -> Emphasis:
    limited: list[float] = []
    texts: list[str] = []
    kept: list[float] = []
    pairs = [(char, weight) for char, weight in zip(prompt, weights, strict=True) if weight is not None]
    for asked, run in groupby(pairs, key=lambda pair: pair[1]):
        text = "".join(char for char, _ in run)
        weight = min(max(asked, LIGHTEST), HEAVIEST)
        if not text.strip() and texts:
            texts[-1] += text  # a space between two weights is part of neither
            continue
        if weight != asked and asked not in limited:
            limited.append(asked)
        texts.append(text)
        kept.append(round(weight, 4))
    return Emphasis(tuple(texts) or ("",), tuple(kept) or (1.0,), tuple(limited))
