"""The project's lock, kamishibai.lock: which weights a film was made with, so that others are never used in silence."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from kamishibai.documents.frozen import Frozen
from kamishibai.errors import DocumentError, ModelError, StoreError
from kamishibai.models.base import Licence

__all__ = [
    "FILE", "Change", "Lock", "Pinned", "check", "folders_that_pin", "merged", "pinned", "read_lock", "refuse",
    "write_lock",
]  # fmt: skip

FILE = "kamishibai.lock"
"""Name of the lock in a project folder."""


class Pinned(Frozen):
    """The weights of one model, as they were when the film was made."""

    repo: str = ""
    """On the hub; empty for a folder, a file, or weights that come in a package."""
    revision: str = ""
    """The commit; empty when it is not known."""
    digest: str
    """What the model's results are keyed by: another digest means other content."""
    licence: str = ""
    commercial: bool = False


class Lock(Frozen):
    """The document."""

    schema_: Literal["kamishibai.lock/1"] = Field(default="kamishibai.lock/1", alias="schema")
    models: dict[str, Pinned] = Field(default_factory=dict)
    """By full id, such as ``picture:diffusers:sdxl``."""


class Change(Frozen):
    """A model whose weights are not those of the lock."""

    id: str
    before: Pinned
    now: Pinned

    def __str__(self) -> str:
        parts = [
            f"{name} {was or 'none'} → {is_ or 'none'}"
            for name, was, is_ in (
                ("repo", self.before.repo, self.now.repo),
                ("revision", self.before.revision[:12], self.now.revision[:12]),
                ("content", self.before.digest[:12], self.now.digest[:12]),
                ("licence", self.before.licence, self.now.licence),
            )
            if was != is_
        ]
        return f"{self.id}: {', '.join(parts)}"


def pinned(digest: str, licences: Iterable[Licence], repo: str | None = None, revision: str = "") -> Pinned:
    """Return the lock's line for weights with this digest and these terms."""
    terms = list(licences)
    return Pinned(
        repo=repo or "",
        revision=revision,
        digest=digest,
        licence=" + ".join(licence.name for licence in terms),
        commercial=bool(terms) and all(licence.commercial for licence in terms),
    )


def read_lock(folder: Path) -> Lock | None:
    """Return the lock of a project folder; None when it has none.

    Raises
    ------
    DocumentError
        When there is one that cannot be read as one.
    """
    path = folder / FILE
    try:
        return Lock.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:  # ValidationError and JSONDecodeError are ValueErrors
        why = (
            str(error.errors()[0]["msg"])
            if isinstance(error, ValidationError)
            else getattr(error, "strerror", None) or error
        )
        raise DocumentError(
            f"this lock cannot be read: {why}",
            where=str(path),
            hint="bring it back from where you keep the project, or add --update-lock to write it anew",
        ) from error


def check(lock: Lock | None, now: Mapping[str, Pinned]) -> list[Change]:
    """Return the models of `now` that the lock knows with other content; what it does not know is no change."""
    if lock is None:
        return []
    return [
        Change(id=id_, before=lock.models[id_], now=one)
        for id_, one in now.items()
        if id_ in lock.models and lock.models[id_].digest != one.digest
    ]


def refuse(changes: Iterable[Change], folder: Path) -> None:
    """Refuse to go on with other weights than the lock's.

    Raises
    ------
    ModelError
        With what differs, how to get the locked weights back, and how to accept the others.
    """
    found = list(changes)
    if not found:
        return
    back = [
        f"`kamishibai models pull {one.before.repo}@{one.before.revision}`"
        for one in found
        if one.before.repo and one.before.revision and one.before.revision != one.now.revision
    ]
    raise ModelError(
        "these are not the weights this film was made with: " + "; ".join(str(one) for one in found),
        where=str(folder / FILE),
        kept="the film and all its parts",
        hint="add --update-lock to accept them and make again what they touch"
        + (f"; or bring the old ones back: {', '.join(back)}" if back else ""),
    )


def merged(lock: Lock | None, now: Mapping[str, Pinned], *, update: bool = False) -> Lock:
    """Return the lock after a film with these models: others stay pinned, unless it is written anew (`update`)."""
    kept = {} if lock is None or update else dict(lock.models)
    return Lock(models={**kept, **now})


def write_lock(folder: Path, lock: Lock) -> Path:
    """Write the lock of a project folder, models in order so that it can be kept under version control; return its path.

    Raises
    ------
    StoreError
        When it cannot be written; an older one stays whole.
    """
    plain = {"schema": lock.schema_, "models": {i: lock.models[i].model_dump() for i in sorted(lock.models)}}
    path, fresh = folder / FILE, folder / f".{FILE}.part"
    try:
        fresh.write_text(json.dumps(plain, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise StoreError(
            f"cannot write: {error.strerror or error}",
            where=str(path),
            hint="free some space, or check the folder's permissions",
        ) from error
    return path


def folders_that_pin(repo: str, commits: Iterable[str], here: Path) -> list[Path]:
    """Return the project folders at `here`, below ``film/`` or below it whose lock names one of these commits."""
    wanted = set(commits)
    found = []
    for path in [here / FILE, *sorted(here.glob(f"*/{FILE}")), *sorted(here.glob(f"film/*/{FILE}"))]:
        try:
            lock = read_lock(path.parent)
        except DocumentError:
            continue
        if lock and any(one.repo == repo and one.revision in wanted for one in lock.models.values()):
            found.append(path.parent)
    return found
