"""The city: skylines seen from a park and from a roof terrace."""

from __future__ import annotations

import math
from random import Random

import skia

from kamishibai.documents.takes import Life
from kamishibai.papercut.brush import Sheet
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.settings.buildings import (
    block,
    chimney_smoke,
    lamp_post,
)
from kamishibai.papercut.settings.growth import LEAF_GREENS, draw_tree, foreground, frame_leaves, tufts
from kamishibai.papercut.shapes import hill_line, polygon
from kamishibai.papercut.sky import hang_sky
from kamishibai.papercut.weather import lay_weather, lightning

__all__ = ["GLOW", "city", "light_lamps", "park_bench", "paving", "rooftop", "skyline"]

GLOW = hex_rgb("#ffbf6a")
_BLOCKS = tuple(hex_rgb(c) for c in ("#7f93ad", "#9a8fa8", "#8ba3a3", "#b09a94", "#6f86a6", "#a9a9b4"))


def skyline(b: SetBuilder, base: float, *, rows: int = 3, rise: float = 1.0, start: float = 0.1) -> None:
    """Lay rows of tower blocks, paler with distance, lit windows at night."""
    rng = b.dice("skyline")
    for i in range(rows):
        depth = start + 0.1 * i
        with b.sheet(f"skyline {i + 1}", depth) as sheet:
            x = -b.unit * 0.05
            peak = rng.uniform(0.25, 0.75) * b.width
            while x < b.width * 1.03:
                w = b.unit * rng.uniform(0.055, 0.11) * (0.8 + 0.35 * i)
                near = math.exp(-(((x - peak) / (b.width * 0.3)) ** 2))
                tall = (
                    b.unit
                    * rise
                    * (0.1 + 0.13 * rng.random() + 0.2 * near * rng.uniform(0.6, 1.0))
                    * (1.1 - 0.1 * i)
                )
                block(
                    b,
                    sheet,
                    x,
                    x + w,
                    base + b.unit * 0.1,
                    base - tall,
                    depth + 0.04,
                    rng.choice(_BLOCKS),
                    rng,
                    0.42,
                )
                x += w * rng.uniform(0.96, 1.3)


def city(b: SetBuilder) -> None:
    """Build a city seen from a park: skyline behind skyline, trees, lamps, a bench and a path."""
    rng = b.dice("city")
    hang_sky(b, clouds=0.8)
    if b.weather == "storm":
        lightning(b)
    skyline(b, b.level(0.24), rise={"close": 1.25, "medium": 1.0, "wide": 0.85}[b.view])
    b.anchor(
        "building",
        (b.width * 0.3, b.horizon - b.unit * 0.2, b.width * 0.7, b.level(0.24)),
        0.3,
        "on",
        "behind",
        "near",
    )
    lay_weather(b, "far")
    line = hill_line(b.level(0.4), b.unit * 0.025, b.width, rng, 1.0)
    with b.sheet("park", 0.42, ground=line) as sheet:
        for _ in range(round(9 * b.width / b.unit)):
            x, h = rng.uniform(-0.02, 1.02) * b.width, b.px(rng.uniform(2.2, 3.4), 0.42)
            draw_tree(
                b,
                sheet,
                rng.choice(("round", "oval", "oval")),
                x,
                line(x) + 4,
                h,
                0.42,
                rng.choice(LEAF_GREENS),
                rng,
            )
        b.land(sheet, line, hex_rgb("#8fb487"), 0.44, haze=0.2)
    lamps: list[tuple[float, float]] = []
    line2 = hill_line(b.level(0.52), b.unit * 0.015, b.width, rng, 0.8)
    with b.sheet("lawn", 0.52, ground=line2) as sheet:
        b.land(sheet, line2, hex_rgb("#83aa72"), 0.52, haze=0.2)
        tufts(b, sheet, line2, 0.52, LEAF_GREENS[0], 14, 0.16, "tufts")
        for side in (-1.0, 1.0):
            x = b.width * (0.5 + side * rng.uniform(0.33, 0.42))
            lamps.append(lamp_post(b, sheet, x, line2(x) + b.px(0.25, 0.52), b.px(2.7, 0.52), 0.52))
            b.anchor("lamp", (x - b.px(0.3), lamps[-1][1] - b.px(0.2), x + b.px(0.3), line2(x)), 0.52)
        x = (
            b.keep_clear[0] * 0.62
            if lamps and rng.random() < 0.5
            else b.width - (b.width - b.keep_clear[2]) * 0.62
        )
        park_bench(b, sheet, x, line2(x) + b.px(0.5, 0.52), b.px(1.5, 0.52), 0.52)
    light_lamps(b, lamps, 0.53)
    flat = b.ground_y - b.unit * 0.03
    with b.sheet("path", 0.6, ground=lambda x: flat + b.unit * 0.035, main=True) as sheet:
        kerb = polygon([(-9, flat), (b.width + 9, flat), (b.width + 9, b.height + 9), (-9, b.height + 9)])
        tone = b.tone(hex_rgb("#d3c3ad"), 0.6)
        sheet.paper(kerb, lighten(tone, 0.03), mix(tone, b.palette.near, 0.4), edge=0.5)
        paving(b, sheet, flat, rng, lighten(tone, -0.06))
    foreground(b, "shrubs", growth="bush", rise=1.2, depth=0.88)
    if rng.random() < 0.7:
        frame_leaves(b, "bough", -b.side, reach=0.34)
    lay_weather(b, "near")


def paving(b: SetBuilder, sheet: Sheet, top: float, rng: Random, rgb: tuple[float, float, float]) -> None:
    """Paving seen in perspective."""
    path = skia.Path()
    vx = b.width / 2
    rows = [top + (b.height - top) * t for t in (0.06, 0.2, 0.42, 0.74)]
    for y in rows:
        path.moveTo(0, y)
        path.lineTo(b.width, y)
    for k, (y0, y1) in enumerate(zip(rows, [*rows[1:], b.height * 1.02], strict=True)):
        for i in range(-8, 9):
            x = vx + (i + 0.5 * (k % 2)) * b.unit * 0.22 * (y0 - b.horizon) / (b.ground_y - b.horizon)
            x2 = vx + (x - vx) * (y1 - b.horizon) / (y0 - b.horizon)
            path.moveTo(x, y0)
            path.lineTo(x2, y1)
    sheet.line(path, rgb, b.unit * 0.0022, 0.55)


def park_bench(b: SetBuilder, sheet: Sheet, x: float, base: float, width: float, depth: float) -> None:
    """A park bench."""
    wood, iron = b.tone(hex_rgb("#a8703f"), depth), b.tone(hex_rgb("#444a58"), depth)
    h = width * 0.5
    for s in (-1, 1):
        sheet.paper(
            polygon(
                [
                    (x + s * width * 0.42 - 3, base),
                    (x + s * width * 0.42 - 3, base - h),
                    (x + s * width * 0.42 + 3, base - h),
                    (x + s * width * 0.42 + 3, base),
                ]
            ),
            iron,
            lift=0.3,
        )
    for k, t in enumerate((0.98, 0.8, 0.62, 0.4)):
        y = base - h * t
        sheet.paper(
            polygon(
                [
                    (x - width / 2, y),
                    (x + width / 2, y),
                    (x + width / 2, y + h * 0.12),
                    (x - width / 2, y + h * 0.12),
                ]
            ),
            lighten(wood, 0.03 if k < 3 else -0.04),
            lift=0.3,
        )
    b.anchor("bench", (x - width / 2, base - h * 0.5, x + width / 2, base), depth)


def light_lamps(b: SetBuilder, lamps: list[tuple[float, float]], depth: float, size: float = 1.0) -> None:
    """Light the lamps of a set at dusk and night: a glow plane, and lights with a place."""
    if not b.dim or not lamps:
        return
    r = b.unit * 0.17 * size
    b.glow_plane("lamp glow", depth, [(x, y, r) for x, y in lamps], GLOW, 0.42)
    for x, y in lamps:
        b.lamp(x, y, r * 2.2, GLOW, 0.7)


def rooftop(b: SetBuilder) -> None:
    """Build a roof terrace above a city: skyline beyond, parapet, water tank, chimneys, strings of lights."""
    rng = b.dice("rooftop")
    hang_sky(b, clouds=0.8)
    if b.weather == "storm":
        lightning(b)
    skyline(b, b.level(0.36), rise={"close": 1.15, "medium": 0.95, "wide": 0.8}[b.view])
    b.anchor(
        "building",
        (b.width * 0.3, b.horizon - b.unit * 0.2, b.width * 0.7, b.level(0.24)),
        0.3,
        "on",
        "behind",
        "near",
    )
    lay_weather(b, "far")
    with b.sheet("near roofs", 0.42) as sheet:
        for side in (-1.0, 1.0):
            x = b.width * (0.5 + side * rng.uniform(0.3, 0.4))
            w = b.unit * rng.uniform(0.26, 0.34)
            block(
                b,
                sheet,
                x - w / 2,
                x + w / 2,
                b.height,
                b.level(0.3) - b.unit * rng.uniform(0.0, 0.08),
                0.42,
                rng.choice(_BLOCKS),
                rng,
                0.5,
                crown=False,
            )
            _water_tank(
                b, sheet, x, b.level(0.3) - b.unit * 0.0, b.unit * 0.13, 0.44
            ) if side == b.side else None
    top = b.level(0.5)
    brick = hex_rgb(rng.choice(("#a8604f", "#94707a", "#a9826a")))
    with b.sheet("parapet", 0.52) as sheet:
        tone = b.tone(brick, 0.52)
        wall_top = top - b.px(0.55, 0.52)
        _chimney(
            b,
            sheet,
            b.width * (0.5 - b.side * rng.uniform(0.36, 0.42)),
            wall_top + 6,
            b.px(1.3, 0.52),
            tone,
            rng,
        )
        path = polygon([(-9, wall_top), (b.width + 9, wall_top), (b.width + 9, b.height), (-9, b.height)])
        sheet.paper(path, lighten(tone, 0.03), lighten(tone, -0.08), span=(wall_top, top), edge=0)
        _bricks(sheet, b, wall_top, top, lighten(tone, -0.06))
        cap = b.px(0.09, 0.52)
        sheet.paper(
            polygon(
                [
                    (-9, wall_top - cap),
                    (b.width + 9, wall_top - cap),
                    (b.width + 9, wall_top + cap * 0.4),
                    (-9, wall_top + cap * 0.4),
                ]
            ),
            lighten(tone, 0.1),
            lift=0.3,
        )
    b.anchor("wall", (0.0, wall_top, float(b.width), top), 0.52)
    b.anchor("ledge", (0.0, wall_top - cap, float(b.width), wall_top), 0.52)
    with b.sheet("roof", 0.6, ground=lambda x: b.ground_y, main=True) as sheet:
        tone = b.tone(hex_rgb("#a8a09f"), 0.6)
        path = polygon([(-9, top), (b.width + 9, top), (b.width + 9, b.height + 9), (-9, b.height + 9)])
        sheet.paper(path, tone, mix(tone, b.palette.near, 0.55), edge=0.4)
        paving(b, sheet, top, rng, lighten(tone, -0.06))
    _terrace(b, rng)
    lay_weather(b, "near")


def _water_tank(b: SetBuilder, sheet: Sheet, x: float, base: float, size: float, depth: float) -> None:
    wood = b.tone(hex_rgb("#8a5f4a"), depth)
    legs = skia.Path()
    for k in (-0.36, -0.12, 0.12, 0.36):
        legs.moveTo(x + k * size, base)
        legs.lineTo(x + k * size, base - size * 0.5)
    sheet.line(legs, lighten(wood, -0.1), size * 0.05)
    sheet.paper(
        polygon(
            [
                (x - size * 0.48, base - size * 0.42),
                (x - size * 0.46, base - size * 1.2),
                (x + size * 0.46, base - size * 1.2),
                (x + size * 0.48, base - size * 0.42),
            ]
        ),
        lighten(wood, 0.04),
        lighten(wood, -0.05),
        lift=0.5,
    )
    for t in (0.6, 0.85, 1.08):
        sheet.rect(
            (x - size * 0.48, base - size * t, x + size * 0.48, base - size * t + size * 0.035),
            lighten(wood, -0.1),
            0.8,
        )
    sheet.paper(
        polygon(
            [
                (x - size * 0.54, base - size * 1.18),
                (x, base - size * 1.6),
                (x + size * 0.54, base - size * 1.18),
            ]
        ),
        lighten(wood, -0.05),
        lift=0.4,
    )


def _chimney(
    b: SetBuilder,
    sheet: Sheet,
    x: float,
    base: float,
    h: float,
    tone: tuple[float, float, float],
    rng: Random,
) -> None:
    w = h * 0.42
    sheet.paper(
        polygon([(x - w / 2, base), (x - w / 2, base - h), (x + w / 2, base - h), (x + w / 2, base)]),
        lighten(tone, 0.02),
        lighten(tone, -0.08),
        lift=0.6,
    )
    sheet.paper(
        polygon(
            [
                (x - w * 0.62, base - h),
                (x - w * 0.62, base - h * 1.1),
                (x + w * 0.62, base - h * 1.1),
                (x + w * 0.62, base - h),
            ]
        ),
        lighten(tone, 0.06),
        lift=0.3,
    )
    for s in (-0.22, 0.22):
        sheet.paper(
            polygon(
                [
                    (x + s * w - w * 0.13, base - h * 1.1),
                    (x + s * w - w * 0.1, base - h * 1.32),
                    (x + s * w + w * 0.1, base - h * 1.32),
                    (x + s * w + w * 0.13, base - h * 1.1),
                ]
            ),
            lighten(tone, -0.04),
        )
    b.anchor("chimney", (x - w / 2, base - h * 1.3, x + w / 2, base), 0.52)
    chimney_smoke(b, sheet, x, base - h * 1.4, w * 0.3, 0.5, rng)


def _bricks(sheet: Sheet, b: SetBuilder, top: float, foot: float, rgb: tuple[float, float, float]) -> None:
    h = max(6.0, (foot - top) / 6)
    w = h * 2.5
    path = skia.Path()
    rows = int((foot - top) / h) + 1
    for r in range(rows):
        y = top + r * h
        path.moveTo(0, y)
        path.lineTo(b.width, y)
        x = (r % 2) * w / 2
        while x < b.width:
            path.moveTo(x, y)
            path.lineTo(x, y + h)
            x += w
    sheet.line(path, rgb, max(1.0, b.unit * 0.0016), 0.5)


def _terrace(b: SetBuilder, rng: Random) -> None:
    """Strings of lamps overhead and plants at the sides."""
    spots: list[tuple[float, float, float]] = []
    dark = mix(b.palette.near, b.palette.shade, 0.1)
    life = Life(kind="bob", amplitude=b.unit * 0.003, period_s=5.0)
    with b.sheet("strings", 0.7, life=life, bounds=(0, 0, b.width, b.height * 0.5)) as sheet:
        for _ in range(2):
            y0, y1, sag = (
                b.height * rng.uniform(0.02, 0.16),
                b.height * rng.uniform(0.02, 0.16),
                b.unit * rng.uniform(0.06, 0.11),
            )
            count = round(11 * b.width / b.unit)
            cord = skia.Path()
            for i in range(count * 2 + 1):
                t = i / (count * 2)
                x, y = t * b.width, y0 + (y1 - y0) * t + sag * 4 * t * (1 - t)
                if i == 0:
                    cord.moveTo(x, y)
                else:
                    cord.lineTo(x, y)
                if i % 2:
                    r = b.unit * 0.0085
                    sheet.circle(x, y + r * 1.3, r, GLOW if b.dim else b.tone(hex_rgb("#ffeec2"), 0.6))
                    if b.dim:
                        spots.append((x, y + r, r * 5.5))
            sheet.line(cord, dark, b.unit * 0.002)
    b.glow_plane("string lights", 0.71, spots, GLOW, 0.4, 0.1, 3.0)
    if b.dim:
        b.lamp(b.width * 0.3, b.height * 0.2, b.unit * 0.5, GLOW, 0.35)
        b.lamp(b.width * 0.7, b.height * 0.2, b.unit * 0.5, GLOW, 0.35)
    with b.sheet("pots", 0.86) as sheet:
        for side in (-1.0, 1.0):
            room = b.keep_clear[0] if side < 0 else b.width - b.keep_clear[2]
            w = min(room * 0.75, b.unit * 0.2) * rng.uniform(0.8, 1.1)
            x = room * 0.3 if side < 0 else b.width - room * 0.3
            base, top = b.height + 6, b.height - w * 0.62
            for k in range(9):
                a = -math.pi / 2 + (k - 4) * 0.24
                n = w * rng.uniform(1.0, 1.6)
                path = skia.Path()
                path.moveTo(x - w * 0.03, top)
                path.quadTo(
                    x + math.cos(a) * n * 0.4 - w * 0.05,
                    top + math.sin(a) * n * 0.8,
                    x + math.cos(a) * n,
                    top + math.sin(a) * n * 0.8,
                )
                path.quadTo(
                    x + math.cos(a) * n * 0.4 + w * 0.06, top + math.sin(a) * n * 0.6, x + w * 0.03, top
                )
                sheet.paper(path, lighten(dark, rng.uniform(0.02, 0.07)), edge=0.15)
            sheet.paper(
                polygon([(x - w * 0.4, top), (x + w * 0.4, top), (x + w * 0.3, base), (x - w * 0.3, base)]),
                lighten(dark, 0.06),
                dark,
                lift=0.5,
                edge=0.3,
            )
