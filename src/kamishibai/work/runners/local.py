"""The local runner: answers calls from the store, and makes the missing ones in worker processes, family by family.

There are two lanes. Small makers work in a pool of processes, one a core. Models with heavy weights or an
accelerator work in one process of their own, one family after the other, so that never more than one is resident;
both lanes run at the same time.
"""

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
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from types import TracebackType
from typing import Any

from kamishibai.errors import Cancelled, ModelError
from kamishibai.models.base import Model
from kamishibai.work.call import Answer, Call, Keyed, answer_batch, family, keyed, maker_of, recall
from kamishibai.work.events import Event, Listener, nobody
from kamishibai.work.explain import Explainer, Reason
from kamishibai.work.peak import forget_peak
from kamishibai.work.presence import Presence
from kamishibai.work.records import refs_in
from kamishibai.work.store import Store
from kamishibai.work.timings import Cost, Timings

__all__ = ["LocalRunner", "usable_cores"]


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


WORTH_MB = 100
"""A maker that took less leaves nothing that is worth looking for."""
GRACE_S = 0.6
"""How long workers get to stop by themselves when the user asks; then they are ended. The store keeps only whole results."""


def _give_memory_back() -> None:
    """Hand freed memory to the system: glibc keeps it for the process, which does other work from now on."""
    gc.collect()
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


class _Worker:
    """What one process holds: the store, and the maker it has loaded."""

    def __init__(self, store: Store, tell: Listener) -> None:
        self.store = store
        self.tell = tell
        self.family = ""
        self.maker: Model[Any, Any] | None = None

    def answer(self, items: Sequence[Keyed], stop: Callable[[], bool]) -> list[Answer]:
        ready = self._ready(items[0].call)
        answers: list[Answer] = []
        for helping in _helpings(items, ready.batch, ready):
            if stop():
                raise _cancelled()
            answers += answer_batch(ready, helping, self.store, self.tell, stop)
        return answers

    def _ready(self, call: Call) -> Model[Any, Any]:
        if self.maker is None or self.family != family(call):
            # Calls come family by family: whoever worked before is done, and its memory is wanted.
            self.free()
            maker = maker_of(call)
            forget_peak()
            if maker.lane == "device":
                self.tell(
                    Event(event="progress", stage=call.stage, maker=call.maker, text="loading the model")
                )
            began = time.perf_counter()
            maker.load()
            self.maker, self.family = maker, family(call)
            took = time.perf_counter() - began
            self.tell(Event(event="load", stage=call.stage, maker=call.maker, seconds=took, why=maker.lane))
        return self.maker

    def free(self) -> None:
        if self.maker is not None:
            maker, self.maker = self.maker, None
            maker.unload()
            self.tell(Event(event="free", maker=maker.id, why=maker.lane))
            if type(maker).needs().memory_mb >= WORTH_MB:
                _give_memory_back()


_here: _Worker | None = None
_stop: Any = None


def _start(root: Path, beside: Path | None, events: Any, stop: Any, one_thread: bool) -> None:
    global _here, _stop
    # Ctrl-C reaches the whole process group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if one_thread:
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ.setdefault(name, "1")

    def tell(event: Event) -> None:
        if event.event == "progress":
            with contextlib.suppress(queue.Full):
                events.put_nowait(event)
        else:
            events.put(event)

    _here, _stop = _Worker(Store(root, beside), tell), stop
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    # Whoever kills the parent outright would otherwise leave its workers waiting for ever.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(items: list[Keyed]) -> list[Answer]:
    assert _here is not None
    return _here.answer(items, _stop.is_set)


def _free() -> list[Answer]:
    assert _here is not None
    _here.free()
    return []


def _helpings(items: Sequence[Keyed], size: int, maker: Model[Any, Any]) -> list[list[Keyed]]:
    """Cut items into helpings of about `size`; neighbours that the maker likes to answer in one go are not parted."""
    out: list[list[Keyed]] = []
    bound: object = None
    for item in items:
        bond = maker.bond(item.call.ask)
        if not out or (len(out[-1]) >= size and (bond is None or bond != bound)):
            out.append([])
        out[-1].append(item)
        bound = bond
    return out


def _cancelled() -> Cancelled:
    return Cancelled(
        "stopped",
        kept="everything that was finished before",
        hint="run the same command again: it goes on from here",
    )


@dataclass(frozen=True)
class _Job:
    """What one worker does in one go: calls of one family."""

    family: str
    lane: str
    items: list[Keyed]


class LocalRunner:
    """Runs calls on this machine.

    Parameters
    ----------
    store
        Where answers are looked for and kept.
    workers
        Processes to work in; 0 works in this one.
    stop
        Asked now and then; when it returns True, `run` raises Cancelled, with workers within a second.
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
        self.explainer = Explainer(store)
        """Knows what the film was made from before; its owner may put another in its place."""
        self.before_work: Callable[[Sequence[str]], None] = lambda keys: None
        """Called with all keys of the rounds so far before what is missing of one is made; with each once."""
        self._unnoted: list[str] = []
        self.presence = Presence(store.root)
        self._why: dict[str, Reason] = {}
        self._listen = listen
        self._stop = stop
        self._pool: ProcessPoolExecutor | None = None
        self._device: ProcessPoolExecutor | None = None
        self._resident = ""
        """Family that the device's process holds."""
        self._context: Any = None
        self._queue: Any = None
        self._halt: Any = None
        self._inline: _Worker | None = None
        self._told: set[str] = set()
        """Keys of the calls whose end was told."""

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
        for pool in (self._pool, self._device):
            if pool is not None:
                self._halt.set()
                if pool is self._device and self._resident:
                    with contextlib.suppress(BrokenProcessPool):
                        pool.submit(_free).result()
                pool.shutdown(wait=True, cancel_futures=True)
        self._pool = self._device = None
        if self._queue is not None:
            self._drain()  # what the workers said last
        self.presence.leave()

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
        self.tell_damage()
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
        self._why = self.explainer.reasons(items, set(missing))
        self._unnoted += [item.key for item in items]
        if missing:
            self.presence.enter()
            self.before_work(self._unnoted)
            self._unnoted.clear()
        jobs = self._jobs(list(missing.values()))
        self._told -= missing.keys()
        done = self._run_here(jobs) if self.workers == 0 else self._run_lanes(jobs)
        found.update({answer.key: answer for answer in done})
        self._remember_cost(done)
        # Equal asks of different scenes share one answer; each keeps its own call.
        answers = [
            replace(
                found[item.key], call=item.call, key=item.key, version=item.version, why=self._said(item.key)
            )
            for item in items
        ]
        self.explainer.learn(answers)
        return answers

    def _said(self, key: str) -> str:
        return self._why[key].text if key in self._why else ""

    def tell_damage(self) -> None:
        """Tell what the store has found damaged since the last time."""
        for damage in self.store.damage:
            text = f"{damage.path} was damaged ({damage.why}): it is set aside and made again"
            if damage.why == "missing":
                text = f"{damage.path} is missing: it is made again"
            self._listen(Event(event="warning", text=text))
        self.store.damage.clear()

    def _remember_cost(self, answers: Sequence[Answer]) -> None:
        """Note for later plans what calls took."""
        costs = [
            Cost(
                stage=answer.call.stage,
                maker=answer.call.maker,
                seconds=answer.seconds,
                size=sum(ref.size for ref in set(refs_in(answer.take.model_dump(mode="json")))),
                memory_mb=answer.memory_mb,
            )
            for answer in answers
        ]
        Timings(self.store.root).add(costs)

    def _jobs(self, items: list[Keyed]) -> list[_Job]:
        """Group by maker, so that each family is loaded once, and cut each group into a worker's helpings."""
        groups: dict[str, list[Keyed]] = {}
        for item in items:
            groups.setdefault(family(item.call), []).append(item)
        # Who is resident goes first: it need not be loaded again.
        names = sorted(groups, key=lambda name: name != self._resident)
        jobs = []
        for name in names:
            group = groups[name]
            maker = maker_of(group[0].call)
            if maker.lane == "device":
                jobs.append(_Job(name, "device", group))
                continue
            size = max(1, min(maker.batch * maker.row, ceil(len(group) / max(1, self.workers))))
            jobs += [_Job(name, "pool", helping) for helping in _helpings(group, size, maker)]
        return jobs

    def tell(self, event: Event) -> None:
        """Tell whoever listens to this runner."""
        self._listen(event)

    def _hear(self, event: Event) -> None:
        """Pass an event on; the end of a call is told once, whether by its worker or by its answer."""
        if event.event == "call":
            if event.key in self._told:
                return
            self._told.add(event.key)
            event = event.model_copy(update={"why": self._said(event.key)})
        self._listen(event)

    def _tell_rest(self, answers: list[Answer]) -> list[Answer]:
        for answer in answers:
            call = answer.call
            self._hear(
                Event(
                    event="call",
                    stage=call.stage,
                    scene=call.scene,
                    maker=call.maker,
                    seconds=answer.seconds,
                    key=answer.key,
                )
            )
        return answers

    def _run_here(self, jobs: list[_Job]) -> list[Answer]:
        if self._inline is None:
            self._inline = _Worker(self.store, self._hear)
        if self._inline.family not in {job.family for job in jobs}:
            self._inline.free()
        done: list[Answer] = []
        for job in jobs:
            if self._stop():
                raise _cancelled()
            done += self._inline.answer(job.items, self._stop)
        return done

    def _open(self, lane: str) -> ProcessPoolExecutor:
        if self._context is None:
            # A fork would copy the threads' locks of whatever this process has loaded.
            method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
            self._context = multiprocessing.get_context(method)
            if method == "forkserver":
                self._context.set_forkserver_preload(["kamishibai.work.runners.local"])
            self._queue = self._context.Queue(1000)
            self._halt = self._context.Event()

        def new(size: int, one_thread: bool) -> ProcessPoolExecutor:
            start = (self.store.root, self.store.beside, self._queue, self._halt, one_thread)
            return ProcessPoolExecutor(size, self._context, initializer=_start, initargs=start)

        if lane == "device":
            self._device = self._device or new(1, one_thread=False)
            return self._device
        self._pool = self._pool or new(self.workers, one_thread=True)
        return self._pool

    def _drain(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._hear(self._queue.get_nowait())

    def _run_lanes(self, jobs: list[_Job]) -> list[Answer]:
        waiting: dict[Future[list[Answer]], _Job | None] = {}
        heavy = [job for job in jobs if job.lane == "device"]
        if self._device is not None and self._resident and self._resident not in {j.family for j in heavy}:
            # Nobody needs it in this round, and others want the memory.
            waiting[self._device.submit(_free)] = None
            self._resident = ""
        for job in jobs:
            waiting[self._open(job.lane).submit(_work, job.items)] = job
        if heavy:
            self._resident = heavy[-1].family
        done: list[Answer] = []
        try:
            while waiting:
                finished, _ = wait(waiting, timeout=0.1, return_when=FIRST_COMPLETED)
                self._drain()
                for future in finished:
                    done += self._tell_rest(self._result(future, waiting.pop(future)))
                if self._stop():
                    raise _cancelled()
        except BaseException as error:
            self._halt.set()
            for future in waiting:
                future.cancel()
            hurried = isinstance(error, (Cancelled, KeyboardInterrupt))
            if wait(waiting, timeout=GRACE_S if hurried else None).not_done:
                self._end_workers()
            self._halt.clear()
            raise
        return done

    def _end_workers(self) -> None:
        """End every worker at once, whatever it is computing."""
        for pool in (self._pool, self._device):
            if pool is not None:
                for process in list((pool._processes or {}).values()):
                    process.kill()
                pool.shutdown(wait=False, cancel_futures=True)
        self._pool = self._device = None
        self._resident = ""
        # A worker that was ended while it spoke may hold the queue's lock for ever.
        self._queue = self._context.Queue(1000)

    def _result(self, future: Future[list[Answer]], job: _Job | None) -> list[Answer]:
        try:
            return future.result()
        except BrokenProcessPool as error:
            heavy = job is None or job.lane == "device"
            if heavy:
                self._device, self._resident = None, ""
            else:
                self._pool = None
            raise ModelError(
                f"the process of {job.items[0].call.maker if job else 'a model'} died, most likely because memory ran out",
                kept="everything that was finished before",
                hint="run the same command again, with a smaller --size"
                + (" or a smaller model" if heavy else " or --workers 1"),
            ) from error
