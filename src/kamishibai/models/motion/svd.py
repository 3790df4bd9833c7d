"""motion:svd: Stable Video Diffusion brings the scene's own picture to life; it reads no words."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from kamishibai.models.motion.clips import ClipModel
from kamishibai.models.motion.options import ClipOptions

__all__ = ["StableVideo"]

MOST_MOTION = 255
"""Stable Video Diffusion was trained with motion in buckets of 1 to 255; 127 is its usual one."""


class StableVideo(ClipModel):
    """Image to clip: 25 frames (14 for the first release) at 7 a second, made fluent between them.

    One clip a call: in chunks, its decoder takes the last frames of one clip for neighbours of the next one's first.
    """

    id: ClassVar[str] = "motion:svd"
    version: ClassVar[str] = "1"
    supports: ClassVar[frozenset[str]] = frozenset({"still"})
    default: ClassVar[str] = "svd-xt"
    families: ClassVar[tuple[str, ...]] = ("svd",)
    multiple: ClassVar[int] = 64
    """Its U-Net halves the latents, an eighth of the picture, three times; it was trained where they divide evenly."""

    class Options(ClipOptions):
        """How it moves pictures."""

        strength: float = Field(default=0.5, ge=0, le=1)
        """How much moves: 0 is next to nothing, 0.5 the model's usual, 1 all it can."""
        noise_aug_strength: float = Field(default=0.02, ge=0, le=1)
        """Noise on the picture before it is moved: more lets the clip stray further from it."""
        min_guidance: float = Field(default=1.0, ge=0, le=30)
        """Guidance at the first frame; it rises to ``guidance`` (3 by default) at the last."""

    def arguments(self, pipe: Any) -> dict[str, Any]:
        """Return motion bucket, noise and guidance."""
        options = self.options
        assert isinstance(options, StableVideo.Options)
        return {
            "motion_bucket_id": max(1, int(MOST_MOTION * options.strength)),
            "noise_aug_strength": options.noise_aug_strength,
            "min_guidance_scale": options.min_guidance,
        }
