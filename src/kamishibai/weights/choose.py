"""Which files of a repo are downloaded: those that `layout.loaded_files` will want, in safetensors, each once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from kamishibai.documents.frozen import Frozen
from kamishibai.errors import UnsupportedError
from kamishibai.weights import converted, ct2, layout
from kamishibai.weights.hub import HubFile

__all__ = ["PAPERS", "Choice", "adapter_files", "pipeline_files", "pretrained_files"]

_STEM = r"(?:diffusion_pytorch_model|model)"
_WEIGHTS = re.compile(
    rf"{_STEM}(?:\.(?P<before>\w+))?(?P<shard>-\d{{5}}-of-\d{{5}})?(?:\.(?P<after>\w+))?\.safetensors"
)
_SHARDS = re.compile(
    rf"{_STEM}\.safetensors(?:\.index\.(?P<variant>\w+)|\.(?P<old>\w+)\.index|\.index)\.json"
)
_PICKLED = (".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle")
_PICKLED_WEIGHTS = re.compile(r"pytorch_model(?:-\d{5}-of-\d{5})?\.bin|pytorch_model\.bin\.index\.json")
_BESIDE = (".json", ".txt", ".model", ".jinja")
"""What a tokenizer, a scheduler or a configuration is kept in."""
PAPERS = re.compile(r"(?i)(readme\.md|licen[cs]e[\w.-]*|notice[\w.-]*)")
"""At the root of a repo: its card and its terms."""
_CODE = "choose a repo whose parts all belong to diffusers and transformers"


class Choice(Frozen):
    """What is downloaded of a repo, and what has to be said about it."""

    files: tuple[HubFile, ...]
    notes: tuple[str, ...] = ()
    pickles: tuple[str, ...] = ()
    """Those of the files that are pickled weights; empty where there are others."""


def pipeline_files(files: Iterable[HubFile], index: Mapping[str, Any], variant: str, where: str) -> Choice:
    """Return what is downloaded of the pipeline in the repo `where`: configurations, tokenizers, weights once each.

    Parameters
    ----------
    index
        The repo's ``model_index.json``.
    variant
        ``fp16`` for half-size files where the repo has them; a part without them falls back on what there is.

    Raises
    ------
    UnsupportedError
        When a part's weights are pickles, which can run code when they are read, or are not there at all, or when
        the repo asks for code of its own.
    """
    by_name = {file.name: file for file in files}
    wanted = {name for name in by_name if name == layout.INDEX or PAPERS.fullmatch(name)}
    notes = []
    if not isinstance(index.get("_class_name"), str):
        raise UnsupportedError(
            "its pipeline is code in the repo itself, and code that comes with weights is never run",
            where=where,
            hint=_CODE,
        )
    for part, (library, class_) in layout.components(index).items():
        if library not in layout.LIBRARIES:
            raise UnsupportedError(
                f"its {part} is {class_} of {library!r}, which is neither diffusers nor transformers: "
                "code that comes with weights is never run",
                where=where,
                hint=_CODE,
            )
        inside = [name for name in by_name if PurePosixPath(name).parent.as_posix() == part]
        beside = [name for name in inside if name.endswith(_BESIDE) and not _is_shard_list(name)]
        weights = _weights(inside, variant) if layout.has_weights(class_) else []
        if layout.has_weights(class_) and not weights:
            if part in layout.WITHOUT:
                if inside:
                    notes.append(f"its {part} is there as a pickle only and is left out")
                continue
            raise _no_weights(part, inside, where)
        wanted.update(beside, weights)
    return Choice(files=tuple(by_name[name] for name in sorted(wanted)), notes=tuple(notes))


def adapter_files(files: Iterable[HubFile], name: str, image_encoder: str, where: str) -> Choice:
    """Return what is downloaded of an IP-Adapter: the adapter's file and its image encoder's folder.

    Raises
    ------
    UnsupportedError
        When either is not in the repo, or not as safetensors.
    """
    by_name = {file.name: file for file in files}
    inside = [one for one in by_name if PurePosixPath(one).parent.as_posix() == image_encoder]
    weights = _weights(inside, "")
    if name not in by_name or not name.endswith(".safetensors") or not weights:
        raise UnsupportedError(
            f"there is no {name} with an image encoder in {image_encoder}, in safetensors",
            where=where,
            hint="leave out --with-identity",
        )
    wanted = {name, *weights, *(one for one in inside if one.endswith(_BESIDE) and not _is_shard_list(one))}
    wanted |= {one for one in by_name if PAPERS.fullmatch(one)}
    return Choice(files=tuple(by_name[one] for one in sorted(wanted)))


def pretrained_files(files: Iterable[HubFile], where: str) -> Choice:
    """Return what is downloaded of a model of transformers: configuration, tokenizer, speakers, and weights once.

    Plain safetensors, whole or in shards; where there are none, the pickles, which are of use only when they are
    converted; for a Whisper of CTranslate2 its own file.

    Raises
    ------
    UnsupportedError
        When it has no weights of either form.
    """
    by_name = {file.name: file for file in files}
    root = [name for name in by_name if "/" not in name]
    papers = {name for name in root if PAPERS.fullmatch(name)}
    small = {
        name
        for name in root
        if name.endswith((*_BESIDE, ".npy")) and not layout.is_weight_list(name) and name != layout.INDEX
    }
    speakers = {name for name in by_name if name.startswith("speaker_embeddings/") and name.endswith(".npy")}
    weights = _weights(root, "", ("",))
    pickles: list[str] = []
    if not weights and ct2.has_layout(root):
        return Choice(files=tuple(by_name[name] for name in sorted({*ct2.files_in(root), *papers})))
    if not weights:
        weights = pickles = [name for name in sorted(root) if _PICKLED_WEIGHTS.fullmatch(name)]
        if converted.PICKLED in pickles:
            weights = pickles = [converted.PICKLED]
    if not weights or weights == [converted.INDEX]:
        raise UnsupportedError(
            "it has no weights that transformers would load: neither model.safetensors nor pytorch_model.bin",
            where=where,
            hint="choose another repo",
        )
    wanted = papers | small | speakers | set(weights)
    return Choice(files=tuple(by_name[name] for name in sorted(wanted)), pickles=tuple(pickles))


def _is_shard_list(name: str) -> bool:
    return _SHARDS.fullmatch(PurePosixPath(name).name) is not None


def _weights(names: Iterable[str], variant: str, others: Iterable[str] = ("", "fp16")) -> list[str]:
    """Return the weight files of one part in the wanted variant, else in plain, else in half precision."""
    whole: dict[str, str] = {}
    shards: dict[str, list[str]] = {}
    for name in sorted(names):
        last = PurePosixPath(name).name
        if found := _WEIGHTS.fullmatch(last):
            way = found["before"] or found["after"] or ""
            if found["shard"]:
                shards.setdefault(way, []).append(name)
            else:
                whole.setdefault(way, name)
        elif found := _SHARDS.fullmatch(last):
            shards.setdefault(found["variant"] or found["old"] or "", []).append(name)
    for way in (variant, *others):
        listed = any(name.endswith(".json") for name in shards.get(way, ()))
        # Where both are there, transformers takes the whole file and diffusers the list of shards.
        if way in whole and (not listed or PurePosixPath(whole[way]).name.startswith("model.")):
            return [whole[way]]
        if listed:
            return shards[way]
    return []


def _no_weights(part: str, inside: Iterable[str], where: str) -> UnsupportedError:
    if any(name.endswith(_PICKLED) for name in inside):
        return UnsupportedError(
            f"the weights of its {part} are pickles, which can run code as they are read; only safetensors is loaded",
            where=where,
            hint="choose a repo with safetensors; or, if you trust this one, fetch and convert it, and name the folder: "
            f"""python -c "from diffusers import DiffusionPipeline as P; """
            f"""P.from_pretrained({where!r}).save_pretrained({where.split("/")[-1] + "-safetensors"!r})\"""",
        )
    return UnsupportedError(
        f"it has no weights for its {part} in safetensors", where=where, hint="choose another repo"
    )
