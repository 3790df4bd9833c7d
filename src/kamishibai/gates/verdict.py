"""A verdict: what one gate measured of one take or film, whether that passes, and why not."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from kamishibai.documents.frozen import Frozen

__all__ = ["Gate", "Verdict", "better"]

Gate = Literal["narration", "picture", "cast", "clip", "captions", "mix"]


class Verdict(Frozen):
    """What a gate says. Gates are pure: the same facts and limits give the same verdict."""

    gate: Gate
    scene: str = ""
    """Scene id; empty for the whole film."""
    passed: bool
    faults: tuple[str, ...] = ()
    """What is wrong, each in a few words a person can act on; empty when it passed."""
    badness: float = Field(default=0.0, ge=0)
    """Orders takes of one scene: the take with the least is the best, whether it passes or not."""
    measured: dict[str, float | int | str | None] = Field(default_factory=dict)
    """Named figures, with their unit in the name: ``wer``, ``leading_s``, ``speech_to_music_db``."""


def better(one: Verdict, other: Verdict) -> bool:
    """Say whether `one` is a better take than `other`: passing counts first, then the lesser badness."""
    return (not one.passed, one.badness) < (not other.passed, other.badness)
