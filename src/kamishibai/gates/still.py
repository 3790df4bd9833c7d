"""Is a picture a picture: blank, one colour, tiled. What it shows is `matching`'s to judge.

Tiling is found by correlating the halves, thirds and quarters of a picture with each other, without its broad light
and shade: models that are made to draw beyond their native size like to draw the same picture twice.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.storyboard import Scene
from kamishibai.gates.lettering import text_share
from kamishibai.gates.verdict import Verdict

__all__ = ["StillFacts", "StillLimits", "judge_still", "letters_wanted", "still_facts"]

SIDE: Final = 256
"""Pixels a side that repetition is measured at."""
COARSE: Final = 64
"""Pixels a side that noise is measured at."""
SHIFTS: Final = (2, 3, 4, 5)
"""Parts of the picture's size at which models that draw beyond their native size repeat themselves."""


LETTERED: Final = frozenset(
    {"book", "letter", "sign", "newspaper", "map", "note", "poster", "scroll", "label"}
)
"""Things that words are meant to be seen on."""


class StillFacts(Frozen):
    """What was measured in one picture."""

    brightest: float
    """99th percentile of the luma, 0 to 255."""
    darkest: float
    """1st percentile of the luma."""
    deviation: float
    """Standard deviation of the most varied colour channel, 0 to 127.5."""
    detail: float
    """Share of the pixels with an edge, 0 to 1."""
    noise: float
    """Share of the luma's variation that single spots of a 64th of the picture hold alone, 0 to 1."""
    tiled: float
    """Correlation of the picture with itself, moved by a half to a fifth of its size; the highest, -1 to 1."""
    text: float
    """Share of the picture that lines of letters cover, 0 to 1."""


class StillLimits(Frozen):
    """What a picture may not pass."""

    black: float = Field(default=12.0, ge=0, le=255)
    """A picture whose brightest hundredth is darker shows nothing; moonless night scenes are brighter."""
    white: float = Field(default=246.0, ge=0, le=255)
    """A picture whose darkest hundredth is brighter shows nothing; snow has shadows."""
    deviation: float = Field(default=2.0, ge=0)
    """A picture that varies less in every channel is one colour; fog varies more."""
    noise: float = Field(default=0.6, ge=0, le=1)
    """Noise and undecoded latents have 0.7 and more, pictures 0.3 and less."""
    tiled: float = Field(default=0.6, ge=0, le=1)
    """Pictures that repeat have 0.75 and more, fences, waves and starry skies 0.25 and less."""
    text: float = Field(default=0.002, ge=0, le=1)
    """Letters over a larger share of the picture are a fault, where none were asked for."""


def still_facts(pixels: npt.NDArray[np.uint8]) -> StillFacts:
    """Measure an RGB or RGBA picture of shape (height, width, 3 or 4)."""
    rgb = np.ascontiguousarray(pixels[..., :3])
    luma = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    dark, bright = np.quantile(luma, (0.01, 0.99))
    small = cv2.resize(luma, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float64)
    edges = cv2.Canny(cv2.resize(luma, (SIDE * 2, SIDE * 2), interpolation=cv2.INTER_AREA), 60, 160)
    return StillFacts(
        brightest=round(float(bright), 1),
        darkest=round(float(dark), 1),
        deviation=round(float(rgb.reshape(-1, 3).std(axis=0).max()), 2),
        detail=round(float((edges > 0).mean()), 4),
        noise=round(_noise(luma), 3),
        tiled=round(_tiled(small), 3),
        text=round(text_share(rgb), 4),
    )


def letters_wanted(scene: Scene) -> bool:
    """Say whether words are meant to be seen in the picture of `scene`: on a book, a sign, a map."""
    return any(prop.name.removesuffix("s") in LETTERED for prop in scene.props)


def judge_still(
    facts: StillFacts, limits: StillLimits | None = None, scene: str = "", *, letters: bool = False
) -> Verdict:
    """Return the verdict on one picture; with `letters`, words are meant to be seen in it."""
    limits = limits or StillLimits()
    faults = []
    if facts.brightest < limits.black:
        faults.append("the picture is black")
    elif facts.darkest > limits.white:
        faults.append("the picture is white")
    elif facts.deviation < limits.deviation:
        faults.append("the picture is one colour")
    elif facts.noise > limits.noise:
        faults.append("the picture is noise")
    elif facts.tiled > limits.tiled:
        faults.append("the picture repeats itself like tiles")
    elif facts.text > limits.text and not letters:
        faults.append(f"letters cover {100 * facts.text:.0f} % of the picture")
    return Verdict(
        gate="picture",
        scene=scene,
        passed=not faults,
        faults=tuple(faults),
        badness=float(10 * len(faults)),
        measured={
            "tiled": facts.tiled,
            "text": facts.text,
            "deviation": facts.deviation,
            "noise": facts.noise,
        },
    )


def _noise(luma: npt.NDArray[np.uint8]) -> float:
    """Return how much of the variation is gone when every pixel is replaced by the mean of the nine around it.

    Measured 64 pixels a side, where also latents that were never decoded, eight times coarser than the picture, are
    noise from pixel to pixel, and grain over a picture is not seen.
    """
    small = cv2.resize(luma, (COARSE, COARSE), interpolation=cv2.INTER_AREA).astype(np.float64)
    variance = float(small.var())
    if variance < 1:
        return 0.0
    smooth = cv2.blur(small, (3, 3))
    return float(max(0.0, min(1.0, 1 - smooth.var() / variance)))


def _tiled(luma: npt.NDArray[np.float64]) -> float:
    """Return the highest correlation of the picture's fine structure with itself at a part of its size."""
    # Without the broad light and shade, which every sky repeats.
    fine: Any = luma - cv2.GaussianBlur(luma, (0, 0), 12)
    if float(fine.std()) < 1.0:
        return 0.0
    best = -1.0
    for parts in SHIFTS:
        step = SIDE // parts
        # Either way the parts must all be alike: one match alone is a fence, or a row of windows.
        for axis in (0, 1):
            tiles = np.split(fine[: step * parts] if axis == 0 else fine[:, : step * parts], parts, axis)
            worst = min(_correlation(tiles[0], tile) for tile in tiles[1:])
            best = max(best, worst)
    return best


def _correlation(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    a, b = one - one.mean(), other - other.mean()
    norm = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum() / norm) if norm > 0 else 0.0
