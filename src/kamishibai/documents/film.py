"""The film as made: cuts on one clock, captions, and the mix, all by content."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.ref import Ref
from kamishibai.documents.takes import Shot, Still, Word
from kamishibai.documents.time import Time

__all__ = ["Caption", "Cut", "Film"]

CaptionMode = Literal["burn", "soft", "both", "none"]


class Cut(Frozen):
    """One shot on the film's clock. It is seen alone from `start` + `fade` to the next cut's start."""

    scene: str
    """Scene id; ``title`` and ``credits`` for the cards."""
    start: Time
    end: Time
    """One past the last moment it is seen, the fade into the next cut included."""
    fade: Time = Field(default="0", validate_default=True)
    """Length of the cross-fade from the previous cut, from `start` on; 0 is a hard cut (or, first, no fade-in)."""
    still: Still
    shot: Shot


class Caption(Frozen):
    """A caption of one or two lines and the time of each of its words, on the film's clock."""

    start: Time
    end: Time
    text: str
    words: tuple[Word, ...] = ()
    speaker: str = ""


class Film(Frozen):
    """Everything the engine needs, and nothing that it does not."""

    schema_: Literal["kamishibai.film/1"] = Field(default="kamishibai.film/1", alias="schema")
    title: str
    language: str = "en"
    width: int
    height: int
    fps: Time
    seconds: Time
    cuts: tuple[Cut, ...]
    captions: tuple[Caption, ...] = ()
    caption_mode: CaptionMode = "burn"
    sound: Ref | None = None
    """48 kHz stereo master WAV, exactly `seconds` long."""

    model_config = Frozen.model_config | {"populate_by_name": True}
