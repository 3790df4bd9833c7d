"""What `plan` says is what `make` then does, and a film made step by step is the film made from nothing."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from edits import Edit, edits
from kamishibai import Studio
from kamishibai.documents.yaml_storyboard import dump, load
from kamishibai.planning import FilmPlan
from kamishibai.work.events import Event

STORY = "A small fox found a lantern.\nHe ran home through the rain.\nEverybody danced."
FAKES = dict.fromkeys(("text", "picture", "motion", "voice", "music", "sound", "ear"), "fake")
QUICK = {"size": 144, "quality": "draft", "fps": "5", "workers": 0, **FAKES}


class Desk:
    """One project and one cache, and what was really made in the last run."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self.folder = folder
        self.events: list[Event] = []
        self._settings = {"cache": folder / "store", **QUICK, **more}

    @property
    def project(self) -> Path:
        return self.folder / "out"

    def studio(self, **more: Any) -> Studio:
        return Studio(listen=self.events.append, **{**self._settings, **more})

    def make(self, source: Path, **more: Any) -> bytes:
        self.events.clear()
        return self.studio(**more).make(source, self.project).film.read_bytes()

    def made(self) -> dict[str, Event]:
        return {e.key: e for e in self.events if e.event == "call" and e.stage not in ("join", "plan")}


def hold_together(plan: FilmPlan, made: dict[str, Event]) -> None:
    """Assert that a run made what its plan said."""
    will = {call.key for call in plan.calls if call.state == "make"}
    there = {call.key for call in plan.calls if call.state == "reuse"} - will
    may = {(call.stage, call.scene) for call in plan.calls if call.state == "follow"}
    assert will <= made.keys(), [c for c in plan.calls if c.key in will - made.keys()]
    assert not there & made.keys(), [made[key] for key in there & made.keys()]
    unforeseen = [e for key, e in made.items() if key not in will and (e.stage, e.scene) not in may]
    assert not unforeseen
    assert all(call.why is not None and call.why.text for call in plan.calls if call.state != "reuse")
    assert all(event.why for event in made.values())


@pytest.mark.slow
@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(st.tuples(edits(), st.booleans()), min_size=1, max_size=3))
def test_edits_are_foreseen_and_come_to_the_film_made_from_nothing(steps: list[tuple[Edit, bool]]) -> None:
    folder = Path(tempfile.mkdtemp(prefix="kamishibai-edits-"))
    try:
        desk = Desk(folder / "desk")
        desk.project.mkdir(parents=True)
        (desk.folder / "story.txt").write_text(STORY)
        film = desk.make(desk.folder / "story.txt")
        board_file = desk.project / "storyboard.yaml"
        for (what, edit), whole in steps:
            note(what)
            board = edit(load(board_file.read_text(encoding="utf-8")))
            board_file.write_text(dump(board), encoding="utf-8")
            plan = desk.studio().plan(desk.project)
            film = desk.make(desk.project)
            hold_together(plan, desk.made())
            if whole:
                after = desk.studio().plan(desk.project)
                assert after.current
                assert {call.state for call in after.calls} == {"reuse"}
        fresh = Desk(folder / "fresh")
        fresh.project.mkdir(parents=True)
        shutil.copy(board_file, fresh.project / "storyboard.yaml")
        assert fresh.make(fresh.project) == film
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    (tmp_path / "story.txt").write_text(STORY)
    desk.make(tmp_path / "story.txt")
    return desk


def whys(plan: FilmPlan) -> dict[str, str]:
    return {f"{c.stage} {c.scene}".strip(): c.why.text for c in plan.calls if c.why is not None}


def edit(desk: Desk, old: str, new: str) -> None:
    file = desk.project / "storyboard.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_an_edited_line_is_the_reason_and_everything_else_follows_from_its_speech(desk: Desk) -> None:
    edit(desk, "He ran home through the rain.", "He crept home through all of the rain.")
    told = whys(desk.studio().plan(desk.project))
    scene = next(name.split()[1] for name in told if name.startswith("speak"))
    assert told[f"speak {scene}"] == f"line of {scene} changed"
    assert told[f"listen {scene}"] == f"cascade from {scene} speech"
    assert told["compose"] == f"cascade from {scene} speech"
    assert told["mix"] == f"cascade from {scene} speech, {scene} sounds, music"
    assert [name for name in told if name.startswith("speak")] == [f"speak {scene}"]
    assert not [name for name in told if name.startswith("draw")]


def test_a_setting_a_seed_an_option_and_a_model_are_reasons(desk: Desk) -> None:
    assert "new seed" in whys(desk.studio(seed=9).plan(desk.project))["draw s001"]
    assert "quality" in whys(desk.studio(quality="good").plan(desk.project))["render s001"]
    other = whys(desk.studio(voice="none").plan(desk.project))
    assert other["speak s001"] == "voice:none in place of voice:fake"
    clips = {"motion:fake": {"clip": True}}
    assert "clip True ≠ False" in whys(desk.studio(options=clips).plan(desk.project))["move s001"]


def test_a_version_is_a_reason(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from kamishibai.models.voice.fake import FakeVoice

    before = FakeVoice.version
    monkeypatch.setattr(FakeVoice, "version", "2.5")
    assert whys(desk.studio().plan(desk.project))["speak s001"] == f"voice:fake 2.5 ≠ {before}"


def test_a_result_that_is_gone_is_a_reason(desk: Desk) -> None:
    shutil.rmtree(desk.folder / "store" / "results")
    told = whys(desk.studio().plan(desk.project))
    assert "not in the cache any more" in told["speak s001"]


def test_the_finished_film_is_current_until_it_is_deleted(desk: Desk) -> None:
    assert desk.studio().plan(desk.project).current
    next(desk.project.glob("*.mp4")).unlink()
    plan = desk.studio().plan(desk.project)
    assert not plan.current
    assert [row.stage for row in plan.stages if row.to_make] == ["join"]


def test_a_plan_foresees_damage_and_touches_nothing(desk: Desk) -> None:
    store = desk.folder / "store"
    blob = next(path for path in sorted(store.glob("blobs/*/*")) if path.stat().st_size > 100)
    blob.write_bytes(blob.read_bytes()[:-1])
    record = sorted(store.glob("results/*/*.json"))[3]
    record.write_bytes(record.read_bytes()[:-5])
    before = {path: path.stat().st_mtime_ns for path in desk.folder.rglob("*") if path.is_file()}
    plan = desk.studio().plan(desk.project)
    assert {path: path.stat().st_mtime_ns for path in desk.folder.rglob("*") if path.is_file()} == before
    next(desk.project.glob("*.mp4")).unlink()
    desk.make(desk.project)
    hold_together(plan, desk.made())
    assert desk.made()
