"""The story as read: lines in order, with what its front matter says."""

from __future__ import annotations

from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.storyboard import Character

__all__ = ["Line", "Story"]


class Line(Frozen):
    """One scene's worth of text. `number` is its line in the file it came from, counted from 1."""

    text: str = Field(min_length=1, max_length=2000)
    speaker: str | None = None
    number: int = 0


class Story(Frozen):
    """A story split into scenes, before anyone has planned a picture."""

    lines: tuple[Line, ...] = Field(min_length=1, max_length=500)
    title: str = ""
    language: str = "en"
    author: str | None = None
    voice: str | None = None
    look: str | None = None
    aspect: str | None = None
    seed: int | None = None
    picture: str | None = None
    """What the main character looks like: a file in the story's folder or one inside it; see `Character.picture`."""
    cast: tuple[Character, ...] = ()
    """Characters that the front matter describes."""
