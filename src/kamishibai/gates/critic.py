"""What a critic is asked about a scene's picture, what its answers find wrong, and how the prompt changes for the next."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kamishibai.documents.storyboard import Character, Prop, Scene
from kamishibai.models.kinds import Answered
from kamishibai.models.text.reading.nouns import plural

__all__ = ["critic_faults", "mended_prompt", "questions_for"]

MOST = 8
"""Questions about one picture: each costs a run of the model."""
LONGEST = 2000
"""Characters of a prompt at the most, as everywhere."""
_WHERE = {
    "forest": "in a forest", "meadow": "in a meadow", "sea": "at sea", "beach": "on a beach",
    "underwater": "under water", "mountains": "in the mountains", "desert": "in a desert", "city": "in a city",
    "village": "in a village", "room": "inside a room", "garden": "in a garden", "farm": "on a farm",
    "cave": "in a cave", "sky": "in the sky", "space": "in outer space", "snow": "in the snow", "river": "by a river",
    "ship": "on a ship", "library": "in a library", "street": "in a street", "market": "at a market",
    "rooftop": "on a rooftop", "subway": "in a subway station", "tower": "at a tower",
}  # fmt: skip
_WHEN = {"night": "at night", "dusk": "at dusk", "dawn": "at dawn"}
"""Daylight is not asked for: it is what pictures have anyway."""
_LIGHTLESS = frozenset({"underwater", "space", "subway", "cave"})
"""Places where nothing shows what time it is."""
_FALLS = {"rain": "rain", "storm": "a storm", "snow": "falling snow", "fog": "fog"}
_SHELTERED = frozenset({"room", "library", "subway", "cave", "underwater", "space"})
_SIZES = frozenset({"tiny", "small", "big", "huge"})
_UNCOUNTED = frozenset(
    ["water", "sand", "snow", "grass", "honey", "bread", "rice", "milk", "juice", "hair", "smoke", "fire", "ice",
     "rain", "fog", "mud", "food", "cheese", "moonlight", "sunlight", "treasure", "gold", "light"]
)  # fmt: skip
_CLEARLY = " clearly seen"
_AROUND = frozenset([*_WHERE.values(), *_WHEN.values()])


def questions_for(scene: Scene, cast: Sequence[Character]) -> tuple[str, ...]:
    """Return what to ask about a scene's picture, at most 8 questions, what matters most first: who, what, where, when.

    Each question is about one thing, and a picture that is right is answered with yes. What is there is asked for
    much as models that see are measured: Li et al. 2023 (POPE), https://arxiv.org/abs/2305.10355.
    """
    known = {character.id: character for character in cast}
    asked = [_is_there(*_who(known[actor.who])) for actor in scene.actors if actor.who in known]
    asked += [_is_there(*_what(prop)) for prop in scene.props if _plain(prop.name)]
    asked.append(_is_set(_WHERE[scene.setting]))
    if scene.time in _WHEN and scene.setting not in _LIGHTLESS:
        asked.append(_is_set(_WHEN[scene.time]))
    if scene.weather in _FALLS and scene.setting not in _SHELTERED:
        asked.append(_is_there(_FALLS[scene.weather], False))
    return tuple(dict.fromkeys(asked))[:MOST]


def critic_faults(answers: Sequence[Answered]) -> tuple[str, ...]:
    """Return what the critic misses, in words: ``no lantern is seen``; an unsure answer is no fault."""
    return tuple(dict.fromkeys(_fault(answer.question) for answer in answers if answer.verdict == "no"))


def mended_prompt(prompt: str, faults: Sequence[str], *, tags: bool = False) -> str:
    """Return the prompt with what was missed put first, where models heed it most, in at most 2000 characters.

    What stands in the prompt already is said once more: it was missed. What an earlier round put first is not put
    there twice.

    Parameters
    ----------
    faults
        As `critic_faults` words them.
    tags
        Short phrases between commas are wanted instead of sentences.
    """
    said_first = _said_first(prompt, tags)
    things: list[str] = []
    around: list[str] = []
    for fault in faults:
        thing, circumstance = _wanted(fault)
        want = (_bare(thing) if tags else thing) or circumstance
        if want and want.casefold() not in said_first:
            (things if thing else around).append(want)
    if not things and not around:
        return _bounded(prompt)
    if tags:
        return _bounded(", ".join([*things, *around, prompt.strip(" ,")]).strip(" ,"))
    head = ", ".join([_listed(things) + _CLEARLY, *around] if things else around)
    return _bounded(f"{head[:1].upper()}{head[1:]}. {prompt}".strip())


def _said_first(prompt: str, tags: bool) -> set[str]:
    """Return what earlier rounds have put first: tags that stand there twice, or the parts of a first sentence of ours."""
    if tags:
        found = [part.strip().casefold() for part in prompt.split(",")]
        return {part for part in found if found.count(part) > 1}
    head = prompt.partition(".")[0].casefold()
    before, clearly, after = head.partition(_CLEARLY)
    around = {part.strip() for part in (after if clearly else head).split(",") if part.strip()}
    if not clearly:
        return around if around <= _AROUND else set()
    return around | set(re.split(r", | and ", before))


def _who(character: Character) -> tuple[str, bool]:
    """Return a character in words, and whether they are several."""
    noun = _plain(character.noun) or _plain(character.name) or "figure"
    words = [character.size if character.size in _SIZES else "", _colour(character.colour, noun), noun]
    return _counted(" ".join(word for word in words if word), character.count)


def _what(prop: Prop) -> tuple[str, bool]:
    name = _plain(prop.name)
    words = [prop.size if prop.size in _SIZES else "", _colour(prop.colour, name), name]
    return _counted(" ".join(word for word in words if word), prop.count)


def _plain(name: str) -> str:
    """Return a name as words alone: it goes to a picture model again, where marks could be commands."""
    return " ".join(re.sub(r"[^\w\s'’-]|_", " ", name).lower().split())


def _colour(colour: str | None, noun: str) -> str:
    word = "" if not colour or colour.startswith("#") else _plain(colour)
    return "" if word in noun.split() else word


def _counted(name: str, count: int) -> tuple[str, bool]:
    """Return ``a fox``, ``two foxes`` or ``several foxes``: no critic counts further than two."""
    if count == 1:
        return _article(name), _is_plural(name)
    head, _, last = name.rpartition(" ")
    many = last if _is_plural(last) or last.endswith("fish") else plural(last)
    return " ".join(word for word in ("two" if count == 2 else "several", head, many) if word), True


def _is_plural(name: str) -> bool:
    last = name.rpartition(" ")[2]
    return last.endswith("s") and not last.endswith(("ss", "us", "is"))


def _article(name: str) -> str:
    if _is_plural(name) or name.rpartition(" ")[2] in _UNCOUNTED:
        return name
    return f"{'an' if name[:1] in 'aeiou' else 'a'} {name}"


def _bare(name: str) -> str:
    return re.sub(r"^(?:an?|the) ", "", name)


def _is_there(name: str, several: bool) -> str:
    return f"{'Are' if several else 'Is'} there {name} in the picture?"


def _is_set(circumstance: str) -> str:
    return f"Does this scene take place {circumstance}?"


def _fault(question: str) -> str:
    """Return what a no to one of our questions means: ``no lantern is seen``, ``it is not at night``."""
    text = question.strip().rstrip("?").strip()
    seen = re.fullmatch(r"(Is|Are) there (.+) in the picture", text)
    if seen:
        number = seen[1].lower()
        if seen[2].startswith(("two ", "several ")):
            return f"{seen[2]} {number} not seen"
        return f"no {_bare(seen[2])} {number} seen"
    this = re.fullmatch(r"Does this scene take place (.+)", text)
    return f"it is not {this[1]}" if this else f"the answer to {text!r} is no"


def _wanted(fault: str) -> tuple[str, str]:
    """Return the thing that a fault misses, or the circumstance: ``a lantern``, or ``at night``."""
    text = " ".join(fault.split()).rstrip(".")
    circumstance = re.fullmatch(r"it is not (.+)", text)
    if circumstance:
        return "", circumstance[1]
    missing = re.fullmatch(r"no (.+) (is|are) seen", text)
    if missing:
        return (_article(missing[1]) if missing[2] == "is" else missing[1]), ""
    several = re.fullmatch(r"(.+) (?:is|are) not seen", text)
    return (several[1], "") if several else ("", "")


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def _bounded(prompt: str) -> str:
    """Return at most `LONGEST` characters, cut between words."""
    if len(prompt) <= LONGEST:
        return prompt
    cut = prompt[: LONGEST + 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut[:LONGEST]).rstrip(" ,;")
