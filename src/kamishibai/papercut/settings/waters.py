"""Open water: the sea's layered paper waves."""

from __future__ import annotations

import math
from random import Random

import skia

from kamishibai.documents.takes import Life
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.shapes import Curve, polygon, sheet_below, wave_line
from kamishibai.papercut.sky import hang_sky
from kamishibai.papercut.weather import lay_weather, lightning

__all__ = ["far_water", "island", "sea", "water_glitter", "wave_sheet"]

_WATER = tuple(hex_rgb(c) for c in ("#7cc6cf", "#5ab4c4", "#3f9db8", "#2f86a8", "#216f95"))


def wave_sheet(
    b: SetBuilder, name: str, depth: float, y: float, height: float, length: float, rgb: tuple[float, float, float],
    *, main: bool = False, foam: float = 0.5, haze: float = 0.35, bottom: float | None = None,
) -> Curve:  # fmt: skip
    """Lay one sheet of pointed waves that glides to and fro; crests are edged with foam."""
    rng = b.dice(name)
    phase, swell = rng.random(), rng.uniform(0, math.tau)
    crest = wave_line(y, height, length, phase)

    def line(x: float) -> float:
        return crest(x) + math.sin(x / length * 0.9 + swell) * height * 0.35

    reach = length * 0.14
    life = Life(
        kind="glide",
        amplitude=reach * 0.5,
        period_s=4.0 + 3.0 * (1 - depth) + rng.random(),
        phase=rng.random(),
    )
    foot = b.height * 1.04 if bottom is None else bottom
    with b.sheet(name, depth, ground=(lambda x: line(x) + height * 0.5), life=life, main=main) as sheet:
        path = sheet_below(line, -b.width * 0.12, b.width * 1.12, foot, max(2.0, length / 22))
        top, low = b.tone(rgb, depth, 0.06), mix(b.tone(rgb, depth, -0.07), b.palette.near, haze)
        sheet.paper(path, top, low, edge=0.5, span=(y - height, y + max(height * 3.4, b.unit * 0.16)))
        b.wash(sheet, path, depth, 0.6)
        if foam > 0:
            pale = mix(b.tone(hex_rgb("#f4fbf6"), depth), top, 0.25)
            under = skia.Path()
            step = max(2.0, length / 22)
            xs = [-b.width * 0.12 + i * step for i in range(int(b.width * 1.24 / step) + 1)]
            under = polygon(
                [(x, line(x)) for x in xs]
                + [
                    (
                        x,
                        line(x)
                        + height * (0.06 + 0.16 * max(0.0, 1 - (line(x) - y + height) / (height * 1.3))),
                    )
                    for x in reversed(xs)
                ]
            )
            sheet.flat(under, pale, foam)
            # a second, thinner cut along the wave, like a fold in the paper
            inner = polygon(
                [(x, line(x) + height * 0.62) for x in xs]
                + [
                    (x, line(x) + height * (0.62 + 0.1 * max(0.0, math.sin(x / length * 2.1 + swell))))
                    for x in reversed(xs)
                ]
            )
            sheet.flat(inner, lighten(top, 0.07), 0.55)
    return line


def water_glitter(b: SetBuilder, top: float, foot: float, depth: float) -> None:
    """Lay the light's broken reflection on the water below it, glittering."""
    rng = b.dice("glitter")
    strength = {"clear": 1.0, "wind": 0.8, "cloudy": 0.45, "snow": 0.4}.get(b.weather, 0.0)
    if strength == 0 or foot <= top:
        return
    life = Life(kind="twinkle", amplitude=0.3, period_s=3.4)
    wide = b.unit * 0.05
    box = (max(0.0, b.light_x - wide * 7), top, min(float(b.width), b.light_x + wide * 7), foot)
    with b.sheet("glitter", depth, shadow=False, life=life, bounds=box, blend="add") as sheet:
        rows = 26
        for i in range(rows):
            t = (i + 0.5) / rows
            y = top + (foot - top) * t**1.5
            for _ in range(3):
                w = wide * (0.5 + 2.4 * t) * rng.uniform(0.35, 1.0)
                x = b.light_x + rng.gauss(0, 1) * wide * (0.4 + 1.5 * t)
                h = b.unit * 0.0016 * (1 + 2.6 * t)
                lens = skia.Path()
                lens.moveTo(x - w, y)
                lens.quadTo(x, y - h, x + w, y)
                lens.quadTo(x, y + h, x - w, y)
                sheet.flat(lens, b.palette.light, strength * rng.uniform(0.25, 0.6) * (1 - 0.6 * t))


def island(b: SetBuilder, depth: float) -> None:
    """A far island or headland, sometimes with a lighthouse."""
    rng = b.dice("island")
    side = -b.side
    cx = b.width * (0.5 + side * rng.uniform(0.22, 0.42))
    w, h = b.unit * rng.uniform(0.22, 0.4), b.unit * rng.uniform(0.05, 0.1)
    y = b.horizon + b.unit * 0.012

    def line(x: float) -> float:
        t = (x - cx) / w
        dome: float = max(0.0, 1 - abs(t)) ** 0.8
        return y - h * dome * (0.75 + 0.25 * math.sin(t * 7 + cx))

    with b.sheet("island", depth, ground=line) as sheet:
        rgb = hex_rgb("#7fa58a")
        house = rng.random() < 0.6
        if house:
            x = cx + w * rng.uniform(-0.25, 0.25)
            top = line(x) - b.unit * 0.1
            n = b.unit * 0.013
            tower = polygon(
                [(x - n, line(x) + n), (x - n * 0.62, top), (x + n * 0.62, top), (x + n, line(x) + n)]
            )
            white, red = b.tone(hex_rgb("#f6efe2"), depth), b.tone(hex_rgb("#cf4f44"), depth)
            sheet.paper(tower, white, lighten(white, -0.06), lift=0.3)
            for k in (0.25, 0.62):
                sheet.rect(
                    (x - n * 0.9, top + (line(x) - top) * k, x + n * 0.9, top + (line(x) - top) * (k + 0.16)),
                    red,
                )
            sheet.rect(
                (x - n * 0.8, top - n * 1.1, x + n * 0.8, top),
                b.tone(hex_rgb("#ffe39a"), depth) if not b.dim else b.palette.light,
            )
            sheet.paper(polygon([(x - n, top - n * 1.1), (x, top - n * 2.3), (x + n, top - n * 1.1)]), red)
            b.anchor("lighthouse", (x - n, top - n * 2.3, x + n, line(x)), depth)
            if b.dim:
                b.lamp(x, top, b.unit * 0.2, b.palette.light, 0.5)
                sheet.glow(x, top - n * 0.5, b.unit * 0.12, b.palette.light, 0.6)
        path = sheet_below(line, cx - w, cx + w, y, w / 40)
        sheet.paper(path, b.tone(rgb, depth, 0.02), mix(b.tone(rgb, depth), b.scheme.mist, 0.5), lift=0.3)
        b.wash(sheet, path, depth, 0.5)
    b.anchor("island", (cx - w, y - h, cx + w, y), depth)


def far_water(b: SetBuilder) -> None:
    """Lay the water's flat sheet from the horizon down."""
    flat = b.horizon
    with b.sheet("far water", 0.1, ground=lambda x: flat) as sheet:
        path = sheet_below(lambda x: flat, -b.width * 0.06, b.width * 1.06, b.height * 1.02, b.width)
        sheet.paper(
            path, b.tone(_WATER[1], 0.14), b.tone(_WATER[3], 0.4), edge=0.4, span=(flat, b.level(0.45))
        )
        b.wash(sheet, path, 0.1, 0.9)


def _sails(b: SetBuilder, rng: Random, depth: float) -> None:
    """One or two small sailing boats on the far water, bobbing."""
    for k in range(rng.choice((1, 1, 2))):
        d = depth + 0.05 * k
        x = b.width * (0.5 + rng.choice((-1, 1)) * rng.uniform(0.14, 0.4))
        y, h = b.level(d) + b.unit * 0.006, b.unit * rng.uniform(0.055, 0.085) * (0.8 + k * 0.4)
        life = Life(kind="bob", amplitude=b.unit * 0.003, period_s=4.4 + k)
        lean = rng.choice((-1, 1))
        sail, hull = (
            b.tone(hex_rgb(rng.choice(("#fbf4e6", "#f0b9a0", "#f2d79a"))), d + 0.16),
            b.tone(hex_rgb("#9a4f42"), d + 0.14),
        )
        box = (x - h, y - h * 1.1, x + h, y + h * 0.1)
        with b.sheet(f"sail {k + 1}", d, life=life, bounds=box) as sheet:
            sheet.paper(
                polygon(
                    [
                        (x - lean * h * 0.03, y - h),
                        (x - lean * h * 0.03, y - h * 0.2),
                        (x - lean * h * 0.5, y - h * 0.2),
                    ]
                ),
                sail,
                lighten(sail, -0.05),
                edge=0.3,
            )
            sheet.paper(
                polygon(
                    [
                        (x + lean * h * 0.04, y - h * 0.86),
                        (x + lean * h * 0.04, y - h * 0.2),
                        (x + lean * h * 0.34, y - h * 0.2),
                    ]
                ),
                lighten(sail, -0.04),
                edge=0.3,
            )
            sheet.paper(
                polygon(
                    [
                        (x - h * 0.5, y - h * 0.17),
                        (x + h * 0.48, y - h * 0.17),
                        (x + h * 0.32, y),
                        (x - h * 0.34, y),
                    ]
                ),
                hull,
                lighten(hull, -0.05),
                edge=0.3,
            )
        b.anchor("boat", box, d)
        b.anchor("ship", box, d)


def _gulls(b: SetBuilder, rng: Random) -> None:
    """A few gulls against the sky, gliding."""
    life = Life(kind="glide", amplitude=b.unit * 0.03, period_s=9.0)
    cx, cy = b.width * (0.5 - b.side * rng.uniform(0.05, 0.35)), b.horizon * rng.uniform(0.4, 0.75)
    box = (
        max(0.0, cx - b.unit * 0.2),
        max(0.0, cy - b.unit * 0.1),
        min(float(b.width), cx + b.unit * 0.2),
        cy + b.unit * 0.1,
    )
    pale = mix(b.tone(hex_rgb("#fbf8f0"), 0.4), b.palette.near, 0.1 if not b.dark else 0.3)
    with b.sheet("gulls", 0.2, shadow=False, life=life, bounds=box) as sheet:
        for _ in range(rng.choice((3, 4, 5))):
            x, y, n = (
                cx + rng.uniform(-0.15, 0.15) * b.unit,
                cy + rng.uniform(-0.06, 0.06) * b.unit,
                b.unit * rng.uniform(0.012, 0.022),
            )
            for s in (-1, 1):
                wing = skia.Path()
                wing.moveTo(x, y)
                wing.quadTo(x + s * n * 0.5, y - n * 0.8, x + s * n * 1.3, y - n * 0.2)
                wing.quadTo(x + s * n * 0.5, y - n * 0.45, x, y + n * 0.22)
                wing.close()
                sheet.flat(wing, pale)


def sea(b: SetBuilder) -> None:
    """Build open sea: a far horizon, an island, and wave upon wave towards the lens."""
    b.medium = "water"
    rng = b.dice("sea")
    hang_sky(b)
    if b.weather == "storm":
        lightning(b)
    rough = {"storm": 1.9, "wind": 1.4, "rain": 1.2}.get(b.weather, 1.0) * (
        1.15 if b.mood in ("tense", "triumphant") else 1.0
    )
    far_water(b)
    if rng.random() < 0.75:
        island(b, 0.12)
    water_glitter(b, b.horizon + b.unit * 0.004, b.level(0.44), 0.16)
    if b.weather not in ("storm", "fog") and rng.random() < 0.75:
        _sails(b, rng, 0.17)
    if not b.dark and b.weather in ("clear", "cloudy", "wind"):
        _gulls(b, rng)
    lay_weather(b, "far")
    for i, depth in enumerate((0.26, 0.36, 0.48)):
        wave_sheet(
            b,
            f"wave {i + 1}",
            depth,
            b.level(depth),
            b.unit * 0.022 * rough * (1 + 0.6 * i),
            b.unit * (0.16 + 0.1 * i),
            _WATER[i + 1],
        )
    wave_sheet(
        b,
        "wave main",
        0.6,
        b.ground_y,
        b.unit * 0.05 * rough,
        b.unit * rng.uniform(0.36, 0.46),
        _WATER[3],
        main=True,
        haze=0.3,
    )
    wave_sheet(
        b,
        "wave near",
        0.76,
        b.ground_y + b.unit * 0.085,
        b.unit * 0.05 * rough,
        b.unit * rng.uniform(0.44, 0.6),
        _WATER[4],
        haze=0.6,
    )
    wave_sheet(
        b,
        "wave front",
        0.9,
        b.ground_y + b.unit * 0.16,
        b.unit * 0.055 * rough,
        b.unit * rng.uniform(0.6, 0.8),
        _WATER[4],
        haze=0.8,
        foam=0.3,
    )
    lay_weather(b, "near")
