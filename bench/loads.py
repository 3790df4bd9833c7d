"""Counts model loads for a short and a long film: loads of each family, models resident at once, seconds of loading.

Every family should be loaded once, whatever the number of scenes, and one heavy model be resident at a time.
Run: ``python bench/loads.py [--picture CHECKPOINT] [--motion BACKEND:CHECKPOINT] [--scenes 3 60]`` from the project's
folder; without checkpoints tiny ones with random weights are built, which measure counts and nothing of real times.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter, defaultdict
from importlib import import_module
from pathlib import Path

from kamishibai import Studio
from kamishibai.work.events import Event

PLACES = ("forest", "meadow", "harbour", "village", "mountain", "river")
QUICK = {
    "size": 144,
    "quality": "draft",
    "voice": "fake",
    "music": "none",
    "sound": "none",
    "ear": "none",
    "titles": False,
}
SMALL = {"steps": 1, "width": 64, "height": 64}
SHORT = {"frames": 2, "clips": 1, "smooth": "none"}
"""Counts are what is measured: pictures are as small, and clips as short, as models make them."""


def story(scenes: int) -> str:
    """Return a story of that many lines, no two of them alike."""
    return "\n".join(f"The fox counted {i} stars over the {PLACES[i % len(PLACES)]}." for i in range(scenes))


def tiny(folder: Path, name: str) -> str:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
    return str(import_module("tiny.shelf").take(name, folder / "tiny"))


def measure(scenes: int, picture: str, motion: str, folder: Path) -> None:
    heard: list[Event] = []
    (folder / "story.txt").write_text(story(scenes), encoding="utf-8")
    began = time.perf_counter()
    Studio(
        listen=heard.append,
        cache=folder / f"store-{scenes}",
        picture=picture,
        motion=motion,
        options={f"picture:{picture}": SMALL, f"motion:{motion}": {**SMALL, **SHORT}},
        **QUICK,
    ).make(folder / "story.txt", folder / f"film-{scenes}")
    wall = time.perf_counter() - began

    loads: Counter[str] = Counter()
    calls: Counter[str] = Counter()
    seconds: defaultdict[str, float] = defaultdict(float)
    resident = most = 0
    for event in heard:
        if event.event == "call":
            calls[event.maker] += 1
        if event.why != "device" or event.event not in ("load", "free"):
            continue
        if event.event == "load":
            loads[event.maker] += 1
            seconds[event.maker] += event.seconds
            resident += 1
        else:
            resident -= 1
        most = max(most, resident)
    print(f"{scenes} scenes, {wall:.1f} s; heavy models resident at once: {most}, left behind: {resident}")
    for maker, count in loads.items():
        print(f"  {maker:<60} loads {count}  calls {calls[maker]:>3}  loading {seconds[maker]:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", help="checkpoint of picture:diffusers")
    parser.add_argument("--motion", help="back-end and checkpoint, such as svd:FOLDER")
    parser.add_argument("--scenes", type=int, nargs="+", default=[3, 60])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        picture = f"diffusers:{arguments.picture or tiny(folder, 'sd15')}"
        motion = arguments.motion or f"svd:{tiny(folder, 'svd')}"
        for scenes in arguments.scenes:
            measure(scenes, picture, motion, folder)


if __name__ == "__main__":
    main()
