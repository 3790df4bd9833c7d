"""Furniture cut from paper: beds, tables, chairs, lamps, clocks, hearths, cases of books."""

from __future__ import annotations

import math
from random import Random

import skia

from kamishibai.papercut.brush import Sheet
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.settings.buildings import arch
from kamishibai.papercut.settings.furnishings import quad
from kamishibai.papercut.shapes import blob, polygon

__all__ = [
    "LAMP",
    "arm_chair",
    "bed",
    "book_case",
    "books",
    "dresser",
    "fireplace",
    "floor_lamp",
    "side_table",
    "tall_clock",
]

LAMP = hex_rgb("#ffc879")
_SPINES = tuple(
    hex_rgb(c)
    for c in (
        "#b5483c",
        "#d98e3f",
        "#4f7f78",
        "#39506f",
        "#8a5a78",
        "#c9b07a",
        "#6f8a54",
        "#a0643f",
        "#e3d2ae",
    )
)


def books(
    b: SetBuilder, sheet: Sheet, x0: float, x1: float, base: float, height: float, depth: float, rng: Random
) -> None:
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
            vase = blob(
                x0 + (x1 - x0) * 0.72, y - t * 0.6 - step * 0.2, step * 0.17, step * 0.2, rng, 10, 0.03
            )
            sheet.paper(vase, b.tone(rng.choice(_SPINES), depth, 0.05), edge=0.3)
        sheet.paper(quad(x0, y - t * 0.6, x1, y + t * 0.1), lighten(tone, 0.03), edge=0.25)
    for side in (x0, x1 - t):
        sheet.paper(quad(side, top, side + t, base), lighten(tone, 0.04), lighten(tone, -0.05), edge=0.3)
    if crown:
        sheet.paper(
            quad(x0 - t * 0.7, top - t * 1.1, x1 + t * 0.7, top + t * 0.3), lighten(tone, 0.06), lift=0.3
        )
    else:
        sheet.paper(quad(x0, top - t * 0.3, x1, top + t * 0.3), lighten(tone, 0.04), edge=0.3)


def bed(
    b: SetBuilder,
    sheet: Sheet,
    x: float,
    base: float,
    w: float,
    depth: float,
    side: float,
    quilt: Rgb,
    rng: Random,
) -> None:
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
    mattress.addRoundRect(
        skia.Rect.MakeLTRB(x - w * 0.49, base - h * 1.18, x + w * 0.49, base - h * 0.6), h * 0.2, h * 0.2
    )
    sheet.paper(mattress, linen, lighten(linen, -0.07))
    pillow = blob(head - side * w * 0.15, base - h * 1.34, w * 0.125, h * 0.3, rng, 8, 0.05)
    sheet.paper(pillow, lighten(linen, 0.02), lighten(linen, -0.05), lift=0.4)
    rgb = b.tone(quilt, depth)
    cover = skia.Path()
    top_x = head - side * w * 0.26
    cover.moveTo(top_x, base - h * 1.36)
    cover.cubicTo(
        x, base - h * 1.52, foot + side * w * 0.2, base - h * 1.46, foot + side * w * 0.02, base - h * 1.18
    )
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
            sheet.flat(
                polygon([(px, py - h * 0.09), (px + h * 0.09, py), (px, py + h * 0.09), (px - h * 0.09, py)]),
                lighten(rgb, 0.1),
                0.75,
            )
    fold = quad(
        min(top_x, top_x - side * w * 0.05), base - h * 1.6, max(top_x, top_x - side * w * 0.05), base
    )
    sheet.paper(fold, lighten(rgb, 0.12), edge=0)
    sheet.canvas.restore()
    board(head, h * 2.5)
    board(foot, h * 1.75)
    b.anchor(
        "bed",
        (x - w / 2, base - h * 1.3, x + w / 2, base),
        depth,
        "on",
        "under",
        "beside",
        "behind",
        "near",
        "in",
    )
    b.anchor("pillow", (head - side * w * 0.25, base - h * 1.6, head, base - h * 1.2), depth)


def side_table(b: SetBuilder, sheet: Sheet, x: float, base: float, w: float, h: float, depth: float) -> None:
    """A table with a cloth and turned legs."""
    wood = b.tone(hex_rgb("#9a6a44"), depth)
    for s in (-1, 1):
        sheet.paper(
            polygon(
                [
                    (x + s * w * 0.4 - w * 0.03, base - h),
                    (x + s * w * 0.4 + w * 0.03, base - h),
                    (x + s * w * 0.4 + w * 0.018, base),
                    (x + s * w * 0.4 - w * 0.018, base),
                ]
            ),
            lighten(wood, -0.04),
            lift=0.3,
        )
    sheet.paper(
        quad(x - w * 0.44, base - h * 0.94, x + w * 0.44, base - h * 0.8), lighten(wood, -0.03), edge=0.2
    )
    sheet.paper(
        quad(x - w / 2, base - h, x + w / 2, base - h * 0.91),
        lighten(wood, 0.07),
        lighten(wood, 0.0),
        lift=0.4,
    )
    b.anchor(
        "table", (x - w / 2, base - h, x + w / 2, base), depth, "on", "under", "beside", "behind", "near"
    )


def arm_chair(b: SetBuilder, sheet: Sheet, x: float, base: float, w: float, depth: float, cloth: Rgb) -> None:
    """A wing chair seen from the front."""
    rgb = b.tone(cloth, depth)
    wood = b.tone(hex_rgb("#6f4a36"), depth)
    for s in (-1, 1):
        sheet.paper(
            polygon(
                [
                    (x + s * w * 0.38 - w * 0.03, base - w * 0.16),
                    (x + s * w * 0.38 + w * 0.03, base - w * 0.16),
                    (x + s * w * 0.38 + w * 0.02, base),
                    (x + s * w * 0.38 - w * 0.02, base),
                ]
            ),
            wood,
        )
    back = arch(x - w * 0.4, base - w * 1.2, x + w * 0.4, base - w * 0.2, 0.34)
    sheet.paper(back, lighten(rgb, 0.04), lighten(rgb, -0.06), lift=0.7)
    for dx, dy in ((-0.16, -0.95), (0.16, -0.95), (0.0, -0.78)):
        sheet.circle(x + dx * w, base + dy * w, w * 0.018, lighten(rgb, -0.1))
    seat = skia.Path()
    seat.addRoundRect(
        skia.Rect.MakeLTRB(x - w * 0.36, base - w * 0.52, x + w * 0.36, base - w * 0.18), w * 0.08, w * 0.08
    )
    sheet.paper(seat, lighten(rgb, 0.06), lighten(rgb, -0.05), lift=0.4)
    for s in (-1, 1):
        arm = skia.Path()
        arm.addRoundRect(
            skia.Rect.MakeLTRB(
                x + s * w * 0.42 - w * 0.1, base - w * 0.66, x + s * w * 0.42 + w * 0.1, base - w * 0.14
            ),
            w * 0.1,
            w * 0.1,
        )
        sheet.paper(arm, lighten(rgb, 0.02), lighten(rgb, -0.08), lift=0.5)
    for name in ("chair", "armchair", "sofa"):
        b.anchor(
            name,
            (x - w / 2, base - w * 0.52, x + w / 2, base),
            depth,
            "on",
            "under",
            "beside",
            "behind",
            "near",
            "in",
        )


def floor_lamp(
    b: SetBuilder, sheet: Sheet, x: float, base: float, h: float, depth: float, shade: Rgb
) -> tuple[float, float]:
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
    sheet.paper(
        polygon(
            [
                (x - w * 0.6, base - h),
                (x + w * 0.6, base - h),
                (x + w, base - h * 0.74),
                (x - w, base - h * 0.74),
            ]
        ),
        lighten(rgb, 0.06),
        lighten(rgb, -0.04),
        lift=0.4,
        edge=0.5,
    )
    b.anchor("lamp", (x - w, base - h, x + w, base), depth)
    return x, base - h * 0.82


def fireplace(
    b: SetBuilder, sheet: Sheet, x: float, base: float, w: float, depth: float
) -> tuple[float, float]:
    """A hearth with a mantel and a fire; return where the flames are."""
    stone = b.tone(hex_rgb("#c9b7a4"), depth)
    h = w * 0.82
    sheet.paper(
        quad(x - w / 2, base - h, x + w / 2, base), lighten(stone, 0.03), lighten(stone, -0.06), lift=0.7
    )
    hole = arch(x - w * 0.3, base - h * 0.68, x + w * 0.3, base, 0.3)
    sheet.paper(hole, lighten(b.palette.near, 0.04), b.palette.near, edge=0)
    fx, fy = x, base - h * 0.06
    sheet.glow(fx, fy - h * 0.2, w * 0.5, hex_rgb("#ff9a4a"), 0.7)
    for k, (size, hue) in enumerate(((1.0, "#e8622e"), (0.68, "#f7a13c"), (0.36, "#ffe08a"))):
        n, fw = h * 0.46 * size, w * 0.19 * size
        flame = skia.Path()
        flame.moveTo(fx, fy - n)
        flame.cubicTo(fx + fw * 0.3, fy - n * 0.6, fx + fw * 1.3, fy - n * 0.5, fx + fw, fy)
        flame.lineTo(fx - fw, fy)
        flame.cubicTo(fx - fw * 1.3, fy - n * 0.4, fx - fw * 0.2, fy - n * 0.5, fx, fy - n)
        sheet.paper(flame, hex_rgb(hue), edge=0.2 if k == 0 else 0.0)
    for s in (-1, 1):
        log = skia.Path()
        log.moveTo(fx - s * w * 0.2, fy + h * 0.02)
        log.lineTo(fx + s * w * 0.17, fy - h * 0.05)
        sheet.line(log, b.tone(hex_rgb("#5f4030"), depth), h * 0.05)
    sheet.paper(
        quad(x - w * 0.57, base - h * 1.04, x + w * 0.57, base - h * 0.93), lighten(stone, 0.07), lift=0.5
    )
    b.anchor("fireplace", (x - w / 2, base - h, x + w / 2, base), depth)
    b.anchor("mantel", (x - w * 0.57, base - h * 1.04, x + w * 0.57, base - h * 0.93), depth)
    return fx, fy - h * 0.2


def tall_clock(
    b: SetBuilder, sheet: Sheet, x: float, base: float, h: float, depth: float, rng: Random
) -> None:
    """A grandfather clock."""
    wood, face = b.tone(hex_rgb("#7f5238"), depth), b.tone(hex_rgb("#f6ecd8"), depth)
    w = h * 0.15
    sheet.paper(
        quad(x - w * 0.8, base - h * 0.3, x + w * 0.8, base),
        lighten(wood, 0.02),
        lighten(wood, -0.06),
        lift=0.6,
    )
    sheet.paper(
        quad(x - w * 0.58, base - h * 0.7, x + w * 0.58, base - h * 0.28),
        lighten(wood, 0.04),
        lighten(wood, -0.04),
        lift=0.4,
    )
    sheet.rect((x - w * 0.32, base - h * 0.64, x + w * 0.32, base - h * 0.33), lighten(wood, -0.14))
    sheet.circle(
        x + rng.uniform(-0.15, 0.15) * w, base - h * 0.38, w * 0.2, b.tone(hex_rgb("#e0b757"), depth)
    )
    hood = arch(x - w * 0.85, base - h, x + w * 0.85, base - h * 0.69, 0.5)
    sheet.paper(hood, lighten(wood, 0.05), lighten(wood, -0.03), lift=0.5)
    cy, r = base - h * 0.83, w * 0.6
    sheet.paper(skia.Path.Circle(x, cy, r), face, edge=0.3, lift=0.2)
    hands = skia.Path()
    for a, n in ((rng.uniform(0, math.tau), 0.5), (rng.uniform(0, math.tau), 0.78)):
        hands.moveTo(x, cy)
        hands.lineTo(x + math.cos(a) * r * n, cy + math.sin(a) * r * n)
    sheet.line(hands, b.palette.ink, r * 0.1)
    b.anchor("clock", (x - w, base - h, x + w, base), depth)


def dresser(b: SetBuilder, sheet: Sheet, x: float, base: float, w: float, depth: float, rng: Random) -> None:
    """A chest of drawers with a vase of flowers and a small pile of books on it."""
    wood = b.tone(hex_rgb(rng.choice(("#a9744c", "#8fa39a", "#c9a878"))), depth)
    h = w * 0.68
    sheet.paper(
        quad(x - w / 2, base - h, x + w / 2, base), lighten(wood, 0.03), lighten(wood, -0.07), lift=0.6
    )
    for k in range(3):
        y = base - h * (0.92 - 0.29 * k)
        sheet.paper(quad(x - w * 0.44, y, x + w * 0.44, y + h * 0.24), lighten(wood, 0.05), edge=0.4)
        for s in (-1, 1):
            sheet.circle(x + s * w * 0.2, y + h * 0.12, w * 0.022, b.tone(hex_rgb("#f0d9a0"), depth))
    sheet.paper(
        quad(x - w * 0.54, base - h * 1.05, x + w * 0.54, base - h * 0.98), lighten(wood, 0.08), lift=0.3
    )
    vx, vy, r = x - w * 0.24, base - h * 1.05, w * 0.085
    green = b.tone(hex_rgb("#5f8f5c"), depth)
    hue = b.tone(hex_rgb(rng.choice(("#ee7f86", "#f4b04f", "#f7ead6", "#b78fd6"))), depth)
    for k in range(7):
        a = -math.pi / 2 + (k - 3) * 0.27
        tip = (vx + math.cos(a) * r * 3.3, vy - r * 1.2 + math.sin(a) * r * 3.0)
        stem = skia.Path()
        stem.moveTo(vx, vy - r)
        stem.lineTo(*tip)
        sheet.line(stem, green, max(1.0, r * 0.12))
        sheet.flat(blob(*tip, r * 0.62, r * 0.6, rng, 7, 0.14), lighten(hue, rng.uniform(-0.05, 0.05)))
    vase = blob(vx, vy - r, r, r * 1.05, rng, 10, 0.02)
    sheet.paper(vase, b.tone(hex_rgb("#6f9fb0"), depth), lift=0.3, edge=0.5)
    for k in range(3):
        y = base - h * 1.05 - k * w * 0.045
        sheet.paper(
            quad(x + w * (0.08 + 0.01 * k), y - w * 0.045, x + w * (0.4 - 0.02 * k), y),
            b.tone(_SPINES[(k * 2) % 9], depth),
            edge=0.3,
        )
    b.anchor("dresser", (x - w / 2, base - h, x + w / 2, base), depth)
    b.anchor("table", (x - w / 2, base - h, x + w / 2, base), depth)
