"""What a phrase says about how somebody looks: colours, sizes, hair, clothes, age."""

from __future__ import annotations

from dataclasses import dataclass, field

from kamishibai.documents.storyboard import Size
from kamishibai.models.text.reading.adjectives import (
    COLOURS,
    FEELINGS,
    GLOWING,
    HAIR_COLOURS,
    SEEN,
    SIZES,
    SKIN,
)
from kamishibai.models.text.reading.grammar import words
from kamishibai.models.text.reading.nouns import kind_of
from kamishibai.models.text.reading.people import Age, Gender
from kamishibai.models.text.reading.phrases import Phrase

__all__ = ["Looks", "looks_of"]

_GREY = {"grey", "gray"}
_HAIR = words("hair curls braids braid ponytail pigtail pigtails curl")
_WORN = words(
    "hat cap crown scarf glasses spectacles mask necklace ribbon bow helmet hood sunglasses bandana "
    "tiara veil bonnet beret beard moustache wig earring medal monocle headband turban eyepatch"
)
_CLOTHES_WITHOUT_COLOUR = words("straw wooden woollen woolen woolly paper golden silver")


@dataclass
class Looks:
    """Everything seen about one being or thing, gathered from all its mentions."""

    colour: str | None = None
    size: Size = "usual"
    adjectives: list[str] = field(default_factory=list)
    glows: bool = False
    gender: Gender = "neutral"
    age: Age | None = None
    hair: str | None = None
    skin: str | None = None
    clothes: str | None = None
    wears: list[str] = field(default_factory=list)
    feeling: str = "neutral"

    def add(self, other: Looks) -> None:
        """Take over what `other` says and this leaves open."""
        self.colour = self.colour or other.colour
        self.size = other.size if self.size == "usual" else self.size
        self.glows = self.glows or other.glows
        self.gender = other.gender if self.gender == "neutral" else self.gender
        self.age = self.age or other.age
        self.hair = self.hair or other.hair
        self.skin = self.skin or other.skin
        self.clothes = self.clothes or other.clothes
        for word in other.adjectives:
            if word not in self.adjectives:
                self.adjectives.append(word)
        for word in other.wears:
            if word not in self.wears:
                self.wears.append(word)


def looks_of(phrase: Phrase, person: bool) -> Looks:
    """Return what `phrase` and what hangs on it ("with red hair", "in a yellow coat") say about the looks."""
    looks = Looks()
    for word in phrase.adjectives:
        _adjective(looks, word, person)
    for word in phrase.modifiers:
        if word in COLOURS:
            looks.colour = looks.colour or word
    for prep, other in phrase.says_more:
        if prep in ("with", "in"):
            _with(looks, other, person)
    if phrase.apposition is not None:
        looks.add(looks_of(phrase.apposition, person))
    return looks


def _adjective(looks: Looks, word: str, person: bool) -> None:
    if word in COLOURS:
        if not person:
            looks.colour = looks.colour or ("grey" if word in _GREY else word)
        return
    parts = word.split("-")
    if word.endswith("-haired"):
        looks.hair = HAIR_COLOURS.get(parts[0], parts[0])
        return
    if word in SIZES:
        looks.size = SIZES[word] if not (person and SIZES[word] == "small") else looks.size
        if person and word in ("little", "small"):
            looks.age = looks.age or "child"
    elif word in ("old", "elderly", "ancient", "aged"):
        if person:
            looks.age = "old"
        looks.adjectives.append("old")
    elif word == "bald" and person:
        looks.hair = "bald"
    elif word in ("young", "teenage"):
        looks.age = looks.age or ("child" if person else None)
        looks.adjectives.append(word)
    elif person and word in SKIN:
        looks.skin = SKIN[word]
    elif word in GLOWING:
        looks.glows = True
        looks.adjectives.append(word)
    elif word in FEELINGS:
        looks.feeling = FEELINGS[word]
    elif word in SEEN or "-" in word:
        looks.adjectives.append(word)


def _with(looks: Looks, other: Phrase, person: bool) -> None:
    if other.negated:
        return
    colour = next((w for w in other.adjectives if w in COLOURS), None)
    fair = next((HAIR_COLOURS[w] for w in other.adjectives if w in HAIR_COLOURS), None)
    kind = kind_of(other.head)
    if other.head in _HAIR:
        looks.hair = looks.hair or colour or fair
        if "curly" in other.adjectives or other.head == "curl":
            looks.adjectives.append("curly-haired")
        if "long" in other.adjectives:
            looks.adjectives.append("long-haired")
    elif other.head == "skin":
        looks.skin = looks.skin or next(iter(other.adjectives), None)
    elif other.head in _WORN or kind == "clothes":
        words = [w for w in other.adjectives if w in COLOURS or w in SEEN]
        looks.wears.append(" ".join([*words, other.head])[:80])
        if other.head in ("beard", "moustache"):
            looks.gender = "man"
        if other.head in ("beard", "moustache") and colour in ("white", "grey", "gray"):
            looks.hair = looks.hair or colour
            looks.age = looks.age or "old"
        elif (
            (
                kind == "clothes"
                and other.head not in _WORN
                and other.head not in ("shoe", "boots", "boot", "sock")
            )
            and colour
            and not _CLOTHES_WITHOUT_COLOUR & set(other.adjectives)
        ):
            looks.clothes = looks.clothes or colour
    elif kind == "body" and colour:
        looks.adjectives.append(f"{colour}-{other.head}")
