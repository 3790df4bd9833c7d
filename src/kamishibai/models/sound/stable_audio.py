"""sound:stable-audio: ambiences and effects from words, in stereo, with Stable Audio Open."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from pydantic import Field

from kamishibai.media.sound import Samples
from kamishibai.models.base import Licence, Needs
from kamishibai.models.sound.generated import GeneratedSound

__all__ = ["StableAudio"]


class StableAudio(GeneratedSound):
    """Makes any sound that can be described, in stereo at 44.1 kHz, with Stable Audio Open.

    Evans et al. 2024, https://arxiv.org/abs/2407.14358.
    """

    id: ClassVar[str] = "sound:stable-audio"
    default: ClassVar[str] = "stable-audio"
    family: ClassVar[str] = "stable-audio"

    class Options(GeneratedSound.Options):
        """How it makes them."""

        guidance: float = Field(default=7.0, ge=1, le=20)
        """How closely it follows the words; 1 leaves them the least say, and hears no negative words."""
        seconds_per_sound: float = Field(default=15.0, ge=1, le=47)
        """How long each sound is made, as far as the model reaches. An ambience that lasts longer is looped."""

    options: Options

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms of the makers' weights; other weights have their own."""
        return (
            Licence(
                name="Stability-AI-Community",
                commercial=False,
                source="https://huggingface.co/stabilityai/stable-audio-open-1.0",
            ),
        )

    @classmethod
    def needs(cls) -> Needs:
        """Return what the default weights take from the machine, by their 1.32 billion parameters."""
        return Needs(memory_mb=6500, download_mb=5300, extra="models")

    def make(self, prompt: str, seed: int, told: Callable[[float], None]) -> tuple[Samples, int]:
        """Return one sound, (2, n), at the autoencoder's rate."""
        vae = self._pipe.vae
        rate_hz = int(vae.config.sampling_rate)
        # Asked for more than this, the pipeline raises ValueError.
        longest = self._pipe.transformer.config.sample_size * vae.hop_length / rate_hz
        seconds = min(self.options.seconds_per_sound, longest)
        sound = self.called(told, seed, prompt=prompt, audio_end_in_s=seconds)
        return sound.float().cpu().numpy(), rate_hz
