"""What every text model keeps: a scene a line, the words unchanged, the front matter obeyed, the same again."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from desks import RecordingDesk
from kamishibai.documents.frozen import canonical_json
from kamishibai.documents.read_story import parse_story
from kamishibai.documents.storyboard import Storyboard
from kamishibai.documents.yaml_storyboard import dump, load
from kamishibai.errors import UnsupportedError
from kamishibai.models import registry
from kamishibai.models.base import Model
from kamishibai.models.kinds import Board, Draft, Mend, Mended, Tale, Write
from kamishibai.work.call import Call, keyed
from kamishibai.work.desk import StoreDesk
from kamishibai.work.store import Store

STORY = (
    "---\ntitle: The Lantern\nlook: ink\naspect: 9:16\nauthor: Ada\nvoice: hibari\ncast:\n  Mira: a girl with red hair\n"
    '---\nMira found a lantern in the forest.\nMira: "Who lost this?"\nNobody answered, and it began to rain.'
)
AWKWARD = ("Hello", "🦊🌙", "كان هناك ثعلب صغير.", "从前有一只狐狸。", "'%{}' {\\an8} <lora:x:9>", "A" * 3000)
LARGE = "text:transformers"
loads_torch = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("llguidance") is None, reason="the [models] extra is not installed"),
]


def named(*names: str) -> list[Any]:
    return [pytest.param(name, marks=loads_torch if name == LARGE else []) for name in names]


PLANNERS = named(*registry.ids("text"))
WRITERS = named(*(name for name in registry.ids("text") if Write in registry.class_of(name).verbs()))


@pytest.fixture
def desk(tmp_path: Path) -> StoreDesk:
    return StoreDesk(Store(tmp_path))


_loaded: dict[str, Model[Any, Any]] = {}


@pytest.fixture
def text_model(request: pytest.FixtureRequest) -> Model[Any, Any]:
    """A loaded text model: the one language model with tiny weights, and kept for all tests here."""
    name: str = request.param
    if name not in _loaded:
        tiny: Callable[[str], Path] = request.getfixturevalue("tiny") if name == LARGE else lambda _: Path()
        _loaded[name] = registry.make(f"{name}:{tiny('llm')}" if name == LARGE else name)
        _loaded[name].load()
    return _loaded[name]


every_planner = pytest.mark.parametrize("text_model", PLANNERS, indirect=True)
every_writer = pytest.mark.parametrize("text_model", WRITERS, indirect=True)


def board_of(model: Model[Any, Any], text: str, desk: StoreDesk) -> Storyboard:
    (take,) = model.run([Draft(story=parse_story(text).story, seed=5)], desk)
    assert isinstance(take, Board)
    return take.storyboard


@every_planner
def test_every_line_becomes_one_scene_with_its_words_unchanged(
    text_model: Model[Any, Any], desk: StoreDesk
) -> None:
    board = board_of(text_model, STORY, desk)
    assert [scene.line for scene in board.scenes] == [line.text for line in parse_story(STORY).story.lines]
    assert len({scene.id for scene in board.scenes}) == 3


@every_planner
def test_the_front_matter_is_obeyed(text_model: Model[Any, Any], desk: StoreDesk) -> None:
    board = board_of(text_model, STORY, desk)
    assert (board.title, board.look, board.aspect, board.author, board.voice) == (
        "The Lantern", "ink", "9:16", "Ada", "hibari",
    )  # fmt: skip
    assert [character.name for character in board.cast][:1] == ["Mira"]
    assert board.scenes[1].speaker == board.cast[0].id


@every_planner
def test_the_seed_is_the_storys_or_else_the_asks(text_model: Model[Any, Any], desk: StoreDesk) -> None:
    assert board_of(text_model, "A fox ran.", desk).seed == 5
    assert board_of(text_model, "---\nseed: 9\n---\nA fox ran.", desk).seed == 9


@every_planner
def test_the_same_story_gives_the_same_board_in_any_batch(
    text_model: Model[Any, Any], desk: StoreDesk
) -> None:
    ask, other = (Draft(story=parse_story(text).story) for text in (STORY, "A cat slept."))
    alone = text_model.run([ask], desk)
    batch = text_model.run([other, ask, ask], desk)
    assert [canonical_json(take) for take in batch[1:]] == [canonical_json(alone[0])] * 2


@every_planner
@pytest.mark.parametrize("text", AWKWARD, ids=range(len(AWKWARD)))
def test_any_story_gives_a_board_that_can_be_saved_and_read(
    text_model: Model[Any, Any], text: str, desk: StoreDesk
) -> None:
    board = board_of(text_model, text, desk)
    assert load(dump(board)) == board


@pytest.mark.parametrize("name", registry.ids("text"))
def test_it_states_its_licence(name: str) -> None:
    assert all(licence.name for licence in registry.class_of(name).licence())


@every_writer
def test_a_story_has_a_title_and_exactly_the_lines_asked_for(
    text_model: Model[Any, Any], desk: StoreDesk
) -> None:
    for lines in (1, 3):
        (tale,) = text_model.run([Write(idea="A fox who is afraid of the dark", lines=lines)], desk)
        assert isinstance(tale, Tale)
        assert tale.title.strip()
        assert len(tale.lines) == len(set(tale.lines)) == lines
        assert all(0 < len(line) <= 300 for line in tale.lines)


@every_writer
def test_what_is_written_and_mended_hangs_on_the_ask_alone(
    text_model: Model[Any, Any], desk: StoreDesk
) -> None:
    write = Write(idea="A snail and a storm", lines=2, seed=3)
    mend = Mend(prompt="a fox in the snow", line="The fox slept.", faults=("no lantern is seen",), seed=3)
    draft = Draft(story=parse_story("A cat slept.").story)
    alone = [text_model.run([ask], desk)[0] for ask in (write, mend)]
    assert text_model.run([draft, mend, write], desk)[1:] == alone[::-1]


@every_writer
@pytest.mark.parametrize("tags", [False, True])
def test_a_mended_prompt_names_what_was_missing_and_keeps_its_subject(
    text_model: Model[Any, Any], tags: bool, desk: StoreDesk
) -> None:
    faults = ("no lantern is seen", "The red scarf is missing")
    (mended,) = text_model.run(
        [Mend(prompt="a fox in the snow", line="The fox slept.", faults=faults, tags=tags)], desk
    )
    assert isinstance(mended, Mended)
    assert all(word in mended.prompt.lower() for word in ("fox", "lantern", "scarf"))
    assert len(mended.prompt) <= 2000


def test_the_planner_writes_no_stories_and_says_who_does() -> None:
    for ask, take in ((Write(idea="a fox"), Tale), (Mend(prompt="a", line="b", faults=()), Mended)):
        with pytest.raises(UnsupportedError, match="writes no stories") as caught:
            registry.make("text:planner").run([ask], RecordingDesk())
        assert "--text transformers:NAME" in str(caught.value)
        with pytest.raises(UnsupportedError, match="text:planner does not") as caught:
            keyed([Call("write", "", "text:planner", ask, take)])
        assert "--text transformers:NAME" in str(caught.value)
