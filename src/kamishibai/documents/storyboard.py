"""The storyboard: what the film is meant to be, written by the planner and edited by people."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, model_validator

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.time import Time

__all__ = [
    "SCHEMA",
    "Actor",
    "Camera",
    "Character",
    "Person",
    "Place",
    "Prop",
    "Scene",
    "Storyboard",
]

SCHEMA: Final = "kamishibai.storyboard/1"

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Setting = Literal[
    "forest", "meadow", "sea", "beach", "underwater", "mountains", "desert", "city", "village",
    "room", "garden", "farm", "cave", "sky", "space", "snow",
    "river", "ship", "library", "street", "market", "rooftop", "subway", "tower",
]  # fmt: skip
DayTime = Literal["dawn", "day", "dusk", "night"]
Weather = Literal["clear", "cloudy", "rain", "storm", "snow", "fog", "wind"]
Mood = Literal["calm", "happy", "sad", "tense", "mysterious", "triumphant", "playful", "tender"]
View = Literal["close", "medium", "wide"]
Pose = Literal["stand", "walk", "run", "sit", "lie", "fly", "swim", "dance", "jump"]
Relation = Literal["on", "under", "in", "beside", "behind", "before", "above", "between", "near"]
Size = Literal["tiny", "small", "usual", "big", "huge"]
Move = Literal["push", "pull", "pan-left", "pan-right", "rise", "sink", "still"]
Transition = Literal["fade", "cut"]
Colour = str
"""A colour word of the story ("blue", "golden") or ``#rrggbb``."""


class Place(Frozen):
    """Where a thing is, told by another thing: ``relation`` *under*, ``of`` *tree*."""

    relation: Relation
    """Seen from the viewer."""
    of: str = Field(max_length=80)
    """The cast id, the prop name or a part of the setting it is placed by."""


class Person(Frozen):
    """How a human figure looks; what the story leaves open is chosen from the project's seed."""

    gender: Literal["woman", "man", "neutral"] = "neutral"
    """Whose figure it is."""
    age: Literal["baby", "child", "adult", "old"] = "adult"
    """How old they look."""
    hair: Colour | None = None
    """A colour word, or `#rrggbb`."""
    skin: Colour | None = None
    """A colour word, or `#rrggbb`."""
    clothes: Colour | None = None
    """A colour word, or `#rrggbb`."""
    outfit: str | None = Field(default=None, max_length=40)
    """A trade or costume word: pirate, queen, chef, astronaut …"""


class Character(Frozen):
    """Someone who can appear in more than one scene and must look the same in each."""

    id: Id
    """What scenes call it."""
    name: str = Field(max_length=80)
    """The word the story uses for it, e.g. ``fox`` or ``Mira``."""
    description: str = Field(default="", max_length=500)
    """In words, for models that read words."""
    noun: str = Field(default="", max_length=80)
    """What it is, for the illustrator: ``fox``, ``girl``, ``dragon``. Empty: the same as `name`."""
    drawing: str | None = Field(default=None, pattern=r"^[0-9A-F]{2,6}(-[0-9A-F]{2,6})*$")
    """OpenMoji code point(s) to draw it with, overriding the search by meaning."""
    person: Person | None = None
    """Set for humans."""
    colour: Colour | None = None
    """A colour word, or `#rrggbb`."""
    size: Size = "usual"
    """Beside others of its own kind."""
    adjectives: tuple[str, ...] = ()
    """The story's own: `old`, `shy` …"""
    count: int = Field(default=1, ge=1, le=12)
    """A group such as ``twins`` or ``three kittens`` is one character of several bodies."""
    wears: tuple[str, ...] = ()
    """`hat`, `scarf`, `crown` …"""
    voice: str | None = None
    """A voice id for this character's own lines."""
    picture: str | None = Field(default=None, min_length=1, max_length=500)
    """Your own photo or drawing of it (PNG, JPEG or WebP), in the storyboard's folder or one inside it."""
    portrait_prompt: str | None = Field(default=None, max_length=2000)
    """Replaces the words that its portrait is drawn from, for models that are held to portraits."""
    identity_weight: float = Field(default=1.0, ge=0, le=2)
    """How strongly scenes are held to its picture or portrait; 0 leaves it to the words."""


class Actor(Frozen):
    """A character's part in one scene."""

    who: Id
    """Cast id."""
    action: str = Field(default="", max_length=80)
    """The story's verb, e.g. ``finds``."""
    pose: Pose = "stand"
    """How the body is held."""
    holds: str | None = Field(default=None, max_length=80)
    """Name of the prop in its hand."""
    feeling: Literal["neutral", "happy", "sad", "afraid", "angry", "asleep", "surprised"] = "neutral"
    """What the face and the body show."""
    place: Place | None = None
    """Where it is, told by another thing; left out: wherever it composes well."""
    faces: Literal["left", "right", "auto"] = "auto"
    """Which way it looks."""


class Prop(Frozen):
    """A thing in one scene."""

    name: str = Field(max_length=80)
    """The word the story uses for it."""
    drawing: str | None = Field(default=None, pattern=r"^[0-9A-F]{2,6}(-[0-9A-F]{2,6})*$")
    """OpenMoji code point(s) to draw it with, overriding the search by meaning."""
    count: int = Field(default=1, ge=1, le=24)
    """How many there are."""
    colour: Colour | None = None
    """A colour word, or `#rrggbb`."""
    size: Size = "usual"
    """Beside others of its own kind."""
    adjectives: tuple[str, ...] = ()
    """The story's own: `old`, `broken` …"""
    glows: bool = False
    """It is a light, and lights what is near."""
    place: Place | None = None
    """Where it is, told by another thing; left out: wherever such a thing belongs."""


class Camera(Frozen):
    """How the shot moves: `amount` is the part of the frame travelled or zoomed, 0 to 0.3."""

    move: Move = "push"
    """`push` comes closer, `pull` goes away, `rise` and `sink` look up and down."""
    amount: float = Field(default=0.07, ge=0, le=0.3)
    """Part of the frame that is travelled or zoomed."""


class Scene(Frozen):
    """One line of the story and everything that should be seen and heard with it."""

    id: Id
    """Its name, here and in every report."""
    line: str = Field(max_length=2000)
    """The text that is shown and spoken."""
    speaker: Id | None = None
    """Cast id of who says the line; None is the narrator."""
    setting: Setting = "meadow"
    """Where it is."""
    time: DayTime = "day"
    """The light."""
    weather: Weather = "clear"
    """The sky, and what falls from it."""
    mood: Mood = "calm"
    """For the palette and the music."""
    view: View = "medium"
    """How near the camera is."""
    actors: tuple[Actor, ...] = Field(default=(), max_length=12)
    """Who is seen."""
    props: tuple[Prop, ...] = Field(default=(), max_length=24)
    """What is seen."""
    sounds: tuple[str, ...] = Field(default=(), max_length=12)
    """Names of what is heard: rain, owl, steps, bell …"""
    camera: Camera = Camera()
    """How the shot moves."""
    transition: Transition = "fade"
    """How this scene is entered."""
    pause: Time = Field(default="2/5", validate_default=True, ge=0, le=30)
    """Silence after the line, in seconds."""
    prompt: str | None = Field(default=None, max_length=2000)
    """Replaces the picture prompt that is otherwise written from the fields above."""
    negative: str | None = Field(default=None, max_length=2000)
    """Replaces the list of what must not be seen, for models that take one; `""` is none at all."""
    seed: int | None = Field(default=None, ge=0, lt=2**32)
    """Replaces the seed that is otherwise derived from the project's seed and this scene's id."""


class Storyboard(Frozen):
    """A whole film on paper. It holds intent alone: no result, path or measurement is ever written into it."""

    schema_: Literal["kamishibai.storyboard/1"] = Field(default=SCHEMA, alias="schema")
    """Version of this format."""
    title: str = Field(default="Untitled", max_length=300)
    """On the title card and in the file."""
    language: str = Field(default="en", pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
    """Code of the language of the lines, such as `en` or `pt-BR`."""
    seed: int = Field(default=7, ge=0, lt=2**32)
    """Another number gives another version of the film."""
    look: str = Field(default="paper-cut picture book", max_length=200)
    """The style, in words, for models that read words."""
    aspect: Literal["16:9", "9:16", "1:1", "4:5"] = "16:9"
    """Shape of the frame."""
    voice: str | None = None
    """Voice id for the narrator; None leaves it to the settings."""
    author: str | None = Field(default=None, max_length=200)
    """On the title card."""
    cast: tuple[Character, ...] = Field(default=(), max_length=64)
    """Who appears, and how they look in every scene."""
    scenes: tuple[Scene, ...] = Field(min_length=1, max_length=500)
    """One entry a line, in order."""

    model_config = Frozen.model_config | {"populate_by_name": True}

    @model_validator(mode="after")
    def _ids_agree(self) -> Storyboard:
        known: set[str] = set()
        for place, items in (("cast", self.cast), ("scenes", self.scenes)):
            seen: set[str] = set()
            for item in items:
                if item.id in seen:
                    raise ValueError(f"{place}: the id {item.id!r} is used twice")
                seen.add(item.id)
            if place == "cast":
                known = seen
        for scene in self.scenes:
            for who in [*(actor.who for actor in scene.actors), scene.speaker]:
                if who is not None and who not in known:
                    raise ValueError(f"scene {scene.id!r} names {who!r}, who is not in the cast")
        return self

    def character(self, id_: str) -> Character:
        """Return the cast member with this id (KeyError when there is none)."""
        for character in self.cast:
            if character.id == id_:
                return character
        raise KeyError(id_)
