"""Handmade things of the house: lights, furniture, clocks and large instruments."""

from __future__ import annotations

import math
from collections.abc import Callable

from kamishibai.papercut.handmade.shades import BRASS, CREAM, FLAME, GLASS, GOLD, IRON, RED
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.pen import Pen, blob, ellipse, outline, polygon

__all__ = ["HOUSEHOLD"]


def _lantern(pen: Pen, c: Rgb) -> None:
    pen.line(
        blob((-19, -72), (-16, -92), (0, -100), (16, -92), (19, -72), closed=False), colour=IRON, width=2.2
    )
    pen.cut(blob((-14, -78), (-9, -86), (0, -89), (9, -86), (14, -78)), c)
    glass = blob((-20, -70), (20, -70), (24, -46), (20, -18), (-20, -18), (-24, -46))
    pen.cut(glass, GLASS)
    pen.flat(blob((0, -62), (8, -44), (7, -30), (0, -23), (-7, -30), (-8, -44)), FLAME)
    pen.flat(blob((0, -46), (3.6, -36), (0, -26), (-3.6, -36)), hex_rgb("FFF6D0"))
    pen.line(polygon((-12, -70), (-14, -18)), width=0.9)
    pen.line(polygon((12, -70), (14, -18)), width=0.9)
    pen.cut(blob((-27, -68), (-20, -77), (20, -77), (27, -68)), c)
    pen.cut(blob((-25, -20), (25, -20), (28, -5), (24, 0), (-24, 0), (-28, -5)), c)


def _lamp(pen: Pen, c: Rgb) -> None:
    pen.cut(polygon((-3, -50), (3, -50), (3, -8), (-3, -8)), BRASS)
    pen.cut(blob((-22, 0), (-19, -7), (0, -12), (19, -7), (22, 0)), BRASS)
    pen.cut(blob((-17, -100), (17, -100), (34, -50), (0, -46), (-34, -50)), c)
    pen.flat(blob((-31, -54), (0, -50), (31, -54), (33, -50.6), (0, -47), (-33, -50.6)), GLASS)
    pen.line(polygon((14, -46), (14, -32)), width=0.9)
    pen.cut(ellipse(14, -31, 2.4), BRASS)


def _table(pen: Pen, c: Rgb) -> None:
    for x in (-66.0, 66.0):
        pen.cut(polygon((x - 6, -76), (x + 6, -76), (x + 4, 0), (x - 4, 0)), lighten(c, -0.05))
    pen.cut(polygon((-76, -88), (76, -88), (76, -72), (-76, -72)), lighten(c, -0.03))
    pen.cut(blob((-90, -100), (90, -100), (93, -94), (90, -87), (-90, -87), (-93, -94)), c)


def _throne(pen: Pen, c: Rgb) -> None:
    pen.cut(blob((-30, -8), (-30, -84), (-17, -92), (0, -101), (17, -92), (30, -84), (30, -8)), GOLD)
    pen.cut(blob((-22, -40), (-22, -78), (0, -88), (22, -78), (22, -40)), c)
    pen.dot(0, -93.5, 2.8, 2.8, RED)
    pen.cut(blob((-25, -46), (25, -46), (28, -38), (25, -31), (-25, -31), (-28, -38)), lighten(c, 0.04))
    pen.cut(polygon((-27, -31), (27, -31), (27, -18), (-27, -18)), GOLD)
    for side in (-1, 1):
        pen.cut(polygon((side * 27, -58), (side * 36, -58), (side * 35, 0), (side * 28, 0)), GOLD)
        pen.cut(ellipse(side * 31.5, -59.4, 5.6, 4.8), GOLD)


def _bookshelf(pen: Pen, c: Rgb) -> None:
    pen.cut(polygon((-38, -100), (38, -100), (38, 0), (-38, 0)), c)
    spines = [
        hex_rgb(x) for x in ("D9574A", "3F7CAC", "E3A92F", "4F9A6B", "8C6BB1", "F0EDE4", "2F8F9D", "C9667F")
    ]
    for row, y in enumerate((-72.0, -45.0, -18.0)):
        pen.flat(polygon((-34, y - 23), (34, y - 23), (34, y + 1), (-34, y + 1)), lighten(c, -0.14))
        x = -33.0
        i = row * 3
        while x < 27:
            wide = 5.0 + (i * 7 % 4)
            tall = 15.0 + (i * 5 % 7)
            if (i + row) % 7 == 5:
                pen.cut(
                    polygon((x + 5, y - tall), (x + 5 + wide, y - tall + 1.6), (x + wide, y + 1), (x, y + 1)),
                    spines[i % 8],
                    shade=0.4,
                )
                x += 5
            else:
                pen.cut(
                    polygon((x, y - tall), (x + wide, y - tall), (x + wide, y + 1), (x, y + 1)),
                    spines[i % 8],
                    shade=0.4,
                )
            x += wide + 0.4
            i += 1
        pen.cut(polygon((-36, y + 1), (36, y + 1), (36, y + 4.4), (-36, y + 4.4)), lighten(c, 0.05))
    pen.cut(polygon((-41, -104), (41, -104), (41, -98), (-41, -98)), lighten(c, 0.05))


def _dial(pen: Pen, x: float, y: float, r: float, rim: Rgb) -> None:
    """A clock's face at ten past ten."""
    pen.cut(ellipse(x, y, r), rim)
    pen.cut(ellipse(x, y, r * 0.82), CREAM)
    for i in range(12):
        turn = math.pi * i / 6
        size = 0.075 if i % 3 == 0 else 0.04
        pen.dot(x + 0.66 * r * math.sin(turn), y - 0.66 * r * math.cos(turn), r * size, r * size)
    for turn, long, wide in ((-60, 0.36, 1.9), (60, 0.54, 1.4)):
        end = (x + long * r * math.sin(math.radians(turn)), y - long * r * math.cos(math.radians(turn)))
        pen.line(polygon((x, y), end), width=wide)
    pen.dot(x, y, r * 0.07, r * 0.07, RED)


def _grandfatherclock(pen: Pen, c: Rgb) -> None:
    pen.cut(polygon((-20, -12), (20, -12), (22, 0), (-22, 0)), lighten(c, -0.04))
    pen.cut(polygon((-14, -70), (14, -70), (14, -12), (-14, -12)), c)
    pen.cut(blob((-9, -20), (-9, -58), (0, -63), (9, -58), (9, -20)), lighten(c, -0.17), shade=0)
    pen.line(polygon((0, -60), (2, -34)), colour=BRASS, width=1.6)
    pen.cut(ellipse(2.4, -30.5, 4.6), BRASS)
    pen.cut(blob((-19, -66), (-19, -92), (-10, -95), (0, -102), (10, -95), (19, -92), (19, -66)), c)
    _dial(pen, 0, -80, 13.4, BRASS)


def _towerclock(pen: Pen, c: Rgb) -> None:
    _dial(pen, 0, -50, 50, c)


def _pocketwatch(pen: Pen, c: Rgb) -> None:
    pen.line(blob((0, -94), (14, -104), (34, -98), (50, -82), closed=False), colour=c, width=2.2)
    pen.cut(polygon((-5, -92), (5, -92), (5, -80), (-5, -80)), c)
    _dial(pen, 0, -42, 42, c)


def _piano(pen: Pen, c: Rgb) -> None:
    for x in (-46.0, 48.0):
        pen.cut(polygon((x - 4, -40), (x + 4, -40), (x + 3, 0), (x - 3, 0)), lighten(c, -0.04))
    pen.cut(polygon((-56, -100), (56, -100), (56, -40), (-56, -40)), c)
    pen.cut(polygon((-60, -105), (60, -105), (60, -97), (-60, -97)), lighten(c, 0.05))
    pen.cut(polygon((-20, -92), (20, -92), (22, -70), (-22, -70)), CREAM, shade=0.3)
    for y in (-87.0, -82.0, -77.0):
        pen.line(polygon((-16, y), (16, y)), width=0.5)
    pen.cut(polygon((-60, -62), (60, -62), (66, -46), (-66, -46)), CREAM, shade=0)
    for i in range(1, 16):
        x = -60 + i * 7.5
        pen.line(polygon((x, -62), (x * 1.09, -46)), width=0.5)
        if i % 7 not in (3, 0):
            pen.flat(
                polygon((x - 1.8, -62), (x + 1.8, -62), (x * 1.05 + 1.8, -53), (x * 1.05 - 1.8, -53)), pen.ink
            )
    pen.cut(polygon((-66, -46), (66, -46), (64, -36), (-64, -36)), c)


def _cello(pen: Pen, c: Rgb) -> None:
    pen.line(polygon((0, -6), (0, 0)), colour=IRON, width=1.8)
    pen.cut(polygon((-2.4, -98), (2.4, -98), (2.8, -52), (-2.8, -52)), hex_rgb("4A3028"))
    pen.cut(blob((-3, -96), (-4.6, -102), (0, -106), (4.4, -102), (3, -96)), hex_rgb("4A3028"))
    pen.cut(
        blob(
            (0, -62),
            (12, -60),
            (17, -51),
            (14, -43),
            (11.4, -38),
            (15, -31),
            (20, -19),
            (14, -7),
            (0, -4),
            (-14, -7),
            (-20, -19),
            (-15, -31),
            (-11.4, -38),
            (-14, -43),
            (-17, -51),
            (-12, -60),
        ),
        c,
    )
    for side in (-1, 1):
        pen.line(
            blob((side * 7, -42), (side * 8.6, -36), (side * 6.4, -31), (side * 8, -26), closed=False),
            width=0.9,
        )
    pen.cut(polygon((-6, -29), (6, -29), (5, -26), (-5, -26)), hex_rgb("E7C66B"), shade=0)
    for x in (-1.2, 1.2):
        pen.line(polygon((x, -92), (x * 2, -14)), width=0.4)
    pen.cut(polygon((-3.4, -24), (3.4, -24), (2.2, -11), (-2.2, -11)), hex_rgb("4A3028"))


def _musicbox(pen: Pen, c: Rgb) -> None:
    pen.cut(polygon((-44, -46), (44, -46), (52, -96), (-36, -96)), lighten(c, -0.06))
    pen.flat(polygon((-37, -50), (37, -50), (43, -90), (-29, -90)), hex_rgb("F4C7D2"))
    pen.cut(polygon((-2, -58), (4, -58), (16, -46), (-14, -46)), hex_rgb("F2AEC4"))
    pen.line(polygon((1, -58), (1, -68)), width=2.0)
    pen.cut(ellipse(1, -72, 4.6), hex_rgb("F3C39B"))
    pen.cut(polygon((-46, -46), (46, -46), (46, 0), (-46, 0)), c)
    pen.cut(ellipse(0, -23, 9), GOLD)
    pen.line(polygon((46, -24), (58, -24), (58, -36)), colour=BRASS, width=2.0)


def _pillow(pen: Pen, c: Rgb) -> None:
    pen.cut(
        blob(
            (-84, -68),
            (-40, -62),
            (0, -64),
            (40, -62),
            (84, -68),
            (78, -36),
            (84, -4),
            (40, -9),
            (0, -6),
            (-40, -9),
            (-84, -4),
            (-78, -36),
        ),
        c,
    )
    pen.line(blob((-58, -22), (-20, -14), (16, -18), closed=False), width=0.8)


def _blanket(pen: Pen, c: Rgb) -> None:
    for i, y in enumerate((-14.0, -40.0, -66.0)):
        pen.cut(
            blob((-70, y - 13), (66, y - 13), (72, y), (66, y + 13), (-70, y + 13), (-74, y)),
            c if i % 2 == 0 else lighten(c, 0.12),
        )
    for x in (-48.0, -16.0, 16.0, 48.0):
        pen.dot(x, -66, 4.6, 4.6, CREAM)


def _cage(pen: Pen, c: Rgb) -> None:
    pen.line(ellipse(0, -101, 4.6), colour=c, width=1.6)
    shape = blob((-33, -10), (-33, -58), (-22, -84), (0, -95), (22, -84), (33, -58), (33, -10))
    pen.flat(shape, CREAM, 0.35)
    for x in (-22.0, -11.0, 0.0, 11.0, 22.0):
        pen.line(blob((x, -10), (x, -60), (x * 0.3, -92), closed=False), colour=c, width=1.3)
    pen.line(shape, colour=c, width=1.8)
    pen.line(polygon((-33, -56), (33, -56)), colour=c, width=1.5)
    pen.cut(polygon((-38, -12), (38, -12), (36, 0), (-36, 0)), c)


def _barrel(pen: Pen, c: Rgb) -> None:
    body = blob(
        (-26, -100),
        (0, -101),
        (26, -100),
        (35, -72),
        (36, -50),
        (35, -28),
        (26, 0),
        (0, 1),
        (-26, 0),
        (-35, -28),
        (-36, -50),
        (-35, -72),
    )
    pen.cut(body, c)
    for x in (-13.0, 13.0):
        pen.line(blob((x * 0.8, -99), (x * 1.3, -50), (x * 0.8, -1), closed=False), width=0.7)
    for y in (-80.0, -22.0):
        band = blob((-40, y - 5), (0, y - 3), (40, y - 5), (40, y + 5), (0, y + 7), (-40, y + 5))
        pen.inside(body, band, IRON)
    pen.line(body)


def _wateringcan(pen: Pen, c: Rgb) -> None:
    pen.line(
        blob((18, -62), (44, -58), (50, -34), (26, -16), closed=False), colour=lighten(c, -0.05), width=3.6
    )
    pen.cut(polygon((-22, -30), (-62, -80), (-56, -86), (-18, -46)), c)
    pen.cut(blob((-72, -78), (-52, -98), (-46, -92), (-66, -72)), lighten(c, 0.05))
    pen.cut(blob((-24, -70), (24, -70), (30, -2), (0, 0), (-30, -2)), c)
    pen.line(polygon((-27, -40), (28, -40)), width=0.8)


def _hat(pen: Pen, c: Rgb) -> None:
    pen.cut(blob((-40, -24), (-36, -84), (-14, -98), (0, -92), (14, -98), (36, -84), (40, -24)), c)
    pen.flat(polygon((-40, -42), (40, -42), (41, -24), (-41, -24)), mix(c, RED, 0.7) if c != RED else GOLD)
    pen.cut(blob((-88, -18), (-44, -30), (0, -32), (44, -30), (88, -18), (44, -4), (0, 0), (-44, -4)), c)


def _firefly(pen: Pen, c: Rgb) -> None:
    for r, a in ((50.0, 0.16), (34.0, 0.22)):
        pen.flat(ellipse(-8, -40, r), c, a)
    for turn in (-24, 12):
        pen.cut(ellipse(8, -74, 12, 26, turn), CREAM, shade=0.3)
    pen.cut(ellipse(-10, -42, 25, 17, -14), c)
    pen.cut(ellipse(24, -54, 15, 13), hex_rgb("5A4A40"))
    pen.cut(ellipse(42, -58, 10), hex_rgb("E58A4C"))
    pen.dot(45, -59, 2.4, 2.8)


def _carpet(pen: Pen, c: Rgb) -> None:
    for k in range(11):
        y = -96 + k * 9.4
        for side in (-1, 1):
            x = side * (252 + 60 * k / 10)
            pen.line(polygon((x, y), (x + side * 18, y + 1)), colour=CREAM, width=2.0)
    for inset, fill in ((0.0, c), (0.13, GOLD), (0.2, lighten(c, -0.06))):
        d = 100 * inset
        corners = (
            (-250 + 2.4 * d, -100 + d),
            (250 - 2.4 * d, -100 + d),
            (312 - 3 * d, -d),
            (-312 + 3 * d, -d),
        )
        pen.cut(polygon(*corners), fill, shade=0.5, line=inset == 0)
    for x in (-110.0, 0.0, 110.0):
        pen.flat(polygon((x, -72), (x + 40, -50), (x, -28), (x - 40, -50)), GOLD)
        pen.flat(polygon((x, -62), (x + 21, -50), (x, -38), (x - 21, -50)), lighten(c, 0.06))


def _gramophone(pen: Pen, c: Rgb) -> None:
    pen.line(blob((0, -28), (16, -40), (6, -52), closed=False), colour=BRASS, width=3.2)
    pen.cut(
        blob(
            (2, -50),
            (-14, -62),
            (-34, -88),
            (-20, -100),
            (10, -98),
            (34, -84),
            (38, -66),
            (20, -60),
            (9, -46),
        ),
        BRASS,
    )
    pen.cut(ellipse(3, -81, 33, 14, 18), lighten(BRASS, 0.1))
    pen.flat(ellipse(6, -77, 15, 6, 18), lighten(BRASS, -0.18))
    pen.cut(ellipse(-6, -29, 30, 5), hex_rgb("3A3842"))
    pen.cut(polygon((-42, -26), (42, -26), (46, 0), (-46, 0)), c)
    pen.dot(0, -12, 4, 4, GOLD)


def _wardrobe(pen: Pen, c: Rgb) -> None:
    pen.cut(polygon((-36, -6), (-26, -6), (-28, 0), (-34, 0)), lighten(c, -0.1))
    pen.cut(polygon((36, -6), (26, -6), (28, 0), (34, 0)), lighten(c, -0.1))
    pen.cut(blob((-38, -95), (0, -101), (38, -95), (37, -6), (-37, -6)), c)
    for side in (-1, 1):
        pen.cut(
            polygon((side * 3, -88), (side * 32, -88), (side * 32, -14), (side * 3, -14)), lighten(c, 0.04)
        )
        pen.dot(side * 6.4, -50, 2.0, 2.6, BRASS)


def _drawers(pen: Pen, c: Rgb) -> None:
    for x in (-44.0, 44.0):
        pen.cut(polygon((x - 4, -10), (x + 4, -10), (x + 3, 0), (x - 3, 0)), lighten(c, -0.08))
    pen.cut(polygon((-52, -94), (52, -94), (52, -8), (-52, -8)), c)
    for y in (-88.0, -62.0, -36.0):
        pen.cut(polygon((-45, y), (45, y), (45, y + 22), (-45, y + 22)), lighten(c, 0.05))
        for x in (-20.0, 20.0):
            pen.dot(x, y + 11, 3.0, 2.6, BRASS)
    pen.cut(polygon((-57, -100), (57, -100), (56, -92), (-56, -92)), lighten(c, 0.03))


def _stove(pen: Pen, c: Rgb) -> None:
    pen.cut(polygon((14, -150), (28, -150), (28, -92), (14, -92)), c)
    pen.cut(polygon((10, -154), (32, -154), (32, -146), (10, -146)), lighten(c, 0.06))
    for x in (-36.0, 36.0):
        pen.cut(polygon((x - 5, -10), (x + 5, -10), (x + 7, 0), (x - 7, 0)), c)
    pen.cut(blob((-44, -90), (44, -90), (46, -10), (-46, -10)), c)
    pen.cut(blob((-27, -24), (-27, -62), (0, -72), (27, -62), (27, -24)), hex_rgb("3A2A2A"), shade=0)
    pen.flat(
        blob((0, -60), (8, -46), (17, -36), (12, -26), (-12, -26), (-17, -36), (-8, -46)), hex_rgb("EA7A2A")
    )
    pen.flat(blob((0, -48), (7, -36), (0, -27), (-7, -36)), FLAME)
    pen.cut(polygon((-51, -98), (51, -98), (50, -88), (-50, -88)), lighten(c, 0.06))


def _book(pen: Pen, c: Rgb) -> None:
    pen.cut(polygon((-34, -8), (38, -8), (42, -1), (-32, 0)), lighten(c, -0.1))
    pen.cut(polygon((36, -92), (42, -86), (42, -2), (36, -7)), CREAM, shade=0)
    pen.cut(polygon((-34, -8), (37, -8), (41, -3), (-31, -3)), CREAM, shade=0)
    pen.cut(polygon((-38, -100), (38, -100), (38, -8), (-38, -8)), c)
    pen.flat(polygon((-29, -99), (-25, -99), (-25, -9), (-29, -9)), lighten(c, -0.1))
    pen.cut(blob((-14, -78), (27, -78), (27, -56), (-14, -56)), CREAM, shade=0.3)
    for y in (-70.0, -63.0):
        pen.line(polygon((-7, y), (20, y)), width=0.7)
    star = [
        (6.5 + r * math.sin(math.pi * k / 5), -34 - r * math.cos(math.pi * k / 5))
        for k in range(10)
        for r in ((11.0, 5.0)[k % 2],)
    ]
    pen.flat(polygon(*star), GOLD)


def _letter(pen: Pen, c: Rgb) -> None:
    pen.cut(polygon((-74, -96), (74, -96), (74, 0), (-74, 0)), c)
    pen.line(polygon((-74, 0), (-12, -50), (-74, 0)), width=0.8)
    pen.line(polygon((74, 0), (12, -50), (74, 0)), width=0.8)
    pen.cut(polygon((-74, -96), (74, -96), (6, -41), (-6, -41)), lighten(c, 0.03))
    pen.cut(ellipse(0, -41, 13), RED)
    pen.flat(blob((0, -34), (-6, -41), (-4, -46), (0, -43.5), (4, -46), (6, -41)), lighten(RED, 0.12))


def _rope(pen: Pen, c: Rgb) -> None:
    pen.cut(outline(blob((30, -22), (70, -14), (96, -6), closed=False), 11), c)
    for y, w in ((-18.0, 62.0), (-38.0, 60.0), (-58.0, 57.0), (-77.0, 53.0)):
        pen.cut(
            blob(
                (-w, y),
                (-w + 8, y - 10),
                (0, y - 13),
                (w - 8, y - 10),
                (w, y),
                (w - 8, y + 11),
                (0, y + 16),
                (-w + 8, y + 11),
            ),
            c,
        )
        for k in range(-3, 4):
            pen.line(polygon((k * 15 + 3, y + 3 + 6 - abs(k)), (k * 15 - 3, y + 12 - abs(k))), width=0.6)
    pen.cut(ellipse(0, -84, 34, 7), lighten(c, -0.2), shade=0)


def _guitar(pen: Pen, c: Rgb) -> None:
    dark = hex_rgb("4A3028")
    pen.cut(polygon((-2.6, -94), (2.6, -94), (3, -44), (-3, -44)), dark)
    pen.cut(blob((-4, -92), (-5, -104), (0, -106), (5, -104), (4, -92)), dark)
    pen.cut(
        blob(
            (0, -52),
            (12, -51),
            (16, -43),
            (12.4, -34),
            (18, -26),
            (22, -14),
            (15, -2),
            (0, 0),
            (-15, -2),
            (-22, -14),
            (-18, -26),
            (-12.4, -34),
            (-16, -43),
            (-12, -51),
        ),
        c,
    )
    pen.cut(ellipse(0, -31, 6.8), dark, shade=0)
    pen.cut(polygon((-8, -13), (8, -13), (8, -9), (-8, -9)), dark, shade=0)
    for x in (-1.5, 0.0, 1.5):
        pen.line(polygon((x, -94), (x, -11)), colour=CREAM, width=0.4)


def _sword(pen: Pen, c: Rgb) -> None:
    pen.cut(polygon((-4.6, -30), (-4.6, -92), (0, -101), (4.6, -92), (4.6, -30)), c, line=False)
    pen.flat(polygon((0, -30), (0, -101), (4.6, -92), (4.6, -30)), lighten(c, -0.1))
    pen.line(polygon((-4.6, -30), (-4.6, -92), (0, -101), (4.6, -92), (4.6, -30)))
    pen.cut(blob((-17, -31), (-15, -35), (0, -31.5), (15, -35), (17, -31), (0, -25)), GOLD)
    pen.cut(polygon((-2.7, -27), (2.7, -27), (2.7, -8), (-2.7, -8)), hex_rgb("6B4032"))
    pen.cut(ellipse(0, -5, 4.4), GOLD)


HOUSEHOLD: dict[str, tuple[Callable[[Pen, Rgb], None], str]] = {
    "lantern": (_lantern, "4E5563"), "lamp": (_lamp, "D98A5A"), "table": (_table, "B07A48"), "throne": (_throne, "A83246"),
    "bookshelf": (_bookshelf, "9A6A40"), "grandfatherclock": (_grandfatherclock, "8A5433"), "towerclock": (_towerclock, "5A5F6E"),
    "pocketwatch": (_pocketwatch, "E0B040"), "piano": (_piano, "5A4038"), "cello": (_cello, "B5622E"), "musicbox": (_musicbox, "8C6BB1"),
    "pillow": (_pillow, "F4EFE4"), "blanket": (_blanket, "6C8EBF"), "cage": (_cage, "C9A24A"), "barrel": (_barrel, "A8713E"),
    "wateringcan": (_wateringcan, "5C9E8A"), "hat": (_hat, "7A6A8A"), "firefly": (_firefly, "F6E463"),
    "carpet": (_carpet, "A83246"), "gramophone": (_gramophone, "7A4A30"), "wardrobe": (_wardrobe, "9A6A40"), "drawers": (_drawers, "B07A48"),
    "sword": (_sword, "C9D1DA"),
    "book": (_book, "C8503F"), "letter": (_letter, "FBF1DC"), "rope": (_rope, "D9BC86"), "guitar": (_guitar, "D08A45"),
    "stove": (_stove, "5A5560"),
}  # fmt: skip
"""Drawings by name, with their usual colour."""
