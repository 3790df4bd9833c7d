"""Underwater: the sea floor with its reef, kelp and shoals, lit from above."""

from __future__ import annotations

import math
from random import Random

import skia

from kamishibai.documents.takes import Life
from kamishibai.papercut.brush import Sheet, argb, linear
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.settings.woods import light_shafts
from kamishibai.papercut.shapes import blob, fern, hill_line, leaf, polygon, rock, sheet_below, smooth, star

__all__ = ["underwater"]

_CORALS = tuple(hex_rgb(c) for c in ("#ee6f6a", "#f2a25c", "#d77bb0", "#8f7ad0", "#f4c66a", "#e2574c"))


def underwater(b: SetBuilder) -> None:
    """Build the sea floor: light from above, kelp, a coral reef to both sides, bubbles, far shoals."""
    b.medium = "undersea"
    rng = b.dice("underwater")
    p = b.palette
    b.light_y = -b.height * 0.1
    with b.sheet("water", 0.0, shadow=False) as sheet:
        stops = [
            (0, argb(p.zenith)),
            (0.3, argb(mix(p.zenith, p.horizon, 0.6))),
            (0.62, argb(p.horizon)),
            (1, argb(mix(p.horizon, p.near, 0.5))),
        ]
        sheet.canvas.drawRect(
            skia.Rect.MakeLTRB(-2, -2, b.width + 2, b.height + 2),
            skia.Paint(Shader=linear(0, 0, 0, b.height, stops), Dither=True),
        )
        sheet.glow(b.light_x, -b.height * 0.05, b.height * 0.9, mix(p.zenith, (1, 1, 1), 0.5), 0.6)
    b.lamp(
        b.light_x,
        -b.height * 0.1,
        b.width * 0.8,
        mix(p.zenith, (1, 1, 1), 0.4),
        0.6,
        "moon" if b.dark else "sun",
    )
    _surface(b, rng)
    light_shafts(b, 0.3)
    _shoal(b, rng, 0.14)
    for i, depth in enumerate((0.12, 0.22, 0.34)):
        line = hill_line(
            b.level(depth) + b.unit * 0.03 * i, b.unit * (0.2 - 0.04 * i), b.width, rng, rng.uniform(0.9, 1.5)
        )
        with b.sheet(f"reef {i + 1}", depth, ground=line) as sheet:
            for _ in range((5, 5, 4)[i]):
                x = rng.uniform(0, b.width)
                if i == 2 and not b.clear_of(x, 0):
                    continue
                h = b.unit * rng.uniform(0.1, 0.24) * (0.7 + 0.4 * i)
                _kelp(b, sheet, x, line(x) + 6, h * 1.3, depth, rng) if rng.random() < 0.6 else _coral(
                    b, sheet, x, line(x) + 6, h * 0.7, depth, rng
                )
            b.land(sheet, line, hex_rgb("#5f9fae"), depth, haze=0.5, wash=0)
    line = hill_line(b.level(0.48) + b.unit * 0.02, b.unit * 0.07, b.width, rng, 1.2)
    with b.sheet("reef near", 0.48, ground=line) as sheet:
        for side in (-1.0, 1.0):
            for k in range(4):
                x = b.width * (0.5 + side * (0.27 + 0.075 * k + rng.uniform(-0.02, 0.02)))
                h = b.px(rng.uniform(0.8, 1.6), 0.5) * (0.8 + 0.2 * k)
                rng.choice((_coral, _coral, _fan))(b, sheet, x, line(x) + 8, min(h, b.unit * 0.34), 0.5, rng)
        b.land(sheet, line, hex_rgb("#8fb0a0"), 0.48, haze=0.3, wash=0)
        b.anchor("reef", (0.0, line(0) - b.unit * 0.2, b.width * 0.3, line(0)), 0.48)
        b.anchor("coral", (0.0, line(0) - b.unit * 0.2, b.width * 0.3, line(0)), 0.48)
    _bubbles(b, rng)
    ground = hill_line(b.ground_y + b.unit * 0.01, b.unit * 0.03, b.width, rng, 0.9)
    with b.sheet("sand", 0.6, ground=lambda x: ground(x) + b.unit * 0.014, main=True) as sheet:
        b.land(sheet, ground, hex_rgb("#e3cf9f"), 0.6, haze=0.45, wash=0)
        for _ in range(6):
            x, y, r = (
                rng.uniform(0, b.width),
                b.ground_y + b.unit * rng.uniform(0.05, 0.1),
                b.unit * rng.uniform(0.012, 0.02),
            )
            if rng.random() < 0.5:
                sheet.paper(
                    star(x, y, r * 1.3, r * 0.6, 5, rng.uniform(0, 1)),
                    b.tone(rng.choice(_CORALS), 0.6),
                    lift=0.3,
                )
            else:
                tone = b.tone(hex_rgb("#8fa5a8"), 0.6)
                sheet.paper(
                    rock(x, y, r * 3, r * 1.7, rng), lighten(tone, 0.03), lighten(tone, -0.07), lift=0.3
                )
    _weed_frame(b, rng)


def _surface(b: SetBuilder, rng: Random) -> None:
    """The bright underside of the waves at the top."""
    life = Life(kind="glide", amplitude=b.unit * 0.016, period_s=7.0)
    with b.sheet("surface", 0.05, shadow=False, life=life, bounds=(0, 0, b.width, b.height * 0.2)) as sheet:
        pale = mix(b.palette.zenith, (1, 1, 1), 0.55)
        for k in range(3):
            wave = hill_line(b.height * (0.035 + 0.03 * k), b.unit * 0.022, b.width * 0.5, rng, 1.6)
            path = sheet_below(wave, -b.width * 0.1, b.width * 1.1, -b.height * 0.1, b.width / 80)
            sheet.flat(path, pale, 0.3 - 0.07 * k)


def _kelp(
    b: SetBuilder, sheet: Sheet, x: float, base: float, height: float, depth: float, rng: Random
) -> None:
    """One ribbon of kelp with alternate leaves."""
    green = b.tone(hex_rgb(rng.choice(("#4f9a72", "#6fa65a", "#3f8a80"))), depth)
    steps, bend, phase = 10, height * 0.07, rng.uniform(0, math.tau)
    points = [
        (x + math.sin(phase + i * 0.75) * bend * i / steps, base - height * i / steps)
        for i in range(steps + 1)
    ]
    sheet.line(smooth(points, closed=False), lighten(green, -0.05), max(1.2, height * 0.022))
    for i, (px, py) in enumerate(points[1:], 1):
        side = 1 if i % 2 else -1
        n = height * 0.2 * (1.15 - 0.6 * i / steps)
        sheet.flat(leaf(px, py, n, -math.pi / 2 + side * 0.75, 0.26), lighten(green, 0.03 * side))
    sheet.flat(leaf(points[-1][0], points[-1][1] + 2, height * 0.14, -math.pi / 2, 0.26), green)


def _coral(
    b: SetBuilder, sheet: Sheet, x: float, base: float, height: float, depth: float, rng: Random
) -> None:
    """A branching coral with round tips."""
    rgb = b.tone(rng.choice(_CORALS), depth)
    path = skia.Path()

    def branch(px: float, py: float, a: float, n: float, w: float, order: int) -> None:
        qx, qy = px + math.cos(a) * n, py + math.sin(a) * n
        nx, ny = -math.sin(a) * w / 2, math.cos(a) * w / 2
        path.addPath(
            polygon(
                [
                    (px + nx, py + ny),
                    (qx + nx * 0.8, qy + ny * 0.8),
                    (qx - nx * 0.8, qy - ny * 0.8),
                    (px - nx, py - ny),
                ]
            )
        )
        path.addCircle(qx, qy, w * 0.42)
        if order < 3:
            for t in (-0.5, 0.42):
                branch(
                    qx, qy, a + t + rng.uniform(-0.14, 0.14), n * rng.uniform(0.66, 0.84), w * 0.74, order + 1
                )

    branch(x, base, -math.pi / 2 + rng.uniform(-0.15, 0.15), height * 0.36, height * 0.14, 0)
    path.setFillType(skia.PathFillType.kWinding)
    merged = skia.Simplify(path)
    sheet.paper(merged if merged is not None else path, lighten(rgb, 0.04), lighten(rgb, -0.09), lift=0.5)


def _fan(
    b: SetBuilder, sheet: Sheet, x: float, base: float, height: float, depth: float, rng: Random
) -> None:
    """A fan coral or a heap of round brain corals."""
    rgb = b.tone(rng.choice(_CORALS), depth)
    if rng.random() < 0.5:
        for dx, r in ((-0.32, 0.3), (0.3, 0.34), (0.0, 0.42)):
            ball = blob(
                x + dx * height, base - r * height * 0.55, r * height, r * height * 0.92, rng, 12, 0.03
            )
            tone = lighten(rgb, rng.uniform(-0.06, 0.04))
            sheet.paper(ball, lighten(tone, 0.05), lighten(tone, -0.08), lift=0.5)
            for k in range(3):
                arc = skia.Path()
                arc.addArc(
                    skia.Rect.MakeXYWH(
                        x + dx * height - r * height * (0.7 - 0.2 * k),
                        base - r * height * (1.2 - 0.18 * k),
                        r * height * (1.4 - 0.4 * k),
                        r * height * (1.4 - 0.4 * k),
                    ),
                    200,
                    140,
                )
                sheet.line(arc, lighten(tone, -0.07), height * 0.02, 0.7)
        return
    path = skia.Path()
    path.moveTo(x, base)
    path.cubicTo(
        x - height * 0.8, base - height * 0.3, x - height * 0.55, base - height * 1.05, x, base - height
    )
    path.cubicTo(x + height * 0.55, base - height * 1.05, x + height * 0.8, base - height * 0.3, x, base)
    sheet.paper(path, lighten(rgb, 0.04), lighten(rgb, -0.08), lift=0.5)
    for k in range(-3, 4):
        rib = skia.Path()
        rib.moveTo(x, base)
        rib.quadTo(
            x + k * height * 0.1,
            base - height * 0.5,
            x + k * height * 0.13,
            base - height * (0.86 - 0.04 * abs(k)),
        )
        sheet.line(rib, lighten(rgb, -0.1), height * 0.018, 0.8)


def _shoal(b: SetBuilder, rng: Random, depth: float) -> None:
    """A far shoal of small fish, gliding."""
    rgb = mix(b.palette.far, b.palette.near, 0.42)
    cx, cy = b.width * (0.5 + b.side * rng.uniform(0.1, 0.3)), b.height * rng.uniform(0.2, 0.36)
    way = rng.choice((-1, 1))
    n = b.unit * 0.024
    life = Life(kind="glide", amplitude=b.unit * 0.03, period_s=9.0)
    box = (max(0.0, cx - n * 10), max(0.0, cy - n * 5), min(float(b.width), cx + n * 10), cy + n * 5)
    with b.sheet("shoal", depth, shadow=False, life=life, bounds=box) as sheet:
        for _ in range(13):
            x, y, s = (
                cx + rng.gauss(0, 1) * n * 3.2,
                cy + rng.gauss(0, 1) * n * 1.3,
                n * rng.uniform(0.7, 1.1),
            )
            body = leaf(x - way * s, y, s * 2, 0 if way > 0 else math.pi, 0.5)
            body.addPath(
                polygon(
                    [
                        (x - way * s * 0.75, y),
                        (x - way * s * 1.5, y - s * 0.5),
                        (x - way * s * 1.3, y),
                        (x - way * s * 1.5, y + s * 0.5),
                    ]
                )
            )
            sheet.flat(body, rgb, 0.75)


def _bubbles(b: SetBuilder, rng: Random) -> None:
    life = Life(kind="fall", velocity_px_s=(0.0, -b.unit * 0.06))
    tile = (0.0, 0.0, float(b.width), float(b.height))
    pale = mix(b.palette.zenith, (1, 1, 1), 0.6)
    with b.sheet("bubbles", 0.55, shadow=False, life=life, bounds=tile) as sheet:
        for _ in range(4):
            x0 = rng.uniform(0.05, 0.95) * b.width
            for _ in range(6):
                x, y, r = (
                    x0 + rng.uniform(-0.03, 0.03) * b.unit,
                    rng.uniform(0, b.height),
                    b.unit * rng.uniform(0.004, 0.013),
                )
                for oy in (-b.height, 0, b.height):
                    if -r < y + oy < b.height + r:
                        sheet.circle(x, y + oy, r, pale, 0.22)
                        sheet.line(skia.Path.Circle(x, y + oy, r), pale, r * 0.16, 0.7)
                        sheet.circle(x + b.side * r * 0.35, y + oy - r * 0.35, r * 0.2, (1, 1, 1), 0.8)


def _weed_frame(b: SetBuilder, rng: Random) -> None:
    """Dark weed and rock in the lower corners, swaying."""
    dark = mix(b.palette.near, b.palette.horizon, 0.1)
    for side in (-1.0, 1.0):
        room = b.keep_clear[0] if side < 0 else b.width - b.keep_clear[2]
        x0 = 0.0 if side < 0 else float(b.width)
        tall = rng.uniform(0.5, 0.85) * b.height
        life = Life(kind="sway", amplitude=0.7, period_s=6.0 + side, phase=rng.random(), pivot=(0.5, 1.0))
        box = (
            (0.0, b.height - tall, room * 1.05, float(b.height))
            if side < 0
            else (b.width - room * 1.05, b.height - tall, float(b.width), float(b.height))
        )
        with b.sheet(f"weed {side:+.0f}", 0.88, life=life, bounds=box) as sheet:
            for _ in range(5):
                x = x0 - side * room * rng.uniform(0.02, 0.7)
                n = min(tall, room * 2.3) * rng.uniform(0.4, 0.85) * (1 - 0.5 * abs(x - x0) / room)
                curl = -side * rng.uniform(0.1, 0.6)
                sheet.flat(
                    fern(x, b.height + 6, n, -math.pi / 2 + side * 0.1, curl, 12),
                    lighten(dark, rng.uniform(0.0, 0.05)),
                )
    with b.sheet("front rocks", 0.92) as sheet:
        for side in (-1.0, 1.0):
            room = b.keep_clear[0] if side < 0 else b.width - b.keep_clear[2]
            x0 = 0.0 if side < 0 else float(b.width)
            for k in range(2):
                w = room * rng.uniform(0.7, 1.3)
                sheet.paper(
                    rock(x0 - side * room * 0.3 * k, b.height + 8, w, b.unit * rng.uniform(0.08, 0.16), rng),
                    lighten(dark, 0.03),
                    b.palette.near,
                    lift=0.4,
                    edge=0.2,
                )
