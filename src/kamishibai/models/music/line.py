"""The line: which pitch each note of a melody takes, weighed by dynamic programming over pairs of notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kamishibai.models.music.harmony import Chord

__all__ = ["Slot", "draw_line"]


@dataclass(frozen=True)
class Slot:
    """A note whose pitch is still open."""

    chord: Chord
    next_chord: Chord | None
    """The chord that comes in while the note still sounds."""
    step: int
    """Where the motif wants it, in steps of the scale above its first note."""
    strong: bool
    long: bool
    last: bool


@dataclass(frozen=True)
class _Choice:
    pitch: int
    rung: int
    """Its place on the ladder of the scale: neighbours are one apart."""
    fits: bool
    cost: float


_REACH = 4
_LEAP_COST = (0.8, 0.0, 0.75, 1.4, 2.0, 2.8, 5.0, 4.0)
"""By steps of the scale: a note again, a step, a third, a fourth … a sixth, a seventh, an octave."""


def _choices(slot: Slot, base: int, centre: int, *, closes: bool) -> list[_Choice]:
    """Return the pitches a slot may take, near to where the motif wants it, and what each costs by itself."""
    scale = slot.chord.scale
    tones = slot.chord.tones[:3]
    ladder = [p for p in range(centre - 13, centre + 15) if p % 12 in scale]
    aim = ladder.index(min(ladder, key=lambda p: (abs(p - base), p))) + slot.step
    out = []
    for rung, pitch in enumerate(ladder):
        tone = pitch % 12
        home = slot.last and closes
        if abs(rung - aim) > _REACH and not home:
            continue
        fits = tone in tones
        cost = 0.5 * abs(rung - aim) + 0.3 * max(0, abs(pitch - centre) - 8)
        if not fits:
            cost += 6.0 if slot.strong else 0.8 if slot.long else 0.2
            if any((tone - other) % 12 == 1 for other in tones):
                cost += 5.0 if slot.strong else 0.8
        if slot.next_chord is not None and tone not in slot.next_chord.tones[:3]:
            cost += 5.0
        if home and tone != scale[0]:
            continue
        if slot.last and not closes and tone == scale[0]:
            cost += 2.5
        out.append(_Choice(pitch, rung, fits, cost))
    return out


def _move(a: _Choice, b: _Choice, *, ends: bool) -> float:
    """Return what it costs to go from one note to the next."""
    steps = abs(b.rung - a.rung)
    cost = _LEAP_COST[steps] if steps < len(_LEAP_COST) else 6.0 + steps
    if steps > 1:
        # Notes outside the chord are passing notes: come to by step, left by step.
        cost += (0.0 if b.fits else 3.0) + (0.0 if a.fits else 4.0) + (2.0 if ends and steps > 2 else 0.0)
    if abs(b.pitch - a.pitch) in (6, 10, 11):
        cost += 3.0
    return cost


def _turn(a: _Choice, b: _Choice, c: _Choice) -> float:
    """Return what three notes in a row cost beyond their two moves: leaps want to be answered by a step back."""
    first, second = b.rung - a.rung, c.rung - b.rung
    if first == 0 and second == 0:
        return 2.0
    if a.rung == c.rung:
        return 2.2 if abs(first) > 1 else 0.25
    if abs(first) >= 3:
        if second * first > 0:
            return 2.5
        return 0.0 if abs(second) == 1 else 0.9
    if abs(first) == 2 and abs(second) >= 2:
        return 0.4 if first * second > 0 else 1.4
    return 0.0


def _entry(pitch: int, before: int | None) -> float:
    """Return what it costs to begin on `pitch` after the note `before`: an octave is the most."""
    if before is None:
        return 0.0
    apart = abs(pitch - before)
    return 0.12 * apart + 3.0 * max(0, apart - 12)


def draw_line(
    slots: Sequence[Slot], base: int, centre: int, *, closes: bool, before: int | None
) -> list[int]:
    """Return a MIDI pitch for each slot: the line of least cost.

    Strong and long notes are chord tones, passing notes are taken and left by step, leaps are small and
    turn back, the motif's own contour is kept where it can be, and a phrase that `closes` ends on the tonic.
    """
    columns = [_choices(slot, base, centre, closes=closes) for slot in slots]
    if len(columns) == 1:
        return [min(columns[0], key=lambda c: (c.cost, c.pitch)).pitch]
    first, second = columns[0], columns[1]
    start = [c.cost + _entry(c.pitch, before) for c in first]
    ends = closes and len(columns) == 2
    total = [[start[i] + b.cost + _move(a, b, ends=ends) for b in second] for i, a in enumerate(first)]
    back: list[list[list[int]]] = []
    for k in range(2, len(columns)):
        before_last, last, now = columns[k - 2], columns[k - 1], columns[k]
        ends = closes and k == len(columns) - 1
        row: list[list[float]] = []
        came: list[list[int]] = []
        for j, b in enumerate(last):
            arrive = [total[i][j] for i in range(len(before_last))]
            costs, froms = [], []
            for c in now:
                best, which = min((arrive[i] + _turn(a, b, c), i) for i, a in enumerate(before_last))
                costs.append(best + _move(b, c, ends=ends) + c.cost)
                froms.append(which)
            row.append(costs)
            came.append(froms)
        total = row
        back.append(came)
    _, j, c_at = min((total[j][c], j, c) for j in range(len(total)) for c in range(len(total[j])))
    path = [c_at, j]
    for came in reversed(back):
        path.append(came[path[-1]][path[-2]])
    path.reverse()
    return [columns[k][i].pitch for k, i in enumerate(path)]
