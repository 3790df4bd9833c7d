"""Tells a Whisper for CTranslate2, whose model.bin is a plain file of numbers and no pickle, from everything else."""

from __future__ import annotations

import struct
from collections.abc import Collection
from pathlib import Path

from kamishibai.errors import ModelError, UnsupportedError
from kamishibai.weights import layout

__all__ = ["CT2", "WEIGHTS", "check", "files_in", "has_layout"]

CT2 = "whisper-ct2"
"""The type that is given to a Whisper for CTranslate2, whose config.json names none."""
WEIGHTS = "model.bin"
_BESIDE = ("config.json", "tokenizer.json", "preprocessor_config.json", "vocabulary.json", "vocabulary.txt")
_NEWEST_BINARY = 100
"""Versions of CTranslate2's file format are small numbers; anything else is another kind of file."""


def has_layout(names: Collection[str]) -> bool:
    """Say whether the files at the root of a folder or repo, by name, are those that CTranslate2 writes."""
    there = set(names)
    return {WEIGHTS, "config.json", "tokenizer.json"} <= there and any(
        name.startswith("vocabulary.") for name in there
    )


def files_in(names: Collection[str]) -> list[str]:
    """Return which of a root's files are loaded, by name."""
    return sorted(name for name in names if name == WEIGHTS or name in _BESIDE)


def check(path: Path) -> None:
    """Refuse a ``model.bin`` that is not a Whisper of CTranslate2: version, length and name of its specification.

    Raises
    ------
    UnsupportedError, ModelError
        Naming the file.
    """
    try:
        with path.open("rb") as file:
            head = file.read(6)
            version, length = struct.unpack("<IH", head) if len(head) == 6 else (0, 0)
            told = 1 <= version <= _NEWEST_BINARY and 1 <= length <= 100
            spec = file.read(length).rstrip(b"\0").decode("ascii", "replace") if told else ""
    except OSError as error:
        raise ModelError(
            f"the weights cannot be read: {error.strerror or error}",
            where=str(path),
            hint="check that the file is there and that you may read it",
        ) from error
    if spec == "WhisperSpec":
        return
    if spec:
        raise UnsupportedError(
            f"this is {spec} of CTranslate2, and not a Whisper",
            where=str(path),
            hint="`kamishibai models ear` lists what listens",
        )
    raise ModelError(
        "this is no file of CTranslate2; it may be a pickle, which can run code as it is read",
        where=str(path),
        hint="`kamishibai models convert FOLDER OUT` makes safetensors of a pickle"
        if path.name.endswith(layout.PICKLES)
        else "fetch it again with `kamishibai models pull`",
    )
