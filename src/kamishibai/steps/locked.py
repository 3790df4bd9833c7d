"""locked: which checkpoints the chosen models would load, for the project's lock."""

from __future__ import annotations

from collections.abc import Mapping

from kamishibai.models import registry
from kamishibai.steps.models_chosen import Chosen
from kamishibai.weights.checkpoint import digest, locate
from kamishibai.weights.lock import Pinned, pinned

__all__ = ["pinned_by"]

CHECKPOINTED = ("picture", "motion")
"""Kinds with models that load checkpoints. What comes inside a package is pinned by the package's version."""


def pinned_by(models: Mapping[str, Chosen]) -> dict[str, Pinned]:
    """Return the lock's lines of the chosen models that load a checkpoint, by their ids.

    Raises
    ------
    KamishibaiError
        When a checkpoint is missing or damaged.
    """
    lines = {}
    for kind in CHECKPOINTED:
        chosen = models.get(kind)
        if chosen is None or chosen.id is None:
            continue
        model = registry.make(chosen.id, chosen.options)
        name = model.variant or model.default
        if name:
            found = locate(name, kind)
            lines[chosen.id] = pinned(digest(found), model.terms(), found.repo, found.revision)
    return lines
