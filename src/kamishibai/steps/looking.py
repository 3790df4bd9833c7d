"""looking: what is measured in pictures, what an eye compares and a critic answers, brought together to one verdict a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kamishibai.documents.storyboard import Scene, Storyboard
from kamishibai.documents.takes import Score
from kamishibai.gates.critic import critic_faults, questions_for
from kamishibai.gates.matching import Fit, alike_scenes, judge_pictures
from kamishibai.gates.still import StillFacts, judge_still, letters_wanted
from kamishibai.gates.verdict import Verdict
from kamishibai.models.base import Reads
from kamishibai.models.kinds import Judge, Look, Notes
from kamishibai.steps.examiners import ExamineStill
from kamishibai.steps.gate_settings import Gates
from kamishibai.steps.models_chosen import Chosen
from kamishibai.steps.prompt import picture_prompt
from kamishibai.steps.retaking import Examined
from kamishibai.work.call import Answer, Call
from kamishibai.work.runners.runner import Runner

__all__ = ["Looking", "described"]

EXAMINER = "kamishibai.steps.examiners:StillExaminer"
NEIGHBOURS = 12
"""Scenes before and after, whose texts a picture is held against: more hardly tell more, and all of 500 would cost."""


def described(scene: Scene, board: Storyboard) -> str:
    """Return a scene in words as its line is understood: who is seen, with what, where and when.

    The line itself says "he picked it up", which nothing can be compared with; and what comes after the first sentence
    of a prompt, light and mood, is much the same in every scene. A prompt of the user's own is taken as it is.
    """
    text = picture_prompt(scene, board.cast, "", Reads()).positive
    return text if scene.prompt else text.partition(". ")[0]


class Looking:
    """Looks at the pictures of one film, round by round, and remembers what was said of those before."""

    def __init__(self, board: Storyboard, gates: Gates, models: Mapping[str, Chosen], runner: Runner) -> None:
        self.board, self.gates, self.runner = board, gates, runner
        self.eye, self.critic = models.get("eye"), models.get("critic")
        self.scenes = {scene.id: scene for scene in board.scenes}
        self.compares = bool((self.eye and self.eye.id) or (self.critic and self.critic.id))
        """Whether anybody can say which of two sound pictures is the better one."""
        self._texts = {scene.id: described(scene, board) for scene in board.scenes}
        self._alike = alike_scenes(board.scenes, self._texts)
        self._fits: list[Fit] = []

    def examine(self, answers: Sequence[Answer]) -> list[Examined]:
        """Return a verdict on each picture."""
        calls = [call for answer in answers for call in self._questions(answer)]
        found = self.runner.run(calls)
        each = len(calls) // len(answers) if answers else 0
        beside = [found[i * each : (i + 1) * each] for i in range(len(answers))]
        fitting = self._fitting(answers, beside)
        return [
            Examined(answer, self._verdict(answer, mine, fit), tuple(mine))
            for answer, mine, fit in zip(answers, beside, fitting, strict=True)
        ]

    def missed(self, take: Examined) -> tuple[str, ...]:
        """Return what the critic did not see in a picture."""
        return next((critic_faults(a.take.answers) for a in take.beside if a.call.stage == "judge"), ())

    def _questions(self, answer: Answer) -> list[Call]:
        scene, image = answer.call.scene, answer.take.image
        calls = [Call("inspect", scene, "gate:picture", ExamineStill(image=image), StillFacts, path=EXAMINER)]
        if self.eye is not None and self.eye.id:
            look = Look(image=image, texts=tuple(self._texts[other] for other in self._held_against(scene)))
            calls.append(Call("look", scene, self.eye.id, look, Score, self.eye.options))
        if self.critic is not None and self.critic.id:
            asked = questions_for(self.scenes[scene], self.board.cast)
            judge = Judge(image=image, line=self.scenes[scene].line, questions=asked)
            calls.append(Call("judge", scene, self.critic.id, judge, Notes, self.critic.options))
        return calls

    def _held_against(self, scene: str) -> list[str]:
        """Return the scene itself and its neighbours."""
        order = list(self.scenes)
        at = order.index(scene)
        return order[max(0, at - NEIGHBOURS) : at + NEIGHBOURS + 1]

    def _fitting(self, answers: Sequence[Answer], beside: Sequence[Sequence[Answer]]) -> list[Verdict | None]:
        """Return what the eye's scores say of each picture, beside all that were seen before."""
        fits = []
        for answer, mine in zip(answers, beside, strict=True):
            score = next((a.take for a in mine if a.call.stage == "look"), None)
            if score is not None:
                names = self._held_against(answer.call.scene)
                take = sum(fit.scene == answer.call.scene for fit in self._fits)
                texts = dict(zip(names, score.texts, strict=True))
                fits.append(Fit(scene=answer.call.scene, texts=texts, take=take))
        if not fits:
            return [None] * len(answers)
        self._fits += fits
        judged = judge_pictures(self._fits, self._alike, self.gates.limits("picture", "MatchingLimits"))
        return [*judged[-len(fits) :]]

    def _verdict(self, answer: Answer, beside: Sequence[Answer], fit: Verdict | None) -> Verdict:
        """Return one verdict out of what was measured, compared and answered."""
        scene = answer.call.scene
        facts = next(a.take for a in beside if a.call.stage == "inspect")
        letters = letters_wanted(self.scenes[scene])
        found = [judge_still(facts, self.gates.limits("picture"), scene, letters=letters)]
        if fit is not None:
            found.append(fit)
        notes = next((a.take for a in beside if a.call.stage == "judge"), None)
        missed = critic_faults(notes.answers) if notes is not None else ()
        measured: dict[str, float | int | str | None] = {}
        for verdict in found:
            measured |= verdict.measured
        if notes is not None:
            measured |= {"asked": len(notes.answers), "missed": len(missed)}
        faults = [fault for verdict in found for fault in verdict.faults] + list(missed)
        return Verdict(
            gate="picture",
            scene=scene,
            passed=not faults,
            faults=tuple(dict.fromkeys(faults)),
            badness=round(sum(verdict.badness for verdict in found) + 0.5 * len(missed), 6),
            measured=measured,
        )
