"""Speech as sound: its span, its level, its hisses, its joins."""

from __future__ import annotations

import numpy as np
import pytest

from kamishibai.media.sound import RATE_HZ
from kamishibai.media.speech import Mono, active_span, fade_ends, join, level, loudness_lufs, soften_hiss


def tone(hertz: float, seconds: float, amplitude: float = 0.3) -> Mono:
    wave = amplitude * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ)
    return fade_ends(wave.astype(np.float32), 240, 240)


def band_db(sound: Mono, low_hz: float, high_hz: float) -> float:
    power = np.abs(np.fft.rfft(sound)) ** 2
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
    return float(10 * np.log10(power[(hertz >= low_hz) & (hertz < high_hz)].sum() + 1e-12))


def test_the_span_is_where_something_is_heard() -> None:
    sound = np.concatenate([np.zeros(4800, np.float32), tone(300, 0.5), np.zeros(9600, np.float32)])

    first, last = active_span(sound, RATE_HZ)

    assert first == pytest.approx(4800, abs=480)
    assert last == pytest.approx(4800 + 24_000, abs=480)


@pytest.mark.parametrize("samples", [0, 1, 100, 48_000])
def test_silence_has_no_span_and_no_loudness(samples: int) -> None:
    silence = np.zeros(samples, np.float32)

    assert active_span(silence, RATE_HZ) == (0, 0)
    assert loudness_lufs(silence) is None
    assert np.array_equal(level(silence, -20, -3), silence)


def test_fades_begin_and_end_at_nothing_and_leave_the_middle() -> None:
    sound = np.ones(1000, np.float32)

    faded = fade_ends(sound, 100, 200)

    assert faded[0] < 0.001
    assert faded[-1] < 0.001
    assert np.all(faded[100:800] == 1)
    assert np.all(np.diff(faded[:100]) > 0)


def test_pieces_are_laid_where_they_belong_even_over_the_edges() -> None:
    piece = np.ones(10, np.float32)

    joined = join([(-5, piece), (20, piece), (25, piece), (45, piece)], 50)

    assert joined.tolist() == [1] * 5 + [0] * 15 + [1] * 5 + [2] * 5 + [1] * 5 + [0] * 10 + [1] * 5


@pytest.mark.parametrize("seconds", [0.15, 0.6, 4.0])
@pytest.mark.parametrize("amplitude", [0.01, 0.9])
def test_speech_is_brought_to_one_level(seconds: float, amplitude: float) -> None:
    sound = tone(400, seconds, amplitude)

    levelled = level(sound, -20, -3)

    assert loudness_lufs(levelled) == pytest.approx(-20, abs=0.3)


def test_peaks_are_eased_under_the_ceiling_without_clipping() -> None:
    sound = tone(400, 2, 0.02)
    sound[48_000:48_200] = tone(400, 200 / RATE_HZ, 0.9)

    levelled = level(sound, -20, -3)

    assert np.abs(levelled).max() <= 10 ** (-3 / 20) + 1e-3


def test_a_hiss_above_the_vowels_is_turned_down_and_the_vowels_are_not() -> None:
    noise = np.random.Generator(np.random.PCG64(1)).standard_normal(24_000).astype(np.float32)
    spectrum = np.fft.rfft(noise)
    spectrum[np.fft.rfftfreq(24_000, 1 / RATE_HZ) < 6_000] = 0
    hiss = (0.2 * np.fft.irfft(spectrum)).astype(np.float32)
    vowel = tone(300, 0.5)

    soft = soften_hiss(np.concatenate([vowel, hiss, vowel]), RATE_HZ)

    assert len(soft) == 3 * 24_000
    assert band_db(hiss, 6_000, 20_000) - band_db(soft[24_000:48_000], 6_000, 20_000) > 6
    assert np.abs(soft[2_000:20_000] - vowel[2_000:20_000]).max() < 1e-3


def test_short_and_silent_sounds_pass_unchanged() -> None:
    for sound in (np.zeros(0, np.float32), np.ones(100, np.float32), np.zeros(5_000, np.float32)):
        assert np.allclose(soften_hiss(sound, RATE_HZ), sound, atol=1e-6)
