"""Which files of a repo are downloaded: those the pipeline loads, in safetensors, in the variant that is wanted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from kamishibai.errors import UnsupportedError
from kamishibai.weights.hub import HubFile

__all__ = ["INDEX", "chosen_files", "components"]

INDEX = "model_index.json"
CONVERT = (
    "convert it once: load it where you trust it and `pipe.save_pretrained(FOLDER, safe_serialization=True)`, "
    "then use the folder"
)
_STEM = r"(?:diffusion_pytorch_model|pytorch_model|model)"
_WEIGHTS = re.compile(
    rf"{_STEM}(?:\.(?P<before>\w+))?(?:-(?P<shard>\d{{5}}-of-\d{{5}}))?(?:\.(?P<after>\w+))?\.safetensors"
)
_SHARDS = re.compile(rf"{_STEM}\.safetensors\.index(?:\.(?P<after>\w+))?\.json")
_PICKLED = (".bin", ".ckpt", ".pt", ".pth", ".pkl")
_BESIDE = (".json", ".txt", ".model", ".jinja", ".tiktoken")
"""What a tokenizer, a scheduler or a configuration is kept in."""
_PAPERS = re.compile(r"(?i)(readme\.md|licen[cs]e[\w.-]*|notice[\w.-]*)")
"""At the root of a repo: its card and its terms."""


def components(index: Mapping[str, Any], names: Iterable[str], where: str) -> tuple[str, ...]:
    """Return the folders that a pipeline's ``model_index.json`` wants.

    Raises
    ------
    UnsupportedError
        When one of them is code in the repo itself; that is never run.
    """
    there = set(names)
    if not isinstance(index.get("_class_name"), str):
        raise UnsupportedError(
            "this repo brings a pipeline of its own as code, and code from a repo is never run",
            where=where,
            hint="choose a repo whose pipeline is part of diffusers",
        )
    wanted = []
    for name, what in index.items():
        if name.startswith("_") or not (isinstance(what, list) and len(what) == 2 and what[0] and what[1]):
            continue
        if f"{name}/{what[0]}.py" in there or f"{what[0]}.py" in there:
            raise UnsupportedError(
                f"its {name} is code in the repo itself, and code from a repo is never run",
                where=where,
                hint="choose a repo whose parts all belong to diffusers and transformers",
            )
        wanted.append(name)
    return tuple(wanted)


def chosen_files(
    files: Iterable[HubFile], index: Mapping[str, Any], variant: str, where: str
) -> tuple[HubFile, ...]:
    """Return what is downloaded of a pipeline: configurations, tokenizers, and weights once each.

    Parameters
    ----------
    index
        The repo's ``model_index.json``.
    variant
        ``fp16`` for half-size files where the repo has them; each part without falls back on what there is.

    Raises
    ------
    UnsupportedError
        When a part's weights are pickles, which can run code when opened, or are code themselves.
    """
    by_name = {file.name: file for file in files}
    wanted = {name for name in by_name if name == INDEX or _PAPERS.fullmatch(name)}
    for component in components(index, by_name, where):
        inside = [name for name in by_name if PurePosixPath(name).parent.as_posix() == component]
        wanted.update(name for name in inside if _is_beside(name))
        weights = _weights(inside, variant)
        if not weights and any(name.endswith(_PICKLED) for name in inside):
            raise UnsupportedError(
                f"the weights of its {component} are there as pickles only, which can run code when they are opened",
                where=where,
                hint=CONVERT,
            )
        wanted.update(weights)
    return tuple(by_name[name] for name in sorted(wanted))


def _is_beside(name: str) -> bool:
    last = PurePosixPath(name).name
    return last.endswith(_BESIDE) and ".index." not in last and not last.startswith("openvino")


def _weights(names: Iterable[str], variant: str) -> list[str]:
    """Return the weight files of one component in the wanted variant, else in plain, else in any other."""
    by_variant: dict[str, list[str]] = {}
    indices: dict[str, list[str]] = {}
    for name in names:
        last = PurePosixPath(name).name
        if found := _WEIGHTS.fullmatch(last):
            by_variant.setdefault(found["before"] or found["after"] or "", []).append(name)
        elif found := _SHARDS.fullmatch(last):
            indices.setdefault(found["after"] or "", []).append(name)
    for way in (variant, "", "fp16", "bf16"):
        if mine := by_variant.get(way):
            whole = [name for name in mine if "-of-" not in PurePosixPath(name).name]
            # Where a repo holds both, one file is the same as its shards.
            return whole[:1] or mine + indices.get(way, [])
    return []
