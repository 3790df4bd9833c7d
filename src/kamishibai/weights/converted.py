"""Weights that were pickles on the hub and were converted on this machine: where they lie, and what they came from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from kamishibai.documents.frozen import Frozen
from kamishibai.errors import StoreError
from kamishibai.weights import layout
from kamishibai.weights.places import converted_cache, is_commit, repo_folder, snapshot, snapshots

__all__ = [
    "INDEX", "PICKLED", "Converted", "commits", "folder_of", "here", "mark", "pickles_in", "place_of", "record", "refer",
    "repos", "unmark", "write_record",
]  # fmt: skip

PICKLED = "pytorch_model.bin"
"""The name that `save_pretrained` gave to weights before safetensors; shards stand in ``pytorch_model.bin.index.json``."""
INDEX = PICKLED + ".index.json"


class Converted(Frozen):
    """What was made of which pickles: the document that lies beside converted weights."""

    schema_: Literal["kamishibai.converted/1"] = Field(default="kamishibai.converted/1", alias="schema")
    repo: str
    commit: str
    sources: Mapping[str, str]
    """SHA-256 of each pickle, by its name in the repo."""
    files: Mapping[str, str]
    """SHA-256 of each file here, by its name."""
    torch: str
    """The version that read them."""


def pickles_in(folder: Path) -> list[Path]:
    """Return a folder's pickled weights, shards in order; empty when it has none under the usual names.

    Raises
    ------
    ModelError
        When the list of shards cannot be read.
    """
    if (folder / PICKLED).is_file():
        return [folder / PICKLED]
    if not (folder / INDEX).is_file():
        return []
    mapping = layout.read_json(folder / INDEX).get("weight_map")
    names = sorted({str(name) for name in mapping.values()}) if isinstance(mapping, dict) else []
    return [folder / name for name in names if Path(name).name == name and name.endswith(".bin")]


def folder_of(repo: str) -> Path:
    """Return where a repo's converted weights lie; it need not exist."""
    return repo_folder(repo, converted_cache())


def place_of(repo: str, commit: str) -> Path:
    """Return the folder for one commit's converted weights; it need not exist."""
    return folder_of(repo) / "snapshots" / commit


def here(repo: str, revision: str) -> Path | None:
    """Return the converted weights of a repo at a commit, branch or tag, if they are here."""
    return snapshot(repo, revision, converted_cache())


def commits(repo: str) -> list[Path]:
    """Return the folders of every commit of a repo that was converted."""
    return list(snapshots(repo, converted_cache()))


def repos() -> Iterator[str]:
    """Yield every repo with converted weights."""
    for path in sorted(converted_cache().glob("models--*--*")):
        if path.is_dir():
            yield path.name.removeprefix("models--").replace("--", "/", 1)


def record(repo: str, commit: str) -> Converted | None:
    """Return the record of a conversion; None when it is gone or cannot be read."""
    try:
        value: Any = json.loads(_record_path(repo, commit).read_text(encoding="utf-8"))
        return Converted.model_validate(value)
    except (OSError, ValueError, ValidationError):
        return None


def _record_path(repo: str, commit: str) -> Path:
    return folder_of(repo) / "records" / f"{commit}.json"


def write_record(made: Converted) -> None:
    """Write down what was converted. Raises StoreError."""
    plain = made.model_dump(mode="json", by_alias=True)
    _write(_record_path(made.repo, made.commit), json.dumps(plain, indent=2, sort_keys=True) + "\n")


def refer(repo: str, revision: str, commit: str) -> None:
    """Write down which commit a branch or tag was. Raises StoreError."""
    if not is_commit(revision):
        _write(folder_of(repo) / "refs" / revision, commit)


def mark(repo: str, commit: str) -> None:
    """Remember that a commit's pickles are fetched to be converted and for nothing else. Raises StoreError."""
    _write(_mark(repo, commit), "")


def unmark(repo: str, commit: str) -> bool:
    """Say whether a commit's pickles were fetched to be converted, and forget it."""
    there = _mark(repo, commit).is_file()
    _mark(repo, commit).unlink(missing_ok=True)
    return there


def _mark(repo: str, commit: str) -> Path:
    return folder_of(repo) / "fetched" / commit


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise StoreError(
            f"cannot write: {error.strerror or error}",
            where=str(path),
            hint="free some space, check the folder's permissions, or name another in KAMISHIBAI_CACHE",
        ) from error
