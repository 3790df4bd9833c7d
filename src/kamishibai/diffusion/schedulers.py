"""Schedulers by the names that the field uses, and which of them a checkpoint can use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kamishibai.errors import UsageError
from kamishibai.weights.checkpoint import Checkpoint
from kamishibai.weights.layout import read_json

__all__ = ["NAMES", "fit_scheduler", "refuse_misfit", "refuse_pictures", "reseed", "usable"]

_NOISE: dict[str, tuple[str, dict[str, Any]]] = {
    "ddim": ("DDIMScheduler", {}),
    "ddpm": ("DDPMScheduler", {}),
    "pndm": ("PNDMScheduler", {"skip_prk_steps": True}),
    "lms": ("LMSDiscreteScheduler", {}),
    "euler": ("EulerDiscreteScheduler", {}),
    "euler-karras": ("EulerDiscreteScheduler", {"use_karras_sigmas": True}),
    "euler-trailing": ("EulerDiscreteScheduler", {"timestep_spacing": "trailing"}),
    "euler-a": ("EulerAncestralDiscreteScheduler", {}),
    "euler-a-trailing": ("EulerAncestralDiscreteScheduler", {"timestep_spacing": "trailing"}),
    "heun": ("HeunDiscreteScheduler", {}),
    "dpm++2m": ("DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++"}),
    "dpm++2m-karras": (
        "DPMSolverMultistepScheduler",
        {"algorithm_type": "dpmsolver++", "use_karras_sigmas": True},
    ),
    "dpm++2m-sde": ("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}),
    "dpm++2m-sde-karras": (
        "DPMSolverMultistepScheduler",
        {"algorithm_type": "sde-dpmsolver++", "use_karras_sigmas": True},
    ),
    "dpm++sde": ("DPMSolverSDEScheduler", {}),
    "dpm++sde-karras": ("DPMSolverSDEScheduler", {"use_karras_sigmas": True}),
    "unipc": ("UniPCMultistepScheduler", {}),
    "deis": ("DEISMultistepScheduler", {}),
    "lcm": ("LCMScheduler", {}),
    "tcd": ("TCDScheduler", {}),
}
"""For models that predict noise or velocity along a noise schedule (Stable Diffusion 1, 2, XL, ModelScope …)."""

_FLOW: dict[str, tuple[str, dict[str, Any]]] = {
    "flow-euler": ("FlowMatchEulerDiscreteScheduler", {}),
    "flow-heun": ("FlowMatchHeunDiscreteScheduler", {}),
    "flow-lcm": ("FlowMatchLCMScheduler", {}),
    "flow-dpm++2m": (
        "DPMSolverMultistepScheduler",
        {
            "algorithm_type": "dpmsolver++",
            "prediction_type": "flow_prediction",
            "use_flow_sigmas": True,
        },
    ),
    "flow-unipc": (
        "UniPCMultistepScheduler",
        {"prediction_type": "flow_prediction", "use_flow_sigmas": True},
    ),
}
"""For flow matching (SD 3, FLUX, Z-Image, Qwen-Image, LTX, Wan …)."""

NAMES: tuple[str, ...] = (*_NOISE, *_FLOW)
"""Every name there is."""


_EVERYWHERE = ("flow-euler", "flow-lcm")
_ALSO: dict[str, tuple[str, ...]] = {
    "StableDiffusion3": tuple(_FLOW),
    "Wan": tuple(_FLOW),
    "Flux": ("flow-unipc",),
    "QwenImage": ("flow-unipc",),
}
"""What a pipeline can use beside `_EVERYWHERE`, by the beginning of its class: the others hand over noise levels
(``sigmas``, ``mu``) that not every scheduler takes. Tried on tiny checkpoints with diffusers 0.42."""


def usable(pipe: Any) -> tuple[str, ...]:
    """Return the names of the schedulers that a loaded pipeline can use."""
    return _usable(type(pipe).__name__, type(pipe.scheduler).__name__, pipe.scheduler.config)


def _usable(pipeline: str, scheduler: str, config: Mapping[str, Any]) -> tuple[str, ...]:
    if not _flows(scheduler, config):
        return tuple(_NOISE)
    also = next((names for start, names in _ALSO.items() if pipeline.startswith(start)), ())
    return tuple(n for n, (kind, _) in _FLOW.items() if n in (*_EVERYWHERE, *also) or kind == scheduler)


def refuse_misfit(checkpoint: Checkpoint, name: str) -> None:
    """Refuse a scheduler that the checkpoint cannot use, without loading it. Raises UsageError."""
    path = checkpoint.path / "scheduler" / "scheduler_config.json"
    if not checkpoint.single_file and path.is_file():
        config = read_json(path)
        _refuse(
            name, _usable(checkpoint.pipeline, str(config.get("_class_name")), config), checkpoint.pipeline
        )


def _refuse(name: str, possible: tuple[str, ...], pipeline: str) -> None:
    if name in possible:
        return
    what = (
        f"{pipeline} cannot use the scheduler {name!r}"
        if name in NAMES
        else f"there is no scheduler {name!r}"
    )
    raise UsageError(what, hint=f"use one of {', '.join(possible)}")


def refuse_pictures(pipe: Any) -> None:
    """Refuse to start from a picture with a scheduler that cannot add noise to one. Raises UsageError."""
    if _flows(type(pipe.scheduler).__name__, pipe.scheduler.config) and not hasattr(
        pipe.scheduler, "scale_noise"
    ):
        raise UsageError(
            f"{type(pipe.scheduler).__name__} cannot start from a picture",
            hint=f"use the scheduler {' or '.join(_EVERYWHERE)}",
        )


def _flows(scheduler: str, config: Mapping[str, Any]) -> bool:
    return scheduler.startswith("FlowMatch") or bool(
        config.get("use_flow_sigmas") or config.get("prediction_type") == "flow_prediction"
    )


def fit_scheduler(pipe: Any, name: str) -> None:
    """Give a loaded pipeline the scheduler called `name`, set up from the checkpoint's own schedule.

    Raises
    ------
    UsageError
        When there is none of that name, or the checkpoint was trained for the other sort.
    """
    import diffusers

    _refuse(name, usable(pipe), type(pipe).__name__)
    kind, settings = (_FLOW if name in _FLOW else _NOISE)[name]
    config = dict(pipe.scheduler.config)
    shift = config.get("shift")
    if kind in ("DPMSolverMultistepScheduler", "UniPCMultistepScheduler") and name in _FLOW and shift:
        settings = {**settings, "flow_shift": shift}
    pipe.scheduler = getattr(diffusers, kind).from_config(config, **settings)


def reseed(pipe: Any, seeds: list[int]) -> None:
    """Tie a scheduler that draws noise from a source of its own to the asks' seeds, one a picture of the batch."""
    if type(pipe.scheduler).__name__ == "DPMSolverSDEScheduler":
        pipe.scheduler.noise_sampler = None
        pipe.scheduler.noise_sampler_seed = list(seeds)
