"""The kinds of work a model can do: one frozen Ask and one frozen Take for each. Asks are verbs, takes are nouns."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.ref import Ref
from kamishibai.documents.story import Story
from kamishibai.documents.storyboard import Character, Mood, Move, Scene, Storyboard
from kamishibai.documents.takes import (
    CameraKey,
    Layer,
    Life,
    Music,
    Score,
    Shot,
    Sound,
    Speech,
    Still,
    Transcript,
    Word,
)  # fmt: skip
from kamishibai.documents.time import Time

__all__ = [
    "ASKS", "TAKES", "Act", "Animate", "Answered", "Ask", "Board", "CameraKey", "Compose", "Cue", "Draft", "Draw",
    "Foley", "Judge", "Layer", "Life", "Listen", "Look", "Mend", "Mended", "Music", "Notes", "Reference", "Score", "Shot",
    "Sound", "Speak", "Speech", "Still", "Take", "Tale", "Transcript", "Word", "Write",
]  # fmt: skip


class Draft(Frozen):
    """text: turn a story into a storyboard."""

    story: Story
    seed: int = 0


class Board(Frozen):
    """The storyboard, and the words of the story that the planner could make nothing of."""

    storyboard: Storyboard
    notes: tuple[str, ...] = ()


class Write(Frozen):
    """text: write a short story from an idea, or from what is seen in a picture."""

    idea: str = Field(max_length=4000)
    lines: int = Field(default=4, ge=1, le=60)
    """One line is one scene."""
    language: str = "en"
    seed: int = Field(default=0, ge=0, lt=2**32)


class Tale(Frozen):
    """A story as it was written, and what there is to say about how it came about."""

    title: str
    lines: tuple[str, ...] = Field(min_length=1)
    notes: tuple[str, ...] = ()


class Mend(Frozen):
    """text: write a picture prompt anew so that what was missing in the picture is seen in the next one."""

    prompt: str
    line: str
    """The line that is illustrated."""
    faults: tuple[str, ...]
    """What was wrong with the picture: ``no lantern is seen``."""
    tags: bool = False
    """Short phrases between commas are wanted instead of sentences."""
    seed: int = Field(default=0, ge=0, lt=2**32)


class Mended(Frozen):
    """The new prompt; the old one when nothing better came of it, which a note says."""

    prompt: str
    notes: tuple[str, ...] = ()


class Reference(Frozen):
    """What somebody looks like: a portrait or the user's own picture, which pictures of them are held to."""

    who: str
    """Cast id."""
    image: Ref
    """PNG."""
    weight: float = Field(default=1.0, ge=0, le=2)


class Draw(Frozen):
    """picture: draw one scene. `width` and `height` are the film's; a back-end may draw larger for the camera."""

    optional: ClassVar[frozenset[str]] = frozenset({"negative", "references", "source", "mask"})
    """Fields that only some models honour; see `Model.honours`."""

    prompt: str
    negative: str = ""
    """What must not be seen."""
    references: tuple[Reference, ...] = ()
    """Pictures of the cast, in the order of `cast`."""
    source: Ref | None = None
    """A picture to start from (image to image); with `mask`, the picture to repair."""
    strength: float = Field(default=0.6, gt=0, le=1)
    """How far the picture may move away from `source`."""
    mask: Ref | None = None
    """PNG of `source`'s size; only what is white in it is drawn anew."""
    scene: Scene
    cast: tuple[Character, ...] = ()
    """The characters of this scene, in the order of ``scene.actors``."""
    look: str = ""
    width: int = Field(ge=64, le=8192)
    height: int = Field(ge=64, le=8192)
    seed: int = Field(ge=0, lt=2**32)


class Animate(Frozen):
    """motion: bring one still to life for `seconds`; a clip may be longer, and is trimmed."""

    optional: ClassVar[frozenset[str]] = frozenset({"still", "prompt", "negative"})
    """Fields that only some models honour; see `Model.honours`."""

    still: Still | None = None
    """None for a model that makes clips from words alone."""
    seconds: Time = Field(gt=0)
    move: Move = "push"
    amount: float = 0.07
    width: int = Field(ge=64, le=8192)
    height: int = Field(ge=64, le=8192)
    fps: Time = Field(default="30", validate_default=True, gt=0)
    prompt: str = ""
    """What happens, in words; models that move the camera alone do not read it."""
    negative: str = ""
    """What must not be seen."""
    seed: int = Field(ge=0, lt=2**32)


class Speak(Frozen):
    """voice: say one line."""

    text: str
    language: str = "en"
    voice: str | None = None
    """A speaker of the model's own, one of `Model.speakers`; None: its first."""
    seed: int = Field(default=0, ge=0, lt=2**32)


class Act(Frozen):
    """A stretch of the film with one mood; `intensity` 0 (hushed) to 1 (full)."""

    start: Time
    end: Time
    mood: Mood
    intensity: float = Field(default=0.5, ge=0, le=1)


class Compose(Frozen):
    """music: score the whole film."""

    optional: ClassVar[frozenset[str]] = frozenset({"prompt"})
    """Fields that only some models honour; see `Model.honours`."""

    seconds: Time = Field(gt=0)
    acts: tuple[Act, ...] = Field(min_length=1)
    prompt: str = ""
    """In words, beside the acts' moods, for models that read words."""
    seed: int = Field(ge=0, lt=2**32)


class Cue(Frozen):
    """A named sound in time and space. ``ambience`` fills its span; ``effect`` begins at `start`."""

    name: str
    kind: Literal["ambience", "effect"]
    start: Time
    end: Time
    pan: float = Field(default=0.0, ge=-1, le=1)
    gain_db: float = 0.0


class Foley(Frozen):
    """sound: make the sound effects of one scene."""

    seconds: Time = Field(gt=0)
    cues: tuple[Cue, ...] = ()
    seed: int = Field(ge=0, lt=2**32)


class Listen(Frozen):
    """ear: write down what is said."""

    optional: ClassVar[frozenset[str]] = frozenset({"together"})
    """Fields that only some models honour; see `Model.honours`."""

    sound: Ref
    language: str | None = None
    together: tuple[Ref, ...] = ()
    """Sounds that are heard in one go, in order, `sound` among them: short ones may share a pass, and what one says may
    change how another is heard. Empty: it is heard alone."""


class Look(Frozen):
    """eye: say how well one picture fits words, and how like other pictures it is."""

    image: Ref
    """PNG."""
    texts: tuple[str, ...] = ()
    pictures: tuple[Ref, ...] = ()
    """PNGs to compare it with."""


class Judge(Frozen):
    """critic: describe a picture and answer questions about it."""

    image: Ref
    """PNG."""
    line: str = ""
    """The line it illustrates; empty: the picture is looked at for itself."""
    questions: tuple[str, ...] = Field(default=(), max_length=16)
    """Best such that yes or no answers them: ``Is there a lantern in the picture?``"""
    describe: bool = True
    """Give a caption and an alternative text too."""
    seed: int = Field(default=0, ge=0, lt=2**32)


class Answered(Frozen):
    """One question and what the critic said to it."""

    question: str
    said: str
    """In its own words."""
    verdict: Literal["yes", "no", "unsure"] = "unsure"
    """``unsure`` where it said neither yes nor no, or where both are about as likely."""
    yes: float | None = Field(default=None, ge=0, le=1)
    """How likely it holds a yes to be, of yes and no; None when that is not known."""


class Notes(Frozen):
    """What the critic saw."""

    caption: str = ""
    """What is seen, in a sentence or a few."""
    alt: str = ""
    """Alternative text: one plain sentence of at most 200 characters, for people who cannot see the picture."""
    answers: tuple[Answered, ...] = ()


Ask = Draft | Write | Mend | Draw | Animate | Speak | Compose | Foley | Listen | Look | Judge
Take = Board | Tale | Mended | Still | Shot | Speech | Music | Sound | Transcript | Score | Notes

ASKS: dict[str, tuple[type[Frozen], type[Frozen]]] = {
    "text": (Draft, Board),
    "picture": (Draw, Still),
    "motion": (Animate, Shot),
    "voice": (Speak, Speech),
    "music": (Compose, Music),
    "sound": (Foley, Sound),
    "ear": (Listen, Transcript),
    "eye": (Look, Score),
    "critic": (Judge, Notes),
}
"""The ask and the take of each kind: what every model of it can do."""

TAKES: dict[type[Frozen], type[Frozen]] = {**dict(ASKS.values()), Write: Tale, Mend: Mended}
"""The take of every ask. A text model may also write and mend; `Model.verbs` says what a model can do."""
