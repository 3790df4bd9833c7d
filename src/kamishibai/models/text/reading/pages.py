"""One line of the story as read: who is in it, doing and holding what, and which things are about."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from kamishibai.documents.storyboard import DayTime, Pose, Relation, Setting, Weather
from kamishibai.models.text.reading.adjectives import Feeling
from kamishibai.models.text.reading.beings import Being
from kamishibai.models.text.reading.clauses import Event
from kamishibai.models.text.reading.looks import Looks
from kamishibai.models.text.reading.nouns import kind_of
from kamishibai.models.text.reading.phrases import Phrase

__all__ = ["Page", "Part", "Thing", "narrated", "thing_kind"]


@dataclass(eq=False)
class Part:
    """What one being does in one scene."""

    being: Being
    action: str = ""
    pose: Pose = "stand"
    holds: str | None = None
    feeling: Feeling = "neutral"
    relation: Relation | None = None
    target: Being | str | None = None
    active: bool = False
    seen_far: bool = False
    """Only seen or spoken to by another, so less important."""


@dataclass(eq=False)
class Thing:
    """A thing in one scene."""

    name: str
    count: int = 1
    looks: Looks = field(default_factory=Looks)
    relation: Relation | None = None
    target: Being | str | None = None
    held: bool = False
    age: int = 0
    """How many scenes ago the story last spoke of it."""
    counted: bool = False
    aloft: bool = False
    """Whether it floats in the air by the story's word."""


@dataclass(eq=False)
class Page:
    """One line as read, before it is staged."""

    number: int
    text: str
    narrated: str
    """The line in small letters without what is only said, compared or wished."""
    clock: int = 0
    """How many lines before it told of anybody or anything: what is long ago is forgotten."""
    setting: Setting = "meadow"
    time: DayTime = "day"
    weather: Weather = "clear"
    moved: bool = False
    """Whether the place or the hour is another than on the page before."""
    arrives: bool = False
    """Whether the line itself tells a place or an hour, whatever the page before it was."""
    told: bool = True
    """Whether the line tells of anybody, of anything, or of another place or hour."""
    speaker: Being | None = None
    parts: list[Part] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    brought: list[tuple[Being, Phrase]] = field(default_factory=list)
    """Who came "with" what, still to be put into hands."""

    def part(self, being: Being) -> Part:
        """Return the part of `being`, new if it had none."""
        for part in self.parts:
            if part.being is being:
                return part
        self.parts.append(Part(being))
        return self.parts[-1]

    def thing(self, name: str) -> Thing | None:
        """Return the thing of that name, if it is there."""
        return next((t for t in self.things if t.name == name), None)


def thing_kind(name: str) -> str:
    """Return the kind of the longest known ending of `name` (ice cream in "strawberry ice cream")."""
    words = name.split(" of ")[0].split(" ")
    kinds = (kind_of(" ".join(words[i:])) for i in range(len(words)))
    return next((kind for kind in kinds if kind != "unknown"), "unknown")


def narrated(text: str) -> str:
    """Return `text` in small letters without quoted words, similes, dreams and tales within the tale."""
    text = re.sub(r"[“\"«„][^“”\"«»„]*[”\"»“]?", " ", text)
    text = re.sub(r"\b(?:like|as \w+ as|than) (?:a|an|the|one)(?: \w+){1,2}", " ", text)
    text = re.sub(
        r"\b(?:dream(?:ed|t|s|ing)?|thought|think|thinking|sang|song|told|stor(?:y|ies)|wish(?:ed)?|long(?:ed)?) (?:of|about|for) [^.,;!?]*",
        " ",
        text,
        flags=re.I,
    )
    text = re.sub(r"\bgood ?night\b", " ", text, flags=re.I)
    return " ".join(text.lower().split())
