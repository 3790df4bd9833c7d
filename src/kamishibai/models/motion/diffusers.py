"""motion:diffusers: any other image-to-video or text-to-video pipeline of diffusers, by the class its folder names."""

from __future__ import annotations

from typing import Any, ClassVar

from kamishibai.models.motion.clips import ClipModel
from kamishibai.models.motion.options import WordsOptions

__all__ = ["DiffusersMotion"]


class DiffusersMotion(ClipModel):
    """CogVideoX, HunyuanVideo, Mochi, AnimateDiff and whatever else diffusers itself has a class for.

    Each is called with what its signature takes; one that needs more than a scene has is refused.
    """

    id: ClassVar[str] = "motion:diffusers"
    version: ClassVar[str] = "1"
    supports: ClassVar[frozenset[str]] = frozenset({"still", "prompt", "negative"})
    default: ClassVar[str] = ""

    class Options(WordsOptions):
        """How it makes clips."""

    def arguments(self, pipe: Any) -> dict[str, Any]:
        """Return nothing beside what every pipeline is told."""
        return {}
