from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from kamishibai.documents.frozen import Frozen
from kamishibai.errors import Cancelled, KamishibaiError, ModelError
from kamishibai.models.base import Desk, Model
from kamishibai.work.call import Call
from kamishibai.work.events import Event
from kamishibai.work.runners.local import LocalRunner
from kamishibai.work.store import Store


class Shout(Frozen):
    text: str


class Echo(Frozen):
    text: str


class Valley(Model[Shout, Echo]):
    """Answers in capitals, and notes in a file that it was asked."""

    id = "test:valley"
    version = "1"
    asks = Shout
    batch = 2

    def load(self) -> None:
        _note("load")

    def run(self, asks: Sequence[Shout], desk: Desk) -> list[Echo]:
        for ask in asks:
            if ask.text == "avalanche":
                raise ZeroDivisionError("rocks")
            if ask.text == "landslide":
                raise ModelError("the valley is closed")
            _note(f"run {ask.text}")
        return [Echo(text=ask.text.upper()) for ask in asks]


LOG: Path | None = None


def _note(text: str) -> None:
    assert LOG is not None
    with LOG.open("a") as file:
        file.write(text + "\n")


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("test_local_runner.LOG", tmp_path / "log")
    return tmp_path / "log"


def shouts(*texts: str) -> list[Call]:
    return [
        Call("shout", f"s{i}", "test:valley", Shout(text=text), Echo, path="test_local_runner:Valley")
        for i, text in enumerate(texts, 1)
    ]


def test_answers_come_in_the_order_of_the_calls(tmp_path: Path, log: Path) -> None:
    with LocalRunner(Store(tmp_path / "store")) as runner:
        answers = runner.run(shouts("a", "b", "c"))
    assert [a.take.text for a in answers] == ["A", "B", "C"]
    assert [a.call.scene for a in answers] == ["s1", "s2", "s3"]


def test_a_family_is_loaded_once_whatever_the_number_of_scenes(tmp_path: Path, log: Path) -> None:
    with LocalRunner(Store(tmp_path / "store")) as runner:
        runner.run(shouts(*"abcdefgh"))
    assert log.read_text().count("load") == 1


def test_a_rerun_makes_nothing(tmp_path: Path, log: Path) -> None:
    for _ in range(2):
        with LocalRunner(Store(tmp_path / "store")) as runner:
            answers = runner.run(shouts("a", "b"))
    assert log.read_text().splitlines() == ["load", "run a", "run b"]
    assert all(a.reused for a in answers)


def test_equal_asks_are_made_once(tmp_path: Path, log: Path) -> None:
    with LocalRunner(Store(tmp_path / "store")) as runner:
        answers = runner.run(shouts("a", "a", "a"))
    assert log.read_text().count("run a") == 1
    assert [a.call.scene for a in answers] == ["s1", "s2", "s3"]


def test_what_was_finished_before_a_failure_is_kept(tmp_path: Path, log: Path) -> None:
    store = Store(tmp_path / "store")
    with LocalRunner(store) as runner, pytest.raises(ModelError, match="ZeroDivisionError: rocks") as caught:
        runner.run(shouts("a", "b", "avalanche"))
    assert caught.value.where == "scene s3"
    with LocalRunner(store) as runner:
        assert [a.reused for a in runner.run(shouts("a", "b", "c"))] == [True, True, False]


def test_a_back_ends_own_error_says_which_scene(tmp_path: Path, log: Path) -> None:
    with LocalRunner(Store(tmp_path / "store")) as runner, pytest.raises(KamishibaiError) as caught:
        runner.run(shouts("landslide"))
    assert str(caught.value).startswith("scene s1: the valley is closed")


def test_stopping_keeps_what_was_finished(tmp_path: Path, log: Path) -> None:
    store = Store(tmp_path / "store")
    seen: list[Event] = []
    with (
        LocalRunner(store, 0, seen.append, stop=lambda: any(e.event == "call" for e in seen)) as runner,
        pytest.raises(Cancelled),
    ):
        runner.run(shouts("a", "b", "c", "d"))
    with LocalRunner(store) as runner:
        assert [a.reused for a in runner.run(shouts("a", "b", "c", "d"))] == [True, True, False, False]


@pytest.mark.slow
def test_worker_processes_give_the_same_answers_and_send_errors_home(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    from kamishibai.models.kinds import Speak, Speech

    def says(text: str, language: str = "en") -> Call:
        return Call("speak", text, "voice:none", Speak(text=text, language=language), Speech)

    with LocalRunner(store, 2) as runner:
        answers = runner.run([says("One."), says("Two."), says("Three.")])
        with pytest.raises(KamishibaiError) as caught:
            runner.run([Call("speak", "s9", "voice:hibari", Speak(text="你好", language="zh"), Speech)])
    assert [a.take.words[0].text for a in answers] == ["One.", "Two.", "Three."]
    assert caught.value.hint
    assert "s9" in str(caught.value)


def test_events_tell_what_is_reused(tmp_path: Path, log: Path) -> None:
    store = Store(tmp_path / "store")
    with LocalRunner(store) as runner:
        runner.run(shouts("a"))
    seen: list[Event] = []
    with LocalRunner(store, 0, seen.append) as runner:
        runner.run(shouts("a", "b"))
    (stage,) = [e for e in seen if e.event == "stage"]
    assert (stage.total, stage.reused) == (2, 1)
    assert [e.scene for e in seen if e.event == "call"] == ["s2"]
