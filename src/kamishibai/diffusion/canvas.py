"""Sizes and shapes of a drawn picture: what the family can draw, what the film needs, and the way between them."""

from __future__ import annotations

from math import ceil, gcd, sqrt

import cv2
import numpy as np
import numpy.typing as npt

from kamishibai.errors import UsageError
from kamishibai.media.picture import Pixels
from kamishibai.weights.families import Family

__all__ = ["canvas_size", "drawn_size", "fitted", "focus_of", "paste_back", "stretched"]

MARGIN = 1.15
"""How much larger than the film a canvas is, so that a zoom stays sharp."""
MOST = 1.35
"""A canvas with the film's exact shape that would have to be larger than this is made as large as the film."""
FEATHER_PX = 6
"""Width of the soft edge inside a repaired region."""


def drawn_size(
    family: Family, film: tuple[int, int], width: int | None = None, height: int | None = None
) -> tuple[int, int]:
    """Return (width, height) in pixels at which the family draws for a film of size `film`.

    Without a wish it is the family's native area in the film's aspect; one side alone gives the other.
    Both are multiples of the family's.

    Raises
    ------
    UsageError
        When a wished side is no multiple of the family's.
    """
    step, aspect = family.multiple, film[0] / film[1]
    for name, side in (("width", width), ("height", height)):
        if side is not None and side % step:
            near = max(step, round(side / step) * step)
            raise UsageError(
                f"{name} {side} is no multiple of {step}, which {family.name} needs",
                hint=f"use {name} {near}",
            )

    def whole(side: float) -> int:
        return max(step, round(side / step) * step)

    if width is not None and height is not None:
        return width, height
    if width is not None:
        return width, whole(width / aspect)
    if height is not None:
        return whole(height * aspect), height
    area = family.native[0] * family.native[1]
    # The shorter side is rounded first: its rounding weighs more in the aspect.
    if aspect >= 1:
        height = whole(sqrt(area / aspect))
        return whole(height * aspect), height
    width = whole(sqrt(area * aspect))
    return width, whole(width / aspect)


def canvas_size(film: tuple[int, int]) -> tuple[int, int]:
    """Return the size of the canvas for a film of size `film`: exactly its aspect, about `MARGIN` times its size."""
    parts = gcd(*film)
    times = ceil(parts * MARGIN)
    if times > parts * MOST:
        times = parts
    return film[0] // parts * times, film[1] // parts * times


def fitted(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Return `pixels` with what does not have the shape of `size` cropped from the edges, at exactly `size`.

    Enlarged by Lanczos, reduced by area.
    """
    height, width = pixels.shape[:2]
    if (width, height) == size:
        return pixels
    aspect = size[0] / size[1]
    wide, high = min(width, round(height * aspect)), min(height, round(width / aspect))
    left, top = (width - wide) // 2, (height - high) // 2
    return stretched(pixels[top : top + high, left : left + wide], size)


def stretched(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Return `pixels` at exactly `size`, whole: enlarged by Lanczos, reduced by area."""
    if (pixels.shape[1], pixels.shape[0]) == size:
        return pixels
    way = cv2.INTER_AREA if size[0] < pixels.shape[1] else cv2.INTER_LANCZOS4
    return np.asarray(cv2.resize(np.ascontiguousarray(pixels), size, interpolation=way), np.uint8)


def paste_back(source: Pixels, drawn: Pixels, region: npt.NDArray[np.bool_]) -> Pixels:
    """Return `source` with `drawn` in `region`, all of one size; every pixel outside it is the source's own.

    The edge is softened inside the region, so that no seam shows.
    """
    # Padded with its own edge: what reaches the picture's rim has no seam there.
    framed = np.pad(region, 1, mode="edge").astype(np.uint8)
    inwards = cv2.distanceTransform(framed, cv2.DIST_L2, 3)[1:-1, 1:-1]
    soft = np.clip(inwards / FEATHER_PX, 0, 1)[..., None]
    mixed = source * (1 - soft) + drawn * soft
    out: Pixels = np.where(region[..., None], np.round(mixed), source).astype(np.uint8)
    return out


def focus_of(pixels: Pixels) -> tuple[float, float]:
    """Return where the subject probably is, as fractions of the picture.

    The centre of what stands out by its spectral residual (Hou and Zhang, 2007), drawn towards the middle.
    """
    grey = cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (64, 64), interpolation=cv2.INTER_AREA)
    spectrum = np.fft.fft2(grey.astype(np.float64))
    logs = np.log(np.abs(spectrum) + 1e-9)
    residual = logs - cv2.blur(logs, (3, 3))
    salience = np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))) ** 2
    salience = cv2.GaussianBlur(salience, (0, 0), 4)
    ys, xs = np.mgrid[0:64, 0:64]
    # People look for the subject near the middle; the frame's own edge is no subject.
    salience *= np.exp(-((xs - 31.5) ** 2 + (ys - 31.5) ** 2) / (2 * 20.0**2))
    salience = np.clip(salience - np.quantile(salience, 0.75), 0, None)
    total = float(salience.sum())
    if total <= 0:
        return 0.5, 0.5
    x, y = float((salience * xs).sum() / total + 0.5) / 64, float((salience * ys).sum() / total + 0.5) / 64
    return round(min(max(x, 0.2), 0.8), 3), round(min(max(y, 0.2), 0.8), 3)
