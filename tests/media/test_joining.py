"""Joins of sounds: no dip and no bump at a crossfade, loops that come round in time."""

from __future__ import annotations

import numpy as np
import pytest

from kamishibai.media.joining import crossfaded, find_loop, likeness, looped, sounding
from kamishibai.media.sound import RATE_HZ, Samples


def chord(seconds: float, *hz: float) -> Samples:
    at = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    wave = sum(np.sin(2 * np.pi * one * at + k) for k, one in enumerate(hz)) / len(hz)
    return np.stack([wave, wave]).astype(np.float32) * np.float32(0.5)


def noise(seconds: float, seed: int = 0) -> Samples:
    return np.random.default_rng(seed).normal(0, 0.1, (2, int(seconds * RATE_HZ))).astype(np.float32)


def rms_db(samples: Samples, hop_s: float) -> np.ndarray:
    hop = int(hop_s * RATE_HZ)
    n = samples.shape[1] // hop * hop
    return 10 * np.log10((samples[:, :n].reshape(2, -1, hop).astype(np.float64) ** 2).mean(axis=(0, 2)))


def test_two_noises_pass_into_each_other_at_one_level() -> None:
    level = rms_db(crossfaded(noise(2), noise(2, 1)), 0.1)
    assert np.abs(level + 20).max() < 0.4


def test_a_wave_that_passes_into_itself_is_left_as_it_is() -> None:
    # Equal-power gains would make it 3 dB louder in the middle.
    wave = chord(1, 220)
    assert np.allclose(crossfaded(wave, wave), wave, atol=1e-5)


def test_likeness_is_one_for_the_same_wave_and_nothing_for_opposed_ones() -> None:
    wave = chord(1, 220)
    assert likeness(wave, wave) == pytest.approx(1)
    assert likeness(wave, -wave) == 0
    assert likeness(wave, noise(1)) < 0.02
    assert likeness(wave, np.zeros_like(wave)) == 0


@pytest.mark.parametrize("sound", [chord(6.37, 220), chord(6.37, 220, 277.18, 329.63), noise(6.37)])
def test_a_loop_holds_its_level_across_every_seam(sound: Samples) -> None:
    n = sound.shape[1]
    loop = find_loop(sound, n, RATE_HZ // 2, search=2 * RATE_HZ)
    out = np.concatenate(list(looped(sound, loop, 20 * RATE_HZ)), axis=1)

    usual = float(np.median(rms_db(sound, 0.1)))
    assert out.shape == (2, 20 * RATE_HZ)
    assert np.abs(rms_db(out, 0.1) - usual).max() < 1.0


@pytest.mark.parametrize("sound", [chord(6.37, 220), chord(6.37, 220, 277.18, 329.63)])
def test_a_loop_of_tones_keeps_its_spectrum_and_does_not_jump(sound: Samples) -> None:
    loop = find_loop(sound, sound.shape[1], RATE_HZ // 2, search=2 * RATE_HZ)
    out = np.concatenate(list(looped(sound, loop, 20 * RATE_HZ)), axis=1)

    own = float(np.abs(np.diff(sound, axis=1)).max())
    assert float(np.abs(np.diff(out, axis=1)).max()) < 1.05 * own
    seam = slice(loop.period - RATE_HZ // 4, loop.period + RATE_HZ * 3 // 4)
    window = np.hanning(RATE_HZ)
    before = np.abs(np.fft.rfft(sound[0, :RATE_HZ] * window))
    after = np.abs(np.fft.rfft(out[0, seam] * window))
    peaks = before > 0.1 * before.max()
    assert np.abs(20 * np.log10(after[peaks] / before[peaks])).max() < 1.0
    assert 20 * np.log10(after[~peaks].max() / before.max()) < -20


def test_beats_fall_on_beats_where_a_loop_closes() -> None:
    rng = np.random.default_rng(3)
    sound = np.zeros((2, int(9.81 * RATE_HZ)), dtype=np.float32)
    beat = RATE_HZ // 2
    for first in range(0, sound.shape[1] - 2400, beat):  # 120 a minute; the file ends within a beat
        sound[:, first : first + 2400] += (rng.normal(0, 0.3, 2400) * np.exp(-np.arange(2400) / 400)).astype(
            np.float32
        )

    loop = find_loop(sound, sound.shape[1], RATE_HZ, search=3 * RATE_HZ)

    off = (loop.period + beat / 2) % beat - beat / 2
    assert abs(off) / RATE_HZ < 0.011


def test_a_piece_that_dies_away_comes_round_before_it_is_gone() -> None:
    sound = noise(10)
    sound[:, 7 * RATE_HZ :] *= np.linspace(1, 0, 3 * RATE_HZ, dtype=np.float32) ** 3
    loop = find_loop(sound, sound.shape[1], RATE_HZ, search=4 * RATE_HZ)
    assert loop.period + loop.fade < 8.5 * RATE_HZ


def test_silence_at_the_ends_is_not_heard() -> None:
    sound = np.zeros((2, RATE_HZ), dtype=np.float32)
    sound[0, 1000:2000] = 0.5
    sound[0, 100] = 0.0001
    assert sounding(sound) == (1000, 2000)
    assert sounding(np.zeros_like(sound)) == (0, 0)


def test_a_sound_that_is_shorter_than_two_fades_is_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        find_loop(noise(1), RATE_HZ, RATE_HZ // 2, search=RATE_HZ)
