from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest


@pytest.fixture
def elsewhere(fakes: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work on another machine: another cache, and nobody says which models to take."""
    for kind in ("text", "picture", "motion", "voice", "music", "sound", "ear"):
        monkeypatch.delenv(f"KAMISHIBAI_{kind.upper()}")
    for name in ("SIZE", "QUALITY", "TITLES"):
        monkeypatch.delenv(f"KAMISHIBAI_{name}")
    monkeypatch.setenv("KAMISHIBAI_CACHE", str(fakes / "another"))
    return fakes


def test_a_project_goes_to_another_machine_and_nothing_is_made_there(
    run, film_once: Path, elsewhere: Path
) -> None:
    said = run("pack", str(film_once))
    assert said.code == 0, said.err
    assert "kamishibai unpack story.kamishibai" in said.out
    said = run("unpack", "story.kamishibai", "--out", "there")
    assert said.code == 0, said.err
    assert "there/story.mp4" in said.out
    assert "Nothing had changed" in run("make", "there").out
    assert not (elsewhere / "another" / "results").exists()


def test_pack_tells_programs_what_it_wrote(run, film_once: Path, elsewhere: Path) -> None:
    end = run("pack", str(film_once), "--no-results", "--json").lines[-1]
    assert (end["exit_code"], end["result"]["results"]) == (0, 0)
    assert run("pack", str(film_once), "--quiet").code == 2
    said = run("pack", str(film_once), "--quiet", "--force")
    assert (said.code, said.out.strip()) == (0, "story.kamishibai")


def test_what_is_no_archive_ends_in_one_error(run, fakes: Path) -> None:
    (fakes / "x.kamishibai").write_text("no archive")
    said = run("unpack", "x.kamishibai")
    assert said.code == 65
    assert "nothing was unpacked" in said.err
    assert run("unpack", "none.kamishibai").code == 74
    assert run("pack", ".").code == 65
    assert not (fakes / "film").exists()


def test_rebuild_says_that_it_is_the_same_film(run, film_once: Path, elsewhere: Path) -> None:
    shutil.copy(film_once / "story.mp4", elsewhere / "got by mail.mp4")
    said = run("rebuild", "got by mail.mp4")
    assert said.code == 0, said.err
    assert "The same film: every frame and sample." in said.out
    assert (elsewhere / "film" / "got-by-mail-again" / "got-by-mail-again.mp4").is_file()


def test_rebuild_with_another_model_says_what_is_different(run, film_once: Path, elsewhere: Path) -> None:
    said = run("rebuild", str(film_once / "story.mp4"), "--music", "none", "-o", "again")
    assert "Not the same film" in said.out
    assert "music:fake made the film's music" in said.out
    end = run("rebuild", str(film_once / "story.mp4"), "--music", "none", "-o", "again", "--json").lines[-1]
    assert end["result"]["same"] is False


def test_show_tells_versions_content_and_picks(run, film: Path) -> None:
    run("retake", "film/story", "s001", "--seed", "5")
    run("make", "film/story")
    said = run("show", "film/story/story.mp4")
    content = json.loads(run("show", "film/story/story.mp4", "--json").out)["content"]
    assert content in said.out
    assert "version" in said.out
    assert "picture s001" in said.out
