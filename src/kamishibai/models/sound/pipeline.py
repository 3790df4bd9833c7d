"""Opens a pipeline of diffusers that makes sound, from files that are already here."""

from __future__ import annotations

from typing import Any

from kamishibai.devices.device import torch_name
from kamishibai.errors import ModelError, UnknownModelError
from kamishibai.pretrained.opening import Placing
from kamishibai.pretrained.runtime import is_out_of_memory, quiet, torch_dtype
from kamishibai.weights.checkpoint import Checkpoint

__all__ = ["open_sound"]

_TROUBLE = (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError, ImportError)


def open_sound(checkpoint: Checkpoint, where: Placing) -> Any:
    """Return the pipeline, loaded and placed, its progress bar off.

    Raises
    ------
    ModelError
        When files are damaged, or memory runs out.
    UnknownModelError
        When diffusers has no such class.
    """
    with quiet():
        import diffusers
        from safetensors import SafetensorError

        cls = getattr(diffusers, checkpoint.pipeline, None)
        if cls is None:
            raise UnknownModelError(
                f"diffusers {diffusers.__version__} has no pipeline {checkpoint.pipeline!r}",
                hint="pip install -U 'kamishibai[models]'",
            )
        settings: dict[str, Any] = {
            "torch_dtype": torch_dtype(where.dtype), "use_safetensors": True, "local_files_only": True,
        }  # fmt: skip
        try:
            pipe = cls.from_pretrained(
                str(checkpoint.path), variant=checkpoint.variant or None,
                **settings, **_language_model(checkpoint, where),
            )  # fmt: skip
            pipe.set_progress_bar_config(disable=True)
            if where.offload:
                pipe.enable_model_cpu_offload(device=torch_name(where.device))
            else:
                pipe.to(torch_name(where.device))
        except (*_TROUBLE, SafetensorError) as error:
            raise _told(checkpoint, where, error) from error
    return pipe


def _language_model(checkpoint: Checkpoint, where: Placing) -> dict[str, Any]:
    """Return AudioLDM2's language model as the class that its code calls.

    The index on the hub names ``GPT2Model``, which has nothing of ``generate``; the same weights serve GPT2LMHeadModel.
    """
    if checkpoint.family.name != "audioldm2":
        return {}
    from transformers import GPT2LMHeadModel

    folder = checkpoint.path / "language_model"
    model: Any = GPT2LMHeadModel.from_pretrained(
        folder, variant=checkpoint.variant or None, use_safetensors=True, local_files_only=True,
        dtype=torch_dtype(where.dtype),
    )  # fmt: skip
    return {"language_model": model.eval()}


def _told(checkpoint: Checkpoint, where: Placing, error: Exception) -> ModelError:
    if is_out_of_memory(error):
        return ModelError(
            f"{checkpoint.name} ran out of memory on {torch_name(where.device)}",
            kept="everything that was finished before",
            hint=f"it takes about {where.estimate_mb:,} MB; close other programs, or use a smaller model",
        )
    words = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return ModelError(
        f"{checkpoint.name} cannot be loaded: {words[:300]}",
        where=str(checkpoint.path),
        hint=f"`kamishibai models verify {checkpoint.name}` finds missing and damaged files",
    )
