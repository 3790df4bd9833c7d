"""Indoors: the world outside the window, walls, curtains, pictures, rugs, plants."""

from __future__ import annotations

import math
from random import Random

import skia

from kamishibai.papercut.brush import Sheet
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.parts import Box, Rgb
from kamishibai.papercut.settings.buildings import arch
from kamishibai.papercut.shapes import blob, hill_line, leaf, polygon, sheet_below
from kamishibai.papercut.sky import hang_sky
from kamishibai.papercut.weather import lay_weather, lightning

__all__ = ["frame_plant", "outside", "picture", "quad", "rug", "wall_with_holes", "window_dressing"]


def quad(x0: float, y0: float, x1: float, y1: float) -> skia.Path:
    """A rectangle as a path."""
    return polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])


def outside(b: SetBuilder, box: Box, *, body: bool = True) -> None:
    """Lay what is seen through the windows: the hour's sky with its sun or moon, far hills, the weather."""
    keep = (b.horizon, b.light_x, b.light_y)
    b.horizon = box[3] - (box[3] - box[1]) * 0.18
    b.light_x = box[0] + (box[2] - box[0]) * (0.5 + b.side * 0.14)
    b.light_y = box[1] + (box[3] - box[1]) * 0.36
    hang_sky(b, clouds=0.7, body=body)
    if b.weather == "storm":
        lightning(b)
    rng = b.dice("outside")
    for i, depth in enumerate((0.1, 0.16)):
        line = hill_line(b.horizon + b.unit * 0.02 * i, b.unit * 0.06, b.width * 0.4, rng, 1.1)
        with b.sheet(f"outside {i + 1}", depth) as sheet:
            rgb = mix(b.scheme.mid, mix(b.palette.near, hex_rgb("#6f9a6a"), 0.5), 0.45 + 0.25 * i)
            sheet.paper(
                sheet_below(line, -9, b.width + 9, b.height, b.width / 90),
                lighten(rgb, 0.03),
                lighten(rgb, -0.05),
            )
    lay_weather(b, "far")
    b.horizon, b.light_x, b.light_y = keep


def wall_with_holes(
    b: SetBuilder, sheet: Sheet, holes: list[skia.Path], top: Rgb, bottom: Rgb, foot: float
) -> skia.Path:
    """Lay a wall over the whole picture with openings cut out; return its shape."""
    path = skia.Path()
    path.addRect(skia.Rect.MakeLTRB(-20, -20, b.width + 20, b.height + 20))
    for hole in holes:
        path.addPath(hole)
    path.setFillType(skia.PathFillType.kEvenOdd)
    sheet.paper(path, top, bottom, span=(0, foot), edge=0.3)
    return path


def window_dressing(
    b: SetBuilder, sheet: Sheet, box: Box, frame: Rgb, *, curtains: Rgb | None, round_: bool
) -> None:
    """Frame, glazing bars, sill and curtains around an opening."""
    x0, y0, x1, y1 = box
    w = x1 - x0
    t = w * 0.045
    hole = arch(x0, y0, x1, y1) if round_ else quad(x0, y0, x1, y1)
    sheet.line(hole, lighten(frame, -0.05), t * 2.0)
    sheet.line(hole, lighten(frame, 0.05), t * 1.2)
    bars = skia.Path()
    for k in (1 / 2,) if w < b.unit * 0.24 else (1 / 3, 2 / 3):
        bars.moveTo(x0 + w * k, y0)
        bars.lineTo(x0 + w * k, y1)
    for k in (0.36, 0.68):
        bars.moveTo(x0, y0 + (y1 - y0) * k)
        bars.lineTo(x1, y0 + (y1 - y0) * k)
    sheet.line(bars, frame, t * 0.7)
    sill = quad(x0 - w * 0.1, y1, x1 + w * 0.1, y1 + t * 1.5)
    sheet.paper(sill, lighten(frame, 0.07), lighten(frame, -0.05), lift=0.5)
    if curtains is None:
        return
    rod = y0 - t * 2.2
    sheet.rect(
        (x0 - w * 0.26, rod - t * 0.4, x1 + w * 0.26, rod + t * 0.3), lighten(frame, -0.14), 1.0, t * 0.3
    )
    for side in (-1.0, 1.0):
        outer, inner = ((x0 - w * 0.22), (x0 + w * 0.16)) if side < 0 else ((x1 + w * 0.22), (x1 - w * 0.16))
        tie = y0 + (y1 - y0) * 0.62
        hem = y1 + (y1 - y0) * 0.2
        cloth = skia.Path()
        cloth.moveTo(outer, rod)
        cloth.lineTo(inner, rod)
        cloth.cubicTo(
            inner,
            rod + (tie - rod) * 0.6,
            outer - side * w * 0.16,
            tie - (tie - rod) * 0.15,
            outer - side * w * 0.12,
            tie,
        )
        cloth.quadTo(outer - side * w * 0.2, (tie + hem) / 2, outer - side * w * 0.24, hem)
        cloth.lineTo(outer, hem)
        cloth.close()
        sheet.paper(cloth, lighten(curtains, 0.04), lighten(curtains, -0.07), lift=0.8)
        folds = skia.Path()
        for k in (0.25, 0.5, 0.75):
            top_x, tie_x = outer + (inner - outer) * k, outer - side * w * 0.12 * k
            folds.moveTo(top_x, rod)
            folds.quadTo(top_x, rod + (tie - rod) * 0.6, tie_x, tie)
            folds.lineTo(outer - side * w * 0.22 * k, hem)
        sheet.line(folds, lighten(curtains, -0.08), t * 0.28, 0.7)
        sheet.rect(
            (
                min(outer, outer - side * w * 0.13),
                tie - t * 0.5,
                max(outer, outer - side * w * 0.13),
                tie + t * 0.5,
            ),
            lighten(curtains, -0.12),
        )


def picture(
    b: SetBuilder, sheet: Sheet, x: float, y: float, w: float, h: float, depth: float, rng: Random
) -> None:
    """A framed little landscape."""
    wood = b.tone(hex_rgb(rng.choice(("#b98a4a", "#6f4a3a", "#e9dcc3"))), depth)
    sheet.paper(
        quad(x - w / 2, y - h / 2, x + w / 2, y + h / 2), lighten(wood, 0.03), lighten(wood, -0.06), lift=0.5
    )
    box = (x - w * 0.39, y - h * 0.38, x + w * 0.39, y + h * 0.38)
    sheet.rect(box, b.tone(hex_rgb(rng.choice(("#a9d0d6", "#f0c9a0", "#c9d8b0"))), depth))
    sheet.canvas.save()
    sheet.canvas.clipRect(skia.Rect.MakeLTRB(*box), skia.ClipOp.kIntersect, True)
    sheet.circle(x + w * 0.16, y - h * 0.14, h * 0.1, b.tone(hex_rgb("#f9e6b0"), depth))
    for k, hue in enumerate(("#86ad8c", "#5f8a6c")):
        sheet.flat(
            blob(x + w * (0.24 - 0.44 * k), y + h * (0.36 + 0.06 * k), w * 0.42, h * 0.34, rng, 8, 0.05),
            b.tone(hex_rgb(hue), depth),
        )
    sheet.canvas.restore()


def rug(b: SetBuilder, sheet: Sheet, x: float, y: float, rx: float, ry: float, rgb: Rgb) -> None:
    """An oval rug of three rings with a fringe of dots."""
    for k, by in ((1.0, -0.04), (0.86, 0.1), (0.72, 0.0), (0.4, 0.09)):
        tone = b.tone(rgb, 0.6, by)
        oval = skia.Path()
        oval.addOval(skia.Rect.MakeLTRB(x - rx * k, y - ry * k, x + rx * k, y + ry * k))
        sheet.paper(oval, lighten(tone, 0.02), lighten(tone, -0.03), lift=0.3 if k == 1.0 else 0.0, edge=0.35)
    for i in range(26):
        a = math.tau * i / 26
        sheet.circle(
            x + math.cos(a) * rx * 0.93, y + math.sin(a) * ry * 0.93, ry * 0.035, b.tone(rgb, 0.6, 0.16)
        )


def frame_plant(
    b: SetBuilder, sheet: Sheet, x: float, side: float, room: float, rng: Random, dark: Rgb
) -> None:
    """A big-leaved plant at a side, close to the lens, at most about `room` pixels wide."""
    n = min(b.unit * rng.uniform(0.24, 0.34), room * 0.8)
    base = b.height + 9
    for k in range(8):
        a = -math.pi / 2 + (k - 3.5) * 0.24 - side * 0.08
        reach = n * rng.uniform(0.75, 1.25)
        tip_x, tip_y = x + math.cos(a) * reach * 0.7, base - n * 0.25 + math.sin(a) * reach
        stem = skia.Path()
        stem.moveTo(x, base)
        stem.quadTo(x, tip_y + reach * 0.3, tip_x, tip_y)
        sheet.line(stem, dark, n * 0.016)
        sheet.paper(
            leaf(
                tip_x,
                tip_y,
                n * rng.uniform(0.42, 0.56),
                a + rng.uniform(-0.3, 0.3) + (0.5 if math.cos(a) > 0 else -0.5),
                0.34,
            ),
            lighten(dark, rng.uniform(0.02, 0.07)),
            edge=0.2,
            lift=0.25,
        )
