"""The desert: dunes, mesas or pyramids, cacti."""

from __future__ import annotations

from random import Random

import skia

from kamishibai.papercut.brush import Sheet
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.settings.growth import foreground
from kamishibai.papercut.settings.mountains import crag, stones
from kamishibai.papercut.shapes import (
    Curve,
    dune_line,
    hill_line,
    polygon,
)  # fmt: skip
from kamishibai.papercut.sky import hang_sky
from kamishibai.papercut.weather import lay_weather, lightning

__all__ = ["desert"]


def desert(b: SetBuilder) -> None:
    """Build dunes and mesas under a hot sky, cacti or pyramids in the distance."""
    rng = b.dice("desert")
    hang_sky(b, clouds=0.35)
    if b.weather == "storm":
        lightning(b)
    sand = tuple(hex_rgb(c) for c in ("#eebf8a", "#e8a86c", "#dd9258", "#cf7d4c", "#c26f47"))
    far = rng.choice(("mesa", "pyramid", "mesa"))
    if far == "mesa":
        _mesas(b, rng)
    else:
        _pyramids(b, rng)
    lay_weather(b, "far")
    for i, depth in enumerate((0.2, 0.3, 0.4, 0.5)):
        line = dune_line(
            b.level(depth) + b.unit * 0.02, b.unit * (0.1 - 0.01 * i), b.width, rng, rng.uniform(0.8, 1.3)
        )
        with b.sheet(f"dune {i + 1}", depth, ground=line) as sheet:
            if i in (1, 3):
                for _ in range(3):
                    x = b.width * rng.uniform(0.02, 0.98)
                    if i == 1 or b.clear_of(x, b.px(1.2, depth)):
                        _cactus(b, sheet, x, line(x) + 3, b.px(rng.uniform(1.6, 2.8), depth), depth, rng)
            path = b.land(sheet, line, sand[i], depth, haze=0.35, step=b.width / 180)
            _dune_folds(b, sheet, line, depth, sand[i], path, rng)
    with b.sheet("cactus", 0.56) as sheet:
        side = 1.0 if rng.random() < 0.5 else -1.0
        x = b.keep_clear[0] * 0.5 if side < 0 else b.width - (b.width - b.keep_clear[2]) * 0.5
        base = b.level(0.56)
        h = b.px(rng.uniform(1.7, 2.4))
        _cactus(b, sheet, x, base, h, 0.56, rng)
        b.anchor("cactus", (x - h * 0.3, base - h, x + h * 0.3, base), 0.56)
    ground = hill_line(b.ground_y - b.unit * 0.012, b.unit * 0.034, b.width, rng, 0.7)
    with b.sheet("sand", 0.6, ground=lambda x: ground(x) + b.unit * 0.014, main=True) as sheet:
        path = b.land(sheet, ground, sand[3], 0.6, haze=0.42)
        _dune_folds(b, sheet, ground, 0.6, sand[3], path, rng)
        stones(b, sheet, ground, rng, "#b5785a")
    crag(b, rng, warm=True)
    foreground(b, "foreground", rise=0.7, depth=0.9, growth="grass")
    lay_weather(b, "near")


def _dune_folds(
    b: SetBuilder,
    sheet: Sheet,
    line: Curve,
    depth: float,
    rgb: tuple[float, float, float],
    path: skia.Path,
    rng: Random,
) -> None:
    """Wind-cut contour lines that follow the crest."""
    sheet.canvas.save()
    sheet.canvas.clipPath(path, skia.ClipOp.kIntersect, True)
    tone = b.tone(rgb, depth, 0.07)
    for k in range(3):
        drop = b.px(0.35 + 0.5 * k, max(depth, 0.3))
        fold = skia.Path()
        bend = rng.uniform(0.5, 0.9)
        for i in range(41):
            x = b.width * i / 40
            y = line(x) * bend + (1 - bend) * line(b.width / 2) + drop
            if i == 0:
                fold.moveTo(x, y)
            else:
                fold.lineTo(x, y)
        sheet.line(fold, tone, max(1.0, b.px(0.02, depth)), 0.4)
    sheet.canvas.restore()


def _cactus(
    b: SetBuilder, sheet: Sheet, x: float, base: float, height: float, depth: float, rng: Random
) -> None:
    """A saguaro with one to three arms."""
    green = b.tone(hex_rgb("#4f8f6a"), depth)
    w = height * 0.17
    shape = skia.Path()
    shape.addRoundRect(skia.Rect.MakeLTRB(x - w / 2, base - height, x + w / 2, base + w * 0.4), w / 2, w / 2)
    for side in rng.choice(((-1,), (1,), (-1, 1), (1, -1))):
        y0, n, up = base - height * rng.uniform(0.36, 0.55), w * 1.35, height * rng.uniform(0.24, 0.36)
        arm = w * 0.68
        x_out = x + side * n
        shape.addRoundRect(
            skia.Rect.MakeLTRB(min(x, x_out) - arm / 2, y0 - arm / 2, max(x, x_out) + arm / 2, y0 + arm / 2),
            arm / 2,
            arm / 2,
        )
        shape.addRoundRect(
            skia.Rect.MakeLTRB(x_out - arm / 2, y0 - up, x_out + arm / 2, y0 + arm / 2), arm / 2, arm / 2
        )
    shape.setFillType(skia.PathFillType.kWinding)
    merged = skia.Simplify(shape)
    sheet.paper(
        merged if merged is not None else shape, lighten(green, 0.04), lighten(green, -0.08), lift=0.5
    )
    for t in (-0.2, 0.06, 0.28):
        rib = skia.Path()
        rib.moveTo(x + w * t, base - height * 0.94)
        rib.lineTo(x + w * t, base)
        sheet.line(rib, lighten(green, -0.07), w * 0.06, 0.6)


def _mesas(b: SetBuilder, rng: Random) -> None:
    for i, depth in enumerate((0.07, 0.13)):
        base = b.level(depth + 0.08)
        with b.sheet(f"mesas {i + 1}", depth) as sheet:
            for _ in range(rng.choice((2, 3))):
                cx = rng.uniform(-0.05, 1.05) * b.width
                w, h = b.unit * rng.uniform(0.12, 0.3), b.unit * rng.uniform(0.1, 0.22) * (1 - 0.2 * i)
                points = [
                    (cx - w * 0.72, base),
                    (cx - w * 0.56, base - h * 0.34),
                    (cx - w * 0.48, base - h * 0.38),
                    (cx - w * 0.44, base - h * 0.96),
                    (cx - w * 0.2, base - h),
                    (cx + w * 0.36, base - h * 0.98),
                    (cx + w * 0.44, base - h * 0.5),
                    (cx + w * 0.54, base - h * 0.46),
                    (cx + w * 0.76, base),
                ]
                rgb = b.tone(hex_rgb("#c9724f"), depth + 0.14)
                path = polygon(points)
                sheet.paper(path, lighten(rgb, 0.03), mix(rgb, b.scheme.mist, 0.6), lift=0.6)
                sheet.canvas.save()
                sheet.canvas.clipPath(path, skia.ClipOp.kIntersect, True)
                for k in range(4):
                    y = base - h * (0.86 - 0.17 * k)
                    sheet.rect(
                        (cx - w, y, cx + w, y + h * 0.05), lighten(rgb, -0.06 if k % 2 else 0.05), 0.55
                    )
                sheet.canvas.restore()


def _pyramids(b: SetBuilder, rng: Random) -> None:
    base = b.level(0.2)
    with b.sheet("pyramids", 0.1) as sheet:
        cx = b.width * (0.5 - b.side * rng.uniform(0.05, 0.25))
        for dx, size in ((0.24, 0.14), (-0.22, 0.18), (0.0, 0.26)):
            x, h = cx + dx * b.unit * 1.2, b.unit * size
            rgb = b.tone(hex_rgb("#d9a066"), 0.26)
            sheet.paper(
                polygon([(x - h * 0.85, base), (x, base - h), (x + h * 0.85, base)]),
                lighten(rgb, 0.04),
                mix(rgb, b.scheme.mist, 0.4),
                lift=0.5,
            )
            sheet.flat(
                polygon([(x, base - h), (x - b.side * h * 0.85, base), (x - b.side * h * 0.16, base)]),
                mix(lighten(rgb, -0.1), b.palette.far, 0.15),
                0.9,
            )
            b.anchor("pyramid", (x - h * 0.85, base - h, x + h * 0.85, base), 0.1)
