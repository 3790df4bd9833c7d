"""The key of a result: everything that can change it, and nothing else."""

from __future__ import annotations

import hashlib
from typing import Any

from kamishibai.documents.frozen import Frozen, canonical_json

__all__ = ["call_key", "content_hash", "seed_for"]


def content_hash(data: bytes) -> str:
    """Return the SHA-256 of `data`, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


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
