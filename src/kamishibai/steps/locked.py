"""locked: which checkpoints the chosen models would load, for the project's lock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kamishibai.models import registry
from kamishibai.models.base import Model
from kamishibai.steps.models_chosen import Chosen
from kamishibai.weights import pretrained
from kamishibai.weights.checkpoint import digest, locate
from kamishibai.weights.lock import Pinned, pinned

__all__ = ["pinned_by"]

OF_DIFFUSERS = ("picture", "motion", "sound")
"""Kinds whose checkpoints are pipelines of diffusers; those of the others are models of transformers."""


def pinned_by(models: Mapping[str, Chosen]) -> dict[str, Pinned]:
    """Return the lock's lines of the chosen models that load a checkpoint, by their ids.

    What comes inside a package is pinned by the package's version, and has no line.

    Raises
    ------
    KamishibaiError
        When a checkpoint is missing or damaged.
    """
    lines = {}
    for kind, chosen in models.items():
        if chosen is None or chosen.id is None:
            continue
        model = registry.make(chosen.id, chosen.options)
        name = model.variant or model.default
        if name and _loads_a_checkpoint(model):
            lines[chosen.id] = _line(name, kind, model)
    return lines


def _loads_a_checkpoint(model: Model[Any, Any]) -> bool:
    """Say whether a variant names weights: what works in the pool brings its own, or plays files."""
    return model.lane == "device"


def _line(name: str, kind: str, model: Model[Any, Any]) -> Pinned:
    if kind in OF_DIFFUSERS:
        checkpoint = locate(name, kind)
        return pinned(digest(checkpoint), model.terms(), checkpoint.repo, checkpoint.revision)
    found = pretrained.find(name, kind, None)
    return pinned(pretrained.digest_of(found), model.terms(), found.repo, found.revision)
