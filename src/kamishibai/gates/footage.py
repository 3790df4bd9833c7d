"""Is a whole film sound to the eye: stretches that are black, that stand still, or that flicker, by the clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.gates.verdict import Verdict

__all__ = ["Footage", "FootageLimits", "footage", "judge_footage"]

SIDE: Final = 160
"""Frames are measured at this width, in pixels."""
BEHIND_S: Final = 0.5
"""A frame is compared with the one so long before it: slow camera moves show, the noise of a codec does not."""
APART_S: Final = 1.0
"""Frames further apart than this are of two stretches: between them nothing was looked at."""
MOST_QUOTED: Final = 3


class Footage(Frozen):
    """What was measured frame by frame, all of equal length."""

    moments: tuple[float, ...] = ()
    """Seconds on the film's clock."""
    movement: tuple[float | None, ...] = ()
    """Mean difference of luma from half a second before, 0 to 255; None where nothing was seen half a second before."""
    light: tuple[float, ...] = ()
    """Mean luma, 0 to 255."""
    brightest: tuple[float, ...] = ()
    """99th percentile of the luma."""


class FootageLimits(Frozen):
    """What a film may not show, and for how long it may."""

    black: float = Field(default=24.0, ge=0, le=255)
    """A frame whose brightest hundredth is darker is black; video's own black is 16."""
    black_s: float = Field(default=2.0, gt=0, le=600)
    still: float = Field(default=0.12, ge=0, le=255)
    """Mean difference of luma over half a second under which nothing moves."""
    still_s: float = Field(default=6.0, gt=0, le=600)
    """Longer than a title card is read."""
    flicker: float = Field(default=4.0, ge=0, le=255)
    """Median of how much the mean luma jumps there and back, from frame to frame to frame, within a second."""


def footage(frames: Iterable[tuple[float, npt.NDArray[np.uint8]]]) -> Footage:
    """Measure (seconds, RGB frame) pairs in order; half a second of small frames is in memory at a time."""
    moments: list[float] = []
    movement: list[float | None] = []
    light: list[float] = []
    brightest: list[float] = []
    seen: deque[tuple[float, Any]] = deque()
    for moment, frame in frames:
        luma = _small(frame)
        if seen and not 0 < moment - seen[-1][0] < APART_S:
            seen.clear()
        while len(seen) > 1 and moment - seen[1][0] >= BEHIND_S:
            seen.popleft()
        old = bool(seen) and moment - seen[0][0] >= BEHIND_S - 1e-6
        movement.append(round(float(np.abs(luma - seen[0][1]).mean()), 4) if old else None)
        moments.append(round(moment, 4))
        light.append(round(float(luma.mean()), 3))
        brightest.append(round(float(np.quantile(luma, 0.99)), 1))
        seen.append((moment, luma))
    return Footage(
        moments=tuple(moments), movement=tuple(movement), light=tuple(light), brightest=tuple(brightest)
    )


def judge_footage(found: Footage, limits: FootageLimits | None = None) -> Verdict:
    """Return the verdict on a film's pictures as they go by."""
    limits = limits or FootageLimits()
    moments = np.array(found.moments)
    if not len(moments):
        return Verdict(gate="clip", passed=False, faults=("the film has no frames",), badness=10.0)
    dark = np.array(found.brightest) < limits.black
    slow = np.array([one is not None and one < limits.still for one in found.movement]) & ~dark
    black = _runs(moments, dark, limits.black_s)
    # The first half second of a still stretch is not yet known to be one.
    still = [(a - BEHIND_S, b) for a, b in _runs(moments, slow, max(0.0, limits.still_s - BEHIND_S))]
    flicker = _runs(moments, _flickering(moments, np.array(found.light), limits.flicker), 0.5)
    faults = []
    for runs, what in ((black, "black"), (still, "nothing moves"), (flicker, "the light flickers")):
        if runs:
            faults.append(f"{what}: {_told(runs)}")
    return Verdict(
        gate="clip",
        passed=not faults,
        faults=tuple(faults),
        badness=round(sum(b - a for runs in (black, still, flicker) for a, b in runs), 3),
        measured={
            "black_s": _longest(_runs(moments, dark, 0)),
            "still_s": _longest([(a - BEHIND_S, b) for a, b in _runs(moments, slow, 0)]),
            "flicker_s": _longest(flicker),
            "frames": len(moments),
        },
    )


def _small(frame: npt.NDArray[np.uint8]) -> Any:
    height = max(2, round(SIDE * frame.shape[0] / frame.shape[1]))
    whole = np.ascontiguousarray(frame[..., :3])
    small = np.asarray(cv2.resize(whole, (SIDE, height), interpolation=cv2.INTER_AREA), np.uint8)
    return cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)


def _flickering(moments: Any, light: Any, limit: float) -> Any:
    """Return, frame by frame, whether the second around it flickers: a cut is one jump, a flicker is most of them."""
    out = np.zeros(len(moments), bool)
    if len(moments) < 8:
        return out
    there_and_back = np.abs(np.diff(light, 2)) / 2
    step = np.diff(moments)
    there_and_back[(step[1:] > APART_S) | (step[:-1] > APART_S)] = 0.0
    width = max(5, round(1 / max(float(np.median(step)), 1e-3)) | 1)
    padded = np.pad(there_and_back, width // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)
    out[1:-1] = np.median(windows, axis=1) > limit
    return out


def _runs(moments: Any, where: Any, least_s: float) -> list[tuple[float, float]]:
    """Return (from, to) in seconds of every run of true frames that lasts `least_s` and was looked at throughout."""
    runs = []
    begun: float | None = None
    for index, moment in enumerate(moments):
        if begun is not None and (not where[index] or moment - moments[index - 1] > APART_S):
            runs.append((begun, float(moments[index - 1])))
            begun = None
        if where[index] and begun is None:
            begun = float(moment)
    if begun is not None:
        runs.append((begun, float(moments[-1])))
    return [(a, b) for a, b in runs if b - a >= least_s]


def _longest(runs: list[tuple[float, float]]) -> float:
    return round(max((b - a for a, b in runs), default=0.0), 2)


def _told(runs: list[tuple[float, float]]) -> str:
    shown = ", ".join(f"{_clock(a)} to {_clock(b)}" for a, b in runs[:MOST_QUOTED])
    return shown + (f" and {len(runs) - MOST_QUOTED} more stretches" if len(runs) > MOST_QUOTED else "")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(max(0.0, seconds), 60)
    return f"{int(minutes)}:{rest:04.1f}"
