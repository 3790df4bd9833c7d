"""Sounds from words: what the models that generate them share, from a scene's cues to its track."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from kamishibai.devices.plan import Dtype
from kamishibai.documents.frozen import Frozen
from kamishibai.documents.takes import Sound
from kamishibai.errors import ModelError
from kamishibai.media.filters import decibels
from kamishibai.media.sound import RATE_HZ, Samples, encode_wav, resample
from kamishibai.models.base import Desk, Licence, Model, Needs, Reads
from kamishibai.models.kinds import Foley
from kamishibai.models.sound.placing import placed
from kamishibai.models.sound.prompts import phrase_for
from kamishibai.weights.checkpoint import Checkpoint, digest, licence_of, locate

__all__ = ["GeneratedSound", "NEGATIVE"]

NEGATIVE = "low quality, music, speech"
SILENT_DB = -66.0
"""A sound whose root mean square stays below, of full scale, is none."""


class GeneratedSound(Model[Foley, Sound]):
    """Base of the back-ends that make sounds with a pipeline of diffusers.

    Every name of a scene is made once, alone, with a seed of the scene's and its own: adding a cue changes no other.
    """

    version: ClassVar[str] = "1"
    asks: ClassVar[type[Frozen]] = Foley
    supports: ClassVar[frozenset[str]] = frozenset({"cues", "words"})
    """``words``: any name is a sound to it."""
    lane: ClassVar[Literal["pool", "device"]] = "device"
    family: ClassVar[str]

    class Options(Model.Options):
        """How it makes them."""

        unkeyed: ClassVar[frozenset[str]] = frozenset({"device"})

        steps: int = Field(default=100, ge=2, le=500)
        """How often the noise is refined: more is slower and cleaner."""
        guidance: float = Field(default=3.5, ge=1, le=20)
        """How closely it follows the words; 1 leaves them the least say, and hears no negative words."""
        seconds_per_sound: float = Field(default=10.0, ge=1, le=47)
        """How long each sound is made; an ambience that lasts longer is looped."""
        negative: str = Field(default=NEGATIVE, max_length=500)
        """What must not be heard."""
        retakes: int = Field(default=2, ge=0, le=8)
        """How often a sound that came out silent or broken is made anew."""
        device: str = Field(default="auto", max_length=20)
        """``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``."""
        dtype: Dtype | Literal["auto"] = "auto"
        """Numbers its weights are held in."""

    options: Options

    def __init__(self, options: Frozen | None = None, variant: str = "") -> None:
        super().__init__(options, variant)
        self._found: Checkpoint | None = None
        self._pipe: Any = None

    def _checkpoint(self) -> Checkpoint:
        if self._found is None:
            self._found = locate(self.variant or type(self).default, "sound", (self.family,))
        return self._found

    def terms(self) -> tuple[Licence, ...]:
        """Return the terms of the weights in use."""
        if self.variant in ("", type(self).default):
            return type(self).licence()
        return (licence_of(self._checkpoint()),)

    def _placing(self, *, with_torch: bool = False) -> Any:
        from kamishibai.pretrained.opening import placing

        return placing(
            self._checkpoint(), self.options.device, self.options.dtype, half="float16", with_torch=with_torch
        )

    def takes_up(self) -> Needs:
        """Return what these weights take from the machine."""
        return Needs(
            memory_mb=self._placing().estimate_mb, disk_mb=self._checkpoint().weights_mb, extra="models"
        )

    def placement(self) -> tuple[str, ...]:
        """Return how its weights would lie in this machine's memory."""
        why: tuple[str, ...] = self._placing().why
        return why

    def reads(self) -> Reads:
        """Return that it takes descriptions, and what must not be heard."""
        return Reads(style="sentence", negative=True)

    def weights(self) -> str:
        """Return the hash of the weights. Raises for what is missing, unsafe, or another pipeline."""
        return digest(self._checkpoint())

    def load(self) -> None:
        """Bring the pipeline into memory. Raises ModelError when its files are damaged."""
        from kamishibai.models.sound.pipeline import open_sound

        self._pipe = open_sound(self._checkpoint(), self._placing(with_torch=True))

    def run(self, asks: Sequence[Foley], desk: Desk) -> list[Sound]:
        """Answer every ask, in order. Raises Cancelled within one step of being asked to stop."""
        return [self._scene(ask, number, len(asks), desk) for number, ask in enumerate(asks)]

    def _scene(self, ask: Foley, number: int, count: int, desk: Desk) -> Sound:
        names = list(dict.fromkeys(cue.name for cue in ask.cues))
        sounds: dict[str, Samples] = {}
        for place, name in enumerate(names):

            def told(part: float, place: int = place, name: str = name) -> None:
                desk.progress((number + (place + 0.99 * part) / len(names)) / count, name)

            made = self._one(name, ask.seed, told, desk)
            if made is not None:
                sounds[name] = made
        track = placed(ask, sounds)
        desk.progress((number + 1) / count)
        return Sound(
            sound=desk.save(encode_wav(track), "audio/wav"),
            seconds=ask.seconds,
            left_out=tuple(name for name in names if name not in sounds),
        )

    def _one(self, name: str, seed: int, told: Callable[[float], None], desk: Desk) -> Samples | None:
        """Return one sound (2, n) at 48 kHz; None, which the user is told, when every take of it is silent or broken."""
        for take in range(self.options.retakes + 1):
            sound, rate_hz = self.make(phrase_for(name), _seed(seed, name, take), told)
            fault = _fault(sound)
            if not fault:
                stereo = np.concatenate([sound, sound]) if sound.shape[0] == 1 else sound
                return resample(np.ascontiguousarray(stereo, dtype=np.float32), rate_hz, RATE_HZ)
            desk.note(f"the sound {name!r} came out {fault}", warn=True)
        desk.note(f"the sound {name!r} is left out", warn=True)
        return None

    def make(self, prompt: str, seed: int, told: Callable[[float], None]) -> tuple[Samples, int]:
        """Return one sound, (channels, n), and its rate. Raises Cancelled from `told`, which is told of every step."""
        raise TypeError(f"{type(self).__name__} does not say how to make a sound")

    def called(self, told: Callable[[float], None], seed: int, **arguments: Any) -> Any:
        """Return what the pipeline gives for `arguments`: its first sound, a torch tensor or an array."""
        import torch

        from kamishibai.pretrained.runtime import is_out_of_memory, quiet

        def step(index: int, time: Any, latents: Any) -> None:
            told((index + 1) / self.options.steps)

        try:
            with quiet(), torch.no_grad():
                return self._pipe(
                    num_inference_steps=self.options.steps,
                    guidance_scale=self.options.guidance,
                    negative_prompt=self.options.negative or None,
                    # A new one each time: some schedulers draw from its first seed, and not from where it stands.
                    generator=torch.Generator("cpu").manual_seed(seed),
                    callback=step,
                    **arguments,
                ).audios[0]
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            raise ModelError(
                f"{self._checkpoint().name} ran out of memory",
                kept="everything that was finished before",
                hint="the option seconds_per_sound=5 takes less; so does a smaller checkpoint",
            ) from error

    def unload(self) -> None:
        """Give the memory back."""
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            from kamishibai.diffusion.pipe import close_pipeline

            close_pipeline(pipe)


def _seed(seed: int, name: str, take: int) -> int:
    digest_ = hashlib.sha256(f"sound/{seed}/{name}/{take}".encode()).digest()
    return int.from_bytes(digest_[:4], "little")


def _fault(sound: Samples) -> str:
    if not np.isfinite(sound).all():
        return "broken"
    power = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))) if sound.size else 0.0
    return "silent" if decibels(power) < SILENT_DB else ""
