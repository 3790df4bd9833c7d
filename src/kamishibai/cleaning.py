"""Cleaning: what the cache holds and for whom, and how it gets smaller without taking anything from a film."""

from __future__ import annotations

import contextlib
import re
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from kamishibai.disk import PART, remove_parts
from kamishibai.documents.frozen import Frozen
from kamishibai.documents.ref import Ref
from kamishibai.errors import Cancelled, KamishibaiError, StoreError
from kamishibai.project import HIDDEN, Project
from kamishibai.work.events import Event, Listener, nobody
from kamishibai.work.key import file_hash
from kamishibai.work.presence import Presence, alone
from kamishibai.work.records import Record
from kamishibai.work.repair import Mended, rebuild, verify
from kamishibai.work.roots import Root, forget_root, roots
from kamishibai.work.sealed import BrokenSeal
from kamishibai.work.store import SCRATCH, Damage, Store

__all__ = ["CheckUp", "Cleaned", "MakerUse", "ProjectUse", "Use", "check_up", "clean", "keep_under", "usage"]

GB = 1_000_000_000
PREVIEWS = "kamishibai-*.png"
_SET_ASIDE = re.compile(r"[0-9a-f]{64}(\.json)?")
DAY_S = 24 * 3600


class ProjectUse(Frozen):
    """What one project's results take."""

    folder: Path
    there: bool
    """False when the folder is gone."""
    results: int
    size: int
    """Bytes; what several projects share counts for each."""
    seconds: float
    """What making it took."""


class MakerUse(Frozen):
    """What the results of one maker take."""

    maker: str
    results: int
    size: int
    seconds: float


class Use(Frozen):
    """What a cache folder holds."""

    folder: Path
    results: int
    size: int
    """Bytes of results and their files, each once."""
    seconds: float
    rest: int
    """Bytes that belong to no result: unfinished, damaged and orphaned files, previews."""
    projects: tuple[ProjectUse, ...]
    unused: ProjectUse
    """What no project refers to."""
    makers: tuple[MakerUse, ...]


class Cleaned(Frozen):
    """What a clean-up deleted, or would delete."""

    folder: Path
    results: int
    size: int
    """Bytes, those of the rest included."""
    seconds: float
    """What making these results took: what it would take to have them again."""
    rest: int
    """Bytes of unfinished, damaged and orphaned files, and previews."""
    kept: int
    """Results that stay."""
    kept_size: int
    gone: tuple[Path, ...] = ()
    """Projects that are not there any more; their results count as unused."""
    done: bool = False


class _Shelf:
    """Every record of a store, and who refers to it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.records: dict[str, Record] = {}
        self.foreign: dict[str, list[Ref]] = {}
        """What records of another version of Kamishibai refer to."""
        self.broken: list[Path] = []
        """Damaged records."""
        self.used: dict[str, float] = {}
        _refuse_file(store.root)
        for key in store.result_keys():
            found = store.peek(key)
            if isinstance(found, Record):
                self.records[key] = found
                with contextlib.suppress(OSError):
                    self.used[key] = store.result(key).stat().st_mtime
            elif found is None:
                self.broken.append(store.result(key))
            else:
                self.foreign[key] = found
        self.roots = _roots(store.root)
        self.gone = [one for one in self.roots if one.is_gone(HIDDEN)]
        gone = {one.folder for one in self.gone}
        claims = {one.folder: set(one.keys) | Project(one.folder).keys() for one in self.roots}
        self.claims = {folder: keys & self.records.keys() for folder, keys in claims.items()}
        there = {key for folder, keys in claims.items() if folder not in gone for key in keys}
        self.unclaimed = self.foreign.keys() - there
        """Records of another version that no project refers to."""

    def live(self) -> set[str]:
        """Return the keys that a project refers to."""
        gone = {one.folder for one in self.gone}
        return {key for folder, keys in self.claims.items() if folder not in gone for key in keys}

    def size(self, keys: Iterable[str]) -> int:
        """Return the bytes of results and their files, each file once."""
        keys = list(keys)
        blobs = {ref.sha256: ref.size for key in keys for ref in self.records[key].refs()}
        return sum(blobs.values()) + sum(_size(self.store.result(key)) for key in keys)

    def seconds(self, keys: Iterable[str]) -> float:
        """Return what making results took."""
        return round(sum(self.records[key].seconds for key in keys), 3)

    def blobs(self, keys: Iterable[str]) -> set[str]:
        """Return the digests of all that results are and are made from, and of what another version's are."""
        found = {ref.sha256 for key in self.foreign.keys() - self.unclaimed for ref in self.foreign[key]}
        for key in keys:
            found |= {ref.sha256 for ref in (*self.records[key].refs(), *self.records[key].needs())}
        return found

    def project(self, folder: Path, keys: Iterable[str], there: bool = True) -> ProjectUse:
        """Return what some results take."""
        keys = list(keys)
        return ProjectUse(
            folder=folder, there=there, results=len(keys), size=self.size(keys), seconds=self.seconds(keys)
        )


def _roots(root: Path) -> list[Root]:
    try:
        return roots(root)
    except BrokenSeal as error:
        raise StoreError(
            f"the note of a project is damaged, so nobody knows what it refers to: {error}",
            where=str(root / "roots"),
            kept="everything",
            hint="delete that file, then run `kamishibai make PROJECT` once in every project that you want to keep",
        ) from error


def _refuse_file(root: Path) -> None:
    if root.exists() and not root.is_dir():
        raise StoreError(
            "the cache is not a folder",
            where=str(root),
            kept="everything",
            hint="choose another with --cache",
        )


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def usage(store: Store) -> Use:
    """Return what a cache folder holds, for which projects and by which makers. Nothing is locked or changed.

    Raises
    ------
    StoreError
        When a file cannot be read.
    """
    shelf = _Shelf(store)
    live = shelf.live()
    gone = {one.folder for one in shelf.gone}
    makers: dict[str, list[str]] = {}
    for key, record in shelf.records.items():
        makers.setdefault(record.maker, []).append(key)
    by_maker = [
        MakerUse(maker=maker, results=len(keys), size=shelf.size(keys), seconds=shelf.seconds(keys))
        for maker, keys in makers.items()
    ]
    return Use(
        folder=store.root,
        results=len(shelf.records),
        size=shelf.size(shelf.records),
        seconds=shelf.seconds(shelf.records),
        rest=sum(_size(path) for path in _rest(shelf, set(shelf.records))),
        projects=tuple(
            shelf.project(folder, keys, folder not in gone) for folder, keys in shelf.claims.items()
        ),
        unused=shelf.project(store.root, shelf.records.keys() - live),
        makers=tuple(sorted(by_maker, key=lambda one: -one.size)),
    )


def clean(
    store: Store,
    *,
    unused_days: float = 0,
    most_gb: float | None = None,
    dry: bool = False,
    but: Presence | None = None,
) -> Cleaned:
    """Delete results that no project refers to, and all that belongs to no result.

    Parameters
    ----------
    unused_days
        Only results that were not used for so many days.
    most_gb
        Only until the cache is no larger than this; what was used longest ago goes first.
    dry
        Delete nothing, only say what would be.
    but
        The caller's own presence in the cache.

    Raises
    ------
    BusyProjectError
        When films are being made with this cache.
    StoreError
        When a file cannot be read or deleted.
    """
    if dry or not store.root.exists() or (store.root.is_dir() and not any(store.root.iterdir())):
        return _clean(store, unused_days, most_gb, True)
    with alone(store.root, but):
        return _clean(store, unused_days, most_gb, dry)


def _clean(store: Store, unused_days: float, most_gb: float | None, dry: bool) -> Cleaned:
    shelf = _Shelf(store)
    now = time.time()
    idle = [
        key
        for key in shelf.records.keys() - shelf.live()
        if now - shelf.used.get(key, 0.0) >= unused_days * DAY_S
    ]
    idle.sort(key=lambda key: (shelf.used.get(key, 0.0), key))
    going = idle if most_gb is None else _until(shelf, idle, most_gb * GB)
    staying = shelf.records.keys() - set(going)
    rest = _rest(shelf, staying)
    needed = shelf.blobs(staying)
    blobs = {path for path in store.blobs() if path.name not in needed}
    rest_size = sum(_size(path) for path in rest if path not in blobs)
    size = rest_size + sum(_size(path) for path in blobs) + sum(_size(store.result(key)) for key in going)
    if not dry:
        # Records first: one without its files would only be made again, files without a record are found here.
        _delete([store.result(key) for key in going])
        _delete([*blobs, *rest])
        _sweep(store.root)
        for one in shelf.gone:
            with contextlib.suppress(OSError):
                forget_root(store.root, one.folder)
        for one in shelf.roots:
            _sweep_project(one.folder)
    return Cleaned(
        folder=store.root,
        results=len(going),
        size=size,
        seconds=shelf.seconds(going),
        rest=rest_size,
        kept=len(staying),
        kept_size=shelf.size(staying),
        gone=tuple(one.folder for one in shelf.gone),
        done=not dry,
    )


def _until(shelf: _Shelf, idle: list[str], most: float) -> list[str]:
    """Return the first of `idle` that have to go for the rest to fit into `most` bytes."""
    holders: dict[str, int] = {}
    sizes: dict[str, int] = {}
    for record in shelf.records.values():
        for ref in record.refs():
            holders[ref.sha256] = holders.get(ref.sha256, 0) + 1
            sizes[ref.sha256] = ref.size
    size = shelf.size(shelf.records)
    going = []
    for key in idle:
        if size <= most:
            break
        going.append(key)
        size -= _size(shelf.store.result(key))
        for ref in shelf.records[key].refs():
            holders[ref.sha256] -= 1
            if not holders[ref.sha256]:
                size -= sizes[ref.sha256]
    return going


def _rest(shelf: _Shelf, staying: set[str]) -> list[Path]:
    """Return the files of a cache that belong to no result."""
    root = shelf.store.root
    # By name, and nowhere else: somebody may have a folder of his own named as a cache.
    found = [path for folder in (root / "scratch").glob(f"{SCRATCH}*") for path in folder.rglob("*")]
    found += (root / "previews").glob(PREVIEWS)
    found += [path for path in (root / "damaged").glob("*") if _SET_ASIDE.fullmatch(path.name)]
    found += root.glob(f"{PART}*")
    for name in ("results/??", "blobs/??", "roots", "previews"):
        found += root.glob(f"{name}/{PART}*")
    found += [*shelf.broken, *(shelf.store.result(key) for key in shelf.unclaimed)]
    known = shelf.blobs(staying)
    found += [path for path in shelf.store.blobs() if path.name not in known]
    return sorted({path for path in found if path.is_file() or path.is_symlink()})


def _delete(paths: Iterable[Path]) -> None:
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(
                f"cannot be deleted: {error.strerror}",
                where=str(path),
                hint="check the folder's permissions, then run the same command again",
            ) from error


def _sweep(root: Path) -> None:
    """Delete folders that are empty now."""
    for folder in (root / "scratch").glob(f"{SCRATCH}*"):
        shutil.rmtree(folder, ignore_errors=True)
    mine = [root / name for name in ("scratch", "previews", "damaged")]
    for path in [*mine, *(root / "results").glob("??"), *(root / "blobs").glob("??")]:
        with contextlib.suppress(OSError):  # not empty
            path.rmdir()


def _sweep_project(folder: Path) -> None:
    """Delete what a killed run left unfinished in a project, unless somebody works there."""
    with contextlib.suppress(KamishibaiError, OSError):
        if (folder / HIDDEN).is_dir():
            with Project(folder):
                remove_parts(folder)


class CheckUp(Frozen):
    """What a look at every stored file found, and what came of mending it."""

    folder: Path
    results: int
    blobs: int
    size: int
    """Bytes that were read."""
    damaged: tuple[Damage, ...]
    films: tuple[Path, ...] = ()
    """Finished files of projects that changed without having been written to."""
    mended: tuple[Mended, ...] = ()
    """Empty unless that was asked for."""

    @property
    def whole(self) -> bool:
        """Whether every file is as it was written."""
        return not self.damaged and not self.films


def check_up(
    store: Store, *, repair: bool = False, listen: Listener = nobody, stop: Callable[[], bool] = lambda: False
) -> CheckUp:
    """Read every file of a cache and the finished files of its projects; set aside what is damaged.

    Parameters
    ----------
    repair
        Make again what is damaged or missing. A result whose own record is damaged is not known any more: the next
        film that asks for it makes it.

    Raises
    ------
    StoreError
        When a file is there and cannot be read.
    Cancelled
        When asked to stop.
    """

    def tell(done: float) -> None:
        listen(Event(event="progress", stage="verify", done=done))
        if stop():
            raise Cancelled("stopped", kept="everything", hint="run the same command again")

    _refuse_file(store.root)
    listen(Event(event="stage", stage="verify", total=1))
    found = verify(store, tell)
    films = [path for one in _known_roots(store.root) for path in _spoiled(one.folder)]
    mended: list[Mended] = []
    if repair:
        for path in films:
            with contextlib.suppress(OSError):
                path.replace(path.with_name(f"{path.name}.damaged"))
        presence = Presence(store.root)
        presence.enter()
        try:
            mended = rebuild(store, listen, stop)
        finally:
            presence.leave()
    listen(Event(event="call", stage="verify"))
    return CheckUp(
        folder=store.root,
        results=found.results,
        blobs=found.blobs,
        size=found.size,
        damaged=found.damaged,
        films=tuple(films),
        mended=tuple(mended),
    )


def _known_roots(root: Path) -> list[Root]:
    try:
        return roots(root)
    except BrokenSeal:
        return []  # `gc` refuses then; a look at the other files is still worth it


def _spoiled(folder: Path) -> list[Path]:
    """Return the finished files that are not what was written, though nobody wrote to them since."""
    out = []
    for name, stamp in Project(folder).state().files.items():
        path = folder / name
        try:
            facts = path.stat()
        except OSError:
            continue
        written = (facts.st_size, facts.st_mtime_ns) == (stamp.size, stamp.modified_ns)
        if written and file_hash(path) != stamp.sha256:
            out.append(path)
    return out


def keep_under(store: Store, most_gb: float, but: Presence | None = None) -> list[str]:
    """Keep the cache under a size by deleting what no project refers to; return what there is to say about that."""
    if sum(_size(path) for path in store.blobs()) <= most_gb * GB:
        return []
    try:
        done = clean(store, most_gb=most_gb, but=but)
    except KamishibaiError as error:
        return [f"the cache is over its {most_gb:g} GB and could not be cleaned: {error.what}"]
    told = []
    if done.results:
        told.append(
            f"{done.results} results that no project refers to were deleted to keep the cache under {most_gb:g} GB"
        )
    if done.kept_size > most_gb * GB:
        told.append(
            f"the cache holds {done.kept_size / GB:.2g} GB that projects refer to, more than its {most_gb:g} GB"
        )
    return told
