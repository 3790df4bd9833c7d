"""The options that back-ends which generate clips have in common."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, field_validator

from kamishibai.models.base import Model

__all__ = ["ClipOptions", "WordsOptions"]


class ClipOptions(Model.Options):
    """How clips are made. What is left out comes from the preset, and else from the pipeline."""

    unkeyed: ClassVar[frozenset[str]] = frozenset({"device", "offload", "batch", "compile", "attention"})

    steps: int | None = Field(default=None, ge=1, le=200)
    """Denoising steps."""
    guidance: float | None = Field(default=None, ge=0, le=30)
    """How strictly the prompt (for svd: the picture) is followed."""
    frames: int | None = Field(default=None, ge=1, le=2000)
    """Frames of one generated clip; left out, the model's own, or fewer where it can and fewer are needed."""
    fps: int | None = Field(default=None, ge=1, le=60)
    """Frames a second that the model is told, and that its frames are played at."""
    width: int | None = Field(default=None, ge=64, le=4096)
    """Pixels it makes; left out, the model's native area in the film's aspect."""
    height: int | None = Field(default=None, ge=64, le=4096)
    """Pixels it makes."""
    extend: Literal["continue", "boomerang", "hold", "slow"] = "continue"
    """When one clip is shorter than its scene: go on from its last frame, run back and forth, hold, or slow down."""
    clips: int = Field(default=2, ge=1, le=12)
    """How many clips at most go on from each other in one scene."""
    smooth: Literal["flow", "blend", "none"] = "flow"
    """How a clip of few frames a second is made fluent: moved along the optical flow, blended, or not at all."""
    scheduler: str | None = None
    """``euler``, ``dpm++2m``, ``unipc``, ``flow-unipc`` …; left out, the checkpoint's own."""
    device: str = "auto"
    """``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``."""
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = "auto"
    """Precision of the weights."""
    offload: Literal["auto", "none", "model", "sequential"] = "auto"
    """Keep weights in main memory until their turn comes."""
    quantise: Literal["none", "int8", "int4"] = "none"
    """Smaller weights; needs bitsandbytes on a graphics card, and torchao (int8 alone) elsewhere."""
    compile: bool = False
    """Compile the denoiser: minutes at first, faster from then on; for long films on one device."""
    attention: Literal["auto", "sdpa", "slicing", "xformers", "flash"] = "auto"
    """Attention kernel of the denoiser."""
    shrink: bool = False
    """Make smaller clips, at last, when memory runs out all the same."""

    @field_validator("scheduler")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        from kamishibai.diffusion.schedulers import NAMES

        if value is not None and value not in NAMES:
            raise ValueError(f"there is no scheduler {value!r}; use one of {', '.join(NAMES)}")
        return value


class WordsOptions(ClipOptions):
    """The same for models that read words."""

    negative: str = Field(default="", max_length=1000)
    """What must not be seen in any clip; added to the scene's own."""
