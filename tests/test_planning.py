from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kamishibai import Studio
from kamishibai.planning import FilmPlan, StagePlan

STORY = "A small fox found a lantern in the forest.\nThe fox ran home.\nEverybody danced."
FAKES = dict.fromkeys(("text", "picture", "motion", "voice", "music", "sound", "ear"), "fake")


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "story.txt"
    path.write_text(STORY)
    return path


def studio(tmp_path: Path, **more: Any) -> Studio:
    return Studio(
        **{"cache": tmp_path / "store", "size": 144, "quality": "draft", "workers": 0, **FAKES, **more}
    )


def stage(plan: FilmPlan, name: str, maker: str | None = None) -> StagePlan:
    return next(row for row in plan.stages if row.stage == name and maker in (None, row.maker))


def test_a_plan_makes_no_folder_and_calls_no_model_but_the_planner(story: Path, tmp_path: Path) -> None:
    plan = studio(tmp_path).plan(story, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert plan.scenes == 3
    assert stage(plan, "speak").to_make == 3
    assert stage(plan, "draw", "picture:fake").to_make == 3
    assert sum(row.follow for row in plan.stages if row.stage == "move") == 5


def test_after_the_film_everything_is_kept_and_costs_nothing(story: Path, tmp_path: Path) -> None:
    studio(tmp_path).make(story, tmp_path / "out")
    plan = studio(tmp_path).plan(story, tmp_path / "out")
    assert {row.stage for row in plan.stages} >= {
        "speak",
        "draw",
        "move",
        "sound",
        "compose",
        "mix",
        "listen",
        "render",
    }
    assert all(row.to_make == 0 and row.follow == 0 for row in plan.stages)
    assert plan.seconds == 0


def test_after_an_edit_the_plan_says_what_make_then_does(story: Path, tmp_path: Path) -> None:
    studio(tmp_path).make(story, tmp_path / "out")
    board = tmp_path / "out" / "storyboard.yaml"
    board.write_text(board.read_text().replace("The fox ran home.", "The fox crept home."))
    speak = stage(studio(tmp_path).plan(story, tmp_path / "out"), "speak")
    made = []
    studio(tmp_path, listen=lambda event: made.append(event)).make(story, tmp_path / "out")
    spoken = [event for event in made if event.event == "call" and event.stage == "speak"]
    assert (speak.to_make, speak.reused) == (1, 2)
    assert len(spoken) == 1


def test_times_come_from_past_runs_and_are_unknown_before(story: Path, tmp_path: Path) -> None:
    before = studio(tmp_path).plan(story, tmp_path / "out")
    studio(tmp_path).make(story, tmp_path / "out")
    after = studio(tmp_path, seed=99).plan(story, tmp_path / "out")
    assert before.seconds is None
    assert "speak" in before.unknown
    drawn = stage(after, "draw", "picture:fake")
    assert drawn.to_make == 3
    assert drawn.seconds is not None
    assert 0 < drawn.seconds < 60


def test_weights_that_are_missing_are_a_problem_with_the_way_out(story: Path, tmp_path: Path) -> None:
    plan = studio(tmp_path, picture="diffusers:sdxl").plan(story, tmp_path / "out")
    picture = next(model for model in plan.models if model.kind == "picture")
    assert not plan.ready
    assert "models pull sdxl" in picture.next
    assert plan.download_mb > 1000


def test_a_wrong_option_is_a_problem_that_needs_no_download(
    story: Path, tmp_path: Path, tiny: Callable[[str], Path]
) -> None:
    options = {"picture": {"lora": {"nope.safetensors": 1}}}
    plan = studio(tmp_path, picture=f"diffusers:{tiny('sd15')}", options=options).plan(
        story, tmp_path / "out"
    )
    assert not plan.ready
    assert plan.download_mb == 0


def test_a_models_memory_and_its_placement_are_told_without_loading_it(
    story: Path, tmp_path: Path, tiny: Callable[[str], Path]
) -> None:
    plan = studio(tmp_path, text="planner", picture=f"diffusers:{tiny('sd15')}").plan(story, tmp_path / "out")
    picture = next(model for model in plan.models if model.kind == "picture")
    assert plan.ready
    assert picture.needs.memory_mb > 0
    assert any("float32" in why or "processor" in why for why in picture.placement)
    assert stage(plan, "cast").to_make >= 1


@pytest.mark.slow
def test_the_command_prints_a_plan_for_people_and_for_programs(story: Path, tmp_path: Path) -> None:
    line = [sys.executable, "-m", "kamishibai", "plan", str(story), "--cache", str(tmp_path / "store")]
    told = subprocess.run(line, capture_output=True, text=True, check=True, timeout=60).stdout
    read = json.loads(
        subprocess.run([*line, "--json"], capture_output=True, text=True, check=True, timeout=60).stdout
    )
    assert "Drawing the scenes" in told
    assert "picture:papercut" in told
    assert read["scenes"] == 3
    assert {row["stage"] for row in read["stages"]} >= {"speak", "draw"}
