"""Whole films by generative models, on tiny seeded checkpoints, through the command line that real weights take."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest

from kamishibai import Studio
from kamishibai.work.events import Event

pytestmark = pytest.mark.slow

STORY = "A small fox found a lantern in the forest.\nThe fox ran home through the rain.\nEverybody danced."
QUICK = [
    "--size",
    "144",
    "--quality",
    "draft",
    "--voice",
    "fake",
    "--music",
    "none",
    "--sound",
    "none",
    "--ear",
    "none",
    # Random weights draw noise, which every gate rightly refuses.
    "--gates",
    "off",
]
STEPS = "steps=2"
Tiny = Callable[[str], Path]


def command(folder: Path, *more: str) -> list[str]:
    folder.mkdir(exist_ok=True, parents=True)
    (folder / "story.txt").write_text(STORY)
    return [
        sys.executable, "-m", "kamishibai", "make", str(folder / "story.txt"), "--out", str(folder / "out"),
        "--cache", str(folder / "store"), "--json", *QUICK, *more,
    ]  # fmt: skip


def run(command: list[str]) -> list[dict[str, Any]]:
    """Run the command line and return its JSON lines."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def ledger(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "out" / "ledger.json").read_text())
    return read


def frames(film: Path) -> int:
    with av.open(str(film)) as container:
        return sum(1 for _ in container.decode(video=0))


def pictures(model: Path) -> list[str]:
    return ["--picture", f"diffusers:{model}", "--option", f"picture:diffusers:{model}.{STEPS}"]


def clips(name: str, model: Path) -> list[str]:
    small = [
        f"motion:{name}:{model}.{part}" for part in (STEPS, "width=64", "height=64", "frames=5", "clips=1")
    ]
    return ["--motion", f"{name}:{model}", *(part for option in small for part in ("--option", option))]


@pytest.mark.parametrize(
    "family", ["sd15", "sdxl", "sdxl-turbo", "sd3", "flux", "zimage", "qwenimage", "sd15.safetensors"]
)
def test_every_picture_family_makes_a_film(tiny: Tiny, tmp_path: Path, family: str) -> None:
    more = pictures(tiny(family))
    if family == "sd15.safetensors":
        more += ["--option", f"picture:diffusers:{tiny(family)}.config={tiny('sd15')}"]
    run(command(tmp_path, *more))
    drawn = [
        e for e in ledger(tmp_path)["entries"] if e["stage"] == "draw" and e["maker"].startswith("picture:")
    ]
    assert len(drawn) == 3
    assert len({entry["made"][0] for entry in drawn}) == 3
    assert all(entry["weights"] and entry["seed"] is not None and entry["prompt"] for entry in drawn)
    assert frames(tmp_path / "out" / "out.mp4") > 200


@pytest.mark.parametrize(
    ("name", "family"), [("svd", "svd"), ("modelscope", "modelscope"), ("ltx", "ltx"), ("wan", "wan"), ("wan", "wan-i2v"),
                         ("diffusers", "svd")]
)  # fmt: skip
def test_every_motion_family_makes_a_film(tiny: Tiny, tmp_path: Path, name: str, family: str) -> None:
    run(command(tmp_path, *pictures(tiny("sd15")), *clips(name, tiny(family))))
    entries = ledger(tmp_path)["entries"]
    moved = [e for e in entries if e["stage"] == "move"]
    assert Counter(e["maker"].split(":")[1] for e in moved) == {name: 3, "camera": 2}
    drawn = [e for e in entries if e["stage"] == "draw" and e["maker"].startswith("picture:")]
    assert len(drawn) == (3 if family in ("svd", "ltx", "wan-i2v") else 0)
    assert frames(tmp_path / "out" / "out.mp4") > 200


def test_a_rerun_calls_no_model_even_when_its_project_was_forgotten(tiny: Tiny, tmp_path: Path) -> None:
    line = command(tmp_path, *pictures(tiny("sd15")), *clips("svd", tiny("svd")))
    run(line)
    film = (tmp_path / "out" / "out.mp4").read_bytes()
    (tmp_path / "out" / ".kamishibai" / "state.json").unlink()
    (tmp_path / "out" / "storyboard.yaml").unlink()
    events = run(line)
    assert not [
        event for event in events if event["event"] in ("call", "load") and event.get("stage") != "join"
    ]
    assert (tmp_path / "out" / "out.mp4").read_bytes() == film


def test_the_same_weights_under_another_path_are_the_same_model(tiny: Tiny, tmp_path: Path) -> None:
    import shutil

    run(command(tmp_path, *pictures(tiny("sd15"))))
    shutil.copytree(tiny("sd15"), tmp_path / "elsewhere" / "sd15")
    events = run(command(tmp_path, *pictures(tmp_path / "elsewhere" / "sd15")))
    assert not [event for event in events if event["event"] == "load"]


@pytest.mark.skipif(sys.platform == "win32", reason="kills a POSIX process group")
def test_a_film_survives_kills_and_repeats_bit_for_bit(tiny: Tiny, tmp_path: Path) -> None:
    more = [*pictures(tiny("sd15")), *clips("svd", tiny("svd"))]
    run(command(tmp_path / "whole", *more))
    reference = (tmp_path / "whole" / "out" / "out.mp4").read_bytes()
    line = command(tmp_path / "killed", *more)
    chance, kills = random.Random(7), 0
    for _ in range(4):
        process = subprocess.Popen(
            line, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(timeout=chance.uniform(2, 9))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            kills += 1
    assert kills
    run(line)
    assert (tmp_path / "killed" / "out" / "out.mp4").read_bytes() == reference


@pytest.mark.parametrize("scenes", [3, 60])
def test_models_are_loaded_once_a_family_and_one_is_resident(tiny: Tiny, tmp_path: Path, scenes: int) -> None:
    told: list[Event] = []
    picture, motion = f"picture:diffusers:{tiny('sd15')}", f"motion:svd:{tiny('svd')}"
    small = {"steps": 1, "width": 64, "height": 64}
    lines = "\n".join(f"The fox walked to house number {n}." for n in range(scenes))
    (tmp_path / "story.txt").write_text(lines)
    Studio(
        listen=told.append, cache=tmp_path / "store", size=144, quality="draft", picture=picture, motion=motion,
        voice="fake", music="none", sound="none", ear="none", gates="off", workers=2,
        options={picture: small, motion: {**small, "frames": 2, "clips": 1, "smooth": "none"}},
    ).make(tmp_path / "story.txt", tmp_path / "out")  # fmt: skip
    heavy = [event for event in told if event.event in ("load", "free") and event.why == "device"]
    assert Counter(event.maker for event in heavy if event.event == "load") == {picture: 1, motion: 1}
    resident = most = 0
    for event in heavy:
        resident += 1 if event.event == "load" else -1
        most = max(most, resident)
    assert (most, resident) == (1, 0)


def test_steps_are_told_while_a_picture_forms(tiny: Tiny, tmp_path: Path) -> None:
    events = run(command(tmp_path, *pictures(tiny("sd15"))))
    notes = {
        event.get("text", "") for event in events if event["event"] == "progress" and event["stage"] == "draw"
    }
    assert any(note.startswith("step 1 of") for note in notes)


def test_an_edited_word_draws_and_moves_nothing_again(tiny: Tiny, tmp_path: Path) -> None:
    line = command(tmp_path, *pictures(tiny("sd15")), *clips("svd", tiny("svd")))
    run(line)
    board = tmp_path / "out" / "storyboard.yaml"
    board.write_text(board.read_text().replace("found a lantern", "met a lantern"))
    events = run(line)
    stages = Counter(event["stage"] for event in events if event["event"] == "call")
    assert stages["speak"] == 1
    assert not stages["draw"]
    assert not stages["move"]


def test_where_motion_fails_the_camera_moves_only_if_that_was_allowed(tiny: Tiny, tmp_path: Path) -> None:
    import shutil

    import safetensors.torch
    import torch

    folder = tmp_path / "broken"
    shutil.copytree(tiny("svd"), folder)
    (weights,) = (folder / "vae").glob("*.safetensors")
    tensors = safetensors.torch.load_file(weights)
    safetensors.torch.save_file({n: torch.full_like(t, float("nan")) for n, t in tensors.items()}, weights)
    line = command(tmp_path, *pictures(tiny("sd15")), *clips("svd", folder))
    refused = subprocess.run(line, capture_output=True, text=True, timeout=300)
    assert refused.returncode == 70
    run([*line, "--motion-fallback"])
    moved = [e for e in ledger(tmp_path)["entries"] if e["stage"] == "move" and e["scene"].startswith("s")]
    assert {e["maker"] for e in moved} == {"motion:camera"}
    assert all("moved by the camera in place of motion:svd" in " ".join(e["notes"]) for e in moved)
