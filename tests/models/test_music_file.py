"""music:file: what it makes of the user's own music, and of what is none."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile

from kamishibai.errors import KamishibaiError, MediaError, UnknownModelError, UnsupportedError, UsageError
from kamishibai.media.loudness import measure
from kamishibai.media.sound import RATE_HZ, decode_wav
from kamishibai.models import registry
from kamishibai.models.kinds import Act, Compose, Music
from kamishibai.models.music.file import MOST_BYTES
from kamishibai.steps.models_chosen import choose
from kamishibai.steps.terms import bound_by, refuse_bound
from kamishibai.work.call import Call, keyed
from kamishibai.work.desk import StoreDesk
from kamishibai.work.store import Store


def ask(seconds: str = "8", mood: str = "calm", seed: int = 1) -> Compose:
    act = Act.model_validate({"start": 0, "end": seconds, "mood": mood})
    return Compose(seconds=Fraction(seconds), acts=(act,), seed=seed)


def tune(seconds: float, rate_hz: int = RATE_HZ, hz: float = 220.0) -> np.ndarray:
    at = np.arange(int(seconds * rate_hz)) / rate_hz
    left = 0.3 * np.sin(2 * np.pi * hz * at)
    return np.stack([left, 0.5 * left], axis=1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[StoreDesk]:
    with StoreDesk(Store(tmp_path / "store")) as desk:
        yield desk


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "song.wav"
    soundfile.write(path, tune(3), RATE_HZ)
    return path


def play(path: Path | str, desk: StoreDesk, one: Compose | None = None, **options: Any) -> Music:
    model = registry.make(f"music:file:{path}", options)
    model.weights()
    (take,) = model.run([one or ask()], desk)
    return take


def heard(take: Music, desk: StoreDesk) -> np.ndarray:
    samples, rate_hz = decode_wav(desk.open(take.sound))
    assert rate_hz == RATE_HZ
    return samples


@pytest.mark.parametrize("seconds", ["0.5", "2", "7.3", "65"])
def test_a_song_of_three_seconds_lasts_as_long_as_the_film(song: Path, desk: StoreDesk, seconds: str) -> None:
    take = play(song, desk, ask(seconds))
    samples = heard(take, desk)
    assert samples.shape == (2, round(float(seconds) * RATE_HZ))
    assert ("comes round" in take.notes) == (float(seconds) > 3)


def test_a_loop_is_neither_heard_as_a_dip_nor_as_a_jump(song: Path, desk: StoreDesk) -> None:
    samples = heard(play(song, desk, ask("20"), fade_in_s=0.05, fade_out_s=0.05), desk)
    inner = samples[:, RATE_HZ : 19 * RATE_HZ].astype(np.float64)
    level = 10 * np.log10((inner.reshape(2, -1, 4800) ** 2).mean(axis=(0, 2)))
    assert level.max() - level.min() < 1.0
    steps = np.abs(np.diff(inner, axis=1)).max(axis=0)
    assert steps.max() < 1.1 * np.median(np.sort(steps)[-4800:])


def test_a_song_longer_than_the_film_is_cut_and_faded(tmp_path: Path, desk: StoreDesk) -> None:
    soundfile.write(tmp_path / "long.flac", tune(20, 44_100), 44_100)
    take = play(tmp_path / "long.flac", desk, ask("8"), fade_out_s=2)
    samples = heard(take, desk)
    assert take.notes == ""
    assert np.abs(samples[:, -1]).max() < 1e-3
    ends = [np.abs(samples[0, n * RATE_HZ : (n + 1) * RATE_HZ]).max() for n in (4, 7)]
    assert ends[1] < 0.6 * ends[0]


def test_its_loudness_is_what_the_mix_expects_and_its_sides_are_kept(song: Path, desk: StoreDesk) -> None:
    samples = heard(play(song, desk, ask("20")), desk)
    measured = measure(samples)
    assert measured.lufs == pytest.approx(-20, abs=0.7)
    assert measured.true_peak_dbtp is not None
    assert measured.true_peak_dbtp < -3
    assert np.abs(samples[1]).max() == pytest.approx(0.5 * np.abs(samples[0]).max(), rel=0.02)


def test_silence_before_the_music_is_skipped_and_so_is_what_the_user_wants_skipped(
    tmp_path: Path, desk: StoreDesk
) -> None:
    high = tune(4, hz=880)
    soundfile.write(
        tmp_path / "late.wav", np.concatenate([np.zeros((2 * RATE_HZ, 2)), tune(4), high]), RATE_HZ
    )
    late = heard(play(tmp_path / "late.wav", desk, ask("2"), fade_in_s=0.01), desk)
    assert np.abs(late[:, 2400:4800]).max() > 0.05

    skipped = heard(play(tmp_path / "late.wav", desk, ask("2"), start_s=6.5), desk)[0, RATE_HZ // 2 :]
    spectrum = np.abs(np.fft.rfft(skipped[:RATE_HZ]))
    assert int(spectrum.argmax()) == pytest.approx(880, abs=2)


@pytest.mark.parametrize("name", ["song.mp3", "song.ogg", "song.flac", "a:b — c.mp3", "our song.wav"])
def test_formats_and_names_of_all_kinds_are_read(tmp_path: Path, desk: StoreDesk, name: str) -> None:
    soundfile.write(tmp_path / name, tune(3, 22_050), 22_050)
    samples = heard(play(tmp_path / name, desk), desk)
    assert int(np.abs(np.fft.rfft(samples[0, RATE_HZ : 2 * RATE_HZ])).argmax()) == pytest.approx(220, abs=1)


def test_the_sound_of_a_film_file_is_music_too(tmp_path: Path, desk: StoreDesk) -> None:
    path = tmp_path / "clip.m4a"
    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream("aac", rate=RATE_HZ, layout="stereo")
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(tune(3).T.astype(np.float32)), format="fltp", layout="stereo"
        )
        frame.rate = RATE_HZ
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            out.mux(packet)
    assert heard(play(path, desk), desk).shape == (2, 8 * RATE_HZ)


@pytest.mark.slow
def test_music_for_a_long_film_is_kept_as_flac(song: Path, desk: StoreDesk) -> None:
    take = play(song, desk, ask("310"))
    assert take.sound.media_type == "audio/flac"
    info = soundfile.info(str(desk.path(take.sound)))
    assert (info.frames, info.channels, info.samplerate) == (310 * RATE_HZ, 2, RATE_HZ)


# ------------------------------------------------------------------------------------------ what it refuses
def faulty(tmp_path: Path, name: str) -> Path:
    """Return a file that is no music of some kind."""
    path = tmp_path / f"{name}.wav"
    if name == "silent":
        soundfile.write(path, np.zeros((3 * RATE_HZ, 2)), RATE_HZ)
    elif name == "short":
        soundfile.write(path, tune(0.6), RATE_HZ)
    elif name == "empty":
        path.write_bytes(b"")
    elif name == "words":
        path.write_text("la la la\n" * 500)
    elif name == "broken":
        soundfile.write(path, np.full((3 * RATE_HZ, 2), np.nan), RATE_HZ, subtype="FLOAT")
    elif name == "list":
        soundfile.write(tmp_path / "secret.wav", tune(3), RATE_HZ)
        path.write_text("ffconcat version 1.0\nfile 'secret.wav'\n")
    elif name == "playlist":
        path.write_text("#EXTM3U\n#EXTINF:3,\nhttp://127.0.0.1:9/a.mp3\n#EXT-X-ENDLIST\n")
    return path


@pytest.mark.parametrize("name", ["silent", "short", "empty", "words", "broken", "list", "playlist"])
def test_what_is_no_music_is_refused_by_name(tmp_path: Path, desk: StoreDesk, name: str) -> None:
    path = faulty(tmp_path, name)
    with pytest.raises(MediaError) as caught:
        play(path, desk)
    assert str(path) in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("name", ["empty", "words", "list", "playlist"])
def test_what_is_no_sound_file_is_refused_before_any_work(tmp_path: Path, name: str) -> None:
    with pytest.raises(MediaError):
        registry.make(f"music:file:{faulty(tmp_path, name)}").weights()


def test_a_file_that_is_not_there_is_told_with_the_folder_that_paths_count_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownModelError, match="no such music file") as caught:
        registry.make("music:file:nowhere.mp3").weights()
    assert str(tmp_path) in str(caught.value.hint)
    with pytest.raises(UnknownModelError, match="folder"):
        registry.make(f"music:file:{tmp_path}").weights()
    with pytest.raises(UsageError, match="none is named"):
        registry.make("music:file").weights()
    with pytest.raises(KamishibaiError):
        registry.make("music:file:" + "x" * 9000 + ".mp3").weights()


def test_a_huge_file_is_refused_with_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "huge.wav"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(MediaError, match="500 MB"):
        registry.make(f"music:file:{path}").weights()


# ------------------------------------------------------------------------------------------ names and keys
@pytest.mark.parametrize(
    ("typed", "id_"),
    [
        ("song.mp3", "music:file:song.mp3"),
        ("music/Our Song.FLAC", "music:file:music/Our Song.FLAC"),
        ("a:b.ogg", "music:file:a:b.ogg"),
        ("music:song.mp3", "music:file:song.mp3"),
        ("file:song.mp3", "music:file:song.mp3"),
        ("music:file:song.mp3", "music:file:song.mp3"),
        ("musicbox", "music:musicbox"),
        ("musicgen:facebook/musicgen-small", "music:musicgen:facebook/musicgen-small"),
        ("auto", "music:musicbox"),
    ],
)
def test_a_sound_file_named_for_music_means_the_file(typed: str, id_: str) -> None:
    assert registry.normal_id("music", typed) == id_
    assert choose("music", typed, {}).id == id_


def test_a_file_without_an_ending_is_known_by_being_there_but_never_in_place_of_a_back_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("tape", "musicbox"):
        (tmp_path / name).write_bytes(b"")
    assert registry.normal_id("music", "tape") == "music:file:tape"
    assert registry.normal_id("music", "musicbox") == "music:musicbox"
    with pytest.raises(UnknownModelError, match="no model 'music:tapes'"):
        choose("music", "tapes", {})


def test_the_key_is_the_files_content_and_neither_its_name_nor_mood_nor_seed(
    song: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "elsewhere" / "other name.wav"
    moved.parent.mkdir()
    shutil.copy(song, moved)
    other = tmp_path / "other.wav"
    soundfile.write(other, tune(3, hz=230), RATE_HZ)

    def key(path: Path, one: Compose, **options: Any) -> str:
        return keyed([Call("compose", "", f"music:file:{path}", one, Music, options)])[0].key

    first = key(song, ask())
    assert first == key(moved, ask(mood="tense", seed=7))
    assert first == key(song, ask(), licence="own", credit="me")
    assert first != key(other, ask())
    assert first != key(song, ask("9"))
    assert first != key(song, ask(), crossfade_s=1)


def test_a_prompt_is_refused_as_a_file_reads_no_words(song: Path) -> None:
    one = ask().model_copy(update={"prompt": "a harp"})
    with pytest.raises(UnsupportedError, match="no use for prompt"):
        keyed([Call("compose", "", f"music:file:{song}", one, Music)])


# ------------------------------------------------------------------------------------------ rights
@pytest.mark.parametrize(
    ("licence", "commercial"), [("", False), ("own", True), ("cc-by-4.0", True), ("cc-by-nc-4.0", False)]
)
def test_only_rights_that_the_user_states_pass_as_commercial(
    song: Path, licence: str, commercial: bool
) -> None:
    options = {"music:file": {"licence": licence, "credit": "Mia Sol"}}
    chosen = choose("music", str(song), options)
    bound = bound_by([chosen], lambda kind: ("music:musicbox",))
    assert bool(bound) != commercial
    if not commercial:
        with pytest.raises(UnsupportedError, match="commercial-safe"):
            refuse_bound(bound)
    (term,) = registry.make(str(chosen.id), chosen.options).terms()
    assert term.attribution == "Mia Sol"
    assert term.name != ""
    assert term.source == str(song)
