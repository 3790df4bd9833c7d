"""How long calls took on this machine, by stage and maker: what estimates are made from."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from kamishibai.disk import write_atomically
from kamishibai.documents.frozen import Frozen
from kamishibai.errors import StoreError

__all__ = ["Cost", "Pace", "Timings"]

FILE = "timings.json"
MEMORY = 50
"""Calls after which old ones count less and less: a machine gets a new card, a driver gets slower."""


class Cost(Frozen):
    """What one call took."""

    stage: str
    maker: str
    seconds: float
    size: int = 0
    """Bytes that it made."""
    memory_mb: int = 0


class Pace(Frozen):
    """What one call takes in the mean, and of how many."""

    seconds: float
    calls: int
    size: float = 0.0
    """Bytes that it makes."""
    memory_mb: int = 0
    """The most that any process had needed."""


class Timings:
    """Paces in the cache folder. They are guesses for people: a lost update costs nothing."""

    def __init__(self, root: Path) -> None:
        self._path = root / FILE

    def read(self) -> dict[str, Pace]:
        """Return every pace by ``stage maker``; empty when there is none, or the file cannot be read."""
        try:
            return {name: Pace(**value) for name, value in json.loads(self._path.read_bytes()).items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def add(self, costs: Iterable[Cost]) -> None:
        """Count calls in."""
        new: dict[str, list[Cost]] = defaultdict(list)
        for cost in costs:
            new[f"{cost.stage} {cost.maker}"].append(cost)
        if not new:
            return
        paces = self.read()
        for name, each in new.items():
            before = paces.get(name, Pace(seconds=0.0, calls=0))
            known = min(before.calls, MEMORY)
            calls = known + len(each)
            paces[name] = Pace(
                seconds=round((before.seconds * known + sum(cost.seconds for cost in each)) / calls, 4),
                calls=calls,
                size=round((before.size * known + sum(cost.size for cost in each)) / calls),
                memory_mb=max(before.memory_mb, *(cost.memory_mb for cost in each)),
            )
        try:
            write_atomically(
                self._path, json.dumps({n: p.model_dump() for n, p in sorted(paces.items())}).encode()
            )
        except StoreError:
            return  # an estimate is not worth a film
