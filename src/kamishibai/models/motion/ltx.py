"""motion:ltx: LTX-Video makes clips from the scene's picture and words, or from words alone, with the same weights."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from kamishibai.models.motion.clips import ClipModel
from kamishibai.models.motion.options import WordsOptions

__all__ = ["Ltx"]


class Ltx(ClipModel):
    """Image or text to clip: 8k+1 frames."""

    id: ClassVar[str] = "motion:ltx"
    version: ClassVar[str] = "1"
    supports: ClassVar[frozenset[str]] = frozenset({"still", "prompt", "negative"})
    default: ClassVar[str] = "ltx"
    families: ClassVar[tuple[str, ...]] = ("ltx",)

    class Options(WordsOptions):
        """How it makes clips."""

        batch: int = Field(default=1, ge=1, le=16)
        """Clips made at once, at most; one keeps a card busy."""

        decode_timestep: float = Field(default=0.05, ge=0, le=1)
        """Where the decoder of 0.9.1 and later takes up denoising; older ones have no use for it."""
        decode_noise: float = Field(default=0.025, ge=0, le=1)
        """Noise that this decoder is given to work on."""

    def arguments(self, pipe: Any) -> dict[str, Any]:
        """Return what a decoder that denoises is told."""
        options = self.options
        assert isinstance(options, Ltx.Options)
        if not pipe.vae.config.get("timestep_conditioning"):
            return {}
        return {"decode_timestep": options.decode_timestep, "decode_noise_scale": options.decode_noise}
