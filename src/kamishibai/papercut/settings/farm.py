"""The farm: striped fields, a barn, a windmill, hay and fences."""

from __future__ import annotations

import math
from random import Random

import skia

from kamishibai.documents.takes import Life
from kamishibai.papercut.brush import Sheet
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.settings.growth import (
    LEAF_GREENS,
    draw_tree,
    foreground,
    tufts,
    wildflowers,
)
from kamishibai.papercut.shapes import Curve, hill_line, leaf, polygon
from kamishibai.papercut.sky import hang_sky
from kamishibai.papercut.weather import lay_weather, lightning

__all__ = ["farm"]

_GLOW = hex_rgb("#ffbf6a")


def farm(b: SetBuilder) -> None:
    """Build a farm: striped fields, a red barn, a windmill or silo, hay bales and a fence."""
    rng = b.dice("farm")
    crops = tuple(hex_rgb(c) for c in ("#c9d08a", "#e3c878", "#a9c478", "#d9b863", "#b7c46c"))
    hang_sky(b)
    if b.weather == "storm":
        lightning(b)
    for i, depth in enumerate((0.13, 0.22, 0.33)):
        line = hill_line(b.level(depth) - b.unit * 0.025, b.unit * 0.075, b.width, rng, rng.uniform(0.7, 1.1))
        colour = rng.choice(crops)
        with b.sheet(f"field {i + 1}", depth, ground=line) as sheet:
            if i == 0:
                for _ in range(9):
                    x = rng.uniform(0, b.width)
                    draw_tree(
                        b,
                        sheet,
                        rng.choice(("round", "oval")),
                        x,
                        line(x) + 4,
                        b.px(7.0, depth) * rng.uniform(0.7, 1.2),
                        depth,
                        rng.choice(LEAF_GREENS),
                        rng,
                    )
            if i == 1 and rng.random() < 0.55:
                _windmill(
                    b,
                    sheet,
                    b.width * (0.5 + b.side * rng.uniform(0.15, 0.34)),
                    line,
                    b.px(9.0, depth),
                    depth,
                    rng,
                )
            if i == 2:
                _barn(
                    b,
                    sheet,
                    b.width * (0.5 - b.side * rng.uniform(0.24, 0.36)),
                    line,
                    b.px(5.2, depth),
                    depth,
                    rng,
                )
            path = b.land(sheet, line, colour, depth, haze=0.3)
            _furrows(b, sheet, path, line, depth, colour, rng)
        if i == 1:
            lay_weather(b, "far")
    line = hill_line(b.level(0.49), b.unit * 0.03, b.width, rng, 0.9)
    with b.sheet("pasture", 0.49, ground=line) as sheet:
        for _ in range(3):
            x = rng.uniform(0.04, 0.96) * b.width
            r = b.px(0.5, 0.49)
            if b.clear_of(x, r):
                _bale(b, sheet, x, line(x) - r * 0.7, r)
                b.anchor("hay", (x - r, line(x) - r * 1.7, x + r, line(x)), 0.49)
        b.land(sheet, line, hex_rgb("#9dbb68"), 0.49, haze=0.2)
        tufts(b, sheet, line, 0.49, LEAF_GREENS[1], 12, 0.2, "tufts mid")
        y = b.level(0.545)
        _rail_fence(b, sheet, y, rng)
    ground = hill_line(b.ground_y - b.unit * 0.014, b.unit * 0.03, b.width, rng, 0.8)
    with b.sheet("yard", 0.6, ground=lambda x: ground(x) + b.unit * 0.016, main=True) as sheet:
        b.land(sheet, ground, hex_rgb("#cfae78"), 0.6, haze=0.42)
        tufts(b, sheet, ground, 0.6, hex_rgb("#c9b458"), 20, 0.16, "straw")
        wildflowers(b, sheet, ground, 0.6, 7, "flowers", 0.5)
    _wheat(b, rng)
    lay_weather(b, "near")


def _furrows(
    b: SetBuilder,
    sheet: Sheet,
    path: skia.Path,
    line: Curve,
    depth: float,
    rgb: tuple[float, float, float],
    rng: Random,
) -> None:
    """Plough lines running to a point beyond the crest."""
    sheet.canvas.save()
    sheet.canvas.clipPath(path, skia.ClipOp.kIntersect, True)
    vx = b.width * rng.uniform(0.2, 0.8)
    vy = line(vx) - b.unit * 0.05
    rays = skia.Path()
    for i in range(-16, 17):
        rays.moveTo(vx, vy)
        rays.lineTo(vx + i * b.unit * 0.14, vy + b.unit * 0.42)
    sheet.line(
        rays, b.tone(rgb, depth, rng.choice((-0.05, 0.05))), max(1.5, b.px(0.12, max(0.25, depth))), 0.4
    )
    sheet.canvas.restore()


def _barn(b: SetBuilder, sheet: Sheet, x: float, line: Curve, w: float, depth: float, rng: Random) -> None:
    """A red barn with a white-trimmed door, and a silo."""
    base = line(x) + w * 0.08
    red, roof, white = (
        b.tone(hex_rgb("#c24a3c"), depth + 0.1),
        b.tone(hex_rgb("#6d5664"), depth + 0.1),
        b.tone(hex_rgb("#f6ecdb"), depth + 0.1),
    )
    h = w * 0.5
    s = rng.choice((-1, 1))
    if rng.random() < 0.7:
        sx, sw, sh = x + s * w * 0.68, w * 0.24, w * 1.05
        steel = b.tone(hex_rgb("#b9bfc4"), depth + 0.08)
        sheet.paper(
            polygon(
                [(sx - sw / 2, base), (sx - sw / 2, base - sh), (sx + sw / 2, base - sh), (sx + sw / 2, base)]
            ),
            lighten(steel, 0.03),
            lighten(steel, -0.05),
            lift=0.5,
        )
        dome = skia.Path()
        dome.addArc(
            skia.Rect.MakeLTRB(sx - sw / 2, base - sh - sw / 2, sx + sw / 2, base - sh + sw / 2), 180, 180
        )
        dome.close()
        sheet.paper(dome, roof, lift=0.2)
        for k in range(1, 5):
            sheet.rect(
                (sx - sw / 2, base - sh * k / 5, sx + sw / 2, base - sh * k / 5 + sw * 0.04),
                lighten(steel, -0.08),
                0.8,
            )
        b.anchor("silo", (sx - sw / 2, base - sh * 1.1, sx + sw / 2, base), depth)
    body = [
        (x - w * 0.5, base),
        (x - w * 0.5, base - h),
        (x - w * 0.3, base - h * 1.5),
        (x, base - h * 1.78),
        (x + w * 0.3, base - h * 1.5),
        (x + w * 0.5, base - h),
        (x + w * 0.5, base),
    ]
    sheet.paper(polygon(body), lighten(red, 0.03), lighten(red, -0.06), lift=0.7)
    planks = skia.Path()
    for k in range(1, 12):
        planks.moveTo(x - w * 0.5 + w * k / 12, base)
        planks.lineTo(x - w * 0.5 + w * k / 12, base - h)
    sheet.line(planks, lighten(red, -0.05), max(1.0, w * 0.006), 0.6)
    t = w * 0.07
    ridge = [
        (x - w * 0.56, base - h * 0.92),
        (x - w * 0.33, base - h * 1.56),
        (x, base - h * 1.9),
        (x + w * 0.33, base - h * 1.56),
        (x + w * 0.56, base - h * 0.92),
    ]
    sheet.paper(
        polygon([*ridge, *[(px + (x - px) * 0.06, py + t) for px, py in reversed(ridge)]]), roof, lift=0.4
    )
    dw, dh = w * 0.32, h * 0.8
    sheet.paper(
        polygon([(x - dw / 2, base), (x - dw / 2, base - dh), (x + dw / 2, base - dh), (x + dw / 2, base)]),
        lighten(red, -0.09),
        edge=0,
    )
    cross = skia.Path()
    cross.addRect(skia.Rect.MakeLTRB(x - dw / 2, base - dh, x + dw / 2, base))
    cross.moveTo(x - dw / 2, base - dh)
    cross.lineTo(x + dw / 2, base)
    cross.moveTo(x + dw / 2, base - dh)
    cross.lineTo(x - dw / 2, base)
    sheet.line(cross, white, max(1.5, w * 0.022))
    loft = skia.Path.Circle(x, base - h * 1.25, w * 0.08)
    sheet.flat(loft, _GLOW if b.dim else lighten(red, -0.14))
    sheet.line(loft, white, max(1.2, w * 0.018))
    if b.dim:
        sheet.glow(x, base - h * 1.25, w * 0.3, _GLOW, 0.5)
        b.lamp(x, base - h * 1.25, w * 0.7, _GLOW, 0.4, "window")
    for name in ("barn", "house", "roof"):
        b.anchor(
            name, (x - w * 0.55, base - h * 1.9, x + w * 0.55, base if name != "roof" else base - h), depth
        )


def _windmill(
    b: SetBuilder, sheet: Sheet, x: float, line: Curve, h: float, depth: float, rng: Random
) -> None:
    base = line(x) + 4
    wall, cap = b.tone(hex_rgb("#f0e4cd"), depth + 0.1), b.tone(hex_rgb("#9a5648"), depth + 0.1)
    w = h * 0.3
    sheet.paper(
        polygon(
            [
                (x - w * 0.5, base),
                (x - w * 0.3, base - h * 0.66),
                (x + w * 0.3, base - h * 0.66),
                (x + w * 0.5, base),
            ]
        ),
        wall,
        lighten(wall, -0.07),
        lift=0.5,
    )
    dome = skia.Path()
    dome.moveTo(x - w * 0.34, base - h * 0.65)
    dome.quadTo(x, base - h * 0.92, x + w * 0.34, base - h * 0.65)
    dome.close()
    sheet.paper(dome, cap, lift=0.3)
    hub = (x, base - h * 0.68)
    turn = rng.uniform(0, math.pi / 2)
    for k in range(4):
        a = turn + k * math.pi / 2
        n = h * 0.46
        ux, uy, vx, vy = math.cos(a), math.sin(a), -math.sin(a), math.cos(a)
        blade = polygon(
            [
                (hub[0] + ux * n * 0.16, hub[1] + uy * n * 0.16),
                (hub[0] + ux * n, hub[1] + uy * n),
                (hub[0] + ux * n + vx * n * 0.2, hub[1] + uy * n + vy * n * 0.2),
                (hub[0] + ux * n * 0.16 + vx * n * 0.2, hub[1] + uy * n * 0.16 + vy * n * 0.2),
            ]
        )
        sheet.paper(blade, b.tone(hex_rgb("#fbf3e2"), depth + 0.1), lift=0.3, edge=0.4)
    sheet.circle(*hub, w * 0.08, cap)
    b.anchor("windmill", (x - w, base - h, x + w, base), depth)


def _bale(b: SetBuilder, sheet: Sheet, x: float, y: float, r: float) -> None:
    """A round bale of hay."""
    rgb = b.tone(hex_rgb("#e0b850"), 0.52)
    sheet.paper(skia.Path.Circle(x, y, r), lighten(rgb, 0.04), lighten(rgb, -0.08), lift=0.6)
    swirl = skia.Path()
    for i in range(60):
        a, k = i * 0.28, r * 0.86 * i / 60
        (swirl.lineTo if i else swirl.moveTo)(x + math.cos(a) * k, y + math.sin(a) * k)
    sheet.line(swirl, lighten(rgb, -0.08), r * 0.05, 0.8)


def _rail_fence(b: SetBuilder, sheet: Sheet, y: float, rng: Random) -> None:
    """A post-and-rail fence with an opening before the subject."""
    wood = b.tone(hex_rgb("#a57c58"), 0.54)
    h = b.px(0.85, 0.54)
    left, _, right, _ = b.keep_clear
    for x0, x1 in ((-9.0, left), (right, b.width + 9.0)):
        for k in (0.42, 0.78):
            sag = rng.uniform(-0.03, 0.03) * h
            sheet.paper(
                polygon(
                    [
                        (x0, y - h * k),
                        (x1, y - h * k + sag),
                        (x1, y - h * k + sag + h * 0.1),
                        (x0, y - h * k + h * 0.1),
                    ]
                ),
                lighten(wood, 0.03),
                lift=0.25,
                edge=0.25,
            )
        n = max(2, round((x1 - x0) / (h * 1.5)))
        for i in range(n + 1):
            x = x0 + (x1 - x0) * i / n
            sheet.paper(
                polygon(
                    [
                        (x - h * 0.07, y + h * 0.05),
                        (x - h * 0.06, y - h),
                        (x + h * 0.06, y - h * 1.02),
                        (x + h * 0.07, y + h * 0.05),
                    ]
                ),
                wood,
                lighten(wood, -0.06),
                lift=0.3,
            )
    b.anchor("fence", (0.0, y - h, left, y), 0.54)


def _wheat(b: SetBuilder, rng: Random) -> None:
    """Ears of wheat as the frame, high at the sides, swaying."""
    foreground(b, "stubble", rise=0.6, depth=0.86)
    dark = mix(b.palette.near, b.tone(hex_rgb("#d9a441"), 0.8), 0.42)
    for side in (-1.0, 1.0):
        room = b.keep_clear[0] if side < 0 else b.width - b.keep_clear[2]
        tall = b.unit * rng.uniform(0.3, 0.44)
        box = (
            (0.0, b.height - tall * 1.1, room, float(b.height))
            if side < 0
            else (b.width - room, b.height - tall * 1.1, float(b.width), float(b.height))
        )
        life = Life(kind="sway", amplitude=0.8, period_s=4.2 + side * 0.5, phase=rng.random())
        with b.sheet(f"wheat {side:+.0f}", 0.92, life=life, bounds=box) as sheet:
            for k in range(16):
                t = (k + rng.random()) / 16 * 0.85
                x = t * room if side < 0 else b.width - t * room
                h = tall * (1 - 0.62 * t) * rng.uniform(0.7, 1.0)
                lean = -side * h * rng.uniform(0.02, 0.14)
                tone = lighten(dark, rng.uniform(-0.03, 0.05))
                stem = skia.Path()
                stem.moveTo(x, b.height + 6)
                stem.quadTo(x, b.height - h * 0.6, x + lean, b.height - h)
                sheet.line(stem, tone, b.unit * 0.004)
                for j in range(6):
                    px, py = x + lean * (0.72 + 0.06 * j), b.height - h * (0.8 + 0.045 * j)
                    for s in (-1, 1):
                        sheet.flat(
                            leaf(px, py, h * 0.1, -math.pi / 2 + s * 0.5, 0.36), lighten(tone, 0.03 * s)
                        )
                sheet.flat(leaf(x + lean, b.height - h * 1.0, h * 0.1, -math.pi / 2, 0.3), tone)
                sheet.flat(
                    leaf(x, b.height - h * 0.35, h * 0.4, -math.pi / 2 + side * rng.uniform(-0.7, 0.7), 0.12),
                    lighten(tone, -0.03),
                )
