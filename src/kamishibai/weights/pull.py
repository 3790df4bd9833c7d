"""Brings weights from the hub: fetches what was offered, goes on where it was cut, and checks every file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from kamishibai.documents.frozen import Frozen
from kamishibai.errors import StoreError, UnsupportedError
from kamishibai.weights import converted, download, pretrained
from kamishibai.weights.checkpoint import Checkpoint, locate
from kamishibai.weights.offers import Offer, Part, offer, repo_of
from kamishibai.weights.places import converted_cache, hub_cache, is_commit, repo_folder
from kamishibai.weights.safe import read_header

__all__ = ["Offer", "Part", "Pulled", "Report", "offer", "pull", "repo_of"]

Report = Callable[[str, int, int], None]
"""Told the file in hand, the bytes that are there and the bytes there will be; raises Cancelled to stop."""
RESERVE = 64_000_000
"""Bytes that a download leaves free."""


class Pulled(Frozen):
    """What came of a pull."""

    path: Path
    """The pipeline's or model's folder, or the single file."""
    commit: str
    checkpoint: Checkpoint | None = None
    """Of a pipeline."""


def pull(offered: Offer, report: Report, *, convert: bool = False) -> Pulled:
    """Fetch what was offered, check every file against the hub's hash and every safetensors header.

    What is there is not fetched again, and what was cut off goes on. With `convert` pickles are fetched too: they are
    of no use before `kamishibai.pretrained.converting` made safetensors of them.

    Raises
    ------
    UnsupportedError
        For pickles that were not asked for.
    StoreError
        When there is not enough room; before anything is fetched.
    KamishibaiError
        When a file cannot be had, or is not what the hub announced.
    """
    if offered.to_convert and not convert:
        raise UnsupportedError(
            f"{offered.to_convert[0].repo} holds its weights as a pickle alone, which can run code as it is read",
            where=offered.to_convert[0].repo,
            kept="everything; nothing was fetched",
            hint=f"`kamishibai models pull {offered.name} --convert` fetches it and converts it once, "
            "in a process that runs none of its code",
        )
    _check_room(offered)
    meter = _Meter(offered.size, report)
    for part in offered.parts:
        if part.converted is not None:
            meter.arrived(part.size)
            converted.refer(part.repo, part.revision, part.commit)
            continue
        with download.alone(part.repo):
            for file in part.files:
                meter.file = file.name
                meter.arrived(file.size - part.left(file))
                path = download.fetch(part.repo, part.commit, file, meter.arrived)
                if file.name.endswith(".safetensors"):
                    read_header(path)
            _refer(part)
    first = offered.parts[0]
    if not offered.kind:
        return Pulled(path=path, commit=first.commit)
    if offered.backend:
        return Pulled(path=_folder(offered), commit=first.commit)
    found = locate(f"{first.repo}@{first.commit}", offered.kind)
    return Pulled(path=found.path, commit=first.commit, checkpoint=found)


def _folder(offered: Offer) -> Path:
    """Return the folder of a model of transformers; one that could not be loaded is told of now and not later."""
    first = offered.parts[0]
    if offered.to_convert:
        return repo_folder(first.repo) / "snapshots" / first.commit
    return pretrained.find(f"{first.repo}@{first.commit}", offered.kind, None).path


class _Meter:
    """Counts bytes over all files."""

    def __init__(self, total: int, report: Report) -> None:
        self.file = ""
        self.done = 0
        self._total = total
        self._report = report

    def arrived(self, count: int) -> None:
        self.done += count
        self._report(self.file, max(0, min(self.done, self._total)), self._total)


def _check_room(offered: Offer) -> None:
    """Refuse a download for which there is no room; what is converted takes its size once more, elsewhere perhaps."""
    cache, own = _existing(hub_cache()), _existing(converted_cache())
    written = sum(part.pickled_bytes for part in offered.to_convert)
    together = cache.stat().st_dev == own.stat().st_dev
    _refuse_full(cache, hub_cache(), offered.missing + (written if together else 0))
    if not together:
        _refuse_full(own, converted_cache(), written)


def _existing(folder: Path) -> Path:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _refuse_full(disk: Path, folder: Path, needed: int) -> None:
    free = shutil.disk_usage(disk).free
    if needed and free < needed + RESERVE:
        variable = "HF_HOME" if folder == hub_cache() else "KAMISHIBAI_CACHE"
        raise StoreError(
            f"no room: {needed:,} bytes are to be written and {free:,} are free",
            where=str(folder),
            kept="everything; nothing was fetched",
            hint="`kamishibai models ls` shows what can go, `kamishibai models rm NAME` removes it; "
            f"or name a folder on another disk in {variable}",
        )


def _refer(part: Part) -> None:
    """Write down which commit a branch or tag was, as the hub's own tools do: then it is found without the network."""
    if is_commit(part.revision):
        return
    path = repo_folder(part.repo) / "refs" / part.revision
    fresh = repo_folder(part.repo) / ".ref.part"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(part.commit, encoding="ascii")
        fresh.replace(path)
    except OSError as error:
        raise download.no_room(error, path, len(part.commit)) from error
