"""Bare and high places: mountains, desert, and country under snow."""

from __future__ import annotations

import math
from random import Random

import skia

from kamishibai.papercut.brush import Sheet
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.settings.buildings import chimney_smoke, cottage, fence
from kamishibai.papercut.settings.growth import LEAF_GREENS, draw_tree, foreground, stand, tufts, wildflowers
from kamishibai.papercut.shapes import (
    Curve, bare_tree, blob, dune_line, hill_line, jagged_line, pine, polygon, rock, sheet_below, smooth,
)  # fmt: skip
from kamishibai.papercut.sky import hang_sky
from kamishibai.papercut.weather import lay_weather, lightning

__all__ = ["desert", "mountains", "snow"]

_ROCK = tuple(hex_rgb(c) for c in ("#9fb0c4", "#8499b4", "#6d84a2", "#5f7a80"))
_SNOW = hex_rgb("#f4f8fb")


def peaks(b: SetBuilder, name: str, depth: float, base: float, height: float, rng: Random, count: int, snow_line: float = 0.62) -> None:
    """Lay a range of peaks: a light and a shaded flank to each, snow on the tops."""
    line = jagged_line(base, height, b.width, rng, count)
    rock_rgb = b.tone(rng.choice(_ROCK[:3]), depth)
    with b.sheet(name, depth, ground=line) as sheet:
        step = b.width / 150
        path = sheet_below(line, -b.width * 0.05, b.width * 1.05, b.height * 1.02, step)
        sheet.paper(path, lighten(rock_rgb, 0.03), mix(rock_rgb, b.scheme.mist, 0.7), edge=0.35, span=(base - height, base + height * 0.12))
        xs = [-b.width * 0.05 + i * step for i in range(round(b.width * 1.1 / step) + 1)]
        tops = [x for i, x in enumerate(xs[1:-1], 1) if line(xs[i - 1]) > line(x) <= line(xs[i + 1]) and line(x) < base - height * 0.38]
        white = b.tone(_SNOW, depth + 0.06)
        for px in tops:
            top = line(px)
            h = base - top
            away = -b.side
            flank = polygon([  # the side turned from the light, cut as one long folded triangle
                (px, top), (px + away * h * 0.14, top + h * 0.3), (px + away * h * 0.06, top + h * 0.42),
                (px + away * h * 0.24, top + h * 0.66), (px + away * h * 0.14, top + h * 0.8),
                (px + away * h * 0.34, top + h * 1.1), (px + away * h * 1.1, top + h * 1.1),
                *[(x, line(x)) for x in sorted((x for x in xs if 0 < (x - px) * away < h * 1.05), key=lambda x: -(x - px) * away)],
            ])  # fmt: skip
            clip = b.tone(_ROCK[2], depth, -0.05)
            sheet.canvas.save()
            sheet.canvas.clipPath(path, skia.ClipOp.kIntersect, True)
            paint_low = mix(clip, b.scheme.mist, 0.75)
            sheet.paper(flank, mix(clip, rock_rgb, 0.25), paint_low, edge=0, span=(top, base + height * 0.1))
            if h > height * snow_line * 0.8:
                d = h * rng.uniform(0.24, 0.34)
                cap = [(px - h * 0.6, top - h * 0.1), (px + h * 0.6, top - h * 0.1)]
                teeth = 6
                edge = []
                for k in range(teeth + 1):
                    t = 1 - 2 * k / teeth
                    edge.append((px + t * h * 0.5, top + d * (0.62 + 0.5 * abs(t)) + (d * 0.3 if k % 2 else -d * 0.12)))
                sheet.paper(polygon([*cap, *edge]), lighten(white, 0.02), edge=0, lift=0.35)
                shade = [(px, top - 2), (px + away * h * 0.14, top + h * 0.3), (px + away * h * 0.06, top + h * 0.42), (px + away * h * 0.6, top + h * 0.5), (px + away * h * 0.6, top - h * 0.1)]
                sheet.canvas.clipPath(polygon([*cap, *edge]), skia.ClipOp.kIntersect, True)
                sheet.flat(polygon(shade), mix(white, b.palette.zenith, 0.34))
            sheet.canvas.restore()
        b.wash(sheet, path, depth, 0.6)


def mountains(b: SetBuilder) -> None:
    """Build two ranges of peaks, wooded foothills and a ledge in front."""
    rng = b.dice("mountains")
    hang_sky(b, clouds=0.8)
    if b.weather == "storm":
        lightning(b)
    lift = {"close": 0.22, "medium": 0.33, "wide": 0.42}[b.view] * b.unit
    peaks(b, "far range", 0.07, b.level(0.14), lift * 1.15, rng, rng.choice((4, 5)), 0.5)
    peaks(b, "range", 0.16, b.level(0.2) + b.unit * 0.01, lift * 0.85, rng, rng.choice((3, 4)), 0.72)
    b.anchor("mountain", (b.width * 0.2, b.horizon - lift, b.width * 0.8, b.horizon), 0.16, "on", "behind", "near")
    lay_weather(b, "far")
    greens = tuple(hex_rgb(c) for c in ("#7fa48c", "#6b9478", "#5d8a6c"))
    for i, depth in enumerate((0.27, 0.38)):
        line = hill_line(b.level(depth) - b.unit * 0.03, b.unit * (0.1 - 0.02 * i), b.width, rng, 1.1)
        with b.sheet(f"foothill {i + 1}", depth, ground=line) as sheet:
            stand(b, sheet, line, depth, ("pine",), round((16, 9)[i] * b.width / b.unit), (3.4, 2.7)[i], f"pines {i}", greens, spare=0.3 + 0.4 * i)
            b.land(sheet, line, greens[i], depth, haze=0.45)
    line = hill_line(b.level(0.5), b.unit * 0.05, b.width, rng, 0.9)
    with b.sheet("slope", 0.5, ground=line) as sheet:
        for side in (-1, 1):
            for _ in range(rng.choice((1, 2))):
                x = b.width * (0.5 + side * rng.uniform(0.36, 0.5))
                h = b.px(rng.uniform(2.6, 4.0), 0.5)
                draw_tree(b, sheet, "pine", x, line(x) + 5, h, 0.5, greens[2], rng, 0.8)
                b.anchor("tree", (x - h * 0.2, line(x) - h, x + h * 0.2, line(x)), 0.5)
        b.land(sheet, line, hex_rgb("#84a07a"), 0.5, haze=0.25)
        tufts(b, sheet, line, 0.5, greens[1], 12, 0.2, "tufts mid")
    ground = hill_line(b.ground_y - b.unit * 0.012, b.unit * 0.03, b.width, rng, 0.9)
    with b.sheet("ledge", 0.6, ground=lambda x: ground(x) + b.unit * 0.014, main=True) as sheet:
        b.land(sheet, ground, hex_rgb("#8ca37c"), 0.6, haze=0.45)
        _stones(b, sheet, ground, rng)
        tufts(b, sheet, ground, 0.6, LEAF_GREENS[2], 16, 0.15, "tufts near")
        wildflowers(b, sheet, ground, 0.6, 8, "flowers", 0.5)
    _crag(b, rng)
    foreground(b, "foreground", rise=0.8, depth=0.9)
    lay_weather(b, "near")


def _stones(b: SetBuilder, sheet: Sheet, ground: Curve, rng: Random, rgb: str = "#9aa0ab") -> None:
    for _ in range(7):
        x, w = rng.uniform(0, b.width), b.px(rng.uniform(0.16, 0.6))
        if not b.clear_of(x, w * 0.3):
            continue
        y = ground(x) + b.px(rng.uniform(0.1, 0.4))
        tone = b.tone(hex_rgb(rgb), 0.6, rng.uniform(-0.06, 0.03))
        path = rock(x, y, w, w * rng.uniform(0.5, 0.75), rng)
        sheet.paper(path, lighten(tone, 0.05), lighten(tone, -0.09), lift=0.4)
        b.anchor("rock", (x - w / 2, y - w * 0.6, x + w / 2, y), 0.6)


def _crag(b: SetBuilder, rng: Random, warm: bool = False) -> None:
    """A dark cliff rising out of one lower corner as the frame."""
    side = rng.choice((-1.0, 1.0))
    room = (b.keep_clear[0] if side < 0 else b.width - b.keep_clear[2]) * 0.95
    x0 = 0.0 if side < 0 else float(b.width)
    h = b.height * rng.uniform(0.4, 0.62)
    points = [(x0 + side * 20, b.height + 20.0), (x0 + side * 20, b.height - h)]
    for t, k in ((0.14, 1.02), (0.24, 0.86), (0.4, 0.8), (0.48, 0.55), (0.66, 0.48), (0.74, 0.26), (0.95, 0.16), (1.05, 0.0)):
        points.append((x0 - side * room * t, b.height - h * k + rng.uniform(-0.01, 0.01) * b.unit))
    dark = mix(b.palette.near, b.tone(hex_rgb("#8a5a4a" if warm else "#6b7487"), 0.7), 0.3)
    with b.sheet("crag", 0.84) as sheet:
        path = polygon([*points, (x0 - side * room * 1.05, b.height + 20.0)])
        sheet.paper(path, lighten(dark, 0.06), mix(dark, b.palette.near, 0.7))
        for i in range(4):
            px = x0 - side * room * (0.1 + 0.16 * i)
            y = b.height - h * (0.86 - 0.2 * i)
            sheet.flat(polygon([(px, y), (px - side * room * 0.12, y + h * 0.12), (px - side * room * 0.04, y + h * 0.3)]), lighten(dark, -0.03), 0.7)
        if not warm:
            for t in (0.1, 0.34):
                x = x0 - side * room * t
                y = b.height - h * (1.0 if t < 0.2 else 0.8)
                sheet.paper(pine(x, y + h * 0.06, b.unit * rng.uniform(0.2, 0.3), rng), lighten(dark, -0.02), b.palette.near, lift=0.3)


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
        line = dune_line(b.level(depth) + b.unit * 0.02, b.unit * (0.1 - 0.01 * i), b.width, rng, rng.uniform(0.8, 1.3))
        with b.sheet(f"dune {i + 1}", depth, ground=line) as sheet:
            if i in (1, 3):
                for _ in range(3):
                    x = b.width * rng.uniform(0.02, 0.98)
                    if i == 1 or b.clear_of(x, b.px(1.2, depth)):
                        _cactus(b, sheet, x, line(x) + 3, b.px(rng.uniform(1.6, 2.8), depth), depth, rng)
            path = b.land(sheet, line, sand[i], depth, haze=0.35, step=b.width / 180)
            _dune_folds(b, sheet, line, depth, sand[i], path, rng)
    ground = hill_line(b.ground_y - b.unit * 0.012, b.unit * 0.034, b.width, rng, 0.7)
    with b.sheet("sand", 0.6, ground=lambda x: ground(x) + b.unit * 0.014, main=True) as sheet:
        path = b.land(sheet, ground, sand[3], 0.6, haze=0.42)
        _dune_folds(b, sheet, ground, 0.6, sand[3], path, rng)
        _stones(b, sheet, ground, rng, "#b5785a")
    _crag(b, rng, warm=True)
    with b.sheet("cactus", 0.8) as sheet:
        side = 1.0 if b.planes and rng.random() < 0.5 else -1.0
        x = b.keep_clear[0] * 0.5 if side < 0 else b.width - (b.width - b.keep_clear[2]) * 0.5
        h = b.px(rng.uniform(1.7, 2.4))
        _cactus(b, sheet, x, b.ground_y + b.unit * 0.09, h, 0.72, rng)
        b.anchor("cactus", (x - h * 0.3, b.ground_y + b.unit * 0.09 - h, x + h * 0.3, b.ground_y + b.unit * 0.09), 0.72)
    foreground(b, "foreground", rise=0.7, depth=0.9, growth="grass")
    lay_weather(b, "near")


def _dune_folds(
    b: SetBuilder, sheet: Sheet, line: Curve, depth: float, rgb: tuple[float, float, float], path: skia.Path, rng: Random
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


def _cactus(b: SetBuilder, sheet: Sheet, x: float, base: float, height: float, depth: float, rng: Random) -> None:
    """A saguaro with one to three arms."""
    green = b.tone(hex_rgb("#4f8f6a"), depth)
    w = height * 0.17
    shape = skia.Path()
    shape.addRoundRect(skia.Rect.MakeLTRB(x - w / 2, base - height, x + w / 2, base + w * 0.4), w / 2, w / 2)
    for side in rng.choice(((-1,), (1,), (-1, 1), (1, -1))):
        y0, n, up = base - height * rng.uniform(0.36, 0.55), w * 1.35, height * rng.uniform(0.24, 0.36)
        arm = w * 0.68
        x_out = x + side * n
        shape.addRoundRect(skia.Rect.MakeLTRB(min(x, x_out) - arm / 2, y0 - arm / 2, max(x, x_out) + arm / 2, y0 + arm / 2), arm / 2, arm / 2)
        shape.addRoundRect(skia.Rect.MakeLTRB(x_out - arm / 2, y0 - up, x_out + arm / 2, y0 + arm / 2), arm / 2, arm / 2)
    shape.setFillType(skia.PathFillType.kWinding)
    merged = skia.Simplify(shape)
    sheet.paper(merged if merged is not None else shape, lighten(green, 0.04), lighten(green, -0.08), lift=0.5)
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
                points = [(cx - w * 0.72, base), (cx - w * 0.56, base - h * 0.34), (cx - w * 0.48, base - h * 0.38), (cx - w * 0.44, base - h * 0.96), (cx - w * 0.2, base - h), (cx + w * 0.36, base - h * 0.98), (cx + w * 0.44, base - h * 0.5), (cx + w * 0.54, base - h * 0.46), (cx + w * 0.76, base)]
                rgb = b.tone(hex_rgb("#c9724f"), depth + 0.14)
                path = polygon(points)
                sheet.paper(path, lighten(rgb, 0.03), mix(rgb, b.scheme.mist, 0.6), lift=0.6)
                sheet.canvas.save()
                sheet.canvas.clipPath(path, skia.ClipOp.kIntersect, True)
                for k in range(4):
                    y = base - h * (0.86 - 0.17 * k)
                    sheet.rect((cx - w, y, cx + w, y + h * 0.05), lighten(rgb, -0.06 if k % 2 else 0.05), 0.55)
                sheet.canvas.restore()


def _pyramids(b: SetBuilder, rng: Random) -> None:
    base = b.level(0.2)
    with b.sheet("pyramids", 0.1) as sheet:
        cx = b.width * (0.5 - b.side * rng.uniform(0.05, 0.25))
        for dx, size in ((0.24, 0.14), (-0.22, 0.18), (0.0, 0.26)):
            x, h = cx + dx * b.unit * 1.2, b.unit * size
            rgb = b.tone(hex_rgb("#d9a066"), 0.26)
            sheet.paper(polygon([(x - h * 0.85, base), (x, base - h), (x + h * 0.85, base)]), lighten(rgb, 0.04), mix(rgb, b.scheme.mist, 0.4), lift=0.5)
            sheet.flat(polygon([(x, base - h), (x - b.side * h * 0.85, base), (x - b.side * h * 0.16, base)]), mix(lighten(rgb, -0.1), b.palette.far, 0.15), 0.9)
            b.anchor("pyramid", (x - h * 0.85, base - h, x + h * 0.85, base), 0.1)


def snow(b: SetBuilder) -> None:
    """Build a winter country: white hills, laden firs, a cabin with lit windows."""
    rng = b.dice("snow")
    hang_sky(b, clouds=0.8)
    if b.weather == "storm":
        lightning(b)
    white = tuple(hex_rgb(c) for c in ("#dfeaf3", "#e6eff6", "#eef4f9", "#f4f8fb", "#f9fbfc"))
    if rng.random() < 0.5:
        peaks(b, "range", 0.08, b.level(0.2), b.unit * {"close": 0.14, "medium": 0.2, "wide": 0.26}[b.view], rng, 4, 0.3)
    spots: list[tuple[float, float, float]] = []
    lodge = rng.choice((1, 2))
    for i, depth in enumerate((0.15, 0.25, 0.36)):
        line = hill_line(b.level(depth) - b.unit * 0.035, b.unit * (0.11 - 0.015 * i), b.width, rng, rng.uniform(0.8, 1.2))
        with b.sheet(f"snow hill {i + 1}", depth, ground=line) as sheet:
            for _ in range(round((16, 9, 6)[i] * b.width / b.unit)):
                x = rng.uniform(-0.04, 1.04) * b.width
                h = b.px((8.0, 5.6, 4.4)[i], depth) * rng.uniform(0.6, 1.15)
                if i == 2 and not b.clear_of(x, 0):
                    continue
                _snowy_fir(b, sheet, x, line(x) + 4, h, depth, rng)
            if i == lodge:
                side = -b.side
                x = b.width * (0.5 + side * rng.uniform(0.2, 0.34))
                w = b.px((0, 4.6, 3.4)[i], depth)
                y = line(x) + w * 0.06
                chimney_smoke(b, sheet, x + w * 0.22, y - w * 1.26, w * 0.14, depth, rng)
                places = cottage(b, sheet, x, y, w, depth + 0.1, rng, wall=hex_rgb("#a06a48"), snowy=True)
                b.anchor("house", (x - w * 0.5, y - w * 1.3, x + w * 0.5, y), depth)
                b.anchor("cabin", (x - w * 0.5, y - w * 1.3, x + w * 0.5, y), depth)
                spots += [(px, py, w * 0.5) for px, py in places]
            b.land(sheet, line, white[i], depth, haze=0.25)
        if i == 1:
            lay_weather(b, "far")
    line = hill_line(b.level(0.49), b.unit * 0.05, b.width, rng, 0.9)
    with b.sheet("drift", 0.49, ground=line) as sheet:
        for side in (-1, 1):
            x = b.width * (0.5 + side * rng.uniform(0.34, 0.47))
            h = b.px(rng.uniform(3.2, 4.4), 0.49)
            if rng.random() < 0.75:
                _snowy_fir(b, sheet, x, line(x) + 5, h, 0.49, rng)
            else:
                sheet.paper(bare_tree(x, line(x) + 5, h, rng), b.tone(hex_rgb("#7a6068"), 0.49), lift=0.6)
            b.anchor("tree", (x - h * 0.25, line(x) - h, x + h * 0.25, line(x)), 0.49)
        b.land(sheet, line, white[3], 0.49, haze=0.15)
        if rng.random() < 0.5:
            x0, x1 = (0.0, b.keep_clear[0]) if rng.random() < 0.5 else (b.keep_clear[2], float(b.width))
            fence(b, sheet, x0, x1, b.level(0.53), b.px(0.7, 0.53), b.tone(hex_rgb("#8a6a5c"), 0.53), rng)
            b.anchor("fence", (x0, b.level(0.53) - b.px(0.7, 0.53), x1, b.level(0.53)), 0.53)
    if spots:
        b.glow_plane("window glow", 0.5, spots, hex_rgb("#ffb45e"), 0.4)
        for x, y, r in spots:
            b.lamp(x, y, r * 2, hex_rgb("#ffc47a"), 0.4, "window")
    ground = hill_line(b.ground_y - b.unit * 0.012, b.unit * 0.032, b.width, rng, 0.8)
    with b.sheet("snow", 0.6, ground=lambda x: ground(x) + b.unit * 0.016, main=True) as sheet:
        b.land(sheet, ground, white[4], 0.6, haze=0.12)
        blue = mix(b.tone(white[2], 0.6), b.palette.zenith, 0.3)
        for _ in range(7):
            x, y, n = rng.uniform(0, b.width), b.ground_y + b.unit * rng.uniform(0.03, 0.12), b.unit * rng.uniform(0.08, 0.2)
            sheet.flat(smooth([(x - n, y), (x - n * 0.2, y - n * 0.045), (x + n, y), (x, y + n * 0.012)]), blue, 0.35)
    _snow_bank(b, rng)
    lay_weather(b, "near")


def _snowy_fir(b: SetBuilder, sheet: Sheet, x: float, base: float, height: float, depth: float, rng: Random) -> None:
    """A fir with a white cut-out of snow on the lit side of every tier."""
    state = rng.getstate()
    path = pine(x, base, height, rng, 5, 0.42)
    green = b.tone(hex_rgb("#3f7a72"), depth)
    sheet.paper(path, lighten(green, 0.03), lighten(green, -0.05), lift=0.5)
    rng.setstate(state)
    cover = pine(x, base, height, rng, 5, 0.42)
    cut = skia.Path(cover)
    cut.offset(-b.side * height * 0.052, height * 0.04)
    caps = skia.Op(cover, cut, skia.kDifference_PathOp)
    if caps is not None:
        trunk_cut = skia.Path()
        trunk_cut.addRect(skia.Rect.MakeLTRB(x - height, base - height * 0.085, x + height, base + 9))
        top = skia.Op(caps, trunk_cut, skia.kDifference_PathOp)
        sheet.flat(top if top is not None else caps, b.tone(_SNOW, depth + 0.04), 0.95)


def _snow_bank(b: SetBuilder, rng: Random) -> None:
    """Blue-shadowed drifts in the lower corners, with a few twigs."""
    dark = mix(b.palette.near, b.tone(hex_rgb("#b9cfe4"), 0.7), 0.5)
    left, _, right, foot = b.keep_clear
    low = max(foot + b.unit * 0.01, b.height * 0.945)
    with b.sheet("snow bank", 0.88) as sheet:
        for side in (-1, 1):
            x0 = 0.0 if side < 0 else float(b.width)
            room = left if side < 0 else b.width - right
            x = x0 - side * room * rng.uniform(0.2, 0.6)
            twig = bare_tree(x, b.height, b.unit * rng.uniform(0.2, 0.34), rng, b.unit * 0.012)
            sheet.flat(twig, b.palette.near)
        bank_l, bank_r = rng.uniform(0.08, 0.2) * b.unit, rng.uniform(0.08, 0.2) * b.unit

        def line(x: float) -> float:
            a = max(0.0, 1 - x / (left * 1.5)) ** 1.6 * bank_l
            c = max(0.0, 1 - (b.width - x) / ((b.width - right) * 1.5)) ** 1.6 * bank_r
            return low - a - c + math.sin(x / b.unit * 4) * b.unit * 0.005

        path = sheet_below(line, -b.width * 0.05, b.width * 1.05, b.height * 1.02, b.width / 80)
        sheet.paper(path, lighten(dark, 0.05), mix(dark, b.palette.near, 0.35), edge=0.5)
        for _ in range(5):
            x = rng.uniform(0, b.width)
            sheet.flat(blob(x, line(x) + b.unit * 0.03, b.unit * 0.03, b.unit * 0.006, rng), lighten(dark, 0.07), 0.5)
