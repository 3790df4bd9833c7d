"""One line of a story, or one scene of a storyboard, is edited: what is made again, and what is not."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from kamishibai import Studio
from kamishibai.documents.storyboard import Scene, Storyboard
from kamishibai.documents.yaml_storyboard import dump, load
from kamishibai.work.events import Event

FAKES = dict.fromkeys(("text", "picture", "motion", "voice", "music", "sound", "ear"), "fake")
WHOLE = {"board", "compose", "mix", "join"}
"""Stages of the whole film; they may run after any edit."""
BODY = frozenset({"speak", "listen", "draw", "move", "sound", "render"})
"""What is made of one scene; its body's segment is rendered under its id alone, a fade under two."""
TOLD = ["One day it rained.", "A fox found a lantern.", "The fox ran home.", "Everybody danced."]
MORE = "Nobody knew why."


class Desk:
    """A folder with a story, filmed again and again; tells which stages ran for which scenes."""

    def __init__(self, folder: Path, told: list[str], **settings: Any) -> None:
        self.folder = folder
        self.settings = {"size": 144, "quality": "draft", "workers": 0, **settings}
        self.folder.mkdir(exist_ok=True)
        self.story = folder / "story.md"
        self.made(told)

    def made(self, told: list[str]) -> dict[str, set[str]]:
        """Film the story and return the stages that ran, by scene; the film's own under ``""``."""
        self.story.write_text("# The day\n\n" + "\n".join(told) + "\n")
        return self.film(self.story)

    def film(self, source: Path) -> dict[str, set[str]]:
        ran: dict[str, set[str]] = {}

        def listen(event: Event) -> None:
            if event.event == "call" and event.stage not in ("examine", "inspect"):
                ran.setdefault(event.scene or "", set()).add(event.stage)

        studio = Studio(cache=self.folder / "store", listen=listen, **self.settings)
        studio.make(source, self.folder / "out")
        return ran

    @property
    def file(self) -> Path:
        return self.folder / "out" / "storyboard.yaml"

    @property
    def board(self) -> Storyboard:
        return load(self.file.read_text())

    def ids(self) -> list[str]:
        return [scene.id for scene in self.board.scenes]


def others(ran: dict[str, set[str]], *own: str) -> dict[str, set[str]]:
    """Return what ran for scenes other than `own`; fades and the cards aside."""
    return {
        scene: stages
        for scene, stages in ran.items()
        if scene not in ("", "title", "credits", *own) and "+" not in scene
    }


def fades(ran: dict[str, set[str]]) -> set[str]:
    return {scene for scene in ran if "+" in scene}


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Give a desk at which the story was filmed once."""
    desk = Desk(tmp_path_factory.mktemp("filmed") / "desk", TOLD, **FAKES)
    shutil.copytree(desk.folder, desk.folder.parent / "as it was")
    return desk


@pytest.fixture
def desk(filmed: Desk) -> Desk:
    """Give the desk as it was when the story was filmed once; a project is not moved, as it knows its story's path."""
    shutil.rmtree(filmed.folder)
    shutil.copytree(filmed.folder.parent / "as it was", filmed.folder)
    return filmed


# -------------------------------------------------------------------------------------------------- story
@pytest.mark.parametrize("at", [0, 2, 4])
def test_an_inserted_line_is_all_that_is_made(desk: Desk, at: int) -> None:
    before = desk.ids()

    ran = desk.made([*TOLD[:at], MORE, *TOLD[at:]])

    after = desk.ids()
    (new,) = set(after) - set(before)
    assert after == [*before[:at], new, *before[at:]]
    assert ran[new] == BODY
    assert others(ran, new) == {}
    assert ran[""] <= WHOLE
    assert len(fades(ran)) == 2


@pytest.mark.parametrize("at", [0, 1, 3])
def test_a_removed_line_makes_nothing_but_the_fade_in_its_place(desk: Desk, at: int) -> None:
    before = desk.ids()

    ran = desk.made(TOLD[:at] + TOLD[at + 1 :])

    assert desk.ids() == before[:at] + before[at + 1 :]
    assert others(ran) == {}
    assert ran[""] <= WHOLE
    assert len(fades(ran)) == 1


@pytest.mark.parametrize("at", [0, 3])
def test_an_edited_line_is_all_that_is_made(desk: Desk, at: int) -> None:
    before = desk.ids()

    ran = desk.made([*TOLD[:at], f"{TOLD[at][:-1]}, and it was late.", *TOLD[at + 1 :]])

    assert desk.ids() == before
    assert ran[before[at]] == BODY - {"draw"}  # the picture shows what it showed
    assert others(ran, before[at]) == {}
    assert ran[""] <= WHOLE


@pytest.mark.parametrize(("a", "b"), [(0, 1), (1, 3)])
def test_two_lines_that_change_places_make_nothing_but_fades(desk: Desk, a: int, b: int) -> None:
    told, ids = list(TOLD), desk.ids()
    told[a], told[b] = told[b], told[a]
    ids[a], ids[b] = ids[b], ids[a]

    ran = desk.made(told)

    assert desk.ids() == ids
    assert others(ran) == {}
    assert ran[""] <= WHOLE


@pytest.mark.slow
def test_an_edit_that_is_taken_back_and_made_again_finds_everything_made(desk: Desk) -> None:
    longer = [*TOLD[:2], MORE, *TOLD[2:]]
    desk.made(longer)
    before = desk.board
    assert set(desk.made(TOLD)) <= {""}
    assert set(desk.made(longer)) <= {""}
    assert desk.board == before
    assert desk.made(longer) == {}


@pytest.mark.slow
@pytest.mark.parametrize("at", [0, 4])
def test_without_titles_who_was_first_or_last_is_drawn_and_moved_no_more_than_others(
    tmp_path: Path, at: int
) -> None:
    desk = Desk(tmp_path / "desk", TOLD, titles=False, **FAKES)
    before = desk.ids()
    ran = desk.made([*TOLD[:at], MORE, *TOLD[at:]])
    (new,) = set(desk.ids()) - set(before)
    # The last scene of a film without credits lingers for half a second: then it is followed.
    assert others(ran, new) == ({before[-1]: {"render"}} if at else {})


# --------------------------------------------------------------------------------------------- storyboard
def rewritten(desk: Desk, scenes: list[Scene]) -> dict[str, set[str]]:
    desk.file.write_text(dump(desk.board.model_copy(update={"scenes": tuple(scenes)})))
    return desk.film(desk.folder / "out")


@pytest.mark.parametrize("at", [0, 3, 4])
def test_a_scene_put_into_the_storyboard_is_all_that_is_made(desk: Desk, at: int) -> None:
    scenes = list(desk.board.scenes)
    ran = rewritten(desk, [*scenes[:at], Scene(id="between", line=MORE), *scenes[at:]])
    assert ran["between"] == BODY
    assert others(ran, "between") == {}


def test_a_scene_taken_out_of_the_storyboard_makes_one_fade(desk: Desk) -> None:
    scenes = list(desk.board.scenes)
    ran = rewritten(desk, [scenes[0], *scenes[2:]])
    assert others(ran) == {}
    assert fades(ran) == {f"{scenes[0].id}+{scenes[2].id}"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "made", "maybe"),
    [
        # A line as long as before, or shorter than a scene is at least, moves nothing anew.
        ({"line": "The fox crept home."}, {"speak", "listen"}, {"move", "sound", "render"}),
        # The stand-in for a motion model makes the same clip of many a picture, and the cascade ends there.
        ({"view": "wide"}, {"draw", "move"}, {"render"}),
        ({"camera": {"move": "pan-left", "amount": 0.1}}, {"move"}, {"render"}),
        ({"sounds": ("rain",)}, {"sound"}, set()),
        ({"pause": "2"}, {"move", "sound", "render"}, set()),
        ({"transition": "cut"}, {"move", "sound", "render"}, set()),
        ({"seed": 4}, {"draw", "move", "render"}, set()),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else " ",
)
@pytest.mark.parametrize("at", [0, 3])
def test_a_field_of_a_scene_that_is_edited_touches_that_scene_alone(
    desk: Desk, at: int, change: dict[str, Any], made: set[str], maybe: set[str]
) -> None:
    scenes = list(desk.board.scenes)
    scenes[at] = Scene.model_validate({**scenes[at].model_dump(), **change})
    ran = rewritten(desk, scenes)
    assert made <= ran[scenes[at].id] <= made | maybe
    assert others(ran, scenes[at].id) == {}


# ------------------------------------------------------------------------------------------------ embedded
FOREST = [
    "A small fox sang in the forest.",
    "A tired bear slept.",
    "A girl with a red coat danced.",
    "An owl flew over the trees.",
]


@pytest.mark.slow
def test_with_the_embedded_models_too_an_edit_makes_its_own_scene_alone(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "desk", FOREST, ear="none")
    own = desk.ids()
    for at in (0, 2, 4):
        ran = desk.made([*FOREST[:at], MORE, *FOREST[at:]])
        (new,) = set(desk.ids()) - set(own)
        assert {"draw", "move", "render"} <= ran[new]
        assert others(ran, new) == {}
        assert others(desk.made(FOREST)) == {}
    ran = desk.made([FOREST[0], "A tired bear snored.", *FOREST[2:]])
    assert "speak" in ran[own[1]]
    assert others(ran, own[1]) == {}
    assert others(desk.made(FOREST)) == {}
    assert others(desk.made([FOREST[0], FOREST[2], FOREST[1], FOREST[3]])) == {}
    assert desk.ids() == [own[0], own[2], own[1], own[3]]
    assert others(desk.made([FOREST[0], *FOREST[2:]])) == {}
    assert others(desk.made(FOREST)) == {}  # what is put back where it was is known again
