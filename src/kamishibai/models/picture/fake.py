"""A stand-in illustrator: a flat colour and one plain shape from the seed. Fast, deterministic, and a real plug-in."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from random import Random
from typing import ClassVar

import cv2
import numpy as np

from kamishibai.documents.takes import Still
from kamishibai.media.picture import encode_png
from kamishibai.models.base import Desk, Licence, Model
from kamishibai.models.kinds import Draw

__all__ = ["FakePicture"]


class FakePicture(Model[Draw, Still]):
    """Draws a disc or a square on a coloured ground, at the film's own size, without layers."""

    id: ClassVar[str] = "picture:fake"
    version: ClassVar[str] = "1"
    asks = Draw

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms: nothing here belongs to anyone else."""
        return (Licence(name="Apache-2.0", commercial=True),)

    def run(self, asks: Sequence[Draw], desk: Desk) -> list[Still]:
        """Answer every ask, in order."""
        out = []
        for i, ask in enumerate(asks):
            out.append(_draw(ask, desk))
            desk.progress((i + 1) / len(asks))
        return out


def _draw(ask: Draw, desk: Desk) -> Still:
    rng = Random(f"{ask.seed}/{ask.scene.setting}/{ask.scene.time}")
    hue = rng.random()
    ground = [
        round(255 * c) for c in colorsys.hsv_to_rgb(hue, 0.45, 0.35 if ask.scene.time == "night" else 0.8)
    ]
    shape = [round(255 * c) for c in colorsys.hsv_to_rgb((hue + 0.45) % 1, 0.6, 0.95)]
    pixels = np.empty((ask.height, ask.width, 3), np.uint8)
    pixels[:] = ground
    x, y = rng.uniform(0.35, 0.65), rng.uniform(0.4, 0.6)
    at = (round(x * ask.width), round(y * ask.height))
    size = round(min(ask.width, ask.height) * rng.uniform(0.15, 0.3))
    if rng.random() < 0.5:
        cv2.circle(pixels, at, size, shape, -1, cv2.LINE_AA)
    else:
        cv2.rectangle(pixels, (at[0] - size, at[1] - size), (at[0] + size, at[1] + size), shape, -1)
    image = desk.save(encode_png(pixels), "image/png")
    return Still(image=image, width=ask.width, height=ask.height, focus=(x, y))
