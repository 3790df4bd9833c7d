"""critic:llava: LLaVA and other models of transformers that look at a picture and answer in words."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from kamishibai.devices.plan import Dtype, Quantise
from kamishibai.documents.frozen import Frozen
from kamishibai.models.base import Desk, Licence, Model, Needs
from kamishibai.models.critic.answers import (
    alt_text,
    is_yes_or_no,
    likely_yes,
    plain,
    sentences,
    verdict_of,
)
from kamishibai.models.critic.processors import PROCESSORS, chat_template
from kamishibai.models.critic.talking import Seen, Talk
from kamishibai.models.kinds import Answered, Judge, Notes
from kamishibai.pretrained.opening import Placed, Placing, close_model, open_model, placing
from kamishibai.weights.licences import licence_named
from kamishibai.weights.pretrained import Pretrained, digest_of, find, terms_of

__all__ = ["TYPES", "Llava"]

DEFAULT = "llava-1.5-7b"
TYPES = tuple(sorted(PROCESSORS))
"""Types of model that it knows how to show a picture to."""
CAPTION = (
    "Describe this picture in one to three sentences: who and what is seen, what happens, and where. "
    "Say only what can be seen."
)
BRIEF = "Answer with yes or no."
FEW = 24
"""Tokens of an answer that is a yes or a no."""


class Llava(Model[Judge, Notes]):
    """Describes a picture, and answers questions about it, each in a conversation of its own.

    A question that yes or no answers is decided by which of the two the model holds for likelier as its first word,
    not by what it goes on to say: models that like to agree are more honest there. It never sees the story's line, so
    that it cannot see in a picture what it has only read.
    Liu et al. 2023, https://arxiv.org/abs/2304.08485.
    """

    id: ClassVar[str] = "critic:llava"
    version: ClassVar[str] = "2"
    asks: ClassVar[type[Frozen]] = Judge
    default: ClassVar[str] = DEFAULT
    lane: ClassVar[Literal["pool", "device"]] = "device"
    batch = 4

    class Options(Model.Options):
        """How it answers, and where its weights lie."""

        unkeyed: ClassVar[frozenset[str]] = frozenset({"device"})

        max_new_tokens: int = Field(default=160, ge=16, le=1024)
        """How long a caption or an answer may be, in tokens; a yes or a no is short anyway."""
        temperature: float = Field(default=0.0, ge=0, le=2)
        """How daring it is; 0 takes the likeliest word every time, whatever the seed."""
        surely_no: float = Field(default=0.35, ge=0, le=1)
        """Up to this likelihood of a yes, of yes and no, the answer is no."""
        surely_yes: float = Field(default=0.65, ge=0, le=1)
        """From this likelihood of a yes the answer is yes; between the two it is unsure."""
        either: float = Field(default=0.05, ge=0, le=1)
        """How likely yes and no must be together, of all that may be said; below it the answer is unsure."""
        quantise: Quantise = "none"
        """``int8`` or ``int4`` weights, on a graphics card with the package bitsandbytes."""
        dtype: Dtype | Literal["auto"] = "auto"
        """Numbers of the weights; ``auto`` fits the machine."""
        device: str = Field(default="auto", max_length=20)
        """``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``."""

        @model_validator(mode="after")
        def _in_order(self) -> Llava.Options:
            if self.surely_no >= self.surely_yes:
                raise ValueError("surely_no is below surely_yes")
            return self

    options: Options

    def __init__(self, options: Frozen | None = None, variant: str = "") -> None:
        super().__init__(options, variant)
        self._known: Pretrained | None = None
        self._placed: Placed | None = None
        self._talk: Talk | None = None

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms of LLaVA 1.5, which is what is taken when no other is named."""
        return (licence_named("llama2", "https://huggingface.co/llava-hf/llava-1.5-7b-hf"),)

    @classmethod
    def needs(cls) -> Needs:
        """Return what LLaVA 1.5 of 7 billion numbers takes in half precision."""
        return Needs(memory_mb=18000, download_mb=14100, extra="models")

    def _found(self) -> Pretrained:
        if self._known is None:
            self._known = find(self.variant or DEFAULT, "critic", TYPES)
            chat_template(self._known)  # refuses a model that nobody knows how to speak to
        return self._known

    def _placing(self, *, with_torch: bool = False) -> Placing:
        own = self.options
        return placing(self._found(), own.device, own.dtype, own.quantise, with_torch=with_torch)

    def terms(self) -> tuple[Licence, ...]:
        """Return the terms of the weights in use."""
        return (terms_of(self._found()),)

    def takes_up(self) -> Needs:
        """Return what these weights take from the machine."""
        found = self._found()
        return Needs(memory_mb=self._placing().estimate_mb, disk_mb=found.weights_mb, extra="models")

    def placement(self) -> tuple[str, ...]:
        """Return how its weights would lie in this machine's memory, without torch."""
        return self._placing().why

    def weights(self) -> str:
        """Return a hash of the weights and of every file beside them. Raises as `find` for what must not be loaded."""
        return digest_of(self._found())

    def settle(self, ask: Judge) -> Judge:
        """Return `ask` without what is not told to the model: the line, and the seed where nothing is left to chance."""
        return ask.model_copy(update={"line": "", **({} if self.options.temperature else {"seed": 0})})

    def load(self) -> None:
        """Bring the model into memory. Raises ModelError when its files are damaged or do not go together."""
        found = self._found()
        self._placed = open_model("AutoModelForImageTextToText", found, self._placing(with_torch=True))
        self._talk = Talk(found, self._placed)

    def run(self, asks: Sequence[Judge], desk: Desk) -> list[Notes]:
        """Answer every ask, in order, one question at a time. Raises Cancelled within one word of being asked to stop."""
        from PIL import Image

        assert self._talk is not None
        steps = sum(len(ask.questions) + ask.describe for ask in asks) or 1
        done = 0

        def tick() -> None:
            desk.progress(min(1.0, done / steps))

        notes = []
        for ask in asks:
            tick()
            with Image.open(io.BytesIO(desk.open(ask.image))) as opened:
                seen = self._talk.look(opened.convert("RGB"))
            answers = []
            for question in ask.questions:
                answers.append(self._answer(seen, question, ask.seed, tick))
                done += 1
            caption = ""
            if ask.describe:
                said, _ = self._say(seen, CAPTION, ask.seed, self.options.max_new_tokens, tick)
                caption = sentences(said)
                done += 1
            notes.append(Notes(caption=caption, alt=alt_text(caption), answers=tuple(answers)))
        desk.progress(1.0)
        return notes

    def _answer(self, seen: Seen, question: str, seed: int, tick: Callable[[], None]) -> Answered:
        """Return the answer to one question, asked for itself so that no answer leans on another."""
        talk, own = self._talk, self.options
        assert talk is not None
        closed = is_yes_or_no(question)
        words = f"{question} {BRIEF}" if closed else question
        most = min(FEW, own.max_new_tokens) if closed else own.max_new_tokens
        said, first = self._say(seen, words, seed, most, tick)
        yes = likely_yes(first, talk.yes, talk.no, own.either)
        if not closed and int(first.argmax()) not in talk.yes | talk.no:
            yes = None
        return Answered(
            question=question, said=said, yes=yes, verdict=verdict_of(yes, own.surely_no, own.surely_yes)
        )

    def _say(self, seen: Seen, words: str, seed: int, most: int, tick: Callable[[], None]) -> tuple[str, Any]:
        talk = self._talk
        assert talk is not None
        said, first = talk.say(
            seen, words, seed=seed, most=most, temperature=self.options.temperature, tick=tick
        )
        return plain(said, talk.marks), first

    def unload(self) -> None:
        """Give the memory back."""
        placed, self._placed, self._talk = self._placed, None, None
        close_model(placed)
