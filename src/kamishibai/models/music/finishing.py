"""What every score ends with: one loudness, peaks held down, soft ends, and bytes that are kept as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import soundfile

from kamishibai.documents.ref import Ref
from kamishibai.documents.time import sample_at
from kamishibai.media.filters import amplitude
from kamishibai.media.limiter import HOP, all_true_peaks, apply_gain, limiting_curve
from kamishibai.media.loudness import Meter
from kamishibai.media.sound import RATE_HZ, Samples, encode_wav
from kamishibai.media.tape import Tape
from kamishibai.models.base import Desk

__all__ = ["LOUDNESS_LUFS", "Reel", "fade_in", "fade_out", "level", "measured", "reel"]

LOUDNESS_LUFS = -20.0
_CEILING = amplitude(-3.5)
_LONG_S = 300
"""Longer scores are written to disk and kept as FLAC: an hour of WAV would take too much memory."""
_CHUNK = HOP * 20_000


@dataclass
class Reel:
    """A score that is being made: silence of its whole length at first, in memory or on disk."""

    out: Samples | Tape
    """(2, n) at 48 kHz."""
    desk: Desk
    at: int = 0
    """How much of it is written."""

    @property
    def left(self) -> int:
        """Return how many samples are still to be written."""
        return self.out.shape[1] - self.at

    def write(self, piece: Samples) -> None:
        """Append stereo samples (2, m); what goes beyond the end is dropped."""
        part = piece[:, : self.left]
        self.out[:, self.at : self.at + part.shape[1]] = part
        self.at += part.shape[1]

    def keep(self) -> Ref:
        """Save it: as WAV, or as FLAC when it is long."""
        if not isinstance(self.out, Tape):
            return self.desk.save(encode_wav(self.out), "audio/wav")
        packed = self.desk.scratch(".flac")
        n = self.out.shape[1]
        with soundfile.SoundFile(str(packed), "w", RATE_HZ, 2, subtype="PCM_16", format="FLAC") as file:
            for first in range(0, n, _CHUNK):
                file.write(np.ascontiguousarray(self.out[:, first : first + _CHUNK].T))
        return self.desk.save(packed.read_bytes(), "audio/flac")


@contextmanager
def reel(seconds: Fraction, desk: Desk) -> Iterator[Reel]:
    """Give a reel of exactly `seconds`; what it took of the disk is given back at the end."""
    n = sample_at(seconds, RATE_HZ)
    if seconds <= _LONG_S:
        yield Reel(np.zeros((2, n), dtype=np.float32), desk)
    else:
        with Tape(desk.scratch(".f32"), n) as tape:
            yield Reel(tape, desk)


def level(out: Samples | Tape, loudness: float | None) -> None:
    """Bring a score of that loudness (LUFS; None: it has none) to -20 LUFS, its true peaks under -3.5 dBTP."""
    gain = amplitude(LOUDNESS_LUFS - loudness) if loudness is not None else 1.0
    curve = limiting_curve(all_true_peaks(out) * np.float32(gain), _CEILING)
    for first in range(0, out.shape[1], _CHUNK):
        piece = out[:, first : first + _CHUNK] * np.float32(gain)
        apply_gain(piece, curve, first // HOP)
        out[:, first : first + _CHUNK] = piece


def measured(out: Samples | Tape) -> float | None:
    """Return the integrated loudness of a whole score; None for silence and for less than 0.4 s."""
    meter = Meter(true_peak=False)
    for first in range(0, out.shape[1], _CHUNK):
        meter.add(out[:, first : first + _CHUNK])
    return meter.lufs()


def fade_out(out: Samples | Tape, seconds: float = 1.5) -> None:
    """Bring what still sounds down to exact silence over the last `seconds`, a third of the score at the most."""
    n = out.shape[1]
    m = min(int(seconds * RATE_HZ), n // 3)
    if m > 0:
        curve = (0.5 + 0.5 * np.cos(np.pi * (np.arange(m) + 1) / m)).astype(np.float32)
        out[:, n - m : n] = out[:, n - m : n] * curve


def fade_in(out: Samples | Tape, seconds: float) -> None:
    """Let a score come up from silence over its first `seconds`, a third of it at the most."""
    m = min(int(seconds * RATE_HZ), out.shape[1] // 3)
    if m > 0:
        curve = (0.5 - 0.5 * np.cos(np.pi * np.arange(m) / m)).astype(np.float32)
        out[:, :m] = out[:, :m] * curve
