"""Handmade things that sail, float or roll: ships, boats, a balloon, a cart."""

from __future__ import annotations

from collections.abc import Callable

from kamishibai.papercut.handmade.shades import CREAM, GOLD, IRON, PLANK, RED, ROPE, WOOD
from kamishibai.papercut.palette import lighten, mix
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.pen import Pen, blob, ellipse, polygon

__all__ = ["VESSELS"]


def _ship(pen: Pen, c: Rgb) -> None:
    for x in (-22.0, 12.0):
        pen.cut(
            polygon(
                (x - 1.6, -92 if x < 0 else -100),
                (x + 1.6, -92 if x < 0 else -100),
                (x + 2.2, -22),
                (x - 2.2, -22),
            ),
            WOOD,
        )
    pen.cut(polygon((43, -38), (66, -52), (67, -49.5), (45, -34)), WOOD)
    for x, y0, y1, w in (
        (-22.0, -88.0, -66.0, 13.0),
        (-22.0, -64.0, -34.0, 19.0),
        (12.0, -96.0, -72.0, 14.0),
        (12.0, -70.0, -36.0, 21.0),
    ):
        sail = blob(
            (x - w, y0), (x, y0 + 1.2), (x + w, y0), (x + w * 1.16 + 2, (y0 + y1) / 2), (x + w, y1), (x, y1 - 3.6), (x - w, y1), (x - w * 0.84 + 2, (y0 + y1) / 2)
        )  # fmt: skip
        pen.cut(sail, CREAM)
        pen.line(polygon((x - w - 2, y0), (x + w + 2, y0)), width=1.6)
    pen.cut(polygon((36, -38), (64, -50), (38, -76)), CREAM)
    for x, y in ((-22.0, -92.0), (12.0, -100.0)):
        pen.cut(
            blob(
                (x + 1, y),
                (x + 7, y - 2.4),
                (x + 13, y + 0.6),
                (x + 12, y + 5.4),
                (x + 6, y + 3.4),
                (x + 1, y + 6),
            ),
            RED,
        )
    hull = blob(
        (-50, -34),
        (-46, -16),
        (-34, -2),
        (0, 0),
        (34, -2),
        (48, -24),
        (52, -33),
        (40, -25.5),
        (0, -22),
        (-30, -24),
        (-34, -33),
    )
    pen.cut(hull, c, line=False)
    pen.inside(hull, polygon((-60, -17), (60, -20), (60, -15), (-60, -12)), mix(c, GOLD, 0.6))
    pen.line(hull)
    for x in (-28.0, -10.0, 8.0, 26.0):
        pen.cut(ellipse(x, -9.4, 2.6), lighten(c, -0.2), shade=0)


def _sailboat(pen: Pen, c: Rgb) -> None:
    pen.cut(polygon((-2.4, -100), (0.6, -100), (0.6, -20), (-2.4, -20)), WOOD)
    pen.cut(blob((2.4, -95), (20, -66), (37, -30), (20, -27.4), (2.6, -28), (4.4, -60)), CREAM)
    pen.cut(blob((-5, -86), (-16, -54), (-30, -30), (-16, -28), (-5, -28.4)), lighten(c, 0.14))
    pen.cut(blob((-1, -100), (6, -102.4), (12, -99.6), (6, -96.4), (-1, -95)), RED)
    hull = blob((-44, -22), (-36, -5), (-24, 0), (24, 0), (36, -5), (45, -24), (0, -20.4))
    pen.cut(hull, c, line=False)
    pen.inside(hull, polygon((-60, -26), (60, -26), (60, -15.4), (-60, -15)), CREAM)
    pen.line(hull)


def _rowboat(pen: Pen, c: Rgb) -> None:
    pen.cut(polygon((22, -52), (25, -50), (-3, 6), (-6, 4)), PLANK)
    pen.cut(blob((-3, 4), (-6, 5), (-13, 16), (-9, 20), (-3, 14)), PLANK)
    hull = blob(
        (-82, -38), (-72, -10), (-48, 0), (48, 0), (72, -10), (84, -40), (60, -29), (0, -25), (-60, -29)
    )
    pen.cut(hull, c, line=False)
    pen.inside(
        hull, blob((-90, -30), (0, -16), (90, -30), (90, -22), (0, -8.4), (-90, -22)), lighten(c, 0.12)
    )
    pen.line(hull)
    pen.line(blob((-76, -18), (0, -5), (76, -18), closed=False), width=0.8)
    pen.cut(ellipse(8, -22, 2.8), IRON)


def _paperboat(pen: Pen, c: Rgb) -> None:
    pen.cut(polygon((0, -78), (34, -30), (-34, -30)), lighten(c, 0.02))
    pen.cut(polygon((0, -78), (4, -30), (34, -30)), lighten(c, -0.07), shade=0)
    pen.cut(polygon((-78, -46), (-30, -30), (0, -40), (30, -30), (78, -46), (48, 0), (-48, 0)), c)
    pen.line(polygon((0, -40), (0, -40.1), (-48, 0)), width=0.7)


def _balloonship(pen: Pen, c: Rgb) -> None:
    for x in (-11.0, 11.0):
        pen.line(polygon((x, -16), (x * 1.9, -46)), colour=ROPE, width=1.2)
    bag = blob(
        (0, -100),
        (22, -95),
        (33, -78),
        (30, -62),
        (18, -46),
        (12, -40),
        (-12, -40),
        (-18, -46),
        (-30, -62),
        (-33, -78),
        (-22, -95),
    )
    pen.cut(bag, c, line=False)
    pen.inside(bag, blob((0, -102), (13, -80), (7, -38), (-7, -38), (-13, -80)), CREAM)
    for side in (-1, 1):
        pen.inside(
            bag,
            blob((side * 20, -98), (side * 36, -80), (side * 22, -44), (side * 13, -38), (side * 26, -78)),
            mix(c, GOLD, 0.55),
        )
    pen.line(bag)
    pen.cut(polygon((-12.5, -43.4), (12.5, -43.4), (11, -38), (-11, -38)), lighten(c, -0.08))
    basket = blob((-12.6, -17), (12.6, -17), (10.6, -1), (0, 0), (-10.6, -1))
    pen.cut(basket, PLANK)
    for y in (-11.6, -6.2):
        pen.line(polygon((-11.4, y), (11.4, y)), width=0.7)
    pen.cut(polygon((-14, -19), (14, -19), (13.6, -15), (-13.6, -15)), WOOD)


def _cart(pen: Pen, c: Rgb) -> None:
    pen.cut(polygon((-50, -44), (-92, -50), (-92, -46), (-50, -36)), WOOD)
    pen.cut(polygon((-58, -74), (60, -74), (52, -34), (-52, -34)), c)
    for y in (-61.0, -48.0):
        pen.line(polygon((-55, y), (56, y)), width=0.8)
    pen.cut(polygon((-62, -79), (64, -79), (63, -71), (-61, -71)), lighten(c, 0.06))
    for x in (-26.0, 30.0):
        pen.cut(ellipse(x, -24, 24), WOOD)
        pen.cut(ellipse(x, -24, 18.4), CREAM, shade=0)
        for dx, dy in ((18, 0), (9, 15.6), (-9, 15.6)):
            pen.line(polygon((x - dx, -24 - dy), (x + dx, -24 + dy)), width=1.5)
        pen.cut(ellipse(x, -24, 5), WOOD)


def _submarine(pen: Pen, c: Rgb) -> None:
    pen.line(blob((8, -78), (8, -98), (22, -99), closed=False), colour=IRON, width=3.0)
    pen.cut(blob((-18, -58), (-14, -80), (6, -82), (22, -78), (26, -58)), c)
    for side in (-1, 1):
        pen.cut(ellipse(-92, -32 + side * 15, 6, 15), GOLD)
    pen.cut(polygon((-92, -38), (-70, -40), (-70, -24), (-92, -26)), IRON)
    body = blob(
        (-80, -32),
        (-66, -54),
        (-20, -62),
        (40, -60),
        (76, -48),
        (88, -32),
        (76, -14),
        (40, -2),
        (-20, 0),
        (-66, -10),
    )
    pen.cut(body, c, line=False)
    pen.inside(body, polygon((-100, -14), (100, -14), (100, 8), (-100, 8)), lighten(c, -0.08))
    pen.line(body)
    for x in (-36.0, -2.0, 32.0):
        pen.cut(ellipse(x, -34, 11.5), GOLD)
        pen.cut(ellipse(x, -34, 8), lighten((0.6, 0.84, 0.93), 0.02), shade=0.5)


VESSELS: dict[str, tuple[Callable[[Pen, Rgb], None], str]] = {
    "ship": (_ship, "8A5A36"),
    "sailboat": (_sailboat, "3F7CAC"),
    "rowboat": (_rowboat, "B5713F"),
    "paperboat": (_paperboat, "F4F1E8"),
    "balloonship": (_balloonship, "D9574A"),
    "submarine": (_submarine, "E3A92F"),
    "cart": (_cart, "B98248"),
}
"""Drawings by name, with their usual colour."""
