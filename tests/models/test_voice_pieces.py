"""Lines split, joined and timed for voices that know no word times; presets read without trusting them."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from kamishibai.documents.language_codes import same_language
from kamishibai.documents.spoken import read_aloud, spoken_text
from kamishibai.documents.vocal_cues import vocal_cues
from kamishibai.errors import ModelError, UnsupportedError
from kamishibai.media.sound import RATE_HZ, decode_wav
from kamishibai.media.speech import active_span
from kamishibai.models.kinds import Speak
from kamishibai.models.voice.bark import Bark, seconds_of
from kamishibai.models.voice.bark_presets import read_preset, read_presets, read_steering
from kamishibai.models.voice.hibari import Hibari
from kamishibai.models.voice.spoken_pieces import (
    Mono,
    Piece,
    estimated_times,
    fault_of,
    joined,
    split,
    timed,
    weight,
)
from kamishibai.work.desk import StoreDesk
from kamishibai.work.store import Store

PAUSES = {"sentence": 0.4, "paragraph": 0.8}
RATE = 24_000


def pieces_of(text: str, longest: int = 1000, language: str = "en") -> list[Piece]:
    words = read_aloud(text, language)
    return split(words, Bark().told(words), lambda t: len(t) <= longest, PAUSES)


def tone(*seconds: float, rate_hz: int = RATE) -> Mono:
    """Return a tone and silence by turns."""
    parts = []
    for index, length in enumerate(seconds):
        at = np.arange(round(length * rate_hz)) / rate_hz
        parts.append(0.3 * np.sin(2 * np.pi * 200 * at) * (index % 2 == 0))
    return np.concatenate(parts).astype(np.float32)


# ------------------------------------------------------------------------------------------ splitting
def test_a_line_is_said_sentence_by_sentence_with_its_pauses() -> None:
    pieces = pieces_of("He ran. She sat!\n\nAll slept.")

    assert [(p.text, p.pause_s) for p in pieces] == [("He ran.", 0.4), ("She sat!", 0.8), ("All slept.", 0.8)]


def test_a_sentence_that_does_not_fit_is_cut_at_its_comma() -> None:
    pieces = pieces_of("The fox ran over the hill, and the owl flew home.", longest=30)

    assert [p.text for p in pieces] == ["The fox ran over the hill,", "and the owl flew home."]
    assert 0 < pieces[0].pause_s < PAUSES["sentence"]


@pytest.mark.parametrize("text", ["the fox ran and " * 75, "x" * 1200, "好" * 300, "the fox, " * 100])
def test_nothing_is_lost_where_a_sentence_has_to_be_cut(text: str) -> None:
    pieces = pieces_of(text, longest=50)

    assert all(len(p.text) <= 50 for p in pieces)
    letters = "".join(c for p in pieces for c in p.text if c.isalpha())
    assert letters == "".join(c for c in text if c.isalpha())
    words = [i for p in pieces for i in p.words]
    assert sorted(set(words)) == list(range(len(read_aloud(text, "en"))))


def test_chinese_is_told_without_spaces() -> None:
    assert [p.text for p in pieces_of("你好，世界。", language="zh")] == ["你好,世界."]


# ------------------------------------------------------------------------------------------ cues
@pytest.mark.parametrize(
    ("text", "cues"),
    [
        ("She [laughs] ran.", {1: "[laughs]"}),
        ("[clears throat] Well", {0: "[clears throat]", 1: ""}),
        ("Well “[Sighs].”", {1: "[Sighs]"}),
        ("[not a cue] [he] [man]", {}),
        ("[WOMAN] Hello", {0: "[WOMAN]"}),
        ("[clears the throat] [", {}),
    ],
)
def test_cues_are_found_and_other_brackets_are_words(text: str, cues: dict[int, str]) -> None:
    assert vocal_cues(text.split()) == cues


@pytest.mark.parametrize("language", ["en", "de"])
def test_cues_are_acted_and_never_read(language: str) -> None:
    words = read_aloud("I went home [sighs]. [laughs] Then [clears throat] she left.", language)

    assert spoken_text(words) == "I went home. Then, she left."
    assert [w.shown for w in words if not w.spoken] == ["[sighs].", "[laughs]", "[clears", "throat]"]


def test_bark_is_told_cues_notes_capitals_and_hesitation() -> None:
    pieces = pieces_of("I said NO [sighs]. [laughs] The FBI… ♪ la la ♪ — well… ♪So it goes♪")

    assert [p.text for p in pieces] == [
        "I said NO. [sighs]",
        "[laughs] The F B I...",
        "♪ la la— ♪ well...",
        "♪ So it goes. ♪",
    ]


def test_a_cue_that_stands_alone_is_still_acted() -> None:
    assert pieces_of("[laughs]") == [Piece((), "[laughs]", 0.0)]


def test_a_piece_is_as_long_as_its_words_and_cues() -> None:
    assert seconds_of("A small fox found a lantern.") == pytest.approx(2.1, abs=0.5)
    assert seconds_of("[clears throat] Yes.") == pytest.approx(2.0 + seconds_of("Yes."))
    assert weight(read_aloud("好", "zh")[0]) > weight(read_aloud("a", "en")[0])


# ------------------------------------------------------------------------------------------ joining
def test_pieces_are_joined_without_clicks_and_with_their_pauses() -> None:
    words = read_aloud("He ran. She sat.")
    pieces = pieces_of("He ran. She sat.")
    # Loud at both ends, and far from zero: what would click if it were laid side by side.
    loud = (0.5 + 0.4 * np.sin(np.arange(RATE) * 2 * np.pi * 120 / RATE)).astype(np.float32)

    sound, spans = joined(pieces, [loud, loud], words, RATE)

    inside = float(np.abs(np.diff(0.4 * np.sin(np.arange(RATE) * 2 * np.pi * 120 / RATE))).max())
    rests = np.abs(np.diff(sound)) > 1.5 * inside
    assert not rests[: round(0.05 * RATE)].any()
    assert not rests[-round(0.05 * RATE) :].any()
    assert abs(float(sound.mean())) < 1e-2
    assert (spans[2][0] - spans[1][1]) / RATE == pytest.approx(0.4, abs=0.02)


@pytest.mark.parametrize(
    ("sound", "fault"),
    [
        (np.full(RATE, np.nan, np.float32), "not a number"),
        (np.zeros(RATE, np.float32), "silent"),
        (np.zeros(0, np.float32), "silent"),
        (tone(0.05), "too short"),
        (tone(1.0), None),
    ],
)
def test_faults_of_what_was_said_are_seen(sound: Mono, fault: str | None) -> None:
    assert fault_of(sound, 5, RATE) == fault


# ------------------------------------------------------------------------------------------ word times
def test_estimated_words_share_the_sound_by_their_letters() -> None:
    times = estimated_times([1, 3, 2], [False] * 3, tone(1.2), RATE)

    assert [(round(a / RATE, 2), round(b / RATE, 2)) for a, b in times] == [(0, 0.2), (0.2, 0.8), (0.8, 1.2)]


def test_no_estimated_word_lies_in_a_pause() -> None:
    sound = tone(0.5, 0.4, 1.0)

    times = estimated_times([1, 1, 1, 1], [False, True, False, False], sound, RATE)

    assert times[1][1] / RATE == pytest.approx(0.5, abs=0.01)
    assert times[2][0] / RATE == pytest.approx(0.9, abs=0.01)
    assert times[-1][1] / RATE == pytest.approx(1.9, abs=0.01)


def test_a_pause_moves_the_comma_that_is_near_it_and_no_other() -> None:
    # By letters the comma would come at 0.75 of 1.5 s of sound; the pause is at 0.6.
    near = estimated_times([1, 1], [True, True], tone(0.6, 0.3, 0.9), RATE)
    far = estimated_times([9, 1], [True, True], tone(0.3, 0.3, 1.2), RATE)

    assert near[0][1] / RATE == pytest.approx(0.6, abs=0.01)
    assert near[1][0] / RATE == pytest.approx(0.9, abs=0.01)
    assert far[0][1] / RATE == pytest.approx(0.6 + 1.05, abs=0.02)


@pytest.mark.parametrize("seed", range(20))
def test_estimated_words_come_in_order_and_last_for_a_while(seed: int) -> None:
    random = np.random.default_rng(seed)
    count = int(random.integers(1, 30))
    sound = tone(*random.uniform(0.1, 0.6, 9))

    times = estimated_times(list(random.uniform(0, 9, count)), list(random.random(count) < 0.3), sound, RATE)

    assert len(times) == count
    assert all(0 <= a < b <= len(sound) + count for a, b in times)
    assert all(one[0] < two[0] for one, two in pairwise(times))


READ = (
    "It hummed softly, as if it were asleep, and the fox did not dare to touch it.",
    "Mira climbed the hill before dawn, when the grass was still wet and the village slept.",
    "At last, after three days of rain, the river carried the little boat past the mill, under the bridge, and out.",
)


@pytest.mark.slow
def test_estimates_of_read_english_lie_within_a_third_of_a_second_of_known_times(tmp_path: Path) -> None:
    voice = Hibari()
    voice.load()
    errors: list[float] = []
    with StoreDesk(Store(tmp_path)) as desk:
        for line, take in zip(READ, voice.run([Speak(text=line) for line in READ], desk), strict=True):
            sound = decode_wav(desk.open(take.sound))[0][0]
            first, last = active_span(sound, RATE_HZ)
            words = read_aloud(line)
            times = estimated_times(
                [weight(w) for w in words], [bool(w.mark) for w in words], sound[first:last], RATE_HZ
            )
            for (start, _), known in zip(times, take.words, strict=True):
                errors.append(abs((first + start) / RATE_HZ - float(known.start)))

    assert np.median(errors) < 0.1
    assert max(errors) < 0.33


def test_silent_words_stand_between_their_neighbours() -> None:
    words = read_aloud("He — [laughs] ran")

    times = timed(words, {0: (100, 200), 3: (400, 500)}, 600, 100)

    assert [(w.text, float(w.start), float(w.end)) for w in times] == [
        ("He", 1.0, 2.0), ("—", 2.0, 4.0), ("[laughs]", 2.0, 4.0), ("ran", 4.0, 5.0),
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------ presets
def preset_folder(folder: Path, index: dict[str, object]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "speaker_embeddings_path.json").write_text(json.dumps(index))
    return folder


def parts(name: str) -> dict[str, str]:
    return {
        p: f"speaker_embeddings/{name}_{p}.npy" for p in ("semantic_prompt", "coarse_prompt", "fine_prompt")
    }


def write_preset(folder: Path, name: str, fine: object = None) -> None:
    (folder / "speaker_embeddings" / name).parent.mkdir(parents=True, exist_ok=True)
    shapes = {"semantic_prompt": (9,), "coarse_prompt": (2, 9), "fine_prompt": (8, 9)}
    for part, shape in shapes.items():
        array = fine if part == "fine_prompt" and fine is not None else np.zeros(shape, np.int64)
        np.save(folder / "speaker_embeddings" / f"{name}_{part}.npy", array, allow_pickle=True)


def test_presets_are_listed_by_language_newer_ones_first_in_the_order_of_their_numbers(
    tmp_path: Path,
) -> None:
    names = ["en_speaker_0", "announcer", "v2/en_speaker_10", "v2/en_speaker_2", "v2/de_speaker_0"]
    folder = preset_folder(tmp_path / "bark", {"repo_or_path": "x", **{n: parts(n) for n in names}})

    presets = read_presets(folder)

    assert presets.of("en") == ("v2/en_speaker_2", "v2/en_speaker_10", "en_speaker_0")
    assert presets.of("de") == ("v2/de_speaker_0",)
    presets.require("announcer", "en")


def test_an_unknown_preset_is_refused_with_the_nearest(tmp_path: Path) -> None:
    folder = preset_folder(tmp_path / "bark", {"v2/en_speaker_6": parts("v2/en_speaker_6")})

    with pytest.raises(
        UnsupportedError, match=r"v2/en_speaker_9[\s\S]*did you mean v2/en_speaker_6\?[\s\S]*there are"
    ):
        read_presets(folder).require("v2/en_speaker_9", "en")


def test_a_checkpoint_without_presets_has_none(tmp_path: Path) -> None:
    assert read_presets(tmp_path).of("en") == ()


@pytest.mark.parametrize(
    "path", ["../outside.npy", "/etc/passwd", "speaker_embeddings/x.pkl", "a\\..\\..\\b.npy", ""]
)
def test_a_preset_that_leads_out_of_its_folder_is_refused(tmp_path: Path, path: str) -> None:
    index = {"v2/en_speaker_0": {**parts("v2/en_speaker_0"), "fine_prompt": path}}

    with pytest.raises(ModelError, match=r"no \.npy file of the checkpoint"):
        read_presets(preset_folder(tmp_path / "bark", index))


def test_a_preset_with_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    folder = preset_folder(tmp_path / "bark", {"v2/en_speaker_0": parts("v2/en_speaker_0")})

    with pytest.raises(
        ModelError, match=r"semantic_prompt\.npy: a file of preset 'v2/en_speaker_0' is missing"
    ):
        read_preset(folder, read_presets(folder), "v2/en_speaker_0")


@pytest.mark.parametrize(
    ("fine", "said"),
    [
        (np.zeros((7, 9), np.int64), r"\(8, n\)"),
        (np.zeros((8, 9), np.float32), "whole numbers"),
        (np.zeros((8, 0), np.int64), "whole numbers"),
        (np.array([{"a": print}], dtype=object), "pickled arrays are never read"),
    ],
)
def test_a_preset_of_another_shape_or_pickled_is_refused(tmp_path: Path, fine: object, said: str) -> None:
    folder = preset_folder(tmp_path / "bark", {"v2/en_speaker_0": parts("v2/en_speaker_0")})
    write_preset(folder, "v2/en_speaker_0", fine)

    with pytest.raises(ModelError, match=said):
        read_preset(folder, read_presets(folder), "v2/en_speaker_0")


def test_a_bark_without_its_generation_configuration_is_refused(tmp_path: Path) -> None:
    (tmp_path / "generation_config.json").write_text(json.dumps({"semantic_config": {}}))

    with pytest.raises(ModelError, match=r"semantic_config\.semantic_vocab_size"):
        read_steering(tmp_path)


# ------------------------------------------------------------------------------------------ languages
@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("en", "eng", True), ("en-GB", "eng", True), ("ar", "arb", True), ("az", "azj-script_latin", True),
     ("pt_BR", "por", True), ("en", "deu", False), ("xyz", "xyz", True), ("no", "nb", True)],
)  # fmt: skip
def test_languages_are_known_by_two_letters_and_by_three(one: str, other: str, same: bool) -> None:
    assert same_language(one, other) is same


def test_importing_a_voice_does_not_import_torch() -> None:
    code = (
        "import sys, kamishibai.models.voice.bark, kamishibai.models.voice.vits, kamishibai.models.voice.speecht5\n"
        "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
