"""Records: what a finished call was, what came of it and what it cost, in a file that knows when it is damaged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field, ValidationError

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.ref import Ref
from kamishibai.work.sealed import BrokenSeal, broken_open, sealed

__all__ = ["Note", "Record", "foreign_refs", "read_record", "refs_in", "write_record"]

FORM = "kamishibai.result/2"


class Note(Frozen):
    """Something a maker had to tell about how a take came about."""

    text: str
    warn: bool = False


class Record(Frozen):
    """A finished call: what was asked of whom, what was made, and what it cost.

    It holds all that its key was made from, so that a later run can tell what is different, and so that damaged bytes
    can be made again.
    """

    key: str
    maker: str
    """The id it was asked by, variant and all."""
    version: str
    take: dict[str, Any]
    seconds: float
    """Wall time of making it."""
    weights: str = ""
    options: dict[str, Any] = Field(default_factory=dict)
    """Those that can change the take."""
    path: str | None = None
    """``module:Class`` of a maker of the house."""
    asked: str = ""
    """Class of the ask: ``Draw``."""
    ask: dict[str, Any] = Field(default_factory=dict)
    """As the maker settled it."""
    notes: tuple[Note, ...] = ()
    memory_mb: int = 0
    """The most memory that its process, or its accelerator, had needed when it was done; 0: not known."""

    def refs(self) -> list[Ref]:
        """Return every Ref in the take, each once."""
        return list(dict.fromkeys(refs_in(self.take)))

    def needs(self) -> list[Ref]:
        """Return every Ref in the ask, each once: what it was made from."""
        return list(dict.fromkeys(refs_in(self.ask)))


def refs_in(value: Any) -> Iterator[Ref]:
    """Yield every Ref inside a dumped ask or take (a nest of dicts and lists)."""
    if isinstance(value, dict):
        if value.keys() == {"sha256", "media_type", "size"}:
            yield Ref(**value)
        else:
            for part in value.values():
                yield from refs_in(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from refs_in(part)


def write_record(record: Record) -> bytes:
    """Return the bytes of a record's file."""
    return sealed(FORM, record)


def read_record(data: bytes, key: str) -> Record | None:
    """Return the record in a file's bytes; None when another version of Kamishibai wrote it.

    Raises
    ------
    BrokenSeal
        When one bit of it is not as it was written, or it is not the record of `key`.
    """
    form, found = broken_open(data)
    if form != FORM:
        return None
    try:
        record = Record(**found)
    except (TypeError, ValidationError) as error:
        raise BrokenSeal("not a record of this form") from error
    if record.key != key:
        raise BrokenSeal("the record of another call")
    return record


def foreign_refs(data: bytes) -> list[Ref]:
    """Return every Ref in the bytes of a record that another version of Kamishibai wrote.

    Raises
    ------
    BrokenSeal
        When one bit of it is not as it was written.
    """
    return list(dict.fromkeys(refs_in(broken_open(data)[1])))
