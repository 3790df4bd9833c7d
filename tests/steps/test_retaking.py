"""Retakes stop at their budget, keep the best take, and are found again on a rerun."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from kamishibai.documents.frozen import Frozen
from kamishibai.gates.verdict import Verdict
from kamishibai.models.base import Desk, Model
from kamishibai.steps.retaking import Budget, Examined, Tried, answers_of, retake
from kamishibai.work.call import Answer, Call
from kamishibai.work.events import Event
from kamishibai.work.runners.local import LocalRunner
from kamishibai.work.store import Store


class Throw(Frozen):
    """Throw a die that is marked by the seed."""

    seed: int


class Thrown(Frozen):
    """What lies on top."""

    badness: int


class Die(Model[Throw, Thrown]):
    """Shows the seed; it counts how often it was thrown."""

    id: ClassVar[str] = "test:die"
    version: ClassVar[str] = "1"
    asks: ClassVar[type[Frozen]] = Throw
    thrown: ClassVar[list[int]] = []

    def run(self, asks: Sequence[Throw], desk: Desk) -> list[Thrown]:
        Die.thrown += [ask.seed for ask in asks]
        return [Thrown(badness=ask.seed) for ask in asks]


def throw(scene: str, seed: int) -> Call:
    return Call("throw", scene, "test:die", Throw(seed=seed), Thrown, path=f"{__name__}:Die")


def examine(answers: Sequence[Answer]) -> list[Examined]:
    """Judge takes: nothing but a zero passes."""
    return [
        Examined(
            a,
            Verdict(
                gate="picture",
                scene=a.call.scene,
                passed=a.take.badness == 0,
                faults=() if a.take.badness == 0 else (f"shows {a.take.badness}",),
                badness=a.take.badness,
            ),
        )
        for a in answers
    ]


class Told(list[Event]):
    def __call__(self, event: Event) -> None:
        self.append(event)


def tried_with(
    tmp_path: Path,
    seeds: dict[str, list[int]],
    budget: Budget,
    mode: str = "retake",
    told: Told | None = None,
    at_least: int = 1,
) -> list[Tried]:
    with LocalRunner(Store(tmp_path / "store"), 0, told if told is not None else Told()) as runner:
        first = examine(runner.run([throw(scene, marks[0]) for scene, marks in seeds.items()]))

        def again(tried: Tried, number: int) -> Call | str:
            marks = seeds[tried.best.answer.call.scene]
            return (
                throw(tried.best.answer.call.scene, marks[number]) if number < len(marks) else "no more dice"
            )

        return retake(first, again, examine, mode, budget, runner, at_least=at_least)  # type: ignore[arg-type]


def test_a_take_that_passes_is_not_made_again(tmp_path: Path) -> None:
    (one,) = tried_with(tmp_path, {"s1": [0, 1, 2]}, Budget(5))
    assert len(one.takes) == 1
    assert one.best.verdict.passed


def test_failing_takes_are_made_again_until_one_passes(tmp_path: Path) -> None:
    (one,) = tried_with(tmp_path, {"s1": [3, 4, 0, 9]}, Budget(5))
    assert [take.answer.take.badness for take in one.takes] == [3, 4, 0]
    assert one.kept == 2


def test_retakes_stop_at_their_budget_and_the_best_take_is_kept(tmp_path: Path) -> None:
    (one,) = tried_with(tmp_path, {"s1": [5, 2, 7, 1]}, Budget(2))
    assert len(one.takes) == 3
    assert one.best.answer.take.badness == 2


def test_a_rerun_finds_every_take_and_makes_none(tmp_path: Path) -> None:
    seeds = {"s1": [5, 2, 7], "s2": [0], "s3": [4, 4, 3]}
    before = tried_with(tmp_path, seeds, Budget(2))
    Die.thrown.clear()
    after = tried_with(tmp_path, seeds, Budget(2))
    assert Die.thrown == []
    assert [one.kept for one in after] == [one.kept for one in before] == [1, 0, 2]


def test_minutes_are_a_budget_too_and_hold_on_a_rerun(tmp_path: Path) -> None:
    seeds = {"s1": [5, 4, 3, 2]}
    (one,) = tried_with(tmp_path, seeds, Budget(3, seconds=1e-9))
    assert len(one.takes) == 2, "the round in which the budget is passed is the last"
    assert "minutes" in one.over
    Die.thrown.clear()
    (again,) = tried_with(tmp_path, seeds, Budget(3, seconds=1e-9))
    assert (Die.thrown, len(again.takes)) == ([], 2)


def test_no_minutes_at_all_allow_no_retake(tmp_path: Path) -> None:
    (one,) = tried_with(tmp_path, {"s1": [5, 0]}, Budget(3, seconds=0.0))
    assert len(one.takes) == 1
    assert not one.best.verdict.passed


def test_warn_tells_and_makes_nothing_again(tmp_path: Path) -> None:
    told = Told()
    (one,) = tried_with(tmp_path, {"s1": [5, 0]}, Budget(3), "warn", told)
    assert len(one.takes) == 1
    assert [e.text for e in told if e.event == "warning"] == ["scene s1: picture: shows 5"]


def test_what_cannot_be_made_again_says_why(tmp_path: Path) -> None:
    told = Told()
    (one,) = tried_with(tmp_path, {"s1": [5]}, Budget(3), told=told)
    assert one.over == "no more dice"
    assert "no more dice" in next(e.text for e in told if e.event == "warning")


def test_best_of_makes_so_many_takes_of_scenes_that_pass_too(tmp_path: Path) -> None:
    one, two = tried_with(tmp_path, {"s1": [0, 1, 2], "s2": [3, 1, 2]}, Budget(0), at_least=3)
    assert [len(one.takes), len(two.takes)] == [3, 3]
    assert [one.kept, two.kept] == [0, 1]


def test_the_ledger_gets_every_take_the_kept_one_first(tmp_path: Path) -> None:
    tried = tried_with(tmp_path, {"s1": [5, 2, 7]}, Budget(2))
    answers = answers_of(tried)
    assert [a.take.badness for a in answers] == [2, 5, 7]
    assert "take 2 of 3 is kept" in answers[0].notes[0].text
    assert "not used" in answers[1].notes[-1].text
