"""The sky of a scene: its gradient, sun or moon in paper rings, stars that twinkle, clouds that drift."""

from __future__ import annotations

import math

import skia

from kamishibai.documents.takes import Life
from kamishibai.papercut.brush import Sheet, argb, linear
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.shapes import cloud, star

__all__ = ["cloud_colour", "hang_clouds", "hang_sky", "paint_gradient", "sky_body", "sun_rays"]

_COVERED = frozenset({"cloudy", "rain", "storm", "snow", "fog"})


def paint_gradient(
    b: SetBuilder, sheet: Sheet, box: tuple[float, float, float, float], horizon: float
) -> None:
    """Fill `box` with the sky's colours; they reach the horizon's at `horizon` pixels."""
    p = b.palette
    _, y0, _, y1 = box
    at = min(0.98, max(0.3, (horizon - y0) / max(1.0, y1 - y0)))
    stops = [
        (0.0, argb(p.zenith)), (at * 0.26, argb(mix(p.zenith, b.scheme.mid, 0.32))),
        (at * 0.6, argb(b.scheme.mid)), (at * 0.86, argb(mix(b.scheme.mid, p.horizon, 0.72))),
        (at, argb(p.horizon)), (1.0, argb(mix(p.horizon, p.far, 0.25))),
    ]  # fmt: skip
    paint = skia.Paint(Shader=linear(0, y0, 0, y1, stops), Dither=True)
    sheet.canvas.drawRect(skia.Rect.MakeLTRB(*box), paint)


def hang_sky(b: SetBuilder, *, clouds: float = 1.0, body: bool = True, stars: bool = True) -> None:
    """Lay the sky's planes: gradient and rings, stars, sun or moon, drifting clouds (`clouds` scales their number)."""
    shown = body and b.weather not in ("rain", "storm")
    veil = 0.45 if b.weather in _COVERED else 1.0
    with b.sheet("sky", 0.0, shadow=False) as sheet:
        paint_gradient(b, sheet, (-2, -2, b.width + 2, b.height + 2), b.horizon)
        glow = {"dawn": 0.55, "day": 0.4, "dusk": 0.62, "night": 0.4}[b.time] * veil
        warm = (
            mix(b.palette.light, b.palette.horizon, 0.3)
            if b.time != "night"
            else mix(b.scheme.mid, b.palette.light, 0.35)
        )
        sheet.glow(b.light_x, b.light_y, max(b.width, b.height) * 0.75, warm, glow)
        if shown and b.weather != "fog":
            _rings(b, sheet, veil)
    if shown and b.weather != "fog":
        sky_body(b)
    elif b.weather == "fog" and shown:
        with b.sheet("pale disc", 0.02, shadow=False) as sheet:
            sheet.glow(b.light_x, b.light_y, b.unit * 0.2, b.palette.light, 0.5)
            sheet.circle(b.light_x, b.light_y, b.unit * 0.05, b.palette.light, 0.5)
    if (
        stars
        and (b.time == "night" or b.time in ("dusk", "dawn"))
        and b.weather not in ("rain", "storm", "fog", "cloudy")
    ):
        _stars(b)
    strength = 0.7 * veil if shown else 0.2
    b.lamp(b.light_x, b.light_y, b.width * 0.7, b.palette.light, strength, "moon" if b.dark else "sun")
    if b.mood == "triumphant" and shown:
        sun_rays(b)
    hang_clouds(b, clouds)


def _rings(b: SetBuilder, sheet: Sheet, veil: float) -> None:
    """Discs of paper around the light, each a little paler: the sky opens towards it."""
    rng = b.dice("rings")
    size = b.unit * rng.uniform(0.1, 0.13)
    count = rng.choice((2, 3, 3))
    for i in range(count, 0, -1):
        path = skia.Path.Circle(b.light_x, b.light_y, size * (1 + i * (0.75 + 0.12 * i)))
        sheet.shadow(path, 1.3, (0.1 if b.dim else 0.045) * veil)
        pale = b.palette.light if b.dim else mix(b.palette.light, (1.0, 1.0, 1.0), 0.7)
        sheet.flat(path, pale, (0.1 if b.dim else 0.17) * veil)


def sky_body(b: SetBuilder) -> None:
    """Lay the sun's or the moon's disc on a plane of its own."""
    rng = b.dice("rings")
    r = b.unit * rng.uniform(0.1, 0.13) * {"dawn": 0.8, "day": 0.62, "dusk": 0.9, "night": 0.72}[b.time]
    x, y = b.light_x, b.light_y
    box = (x - r * 3, y - r * 3, x + r * 3, y + r * 3)
    with b.sheet("moon" if b.dark else "sun", 0.02, shadow=False, bounds=box) as sheet:
        face = lighten(b.palette.light, 0.02)
        sheet.glow(x, y, r * 2.6, b.palette.light, 0.6)
        disc = skia.Path.Circle(x, y, r)
        crescent = b.dark and rng.random() < 0.4
        if crescent:
            bite = skia.Path.Circle(x - b.side * r * 0.46, y - r * 0.18, r * 0.86)
            cut = skia.Op(disc, bite, skia.kDifference_PathOp)
            disc = cut if cut is not None else disc
        sheet.paper(disc, face, mix(face, hex_rgb("#ffd98a"), 0.28), lift=0.6, edge=0.6)
        if b.dark and not crescent:
            for dx, dy, s in (
                (-0.34, 0.08, 0.2),
                (0.24, -0.28, 0.13),
                (0.3, 0.36, 0.24),
                (-0.1, -0.46, 0.09),
                (-0.28, 0.52, 0.1),
            ):
                sheet.circle(x + dx * r * b.side, y + dy * r, r * s, mix(face, b.scheme.mid, 0.5), 0.22)


def _stars(b: SetBuilder) -> None:
    rng = b.dice("stars")
    total = {"night": 130, "dusk": 34, "dawn": 18}[b.time] * b.width / max(b.width, b.height)
    height = b.horizon * (0.95 if b.dark else 0.5)
    part = rng.uniform(0.1, 0.45) * b.width
    for group in range(3):
        life = Life(kind="twinkle", amplitude=0.55, period_s=2.7 + 1.3 * group, phase=group / 3)
        with b.sheet(
            f"stars {group + 1}", 0.01, shadow=False, life=life, bounds=(0, 0, b.width, height)
        ) as sheet:
            last = (
                group == 2
            )  # the last one twinkles: in one part of the sky, for a small sheet is soon moved
            for _ in range(round(total / (5 if last else 3))):
                x, y = rng.uniform(0, b.width), height * rng.random() ** 1.25
                if last:
                    x, y = part + 0.45 * x, 0.75 * y
                if math.hypot(x - b.light_x, y - b.light_y) < b.unit * 0.17:
                    continue
                r = b.unit * 0.0011 * (0.7 + 1.5 * rng.random() ** 3)
                pale = mix(b.palette.light, (1.0, 1.0, 1.0), rng.random() * 0.7)
                alpha = rng.uniform(0.45, 1.0) * (1 - 0.7 * y / height)
                if rng.random() < 0.07:
                    sheet.flat(star(x, y, r * 4.2, r * 0.9, 4), pale, alpha)
                    sheet.glow(x, y, r * 7, pale, alpha * 0.35)
                else:
                    sheet.circle(x, y, r, pale, alpha)


def sun_rays(b: SetBuilder) -> None:
    """Fan broad rays of paper light out of the sun or moon."""
    rng = b.dice("rays")
    reach = math.hypot(b.width, b.height)
    with b.sheet("rays", 0.015, shadow=False) as sheet:
        a = rng.uniform(0, 0.3)
        while a < math.tau:
            w = rng.uniform(0.08, 0.16)
            path = skia.Path()
            path.moveTo(b.light_x, b.light_y)
            path.lineTo(b.light_x + math.cos(a) * reach, b.light_y + math.sin(a) * reach)
            path.lineTo(b.light_x + math.cos(a + w) * reach, b.light_y + math.sin(a + w) * reach)
            path.close()
            sheet.wash(path, b.light_x, b.light_y, reach * 0.62, b.palette.light, 0.16 if b.dark else 0.3)
            a += w + rng.uniform(0.12, 0.26)


def cloud_colour(b: SetBuilder, share: float) -> tuple[Rgb, Rgb]:
    """Top and foot of a cloud, `share` 0 far … 1 near."""
    p = b.palette
    if b.weather in ("rain", "storm"):
        base = mix(b.scheme.mid, p.shade, 0.28 + 0.3 * share + (0.18 if b.weather == "storm" else 0.0))
        return lighten(base, 0.07), lighten(base, -0.02)
    if b.dark:
        base = mix(b.scheme.mid, p.horizon, 0.28 - 0.16 * share)
        return mix(base, p.light, 0.12), mix(base, b.scheme.mid, 0.5)
    white = mix(p.light, (1.0, 1.0, 1.0), 0.55)
    base = mix(p.horizon, white, 0.85 if b.time == "day" else 0.38)
    if b.weather == "cloudy":
        base = mix(base, b.scheme.mid, 0.3 + 0.2 * share)
    under = mix(base, b.scheme.mid if b.time == "day" else p.zenith, 0.42 if b.time == "day" else 0.3)
    return base, under


def hang_clouds(b: SetBuilder, amount: float = 1.0) -> None:
    """Lay two planes of drifting clouds; each tiles with the canvas's own width."""
    rng = b.dice("clouds")
    base = {"clear": 0.8, "wind": 1.3, "cloudy": 2.4, "rain": 2.8, "storm": 3.2, "snow": 1.5, "fog": 0.5}[
        b.weather
    ]
    speed = b.unit * 0.006 * (3.0 if b.weather in ("wind", "storm") else 1.0)
    way = rng.choice((-1.0, 1.0))
    for k, (depth, share) in enumerate(((0.05, 0.0), (0.1, 1.0))):
        count = round(base * amount * (2.6 - k) * min(1.4, b.width / b.height) + rng.random())
        if count == 0:
            continue
        top, foot = cloud_colour(b, share)
        low = b.horizon * (0.92 if k == 0 else 0.6)
        life = Life(kind="drift", velocity_px_s=(way * speed * (1 + 0.7 * k), 0.0))
        with b.sheet(f"clouds {k + 1}", depth, life=life, bounds=(0, 0, b.width, b.horizon * 1.02)) as sheet:
            for i in range(count):
                w = b.unit * rng.uniform(0.22, 0.42) * (0.75 + 0.5 * k)
                h = w * rng.uniform(0.26, 0.4)
                x = b.width * ((i + rng.uniform(0.1, 0.9)) / count)
                y = max(h * 1.0, low * (0.3 + 0.68 * rng.random() if k == 0 else 0.12 + 0.75 * rng.random()))
                if base > 2 and k == 1:
                    y = max(h * 0.5, b.horizon * rng.uniform(0.06, 0.42))
                    w, h = w * 1.5, h * 1.35
                shape = cloud(x, y, w, h, rng, rng.choice((4, 5, 6)))
                for dx in (-b.width, 0, b.width):
                    if x + dx + w < -w or x + dx - w > b.width + w:
                        continue
                    part = skia.Path(shape)
                    part.offset(dx, 0)
                    sheet.paper(part, top, foot, lift=0.55 + 0.35 * k, edge=0.35)
