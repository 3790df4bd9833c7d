"""Fetches what a pull offered, converts what came as a pickle, and tells both as events."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from kamishibai.weights import converted, download, shelf
from kamishibai.weights.offers import Offer, Part
from kamishibai.weights.places import repo_folder
from kamishibai.weights.pull import pull

__all__ = ["Bringing", "reporter"]


class Bringing:
    """One pull, from the first byte to weights that a film can load."""

    def __init__(self, offered: Offer, *, convert: bool, keep_pickle: bool) -> None:
        self._offered = offered
        self._convert = convert
        self._keep = keep_pickle

    def now(self, listen: Any, stop: Callable[[], bool]) -> Path:
        """Fetch, convert and clean up; return the folder (or file) that is loaded. Raises as `pull` and `convert`."""
        waiting = self._offered.to_convert
        for part in waiting:
            # What another program had fetched before is left to it, and what a pull that was cut had begun is not.
            if self._convert and any(part.left(file) for file in _pickles(part)):
                converted.mark(part.repo, part.commit)
        path = pull(self._offered, reporter("pull", listen, stop), convert=self._convert).path
        if not waiting:
            return path
        from kamishibai.pretrained.converting import convert_pulled

        report = reporter("convert", listen, stop)
        for part in waiting:
            snapshot = repo_folder(part.repo) / "snapshots" / part.commit
            made = convert_pulled(part.repo, part.revision, part.commit, snapshot, report)
            path = made if part is waiting[0] and part is self._offered.parts[0] else path
            if not self._keep and converted.unmark(part.repo, part.commit):
                _drop(part, snapshot)
        return path


def _pickles(part: Part) -> list[Any]:
    return [file for file in part.files if file.name in part.pickles]


def _drop(part: Part, snapshot: Path) -> None:
    """Take a pickle that was fetched to be converted out of the cache, and what came with it where that is all."""
    if {path.relative_to(snapshot).as_posix() for path in shelf.files_in(snapshot)} <= {
        f.name for f in part.files
    }:
        shelf.remove(shelf.removal_of(part.repo, part.commit))
        return
    for file in _pickles(part):
        with suppress(OSError):
            (snapshot / file.name).unlink()
            download.blob_path(part.repo, file).unlink()


def reporter(stage: str, listen: Any, stop: Callable[[], bool]) -> Callable[[str, int, int], None]:
    """Return a listener that turns bytes into events, a few hundred in all, and ends when the user asks."""
    from kamishibai.cli.weights_shown import megabytes
    from kamishibai.errors import Cancelled
    from kamishibai.work.events import Event

    listen(Event(event="stage", stage=stage, total=1))
    told = (-1, "")

    def report(file: str, done: int, total: int) -> None:
        nonlocal told
        if stop():
            raise Cancelled(
                "stopped by you", kept="what came so far", hint="the same command goes on from here"
            )
        mark = (done * 400 // max(total, 1), file)
        if mark != told:
            told = mark
            share = min(done / max(total, 1), 1.0)
            text = f"{file}, {megabytes(done)} of {megabytes(total)}"
            listen(Event(event="progress", stage=stage, scene=file, done=share, text=text))

    return report
