"""The arguments and options that several commands share, and how their texts become settings."""

from __future__ import annotations

import sys
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from kamishibai.errors import UsageError

__all__ = [
    "Aspect", "Cache", "Captions", "Debug", "Json", "Options", "Quality", "Quiet", "Seed", "Story",
    "model_options", "standard_input",
]  # fmt: skip

STDIN_LIMIT = 5_000_001
"""One byte over the longest story, so that a longer one is refused and not cut."""


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


Story = Annotated[
    str,
    typer.Argument(
        metavar="STORY",
        help="A .txt or .md story, a storyboard.yaml, a project folder, or - for standard input.",
        show_default=False,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o", metavar="DIR", help="The project folder. Default: film/NAME.", show_default=False
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        "--seed",
        min=0,
        max=2**32 - 1,
        metavar="N",
        help="Another number gives another version of the film. Default: the storyboard's.",
        show_default=False,
    ),
]
Options = Annotated[
    list[str] | None,
    typer.Option(
        "--option",
        metavar="ID.FIELD=VALUE",
        help="An option of one model, such as voice:none.pace=2. Can be given again.",
        show_default=False,
    ),
]
Cache = Annotated[
    Path | None,
    typer.Option(
        "--cache",
        metavar="DIR",
        help="Where results are kept for the next run. Default: the user's cache folder.",
        show_default=False,
    ),
]
Replan = Annotated[
    bool,
    typer.Option(
        "--replan", help="Plan the storyboard anew, even if you edited it (yours is kept beside it)."
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="Write events, one JSON object a line, on standard output.")
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Only warnings, errors and the path of the result.")
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the whole trace of an error.")]


def model_options(given: list[str] | None) -> dict[str, dict[str, Any]]:
    """Return options by model id from texts such as ``voice:none.pace=2``; values are read as YAML.

    Raises
    ------
    UsageError
        For a text of another form.
    """
    found: dict[str, dict[str, Any]] = {}
    for text in given or []:
        name, equals, value = text.partition("=")
        id_, dot, field = name.rpartition(".")
        if not (equals and dot and ":" in id_ and field.isidentifier()):
            raise UsageError(
                f"--option {text!r} is not of the form ID.FIELD=VALUE",
                where="command line",
                hint="for example: --option voice:none.pace=2",
            )
        import yaml

        try:
            found.setdefault(id_, {})[field] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise UsageError(
                f"--option {text!r}: the value cannot be read", where="command line", hint="put it in quotes"
            ) from error
    return found


def standard_input(source: str) -> bytes | None:
    """Return what stands on standard input when `source` is ``-``; None otherwise."""
    if source != "-":
        return None
    if sys.stdin.isatty():
        sys.stderr.write("Type your story, then press Ctrl-D on an empty line.\n")
    return sys.stdin.buffer.read(STDIN_LIMIT)
