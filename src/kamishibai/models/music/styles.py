"""What each mood sounds like: mode, tempo, metre, instruments and the way the accompaniment moves."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

from kamishibai.documents.storyboard import Mood

__all__ = ["METRE_TICKS", "STYLES", "Style", "style_for"]

METRE_TICKS: Mapping[str, int] = {"3/4": 6, "4/4": 8, "6/8": 6}
"""Eighth notes a bar."""


@dataclass(frozen=True)
class Style:
    """How one mood is scored."""

    mode: str
    beat_bpm: float
    """Quarters a minute."""
    metre: str
    lead: str
    answer: str
    """Takes the theme over in later phrases, and doubles the lead where the music is full."""
    figure: str
    pattern: str
    """How the figure moves: broken, rolled, waltz, offbeat, pulse."""
    bass: str
    pad: str | None
    drums: str | None
    activity: int
    """Notes a bar that the theme likes, 1 to 5."""
    centre: int
    """MIDI pitch the theme hovers about."""

    @property
    def dark(self) -> bool:
        """Say whether its tonic triad is minor."""
        return self.mode in ("aeolian", "dorian", "phrygian")


STYLES: Mapping[Mood, Style] = {
    "calm": Style("ionian", 76, "3/4", "music box", "flute", "harp", "broken", "soft bass", "strings", None, 2, 79),
    "happy": Style("ionian", 104, "4/4", "flute", "glockenspiel", "guitar", "broken", "pizzicato", "strings",
                   "shaker", 4, 76),
    "sad": Style("aeolian", 63, "4/4", "felt piano", "flute", "felt piano", "broken", "soft bass", "strings",
                 None, 3, 72),
    "tense": Style("aeolian", 92, "4/4", "celesta", "flute", "pizzicato", "pulse", "soft bass", "low strings",
                   "frame drum", 2, 72),
    "mysterious": Style("dorian", 80, "3/4", "celesta", "flute", "harp", "broken", "soft bass", "low strings",
                        "bells", 2, 76),
    "triumphant": Style("mixolydian", 100, "4/4", "flute", "glockenspiel", "harp", "broken", "soft bass", "strings",
                        "timpani", 4, 77),
    "playful": Style("lydian", 112, "4/4", "pizzicato", "glockenspiel", "guitar", "offbeat", "pizzicato", "strings",
                     "woodblock", 4, 74),
    "tender": Style("ionian", 68, "3/4", "felt piano", "music box", "felt piano", "broken", "soft bass", "strings",
                    None, 3, 74),
}  # fmt: skip

_PAIRS: Mapping[Mood, tuple[tuple[str, str], ...]] = {
    "calm": (("music box", "flute"), ("celesta", "flute"), ("flute", "music box")),
    "happy": (("flute", "glockenspiel"), ("glockenspiel", "flute"), ("flute", "pizzicato")),
    "sad": (("felt piano", "flute"), ("flute", "felt piano"), ("felt piano", "celesta")),
    "tense": (("celesta", "flute"), ("felt piano", "celesta"), ("flute", "celesta")),
    "mysterious": (("celesta", "flute"), ("music box", "flute"), ("flute", "celesta")),
    "triumphant": (("flute", "glockenspiel"), ("harp", "flute")),
    "playful": (("pizzicato", "glockenspiel"), ("flute", "pizzicato"), ("glockenspiel", "pizzicato")),
    "tender": (("felt piano", "music box"), ("music box", "felt piano"), ("flute", "music box")),
}
"""Who sings and who answers; one pair a film and mood."""
_METRES: Mapping[Mood, tuple[str, ...]] = {
    "calm": ("3/4", "3/4", "6/8", "4/4"), "happy": ("4/4", "4/4", "6/8"), "sad": ("4/4", "3/4"),
    "tense": ("4/4",), "mysterious": ("3/4", "6/8", "4/4"), "triumphant": ("4/4", "3/4"),
    "playful": ("4/4", "6/8"), "tender": ("3/4", "4/4", "6/8"),
}  # fmt: skip
_LEADS: Mapping[str, str] = {
    "piano": "felt piano", "flute": "flute", "harp": "harp", "guitar": "guitar", "glockenspiel": "glockenspiel",
    "bells": "glockenspiel", "celesta": "celesta", "music box": "music box", "pizzicato": "pizzicato",
}  # fmt: skip


def style_for(mood: Mood, prompt: str, seed: int) -> Style:
    """Return how a film with `seed` scores `mood`, bent by words of `prompt`: an instrument, waltz, fast, slow, no drums."""
    rng = random.Random(f"style/{seed}/{mood}")
    lead, answer = rng.choice(_PAIRS[mood])
    style = replace(STYLES[mood], lead=lead, answer=answer, metre=rng.choice(_METRES[mood]))
    words = prompt.lower()
    for word, voice in _LEADS.items():
        if word in words:
            style = replace(style, lead=voice)
            break
    if "waltz" in words or "lullaby" in words:
        style = replace(style, metre="3/4")
    if "fast" in words:
        style = replace(style, beat_bpm=style.beat_bpm * 1.15)
    if "slow" in words or "lullaby" in words:
        style = replace(style, beat_bpm=style.beat_bpm * 0.87)
    if "no drums" in words or "without drums" in words:
        style = replace(style, drums=None)
    return style
