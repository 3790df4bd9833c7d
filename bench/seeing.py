"""Measures what the picture and cast gates notice, with a small CLIP that was trained on other scenes.

Run it with ``python bench/seeing.py [FOLDER] [--films 25]`` from the project's folder. FOLDER is what
``tools/small_clip.py --course small`` wrote; left out, it is trained first (one to two minutes on a quiet core).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))

from clip_school.course import COURSES, Course, make_clip
from clip_school.drawn import draw
from clip_school.films import (
    Film,
    best_takes,
    cast_verdicts,
    draw_film,
    exchange_somebody,
    picture_verdicts,
    random_film,
)
from clip_school.retrieval import WRONG, Eye, picks, retrieved, wrong_ones
from clip_school.vocabulary import Example
from clip_school.words import line_for, prompt_for

SIZE = (256, 144)
"""Of the films that the gates judge, in pixels."""


def texts_of(examples: Sequence[Example], how: str, seed: int) -> list[str]:
    """Return what the eye reads: the first sentence of each picture prompt, or a line as in a story."""
    if how == "prompt":
        return [prompt_for(example).split(". ")[0] + "." for example in examples]
    rng = Random(seed)
    return [line_for(example, rng)[0] for example in examples]


def measure_retrieval(eye: Eye, course: Course, scenes: int) -> None:
    """Print how scenes that were never seen are found, and which kinds of wrongness are noticed."""
    held = course.held_out(scenes)
    pictures = [drawn.pixels for drawn in draw(held, course.width, course.height)]
    print("Scenes whose actor, place and hour were never together in training")
    for how in ("prompt", "line"):
        print(f"  by its {how}: {retrieved(eye.against_texts(pictures, texts_of(held, how, 9)))}")
    print("The right picture among three that are wrong in one thing (chance 25%)")
    for kind in WRONG:
        wrong = wrong_ones(kind, held, course.vocabulary, 5, (course.width, course.height))
        found = {
            how: np.mean(picks(eye, pictures, wrong, texts_of(held, how, 9))) for how in ("prompt", "line")
        }
        print(
            f"  {kind}: {found['prompt']:.0%} by its prompt, {found['line']:.0%} by a line; {len(held)} scenes"
        )


def measure_pictures(eye: Eye, films: Sequence[tuple[list[Example], Film]]) -> None:
    """Print false alarms, exchanged pictures that are caught, and best-of-four by the picture gate."""
    for how in ("prompt", "line"):
        right, caught, blamed, best = [], [], [], []
        for seed, (examples, film) in enumerate(films):
            texts = texts_of(examples, how, seed)
            right.append([v.passed for v in picture_verdicts(eye, film, texts)])
            pair = Random(seed).sample(range(len(examples)), 2)
            verdicts = picture_verdicts(eye, film.exchanged(*pair), texts)
            caught += [not v.passed for i, v in enumerate(verdicts) if i in pair]
            blamed += [not v.passed for i, v in enumerate(verdicts) if i not in pair]
            best += best_takes(eye, film, texts, seed)
        scenes = sum(map(len, right))
        print(
            f"Picture gate by {how}: {np.mean(caught):.0%} of {len(caught)} exchanged pictures caught; false alarms "
            f"on {1 - np.mean(np.concatenate(right)):.1%} of {scenes} right scenes, in "
            f"{np.mean([not all(one) for one in right]):.0%} of {len(films)} films; {np.mean(blamed):.1%} of bystanders "
            f"blamed; best of four takes is the right one in {np.mean(best):.0%} of {len(best)} (chance 25%)"
        )


def measure_cast(eye: Eye, course: Course, films: Sequence[tuple[list[Example], Film]]) -> None:
    """Print false alarms, and exchanged characters that are caught."""
    right, caught, blamed = [], [], []
    for seed, (examples, film) in enumerate(films):
        right.append([v.passed for v in cast_verdicts(eye, film)])
        index, changed = exchange_somebody(eye, examples, film, course.vocabulary, seed, SIZE)
        verdicts = cast_verdicts(eye, changed)
        caught += [not v.passed for v in verdicts if v.scene == film.scenes[index].id]
        blamed += [not v.passed for v in verdicts if v.scene != film.scenes[index].id]
    scenes = sum(map(len, right))
    print(
        f"Cast gate: {np.mean(caught):.0%} of {len(caught)} exchanged characters caught; false alarms on "
        f"{1 - np.mean(np.concatenate(right)):.1%} of {scenes} right scenes, in "
        f"{np.mean([not all(one) for one in right]):.0%} of {len(films)} films; {np.mean(blamed):.1%} of bystanders blamed"
    )


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="what tools/small_clip.py wrote")
    parser.add_argument("--course", choices=tuple(COURSES), default="small", help="what it was trained on")
    parser.add_argument("--films", type=int, default=25)
    parser.add_argument("--scenes", type=int, default=200, help="most held-out scenes")
    given = parser.parse_args()

    import torch
    from transformers.utils import logging

    torch.set_num_threads(1)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    course = COURSES[given.course]
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        if given.folder is None:
            make_clip(folder, course, tell=lambda text: print(text, flush=True))
        eye = Eye(folder)
        measure_retrieval(eye, course, given.scenes)
        films = []
        for seed in range(given.films):
            examples = random_film(course.vocabulary, seed)
            asks = [example.ask(*SIZE) for example in examples]
            films.append((examples, draw_film(eye, asks, [example.scene for example in examples])))
        measure_pictures(eye, films)
        measure_cast(eye, course, films)


if __name__ == "__main__":
    main()
