"""voice:speecht5: SpeechT5 with a vocoder, in the voice that a speaker's x-vector describes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field

from kamishibai.documents.language_codes import same_language
from kamishibai.documents.spoken import SpokenWord
from kamishibai.errors import ModelError, UnsupportedError, UsageError
from kamishibai.models.base import Desk, Licence, Needs
from kamishibai.models.kinds import Speak
from kamishibai.models.voice.pretrained_voice import PretrainedVoice, VoiceOptions, excerpt
from kamishibai.models.voice.sampling import Watch, seeded
from kamishibai.models.voice.spoken_pieces import Mono, Piece
from kamishibai.weights.digests import file_digest
from kamishibai.weights.layout import read_json
from kamishibai.weights.pretrained import Pretrained, digest_of, find, terms_of

__all__ = ["SpeechT5"]

VOCODER = "microsoft/speecht5_hifigan"
LONGEST = 200
"""Letters in one pass. It was taught sentences of audiobooks; longer text makes it lose its place."""
LONGEST_RATIO = 12.0
"""Frames (of 16 ms) a letter at the most, about thrice what read speech takes; then it is stopped."""
ZERO = "zero"


class SpeechT5(PretrainedVoice):
    """SpeechT5 (Ao et al. 2022, https://arxiv.org/abs/2110.07205): letters to a spectrogram, a vocoder to sound.

    It has no voice of its own: it needs the x-vector of a speaker, such as those of the data set
    Matthijs/cmu-arctic-xvectors, saved with ``numpy.save``. There is no good neutral one to put in its place: vectors
    are scaled to length one, which a vector of zeros cannot be, and the model was never shown such a voice. So one has
    to be named; ``speaker=zero`` takes zeros all the same.
    """

    id: ClassVar[str] = "voice:speecht5"
    version: ClassVar[str] = "1"
    default: ClassVar[str] = "microsoft/speecht5_tts"
    types: ClassVar[frozenset[str]] = frozenset({"speecht5"})

    class Options(VoiceOptions):
        """Whose voice, and what it is made audible with."""

        unkeyed: ClassVar[frozenset[str]] = frozenset({"device", "speaker", "vocoder"})
        # Speakers and vocoder count by what is in their files, as part of the weights.

        speaker: str = Field(default="", max_length=4096)
        """An x-vector (.npy of as many numbers as the model takes, 512 as a rule), a folder of them, or ``zero``."""
        vocoder: str = Field(default=VOCODER, max_length=4096)
        """A folder or hub id of a SpeechT5HifiGan."""
        language: str = Field(default="en", max_length=35)
        """What these weights speak; Microsoft's speak English."""
        threshold: float = Field(default=0.5, gt=0.0, lt=2.0)
        """How likely the end has to be for a sentence to end."""

    options: Options

    def __init__(self, options: Any = None, variant: str = "") -> None:
        super().__init__(options, variant)
        self._vocoder: Any = None
        self._vectors: Mapping[str, npt.NDArray[np.float32]] | None = None

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms of Microsoft's weights; other weights have their own."""
        return (Licence(name="MIT", commercial=True, source="https://huggingface.co/microsoft/speecht5_tts"),)

    @classmethod
    def needs(cls) -> Needs:
        """Return what the default weights take from the machine."""
        return Needs(memory_mb=900, download_mb=640, extra="models")

    def terms(self) -> tuple[Licence, ...]:
        """Return the terms of the weights, of the vocoder's, and of the speakers, which state none."""
        own = super().terms()
        if self.options.vocoder != VOCODER:
            own = (*own, terms_of(self._hifigan()))
        if self.options.speaker in ("", ZERO):
            return own
        return (*own, Licence(name="unknown", commercial=False, source=self.options.speaker))

    def _hifigan(self) -> Pretrained:
        return find(self.options.vocoder, "voice", {"hifigan", "speecht5_hifigan"})

    def vectors(self) -> Mapping[str, npt.NDArray[np.float32]]:
        """Return the speakers by name, in alphabetical order, each (n,) float32.

        Raises
        ------
        UsageError
            When no speaker is named, or the name leads nowhere.
        ModelError
            When a file is no plain array of as many finite numbers as the model takes.
        """
        if self._vectors is None:
            size = read_json(self.found().path / "config.json").get("speaker_embedding_dim", 512)
            if self.options.speaker == ZERO:
                self._vectors = {ZERO: np.zeros(int(size), np.float32)}
            else:
                self._vectors = {path.stem: _vector(path, int(size)) for path in self._files()}
        return self._vectors

    def _files(self) -> list[Path]:
        name = self.options.speaker
        if not name:
            raise UsageError(
                "voice:speecht5 has no voice of its own: it needs a speaker",
                hint="give the option speaker: an x-vector as .npy, a folder of them, or speaker=zero for a voice "
                "without character",
            )
        path = Path(name).expanduser()
        files = sorted(path.glob("*.npy")) if path.is_dir() else [path] if path.is_file() else []
        if not files:
            raise UsageError(
                "there are no .npy files in it" if path.is_dir() else "there is no such file or folder",
                where=name,
                hint="the option speaker names an x-vector saved with numpy.save, or a folder of them",
            )
        return files

    def also_keyed(self) -> dict[str, str]:
        """Return the vocoder's and the speakers' digests, checked."""
        keyed = {"vocoder": digest_of(self._hifigan())}
        speakers = self.vectors()
        if self.options.speaker == ZERO:
            return {**keyed, "speaker": ZERO}
        return {
            **keyed,
            **{f"speaker {path.stem}": file_digest(path) for path in self._files() if path.stem in speakers},
        }

    def speakers(self, language: str) -> tuple[str, ...]:
        """Return the names of the speakers' files, in alphabetical order, when the weights speak the language."""
        if not same_language(language, self.options.language):
            return ()
        names = tuple(self.vectors())
        return names if len(names) > 1 else ()

    def check(self, ask: Speak) -> str | None:
        """Return the name of a line's speaker. Raises UnsupportedError for a language or speaker it does not have."""
        if not same_language(ask.language, self.options.language):
            raise UnsupportedError(
                f"{self.name} speaks {self.options.language!r}, not {ask.language!r}",
                where=f"“{excerpt(ask.text)}”",
                hint="voice:bark speaks thirteen languages, voice:vits has a voice for each of a thousand; or, if these "
                "weights do speak it, give the option language",
            )
        names = list(self.vectors())
        name = ask.voice if ask.voice is not None else names[0]
        if name not in names:
            raise UnsupportedError(f"there is no speaker {name!r}", hint=f"there are {', '.join(names[:12])}")
        return name

    def load(self) -> None:
        """Open both models. Raises ModelError when they are damaged, UsageError for a device that is not there."""
        from kamishibai.pretrained.opening import open_model, open_part, placing

        found, options = self.found(), self.options
        where = placing(found, options.device, options.dtype, with_torch=True)
        self._placed = open_model("SpeechT5ForTextToSpeech", found, where)
        self._vocoder = open_model("SpeechT5HifiGan", self._hifigan(), where)
        self._tokenizer = open_part("SpeechT5Tokenizer", found)
        self.rate_hz = int(self._vocoder.model.config.sampling_rate)
        if self._vocoder.model.config.model_in_dim != self._placed.model.config.num_mel_bins:
            raise ModelError(
                f"the vocoder takes {self._vocoder.model.config.model_in_dim} bands, and {self.name} gives "
                f"{self._placed.model.config.num_mel_bins}",
                where=self.options.vocoder,
                hint=f"choose a vocoder made for it, such as {VOCODER}",
            )

    def unload(self) -> None:
        """Give the memory back."""
        self._vocoder = None
        super().unload()

    def running(self) -> tuple[Any, ...]:
        """Return both models."""
        return (self._placed.model, self._vocoder.model)

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer(text, verbose=False)["input_ids"]
        return ids

    def sayable(
        self, words: Sequence[SpokenWord], told: Sequence[str], ask: Speak, desk: Desk
    ) -> Sequence[str]:
        """Tell of letters that it does not know. Raises UnsupportedError when it knows none of a line's."""
        unknown = self._tokenizer.unk_token_id
        letters = [c for word in words for c in word.spoken if c.isalnum()]
        lost = [c for c in dict.fromkeys(letters) if unknown in self._ids(c)]
        if lost and len(lost) == len(set(letters)):
            raise UnsupportedError(
                f"{self.name} knows none of the letters of this line",
                where=f"“{excerpt(ask.text)}”",
                hint="choose a voice of the line's language",
            )
        if lost:
            desk.note(
                f"“{excerpt(ask.text)}”: {self.name} has no letters {' '.join(lost)}, and may stumble there",
                warn=True,
            )
        return told

    def fits(self, text: str) -> bool:
        """Say whether a text is short enough for one pass."""
        return len(self._ids(text)) <= min(LONGEST, int(self._placed.model.config.max_text_positions))

    def say(
        self, piece: Piece, ask: Speak, seed: int, desk: Desk, watch: Watch, share: tuple[float, float]
    ) -> Mono:
        """Return one piece as sound."""
        import torch

        placed = self._placed
        ids = torch.tensor([self._ids(piece.text)], device=placed.device)
        vector = torch.from_numpy(self.vectors()[str(ask.voice)])[None].to(placed.device, placed.dtype)
        config = placed.model.config
        most = int(ids.shape[1] * LONGEST_RATIO / config.reduction_factor) * config.reduction_factor
        watch.stage(share[0], share[0] + share[1], most // config.reduction_factor * config.decoder_layers)
        with seeded(placed.device, seed):
            mel = placed.model.generate_speech(
                ids, speaker_embeddings=vector, threshold=self.options.threshold, maxlenratio=LONGEST_RATIO
            )
            sound: Mono = self._vocoder.model(mel).float().cpu().numpy()
        if mel.shape[0] >= most:
            desk.note(
                f"“{excerpt(piece.text)}” went on for {len(sound) / self.rate_hz:.0f} s and was stopped there: its end "
                "may be cut, or words of the voice's own may follow it",
                warn=True,
            )
        return sound


def _vector(path: Path, size: int) -> npt.NDArray[np.float32]:
    hint = (
        "an x-vector is saved with numpy.save(path, vector.astype('float32')); pickled arrays are never read"
    )
    try:
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise ModelError("is not a plain array of numbers", where=str(path), hint=hint) from error
    if (
        not isinstance(array, np.ndarray)
        or array.dtype.kind != "f"
        or array.shape not in ((size,), (1, size))
    ):
        shape = (
            f"{array.dtype} of shape {array.shape}" if isinstance(array, np.ndarray) else "no single array"
        )
        raise ModelError(f"is {shape}; the model takes ({size},) floats", where=str(path), hint=hint)
    vector: npt.NDArray[np.float32] = array.reshape(size).astype(np.float32)
    if not np.isfinite(vector).all() or not vector.any():
        raise ModelError(
            "holds no direction: its numbers are not finite, or all zero", where=str(path), hint=hint
        )
    return vector
