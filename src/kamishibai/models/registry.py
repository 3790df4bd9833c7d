"""From an id such as ``voice:hibari`` to its class, by entry point, imported on first use."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, version
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kamishibai.errors import UnknownModelError, UsageError
from kamishibai.models.base import Model
from kamishibai.models.kinds import ASKS

__all__ = [
    "EMBEDDED",
    "KINDS",
    "class_of",
    "ids",
    "kind_of",
    "make",
    "missing_packages",
    "normal_id",
    "require_packages",
]

GROUP = "kamishibai.models"
KINDS = tuple(ASKS)

EMBEDDED: Mapping[str, str] = {
    "text": "text:planner",
    "picture": "picture:papercut",
    "motion": "motion:camera",
    "voice": "voice:hibari",
    "music": "music:musicbox",
    "sound": "sound:foley",
    "ear": "ear:whisper",
}
"""What each kind uses when nothing else is asked for."""


_SOUND_ENDINGS = (
    ".mp3", ".wav", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".aif", ".aiff", ".wma", ".mka", ".caf",
)  # fmt: skip


@lru_cache(maxsize=1)
def _points() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def ids(kind: str | None = None) -> list[str]:
    """Return the ids of every installed back-end, of one kind or of all."""
    return sorted(i for i in _points() if kind is None or kind_of(i) == kind)


def kind_of(id_: str) -> str:
    """Return the kind of an id (``voice`` of ``voice:hibari``)."""
    return id_.split(":", 1)[0]


def normal_id(kind: str, name: str) -> str:
    """Return the full id for what a user typed for `kind`: ``auto``, ``hibari`` or ``voice:hibari``.

    A sound file named for music means ``music:file`` of it, unless a back-end has that very name.
    """
    if name == "auto":
        return EMBEDDED[kind]
    full = name if name.split(":", 1)[0] == kind else f"{kind}:{name}"
    if kind == "music" and _split(full)[0] not in _points() and _is_sound_file(full.partition(":")[2]):
        return f"music:file:{full.partition(':')[2]}"
    return full


def _is_sound_file(name: str) -> bool:
    if name.lower().endswith(_SOUND_ENDINGS):
        return True
    try:
        return Path(name).expanduser().is_file()
    except (OSError, RuntimeError, ValueError):
        return False  # longer than any file name, or with a NUL


def _split(id_: str) -> tuple[str, str]:
    kind, _, rest = id_.partition(":")
    backend, _, variant = rest.partition(":")
    return f"{kind}:{backend}", variant


def class_of(id_: str) -> type[Model[Any, Any]]:
    """Return the back-end class that `id_` names.

    Raises
    ------
    UnknownModelError
        When there is none of that name (with the nearest that there is), or its packages are missing.
    """
    base, _ = _split(id_)
    point = _points().get(base)
    if point is None:
        kind = kind_of(id_)
        if kind not in KINDS:
            near = difflib.get_close_matches(kind, KINDS, 1)
            raise UnknownModelError(
                f"{id_!r} is not a model id: {kind!r} is not a kind of model",
                hint=f"use kind:backend with one of {', '.join(KINDS)}"
                + (f"; did you mean {near[0]}:…?" if near else ""),
            )
        near = difflib.get_close_matches(base, ids(kind), 1, cutoff=0.75)
        raise UnknownModelError(
            f"there is no model {base!r}",
            hint=(f"did you mean {near[0]}? " if near else "") + "`kamishibai models` lists what is there",
        )
    try:
        loaded: type[Model[Any, Any]] = point.load()
    except ImportError as error:
        raise UnknownModelError(
            f"{base} needs a package that is not installed ({error.name or error})",
            hint="`kamishibai models` shows which extra brings it",
        ) from error
    return loaded


def make(id_: str, options: Mapping[str, Any] | None = None) -> Model[Any, Any]:
    """Return a new, unloaded model for `id_`.

    Raises
    ------
    UsageError
        When an option is unknown or out of range.
    """
    cls = class_of(id_)
    try:
        checked = cls.Options(**(options or {}))
    except ValidationError as error:
        first = error.errors()[0]
        if not first["loc"]:  # options that do not go together
            raise UsageError(
                f"{id_}: {first['msg'].removeprefix('Value error, ')}",
                hint=f"`kamishibai models {id_}` says what it takes",
            ) from error
        field = ".".join(str(part) for part in first["loc"])
        near = difflib.get_close_matches(field, cls.Options.model_fields, 1)
        if str(first["loc"][0]) in cls.Options.model_fields:
            hint = f"`kamishibai models {id_}` says what it takes"
        elif near:
            hint = f"did you mean {near[0]!r}?"
        else:
            hint = f"its options: {', '.join(cls.Options.model_fields) or 'none'}"
        raise UsageError(
            f"{id_}: option {field!r}: {first['msg'].removeprefix('Value error, ')}", hint=hint
        ) from error
    return cls(checked, _split(id_)[1])


def missing_packages(id_: str) -> tuple[str, ...]:
    """Return the packages of a model's extra that are not installed, by the names of the package that brings it.

    Raises
    ------
    UnknownModelError
        As `class_of`.
    """
    extra = make(id_).needs().extra
    point = _points()[_split(id_)[0]]
    if not extra or point.dist is None:
        return ()
    wanted = []
    for line in point.dist.requires or []:
        requirement, _, marker = line.partition(";")
        if re.search(rf"extra\s*==\s*['\"]{re.escape(extra)}['\"]", marker):
            wanted.append(re.split(r"[\s<>=!~\[(]", requirement.strip(), maxsplit=1)[0])
    return tuple(name for name in wanted if not _is_installed(name))


def require_packages(id_: str) -> None:
    """Refuse a model whose packages are not installed.

    Raises
    ------
    UnknownModelError
        With the command that brings them, or as `class_of`.
    """
    missing = missing_packages(id_)
    if missing:
        base, extra = _split(id_)[0], make(id_).needs().extra
        dist = _points()[base].dist
        package = dist.name if dist is not None else "kamishibai"
        raise UnknownModelError(
            f"{base} needs packages that are not installed: {', '.join(missing)}",
            hint=f"pip install '{package}[{extra}]'"
            + (
                ", with Python 3.11 or newer" if sys.version_info < (3, 11) and "diffusers" in missing else ""
            ),
        )


def _is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True
