"""motion:wan: Wan makes clips from the scene's picture and words, or from words alone, as its checkpoint was trained."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from kamishibai.models.motion.clips import ClipModel
from kamishibai.models.motion.options import WordsOptions

__all__ = ["Wan"]


class Wan(ClipModel):
    """Image or text to clip: 4k+1 frames at 16 (2.2's 5B: 24) a second.

    One clip a call: its image-to-video pipeline repeats one picture for a whole call.
    """

    id: ClassVar[str] = "motion:wan"
    version: ClassVar[str] = "1"
    supports: ClassVar[frozenset[str]] = frozenset({"still", "prompt", "negative"})
    default: ClassVar[str] = "wan21-1.3b"
    families: ClassVar[tuple[str, ...]] = ("wan",)

    class Options(WordsOptions):
        """How it makes clips."""

        guidance_2: float | None = Field(default=None, ge=0, le=30)
        """Guidance of the second denoiser, for checkpoints with two (2.2's 14B)."""

    def arguments(self, pipe: Any) -> dict[str, Any]:
        """Return the second guidance where there is a second denoiser."""
        options = self.options
        assert isinstance(options, Wan.Options)
        if options.guidance_2 is None or pipe.config.get("boundary_ratio") is None:
            return {}
        return {"guidance_scale_2": options.guidance_2}
