"""report.html: the documented workflow, one self-contained page."""

from __future__ import annotations

import base64
import functools
from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from kamishibai.documents.frozen import Frozen
from kamishibai.exports.small_pictures import jpeg_of
from kamishibai.models.base import Licence

__all__ = [
    "Figure",
    "GateRow",
    "ModelRow",
    "PortraitRow",
    "SceneRow",
    "data_address",
    "report_html",
    "thumbnail",
]


class Figure(Frozen):
    """A measured number beside what it should be."""

    name: str
    value: str
    target: str = ""
    fine: bool | None = None
    """None when there is no target."""
    why: str = ""


class ModelRow(Frozen):
    """Which model did one kind of work."""

    kind: str
    id: str
    version: str = ""
    why: str = ""
    calls: int = 0
    seconds: float = 0.0
    """Wall time of all its calls when they were made."""
    licences: tuple[Licence, ...] = ()


class GateRow(Frozen):
    """What one gate said of the whole film."""

    gate: str
    judged: int
    """Takes, or 1 for a gate on the finished film."""
    passed: int
    figures: str = ""
    """What it measured, in words."""
    faults: tuple[str, ...] = ()
    """What is still wrong, with its scene."""


class SceneRow(Frozen):
    """Everything about one scene."""

    id: str
    line: str
    speaker: str = ""
    picture: str
    """Data address of a small JPEG."""
    where: str
    """Setting, time of day, weather, mood, view."""
    prompt: str
    """The picture in words."""
    read: bool = False
    """A model was given those words; else they only describe."""
    negative: str = ""
    """What must not be seen, where the model takes such words."""
    movement: str = ""
    """What the motion model was given to read."""
    drawn_by: str = ""
    moved_by: str = ""
    held_to: tuple[str, ...] = ()
    """Names of those whose portraits the picture was held to."""
    notes: tuple[str, ...] = ()
    """How it came about: retaken pictures, steps down in memory, words left out."""
    seed: int
    start: str
    end: str
    heard: str | None = None
    """What the ear wrote down; None when nobody listened."""
    errors: tuple[str, ...] = ()
    """Words that were heard differently."""
    sounds: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    seconds: float = 0.0
    facts: tuple[Figure, ...] = ()
    faults: tuple[str, ...] = ()
    """What the gates still find wrong with it."""


class PortraitRow(Frozen):
    """What one of the cast looks like in every scene."""

    name: str
    picture: str
    """Data address of a small JPEG."""
    prompt: str = ""
    seed: int | None = None
    drawn_by: str = ""
    """The model; empty for the user's own picture."""
    notes: tuple[str, ...] = ()


def thumbnail(png: bytes) -> str:
    """Return a data address with a JPEG of `png`, small enough for a page."""
    return data_address(jpeg_of(png))


def data_address(jpeg: bytes) -> str:
    """Return the address that stands for a JPEG in a page that needs no other file."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")


def report_html(
    *,
    title: str,
    author: str | None,
    language: str,
    film: str,
    poster: str,
    facts: Sequence[Figure],
    scenes: Sequence[SceneRow],
    portraits: Sequence[PortraitRow] = (),
    gates: Sequence[GateRow] = (),
    models: Sequence[ModelRow],
    notes: Sequence[str],
    files: Sequence[tuple[str, str]],
    command: str,
    music: str,
    version: str,
) -> str:
    """Return the page. `film` is the file that the page's player plays, `poster` a data address of what it shows
    before that; all text is escaped."""
    values: dict[str, Any] = {
        "title": title, "author": author, "language": language, "film": film, "poster": poster, "facts": facts, "scenes": scenes, "portraits": portraits, "gates": gates,
        "models": models, "notes": notes, "files": files, "command": command, "music": music, "version": version,
    }  # fmt: skip
    return _template().render(**values)


@functools.cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("kamishibai.exports", "templates"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("report.html")
