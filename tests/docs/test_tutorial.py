"""Every command of the tutorial, typed in its order, against a hub on this machine that serves tiny checkpoints."""

from __future__ import annotations

import io
import itertools
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kamishibai import Studio
from kamishibai.weights.presets import preset
from local_hub import LocalHub

pytestmark = pytest.mark.slow

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S)
LINES = [line for block in BLOCKS for line in block.splitlines() if line.strip()]
NOT_RUN = ["pip install 'kamishibai[ear,models]'", "kamishibai doctor"]
"""What the test session has done already, and what looks at the machine and not at the tutorial."""
SERVED = {
    "clip-vit-base-patch32": "clip", "llava-1.5-7b": "llava", "bark-small": "bark", "whisper-small": "whisper",
    "qwen2.5-1.5b": "llm", "sd15": "sd15", "svd-xt": "svd", "musicgen-small": "musicgen", "audioldm2": "audioldm2",
}  # fmt: skip
STORY = "A small fox found a lantern.\nThe owl knew whose it was.\nThey danced all night.\n"
SMALL = {
    "size": 144,
    "quality": "draft",
    "options": {
        "picture:diffusers": {"steps": 1, "width": 64, "height": 64},
        "motion:svd": {"steps": 1, "width": 64, "height": 64, "frames": 2, "clips": 1, "smooth": "none"},
        "sound:audioldm2": {"steps": 2, "seconds_per_sound": 2},
        "critic:llava": {"max_new_tokens": 16},
    },
}
"""Settings of the project folders, so that a film takes seconds; the commands stay as they are."""


def pickled(folder: Path) -> dict[str, bytes]:
    """Return a checkpoint's files as Bark's makers publish them: its weights in a pickle."""
    import torch
    from safetensors.torch import load_file

    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    weights = io.BytesIO()
    torch.save(load_file(folder / "model.safetensors"), weights)
    del files["model.safetensors"]
    return {**files, "pytorch_model.bin": weights.getvalue()}


def test_every_command_of_the_tutorial_works(
    hub: LocalHub, tiny: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, built in SERVED.items():
        known = preset(name)
        assert known is not None
        hub.add(known.repo, pickled(tiny(built)) if built == "bark" else tiny(built))
    home = tmp_path / "home"
    home.mkdir()
    (home / "story.txt").write_text(STORY)
    for film in ("story", "mine", "voice"):
        folder = home / "film" / film
        folder.mkdir(parents=True)
        (folder / "kamishibai.yaml").write_text(json.dumps(SMALL))
    Studio(cache=tmp_path / "cache").try_one("voice:hibari", STORY.replace("\n", " "), home / "my.wav")
    environment = {
        **os.environ, "KAMISHIBAI_CACHE": str(tmp_path / "cache"), "KAMISHIBAI_SIZE": "144",
        "KAMISHIBAI_QUALITY": "draft", "KAMISHIBAI_OFFLINE": "false",
    }  # fmt: skip
    assert LINES[: len(NOT_RUN)] == NOT_RUN
    for line in LINES[len(NOT_RUN) :]:
        words = shlex.split(line)
        assert words[0] == "kamishibai", line
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=home,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        # The scorecard of a film by random weights is a bad one: that is what it is for.
        allowed = (0, 76) if words[1] == "check" else (0,)
        assert done.returncode in allowed, f"{line}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}"
        for flag, value in itertools.pairwise(words):
            if flag == "-o":
                assert (home / value).stat().st_size > 0, line
    made = json.loads((home / "film" / "mine" / "ledger.json").read_text())
    makers = {":".join(entry["maker"].split(":")[:2]) for entry in made["entries"]}
    assert makers >= {
        "picture:diffusers", "motion:svd", "voice:bark", "ear:whisper", "music:musicgen", "sound:audioldm2",
        "eye:clip", "critic:llava",
    }  # fmt: skip
    for film in ("story", "mine", "voice"):
        assert list((home / "film" / film).glob("*.mp4")), film
        assert (home / "film" / film / "report.html").is_file()


def test_the_tutorial_ticks_every_box_of_the_study_week() -> None:
    wanted = ["two different multimodal models", "text, images, audio and video", "narration and background music",
              "documented workflow"]  # fmt: skip
    boxes = " ".join(re.findall(r"^- \[ \] (.*)$", PAGE, re.M))
    assert all(part in boxes for part in wanted)
