"""clipped: generated clips are watched, judged, and made again where that can help; camera moves over a still are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kamishibai.documents.takes import Shot
from kamishibai.gates.clip import ClipSeries, judge_clip
from kamishibai.gates.verdict import Verdict
from kamishibai.models.kinds import Animate
from kamishibai.steps.examiners import ExamineClip
from kamishibai.steps.gate_settings import Gates
from kamishibai.steps.picks import NOTE, Picks
from kamishibai.steps.retaking import Examined, Tried, answers_of, retake
from kamishibai.work.call import Answer, Call
from kamishibai.work.key import seed_for
from kamishibai.work.runners.runner import Runner

__all__ = ["Watched", "watch"]

EXAMINER = "kamishibai.steps.examiners:ClipExaminer"


@dataclass
class Watched:
    """The shots of a film after their gate."""

    answers: list[Answer]
    verdicts: list[Verdict] = field(default_factory=list)


def watch(
    moved: Sequence[Answer], gates: Gates, seed: int, runner: Runner, picks: Picks | None = None
) -> Watched:
    """Return the shots that are kept, the answers behind them, and what the gate says of every generated clip."""
    picks = picks or Picks()
    clips = [answer for answer in moved if answer.take.clip is not None]
    others = [answer for answer in moved if answer.take.clip is None]
    if not clips or not gates.looks("clip"):
        return Watched(list(moved))

    def examine(answers: Sequence[Answer]) -> list[Examined]:
        found = runner.run([_question(answer) for answer in answers])
        return [_judged(answer, facts, gates) for answer, facts in zip(answers, found, strict=True)]

    def again(tried: Tried, number: int) -> Call | str:
        first = tried.takes[0].answer.call
        assert isinstance(first.ask, Animate)
        if picks.has("motion", first.scene):
            return NOTE
        fresh = seed_for(seed, first.scene, "motion", number)
        return replace(first, ask=first.ask.model_copy(update={"seed": fresh}))

    tried = retake(examine(clips), again, examine, gates.modes["clip"], gates.budget, runner)
    return Watched([*others, *answers_of(tried)], [one.best.verdict for one in tried])


def _question(answer: Answer) -> Call:
    shot: Shot = answer.take
    assert shot.clip is not None
    ask = ExamineClip(clip=shot.clip)
    return Call("watch", answer.call.scene, "gate:clip", ask, ClipSeries, path=EXAMINER)


def _judged(answer: Answer, facts: Answer, gates: Gates) -> Examined:
    verdict = judge_clip(facts.take, gates.limits("clip"), scene=answer.call.scene)
    return Examined(answer, verdict, (facts,))
