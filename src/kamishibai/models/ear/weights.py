"""Weights that come in pieces inside packages: joined once, checked on every load, kept in the user's cache."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from importlib.resources import as_file, files
from pathlib import Path

from kamishibai.errors import ModelError
from kamishibai.weights.places import user_cache

__all__ = ["joined"]

Parts = Sequence[tuple[str, str]]
"""Package and file of each piece, in order."""
BLOCK = 1 << 20


def joined(wanted: Mapping[str, tuple[Parts, str]], hint: str) -> Path:
    """Return a folder that holds every wanted file, joined from its parts, its SHA-256 checked.

    Two processes may join at once: each writes under a name of its own and renames it into place.

    Raises
    ------
    ModelError
        When the pieces do not have the digest that is pinned, or the cache cannot be written.
    """
    folder = (
        user_cache()
        / "weights"
        / hashlib.sha256("".join(d for _, d in wanted.values()).encode()).hexdigest()[:16]
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, (parts, digest) in wanted.items():
            path = folder / name
            if not path.is_file() or _digest(path) != digest:
                _join(path, parts, digest, hint)
    except OSError as error:
        raise ModelError(
            f"the ear's weights cannot be written ({error.strerror or error})",
            where=str(folder),
            hint="free about 150 MB there, or name another folder in KAMISHIBAI_CACHE",
        ) from error
    return folder


def _join(path: Path, parts: Parts, digest: str, hint: str) -> None:
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            for package, part in parts:
                with as_file(files(package) / "data" / part) as source, source.open("rb") as piece:
                    shutil.copyfileobj(piece, out, BLOCK)
            out.flush()
            os.fsync(out.fileno())
        if _digest(Path(name)) != digest:
            raise ModelError(
                "the ear's weights are damaged, or not the ones that were tested",
                where=path.name,
                hint=f"{hint} --force-reinstall",
            )
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
