"""What a critic is asked about a scene's picture, what its answers find wrong, and how the prompt changes for the next."""

from __future__ import annotations

from collections.abc import Sequence

from kamishibai.documents.storyboard import Character, Scene
from kamishibai.models.kinds import Answered

__all__ = ["critic_faults", "mended_prompt", "questions_for"]

MOST = 8
"""Questions about one picture: each costs a run of the model."""
LONGEST = 2000
_PLACES = {
    "sea": "at sea", "sky": "in the sky", "space": "in space", "underwater": "under water", "rooftop": "on a rooftop",
    "beach": "on a beach", "ship": "on a ship", "tower": "in or at a tower", "mountains": "in the mountains",
    "snow": "in the snow", "city": "in a city", "street": "in a street", "market": "at a market",
    "river": "at a river", "meadow": "on a meadow", "farm": "on a farm", "room": "inside a room",
}  # fmt: skip
_TIMES = {
    "night": "Is it night?",
    "dusk": "Is the light of evening seen?",
    "dawn": "Is the light of morning seen?",
}


def questions_for(scene: Scene, cast: Sequence[Character]) -> tuple[str, ...]:
    """Return what to ask about a scene's picture, what matters most first: who, with what, where, when.

    Each question is about one thing and is answered by yes when the picture is right. Daylight is not asked for: it is
    what pictures have anyway.
    """
    known = {character.id: character for character in cast}
    asked = [f"{_seen(known[actor.who])} seen?" for actor in scene.actors if actor.who in known]
    asked += [
        f"Is {_article(_worded(prop.name, prop.colour))} seen?" for prop in scene.props if prop.count == 1
    ]
    asked += [f"Are several {prop.name} seen?" for prop in scene.props if prop.count > 1]
    asked.append(f"Is this {_PLACES.get(scene.setting, 'in ' + _article(scene.setting))}?")
    if scene.time in _TIMES:
        asked.append(_TIMES[scene.time])
    if scene.weather in ("rain", "storm", "snow", "fog"):
        asked.append(f"Is {'a storm' if scene.weather == 'storm' else scene.weather} seen?")
    return tuple(dict.fromkeys(asked))[:MOST]


def critic_faults(answers: Sequence[Answered]) -> tuple[str, ...]:
    """Return what the critic misses, in words: ``no lantern is seen``; an unsure answer is no fault."""
    return tuple(_fault(answer.question) for answer in answers if answer.verdict == "no")


def mended_prompt(prompt: str, faults: Sequence[str], *, tags: bool = False) -> str:
    """Return the prompt with what was missed put first, where models heed it most.

    What stands in it already is said once more all the same: it was missed. `tags`: phrases between commas.
    """
    wanted = [_wanted(fault) for fault in faults]
    if not wanted:
        return prompt
    first = ", ".join(wanted) + (", " if tags else " clearly seen. ")
    return (first + prompt)[:LONGEST]


def _seen(character: Character) -> str:
    name = character.noun or character.name
    if character.count > 1:
        return f"Are {character.count} {name}s" if not name.endswith("s") else f"Are the {name}"
    return f"Is {_article(_worded(name, character.colour))}"


def _worded(name: str, colour: str | None) -> str:
    return f"{colour} {name}" if colour and not colour.startswith("#") and colour not in name else name


def _article(name: str) -> str:
    if name.endswith("s") and not name.endswith("ss"):
        return name
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _fault(question: str) -> str:
    """Return ``no lantern is seen`` for ``Is a lantern seen?``."""
    text = question.rstrip("?")
    for asks, says in (("Is this ", "it is not "), ("Is it ", "it is not ")):
        if text.startswith(asks):
            return says + text[len(asks) :]
    verb, _, rest = text.partition(" ")
    bare = rest.removesuffix(" seen")
    for article in ("a ", "an ", "the "):
        bare = bare.removeprefix(article)
    return f"no {bare} {'are' if verb == 'Are' else 'is'} seen"


def _wanted(fault: str) -> str:
    """Return ``a lantern`` for ``no lantern is seen``, and ``night`` for ``it is not night``."""
    if fault.startswith("it is not "):
        return fault.removeprefix("it is not ")
    bare = fault.removeprefix("no ").removesuffix(" is seen").removesuffix(" are seen")
    if bare.startswith("several ") or fault.endswith(" are seen"):
        return bare
    return _article(bare) if not bare.startswith(("light of", "rain", "snow", "fog")) else bare
