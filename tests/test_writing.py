"""Writing a story from an idea or a picture: the file that `make` reads, and what is refused before any work."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from kamishibai import Studio
from kamishibai.documents.read_story import parse_story, read_story
from kamishibai.errors import MediaError, UnsupportedError, UsageError
from kamishibai.media.picture import decode_png, encode_png
from kamishibai.models.kinds import Board, Draft, Mended, Tale, Write
from kamishibai.models.text.planner import plan
from kamishibai.steps.board import with_picture
from kamishibai.writing import MAX_IDEA, StoryWish, _idea, _story_text, check_wish


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Studio:
    monkeypatch.chdir(tmp_path)
    return Studio(text="fake", critic="fake", cache=tmp_path / "store", workers=0)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    pixels = np.random.default_rng(1).integers(0, 255, (96, 128, 3), dtype=np.uint8)
    path = tmp_path / "my photo.png"
    path.write_bytes(encode_png(pixels))
    return path


def test_the_file_reads_back_as_the_story_with_a_scene_a_line(studio: Studio) -> None:
    written = studio.write("a snail who wants to fly", lines=5, language="pt-BR")
    story = read_story(written.path).story
    assert (story.title, story.language) == (written.title, "pt-BR")
    assert tuple(line.text for line in story.lines) == written.lines
    assert len(written.lines) == 5


@pytest.mark.parametrize(
    "title", ["1984", "yes", "A: b", "“Quoted” 'title'", "# Hash", "🦊 fox", "null", "{x}", "- a"]
)
def test_any_title_survives_the_front_matter(title: str) -> None:
    text = _story_text(Tale(title=title, lines=("A fox slept.",)), "no", "a b.png")
    story = parse_story(text).story
    assert (story.title, story.language, story.picture) == (title, "no", "a b.png")


def test_the_language_is_the_ideas_unless_another_is_asked_for(studio: Studio) -> None:
    assert studio.write("die Schnecke und der Sturm, der nicht aufhört").language == "de"
    assert studio.write("die Schnecke und der Sturm, der nicht aufhört", language="fr").language == "fr"


def test_without_a_name_no_story_is_written_over(studio: Studio) -> None:
    paths = [studio.write("a snail").path for _ in range(3)]
    assert [path.name for path in paths] == ["snail.md", "snail-2.md", "snail-3.md"]


def test_a_file_that_is_there_is_only_written_over_when_that_is_asked_for(
    studio: Studio, tmp_path: Path
) -> None:
    out = tmp_path / "story.md"
    out.write_text("mine")
    with pytest.raises(UsageError, match="there is such a file already") as caught:
        studio.write("a snail", out)
    assert "--force" in str(caught.value)
    assert out.read_text() == "mine"
    studio.write("a snail", out, force=True)
    assert "snail" in out.read_text()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"idea": "   "}, "nothing to write"),
        ({"idea": "x" * (MAX_IDEA + 1)}, "4,000 is the most"),
        ({"idea": "fox " * 1_250_000}, "is the most"),
        ({"idea": "x", "lines": 0}, "--lines cannot be 0"),
        ({"idea": "x", "lines": 61}, "--lines cannot be 61"),
        ({"idea": "x", "language": "klingon!"}, "--language cannot be"),
        ({"idea": "x", "out": Path("story.mp4")}, "not .mp4"),
    ],
)
def test_what_cannot_be_right_is_refused_before_any_work(studio: Studio, given: dict, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        studio.write(given.pop("idea"), given.pop("out", None), **given)


def test_a_planner_is_asked_for_no_story_and_the_way_to_a_writer_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        UnsupportedError, match="text:planner plans storyboards and writes no stories"
    ) as caught:
        Studio(cache=tmp_path).write("a snail")
    assert "--text transformers:NAME" in str(caught.value)
    assert "kamishibai models pull qwen2.5" in str(caught.value)


def test_a_picture_needs_a_critic(tmp_path: Path, photo: Path) -> None:
    with pytest.raises(UsageError, match="nobody is there to look") as caught:
        Studio(text="fake", cache=tmp_path).write(image=photo)
    assert "--critic llava:NAME" in str(caught.value)


def test_what_was_seen_in_a_picture_is_cut_to_the_length_of_an_idea_and_the_idea_never() -> None:
    assert _idea("a fox", "") == "a fox"
    assert _idea("a fox", "A cat on a mat.").startswith("a fox The story is about")
    told = _idea("fox " * 900, "word " * 2000)
    assert len(told) <= MAX_IDEA
    assert told.startswith("fox " * 900)
    Write(idea=told)


# ------------------------------------------------------------------------------------- from a picture
def test_the_story_of_a_picture_leads_to_its_main_character(
    studio: Studio, photo: Path, tmp_path: Path
) -> None:
    written = studio.write(image=photo, out=tmp_path / "stories" / "tale.md", lines=2)
    assert written.caption
    assert written.models == ("text:fake", "critic:fake")
    assert written.picture == tmp_path / "stories" / "tale.png"
    assert np.array_equal(decode_png(written.picture.read_bytes()), decode_png(photo.read_bytes()))
    planner = Studio(cache=tmp_path / "store", workers=0)
    story = written.path.read_text().replace("On day 1", "The fox slept. On day 1")
    written.path.write_text(story)
    board = planner.board(written.path, tmp_path / "film").board
    assert [one.picture for one in board.cast].count("tale.png") == 1


@pytest.mark.slow
@pytest.mark.skipif(find_spec("llguidance") is None, reason="the [models] extra is not installed")
def test_models_of_transformers_look_at_a_picture_and_write_its_story(
    tmp_path: Path, photo: Path, tiny: Callable[[str], Path]
) -> None:
    text, critic = f"transformers:{tiny('llm')}", f"llava:{tiny('llava')}"
    options = {"critic:llava": {"max_new_tokens": 16}}
    studio = Studio(text=text, critic=critic, options=options, cache=tmp_path / "store", workers=0)
    written = studio.write(image=photo, out=tmp_path / "tale.md", lines=2)
    assert written.caption
    assert written.models == (f"text:{text}", f"critic:{critic}")
    read = read_story(written.path).story
    assert len(read.lines) == 2
    assert read.picture == "tale.png"


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"no picture", "not a picture"), (b"", "not a picture"), (None, "no such picture")],
)
def test_what_is_no_picture_is_refused(studio: Studio, tmp_path: Path, data: bytes | None, says: str) -> None:
    path = tmp_path / "x.jpg"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(MediaError, match=says):
        studio.write(image=path)
    assert list(tmp_path.glob("*.md")) == []


def test_a_picture_that_unpacks_to_far_too_much_is_refused(studio: Studio, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("1", (30_000, 30_000)).save(tmp_path / "bomb.png")
    with pytest.raises(MediaError, match="over the limit"):
        studio.write(image=tmp_path / "bomb.png")


def test_a_picture_that_is_there_is_not_written_over(studio: Studio, photo: Path, tmp_path: Path) -> None:
    (tmp_path / "tale.png").write_bytes(b"mine")
    with pytest.raises(UsageError, match="already"):
        studio.write(image=photo, out=tmp_path / "tale.md")
    assert (tmp_path / "tale.png").read_bytes() == b"mine"


# ------------------------------------------------------------------------------------- the front matter's picture
def board_of(text: str) -> Board:
    return plan(parse_story(text).story, 7)


def test_the_picture_goes_to_who_acts_in_most_scenes() -> None:
    board = board_of("Tom slept in the barn.\nMira found a fox.\nMira ran home with the fox.\nMira sang.")
    cast = {one.id: one.picture for one in with_picture(board, "p.png").storyboard.cast}
    assert {who for who, picture in cast.items() if picture} == {"mira"}


def test_a_picture_of_ones_own_stays() -> None:
    board = board_of("---\ncast:\n  Mira: {picture: own.png}\n---\nMira slept.")
    assert [one.picture for one in with_picture(board, "p.png").storyboard.cast] == ["own.png"]


def test_where_nobody_is_seen_a_note_says_that_the_picture_is_not_used() -> None:
    board = with_picture(board_of("It rained."), "p.png")
    assert "p.png is not used" in board.notes[-1]


def test_a_board_with_the_storys_picture_draws_it_in_its_folder(tmp_path: Path, photo: Path) -> None:
    story = tmp_path / "story.md"
    story.write_text("---\npicture: my photo.png\n---\nMira slept in the forest.\n")
    board = Studio(cache=tmp_path / "store", workers=0).board(story, tmp_path / "film").board
    assert [one.picture for one in board.cast] == ["my photo.png"]


def test_the_planner_is_not_asked_again_for_another_picture(tmp_path: Path) -> None:
    studio = Studio(cache=tmp_path / "store", workers=0)
    story = tmp_path / "story.md"
    boards = []
    for name in ("a.png", "b.png"):
        story.write_text(f"---\npicture: {name}\n---\nMira slept.\n")
        boards.append(studio.board(story, tmp_path / "film").board)
    assert [board.cast[0].picture for board in boards] == ["a.png", "b.png"]


# ------------------------------------------------------------------------------------- one model alone
def test_attempt_answers_any_ask_of_a_model(studio: Studio) -> None:
    from kamishibai.models.kinds import Mend

    tale, _ = studio.attempt("text:fake", Write(idea="a fox", lines=2))
    assert isinstance(tale.take, Tale)
    mended, _ = studio.attempt("text:fake", Mend(prompt="a fox", line="A fox.", faults=("no moon is seen",)))
    assert isinstance(mended.take, Mended)
    assert mended.take.prompt == "a fox, with a moon clearly seen"
    with pytest.raises(UnsupportedError, match="text:planner does not write: it can draft"):
        studio.attempt("text:planner", Write(idea="a fox"))
    with pytest.raises(UnsupportedError, match="picture:fake does not draft"):
        studio.attempt("picture:fake", Draft(story=parse_story("A fox slept.").story))


def test_a_wish_is_plain_after_checking() -> None:
    assert check_wish(" a\n fox ", None, 3, None, None, False) == StoryWish(idea="a fox", lines=3)
