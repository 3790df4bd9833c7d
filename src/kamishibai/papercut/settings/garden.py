"""The garden: clipped hedges, a rose arch, beds in bloom."""

from __future__ import annotations

import math
from random import Random

import skia

from kamishibai.documents.takes import Life
from kamishibai.papercut.brush import Sheet
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.settings.buildings import chimney_smoke, cottage, fence
from kamishibai.papercut.settings.fields import rolling_hills
from kamishibai.papercut.settings.growth import (
    LEAF_GREENS,
    draw_tree,
    frame_leaves,
    tufts,
    wildflowers,
)
from kamishibai.papercut.shapes import Curve, blob, bush, flower, hill_line, leaf, polygon, round_crown
from kamishibai.papercut.sky import hang_sky
from kamishibai.papercut.weather import lay_weather, lightning

__all__ = ["garden"]

_HUES = ("#ee6f7c", "#f2a33c", "#f7d9e0", "#b78fd6", "#f4cf55", "#e2574c", "#fbf4e6")
_GLOW = hex_rgb("#ffbf6a")


def garden(b: SetBuilder) -> None:
    """Build a garden: clipped trees, a house beyond the hedge, a rose arch, beds in bloom, a path."""
    rng = b.dice("garden")
    greens = tuple(hex_rgb(c) for c in ("#a6cb94", "#8fbd80", "#79ad70", "#8fba68"))
    hang_sky(b)
    if b.weather == "storm":
        lightning(b)
    rolling_hills(b, (0.14,), greens, rise=1.2, wood=2.0)
    lay_weather(b, "far")
    spots: list[tuple[float, float, float]] = []
    line = hill_line(b.level(0.28), b.unit * 0.03, b.width, rng, 0.9)
    with b.sheet("beyond", 0.3, ground=line) as sheet:
        for _ in range(round(5 * b.width / b.unit)):
            x = rng.uniform(-0.02, 1.02) * b.width
            draw_tree(
                b,
                sheet,
                rng.choice(("oval", "round", "oval")),
                x,
                line(x) + 4,
                b.px(rng.uniform(3.4, 5.2), 0.3),
                0.3,
                rng.choice(LEAF_GREENS),
                rng,
            )
        if rng.random() < 0.7:
            x, w = b.width * (0.5 - b.side * rng.uniform(0.18, 0.36)), b.px(5.0, 0.3)
            chimney_smoke(b, sheet, x + w * 0.24, line(x) - w * 1.2, w * 0.1, 0.3, rng)
            spots += [(px, py, w * 0.4) for px, py in cottage(b, sheet, x, line(x) + 6, w, 0.38, rng)]
            b.anchor("house", (x - w / 2, line(x) - w * 1.3, x + w / 2, line(x)), 0.3)
        b.land(sheet, line, greens[1], 0.32, haze=0.35)
    if spots:
        b.glow_plane("window glow", 0.34, spots, _GLOW, 0.3)
    _hedge(b, rng)
    line2 = hill_line(b.level(0.49), b.unit * 0.02, b.width, rng, 0.8)
    with b.sheet("lawn", 0.49, ground=line2) as sheet:
        _arch_or_tree(b, sheet, line2, rng)
        b.land(sheet, line2, greens[2], 0.49, haze=0.15)
    _bed(b, "bed", 0.54, line2, rng)
    ground = hill_line(b.ground_y - b.unit * 0.014, b.unit * 0.022, b.width, rng, 0.8)
    with b.sheet("path", 0.6, ground=lambda x: ground(x) + b.unit * 0.018, main=True) as sheet:
        b.land(sheet, ground, greens[3], 0.6, haze=0.42)
        if rng.random() < 0.65:
            for i in range(round(7 * b.width / b.unit)):
                x, y = (
                    b.unit * (0.05 + 0.155 * i) + rng.uniform(-0.01, 0.01) * b.unit,
                    b.ground_y + b.unit * (0.035 + 0.02 * math.sin(i * 1.3)),
                )
                tone = b.tone(hex_rgb("#d9cdb8"), 0.6, rng.uniform(-0.04, 0.03))
                sheet.paper(
                    blob(x, y, b.unit * 0.055, b.unit * 0.014, rng, 9, 0.08),
                    tone,
                    lighten(tone, -0.07),
                    lift=0.2,
                )
        tufts(b, sheet, ground, 0.6, LEAF_GREENS[0], 20, 0.14, "tufts")
        wildflowers(b, sheet, ground, 0.6, 8, "flowers", 0.5)
    _flower_corner(b, rng)
    if rng.random() < 0.6:
        frame_leaves(b, "bough", b.side, reach=0.3)
    lay_weather(b, "near")


def _hedge(b: SetBuilder, rng: Random) -> None:
    """A clipped hedge with topiary balls, or a picket fence with climbers."""
    y = b.level(0.41)
    h = b.px(1.1, 0.41)
    green = b.tone(hex_rgb("#4f8a5b"), 0.41)
    with b.sheet("hedge", 0.41) as sheet:
        if rng.random() < 0.6:
            step = b.px(2.4, 0.41)
            x = rng.uniform(0, 0.5) * step
            while x < b.width:
                kind = rng.choice(("ball", "cone", "ball"))
                if kind == "ball":
                    sheet.paper(
                        round_crown(x, y - h * 1.35, h * 0.42, rng, 11),
                        lighten(green, 0.05),
                        lighten(green, -0.05),
                        lift=0.4,
                    )
                else:
                    sheet.paper(
                        polygon([(x - h * 0.4, y - h * 0.9), (x, y - h * 2.2), (x + h * 0.4, y - h * 0.9)]),
                        lighten(green, 0.04),
                        lighten(green, -0.06),
                        lift=0.4,
                    )
                x += step
            path = skia.Path()
            n = 40
            path.moveTo(-9, y + 9)
            path.lineTo(-9, y - h)
            for i in range(n):
                x1 = -9 + (b.width + 18) * (i + 1) / n
                path.quadTo(x1 - (b.width + 18) / n / 2, y - h * rng.uniform(1.04, 1.12), x1, y - h)
            path.lineTo(b.width + 9, y + 9)
            path.close()
            sheet.paper(path, lighten(green, 0.02), lighten(green, -0.07), lift=0.5)
            hue = b.tone(hex_rgb(rng.choice(_HUES)), 0.42)
            for _ in range(round(24 * b.width / b.unit)):
                sheet.circle(
                    rng.uniform(0, b.width),
                    y - h * rng.uniform(0.1, 0.92),
                    h * rng.uniform(0.04, 0.075),
                    hue,
                    0.9,
                )
        else:
            tone = b.tone(hex_rgb("#f6efe0"), 0.41)
            fence(b, sheet, -9, b.width + 9, y + 2, h, tone, rng)
            for _ in range(round(10 * b.width / b.unit)):
                x = rng.uniform(0, b.width)
                sheet.paper(
                    bush(x, y + 4, h * rng.uniform(0.8, 1.6), h * rng.uniform(0.5, 0.9), rng),
                    lighten(green, rng.uniform(0, 0.05)),
                    lighten(green, -0.06),
                    lift=0.4,
                )
        path = polygon([(-9, y), (b.width + 9, y), (b.width + 9, b.height + 9), (-9, b.height + 9)])
        sheet.paper(
            path,
            b.tone(hex_rgb("#86b673"), 0.43, 0.03),
            b.tone(hex_rgb("#79aa68"), 0.46),
            span=(y, b.level(0.55)),
            edge=0.3,
        )
    b.anchor("hedge", (0.0, y - h, float(b.width), y), 0.41)
    b.anchor("fence", (0.0, y - h, float(b.width), y), 0.41)


def _arch_or_tree(b: SetBuilder, sheet: Sheet, line: Curve, rng: Random) -> None:
    """A rose arch on one side of the lawn and a fruit tree on the other."""
    side = rng.choice((-1, 1))
    left, _, right, _ = b.keep_clear
    x = left * 0.6 if side < 0 else b.width - (b.width - right) * 0.6
    h, w = b.px(2.7, 0.49), b.px(1.5, 0.49)
    base = line(x) + 8
    wood = b.tone(hex_rgb("#f3ead8"), 0.49)
    frame = skia.Path()
    frame.moveTo(x - w / 2, base)
    frame.lineTo(x - w / 2, base - h * 0.62)
    frame.cubicTo(x - w / 2, base - h * 1.1, x + w / 2, base - h * 1.1, x + w / 2, base - h * 0.62)
    frame.lineTo(x + w / 2, base)
    sheet.line(frame, lighten(wood, -0.05), w * 0.1)
    measure = skia.PathMeasure(frame, False)
    total = measure.getLength()
    hue = hex_rgb(rng.choice(_HUES))
    for i in range(46):
        found = measure.getPosTan(total * rng.uniform(0.06, 0.94))
        p = found[0]
        px, py = p.x() + rng.uniform(-0.13, 0.13) * w, p.y() + rng.uniform(-0.13, 0.13) * w
        if i % 2:
            sheet.flat(
                leaf(px, py, w * 0.17, rng.uniform(0, math.tau), 0.4),
                b.tone(rng.choice(LEAF_GREENS), 0.5, rng.uniform(-0.08, 0)),
            )
        else:
            sheet.paper(
                flower(px, py, w * rng.uniform(0.06, 0.1), 6, rng.random()),
                b.tone(hue, 0.5, rng.uniform(-0.05, 0.05)),
                edge=0.2,
            )
    b.anchor("arch", (x - w / 2, base - h, x + w / 2, base), 0.49)
    b.anchor("gate", (x - w / 2, base - h, x + w / 2, base), 0.49)
    x2 = b.width - (b.width - right) * 0.45 if side < 0 else left * 0.45
    ht = b.px(rng.uniform(3.2, 4.2), 0.49)
    state = line(x2) + 8
    draw_tree(b, sheet, "round", x2, state, ht, 0.49, rng.choice(LEAF_GREENS), rng, 0.9)
    fruit = b.tone(hex_rgb(rng.choice(("#e2574c", "#f2a33c", "#f6c9d4"))), 0.5)
    for _ in range(14):
        a, r = rng.uniform(0, math.tau), ht * 0.3 * rng.random() ** 0.5
        sheet.circle(x2 + math.cos(a) * r, state - ht * 0.66 + math.sin(a) * r * 0.8, ht * 0.019, fruit)
    b.anchor("tree", (x2 - ht * 0.3, state - ht, x2 + ht * 0.3, state), 0.49)


def _bed(b: SetBuilder, name: str, depth: float, line: Curve, rng: Random) -> None:
    """Beds of tall flowers to both sides of the subject's place, swaying."""
    hues = [hex_rgb(c) for c in rng.sample(_HUES, 3)]
    left, _, right, _ = b.keep_clear
    for side, x0, x1 in ((-1.0, -0.02 * b.width, left), (1.0, right, b.width * 1.02)):
        life = Life(kind="sway", amplitude=0.35, period_s=4.5 + side * 0.4, phase=rng.random())
        y = b.level(depth) + b.unit * 0.02
        box = (max(0.0, x0), y - b.px(1.3, depth), min(float(b.width), x1 + b.px(0.3)), y + b.unit * 0.03)
        with b.sheet(f"{name} {side:+.0f}", depth, life=life, bounds=box) as sheet:
            count = max(5, round((x1 - x0) / b.px(0.17, depth)))
            for i in range(min(count, 44)):
                x = x0 + (x1 - x0) * (i + rng.random()) / count
                h = b.px(rng.uniform(0.4, 0.85), depth)
                green = b.tone(LEAF_GREENS[2], depth, rng.uniform(-0.08, 0))
                stem = skia.Path()
                stem.moveTo(x, y + 6)
                stem.quadTo(x + h * 0.06, y - h * 0.5, x, y - h)
                sheet.line(stem, green, max(1.2, h * 0.03))
                sheet.flat(leaf(x, y - h * 0.2, h * 0.36, -0.8, 0.3), green)
                sheet.flat(leaf(x, y - h * 0.3, h * 0.32, -2.3, 0.3), green)
                rgb = b.tone(rng.choice(hues), depth)
                if rng.random() < 0.3:
                    for k in range(5):
                        sheet.circle(
                            x + (k % 2 - 0.5) * h * 0.06,
                            y - h * (0.74 + 0.08 * k),
                            h * 0.055,
                            lighten(rgb, 0.02 * k),
                        )
                else:
                    sheet.paper(
                        flower(x, y - h, h * rng.uniform(0.15, 0.21), rng.choice((5, 6, 8)), rng.random()),
                        rgb,
                        lift=0.12,
                        edge=0.2,
                    )
                    sheet.circle(x, y - h, h * 0.05, b.tone(hex_rgb("#f2c552"), depth))
            sheet.paper(
                bush((x0 + x1) / 2, y + b.unit * 0.02, (x1 - x0) * 1.05, b.px(0.32, depth), rng, 9),
                b.tone(LEAF_GREENS[2], depth, -0.04),
                b.tone(LEAF_GREENS[2], depth, -0.1),
                lift=0.3,
            )
    b.anchor("flowers", (right, b.level(depth) - b.px(0.8, depth), float(b.width), b.level(depth)), depth)


def _flower_corner(b: SetBuilder, rng: Random) -> None:
    """Large leaves and blooms close to the lens, in the lower corners."""
    dark = mix(b.palette.near, b.tone(LEAF_GREENS[2], 0.75), 0.3)
    hues = [hex_rgb(c) for c in rng.sample(_HUES, 2)]
    with b.sheet("front leaves", 0.9) as sheet:
        for side in (-1.0, 1.0):
            room = b.keep_clear[0] if side < 0 else b.width - b.keep_clear[2]
            x0 = 0.0 if side < 0 else float(b.width)
            for k in range(9):
                a = -math.pi / 2 - side * (0.16 * k - 0.35) + rng.uniform(-0.1, 0.1)
                n = min(room * 1.0, b.unit * rng.uniform(0.16, 0.3))
                sheet.paper(
                    leaf(x0 - side * room * 0.05 * k, b.height + 9, n, a, 0.24),
                    lighten(dark, rng.uniform(0.0, 0.06)),
                    dark,
                    edge=0.22,
                    lift=0.2,
                )
            for _ in range(4):
                x, y = x0 - side * room * rng.uniform(0.05, 0.6), b.height - b.unit * rng.uniform(0.03, 0.17)
                r, rgb = b.unit * rng.uniform(0.02, 0.036), b.tone(rng.choice(hues), 0.68)
                sheet.paper(
                    flower(x, y, r, 6, rng.random()),
                    lighten(rgb, 0.02),
                    lighten(rgb, -0.05),
                    lift=0.25,
                    edge=0.2,
                )
                sheet.circle(x, y, r * 0.28, b.tone(hex_rgb("#f2c552"), 0.66))
        low = max(b.keep_clear[3] + b.unit * 0.012, b.front_y)
        path = skia.Path()
        path.moveTo(-9, b.height + 9)
        n = round(22 * b.width / b.unit)
        for i in range(n + 1):
            x = b.width * i / n
            path.lineTo(x, low + b.unit * 0.012)
            path.quadTo(
                x + b.width / n * 0.5,
                low - b.unit * rng.uniform(0.0, 0.022),
                x + b.width / n,
                low + b.unit * 0.012,
            )
        path.lineTo(b.width + 9, b.height + 9)
        path.close()
        sheet.paper(path, lighten(dark, 0.03), dark, edge=0.2)
