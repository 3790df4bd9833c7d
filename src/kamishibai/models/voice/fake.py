"""voice:fake: a short tone for every word, for tests and for trying out a film's timing; an ordinary plug-in."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar

import numpy as np

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.spoken import read_aloud, spoken_text
from kamishibai.documents.takes import Word
from kamishibai.documents.time import sample_at, samples_to_time
from kamishibai.media.sound import RATE_HZ, encode_wav
from kamishibai.media.speech import fade_ends, join
from kamishibai.models.base import Desk, Licence, Model
from kamishibai.models.kinds import Speak, Speech

__all__ = ["FakeVoice"]

HEAD, GAP, TAIL = Fraction(6, 100), Fraction(6, 100), Fraction(14, 100)
LETTER, WORD = Fraction(3, 100), Fraction(12, 100)


class FakeVoice(Model[Speak, Speech]):
    """Beeps once a word, a little longer for longer words, at a pitch that the word and the seed choose."""

    id: ClassVar[str] = "voice:fake"
    version: ClassVar[str] = "1"
    asks: ClassVar[type[Frozen]] = Speak
    supports: ClassVar[frozenset[str]] = frozenset({"language", "seed", "voice"})
    batch: ClassVar[int] = 8

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms of a beep."""
        return (Licence(name="CC0-1.0", commercial=True, source="synthesised"),)

    def run(self, asks: Sequence[Speak], desk: Desk) -> list[Speech]:
        """Answer every ask, in order."""
        takes = []
        for index, ask in enumerate(asks):
            takes.append(_beep(ask, desk))
            desk.progress((index + 1) / len(asks))
        return takes


def _beep(ask: Speak, desk: Desk) -> Speech:
    spoken = read_aloud(ask.text, ask.language)
    at = HEAD
    words, pieces = [], []
    for word in spoken:
        end = at + WORD + LETTER * min(len(word.spoken), 24)
        if word.spoken:
            pieces.append((sample_at(at, RATE_HZ), _tone(word.spoken, ask.seed, end - at)))
        words.append(
            Word(text=word.shown, start=at, end=end, first=word.first, last=word.last, spoken=word.spoken)
        )
        at = end + (GAP if not word.ends else 5 * GAP)
    samples = sample_at(at + TAIL, RATE_HZ)
    sound = join(pieces, samples)
    return Speech(
        sound=desk.save(encode_wav(sound[None, :]), "audio/wav"),
        seconds=samples_to_time(samples, RATE_HZ),
        words=tuple(words),
        spoken=spoken_text(spoken),
    )


def _tone(word: str, seed: int, seconds: Fraction) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    choice = hashlib.sha256(f"{seed} {word}".encode()).digest()[0]
    hertz = 180.0 * 2 ** (choice % 12 / 12)
    samples = sample_at(seconds, RATE_HZ)
    wave = 0.2 * np.sin(2 * np.pi * hertz * np.arange(samples) / RATE_HZ)
    return fade_ends(wave.astype(np.float32), samples // 8, samples // 8)
