"""The form of a packed project, ``NAME.kamishibai``: its manifest, and which names may stand in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, Final, Literal

from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.recipe import without_paths
from kamishibai.settings import FILE as SETTINGS
from kamishibai.weights.lock import FILE as LOCK

__all__ = [
    "BLOBS", "DOCUMENTS", "ENDING", "HIDDEN_FILES", "LOCK", "MACHINE", "MANIFEST", "PROJECT", "RESULTS", "SCHEMA",
    "SETTINGS", "STORYBOARD", "Manifest", "PackEntry", "is_entry_name", "is_finished_name", "is_hex", "is_picture_name",
    "is_safe_name", "is_sound_name", "leads_out", "same_on_some_disk", "strings_in",
]  # fmt: skip

SCHEMA: Final = "kamishibai.pack/1"
ENDING: Final = ".kamishibai"
MANIFEST: Final = "manifest.json"
STORYBOARD: Final = "storyboard.yaml"
DOCUMENTS: Final = (STORYBOARD, SETTINGS, LOCK, "story.txt")
"""What stands in a project folder beside the finished film."""
HIDDEN_FILES: Final = ("hidden/state.json", "hidden/takes.json", "hidden/calls.json", "hidden/film.json")
PROJECT, RESULTS, BLOBS = "project/", "results/", "blobs/"
MACHINE: Final = ("cache", "cache_gb", "workers")
"""Settings that are of a machine and not of a film."""
LONGEST: Final = 120
"""Characters and, as no file system takes more than 255, twice as many bytes of one name."""

_FINISHED = (".mp4", ".srt", ".vtt", ".png", ".html", ".json")
_PICTURES = (".png", ".jpg", ".jpeg", ".webp")
_SOUNDS = (
    ".wav", ".mp3", ".m4a", ".aac", ".flac", ".ogg", ".oga", ".opus", ".wma", ".aif", ".aiff", ".caf", ".mka",
    ".mp4", ".mov", ".mkv", ".webm", ".avi",
)  # fmt: skip
_HEX = re.compile(r"[0-9a-f]{64}\Z")
_STORED = re.compile(r"(?:results/([0-9a-f]{2})/([0-9a-f]{64})\.json|blobs/([0-9a-f]{2})/([0-9a-f]{64}))\Z")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\Z", re.I)
_OUT = re.compile(r"(?:^|[\\/:])\.\.(?:[\\/:]|$)|^(?:[a-z0-9-]{2,}:)*[A-Za-z]:\S|\0")
"""A way up, a drive of Windows, a NUL."""
_FORBIDDEN = frozenset('<>:"/\\|?*')


class PackEntry(Frozen):
    """One file in the archive."""

    name: str
    size: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Manifest(Frozen):
    """The first entry: what else there is."""

    schema_: Literal["kamishibai.pack/1"] = Field(default="kamishibai.pack/1", alias="schema")
    kamishibai: str = Field(max_length=100)
    """Version of the program that packed it."""
    name: str = Field(max_length=48)
    """Of the project's folder, made safe."""
    title: str = Field(max_length=300)
    entries: tuple[PackEntry, ...]
    """All but the manifest itself."""


def is_hex(text: str) -> bool:
    """Say whether `text` is a SHA-256 in lower-case hexadecimal."""
    return bool(_HEX.match(text))


def is_safe_name(name: str) -> bool:
    """Say whether `name` is one plain file name on every system: no folder, no device, nothing that is not seen."""
    return (
        0 < len(name) <= LONGEST
        and len(name.encode("utf-8", "surrogatepass")) <= 2 * LONGEST
        and name.isprintable()
        and unicodedata.normalize("NFC", name) == name
        and not _FORBIDDEN & set(name)
        and name[0] not in ".- "
        and name[-1] not in ". "
        and not _RESERVED.match(name.split(".")[0].strip())
    )


def is_finished_name(name: str) -> bool:
    """Say whether a finished film's file may be called so."""
    return is_safe_name(name) and name.lower().endswith(_FINISHED) and name not in DOCUMENTS


def is_picture_name(path: str) -> bool:
    """Say whether a picture of the cast may lie at `path` within the project folder, at most three folders down."""
    parts = path.split("/")
    return len(parts) <= 4 and all(map(is_safe_name, parts)) and path.lower().endswith(_PICTURES)


def is_sound_name(path: str) -> bool:
    """Say whether a recorded narration may lie at `path` within the project folder."""
    parts = path.split("/")
    return len(parts) <= 4 and all(map(is_safe_name, parts)) and path.lower().endswith(_SOUNDS)


def is_entry_name(name: str) -> bool:
    """Say whether an entry of an archive may be called so; what it is not allowed to be is not looked for."""
    if name == MANIFEST or name in HIDDEN_FILES:
        return True
    if name.startswith(PROJECT):
        inner = name.removeprefix(PROJECT)
        return inner in DOCUMENTS or is_finished_name(inner) or is_picture_name(inner) or is_sound_name(inner)
    found = _STORED.match(name)
    return bool(found) and (found[2] or found[4]).startswith(found[1] or found[3])  # type: ignore[index]


def same_on_some_disk(name: str) -> str:
    """Return what two names have in common that are one file where case or spelling of accents does not count."""
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())


def leads_out(text: str) -> bool:
    """Say whether a text of a setting, also after a model's name, is a path to somewhere else on a machine."""
    return without_paths(text) != text or bool(_OUT.search(text))


def strings_in(value: Any) -> Iterable[str]:
    """Yield every text inside plain data, names of fields too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from strings_in(name)
            yield from strings_in(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from strings_in(part)
