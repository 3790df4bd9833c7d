"""The store: blobs by SHA-256 apart from results by key; whole or not there, digests checked on read."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from kamishibai.disk import make_folder, read_whole, write_atomically
from kamishibai.documents.frozen import Frozen
from kamishibai.documents.ref import Ref
from kamishibai.errors import DamagedError, StoreError
from kamishibai.work.key import content_hash
from kamishibai.work.records import Record, foreign_refs, read_record, write_record
from kamishibai.work.sealed import BrokenSeal

__all__ = ["Damage", "Store"]

USED_S = 24 * 3600
"""A result's file says when it was used last, to the day: a finer clock would write on every lookup."""
SCRATCH = "kamishibai-"
"""How the names of scratch folders begin."""
TAG = b"Signature: 8a477f597d28d172789f06886806bc55\n# Results of Kamishibai; they can be made again.\n"
"""Backup programs leave folders alone that hold this (https://bford.info/cachedir/)."""


class Damage(Frozen):
    """A stored file that was not what it should be; it was set aside."""

    path: Path
    why: str
    key: str = ""
    """Of the result that it belonged to, where that is known."""


class Store:
    """A folder of blobs and results, shared by all of a user's projects.

    Parameters
    ----------
    root
        The folder; it is made when something is kept.
    beside
        Another such folder that is only read, for what is not in `root`: an unpacked project's own results.
    """

    def __init__(self, root: Path, beside: Path | None = None) -> None:
        self.root = root
        self.beside = beside
        self.damage: list[Damage] = []
        """What was found damaged and set aside; whoever tells people takes it out."""
        self._seen: set[str] = set()
        """Digests this process has checked or written: they are not checked again."""

    # ------------------------------------------------------------------ where things lie

    def blob(self, sha256: str) -> Path:
        """Return where the bytes with this digest lie, or would lie."""
        mine = _blob(self.root, sha256)
        if self.beside is not None and not mine.exists() and (other := _blob(self.beside, sha256)).exists():
            return other
        return mine

    def result(self, key: str) -> Path:
        """Return where the record with this key lies, or would lie."""
        mine = _result(self.root, key)
        if self.beside is not None and not mine.exists() and (other := _result(self.beside, key)).exists():
            return other
        return mine

    def scratch(self) -> Path:
        """Return a new folder for one batch's unfinished files, on the store's own disk. Raises StoreError."""
        try:
            make_folder(self.root / "scratch")
            return Path(tempfile.mkdtemp(prefix=SCRATCH, dir=self.root / "scratch"))
        except OSError as error:
            raise _cannot("no scratch folder can be made", self.root / "scratch", error) from error

    # ------------------------------------------------------------------ blobs

    def save(self, data: bytes, media_type: str) -> Ref:
        """Keep `data` and return its Ref; bytes that are there already are not written again."""
        ref = Ref(sha256=content_hash(data), media_type=media_type, size=len(data))
        if not self._holds(ref):
            path = _blob(self.root, ref.sha256)
            if not path.parent.is_dir():
                self._tag()
            write_atomically(path, data)
        self._seen.add(ref.sha256)
        return ref

    def _holds(self, ref: Ref) -> bool:
        """Say whether the very bytes are there: a file of another size, or damaged, is written over."""
        if self._size(ref) != ref.size:
            return False
        if ref.sha256 in self._seen:
            return True
        try:
            return content_hash(self.blob(ref.sha256).read_bytes()) == ref.sha256
        except OSError:
            return False

    def _size(self, ref: Ref) -> int | None:
        try:
            return self.blob(ref.sha256).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _cannot("cannot be read", self.blob(ref.sha256), error) from error

    def open(self, ref: Ref) -> bytes:
        """Return the bytes behind `ref`.

        Raises
        ------
        DamagedError
            When they are missing, or do not have the digest they should; damaged bytes are set aside.
        StoreError
            When they are there and cannot be read.
        """
        path = self.blob(ref.sha256)
        data = read_whole(path)
        if data is None:
            raise DamagedError("stored bytes are missing", where=str(path), hint=MAKE_AGAIN)
        if content_hash(data) != ref.sha256:
            self.set_aside(path, f"{len(data):,} bytes with another digest")
            raise DamagedError(
                "stored bytes are damaged; they were set aside", where=str(path), hint=MAKE_AGAIN
            )
        self._seen.add(ref.sha256)
        return data

    def path(self, ref: Ref) -> Path:
        """Return the read-only file behind `ref`, its digest checked once a process."""
        if ref.sha256 not in self._seen:
            self.open(ref)
        return self.blob(ref.sha256)

    # ------------------------------------------------------------------ results

    def keep(self, record: Record) -> None:
        """Write down a finished call. Its blobs must be saved before."""
        path = _result(self.root, record.key)
        if not path.parent.is_dir():
            self._tag()
        write_atomically(path, write_record(record))

    def look_up(self, key: str) -> Record | None:
        """Return the record of a call, whether or not its blobs are whole; None when there is none that can be read.

        Raises
        ------
        StoreError
            When it is there and cannot be read.
        """
        path = self.result(key)
        data = read_whole(path)
        if data is None:
            return None
        try:
            return read_record(data, key)
        except BrokenSeal as error:
            self.set_aside(path, str(error), key)
            return None

    def peek(self, key: str) -> Record | list[Ref] | None:
        """Return the record of a call without changing anything, or what another version's record refers to.

        None when there is none, or it is damaged.

        Raises
        ------
        StoreError
            When it is there and cannot be read.
        """
        data = read_whole(self.result(key))
        if data is None:
            return None
        try:
            return read_record(data, key) or foreign_refs(data)
        except BrokenSeal:
            return None

    def holds(self, ref: Ref) -> bool:
        """Say whether there are as many bytes as there should be; their digest is checked when they are opened."""
        return self._size(ref) == ref.size

    def find(self, key: str) -> Record | None:
        """Return the finished call with this key, or None when there is none or part of it is gone or damaged.

        Of its blobs the sizes are compared; their digests are checked when they are opened.
        """
        record = self.look_up(key)
        if record is None:
            return None
        for ref in record.refs():
            size = self._size(ref)
            if size is not None and size != ref.size:
                self.set_aside(self.blob(ref.sha256), f"{size:,} bytes in place of {ref.size:,}", key)
                return None
            if size is None:
                self.damage.append(Damage(path=self.blob(ref.sha256), why="missing", key=key))
                return None
        self._touch(self.result(key))
        return record

    def _touch(self, path: Path) -> None:
        """Note that a result was used, for `kamishibai cache gc`."""
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > USED_S:
                os.utime(path)

    # ------------------------------------------------------------------ everything

    def result_keys(self) -> Iterator[str]:
        """Yield the key of every result in `root`."""
        for path in sorted((self.root / "results").glob("??/*.json")):
            if _DIGEST.fullmatch(path.stem):
                yield path.stem

    def blobs(self) -> Iterator[Path]:
        """Yield the file of every blob in `root`."""
        for path in sorted((self.root / "blobs").glob("??/*")):
            if _DIGEST.fullmatch(path.name):
                yield path

    def is_whole(self, path: Path) -> bool:
        """Say whether a blob's file has the digest that is its name. Raises StoreError when it cannot be read."""
        data = read_whole(path)
        return data is not None and content_hash(data) == path.name

    def set_aside(self, path: Path, why: str, key: str = "") -> None:
        """Move a damaged file out of the way, and note it in `damage`; a second one replaces the first."""
        self.damage.append(Damage(path=path, why=why, key=key))
        self._seen.discard(path.name)
        damaged = self.root / "damaged"
        try:
            make_folder(damaged)
            path.replace(damaged / path.name)
        except FileNotFoundError:
            return  # another process was first
        except OSError as error:
            if error.errno == errno.EXDEV or path.is_relative_to(self.root):
                with contextlib.suppress(OSError):
                    path.unlink()
            if path.exists():
                raise _cannot("a damaged file cannot be set aside", path, error) from error

    def _tag(self) -> None:
        with contextlib.suppress(StoreError):
            if not (self.root / "CACHEDIR.TAG").exists():
                write_atomically(self.root / "CACHEDIR.TAG", TAG)


MAKE_AGAIN = "run the same command again: what is missing is made again"


_DIGEST = re.compile(r"[0-9a-f]{64}")


def _blob(root: Path, sha256: str) -> Path:
    return root / "blobs" / sha256[:2] / sha256


def _result(root: Path, key: str) -> Path:
    if not _DIGEST.fullmatch(key):
        raise ValueError(f"{key!r} is no key")  # nor may it lead out of the store
    return root / "results" / key[:2] / f"{key}.json"


def _cannot(what: str, path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"{what}: {error.strerror}",
        where=str(path),
        kept="everything that was finished before",
        hint="check the folder's permissions and the disk, then run the same command again",
    )
