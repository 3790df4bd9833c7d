"""Describes int8 and int4 weights to diffusers, by whichever package is installed that can make them on the device."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from kamishibai.devices.memory import MemoryPlan
from kamishibai.errors import UnknownModelError, UnsupportedError

__all__ = ["quantised"]

PARTS = ("unet", "transformer", "transformer_2", "text_encoder", "text_encoder_2", "text_encoder_3")
"""What is quantised where a pipeline has it; the decoder is small, and suffers most."""


def quantised(plan: MemoryPlan) -> Any:
    """Return diffusers' description of a plan's quantised weights, for ``from_pretrained(quantization_config=…)``.

    On NVIDIA's and AMD's cards bitsandbytes makes them, or torchao where only that is installed; elsewhere torchao,
    which has int8 alone there.

    Raises
    ------
    UnknownModelError
        When no package that could do it is installed.
    UnsupportedError
        When the device cannot do it.
    """
    card = plan.work.device.kind in ("cuda", "rocm")
    if plan.quantise == "int4" and not card:
        raise UnsupportedError(
            "int4 weights need a graphics card", hint="use quantise int8, or leave out the option quantise"
        )
    if card and find_spec("bitsandbytes") is not None:
        return _by_bitsandbytes(plan)
    if find_spec("torchao") is not None:
        return _by_torchao(plan)
    package = "bitsandbytes" if card else "torchao"
    raise UnknownModelError(
        f"{plan.quantise} weights need the package {package}, which is not installed",
        hint=f"pip install {package}, or leave out the option quantise",
    )


def _by_bitsandbytes(plan: MemoryPlan) -> Any:
    import torch
    from diffusers.quantizers.pipe_quant_config import PipelineQuantizationConfig

    if plan.quantise == "int8":
        return PipelineQuantizationConfig(
            quant_backend="bitsandbytes_8bit",
            quant_kwargs={"load_in_8bit": True},
            components_to_quantize=list(PARTS),
        )
    return PipelineQuantizationConfig(
        quant_backend="bitsandbytes_4bit",
        quant_kwargs={
            "load_in_4bit": True,
            "bnb_4bit_quant_type": "nf4",
            "bnb_4bit_compute_dtype": getattr(torch, plan.dtype),
        },
        components_to_quantize=list(PARTS),
    )


def _by_torchao(plan: MemoryPlan) -> Any:
    import diffusers
    import transformers
    from diffusers.quantizers.pipe_quant_config import PipelineQuantizationConfig

    # Not part of the extra, so there is nothing to check its types against.
    torchao = import_module("torchao.quantization")
    weights = torchao.Int8WeightOnlyConfig() if plan.quantise == "int8" else torchao.Int4WeightOnlyConfig()
    # The two libraries each want a description of their own class.
    return PipelineQuantizationConfig(
        quant_mapping={
            part: (transformers if part.startswith("text") else diffusers).TorchAoConfig(weights)
            for part in PARTS
        }
    )
