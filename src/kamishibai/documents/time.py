"""Exact time: every moment and duration is a Fraction of a second, rounded once, at the edge."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

__all__ = ["Time", "frame_at", "frames_to_time", "sample_at", "samples_to_time", "timecode"]

# Short enough never to build a huge number, and no zero below the line.
_SPELLING = re.compile(r"[-+]?\d{1,80}(/0*[1-9]\d{0,79}|\.\d{0,80})?|[-+]?\.\d{1,80}")


def _parse(value: Any) -> Fraction:
    if isinstance(value, bool):
        raise ValueError("a time is a number of seconds, not true or false")
    if isinstance(value, float):
        # Floats only reach here from hand-edited files: "2.5" must mean 5/2, not its binary shadow.
        if not math.isfinite(value) or abs(value) > 1e9:
            raise ValueError("a time is a finite number of seconds")
        return Fraction(repr(value))
    if isinstance(value, (int, Fraction)):
        return Fraction(value)
    if isinstance(value, str) and _SPELLING.fullmatch(value.strip()):
        return Fraction(value.strip())
    raise ValueError(f"a time is a number of seconds or a fraction such as 7/2, not {value!r}")


Time = Annotated[
    Fraction,
    BeforeValidator(_parse),
    PlainSerializer(lambda t: str(t), return_type=str),
]
"""A moment or duration in seconds; saved as ``"7/2"``, read also from ``3.5`` and ``3``."""


def frame_at(time: Fraction, fps: Fraction) -> int:
    """Return the index of the frame nearest to `time` (halves round up)."""
    return int((time * fps + Fraction(1, 2)) // 1)


def frames_to_time(frames: int, fps: Fraction) -> Fraction:
    """Return the moment at which frame number `frames` begins."""
    return Fraction(frames) / fps


def sample_at(time: Fraction, rate_hz: int) -> int:
    """Return the index of the sample nearest to `time` (halves round up)."""
    return int((time * rate_hz + Fraction(1, 2)) // 1)


def samples_to_time(samples: int, rate_hz: int) -> Fraction:
    """Return the moment of sample number `samples`."""
    return Fraction(samples, rate_hz)


def timecode(time: Fraction, separator: str = ".") -> str:
    """Return ``HH:MM:SS.mmm``, rounded to the nearest millisecond, with `separator` before the milliseconds."""
    total_ms = int((time * 1000 + Fraction(1, 2)) // 1)
    seconds, ms = divmod(total_ms, 1000)
    minutes, s = divmod(seconds, 60)
    hours, m = divmod(minutes, 60)
    return f"{hours:02d}:{m:02d}:{s:02d}{separator}{ms:03d}"
