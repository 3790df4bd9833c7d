"""The street and the market: rows of gabled houses, shops, stalls, lamps and cobbles."""

from __future__ import annotations

from random import Random

import skia

from kamishibai.documents.takes import Life
from kamishibai.papercut.brush import Sheet
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.settings.buildings import (
    awning,
    lamp_post,
    town_house,
)
from kamishibai.papercut.settings.city import GLOW, light_lamps, paving
from kamishibai.papercut.settings.growth import LEAF_GREENS
from kamishibai.papercut.shapes import bush, flower, polygon, round_crown
from kamishibai.papercut.sky import hang_sky
from kamishibai.papercut.weather import lay_weather, lightning

__all__ = ["market", "street"]


def _row(
    b: SetBuilder, name: str, depth: float, base: float, rng: Random, tall: float, shop: bool, spare: bool
) -> list[tuple[float, float]]:
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
    glow = [
        (x, y, b.unit * 0.05) for x, y in _row(b, "houses", 0.34, b.level(0.36), rng, 6.2 * lift, True, False)
    ]
    paved = b.level(0.355)
    with b.sheet("pavement", 0.4, ground=lambda x: paved) as sheet:
        tone = b.tone(hex_rgb("#c9b8a6"), 0.46)
        path = polygon([(-9, paved), (b.width + 9, paved), (b.width + 9, b.height + 9), (-9, b.height + 9)])
        sheet.paper(path, mix(tone, b.scheme.mist, 0.2), tone, span=(paved, b.level(0.5)), edge=0.4)
        paving(b, sheet, paved, rng, lighten(tone, -0.05))
    base = b.level(0.49)
    near = _row(b, "near houses", 0.48, base, rng, 6.6 * lift, True, True)
    glow += [(x, y, b.unit * 0.1) for x, y in near]
    if glow:
        b.glow_plane("window glow", 0.5, glow, GLOW, 0.22)
        for x, y, r in glow[-5:]:
            b.lamp(x, y, r * 2.5, GLOW, 0.4, "window")
    flat = b.level(0.488)
    with b.sheet("cobbles", 0.6, ground=lambda x: b.ground_y, main=True) as sheet:
        tone = b.tone(hex_rgb("#b7a89f"), 0.58)
        path = polygon([(-9, flat), (b.width + 9, flat), (b.width + 9, b.height + 9), (-9, b.height + 9)])
        sheet.paper(path, lighten(tone, 0.03), mix(tone, b.palette.near, 0.55), edge=0.4)
        _cobbles(b, sheet, flat, rng, tone)
        if b.dim:
            for x, _, _ in glow[-3:]:
                sheet.glow(x, flat + b.unit * 0.07, b.unit * 0.16, GLOW, 0.22)
    lamps: list[tuple[float, float]] = []
    with b.sheet("street lamps", 0.66) as sheet:
        for side in (-1.0, 1.0):
            x = b.keep_clear[0] * 0.55 if side < 0 else b.width - (b.width - b.keep_clear[2]) * 0.55
            if side == b.side or rng.random() < 0.5:
                lamps.append(lamp_post(b, sheet, x, b.ground_y + b.unit * 0.045, b.px(2.8), 0.68))
                b.anchor("lamp", (x - b.px(0.3), lamps[-1][1], x + b.px(0.3), b.ground_y), 0.66)
    light_lamps(b, lamps, 0.67, 1.4)
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
                (light if rng.random() < 0.5 else dark).addRoundRect(
                    skia.Rect.MakeXYWH(x + w * 0.06, y + h * 0.1, w * 0.88, h * 0.8), h * 0.4, h * 0.4
                )
            x += w
        y += h * 1.02
        row += 1
    sheet.flat(light, lighten(tone, 0.06), 0.35)
    sheet.flat(dark, lighten(tone, -0.07), 0.35)


def _street_front(b: SetBuilder, rng: Random) -> None:
    """Planters and a hanging sign as the frame."""
    dark = mix(b.palette.near, b.palette.shade, 0.1)
    with b.sheet("planters", 0.88) as sheet:
        for side in (-1.0, 1.0):
            room = b.keep_clear[0] if side < 0 else b.width - b.keep_clear[2]
            w = min(room * 0.9, b.unit * 0.26)
            x = room * 0.28 if side < 0 else b.width - room * 0.28
            top = b.front_y
            for k in range(5):
                sheet.paper(
                    round_crown(
                        x + (k - 2) * w * 0.2,
                        top - w * rng.uniform(0.12, 0.34),
                        w * rng.uniform(0.16, 0.24),
                        rng,
                        8,
                    ),
                    lighten(dark, rng.uniform(0.02, 0.07)),
                    dark,
                    lift=0.4,
                    edge=0.2,
                )
            sheet.paper(
                polygon(
                    [
                        (x - w * 0.5, top),
                        (x + w * 0.5, top),
                        (x + w * 0.42, b.height + 9),
                        (x - w * 0.42, b.height + 9),
                    ]
                ),
                lighten(dark, 0.05),
                dark,
                lift=0.5,
                edge=0.3,
            )
    side = -b.side
    x0 = 0.0 if side < 0 else float(b.width)
    n = min(b.unit * 0.13, (b.keep_clear[0] if side < 0 else b.width - b.keep_clear[2]) * 0.58)
    y = b.height * rng.uniform(0.16, 0.26)
    life = Life(kind="sway", amplitude=1.2, period_s=3.8, pivot=(0.5, 0.0))
    cx = x0 - side * n * 1.0
    with b.sheet("sign arm", 0.9) as sheet:
        sheet.paper(
            polygon(
                [
                    (x0 + side * 9, y - n * 0.06),
                    (x0 - side * n * 1.6, y - n * 0.06),
                    (x0 - side * n * 1.6, y),
                    (x0 + side * 9, y),
                ]
            ),
            dark,
            lift=0.4,
        )
    with b.sheet("sign", 0.91, life=life, bounds=(cx - n * 0.7, y, cx + n * 0.7, y + n * 1.25)) as sheet:
        board = skia.Path()
        board.addRoundRect(
            skia.Rect.MakeLTRB(cx - n * 0.55, y + n * 0.2, cx + n * 0.55, y + n * 1.1), n * 0.18, n * 0.18
        )
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
    glow = [
        (x, y, b.unit * 0.04) for x, y in _row(b, "houses", 0.2, b.level(0.24), rng, 5.6 * lift, False, False)
    ]
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
                path = polygon(
                    [(-9, base), (b.width + 9, base), (b.width + 9, b.height + 9), (-9, b.height + 9)]
                )
                tone = b.tone(hex_rgb("#d9c2a0"), 0.4)
                sheet.paper(path, lighten(tone, 0.02), tone, edge=0.3)
    if b.dim and spots:
        b.glow_plane("stall glow", 0.5, spots, GLOW, 0.34)
        for x, y, r in spots[-4:]:
            b.lamp(x, y, r * 2.2, GLOW, 0.55)
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
        back = mix(back, GLOW, 0.35)
    sheet.rect((x - w * 0.45, base - h * 0.9, x + w * 0.45, base - counter), back, 0.92)
    if b.dim:
        sheet.glow(x, base - h * 0.6, w * 0.5, GLOW, 0.5)
    for s in (-1, 1):
        sheet.paper(
            polygon(
                [
                    (x + s * w * 0.45 - w * 0.02, base),
                    (x + s * w * 0.45 - w * 0.02, base - h),
                    (x + s * w * 0.45 + w * 0.02, base - h),
                    (x + s * w * 0.45 + w * 0.02, base),
                ]
            ),
            wood,
            edge=0.2,
        )
    kind = rng.choice(("fruit", "flowers", "fruit", "flowers", "jars"))
    hues = rng.sample(("#e2574c", "#f2a33c", "#f4cf55", "#8fb54a", "#b3568f", "#ee8fa8"), 4)
    for k, hue in enumerate(hues):
        cx, r = x + w * (-0.33 + 0.22 * k), w * 0.052
        rgb = b.tone(hex_rgb(hue), depth)
        for row in range(3):
            for j in range(3 - row):
                px, py = cx + (j - (2 - row) / 2) * r * 1.7, base - counter - r * (0.6 + 1.35 * row)
                if kind == "flowers":
                    sheet.flat(
                        flower(px, py - r * 1.0, r * 1.25, 6, rng.random()),
                        lighten(rgb, rng.uniform(-0.04, 0.04)),
                    )
                    sheet.circle(px, py - r, r * 0.3, b.tone(hex_rgb("#f7e3a0"), depth))
                elif kind == "jars":
                    sheet.rect(
                        (px - r * 0.7, py - r * 1.2, px + r * 0.7, py + r * 0.5),
                        lighten(rgb, rng.uniform(-0.04, 0.04)),
                        1.0,
                        r * 0.3,
                    )
                else:
                    sheet.circle(px, py, r, lighten(rgb, rng.uniform(-0.05, 0.04)))
    sheet.paper(
        polygon(
            [
                (x - w * 0.5, base - counter),
                (x + w * 0.5, base - counter),
                (x + w * 0.48, base),
                (x - w * 0.48, base),
            ]
        ),
        lighten(wood, 0.05),
        lighten(wood, -0.06),
        lift=0.4,
    )
    for k in range(1, 5):
        cut = skia.Path()
        cut.moveTo(x - w * 0.5 + w * k / 5, base - counter)
        cut.lineTo(x - w * 0.48 + w * 0.96 * k / 5, base)
        sheet.line(cut, lighten(wood, -0.08), max(1.0, w * 0.006), 0.7)
    awning(
        b,
        sheet,
        x - w * 0.5,
        x + w * 0.5,
        base - h * 1.08,
        h * 0.26,
        depth,
        b.tone(hex_rgb(rng.choice(("#d9564a", "#3f8f8f", "#e39a3c", "#7d6bb0", "#4f8a5f"))), depth),
        8,
    )


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
    sheet.paper(
        polygon(
            [(x - w * 0.34, y - w * 0.5), (x + w * 0.34, y - w * 0.5), (x + w * 0.26, y), (x - w * 0.26, y)]
        ),
        lighten(pail, 0.05),
        lighten(pail, -0.08),
        lift=0.5,
    )


def _bunting(b: SetBuilder, rng: Random) -> None:
    """Strings of flags across the square, swaying; lights at night."""
    hues = ("#e2574c", "#f4c04f", "#4f9aa6", "#f7efd9", "#8a6fb5")
    spots: list[tuple[float, float, float]] = []
    for k in range(2):
        y0, y1 = b.height * rng.uniform(0.06, 0.2), b.height * rng.uniform(0.06, 0.2)
        sag = b.unit * rng.uniform(0.07, 0.12)
        life = Life(kind="bob", amplitude=b.unit * 0.004, period_s=4.0 + k)
        with b.sheet(
            f"bunting {k + 1}", 0.54 + 0.1 * k, life=life, bounds=(0, 0, b.width, b.height * 0.4)
        ) as sheet:
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
                    sheet.circle(x, y + n * 0.3, n * 0.24, GLOW)
                    spots.append((x, y + n * 0.3, n * 1.6))
                else:
                    rgb = b.tone(hex_rgb(hues[i % len(hues)]), 0.56 + 0.08 * k)
                    sheet.paper(
                        polygon([(x - n * 0.5, y), (x + n * 0.5, y), (x, y + n * 1.15)]),
                        rgb,
                        lighten(rgb, -0.05),
                        lift=0.15,
                        edge=0.15,
                    )
            sheet.line(cord, b.tone(hex_rgb("#6b5560"), 0.6), b.unit * 0.002)
    b.glow_plane("string lights", 0.65, spots, GLOW, 0.5)


def _flower_front(b: SetBuilder, rng: Random) -> None:
    """Big dark-leaved flowers in the lower corners."""
    dark = mix(b.palette.near, b.tone(LEAF_GREENS[2], 0.75), 0.35)
    hues = [hex_rgb(c) for c in rng.sample(("#ee6f7c", "#f2a33c", "#f7d9e0", "#c98fd0", "#f4cf55"), 2)]
    with b.sheet("front flowers", 0.9) as sheet:
        for side in (-1.0, 1.0):
            room = b.keep_clear[0] if side < 0 else b.width - b.keep_clear[2]
            x0 = 0.0 if side < 0 else float(b.width)
            for k in range(4):
                x = x0 - side * room * (0.08 + 0.22 * k)
                w = b.unit * rng.uniform(0.14, 0.22)
                sheet.paper(
                    bush(x, b.height + 9, w * 1.4, b.unit * rng.uniform(0.1, 0.18) * (1.2 - 0.2 * k), rng, 7),
                    lighten(dark, 0.03),
                    dark,
                    lift=0.4,
                    edge=0.2,
                )
            for _ in range(6):
                x, y = x0 - side * room * rng.uniform(0.02, 0.75), b.height - b.unit * rng.uniform(0.02, 0.15)
                r, rgb = b.unit * rng.uniform(0.018, 0.034), b.tone(rng.choice(hues), 0.66)
                sheet.paper(
                    flower(x, y, r, rng.choice((6, 8)), rng.random()), lighten(rgb, 0.03), lift=0.2, edge=0.2
                )
                sheet.circle(x, y, r * 0.26, b.tone(hex_rgb("#f2c552"), 0.66))
