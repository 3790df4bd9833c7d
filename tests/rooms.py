"""What the tests of the cache's rooms share: a small film of fakes, and how to look at a folder before and after."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from kamishibai import FilmFiles, Studio
from kamishibai.documents.ref import Ref
from kamishibai.work.events import Event
from kamishibai.work.records import Record
from kamishibai.work.store import Store

FAKES: dict[str, Any] = {
    **dict.fromkeys(("text", "picture", "motion", "voice", "sound", "ear", "music"), "fake"),
    "size": 144,
    "fps": 5,
    "quality": "draft",
    "titles": False,
    "workers": 0,
}
STORY = "A fox ran.\nHe slept.\n"


def _obeys_permissions() -> bool:
    """Say whether permissions hold for whoever runs the tests: root may read and write everything."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o500)
        try:
            (Path(folder) / "a").touch()
        except PermissionError:
            return True
        return False


as_a_person = pytest.mark.skipif(not _obeys_permissions(), reason="permissions do not hold for this user")


def studio(folder: Path, heard: list[Event] | None = None, **settings: Any) -> Studio:
    """Return a studio of fakes with its cache in `folder`."""
    given = {**FAKES, "cache": folder / "store", **settings}
    return Studio(**given) if heard is None else Studio(listen=heard.append, **given)


def make(folder: Path, name: str = "out", heard: list[Event] | None = None, story: str = STORY) -> FilmFiles:
    """Make a small film in the project folder `name`."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.txt"
    if not path.is_file():
        path.write_text(story, encoding="utf-8")
    return studio(folder, heard).make(path, folder / name)


def made(heard: list[Event]) -> list[str]:
    """Return the stages of the calls that were really made."""
    return [event.stage for event in heard if event.event == "call" and event.key]


def tree(folder: Path) -> dict[str, tuple[str, int]]:
    """Return every file and folder below `folder`: what it holds, and when it was changed."""
    found = {}
    for path in sorted(folder.rglob("*")):
        data = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "a folder"
        found[str(path.relative_to(folder))] = (data, path.stat().st_mtime_ns)
    return found


def keep(store: Store, name: str, made_of: bytes | None = b"", needs: tuple[Ref, ...] = ()) -> Record:
    """Keep a record called `name` with one file of `made_of` (its name, unless given; None: no file)."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    files = [] if made_of is None else [store.save(made_of or name.encode(), "text/plain")]
    record = Record(
        key=digest,
        maker="voice:fake",
        version="1",
        take={"files": [ref.model_dump(mode="json") for ref in files]},
        seconds=1.5,
        ask={"from": [ref.model_dump(mode="json") for ref in needs]},
        asked="Speak",
    )
    store.keep(record)
    return record


def age(store: Store, record: Record, days: float, now: float) -> None:
    """Have a result be used last so many days ago."""
    os.utime(store.result(record.key), (now - days * 86400, now - days * 86400))


class Other:
    """Another process that runs `code`, is there when it says so, and ends when it is told to."""

    def __init__(self, code: str, *words: str) -> None:
        code += "\nprint('in', flush=True)\nsys.stdin.readline()\n"
        self.process = subprocess.Popen(
            [sys.executable, "-c", f"import sys\n{code}", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Other:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "in\n"
        return self

    def __exit__(self, *error: object) -> None:
        self.kill()

    def go(self) -> None:
        """Let it go on, and wait until it has ended well."""
        self.process.communicate("go\n", timeout=60)
        assert self.process.returncode == 0

    def kill(self) -> None:
        """Kill it outright."""
        self.process.kill()
        self.process.communicate(timeout=60)
