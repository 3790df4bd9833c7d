"""Weather: rain, wind, storm, thunder, the hush of snow."""

from __future__ import annotations

import numpy as np

from kamishibai.media.filters import add_at, band, fade_edges, glide, high_pass, low_pass, noise, pan, tilt
from kamishibai.media.modal import modal
from kamishibai.media.sound import RATE_HZ, Samples
from kamishibai.models.sound.grains import Mono, Rng, between, burst, envelope, moments, scatter, wide

__all__ = ["heavy_rain", "rain", "snow_hush", "storm", "thunder", "wind"]


def _drops(rng: Rng, count: int, low_hz: float, high_hz: float) -> list[Mono]:
    """Return single drops: a tick of noise and, for most, the short ring of the bubble it leaves."""
    out = []
    for _ in range(count):
        hz = low_hz * (high_hz / low_hz) ** between(rng, 0, 1)
        seconds = between(rng, 0.012, 0.035)
        n = int(seconds * RATE_HZ)
        ring = modal(n, [hz, hz * 1.52], [0.5, 0.2], [seconds * 0.7, seconds * 0.4])
        tick = burst(rng, seconds, band(hz * 1.3, 2.0), attack_s=0.0006, decay=11)[:n] * 0.35
        out.append(fade_edges(ring + tick, 0.0006, seconds * 0.4))
    return out


def rain(n: int, rng: Rng) -> Samples:
    """Return light rain: a soft hiss, and drops on leaves close by."""
    hiss = wide(n, rng, high_pass(900, 1.5), low_pass(5200, 2), tilt(-2.2)) * glide(n, rng, 3.5, 0.75, 1.0)
    low = wide(n, rng, band(420, 2.5)) * 0.25
    drops = scatter(n, rng, _drops(rng, 28, 1300, 5200), 42, density=glide(n, rng, 4, 0.5, 1.0))
    near = scatter(n, rng, _drops(rng, 12, 600, 1700), 5, loudness_sigma=0.8)
    return np.asarray(hiss * 0.9 + low + 2.6 * drops + 2.6 * near, dtype=np.float32)


def heavy_rain(n: int, rng: Rng) -> Samples:
    """Return a downpour: a broad, dense rush with gusts in it."""
    rush = wide(n, rng, high_pass(220, 1), low_pass(7500, 1.2), tilt(-2.6)) * glide(n, rng, 2.2, 0.7, 1.0)
    roof = wide(n, rng, band(700, 2.2)) * 0.35 * glide(n, rng, 1.4, 0.6, 1.0)
    drops = scatter(n, rng, _drops(rng, 32, 900, 4200), 130, density=glide(n, rng, 3, 0.6, 1.0))
    return np.asarray(rush + roof + 1.4 * drops, dtype=np.float32)


def wind(n: int, rng: Rng) -> Samples:
    """Return wind: bands of air that rise and fall on their own, and a faint whistle in the gusts."""
    gust = glide(n, rng, 4.5, 0.0, 1.0) ** 1.5
    swell = (0.3 + 0.7 * gust).astype(np.float32)
    out: Samples = wide(n, rng, low_pass(220, 1.5), tilt(-3)) * (0.6 * swell)
    for centre, level in ((190, 0.8), (330, 0.75), (560, 0.55), (950, 0.34), (1700, 0.16), (3000, 0.06)):
        breath = level * (0.16 + 0.84 * gust * glide(n, rng, 2.3, 0.35, 1.0))
        out += wide(n, rng, band(centre, 1.1)) * breath.astype(np.float32)
    for _ in range(2):
        whistle = wide(n, rng, band(between(rng, 520, 900), 0.10), width=0.5)
        out += whistle * (0.10 * gust**2 * glide(n, rng, 1.7, 0.0, 1.0)).astype(np.float32)
    return out


def snow_hush(n: int, rng: Rng) -> Samples:
    """Return the quiet of falling snow: damped air, hardly any highs, now and then a settling flake-fall."""
    air = wide(n, rng, low_pass(500, 1), tilt(-3.5)) * glide(n, rng, 6, 0.6, 1.0)
    powder = wide(n, rng, band(3200, 1.6)) * (0.05 * glide(n, rng, 2.5, 0.0, 1.0) ** 2)
    return air + powder


def thunder(n: int, rng: Rng) -> Samples:
    """Return one clap that rolls away: a soft crack, then rumbles from several sides."""
    out = np.zeros((2, n), dtype=np.float32)
    crack = burst(rng, 0.5, low_pass(1400, 1), high_pass(60), attack_s=0.012, decay=5)
    add_at(out, pan(crack, between(rng, -0.3, 0.3)), int(0.02 * RATE_HZ), 0.45)
    seconds = n / RATE_HZ
    at, level = 0.05, 1.0
    while at < seconds * 0.75:
        length = between(rng, 0.9, 2.4)
        m = int(length * RATE_HZ)
        roll = noise(m, rng, low_pass(between(rng, 90, 210), 1.5), high_pass(28), tilt(-2))[0]
        roll = roll * envelope(m, (0, 0), (between(rng, 0.08, 0.25), 1), (0.5, 0.5), (1, 0))
        add_at(out, pan(roll, between(rng, -0.7, 0.7)), int(at * RATE_HZ), level)
        at += between(rng, 0.2, 0.7)
        level *= between(rng, 0.72, 0.98)
    out += wide(n, rng, low_pass(110, 1.5), high_pass(28)) * envelope(
        n, (0, 0), (0.06, 0.5), (0.5, 0.25), (1, 0)
    )
    return fade_edges(out, 0.005, seconds * 0.35)


def storm(n: int, rng: Rng) -> Samples:
    """Return a thunderstorm at a distance: heavy rain, wind, and thunder every ten seconds or so."""
    out = heavy_rain(n, rng) * 0.5 + wind(n, rng) * 0.5
    for at in moments(rng, n / RATE_HZ, 11.0, regular=0.5):
        clap = thunder(int(between(rng, 4.0, 6.0) * RATE_HZ), rng)
        peak = float(np.abs(clap).max())
        add_at(out, clap, int(at * RATE_HZ), 5.0 * between(rng, 0.5, 1.0) / max(peak, 1e-6))
    return out
