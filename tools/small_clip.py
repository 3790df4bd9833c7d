"""Trains a small CLIP on paper-theatre scenes, on the CPU, and shows how well it finds scenes it never saw.

Run it with ``python tools/small_clip.py --out FOLDER`` from the project's folder; then ``eye:clip:FOLDER`` looks
with it. ``--course small`` takes a third of the time and knows a third of the words. It is for trials and tests:
it knows paper theatre alone, and nothing of photographs or other pictures.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from random import Random

HELD_OUT = 200


def main() -> None:
    """Read the arguments, train, and print the retrieval over held-out scenes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the checkpoint")
    parser.add_argument("--course", choices=("small", "full"), default="full")
    parser.add_argument("--workers", type=int, default=2, help="processes that draw")
    parser.add_argument("--threads", type=int, default=1, help="threads that train")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()

    import torch
    from clip_school.course import COURSES, make_clip
    from transformers.utils import logging

    torch.set_num_threads(given.threads)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    began, used = time.perf_counter(), time.process_time()
    course = COURSES[given.course]
    make_clip(
        given.out, course, workers=given.workers, seed=given.seed, tell=lambda text: print(text, flush=True)
    )
    weights = (given.out / "model.safetensors").stat().st_size / 1e6
    print(
        f"{given.out}: {weights:.1f} MB, {time.perf_counter() - began:.0f} s, of them {time.process_time() - used:.0f} s "
        "of this process's CPU (drawing has its own)"
    )
    for line in exam(given.out, given.course):
        print(line, flush=True)


def exam(folder: Path, name: str) -> list[str]:
    """Return how well the CLIP in `folder` finds scenes of that course whose combination it never saw."""
    from clip_school.course import COURSES
    from clip_school.drawn import draw
    from clip_school.retrieval import Eye, retrieved
    from clip_school.words import line_for, prompt_for

    course, rng = COURSES[name], Random(9)
    held = course.held_out(HELD_OUT)
    pictures = [drawn.pixels for drawn in draw(held, course.width, course.height)]
    eye = Eye(folder)
    texts = {
        "by its prompt": [prompt_for(example) for example in held],
        "by a line": [line_for(example, rng)[0] for example in held],
    }
    return [f"{how}: {retrieved(eye.against_texts(pictures, words))}" for how, words in texts.items()]


if __name__ == "__main__":
    sys.exit(main())
