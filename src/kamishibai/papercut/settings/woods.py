"""The forest: misty rows of trees, a clearing with roots and mushrooms, great dark trunks at the sides."""

from __future__ import annotations

import math
from random import Random

import skia

from kamishibai.papercut.brush import Sheet, argb, linear
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.settings.growth import (
    BARK,
    draw_tree,
    foreground,
    frame_leaves,
    stand,
    tufts,
    wildflowers,
)
from kamishibai.papercut.shapes import hill_line, level_line, polygon, sheet_below, trunk
from kamishibai.papercut.sky import hang_sky
from kamishibai.papercut.weather import fog_band, lay_weather, lightning

__all__ = ["forest", "light_shafts", "mushrooms"]

_FLOOR = hex_rgb("#86a05a")
_GREENS = tuple(hex_rgb(c) for c in ("#4f8a5b", "#3f7d63", "#6b9a55", "#5a8f70"))
_MIXES = (
    ("pine",),
    ("pine", "pine", "oval"),
    ("round", "oval"),
    ("birch", "round"),
    ("oval", "oval", "pine"),
)


def forest(b: SetBuilder) -> None:
    """Build a forest of one mix of trees, a clearing in its middle."""
    rng = b.dice("forest")
    kinds = rng.choice(_MIXES)
    hang_sky(b, clouds=0.5)
    if b.weather == "storm":
        lightning(b)
    for i, depth in enumerate((0.14, 0.24, 0.36)):
        line = hill_line(
            b.level(depth) - b.unit * (0.03 - 0.012 * i), b.unit * (0.1 - 0.018 * i), b.width, rng, 1.2
        )
        with b.sheet(f"trees {i + 1}", depth, ground=line) as sheet:
            tall = (15.0, 10.0, 6.6)[i]
            count = round(
                (15, 11, 8)[i] * b.width / b.unit * {"close": 0.8, "medium": 1.0, "wide": 1.5}[b.view]
            )
            stand(
                b, sheet, line, depth, kinds, count, tall, f"stand {i}", _GREENS, spare=(0.0, 0.25, 0.55)[i]
            )
            b.land(sheet, line, _FLOOR, depth, haze=0.55)
        if i == 1:
            light_shafts(b)
            lay_weather(b, "far")
    if b.mood in ("mysterious", "sad", "calm") or b.time in ("dawn", "night"):
        fog_band(b, "low mist", 0.4, b.level(0.42), b.unit * 0.13, 0.34)
    line = hill_line(b.level(0.5), b.unit * 0.05, b.width, rng, 1.0)
    with b.sheet("near trees", 0.5, ground=line) as sheet:
        _near_trees(b, sheet, line, 0.5, kinds, rng)
        b.land(sheet, line, _FLOOR, 0.5, haze=0.3)
        tufts(b, sheet, line, 0.5, _GREENS[2], 12, 0.3, "tufts mid")
    ground = hill_line(b.ground_y - b.unit * 0.012, b.unit * 0.03, b.width, rng, 0.9)
    with b.sheet("clearing", 0.6, ground=lambda x: ground(x) + b.unit * 0.014, main=True) as sheet:
        b.land(sheet, ground, _FLOOR, 0.6, haze=0.5)
        tufts(b, sheet, ground, 0.6, _GREENS[0], 14, 0.2, "tufts near")
        if rng.random() < 0.5:
            wildflowers(b, sheet, ground, 0.6, 9, "flowers", 0.5)
        mushrooms(b, sheet, rng, ground)
    foreground(b, "undergrowth", growth="fern", rise=1.15, depth=0.82)
    _great_trunks(b, rng)
    lay_weather(b, "near")


def _near_trees(
    b: SetBuilder, sheet: Sheet, line: object, depth: float, kinds: tuple[str, ...], rng: Random
) -> None:
    """Two to four trees beside the clearing; one of them is the tree that things are placed by."""
    left, _, right, _ = b.keep_clear
    spots = [left - b.width * rng.uniform(0.0, 0.06), right + b.width * rng.uniform(0.0, 0.06)]
    spots += [
        x
        for x in (left - b.width * rng.uniform(0.14, 0.2), right + b.width * rng.uniform(0.14, 0.2))
        if rng.random() < 0.7
    ]
    for i, x in enumerate(sorted(spots, key=lambda x: -abs(x - b.width / 2))):
        kind = rng.choice(kinds)
        h = b.px(rng.uniform(3.6, 5.0), depth)
        base = b.level(depth) + b.px(0.15, depth)
        draw_tree(b, sheet, kind, x, base, h, depth, rng.choice(_GREENS), rng, lift=0.8)
        if i >= len(spots) - 2:
            b.anchor("tree", (x - h * 0.2, base - h, x + h * 0.2, base), depth)


def _great_trunks(b: SetBuilder, rng: Random) -> None:
    """Dark trunks at the sides, cut off by the frame, with a bough into each upper corner."""
    dark = mix(b.palette.near, b.tone(BARK, 0.8), 0.3)
    sides = [(-1.0, 0.9), (1.0, 0.9)]
    rng.shuffle(sides)
    for k, (side, depth) in enumerate(sides):
        edge = b.keep_clear[0] if side < 0 else b.width - b.keep_clear[2]
        w = min(
            edge * (0.85 if k == 0 else 0.5), b.unit * {"close": 0.19, "medium": 0.13, "wide": 0.09}[b.view]
        )
        x = edge * (0.28 if k == 0 else 0.1)
        x = x if side < 0 else b.width - x
        with b.sheet(f"trunk {k + 1}", depth + 0.02 * k) as sheet:
            path = trunk(x, b.height * 1.02, -b.height * 0.05, w, rng, -side * w * 0.2)
            sheet.paper(path, lighten(dark, 0.03), mix(dark, b.palette.near, 0.6), edge=0.2, lift=0.0)
            for i in range(3):  # cuts in the bark
                bx = x + (i - 1) * w * 0.24
                cut = skia.Path()
                cut.moveTo(bx, b.height * rng.uniform(0.1, 0.3))
                cut.quadTo(bx + w * 0.06, b.height * 0.4, bx - w * 0.04, b.height * rng.uniform(0.5, 0.75))
                sheet.line(cut, lighten(dark, -0.05), w * 0.05, 0.55)
        frame_leaves(b, f"bough {k + 1}", side, reach=0.34 if k == 0 else 0.26)


def light_shafts(b: SetBuilder, alpha: float = 0.2) -> None:
    """Slanting bands of light from the sun's or moon's place."""
    if b.weather in ("rain", "storm", "cloudy", "fog"):
        return
    rng = b.dice("shafts")
    x0, y0 = b.light_x, -b.height * 0.1
    with b.sheet("light shafts", 0.3, shadow=False, blend="add") as sheet:
        for _ in range(4):
            a = math.pi / 2 + b.side * rng.uniform(0.15, 0.75)
            w = b.unit * rng.uniform(0.05, 0.14)
            n = b.height * 1.05
            ex, ey = x0 + math.cos(a) * n, y0 + math.sin(a) * n
            path = polygon([(x0 - w * 0.25, y0), (x0 + w * 0.25, y0), (ex + w * 1.4, ey), (ex - w * 1.4, ey)])
            rgb = b.palette.light
            strength = alpha * (0.6 if b.dark else 1.0) * rng.uniform(0.5, 1.0)
            shader = linear(
                x0,
                y0,
                ex,
                ey,
                (
                    (0, argb(rgb, strength)),
                    (0.55, argb(rgb, strength * 0.5)),
                    (0.9, argb(rgb, 0.0)),
                    (1, argb(rgb, 0.0)),
                ),
            )
            paint = skia.Paint(AntiAlias=True, Shader=shader, Dither=True)
            paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, b.unit * 0.008))
            sheet.canvas.drawPath(path, paint)


def mushrooms(b: SetBuilder, sheet: Sheet, rng: Random, line: object) -> None:
    """A few toadstools at the rim of the clearing."""
    left, _, right, _ = b.keep_clear
    for _ in range(rng.choice((0, 2, 3))):
        x = rng.choice((rng.uniform(b.width * 0.04, left), rng.uniform(right, b.width * 0.96)))
        y = b.ground_y + b.px(rng.uniform(0.15, 0.45))
        h = b.px(rng.uniform(0.14, 0.26))
        stem = sheet_below(level_line(y - h * 0.7), x - h * 0.12, x + h * 0.12, y, h)
        sheet.paper(stem, b.tone(hex_rgb("#f3e6cf"), 0.6), b.tone(hex_rgb("#c9ad92"), 0.6), lift=0.3)
        cap = skia.Path()
        cap.moveTo(x - h * 0.46, y - h * 0.58)
        cap.cubicTo(x - h * 0.4, y - h * 1.2, x + h * 0.4, y - h * 1.2, x + h * 0.46, y - h * 0.58)
        cap.quadTo(x, y - h * 0.46, x - h * 0.46, y - h * 0.58)
        red = b.tone(hex_rgb("#d4503f"), 0.6)
        sheet.paper(cap, lighten(red, 0.04), lighten(red, -0.06), lift=0.4)
        for dx, dy, r in ((-0.2, -0.76, 0.06), (0.05, -0.9, 0.075), (0.24, -0.7, 0.05)):
            sheet.circle(x + dx * h, y + dy * h, r * h, b.tone(hex_rgb("#fbf3e2"), 0.6), 0.95)
