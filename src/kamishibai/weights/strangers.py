"""Says what a file or folder is that is not a pipeline: a LoRA, an adapter, a language model, a pickle, one component."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from kamishibai.errors import KamishibaiError, ModelError, UnsupportedError
from kamishibai.weights import layout
from kamishibai.weights.families import Family, family_named
from kamishibai.weights.safe import Header, read_header

__all__ = ["family_of_file", "front_matter", "not_a_pipeline", "not_weights"]

CARD_BYTES = 65536
"""How much of a model card is read."""

_KINDS: Mapping[str, str] = {
    "whisper": "a Whisper speech recogniser",
    "clip": "a CLIP model that compares pictures and words",
    "clip_vision_model": "the image encoder of a CLIP model",
    "clip_text_model": "a CLIP text encoder",
    "t5": "a T5 text encoder",
    "umt5": "a T5 text encoder",
    "bark": "a Bark speech model",
    "vits": "a VITS speech model",
    "musicgen": "a MusicGen music model",
    "llava": "a LLaVA language model that sees",
    "siglip": "a SigLIP model that compares pictures and words",
}

_PARTS: tuple[tuple[str, str], ...] = (
    ("UNet", "the UNet"),
    ("Transformer", "the transformer"),
    ("Autoencoder", "the autoencoder"),
    ("ControlNet", "a ControlNet"),
    ("MotionAdapter", "a motion adapter"),
    ("Scheduler", "a scheduler"),
)


def front_matter(path: Path) -> dict[str, Any]:
    """Return the front matter of a model card; empty when there is none that can be read.

    The text is a stranger's: look only at values that are plain strings, since lists may hold themselves many times.
    """
    try:
        with path.open("rb") as file:
            text = file.read(CARD_BYTES).decode("utf-8", "ignore")
    except OSError:
        return {}
    if not text.startswith("---"):
        return {}
    with contextlib.suppress(yaml.YAMLError, RecursionError, ValueError):
        value = yaml.safe_load(text.split("\n---", 1)[0].removeprefix("---"))
        if isinstance(value, dict):
            return value
    return {}


def not_weights(path: Path) -> KamishibaiError:
    """Return the error for a file that is no safetensors checkpoint."""
    if path.suffix in (".ckpt", ".pt", ".pth", ".bin", ".pkl", ".pickle"):
        return ModelError(
            "the weights are a pickle, which can run code as it is read; only safetensors is loaded",
            where=str(path),
            hint=f"look for a .safetensors of it; or, if you trust the file, convert it: {layout.conversion(path)}",
        )
    what = {
        ".gguf": "GGUF weights, which are not read here",
        ".onnx": "an ONNX model, which is not read here",
    }
    return ModelError(
        f"this is {what[path.suffix]}" if path.suffix in what else "this is no checkpoint",
        where=str(path),
        hint="name a .safetensors file or a folder with a model_index.json",
    )


def not_a_pipeline(folder: Path) -> KamishibaiError:
    """Return the error for a folder without ``model_index.json``, saying what it is instead."""
    where = str(folder)
    if (folder / "adapter_config.json").is_file():
        return _lora(folder)
    if (folder / "config.json").is_file():
        return _one_model(folder)
    if (folder / "scheduler_config.json").is_file():
        return ModelError("this is a scheduler, one part of a pipeline", where=where, hint=_whole(folder))
    adapters = sorted(folder.glob("**/ip-adapter*.safetensors"))
    if adapters:
        return _adapter(adapters[0])
    inside = sorted(folder.glob("*.safetensors"))
    if inside:
        return ModelError(
            "this folder has no model_index.json",
            where=where,
            hint=f"to load one file as it is, name it: {inside[0]}",
        )
    pickles = sorted(path for suffix in (".ckpt", ".bin", ".pt") for path in folder.glob(f"*{suffix}"))
    if pickles:
        return not_weights(pickles[0])
    below = sorted(path.parent for path in folder.glob("*/" + layout.INDEX))
    return ModelError(
        "this is no checkpoint: there is no model_index.json",
        where=where,
        hint=f"did you mean {below[0]}?"
        if below
        else "name the folder that `save_pretrained` wrote, a .safetensors file, a preset or a hub id",
    )


def _whole(folder: Path) -> str:
    if (folder.parent / layout.INDEX).is_file():
        return f"name the whole pipeline: {folder.parent}"
    return "name the folder that holds model_index.json"


def _lora(path: Path) -> KamishibaiError:
    return UnsupportedError(
        "this is a LoRA, which changes a model and is none",
        where=str(path),
        hint="name a model, and this in its option lora: "
        f"--option 'picture:diffusers.lora={{\"{path}\": 1.0}}'",
    )


def _adapter(path: Path) -> KamishibaiError:
    return UnsupportedError(
        "this is an IP-Adapter, which holds faces for another model",
        where=str(path),
        hint="name a model that has one, such as sd15 or sdxl: `kamishibai models pull sdxl --with-identity`",
    )


def _one_model(folder: Path) -> KamishibaiError:
    config = layout.read_json(folder / "config.json")
    class_name = str(config.get("_class_name") or "")
    if class_name:
        part = next((what for mark, what in _PARTS if mark in class_name), "one part")
        return ModelError(
            f"this is {part} of a pipeline ({class_name}), not a whole one",
            where=str(folder),
            hint=_whole(folder),
        )
    kind = str(config.get("model_type") or "")
    architecture = next(iter(config.get("architectures") or []), "")
    what = _KINDS.get(kind)
    if what is None and "CausalLM" in str(architecture):
        what = f"a language model ({architecture})"
    from kamishibai.weights.pretrained import backend_of  # which looks for pipelines by way of this module

    backend = backend_of(config, [path.name for path in folder.iterdir()])
    return UnsupportedError(
        f"this is {what or 'a model of transformers' + (f' ({architecture or kind})' if architecture or kind else '')},"
        " not a pipeline of diffusers",
        where=str(folder),
        hint=f"use it as `--{backend.replace(':', ' ')}:{folder}`"
        if backend
        else "name a folder with a model_index.json, a preset or a hub id",
    )


# ------------------------------------------------------------------------------------------ single files
def family_of_file(path: Path) -> Family:
    """Return the family of a single-file checkpoint, by the names and shapes of its tensors.

    The marks are those of diffusers' ``loaders/single_file_utils.py``, which will load it.

    Raises
    ------
    UnsupportedError
        For a LoRA, an adapter or a part, with where it goes.
    ModelError
        For a damaged file, or one that is no known checkpoint.
    """
    header = read_header(path)
    names = header.tensors
    if any(mark in name for name in names for mark in ("lora_up", "lora_down", "lora_A", "lora_B", ".lora.")):
        raise _lora(path)
    if any(name.startswith(("ip_adapter.", "image_proj.")) for name in names):
        raise _adapter(path)
    name = _family_name(header)
    family = family_named(name) if name else None
    if family is None:
        raise ModelError(
            "these weights are no whole checkpoint that can be loaded from one file" + _guess(header),
            where=str(path),
            hint="name the folder of the whole pipeline (with model_index.json), a preset or a hub id",
        )
    return family


_LDM = "model.diffusion_model."


def _family_name(header: Header) -> str:
    tensors = header.tensors
    first = tensors.get(_LDM + "input_blocks.0.0.weight")
    if first is not None:
        attention = tensors.get(_LDM + "input_blocks.2.1.transformer_blocks.0.attn2.to_k.weight")
        if first.shape[1:2] != (4,):
            return ""
        if any(name.startswith("conditioner.embedders.1.") for name in tensors):
            return "sdxl"
        if any(name.startswith("conditioner.embedders.0.model.") for name in tensors):
            return ""  # the refiner of SDXL
        return "sd2" if attention is not None and attention.shape[-1:] == (1024,) else "sd15"
    bare = {name.removeprefix(_LDM) for name in tensors}
    for name, marks in _MARKS:
        if all(mark in bare for mark in marks):
            return name
    return ""


_MARKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("sd3", ("joint_blocks.0.context_block.adaLN_modulation.1.bias",)),
    ("flux2", ("single_stream_modulation.lin.weight",)),
    ("chroma", ("distilled_guidance_layer.in_proj.bias",)),
    ("flux", ("double_blocks.0.img_attn.norm.key_norm.scale",)),
    ("zimage", ("layers.0.adaLN_modulation.0.weight",)),
    ("lumina2", ("cap_embedder.0.weight",)),
    ("ltx", ("patchify_proj.weight", "transformer_blocks.27.scale_shift_table")),
    ("wan", ("head.modulation",)),
    ("auraflow", ("double_layers.0.attn.w2q.weight", "cond_seq_linear.weight")),
)
"""Tensors, without the LDM prefix, that tell the families apart; the order matters, as in diffusers."""


def _guess(header: Header) -> str:
    names = header.tensors
    first = names.get(_LDM + "input_blocks.0.0.weight")
    if first is not None and first.shape[1:2] == (9,):
        return ": an inpainting model, which repairs pictures and cannot make one from words"
    if first is not None and first.shape[1:2] == (8,):
        return ": a model that edits given pictures"
    if any(name.startswith("conditioner.embedders.0.model.") for name in names):
        return ": the refiner of SDXL"
    if any(name.startswith(("control_model.", "controlnet_cond_embedding.")) for name in names):
        return ": a ControlNet"
    if any(name.startswith(("down_blocks.", "encoder.down", "decoder.up", "text_model.")) for name in names):
        return ": one part of a pipeline"
    if len(names) <= 2:
        return ": an embedding (textual inversion)"
    return ""
