"""What is measured in a finished film: loudness, narration, caption times, and the file itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kamishibai.disk import read_whole
from kamishibai.documents.takes import Word
from kamishibai.exports.read_captions import read_captions, stamped_words
from kamishibai.exports.report import Figure
from kamishibai.gates.alignment import line_onsets, stamp_onsets
from kamishibai.gates.captions import CaptionLimits, judge_captions
from kamishibai.gates.loudness import judge_loudness
from kamishibai.gates.mix import MixLimits, judge_mix
from kamishibai.gates.verdict import Verdict
from kamishibai.gates.wer import word_errors
from kamishibai.media.film import FilmFacts, probe
from kamishibai.media.loudness import Loudness, measure_file
from kamishibai.pipeline import Made
from kamishibai.steps.gate_settings import Gates

__all__ = ["Measured", "measure_film"]

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
    verdicts: list[Verdict] = field(default_factory=list)
    """Of the gates on the finished film."""

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers, ready for JSON."""
        return dict(self.numbers)


def measure_film(made: Made, path: Path, gates: Gates) -> Measured:
    """Read the finished film, and the WebVTT file beside it, back and measure them. Raises MediaError."""
    facts, loudness = probe(path), measure_file(path)
    measured = Measured(numbers=_file_numbers(facts), figures=[_length(made, facts)])
    _sound(measured, made, loudness, gates.limits("mix") if gates.looks("mix") else None)
    if made.transcripts is not None:
        _narration(measured, made)
    limits = gates.limits("captions") if gates.looks("captions") else None
    _captions(measured, made, (read_whole(path.with_suffix(".vtt")) or b"").decode("utf-8"), limits)
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


def _sound(measured: Measured, made: Made, loudness: Loudness, limits: MixLimits | None) -> None:
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
    if limits is not None:
        found = judge_mix(loudness, mixed.speech_to_music_db, limits, may_be_silent=quiet)
        measured.verdicts.append(found)
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
    onsets = line_onsets(compared, made.board.language)
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


def _captions(measured: Measured, made: Made, vtt_text: str, limits: CaptionLimits | None) -> None:
    """Compare the word times in the captions as written with the voice's own, word for word, on the film's clock."""
    slots = {slot.scene: slot for slot in made.slots}
    voice: list[Word] = []
    for scene, speech in zip(made.board.scenes, made.speeches, strict=True):
        at = slots[scene.id].speech or slots[scene.id].start
        voice += [w.model_copy(update={"start": w.start + at, "end": w.end + at}) for w in speech.words]
    errors = stamp_onsets(stamped_words(read_captions(vtt_text)), voice)
    measured.numbers |= {"caption_onset_median_s": errors.median_s, "caption_onset_p95_s": errors.p95_s}
    if limits is not None:
        measured.verdicts.append(judge_captions(errors, limits))
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
