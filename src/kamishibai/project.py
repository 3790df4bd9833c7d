"""A project folder: the story it came from, its storyboard, its state, its one writer."""

from __future__ import annotations

import json
import os
import re
import socket
import unicodedata
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout
from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.storyboard import Storyboard
from kamishibai.documents.yaml_storyboard import dump, load
from kamishibai.errors import BusyProjectError, DocumentError, UsageError
from kamishibai.work.key import content_hash
from kamishibai.work.store import write_atomically

__all__ = ["STORYBOARD", "Project", "State", "slug"]

STORYBOARD = "storyboard.yaml"
HIDDEN = ".kamishibai"
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)$")


def slug(title: str) -> str:
    """Return a name for files: lower-case ASCII letters, digits and dashes, at most 48.

    A title that cannot be told apart by those alone gets the first six digits of its SHA-256.
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")
    letters = [c for c in unicodedata.normalize("NFKD", title) if c.isalnum()]
    lossy = len(name) > 48 or any(ord(c) > 127 for c in letters) or bool(_RESERVED.match(name)) or not name
    if not lossy:
        return name
    return f"{name[:40].strip('-') or 'film'}-{content_hash(title.encode('utf-8', 'replace'))[:6]}"


class State(Frozen):
    """What the last run left: enough to know what is current and what a person has edited."""

    source: str = ""
    """Where the story came from, for recognising it; never opened through this."""
    story_sha256: str = ""
    storyboard_sha256: str = ""
    """Digest of the storyboard file as Kamishibai wrote it; another digest means a person edited it."""
    recipe_sha256: str = ""
    """Digest of everything the finished files were made from."""
    files: dict[str, tuple[int, int]] = Field(default_factory=dict)
    """Name → (size, modification time in ns) of every finished file."""


class Project:
    """A folder with one film in it. Use it as a context manager: inside, this process is its only writer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = FileLock(folder / HIDDEN / "lock")

    @property
    def storyboard_file(self) -> Path:
        """The storyboard that people edit."""
        return self.folder / STORYBOARD

    def __enter__(self) -> Project:
        owner = self.folder / HIDDEN / "owner"
        try:
            (self.folder / HIDDEN).mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
            owner.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
        except Timeout as error:
            who = owner.read_text(encoding="utf-8") if owner.is_file() else "another process"
            raise BusyProjectError(
                f"{who} is making this film",
                where=str(self.folder),
                hint="wait for it, or choose another folder with --out",
            ) from error
        except OSError as error:
            raise UsageError(
                f"cannot write here: {error.strerror}",
                where=str(self.folder),
                hint="choose another folder with --out",
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    def state(self) -> State:
        """Return what the last run left, or an empty state."""
        try:
            return State(**json.loads((self.folder / HIDDEN / "state.json").read_bytes()))
        except (OSError, ValueError, TypeError):
            return State()

    def remember(self, state: State) -> None:
        """Write down the state."""
        write_atomically(
            self.folder / HIDDEN / "state.json", json.dumps(state.model_dump(), indent=1).encode("utf-8")
        )

    def read_storyboard(self) -> tuple[Storyboard, str]:
        """Return the storyboard and the digest of its file. Raises DocumentError with file, line and field."""
        try:
            data = self.storyboard_file.read_bytes()
        except OSError as error:
            raise DocumentError(
                f"there is no readable storyboard: {error.strerror}",
                where=str(self.storyboard_file),
                hint="`kamishibai board STORY` writes one",
            ) from error
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise DocumentError("a storyboard is UTF-8 text", where=str(self.storyboard_file)) from error
        return load(text, str(self.storyboard_file)), content_hash(data)

    def write_storyboard(self, board: Storyboard) -> str:
        """Write the storyboard, keeping one that a person edited under another name; return its digest."""
        data = dump(board).encode("utf-8")
        if self.storyboard_file.is_file():
            old = self.storyboard_file.read_bytes()
            if old == data:
                return content_hash(data)
            if content_hash(old) != self.state().storyboard_sha256:
                number = 1
                while (kept := self.folder / f"storyboard.{number}.yaml").exists():
                    number += 1
                write_atomically(kept, old)
        write_atomically(self.storyboard_file, data)
        return content_hash(data)

    def fresh(self, state: State, recipe_sha256: str) -> bool:
        """Say whether every finished file is still what the last run with this recipe wrote."""
        if not state.files or state.recipe_sha256 != recipe_sha256:
            return False
        for name, (size, modified) in state.files.items():
            try:
                found = (self.folder / name).stat()
            except OSError:
                return False
            if (found.st_size, found.st_mtime_ns) != (size, modified):
                return False
        return True
