"""Speech as sound: find where it begins and ends, cut it there, join sentences without clicks, level it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from kamishibai.media.limiter import apply_gain, limiting_curve, true_peaks
from kamishibai.media.loudness import Meter
from kamishibai.media.sound import RATE_HZ

__all__ = ["active_span", "fade_ends", "join", "level", "loudness_lufs"]

Mono = npt.NDArray[np.float32]
"""Shape (samples,)."""
WINDOW_S = 0.010
FLOOR_DB = -40.0
"""A frame this far below the loudest counts as silence."""
SHORTEST_LOUDNESS_S = 3.0


def active_span(sound: Mono, rate_hz: int, *, floor_db: float = FLOOR_DB) -> tuple[int, int]:
    """Return the first sample of the first audible frame and one past the last of the last; (0, 0) in silence."""
    step = max(1, round(WINDOW_S * rate_hz / 2))
    frames = len(sound) // step
    if frames == 0:
        return (0, len(sound)) if np.any(sound) else (0, 0)
    power = np.mean(np.square(sound[: frames * step].reshape(frames, step), dtype=np.float64), axis=1)
    loudest = float(power.max())
    if loudest <= 1e-12:
        return 0, 0
    loud = np.flatnonzero(power > loudest * 10 ** (floor_db / 10))
    return int(loud[0]) * step, int(loud[-1] + 1) * step


def fade_ends(sound: Mono, samples_in: int, samples_out: int) -> Mono:
    """Return `sound` with raised-cosine fades at both ends."""
    faded: Mono = sound.copy()
    for count, at_end in ((samples_in, False), (samples_out, True)):
        count = min(count, len(faded))
        if count <= 0:
            continue
        ramp: Mono = (0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 0.5) / count)).astype(np.float32)
        if at_end:
            faded[-count:] *= ramp[::-1]
        else:
            faded[:count] *= ramp
    return faded


def join(pieces: Sequence[tuple[int, Mono]], samples: int) -> Mono:
    """Return silence of `samples` with every piece laid in at its start; what overlaps is added."""
    out = np.zeros(samples, np.float32)
    for start, piece in pieces:
        begin, end = max(0, start), min(samples, start + len(piece))
        out[begin:end] += piece[begin - start : end - start]
    return out


def loudness_lufs(sound: Mono, rate_hz: int = RATE_HZ) -> float | None:
    """Return the integrated loudness of mono speech (ITU-R BS.1770-4); None in silence.

    What is shorter than 3 s is repeated, so that the gate sees whole blocks.
    """
    if len(sound) == 0 or not np.any(sound):
        return None
    meter = Meter(1, rate_hz, true_peak=False)
    meter.add(np.tile(sound, int(np.ceil(SHORTEST_LOUDNESS_S * rate_hz / len(sound))))[None, :])
    return meter.lufs()


def level(sound: Mono, target_lufs: float, peak_dbtp: float) -> Mono:
    """Return 48 kHz `sound` at `target_lufs`, with what would pass `peak_dbtp` (true peak) eased under it."""
    measured = loudness_lufs(sound)
    if measured is None:
        return sound
    raised = (sound * np.float32(10 ** ((target_lufs - measured) / 20)))[None, :]
    ceiling = 10 ** (peak_dbtp / 20)
    peaks = true_peaks(raised)
    if float(peaks.max()) > ceiling:
        apply_gain(raised, limiting_curve(peaks, ceiling))
    return np.ascontiguousarray(raised[0])
