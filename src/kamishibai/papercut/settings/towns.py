"""Where people live close together: city, village, street, market, rooftop."""

from __future__ import annotations

import math
from random import Random

import skia

from kamishibai.documents.takes import Life
from kamishibai.papercut.brush import Sheet
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.settings.buildings import (
    ROOFS, awning, block, chimney_smoke, cottage, fence, lamp_post, town_house,
)  # fmt: skip
from kamishibai.papercut.settings.fields import rolling_hills
from kamishibai.papercut.settings.growth import (
    LEAF_GREENS, draw_tree, foreground, frame_leaves, tufts,
)  # fmt: skip
from kamishibai.papercut.shapes import blob, bush, flower, hill_line, polygon, round_crown
from kamishibai.papercut.sky import hang_sky
from kamishibai.papercut.weather import lay_weather, lightning

__all__ = ["city", "market", "rooftop", "skyline", "street", "village"]

_GLOW = hex_rgb("#ffbf6a")
_BLOCKS = tuple(hex_rgb(c) for c in ("#7f93ad", "#9a8fa8", "#8ba3a3", "#b09a94", "#6f86a6", "#a9a9b4"))


def skyline(b: SetBuilder, base: float, *, rows: int = 3, rise: float = 1.0, start: float = 0.1) -> None:
    """Lay rows of tower blocks, paler with distance, lit windows at night."""
    rng = b.dice("skyline")
    for i in range(rows):
        depth = start + 0.1 * i
        with b.sheet(f"skyline {i + 1}", depth) as sheet:
            x = -b.unit * 0.05
            peak = rng.uniform(0.25, 0.75) * b.width
            while x < b.width * 1.03:
                w = b.unit * rng.uniform(0.055, 0.11) * (0.8 + 0.35 * i)
                near = math.exp(-(((x - peak) / (b.width * 0.3)) ** 2))
                tall = b.unit * rise * (0.1 + 0.13 * rng.random() + 0.2 * near * rng.uniform(0.6, 1.0)) * (1.1 - 0.1 * i)
                block(b, sheet, x, x + w, base + b.unit * 0.1, base - tall, depth + 0.04, rng.choice(_BLOCKS), rng, 0.42)
                x += w * rng.uniform(0.96, 1.3)


def city(b: SetBuilder) -> None:
    """Build a city seen from a park: skyline behind skyline, trees, lamps, a bench and a path."""
    rng = b.dice("city")
    hang_sky(b, clouds=0.8)
    if b.weather == "storm":
        lightning(b)
    skyline(b, b.level(0.24), rise={"close": 1.25, "medium": 1.0, "wide": 0.85}[b.view])
    b.anchor("building", (b.width * 0.3, b.horizon - b.unit * 0.2, b.width * 0.7, b.level(0.24)), 0.3, "on", "behind", "near")
    lay_weather(b, "far")
    line = hill_line(b.level(0.4), b.unit * 0.025, b.width, rng, 1.0)
    with b.sheet("park", 0.42, ground=line) as sheet:
        for _ in range(round(9 * b.width / b.unit)):
            x, h = rng.uniform(-0.02, 1.02) * b.width, b.px(rng.uniform(2.2, 3.4), 0.42)
            draw_tree(b, sheet, rng.choice(("round", "oval", "oval")), x, line(x) + 4, h, 0.42, rng.choice(LEAF_GREENS), rng)
        b.land(sheet, line, hex_rgb("#8fb487"), 0.44, haze=0.2)
    lamps: list[tuple[float, float]] = []
    line2 = hill_line(b.level(0.52), b.unit * 0.015, b.width, rng, 0.8)
    with b.sheet("lawn", 0.52, ground=line2) as sheet:
        b.land(sheet, line2, hex_rgb("#83aa72"), 0.52, haze=0.2)
        tufts(b, sheet, line2, 0.52, LEAF_GREENS[0], 14, 0.16, "tufts")
        for side in (-1, 1):
            x = b.width * (0.5 + side * rng.uniform(0.33, 0.42))
            lamps.append(lamp_post(b, sheet, x, line2(x) + b.px(0.25, 0.52), b.px(2.7, 0.52), 0.52))
            b.anchor("lamp", (x - b.px(0.3), lamps[-1][1] - b.px(0.2), x + b.px(0.3), line2(x)), 0.52)
        x = b.keep_clear[0] * 0.62 if lamps and rng.random() < 0.5 else b.width - (b.width - b.keep_clear[2]) * 0.62
        _bench(b, sheet, x, line2(x) + b.px(0.5, 0.52), b.px(1.5, 0.52), 0.52)
    _light_lamps(b, lamps, 0.53)
    flat = b.ground_y - b.unit * 0.03
    with b.sheet("path", 0.6, ground=lambda x: flat + b.unit * 0.035, main=True) as sheet:
        kerb = polygon([(-9, flat), (b.width + 9, flat), (b.width + 9, b.height + 9), (-9, b.height + 9)])
        tone = b.tone(hex_rgb("#d3c3ad"), 0.6)
        sheet.paper(kerb, lighten(tone, 0.03), mix(tone, b.palette.near, 0.4), edge=0.5)
        _flags(b, sheet, flat, rng, lighten(tone, -0.06))
    foreground(b, "shrubs", growth="bush", rise=1.2, depth=0.88)
    if rng.random() < 0.7:
        frame_leaves(b, "bough", -b.side, reach=0.34)
    lay_weather(b, "near")


def _flags(b: SetBuilder, sheet: Sheet, top: float, rng: Random, rgb: tuple[float, float, float]) -> None:
    """Paving seen in perspective."""
    path = skia.Path()
    vx = b.width / 2
    rows = [top + (b.height - top) * t for t in (0.06, 0.2, 0.42, 0.74)]
    for y in rows:
        path.moveTo(0, y)
        path.lineTo(b.width, y)
    for k, (y0, y1) in enumerate(zip(rows, [*rows[1:], b.height * 1.02], strict=True)):
        for i in range(-8, 9):
            x = vx + (i + 0.5 * (k % 2)) * b.unit * 0.22 * (y0 - b.horizon) / (b.ground_y - b.horizon)
            x2 = vx + (x - vx) * (y1 - b.horizon) / (y0 - b.horizon)
            path.moveTo(x, y0)
            path.lineTo(x2, y1)
    sheet.line(path, rgb, b.unit * 0.0022, 0.55)


def _bench(b: SetBuilder, sheet: Sheet, x: float, base: float, width: float, depth: float) -> None:
    """A park bench."""
    wood, iron = b.tone(hex_rgb("#a8703f"), depth), b.tone(hex_rgb("#444a58"), depth)
    h = width * 0.5
    for s in (-1, 1):
        sheet.paper(polygon([(x + s * width * 0.42 - 3, base), (x + s * width * 0.42 - 3, base - h), (x + s * width * 0.42 + 3, base - h), (x + s * width * 0.42 + 3, base)]), iron, lift=0.3)
    for k, t in enumerate((0.98, 0.8, 0.62, 0.4)):
        y = base - h * t
        sheet.paper(polygon([(x - width / 2, y), (x + width / 2, y), (x + width / 2, y + h * 0.12), (x - width / 2, y + h * 0.12)]), lighten(wood, 0.03 if k < 3 else -0.04), lift=0.3)
    b.anchor("bench", (x - width / 2, base - h * 0.5, x + width / 2, base), depth)


def _light_lamps(b: SetBuilder, lamps: list[tuple[float, float]], depth: float, size: float = 1.0) -> None:
    if not b.dim or not lamps:
        return
    r = b.unit * 0.17 * size
    b.glow_plane("lamp glow", depth, [(x, y, r) for x, y in lamps], _GLOW, 0.42)
    for x, y in lamps:
        b.lamp(x, y, r * 2.2, _GLOW, 0.7)


def village(b: SetBuilder) -> None:
    """Build a village on hills: crooked cottages, a church, chimney smoke, a path and a fence."""
    rng = b.dice("village")
    greens = tuple(hex_rgb(c) for c in ("#a9c98f", "#96bd7d", "#88b070", "#93b56a"))
    hang_sky(b)
    if b.weather == "storm":
        lightning(b)
    rolling_hills(b, (0.13,), greens, rise=1.4, wood=1.6)
    lay_weather(b, "far")
    lit_spots: list[tuple[float, float, float]] = []
    for i, depth in enumerate((0.24, 0.36)):
        line = hill_line(b.level(depth) - b.unit * 0.03, b.unit * 0.09, b.width, rng, rng.uniform(0.8, 1.2))
        with b.sheet(f"cottages {i + 1}", depth, ground=line) as sheet:
            if i == 0:
                x = b.width * (0.5 - b.side * rng.uniform(0.1, 0.3))
                _church(b, sheet, x, line(x) + 6, b.unit * 0.3, depth + 0.12, rng)
            count = round((6, 4)[i] * b.width / b.unit * (1.3 if b.view == "wide" else 1.0))
            xs = [(k + rng.uniform(0.2, 0.8)) / count * b.width for k in range(count)]
            for x in sorted(xs, key=lambda _: rng.random()):
                w = b.px((4.4, 3.8)[i], depth) * rng.uniform(0.85, 1.15)
                if i == 1 and not b.clear_of(x, -w * 0.1):
                    continue
                if rng.random() < 0.24:
                    draw_tree(b, sheet, rng.choice(("round", "oval")), x, line(x) + 4, w * 1.2, depth, rng.choice(LEAF_GREENS), rng)
                    continue
                y = line(x) + w * 0.1
                if rng.random() < 0.4:
                    chimney_smoke(b, sheet, x + w * 0.24, y - w * 1.25, w * 0.12, depth, rng)
                places = cottage(b, sheet, x, y, w, depth + 0.08, rng)
                lit_spots += [(px, py, w * 0.45) for px, py in places]
                b.anchor("house", (x - w / 2, y - w * 1.3, x + w / 2, y), depth)
                b.anchor("roof", (x - w / 2, y - w * 1.3, x + w / 2, y - w * 0.6), depth)
            b.land(sheet, line, greens[i + 1], depth, haze=0.35)
    if lit_spots:
        b.glow_plane("window glow", 0.4, lit_spots, _GLOW, 0.26)
        for x, y, r in lit_spots[:4]:
            b.lamp(x, y, r * 2, _GLOW, 0.35, "window")
    line = hill_line(b.level(0.5), b.unit * 0.04, b.width, rng, 0.9)
    with b.sheet("green", 0.5, ground=line) as sheet:
        side = rng.choice((-1, 1))
        x = b.keep_clear[0] * 0.4 if side < 0 else b.width - (b.width - b.keep_clear[2]) * 0.4
        h = b.px(rng.uniform(3.6, 4.6), 0.5)
        draw_tree(b, sheet, "round", x, line(x) + 6, h, 0.5, rng.choice(LEAF_GREENS), rng, 0.9)
        b.anchor("tree", (x - h * 0.3, line(x) - h, x + h * 0.3, line(x)), 0.5)
        b.land(sheet, line, greens[3], 0.5, haze=0.2)
        x0, x1 = (b.keep_clear[2], b.width * 1.02) if side < 0 else (-b.width * 0.02, b.keep_clear[0])
        fence(b, sheet, x0, x1, b.level(0.55), b.px(0.75, 0.54), b.tone(hex_rgb("#f2e7d2"), 0.54), rng)
        b.anchor("fence", (x0, b.level(0.55) - b.px(0.75, 0.54), x1, b.level(0.55)), 0.54)
    ground = hill_line(b.ground_y - b.unit * 0.014, b.unit * 0.03, b.width, rng, 0.8)
    with b.sheet("lane", 0.6, ground=lambda x: ground(x) + b.unit * 0.016, main=True) as sheet:
        b.land(sheet, ground, hex_rgb("#d8bb8c"), 0.6, haze=0.4)
        for _ in range(16):
            x, y = rng.uniform(0, b.width), b.ground_y + b.unit * rng.uniform(0.02, 0.11)
            sheet.flat(blob(x, y, b.unit * rng.uniform(0.008, 0.02), b.unit * 0.005, rng, 7), b.tone(hex_rgb("#b89a72"), 0.6), 0.8)
        tufts(b, sheet, ground, 0.6, LEAF_GREENS[0], 12, 0.15, "tufts")
    foreground(b, "foreground", rise=1.1, depth=0.88, growth=rng.choice(("grass", "bush")))
    frame_leaves(b, "bough", float(-side), reach=0.28)
    lay_weather(b, "near")


def _church(b: SetBuilder, sheet: Sheet, x: float, base: float, height: float, depth: float, rng: Random) -> None:
    """A small church with a pointed tower."""
    wall, roof = b.tone(hex_rgb("#efe3cf"), depth), b.tone(rng.choice(ROOFS), depth)
    w = height * 0.2
    s = rng.choice((-1, 1))
    sheet.paper(polygon([(x, base), (x, base - height * 0.34), (x + s * w * 2.2, base - height * 0.34), (x + s * w * 2.2, base)]), lighten(wall, -0.03), lift=0.4)
    sheet.paper(polygon([(x - s * w * 0.1, base - height * 0.33), (x + s * w * 0.3, base - height * 0.52), (x + s * w * 2.1, base - height * 0.52), (x + s * w * 2.4, base - height * 0.33)]), roof, lift=0.4)
    sheet.paper(polygon([(x - w / 2, base), (x - w / 2, base - height * 0.62), (x + w / 2, base - height * 0.62), (x + w / 2, base)]), wall, lighten(wall, -0.06), lift=0.5)
    sheet.paper(polygon([(x - w * 0.62, base - height * 0.61), (x, base - height), (x + w * 0.62, base - height * 0.61)]), roof, lighten(roof, -0.05), lift=0.4)
    sheet.circle(x, base - height * 0.52, w * 0.2, _GLOW if b.dim else lighten(wall, -0.2))
    b.anchor("church", (x - w, base - height, x + w * 2.2, base), depth)
    b.anchor("tower", (x - w / 2, base - height, x + w / 2, base), depth)


def _row(b: SetBuilder, name: str, depth: float, base: float, rng: Random, tall: float, shop: bool, spare: bool) -> list[tuple[float, float]]:
    """A row of town houses; with `spare` it leaves the middle open. Returns lit places."""
    places: list[tuple[float, float]] = []
    with b.sheet(name, depth) as sheet:
        x = -b.unit * rng.uniform(0.02, 0.1)
        while x < b.width:
            w = b.px(rng.uniform(2.0, 2.9), depth)
            h = b.px(tall, depth) * rng.uniform(0.8, 1.12)
            inside = x + w * 0.75 > b.keep_clear[0] and x + w * 0.25 < b.keep_clear[2]
            if not (spare and inside):
                places += town_house(b, sheet, x, x + w, base, h, depth + 0.06, rng, shop=shop)
                b.anchor("house", (x, base - h, x + w, base), depth)
                b.anchor("roof", (x, base - h * 1.15, x + w, base - h * 0.9), depth)
            x += w * rng.uniform(0.98, 1.05)
    return places


def street(b: SetBuilder) -> None:
    """Build a street: gabled houses both sides of an opening, shops, lamps, cobbles."""
    rng = b.dice("street")
    hang_sky(b, clouds=0.7)
    if b.weather == "storm":
        lightning(b)
    lift = {"close": 0.8, "medium": 1.0, "wide": 1.15}[b.view]
    _row(b, "far houses", 0.2, b.level(0.23), rng, 6.0 * lift, False, False)
    lay_weather(b, "far")
    glow = [(x, y, b.unit * 0.05) for x, y in _row(b, "houses", 0.34, b.level(0.36), rng, 6.2 * lift, True, False)]
    paved = b.level(0.355)
    with b.sheet("pavement", 0.4, ground=lambda x: paved) as sheet:
        tone = b.tone(hex_rgb("#c9b8a6"), 0.46)
        path = polygon([(-9, paved), (b.width + 9, paved), (b.width + 9, b.height + 9), (-9, b.height + 9)])
        sheet.paper(path, mix(tone, b.scheme.mist, 0.2), tone, span=(paved, b.level(0.5)), edge=0.4)
        _flags(b, sheet, paved, rng, lighten(tone, -0.05))
    base = b.level(0.49)
    near = _row(b, "near houses", 0.48, base, rng, 6.6 * lift, True, True)
    glow += [(x, y, b.unit * 0.1) for x, y in near]
    if glow:
        b.glow_plane("window glow", 0.5, glow, _GLOW, 0.22)
        for x, y, r in glow[-5:]:
            b.lamp(x, y, r * 2.5, _GLOW, 0.4, "window")
    flat = b.level(0.488)
    with b.sheet("cobbles", 0.6, ground=lambda x: b.ground_y, main=True) as sheet:
        tone = b.tone(hex_rgb("#b7a89f"), 0.58)
        path = polygon([(-9, flat), (b.width + 9, flat), (b.width + 9, b.height + 9), (-9, b.height + 9)])
        sheet.paper(path, lighten(tone, 0.03), mix(tone, b.palette.near, 0.55), edge=0.4)
        _cobbles(b, sheet, flat, rng, tone)
        if b.dim:
            for x, _, _ in glow[-3:]:
                sheet.glow(x, flat + b.unit * 0.07, b.unit * 0.16, _GLOW, 0.22)
    lamps: list[tuple[float, float]] = []
    with b.sheet("street lamps", 0.66) as sheet:
        for side in (-1, 1):
            x = b.keep_clear[0] * 0.55 if side < 0 else b.width - (b.width - b.keep_clear[2]) * 0.55
            if side == b.side or rng.random() < 0.5:
                lamps.append(lamp_post(b, sheet, x, b.ground_y + b.unit * 0.045, b.px(2.8), 0.68))
                b.anchor("lamp", (x - b.px(0.3), lamps[-1][1], x + b.px(0.3), b.ground_y), 0.66)
    _light_lamps(b, lamps, 0.67, 1.4)
    _street_front(b, rng)
    lay_weather(b, "near")


def _cobbles(b: SetBuilder, sheet: Sheet, top: float, rng: Random, tone: tuple[float, float, float]) -> None:
    """Rows of stones, larger towards the lens."""
    y, row = top + b.unit * 0.012, 0
    light, dark = skia.Path(), skia.Path()
    while y < b.height:
        k = max(0.15, (y - b.horizon) / (b.ground_y - b.horizon))
        w, h = b.unit * 0.085 * k, b.unit * 0.02 * k
        x = -w + (row % 2) * w * 0.5
        while x < b.width + w:
            if rng.random() < 0.5:
                (light if rng.random() < 0.5 else dark).addRoundRect(skia.Rect.MakeXYWH(x + w * 0.06, y + h * 0.1, w * 0.88, h * 0.8), h * 0.4, h * 0.4)
            x += w
        y += h * 1.02
        row += 1
    sheet.flat(light, lighten(tone, 0.06), 0.35)
    sheet.flat(dark, lighten(tone, -0.07), 0.35)


def _street_front(b: SetBuilder, rng: Random) -> None:
    """Planters and a hanging sign as the frame."""
    dark = mix(b.palette.near, b.palette.shade, 0.1)
    with b.sheet("planters", 0.88) as sheet:
        for side in (-1, 1):
            room = b.keep_clear[0] if side < 0 else b.width - b.keep_clear[2]
            w = min(room * 0.9, b.unit * 0.26)
            x = room * 0.28 if side < 0 else b.width - room * 0.28
            top = b.height * 0.9
            for k in range(5):
                sheet.paper(round_crown(x + (k - 2) * w * 0.2, top - w * rng.uniform(0.12, 0.34), w * rng.uniform(0.16, 0.24), rng, 8), lighten(dark, rng.uniform(0.02, 0.07)), dark, lift=0.4, edge=0.2)
            sheet.paper(polygon([(x - w * 0.5, top), (x + w * 0.5, top), (x + w * 0.42, b.height + 9), (x - w * 0.42, b.height + 9)]), lighten(dark, 0.05), dark, lift=0.5, edge=0.3)
    side = -b.side
    x0 = 0.0 if side < 0 else float(b.width)
    n = b.unit * 0.13
    y = b.height * rng.uniform(0.16, 0.26)
    life = Life(kind="sway", amplitude=1.2, period_s=3.8, pivot=(0.5, 0.0))
    cx = x0 - side * n * 1.0
    with b.sheet("sign arm", 0.9) as sheet:
        sheet.paper(polygon([(x0 + side * 9, y - n * 0.06), (x0 - side * n * 1.6, y - n * 0.06), (x0 - side * n * 1.6, y), (x0 + side * 9, y)]), dark, lift=0.4)
    with b.sheet("sign", 0.91, life=life, bounds=(cx - n * 0.7, y, cx + n * 0.7, y + n * 1.25)) as sheet:
        board = skia.Path()
        board.addRoundRect(skia.Rect.MakeLTRB(cx - n * 0.55, y + n * 0.2, cx + n * 0.55, y + n * 1.1), n * 0.18, n * 0.18)
        for s in (-1, 1):
            sheet.rect((cx + s * n * 0.34 - 1.5, y, cx + s * n * 0.34 + 1.5, y + n * 0.22), dark)
        sheet.paper(board, lighten(dark, 0.09), lighten(dark, 0.03), lift=0.4, edge=0.5)
        sheet.flat(flower(cx, y + n * 0.65, n * 0.3, 6), lighten(dark, 0.2))


def market(b: SetBuilder) -> None:
    """Build a market: striped stalls heaped with fruit and flowers, bunting, houses behind."""
    rng = b.dice("market")
    hang_sky(b, clouds=0.7)
    if b.weather == "storm":
        lightning(b)
    lift = {"close": 0.85, "medium": 1.0, "wide": 1.1}[b.view]
    glow = [(x, y, b.unit * 0.04) for x, y in _row(b, "houses", 0.2, b.level(0.24), rng, 5.6 * lift, False, False)]
    lay_weather(b, "far")
    spots: list[tuple[float, float, float]] = list(glow)
    for i, depth in enumerate((0.32, 0.46)):
        base = b.level(depth)
        with b.sheet(f"stalls {i + 1}", depth) as sheet:
            x = b.px(rng.uniform(0.2, 1.2), depth)
            while x < b.width + b.px(1.0, depth):
                w = b.px(rng.uniform(2.1, 2.7), depth)
                inside = x + w * 0.5 > b.keep_clear[0] and x - w * 0.5 < b.keep_clear[2]
                if not (i == 1 and inside):
                    _stall(b, sheet, x, base, w, depth + 0.06, rng)
                    b.anchor("stall", (x - w / 2, base - w, x + w / 2, base), depth)
                    b.anchor("table", (x - w / 2, base - w * 0.4, x + w / 2, base), depth)
                    if b.dim:
                        spots.append((x, base - w * 0.62, w * 0.6))
                x += w * rng.uniform(1.12, 1.3)
            if i == 0:
                path = polygon([(-9, base), (b.width + 9, base), (b.width + 9, b.height + 9), (-9, b.height + 9)])
                tone = b.tone(hex_rgb("#d9c2a0"), 0.4)
                sheet.paper(path, lighten(tone, 0.02), tone, edge=0.3)
    if b.dim and spots:
        b.glow_plane("stall glow", 0.5, spots, _GLOW, 0.34)
        for x, y, r in spots[-4:]:
            b.lamp(x, y, r * 2.2, _GLOW, 0.55)
    _bunting(b, rng)
    flat = b.level(0.47)
    with b.sheet("square", 0.6, ground=lambda x: b.ground_y, main=True) as sheet:
        tone = b.tone(hex_rgb("#d6bd98"), 0.58)
        path = polygon([(-9, flat), (b.width + 9, flat), (b.width + 9, b.height + 9), (-9, b.height + 9)])
        sheet.paper(path, lighten(tone, 0.03), mix(tone, b.palette.near, 0.5), edge=0.3)
        _cobbles(b, sheet, flat, rng, tone)
        for _ in range(4):
            x = rng.uniform(0.04, 0.96) * b.width
            if b.clear_of(x, b.px(0.4)):
                y, w = b.ground_y + b.px(rng.uniform(-0.2, 0.1)), b.px(rng.uniform(0.5, 0.7))
                _bucket(b, sheet, x, y, w, 0.6, rng)
                b.anchor("basket", (x - w / 2, y - w, x + w / 2, y), 0.6)
    _flower_front(b, rng)
    lay_weather(b, "near")


def _stall(b: SetBuilder, sheet: Sheet, x: float, base: float, w: float, depth: float, rng: Random) -> None:
    """One stall: posts, a striped roof, a counter with heaped wares."""
    h, counter = w * 0.95, w * 0.36
    wood = b.tone(hex_rgb("#a97850"), depth)
    back = b.tone(hex_rgb("#6a4a4c"), depth, -0.03)
    if b.dim:
        back = mix(back, _GLOW, 0.35)
    sheet.rect((x - w * 0.45, base - h * 0.9, x + w * 0.45, base - counter), back, 0.92)
    if b.dim:
        sheet.glow(x, base - h * 0.6, w * 0.5, _GLOW, 0.5)
    for s in (-1, 1):
        sheet.paper(polygon([(x + s * w * 0.45 - w * 0.02, base), (x + s * w * 0.45 - w * 0.02, base - h), (x + s * w * 0.45 + w * 0.02, base - h), (x + s * w * 0.45 + w * 0.02, base)]), wood, edge=0.2)
    kind = rng.choice(("fruit", "flowers", "fruit", "flowers", "jars"))
    hues = rng.sample(("#e2574c", "#f2a33c", "#f4cf55", "#8fb54a", "#b3568f", "#ee8fa8"), 4)
    for k, hue in enumerate(hues):
        cx, r = x + w * (-0.33 + 0.22 * k), w * 0.052
        rgb = b.tone(hex_rgb(hue), depth)
        for row in range(3):
            for j in range(3 - row):
                px, py = cx + (j - (2 - row) / 2) * r * 1.7, base - counter - r * (0.6 + 1.35 * row)
                if kind == "flowers":
                    sheet.flat(flower(px, py - r * 1.0, r * 1.25, 6, rng.random()), lighten(rgb, rng.uniform(-0.04, 0.04)))
                    sheet.circle(px, py - r, r * 0.3, b.tone(hex_rgb("#f7e3a0"), depth))
                elif kind == "jars":
                    sheet.rect((px - r * 0.7, py - r * 1.2, px + r * 0.7, py + r * 0.5), lighten(rgb, rng.uniform(-0.04, 0.04)), 1.0, r * 0.3)
                else:
                    sheet.circle(px, py, r, lighten(rgb, rng.uniform(-0.05, 0.04)))
    sheet.paper(polygon([(x - w * 0.5, base - counter), (x + w * 0.5, base - counter), (x + w * 0.48, base), (x - w * 0.48, base)]), lighten(wood, 0.05), lighten(wood, -0.06), lift=0.4)
    for k in range(1, 5):
        cut = skia.Path()
        cut.moveTo(x - w * 0.5 + w * k / 5, base - counter)
        cut.lineTo(x - w * 0.48 + w * 0.96 * k / 5, base)
        sheet.line(cut, lighten(wood, -0.08), max(1.0, w * 0.006), 0.7)
    awning(b, sheet, x - w * 0.5, x + w * 0.5, base - h * 1.08, h * 0.26, depth, b.tone(hex_rgb(rng.choice(("#d9564a", "#3f8f8f", "#e39a3c", "#7d6bb0", "#4f8a5f"))), depth), 8)


def _bucket(b: SetBuilder, sheet: Sheet, x: float, y: float, w: float, depth: float, rng: Random) -> None:
    """A bucket of cut flowers."""
    rgb = b.tone(hex_rgb(rng.choice(("#ee8fa8", "#f2a33c", "#e2574c", "#b79cdc", "#f7efd9"))), depth)
    green = b.tone(LEAF_GREENS[2], depth)
    for _ in range(9):
        px, py = x + rng.uniform(-0.42, 0.42) * w, y - w * rng.uniform(0.62, 1.05)
        stem = skia.Path()
        stem.moveTo(x, y - w * 0.4)
        stem.lineTo(px, py)
        sheet.line(stem, green, max(1.0, w * 0.02))
        sheet.flat(flower(px, py, w * 0.14, 6, rng.random()), lighten(rgb, rng.uniform(-0.05, 0.05)))
        sheet.circle(px, py, w * 0.035, b.tone(hex_rgb("#f7e3a0"), depth))
    pail = b.tone(hex_rgb("#8fa3ad"), depth)
    sheet.paper(polygon([(x - w * 0.34, y - w * 0.5), (x + w * 0.34, y - w * 0.5), (x + w * 0.26, y), (x - w * 0.26, y)]), lighten(pail, 0.05), lighten(pail, -0.08), lift=0.5)


def _bunting(b: SetBuilder, rng: Random) -> None:
    """Strings of flags across the square, swaying; lights at night."""
    hues = ("#e2574c", "#f4c04f", "#4f9aa6", "#f7efd9", "#8a6fb5")
    spots: list[tuple[float, float, float]] = []
    for k in range(2):
        y0, y1 = b.height * rng.uniform(0.06, 0.2), b.height * rng.uniform(0.06, 0.2)
        sag = b.unit * rng.uniform(0.07, 0.12)
        life = Life(kind="bob", amplitude=b.unit * 0.004, period_s=4.0 + k)
        with b.sheet(f"bunting {k + 1}", 0.54 + 0.1 * k, life=life, bounds=(0, 0, b.width, b.height * 0.4)) as sheet:
            count = round(13 * b.width / b.unit)
            cord = skia.Path()
            for i in range(count + 1):
                t = i / count
                x, y = t * b.width, y0 + (y1 - y0) * t + sag * 4 * t * (1 - t)
                if i == 0:
                    cord.moveTo(x, y)
                else:
                    cord.lineTo(x, y)
                n = b.unit * 0.03
                if b.dim and k == 1:
                    sheet.circle(x, y + n * 0.3, n * 0.24, _GLOW)
                    spots.append((x, y + n * 0.3, n * 1.6))
                else:
                    rgb = b.tone(hex_rgb(hues[i % len(hues)]), 0.56 + 0.08 * k)
                    sheet.paper(polygon([(x - n * 0.5, y), (x + n * 0.5, y), (x, y + n * 1.15)]), rgb, lighten(rgb, -0.05), lift=0.15, edge=0.15)
            sheet.line(cord, b.tone(hex_rgb("#6b5560"), 0.6), b.unit * 0.002)
    b.glow_plane("string lights", 0.65, spots, _GLOW, 0.5)


def _flower_front(b: SetBuilder, rng: Random) -> None:
    """Big dark-leaved flowers in the lower corners."""
    dark = mix(b.palette.near, b.tone(LEAF_GREENS[2], 0.75), 0.35)
    hues = [hex_rgb(c) for c in rng.sample(("#ee6f7c", "#f2a33c", "#f7d9e0", "#c98fd0", "#f4cf55"), 2)]
    with b.sheet("front flowers", 0.9) as sheet:
        for side in (-1, 1):
            room = b.keep_clear[0] if side < 0 else b.width - b.keep_clear[2]
            x0 = 0.0 if side < 0 else float(b.width)
            for k in range(4):
                x = x0 - side * room * (0.08 + 0.22 * k)
                w = b.unit * rng.uniform(0.14, 0.22)
                sheet.paper(bush(x, b.height + 9, w * 1.4, b.unit * rng.uniform(0.1, 0.18) * (1.2 - 0.2 * k), rng, 7), lighten(dark, 0.03), dark, lift=0.4, edge=0.2)
            for _ in range(6):
                x, y = x0 - side * room * rng.uniform(0.02, 0.75), b.height - b.unit * rng.uniform(0.02, 0.15)
                r, rgb = b.unit * rng.uniform(0.018, 0.034), b.tone(rng.choice(hues), 0.66)
                sheet.paper(flower(x, y, r, rng.choice((6, 8)), rng.random()), lighten(rgb, 0.03), lift=0.2, edge=0.2)
                sheet.circle(x, y, r * 0.26, b.tone(hex_rgb("#f2c552"), 0.66))


def rooftop(b: SetBuilder) -> None:
    """Build a roof terrace above a city: skyline beyond, parapet, water tank, chimneys, strings of lights."""
    rng = b.dice("rooftop")
    hang_sky(b, clouds=0.8)
    if b.weather == "storm":
        lightning(b)
    skyline(b, b.level(0.36), rise={"close": 1.15, "medium": 0.95, "wide": 0.8}[b.view])
    b.anchor("building", (b.width * 0.3, b.horizon - b.unit * 0.2, b.width * 0.7, b.level(0.24)), 0.3, "on", "behind", "near")
    lay_weather(b, "far")
    with b.sheet("near roofs", 0.42) as sheet:
        for side in (-1, 1):
            x = b.width * (0.5 + side * rng.uniform(0.3, 0.4))
            w = b.unit * rng.uniform(0.26, 0.34)
            block(b, sheet, x - w / 2, x + w / 2, b.height, b.level(0.3) - b.unit * rng.uniform(0.0, 0.08), 0.42, rng.choice(_BLOCKS), rng, 0.5, crown=False)
            _water_tank(b, sheet, x, b.level(0.3) - b.unit * 0.0, b.unit * 0.13, 0.44) if side == b.side else None
    top = b.level(0.5)
    brick = hex_rgb(rng.choice(("#a8604f", "#94707a", "#a9826a")))
    with b.sheet("parapet", 0.52) as sheet:
        tone = b.tone(brick, 0.52)
        wall_top = top - b.px(0.55, 0.52)
        _chimney(b, sheet, b.width * (0.5 - b.side * rng.uniform(0.36, 0.42)), wall_top + 6, b.px(1.3, 0.52), tone, rng)
        path = polygon([(-9, wall_top), (b.width + 9, wall_top), (b.width + 9, b.height), (-9, b.height)])
        sheet.paper(path, lighten(tone, 0.03), lighten(tone, -0.08), span=(wall_top, top), edge=0)
        _bricks(sheet, b, wall_top, top, lighten(tone, -0.06))
        cap = b.px(0.09, 0.52)
        sheet.paper(polygon([(-9, wall_top - cap), (b.width + 9, wall_top - cap), (b.width + 9, wall_top + cap * 0.4), (-9, wall_top + cap * 0.4)]), lighten(tone, 0.1), lift=0.3)
    b.anchor("wall", (0.0, wall_top, float(b.width), top), 0.52)
    b.anchor("ledge", (0.0, wall_top - cap, float(b.width), wall_top), 0.52)
    with b.sheet("roof", 0.6, ground=lambda x: b.ground_y, main=True) as sheet:
        tone = b.tone(hex_rgb("#a8a09f"), 0.6)
        path = polygon([(-9, top), (b.width + 9, top), (b.width + 9, b.height + 9), (-9, b.height + 9)])
        sheet.paper(path, tone, mix(tone, b.palette.near, 0.55), edge=0.4)
        _flags(b, sheet, top, rng, lighten(tone, -0.06))
    _terrace(b, rng)
    lay_weather(b, "near")


def _water_tank(b: SetBuilder, sheet: Sheet, x: float, base: float, size: float, depth: float) -> None:
    wood = b.tone(hex_rgb("#8a5f4a"), depth)
    legs = skia.Path()
    for k in (-0.36, -0.12, 0.12, 0.36):
        legs.moveTo(x + k * size, base)
        legs.lineTo(x + k * size, base - size * 0.5)
    sheet.line(legs, lighten(wood, -0.1), size * 0.05)
    sheet.paper(polygon([(x - size * 0.48, base - size * 0.42), (x - size * 0.46, base - size * 1.2), (x + size * 0.46, base - size * 1.2), (x + size * 0.48, base - size * 0.42)]), lighten(wood, 0.04), lighten(wood, -0.05), lift=0.5)
    for t in (0.6, 0.85, 1.08):
        sheet.rect((x - size * 0.48, base - size * t, x + size * 0.48, base - size * t + size * 0.035), lighten(wood, -0.1), 0.8)
    sheet.paper(polygon([(x - size * 0.54, base - size * 1.18), (x, base - size * 1.6), (x + size * 0.54, base - size * 1.18)]), lighten(wood, -0.05), lift=0.4)


def _chimney(b: SetBuilder, sheet: Sheet, x: float, base: float, h: float, tone: tuple[float, float, float], rng: Random) -> None:
    w = h * 0.42
    sheet.paper(polygon([(x - w / 2, base), (x - w / 2, base - h), (x + w / 2, base - h), (x + w / 2, base)]), lighten(tone, 0.02), lighten(tone, -0.08), lift=0.6)
    sheet.paper(polygon([(x - w * 0.62, base - h), (x - w * 0.62, base - h * 1.1), (x + w * 0.62, base - h * 1.1), (x + w * 0.62, base - h)]), lighten(tone, 0.06), lift=0.3)
    for s in (-0.22, 0.22):
        sheet.paper(polygon([(x + s * w - w * 0.13, base - h * 1.1), (x + s * w - w * 0.1, base - h * 1.32), (x + s * w + w * 0.1, base - h * 1.32), (x + s * w + w * 0.13, base - h * 1.1)]), lighten(tone, -0.04))
    b.anchor("chimney", (x - w / 2, base - h * 1.3, x + w / 2, base), 0.52)
    chimney_smoke(b, sheet, x, base - h * 1.4, w * 0.3, 0.5, rng)


def _bricks(sheet: Sheet, b: SetBuilder, top: float, foot: float, rgb: tuple[float, float, float]) -> None:
    h = max(6.0, (foot - top) / 6)
    w = h * 2.5
    path = skia.Path()
    rows = int((foot - top) / h) + 1
    for r in range(rows):
        y = top + r * h
        path.moveTo(0, y)
        path.lineTo(b.width, y)
        x = (r % 2) * w / 2
        while x < b.width:
            path.moveTo(x, y)
            path.lineTo(x, y + h)
            x += w
    sheet.line(path, rgb, max(1.0, b.unit * 0.0016), 0.5)


def _terrace(b: SetBuilder, rng: Random) -> None:
    """Strings of lamps overhead and plants at the sides."""
    spots: list[tuple[float, float, float]] = []
    dark = mix(b.palette.near, b.palette.shade, 0.1)
    life = Life(kind="bob", amplitude=b.unit * 0.003, period_s=5.0)
    with b.sheet("strings", 0.7, life=life, bounds=(0, 0, b.width, b.height * 0.5)) as sheet:
        for _ in range(2):
            y0, y1, sag = b.height * rng.uniform(0.02, 0.16), b.height * rng.uniform(0.02, 0.16), b.unit * rng.uniform(0.06, 0.11)
            count = round(11 * b.width / b.unit)
            cord = skia.Path()
            for i in range(count * 2 + 1):
                t = i / (count * 2)
                x, y = t * b.width, y0 + (y1 - y0) * t + sag * 4 * t * (1 - t)
                if i == 0:
                    cord.moveTo(x, y)
                else:
                    cord.lineTo(x, y)
                if i % 2:
                    r = b.unit * 0.0085
                    sheet.circle(x, y + r * 1.3, r, _GLOW if b.dim else b.tone(hex_rgb("#ffeec2"), 0.6))
                    if b.dim:
                        spots.append((x, y + r, r * 5.5))
            sheet.line(cord, dark, b.unit * 0.002)
    b.glow_plane("string lights", 0.71, spots, _GLOW, 0.4, 0.1, 3.0)
    if b.dim:
        b.lamp(b.width * 0.3, b.height * 0.2, b.unit * 0.5, _GLOW, 0.35)
        b.lamp(b.width * 0.7, b.height * 0.2, b.unit * 0.5, _GLOW, 0.35)
    with b.sheet("pots", 0.86) as sheet:
        for side in (-1, 1):
            room = b.keep_clear[0] if side < 0 else b.width - b.keep_clear[2]
            w = min(room * 0.75, b.unit * 0.2) * rng.uniform(0.8, 1.1)
            x = room * 0.3 if side < 0 else b.width - room * 0.3
            base, top = b.height + 6, b.height - w * 0.62
            for k in range(9):
                a = -math.pi / 2 + (k - 4) * 0.24
                n = w * rng.uniform(1.0, 1.6)
                path = skia.Path()
                path.moveTo(x - w * 0.03, top)
                path.quadTo(x + math.cos(a) * n * 0.4 - w * 0.05, top + math.sin(a) * n * 0.8, x + math.cos(a) * n, top + math.sin(a) * n * 0.8)
                path.quadTo(x + math.cos(a) * n * 0.4 + w * 0.06, top + math.sin(a) * n * 0.6, x + w * 0.03, top)
                sheet.paper(path, lighten(dark, rng.uniform(0.02, 0.07)), edge=0.15)
            sheet.paper(polygon([(x - w * 0.4, top), (x + w * 0.4, top), (x + w * 0.3, base), (x - w * 0.3, base)]), lighten(dark, 0.06), dark, lift=0.5, edge=0.3)
