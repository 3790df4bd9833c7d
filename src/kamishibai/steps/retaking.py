"""retaking: takes that fail their gate are made again within a budget, and the best one is kept.

Everything here goes through cached calls, and what a retake cost is read back with it: a film that is made again
finds every take, judges it the same, and stops at the same place without calling a model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from kamishibai.gates.verdict import Verdict, better
from kamishibai.settings import GateMode
from kamishibai.work.call import Answer, Call
from kamishibai.work.events import Event
from kamishibai.work.records import Note
from kamishibai.work.runners.runner import Runner

__all__ = ["Budget", "Examined", "Tried", "answers_of", "retake"]


@dataclass(frozen=True)
class Budget:
    """How much retaking is allowed."""

    takes: int
    """Retakes of one scene."""
    seconds: float | None = None
    """Seconds that the models of all retakes may have taken together; the round in which they are passed is the last."""


@dataclass(frozen=True)
class Examined:
    """One take and what the gate says of it."""

    answer: Answer
    verdict: Verdict
    beside: tuple[Answer, ...] = ()
    """What it was judged by: transcripts, scores, measured facts."""


@dataclass
class Tried:
    """Every take of one scene, in the order they were made."""

    takes: list[Examined]
    over: str = ""
    """Why no further take was made; empty when the best one passed."""
    kept: int = 0
    """Index of the best take."""
    notes: list[Note] = field(default_factory=list)

    @property
    def best(self) -> Examined:
        """The take that is used."""
        return self.takes[self.kept]

    def add(self, take: Examined) -> None:
        """Add one more take; it is kept when it is better than the best so far."""
        self.takes.append(take)
        if better(take.verdict, self.best.verdict):
            self.kept = len(self.takes) - 1


Again = Callable[[Tried, int], Call | str]
"""Given what was tried and the number of the next take: the call for it, or why there can be none."""
Examine = Callable[[Sequence[Answer]], list[Examined]]
Mend = Callable[[Examined], Call | None]
"""Given a take that failed: the call that mends it without making it anew, such as cutting off what was added."""


def _nothing(take: Examined) -> Call | None:
    return None


def retake(
    first: Sequence[Examined],
    again: Again,
    examine: Examine,
    mode: GateMode,
    budget: Budget,
    runner: Runner,
    mend: Mend = _nothing,
    at_least: int = 1,
) -> list[Tried]:
    """Return what was tried for every scene, in the order of `first`; the best take of each is marked.

    All scenes that fail are retaken together, round by round, so that a model is loaded once a round at most. With
    `at_least`, so many takes of every scene are made to choose from, also of those that pass.
    """
    tried = [Tried([one]) for one in first]
    spent = 0.0
    if mode == "retake":
        _mend(tried, mend, examine, runner)
    rounds = max(at_least - 1, budget.takes if mode == "retake" else 0)
    for number in range(1, rounds + 1):
        calls: list[Call] = []
        whose: list[Tried] = []
        for one in tried:
            if one.over or (number >= at_least and (mode != "retake" or one.best.verdict.passed)):
                continue
            wanted = again(one, number)
            if isinstance(wanted, str):
                one.over = wanted
            elif number >= at_least and budget.seconds is not None and spent >= budget.seconds:
                one.over = f"the budget of {budget.seconds / 60:g} minutes for retakes is used up"
            else:
                calls.append(wanted)
                whose.append(one)
        if not calls:
            break
        answers = runner.run(calls)
        spent += sum(answer.seconds for answer in answers) if number >= at_least else 0.0
        for one, examined in zip(whose, examine(answers), strict=True):
            one.add(examined)
        if mode == "retake":
            _mend(whose, mend, examine, runner)
    for one in tried:
        _tell(one, runner)
    return tried


def _mend(tried: Sequence[Tried], mend: Mend, examine: Examine, runner: Runner) -> None:
    """Add a mended take of every scene whose last take failed and can be mended."""
    found = [(one, None if one.takes[-1].verdict.passed else mend(one.takes[-1])) for one in tried]
    whose = [(one, call) for one, call in found if call is not None]
    if whose:
        for (one, _), examined in zip(whose, examine(runner.run([call for _, call in whose])), strict=True):
            one.add(examined)


def _tell(one: Tried, runner: Runner) -> None:
    """Say of a scene how its take was chosen and what is still wrong with it."""
    best, count = one.best, len(one.takes)
    scene = best.answer.call.scene
    faults = ", ".join(best.verdict.faults)
    if count > 1:
        first = ", ".join(one.takes[0].verdict.faults)
        why = f"; the first: {first}" if first and one.kept else ""
        one.notes.append(Note(text=f"take {one.kept + 1} of {count} is kept{why}"))
    if not best.verdict.passed:
        why = f"; {one.over}" if one.over else f"; {count} takes were made" if count > 1 else ""
        one.notes.append(Note(text=f"{best.verdict.gate}: {faults}{why}", warn=True))
    for note in one.notes:
        text = f"scene {scene}: {note.text}" if scene else note.text
        stage = best.answer.call.stage
        runner.tell(Event(event="warning" if note.warn else "note", stage=stage, scene=scene, text=text))


def answers_of(tried: Sequence[Tried]) -> list[Answer]:
    """Return every answer for the ledger: of each scene the kept take first, with what there is to tell of it."""
    found: list[Answer] = []
    for one in tried:
        best = one.best.answer
        found.append(replace(best, notes=(*best.notes, *one.notes)))
        for index, take in enumerate(one.takes):
            if index != one.kept:
                why = ", ".join(take.verdict.faults) or "another take is better"
                note = Note(text=f"take {index + 1}, not used: {why}")
                found.append(replace(take.answer, notes=(*take.answer.notes, note)))
        for take in one.takes:
            found += take.beside
    return found
