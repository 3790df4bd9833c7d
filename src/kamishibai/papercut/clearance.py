"""Which part of the stage the foreground leaves free: nobody may stand behind a trunk."""

from __future__ import annotations

import cv2
import numpy as np

from kamishibai.papercut.parts import StageSet
from kamishibai.papercut.sheets import surface_on

__all__ = ["clear_span"]

_SHRINK = 16


def clear_span(stage: StageSet, share: float) -> tuple[float, float]:
    """Return left and right, in canvas pixels, of the widest free stretch about the middle of `keep_clear`.

    The sheets in front of the players are drawn at a sixteenth of the size; a column is taken when they cover
    more than a quarter of the band where bodies are (`share` of the height, above the ground). What drifts or falls, or only adds light, hides nobody.
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
    taken = band.mean(axis=0) > 44
    at = min(width - 1, max(0, int(middle / _SHRINK)))
    left = right = at
    while left > 0 and not taken[left - 1]:
        left -= 1
    while right < width - 1 and not taken[right + 1]:
        right += 1
    edge = 0.045 * stage.width
    return max(edge, float(left * _SHRINK)), min(stage.width - edge, float((right + 1) * _SHRINK))
