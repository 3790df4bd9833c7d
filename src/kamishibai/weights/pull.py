"""Brings a pipeline from the hub: first says what that would cost and under which terms, then fetches and checks it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from kamishibai.documents.frozen import Frozen
from kamishibai.errors import ModelError, StoreError, UnknownModelError, UnsupportedError, UsageError
from kamishibai.models.base import Licence
from kamishibai.weights import download, layout
from kamishibai.weights.checkpoint import Checkpoint, locate
from kamishibai.weights.choose import adapter_files, pipeline_files
from kamishibai.weights.families import Family, family_of, unfit
from kamishibai.weights.hub import SMALL, Holdings, HubFile, read_small, what_it_holds
from kamishibai.weights.licences import licence_named
from kamishibai.weights.places import hub_cache, is_commit, repo_folder
from kamishibai.weights.presets import IpAdapter, Preset, nearest, preset, presets
from kamishibai.weights.safe import read_header

__all__ = ["Offer", "Part", "Pulled", "Report", "offer", "pull", "repo_of"]

Report = Callable[[str, int, int], None]
"""Told the file in hand, the bytes that are there and the bytes there will be; raises Cancelled to stop."""
RESERVE = 64_000_000
"""Bytes that a download leaves free."""
_REVISION = re.compile(r"(?!.*\.\.)[A-Za-z0-9][\w./-]{0,200}")
_REPO = re.compile(
    r"(?P<repo>[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95})(?:@(?P<revision>[A-Za-z0-9][\w./-]*))?"
)


class Part(Frozen):
    """What is fetched from one repo."""

    what: str
    """``the pipeline``, ``the file`` (a LoRA, a checkpoint in one file) or ``the IP-Adapter``."""
    repo: str
    revision: str
    commit: str
    files: tuple[HubFile, ...]
    licence: Licence

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
        if download.is_whole(self.repo, self.commit, file):
            return 0
        partial = download.partial_path(self.repo, file)
        return max(0, file.size - (partial.stat().st_size if partial.is_file() else 0))


class Offer(Frozen):
    """What a pull would bring, before anything is fetched."""

    name: str
    kind: str = ""
    """``picture`` or ``motion``; empty for a single file."""
    family: Family | None = None
    pipeline: str = ""
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
        """Megabytes of weights in the pipeline."""
        files = self.parts[0].files
        return -(-sum(file.size for file in files if file.name.endswith(".safetensors")) // 1_000_000)

    @property
    def folder(self) -> Path:
        """Where it will lie."""
        return repo_folder(self.parts[0].repo)


class Pulled(Frozen):
    """What came of a pull."""

    path: Path
    """The pipeline's folder, or the single file."""
    commit: str
    checkpoint: Checkpoint | None = None
    """Of a pipeline."""


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
        + f"presets: {', '.join(one.name for one in presets(kind))}; or a repo of the hub, OWNER/NAME",
    )


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
        ``picture`` or ``motion``; None: whatever it is.
    revision
        A branch, tag or commit; None: the preset's, else the one in `name`, else ``main``.
    with_identity
        Bring the preset's IP-Adapter too.

    Raises
    ------
    KamishibaiError
        When it cannot be had, is no pipeline, cannot be loaded safely, or makes something else than `kind`.
    """
    repo, its_revision, known = repo_of(name, kind)
    if revision is not None and not _REVISION.fullmatch(revision):
        raise UsageError(
            f"{revision!r} cannot be a revision", hint="a revision is a branch, a tag or a whole commit"
        )
    held = what_it_holds(repo, revision or its_revision, offline=offline)
    if ":" in name or held.file(layout.INDEX) is None:
        return _single(name, held, kind)
    index = _index(held)
    class_name = index.get("_class_name")
    choice = pipeline_files(held.files, index, known.variant if known else "", repo)
    family = family_of(str(class_name))
    if family is None:
        why = unfit(str(class_name)) or "is no pipeline for pictures or clips that Kamishibai knows"
        names = ", ".join(one.name for one in presets(kind))
        raise UnsupportedError(f"{class_name} {why}", where=repo, hint=f"presets that fit: {names}")
    if kind not in (None, family.kind):
        raise UnsupportedError(
            f"{name!r} makes {'clips' if family.kind == 'motion' else 'pictures'}, not what {kind} models make",
            where=repo,
            hint=f"type `kamishibai models pull {name}`",
        )
    licence, notes = _licence(held, known)
    parts = [_part("the pipeline", held, choice.files, licence)]
    if with_identity:
        parts.append(_adapter(known, name, offline))
    return Offer(
        name=name,
        kind=family.kind,
        family=family,
        pipeline=str(class_name),
        preset=known,
        parts=tuple(parts),
        notes=(*notes, *choice.notes),
    )


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
            else f"presets that fit: {', '.join(one.name for one in presets(kind))}",
        )
    papers = [file for file in held.files if file.name.lower() == "readme.md"]
    licence, notes = _licence(held, None)
    return Offer(name=name, parts=(_part("the file", held, (*papers, there[0]), licence),), notes=notes)


def _index(held: Holdings) -> dict[str, object]:
    """Return a repo's ``model_index.json``. Raises ModelError when it cannot be one."""
    file = held.file(layout.INDEX)
    assert file is not None
    if file.size > SMALL:
        raise ModelError(f"its {layout.INDEX} is too long to be one", where=held.repo)
    try:
        value = json.loads(read_small(held.repo, held.commit, layout.INDEX))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"its {layout.INDEX} is not JSON", where=held.repo) from error
    if not isinstance(value, dict):
        raise ModelError(f"its {layout.INDEX} is not a JSON object", where=held.repo)
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


# ------------------------------------------------------------------------------------------ the download
def pull(offered: Offer, report: Report) -> Pulled:
    """Fetch what was offered, check every file against the hub's hash and every safetensors header.

    What is there is not fetched again, and what was cut off goes on.

    Raises
    ------
    StoreError
        When there is not enough room; before anything is fetched.
    KamishibaiError
        When a file cannot be had, or is not what the hub announced.
    """
    _check_room(offered)
    meter = _Meter(offered.size, report)
    for part in offered.parts:
        with download.alone(part.repo):
            for file in part.files:
                meter.file = file.name
                meter.arrived(file.size - part.left(file))
                path = download.fetch(part.repo, part.commit, file, meter.arrived)
                if file.name.endswith(".safetensors"):
                    read_header(path)
            _refer(part)
    first = offered.parts[0]
    if not offered.kind:
        return Pulled(path=path, commit=first.commit)
    found = locate(f"{first.repo}@{first.commit}", offered.kind)
    return Pulled(path=found.path, commit=first.commit, checkpoint=found)


class _Meter:
    """Counts bytes over all files."""

    def __init__(self, total: int, report: Report) -> None:
        self.file = ""
        self.done = 0
        self._total = total
        self._report = report

    def arrived(self, count: int) -> None:
        self.done += count
        self._report(self.file, max(0, min(self.done, self._total)), self._total)


def _check_room(offered: Offer) -> None:
    folder = hub_cache()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    needed = offered.missing + RESERVE
    if offered.missing and free < needed:
        raise StoreError(
            f"no room: {offered.missing:,} bytes are to be downloaded and {free:,} are free",
            where=str(hub_cache()),
            kept="everything; nothing was fetched",
            hint="`kamishibai models ls` shows what can go, `kamishibai models rm NAME` removes it; "
            "or name a folder on another disk in HF_HOME",
        )


def _refer(part: Part) -> None:
    """Write down which commit a branch or tag was, as the hub's own tools do: then it is found without the network."""
    if is_commit(part.revision):
        return
    path = repo_folder(part.repo) / "refs" / part.revision
    fresh = repo_folder(part.repo) / ".ref.part"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(part.commit, encoding="ascii")
        fresh.replace(path)
    except OSError as error:
        raise download.no_room(error, path, len(part.commit)) from error
