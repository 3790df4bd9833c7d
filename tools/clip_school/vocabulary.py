"""What scenes are made of, random scenes made of it, and which combinations training never sees."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from kamishibai.documents.storyboard import Actor, Character, Prop, Scene
from kamishibai.models.kinds import Draw

__all__ = [
    "FULL",
    "SMALL",
    "Example",
    "Vocabulary",
    "character",
    "demands",
    "examples",
    "held_out",
    "scene_of",
]

LOOK = "paper-cut picture book"


@dataclass(frozen=True)
class Vocabulary:
    """The nouns and places of one training."""

    cast: tuple[str, ...]
    settings: tuple[str, ...]
    times: tuple[str, ...] = ("dawn", "day", "dusk", "night")
    weathers: tuple[str, ...] = ("clear",)
    props: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    counts: tuple[int, ...] = (1,)


SMALL = Vocabulary(
    cast=("fox", "bear", "rabbit", "wolf", "frog", "dragon", "pig", "panda", "lion", "mouse", "owl", "girl"),
    settings=("forest", "meadow", "desert", "snow", "city", "beach", "river", "room"),
    props=("lantern", "balloon", "umbrella", "book", "drum", "pumpkin"),
)
"""Enough for the tests' films, learnt in a minute."""
FULL = Vocabulary(
    cast=(
        *SMALL.cast, "tiger", "cat", "dog", "hamster", "monkey", "cow", "polar bear", "black cat", "elephant",
        "horse", "sheep", "penguin", "unicorn", "robot", "snowman", "boy", "king", "queen", "knight", "witch",
        "wizard", "pirate", "astronaut", "chef", "grandmother", "fairy",
    ),
    settings=(
        *SMALL.settings, "sea", "underwater", "mountains", "village", "garden", "farm", "cave", "sky", "space",
        "ship", "library", "street", "market", "rooftop", "tower", "subway",
    ),
    weathers=("clear", "clear", "clear", "rain", "snow", "fog", "cloudy"),
    props=(
        *SMALL.props, "boat", "bicycle", "kite", "apple", "flower", "mushroom", "guitar", "campfire", "tent", "clock",
        "candle", "ball", "cake", "telescope", "suitcase", "treasure chest",
    ),
    colours=("red", "blue", "green", "yellow", "purple"),
    counts=(1, 1, 1, 2, 3),
)  # fmt: skip
"""Most of what the paper theatre draws well."""


@dataclass(frozen=True)
class Example:
    """One scene, who plays in it, and the seed of its picture."""

    scene: Scene
    cast: tuple[Character, ...]
    seed: int

    @property
    def facts(self) -> frozenset[str]:
        """Everything about the scene that a text may name."""
        return demands(self.scene)

    def ask(self, width: int, height: int) -> Draw:
        """Return the ask for its picture."""
        return Draw(
            prompt="", scene=self.scene, cast=self.cast, look=LOOK, width=width, height=height, seed=self.seed
        )


def demands(scene: Scene) -> frozenset[str]:
    """Return what a scene shows, one string a thing: ``actor:fox``, ``setting:forest``, ``prop:red balloon``."""
    found = {f"setting:{scene.setting}", f"time:{scene.time}"}
    found |= {f"actor:{actor.who}" for actor in scene.actors}
    if scene.weather != "clear":
        found.add(f"weather:{scene.weather}")
    for prop in scene.props:
        found.add(f"prop:{prop.name}")
        if prop.colour:
            found.add(f"prop:{prop.colour} {prop.name}")
        if prop.count > 1:
            found.add(f"prop:{prop.count} {prop.name}")
    return frozenset(found)


def held_out(who: str, setting: str, time: str, part: float = 0.15) -> bool:
    """Say whether training must never see `who` at this place and hour; the same on every machine."""
    return zlib.crc32(f"{who}/{setting}/{time}".encode()) % 1000 < 1000 * part


def character(noun: str) -> Character:
    """Return a cast member; its id is its noun."""
    people: dict[str, dict[str, Any]] = {
        "girl": {"gender": "woman", "age": "child"}, "boy": {"gender": "man", "age": "child"},
        "king": {"gender": "man", "outfit": "king"}, "queen": {"gender": "woman", "outfit": "queen"},
        "knight": {"gender": "man", "outfit": "knight"}, "witch": {"gender": "woman", "outfit": "witch"},
        "wizard": {"gender": "man", "age": "old", "outfit": "wizard"}, "pirate": {"gender": "man", "outfit": "pirate"},
        "astronaut": {"outfit": "astronaut"}, "chef": {"outfit": "chef"},
        "grandmother": {"gender": "woman", "age": "old"}, "fairy": {"gender": "woman", "outfit": "fairy"},
    }  # fmt: skip
    return Character.model_validate(
        {"id": noun.replace(" ", "-"), "name": noun, "noun": noun, "person": people.get(noun)}
    )


def scene_of(
    cast: Sequence[Character],
    setting: str,
    time: str,
    rng: Random,
    weather: str = "clear",
    props: Sequence[Prop] = (),
) -> Scene:
    """Return a scene with everyone in some pose."""
    poses = ("stand", "stand", "walk", "run", "sit")
    views = ("medium", "medium", "close", "wide")
    return Scene.model_validate(
        {
            "id": "scene", "line": "", "setting": setting, "time": time, "weather": weather, "view": rng.choice(views),
            "actors": [Actor(who=c.id, pose=rng.choice(poses)) for c in cast], "props": list(props),
        }
    )  # fmt: skip


def _props(vocabulary: Vocabulary, rng: Random) -> list[Prop]:
    if not vocabulary.props or rng.random() < 0.5:
        return []
    colour = rng.choice(vocabulary.colours) if vocabulary.colours and rng.random() < 0.4 else None
    return [Prop(name=rng.choice(vocabulary.props), count=rng.choice(vocabulary.counts), colour=colour)]


def examples(vocabulary: Vocabulary, count: int, seed: int, *, held: bool) -> list[Example]:
    """Return `count` random scenes: of the held-out combinations, each once at most, or of all the others.

    With `held`, fewer come back when there are not that many combinations.
    """
    rng = Random(seed)
    out: list[Example] = []
    combinations = [
        (who, setting, time)
        for who in vocabulary.cast for setting in vocabulary.settings for time in vocabulary.times
        if held_out(who, setting, time) == held
    ]  # fmt: skip
    while len(out) < count:
        rng.shuffle(combinations)
        for who, setting, time in combinations[: count - len(out)]:
            nouns = [who]
            if rng.random() < 0.25:
                second = rng.choice(vocabulary.cast)
                # Held-out scenes stay single, and no scene of training has a held-out second actor.
                if second != who and not held and not held_out(second, setting, time):
                    nouns.append(second)
            cast = tuple(character(noun) for noun in nouns)
            weather = rng.choice(vocabulary.weathers)
            props = _props(vocabulary, rng)
            out.append(
                Example(scene_of(cast, setting, time, rng, weather, props), cast, rng.randrange(2**31))
            )
        if held:
            break
    return out
