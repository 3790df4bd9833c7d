"""unpack: a packed project from anybody, checked whole before a byte of it is written, with results of its own."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NoReturn, TypeVar

import yaml
from pydantic import ValidationError

from kamishibai.disk import FULL, PART, make_folder
from kamishibai.documents.frozen import Frozen
from kamishibai.documents.storyboard import Storyboard
from kamishibai.documents.yaml_nodes import read_yaml
from kamishibai.documents.yaml_storyboard import MAX_BYTES, load
from kamishibai.errors import Cancelled, DocumentError, KamishibaiError, StoreError, UsageError
from kamishibai.exports.files import FilmFiles
from kamishibai.filming import FILM, FILM_FORM
from kamishibai.opening import OUT
from kamishibai.packed import (
    BLOBS,
    DOCUMENTS,
    HIDDEN_FILES,
    LOCK,
    MACHINE,
    MANIFEST,
    PROJECT,
    RESULTS,
    SCHEMA,
    SETTINGS,
    STORYBOARD,
    Manifest,
    PackEntry,
    is_entry_name,
    is_finished_name,
    is_hex,
    is_picture_name,
    is_sound_name,
    leads_out,
    same_on_some_disk,
    strings_in,
)
from kamishibai.project import HIDDEN, Calls, Project, Stamp, State, slug
from kamishibai.settings import read_settings
from kamishibai.steps.picks import Takes
from kamishibai.version import __version__
from kamishibai.weights.lock import Lock
from kamishibai.work.events import Event, Listener, nobody
from kamishibai.work.key import content_hash
from kamishibai.work.records import read_record
from kamishibai.work.sealed import BrokenSeal

__all__ = ["MAX_GB", "Unpacked", "unpack"]

HiddenT = TypeVar("HiddenT", bound=Frozen)

MAX_GB = 64.0
MAX_ENTRIES = 50_000
MAX_MANIFEST = 16_000_000
MAX_DOCUMENT = 64_000_000
"""Bytes of one hidden file or record: those are read whole."""
MAX_SETTINGS = 200_000
MAX_RATIO = 200
"""How often its packed size an entry may be; text comes to about 20."""
SMALL = 1_000_000
"""Up to here nobody asks for the ratio."""
ROOM = 100_000_000
"""Bytes of the disk that stay free."""
PIECE = 1 << 20
_END, _END64 = b"PK\x05\x06", b"PK\x06\x06"
_LOCATOR64 = b"PK\x06\x07"
_FLAGS = 0x0002 | 0x0004 | 0x0008 | 0x0800
"""What an entry may say of itself: how hard it was packed, sizes behind the data, a name in UTF-8. No encryption."""
_NOT_A_ZIP = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, struct.error, zlib.error, EOFError, ValueError, OverflowError,
)  # fmt: skip
_KEPT = "nothing was unpacked"
_HINT = "ask for another copy: `kamishibai pack PROJECT` writes one"


class Unpacked(Frozen):
    """An unpacked project."""

    folder: Path
    title: str
    entries: int
    size: int
    """Bytes that were written."""
    results: int
    film: Path | None = None
    notes: tuple[str, ...] = ()


@dataclass
class _Found:
    """An archive that was looked through and found in order."""

    manifest: Manifest
    infos: Mapping[str, zipfile.ZipInfo]
    digests: Mapping[str, str]
    documents: dict[str, bytes] = field(default_factory=dict)
    """Those that were changed, by the name of their entry."""
    state: State = field(default_factory=State)
    takes: Takes | None = None
    calls: Calls | None = None
    film: FilmFiles | None = None
    notes: list[str] = field(default_factory=list)

    def size(self) -> int:
        """Return the bytes that all of it takes, as it says."""
        return sum(info.file_size for info in self.infos.values())


class _Refuser:
    """Says what is wrong with an archive, and where in it."""

    def __init__(self, archive: Path) -> None:
        self.archive = archive

    def __call__(
        self, why: str, entry: str = "", cause: BaseException | None = None, hint: str = _HINT
    ) -> NoReturn:
        """Raise DocumentError."""
        where = f"{self.archive}, {_shown(entry)}" if entry else str(self.archive)
        raise DocumentError(f"this archive is refused: {why}", where=where, kept=_KEPT, hint=hint) from cause


def _shown(name: str) -> str:
    """Return a name as it can be shown: a hostile one may be long, or move a cursor."""
    plain = name if name.isprintable() else ascii(name)
    return plain if len(plain) <= 80 else f"{plain[:77]}…"


def unpack(
    archive: Path,
    out: Path | None = None,
    *,
    max_gb: float = MAX_GB,
    listen: Listener = nobody,
    stop: Callable[[], bool] = lambda: False,
) -> Unpacked:
    """Write the project in `archive` to a folder that is not there yet, or empty.

    Its results stay with it: they are used for this project alone, and never reach the cache of other films.

    Parameters
    ----------
    out
        The folder; None: ``film/NAME``.
    max_gb
        Gigabytes that it may take at most.

    Raises
    ------
    DocumentError
        When it is no packed project, or anything in it is not as it should be; nothing is left behind.
    UsageError
        When the folder holds something.
    StoreError
        When it cannot be read, or there is no room for it.
    """
    refuse = _Refuser(archive)
    try:
        file = archive.open("rb")
    except OSError as error:
        raise StoreError(f"cannot be opened: {error.strerror}", where=str(archive), kept=_KEPT) from error
    with file:
        try:
            entries = _count(file, refuse)
            with zipfile.ZipFile(file) as opened:
                infos = opened.infolist()
                if len(infos) != entries:
                    refuse("its directory does not say what it holds")
                found = _look_through(opened, infos, os.fstat(file.fileno()).st_size, max_gb, refuse)
                folder = OUT / found.manifest.name if out is None else out
                _refuse_occupied(folder)
                _refuse_no_room(folder, found.size())
                return _extract(opened, found, folder, refuse, listen, stop)
        except KamishibaiError:
            raise
        except _NOT_A_ZIP as error:
            refuse(f"it is damaged, or no ZIP archive: {error}", cause=error)
        except RecursionError as error:
            refuse("it is nested too deeply to be right", cause=error)
        except OSError as error:
            raise StoreError(
                f"cannot be read: {error.strerror or error}", where=str(archive), kept=_KEPT, hint=_HINT
            ) from error


# ------------------------------------------------------------------ the archive as a whole


def _count(file: IO[bytes], refuse: _Refuser) -> int:
    """Return how many entries the archive's directory names, before anything reads all of it.

    Comments and bytes behind the end are refused: two readers could then take different ends for the right one.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 98))
    tail = file.read(98)
    file.seek(0)
    end = tail[-22:]
    if size < 22 or end[:4] != _END or end[20:] != b"\0\0":
        refuse("it is cut short, or no packed project")
    entries, length = struct.unpack("<H", end[10:12])[0], struct.unpack("<I", end[12:16])[0]
    if tail[-42:-38] == _LOCATOR64:
        if tail[-98:-94] != _END64:
            refuse("its directory cannot be read")
        entries, length = struct.unpack("<QQ", tail[-98:-42][32:48])
    if entries > MAX_ENTRIES:
        refuse(f"it names {entries:,} entries, more than the {MAX_ENTRIES:,} that a project may have")
    if length > MAX_ENTRIES * 512:
        refuse(f"its directory alone has {length:,} bytes")
    return int(entries)


def _look_through(
    opened: zipfile.ZipFile, infos: list[zipfile.ZipInfo], size: int, max_gb: float, refuse: _Refuser
) -> _Found:
    seen: dict[str, str] = {}
    for info in infos:
        _check_entry(info, refuse)
        alike = same_on_some_disk(info.filename)
        if alike in seen:
            refuse("two entries are one file, at least on some systems", info.filename)
        seen[alike] = info.filename
    _refuse_files_as_folders(seen, refuse)
    if sum(info.compress_size for info in infos) > size:
        refuse("its entries lie over each other")
    total = sum(info.file_size for info in infos)
    if total > MAX_RATIO * max(size, SMALL):
        refuse(f"it says that its {size:,} bytes unpack to {total:,}")
    if total > max_gb * 1e9:
        refuse(
            f"it unpacks to {total / 1e9:.1f} GB, more than {max_gb:g} GB",
            hint="if you trust who sent it, allow more with --max-size",
        )
    by_name = {info.filename: info for info in infos}
    manifest = _manifest(opened, by_name, refuse)
    said = {entry.name: entry for entry in manifest.entries}
    if len(said) != len(manifest.entries):
        refuse("its manifest names an entry twice")
    _agree(said, by_name, refuse)
    found = _Found(manifest, by_name, {name: entry.sha256 for name, entry in said.items()})
    _documents(opened, found, refuse)
    return found


def _check_entry(info: zipfile.ZipInfo, refuse: _Refuser) -> None:
    name = info.filename
    if info.orig_filename != name or not is_entry_name(name):
        refuse("a packed project has no entry of this name", info.orig_filename or "an entry without a name")
    if info.flag_bits & ~_FLAGS:
        refuse("the entry is encrypted, or of a kind that is not read here", name)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        refuse("the entry is packed in a way that is not read here", name)
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG) or info.external_attr & 0x418:
        refuse("the entry is a link, a folder or a device, not a file", name)
    packed = info.compress_size
    if info.file_size > SMALL and info.file_size > MAX_RATIO * packed:
        refuse(f"the entry says that {packed:,} bytes unpack to {info.file_size:,}", name)
    if info.compress_type == zipfile.ZIP_STORED and packed != info.file_size:
        refuse("the entry has two sizes", name)


def _refuse_files_as_folders(seen: Mapping[str, str], refuse: _Refuser) -> None:
    for name, written in seen.items():
        parts = name.split("/")
        if any("/".join(parts[:k]) in seen for k in range(1, len(parts))):
            refuse("an entry is a file and a folder at once", written)


def _manifest(opened: zipfile.ZipFile, infos: Mapping[str, zipfile.ZipInfo], refuse: _Refuser) -> Manifest:
    if MANIFEST not in infos:
        refuse(f"it has no {MANIFEST}: it is no packed project")
    if infos[MANIFEST].file_size > MAX_MANIFEST:
        refuse(f"its manifest has {infos[MANIFEST].file_size:,} bytes", MANIFEST)
    data = b"".join(_pieces(opened, infos[MANIFEST], refuse))
    try:
        said = json.loads(data)
    except (ValueError, RecursionError) as error:
        refuse("its manifest cannot be read", MANIFEST, error)
    if isinstance(said, dict) and said.get("schema") != SCHEMA:
        refuse(
            f"its manifest is of {_shown(str(said.get('schema')))}; this version reads {SCHEMA}",
            MANIFEST,
            hint="install the version of Kamishibai that packed it",
        )
    try:
        manifest = Manifest.model_validate(said)
    except (ValueError, RecursionError) as error:
        refuse("its manifest cannot be read", MANIFEST, error)
    if slug(manifest.name) != manifest.name:
        refuse("the name of its folder is none", MANIFEST)
    return manifest


def _agree(said: Mapping[str, PackEntry], infos: Mapping[str, zipfile.ZipInfo], refuse: _Refuser) -> None:
    for name in infos:
        if name != MANIFEST and name not in said:
            refuse("the manifest does not know this entry", name)
    for name, entry in said.items():
        if name not in infos or name == MANIFEST:
            refuse("the manifest names an entry that is not there", name)
        if infos[name].file_size != entry.size:
            refuse("the manifest says another size", name)


def _pieces(opened: zipfile.ZipFile, info: zipfile.ZipInfo, refuse: _Refuser) -> Iterator[bytes]:
    """Yield an entry's bytes, exactly as many as it says."""
    left = info.file_size
    with opened.open(info) as source:
        while piece := source.read(PIECE):
            left -= len(piece)
            if left < 0:
                break
            yield piece
    if left:
        refuse("the entry is longer or shorter than it says", info.filename)


# ------------------------------------------------------------------ what the documents say


def _documents(opened: zipfile.ZipFile, found: _Found, refuse: _Refuser) -> None:
    """Read and check every document; what one names must be there, and what is there must be named."""
    if PROJECT + STORYBOARD not in found.infos:
        refuse(f"it has no {STORYBOARD}")
    _hidden_files(opened, found, refuse)
    board = _storyboard(opened, found, refuse)
    named = {PROJECT + name for name in (*DOCUMENTS, *found.state.files)}
    named |= {PROJECT + who.picture for who in board.cast if who.picture}
    named |= {PROJECT + name for name in _settings(opened, found, refuse)}
    for name in found.infos:
        if name.startswith(PROJECT) and name not in named:
            refuse("no document of the project names this file", name)
    if PROJECT + LOCK in found.infos:
        data = _document(opened, found, PROJECT + LOCK, MAX_DOCUMENT, refuse)
        try:
            Lock.model_validate(json.loads(data))
        except (ValueError, RecursionError) as error:
            refuse("it is no lock", PROJECT + LOCK, error)
    if found.manifest.kamishibai != __version__:
        found.notes.append(
            f"packed by Kamishibai {_shown(found.manifest.kamishibai)}; here is {__version__}: what has changed since is "
            "made again"
        )


def _document(opened: zipfile.ZipFile, found: _Found, name: str, most: int, refuse: _Refuser) -> bytes:
    info = found.infos[name]
    if info.file_size > most:
        refuse(f"it has {info.file_size:,} bytes, more than {most:,}", name)
    data = b"".join(_pieces(opened, info, refuse))
    if content_hash(data) != found.digests[name]:
        refuse("the entry is not what the manifest says: its digest is another", name)
    return data


def _hidden_files(opened: zipfile.ZipFile, found: _Found, refuse: _Refuser) -> None:
    def read(name: str, cls: type[HiddenT]) -> HiddenT | None:
        if name not in found.infos:
            return None
        data = _document(opened, found, name, MAX_DOCUMENT, refuse)
        try:
            return cls(**json.loads(data))
        except (ValueError, TypeError, RecursionError) as error:
            refuse("it cannot be read", name, error)

    state, takes, calls, film = HIDDEN_FILES
    said = read(state, State) or State()
    # Neither a story of this machine nor settings that would stand above its own.
    found.state = State(
        story_sha256=said.story_sha256,
        storyboard_sha256=said.storyboard_sha256,
        recipe_sha256=said.recipe_sha256,
        files=said.files,
    )
    for name in found.state.files:
        if not is_finished_name(name):
            refuse(f"no finished file may be called {_shown(name)!r}", state)
    found.takes, found.calls, found.film = read(takes, Takes), read(calls, Calls), read(film, FilmFiles)
    if found.takes is not None:
        _check_takes(found.takes, takes, refuse)
    if found.calls is not None:
        if not all(is_hex(call.key) for call in found.calls.calls):
            refuse("it names a result by what is no key", calls)
        found.calls = found.calls.model_copy(update={"cache": ""})
    if found.film is not None:
        names = [found.film.film.as_posix(), *found.film.files]
        if not all(is_finished_name(name) for name in names):
            refuse("it names a file that no film has", film)


def _check_takes(takes: Takes, name: str, refuse: _Refuser) -> None:
    try:
        type(takes.picks()).read({place: {"seed": 0} for place in (*takes.places, *takes.picked)})
    except ValueError as error:
        refuse(str(error)[:200], name, error)
    if not all(is_hex(take.key) or not take.key for there in takes.places.values() for take in there):
        refuse("it names a result by what is no key", name)


def _storyboard(opened: zipfile.ZipFile, found: _Found, refuse: _Refuser) -> Storyboard:
    name = PROJECT + STORYBOARD
    data = _document(opened, found, name, MAX_BYTES, refuse)
    try:
        board = load(data.decode("utf-8-sig"), f"{refuse.archive}, {name}")
    except UnicodeDecodeError as error:
        refuse("it is no UTF-8 text", name, error)
    except DocumentError as error:
        error.kept = _KEPT
        raise
    for who in board.cast:
        if who.picture is not None and not is_picture_name(who.picture):
            refuse(
                f"the picture of {_shown(who.id)} would lie outside the project: {_shown(who.picture)!r}",
                name,
            )
    for voice in (board.voice, *(who.voice for who in board.cast)):
        if voice is not None and leads_out(voice):
            refuse(f"a voice is named by a path: {_shown(voice)!r}", name)
    return board


def _settings(opened: zipfile.ZipFile, found: _Found, refuse: _Refuser) -> tuple[str, ...]:
    """Check the settings and leave out those of another machine; return the files that they name."""
    name = PROJECT + SETTINGS
    if name not in found.infos:
        return ()
    data = _document(opened, found, name, MAX_SETTINGS, refuse)
    where = f"{refuse.archive}, {name}"
    try:
        text = data.decode("utf-8")
        read_yaml(text, where)  # no anchors, no tags, nothing nested without end
        said = yaml.safe_load(text)
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        refuse("it cannot be read as settings", name, error)
    except DocumentError as error:
        error.kept = _KEPT
        raise
    if not isinstance(said, dict | None):
        refuse("settings are a list of `name: value` lines", name)
    said = said or {}
    dropped = [field for field in said if field in MACHINE]
    plain = {field: value for field, value in said.items() if field not in MACHINE}
    narration = plain.pop("narration", None)
    for text in strings_in(plain):
        if leads_out(text):
            refuse(f"a setting is a path of another machine: {_shown(text)!r}", name)
    if narration is not None:
        if (
            not isinstance(narration, str)
            or not is_sound_name(narration)
            or PROJECT + narration not in found.infos
        ):
            refuse(f"its narration is not in the archive: {_shown(str(narration))!r}", name)
        plain["narration"] = narration
    try:
        read_settings(None, plain, {})
    except UsageError as error:
        refuse(error.what, name, error, hint=error.hint or _HINT)
    if dropped:
        found.notes.append(
            f"{', '.join(dropped)} of its {SETTINGS} was left out: that is for each machine to say"
        )
        found.documents[name] = (
            yaml.safe_dump(plain, sort_keys=False, allow_unicode=True).encode("utf-8") if plain else b""
        )
    return () if narration is None else (narration,)


# ------------------------------------------------------------------ writing


def _refuse_occupied(folder: Path) -> None:
    try:
        free = not folder.is_symlink() and (
            not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))
        )
    except OSError as error:
        raise StoreError(f"cannot be read: {error.strerror}", where=str(folder), kept=_KEPT) from error
    if not free:
        raise UsageError(
            "something is there already",
            where=str(folder),
            kept="it, as it is",
            hint="choose another folder with --out",
        )


def _refuse_no_room(folder: Path, size: int) -> None:
    there = folder.absolute()
    while not there.exists():
        there = there.parent
    free = shutil.disk_usage(there).free
    if size + ROOM > free:
        raise StoreError(
            f"it unpacks to {size / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free",
            where=str(folder),
            kept=_KEPT,
            hint="free some space, or choose another disk with --out",
        )


def _extract(
    opened: zipfile.ZipFile,
    found: _Found,
    folder: Path,
    refuse: _Refuser,
    listen: Listener,
    stop: Callable[[], bool],
) -> Unpacked:
    """Write everything beside `folder`, then give it its name."""
    made = _missing_parents(folder)
    temporary: Path | None = None
    try:
        make_folder(folder.absolute().parent)
        temporary = Path(tempfile.mkdtemp(prefix=PART, dir=folder.absolute().parent))
        inside = (
            temporary / "project"
        )  # with the rights of any new folder; the outer one is for its owner alone
        inside.mkdir()
        writing = _Writing(opened, found, inside, refuse, listen, stop)
        results = writing.everything()
        if folder.exists():
            folder.rmdir()  # it was empty
        inside.rename(folder)
        made = []
    except KamishibaiError:
        raise  # StoreError is an OSError too
    except OSError as error:
        raise StoreError(
            f"{'no room left' if error.errno in FULL else 'cannot be written'}: {error.strerror or error}",
            where=str(folder),
            kept=_KEPT,
            hint="free some space, or choose another disk with --out",
        ) from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
        for parent in made:
            with contextlib.suppress(OSError):
                parent.rmdir()
    film = next((folder / name for name in found.state.files if name.endswith(".mp4")), None)
    return Unpacked(
        folder=folder,
        title=found.manifest.title,
        entries=len(found.infos),
        size=found.size(),
        results=results,
        film=film if film is not None and film.is_file() else None,
        notes=tuple(found.notes),
    )


def _missing_parents(folder: Path) -> list[Path]:
    """Return the folders above that have to be made, the innermost first."""
    parents = folder.absolute().parents
    return [parent for parent in parents if not parent.exists()]


@dataclass
class _Writing:
    """One archive on its way into a folder; every byte is counted and compared with its digest."""

    opened: zipfile.ZipFile
    found: _Found
    folder: Path
    refuse: _Refuser
    listen: Listener
    stop: Callable[[], bool]
    done: int = 0

    def everything(self) -> int:
        """Write all of it; return how many results came with it."""
        self.listen(Event(event="stage", stage="unpack", total=1))
        results = self._results()
        for name in self.found.infos:
            if name.startswith(PROJECT):
                self._file(name, self.folder / name.removeprefix(PROJECT))
        self._hidden()
        self.listen(Event(event="call", stage="unpack"))
        return results

    def _results(self) -> int:
        """Write records and blobs to the project's own results: no stranger's result reaches the shared cache."""
        own = self.folder / HIDDEN / "results"
        held: dict[str, int] = {}
        results = 0
        for name in self.found.infos:
            if not name.startswith(RESULTS):
                continue
            data = _document(self.opened, self.found, name, MAX_DOCUMENT, self.refuse)
            try:
                record = read_record(data, name.rsplit("/", 1)[1].removesuffix(".json"))
            except (BrokenSeal, RecursionError) as error:
                self.refuse(f"it is no result: {error}", name, error)
            except ValidationError as error:
                self.refuse("it is no result", name, error)
            if record is None:
                self.refuse("it is a result of another version", name, hint="pack it again with --no-results")
            for ref in record.refs():
                if held.setdefault(ref.sha256, ref.size) != ref.size:
                    self.refuse("two results do not agree on the size of a file", name)
            for ref in record.needs():
                held.setdefault(ref.sha256, ref.size)
            self._write(name, [data], own / name)
            results += 1
        self._blobs(own, held)
        self._complete(held)
        return results

    def _blobs(self, own: Path, held: Mapping[str, int]) -> None:
        for name, info in self.found.infos.items():
            if not name.startswith(BLOBS):
                continue
            digest = name.rsplit("/", 1)[1]
            if self.found.digests[name] != digest:
                self.refuse("the manifest gives it another digest than its name", name)
            if digest not in held:
                self.refuse("no result of the archive holds this file", name)
            if held[digest] != info.file_size:
                self.refuse("the result that holds this file says another size", name)
            self._file(name, own / name)

    def _complete(self, held: Mapping[str, int]) -> None:
        missing = sum(f"{BLOBS}{digest[:2]}/{digest}" not in self.found.infos for digest in held)
        if missing:
            self.found.notes.append(
                f"{missing} files of its results are not in the archive: what needs them is made again"
            )

    def _file(self, name: str, path: Path) -> None:
        if name in self.found.documents:
            self._write(name, [self.found.documents[name]], path)
            return
        digest = hashlib.sha256()

        def pieces() -> Iterator[bytes]:
            for piece in _pieces(self.opened, self.found.infos[name], self.refuse):
                digest.update(piece)
                yield piece

        self._write(name, pieces(), path)
        if digest.hexdigest() != self.found.digests[name]:
            self.refuse("the entry is not what the manifest says: its digest is another", name)

    def _write(self, name: str, pieces: Any, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # "x": whatever is there already came from another entry, and none may write over another.
        with path.open("xb") as file:
            for piece in pieces:
                if self.stop():
                    raise Cancelled("stopped", kept=_KEPT, hint="run the same command again")
                file.write(piece)
                self.done += len(piece)
            if name.startswith(PROJECT):
                # Results that a power cut spoils are noticed by their digests; these would not be.
                file.flush()
                os.fsync(file.fileno())
        total = self.found.size() or 1
        self.listen(Event(event="progress", stage="unpack", done=min(1.0, self.done / total)))

    def _hidden(self) -> None:
        """Write what is known of the film; files that are as they were written are stamped anew."""
        found, project = self.found, Project(self.folder)
        stamps = {}
        for name, stamp in found.state.files.items():
            path = self.folder / name
            if path.is_file() and found.digests[PROJECT + name] == stamp.sha256:
                facts = path.stat()
                stamp = Stamp(size=facts.st_size, modified_ns=facts.st_mtime_ns, sha256=stamp.sha256)
            stamps[name] = stamp
        project.remember(found.state.model_copy(update={"files": stamps}))
        if found.takes is not None:
            project.remember_takes(found.takes)
        if found.calls is not None:
            project.remember_calls(found.calls)
        if found.film is not None:
            project.hide(FILM, FILM_FORM, found.film)
