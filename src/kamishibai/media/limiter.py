"""A look-ahead true-peak limiter: peaks found at four times the rate, gain curves that neither click nor pump."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from kamishibai.media.sound import RATE_HZ, Samples
from kamishibai.media.tape import Tape

__all__ = ["HOP", "all_true_peaks", "apply_gain", "limiting_curve", "true_peaks"]

HOP = 24
"""Samples a step of the gain curve: half a millisecond."""
_TAPS = 24
_ROWS = 128
_LOOK_HOPS = 9
_HALF_LIFE_S = 0.07

Curve = npt.NDArray[np.float64]
"""One value a hop."""


@lru_cache(maxsize=1)
def _between() -> npt.NDArray[np.float32]:
    """Return (HOP + taps - 1, 3·HOP): a hop and its neighbours to what lies a quarter, half, three quarters between."""
    at = np.arange(_TAPS)[:, None] - (_TAPS // 2 - 1) - np.array([0.25, 0.5, 0.75])[None, :]
    kernel = np.sinc(at) * np.cos(np.pi * at / (_TAPS + 1)) ** 2
    kernel /= kernel.sum(axis=0)
    matrix = np.zeros((HOP + _TAPS - 1, HOP, 3))
    for k in range(HOP):
        matrix[k : k + _TAPS, k] = kernel
    return matrix.reshape(HOP + _TAPS - 1, 3 * HOP).astype(np.float32)


def true_peaks(samples: Samples) -> Curve:
    """Return the largest true peak of each hop of `samples` (channels, n), ceil(n / HOP) values."""
    channels, n = samples.shape
    hops = -(-n // HOP)
    left = _TAPS // 2 - 1
    peaks = np.zeros(hops)
    for channel in range(channels):
        padded = np.zeros(hops * HOP + _TAPS, dtype=np.float32)
        padded[left : left + n] = samples[channel]
        plain = np.abs(padded[left : left + hops * HOP]).reshape(hops, HOP).max(axis=1)
        windows = np.lib.stride_tricks.sliding_window_view(padded, HOP + _TAPS - 1)[::HOP]
        np.maximum(peaks, plain, out=peaks)
        for first in range(0, hops, _ROWS):
            # Small products stay on one thread; on a busy machine a threaded one waits for its helpers.
            over = np.abs(windows[first : first + _ROWS] @ _between()).max(axis=1)
            np.maximum(peaks[first : first + _ROWS], over, out=peaks[first : first + _ROWS])
    return peaks


def all_true_peaks(samples: Samples | Tape, *, chunk: int = HOP * 20_000) -> Curve:
    """Return `true_peaks` of a long sound (it may lie in a file), a chunk of whole hops at a time."""
    n = samples.shape[1]
    peaks = np.zeros(-(-n // HOP))
    for first in range(0, n, chunk):
        # A hop more on either side is context for the interpolation; its own result is dropped.
        a, last = max(first - HOP, 0), min(first + chunk, n)
        part = true_peaks(samples[:, a : min(last + HOP, n)])
        skip = (first - a) // HOP
        hops = -(-(last - first) // HOP)
        peaks[first // HOP : first // HOP + hops] = part[skip : skip + hops]
    return peaks


def limiting_curve(peaks: Curve, ceiling: float) -> Curve:
    """Return the gain (0 to 1) a hop that keeps `peaks` at or under `ceiling`.

    The gain is down 4 ms before a peak arrives and comes back with a half-life of 70 ms.
    """
    wanted = np.log(np.maximum(peaks / ceiling, 1.0))
    if not wanted.any():
        return np.ones_like(peaks)
    # Release in closed form: r[n] = max over k ≤ n of wanted[k] - slope·(n - k), straight lines in decibels.
    slope = np.log(2.0) * HOP / (_HALF_LIFE_S * RATE_HZ)
    ramp = slope * np.arange(peaks.size)
    reduction = np.maximum(np.maximum.accumulate(wanted + ramp) - ramp, 0.0)
    wide = 2 * _LOOK_HOPS + 1
    padded = np.pad(reduction, _LOOK_HOPS, mode="edge")
    held = np.lib.stride_tricks.sliding_window_view(padded, wide).max(axis=1)
    # A mean over less than the held width never rises above what any hop in it needs.
    narrow = wide - 2
    total = np.cumsum(np.pad(held, (narrow // 2 + 1, narrow // 2), mode="edge"))
    return np.asarray(np.exp(-(total[narrow:] - total[:-narrow]) / narrow))


def apply_gain(samples: Samples, curve: Curve, first_hop: int = 0) -> None:
    """Multiply `samples` (channels, n), which begin at hop `first_hop` of `curve`, in place, interpolated."""
    n = samples.shape[1]
    last = min(curve.size, first_hop + -(-n // HOP) + 2)
    start = max(first_hop - 1, 0)
    at = (np.arange(start, last) - first_hop + 0.5) * HOP - 0.5
    samples *= np.interp(np.arange(n), at, curve[start:last]).astype(np.float32)
