"""Puts a loaded pipeline where its memory plan says, and steps down the ladder when memory runs out all the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any, TypeVar

from kamishibai.devices.device import torch_name
from kamishibai.devices.memory import SHARE, Device, MemoryPlan, Offload, step_down
from kamishibai.errors import ModelError, UnsupportedError, UsageError
from kamishibai.models.base import Desk
from kamishibai.pretrained.runtime import free_memory, is_out_of_memory

__all__ = [
    "ATTENTION",
    "answer_with_ladder",
    "attend",
    "free_memory",
    "is_out_of_memory",
    "offload_to",
    "place",
]

T = TypeVar("T")

ATTENTION = ("sdpa", "slicing", "xformers", "flash")
"""Ways to compute attention; ``sdpa`` is torch's own fused kernel."""
PACKAGES = {"xformers": ("xformers", "xformers"), "flash": ("flash_attn", "flash-attn")}
"""Module and package of those that are not in torch. Kernels fetched from a hub (``…_hub``) are foreign code."""
PLAIN = (
    "AttnProcessor",
    "AttnProcessor2_0",
    "SlicedAttnProcessor",
    "AttnAddedKVProcessor",
    "XFormersAttnProcessor",
)
"""Attention processors without weights of their own, which may be exchanged for one another."""
MOST_STEPS = 24
"""More than any ladder has (three halvings of the frames, five of the batch, two offloads, three sizes …)."""


def place(pipe: Any, plan: MemoryPlan, device: Device) -> None:
    """Bring `pipe` to `device` as `plan` says; what an earlier plan had put in place is undone first.

    The number type and quantisation are settled when weights are read, and cannot be changed here.
    Chunked decoding is an argument of the call (``decode_chunk_size=plan.decode_chunk``), and so is the batch.
    """
    import torch

    target = torch.device(torch_name(device))
    _shape_decoder(getattr(pipe, "vae", None), plan)
    _slice_attention(pipe, plan.attention_slicing)
    _chunk_forward(getattr(pipe, "unet", None), plan.forward_chunking)
    _take_hooks_off(pipe)
    if plan.offload == "none" or device.kind == "cpu":
        # On a processor there is nowhere to offload to, and accelerate's hooks fail there.
        pipe.to(target)
    else:
        offload_to(pipe, plan.offload, target)


def offload_to(pipe: Any, how: Offload, target: Any) -> None:
    """Keep `pipe` in main memory and move its parts (``model``) or layers (``sequential``) to `target` in turn."""
    pipe.to("cpu", silence_dtype_warnings=True)
    free_memory()
    # Given no device, accelerate looks for a card, and takes the first.
    if how == "model":
        pipe.enable_model_cpu_offload(device=target)
    else:
        pipe.enable_sequential_cpu_offload(device=target)


def _take_hooks_off(pipe: Any) -> None:
    parts = [part for part in pipe.components.values() if hasattr(part, "_hf_hook")]
    if parts:
        pipe.remove_all_hooks()


def _shape_decoder(vae: Any, plan: MemoryPlan) -> None:
    if vae is None:
        return
    if hasattr(vae, "use_slicing"):
        vae.use_slicing = plan.vae_slicing
    if not hasattr(vae, "use_tiling"):
        return
    vae.use_tiling = plan.vae_tiling
    if not plan.vae_tiling:
        return
    if hasattr(vae, "tile_latent_min_size"):
        # SDXL's decoder would cut nothing smaller than its native 1024 pixels.
        scale = 2 ** (len(vae.config.block_out_channels) - 1)
        side = min(vae.tile_sample_min_size, plan.tile_px)
        vae.tile_sample_min_size, vae.tile_latent_min_size = side, max(side // scale, 1)
    if hasattr(vae, "use_framewise_decoding"):
        vae.use_framewise_decoding = True


def _networks(pipe: Any) -> Iterator[Any]:
    """Yield the networks that denoise."""
    for name in ("unet", "transformer", "transformer_2"):
        network = getattr(pipe, name, None)
        if network is not None:
            yield network


def _slice_attention(pipe: Any, wanted: bool) -> None:
    """Slice attention or give it back; processors with weights of their own (IP-Adapter) are let be."""
    for network in _networks(pipe):
        if not hasattr(network, "set_attention_slice"):
            continue
        kinds = {type(each).__name__ for each in network.attn_processors.values()}
        if not kinds.issubset(PLAIN):
            continue
        sliced = "SlicedAttnProcessor" in kinds
        if wanted and not sliced:
            # "auto" halves the heads, and fails on a layer that has but one.
            network.set_attention_slice("max")
        elif sliced and not wanted:
            network.set_attention_slice(None)


def _chunk_forward(network: Any, wanted: bool) -> None:
    if network is None or not hasattr(network, "enable_forward_chunking"):
        return
    for module in network.modules():
        if hasattr(module, "set_chunk_feed_forward"):
            module.set_chunk_feed_forward(chunk_size=1 if wanted else None, dim=0)


def attend(pipe: Any, how: str) -> None:
    """Have `pipe` compute attention `how`: one of `ATTENTION`.

    Raises
    ------
    UsageError
        For an unknown name, or when the package it needs is not installed.
    UnsupportedError
        When this pipeline or this device cannot do it.
    """
    if how not in ATTENTION:
        raise UsageError(f"attention {how!r} is not known", hint=f"use one of: {', '.join(ATTENTION)}")
    if how == "sdpa":
        return
    if how in PACKAGES and find_spec(PACKAGES[how][0]) is None:
        raise UsageError(
            f"attention {how!r} needs the package {PACKAGES[how][1]}, which is not installed",
            hint=f"pip install {PACKAGES[how][1]}, or leave out the option attention",
        )
    if how == "slicing":
        if not any(hasattr(network, "set_attention_slice") for network in _networks(pipe)):
            raise UnsupportedError(
                f"{type(pipe).__name__} cannot slice its attention", hint="leave out the option attention"
            )
        _slice_attention(pipe, True)
        return
    try:
        if hasattr(pipe, "unet") and how == "xformers":
            pipe.enable_xformers_memory_efficient_attention()
        elif hasattr(pipe, "unet"):
            raise ValueError("the UNet's attention takes fused kernels by itself")
        else:
            for network in _networks(pipe):
                network.set_attention_backend(how)
    except (RuntimeError, ValueError, ImportError, AttributeError) as error:
        raise UnsupportedError(
            f"attention {how!r} cannot be used here: {error}", hint="leave out the option attention"
        ) from error


def answer_with_ladder(
    run: Callable[[MemoryPlan], T],
    plan: MemoryPlan,
    on_step: Callable[[MemoryPlan], None],
    desk: Desk,
    *,
    shrink: bool = False,
    placed: bool = True,
) -> tuple[T, MemoryPlan]:
    """Return what `run` answers, and the plan it answered under, stepping down each time memory runs out.

    Parameters
    ----------
    run
        Answers everything that is asked, under the plan it is given (its batch, size and ``decode_chunk``).
    plan
        Where to begin; hand in the one that came back for the next batch, so that nothing is tried twice.
    on_step
        Puts the pipeline in place for a gentler plan, such as ``lambda plan: place(pipe, plan, device)``.
    desk
        Is told of every step, as a warning.
    shrink
        A smaller picture may be made when nothing else is left.
    placed
        The pipeline is in place for `plan`; False has `on_step` put it there first.

    Raises
    ------
    ModelError
        When nothing is left to give up, with what would be needed.
    """
    begun = plan
    for _ in range(MOST_STEPS):
        try:
            if not placed:
                on_step(plan)
                placed = True
            return run(plan), plan
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            said = _first_line(error)
        # Only out here are the frames gone that hold the tensors which did not fit.
        free_memory()
        if " a primitive" in said:
            # Once oneDNN found no room for its code it makes none any more, however much room there is.
            _without_onednn()
        lower = step_down(plan, shrink=shrink)
        if lower is None:
            break
        plan, placed = lower, False
        desk.note(f"{plan.why[-1]} ({said})", warn=True)
    raise _nothing_left(begun, plan, said, shrink)


def _without_onednn() -> None:
    import torch

    torch.backends.mkldnn.set_flags(False)  # type: ignore[no-untyped-call]


def _first_line(error: BaseException) -> str:
    """Return what the library said, short: without torch's place in its own source, and one sentence or two."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = re.sub(r"^\[enforce fail[^\]]*\]\s*(err == \d+\.\s*)?", "", lines[0] if lines else "")
    return ". ".join(said.split(". ")[:2])[:160] or type(error).__name__


def _nothing_left(begun: MemoryPlan, plan: MemoryPlan, said: str, shrink: bool) -> ModelError:
    device = plan.work.device
    needed = plan.estimate_mb / SHARE[device.kind] / 1000
    tried = len(plan.why) - len(begun.why)
    ways = [f"free memory on {torch_name(device)} (about {needed:.1f} GB by estimate)", "a smaller --size"]
    if plan.work.frames > 1:
        ways.append("fewer frames")
    if plan.quantise == "none":
        ways.append("quantise=int8")
    if not shrink:
        ways.append("shrink=true to allow smaller pictures")
    ways.append("a smaller model")
    return ModelError(
        f"{plan.work.family} ran out of memory on {torch_name(device)} at {plan.width}×{plan.height}"
        + (f", after {tried} steps down" if tried else "")
        + f": {said}",
        kept="everything that was finished before",
        hint="what would help: " + ", ".join(ways),
    )
