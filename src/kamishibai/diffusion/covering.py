"""How a clip of a model's native lengths is made to last as long as a scene: a pure function of the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Literal

from kamishibai.weights.families import Family, frame_count

__all__ = ["MOST_SLOW", "Cover", "Extend", "cover", "lengths_of", "round_up"]

Extend = Literal["continue", "boomerang", "hold", "slow"]
MOST_SLOW = {"continue": Fraction(3, 2), "slow": Fraction(3)}
"""How far a clip is slowed down before its last frame is held."""
SLOW_STEP = 8
"""Slowing goes in eighths, so that a scene which grows by a word keeps its clip."""


@dataclass(frozen=True)
class Cover:
    """How the seconds are covered.

    Attributes
    ----------
    parts
        Frames of each clip to generate; each after the first goes on from the last frame of the one before it.
    slow
        By how much the whole is slowed down, 1 to 3.
    rest
        Seconds after the (slowed) end that are covered by what `extend` says: held, or played back and forth.
    boomerang
        The frames run to the end, back to the start, and so on.
    """

    parts: tuple[int, ...]
    fps: Fraction
    slow: Fraction = Fraction(1)
    rest: Fraction = Fraction(0)
    boomerang: bool = False

    @property
    def frames(self) -> int:
        """Return how many frames there are in all: neighbouring parts share one."""
        return sum(self.parts) - (len(self.parts) - 1)

    @property
    def seconds(self) -> Fraction:
        """Return how long it lasts."""
        return self.frames / self.fps * self.slow + self.rest

    def told(self) -> str:
        """Return in a few words what was done beyond playing one native clip; empty when nothing was."""
        said = []
        if len(self.parts) > 1:
            said.append(f"goes on from its last frame ({len(self.parts)} clips)")
        if self.slow > 1:
            said.append(f"is slowed down {float(self.slow):.2f} times")
        if self.boomerang:
            said.append("runs back and forth")
        elif self.rest:
            said.append(f"holds its last frame for {float(self.rest):.1f} s")
        return ", ".join(said)


def lengths_of(family: Family, frames: int | None = None) -> tuple[int, ...]:
    """Return the frame counts that clips of `family` are made with, rising.

    Models with a grid of lengths (8k+1, 4k+1) are asked for quarters of their native length: often enough a scene
    whose narration changed by a word then still fits the clip it has. Others have one length, their own.

    Parameters
    ----------
    frames
        The only length wanted, rounded up to one that the family can make.
    """
    if frames is not None:
        return (frame_count(family, frames),)
    if family.frame_step == 1:
        return (family.frames,)
    quarters = (frame_count(family, ceil(family.frames * part / 4)) for part in (1, 2, 3, 4))
    return tuple(dict.fromkeys(quarters))


def cover(
    seconds: Fraction,
    fps: Fraction,
    lengths: Sequence[int],
    *,
    extend: Extend = "continue",
    clips: int = 2,
    goes_on: bool = True,
) -> Cover:
    """Return how clips of `lengths` frames at `fps` cover `seconds`.

    Parameters
    ----------
    clips
        How many clips may be joined by `extend` ``continue``.
    goes_on
        The model can go on from a frame; else ``continue`` slows down and then holds.
    """
    one = next((n for n in lengths if n / fps >= seconds), None)
    if one is not None:
        return Cover((one,), fps)
    longest = lengths[-1]
    parts = [longest]
    if extend == "continue" and goes_on:
        while len(parts) < clips and Cover(tuple(parts), fps).seconds < seconds:
            lacking = seconds * fps - Cover(tuple(parts), fps).frames
            parts.append(next((n for n in lengths if n - 1 >= lacking), longest))
    plain = Cover(tuple(parts), fps)
    if plain.seconds >= seconds:
        return plain
    if extend == "boomerang":
        return Cover(plain.parts, fps, rest=seconds - plain.seconds, boomerang=True)
    slow = min(MOST_SLOW.get(extend, Fraction(1)), seconds / plain.seconds)
    return Cover(plain.parts, fps, slow, seconds - plain.seconds * slow)


def round_up(seconds: Fraction, covered: Cover) -> Fraction:
    """Return the seconds to make in place of `seconds`, which `covered` covers: the next that costs nothing more.

    Rounding twice is rounding once.
    """
    if covered.rest:
        return Fraction(ceil(seconds))
    if covered.slow == 1:
        return covered.seconds
    plain = covered.frames / covered.fps
    return plain * ceil(covered.slow * SLOW_STEP) / SLOW_STEP
