"""The shelf: which weights are in the shared cache, what they serve, whether they are sound, and how they are removed."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from kamishibai.documents.frozen import Frozen
from kamishibai.errors import KamishibaiError, StoreError, UnknownModelError
from kamishibai.models.base import Licence
from kamishibai.weights import download, layout
from kamishibai.weights.checkpoint import licence_of, locate
from kamishibai.weights.families import family_of
from kamishibai.weights.hub import HubFile, library, what_it_holds
from kamishibai.weights.licences import UNKNOWN, licence_named
from kamishibai.weights.places import hub_cache, repo_folder, snapshots
from kamishibai.weights.presets import Preset, presets
from kamishibai.weights.pull import repo_of
from kamishibai.weights.safe import read_header
from kamishibai.weights.strangers import front_matter

__all__ = ["Finding", "Removal", "Shelf", "Shelved", "removal", "remove", "repair", "shelf", "verify"]


class Shelved(Frozen):
    """One commit of a repo in the cache that Kamishibai can use, or could if it were whole."""

    repo: str
    commit: str
    revisions: tuple[str, ...] = ()
    """Branches and tags that stand for this commit."""
    kind: str = ""
    """``picture`` or ``motion``; empty for an adapter, a LoRA or a checkpoint in one file."""
    pipeline: str = ""
    serves: tuple[str, ...] = ()
    """Presets that load it; an adapter's end in ``(identity)``."""
    licence: Licence = UNKNOWN
    bytes: int
    """On disk; files shared with another commit of the repo count in both."""
    last_used: float | None = None
    """Seconds since 1970; as good as the file system's own record of reading."""
    path: Path
    problem: str = ""
    """Why it cannot be loaded as it is; empty when it can."""


class Shelf(Frozen):
    """What the cache holds."""

    folder: Path
    models: tuple[Shelved, ...] = ()
    unfinished_bytes: int = 0
    """Of downloads that were cut off; a new pull goes on from them."""
    others: int = 0
    """Repos that other programs keep here."""
    others_bytes: int = 0


def shelf() -> Shelf:
    """Return what lies in the cache, broken or whole.

    Raises
    ------
    StoreError
        When the cache cannot be read.
    """
    found: list[Shelved] = []
    others = others_bytes = unfinished = 0
    try:
        for folder in sorted(path for path in hub_cache().glob("*--*") if path.is_dir()):
            repo = folder.name.removeprefix("models--").replace("--", "/", 1)
            mine = _shelved(repo, folder) if folder.name.startswith("models--") else []
            found += mine
            unfinished += sum(_size(path) for path in _partials(folder))
            if not mine and (folder / "snapshots").is_dir():
                others += 1
                others_bytes += sum(_size(path) for path in (folder / "blobs").glob("*"))
    except OSError as error:
        raise StoreError(
            f"the cache cannot be read: {error.strerror or error}",
            where=str(error.filename or hub_cache()),
            hint="check its permissions, or name another in HF_HOME",
        ) from error
    return Shelf(
        folder=hub_cache(),
        models=tuple(found),
        unfinished_bytes=unfinished,
        others=others,
        others_bytes=others_bytes,
    )


def _shelved(repo: str, folder: Path) -> list[Shelved]:
    """Return every commit of a repo that holds a pipeline, or an adapter that a preset names; newest first."""
    names = _revisions(folder)
    found = []
    for path in sorted(snapshots(repo), key=lambda one: -one.stat().st_mtime):
        blobs = {one.resolve() for one in _files(path)}
        used = [one.stat().st_atime for one in blobs if one.is_file()]
        facts: dict[str, Any] = {
            "repo": repo,
            "commit": path.name,
            "revisions": names.get(path.name, ()),
            "bytes": sum(_size(one) for one in blobs),
            "last_used": max(used, default=None),
            "path": path,
        }
        if (path / layout.INDEX).is_symlink() or (path / layout.INDEX).is_file():
            found.append(Shelved(**facts, **_pipeline(repo, path.name, path)))
        elif adapted := _adapted(repo, path):
            adapter = adapted[0].ip_adapter
            serves = tuple(f"{one.name} (identity)" for one in adapted)
            found.append(Shelved(**facts, serves=serves, licence=adapter.licence if adapter else UNKNOWN))
        elif any(path.glob("*.safetensors")) and not (path / "config.json").exists():
            # A LoRA, or a checkpoint in one file; a language model would have a configuration beside it.
            card = front_matter(path / "README.md")
            licence = licence_named(str(card.get("license") or ""), f"https://huggingface.co/{repo}")
            found.append(Shelved(**facts, licence=licence))
    return found


def _adapted(repo: str, path: Path) -> list[Preset]:
    """Return the presets whose IP-Adapter lies in a snapshot of `repo`."""
    return [
        one
        for one in presets()
        if (its := one.ip_adapter) and its.repo == repo and (path / its.subfolder / its.file).is_file()
    ]


def _revisions(folder: Path) -> dict[str, tuple[str, ...]]:
    """Return the branches and tags of a repo by the commit they stand for."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted((folder / "refs").rglob("*")):
        if path.is_file():
            commit = path.read_text(encoding="utf-8", errors="replace").strip()
            name = path.relative_to(folder / "refs").as_posix()
            found[commit] = (*found.get(commit, ()), name)
    return found


def _pipeline(repo: str, commit: str, path: Path) -> dict[str, Any]:
    """Return what is known of a pipeline in the cache, whole or not."""
    try:
        class_name = str(layout.read_json(path / layout.INDEX).get("_class_name"))
    except KamishibaiError as error:
        return {"problem": error.what}
    family = family_of(class_name)
    serves = tuple(one.name for one in presets() if one.repo == repo)
    facts: dict[str, Any] = {"pipeline": class_name, "serves": serves}
    if family is None:
        return {**facts, "problem": f"{class_name} makes neither pictures nor clips here"}
    try:
        checkpoint = locate(f"{repo}@{commit}", family.kind)
    except KamishibaiError as error:
        return {**facts, "kind": family.kind, "problem": error.what}
    return {**facts, "kind": family.kind, "licence": licence_of(checkpoint)}


def _partials(folder: Path) -> list[Path]:
    return [path for path in folder.glob("blobs/*.incomplete") if path.is_file()]


# ------------------------------------------------------------------------------------------ removing
class Removal(Frozen):
    """What removing a name would take away."""

    repo: str
    commits: tuple[str, ...]
    """Empty when there are only the beginnings of a download."""
    bytes: int
    """That come free."""
    whole: bool
    """Nothing of the repo stays."""


def removal(name: str) -> Removal:
    """Return what `remove` would take away for a preset, a repo, or ``org/name@revision``.

    Raises
    ------
    UnknownModelError
        When nothing of that name is in the cache.
    """
    repo, revision, known = repo_of(name)
    folder = repo_folder(repo)
    commits = {path.name: _revisions(folder).get(path.name, ()) for path in snapshots(repo)}
    if not commits and not _partials(folder):
        raise UnknownModelError(
            f"nothing of {name!r} is on this machine" + (f" ({repo})" if known else ""),
            where=str(hub_cache()),
            hint="`kamishibai models ls` shows what is",
        )
    wanted = set(commits)
    if known is None and "@" in name:
        wanted = {commit for commit, names in commits.items() if revision in (commit, *names)}
        if not wanted:
            raise UnknownModelError(
                f"{repo} is here, but not at {revision!r}",
                where=str(folder),
                hint="`kamishibai models ls` shows the revisions that are",
            )
    whole = wanted == set(commits)
    kept = {path for commit in set(commits) - wanted for path in _blobs(folder, commit)}
    freed = {path for commit in wanted for path in _blobs(folder, commit)} - kept
    if whole:
        freed |= {path for path in (folder / "blobs").glob("*") if path.is_file()}
    return Removal(
        repo=repo, commits=tuple(sorted(wanted)), bytes=sum(_size(path) for path in freed), whole=whole
    )


def _blobs(folder: Path, commit: str) -> set[Path]:
    return {path.resolve() for path in _files(folder / "snapshots" / commit)}


def remove(planned: Removal) -> None:
    """Take away what was planned; other programs lose it too. Raises StoreError when something stays.

    Raises
    ------
    BusyProjectError
        While it is being downloaded.
    """
    folder = repo_folder(planned.repo)
    hub = library()
    with download.alone(planned.repo):
        info = hub.scan_cache_dir(hub_cache())
        known = {str(one.commit_hash) for repo in info.repos for one in repo.revisions}
        # The library leaves out repos with broken links; those go as a whole or not at all.
        if known >= set(planned.commits):
            info.delete_revisions(*planned.commits).execute()
        if planned.whole and folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)
    left = [commit for commit in planned.commits if (folder / "snapshots" / commit).exists()]
    if left or (planned.whole and folder.exists()):
        raise StoreError(
            f"not all of {planned.repo} could be removed",
            where=str(folder),
            hint="check the folder's permissions, or whether a program still uses it",
        )


# ------------------------------------------------------------------------------------------ verifying
class Finding(Frozen):
    """What a check found about one file."""

    repo: str
    commit: str
    file: str
    """Path inside the repo."""
    path: Path
    size: int
    state: Literal["sound", "damaged", "gone", "unknown"]
    """``unknown``: it is no file that a pull left, so there is no hash to compare with."""
    why: str = ""


_HASH = re.compile(r"[0-9a-f]{64}|[0-9a-f]{40}")


def verify(
    name: str | None = None, report: Callable[[str, int, int], None] = lambda file, done, total: None
) -> list[Finding]:
    """Read every file of a model, or of the whole shelf, and compare it with the hash it had on the hub.

    Parameters
    ----------
    report
        Told the file in hand, the bytes read and the bytes there are; raises Cancelled to stop.

    Raises
    ------
    UnknownModelError
        When nothing of that name is in the cache.
    """
    wanted = _wanted(name)
    files = [(one, path) for one in wanted for path in _files(one.path)]
    total = sum(_size(path) for path in {_blob(path) for _, path in files})
    done = 0
    found = []
    judged: dict[Path, tuple[str, str]] = {}  # two commits may share a blob
    for one, path in files:

        def arrived(count: int, path: Path = path) -> None:
            nonlocal done
            done += count
            report(path.name, min(done, total), total)

        blob = _blob(path)
        if blob not in judged:
            judged[blob] = _judge(blob, arrived)
        state, why = judged[blob]
        found.append(
            Finding(
                repo=one.repo,
                commit=one.commit,
                file=path.relative_to(one.path).as_posix(),
                path=path,
                size=_size(path),
                state=state,  # type: ignore[arg-type]
                why=why,
            )
        )
    return found


def _wanted(name: str | None) -> list[Shelved]:
    models = shelf().models
    if name is None:
        return list(models)
    repo, revision, known = repo_of(name)
    mine = [one for one in models if one.repo == repo]
    if known is None and "@" in name:
        mine = [one for one in mine if revision in (one.commit, *one.revisions)]
    if not mine:
        raise UnknownModelError(
            f"nothing of {name!r} is on this machine",
            where=str(hub_cache()),
            hint=f"`kamishibai models pull {name}` fetches it",
        )
    return mine


def _files(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_symlink() or path.is_file())


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0


def _blob(path: Path) -> Path:
    """Return what a file of a snapshot links to: its blob, whose name is its hash, itself perhaps a link to a store."""
    if not path.is_symlink():
        return path
    return Path(os.path.normpath(path.parent / os.readlink(path)))  # noqa: PTH115


def _judge(real: Path, arrived: Callable[[int], None]) -> tuple[str, str]:
    """Return state and reason of one blob, by the hash that is its name."""
    if not real.is_file():
        return "gone", "the file behind the link is not there"
    try:
        if not (real.parent.name == "blobs" and _HASH.fullmatch(real.name)):
            if real.suffix == ".safetensors":
                read_header(real)
            return "unknown", "it lies here without its hash"
        size = real.stat().st_size
        sha256 = real.name if len(real.name) == 64 else ""
        file = HubFile(name=real.name, size=size, sha256=sha256, blob_id="" if sha256 else real.name)
        if not download.matches(real, file, arrived):
            return "damaged", "its content is not what the hub has under this hash"
    except KamishibaiError as error:
        return "damaged", error.what
    except OSError as error:
        return "damaged", f"it cannot be read: {error.strerror or error}"
    return "sound", ""


def repair(
    findings: Iterable[Finding],
    report: Callable[[str, int, int], None] = lambda file, done, total: None,
    *,
    offline: bool = False,
) -> list[Finding]:
    """Fetch what is damaged or gone again, at the same commit; return what was mended.

    Raises
    ------
    KamishibaiError
        When the hub cannot be asked, or no longer has the file.
    """
    broken = [one for one in findings if one.state in ("damaged", "gone")]
    held: dict[tuple[str, str], dict[str, HubFile]] = {}
    for one in broken:
        at = (one.repo, one.commit)
        if at not in held:
            held[at] = {file.name: file for file in what_it_holds(*at, offline=offline).files}
        if one.file not in held[at]:
            raise UnknownModelError(
                f"the hub no longer has {one.file}",
                where=f"{one.repo}@{one.commit}",
                hint=f"`kamishibai models rm {one.repo}`, then `kamishibai models pull {one.repo}`",
            )
    total = sum(held[one.repo, one.commit][one.file].size for one in broken)
    done = 0
    for one in broken:

        def arrived(count: int, name: str = one.file) -> None:
            nonlocal done
            done += count
            report(name, min(max(done, 0), total), total)

        with download.alone(one.repo):
            real = one.path.resolve()
            if hub_cache().resolve() in real.parents:  # a link that leads elsewhere is cut, not followed
                real.unlink(missing_ok=True)
            one.path.unlink(missing_ok=True)
            download.fetch(one.repo, one.commit, held[one.repo, one.commit][one.file], arrived)
    return broken
