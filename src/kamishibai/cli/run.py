"""Runs the studio so that Ctrl-C, a closed pipe or an error ends it within a second and says what was kept."""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.util
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

from kamishibai.cli.console import side
from kamishibai.cli.json_lines import JsonLines
from kamishibai.cli.progress import Bars, Lines, Quiet, View
from kamishibai.errors import Cancelled, KamishibaiError
from kamishibai.work.events import Event, Listener

__all__ = ["GRACE_S", "run", "view_for"]

T = TypeVar("T")
GRACE_S = 0.7
"""How long work gets to stop by itself before its processes are ended; the store keeps only whole results."""

Work = Callable[[Listener, Callable[[], bool]], T]


def view_for(*, json: bool, quiet: bool) -> View:
    """Return who watches a run: programs, nobody, a person at a terminal, or a log."""
    if json:
        return JsonLines()
    console = side()
    if quiet:
        return Quiet(console)
    return Bars(console) if console.is_terminal else Lines(console)


class _Job:
    """The work in a thread of its own, so that the main thread hears signals even while a model computes."""

    def __init__(self, work: Work[T]) -> None:
        self.events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self.stop = threading.Event()
        self.error: BaseException | None = None
        self.result: object = None
        self._work = work
        self._thread = threading.Thread(target=self._run, name="studio", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        try:
            self.result = self._work(self.events.put, self.stop.is_set)
        except BaseException as error:
            self.error = error
        finally:
            self.events.put(None)

    def wait_until(self, deadline: float) -> bool:
        """Return whether the work has ended by `deadline` (monotonic seconds)."""
        self._thread.join(max(0.0, deadline - time.monotonic()))
        return not self._thread.is_alive()


def run(work: Work[T], view: View) -> T:
    """Do `work` while `view` watches, and return its result.

    Raises
    ------
    Cancelled
        After Ctrl-C (exit code 130) or SIGTERM (143), within a second.
    KamishibaiError
        Whatever the work raised.
    """
    job = _Job(work)
    asked: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:
        asked.append(number)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with view:
            job.start()
            try:
                _watch(job, view, asked)
            except BaseException:
                # Most likely the reader of our output has gone; nobody is left to work for.
                _halt(job)
                raise
            if asked:
                raise _stopped(job, asked[0])
            if job.error is not None:
                raise job.error
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return job.result  # type: ignore[return-value]


def _watch(job: _Job, view: View, asked: list[int]) -> None:
    while not asked:
        try:
            event = job.events.get(timeout=0.1)
        except queue.Empty:
            continue
        if event is None:
            return
        view.event(event)


def _halt(job: _Job) -> None:
    """Ask the work to stop; after a grace, end its processes."""
    job.stop.set()
    if not job.wait_until(time.monotonic() + GRACE_S):
        for child in multiprocessing.active_children():
            child.terminate()
        job.wait_until(time.monotonic() + 0.2)


def _stopped(job: _Job, number: int) -> KamishibaiError:
    _halt(job)
    error = Cancelled(
        "stopped by you" if number == signal.SIGINT else "stopped from outside",
        kept="everything that was finished; nothing half-made is kept",
        hint="run the same command again: it goes on from here",
    )
    error.exit_code = 128 + number
    return error


def leave(code: int) -> None:
    """End this process at once, even while a model still computes in a thread."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    # The watcher of progress bars that other packages leave behind computes nothing.
    busy = [one for one in threading.enumerate() if one.name != "tqdm_monitor"]
    if len(busy) > 1 or multiprocessing.active_children():
        with contextlib.suppress(Exception):
            # Locks of the worker pools: else a helper of Python's deletes them and complains about it to the user.
            multiprocessing.util._run_finalizers(0)  # type: ignore[attr-defined]
        os._exit(code)
    sys.exit(code)
