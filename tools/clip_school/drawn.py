"""Draws scenes with the paper theatre, in worker processes, as small flat pictures and boxes of who is in them."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from clip_school.vocabulary import Example

__all__ = ["Drawn", "draw"]


@dataclass(frozen=True)
class Drawn:
    """A picture, RGB of shape (height, width, 3), and where each actor is: (left, top, right, bottom) in pixels."""

    pixels: npt.NDArray[np.uint8]
    boxes: dict[str, tuple[int, int, int, int]]


def _one(work: tuple[Example, int, int]) -> Drawn:
    from kamishibai.papercut.stage import draw_scene

    example, width, height = work
    picture = draw_scene(example.ask(width, height))
    actors = {actor.who for actor in example.scene.actors}
    boxes = {
        sheet.name: (max(0, sheet.x), max(0, sheet.y), sheet.x + sheet.width, sheet.y + sheet.height)
        for sheet in picture.sheets if sheet.name in actors
    }  # fmt: skip
    return Drawn(np.ascontiguousarray(picture.flat()[..., :3]), boxes)


def draw(examples: Sequence[Example], width: int, height: int, workers: int = 1) -> list[Drawn]:
    """Return every scene's picture, in order; the canvas is 1.15 times `width` × `height`."""
    work: list[Any] = [(example, width, height) for example in examples]
    if workers < 2:
        return [_one(item) for item in work]
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        return list(pool.map(_one, work, chunksize=16))
