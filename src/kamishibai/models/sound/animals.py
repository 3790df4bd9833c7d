"""Animals: birds by their own grammars, crickets, frogs, owl, gull, wolf, dog, cat, wings, bees."""

from __future__ import annotations

import numpy as np

from kamishibai.media.filters import (
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
from kamishibai.media.modal import reverb_impulse
from kamishibai.media.sound import RATE_HZ, Samples
from kamishibai.models.sound.grains import (
    Mono,
    Rng,
    between,
    burst,
    contour,
    envelope,
    harmonic,
    moments,
    tone,
    wide,
)

__all__ = [
    "bees", "bird_call", "birds", "cat", "crickets", "dog", "frog", "frogs", "gull", "gulls", "owl",
    "parrot", "wings", "wolf",
]  # fmt: skip


def _syllable(hz: tuple[float, ...], seconds: float, *, edge: float = 0.25, second: float = 0.06) -> Mono:
    """Return one whistled syllable through the pitches `hz`, with a breath of second harmonic."""
    n = int(seconds * RATE_HZ)
    pitches = contour(n, *((i / max(len(hz) - 1, 1), f) for i, f in enumerate(hz)))
    shape = envelope(n, (0, 0), (edge, 1), (1 - edge, 0.8), (1, 0))
    return np.asarray((tone(pitches) + second * tone(2 * pitches)) * shape, dtype=np.float32)


def _thrush(rng: Rng) -> list[tuple[float, Mono]]:
    """Return a phrase of clear fluted notes, each heard twice or thrice, as a song thrush sings."""
    base = between(rng, 2100, 2700)
    figure = [base * 2 ** (int(rng.integers(-3, 6)) / 12) for _ in range(int(rng.integers(2, 4)))]
    out, at = [], 0.0
    for _ in range(int(rng.integers(2, 4))):
        for hz in figure:
            seconds = between(rng, 0.09, 0.17)
            out.append((at, _syllable((hz * 0.94, hz, hz * between(rng, 0.9, 1.08)), seconds)))
            at += seconds + between(rng, 0.03, 0.06)
        at += between(rng, 0.12, 0.2)
    return out


def _tit(rng: Rng) -> list[tuple[float, Mono]]:
    """Return a great tit's two-note bell, "tea-cher, tea-cher"."""
    high = between(rng, 3700, 4300)
    out, at = [], 0.0
    for _ in range(int(rng.integers(3, 6))):
        out.append((at, _syllable((high, high * 1.01), 0.085)))
        out.append((at + 0.12, _syllable((high * 0.76, high * 0.75), 0.12)))
        at += 0.31
    return out


def _wren(rng: Rng) -> list[tuple[float, Mono]]:
    """Return a trill that falls a little, with a flourish before it."""
    hz = between(rng, 4000, 4900)
    out = [(k * 0.11, _syllable((hz * f, hz * f * 0.86), 0.08)) for k, f in enumerate((0.9, 1.05, 0.97))]
    at = 0.36
    for k in range(int(rng.integers(9, 16))):
        fall = 1 - 0.012 * k
        out.append((at, _syllable((hz * 1.06 * fall, hz * 0.88 * fall), 0.042)))
        at += 0.062
    return out


def _warbler(rng: Rng) -> list[tuple[float, Mono]]:
    """Return a falling cadence of soft notes, as a willow warbler's."""
    out, at, hz = [], 0.0, between(rng, 4300, 4800)
    for k in range(int(rng.integers(8, 13))):
        seconds = 0.07 + 0.006 * k
        out.append((at, _syllable((hz * 1.08, hz * 0.95), seconds)))
        at += seconds + 0.045
        hz *= between(rng, 0.93, 0.965)
    return out


def _cuckoo(rng: Rng) -> list[tuple[float, Mono]]:
    """Return "cuckoo": a falling third, soft and far."""
    hz = between(rng, 640, 700)
    low = hz * 2 ** (-4 / 12)
    return [
        (0.7 * k + step * 0.26, _syllable((f * 1.01, f), 0.2, second=0.12) * np.float32(0.8))
        for k in range(int(rng.integers(2, 4)))
        for step, f in enumerate((hz, low))
    ]


_SINGERS = (_thrush, _tit, _wren, _warbler)


def _phrase(rng: Rng, singer: int | None = None) -> Mono:
    notes = _SINGERS[int(rng.integers(0, len(_SINGERS))) if singer is None else singer](rng)
    n = max(int(at * RATE_HZ) + note.size for at, note in notes)
    out = np.zeros(n, dtype=np.float32)
    for at, note in notes:
        add_at(out[None], note[None], int(at * RATE_HZ), between(rng, 0.75, 1.0))
    return out


def _outdoors(dry: Samples, wet: float, seed: int = 53) -> Samples:
    """Return `dry` with a little open-air echo, cut to its own length."""
    room = reverb_impulse(1.3, dark_hz=2500, pre_delay_s=0.045, seed=seed)
    return np.asarray(dry + np.float32(wet) * convolve(dry, room)[:, : dry.shape[1]], dtype=np.float32)


def birds(n: int, rng: Rng) -> Samples:
    """Return birdsong: a few birds, each with its own place, distance and way of singing, taking turns."""
    out = np.zeros((2, n), dtype=np.float32)
    seconds = n / RATE_HZ
    for singer in range(len(_SINGERS)):
        side, level = between(rng, -0.85, 0.85), between(rng, 0.35, 1.0)
        for at in moments(rng, seconds, between(rng, 4.0, 6.5), regular=0.5):
            add_at(out, pan(_phrase(rng, singer), side), int(at * RATE_HZ), level * between(rng, 0.7, 1.0))
    if rng.random() < 0.6:
        for at in moments(rng, seconds, 17.0, regular=0.3):
            for later, note in _cuckoo(rng):
                add_at(out, pan(note, 0.6), int((at + later) * RATE_HZ), 0.35)
    leaves = wide(n, rng, band(2200, 3), tilt(-3)) * 0.012 * glide(n, rng, 3, 0.4, 1.0)
    return _outdoors(out * 0.3, 0.5) + leaves


def bird_call(n: int, rng: Rng) -> Samples:
    """Return one bird's phrase, close by."""
    phrase = _phrase(rng)[:n]
    out = np.zeros((2, n), dtype=np.float32)
    add_at(out, pan(phrase, 0), 0)
    return _outdoors(out, 0.25)


def crickets(n: int, rng: Rng) -> Samples:
    """Return a summer night: several crickets, each at its own pitch and pulse, over a soft dark air."""
    out = np.zeros((2, n), dtype=np.float32)
    seconds = n / RATE_HZ
    for _ in range(5):
        hz, side, level = between(rng, 3600, 4700), between(rng, -0.9, 0.9), between(rng, 0.15, 0.8)
        period, pulses = between(rng, 0.42, 0.7), int(rng.integers(3, 5))
        pulse = _syllable((hz * 1.01, hz * 0.985), 0.019, edge=0.35, second=0.02)
        chirp = np.zeros(int(0.03 * pulses * RATE_HZ) + pulse.size, dtype=np.float32)
        for k in range(pulses):
            add_at(chirp[None], pulse[None], int(0.03 * k * RATE_HZ), 0.6 + 0.13 * k)
        placed = pan(chirp, side)
        at = between(rng, 0, period)
        resting_until = 0.0
        while at < seconds:
            if at >= resting_until:
                add_at(out, placed, int(at * RATE_HZ), level * between(rng, 0.8, 1.0))
                if rng.random() < 0.025:
                    resting_until = at + between(rng, 1.0, 3.5)
            at += period * between(rng, 0.97, 1.03)
    air = wide(n, rng, low_pass(450, 1), high_pass(60), tilt(-3)) * 0.03 * glide(n, rng, 4, 0.6, 1.0)
    return _outdoors(out * 0.3, 0.35) + air


def _croak(rng: Rng, hz: float, pulses_hz: float, seconds: float) -> Mono:
    n = int(seconds * RATE_HZ)
    at = np.arange(n) / RATE_HZ
    beat = (0.5 + 0.5 * np.cos(2 * np.pi * pulses_hz * at)) ** 3
    carrier = tone(contour(n, (0, hz * 0.92), (0.3, hz), (1, hz * 0.95)))
    second = tone(contour(n, (0, hz * 2.1), (1, hz * 2.25)))
    shape = envelope(n, (0, 0), (0.15, 0.8), (0.7, 1.0), (1, 0))
    return np.asarray((carrier + 0.4 * second) * beat * shape, dtype=np.float32)


def frog(n: int, rng: Rng) -> Samples:
    """Return a frog that croaks two or three times."""
    out = np.zeros((2, n), dtype=np.float32)
    hz = between(rng, 480, 640)
    for k in range(3):
        piece = _croak(rng, hz, between(rng, 42, 50), 0.28)
        add_at(out, pan(piece, 0), int((0.02 + 0.45 * k) * RATE_HZ), 1.0 - 0.15 * k)
    return _outdoors(out, 0.25)


def frogs(n: int, rng: Rng) -> Samples:
    """Return a pond at dusk: frogs that answer each other."""
    out = np.zeros((2, n), dtype=np.float32)
    for _ in range(5):
        hz, side, level = between(rng, 420, 1100), between(rng, -0.9, 0.9), between(rng, 0.25, 1)
        beat = between(rng, 34, 60)
        for at in moments(rng, n / RATE_HZ, between(rng, 1.6, 3.2), regular=0.6):
            for k in range(int(rng.integers(1, 4))):
                piece = _croak(rng, hz, beat, between(rng, 0.2, 0.32))
                add_at(out, pan(piece, side), int((at + 0.4 * k) * RATE_HZ), level)
    air = wide(n, rng, low_pass(600, 1), tilt(-3)) * 0.02
    return _outdoors(out * 0.3, 0.4) + air


def owl(n: int, rng: Rng) -> Samples:
    """Return a tawny owl: a long hoot, a pause, a short one and a quavering long one."""
    hz = between(rng, 370, 420)
    out = np.zeros((2, n), dtype=np.float32)
    for at, seconds, quaver in ((0.0, 0.65, 0.0), (1.15, 0.18, 0.0), (1.45, 0.95, 0.5)):
        m = int(seconds * RATE_HZ)
        pitch = contour(m, (0, hz * 0.93), (0.2, hz), (0.75, hz * 1.01), (1, hz * 0.94))
        shake = 1 - quaver * (0.5 + 0.5 * np.sin(2 * np.pi * 11 * np.arange(m) / RATE_HZ))
        shape = envelope(m, (0, 0), (0.2, 1), (0.7, 0.85), (1, 0)) * shake.astype(np.float32)
        breath = noise(m, rng, band(hz * 1.5, 1.2))[0] * 0.03
        voice = harmonic(pitch, (1, 0.10, 0.05, 0.01)) + breath
        add_at(out, pan((voice * shape).astype(np.float32), 0), int(at * RATE_HZ))
    return _outdoors(out, 0.8)


def _cry(
    rng: Rng, points: tuple[tuple[float, float], ...], seconds: float, gains: tuple[float, ...], rough: float
) -> Mono:
    """Return a throaty cry (n,) along the pitch `points`; `rough` adds jitter and breath."""
    n = int(seconds * RATE_HZ)
    pitch = contour(n, *points)
    pitch = pitch * (1 + rough * 0.05 * glide(n, rng, 0.008, -1, 1))
    voice = harmonic(pitch, gains, lambda f: np.exp(-((np.log2(np.maximum(f, 20) / 1600)) ** 2) / 3))
    air = noise(n, rng, band(2400, 2.0))[0] * 0.08 * rough
    shape = envelope(n, (0, 0), (0.12, 1), (0.75, 0.8), (1, 0))
    return fade_edges(np.asarray((voice + air) * shape, dtype=np.float32), 0.004, 0.03)


def gull(n: int, rng: Rng) -> Samples:
    """Return a gull: three falling cries, the last the longest."""
    out = np.zeros((2, n), dtype=np.float32)
    base, at = between(rng, 820, 950), 0.0
    for k in range(3):
        seconds = 0.34 + 0.14 * k
        points = ((0.0, base), (0.25, base * 1.5), (0.6, base * 1.32), (1.0, base * 0.92))
        add_at(out, pan(_cry(rng, points, seconds, (1, 0.55, 0.32, 0.16, 0.07), 0.25), 0), int(at * RATE_HZ))
        at += seconds + between(rng, 0.08, 0.16)
    return _outdoors(out, 0.6)


def gulls(n: int, rng: Rng) -> Samples:
    """Return gulls that wheel over a harbour."""
    out = np.zeros((2, n), dtype=np.float32)
    for at in moments(rng, n / RATE_HZ, 4.5, regular=0.4):
        call = gull(int(2.2 * RATE_HZ), rng).mean(axis=0)
        add_at(out, pan(call, between(rng, -0.9, 0.9)), int(at * RATE_HZ), between(rng, 0.2, 0.7))
    return out + wide(n, rng, low_pass(500, 1), high_pass(50), tilt(-3)) * 0.02


def wolf(n: int, rng: Rng) -> Samples:
    """Return a far howl that climbs, hangs and sinks."""
    m = int(min(n / RATE_HZ * 0.75, 3.2) * RATE_HZ)
    pitch = contour(m, (0, 290), (0.16, 520), (0.3, 560), (0.65, 545), (0.85, 470), (1, 350))
    pitch = pitch * (1 + 0.006 * np.sin(2 * np.pi * 4.6 * np.arange(m) / RATE_HZ))
    shape = envelope(m, (0, 0), (0.2, 0.9), (0.6, 1), (1, 0))
    voice = harmonic(pitch, (1, 0.34, 0.16, 0.05, 0.02)) * shape
    out = np.zeros((2, n), dtype=np.float32)
    add_at(out, pan(voice, 0), int(0.02 * RATE_HZ))
    room = reverb_impulse(3.0, dark_hz=1200, pre_delay_s=0.06, seed=59)
    return fade_edges(0.6 * out + 1.1 * convolve(out, room)[:, :n], 0.01, 0.4)


def dog(n: int, rng: Rng) -> Samples:
    """Return a small dog: two friendly barks."""
    out = np.zeros((2, n), dtype=np.float32)
    base = between(rng, 310, 390)
    for k in range(2):
        points = ((0.0, base * 0.9), (0.25, base * 1.55), (1.0, base * 0.75))
        bark = _cry(rng, points, 0.15, (0.7, 1, 0.8, 0.6, 0.4, 0.25, 0.15, 0.1), 0.8)
        add_at(out, pan(bark, 0), int((0.005 + 0.34 * k) * RATE_HZ), 1 - 0.15 * k)
    return _outdoors(out, 0.3)


def cat(n: int, rng: Rng) -> Samples:
    """Return a cat's "miaow": the mouth opens and shuts again."""
    m = int(min(n / RATE_HZ * 0.8, 0.75) * RATE_HZ)
    base = between(rng, 480, 560)
    pitch = contour(m, (0, base * 0.9), (0.3, base * 1.28), (0.6, base * 1.18), (1, base * 0.82))
    closed = harmonic(pitch, (1, 0.35, 0.12, 0.05, 0.02))
    opened = harmonic(pitch, (0.7, 1, 0.75, 0.4, 0.22, 0.1, 0.05))
    mouth = envelope(m, (0, 0), (0.35, 1), (0.65, 0.7), (1, 0))
    shape = envelope(m, (0, 0), (0.15, 0.8), (0.45, 1), (0.8, 0.5), (1, 0))
    out = np.zeros((2, n), dtype=np.float32)
    add_at(out, pan((closed * (1 - mouth) + opened * mouth) * shape, 0), 0)
    return _outdoors(out, 0.12)


def parrot(n: int, rng: Rng) -> Samples:
    """Return a parrot: two squawks and a whistle."""
    out = np.zeros((2, n), dtype=np.float32)
    for k in range(2):
        points = ((0.0, 900.0), (0.2, 1350.0), (0.7, 1200.0), (1.0, 820.0))
        add_at(out, pan(_cry(rng, points, 0.26, (0.8, 1, 0.7, 0.4, 0.2), 1.0), 0), int(0.4 * k * RATE_HZ))
    add_at(out, pan(_syllable((1700, 2500, 1500, 2100), 0.45), 0), int(0.9 * RATE_HZ), 0.35)
    return _outdoors(out, 0.2)


def wings(n: int, rng: Rng) -> Samples:
    """Return wings: soft beats of air, quicker at the start than later."""
    out = np.zeros((2, n), dtype=np.float32)
    at, k = 0.0, 0
    while at < n / RATE_HZ - 0.15:
        beat = burst(rng, 0.11, band(650, 2.2), attack_s=0.035, decay=3)
        add_at(out, pan(beat, -0.2 + 0.05 * k), int(at * RATE_HZ), between(rng, 0.7, 1.0))
        at += 0.10 + 0.004 * k + between(rng, 0, 0.012)
        k += 1
    return fade_edges(out, 0.01, 0.3)


def bees(n: int, rng: Rng) -> Samples:
    """Return bees among flowers: each comes near, hovers and goes."""
    out = np.zeros((2, n), dtype=np.float32)
    for at in moments(rng, max(n / RATE_HZ - 1, 0.2), 2.2, regular=0.5):
        m = int(between(rng, 1.6, 3.4) * RATE_HZ)
        base = between(rng, 190, 240)
        pitch = base * (1 + 0.05 * glide(m, rng, 0.25, -1, 1).astype(np.float64))
        hum = harmonic(pitch, (1, 0.7, 0.5, 0.35, 0.25, 0.17, 0.1, 0.06))
        hum = hum * envelope(m, (0, 0), (0.4, between(rng, 0.4, 1.0)), (0.6, 0.8), (1, 0))
        sides = glide(m, rng, 1.0, -0.8, 0.8).astype(np.float64)
        angle = (sides + 1) * np.pi / 4
        add_at(
            out, np.stack([hum * np.cos(angle), hum * np.sin(angle)]).astype(np.float32), int(at * RATE_HZ)
        )
    return fade_edges(out, 0.05, 0.2)
