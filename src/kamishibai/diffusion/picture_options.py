"""The options of `picture:diffusers`, and which of them change a picture."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator

from kamishibai.diffusion.schedulers import NAMES
from kamishibai.models.base import NoOptions
from kamishibai.weights.ip_adapter import Identity

__all__ = ["PictureOptions"]


class PictureOptions(NoOptions):
    """How pictures are drawn. What is left out comes from the preset, and else from the pipeline."""

    unkeyed: ClassVar[frozenset[str]] = frozenset(
        # They move rounding at most, and a film that goes on at another machine is not drawn anew.
        # These name files, which count by what is in them, as part of the weights.
        {"device", "offload", "batch", "compile", "attention", "config", "lora", "ip_adapter"}
    )

    steps: int | None = Field(default=None, ge=1, le=200)
    """Denoising steps."""
    guidance: float | None = Field(default=None, ge=0, le=30)
    """How strictly the prompt is followed."""
    width: int | None = Field(default=None, ge=64, le=4096)
    """Pixels it draws at; left out, the family's native area in the film's aspect."""
    height: int | None = Field(default=None, ge=64, le=4096)
    """Pixels it draws at."""
    scheduler: str | None = None
    """``ddim``, ``euler``, ``euler-a``, ``dpm++2m-karras``, ``unipc``, ``lcm``, ``flow-euler`` …"""
    negative: str = Field(default="", max_length=1000)
    """What must not be seen in any picture; added to the scene's own."""
    lora: dict[str, Annotated[float, Field(ge=-4, le=4)]] = Field(default_factory=dict, max_length=8)
    """LoRA files (path, or ``owner/name:file`` pulled before) and their weights."""
    identity: Identity = "auto"
    """How the cast's faces are held: ``ip-adapter``, ``reference-attention``, ``off``, or the best that is here."""
    ip_adapter: str = ""
    """The IP-Adapter: a file, a folder, or ``owner/name:file`` pulled before; left out, the family's own."""
    identity_strength: float | None = Field(default=None, ge=0, le=2)
    """How firmly faces are held; left out, 0.6 for an IP-Adapter and 1 for reference attention."""
    identity_layers: Literal["up", "mid-up", "all"] = "up"
    """Blocks that look at references in reference attention; more of them copy the pose too."""
    safety: bool = True
    """Check pictures with the family's own checker of what is not safe for work, where it ships one."""
    config: str = ""
    """Pipeline folder whose configuration a single file goes with, when there is none beside it."""
    device: str = "auto"
    """``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``."""
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = "auto"
    """Precision of the weights."""
    offload: Literal["auto", "none", "model", "sequential"] = "auto"
    """Keep weights in main memory until their turn comes."""
    quantise: Literal["none", "int8", "int4"] = "none"
    """Smaller weights; needs bitsandbytes on a graphics card, and torchao (int8 alone) elsewhere."""
    batch: int | None = Field(default=None, ge=1, le=64)
    """Pictures drawn at once, at most."""
    compile: bool = False
    """Compile the denoiser: minutes at first, faster from then on; for long films on one device."""
    attention: Literal["auto", "sdpa", "slicing", "xformers", "flash"] = "auto"
    """Attention kernel of the denoiser."""
    shrink: bool = False
    """Draw smaller, at last, when memory runs out all the same."""

    @field_validator("lora", mode="before")
    @classmethod
    def _one(cls, value: Any) -> Any:
        return {value: 1.0} if isinstance(value, str) and value else value

    @field_validator("scheduler")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value is not None and value not in NAMES:
            raise ValueError(f"there is no scheduler {value!r}; use one of {', '.join(NAMES)}")
        return value
