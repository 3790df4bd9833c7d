"""The encoder presets behind ``draft``, ``good`` and ``best``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import cv2

__all__ = ["COLOUR", "PRESETS", "Preset", "Quality", "repeatable"]

COLOUR = "colorprim=bt709:transfer=bt709:colormatrix=bt709:range=tv"
"""x264's words for BT.709, limited range."""
AVX_512F = 13
"""OpenCV's number of that instruction set (CV_CPU_AVX_512F of its interface.h)."""

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


@lru_cache(maxsize=1)
def repeatable() -> str:
    """Return what x264 must be told, after other parameters, so that equal frames always give equal bytes.

    Its AVX-512 code for the macroblock tree takes in memory that nobody wrote, where a row's blocks do not fill a
    register: at 960×540 or 320×180 equal frames gave up to five different files out of ten. On processors that have
    AVX-512 it is kept to AVX2 and what such processors have besides, which costs no time
    that could be measured (see decision 12).
    """
    if not cv2.checkHardwareSupport(AVX_512F):
        return ""
    return ":asm=MMX2,SSE2Fast,LZCNT,SSSE3,SSE4.2,AVX,FMA3,BMI2,AVX2"
