"""A voice take's silences, clipping, cut ends and pace."""

from __future__ import annotations

import numpy as np
import pytest

from kamishibai.gates.narration import NarrationLimits, examine_narration, narration_faults
from kamishibai.media.sound import RATE_HZ, Samples
from kamishibai.media.speech import fade_ends


def tone(seconds: float, level: float = 0.2) -> Samples:
    wave = level * np.sin(2 * np.pi * 220 * np.arange(round(seconds * RATE_HZ)) / RATE_HZ)
    return fade_ends(wave.astype(np.float32), 480, 480)


def quiet(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE_HZ), np.float32)


def take(*parts: Samples) -> Samples:
    return np.concatenate(parts)[None, :]


def test_a_sound_take_has_no_fault() -> None:
    sound = take(quiet(0.06), tone(1.2), quiet(0.4), tone(0.8), quiet(0.14))

    facts = examine_narration(sound, RATE_HZ, 6)

    assert narration_faults(facts, 6) == ()
    assert facts.leading_s == pytest.approx(0.06, abs=0.01)
    assert facts.trailing_s == pytest.approx(0.14, abs=0.01)
    assert facts.longest_pause_s == pytest.approx(0.4, abs=0.05)
    assert facts.words_per_minute == pytest.approx(60 * 6 / 2.4, rel=0.02)


@pytest.mark.parametrize(
    ("sound", "words", "fault"),
    [
        (take(quiet(4.0), tone(2), quiet(0.1)), 5, "4.0 s of silence before the first word"),
        (take(quiet(0.1), tone(2), quiet(3.0)), 5, "3.0 s of silence after the last word"),
        (take(quiet(0.1), tone(1), quiet(3.0), tone(1), quiet(0.1)), 5, "a pause of 3.0 s inside the line"),
        (take(tone(2)[480:], quiet(0.1)), 5, "the first word is cut off"),
        (take(quiet(0.1), tone(2)[:-480]), 5, "the last word is cut off"),
        (take(quiet(0.1), np.clip(tone(2, 3.0), -1, 1), quiet(0.1)), 5, "clipped samples"),
        (take(quiet(0.1), tone(2, 0.004), quiet(0.1)), 5, "too quiet"),
        (take(quiet(0.1), tone(12), quiet(0.1)), 5, "too slow (25 words a minute)"),
        (take(quiet(0.1), tone(1), quiet(0.1)), 9, "too fast"),
        (take(quiet(2.0)), 5, "silent"),
    ],
)  # fmt: skip
def test_every_fault_is_named(sound: Samples, words: int, fault: str) -> None:
    faults = narration_faults(examine_narration(sound, RATE_HZ, words), words)

    assert any(fault in found for found in faults), faults


def test_one_full_scale_sample_is_not_clipping() -> None:
    sound = take(quiet(0.1), tone(1), quiet(0.1))
    sound[0, 20_000] = 1.0

    assert examine_narration(sound, RATE_HZ, 3).clipped_samples == 0


def test_silence_is_right_where_nothing_is_said() -> None:
    assert narration_faults(examine_narration(take(quiet(1.3)), RATE_HZ, 0), 0) == ()


def test_limits_can_be_set() -> None:
    facts = examine_narration(take(quiet(0.5), tone(1), quiet(0.1)), RATE_HZ, 3)

    assert narration_faults(facts, 3, NarrationLimits(leading_s=0.3, snr_db=0)) == (
        "0.5 s of silence before the first word",
    )
