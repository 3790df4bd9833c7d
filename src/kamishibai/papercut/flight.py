"""Puts birds that the set draws sitting into the air: tilts the drawing and spreads a pair of wings."""

from __future__ import annotations

import skia

from kamishibai.papercut.drawings import Drawing, Recolour, Shape
from kamishibai.papercut.eyes import EYES, draw_eyes
from kamishibai.papercut.palette import lighten
from kamishibai.papercut.parts import Box, Rgb
from kamishibai.papercut.pen import Pen, Point, blob

__all__ = ["SHOULDERS", "draw_flying", "legs"]

SHOULDERS: dict[str, Point | None] = {
    "1F426": (40, 34), "1F426-200D-2B1B": (40, 34), "1F989": (36, 34), "1F986": (34, 36), "1F99C": (40, 30),
    "1FABF": (30, 42), "1F9A2": (38, 44), "E010": (40, 30), "1F425": (36, 40), "1F983": (34, 40),
    "1F427": None, "1F9A9": (34, 32),
}  # fmt: skip
"""Where the near wing grows, in the drawing's 72 units; None for a bird that is drawn with its wings spread."""


_UPRIGHT = frozenset({"1F989", "1F425", "1F99C", "E010"})
"""Birds seen from the front: both wings spread behind them."""

_FEATHERS: dict[str, Rgb] = {"1F989": (0.61, 0.61, 0.6)}
"""Colour of the wings where it is not that of most of the drawing."""


def draw_flying(
    drawing: Drawing,
    *,
    left: bool,
    feeling: str,
    ink: Rgb,
    ink_width: float,
    recolour: Recolour | None,
    skip: tuple[int, ...],
) -> tuple[skia.Picture, Box]:
    """Return the picture of a flying bird in the drawing's units, and its box."""
    shoulder = SHOULDERS[drawing.hexcode]
    pen = Pen(ink, ink_width)
    main = recolour(drawing.main_colour) if recolour else drawing.main_colour
    feathers = _FEATHERS.get(drawing.hexcode) if recolour is None else None
    main = feathers or main
    canvas = pen.canvas
    canvas.translate(36, 36)
    upright = drawing.hexcode in _UPRIGHT
    tilt = 8 if upright else 24 if shoulder is not None else 34
    canvas.rotate(tilt if left else -tilt)
    canvas.translate(-36, -36)
    if upright:
        for side in (True, False):
            _wing(pen, (36, 36), lighten(main, 0.02), left=side, near=False, spread=-42)
    elif shoulder is not None:
        _wing(pen, shoulder, lighten(main, -0.08), left=left, near=False)
    pen.drawing(drawing, recolour=recolour, skip=skip)
    if drawing.hexcode in EYES:
        draw_eyes(canvas, drawing.hexcode, feeling, ink, ink_width)
    if shoulder is not None and not upright:
        _wing(pen, shoulder, lighten(main, 0.04), left=left, near=True)
    return pen.done()


def legs(shape: Shape) -> bool:
    """Whether a shape is a thin leg below the body, which is drawn in for flight."""
    box = shape.path.computeTightBounds()
    return shape.stroke is not None and shape.fill is None and box.top() > 50


def _wing(pen: Pen, at: Point, fill: Rgb, *, left: bool, near: bool, spread: float = 0) -> None:
    """Draw a raised wing with three long feathers, swept away from where the bird looks."""
    canvas = pen.canvas
    canvas.save()
    canvas.translate(*at)
    canvas.scale(-1 if left else 1, 1)
    canvas.rotate((-14 if near else 24) + spread)
    wing = blob(
        (5, 4),
        (8, -10),
        (4, -26),
        (-8, -40),
        (-10, -31),
        (-16, -33),
        (-15, -24),
        (-20, -23),
        (-15, -11),
        (-8, 3),
    )
    pen.cut(wing, fill)
    for x, y in ((-10, -31), (-15, -24)):
        pen.line(blob((-1, -8), (x * 0.5, y * 0.6), (x, y), closed=False), width=0.7)
    canvas.restore()
