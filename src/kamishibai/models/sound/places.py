"""Places: fire, forest, city, traffic, crowds, trains, ships, rooms, space."""

from __future__ import annotations

import numpy as np

from kamishibai.media.filters import add_at, band, convolve, fade_edges, glide, high_pass, low_pass, pan, tilt
from kamishibai.media.modal import modal, reverb_impulse
from kamishibai.media.sound import RATE_HZ, Samples
from kamishibai.models.sound.animals import birds, crickets
from kamishibai.models.sound.grains import (
    Mono,
    Rng,
    between,
    burst,
    contour,
    envelope,
    friction,
    harmonic,
    moments,
    scatter,
    wide,
)
from kamishibai.models.sound.water import waves

__all__ = [
    "applause", "city", "crowd", "fire", "forest", "leaves", "library", "market", "night", "room", "ship",
    "space", "subway", "traffic", "train_ride",
]  # fmt: skip


def fire(n: int, rng: Rng) -> Samples:
    """Return a fire: a low breath, a hiss, and crackles that come in flurries."""
    out = wide(n, rng, band(130, 1.6), width=0.5) * 0.5 * glide(n, rng, 0.5, 0.5, 1.0)
    out += wide(n, rng, band(420, 2.0)) * 0.16 * glide(n, rng, 0.22, 0.3, 1.0)
    out += wide(n, rng, high_pass(2500, 1), low_pass(9000, 1), tilt(-3)) * 0.05 * glide(n, rng, 0.7, 0.4, 1.0)
    snaps = [
        burst(rng, between(rng, 0.004, 0.014), band(between(rng, 900, 4200), 1.6), attack_s=0.0008, decay=7)
        for _ in range(24)
    ]
    pops = [
        burst(rng, between(rng, 0.02, 0.05), band(between(rng, 350, 1100), 1.3), decay=8) for _ in range(8)
    ]
    flurry = glide(n, rng, 0.8, 0.0, 1.0) ** 2
    out += 0.85 * scatter(n, rng, snaps, 32, spread=0.6, loudness_sigma=1.0, density=flurry)
    return np.asarray(
        out + 0.7 * scatter(n, rng, pops, 1.6, spread=0.5, loudness_sigma=0.7), dtype=np.float32
    )


def leaves(n: int, rng: Rng) -> Samples:
    """Return leaves that stir as the air comes and goes."""
    gust = glide(n, rng, 4.0, 0.1, 1.0) ** 1.5
    out = wide(n, rng, band(2600, 2.4), tilt(-2)) * (0.35 * gust * glide(n, rng, 0.5, 0.6, 1.0)).astype(
        np.float32
    )
    return out + wide(n, rng, low_pass(350, 1), high_pass(50), tilt(-3)) * (0.5 * glide(n, rng, 5, 0.4, 1.0))


def forest(n: int, rng: Rng) -> Samples:
    """Return a wood by day: air in the leaves, birds deep in it, a branch that creaks now and then."""
    out = leaves(n, rng) * 0.16 + birds(n, rng) * 0.5
    for at in moments(rng, n / RATE_HZ, 14.0, regular=0.4):
        m = int(0.5 * RATE_HZ)
        creak = friction(m, rng, contour(m, (0, 50), (0.5, 85), (1, 60)), band(420, 1.6), rough=0.2)
        creak = creak * envelope(m, (0, 0), (0.4, 1), (1, 0))
        add_at(
            out,
            pan(creak / max(float(np.abs(creak).max()), 1e-6), between(rng, -0.8, 0.8)),
            int(at * RATE_HZ),
            0.03,
        )
    return out


def night(n: int, rng: Rng) -> Samples:
    """Return a still night: crickets far off and a little air."""
    return crickets(n, rng) * 0.6 + leaves(n, rng) * 0.06


def _passing_car(rng: Rng) -> Samples:
    """Return one car that goes by, from one side to the other."""
    m = int(between(rng, 4.0, 7.0) * RATE_HZ)
    shape = envelope(m, (0, 0), (0.25, 0.12), (0.5, 1), (0.75, 0.14), (1, 0))
    tyres = wide(m, rng, band(750, 2.4), tilt(-2), width=0.2) * shape
    engine = harmonic(contour(m, (0, 82), (0.45, 82), (0.55, 74), (1, 73)), (1, 0.6, 0.35, 0.2, 0.1)) * shape
    way = np.clip(np.linspace(-0.9, 0.9, m) * (1 if rng.random() < 0.5 else -1), -1, 1)
    angle = (way + 1) * np.pi / 4
    sides = np.stack([np.cos(angle), np.sin(angle)]).astype(np.float32)
    return np.asarray((tyres + 0.25 * engine) * sides, dtype=np.float32)


def city(n: int, rng: Rng) -> Samples:
    """Return a town heard from a window: a low, broad hum and now and then a car."""
    out = wide(n, rng, low_pass(320, 1.2), high_pass(45), tilt(-3)) * 0.7 * glide(n, rng, 5, 0.7, 1.0)
    out += wide(n, rng, band(700, 2.2)) * 0.08 * glide(n, rng, 3, 0.5, 1.0)
    for at in moments(rng, n / RATE_HZ, 9.0, regular=0.3):
        add_at(out, _passing_car(rng), int((at - 2) * RATE_HZ), 0.35 * between(rng, 0.4, 1.0))
    return out


def traffic(n: int, rng: Rng) -> Samples:
    """Return a busy street: cars in both directions over the hum."""
    out = city(n, rng) * 0.7
    for at in moments(rng, n / RATE_HZ + 2, 2.6, regular=0.2):
        add_at(out, _passing_car(rng), int((at - 3) * RATE_HZ), 0.7 * between(rng, 0.4, 1.0))
    return out


_VOWELS = ((320, 900), (420, 1700), (600, 1150), (500, 1850), (680, 1300), (360, 2000))


def _babble(rng: Rng, count: int) -> list[Mono]:
    """Return syllables of nobody in particular: voiced, with vowels, without words."""
    out = []
    for _ in range(count):
        first, second = _VOWELS[int(rng.integers(0, len(_VOWELS)))]
        hz = between(rng, 100, 230)
        n = int(between(rng, 0.12, 0.28) * RATE_HZ)
        pitch = contour(n, (0, hz * 1.05), (0.4, hz * 1.1), (1, hz * 0.92))

        def vowel(f: np.ndarray, a: int = first, b: int = second) -> np.ndarray:
            return np.asarray(np.exp(-(((f - a) / 130) ** 2)) + 0.35 * np.exp(-(((f - b) / 220) ** 2)) + 0.03)

        voice = harmonic(pitch, [1 / (1 + 0.12 * k) for k in range(22)], vowel)
        out.append(fade_edges(voice * envelope(n, (0, 0), (0.3, 1), (0.7, 0.7), (1, 0)), 0.02, 0.04))
    return out


def crowd(n: int, rng: Rng) -> Samples:
    """Return many people who talk at once in a large room, no word to be made out."""
    voices = scatter(n, rng, _babble(rng, 60), 34, loudness_sigma=0.7, density=glide(n, rng, 1.6, 0.5, 1.0))
    room = reverb_impulse(1.5, dark_hz=1600, pre_delay_s=0.012, seed=61)
    far = convolve(voices, room)[:, :n]
    air = wide(n, rng, band(300, 3), tilt(-3)) * 0.25
    return np.asarray(0.35 * voices + 1.0 * far + air, dtype=np.float32)


def market(n: int, rng: Rng) -> Samples:
    """Return a market in the open: talk, steps, crates and a bell now and then."""
    out = crowd(n, rng)
    level = float(np.sqrt(np.mean(out**2))) * 4
    things = [
        burst(rng, between(rng, 0.04, 0.1), band(between(rng, 300, 1800), 1.3), decay=9) for _ in range(14)
    ]
    out += level * 0.25 * scatter(n, rng, things, 1.6, loudness_sigma=0.7)
    for at in moments(rng, n / RATE_HZ, 12.0, regular=0.4):
        ting = modal(RATE_HZ, [2100, 5300, 8700], [1, 0.4, 0.2], [0.8, 0.4, 0.2])
        add_at(
            out, pan(fade_edges(ting, 0.001, 0.1), between(rng, -0.8, 0.8)), int(at * RATE_HZ), 0.10 * level
        )
    return out


def applause(n: int, rng: Rng) -> Samples:
    """Return a warm round of applause that swells and thins out."""
    claps = [
        burst(rng, between(rng, 0.012, 0.03), band(between(rng, 700, 1900), 1.5), attack_s=0.0008, decay=7)
        for _ in range(40)
    ]
    seconds = n / RATE_HZ
    density = envelope(n, (0, 0.15), (0.15, 1), (0.6, 0.9), (0.97, 0.03), (1, 0))
    out = scatter(n, rng, claps, 150, loudness_sigma=0.6, density=density)
    room = reverb_impulse(1.1, dark_hz=2500, pre_delay_s=0.01, seed=67)
    return fade_edges(out + 0.7 * convolve(out, room)[:, :n], 0.02, 0.25 * seconds)


def train_ride(n: int, rng: Rng) -> Samples:
    """Return a ride on rails: a rolling rumble, and the joints that pass in pairs."""
    out = wide(n, rng, low_pass(210, 1.3), high_pass(40), tilt(-2)) * 0.7 * glide(n, rng, 3, 0.7, 1.0)
    out += wide(n, rng, band(900, 2.4), tilt(-2)) * 0.12 * glide(n, rng, 2, 0.6, 1.0)
    at = 0.1
    while at < n / RATE_HZ:
        for k, level in enumerate((1.0, 0.8)):
            m = int(0.16 * RATE_HZ)
            clack = modal(m, [96, 173, 410, 760], [1, 0.7, 0.3, 0.15], [0.14, 0.12, 0.06, 0.04])
            clack = fade_edges(clack + 0.3 * burst(rng, 0.16, band(900, 2), decay=14)[:m], 0.002, 0.05)
            add_at(
                out,
                pan(clack, -0.15 + 0.3 * k),
                int((at + 0.17 * k) * RATE_HZ),
                level * between(rng, 0.7, 1.0),
            )
        at += 1.18 * between(rng, 0.985, 1.015)
    return out


def subway(n: int, rng: Rng) -> Samples:
    """Return an underground hall: air that moves, a train far down the line, steps that echo."""
    out = wide(n, rng, low_pass(160, 1.4), high_pass(38), tilt(-2)) * 0.7 * glide(n, rng, 5, 0.3, 1.0)
    out += wide(n, rng, band(480, 2.2)) * 0.08 * glide(n, rng, 3, 0.4, 1.0)
    clicks = [burst(rng, 0.03, band(between(rng, 500, 1500), 1.4), decay=8) for _ in range(10)]
    steps = scatter(n, rng, clicks, 1.8, loudness_sigma=0.5)
    voices = scatter(n, rng, _babble(rng, 24), 4, loudness_sigma=0.6, density=glide(n, rng, 2.0, 0.0, 1.0))
    room = reverb_impulse(2.6, dark_hz=1800, pre_delay_s=0.03, seed=71)
    return out + 0.9 * convolve(0.25 * steps + 0.12 * voices, room)[:, :n]


def ship(n: int, rng: Rng) -> Samples:
    """Return a wooden ship at sea: waves along the hull, timbers and ropes that creak."""
    out = waves(n, rng) * 0.8
    for at in moments(rng, n / RATE_HZ, 3.4, regular=0.5):
        m = int(between(rng, 0.6, 1.3) * RATE_HZ)
        low = between(rng, 24, 48)
        rates = contour(m, (0, low), (0.5, low * between(rng, 1.4, 2.2)), (1, low * 0.9))
        body = between(rng, 260, 620)
        creak = friction(m, rng, rates, band(body, 1.2), rough=0.12)
        creak += 0.4 * friction(m, rng, rates, band(body * 2.7, 0.8), rough=0.12)
        creak = creak * envelope(m, (0, 0), (0.35, 1), (0.7, 0.6), (1, 0))
        creak /= max(float(np.abs(creak).max()), 1e-6)
        add_at(out, pan(creak, between(rng, -0.8, 0.8)), int(at * RATE_HZ), between(rng, 0.5, 1.1))
    return out


def room(n: int, rng: Rng) -> Samples:
    """Return the tone of a quiet room: hardly anything, but not nothing."""
    return wide(n, rng, low_pass(300, 1), high_pass(50), tilt(-3)) * glide(n, rng, 6, 0.8, 1.0)


def library(n: int, rng: Rng) -> Samples:
    """Return a reading room: its hush, a page turned, a chair, far away."""
    out = room(n, rng) * 0.12
    pieces = np.zeros((2, n), dtype=np.float32)
    for at in moments(rng, n / RATE_HZ, 5.5, regular=0.4):
        page = burst(rng, between(rng, 0.2, 0.35), band(between(rng, 2200, 3600), 2), attack_s=0.09, decay=4)
        add_at(pieces, pan(page, between(rng, -0.9, 0.9)), int(at * RATE_HZ), between(rng, 0.05, 0.12))
    hall = reverb_impulse(1.8, dark_hz=2000, pre_delay_s=0.02, seed=73)
    return np.asarray(out + 0.3 * pieces + 0.8 * convolve(pieces, hall)[:, :n], dtype=np.float32)


def space(n: int, rng: Rng) -> Samples:
    """Return a deep, slow hum with a shimmer far above it: open fifths that beat."""
    out = wide(n, rng, low_pass(140, 1.2), high_pass(38), tilt(-2)) * 0.35 * glide(n, rng, 6, 0.5, 1.0)
    at = np.arange(n) / RATE_HZ
    for hz, level in ((65.4, 0.5), (98.0, 0.35), (130.8, 0.3), (196.0, 0.18), (392.0, 0.05), (587.3, 0.03)):
        for side in range(2):
            detune = 1 + between(rng, -0.0018, 0.0018)
            hum = np.sin(2 * np.pi * hz * detune * at + between(rng, 0, 6.28))
            out[side] += (level * hum * glide(n, rng, 5.0, 0.3, 1.0)).astype(np.float32)
    shimmer = wide(n, rng, band(5200, 0.5)) * (0.02 * glide(n, rng, 3.5, 0.0, 1.0) ** 2)
    return out + shimmer
