"""Buildings cut from paper: cottages, town houses, towers of lit windows, stalls, lamp posts, fences."""

from __future__ import annotations

import math
from random import Random

import skia

from kamishibai.papercut.brush import Sheet
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.shapes import blob, polygon

__all__ = [
    "ROOFS", "WALLS", "arch", "block", "cottage", "fence", "lamp_post", "town_house", "window", "window_light",
]  # fmt: skip

WALLS = tuple(hex_rgb(c) for c in ("#f3e3c7", "#e9c9a0", "#f0d9d0", "#d9dfd3", "#e6b99a", "#cfdbe0"))
ROOFS = tuple(hex_rgb(c) for c in ("#c4573f", "#a5453f", "#6f6f8f", "#8c5a44", "#4f7480", "#b8763c"))
TOWN = tuple(
    hex_rgb(c)
    for c in ("#e8b07a", "#d98873", "#e9d3a6", "#9db9b4", "#c9a0a0", "#8fa6c2", "#dfc7b0", "#b9c29a")
)


def window_light(b: SetBuilder, rng: Random, share: float = 0.55) -> Rgb | None:
    """Colour of a lit window at dusk and night (`share` of them are lit); None for a dark one."""
    lit_up = b.dim or b.weather in ("storm",)
    if lit_up and rng.random() < share:
        return mix(hex_rgb("#ffd27a"), hex_rgb("#ffb45e"), rng.random() * 0.6)
    return None


def arch(x0: float, y0: float, x1: float, y1: float, bow: float = 0.5) -> skia.Path:
    """A rectangle with a rounded head; `bow` is the head's height as a part of the width."""
    h = (x1 - x0) * bow
    path = skia.Path()
    path.moveTo(x0, y1)
    path.lineTo(x0, y0 + h)
    path.cubicTo(x0, y0 + h * 0.4, x0 + (x1 - x0) * 0.22, y0, (x0 + x1) / 2, y0)
    path.cubicTo(x1 - (x1 - x0) * 0.22, y0, x1, y0 + h * 0.4, x1, y0 + h)
    path.lineTo(x1, y1)
    path.close()
    return path


def window(
    b: SetBuilder, sheet: Sheet, x: float, y: float, w: float, h: float, depth: float, light: Rgb | None,
    frame: Rgb, *, round_: bool = False, bars: bool = True,
) -> None:  # fmt: skip
    """A window centred on (x, y) with its frame and cross; lit ones throw a little glow."""
    path = (
        arch(x - w / 2, y - h / 2, x + w / 2, y + h / 2)
        if round_
        else polygon(
            [(x - w / 2, y - h / 2), (x + w / 2, y - h / 2), (x + w / 2, y + h / 2), (x - w / 2, y + h / 2)]
        )
    )
    glass = b.tone(
        hex_rgb("#6f93a8") if not b.dim else hex_rgb("#4a5a80"), depth, -0.02 if not b.dim else -0.12
    )
    if light is not None:
        sheet.glow(x, y, max(w, h) * 1.7, light, 0.4)
        sheet.paper(path, lighten(light, 0.05), mix(light, hex_rgb("#f08a3c"), 0.3), edge=0)
    else:
        sheet.paper(path, lighten(glass, 0.06), lighten(glass, -0.04), edge=0)
    sheet.line(path, frame, max(1.0, w * 0.09))
    if bars and w > 5:
        cross = skia.Path()
        cross.moveTo(x, y - h / 2)
        cross.lineTo(x, y + h / 2)
        cross.moveTo(x - w / 2, y)
        cross.lineTo(x + w / 2, y)
        sheet.line(cross, frame, max(0.8, w * 0.06))


def cottage(
    b: SetBuilder, sheet: Sheet, x: float, base: float, width: float, depth: float, rng: Random, *,
    wall: Rgb | None = None, roof: Rgb | None = None, snowy: bool = False,
) -> list[tuple[float, float]]:  # fmt: skip
    """A storybook cottage with a bent roof, its foot's middle at (x, base); return the places of lit windows."""
    wall_rgb, roof_rgb = b.tone(wall or rng.choice(WALLS), depth), b.tone(roof or rng.choice(ROOFS), depth)
    h = width * rng.uniform(0.52, 0.66)
    peak = width * rng.uniform(0.62, 0.8)
    eave = width * 0.1
    trim = lighten(wall_rgb, -0.16)
    tip = rng.uniform(-0.06, 0.06) * width
    chimney_x = x + rng.choice((-1, 1)) * width * 0.24
    ch = base - h - peak * 0.72
    sheet.paper(
        polygon(
            [
                (chimney_x - width * 0.06, ch),
                (chimney_x + width * 0.06, ch),
                (chimney_x + width * 0.055, base - h),
                (chimney_x - width * 0.055, base - h),
            ]
        ),
        lighten(roof_rgb, -0.1),
        lift=0.2,
    )
    body = polygon([
        (x - width * 0.42, base), (x - width * 0.44, base - h), (x + tip * 0.4, base - h - peak * 0.86),
        (x + width * 0.44, base - h), (x + width * 0.42, base),
    ])  # fmt: skip
    sheet.paper(body, lighten(wall_rgb, 0.02), lighten(wall_rgb, -0.07), lift=0.7)
    places: list[tuple[float, float]] = []
    door_x = x + rng.choice((-0.2, 0.0, 0.2)) * width
    dw, dh = width * 0.17, h * 0.66
    door = arch(door_x - dw / 2, base - dh, door_x + dw / 2, base)
    sheet.paper(door, b.tone(rng.choice(ROOFS), depth, -0.1), lift=0.2)
    sheet.circle(door_x + dw * 0.28, base - dh * 0.45, dw * 0.07, b.tone(hex_rgb("#f3d27a"), depth))
    for wx in (-0.25, 0.0, 0.25):
        px = x + wx * width
        if abs(px - door_x) < width * 0.16:
            continue
        light = window_light(b, rng, 0.85)
        window(b, sheet, px, base - h * 0.56, width * 0.15, width * 0.17, depth, light, trim)
        if light:
            places.append((px, base - h * 0.56))
    light = window_light(b, rng, 0.6)
    window(
        b,
        sheet,
        x + tip * 0.2,
        base - h - peak * 0.3,
        width * 0.13,
        width * 0.16,
        depth,
        light,
        trim,
        round_=True,
    )
    if light:
        places.append((x, base - h - peak * 0.3))
    roof_path = skia.Path()
    roof_path.moveTo(x + tip, base - h - peak)
    roof_path.quadTo(x + width * 0.3, base - h - peak * 0.34, x + width * 0.44 + eave, base - h + eave * 0.75)
    roof_path.lineTo(x + width * 0.44 - eave * 0.5, base - h + eave * 0.4)
    roof_path.quadTo(x + width * 0.2, base - h - peak * 0.3, x + tip * 0.9, base - h - peak * 0.76)
    roof_path.quadTo(
        x - width * 0.2, base - h - peak * 0.3, x - width * 0.44 + eave * 0.5, base - h + eave * 0.4
    )
    roof_path.lineTo(x - width * 0.44 - eave, base - h + eave * 0.75)
    roof_path.quadTo(x - width * 0.3, base - h - peak * 0.34, x + tip, base - h - peak)
    roof_path.close()
    cover = b.tone(hex_rgb("#f6fafc"), depth) if snowy or b.weather == "snow" else roof_rgb
    sheet.paper(roof_path, lighten(cover, 0.04), lighten(cover, -0.06), lift=0.5)
    return places


def town_house(
    b: SetBuilder, sheet: Sheet, x0: float, x1: float, base: float, height: float, depth: float, rng: Random, *,
    shop: bool = False,
) -> list[tuple[float, float]]:  # fmt: skip
    """A tall narrow house between `x0` and `x1` with a gable of its own; return the places of lit windows."""
    w = x1 - x0
    wall = b.tone(rng.choice(TOWN), depth)
    roof = b.tone(rng.choice(ROOFS), depth, -0.03)
    trim = lighten(wall, 0.1 if not b.dim else -0.12)
    top = base - height
    kind = rng.choice(("gable", "step", "flat", "bell"))
    peak = w * rng.uniform(0.5, 0.75)
    mid = (x0 + x1) / 2
    if kind == "step":
        points = [(x0, base), (x0, top)]
        for i in range(3):
            points += [
                (x0 + w * 0.17 * (i), top - peak * 0.3 * i),
                (x0 + w * 0.17 * i, top - peak * 0.3 * (i + 1)),
                (x0 + w * 0.17 * (i + 1), top - peak * 0.3 * (i + 1)),
            ]
        points += [(2 * mid - px, py) for px, py in reversed(points)]
        body = polygon(points)
    elif kind == "bell":
        body = skia.Path()
        body.moveTo(x0, base)
        body.lineTo(x0, top)
        body.cubicTo(x0 + w * 0.26, top, x0 + w * 0.16, top - peak * 0.7, mid, top - peak * 0.95)
        body.cubicTo(x1 - w * 0.16, top - peak * 0.7, x1 - w * 0.26, top, x1, top)
        body.lineTo(x1, base)
        body.close()
    elif kind == "gable":
        body = polygon([(x0, base), (x0, top), (mid, top - peak), (x1, top), (x1, base)])
    else:
        body = polygon([(x0, base), (x0, top), (x1, top), (x1, base)])
    sheet.paper(body, lighten(wall, 0.03), lighten(wall, -0.06), lift=0.6)
    if kind == "gable":
        e = w * 0.07
        sheet.paper(
            polygon(
                [
                    (x0 - e, top + e),
                    (mid, top - peak - e),
                    (x1 + e, top + e),
                    (x1 + e * 0.2, top + e * 1.2),
                    (mid, top - peak + e * 1.5),
                    (x0 - e * 0.2, top + e * 1.2),
                ]
            ),
            roof,
            lift=0.4,
        )
    if kind == "flat":
        sheet.paper(
            polygon(
                [
                    (x0 - w * 0.05, top - w * 0.09),
                    (x1 + w * 0.05, top - w * 0.09),
                    (x1 + w * 0.03, top + w * 0.03),
                    (x0 - w * 0.03, top + w * 0.03),
                ]
            ),
            roof,
            lift=0.4,
        )
    places: list[tuple[float, float]] = []
    columns = 2 if w < b.unit * 0.14 else 3
    ground_floor = height * 0.3 if shop else w * 0.2
    ww = w / columns * 0.44
    rows = max(1, int((height - ground_floor - ww * 0.4) / (ww * 2.15)))
    gap = (height - ground_floor) / rows
    for r in range(rows):
        for c in range(columns):
            px, py = x0 + w * (c + 0.5) / columns, top + gap * (r + 0.5)
            light = window_light(b, rng, 0.5)
            window(b, sheet, px, py, ww, ww * 1.45, depth, light, trim, round_=kind == "bell")
            if light:
                places.append((px, py))
    if kind in ("gable", "step", "bell") and w > 24:
        light = window_light(b, rng, 0.5)
        sheet.circle(mid, top - peak * 0.3, w * 0.09, light or lighten(wall, -0.2))
        sheet.line(skia.Path.Circle(mid, top - peak * 0.3, w * 0.09), trim, max(1.0, w * 0.02))
    if shop:
        places += _shop_front(b, sheet, x0, x1, base, ground_floor, depth, rng)
    return places


def _shop_front(
    b: SetBuilder, sheet: Sheet, x0: float, x1: float, base: float, height: float, depth: float, rng: Random
) -> list[tuple[float, float]]:
    """A shop's window and door under a striped awning."""
    w = x1 - x0
    light = window_light(b, rng, 0.9)
    dark = b.tone(hex_rgb("#5b4a58"), depth, -0.05)
    sheet.rect((x0 + w * 0.06, base - height * 0.78, x1 - w * 0.06, base), dark)
    door_left = rng.random() < 0.5
    dx0 = x0 + w * 0.1 if door_left else x1 - w * 0.34
    gx0, gx1 = (x0 + w * 0.4, x1 - w * 0.1) if door_left else (x0 + w * 0.1, x1 - w * 0.4)
    sheet.paper(
        polygon(
            [
                (dx0, base - height * 0.68),
                (dx0 + w * 0.24, base - height * 0.68),
                (dx0 + w * 0.24, base),
                (dx0, base),
            ]
        ),
        b.tone(rng.choice(ROOFS), depth, -0.06),
        edge=0.2,
    )
    glass = light or b.tone(hex_rgb("#8fb0b8"), depth)
    sheet.rect((gx0, base - height * 0.66, gx1, base - height * 0.16), glass)
    if light:
        sheet.glow((gx0 + gx1) / 2, base - height * 0.4, w * 0.7, light, 0.34)
    awning(
        b,
        sheet,
        x0 + w * 0.02,
        x1 - w * 0.02,
        base - height * 0.92,
        height * 0.26,
        depth,
        b.tone(rng.choice(ROOFS), depth),
    )
    return [((gx0 + gx1) / 2, base - height * 0.4)] if light else []


def awning(
    b: SetBuilder,
    sheet: Sheet,
    x0: float,
    x1: float,
    y: float,
    drop: float,
    depth: float,
    rgb: Rgb,
    stripes: int = 7,
) -> None:
    """A striped awning with a scalloped edge."""
    cream = b.tone(hex_rgb("#f8eedb"), depth)
    w = (x1 - x0) / stripes
    out = drop * 0.28
    whole = skia.Path()
    whole.addRect(skia.Rect.MakeLTRB(x0, y, x1, y + drop))
    sheet.shadow(whole, 0.6)
    for i in range(stripes):
        t0, t1 = i / stripes, (i + 1) / stripes
        ax, bx = x0 + i * w, x0 + (i + 1) * w
        cx, dx = x0 - out + (x1 - x0 + 2 * out) * t0, x0 - out + (x1 - x0 + 2 * out) * t1
        path = skia.Path()
        path.moveTo(ax, y)
        path.lineTo(bx, y)
        path.lineTo(dx, y + drop)
        path.quadTo((cx + dx) / 2, y + drop * 1.42, cx, y + drop)
        path.close()
        tone = rgb if i % 2 == 0 else cream
        sheet.paper(path, lighten(tone, 0.04), lighten(tone, -0.05), edge=0)


def block(
    b: SetBuilder, sheet: Sheet, x0: float, x1: float, base: float, top: float, depth: float, rgb: Rgb, rng: Random,
    share: float = 0.4, crown: bool = True,
) -> None:  # fmt: skip
    """A tower block with a grid of windows, some of them lit."""
    w = x1 - x0
    wall = b.tone(rgb, depth)
    points = [(x0, base), (x0, top), (x1, top), (x1, base)]
    style = rng.choice(("flat", "step", "slope", "spire")) if crown else "flat"
    if style == "step":
        s = w * 0.22
        points = [
            (x0, base),
            (x0, top + s),
            (x0 + s, top + s),
            (x0 + s, top),
            (x1 - s, top),
            (x1 - s, top + s),
            (x1, top + s),
            (x1, base),
        ]
    elif style == "slope":
        points = [(x0, base), (x0, top + w * 0.35), (x1, top), (x1, base)]
    elif style == "spire":
        m = (x0 + x1) / 2
        points = [
            (x0, base),
            (x0, top + w * 0.3),
            (m - w * 0.06, top + w * 0.1),
            (m, top - w * 0.7),
            (m + w * 0.06, top + w * 0.1),
            (x1, top + w * 0.3),
            (x1, base),
        ]
    path = polygon(points)
    sheet.paper(
        path,
        lighten(wall, 0.03),
        mix(wall, b.scheme.mist, 0.4 if depth < 0.4 else 0.12),
        lift=0.5,
        span=(top, base),
    )
    columns = max(2, round(w / (b.unit * 0.02 * (0.7 + depth))))
    cell = w / (columns + 0.6)
    rows = int((base - top - w * 0.45) / (cell * 1.35))
    dark = lighten(wall, -0.07)
    shine = mix(hex_rgb("#ffd98c"), b.palette.far, 0.25 * (1 - depth))
    glass_off, glass_on = skia.Path(), skia.Path()
    for r in range(max(0, min(rows, 40))):
        for c in range(columns):
            px, py = x0 + cell * (c + 0.5), top + w * 0.42 + cell * 1.35 * r
            on = b.dim and rng.random() < share
            (glass_on if on else glass_off).addRect(skia.Rect.MakeXYWH(px, py, cell * 0.56, cell * 0.74))
    sheet.flat(glass_off, dark, 0.8)
    if b.dim:
        sheet.flat(glass_on, shine, 0.95)


def fence(
    b: SetBuilder, sheet: Sheet, x0: float, x1: float, y: float, height: float, rgb: Rgb, rng: Random
) -> None:
    """A picket fence from `x0` to `x1`, standing on `y`."""
    gap = height * 0.34
    for k in (0.32, 0.72):
        sheet.paper(
            polygon(
                [
                    (x0, y - height * k - height * 0.05),
                    (x1, y - height * k - height * 0.05),
                    (x1, y - height * k + height * 0.05),
                    (x0, y - height * k + height * 0.05),
                ]
            ),
            lighten(rgb, -0.05),
            lift=0.2,
            edge=0.2,
        )
    pales = skia.Path()
    x = x0 + gap * 0.4
    while x < x1:
        h, w = height * rng.uniform(0.92, 1.06), gap * 0.26
        pales.addPath(
            polygon([(x - w, y), (x - w, y - h * 0.85), (x, y - h), (x + w, y - h * 0.85), (x + w, y)])
        )
        x += gap
    sheet.paper(pales, lighten(rgb, 0.03), lighten(rgb, -0.05), lift=0.3)


def lamp_post(
    b: SetBuilder, sheet: Sheet, x: float, base: float, height: float, depth: float
) -> tuple[float, float]:
    """A street lamp; return where its light is."""
    dark = b.tone(hex_rgb("#3d4150"), depth)
    w = height * 0.014
    head_y = base - height
    sheet.paper(
        polygon(
            [
                (x - w * 2.4, base),
                (x - w, base - height * 0.08),
                (x - w * 0.8, head_y),
                (x + w * 0.8, head_y),
                (x + w, base - height * 0.08),
                (x + w * 2.4, base),
            ]
        ),
        dark,
        lift=0.4,
        edge=0.2,
    )
    r = height * 0.05
    shine = hex_rgb("#ffe0a0") if b.dim else b.tone(hex_rgb("#f5ecd0"), depth)
    if b.dim:
        sheet.glow(x, head_y - r * 0.6, height * 0.34, shine, 0.65)
    sheet.paper(
        polygon(
            [
                (x - r * 0.55, head_y),
                (x - r, head_y - r * 1.7),
                (x + r, head_y - r * 1.7),
                (x + r * 0.55, head_y),
            ]
        ),
        shine,
        edge=0.2,
    )
    sheet.paper(
        polygon(
            [(x - r * 1.25, head_y - r * 1.65), (x, head_y - r * 2.6), (x + r * 1.25, head_y - r * 1.65)]
        ),
        dark,
        edge=0.2,
    )
    sheet.circle(x, head_y - r * 2.7, r * 0.22, dark)
    return x, head_y - r * 0.85


def chimney_smoke(
    b: SetBuilder, sheet: Sheet, x: float, y: float, size: float, depth: float, rng: Random
) -> None:
    """A rising line of paper puffs."""
    rgb = mix(b.tone(hex_rgb("#f3ece4"), depth), b.palette.far, 0.3)
    for i in range(5):
        t = i / 4
        r = size * (0.3 + 0.7 * t)
        sheet.paper(
            blob(
                x + size * (0.9 * t + 0.5 * math.sin(i * 1.7)), y - size * 3.0 * t, r, r * 0.86, rng, 8, 0.08
            ),
            rgb,
            lift=0.2,
            edge=0.2,
        )
