"""motion:modelscope: ModelScope's text-to-video makes small clips from words; it needs no picture."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from kamishibai.models.motion.clips import ClipModel
from kamishibai.models.motion.options import WordsOptions

__all__ = ["ModelScope"]


class ModelScope(ClipModel):
    """Text to clip: 16 frames of 256 pixels at 8 a second; its first frame stands for the scene's picture."""

    id: ClassVar[str] = "motion:modelscope"
    version: ClassVar[str] = "1"
    supports: ClassVar[frozenset[str]] = frozenset({"prompt", "negative"})
    default: ClassVar[str] = "modelscope"
    families: ClassVar[tuple[str, ...]] = ("modelscope",)
    multiple: ClassVar[int] = 32
    """Smaller steps leave the inner levels of its U-Net with uneven halves; larger ones are far from the film's aspect."""

    class Options(WordsOptions):
        """How it makes clips."""

        batch: int = Field(default=1, ge=1, le=16)
        """Clips made at once, at most; one keeps a card busy."""

    def arguments(self, pipe: Any) -> dict[str, Any]:
        """Return nothing: words, size and frames say it all."""
        return {}
