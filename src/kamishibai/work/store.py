"""The store: blobs by SHA-256, results by key; written atomically, digests checked on read."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kamishibai.documents.frozen import Frozen, canonical_json
from kamishibai.documents.ref import Ref
from kamishibai.errors import DamagedError, StoreError
from kamishibai.work.key import content_hash

__all__ = ["Note", "Record", "Store", "refs_in", "write_atomically"]


def _umask() -> int:
    value = os.umask(0o022)
    os.umask(value)
    return value


_UMASK = _umask()


class Note(Frozen):
    """Something a maker had to tell about how a take came about."""

    text: str
    warn: bool = False


class Record(Frozen):
    """A finished call: what was made, by whom, and what it cost."""

    key: str
    maker: str
    version: str
    take: dict[str, Any]
    seconds: float
    """Wall time of making it."""
    notes: tuple[Note, ...] = ()
    memory_mb: int = 0
    """The most memory that its process, or its accelerator, had needed when it was done; 0: not known."""


def refs_in(value: Any) -> Iterator[Ref]:
    """Yield every Ref inside a dumped take (a nest of dicts and lists)."""
    if isinstance(value, dict):
        if value.keys() == {"sha256", "media_type", "size"}:
            yield Ref(**value)
        else:
            for part in value.values():
                yield from refs_in(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from refs_in(part)


def _sync_folder(folder: Path) -> None:
    # Windows cannot open a folder; there the rename itself is as durable as it gets.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that any reader sees the old file or the whole new one, even after a crash.

    Raises
    ------
    StoreError
        When the disk is full or the folder cannot be written; the temporary file is gone by then.
    """
    name: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".part-", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o666 & ~_UMASK)  # mkstemp's files are for their owner's eyes alone
        Path(name).replace(path)
        name = None
        _sync_folder(path.parent)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        raise StoreError(
            f"{'no room left' if full else 'cannot write'} for {len(data):,} bytes: {error.strerror}",
            where=str(path),
            kept="everything that was finished before",
            hint="free some space and run the same command again"
            if full
            else "check the folder's permissions, or choose another with --cache",
        ) from error
    finally:
        if name is not None:
            with contextlib.suppress(OSError):
                Path(name).unlink()


class Store:
    """A folder of blobs and results, shared by all of a user's projects."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._seen: set[str] = set()
        """Digests this process has checked or written: they are not checked again."""

    def _blob(self, sha256: str) -> Path:
        return self.root / "blobs" / sha256[:2] / sha256

    def _result(self, key: str) -> Path:
        return self.root / "results" / key[:2] / f"{key}.json"

    def save(self, data: bytes, media_type: str) -> Ref:
        """Keep `data` and return its Ref; bytes that are there already are not written again."""
        ref = Ref(sha256=content_hash(data), media_type=media_type, size=len(data))
        path = self._blob(ref.sha256)
        if not (path.is_file() and path.stat().st_size == ref.size):
            write_atomically(path, data)
        self._seen.add(ref.sha256)
        return ref

    def open(self, ref: Ref) -> bytes:
        """Return the bytes behind `ref`.

        Raises
        ------
        DamagedError
            When they are missing, or do not have the digest they should; damaged bytes are set aside.
        """
        path = self._blob(ref.sha256)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise DamagedError(f"stored bytes are missing: {error.strerror}", where=str(path)) from error
        if content_hash(data) != ref.sha256:
            self._set_aside(path)
            raise DamagedError("stored bytes are damaged; they were set aside", where=str(path))
        self._seen.add(ref.sha256)
        return data

    def path(self, ref: Ref) -> Path:
        """Return the read-only file behind `ref`, its digest checked once a process."""
        if ref.sha256 not in self._seen:
            self.open(ref)
        return self._blob(ref.sha256)

    def verify(self) -> int:
        """Read every blob, set the damaged ones aside, and return how many they were."""
        damaged = 0
        for path in sorted((self.root / "blobs").glob("*/*")):
            if path.name.startswith(".part-"):
                continue
            try:
                fine = content_hash(path.read_bytes()) == path.name
            except OSError:
                fine = False
            if not fine:
                self._set_aside(path)
                damaged += 1
        return damaged

    def _set_aside(self, path: Path) -> None:
        damaged = self.root / "damaged"
        with contextlib.suppress(OSError):
            damaged.mkdir(parents=True, exist_ok=True)
            path.replace(damaged / path.name)

    def keep(self, record: Record) -> None:
        """Write down a finished call. Its blobs must be saved before."""
        write_atomically(self._result(record.key), canonical_json(record))

    def find(self, key: str) -> Record | None:
        """Return the finished call with this key, or None when there is none or part of it is gone or damaged."""
        path = self._result(key)
        try:
            record = Record(**json.loads(path.read_bytes()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError):
            self._set_aside(path)
            return None
        for ref in refs_in(record.take):
            try:
                if self._blob(ref.sha256).stat().st_size != ref.size:
                    self._set_aside(self._blob(ref.sha256))
                    return None
            except OSError:
                return None
        return record
