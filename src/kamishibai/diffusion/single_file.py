"""Finds the configuration that a single-file checkpoint goes with: such a file holds weights and nothing else."""

from __future__ import annotations

import hashlib
from pathlib import Path

from kamishibai.errors import KamishibaiError, UnknownModelError, UsageError
from kamishibai.weights import layout
from kamishibai.weights.checkpoint import Checkpoint, locate
from kamishibai.weights.presets import presets

__all__ = ["config_digest", "config_folder"]


def config_folder(checkpoint: Checkpoint, config: str = "") -> Path:
    """Return a pipeline folder of the checkpoint's family on this machine: its configs and tokenizers are used.

    It is `config` when that is given (a folder, a preset or a hub id), else a folder of the file's name beside the
    file, else the file's own folder, else a preset of the family that was pulled.

    Raises
    ------
    UnknownModelError
        When there is none, with the command that fetches one.
    UsageError
        When `config` is no pipeline's folder.
    ModelError
        When the folder brings code of its own.
    """
    path = checkpoint.path
    if config:
        folder = Path(config).expanduser()
        if (folder / layout.INDEX).is_file():
            return _safe(folder)
        if folder.exists():
            raise UsageError(
                f"config: {config!r} is no pipeline's folder", hint="it must hold model_index.json"
            )
        return locate(config, checkpoint.kind).path
    for folder in (path.with_suffix(""), path.parent):
        if (folder / layout.INDEX).is_file():
            return _safe(folder)
    names = [each.name for each in presets(checkpoint.kind) if each.family == checkpoint.family.name]
    for name in names:
        try:
            return locate(name, checkpoint.kind).path
        except KamishibaiError:
            continue
    pull = f"`kamishibai models pull {names[0]}` fetches one; or " if names else ""
    raise UnknownModelError(
        f"{path.name} holds weights alone, and the configuration of a {checkpoint.family.name} model is not here",
        where=str(path),
        hint=f"{pull}name a folder with model_index.json in the option config",
    )


def _safe(folder: Path) -> Path:
    layout.refuse_escapes(folder)
    layout.refuse_foreign_code(folder, layout.read_json(folder / layout.INDEX))
    return folder


def config_digest(folder: Path) -> str:
    """Return SHA-256 over the small files of a pipeline's folder: configs, tokenizers, scheduler."""
    sha = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in (".json", ".txt", ".model"):
            sha.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return sha.hexdigest()
