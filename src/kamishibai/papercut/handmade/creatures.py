"""Handmade creatures: the unicorn and the winged horse, the robot."""

from __future__ import annotations

from collections.abc import Callable

from kamishibai.papercut.drawings import load
from kamishibai.papercut.handmade.shades import CREAM, GOLD, IRON, RED
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.pen import Pen, blob, ellipse, polygon

__all__ = ["CREATURES"]


def _horse(pen: Pen, c: Rgb, mane: Rgb, streak: Rgb, *, horn: bool) -> None:
    """Draw the set's horse anew: far legs a shade darker, an eye, a combed mane and tail, perhaps a horn."""
    horse = load("1F40E")
    far_legs = (0, 3)
    canvas, width = pen.canvas, pen.width
    canvas.save()
    canvas.scale(1.6, 1.6)
    canvas.translate(-36, -63.5)
    pen.width = width / 1.6
    for index in far_legs:
        pen.flat(horse.shapes[index].path, lighten(c, -0.11))
    pen.cut(blob((58.5, 28.5), (65, 29), (68.5, 38), (68, 50), (71, 58), (63, 57), (58.6, 46)), mane)
    pen.line(blob((62, 31), (64.8, 41), (64.6, 52), closed=False), colour=streak, width=1.8)
    if horn:
        pen.cut(polygon((9.6, 19.6), (14.4, 15.2), (1.6, 1.6)), GOLD)
        pen.line(polygon((7.0, 13.6), (10.4, 11.6)), width=0.7)
    pen.flat(horse.shapes[2].path, c)
    for shape in horse.shapes[4:]:
        pen.line(shape.path)
    pen.dot(13.0, 22.0, 1.25, 1.6)
    pen.dot(13.4, 21.4, 0.42, 0.42, (1, 1, 1))
    pen.cut(
        blob((12.6, 17.4), (15.2, 12.2), (20.4, 12.4), (27.6, 17.4), (33.6, 26.4), (35.4, 32.4), (29.8, 31.6), (30.2, 27.4), (25.0, 27.0), (25.6, 22.6), (20.4, 21.0), (19.4, 17.0)),
        mane,
    )  # fmt: skip
    pen.line(blob((19, 14.6), (25.4, 18.4), (30.4, 25.4), closed=False), colour=streak, width=1.8)
    pen.width = width
    canvas.restore()


def _unicorn(pen: Pen, c: Rgb) -> None:
    _horse(pen, c, hex_rgb("E58FB0"), hex_rgb("9CB7E8"), horn=True)


def _pegasus(pen: Pen, c: Rgb) -> None:
    _horse(pen, c, hex_rgb("9CB0DC"), hex_rgb("C8D6F2"), horn=False)
    wing = blob(
        (-8, -46),
        (-6, -66),
        (6, -84),
        (34, -98),
        (30, -84),
        (40, -82),
        (30, -70),
        (34, -64),
        (18, -54),
        (8, -44),
    )
    pen.cut(wing, lighten(c, 0.02))
    for a, b in (((3, -54), (24, -76)), ((6, -48), (22, -62))):
        pen.line(polygon(a, b), width=0.8)


def _robot(pen: Pen, c: Rgb) -> None:
    for side in (-1, 1):
        pen.cut(polygon((side * 7, -24), (side * 14, -24), (side * 14, -6), (side * 7, -6)), IRON)
        pen.cut(
            blob((side * 4, 0), (side * 5, -6), (side * 11, -9), (side * 17, -6), (side * 19, 0)),
            lighten(c, -0.08),
        )
        pen.line(
            blob((side * 20, -50), (side * 30, -44), (side * 29, -32), closed=False), colour=IRON, width=3.4
        )
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
    pen.cut(
        blob((-23, -90), (0, -93), (23, -90), (24.4, -77), (22, -64), (0, -61.5), (-22, -64), (-24.4, -77)),
        lighten(c, 0.04),
    )
    pen.cut(
        blob((-16, -86), (0, -87.4), (18, -86), (18.4, -69), (0, -67.6), (-16.4, -69)),
        mix(c, hex_rgb("23304A"), 0.85),
        shade=0.4,
    )
    for x in (-6.0, 8.4):
        pen.dot(x, -79, 3.0, 3.7, hex_rgb("9BE8E4"))
    pen.line(blob((-3, -72.6), (1.2, -71), (5.4, -72.6), closed=False), colour=hex_rgb("9BE8E4"), width=1.1)


CREATURES: dict[str, tuple[Callable[[Pen, Rgb], None], str]] = {
    "unicorn": (_unicorn, "FBF8F4"), "pegasus": (_pegasus, "FBF8F4"), "robot": (_robot, "9DB6C6"),
}  # fmt: skip
"""Drawings by name, with their usual colour."""
