"""The accompaniment: how chords become figures, bass, pads and percussion, by pattern and intensity."""

from __future__ import annotations

import random
from collections.abc import Sequence

from kamishibai.models.music.score import Note

__all__ = ["drum_notes", "figure_notes", "rolled"]

_BROKEN = {
    # Index of the chord's note (0 lowest; 3 is the lowest an octave up) for each eighth.
    "3/4": (0, 1, 2, 3, 2, 1),
    "6/8": (0, 1, 2, 3, 2, 1),
    "4/4": (0, 1, 2, 3, 2, 1, 2, 1),
}


def rolled(
    pitches: Sequence[int], start: float, seconds: float, velocity: float, voice: str, rng: random.Random
) -> list[Note]:
    """Return a chord rolled from its lowest note upward."""
    gap = min(0.055, seconds / 12)
    return [
        Note(
            start + i * gap + rng.uniform(0, 0.006), seconds, p, velocity * (0.9 + 0.04 * i), voice, "figure"
        )
        for i, p in enumerate(sorted(pitches))
    ]


def _sparse(
    chords: Sequence[Sequence[int]],
    start: float,
    seconds: float,
    voice: str,
    velocity: float,
    rng: random.Random,
) -> list[Note]:
    """Return a hushed bar: each chord rolled once, and in a slow bar its upper notes once more, as an echo."""
    each = seconds / len(chords)
    out: list[Note] = []
    for i, pitches in enumerate(chords):
        at = start + i * each
        out += rolled(pitches[:3], at, each * 1.3, velocity * 0.85, voice, rng)
        if each > 2.4:
            out += rolled(pitches[1:3], at + each / 2, each * 0.8, velocity * 0.6, voice, rng)
    return out


def figure_notes(
    pattern: str,
    metre: str,
    chords: Sequence[Sequence[int]],
    start: float,
    tick_s: float,
    ticks: int,
    voice: str,
    velocity: float,
    intensity: float,
    rng: random.Random,
) -> list[Note]:
    """Return one bar of the figure. `chords` are its voicings (one, or two that change in the middle)."""
    if intensity < 0.28:
        return _sparse(chords, start, ticks * tick_s, voice, velocity, rng)
    out: list[Note] = []

    def at(tick: float) -> Sequence[int]:
        return chords[min(int(tick * len(chords) / ticks), len(chords) - 1)]

    def play(tick: float, pitch: int, length: float, loud: float) -> None:
        jitter = rng.gauss(0, 0.005)
        loud = velocity * loud * rng.uniform(0.9, 1.05)
        out.append(
            Note(max(start + tick * tick_s + jitter, 0.0), length * tick_s, pitch, loud, voice, "figure")
        )

    if pattern == "offbeat":
        for tick in range(2 if metre != "6/8" else 1, ticks, 4 if metre == "4/4" else 2):
            for pitch in at(tick)[1:3]:
                play(tick, pitch, 1.0, 0.8)
        return out
    if pattern == "pulse":
        for tick in range(0, ticks, 1 if intensity > 0.6 else 2):
            notes = at(tick)
            pitch = notes[0] - 12 if tick % 4 == 0 else notes[0] if tick % 2 else notes[1] - 12
            play(tick, pitch, 0.9, 0.95 if tick == 0 else 0.65)
        return out
    order = _BROKEN[metre]
    step = 1 if intensity >= 0.5 else 2
    for tick in range(0, ticks, step):
        notes = sorted(at(tick))
        index = order[tick] if step == 1 else (tick // 2) % 3
        high = notes[3] if len(notes) > 3 else notes[0] + 12
        pitch = high if index == 3 else notes[min(index, 2)]
        play(tick, pitch, 3.0 if step == 1 else 4.0, 0.95 if tick == 0 else 0.7)
    return out


def drum_notes(
    kind: str,
    metre: str,
    start: float,
    tick_s: float,
    ticks: int,
    intensity: float,
    rng: random.Random,
    *,
    first_of_phrase: bool,
    last_of_phrase: bool,
) -> list[Note]:
    """Return one bar of soft percussion."""
    loud = 0.35 + 0.45 * intensity
    out: list[Note] = []

    def play(tick: float, voice: str, velocity: float, seconds: float = 0.3, pitch: int = 60) -> None:
        when = max(start + tick * tick_s + rng.gauss(0, 0.004), 0.0)
        out.append(Note(when, seconds, pitch, velocity * rng.uniform(0.85, 1.05), voice, "drums"))

    half = ticks // 2
    if kind == "shaker":
        for tick in range(ticks):
            play(tick, "shaker", loud * (0.75 if tick % 2 == 0 else 0.5))
        play(half, "brush", loud * 0.6)
    elif kind == "woodblock":
        for tick in (half - 1, ticks - 2) if metre == "4/4" else (2, 4):
            play(tick, "woodblock", loud * 0.6, pitch=74)
        if last_of_phrase:
            play(ticks - 1, "woodblock", loud * 0.7, pitch=79)
    elif kind == "frame drum":
        play(0, "frame drum", loud)
        play(half + (1 if metre == "4/4" else 0), "frame drum", loud * 0.55)
        if intensity > 0.7:
            play(ticks - 1, "frame drum", loud * 0.4)
    elif kind == "timpani":
        if first_of_phrase:
            play(0, "timpani", loud, seconds=1.5, pitch=0)
        if last_of_phrase and intensity > 0.6:
            for k in range(2 * (ticks - half)):
                play(half + k / 2, "timpani", loud * (0.25 + 0.35 * k / ticks), seconds=0.4, pitch=0)
        if intensity > 0.6:
            play(half, "brush", loud * 0.5)
    elif kind == "bells" and first_of_phrase:
        play(0, "triangle", loud * 0.6, seconds=1.5)
    return out
