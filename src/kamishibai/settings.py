"""Typed settings: defaults, then the project's file, then the environment, then the command line."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, FiniteFloat, ValidationError, field_validator

from kamishibai.documents.film import CaptionMode
from kamishibai.documents.frozen import Frozen
from kamishibai.documents.time import Time
from kamishibai.errors import UsageError
from kamishibai.weights.places import system_cache

__all__ = [
    "ASPECTS",
    "FILE",
    "GateMode",
    "GateName",
    "Settings",
    "default_cache",
    "frame_size",
    "read_settings",
]

FILE = "kamishibai.yaml"
"""Name of the settings file in a project folder."""
PREFIX = "KAMISHIBAI_"
_NOT_TEXT = (
    "size", "workers", "titles", "seed", "offline", "commercial_safe", "motion_fallback", "gates", "thresholds",
    "retakes", "retake_minutes", "best_of", "critic_rounds", "cache_gb",
)  # fmt: skip
"""Settings that are read as YAML from the environment, where everything is text."""

GateName = Literal["all", "narration", "picture", "cast", "clip", "captions", "mix"]
GateMode = Literal["off", "warn", "retake"]

ASPECTS: Mapping[str, tuple[int, int]] = {"16:9": (16, 9), "9:16": (9, 16), "1:1": (1, 1), "4:5": (4, 5)}


def default_cache() -> Path:
    """Return the folder of the store that all of a user's projects share."""
    return system_cache()


class Settings(Frozen):
    """How a film is made; what it shows and says is the storyboard's."""

    text: str = "auto"
    """Who plans the storyboard: a model, or `auto` for the default, as in every line below."""
    picture: str = "auto"
    """Who draws."""
    motion: str = "auto"
    """Who moves the pictures."""
    voice: str = "auto"
    """Who speaks. `auto` is the storyboard's voice, else the default; `none` is silence with captions."""
    narration: Path | None = None
    """A recording of somebody who reads the story; in the project's file, relative to its folder. Then no model
    speaks. Only what is in the recording counts, not its name."""
    music: str = "auto"
    """A model, or ``none`` for a film without music."""
    sound: str = "auto"
    """A model, or ``none`` for a film without sound effects."""
    ear: str = "auto"
    """A model, or ``none``; ``auto`` listens when the [ear] extra is installed."""
    eye: str = "auto"
    """Who compares pictures with words and with each other; ``auto`` and ``none``: nobody."""
    critic: str = "auto"
    """Who looks at pictures and answers questions about them; ``auto`` and ``none``: nobody."""
    options: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Options of single models, by id."""
    aspect: Literal["16:9", "9:16", "1:1", "4:5"] | None = None
    """None: the storyboard's."""
    size: int = Field(default=1080, ge=144, le=2160)
    """Length of the frame's shorter side in pixels."""
    fps: Time = Field(default="30", validate_default=True, ge=5, le=120)
    """Frames a second; 30000/1001 is NTSC's."""
    quality: Literal["draft", "good", "best"] = "good"
    """``draft`` encodes quickly, ``best`` takes its time."""
    captions: CaptionMode = "both"
    """``both`` burns them in and adds a soft track; SRT and VTT are always written."""
    gates: dict[GateName, GateMode] = Field(default_factory=dict)
    """What happens to takes that fail a gate, by gate or for ``all``: ``off`` looks at nothing, ``warn`` tells,
    ``retake`` makes them again where another take can differ."""
    thresholds: dict[GateName, dict[str, FiniteFloat]] = Field(default_factory=dict)
    """Limits of single gates in place of their own, such as ``narration: {wer: 0.1}``."""
    retakes: int = Field(default=2, ge=0, le=20)
    """How often one scene's voice, picture or clip is made again at most; the best take is kept."""
    retake_minutes: FiniteFloat | None = Field(default=None, ge=0, le=100_000)
    """Model minutes that retakes of one kind may take in a whole film; None: as long as `retakes` allows."""
    best_of: int = Field(default=1, ge=1, le=16)
    """How many pictures of each scene are drawn to choose from, where an eye compares them."""
    critic_rounds: int = Field(default=2, ge=0, le=10)
    """How often the critic's answers may change one scene's prompt."""
    motion_fallback: bool = False
    """Let the camera move the pictures of scenes where the motion model fails; the ledger says where it did."""
    titles: bool = True
    """Title card and credits."""
    seed: int | None = Field(default=None, ge=0, lt=2**32)
    """Another seed gives another version of the film; None: the storyboard's."""
    workers: int | None = Field(default=None, ge=0, le=256)
    """Worker processes; 0 works in one process; None: as many as there are cores."""
    cache: Path | None = None
    """Folder of the store; None: the user's cache folder."""
    cache_gb: FiniteFloat | None = Field(default=None, ge=0)
    """Gigabytes that the store may take: after each film, results that no project refers to are deleted, those that
    were used longest ago first. None: nothing is ever deleted unasked."""
    offline: bool = False
    """Never touch the network; films never do, so this stops downloads of weights."""
    commercial_safe: bool = False
    """Refuse, before any work, models whose licence forbids commercial use or is not known."""

    @field_validator("gates", mode="before")
    @classmethod
    def _one_mode_is_for_all(cls, value: Any) -> Any:
        # YAML reads a bare `off` as false.
        value = "off" if value is False else value
        if isinstance(value, dict):
            return {gate: "off" if mode is False else mode for gate, mode in value.items()}
        return {"all": value} if isinstance(value, str) else value


def frame_size(aspect: str, short_side_px: int) -> tuple[int, int]:
    """Return the frame's (width, height) in pixels, both even, for an aspect and the length of its shorter side."""
    across, down = ASPECTS[aspect]
    unit = short_side_px / min(across, down)
    return 2 * round(across * unit / 2), 2 * round(down * unit / 2)


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    values = {}
    for name, text in environment.items():
        field = name.removeprefix(PREFIX).lower()
        if name.startswith(PREFIX) and field in Settings.model_fields and field != "options":
            values[field] = yaml.safe_load(text) if field in _NOT_TEXT else text
    return values


def _from_file(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"cannot be read as settings: {error}", where=str(path)) from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise UsageError("settings are a list of `name: value` lines", where=str(path))
    return values


def _merged_options(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Return the options of every model; a field that both layers set is the upper one's."""
    merged = dict(below)
    for id_, fields in above.items():
        both = isinstance(fields, dict) and isinstance(merged.get(id_), dict)
        merged[id_] = {**merged[id_], **fields} if both else fields
    return merged


def read_settings(
    folder: Path | None = None,
    given: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Return the settings for a project folder; `given` is what the command line or the caller says.

    Raises
    ------
    UsageError
        For an unknown or impossible setting, with where it stands and the nearest valid name.
    """
    layers: list[tuple[str, dict[str, Any]]] = []
    if folder is not None and (folder / FILE).is_file():
        said = _from_file(folder / FILE)
        if isinstance(said.get("narration"), str):
            said["narration"] = folder / said["narration"]
        layers.append((str(folder / FILE), said))
    layers.append(("environment", _from_environment(os.environ if environment is None else environment)))
    layers.append(("command line", {k: v for k, v in (given or {}).items() if v is not None}))
    merged: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for name, values in layers:
        for field, value in values.items():
            if field == "options" and isinstance(value, dict) and isinstance(merged.get(field), dict):
                value = _merged_options(merged[field], value)
            merged[str(field)] = value
            origin[str(field)] = name
    try:
        return Settings(**merged)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        if first["type"] == "extra_forbidden":
            near = difflib.get_close_matches(field, Settings.model_fields, 1)
            raise UsageError(
                f"there is no setting {field!r}",
                where=origin.get(field),
                hint=f"did you mean {near[0]!r}?"
                if near
                else f"settings are {', '.join(Settings.model_fields)}",
            ) from error
        why = str(first["msg"]).removeprefix("Value error, ")
        raise UsageError(
            f"setting {field!r} cannot be {merged.get(field)!r}: {why}", where=origin.get(field)
        ) from error
