"""Say who and what is seen: the cast, what they do and hold, and the props around them."""

from __future__ import annotations

from collections.abc import Mapping

from kamishibai.documents.storyboard import Actor, Character, Place, Prop, Scene
from kamishibai.steps.prompts.grammar import article, counted, doing, listed, plural

__all__ = ["acting", "bare", "described", "has_people", "prop_phrase", "prop_tag", "tagged", "thing"]

_POSES = {
    "stand": "", "walk": "walking", "run": "running", "sit": "sitting", "lie": "lying down", "fly": "flying",
    "swim": "swimming", "dance": "dancing", "jump": "jumping",
}  # fmt: skip
_RELATIONS = {"before": "in front of", "beside": "beside", "near": "near"}
_SIZES = {"tiny": "tiny", "small": "small", "usual": "", "big": "big", "huge": "huge"}


def has_people(scene: Scene, cast: Mapping[str, Character]) -> bool:
    """Say whether a human is seen in the scene."""
    return any(cast[actor.who].person is not None for actor in scene.actors if actor.who in cast)


def _noun(character: Character) -> str:
    return character.noun or character.name.lower()


def _named(character: Character) -> str:
    """Return somebody's proper name, or "" for "the fox"."""
    noun = _noun(character)
    proper = character.name[:1].isupper() and character.name.lower() != noun.lower()
    return character.name if proper else ""


def _qualities(character: Character) -> list[str]:
    """Return the adjectives before the noun, each once: size, the story's own, colour, age."""
    noun, person = _noun(character), character.person
    words: list[str] = [] if character.size == "usual" else [_SIZES[character.size]]
    words += [a for a in character.adjectives if not a.endswith("-haired") and a not in words]
    if character.colour and character.colour not in words:
        words.append(_colour(character.colour))
    if person and person.age == "old" and "old" not in words and "grand" not in noun:
        words.append("old")
    return [word for word in words if word]


def _colour(colour: str) -> str:
    """Return a colour word; no model reads ``#rrggbb``."""
    return "" if colour.startswith("#") else colour


def _details(character: Character) -> list[str]:
    """Return hair, skin, costume and what is worn, each with its article."""
    person = character.person
    found: list[str] = []
    if person:
        hair = [a.removesuffix("-haired") for a in character.adjectives if a.endswith("-haired")]
        if person.hair == "bald":
            found.append("a bald head")
        elif person.hair or hair:
            found.append(" ".join([*hair, _colour(person.hair or ""), "hair"]).replace("  ", " "))
        if person.skin and _colour(person.skin):
            found.append(f"{person.skin} skin")
        if person.outfit and person.outfit not in _noun(character):
            found.append(f"{article(person.outfit)} costume")
        clothes = _colour(person.clothes or "")
        if clothes and not any(clothes in worn for worn in character.wears):
            found.append(f"{clothes} clothes")
    return found + [
        worn if worn.endswith("s") and not worn.endswith("dress") else article(worn)
        for worn in character.wears
    ]


def described(character: Character, again: bool = False) -> str:
    """Return "a small fox", or for somebody with a name "Mira, a girl with red hair,".

    The same words in every scene: with no portrait to look at, they are what keeps a face the same.
    `again`: somebody who was described before in this prompt.
    """
    named = _named(character)
    if again:
        return named or f"the {plural(_noun(character)) if character.count > 1 else _noun(character)}"
    if character.description:
        text = character.description
    else:
        text = counted(character.count, " ".join([*_qualities(character), _noun(character)]))
        details = _details(character)
        text += " with " + listed(details) if details else ""
    return f"{named}, {text}," if named else text


def tagged(character: Character) -> str:
    """Return somebody for tags: "small fox", "girl with red hair and yellow coat". A name means nothing to CLIP."""
    if character.description:
        return bare(character.description)
    noun = " ".join([*_qualities(character), _noun(character)])
    first = noun if character.count == 1 else counted(character.count, noun)
    details = [bare(detail) for detail in _details(character)]
    return first + (" with " + listed(details) if details else "")


def bare(text: str) -> str:
    """Return `text` without the article it begins with."""
    for word in ("a ", "an ", "the "):
        if text.lower().startswith(word):
            return text[len(word) :]
    return text


def acting(actor: Actor, cast: Mapping[str, Character], scene: Scene) -> list[str]:
    """Return what somebody is seen doing, feeling, holding, and where: one phrase each."""
    phrases: list[str] = []
    if actor.feeling == "asleep":
        phrases.append("asleep")
    else:
        pose, action = _POSES[actor.pose], doing(actor.action)
        phrases.append(action or pose if action.split(" ")[0] == pose or not pose else pose)
        if action and action not in phrases:
            phrases.append(action)
        if actor.feeling != "neutral":
            phrases.append(f"looking {actor.feeling}")
    if actor.holds:
        prop = next((p for p in scene.props if p.name == actor.holds), None)
        phrases.append("holding " + (thing(prop) if prop else article(actor.holds)))
    phrases.append(_place(actor.place, cast))
    return [phrase for phrase in phrases if phrase]


def prop_phrase(prop: Prop, cast: Mapping[str, Character]) -> str:
    """Return "three yellow butterflies above the fox"."""
    return " ".join(word for word in (thing(prop), _place(prop.place, cast)) if word)


def prop_tag(prop: Prop, cast: Mapping[str, Character]) -> str:
    """Return "glowing lantern", "three yellow butterflies above the fox"."""
    phrase = prop_phrase(prop, cast)
    return bare(phrase)


def thing(prop: Prop) -> str:
    """Return a prop with its article or number."""
    words = [] if prop.size == "usual" else [_SIZES[prop.size]]
    words += [a for a in prop.adjectives if a not in words]
    if prop.glows and not {"glowing", "shining", "bright"} & set(words):
        words.append("glowing")
    if prop.colour and prop.colour not in words:
        words.append(_colour(prop.colour))
    return counted(prop.count, " ".join(word for word in [*words, prop.name] if word))


def _place(place: Place | None, cast: Mapping[str, Character]) -> str:
    if place is None or not place.of:
        return ""
    of = cast[place.of].name if place.of in cast else place.of
    proper = of[:1].isupper()
    return f"{_RELATIONS.get(place.relation, place.relation)} {of if proper else 'the ' + of}"
