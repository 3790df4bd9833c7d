"""Opens a model of transformers from files that are already here, and puts it where it fits: safetensors, no network."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Literal

from kamishibai.devices.device import probe, probe_without_torch, torch_name
from kamishibai.devices.plan import Device, Dtype, Quantise
from kamishibai.errors import ModelError, UnknownModelError, UnsupportedError
from kamishibai.pretrained.runtime import free_memory, is_out_of_memory, quiet, torch_dtype
from kamishibai.weights.checkpoint import Checkpoint
from kamishibai.weights.pretrained import Pretrained

__all__ = ["Placed", "Placing", "close_model", "open_model", "open_part", "placing"]

SHARE = 0.85
"""How much of a device's free memory weights and their work may take."""
WORK = 1.3
"""What a model takes beside its weights while it works: activations, caches."""
_TROUBLE = (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError, ImportError)


@dataclass(frozen=True)
class Placing:
    """Where and how a model's weights would lie, and why, in words."""

    device: Device
    dtype: Dtype
    offload: bool
    """Layers that do not fit on the card stay in main memory and are moved there in turn."""
    quantise: Quantise
    estimate_mb: int
    why: tuple[str, ...]


@dataclass(frozen=True)
class Placed:
    """A loaded model, its torch device by name, and its torch dtype."""

    model: Any
    device: str
    dtype: Any
    invented: tuple[str, ...] = ()
    """Parameters that the weights lack: transformers fills them with random numbers, and only remarks on it."""


def placing(
    found: Pretrained | Checkpoint,
    device: str = "auto",
    dtype: Dtype | Literal["auto"] = "auto",
    quantise: Quantise = "none",
    *,
    half: Dtype | None = None,
    with_torch: bool = False,
) -> Placing:
    """Return how the weights would be put into this machine: without torch for `plan`, with it for the run itself.

    On a processor numbers are float32, as its kernels are made for it; on a card `half`, else bfloat16 where it has
    that, else float16. Raises UsageError for a device that is not there, UnsupportedError for weights it cannot hold so.
    """
    where = (probe if with_torch else probe_without_torch)(device)
    chosen: Dtype = dtype if dtype != "auto" else _natural(where, half)
    stored = found.half_mb * (2 if chosen == "float32" else 1)
    factor = {"none": 1.0, "int8": 0.5, "int4": 0.28}[quantise]
    need = round(stored * factor * WORK)
    room = round(where.free_mb * SHARE)
    why = [f"{chosen} on {torch_name(where)}: about {need:,} MB with its work, of {where.free_mb:,} MB free"]
    if quantise != "none":
        if where.kind not in ("cuda", "rocm"):
            raise UnsupportedError(
                f"{quantise} weights need a graphics card", hint="leave out the option quantise"
            )
        why.append(f"weights as {quantise}")
    offload = where.kind in ("cuda", "rocm") and need > room
    if offload:
        why.append("layers that do not fit stay in main memory and take turns on the card")
    return Placing(where, chosen, offload, quantise, need, tuple(why))


def _natural(device: Device, half: Dtype | None) -> Dtype:
    if device.kind == "cpu":
        return "float32"
    if half is not None:
        return half
    return "bfloat16" if device.bf16 else "float16"


def open_model(class_name: str, found: Pretrained, where: Placing) -> Placed:
    """Return a model of transformers by its class name, loaded, placed, and ready to be run.

    Raises
    ------
    ModelError
        When files are missing or damaged, or memory runs out.
    UnknownModelError
        When transformers has no such class, or a package for quantised weights is missing.
    """
    with quiet():
        import transformers

        cls = getattr(transformers, class_name, None)
        if cls is None:
            raise UnknownModelError(
                f"the installed transformers ({transformers.__version__}) has no {class_name}",
                hint="pip install --upgrade 'kamishibai[models]'",
            )
        extra: dict[str, Any] = {"dtype": torch_dtype(where.dtype)}
        if where.quantise != "none":
            extra["quantization_config"] = _quantised(where)
        if where.offload or where.quantise != "none":
            extra["device_map"] = "auto" if where.offload else {"": torch_name(where.device)}
        try:
            model, told = cls.from_pretrained(
                found.path,
                local_files_only=True,
                use_safetensors=True,
                trust_remote_code=False,
                output_loading_info=True,
                **extra,
            )
            model = model.eval()
            if "device_map" not in extra:
                model = model.to(torch_name(where.device))
        except _TROUBLE as error:
            raise _trouble(error, found, where) from error
    learnt = dict(model.named_parameters())
    invented = tuple(sorted(name for name in told["missing_keys"] if name in learnt))
    return Placed(model, torch_name(where.device), torch_dtype(where.dtype), invented)


def open_part(class_name: str, found: Pretrained, **more: Any) -> Any:
    """Return a processor, tokenizer or feature extractor of a model's folder. Raises ModelError when it is damaged."""
    with quiet():
        import transformers

        try:
            return getattr(transformers, class_name).from_pretrained(
                found.path, local_files_only=True, trust_remote_code=False, **more
            )
        except _TROUBLE as error:
            raise ModelError(
                f"its {class_name} cannot be read: {_first_line(error)}",
                where=str(found.path),
                hint=_again(found),
            ) from error


def close_model(placed: Placed | None) -> None:
    """Give a model's memory back."""
    if placed is not None:
        del placed
        free_memory()


def _trouble(error: Exception, found: Pretrained, where: Placing) -> ModelError:
    if is_out_of_memory(error):
        return ModelError(
            f"{found.name} ran out of memory on {torch_name(where.device)}: {_first_line(error)}",
            kept="everything that was finished before",
            hint=f"it takes about {where.estimate_mb:,} MB; a smaller model, or the option quantise=int4 on a card",
        )
    return ModelError(
        f"{found.name} cannot be loaded: {_first_line(error)}", where=str(found.path), hint=_again(found)
    )


def _again(found: Pretrained) -> str:
    return f"fetch it again: `kamishibai models pull {found.name}`" if found.repo else "write the folder anew"


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:300]


def _quantised(where: Placing) -> Any:
    if find_spec("bitsandbytes") is None:
        raise UnknownModelError(
            f"{where.quantise} weights need the package bitsandbytes, which is not installed",
            hint="pip install bitsandbytes, or leave out the option quantise",
        )
    from transformers import BitsAndBytesConfig

    if where.quantise == "int8":
        return BitsAndBytesConfig(load_in_8bit=True)  # type: ignore[no-untyped-call]
    return BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch_dtype(where.dtype)
    )
