"""music:musicgen: composes with MusicGen, in windows that go on from each other's tokens."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from kamishibai.devices.plan import Dtype, Quantise
from kamishibai.documents.frozen import Frozen
from kamishibai.documents.takes import Music
from kamishibai.errors import ModelError
from kamishibai.media.filters import decibels
from kamishibai.media.sound import RATE_HZ, Samples
from kamishibai.models.base import Desk, Licence, Model, Needs, Reads
from kamishibai.models.kinds import Compose
from kamishibai.models.music.continuing import Seams, Window, windows
from kamishibai.models.music.finishing import fade_in, fade_out, level, measured, reel
from kamishibai.models.music.prompts import STYLE, prompt_for
from kamishibai.weights.pretrained import Pretrained, digest_of, find, terms_of

__all__ = ["MusicGen"]

DEFAULT = "musicgen-small"
_TELL = 10
"""Tokens between two looks at whether to stop."""
SILENT_DB = -60.0
"""A window whose root mean square stays below, of full scale, is no music."""


class MusicGen(Model[Compose, Music]):
    """Composes from words with MusicGen, mono or stereo: each act in its mood, each window going on from the last.

    Copet et al. 2023, "Simple and Controllable Music Generation", https://arxiv.org/abs/2306.05284.
    """

    id: ClassVar[str] = "music:musicgen"
    version: ClassVar[str] = "1"
    asks: ClassVar[type[Frozen]] = Compose
    default: ClassVar[str] = DEFAULT
    supports: ClassVar[frozenset[str]] = frozenset({"acts", "prompt", "words"})
    """``words``: any text is music to it, and not only the moods."""
    lane: ClassVar[Literal["pool", "device"]] = "device"

    class Options(Model.Options):
        """How it composes."""

        unkeyed: ClassVar[frozenset[str]] = frozenset({"device"})

        guidance: float = Field(default=3.0, ge=1, le=20)
        """How closely it follows the words; 1 leaves them the least say."""
        temperature: float = Field(default=1.0, gt=0, le=3)
        """How daring it is; under 1 it keeps to what is likeliest."""
        top_k: int = Field(default=250, ge=1, le=2048)
        """How many of the likeliest sounds it chooses from at each step."""
        window_s: float = Field(default=30.0, ge=4, le=30)
        """How long it composes at once, in seconds; it was trained on 30."""
        overlap_s: float = Field(default=8.0, ge=1, le=20)
        """How much of the music before each window goes on from, in seconds."""
        style: str = Field(default=STYLE, max_length=500)
        """Words that every prompt ends with: genre, instruments, quality of the recording."""
        retakes: int = Field(default=2, ge=0, le=8)
        """How often a window that came out silent or broken is made anew."""
        device: str = Field(default="auto", max_length=20)
        """``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``."""
        dtype: Dtype | Literal["auto"] = "auto"
        """Numbers its weights are held in."""
        quantise: Quantise = "none"
        """``int8`` or ``int4`` weights, on a graphics card."""

        @model_validator(mode="after")
        def _fits(self) -> MusicGen.Options:
            if self.overlap_s > self.window_s / 2:
                raise ValueError("overlap_s is at most half of window_s")
            return self

    options: Options

    def __init__(self, options: Frozen | None = None, variant: str = "") -> None:
        super().__init__(options, variant)
        self._found: Pretrained | None = None
        self._placed: Any = None
        self._tokenizer: Any = None

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms of Meta's weights; other weights have their own."""
        return (
            Licence(name="CC-BY-NC-4.0", commercial=False, source="https://huggingface.co/facebook/musicgen-small"),
        )  # fmt: skip

    @classmethod
    def needs(cls) -> Needs:
        """Return what the default weights take from the machine."""
        return Needs(memory_mb=3500, download_mb=2370, extra="models")

    def _weights(self) -> Pretrained:
        if self._found is None:
            self._found = find(self.variant or DEFAULT, "music", ("musicgen",))
        return self._found

    def terms(self) -> tuple[Licence, ...]:
        """Return the terms of the weights in use."""
        if not self.variant or self.variant.startswith("facebook/musicgen-"):
            return type(self).licence()
        return (terms_of(self._weights()),)

    def takes_up(self) -> Needs:
        """Return what these weights take from the machine."""
        from kamishibai.pretrained.opening import placing

        found, options = self._weights(), self.options
        where = placing(found, options.device, options.dtype, options.quantise)
        return Needs(memory_mb=where.estimate_mb, disk_mb=found.weights_mb, extra="models")

    def placement(self) -> tuple[str, ...]:
        """Return how its weights would lie in this machine's memory."""
        from kamishibai.pretrained.opening import placing

        return placing(self._weights(), self.options.device, self.options.dtype, self.options.quantise).why

    def reads(self) -> Reads:
        """Return that it is spoken to in tags."""
        return Reads(style="tags")

    def weights(self) -> str:
        """Return the hash of the weights. Raises for what is missing, unsafe, or no MusicGen."""
        return digest_of(self._weights())

    def load(self) -> None:
        """Bring MusicGen into memory. Raises ModelError when its files are damaged."""
        from kamishibai.pretrained.opening import open_model, open_part, placing

        found, options = self._weights(), self.options
        where = placing(found, options.device, options.dtype, options.quantise, with_torch=True)
        self._tokenizer = open_part("AutoTokenizer", found)
        self._placed = open_model("MusicgenForConditionalGeneration", found, where)
        # The codec is small, and half precision is heard in it as noise.
        self._placed.model.audio_encoder.float()

    def run(self, asks: Sequence[Compose], desk: Desk) -> list[Music]:
        """Answer every ask, in order. Raises Cancelled within ten tokens of being asked to stop."""
        return [self._compose(ask, desk) for ask in asks]

    def _compose(self, ask: Compose, desk: Desk) -> Music:
        import soxr

        from kamishibai.models.music.sampling import Codec

        codec = Codec(self._placed, self._tokenizer, self.options)
        plan = self._plan(ask, codec)
        prompts = [prompt_for(act, ask.prompt, self.options.style) for act in ask.acts]
        seams = Seams(codec.hop)
        stream = soxr.ResampleStream(codec.rate_hz, RATE_HZ, codec.channels, dtype="float32", quality="VHQ")
        with reel(ask.seconds, desk) as made:
            for sound in self._windows(ask, plan, prompts, codec, desk):
                made.write(_stereo(stream.resample_chunk(seams.add(*sound).T)))
            last = seams.end()
            assert last is not None
            made.write(_stereo(stream.resample_chunk(last.T, last=True)))
            fade_in(made.out, 0.2)
            fade_out(made.out, 3.0)
            level(made.out, measured(made.out))
            sound_ref = made.keep()
        desk.progress(1.0)
        notes = " | ".join(dict.fromkeys(prompts[window.act] for window in plan))
        return Music(sound=sound_ref, seconds=ask.seconds, notes=notes)

    def _plan(self, ask: Compose, codec: Any) -> tuple[Window, ...]:
        rate = codec.rate_hz / codec.hop
        return windows(
            ask.acts,
            math.ceil(ask.seconds * codec.rate_hz / codec.hop),
            rate,
            longest=min(round(self.options.window_s * rate), codec.most),
            overlap=round(self.options.overlap_s * rate),
            least=codec.least,
        )

    def _windows(
        self, ask: Compose, plan: Sequence[Window], prompts: Sequence[str], codec: Any, desk: Desk
    ) -> Iterator[tuple[Window, Samples]]:
        """Yield every window with its sound at the codec's rate, (channels, (heard + fresh) · hop)."""
        before: Any = None
        total, done = sum(window.fresh for window in plan), 0
        for number, window in enumerate(plan):

            def told(step: int, done: int = done, number: int = number) -> None:
                if step % _TELL == 0:
                    desk.progress(0.95 * (done + step) / total, f"window {number + 1} of {len(plan)}")

            for take in range(self.options.retakes + 1):
                tokens, sound = codec.compose(
                    prompts[window.act], before, window, _seed(ask.seed, number, take), told
                )
                fault = _fault(sound[:, window.heard * codec.hop :])
                if not fault:
                    break
                desk.note(f"music at {done * codec.hop / codec.rate_hz:.0f} s came out {fault}", warn=True)
            else:
                raise ModelError(
                    f"{self._weights().name} gave {fault} music {self.options.retakes + 1} times",
                    kept="everything that was finished before",
                    hint="another seed, the option dtype=float32, or another checkpoint",
                )
            before = tokens
            done += window.fresh
            yield window, sound

    def unload(self) -> None:
        """Give the memory back."""
        from kamishibai.pretrained.opening import close_model

        placed, self._placed, self._tokenizer = self._placed, None, None
        close_model(placed)


def _seed(seed: int, number: int, take: int) -> int:
    import hashlib

    digest = hashlib.sha256(f"musicgen/{seed}/{number}/{take}".encode()).digest()
    return int.from_bytes(digest[:6], "little")


def _fault(sound: Samples) -> str:
    if not np.isfinite(sound).all():
        return "broken"
    return (
        "silent" if decibels(float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))) < SILENT_DB else ""
    )


def _stereo(frames: Samples) -> Samples:
    """Return (2, n) of frames, (n,) or (n, channels)."""
    sides = (frames, frames) if frames.ndim == 1 else (frames[:, 0], frames[:, -1])
    return np.stack(sides).astype(np.float32, copy=False)
