"""A whole course: scenes are drawn, a small CLIP is trained on them and written to a folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from clip_school.drawn import draw
from clip_school.network import build, save, tokenizer_of
from clip_school.training import train
from clip_school.vocabulary import FULL, SMALL, Example, Vocabulary, examples
from clip_school.words import corpus

__all__ = ["COURSES", "Course", "make_clip"]


@dataclass(frozen=True)
class Course:
    """What is learnt, from how many scenes, for how long."""

    vocabulary: Vocabulary
    scenes: int
    steps: int
    width: int = 160
    height: int = 90
    """Of the film that the scenes are drawn for; the canvas is 1.15 times as large."""

    def held_out(self, count: int, seed: int = 2) -> list[Example]:
        """Return up to `count` scenes whose actor, place and hour were never together in training."""
        return examples(self.vocabulary, count, seed, held=True)


COURSES = {"small": Course(SMALL, scenes=700, steps=750), "full": Course(FULL, scenes=2400, steps=3600)}
"""``small`` is learnt in about a minute and a half of one core, ``full`` in about six minutes of one."""


def make_clip(
    folder: Path,
    course: Course,
    *,
    workers: int = 1,
    seed: int = 0,
    tell: Callable[[str], None] = lambda text: None,
) -> None:
    """Draw, train and write a CLIP to `folder`; the same course and seed give the same scenes and first weights.

    Torch is left on as many threads as it has.
    """
    import torch

    shown = examples(course.vocabulary, course.scenes, seed + 1, held=False)
    pictures = draw(shown, course.width, course.height, workers)
    tell(f"{len(shown)} scenes drawn")
    with torch.random.fork_rng(devices=[]):
        tokenizer = tokenizer_of(corpus(shown, seed))
        model = build(tokenizer, seed=seed)
        train(model, tokenizer, shown, pictures, course.steps, seed=seed, tell=tell)
    folder.mkdir(parents=True, exist_ok=True)
    save(model, tokenizer, folder)
