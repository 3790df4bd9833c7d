from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kamishibai.documents.storyboard import Scene, Storyboard
from kamishibai.errors import BusyProjectError, DocumentError, UsageError
from kamishibai.project import Project, State, slug
from kamishibai.steps.picks import Takes

BOARD = Storyboard(title="T", scenes=(Scene(id="s1", line="Once."),))


@pytest.mark.parametrize(
    ("title", "expected"),
    [("The Fox's Lantern", "the-foxs-lantern"), ("  A  B ", "a-b"), ("2 boats", "2-boats")],
)
def test_plain_titles_make_plain_names(title: str, expected: str) -> None:
    assert slug(title) == expected


@pytest.mark.parametrize(
    "title",
    ["../../x", "CON", "nul", "", "🦊", "雪だるま", "é" * 90, "a" * 300, "a\x00b", "..", "/etc/passwd"],
)
def test_hostile_titles_make_safe_names(title: str) -> None:
    name = slug(title)
    assert 0 < len(name) <= 48
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert name not in ("con", "nul")


def test_titles_that_look_alike_in_ascii_stay_apart() -> None:
    assert slug("雪だるま") != slug("桃太郎")


def test_a_second_writer_is_told_who_the_first_one_is(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from kamishibai.project import Project\n"
        "with Project(Path(sys.argv[1])): print('in', flush=True); sys.stdin.read()"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert first.stdout is not None
    assert first.stdout.readline() == "in\n"

    with pytest.raises(BusyProjectError, match=str(first.pid)) as caught, Project(tmp_path):
        pass
    assert caught.value.exit_code == 75

    first.kill()
    first.communicate()
    with Project(tmp_path):
        pass  # a dead owner's lock is taken over


def test_a_storyboard_that_a_person_edited_is_never_overwritten(tmp_path: Path) -> None:
    with Project(tmp_path) as project:
        digest = project.write_storyboard(BOARD)
        project.remember(State(storyboard_sha256=digest))
        edited = project.storyboard_file.read_text().replace("Once.", "Twice.")
        project.storyboard_file.write_text(edited)

        project.write_storyboard(BOARD.model_copy(update={"title": "New"}))

    assert (tmp_path / "storyboard.1.yaml").read_text() == edited
    assert "New" in project.storyboard_file.read_text()


def test_a_finished_file_that_was_touched_is_not_fresh(tmp_path: Path) -> None:
    film = tmp_path / "a.mp4"
    film.write_bytes(b"film")
    state = State(recipe_sha256="r", files={"a.mp4": Project(tmp_path).stamp("a.mp4")})
    project = Project(tmp_path)
    assert project.fresh(state, "r")
    assert not project.fresh(state, "other recipe")
    film.write_bytes(b"film!")
    assert not project.fresh(state, "r")
    film.unlink()
    assert not project.fresh(state, "r")


def test_a_folder_without_a_storyboard_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="kamishibai board"):
        Project(tmp_path).read_storyboard()


def test_takes_that_a_newer_version_wrote_are_not_written_over(tmp_path: Path) -> None:
    with Project(tmp_path) as project:
        project.remember_takes(Takes())
        project.hide("takes.json", "kamishibai.takes/9", Takes())
        with pytest.raises(DocumentError, match="another version"):
            project.takes()


def test_a_folder_whose_name_is_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not UTF-8"), Project(tmp_path / "a\udcff"):
        pass
