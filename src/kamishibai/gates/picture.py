"""What can be measured in a picture and in a clip without a model: light, contrast, colour, sharpness, movement."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from kamishibai.documents.frozen import Frozen

__all__ = ["ClipFacts", "PictureFacts", "clip_facts", "picture_facts"]

_SIDE = 512
"""Pictures are measured at one size, their longer side in pixels: sharpness depends on it."""


class PictureFacts(Frozen):
    """Measured values of one picture. They compare pictures of one scene; none of them is beauty."""

    brightness: float
    """Mean luma, 0 to 255."""
    contrast: float
    """Standard deviation of the luma, 0 to 127.5."""
    colourfulness: float
    """Hasler and Süsstrunk 2003: 0 is grey, 33 moderate, above 80 vivid."""
    sharpness: float
    """Standard deviation of the Laplacian of the luma: higher is more fine detail, or noise."""


class ClipFacts(Frozen):
    """Measured values of one clip."""

    movement: float
    """Mean change of luma from frame to frame, 0 to 255; near 0 stands still."""
    unsteadiness: float
    """Standard deviation of the mean luma from frame to frame: flicker."""
    drift: float
    """Mean change of luma from the first frame to the last, 0 to 255."""


def _luma(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """Return the luma of an RGB picture at the size that everything is measured at."""
    height, width = pixels.shape[:2]
    factor = _SIDE / max(height, width)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)
    return cv2.cvtColor(np.ascontiguousarray(small), cv2.COLOR_RGB2GRAY).astype(np.float64)


def picture_facts(pixels: npt.NDArray[np.uint8]) -> PictureFacts:
    """Return what is measured in an RGB picture of shape (height, width, 3)."""
    luma = _luma(np.ascontiguousarray(pixels[..., :3]))
    red, green, blue = (pixels[..., i].astype(np.float64) for i in range(3))
    first, second = red - green, (red + green) / 2 - blue
    colourfulness = np.hypot(first.std(), second.std()) + 0.3 * np.hypot(first.mean(), second.mean())
    return PictureFacts(
        brightness=round(float(luma.mean()), 1),
        contrast=round(float(luma.std()), 1),
        colourfulness=round(float(colourfulness), 1),
        sharpness=round(float(cv2.Laplacian(luma, cv2.CV_64F).std()), 1),
    )


def clip_facts(frames: Sequence[npt.NDArray[np.uint8]]) -> ClipFacts:
    """Return what is measured in RGB frames of shape (height, width, 3), at least one."""
    lumas = [_luma(frame) for frame in frames]
    steps = [float(np.abs(after - before).mean()) for before, after in pairwise(lumas)]
    return ClipFacts(
        movement=round(float(np.mean(steps)), 2) if steps else 0.0,
        unsteadiness=round(float(np.diff([luma.mean() for luma in lumas]).std()), 2) if steps else 0.0,
        drift=round(float(np.abs(lumas[-1] - lumas[0]).mean()), 2),
    )
