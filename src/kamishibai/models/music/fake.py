"""A stand-in composer: one soft tone an act, at once, for trying the pipeline out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kamishibai.documents.takes import Music
from kamishibai.documents.time import sample_at
from kamishibai.media.sound import RATE_HZ, encode_wav
from kamishibai.models.base import Desk, Licence, Model
from kamishibai.models.kinds import Compose

__all__ = ["FakeMusic"]


class FakeMusic(Model[Compose, Music]):
    """Holds a sine wave for each act, its pitch from the mood, its level from the intensity."""

    id = "music:fake"
    version = "1"
    asks = Compose
    supports = frozenset({"acts", "prompt"})

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms: nothing but arithmetic."""
        return (Licence(name="CC0-1.0", commercial=True),)

    def run(self, asks: Sequence[Compose], desk: Desk) -> list[Music]:
        """Answer every ask, in order."""
        return [self._compose(ask, desk) for ask in asks]

    def _compose(self, ask: Compose, desk: Desk) -> Music:
        n = sample_at(ask.seconds, RATE_HZ)
        out = np.zeros((2, n), dtype=np.float32)
        for act in ask.acts:
            first, last = sample_at(act.start, RATE_HZ), min(n, sample_at(act.end, RATE_HZ))
            at = np.arange(max(last - first, 0))
            hz = 220.0 + 20.0 * sum(map(ord, act.mood)) % 240
            swell = np.sin(np.pi * (at + 0.5) / max(at.size, 1)) ** 0.5
            tone = 0.05 * (0.5 + act.intensity / 2) * swell * np.sin(2 * np.pi * hz * at / RATE_HZ)
            out[:, first : first + at.size] += tone.astype(np.float32)
        return Music(
            sound=desk.save(encode_wav(out), "audio/wav"),
            seconds=ask.seconds,
            key="none",
            tempo_bpm=60.0,
            notes=f"{len(ask.acts)} sine waves",
        )
