"""A small CLIP that was trained, and really sees: a minute and a half of drawing and learning, once a session."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from filelock import FileLock

TOOLS = Path(__file__).resolve().parents[2] / "tools"
if str(TOOLS) not in sys.path:  # where the package of tools/small_clip.py lies
    sys.path.insert(0, str(TOOLS))

COURSE = "small"


def take_small_clip(shelf: Path) -> Path:
    """Return the folder of the small course's CLIP under `shelf`; the first process that asks trains it.

    It does not lie among the tiny checkpoints: those are built in a second, twice, to see that they are the same.
    """
    place = shelf / "small-clip"
    if not place.exists():
        shelf.mkdir(parents=True, exist_ok=True)
        with FileLock(shelf / "small-clip.lock"):
            if not place.exists():
                from clip_school.course import COURSES, make_clip

                fresh = shelf / f"small-clip.{os.getpid()}"
                shutil.rmtree(fresh, ignore_errors=True)
                make_clip(fresh, COURSES[COURSE])
                fresh.rename(place)
    return place
