"""voice:vits: VITS and its thousand languages of MMS, one checkpoint a language; small, and quick on a processor."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any, ClassVar

from pydantic import Field

from kamishibai.documents.language_codes import same_language
from kamishibai.documents.spoken import SpokenWord
from kamishibai.errors import ModelError, UnknownModelError, UnsupportedError, UsageError
from kamishibai.models.base import Desk, Licence, Needs
from kamishibai.models.kinds import Speak
from kamishibai.models.voice.pretrained_voice import PretrainedVoice, VoiceOptions, excerpt
from kamishibai.models.voice.sampling import Watch, seeded
from kamishibai.models.voice.spoken_pieces import Mono, Piece
from kamishibai.weights.layout import read_json

__all__ = ["Vits"]

LONGEST = 300
"""Letters in one pass; VITS was taught single sentences, and its attention grows with the square of their length."""


class Vits(PretrainedVoice):
    """VITS (Kim et al. 2021, https://arxiv.org/abs/2106.06103), and MMS, which has one of them for each language.

    Letters that its alphabet does not have are dropped by its tokenizer without a word: a line of which nothing is
    left is refused, and single words of which nothing is left (figures, mostly) are told of.
    """

    id: ClassVar[str] = "voice:vits"
    version: ClassVar[str] = "1"
    default: ClassVar[str] = "facebook/mms-tts-eng"
    types: ClassVar[frozenset[str]] = frozenset({"vits"})

    class Options(VoiceOptions):
        """How it speaks; what is left out is as the checkpoint says."""

        speaking_rate: float | None = Field(default=None, ge=0.3, le=3.0)
        """1 is the voice's own pace; 2 is twice as quick."""
        noise_scale: float | None = Field(default=None, ge=0.0, le=2.0)
        """How much two takes of a line differ in sound."""
        noise_scale_duration: float | None = Field(default=None, ge=0.0, le=2.0)
        """How much two takes of a line differ in rhythm."""
        language: str = Field(default="", max_length=35)
        """What the voice speaks, where its files do not say: ``en``, ``deu``."""

    options: Options

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms of Meta's MMS; other weights have their own."""
        return (
            Licence(
                name="CC-BY-NC-4.0", commercial=False, source="https://huggingface.co/facebook/mms-tts-eng"
            ),
        )

    @classmethod
    def needs(cls) -> Needs:
        """Return what the default weights take from the machine."""
        return Needs(memory_mb=400, download_mb=145, extra="models")

    def _reads(self) -> dict[str, Any]:
        """Return what the tokenizer's configuration says."""
        return read_json(self.found().path / "tokenizer_config.json")

    def language(self) -> str:
        """Return the language of the weights. Raises UsageError when neither they nor the options say it."""
        said = self.options.language or self._reads().get("language")
        repo = self.found().repo or ""
        if not said and "mms-tts-" in repo:
            said = repo.partition("mms-tts-")[2]
        if not isinstance(said, str) or not said:
            raise UsageError(
                f"{self.name} does not say which language it speaks",
                where=str(self.found().path / "tokenizer_config.json"),
                hint="give the option language, such as language=en",
            )
        return said

    def also_keyed(self) -> dict[str, str]:
        """Refuse a checkpoint whose text has to be rewritten by a package that is not here. Raises UnknownModelError."""
        said = self._reads()
        if said.get("is_uroman") and find_spec("uroman") is None:
            raise UnknownModelError(
                f"{self.name} reads Latin letters alone, which its language has to be rewritten in: "
                "the package uroman, which does that, is not installed",
                where=str(self.found().path / "tokenizer_config.json"),
                hint="pip install uroman",
            )
        if said.get("phonemize", True) and find_spec("phonemizer") is None:
            raise UnknownModelError(
                f"{self.name} reads phonemes: the package phonemizer, which makes them of English, is not installed",
                where=str(self.found().path / "tokenizer_config.json"),
                hint="pip install phonemizer, and the program espeak-ng from your system's packages",
            )
        return {"language": self.language()}

    def speakers(self, language: str) -> tuple[str, ...]:
        """Return ``0``, ``1`` … for a checkpoint of several voices, when it speaks the language."""
        count = self._count()
        if count < 2 or not same_language(language, self.language()):
            return ()
        return tuple(str(number) for number in range(count))

    def _count(self) -> int:
        count = read_json(self.found().path / "config.json").get("num_speakers", 1)
        return count if isinstance(count, int) else 1

    def check(self, ask: Speak) -> str | None:
        """Return the number of the speaker; None when there is one. Raises UnsupportedError for what it does not have."""
        if not same_language(ask.language, self.language()):
            raise UnsupportedError(
                f"{self.name} speaks {self.language()!r}, not {ask.language!r}",
                where=f"“{excerpt(ask.text)}”",
                hint="MMS has a checkpoint for each language, such as voice:vits:facebook/mms-tts-deu",
            )
        count = self._count()
        if count < 2:
            if ask.voice is not None:
                raise UnsupportedError(f"{self.name} has one voice, not {ask.voice!r}", hint="remove `voice`")
            return None
        name = ask.voice if ask.voice is not None else "0"
        if not (name.isdecimal() and name.isascii() and int(name) < count):
            raise UnsupportedError(
                f"there is no speaker {name!r} in {self.name}", hint=f"its speakers are 0 to {count - 1}"
            )
        return str(int(name))

    def load(self) -> None:
        """Open the weights. Raises ModelError when they are damaged, UsageError for a device that is not there."""
        from kamishibai.pretrained.opening import open_model, open_part, placing

        found, options = self.found(), self.options
        where = placing(found, options.device, options.dtype, with_torch=True)
        self._placed = open_model("VitsModel", found, where)
        self._tokenizer = open_part("VitsTokenizer", found)
        model = self._placed.model
        for name in ("speaking_rate", "noise_scale", "noise_scale_duration"):
            if getattr(options, name) is not None:
                setattr(model, name, getattr(options, name))
        self.rate_hz = int(model.config.sampling_rate)

    def _knows(self, text: str) -> bool:
        """Say whether the tokenizer leaves a letter or figure of a text."""
        prepared, _ = self._tokenizer.prepare_for_tokenization(text)
        return any(c.isalnum() for c in prepared if c in self._tokenizer.encoder)

    def sayable(
        self, words: Sequence[SpokenWord], told: Sequence[str], ask: Speak, desk: Desk
    ) -> Sequence[str]:
        """Return `told` without the words of which nothing is left, and tell of them. Raises UnsupportedError."""
        lost = {
            i: word.spoken for i, word in enumerate(words) if word.spoken and not self._knows(word.spoken)
        }
        if lost and len(lost) == sum(bool(word.spoken) for word in words):
            raise UnsupportedError(
                f"{self.name} knows none of the letters of this line",
                where=f"“{excerpt(ask.text)}”",
                hint="write it in the voice's own script, or choose a voice of the line's language",
            )
        if lost:
            desk.note(
                f"“{excerpt(ask.text)}”: {self.name} has no letters for {', '.join(dict.fromkeys(lost.values()))}, "
                "and says nothing there; write it out in words",
                warn=True,
            )
        return ["" if i in lost else text for i, text in enumerate(told)]

    def fits(self, text: str) -> bool:
        """Say whether a text is short enough for one pass."""
        return len(text) <= LONGEST

    def say(
        self, piece: Piece, ask: Speak, seed: int, desk: Desk, watch: Watch, share: tuple[float, float]
    ) -> Mono:
        """Return one piece as sound."""
        import numpy as np

        tokens = self._tokenizer(piece.text, return_tensors="pt").to(self._placed.device)
        layers = self._placed.model.config.num_hidden_layers
        watch.stage(share[0], share[0] + share[1], layers * 8)
        with seeded(self._placed.device, seed):
            try:
                out = self._placed.model(
                    **tokens, speaker_id=int(ask.voice) if ask.voice is not None else None
                )
            except ValueError as error:
                # Its splines refuse what is not a number, in words of their own.
                if "range" in str(error) or "negative values" in str(error):
                    return np.full(1, np.nan, np.float32)
                raise ModelError(f"{self.name} failed: {error}", where=f"“{excerpt(piece.text)}”") from error
        sound: Mono = out.waveform[0].float().cpu().numpy()
        return sound
