"""Kills the making of a film at random moments until it was killed often enough, and tells what the kills cost.

Run: ``python bench/crash.py [--kills 500] [--seed 7] [--most 12]``. Each round begins with an empty store; a
film is killed outright, with all its workers, and made again, until an attempt gets through. No finished call may be
made twice, and the film must be, byte for byte, that of a run that nobody killed.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "faults"))
killing: Any = import_module("killing")

STAGES = (
    "board", "speak", "examine", "draw", "inspect", "move", "watch", "sound", "compose", "mix", "render", "join",
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--most", type=int, default=12, help="kills of one film, after which it is let through"
    )
    wanted = parser.parse_args()
    chance = random.Random(wanted.seed)
    began = time.perf_counter()
    kills: Counter[str] = Counter()
    rounds = attempts = reused = calls = left = 0
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="crash-") as base:
        whole = Path(base) / "whole"
        uninterrupted = killing.make_whole(whole, None, chance, most=0)
        reference = (whole / "out" / "out.mp4").read_bytes()
        needed = len(uninterrupted.attempts[0].made)
        while kills.total() < wanted.kills:
            folder = Path(base) / f"round-{rounds}"
            done = killing.make_whole(
                folder, reference, chance, min(wanted.most, wanted.kills - kills.total())
            )
            killing.collect_garbage(folder)
            found = [f"left after collecting garbage: {path}" for path in killing.temporary(folder)]
            wrong += [f"round {rounds}: {what}" for what in (*done.wrong, *found)]
            rounds += 1
            attempts += len(done.attempts)
            kills += done.kills
            reused += sum(one.reused for one in done.attempts)
            calls += sum(len(one.made) for one in done.attempts)
            left += done.left
            shutil.rmtree(folder)
    for stage in sorted(kills, key=lambda name: STAGES.index(name) if name in STAGES else len(STAGES)):
        print(f"  killed during {stage:<10} {kills[stage]:>5}")
    repeated = sum("again: " in what for what in wrong)
    print(
        f"{kills.total()} kills of {rounds} films in {time.perf_counter() - began:.0f} s; {attempts} attempts"
    )
    print(f"calls of a film {needed}, calls told done {calls}, results found again {reused}")
    print(f"temporary files left by kills {left}, after collecting garbage 0 wanted")
    print(f"repeated calls {repeated}; wrong: {len(wrong)}")
    print(*wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
