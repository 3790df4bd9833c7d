"""The local runner: answers calls from the store, and makes the missing ones in worker processes, family by family."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import multiprocessing
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from math import ceil
from pathlib import Path
from types import TracebackType
from typing import Any

from kamishibai.errors import Cancelled, ModelError
from kamishibai.models.base import Model
from kamishibai.work.call import Answer, Call, Keyed, answer_batch, keyed, maker_of, recall
from kamishibai.work.events import Event, Listener, nobody
from kamishibai.work.store import Store

__all__ = ["LocalRunner", "usable_cores"]


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _give_memory_back() -> None:
    """Hand freed memory to the system: glibc keeps it for the process, which does other work from now on."""
    gc.collect()
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


class _Worker:
    """What one process holds: the store, and the makers it has loaded for the stages under way."""

    def __init__(self, root: Path) -> None:
        self.store = Store(root)
        self.makers: dict[str, Model[Any, Any]] = {}

    def answer(
        self, items: Sequence[Keyed], report: Callable[[float, str], None], stop: Callable[[], bool]
    ) -> list[Answer]:
        call = items[0].call
        name = f"{call.maker} {sorted(call.options.items())!r}"
        if name not in self.makers:
            # Calls come family by family: whoever worked before is done, and its memory is wanted.
            self.free()
            maker = maker_of(call)
            maker.load()
            self.makers[name] = maker
        ready = self.makers[name]
        answers: list[Answer] = []
        for first in range(0, len(items), ready.batch):
            if stop():
                raise Cancelled("stopped", kept="everything that was finished before")
            answers += answer_batch(ready, items[first : first + ready.batch], self.store, report, stop)
        return answers

    def free(self) -> None:
        for maker in self.makers.values():
            maker.unload()
        self.makers.clear()
        _give_memory_back()


_here: _Worker | None = None
_events: Any = None
_stop: Any = None


def _start(root: Path, events: Any, stop: Any) -> None:
    global _here, _events, _stop
    # Ctrl-C reaches the whole process group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    _here, _events, _stop = _Worker(root), events, stop
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    # Whoever kills the parent outright would otherwise leave its workers waiting for ever.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(items: list[Keyed]) -> list[Answer]:
    assert _here is not None
    first = items[0].call

    def report(done: float, note: str) -> None:
        with contextlib.suppress(queue.Full):
            _events.put_nowait(
                Event(
                    event="progress",
                    stage=first.stage,
                    scene=first.scene,
                    maker=first.maker,
                    done=done,
                    text=note,
                )
            )

    return _here.answer(items, report, _stop.is_set)


class LocalRunner:
    """Runs calls on this machine.

    Parameters
    ----------
    store
        Where answers are looked for and kept.
    workers
        Processes to work in; 0 works in this one.
    """

    def __init__(
        self,
        store: Store,
        workers: int = 0,
        listen: Listener = nobody,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.store = store
        self.workers = workers
        self._listen = listen
        self._stop = stop
        self._pool: ProcessPoolExecutor | None = None
        self._queue: Any = None
        self._halt: Any = None
        self._inline: _Worker | None = None

    def __enter__(self) -> LocalRunner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free every model and end the workers."""
        if self._inline is not None:
            self._inline.free()
            self._inline = None
        if self._pool is not None:
            self._halt.set()
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def run(self, calls: Sequence[Call]) -> list[Answer]:
        """Return the answers to `calls`, in order; those that the store has cost nothing.

        Raises
        ------
        KamishibaiError
            The first that a maker raised; what the others finished is kept.
        Cancelled
            When asked to stop.
        """
        items = keyed(calls)
        found = {item.key: answer for item in items if (answer := recall(self.store, item)) is not None}
        for stage in dict.fromkeys(call.stage for call in calls):
            mine = [item for item in items if item.call.stage == stage]
            self._listen(
                Event(
                    event="stage",
                    stage=stage,
                    total=len(mine),
                    reused=sum(item.key in found for item in mine),
                    maker=mine[0].call.maker,
                )
            )
        missing = {item.key: item for item in items if item.key not in found}
        jobs = self._jobs(list(missing.values()))
        done = self._run_here(jobs) if self.workers == 0 else self._run_pool(jobs)
        found.update({answer.key: answer for answer in done})
        # Equal asks of different scenes share one answer; each keeps its own call.
        return [
            Answer(item.call, item.key, (a := found[item.key]).take, a.reused, a.seconds, item.version)
            for item in items
        ]

    def _jobs(self, items: list[Keyed]) -> list[list[Keyed]]:
        """Group by maker, so that each family is loaded once, and cut each group into a worker's helpings."""
        groups: dict[str, list[Keyed]] = {}
        for item in items:
            groups.setdefault(f"{item.call.maker} {sorted(item.call.options.items())!r}", []).append(item)
        jobs = []
        for group in groups.values():
            maker = maker_of(group[0].call)
            size = max(1, min(maker.batch * maker.row, ceil(len(group) / max(1, self.workers))))
            jobs += [group[i : i + size] for i in range(0, len(group), size)]
        return jobs

    def _told(self, answers: list[Answer]) -> list[Answer]:
        for answer in answers:
            call = answer.call
            self._listen(
                Event(
                    event="call", stage=call.stage, scene=call.scene, maker=call.maker, seconds=answer.seconds
                )
            )
        return answers

    def _run_here(self, jobs: list[list[Keyed]]) -> list[Answer]:
        if self._inline is None:
            self._inline = _Worker(self.store.root)
        done: list[Answer] = []
        for job in jobs:
            if self._stop():
                raise Cancelled("stopped", kept="everything that was finished before")
            first = job[0].call

            def report(part: float, note: str, first: Call = first) -> None:
                self._listen(
                    Event(
                        event="progress",
                        stage=first.stage,
                        scene=first.scene,
                        maker=first.maker,
                        done=part,
                        text=note,
                    )
                )

            done += self._told(self._inline.answer(job, report, self._stop))
        return done

    def _open_pool(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # A fork would copy the threads' locks of whatever this process has loaded.
            method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
            context = multiprocessing.get_context(method)
            if method == "forkserver":
                context.set_forkserver_preload(["kamishibai.work.runners.local"])
            self._queue = context.Queue(1000)
            self._halt = context.Event()
            self._pool = ProcessPoolExecutor(
                self.workers, context, initializer=_start, initargs=(self.store.root, self._queue, self._halt)
            )
        return self._pool

    def _drain(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._listen(self._queue.get_nowait())

    def _run_pool(self, jobs: list[list[Keyed]]) -> list[Answer]:
        if not jobs:
            return []
        pool = self._open_pool()
        waiting: set[Future[list[Answer]]] = {pool.submit(_work, job) for job in jobs}
        done: list[Answer] = []
        try:
            while waiting:
                finished, waiting = wait(waiting, timeout=0.1, return_when=FIRST_COMPLETED)
                self._drain()
                for future in finished:
                    done += self._told(future.result())
                if self._stop():
                    raise Cancelled("stopped", kept="everything that was finished before")
        except BrokenProcessPool as error:
            self._pool = None
            raise ModelError(
                "a worker process died, most likely because memory ran out",
                kept="everything that was finished before",
                hint="run the same command again, with --workers 1 or a smaller --size",
            ) from error
        except BaseException:
            self._halt.set()
            for future in waiting:
                future.cancel()
            wait(waiting)
            self._halt.clear()
            raise
        return done
