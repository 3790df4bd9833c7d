"""sound: from what a scene names to cues in time and space."""

from __future__ import annotations

from fractions import Fraction

from kamishibai.documents.storyboard import Scene
from kamishibai.documents.takes import Speech
from kamishibai.models.kinds import Cue, Foley
from kamishibai.steps.cut import Slot
from kamishibai.work.key import seed_for

__all__ = ["foley_ask"]

AMBIENCES = frozenset({
    "bees", "birds", "cave", "city", "crickets", "crowd", "fire", "forest", "frogs", "gulls", "heavy rain", "leaves", "library", "market", "night", "rain", "river", "room", "ship", "snow", "space", "storm", "subway", "traffic", "train ride", "underwater", "waves", "wind",
})  # fmt: skip
"""Sounds that fill a scene; every other is an event with a moment of its own."""


def _moment(name: str, speech: Speech, lead: Fraction, length: Fraction, order: int) -> Fraction:
    """Return when an effect is heard: just after the word that names it, else in a quiet place of the scene."""
    for word in speech.words:
        stem = name.lower().rstrip("s")
        if len(stem) > 2 and word.text.lower().strip(".,;:!?\"'“”’").startswith(stem):
            return min(lead + word.end, max(length - 1, Fraction(0)))
    # Before the first word, after the last one, then evenly between: never two at once.
    places = (
        Fraction(1, 10),
        lead + speech.seconds + Fraction(1, 10),
        length / 2,
        length / 4,
        length * 3 / 4,
    )
    return min(places[order % len(places)], max(length - 1, Fraction(0)))


def foley_ask(scene: Scene, slot: Slot, speech: Speech, project_seed: int) -> Foley:
    """Return the ask for one scene's effects track, as long as the scene's shot.

    Ambiences span the scene; effects stand at the word that names them, alternating left and right of the
    middle, where the narrator is.
    """
    length = slot.taken_seconds
    lead = (slot.speech or slot.start) - slot.start
    cues = []
    effects = 0
    for name in scene.sounds:
        if name in AMBIENCES:
            cues.append(Cue(name=name, kind="ambience", start=Fraction(0), end=length))
            continue
        start = _moment(name, speech, lead, length, effects)
        pan = (-0.45, 0.45, -0.2, 0.2)[effects % 4]
        cues.append(Cue(name=name, kind="effect", start=start, end=length, pan=pan))
        effects += 1
    return Foley(seconds=length, cues=tuple(cues), seed=seed_for(project_seed, scene.id, "sound"))
