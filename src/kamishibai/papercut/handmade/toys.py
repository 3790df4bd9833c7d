"""Handmade toys: balls, balloons, kites, a rocking horse."""

from __future__ import annotations

from collections.abc import Callable

from kamishibai.papercut.drawings import load, recolour_to
from kamishibai.papercut.handmade.shades import CREAM, GOLD, WOOD
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.pen import Pen, blob, ellipse, outline, polygon, union

__all__ = ["TOYS"]


def _ball(pen: Pen, c: Rgb) -> None:
    ball = ellipse(0, -50, 50)
    pen.cut(ball, c, line=False)
    pen.inside(ball, blob((-8, -102), (8, -102), (26, -50), (8, 2), (-8, 2), (8, -50)), CREAM)
    pen.inside(ball, blob((-52, -74), (-30, -60), (-26, -40), (-40, -20), (-54, -26)), mix(c, GOLD, 0.8))
    pen.line(ball)
    pen.cut(ellipse(2, -97, 7, 3), CREAM, shade=0)


def _balloon(pen: Pen, c: Rgb) -> None:
    pen.cut(polygon((-6, 0), (6, 0), (0, -9)), lighten(c, -0.05))
    pen.cut(blob((0, -7), (-22, -28), (-34, -58), (-26, -86), (0, -100), (26, -86), (34, -58), (22, -28)), c)
    pen.line(blob((-21, -62), (-17, -78), (-8, -87), closed=False), colour=lighten(c, 0.2), width=2.2)


def _kite(pen: Pen, c: Rgb) -> None:
    tail = blob((0, 0), (-14, -8), (-26, -2), (-40, -12), (-54, -6), closed=False)
    pen.line(tail, width=1.0)
    for x, y, fill in (
        (-14.0, -8.0, GOLD),
        (-28.0, -3.0, hex_rgb("3F7CAC")),
        (-42.0, -11.4, hex_rgb("4F9A6B")),
    ):
        pen.cut(
            union(
                polygon((x, y), (x - 6, y - 5), (x - 6, y + 5)),
                polygon((x, y), (x + 6, y - 5), (x + 6, y + 5)),
            ),
            fill,
            shade=0.4,
        )
    body = polygon((0, 0), (-30, -58), (8, -100), (42, -50))
    pen.cut(body, c, line=False)
    pen.inside(body, polygon((0, 0), (5, -54), (42, -50)), lighten(c, -0.07))
    pen.inside(body, polygon((-30, -58), (5, -54), (8, -100)), lighten(c, 0.1))
    pen.line(body)
    pen.line(polygon((0, 0), (8, -100)), width=0.8)
    pen.line(polygon((-30, -58), (42, -50)), width=0.8)


def _rockinghorse(pen: Pen, c: Rgb) -> None:
    rocker = outline(blob((-58, -16), (-30, -4), (0, -2.6), (30, -4), (58, -16), closed=False), 6)
    horse = load("1F40E")
    canvas = pen.canvas
    canvas.save()
    canvas.translate(-52, -98)
    pen.drawing(horse, recolour=recolour_to(c, horse.main_colour), scale=1.45)
    canvas.restore()
    pen.cut(blob((-10, -66), (0, -69), (13, -66), (14, -54), (2, -51), (-10, -54)), hex_rgb("D9574A"))
    pen.cut(rocker, WOOD)


TOYS: dict[str, tuple[Callable[[Pen, Rgb], None], str]] = {
    "ball": (_ball, "D9574A"), "balloon": (_balloon, "D9574A"), "kite": (_kite, "D9574A"), "rockinghorse": (_rockinghorse, "C9935A"),
}  # fmt: skip
"""Drawings by name, with their usual colour."""
