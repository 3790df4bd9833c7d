"""Measures a trained CLIP through the ordinary eye: retrieval, and which of several pictures fits a scene."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt

from clip_school.drawn import draw
from clip_school.vocabulary import Example, Vocabulary, character
from kamishibai.documents.ref import Ref
from kamishibai.media.picture import encode_png
from kamishibai.models import registry
from kamishibai.models.kinds import Look

__all__ = ["WRONG", "Eye", "Retrieved", "picks", "retrieved", "wrong_ones"]

Matrix = npt.NDArray[np.float64]


@dataclass
class Eye:
    """``eye:clip:FOLDER`` with the pictures it was shown in memory; it is a desk for models that draw, too."""

    folder: Path
    blobs: dict[str, bytes] = field(default_factory=dict)
    _model: Any = None

    def open(self, ref: Ref) -> bytes:
        """Return a picture, as a desk does."""
        return self.blobs[ref.sha256]

    def progress(self, done: float, note: str = "") -> None:
        """Take no notice."""

    def cancelled(self) -> bool:
        """Never stop."""
        return False

    def note(self, text: str, *, warn: bool = False) -> None:
        """Take no notice."""

    def save(self, data: bytes, media_type: str) -> Ref:
        """Keep what a model makes, as a desk does."""
        name = hashlib.sha256(data).hexdigest()
        self.blobs[name] = data
        return Ref(sha256=name, media_type=media_type, size=len(data))

    def ref(self, pixels: npt.NDArray[np.uint8]) -> Ref:
        """Keep a picture, RGB of shape (height, width, 3)."""
        return self.save(encode_png(np.ascontiguousarray(pixels)), "image/png")

    def look(self, asks: Sequence[Look]) -> list[Any]:
        """Return the score of every ask."""
        if self._model is None:
            self._model = registry.make(f"eye:clip:{self.folder}")
            self._model.load()
        return list(self._model.run(asks, self))

    def against_texts(self, pictures: Sequence[npt.NDArray[np.uint8]], texts: Sequence[str]) -> Matrix:
        """Return the cosines of every picture (row) with every text (column)."""
        scores = self.look([Look(image=self.ref(pixels), texts=tuple(texts)) for pixels in pictures])
        return np.array([score.texts for score in scores])

    def against_pictures(
        self, pictures: Sequence[npt.NDArray[np.uint8]], others: Sequence[npt.NDArray[np.uint8]]
    ) -> Matrix:
        """Return the cosines of every picture (row) with every other picture (column)."""
        refs = tuple(self.ref(pixels) for pixels in others)
        scores = self.look([Look(image=self.ref(pixels), pictures=refs) for pixels in pictures])
        return np.array([score.pictures for score in scores])


@dataclass(frozen=True)
class Retrieved:
    """Retrieval over `count` scenes with a picture and a text each; all parts from 0 to 1."""

    count: int
    text_to_image_1: float
    text_to_image_5: float
    image_to_text_1: float
    image_to_text_5: float
    one_of_four: float
    """How often the text fits its own picture better than three random others."""

    def __str__(self) -> str:
        chance = (1 / self.count, 5 / self.count)
        return (
            f"text→image R@1 {self.text_to_image_1:.0%}, R@5 {self.text_to_image_5:.0%}; image→text R@1 "
            f"{self.image_to_text_1:.0%}, R@5 {self.image_to_text_5:.0%} (chance {chance[0]:.1%}, {chance[1]:.1%}); "
            f"one of four {self.one_of_four:.0%} (chance 25%); {self.count} scenes"
        )


def retrieved(cosines: Matrix, seed: int = 0) -> Retrieved:
    """Return how well texts (columns) and pictures (rows) find each other; ties count as misses."""
    count = len(cosines)
    own = np.diag(cosines)
    better_pictures = (cosines >= own[None, :]).sum(0) - 1
    better_texts = (cosines >= own[:, None]).sum(1) - 1
    rng = Random(seed)
    four = [
        all(own[i] > cosines[j, i] for j in rng.sample([k for k in range(count) if k != i], 3))
        for i in range(count)
    ]
    return Retrieved(
        count,
        float(np.mean(better_pictures < 1)), float(np.mean(better_pictures < 5)),
        float(np.mean(better_texts < 1)), float(np.mean(better_texts < 5)), float(np.mean(four)),
    )  # fmt: skip


def _other(choices: Sequence[str], own: str, count: int, rng: Random) -> list[str]:
    return rng.sample([choice for choice in choices if choice != own], count)


def _recast(example: Example, noun: str) -> Example:
    who = character(noun)
    actors = (example.scene.actors[0].model_copy(update={"who": who.id}), *example.scene.actors[1:])
    return replace(
        example, scene=example.scene.model_copy(update={"actors": actors}), cast=(who, *example.cast[1:])
    )


def _elsewhere(example: Example, **fields: str) -> Example:
    return replace(example, scene=example.scene.model_copy(update=fields))


WRONG: Mapping[str, Callable[[Example, Vocabulary, Random], list[Example]]] = {
    "another actor": lambda e, v, r: [_recast(e, noun) for noun in _other(v.cast, e.cast[0].noun, 3, r)],
    "actor missing": lambda e, v, r: [
        replace(e, scene=e.scene.model_copy(update={"actors": ()}), cast=(), seed=e.seed + k)
        for k in range(3)
    ],
    "another place": lambda e, v, r: [
        _elsewhere(e, setting=place) for place in _other(v.settings, e.scene.setting, 3, r)
    ],
    "another hour": lambda e, v, r: [
        _elsewhere(e, time=hour) for hour in _other(v.times, e.scene.time, 3, r)
    ],
}
"""Kinds of wrongness: three scenes that are wrong in one thing alone."""


def wrong_ones(
    kind: str,
    examples: Sequence[Example],
    vocabulary: Vocabulary,
    seed: int,
    size: tuple[int, int],
    workers: int = 1,
) -> list[list[npt.NDArray[np.uint8]]]:
    """Return three wrong pictures for every example, wrong in the way of `kind`, one of `WRONG`."""
    rng = Random(seed)
    scenes = [wrong for example in examples for wrong in WRONG[kind](example, vocabulary, rng)]
    pixels = [drawn.pixels for drawn in draw(scenes, *size, workers=workers)]
    return [pixels[i : i + 3] for i in range(0, len(pixels), 3)]


def picks(
    eye: Eye,
    right: Sequence[npt.NDArray[np.uint8]],
    wrong: Sequence[Sequence[npt.NDArray[np.uint8]]],
    texts: Sequence[str],
) -> list[bool]:
    """Say for each scene whether its right picture fits its text better than every wrong one."""
    found = []
    for picture, others, text in zip(right, wrong, texts, strict=True):
        own, *rest = eye.against_texts([picture, *others], [text])[:, 0]
        found.append(bool(own > max(rest)))
    return found
