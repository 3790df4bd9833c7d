"""Reads the presets that come with a Bark, and the figures it is steered by; nothing is unpickled, nothing outside read."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from kamishibai.errors import ModelError, UnsupportedError
from kamishibai.weights.layout import read_json

__all__ = ["PARTS", "Presets", "read_preset", "read_presets", "read_steering"]

INDEX = "speaker_embeddings_path.json"
PARTS = {"semantic_prompt": None, "coarse_prompt": 2, "fine_prompt": 8}
"""Parts of a preset, and the rows of each: (n,), (2, n), (8, n)."""
_NAME = re.compile(r"(?P<newer>v2/)?(?P<language>[a-z]{2})_speaker_(?P<number>\d+)")
STEERING = {
    "semantic_config": ("semantic_vocab_size", "semantic_rate_hz", "text_encoding_offset", "text_pad_token",
                        "semantic_infer_token", "max_input_semantic_length", "eos_token_id", "max_new_tokens"),
    "coarse_acoustics_config": ("coarse_rate_hz", "n_coarse_codebooks", "coarse_semantic_pad_token",
                                "coarse_infer_token"),
    "fine_acoustics_config": ("n_fine_codebooks",),
}  # fmt: skip
Arrays = Mapping[str, npt.NDArray[np.int64]]


@dataclass(frozen=True)
class Presets:
    """The presets of one checkpoint: the files of each, relative to its folder."""

    files: Mapping[str, Mapping[str, str]]

    def of(self, language: str) -> tuple[str, ...]:
        """Return the names of a language's presets: those of version 2 first, by their numbers."""
        found = [(m["newer"] is None, int(m["number"]), m[0]) for m in map(_NAME.fullmatch, self.files) if m]
        return tuple(name for _, _, name in sorted(found) if _NAME.fullmatch(name)["language"] == language)  # type: ignore[index]

    def require(self, name: str, language: str) -> None:
        """Refuse a preset that is not there. Raises UnsupportedError, with the nearest and where they are listed."""
        if name in self.files:
            return
        near = difflib.get_close_matches(name, self.files, 1, cutoff=0.5)
        own = self.of(language)
        some = f"for {language!r} there are {', '.join(own[:12])}" + (" …" if len(own) > 12 else "")
        raise UnsupportedError(
            f"there is no preset {name!r} in this checkpoint",
            hint=(f"did you mean {near[0]}? " if near else "")
            + (
                some
                if own
                else f"{INDEX} in its folder lists what there is"
                if self.files
                else "it has none at all"
            ),
        )


@lru_cache(maxsize=4)
def _presets(folder: Path, changed: int) -> Presets:
    index = read_json(folder / INDEX)
    files: dict[str, dict[str, str]] = {}
    for name, parts in index.items():
        if name == "repo_or_path":
            continue
        if not isinstance(parts, dict) or not all(isinstance(parts.get(part), str) for part in PARTS):
            raise ModelError(
                f"preset {name!r} does not name its {', '.join(PARTS)}", where=str(folder / INDEX), hint=_HINT
            )
        files[name] = {part: _inside(folder, parts[part]) for part in PARTS}
    return Presets(files)


def read_presets(folder: Path) -> Presets:
    """Return the presets of a checkpoint; none when it has no index of them. Raises ModelError when that is damaged.

    The index names a preset ``v2/en_speaker_6`` (the newer ones), ``en_speaker_6`` (the older) or freely, and its
    three files below the checkpoint's folder; ``repo_or_path`` in it is not followed.
    """
    path = folder / INDEX
    return _presets(folder, path.stat().st_mtime_ns) if path.is_file() else Presets({})


_HINT = "fetch the checkpoint again with `kamishibai models pull`"


def _inside(folder: Path, name: str) -> str:
    parts = Path(name.replace("\\", "/")).parts
    if not parts or Path(name).is_absolute() or ".." in parts or not name.endswith(".npy"):
        raise ModelError(
            f"names {name!r}, which is no .npy file of the checkpoint", where=str(folder / INDEX), hint=_HINT
        )
    return name


def read_preset(folder: Path, presets: Presets, name: str) -> Arrays:
    """Return the arrays of a preset: ``semantic_prompt`` (n,), ``coarse_prompt`` (2, n) and ``fine_prompt`` (8, n).

    Raises
    ------
    ModelError
        When a file is missing, is no plain array of whole numbers (pickled ones are never read), or has another shape.
    """
    found: dict[str, npt.NDArray[np.int64]] = {}
    for part, rows in PARTS.items():
        path = folder / presets.files[name][part]
        if not path.is_file():
            raise ModelError(f"a file of preset {name!r} is missing", where=str(path), hint=_HINT)
        try:
            array = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise ModelError(
                "is not a plain array of numbers",
                where=str(path),
                hint=_HINT + "; pickled arrays are never read",
            ) from error
        wanted = "(n,)" if rows is None else f"({rows}, n)"
        fits = array.ndim == 1 if rows is None else array.ndim == 2 and array.shape[0] == rows
        if not isinstance(array, np.ndarray) or not fits or array.size == 0 or array.dtype.kind not in "iu":
            raise ModelError(
                f"{part} of preset {name!r} is {array.dtype} of shape {array.shape}; it must be whole numbers, {wanted}",
                where=str(path),
                hint=_HINT,
            )
        found[part] = array.astype(np.int64)
    return found


def read_steering(folder: Path) -> dict[str, Any]:
    """Return ``generation_config.json``, without which Bark cannot be run. Raises ModelError when it is not whole."""
    path = folder / "generation_config.json"
    steering = read_json(path)
    for part, keys in STEERING.items():
        inner = steering.get(part)
        for key in keys:
            if not isinstance(inner, dict) or not isinstance(inner.get(key), (int, float)):
                raise ModelError(f"does not say {part}.{key}, which Bark needs", where=str(path), hint=_HINT)
    return steering
