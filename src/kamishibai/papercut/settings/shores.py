"""Where land meets water: the beach and the river's bank."""

from __future__ import annotations

import math
from random import Random

import skia

from kamishibai.documents.takes import Life
from kamishibai.papercut.brush import Sheet
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.settings.fields import rolling_hills
from kamishibai.papercut.settings.growth import (
    LEAF_GREENS,
    draw_tree,
    foreground,
    frame_leaves,
    tufts,
    wildflowers,
)
from kamishibai.papercut.settings.waters import far_water, island, water_glitter, wave_sheet
from kamishibai.papercut.shapes import (
    Curve,
    blob,
    grass,
    hill_line,
    palm,
    polygon,
    rock,
    sheet_below,
    smooth,
    star,
    sum_line,
    tilted_line,
)
from kamishibai.papercut.sky import hang_sky
from kamishibai.papercut.weather import lay_weather, lightning

__all__ = ["beach", "river"]

_SAND = hex_rgb("#ecd5a4")
_WET = hex_rgb("#c9ab80")


def beach(b: SetBuilder) -> None:
    """Build a beach: sea and surf behind, sand underfoot, a palm or a parasol to the side."""
    rng = b.dice("beach")
    hang_sky(b)
    if b.weather == "storm":
        lightning(b)
    far_water(b)
    if rng.random() < 0.6:
        island(b, 0.12)
    water_glitter(b, b.horizon + b.unit * 0.004, b.level(0.4), 0.16)
    rough = {"storm": 1.8, "wind": 1.4}.get(b.weather, 1.0)
    for i, depth in enumerate((0.26, 0.36)):
        wave_sheet(
            b,
            f"wave {i + 1}",
            depth,
            b.level(depth),
            b.unit * 0.018 * rough * (1 + 0.6 * i),
            b.unit * (0.17 + 0.1 * i),
            hex_rgb(("#58b7c2", "#46aebb")[i]),
        )
    lay_weather(b, "far")
    tilt = rng.choice((-1.0, 1.0)) * b.unit * 0.06
    shore = hill_line(b.level(0.47), b.unit * 0.03, b.width, rng, 0.9)

    line = tilted_line(shore, tilt / b.width, b.width / 2)

    life = Life(kind="glide", amplitude=b.unit * 0.01, period_s=6.0)
    with b.sheet("surf", 0.44, life=life) as sheet:
        for up, rgb, alpha in ((0.034, "#9fdad6", 1.0), (0.02, "#f6fbf4", 0.95), (0.008, "#d8eee6", 1.0)):
            wave = hill_line(-up * b.unit, b.unit * 0.012, b.width * 0.3, rng, 1.0)
            path = sheet_below(
                sum_line(line, wave),
                -b.width * 0.1,
                b.width * 1.1,
                b.level(0.55),
                b.width / 90,
            )
            sheet.flat(path, b.tone(hex_rgb(rgb), 0.46), alpha)
    with b.sheet("wet sand", 0.5, ground=line) as sheet:
        b.land(sheet, line, _WET, 0.5, haze=0.1)
        if rng.random() < 0.7:
            _rocks(b, sheet, line, 0.5, rng)
    _beach_side(b, rng)
    ground = hill_line(b.ground_y - b.unit * 0.02, b.unit * 0.035, b.width, rng, 0.8)
    with b.sheet("sand", 0.6, ground=lambda x: ground(x) + b.unit * 0.022, main=True) as sheet:
        b.land(sheet, ground, _SAND, 0.6, haze=0.3)
        _ripples(b, sheet, rng)
        _shells(b, sheet, rng)
    foreground(b, "dune grass", rise=1.1, depth=0.86)
    lay_weather(b, "near")


def _rocks(b: SetBuilder, sheet: Sheet, line: Curve, depth: float, rng: Random) -> None:
    """Boulders at the water's edge, to one side."""
    side = rng.choice((-1, 1))
    for i in range(3):
        x = b.width * (0.5 + side * (0.32 + 0.07 * i + rng.uniform(-0.02, 0.02)))
        w = b.px(rng.uniform(0.7, 1.5), depth)
        h = w * rng.uniform(0.5, 0.8)
        tone = b.tone(hex_rgb("#8d8291"), depth, rng.uniform(-0.05, 0.03))
        sheet.paper(
            rock(x, line(x) + b.px(0.3, depth), w, h, rng),
            lighten(tone, 0.04),
            lighten(tone, -0.08),
            lift=0.6,
        )
        b.anchor("rock", (x - w / 2, line(x) - h, x + w / 2, line(x)), depth)


def _ripples(b: SetBuilder, sheet: Sheet, rng: Random) -> None:
    tone = b.tone(_WET, 0.6, 0.03)
    for _ in range(9):
        x, y = rng.uniform(0, b.width), b.ground_y + b.unit * rng.uniform(0.04, 0.14)
        n = b.unit * rng.uniform(0.06, 0.16)
        path = skia.Path()
        path.moveTo(x - n, y)
        path.cubicTo(x - n * 0.4, y - n * 0.1, x + n * 0.3, y + n * 0.1, x + n, y)
        sheet.line(path, tone, b.unit * 0.003, 0.5)


def _shells(b: SetBuilder, sheet: Sheet, rng: Random) -> None:
    for _ in range(rng.choice((2, 3, 4))):
        x = rng.uniform(0.08, 0.92) * b.width
        y, r = b.ground_y + b.unit * rng.uniform(0.05, 0.11), b.px(0.08)
        if rng.random() < 0.5:
            sheet.paper(
                star(x, y, r * 1.3, r * 0.6, 5, rng.uniform(0, 1)), b.tone(hex_rgb("#ee8468"), 0.62), lift=0.2
            )
        else:
            shell = polygon(
                [(x, y + r * 0.7)]
                + [(x + math.cos(a) * r, y - math.sin(a) * r) for a in [math.pi * k / 8 for k in range(9)]]
            )
            sheet.paper(shell, b.tone(hex_rgb("#f7dccb"), 0.62), b.tone(hex_rgb("#e3a89a"), 0.62), lift=0.2)


def _beach_side(b: SetBuilder, rng: Random) -> None:
    """A palm, or a parasol, beside the subject's place."""
    side = rng.choice((-1.0, 1.0))
    left, _, right, _ = b.keep_clear
    x = left * 0.55 if side < 0 else b.width - (b.width - right) * 0.55
    base = b.level(0.575)
    with b.sheet("beach tree", 0.57) as sheet:
        if rng.random() < 0.72:
            for k in range(rng.choice((1, 2))):
                h = b.px(rng.uniform(3.2, 4.4)) * (1 - 0.25 * k)
                px = x + side * b.unit * 0.07 * k
                stem, fronds = palm(px, base, h, rng, -side * h * rng.uniform(0.12, 0.24))
                bark, green = b.tone(hex_rgb("#93694a"), 0.57), b.tone(hex_rgb("#3f8f63"), 0.57)
                sheet.paper(stem, bark, lighten(bark, -0.05), lift=0.6)
                sheet.paper(fronds, lighten(green, 0.04), lighten(green, -0.06), lift=0.5, edge=0.25)
                if k == 0:
                    b.anchor("tree", (px - h * 0.4, base - h, px + h * 0.4, base), 0.57)
                    b.anchor("palm", (px - h * 0.4, base - h, px + h * 0.4, base), 0.57)
        else:
            h = b.px(2.1)
            tip = (x - side * h * 0.1, base - h)
            pole = polygon(
                [
                    (x - h * 0.012, base),
                    (tip[0] - h * 0.012, tip[1]),
                    (tip[0] + h * 0.012, tip[1]),
                    (x + h * 0.012, base),
                ]
            )
            sheet.paper(pole, b.tone(hex_rgb("#f3ead8"), 0.57), lift=0.4)
            r = h * 0.62
            for i in range(6):
                a0, a1 = math.pi * i / 6, math.pi * (i + 1) / 6
                gore = skia.Path()
                gore.moveTo(*tip)
                gore.quadTo(
                    tip[0] - math.cos(a0) * r * 0.8,
                    tip[1] + r * 0.02,
                    tip[0] - math.cos(a0) * r,
                    tip[1] + r * 0.52,
                )
                gore.quadTo(
                    tip[0] - math.cos((a0 + a1) / 2) * r * 0.98,
                    tip[1] + r * 0.42,
                    tip[0] - math.cos(a1) * r,
                    tip[1] + r * 0.52,
                )
                gore.quadTo(tip[0] - math.cos(a1) * r * 0.8, tip[1] + r * 0.02, *tip)
                tone = b.tone(hex_rgb("#e0604f" if i % 2 else "#fbf1de"), 0.57)
                sheet.paper(gore, lighten(tone, 0.03), lighten(tone, -0.06), edge=0.2)
            b.anchor("parasol", (x - r, base - h, x + r, base), 0.57)
            b.anchor("umbrella", (x - r, base - h, x + r, base), 0.57)


def river(b: SetBuilder) -> None:
    """Build a river winding out of the hills, reeds and stones on the near bank, a bridge or willow beyond."""
    rng = b.dice("river")
    greens = tuple(hex_rgb(c) for c in ("#a8cb92", "#8fbf80", "#7fb27a", "#86b46a"))
    hang_sky(b)
    if b.weather == "storm":
        lightning(b)
    rolling_hills(b, (0.14, 0.22), greens, rise=1.3, wood=1.4)
    lay_weather(b, "far")
    bank = hill_line(b.level(0.32), b.unit * 0.025, b.width, rng, 1.0)
    with b.sheet("far bank", 0.34, ground=bank) as sheet:
        for _ in range(round(6 * b.width / b.unit)):
            x = rng.uniform(-0.05, 1.05) * b.width
            if abs(x - b.light_x) < b.width * 0.12:
                continue
            draw_tree(
                b,
                sheet,
                rng.choice(("round", "oval", "pine")),
                x,
                bank(x) + 4,
                b.px(rng.uniform(2.6, 4.4), 0.34),
                0.34,
                rng.choice(LEAF_GREENS),
                rng,
                0.5,
            )
        b.land(sheet, bank, greens[2], 0.36, haze=0.2)
    _stream(b, rng)
    if rng.random() < 0.45:
        _bridge(b, rng)
    side = rng.choice((-1.0, 1.0))
    dip = hill_line(b.ground_y - b.unit * 0.02, b.unit * 0.03, b.width, rng, 0.9)

    def ground(x: float) -> float:
        return dip(x) - side * b.unit * 0.06 * (x / b.width - 0.5)

    with b.sheet("bank", 0.6, ground=lambda x: ground(x) + b.unit * 0.016, main=True) as sheet:
        _reeds(b, sheet, ground, rng)
        b.land(sheet, ground, greens[3], 0.6, haze=0.42)
        for _ in range(5):
            x = rng.uniform(0, b.width)
            w = b.px(rng.uniform(0.3, 0.7))
            tone = b.tone(hex_rgb("#a39fa3"), 0.6, rng.uniform(-0.06, 0.03))
            if b.clear_of(x, w):
                y = ground(x) + b.px(0.12)
                sheet.paper(rock(x, y, w, w * 0.6, rng), lighten(tone, 0.04), lighten(tone, -0.08), lift=0.5)
                b.anchor("rock", (x - w / 2, y - w * 0.6, x + w / 2, y), 0.6)
        tufts(b, sheet, ground, 0.6, LEAF_GREENS[0], 20, 0.17, "tufts near")
        wildflowers(b, sheet, ground, 0.6, 10, "flowers", 0.5)
    foreground(b, "foreground", growth=rng.choice(("grass", "fern")), rise=1.1, depth=0.86)
    frame_leaves(b, "bough", -b.side if rng.random() < 0.6 else b.side, reach=0.36)
    lay_weather(b, "near")


def _stream(b: SetBuilder, rng: Random) -> None:
    """The water between the banks, its folds and the sky's reflection, gliding slowly."""
    top, foot = b.level(0.345), b.height
    blue = mix(b.tone(hex_rgb("#5fb0c4"), 0.42), b.palette.horizon, 0.22)
    deep = b.tone(hex_rgb("#3587a4"), 0.56)
    with b.sheet("river", 0.4, ground=lambda x: b.level(0.5)) as sheet:
        path = polygon([(-9, top), (b.width + 9, top), (b.width + 9, foot), (-9, foot)])
        sheet.paper(path, blue, deep, span=(top, b.level(0.6)), edge=0)
        b.wash(sheet, path, 0.2, 1.0)
    b.anchor("river", (0.0, top, float(b.width), b.level(0.55)), 0.46, "on", "in", "beside", "behind", "near")
    b.anchor("water", (0.0, top, float(b.width), b.level(0.55)), 0.46, "on", "in", "beside", "behind", "near")
    water_glitter(b, top + b.unit * 0.01, b.level(0.55), 0.42)
    life = Life(kind="glide", amplitude=b.unit * 0.014, period_s=6.5)
    with b.sheet("ripples", 0.45, shadow=False, life=life) as sheet:
        for i in range(30):
            t = (i + 0.5) / 30
            y = top + (b.ground_y - top) * (0.06 + 0.9 * t**1.3)
            x, n = rng.uniform(-0.05, 1.05) * b.width, b.unit * (0.04 + 0.16 * t) * rng.uniform(0.5, 1.2)
            h = n * 0.05
            lens = smooth(
                [
                    (x - n, y),
                    (x - n * 0.3, y - h),
                    (x + n * 0.4, y - h * 0.3),
                    (x + n, y),
                    (x + n * 0.2, y + h * 0.5),
                ]
            )
            sheet.flat(lens, lighten(mix(blue, deep, t), rng.choice((0.07, 0.05, -0.04))), 0.7)


def _reeds(b: SetBuilder, sheet: Sheet, ground: Curve, rng: Random) -> None:
    side = rng.choice((-1, 1))
    for cluster in range(2):
        x0 = b.width * (0.5 + side * (0.3 + 0.12 * cluster))
        side = -side
        for _ in range(7):
            x = x0 + rng.uniform(-0.06, 0.06) * b.width
            h = b.px(rng.uniform(0.7, 1.3))
            y = ground(x) + 4
            green = b.tone(LEAF_GREENS[2], 0.58, rng.uniform(-0.08, 0.02))
            sheet.flat(grass(x, y, h, h * 0.4, rng, 3), green)
            sheet.rect(
                (x - h * 0.02, y - h * 1.04, x + h * 0.02, y - h * 0.76),
                b.tone(hex_rgb("#7c4f36"), 0.58),
                1.0,
                h * 0.02,
            )


def _bridge(b: SetBuilder, rng: Random) -> None:
    """A small stone bridge across the water."""
    side = -b.side
    x0, x1 = sorted((b.width * (0.5 + side * 0.12), b.width * (0.5 + side * 0.56)))
    y = b.level(0.43)
    rise, w = b.unit * 0.07, x1 - x0
    stone = b.tone(hex_rgb("#b9aca2"), 0.42)
    with b.sheet("bridge", 0.42) as sheet:
        path = skia.Path()
        path.moveTo(x0 - w * 0.1, y)
        path.lineTo(x0 - w * 0.1, y - rise * 0.5)
        path.quadTo((x0 + x1) / 2, y - rise * 2.4, x1 + w * 0.1, y - rise * 0.5)
        path.lineTo(x1 + w * 0.1, y)
        path.lineTo(x1 - w * 0.16, y)
        path.cubicTo(x1 - w * 0.2, y - rise * 1.35, x0 + w * 0.2, y - rise * 1.35, x0 + w * 0.16, y)
        path.close()
        sheet.paper(path, lighten(stone, 0.04), lighten(stone, -0.06), lift=0.6)
        for _ in range(12):
            sx = rng.uniform(x0, x1)
            t = (sx - x0) / w
            sy = y - rise * (0.5 + 0.85 * math.sin(math.pi * t)) - rise * 0.12
            sheet.flat(blob(sx, sy, rise * 0.16, rise * 0.08, rng, 7), lighten(stone, -0.07), 0.8)
    # No anchor: it is too far away for players of this size to stand on. Who crosses a bridge gets one in front.
