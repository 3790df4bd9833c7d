"""Which part of the stage the foreground leaves free: nobody may stand behind a trunk."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from kamishibai.media.picture import Pixels
from kamishibai.papercut.parts import StageSet
from kamishibai.papercut.sheets import surface_on

__all__ = ["clear_span", "paper_edge"]

_SHRINK = 16


def clear_span(stage: StageSet, share: float) -> tuple[tuple[float, float], list[float]]:
    """Return left and right of the widest free stretch about the middle of `keep_clear`, and the foreground's upper edge.

    All in canvas pixels; the edge has one value for every 16 columns.

    The sheets in front of the players are drawn at a sixteenth of the size; a column is taken when they cover
    much of the band where bodies are (`share` of the height, above the ground). What drifts or falls, or only adds light, hides nobody.
    """
    width, height = -(-stage.width // _SHRINK), -(-stage.height // _SHRINK)
    pixels = np.zeros((height, width, 4), np.uint8)
    surface = surface_on(pixels)
    canvas = surface.getCanvas()
    canvas.scale(1 / _SHRINK, 1 / _SHRINK)
    for plane in stage.planes[stage.main + 1 :]:
        moving = plane.life is not None and plane.life.kind in ("drift", "fall")
        if not moving and plane.blend == "normal" and plane.depth >= 0.55:
            count = canvas.save()
            plane.draw(canvas)
            canvas.restoreToCount(count)
    surface.flushAndSubmit()
    middle = stage.width / 2
    if stage.keep_clear is not None:
        middle = (stage.keep_clear[0] + stage.keep_clear[2]) / 2
    ground = stage.planes[stage.main].ground
    feet = float(ground(middle)) if ground is not None else 0.8 * stage.height
    top, foot = (
        int((feet - 0.85 * share * stage.height) / _SHRINK),
        int((feet - 0.05 * share * stage.height) / _SHRINK),
    )
    band = cv2.extractChannel(pixels, 3)[max(0, top) : max(1, foot)]
    cover = band.mean(axis=0) / 255
    at = min(width - 1, max(0, int(middle / _SHRINK)))
    # Clear to the ankles where there is room for that, else to the knees, else to the waist.
    for most in (0.11, 0.2, 0.4):
        left, right = _stretch(cover > most, at)
        if right - left >= 0.5 * width:
            break
    edge = 0.045 * stage.width
    span = max(edge, float(left * _SHRINK)), min(stage.width - edge, float((right + 1) * _SHRINK))
    return span, _upper_edge(np.ascontiguousarray(pixels[..., 3]), int((feet - 0.3 * stage.height) / _SHRINK))


def paper_edge(stage: StageSet) -> list[float]:
    """Return where the main sheet's paper really begins, one value for every 16 columns, in canvas pixels.

    In space the main plane's line is where bodies float; the ground is the edge of the moon below it.
    """
    width, height = -(-stage.width // _SHRINK), -(-stage.height // _SHRINK)
    pixels = np.zeros((height, width, 4), np.uint8)
    surface = surface_on(pixels)
    canvas = surface.getCanvas()
    canvas.scale(1 / _SHRINK, 1 / _SHRINK)
    stage.planes[stage.main].draw(canvas)
    surface.flushAndSubmit()
    return _upper_edge(np.ascontiguousarray(pixels[..., 3]), height // 2)


def _stretch(taken: npt.NDArray[np.bool_], at: int) -> tuple[int, int]:
    """Return first and last index of the run of free columns about `at`."""
    left = right = at
    while left > 0 and not taken[left - 1]:
        left -= 1
    while right < len(taken) - 1 and not taken[right + 1]:
        right += 1
    return left, right


def _upper_edge(alpha: Pixels, above: int) -> list[float]:
    """Return, for each column, where the foreground begins below row `above`, in canvas pixels."""
    solid = alpha[max(0, above) :] > 128
    first = np.where(solid.any(axis=0), solid.argmax(axis=0), solid.shape[0])
    return [float((row + max(0, above)) * _SHRINK) for row in first]
