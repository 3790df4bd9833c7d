"""Sealed files: one line of JSON under a line that names its form and a digest of both, so that a flipped bit is noticed."""

from __future__ import annotations

import json
from typing import Any

from kamishibai.documents.frozen import canonical_json
from kamishibai.work.key import content_hash

__all__ = ["BrokenSeal", "broken_open", "sealed", "unsealed"]


class BrokenSeal(ValueError):
    """The bytes are not what was written."""


def sealed(form: str, value: Any) -> bytes:
    """Return the bytes of a sealed file; `form` is its format and version, ``kamishibai.result/2``."""
    line = canonical_json(value)
    return canonical_json({"form": form, "sha256": _digest(form, line)}) + b"\n" + line + b"\n"


def _digest(form: str, line: bytes) -> str:
    # The form counts too: with one bit of it flipped, a file would pass for one that another version wrote.
    return content_hash(form.encode("utf-8", "surrogatepass") + b"\n" + line)


def unsealed(data: bytes, form: str) -> Any | None:
    """Return the value in a sealed file's bytes; None when it is of another form: another version wrote it.

    Raises
    ------
    BrokenSeal
        When one bit of it is not as it was written.
    """
    found, value = broken_open(data)
    return value if found == form else None


def broken_open(data: bytes) -> tuple[str, Any]:
    """Return the form and the value of a sealed file's bytes, whichever version wrote them.

    Raises
    ------
    BrokenSeal
        When one bit of it is not as it was written.
    """
    head, _, line = data.partition(b"\n")
    try:
        said = json.loads(head)
        found, digest = str(said["form"]), str(said["sha256"])
    except (ValueError, TypeError, KeyError) as error:
        raise BrokenSeal("it does not begin as it should") from error
    if not line.endswith(b"\n") or _digest(found, line[:-1]) != digest or head != canonical_json(said):
        raise BrokenSeal("its digest is another")
    return found, json.loads(line)
