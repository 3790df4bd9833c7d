"""The form: from the film's acts to sections, phrases and bars that land on its turning points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kamishibai.documents.storyboard import Mood
from kamishibai.models.kinds import Act

__all__ = ["Measure", "Phrase", "Section", "intensity_at", "lay_out", "ring_seconds", "sections_of"]

Intensities = list[tuple[float, float, float]]
"""(start, end, intensity 0 to 1)."""


@dataclass(frozen=True)
class Section:
    """A stretch with one mood."""

    start: float
    end: float
    mood: Mood


@dataclass(frozen=True)
class Measure:
    """One bar in time."""

    start: float
    seconds: float


@dataclass(frozen=True)
class Phrase:
    """Two to six bars that belong together."""

    label: str
    section: int
    bars: tuple[Measure, ...]
    closes: bool
    """Ends on the tonic (a full close), not in the air."""
    final: bool = False


def ring_seconds(seconds: float) -> float:
    """Return how long the last chord rings at the end of a film of `seconds`."""
    return min(4.0, max(0.4 * min(seconds, 4.0), 0.07 * seconds))


def sections_of(acts: Sequence[Act], seconds: float, shortest_s: float) -> tuple[list[Section], Intensities]:
    """Return the sections that cover 0 to `seconds` without gaps, and the intensities as they were asked for.

    Neighbours of one mood are one section; an act under `shortest_s` joins its neighbour, since music that
    changes its mind every few seconds has no shape.
    """
    ordered = sorted(acts, key=lambda act: act.start)
    starts = [0.0] + [min(float(act.start), seconds) for act in ordered[1:]]
    ends = [*starts[1:], seconds]
    spans = [(a, b, act) for a, b, act in zip(starts, ends, ordered, strict=True) if b > a]
    intensities = [(a, b, act.intensity) for a, b, act in spans]
    merged: list[Section] = []
    for a, b, act in spans:
        if merged and merged[-1].mood == act.mood:
            merged[-1] = Section(merged[-1].start, b, act.mood)
        else:
            merged.append(Section(a, b, act.mood))
    while len(merged) > 1:
        at = min(range(len(merged)), key=lambda i: merged[i].end - merged[i].start)
        if merged[at].end - merged[at].start >= shortest_s:
            break
        beside = [i for i in (at - 1, at + 1) if 0 <= i < len(merged)]
        other = min(beside, key=lambda i: merged[i].end - merged[i].start)
        low, high = min(at, other), max(at, other)
        joined = Section(merged[low].start, merged[high].end, merged[other].mood)
        merged[low : high + 1] = [joined]
        merged = _fuse(merged)
    return merged, intensities


def _fuse(sections: list[Section]) -> list[Section]:
    out: list[Section] = []
    for section in sections:
        if out and out[-1].mood == section.mood:
            out[-1] = Section(out[-1].start, section.end, section.mood)
        else:
            out.append(section)
    return out


def intensity_at(intensities: Intensities, second: float) -> float:
    """Return the intensity asked for at `second`."""
    for start, end, value in intensities:
        if start <= second < end:
            return value
    return intensities[-1][2] if intensities else 0.5


def _bar_count(seconds: float, bar_s: float, extra: float) -> int:
    """Return how many bars fill `seconds` best: little stretching, and even phrases when they cost little."""
    best, best_cost = 1, math.inf
    ideal = seconds / bar_s - extra
    for count in range(max(1, math.floor(ideal) - 2), math.ceil(max(ideal, 1)) + 3):
        stretch = abs(math.log(seconds / ((count + extra) * bar_s)))
        cost = 8 * stretch + (0.0 if count % 4 == 0 else 0.25 if count % 2 == 0 else 0.5)
        if cost < best_cost:
            best, best_cost = count, cost
    return best


def _phrase_lengths(bars: int, *, opening: bool) -> list[int]:
    """Return lengths of phrases, four bars by preference; what is left over opens the section or lengthens its end."""
    whole, rest = divmod(bars, 4)
    if whole == 0:
        return [rest]
    if rest == 0:
        return [2, 2] + [4] * (whole - 1) if opening and whole <= 2 else [4] * whole
    if rest == 1:
        return [4] * (whole - 1) + [5]
    return [rest] + [4] * whole if opening or rest == 2 else [4] * whole + [rest]


_CYCLE = ("A", "A'", "B", "A'", "rest", "C", "B'", "A''")
_TURNS = ("A", "A'", "A'", "B", "B'", "C", "A''", "B")


def _labels(lengths: Sequence[int], *, number: int, ending: bool) -> list[str]:
    """Return what each phrase of section `number` does. The theme comes, is answered, left, and comes home; it also rests.

    A section too short for that takes one turn of the theme, another one each time.
    """
    count = len(lengths)
    labels: list[str] = []
    if number == 0 and count >= (2 if not ending else 3):
        labels.append("intro")
    elif number > 0 and lengths[0] == 2 and count >= 2:
        labels.append("link")
    room = count - len(labels)
    if room <= 2 and not ending:
        labels += [_TURNS[(number * 2 + k) % len(_TURNS)] for k in range(room)]
    else:
        labels += [_CYCLE[k % len(_CYCLE)] for k in range(room)]
        if labels[-1] in ("rest", "B", "C", "B'", "A") and count > 1:
            labels[-1] = "A'"
    if ending:
        labels[-1] = "coda"
        if count >= 3 and (number > 0 or count >= 5):
            labels[-2] = "climax"
    return labels


def lay_out(sections: Sequence[Section], seconds: float, bar_seconds: Sequence[float]) -> list[Phrase]:
    """Return the phrases of the whole film, bar by bar, ending `ring_seconds` before its end.

    Parameters
    ----------
    bar_seconds
        How long a bar would like to be in each section; bars are stretched a little so that phrases land on
        the sections' borders, and the last two are broadened (a ritardando).
    """
    stop = seconds - ring_seconds(seconds)
    phrases: list[Phrase] = []
    for number, (section, bar_s) in enumerate(zip(sections, bar_seconds, strict=True)):
        opening, ending = number == 0, number == len(sections) - 1
        end = max(stop, section.start + 0.3) if ending else section.end
        length = end - section.start
        slow = (0.12, 0.3) if ending and length > 4 * bar_s else ()
        count = _bar_count(length, bar_s, sum(slow))
        weights = [1.0] * count
        for i, more in enumerate(slow):
            weights[count - len(slow) + i] += more
        unit = length / sum(weights)
        at, measures = section.start, []
        for weight in weights:
            measures.append(Measure(at, weight * unit))
            at += weight * unit
        lengths = _phrase_lengths(count, opening=opening)
        labels = _labels(lengths, number=number, ending=ending)
        first = 0
        for label, size in zip(labels, lengths, strict=True):
            last = first + size == count
            closes = label in ("A'", "A''", "coda", "climax") or (last and label != "link")
            phrases.append(
                Phrase(label, number, tuple(measures[first : first + size]), closes, final=ending and last)
            )
            first += size
    return phrases
