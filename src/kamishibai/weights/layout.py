"""Reads a pipeline's folder: its components, the files that would be loaded, and what must never be loaded.

The layout is that of ``DiffusionPipeline.save_pretrained``: ``model_index.json`` names a library and a class for each
component, and each component is a folder of that name. Weights are ``diffusion_pytorch_model`` (diffusers) or
``model`` (transformers), plain or of a variant (``model.fp16.safetensors``), whole or in shards behind an index.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kamishibai.errors import ModelError
from kamishibai.weights.safe import read_header

__all__ = [
    "INDEX", "PICKLES", "WITHOUT", "check_headers", "components", "is_weight_list", "loaded_files", "read_json",
    "refuse_escapes", "refuse_foreign_code", "variants", "weights_of",
]  # fmt: skip

INDEX = "model_index.json"

LIBRARIES = frozenset({
    "diffusers", "transformers",
    # Modules of diffusers.pipelines that bring a component of their own.
    "audioldm2", "ideogram4", "kandinsky", "kolors", "ltx", "ltx2", "stable_audio", "stable_diffusion", "wuerstchen",
})  # fmt: skip
"""Who may provide a component's class. Anything else would be somebody's own code."""

WITHOUT = frozenset({"safety_checker"})
"""Components that a pipeline can do without when their folder is not there."""

MOST_JSON_BYTES = 64_000_000
"""A longer file is no configuration; the longest indexes of shards have a few million."""

_NO_WEIGHTS = ("Tokenizer", "Scheduler", "Processor", "Extractor")
PICKLES = (".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle")
_WEIGHTS = re.compile(r"(?:diffusion_pytorch_model|model)(?:\.(?P<variant>\w+))?\.safetensors$")
_INDEX = re.compile(
    r"(?:diffusion_pytorch_model|model)\.safetensors(?:\.index\.(?P<variant>\w+)|\.(?P<old>\w+)\.index|\.index)\.json$"
)


def read_json(path: Path) -> dict[str, Any]:
    """Return a JSON object from a file of the checkpoint. Raises ModelError when it cannot be read as one."""
    try:
        if path.stat().st_size > MOST_JSON_BYTES:
            raise ValueError("too long")
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(
            f"cannot be read: {error.strerror or error}",
            where=str(path),
            hint="check that the file is there and that you may read it",
        ) from error
    except (ValueError, RecursionError) as error:
        raise ModelError(
            "is not JSON", where=str(path), hint="fetch the file again with `kamishibai models pull`"
        ) from error
    if not isinstance(value, dict):
        raise ModelError(
            "is not a JSON object", where=str(path), hint="fetch it again with `kamishibai models pull`"
        )
    return value


def components(index: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return library and class of every component that the pipeline has, by its folder's name."""
    found = {}
    for name, value in index.items():
        pair = isinstance(value, list) and len(value) == 2 and not name.startswith("_")
        if pair and isinstance(value[0], str) and isinstance(value[1], str):
            found[name] = (value[0], value[1])
    return found


def refuse_foreign_code(folder: Path, index: Mapping[str, Any]) -> None:
    """Refuse a checkpoint that brings or asks for code of its own.

    Raises
    ------
    ModelError
        Naming the file or the component.
    """
    hint = (
        "Kamishibai runs no code that comes with weights; choose a checkpoint that diffusers knows as it is"
    )
    name = index.get("_class_name")
    if not isinstance(name, str) or not name:
        raise ModelError(
            "asks for a pipeline of its own code" if isinstance(name, list) else "names no pipeline class",
            where=str(folder / INDEX),
            hint=hint,
        )
    for component, (library, class_) in components(index).items():
        if library not in LIBRARIES:
            raise ModelError(
                f"{component} is {class_} of {library!r}, which is neither diffusers nor transformers",
                where=str(folder / INDEX),
                hint=hint,
            )
        if not re.fullmatch(r"[A-Za-z]\w*", component):
            raise ModelError(
                f"{component!r} is no name for a component's folder", where=str(folder / INDEX), hint=hint
            )
    for path in _files(folder):
        if path.suffix in (".py", ".pyc", ".so", ".pyd", ".dll"):
            raise ModelError(
                "the checkpoint brings code of its own",
                where=str(path),
                hint=hint + "; if the weights do not need that file, move it away",
            )


def _files(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(names):
            yield Path(root) / name


def refuse_escapes(folder: Path) -> None:
    """Refuse links that lead out of the checkpoint; those into the blobs of the hub's cache are its own layout.

    Raises
    ------
    ModelError
        Naming the link.
    """
    root = folder.resolve()
    allowed = [root]
    if root.parent.name == "snapshots":
        # The repo's own blobs, and the store that repos share since huggingface_hub 2.4.
        allowed += [root.parent.parent / "blobs", root.parent.parent.parent / "blobs"]
    for here, folders, names in os.walk(root):
        for name in (*folders, *names):
            path = Path(here) / name
            if not path.is_symlink():
                continue
            try:
                target = path.resolve(strict=True)
            except (OSError, RuntimeError) as error:
                raise ModelError(
                    "leads nowhere: the file behind it is gone",
                    where=str(path),
                    hint="fetch it again with `kamishibai models pull`",
                ) from error
            if not any(target == place or place in target.parents for place in allowed):
                raise ModelError(
                    f"leads out of the checkpoint, to {target}",
                    where=str(path),
                    hint="put the file itself in its place, if you trust it",
                )


# ------------------------------------------------------------------------------------------ weights
def variants(folder: Path) -> dict[str, list[str]]:
    """Return the weights of a component's folder by variant (``""`` is the plain one): names of files and indexes."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        whole, index = _WEIGHTS.fullmatch(path.name), _INDEX.fullmatch(path.name)
        if whole:
            found.setdefault(whole["variant"] or "", []).append(path.name)
        elif index:
            found.setdefault(index["variant"] or index["old"] or "", []).append(path.name)
    return found


def weights_of(folder: Path, variant: str = "") -> list[Path]:
    """Return the weights files of one component for a variant, else the plain ones; shards behind an index included.

    Raises
    ------
    ModelError
        When there are none, when only pickles are there, or when a shard is missing.
    """
    there = variants(folder)
    names = there.get(variant) or there.get("")
    if not names:
        raise _no_weights(folder)
    indexes = [name for name in names if name.endswith(".json")]
    whole = [name for name in names if not name.endswith(".json")]
    # Where both are there, transformers takes the whole file and diffusers the index.
    if whole and (not indexes or whole[0].startswith("model.")):
        return [folder / whole[0]]
    index = folder / indexes[0]
    mapping = read_json(index).get("weight_map")
    if not isinstance(mapping, dict) or not mapping or not all(isinstance(v, str) for v in mapping.values()):
        raise ModelError("does not say which shard holds what", where=str(index), hint=_again())
    shards = sorted(set(mapping.values()))
    for shard in shards:
        if Path(shard).name != shard or not shard.endswith(".safetensors"):
            raise ModelError(f"names {shard!r}, which is no safetensors shard beside it", where=str(index))
        if not (folder / shard).is_file():
            raise ModelError(
                f"a shard of the weights is missing (of {len(shards)})",
                where=str(folder / shard),
                hint=_again(),
            )
    return [index, *(folder / shard for shard in shards)]


def _again() -> str:
    return "the download is not complete: fetch it again with `kamishibai models pull`"


def _no_weights(folder: Path) -> ModelError:
    if not folder.is_dir():
        return ModelError(f"the part {folder.name} is missing", where=str(folder), hint=_again())
    pickles = sorted(path.name for path in folder.iterdir() if path.suffix in PICKLES)
    if pickles:
        return ModelError(
            "the weights are a pickle, which can run code as it is read; only safetensors is loaded",
            where=str(folder / pickles[0]),
            hint="fetch the repo's safetensors files; or, if you trust the file, convert the whole folder: "
            + conversion(folder.parent),
        )
    others = sorted(path.name for path in folder.iterdir() if path.suffix == ".safetensors")
    return ModelError(
        f"no weights in {folder.name}" + (f" under the usual names (there is {others[0]})" if others else ""),
        where=str(folder),
        hint=_again(),
    )


def conversion(path: Path) -> str:
    """Return the command that turns a pickle checkpoint, a folder or a file, into a safetensors folder beside it."""
    target = str(path.with_suffix("")) + "-safetensors"
    call = "from_pretrained" if path.is_dir() else "from_single_file"
    name = "DiffusionPipeline" if path.is_dir() else "StableDiffusionPipeline"
    return f"""python -c "from diffusers import {name} as P; P.{call}({str(path)!r}).save_pretrained({target!r})\""""


def is_weight_list(name: str) -> bool:
    """Say whether a file is a list of shards, of any library and variant: ``model.safetensors.index.fp32.json``."""
    return re.search(r"\.index(?:\.\w+)?\.json$", name) is not None


def has_weights(class_name: str) -> bool:
    """Say whether a component of this class has weights; tokenizers, schedulers and processors have not."""
    return not any(mark in class_name for mark in _NO_WEIGHTS)


def loaded_files(folder: Path, index: Mapping[str, Any], variant: str = "") -> list[Path]:
    """Return every file of a pipeline's folder that would be loaded, ``model_index.json`` first.

    Raises
    ------
    ModelError
        When a component is missing or not complete.
    """
    found = [folder / INDEX]
    for name, (_, class_) in sorted(components(index).items()):
        part = folder / name
        if name in WITHOUT and not part.is_dir():
            continue
        if not part.is_dir():
            raise ModelError(f"the part {name} ({class_}) is missing", where=str(part), hint=_again())
        small = [
            path
            for path in sorted(part.iterdir())
            if path.is_file()
            and path.suffix in (".json", ".txt", ".model", ".jinja")
            and not _INDEX.fullmatch(path.name)
        ]
        _refuse_detours(part, class_)
        if not has_weights(class_):
            if not small:
                raise ModelError(f"the part {name} ({class_}) is empty", where=str(part), hint=_again())
            found += small
            continue
        if not (part / "config.json").is_file():
            raise ModelError(f"{name} has no config.json", where=str(part / "config.json"), hint=_again())
        found += [*small, *weights_of(part, variant)]
    return found


def _refuse_detours(part: Path, class_: str) -> None:
    """Refuse configs that make transformers load other files than those beside them, or code.

    It follows ``transformers_weights`` to any file, an ``adapter_config.json`` to weights laid over the component's,
    and with its ``Auto`` classes ``auto_map`` to code of the repo, which it offers to run.
    """
    hint = "choose a checkpoint that diffusers knows as it is"
    adapter = part / "adapter_config.json"
    if adapter.is_file():
        raise ModelError(
            f"{part.name} has an adapter laid over it, which is neither checked nor keyed",
            where=str(adapter),
            hint="merge the adapter into the weights, or name it in the option lora",
        )
    for name in ("config.json", "tokenizer_config.json", "preprocessor_config.json"):
        path = part / name
        said = read_json(path) if path.is_file() else {}
        if said.get("transformers_weights"):
            raise ModelError(
                f"leads to other weights: {said['transformers_weights']}"[:200], where=str(path), hint=hint
            )
        if said.get("auto_map") and class_.startswith("Auto") and not class_.startswith("Autoencoder"):
            raise ModelError(f"asks for code of its own for {class_}", where=str(path), hint=hint)


def check_headers(files: list[Path]) -> int:
    """Check the header of every safetensors file among `files`; return the bytes of all tensors in half precision.

    Raises
    ------
    ModelError
        For the first file that is damaged.
    """
    return sum(read_header(path).half_bytes for path in files if path.suffix == ".safetensors")
