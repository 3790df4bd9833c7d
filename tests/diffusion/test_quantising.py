"""Quantised weights: what is said without the packages, and what they do where one is installed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kamishibai.devices.memory import Device, MemoryPlan, plan_memory
from kamishibai.errors import UnknownModelError, UnsupportedError
from kamishibai.weights.families import family_named

pytest.importorskip("diffusers")

from kamishibai.diffusion import quantising


def plan_of(kind: str, quantise: Any) -> MemoryPlan:
    device = Device.model_validate({"kind": kind, "total_mb": 24_000, "free_mb": 24_000})
    family = family_named("sd15")
    assert family is not None
    return plan_memory(device, family, 1, 64, 64, quantise=quantise)


@pytest.mark.parametrize(
    ("kind", "package"),
    [("cuda", "bitsandbytes"), ("rocm", "bitsandbytes"), ("cpu", "torchao"), ("mps", "torchao")],
)
def test_a_missing_package_is_named_with_the_command_that_installs_it(
    kind: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quantising, "find_spec", lambda name: None)

    with pytest.raises(UnknownModelError, match=f"need the package {package}") as caught:
        quantising.quantised(plan_of(kind, "int8"))

    assert f"pip install {package}" in (caught.value.hint or "")


@pytest.mark.parametrize("kind", ["cpu", "mps"])
def test_int4_is_refused_without_a_card(kind: str) -> None:
    with pytest.raises(UnsupportedError, match="graphics card"):
        quantising.quantised(plan_of(kind, "int4"))


def test_int8_weights_draw_on_a_processor(tiny: Callable[[str], Path]) -> None:
    pytest.importorskip("torchao", exc_type=ImportError)
    import numpy as np
    import torch
    from diffusers import StableDiffusionPipeline

    from kamishibai.diffusion.pipe import quiet

    with quiet():
        pipe = StableDiffusionPipeline.from_pretrained(
            str(tiny("sd15")),
            safety_checker=None,
            requires_safety_checker=False,
            torch_dtype=torch.float32,
            quantization_config=quantising.quantised(plan_of("cpu", "int8")),
        )
        image = pipe("a fox", num_inference_steps=1, height=64, width=64, output_type="np").images
    kinds = {type(m.weight).__name__ for m in pipe.unet.modules() if isinstance(m, torch.nn.Linear)}

    assert any("Int8" in kind or "Quantized" in kind for kind in kinds)
    assert np.isfinite(image).all()
