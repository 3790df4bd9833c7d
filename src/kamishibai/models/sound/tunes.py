"""Short phrases of music heard inside the story: a violin, a music box, a lullaby bell."""

from __future__ import annotations

import numpy as np

from kamishibai.media.filters import add_at, band, convolve, fade_edges, glide, noise, pan
from kamishibai.media.modal import modal, reverb_impulse
from kamishibai.media.sound import RATE_HZ, Samples
from kamishibai.models.sound.grains import Mono, Rng, envelope

__all__ = ["flute_phrase", "music_box", "violin"]

_TUNES = (
    ((0, 1.0), (4, 0.5), (7, 0.5), (9, 1.0), (7, 1.5)),
    ((7, 0.5), (9, 0.5), (7, 0.5), (4, 0.5), (2, 0.5), (0, 1.5)),
    ((0, 0.5), (2, 0.5), (4, 1.0), (7, 0.5), (4, 0.5), (2, 1.5)),
)


def _bowed(rng: Rng, hz: float, seconds: float) -> Mono:
    """Return one bowed note: a bright string through a wooden body, its vibrato growing in."""
    n = int(seconds * RATE_HZ)
    at = np.arange(n) / RATE_HZ
    depth = 0.0045 * envelope(n, (0, 0), (0.35, 0.2), (0.6, 1), (1, 0.8)).astype(np.float64)
    pitch = hz * (1 + depth * np.sin(2 * np.pi * 5.6 * at) + 0.0008 * glide(n, rng, 0.2, -1, 1))
    turn = 2 * np.pi * np.cumsum(pitch) / RATE_HZ
    out = np.zeros(n)
    for k in range(1, 15):
        f = k * hz
        if f > 9000:
            break
        body = 0.4 + np.exp(-(((f - 480) / 180) ** 2)) + 0.8 * np.exp(-(((f - 1050) / 350) ** 2))
        body += 0.35 * np.exp(-(((f - 2500) / 800) ** 2))
        out += body / k**1.35 * np.sin(k * turn + 0.9 * k)
    bow = noise(n, rng, band(3000, 2.2))[0] * 0.012
    return np.asarray((out + bow) * envelope(n, (0, 0), (0.12, 0.9), (0.7, 1), (1, 0)), dtype=np.float32)


def _fill(n: int, notes: list[tuple[float, Mono]], wet: float) -> Samples:
    out = np.zeros((2, n), dtype=np.float32)
    for at, note in notes:
        add_at(out, pan(note, 0), int(at * RATE_HZ))
    hall = reverb_impulse(1.8, dark_hz=2400, pre_delay_s=0.018, seed=83)
    return fade_edges(out + np.float32(wet) * convolve(out, hall)[:, :n], 0.005, 0.4)


def violin(n: int, rng: Rng) -> Samples:
    """Return a phrase on a violin."""
    base = 293.7 * 2 ** (int(rng.integers(0, 6)) / 12)
    notes, at = [], 0.0
    for step, beats in _TUNES[int(rng.integers(0, len(_TUNES)))]:
        seconds = beats * 0.6
        if at + seconds > n / RATE_HZ - 0.3:
            break
        notes.append((at, _bowed(rng, base * 2 ** (step / 12), seconds + 0.12)))
        at += seconds
    return _fill(n, notes, 0.45)


def music_box(n: int, rng: Rng) -> Samples:
    """Return a phrase on a music box."""
    base = 1046.5 * 2 ** (int(rng.integers(-4, 3)) / 12)
    notes, at = [], 0.0
    for step, beats in _TUNES[int(rng.integers(0, len(_TUNES)))]:
        if at > n / RATE_HZ - 0.4:
            break
        hz = base * 2 ** (step / 12)
        m = int(1.6 * RATE_HZ)
        ring = modal(m, [hz, hz * 2.0, hz * 6.27], [1, 0.12, 0.12], [1.5, 0.7, 0.12])
        notes.append((at, fade_edges(ring, 0.0012, 0.5)))
        at += beats * 0.5
    return _fill(n, notes, 0.35)


def flute_phrase(n: int, rng: Rng) -> Samples:
    """Return a phrase on a wooden flute."""
    base = 523.3 * 2 ** (int(rng.integers(-3, 4)) / 12)
    notes, at = [], 0.0
    for step, beats in _TUNES[int(rng.integers(0, len(_TUNES)))]:
        seconds = beats * 0.55
        if at + seconds > n / RATE_HZ - 0.3:
            break
        m = int((seconds + 0.06) * RATE_HZ)
        hz = base * 2 ** (step / 12)
        time = np.arange(m) / RATE_HZ
        turn = 2 * np.pi * hz * time + 0.25 * np.sin(2 * np.pi * 5 * time) * time / max(seconds, 0.1)
        voice = np.sin(turn) + 0.22 * np.sin(2 * turn) + 0.06 * np.sin(3 * turn)
        breath = noise(m, rng, band(hz * 2, 1.5))[0] * 0.05
        shape = envelope(m, (0, 0), (0.12, 1), (0.75, 0.85), (1, 0))
        notes.append((at, ((voice + breath) * shape).astype(np.float32)))
        at += seconds
    return _fill(n, notes, 0.4)
