"""Who asks the Python interface to stop is obeyed within a second, loses nothing that was finished, and can go on."""

from __future__ import annotations

import multiprocessing.forkserver
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kamishibai import FilmFiles, Studio
from kamishibai.errors import Cancelled
from kamishibai.project import HIDDEN
from kamishibai.work.events import Event
from kamishibai.work.runners.local import usable_cores
from kamishibai.work.store import Store
from rooms import FAKES, STORY, made

WITHIN_S = 1.0
LOADED_S = 2.0
"""What is allowed on a machine that has other work to do."""
ASLEEP = '''
import ctypes
import time
from pathlib import Path
from kamishibai.models.music.fake import FakeMusic

class Asleep(FakeMusic):
    """Sleeps in native code, with the interpreter's lock held, for as long as a file is there."""
    id = "music:asleep"

    def run(self, asks, desk):
        desk.progress(0.1)
        time.sleep(0.5)  # so that this is told: while native code holds the interpreter, no thread can send it
        if (Path(__file__).parent / "asleep").exists():
            ctypes.PyDLL(None).sleep(30)
        return super().run(asks, desk)
'''

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="workers are looked for in /proc"
)


@pytest.fixture
def asleep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Install music:asleep; give the file that it sleeps for."""
    from kamishibai.models import registry

    site = tmp_path / "site"
    info = site / "asleep-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: asleep\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[kamishibai.models]\nmusic:asleep = asleep_music:Asleep\n")
    (site / "asleep_music.py").write_text(ASLEEP)
    (site / "asleep").touch()
    monkeypatch.syspath_prepend(site)
    for cached in vars(registry).values():
        getattr(cached, "cache_clear", lambda: None)()
    yield site / "asleep"
    for cached in vars(registry).values():
        getattr(cached, "cache_clear", lambda: None)()


def workers() -> list[int]:
    """Return the processes that work for this one: children of its fork server that live."""
    server = multiprocessing.forkserver._forkserver._forkserver_pid
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue  # it ended meanwhile
        if int(parent) == server and state != "Z":
            found.append(int(stat.parent.name))
    return found


class Run:
    """One run that is asked to stop some time after a stage has begun."""

    def __init__(
        self, stage: str = "", after: float = 0.4, begins: Callable[[Event], bool] | None = None
    ) -> None:
        self.heard: list[Event] = []
        self.most = 0
        self._stop = threading.Event()
        self._asked = 0.0
        self._after = after
        self._begins = begins or (
            lambda event: event.event == "stage" and event.stage == stage and event.reused < event.total
        )
        self._timer: threading.Timer | None = None

    def listen(self, event: Event) -> None:
        self.heard.append(event)
        if self._timer is None and self._begins(event):
            self._timer = threading.Timer(self._after, self._ask)
            self._timer.start()

    def _ask(self) -> None:
        self.most = len(workers())
        self._asked = time.monotonic()
        self._stop.set()

    def stopped(self, folder: Path, **settings: Any) -> float:
        """Make the film; return after how many seconds the request was obeyed."""
        with pytest.raises(Cancelled) as caught:
            self.make(folder, **settings)
        took = time.monotonic() - self._asked
        assert self._asked
        assert "everything" in (caught.value.kept or "")
        return took

    def make(self, folder: Path, **settings: Any) -> FilmFiles:
        studio = Studio(
            listen=self.listen, stop=self._stop.is_set, workers=2, cache=folder / "store", **settings
        )
        return studio.make(folder / "story.txt", folder / "out")


def nothing_half_made(folder: Path) -> set[str]:
    """See that the folder is as whole as after any run; return what is finished."""
    deadline = time.monotonic() + 2
    while workers() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert workers() == []
    assert not list((folder / "store" / "runs").glob("*"))
    assert not list((folder / "out").glob(".part-*"))
    store = Store(folder / "store")
    found = Studio(cache=store.root).cache_verify()
    assert found.whole
    assert found.results == len(list(store.result_keys()))
    return set(store.result_keys())


def slow_machine() -> bool:
    return os.getloadavg()[0] > usable_cores()


@pytest.mark.slow
def test_a_model_asleep_in_native_code_is_stopped_within_a_second(
    asleep: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "story.txt").write_text(STORY, encoding="utf-8")
    settings = {**FAKES, "music": "asleep"}
    del settings["workers"]
    run = Run(begins=lambda event: event.event == "progress" and event.maker == "music:asleep")
    took = run.stopped(tmp_path, **settings)
    with capsys.disabled():
        print(f"\na sleeping model is stopped in {took:.2f} s", end="")
    assert took < (LOADED_S if slow_machine() else WITHIN_S)
    assert run.most > 0
    finished = nothing_half_made(tmp_path)
    assert len(finished) > 5
    assert (tmp_path / "out" / HIDDEN / "journal").exists()

    asleep.unlink()
    again = Run()
    film = again.make(tmp_path, **settings)
    assert film.film.is_file()
    assert "compose" in made(again.heard)
    assert {event.key for event in again.heard if event.event == "call"}.isdisjoint(finished)


@pytest.mark.slow
def test_a_film_in_full_size_is_stopped_within_a_second_wherever_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "story.txt").write_text("A small fox found a lantern in the rain.\n")
    film = tmp_path / "out" / "out.mp4"
    finished: set[str] = set()
    took: dict[str, float] = {}
    left = b""
    for stage, after in (("speak", 0.3), ("draw", 0.3), ("compose", 0.3), ("render", 1.0), ("join", 0.0)):
        run = Run(stage, after)
        took[f"{stage} after {after} s"] = run.stopped(tmp_path, size=1080, titles=False)
        there = nothing_half_made(tmp_path)
        assert finished <= there  # no stop costs anything that was finished
        assert {event.key for event in run.heard if event.event == "call" and event.key}.isdisjoint(finished)
        finished = there
        left = film.read_bytes() if film.is_file() else b""
    with capsys.disabled():
        print("".join(f"\nstopped in {name}: {seconds:.2f} s" for name, seconds in took.items()), end="")
    assert max(took.values()) < (LOADED_S if slow_machine() else WITHIN_S), took
    last = Run()
    assert last.make(tmp_path, size=1080, titles=False).film == film
    assert {event.key for event in last.heard if event.event == "call" and event.key}.isdisjoint(finished)
    assert left in (b"", film.read_bytes())  # what a stop leaves under its own name is whole
