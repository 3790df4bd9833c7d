"""Finds what a model must not hand on: pictures that are not numbers, black, or one flat colour; clips that stand still."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["RETAKES", "fault_of", "retake_seed"]

RETAKES = 2
"""How often a faulty result is made again before it is an error."""
BLACK = 10 / 255
"""A picture whose brightest hundredth is darker than this shows nothing; a moonless night scene is brighter."""
FLAT = 1.5 / 255
"""A picture with less deviation than this in each channel is one colour; fog and snow have more."""
FROZEN = 0.25 / 255
"""Frames that differ by less than this in the mean are the same frame."""


def fault_of(pixels: npt.NDArray[Any]) -> str | None:
    """Return what is wrong with a picture or a clip, in a word or two; None when nothing is.

    Parameters
    ----------
    pixels
        (height, width, 3) for a picture or (frames, height, width, 3) for a clip; floats from 0 to 1 or uint8.
    """
    values = pixels.astype(np.float32)
    if pixels.dtype == np.uint8:
        values /= 255
    if not np.isfinite(values).all():
        return "not a number"
    if float(np.quantile(values, 0.99)) < BLACK:
        return "black"
    frames = values.reshape(-1, *values.shape[-3:])
    if all(float(frame.std(axis=(0, 1)).max()) < FLAT for frame in frames):
        return "one flat colour"
    if values.ndim == 4 and len(values) > 1 and float(np.abs(np.diff(values, axis=0)).mean()) < FROZEN:
        return "frozen"
    return None


def retake_seed(seed: int, attempt: int) -> int:
    """Return the seed of the `attempt`-th retake of an ask seeded with `seed`; attempt 0 is the ask's own."""
    if attempt == 0:
        return seed
    return int.from_bytes(hashlib.sha256(f"{seed}/retake/{attempt}".encode()).digest()[:4], "big")
