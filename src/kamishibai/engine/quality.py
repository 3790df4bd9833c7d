"""The encoder presets behind ``draft``, ``good`` and ``best``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["PRESETS", "Preset", "Quality"]

Quality = Literal["draft", "good", "best"]


@dataclass(frozen=True)
class Preset:
    """What libx264 is told: its preset and its constant rate factor (lower is finer)."""

    x264: str
    crf: int


PRESETS: dict[str, Preset] = {
    "draft": Preset("veryfast", 26),
    "good": Preset("veryfast", 20),
    "best": Preset("medium", 18),
}
