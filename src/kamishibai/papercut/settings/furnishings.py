"""Indoor things cut from paper: windows on the outside, shelves of books, beds, tables, lamps, rugs."""

from __future__ import annotations

import math
from random import Random

import skia

from kamishibai.papercut.brush import Sheet
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.parts import Box, Rgb
from kamishibai.papercut.settings.buildings import arch
from kamishibai.papercut.shapes import blob, hill_line, leaf, polygon, sheet_below
from kamishibai.papercut.sky import hang_sky
from kamishibai.papercut.weather import lay_weather, lightning

__all__ = [
    "LAMP", "arm_chair", "bed", "book_case", "books", "floor_lamp", "frame_plant", "outside", "picture", "quad",
    "rug", "side_table", "wall_with_holes", "window_dressing",
]  # fmt: skip

LAMP = hex_rgb("#ffc879")
_SPINES = tuple(hex_rgb(c) for c in ("#b5483c", "#d98e3f", "#4f7f78", "#39506f", "#8a5a78", "#c9b07a", "#6f8a54", "#a0643f", "#e3d2ae"))


def quad(x0: float, y0: float, x1: float, y1: float) -> skia.Path:
    """A rectangle as a path."""
    return polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])


def outside(b: SetBuilder, box: Box, *, hills: bool = True) -> None:
    """Lay what is seen through the windows: the hour's sky with its sun or moon, far hills, the weather."""
    keep = (b.horizon, b.light_x, b.light_y)
    b.horizon = box[3] - (box[3] - box[1]) * 0.18
    b.light_x = box[0] + (box[2] - box[0]) * (0.5 + b.side * 0.14)
    b.light_y = box[1] + (box[3] - box[1]) * 0.36
    hang_sky(b, clouds=0.7)
    if b.weather == "storm":
        lightning(b)
    rng = b.dice("outside")
    if hills:
        for i, depth in enumerate((0.1, 0.16)):
            line = hill_line(b.horizon + b.unit * 0.02 * i, b.unit * 0.06, b.width * 0.4, rng, 1.1)
            with b.sheet(f"outside {i + 1}", depth) as sheet:
                rgb = mix(b.scheme.mid, mix(b.palette.near, hex_rgb("#6f9a6a"), 0.5), 0.45 + 0.25 * i)
                sheet.paper(sheet_below(line, -9, b.width + 9, b.height, b.width / 90), lighten(rgb, 0.03), lighten(rgb, -0.05))
    lay_weather(b, "far")
    b.horizon, b.light_x, b.light_y = keep


def wall_with_holes(b: SetBuilder, sheet: Sheet, holes: list[skia.Path], top: Rgb, bottom: Rgb, foot: float) -> skia.Path:
    """Lay a wall over the whole picture with openings cut out; return its shape."""
    path = skia.Path()
    path.addRect(skia.Rect.MakeLTRB(-20, -20, b.width + 20, b.height + 20))
    for hole in holes:
        path.addPath(hole)
    path.setFillType(skia.PathFillType.kEvenOdd)
    sheet.paper(path, top, bottom, span=(0, foot), edge=0.3)
    return path


def window_dressing(b: SetBuilder, sheet: Sheet, box: Box, frame: Rgb, *, curtains: Rgb | None, round_: bool) -> None:
    """Frame, glazing bars, sill and curtains around an opening."""
    x0, y0, x1, y1 = box
    w = x1 - x0
    t = w * 0.045
    hole = arch(x0, y0, x1, y1) if round_ else quad(x0, y0, x1, y1)
    sheet.line(hole, lighten(frame, -0.05), t * 2.0)
    sheet.line(hole, lighten(frame, 0.05), t * 1.2)
    bars = skia.Path()
    for k in (1 / 2,) if w < b.unit * 0.24 else (1 / 3, 2 / 3):
        bars.moveTo(x0 + w * k, y0)
        bars.lineTo(x0 + w * k, y1)
    for k in (0.36, 0.68):
        bars.moveTo(x0, y0 + (y1 - y0) * k)
        bars.lineTo(x1, y0 + (y1 - y0) * k)
    sheet.line(bars, frame, t * 0.7)
    sill = quad(x0 - w * 0.1, y1, x1 + w * 0.1, y1 + t * 1.5)
    sheet.paper(sill, lighten(frame, 0.07), lighten(frame, -0.05), lift=0.5)
    if curtains is None:
        return
    rod = y0 - t * 2.2
    sheet.rect((x0 - w * 0.26, rod - t * 0.4, x1 + w * 0.26, rod + t * 0.3), lighten(frame, -0.14), 1.0, t * 0.3)
    for side in (-1, 1):
        outer, inner = ((x0 - w * 0.22), (x0 + w * 0.16)) if side < 0 else ((x1 + w * 0.22), (x1 - w * 0.16))
        tie = y0 + (y1 - y0) * 0.62
        hem = y1 + (y1 - y0) * 0.2
        cloth = skia.Path()
        cloth.moveTo(outer, rod)
        cloth.lineTo(inner, rod)
        cloth.cubicTo(inner, rod + (tie - rod) * 0.6, outer - side * w * 0.16, tie - (tie - rod) * 0.15, outer - side * w * 0.12, tie)
        cloth.quadTo(outer - side * w * 0.2, (tie + hem) / 2, outer - side * w * 0.24, hem)
        cloth.lineTo(outer, hem)
        cloth.close()
        sheet.paper(cloth, lighten(curtains, 0.04), lighten(curtains, -0.07), lift=0.8)
        folds = skia.Path()
        for k in (0.25, 0.5, 0.75):
            top_x, tie_x = outer + (inner - outer) * k, outer - side * w * 0.12 * k
            folds.moveTo(top_x, rod)
            folds.quadTo(top_x, rod + (tie - rod) * 0.6, tie_x, tie)
            folds.lineTo(outer - side * w * 0.22 * k, hem)
        sheet.line(folds, lighten(curtains, -0.08), t * 0.28, 0.7)
        sheet.rect((min(outer, outer - side * w * 0.13), tie - t * 0.5, max(outer, outer - side * w * 0.13), tie + t * 0.5), lighten(curtains, -0.12))


def books(b: SetBuilder, sheet: Sheet, x0: float, x1: float, base: float, height: float, depth: float, rng: Random) -> None:
    """A row of book spines, some leaning, some gaps."""
    x = x0
    while x < x1 - height * 0.12:
        w = height * rng.uniform(0.12, 0.26)
        if x + w > x1:
            break
        if rng.random() < 0.06:
            x += w * rng.uniform(0.8, 2.0)
            continue
        h = height * rng.uniform(0.66, 0.94)
        rgb = b.tone(rng.choice(_SPINES), depth, rng.uniform(-0.07, 0.02))
        lean = rng.random() < 0.06
        dx = w * 0.7 if lean else 0.0
        path = polygon([(x, base), (x + dx, base - h), (x + dx + w * 0.92, base - h), (x + w * 0.92, base)])
        sheet.flat(path, rgb)
        if w > 5:
            for t in (0.16, 0.8):
                y = base - h * t
                sheet.rect((x + dx * t, y - h * 0.035, x + dx * t + w * 0.92, y), lighten(rgb, 0.12), 0.7)
        x += w + dx


def book_case(
    b: SetBuilder, sheet: Sheet, x0: float, x1: float, top: float, base: float, depth: float, rng: Random, *,
    rows: int, wood: Rgb, crown: bool = True,
) -> None:  # fmt: skip
    """A case of `rows` shelves filled with books."""
    tone = b.tone(wood, depth)
    t = max(2.0, (x1 - x0) * 0.04)
    sheet.paper(quad(x0, top, x1, base), lighten(tone, -0.13), lighten(tone, -0.16), lift=0.8)
    step = (base - top - t) / rows
    for r in range(rows):
        y = top + t + step * (r + 1)
        sheet.rect((x0 + t, y - step + t * 0.2, x1 - t, y - step + step * 0.22), b.palette.shade, 0.22)
        kind = rng.random()
        if kind < 0.84:
            books(b, sheet, x0 + t * 1.2, x1 - t * 1.2, y - t * 0.6, step * 0.82, depth, rng)
        else:
            books(b, sheet, x0 + t * 1.2, x0 + (x1 - x0) * 0.5, y - t * 0.6, step * 0.82, depth, rng)
            vase = blob(x0 + (x1 - x0) * 0.72, y - t * 0.6 - step * 0.2, step * 0.17, step * 0.2, rng, 10, 0.03)
            sheet.paper(vase, b.tone(rng.choice(_SPINES), depth, 0.05), edge=0.3)
        sheet.paper(quad(x0, y - t * 0.6, x1, y + t * 0.1), lighten(tone, 0.03), edge=0.25)
    for side in (x0, x1 - t):
        sheet.paper(quad(side, top, side + t, base), lighten(tone, 0.04), lighten(tone, -0.05), edge=0.3)
    if crown:
        sheet.paper(quad(x0 - t * 0.7, top - t * 1.1, x1 + t * 0.7, top + t * 0.3), lighten(tone, 0.06), lift=0.3)
    else:
        sheet.paper(quad(x0, top - t * 0.3, x1, top + t * 0.3), lighten(tone, 0.04), edge=0.3)


def picture(b: SetBuilder, sheet: Sheet, x: float, y: float, w: float, h: float, depth: float, rng: Random) -> None:
    """A framed little landscape."""
    wood = b.tone(hex_rgb(rng.choice(("#b98a4a", "#6f4a3a", "#e9dcc3"))), depth)
    sheet.paper(quad(x - w / 2, y - h / 2, x + w / 2, y + h / 2), lighten(wood, 0.03), lighten(wood, -0.06), lift=0.5)
    box = (x - w * 0.39, y - h * 0.38, x + w * 0.39, y + h * 0.38)
    sheet.rect(box, b.tone(hex_rgb(rng.choice(("#a9d0d6", "#f0c9a0", "#c9d8b0"))), depth))
    sheet.canvas.save()
    sheet.canvas.clipRect(skia.Rect.MakeLTRB(*box), skia.ClipOp.kIntersect, True)
    sheet.circle(x + w * 0.16, y - h * 0.14, h * 0.1, b.tone(hex_rgb("#f9e6b0"), depth))
    for k, hue in enumerate(("#86ad8c", "#5f8a6c")):
        sheet.flat(blob(x + w * (0.24 - 0.44 * k), y + h * (0.36 + 0.06 * k), w * 0.42, h * 0.34, rng, 8, 0.05), b.tone(hex_rgb(hue), depth))
    sheet.canvas.restore()


def bed(b: SetBuilder, sheet: Sheet, x: float, base: float, w: float, depth: float, side: float, quilt: Rgb, rng: Random) -> None:
    """A bed seen from its long side, the pillow at `side`."""
    wood = b.tone(hex_rgb("#8f5f3e"), depth)
    h = w * 0.22
    head, foot = x + side * w / 2, x - side * w / 2

    def board(cx: float, tall: float) -> None:
        t = w * 0.045
        path = arch(cx - t, base - tall, cx + t, base, 0.6)
        sheet.paper(path, lighten(wood, 0.05), lighten(wood, -0.06), lift=0.5)
        sheet.circle(cx, base - tall, t * 0.9, lighten(wood, 0.04))

    sheet.paper(quad(x - w / 2, base - h * 0.72, x + w / 2, base - h * 0.22), lighten(wood, -0.03), lift=0.5)
    linen = b.tone(hex_rgb("#f6ede0"), depth)
    mattress = skia.Path()
    mattress.addRoundRect(skia.Rect.MakeLTRB(x - w * 0.49, base - h * 1.18, x + w * 0.49, base - h * 0.6), h * 0.2, h * 0.2)
    sheet.paper(mattress, linen, lighten(linen, -0.07))
    pillow = blob(head - side * w * 0.15, base - h * 1.34, w * 0.125, h * 0.3, rng, 8, 0.05)
    sheet.paper(pillow, lighten(linen, 0.02), lighten(linen, -0.05), lift=0.4)
    rgb = b.tone(quilt, depth)
    cover = skia.Path()
    top_x = head - side * w * 0.26
    cover.moveTo(top_x, base - h * 1.36)
    cover.cubicTo(x, base - h * 1.52, foot + side * w * 0.2, base - h * 1.46, foot + side * w * 0.02, base - h * 1.18)
    n = 6
    for k in range(n):
        ax = foot + side * w * 0.02 + (top_x - foot - side * w * 0.02) * (k + 1) / n
        mx = foot + side * w * 0.02 + (top_x - foot - side * w * 0.02) * (k + 0.5) / n
        if k == 0:
            cover.lineTo(foot + side * w * 0.02, base - h * 0.42)
        cover.quadTo(mx, base - h * 0.26, ax, base - h * 0.42)
    cover.close()
    sheet.paper(cover, lighten(rgb, 0.04), lighten(rgb, -0.08), lift=0.5)
    sheet.canvas.save()
    sheet.canvas.clipPath(cover, skia.ClipOp.kIntersect, True)
    for k in range(7):
        for j in range(4):
            px = top_x + (foot - top_x) * (k + 0.5 * (j % 2)) / 6.5
            py = base - h * (1.28 - 0.27 * j)
            sheet.flat(polygon([(px, py - h * 0.09), (px + h * 0.09, py), (px, py + h * 0.09), (px - h * 0.09, py)]), lighten(rgb, 0.1), 0.75)
    fold = quad(min(top_x, top_x - side * w * 0.05), base - h * 1.6, max(top_x, top_x - side * w * 0.05), base)
    sheet.paper(fold, lighten(rgb, 0.12), edge=0)
    sheet.canvas.restore()
    board(head, h * 2.5)
    board(foot, h * 1.75)
    b.anchor("bed", (x - w / 2, base - h * 1.3, x + w / 2, base), depth, "on", "under", "beside", "behind", "near", "in")
    b.anchor("pillow", (head - side * w * 0.25, base - h * 1.6, head, base - h * 1.2), depth)


def side_table(b: SetBuilder, sheet: Sheet, x: float, base: float, w: float, h: float, depth: float) -> None:
    """A table with a cloth and turned legs."""
    wood = b.tone(hex_rgb("#9a6a44"), depth)
    for s in (-1, 1):
        sheet.paper(polygon([(x + s * w * 0.4 - w * 0.03, base - h), (x + s * w * 0.4 + w * 0.03, base - h), (x + s * w * 0.4 + w * 0.018, base), (x + s * w * 0.4 - w * 0.018, base)]), lighten(wood, -0.04), lift=0.3)
    sheet.paper(quad(x - w * 0.44, base - h * 0.94, x + w * 0.44, base - h * 0.8), lighten(wood, -0.03), edge=0.2)
    sheet.paper(quad(x - w / 2, base - h, x + w / 2, base - h * 0.91), lighten(wood, 0.07), lighten(wood, 0.0), lift=0.4)
    b.anchor("table", (x - w / 2, base - h, x + w / 2, base), depth, "on", "under", "beside", "behind", "near")


def arm_chair(b: SetBuilder, sheet: Sheet, x: float, base: float, w: float, depth: float, cloth: Rgb) -> None:
    """A wing chair seen from the front."""
    rgb = b.tone(cloth, depth)
    wood = b.tone(hex_rgb("#6f4a36"), depth)
    for s in (-1, 1):
        sheet.paper(polygon([(x + s * w * 0.38 - w * 0.03, base - w * 0.16), (x + s * w * 0.38 + w * 0.03, base - w * 0.16), (x + s * w * 0.38 + w * 0.02, base), (x + s * w * 0.38 - w * 0.02, base)]), wood)
    back = arch(x - w * 0.4, base - w * 1.2, x + w * 0.4, base - w * 0.2, 0.34)
    sheet.paper(back, lighten(rgb, 0.04), lighten(rgb, -0.06), lift=0.7)
    for dx, dy in ((-0.16, -0.95), (0.16, -0.95), (0.0, -0.78)):
        sheet.circle(x + dx * w, base + dy * w, w * 0.018, lighten(rgb, -0.1))
    seat = skia.Path()
    seat.addRoundRect(skia.Rect.MakeLTRB(x - w * 0.36, base - w * 0.52, x + w * 0.36, base - w * 0.18), w * 0.08, w * 0.08)
    sheet.paper(seat, lighten(rgb, 0.06), lighten(rgb, -0.05), lift=0.4)
    for s in (-1, 1):
        arm = skia.Path()
        arm.addRoundRect(skia.Rect.MakeLTRB(x + s * w * 0.42 - w * 0.1, base - w * 0.66, x + s * w * 0.42 + w * 0.1, base - w * 0.14), w * 0.1, w * 0.1)
        sheet.paper(arm, lighten(rgb, 0.02), lighten(rgb, -0.08), lift=0.5)
    for name in ("chair", "armchair", "sofa"):
        b.anchor(name, (x - w / 2, base - w * 0.52, x + w / 2, base), depth, "on", "under", "beside", "behind", "near", "in")


def floor_lamp(b: SetBuilder, sheet: Sheet, x: float, base: float, h: float, depth: float, shade: Rgb) -> tuple[float, float]:
    """A standing lamp (`h` tall) or, when short, a table lamp; return where its light is."""
    metal = b.tone(hex_rgb("#6a4f48"), depth)
    sheet.rect((x - h * 0.012, base - h * 0.8, x + h * 0.012, base), metal)
    foot = skia.Path()
    foot.addArc(skia.Rect.MakeLTRB(x - h * 0.1, base - h * 0.05, x + h * 0.1, base + h * 0.05), 180, 180)
    sheet.paper(foot, metal, lift=0.3)
    on = b.dim or b.weather in ("rain", "storm")
    rgb = mix(LAMP, b.tone(shade, depth, 0.05), 0.35) if on else b.tone(shade, depth)
    w = h * 0.17
    if on:
        sheet.glow(x, base - h * 0.86, h * 0.75, LAMP, 0.55)
    sheet.paper(polygon([(x - w * 0.6, base - h), (x + w * 0.6, base - h), (x + w, base - h * 0.74), (x - w, base - h * 0.74)]), lighten(rgb, 0.06), lighten(rgb, -0.04), lift=0.4, edge=0.5)
    b.anchor("lamp", (x - w, base - h, x + w, base), depth)
    return x, base - h * 0.82


def rug(b: SetBuilder, sheet: Sheet, x: float, y: float, rx: float, ry: float, rgb: Rgb) -> None:
    """An oval rug of three rings with a fringe of dots."""
    for k, by in ((1.0, -0.04), (0.86, 0.1), (0.72, 0.0), (0.4, 0.09)):
        tone = b.tone(rgb, 0.6, by)
        oval = skia.Path()
        oval.addOval(skia.Rect.MakeLTRB(x - rx * k, y - ry * k, x + rx * k, y + ry * k))
        sheet.paper(oval, lighten(tone, 0.02), lighten(tone, -0.03), lift=0.3 if k == 1.0 else 0.0, edge=0.35)
    for i in range(26):
        a = math.tau * i / 26
        sheet.circle(x + math.cos(a) * rx * 0.93, y + math.sin(a) * ry * 0.93, ry * 0.035, b.tone(rgb, 0.6, 0.16))


def frame_plant(b: SetBuilder, sheet: Sheet, x: float, side: float, rng: Random, dark: Rgb) -> None:
    """A big-leaved plant at a side, close to the lens."""
    n = b.unit * rng.uniform(0.24, 0.34)
    base = b.height + 9
    for k in range(8):
        a = -math.pi / 2 + (k - 3.5) * 0.24 - side * 0.08
        reach = n * rng.uniform(0.75, 1.25)
        tip_x, tip_y = x + math.cos(a) * reach * 0.7, base - n * 0.25 + math.sin(a) * reach
        stem = skia.Path()
        stem.moveTo(x, base)
        stem.quadTo(x, tip_y + reach * 0.3, tip_x, tip_y)
        sheet.line(stem, dark, n * 0.016)
        sheet.paper(leaf(tip_x, tip_y, n * rng.uniform(0.42, 0.56), a + rng.uniform(-0.3, 0.3) + (0.5 if math.cos(a) > 0 else -0.5), 0.34), lighten(dark, rng.uniform(0.02, 0.07)), edge=0.2, lift=0.25)
