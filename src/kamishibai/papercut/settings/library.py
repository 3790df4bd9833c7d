"""The library: tall cases in rows, an arched window, a desk with a candle; cobwebs when it is haunted."""

from __future__ import annotations

import math
from random import Random

import skia

from kamishibai.documents.takes import Life
from kamishibai.papercut.brush import Sheet, argb, linear
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.parts import Box, Rgb
from kamishibai.papercut.settings.buildings import arch
from kamishibai.papercut.settings.furnishings import (
    outside,
    quad,
    wall_with_holes,
    window_dressing,
)
from kamishibai.papercut.settings.furniture import (
    LAMP,
    book_case,
    side_table,
)
from kamishibai.papercut.settings.room import boards, light_patch
from kamishibai.papercut.shapes import polygon

__all__ = ["library"]

_CLOTHS = ("#c2564a", "#3f7f88", "#7a6aa8", "#d99a44", "#5f8a5c", "#b5637f")


def library(b: SetBuilder) -> None:
    """Build a library: tall cases in rows, an arched window, a ladder, a desk with a lamp, drifting dust."""
    b.medium = "indoors"
    rng = b.dice("library")
    haunted = b.mood in ("mysterious", "tense", "sad") or b.dark
    floor = b.level(0.28)
    w = min(b.width * 0.3, floor * 0.56)
    x = b.width * (0.5 + b.side * rng.uniform(0.0, 0.12))
    box = (x - w / 2, floor * 0.08, x + w / 2, floor * 0.84)
    outside(b, box)
    b.light_x, b.light_y = x, (box[1] + box[3]) / 2
    wood = hex_rgb(rng.choice(("#8a5a3a", "#7a4a38", "#94683f")))
    with b.sheet("wall", 0.24) as sheet:
        tone = b.tone(hex_rgb(rng.choice(("#8f7f6a", "#6f8078", "#8a6a66"))), 0.46)
        path = wall_with_holes(b, sheet, [arch(*box)], lighten(tone, -0.06), lighten(tone, 0.02), floor)
        sheet.wash(path, b.light_x, b.light_y, b.width * 0.45, b.palette.light, 0.5)
        window_dressing(b, sheet, box, b.tone(hex_rgb("#5f4636"), 0.46), curtains=None, round_=True)
    b.anchor("window", box, 0.24, "on", "in", "under", "beside", "near")
    for i, (depth, inner, top) in enumerate(((0.3, 0.56, 0.12), (0.38, 1.0, 0.03), (0.47, 1.5, -0.1))):
        base = b.level(depth) + b.unit * 0.01
        with b.sheet(f"cases {i + 1}", depth) as sheet:
            if i == 0:
                boards(b, sheet, floor, hex_rgb("#8f6444"))
                light_patch(b, sheet, box, floor)
            gap = w * inner + b.unit * 0.03
            for side in (-1.0, 1.0):
                x_in = x + side * gap
                n = b.px((1.9, 1.8, 1.7)[i], depth) if i else b.unit * 0.2
                k = 0
                while 0 <= k < 4 and -n < x_in < b.width + n:
                    a, c = sorted((x_in, x_in + side * n))
                    rows = (
                        max(5, round((base - top * b.height) / b.px(0.5, depth))) if b.view != "close" else 6
                    )
                    book_case(
                        b, sheet, a, c, b.height * top, base, depth + 0.06, rng, rows=min(9, rows), wood=wood
                    )
                    if i == 2:
                        b.anchor(
                            "shelf",
                            (a, b.height * max(0.05, top), c, base),
                            depth,
                            "on",
                            "in",
                            "beside",
                            "near",
                            "under",
                        )
                        b.anchor("bookshelf", (a, b.height * max(0.05, top), c, base), depth)
                    x_in += side * n * 1.03
                    k += 1
            if i == 1:
                _ladder(
                    b,
                    sheet,
                    x + rng.choice((-1, 1)) * (gap + b.px(0.9, depth)),
                    base,
                    b.px(3.4, depth),
                    depth,
                )
        if i == 0:
            _beam(b, box)
    b.anchor("ladder", (x, floor * 0.3, x + b.unit * 0.1, floor), 0.38)
    spots: list[tuple[float, float, float]] = []
    with b.sheet("desk", 0.5) as sheet:
        side = -b.side
        left, _, right, _ = b.keep_clear
        dx = left * 0.6 if side < 0 else b.width - (b.width - right) * 0.6
        m = b.px(1.0, 0.5)
        base = b.level(0.52)
        side_table(b, sheet, dx, base, m * 1.7, m * 0.8, 0.52)
        for k in range(3):
            y = base - m * 0.8 - m * 0.09 * k
            sheet.paper(
                quad(dx - m * (0.66 - 0.04 * k), y - m * 0.09, dx - m * (0.2 + 0.03 * k), y),
                b.tone(hex_rgb(("#b5483c", "#39506f", "#c9a04a")[k]), 0.52),
                edge=0.3,
            )
        lx, ly = dx + m * 0.45, base - m * 0.8
        sheet.rect((lx - m * 0.05, ly - m * 0.22, lx + m * 0.05, ly), b.tone(hex_rgb("#f4ead6"), 0.52))
        flame = skia.Path()
        flame.moveTo(lx, ly - m * 0.42)
        flame.quadTo(lx + m * 0.08, ly - m * 0.26, lx, ly - m * 0.22)
        flame.quadTo(lx - m * 0.08, ly - m * 0.26, lx, ly - m * 0.42)
        sheet.glow(lx, ly - m * 0.3, m * 0.7, LAMP, 0.7)
        sheet.flat(flame, mix(LAMP, (1, 1, 1), 0.4))
        spots.append((lx, ly - m * 0.3, b.unit * (0.36 if b.dim or haunted else 0.2)))
        b.anchor("desk", (dx - m * 0.85, base - m * 0.8, dx + m * 0.85, base), 0.5)
        b.anchor("candle", (lx - m * 0.1, ly - m * 0.42, lx + m * 0.1, ly), 0.5)
    b.glow_plane("candle light", 0.52, spots, LAMP, 0.4, 0.22, 1.7)
    with b.sheet("carpet", 0.6, shadow=False, ground=lambda x: b.ground_y, main=True) as sheet:
        rgb = b.tone(hex_rgb(rng.choice(("#a8433f", "#3f5f7a", "#5f7a4f"))), 0.6)
        narrow = 0.32
        near, far = b.unit * 0.62, b.unit * 0.62 * narrow
        top = floor + (b.height - floor) * 0.1
        runner = polygon(
            [
                (x - far, top),
                (x + far, top),
                (b.focus_x + near, b.height + 9),
                (b.focus_x - near, b.height + 9),
            ]
        )
        sheet.paper(runner, lighten(rgb, 0.02), mix(rgb, b.palette.near, 0.4), edge=0.3, lift=0.2)
        for t in (0.84, 0.76):
            side_line = skia.Path()
            for s in (-1, 1):
                side_line.moveTo(x + s * far * t, top)
                side_line.lineTo(b.focus_x + s * near * t, b.height)
            sheet.line(side_line, b.tone(hex_rgb("#e3b85f"), 0.6), b.unit * 0.003, 0.7)
    for sx, sy, r in spots:
        b.lamp(sx, sy, r * 2, LAMP, 0.8, "fire")
    _dust(b)
    _library_front(b, rng, wood, haunted)


def _ladder(b: SetBuilder, sheet: Sheet, x: float, base: float, h: float, depth: float) -> None:
    wood = b.tone(hex_rgb("#b98a55"), depth + 0.08)
    w, lean = h * 0.1, h * 0.1
    rungs = skia.Path()
    for k in range(1, 11):
        t = k / 11
        rungs.moveTo(x - w + lean * t, base - h * t)
        rungs.lineTo(x + w + lean * t, base - h * t)
    sheet.line(rungs, lighten(wood, -0.06), h * 0.014)
    rails = skia.Path()
    for s in (-1, 1):
        rails.moveTo(x + s * w, base)
        rails.lineTo(x + s * w + lean, base - h)
    sheet.line(rails, wood, h * 0.02)


def _beam(b: SetBuilder, box: Box) -> None:
    """A slanting beam of light from the window."""
    if b.weather in ("rain", "storm", "fog", "cloudy"):
        return
    x0, y0, x1, y1 = box
    shift = -b.side * b.unit * 0.4
    path = polygon(
        [
            (x0, y0 + (y1 - y0) * 0.2),
            (x1, y0 + (y1 - y0) * 0.1),
            (x1 + shift + b.unit * 0.1, b.height * 0.96),
            (x0 + shift - b.unit * 0.1, b.height * 0.96),
        ]
    )
    alpha = {"dawn": 0.2, "day": 0.2, "dusk": 0.24, "night": 0.13}[b.time]
    rgb = b.palette.light if not b.dark else mix(b.palette.light, b.palette.horizon, 0.5)
    with b.sheet("beam", 0.36, shadow=False, blend="add") as sheet:
        paint = skia.Paint(
            AntiAlias=True,
            Shader=linear(
                0,
                y0,
                0,
                b.height * 0.9,
                ((0, argb(rgb, alpha)), (0.6, argb(rgb, alpha * 0.5)), (1, argb(rgb, 0.0))),
            ),
            Dither=True,
        )
        paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, b.unit * 0.008))
        sheet.canvas.drawPath(path, paint)


def _dust(b: SetBuilder) -> None:
    """Motes of dust that sink slowly through the light."""
    rng = b.dice("dust")
    life = Life(kind="fall", velocity_px_s=(b.side * b.unit * 0.008, b.unit * 0.012))
    tile = (0.0, 0.0, float(b.width), float(b.height))
    with b.sheet("dust", 0.66, shadow=False, life=life, bounds=tile) as sheet:
        for _ in range(46):
            r = b.unit * rng.uniform(0.0008, 0.0022)
            sheet.circle(
                rng.uniform(r, b.width - r),
                rng.uniform(r, b.height - r),
                r,
                b.palette.light,
                rng.uniform(0.2, 0.55),
            )


def _library_front(b: SetBuilder, rng: Random, wood: Rgb, haunted: bool) -> None:
    """Stacks of books in the lower corners and the dark ends of two cases; a cobweb when haunted."""
    dark = mix(b.palette.near, b.tone(wood, 0.8), 0.3)
    with b.sheet("front stacks", 0.9) as sheet:
        for side in (-1.0, 1.0):
            room_w = b.keep_clear[0] if side < 0 else b.width - b.keep_clear[2]
            x0 = 0.0 if side < 0 else float(b.width)
            w = min(room_w * 0.42, b.unit * 0.14)
            a, c = sorted((x0 + side * 9, x0 - side * w))
            sheet.paper(quad(a, -9, c, b.height + 9), lighten(dark, 0.04), dark, edge=0.3, lift=0.5)
            for k in range(4):
                y = b.height * (0.08 + 0.23 * k)
                sheet.line(
                    quad(a + w * 0.2, y, c - w * 0.2, y + b.height * 0.18),
                    lighten(dark, -0.04),
                    b.unit * 0.004,
                    0.8,
                )
            y, x = b.height + 4.0, x0 - side * w * 1.3
            for k in range(rng.choice((3, 5))):
                h, n = b.unit * rng.uniform(0.026, 0.042), b.unit * rng.uniform(0.17, 0.25)
                cx = x + rng.uniform(-0.015, 0.015) * b.unit
                tone = mix(dark, b.tone(hex_rgb(_CLOTHS[k % 6]), 0.8), 0.4)
                sheet.paper(
                    quad(cx - n / 2, y - h, cx + n / 2, y),
                    lighten(tone, 0.04),
                    lighten(tone, -0.03),
                    lift=0.35,
                    edge=0.35,
                )
                sheet.rect((cx - n * 0.36, y - h, cx - n * 0.3, y), lighten(tone, 0.1), 0.7)
                y -= h
        if haunted:
            side = rng.choice((-1, 1))
            x0 = 0.0 if side < 0 else float(b.width)
            web = skia.Path()
            for k in range(6):
                a = (0.04 + 0.09 * k) * math.pi
                n = b.unit * 0.3
                web.moveTo(x0, 0)
                web.lineTo(x0 - side * math.cos(a) * n, math.sin(a) * n)
            for ring in (0.28, 0.48, 0.68, 0.88):
                for k in range(5):
                    a0, a1 = (0.04 + 0.09 * k) * math.pi, (0.13 + 0.09 * k) * math.pi
                    n, am = b.unit * 0.3 * ring, (a0 + a1) / 2
                    web.moveTo(x0 - side * math.cos(a0) * n, math.sin(a0) * n)
                    web.quadTo(
                        x0 - side * math.cos(am) * n * 0.86,
                        math.sin(am) * n * 0.86,
                        x0 - side * math.cos(a1) * n,
                        math.sin(a1) * n,
                    )
            sheet.line(web, mix(b.palette.light, b.palette.far, 0.4), b.unit * 0.0014, 0.5)
