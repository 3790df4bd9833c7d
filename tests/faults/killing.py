"""Films made on the command line and killed outright, again and again, until they are whole."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np

__all__ = [
    "EMBEDDED",
    "Attempt",
    "Moment",
    "Round",
    "attempt",
    "collect_garbage",
    "decoded",
    "make_whole",
    "results",
    "temporary",
]

STORY = "A small fox found a lantern.\nHe ran home through the rain.\n"
EMBEDDED = (
    "--picture", "papercut", "--voice", "hibari", "--music", "musicbox", "--sound", "foley", "--ear", "none",
)  # fmt: skip
EVENTS = (10, 25, 60)
"""A kill comes after fewer events than one of these, and up to `JITTER_S` later. The first meet what goes on when most is
kept from before, up to the end of the film; a film from nothing has some 60. Counted in seconds, where kills come would
depend on how fast the machine is."""
JITTER_S = 0.4


@dataclass(frozen=True)
class Moment:
    """When a run is killed: so many events after its first, and so many seconds after that."""

    events: int
    seconds: float

    @classmethod
    def any(cls, chance: random.Random) -> Moment:
        """Return a random one."""
        return cls(chance.randrange(chance.choice(EVENTS)), chance.uniform(0, JITTER_S))


@dataclass(frozen=True)
class Attempt:
    """One run of the command, and how far it came."""

    killed: bool
    stage: str
    """The stage that was under way when it ended."""
    made: tuple[str, ...]
    """Keys of the calls that were told to be done."""
    reused: int
    """Results that were found again."""


@dataclass
class Round:
    """A fresh store, and a film that was killed until an attempt got through."""

    attempts: list[Attempt] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    left: int = 0
    """Temporary files and folders that were there before garbage was collected."""

    @property
    def kills(self) -> Counter[str]:
        """How many attempts were killed, by the stage under way."""
        return Counter(one.stage for one in self.attempts if one.killed)


def command(folder: Path, models: Sequence[str]) -> list[str]:
    return [
        sys.executable, "-m", "kamishibai", "make", str(folder / "story.txt"), "--out", str(folder / "out"),
        "--cache", str(folder / "store"), "--size", "144", "--quality", "draft", "--no-titles", "--workers", "2",
        "--json", *models,
    ]  # fmt: skip


def attempt(folder: Path, models: Sequence[str] = EMBEDDED, moment: Moment | None = None) -> Attempt:
    """Make the film; kill the whole process group at `moment`, if it still runs."""
    process = subprocess.Popen(
        command(folder, models),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None

    def kill() -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    lines = [process.stdout.readline()]
    if moment is not None:
        lines += [process.stdout.readline() for _ in range(moment.events)]
        timer = threading.Timer(moment.seconds, kill)
        timer.start()
    # Every process of the group writes here: at the end of it all of them are gone.
    lines += process.stdout.readlines()
    told = process.stderr.read()
    code = process.wait()
    if moment is not None:
        timer.cancel()
    assert code in (0, -signal.SIGKILL), f"exit code {code}: {told}"
    return _attempt(code != 0, list(_events(lines)))


def _events(lines: Sequence[str]) -> Iterator[dict[str, object]]:
    for line in lines:
        with contextlib.suppress(ValueError):  # the last line of who was killed may be cut off
            yield json.loads(line)


def _attempt(killed: bool, events: Sequence[dict[str, object]]) -> Attempt:
    stages = [str(event["stage"]) for event in events if event.get("stage")]
    return Attempt(
        killed,
        stages[-1] if stages else "board",
        tuple(str(event["key"]) for event in events if event["event"] == "call" and event.get("key")),
        sum(int(str(event.get("reused", 0))) for event in events if event["event"] == "stage"),
    )


def results(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return key → (inode, bytes) of every finished result."""
    found = (folder / "store" / "results").rglob("*.json")
    return {path.stem: (path.stat().st_ino, path.read_bytes()) for path in found}


def temporary(folder: Path) -> list[Path]:
    """Return what only a run under way may have in the store and in the project."""
    passing = (folder / "store" / "scratch", folder / "store" / "runs")
    return [path for path in folder.rglob("*") if ".part" in path.name or path.parent in passing]


def collect_garbage(folder: Path) -> None:
    """Run the command that clears away what killed runs left in the store and in the project."""
    line = [sys.executable, "-m", "kamishibai", "cache", "gc", "--yes", "--cache", str(folder / "store")]
    subprocess.run(line, check=True, capture_output=True, text=True)


def decoded(film: Path) -> tuple[list[np.ndarray], np.ndarray]:
    """Return every frame of a film, and its samples."""
    with av.open(str(film)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    with av.open(str(film)) as container:
        sound = [frame.to_ndarray() for frame in container.decode(audio=0)]
    return frames, np.concatenate(sound, axis=1)


def make_whole(
    folder: Path, reference: bytes | None, chance: random.Random, most: int, models: Sequence[str] = EMBEDDED
) -> Round:
    """Kill a film at random moments, `most` times at most, until it is whole; every rule is checked after each kill.

    Parameters
    ----------
    reference
        The film of a run that nobody killed; None: this is that run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "story.txt").write_text(STORY)
    film = folder / "out" / "out.mp4"
    done = Round()
    finished: dict[str, tuple[int, bytes]] = {}
    while not done.attempts or done.attempts[-1].killed:
        moment = Moment.any(chance) if done.kills.total() < most else None
        one = attempt(folder, models, moment)
        done.attempts.append(one)
        now = results(folder)
        where = f"attempt {len(done.attempts)}, ended in {one.stage}"
        done.wrong += [f"{where}: made again: {key}" for key in one.made if key in finished]
        done.wrong += [
            f"{where}: written again: {key}" for key, what in finished.items() if now.get(key) != what
        ]
        twice = [key for key, times in Counter(one.made).items() if times > 1]
        done.wrong += [f"{where}: told twice: {key}" for key in twice]
        if reference is not None and film.exists() and film.read_bytes() != reference:
            done.wrong.append(f"{where}: a film under its name is not the film")
        finished = now
    if not film.exists():
        done.wrong.append("there is no film at the end")
    done.left = len(temporary(folder))
    return done
