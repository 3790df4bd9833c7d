"""How much of a picture do letters cover: rows of small, similar, separate shapes of even stroke, without a model.

The steps are those of classical scene-text detection (Epshtein, Ofek and Wexler 2010, stroke width; Neumann and Matas
2012, extremal regions): candidates by size, stroke and an outline that stands clear all round, then chains of
candidates that are alike and stand on one straight line.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

__all__ = ["text_share"]

WIDTH: Final = 960
"""Pictures are looked at in this width, in pixels."""
HEIGHTS: Final = (7, 90)
"""Letters smaller or taller than this are not looked for."""
CHAIN: Final = 5
"""So many shapes in a row make a line of letters."""
CONTRAST: Final = 16
"""Levels of luma that a letter stands out by."""
CLEAR: Final = 0.92
"""Share of its outline along which a letter stands out: grass and roofs grow out of something of their own tone."""
LEAN: Final = 0.36
"""Lines of letters rise or fall by this much at most: 20 degrees."""

MOST: Final = 3000
"""A picture with more candidates than this is noise or foliage, and no line is found in it."""

Luma = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class _Shape:
    x: int
    y: int
    width: int
    height: int
    stroke: float
    tone: float
    full: float
    """Share of its box that it fills."""

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


def text_share(pixels: npt.NDArray[np.uint8]) -> float:
    """Return the share of an RGB picture, 0 to 1, that boxes around the letters of lines cover."""
    factor = WIDTH / pixels.shape[1]
    size = (WIDTH, max(1, round(pixels.shape[0] * factor)))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    luma = np.asarray(cv2.cvtColor(cv2.resize(pixels, size, interpolation=how), cv2.COLOR_RGB2GRAY), np.uint8)
    covered = np.zeros(luma.shape, np.uint8)
    for side in (1, -1):
        for row in _rows(_shapes(luma, side)):
            for shape, following in zip(row, [*row[1:], row[-1]], strict=True):
                right = max(shape.x + shape.width, following.x + following.width)
                top, bottom = min(shape.y, following.y), max(shape.bottom, following.bottom)
                covered[top:bottom, shape.x : right] = 1
    return float(covered.mean())


def _shapes(luma: Luma, side: int) -> list[_Shape]:
    """Return what could be a letter: darker (`side` 1) or brighter (-1) than its surroundings, of even stroke."""
    around = cv2.blur(luma, (31, 31)).astype(np.int16)
    mask = ((around - luma.astype(np.int16)) * side > CONTRAST).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    height, width, area = (
        stats[:, cv2.CC_STAT_HEIGHT],
        stats[:, cv2.CC_STAT_WIDTH],
        stats[:, cv2.CC_STAT_AREA],
    )
    full = area / (width * height)
    fits = (
        (height >= HEIGHTS[0]) & (height <= HEIGHTS[1]) & (width >= 0.08 * height) & (width <= 1.8 * height)
    )
    fits &= (full >= 0.12) & (full <= 0.95)
    fits[0] = False  # the background
    if int(fits.sum()) > MOST:
        return []
    depth = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    found = (_shape(luma, labels, depth, stats[label], int(label)) for label in np.flatnonzero(fits))
    return [shape for shape in found if shape is not None]


def _shape(luma: Luma, labels: Any, depth: Any, stat: Any, label: int) -> _Shape | None:
    """Return one candidate, or None when its stroke is uneven or it does not stand out all round."""
    x, y, width, height, area = (int(v) for v in stat)
    box = (slice(max(0, y - 3), y + height + 3), slice(max(0, x - 3), x + width + 3))
    inside = (labels[box] == label).astype(np.uint8)
    here: Any = inside > 0
    spread = depth[box][here]
    # On the ridge of a stroke the distance to its edge is half its width; letters keep that width.
    ridge = spread[spread >= 0.6 * spread.max()]
    stroke = 2 * float(np.median(ridge))
    if stroke > 0.45 * height or float(ridge.std()) > 0.35 * float(ridge.mean()):
        return None
    tones = luma[box]
    tone = float(np.median(tones[here & (depth[box] >= 0.6 * spread.max())]))
    near = cv2.dilate(inside, np.ones((3, 3), np.uint8))
    ring: Any = (cv2.dilate(near, np.ones((3, 3), np.uint8)) - near) > 0
    # Other letters may stand as close as that.
    ring &= labels[box] == 0
    if not ring.any():
        return None
    if float((np.abs(tones[ring] - tone) > CONTRAST).mean()) < CLEAR:
        return None
    return _Shape(x, y, width, height, stroke, tone, area / (width * height))


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
            last, following = chain[-1], left[place]
            if following.x - (last.x + last.width) > 1.4 * max(last.height, following.height):
                break
            if place not in used and _fits(last, following):
                chain.append(following)
                places.append(place)
        if len(chain) >= CHAIN and _written(chain):
            rows.append(chain)
            used.update(places)
    return rows


def _fits(one: _Shape, other: _Shape) -> bool:
    tall, low = max(one.height, other.height), min(one.height, other.height)
    gap = other.x - (one.x + one.width)
    return (
        low / tall > 0.5
        and abs(one.bottom - other.bottom) < 0.3 * tall + LEAN * (other.middle - one.middle)
        and -0.3 * tall < gap < 1.2 * tall
        and abs(one.tone - other.tone) < 24
        and 0.6 < one.stroke / max(other.stroke, 1e-6) < 1.7
    )


def _written(chain: list[_Shape]) -> bool:
    """Say whether a chain is a line of letters: on a straight line, of one pen, and each of another shape.

    Fence posts, windows and stars in a row are all alike; blades of grass stand on no line.
    """
    tall = float(np.median([s.height for s in chain]))
    at = np.array([s.middle for s in chain])
    feet = np.array([float(s.bottom) for s in chain])
    slope, start = np.polyfit(at, feet, 1)
    off = np.abs(feet - (slope * at + start))
    widths = np.array([s.width / s.height for s in chain])
    strokes = np.array([s.stroke for s in chain])
    gaps = np.array([b.x - (a.x + a.width) for a, b in pairwise(chain)])
    return bool(
        abs(slope) < LEAN
        and np.quantile(off, 0.75) < 0.14 * tall
        and strokes.std() < 0.28 * strokes.mean()
        and np.median(gaps) < 0.55 * tall
        and widths.std() > 0.08
        and np.array([s.full for s in chain]).std() > 0.03
    )
