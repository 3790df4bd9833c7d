"""What a pipeline asks of whoever runs its calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kamishibai.work.call import Answer, Call
from kamishibai.work.events import Event

__all__ = ["Runner"]


class Runner(Protocol):
    """Runs calls: here, in processes, on a cluster, or only on paper."""

    def run(self, calls: Sequence[Call]) -> list[Answer]:
        """Return the answers to `calls`, in order."""

    def tell(self, event: Event) -> None:
        """Tell whoever listens."""
