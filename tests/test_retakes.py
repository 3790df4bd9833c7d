"""More takes of one place by hand: kept, picked, undone, and never lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kamishibai import Studio
from kamishibai.cleaning import clean
from kamishibai.errors import DocumentError, UnsupportedError, UsageError
from kamishibai.project import Project
from kamishibai.work.events import Event
from kamishibai.work.store import Store

STORY = "A small fox found a lantern.\nHe ran home through the rain.\nEverybody danced."
FAKES = dict.fromkeys(("text", "picture", "motion", "voice", "music", "sound", "ear"), "fake")


class Desk:
    """A finished film of fakes, and what was made since."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self.folder, self.project = folder, folder / "out"
        self.events: list[Event] = []
        self.store = Store(folder / "store")
        self.settings = {"size": 144, "quality": "draft", "fps": "5", "workers": 0, **FAKES, **more}
        (folder / "story.txt").write_text(STORY)
        self.first = self.studio(**self.settings).make(folder / "story.txt", self.project).film.read_bytes()
        self.events.clear()

    def studio(self, **more: Any) -> Studio:
        return Studio(listen=self.events.append, cache=self.folder / "store", **more)

    def again(self) -> bytes:
        self.events.clear()
        return self.studio().make_again(self.project).film.read_bytes()

    def made(self) -> list[tuple[str, str]]:
        return [(e.stage, e.scene) for e in self.events if e.event == "call" and e.stage != "join"]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_takes_are_made_by_the_films_own_models_and_the_film_stays_as_it_is(desk: Desk) -> None:
    found = desk.studio().retake(desk.project, "s002", count=3)
    assert desk.made() == [("draw", "s002")] * 3
    assert [take.number for take in found.takes] == [1, 2, 3, 4]
    assert {take.maker for take in found.takes} == {"picture:fake"}
    assert len({take.seed for take in found.takes}) == 4
    assert found.picked == 1
    assert all(take.file is not None and take.file.is_file() for take in found.takes)
    assert len({take.file.read_bytes() for take in found.takes if take.file}) == 4
    assert found.sheet is not None
    assert desk.again() == desk.first
    assert desk.made() == []


def test_one_take_is_picked_makes_only_its_scene_again_and_undo_goes_back(desk: Desk) -> None:
    assert desk.studio().retake(desk.project, "s002").picked == 2
    film = desk.again()
    assert film != desk.first
    assert {scene for stage, scene in desk.made() if stage == "render"} == {"s001+s002", "s002", "s002+s003"}
    assert {stage for stage, _ in desk.made()} <= {"inspect", "move", "render"}
    assert desk.studio().undo(desk.project) == (("picture s002", 2, 1),)
    assert desk.again() == desk.first
    assert desk.made() == []
    desk.studio().pick(desk.project, "s002", 2)
    assert desk.again() == film
    assert desk.made() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "scene", "maker"),
    [
        ("voice", "s001", "hibari"),
        ("sound", "s002", "foley"),
        ("music", None, "musicbox"),
        ("motion", "s002", "fake"),
        ("picture", "s003", "papercut"),
    ],
)
def test_every_kind_has_takes(tmp_path: Path, kind: str, scene: str | None, maker: str) -> None:
    clips = {"motion:fake": {"clip": True}}
    desk = Desk(tmp_path, options=clips, gates="off", **{"text": "planner", kind: maker})
    scenes = [one.id for one in desk.studio().show(desk.project).board.scenes]
    place = None if scene is None else scenes[int(scene[-1]) - 1]
    found = desk.studio().retake(desk.project, place, kind)
    assert found.picked == 2
    assert len({take.file.read_bytes() for take in found.takes if take.file}) == 2
    assert desk.again() != desk.first
    desk.studio().pick(desk.project, place, 1, kind)
    assert desk.again() == desk.first


@pytest.mark.parametrize(("kind", "scene"), [("voice", "s001"), ("sound", "s003"), ("music", None)])
def test_a_model_that_makes_the_same_from_every_seed_says_so(
    desk: Desk, kind: str, scene: str | None
) -> None:
    with pytest.raises(UnsupportedError, match=f"same {kind} from every seed"):
        desk.studio().retake(desk.project, scene, kind)
    assert [take.number for take in desk.studio().takes(desk.project, scene, kind).takes] == [1]


def test_a_seed_can_be_named_and_the_next_ones_count_up(desk: Desk) -> None:
    found = desk.studio().retake(desk.project, "s001", seed=2**32 - 1, count=2)
    assert [take.seed for take in found.takes[1:]] == [2**32 - 1, 0]
    with pytest.raises(UsageError, match="seed 0 is take 3 again"):
        desk.studio().retake(desk.project, "s001", seed=0)


def test_a_prompt_goes_to_models_that_read_words(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    found = desk.studio().retake(desk.project, "s001", prompt="a red ship")
    assert found.takes[-1].prompt == "a red ship"
    with pytest.raises(UnsupportedError, match="reads no prompt"):
        desk.studio().retake(desk.project, "s001", "voice", prompt="louder")


def test_takes_are_numbered_on_and_survive_a_clean_up(desk: Desk) -> None:
    desk.studio().retake(desk.project, "s002", count=2)
    desk.studio().retake(desk.project, "s002", count=2)
    clean(desk.store)
    found = desk.studio().takes(desk.project, "s002")
    assert [take.number for take in found.takes] == [1, 2, 3, 4, 5]
    assert all(take.there for take in found.takes)


def test_a_take_whose_result_is_lost_is_made_again_when_it_is_picked(desk: Desk) -> None:
    desk.studio().retake(desk.project, "s002")
    film = desk.again()
    take = Project(desk.project).takes().places["picture s002"][0]
    desk.store.result(take.key).unlink()
    assert not desk.studio().takes(desk.project, "s002").takes[1].there
    next(desk.project.glob("*.mp4")).unlink()
    assert desk.again() == film
    assert ("draw", "s002") in desk.made()


def test_a_picked_take_that_fails_its_gate_is_told_and_not_made_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path, thresholds={"picture": {"deviation": 120.0}}, retakes=1)
    desk.studio().retake(desk.project, "s002", seed=5)
    desk.again()
    assert ("draw", "s002") not in desk.made()
    told = [e.text for e in desk.events if e.event == "warning" and e.scene == "s002"]
    assert any("it was picked by hand" in text for text in told)


def test_what_is_picked_is_in_the_recipe_and_in_the_plan(desk: Desk) -> None:
    desk.studio().retake(desk.project, "s002", seed=5)
    plan = Studio(cache=desk.folder / "store", **desk.settings).plan(desk.project)
    assert not plan.current
    assert {c.scene for c in plan.calls if c.stage == "draw" and c.state != "reuse"} == set()
    desk.again()
    recipe = desk.studio().show(desk.project / "out.mp4")
    assert recipe.picks == {"picture s002": {"seed": 5, "prompt": None}}


def test_mistakes_are_told_with_the_nearest_name(desk: Desk) -> None:
    studio = desk.studio()
    with pytest.raises(UsageError, match="'s02' is not a scene") as caught:
        studio.retake(desk.project, "s02")
    assert caught.value.hint is not None
    assert "did you mean" in caught.value.hint
    with pytest.raises(UsageError, match="no takes of 'picure'"):
        studio.retake(desk.project, "s002", "picure")
    with pytest.raises(UsageError, match="need a scene"):
        studio.retake(desk.project)
    with pytest.raises(UsageError, match="whole film"):
        studio.retake(desk.project, "s002", "music")
    with pytest.raises(UsageError, match="no take 7"):
        studio.pick(desk.project, "s002", 7)
    with pytest.raises(UsageError, match="nothing was picked"):
        studio.undo(desk.project)
    with pytest.raises(DocumentError, match="no project folder"):
        studio.undo(desk.folder)
    with pytest.raises(UsageError, match="cannot be made at once"):
        studio.retake(desk.project, "s002", count=1000)


def test_the_camera_makes_the_same_shot_from_every_seed(tmp_path: Path) -> None:
    desk = Desk(tmp_path, motion="camera")
    with pytest.raises(UnsupportedError, match="same motion from every seed"):
        desk.studio().retake(desk.project, "s002", "motion")


@pytest.mark.slow
def test_the_commands_retake_pick_and_undo(desk: Desk) -> None:
    def run(*line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "kamishibai", *line],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    cache = ("--cache", str(desk.folder / "store"))
    made = run("retake", str(desk.project), "s002", "--count", "2", "--workers", "0", *cache)
    assert made.returncode == 0, made.stderr
    assert "picture-s002.png" in made.stdout
    assert run("pick", str(desk.project), "s002", "3").stdout.startswith("take 3 of s002's picture is picked")
    assert run("pick", str(desk.project), "s002", "9").returncode == 2
    assert "take 1 again, in place of take 3" in run("undo", str(desk.project)).stdout
    assert run("undo", str(desk.project)).returncode == 2
    remade = run("retake", str(desk.project), "s002", "--make", "--workers", "0", *cache)
    assert remade.returncode == 0, remade.stderr
    assert (desk.project / "out.mp4").read_bytes() != desk.first


def test_what_was_picked_survives_a_damaged_file(desk: Desk) -> None:
    desk.studio().retake(desk.project, "s002")
    film = desk.again()
    for name in ("takes.json", "takes.copy.json"):
        path = desk.project / ".kamishibai" / name
        whole = path.read_bytes()
        path.write_bytes(whole.replace(b'"picked":{"picture s002":2}', b'"picked":{"picture s002":3}'))
        assert path.read_bytes() != whole
        next(desk.project.glob("*.mp4")).unlink()
        assert desk.again() == film
        assert any(name in e.text and "damaged" in e.text for e in desk.events if e.event == "warning")
        path.write_bytes(whole)
