"""The example film on the embedded default: what `make film` promises, measured in the finished file."""

from __future__ import annotations

import itertools
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from kamishibai import FilmFiles, Studio
from kamishibai.exports.read_captions import read_captions, stamped_words
from kamishibai.media.film import frames_at, probe
from kamishibai.work.events import Event

EXAMPLE = Path(__file__).parent.parent / "examples" / "lantern.md"

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("first film")]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory, store: Path) -> FilmFiles:
    out = tmp_path_factory.mktemp("film")
    return Studio(size=240, quality="draft", workers=0, cache=store).make(EXAMPLE, out)


def test_the_file_is_what_players_expect(film: FilmFiles) -> None:
    facts = probe(film.film)
    assert (facts.width, facts.height, facts.fps) == (426, 240, 30)
    assert (facts.video_codec, facts.pixel_format, facts.audio_codec) == ("h264", "yuv420p", "aac")
    assert facts.colour == ("1", "1", "1", "tv")
    assert (facts.audio_rate_hz, facts.audio_channels) == (48_000, 2)
    assert facts.faststart
    assert facts.subtitles == ("mov_text/eng",)
    assert facts.metadata["title"] == "The Lantern in the Dark Forest"
    assert abs(facts.seconds - facts.audio_seconds) < Fraction(1, 10)


def test_the_sound_is_as_loud_as_it_should_be(film: FilmFiles) -> None:
    assert film.measured["loudness_lufs"] == pytest.approx(-14, abs=0.5)
    assert film.measured["true_peak_dbtp"] <= -1
    assert film.measured["speech_to_music_db"] >= 12


def test_the_narration_is_heard_word_by_word(film: FilmFiles) -> None:
    assert film.measured["narration_words"] > 60
    assert film.measured["narration_wer"] <= 0.03


def test_captions_light_up_with_the_voice(film: FilmFiles) -> None:
    assert film.measured["caption_onset_median_s"] <= 0.01
    assert film.measured["caption_onset_p95_s"] <= 0.1
    captions = read_captions(film.film.with_suffix(".vtt").read_text(encoding="utf-8"))
    stamps = [word.start for word, own in stamped_words(captions) if own]
    assert len(stamps) > 60
    assert stamps == sorted(stamps)
    assert stamps[-1] < film.seconds


def test_every_scene_shows_something_else(film: FilmFiles) -> None:
    entries = json.loads((film.folder / "ledger.json").read_text(encoding="utf-8"))["entries"]
    pictures = [e["made"][0] for e in entries if e["stage"] == "draw"]
    assert len(set(pictures)) == len(pictures) == film.scenes + 2


def test_nothing_is_black_or_frozen(film: FilmFiles) -> None:
    frames = frames_at(film.film, [Fraction(second) for second in range(2, int(film.seconds) - 1, 3)])
    for frame, after in itertools.pairwise(frames):
        assert frame.mean() > 15
        assert np.abs(frame.astype(int) - after).mean() > 0.5


def test_a_rerun_in_a_new_folder_calls_no_model(film: FilmFiles, store: Path, tmp_path: Path) -> None:
    events: list[Event] = []
    again = Studio(size=240, quality="draft", workers=0, cache=store, listen=events.append).make(
        EXAMPLE, tmp_path
    )
    assert [e.stage for e in events if e.event == "call" and e.stage != "join"] == []
    name = film.film.name
    assert again.film.read_bytes() == (film.folder / name).read_bytes()
