"""Sheets of paper as pixels: paint vectors once, crop, lay one over another, put light and shadow on them.

Pixels here are uint8 RGBA of shape (height, width, 4) with *premultiplied* alpha, in the canvas's coordinates
shifted by the sheet's (x, y).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

import cv2
import numpy as np
import skia

from kamishibai.documents.takes import Life
from kamishibai.media.picture import Pixels
from kamishibai.papercut.parts import Box, Rgb

__all__ = [
    "Cutout",
    "clipped",
    "colour",
    "crop",
    "flatten",
    "image_of",
    "lay",
    "opaque_rgb",
    "paint",
    "shadow_under",
    "silhouette",
    "straight",
    "surface_on",
]

_SHRINK = 4
"""Soft things (shadows, glows) are worked out at a quarter of the size and scaled up: nobody can tell."""


@dataclass(frozen=True)
class Cutout:
    """One raster layer: premultiplied pixels whose top left corner lies at (x, y) of the canvas."""

    name: str
    pixels: Pixels
    x: int
    y: int
    depth: float
    blend: Literal["normal", "add"] = "normal"
    life: Life | None = None

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.pixels.shape[0])


def colour(rgb: Rgb, alpha: float = 1.0) -> int:
    """Return skia's integer colour for `rgb` (0 to 1 each), clipped."""
    r, g, b = (round(255 * min(1.0, max(0.0, v))) for v in rgb)
    return cast("int", skia.Color(r, g, b, round(255 * min(1.0, max(0.0, alpha)))))


def surface_on(pixels: Pixels) -> skia.Surface:
    """Return a skia surface that paints straight into `pixels` (which must be contiguous and outlive it)."""
    height, width = pixels.shape[:2]
    info = skia.ImageInfo.Make(width, height, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
    return skia.Surface.MakeRasterDirect(info, pixels, width * 4)


def image_of(pixels: Pixels) -> skia.Image:
    """Return a skia image that reads `pixels` without a copy."""
    info = skia.ImageInfo.Make(
        pixels.shape[1], pixels.shape[0], skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType
    )
    return skia.Image.MakeFromRaster(skia.Pixmap(info, pixels, pixels.shape[1] * 4))


def paint(box: Box, draw: Callable[[skia.Canvas], None]) -> tuple[Pixels, int, int]:
    """Paint `draw` (canvas coordinates) into a fresh sheet that covers `box`; return pixels, x, y."""
    x, y = math.floor(box[0]), math.floor(box[1])
    width, height = max(1, math.ceil(box[2]) - x), max(1, math.ceil(box[3]) - y)
    pixels = np.zeros((height, width, 4), np.uint8)
    surface = surface_on(pixels)
    canvas = surface.getCanvas()
    canvas.translate(-x, -y)
    draw(canvas)
    surface.flushAndSubmit()
    return pixels, x, y


def silhouette(pixels: Pixels, blur_px: float) -> Pixels:
    """Return the alpha of `pixels` at a quarter of the size, blurred: what shadows and rims are made of."""
    height, width = pixels.shape[:2]
    size = (max(1, width // _SHRINK), max(1, height // _SHRINK))
    small = cv2.resize(cv2.extractChannel(pixels, 3), size, interpolation=cv2.INTER_AREA)
    sigma = blur_px / _SHRINK
    return cast("Pixels", cv2.GaussianBlur(small, (0, 0), sigma) if sigma > 0.3 else small)


def shadow_under(pixels: Pixels, shade: Rgb, strength: float, blur_px: float, dx: float, dy: float) -> None:
    """Throw a soft paper shadow of what is on the sheet onto the sheet behind it, in place."""
    mask = silhouette(pixels, blur_px)
    image = skia.Image.fromarray(np.ascontiguousarray(mask), colorType=skia.kAlpha_8_ColorType, copy=True)
    surface = surface_on(pixels)
    surface.getCanvas().drawImageRect(
        image,
        skia.Rect.MakeXYWH(dx, dy, pixels.shape[1], pixels.shape[0]),
        skia.SamplingOptions(skia.FilterMode.kLinear),
        skia.Paint(Color=colour(shade, strength), BlendMode=skia.BlendMode.kDstOver),
    )
    surface.flushAndSubmit()


def crop(sheet: Cutout, step: int = 2) -> Cutout | None:
    """Return the sheet cut to what is visible on it (at even offsets), or None when nothing is."""
    alpha = cv2.extractChannel(sheet.pixels, 3)
    x, y, width, height = cv2.boundingRect(cv2.threshold(alpha, 1, 255, cv2.THRESH_BINARY)[1])
    if width == 0 or height == 0:
        return None
    left, top = x - (x + sheet.x) % step, y - (y + sheet.y) % step
    left, top = max(0, left), max(0, top)
    if (left, top, x + width, y + height) == (0, 0, sheet.width, sheet.height):
        return sheet
    cut = np.ascontiguousarray(sheet.pixels[top : y + height, left : x + width])
    return replace(sheet, pixels=cut, x=sheet.x + left, y=sheet.y + top)


def clipped(sheet: Cutout, width: int, height: int) -> Cutout:
    """Return the part of a sheet that lies on a canvas of `width` × `height` (itself when all of it does)."""
    x0, y0 = max(0, sheet.x), max(0, sheet.y)
    x1, y1 = min(width, sheet.x + sheet.width), min(height, sheet.y + sheet.height)
    if (x0, y0, x1 - x0, y1 - y0) == (sheet.x, sheet.y, sheet.width, sheet.height) or x1 <= x0 or y1 <= y0:
        return sheet
    cut = sheet.pixels[y0 - sheet.y : y1 - sheet.y, x0 - sheet.x : x1 - sheet.x]
    return replace(sheet, pixels=np.ascontiguousarray(cut), x=x0, y=y0)


def lay(pixels: Pixels, x: int, y: int, over: Cutout) -> None:
    """Lay the sheet `over` onto `pixels` (whose corner lies at canvas (x, y)), in place."""
    surface = surface_on(pixels)
    mode = skia.BlendMode.kPlus if over.blend == "add" else skia.BlendMode.kSrcOver
    surface.getCanvas().drawImage(
        image_of(over.pixels), over.x - x, over.y - y, skia.SamplingOptions(), skia.Paint(BlendMode=mode)
    )
    surface.flushAndSubmit()


def flatten(sheets: Sequence[Cutout], width: int, height: int) -> Pixels:
    """Return the RGB picture (height, width, 3) of all sheets laid over each other, back to front."""
    pixels = np.zeros((height, width, 4), np.uint8)
    pixels[..., 3] = 255
    for sheet in sheets:
        lay(pixels, 0, 0, sheet)
    return cast("Pixels", cv2.cvtColor(pixels, cv2.COLOR_RGBA2RGB))


def straight(pixels: Pixels) -> Pixels:
    """Return `pixels` with straight alpha, as PNG wants it."""
    return cast("Pixels", cv2.cvtColor(pixels, cv2.COLOR_mRGBA2RGBA))


def opaque_rgb(pixels: Pixels) -> Pixels:
    """Return opaque `pixels` without their alpha."""
    return cast("Pixels", cv2.cvtColor(pixels, cv2.COLOR_RGBA2RGB))
