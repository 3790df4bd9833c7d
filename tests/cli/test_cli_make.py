from __future__ import annotations

import io
import sys
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest


def test_make_ends_with_where_the_film_lies_and_what_was_measured(run, fakes: Path) -> None:
    said = run("make", "story.txt")
    assert said.code == 0
    assert (fakes / "film" / "story" / "story.mp4").is_file()
    assert "film/story/story.mp4" in said.out
    assert " LUFS, true peak " in said.out
    assert "words heard differently" in said.out
    assert "from the voice" in said.out
    assert "× its length" in said.out
    assert "kamishibai show film/story" in said.out


def test_progress_goes_to_standard_error_one_line_a_finished_stage(run) -> None:
    said = run("make", "story.txt")
    lines = said.err.splitlines()
    assert any(line.startswith("Drawing the scenes: 2 in ") for line in lines)
    assert any(line.startswith("Joining and measuring: 1 in ") for line in lines)
    assert len(lines) == len({line.split(":")[0] for line in lines})


def test_a_second_run_says_that_nothing_had_changed(run, film: Path) -> None:
    assert "Nothing had changed" in run("make", "film/story").out


def test_nobody_listening_is_said(run) -> None:
    assert "not checked: nobody listened" in run("make", "story.txt", "--ear", "none").out


def test_json_is_one_object_a_line_and_ends_with_the_result(run) -> None:
    said = run("make", "story.txt", "--json")
    assert {line["event"] for line in said.lines[:-1]} >= {"stage", "call", "film"}
    last = said.lines[-1]
    assert (last["event"], last["exit_code"]) == ("end", 0)
    assert Path(last["result"]["film"]) == Path("film/story/story.mp4")
    assert last["result"]["measured"]["loudness_lufs"] == pytest.approx(-14, abs=0.5)


def test_json_ends_with_the_error_and_tells_people_on_standard_error(run) -> None:
    said = run("make", "nothere.txt", "--json")
    assert said.code == 65
    assert said.lines[-1]["error"]["kind"] == "DocumentError"
    assert said.lines[-1]["exit_code"] == 65
    assert "no such file" in said.err


def test_quiet_prints_the_path_of_the_film_and_nothing_else(run) -> None:
    said = run("make", "story.txt", "--quiet")
    assert said.out == "film/story/story.mp4\n"
    assert said.err == ""


def test_a_story_comes_from_standard_input(run, fakes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = SimpleNamespace(buffer=io.BytesIO(b"A snail had a party.\n"), isatty=lambda: False)
    monkeypatch.setattr(sys, "stdin", stream)
    assert run("make", "-", "--out", "snail").code == 0
    assert (fakes / "snail" / "snail.mp4").is_file()


def test_another_seed_is_another_film_and_leaves_the_storyboard_alone(run, film: Path) -> None:
    board = (film / "storyboard.yaml").read_bytes()
    run("make", "film/story", "--seed", "42", "--quiet")
    said = run("show", "film/story")
    assert "seed        42" in said.out or "seed       42" in said.out
    assert (film / "storyboard.yaml").read_bytes() == board
    assert "edited after" not in said.out


def test_board_stops_at_the_storyboard(run, fakes: Path) -> None:
    said = run("board", "story.txt")
    assert said.code == 0
    assert "He ran home through the rain." in said.out
    assert "kamishibai make film/story" in said.out
    assert sorted(p.name for p in (fakes / "film/story").iterdir() if p.name[0] != ".") == ["storyboard.yaml"]


def test_options_of_a_model_reach_it(run) -> None:
    line = "He ran home through the rain."
    slow = run("try", "voice:none", line, "--option", "voice:none.pace=0.5", "--json").lines[-1]["result"]
    fast = run("try", "voice:none", line, "--option", "voice:none.pace=4", "--json").lines[-1]["result"]
    assert float(Fraction(slow["words"][-1]["end"])) > 4 * float(Fraction(fast["words"][-1]["end"]))


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--option", "pace=2"), 2, "MODEL.FIELD=VALUE"),
        (("--voice", "none", "--option", "voice:none.pase=2"), 2, "did you mean 'pace'?"),
        (("--option", "voice:nine.pace=2"), 69, "did you mean voice:none"),
        (("--size", "12"), 2, "144"),
        (("--fps", "abc"), 2, "'fps'"),
        (("--aspect", "3:2"), 2, "16:9"),
        (("--picture", "papercutt"), 69, "did you mean picture:papercut"),
    ],
)
def test_a_wrong_option_is_told_with_what_would_be_right(
    run, words: tuple[str, ...], code: int, says: str
) -> None:
    said = run("make", "story.txt", *words)
    assert said.code == code
    assert says in " ".join(said.err.split())
    assert "Traceback" not in said.err


def test_options_of_a_model_that_is_not_used_are_told(run) -> None:
    said = run("make", "story.txt", "--option", "voice:none.pace=2")
    assert "warning: the options of voice:none are not used: voice is voice:fake" in said.err


def test_an_error_says_where_and_what_to_do(run, fakes: Path) -> None:
    run("board", "story.txt")
    board = fakes / "film/story/storyboard.yaml"
    board.write_text(board.read_text().replace("setting: meadow", "setting: medow", 1))
    said = run("make", "film/story")
    assert said.code == 65
    assert "line " in said.err
    assert "meadow" in said.err


def test_a_fault_of_a_plug_in_is_an_apology_without_a_traceback_unless_asked(
    run, broken_plugin: None
) -> None:
    said = run("make", "story.txt", "--music", "broken")
    assert said.code == 70
    assert "sorry" in said.err
    assert "RuntimeError" in said.err
    assert "Traceback" not in said.err
    assert "Traceback" in run("make", "story.txt", "--music", "broken", "--debug").err


def test_a_broken_plug_in_does_not_hide_the_other_models(run, broken_plugin: None, tmp_path: Path) -> None:
    (tmp_path / "site" / "broken_music.py").write_text("raise OSError('no library')\n")
    said = run("models")
    assert said.code == 0
    assert "OSError: no library" in said.out
    assert "voice:none" in said.out


@pytest.fixture
def broken_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A back-end that is installed but raises while it is asked for its weights."""
    from kamishibai.models import registry

    info = tmp_path / "site" / "broken-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[kamishibai.models]\nmusic:broken = broken_music:Broken\n")
    (tmp_path / "site" / "broken_music.py").write_text(
        "from kamishibai.models.music.fake import FakeMusic\n"
        "class Broken(FakeMusic):\n"
        "    def weights(self):\n"
        "        raise RuntimeError('no weights today')\n"
    )
    monkeypatch.delitem(sys.modules, "broken_music", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    registry._points.cache_clear()
    yield
    registry._points.cache_clear()


def test_a_title_with_markup_and_escapes_is_shown_literally(run, fakes: Path) -> None:
    (fakes / "evil.md").write_text('---\ntitle: "[red]x[/] \\e[31mred"\n---\nA [bold]fox[/] came.\n')
    said = run("make", "evil.md")
    assert said.code == 0
    assert "[red]x[/] ␛[31mred" in said.out
    assert "\x1b" not in said.out + said.err
    assert "A [bold]fox[/] came." in run("show", "film/evil").out


def test_an_option_of_a_kind_is_for_whoever_was_chosen(tmp_path: Path) -> None:
    from kamishibai.cli.options import model_options
    from kamishibai.steps.models_chosen import options_for

    given = model_options(["voice.pace=2", "voice:none.pace=3", "picture:diffusers.steps=20"])
    assert options_for("voice:hibari", given) == {"pace": 2}
    assert options_for("voice:none", given) == {"pace": 3}
    assert options_for("picture:diffusers:org/name", given) == {"steps": 20}
