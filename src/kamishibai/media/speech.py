"""Speech as sound: find where it begins and ends, join sentences without clicks, soften hisses, level it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from kamishibai.media.limiter import apply_gain, limiting_curve, true_peaks
from kamishibai.media.loudness import Meter
from kamishibai.media.sound import RATE_HZ

__all__ = ["active_span", "audible", "fade_ends", "join", "level", "loudness_lufs", "soften_hiss"]

Mono = npt.NDArray[np.float32]
"""Shape (samples,)."""
FRAME_S = 0.005
FLOOR_DB = -40.0
"""A frame this far below the loudest counts as silence."""
SHORTEST_LOUDNESS_S = 3.0
HISS_HZ = (3_600.0, 5_600.0)
"""Where the softening of hisses sets in, and where it is whole."""
HISS_DB = -16.0
"""The loudest hiss that is left alone, against the loud vowels of the same sentence."""
HISS_RATIO = 3.0


def audible(sound: Mono, rate_hz: int, *, floor_db: float = FLOOR_DB) -> tuple[npt.NDArray[np.bool_], int]:
    """Return, for each 5 ms frame, whether it rises above the floor, and the samples a frame."""
    step = max(1, round(FRAME_S * rate_hz))
    frames = -(-len(sound) // step)
    padded = np.zeros(frames * step, np.float64)
    padded[: len(sound)] = sound
    power = np.mean(np.square(padded.reshape(frames, step)), axis=1)
    loudest = float(np.max(power, initial=0.0))
    if loudest <= 1e-12:
        return np.zeros(frames, np.bool_), step
    return power > loudest * 10 ** (floor_db / 10), step


def active_span(sound: Mono, rate_hz: int, *, floor_db: float = FLOOR_DB) -> tuple[int, int]:
    """Return the first sample of the first audible frame and one past the last of the last; (0, 0) in silence."""
    loud, step = audible(sound, rate_hz, floor_db=floor_db)
    places = np.flatnonzero(loud)
    if not len(places):
        return 0, 0
    return int(places[0]) * step, min(len(sound), int(places[-1] + 1) * step)


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


def soften_hiss(sound: Mono, rate_hz: int) -> Mono:
    """Return `sound` with the sibilants that stick out above the vowels turned down (a split-band de-esser).

    Works frame by frame on the spectrum (21 ms, Hann, 75 % overlap): where the band above 5 kHz comes
    closer than 16 dB to the sentence's loud vowels, its excess is divided by three. Length is kept.
    """
    size = 1 << round(np.log2(0.021 * rate_hz))
    hop = size // 4
    if len(sound) < size:
        return sound
    window = np.sqrt(np.hanning(size + 1)[:-1])
    padded = np.pad(sound.astype(np.float64), (size, 2 * size))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop] * window
    spectra = np.fft.rfft(frames, axis=1)
    power = np.abs(spectra) ** 2
    hertz = np.fft.rfftfreq(size, 1 / rate_hz)
    vowels = power[:, (hertz > 100) & (hertz < 4_000)].sum(axis=1)
    hiss = power[:, hertz >= HISS_HZ[1]].sum(axis=1)
    loud = vowels[vowels > vowels.max() * 1e-4]
    if not len(loud):
        return sound
    excess_db = 10 * np.log10(np.maximum(hiss / np.percentile(loud, 85), 1e-12)) - HISS_DB
    cut_db = np.maximum(excess_db, 0.0) * (1 - 1 / HISS_RATIO)
    # The neighbours take the deepest cut too, so that the onset of a hiss is not let through.
    cut_db = np.maximum(cut_db, np.maximum(np.roll(cut_db, 1), np.roll(cut_db, -1)))
    reach = np.clip((hertz - HISS_HZ[0]) / (HISS_HZ[1] - HISS_HZ[0]), 0.0, 1.0)
    spectra *= 10 ** (-np.outer(cut_db, reach) / 20)
    back = np.fft.irfft(spectra, size, axis=1) * window
    out = np.zeros(len(padded))
    for index, frame in enumerate(back):
        out[index * hop : index * hop + size] += frame
    # The squared window overlaps to two.
    soft: Mono = (out[size : size + len(sound)] / 2).astype(np.float32)
    return soft
