"""The instruments: every note computed from decaying partials, breath and noise. Nothing is sampled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from kamishibai.media.filters import Mono, band, fade_edges, high_pass, low_cut, low_pass, noise
from kamishibai.media.modal import modal
from kamishibai.media.sound import RATE_HZ, Samples

__all__ = ["INSTRUMENTS", "Instrument", "play"]

Rng = np.random.Generator


@dataclass(frozen=True)
class Instrument:
    """How a voice sounds and where it sits."""

    sound: Callable[[float, float, float, Rng], Mono | Samples]
    """(hertz, force 0 to 1, seconds held) → mono (n,) or stereo (2, n), peak near 1."""
    level: float
    side: float
    """-1 left … 1 right."""
    send: float
    """How much of it goes to the hall."""
    held: bool = False
    """The length held matters; otherwise every note rings as long as it likes."""


def _end(raw: Mono, attack_s: float, release_s: float) -> Mono:
    return fade_edges(low_cut(raw), attack_s, release_s)


def _damped(raw: Mono, held_s: float, damper_s: float) -> Mono:
    """Return `raw` with the damper put on after `held_s`."""
    at = np.arange(raw.size) / RATE_HZ
    return np.asarray(raw * np.exp(-np.maximum(at - held_s, 0) / damper_s), dtype=np.float32)


def _music_box(hz: float, force: float, held: float, rng: Rng) -> Mono:
    ring = 2.6 * (600 / hz) ** 0.45
    n = int(min(ring, 3.2) * 0.85 * RATE_HZ)
    # A clamped steel tooth: its overtones are far apart and die at once.
    tooth = modal(n, [hz, hz * 1.003, 2 * hz, hz * 6.27, hz * 17.5], [0.8, 0.25, 0.10, 0.16 * force, 0.03 * force],
                  [ring, ring * 0.8, ring * 0.35, 0.14, 0.04])  # fmt: skip
    click = noise(n, rng, band(3800, 1.5))[0] * np.exp(-np.arange(n) / 90.0)
    wood = modal(n, [310, 520], [0.05, 0.03], [0.06, 0.05])
    return _end(tooth + (0.012 * force * click + wood * force).astype(np.float32), 0.0012, 0.4)


def _bar(
    ratios: tuple[float, ...], gains: tuple[float, ...], ring_s: float
) -> Callable[[float, float, float, Rng], Mono]:
    def sound(hz: float, force: float, held: float, rng: Rng) -> Mono:
        ring = ring_s * (900 / hz) ** 0.4
        n = int(min(ring, 3.4) * 0.85 * RATE_HZ)
        bright = [g * (force ** (0.35 * k)) for k, g in enumerate(gains)]
        rings = [ring / (1 + 1.9 * k) for k in range(len(ratios))]
        mallet = noise(n, rng, band(2600, 2))[0] * np.exp(-np.arange(n) / 120.0)
        raw = modal(n, [hz * r for r in ratios], bright, rings) + (0.010 * force * mallet).astype(np.float32)
        return _end(raw, 0.0015, 0.4)

    return sound


def _string(
    ring_s: float,
    pluck_at: float,
    brightness: float,
    *,
    body: tuple[float, ...] = (),
    damper_s: float | None = None,
) -> Callable[[float, float, float, Rng], Mono]:
    """Return a plucked string: partials weighted by where it is plucked, the high ones dying first."""

    def sound(hz: float, force: float, held: float, rng: Rng) -> Mono:
        ring = ring_s * (220 / hz) ** 0.5
        k = np.arange(1, 25)
        stiff = k * np.sqrt(1 + 1.2e-4 * k * k)
        soft = np.exp(-k * hz / (brightness * (0.45 + 0.9 * force)))
        gains = np.abs(np.sin(np.pi * k * pluck_at)) / k**0.9 * soft
        gains = gains / gains.sum() * 1.6
        rings = ring / (1 + 0.22 * (k - 1) + (k * hz / 5200) ** 2)
        length = ring * 0.8 if damper_s is None else min(ring * 0.8, held + 5 * damper_s)
        n = int(min(length, 4.0) * RATE_HZ)
        raw = modal(n, hz * stiff, gains, rings, phases=0.35 * k)
        for mode in body:
            raw += modal(n, [mode], [0.06 * force], [0.12])
        finger = noise(n, rng, band(min(hz * 6, 3000), 2.0))[0] * np.exp(-np.arange(n) / 160.0)
        raw = raw + (0.018 * force * finger).astype(np.float32)
        if damper_s is not None:
            raw = _damped(raw, held, damper_s)
        return _end(raw, 0.002, min(0.35, n / RATE_HZ / 3))

    return sound


def _felt_piano(hz: float, force: float, held: float, rng: Rng) -> Mono:
    ring = 5.5 * (220 / hz) ** 0.55
    k = np.arange(1, 15)
    stiff = k * np.sqrt(1 + 3.0e-4 * k * k)
    felt = np.exp(-k * hz / (1300 + 2600 * force))
    gains = felt / k**0.75
    gains = gains / gains.sum() * 1.3
    n = int(min(ring * 0.8, held + 1.1, 5.0) * RATE_HZ)
    # Two strings a cent apart, and a quick first decay before the slow one: the piano's own bloom.
    both = np.concatenate([stiff * hz * 0.9997, stiff * hz * 1.0004])
    slow = ring / (1 + 0.28 * (k - 1))
    rings = np.concatenate([slow * 0.35, slow])
    levels = np.concatenate([gains * 0.6, gains * 0.4])
    raw = modal(n, both, levels, rings, phases=np.concatenate([0.2 * k, 0.2 * k + 0.5]))
    hammer = noise(n, rng, low_pass(700, 1.5), high_pass(70))[0] * np.exp(-np.arange(n) / 500.0)
    raw = raw + (0.020 * force * hammer).astype(np.float32)
    return _end(_damped(raw, held, 0.16), 0.003, 0.2)


def _strings(bright_hz: float, attack_s: float) -> Callable[[float, float, float, Rng], Samples]:
    """Return a section of strings: many players a little out of tune with each other, bows drawn slowly."""

    def sound(hz: float, force: float, held: float, rng: Rng) -> Samples:
        release = 0.9
        n = int((held + release) * RATE_HZ)
        k = np.arange(1, 13)
        gains = 1 / k**1.15 * np.exp(-k * hz / (bright_hz * (0.7 + 0.6 * force)))
        gains = gains / np.sqrt((gains**2).sum()) * 0.30
        sides = []
        for _ in range(2):
            players = 2 ** (rng.uniform(-7, 7, 3) / 1200)
            modes = np.concatenate([k * hz * p for p in players])
            phases = rng.uniform(0, 2 * np.pi, modes.size)
            sides.append(modal(n, modes, np.tile(gains, 3), np.full(modes.size, 1e6), phases=phases))
        at = np.arange(n) / RATE_HZ
        rise = np.clip(at / min(attack_s, held * 0.6), 0, 1)
        fall = np.clip((n / RATE_HZ - at) / release, 0, 1)
        shape = (rise * rise * (3 - 2 * rise)) * (fall * fall * (3 - 2 * fall))
        return np.stack(sides) * shape.astype(np.float32)

    return sound


def _flute(hz: float, force: float, held: float, rng: Rng) -> Mono:
    release = 0.12
    n = int((held + release) * RATE_HZ)
    at = np.arange(n) / RATE_HZ
    vibrato = np.clip((at - 0.25) / 0.4, 0, 1) * np.sin(2 * np.pi * 4.8 * at + rng.uniform(0, 6))
    scoop = -0.012 * np.exp(-at / 0.035)
    turn = 2 * np.pi * np.cumsum(hz * (1 + scoop + 0.0030 * vibrato)) / RATE_HZ
    tone = (
        np.sin(turn) + (0.20 + 0.15 * force) * np.sin(2 * turn + 0.5) + 0.10 * force * np.sin(3 * turn + 1.1)
    )
    breath = noise(n, rng, band(hz * 2.2, 1.6))[0]
    chiff = np.exp(-at / 0.045)
    rise = np.clip(at / min(0.07, held * 0.4), 0, 1)
    fall = np.clip((n / RATE_HZ - at) / release, 0, 1)
    shape = (
        (rise * rise * (3 - 2 * rise)) * (fall * fall * (3 - 2 * fall)) * (0.88 + 0.12 * np.exp(-at / 0.5))
    )
    raw = (tone * (1 + 0.05 * vibrato) * 0.62 + breath * (0.030 + 0.06 * chiff)) * shape
    return fade_edges(raw.astype(np.float32), 0.002, 0.02)


def _shaker(hz: float, force: float, held: float, rng: Rng) -> Mono:
    n = int(0.09 * RATE_HZ)
    part = np.arange(n) / n
    return fade_edges(
        (noise(n, rng, band(6200, 1.2))[0] * part**0.6 * np.exp(-7 * part)).astype(np.float32), 0.006, 0.03
    )


def _brush(hz: float, force: float, held: float, rng: Rng) -> Mono:
    n = int(0.22 * RATE_HZ)
    part = np.arange(n) / n
    return fade_edges(
        (noise(n, rng, band(3000, 2.4))[0] * np.exp(-6 * part) * 0.5).astype(np.float32), 0.012, 0.06
    )


def _woodblock(hz: float, force: float, held: float, rng: Rng) -> Mono:
    n = int(0.16 * RATE_HZ)
    return _end(modal(n, [hz, hz * 1.51, hz * 2.4], [0.8, 0.4, 0.15], [0.11, 0.07, 0.04]), 0.0015, 0.05)


def _frame_drum(hz: float, force: float, held: float, rng: Rng) -> Mono:
    n = int(0.7 * RATE_HZ)
    skin = modal(n, [82, 131, 176, 218, 262], [0.8, 0.4, 0.25, 0.12, 0.06], [0.7, 0.35, 0.25, 0.18, 0.12])
    hand = noise(n, rng, band(700, 2.2))[0] * np.exp(-np.arange(n) / 500.0)
    return _end(skin + (0.05 * force * hand).astype(np.float32), 0.003, 0.2)


def _timpani(hz: float, force: float, held: float, rng: Rng) -> Mono:
    n = int(1.6 * RATE_HZ)
    ratios = (1.0, 1.504, 1.742, 2.0, 2.245, 2.494)
    skin = modal(
        n, [hz * r for r in ratios], [0.7, 0.4, 0.2, 0.22, 0.12, 0.1], [1.6, 1.2, 0.5, 0.9, 0.5, 0.6]
    )
    mallet = noise(n, rng, low_pass(350, 1.5))[0] * np.exp(-np.arange(n) / 700.0)
    return _end(skin + (0.05 * force * mallet).astype(np.float32), 0.004, 0.4)


def _triangle(hz: float, force: float, held: float, rng: Rng) -> Mono:
    n = int(2.0 * RATE_HZ)
    hzs = [2480, 3910, 5230, 6640, 8120]
    return _end(modal(n, hzs, [0.25, 0.35, 0.25, 0.15, 0.08], [1.8, 1.5, 1.2, 0.9, 0.7]), 0.002, 0.5)


INSTRUMENTS: Mapping[str, Instrument] = {
    "music box": Instrument(_music_box, 0.30, 0.12, 0.30),
    "glockenspiel": Instrument(_bar((1, 2.76, 5.40), (0.8, 0.18, 0.05), 1.9), 0.20, 0.30, 0.34),
    "celesta": Instrument(_bar((1, 2.0, 4.02), (0.85, 0.22, 0.10), 1.5), 0.30, -0.18, 0.34),
    "harp": Instrument(_string(4.6, 0.29, 4300), 0.42, -0.28, 0.28),
    "guitar": Instrument(
        _string(2.2, 0.17, 3900, body=(104, 208), damper_s=0.25), 0.40, 0.26, 0.18, held=True
    ),
    "pizzicato": Instrument(_string(0.85, 0.22, 2300, body=(190, 300)), 0.46, 0.18, 0.34),
    "soft bass": Instrument(_string(3.0, 0.35, 800, damper_s=0.22), 0.36, 0.0, 0.10, held=True),
    "felt piano": Instrument(_felt_piano, 0.46, -0.08, 0.26, held=True),
    "strings": Instrument(_strings(2700, 0.55), 0.17, 0.0, 0.34, held=True),
    "low strings": Instrument(_strings(1500, 0.8), 0.20, 0.0, 0.32, held=True),
    "flute": Instrument(_flute, 0.20, 0.10, 0.34, held=True),
    "shaker": Instrument(_shaker, 0.055, 0.42, 0.15),
    "brush": Instrument(_brush, 0.075, -0.25, 0.20),
    "woodblock": Instrument(_woodblock, 0.16, -0.38, 0.26),
    "frame drum": Instrument(_frame_drum, 0.36, -0.10, 0.26),
    "timpani": Instrument(_timpani, 0.36, 0.05, 0.30),
    "triangle": Instrument(_triangle, 0.06, 0.45, 0.35),
}


def play(voice: str, pitch: int, force: float, seconds: float, rng: Rng) -> Mono | Samples:
    """Return one note of `voice`: mono (n,) or stereo (2, n), from zero to zero."""
    return INSTRUMENTS[voice].sound(440.0 * 2 ** ((pitch - 69) / 12), force, seconds, rng)
