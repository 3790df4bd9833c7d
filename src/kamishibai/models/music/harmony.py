"""Harmony: modes, chords by function, cadences, and voices that move as little as they can."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kamishibai.models.music.form import Phrase

__all__ = ["MODES", "NAMES", "Chord", "bass_line", "chord", "progression", "scale_of", "voicing"]

MODES: Mapping[str, tuple[int, ...]] = {
    "ionian": (0, 2, 4, 5, 7, 9, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "aeolian": (0, 2, 3, 5, 7, 8, 10),
}
NAMES = ("C", "D♭", "D", "E♭", "E", "F", "G♭", "G", "A♭", "A", "B♭", "B")

_T, _S, _D = "T", "S", "D"
_DEGREES: Mapping[str, Mapping[str, tuple[tuple[int, int], ...]]] = {
    # (degree, weight); the diminished triad of each mode is left out.
    "ionian": {_T: ((0, 5), (5, 3), (2, 1)), _S: ((3, 4), (1, 3), (5, 1)), _D: ((4, 1),)},
    "dorian": {_T: ((0, 5), (2, 2)), _S: ((3, 4), (1, 2), (6, 1)), _D: ((6, 3), (4, 1))},
    "phrygian": {_T: ((0, 5), (5, 2)), _S: ((3, 3), (1, 2)), _D: ((1, 2), (6, 2))},
    "lydian": {_T: ((0, 5), (5, 2), (2, 1)), _S: ((1, 4), (5, 2)), _D: ((4, 1),)},
    "mixolydian": {_T: ((0, 5), (5, 1)), _S: ((3, 4), (1, 1)), _D: ((6, 3), (4, 1))},
    "aeolian": {_T: ((0, 5), (2, 2), (5, 2)), _S: ((3, 4), (5, 3)), _D: ((6, 2), (4, 1))},
}
_CLOSE: Mapping[str, int] = {
    "ionian": 4,
    "dorian": 3,
    "phrygian": 1,
    "lydian": 4,
    "mixolydian": 6,
    "aeolian": 4,
}
"""The chord before the last: the dominant, or what takes its place in a mode without a leading tone."""


@dataclass(frozen=True)
class Chord:
    """A chord in its key. `tones` are pitch classes, root first; `scale` is what melodies use over it."""

    degree: int
    tones: tuple[int, ...]
    scale: tuple[int, ...]


def scale_of(tonic: int, mode: str) -> tuple[int, ...]:
    """Return the pitch classes of a mode, tonic first."""
    return tuple((tonic + step) % 12 for step in MODES[mode])


def chord(tonic: int, mode: str, degree: int, *, closing: bool = False, colour: bool = False) -> Chord:
    """Return the chord on `degree`; `closing` raises a minor key's leading tone, `colour` adds a soft ninth."""
    scale = list(scale_of(tonic, mode))
    if closing and mode == "aeolian" and degree == 4:
        scale[6] = (tonic + 11) % 12
    tones = [scale[(degree + third) % 7] for third in (0, 2, 4)]
    ninth = scale[(degree + 1) % 7]
    # A ninth only where it lies a whole tone over the root: the semitone would grate.
    if colour and (ninth - tones[0]) % 12 == 2:
        tones.append(ninth)
    return Chord(degree, tuple(tones), tuple(scale))


_PLANS: Mapping[tuple[str, bool], tuple[tuple[str, ...], ...]] = {
    # Functions a bar; "0" is the tonic itself, "SD" two chords in one bar, "X" the closing chord.
    ("4", False): (("0", "T", "S", "D"), ("0", "S", "T", "D"), ("0", "T", "S", "SD")),
    ("4", True): (("0", "S", "SX", "0"), ("0", "T", "SX", "0"), ("T", "S", "X", "0")),
    ("away", False): (("S", "T", "S", "D"), ("T", "S", "T", "D"), ("S", "0", "S", "D")),
    ("away", True): (("S", "T", "SX", "0"), ("T", "S", "X", "0")),
}


def _plan(label: str, length: int, closes: bool, rng: random.Random) -> list[str]:
    away = "away" if label in ("B", "B'", "C", "climax") else "4"
    four = list(rng.choice(_PLANS[away, closes]))
    if length == 4:
        return four
    if length == 1:
        return ["X"] if closes else ["0"]
    if length == 2:
        return ["SX", "0"] if closes else ["0", "D"]
    if length == 3:
        return ["0", "SX", "0"] if closes else ["0", "S", "D"]
    if length == 5:
        return [*four[:2], "S", "X", "0"] if closes else [*four[:3], "S", "D"]
    return [*four[:2], *(["T", "S"] * length)[: length - 4], *four[2:]]


def progression(
    phrase: Phrase, tonic: int, mode: str, rng: random.Random, *, before: int | None = None
) -> list[tuple[Chord, Chord | None]]:
    """Return a bar's chord and, where it changes in the middle, its second one, for every bar of `phrase`.

    `before` is the degree that the phrase before ended on; it is not struck again unless it is home.
    """
    if phrase.label == "intro":
        sway = 3 if mode != "lydian" else 1
        plan = [0, sway] * len(phrase.bars)
        return [(chord(tonic, mode, degree), None) for degree in plan[: len(phrase.bars)]]

    def pick(function: str, before: int | None) -> int:
        if function == "0":
            return 0
        if function == "X":
            return _CLOSE[mode]
        options = [(d, w) for d, w in _DEGREES[mode][function] if d != before]
        options = options or list(_DEGREES[mode][function])
        return rng.choices([d for d, _ in options], [w for _, w in options])[0]

    out: list[tuple[Chord, Chord | None]] = []
    plan_words = _plan(phrase.label, len(phrase.bars), phrase.closes, rng)
    for word in plan_words:
        first = pick(word[0], before)
        second = pick(word[1], first) if len(word) == 2 else None
        colour = phrase.label not in ("coda",) and word[0] in "TS0" and rng.random() < 0.35
        one = chord(tonic, mode, first, closing=word[0] in "XD", colour=colour)
        two = None if second is None else chord(tonic, mode, second, closing=word[1] in "XD")
        out.append((one, two))
        before = second if second is not None else first
    return out


def voicing(
    of: Chord, before: Sequence[int] | None, low: int, high: int, *, voices: int = 3
) -> tuple[int, ...]:
    """Return `voices` MIDI pitches of a chord within `low` … `high` that move least from `before`.

    Third and root are always there; parallel fifths and octaves with the voice before cost extra, as do
    seconds in the depths, where they only growl.
    """
    wanted = list(of.tones[:3]) if len(of.tones) == 3 or voices == 3 else list(of.tones)
    options = [[p for p in range(low, high + 1) if p % 12 == tone] for tone in wanted]
    best: tuple[int, ...] | None = None
    best_cost = 1e9
    middle = (low + high) / 2
    for combination in itertools.product(*options):
        pitches = tuple(sorted(combination))
        if len(set(pitches)) < len(pitches) or pitches[-1] - pitches[0] > 16:
            continue
        cost = 0.12 * abs(sum(pitches) / len(pitches) - middle)
        cost += sum(2.0 for a, b in itertools.pairwise(pitches) if b - a < 3)
        if before is not None and len(before) == len(pitches):
            cost += sum(abs(a - b) for a, b in zip(before, pitches, strict=True))
            for i, j in itertools.combinations(range(len(pitches)), 2):
                apart, was = pitches[j] - pitches[i], before[j] - before[i]
                if apart == was and apart % 12 in (0, 7) and pitches[i] != before[i]:
                    cost += 3.0
        if cost < best_cost:
            best, best_cost = pitches, cost
    return best if best is not None else tuple(sorted(o[0] for o in options))


def bass_line(of: Chord, before: int | None, *, low: int = 38, high: int = 53) -> int:
    """Return the root of a chord in the bass, in the octave nearest to the bass note before."""
    options = [p for p in range(low, high + 1) if p % 12 == of.tones[0]]
    aim = before if before is not None else 45
    return min(options, key=lambda p: (abs(p - aim) + 0.15 * abs(p - 44), p))
