"""sound:audioldm2: ambiences and effects from words, with AudioLDM 2."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np
from pydantic import Field

from kamishibai.media.sound import Samples
from kamishibai.models.base import Licence, Needs
from kamishibai.models.sound.generated import GeneratedSound

__all__ = ["AudioLdm2"]


class AudioLdm2(GeneratedSound):
    """Makes any sound that can be described, in mono at 16 kHz, with AudioLDM 2.

    Liu et al. 2023, https://arxiv.org/abs/2308.05734.
    """

    id: ClassVar[str] = "sound:audioldm2"
    default: ClassVar[str] = "audioldm2"
    family: ClassVar[str] = "audioldm2"

    class Options(GeneratedSound.Options):
        """How it makes them."""

        seconds_per_sound: float = Field(default=10.0, ge=1, le=30)
        """How long each sound is made; it was trained on ten seconds. An ambience that lasts longer is looped."""

    options: Options

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms of the makers' weights; other weights have their own."""
        return (
            Licence(name="CC-BY-NC-SA-4.0", commercial=False, source="https://huggingface.co/cvssp/audioldm2"),
        )  # fmt: skip

    @classmethod
    def needs(cls) -> Needs:
        """Return what the default weights take from the machine, by their 1.1 billion parameters."""
        return Needs(memory_mb=6000, download_mb=4400, extra="models")

    def make(self, prompt: str, seed: int, told: Callable[[float], None]) -> tuple[Samples, int]:
        """Return one sound, (1, n), at 16 kHz."""
        sound = self.called(told, seed, prompt=prompt, audio_length_in_s=self.options.seconds_per_sound)
        return np.asarray(sound, dtype=np.float32).reshape(1, -1), int(
            self._pipe.vocoder.config.sampling_rate
        )
