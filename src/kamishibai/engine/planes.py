"""Pictures as BT.709 limited-range YUV 4:2:0 planes, premultiplied, with left-sited chroma."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from kamishibai.media.picture import Pixels

__all__ = [
    "CHROMA",
    "CHROMA_INVERSE",
    "Frame",
    "Plane",
    "Sheet",
    "black_frame",
    "from_frame",
    "sheet_from_rgba",
]

Plane = npt.NDArray[np.uint8]
Frame = tuple[Plane, Plane, Plane]
"""Y (height, width), U and V (height / 2, width / 2)."""

# H.264's default siting puts a chroma sample level with the left of two luma columns, between two rows.
CHROMA = np.array([[0.5, 0.0, 0.25], [0.0, 0.5, 0.0], [0.0, 0.0, 1.0]])
"""Luma to chroma, in pixel-edge coordinates: centre 0.5 of column 0 goes to centre 0.5, centre line 1.0 of a row pair to 0.5."""
CHROMA_INVERSE = np.linalg.inv(CHROMA)

_KR, _KB = 0.2126, 0.0722
_KG = 1 - _KR - _KB
_Y, _C = 219 / 255, 224 / 255
# Rows: Y, U, V, and how much of what lies behind shows (255 - alpha); columns: premultiplied B, G, R, A, constant.
_OVER = np.array(
    [
        [_KB * _Y, _KG * _Y, _KR * _Y, 16 / 255, 0],
        [0.5 * _C, -0.5 * _KG / (1 - _KB) * _C, -0.5 * _KR / (1 - _KB) * _C, 128 / 255, 0],
        [-0.5 * _KB / (1 - _KR) * _C, -0.5 * _KG / (1 - _KR) * _C, 0.5 * _C, 128 / 255, 0],
        [0, 0, 0, -1, 255],
    ]
)
# Added light carries no black level; its chroma is kept around 128.
_ADD = _OVER.copy()
_ADD[:3, 3] = 0
_ADD[1:3, 4] = 128


@dataclass(frozen=True)
class Sheet:
    """A picture ready to be warped: luma (h, w), chroma (h/2, w/2, 4: U, V, clear, unused), clear (h, w) or None.

    ``clear`` is 255 minus alpha, what shows of the background; None means opaque, its edges repeating for ever.
    With `adds`, luma and chroma are light to be added, chroma around 128.
    """

    luma: Plane
    chroma: Plane
    clear: Plane | None
    adds: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in luma pixels."""
        return self.luma.shape[1], self.luma.shape[0]


def black_frame(width: int, height: int) -> Frame:
    """Return a new black frame (Y 16, U and V 128)."""
    half = (height // 2, width // 2)
    return (
        np.full((height, width), 16, np.uint8),
        np.full(half, 128, np.uint8),
        np.full(half, 128, np.uint8),
    )


def sheet_from_rgba(pixels: Pixels, *, adds: bool = False, premultiplied: bool = False) -> Sheet:
    """Return the sheet of RGB or RGBA `pixels` (straight alpha unless `premultiplied`), padded to even size."""
    height, width = pixels.shape[:2]
    if height % 2 or width % 2:
        edge = cv2.BORDER_REPLICATE if pixels.shape[2] == 3 else cv2.BORDER_CONSTANT
        pixels = _u8(cv2.copyMakeBorder(pixels, 0, height % 2, 0, width % 2, edge, value=(0, 0, 0, 0)))
    opaque = pixels.shape[2] == 3
    bgra = _u8(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGRA if opaque else cv2.COLOR_RGBA2BGRA))
    if not (opaque or premultiplied):
        bgra = premultiply(bgra)
    yuvc = cv2.transform(bgra, _ADD if adds else _OVER)
    # [1 2 1]/4 about the even columns, then the mean of two rows: the filter that belongs to this siting.
    smooth = cv2.filter2D(yuvc, -1, np.array([[0.25, 0.5, 0.25]]), borderType=cv2.BORDER_REPLICATE)
    even = np.ascontiguousarray(smooth[:, ::2])
    chroma = cv2.addWeighted(even[0::2, :, 1:4].copy(), 0.5, even[1::2, :, 1:4].copy(), 0.5, 0)
    packed = np.zeros((*chroma.shape[:2], 4), np.uint8)
    packed[..., :3] = chroma
    luma = _u8(cv2.extractChannel(yuvc, 0))
    clear = None if opaque or adds else _u8(cv2.extractChannel(yuvc, 3))
    return Sheet(luma, packed, clear, adds)


def premultiply(rgba: Pixels) -> Pixels:
    """Return RGBA (or BGRA) pixels with colour multiplied by alpha, rounded to nearest."""
    alpha = _u8(cv2.extractChannel(rgba, 3))
    if (alpha == 255).all():
        return rgba
    whole = np.full_like(alpha, 255)
    return _u8(cv2.multiply(rgba, cv2.merge([alpha, alpha, alpha, whole]), scale=1 / 255))


def _u8(array: Any) -> npt.NDArray[np.uint8]:
    """Give OpenCV's result its type."""
    return np.asarray(array, np.uint8)


def from_frame(frame: Frame) -> Pixels:
    """Return the RGB pixels of a frame, for looking at it (chroma is repeated, not interpolated)."""
    y, u, v = frame
    size = (y.shape[1], y.shape[0])
    planes = [y] + [cv2.resize(p, size, interpolation=cv2.INTER_LINEAR) for p in (u, v)]
    luma = (planes[0].astype(np.float32) - 16) / 219
    cb, cr = ((p.astype(np.float32) - 128) / 224 for p in planes[1:])
    red = luma + 2 * (1 - _KR) * cr
    blue = luma + 2 * (1 - _KB) * cb
    green = (luma - _KR * red - _KB * blue) / _KG
    rgb = np.stack([red, green, blue], axis=-1)
    out: Pixels = np.clip(rgb * 255 + 0.5, 0, 255).astype(np.uint8)
    return out
