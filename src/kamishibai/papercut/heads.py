"""Heads of people: face, feeling, hair and beard, in units in which the head is 34 wide and looks to the right."""

from __future__ import annotations

import math
from dataclasses import dataclass

import skia

from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.pen import Pen, Point, blob, ellipse, polygon, union

__all__ = ["HAIRS", "SKINS", "Head", "draw_back_hair", "draw_eye", "draw_head"]

SKINS: tuple[Rgb, ...] = tuple(
    hex_rgb(c) for c in ("FBD9BD", "F3C39B", "E0A679", "BC7F55", "8F5C3D", "6F4631")
)
"""Natural skins, light to dark."""
HAIRS: tuple[Rgb, ...] = tuple(
    hex_rgb(c) for c in ("2F2627", "4B3026", "6F4629", "9A532E", "CB7034", "E3B961")
)
"""Natural hair, dark to light."""
_ROSE: Rgb = (0.93, 0.36, 0.38)


@dataclass(frozen=True)
class Head:
    """How one person's head looks."""

    skin: Rgb
    hair: Rgb
    style: str
    """``short``, ``messy``, ``curly``, ``bob``, ``long``, ``braids``, ``ponytail``, ``bun``, ``puffs``, ``bald``, ``none``."""
    beard: str = ""
    """``full``, ``long``, ``stubby`` (a moustache) or nothing."""
    old: bool = False
    glasses: bool = False
    freckles: bool = False
    lashes: bool = False
    nose: str = ""
    """``red`` for a clown."""
    patch: bool = False
    """An eye patch."""
    beard_hair: Rgb | None = None
    """The colour of the beard where it is not that of the hair."""


def draw_back_hair(pen: Pen, head: Head, *, hooded: bool = False, covered: bool = False) -> None:
    """Draw the hair that falls behind the neck."""
    hair, style = head.hair, head.style
    if hooded:
        return
    if style == "long":
        pen.cut(
            blob(
                (0, -19),
                (15, -14),
                (19, 0),
                (19.5, 16),
                (17, 29),
                (6, 31),
                (-8, 31),
                (-18.5, 28),
                (-20.5, 14),
                (-19, 0),
                (-14, -14),
            ),
            lighten(hair, -0.05),
        )
    elif style == "bob":
        pen.cut(
            blob(
                (0, -19),
                (15, -14),
                (19.5, 0),
                (19.5, 12),
                (13, 17.5),
                (-12, 17.5),
                (-20, 12),
                (-19.5, 0),
                (-14, -14),
            ),
            lighten(hair, -0.05),
        )
    elif style == "braids":
        for side in (-1, 1):
            x = side * 17.5
            for i, y in enumerate((9.0, 15.5, 21.5)):
                pen.cut(ellipse(x + side * (1.0 + 0.5 * i), y, 4.6 - 0.45 * i, 4.2), lighten(hair, -0.03))
            pen.cut(ellipse(x + side * 2.2, 25.6, 2.2, 1.6), _ROSE)
            pen.cut(ellipse(x + side * 2.4, 29.4, 2.7, 3.4), lighten(hair, -0.03))
    elif style == "ponytail":
        pen.cut(
            blob((-12, -13), (-20, -16), (-27, -9), (-29, 4), (-26, 15), (-22, 10), (-19, 0), (-13, -5)),
            lighten(hair, -0.05),
        )
    elif style == "bun" and not covered:
        pen.cut(ellipse(-3.5, -20.5, 7.2, 6.6), lighten(hair, -0.03))
    elif style == "puffs":
        for side in (-1, 1):
            pen.cut(_cloud(side * 15.5, -14.5, 7.4, 7), hair)


def _cloud(x: float, y: float, radius: float, bumps: int) -> skia.Path:
    """A round of curls."""
    parts = [ellipse(x, y, radius * 0.86)]
    for i in range(bumps):
        turn = 2 * math.pi * i / bumps
        parts.append(
            ellipse(x + radius * 0.74 * math.cos(turn), y + radius * 0.74 * math.sin(turn), radius * 0.42)
        )
    return union(*parts)


def draw_head(pen: Pen, head: Head, feeling: str, *, covered: bool = False) -> None:
    """Draw the face and the hair in front of it; `covered` leaves the crown of the hair to a hat."""
    skin = head.skin
    for x in (-16.6, 16.2):
        pen.cut(ellipse(x, 2.6, 3.5, 4.0), lighten(skin, -0.02))
    face = blob(
        (0, -17),
        (12.6, -13),
        (17, -1),
        (14.2, 10.6),
        (7, 16.2),
        (0, 17.2),
        (-7, 16.2),
        (-14.2, 10.6),
        (-17, -1),
        (-12.6, -13),
    )
    pen.cut(face, skin, shade=0.8)
    _features(pen, head, feeling)
    _beard(pen, head)
    _front_hair(pen, head, covered)


def _features(pen: Pen, head: Head, feeling: str) -> None:
    ink, skin = pen.ink, head.skin
    left, right, y = -5.2, 8.0, 1.6
    rose = mix(skin, _ROSE, 0.34 if feeling != "happy" else 0.5)
    for x in (-10.0, 12.0):
        pen.dot(x, y + 5.6, 3.3, 2.3, rose)
    if head.freckles:
        for x, dy in ((-11.5, 4.9), (-9.2, 4.3), (-10.2, 6.8), (10.9, 4.5), (13.2, 4.9), (12.2, 6.9)):
            pen.dot(x, y + dy, 0.5, 0.5, mix(skin, (0.5, 0.2, 0.1), 0.5))
    brow = mix(head.hair, ink, 0.35)
    for x, side in ((left, -1), (right, 1)):
        if head.patch and side == 1:
            pen.line(blob((-13, -11), (right, y - 1), (17, 4), closed=False), width=0.9)
            pen.cut(ellipse(x, y, 4.0, 3.6), (0.2, 0.18, 0.22))
            continue
        draw_eye(pen, x, y, side, feeling, lashes=head.lashes)
        slope, lift = {
            "sad": (1.4, 5.0),
            "afraid": (1.3, 5.8),
            "angry": (-1.7, 3.6),
            "surprised": (0.0, 6.2),
        }.get(feeling, (0.2, 4.9))
        pen.line(
            blob((x - side * 2.5, y - lift - slope * 0.7), (x, y - lift - 0.7), (x + side * 2.5, y - lift + slope * 0.7), closed=False),
            colour=brow, width=1.0,
        )  # fmt: skip
    if head.nose == "red":
        pen.cut(ellipse(2.2, 5.4, 3.3), (0.87, 0.26, 0.25))
    else:
        pen.line(
            blob((2.4, 4.0), (3.7, 5.9), (1.9, 6.6), closed=False), colour=mix(skin, ink, 0.62), width=0.9
        )
    if head.glasses:
        for x in (left, right):
            pen.line(ellipse(x, y, 4.6, 4.4), width=0.8)
        pen.line(blob((left + 4.6, y - 0.6), (1.4, y - 1.6), (right - 4.6, y - 0.6), closed=False), width=0.8)
    if head.old:
        for x, side in ((left, -1), (right, 1)):
            pen.line(
                blob((x + side * 4.0, y + 2.6), (x + side * 5.4, y + 3.6), closed=False),
                colour=mix(skin, ink, 0.4),
                width=0.7,
            )
    _mouth(pen, head, feeling)
    if feeling == "sad":
        pen.cut(
            blob((right + 1, y + 3.4), (right + 2.6, y + 6.6), (right + 1, y + 8), (right - 0.6, y + 6.6)),
            (0.57, 0.83, 0.96),
            shade=0.5,
        )


def draw_eye(pen: Pen, x: float, y: float, side: int, feeling: str, *, lashes: bool) -> None:
    """Draw one eye at (x, y); `side` is -1 for the far one and 1 for the near one."""
    if feeling == "asleep":
        pen.line(blob((x - 2.7, y - 0.3), (x, y + 1.5), (x + 2.7, y - 0.3), closed=False), width=1.05)
        return
    big = {"surprised": 1.2, "afraid": 1.15, "angry": 0.92}.get(feeling, 1.0)
    if feeling in ("surprised", "afraid"):
        pen.dot(x, y, 3.3, 3.7, (1.0, 0.99, 0.97))
        big *= 0.9
    pen.dot(x, y, 1.95 * big, 2.4 * big)
    pen.dot(x + 0.6, y - 0.9, 0.62, 0.62, (1, 1, 1))
    if lashes:
        pen.line(blob((x + side * 1.4, y - 2.0), (x + side * 2.9, y - 2.9), closed=False), width=0.8)


def _mouth(pen: Pen, head: Head, feeling: str) -> None:
    x, y = 1.8, 11.0
    red = (0.72, 0.22, 0.24)
    if head.beard in ("full", "long"):
        y = 10.6
    if feeling == "happy":
        pen.cut(
            blob(
                (x - 4.0, y - 1.2),
                (x, y - 0.6),
                (x + 4.0, y - 1.2),
                (x + 2.4, y + 2.6),
                (x, y + 3.2),
                (x - 2.4, y + 2.6),
            ),
            red,
            shade=0,
        )
    elif feeling == "sad":
        pen.line(blob((x - 2.8, y + 1.6), (x, y + 0.1), (x + 2.8, y + 1.6), closed=False))
    elif feeling == "afraid":
        pen.line(
            blob(
                (x - 3.2, y + 0.8),
                (x - 1.5, y - 0.2),
                (x, y + 0.9),
                (x + 1.5, y - 0.2),
                (x + 3.2, y + 0.8),
                closed=False,
            )
        )
    elif feeling == "angry":
        pen.line(blob((x - 2.7, y + 1.1), (x, y + 0.1), (x + 2.7, y + 1.1), closed=False))
    elif feeling == "surprised":
        pen.cut(ellipse(x, y + 0.6, 1.9, 2.5), red, shade=0)
    elif feeling == "asleep":
        pen.line(blob((x - 1.4, y + 0.3), (x, y + 0.9), (x + 1.4, y + 0.3), closed=False))
    else:
        pen.line(blob((x - 3.2, y - 0.5), (x, y + 1.3), (x + 3.2, y - 0.5), closed=False))


def _beard(pen: Pen, head: Head) -> None:
    if not head.beard:
        return
    hair = head.beard_hair or head.hair
    if head.beard != "stubby":
        low = 34.0 if head.beard == "long" else 21.5
        outer = blob(
            (-16.6, 2.0), (-15.6, 10.0), (-11, 17), (-4, low - 3), (1.5, low), (7, low - 3), (12.5, 17), (16, 10), (16.8, 2.0),
            (13.4, 6.4), (8.6, 8.6), (1.8, 7.8), (-5, 8.6), (-12.4, 6.4),
        )  # fmt: skip
        pen.cut(outer, hair)
        mouth = blob((-1.8, 11.2), (1.8, 12.6), (5.4, 11.2), (1.8, 14.0))
        pen.flat(mouth, (0.62, 0.25, 0.25))
        return
    for side in (-1, 1):
        pen.cut(
            blob(
                (1.8, 7.4),
                (1.8 + side * 4.4, 6.8),
                (1.8 + side * 9.6, 10.0),
                (1.8 + side * 5.0, 11.2),
                (1.8, 9.6),
            ),
            hair,
            shade=0.4,
        )


def _front_hair(pen: Pen, head: Head, covered: bool) -> None:
    hair, style = head.hair, head.style
    if style == "none":
        return
    if style == "bald":
        for side in (-1, 1):
            # A ragged wreath of hair from the temple to behind the ear, drawn over the rim of the skull.
            tufts = (
                ellipse(side * 15.0, -7.0, 2.9, 3.2),
                ellipse(side * 16.9, -3.2, 3.2, 3.4),
                ellipse(side * 18.0, 1.2, 3.1, 3.4),
                ellipse(side * 17.4, 5.6, 2.6, 2.8),
            )
            pen.cut(union(*tufts), hair, shade=0.5)
        return
    if style in ("curly", "puffs"):
        points: list[Point] = [
            (-16, -4),
            (-15.6, -10.5),
            (-11, -15.6),
            (-5, -18.4),
            (2, -19),
            (9, -17.2),
            (14.4, -12.4),
            (16.6, -5.6),
        ]
        bumps = [ellipse(px, py, 4.7 if style == "curly" else 3.4) for px, py in points]
        crown = blob(
            (-16, -3), (-14, -13), (0, -19), (14, -13), (16.4, -4), (10, -8.6), (0, -9.8), (-10, -8.6)
        )
        pen.cut(union(crown, *bumps) if not covered else crown, hair)
        return
    if style == "messy":
        shape = union(
            blob((-17.6, 2.5), (-18.4, -8), (-11, -18.4), (3, -20.6), (15, -15.6), (18.4, -5), (17.2, 1.0), (13.4, -5.4), (7.4, -7.6), (2.6, -4.8), (-2.6, -8.4), (-8, -4.6), (-13, -6)),
            polygon((-9, -17), (-12.5, -23.4), (-3, -19)), polygon((-1, -19), (0.5, -25.6), (6, -19)), polygon((7, -18), (12.8, -22.6), (13, -15)),
        )  # fmt: skip
    elif style == "short":
        shape = blob(
            (-17.6, 3), (-18.2, -8), (-11, -18.4), (2, -20.8), (14, -16.6), (18.2, -6), (17.4, 1.0), (14, -5.0), (9, -9.4),
            (-1, -8.4), (-8.6, -10.4), (-13.4, -5.6),
        )  # fmt: skip
    else:  # a parting, for long hair worn down or tied
        shape = blob(
            (-18.2, 8), (-18.8, -5), (-13, -16.4), (0, -20.4), (13, -16.4), (18.6, -5), (18.0, 7.4), (15.2, 0.5), (11.2, -6.4),
            (3.2, -11.6), (-1.2, -7.4), (-9, -4.6), (-14.2, -0.6),
        )  # fmt: skip
    pen.cut(shape, hair)
    if not covered and style in ("bob", "long", "bun", "ponytail"):
        pen.line(
            blob((3.0, -11.0), (4.6, -15.5), (3.8, -19.2), closed=False),
            colour=mix(hair, pen.ink, 0.5),
            width=0.8,
        )
    if style == "bob" and head.lashes and not covered:
        x, y = 12.5, -13.0
        loops = [polygon((x, y), (x + side * 5.4, y - 3.6), (x + side * 5.4, y + 3.6)) for side in (-1, 1)]
        pen.cut(union(*loops), _ROSE, shade=0.5)
        pen.cut(ellipse(x, y, 1.8), lighten(_ROSE, 0.08))
