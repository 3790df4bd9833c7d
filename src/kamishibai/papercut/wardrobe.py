"""Scarves, bows and hats that puppets and people wear, so that each character can be told from the next."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from kamishibai.papercut.palette import colour_word, hex_rgb, lighten
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.pen import Pen, Point, blob, ellipse, polygon, union

__all__ = ["CLOTH", "Wear", "wear_for", "wear_on_head", "wear_on_neck"]

CLOTH: tuple[Rgb, ...] = tuple(
    hex_rgb(c) for c in ("D9574A", "3F7CAC", "E3A92F", "4F9A6B", "8C6BB1", "2F8F9D", "C9667F", "F0EDE4")
)
"""Dyes that sit well together and beside fur."""


@dataclass(frozen=True)
class Wear:
    """What a character has on beside its fur or clothes."""

    neck: str = ""
    """``scarf``, ``bow`` or nothing."""
    head: str = ""
    """``hat``, ``cap``, ``crown``, ``tophat``, ``straw``, ``wizard``, ``party``, ``bow`` or nothing."""
    colour: Rgb = CLOTH[0]
    second: Rgb = CLOTH[1]


_NECK = {
    "scarf": "scarf",
    "shawl": "scarf",
    "bow tie": "bow",
    "bowtie": "bow",
    "tie": "bow",
    "necktie": "bow",
    "collar": "scarf",
    "bandana": "scarf",
    "neckerchief": "scarf",
    "ribbon": "bow",
}
_HEAD = {
    "hat": "hat", "cap": "cap", "beret": "cap", "crown": "crown", "tiara": "crown", "top hat": "tophat", "straw hat": "straw",
    "sun hat": "straw", "party hat": "party", "wizard hat": "wizard", "pointed hat": "wizard", "bonnet": "straw",
    "woolly hat": "beanie", "beanie": "beanie", "winter hat": "beanie", "helmet": "cap", "bow": "bow",
}  # fmt: skip


def wear_for(wears: Sequence[str], rng: random.Random, *, dress_up: bool) -> Wear:
    """Return what the story names in `wears`; where it names nothing and `dress_up` is set, sometimes a scarf or bow."""
    colour, second = rng.sample(CLOTH[:7], 2)
    chance = rng.random()
    neck = head = ""
    for text in wears:
        words = text.casefold()
        colour = colour_word(words) or colour
        for table, kind in ((_NECK, "neck"), (_HEAD, "head")):
            for name in sorted(table, key=len, reverse=True):
                if words == name or words.endswith(" " + name):
                    neck, head = (table[name], head) if kind == "neck" else (neck, table[name])
                    break
    if not neck and not head and dress_up:
        neck = "scarf" if chance < 0.42 else "bow" if chance < 0.6 else ""
    return Wear(neck, head, colour, second)


def wear_on_neck(pen: Pen, wear: Wear, neck: Point, half: float, lean: float) -> None:
    """Draw a scarf or bow at the neck; `half` is half the neck's width."""
    if not wear.neck:
        return
    canvas = pen.canvas
    canvas.save()
    canvas.translate(neck[0], neck[1] + 3.4)
    canvas.rotate(lean * 0.8)
    if wear.neck == "scarf":
        end = polygon(
            (half * 0.3, 1), (half * 0.3 + 5.0, 0), (half * 0.3 + 6.4, 13.5), (half * 0.3 + 0.8, 14.2)
        )
        pen.cut(end, lighten(wear.colour, -0.04))
        band = blob((-half, -2.2), (0, 0.4), (half, -2.2), (half + 0.9, 2.2), (0, 5.6), (-half - 0.9, 2.2))
        pen.cut(band, wear.colour)
    else:
        y = 2.6
        pen.cut(
            union(
                polygon((0, y), (-6.2, y - 3.7), (-6.2, y + 3.7)),
                polygon((0, y), (6.2, y - 3.7), (6.2, y + 3.7)),
            ),
            wear.colour,
        )
        pen.cut(ellipse(0, y, 1.9), lighten(wear.colour, 0.08))
    canvas.restore()


def wear_on_head(pen: Pen, wear: Wear, top: float, half: float) -> None:
    """Draw a hat whose brim is `top` above the canvas's origin; `half` is half the head's width there."""
    if not wear.head:
        return
    canvas = pen.canvas
    canvas.save()
    canvas.translate(0, -top)
    c, kind, h = wear.colour, wear.head, half
    gold = hex_rgb("F2C23A")
    if kind == "crown":
        pen.cut(
            polygon(
                (-h * 0.62, 1.5),
                (-h * 0.72, -9.5),
                (-h * 0.33, -4),
                (0, -11.5),
                (h * 0.33, -4),
                (h * 0.72, -9.5),
                (h * 0.62, 1.5),
            ),
            gold,
        )
        for x in (-0.36, 0.0, 0.36):
            pen.dot(x * h, -0.9, 1.1, 1.1, hex_rgb("D9574A"))
    elif kind in ("tophat", "hat"):
        tall = 14.0 if kind == "tophat" else 8.5
        fill = hex_rgb("4A4852") if kind == "tophat" else c
        pen.cut(
            blob((-h * 0.6, 0), (-h * 0.6, -tall), (0, -tall - 1.4), (h * 0.6, -tall), (h * 0.6, 0)), fill
        )
        pen.cut(ellipse(0, 0.5, h * 1.08, 2.7), fill)
        band = polygon((-h * 0.6, -4.4), (h * 0.6, -4.4), (h * 0.62, -1.4), (-h * 0.62, -1.4))
        pen.flat(band, wear.second)
    elif kind == "straw":
        straw = hex_rgb("EBC877")
        pen.cut(blob((-h * 0.62, 0), (-h * 0.5, -7), (0, -9.2), (h * 0.5, -7), (h * 0.62, 0)), straw)
        pen.cut(ellipse(0, 0.6, h * 1.3, 3.2), straw)
        pen.line(blob((-h * 0.62, -1.8), (0, -0.6), (h * 0.62, -1.8), closed=False), colour=c, width=2.2)
    elif kind == "cap":
        pen.cut(blob((-h * 0.75, 1), (-h * 0.68, -6), (0, -9), (h * 0.68, -6), (h * 0.75, 1)), c)
        pen.cut(blob((h * 0.1, 0.4), (h * 0.8, -1.6), (h * 1.32, 1.6), (h * 0.7, 2.6)), lighten(c, -0.06))
    elif kind == "beanie":
        pen.cut(blob((-h * 0.78, 1), (-h * 0.66, -7), (0, -10.6), (h * 0.66, -7), (h * 0.78, 1)), c)
        pen.cut(
            blob((-h * 0.86, -1.6), (0, -0.4), (h * 0.86, -1.6), (h * 0.86, 2.4), (0, 3.6), (-h * 0.86, 2.4)),
            lighten(c, 0.08),
        )
        pen.cut(ellipse(0, -11.4, 3.4), hex_rgb("F7F3EA"))
    elif kind in ("wizard", "party"):
        tall = 20.0 if kind == "wizard" else 14.0
        wide = 0.7 if kind == "wizard" else 0.5
        pen.cut(
            blob(
                (-h * wide, 0.6),
                (-h * 0.3, -tall * 0.55),
                (1.4, -tall),
                (h * 0.36, -tall * 0.5),
                (h * wide, 0.6),
            ),
            c,
        )
        if kind == "wizard":
            pen.cut(ellipse(0, 0.6, h * 1.15, 2.6), c)
        else:
            pen.cut(ellipse(1.2, -tall, 2.4), hex_rgb("F7F3EA"))
        for x, y in ((-2.0, -5.0), (2.6, -8.4), (0.4, -12.0)):
            pen.dot(x, y, 0.9, 0.9, gold)
    elif kind == "bow":
        x, y = h * 0.5, 0.0
        pen.cut(
            union(
                polygon((x, y), (x - 5.4, y - 3.6), (x - 5.4, y + 3.6)),
                polygon((x, y), (x + 5.4, y - 3.6), (x + 5.4, y + 3.6)),
            ),
            c,
        )
        pen.cut(ellipse(x, y, 1.7), lighten(c, 0.08))
    canvas.restore()
