"""Modal synthesis: sums of decaying sine waves, computed as one matrix product, so that a long note costs a millisecond."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from kamishibai.media.filters import Mono
from kamishibai.media.sound import RATE_HZ

__all__ = ["modal", "reverb_impulse"]

_BLOCK = 512
_ROWS = 16
_Numbers = Sequence[float] | npt.NDArray[np.floating[Any]]


def modal(
    n: int,
    hz: _Numbers,
    gains: _Numbers,
    decay_s: _Numbers,
    *,
    phases: _Numbers | None = None,
    rate_hz: int = RATE_HZ,
) -> Mono:
    """Return (n,): the sum of sine waves at `hz` that start at `gains` and fall by 60 dB in `decay_s`.

    Modes above 0.46 of the rate are left out. Each mode is z^k with complex z; written as
    z^(512·i)·z^j the whole sum is a product of two small matrices.
    """
    f = np.asarray(hz, dtype=np.float64)
    keep = f < 0.46 * rate_hz
    f = f[keep]
    phase = np.zeros_like(f) if phases is None else np.asarray(phases, dtype=np.float64)[keep]
    falls = -np.log(1000.0) / np.maximum(np.asarray(decay_s, dtype=np.float64)[keep], 1e-4)
    step = (falls + 2j * np.pi * f) / rate_hz
    blocks = -(-n // _BLOCK)
    start = np.asarray(gains, dtype=np.float64)[keep] * np.exp(1j * phase)
    coarse = (start * np.exp(np.outer(np.arange(blocks) * _BLOCK, step))).astype(np.complex64)
    fine = np.exp(np.outer(step, np.arange(_BLOCK))).astype(np.complex64)
    left = np.concatenate((coarse.real, coarse.imag), axis=1)
    right = np.concatenate((fine.imag, fine.real), axis=0)
    out = np.empty((blocks, _BLOCK), dtype=np.float32)
    for first in range(0, blocks, _ROWS):
        # Small products stay on one thread; on a busy machine a threaded one waits for its helpers.
        np.matmul(left[first : first + _ROWS], right, out=out[first : first + _ROWS])
    return out.reshape(-1)[:n]


def reverb_impulse(
    seconds: float, *, dark_hz: float, pre_delay_s: float, seed: int, rate_hz: int = RATE_HZ
) -> npt.NDArray[np.float32]:
    """Return a stereo room (2, n) of unit energy a side: early reflections, then noise that darkens as it dies.

    `seconds` is the time the low and middle range takes to fall by 60 dB; above `dark_hz` it falls faster,
    octave by octave. The sides are independent, which is what makes a room wide.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    n = int(seconds * 1.05 * rate_hz)
    time = np.arange(n) / rate_hz
    frequencies = np.fft.rfftfreq(n, 1 / rate_hz)
    octave = np.log2(np.maximum(frequencies, 20.0))
    centres = np.arange(np.log2(62.5), np.log2(16000.0) + 0.5)
    tail = np.zeros((2, n))
    for centre in centres:
        above = max(0.0, centre - np.log2(dark_hz))
        below = max(0.0, np.log2(250.0) - centre)
        t60 = seconds * 0.72**above * 0.85**below
        level = 0.78**above * 0.6**below
        spectrum = np.fft.rfft(rng.standard_normal((2, n)), axis=1)
        band = np.fft.irfft(spectrum * np.clip(1 - np.abs(octave - centre), 0, 1), n, axis=1)
        tail += level * band * np.exp(-np.log(1000.0) * time / t60)
    rise = np.minimum(time / 0.03, 1.0) ** 0.7
    out = tail * rise * np.minimum((n - np.arange(n)) / (0.1 * rate_hz), 1.0)
    out /= np.sqrt((out**2).sum(axis=1, keepdims=True))
    early = np.zeros_like(out)
    for k in range(9):
        at = int((0.007 + 0.0085 * k + rng.uniform(0, 0.006)) * rate_hz)
        side = k % 2
        if at < n:
            early[side, at] += 0.26 * 0.84**k * rng.choice((-1.0, 1.0))
            early[1 - side, min(at + int(rng.integers(20, 160)), n - 1)] += 0.12 * 0.84**k
    out = out + early
    out /= np.sqrt((out**2).sum(axis=1, keepdims=True))
    delay = int(pre_delay_s * rate_hz)
    return np.pad(out, ((0, 0), (delay, 0))).astype(np.float32)
