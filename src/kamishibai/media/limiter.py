"""A look-ahead true-peak limiter: peaks found at four times the rate, gain curves that neither click nor pump."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from kamishibai.media.sound import RATE_HZ, Samples
from kamishibai.media.tape import Tape

__all__ = ["HOP", "Curve", "all_true_peaks", "apply_gain", "limiting_curve", "true_peaks"]

HOP = 24
"""Samples a step of the gain curve: half a millisecond."""
_TAPS = 24
_ROWS = 128
_PART = 200_000
"""Hops handled at once, so that an hour's curve takes little memory."""
_LOOK_HOPS = 9
_HALF_LIFE_S = 0.07

_APART_HOPS = 64
"""Runs of the gain curve that lie nearer to each other are interpolated in one go."""

Curve = npt.NDArray[np.float32]
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
    peaks = np.zeros(hops, dtype=np.float32)
    for channel in range(channels):
        padded = np.zeros(hops * HOP + _TAPS, dtype=np.float32)
        padded[left : left + n] = samples[channel]
        plain = np.abs(padded[left : left + hops * HOP]).reshape(hops, HOP).max(axis=1)
        windows = sliding_window_view(padded, HOP + _TAPS - 1)[::HOP]
        np.maximum(peaks, plain, out=peaks)
        for first in range(0, hops, _ROWS):
            # Small products stay on one thread; on a busy machine a threaded one waits for its helpers.
            over = np.abs(windows[first : first + _ROWS] @ _between()).max(axis=1)
            np.maximum(peaks[first : first + _ROWS], over, out=peaks[first : first + _ROWS])
    return peaks


def all_true_peaks(samples: Samples | Tape, *, chunk: int = HOP * 20_000) -> Curve:
    """Return `true_peaks` of a long sound (it may lie in a file), a chunk of whole hops at a time."""
    n = samples.shape[1]
    peaks = np.zeros(-(-n // HOP), dtype=np.float32)
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
    reduction = _released(peaks, ceiling)
    curve = np.ones(peaks.size, dtype=np.float32)
    wide, narrow = 2 * _LOOK_HOPS + 1, 2 * _LOOK_HOPS - 1
    margin = 2 * _LOOK_HOPS
    for first in range(0, peaks.size, _PART):
        last = min(first + _PART, peaks.size)
        a, b = max(first - margin, 0), min(last + margin, peaks.size)
        if not reduction[a:b].any():
            continue
        held = sliding_window_view(np.pad(reduction[a:b], _LOOK_HOPS, mode="edge"), wide).max(axis=1)
        # A mean over less than the held width never rises above what any hop in it needs.
        total = np.cumsum(np.pad(held.astype(np.float64), (narrow // 2 + 1, narrow // 2), mode="edge"))
        mean = (total[narrow:] - total[:-narrow]) / narrow
        curve[first:last] = np.exp(-mean)[first - a : last - a]
    return curve


def _released(peaks: Curve, ceiling: float) -> Curve:
    """Return how far (in nepers) the gain must be down at each hop, coming back along straight lines in decibels."""
    slope = np.log(2.0) * HOP / (_HALF_LIFE_S * RATE_HZ)
    out = np.zeros(peaks.size, dtype=np.float32)
    carried = 0.0
    for first in range(0, peaks.size, _PART):
        wanted = np.log(np.maximum(peaks[first : first + _PART].astype(np.float64) / ceiling, 1.0))
        # In closed form: the largest, over all earlier hops, of what they needed less the slope since then.
        ramp = slope * np.arange(1, wanted.size + 1)
        part = np.maximum(np.maximum.accumulate(wanted + ramp), carried) - ramp
        out[first : first + _PART] = np.maximum(part, 0.0)
        carried = float(max(part[-1], 0.0))
    return out


def apply_gain(samples: Samples, curve: Curve, first_hop: int = 0) -> None:
    """Multiply `samples` (channels, n), which begin at hop `first_hop` of `curve`, in place, interpolated."""
    n = samples.shape[1]
    last = min(curve.size, first_hop + -(-n // HOP) + 2)
    start = max(first_hop - 1, 0)
    at = (np.arange(start, last) - first_hop + 0.5) * HOP - 0.5
    for a, b in _held_back(curve[start:last]):
        # Between two hops that are left alone the gain is one.
        first, end = max(0, (start + a - first_hop - 1) * HOP), min(n, (start + b - first_hop + 1) * HOP)
        if first < end:
            gain = np.interp(np.arange(first, end), at, curve[start:last])
            samples[:, first:end] *= gain.astype(np.float32)


def _held_back(curve: Curve) -> Iterator[tuple[int, int]]:
    """Yield (first hop, one past the last) of each run of hops whose gain is not one, those near each other as one."""
    hops = np.flatnonzero(curve != 1.0)
    if hops.size == 0:
        return
    gaps = np.flatnonzero(np.diff(hops) > _APART_HOPS)
    yield from zip([hops[0], *hops[gaps + 1]], [*(hops[gaps] + 1), hops[-1] + 1], strict=True)
