"""docs/memory.md says what the memory plan does."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("memory_page", ROOT / "tools" / "memory_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_is_what_the_plan_says() -> None:
    tool = _tool()

    assert tool.PAGE.read_text(encoding="utf-8") == tool.page(), "run `make docs`"


def test_the_figures_compared_with_published_runs_are_the_plans() -> None:
    from kamishibai.devices.memory import Device, plan_memory
    from kamishibai.weights.families import family_named

    card = Device(kind="cuda", total_mb=80_000, free_mb=80_000, bf16=True)
    flux, svd = family_named("flux"), family_named("svd")
    assert flux is not None
    assert svd is not None
    whole, parts = (
        plan_memory(card, flux, 0, 1024, 1024, offload=how).estimate_mb for how in ("none", "model")
    )
    shared, alone = (Device(kind="cuda", total_mb=8590, free_mb=free) for free in (8160, 8590))
    clips = [
        plan_memory(device, svd, 0, 1024, 576, frames=count) for device, count in ((shared, 14), (alone, 25))
    ]
    text = (ROOT / "docs" / "memory.md").read_text(encoding="utf-8")

    assert f"Estimate: {whole / 1000:.1f} and {parts / 1000:.1f} × 10^9" in text
    assert f"Estimate: {clips[0].estimate_mb / 1000:.1f} GB for 14 frames" in text
    assert f"{clips[1].estimate_mb / 1000:.1f} GB for 25" in text
    assert all(clip.fits and clip.forward_chunking and clip.decode_chunk == 2 for clip in clips)
