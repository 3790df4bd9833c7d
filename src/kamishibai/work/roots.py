"""Roots: the project folders that refer to a cache's results, so that no clean-up takes what a film is made from."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from kamishibai.disk import read_whole, write_atomically
from kamishibai.documents.frozen import Frozen
from kamishibai.work.key import content_hash
from kamishibai.work.sealed import BrokenSeal, sealed, unsealed

__all__ = ["Root", "forget_root", "remember_root", "roots"]

FORM = "kamishibai.root/1"


class Root(Frozen):
    """A project folder, and the keys that it referred to when it was last written to."""

    folder: Path
    keys: tuple[str, ...] = ()
    mount: Path | None = None
    """Where the disk that holds it is mounted; None: not known."""

    def is_gone(self, hidden: str) -> bool:
        """Say whether the project was deleted, that is, its folder `hidden` is not there, though its disk is.

        Where the folder above is missing too, or may not be looked into, nobody knows.
        """
        if self.mount is not None and not os.path.ismount(self.mount):
            return False
        return not _is_there(self.folder / hidden) and self.folder.parent.is_dir()


def _is_there(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _mount(folder: Path) -> Path:
    return next((path for path in (folder, *folder.parents) if os.path.ismount(path)), Path(folder.anchor))


def _file(root: Path, folder: Path) -> Path:
    return (
        root
        / "roots"
        / f"{content_hash(str(folder.absolute()).encode('utf-8', 'surrogateescape'))[:32]}.json"
    )


def remember_root(root: Path, folder: Path, keys: Iterable[str]) -> None:
    """Note that the project in `folder` refers to `keys` in the cache folder `root`. Raises StoreError."""
    path = _file(root, folder)
    folder = folder.absolute()
    data = sealed(FORM, Root(folder=folder, keys=tuple(sorted(keys)), mount=_mount(folder.resolve())))
    if read_whole(path) != data:
        write_atomically(path, data)


def forget_root(root: Path, folder: Path) -> None:
    """Note that a project is gone. Raises OSError."""
    _file(root, folder).unlink(missing_ok=True)


def roots(root: Path) -> list[Root]:
    """Return every project that the cache folder `root` knows of, by its folder.

    Raises
    ------
    BrokenSeal
        When one is damaged: then nobody knows what may be deleted. The next run of that project mends it.
    StoreError
        When one cannot be read.
    """
    found = []
    for path in sorted((root / "roots").glob("*.json")):
        data = read_whole(path)
        if data is None:
            continue
        try:
            value = unsealed(data, FORM)
            if value is None:
                raise BrokenSeal("another version of Kamishibai wrote it")
            found.append(Root(**value))
        except (BrokenSeal, TypeError, ValidationError) as error:
            raise BrokenSeal(f"{path}: {error}") from error
    return sorted(found, key=lambda one: str(one.folder))
