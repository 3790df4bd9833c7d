"""Files that are whole or not there: a temporary name, fsync, rename, fsync of the folder; and copies without copying."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

from kamishibai.errors import StoreError

__all__ = [
    "FULL", "PART", "clone", "drop_part", "finish_part", "make_folder", "new_part", "read_whole", "remove_parts",
    "write_atomically",
]  # fmt: skip

PART = ".part-"
"""How the names of unfinished files begin: whoever owns the folder may delete what a killed process left."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says when there is no room left."""
_FICLONE = 0x40049409
"""Linux: share the blocks of another file (btrfs, XFS, bcachefs)."""


def _umask() -> int:
    value = os.umask(0o022)
    os.umask(value)
    return value


_UMASK = _umask()


def _sync_folder(folder: Path) -> None:
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:
        if sys.platform == "win32":  # there a folder cannot be opened, and a rename is as durable as it gets
            return
        raise
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems sync files alone
            raise
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, so that they are there after a power cut too. Raises OSError."""
    if folder.is_dir():
        return
    if folder.parent != folder:  # a drive that is not there is its own parent
        make_folder(folder.parent)
    with contextlib.suppress(FileExistsError):
        folder.mkdir()
        _sync_folder(folder.parent)


def new_part(path: Path) -> Path:
    """Return a new temporary file beside `path`, in a folder that is made if need be. Raises OSError."""
    make_folder(path.parent)
    handle, name = tempfile.mkstemp(prefix=PART, dir=path.parent)
    os.close(handle)
    return Path(name)


def finish_part(part: Path, path: Path) -> None:
    """Give a written temporary file its name: its bytes are on the disk before, and the name after. Raises OSError."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    with contextlib.suppress(PermissionError):  # the file systems of memory sticks keep no permissions
        part.chmod(0o666 & ~_UMASK)  # temporary files are for their owner's eyes alone
    part.replace(path)
    _sync_folder(path.parent)


def drop_part(part: Path | None) -> None:
    """Delete a temporary file, if it is still there."""
    if part is not None:
        with contextlib.suppress(OSError):
            part.unlink()


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that any reader sees the old file or the whole new one, even after a crash.

    Raises
    ------
    StoreError
        When the disk is full or the folder cannot be written; the temporary file is gone by then.
    """
    part: Path | None = None
    try:
        part = new_part(path)
        part.write_bytes(data)
        finish_part(part, path)
    except OSError as error:
        _refuse(error, path, len(data))
    finally:
        drop_part(part)


def _refuse(error: OSError, path: Path, size: int) -> NoReturn:
    full = error.errno in FULL
    raise StoreError(
        f"{'no room left' if full else 'cannot write'} for {size:,} bytes: {error.strerror}",
        where=str(path),
        kept="everything that was finished before",
        hint="free some space (`kamishibai cache gc`) and run the same command again"
        if full
        else "check the folder's permissions and the disk, or choose another with --cache or --out; "
        "then run the same command again",
    ) from error


def read_whole(path: Path) -> bytes | None:
    """Return what stands in a file, or None when there is none.

    Raises
    ------
    StoreError
        When it is there and cannot be read: that is no reason to treat it as missing.
    """
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unreadable(error, path) from error


def _unreadable(error: OSError, path: Path) -> StoreError:
    return StoreError(
        f"cannot be read: {error.strerror}",
        where=str(path),
        kept="everything that was finished before",
        hint="check the file's permissions and the disk, then run the same command again",
    )


def remove_parts(folder: Path) -> int:
    """Delete what killed processes left unfinished in `folder` itself; return how many bytes that were.

    Only for who knows that nobody writes there now.
    """
    freed = 0
    with contextlib.suppress(OSError):
        for path in list(folder.glob(f"{PART}*")):
            with contextlib.suppress(OSError):
                size = path.lstat().st_size
                path.unlink()
                freed += size
    return freed


def clone(source: Path, target: Path) -> None:
    """Copy a file, sharing its blocks where the file system can; `target` is whole or not there.

    Raises
    ------
    StoreError
        When `source` cannot be read, the disk is full or the folder cannot be written.
    """
    part: Path | None = None
    try:
        source.open("rb").close()
    except OSError as error:
        raise _unreadable(error, source) from error
    try:
        part = new_part(target)
        if not _reflink(source, part):
            shutil.copyfile(source, part)
        finish_part(part, target)
    except OSError as error:
        _refuse(error, target, source.stat().st_size if source.is_file() else 0)
    finally:
        drop_part(part)


def _reflink(source: Path, target: Path) -> bool:
    """Share blocks; say whether that worked. macOS copies so by itself (`copyfile` clones on APFS)."""
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        with source.open("rb") as old, target.open("wb") as new:
            fcntl.ioctl(new.fileno(), _FICLONE, old.fileno())
    except OSError:
        return False
    return True
