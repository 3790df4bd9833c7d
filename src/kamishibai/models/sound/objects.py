"""Things: steps, bells, clocks, doors, whooshes, magic, horns, glass, paper, ice, drums."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kamishibai.media.filters import (
    Response,
    add_at,
    band,
    convolve,
    fade_edges,
    glide,
    high_pass,
    low_pass,
    noise,
    pan,
    tilt,
)
from kamishibai.media.modal import modal, reverb_impulse
from kamishibai.media.sound import RATE_HZ, Samples
from kamishibai.models.sound.grains import (
    Mono,
    Rng,
    between,
    burst,
    contour,
    envelope,
    friction,
    harmonic,
    tone,
)

__all__ = [
    "bell", "chime", "church_bell", "clock", "crackle", "door_close", "door_creak", "door_open", "drum",
    "flutter", "glass", "heartbeat", "horn", "ice", "knock", "magic", "page", "pop", "ship_horn", "steps",
    "train_whistle", "whistle", "whoosh",
]  # fmt: skip


def _room(dry: Samples, wet: float, seconds: float = 1.2, seed: int = 79) -> Samples:
    hall = reverb_impulse(seconds, dark_hz=2400, pre_delay_s=0.012, seed=seed)
    return np.asarray(dry + np.float32(wet) * convolve(dry, hall)[:, : dry.shape[1]], dtype=np.float32)


def _struck(
    hz: float, ratios: tuple[float, ...], gains: tuple[float, ...], ring_s: tuple[float, ...]
) -> Mono:
    """Return one struck thing (n,), its partials at `ratios` of `hz`, ended with a fade."""
    n = int(max(ring_s) * 0.8 * RATE_HZ)
    phases = [0.4 * k * k for k in range(len(ratios))]
    raw = modal(n, [hz * r for r in ratios], gains, ring_s, phases=phases)
    return fade_edges(raw, 0.0015, max(ring_s) * 0.25)


def _step_sounds(rng: Rng, ground: str) -> Mono:
    """Return one footfall, heel and toe, on grass, wood, snow, stone, gravel, sand or leaves."""
    n = int(0.34 * RATE_HZ)
    out = np.zeros(n, dtype=np.float32)
    low: dict[str, tuple[float, float]] = {
        "wood": (105, 0.8), "stone": (150, 0.25), "snow": (80, 0.15), "grass": (75, 0.25),
        "gravel": (90, 0.2), "sand": (70, 0.2), "leaves": (75, 0.2),
    }  # fmt: skip
    hz, level = low[ground]
    for at, weight in ((0.0, 1.0), (0.085, 0.55)):
        first = int((at + between(rng, 0, 0.01)) * RATE_HZ)
        thump = _struck(hz * between(rng, 0.93, 1.07), (1, 1.9, 3.3), (1, 0.35, 0.12), (0.11, 0.07, 0.04))
        add_at(out[None], thump[None], first, level * weight)
        texture: tuple[float, Response, float, float] = {
            "wood": (0.03, band(820, 1.8), 0.35, 9.0),
            "stone": (0.025, band(1700, 1.8), 0.5, 9.0),
            "snow": (0.16, band(2100, 1.6), 0.4, 3.0),
            "grass": (0.15, band(2700, 2.0), 0.3, 4.0),
            "gravel": (0.12, band(2400, 1.8), 0.25, 4.0),
            "sand": (0.16, band(1500, 2.0), 0.3, 4.0),
            "leaves": (0.17, band(3300, 2.0), 0.35, 3.5),
        }[ground]
        seconds, shape, loud, decay = texture
        sweep = burst(rng, seconds, shape, attack_s=0.004 if seconds < 0.05 else 0.025, decay=decay)
        if ground in ("snow", "gravel", "leaves"):
            # Crunch: the texture arrives in many small grains, not in one breath.
            grain = np.abs(noise(sweep.size, rng, low_pass(90, 1))[0]) ** 2
            sweep = sweep * np.minimum(grain, 3.0)
        add_at(out[None], sweep[None], first, loud * weight)
    return fade_edges(out, 0.001, 0.05)


def steps(ground: str) -> Callable[[int, Rng], Samples]:
    """Return a maker of steps on `ground` that walks for as long as it is given."""

    def walk(n: int, rng: Rng) -> Samples:
        out = np.zeros((2, n), dtype=np.float32)
        at, side = 0.02, 1
        pace = between(rng, 0.5, 0.58)
        while at < n / RATE_HZ - 0.3:
            piece = pan(_step_sounds(rng, ground), 0.12 * side)
            add_at(out, piece, int(at * RATE_HZ), between(rng, 0.75, 1.0))
            at += pace * between(rng, 0.95, 1.05)
            side = -side
        return _room(out, 0.12, 0.5)

    return walk


_BELL = (1.0, 2.0, 2.74, 4.07, 5.4, 6.9)


def bell(n: int, rng: Rng) -> Samples:
    """Return a small hand bell, rung twice."""
    hz = between(rng, 1150, 1500)
    out = np.zeros((2, n), dtype=np.float32)
    for at, level in ((0.0, 1.0), (0.42, 0.8)):
        ding = _struck(hz, _BELL, (1, 0.5, 0.35, 0.2, 0.1, 0.05), (1.9, 1.4, 0.9, 0.6, 0.35, 0.2))
        add_at(out, pan(ding, 0), int(at * RATE_HZ), level)
    return _room(fade_edges(out, 0.001, 0.4), 0.2)


def church_bell(n: int, rng: Rng) -> Samples:
    """Return a church bell that tolls: hum, prime, minor third, fifth, nominal and what lies above."""
    hz = between(rng, 205, 250)
    out = np.zeros((2, n), dtype=np.float32)
    at = 0.0
    while at < max(n / RATE_HZ - 2.5, 0.1):
        ratios = (0.5, 1.0, 1.002, 1.19, 1.5, 2.0, 2.005, 2.51, 2.66, 3.01, 4.17, 5.43)
        gains = (0.5, 0.55, 0.35, 0.6, 0.25, 0.7, 0.4, 0.25, 0.2, 0.22, 0.12, 0.06)
        ring = (7.0, 4.8, 4.8, 3.6, 2.4, 2.8, 2.8, 1.5, 1.4, 1.3, 0.8, 0.5)
        toll = _struck(hz, ratios, gains, ring)
        strike = burst(rng, 0.05, band(2200, 2), decay=9)
        toll[: strike.size] += 0.15 * strike
        add_at(out, pan(toll, 0), int(at * RATE_HZ), between(rng, 0.9, 1.0))
        at += 2.3
    return _room(fade_edges(out, 0.002, min(2.2, n / RATE_HZ / 3)), 0.5, 2.4)


def clock(n: int, rng: Rng) -> Samples:
    """Return a clock that ticks and tocks, one of each a second, as long as it is given."""
    out = np.zeros((2, n), dtype=np.float32)
    k = 0
    while 0.02 + 0.5 * k < n / RATE_HZ - 0.1:
        hz = 2350 if k % 2 == 0 else 1900
        tick = _struck(hz, (1, 1.53, 2.3, 0.21), (1, 0.6, 0.3, 0.6), (0.035, 0.025, 0.02, 0.06))
        add_at(out, pan(tick, 0.05), int((0.02 + 0.5 * k) * RATE_HZ), between(rng, 0.85, 1.0))
        k += 1
    return _room(out, 0.2, 0.6)


def chime(n: int, rng: Rng) -> Samples:
    """Return a clock's chime: four notes, then the hour."""
    out = np.zeros((2, n), dtype=np.float32)
    base = 330.0 * 2 ** (int(rng.integers(-2, 3)) / 12)
    tune = (4, 0, 2, -5)
    ratios, gains = (1, 2.0, 2.4, 3.0, 4.5), (1, 0.45, 0.2, 0.2, 0.08)
    for k, step in enumerate(tune):
        piece = _struck(base * 2 ** (step / 12), ratios, gains, (2.6, 1.6, 1.0, 0.8, 0.4))
        add_at(out, pan(piece, 0), int(0.62 * k * RATE_HZ), 0.6)
    add_at(out, pan(_struck(base / 2, ratios, gains, (4.5, 2.8, 1.6, 1.0, 0.5)), 0), int(3.0 * RATE_HZ), 0.9)
    return _room(fade_edges(out, 0.002, 1.0), 0.35, 1.6)


def _latch(rng: Rng) -> Mono:
    click = _struck(1250, (1, 1.6, 2.9, 4.4), (1, 0.7, 0.5, 0.3), (0.05, 0.04, 0.03, 0.02))
    return np.asarray(click + 0.3 * burst(rng, click.size / RATE_HZ, band(2600, 2), decay=12)[: click.size])


def _creak(rng: Rng, seconds: float) -> Mono:
    n = int(seconds * RATE_HZ)
    low = between(rng, 38, 60)
    rates = contour(n, (0, low), (0.35, low * 1.9), (0.6, low * 1.5), (1, low * 2.3))
    rates = rates * (1 + 0.12 * glide(n, rng, 0.09, -1, 1))
    out = friction(n, rng, rates, band(720, 0.9), rough=0.07)
    out += 0.6 * friction(n, rng, rates, band(1650, 0.7), rough=0.07)
    out = out * envelope(n, (0, 0), (0.2, 0.9), (0.7, 0.8), (1, 0))
    return np.asarray(out / max(float(np.abs(out).max()), 1e-6), dtype=np.float32)


def door_creak(n: int, rng: Rng) -> Samples:
    """Return a door on old hinges."""
    out = np.zeros((2, n), dtype=np.float32)
    add_at(out, pan(_creak(rng, min(1.5, n / RATE_HZ * 0.85)), 0), 0)
    return _room(out, 0.3, 0.9)


def door_open(n: int, rng: Rng) -> Samples:
    """Return a latch, then a door that swings open."""
    out = np.zeros((2, n), dtype=np.float32)
    add_at(out, pan(_latch(rng), 0), int(0.01 * RATE_HZ), 0.7)
    add_at(out, pan(_creak(rng, 0.8), 0), int(0.18 * RATE_HZ), 0.5)
    return _room(out, 0.25, 0.8)


def door_close(n: int, rng: Rng) -> Samples:
    """Return a door that falls shut."""
    out = np.zeros((2, n), dtype=np.float32)
    thud = _struck(82, (1, 1.6, 2.7, 4.6, 7.0), (1, 0.7, 0.4, 0.25, 0.12), (0.3, 0.22, 0.14, 0.09, 0.05))
    add_at(out, pan(thud, 0), int(0.02 * RATE_HZ))
    add_at(out, pan(burst(rng, 0.12, band(500, 2.4), decay=9), 0), int(0.018 * RATE_HZ), 0.3)
    add_at(out, pan(_latch(rng), 0), int(0.06 * RATE_HZ), 0.35)
    return _room(out, 0.35, 0.9)


def knock(n: int, rng: Rng) -> Samples:
    """Return three knocks on wood."""
    out = np.zeros((2, n), dtype=np.float32)
    for k in range(3):
        hit = _struck(178 * between(rng, 0.97, 1.03), (1, 1.7, 2.6, 4.1, 6.3), (1, 0.8, 0.5, 0.3, 0.15),
                      (0.14, 0.11, 0.08, 0.05, 0.03))  # fmt: skip
        add_at(out, pan(hit, 0), int((0.01 + 0.24 * k) * RATE_HZ), (0.8, 0.9, 1.0)[k])
    return _room(out, 0.25, 0.7)


def whoosh(n: int, rng: Rng) -> Samples:
    """Return something swift that passes: a breath that rises, brightens and goes by from side to side."""
    shapes = ((350, 0.2), (700, 0.36), (1400, 0.46), (2600, 0.5), (4200, 0.52))
    out = np.zeros(n, dtype=np.float32)
    for hz, peak in shapes:
        part = noise(n, rng, band(hz, 1.3))[0]
        level = (350 / hz) ** 0.35
        rise = envelope(n, (0, 0), (peak, 1), (min(peak + 0.25, 0.9), 0.25), (1, 0)) ** 1.6
        out += level * part * rise
    way = np.linspace(-0.7, 0.7, n) * (1 if rng.random() < 0.5 else -1)
    angle = (way + 1) * np.pi / 4
    return np.asarray(out * np.stack([np.cos(angle), np.sin(angle)]), dtype=np.float32)


def magic(n: int, rng: Rng) -> Samples:
    """Return a sparkle: tiny glass bells that run upward over a pentatonic scale and hang in the air."""
    out = np.zeros((2, n), dtype=np.float32)
    seconds = n / RATE_HZ
    base = 1046.5 * 2 ** (int(rng.integers(-3, 3)) / 12)
    scale = (0, 2, 4, 7, 9)
    count = 22
    for k in range(count):
        part = k / count
        step = int(part * 11 + between(rng, -1.5, 1.5))
        octave, degree = divmod(max(step, 0), 5)
        hz = base * 2 ** (octave + scale[degree] / 12)
        ting = _struck(hz, (1, 2.76, 5.4), (1, 0.22, 0.06), (1.1, 0.45, 0.2))
        at = (part**0.8) * seconds * 0.5 + between(rng, 0, 0.03)
        add_at(
            out,
            pan(ting, between(rng, -0.8, 0.8)),
            int(at * RATE_HZ),
            (0.5 + 0.5 * part) * between(rng, 0.3, 0.9),
        )
    return _room(fade_edges(out, 0.002, seconds * 0.35), 0.6, 2.2)


def _blown(n: int, rng: Rng, chord: tuple[float, ...], gains: tuple[float, ...], attack: float) -> Mono:
    out = np.zeros(n, dtype=np.float32)
    for hz in chord:
        drift = 1 + 0.002 * glide(n, rng, 0.3, -1, 1).astype(np.float64)
        out += harmonic(contour(n, (0, hz * 0.97), (0.1, hz), (0.92, hz), (1, hz * 0.975)) * drift, gains)
    air = noise(n, rng, band(chord[0] * 4, 2.5))[0] * 0.05
    return np.asarray((out + air) * envelope(n, (0, 0), (attack, 1), (0.8, 0.95), (1, 0)), dtype=np.float32)


def horn(n: int, rng: Rng) -> Samples:
    """Return a hunting horn: two notes, a fifth apart."""
    out = np.zeros((2, n), dtype=np.float32)
    gains = (1, 0.8, 0.55, 0.35, 0.2, 0.1, 0.05)
    add_at(out, pan(_blown(int(0.45 * RATE_HZ), rng, (233.1,), gains, 0.2), 0), 0)
    add_at(out, pan(_blown(int(1.1 * RATE_HZ), rng, (349.2,), gains, 0.12), 0), int(0.42 * RATE_HZ))
    return _room(fade_edges(out, 0.005, 0.2), 0.6, 2.0)


def ship_horn(n: int, rng: Rng) -> Samples:
    """Return a ship's horn: one long, low chord over the water."""
    m = int(min(2.4, n / RATE_HZ * 0.7) * RATE_HZ)
    gains = (1, 0.9, 0.7, 0.5, 0.32, 0.2, 0.12, 0.06)
    out = np.zeros((2, n), dtype=np.float32)
    add_at(out, pan(_blown(m, rng, (87.3, 110.0), gains, 0.12), 0), 0)
    return _room(out, 0.7, 2.6)


def train_whistle(n: int, rng: Rng) -> Samples:
    """Return a steam whistle: a chord, short and then long, with steam in it."""
    out = np.zeros((2, n), dtype=np.float32)
    for at, seconds in ((0.0, 0.35), (0.5, 1.2)):
        m = int(seconds * RATE_HZ)
        piece = _blown(m, rng, (466.2, 554.4, 698.5, 830.6), (1, 0.25, 0.12, 0.04), 0.12)
        steam = noise(m, rng, band(3000, 2))[0] * 0.12 * envelope(m, (0, 0), (0.1, 1), (0.85, 0.8), (1, 0))
        add_at(out, pan(piece + steam, 0), int(at * RATE_HZ))
    return _room(fade_edges(out, 0.005, 0.2), 0.5, 2.2)


def whistle(n: int, rng: Rng) -> Samples:
    """Return somebody who whistles two notes."""
    out = np.zeros((2, n), dtype=np.float32)
    for at, first, last in ((0.0, 1500.0, 2050.0), (0.36, 2050.0, 1600.0)):
        m = int(0.3 * RATE_HZ)
        pitch = contour(m, (0, first), (0.55, last), (1, last * 0.98))
        shape = envelope(m, (0, 0), (0.2, 1), (0.8, 0.9), (1, 0))
        air = noise(m, rng, band(2000, 0.8))[0] * 0.02
        add_at(
            out,
            pan(((tone(pitch) + 0.03 * tone(2 * pitch) + air) * shape).astype(np.float32), 0),
            int(at * RATE_HZ),
        )
    return _room(out, 0.25, 1.0)


def pop(n: int, rng: Rng) -> Samples:
    """Return a cork or a bubble that pops."""
    m = int(0.09 * RATE_HZ)
    body = tone(contour(m, (0, 380), (0.35, 900), (1, 1000))) * np.exp(-5 * np.arange(m) / m).astype(
        np.float32
    )
    out = np.zeros((2, n), dtype=np.float32)
    add_at(out, pan(fade_edges(body, 0.0015, 0.04), 0), 0)
    add_at(out, pan(burst(rng, 0.02, band(1800, 2), decay=8), 0), 0, 0.25)
    return _room(out, 0.12, 0.4)


def glass(n: int, rng: Rng) -> Samples:
    """Return two glasses that touch."""
    out = np.zeros((2, n), dtype=np.float32)
    for k, side in enumerate((-0.15, 0.15)):
        hz = between(rng, 2000, 2700)
        ring = _struck(hz, (1, 1.51, 2.32, 3.1, 4.25), (1, 0.5, 0.45, 0.3, 0.2), (0.9, 0.6, 0.4, 0.3, 0.2))
        add_at(out, pan(ring, side), int(0.004 * k * RATE_HZ), 0.8)
    return _room(fade_edges(out, 0.001, 0.2), 0.2, 0.8)


def page(n: int, rng: Rng) -> Samples:
    """Return a page that is turned: the lift, the sweep, the fall."""
    out = np.zeros((2, n), dtype=np.float32)
    for at, seconds, hz, level in ((0.0, 0.16, 3600, 0.5), (0.14, 0.34, 2500, 0.8), (0.46, 0.12, 1500, 0.7)):
        m = int(seconds * RATE_HZ)
        rustle = np.minimum(np.abs(noise(m, rng, low_pass(60, 1))[0]), 2.5)
        piece = noise(m, rng, band(hz, 2.2))[0] * rustle * envelope(m, (0, 0), (0.4, 1), (1, 0))
        add_at(out, pan(piece, -0.25 + at), int(at * RATE_HZ), level)
    return _room(out, 0.1, 0.4)


def heartbeat(n: int, rng: Rng) -> Samples:
    """Return a heart, a beat a second: lub-dub."""
    out = np.zeros((2, n), dtype=np.float32)
    at = 0.02
    while at < n / RATE_HZ - 0.5:
        for later, hz, level in ((0.0, 58, 1.0), (0.28, 72, 0.65)):
            thump = _struck(hz, (1, 1.7, 2.6), (1, 0.35, 0.12), (0.22, 0.14, 0.08))
            add_at(out, pan(fade_edges(thump, 0.012, 0.06), 0), int((at + later) * RATE_HZ), level)
        at += between(rng, 0.93, 0.99)
    return out


def drum(n: int, rng: Rng) -> Samples:
    """Return a frame drum: a short roll up to a stroke."""
    out = np.zeros((2, n), dtype=np.float32)
    for at, level in ((0.0, 0.45), (0.28, 0.55), (0.42, 0.5), (0.56, 1.0)):
        skin = _struck(
            92, (1, 1.59, 2.14, 2.65, 3.16), (1, 0.6, 0.4, 0.22, 0.12), (0.6, 0.35, 0.25, 0.18, 0.12)
        )
        hand = burst(rng, 0.05, band(900, 2.4), decay=9)
        add_at(out, pan(skin, 0), int(at * RATE_HZ), level)
        add_at(out, pan(hand, 0), int(at * RATE_HZ), 0.2 * level)
    return _room(fade_edges(out, 0.001, 0.15), 0.3, 1.2)


def flutter(n: int, rng: Rng) -> Samples:
    """Return cloth in the wind, a kite or a flag."""
    flap = np.zeros(n, dtype=np.float32)
    at = 0.0
    while at < n / RATE_HZ:
        beat = burst(
            rng, between(rng, 0.035, 0.06), band(between(rng, 500, 1300), 2), attack_s=0.006, decay=5
        )
        add_at(flap[None], beat[None], int(at * RATE_HZ), between(rng, 0.3, 1.0))
        at += 1 / between(rng, 9, 15)
    gust = glide(n, rng, 0.9, 0.25, 1.0)
    air = noise(n, rng, band(500, 2.5), tilt(-2))[0] * 0.10
    return fade_edges(pan((flap + air) * gust, 0), 0.15, 0.35)


def crackle(n: int, rng: Rng) -> Samples:
    """Return twigs that break."""
    out = np.zeros((2, n), dtype=np.float32)
    at = 0.0
    while at < n / RATE_HZ - 0.1:
        snap = burst(
            rng, between(rng, 0.008, 0.025), band(between(rng, 1100, 3400), 1.5), attack_s=0.0008, decay=8
        )
        add_at(out, pan(snap, between(rng, -0.3, 0.3)), int(at * RATE_HZ), between(rng, 0.2, 1.0))
        at += float(rng.exponential(0.09))
    return _room(out, 0.1, 0.4)


def ice(n: int, rng: Rng) -> Samples:
    """Return a frozen lake that cracks: chirps that fall as the sheet carries high notes faster than low ones."""
    out = np.zeros((2, n), dtype=np.float32)
    for k in range(4):
        m = int(between(rng, 0.25, 0.5) * RATE_HZ)
        top = between(rng, 3200, 5200)
        fall = contour(m, (0, top), (0.12, top * 0.35), (0.4, top * 0.13), (1, top * 0.05))
        chirp = tone(fall) * np.exp(-4 * np.arange(m) / m).astype(np.float32)
        at = 0.02 + 0.4 * k + between(rng, 0, 0.2)
        add_at(
            out,
            pan(fade_edges(chirp, 0.002, 0.1), between(rng, -0.6, 0.6)),
            int(at * RATE_HZ),
            between(rng, 0.3, 0.9),
        )
        add_at(
            out,
            pan(burst(rng, 0.03, high_pass(1500, 1), low_pass(7000, 1), decay=9), 0),
            int(at * RATE_HZ),
            0.25,
        )
    return _room(fade_edges(out, 0.002, 0.2), 0.6, 2.4)
