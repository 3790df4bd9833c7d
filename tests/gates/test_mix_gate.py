"""The finished mix: how loud, under which ceiling, and how far the voice lies over the music."""

from __future__ import annotations

import pytest

from kamishibai.gates.mix import MixLimits, judge_mix
from kamishibai.media.loudness import Loudness


def sound(lufs: float | None = -14.1, peak: float | None = -1.4) -> Loudness:
    return Loudness(lufs=lufs, true_peak_dbtp=peak, seconds=30.0)


def test_a_good_mix_passes_with_its_figures() -> None:
    verdict = judge_mix(sound(), 15.26)

    assert verdict.passed
    assert verdict.measured == {"loudness_lufs": -14.1, "true_peak_dbtp": -1.4, "speech_to_music_db": 15.26}


@pytest.mark.parametrize(
    ("measured", "over_music", "fault"),
    [
        (sound(lufs=-20.0), 15.0, "-20.00 LUFS is 6.00 LU too quiet for -14"),
        (sound(peak=-0.2), 15.0, "true peak -0.20 dBTP is above -1"),
        (sound(), 6.0, "the voice lies only 6.0 dB over the music"),
        (sound(lufs=None, peak=None), None, "silent"),
    ],
)
def test_each_fault_is_told(measured: Loudness, over_music: float | None, fault: str) -> None:
    verdict = judge_mix(measured, over_music)

    assert verdict.faults == (fault,)
    assert verdict.badness > judge_mix(sound(), 15.0).badness


def test_a_film_without_voice_or_music_has_no_ratio_to_judge() -> None:
    assert judge_mix(sound(), None).passed


def test_a_silent_film_passes_where_silence_was_wanted() -> None:
    assert judge_mix(sound(lufs=None, peak=None), may_be_silent=True).passed


def test_another_target_is_the_users() -> None:
    assert judge_mix(sound(lufs=-23.2), 15.0, MixLimits(loudness_lufs=-23)).passed
