"""What people wear: clothes of every day, trades and fairy tales, and the hats that go with them."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from kamishibai.papercut.palette import hex_rgb, lighten
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.pen import Pen, blob, ellipse, polygon, union

__all__ = ["COSTUMES", "Costume", "costume_for", "draw_hat"]


@dataclass(frozen=True)
class Costume:
    """Clothes by cut and colour."""

    top: Rgb
    bottom: Rgb
    shoes: Rgb
    trim: Rgb
    cut: str = "trousers"
    """``trousers``, ``shorts``, ``skirt``, ``dress``, ``robe``, ``tutu``, ``suit`` (one piece) or ``tail``."""
    details: frozenset[str] = frozenset()
    """belt buttons cape apron vest stripes collar sash straps plates ruff star cross wings fur tie pocket spots."""
    hat: str = ""
    hat_colour: Rgb = (0.3, 0.3, 0.3)
    beard: str = ""
    hair: str = ""
    """A hair style the costume asks for."""


def _c(
    top: str,
    bottom: str,
    shoes: str,
    trim: str,
    cut: str,
    details: str = "",
    hat: str = "",
    hat_colour: str = "4A4852",
    beard: str = "",
    hair: str = "",
) -> Costume:
    return Costume(
        hex_rgb(top),
        hex_rgb(bottom),
        hex_rgb(shoes),
        hex_rgb(trim),
        cut,
        frozenset(details.split()),
        hat,
        hex_rgb(hat_colour),
        beard,
        hair,
    )


COSTUMES: dict[str, Costume] = {
    "king": _c("A83246", "7C2438", "4A3028", "F2C23A", "robe", "cape fur belt", "crown", "F2C23A", beard="full"),
    "queen": _c("7E57A0", "7E57A0", "5B3A73", "F2C23A", "dress", "cape fur belt", "crown", "F2C23A", hair="bun"),
    "prince": _c("3F6FA8", "E9E2D2", "5A3B2A", "F2C23A", "trousers", "cape belt collar", "crown", "F2C23A"),
    "princess": _c("E58FB0", "E58FB0", "C9668A", "F7E3A1", "dress", "belt collar", "tiara", "F2C23A", hair="long"),
    "knight": _c("B9C0C9", "A3ABB6", "7F8792", "C8433C", "trousers", "plates belt", "helmet", "B9C0C9"),
    "witch": _c("4B3F63", "4B3F63", "2F2A3B", "8FBF5A", "dress", "belt cape", "witch", "4B3F63", hair="long"),
    "wizard": _c("3D4F94", "3D4F94", "4A3028", "F2C23A", "robe", "belt stars", "wizard", "3D4F94", beard="long"),
    "pirate": _c("F0EDE4", "3A4663", "3B2A25", "C8433C", "trousers", "stripes coat sash patch", "tricorn", "33303B", beard="stubby"),
    "captain": _c("2E4568", "F0EDE4", "2F2A2E", "F2C23A", "trousers", "buttons collar", "captain", "F4F2EC", beard="full"),
    "sailor": _c("F4F2EC", "34527E", "2F2A2E", "34527E", "trousers", "stripes scarf", "sailor", "F4F2EC"),
    "chef": _c("F7F5F0", "5B6270", "2F2A2E", "D9574A", "trousers", "buttons2 apron scarf", "toque", "FFFFFF"),
    "astronaut": _c("EEF0F3", "EEF0F3", "B8BEC8", "E2703A", "suit", "panel belt", "bubble", "EEF0F3"),
    "doctor": _c("F7F7F5", "4C6A86", "3A3A42", "4C9AA8", "trousers", "labcoat", ""),
    "farmer": _c("D2694A", "4E74A6", "6B4A32", "F2C23A", "trousers", "overall", "straw", "EBC877"),
    "fisher": _c("E9B93A", "4A6178", "3B4A3F", "4A6178", "trousers", "longcoat buttons", "souwester", "E9B93A", beard="full"),
    "musician": _c("3E3A4A", "3E3A4A", "2A272F", "D9574A", "trousers", "vest tie", "", beard=""),
    "teacher": _c("5C8A7A", "8A6B52", "4A3028", "F0EDE4", "skirt", "collar buttons", "", hair="bun"),
    "ballerina": _c("F2AEC4", "F9D3DF", "F2AEC4", "FFFFFF", "tutu", "belt", "", hair="bun"),
    "clown": _c("F2C23A", "3F7CAC", "D9574A", "D9574A", "suit", "ruff spots", "party", "D9574A", hair="curly"),
    "fairy": _c("9CCB86", "9CCB86", "7FB36B", "F7E3A1", "dress", "wings petals", "flowers", "F2AEC4", hair="bun"),
    "elf": _c("5C9A5A", "8A5A3C", "A8432F", "F2C23A", "trousers", "belt collar", "pointed", "C8433C"),
    "police": _c("31507C", "27405F", "26262E", "F2C23A", "trousers", "buttons belt badge", "captain", "31507C"),
    "firefighter": _c("4A4550", "4A4550", "2A272F", "F2D23A", "trousers", "bands", "fire", "C8433C"),
    "santa": _c("C8433C", "C8433C", "2A272F", "F7F5F0", "trousers", "belt furtrim", "santa", "C8433C", beard="full"),
    "superhero": _c("C8433C", "31507C", "C8433C", "F2C23A", "trousers", "cape belt star", "mask", "31507C"),
    "worker": _c("C98B4E", "556B7E", "4A3A30", "8A5A3C", "trousers", "apron", "flatcap", "6B6F78"),
    "explorer": _c("C9A46C", "8A7350", "6B4A32", "6B4A32", "trousers", "belt pocket scarf", "fedora", "A5793F"),
    "angel": _c("F7F5F0", "F7F5F0", "F2E3B8", "F2C23A", "robe", "wings", "halo", "F2C23A"),
    "mermaid": _c("8C6BB1", "3FA39A", "3FA39A", "F2AEC4", "tail", "", "", hair="long"),
    "ninja": _c("3A3A46", "3A3A46", "2A272F", "A83246", "trousers", "belt", "ninja", "3A3A46"),
    "troll": _c("8A6844", "6B5238", "5A4430", "D9C79A", "trousers", "belt", "", hair="messy"),
    "alien": _c("C3CAD6", "C3CAD6", "8C97AC", "8C6BB1", "suit", "panel", "antennae", "8FBF5A", hair="none"),
    "monk": _c("8A6844", "8A6844", "5A4430", "D9C79A", "robe", "cord", "", hair="bald"),
}  # fmt: skip

_TOPS = tuple(
    hex_rgb(c)
    for c in ("D9574A", "3F7CAC", "E3A92F", "4F9A6B", "8C6BB1", "2F8F9D", "C9667F", "E07F3E", "6C8EBF")
)
_BOTTOMS = tuple(hex_rgb(c) for c in ("3D4A66", "5B4A3D", "4C6178", "6B5B73", "3F5B57", "7A6248"))
_SHOES = tuple(hex_rgb(c) for c in ("5A3B2A", "3A3A46", "A8432F", "7A5236"))

_OTHER = {
    "queen": "queen", "king": "king", "cook": "chef", "baker": "chef", "nurse": "doctor", "scientist": "doctor", "gardener": "farmer",
    "shepherd": "farmer", "fisherman": "fisher", "singer": "musician", "violinist": "musician", "magician": "wizard", "mage": "wizard",
    "dancer": "ballerina", "ballet": "ballerina", "guard": "knight", "soldier": "knight", "librarian": "teacher", "policeman": "police",
    "detective": "explorer", "builder": "worker", "spaceman": "astronaut", "cowboy": "explorer", "jester": "clown", "gnome": "elf",
}  # fmt: skip


def costume_for(outfit: str, gender: str, age: str, clothes: Rgb | None, rng: random.Random) -> Costume:
    """Return the costume of an outfit word, or clothes of every day chosen from `rng`; `clothes` dyes the main piece."""
    word = outfit.casefold().strip()
    name = word if word in COSTUMES else _OTHER.get(word, "")
    top, other = rng.sample(_TOPS, 2)
    bottom, shoes = rng.choice(_BOTTOMS), rng.choice(_SHOES)
    roll = rng.random()
    if name:
        costume = COSTUMES[name]
        if clothes is not None:
            costume = replace(
                costume,
                top=clothes,
                bottom=clothes if costume.cut in ("dress", "robe", "suit", "tutu") else costume.bottom,
            )
        return costume
    main = clothes or top
    trim = lighten(other, 0.05)
    if age == "baby":
        return Costume(main, main, lighten(main, 0.1), trim, "suit", frozenset({"buttons"}))
    if gender == "woman" and roll < 0.75:
        cut = "dress" if roll < 0.5 else "skirt"
        details = {"collar"} if roll < 0.25 else {"belt"} if roll < 0.5 else {"buttons"}
        return Costume(
            main,
            main if cut == "dress" else bottom,
            shoes,
            trim if cut == "dress" else hex_rgb("F7F3EA"),
            cut,
            frozenset(details),
        )
    details = (
        {"stripes"}
        if roll < 0.3
        else {"coat", "buttons"}
        if roll < 0.6
        else {"overall"}
        if age == "child" and roll < 0.8
        else {"pocket"}
    )
    if age == "old":
        details = {"vest", "buttons"}
    cut = "shorts" if age == "child" and roll > 0.82 else "trousers"
    return Costume(main, bottom, shoes, hex_rgb("F7F3EA"), cut, frozenset(details))


_GOLD = hex_rgb("F2C23A")
_WHITE = hex_rgb("F7F5F0")


def draw_hat(pen: Pen, kind: str, c: Rgb, trim: Rgb) -> None:
    """Draw a hat on a head of 34 units' width whose centre is the origin."""
    dark, light = lighten(c, -0.07), lighten(c, 0.07)
    if kind == "crown":
        pen.cut(
            polygon(
                (-13, -12),
                (-15.5, -25),
                (-8.5, -18.5),
                (-5.5, -27.5),
                (0.5, -19.5),
                (6.5, -27.5),
                (9, -18.5),
                (15.5, -25),
                (13.4, -12),
            ),
            c,
        )
        for x in (-7.5, 0.2, 8.0):
            pen.dot(x, -15, 1.5, 1.5, (0.85, 0.25, 0.3))
    elif kind == "tiara":
        pen.cut(blob((-11, -13.5), (-6, -18), (0.4, -24.4), (7, -18), (12, -13.5), (0.5, -16.4)), c)
        pen.dot(0.5, -18.6, 1.5, 1.7, (0.85, 0.3, 0.45))
    elif kind == "helmet":
        pen.cut(
            blob(
                (-18.6, 5),
                (-18.8, -8),
                (-11, -19),
                (0, -22),
                (11, -19),
                (18.8, -8),
                (18.6, 5),
                (14.6, 3.0),
                (13.0, -4.4),
                (0, -7),
                (-13, -4.4),
                (-14.6, 3),
            ),
            c,
        )
        pen.cut(blob((-1, -21), (-7, -30), (-16, -29), (-20, -21), (-13, -23), (-7, -20)), trim)
        pen.line(blob((0, -21.6), (1.4, -14), (1.4, -6.8), closed=False), width=0.8)
    elif kind in ("witch", "wizard"):
        pen.cut(blob((-13, -11), (-7.5, -24), (-4, -33), (-11, -43), (1.5, -37), (8, -24), (13.6, -11)), c)
        pen.line(
            blob((-11.6, -14.4), (0.4, -12.2), (12.0, -14.4), closed=False),
            colour=_GOLD if kind == "wizard" else trim,
            width=2.6,
        )
        pen.cut(
            blob(
                (-27, -9.4), (-12, -13), (0, -13.8), (12, -13), (27, -9.4), (12, -6.4), (0, -5.6), (-12, -6.4)
            ),
            dark,
        )
        if kind == "wizard":
            for x, y, r in ((-2.5, -21, 1.3), (4.2, -18.5, 0.9), (0.8, -28, 1.0)):
                pen.dot(x, y, r, r, _GOLD)
    elif kind == "tricorn":
        pen.cut(blob((-13.4, -10), (-12, -19.5), (0, -23.4), (12, -19.5), (13.6, -10)), dark)
        pen.cut(
            blob(
                (-23.5, -12),
                (-13, -17),
                (0, -22.6),
                (13, -17),
                (23.5, -12),
                (12, -6.6),
                (0, -8.4),
                (-12, -6.6),
            ),
            c,
        )
        pen.dot(0, -14.6, 2.9, 2.7, _WHITE)
        for x in (-1.1, 1.1):
            pen.dot(x, -14.9, 0.72, 0.8)
        pen.line(blob((-4.2, -10.8), (4.2, -10.8), closed=False), colour=_WHITE, width=1.2)
    elif kind in ("captain", "sailor"):
        if kind == "captain":
            pen.cut(blob((-16, -13), (-18, -20.5), (0, -26), (18, -20.5), (16.4, -13)), c)
            pen.cut(polygon((-15.4, -15.6), (15.8, -15.6), (15.4, -9.6), (-15, -9.6)), hex_rgb("2E3A54"))
            pen.cut(blob((2, -10.2), (10, -10.8), (20, -7.4), (12, -6.4)), hex_rgb("2A272F"))
            pen.dot(0.6, -17.6, 2.2, 2.2, _GOLD)
        else:
            pen.cut(blob((-10, -16), (-10, -23), (0, -25), (10, -23), (10.4, -16)), c)
            pen.cut(
                blob((-15.5, -17.6), (0, -15.6), (15.8, -17.6), (15.2, -11.4), (0, -9.8), (-14.8, -11.4)), c
            )
    elif kind == "toque":
        pen.cut(
            union(
                ellipse(-8, -25, 8),
                ellipse(8.4, -25, 8),
                ellipse(0, -29, 9),
                polygon((-11.5, -24), (11.8, -24), (12.4, -13), (-12, -13)),
            ),
            c,
        )
        pen.cut(polygon((-13.4, -16), (13.8, -16), (13.4, -10), (-13, -10)), c)
    elif kind == "bubble":
        pen.flat(ellipse(0.5, -1, 23.5, 22.5), (0.75, 0.9, 1.0), 0.22)
        pen.line(ellipse(0.5, -1, 23.5, 22.5))
        pen.line(blob((-15.5, -10), (-11, -16.5), (-4.5, -19.6), closed=False), colour=(1, 1, 1), width=2.2)
    elif kind == "straw":
        pen.cut(blob((-13, -10), (-11.5, -21), (0, -24.6), (11.5, -21), (13.4, -10)), c)
        pen.line(blob((-12.8, -13.6), (0.4, -11.4), (13, -13.6), closed=False), colour=trim, width=2.8)
        pen.cut(
            blob(
                (-28, -8.4), (-12, -12), (0, -12.8), (12, -12), (28, -8.4), (12, -5.6), (0, -5), (-12, -5.6)
            ),
            c,
        )
    elif kind == "souwester":
        pen.cut(blob((-15, -8), (-12.6, -20), (0, -24), (12.6, -20), (15.4, -8)), c)
        pen.cut(
            blob((-24, 1), (-16, -9.4), (0, -12), (15, -10.5), (21, -6), (12, -6.4), (0, -7.2), (-13, -4)),
            dark,
        )
    elif kind == "party":
        pen.cut(polygon((-9.5, -15.5), (2, -38), (11, -15)), c)
        for x, y in ((-2.6, -19.5), (4.4, -22), (1.2, -29)):
            pen.dot(x, y, 1.7, 1.7, _GOLD)
        pen.cut(ellipse(2, -38, 3.0), _WHITE)
    elif kind == "flowers":
        for i, x in enumerate((-12.4, -6.4, 0.4, 7.2, 13)):
            y = -13.4 - 4.4 * (1 - (x / 14) ** 2)
            pen.cut(ellipse(x, y, 3.1), (_WHITE, c, _GOLD)[i % 3], shade=0.5)
            pen.dot(x, y, 1.0, 1.0, _GOLD if i % 3 != 2 else (0.85, 0.4, 0.3))
    elif kind == "pointed":
        pen.cut(
            blob((-16.4, -8), (-13, -19), (-3, -30), (11, -36), (9, -26), (14, -17), (16.8, -8), (0, -11.4)),
            c,
        )
        pen.cut(blob((-17.4, -9.6), (0, -13), (17.6, -9.6), (17.4, -5), (0, -8.4), (-17, -5)), _WHITE)
        pen.cut(ellipse(11.6, -36.4, 2.9), _GOLD)
    elif kind == "fire":
        pen.cut(blob((-16.6, -8), (-13, -20), (0, -25.4), (13, -20), (17, -8)), c)
        pen.cut(
            blob((-23, -5), (-14, -10.4), (0, -12), (14, -10.4), (21, -7), (12, -6), (0, -7), (-13, -5)), dark
        )
        pen.cut(polygon((-3.4, -20), (4.2, -20), (4.4, -14), (0.4, -11), (-3.6, -14)), _GOLD)
    elif kind == "santa":
        pen.cut(
            blob(
                (-15.5, -9),
                (-13, -19),
                (-2, -29),
                (13, -28),
                (22, -15),
                (20, -11),
                (13, -19),
                (14, -14),
                (16, -9),
            ),
            c,
        )
        pen.cut(blob((-18, -11.4), (0, -15), (18, -11.4), (17.6, -5.8), (0, -9), (-17.6, -5.8)), _WHITE)
        pen.cut(ellipse(21.4, -11.4, 3.6), _WHITE)
    elif kind == "mask":
        pen.cut(
            blob(
                (-17, 0.6),
                (-15.4, -4.4),
                (1.4, -3.0),
                (17, -4.4),
                (17.2, 0.6),
                (9, 6.4),
                (1.6, 3.6),
                (-7, 6.4),
            ),
            c,
        )
        for x in (-5.2, 8.0):
            pen.dot(x, 1.4, 3.1, 2.9, _WHITE)
            pen.dot(x, 1.6, 1.8, 2.2)
            pen.dot(x + 0.5, 0.8, 0.6, 0.6, (1, 1, 1))
    elif kind == "flatcap":
        pen.cut(blob((-18, -7), (-17, -16), (-4, -22.6), (11, -20), (18, -10), (10, -9.4), (-6, -10)), c)
        pen.cut(blob((6, -11), (15, -12.4), (23.4, -7.6), (14, -6.6)), dark)
    elif kind == "fedora":
        pen.cut(
            blob((-13.4, -10), (-12.4, -21), (-3, -25), (0.6, -22.8), (5, -25), (12.4, -21), (13.8, -10)), c
        )
        pen.line(blob((-13.2, -13.4), (0.4, -11.4), (13.4, -13.4), closed=False), colour=trim, width=2.8)
        pen.cut(
            blob(
                (-25, -10.4),
                (-12, -12),
                (0, -12.8),
                (12, -12),
                (25, -10.4),
                (12, -5.8),
                (0, -5.2),
                (-12, -5.8),
            ),
            c,
        )
    elif kind == "halo":
        pen.line(ellipse(0, -25, 12.5, 3.6), colour=_GOLD, width=2.0)
    elif kind == "ninja":
        pen.cut(
            blob(
                (-17.6, 4),
                (-18, -9),
                (-11, -18.8),
                (0, -21),
                (11, -18.8),
                (18, -9),
                (17.8, 4),
                (14, 13),
                (5, 18),
                (-6, 18),
                (-14, 13),
            ),
            c,
            shade=0.6,
        )
        return
    elif kind == "hood":
        pen.cut(
            blob(
                (-18.6, 12),
                (-20, -6),
                (-12, -19.6),
                (0, -23),
                (12, -19.6),
                (20, -6),
                (18.8, 12),
                (15, 4),
                (12.6, -7),
                (0, -12),
                (-12.6, -7),
                (-15, 4),
            ),
            c,
        )
    elif kind == "beanie":
        pen.cut(blob((-17, -8), (-14, -19), (0, -24), (14, -19), (17.4, -8), (0, -11)), c)
        pen.cut(blob((-18, -11), (0, -14.4), (18.4, -11), (18, -4.8), (0, -8.4), (-17.8, -4.8)), light)
        pen.cut(ellipse(0, -25.4, 4.2), _WHITE)
    elif kind in ("hat", "tophat"):
        tall = -25.0 if kind == "hat" else -36.0
        fill = c if kind == "hat" else hex_rgb("45434D")
        pen.cut(blob((-12.6, -10), (-12.4, tall + 4), (0, tall), (12.6, tall + 4), (13, -10)), fill)
        pen.line(blob((-12.4, -13.8), (0.4, -11.8), (12.8, -13.8), closed=False), colour=trim, width=3.0)
        pen.cut(
            blob((-21, -9), (-10, -12), (0, -12.6), (10, -12), (21, -9), (10, -6), (0, -5.4), (-10, -6)), fill
        )
    elif kind == "antennae":
        for side in (-1, 1):
            pen.line(blob((side * 5, -16), (side * 9, -24), (side * 8, -30), closed=False), width=1.3)
            pen.cut(ellipse(side * 8, -32, 3.2), c)
    elif kind == "cap":
        pen.cut(blob((-17.6, -7), (-15, -18.6), (0, -23), (15, -18.6), (17.8, -7), (0, -10.4)), c)
        pen.cut(blob((1, -10.2), (12, -12), (26, -6), (14, -5.6)), dark)
