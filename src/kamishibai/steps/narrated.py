"""narrated: every line is listened to, judged, and said again where that can help; the ear's word times where it needs them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from kamishibai.documents.storyboard import Scene, Storyboard
from kamishibai.documents.takes import Speech, Transcript
from kamishibai.gates.narration import judge_narration, trim_span
from kamishibai.gates.verdict import Verdict
from kamishibai.gates.wer import normal_words, word_errors
from kamishibai.models import registry
from kamishibai.steps.examiners import ExamineSpeech, TrimSpeech
from kamishibai.steps.gate_settings import Gates
from kamishibai.steps.hearing import listen_asks
from kamishibai.steps.models_chosen import Chosen
from kamishibai.steps.picks import NOTE, Picks
from kamishibai.steps.retaking import Examined, Tried, answers_of, retake
from kamishibai.steps.timing import heard_times
from kamishibai.work.call import Answer, Call
from kamishibai.work.runners.runner import Runner

__all__ = ["Narrated", "Narration"]

EXAMINER = "kamishibai.steps.examiners:SpeechExaminer"
TRIMMER = "kamishibai.steps.examiners:SpeechTrimmer"
Again = Callable[[Scene, int], Call]
"""Given a scene and the number of a take: the call that says its line."""


@dataclass
class Narrated:
    """The narration of a film, in the order of its scenes."""

    speeches: list[Speech]
    transcripts: list[Transcript] | None
    """None when nobody listened."""
    verdicts: list[Verdict] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)


class Narration:
    """Listens to the lines of one film.

    Parameters
    ----------
    ear
        Who listens; its id is None when nobody does, and takes are then judged by their sound alone.
    picks
        Takes that a person chose are not said again.
    """

    def __init__(self, board: Storyboard, gates: Gates, ear: Chosen, picks: Picks) -> None:
        self.board = board
        self.picks = picks
        self.gates = gates
        self.ear = ear

    def questions(self, answers: Sequence[Answer]) -> list[Call]:
        """Return the calls that tell how these takes sound: what is heard in them, and what is measured."""
        calls = []
        spoken = [(answer.call.scene, answer.take) for answer in answers if answer.take.spoken]
        honours = registry.make(self.ear.id, self.ear.options).honours() if self.ear.id else frozenset()
        listens = listen_asks(spoken, self.board.language, honours)
        for (scene, speech), ask in zip(spoken, listens, strict=True):
            if self.ear.id:
                calls.append(Call("listen", scene, self.ear.id, ask, Transcript, self.ear.options))
            if self.gates.looks("narration"):
                words = len(normal_words(speech.spoken, self.board.language))
                examine = ExamineSpeech(sound=speech.sound, words=words)
                calls.append(Call("examine", scene, "gate:narration", examine, _facts(), path=EXAMINER))
        return calls

    def judged(self, answers: Sequence[Answer], found: Sequence[Answer]) -> list[Examined]:
        """Return the verdict on each take; `found` answers its `questions`, in their order."""
        left = list(found)
        out = []
        for answer in answers:
            mine: list[Answer] = []
            if answer.take.spoken:
                count = bool(self.ear.id) + self.gates.looks("narration")
                mine, left = left[:count], left[count:]
            out.append(Examined(answer, self._verdict(answer, mine), tuple(mine)))
        return out

    def _verdict(self, answer: Answer, found: Sequence[Answer]) -> Verdict:
        scene = answer.call.scene
        heard, facts = _heard(found), next((a.take for a in found if a.call.stage == "examine"), None)
        if facts is None:
            return Verdict(gate="narration", scene=scene, passed=True)
        speech: Speech = answer.take
        errors = None if heard is None else word_errors(speech.spoken, heard.text, self.board.language)
        return judge_narration(facts, errors, self.gates.limits("narration"), scene=scene)

    def settle(self, first: Sequence[Examined], again: Again | None, runner: Runner) -> Narrated:
        """Return the narration after its retakes; `again` says a line once more, None: a recording cannot."""
        scenes = {scene.id: scene for scene in self.board.scenes}

        def next_take(tried: Tried, number: int) -> Call | str:
            if again is None:
                return "it is a recording"
            if self.picks.has("voice", tried.best.answer.call.scene):
                return NOTE
            call = again(scenes[tried.best.answer.call.scene], number)
            if not registry.class_of(call.maker).varies:
                return f"{call.maker} says a line the same way every time"
            return call

        def examine(answers: Sequence[Answer]) -> list[Examined]:
            return self.judged(answers, runner.run(self.questions(answers)))

        tried = retake(
            first,
            next_take,
            examine,
            self.gates.modes["narration"],
            self.gates.budget,
            runner,
            mend=self._trim,
        )
        by_scene = {one.best.answer.call.scene: one.best for one in tried}
        kept = [by_scene[scene.id] for scene in self.board.scenes]
        heard = [_heard(take.beside) or Transcript(text="") for take in kept]
        return Narrated(
            speeches=[self._timed(take.answer.take, said) for take, said in zip(kept, heard, strict=True)],
            transcripts=heard if self.ear.id else None,
            verdicts=[take.verdict for take in kept] if self.gates.looks("narration") else [],
            answers=answers_of(tried),
        )

    def _trim(self, take: Examined) -> Call | None:
        """Return the call that cuts off what was said before the first or after the last word of the line."""
        heard, speech = _heard(take.beside), take.answer.take
        if heard is None or take.answer.call.maker == "gate:trim":
            return None
        span = trim_span(heard.words, speech.spoken, speech.seconds, self.board.language)
        if span is None:
            return None
        ask = TrimSpeech(speech=speech, start=span[0], end=span[1])
        return Call("speak", take.answer.call.scene, "gate:trim", ask, Speech, path=TRIMMER)

    def _timed(self, speech: Speech, heard: Transcript) -> Speech:
        if not speech.estimated or not heard.words:
            return speech
        words = heard_times(speech.words, heard.words, speech.seconds, self.board.language)
        return speech.model_copy(update={"words": words})


def _heard(found: Sequence[Answer]) -> Transcript | None:
    return next((answer.take for answer in found if answer.call.stage == "listen"), None)


def _facts() -> type:
    from kamishibai.gates.narration import NarrationFacts

    return NarrationFacts
