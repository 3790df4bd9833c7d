"""Parts texts that are longer than a model reads into stretches, so that nothing of them is cut."""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["stretches"]

_PHRASES = re.compile(r"(?<=[,.;!?])\s+|(?<=[。，、！？；])\s*(?=\S)")


def stretches(text: str, fits: Callable[[str], bool]) -> list[str]:
    """Return `text` in pieces that fit: parted between phrases where that is possible, else words, else letters."""
    text = " ".join(text.split())
    if fits(text):
        return [text]
    pieces: list[str] = []
    for phrase in _PHRASES.split(text):
        if pieces and fits(f"{pieces[-1]} {phrase}"):
            pieces[-1] += f" {phrase}"
            continue
        if fits(phrase):
            pieces.append(phrase)
            continue
        for word in phrase.split():
            if pieces and fits(f"{pieces[-1]} {word}"):
                pieces[-1] += f" {word}"
            else:
                pieces += _letters(word, fits)
    return pieces


def _letters(word: str, fits: Callable[[str], bool]) -> list[str]:
    """Return a word in pieces that fit; Chinese and Japanese have sentences without a space."""
    pieces = []
    while word:
        # What is fitted is found by halving: a text of thousands of letters is not counted letter by letter.
        low, high = 1, len(word)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if fits(word[:middle]) else (low, middle - 1)
        pieces.append(word[:low])
        word = word[low:]
    return pieces
