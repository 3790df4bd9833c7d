"""A room at home: papered wall, window on the hour outside, furniture, lamp, rug."""

from __future__ import annotations

import math
from random import Random

import skia

from kamishibai.papercut.brush import Sheet, argb, linear
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.parts import Box, Rgb
from kamishibai.papercut.settings.buildings import arch
from kamishibai.papercut.settings.furnishings import (
    frame_plant,
    outside,
    picture,
    quad,
    rug,
    wall_with_holes,
    window_dressing,
)
from kamishibai.papercut.settings.furniture import (
    LAMP,
    arm_chair,
    bed,
    book_case,
    books,
    dresser,
    fireplace,
    floor_lamp,
    side_table,
    tall_clock,
)
from kamishibai.papercut.shapes import polygon

__all__ = ["boards", "light_patch", "room"]

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
        path = polygon(
            [
                (a0 + shift * 0.14, top + n * 0.12),
                (a1 + shift * 0.14, top + n * 0.12),
                (a1 + shift * 0.6 + w * 0.2, top + n * 0.62),
                (a0 + shift * 0.6 - w * 0.1, top + n * 0.62),
            ]
        )
        paint = skia.Paint(
            AntiAlias=True,
            Shader=linear(0, top, 0, top + n * 0.65, ((0, argb(rgb, alpha)), (1, argb(rgb, alpha * 0.25)))),
        )
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
        sheet.paper(
            quad(
                -9,
                panel + (box[3] - panel if panel < box[3] + b.unit * 0.03 else 0) + b.unit * 0.03,
                b.width + 9,
                floor + 9,
            ),
            lighten(mix(tone, frame, 0.5), 0.02),
            lighten(tone, -0.05),
            edge=0.4,
        )
        sheet.paper(quad(-9, floor - b.unit * 0.028, b.width + 9, floor + 2), lighten(frame, 0.0), edge=0.3)
    with b.sheet("window", 0.34) as sheet:
        _wall_pieces(b, sheet, rng, floor, box)
        window_dressing(b, sheet, box, frame, curtains=b.tone(cloth, 0.5), round_=round_)
    b.anchor("window", box, 0.34, "on", "in", "under", "beside", "near")
    b.anchor("windowsill", (box[0], box[3] - 2, box[2], box[3] + b.unit * 0.02), 0.34)
    with b.sheet("floor", 0.46, ground=lambda x: floor) as sheet:
        boards(b, sheet, floor, hex_rgb(rng.choice(("#b98a5e", "#a8744e", "#c79d70"))))
        light_patch(b, sheet, box, floor)
    spots = _furnish(b, rng, floor, cloth, box)
    with b.sheet("rug", 0.6, shadow=False, ground=lambda x: b.ground_y, main=True) as sheet:
        rx = min(b.unit * {"close": 0.56, "medium": 0.44, "wide": 0.3}[b.view], b.width * 0.48)
        rug(
            b,
            sheet,
            b.focus_x,
            b.ground_y + b.unit * 0.014,
            rx,
            b.unit * {"close": 0.075, "medium": 0.055, "wide": 0.04}[b.view],
            hex_rgb(rng.choice(_CLOTHS)),
        )
    b.anchor(
        "rug", (b.focus_x - rx, b.ground_y - b.unit * 0.03, b.focus_x + rx, b.ground_y + b.unit * 0.07), 0.6
    )
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
                        dots.addOval(
                            skia.Rect.MakeLTRB(
                                px - step * 0.04, py - step * 0.08, px + step * 0.04, py + step * 0.08
                            )
                        )
        sheet.flat(dots, mark, 0.7)
    sheet.canvas.restore()


def _furnish(b: SetBuilder, rng: Random, floor: float, cloth: Rgb, window: Box) -> list[tuple[float, float]]:
    """Stand furniture along the wall, low pieces before the window; return the places of lamps and fires."""
    depth = 0.49
    base = b.level(depth)
    m = b.px(1.0, depth) * {"close": 1.0, "medium": 1.15, "wide": 1.65}[b.view]
    side = -b.side
    spots: list[tuple[float, float]] = []
    fire = (b.dim or b.mood == "tender") and rng.random() < 0.6
    tall = ["case", "clock", "fire"] if fire else ["case", "clock"]
    low = ["dresser", "chair", "table"]
    rng.shuffle(tall)
    rng.shuffle(low)
    wide = {"bed": 2.6, "case": 1.7, "clock": 0.6, "fire": 1.7, "dresser": 1.3, "chair": 1.3, "table": 1.6}
    # From the far side of the wall towards the window: the bed or a tall piece first.
    order = (["bed"] if rng.random() < 0.6 else []) + [tall[0], low[0], *tall[1:], low[1], low[2]]
    x = (-m * 0.35 if side < 0 else b.width + m * 0.35) + side * rng.uniform(0.0, 0.3) * m
    with b.sheet("furniture", depth) as sheet:
        for kind in order:
            w = wide[kind] * m
            cx = x - side * w / 2
            if (cx - b.width / 2) * side > b.width / 2 - w * 0.3:  # the first piece may be cut, not lost
                cx = b.width / 2 + side * (b.width / 2 - w * 0.3)
                x = cx + side * w / 2
            if (cx - b.width / 2) * -side > b.width / 2 + w * 0.3:
                break
            before_window = window[0] - m * 0.5 < cx + w / 2 and cx - w / 2 < window[2] + m * 0.5
            if kind in tall and before_window:
                continue
            if kind == "bed":
                bed(b, sheet, cx, base, w, depth, side, cloth, rng)
            elif kind == "case":
                book_case(
                    b,
                    sheet,
                    cx - w / 2,
                    cx + w / 2,
                    base - m * 2.2,
                    base,
                    depth,
                    rng,
                    rows=5,
                    wood=hex_rgb("#95633f"),
                )
                b.anchor(
                    "shelf",
                    (cx - w / 2, base - m * 2.2, cx + w / 2, base),
                    depth,
                    "on",
                    "in",
                    "beside",
                    "under",
                    "near",
                )
                b.anchor("bookshelf", (cx - w / 2, base - m * 2.2, cx + w / 2, base), depth)
            elif kind == "clock":
                tall_clock(b, sheet, cx, base, m * 2.1, depth, rng)
            elif kind == "fire":
                spots.append(fireplace(b, sheet, cx, base, w, depth))
            elif kind == "dresser":
                dresser(b, sheet, cx, base, w, depth, rng)
            elif kind == "chair":
                arm_chair(b, sheet, cx, base, w, depth, cloth)
            else:
                side_table(b, sheet, cx, base, w, m * 0.8, depth)
                books(b, sheet, cx - w * 0.36, cx - w * 0.02, base - m * 0.8, m * 0.28, depth, rng)
                spots.append(floor_lamp(b, sheet, cx + w * 0.26, base - m * 0.8, m * 0.72, depth, cloth))
            if kind in ("bed", "chair") and len(spots) < 2:
                lx = cx - side * (w / 2 + m * 0.3)
                spots.append(
                    floor_lamp(b, sheet, lx, base - b.unit * 0.008, m * 1.75, depth, hex_rgb("#f2dcae"))
                )
                x -= side * m * 0.6
            x -= side * (w + m * rng.uniform(0.2, 0.45))
    return spots if b.dim or b.weather in ("rain", "storm") else []


def _wall_pieces(b: SetBuilder, sheet: Sheet, rng: Random, floor: float, window: Box) -> None:
    """Pictures in a loose group beside the window."""
    n = floor * 0.17
    side = -b.side
    x = (window[0] if side < 0 else window[2]) + side * n * 2.1
    for k in range(rng.choice((2, 3, 4))):
        w, h = n * rng.uniform(0.7, 1.1), n * rng.uniform(0.7, 1.0)
        y = floor * (0.3 + 0.13 * (k % 2)) + rng.uniform(-0.02, 0.02) * floor
        if n < x < b.width - n * 0.2:
            picture(b, sheet, x, y, w, h, 0.46, rng)
            b.anchor("picture", (x - w / 2, y - h / 2, x + w / 2, y + h / 2), 0.34)
        x += side * n * rng.uniform(1.3, 1.7)


def _room_front(b: SetBuilder, rng: Random, cloth: Rgb) -> None:
    """A plant on one side, a curtain's edge or a chair back on the other, dark and close."""
    dark = mix(b.palette.near, b.palette.shade, 0.1)
    with b.sheet("front plant", 0.88) as sheet:
        room_w = b.keep_clear[0] if b.side < 0 else b.width - b.keep_clear[2]
        x = room_w * 0.22 if b.side < 0 else b.width - room_w * 0.22
        frame_plant(b, sheet, x, b.side, room_w, rng, mix(dark, b.tone(hex_rgb("#5f8a6c"), 0.8), 0.3))
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
