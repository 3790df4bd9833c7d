"""pack: a project in one file, with the results it was made from, and nothing of the machine it was made on."""

from __future__ import annotations

import contextlib
import hashlib
import html
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

import yaml

from kamishibai.disk import FULL, drop_part, finish_part, new_part, read_whole
from kamishibai.documents.frozen import Frozen, canonical_json
from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Storyboard
from kamishibai.errors import Cancelled, DamagedError, DocumentError, KamishibaiError, StoreError, UsageError
from kamishibai.exports.files import FilmFiles
from kamishibai.filming import FILM, FILM_FORM
from kamishibai.packed import (
    BLOBS,
    DOCUMENTS,
    ENDING,
    LOCK,
    MACHINE,
    MANIFEST,
    PROJECT,
    RESULTS,
    SETTINGS,
    STORYBOARD,
    Manifest,
    PackEntry,
    is_finished_name,
    is_picture_name,
    is_sound_name,
    same_on_some_disk,
    strings_in,
)
from kamishibai.project import Project, Stamp, State, slug
from kamishibai.recipe import Recipe, read_recipe, without_paths
from kamishibai.settings import Settings
from kamishibai.version import __version__
from kamishibai.work.events import Event, Listener, nobody
from kamishibai.work.key import content_hash, file_hash
from kamishibai.work.presence import Presence
from kamishibai.work.records import Record, write_record
from kamishibai.work.store import Store

__all__ = ["Packed", "pack"]

PIECE = 1 << 20
_WRITTEN = (".srt", ".vtt", ".html", ".json")
"""Finished files that are text: a path that stands in one is taken out."""


class Packed(Frozen):
    """A packed project."""

    path: Path
    title: str
    entries: int
    size: int
    """Bytes of the archive."""
    results: int
    """How many results went in with it."""
    notes: tuple[str, ...] = ()
    """What was left out or changed, and what to do about it."""


@dataclass(frozen=True)
class _Item:
    """One file to be packed: bytes, or a file whose digest is known."""

    name: str
    size: int
    sha256: str
    source: bytes | Path

    def pieces(self) -> Iterator[bytes]:
        """Yield the content. Raises OSError."""
        if isinstance(self.source, bytes):
            yield self.source
            return
        with self.source.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece


class _Machine:
    """What is known of this machine, so that none of it is told: its folders' names."""

    def __init__(self, project: Path, store: Path) -> None:
        self._names: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None
        # In this order: what lies in the home folder has a better name than its place there.
        for path, name in ((_home(), "~"), (store, "cache"), (project, slug(project.absolute().name))):
            for one in {str(path.absolute()), str(path.resolve())}:
                self._add(one, name)

    def _add(self, path: str, name: str) -> None:
        if len(path) < 2:
            return
        in_json = (json.dumps(path, ensure_ascii=ascii_)[1:-1] for ascii_ in (True, False))
        for spelling in (path, html.escape(path), *in_json):
            self._names[spelling] = name
        self._pattern = None

    def learn(self, value: Any) -> None:
        """Take note of the paths that stand in plain data, such as a checkpoint's folder in a model's name."""
        for text in strings_in(value):
            short = without_paths(text)
            if short != text:
                # Both begin with the kind and the back-end; what differs is the path.
                same = sum(
                    1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(text, short, strict=False))
                )
                begin = text.rfind(":", 0, same) + 1
                self._add(text[begin:], short[begin:])

    def text(self, text: str) -> str:
        """Return `text` without this machine's paths."""
        if self._pattern is None:
            longest = sorted(self._names, key=len, reverse=True)
            # Not in the middle of a word, nor where HTML closes a tag.
            self._pattern = re.compile(rf"(?<![\w<])(?:{'|'.join(map(re.escape, longest))})(?![\w-])")
        return self._pattern.sub(lambda found: self._names[found[0]], text)

    def value(self, value: Any) -> Any:
        """Return plain data without this machine's paths."""
        if isinstance(value, dict):
            return {self.value(name): self.value(part) for name, part in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(part) for part in value]
        return self.text(value) if isinstance(value, str) else value


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # nobody's: there is no name to hide
        return Path("/")


@dataclass
class _Packing:
    """One project on its way into an archive."""

    project: Project
    board: Storyboard
    recipe: Recipe | None
    """Of the finished film; None when there is none that can be read."""
    store: Store
    machine: _Machine
    items: dict[str, _Item] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    results: int = 0

    def add(self, name: str, source: bytes | Path) -> _Item:
        """Take in a file. Raises StoreError when it cannot be read."""
        if isinstance(source, bytes):
            item = _Item(name, len(source), content_hash(source), source)
        else:
            item = _Item(name, source.stat().st_size, file_hash(source), source)
        self.items[name] = item
        return item

    # -------------------------------------------------------------- documents

    def documents(self) -> None:
        """Take in the storyboard, the settings, the lock, the story and what they name."""
        folder, state = self.project.folder, self.project.state()
        said, data = self._settings()
        self._learn(said)
        self._pictures(state)
        narration = self._narration(said)
        plain = self._travelling({name: value for name, value in said.items() if name != "narration"})
        if narration is not None:
            plain["narration"] = narration
        if plain != said:
            data = (
                yaml.safe_dump(plain, sort_keys=False, allow_unicode=True).encode("utf-8") if plain else b""
            )
        if data:
            self.add(PROJECT + SETTINGS, self._plain(SETTINGS, data))
        for name in (LOCK, "story.txt"):
            found = read_whole(folder / name)
            if found is not None:
                self.add(PROJECT + name, self._plain(name, found))
        self._finished(state)
        if not state.files:
            self.notes.append("no finished film is known here: the storyboard goes without one")
        self.notes += self.project.damage

    def _settings(self) -> tuple[dict[str, Any], bytes]:
        path = self.project.folder / SETTINGS
        data = read_whole(path) or b""
        try:
            said = yaml.safe_load(data.decode("utf-8"))
        except (UnicodeDecodeError, yaml.YAMLError) as error:
            raise UsageError(f"cannot be read as settings: {error}", where=str(path)) from error
        return (said if isinstance(said, dict) else {}), data

    def _learn(self, said: dict[str, Any]) -> None:
        """Find out which paths of this machine stand in models' names and options."""
        self.machine.learn(
            {name: value for name, value in said.items() if name not in (*MACHINE, "narration")}
        )
        self.machine.learn(
            [voice for voice in (self.board.voice, *(who.voice for who in self.board.cast)) if voice]
        )
        for key in sorted(self.project.keys()):
            record = self.store.look_up(key)
            if record is None:
                continue
            self.machine.learn([record.maker, record.options])
            short = without_paths(record.maker)
            if short != record.maker:
                kind = short.partition(":")[0]
                self.notes.append(
                    f"{short} is a file or folder of this machine and stays here: its results go along, but making others "
                    f"there needs it, named with --{kind}"
                )

    def _travelling(self, said: dict[str, Any]) -> dict[str, Any]:
        """Return the settings without those of this machine, and with those that the film was made with."""
        plain = {name: value for name, value in said.items() if name not in MACHINE}
        if dropped := [name for name in said if name in MACHINE]:
            self.notes.append(f"{', '.join(dropped)} of {SETTINGS} stays here: that is of this machine")
        for name, value in self._used().items():
            if name == "options" and isinstance(plain.get(name), dict):
                plain[name] = {**value, **plain[name]}
            elif name not in plain:
                plain[name] = value
            elif _spelt(name, plain[name]) != _spelt(name, value):
                self.notes.append(
                    f"the film was made with {name} {value!r}; {SETTINGS} says {plain[name]!r}, which stays"
                )
        short = without_paths(plain)
        for before, after in zip(strings_in(plain), strings_in(short), strict=True):
            if before != after:
                self.notes.append(
                    f"{before!r} in the settings is a path of this machine; {after!r} stands for it"
                )
        return dict(short)

    def _used(self) -> dict[str, Any]:
        """Return the settings of the finished film that are not the defaults."""
        plain = Settings().model_dump(mode="json")
        used = {} if self.recipe is None else self.recipe.settings
        return {name: value for name, value in used.items() if name in plain and plain[name] != value}

    def _narration(self, said: dict[str, Any]) -> str | None:
        """Take in the recording; return its name in the folder, or None when there is none that can go."""
        named = said.get("narration")
        if not isinstance(named, str):
            if self.recipe is not None and self.recipe.narration:
                self.notes.append(
                    "the recording that the film is cut to lies outside the folder and stays here: put a copy of it in "
                    f"the folder, write `narration: NAME` into {SETTINGS} there, make the film and pack again"
                )
            return None
        path = _inside(self.project.folder, named)
        if path is not None and is_sound_name(named):
            self.add(PROJECT + named, path)
            return named
        self.notes.append(
            f"narration {Path(named).name} lies outside the folder, or not under a plain name, and stays here: put a "
            f"copy of it in the folder, write its name into {SETTINGS}, and pack again"
        )
        return None

    def _pictures(self, state: State) -> None:
        """Take in the user's own pictures of the cast, from the folder or from beside the story."""
        folders = [self.project.folder]
        if state.source and Path(state.source).is_absolute():
            folders.append(Path(state.source).parent)
        for who in self.board.cast:
            if who.picture is None:
                continue
            found = (_inside(folder, who.picture) for folder in folders)
            path = next((one for one in found if one is not None), None)
            if path is not None and is_picture_name(who.picture):
                self.add(PROJECT + who.picture, path)
                continue
            self.notes.append(
                f"the picture of {who.name}, {Path(who.picture).name}, lies outside the folder, or not under a plain name, "
                f"and stays here: put a copy of it in the folder, write its name into {STORYBOARD}, and pack again"
            )

    def _plain(self, name: str, data: bytes) -> bytes:
        """Return a text without this machine's paths."""
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            return data
        plain = self.machine.text(text)
        if plain != text and name in DOCUMENTS:
            self.notes.append(f"a path of this machine stood in {name}; in the archive it is made short")
        return data if plain == text else plain.encode("utf-8")

    # -------------------------------------------------------------- the finished film and the hidden files

    def _finished(self, state: State) -> None:
        """Take in the storyboard, the finished files and what is known of them."""
        board = self.project.storyboard_file.read_bytes()
        written = self.add(PROJECT + STORYBOARD, self._plain(STORYBOARD, board)).sha256
        files = {name: stamp for name, stamp in sorted(state.files.items()) if is_finished_name(name)}
        stamps = {}
        for name, stamp in files.items():
            path = self.project.folder / name
            if path.is_file() and not path.is_symlink():
                stamps[name] = self._finished_file(name, path, stamp)
        same = state.storyboard_sha256 == content_hash(board)
        # Where the story came from and what the command line said are of this machine.
        plain = State(
            story_sha256=state.story_sha256,
            storyboard_sha256=written if same else state.storyboard_sha256,
            recipe_sha256=state.recipe_sha256,
            files=stamps,
        )
        self._hidden("state", plain)
        takes, calls = self.project.takes(), self.project.calls()
        if takes.places:
            self._hidden("takes", takes)
        if calls.calls:
            self._hidden("calls", calls.model_copy(update={"cache": ""}))
        film = self.project.hidden(FILM, FILM_FORM, FilmFiles)
        if film is not None:
            self._hidden("film", film.model_copy(update={"folder": Path(), "film": Path(film.film.name)}))

    def _finished_file(self, name: str, path: Path, stamp: Stamp) -> Stamp:
        """Take in a finished file; return its stamp. When it was written is of this machine: unpacking notes it anew."""
        if not name.endswith(_WRITTEN):
            self.add(PROJECT + name, path)
            return stamp.model_copy(update={"modified_ns": 0})
        data = path.read_bytes()
        item = self.add(PROJECT + name, self._plain(name, data))
        if content_hash(data) != stamp.sha256:
            return stamp.model_copy(update={"modified_ns": 0})
        return Stamp(size=item.size, modified_ns=0, sha256=item.sha256)

    def _hidden(self, name: str, value: Frozen) -> None:
        self.add(f"hidden/{name}.json", canonical_json(self.machine.value(value.model_dump(mode="json"))))

    # -------------------------------------------------------------- results

    def take_results(self) -> None:
        """Take in every result that the project refers to, with its files and what it was made from."""
        wanted = {call.key for call in self.project.calls().calls}
        wanted |= {take.key for there in self.project.takes().places.values() for take in there}
        gone = 0
        for key in sorted(self.project.keys()):
            record = self.store.look_up(key) if key else None
            if record is None or any(self._blob(ref) is None for ref in record.refs()):
                gone += key in wanted  # others were about to be made when a run was cut short
            else:
                self._result(record)
        if gone:
            self.notes.append(
                f"{gone} results are not in the cache any more; `kamishibai make` of this project brings back what its "
                "film needs"
            )

    def _result(self, record: Record) -> None:
        # What was asked and what came of it is what the key stands for: that stays as it is.
        told = record.model_dump(mode="json", include={"maker", "options", "notes"})
        plain = Record(**{**record.model_dump(mode="json"), **self.machine.value(told)})
        self.add(f"{RESULTS}{record.key[:2]}/{record.key}.json", write_record(plain))
        self.results += 1
        for ref in (*record.refs(), *record.needs()):
            path = self._blob(ref)
            if path is not None:
                name = f"{BLOBS}{ref.sha256[:2]}/{ref.sha256}"
                self.items[name] = _Item(name, ref.size, ref.sha256, path)

    def _blob(self, ref: Ref) -> Path | None:
        path = self.store.blob(ref.sha256)
        try:
            return path if path.stat().st_size == ref.size else None
        except OSError:
            return None


def _recipe(folder: Path) -> Recipe | None:
    try:
        return read_recipe(folder)
    except KamishibaiError:
        return None  # a film that somebody edited: it goes as it is


def _inside(folder: Path, named: str) -> Path | None:
    """Return the file that a document names when it lies within `folder`, links followed."""
    try:
        path = (folder / named).resolve()
        return path if path.is_file() and path.is_relative_to(folder.resolve()) else None
    except (OSError, RuntimeError, ValueError):
        return None


def _spelt(name: str, value: Any) -> Any:
    """Return how a setting is written down, however a person spelt it."""
    with contextlib.suppress(ValueError):
        return Settings(**{name: value}).model_dump(mode="json")[name]
    return value


def pack(
    folder: Path,
    store: Store,
    out: Path | None = None,
    *,
    results: bool = True,
    force: bool = False,
    listen: Listener = nobody,
    stop: Callable[[], bool] = lambda: False,
) -> Packed:
    """Write a project and what its film was made from to one file, the same bytes for the same project.

    Parameters
    ----------
    store
        The cache that holds the results.
    out
        The file; None: ``NAME.kamishibai`` in this folder.
    results
        Whether the results go with it: without them, making the film again calls the models again.
    force
        A file that is there already is written over.

    Raises
    ------
    DocumentError
        When the folder has no storyboard.
    UsageError
        When a file would be written over.
    StoreError
        When something cannot be read or written, or a stored file is damaged.
    """
    project = Project(folder)
    board, _ = project.read_storyboard()
    name = slug(folder.absolute().name)
    out = Path(f"{name}{ENDING}") if out is None else out
    if out.exists() and (out.is_dir() or not force):
        raise UsageError(
            "there is a folder of that name" if out.is_dir() else "that file is there already",
            where=str(out),
            kept="that file, as it is",
            hint="choose another name with --out"
            if out.is_dir()
            else "choose another name with --out, or add --force",
        )
    presence = Presence(store.root)
    with project:
        if results and store.root.is_dir():
            presence.enter()  # so that no clean-up takes what is being packed
        try:
            packing = _Packing(project, board, _recipe(folder), store, _Machine(folder, store.root))
            packing.documents()
            if results:
                packing.take_results()
            _refuse_doubles(packing.items)
            _write(out, [_manifest(packing, name), *_in_order(packing.items)], store, listen, stop)
        except KamishibaiError:
            raise  # StoreError is an OSError too
        except OSError as error:
            raise StoreError(
                f"cannot be read: {error.strerror or error}",
                where=str(error.filename or folder),
                kept="the project, as it is",
                hint="check the file's permissions and the disk, then run the same command again",
            ) from error
        finally:
            presence.leave()
    return Packed(
        path=out,
        title=board.title,
        entries=len(packing.items) + 1,
        size=out.stat().st_size,
        results=packing.results,
        notes=tuple(dict.fromkeys(packing.notes)),
    )


def _manifest(packing: _Packing, name: str) -> _Item:
    entries = tuple(
        PackEntry(name=one.name, size=one.size, sha256=one.sha256) for one in _in_order(packing.items)
    )
    manifest = Manifest(kamishibai=__version__, name=name, title=packing.board.title, entries=entries)
    data = canonical_json(manifest.model_dump(mode="json", by_alias=True))
    return _Item(MANIFEST, len(data), content_hash(data), data)


def _in_order(items: dict[str, _Item]) -> list[_Item]:
    """Return the documents first, so that a reader sees early what it has, then records, then what they hold."""
    rooms = ("hidden/", PROJECT, RESULTS, BLOBS)
    return sorted(
        items.values(),
        key=lambda one: (next(i for i, room in enumerate(rooms) if one.name.startswith(room)), one.name),
    )


def _refuse_doubles(items: Iterable[str]) -> None:
    seen: dict[str, str] = {}
    for name in items:
        other = seen.setdefault(same_on_some_disk(name), name)
        if other != name:
            raise DocumentError(
                f"{Path(other).name!r} and {Path(name).name!r} are one file on some systems",
                hint="give one of them another name, then pack again",
            )


def _write(out: Path, items: list[_Item], store: Store, listen: Listener, stop: Callable[[], bool]) -> None:
    total = sum(item.size for item in items) or 1
    listen(Event(event="stage", stage="pack", total=1))
    part: Path | None = None
    done = 0
    try:
        part = new_part(out)
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
            for item in items:
                if stop():
                    raise Cancelled(
                        "stopped", kept="the project, as it is", hint="run the same command again"
                    )
                _add(archive, item, store)
                done += item.size
                listen(Event(event="progress", stage="pack", done=done / total))
        finish_part(part, out)
    except KamishibaiError:
        raise  # StoreError is an OSError too
    except OSError as error:
        full = error.errno in FULL
        raise StoreError(
            f"{'no room left' if full else 'cannot pack'}: {error.strerror or error}",
            where=str(error.filename or out),
            kept="the project, as it is",
            hint="free some space, or choose another disk with --out; --no-results makes it small"
            if full
            else "check the folder's permissions and the disk, then run the same command again",
        ) from error
    finally:
        drop_part(part)
    listen(Event(event="call", stage="pack"))


def _add(archive: zipfile.ZipFile, item: _Item, store: Store) -> None:
    """Copy one file into the archive; what is not what it should be is never packed."""
    info = zipfile.ZipInfo(item.name, (1980, 1, 1, 0, 0, 0))
    info.create_system = 3
    info.external_attr = 0o100644 << 16
    info.file_size = item.size
    digest = hashlib.sha256()
    with archive.open(info, "w") as entry:
        for piece in item.pieces():
            digest.update(piece)
            entry.write(piece)
    if digest.hexdigest() == item.sha256:
        return
    path = item.source if isinstance(item.source, Path) else Path(item.name)
    if item.name.startswith(BLOBS):
        store.set_aside(path, "its digest is another")
        raise DamagedError(
            "a stored file is damaged; it was set aside",
            where=str(path),
            kept="the project, as it is",
            hint="`kamishibai cache verify --repair` makes it again; then pack again",
        )
    raise StoreError(
        "the file changed while it was packed",
        where=str(path),
        kept="the project, as it is",
        hint="pack again",
    )
