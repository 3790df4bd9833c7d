"""The cave: ring within ring of rock around a far opening, and crystals that glow."""

from __future__ import annotations

import math
from random import Random

import skia

from kamishibai.documents.takes import Life
from kamishibai.papercut.brush import Sheet
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix, scheme_for
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.settings.furnishings import outside
from kamishibai.papercut.shapes import hill_line, polygon, rock, sheet_below, smooth

__all__ = ["cave"]


def cave(b: SetBuilder) -> None:
    """Build a cave: ring within ring of rock around a far opening, crystals that glow, stone underfoot."""
    b.medium = "ground"
    rng = b.dice("cave")
    glow_rgb = hex_rgb(rng.choice(("#7fe3e0", "#b79cff", "#8fd0ff", "#ffb98a")))
    outside_rgb = mix(
        b.palette.light,
        hex_rgb({"dawn": "#ffc7a0", "day": "#d9f2ee", "dusk": "#ff9a6a", "night": "#86b4e6"}[b.time]),
        0.55,
    )
    cx = b.width * (0.5 + b.side * rng.uniform(0.04, 0.2))
    cy = b.horizon * rng.uniform(0.72, 0.9)
    b.light_x, b.light_y = cx, cy
    own, b.scheme = b.scheme, scheme_for("meadow", b.time, b.weather, b.mood)
    b.palette = b.scheme.palette  # the world outside keeps its own colours
    outside(
        b, (cx - b.width * 0.16, cy - b.height * 0.2, cx + b.width * 0.16, cy + b.height * 0.2), body=b.dark
    )
    b.scheme, b.palette = own, own.palette
    b.lamp(cx, cy, b.width * 0.6, outside_rgb, 0.7, "moon" if b.dark else "sun")
    rings = 5
    for i in range(rings):
        depth = 0.08 + 0.1 * i
        t = (i + 1) / rings
        rx, ry = b.width * (0.1 + 0.34 * t**1.2) + b.unit * 0.03, b.height * (0.15 + 0.33 * t**1.1)
        mx = cx + (b.width / 2 - cx) * t
        my = cy + (b.height * 0.46 - cy) * t
        hole_rgb = mix(b.palette.far, b.palette.near, 0.05 + 0.72 * t**0.85)
        with b.sheet(f"rock ring {i + 1}", depth) as sheet:
            points = []
            count = 22
            turn = rng.uniform(0, 1)
            for k in range(count):
                a = math.tau * (k + turn) / count
                r = 1 + rng.uniform(-0.1, 0.1)
                drip = 0.0
                if math.sin(a) < -0.45 and k % 2 == 0:
                    drip = rng.uniform(0.12, 0.42) * ry  # a stalactite reaching into the opening
                points.append((mx + math.cos(a) * rx * r, my + math.sin(a) * ry * r + drip))
            hole = smooth(points) if i % 2 else polygon(points)
            path = skia.Path()
            path.addRect(skia.Rect.MakeLTRB(-20, -20, b.width + 20, b.height + 20))
            path.addPath(hole)
            path.setFillType(skia.PathFillType.kEvenOdd)
            sheet.paper(path, hole_rgb, mix(hole_rgb, b.palette.near, 0.3), edge=0.4, span=(0, b.height))
            sheet.wash(path, cx, cy, max(rx, ry) * 1.7, outside_rgb, 0.75 * (1 - 0.55 * t))
            if i >= 1:
                _crystals(
                    b,
                    sheet,
                    mx + rng.choice((-1, 1)) * rx * 0.86,
                    my + ry * 0.72,
                    b.unit * 0.05 * (0.6 + t),
                    glow_rgb,
                    depth,
                    rng,
                )
    line = hill_line(b.level(0.52), b.unit * 0.04, b.width, rng, 1.3)
    stone = mix(b.palette.far, b.palette.near, 0.62)
    spots: list[tuple[float, float, float]] = []
    with b.sheet("floor far", 0.52, ground=line) as sheet:
        path = sheet_below(line, -20, b.width + 20, b.height + 20, b.width / 60)
        sheet.paper(path, lighten(stone, 0.05), stone, span=(b.level(0.5), b.ground_y))
        sheet.wash(path, cx, b.level(0.5), b.width * 0.5, outside_rgb, 0.45)
        for side in (-1.0, 1.0):
            x = b.width * (0.5 + side * rng.uniform(0.3, 0.42))
            size = b.unit * rng.uniform(0.1, 0.15)
            _crystals(b, sheet, x, line(x) + size * 0.2, size, glow_rgb, 0.55, rng)
            spots.append((x, line(x) - size * 0.6, size * 2.6))
            b.lamp(x, line(x) - size * 0.6, size * 3, glow_rgb, 0.5)
            b.anchor("crystal", (x - size, line(x) - size * 1.4, x + size, line(x)), 0.52)
    ground = hill_line(b.ground_y - b.unit * 0.012, b.unit * 0.03, b.width, rng, 1.1)
    near = mix(b.palette.far, b.palette.near, 0.5)
    for k in range(4):  # stalagmites between the floors
        side = -1 if k % 2 else 1
        x, h = b.width * (0.5 + side * rng.uniform(0.2, 0.46)), b.unit * rng.uniform(0.08, 0.22)
        with b.sheet(f"stalagmite {k + 1}", 0.53 + 0.01 * k) as sheet:
            base, w = b.level(0.54), h * rng.uniform(0.16, 0.26)
            spike = polygon(
                [
                    (x - w, base),
                    (x - w * 0.5, base - h * 0.5),
                    (x - w * 0.16, base - h * 0.9),
                    (x, base - h),
                    (x + w * 0.24, base - h * 0.7),
                    (x + w * 0.55, base - h * 0.36),
                    (x + w, base),
                ]
            )
            sheet.paper(spike, lighten(stone, 0.09), stone, lift=0.5)
            sheet.wash(spike, cx, cy, b.width * 0.6, outside_rgb, 0.4)
    b.glow_plane("crystal glow", 0.58, spots, glow_rgb, 0.3, 0.25, 4.0)
    with b.sheet("floor", 0.6, ground=lambda x: ground(x) + b.unit * 0.016, main=True) as sheet:
        path = sheet_below(ground, -20, b.width + 20, b.height + 20, b.width / 60)
        sheet.paper(
            path,
            lighten(near, 0.1),
            mix(near, b.palette.near, 0.6),
            span=(b.ground_y - b.unit * 0.04, b.height),
        )
        sheet.wash(path, b.focus_x, b.ground_y, b.width * 0.4, outside_rgb, 0.4)
        for _ in range(7):
            x, w = rng.uniform(0, b.width), b.px(rng.uniform(0.15, 0.5))
            if b.clear_of(x, 0):
                y = ground(x) + b.px(rng.uniform(0.1, 0.35))
                sheet.paper(rock(x, y, w, w * 0.6, rng), lighten(near, 0.09), lighten(near, -0.03), lift=0.4)
                b.anchor("rock", (x - w / 2, y - w * 0.6, x + w / 2, y), 0.6)
    _glow_worms(b, rng, glow_rgb)
    _cave_frame(b, rng)


def _glow_worms(b: SetBuilder, rng: Random, rgb: Rgb) -> None:
    """Specks of light on the vault, in two groups that twinkle."""
    for group in range(2):
        life = Life(kind="twinkle", amplitude=0.6, period_s=3.1 + 1.4 * group, phase=0.5 * group)
        with b.sheet(f"glow worms {group + 1}", 0.62, shadow=False, life=life) as sheet:
            for _ in range(18):
                x, y = rng.uniform(0.06, 0.94) * b.width, b.height * rng.uniform(0.06, 0.5)
                if abs(x - b.light_x) < b.width * 0.17 and abs(y - b.light_y) < b.height * 0.22:
                    continue
                r = b.unit * rng.uniform(0.0012, 0.003)
                sheet.glow(x, y, r * 7, rgb, 0.4)
                sheet.circle(x, y, r, lighten(rgb, 0.1), 0.9)


def _crystals(
    b: SetBuilder, sheet: Sheet, x: float, base: float, size: float, rgb: Rgb, depth: float, rng: Random
) -> None:
    """A cluster of glowing crystals."""
    sheet.glow(x, base - size * 0.5, size * 2.4, rgb, 0.4)
    for k in sorted(range(5), key=lambda k: -abs(k - 2)):
        a = -math.pi / 2 + (k - 2) * 0.36 + rng.uniform(-0.08, 0.08)
        n = size * (1.25 - 0.24 * abs(k - 2)) * rng.uniform(0.85, 1.15)
        w = size * 0.17
        tip = (x + math.cos(a) * n, base + math.sin(a) * n)
        sx, sy = x + math.cos(a) * n * 0.76, base + math.sin(a) * n * 0.76
        nx, ny = -math.sin(a) * w, math.cos(a) * w
        body = mix(rgb, b.palette.near, 0.15 + 0.25 * (1 - depth) * 0.4)
        sheet.paper(
            polygon(
                [
                    (x + nx * 0.7, base + ny * 0.7),
                    (sx + nx, sy + ny),
                    tip,
                    (sx - nx, sy - ny),
                    (x - nx * 0.7, base - ny * 0.7),
                ]
            ),
            lighten(body, 0.08),
            lighten(body, -0.1),
            lift=0.25,
            edge=0.6,
        )
        sheet.flat(
            polygon([(x, base), (sx, sy), tip, (sx + nx, sy + ny), (x + nx * 0.7, base + ny * 0.7)]),
            lighten(body, 0.14),
            0.55,
        )


def _cave_frame(b: SetBuilder, rng: Random) -> None:
    """Black rock at both sides and teeth of stone hanging from above."""
    dark = lighten(b.palette.near, 0.02)
    with b.sheet("cave mouth", 0.9) as sheet:
        left, right = b.keep_clear[0] * 0.8, b.width - (b.width - b.keep_clear[2]) * 0.8
        top = [(-20.0, -20.0), (b.width + 20.0, -20.0)]
        teeth = []
        n = 9
        for i in range(n + 1):
            x = b.width * (1 - i / n)
            side = abs(x - b.width / 2) / (b.width / 2)
            y = b.height * (0.02 + 0.12 * side**2) + rng.uniform(0, 0.04) * b.unit
            teeth += [
                (x + b.unit * 0.035, y),
                (x, y + b.unit * rng.uniform(0.04, 0.15) * (0.4 + side)),
                (x - b.unit * 0.03, y * 0.9),
            ]
        sheet.paper(polygon([*top, *teeth]), dark, edge=0.25)
        for x0, inner in ((-20.0, left), (b.width + 20.0, right)):
            points = [(x0, -20.0)]
            for i in range(8):
                t = i / 7
                bulge = 0.34 + 0.66 * abs(2 * t - 0.9) ** 1.4
                points.append(
                    (x0 + (inner - x0) * min(1.0, bulge) * rng.uniform(0.8, 1.0), b.height * t * 1.03)
                )
            sheet.paper(polygon([*points, (x0, b.height + 20.0)]), lighten(dark, 0.02), dark, edge=0.25)
        low = max(b.keep_clear[3] + b.unit * 0.01, b.front_y)
        line = hill_line(low, b.unit * 0.02, b.width, rng, 2.0)
        sheet.paper(
            sheet_below(line, -20, b.width + 20, b.height + 20, b.width / 60),
            lighten(dark, 0.03),
            dark,
            edge=0.25,
        )
