"""Finds the checkpoint that a name means on this machine, and refuses what cannot or must not be loaded.

A name is a preset (``sdxl``), a folder or a ``.safetensors`` file, or a hub id (``org/name`` or ``org/name@revision``)
that the Hugging Face cache holds. Nothing here imports torch or opens a connection.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kamishibai.documents.frozen import Frozen, canonical_json
from kamishibai.errors import ModelError, UnknownModelError, UnsupportedError, UsageError
from kamishibai.models.base import Licence
from kamishibai.weights import layout, strangers
from kamishibai.weights.digests import file_digest
from kamishibai.weights.families import Family, family_of, unfit
from kamishibai.weights.licences import licence_named
from kamishibai.weights.places import hub_cache, is_commit, repo_folder, snapshot
from kamishibai.weights.presets import Preset, nearest, preset, presets
from kamishibai.weights.refine import refined

__all__ = ["MAKES", "Checkpoint", "digest", "file_digest", "files_of", "flag_for", "licence_of", "locate"]


class Checkpoint(Frozen):
    """Weights that are on this machine, whole, safe and fit for the job."""

    name: str
    """What the user typed."""
    kind: str
    preset: Preset | None = None
    repo: str | None = None
    revision: str = ""
    """The commit, for what came from the hub's cache."""
    path: Path
    """A pipeline's folder, or one .safetensors file."""
    single_file: bool = False
    pipeline: str = ""
    """Class name from ``model_index.json``; empty for single files."""
    family: Family
    """With native size and frame count as this checkpoint's own configs have them."""
    variant: str = ""
    """``fp16`` when those files are the ones to load."""
    weights_mb: int
    """Size of the files that would be loaded, as they are stored."""
    half_mb: int = 0
    """Size of their tensors in half precision, which is what a memory plan reckons with: some repos store float32."""
    missing: tuple[str, ...] = ()
    """Components that the pipeline lists and can do without, and that are not there (the safety checker)."""


_HUB_ID = re.compile(
    r"(?P<repo>[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95})(?:@(?P<revision>[A-Za-z0-9][\w.-]*(?:/\w[\w.-]*)*))?"
)


def locate(name: str, kind: str, families: Sequence[str] = ()) -> Checkpoint:
    """Return the checkpoint that `name` means, for a job of `kind` (``picture``, ``motion`` or ``sound``).

    Parameters
    ----------
    families
        Names of the families that the asking back-end can run; empty: every family of the kind.

    Raises
    ------
    UsageError
        For a name that cannot name anything.
    UnknownModelError
        When it is not on this machine, with the command that fetches it, or the nearest preset.
    UnsupportedError
        When it is a model for another job, with the option that takes it.
    ModelError
        When it is damaged, incomplete, a pickle, or brings its own code; the file is named.
    """
    if not name.strip() or "\0" in name or len(name) > 4096:
        raise UsageError(
            f"{name[:40]!r} names no checkpoint",
            hint=f"a preset ({_names(kind)}), a folder, or a hub id org/name",
        )
    known = preset(name)
    if known is not None:
        return _from_hub(name, kind, known.repo, known.revision, known, families)
    path = _as_path(name)
    if path is not None:
        return _from_path(name, kind, path, families)
    hub = _HUB_ID.fullmatch(name)
    if hub is not None and not _looks_like_path(name):
        return _from_hub(name, kind, hub["repo"], hub["revision"] or "main", None, families)
    raise _unknown(name, kind)


def _as_path(name: str) -> Path | None:
    """Return the file or folder that `name` is, if there is one."""
    try:
        path = Path(name).expanduser()
        return path if path.exists() else None
    except PermissionError as error:
        raise ModelError(
            "cannot be read: permission denied", where=name, hint="check the permissions of its folders"
        ) from error
    except (OSError, RuntimeError, ValueError):
        return None


def _looks_like_path(name: str) -> bool:
    return name.startswith((".", "/", "~")) or "\\" in name or bool(re.match(r"[A-Za-z]:", name))


def _unknown(name: str, kind: str) -> UnknownModelError:
    if _looks_like_path(name) or name.endswith(".safetensors"):
        return UnknownModelError(
            "there is no such file or folder", where=name, hint="check the path; `~` is your home folder"
        )
    address = re.match(r"(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co)/([^/\s]+/[^/\s?#]+)", name)
    if address:
        return UnknownModelError(f"{name!r} is an address", hint=f"name the repo alone: {address[1]}")
    near = nearest(name, kind) or nearest(name)
    return UnknownModelError(
        f"there is no preset and no folder {name!r}",
        hint=(f"did you mean {near!r}? " if near else "")
        + f"presets: {_names(kind)}; or a folder, a .safetensors file or a hub id org/name",
    )


def _names(kind: str) -> str:
    return ", ".join(one.name for one in presets(kind))


# ------------------------------------------------------------------------------------------ the hub's cache
def _from_hub(
    name: str, kind: str, repo: str, revision: str, known: Preset | None, families: Sequence[str]
) -> Checkpoint:
    if known is not None and (known.kind != kind or (families and known.family not in families)):
        raise _wrong_job(name, known.family, known.kind, families if known.kind == kind else ())
    try:
        folder = snapshot(repo, revision)
    except OSError as error:
        raise ModelError(
            f"the cache cannot be read: {error.strerror or error}",
            where=str(repo_folder(repo)),
            hint="check its permissions, or name another in HF_HOME",
        ) from error
    if folder is None:
        at = "" if revision == "main" else f"@{revision}"
        size = f" ({known.download_mb:,} MB)" if known and known.download_mb else ""
        near = None if known else nearest(repo.split("/")[1], kind)
        raise UnknownModelError(
            f"the weights of {name!r} are not on this machine"
            + (f" ({repo}{at})" if known else f" (looked in {hub_cache()})"),
            hint=f"`kamishibai models pull {name}` fetches them{size}"
            + (f"; there is also the preset {near!r}" if near else ""),
        )
    found = _from_folder(name, kind, folder, known, families)
    return found.model_copy(update={"repo": repo, "revision": folder.name if is_commit(folder.name) else ""})


# ------------------------------------------------------------------------------------------ folders and files
def _from_path(name: str, kind: str, path: Path, families: Sequence[str]) -> Checkpoint:
    path = path.absolute()
    if path.is_dir():
        return _from_folder(name, kind, path, None, families)
    if path.suffix != ".safetensors":
        raise strangers.not_weights(path)
    family = strangers.family_of_file(path)
    _check_job(name, kind, family, families)
    return Checkpoint(
        name=name,
        kind=kind,
        path=path,
        single_file=True,
        family=family,
        weights_mb=_megabytes([path]),
        half_mb=-(-layout.check_headers([path]) // 1_000_000),
    )


def _from_folder(
    name: str, kind: str, folder: Path, known: Preset | None, families: Sequence[str]
) -> Checkpoint:
    try:
        return _read_folder(name, kind, folder, known, families)
    except OSError as error:
        raise ModelError(
            f"cannot be read: {error.strerror or error}",
            where=str(error.filename or folder),
            hint="check that you may read the folder",
        ) from error


def _read_folder(
    name: str, kind: str, folder: Path, known: Preset | None, families: Sequence[str]
) -> Checkpoint:
    if not (folder / layout.INDEX).exists():
        raise strangers.not_a_pipeline(folder)
    index = layout.read_json(folder / layout.INDEX)
    layout.refuse_escapes(folder)
    layout.refuse_foreign_code(folder, index)
    class_name = str(index["_class_name"])
    family = family_of(class_name)
    if family is None:
        raise _unfit_class(class_name, folder, kind)
    _check_job(name, kind, family, families)
    variant = _variant(folder, index, known)
    files = layout.loaded_files(folder, index, variant)
    half = layout.check_headers(files)
    return Checkpoint(
        name=name,
        kind=kind,
        preset=known,
        path=folder,
        pipeline=class_name,
        family=refined(family, folder, index),
        variant=variant,
        weights_mb=_megabytes([path for path in files if path.suffix == ".safetensors"]),
        half_mb=-(-half // 1_000_000),
        missing=tuple(
            sorted(w for w in layout.WITHOUT & set(layout.components(index)) if not (folder / w).is_dir())
        ),
    )


def _megabytes(files: Sequence[Path]) -> int:
    return -(-sum(path.stat().st_size for path in files) // 1_000_000)


def _variant(folder: Path, index: dict[str, Any], known: Preset | None) -> str:
    """Return ``fp16`` when some component has nothing else, or when the preset wants it and it is there."""
    there = [set(layout.variants(folder / name)) for name in layout.components(index)]
    there = [names for names in there if names]
    if any("" not in names and "fp16" in names for names in there):
        return "fp16"
    wanted = known.variant if known else ""
    return wanted if wanted and any(wanted in names for names in there) else ""


# ------------------------------------------------------------------------------------------ the right job
_BACKENDS = ("svd", "modelscope", "ltx", "wan")


def flag_for(family: str, kind: str, name: str) -> str:
    """Return the option of the command line that takes a checkpoint of this family."""
    if kind == "picture":
        return f"--picture diffusers:{name}"
    if kind != "motion":
        return f"--{kind} {family}:{name}"
    return f"--motion {family if family in _BACKENDS else 'diffusers'}:{name}"


def _check_job(name: str, kind: str, family: Family, families: Sequence[str]) -> None:
    if family.kind != kind or (families and family.name not in families):
        raise _wrong_job(name, family.name, family.kind, families if family.kind == kind else ())


MAKES = {
    "picture": "draws pictures", "motion": "makes clips", "sound": "makes sounds", "voice": "speaks", "ear": "listens",
    "music": "makes music", "text": "writes", "eye": "compares pictures and words", "critic": "judges pictures",
}  # fmt: skip
"""What models of each kind do, in words."""


def _wrong_job(name: str, family: str, kind: str, families: Sequence[str] = ()) -> UnsupportedError:
    makes = MAKES.get(kind, f"is a model for {kind}")
    other = f", and this back-end runs {', '.join(families)}" if families else ""
    return UnsupportedError(
        f"{name!r} {makes} ({family}){other}", hint=f"use `{flag_for(family, kind, name)}`"
    )


def _unfit_class(class_name: str, folder: Path, kind: str) -> UnsupportedError:
    why = unfit(class_name)
    if why:
        return UnsupportedError(
            f"{class_name} {why}", where=str(folder / layout.INDEX), hint=f"presets that fit: {_names(kind)}"
        )
    known = [name for one in presets(kind) for name in _classes(one.family)]
    near = difflib.get_close_matches(class_name, known, 1)
    return UnsupportedError(
        f"{class_name} is no pipeline for pictures, clips or sounds that Kamishibai knows",
        where=str(folder / layout.INDEX),
        hint=(f"the nearest that it knows is {near[0]}; " if near else "") + f"presets: {_names(kind)}",
    )


def _classes(family: str) -> tuple[str, ...]:
    from kamishibai.weights.families import family_named

    found = family_named(family)
    return found.pipelines if found else ()


# ------------------------------------------------------------------------------------------ identity and terms
def files_of(checkpoint: Checkpoint) -> list[Path]:
    """Return every file of the checkpoint that would be loaded. Raises ModelError when one is gone."""
    if checkpoint.single_file:
        return [checkpoint.path]
    index = layout.read_json(checkpoint.path / layout.INDEX)
    return layout.loaded_files(checkpoint.path, index, checkpoint.variant)


def digest(checkpoint: Checkpoint) -> str:
    """Return SHA-256 over the relative names and digests of every file that would be loaded, in hex.

    A folder that moved keeps its digest, and so does a single file that was renamed.
    """
    if checkpoint.single_file:
        parts = [("", file_digest(checkpoint.path))]
    else:
        parts = [(p.relative_to(checkpoint.path).as_posix(), file_digest(p)) for p in files_of(checkpoint)]
    return hashlib.sha256(canonical_json(sorted(parts))).hexdigest()


def licence_of(checkpoint: Checkpoint) -> Licence:
    """Return the terms: the preset's, else those of the README's front matter, else unknown and not commercial."""
    if checkpoint.preset is not None:
        return checkpoint.preset.licence
    folder = checkpoint.path.parent if checkpoint.single_file else checkpoint.path
    same = [one for one in presets() if one.repo == checkpoint.repo]
    if same:
        return same[0].licence
    card = strangers.front_matter(folder / "README.md")

    def said(field: str) -> str:
        value = card.get(field)
        return value if isinstance(value, str) else ""

    named = said("license")
    if named == "other" or not named:
        named = said("license_name") or named
    source = said("license_link")
    if not source.startswith("https://"):
        source = f"https://huggingface.co/{checkpoint.repo}" if checkpoint.repo else str(folder)
    return licence_named(named, source)
