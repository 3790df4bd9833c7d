"""The village: crooked cottages and a church among hills."""

from __future__ import annotations

from random import Random

from kamishibai.papercut.brush import Sheet
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten
from kamishibai.papercut.settings.buildings import (
    ROOFS,
    chimney_smoke,
    cottage,
    fence,
)
from kamishibai.papercut.settings.city import GLOW
from kamishibai.papercut.settings.fields import rolling_hills
from kamishibai.papercut.settings.growth import LEAF_GREENS, draw_tree, foreground, frame_leaves, tufts
from kamishibai.papercut.shapes import blob, hill_line, polygon
from kamishibai.papercut.sky import hang_sky
from kamishibai.papercut.weather import lay_weather, lightning

__all__ = ["village"]


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
                    draw_tree(
                        b,
                        sheet,
                        rng.choice(("round", "oval")),
                        x,
                        line(x) + 4,
                        w * 1.2,
                        depth,
                        rng.choice(LEAF_GREENS),
                        rng,
                    )
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
        b.glow_plane("window glow", 0.4, lit_spots, GLOW, 0.26)
        for x, y, r in lit_spots[:4]:
            b.lamp(x, y, r * 2, GLOW, 0.35, "window")
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
            sheet.flat(
                blob(x, y, b.unit * rng.uniform(0.008, 0.02), b.unit * 0.005, rng, 7),
                b.tone(hex_rgb("#b89a72"), 0.6),
                0.8,
            )
        tufts(b, sheet, ground, 0.6, LEAF_GREENS[0], 12, 0.15, "tufts")
    foreground(b, "foreground", rise=1.1, depth=0.88, growth=rng.choice(("grass", "bush")))
    frame_leaves(b, "bough", float(-side), reach=0.28)
    lay_weather(b, "near")


def _church(
    b: SetBuilder, sheet: Sheet, x: float, base: float, height: float, depth: float, rng: Random
) -> None:
    """A small church with a pointed tower."""
    wall, roof = b.tone(hex_rgb("#efe3cf"), depth), b.tone(rng.choice(ROOFS), depth)
    w = height * 0.2
    s = rng.choice((-1, 1))
    sheet.paper(
        polygon(
            [
                (x, base),
                (x, base - height * 0.34),
                (x + s * w * 2.2, base - height * 0.34),
                (x + s * w * 2.2, base),
            ]
        ),
        lighten(wall, -0.03),
        lift=0.4,
    )
    sheet.paper(
        polygon(
            [
                (x - s * w * 0.1, base - height * 0.33),
                (x + s * w * 0.3, base - height * 0.52),
                (x + s * w * 2.1, base - height * 0.52),
                (x + s * w * 2.4, base - height * 0.33),
            ]
        ),
        roof,
        lift=0.4,
    )
    sheet.paper(
        polygon(
            [
                (x - w / 2, base),
                (x - w / 2, base - height * 0.62),
                (x + w / 2, base - height * 0.62),
                (x + w / 2, base),
            ]
        ),
        wall,
        lighten(wall, -0.06),
        lift=0.5,
    )
    sheet.paper(
        polygon(
            [(x - w * 0.62, base - height * 0.61), (x, base - height), (x + w * 0.62, base - height * 0.61)]
        ),
        roof,
        lighten(roof, -0.05),
        lift=0.4,
    )
    sheet.circle(x, base - height * 0.52, w * 0.2, GLOW if b.dim else lighten(wall, -0.2))
    b.anchor("church", (x - w, base - height, x + w * 2.2, base), depth)
    b.anchor("tower", (x - w / 2, base - height, x + w / 2, base), depth)
