"""Is the finished mix as loud as it should be, under its ceiling, and the voice well over the music?"""

from __future__ import annotations

from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.gates.loudness import CEILING_DBTP, TARGET_LUFS, TOLERANCE_LU, judge_loudness
from kamishibai.gates.verdict import Verdict
from kamishibai.media.loudness import Loudness

__all__ = ["MixLimits", "judge_mix"]


class MixLimits(Frozen):
    """What a film's sound should be: the loudness of EBU R 128's measure at the level that video platforms play at."""

    loudness_lufs: float = Field(default=TARGET_LUFS, ge=-40, le=-5)
    tolerance_lu: float = Field(default=TOLERANCE_LU, ge=0, le=20)
    true_peak_dbtp: float = Field(default=CEILING_DBTP, le=3)
    speech_to_music_db: float = Field(default=12.0, ge=0)
    """How far the voice should lie over the music while someone speaks."""


def judge_mix(
    loudness: Loudness,
    speech_to_music_db: float | None = None,
    limits: MixLimits | None = None,
    *,
    may_be_silent: bool = False,
) -> Verdict:
    """Return the verdict on a finished film's sound; `speech_to_music_db` is None where there is no music or no voice."""
    limits = limits or MixLimits()
    said = judge_loudness(
        loudness,
        target_lufs=limits.loudness_lufs,
        tolerance_lu=limits.tolerance_lu,
        ceiling_dbtp=limits.true_peak_dbtp,
        may_be_silent=may_be_silent,
    )
    faults = [] if said.passed else [reason for reason in said.reasons if not _is_praise(reason)]
    if speech_to_music_db is not None and speech_to_music_db < limits.speech_to_music_db:
        faults.append(f"the voice lies only {speech_to_music_db:.1f} dB over the music")
    off = 0.0 if loudness.lufs is None else abs(loudness.lufs - limits.loudness_lufs)
    return Verdict(
        gate="mix",
        passed=not faults,
        faults=tuple(faults),
        badness=round(off + 3.0 * len(faults), 3),
        measured={
            "loudness_lufs": _rounded(loudness.lufs),
            "true_peak_dbtp": _rounded(loudness.true_peak_dbtp),
            "speech_to_music_db": _rounded(speech_to_music_db),
        },
    )


def _is_praise(reason: str) -> bool:
    return " is within " in reason or " is under " in reason


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
