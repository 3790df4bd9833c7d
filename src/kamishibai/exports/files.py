"""What a finished film consists of on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kamishibai.documents.frozen import Frozen

__all__ = ["FilmFiles"]


class FilmFiles(Frozen):
    """A finished film: where its files lie and what was measured in it."""

    folder: Path
    film: Path
    title: str
    scenes: int
    seconds: float
    measured: dict[str, Any]
    files: tuple[str, ...]
    """Names within `folder`."""
    notes: tuple[str, ...] = ()
    fresh: bool = False
    """Nothing had to be made: every file was current."""
    took_s: float = 0.0
    """Wall time of this run."""
