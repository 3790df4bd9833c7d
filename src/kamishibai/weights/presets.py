"""Presets: checkpoints by a short name, with sound defaults, licence and sizes. They are data, in presets.yaml."""

from __future__ import annotations

import difflib
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

import yaml
from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.models.base import Licence
from kamishibai.weights.licences import licence_named

__all__ = ["Figure", "IpAdapter", "Preset", "nearest", "preset", "presets"]


class Figure(Frozen):
    """Something measured or stated elsewhere, and where."""

    text: str
    source: str


class IpAdapter(Frozen):
    """The IP-Adapter that holds faces with a family's checkpoints."""

    repo: str
    revision: str = "main"
    subfolder: str
    file: str
    image_encoder: str
    """Folder of the image encoder, in the same repo."""
    licence: Licence
    download_mb: int | None = None


class Preset(Frozen):
    """One checkpoint of the hub with what is known about it."""

    name: str
    kind: Literal["picture", "motion", "voice", "ear", "music", "sound", "text", "eye", "critic"]
    family: str
    """A family of `families.FAMILIES`; for models of transformers, the back-end that runs them: ``bark``."""
    repo: str
    """``organisation/name`` on the Hugging Face hub."""
    revision: str = "main"
    """A commit, where one is known for certain."""
    variant: Literal["fp16", ""] = ""
    """Which files of each component are loaded where the repo has several."""
    licence: Licence
    download_mb: int | None = None
    """Size of what would be loaded; None: not known."""
    what: str
    """One line."""
    options: dict[str, int | float | str] = Field(default_factory=dict)
    """Defaults for the back-end: steps, guidance, scheduler, width, height, frames, fps, prompt_tokens …"""
    negative: bool | None = None
    """It heeds a negative prompt; None: as its family."""
    ip_adapter: IpAdapter | None = None
    pickled: bool = False
    """The repo holds pickles alone: `models pull` offers to convert them."""
    beside: tuple[str, ...] = ()
    """Further repos that its back-end loads, under the same terms: a vocoder."""
    gated: bool = False
    """The hub asks for its terms to be accepted, and for a token, before the download."""
    memory: Figure | None = None
    time: Figure | None = None


def _licence(value: dict[str, Any]) -> Licence:
    return licence_named(value["id"], value.get("source", ""), value.get("attribution", ""))


@lru_cache(maxsize=1)
def _all() -> tuple[Preset, ...]:
    data = yaml.safe_load((files("kamishibai.weights") / "presets.yaml").read_text(encoding="utf-8"))
    adapters = {
        name: IpAdapter(**{**value, "licence": _licence(value["licence"])})
        for name, value in data["ip_adapters"].items()
    }
    found = []
    for kind in (kind for kind in data if kind != "ip_adapters"):
        for name, value in data[kind].items():
            given = {**value, "licence": _licence(value["licence"])}
            if "ip_adapter" in given:
                given["ip_adapter"] = adapters[given["ip_adapter"]]
            found.append(Preset(name=name, kind=kind, **given))
    return tuple(found)


def preset(name: str) -> Preset | None:
    """Return the preset called `name`."""
    return next((one for one in _all() if one.name == name), None)


def presets(kind: str | None = None) -> tuple[Preset, ...]:
    """Return every preset, of one kind or of all, in the order of the file."""
    return tuple(one for one in _all() if kind is None or one.kind == kind)


def nearest(name: str, kind: str | None = None) -> str | None:
    """Return the preset whose name is most like `name`, if any is like it."""
    names = {one.name.lower(): one.name for one in presets(kind)}
    near = difflib.get_close_matches(name.lower(), names, 1, cutoff=0.6)
    return names[near[0]] if near else None
