"""Faults of the file system: builds the shim, and has films made under it (see `zygote`)."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType

__all__ = ["ERRORS", "KINDS", "MODES", "MOMENTS", "Fault", "Outcome", "Zygote", "build_shim", "why_not"]

HERE = Path(__file__).resolve().parent
KINDS = ("write", "sync", "rename", "open to write", "open to read", "read", "make folder", "unlink")
MODES = ("once", "from then on", "short first")
MOMENTS = ("first run", "film removed", "damaged store")
"""Nothing there yet; all results there and the film to be joined again; that, and one of its segments damaged."""
ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES)


@dataclass(frozen=True)
class Fault:
    """The N-th operation of a kind that fails, counted from 1."""

    kind: str
    n: int
    errno: int = errno.EIO
    mode: str = "once"
    """One of `MODES`: ``once``, ``from then on``, or ``short first``: a write is cut in half, and all that follow fail."""
    moment: str = "first run"

    def __str__(self) -> str:
        return f"{self.moment}: {self.kind} {self.n}, {errno.errorcode[self.errno]}, {self.mode}"


@dataclass(frozen=True)
class Outcome:
    """How a film fared under a fault, and again without it."""

    fault: Fault
    ended: str
    """``film``, or the error's class."""
    told: str
    struck: int
    """Operations that were failed."""
    counts: dict[str, int] = field(default_factory=dict)
    wrong: tuple[str, ...] = ()
    """Every way in which it was not as it should be."""

    def __str__(self) -> str:
        return "\n  ".join([f"{self.fault} → {self.ended}", *self.wrong, *self.told.splitlines()])


def why_not() -> str:
    """Return why no faults can be injected on this machine; empty where they can."""
    if sys.platform != "linux":
        return "the shim is for Linux: LD_PRELOAD and /proc"
    if shutil.which("cc") is None:
        return "there is no C compiler, cc"
    return ""


def build_shim(folder: Path) -> Path:
    """Compile the shim into `folder` and return it."""
    library = folder / "shim.so"
    line = [
        "cc",
        "-O1",
        "-shared",
        "-fPIC",
        "-Wall",
        "-Werror",
        "-o",
        str(library),
        str(HERE / "shim.c"),
        "-ldl",
    ]
    subprocess.run(line, check=True)
    return library


class Zygote:
    """A process that has imported everything and makes each film in a fork. Use it as a context manager."""

    def __init__(self, folder: Path, at_once: int = 1, whole: bool = False) -> None:
        self._whole = whole
        self._folder = folder
        self._at_once = at_once

    def __enter__(self) -> Zygote:
        self._folder.mkdir(parents=True, exist_ok=True)
        one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        films = self._folder / "films"
        films.mkdir()
        line = [sys.executable, str(HERE / "zygote.py"), str(films.resolve()), str(self._at_once)]
        self._process = subprocess.Popen(
            [*line, "whole" if self._whole else "small"],
            env={**os.environ, **one, "LD_PRELOAD": str(build_shim(self._folder))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._answer() == {"ready": True}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._process.kill()
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _say(self, what: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def _answer(self) -> dict[str, object] | None:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process that makes the films died"
        answer: dict[str, object] | None = json.loads(line)
        return answer

    def counts(self, moment: str = "first run") -> dict[str, int]:
        """Return how many operations of each kind a film takes when none fails."""
        (outcome,) = self.films([Fault("", 0, moment=moment)])
        assert not outcome.wrong, str(outcome)
        assert outcome.ended == "film"
        return outcome.counts

    def films(self, faults: Iterable[Fault]) -> Iterator[Outcome]:
        """Yield what became of each film, in the order of the faults."""
        waiting = 0
        for fault in faults:
            self._say(asdict(fault))
            waiting += 1
            if waiting >= self._at_once:
                yield self._outcome(self._answer())
                waiting -= 1
        self._say(None)
        while (answer := self._answer()) is not None:
            yield self._outcome(answer)

    @staticmethod
    def _outcome(answer: dict[str, object] | None) -> Outcome:
        assert answer is not None
        names = ("kind", "n", "errno", "mode", "moment")
        fault = Fault(**{name: answer[name] for name in names})  # type: ignore[arg-type]
        return Outcome(
            fault,
            str(answer["ended"]),
            str(answer["told"]),
            int(answer["struck"]),  # type: ignore[call-overload]
            dict(answer["counts"]),  # type: ignore[call-overload]
            tuple(answer["wrong"]),  # type: ignore[arg-type]
        )
