"""The arguments and options that several commands share, and how their texts become settings."""

from __future__ import annotations

import sys
from enum import Enum
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any

import typer

from kamishibai.errors import UsageError

__all__ = [
    "Aspect", "Cache", "Captions", "Debug", "Gates", "Json", "Move", "OneJson", "Options", "Out", "Quality", "Quiet",
    "Replan", "Seed", "Story", "StoryOrNone", "Thresholds", "gate_modes", "ids_like", "model_option", "model_options", "option",
    "standard_input", "thresholds",
]  # fmt: skip

STDIN_LIMIT = 5_000_001
"""One byte over the longest story, so that a longer one is refused and not cut."""
FILM, MODELS, GATES, RUNNING = "Film", "Models", "Gates", "Running"
"""Panels of the help, so that a long list of options has an order."""


class Aspect(str, Enum):
    """Shapes of the frame."""

    wide = "16:9"
    tall = "9:16"
    square = "1:1"
    portrait = "4:5"


class Quality(str, Enum):
    """How well the film is encoded."""

    draft = "draft"
    good = "good"
    best = "best"


class Captions(str, Enum):
    """Where captions go."""

    burn = "burn"
    soft = "soft"
    both = "both"
    none = "none"


class Move(str, Enum):
    """Movements of the camera."""

    push = "push"
    pull = "pull"
    pan_left = "pan-left"
    pan_right = "pan-right"
    rise = "rise"
    sink = "sink"
    still = "still"


def option(*names: str, help: str, metavar: str | None = None, panel: str | None = None, **more: Any) -> Any:
    """Return a typer option whose help says its default in words."""
    return typer.Option(*names, help=help, metavar=metavar, show_default=False, rich_help_panel=panel, **more)


def flag(*names: str, help: str, panel: str | None = None) -> Any:
    """Return a typer option that is on or off, without a column that says so."""
    return option(*names, help=help, metavar="", panel=panel)


def ids_like(kind: str | None) -> Any:
    """Return a shell completer of model ids; it asks the entry points alone, because completion must be quick."""

    def complete(incomplete: str) -> list[str]:
        names = sorted(point.name for point in entry_points(group="kamishibai.models"))
        mine = [name for name in names if kind is None or name.startswith(f"{kind}:")]
        short = mine if kind is None else [name.split(":", 1)[1] for name in mine]
        return [name for name in short if name.startswith(incomplete)]

    return complete


def model_option(kind: str, does: str, without: str = "") -> Any:
    """Return the option that chooses the model of one kind; `without` is what ``none`` leaves out."""
    text = f"Who {does}" + (f", or none for no {without}." if without else ".")
    return option(f"--{kind}", metavar="ID", help=text, panel=MODELS, autocompletion=ids_like(kind))


Story = Annotated[
    str,
    typer.Argument(
        metavar="STORY",
        help="A .txt or .md story, a storyboard.yaml, a project folder, or - for standard input.",
        show_default=False,
    ),
]
StoryOrNone = Annotated[
    str | None,
    typer.Argument(
        metavar="STORY",
        help="A .txt or .md story, a storyboard.yaml, a project folder, or - for standard input.",
        show_default=False,
    ),
]
Out = Annotated[
    Path | None, option("--out", "-o", metavar="DIR", help="The project folder. Default: film/NAME.")
]
Seed = Annotated[
    int | None,
    option(
        "--seed",
        metavar="N",
        help="Another number gives another version. Default: the storyboard's, else 7.",
        min=0,
        max=2**32 - 1,
    ),
]
Options = Annotated[
    list[str] | None,
    option(
        "--option",
        metavar="MODEL.FIELD=VALUE",
        help="An option of a model, such as picture.steps=20 or voice:none.pace=2. Can be given again.",
        panel=MODELS,
    ),
]
Gates = Annotated[
    list[str] | None,
    option(
        "--gates",
        metavar="[GATE=]MODE",
        help="What happens to takes that fail: off, warn or retake; for all, or for one of narration, picture, cast, "
        "clip, captions, mix. Can be given again.",
        panel=GATES,
    ),
]
Thresholds = Annotated[
    list[str] | None,
    option(
        "--threshold",
        metavar="GATE.NAME=VALUE",
        help="A limit of one gate, such as narration.wer=0.1. Can be given again.",
        panel=GATES,
    ),
]
Cache = Annotated[
    Path | None,
    option(
        "--cache",
        metavar="DIR",
        help="Where results are kept for the next run. Default: the user's cache folder.",
        panel=RUNNING,
    ),
]
Replan = Annotated[
    bool, flag("--replan", help="Plan the storyboard anew, even if you edited it (yours is kept beside it).")
]
Json = Annotated[
    bool, flag("--json", help="Write events, one JSON object a line, on standard output.", panel=RUNNING)
]
OneJson = Annotated[bool, flag("--json", help="Write all of it as one JSON object.")]
Quiet = Annotated[
    bool, flag("--quiet", "-q", help="Only warnings, errors and the path of the result.", panel=RUNNING)
]
Debug = Annotated[bool, flag("--debug", help="Show the whole trace of an error.", panel=RUNNING)]


def model_options(given: list[str] | None) -> dict[str, dict[str, Any]]:
    """Return options by model id or kind from texts such as ``picture.steps=20``; values are read as YAML.

    Raises
    ------
    UsageError
        For a text of another form.
    """
    found: dict[str, dict[str, Any]] = {}
    for text in given or []:
        name, equals, value = text.partition("=")
        id_, dot, field = name.rpartition(".")
        if not (equals and dot and id_ and field.isidentifier()):
            raise UsageError(
                f"--option {text!r} is not of the form MODEL.FIELD=VALUE",
                where="command line",
                hint="for example: --option picture.steps=20, or --option voice:none.pace=2",
            )
        import yaml

        try:
            found.setdefault(id_, {})[field] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise UsageError(
                f"--option {text!r}: the value cannot be read", where="command line", hint="put it in quotes"
            ) from error
    return found


def gate_modes(given: list[str] | None) -> dict[str, str]:
    """Return modes by gate from texts such as ``retake`` (for all) and ``narration=warn``; `Settings` checks them."""
    found = {}
    for text in given or []:
        gate, equals, mode = text.partition("=")
        found[gate if equals else "all"] = mode if equals else gate
    return found


def thresholds(given: list[str] | None) -> dict[str, dict[str, float]]:
    """Return limits by gate from texts such as ``narration.wer=0.1``.

    Raises
    ------
    UsageError
        For a text of another form.
    """
    found: dict[str, dict[str, float]] = {}
    for text in given or []:
        name, equals, value = text.partition("=")
        gate, dot, field = name.partition(".")
        try:
            if not (equals and dot and gate and field):
                raise ValueError
            found.setdefault(gate, {})[field] = float(value)
        except ValueError as error:
            raise UsageError(
                f"--threshold {text!r} is not of the form GATE.NAME=NUMBER",
                where="command line",
                hint="for example: --threshold narration.wer=0.1",
            ) from error
    return found


def standard_input(source: str | None) -> bytes | None:
    """Return what stands on standard input when `source` is ``-``; None otherwise."""
    if source != "-":
        return None
    if sys.stdin.isatty():
        sys.stderr.write("Type your story, then press Ctrl-D on an empty line.\n")
    return sys.stdin.buffer.read(STDIN_LIMIT)
