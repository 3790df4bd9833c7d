"""Building blocks of synthesised sound: clouds of grains, gliding tones, voiced syllables, creaking friction."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from kamishibai.media.filters import Mono, Response, fade_edges, filtered, noise, pan
from kamishibai.media.sound import RATE_HZ, Samples

__all__ = [
    "Maker", "Mono", "Rng", "between", "burst", "contour", "envelope", "friction", "harmonic", "moments",
    "scatter", "tone", "wide",
]  # fmt: skip

Curve = npt.NDArray[np.float64]
Rng = np.random.Generator


def between(rng: Rng, low: float, high: float) -> float:
    """Return a random number from `low` to `high`."""
    return float(rng.uniform(low, high))


def moments(rng: Rng, seconds: float, every_s: float, *, regular: float = 0.0) -> list[float]:
    """Return random times within `seconds`, on average `every_s` apart; `regular` 0 is a Poisson process, 1 a clock."""
    out = []
    at = between(rng, 0.0, every_s)
    while at < seconds:
        out.append(at)
        gap = float(rng.exponential(every_s)) * (1 - regular) + every_s * regular
        at += max(gap, 0.002)
    return out


def envelope(n: int, *points: tuple[float, float]) -> Mono:
    """Return (n,) through `points` of (part of the length 0 to 1, level), eased so that no corner is heard."""
    at = np.linspace(0.0, 1.0, n, endpoint=False)
    places = np.array([p for p, _ in points])
    levels = np.array([v for _, v in points])
    left = np.clip(np.searchsorted(places, at, side="right") - 1, 0, len(points) - 2)
    part = np.clip((at - places[left]) / np.maximum(places[left + 1] - places[left], 1e-9), 0, 1)
    ease = part * part * (3 - 2 * part)
    return np.asarray(levels[left] * (1 - ease) + levels[left + 1] * ease, dtype=np.float32)


def contour(n: int, *points: tuple[float, float]) -> Curve:
    """Return frequencies (n,) through `points` of (part, hertz), eased over log frequency."""
    logs = envelope(n, *((p, float(np.log2(hz))) for p, hz in points))
    return np.asarray(2.0 ** logs.astype(np.float64))


def tone(hz: Curve, *, phase: float = 0.0) -> Mono:
    """Return a sine (n,) that follows the frequencies `hz` (n,)."""
    return np.sin(phase + 2 * np.pi * np.cumsum(hz) / RATE_HZ).astype(np.float32)


def harmonic(hz: Curve, gains: Sequence[float], formants: Response | None = None) -> Mono:
    """Return a voiced tone (n,): harmonics of `hz` with `gains`, through `formants` at each harmonic's mean pitch."""
    turn = 2 * np.pi * np.cumsum(hz) / RATE_HZ
    out = np.zeros(hz.size)
    mean = float(hz.mean())
    top = float(hz.max())
    for k, gain in enumerate(gains, start=1):
        if k * top > 0.45 * RATE_HZ:
            break
        weight = gain if formants is None else gain * float(formants(np.array([k * mean]))[0])
        if weight > 1e-5:
            out += weight * np.sin(k * turn + 0.7 * k * k)
    return out.astype(np.float32)


def burst(
    rng: Rng, seconds: float, *responses: Response, attack_s: float = 0.001, decay: float = 6.0
) -> Mono:
    """Return a noise burst (n,) that falls by e^-`decay` over `seconds`."""
    n = max(int(seconds * RATE_HZ), 16)
    shape = np.exp(-decay * np.arange(n) / n).astype(np.float32)
    return fade_edges(noise(n, rng, *responses)[0] * shape, attack_s, seconds * 0.3)


def scatter(
    n: int,
    rng: Rng,
    grains: Sequence[Mono],
    rate_per_s: float,
    *,
    spread: float = 1.0,
    loudness_sigma: float = 0.6,
    density: Mono | None = None,
) -> Samples:
    """Return (2, n): `grains` thrown at random (a Poisson process) over time and from left to right.

    `loudness_sigma` is the spread of their levels (log-normal); `density` (n,) thins them out where below 1.
    """
    count = int(rng.poisson(rate_per_s * n / RATE_HZ))
    starts = np.sort(rng.integers(0, max(n, 1), count))
    which = rng.integers(0, len(grains), count)
    sides = rng.integers(0, 9, count)
    # The rare giants of a log-normal would stand out as knocks.
    levels = np.minimum(np.exp(loudness_sigma * rng.standard_normal(count) - loudness_sigma**2), 1.6)
    keep = np.ones(count, dtype=bool) if density is None else rng.random(count) < density[starts]
    placed = [[pan(grain, spread * (side - 4) / 4) for side in range(9)] for grain in grains]
    longest = max(grain.size for grain in grains)
    out = np.zeros((2, n + longest), dtype=np.float32)
    for start, grain, side, level in zip(starts[keep], which[keep], sides[keep], levels[keep], strict=True):
        piece = placed[grain][side]
        out[:, start : start + piece.shape[1]] += np.float32(level) * piece
    return out[:, :n]


def wide(n: int, rng: Rng, *responses: Response, width: float = 0.8) -> Samples:
    """Return stereo noise (2, n) of unit RMS whose sides share 1 - `width` of their sound."""
    two = noise(n, rng, *responses, channels=2)
    share = 1 - width
    two[1] = np.float32(share) * two[0] + np.float32(np.sqrt(1 - share * share)) * two[1]
    return two


def friction(n: int, rng: Rng, hz: Curve, body: Response, *, rough: float = 0.25) -> Mono:
    """Return a creak (n,): stick-slip pulses at the rates `hz`, unevenly spaced by `rough`, through a `body`."""
    out = np.zeros(n, dtype=np.float32)
    at = 0.0
    while at < n - 1:
        out[int(at)] = 1.0 + 0.4 * rng.standard_normal()
        at += RATE_HZ / max(float(hz[int(at)]), 1.0) * float(np.exp(rough * rng.standard_normal()))
    return filtered(out, body)


Maker = Callable[[int, Rng], Samples]
"""Makes (2, n) of a sound."""
