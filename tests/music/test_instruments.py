"""Each instrument: in tune, from silence to silence, without clicks; the whole score at its level."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from kamishibai.media.loudness import measure
from kamishibai.media.sound import RATE_HZ
from kamishibai.models.kinds import Act
from kamishibai.models.music.composer import compose
from kamishibai.models.music.instruments import INSTRUMENTS, play
from kamishibai.models.music.musicbox import LOUDNESS_LUFS, perform
from kamishibai.models.music.synth import render

UNPITCHED = {"shaker", "brush", "frame drum", "triangle"}
TUNED = sorted(set(INSTRUMENTS) - UNPITCHED - {"woodblock"})


def note(voice: str, pitch: int = 67, seconds: float = 1.0) -> np.ndarray:
    return np.atleast_2d(play(voice, pitch, 0.7, seconds, np.random.default_rng(1)))


@pytest.mark.parametrize("voice", sorted(INSTRUMENTS))
def test_a_note_begins_and_ends_at_zero_and_holds_no_steady_offset(voice: str) -> None:
    made = note(voice)
    assert np.abs(made[:, 0]).max() < 1e-3
    assert np.abs(made[:, -1]).max() < 2e-3
    assert abs(float(made.mean())) < 0.01 * np.abs(made).max()
    assert 0.05 < np.abs(made).max() < 3.5


@pytest.mark.parametrize("voice", TUNED)
def test_a_note_is_in_tune(voice: str) -> None:
    hz = 440.0 * 2 ** ((67 - 69) / 12)
    made = note(voice).mean(axis=0)
    spectrum = np.abs(np.fft.rfft(made * np.hanning(made.size), 1 << 18))
    near = np.fft.rfftfreq(1 << 18, 1 / RATE_HZ)
    window = (near > hz / 1.06) & (near < hz * 1.06)
    heard = near[window][spectrum[window].argmax()]
    assert abs(1200 * np.log2(heard / hz)) < 12


def test_pieces_of_a_rendering_join_to_its_exact_length() -> None:
    score = compose(9.37, [Act(start=Fraction(0), end=Fraction("9.37"), mood="sad")], "", 1)
    pieces = list(render(score))
    assert sum(piece.shape[1] for piece in pieces) == round(9.37 * RATE_HZ)


@pytest.mark.parametrize("mood", ["calm", "playful", "tense"])
def test_a_score_lands_on_its_level_without_harshness(mood: str) -> None:
    score = compose(20.0, [Act(start=Fraction(0), end=Fraction(20), mood=mood, intensity=0.7)], "", 2)
    out = np.zeros((2, 20 * RATE_HZ), dtype=np.float32)
    perform(score, out)
    heard = measure(out)
    assert heard.lufs == pytest.approx(LOUDNESS_LUFS, abs=0.7)
    assert heard.true_peak_dbtp is not None
    assert heard.true_peak_dbtp < -3.0
    assert not out[:, -1].any()
    power = np.abs(np.fft.rfft(out.mean(axis=0))) ** 2
    f = np.fft.rfftfreq(out.shape[1], 1 / RATE_HZ)
    harsh = power[(f > 2000) & (f < 5000)].sum() / power.sum()
    rumble = power[f < 35].sum() / power.sum()
    assert harsh < 0.2
    assert rumble < 0.002
    assert 0.05 < float(np.corrcoef(out)[0, 1]) < 0.95


def test_no_stretch_of_a_score_falls_silent_before_its_end() -> None:
    score = compose(45.0, [Act(start=Fraction(0), end=Fraction(45), mood="calm", intensity=0.3)], "", 6)
    out = np.zeros((2, 45 * RATE_HZ), dtype=np.float32)
    perform(score, out)
    tenths = np.sqrt((out.reshape(2, -1, RATE_HZ // 10) ** 2).mean(axis=(0, 2)))
    loud = np.flatnonzero(tenths > 10 ** (-60 / 20))
    assert loud[-1] > 430
    assert max(b - a for a, b in pairwise(loud)) < 8
