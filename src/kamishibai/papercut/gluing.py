"""Fewer, smaller sheets: glue what never parts, cut away what is never seen. Every pixel here is warped 30 times a second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from kamishibai.papercut.parts import Plane, Rgb, StageSet
from kamishibai.papercut.sheets import Cutout, lay

__all__ = ["baked", "cull", "glue", "ground_coat", "join", "thinned"]

_SAME_DEPTH = 0.07
"""Still sheets nearer to each other than this are glued together at once: nobody sees them part."""
_FAR_DEPTH = 0.13
"""The same for sheets in the distance, which hardly move."""
_MOST_AREA = 5.0
"""Canvases' worth of paper in a scene, above which more is glued."""
_MOST_SHEETS = 15


def thinned(planes: Sequence[Plane], main: int) -> tuple[list[list[Plane]], int]:
    """Return planes in runs that share one sheet, and the run that holds the main plane.

    Of several groups of stars one goes on twinkling and the others hold still; snow of two sizes that falls
    behind the players falls together, and so clouds drift.
    """
    runs: list[list[Plane]] = []
    at = 0
    for i, plane in enumerate(planes):
        last = runs[-1][-1] if runs else None
        twin = last is not None and _base(last.name) == _base(plane.name)
        if plane.life is not None and plane.life.kind == "twinkle" and plane.blend == "normal":
            following = planes[i + 1] if i + 1 < len(planes) else None
            if following is not None and _base(following.name) == _base(plane.name):
                plane = replace(plane, life=None)
        falls = plane.life is not None and (plane.life.kind == "fall" or plane.name.startswith("clouds"))
        if (
            twin
            and falls
            and last is not None
            and last.life is not None
            and i - 1 != main
            and last.bounds == plane.bounds
        ):
            runs[-1].append(plane)
        else:
            runs.append([plane])
        if i == main:
            at = len(runs) - 1
    return runs, at


def _base(name: str) -> str:
    return name.split(" ")[0]


def ground_coat(sheet: Cutout, stage: StageSet, rgb: Rgb) -> Cutout:
    """Return the bottom sheet as an opaque one that covers the canvas."""
    pixels = np.empty((stage.height, stage.width, 4), np.uint8)
    pixels[:] = [*(round(255 * c) for c in rgb), 255]
    lay(pixels, 0, 0, sheet)
    return replace(sheet, pixels=pixels, x=0, y=0, life=None)


def baked(sheets: Sequence[Cutout]) -> list[Cutout]:
    """Return the sheets with light that never changes put into the colours of what lies behind it.

    Each sheet takes its share by how opaque it is, so that together they show what a sheet of light would.
    """
    out: list[Cutout] = []
    for sheet in sheets:
        if sheet.blend == "add" and sheet.life is None and out:
            out = [under if _wraps(under) or under.blend == "add" else _lit(under, sheet) for under in out]
        else:
            out.append(sheet)
    return out


def _lit(under: Cutout, light: Cutout) -> Cutout:
    """Return `under` with `light` added where it has paper."""
    x0, y0 = max(under.x, light.x), max(under.y, light.y)
    x1 = min(under.x + under.width, light.x + light.width)
    y1 = min(under.y + under.height, light.y + light.height)
    if x1 <= x0 or y1 <= y0:
        return under
    part = under.pixels[y0 - under.y : y1 - under.y, x0 - under.x : x1 - under.x]
    shine = np.ascontiguousarray(light.pixels[y0 - light.y : y1 - light.y, x0 - light.x : x1 - light.x])
    alpha = cv2.extractChannel(np.ascontiguousarray(part), 3)
    clear = np.zeros_like(alpha)
    shine = cv2.multiply(shine, cv2.merge([alpha, alpha, alpha, clear]), scale=1 / 255).astype(np.uint8)
    part[:] = cv2.min(cv2.add(np.ascontiguousarray(part), shine), cv2.merge([alpha] * 4))
    return under


def join(under: Cutout, over: Cutout) -> Cutout:
    """Return two sheets as one, at the lower one's depth."""
    box = _union(under, over)
    if box == (under.x, under.y, under.x + under.width, under.y + under.height):
        lay(under.pixels, under.x, under.y, over)
        return under
    pixels = np.zeros((box[3] - box[1], box[2] - box[0], 4), np.uint8)
    lay(pixels, box[0], box[1], under)
    lay(pixels, box[0], box[1], over)
    return replace(under, pixels=pixels, x=box[0], y=box[1])


def _union(a: Cutout, b: Cutout) -> tuple[int, int, int, int]:
    return (
        min(a.x, b.x), min(a.y, b.y),
        max(a.x + a.width, b.x + b.width), max(a.y + a.height, b.y + b.height),
    )  # fmt: skip


def _area(sheet: Cutout) -> int:
    return sheet.width * sheet.height


def _gluable(under: Cutout, over: Cutout, bottom: bool) -> bool:
    still = under.life is None and over.life is None and under.blend == "normal"
    return still and (over.blend == "normal" or bottom)


def glue(sheets: Sequence[Cutout], stage: StageSet) -> list[Cutout]:
    """Return the sheets with still neighbours of nearly equal depth glued, and more where there are too many."""
    out: list[Cutout] = []
    for sheet in sheets:
        if out and _gluable(out[-1], sheet, len(out) == 1):
            gap = abs(out[-1].depth - sheet.depth)
            near = gap <= (_FAR_DEPTH if max(out[-1].depth, sheet.depth) < 0.35 else _SAME_DEPTH)
            x0, y0, x1, y1 = _union(out[-1], sheet)
            waste = (x1 - x0) * (y1 - y0) - _area(out[-1]) - _area(sheet)
            if near and waste <= 0.06 * stage.width * stage.height:
                out[-1] = join(out[-1], sheet)
                continue
        out.append(sheet)
    canvas = stage.width * stage.height
    while sum(map(_area, out)) > _MOST_AREA * canvas or len(out) > _MOST_SHEETS:
        best = _cheapest(out, canvas)
        if best is None:
            break
        out[best : best + 2] = [join(out[best], out[best + 1])]
    return out


def _cheapest(sheets: Sequence[Cutout], canvas: int) -> int | None:
    """Return the index of the pair whose gluing is seen least: close in depth, little empty paper gained."""
    best, cost = None, 0.28
    for i in range(len(sheets) - 1):
        a, b = sheets[i], sheets[i + 1]
        if not _gluable(a, b, i == 0):
            continue
        x0, y0, x1, y1 = _union(a, b)
        gained = (x1 - x0) * (y1 - y0) - _area(a) - _area(b)
        value = abs(a.depth - b.depth) + 1.2 * max(0.0, gained / canvas)
        if value < cost:
            best, cost = i, value
    return best


def cull(sheets: Sequence[Cutout], stage: StageSet) -> list[Cutout]:
    """Return the sheets without the feet that nearer sheets always hide.

    A sheet that is opaque from some row down across the whole canvas hides everything behind those rows; a
    margin is left for the camera's parallax and for waves that move.
    """
    margin = round(0.07 * stage.height)
    hidden_from = stage.height
    out: list[Cutout] = []
    for sheet in reversed(sheets):
        foot = sheet.y + sheet.height
        if foot > hidden_from and out and sheet is not sheets[0] and not _wraps(sheet):
            height = hidden_from - sheet.y
            if height <= 2:
                continue
            sheet = replace(sheet, pixels=np.ascontiguousarray(sheet.pixels[:height]))
        out.append(sheet)
        if (
            sheet.blend == "normal"
            and sheet.x <= 0
            and sheet.x + sheet.width >= stage.width
            and not _wraps(sheet)
        ):
            solid = _solid_from(sheet)
            if solid is not None and sheet.y + sheet.height >= hidden_from:
                hidden_from = min(hidden_from, (sheet.y + solid + margin) // 2 * 2)
    return out[::-1]


def _wraps(sheet: Cutout) -> bool:
    return sheet.life is not None and sheet.life.kind in ("drift", "fall")


def _solid_from(sheet: Cutout) -> int | None:
    """Return the first row from which the sheet is opaque from edge to edge, down to its foot."""
    least = cv2.reduce(cv2.extractChannel(sheet.pixels, 3), 1, cv2.REDUCE_MIN).ravel()
    gaps = np.flatnonzero(least < 255)
    first = int(gaps[-1]) + 1 if gaps.size else 0
    return first if first < sheet.height - 2 else None
