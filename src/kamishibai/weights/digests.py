"""SHA-256 of weights files, remembered by path, size and time so that 20 GB are read once and not at every start."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
import time
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from kamishibai.errors import ModelError
from kamishibai.weights.places import hub_cache, user_cache

__all__ = ["file_digest", "read_digest"]

BLOCK = 1 << 22
SMALL_BYTES = 1 << 16
"""Files up to this size are read each time: quicker than remembering them."""
SETTLED_NS = 2_000_000_000
"""A file younger than this could change again within one tick of the clock: its digest is not remembered."""


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file in hex, remembered while its path, size and time of change stay the same.

    A large file of the hub's cache bears its SHA-256 as its name, and is not read.

    Raises
    ------
    ModelError
        When the file cannot be read.
    """
    try:
        real = path.resolve(strict=True)
        if _is_named_by_hash(real):
            return real.name
        stat = real.stat()
        if stat.st_size <= SMALL_BYTES:
            return read_digest(real)
        mark = [stat.st_size, stat.st_mtime_ns]
        remembered = _remembered().get(str(real))
        if isinstance(remembered, list) and remembered[:2] == mark and len(remembered) == 3:
            return str(remembered[2])
        found = read_digest(real)
        after = real.stat()
    except OSError as error:
        raise ModelError(
            f"the weights cannot be read: {error.strerror or error}",
            where=str(path),
            hint="check that the file is there and that you may read it",
        ) from error
    if [after.st_size, after.st_mtime_ns] == mark and time.time_ns() - after.st_mtime_ns > SETTLED_NS:
        _remember(str(real), [*mark, found])
    return found


def _is_named_by_hash(path: Path) -> bool:
    """Say whether a file is a large blob of the hub's cache; a folder that merely looks like one is not believed."""
    hub = hub_cache()
    return (
        re.fullmatch(r"[0-9a-f]{64}", path.name) is not None
        and path.parent.name == "blobs"
        and hub.is_dir()
        and path.parent.parent.parent == hub.resolve()
    )


def read_digest(path: Path) -> str:
    """Return the SHA-256 of a file in hex, by reading it. Raises OSError."""
    sha = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            sha.update(block)
    return sha.hexdigest()


def _file() -> Path:
    return user_cache() / "digests.json"


def _remembered() -> dict[str, Any]:
    try:
        value = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _remember(path: str, entry: list[Any]) -> None:
    # What cannot be remembered is read again next time: a full disk or a read-only home stops nobody.
    with contextlib.suppress(OSError, Timeout):
        target = _file()
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(str(target) + ".lock", timeout=10):
            known = {name: old for name, old in _remembered().items() if os.path.exists(name)}  # noqa: PTH110
            known[path] = entry
            handle, part = tempfile.mkstemp(prefix=".part-", dir=target.parent)
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    json.dump(known, file, sort_keys=True, indent=0)
                Path(part).replace(target)
            except OSError:
                Path(part).unlink(missing_ok=True)
                raise
