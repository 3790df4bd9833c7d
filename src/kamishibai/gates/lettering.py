"""How much of a picture do letters cover: rows of small, similar, separate shapes of even stroke, without a model.

The steps are those of classical scene-text detection (Epshtein, Ofek and Wexler 2010, stroke width; Neumann and Matas
2012, extremal regions): candidates by size and stroke, then chains of candidates that are alike and stand in a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

__all__ = ["text_share"]

WIDTH: Final = 960
"""Pictures are looked at in this width, in pixels."""
HEIGHTS: Final = (9, 90)
"""Letters smaller or taller than this are not looked for."""
CHAIN: Final = 5
"""So many shapes in a row make a line of letters."""


@dataclass(frozen=True)
class _Shape:
    x: int
    y: int
    width: int
    height: int
    stroke: float
    tone: float


def text_share(pixels: npt.NDArray[np.uint8]) -> float:
    """Return the share of an RGB picture, 0 to 1, that boxes around lines of letters cover."""
    factor = WIDTH / pixels.shape[1]
    size = (WIDTH, max(1, round(pixels.shape[0] * factor)))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    small = cv2.resize(pixels, size, interpolation=how)
    luma = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
    covered = np.zeros(luma.shape, np.uint8)
    for side in (1, -1):
        for row in _rows(_shapes(luma, side)):
            left, right = min(s.x for s in row), max(s.x + s.width for s in row)
            top, bottom = min(s.y for s in row), max(s.y + s.height for s in row)
            covered[top:bottom, left:right] = 1
    return float(covered.mean())


def _shapes(luma: npt.NDArray[np.uint8], side: int) -> list[_Shape]:
    """Return what could be a letter: darker (`side` 1) or brighter (-1) than its surroundings, of even stroke."""
    around = cv2.blur(luma, (31, 31)).astype(np.int16)
    mask = ((around - luma.astype(np.int16)) * side > 18).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    depth = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    found = []
    for label in range(1, count):
        x, y, width, height, area = (int(v) for v in stats[label])
        if not HEIGHTS[0] <= height <= HEIGHTS[1] or not 0.08 <= width / height <= 1.8:
            continue
        if not 0.12 <= area / (width * height) <= 0.92:
            continue
        inside: Any = labels[y : y + height, x : x + width] == label
        spread = depth[y : y + height, x : x + width][inside]
        # On the ridge of a stroke the distance to its edge is half its width; letters keep that width.
        ridge = spread[spread >= 0.6 * spread.max()]
        stroke = 2 * float(np.median(ridge))
        if stroke > 0.45 * height or float(ridge.std()) > 0.35 * float(ridge.mean()):
            continue
        tone = float(np.median(luma[y : y + height, x : x + width][inside]))
        found.append(_Shape(x, y, width, height, stroke, tone))
    return found


def _rows(shapes: list[_Shape]) -> list[list[_Shape]]:
    """Return chains of shapes that are alike and stand beside each other on one line."""
    left = sorted(shapes, key=lambda s: s.x)
    used: set[int] = set()
    rows = []
    for index, first in enumerate(left):
        if index in used:
            continue
        chain, places = [first], [index]
        for place in range(index + 1, len(left)):
            if place in used:
                continue
            last, following = chain[-1], left[place]
            if following.x - (last.x + last.width) > 1.4 * max(last.height, following.height):
                break
            if _fits(last, following):
                chain.append(following)
                places.append(place)
        if len(chain) >= CHAIN and _varied(chain):
            rows.append(chain)
            used.update(places)
    return rows


def _fits(one: _Shape, other: _Shape) -> bool:
    tall, low = max(one.height, other.height), min(one.height, other.height)
    bottoms = abs((one.y + one.height) - (other.y + other.height))
    gap = other.x - (one.x + one.width)
    return (
        low / tall > 0.55
        and bottoms < 0.3 * tall
        and -0.3 * tall < gap < 1.2 * tall
        and abs(one.tone - other.tone) < 24
        and 0.6 < one.stroke / max(other.stroke, 1e-6) < 1.7
    )


def _varied(chain: list[_Shape]) -> bool:
    """Letters differ in width; fence posts, windows and stars in a row are all alike."""
    widths = np.array([s.width / s.height for s in chain])
    return float(widths.std()) > 0.08
