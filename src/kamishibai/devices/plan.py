"""What a device is, what is asked of it, and the plan that answers: the records of memory planning."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from kamishibai.documents.frozen import Frozen

__all__ = ["Device", "Dtype", "MemoryPlan", "Offload", "Peaks", "Quantise", "Work"]

Dtype = Literal["float32", "float16", "bfloat16"]
Offload = Literal["none", "model", "sequential"]
Quantise = Literal["none", "int8", "int4"]


class Device(Frozen):
    """What a model runs on. ROCm is CUDA to torch, and told apart for the user's sake."""

    kind: Literal["cpu", "cuda", "rocm", "mps"]
    index: int = 0
    name: str = ""
    total_mb: int
    free_mb: int
    """What could be taken now, in megabytes (10^6 bytes)."""
    bf16: bool = False
    """It computes in bfloat16 at full speed."""


class Work(Frozen):
    """What a plan is for: enough to make it anew."""

    device: Device
    family: str
    kind: Literal["picture", "motion"]
    weights_mb: int
    """Of the files, as they are stored."""
    width: int
    height: int
    frames: int = 1
    multiple: int = 8


class Peaks(Frozen):
    """The memory taken at the height of each phase of one batch, in megabytes."""

    words: int
    steps: int
    decode: int

    @property
    def each(self) -> tuple[int, int, int]:
        """Return them in order."""
        return self.words, self.steps, self.decode

    @property
    def most(self) -> int:
        """Return the greatest of them."""
        return max(self.each)


class MemoryPlan(Frozen):
    """How a pipeline is loaded and run so that it fits."""

    dtype: Dtype
    offload: Offload = "none"
    vae_slicing: bool = False
    """Pictures of a batch are decoded one at a time."""
    vae_tiling: bool = False
    """A picture is decoded in overlapping tiles; tones may vary a little from tile to tile."""
    tile_px: int = 512
    attention_slicing: bool = False
    forward_chunking: bool = False
    decode_chunk: int | None = None
    """Frames decoded at once by a pipeline that takes ``decode_chunk_size``; None for the others."""
    quantise: Quantise = "none"
    batch: int = Field(default=1, ge=1)
    estimate_mb: int = 0
    fits: bool = True
    why: tuple[str, ...] = ()
    """One sentence a decision."""
    work: Work
    shrunk: int = 0
    """How often the size was reduced after running out of memory."""

    @property
    def width(self) -> int:
        """Return the width to draw at, in pixels."""
        return self.work.width

    @property
    def height(self) -> int:
        """Return the height to draw at, in pixels."""
        return self.work.height
