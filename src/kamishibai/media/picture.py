"""Pictures as arrays: sRGB uint8 of shape (height, width, 3 or 4), read from and written to PNG bytes."""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from kamishibai.errors import MediaError

__all__ = ["MAX_PIXELS", "Pixels", "decode_png", "encode_png"]

Pixels = npt.NDArray[np.uint8]
"""Shape (height, width, channels), RGB or RGBA with straight alpha."""
MAX_PIXELS = 64_000_000
"""Larger pictures are refused before they are decoded."""


def encode_png(pixels: Pixels, *, level: int = 1) -> bytes:
    """Return the PNG of `pixels`; `level` 1 is fast, 9 is small. Equal pictures give equal bytes."""
    order = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
    flags = [cv2.IMWRITE_PNG_COMPRESSION, level]
    if level <= 1 and hasattr(cv2, "IMWRITE_PNG_FILTER"):
        # One filter for all rows instead of a search for the best: twice as fast, no larger.
        flags += [cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_SUB]
    fine, data = cv2.imencode(".png", cv2.cvtColor(pixels, order), flags)
    if not fine:
        raise MediaError("the picture could not be written as PNG")
    return data.tobytes()


def decode_png(data: bytes) -> Pixels:
    """Return the pixels of a PNG. Raises MediaError when it is none, or too large to be one of ours."""
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise MediaError(
                    f"the picture unpacks to {image.width}×{image.height}, over the limit of {MAX_PIXELS} pixels"
                )
            wanted: Any = image if image.mode in ("RGB", "RGBA") else image.convert("RGBA")
            return np.asarray(wanted, dtype=np.uint8)
    except (OSError, Image.DecompressionBombError) as error:
        if isinstance(error, MediaError):
            raise
        raise MediaError(f"not a readable PNG: {error}") from error
