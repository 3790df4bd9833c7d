"""Makes one small film per failing operation: everything is imported once, then each fault gets a fork of its own.

Started by `injection.Zygote` under the shim. Jobs come in as JSON lines, outcomes go out as JSON lines.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kamishibai import Studio
from kamishibai.errors import KamishibaiError
from kamishibai.work.events import Event

KINDS = ("write", "sync", "rename", "open to write", "open to read", "read", "make folder", "unlink")
MODES = ("once", "from then on", "short first")
FILM = {
    **dict.fromkeys(("text", "picture", "motion", "voice", "ear"), "fake"),
    "music": "none",
    "sound": "none",
    "size": 144,
    "fps": 5,
    "quality": "draft",
    "titles": False,
    "workers": 0,
}
WHOLE = {"music": "fake", "sound": "fake", "titles": True}
STORY = "Oh.\n"
LIMIT_S = 60
"""A film takes under a second: what takes this long waits for something that never comes."""

shim = ctypes.CDLL(None)


def make(folder: Path, story: Path, made: list[str]) -> None:
    """Make the film; the keys of the calls that are made for it go to `made`."""

    def listen(event: Event) -> None:
        if event.event == "call" and event.key:
            made.append(event.key)

    Studio(listen=listen, cache=folder / "store", **FILM).make(story, folder / "out")


def results(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return key → (inode, bytes) of every finished result."""
    found = (folder / "store" / "results").rglob("*.json")
    return {path.stem: (path.stat().st_ino, path.read_bytes()) for path in found}


def left_over(folder: Path) -> list[str]:
    """Return what no run may leave behind."""
    passing = (folder / "store" / "scratch", folder / "store" / "runs")
    names = [path for path in folder.rglob("*") if ".part" in path.name or path.parent in passing]
    return [str(path.relative_to(folder)) for path in names]


def story_of(folder: Path, moment: str) -> Path:
    """Return the story's file: the first run's lies among what can fail; a project knows its story by the path."""
    path = folder / "story.txt" if moment == "first run" else folder.parent / "story.txt"
    if not path.exists():
        path.write_text(STORY)
    return path


def begin(folder: Path, moment: str, finished: Path) -> str:
    """Lay out the folder as it is before the run that is to fail; return the digest of what is damaged in it."""
    if moment == "first run":
        folder.mkdir()
        return ""
    shutil.copytree(finished, folder)
    (folder / "out" / "out.mp4").unlink()
    if moment == "film removed":
        return ""
    master = max((folder / "store" / "blobs").glob("??/*"), key=lambda path: path.stat().st_size)
    master.write_bytes(master.read_bytes()[:-1] + b"?")
    return master.name


def told_well(error: KamishibaiError) -> Iterator[str]:
    for name in ("what", "where", "hint"):
        if not getattr(error, name):
            yield f"{type(error).__name__} has no {name}: {error.what}"


def suffer(job: dict[str, Any], folder: Path, damaged: str, reference: bytes) -> dict[str, Any]:
    """Run with the fault, and again without; return what happened and every way in which it was wrong."""
    wrong: list[str] = []
    film = folder / "out" / "out.mp4"
    story = story_of(folder, job["moment"])
    known = results(folder)
    told, made = "", []
    arm(job, folder)
    try:
        make(folder, story, made)
        ended = "film"
    except KamishibaiError as error:
        ended, told = type(error).__name__, str(error)
        wrong += told_well(error)
    except BaseException as error:
        ended, told = type(error).__name__, traceback.format_exc()
        wrong.append(f"{ended} reached the user: {error}")
    shim.disarm()
    counts = {kind: shim.count(i) for i, kind in enumerate(KINDS)}
    struck = shim.failed()
    if film.exists() and film.read_bytes() != reference:
        wrong.append("a film under its name is not the film")
    if ended == "film" and not film.exists():
        wrong.append("there is no film, and no error")
    wrong += after(job, folder, known, made, damaged)
    known, made = {**known, **results(folder)}, []
    try:
        make(folder, story, made)
        if film.read_bytes() != reference:
            wrong.append("the next run leaves another film")
    except BaseException as error:
        wrong.append(f"the next run ends in {type(error).__name__}: {error}")
    wrong += [f"the next run: {what}" for what in after(job, folder, known, made, damaged)]
    return {**job, "ended": ended, "told": told, "struck": struck, "counts": counts, "wrong": wrong}


def after(
    job: dict[str, Any], folder: Path, known: dict[str, tuple[int, bytes]], made: list[str], damaged: str
) -> Iterator[str]:
    """Yield what a run did to the store that it should not have."""
    now = results(folder)
    for key, what in known.items():
        if damaged and damaged.encode() in what[1]:
            continue  # it is made again
        if key in made:
            yield f"made twice: {key}"
        if now.get(key) != what:
            yield f"gone or written twice: {key}"
    for path in (folder / "store" / "damaged").glob("*"):
        if path.name != damaged:
            yield f"set aside though nothing was wrong with it: {path.name}"
    if job["kind"] != "unlink":
        yield from (f"left behind: {name}" for name in left_over(folder))


def arm(job: dict[str, Any], folder: Path) -> None:
    kind = KINDS.index(job["kind"]) if job["kind"] else -1
    shim.arm(kind, ctypes.c_long(job["n"]), job["errno"], MODES.index(job["mode"]), os.fsencode(folder))


def fork(job: dict[str, Any], folder: Path, finished: Path, reference: bytes) -> tuple[int, int]:
    """Start one run; return its process and where its outcome is read."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child:
        os.close(theirs)
        return child, ours
    signal.alarm(LIMIT_S)
    try:
        damaged = begin(folder, job["moment"], finished)
        outcome = suffer(job, folder, damaged, reference)
    except BaseException:
        outcome = {**job, "ended": "broken", "told": "", "struck": 0, "counts": {}}
        outcome["wrong"] = [traceback.format_exc()]
    with os.fdopen(theirs, "w") as out:
        json.dump(outcome, out)
    os._exit(0)


def outcome_of(job: dict[str, Any], child: int, pipe: int) -> dict[str, Any]:
    with os.fdopen(pipe) as told:
        text = told.read()
    _, status = os.waitpid(child, 0)
    if text:
        return dict(json.loads(text))
    wrong = [f"the process died or hung: status {status}"]
    return {**job, "ended": "died", "told": "", "struck": 1, "counts": {}, "wrong": wrong}


def main(base: Path, at_once: int, whole: bool) -> None:
    if whole:
        FILM.update(WHOLE)
    shim.set_sync(0)
    finished = base / "finished"
    begin(finished, "first run", finished)
    make(finished, story_of(finished, ""), [])
    reference = (finished / "out" / "out.mp4").read_bytes()
    threads = sum(1 for _ in Path("/proc/self/task").iterdir())
    assert threads == 1, f"{threads} threads: a fork would copy their locks"
    gc.freeze()
    print(json.dumps({"ready": True}), flush=True)
    running: list[tuple[dict[str, Any], Path, int, int]] = []

    def reap() -> None:
        job, folder, child, pipe = running.pop(0)
        outcome = outcome_of(job, child, pipe)
        if not outcome["wrong"]:
            shutil.rmtree(folder)
        print(json.dumps({**outcome, "folder": str(folder)}), flush=True)

    for number, line in enumerate(sys.stdin):
        job = json.loads(line)
        if job is None:  # all that was asked is to be answered
            while running:
                reap()
            print("null", flush=True)
            continue
        folder = base / f"{number:05}"
        running.append((job, folder, *fork(job, folder, finished, reference)))
        if len(running) >= at_once:
            reap()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "whole")
