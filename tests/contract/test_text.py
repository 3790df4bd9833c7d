"""What every text model keeps: a scene a line, the words unchanged, the front matter obeyed, the same again."""

from __future__ import annotations

from pathlib import Path

import pytest

from kamishibai.documents.frozen import canonical_json
from kamishibai.documents.read_story import parse_story
from kamishibai.documents.storyboard import Storyboard
from kamishibai.documents.yaml_storyboard import dump, load
from kamishibai.models import registry
from kamishibai.models.kinds import Board, Draft
from kamishibai.work.desk import StoreDesk
from kamishibai.work.store import Store

STORY = (
    "---\ntitle: The Lantern\nlook: ink\naspect: 9:16\nauthor: Ada\nvoice: hibari\ncast:\n  Mira: a girl with red hair\n"
    '---\nMira found a lantern in the forest.\nMira: "Who lost this?"\nNobody answered, and it began to rain.'
)
AWKWARD = ("Hello", "🦊🌙", "كان هناك ثعلب صغير.", "从前有一只狐狸。", "'%{}' {\\an8} <lora:x:9>", "A" * 3000)
WRITERS = registry.ids("text")


@pytest.fixture
def desk(tmp_path: Path) -> StoreDesk:
    return StoreDesk(Store(tmp_path))


def board_of(name: str, text: str, desk: StoreDesk) -> Storyboard:
    (take,) = registry.make(name).run([Draft(story=parse_story(text).story, seed=5)], desk)
    assert isinstance(take, Board)
    return take.storyboard


@pytest.mark.parametrize("name", WRITERS)
def test_every_line_becomes_one_scene_with_its_words_unchanged(name: str, desk: StoreDesk) -> None:
    board = board_of(name, STORY, desk)
    assert [scene.line for scene in board.scenes] == [line.text for line in parse_story(STORY).story.lines]
    assert len({scene.id for scene in board.scenes}) == 3


@pytest.mark.parametrize("name", WRITERS)
def test_the_front_matter_is_obeyed(name: str, desk: StoreDesk) -> None:
    board = board_of(name, STORY, desk)
    assert (board.title, board.look, board.aspect, board.author, board.voice) == (
        "The Lantern", "ink", "9:16", "Ada", "hibari",
    )  # fmt: skip
    assert [character.name for character in board.cast][:1] == ["Mira"]
    assert board.scenes[1].speaker == board.cast[0].id


@pytest.mark.parametrize("name", WRITERS)
def test_the_seed_is_the_storys_or_else_the_asks(name: str, desk: StoreDesk) -> None:
    assert board_of(name, "A fox ran.", desk).seed == 5
    assert board_of(name, "---\nseed: 9\n---\nA fox ran.", desk).seed == 9


@pytest.mark.parametrize("name", WRITERS)
def test_the_same_story_gives_the_same_board_in_any_batch(name: str, desk: StoreDesk) -> None:
    ask, other = (Draft(story=parse_story(text).story) for text in (STORY, "A cat slept."))
    alone = registry.make(name).run([ask], desk)
    batch = registry.make(name).run([other, ask, ask], desk)
    assert [canonical_json(take) for take in batch[1:]] == [canonical_json(alone[0])] * 2


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("text", AWKWARD, ids=range(len(AWKWARD)))
def test_any_story_gives_a_board_that_can_be_saved_and_read(name: str, text: str, desk: StoreDesk) -> None:
    board = board_of(name, text, desk)
    assert load(dump(board)) == board


@pytest.mark.parametrize("name", WRITERS)
def test_it_states_its_licence(name: str) -> None:
    assert all(licence.name for licence in registry.class_of(name).licence())
