"""Joins sounds without a click or a dip: crossfades of constant power, trimmed edges, loops that come round in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from kamishibai.media.filters import Mono, amplitude
from kamishibai.media.sound import RATE_HZ, Samples
from kamishibai.media.tape import Tape

__all__ = ["Loop", "crossfaded", "find_loop", "likeness", "looped", "sounding"]

_FRAME = 480
"""Samples a step of the loudness curves that loops are found by: 10 ms."""
_BANDS_HZ = (0, 200, 400, 800, 1600, 3200, 6400, 24_000)
_LISTEN = 400 * _FRAME
"""How much of the opening, at most, is looked for again where a loop closes: 4 s."""
_PIECE = RATE_HZ * 10


def likeness(one: Samples, other: Samples) -> float:
    """Return the correlation of two sounds of one shape, 0 (nothing in common, or opposed) to 1 (the same wave)."""
    a, b = one.astype(np.float64).ravel(), other.astype(np.float64).ravel()
    power = float(np.sqrt((a @ a) * (b @ b)))
    return min(1.0, max(0.0, float(a @ b) / power)) if power > 0 else 0.0


def crossfaded(old: Samples, new: Samples) -> Samples:
    """Return `old` passing into `new` over their whole length, both (channels, n), at constant power.

    Equal-power gains (cos, sin) are right for sounds that have nothing in common and 3 dB too loud for equal ones,
    where linear gains are right. Divided by ``sqrt(1 + r sin 2t)`` for sounds of correlation r they are right for both,
    and for all between: the power ``a² + b² + 2 r a b`` is 1 throughout (Fink, Holters and Zölzer, "Signal-matched
    power-complementary cross-fading", DAFx 2016).
    """
    n = old.shape[-1]
    turn = np.pi / 2 * (np.arange(n) + 0.5) / max(n, 1)
    level = 1.0 / np.sqrt(1.0 + likeness(old, new) * np.sin(2 * turn))
    return np.asarray(
        old * (np.cos(turn) * level).astype(np.float32) + new * (np.sin(turn) * level).astype(np.float32),
        dtype=np.float32,
    )


def sounding(samples: Samples | Tape, n: int | None = None, below_db: float = -50.0) -> tuple[int, int]:
    """Return first and last (exclusive) sample of what is heard in the first `n`: within `below_db` of the peak.

    Silence gives (0, 0). The sound may lie on disk: it is read in pieces.
    """
    n = samples.shape[1] if n is None else n
    places = [(a, min(a + _PIECE, n)) for a in range(0, n, _PIECE)]
    peak = max((float(np.abs(samples[:, a:b]).max(initial=0.0)) for a, b in places), default=0.0)
    first, last = n, 0
    for a, b in places:
        loud = np.flatnonzero(np.abs(samples[:, a:b]).max(axis=0) > peak * amplitude(below_db))
        if loud.size:
            first, last = min(first, a + int(loud[0])), a + int(loud[-1]) + 1
    return (first, last) if last else (0, 0)


@dataclass(frozen=True)
class Loop:
    """How a sound comes round: after `period` samples its beginning is laid over what would follow, for `fade` samples."""

    period: int
    fade: int
    score: float
    """How well the two fit, 1 at best: the mean of waveform and rhythm, less what they differ in loudness."""


def find_loop(samples: Samples | Tape, n: int, fade: int, search: int, rate_hz: int = RATE_HZ) -> Loop:
    """Return where within `search` samples of its end a sound (2, n) best passes into its own beginning.

    Every place is scored by the correlation of the waves that would lie over each other for `fade` samples, and by
    how the loudness of seven bands rises there and in the opening, in steps of 10 ms: beats fall on beats, and where
    there are none, waves on waves; a difference in loudness counts against it. Of equal places the last wins.

    Raises
    ------
    ValueError
        When the sound is not longer than two fades.
    """
    last = n - fade
    if fade < 1 or last <= fade:
        raise ValueError(f"{n} samples are too few for a crossfade of {fade}")
    first = max(fade, last - search)
    base = first // _FRAME * _FRAME
    head = _mono(samples[:, : max(fade, min(_LISTEN, n))])
    tail = _mono(samples[:, base:n])
    waves, louder_db = _correlations(tail[first - base :], head[:fade])
    # What closes the loop is heard with all that follows of the opening; near the end there is less to compare.
    frames = max(1, min(_LISTEN, fade) // _FRAME)
    opening = _rises(head, rate_hz)[:frames].ravel()
    rises = _rises(tail, rate_hz)
    rows = sliding_window_view(rises, (frames, rises.shape[1]))[:, 0].reshape(-1, opening.size)
    power = np.sqrt((rows**2).sum(axis=1) * (opening @ opening))
    fits = np.where(power > 0, rows @ opening / np.maximum(power, 1e-12), 0.0)
    at = (np.arange(first, last + 1) - base) / _FRAME
    rhythm = np.interp(at, np.arange(fits.size), fits)
    # A piece that dies away would come back from nothing: what is as loud as the opening is worth more.
    level = np.minimum(np.abs(louder_db), 30.0) / 30.0
    score = (waves + rhythm) / 2 - level + np.linspace(0, 1e-6, waves.size)
    best = int(score.argmax())
    return Loop(period=first + best, fade=fade, score=float(score[best]))


def _mono(samples: Samples) -> Mono:
    # Not the plain mean: sides in opposition would be silence.
    return np.asarray(samples[0] + np.float32(0.6) * samples[1], dtype=np.float32)


def _correlations(sound: Mono, head: Mono) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return how `sound` goes with `head` from each of its samples on, where that fits: correlation, and decibels louder."""
    places = sound.size - head.size + 1
    length = 1 << (sound.size + head.size).bit_length()
    spectrum = np.fft.rfft(sound, length) * np.conj(np.fft.rfft(head, length))
    products = np.fft.irfft(spectrum, length)[:places]
    energy = np.concatenate([[0.0], np.cumsum(sound.astype(np.float64) ** 2)])
    there = (energy[head.size :] - energy[:places]).clip(1e-12)
    own = max(float(head.astype(np.float64) @ head), 1e-12)
    return products / np.sqrt(there * own), 10 * np.log10(there / own)


def _rises(mono: Mono, rate_hz: int) -> npt.NDArray[np.float64]:
    """Return how much louder each band gets from frame to frame, (frames, bands); what gets softer counts nothing."""
    count = max(mono.size // _FRAME, 1)
    frames = np.zeros((count, _FRAME), dtype=np.float32)
    frames.ravel()[: min(mono.size, count * _FRAME)] = mono[: count * _FRAME]
    power = np.abs(np.fft.rfft(frames * np.hanning(_FRAME).astype(np.float32), axis=1)) ** 2
    edges = (np.array(_BANDS_HZ) / rate_hz * _FRAME).astype(int)
    bands = np.add.reduceat(power, edges[:-1], axis=1)
    level = np.log10(bands + 1e-4 * max(float(bands.max(initial=0.0)), 1e-12))
    return np.asarray(np.maximum(np.diff(level, axis=0, prepend=level[:1]), 0.0), dtype=np.float64)


def looped(samples: Samples | Tape, loop: Loop, n: int) -> Iterator[Samples]:
    """Yield `n` samples of a sound (2, m) that goes round by `loop`, in pieces of at most ten seconds."""
    end = samples[:, loop.period : loop.period + loop.fade]
    joined = crossfaded(end, samples[:, : loop.fade])
    left, opening = n, samples[:, : loop.fade]
    while left > 0:
        for first in range(0, loop.period, _PIECE):
            part = samples[:, first : min(first + _PIECE, loop.period)]
            if first < loop.fade:
                part = np.concatenate([opening[:, first:], part[:, max(loop.fade - first, 0) :]], axis=1)[
                    :, : part.shape[1]
                ]
            if left > 0:
                yield part[:, :left]
            left -= part.shape[1]
        opening = joined
