"""Words for scenes: the picture prompt itself, lines as in a story, and phrases that name a part of what is seen."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from random import Random

from clip_school.vocabulary import LOOK, Example
from kamishibai.documents.storyboard import Prop
from kamishibai.steps.prompt import picture_prompt

__all__ = ["corpus", "line_for", "prompt_for", "say"]

PLACES: dict[str, tuple[str, ...]] = {
    "forest": ("in the forest", "in the woods", "among the trees", "in the dark forest", "deep in the forest"),
    "meadow": ("in the meadow", "in the grass", "across the green meadow", "in a field"),
    "desert": ("in the desert", "on the hot sand of the desert", "among the dunes", "across the desert"),
    "snow": ("in the snow", "in the cold snow", "on the snowy hill", "through the snow"),
    "city": ("in the city", "in the big city", "in the town", "between the tall houses of the city"),
    "beach": ("on the beach", "at the beach", "by the shore", "on the sand by the sea"),
    "river": ("by the river", "at the river", "beside the river", "on the bank of the river"),
    "room": ("in a room", "in the room", "at home", "inside the house"),
    "sea": ("on the sea", "at sea", "on the open sea", "over the waves"),
    "underwater": ("under water", "under the sea", "on the sea floor", "deep under water"),
    "mountains": ("in the mountains", "on the mountain", "high in the mountains"),
    "village": ("in the village", "in a small village"), "garden": ("in the garden", "among the flowers of the garden"),
    "farm": ("on the farm", "on a farm", "by the barn"), "cave": ("in the cave", "in a dark cave"),
    "sky": ("in the sky", "high above the clouds"), "space": ("in space", "among the stars"),
    "ship": ("on the ship", "on the deck of a ship"), "library": ("in the library", "among the books of the library"),
    "street": ("in the street", "down the street"), "market": ("at the market", "in the market"),
    "rooftop": ("on the roof", "on the rooftop"), "tower": ("at the tower", "by the old tower"),
    "subway": ("in the subway", "in the subway station"),
}  # fmt: skip
HOURS: dict[str, tuple[str, ...]] = {
    "dawn": ("at dawn", "in the morning", "early in the morning", "at sunrise"),
    "day": ("by day", "on a bright day", "in the bright daylight", "at noon"),
    "dusk": ("at dusk", "in the evening", "at sunset", "one evening"),
    "night": ("at night", "in the night", "one night", "under the moon"),
}
WEATHER: dict[str, str] = {
    "rain": "in the rain",
    "snow": "while snow falls",
    "fog": "in the fog",
    "cloudy": "under the clouds",
}
VERBS = {
    "stand": ("is", "stands", "waits", "looks around", "stays", "lives"), "walk": ("walks", "goes", "wanders", "comes"),
    "run": ("runs", "hurries", "races", "ran"), "sit": ("sits", "rests", "sat down"),
}  # fmt: skip
FINDS = ("finds", "sees", "has", "found", "looks at", "carries", "picks up")
QUALITIES = ("", "", "small", "little", "old", "brave", "happy", "young")
NUMBERS = {1: "a", 2: "two", 3: "three"}


@lru_cache(maxsize=8192)
def prompt_for(example: Example) -> str:
    """Return the very prompt that a picture model would be given for the scene."""
    return picture_prompt(example.scene, example.cast, LOOK).positive


def line_for(example: Example, rng: Random) -> tuple[str, frozenset[str]]:
    """Return a sentence as a story would tell the scene, and the facts that it names."""
    scene = example.scene
    subject = " and ".join(_figure(who.noun, rng) for who in example.cast)
    named = {f"actor:{who.id}" for who in example.cast} | {f"setting:{scene.setting}"}
    verb = rng.choice(VERBS[scene.actors[0].pose])
    thing = ""
    if scene.props and rng.random() < 0.8:
        verb, thing = rng.choice(FINDS), _thing(scene.props[0])
        named |= {fact for fact in example.facts if fact.startswith("prop:")}
    place = rng.choice(PLACES[scene.setting])
    weather = WEATHER.get(scene.weather, "")
    if weather:
        named.add(f"weather:{scene.weather}")
    hour = rng.choice(HOURS[scene.time]) if scene.time != "day" or rng.random() < 0.6 else ""
    if hour:
        named.add(f"time:{scene.time}")
    if hour and rng.random() < 0.4:
        words = [f"{hour},", subject, verb, thing, place, weather]
    else:
        words = [subject, verb, thing, place, hour, weather]
    return _sentence(words), frozenset(named)


def say(example: Example, rng: Random, who: str | None = None) -> tuple[str, frozenset[str]]:
    """Return a random text that fits the scene, and the facts that it names; with `who`, of that actor above all."""
    kind = rng.random()
    if who is not None:
        return _figure_alone(example, who, rng)
    if kind < 0.2:
        return prompt_for(example), example.facts
    if kind < 0.4:
        return prompt_for(example).split(". ")[0] + ".", example.facts
    if kind < 0.75:
        return line_for(example, rng)
    return _phrase(example, rng)


def _figure_alone(example: Example, who: str, rng: Random) -> tuple[str, frozenset[str]]:
    noun = next(c.noun for c in example.cast if c.id == who)
    fact = frozenset({f"actor:{who}"})
    if rng.random() < 0.3:
        portrait = (
            f"full-body portrait of {_figure(noun, rng)}, facing the viewer, on a plain light background"
        )
        return _sentence([portrait]), fact
    return _sentence([_figure(noun, rng)]), fact


def _phrase(example: Example, rng: Random) -> tuple[str, frozenset[str]]:
    """Name one or two things of the scene and leave the rest out."""
    scene = example.scene
    parts = [
        (_figure(example.cast[0].noun, rng), f"actor:{example.cast[0].id}"),
        (rng.choice(PLACES[scene.setting]), f"setting:{scene.setting}"),
        (rng.choice(HOURS[scene.time]), f"time:{scene.time}"),
    ]
    if scene.props:
        parts.append((_thing(scene.props[0]), f"prop:{scene.props[0].name}"))
    chosen = rng.sample(parts, rng.choice((1, 2)))
    return _sentence([words for words, _ in chosen]), frozenset(fact for _, fact in chosen)


def _figure(noun: str, rng: Random) -> str:
    quality = rng.choice(QUALITIES)
    return f"{rng.choice(('a', 'the'))} {quality} {noun}".replace("  ", " ")


def _thing(prop: Prop) -> str:
    name = prop.name if prop.count == 1 else f"{prop.name}s"
    return " ".join(word for word in (NUMBERS[prop.count], prop.colour or "", name) if word)


def _sentence(words: Sequence[str]) -> str:
    text = " ".join(word for word in words if word)
    return text[:1].upper() + text[1:] + "."


def corpus(examples: Sequence[Example], seed: int) -> list[str]:
    """Return texts in which every word of the vocabulary stands, for the tokenizer."""
    rng = Random(seed)
    texts = [say(example, rng)[0] for example in examples for _ in range(3)]
    texts += [" ".join(words) for table in (PLACES, HOURS, VERBS) for words in table.values()]
    return [*texts, *WEATHER.values(), " ".join(FINDS), " ".join(QUALITIES)]
