"""Measures the gates: what is caught of real speech and pictures that were spoiled, what sound ones they refuse, and their cost.

Run it with ``python bench/gates.py [--count N] [--story STORY]`` from the project's folder. Everything is made by the
embedded models. Spoiled takes are listened to alone; sound ones in shared windows, as a film's are.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "gates")]

from spoiled import SENTENCES, SPOILED, Line, hear, say  # noqa: E402

from desks import RecordingDesk  # noqa: E402
from kamishibai.documents.read_story import parse_story  # noqa: E402
from kamishibai.documents.takes import Transcript  # noqa: E402
from kamishibai.engine.fonts import font_for  # noqa: E402
from kamishibai.gates.narration import examine_narration, judge_narration  # noqa: E402
from kamishibai.gates.still import judge_still, still_facts  # noqa: E402
from kamishibai.gates.wer import word_errors  # noqa: E402
from kamishibai.media.picture import Pixels  # noqa: E402
from kamishibai.media.sound import RATE_HZ  # noqa: E402
from kamishibai.models import registry  # noqa: E402
from kamishibai.models.kinds import Draft  # noqa: E402
from kamishibai.steps.draw import draw_ask  # noqa: E402

GATE_STAGES = {"listen", "examine", "look", "judge"}
"""Stages of a film's ledger that exist for the gates."""
HEAD = f"{'takes':<26}{'passed':>8}{'of':>6}{'WER %':>8}{'CPU s a minute heard':>22}"


def row(name: str, lines: list[Line], heard: list[Transcript], spent: float) -> None:
    """Print how many takes pass, the word error rate over them all, and the ear's cost."""
    passed = errors = words = 0
    for line, said in zip(lines, heard, strict=True):
        found = word_errors(line.spoken, said.text)
        facts = examine_narration(line.sound[None, :], RATE_HZ, found.words)
        passed += judge_narration(facts, found).passed
        errors, words = errors + found.errors, words + found.words
    minutes = sum(len(line.sound) for line in lines) / RATE_HZ / 60
    print(
        f"{name:<26}{passed:>8}{len(lines):>6}{100 * errors / words:>8.1f}{spent / minutes:>22.1f}",
        flush=True,
    )


def narration(count: int) -> None:
    """Print what the narration gate says of sound takes and of spoiled ones."""
    desk = RecordingDesk()
    lines = say(SENTENCES[:count], desk)
    print(HEAD)
    began = time.process_time()
    row("sound", lines, hear([line.sound for line in lines], desk, alone=False), time.process_time() - began)
    for name, spoil in SPOILED.items():
        bad = [spoil(line, lines[(i + 7) % len(lines)]) for i, line in enumerate(lines)][::2]
        began = time.process_time()
        row(name, bad, hear([line.sound for line in bad], desk, alone=True), time.process_time() - began)


def scenes() -> list[Pixels]:
    """Draw every sentence, ten to a story."""
    desk = RecordingDesk()
    planner, painter = registry.make("text:planner"), registry.make("picture:papercut")
    planner.load()
    drawn = []
    for first in range(0, len(SENTENCES), 10):
        story = parse_story("\n".join(SENTENCES[first : first + 10]).encode(), source="bench").story
        (board,) = planner.run([Draft(story=story, seed=7)], desk)
        asks = [draw_ask(board.storyboard, scene, None, 854, 480) for scene in board.storyboard.scenes]
        drawn += [np.ascontiguousarray(desk.pixels(take.image)[..., :3]) for take in painter.run(asks, desk)]
    return drawn


def lettered(picture: Pixels, chance: random.Random, alpha: float) -> Pixels:
    """Return the picture with a line of 18 letters or more across it: any of four sizes and four inks, leaning or not."""
    words = ""
    while len(words.replace(" ", "")) < 18:
        words = f"{words} {chance.choice(chance.choice(SENTENCES).split())}".strip()
    sheet = Image.new("RGBA", (picture.shape[1], picture.shape[0]), (0, 0, 0, 0))
    ink = chance.choice([(255, 255, 255), (15, 15, 15), (240, 220, 60), (200, 30, 30)])
    font = font_for(words).at(chance.choice([18, 24, 36, 48]))
    place = (chance.uniform(10, 80), chance.uniform(60, picture.shape[0] - 120))
    ImageDraw.Draw(sheet).text(place, words, font=font, fill=(*ink, round(255 * alpha)))
    over = sheet.rotate(chance.choice([0, 0, 4, -8, 15]), resample=Image.Resampling.BICUBIC)
    return np.asarray(Image.alpha_composite(Image.fromarray(picture).convert("RGBA"), over).convert("RGB"))


def tiled(picture: Pixels, down: int, across: int) -> Pixels:
    """Return the picture in small, repeated."""
    size = (picture.shape[1] // across, picture.shape[0] // down)
    return np.tile(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), (down, across, 1)).astype(
        np.uint8
    )


def stills() -> None:
    """Print what the still gate says of papercut scenes, and of the same with letters, tiled, and of noise."""
    drawn, chance = scenes(), random.Random(5)
    latents = np.random.default_rng(1).integers(0, 256, (len(drawn), 60, 106, 3)).astype(np.uint8)
    kinds = {
        "papercut scenes": drawn,
        "letters across them": [lettered(p, chance, 1.0) for p in drawn],
        "a pale watermark": [lettered(p, chance, 0.4) for p in drawn],
        "twice side by side": [tiled(p, 1, 2) for p in drawn],
        "two by two": [tiled(p, 2, 2) for p in drawn],
        "three above each other": [tiled(p, 3, 1) for p in drawn],
        "undecoded latents": [
            np.asarray(cv2.resize(one, (848, 480), interpolation=cv2.INTER_CUBIC)) for one in latents
        ],
    }
    print(f"\n{'pictures':<26}{'passed':>8}{'of':>6}{'CPU ms a picture':>22}")
    for name, pictures in kinds.items():
        began = time.process_time()
        passed = sum(judge_still(still_facts(picture)).passed for picture in pictures)
        spent = 1000 * (time.process_time() - began) / len(pictures)
        print(f"{name:<26}{passed:>8}{len(pictures):>6}{spent:>22.0f}", flush=True)


def share(story: str) -> None:
    """Make a film with all gates in a new store, and print which part of its model seconds the gates took."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "kamishibai", "make", story, "--out", f"{scratch}/film", "--quiet"]
        subprocess.run([*command, "--cache", f"{scratch}/store"], check=True, stdout=subprocess.DEVNULL)
        ledger = json.loads(Path(scratch, "film", "ledger.json").read_text(encoding="utf-8"))
        began = time.perf_counter()
        check = [
            sys.executable,
            "-m",
            "kamishibai",
            "check",
            f"{scratch}/film",
            "--cache",
            f"{scratch}/store",
            "--json",
        ]
        said = subprocess.run(check, stdout=subprocess.PIPE, check=False)
        checked = time.perf_counter() - began
    stages: dict[str, float] = defaultdict(float)
    for entry in ledger["entries"]:
        stages[entry["stage"]] += entry["seconds"]
    gates, whole = sum(stages[name] for name in GATE_STAGES), sum(stages.values())
    minutes = ledger["measured"]["seconds"] / 60
    print(f"\n{story}: {60 * minutes:.1f} s of film")
    print(
        f"seconds inside calls      {whole:.1f}, of them for the gates {gates:.1f}: {100 * gates / whole:.0f} %"
    )
    print(
        f"gates, a minute of film   {gates / minutes:.1f} s: "
        + ", ".join(f"{n} {stages[n]:.1f}" for n in sorted(GATE_STAGES) if stages[n])
    )
    print(f"kamishibai check          {checked:.1f} s of wall time, exit code {said.returncode}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=len(SENTENCES), help="sentences that are said")
    parser.add_argument("--story", default="examples/lantern.md")
    arguments = parser.parse_args()
    narration(arguments.count)
    stills()
    share(arguments.story)


if __name__ == "__main__":
    main()
