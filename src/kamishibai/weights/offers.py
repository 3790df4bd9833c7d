"""Says what a pull would bring before anything is fetched: which files, how large, under which terms."""

from __future__ import annotations

import json
import re
from pathlib import Path

from kamishibai.documents.frozen import Frozen
from kamishibai.errors import ModelError, UnknownModelError, UnsupportedError, UsageError
from kamishibai.models.base import Licence
from kamishibai.weights import converted, ct2, download, layout, pretrained
from kamishibai.weights.checkpoint import MAKES
from kamishibai.weights.choose import adapter_files, pipeline_files, pretrained_files
from kamishibai.weights.families import Family, family_of, unfit
from kamishibai.weights.hub import SMALL, Holdings, HubFile, read_small, what_it_holds
from kamishibai.weights.licences import licence_named
from kamishibai.weights.places import is_commit, repo_folder
from kamishibai.weights.presets import IpAdapter, Preset, nearest, preset, presets

__all__ = ["Offer", "Part", "offer", "repo_of"]

_REVISION = re.compile(r"(?!.*\.\.)[A-Za-z0-9][\w./-]{0,200}")
_REPO = re.compile(
    r"(?P<repo>[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95})(?:@(?P<revision>[A-Za-z0-9][\w./-]*))?"
)


class Part(Frozen):
    """What is fetched from one repo."""

    what: str
    """``the pipeline``, ``the model``, ``the file`` (a LoRA, a checkpoint in one file) or ``the IP-Adapter``."""
    repo: str
    revision: str
    commit: str
    files: tuple[HubFile, ...]
    licence: Licence
    pickles: tuple[str, ...] = ()
    """Its pickled weights by name, which are fetched to be converted; empty where it has safetensors."""

    @property
    def converted(self) -> Path | None:
        """Where its pickles were converted to already; None: they were not, or it has none."""
        return converted.here(self.repo, self.commit) if self.pickles else None

    @property
    def pickled_bytes(self) -> int:
        """Bytes of its pickles, and about those of what they become."""
        return sum(file.size for file in self.files if file.name in self.pickles)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def missing(self) -> int:
        """Bytes that are not in the cache yet."""
        return sum(self.left(file) for file in self.files)

    def left(self, file: HubFile) -> int:
        """Return how many bytes of `file` are still to come."""
        if self.converted is not None:
            return 0
        if download.is_whole(self.repo, self.commit, file):
            return 0
        partial = download.partial_path(self.repo, file)
        return max(0, file.size - (partial.stat().st_size if partial.is_file() else 0))


class Offer(Frozen):
    """What a pull would bring, before anything is fetched."""

    name: str
    kind: str = ""
    """``picture``, ``voice`` …; empty for a single file."""
    family: Family | None = None
    """Of a pipeline of diffusers."""
    pipeline: str = ""
    """Class of a pipeline, or type of a model of transformers: ``bark``."""
    backend: str = ""
    """The back-end that runs a model of transformers: ``voice:bark``."""
    half: bool = False
    """Its configuration says that its weights are stored in half precision."""
    preset: Preset | None = None
    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of everything."""
        return sum(part.size for part in self.parts)

    @property
    def missing(self) -> int:
        """Bytes that would be fetched."""
        return sum(part.missing for part in self.parts)

    @property
    def weights_mb(self) -> int:
        """Megabytes of weights in the first part, which is what the back-end loads."""
        first = self.parts[0]
        weights = [
            f for f in first.files if f.name.endswith((".safetensors", ".bin")) or f.name in first.pickles
        ]
        return -(-sum(file.size for file in weights) // 1_000_000)

    @property
    def to_convert(self) -> tuple[Part, ...]:
        """Parts whose weights are pickles that were not converted yet."""
        return tuple(part for part in self.parts if part.pickles and part.converted is None)

    @property
    def folder(self) -> Path:
        """Where it will lie."""
        return repo_folder(self.parts[0].repo)


def repo_of(name: str, kind: str | None = None) -> tuple[str, str, Preset | None]:
    """Return repo, revision and preset for a preset's name or a hub id: ``org/name``, ``org/name@revision``.

    A file after a colon, as in ``org/name:file.safetensors``, is left to `offer`.

    Raises
    ------
    UsageError
        When a name is neither, or names something on this machine.
    UnknownModelError
        When it looks like a preset and is none, with the nearest.
    """
    known = preset(name)
    if known is not None:
        return known.repo, known.revision, known
    found = _REPO.fullmatch(name.partition(":")[0])
    if found and not re.search(r"--|\.\.", name):
        return found["repo"], found["revision"] or "main", None
    if Path(name).expanduser().exists() or "/" in name or "\\" in name:
        raise UsageError(
            f"{name!r} is not on the hub" if Path(name).exists() else f"{name!r} is no name of a repo",
            hint="a repo is OWNER/NAME; a folder or file is used as it is: --picture diffusers:FOLDER",
        )
    near = nearest(name, kind) or nearest(name)
    raise UnknownModelError(
        f"there is no preset {name!r}",
        hint=(f"did you mean {near!r}? " if near else "")
        + f"{_fitting(kind)}; or name a repo of the hub, OWNER/NAME",
    )


def _fitting(kind: str | None) -> str:
    """Return which presets there are of a kind, or, of all kinds, the command that lists them."""
    if kind is None:
        return "`kamishibai models` lists the presets"
    return f"presets that fit: {', '.join(one.name for one in presets(kind))}"


def offer(
    name: str,
    kind: str | None = None,
    *,
    revision: str | None = None,
    with_identity: bool = False,
    offline: bool = False,
) -> Offer:
    """Ask the hub what a pull of `name` would bring; nothing is kept.

    Parameters
    ----------
    name
        A preset, a hub id, or one file of a repo: ``org/name:file.safetensors``.
    kind
        ``picture``, ``voice`` …; None: whatever it is.
    revision
        A branch, tag or commit; None: the preset's, else the one in `name`, else ``main``.
    with_identity
        Bring the preset's IP-Adapter too.

    Raises
    ------
    KamishibaiError
        When it cannot be had, is no model, cannot be loaded safely, or makes something else than `kind`.
    """
    repo, its_revision, known = repo_of(name, kind)
    if revision is not None and not _REVISION.fullmatch(revision):
        raise UsageError(
            f"{revision!r} cannot be a revision", hint="a revision is a branch, a tag or a whole commit"
        )
    held = what_it_holds(repo, revision or its_revision, offline=offline)
    adapter = _adapter(known, name, offline) if with_identity else None
    if ":" not in name and held.file(layout.INDEX) is None and held.file(pretrained.CONFIG) is not None:
        return _pretrained(name, held, kind, known, offline)
    if ":" in name or held.file(layout.INDEX) is None:
        return _single(name, held, kind)
    return _pipeline(name, held, kind, known, adapter)


def _pipeline(
    name: str, held: Holdings, kind: str | None, known: Preset | None, adapter: Part | None
) -> Offer:
    """Return the offer of a pipeline of diffusers, and of the adapter that holds faces with it."""
    index = _index(held)
    class_name = index.get("_class_name")
    choice = pipeline_files(held.files, index, known.variant if known else "", held.repo)
    family = family_of(str(class_name))
    if family is None:
        why = unfit(str(class_name)) or "is no pipeline for pictures, clips or sounds that Kamishibai knows"
        raise UnsupportedError(f"{class_name} {why}", where=held.repo, hint=_fitting(kind))
    if kind not in (None, family.kind):
        raise UnsupportedError(
            f"{name!r} {MAKES[family.kind]}, which is not what {kind} models do",
            where=held.repo,
            hint=f"type `kamishibai models pull {name}`",
        )
    licence, notes = _licence(held, known)
    parts = [_part("the pipeline", held, choice.files, licence)]
    if adapter is not None:
        parts.append(adapter)
    return Offer(
        name=name,
        kind=family.kind,
        family=family,
        pipeline=str(class_name),
        preset=known,
        parts=tuple(parts),
        notes=(*notes, *choice.notes),
    )


def _pretrained(name: str, held: Holdings, kind: str | None, known: Preset | None, offline: bool) -> Offer:
    """Return the offer of a model of transformers, and of the repos that its back-end needs beside it."""
    config = _config(held, pretrained.CONFIG)
    backend = pretrained.backend_of(config, [file.name for file in held.files if "/" not in file.name])
    model_type = str(config.get("model_type") or ct2.CT2)
    backend = backend or pretrained.PART_OF.get(model_type, "")
    if not backend:
        raise UnsupportedError(
            f"no back-end of Kamishibai runs a model of type {model_type}",
            where=held.repo,
            hint=_fitting(kind),
        )
    its_kind = backend.partition(":")[0]
    if kind not in (None, its_kind):
        raise UnsupportedError(
            f"{name!r} {MAKES[its_kind]}, which is not what {kind} models do",
            where=held.repo,
            hint=f"type `kamishibai models pull {name}`",
        )
    licence, notes = _licence(held, known)
    parts = [_model("the model", held, licence)]
    same = known or next((one for one in presets() if one.repo == held.repo), None)
    for repo in same.beside if same else ():
        other = what_it_holds(repo, "main", offline=offline)
        parts.append(_model("beside it", other, _licence(other, None)[0]))
    return Offer(
        name=name,
        kind=its_kind,
        pipeline=model_type,
        backend=backend,
        half=_is_half(config),
        preset=known,
        parts=tuple(parts),
        notes=notes,
    )


def _is_half(config: dict[str, object]) -> bool:
    return str(config.get("dtype") or config.get("torch_dtype")) in ("float16", "bfloat16")


def _model(what: str, held: Holdings, licence: Licence) -> Part:
    """Return the part of one model of transformers. Raises as `offer` for code of its own, or no weights."""
    for name in pretrained.ASKING:
        file = held.file(name)
        if file is not None and (name == pretrained.CONFIG or file.size <= SMALL):
            pretrained.refuse_config(_config(held, name), f"{held.repo}: {name}")
    choice = pretrained_files(held.files, f"{held.repo}@{held.revision}")
    return _part(what, held, choice.files, licence).model_copy(update={"pickles": choice.pickles})


def _single(name: str, held: Holdings, kind: str | None) -> Offer:
    """Return the offer of one file: the one that is named, else the only one at the root of a repo without pipeline."""
    named = name.partition(":")[2]
    safe = [file for file in held.files if file.name.endswith(".safetensors")]
    there = [f for f in safe if f.name == named] if named else [f for f in safe if "/" not in f.name]
    if len(there) != 1:
        names = ", ".join(file.name for file in safe[:8])
        pickles = any(file.name.endswith((".bin", ".ckpt", ".pt", ".pth")) for file in held.files)
        raise UnsupportedError(
            f"{held.repo} has no file {named!r} in safetensors"
            if named
            else f"{held.repo} holds no whole pipeline ({layout.INDEX})"
            + (", and pickles, which can run code as they are read" if pickles and not safe else ""),
            where=f"{held.repo}@{held.revision}",
            hint=f"name one file after a colon: {held.repo}:FILE with one of {names}"
            if safe
            else _fitting(kind),
        )
    papers = [file for file in held.files if file.name.lower() == "readme.md"]
    licence, notes = _licence(held, None)
    return Offer(name=name, parts=(_part("the file", held, (*papers, there[0]), licence),), notes=notes)


def _index(held: Holdings) -> dict[str, object]:
    """Return a repo's ``model_index.json``. Raises ModelError when it cannot be one."""
    return _config(held, layout.INDEX)


def _config(held: Holdings, name: str) -> dict[str, object]:
    """Return a short JSON object of a repo. Raises ModelError when it cannot be one."""
    file = held.file(name)
    assert file is not None
    if file.size > SMALL:
        raise ModelError(f"its {name} is too long to be one", where=held.repo)
    try:
        value = json.loads(read_small(held.repo, held.commit, name))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"its {name} is not JSON", where=held.repo) from error
    if not isinstance(value, dict):
        raise ModelError(f"its {name} is not a JSON object", where=held.repo)
    return value


def _licence(held: Holdings, known: Preset | None) -> tuple[Licence, tuple[str, ...]]:
    """Return the terms, and a note when the hub's card now says something else than the preset."""
    source = f"https://huggingface.co/{held.repo}"
    said = licence_named(held.licence, source)
    same = known or next((one for one in presets() if one.repo == held.repo), None)
    if same is None:
        return said, ()
    if held.licence and held.licence != "other" and said.commercial != same.licence.commercial:
        note = f"the hub's card says {said.name}, the preset {same.licence.name}: the stricter one counts"
        return (same.licence if said.commercial else said), (note,)
    return same.licence, ()


def _adapter(known: Preset | None, name: str, offline: bool) -> Part:
    if known is None or known.ip_adapter is None:
        having = ", ".join(one.name for one in presets() if one.ip_adapter)
        raise UnsupportedError(
            f"no IP-Adapter is known for {name!r}",
            hint=f"leave out --with-identity; presets with one: {having}",
        )
    wanted: IpAdapter = known.ip_adapter
    held = what_it_holds(wanted.repo, wanted.revision, offline=offline)
    file = f"{wanted.subfolder}/{wanted.file}" if wanted.subfolder else wanted.file
    choice = adapter_files(held.files, file, wanted.image_encoder, wanted.repo)
    return _part("the IP-Adapter", held, choice.files, wanted.licence)


def _part(what: str, held: Holdings, files: tuple[HubFile, ...], licence: Licence) -> Part:
    nameless = [file.name for file in files if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", file.etag)]
    if nameless or not is_commit(held.commit):
        raise ModelError(
            f"the hub gives no hash for {nameless[0] if nameless else 'this revision'}, so it cannot be checked",
            where=held.repo,
            hint="check HF_ENDPOINT: a mirror must speak the hub's protocol",
        )
    return Part(
        what=what,
        repo=held.repo,
        revision=held.revision,
        commit=held.commit,
        files=files,
        licence=licence,
    )
