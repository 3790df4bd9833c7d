"""Handmade creatures: the unicorn and the winged horse, the robot."""

from __future__ import annotations

from collections.abc import Callable

from kamishibai.papercut.drawings import Recolour, load
from kamishibai.papercut.handmade.shades import CREAM, GOLD, IRON, RED
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.pen import Pen, blob, ellipse, polygon

__all__ = ["CREATURES"]


def _horse(pen: Pen, c: Rgb, mane: Rgb) -> None:
    horse = load("1F40E")
    dark = min(horse.shapes, key=lambda s: sum(s.fill) if s.fill and not s.inked else 9.0).fill

    def change(rgb: Rgb) -> Rgb:
        return mane if rgb == dark else lighten(c, (sum(rgb) - sum(horse.main_colour)) / 6)

    recolour: Recolour = change
    pen.canvas.save()
    pen.canvas.scale(1.6, 1.6)
    pen.canvas.translate(-36, -66)
    pen.drawing(horse, recolour=recolour)
    pen.canvas.restore()


def _unicorn(pen: Pen, c: Rgb) -> None:
    pen.width *= 1.0
    mane = hex_rgb("E58FB0")
    pen.cut(polygon((-46, -89), (-39, -92), (-54, -112)), GOLD)
    _horse(pen, c, mane)
    pen.cut(blob((-35, -92), (-24, -90), (-16, -78), (-12, -62), (-20, -64), (-24, -74), (-30, -82)), mane)
    pen.cut(blob((-30, -88), (-20, -82), (-15, -70), (-22, -74)), hex_rgb("9CB7E8"), shade=0.4)


def _pegasus(pen: Pen, c: Rgb) -> None:
    wing = blob((-8, -62), (-2, -86), (16, -104), (44, -112), (38, -98), (46, -94), (36, -84), (40, -78), (24, -70), (12, -56))
    _horse(pen, c, hex_rgb("B9C6E8"))
    pen.cut(wing, lighten(c, 0.02))
    for a, b in (((6, -70), (30, -92)), ((10, -64), (28, -78))):
        pen.line(polygon(a, b), width=0.8)


def _robot(pen: Pen, c: Rgb) -> None:
    for side in (-1, 1):
        pen.cut(polygon((side * 7, -24), (side * 14, -24), (side * 14, -6), (side * 7, -6)), IRON)
        pen.cut(blob((side * 4, 0), (side * 5, -6), (side * 11, -9), (side * 17, -6), (side * 19, 0)), lighten(c, -0.08))
        pen.line(blob((side * 20, -50), (side * 30, -44), (side * 29, -32), closed=False), colour=IRON, width=3.4)
        pen.cut(ellipse(side * 29, -28, 4.8), lighten(c, -0.08))
    pen.cut(blob((-20, -56), (0, -58), (20, -56), (21, -24), (0, -21), (-21, -24)), c)
    pen.cut(blob((-11, -48), (11, -48), (11, -33), (-11, -33)), CREAM, shade=0.3)
    for x, fill in ((-5.4, RED), (0.6, GOLD), (6.6, hex_rgb("4F9A6B"))):
        pen.dot(x, -40.4, 2.1, 2.1, fill)
    pen.cut(polygon((-6, -62), (6, -62), (6, -56), (-6, -56)), IRON)
    pen.line(polygon((0, -92), (0, -99)), width=1.6)
    pen.cut(ellipse(0, -101, 3.4), RED)
    for side in (-1, 1):
        pen.cut(ellipse(side * 25, -77, 3.8, 5.4), IRON)
    pen.cut(blob((-23, -90), (0, -93), (23, -90), (24.4, -77), (22, -64), (0, -61.5), (-22, -64), (-24.4, -77)), lighten(c, 0.04))
    pen.cut(blob((-16, -86), (0, -87.4), (18, -86), (18.4, -69), (0, -67.6), (-16.4, -69)), mix(c, hex_rgb("23304A"), 0.85), shade=0.4)
    for x in (-6.0, 8.4):
        pen.dot(x, -79, 3.0, 3.7, hex_rgb("9BE8E4"))
    pen.line(blob((-3, -72.6), (1.2, -71), (5.4, -72.6), closed=False), colour=hex_rgb("9BE8E4"), width=1.1)


CREATURES: dict[str, tuple[Callable[[Pen, Rgb], None], str]] = {
    "unicorn": (_unicorn, "FBF8F4"), "pegasus": (_pegasus, "FBF8F4"), "robot": (_robot, "9DB6C6"),
}  # fmt: skip
"""Drawings by name, with their usual colour."""
