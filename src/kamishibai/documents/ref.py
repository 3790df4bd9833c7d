"""A reference to stored bytes by their content."""

from __future__ import annotations

from pydantic import Field

from kamishibai.documents.frozen import Frozen

__all__ = ["Ref"]


class Ref(Frozen):
    """Names a blob of the store: the same bytes have the same Ref, wherever and whenever they were made."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    media_type: str
    """IANA media type, e.g. ``image/png``, ``audio/wav``, ``video/mp4``."""
    size: int = Field(ge=0)
    """Length in bytes."""
