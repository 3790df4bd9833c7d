"""Indoors: a room at home and a tall library, their windows open on the hour outside."""

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
    LAMP, arm_chair, bed, book_case, books, floor_lamp, frame_plant, outside, picture, quad, rug, side_table,
    wall_with_holes, window_dressing,
)  # fmt: skip
from kamishibai.papercut.shapes import polygon

__all__ = ["boards", "library", "light_patch", "room"]

_WALLS = ("#9dbfae", "#e3bf98", "#aebfd8", "#d9a6a0", "#c9c799", "#a9b4d6", "#8fb3b5")
_CLOTHS = ("#c2564a", "#3f7f88", "#7a6aa8", "#d99a44", "#5f8a5c", "#b5637f")


def boards(b: SetBuilder, sheet: Sheet, top: float, rgb: Rgb) -> None:
    """A plank floor in perspective from `top` down."""
    tone = b.tone(rgb, 0.56)
    path = quad(-9, top, b.width + 9, b.height + 9)
    sheet.paper(path, lighten(tone, 0.02), mix(tone, b.palette.near, 0.5), edge=0.3, span=(top, b.height))
    lines = skia.Path()
    k = (b.height - b.horizon) / max(1.0, top - b.horizon)
    for i in range(-14, 15):
        lines.moveTo(b.width / 2 + i * b.unit * 0.1, top)
        lines.lineTo(b.width / 2 + i * b.unit * 0.1 * k, b.height)
    sheet.line(lines, lighten(tone, -0.08), b.unit * 0.002, 0.55)


def light_patch(b: SetBuilder, sheet: Sheet, box: Box, top: float) -> None:
    """The window's light, lying slantwise on the floor."""
    if b.weather in ("rain", "storm", "fog", "cloudy"):
        return
    x0, _, x1, _ = box
    n, shift = b.height - top, -b.side * (b.height - top) * 0.9
    rgb, alpha = b.palette.light, {"dawn": 0.3, "day": 0.34, "dusk": 0.36, "night": 0.14}[b.time]
    w = (x1 - x0) / 2
    for k in (0, 1):
        a0, a1 = x0 + w * k + w * 0.08, x0 + w * (k + 1) - w * 0.08
        path = polygon([(a0 + shift * 0.14, top + n * 0.12), (a1 + shift * 0.14, top + n * 0.12), (a1 + shift * 0.6 + w * 0.2, top + n * 0.62), (a0 + shift * 0.6 - w * 0.1, top + n * 0.62)])
        paint = skia.Paint(AntiAlias=True, Shader=linear(0, top, 0, top + n * 0.65, ((0, argb(rgb, alpha)), (1, argb(rgb, alpha * 0.25)))))
        sheet.canvas.drawPath(path, paint)


def _window_box(b: SetBuilder, floor: float, width: float, height: float, sill: float) -> Box:
    """An opening on the light's side of the back wall; sizes in parts of the wall's height."""
    wall = floor
    w, h = min(width * wall, b.width * 0.42), height * wall
    x = min(max(b.width * (0.5 + b.side * 0.24), w * 0.7), b.width - w * 0.7)
    y1 = floor - sill * wall
    return (x - w / 2, y1 - h, x + w / 2, y1)


def room(b: SetBuilder) -> None:
    """Build a room: papered wall, window, bed or armchair or table, shelf, lamp, rug."""
    b.medium = "indoors"
    rng = b.dice("room")
    wall_rgb, cloth = hex_rgb(rng.choice(_WALLS)), hex_rgb(rng.choice(_CLOTHS))
    floor = b.level(0.45)
    round_ = rng.random() < 0.35
    box = _window_box(b, floor, rng.uniform(0.5, 0.62), rng.uniform(0.5, 0.58), 0.2)
    outside(b, box)
    b.light_x, b.light_y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    frame = b.tone(hex_rgb(rng.choice(("#f3e9d8", "#9a6b4a", "#e9dcc8"))), 0.5)
    hole = arch(*box) if round_ else quad(*box)
    with b.sheet("wall", 0.3) as sheet:
        tone = b.tone(wall_rgb, 0.5)
        path = wall_with_holes(b, sheet, [hole], lighten(tone, -0.03), lighten(tone, 0.04), floor)
        _wall_paper(b, sheet, path, tone, floor, rng)
        sheet.wash(path, b.light_x, b.light_y, b.width * 0.5, b.palette.light, 0.4 if not b.dark else 0.16)
        panel = floor * 0.8
        sheet.paper(quad(-9, panel + (box[3] - panel if panel < box[3] + b.unit * 0.03 else 0) + b.unit * 0.03, b.width + 9, floor + 9), lighten(mix(tone, frame, 0.5), 0.02), lighten(tone, -0.05), edge=0.4)
        sheet.paper(quad(-9, floor - b.unit * 0.028, b.width + 9, floor + 2), lighten(frame, 0.0), edge=0.3)
    with b.sheet("window", 0.34) as sheet:
        window_dressing(b, sheet, box, frame, curtains=b.tone(cloth, 0.5), round_=round_)
    b.anchor("window", box, 0.34, "on", "in", "under", "beside", "near")
    b.anchor("windowsill", (box[0], box[3] - 2, box[2], box[3] + b.unit * 0.02), 0.34)
    with b.sheet("floor", 0.46, ground=lambda x: floor) as sheet:
        boards(b, sheet, floor, hex_rgb(rng.choice(("#b98a5e", "#a8744e", "#c79d70"))))
        light_patch(b, sheet, box, floor)
    spots = _furnish(b, rng, floor, cloth)
    with b.sheet("rug", 0.6, shadow=False, ground=lambda x: b.ground_y, main=True) as sheet:
        rx = min(b.unit * {"close": 0.56, "medium": 0.44, "wide": 0.3}[b.view], b.width * 0.48)
        rug(b, sheet, b.focus_x, b.ground_y + b.unit * 0.014, rx, b.unit * {"close": 0.075, "medium": 0.055, "wide": 0.04}[b.view], hex_rgb(rng.choice(_CLOTHS)))
    b.anchor("rug", (b.focus_x - rx, b.ground_y - b.unit * 0.03, b.focus_x + rx, b.ground_y + b.unit * 0.07), 0.6)
    if spots:
        b.glow_plane("lamp light", 0.61, [(x, y, b.unit * 0.42) for x, y in spots], LAMP, 0.3, 0.08, 3.2)
        for x, y in spots:
            b.lamp(x, y, b.unit * 0.8, LAMP, 0.85)
    _room_front(b, rng, cloth)


def _wall_paper(b: SetBuilder, sheet: Sheet, path: skia.Path, tone: Rgb, foot: float, rng: Random) -> None:
    """A quiet pattern: stripes, dots or sprigs."""
    kind = rng.choice(("stripes", "dots", "sprigs", "plain"))
    mark = lighten(tone, 0.05)
    sheet.canvas.save()
    sheet.canvas.clipPath(path, skia.ClipOp.kIntersect, True)
    step = b.unit * 0.06
    if kind == "stripes":
        x = 0.0
        while x < b.width:
            sheet.rect((x, 0, x + step * 0.5, foot), mark, 0.5)
            x += step
    elif kind != "plain":
        dots = skia.Path()
        for j in range(int(foot / step) + 1):
            for i in range(int(b.width / step) + 2):
                x, y = (i + 0.5 * (j % 2)) * step, j * step
                if kind == "dots":
                    dots.addCircle(x, y, step * 0.07)
                else:
                    for a in (-0.9, 0.0, 0.9):
                        px, py = x + math.sin(a) * step * 0.14, y - math.cos(a) * step * 0.14
                        dots.addOval(skia.Rect.MakeLTRB(px - step * 0.04, py - step * 0.08, px + step * 0.04, py + step * 0.08))
        sheet.flat(dots, mark, 0.7)
    sheet.canvas.restore()


def _furnish(b: SetBuilder, rng: Random, floor: float, cloth: Rgb) -> list[tuple[float, float]]:
    """Stand a bed, an armchair or a table away from the window, a shelf and a lamp; return the lamps' places."""
    side = -b.side
    depth = 0.5
    base = b.level(depth)
    left, _, right, _ = b.keep_clear
    room_w = left if side < 0 else b.width - right
    edge = 0.0 if side < 0 else float(b.width)
    m = b.px(1.0, depth)
    spots: list[tuple[float, float]] = []
    with b.sheet("back furniture", 0.42) as sheet:
        n = floor * 0.62
        x0, x1 = sorted((edge + side * m * 0.2, edge - side * max(room_w * 0.85, m * 1.7)))
        if rng.random() < 0.6:
            book_case(b, sheet, max(-m * 0.4, x0), x1, floor - n, floor + b.unit * 0.008, 0.46, rng, rows=5, wood=hex_rgb("#95633f"))
            b.anchor("shelf", (x0, floor - n, x1, floor), 0.42, "on", "in", "beside", "under", "near")
            b.anchor("bookshelf", (x0, floor - n, x1, floor), 0.42)
            px = b.width * (0.5 - b.side * rng.uniform(0.02, 0.1))
            picture(b, sheet, px, floor * rng.uniform(0.32, 0.42), m * rng.uniform(0.7, 0.9), m * rng.uniform(0.8, 1.0), 0.46, rng)
        else:
            for k in range(2):
                px = edge - side * (room_w * (0.3 + 0.5 * k))
                picture(b, sheet, px, floor * rng.uniform(0.3, 0.46), m * rng.uniform(0.7, 1.0), m * rng.uniform(0.6, 0.9), 0.46, rng)
            y = floor * 0.62
            sheet.paper(quad(x0 + m * 0.2, y, x1 - m * 0.1, y + m * 0.07), b.tone(hex_rgb("#95633f"), 0.46), lift=0.5)
            books(b, sheet, x0 + m * 0.4, x1 - m * 0.5, y, m * 0.36, 0.46, rng)
            b.anchor("shelf", (x0 + m * 0.2, y - m * 0.1, x1 - m * 0.1, y), 0.42)
    kind = rng.choice(("bed", "chair", "table", "bed"))
    with b.sheet("furniture", depth) as sheet:
        if kind == "bed":
            w = m * 2.7
            x = edge - side * max(w * 0.44, min(w * 0.5, room_w - w * 0.44))
            bed(b, sheet, x, base, w, depth, side, cloth, rng)
        elif kind == "chair":
            x = edge - side * max(m * 0.8, room_w * 0.6)
            arm_chair(b, sheet, x, base, m * 1.35, depth, cloth)
        else:
            x = edge - side * max(m * 0.9, room_w * 0.6)
            side_table(b, sheet, x, base, m * 1.8, m * 0.85, depth)
            books(b, sheet, x - m * 0.6, x - m * 0.05, base - m * 0.85, m * 0.3, depth, rng)
            spots.append(floor_lamp(b, sheet, x + m * 0.4, base - m * 0.85, m * 0.75, depth, cloth))
        if kind != "table":
            lx = edge - side * max(room_w * 0.96, m * (2.75 if kind == "bed" else 1.75))
            lx = min(max(lx, m * 0.3), b.width - m * 0.3)
            spots.append(floor_lamp(b, sheet, lx, base - b.unit * 0.01, m * 1.75, depth, hex_rgb("#f2dcae")))
        far_x = b.width * (0.5 + b.side * 0.43)
        side_table(b, sheet, far_x, base, m * 0.9, m * 0.6, depth)
    return spots if b.dim or b.weather in ("rain", "storm") else []


def _room_front(b: SetBuilder, rng: Random, cloth: Rgb) -> None:
    """A plant on one side, a curtain's edge or a chair back on the other, dark and close."""
    dark = mix(b.palette.near, b.palette.shade, 0.1)
    with b.sheet("front plant", 0.88) as sheet:
        room_w = b.keep_clear[0] if b.side < 0 else b.width - b.keep_clear[2]
        x = room_w * 0.22 if b.side < 0 else b.width - room_w * 0.22
        frame_plant(b, sheet, x, b.side, rng, mix(dark, b.tone(hex_rgb("#5f8a6c"), 0.8), 0.3))
    side = -b.side
    room_w = b.keep_clear[0] if side < 0 else b.width - b.keep_clear[2]
    x0 = 0.0 if side < 0 else float(b.width)
    rgb = mix(dark, b.tone(cloth, 0.8), 0.35)
    with b.sheet("front curtain", 0.94) as sheet:
        w = min(room_w * 0.6, b.unit * 0.2)
        for k in range(3):
            a, c = x0 - side * w * (1 - 0.32 * k), x0 - side * w * (0.7 - 0.34 * k) + side * 9
            path = skia.Path()
            path.moveTo(x0 + side * 20, -20)
            path.lineTo(a, -20)
            path.cubicTo(a, b.height * 0.3, a + side * w * 0.3, b.height * 0.5, c, b.height * 0.62)
            path.quadTo(a + side * w * 0.25, b.height * 0.8, a + side * w * 0.1, b.height + 20)
            path.lineTo(x0 + side * 20, b.height + 20)
            path.close()
            sheet.paper(path, lighten(rgb, 0.02 * k), mix(rgb, dark, 0.5), lift=0.5, edge=0.25)


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
            for side in (-1, 1):
                x_in = x + side * gap
                n = b.px((1.9, 1.8, 1.7)[i], depth) if i else b.unit * 0.2
                k = 0
                while 0 <= k < 4 and -n < x_in < b.width + n:
                    a, c = sorted((x_in, x_in + side * n))
                    rows = max(5, round((base - top * b.height) / b.px(0.5, depth))) if b.view != "close" else 6
                    book_case(b, sheet, a, c, b.height * top, base, depth + 0.06, rng, rows=min(9, rows), wood=wood)
                    if i == 2:
                        b.anchor("shelf", (a, b.height * max(0.05, top), c, base), depth, "on", "in", "beside", "near", "under")
                        b.anchor("bookshelf", (a, b.height * max(0.05, top), c, base), depth)
                    x_in += side * n * 1.03
                    k += 1
            if i == 1:
                _ladder(b, sheet, x + rng.choice((-1, 1)) * (gap + b.px(0.9, depth)), base, b.px(3.4, depth), depth)
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
            sheet.paper(quad(dx - m * (0.66 - 0.04 * k), y - m * 0.09, dx - m * (0.2 + 0.03 * k), y), b.tone(hex_rgb(("#b5483c", "#39506f", "#c9a04a")[k]), 0.52), edge=0.3)
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
    with b.sheet("carpet", 0.6, shadow=False, ground=lambda x: b.ground_y, main=True) as sheet:
        rgb = b.tone(hex_rgb(rng.choice(("#a8433f", "#3f5f7a", "#5f7a4f"))), 0.6)
        k = 0.32
        near, far = b.unit * 0.62, b.unit * 0.62 * k
        top = floor + (b.height - floor) * 0.1
        runner = polygon([(x - far, top), (x + far, top), (b.focus_x + near, b.height + 9), (b.focus_x - near, b.height + 9)])
        sheet.paper(runner, lighten(rgb, 0.02), mix(rgb, b.palette.near, 0.4), edge=0.3, lift=0.2)
        for t in (0.84, 0.76):
            side_line = skia.Path()
            for s in (-1, 1):
                side_line.moveTo(x + s * far * t, top)
                side_line.lineTo(b.focus_x + s * near * t, b.height)
            sheet.line(side_line, b.tone(hex_rgb("#e3b85f"), 0.6), b.unit * 0.003, 0.7)
    b.glow_plane("candle light", 0.61, spots, LAMP, 0.4, 0.22, 1.7)
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
    path = polygon([(x0, y0 + (y1 - y0) * 0.2), (x1, y0 + (y1 - y0) * 0.1), (x1 + shift + b.unit * 0.1, b.height * 0.96), (x0 + shift - b.unit * 0.1, b.height * 0.96)])
    alpha = {"dawn": 0.2, "day": 0.2, "dusk": 0.24, "night": 0.13}[b.time]
    rgb = b.palette.light if not b.dark else mix(b.palette.light, b.palette.horizon, 0.5)
    life = Life(kind="twinkle", amplitude=0.2, period_s=8.0)
    with b.sheet("beam", 0.36, shadow=False, life=life, blend="add") as sheet:
        paint = skia.Paint(AntiAlias=True, Shader=linear(0, y0, 0, b.height * 0.9, ((0, argb(rgb, alpha)), (0.6, argb(rgb, alpha * 0.5)), (1, argb(rgb, 0.0)))), Dither=True)
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
            sheet.circle(rng.uniform(r, b.width - r), rng.uniform(r, b.height - r), r, b.palette.light, rng.uniform(0.2, 0.55))


def _library_front(b: SetBuilder, rng: Random, wood: Rgb, haunted: bool) -> None:
    """Stacks of books in the lower corners and the dark ends of two cases; a cobweb when haunted."""
    dark = mix(b.palette.near, b.tone(wood, 0.8), 0.3)
    with b.sheet("front stacks", 0.9) as sheet:
        for side in (-1, 1):
            room_w = b.keep_clear[0] if side < 0 else b.width - b.keep_clear[2]
            x0 = 0.0 if side < 0 else float(b.width)
            w = min(room_w * 0.42, b.unit * 0.14)
            a, c = sorted((x0 + side * 9, x0 - side * w))
            sheet.paper(quad(a, -9, c, b.height + 9), lighten(dark, 0.04), dark, edge=0.3, lift=0.5)
            for k in range(4):
                y = b.height * (0.08 + 0.23 * k)
                sheet.line(quad(a + w * 0.2, y, c - w * 0.2, y + b.height * 0.18), lighten(dark, -0.04), b.unit * 0.004, 0.8)
            y, x = b.height + 4.0, x0 - side * w * 1.3
            for k in range(rng.choice((3, 5))):
                h, n = b.unit * rng.uniform(0.026, 0.042), b.unit * rng.uniform(0.17, 0.25)
                cx = x + rng.uniform(-0.015, 0.015) * b.unit
                tone = mix(dark, b.tone(hex_rgb(_CLOTHS[k % 6]), 0.8), 0.4)
                sheet.paper(quad(cx - n / 2, y - h, cx + n / 2, y), lighten(tone, 0.04), lighten(tone, -0.03), lift=0.35, edge=0.35)
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
                    web.quadTo(x0 - side * math.cos(am) * n * 0.86, math.sin(am) * n * 0.86, x0 - side * math.cos(a1) * n, math.sin(a1) * n)
            sheet.line(web, mix(b.palette.light, b.palette.far, 0.4), b.unit * 0.0014, 0.5)
