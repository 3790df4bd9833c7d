"""Opens a pipeline of diffusers from files that are already here: safetensors only, no network, no foreign code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kamishibai.devices.memory import Device, MemoryPlan
from kamishibai.diffusion.adapters import lay_over
from kamishibai.diffusion.schedulers import fit_scheduler
from kamishibai.diffusion.single_file import config_folder
from kamishibai.errors import ModelError, UnknownModelError, UnsupportedError
from kamishibai.pretrained.runtime import free_memory, prepared, quiet, torch_dtype
from kamishibai.weights.checkpoint import Checkpoint

__all__ = ["close_pipeline", "open_pipeline", "prepared", "put", "quiet", "torch_dtype"]

_TROUBLE = (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError, ImportError)


def open_pipeline(
    checkpoint: Checkpoint,
    pipeline_class: str | None,
    plan: MemoryPlan,
    device: Device,
    *,
    scheduler: str | None = None,
    safety: bool = True,
    lora: Mapping[str, float] | None = None,
    config: str = "",
    attention: str = "auto",
    compiled: bool = False,
    placed: bool = True,
) -> Any:
    """Return a pipeline, loaded and placed by `plan`, its progress bar off.

    Parameters
    ----------
    checkpoint
        Where the weights are, from `kamishibai.weights.checkpoint.locate`.
    pipeline_class
        Class of diffusers to open the weights with; None for the checkpoint's own (or its text-to-image sibling).
    scheduler
        One of `kamishibai.diffusion.schedulers.NAMES`; None for the checkpoint's own.
    safety
        Load the family's checker of what is not safe for work, where the checkpoint has one.
    lora
        LoRA files and their weights.
    config
        Folder with the configuration that a single-file checkpoint needs, when it is not found beside it.
    placed
        False leaves it in main memory, for `put` to bring it to its device when there is a desk to tell.

    Raises
    ------
    UnknownModelError
        When diffusers has no such class, or a single file's configuration is not here.
    ModelError
        When files are missing or damaged.
    UsageError, UnsupportedError
        When the scheduler, a LoRA or the attention back-end does not go with the checkpoint.
    """
    with quiet():
        try:
            pipe = _read(checkpoint, pipeline_class, plan, safety, config)
        except MemoryError as error:
            raise ModelError(
                f"{checkpoint.name} does not fit into memory",
                hint="close other programs, or use a smaller model",
            ) from error
        if scheduler:
            fit_scheduler(pipe, scheduler)
        lay_over(pipe, checkpoint.family, lora or {})
        pipe.set_progress_bar_config(disable=True)
        if compiled:
            for name in ("unet", "transformer", "transformer_2"):
                if getattr(pipe, name, None) is not None:
                    getattr(pipe, name).compile()
        if placed:
            put(pipe, plan, device, attention)
    return pipe


def put(pipe: Any, plan: MemoryPlan, device: Device, attention: str = "auto") -> None:
    """Bring a pipeline to its device as `plan` says, computing attention the way that was asked for."""
    from kamishibai.diffusion.placing import attend, place

    with quiet():
        place(pipe, plan, device)
        if attention != "auto":
            attend(pipe, attention)


def _read(
    checkpoint: Checkpoint, pipeline_class: str | None, plan: MemoryPlan, safety: bool, config: str
) -> Any:
    kind = _class_of(checkpoint, pipeline_class)
    settings: dict[str, Any] = {"torch_dtype": torch_dtype(plan.dtype), "local_files_only": True}
    if _has_checker(kind) and (not safety or "safety_checker" in checkpoint.missing):
        settings |= {"safety_checker": None, "requires_safety_checker": False}
    if plan.quantise != "none":
        from kamishibai.diffusion.quantising import quantised

        settings["quantization_config"] = quantised(plan)
    if checkpoint.single_file:
        return _read_file(checkpoint, kind, settings, config)
    try:
        # The very files that were checked and that the key stands for, even where others lie beside them.
        return kind.from_pretrained(
            str(checkpoint.path), variant=checkpoint.variant or None, use_safetensors=True, **settings
        )
    except _trouble() as error:
        raise _told(checkpoint, error) from error


def _class_of(checkpoint: Checkpoint, wanted: str | None) -> Any:
    import diffusers

    name = wanted or checkpoint.pipeline or checkpoint.family.pipelines[0]
    if wanted is None and checkpoint.kind == "picture":
        # A folder saved from the img2img sibling holds the same weights; the job here starts from words.
        name = checkpoint.family.pipelines[0] if _is_sibling(name) else name
    kind = getattr(diffusers, name, None)
    if not (isinstance(kind, type) and issubclass(kind, diffusers.DiffusionPipeline)):
        raise UnknownModelError(
            f"diffusers {diffusers.__version__} has no pipeline {name!r}, which {checkpoint.name} was saved from",
            hint="pip install -U 'kamishibai[models]'",
        )
    return kind


def _is_sibling(name: str) -> bool:
    return "Img2Img" in name


def _has_checker(kind: Any) -> bool:
    return "safety_checker" in getattr(kind, "_optional_components", ())


def _trouble() -> tuple[type[Exception], ...]:
    from safetensors import SafetensorError

    return (*_TROUBLE, SafetensorError)


def _told(checkpoint: Checkpoint, first: Exception) -> ModelError:
    """Return one error for what went wrong, in the library's own first line."""
    words = next((line.strip() for line in str(first).splitlines() if line.strip()), type(first).__name__)
    return ModelError(
        f"{checkpoint.name} cannot be loaded: {words[:300]}",
        where=str(checkpoint.path),
        hint=f"`kamishibai models verify {checkpoint.name}` finds missing and damaged files",
    )


def _read_file(checkpoint: Checkpoint, kind: Any, settings: dict[str, Any], config: str) -> Any:
    if not hasattr(kind, "from_single_file"):
        raise UnsupportedError(
            f"{checkpoint.family.name} cannot be read from a single file", hint="use its folder or hub id"
        )
    folder = config_folder(checkpoint, config)
    try:
        return kind.from_single_file(str(checkpoint.path), config=str(folder), **settings)
    except _trouble() as error:
        raise _told(checkpoint, error) from error


def close_pipeline(pipe: Any) -> None:
    """Give a pipeline's memory back: hooks off, components dropped, the accelerator's cache emptied."""

    if hasattr(pipe, "remove_all_hooks"):
        pipe.remove_all_hooks()
    for name in list(pipe.components):
        setattr(pipe, name, None)
    free_memory()
