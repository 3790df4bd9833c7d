"""One JSON object a line on standard output: every event as it happens, and a last one with the result or the error."""

from __future__ import annotations

import json
import sys
from typing import Any

from kamishibai.errors import KamishibaiError
from kamishibai.work.events import Event

__all__ = ["JsonLines", "write_line"]


def write_line(value: dict[str, Any]) -> None:
    """Write one line at once, in ASCII, so that it survives any terminal and any pipe."""
    sys.stdout.write(json.dumps(value, ensure_ascii=True) + "\n")
    sys.stdout.flush()


class JsonLines:
    """The view of a run that programs read."""

    def __init__(self) -> None:
        self.told: set[str] = set()

    def __enter__(self) -> JsonLines:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def event(self, event: Event) -> None:
        """Write an event; fields that say nothing are left out."""
        write_line(event.model_dump(mode="json", exclude_defaults=True))

    def result(self, value: dict[str, Any]) -> None:
        """Write the last line of a run that ended well."""
        write_line({"event": "end", "exit_code": 0, "result": value})

    def failed(self, error: KamishibaiError) -> None:
        """Write the last line of a run that did not."""
        write_line(
            {
                "event": "end",
                "exit_code": error.exit_code,
                "error": {
                    "kind": type(error).__name__,
                    "what": error.what,
                    "where": error.where,
                    "kept": error.kept,
                    "next": error.hint,
                },
            }
        )
