"""What is measured in a finished film: loudness, narration, caption times, and the file itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from kamishibai.documents.takes import Word
from kamishibai.exports.report import Figure
from kamishibai.gates.alignment import onset_errors, word_onsets
from kamishibai.gates.loudness import judge_loudness
from kamishibai.gates.wer import word_errors
from kamishibai.media.film import FilmFacts, probe
from kamishibai.media.loudness import Loudness, measure_file
from kamishibai.pipeline import Made

__all__ = ["Measured", "measure_film", "word_stamps"]

_CUE = re.compile(r"(\d+:\d\d:\d\d\.\d{3}) --> \d")
_INLINE = re.compile(r"<(\d+:\d\d:\d\d\.\d{3})>")

GOOD_WER = 0.05
"""Storytelling names ("Mira", "Myra") are misspelled by any ear; above this something else is wrong."""
GOOD_ONSET_S = 0.1
"""A caption that lights up within a tenth of a second of its word is seen as simultaneous."""


@dataclass
class Measured:
    """The figures of a film, for people and for machines."""

    numbers: dict[str, Any]
    figures: list[Figure]
    word_errors: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Scene id → what was heard differently."""
    scene_figures: dict[str, tuple[Figure, ...]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers, ready for JSON."""
        return dict(self.numbers)


def measure_film(made: Made, path: Path) -> Measured:
    """Read the finished film, and the WebVTT file beside it, back and measure them. Raises MediaError."""
    facts, loudness = probe(path), measure_file(path)
    measured = Measured(numbers=_file_numbers(facts), figures=[_length(made, facts)])
    _sound(measured, made, loudness)
    if made.transcripts is not None:
        _narration(measured, made)
    _captions(measured, made, path.with_suffix(".vtt").read_text(encoding="utf-8"))
    return measured


def _file_numbers(facts: FilmFacts) -> dict[str, Any]:
    return {
        "seconds": round(float(facts.seconds), 3),
        "width": facts.width,
        "height": facts.height,
        "fps": str(facts.fps),
        "frames": facts.frames,
        "video": f"{facts.video_codec} {facts.pixel_format}",
        "audio": f"{facts.audio_codec} {facts.audio_rate_hz} Hz, {facts.audio_channels} channels",
        "bt709": facts.colour[:3] == ("1", "1", "1"),
        "faststart": facts.faststart,
        "subtitles": list(facts.subtitles),
    }


def _length(made: Made, facts: FilmFacts) -> Figure:
    minutes, seconds = divmod(round(float(facts.seconds)), 60)
    count = len(made.board.scenes)
    return Figure(
        name=f"{count} scene{'' if count == 1 else 's'}, {facts.width}×{facts.height}, {float(facts.fps):g} fps",
        value=f"{minutes}:{seconds:02d}",
    )


def _sound(measured: Measured, made: Made, loudness: Loudness) -> None:
    mixed = made.mixed.facts
    measured.numbers |= {
        "loudness_lufs": None if loudness.lufs is None else round(loudness.lufs, 2),
        "true_peak_dbtp": None if loudness.true_peak_dbtp is None else round(loudness.true_peak_dbtp, 2),
        "speech_to_music_db": None
        if mixed.speech_to_music_db is None
        else round(mixed.speech_to_music_db, 1),
    }
    quiet = mixed.silent
    verdict = judge_loudness(loudness, may_be_silent=quiet)
    measured.numbers["loudness_passed"] = verdict.passed
    if loudness.lufs is None or loudness.true_peak_dbtp is None:
        measured.figures.append(Figure(name="loudness", value="silent", fine=verdict.passed))
        return
    measured.figures += [
        Figure(
            name="integrated loudness, in the finished file",
            value=f"{loudness.lufs:.1f} LUFS",
            target="−14 ± 0.5",
            fine=abs(loudness.lufs + 14) <= 0.505,
        ),
        Figure(
            name="true peak, in the finished file",
            value=f"{loudness.true_peak_dbtp:.1f} dBTP",
            target="≤ −1",
            fine=loudness.true_peak_dbtp <= -0.995,
        ),
    ]
    if mixed.speech_to_music_db is not None:
        measured.figures.append(
            Figure(
                name="speech over music while someone speaks",
                value=f"{mixed.speech_to_music_db:.0f} dB",
                target="≥ 12",
                fine=mixed.speech_to_music_db >= 12,
            )
        )


def _narration(measured: Measured, made: Made) -> None:
    """Compare what was heard with what was to be said, scene by scene, and their word times."""
    words = errors = 0
    compared: list[tuple[tuple[Word, ...], tuple[Word, ...]]] = []
    assert made.transcripts is not None
    for scene, speech, heard in zip(made.board.scenes, made.speeches, made.transcripts, strict=True):
        if not speech.spoken:
            continue
        result = word_errors(speech.spoken, heard.text, made.board.language)
        words += result.words
        errors += result.errors
        measured.word_errors[scene.id] = () if result.errors == 0 else (result.summary(),)
        compared.append((speech.words, heard.words))
    if not words:
        return
    wer = errors / words
    shown: list[Word] = []
    spoken: list[Word] = []
    shift = 0  # scenes one after another on one clock, so that the percentiles are the film's
    for said, got in compared:
        shown += [w.model_copy(update={"start": w.start + shift, "end": w.end + shift}) for w in said]
        spoken += [w.model_copy(update={"start": w.start + shift, "end": w.end + shift}) for w in got]
        shift += 1000
    onsets = word_onsets(shown, spoken, made.board.language)
    measured.numbers |= {
        "narration_words": words,
        "narration_wer": round(wer, 4),
        "word_onset_vs_ear_median_s": onsets.median_s,
        "word_onset_vs_ear_p95_s": onsets.p95_s,
    }
    measured.figures.append(
        Figure(
            name=f"narration: word error rate over {words} words, by the ear",
            value=f"{100 * wer:.1f} %",
            target=f"≤ {100 * GOOD_WER:.0f} %",
            fine=wer <= GOOD_WER,
        )
    )


def _captions(measured: Measured, made: Made, vtt_text: str) -> None:
    """Compare the word times in the captions as written with the voice's own, on the film's clock."""
    slots = {slot.scene: slot for slot in made.slots}
    voice: list[Fraction] = []
    for scene, speech in zip(made.board.scenes, made.speeches, strict=True):
        at = slots[scene.id].speech or slots[scene.id].start
        voice += [word.start + at for word in speech.words]
    written = word_stamps(vtt_text)
    # Words that begin together share one stamp, so each stamp is held against the nearest word.
    errors = onset_errors(
        written, [min(voice, key=lambda v: abs(v - stamp)) for stamp in written] if voice else []
    )
    measured.numbers |= {"caption_onset_median_s": errors.median_s, "caption_onset_p95_s": errors.p95_s}
    if errors.median_s is None or errors.p95_s is None:
        return
    measured.figures.append(
        Figure(
            name="captions' word times against the voice's own, median and 95th percentile",
            value=f"{1000 * errors.median_s:.0f} / {1000 * errors.p95_s:.0f} ms",
            target=f"≤ {1000 * GOOD_ONSET_S:.0f} ms",
            fine=errors.p95_s <= GOOD_ONSET_S,
        )
    )


def word_stamps(vtt_text: str) -> list[Fraction]:
    """Return the moment at which each word of a WebVTT text lights up: cue starts and inline timestamps, in order."""
    stamps = []
    for line in vtt_text.splitlines():
        found = _CUE.match(line)
        inline = [found.group(1)] if found else _INLINE.findall(line)
        for text in inline:
            hours, minutes, seconds = text.split(":")
            stamps.append(int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds))
    return stamps
