"""Country under snow: white hills, laden firs, a cabin with lit windows."""

from __future__ import annotations

import math
from random import Random

import skia

from kamishibai.papercut.brush import Sheet
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.settings.buildings import chimney_smoke, cottage, fence
from kamishibai.papercut.settings.mountains import peaks
from kamishibai.papercut.shapes import (
    bare_tree,
    blob,
    hill_line,
    pine,
    sheet_below,
    smooth,
)  # fmt: skip
from kamishibai.papercut.sky import hang_sky
from kamishibai.papercut.weather import lay_weather, lightning

__all__ = ["snow"]

_SNOW = hex_rgb("#f4f8fb")


def snow(b: SetBuilder) -> None:
    """Build a winter country: white hills, laden firs, a cabin with lit windows."""
    rng = b.dice("snow")
    hang_sky(b, clouds=0.8)
    if b.weather == "storm":
        lightning(b)
    white = tuple(hex_rgb(c) for c in ("#dfeaf3", "#e6eff6", "#eef4f9", "#f4f8fb", "#f9fbfc"))
    if rng.random() < 0.5:
        peaks(
            b,
            "range",
            0.08,
            b.level(0.2),
            b.unit * {"close": 0.14, "medium": 0.2, "wide": 0.26}[b.view],
            rng,
            4,
            0.3,
        )
    spots: list[tuple[float, float, float]] = []
    lodge = rng.choice((1, 2))
    for i, depth in enumerate((0.15, 0.25, 0.36)):
        line = hill_line(
            b.level(depth) - b.unit * 0.035, b.unit * (0.11 - 0.015 * i), b.width, rng, rng.uniform(0.8, 1.2)
        )
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
        for side in (-1.0, 1.0):
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
            x, y, n = (
                rng.uniform(0, b.width),
                b.ground_y + b.unit * rng.uniform(0.03, 0.12),
                b.unit * rng.uniform(0.08, 0.2),
            )
            sheet.flat(
                smooth([(x - n, y), (x - n * 0.2, y - n * 0.045), (x + n, y), (x, y + n * 0.012)]), blue, 0.35
            )
    _snow_bank(b, rng)
    lay_weather(b, "near")


def _snowy_fir(
    b: SetBuilder, sheet: Sheet, x: float, base: float, height: float, depth: float, rng: Random
) -> None:
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
    low = max(foot + b.unit * 0.01, b.front_y)
    with b.sheet("snow bank", 0.88) as sheet:
        for side in (-1.0, 1.0):
            x0 = 0.0 if side < 0 else float(b.width)
            room = left if side < 0 else b.width - right
            x = x0 - side * room * rng.uniform(0.2, 0.6)
            twig = bare_tree(x, b.height, b.unit * rng.uniform(0.2, 0.34), rng, b.unit * 0.012)
            sheet.flat(twig, b.palette.near)
        bank_l, bank_r = rng.uniform(0.08, 0.2) * b.unit, rng.uniform(0.08, 0.2) * b.unit

        def line(x: float) -> float:
            a: float = max(0.0, 1 - x / (left * 1.5)) ** 1.6 * bank_l
            c: float = max(0.0, 1 - (b.width - x) / ((b.width - right) * 1.5)) ** 1.6 * bank_r
            return low - a - c + math.sin(x / b.unit * 4) * b.unit * 0.005

        path = sheet_below(line, -b.width * 0.05, b.width * 1.05, b.height * 1.02, b.width / 80)
        sheet.paper(path, lighten(dark, 0.05), mix(dark, b.palette.near, 0.35), edge=0.5)
        for _ in range(5):
            x = rng.uniform(0, b.width)
            sheet.flat(
                blob(x, line(x) + b.unit * 0.03, b.unit * 0.03, b.unit * 0.006, rng), lighten(dark, 0.07), 0.5
            )
