"""On paper: the film is gone through without making anything, and of every call it is said whether and why it would be made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from kamishibai.documents.frozen import Frozen
from kamishibai.steps.stand_ins import StandIns
from kamishibai.work.call import Answer, Call, foresee, keyed
from kamishibai.work.events import Event
from kamishibai.work.explain import CallKey, Explainer, Reason
from kamishibai.work.store import Store

__all__ = ["CallPlan", "NotYet", "OnPaper", "compared"]


class NotYet(Exception):
    """What follows depends on takes of which nothing can be foreseen."""


class CallPlan(Frozen):
    """One call of a film, before it is made."""

    stage: str
    scene: str
    maker: str
    state: Literal["reuse", "make", "follow"]
    """``reuse``: it is there; ``make``: it will be made; ``follow``: it is made from something that will be, and is made
    too unless that turns out as it was."""
    why: Reason | None = None
    """None for what is reused."""
    key: str = ""
    """Empty while it follows: its key is known when what it is made from is."""


class OnPaper:
    """A runner that makes nothing: it answers from the store, and with stand-ins.

    Parameters
    ----------
    before
        The calls of the film as it was made last.
    other
        Use the other set of stand-ins.
    """

    def __init__(self, store: Store, before: Iterable[CallKey] = (), *, other: bool = False) -> None:
        self._store = store
        self._explainer = Explainer(store, before)
        self._stand_ins = StandIns(other)
        self._made: set[str] = set()
        self.calls: list[tuple[Call, str, bool, Reason | None]] = []
        """Every call, its key, whether its answer is there (or is made for another scene), and why not."""

    def run(self, calls: Sequence[Call]) -> list[Answer]:
        """Return an answer to every call. Raises NotYet where there can be none."""
        items = keyed(calls)
        found = {item.key: answer for item in items if (answer := foresee(self._store, item)) is not None}
        reasons = self._explainer.reasons(items, {item.key for item in items} - found.keys())
        answers = []
        for item in items:
            there = item.key in found or item.key in self._made
            self.calls.append((item.call, item.key, there, None if there else reasons.get(item.key)))
            take: Any = found[item.key].take if item.key in found else self._stand_ins.take(item)
            if item.key not in found:
                self._made.add(item.key)
            if take is None:
                raise NotYet
            self._stand_ins.learn(take)
            seconds = found[item.key].seconds if item.key in found else 0.0
            notes = found[item.key].notes if item.key in found else ()
            reused = item.key in found
            answers.append(Answer(item.call, item.key, take, reused, seconds, item.version, notes))
        self._explainer.learn(answers)
        return answers

    def tell(self, event: Event) -> None:
        """Say nothing."""


def compared(likely: OnPaper, other: OnPaper | None) -> tuple[CallPlan, ...]:
    """Return what is known of every call, from two goes with different stand-ins; one is enough where nothing is missing.

    A call whose key is the same in both does not depend on what is still to be made.
    """
    others: dict[tuple[str, str, int], str] = {}
    count: dict[tuple[str, str], int] = {}
    for call, key, _, _ in other.calls if other is not None else ():
        at = (call.stage, call.scene)
        others[(call.stage, call.scene, count.get(at, 0))] = key
        count[at] = count.get(at, 0) + 1
    count.clear()
    out = []
    for call, key, there, why in likely.calls:
        at = (call.stage, call.scene)
        number = count.get(at, 0)
        count[at] = number + 1
        sure = other is None or others.get((call.stage, call.scene, number)) == key
        state: Literal["reuse", "make", "follow"] = "follow" if not sure else "reuse" if there else "make"
        if state == "follow" and why is None:
            # By chance the stand-in led to something that is there.
            why = Reason(cause="cascade", text="the clock of the film may change")
        out.append(
            CallPlan(
                stage=call.stage,
                scene=call.scene,
                maker=call.maker,
                state=state,
                why=None if state == "reuse" else why,
                key=key if sure else "",
            )
        )
    return tuple(out)
