"""Is a generated clip sound: frozen, flickering, black, or drifting away from its first frame."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.gates.verdict import Verdict

__all__ = ["ClipLimits", "ClipSeries", "clip_series", "judge_clip"]

SIDE: Final = 160
"""Frames are measured at this width, in pixels."""
EVERY: Final = 4
"""Of so many frames one is compared with the first."""
MIDDLE: Final = 0.55
"""Part of the frame's height and width that is looked for again."""
SCALES: Final = (0.75, 0.87, 1.0, 1.15, 1.32, 1.5)
FLAT: Final = 0.5
"""A frame whose fine structure deviates less than this has none."""

Luma = npt.NDArray[np.float32]


class ClipSeries(Frozen):
    """What was measured frame by frame; short lists of numbers, so that limits can change without decoding again."""

    frames: int
    movement: tuple[float, ...] = ()
    """Mean change of luma from each frame to the next, 0 to 255."""
    light: tuple[float, ...] = ()
    """Mean luma of every frame."""
    brightest: tuple[float, ...] = ()
    """99th percentile of the luma of every frame."""
    kept: tuple[float, ...] = ()
    """How much of the first frame's middle is found again, 0 to 1: in every fourth frame and in the last."""


class ClipLimits(Frozen):
    """What a clip may not pass."""

    frozen: float = Field(default=0.05, ge=0)
    """Mean change of luma from frame to frame under which nothing moves."""
    flicker: float = Field(default=4.0, ge=0)
    """Median of how much the mean luma jumps there and back, from frame to frame to frame."""
    black: float = Field(default=12.0, ge=0, le=255)
    black_share: float = Field(default=0.1, ge=0, le=1)
    """Share of the frames that may be black."""
    kept: float = Field(default=0.42, ge=0, le=1)
    """A clip that ends with less of its first frame has become another picture. Camera moves over papercut keep 0.53 and
    more, nine in ten other papercut pictures share less than 0.37."""


def clip_series(frames: Iterable[npt.NDArray[np.uint8]]) -> ClipSeries:
    """Measure RGB frames of shape (height, width, 3) in order; one frame is in memory at a time."""
    movement, light, brightest, kept = [], [], [], []
    before = first = None
    count = 0
    for count, frame in enumerate(frames, start=1):
        height = max(2, round(SIDE * frame.shape[0] / frame.shape[1]))
        whole = np.ascontiguousarray(frame[..., :3])
        small = np.asarray(cv2.resize(whole, (SIDE, height), interpolation=cv2.INTER_AREA), np.uint8)
        luma = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
        first = luma if first is None else first
        if before is not None:
            movement.append(round(float(np.abs(luma - before).mean()), 4))
        light.append(round(float(luma.mean()), 3))
        brightest.append(round(float(np.quantile(luma, 0.99)), 1))
        if count % EVERY == 1:
            kept.append(round(_kept(first, luma), 4))
        before = luma
    if first is not None and before is not None and count % EVERY != 1:
        kept.append(round(_kept(first, before), 4))
    return ClipSeries(
        frames=len(light),
        movement=tuple(movement),
        light=tuple(light),
        brightest=tuple(brightest),
        kept=tuple(kept),
    )


def judge_clip(series: ClipSeries, limits: ClipLimits | None = None, scene: str = "") -> Verdict:
    """Return the verdict on one clip."""
    limits = limits or ClipLimits()
    faults = []
    moved = float(np.mean(series.movement)) if series.movement else 0.0
    light = np.array(series.light)
    there_and_back = np.abs(np.diff(light, 2)) / 2 if len(light) > 2 else np.zeros(1)
    flicker = float(np.median(there_and_back))
    black = float(np.mean(np.array(series.brightest) < limits.black)) if series.frames else 1.0
    # The end, not one frame: something may pass before the camera.
    end = float(np.median(series.kept[-max(1, len(series.kept) // 8) :])) if series.kept else 0.0
    if not series.frames:
        faults.append("the clip has no frames")
    elif black > limits.black_share:
        faults.append(f"{100 * black:.0f} % of the clip is black")
    elif series.frames > 1 and moved < limits.frozen:
        faults.append("nothing moves")
    if flicker > limits.flicker:
        faults.append("the light flickers")
    if series.frames > 1 and black <= limits.black_share and end < limits.kept:
        faults.append("it ends as another picture than it began")
    return Verdict(
        gate="clip",
        scene=scene,
        passed=not faults,
        faults=tuple(faults),
        badness=round(5.0 * len(faults) + max(0.0, 1 - end), 4),
        measured={
            "movement": round(moved, 3),
            "flicker": round(flicker, 3),
            "black_share": round(black, 3),
            "kept": round(end, 3),
        },
    )


def _kept(first: Luma, luma: Luma) -> float:
    """Return how well the middle of the first frame is found again: the best correlation over places and sizes.

    Template matching of the fine structure (light and shade broader than a few pixels are taken out, which every sky
    and ground share). A camera that moves, turns near or draws back keeps it; a subject that moves keeps most of it.
    """
    was, now = _fine(first), _fine(luma)
    height, width = was.shape
    h, w = round(height * MIDDLE), round(width * MIDDLE)
    top, left = (height - h) // 2, (width - w) // 2
    middle = was[top : top + h, left : left + w]
    if float(middle.std()) < FLAT:
        return 1.0 if float(now.std()) < FLAT else 0.0
    best = 0.0
    for scale in SCALES:
        sought = cv2.resize(middle, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
        over_y, over_x = max(0, sought.shape[0] - height), max(0, sought.shape[1] - width)
        sought = sought[over_y // 2 : over_y // 2 + height, over_x // 2 : over_x // 2 + width]
        best = max(best, float(cv2.matchTemplate(now, sought, cv2.TM_CCOEFF_NORMED).max()))
    return best


def _fine(luma: Luma) -> Luma:
    return luma - cv2.GaussianBlur(luma, (0, 0), 8)
