"""The theme: a motif that is stated, answered, varied and brought home, fitted to the chords by dynamic programming."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kamishibai.models.music.harmony import Chord

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
        top = max(line)
        line = tuple(top - step for step in line)
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


def _candidates(scale: tuple[int, ...], centre: int) -> list[int]:
    return [p for p in range(centre - 11, centre + 13) if p % 12 in scale]


_LEAP_COST = (0.9, 0.0, 0.35, 0.8, 1.5, 2.2, 4.0, 3.0)


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

    Strong and long notes are chord tones, passing notes are taken and left by step, leaps are small, a close
    ends on the tonic by step; all of it as costs that one Viterbi pass weighs against the motif's own line.
    """
    used = _varied(motif, label, turn, metre)
    slots = _rhythm(used, len(chords), ticks, label, closes=closes)
    half = 3 if metre == "6/8" else ticks // 2 if metre == "4/4" else ticks
    home = chords[0][0].scale
    tonic = home[0]
    start = centre + (2 if label in ("B", "B'", "climax") else 0)
    base = min((p for p in _candidates(home, start) if p % 12 == tonic or p % 12 == home[2] or p % 12 == home[4]),
               key=lambda p: (abs(p - start), p))  # fmt: skip

    columns: list[list[int]] = []
    own: list[list[float]] = []
    harmonic: list[list[bool]] = []
    for number, (bar, tick, length, step) in enumerate(slots):
        one, two = chords[bar]
        now = two if two is not None and tick >= ticks // 2 else one
        pitches = _candidates(now.scale, centre)
        ladder = pitches.index(min(pitches, key=lambda p: (abs(p - base), p)))
        aim = ladder + step
        strong = tick == 0 or tick == half or length >= ticks // 2
        last = number == len(slots) - 1
        costs, inside = [], []
        for i, pitch in enumerate(pitches):
            tone = pitch % 12
            fits = tone in now.tones[:3]
            cost = 0.55 * abs(i - aim) + 0.25 * max(0, abs(pitch - centre) - 8)
            if not fits:
                cost += 6.0 if strong else 2.0 if length > 1 else 0.3
                if any((tone - other) % 12 == 1 for other in now.tones[:3]):
                    cost += 4.0 if strong else 1.0
            if two is not None and tick < ticks // 2 < tick + length and tone not in two.tones[:3]:
                cost += 5.0
            if last and closes:
                cost += 0.0 if tone == tonic else 30.0
            elif last and tone == tonic:
                cost += 2.5
            costs.append(cost)
            inside.append(fits)
        columns.append(pitches)
        own.append(costs)
        harmonic.append(inside)

    total = [
        c + (0.0 if before is None else 0.12 * abs(p - before))
        for c, p in zip(own[0], columns[0], strict=True)
    ]
    back: list[list[int]] = []
    for k in range(1, len(slots)):
        row, came = [], []
        ends = closes and k == len(slots) - 1
        for j, pitch in enumerate(columns[k]):
            best, which = 1e9, 0
            for i, earlier in enumerate(columns[k - 1]):
                steps = _steps_apart(earlier, pitch)
                cost = total[i] + (_LEAP_COST[steps] if steps < 8 else 8.0 + steps)
                if steps > 1 and not harmonic[k][j]:
                    cost += 3.0
                if steps > 1 and not harmonic[k - 1][i]:
                    cost += 4.0
                if ends and steps > 2:
                    cost += 2.0
                if abs(pitch - earlier) in (6, 10, 11):
                    cost += 3.0
                if cost < best:
                    best, which = cost, i
            row.append(best + own[k][j])
            came.append(which)
        total = row
        back.append(came)
    at = min(range(len(total)), key=lambda i: (total[i], i))
    path = [at]
    for came in reversed(back):
        at = came[at]
        path.append(at)
    path.reverse()
    return [Tone(bar, tick, length, columns[k][path[k]]) for k, (bar, tick, length, _) in enumerate(slots)]


def _steps_apart(a: int, b: int) -> int:
    """Return about how many steps of a seven-note scale lie between two pitches."""
    return (abs(a - b) * 7 + 6) // 12
