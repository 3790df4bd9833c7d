"""pictured: every scene's picture is drawn, looked at, judged, and drawn again where that can help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Scene, Storyboard
from kamishibai.documents.takes import Still
from kamishibai.gates.critic import mended_prompt
from kamishibai.gates.verdict import Verdict
from kamishibai.models import registry
from kamishibai.models.base import Model
from kamishibai.models.kinds import Draw, Mend, Mended
from kamishibai.steps.cast import references_for
from kamishibai.steps.draw import draw_ask
from kamishibai.steps.gate_settings import Gates
from kamishibai.steps.looking import Looking
from kamishibai.steps.models_chosen import Chosen
from kamishibai.steps.picks import NOTE, Picks
from kamishibai.steps.retaking import Tried, answers_of, retake
from kamishibai.work.call import Answer, Call
from kamishibai.work.events import Event
from kamishibai.work.runners.runner import Runner

__all__ = ["Pictured", "Pictures"]


@dataclass
class Pictured:
    """The pictures of a film that are kept."""

    kept: list[Answer]
    """One a scene, in order."""
    verdicts: list[Verdict] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)


class Pictures:
    """Draws the scenes of one film.

    Parameters
    ----------
    size
        (width, height) of the film in pixels.
    portraits
        What the cast looks like, by cast id.
    picks
        Pictures that a person chose are not drawn again.
    """

    def __init__(
        self,
        board: Storyboard,
        size: tuple[int, int],
        chosen: Chosen,
        model: Model[Any, Any],
        portraits: Mapping[str, Ref],
        picks: Picks,
    ) -> None:
        self.board = board
        self.picks = picks
        self.chosen = chosen
        self.portraits = portraits
        self.scenes = {scene.id: scene for scene in board.scenes}
        self._size = size
        self._honours, self._reads = model.honours(), model.reads()

    def ask(self, scene: Scene, take: int = 0) -> Draw:
        """Return the ask for a scene's picture, `take` counted from 0."""
        ask = draw_ask(
            self.board,
            scene,
            *self._size,
            take,
            reads=self._reads,
            honours=self._honours,
        )
        if "references" in self._honours:
            held = references_for(scene, self.board.cast, self.portraits)
            ask = ask.model_copy(update={"references": held})
        return ask

    def call(self, scene_id: str, ask: Draw) -> Call:
        """Return the call that draws `ask`."""
        assert self.chosen.id is not None
        return Call("draw", scene_id, self.chosen.id, ask, Still, self.chosen.options)

    def again(self, scene: Scene, take: int) -> Call | str:
        """Return the call that draws a scene's `take`, or why there can be none."""
        if self.picks.has("picture", scene.id):
            return NOTE
        return self.call(scene.id, self.ask(scene, take))

    def settle(
        self, first: Sequence[Answer], gates: Gates, models: Mapping[str, Chosen], runner: Runner
    ) -> Pictured:
        """Return the pictures after their retakes: the best of each scene by its measures, the eye and the critic."""
        if not gates.looks("picture") or not first:
            return Pictured(kept=list(first), answers=list(first))
        looking = Looking(self.board, gates, models, runner)
        mended: dict[str, str] = {}
        beside: list[Answer] = []

        def again(tried: Tried, number: int) -> Call | str:
            id_ = tried.best.answer.call.scene
            if self.picks.has("picture", id_):
                return NOTE
            ask = self.ask(self.scenes[id_], number)
            missed = looking.missed(tried.takes[-1])
            if missed and number <= gates.critic_rounds:
                before = mended.get(id_, ask.prompt)
                mended[id_] = self._mended(
                    before, self.scenes[id_], missed, models.get("text"), runner, beside
                )
            return self.call(id_, ask.model_copy(update={"prompt": mended.get(id_, ask.prompt)}))

        at_least = gates.best_of if looking.compares else 1
        if gates.best_of > at_least:
            text = (
                f"one picture a scene is drawn, not {gates.best_of}: --eye or --critic names who could choose"
            )
            runner.tell(Event(event="warning", stage="draw", text=text))
        tried = retake(
            looking.examine(first), again, looking.examine, gates.modes["picture"], gates.budget, runner,
            at_least=at_least,
        )  # fmt: skip
        return Pictured(
            kept=[one.best.answer for one in tried],
            verdicts=[one.best.verdict for one in tried],
            answers=[*answers_of(tried), *beside],
        )

    def _mended(
        self,
        prompt: str,
        scene: Scene,
        faults: Sequence[str],
        text: Chosen | None,
        runner: Runner,
        beside: list[Answer],
    ) -> str:
        """Return the prompt with what the critic missed, by the language model that the film has, else by rule."""
        tags = self._reads.style == "tags"
        if text is None or text.id is None or Mend not in registry.class_of(text.id).verbs():
            return mended_prompt(prompt, faults, tags=tags)
        ask = Mend(prompt=prompt, line=scene.line, faults=tuple(faults), tags=tags, seed=self.board.seed)
        (answer,) = runner.run([Call("mend", scene.id, text.id, ask, Mended, text.options)])
        beside.append(answer)
        return str(answer.take.prompt)
