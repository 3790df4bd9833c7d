"""voice:none: no voice at all; silence long enough to read the line, in any language and script."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar

import numpy as np
from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.reading_time import reading_words
from kamishibai.documents.time import sample_at, samples_to_time
from kamishibai.media.sound import RATE_HZ, encode_wav
from kamishibai.models.base import Desk, Licence, Model
from kamishibai.models.kinds import Speak, Speech

__all__ = ["Silent"]


class Silent(Model[Speak, Speech]):
    """Keeps quiet for as long as the line takes to read; words light up one after the other."""

    id: ClassVar[str] = "voice:none"
    version: ClassVar[str] = "1"
    varies: ClassVar[bool] = False
    asks: ClassVar[type[Frozen]] = Speak
    supports: ClassVar[frozenset[str]] = frozenset({"language", "voice"})
    batch = 32

    class Options(Frozen):
        """How long a line stands."""

        pace: float = Field(default=1.0, ge=0.25, le=4.0)
        """1 is an unhurried reader; 2 gives half the time."""

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms of silence."""
        return (Licence(name="CC0-1.0", commercial=True, source="silence"),)

    def run(self, asks: Sequence[Speak], desk: Desk) -> list[Speech]:
        """Answer every ask, in order."""
        assert isinstance(self.options, Silent.Options)
        pace = Fraction(repr(self.options.pace))
        takes = []
        for index, ask in enumerate(asks):
            words, seconds = reading_words(ask.text, pace)
            samples = sample_at(seconds, RATE_HZ)
            sound = desk.save(encode_wav(np.zeros((1, samples), np.float32)), "audio/wav")
            takes.append(
                Speech(sound=sound, seconds=samples_to_time(samples, RATE_HZ), words=words, spoken="")
            )
            desk.progress((index + 1) / len(asks))
        return takes
