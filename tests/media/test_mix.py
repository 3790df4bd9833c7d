"""The mix: narration first, everything else under it, at its loudness, under its ceiling, silence kept."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from kamishibai.errors import MediaError
from kamishibai.media.ducking import HOP, duck_curve, speech_spans
from kamishibai.media.filters import band, glide, noise, tilt
from kamishibai.media.limiter import all_true_peaks, apply_gain, limiting_curve, true_peaks
from kamishibai.media.loudness import measure, measure_file
from kamishibai.media.mix import WavStem, mix, mix_into
from kamishibai.media.sound import RATE_HZ, Samples
from kamishibai.media.tape import Tape

SECONDS = 24


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def voice(seconds: float, seed: int = 1) -> np.ndarray:
    n = int(seconds * RATE_HZ)
    return (0.3 * noise(n, rng(seed), band(400, 3))[0] * glide(n, rng(seed), 0.12, 0.0, 1.0)).astype(
        np.float32
    )


def music(seconds: float = SECONDS) -> Samples:
    return 0.1 * noise(int(seconds * RATE_HZ), rng(7), tilt(-3), channels=2)


def speech() -> list[tuple[int, np.ndarray]]:
    return [(2 * RATE_HZ, voice(4, 1)), (9 * RATE_HZ, voice(4, 2)), (16 * RATE_HZ, voice(4, 3))]


def level_db(samples: Samples, first: float, last: float) -> float:
    part = samples[:, int(first * RATE_HZ) : int(last * RATE_HZ)]
    return float(10 * np.log10((part**2).mean()))


def test_the_mix_lands_on_its_loudness_and_under_its_ceiling() -> None:
    master, facts = mix(speech(), music(), [(5 * RATE_HZ, 0.3 * music(2))], SECONDS)
    heard = measure(master)
    assert heard.lufs == pytest.approx(-14.0, abs=0.2)
    assert heard.true_peak_dbtp is not None
    assert heard.true_peak_dbtp <= -1.5
    assert facts.lufs == pytest.approx(heard.lufs, abs=0.01)
    assert facts.most_reduction_db < 9


def test_music_lies_twelve_decibels_under_the_voice_while_somebody_speaks() -> None:
    _, facts = mix(speech(), music(), [], SECONDS)
    assert facts.speech_to_music_db is not None
    assert facts.speech_to_music_db >= 12
    assert facts.speaking_part == pytest.approx(0.5, abs=0.05)


def test_music_swells_in_long_pauses_and_is_down_before_the_next_word() -> None:
    _, facts = mix(speech(), music(), [], SECONDS)
    alone = [(start, np.zeros_like(sound)) for start, sound in speech()]
    assert facts.music_gain_db != 0
    spans = speech_spans(speech())
    curve = duck_curve(spans, [-10.0] * len(spans), SECONDS * 100)
    assert curve[spans[1][0]] == pytest.approx(-10, abs=0.5)
    assert curve[(spans[0][1] + spans[1][0]) // 2] == 0
    assert speech_spans(alone) == []


def test_a_pause_for_breath_does_not_let_the_music_up() -> None:
    spans = speech_spans([(0, voice(2)), (int(2.9 * RATE_HZ), voice(2))])
    assert len(spans) == 1


def test_ducking_moves_smoothly() -> None:
    curve = duck_curve([(100, 300)], [-12.0], 500)
    assert np.abs(np.diff(curve)).max() < 2.0
    assert curve[0] == 0
    assert curve[-1] == 0


@pytest.mark.parametrize(("quieter_db", "left_db"), [(-6.0, 0.0), (-20.0, -12.0)])
def test_lines_are_levelled_but_a_whisper_stays_softer(quieter_db: float, left_db: float) -> None:
    lines = [(0, voice(4)), (6 * RATE_HZ, np.float32(10 ** (quieter_db / 20)) * voice(4))]
    master, _ = mix(lines, None, [], 11)
    assert level_db(master, 6.2, 9.8) - level_db(master, 0.2, 3.8) == pytest.approx(left_db, abs=1.5)


def test_a_film_without_narration_is_brought_to_its_loudness_too() -> None:
    _, facts = mix([], music(), [], SECONDS)
    assert facts.lufs == pytest.approx(-14.0, abs=0.2)
    assert facts.speech_to_music_db is None


def test_a_film_without_sound_stays_silent_and_says_so() -> None:
    master, facts = mix([], None, [], 3)
    assert master.shape == (2, 3 * RATE_HZ)
    assert not master.any()
    assert facts.silent
    assert facts.lufs is None


def test_noise_is_never_amplified_into_a_sound() -> None:
    hiss = 1e-5 * music(4)
    master, facts = mix([], None, [(0, hiss)], 4)
    assert facts.master_gain_db == 0
    assert np.abs(master).max() < 1e-3


def test_sounds_that_reach_past_the_film_are_cut() -> None:
    master, _ = mix([(2 * RATE_HZ, voice(4))], music(10), [(-RATE_HZ, 0.1 * music(9))], 3)
    assert master.shape == (2, 3 * RATE_HZ)
    assert np.isfinite(master).all()


def test_a_score_in_a_file_mixes_as_one_in_memory(tmp_path: Path) -> None:
    score = music(12)
    path = tmp_path / "score.wav"
    soundfile.write(path, score.T, RATE_HZ, subtype="FLOAT")
    from_file, _ = mix(speech()[:1], WavStem(path), [], 12)
    from_memory, _ = mix(speech()[:1], score, [], 12)
    np.testing.assert_array_equal(from_file, from_memory)


def test_a_master_on_disk_equals_one_in_memory(tmp_path: Path) -> None:
    master, facts = mix(speech()[:1], music(12), [], 12)
    with Tape(tmp_path / "master.f32", 12 * RATE_HZ) as tape:
        facts_there = mix_into(tape, speech()[:1], music(12), [])
        np.testing.assert_array_equal(tape[:, :], master)
    assert facts_there == facts
    assert not (tmp_path / "master.f32").exists()


def test_what_is_no_sound_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.wav"
    path.write_text("<html>")
    with pytest.raises(MediaError, match="not a readable sound file"):
        WavStem(path)


def test_true_peaks_between_samples_are_found() -> None:
    # A sine at a quarter of the rate, sampled off its crests: samples reach 0.707, the wave itself 1.
    at = np.arange(RATE_HZ)
    wave = np.sin(np.pi / 2 * at + np.pi / 4).astype(np.float32)[None]
    assert np.abs(wave).max() == pytest.approx(0.707, abs=0.01)
    assert true_peaks(wave)[100:-100].max() == pytest.approx(1.0, abs=0.01)


def test_peaks_measured_in_chunks_are_the_same() -> None:
    sound = music(2)
    np.testing.assert_allclose(all_true_peaks(sound, chunk=HOP * 20), true_peaks(sound), rtol=1e-6)


def test_the_limiter_holds_its_ceiling_and_leaves_the_rest_alone() -> None:
    sound = 0.02 * music(2)
    sound[:, RATE_HZ] += 1.0
    curve = limiting_curve(true_peaks(sound), 0.5)
    before = sound.copy()
    apply_gain(sound, curve)
    assert measure(sound).true_peak_dbtp == pytest.approx(-6.02, abs=0.1)
    np.testing.assert_array_equal(sound[:, : RATE_HZ // 2], before[:, : RATE_HZ // 2])
    assert np.abs(np.diff(curve)).max() < 0.1


@pytest.mark.slow
def test_after_aac_the_peak_is_still_under_minus_one(tmp_path: Path) -> None:
    master, _ = mix(speech(), music(), [], SECONDS)
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=RATE_HZ, layout="stereo", bit_rate=192_000)
        for first in range(0, master.shape[1], 1024):
            piece = np.ascontiguousarray(master[:, first : first + 1024])
            frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
            frame.rate, frame.pts = RATE_HZ, first
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    heard = measure_file(path)
    assert heard.lufs == pytest.approx(-14.0, abs=0.5)
    assert heard.true_peak_dbtp is not None
    assert heard.true_peak_dbtp <= -1.0


def test_the_limiters_curve_does_not_depend_on_where_it_was_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    peaks = (1 + 0.8 * np.sin(np.arange(5000) / 37)).astype(np.float32)
    whole = limiting_curve(peaks, 1.0)
    monkeypatch.setattr("kamishibai.media.limiter._PART", 333)
    np.testing.assert_allclose(limiting_curve(peaks, 1.0), whole, atol=1e-5)
    assert (peaks * whole).max() <= 1.0001
