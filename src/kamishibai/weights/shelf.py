"""The shelf: which weights are in the shared cache, what they serve, and how they are removed."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from kamishibai.documents.frozen import Frozen
from kamishibai.errors import KamishibaiError, StoreError, UnknownModelError
from kamishibai.models.base import Licence
from kamishibai.weights import converted, download, layout, pretrained
from kamishibai.weights.checkpoint import licence_of, locate
from kamishibai.weights.families import family_of
from kamishibai.weights.hub import library
from kamishibai.weights.licences import UNKNOWN, licence_named
from kamishibai.weights.offers import repo_of
from kamishibai.weights.places import converted_cache, hub_cache, repo_folder, snapshots
from kamishibai.weights.presets import Preset, presets
from kamishibai.weights.strangers import front_matter

__all__ = ["Removal", "Shelf", "Shelved", "files_in", "removal", "removal_of", "remove", "shelf", "size_of"]


class Shelved(Frozen):
    """One commit of a repo in the cache that Kamishibai can use, or could if it were whole."""

    repo: str
    commit: str
    revisions: tuple[str, ...] = ()
    """Branches and tags that stand for this commit."""
    kind: str = ""
    """``picture``, ``voice`` …; empty for an adapter, a LoRA or a checkpoint in one file."""
    pipeline: str = ""
    """Class of a pipeline, or type of a model of transformers: ``bark``."""
    converted: bool = False
    """It was a pickle, and was converted on this machine; it lies in this program's own folder."""
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
            unfinished += sum(size_of(path) for path in _partials(folder))
            if not mine and (folder / "snapshots").is_dir():
                others += 1
                others_bytes += sum(size_of(path) for path in (folder / "blobs").glob("*"))
        for repo in converted.repos():
            found += _converted(repo)
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
        blobs = {one.resolve() for one in files_in(path)}
        used = [one.stat().st_atime for one in blobs if one.is_file()]
        facts: dict[str, Any] = {
            "repo": repo,
            "commit": path.name,
            "revisions": names.get(path.name, ()),
            "bytes": sum(size_of(one) for one in blobs),
            "last_used": max(used, default=None),
            "path": path,
        }
        if (path / layout.INDEX).is_symlink() or (path / layout.INDEX).is_file():
            found.append(Shelved(**facts, **_pipeline(repo, path.name, path)))
        elif known := _pretrained(repo, path):
            found.append(Shelved(**facts, **known))
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


def _converted(repo: str) -> list[Shelved]:
    """Return every commit of a repo that was converted on this machine."""
    names = _revisions(converted.folder_of(repo))
    found = []
    for path in converted.commits(repo):
        files = files_in(path)
        used = max((one.stat().st_atime for one in files if one.is_file()), default=None)
        found.append(
            Shelved(
                repo=repo,
                commit=path.name,
                revisions=names.get(path.name, ()),
                converted=True,
                bytes=sum(size_of(one) for one in files),
                last_used=used,
                path=path,
                **(_pretrained(repo, path) or {"problem": "its config.json is gone"}),
            )
        )
    return found


def _pretrained(repo: str, path: Path) -> dict[str, Any]:
    """Return what is known of a model of transformers, whole or not; empty when no back-end here runs it."""
    if not (path / pretrained.CONFIG).is_file():
        return {}
    try:
        config = layout.read_json(path / pretrained.CONFIG)
    except KamishibaiError:
        return {}
    backend = pretrained.backend_of(config, [one.name for one in path.iterdir()])
    kind = (backend or pretrained.PART_OF.get(str(config.get("model_type")), "")).partition(":")[0]
    if not kind:
        return {}
    serves = tuple(one.name for one in presets() if one.repo == repo or repo in one.beside)
    facts: dict[str, Any] = {"kind": kind, "pipeline": str(config.get("model_type") or ""), "serves": serves}
    try:
        # By its folder: the name of the repo could lead to what was converted in its place.
        found = pretrained.find(str(path), kind, None)
    except KamishibaiError as error:
        mended = converted_cache() not in path.parents and converted.here(repo, path.name) is not None
        return {**facts, "problem": "" if mended else error.what}
    known = next((one for one in presets() if one.repo == repo), None)
    return {**facts, "licence": pretrained.terms_of(found.model_copy(update={"repo": repo, "preset": known}))}


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


def files_in(folder: Path) -> list[Path]:
    """Return every file of a snapshot, links that lead nowhere among them."""
    return sorted(path for path in folder.rglob("*") if path.is_symlink() or path.is_file())


def size_of(path: Path) -> int:
    """Return the bytes of a file; 0 when it is not there."""
    with suppress(OSError):
        return path.stat().st_size
    return 0


# ------------------------------------------------------------------------------------------ removing
class Removal(Frozen):
    """What removing a name would take away."""

    repo: str
    commits: tuple[str, ...]
    """Empty when there are only the beginnings of a download."""
    converted: tuple[str, ...] = ()
    """Commits that were converted on this machine, and lie in this program's own folder."""
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
    own = {
        path.name: _revisions(converted.folder_of(repo)).get(path.name, ())
        for path in converted.commits(repo)
    }
    if not commits and not own and not _partials(folder):
        raise UnknownModelError(
            f"nothing of {name!r} is on this machine" + (f" ({repo})" if known else ""),
            where=str(hub_cache()),
            hint="`kamishibai models ls` shows what is",
        )
    wanted, made = set(commits), set(own)
    if known is None and "@" in name:
        wanted = {commit for commit, names in commits.items() if revision in (commit, *names)}
        made = {commit for commit, names in own.items() if revision in (commit, *names)}
        if not wanted and not made:
            raise UnknownModelError(
                f"{repo} is here, but not at {revision!r}",
                where=str(folder),
                hint="`kamishibai models ls` shows the revisions that are",
            )
    freed, whole = _freed(folder, wanted, set(commits))
    freed |= {file for commit in made for file in files_in(converted.place_of(repo, commit))}
    return Removal(
        repo=repo,
        commits=tuple(sorted(wanted)),
        converted=tuple(sorted(made)),
        bytes=sum(size_of(path) for path in freed),
        whole=whole and made == set(own),
    )


def removal_of(repo: str, commit: str) -> Removal:
    """Return what `remove` would take away of the hub's cache alone for one commit."""
    freed, whole = _freed(repo_folder(repo), {commit}, {path.name for path in snapshots(repo)})
    return Removal(repo=repo, commits=(commit,), bytes=sum(size_of(path) for path in freed), whole=whole)


def _freed(folder: Path, wanted: set[str], commits: set[str]) -> tuple[set[Path], bool]:
    """Return the files of the cache that come free with `wanted` commits, and whether nothing of the repo stays."""
    whole = wanted == commits
    kept = {path for commit in commits - wanted for path in _blobs(folder, commit)}
    freed = {path for commit in wanted for path in _blobs(folder, commit)} - kept
    if whole:
        freed |= {path for path in (folder / "blobs").glob("*") if path.is_file()}
    return freed, whole


def _blobs(folder: Path, commit: str) -> set[Path]:
    return {path.resolve() for path in files_in(folder / "snapshots" / commit)}


def remove(planned: Removal) -> None:
    """Take away what was planned; other programs lose it too. Raises StoreError when something stays.

    Raises
    ------
    BusyProjectError
        While it is being downloaded.
    """
    folder = repo_folder(planned.repo)
    own = converted.folder_of(planned.repo)
    hub = library()
    with download.alone(planned.repo):
        for commit in planned.converted:
            shutil.rmtree(converted.place_of(planned.repo, commit), ignore_errors=True)
            (own / "records" / f"{commit}.json").unlink(missing_ok=True)
        if planned.converted and not converted.commits(planned.repo):
            shutil.rmtree(own, ignore_errors=True)
        info = hub.scan_cache_dir(hub_cache())
        known = {str(one.commit_hash) for repo in info.repos for one in repo.revisions}
        # The library leaves out repos with broken links; those go as a whole or not at all.
        if known >= set(planned.commits):
            info.delete_revisions(*planned.commits).execute()
        if planned.whole and folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)
    left = [commit for commit in planned.commits if (folder / "snapshots" / commit).exists()]
    left += [commit for commit in planned.converted if converted.place_of(planned.repo, commit).exists()]
    if left or (planned.whole and folder.exists()):
        raise StoreError(
            f"not all of {planned.repo} could be removed",
            where=str(folder if folder.exists() else converted_cache()),
            hint="check the folder's permissions, or whether a program still uses it",
        )
