"""Seeds torch for one piece of speech, and lets a request to stop into a model while it works."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kamishibai.errors import Cancelled
from kamishibai.models.base import Desk

__all__ = ["Watch", "seeded", "watched"]

EVERY_S = 0.1
"""How often the desk is asked, in seconds: its answer may cost a system call."""
TOLD_S = 0.5


@contextmanager
def seeded(device: str, seed: int) -> Iterator[None]:
    """Draw every random number of torch from `seed`, and leave its own as they were."""
    import torch

    kind = device.split(":")[0]
    index = int(device.partition(":")[2] or 0)
    # Metal has one generator that cannot be set aside; nothing else of ours draws from it.
    forked: dict[str, Any] = {"devices": [index], "device_type": kind} if kind == "cuda" else {"devices": []}
    with torch.random.fork_rng(**forked):
        torch.manual_seed(seed)
        yield


class Watch:
    """Counts the blocks of layers that a model runs through, for progress, and raises Cancelled between two of them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._asked = self._told = 0.0
        self._from, self._to, self._steps, self._done = 0.0, 0.0, 1, 0

    def stage(self, begin: float, end: float, steps: int) -> None:
        """Say that the next `steps` runs of a block, at the most, lead from `begin` to `end` of the batch."""
        self._from, self._to, self._steps, self._done = begin, end, max(1, steps), 0
        self._desk.progress(begin)

    def __call__(self, *_: Any) -> None:
        """Be called before a block runs (a forward pre-hook of torch)."""
        self._done += 1
        now = time.monotonic()
        if now - self._asked < EVERY_S:
            return
        self._asked = now
        if self._desk.cancelled():
            raise Cancelled("stopped", kept="everything that was finished before")
        if now - self._told >= TOLD_S:
            self._told = now
            share = min(1.0, self._done / self._steps)
            self._desk.progress(self._from + (self._to - self._from) * share)


@contextmanager
def watched(desk: Desk, *models: Any) -> Iterator[Watch]:
    """Let a Watch look into every block (member of a ``ModuleList``) of some models while the context lasts."""
    from torch import nn

    watch = Watch(desk)
    blocks = {
        id(block): block
        for model in models
        for part in model.modules()
        if isinstance(part, (nn.ModuleList, nn.Sequential))
        for block in part
    }
    hooks = [block.register_forward_pre_hook(watch) for block in blocks.values()]
    try:
        yield watch
    finally:
        for hook in hooks:
            hook.remove()
