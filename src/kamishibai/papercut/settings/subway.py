"""The subway platform: a tiled vault, a lit train, pillars and lamps."""

from __future__ import annotations

import math
from random import Random

import skia

from kamishibai.documents.takes import Life
from kamishibai.papercut.brush import Sheet
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.settings.furnishings import quad
from kamishibai.papercut.shapes import polygon

__all__ = ["subway"]


def subway(b: SetBuilder) -> None:
    """Build a platform: tiled vault, a lit train, tunnel mouth, pillars, bench, clock and lamps."""
    b.medium = "indoors"
    rng = b.dice("subway")
    tile = hex_rgb(rng.choice(("#e6e2d2", "#cfe0da", "#e9d8bd", "#d6dbe6")))
    band = hex_rgb(rng.choice(("#c2564a", "#2f7f7a", "#d99a3c", "#4f6aa8", "#6f8f4a")))
    edge = b.level(0.47)
    vault = edge * rng.uniform(0.1, 0.16)
    tone = b.tone(tile, 0.44)
    with b.sheet("wall", 0.08, shadow=False) as sheet:
        path = quad(-9, -9, b.width + 9, b.height + 9)
        sheet.paper(path, lighten(tone, -0.08), lighten(tone, 0.02), edge=0, span=(0, edge))
        _tiles(b, sheet, 0, edge, lighten(tone, -0.09))
        sheet.rect((-9, edge * 0.4, b.width + 9, edge * 0.46), b.tone(band, 0.44))
        for k in range(3):
            x = b.width * (0.2 + 0.3 * k) + rng.uniform(-0.04, 0.04) * b.width
            _poster(b, sheet, x, edge * 0.58, b.unit * 0.14, b.unit * 0.18, rng)
        _tunnel(b, sheet, b.width * (0.5 + b.side * 0.52), edge)
    train = rng.random() < 0.7
    if train:
        _train(b, rng, edge, band)
    with b.sheet("track edge", 0.4) as sheet:
        dark = mix(b.palette.near, b.palette.far, 0.12)
        sheet.paper(quad(-9, edge - b.unit * 0.035, b.width + 9, b.height + 9), dark, edge=0.2)
        rails = skia.Path()
        for y in (edge - b.unit * 0.022, edge - b.unit * 0.008):
            rails.moveTo(-9, y)
            rails.lineTo(b.width + 9, y)
        sheet.line(rails, b.tone(hex_rgb("#b9c0c4"), 0.44), b.unit * 0.004)
    lamps = _ceiling(b, rng, vault, tone)
    with b.sheet("platform", 0.6, ground=lambda x: b.ground_y, main=True) as sheet:
        floor = b.tone(hex_rgb("#b3aaa2"), 0.58)
        sheet.paper(
            quad(-9, edge, b.width + 9, b.height + 9),
            lighten(floor, 0.04),
            mix(floor, b.palette.near, 0.55),
            edge=0.5,
            span=(edge, b.height),
        )
        stripe = b.level(0.49)
        sheet.rect((-9, edge + 2, b.width + 9, edge + (stripe - edge) * 0.5), lighten(floor, 0.08))
        sheet.rect(
            (-9, stripe, b.width + 9, stripe + (stripe - edge) * 0.7), b.tone(hex_rgb("#eec24a"), 0.56)
        )
        grid = skia.Path()
        for t in (0.25, 0.5, 0.8):
            y = stripe + (b.height - stripe) * t**1.3
            grid.moveTo(0, y)
            grid.lineTo(b.width, y)
        spread = (b.height - b.horizon) / (stripe - b.horizon)
        for i in range(-12, 13):
            grid.moveTo(b.width / 2 + i * b.unit * 0.13, stripe * 1.02)
            grid.lineTo(b.width / 2 + i * b.unit * 0.13 * spread, b.height)
        sheet.line(grid, lighten(floor, -0.06), b.unit * 0.002, 0.5)
        for x, _ in lamps:
            sheet.glow(x, b.ground_y + b.unit * 0.03, b.unit * 0.2, b.palette.light, 0.16)
        side = -b.side
        left, _, right, _ = b.keep_clear
        x = left * 0.6 if side < 0 else b.width - (b.width - right) * 0.6
        _platform_bench(b, sheet, x, b.level(0.56), b.px(1.7, 0.56))
    _pillars(b, rng, tone, band)


def _tiles(b: SetBuilder, sheet: Sheet, top: float, foot: float, rgb: Rgb) -> None:
    """Glazed bricks in running bond."""
    h = b.unit * 0.03
    path = skia.Path()
    for r in range(int((foot - top) / h) + 1):
        y = top + r * h
        path.moveTo(0, y)
        path.lineTo(b.width, y)
        x = (r % 2) * h
        while x < b.width:
            path.moveTo(x, y)
            path.lineTo(x, y + h)
            x += h * 2
    sheet.line(path, rgb, max(1.0, b.unit * 0.0013), 0.5)


def _poster(b: SetBuilder, sheet: Sheet, x: float, y: float, w: float, h: float, rng: Random) -> None:
    rgb = b.tone(hex_rgb(rng.choice(("#d9694f", "#4f8f9a", "#e9b54f", "#7a6aa8"))), 0.4)
    sheet.paper(quad(x - w / 2, y - h / 2, x + w / 2, y + h / 2), b.tone(hex_rgb("#f4ecdc"), 0.4), lift=0.4)
    sheet.rect((x - w * 0.42, y - h * 0.44, x + w * 0.42, y + h * 0.22), rgb)
    sheet.circle(x + w * rng.uniform(-0.15, 0.15), y - h * 0.12, w * 0.17, lighten(rgb, 0.18))
    sheet.rect((x - w * 0.36, y + h * 0.28, x + w * 0.3, y + h * 0.33), lighten(rgb, -0.1))


def _tunnel(b: SetBuilder, sheet: Sheet, x: float, edge: float) -> None:
    """A round dark mouth in the wall."""
    r = edge * 0.44
    dark = lighten(b.palette.near, 0.02)
    for k, by in ((1.12, 0.14), (1.0, 0.0)):
        path = skia.Path()
        path.addArc(
            skia.Rect.MakeLTRB(x - r * k, edge - r * 1.55 * k, x + r * k, edge + r * 1.55 * k), 180, 180
        )
        path.close()
        sheet.paper(path, lighten(dark, by), lift=0.5 if by else 0.0)
    b.anchor("tunnel", (x - r, edge - r * 1.5, x + r, edge), 0.1)


def _train(b: SetBuilder, rng: Random, edge: float, band: Rgb) -> None:
    """A carriage standing at the platform, its windows lit."""
    top = edge - b.px(2.5, 0.42)
    body = b.tone(hex_rgb("#cdd3d6"), 0.44)
    shine = mix(hex_rgb("#ffe9b8"), b.palette.light, 0.3)
    life = Life(kind="glide", amplitude=b.unit * 0.002, period_s=2.2)
    m = b.px(1.0, 0.42)
    with b.sheet("train", 0.34, life=life) as sheet:
        end = b.width * (0.5 - b.side * rng.uniform(0.3, 0.46))
        x0, x1 = sorted((end, b.width * (0.5 + b.side * 0.7)))
        shape = skia.Path()
        shape.addRoundRect(skia.Rect.MakeLTRB(x0, top, x1, edge - m * 0.1), m * 0.34, m * 0.34)
        sheet.paper(shape, lighten(body, 0.05), lighten(body, -0.07), lift=1.0)
        sheet.canvas.save()
        sheet.canvas.clipPath(shape, skia.ClipOp.kIntersect, True)
        sheet.rect((x0, top + m * 1.5, x1, top + m * 1.74), b.tone(band, 0.44))
        sheet.rect((x0, top + m * 1.8, x1, top + m * 1.85), b.tone(band, 0.44), 0.8)
        sheet.canvas.restore()
        x = x0 + m * 0.5
        k = 0
        while x < x1 - m * 0.9:
            if k % 3 == 2:
                w = m * 1.1
                for s in (0, 1):
                    dx = x + s * w * 0.5
                    sheet.paper(
                        quad(dx + w * 0.02, top + m * 0.36, dx + w * 0.48, edge - m * 0.12),
                        lighten(body, -0.04),
                        edge=0.4,
                    )
                    sheet.rect(
                        (dx + w * 0.1, top + m * 0.5, dx + w * 0.4, top + m * 1.4), shine, 0.95, m * 0.06
                    )
            else:
                w = m * 1.35
                sheet.rect((x, top + m * 0.5, x + w, top + m * 1.36), shine, 1.0, m * 0.12)
                sheet.line(
                    _round(x, top + m * 0.5, x + w, top + m * 1.36, m * 0.12), lighten(body, -0.14), m * 0.05
                )
                sheet.rect(
                    (x + w * 0.12, top + m * 1.12, x + w * 0.4, top + m * 1.36),
                    b.tone(band, 0.44),
                    0.5,
                    m * 0.06,
                )
                sheet.rect(
                    (x + w * 0.56, top + m * 1.12, x + w * 0.84, top + m * 1.36),
                    b.tone(band, 0.44),
                    0.5,
                    m * 0.06,
                )
            x += w + m * 0.26
            k += 1
    b.anchor("train", (x0, top, x1, edge), 0.34, "on", "in", "beside", "behind", "near")
    b.lamp((x0 + x1) / 2, top + m, b.unit * 0.6, shine, 0.45, "window")


def _round(x0: float, y0: float, x1: float, y1: float, r: float) -> skia.Path:
    path = skia.Path()
    path.addRoundRect(skia.Rect.MakeLTRB(x0, y0, x1, y1), r, r)
    return path


def _ceiling(b: SetBuilder, rng: Random, vault: float, tone: Rgb) -> list[tuple[float, float]]:
    """A ribbed vault with hanging lamps; return where they are."""
    lamps: list[tuple[float, float]] = []
    dark = mix(lighten(tone, -0.2), b.palette.near, 0.35)
    count = max(2, round(b.width / (b.unit * 0.52)))
    with b.sheet("vault", 0.48) as sheet:
        path = skia.Path()
        path.moveTo(-20, -20)
        path.lineTo(b.width + 20, -20)
        path.lineTo(b.width + 20, vault)
        for i in range(count, 0, -1):
            x1, x0 = b.width * i / count, b.width * (i - 1) / count
            path.lineTo(x1, vault * 1.5)
            path.cubicTo(
                x1 - (x1 - x0) * 0.1, vault * 0.4, x0 + (x1 - x0) * 0.1, vault * 0.4, x0, vault * 1.5
            )
        path.lineTo(-20, vault)
        path.close()
        sheet.paper(path, lighten(dark, -0.02), lighten(dark, 0.05), edge=0.4)
        for i in range(count):
            x, y = b.width * (i + 0.5) / count, vault * 1.5
            sheet.rect((x - 1.5, vault * 0.5, x + 1.5, y), b.palette.near)
            r = b.unit * 0.034
            shine = mix(hex_rgb("#fff2cc"), b.palette.light, 0.3)
            sheet.glow(x, y + r * 0.5, r * 5, shine, 0.5)
            globe = skia.Path.Circle(x, y + r * 0.6, r)
            sheet.paper(globe, lighten(shine, 0.02), edge=0.5)
            sheet.paper(
                polygon([(x - r * 1.1, y + r * 0.2), (x, y - r * 0.7), (x + r * 1.1, y + r * 0.2)]),
                b.palette.near,
                edge=0.3,
            )
            lamps.append((x, y + r))
            b.lamp(x, y + r, b.unit * 0.4, shine, 0.45)
        cx = b.width * (0.5 - b.side * 0.16)
        n = b.unit * 0.06
        sheet.rect((cx - 2, 0, cx + 2, vault * 2.0), b.palette.near)
        _clock(b, sheet, cx, vault * 2.0 + n, n, b.tone(hex_rgb("#f6f0e0"), 0.5), b.palette.near, rng)
        b.anchor("clock", (cx - n, vault * 2.0, cx + n, vault * 2.0 + 2 * n), 0.48)
    b.glow_plane(
        "lamp glow",
        0.5,
        [(x, y, b.unit * 0.22) for x, y in lamps],
        mix(hex_rgb("#fff2cc"), b.palette.light, 0.3),
        0.22,
        0.1,
        3.7,
    )
    return lamps


def _clock(
    b: SetBuilder, sheet: Sheet, x: float, y: float, r: float, face: Rgb, ink: Rgb, rng: Random
) -> None:
    sheet.paper(skia.Path.Circle(x, y, r), ink, lift=0.5)
    sheet.paper(skia.Path.Circle(x, y, r * 0.88), face, lighten(face, -0.05), edge=0.2)
    marks = skia.Path()
    for k in range(12):
        a = math.tau * k / 12
        marks.moveTo(x + math.cos(a) * r * 0.7, y + math.sin(a) * r * 0.7)
        marks.lineTo(x + math.cos(a) * r * 0.8, y + math.sin(a) * r * 0.8)
    hour = rng.uniform(0, math.tau)
    for a, n in ((hour, 0.42), (hour * 12 % math.tau, 0.64)):
        marks.moveTo(x, y)
        marks.lineTo(x + math.cos(a) * r * n, y + math.sin(a) * r * n)
    sheet.line(marks, ink, r * 0.07)


def _platform_bench(b: SetBuilder, sheet: Sheet, x: float, base: float, w: float) -> None:
    wood, iron = b.tone(hex_rgb("#a8703f"), 0.56), b.palette.near
    h = w * 0.42
    for s in (-1, 1):
        sheet.paper(
            polygon(
                [
                    (x + s * w * 0.4 - 3, base),
                    (x + s * w * 0.4 - 3, base - h),
                    (x + s * w * 0.4 + 3, base - h),
                    (x + s * w * 0.4 + 3, base),
                ]
            ),
            iron,
            lift=0.3,
        )
    for t in (0.96, 0.76, 0.44):
        y = base - h * t
        sheet.paper(
            quad(x - w / 2, y, x + w / 2, y + h * 0.13), lighten(wood, 0.04), lighten(wood, -0.04), lift=0.3
        )
    b.anchor("bench", (x - w / 2, base - h * 0.45, x + w / 2, base), 0.56)


def _pillars(b: SetBuilder, rng: Random, tone: Rgb, band: Rgb) -> None:
    """Riveted or tiled pillars at the sides, the nearest dark."""
    for k, side in enumerate((b.side, -b.side)):
        room = b.keep_clear[0] if side < 0 else b.width - b.keep_clear[2]
        w = min(
            room * (0.5 if k == 0 else 0.34), b.unit * {"close": 0.17, "medium": 0.13, "wide": 0.09}[b.view]
        )
        x = room * (0.34 if k == 0 else 0.12)
        x = x if side < 0 else b.width - x
        depth = 0.86 if k == 0 else 0.92
        rgb = mix(b.palette.near, tone, 0.24 if k == 0 else 0.08)
        with b.sheet(f"pillar {k + 1}", depth) as sheet:
            sheet.paper(
                quad(x - w / 2, -9, x + w / 2, b.height + 9),
                lighten(rgb, 0.03),
                mix(rgb, b.palette.near, 0.5),
                edge=0.35,
            )
            for t in (0.0, 0.92):
                sheet.paper(
                    quad(x - w * 0.66, b.height * t - 9, x + w * 0.66, b.height * (t + 0.1)),
                    lighten(rgb, 0.05),
                    lift=0.3,
                )
            y = b.height * 0.3
            sheet.paper(
                quad(x - w * 0.5, y, x + w * 0.5, y + w * 0.5), mix(rgb, b.tone(band, 0.7), 0.55), edge=0.25
            )
            sheet.circle(x, y + w * 0.25, w * 0.15, lighten(rgb, 0.2), 0.8)
            b.anchor("pillar", (x - w / 2, 0.0, x + w / 2, float(b.height)), depth)
