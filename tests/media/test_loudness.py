"""Loudness: the standard's own test tones, silence, files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from kamishibai.errors import MediaError
from kamishibai.media.loudness import measure, measure_file
from kamishibai.media.sound import RATE_HZ


def tone(db: float, seconds: float = 5.0) -> np.ndarray:
    at = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    wave = 10 ** (db / 20) * np.sin(2 * np.pi * 1000 * at)
    return np.stack([wave, wave]).astype(np.float32)


def test_a_list_of_files_named_like_a_sound_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "secret.wav", tone(-20.0).T, RATE_HZ)
    listed = tmp_path / "song.mp3"
    listed.write_text("ffconcat version 1.0\nfile 'secret.wav'\n")
    with pytest.raises(MediaError, match="no sound file"):
        measure_file(listed)


def test_a_stereo_tone_of_minus_23_measures_minus_23() -> None:
    # EBU Tech 3341, test signal 1.
    assert measure(tone(-23.0)).lufs == pytest.approx(-23.0, abs=0.1)


def test_pieces_measure_as_the_whole() -> None:
    whole = tone(-20.0)
    assert measure([whole[:, :70_000], whole[:, 70_000:]]) == measure(whole)


def test_silence_has_no_loudness_and_no_peak() -> None:
    heard = measure(np.zeros((2, RATE_HZ), dtype=np.float32))
    assert heard.lufs is None
    assert heard.true_peak_dbtp is None


def test_a_moment_is_too_short_for_a_loudness_but_has_a_peak() -> None:
    heard = measure(tone(-6.0, seconds=0.2))
    assert heard.lufs is None
    assert heard.true_peak_dbtp == pytest.approx(-6.0, abs=0.2)


def test_a_file_measures_as_its_samples(tmp_path: Path) -> None:
    path = tmp_path / "a:b %03d.wav"
    soundfile.write(path, tone(-20.0).T, RATE_HZ, subtype="FLOAT")
    assert measure_file(path).lufs == pytest.approx(-20.0, abs=0.1)


def test_a_file_that_is_no_media_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "page.mp4"
    path.write_text("<html>")
    with pytest.raises(MediaError, match=r"page\.mp4"):
        measure_file(path)
