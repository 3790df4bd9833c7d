"""Indoors at home: a room with a window on the hour outside."""

from __future__ import annotations

import math
from random import Random

import skia

from kamishibai.documents.takes import Life
from kamishibai.papercut.brush import Sheet
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.shapes import polygon
from kamishibai.papercut.sky import paint_gradient

__all__ = ["room"]

_WALLS = ("#8fb5a8", "#d9b48f", "#a3b4d0", "#c99a9a", "#b9b98a", "#8d9fc4")


def room(b: SetBuilder) -> None:
    """Build a room: papered wall, window, bed or table, shelf, lamp, rug."""
    b.medium = "indoors"
    rng = b.dice("room")
    wall = hex_rgb(rng.choice(_WALLS))
    with b.sheet("wall", 0.2, shadow=False) as sheet:
        path = polygon([(-9, -9), (b.width + 9, -9), (b.width + 9, b.height + 9), (-9, b.height + 9)])
        sheet.paper(path, b.tone(wall, 0.5, -0.02), b.tone(wall, 0.5, 0.05), edge=0, span=(0, b.level(0.45)))
    flat = b.level(0.46)
    with b.sheet("floor", 0.46, ground=lambda x: flat) as sheet:
        path = polygon([(-9, flat), (b.width + 9, flat), (b.width + 9, b.height + 9), (-9, b.height + 9)])
        sheet.paper(path, b.tone(hex_rgb("#b98a5e"), 0.5), b.tone(hex_rgb("#8a5f43"), 0.6))
    with b.sheet("rug", 0.6, shadow=False, ground=lambda x: b.ground_y, main=True) as sheet:
        sheet.circle(b.focus_x, b.ground_y, 1.0, b.tone(wall, 0.6), 0.0)
