"""A stand-in for the foley artist: a soft tick at each effect and a hush under each ambience, at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kamishibai.documents.takes import Sound
from kamishibai.documents.time import sample_at
from kamishibai.media.filters import add_at, amplitude, fade_edges, pan
from kamishibai.media.sound import RATE_HZ, encode_wav
from kamishibai.models.base import Desk, Licence, Model
from kamishibai.models.kinds import Foley

__all__ = ["FakeSound"]


class FakeSound(Model[Foley, Sound]):
    """Marks effects with a tick and ambiences with quiet white noise; it knows every name."""

    id = "sound:fake"
    version = "1"
    asks = Foley
    supports = frozenset({"cues"})

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms: nothing but arithmetic."""
        return (Licence(name="CC0-1.0", commercial=True),)

    def run(self, asks: Sequence[Foley], desk: Desk) -> list[Sound]:
        """Answer every ask, in order."""
        return [self._make(ask, desk) for ask in asks]

    def _make(self, ask: Foley, desk: Desk) -> Sound:
        rng = np.random.Generator(np.random.PCG64(ask.seed))
        out = np.zeros((2, sample_at(ask.seconds, RATE_HZ)), dtype=np.float32)
        for cue in ask.cues:
            first = sample_at(cue.start, RATE_HZ)
            if cue.kind == "ambience":
                n = max(sample_at(cue.end, RATE_HZ) - first, 0)
                piece = 0.005 * rng.standard_normal(n).astype(np.float32)
            else:
                at = np.arange(RATE_HZ // 20) / RATE_HZ
                piece = (0.2 * np.exp(-80 * at) * np.sin(2 * np.pi * 1000 * at)).astype(np.float32)
            add_at(out, pan(fade_edges(piece, 0.005, 0.02), cue.pan), first, amplitude(cue.gain_db))
        return Sound(sound=desk.save(encode_wav(out), "audio/wav"), seconds=ask.seconds)
