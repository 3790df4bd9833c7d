"""What an ear's engine gives back, and what Whisper asks of an engine; sound in it is mono at 16 kHz."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from kamishibai.media.speech import audible

__all__ = ["RATE_HZ", "Engine", "Heard", "Mono", "grouped", "not_in_silence"]

RATE_HZ = 16_000
Mono = npt.NDArray[np.float32]

_UNSPACED = frozenset({"zh", "ja", "th", "lo", "my", "yue"})
"""Languages written without spaces: there every character is a word, as in OpenAI's own word times."""
_OPENING, _CLOSING = "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"
_STRANGE = "\ufffd"


@dataclass(frozen=True)
class Heard:
    """A word with the space before it, when it is heard (seconds), and how sure that is."""

    text: str
    start: float
    end: float
    probability: float


class Engine(Protocol):
    """A loaded Whisper, whoever runs it."""

    longest_s: float
    """How much sound it takes at once; what is longer is cut at a pause."""
    languages: frozenset[str]
    """Primary subtags that it knows; English alone for an English-only checkpoint."""

    def words(self, sound: Mono, language: str | None, beam: int) -> tuple[list[Heard], str]:
        """Return the words in `sound` (with at least something audible in it) and their language."""

    def close(self) -> None:
        """Let go of the model."""


@dataclass(frozen=True)
class Piece:
    """A token: its number, when it is said, and how likely it was."""

    token: int
    start: float
    end: float
    probability: float


def grouped(pieces: Sequence[Piece], decode: Callable[[list[int]], str], language: str) -> list[Heard]:
    """Return the words that text tokens make, punctuation attached; a word is as sure as its tokens are on average.

    The rules are those of OpenAI's `split_to_word_tokens` and `merge_punctuations`: a word begins at a token with a
    space before it, bytes of one character stay together, and languages without spaces get a word a character.
    """
    units: list[tuple[str, list[Piece]]] = []
    waiting: list[Piece] = []
    for piece in pieces:
        waiting.append(piece)
        text = decode([one.token for one in waiting])
        if _STRANGE in text and len(waiting) < 4:
            continue  # bytes of a character whose others follow
        units.append((text, waiting))
        waiting = []
    if waiting:
        units.append((decode([one.token for one in waiting]), waiting))
    words: list[tuple[str, list[Piece]]] = []
    for text, parts in units:
        apart = language in _UNSPACED or text.startswith(" ") or not words
        mark = bool(text.strip()) and all(c in _OPENING + _CLOSING for c in text.strip())
        if words and (mark and not text.startswith(" ") and text.strip() in _CLOSING):
            words[-1] = (words[-1][0] + text, [*words[-1][1], *parts])
        elif words and words[-1][0].strip() and words[-1][0].strip() in _OPENING:
            words[-1] = (words[-1][0] + text.lstrip(), [*words[-1][1], *parts])
        elif apart:
            words.append((text, parts))
        else:
            words[-1] = (words[-1][0] + text, [*words[-1][1], *parts])
    return [
        Heard(text, parts[0].start, max(p.end for p in parts), float(np.mean([p.probability for p in parts])))
        for text, parts in words
        if text.strip(_STRANGE + " ")
    ]


def not_in_silence(words: Sequence[Heard], sound: Mono) -> list[Heard]:
    """Return `words` in order of time, none beginning or ending in silence.

    Alignment by attention gives the silence around a word to the word; where it sounds is seen in the sound.
    """
    loud, step = audible(sound, RATE_HZ)
    out: list[Heard] = []
    latest = len(sound) / RATE_HZ
    for word in words:
        start = min(max(word.start, out[-1].start if out else 0.0), latest)
        end = min(max(word.end, start), latest)
        span = loud[int(start * RATE_HZ) // step : int(end * RATE_HZ) // step + 1]
        if span.any():
            first, last = int(np.argmax(span)), len(span) - int(np.argmax(span[::-1]))
            at = int(start * RATE_HZ) // step
            start = min(end, start if not first else (at + first) * step / RATE_HZ)
            end = max(start, min(end, (at + last) * step / RATE_HZ))
        out.append(Heard(word.text, start, end, word.probability))
    return out
