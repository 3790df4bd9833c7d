"""Measures what it costs to make a film again: nothing changed, one line edited, a cache of ten thousand results.

Run it with ``python bench/incremental.py [--size 1080] [--scenes 60] [--stored 100 1000 10000]`` from the project's
folder; at 1080p the film itself takes minutes. CPU seconds are user and system of the command and of every process
that came of it, as the system counts them when they end: this process makes itself the one that inherits them
(Linux only), for the server that workers are forked from outlives the command. Lookups are measured beside those of
joblib and diskcache where these can be imported (``pip install --target DIR joblib diskcache``, ``PYTHONPATH=DIR``).
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from kamishibai.documents.takes import Transcript
from kamishibai.work.records import Record
from kamishibai.work.store import Store

WHO = ("fox", "owl", "rabbit", "bear", "cat", "mouse", "goose", "deer", "frog", "dog")
DID = (
    "found a silver key near the", "sang a soft song beside the", "ran as quickly as it could across the",
    "slept the whole long night beside the", "looked everywhere for red apples behind the", "was afraid of the storm over the",
    "danced happily with its friends around the",
)  # fmt: skip
PLACES = ("forest", "meadow", "harbour", "village", "mountain", "river")
PR_SET_CHILD_SUBREAPER = 36
ROUNDS = 3


def told(scenes: int) -> list[str]:
    """Return a story of that many lines, no two of them alike for the first 210."""
    return [f"The {WHO[i % 10]} {DID[i % 7]} {PLACES[i % 6]}." for i in range(scenes)]


@dataclass
class Spent:
    """What one command took, and what it said."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    written: int | None = None
    """Bytes that the process itself handed to the system, its own messages included; None where that is not told."""
    said: str = ""
    files: list[str] = field(default_factory=list)
    """Those that are new or different afterwards."""

    def events(self) -> list[dict[str, Any]]:
        """Return the lines of ``--json``."""
        told = [json.loads(line) for line in self.said.splitlines() if line.startswith("{")]
        return [one for one in told if "event" in one]


def inherit_processes() -> None:
    """Become the parent of every process whose own parent ends (prctl(2))."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        sys.exit(f"processes cannot be counted here: {os.strerror(ctypes.get_errno())}")


def spent(command: Sequence[str], watched: Sequence[Path] = ()) -> Spent:
    """Run a command until it and all that came of it have ended. Ends this program when the command fails."""
    before = stamps(watched)
    found = Spent()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        began = time.perf_counter()
        first = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        while True:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
            except ChildProcessError:
                break
            assert ended is not None
            if ended.si_pid == first.pid:
                found.wall_s = time.perf_counter() - began
                found.written = written_by(first.pid)
            _, status, usage = os.wait4(ended.si_pid, 0)
            found.cpu_s += usage.ru_utime + usage.ru_stime
            if ended.si_pid == first.pid:
                first.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        found.said = out.read()
    if first.returncode:
        sys.exit(f"{' '.join(command)} ended with {first.returncode}:\n{found.said}")
    after = stamps(watched)
    found.files = sorted(path for path, stamp in after.items() if before.get(path) != stamp)
    return found


def written_by(pid: int) -> int | None:
    try:
        lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    except OSError:
        return None
    return int(next(line.split()[1] for line in lines if line.startswith("wchar:")))


def stamps(folders: Sequence[Path]) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns)
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
    }


INSIDE = """
import json, sys, time
from pathlib import Path
import kamishibai.cli.app
from kamishibai import Studio
times = []
for _ in range(2):
    wall, cpu = time.perf_counter(), time.process_time()
    Studio(size=int(sys.argv[3]), cache=Path(sys.argv[4])).make(sys.argv[1], Path(sys.argv[2]))
    times.append((time.perf_counter() - wall, time.process_time() - cpu))
print(json.dumps(times))
"""

BURN = """
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
def burn(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end: pass
if __name__ == "__main__":
    with ProcessPoolExecutor(2, get_context("forkserver")) as pool:
        list(pool.map(burn, [0.5, 0.5]))
"""


def counted(folder: Path) -> float:
    """Return how many CPU seconds are seen of workers that use one: what the counting is worth."""
    script = folder / "burn.py"
    script.write_text(BURN)
    return spent([sys.executable, str(script)]).cpu_s


# ---------------------------------------------------------------------- the film


@dataclass
class Film:
    """A film in its folder, made by the command as people type it."""

    folder: Path
    size: int
    lines: list[str]

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    @property
    def out(self) -> Path:
        return self.folder / "film"

    @property
    def story(self) -> Path:
        return self.folder / "story.md"

    def command(self, verb: str, source: Path | None = None) -> list[str]:
        source = source or self.story
        return [
            sys.executable, "-m", "kamishibai", verb, str(source), "--out", str(self.out), "--size", str(self.size),
            "--cache", str(self.cache), "--json",
        ]  # fmt: skip

    def run(self, verb: str = "make") -> Spent:
        self.story.write_text("# The long day\n\n" + "\n\n".join(self.lines) + "\n", encoding="utf-8")
        return spent(self.command(verb), (self.out, self.cache))


def from_nothing(film: Film) -> Spent:
    """Make the whole film; what it took is written beside it, and read from there another time."""
    note = film.folder / "whole.json"
    if note.is_file():
        film.run()  # its lines may have been edited since
        return Spent(**json.loads(note.read_text(encoding="utf-8")))
    whole = film.run()
    note.write_text(json.dumps(asdict(whole)), encoding="utf-8")
    return whole


def table(run: Spent) -> None:
    """Print what ran: stage, calls, calls found, seconds in calls."""
    seconds: defaultdict[str, float] = defaultdict(float)
    made: Counter[str] = Counter()
    reused: Counter[str] = Counter()
    for event in run.events():
        stage = event.get("stage", "")
        if event["event"] == "call":
            made[stage] += 1
            seconds[stage] += event.get("seconds", 0.0)
        if event["event"] == "stage":
            reused[stage] += event.get("reused", 0)
    for stage in dict.fromkeys([*reused, *made]):
        print(
            f"    {stage:<10} made {made[stage]:>4}  found {reused[stage]:>4}  {seconds[stage]:8.2f} s in calls"
        )


def calls(run: Spent) -> int:
    return sum(event["event"] == "call" for event in run.events())


def reruns(film: Film) -> None:
    """Print what it takes to find that there is nothing to do, and to plan."""
    runs = [film.run() for _ in range(ROUNDS)]
    best = min(runs, key=lambda run: run.wall_s)
    print(f"rerun, nothing changed: {best.wall_s:.2f} s wall, {best.cpu_s:.2f} s CPU, {calls(best)} calls")
    print(
        f"  bytes written: {best.written}, of which told on the terminal {len(best.said)}; files: {best.files or 'none'}"
    )
    given = [str(film.story), str(film.out), str(film.size), str(film.cache)]
    inside = [json.loads(spent([sys.executable, "-c", INSIDE, *given]).said) for _ in range(ROUNDS)]
    for name, at in (("the first time", 0), ("again", 1)):
        wall, cpu = (min(times[at][k] for times in inside) for k in (0, 1))
        print(f"  Studio.make where the command line is imported, {name}: {wall:.3f} s wall, {cpu:.3f} s CPU")
    plan = min((film.run("plan") for _ in range(ROUNDS)), key=lambda run: run.wall_s)
    print(f"plan, nothing changed: {plan.wall_s:.2f} s wall, {plan.cpu_s:.2f} s CPU")


def edits(film: Film, whole: Spent) -> None:
    """Print what each edit of the story takes, beside the whole film from nothing."""
    middle = len(film.lines) // 2

    def put(at: int, line: str, *, instead: bool = True) -> Callable[[], None]:
        return lambda: film.lines.__setitem__(slice(at, at + instead), [line])

    steps = (
        (
            "one line edited in the middle",
            put(middle, "A small hedgehog carried three red apples over the old stone bridge."),
        ),
        (
            "its last word changed",
            put(middle, "A small hedgehog carried three red apples over the old stone wall."),
        ),
        (
            "the last line edited",
            put(len(film.lines) - 1, "At last everybody came home to the village."),
        ),
        ("a line put in after the first", put(1, "Nobody knew why.", instead=False)),
        ("that line taken out again", lambda: film.lines.__delitem__(1)),
    )
    for name, edit in steps:
        edit()
        plan = film.run("plan")
        run = film.run()
        share = 100 * run.cpu_s / whole.cpu_s
        print(f"{name}: {run.cpu_s:.1f} s CPU, {share:.1f} % of the whole film's (target 5); {run.wall_s:.1f} s wall, "
              f"{100 * run.wall_s / whole.wall_s:.1f} %; {calls(run)} calls; plan {plan.wall_s:.2f} s", flush=True)  # fmt: skip
        table(run)


# ---------------------------------------------------------------------- the store


def filled(store: Store, first: int, last: int) -> None:
    """Keep results `first` to `last`: a record of the size of a transcript's, and a blob of its own."""
    for i in range(first, last):
        blob = store.save(f"sound {i}".encode() * 20, "audio/wav")
        text = Transcript(text="The fox found a silver key near the forest.", words=(), language="en")
        take = {**text.model_dump(mode="json"), "sound": blob.model_dump(mode="json")}
        ask = {"sound": blob.model_dump(mode="json"), "language": "en"}
        store.keep(
            Record(
                key=key_of(i), maker="ear:bench", version="1", take=take, seconds=0.1, asked="Listen", ask=ask
            )
        )


def key_of(i: int) -> str:
    return hashlib.sha256(f"bench {i}".encode()).hexdigest()


def microseconds(look: Callable[[Any], Any], names: Sequence[Any]) -> float:
    """Return one lookup's mean in the quickest of a few rounds: other work on the machine only ever adds."""
    means = []
    for _ in range(5):
        began = time.perf_counter()
        for name in names:
            look(name)
        means.append((time.perf_counter() - began) / len(names) * 1e6)
    return min(means)


def lookups(folder: Path, counts: Sequence[int]) -> None:
    """Print what a hit and a miss take, by how much is stored."""
    print("lookups in the store, microseconds, files of the system's cache:")
    print(
        f"  {'stored':>8}{'hit':>8}{'miss':>8}"
        + "".join(f"{name + ' hit':>15}{'miss':>8}" for name in ALTERNATIVES)
    )
    store, there, chance = Store(folder / "lookups"), 0, random.Random(7)
    others = [open_(folder / name) for name, open_ in ALTERNATIVES.items()]
    for count in counts:
        filled(store, there, count)
        for other in others:
            other.fill(there, count)
        there = count
        some = chance.sample(range(count), min(count, 500))
        row = [
            microseconds(lambda i: store.find(key_of(i)), some),
            microseconds(lambda i: store.find(key_of(-1 - i)), some),
        ]
        for other in others:
            row += [microseconds(other.look, some), microseconds(other.look, [-1 - i for i in some])]
        print(
            f"  {count:>8,}"
            + "".join(f"{value:>{15 if n > 1 and n % 2 == 0 else 8}.0f}" for n, value in enumerate(row)),
            flush=True,
        )


class Joblib:
    """joblib.Memory: a hit reads and unpickles; for a miss it only says that there is none."""

    def __init__(self, folder: Path) -> None:
        memory = import_module("joblib").Memory(folder, verbose=0)
        self.fetch = memory.cache(answer)

    def fill(self, first: int, last: int) -> None:
        for i in range(first, last):
            self.fetch(i)

    def look(self, i: int) -> Any:
        return self.fetch(i) if self.fetch.check_call_in_cache(i) else None


class DiskCache:
    """diskcache.Cache: one SQLite file for small values."""

    def __init__(self, folder: Path) -> None:
        self.cache = import_module("diskcache").Cache(str(folder))

    def fill(self, first: int, last: int) -> None:
        for i in range(first, last):
            self.cache[key_of(i)] = answer(i)

    def look(self, i: int) -> Any:
        return self.cache.get(key_of(i))


def answer(i: int) -> dict[str, Any]:
    """Return what stands in a record, without its seal."""
    return {"text": "The fox found a silver key near the forest.", "sound": key_of(i), "seconds": 0.1}


def importable(name: str) -> bool:
    try:
        import_module(name)
    except ImportError:
        return False
    return True


ALTERNATIVES: dict[str, Callable[[Path], Any]] = {
    name: maker for name, maker in (("joblib", Joblib), ("diskcache", DiskCache)) if importable(name)
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1080)
    parser.add_argument("--scenes", type=int, default=60)
    parser.add_argument("--stored", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument(
        "--keep", type=Path, help="a folder for the film; when it is run there again, with its edits alone"
    )
    wanted = parser.parse_args()
    inherit_processes()
    with tempfile.TemporaryDirectory(prefix="incremental-") as temporary:
        folder = wanted.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        print(f"workers that use 1.0 s of CPU are counted as {counted(folder):.2f} s, with their imports")
        lookups(Path(temporary), wanted.stored)
        film = Film(folder, wanted.size, told(wanted.scenes))
        whole = from_nothing(film)
        print(
            f"{wanted.scenes} scenes at {wanted.size}p from nothing: {whole.cpu_s:.1f} s CPU, {whole.wall_s:.1f} s wall, {calls(whole)} calls",
            flush=True,
        )
        table(whole)
        reruns(film)
        edits(film, whole)
        filled(Store(film.cache), 0, max(wanted.stored))
        print(f"with {max(wanted.stored):,} further results in its cache:")
        reruns(film)


if __name__ == "__main__":
    main()
