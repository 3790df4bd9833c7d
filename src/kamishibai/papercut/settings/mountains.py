"""The mountains: snowy ranges behind wooded foothills."""

from __future__ import annotations

from random import Random

import skia

from kamishibai.papercut.brush import Sheet
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.settings.growth import LEAF_GREENS, draw_tree, foreground, stand, tufts, wildflowers
from kamishibai.papercut.shapes import (
    Curve,
    hill_line,
    jagged_line,
    pine,
    polygon,
    rock,
    sheet_below,
)  # fmt: skip
from kamishibai.papercut.sky import hang_sky
from kamishibai.papercut.weather import lay_weather, lightning

__all__ = ["crag", "mountains", "peaks", "stones"]

_ROCK = tuple(hex_rgb(c) for c in ("#9fb0c4", "#8499b4", "#6d84a2", "#5f7a80"))
_SNOW = hex_rgb("#f4f8fb")


def peaks(
    b: SetBuilder,
    name: str,
    depth: float,
    base: float,
    height: float,
    rng: Random,
    count: int,
    snow_line: float = 0.62,
) -> None:
    """Lay a range of peaks: a light and a shaded flank to each, snow on the tops."""
    count = max(
        2, round(count * min(1.0, b.width / b.unit / 1.6))
    )  # a narrow picture has fewer peaks, not thinner ones
    line = jagged_line(base, height, b.width, rng, count)
    rock_rgb = b.tone(rng.choice(_ROCK[1:3]), depth + 0.12)
    with b.sheet(name, depth, ground=line) as sheet:
        step = b.width / 150
        path = sheet_below(line, -b.width * 0.05, b.width * 1.05, b.height * 1.02, step)
        sheet.paper(
            path,
            lighten(rock_rgb, 0.03),
            mix(rock_rgb, b.scheme.mist, 0.7),
            edge=0.35,
            span=(base - height, base + height * 0.12),
        )
        xs = [-b.width * 0.05 + i * step for i in range(round(b.width * 1.1 / step) + 1)]
        tops = [
            x
            for i, x in enumerate(xs[1:-1], 1)
            if line(xs[i - 1]) > line(x) <= line(xs[i + 1]) and line(x) < base - height * 0.38
        ]
        white = b.tone(_SNOW, depth + 0.34)
        for px in tops:
            top = line(px)
            h = base - top
            away = -b.side
            flank = polygon([  # the side turned from the light, cut as one long folded triangle
                (px, top), (px + away * h * 0.14, top + h * 0.3), (px + away * h * 0.06, top + h * 0.42),
                (px + away * h * 0.24, top + h * 0.66), (px + away * h * 0.14, top + h * 0.8),
                (px + away * h * 0.34, top + h * 1.1), (px + away * h * 1.1, top + h * 1.1),
                *[(x, line(x)) for x in sorted((x for x in xs if 0 < (x - px) * away < h * 1.05), key=lambda x: -(x - px) * away)],
            ])  # fmt: skip
            clip = b.tone(_ROCK[2], depth + 0.12, -0.07)
            sheet.canvas.save()
            sheet.canvas.clipPath(path, skia.ClipOp.kIntersect, True)
            paint_low = mix(clip, b.scheme.mist, 0.75)
            sheet.paper(flank, mix(clip, rock_rgb, 0.25), paint_low, edge=0, span=(top, base + height * 0.1))
            if h > height * snow_line * 0.8:
                d = h * rng.uniform(0.24, 0.34)
                cap = [(px - h * 0.6, top - h * 0.1), (px + h * 0.6, top - h * 0.1)]
                teeth = 6
                edge = []
                for k in range(teeth + 1):
                    t = 1 - 2 * k / teeth
                    edge.append(
                        (
                            px + t * h * 0.5,
                            top + d * (0.62 + 0.5 * abs(t)) + (d * 0.3 if k % 2 else -d * 0.12),
                        )
                    )
                sheet.paper(polygon([*cap, *edge]), lighten(white, 0.02), edge=0, lift=0.35)
                shade = [
                    (px, top - 2),
                    (px + away * h * 0.14, top + h * 0.3),
                    (px + away * h * 0.06, top + h * 0.42),
                    (px + away * h * 0.6, top + h * 0.5),
                    (px + away * h * 0.6, top - h * 0.1),
                ]
                sheet.canvas.clipPath(polygon([*cap, *edge]), skia.ClipOp.kIntersect, True)
                sheet.flat(polygon(shade), mix(white, b.palette.zenith, 0.34))
            sheet.canvas.restore()
        b.wash(sheet, path, depth, 0.6)


def mountains(b: SetBuilder) -> None:
    """Build two ranges of peaks, wooded foothills and a ledge in front."""
    rng = b.dice("mountains")
    hang_sky(b, clouds=0.8)
    if b.weather == "storm":
        lightning(b)
    lift = {"close": 0.22, "medium": 0.33, "wide": 0.42}[b.view] * b.unit
    peaks(b, "far range", 0.07, b.level(0.14), lift * 1.15, rng, rng.choice((4, 5)), 0.5)
    peaks(b, "range", 0.16, b.level(0.2) + b.unit * 0.01, lift * 0.85, rng, rng.choice((3, 4)), 0.72)
    b.anchor(
        "mountain", (b.width * 0.2, b.horizon - lift, b.width * 0.8, b.horizon), 0.16, "on", "behind", "near"
    )
    lay_weather(b, "far")
    greens = tuple(hex_rgb(c) for c in ("#7fa48c", "#6b9478", "#5d8a6c"))
    for i, depth in enumerate((0.27, 0.38)):
        line = hill_line(b.level(depth) - b.unit * 0.03, b.unit * (0.1 - 0.02 * i), b.width, rng, 1.1)
        with b.sheet(f"foothill {i + 1}", depth, ground=line) as sheet:
            stand(
                b,
                sheet,
                line,
                depth,
                ("pine",),
                round((16, 9)[i] * b.width / b.unit),
                (3.4, 2.7)[i],
                f"pines {i}",
                greens,
                spare=0.3 + 0.4 * i,
            )
            b.land(sheet, line, greens[i], depth, haze=0.45)
    line = hill_line(b.level(0.5), b.unit * 0.05, b.width, rng, 0.9)
    with b.sheet("slope", 0.5, ground=line) as sheet:
        for side in (-1.0, 1.0):
            for _ in range(rng.choice((1, 2))):
                x = b.width * (0.5 + side * rng.uniform(0.36, 0.5))
                h = b.px(rng.uniform(2.6, 4.0), 0.5)
                draw_tree(b, sheet, "pine", x, line(x) + 5, h, 0.5, greens[2], rng, 0.8)
                b.anchor("tree", (x - h * 0.2, line(x) - h, x + h * 0.2, line(x)), 0.5)
        b.land(sheet, line, hex_rgb("#84a07a"), 0.5, haze=0.25)
        tufts(b, sheet, line, 0.5, greens[1], 12, 0.2, "tufts mid")
    ground = hill_line(b.ground_y - b.unit * 0.012, b.unit * 0.03, b.width, rng, 0.9)
    with b.sheet("ledge", 0.6, ground=lambda x: ground(x) + b.unit * 0.014, main=True) as sheet:
        b.land(sheet, ground, hex_rgb("#8ca37c"), 0.6, haze=0.45)
        stones(b, sheet, ground, rng)
        tufts(b, sheet, ground, 0.6, LEAF_GREENS[2], 16, 0.15, "tufts near")
        wildflowers(b, sheet, ground, 0.6, 8, "flowers", 0.5)
    crag(b, rng)
    foreground(b, "foreground", rise=0.8, depth=0.9)
    lay_weather(b, "near")


def stones(b: SetBuilder, sheet: Sheet, ground: Curve, rng: Random, rgb: str = "#9aa0ab") -> None:
    """Scatter faceted stones to both sides of the subject\'s place."""
    for _ in range(7):
        x, w = rng.uniform(0, b.width), b.px(rng.uniform(0.16, 0.6))
        if not b.clear_of(x, w * 0.3):
            continue
        y = ground(x) + b.px(rng.uniform(0.1, 0.4))
        tone = b.tone(hex_rgb(rgb), 0.6, rng.uniform(-0.06, 0.03))
        path = rock(x, y, w, w * rng.uniform(0.5, 0.75), rng)
        sheet.paper(path, lighten(tone, 0.05), lighten(tone, -0.09), lift=0.4)
        b.anchor("rock", (x - w / 2, y - w * 0.6, x + w / 2, y), 0.6)


def crag(b: SetBuilder, rng: Random, warm: bool = False) -> None:
    """A dark cliff rising out of one lower corner as the frame."""
    side = rng.choice((-1.0, 1.0))
    room = (b.keep_clear[0] if side < 0 else b.width - b.keep_clear[2]) * 0.95
    x0 = 0.0 if side < 0 else float(b.width)
    h = b.height * rng.uniform(0.4, 0.62)
    points = [(x0 + side * 20, b.height + 20.0), (x0 + side * 20, b.height - h)]
    for t, k in (
        (0.14, 1.02),
        (0.24, 0.86),
        (0.4, 0.8),
        (0.48, 0.55),
        (0.66, 0.48),
        (0.74, 0.26),
        (0.95, 0.16),
        (1.05, 0.0),
    ):
        points.append((x0 - side * room * t, b.height - h * k + rng.uniform(-0.01, 0.01) * b.unit))
    dark = mix(b.palette.near, b.tone(hex_rgb("#8a5a4a" if warm else "#6b7487"), 0.7), 0.3)
    with b.sheet("crag", 0.84) as sheet:
        path = polygon([*points, (x0 - side * room * 1.05, b.height + 20.0)])
        sheet.paper(path, lighten(dark, 0.06), mix(dark, b.palette.near, 0.7))
        for i in range(4):
            px = x0 - side * room * (0.1 + 0.16 * i)
            y = b.height - h * (0.86 - 0.2 * i)
            sheet.flat(
                polygon(
                    [(px, y), (px - side * room * 0.12, y + h * 0.12), (px - side * room * 0.04, y + h * 0.3)]
                ),
                lighten(dark, -0.03),
                0.7,
            )
        if not warm:
            for t in (0.1, 0.34):
                x = x0 - side * room * t
                y = b.height - h * (1.0 if t < 0.2 else 0.8)
                sheet.paper(
                    pine(x, y + h * 0.06, b.unit * rng.uniform(0.2, 0.3), rng),
                    lighten(dark, -0.02),
                    b.palette.near,
                    lift=0.3,
                )
