"""What happens while a film is made, as one typed stream: progress bars, JSON lines and the ledger are views of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from kamishibai.documents.frozen import Frozen

__all__ = ["Event", "Listener", "nobody"]


class Event(Frozen):
    """One thing that happened."""

    event: Literal["stage", "call", "progress", "preview", "note", "warning", "load", "free", "film", "end"]
    """``stage``: a step begins, with `total` calls of which `reused` are there already; ``call``: one call is done;
    ``progress``: part of a call; ``preview``: `text` names a file with a first view; ``load`` and ``free``: a model
    comes into memory and leaves it; ``note`` and ``warning``: something to tell; ``film``: the film is written."""
    stage: str = ""
    scene: str = ""
    maker: str = ""
    why: str = ""
    done: float = 0.0
    total: int = 0
    reused: int = 0
    seconds: float = 0.0
    text: str = ""
    key: str = ""
    """Of a finished call."""


Listener = Callable[[Event], None]


def nobody(event: Event) -> None:
    """Listen to nothing."""
