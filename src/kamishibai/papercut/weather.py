"""What falls and drifts through a scene: rain, snow, fog, wind-blown leaves, and a storm's lightning."""

from __future__ import annotations

from random import Random

import skia

from kamishibai.documents.takes import Life
from kamishibai.papercut.brush import Sheet
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, mix
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.shapes import leaf, polygon

__all__ = ["fog_band", "lay_weather", "lightning"]


def lay_weather(b: SetBuilder, stage: str) -> None:
    """Add the weather's planes: `stage` "far" lies behind the subject, "near" before it."""
    near = stage == "near"
    if b.weather in ("rain", "storm"):
        _rain(b, 0.9 if near else 0.45, near)
    elif b.weather == "snow":
        _snow(b, 0.92 if near else 0.45, near)
        if not near:
            _snow(b, 0.3, False, tiny=True)
    elif b.weather == "wind" and near:
        _leaves(b)
    elif b.weather == "fog":
        if near:
            _behind_frame(b, "fog near", 0.72, b.ground_y + b.unit * 0.02, b.unit * 0.2, 0.42)
        else:
            fog_band(b, "fog far", 0.5, b.level(0.42), b.unit * 0.34, 0.75)
    if b.weather == "clear" and b.mood == "mysterious" and near:
        # It hangs right behind the clearing and holds still, so that it costs no sheet of its own.
        fog_band(b, "mist", 0.52, b.ground_y - b.unit * 0.02, b.unit * 0.14, 0.2 if b.dark else 0.26)
        b.planes.insert(b.main, b.planes.pop())
        b.main += 1


def _behind_frame(b: SetBuilder, name: str, depth: float, y: float, height: float, alpha: float) -> None:
    """Add a band of fog right before the main plane: the dark frame stands in front of it."""
    fog_band(b, name, depth, y, height, alpha)
    b.planes.insert(b.main + 1, b.planes.pop())


def fog_band(b: SetBuilder, name: str, depth: float, y: float, height: float, alpha: float) -> None:
    """Add a band of fog, drifting on a foggy day, whose thick part lies at `y`; it tiles with the canvas's width."""
    rng = b.dice(name)
    rgb = mix(b.scheme.mist, b.palette.light, 0.3 if not b.dark else 0.1)
    drift = rng.choice((-1, 1)) * b.unit * 0.008
    life = Life(kind="drift", velocity_px_s=(drift, 0.0)) if b.weather == "fog" else None
    top, foot = max(0.0, y - height), min(float(b.height), y + height * 0.7)
    with b.sheet(name, depth, shadow=False, life=life, bounds=(0, top, b.width, foot)) as sheet:
        sheet.fade((0, top, b.width, y), rgb, 0.0, alpha * 0.7)
        sheet.fade((0, y, b.width, foot), rgb, alpha * 0.7, 0.0)
        for _ in range(7):
            x, r = rng.uniform(0, b.width), height * rng.uniform(0.8, 1.5)
            cy = y + height * rng.uniform(-0.2, 0.1)
            for dx in (-b.width, 0, b.width):
                sheet.canvas.save()
                sheet.canvas.translate(x + dx, cy)
                sheet.canvas.scale(2.3, 0.42)
                sheet.glow(0, 0, r * 0.9, rgb, alpha * 0.55)
                sheet.canvas.restore()


def _wrapped(b: SetBuilder, x: float, y: float, dx: float, dy: float) -> list[tuple[float, float]]:
    """Places of a mark that reaches (dx, dy) beyond (x, y), repeated where the tile wraps."""
    return [
        (x + ox, y + oy)
        for ox in (-b.width, 0, b.width) for oy in (-b.height, 0, b.height)
        if -abs(dx) <= x + ox <= b.width + abs(dx) and -abs(dy) <= y + oy <= b.height + abs(dy)
    ]  # fmt: skip


def _rain(b: SetBuilder, depth: float, near: bool) -> None:
    rng = b.dice(f"rain {depth}")
    storm = b.weather == "storm"
    slant = rng.choice((-1, 1)) * (0.34 if storm else 0.14)
    speed = b.unit * (1.5 if near else 1.0) * (1.3 if storm else 1.0)
    length = b.unit * (0.075 if near else 0.042)
    count = round((55 if near else 120) * (1.4 if storm else 1.0) * b.width / b.height)
    rgb = mix(b.palette.horizon, (1.0, 1.0, 1.0), 0.5)
    life = Life(kind="fall", velocity_px_s=(slant * speed, speed))
    tile = (0.0, 0.0, float(b.width), float(b.height))
    with b.sheet("rain near" if near else "rain far", depth, shadow=False, life=life, bounds=tile) as sheet:
        path = skia.Path()
        for _ in range(count):
            x, y = rng.uniform(0, b.width), rng.uniform(0, b.height)
            n = length * rng.uniform(0.6, 1.1)
            for px, py in _wrapped(b, x, y, n * slant, n):
                path.moveTo(px, py)
                path.lineTo(px - n * slant, py - n)
        sheet.line(path, rgb, b.unit * (0.0024 if near else 0.0015), 0.42 if near else 0.3)


def _snow(b: SetBuilder, depth: float, near: bool, tiny: bool = False) -> None:
    rng = b.dice(f"snow {depth}")
    count = round((34 if near else 170 if tiny else 90) * b.width / b.height)
    size = b.unit * (0.0085 if near else 0.0022 if tiny else 0.0042)
    speed = b.unit * (0.13 if near else 0.04 if tiny else 0.075)
    life = Life(kind="fall", velocity_px_s=(speed * rng.uniform(-0.35, 0.35), speed))
    tile = (0.0, 0.0, float(b.width), float(b.height))
    pale = mix((1.0, 1.0, 1.0), b.palette.horizon, 0.2 if not b.dark else 0.35)
    name = "snow near" if near else "snow tiny" if tiny else "snow far"
    with b.sheet(name, depth, shadow=False, life=life, bounds=tile) as sheet:
        for _ in range(count):
            x, y = rng.uniform(0, b.width), rng.uniform(0, b.height)
            r = size * rng.uniform(0.5, 1.1)
            left, _, right, _ = b.keep_clear
            dim = 0.5 if near and left < x < right else 0.9
            for px, py in _wrapped(b, x, y, r, r):
                if near:
                    sheet.glow(px, py, r * 1.7, pale, 0.75 * dim)
                sheet.circle(px, py, r * 0.8, pale, dim * (0.75 if near else 0.85))


def _leaves(b: SetBuilder) -> None:
    rng = b.dice("leaves")
    way = rng.choice((-1, 1))
    life = Life(kind="fall", velocity_px_s=(way * b.unit * 0.34, b.unit * 0.06))
    tile = (0.0, 0.0, float(b.width), float(b.height))
    colours = [hex_rgb(c) for c in ("#e2a13c", "#d2703a", "#b9b04a", "#8aa84e")]
    if b.setting in ("snow", "sea", "ship", "sky", "mountains", "desert", "beach"):
        colours = [mix(b.palette.horizon, (1.0, 1.0, 1.0), 0.5)]
    with b.sheet("leaves", 0.85, shadow=False, life=life, bounds=tile) as sheet:
        for _ in range(round(20 * b.width / b.height)):
            x, y, n = rng.uniform(0, b.width), rng.uniform(0, b.height), b.unit * rng.uniform(0.012, 0.026)
            turn, rgb = rng.uniform(-0.6, 0.6), b.tone(rng.choice(colours), 0.62)
            for px, py in _wrapped(b, x, y, n, n):
                sheet.flat(leaf(px, py, n, turn, 0.42), rgb, 0.92)
    with b.sheet(
        "gusts", 0.5, shadow=False, life=Life(kind="glide", amplitude=b.unit * 0.02, period_s=5.0)
    ) as sheet:
        for _ in range(4):
            _gust(b, sheet, rng, way)


def _gust(b: SetBuilder, sheet: Sheet, rng: Random, way: int) -> None:
    """One curl of wind, as a paper ribbon."""
    x, y = rng.uniform(0.1, 0.9) * b.width, rng.uniform(0.12, 0.62) * b.height
    n, r = b.unit * rng.uniform(0.16, 0.3), b.unit * rng.uniform(0.02, 0.034)
    path = skia.Path()
    path.moveTo(x - way * n, y)
    path.cubicTo(x - way * n * 0.6, y - r, x - way * n * 0.3, y + r * 0.8, x, y)
    path.cubicTo(x + way * r * 1.7, y - r * 0.3, x + way * r * 1.6, y - r * 2.3, x, y - r * 2.0)
    path.cubicTo(
        x - way * r * 1.0, y - r * 1.7, x - way * r * 0.6, y - r * 0.6, x + way * r * 0.3, y - r * 0.9
    )
    rgb: Rgb = mix(b.palette.horizon, (1.0, 1.0, 1.0), 0.6)
    sheet.line(path, rgb, b.unit * 0.0045, 0.5)


def lightning(b: SetBuilder) -> None:
    """Add a bolt that flickers in the far sky of a storm."""
    rng = b.dice("lightning")
    x, y = b.light_x, b.horizon * 0.12
    main = [(x, y)]
    while main[-1][1] < b.horizon * 0.86:
        px, py = main[-1]
        main.append((px + rng.uniform(-0.05, 0.05) * b.unit, py + b.unit * rng.uniform(0.035, 0.075)))
    away = rng.choice((-1.0, 1.0))
    px, py = main[len(main) // 2]
    fork = [(px, py)]
    for _ in range(3):
        px, py = px + away * b.unit * rng.uniform(0.02, 0.05), py + b.unit * rng.uniform(0.02, 0.05)
        fork.append((px, py))
    life = Life(kind="flicker", amplitude=0.8, period_s=4.7, phase=rng.random())
    with b.sheet("lightning", 0.03, shadow=False, life=life) as sheet:
        sheet.glow(x, b.horizon * 0.4, b.unit * 0.55, b.palette.light, 0.32)
        white = mix(b.palette.light, (1.0, 1.0, 1.0), 0.6)
        for points, width in ((main, 0.0095), (fork, 0.006)):
            n, w = len(points), b.unit * width
            back = [(qx + w * (1.1 - i / (n - 1)), qy) for i, (qx, qy) in enumerate(points)]
            sheet.flat(polygon([*points, *reversed(back)]), white)
