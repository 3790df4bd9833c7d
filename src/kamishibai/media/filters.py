"""Filters, fades, panning, noise and slow random curves on arrays: NumPy alone, deterministic, no recursion a sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from kamishibai.media.sound import RATE_HZ, Samples

__all__ = [
    "Mono",
    "Response",
    "add_at",
    "amplitude",
    "band",
    "box_smooth",
    "convolve",
    "decibels",
    "fade_edges",
    "fast_length",
    "filtered",
    "glide",
    "high_pass",
    "low_cut",
    "low_pass",
    "noise",
    "pan",
    "tilt",
]

Mono = npt.NDArray[np.float32]
"""Shape (samples,)."""
Response = Callable[[npt.NDArray[Any]], npt.NDArray[Any]]
"""Gain (linear, real) for frequencies in hertz."""
_SILENT_DB = -200.0


def amplitude(db: float) -> float:
    """Return the linear factor of a level in decibels."""
    return float(10.0 ** (db / 20.0))


def decibels(value: float) -> float:
    """Return the level in decibels of a linear factor; zero gives -200."""
    return float(20.0 * np.log10(value)) if value > 1e-10 else _SILENT_DB


def fast_length(n: int) -> int:
    """Return the smallest length of the form 2^a·3^b·5^c that is at least `n`: lengths the FFT is quick at."""
    best = 1 << max(n - 1, 1).bit_length()
    five = 1
    while five < best:
        three = five
        while three < best:
            rest = -(-n // three)
            length = three << max(rest - 1, 0).bit_length()
            if n <= length < best:
                best = length
            three *= 3
        five *= 5
    return best


def low_pass(hz: float, order: float = 2) -> Response:
    """Return a Butterworth-shaped low-pass: -3 dB at `hz`, 6·`order` dB an octave above."""
    return lambda f: 1.0 / np.sqrt(1.0 + (f / hz) ** (2 * order))


def high_pass(hz: float, order: float = 2) -> Response:
    """Return a Butterworth-shaped high-pass: -3 dB at `hz`, 6·`order` dB an octave below."""
    return lambda f: 1.0 / np.sqrt(1.0 + (hz / np.maximum(f, 1e-3)) ** (2 * order))


def band(centre_hz: float, octaves: float) -> Response:
    """Return a bell that is Gaussian over log frequency: -3 dB half of `octaves` from `centre_hz`."""
    width = octaves / 2 / np.sqrt(np.log(2.0))
    return lambda f: np.exp(-((np.log2(np.maximum(f, 1e-3) / centre_hz) / width) ** 2) / 2)


def tilt(db_per_octave: float, pivot_hz: float = 1000.0) -> Response:
    """Return a straight slope over log frequency, unity at `pivot_hz`, flat below 20 Hz (-3 gives pink)."""
    power = db_per_octave / 6.0206
    return lambda f: (np.maximum(f, 20.0) / pivot_hz) ** power


def filtered(samples: npt.NDArray[Any], *responses: Response, rate_hz: int = RATE_HZ) -> Samples:
    """Return `samples` (…, n) through the product of `responses`, with zero phase and no wrap-around."""
    n = samples.shape[-1]
    length = fast_length(n + min(n, rate_hz // 4))
    spectrum = np.fft.rfft(samples.astype(np.float32, copy=False), length)
    frequencies = np.fft.rfftfreq(length, 1.0 / rate_hz)
    gain = np.ones_like(frequencies)
    for response in responses:
        gain = gain * response(frequencies)
    gain[0] = 0.0
    out = np.fft.irfft(spectrum * gain.astype(np.float32), length)[..., :n]
    return np.ascontiguousarray(out, dtype=np.float32)


def noise(
    n: int, rng: np.random.Generator, *responses: Response, channels: int = 1, rate_hz: int = RATE_HZ
) -> Samples:
    """Return Gaussian noise (channels, n) of unit RMS, shaped by `responses`; channels are independent."""
    length = fast_length(n + 1)
    frequencies = np.fft.rfftfreq(length, 1.0 / rate_hz)
    gain = np.ones_like(frequencies)
    for response in responses:
        gain = gain * response(frequencies)
    gain[0] = 0.0
    gain *= np.sqrt(length / 2) / max(float(np.sqrt(np.mean(gain**2))), 1e-12)
    shape = (channels, gain.size)
    spectrum = np.empty(shape, dtype=np.complex64)
    spectrum.real = rng.standard_normal(shape, dtype=np.float32)
    spectrum.imag = rng.standard_normal(shape, dtype=np.float32)
    out = np.fft.irfft(spectrum * (gain * np.sqrt(0.5)).astype(np.float32), length)[:, :n]
    return np.ascontiguousarray(out, dtype=np.float32)


def glide(
    n: int, rng: np.random.Generator, period_s: float, low: float, high: float, *, rate_hz: int = RATE_HZ
) -> Mono:
    """Return a smooth random curve (n,) between `low` and `high` that turns about every `period_s` seconds."""
    points = max(4, int(np.ceil(n / rate_hz / period_s)) + 3)
    heights = rng.uniform(low, high, points)
    at = np.arange(0, n, 64, dtype=np.float64) / (rate_hz * period_s) + rng.uniform(0.0, 1.0)
    left = np.minimum(at.astype(np.int64), points - 2)
    part = at - left
    ease = part * part * (3 - 2 * part)
    coarse = heights[left] * (1 - ease) + heights[left + 1] * ease
    return np.asarray(np.interp(np.arange(n), np.arange(coarse.size) * 64, coarse), dtype=np.float32)


def box_smooth(values: npt.NDArray[Any], width: int) -> npt.NDArray[np.float64]:
    """Return the centred moving average of `values` (n,) over `width` points, edges held."""
    if width <= 1:
        return values.astype(np.float64)
    left = width // 2
    padded = np.pad(values.astype(np.float64), (left + 1, width - left - 1), mode="edge")
    total = np.cumsum(padded)
    return np.asarray((total[width:] - total[:-width]) / width)


def low_cut(samples: npt.NDArray[Any], hz: float = 35.0, *, rate_hz: int = RATE_HZ) -> Mono:
    """Return `samples` (n,) without what lies below about `hz`: minus a triangular moving average, zero phase."""
    width = max(3, int(0.44 * rate_hz / hz))
    padded = np.pad(samples.astype(np.float64), (width, width))
    smooth = box_smooth(box_smooth(padded, width), width)
    return np.asarray((padded - smooth)[width:-width], dtype=np.float32)


def fade_edges(samples: Samples, rise_s: float, fall_s: float, *, rate_hz: int = RATE_HZ) -> Samples:
    """Return `samples` (…, n) with raised-cosine fades from and to exact zero, never longer than half of it."""
    n = samples.shape[-1]
    out = samples.astype(np.float32, copy=True)
    up = min(int(rise_s * rate_hz), n // 2)
    down = min(int(fall_s * rate_hz), n // 2)
    if up > 0:
        out[..., :up] *= (0.5 - 0.5 * np.cos(np.pi * np.arange(up) / up)).astype(np.float32)
    if down > 0:
        curve = 0.5 - 0.5 * np.cos(np.pi * np.arange(down) / down)
        out[..., n - down :] *= curve[::-1].astype(np.float32)
    return out


def pan(mono: npt.NDArray[Any], position: float) -> Samples:
    """Return (2, n) of `mono` at `position` (-1 left … 1 right) with constant power."""
    angle = (min(1.0, max(-1.0, position)) + 1.0) * np.pi / 4
    sides = np.array([np.cos(angle), np.sin(angle)], dtype=np.float32)
    return np.asarray(sides[:, None] * mono.astype(np.float32, copy=False)[None, :])


def add_at(target: Samples, piece: Samples, start: int, gain: float = 1.0) -> None:
    """Add `piece` (…, m) times `gain` into `target` (…, n) from sample `start`, cut to what fits."""
    first = max(0, -start)
    last = min(piece.shape[-1], target.shape[-1] - start)
    if last > first:
        target[..., start + first : start + last] += np.float32(gain) * piece[..., first:last]


def convolve(samples: Samples, impulse: Samples) -> Samples:
    """Return the full convolution of (…, n) with (…, m), by one FFT."""
    n = samples.shape[-1] + impulse.shape[-1] - 1
    length = fast_length(n)
    out = np.fft.irfft(np.fft.rfft(samples, length) * np.fft.rfft(impulse, length), length)[..., :n]
    return np.ascontiguousarray(out, dtype=np.float32)
