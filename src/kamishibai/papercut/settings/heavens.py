"""Up high: among the clouds, and out in space."""

from __future__ import annotations

import math
from random import Random

import skia

from kamishibai.documents.takes import Life
from kamishibai.papercut.brush import argb, linear
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.shapes import (
    cloud,
    hill_line,
    leaf,
    level_line,
    polygon,
    sheet_below,
    star,
    tilted_line,
)
from kamishibai.papercut.sky import cloud_colour, hang_sky
from kamishibai.papercut.weather import lay_weather, lightning

__all__ = ["sky", "space"]


def sky(b: SetBuilder) -> None:
    """Build a cloudscape: bank behind bank, far below a strip of land, balloons or birds beyond."""
    b.medium = "air"
    rng = b.dice("sky")
    keep = b.horizon
    b.horizon = b.height * 0.78  # the horizon lies low: one looks from above
    b.light_y = b.height * {"dawn": 0.56, "day": 0.22, "dusk": 0.6, "night": 0.24}[b.time]
    hang_sky(b, clouds=0.6)
    b.horizon = keep
    if b.weather == "storm":
        lightning(b)
    _land_below(b, rng)
    _balloon(b, rng) if rng.random() < 0.6 and b.weather not in ("storm", "rain") else _birds(b, rng)
    lay_weather(b, "far")
    for i, (depth, y) in enumerate(((0.2, 0.74), (0.32, 0.8), (0.45, 0.87))):
        _bank(
            b,
            f"cloud bank {i + 1}",
            depth,
            b.height * (y + rng.uniform(-0.02, 0.02)),
            b.unit * (0.16 + 0.05 * i),
            0.25 + 0.2 * i,
            rng,
        )
    hover = b.height * {"close": 0.74, "medium": 0.68, "wide": 0.62}[b.view]
    b.keep_clear = (
        b.keep_clear[0],
        max(b.height * 0.1, hover - b.metre_px * 1.7),
        b.keep_clear[2],
        hover + b.unit * 0.05,
    )
    _bank(b, "cloud main", 0.6, b.height * 0.94, b.unit * 0.22, 0.8, rng, hover=hover)
    b.anchor("cloud", (b.width * 0.05, b.height * 0.74, b.width * 0.45, b.height * 0.95), 0.6)
    _bank(b, "cloud near", 0.86, b.height * 1.05, b.unit * 0.26, 1.0, rng, gap=True)
    _corner_cloud(b, rng)
    lay_weather(b, "near")


def _bank(
    b: SetBuilder, name: str, depth: float, y: float, height: float, share: float, rng: Random, *,
    hover: float | None = None, gap: bool = False,
) -> None:  # fmt: skip
    """A bank of heaped clouds across the picture; it drifts and tiles with the canvas's width."""
    top, foot = cloud_colour(b, share)
    if b.weather not in ("rain", "storm"):  # the nearer bank lies in the shade of its own height
        top = mix(top, b.scheme.mid, (0.2 if b.time == "day" else 0.34) * share)
        foot = mix(foot, b.palette.zenith, 0.2 + 0.3 * share)
    speed = b.unit * 0.008 * (0.4 + depth) * (2.5 if b.weather in ("wind", "storm") else 1.0)
    life = None if gap else Life(kind="drift", velocity_px_s=(b.side * speed, 0.0))
    box = (0.0, max(0.0, y - height * 1.9), float(b.width), float(b.height))
    base = hover if hover is not None else None
    with b.sheet(
        name,
        depth,
        life=life,
        bounds=box,
        main=hover is not None,
        ground=(lambda x: base) if base is not None else None,
    ) as sheet:
        count = max(4, round(b.width / (height * 1.35)))
        for row in range(2):
            for i in range(count):
                x = b.width * (i + 0.5 * row + rng.uniform(-0.15, 0.15)) / count
                w, h = height * rng.uniform(2.0, 2.9), height * rng.uniform(0.8, 1.3)
                cy = y + row * height * 0.32
                if gap and b.keep_clear[0] - w * 0.35 < x < b.keep_clear[2] + w * 0.35:
                    cy += height * 0.6
                shape = cloud(x, cy, w, h, rng, rng.choice((5, 6, 7)))
                for dx in (-b.width, 0, b.width):
                    if -w < x + dx < b.width + w:
                        part = skia.Path(shape)
                        part.offset(dx, 0)
                        sheet.paper(part, top, mix(foot, b.scheme.mid, 0.15), lift=0.8, edge=0.4)
            fill = polygon(
                [
                    (-9, y + row * height * 0.32 - 2),
                    (b.width + 9, y + row * height * 0.32 - 2),
                    (b.width + 9, b.height + 9),
                    (-9, b.height + 9),
                ]
            )
            if not gap:
                sheet.paper(fill, mix(foot, b.scheme.mid, 0.15), lighten(foot, -0.05), edge=0)


def _corner_cloud(b: SetBuilder, rng: Random) -> None:
    """A near cloud reaching in from an upper corner."""
    side = -b.side
    top, foot = cloud_colour(b, 1.0)
    room = b.keep_clear[0] if side < 0 else b.width - b.keep_clear[2]
    w = min(b.unit * rng.uniform(0.5, 0.7), room * 2.1)
    x = 0.0 if side < 0 else float(b.width)
    life = Life(kind="glide", amplitude=b.unit * 0.02, period_s=11.0)
    with b.sheet("corner cloud", 0.82, life=life) as sheet:
        sheet.paper(cloud(x, b.height * rng.uniform(0.16, 0.3), w, w * 0.36, rng, 6), top, foot, lift=0.9)


def _land_below(b: SetBuilder, rng: Random) -> None:
    """Hills and fields far below."""
    for i, (depth, y) in enumerate(((0.06, 0.78), (0.1, 0.84))):
        line = hill_line(b.height * y, b.unit * 0.05, b.width, rng, 1.8)
        with b.sheet(f"land {i + 1}", depth, ground=line) as sheet:
            path = sheet_below(line, -20, b.width + 20, b.height + 20, b.width / 80)
            rgb = mix(b.tone(hex_rgb("#8fb98c"), 0.22 + 0.1 * i), b.palette.far, 0.3)
            sheet.paper(path, rgb, mix(rgb, b.scheme.mist, 0.6), span=(b.height * y, b.height))
            b.wash(sheet, path, depth, 0.6)


def _balloon(b: SetBuilder, rng: Random) -> None:
    """A hot-air balloon or two in the distance."""
    for k in range(rng.choice((1, 2))):
        side = -b.side if k == 0 else b.side
        r = b.unit * (0.07 - 0.03 * k)
        x, y = b.width * (0.5 + side * rng.uniform(0.28, 0.4)), b.height * rng.uniform(0.2, 0.4)
        rgb = b.tone(hex_rgb(rng.choice(("#e2654f", "#e9a23f", "#4f9aa6", "#b86fa0"))), 0.4)
        cream = b.tone(hex_rgb("#f8ecd2"), 0.4)
        life = Life(kind="bob", amplitude=b.unit * 0.008, period_s=6.0 + k)
        box = (x - r * 1.4, y - r * 1.5, x + r * 1.4, y + r * 2.2)
        with b.sheet(f"balloon {k + 1}", 0.16 - 0.04 * k, life=life, bounds=box) as sheet:
            for i, (a, c) in enumerate(((-1.0, 1.0), (-0.62, 0.62), (-0.22, 0.22))):
                path = skia.Path()
                path.moveTo(x, y - r)
                path.cubicTo(
                    x + c * r * 1.36, y - r, x + c * r * 1.36, y + r * 0.35, x + c * r * 0.26, y + r * 1.15
                )
                path.lineTo(x + a * r * 0.26, y + r * 1.15)
                path.cubicTo(x + a * r * 1.36, y + r * 0.35, x + a * r * 1.36, y - r, x, y - r)
                tone = rgb if i % 2 == 0 else cream
                sheet.paper(path, lighten(tone, 0.05), lighten(tone, -0.07), lift=0.4 if i == 0 else 0.0)
            ropes = skia.Path()
            for s in (-1, 1):
                ropes.moveTo(x + s * r * 0.24, y + r * 1.15)
                ropes.lineTo(x + s * r * 0.17, y + r * 1.55)
            sheet.line(ropes, b.tone(hex_rgb("#6b4a3a"), 0.4), r * 0.03)
            sheet.rect(
                (x - r * 0.2, y + r * 1.52, x + r * 0.2, y + r * 1.84),
                b.tone(hex_rgb("#9a6a42"), 0.4),
                1.0,
                r * 0.06,
            )
        b.anchor("balloon", box, 0.16)


def _birds(b: SetBuilder, rng: Random) -> None:
    life = Life(kind="glide", amplitude=b.unit * 0.03, period_s=8.0)
    with b.sheet("birds", 0.14, shadow=False, life=life) as sheet:
        cx, cy = b.width * (0.5 - b.side * rng.uniform(0.18, 0.34)), b.height * rng.uniform(0.2, 0.36)
        for i in range(7):
            k = (i + 1) // 2 * (1 if i % 2 else -1)
            x, y, n = cx + k * b.unit * 0.035, cy + abs(k) * b.unit * 0.018, b.unit * 0.014
            path = leaf(x, y, n * 1.3, -0.5, 0.3)
            path.addPath(leaf(x, y, n * 1.3, math.pi + 0.5, 0.3))
            sheet.flat(path, mix(b.palette.near, b.palette.far, 0.35), 0.85)


_NEBULAE = (
    ("#3a2f8c", "#a04fa8", "#ff8a9a"),
    ("#123a6e", "#2f8fae", "#9af0d8"),
    ("#2a1f5e", "#6a4fc0", "#ffc27a"),
    ("#1f2a5e", "#5a6fd0", "#f0a0d0"),
)


def space(b: SetBuilder) -> None:
    """Build space: nebula bands, stars, planets with rings, a cratered moon below."""
    b.medium = "space"
    rng = b.dice("space")
    deep, middle, bright = (hex_rgb(c) for c in rng.choice(_NEBULAE))
    p = b.palette
    with b.sheet("deep space", 0.0, shadow=False) as sheet:
        stops = [
            (0, argb(mix(p.zenith, deep, 0.25))),
            (0.55, argb(mix(p.zenith, deep, 0.75))),
            (1, argb(mix(deep, middle, 0.5))),
        ]
        sheet.canvas.drawRect(
            skia.Rect.MakeLTRB(-2, -2, b.width + 2, b.height + 2),
            skia.Paint(Shader=linear(0, 0, b.side * b.width * 0.4, b.height, stops), Dither=True),
        )
    _star_groups(b, rng)
    tilt = rng.choice((-1.0, 1.0)) * rng.uniform(0.25, 0.6)
    for i in range(5):
        y0 = b.height * (0.08 + 0.15 * i)
        wave = hill_line(y0, b.unit * rng.uniform(0.14, 0.24), b.width, rng, rng.uniform(0.8, 1.6))
        tone = mix(mix(deep, middle, 0.35 + 0.2 * i), bright, 0.11 * i)
        with b.sheet(f"nebula {i + 1}", 0.03 + 0.04 * i, shadow=False) as sheet:
            path = sheet_below(
                tilted_line(wave, tilt * 0.55, b.width / 2),
                -b.width * 0.06,
                b.width * 1.06,
                b.height * 1.4,
                b.width / 100,
            )
            # The veil hangs from its edge and thins away at a right angle to the tilt.
            dx, dy = -tilt * 0.5, 1.0
            n = b.unit * rng.uniform(0.3, 0.44)
            fading = (
                (0, argb(lighten(tone, 0.08), 0.8)),
                (0.35, argb(tone, 0.5)),
                (0.7, argb(tone, 0.16)),
                (1, argb(tone, 0.0)),
            )
            shader = linear(
                b.width / 2, y0 - b.unit * 0.1, b.width / 2 + dx * n, y0 - b.unit * 0.1 + dy * n, fading
            )
            sheet.shadow(path, 1.2, 0.22)
            sheet.canvas.drawPath(path, skia.Paint(AntiAlias=True, Dither=True, Shader=shader))
            sheet.line(path, lighten(tone, 0.18), b.unit * 0.0016, 0.4)
            sheet.wash(path, b.light_x, y0, b.width * 0.36, bright, 0.16)
    _planets(b, rng)
    _dust(b, rng)
    moon = mix(hex_rgb("#cfc8d8"), middle, 0.35)
    low = b.ground_y / b.height
    hover = b.height * {"close": 0.8, "medium": 0.74, "wide": 0.7}[b.view]
    b.keep_clear = (
        b.keep_clear[0],
        max(b.height * 0.1, hover - b.metre_px * 1.7),
        b.keep_clear[2],
        hover + b.unit * 0.05,
    )
    for k, (depth, y, h) in enumerate(((0.48, low - 0.055, 0.08), (0.6, low + 0.005, 0.1))):
        cx = b.width * (0.5 + rng.uniform(-0.2, 0.2))

        def line(x: float, cx: float = cx, y: float = y, h: float = h) -> float:
            return b.height * y + h * b.unit * ((x - cx) / (b.width * 0.5)) ** 2 * 0.8

        with b.sheet(
            f"moon ground {k + 1}",
            depth,
            main=k == 1,
            ground=level_line(hover) if k == 1 else line,
        ) as sheet:
            tone = mix(lighten(moon, -0.12 + 0.05 * k), p.near, 0.3)
            path = sheet_below(line, -20, b.width + 20, b.height + 20, b.width / 80)
            sheet.paper(
                path,
                lighten(tone, 0.07),
                mix(tone, p.near, 0.6),
                edge=0.5,
                span=(b.height * y, b.height * 1.02),
            )
            sheet.wash(path, b.light_x, b.height * y, b.width * 0.5, bright, 0.3)
            for _ in range(5):
                x = rng.uniform(0, b.width)
                r = b.unit * rng.uniform(0.02, 0.055)
                cy = line(x) + r * 0.55 + b.unit * rng.uniform(0.02, 0.05)
                sheet.canvas.save()
                sheet.canvas.clipPath(path, skia.ClipOp.kIntersect, True)
                sheet.flat(_oval(x, cy, r, r * 0.34), lighten(tone, -0.08))
                sheet.flat(_oval(x, cy + r * 0.07, r * 0.86, r * 0.26), lighten(tone, -0.03))
                sheet.canvas.restore()
    _rocks(b, rng, moon)


def _oval(x: float, y: float, rx: float, ry: float) -> skia.Path:
    path = skia.Path()
    path.addOval(skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry))
    return path


def _star_groups(b: SetBuilder, rng: Random) -> None:
    for group in range(3):
        life = Life(kind="twinkle", amplitude=0.5, period_s=2.9 + 1.1 * group, phase=group / 3)
        with b.sheet(f"stars {group + 1}", 0.01, shadow=False, life=life) as sheet:
            for _ in range(round(64 * b.width / b.height)):
                x, y, r = (
                    rng.uniform(0, b.width),
                    rng.uniform(0, b.height * 0.85),
                    b.unit * 0.0011 * (0.6 + 2.0 * rng.random() ** 3),
                )
                pale = mix((1, 1, 1), hex_rgb(rng.choice(("#ffe3b0", "#bfe0ff", "#ffd0e0"))), 0.6)
                if rng.random() < 0.07:
                    sheet.flat(star(x, y, r * 4.5, r, 4), pale)
                    sheet.glow(x, y, r * 8, pale, 0.4)
                else:
                    sheet.circle(x, y, r, pale, rng.uniform(0.5, 1))


def _planets(b: SetBuilder, rng: Random) -> None:
    """One great planet, sometimes ringed, and one or two small ones."""
    hues = rng.sample(("#f0a35e", "#e0708a", "#5fc2c0", "#8f8ae6", "#f2d27a"), 3)
    spots = [(b.light_x, b.height * rng.uniform(0.22, 0.34), b.unit * rng.uniform(0.11, 0.17))]
    spots.append(
        (
            b.width * (0.5 - b.side * rng.uniform(0.26, 0.42)),
            b.height * rng.uniform(0.14, 0.4),
            b.unit * rng.uniform(0.03, 0.055),
        )
    )
    for k, (x, y, r) in enumerate(spots):
        rgb = mix(hex_rgb(hues[k]), b.palette.tint, 0.12)
        life = Life(kind="bob", amplitude=b.unit * 0.004, period_s=9.0 + 2 * k)
        box = (x - r * 2.3, y - r * 1.9, x + r * 2.3, y + r * 1.9)
        with b.sheet(f"planet {k + 1}", 0.2 + 0.05 * k, life=life, bounds=box) as sheet:
            sheet.glow(x, y, r * 1.9, rgb, 0.35)
            ring = k == 0 and rng.random() < 0.6
            turn = b.side * rng.uniform(12, 24)
            band = skia.Path()
            band.addOval(skia.Rect.MakeLTRB(-r * 1.95, -r * 0.5, r * 1.95, r * 0.5))
            band.addOval(skia.Rect.MakeLTRB(-r * 1.45, -r * 0.3, r * 1.45, r * 0.3))
            band.setFillType(skia.PathFillType.kEvenOdd)
            matrix = skia.Matrix()
            matrix.setRotate(turn)
            matrix.postTranslate(x, y)
            band.transform(matrix)
            pale = mix(rgb, (1, 1, 1), 0.55)
            if ring:
                sheet.paper(band, pale, lift=0.4)
            disc = skia.Path.Circle(x, y, r)
            sheet.paper(disc, lighten(rgb, 0.07), lighten(rgb, -0.1), lift=0.8, edge=0.5)
            sheet.canvas.save()
            sheet.canvas.clipPath(disc, skia.ClipOp.kIntersect, True)
            sheet.canvas.translate(x, y)
            sheet.canvas.rotate(turn)
            for t, h, by in (
                (-0.62, 0.16, 0.06),
                (-0.2, 0.12, -0.05),
                (0.14, 0.24, 0.05),
                (0.62, 0.14, -0.06),
            ):
                sheet.rect((-r * 1.2, r * t, r * 1.2, r * (t + h)), lighten(rgb, by), 0.7, r * 0.06)
            sheet.canvas.restore()
            bite = skia.Path.Circle(x + b.side * r * 0.5, y - r * 0.36, r * 1.12)
            night_side = skia.Op(disc, bite, skia.kDifference_PathOp)
            if night_side is not None:
                sheet.flat(night_side, b.palette.shade, 0.32)
            if ring:  # the ring's front half passes before the planet
                sheet.canvas.save()
                half = polygon([(-r * 2.2, 0), (r * 2.2, 0), (r * 2.2, r), (-r * 2.2, r)])
                half.transform(matrix)
                sheet.canvas.clipPath(half, skia.ClipOp.kIntersect, True)
                sheet.paper(band, pale, lift=0.4)
                sheet.canvas.restore()
        b.anchor("planet", (x - r, y - r, x + r, y + r), 0.22)
        if k == 0:
            b.lamp(x, y, r * 5, rgb, 0.45, "moon")


def _dust(b: SetBuilder, rng: Random) -> None:
    life = Life(kind="fall", velocity_px_s=(-b.side * b.unit * 0.02, b.unit * 0.006))
    tile = (0.0, 0.0, float(b.width), float(b.height))
    with b.sheet("star dust", 0.5, shadow=False, life=life, bounds=tile) as sheet:
        for _ in range(40):
            sheet.circle(
                rng.uniform(4, b.width - 4),
                rng.uniform(4, b.height - 4),
                b.unit * rng.uniform(0.0008, 0.002),
                (1.0, 0.96, 0.86),
                0.7,
            )


def _rocks(b: SetBuilder, rng: Random, rgb: Rgb) -> None:
    """Drifting boulders in the corners as the frame."""
    dark = mix(b.palette.near, rgb, 0.16)
    for side in (-1.0, 1.0):
        room = b.keep_clear[0] if side < 0 else b.width - b.keep_clear[2]
        life = Life(kind="bob", amplitude=b.unit * 0.01, period_s=7.0 + side)
        with b.sheet(f"boulders {side:+.0f}", 0.86, life=life) as sheet:
            for _ in range(3):
                x = rng.uniform(0.0, 0.75) * room
                x = x if side < 0 else b.width - x
                y, r = (
                    b.height * rng.choice((rng.uniform(0.0, 0.25), rng.uniform(0.7, 1.0))),
                    min(b.unit * rng.uniform(0.03, 0.1), room * 0.35),
                )
                points = [
                    (
                        x + math.cos(math.tau * k / 9) * r * (w := rng.uniform(0.8, 1.1)),
                        y + math.sin(math.tau * k / 9) * r * w * 0.85,
                    )
                    for k in range(9)
                ]
                sheet.paper(polygon(points), lighten(dark, 0.1), dark, edge=0.35, lift=0.5)
                sheet.circle(x - r * 0.2, y + r * 0.1, r * 0.22, lighten(dark, -0.03))
                sheet.circle(x + r * 0.34, y - r * 0.2, r * 0.13, lighten(dark, -0.02))
