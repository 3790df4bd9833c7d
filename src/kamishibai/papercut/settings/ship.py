"""On the deck of a sailing ship at sea."""

from __future__ import annotations

import math
from random import Random

import skia

from kamishibai.papercut.brush import Sheet
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.settings.waters import far_water, island, water_glitter, wave_sheet
from kamishibai.papercut.shapes import polygon
from kamishibai.papercut.sky import hang_sky
from kamishibai.papercut.weather import lay_weather, lightning

__all__ = ["ship"]

_WOOD = hex_rgb("#b07a4a")
_GLOW = hex_rgb("#ffbf6a")


def ship(b: SetBuilder) -> None:
    """Build a deck: sea and rail behind, a mast with sail and rigging, barrels, a wheel, a lantern."""
    rng = b.dice("ship")
    hang_sky(b)
    if b.weather == "storm":
        lightning(b)
    far_water(b)
    if rng.random() < 0.6:
        island(b, 0.12)
    water_glitter(b, b.horizon + b.unit * 0.004, b.level(0.36), 0.16)
    rough = {"storm": 1.9, "wind": 1.4}.get(b.weather, 1.0)
    for i, depth in enumerate((0.24, 0.33)):
        wave_sheet(
            b,
            f"wave {i + 1}",
            depth,
            b.level(depth),
            b.unit * 0.02 * rough * (1 + 0.5 * i),
            b.unit * (0.16 + 0.1 * i),
            hex_rgb(("#4fb0c2", "#3a97b4")[i]),
        )
    lay_weather(b, "far")
    deck_y = b.level(0.5)
    tilt = rng.uniform(-0.025, 0.025) * b.unit
    _rigging(b, rng, deck_y)
    with b.sheet("deck", 0.6, ground=lambda x: b.ground_y + tilt * (x / b.width - 0.5), main=True) as sheet:
        _rail(b, sheet, deck_y, rng)
        tone = b.tone(_WOOD, 0.58)
        path = polygon([(-9, deck_y), (b.width + 9, deck_y), (b.width + 9, b.height + 9), (-9, b.height + 9)])
        sheet.paper(path, lighten(tone, 0.05), mix(tone, b.palette.near, 0.5), edge=0.4)
        planks = skia.Path()
        vx = b.width * 0.5
        for i in range(-16, 17):
            k = (b.height - b.horizon) / (deck_y - b.horizon)
            planks.moveTo(vx + i * b.unit * 0.085, deck_y)
            planks.lineTo(vx + i * b.unit * 0.085 * k, b.height)
        sheet.line(planks, lighten(tone, -0.09), b.unit * 0.0026, 0.6)
        nails = skia.Path()
        for _ in range(26):
            i, t = rng.randrange(-9, 9), rng.random()
            y = deck_y + (b.height - deck_y) * t
            k = (y - b.horizon) / (deck_y - b.horizon)
            x = vx + (i + 0.5) * b.unit * 0.085 * k
            nails.moveTo(x - b.unit * 0.035 * k, y)
            nails.lineTo(x + b.unit * 0.035 * k, y)
        sheet.line(nails, lighten(tone, -0.09), b.unit * 0.0022, 0.5)
        _cargo(b, sheet, rng)
    _wheel_or_rope(b, rng)
    lay_weather(b, "near")


def _rail(b: SetBuilder, sheet: Sheet, deck_y: float, rng: Random) -> None:
    """The bulwark with its turned posts."""
    wood = b.tone(hex_rgb("#8f5a38"), 0.52)
    h = b.px(0.62, 0.52)
    step = h * 0.42
    x = -step * rng.random()
    while x < b.width + step:
        w = step * 0.2
        post = skia.Path()
        post.moveTo(x - w, deck_y)
        post.cubicTo(
            x - w * 0.2, deck_y - h * 0.3, x - w * 1.9, deck_y - h * 0.5, x - w * 0.6, deck_y - h * 0.92
        )
        post.lineTo(x + w * 0.6, deck_y - h * 0.92)
        post.cubicTo(x + w * 1.9, deck_y - h * 0.5, x + w * 0.2, deck_y - h * 0.3, x + w, deck_y)
        post.close()
        sheet.paper(post, lighten(wood, 0.03), lighten(wood, -0.05), lift=0.25, edge=0.3)
        x += step
    for y, t in ((deck_y - h, 0.15), (deck_y - h * 0.06, 0.14)):
        sheet.paper(
            polygon(
                [
                    (-9, y - h * t / 2),
                    (b.width + 9, y - h * t / 2),
                    (b.width + 9, y + h * t / 2),
                    (-9, y + h * t / 2),
                ]
            ),
            lighten(wood, 0.06),
            lighten(wood, -0.03),
            lift=0.4,
        )
    for name in ("rail", "railing", "ledge"):
        b.anchor(name, (0.0, deck_y - h, float(b.width), deck_y), 0.52)


def _rigging(b: SetBuilder, rng: Random, deck_y: float) -> None:
    """A mast with its furled or swelling sail and shrouds, off to one side; a second beyond the frame."""
    side = -b.side
    left, _, right, _ = b.keep_clear
    mx = b.width - (b.width - right) * 0.72 if side > 0 else left * 0.72
    wood = b.tone(hex_rgb("#7d5136"), 0.5)
    sail = b.tone(hex_rgb("#f6ecd6"), 0.48)
    w = b.px(0.16, 0.5)
    top = -b.height * 0.05
    with b.sheet("rigging", 0.5) as sheet:
        ropes = skia.Path()
        for k in range(4):  # shrouds with ratlines
            foot = mx + side * b.px(0.5 + 0.42 * k, 0.5)
            ropes.moveTo(foot, deck_y)
            ropes.lineTo(mx + side * w * 0.5, b.height * 0.02)
        for i in range(1, 16):
            t = i / 16
            y = deck_y + (b.height * 0.02 - deck_y) * t
            ropes.moveTo(mx + side * (b.px(0.5, 0.5) * (1 - t) + w * 0.5 * t), y)
            ropes.lineTo(mx + side * (b.px(1.76, 0.5) * (1 - t) + w * 0.5 * t), y)
        stay = b.width - mx
        ropes.moveTo(mx, b.height * 0.02)
        ropes.lineTo(stay, deck_y - b.px(0.6, 0.5))
        sheet.line(ropes, b.tone(hex_rgb("#5d4436"), 0.46), b.unit * 0.0026, 0.85)
        yard_y = b.height * rng.uniform(0.1, 0.16)
        n = b.unit * {"close": 0.5, "medium": 0.44, "wide": 0.3}[b.view]
        x0, x1 = mx - n * 0.62, mx + n * 0.62
        drop = b.unit * {"close": 0.3, "medium": 0.26, "wide": 0.2}[b.view]
        cloth = skia.Path()
        cloth.moveTo(x0 + n * 0.06, yard_y)
        cloth.lineTo(x1 - n * 0.06, yard_y)
        cloth.quadTo(x1 + n * 0.1, yard_y + drop * 0.6, x1, yard_y + drop)
        cloth.quadTo(mx, yard_y + drop * 0.72, x0, yard_y + drop)
        cloth.quadTo(x0 - n * 0.02, yard_y + drop * 0.6, x0 + n * 0.06, yard_y)
        sheet.paper(cloth, lighten(sail, 0.02), mix(lighten(sail, -0.08), b.palette.far, 0.2), lift=0.8)
        seams = skia.Path()
        for k in range(1, 5):
            sx = x0 + (x1 - x0) * k / 5
            seams.moveTo(sx, yard_y)
            seams.quadTo(sx + n * 0.03, yard_y + drop * 0.5, sx, yard_y + drop * 0.86)
        sheet.line(seams, lighten(sail, -0.1), b.unit * 0.002, 0.7)
        if rng.random() < 0.6:
            stripe = b.tone(hex_rgb(rng.choice(("#d0584a", "#3f7f98"))), 0.48)
            sheet.canvas.save()
            sheet.canvas.clipPath(cloth, skia.ClipOp.kIntersect, True)
            for k in (1, 3):
                sheet.rect(
                    (x0 + (x1 - x0) * k / 5, yard_y, x0 + (x1 - x0) * (k + 1) / 5, yard_y + drop * 1.2),
                    stripe,
                    0.85,
                )
            sheet.canvas.restore()
        sheet.paper(
            polygon(
                [
                    (x0, yard_y - w * 0.32),
                    (x1, yard_y - w * 0.32),
                    (x1, yard_y + w * 0.2),
                    (x0, yard_y + w * 0.2),
                ]
            ),
            wood,
            lift=0.4,
        )
        mast = polygon(
            [
                (mx - w * 0.62, deck_y + b.unit * 0.02),
                (mx - w * 0.42, top),
                (mx + w * 0.42, top),
                (mx + w * 0.62, deck_y + b.unit * 0.02),
            ]
        )
        sheet.paper(mast, lighten(wood, 0.04), lighten(wood, -0.04), lift=0.6)
        for t in (0.3, 0.52, 0.8):
            y = deck_y * t
            sheet.rect((mx - w * 0.66, y, mx + w * 0.66, y + w * 0.3), lighten(wood, -0.1), 0.9, w * 0.1)
        ly = deck_y - b.px(1.5, 0.5)
        lx = mx - side * w * 1.5
        _lantern(b, sheet, lx, ly, w * 1.1)
    if b.dim:
        b.glow_plane("lantern glow", 0.52, [(lx, ly, b.unit * 0.2)], _GLOW, 0.5)
        b.lamp(lx, ly, b.unit * 0.5, _GLOW, 0.75)
    b.anchor("mast", (mx - w, 0.0, mx + w, deck_y), 0.5)
    b.anchor("sail", (x0, yard_y, x1, yard_y + drop), 0.5)


def _lantern(b: SetBuilder, sheet: Sheet, x: float, y: float, r: float) -> None:
    dark = b.tone(hex_rgb("#3d3a44"), 0.55)
    shine = _GLOW if b.dim else b.tone(hex_rgb("#f8e4b0"), 0.55)
    sheet.line(skia.Path.Circle(x, y - r * 1.25, r * 0.3), dark, r * 0.12)
    sheet.rect((x - r * 0.5, y - r * 0.7, x + r * 0.5, y + r * 0.6), shine, 1.0, r * 0.2)
    sheet.paper(
        polygon(
            [
                (x - r * 0.62, y - r * 0.66),
                (x - r * 0.25, y - r * 1.05),
                (x + r * 0.25, y - r * 1.05),
                (x + r * 0.62, y - r * 0.66),
            ]
        ),
        dark,
        edge=0.3,
    )
    sheet.rect((x - r * 0.6, y + r * 0.55, x + r * 0.6, y + r * 0.8), dark)
    for s in (-0.5, 0.0, 0.5):
        sheet.rect((x + s * r - r * 0.05, y - r * 0.7, x + s * r + r * 0.05, y + r * 0.6), dark)


def _cargo(b: SetBuilder, sheet: Sheet, rng: Random) -> None:
    """Barrels and a chest beside the subject's place."""
    left, _, right, _ = b.keep_clear
    side = b.side
    x = left * 0.45 if side < 0 else b.width - (b.width - right) * 0.45
    y = b.level(0.555)
    wood, iron = b.tone(hex_rgb("#a36a3e"), 0.56), b.tone(hex_rgb("#55545f"), 0.56)
    for dx, dy, k in ((0.3 * side, -0.02, 1.0), (-0.36 * side, 0.06, 0.86)):
        bx, by, h = x + dx * b.px(1.0), y + dy * b.px(1.0), b.px(0.92 * k, 0.56)
        w = h * 0.38
        path = skia.Path()
        path.moveTo(bx - w * 0.78, by)
        path.quadTo(bx - w * 1.25, by - h / 2, bx - w * 0.78, by - h)
        path.lineTo(bx + w * 0.78, by - h)
        path.quadTo(bx + w * 1.25, by - h / 2, bx + w * 0.78, by)
        path.close()
        sheet.paper(path, lighten(wood, 0.05), lighten(wood, -0.07), lift=0.7)
        sheet.canvas.save()
        sheet.canvas.clipPath(path, skia.ClipOp.kIntersect, True)
        for t in (0.12, 0.3, 0.64, 0.82):
            sheet.rect((bx - w * 1.3, by - h * t - h * 0.07, bx + w * 1.3, by - h * t), iron)
        staves = skia.Path()
        for s in (-0.6, -0.2, 0.2, 0.6):
            staves.moveTo(bx + s * w, by)
            staves.quadTo(bx + s * w * 1.5, by - h / 2, bx + s * w, by - h)
        sheet.line(staves, lighten(wood, -0.1), max(1.0, w * 0.03), 0.7)
        sheet.canvas.restore()
        b.anchor("barrel", (bx - w, by - h, bx + w, by), 0.56)


def _wheel_or_rope(b: SetBuilder, rng: Random) -> None:
    """The helm, or a coil of rope, dark and close to the lens; ropes hanging into the frame."""
    dark = mix(b.palette.near, b.tone(hex_rgb("#6b4630"), 0.8), 0.35)
    side = -b.side if rng.random() < 0.5 else b.side
    room = b.keep_clear[0] if side < 0 else b.width - b.keep_clear[2]
    x0 = 0.0 if side < 0 else float(b.width)
    with b.sheet("helm", 0.84) as sheet:
        r = min(room * 0.62, b.unit * 0.21)
        x, y = x0 - side * room * 0.3, b.front_y - b.height * 0.06
        turn = rng.uniform(0, 0.7)
        sheet.paper(
            polygon(
                [
                    (x - r * 0.3, b.height + 9),
                    (x - r * 0.16, y),
                    (x + r * 0.16, y),
                    (x + r * 0.3, b.height + 9),
                ]
            ),
            lighten(dark, 0.02),
            dark,
            lift=0.4,
        )
        spokes = skia.Path()
        for k in range(8):
            a = turn + math.tau * k / 8
            spokes.moveTo(x, y)
            spokes.lineTo(x + math.cos(a) * r * 1.2, y + math.sin(a) * r * 1.2)
        sheet.line(spokes, lighten(dark, 0.04), r * 0.09)
        ring = skia.Path()
        ring.addCircle(x, y, r * 0.95)
        ring.addCircle(x, y, r * 0.76)
        ring.setFillType(skia.PathFillType.kEvenOdd)
        sheet.paper(ring, lighten(dark, 0.07), lighten(dark, 0.02), lift=0.5, edge=0.4)
        sheet.paper(skia.Path.Circle(x, y, r * 0.2), lighten(dark, 0.09), lift=0.3)
        b.anchor("wheel", (x - r, y - r, x + r, y + r), 0.84)
        b.anchor("helm", (x - r, y - r, x + r, y + r), 0.84)
    with b.sheet("front ropes", 0.92) as sheet:
        ropes = skia.Path()
        s = -side
        ox = 0.0 if s < 0 else float(b.width)
        room2 = b.keep_clear[0] if s < 0 else b.width - b.keep_clear[2]
        for k in range(3):
            ropes.moveTo(ox - s * room2 * (0.12 + 0.3 * k), -9)
            ropes.lineTo(ox + s * 9 - s * room2 * 0.1 * k, b.height * (1.02 - 0.02 * k))
        for i in range(1, 12):
            t = i / 12
            xa = ox - s * room2 * 0.12 * (1 - t)
            xb = ox - s * room2 * (0.72 * (1 - t) + 0.2 * t)
            ropes.moveTo(xa, b.height * t)
            ropes.lineTo(xb, b.height * t)
        sheet.line(ropes, dark, b.unit * 0.007)
        low = max(b.keep_clear[3] + b.unit * 0.012, b.front_y)
        sheet.paper(
            polygon(
                [
                    (-9, low),
                    (b.width + 9, low + b.unit * 0.008),
                    (b.width + 9, b.height + 9),
                    (-9, b.height + 9),
                ]
            ),
            lighten(dark, 0.03),
            dark,
            edge=0.3,
        )
