"""Light on paper: tint with the hour, a warm side towards a lamp, rims, glows, contact shadows, grain, vignette."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import cast

import cv2
import numpy as np
import skia

from kamishibai.documents.takes import Life
from kamishibai.media.picture import Pixels
from kamishibai.papercut.parts import Box, Light, Palette, Rgb
from kamishibai.papercut.sheets import Cutout, colour, paint, surface_on

__all__ = [
    "bloom",
    "contact_shadow",
    "finish",
    "glow_sheet",
    "light_figure",
    "mixed",
    "pool_of_light",
    "tint_filter",
]

_LUMA = (0.2126, 0.7152, 0.0722)


def mixed(a: Rgb, b: Rgb, t: float) -> Rgb:
    """Return the colour `t` of the way from `a` to `b`."""
    return (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t)


def tint_filter(palette: Palette, distance: float = 0.0, lit: float = 0.0) -> skia.ColorFilter:
    """Return the filter that gives a drawing the light of its scene.

    Parameters
    ----------
    distance
        0 at the main plane, 1 at the horizon: the farther, the more of the horizon's colour.
    lit
        How much lamplight reaches it, 0 to 1: the more, the more of its own colours it keeps.
    """
    k = palette.tint_strength * (1 - 0.55 * lit)
    b = palette.brightness + (1 - palette.brightness) * 0.6 * lit
    far = 0.55 * distance
    rows: list[float] = []
    for i in range(3):
        tint, haze = palette.tint[i], palette.horizon[i]
        own = [b * (1 - k) if j == i else 0.0 for j in range(3)]
        # Part of the drawing goes over into a monochrome of the scene's tint, which keeps its light and dark.
        row = [(own[j] + k * tint * 1.25 * _LUMA[j]) * (1 - far) for j in range(3)]
        rows += [*row, 0.0, k * tint * 0.16 * (1 - far) + haze * far]
    rows += [0.0, 0.0, 0.0, 1.0, 0.0]
    return skia.ColorFilters.Matrix(rows)


def _falloff(light: Light, alpha: float, reach: float = 1.0) -> skia.Shader:
    """Return a radial gradient of the light's colour that fades as light does, not as a straight line."""
    steps = (0.0, 0.1, 0.22, 0.36, 0.52, 0.7, 0.86, 1.0)
    values = (1.0, 0.84, 0.62, 0.4, 0.22, 0.09, 0.025, 0.0)
    return skia.GradientShader.MakeRadial(
        skia.Point(light.x, light.y),
        max(1.0, light.radius * reach),
        [colour(light.colour, alpha * v) for v in values],
        list(steps),
    )


def _reach(light: Light, box: Box) -> float:
    """Return how much of `light` (0 to 1) reaches the middle of `box`."""
    cx, cy = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    distance = float(np.hypot(cx - light.x, cy - light.y)) / max(1.0, light.radius)
    return max(0.0, 1 - distance) * min(1.0, light.strength)


def light_figure(pixels: Pixels, x: int, y: int, palette: Palette, lights: Sequence[Light]) -> Pixels:
    """Return the figure's sheet with form and lamplight on it: darker feet, a bright side, a thin rim.

    `pixels` is premultiplied and already tinted; (x, y) is its corner on the canvas.
    """
    height, width = pixels.shape[:2]
    box = (float(x), float(y), float(x + width), float(y + height))
    out = pixels.copy()
    surface = surface_on(out)
    canvas = surface.getCanvas()
    canvas.translate(-x, -y)
    grounded = skia.GradientShader.MakeLinear(
        [skia.Point(0, y + height * 0.45), skia.Point(0, y + height)],
        [colour(palette.shade, 0.0), colour(palette.shade, 0.16)],
    )
    canvas.drawPaint(skia.Paint(Shader=grounded, BlendMode=skia.BlendMode.kSrcATop))
    for light in lights:
        amount = _reach(light, box)
        if amount > 0.02 and light.kind not in ("sun", "moon"):
            # Who holds the lamp is not burnt out by it.
            inside = box[0] < light.x < box[2] and box[1] < light.y < box[3]
            shader = _falloff(light, (0.14 if inside else 0.3) * min(1.0, light.strength))
            canvas.drawPaint(skia.Paint(Shader=shader, BlendMode=skia.BlendMode.kScreen))
    surface.flushAndSubmit()
    for light in lights:
        _rim(out, x, y, light, box, palette)
    # Screen light spills over the edge of the figure: cut it back to its own silhouette.
    alpha = cv2.extractChannel(pixels, 3)
    mask = cv2.merge([alpha, alpha, alpha, alpha])
    return cast("Pixels", cv2.min(out, mask))


def _rim(out: Pixels, x: int, y: int, light: Light, box: Box, palette: Palette) -> None:
    """Add a thin bright edge on the side that looks towards `light`, in place."""
    amount = _reach(light, box) if light.kind not in ("sun", "moon") else 0.45 * min(1.0, light.strength)
    if amount < 0.05:
        return
    cx, cy = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    away = np.array([light.x - cx, light.y - cy])
    length = float(np.hypot(*away))
    if length < 1.0:
        return
    reach_px = max(1.5, 0.012 * min(out.shape[0], out.shape[1]))
    dx, dy = (away / length * reach_px).tolist()
    alpha = cv2.extractChannel(out, 3)
    shift = np.array([[1, 0, -dx], [0, 1, -dy]], np.float32)
    moved = cv2.warpAffine(alpha, shift, (alpha.shape[1], alpha.shape[0]))
    edge = cv2.GaussianBlur(cv2.subtract(alpha, moved), (0, 0), max(0.6, reach_px * 0.35))
    tone = mixed(light.colour, palette.light, 0.3)
    inside = box[0] < light.x < box[2] and box[1] < light.y < box[3]
    gain = min(0.25 if inside else 0.5, 0.75 * amount)
    add = cv2.merge([cv2.multiply(edge, np.full_like(edge, 255), scale=gain * c / 255) for c in tone])
    rgb = cv2.add(np.ascontiguousarray(out[..., :3]), add)
    out[..., :3] = cv2.min(rgb, cv2.merge([alpha, alpha, alpha]))


def contact_shadow(
    canvas: skia.Canvas, x: float, y: float, width: float, palette: Palette, strength: float
) -> None:
    """Darken the sheet under something that stands at (x, y): a soft wide ellipse and a small dense one.

    It falls on paper alone (source-atop), never on the air behind the edge of a sheet.
    """
    for wide, alpha in ((0.72, 0.30), (0.46, 0.42)):
        rx, ry = width * wide, max(3.0, width * wide * 0.16)
        canvas.save()
        canvas.translate(x, y)
        canvas.scale(1.0, ry / rx)
        shader = skia.GradientShader.MakeRadial(
            skia.Point(0, 0),
            rx,
            [
                colour(palette.shade, alpha * strength),
                colour(palette.shade, 0.7 * alpha * strength),
                colour(palette.shade, 0),
            ],
            [0.0, 0.45, 1.0],
        )
        paint_ = skia.Paint(Shader=shader, BlendMode=skia.BlendMode.kSrcATop, AntiAlias=True)
        canvas.drawCircle(0, 0, rx, paint_)
        canvas.restore()


def pool_of_light(canvas: skia.Canvas, light: Light, strength: float) -> None:
    """Warm the sheet around a lamp (source-atop: paper alone)."""
    shader = _falloff(light, strength * min(1.0, light.strength))
    canvas.drawCircle(
        light.x, light.y, light.radius, skia.Paint(Shader=shader, BlendMode=skia.BlendMode.kSrcATop)
    )


def bloom(pixels: Pixels, x: int, y: int, box: Box, glow: Rgb) -> None:
    """Light a glowing figure from inside, in place: brightest in its middle, never beyond its own paper."""
    alpha = cv2.extractChannel(pixels, 3)
    surface = surface_on(pixels)
    canvas = surface.getCanvas()
    canvas.translate(-x, -y)
    radius = 0.75 * max(box[2] - box[0], box[3] - box[1])
    light = Light(
        (box[0] + box[2]) / 2, box[1] * 0.55 + box[3] * 0.45, radius, mixed(glow, (1.0, 0.97, 0.85), 0.4), 1.0
    )
    canvas.drawPaint(skia.Paint(Shader=_falloff(light, 0.62), BlendMode=skia.BlendMode.kPlus))
    surface.flushAndSubmit()
    cv2.min(pixels, cv2.merge([alpha, alpha, alpha, alpha]), dst=pixels)


def glow_sheet(
    name: str, lights: Sequence[Light], depth: float, *, alpha: float, reach: float, life: Life | None
) -> Cutout:
    """Return the soft halos of lights as one additive sheet."""
    box = (
        min(li.x - li.radius * reach for li in lights), min(li.y - li.radius * reach for li in lights),
        max(li.x + li.radius * reach for li in lights), max(li.y + li.radius * reach for li in lights),
    )  # fmt: skip

    def draw(canvas: skia.Canvas) -> None:
        for light in lights:
            shader = _falloff(light, alpha * min(1.0, light.strength), reach)
            # Screen, not plus: many small lights near each other must not burn out to white.
            canvas.drawCircle(
                light.x,
                light.y,
                light.radius * reach,
                skia.Paint(Shader=shader, BlendMode=skia.BlendMode.kScreen),
            )

    pixels, x, y = paint(box, draw)
    return Cutout(name, pixels, x, y, depth, "add", life)


@lru_cache(maxsize=4)
def _surface(width: int, height: int, vignette: bool) -> Pixels:
    """Return what multiplies every sheet of a canvas: the paper's grain and the vignette, (h, w, 4) uint8."""
    rng = np.random.Generator(np.random.PCG64(20))
    side = 384
    noise = rng.standard_normal((side, side)).astype(np.float32)
    fibres = cv2.GaussianBlur(noise, (0, 0), 2.2, borderType=cv2.BORDER_REFLECT)
    # Fibres more than grain: it looks softer, and packs a quarter smaller.
    tile = noise * 0.25 + fibres / float(fibres.std())
    down, across = -(-height // side), -(-width // side)
    grain = np.tile(tile, (down, across))[:height, :width]
    base = np.full((height, width), 252.0, np.float32) + 1.4 * grain
    if vignette:
        ys = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
        xs = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
        radius = np.sqrt(xs**2 * 0.95 + ys**2 * 0.8)
        edge = np.clip((radius - 0.62) / 0.75, 0, 1)
        base *= 1 - 0.27 * edge * edge * (3 - 2 * edge)
    grey = np.clip(base, 0, 255).astype(np.uint8)
    return cast("Pixels", cv2.merge([grey, grey, grey, np.full_like(grey, 255)]))


def finish(sheet: Cutout, width: int, height: int) -> None:
    """Give the sheet its breath of grain and its part of the vignette, in place. `width`, `height`: the canvas."""
    if sheet.blend == "add":
        return
    moving = sheet.life is not None and sheet.life.kind in ("drift", "fall")
    texture = _surface(width, height, not moving)
    rows = np.clip(np.arange(sheet.y, sheet.y + sheet.height), 0, height - 1)
    columns = np.clip(np.arange(sheet.x, sheet.x + sheet.width), 0, width - 1)
    if rows[0] == sheet.y and rows[-1] == rows[0] + sheet.height - 1 and columns[0] == sheet.x \
            and columns[-1] == columns[0] + sheet.width - 1:  # fmt: skip
        part = texture[sheet.y : sheet.y + sheet.height, sheet.x : sheet.x + sheet.width]
    else:
        part = texture[np.ix_(rows, columns)]
    cv2.multiply(sheet.pixels, np.ascontiguousarray(part), dst=sheet.pixels, scale=1 / 255)
