"""The written score: notes in seconds, and the words that describe it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Bar", "Note", "Score"]


class Note(NamedTuple):
    """One note. `pitch` is a MIDI number (for unpitched percussion it is ignored)."""

    start: float
    """Seconds from the film's start."""
    seconds: float
    pitch: int
    velocity: float
    """0 to 1."""
    voice: str
    """Name of an instrument in `kamishibai.models.music.instruments`."""
    part: str = ""
    """What it does: lead, answer, figure, pad, bass, drums."""


@dataclass(frozen=True)
class Bar:
    """One bar as it was planned, kept for judging the score."""

    start: float
    seconds: float
    ticks: int
    """Eighth notes a bar."""
    chord: tuple[int, ...]
    """Pitch classes, root first."""
    second_chord: tuple[int, ...] | None
    """The chord of the bar's second half, when it changes there."""
    scale: tuple[int, ...]
    """Pitch classes, tonic first."""
    phrase: str
    """Intro, A, A', B, rest, coda …"""
    last_of_phrase: bool
    section: int


@dataclass(frozen=True)
class Score:
    """Everything there is to play, in order of time."""

    seconds: float
    notes: tuple[Note, ...]
    bars: tuple[Bar, ...]
    key: str
    tempo_bpm: float
    description: str
