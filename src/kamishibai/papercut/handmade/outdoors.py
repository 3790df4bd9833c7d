"""Handmade things of garden, street and snow."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

from kamishibai.papercut.handmade.shades import (
    BRASS,
    CREAM,
    FLAME,
    GLASS,
    GOLD,
    GREEN,
    IRON,
    PLANK,
    RED,
    ROPE,
    WOOD,
)
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.pen import Pen, blob, ellipse, outline, polygon, union

__all__ = ["OUTDOORS"]


def _well(pen: Pen, c: Rgb) -> None:
    for x in (-33.0, 33.0):
        pen.cut(polygon((x - 3.4, -78), (x + 3.4, -78), (x + 3.4, -36), (x - 3.4, -36)), WOOD)
    pen.cut(polygon((-36, -66), (36, -66), (36, -61), (-36, -61)), PLANK)
    pen.line(polygon((4, -61), (4, -46)), colour=ROPE, width=1.4)
    pen.cut(polygon((-4, -48), (12, -48), (10, -34), (-2, -34)), PLANK)
    pen.cut(polygon((-50, -74), (0, -100), (50, -74), (44, -69), (-44, -69)), RED)
    wall = blob((-40, -38), (40, -38), (37, -2), (0, 2), (-37, -2))
    pen.cut(wall, c)
    for row, y in enumerate((-28.0, -16.0)):
        pen.line(polygon((-38, y), (38, y)), width=0.7)
        for i in range(5):
            x = -30 + i * 16 + 7 * (row % 2)
            if abs(x) < 36:
                pen.line(polygon((x, y), (x, y + 11)), width=0.7)
    pen.cut(blob((-44, -43), (0, -40), (44, -43), (44, -34), (0, -31), (-44, -34)), lighten(c, 0.06))


def _windmill(pen: Pen, c: Rgb) -> None:
    body = polygon((-17, -70), (17, -70), (26, 0), (-26, 0))
    pen.cut(body, c)
    pen.cut(blob((-20, -69), (-13, -84), (0, -89), (13, -84), (20, -69)), RED)
    pen.cut(blob((-8, 0), (-8, -17), (0, -22), (8, -17), (8, 0)), WOOD)
    pen.cut(ellipse(0, -44, 6), hex_rgb("9AC7DD"))
    pen.line(polygon((0, -50), (0, -38)), width=0.8)
    canvas = pen.canvas
    for turn in (18, 108, 198, 288):
        canvas.save()
        canvas.translate(0, -74)
        canvas.rotate(turn)
        pen.cut(polygon((-1.5, 0), (1.5, 0), (1.5, -46), (-1.5, -46)), WOOD)
        pen.cut(polygon((1.5, -12), (12, -14), (12, -46), (1.5, -46)), CREAM)
        for y in (-22.0, -34.0):
            pen.line(polygon((1.5, y), (12, y - 0.6)), width=0.7)
        canvas.restore()
    pen.cut(ellipse(0, -74, 3.6), WOOD)


def _church(pen: Pen, c: Rgb) -> None:
    glass = hex_rgb("8FC3DE")
    pen.cut(polygon((-12, -48), (46, -48), (46, 0), (-12, 0)), c)
    pen.cut(polygon((-14, -46), (-4, -64), (40, -64), (51, -46)), RED)
    for x in (8.0, 22.0, 36.0):
        pen.cut(
            blob((x - 3.4, -14), (x - 3.4, -30), (x, -35), (x + 3.4, -30), (x + 3.4, -14)), glass, shade=0.4
        )
    pen.cut(polygon((-36, -66), (-8, -66), (-8, 0), (-36, 0)), lighten(c, 0.02))
    pen.cut(polygon((-40, -64), (-22, -90), (-4, -64)), RED)
    pen.line(polygon((-22, -90), (-22, -102)), width=1.4)
    pen.line(polygon((-26, -98), (-18, -98)), width=1.4)
    pen.cut(blob((-27, -44), (-27, -54), (-22, -59), (-17, -54), (-17, -44)), hex_rgb("5A4A40"), shade=0)
    pen.cut(
        blob((-25, -44.5), (-25.5, -46), (-23.6, -52), (-20.4, -52), (-18.5, -46), (-19, -44.5)),
        GOLD,
        shade=0.4,
    )
    pen.cut(blob((-29, 0), (-29, -20), (-22, -28), (-15, -20), (-15, 0)), WOOD)


def _bridge(pen: Pen, c: Rgb) -> None:
    for x in (-100.0, -52.0, 0.0, 52.0, 100.0):
        lift = 34 * (1 - (x / 122) ** 2)
        pen.cut(
            polygon(
                (x - 3.4, -66 - lift), (x + 3.4, -66 - lift), (x + 3.4, -12 - lift), (x - 3.4, -12 - lift)
            ),
            lighten(c, -0.05),
        )
    arch = [(x, -(34 * (1 - (x / 122) ** 2)) - 6) for x in range(-120, 121, 24)]
    deck = blob(*[(x, y - 10) for x, y in arch], *[(x, y + 6) for x, y in reversed(arch)])
    rail = outline(blob(*[(x, y - 54) for x, y in arch if abs(x) < 115], closed=False), 6)
    pen.cut(rail, lighten(c, 0.05))
    pen.cut(deck, c)
    for x, y in arch[1:-1]:
        pen.line(polygon((x, y - 9), (x, y + 5)), width=0.7)


def _fence(pen: Pen, c: Rgb) -> None:
    for y in (-66.0, -30.0):
        pen.cut(polygon((-112, y - 5), (112, y - 5), (112, y + 5), (-112, y + 5)), lighten(c, -0.06))
    for i in range(7):
        x = -96 + i * 32
        pen.cut(polygon((x - 10, 0), (x - 10, -84), (x, -100), (x + 10, -84), (x + 10, 0)), c)


def _bench(pen: Pen, c: Rgb) -> None:
    for x in (-66.0, 66.0):
        pen.cut(polygon((x - 4, -98), (x + 4, -98), (x + 6, 0), (x - 2, 0)), IRON)
    for y in (-96.0, -76.0):
        pen.cut(polygon((-84, y), (84, y), (84, y + 13), (-84, y + 13)), c)
    pen.cut(polygon((-88, -50), (88, -50), (94, -38), (-94, -38)), lighten(c, 0.05))
    for x in (-76.0, 76.0):
        pen.cut(polygon((x - 4, -38), (x + 4, -38), (x + 4, 0), (x - 4, 0)), IRON)


def _igloo(pen: Pen, c: Rgb) -> None:
    dome = blob(
        (-88, 0), (-82, -42), (-54, -78), (-10, -92), (34, -84), (66, -58), (80, -24), (82, 0), (0, 0.5)
    )
    pen.cut(dome, c)
    for r in (0.36, 0.66):
        pen.line(
            blob((-88 + 14 * r, -92 * r), (-8, -92 * r - 3), (80 - 18 * r, -92 * r), closed=False), width=0.7
        )
    for x, y0, y1 in (
        (-56, 0, -34),
        (-28, -34, -62),
        (-40, -62, -80),
        (8, -62, -90),
        (-4, -34, -2),
        (54, -34, -60),
    ):
        pen.line(polygon((x, y0), (x + 3, y1)), width=0.7)
    pen.cut(blob((20, 0), (20, -28), (44, -46), (72, -40), (92, -22), (94, 0)), lighten(c, 0.02))
    pen.cut(blob((38, 0.5), (40, -22), (56, -32), (74, -22), (76, 0.5)), hex_rgb("4C6A8C"), shade=0.5)


def _beehive(pen: Pen, c: Rgb) -> None:
    for i, w in enumerate((34.0, 38.0, 36.0, 29.0, 18.0)):
        y = -12 - i * 18.5
        pen.cut(
            blob(
                (-w, y),
                (-w + 3, y - 10),
                (0, y - 12.4),
                (w - 3, y - 10),
                (w, y),
                (w - 3, y + 9),
                (0, y + 11.4),
                (-w + 3, y + 9),
            ),
            lighten(c, 0.02 * (i % 2)),
        )
    pen.dot(2, -20, 8, 8.6, hex_rgb("5A3A26"))


def _birdhouse(pen: Pen, c: Rgb) -> None:
    pen.line(polygon((0, -96), (0, -106)), width=1.6)
    pen.cut(polygon((-30, -58), (0, -84), (30, -58), (27, 0), (-27, 0)), c)
    pen.cut(polygon((0, -98), (46, -58), (39, -50), (0, -84), (-39, -50), (-46, -58)), RED)
    pen.dot(0, -40, 10.5, 10.5, hex_rgb("4A2F24"))
    pen.cut(polygon((-2, -20), (2, -20), (2, -12), (-2, -12)), WOOD)


def _streetlamp(pen: Pen, c: Rgb) -> None:
    pen.cut(polygon((-1.5, -78), (1.5, -78), (2.1, -4), (-2.1, -4)), c)
    pen.cut(blob((-6.4, 0), (-5, -6), (0, -8), (5, -6), (6.4, 0)), c)
    pen.cut(polygon((-4.4, -80), (4.4, -80), (3.2, -76), (-3.2, -76)), c)
    pen.cut(polygon((-5, -80), (5, -80), (7.4, -94), (-7.4, -94)), GLASS)
    pen.flat(ellipse(0, -86, 2.4, 3.8), FLAME)
    pen.cut(blob((-9.4, -93.5), (-5.6, -97.6), (0, -100), (5.6, -97.6), (9.4, -93.5)), c)
    pen.line(polygon((-9, -72), (9, -72)), colour=c, width=2.0)


def _stall(pen: Pen, c: Rgb) -> None:
    for x in (-56.0, 56.0):
        pen.cut(polygon((x - 2.4, -88), (x + 2.4, -88), (x + 2.4, 0), (x - 2.4, 0)), WOOD)
    pen.cut(polygon((-60, -42), (60, -42), (56, 0), (-56, 0)), PLANK)
    for x in (-28.0, 0.0, 28.0):
        pen.line(polygon((x, -38), (x, -1)), width=0.7)
    for i, colour in enumerate((RED, GOLD, hex_rgb("8C6BB1"), hex_rgb("E58FB0"), FLAME)):
        x = -44.0 + i * 22
        for dx, dy in ((-6, 0), (6, 0), (0, -7)):
            pen.cut(ellipse(x + dx, -49 + dy, 6.2), colour, shade=0.6)
            pen.dot(x + dx, -49 + dy, 1.9, 1.9, GOLD if colour is not GOLD else CREAM)
    pen.cut(polygon((-64, -47), (64, -47), (63, -39), (-63, -39)), lighten(PLANK, 0.05))
    for i in range(6):
        x0 = -66 + i * 22
        fill = c if i % 2 == 0 else CREAM
        pen.cut(
            blob(
                (x0 + 3 - 0.06 * x0, -100),
                (x0 + 19 - 0.06 * (x0 + 22), -100),
                (x0 + 22, -80),
                (x0 + 18, -74),
                (x0 + 11, -72),
                (x0 + 4, -74),
                (x0, -80),
            ),
            fill,
            shade=0.4,
        )


def _swing(pen: Pen, c: Rgb) -> None:
    for side in (-1, 1):
        pen.cut(polygon((side * 36, -100), (side * 41, -99), (side * 55, 0), (side * 49, 0)), c)
        pen.cut(
            polygon((side * 39, -100), (side * 35, -99), (side * 24, 0), (side * 29, 0)), lighten(c, -0.05)
        )
    pen.cut(polygon((-46, -102), (46, -102), (46, -96), (-46, -96)), c)
    for x in (-13.0, 13.0):
        pen.line(polygon((x, -96), (x, -27)), colour=ROPE, width=1.5)
    pen.cut(polygon((-19, -28), (19, -28), (19, -23), (-19, -23)), RED)


def _campfire(pen: Pen, c: Rgb) -> None:
    canvas = pen.canvas
    pen.cut(
        blob(
            (0, -100),
            (11, -76),
            (30, -56),
            (32, -32),
            (20, -12),
            (0, -8),
            (-20, -12),
            (-32, -30),
            (-26, -54),
            (-14, -62),
            (-8, -82),
        ),
        hex_rgb("EA7A2A"),
    )
    pen.cut(
        blob((2, -68), (16, -44), (18, -26), (0, -10), (-18, -24), (-12, -46)), FLAME, shade=0, line=False
    )
    pen.flat(blob((1, -42), (9, -26), (0, -12), (-9, -24)), hex_rgb("FFF0B0"))
    for turn, x in ((-17, -4.0), (17, 4.0)):
        canvas.save()
        canvas.translate(x, -9)
        canvas.rotate(turn)
        pen.cut(blob((-44, -6.4), (44, -6.4), (46, 0), (44, 6.4), (-44, 6.4), (-46, 0)), c)
        pen.cut(ellipse(44 if turn > 0 else -44, 0, 4.6, 6.4), PLANK, shade=0)
        canvas.restore()


def _torch(pen: Pen, c: Rgb) -> None:
    pen.cut(
        blob((0, -100), (8, -84), (14, -70), (10, -56), (0, -52), (-10, -56), (-14, -70), (-6, -80)),
        hex_rgb("EA7A2A"),
    )
    pen.flat(blob((1, -80), (7, -66), (0, -55), (-7, -66)), FLAME)
    pen.cut(polygon((-7.4, -56), (7.4, -56), (5.4, -42), (-5.4, -42)), IRON)
    pen.cut(polygon((-4.4, -42), (4.4, -42), (2.8, 0), (-2.8, 0)), c)


def _snowball(pen: Pen, c: Rgb) -> None:
    pen.cut(ellipse(0, -50, 50, 49), c)
    pen.line(blob((-22, -66), (-14, -76), (-4, -79), closed=False), colour=lighten(c, -0.08), width=1.4)


def _snowman(pen: Pen, c: Rgb) -> None:
    for side in (-1, 1):
        x = side * 17.0
        pen.line(polygon((x, -52), (x + side * 22, -66)), colour=WOOD, width=2.0)
        pen.line(polygon((x + side * 15, -61.6), (x + side * 16, -69)), colour=WOOD, width=1.6)
    pen.cut(ellipse(0, -22, 27, 23.5), c)
    pen.cut(ellipse(0, -51, 20, 17.5), c)
    pen.cut(ellipse(0, -75, 15.6, 14.4), c)
    for y in (-56.0, -47.0, -38.0):
        pen.dot(1.4, y, 1.9, 1.9)
    for x in (-4.6, 6.4):
        pen.dot(x, -77.4, 1.8, 2.1)
        pen.dot(x + 0.5, -78.2, 0.6, 0.6, (1, 1, 1))
    pen.cut(blob((1.4, -75), (1.6, -70.8), (17.5, -71), closed=True), hex_rgb("EA7A2A"))
    pen.line(blob((-4.4, -68), (0.6, -66), (5.4, -67.6), closed=False))
    pen.cut(polygon((4, -63), (10, -63.5), (12, -46), (5.5, -45)), lighten(RED, -0.05))
    pen.cut(blob((-14.6, -65.6), (0, -62), (14.6, -65.6), (15.4, -60), (0, -56.4), (-15.4, -60)), RED)
    pen.cut(polygon((-9.6, -87), (-8.6, -104), (10.6, -104), (10.6, -87)), hex_rgb("45434D"))
    pen.flat(polygon((-9.4, -92.4), (10.6, -92.4), (10.6, -89), (-9.5, -89)), RED)
    pen.cut(blob((-17, -87.4), (0, -89.4), (18, -87.4), (0, -84.6)), hex_rgb("45434D"))


def _sandcastle(pen: Pen, c: Rgb) -> None:
    for x, w, h in ((-44.0, 19.0, 66.0), (44.0, 19.0, 66.0), (0.0, 25.0, 78.0)):
        merlons = [
            polygon(
                (x + k * w * 0.72 - w * 0.2, -h - 8),
                (x + k * w * 0.72 + w * 0.2, -h - 8),
                (x + k * w * 0.72 + w * 0.2, -h + 1),
                (x + k * w * 0.72 - w * 0.2, -h + 1),
            )
            for k in (-1, 0, 1)
        ]
        pen.cut(
            union(
                polygon((x - w * 0.95, -h), (x + w * 0.95, -h), (x + w * 1.06, 0), (x - w * 1.06, 0)),
                *merlons,
            ),
            c,
        )
    pen.cut(blob((-92, 0), (-60, -16), (0, -12), (60, -16), (92, 0)), lighten(c, 0.03))
    pen.cut(blob((-9, -10), (-9, -28), (0, -34), (9, -28), (9, -10)), lighten(c, -0.14), shade=0)
    pen.line(polygon((0, -86), (0, -106)), width=1.3)
    pen.cut(polygon((0, -106), (18, -100), (0, -94)), RED)


def _pumpkin(pen: Pen, c: Rgb) -> None:
    pen.cut(blob((-4, -78), (-6, -92), (4, -98), (8, -94), (4, -88), (6, -78)), GREEN)
    for side in (-1, 1):
        pen.cut(ellipse(side * 30, -40, 28, 38), lighten(c, -0.05))
    for side in (-1, 1):
        pen.cut(ellipse(side * 16, -40, 26, 40), c)
    pen.cut(ellipse(0, -40, 17, 41), lighten(c, 0.03))


def _flag(pen: Pen, c: Rgb) -> None:
    pen.cut(polygon((-2, -100), (2, -100), (2, 0), (-2, 0)), WOOD)
    pen.cut(ellipse(0, -101, 3.4), BRASS)
    pen.cut(
        blob((2, -96), (20, -99), (38, -93), (58, -95), (56, -78), (57, -61), (38, -58), (20, -64), (2, -61)),
        c,
    )


def _bunting(pen: Pen, c: Rgb) -> None:
    colours = (c, GOLD, hex_rgb("4F9A6B"), hex_rgb("3F7CAC"), hex_rgb("C9667F"))
    sag = [(x, -60 + 34 * (1 - (x / 150) ** 2)) for x in range(-150, 151, 30)]
    for i, ((x0, y0), (x1, y1)) in enumerate(pairwise(sag)):
        pen.cut(polygon((x0 + 3, y0), (x1 - 3, y1), ((x0 + x1) / 2, (y0 + y1) / 2 + 32)), colours[i % 5])
    pen.line(blob(*sag, closed=False), width=1.2)


def _scarecrow(pen: Pen, c: Rgb) -> None:
    pen.cut(polygon((-2.4, -66), (2.4, -66), (2.4, 0), (-2.4, 0)), WOOD)
    pen.cut(polygon((-44, -62), (44, -62), (44, -57), (-44, -57)), WOOD)
    straw = hex_rgb("E7C66B")
    for side in (-1, 1):
        for dy in (-4.0, 0.0, 4.0):
            pen.line(polygon((side * 38, -59), (side * 49, -59 + dy)), colour=straw, width=1.8)
    for x in (-9.0, -3.0, 3.0, 9.0):
        pen.line(polygon((x, -24), (x * 1.3, -15)), colour=straw, width=1.8)
    pen.cut(
        blob(
            (-40, -66),
            (0, -68),
            (40, -66),
            (40, -53),
            (17, -51),
            (15, -22),
            (-15, -22),
            (-17, -51),
            (-40, -53),
        ),
        c,
    )
    pen.cut(polygon((2, -40), (11, -41), (12, -31), (3, -30)), GOLD)
    pen.cut(ellipse(0, -77, 13.4, 12.6), hex_rgb("F0D9A8"))
    for x in (-4.2, 6.2):
        pen.dot(x, -78.6, 1.7, 1.9)
    pen.line(blob((-4.5, -72), (1, -70), (6.5, -72), closed=False))
    for x in (-2.4, 1.0, 4.4):
        pen.line(polygon((x, -72.4), (x, -69.4)), width=0.7)
    pen.cut(blob((-10.5, -86), (-9, -97), (1, -100), (10, -96), (11.5, -86)), WOOD)
    pen.cut(blob((-22, -85), (0, -88.4), (22, -85), (0, -81.6)), lighten(WOOD, -0.04))


def _starfish(pen: Pen, c: Rgb) -> None:
    points = []
    for i in range(10):
        r = 52.0 if i % 2 == 0 else 24.0
        turn = math.pi * i / 5
        points.append((r * math.sin(turn), -46 - r * math.cos(turn)))
    pen.cut(blob(*points), c)
    for i in range(5):
        turn = 2 * math.pi * i / 5
        for r in (12.0, 24.0, 35.0):
            pen.dot(r * math.sin(turn), -46 - r * math.cos(turn), 2.2, 2.2, mix(c, CREAM, 0.5))


OUTDOORS: dict[str, tuple[Callable[[Pen, Rgb], None], str]] = {
    "church": (_church, "F6F0E2"),
    "well": (_well, "B4B1AC"), "windmill": (_windmill, "F1E8D6"), "bridge": (_bridge, "A5713F"), "fence": (_fence, "F1EADB"),
    "bench": (_bench, "A5713F"), "igloo": (_igloo, "EAF3F8"), "beehive": (_beehive, "E8B64C"), "birdhouse": (_birdhouse, "8FB3C9"),
    "streetlamp": (_streetlamp, "464A56"), "stall": (_stall, "D9574A"), "swing": (_swing, "A5713F"), "campfire": (_campfire, "8A5A36"),
    "torch": (_torch, "8A5A36"), "snowball": (_snowball, "F4F8FB"), "snowman": (_snowman, "F7FAFC"), "sandcastle": (_sandcastle, "E8C98C"),
    "pumpkin": (_pumpkin, "F08A2C"), "flag": (_flag, "D9574A"), "bunting": (_bunting, "D9574A"), "scarecrow": (_scarecrow, "5E86B4"),
    "starfish": (_starfish, "EE8A5C"),
}  # fmt: skip
"""Drawings by name, with their usual colour."""
