"""voice:bark: speaks thirteen languages with laughs and sighs, in voices that stay the same from line to line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from pydantic import Field

from kamishibai.documents.spoken import SpokenWord
from kamishibai.documents.vocal_cues import vocal_cues
from kamishibai.errors import UnsupportedError
from kamishibai.models.base import Desk, Licence, Needs
from kamishibai.models.kinds import Speak
from kamishibai.models.voice.bark_presets import Presets, read_preset, read_presets
from kamishibai.models.voice.pretrained_voice import PretrainedVoice, VoiceOptions, excerpt
from kamishibai.models.voice.sampling import Watch
from kamishibai.models.voice.spoken_pieces import Mono, Piece

__all__ = ["Bark"]

LANGUAGES = ("en", "de", "es", "fr", "hi", "it", "ja", "ko", "pl", "pt", "ru", "tr", "zh")
"""What its makers say it speaks: https://github.com/suno-ai/bark."""
PIECE_S = 10.0
"""The longest piece, by its letters. A pass makes 768 semantic tokens, 15 s; its makers advise about 13 s of text."""
LETTERS_A_SECOND = 13.0
"""Of read speech, with `spoken_pieces.weight`'s share for each word; Bark reads a little slower than people talk."""
CUE_S = 2.0
SPARE_S, SPARE = 2.0, 2.0
"""A piece may last so many seconds more than, and so many times as long as, its letters would; then it is stopped."""
ANCHOR_S = 2.5
"""A shorter piece tells too little of a voice to hold the others to it."""


class Bark(PretrainedVoice):
    """Suno's Bark: text to semantic tokens, to coarse and fine codes of EnCodec, to sound.

    A line is said sentence by sentence, as Bark's window is about 13 s of speech and it cuts longer text without a
    word. **One voice throughout:** every piece is given the same preset as its history, as in the makers' own notebook
    for long texts (suno-ai/bark, ``notebooks/long_form_generation.ipynb``). Where a checkpoint has no preset for the
    language, the first piece of at least 2.5 s becomes the history of all that follow. Handing on each *previous*
    piece instead sounds livelier from one sentence to the next, and users of it tell of voices that drift and of noise
    that builds up (gitmylo/audio-webui, issue 169): what is once wrong is in every later history.

    ``[laughs]``, ``[sighs]``, ``[music]``, ``[gasps]``, ``[clears throat]`` and ``♪ sung words ♪`` are handed to Bark;
    a word in CAPITALS is stressed. Pieces are made one at a time: Bark takes one preset a batch, and a batch would make
    a take depend on what else was asked for.
    """

    id: ClassVar[str] = "voice:bark"
    version: ClassVar[str] = "1"
    default: ClassVar[str] = "suno/bark"
    types: ClassVar[frozenset[str]] = frozenset({"bark"})

    class Options(VoiceOptions):
        """How it speaks. Temperatures left out are the checkpoint's own (0.7, 0.7 and 0.5 for Suno's)."""

        semantic_temperature: float | None = Field(default=None, ge=0.05, le=1.5)
        """What is said, and how: higher is livelier, and strays further from the text."""
        coarse_temperature: float | None = Field(default=None, ge=0.05, le=1.5)
        """How the voice sounds."""
        fine_temperature: float | None = Field(default=None, ge=0.05, le=1.5)
        """Its finest grain; at exactly 1 the library takes the likeliest code instead."""
        min_eos_p: float = Field(default=0.05, ge=0.0, le=1.0)
        """A sentence ends as soon as its end is this likely; 0: only when it is drawn. Lower runs on more often."""

    options: Options

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms of Suno's weights."""
        return (Licence(name="MIT", commercial=True, source="https://huggingface.co/suno/bark"),)

    @classmethod
    def needs(cls) -> Needs:
        """Return what the default weights take from the machine."""
        return Needs(memory_mb=5_200, download_mb=4_490, extra="models")

    def presets(self) -> Presets:
        """Return the checkpoint's presets, checked to lie in its folder."""
        return read_presets(self.found().path)

    def speakers(self, language: str) -> tuple[str, ...]:
        """Return the presets of a language, newer ones first, else in the order of their numbers."""
        return self.presets().of(_primary(language))

    def also_keyed(self) -> dict[str, str]:
        """Refuse a checkpoint without what Bark is steered by. Raises ModelError."""
        from kamishibai.models.voice.bark_presets import read_steering

        read_steering(self.found().path)
        self.presets()
        return {}

    def check(self, ask: Speak) -> str | None:
        """Return the preset of a line: the one asked for, else the first of its language; None when there is none.

        Raises
        ------
        UnsupportedError
            For a language that Bark does not speak, or a preset that this checkpoint does not have.
        ModelError
            When a file of the preset is missing or damaged.
        """
        language = _primary(ask.language)
        if language not in LANGUAGES:
            raise UnsupportedError(
                f"voice:bark does not speak {ask.language!r}",
                where=f"“{excerpt(ask.text)}”",
                hint=f"it speaks {', '.join(LANGUAGES)}; voice:vits has a voice for each of a thousand languages "
                "(facebook/mms-tts-…), and --voice none makes a silent film",
            )
        presets = self.presets()
        own = presets.of(language)
        name = ask.voice if ask.voice is not None else own[0] if own else None
        if name is not None:
            presets.require(name, language)
            read_preset(self.found().path, presets, name)
        return name

    def load(self) -> None:
        """Open the weights. Raises ModelError when they are damaged, UsageError for a device that is not there."""
        from kamishibai.devices.device import probe, torch_name
        from kamishibai.models.voice.bark_generation import Generator
        from kamishibai.models.voice.bark_presets import read_steering
        from kamishibai.pretrained.opening import open_model, open_part, placing

        found = self.found()
        steering = read_steering(found.path)
        where = placing(found, self.options.device, self.options.dtype, with_torch=True)
        # What does not fit on the card as a whole takes turns there: its three models run one after the other.
        opened = replace(where, device=probe("cpu"), offload=False) if where.offload else where
        self._placed = open_model("BarkModel", found, opened)
        self._tokenizer = open_part("AutoTokenizer", found)
        options = self.options
        self._generator = Generator(
            self._placed.model, torch_name(where.device), self._placed.device, steering,
            semantic=options.semantic_temperature, coarse=options.coarse_temperature, fine=options.fine_temperature,
            min_eos_p=options.min_eos_p or None,
        )  # fmt: skip
        self.rate_hz = self._generator.rate_hz

    def unload(self) -> None:
        """Give the memory back."""
        self._generator = None
        super().unload()

    _generator: Any = None

    def told(self, words: Sequence[SpokenWord]) -> list[str]:
        """Return what Bark is told: words with punctuation, capitals where they are shown, cues and notes as they are."""
        cues = vocal_cues([word.shown for word in words])
        return [cues[i] if i in cues else _told(word) for i, word in enumerate(words)]

    def fits(self, text: str) -> bool:
        """Say whether a text is within Bark's window of text and, by its letters, of sound."""
        return (
            len(self._tokens(text)) <= self._generator.most_text_tokens
            and seconds_of(text) <= self._longest_s()
        )

    def _longest_s(self) -> float:
        return min(PIECE_S, float(self._generator.longest_s) / 1.3)

    def _tokens(self, text: str) -> list[int]:
        tokens: list[int] = self._tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
        return tokens

    def say(
        self, piece: Piece, ask: Speak, seed: int, desk: Desk, watch: Watch, share: tuple[float, float]
    ) -> Mono:
        """Return one piece as sound, in the preset's voice or in that of the first long piece before it."""
        generator = self._generator
        history = self._carried.get("history")
        if ask.voice is not None and history is None:
            history = generator.history(read_preset(self.found().path, self.presets(), ask.voice))
            self._carried |= {"history": history, "kept": True}
        elif ask.voice is None and "told" not in self._carried:
            desk.note(
                f"{self.found().name} has no presets for {ask.language!r}: each line gets a voice of its own",
                warn=True,
            )
            self._carried["told"] = True
        expected_s = seconds_of(piece.text)
        said = generator.say(
            self._tokens(piece.text), history, seed, SPARE_S + SPARE * expected_s, watch, share
        )
        if said.stopped:
            desk.note(
                f"“{excerpt(piece.text)}” went on for {said.seconds:.0f} s and was stopped there: its end may be cut, "
                "or words of the voice's own may follow it",
                warn=True,
            )
        if not self._carried.get("kept") and said.history is not None:
            self._carried |= {"history": said.history, "kept": said.seconds >= ANCHOR_S}
        sound: Mono = said.sound
        return sound


def seconds_of(text: str) -> float:
    """Return about how long Bark takes to say a text, in seconds; cues count two each."""
    from kamishibai.models.voice.spoken_pieces import weight

    total = 0.0
    words = text.split()
    cues = vocal_cues(words)
    for index, word in enumerate(words):
        if index in cues:
            total += CUE_S if cues[index] else 0.0
        else:
            total += weight(SpokenWord(shown=word, first=0, last=0, spoken=word)) / LETTERS_A_SECOND
    return total


def _primary(language: str) -> str:
    return language.lower().replace("_", "-").split("-")[0]


def _told(word: SpokenWord) -> str:
    before = "♪ " if word.shown.startswith("♪") else ""
    after = " ♪" if word.shown.rstrip(".,;:!?").endswith("♪") else ""
    if not word.spoken:
        return (before or after).strip()
    letters = [c for c in word.shown if c.isalpha()]
    stressed = len(letters) > 1 and all(c.isupper() for c in letters) and word.spoken.isalpha()
    spoken = word.spoken.upper() if stressed else word.spoken
    # Bark was taught hesitation as three full stops.
    return f"{before}{spoken}{'...' if word.mark == '…' else word.mark}{after}"
