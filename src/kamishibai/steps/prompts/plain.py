"""Take the control characters of prompt languages out of words that come from a story."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from kamishibai.documents.frozen import Frozen

__all__ = ["cleaned", "own_words", "plain"]

RecordT = TypeVar("RecordT", bound=Frozen)

_TAG = re.compile(r"<[^<>]*>")
"""``<lora:x:9>``, ``<hypernet:…>`` and whatever else looks like one."""
_WEIGHT = re.compile(r"\s*:\s*[-+]?\d+(?:\.\d+)?(?=\s*[)\]}])")
"""The number of ``(word:1.3)``."""
_CALL = re.compile(r"\.(?:and|blend|swap|add|withLora)\s*\([^()]*\)", re.IGNORECASE)
"""compel's ``("a", "b").blend(1, 1)``."""
_KEYWORD = re.compile(r"(?<!\w)(?:BREAK|AND)(?!\w)")
_MARKS = re.compile(r"[()\[\]{}<>|\\^`]|\+{2,}|(?<=\w)\+|-{2,}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


def plain(text: str) -> str:
    """Return `text` without anything that a prompt language would read as a command, on one line.

    Weights ``(word:1.3)`` keep their word, ``word++`` loses its signs, ``<lora:x:9>`` goes altogether,
    ``BREAK`` and ``AND`` become ordinary words.
    """
    text = _CONTROL.sub(" ", text)
    text = _CALL.sub(" ", _TAG.sub(" ", text))
    text = _KEYWORD.sub(lambda found: found[0].lower(), _WEIGHT.sub("", text))
    text = _MARKS.sub(" ", text)
    return re.sub(r"\s+([,.;:!?])", r"\1", " ".join(text.split())).strip(" ,;:")


def own_words(text: str) -> str:
    """Return a prompt that the user wrote: weights ``(word:1.2)`` stay, tags such as ``<lora:x:9>`` and line breaks go."""
    return " ".join(_KEYWORD.sub(" ", _TAG.sub(" ", _CONTROL.sub(" ", text))).split())


def cleaned(
    record: RecordT, where: str, skip: frozenset[str] = frozenset()
) -> tuple[RecordT, tuple[str, ...]]:
    """Return `record` with every text in it made plain, and a note for each that was not.

    Parameters
    ----------
    where
        How the notes call the record, e.g. ``scene s02``.
    skip
        Top-level fields that are left as they are, because no prompt is made from them.
    """
    notes: list[str] = []

    def walk(value: Any, path: str) -> Any:
        if isinstance(value, str):
            text = plain(value)
            if text != " ".join(value.split()).strip(" ,;:"):
                shown = value if len(value) <= 60 else value[:57] + "…"
                notes.append(f"{where}: {path} {shown!r} is given to the models as {text!r}")
            return text
        if isinstance(value, Frozen):
            return value.model_copy(
                update={name: walk(getattr(value, name), name) for name in type(value).model_fields}
            )
        if isinstance(value, tuple):
            return tuple(walk(item, path) for item in value)
        return value

    changed = {
        name: walk(getattr(record, name), name) for name in type(record).model_fields if name not in skip
    }
    return record.model_copy(update=changed), tuple(notes)
