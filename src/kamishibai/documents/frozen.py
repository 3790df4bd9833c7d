"""The base of every document and message: immutable, validated, unknown fields forbidden."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, ConfigDict

__all__ = ["Frozen", "canonical_json"]


class Frozen(BaseModel):
    """An immutable record. Fields are validated on construction; a field it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=False)


def canonical_json(value: Any) -> bytes:
    """Return the one JSON spelling of `value` (sorted keys, no spaces, UTF-8), for hashing and comparing."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode("utf-8")
