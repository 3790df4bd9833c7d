"""Inside a clock tower: the great dial, gears, a pendulum, a bell, timbers."""

from __future__ import annotations

import math
from random import Random

import skia

from kamishibai.documents.takes import Life
from kamishibai.papercut.brush import Sheet
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.settings.furnishings import outside, quad
from kamishibai.papercut.settings.room import boards
from kamishibai.papercut.shapes import polygon

__all__ = ["gear", "tower"]


def gear(x: float, y: float, r: float, teeth: int, spokes: int) -> skia.Path:
    """A cog wheel with cut-out sectors."""
    path = skia.Path()
    points = []
    for i in range(teeth):
        for t, k in ((0.0, 0.87), (0.12, 1.0), (0.42, 1.0), (0.54, 0.87)):
            a = math.tau * (i + t) / teeth
            points.append((x + math.cos(a) * r * k, y + math.sin(a) * r * k))
    path.addPath(polygon(points))
    for i in range(spokes):
        a0, a1 = math.tau * (i + 0.14) / spokes, math.tau * (i + 0.86) / spokes
        part = skia.Path()
        inner, outer = r * 0.28, r * 0.7
        steps = 8
        ring = [
            (
                x + math.cos(a0 + (a1 - a0) * k / steps) * outer,
                y + math.sin(a0 + (a1 - a0) * k / steps) * outer,
            )
            for k in range(steps + 1)
        ]
        back = [
            (
                x + math.cos(a1 - (a1 - a0) * k / steps) * inner,
                y + math.sin(a1 - (a1 - a0) * k / steps) * inner,
            )
            for k in range(steps + 1)
        ]
        part.addPath(polygon([*ring, *back]))
        path.addPath(part)
    path.addCircle(x, y, r * 0.1)
    path.setFillType(skia.PathFillType.kEvenOdd)
    return path


def tower(b: SetBuilder) -> None:
    """Build the inside of a clock tower: the great glowing dial, gears before it, beams, a pendulum, a bell."""
    b.medium = "indoors"
    rng = b.dice("tower")
    floor = b.level(0.45)
    r = min(floor * 0.46, b.width * 0.36) * {"close": 1.16, "medium": 1.0, "wide": 0.74}[b.view]
    x = b.width * (0.5 + b.side * rng.uniform(0.03, 0.12))
    y = floor * 0.5
    outside(b, (x - r, y - r, x + r, y + r * 1.2))
    b.light_x, b.light_y = x, y
    glass = mix(b.palette.light, b.palette.horizon, 0.3)
    stone = b.tone(hex_rgb(rng.choice(("#a8917c", "#948a94", "#a8866c"))), 0.42)
    with b.sheet("wall", 0.2) as sheet:
        path = skia.Path()
        path.addRect(skia.Rect.MakeLTRB(-20, -20, b.width + 20, b.height + 20))
        path.addCircle(x, y, r)
        path.setFillType(skia.PathFillType.kEvenOdd)
        sheet.paper(path, lighten(stone, -0.1), lighten(stone, -0.02), span=(0, floor), edge=0.4)
        _stones(b, sheet, path, rng, lighten(stone, -0.13), floor)
        sheet.wash(path, x, y, r * 2.1, b.palette.light, 0.6)
    with b.sheet("dial", 0.24) as sheet:
        sheet.flat(skia.Path.Circle(x, y, r), glass, 0.5 if not b.dark else 0.34)
        sheet.glow(x, y, r * 1.0, b.palette.light, 0.5)
        iron = mix(b.palette.near, stone, 0.2)
        for k, w in ((1.0, 0.06), (0.74, 0.018), (0.2, 0.03)):
            sheet.line(skia.Path.Circle(x, y, r * k), iron, r * w)
        marks = skia.Path()
        for k in range(60):
            a = math.tau * k / 60
            long_ = k % 5 == 0
            marks.moveTo(
                x + math.cos(a) * r * (0.76 if long_ else 0.9), y + math.sin(a) * r * (0.76 if long_ else 0.9)
            )
            marks.lineTo(x + math.cos(a) * r * 0.94, y + math.sin(a) * r * 0.94)
        sheet.line(marks, iron, r * 0.012)
        bold = skia.Path()
        for k in range(12):
            a = math.tau * k / 12
            bold.moveTo(x + math.cos(a) * r * 0.78, y + math.sin(a) * r * 0.78)
            bold.lineTo(x + math.cos(a) * r * 0.93, y + math.sin(a) * r * 0.93)
        sheet.line(bold, iron, r * 0.04)
        hour = rng.uniform(0, math.tau)
        for a, n, w in ((hour, 0.5, 0.05), (hour * 12 % math.tau, 0.74, 0.034)):
            ux, uy = math.cos(a), math.sin(a)
            hand = polygon(
                [
                    (x - ux * r * 0.14 - uy * r * w * 0.5, y - uy * r * 0.14 + ux * r * w * 0.5),
                    (x + ux * r * n * 0.7 - uy * r * w, y + uy * r * n * 0.7 + ux * r * w),
                    (x + ux * r * n, y + uy * r * n),
                    (x + ux * r * n * 0.7 + uy * r * w, y + uy * r * n * 0.7 - ux * r * w),
                    (x - ux * r * 0.14 + uy * r * w * 0.5, y - uy * r * 0.14 - ux * r * w * 0.5),
                ]
            )
            sheet.paper(hand, iron, lift=0.6, edge=0.3)
        sheet.circle(x, y, r * 0.06, iron)
    b.anchor("clock", (x - r, y - r, x + r, y + r), 0.24)
    b.lamp(x, y, b.width * 0.5, b.palette.light, 0.65, "window")
    _wheels(b, rng, x, y, r)
    with b.sheet("floor", 0.5, ground=lambda px: floor) as sheet:
        boards(b, sheet, floor, hex_rgb("#9a6f4a"))
        sheet.glow(x - b.side * b.unit * 0.1, b.level(0.56), b.unit * 0.5, b.palette.light, 0.22)
        _stairs(b, sheet, floor)
        _works(b, sheet, rng, floor)
    _pendulum(b, rng)
    with b.sheet("boards", 0.6, shadow=False, ground=lambda px: b.ground_y, main=True) as sheet:
        sheet.glow(b.focus_x, b.ground_y + b.unit * 0.02, b.unit * 0.26, b.palette.light, 0.12)
    _beams(b, rng)


def _stones(b: SetBuilder, sheet: Sheet, path: skia.Path, rng: Random, rgb: Rgb, foot: float) -> None:
    h = b.unit * 0.052
    lines = skia.Path()
    for k in range(int(foot / h) + 1):
        lines.moveTo(0, k * h)
        lines.lineTo(b.width, k * h)
        px = (k % 2) * h + rng.uniform(0, 0.3) * h
        while px < b.width:
            lines.moveTo(px, k * h)
            lines.lineTo(px, k * h + h)
            px += h * rng.uniform(1.6, 2.4)
    sheet.canvas.save()
    sheet.canvas.clipPath(path, skia.ClipOp.kIntersect, True)
    sheet.line(lines, rgb, b.unit * 0.002, 0.5)
    sheet.canvas.restore()


def _wheels(b: SetBuilder, rng: Random, x: float, y: float, r: float) -> None:
    """Two to four cogs at different depths, ticking to and fro."""
    brass = (hex_rgb("#c79a4a"), hex_rgb("#a8693f"), hex_rgb("#8a8f94"), hex_rgb("#d0b070"))
    spots = [
        (x - b.side * r * 1.5, y + r * 0.3, r * 0.52, 0.34), (x - b.side * r * 2.1, y - r * 0.5, r * 0.4, 0.3),
        (x + b.side * r * 1.35, y + r * 0.55, r * 0.42, 0.36), (x + b.side * r * 1.7, y - r * 0.4, r * 0.3, 0.32),
    ]  # fmt: skip
    for k, (gx, gy, gr, depth) in enumerate(spots):
        if gx < -gr * 0.5 or gx > b.width + gr * 0.5:
            continue
        rgb = b.tone(brass[(k + rng.randrange(4)) % 4], depth + 0.14)
        life = Life(
            kind="sway",
            amplitude=3.0 * (1 if k % 2 else 1.4),
            period_s=2.0,
            phase=0.5 * (k % 2),
            pivot=(0.5, 0.5),
        )
        box = (gx - gr * 1.02, gy - gr * 1.02, gx + gr * 1.02, gy + gr * 1.02)
        with b.sheet(f"gear {k + 1}", depth, life=life, bounds=box) as sheet:
            path = gear(gx, gy, gr, rng.choice((14, 16, 18)), rng.choice((4, 5, 6)))
            sheet.paper(path, lighten(rgb, 0.05), lighten(rgb, -0.08), edge=0.5)
            sheet.wash(path, x, y, r * 2.0, b.palette.light, 0.4)
            sheet.line(skia.Path.Circle(gx, gy, gr * 0.79), lighten(rgb, -0.1), gr * 0.02, 0.7)
        b.anchor("gear", box, depth)
        b.anchor("gears", box, depth)


def _stairs(b: SetBuilder, sheet: Sheet, floor: float) -> None:
    """An open wooden stair climbing the wall away from the dial, with its rail."""
    side = -b.side
    wood = b.tone(hex_rgb("#a9774c"), 0.5)
    x0, run, rise = b.width * (0.5 + side * 0.2), b.unit * 0.055, b.unit * 0.034
    top_line, rail = skia.Path(), skia.Path()
    top_line.moveTo(x0 - side * run, floor + b.unit * 0.02)
    treads = 14
    for k in range(treads):
        x, y = x0 + side * run * k, floor - rise * (k + 1) + b.unit * 0.02
        a, c = sorted((x, x + side * run * 1.08))
        sheet.paper(
            quad(a, y, c, y + rise * 0.34), lighten(wood, 0.06), lighten(wood, -0.03), lift=0.35, edge=0.4
        )
        rail.moveTo(x + side * run * 0.5, y)
        rail.lineTo(x + side * run * 0.5, y - rise * 2.6)
    last_x, last_y = x0 + side * run * treads, floor - rise * treads + b.unit * 0.02
    top_line.lineTo(last_x, last_y + rise * 0.6)
    sheet.line(rail, lighten(wood, -0.08), b.unit * 0.004)
    hand = skia.Path()
    hand.moveTo(x0 + side * run * 0.3, floor - rise * 3.4 + b.unit * 0.02)
    hand.lineTo(last_x, last_y - rise * 2.5)
    sheet.line(hand, lighten(wood, 0.02), b.unit * 0.007)
    sheet.line(top_line, lighten(wood, -0.1), b.unit * 0.01)
    b.anchor("stairs", (x0, last_y, last_x, floor), 0.5)


def _works(b: SetBuilder, sheet: Sheet, rng: Random, floor: float) -> None:
    """A chest of tools, crates and coiled ropes at the sides of the floor; a bell hangs high."""
    left, _, right, _ = b.keep_clear
    wood = b.tone(hex_rgb("#8f6040"), 0.54)
    for side in (-1.0, 1.0):
        room = left if side < 0 else b.width - right
        x = room * 0.5 if side < 0 else b.width - room * 0.5
        m = b.px(rng.uniform(0.7, 1.0), 0.54)
        base = b.level(0.54)
        sheet.paper(
            quad(x - m / 2, base - m * 0.7, x + m / 2, base),
            lighten(wood, 0.03),
            lighten(wood, -0.07),
            lift=0.7,
        )
        cross = skia.Path()
        cross.addRect(skia.Rect.MakeLTRB(x - m * 0.42, base - m * 0.62, x + m * 0.42, base - m * 0.08))
        cross.moveTo(x - m * 0.42, base - m * 0.62)
        cross.lineTo(x + m * 0.42, base - m * 0.08)
        sheet.line(cross, lighten(wood, -0.1), m * 0.06, 0.8)
        b.anchor("crate", (x - m / 2, base - m * 0.7, x + m / 2, base), 0.54)
        b.anchor("box", (x - m / 2, base - m * 0.7, x + m / 2, base), 0.54)


def _pendulum(b: SetBuilder, rng: Random) -> None:
    """A long pendulum that swings beside the dial, and the bell above."""
    x = b.width * (0.5 - b.side * rng.uniform(0.2, 0.28))
    n = b.level(0.5) * 0.78
    r = b.unit * 0.05
    brass = b.tone(hex_rgb("#d8ac54"), 0.54)
    life = Life(kind="sway", amplitude=5.0, period_s=2.0, phase=0.25, pivot=(0.5, 0.0))
    with b.sheet("pendulum", 0.46, life=life, bounds=(x - r * 1.3, 0, x + r * 1.3, n + r * 1.3)) as sheet:
        sheet.rect((x - r * 0.07, -9, x + r * 0.07, n), lighten(brass, -0.12))
        sheet.paper(skia.Path.Circle(x, n, r), lighten(brass, 0.06), lighten(brass, -0.1), lift=0.6, edge=0.6)
        sheet.line(skia.Path.Circle(x, n, r * 0.7), lighten(brass, -0.1), r * 0.07)
    b.anchor("pendulum", (x - r, 0.0, x + r, n + r), 0.46)
    bx, by, h = b.width * (0.5 + b.side * 0.36), b.height * 0.02, b.unit * 0.17
    bell = skia.Path()
    bell.moveTo(bx - h * 0.14, by)
    bell.cubicTo(bx - h * 0.42, by + h * 0.1, bx - h * 0.3, by + h * 0.6, bx - h * 0.58, by + h * 0.86)
    bell.lineTo(bx + h * 0.58, by + h * 0.86)
    bell.cubicTo(bx + h * 0.3, by + h * 0.6, bx + h * 0.42, by + h * 0.1, bx + h * 0.14, by)
    bell.close()
    bronze = b.tone(hex_rgb("#b9863f"), 0.56)
    with b.sheet("bell", 0.54) as sheet:
        sheet.rect((bx - h * 0.05, -9, bx + h * 0.05, by + 4), b.palette.near)
        sheet.circle(bx, by + h * 0.92, h * 0.12, lighten(bronze, -0.14))
        sheet.paper(bell, lighten(bronze, 0.05), lighten(bronze, -0.1), lift=0.8, edge=0.5)
        sheet.rect((bx - h * 0.53, by + h * 0.72, bx + h * 0.53, by + h * 0.77), lighten(bronze, -0.1), 0.8)
    b.anchor("bell", (bx - h * 0.6, by, bx + h * 0.6, by + h), 0.54)


def _beams(b: SetBuilder, rng: Random) -> None:
    """Dark timbers as the frame: posts at the sides, braces above, a great cog in a corner."""
    dark = mix(b.palette.near, b.tone(hex_rgb("#6f4c38"), 0.8), 0.25)
    with b.sheet("timbers", 0.88) as sheet:
        for side in (-1.0, 1.0):
            room = b.keep_clear[0] if side < 0 else b.width - b.keep_clear[2]
            w = min(room * 0.36, b.unit * 0.1)
            x0 = 0.0 if side < 0 else float(b.width)
            inner = x0 - side * w
            brace = polygon(
                [
                    (inner + side * w * 0.2, b.height * 0.34),
                    (inner + side * w * 0.2, b.height * 0.34 - w * 0.8),
                    (x0 - side * b.unit * 0.42, -9),
                    (x0 - side * (b.unit * 0.42 + w * 0.7), -9),
                    (inner - side * w * 0.1, b.height * 0.3),
                ]
            )
            sheet.paper(brace, lighten(dark, 0.02), lift=0.4, edge=0.25)
            a, c = sorted((x0 + side * 9, inner))
            sheet.paper(quad(a, -9, c, b.height + 9), lighten(dark, 0.04), dark, lift=0.5, edge=0.3)
            grain = skia.Path()
            for k in range(3):
                gx = x0 - side * w * (0.2 + 0.25 * k)
                grain.moveTo(gx, b.height * rng.uniform(0, 0.3))
                grain.lineTo(gx + rng.uniform(-2, 2), b.height * rng.uniform(0.5, 1))
            sheet.line(grain, lighten(dark, -0.04), b.unit * 0.003, 0.7)
        sheet.paper(quad(-9, -9, b.width + 9, b.height * 0.035), lighten(dark, 0.02), lift=0.4, edge=0.3)
    side = b.side if rng.random() < 0.5 else -b.side
    room = b.keep_clear[0] if side < 0 else b.width - b.keep_clear[2]
    r = min(room * 0.95, b.unit * 0.26)
    x, y = (0.0 if side < 0 else float(b.width)), b.height * 0.99
    with b.sheet("great cog", 0.93) as sheet:
        rgb = mix(b.palette.near, b.tone(hex_rgb("#b9863f"), 0.75), 0.35)
        sheet.paper(gear(x, y, r, 16, 5), lighten(rgb, 0.04), rgb, edge=0.4)
