"""Where weights and what is remembered about them lie on this machine: the hub's cache and the user's own."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = [
    "converted_cache", "hub_cache", "is_commit", "repo_folder", "snapshot", "snapshots", "system_cache", "user_cache",
]  # fmt: skip


def system_cache() -> Path:
    """Return this program's folder in the system's own place for what can be made again."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "kamishibai"


def user_cache() -> Path:
    """Return the folder for what can be made again: ``$KAMISHIBAI_CACHE``, or the system's own place."""
    named = os.environ.get("KAMISHIBAI_CACHE")
    return Path(named) if named else system_cache()


def hub_cache() -> Path:
    """Return the folder of the Hugging Face cache, by the same environment variables as huggingface_hub.

    They are read at each call and not from that package's constants: it comes with extras only, and freezes
    them when it is first imported.
    """
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if os.environ.get(name):
            return Path(os.path.expandvars(os.environ[name])).expanduser()
    if os.environ.get("HF_HOME"):
        return Path(os.path.expandvars(os.environ["HF_HOME"])).expanduser() / "hub"
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base.expanduser() / "huggingface" / "hub"


def converted_cache() -> Path:
    """Return the folder of weights that were converted here; it is laid out as the hub's cache, without blobs."""
    return user_cache() / "weights" / "converted"


def repo_folder(repo: str, cache: Path | None = None) -> Path:
    """Return the folder of a hub repo in a cache (default: the hub's); it need not exist."""
    return (cache or hub_cache()) / ("models--" + repo.replace("/", "--"))


def is_commit(revision: str) -> bool:
    """Say whether `revision` is a whole commit."""
    return re.fullmatch(r"[0-9a-f]{40}", revision) is not None


def snapshots(repo: str, cache: Path | None = None) -> Iterator[Path]:
    """Yield the folders of every commit of `repo` that the cache has something of."""
    folder = repo_folder(repo, cache) / "snapshots"
    if folder.is_dir():
        yield from sorted(child for child in folder.iterdir() if child.is_dir() and is_commit(child.name))


def snapshot(repo: str, revision: str = "main", cache: Path | None = None) -> Path | None:
    """Return the folder of `repo` at a revision (a commit, a branch or a tag); None when the cache has not got it.

    A repo that was fetched by commit has no branches in the cache; its ``main`` is then the one commit there is.
    """
    folder = repo_folder(repo, cache)
    if is_commit(revision):
        found = folder / "snapshots" / revision
        return found if found.is_dir() else None
    reference = folder / "refs" / revision
    try:
        commit = reference.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError, ValueError):
        only = list(snapshots(repo, cache))
        return only[0] if revision == "main" and len(only) == 1 else None
    found = folder / "snapshots" / commit
    return found if is_commit(commit) and found.is_dir() else None
