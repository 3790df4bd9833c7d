"""The key of a result: everything that can change it, and nothing else."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from kamishibai.documents.frozen import Frozen, canonical_json
from kamishibai.errors import StoreError

__all__ = ["call_key", "content_hash", "file_hash", "seed_for"]


def content_hash(data: bytes) -> str:
    """Return the SHA-256 of `data`, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal; it is read in pieces. Raises StoreError when it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
    except OSError as error:
        raise StoreError(
            f"cannot be read: {error.strerror}",
            where=str(path),
            kept="everything that was finished before",
            hint="check the file's permissions and the disk, then run the same command again",
        ) from error
    return digest.hexdigest()


def call_key(maker: str, version: str, weights: str, options: Frozen | dict[str, Any], ask: Frozen) -> str:
    """Return the key of what `maker` answers to `ask`.

    Refs inside the ask stand for content, so an upstream change that gives the same bytes gives the same key.
    """
    plain = options.model_dump(mode="json") if isinstance(options, Frozen) else options
    return content_hash(
        canonical_json(
            {
                "maker": maker,
                "version": version,
                "weights": weights,
                "options": plain,
                "ask": ask.model_dump(mode="json", by_alias=True),
                "asked": type(ask).__name__,
            }
        )
    )


def seed_for(project_seed: int, scene_id: str, kind: str, take: int = 0) -> int:
    """Return the seed of one ask, 0 to 2**32 - 1: adding or moving a scene changes no other scene's seed."""
    digest = hashlib.sha256(f"{project_seed}/{scene_id}/{kind}/{take}".encode()).digest()
    return int.from_bytes(digest[:4], "big")
