"""Runs a Whisper that was converted for CTranslate2, by faster-whisper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kamishibai.errors import ModelError
from kamishibai.models.ear.heard import Heard, Mono

__all__ = ["FasterEngine"]

LONGEST_S = 120.0
"""It slides a window of its own over what is longer than 30 s, and holds all of its spectrum in memory."""


class FasterEngine:
    """A Whisper in CTranslate2's form.

    Parameters
    ----------
    folder
        With ``model.bin``, ``config.json``, ``tokenizer.json`` and the vocabulary.
    device, compute_type
        As CTranslate2 calls them: ``cpu`` or ``cuda``; ``int8``, ``float16``, ``float32`` …
    threads
        On the processor.

    Raises
    ------
    ModelError
        When the files cannot be loaded.
    """

    longest_s = LONGEST_S

    def __init__(self, folder: Path, device: str, compute_type: str, threads: int) -> None:
        from faster_whisper import WhisperModel

        try:
            self._model: Any = WhisperModel(
                str(folder),
                device=device,
                compute_type=compute_type,
                cpu_threads=threads,
                num_workers=1,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            first = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
            raise ModelError(
                f"this Whisper for CTranslate2 cannot be loaded: {first}",
                where=str(folder),
                hint="convert or fetch it again; another dtype or device may be needed too",
            ) from error
        mels = int(self._model.model.n_mels)
        if mels != self._model.feature_extractor.mel_filters.shape[0]:
            raise ModelError(
                f"this Whisper listens to {mels} bands, and its preprocessor_config.json does not say so",
                where=str(folder),
                hint="copy preprocessor_config.json from the original checkpoint beside model.bin",
            )
        self.languages = frozenset(self._model.supported_languages)

    def words(self, sound: Mono, language: str | None, beam: int) -> tuple[list[Heard], str]:
        """Return the words in `sound`, and their language: the one asked for, else the one that is heard."""
        segments, facts = self._model.transcribe(
            sound,
            language=language,
            task="transcribe",
            beam_size=beam,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
            vad_filter=False,
            no_speech_threshold=0.6,
            compression_ratio_threshold=None,
            log_prob_threshold=None,
        )
        words = [
            Heard(word.word, float(word.start), float(word.end), float(word.probability))
            for segment in segments
            for word in segment.words or ()
        ]
        return words, str(facts.language)

    def close(self) -> None:
        """Let go of the model."""
        self._model = None
