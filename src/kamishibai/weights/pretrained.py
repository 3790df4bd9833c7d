"""Finds a model of transformers on this machine, and refuses what cannot or must not be loaded.

A name is a preset (``bark``), a folder that `save_pretrained` wrote, or a hub id (``org/name``, ``org/name@revision``)
that the Hugging Face cache holds, as safetensors or as pickles that were converted here. Nothing here imports torch or
opens a connection.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Collection, Mapping
from pathlib import Path

from kamishibai.documents.frozen import Frozen, canonical_json
from kamishibai.errors import ModelError, UnknownModelError, UnsupportedError, UsageError
from kamishibai.models.base import Licence
from kamishibai.weights import ct2, layout
from kamishibai.weights.checkpoint import MAKES, flag_for
from kamishibai.weights.digests import file_digest
from kamishibai.weights.licences import licence_named
from kamishibai.weights.places import converted_cache, hub_cache, is_commit, repo_folder, snapshot
from kamishibai.weights.presets import Preset, nearest, preset, presets
from kamishibai.weights.strangers import front_matter

__all__ = [
    "ASKING", "BESIDE", "CONFIG", "PART_OF", "Pretrained", "backend_of", "digest_of", "files_of", "find", "refuse_code", "refuse_config",
    "terms_of",
]  # fmt: skip

CONFIG = "config.json"
BESIDE = (".json", ".txt", ".model", ".jinja", ".npy")
"""Configurations, tokenizers, chat templates, and a voice's speakers: small files that change what is made."""
_HUB_ID = re.compile(
    r"(?P<repo>[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95})(?:@(?P<revision>[A-Za-z0-9][\w./-]*))?"
)


class Pretrained(Frozen):
    """A model of transformers that is on this machine, whole, safe, and of a type that fits."""

    name: str
    """What the user typed."""
    kind: str
    model_type: str
    """As ``config.json`` says: ``bark``, ``whisper``, ``llava`` …"""
    path: Path
    repo: str | None = None
    revision: str = ""
    """The commit, for what came from the hub's cache."""
    preset: Preset | None = None
    weights_mb: int
    """Size of the weights, as they are stored."""
    half_mb: int
    """Size of their tensors in half precision."""


def find(name: str, kind: str, types: Collection[str] | None) -> Pretrained:
    """Return the model that `name` means.

    Parameters
    ----------
    kind
        The kind of the asking back-end (``voice``, ``ear`` …), for presets and hints.
    types
        The ``model_type``s that the back-end can run; None: it looks at ``model_type`` itself.

    Raises
    ------
    UsageError
        For a name that cannot name anything.
    UnknownModelError
        When it is not on this machine, with the command that fetches it.
    UnsupportedError
        When it is a model of another type.
    ModelError
        When it is damaged, incomplete, a pickle, or brings its own code; the file is named.
    """
    if not name.strip() or "\0" in name or len(name) > 4096:
        raise UsageError(f"{name[:40]!r} names no model", hint="a preset, a folder, or a hub id org/name")
    known = preset(name)
    if known is not None and known.kind != kind:
        raise UnsupportedError(
            f"{name!r} {MAKES[known.kind]} ({known.family})",
            hint=f"use `{flag_for(known.family, known.kind, name)}`",
        )
    if known is not None:
        return _from_hub(name, kind, known.repo, known.revision, known, types)
    try:
        path = Path(name).expanduser()
        there = path.exists()
    except (OSError, RuntimeError, ValueError):
        there = False
    if there:
        return _read(name, kind, path.absolute(), None, types)
    hub = _HUB_ID.fullmatch(name)
    if hub is not None and not name.startswith((".", "/", "~")):
        return _from_hub(name, kind, hub["repo"], hub["revision"] or "main", None, types)
    if name.startswith((".", "/", "~")) or "\\" in name or "/" in name:
        raise UnknownModelError(
            "there is no such folder", where=name, hint="check the path; `~` is your home folder"
        )
    near = nearest(name, kind) or next(iter(difflib.get_close_matches(name, _names(kind), 1)), None)
    raise UnknownModelError(
        f"there is no preset and no folder {name!r}",
        hint=(f"did you mean {near!r}? " if near else "")
        + (f"presets: {', '.join(_names(kind))}; or " if _names(kind) else "give ")
        + "a folder or a hub id org/name",
    )


def _names(kind: str) -> list[str]:
    return [one.name for one in presets(kind)]


def _from_hub(
    name: str, kind: str, repo: str, revision: str, known: Preset | None, types: Collection[str] | None
) -> Pretrained:
    try:
        folder = _snapshot(repo, revision)
    except OSError as error:
        raise ModelError(
            f"the cache cannot be read: {error.strerror or error}",
            where=str(repo_folder(repo)),
            hint="check its permissions, or name another in HF_HOME",
        ) from error
    if folder is None:
        at = "" if revision == "main" else f"@{revision}"
        size = f" ({known.download_mb:,} MB)" if known and known.download_mb else ""
        raise UnknownModelError(
            f"the weights of {name!r} are not on this machine"
            + (f" ({repo}{at})" if known else f" (looked in {hub_cache()})"),
            hint=f"`kamishibai models pull {name}` fetches them{size}; or name a folder",
        )
    found = _read(name, kind, folder, known or _preset_of(repo), types)
    return found.model_copy(update={"repo": repo, "revision": folder.name if is_commit(folder.name) else ""})


def _snapshot(repo: str, revision: str) -> Path | None:
    """Return the folder of a repo: from the hub's cache, or where that holds pickles, from what was converted."""
    folder = snapshot(repo, revision)
    if folder is None:
        return snapshot(repo, revision, converted_cache())
    if layout.variants(folder).get("") is None:
        return snapshot(repo, folder.name, converted_cache()) or folder
    return folder


def _preset_of(repo: str) -> Preset | None:
    return next((one for one in presets() if one.repo == repo), None)


def _read(
    name: str, kind: str, folder: Path, known: Preset | None, types: Collection[str] | None
) -> Pretrained:
    if not folder.is_dir():
        raise UnsupportedError(
            "this is a file, and models of transformers are folders",
            where=str(folder),
            hint="name the folder that holds config.json",
        )
    if not (folder / CONFIG).is_file():
        pipeline = (folder / layout.INDEX).is_file()
        raise UnsupportedError(
            "this is a pipeline of diffusers" if pipeline else "there is no config.json in it",
            where=str(folder),
            hint=f"a {kind} model of this back-end is a folder with config.json and model.safetensors",
        )
    layout.refuse_escapes(folder)
    config = layout.read_json(folder / CONFIG)
    names = [path.name for path in folder.iterdir()]
    model_type = str(config.get("model_type") or "")
    if not model_type and ct2.has_layout(names):
        model_type = ct2.CT2
    if types is not None and model_type not in types:
        raise UnsupportedError(
            f"this is {_called(model_type, config)}, and this back-end runs {', '.join(sorted(types))}",
            where=str(folder / CONFIG),
            hint=_back_end_hint(kind, model_type, name),
        )
    refuse_code(folder, config)
    if model_type == ct2.CT2:
        ct2.check(folder / ct2.WEIGHTS)
        size = half = (folder / ct2.WEIGHTS).stat().st_size
    else:
        _refuse_pickles(folder, name, known)
        files = layout.weights_of(folder)
        half = layout.check_headers(files)
        size = sum(path.stat().st_size for path in files if path.suffix == ".safetensors")
    return Pretrained(
        name=name,
        kind=kind,
        model_type=model_type,
        path=folder,
        preset=known,
        weights_mb=-(-size // 1_000_000),
        half_mb=-(-half // 1_000_000),
    )


def _refuse_pickles(folder: Path, name: str, known: Preset | None) -> None:
    """Refuse a folder whose weights are pickles alone, with the command that converts them."""
    pickles = sorted(path.name for path in folder.iterdir() if path.name.endswith(layout.PICKLES))
    if not pickles or layout.variants(folder):
        return
    from_hub = folder.parent.name == "snapshots"
    pull = known.name if known is not None else name
    raise ModelError(
        "the weights are a pickle, which can run code as it is read; a film loads only safetensors",
        where=str(folder / pickles[0]),
        hint=f"`kamishibai models pull {pull} --convert` converts it once, in a process that runs none of its code"
        if from_hub
        else f"`kamishibai models convert {folder} {folder}-safetensors` converts it, running none of its code",
    )


ASKING = (CONFIG, "tokenizer_config.json", "preprocessor_config.json", "processor_config.json")
"""Files that can ask for code of the repo's own."""
_PLAIN = "choose a checkpoint that transformers knows as it is; code that comes with weights is never run"


def refuse_config(said: Mapping[str, object], where: str) -> None:
    """Refuse a configuration that asks for code of its own, or leads to other weights than those beside it."""
    if said.get("auto_map"):
        raise UnsupportedError("asks for code of its own", where=where, hint=_PLAIN)
    if said.get("transformers_weights"):
        raise ModelError("leads to other weights than those beside it", where=where, hint=_PLAIN)


def refuse_code(folder: Path, config: dict[str, object]) -> None:
    """Refuse a folder that brings or asks for code of its own, or leads to other weights than those beside it.

    Raises
    ------
    ModelError, UnsupportedError
        Naming the file.
    """
    for name in ASKING:
        path = folder / name
        refuse_config(
            config if name == CONFIG else layout.read_json(path) if path.is_file() else {}, str(path)
        )
    if (folder / "adapter_config.json").is_file():
        raise ModelError(
            "has an adapter laid over it, which is neither checked nor keyed",
            where=str(folder / "adapter_config.json"),
            hint="merge the adapter into the weights",
        )
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".py", ".pyc", ".so", ".pyd", ".dll"):
            raise ModelError("the checkpoint brings code of its own", where=str(path), hint=_PLAIN)


def _called(model_type: str, config: dict[str, object]) -> str:
    if not model_type:
        return "no model that says its type"
    architectures = config.get("architectures")
    first = architectures[0] if isinstance(architectures, list) and architectures else ""
    return f"a model of type {model_type}" + (f" ({first})" if isinstance(first, str) and first else "")


BACK_ENDS = {
    "bark": "voice:bark", "vits": "voice:vits", "speecht5": "voice:speecht5", "whisper": "ear:whisper",
    "musicgen": "music:musicgen", "clip": "eye:clip", "siglip": "eye:clip", "siglip2": "eye:clip",
    "llava": "critic:llava", "llava_next": "critic:llava", "idefics3": "critic:llava", "smolvlm": "critic:llava",
    "qwen2_vl": "critic:llava", "qwen2_5_vl": "critic:llava", "qwen3_vl": "critic:llava", ct2.CT2: "ear:whisper",
}  # fmt: skip
"""Which back-end runs a type of model."""


PART_OF = {"hifigan": "voice:speecht5"}
"""Types that are no model of their own, and the back-end that loads them beside its own weights."""


def backend_of(config: Mapping[str, object], names: Collection[str] = ()) -> str:
    """Return the back-end for a ``config.json`` beside files of these names: ``voice:bark``; empty: there is none."""
    model_type = config.get("model_type")
    if not model_type:
        return BACK_ENDS[ct2.CT2] if ct2.has_layout(names) else ""
    own = BACK_ENDS.get(str(model_type))
    if own is not None:
        return own
    architectures = config.get("architectures")
    writes = isinstance(architectures, list) and any(
        str(one).endswith("ForCausalLM") for one in architectures
    )
    return "text:transformers" if writes else ""


def _back_end_hint(kind: str, model_type: str, name: str) -> str:
    other = BACK_ENDS.get(model_type)
    if other is not None:
        return f"this one is for `{other}:{name}`"
    names = _names(kind)
    return f"presets that fit: {', '.join(names)}" if names else "choose another checkpoint"


def files_of(found: Pretrained) -> list[Path]:
    """Return every file that is loaded: weights, and the small files beside them."""
    if found.model_type == ct2.CT2:
        names = [path.name for path in found.path.iterdir() if path.is_file()]
        return [found.path / name for name in ct2.files_in(names)]
    small = [
        path
        for path in sorted(found.path.iterdir())
        if path.is_file() and path.suffix in BESIDE and not layout.is_weight_list(path.name)
    ]
    weights = layout.weights_of(found.path)
    speakers = sorted(found.path.glob("speaker_embeddings/**/*.npy"))
    return list(dict.fromkeys([*small, *weights, *speakers]))


def digest_of(found: Pretrained) -> str:
    """Return SHA-256 over the relative names and digests of every file that is loaded, in hex."""
    parts = sorted((path.relative_to(found.path).as_posix(), file_digest(path)) for path in files_of(found))
    return hashlib.sha256(canonical_json(parts)).hexdigest()


def terms_of(found: Pretrained) -> Licence:
    """Return the terms: the preset's, else those of the README's front matter, else unknown and not commercial."""
    if found.preset is not None:
        return found.preset.licence
    card = front_matter(found.path / "README.md")
    named = card.get("license_name") if card.get("license") in (None, "other") else card.get("license")
    source = f"https://huggingface.co/{found.repo}" if found.repo else str(found.path)
    return licence_named(named if isinstance(named, str) else "", source)
