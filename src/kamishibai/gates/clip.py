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
    """How much of the first frame's colours and structure every frame keeps, 0 to 1."""


class ClipLimits(Frozen):
    """What a clip may not pass."""

    frozen: float = Field(default=0.05, ge=0)
    """Mean change of luma from frame to frame under which nothing moves."""
    flicker: float = Field(default=4.0, ge=0)
    """Median of how much the mean luma jumps there and back, from frame to frame to frame."""
    black: float = Field(default=12.0, ge=0, le=255)
    black_share: float = Field(default=0.1, ge=0, le=1)
    """Share of the frames that may be black."""
    kept: float = Field(default=0.35, ge=0, le=1)
    """A clip that ends with less of its first frame has become another picture."""


def clip_series(frames: Iterable[npt.NDArray[np.uint8]]) -> ClipSeries:
    """Measure RGB frames of shape (height, width, 3) in order; one frame is in memory at a time."""
    movement, light, brightest, kept = [], [], [], []
    before = first_luma = first_colours = None
    for frame in frames:
        height = max(2, round(SIDE * frame.shape[0] / frame.shape[1]))
        whole = np.ascontiguousarray(frame[..., :3])
        small = np.asarray(cv2.resize(whole, (SIDE, height), interpolation=cv2.INTER_AREA), np.uint8)
        luma = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float64)
        colours = _colours(small)
        if first_luma is None or first_colours is None:
            first_luma, first_colours = luma, colours
        if before is not None:
            movement.append(round(float(np.abs(luma - before).mean()), 4))
        light.append(round(float(luma.mean()), 3))
        brightest.append(round(float(np.quantile(luma, 0.99)), 1))
        kept.append(round(_kept(first_luma, first_colours, luma, colours), 4))
        before = luma
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
    end = float(np.median(series.kept[-max(1, series.frames // 8) :])) if series.kept else 0.0
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


def _colours(small: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Return how often each of 512 colours is seen, blurred so that a slow change of light is a near neighbour."""
    histogram = cv2.calcHist([small], [0, 1, 2], None, [8, 8, 8], [0, 256] * 3)
    return np.asarray(histogram / histogram.sum(), np.float32)


def _kept(
    first_luma: npt.NDArray[np.float64],
    first_colours: npt.NDArray[np.float32],
    luma: npt.NDArray[np.float64],
    colours: npt.NDArray[np.float32],
) -> float:
    """Return the better of two likenesses: shared colours, which a camera move keeps, or the same structure in place."""
    shared = float(np.minimum(first_colours, colours).sum())
    a, b = first_luma - first_luma.mean(), luma - luma.mean()
    norm = float(np.sqrt((a * a).sum() * (b * b).sum()))
    structure = float((a * b).sum() / norm) if norm > 0 else 1.0
    return max(shared, structure, 0.0)
