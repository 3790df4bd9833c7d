"""Whole films by every kind of real model on tiny checkpoints, and what the gates do to them, through the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kamishibai import Studio
from kamishibai.media.sound import RATE_HZ, encode_wav
from kamishibai.models import registry
from kamishibai.work.events import Event

pytestmark = pytest.mark.slow

Tiny = Callable[[str], Path]
STORY = 'A small fox found a lantern in the forest.\n"Whose light is this?" asked the owl.\nThe fox ran home in the snow.\n'


def make(folder: Path, *more: str) -> list[dict[str, Any]]:
    """Run `kamishibai make` in a process of its own and return its JSON lines."""
    folder.mkdir(exist_ok=True, parents=True)
    if not (folder / "story.txt").exists():
        (folder / "story.txt").write_text(STORY)
    command = [
        sys.executable, "-m", "kamishibai", "make", str(folder / "story.txt"), "--out", str(folder / "out"),
        "--cache", str(folder / "store"), "--json", "--size", "144", "--quality", "draft", *more,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def ledger(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "out" / "ledger.json").read_text())
    return read


def test_every_kind_of_real_model_makes_one_film_and_a_rerun_calls_none(tiny: Tiny, tmp_path: Path) -> None:
    line = [
        "--text", f"transformers:{tiny('llm')}", "--option", "text.max_new_tokens=1500",
        "--picture", f"diffusers:{tiny('sd15')}", "--option", "picture.steps=1",
        "--option", "picture.width=64", "--option", "picture.height=64",
        "--voice", f"bark:{tiny('bark')}", "--ear", f"whisper:{tiny('whisper')}",
        "--music", f"musicgen:{tiny('musicgen')}", "--sound", f"audioldm2:{tiny('audioldm2')}",
        "--option", "sound.steps=2", "--option", "sound.seconds_per_sound=2",
        "--eye", f"clip:{tiny('clip')}", "--critic", f"llava:{tiny('llava')}",
        "--option", "critic.max_new_tokens=16", "--retakes", "1", "--best-of", "2", "--gates", "cast=retake",
    ]  # fmt: skip
    make(tmp_path, *line)
    made = ledger(tmp_path)
    stages: dict[str, set[str]] = {}
    for entry in made["entries"]:
        stages.setdefault(entry["stage"], set()).add(":".join(entry["maker"].split(":")[:2]))
    assert stages["speak"] == {"voice:bark"}
    assert stages["listen"] == {"ear:whisper"}
    assert "picture:diffusers" in stages["draw"]
    assert stages["look"] == {"eye:clip"}
    assert stages["judge"] == {"critic:llava"}
    assert stages["compose"] == {"music:musicgen"}
    assert stages["sound"] == {"sound:audioldm2"}
    assert {"narration", "picture", "mix", "captions"} <= {v["gate"] for v in made["verdicts"]}
    # Random weights say nothing that anybody could understand, and the gate has to notice.
    assert not any(v["passed"] for v in made["verdicts"] if v["gate"] == "narration")
    draws = Counter(
        e["scene"]
        for e in made["entries"]
        if e["maker"].startswith("picture:diffusers") and e["stage"] == "draw"
    )
    assert all(2 <= count <= 3 for count in draws.values()), "best of two, and one retake at the most"
    assert (tmp_path / "out" / "report.html").read_text().count("Gates") >= 1

    film = (tmp_path / "out" / "out.mp4").read_bytes()
    (tmp_path / "out" / ".kamishibai" / "state.json").unlink()
    (tmp_path / "out" / "storyboard.yaml").unlink()
    events = make(tmp_path, *line)
    again = [e for e in events if e["event"] in ("call", "load") and e.get("stage") != "join"]
    assert not again
    assert (tmp_path / "out" / "out.mp4").read_bytes() == film


def test_the_other_real_models_make_one_film_too(tiny: Tiny, tmp_path: Path) -> None:
    tone = 0.2 * np.sin(np.arange(5 * RATE_HZ) * 2 * np.pi * 220 / RATE_HZ).astype(np.float32)
    (tmp_path / "my tune.wav").write_bytes(encode_wav(np.stack([tone, tone])))
    make(
        tmp_path, "--picture", "fake", "--voice", f"vits:{tiny('vits')}", "--ear", f"whisper:{tiny('whisper-ct2')}",
        "--music", str(tmp_path / "my tune.wav"), "--sound", f"stable-audio:{tiny('stable-audio')}",
        "--option", "sound.steps=2", "--option", "sound.seconds_per_sound=1",
        "--eye", f"clip:{tiny('siglip')}", "--critic", f"llava:{tiny('llava-old')}",
        "--option", "critic.max_new_tokens=16", "--retakes", "0",
    )  # fmt: skip
    makers = {":".join(e["maker"].split(":")[:2]) for e in ledger(tmp_path)["entries"]}
    assert makers >= {
        "voice:vits",
        "ear:whisper",
        "music:file",
        "sound:stable-audio",
        "eye:clip",
        "critic:llava",
    }


# --------------------------------------------------------------------- the narration gate, on real speech
STUMBLER = '''
"""Voices for tests: the embedded one, with faults of its own."""
from kamishibai.models.voice.hibari import Hibari
from kamishibai.work.key import seed_for

FIRST = {seed_for(7, f"s{n:02d}", "voice") for n in range(100)} | {seed_for(7, f"s{n:03d}", "voice") for n in range(100)}

class Stumbler(Hibari):
    """Leaves out a word in every first take."""
    id = "voice:stumbler"
    varies = True
    def run(self, asks, desk):
        takes = super().run([a.model_copy(update={"text": a.text.replace("small ", "") if a.seed in FIRST else a.text}) for a in asks], desk)
        whole = super().run(asks, desk)
        return [t.model_copy(update={"spoken": w.spoken}) for t, w in zip(takes, whole)]

class Rambler(Hibari):
    """Adds words to the end of every line, and waits before the first one."""
    id = "voice:rambler"
    def run(self, asks, desk):
        takes = super().run([a.model_copy(update={"text": a.text + " Banana telephone."}) for a in asks], desk)
        whole = super().run(asks, desk)
        return [t.model_copy(update={"spoken": w.spoken, "words": t.words[: len(w.words)]}) for t, w in zip(takes, whole)]
'''


@pytest.fixture
def faulty_voices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two plug-ins, installed as pip would."""
    info = tmp_path / "faulty-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: faulty\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[kamishibai.models]\nvoice:stumbler = faulty_voices:Stumbler\nvoice:rambler = faulty_voices:Rambler\n"
    )
    (tmp_path / "faulty_voices.py").write_text(STUMBLER)
    monkeypatch.delitem(sys.modules, "faulty_voices", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    registry._points.cache_clear()
    yield
    registry._points.cache_clear()


def film(folder: Path, told: list[Event], **settings: Any) -> dict[str, Any]:
    (folder / "story.txt").write_text("A small fox found a lantern.\nThe moon came out.\n")
    Studio(
        listen=told.append, cache=folder / "store", size=144, quality="draft", picture="fake", music="none",
        sound="none", workers=0, titles=False, **settings,
    ).make(folder / "story.txt", folder / "out")  # fmt: skip
    return ledger(folder)


def test_a_word_that_is_left_out_is_heard_and_the_line_is_said_again(
    faulty_voices: None, tmp_path: Path
) -> None:
    made = film(tmp_path, [], voice="stumbler")
    said = [e for e in made["entries"] if e["stage"] == "speak"]
    verdicts = [v for v in made["verdicts"] if v["gate"] == "narration"]
    assert all(v["passed"] for v in verdicts)
    assert len(said) == 3, "one line of two was said twice"
    assert "take 2 of 2 is kept" in said[0]["notes"][-1]
    assert "small" in said[1]["notes"][-1]


def test_with_warn_the_fault_is_told_and_the_take_is_kept(faulty_voices: None, tmp_path: Path) -> None:
    told: list[Event] = []
    made = film(tmp_path, told, voice="stumbler", gates="warn")
    assert [v["passed"] for v in made["verdicts"] if v["gate"] == "narration"] == [False, True]
    assert any(e.event == "warning" and "small" in e.text for e in told)
    assert "small" in (tmp_path / "out" / "report.html").read_text()


def test_with_off_nothing_is_measured(faulty_voices: None, tmp_path: Path) -> None:
    made = film(tmp_path, [], voice="stumbler", gates="off")
    assert made["verdicts"] == []
    assert not [e for e in made["entries"] if e["stage"] == "examine"]


def test_words_of_the_voices_own_are_cut_off(faulty_voices: None, tmp_path: Path) -> None:
    made = film(tmp_path, [], voice="rambler")
    assert all(v["passed"] for v in made["verdicts"] if v["gate"] == "narration")
    assert made["measured"]["narration_wer"] == 0
    assert next(e["maker"] for e in made["entries"] if e["stage"] == "speak") == "gate:trim"
