"""The effects that can be asked for by name, each with the length it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kamishibai.media.filters import amplitude, fade_edges
from kamishibai.media.sound import RATE_HZ, Samples
from kamishibai.models.sound import animals, objects, places, tunes, water, weather
from kamishibai.models.sound.grains import Maker, Rng

__all__ = ["EFFECTS", "EFFECT_PEAK_DB", "Effect", "effect"]

EFFECT_PEAK_DB = -12.0


@dataclass(frozen=True)
class Effect:
    """A sound that happens. `seconds` is its natural length; one that `lasts` goes on as long as its cue."""

    make: Maker
    seconds: float
    lasts: bool = False
    level_db: float = 0.0
    """Beside the usual peak: small things are quieter."""


EFFECTS: Mapping[str, Effect] = {
    "applause": Effect(places.applause, 3.5, lasts=True),
    "bell": Effect(objects.bell, 2.2, level_db=-4),
    "bird call": Effect(animals.bird_call, 2.0, level_db=-5),
    "bubbles": Effect(water.bubbles, 1.8, level_db=-4),
    "buzz": Effect(animals.bees, 2.6, level_db=-8),
    "cat": Effect(animals.cat, 1.1, level_db=-3),
    "chime": Effect(objects.chime, 6.0, level_db=-3),
    "church bell": Effect(objects.church_bell, 7.0),
    "clock": Effect(objects.clock, 3.0, lasts=True, level_db=-10),
    "crackle": Effect(objects.crackle, 1.2, level_db=-6),
    "dog": Effect(animals.dog, 1.0, level_db=-3),
    "door close": Effect(objects.door_close, 0.9),
    "door creak": Effect(objects.door_creak, 1.9, level_db=-6),
    "door open": Effect(objects.door_open, 1.3, level_db=-4),
    "drip": Effect(water.drips, 2.0, level_db=-6),
    "drum": Effect(objects.drum, 1.8),
    "flute": Effect(tunes.flute_phrase, 3.4, level_db=-5),
    "flutter": Effect(objects.flutter, 2.2, lasts=True, level_db=-6),
    "frog": Effect(animals.frog, 1.6, level_db=-3),
    "glass": Effect(objects.glass, 1.0, level_db=-5),
    "gull": Effect(animals.gull, 2.6, level_db=-4),
    "heartbeat": Effect(objects.heartbeat, 3.2, lasts=True),
    "horn": Effect(objects.horn, 2.4, level_db=-3),
    "ice": Effect(objects.ice, 2.6, level_db=-5),
    "knock": Effect(objects.knock, 1.2),
    "magic": Effect(objects.magic, 2.8, level_db=-4),
    "music box": Effect(tunes.music_box, 4.0, level_db=-4),
    "owl": Effect(animals.owl, 3.2, level_db=-2),
    "page": Effect(objects.page, 0.9, level_db=-8),
    "parrot": Effect(animals.parrot, 1.7, level_db=-6),
    "pop": Effect(objects.pop, 0.4, level_db=-3),
    "ship horn": Effect(objects.ship_horn, 4.0, level_db=-3),
    "splash": Effect(water.splash, 1.8),
    "steps": Effect(objects.steps("grass"), 2.6, lasts=True, level_db=-5),
    "steps on gravel": Effect(objects.steps("gravel"), 2.6, lasts=True, level_db=-5),
    "steps on leaves": Effect(objects.steps("leaves"), 2.6, lasts=True, level_db=-5),
    "steps on sand": Effect(objects.steps("sand"), 2.6, lasts=True, level_db=-7),
    "steps on snow": Effect(objects.steps("snow"), 2.6, lasts=True, level_db=-5),
    "steps on stone": Effect(objects.steps("stone"), 2.6, lasts=True, level_db=-4),
    "steps on wood": Effect(objects.steps("wood"), 2.6, lasts=True, level_db=-4),
    "thunder": Effect(weather.thunder, 5.5, level_db=3),
    "train whistle": Effect(objects.train_whistle, 3.0, level_db=-5),
    "violin": Effect(tunes.violin, 3.8, level_db=-3),
    "whistle": Effect(objects.whistle, 1.0, level_db=-6),
    "whoosh": Effect(objects.whoosh, 1.0, level_db=-3),
    "wings": Effect(animals.wings, 1.5, level_db=-5),
    "wolf": Effect(animals.wolf, 4.5, level_db=-4),
}
_MOST_TIMES = 1.8
"""How much longer than natural a lasting effect may get: nobody wants to hear steps for a whole scene."""


def effect(name: str, seconds: float | None, rng: Rng, *, whole: bool = False) -> Samples:
    """Return the effect `name` (2, n), its peak near -12 dBFS.

    `seconds` is its cue's span, where it has one; an effect that lasts goes on towards that, and all the way
    when the `whole` span is wanted.

    Raises
    ------
    KeyError
        When there is no effect of that name.
    """
    spec = EFFECTS[name]
    length = spec.seconds
    if spec.lasts and seconds is not None and seconds > 0.5:
        length = max(seconds, 0.8) if whole else min(max(seconds, 0.8), _MOST_TIMES * length)
    made = spec.make(int(length * RATE_HZ), rng)
    made = fade_edges(made, 0.001, min(0.08, length / 4))
    peak = float(np.abs(made).max(initial=0.0))
    return made * np.float32(amplitude(EFFECT_PEAK_DB + spec.level_db) / peak) if peak > 0 else made
