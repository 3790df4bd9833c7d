"""Memory that really runs out: a process that may take only a little more, and a batch that is too large for it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("diffusers")

CHILD = """
import json, resource, sys
import torch
torch.set_num_threads(1)
from diffusers import StableDiffusionPipeline
from kamishibai.devices.memory import Device, plan_memory
from kamishibai.diffusion.pipe import quiet
from kamishibai.diffusion.placing import answer_with_ladder, place
from kamishibai.errors import ModelError
from kamishibai.weights.families import family_named

COUNT, SIZE, LARGE, ROOM = 40, 256, 2048, 64_000_000


class Desk:
    def __init__(self):
        self.notes = []

    def note(self, text, *, warn=False):
        self.notes.append(text)


with quiet():
    pipe = StableDiffusionPipeline.from_pretrained(
        sys.argv[1], safety_checker=None, requires_safety_checker=False
    )
pipe.set_progress_bar_config(disable=True)
here = Device(kind="cpu", total_mb=64_000, free_mb=64_000)


def plan_of(size, batch):
    return plan_memory(here, family_named("sd15"), 1, size, size, batch=batch)


def draw(plan, count=COUNT):
    means = []
    for first in range(0, count, plan.batch):
        seeds = range(first, min(first + plan.batch, count))
        generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
        images = pipe(
            ["a fox"] * len(seeds), num_inference_steps=1, height=plan.height, width=plan.width,
            generator=generators, output_type="np",
        ).images
        means += images.mean((1, 2, 3)).tolist()
    return means


def put(plan, room):
    place(pipe, plan, here)
    if room:
        # What the process holds already varies with how its heap is cut up; the room beside it does not.
        taken = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + room, resource.RLIM_INFINITY))


def descend(run, plan, room=0):
    desk, means, error, last = Desk(), [], "", plan
    put(plan, room)
    try:
        means, last = answer_with_ladder(run, plan, lambda plan: put(plan, room), desk)
    except ModelError as caught:
        error = str(caught)
    return {"means": means, "notes": desk.notes, "batch": last.batch, "width": last.width, "error": error}


report = {"roomy": descend(lambda plan: draw(plan, 2), plan_of(SIZE, 1))}
report["tight"] = descend(draw, plan_of(SIZE, COUNT), ROOM)
report["large"] = descend(lambda plan: draw(plan, 1), plan_of(LARGE, 1), ROOM)
print(json.dumps(report))
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="limits a process's address space as Linux does"),
]


@pytest.fixture(scope="module")
def report(tiny: Callable[[str], Path]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(tiny("sd15"))],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_a_batch_that_is_too_large_is_halved_until_it_fits_and_the_pictures_stay_the_same(
    report: dict[str, Any],
) -> None:
    tight = report["tight"]

    assert tight["error"] == ""
    assert tight["batch"] < 40
    assert tight["means"][:2] == pytest.approx(report["roomy"]["means"], abs=1e-4)
    assert len(tight["means"]) == 40
    assert tight["notes"][0].startswith("After running out of memory: 20 at a time.")


def test_a_size_that_is_too_large_ends_in_an_error_that_says_what_would_help(report: dict[str, Any]) -> None:
    error = report["large"]["error"]

    assert "ran out of memory on cpu at 2048×2048" in error
    assert "shrink=true" in error
