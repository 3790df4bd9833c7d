"""Water: waves, streams, the deep, drips in a cave, splashes and bubbles."""

from __future__ import annotations

import numpy as np

from kamishibai.media.filters import add_at, band, convolve, fade_edges, glide, high_pass, low_pass, pan, tilt
from kamishibai.media.modal import modal, reverb_impulse
from kamishibai.media.sound import RATE_HZ, Samples
from kamishibai.models.sound.grains import (
    Mono,
    Rng,
    between,
    burst,
    contour,
    envelope,
    moments,
    scatter,
    tone,
    wide,
)

__all__ = ["bubbles", "cave", "drip", "drips", "river", "splash", "underwater", "waves"]


def _bubble(rng: Rng, low_hz: float, high_hz: float) -> Mono:
    """Return one bubble: a sine that rises as the bubble shrinks and dies at once (Minnaert's resonance)."""
    hz = low_hz * (high_hz / low_hz) ** between(rng, 0, 1)
    seconds = between(rng, 0.03, 0.09) * (600 / hz) ** 0.3
    n = int(seconds * RATE_HZ)
    rise = between(rng, 1.1, 1.6)
    shape = np.exp(-5 * np.arange(n) / n).astype(np.float32)
    return fade_edges(tone(contour(n, (0, hz), (1, hz * rise))) * shape, 0.003, seconds * 0.3)


def waves(n: int, rng: Rng) -> Samples:
    """Return a shore: each wave swells, breaks and draws back hissing; no two alike."""
    seconds = n / RATE_HZ
    swell, crash, hiss = (np.full(n, level, dtype=np.float32) for level in (0.16, 0.05, 0.04))
    at = -between(rng, 1.0, 5.0)
    while at < seconds:
        size = between(rng, 0.55, 1.0)
        length = between(rng, 6.5, 9.5)
        m = int(length * RATE_HZ)
        crest = between(rng, 0.34, 0.44)
        rise = envelope(m, (0, 0), (crest, 1), (0.75, 0.25), (1, 0))
        fall = envelope(m, (0, 0), (crest - 0.1, 0.05), (crest + 0.03, 1), (crest + 0.3, 0.25), (1, 0))
        draw = envelope(m, (0, 0), (crest, 0.1), (crest + 0.2, 1), (0.85, 0.45), (1, 0))
        for target, shape, level in ((swell, rise, 0.8), (crash, fall, 1.0), (hiss, draw, 0.55)):
            first = max(0, -int(at * RATE_HZ))
            add_at(target[None], shape[None, first:], max(0, int(at * RATE_HZ)), level * size)
        at += length * between(rng, 0.62, 0.85)
    out = wide(n, rng, low_pass(260, 1.2), high_pass(40), tilt(-3)) * swell
    out += wide(n, rng, band(650, 2.6), tilt(-1.5)) * crash * 0.8
    out += wide(n, rng, high_pass(1800, 1), low_pass(7000, 1.5), tilt(-2)) * hiss * 0.5
    return out


def river(n: int, rng: Rng) -> Samples:
    """Return a stream over stones: a lively murmur, and bubbles of many sizes."""
    out = wide(n, rng, band(480, 2.0)) * 0.45 * glide(n, rng, 0.6, 0.6, 1.0)
    out += wide(n, rng, band(1300, 2.0)) * 0.32 * glide(n, rng, 0.35, 0.5, 1.0)
    out += wide(n, rng, band(3200, 2.0), tilt(-2)) * 0.12 * glide(n, rng, 0.8, 0.5, 1.0)
    grains = [_bubble(rng, 380, 1900) for _ in range(40)]
    return np.asarray(
        out + 0.55 * scatter(n, rng, grains, 38, density=glide(n, rng, 0.9, 0.2, 1.0)), dtype=np.float32
    )


def underwater(n: int, rng: Rng) -> Samples:
    """Return the deep: a slow dark pressure, and strings of bubbles that rise past."""
    out = wide(n, rng, low_pass(170, 1.5), high_pass(40), tilt(-2)) * glide(n, rng, 4.5, 0.5, 1.0)
    out += wide(n, rng, band(420, 1.4)) * 0.22 * glide(n, rng, 3.0, 0.2, 1.0)
    for at in moments(rng, n / RATE_HZ, 4.0, regular=0.4):
        side = between(rng, -0.8, 0.8)
        for k in range(int(rng.integers(4, 11))):
            piece = pan(_bubble(rng, 260, 800), side + between(rng, -0.15, 0.15))
            later = at + k * between(rng, 0.05, 0.16)
            add_at(out, piece, int(later * RATE_HZ), 0.9 * between(rng, 0.3, 1.0))
    return out


def drip(rng: Rng) -> Mono:
    """Return one drop that falls into still water."""
    hz = between(rng, 700, 1900)
    n = int(0.16 * RATE_HZ)
    plop = tone(contour(n, (0, hz), (0.25, hz * 1.25), (1, hz * 1.5))) * np.exp(
        -np.arange(n) / (0.022 * RATE_HZ)
    )
    tick = modal(n, [hz * 2.7], [0.25], [0.03])
    return fade_edges((plop + tick).astype(np.float32), 0.002, 0.04)


def cave(n: int, rng: Rng) -> Samples:
    """Return a cave: a breath of air, and drips that ring through it."""
    drops = np.zeros((2, n), dtype=np.float32)
    for at in moments(rng, n / RATE_HZ, 1.6, regular=0.35):
        add_at(drops, pan(drip(rng), between(rng, -0.9, 0.9)), int(at * RATE_HZ), between(rng, 0.25, 1.0))
    room = reverb_impulse(3.4, dark_hz=1800, pre_delay_s=0.03, seed=41)
    air = wide(n, rng, low_pass(240, 1.5), high_pass(45), tilt(-3)) * 0.05 * glide(n, rng, 5, 0.5, 1.0)
    return np.asarray(air + 0.35 * drops + 0.9 * convolve(drops, room)[:, :n], dtype=np.float32)


def drips(n: int, rng: Rng) -> Samples:
    """Return three drops in a hollow place."""
    drops = np.zeros((2, n), dtype=np.float32)
    for k in range(3):
        at = 0.02 + 0.42 * k + between(rng, 0, 0.12)
        add_at(drops, pan(drip(rng), between(rng, -0.3, 0.3)), int(at * RATE_HZ), between(rng, 0.5, 1.0))
    room = reverb_impulse(1.6, dark_hz=1800, pre_delay_s=0.02, seed=43)
    return fade_edges(drops + 0.5 * convolve(drops, room)[:, :n], 0.001, 0.4)


def splash(n: int, rng: Rng) -> Samples:
    """Return something that falls into water: the slap, the crown, the bubbles after."""
    body = burst(rng, 0.5, band(700, 2.5), attack_s=0.006, decay=6)
    crown = burst(rng, 0.9, high_pass(1500, 1), low_pass(8000, 1), attack_s=0.05, decay=5)
    out = np.zeros((2, n), dtype=np.float32)
    add_at(out, pan(body, 0), 0, 0.7)
    add_at(out, pan(crown, 0.1), int(0.03 * RATE_HZ), 0.35)
    for _ in range(26):
        at = 0.1 + float(rng.exponential(0.28))
        add_at(
            out,
            pan(_bubble(rng, 350, 1500), between(rng, -0.5, 0.5)),
            int(at * RATE_HZ),
            between(rng, 0.1, 0.5),
        )
    return fade_edges(out, 0.002, 0.25)


def bubbles(n: int, rng: Rng) -> Samples:
    """Return a run of bubbles that rise."""
    out = np.zeros((2, n), dtype=np.float32)
    seconds = n / RATE_HZ
    for k in range(int(seconds * 9)):
        at = k / 9 + between(rng, 0, 0.09)
        base = 350 + 500 * at / seconds
        add_at(
            out,
            pan(_bubble(rng, base, base * 2), between(rng, -0.4, 0.4)),
            int(at * RATE_HZ),
            between(rng, 0.3, 1),
        )
    return fade_edges(out, 0.003, 0.2)
