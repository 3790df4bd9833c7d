"""ear:fake: hears the tones that voice:fake sings, letter by letter; an ordinary plug-in for tests and trials."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.takes import Transcript, Word
from kamishibai.documents.time import samples_to_time
from kamishibai.media.sound import RATE_HZ, decode_wav, resample
from kamishibai.media.tones import hear_words
from kamishibai.models.base import Desk, Licence, Model
from kamishibai.models.kinds import Listen

__all__ = ["FakeEar"]


class FakeEar(Model[Listen, Transcript]):
    """Decodes tones into words. Of real speech it makes nonsense, as it should."""

    id: ClassVar[str] = "ear:fake"
    version: ClassVar[str] = "1"
    asks: ClassVar[type[Frozen]] = Listen
    supports: ClassVar[frozenset[str]] = frozenset({"language"})
    batch = 8

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms of an ear for beeps."""
        return (Licence(name="CC0-1.0", commercial=True, source="signal processing"),)

    def run(self, asks: Sequence[Listen], desk: Desk) -> list[Transcript]:
        """Answer every ask, in order."""
        takes = []
        for index, ask in enumerate(asks):
            samples, rate_hz = decode_wav(desk.open(ask.sound))
            sound = resample(samples.mean(axis=0, keepdims=True, dtype=np.float32), rate_hz, RATE_HZ)[0]
            words = tuple(
                Word(text=text, start=samples_to_time(first, RATE_HZ), end=samples_to_time(last, RATE_HZ))
                for text, first, last in hear_words(sound)
            )
            text = " ".join(word.text for word in words)
            takes.append(Transcript(text=text, words=words, language=ask.language or "en"))
            desk.progress((index + 1) / len(asks))
        return takes
