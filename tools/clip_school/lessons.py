"""One batch of training: cut pictures, a text for each, which text fits which picture, and what the illustrator knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

import cv2
import numpy as np
import numpy.typing as npt

from clip_school.drawn import Drawn
from clip_school.network import PATCH, SIDE
from clip_school.vocabulary import Example
from clip_school.words import say

__all__ = ["Lesson", "batches", "labels_of", "lesson"]

MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
STD = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)
"""CLIP's own, which its picture processor subtracts and divides by."""
CLOSE_UP = 0.35
"""Part of the lessons that shows one actor alone, cut out of its scene."""
_GRID = SIDE // PATCH


@dataclass(frozen=True)
class Lesson:
    """Arrays of one batch of `n`."""

    pixels: npt.NDArray[np.float32]
    """(n, 3, 96, 96), as CLIP's picture processor makes them."""
    texts: list[str]
    fits: npt.NDArray[np.bool_]
    """(n, n): text (row) fits picture (column)."""
    where: npt.NDArray[np.int64]
    """(n, patches): label of the actor in every patch plus one, 0 where nobody is."""
    shown: npt.NDArray[np.float32]
    """(n, labels): 1 for what the picture shows."""
    named: npt.NDArray[np.float32]
    """(n, labels): 1 for what the text names."""


def labels_of(examples: Sequence[Example]) -> dict[str, int]:
    """Return every fact of the examples with its number, facts of one kind together."""
    return {
        fact: i for i, fact in enumerate(sorted({fact for example in examples for fact in example.facts}))
    }


def batches(examples: Sequence[Example], size: int, steps: int, rng: Random) -> Iterator[list[int]]:
    """Give `steps` lists of example indices: by turns at random, and from two places only.

    In a batch of one or two places the others of the batch differ by who plays: hard negatives.
    """
    places: dict[str, list[int]] = {}
    for i, example in enumerate(examples):
        places.setdefault(example.scene.setting, []).append(i)
    names, everyone = sorted(places), list(range(len(examples)))
    for step in range(steps):
        near = [i for name in rng.sample(names, min(2, len(names))) for i in places[name]]
        pool = near if step % 2 else everyone
        yield rng.sample(pool, min(size, len(pool)))


def lesson(
    chosen: Sequence[int],
    examples: Sequence[Example],
    pictures: Sequence[Drawn],
    labels: Mapping[str, int],
    rng: Random,
) -> Lesson:
    """Return the lesson on the chosen examples."""
    pixels, texts, where = [], [], []
    named: list[frozenset[str]] = []
    shown: list[frozenset[str]] = []
    for i in chosen:
        example, drawn = examples[i], pictures[i]
        who = rng.choice(sorted(drawn.boxes)) if drawn.boxes and rng.random() < CLOSE_UP else None
        text, facts = say(example, rng, who)
        cut, grid = _cut(drawn, who, labels, rng)
        pixels.append(cut)
        where.append(grid)
        texts.append(text)
        named.append(facts)
        # Of a close-up one is to learn who it is, whatever is behind.
        shown.append(example.facts if who is None else frozenset({f"actor:{who}"}))
    return Lesson(
        pixels=np.stack(pixels).transpose(0, 3, 1, 2),
        texts=texts,
        fits=np.array([[facts <= there for there in shown] for facts in named]),
        where=np.stack(where),
        shown=_marks(shown, labels),
        named=_marks(named, labels),
    )


def _marks(facts: Sequence[frozenset[str]], labels: Mapping[str, int]) -> npt.NDArray[np.float32]:
    marks = np.zeros((len(facts), len(labels)), np.float32)
    for row, found in enumerate(facts):
        marks[row, [labels[fact] for fact in found]] = 1
    return marks


def _cut(
    drawn: Drawn, who: str | None, labels: Mapping[str, int], rng: Random
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Return a random cut of a picture, 96 × 96, its colours a little changed and half of the time mirrored."""
    x0, y0, x1, y1 = _window(drawn, who, rng)
    cut = drawn.pixels[y0:y1, x0:x1]
    cut = cv2.resize(cut, (SIDE, SIDE), interpolation=cv2.INTER_AREA if y1 - y0 > SIDE else cv2.INTER_CUBIC)
    grid = np.zeros((_GRID, _GRID), np.int64)
    middles = (np.arange(_GRID) + 0.5) / _GRID
    xs, ys = x0 + middles * (x1 - x0), y0 + middles * (y1 - y0)
    for name, (a, b, c, d) in drawn.boxes.items():
        grid[((ys > b) & (ys < d))[:, None] & ((xs > a) & (xs < c))[None, :]] = labels[f"actor:{name}"] + 1
    if rng.random() < 0.5:
        cut, grid = cut[:, ::-1], grid[:, ::-1]
    gain = np.array([rng.uniform(0.92, 1.08) for _ in range(3)], np.float32)
    return (np.clip(cut.astype(np.float32) / 255 * gain, 0, 1) - MEAN) / STD, grid.ravel()


def _window(drawn: Drawn, who: str | None, rng: Random) -> tuple[int, int, int, int]:
    """Return what part of a picture is shown: an actor, or nearly all of it, or half of it at least with everyone in it.

    Figures of every size, at every place of the 96 × 96: what is learnt of them in one place must serve in all.
    """
    height, width = drawn.pixels.shape[:2]
    if who is not None:
        left, top, right, bottom = drawn.boxes[who]
        wide, high = right - left, bottom - top
        sides = [round(length * rng.uniform(-0.04, 0.08)) for length in (wide, high, wide, high)]
        return (
            max(0, left - sides[0]), max(0, top - sides[1]), min(width, right + sides[2]), min(height, bottom + sides[3])
        )  # fmt: skip
    part = rng.uniform(0.85, 1.0) if rng.random() < 0.6 or not drawn.boxes else rng.uniform(0.5, 0.85)
    spans = []
    for axis, full in ((0, width), (1, height)):
        length = part * full
        low = min((box[axis] for box in drawn.boxes.values()), default=0.0)
        high_end = max((box[axis + 2] for box in drawn.boxes.values()), default=float(full))
        length = min(float(full), max(length, high_end - low))
        first, last = max(0.0, high_end - length), min(full - length, low)
        if not drawn.boxes:
            first, last = 0.0, full - length
        start = rng.uniform(min(first, last), max(first, last))
        spans.append((round(start), round(start + length)))
    (x0, x1), (y0, y1) = spans
    return x0, y0, x1, y1
