"""LoRA adapters: where their files are, whether they fit a pipeline, and how they are laid over it by weight."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kamishibai.errors import ModelError, UnknownModelError, UnsupportedError
from kamishibai.weights.checkpoint import Checkpoint
from kamishibai.weights.families import Family
from kamishibai.weights.layout import read_json
from kamishibai.weights.places import snapshot
from kamishibai.weights.safe import read_header

__all__ = ["Shapes", "lay_over", "lora_file", "refuse_stranger", "shapes_of"]

Shapes = Mapping[str, tuple[int, ...]]
"""Tensor shapes by name."""

_MADE_FOR = {768: "Stable Diffusion 1.5", 1024: "Stable Diffusion 2", 2048: "SDXL", 4096: "a transformer"}
"""What a cross-attention width, in features, tells of the model that an adapter was trained on."""


def lora_file(name: str) -> Path:
    """Return the safetensors file of a LoRA: a path, a folder with one file, or ``owner/name[:file]`` pulled before.

    Never the network.

    Raises
    ------
    UnknownModelError
        When it is not there.
    UnsupportedError
        When it is no safetensors file.
    ModelError
        When a folder holds several and none was named.
    """
    path = Path(name).expanduser()
    if path.is_file():
        return _safe(path, name)
    place, _, wanted = name.partition(":")
    folder = Path(place).expanduser()
    if not folder.is_dir():
        found = snapshot(place) if _is_hub_id(place) else None
        if found is None:
            raise UnknownModelError(
                f"there is no LoRA {name!r}",
                hint=f"`kamishibai models pull {place}` fetches it"
                if _is_hub_id(place)
                else "give a .safetensors file, or owner/name:file.safetensors of a pulled repository",
            )
        folder = found
    if wanted:
        if not (folder / wanted).is_file() or not (folder / wanted).resolve().exists() or ".." in wanted:
            raise UnknownModelError(f"the LoRA {place} has no file {wanted!r}", hint=_choices(folder))
        return _safe(folder / wanted, name)
    files = sorted(folder.glob("*.safetensors"))
    if len(files) == 1:
        return files[0]
    if not files:
        raise UnsupportedError(
            f"the LoRA {name!r} has no .safetensors file",
            hint="convert pickled weights (.bin, .pt, .ckpt) to safetensors on a machine you can lose",
        )
    raise ModelError(f"the LoRA {name!r} has several files", hint=_choices(folder))


def _safe(path: Path, name: str) -> Path:
    if path.suffix != ".safetensors":
        raise UnsupportedError(
            f"the LoRA {name!r} is not a safetensors file; pickled weights can run code when they are read",
            hint="convert it to .safetensors on a machine you can lose",
        )
    return path


def _choices(folder: Path) -> str:
    names = [file.name for file in sorted(folder.glob("*.safetensors"))]
    return f"name one after a colon: {', '.join(names[:8]) or 'it has no .safetensors file'}"


def _is_hub_id(place: str) -> bool:
    parts = place.split("/")
    return len(parts) == 2 and all(parts) and not place.startswith((".", "/", "~"))


def shapes_of(path: Path) -> Shapes:
    """Return the tensor shapes in a safetensors file, from its header alone. Raises ModelError for a damaged one."""
    return {name: tensor.shape for name, tensor in read_header(path).tensors.items()}


def lay_over(pipe: Any, family: Family, loras: Mapping[str, float]) -> None:
    """Lay LoRAs over a loaded pipeline, each with its weight; a weight of 0 leaves it out.

    Raises
    ------
    UnsupportedError
        When one was trained on another family, or fits nothing in the pipeline.
    """
    named: dict[str, float] = {}
    for name, weight in loras.items():
        if weight == 0:
            continue
        path = lora_file(name)
        unet = getattr(pipe, "unet", None)
        width = None if unet is None else unet.config.get("cross_attention_dim")
        _refuse_misfit(width, family, name, shapes_of(path))
        adapter = f"lora{len(named)}"
        try:
            pipe.load_lora_weights(
                str(path.parent),
                weight_name=path.name,
                adapter_name=adapter,
                local_files_only=True,
                use_safetensors=True,
            )
        except (RuntimeError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnsupportedError(
                f"the LoRA {name!r} does not fit {family.name}: {_first_line(error)}",
                hint=f"use a LoRA that was trained on {family.name}, or leave it out",
            ) from error
        if adapter not in {each for adapters in pipe.get_list_adapters().values() for each in adapters}:
            raise UnsupportedError(
                f"the LoRA {name!r} has nothing that fits {family.name}",
                hint=f"use a LoRA that was trained on {family.name}, or leave it out",
            )
        named[adapter] = weight
    if named:
        pipe.set_adapters(list(named), adapter_weights=list(named.values()))


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)[
        :200
    ]


def refuse_stranger(checkpoint: Checkpoint, name: str) -> None:
    """Refuse a LoRA that was made for another family, by its header and the checkpoint's config alone.

    Raises
    ------
    UnsupportedError, UnknownModelError, ModelError
        As `lora_file` and `shapes_of`; and when it is none, or reads text of another width.
    """
    config = checkpoint.path / "unet" / "config.json"
    width = None
    if not checkpoint.single_file and config.is_file():
        width = read_json(config).get("cross_attention_dim")
    _refuse_misfit(width, checkpoint.family, name, shapes_of(lora_file(name)))


def _refuse_misfit(width: Any, family: Family, name: str, shapes: Shapes) -> None:
    """Compare the width of the text that the adapter's cross-attention reads with the model's own."""
    if not any("lora" in key.lower() or "lokr" in key.lower() or "hada" in key.lower() for key in shapes):
        raise UnsupportedError(
            f"{name!r} holds no LoRA", hint="a whole checkpoint goes after --picture diffusers:"
        )
    if not isinstance(width, int):
        return
    for key, shape in shapes.items():
        down = "lora_down" in key or "lora_A" in key or "lora.down" in key
        if "attn2" in key and "to_k" in key and down and shape[-1] != width:
            made_for = _MADE_FOR.get(shape[-1], f"a model that reads text {shape[-1]} wide")
            raise UnsupportedError(
                f"the LoRA {name!r} was made for {made_for}, not for {family.name}: its cross-attention reads "
                f"{shape[-1]} features where {family.name} gives {width}",
                hint=f"use a LoRA that was trained on {family.name}, or leave it out",
            )
