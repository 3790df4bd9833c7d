"""What the voices on transformers share: weights found and checked, a line spoken piece by piece, faults retaken."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from kamishibai.diffusion.checks import RETAKES, retake_seed
from kamishibai.documents.frozen import Frozen, canonical_json
from kamishibai.documents.reading_time import reading_words
from kamishibai.documents.spoken import SpokenWord, read_aloud, spoken_text
from kamishibai.documents.time import sample_at, samples_to_time
from kamishibai.errors import KamishibaiError, ModelError, UnknownModelError
from kamishibai.media.sound import RATE_HZ, encode_wav, resample
from kamishibai.media.speech import level
from kamishibai.models.base import Desk, Licence, Model, Needs
from kamishibai.models.kinds import Speak, Speech
from kamishibai.models.voice.sampling import Watch, watched
from kamishibai.models.voice.spoken_pieces import Mono, Piece, fault_of, joined, split, timed
from kamishibai.weights.presets import preset
from kamishibai.weights.pretrained import Pretrained, digest_of, find, terms_of

__all__ = ["PretrainedVoice", "VoiceOptions", "excerpt"]


class VoiceOptions(Model.Options):
    """What every voice on transformers can be told."""

    unkeyed: ClassVar[frozenset[str]] = frozenset({"device"})

    device: str = Field(default="auto", max_length=20)
    """``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``."""
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = "auto"
    """Numbers of the weights; ``auto``: float32 on a processor, half precision on a card."""
    sentence_pause_s: float = Field(default=0.42, ge=0.0, le=5.0)
    """Silence between two sentences of a line, in seconds."""
    paragraph_pause_s: float = Field(default=0.80, ge=0.0, le=10.0)
    """Silence between two paragraphs of a line, in seconds."""
    loudness_lufs: float = Field(default=-20.0, ge=-40.0, le=-10.0)
    """How loud every line is made."""
    peak_dbtp: float = Field(default=-3.0, ge=-20.0, le=-0.1)
    """No peak rises above this."""


class PretrainedVoice(Model[Speak, Speech]):
    """A voice of transformers. Asks are answered one by one, so that a take does not depend on its neighbours.

    A subclass says what it runs (`types`), what it cannot say (`check`), what fits (`fits`), and how one piece is
    said (`say`). A piece that comes out silent, not a number or far too short is said again with a seed derived from
    its own, at most twice, and then it is an error: as pictures do it.
    """

    asks: ClassVar[type[Frozen]] = Speak
    supports: ClassVar[frozenset[str]] = frozenset({"language", "voice", "seed"})
    lane: ClassVar[Literal["pool", "device"]] = "device"
    batch = 4
    types: ClassVar[frozenset[str]]
    """``model_type``s that it can run."""
    rate_hz: int = 24_000
    """Of what the model gives; settled when it is loaded."""

    Options = VoiceOptions
    options: VoiceOptions

    def __init__(self, options: Frozen | None = None, variant: str = "") -> None:
        super().__init__(options, variant)
        self._pretrained: Pretrained | None = None
        self._placed: Any = None
        self._tokenizer: Any = None
        self._carried: dict[str, Any] = {}
        # What one piece of a line hands to the next; empty between two lines.

    # ------------------------------------------------------------------------------ before any work
    @property
    def name(self) -> str:
        """The weights' name as the user typed it, or the default's."""
        return self.variant or type(self).default

    def found(self) -> Pretrained:
        """Return the weights. Raises UnknownModelError, UnsupportedError or ModelError."""
        if self._pretrained is None:
            self._pretrained = find(self.name, "voice", type(self).types)
        return self._pretrained

    def terms(self) -> tuple[Licence, ...]:
        """Return the terms of the weights: those their files state, else the preset's or the default's."""
        try:
            return (terms_of(self.found()),)
        except UnknownModelError:
            known = preset(self.name)
            if known is not None:
                return (known.licence,)
            if self.name == type(self).default:
                return type(self).licence()
            raise

    def takes_up(self) -> Needs:
        """Return what these weights take from the machine."""
        from kamishibai.pretrained.opening import placing

        found = self.found()
        where = placing(found, self.options.device, self.options.dtype)
        return Needs(memory_mb=where.estimate_mb, disk_mb=found.weights_mb, extra="models")

    def placement(self) -> tuple[str, ...]:
        """Return how its weights would lie in this machine's memory, without torch."""
        from kamishibai.pretrained.opening import placing

        return placing(self.found(), self.options.device, self.options.dtype).why

    def weights(self) -> str:
        """Return a hash of the weights, speakers included. Raises for what is missing, unsafe or of another kind."""
        parts = {"weights": digest_of(self.found()), **self.also_keyed()}
        return hashlib.sha256(canonical_json(parts)).hexdigest()

    def also_keyed(self) -> dict[str, str]:
        """Return what else a take depends on, by digest; a subclass also refuses here what is missing or damaged."""
        return {}

    def check(self, ask: Speak) -> str | None:
        """Return the speaker of a line. Raises UnsupportedError for what this voice cannot say, or say so."""
        raise TypeError(f"{type(self).__name__} does not say how")

    def settle(self, ask: Speak) -> Speak:
        """Return the ask with its speaker by name: a line with the first speaker named is the same line."""
        return ask.model_copy(update={"voice": self.check(ask)})

    # ------------------------------------------------------------------------------ the work
    def run(self, asks: Sequence[Speak], desk: Desk) -> list[Speech]:
        """Answer every ask, in order.

        Raises
        ------
        UnsupportedError
            Before any work, when a line is in a language, or for a speaker, that this voice does not have.
        ModelError
            When a piece came out faulty three times.
        Cancelled
            Within one layer of the model of being asked to stop.
        """
        import torch

        from kamishibai.pretrained.runtime import quiet

        asks = [self.settle(ask) for ask in asks]
        self._tell_what_is_invented(desk)
        takes = []
        with quiet(), torch.inference_mode(), watched(desk, *self.running()) as watch:
            for index, ask in enumerate(asks):
                takes.append(self._speak(ask, desk, watch, (index / len(asks), 1 / len(asks))))
                desk.progress((index + 1) / len(asks))
        return takes

    def _tell_what_is_invented(self, desk: Desk) -> None:
        # The posterior encoder of VITS is for training alone, and left out of some checkpoints.
        names = [name for name in self._placed.invented if not name.startswith("posterior_encoder.")]
        if names:
            desk.note(
                f"the weights of {self.found().name} lack {len(names)} tensors ({names[0]} …), which are random now: "
                "expect noise; fetch them again",
                warn=True,
            )

    def running(self) -> tuple[Any, ...]:
        """Return the modules that are at work, for progress and stopping."""
        return (self._placed.model,)

    def _speak(self, ask: Speak, desk: Desk, watch: Watch, share: tuple[float, float]) -> Speech:
        words = read_aloud(ask.text, ask.language)
        told: Sequence[str] = self.told(words)
        if not any(told):
            times, seconds = reading_words(ask.text)
            silence = np.zeros((1, sample_at(seconds, RATE_HZ)), np.float32)
            return Speech(
                sound=desk.save(encode_wav(silence), "audio/wav"),
                seconds=samples_to_time(silence.shape[1], RATE_HZ),
                words=times,
            )
        told = self.sayable(words, told, ask, desk)
        pauses = {"sentence": self.options.sentence_pause_s, "paragraph": self.options.paragraph_pause_s}
        pieces = split(words, told, self.fits, pauses)
        self._carried = {}
        sounds = []
        for index, piece in enumerate(pieces):
            begin = share[0] + share[1] * index / len(pieces)
            sounds.append(self._retaken(piece, index, ask, desk, watch, (begin, share[1] / len(pieces))))
        self._carried = {}
        sound, spans = joined(pieces, sounds, words, self.rate_hz)
        samples = len(sound)
        whole = resample(sound[None, :], self.rate_hz, RATE_HZ)[0]
        whole = level(whole, self.options.loudness_lufs, self.options.peak_dbtp)
        seconds = samples_to_time(len(whole), RATE_HZ)
        last = min(samples, int(seconds * self.rate_hz))
        return Speech(
            sound=desk.save(encode_wav(whole[None, :]), "audio/wav"),
            seconds=seconds,
            words=timed(words, spans, last, self.rate_hz),
            spoken=spoken_text(words),
            estimated=True,
        )

    def _retaken(
        self, piece: Piece, index: int, ask: Speak, desk: Desk, watch: Watch, share: tuple[float, float]
    ) -> Mono:
        own = ask.seed if index == 0 else _seed_of_piece(ask.seed, index)
        fault = ""
        for attempt in range(RETAKES + 1):
            sound = self._said(piece, ask, retake_seed(own, attempt), desk, watch, share)
            wrong = fault_of(sound, len(piece.words), self.rate_hz)
            if wrong is None:
                if attempt:
                    desk.note(f"“{excerpt(piece.text)}” was spoken again: it came out {fault}")
                return sound
            fault = wrong
        raise ModelError(
            f"{self.found().name} said a sentence {RETAKES + 1} times, and it came out {fault}",
            where=f"“{excerpt(piece.text)}”",
            kept="everything that was finished before",
            hint="another seed, other words, or option dtype=float32 may help",
        )

    def _said(
        self, piece: Piece, ask: Speak, seed: int, desk: Desk, watch: Watch, share: tuple[float, float]
    ) -> Mono:
        from kamishibai.pretrained.runtime import is_out_of_memory

        try:
            return self.say(piece, ask, seed, desk, watch, share)
        except KamishibaiError:
            raise
        except RuntimeError as error:
            if is_out_of_memory(error):
                raise ModelError(
                    f"{self.found().name} ran out of memory",
                    where=f"“{excerpt(piece.text)}”",
                    kept="everything that was finished before",
                    hint="a smaller voice, or option device=cpu",
                ) from error
            # What torch says when it is to draw from logits that are not numbers.
            if "probability tensor" in str(error):
                return np.full(1, np.nan, np.float32)
            raise

    def told(self, words: Sequence[SpokenWord]) -> list[str]:
        """Return what the model is told for each word: how it is said, and its punctuation; "" for silent ones."""
        return [f"{word.spoken}{word.mark}" if word.spoken else "" for word in words]

    def sayable(
        self, words: Sequence[SpokenWord], told: Sequence[str], ask: Speak, desk: Desk
    ) -> Sequence[str]:
        """Return `told` without what this voice has no letters for, and tell of that.

        Raises UnsupportedError for a line of which nothing is left.
        """
        return told

    def fits(self, text: str) -> bool:
        """Say whether a text fits into one pass of the model."""
        raise TypeError(f"{type(self).__name__} does not say how")

    def say(
        self, piece: Piece, ask: Speak, seed: int, desk: Desk, watch: Watch, share: tuple[float, float]
    ) -> Mono:
        """Return one piece as sound at `rate_hz`; `share` is where in the batch it begins and how much of it it is."""
        raise TypeError(f"{type(self).__name__} does not say how")

    def unload(self) -> None:
        """Give the memory back."""
        from kamishibai.pretrained.opening import close_model

        placed, self._placed, self._tokenizer = self._placed, None, None
        close_model(placed)


def excerpt(text: str) -> str:
    """Return the beginning of a text, for messages."""
    plain = " ".join(text.split())
    return plain if len(plain) <= 60 else plain[:59] + "…"


def _seed_of_piece(seed: int, index: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}/piece/{index}".encode()).digest()[:4], "big")
