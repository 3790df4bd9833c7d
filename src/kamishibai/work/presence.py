"""Presence: who works in a cache folder now, so that nothing is cleaned away under anybody's hands."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from kamishibai.disk import make_folder
from kamishibai.errors import BusyProjectError, StoreError

__all__ = ["Presence", "alone"]

PATIENCE_S = 60.0
"""How long a run waits for a clean-up to end."""


class Presence:
    """A run's mark in a cache folder. The system takes it away with the process, however that ends."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock: FileLock | None = None

    def enter(self) -> None:
        """Be there; once is enough.

        Raises
        ------
        StoreError
            When the folder cannot be written.
        BusyProjectError
            When somebody cleans up for longer than a minute.
        """
        if self._lock is not None:
            return
        runs = self.root / "runs"
        mine = FileLock(runs / f"{os.getpid()}-{uuid.uuid4().hex[:8]}.lock")
        try:
            make_folder(runs)
            with FileLock(self.root / "gc.lock", timeout=PATIENCE_S):
                mine.acquire(timeout=0)
        except Timeout as error:
            raise BusyProjectError(
                "the cache is being cleaned up", where=str(self.root), hint="run the same command again later"
            ) from error
        except OSError as error:
            raise StoreError(
                f"the cache folder cannot be used: {error.strerror}",
                where=str(self.root),
                hint="check its permissions and the disk, or choose another with --cache",
            ) from error
        self._lock = mine

    def leave(self) -> None:
        """Be gone."""
        if self._lock is not None:
            path = Path(self._lock.lock_file)
            self._lock.release()
            self._lock = None
            with contextlib.suppress(OSError):
                path.unlink()


@contextlib.contextmanager
def alone(root: Path, but: Presence | None = None) -> Iterator[None]:
    """Keep others out of a cache folder for as long as this lasts; marks of dead processes are swept out.

    Raises
    ------
    BusyProjectError
        When a run other than `but` is under way there, or a clean-up.
    """
    try:
        lock = FileLock(root / "gc.lock", timeout=0)
        with lock:
            mine = but._lock.lock_file if but is not None and but._lock is not None else None
            for path in sorted((root / "runs").glob("*.lock")):
                if str(path) != mine:
                    _sweep(path)
            yield
    except Timeout as error:
        raise BusyProjectError(
            "films are being made with this cache, or it is being cleaned up already",
            where=str(root),
            hint="run the same command again when they are done",
        ) from error
    except OSError as error:
        if isinstance(error, StoreError):
            raise
        raise StoreError(
            f"the cache folder cannot be used: {error.strerror}",
            where=str(root),
            hint="check its permissions and the disk",
        ) from error


def _sweep(path: Path) -> None:
    """Delete the mark of a dead process. Raises Timeout when the process lives."""
    with FileLock(path, timeout=0):
        pass
    with contextlib.suppress(OSError):
        path.unlink()
