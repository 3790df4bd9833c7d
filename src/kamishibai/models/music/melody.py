"""The theme: a motif that is stated, answered, varied and brought home."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kamishibai.models.music.harmony import Chord
from kamishibai.models.music.line import Slot, draw_line

__all__ = ["Motif", "Tone", "invent_motif", "sing"]

_RHYTHMS: Mapping[str, tuple[tuple[int, ...], ...]] = {
    # Lengths in eighths.
    "3/4": ((6,), (4, 2), (2, 4), (2, 2, 2), (3, 1, 2), (2, 1, 1, 2), (4, 1, 1), (1, 1, 2, 2), (2, 2, 1, 1)),
    "6/8": ((6,), (3, 3), (2, 1, 3), (3, 2, 1), (2, 1, 2, 1), (1, 1, 1, 3), (3, 1, 1, 1), (5, 1)),
    "4/4": ((8,), (4, 4), (6, 2), (2, 2, 4), (3, 1, 4), (4, 2, 2), (2, 2, 2, 2), (3, 1, 2, 2), (2, 1, 1, 4),
            (1, 1, 2, 4), (3, 3, 2), (2, 2, 2, 1, 1), (4, 3, 1)),
}  # fmt: skip
_CONTOURS = (
    # Steps of the scale from the first note: arch, fall, wave, leap and return, climb, turn.
    (0, 1, 2, 4, 2, 1, 0, -1),
    (4, 3, 2, 1, 2, 0, 1, 0),
    (0, 2, 1, 3, 2, 1, 0, 1),
    (0, 4, 3, 2, 1, 2, 1, 0),
    (0, 1, 2, 1, 3, 4, 5, 4),
    (2, 1, 0, 1, 2, 3, 2, 0),
    (0, -1, 0, 2, 4, 3, 1, 0),
)


@dataclass(frozen=True)
class Motif:
    """Two bars of rhythm and the line they draw, in steps of the scale above where it begins."""

    head: tuple[int, ...]
    tail: tuple[int, ...]
    contour: tuple[int, ...]


@dataclass(frozen=True)
class Tone:
    """A melody note: bar of its phrase, tick (eighths, may be half) in it, length in ticks, MIDI pitch."""

    bar: int
    tick: float
    ticks: float
    pitch: int


def invent_motif(metre: str, activity: int, rng: random.Random) -> Motif:
    """Return a motif with about `activity` notes a bar."""
    cells = _RHYTHMS[metre]

    def near(count: int) -> tuple[int, ...]:
        options = [c for c in cells if abs(len(c) - count) <= (0 if len(cells) > 9 else 1)] or list(cells)
        return rng.choice(options)

    head = near(max(2, activity))
    tail = near(max(1, activity - 1))
    return Motif(head, tail, rng.choice(_CONTOURS))


def _varied(motif: Motif, label: str, turn: int, metre: str) -> Motif:
    """Return the motif as the phrase `label` uses it, the `turn`-th time it comes."""
    line = motif.contour
    if label in ("B", "B'"):
        line = tuple(2 * line[0] - step for step in line)
    elif label == "C":
        line = tuple(reversed(line))
    head, tail = motif.head, motif.tail
    whole = sum(head)
    if label in ("C", "coda") or (label == "A''" and turn % 2):
        # Augmentation: the head alone, twice as long, fills both bars.
        long = _split_at([2 * length for length in head], whole)
        head, tail = long
    elif label in ("A'", "climax") and turn % 2 == 1 and max(head) >= 2:
        at = head.index(max(head))
        half = head[at] // 2
        head = (*head[:at], head[at] - half, half, *head[at + 1 :])
    return Motif(head, tail, line)


def _split_at(lengths: Sequence[int], whole: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return lengths that fill two bars, cut at the bar line."""
    first: list[int] = []
    second: list[int] = []
    at = 0
    for length in lengths:
        if at < whole:
            first.append(min(length, whole - at))
            if at + length > whole:
                second.append(at + length - whole)
        else:
            second.append(length)
        at += length
    return tuple(first), tuple(second) or (whole,)


def _rhythm(
    motif: Motif, bars: int, ticks: int, label: str, *, closes: bool
) -> list[tuple[int, int, int, int]]:
    """Return (bar, tick, length, step of the contour) for every note of a phrase."""
    out = []
    for bar in range(bars):
        last = bar == bars - 1
        if last:
            cell: tuple[int, ...] = (ticks,) if closes or bars < 3 else (ticks - 2, 2)
        elif bar % 2 == 0:
            cell = motif.head
        else:
            cell = motif.tail
        # The second pair of bars is the first a step higher (or lower where the phrase comes home).
        lift = 0 if bar < 2 else (-1 if closes else 1)
        offset = 0 if bar % 2 == 0 else len(motif.head)
        at = 0
        for i, length in enumerate(cell):
            step = motif.contour[(offset + i) % len(motif.contour)] + lift
            out.append((bar, at, length, step))
            at += length
    return out


def sing(
    motif: Motif,
    label: str,
    turn: int,
    chords: Sequence[tuple[Chord, Chord | None]],
    metre: str,
    ticks: int,
    centre: int,
    *,
    closes: bool,
    before: int | None = None,
) -> list[Tone]:
    """Return the melody of a phrase: the varied motif, its notes chosen so that they sit well over the chords.

    Parameters
    ----------
    turn
        How often this phrase has come before; every other time the motif is ornamented.
    centre
        MIDI pitch to hover about.
    closes
        Whether the phrase ends on the tonic; otherwise it stops in the air.
    before
        The last note sung, if any.
    """
    used = _varied(motif, label, turn, metre)
    rhythm = _rhythm(used, len(chords), ticks, label, closes=closes)
    half = 3 if metre == "6/8" else ticks // 2 if metre == "4/4" else ticks
    triad = chords[0][0].scale[::2][:3]
    start = centre + {"B": 4, "B'": 4, "climax": 2}.get(label, 0)
    # A phrase begins within reach of where the last one ended.
    reach = start if before is None else min(max(start, before - 9), before + 9)
    base = min((p for p in range(start - 6, start + 7) if p % 12 in triad), key=lambda p: (abs(p - reach), p))
    slots = []
    for number, (bar, tick, length, step) in enumerate(rhythm):
        one, two = chords[bar]
        changes = two is not None and tick < ticks // 2 < tick + length
        slots.append(
            Slot(
                chord=two if two is not None and tick >= ticks // 2 else one,
                next_chord=two if changes else None,
                step=step,
                strong=tick in (0, half) or length >= ticks // 2,
                long=length > 1,
                last=number == len(rhythm) - 1,
            )
        )
    pitches = draw_line(slots, base, centre, closes=closes, before=before)
    return [Tone(bar, tick, length, p) for (bar, tick, length, _), p in zip(rhythm, pitches, strict=True)]
