"""A project folder: the story it came from, its storyboard, its state, its one writer."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from filelock import FileLock, Timeout
from pydantic import Field, ValidationError

from kamishibai.disk import make_folder, read_whole, remove_parts, write_atomically
from kamishibai.documents.frozen import Frozen
from kamishibai.documents.storyboard import Storyboard
from kamishibai.documents.yaml_storyboard import dump, load
from kamishibai.errors import BusyProjectError, DocumentError, StoreError, UsageError
from kamishibai.steps.picks import Takes
from kamishibai.work.explain import CallKey
from kamishibai.work.key import content_hash, file_hash
from kamishibai.work.sealed import BrokenSeal, sealed, unsealed

__all__ = ["HIDDEN", "STORYBOARD", "Calls", "Project", "Stamp", "State", "slug"]

HiddenT = TypeVar("HiddenT", bound=Frozen)

STORYBOARD = "storyboard.yaml"
HIDDEN = ".kamishibai"
TAKES, TAKES_FORM = ("takes.json", "takes.copy.json"), "kamishibai.takes/1"
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


class Stamp(Frozen):
    """What a finished file was when it was written."""

    size: int
    modified_ns: int
    sha256: str


class State(Frozen):
    """What the last run left: enough to know what is current and what a person has edited."""

    source: str = ""
    """Where the story came from, for recognising it; never opened through this."""
    story_sha256: str = ""
    storyboard_sha256: str = ""
    """Digest of the storyboard file as Kamishibai wrote it; another digest means a person edited it."""
    recipe_sha256: str = ""
    """Digest of everything the finished files were made from."""
    files: dict[str, Stamp] = Field(default_factory=dict)
    """Every finished file by its name."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """What the command line, or the caller, said when the film was made last: a retake is one of that film."""


class Calls(Frozen):
    """What the film was made from when it was made last."""

    cache: str = ""
    """The folder of the store that holds the results."""
    calls: tuple[CallKey, ...] = ()
    """Every call in order, those of takes that were not kept too."""


class Project:
    """A folder with one film in it. Use it as a context manager: inside, this process is its only writer.

    Reading needs no lock and waits for nobody: every file is replaced whole.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = FileLock(folder / HIDDEN / "lock")
        self._told: set[str] = set()
        self.damage: list[str] = []
        """What was found damaged among the hidden files, for telling."""

    @property
    def storyboard_file(self) -> Path:
        """The storyboard that people edit."""
        return self.folder / STORYBOARD

    @property
    def own_results(self) -> Path | None:
        """The results that came with an unpacked project, which serve this project alone; None when there are none."""
        folder = self.folder / HIDDEN / "results"
        return folder if folder.is_dir() else None

    def __enter__(self) -> Project:
        hidden = self.folder / HIDDEN
        try:
            str(self.folder.absolute()).encode("utf-8")
        except UnicodeEncodeError as error:
            raise UsageError(
                "this folder's name is not UTF-8, and cannot be written down",
                where=str(self.folder).encode("utf-8", "replace").decode(),
                hint="rename it, or choose another folder with --out",
            ) from error
        try:
            make_folder(hidden)
            self._lock.acquire(timeout=0)
            since = datetime.now().strftime("%H:%M")
            self._owner.write_text(
                f"process {os.getpid()} on {socket.gethostname()}, since {since}", encoding="utf-8"
            )
        except Timeout as error:
            raise BusyProjectError(
                f"{self.owner() or 'another process'} is writing to this film",
                where=str(self.folder),
                hint="wait for it, or choose another folder with --out",
            ) from error
        except OSError as error:
            self._lock.release()
            raise UsageError(
                f"cannot write here: {error.strerror}",
                where=str(self.folder),
                kept="everything that was finished before",
                hint="check the folder's permissions and the disk, or choose another folder with --out",
            ) from error
        # Whoever left these is dead, or it would hold the lock.
        for folder in (self.folder, hidden):
            remove_parts(folder)
        return self

    @property
    def _owner(self) -> Path:
        return self.folder / HIDDEN / "owner"

    def owner(self) -> str:
        """Return who writes here now, or wrote last; empty when nobody did."""
        try:
            return self._owner.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    # ------------------------------------------------------------------ hidden files

    def hidden(self, name: str, form: str, cls: type[HiddenT], *, precious: bool = False) -> HiddenT | None:
        """Return what a hidden file says, or None: there is none, another version wrote it, or it is damaged.

        Raises
        ------
        StoreError
            When it cannot be read.
        DocumentError
            When another version wrote it and it is `precious`: it is not to be written over.
        """
        path = self.folder / HIDDEN / name
        data = read_whole(path)
        if data is None:
            return None
        try:
            found = unsealed(data, form)
            if found is None and precious:
                raise DocumentError(
                    "another version of Kamishibai wrote this, and what it says would be lost",
                    where=str(path),
                    kept="it, as it is",
                    hint="update kamishibai, or move that file away to do without it",
                )
            return None if found is None else cls(**found)
        except (BrokenSeal, TypeError, ValidationError) as error:
            told = f"{path} was damaged ({error}); what it said is not known any more"
            if told not in self._told:
                self._told.add(told)
                self.damage.append(told)
            return None

    def hide(self, name: str, form: str, value: Frozen) -> None:
        """Write a hidden file that `hidden` reads. Raises StoreError."""
        write_atomically(self.folder / HIDDEN / name, sealed(form, value))

    def state(self) -> State:
        """Return what the last run left, or an empty state. Raises StoreError when it cannot be read."""
        return self.hidden("state.json", "kamishibai.state/2", State) or State()

    def remember(self, state: State) -> None:
        """Write down the state."""
        self.hide("state.json", "kamishibai.state/2", state)

    def takes(self) -> Takes:
        """Return the takes that were made by hand here, and which of them are picked.

        They stand in two files, as nothing else could say what was picked.
        """
        found = [self.hidden(name, TAKES_FORM, Takes, precious=True) for name in TAKES]
        return next((takes for takes in found if takes is not None), Takes())

    def remember_takes(self, takes: Takes) -> None:
        """Write down the takes."""
        for name in reversed(TAKES):
            self.hide(name, TAKES_FORM, takes)

    def calls(self) -> Calls:
        """Return what the film was made from when it was made last; nothing when it never was."""
        return self.hidden("calls.json", "kamishibai.calls/1", Calls) or Calls()

    def remember_calls(self, calls: Calls) -> None:
        """Write down what the film was made from; the journal of the run that did so is over."""
        self.hide("calls.json", "kamishibai.calls/1", calls)
        with contextlib.suppress(OSError):
            self._journal.unlink()

    @property
    def _journal(self) -> Path:
        return self.folder / HIDDEN / "journal"

    def note_keys(self, keys: Iterable[str]) -> None:
        """Note the keys of calls that a run is about to make, so that no clean-up takes them when the run is cut short.

        Raises
        ------
        StoreError
            When that cannot be written.
        """
        try:
            with self._journal.open("a", encoding="ascii") as file:
                # The line before may have been cut short.
                file.writelines(f"\n{key}\n" for key in keys)
        except OSError as error:
            raise StoreError(
                f"cannot write: {error.strerror}",
                where=str(self._journal),
                kept="everything that was finished before",
                hint="free some space or check the folder's permissions, then run the same command again",
            ) from error

    def keys(self) -> set[str]:
        """Return the keys of all results that this project refers to: its film's, its takes', those of a run cut short."""
        found = {call.key for call in self.calls().calls}
        found |= {take.key for takes in self.takes().places.values() for take in takes}
        journal = read_whole(self._journal) or b""
        return found | {line for line in journal.decode("ascii", "replace").split("\n") if len(line) == 64}

    # ------------------------------------------------------------------ storyboard

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
        old = read_whole(self.storyboard_file)
        if old is not None:
            if old == data:
                return content_hash(data)
            if content_hash(old) != self.state().storyboard_sha256:
                number = 1
                while (kept := self.folder / f"storyboard.{number}.yaml").exists():
                    number += 1
                write_atomically(kept, old)
        write_atomically(self.storyboard_file, data)
        return content_hash(data)

    def stamp(self, name: str) -> Stamp:
        """Return what a finished file is now. Raises StoreError when it cannot be read."""
        path = self.folder / name
        digest = file_hash(path)
        facts = path.stat()
        return Stamp(size=facts.st_size, modified_ns=facts.st_mtime_ns, sha256=digest)

    def fresh(self, state: State, recipe_sha256: str) -> bool:
        """Say whether every finished file is still what the last run with this recipe wrote, by size and time."""
        if not state.files or state.recipe_sha256 != recipe_sha256:
            return False
        for name, stamp in state.files.items():
            try:
                found = (self.folder / name).stat()
            except OSError:
                return False
            if (found.st_size, found.st_mtime_ns) != (stamp.size, stamp.modified_ns):
                return False
        return True
