from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from kamishibai.media.film import probe
from kamishibai.media.picture import decode_png, encode_png
from kamishibai.media.sound import decode_wav


def test_show_reads_the_recipe_out_of_a_project(run, film: Path) -> None:
    said = run("show", "film/story")
    assert said.code == 0
    for text in ("picture:fake", "CC0-1.0", " LUFS, true peak ", "He ran home", "256×144"):
        assert text in said.out


def test_show_reads_a_film_that_was_moved_and_says_what_it_no_longer_knows(
    run, film: Path, fakes: Path
) -> None:
    shutil.move(fakes / "film/story/story.mp4", fakes / "moved.mp4")
    said = run("show", "moved.mp4")
    assert said.code == 0
    assert "voice:fake" in said.out
    assert "no ledger.json of this film lies beside it" in said.out


def test_show_tells_one_scene_with_the_seed_of_every_step(run, film: Path) -> None:
    ledger = run("show", "film/story", "--json").lines[0]
    drawn = next(
        e
        for e in ledger["entries"]
        if e["stage"] == "draw" and e["scene"] == ledger["board"]["scenes"][1]["id"]
    )
    said = run("show", "film/story", "--scene", drawn["scene"])
    assert str(drawn["seed"]) in said.out
    assert drawn["made"][0][:12] in said.out


def test_show_names_the_nearest_scene(run, film: Path) -> None:
    said = run("show", "film/story", "--scene", "s0001")
    assert said.code == 2
    assert "did you mean s0" in said.err


def test_show_says_when_the_storyboard_was_edited_after_the_film(run, film: Path, fakes: Path) -> None:
    board = fakes / "film/story/storyboard.yaml"
    board.write_text(board.read_text().replace("He ran home", "He walked home"))
    assert "edited after this film was made" in run("show", "film/story").out


def test_show_of_a_board_without_a_film_says_so(run) -> None:
    run("board", "story.txt", "--quiet")
    assert "not made yet" in run("show", "film/story").out


def test_show_refuses_what_is_no_film_of_ours(run, fakes: Path) -> None:
    (fakes / "not.mp4").write_text("no film")
    assert run("show", "not.mp4").code == 74
    assert run("show", "nothere.mp4").code == 65
    run("try", "motion", "a fox", "--seconds", "1", "--quiet")
    said = run("show", "motion.mp4")
    assert said.code == 65
    assert "not made by Kamishibai" in said.err


def test_try_says_a_sentence_and_lists_when_each_word_is_heard(run, fakes: Path) -> None:
    said = run("try", "voice:fake", "Once upon a time.", "-o", "once.wav")
    assert said.code == 0
    samples, rate_hz = decode_wav((fakes / "once.wav").read_bytes())
    assert samples.shape[1] > rate_hz / 4
    assert "upon" in said.out
    assert "LUFS" in said.out


def test_try_draws_a_prompt(run, fakes: Path) -> None:
    said = run("try", "picture", "a fox under a tree at night")
    assert said.code == 0
    pixels = decode_png((fakes / "picture.png").read_bytes())
    assert pixels.shape[0] >= 144
    assert "picture.png" in said.out


def test_try_never_overwrites_a_result_that_was_not_named(run, fakes: Path) -> None:
    run("try", "music", "calm", "--seconds", "1")
    first = (fakes / "music.wav").read_bytes()
    run("try", "music", "sad", "--seconds", "2")
    assert (fakes / "music.wav").read_bytes() == first
    assert (fakes / "music-2.wav").is_file()


def test_try_moves_the_camera_over_a_picture_for_exactly_the_seconds(run, fakes: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (200, 300, 3), np.uint8)
    (fakes / "p.png").write_bytes(encode_png(noise))
    assert run("try", "motion", "p.png", "--move", "pull", "--seconds", "1.5", "-o", "clip.mp4").code == 0
    facts = probe(fakes / "clip.mp4")
    assert facts.frames == 45
    assert facts.audio_codec is None


def test_try_makes_sounds_of_the_length_asked_for(run, fakes: Path) -> None:
    assert run("try", "sound", "rain, owl", "--seconds", "2").code == 0
    samples, rate_hz = decode_wav((fakes / "sound.wav").read_bytes())
    assert samples.shape == (2, 2 * rate_hz)


def test_try_prints_a_storyboard(run) -> None:
    said = run("try", "text", "A line of story.")
    assert said.code == 0
    assert "line: A line of story." in said.out


def test_try_transcribes_what_a_voice_said(run, fakes: Path) -> None:
    run("try", "voice", "Once upon a time.", "-o", "once.wav", "--quiet")
    said = run("try", "ear", "once.wav", "--quiet")
    assert "upon" in said.out.lower()


def test_try_scores_texts_and_pictures_in_the_order_given_and_marks_the_best(
    run, fakes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for name, colour in (("red", (220, 20, 20)), ("rose", (230, 90, 90)), ("sea", (20, 60, 200))):
        (fakes / f"{name}.png").write_bytes(encode_png(np.full((80, 80, 3), colour, np.uint8)))
    said = run("try", "eye:fake", "red.png", "the blue sea", "a red balloon",
               "--like", "sea.png", "--like", "rose.png")  # fmt: skip
    assert said.code == 0
    given = ["the blue sea", "a red balloon", "sea.png", "rose.png"]
    rows = [next(line for line in said.out.splitlines() if line.rstrip().endswith(what)) for what in given]
    assert [said.out.index(row) for row in rows] == sorted(said.out.index(row) for row in rows)
    assert [row.split()[0] for row in rows] == ["2", "1", "2", "1"]
    assert ["best" in row for row in rows] == [False, True, False, True]
    assert max(len(line) for line in said.out.splitlines()) <= 80
    lines = run("try", "eye:fake", "red.png", "the blue sea", "a red balloon", "--json").lines
    scores = lines[-1]["result"]["scores"]
    assert [(one["what"], one["rank"]) for one in scores] == [("the blue sea", 2), ("a red balloon", 1)]
    assert scores[1]["score"] > scores[0]["score"]


def test_try_asks_a_critic_or_has_it_describe(run, fakes: Path) -> None:
    (fakes / "red.png").write_bytes(encode_png(np.full((80, 80, 3), (220, 20, 20), np.uint8)))
    said = run("try", "critic:fake", "red.png", "Is a red balloon seen?", "Is the blue sea seen?")
    assert said.code == 0
    assert said.out.index("yes 1.00") < said.out.index("Is the blue sea seen?") < said.out.index("yes 0.00")
    said = run("try", "critic:fake", "red.png", "-o", "notes.txt")
    assert "A red picture." in said.out
    assert "alt: A red picture." in (fakes / "notes.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("music", "calmy"), 2, "did you mean calm?"),
        (("voice", "hello", "--seconds", "3"), 2, "no use for --seconds"),
        (("voice", "hello", "-o", "x.mp3"), 2, "x.wav"),
        (("motion", "nothere.png"), 2, "no such picture"),
        (("ear", "nothere.wav"), 2, "no such sound file"),
        (("voice", "   "), 2, "nothing to give"),
        (("voise:x", "hello"), 69, "voice"),
        (("music", "calm", "--seconds", "soon"), 2, "--seconds"),
        (("eye", "story.txt", "a fox"), 2, "no default eye"),
        (("critic", "story.txt"), 2, "no default critic"),
        (("eye:fake", "nothere.png", "a fox"), 2, "no such picture"),
        (("critic:fake", "story.txt", "what?"), 74, "neither PNG, JPEG nor WebP"),
        (("critic:fake", "x.png", "--like", "story.txt"), 2, "no use for --like"),
    ],
)
def test_try_refuses_what_a_model_can_make_nothing_of(
    run, words: tuple[str, ...], code: int, says: str
) -> None:
    said = run("try", *words)
    assert said.code == code
    assert says in said.err


def test_models_lists_every_kind_with_licences(run) -> None:
    said = run("models")
    assert said.code == 0
    for text in ("text:fake", "picture:papercut *", "voice:none", "ear:whisper", "CC-BY-SA-4.0", "installed"):
        assert text in said.out


def test_models_of_one_kind_lists_no_other(run) -> None:
    said = run("models", "voice", "--json")
    assert {card["id"].split(":")[0] for card in json.loads(said.out)["models"]} == {"voice"}


def test_models_of_one_id_tells_its_options(run) -> None:
    said = run("models", "voice:none")
    assert "pace" in said.out
    assert "0.25 to 4" in said.out


def test_models_of_an_unknown_kind_is_an_error(run) -> None:
    said = run("models", "voise")
    assert said.code == 69
    assert "voice" in said.err


def test_doctor_finds_that_this_machine_can_make_films(run) -> None:
    said = run("doctor")
    assert said.code == 0, said.out
    for text in ("Python", "libx264", "Latin", "This machine can make films."):
        assert text in said.out


def test_doctor_ends_with_one_when_results_cannot_be_kept(run, fakes: Path) -> None:
    said = run("doctor", "--cache", str(fakes / "story.txt" / "store"))
    assert said.code == 1
    assert "choose another with --cache" in said.out


def test_doctor_warns_of_a_misspelt_setting(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAMISHIBAI_VOISE", "none")
    said = run("doctor", "--json")
    (warning,) = [c for c in json.loads(said.out)["checks"] if "VOISE" in c["found"]]
    assert warning["state"] == "warn"
    assert "KAMISHIBAI_VOICE" in warning["hint"]


def test_doctor_finds_a_model_that_does_not_exist(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAMISHIBAI_PICTURE", "nothere")
    said = run("doctor")
    assert said.code == 1
    assert "picture:nothere" in said.out
