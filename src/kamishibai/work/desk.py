"""The desk of one batch: the store for its refs, a scratch folder, and the way to report and to stop."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from kamishibai.documents.ref import Ref
from kamishibai.errors import Cancelled
from kamishibai.work.records import Note
from kamishibai.work.store import Store

__all__ = ["StoreDesk"]


def _never() -> bool:
    return False


def _silent(done: float, note: str) -> None:
    return None


def _unseen(png: bytes) -> None:
    return None


class StoreDesk:
    """A `kamishibai.models.base.Desk` over a store. Use it as a context manager: scratch files end with it."""

    def __init__(
        self,
        store: Store,
        report: Callable[[float, str], None] = _silent,
        stop: Callable[[], bool] = _never,
        show: Callable[[bytes], None] = _unseen,
    ) -> None:
        self.notes: list[Note] = []
        self._store = store
        self._show = show
        self._report = report
        self._stop = stop
        self._scratch: Path | None = None

    def __enter__(self) -> StoreDesk:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def open(self, ref: Ref) -> bytes:
        """Return the bytes behind `ref`, digest checked."""
        return self._store.open(ref)

    def path(self, ref: Ref) -> Path:
        """Return a read-only file with the bytes behind `ref`."""
        return self._store.path(ref)

    def save(self, data: bytes, media_type: str) -> Ref:
        """Keep `data`."""
        return self._store.save(data, media_type)

    def scratch(self, suffix: str) -> Path:
        """Return a new temporary path."""
        if self._scratch is None:
            self._scratch = self._store.scratch()
        return Path(tempfile.mktemp(suffix=suffix, dir=self._scratch))

    def progress(self, done: float, note: str = "") -> None:
        """Report progress of the batch, 0 to 1. Raises Cancelled when asked to stop."""
        if self._stop():
            raise Cancelled(
                "stopped",
                kept="everything that was finished before",
                hint="run the same command again: it goes on from here",
            )
        self._report(done, note)

    def cancelled(self) -> bool:
        """Say whether the user asked to stop."""
        return self._stop()

    def note(self, text: str, *, warn: bool = False) -> None:
        """Write down how the batch came about; whoever opened the desk reads `notes`."""
        self.notes.append(Note(text=text, warn=warn))

    def preview(self, png: bytes) -> None:
        """Show a first view of what is being made."""
        self._show(png)
