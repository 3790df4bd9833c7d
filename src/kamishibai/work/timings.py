"""How long calls took on this machine, by stage and maker: what estimates are made from."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from kamishibai.documents.frozen import Frozen
from kamishibai.errors import StoreError
from kamishibai.work.store import write_atomically

__all__ = ["Pace", "Timings"]

FILE = "timings.json"
MEMORY = 50
"""Calls after which old ones count less and less: a machine gets a new card, a driver gets slower."""


class Pace(Frozen):
    """The mean wall time of one call, and of how many."""

    seconds: float
    calls: int


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

    def add(self, took: Iterable[tuple[str, str, float]]) -> None:
        """Count calls in: (stage, maker, seconds) of each."""
        new: dict[str, list[float]] = defaultdict(list)
        for stage, maker, seconds in took:
            new[f"{stage} {maker}"].append(seconds)
        if not new:
            return
        paces = self.read()
        for name, seconds_each in new.items():
            before = paces.get(name, Pace(seconds=0.0, calls=0))
            known = min(before.calls, MEMORY)
            calls = known + len(seconds_each)
            mean = (before.seconds * known + sum(seconds_each)) / calls
            paces[name] = Pace(seconds=round(mean, 4), calls=calls)
        try:
            write_atomically(
                self._path, json.dumps({n: p.model_dump() for n, p in sorted(paces.items())}).encode()
            )
        except StoreError:
            return  # an estimate is not worth a film
