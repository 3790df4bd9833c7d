"""Cuts a long sound into stretches at its pauses: where to cut, and how loud it is from moment to moment."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["FRAME_S", "levels", "quietest", "stretches"]

FRAME_S = 0.01
PAUSE_S = 0.2
"""A pause this long is silence between phrases; the shorter ones may be the closure of a consonant."""
FULL = 0.6
"""A stretch is cut after this part of the longest, where the longest pause is."""

Levels = npt.NDArray[np.float32]
"""Mean square of each 10 ms frame."""


def levels(sound: npt.NDArray[np.float32], rate_hz: int) -> Levels:
    """Return the mean square of every whole or begun 10 ms frame of a mono sound."""
    step = round(FRAME_S * rate_hz)
    frames = -(-len(sound) // step)
    padded = np.zeros(frames * step, np.float32)
    padded[: len(sound)] = sound
    power: Levels = np.mean(np.square(padded.reshape(frames, step)), axis=1, dtype=np.float32)
    return power


def quietest(power: Levels, first: int, last: int, width: int = round(PAUSE_S / FRAME_S)) -> int:
    """Return the frame between `first` and `last` (one past the end) at the middle of the quietest `width` frames."""
    first, last = max(0, min(first, len(power))), min(len(power), last)
    if last <= first:
        return first
    width = max(1, min(width, last - first))
    sums = np.convolve(power[first:last].astype(np.float64), np.ones(width), mode="valid")
    low = np.flatnonzero(sums <= sums.min() * 1.5 + 1e-12)
    # The middle of the longest run that is as quiet as can be, so that a cut stays clear of both sides.
    runs = np.split(low, np.flatnonzero(np.diff(low) > 1) + 1)
    longest = max(runs, key=len)
    return first + int(longest[len(longest) // 2]) + width // 2


def stretches(sound: npt.NDArray[np.float32], rate_hz: int, longest_s: float) -> list[tuple[int, int]]:
    """Return (first, last) samples of the stretches of a mono sound, none over `longest_s`, each cut at a pause.

    A sound that fits is one stretch, untouched. Windows that overlap and are stitched, as recognisers often do it,
    would have to guess which of two readings of the overlap is right; a pause has none.
    """
    longest = round(longest_s * rate_hz)
    if len(sound) <= longest:
        return [(0, len(sound))]
    step = round(FRAME_S * rate_hz)
    power = levels(sound, rate_hz)
    out: list[tuple[int, int]] = []
    at = 0
    while len(sound) - at > longest:
        cut = quietest(power, (at + round(FULL * longest)) // step, (at + longest) // step) * step
        out.append((at, cut))
        at = cut
    return [*out, (at, len(sound))]
