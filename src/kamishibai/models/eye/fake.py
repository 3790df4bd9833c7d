"""eye:fake: sees colours and nothing else; an ordinary plug-in for tests and trials."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

import cv2
import numpy as np
import numpy.typing as npt

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.takes import Score
from kamishibai.media.picture import decode_png
from kamishibai.models.base import Desk, Licence, Model
from kamishibai.models.kinds import Look

__all__ = ["FakeEye"]

_COLOURS = {
    "red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1), "yellow": (1, 1, 0), "white": (1, 1, 1),
    "black": (0, 0, 0), "night": (0.05, 0.05, 0.2), "snow": (0.9, 0.95, 1), "forest": (0.1, 0.4, 0.1),
    "sea": (0.1, 0.3, 0.7), "desert": (0.9, 0.75, 0.4),
}  # fmt: skip


class FakeEye(Model[Look, Score]):
    """Compares a picture's mean colour with the colours that a text names. Of shapes it knows nothing."""

    id: ClassVar[str] = "eye:fake"
    version: ClassVar[str] = "1"
    varies: ClassVar[bool] = False
    asks: ClassVar[type[Frozen]] = Look
    batch = 16

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms: nothing here belongs to anyone else."""
        return (Licence(name="Apache-2.0", commercial=True),)

    def run(self, asks: Sequence[Look], desk: Desk) -> list[Score]:
        """Answer every ask, in order."""
        scores = []
        for index, ask in enumerate(asks):
            seen = _small(desk.open(ask.image))
            others = [_small(desk.open(ref)) for ref in ask.pictures]
            scores.append(
                Score(
                    texts=tuple(_fit(seen, text) for text in ask.texts),
                    pictures=tuple(_likeness(seen, other) for other in others),
                )
            )
            desk.progress((index + 1) / len(asks))
        return scores


def _small(png: bytes) -> npt.NDArray[np.float64]:
    """Return the picture as 8 × 8 colours from 0 to 1."""
    pixels = np.ascontiguousarray(decode_png(png)[..., :3])
    return cv2.resize(pixels, (8, 8), interpolation=cv2.INTER_AREA).astype(np.float64) / 255


def _fit(seen: npt.NDArray[np.float64], text: str) -> float:
    named = [_COLOURS[word] for word in re.findall(r"[a-z]+", text.lower()) if word in _COLOURS]
    if not named:
        return 0.0
    distance = np.linalg.norm(seen.mean(axis=(0, 1)) - np.mean(named, axis=0)) / np.sqrt(3)
    return round(1 - 2 * float(distance), 6)


def _likeness(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    return round(1 - 2 * float(np.abs(one - other).mean()), 6)
