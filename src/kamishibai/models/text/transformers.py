"""text:transformers: a language model plans storyboards, writes stories and mends prompts, and answers in JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from kamishibai.devices.plan import Dtype, Quantise
from kamishibai.documents.frozen import Frozen, canonical_json
from kamishibai.errors import ModelError, UnsupportedError
from kamishibai.models.base import Desk, Licence, Model, Needs
from kamishibai.models.kinds import Board, Draft, Mend, Mended, Tale, Write
from kamishibai.models.text.llm import boards, mending, tales
from kamishibai.models.text.llm.interview import Interview
from kamishibai.models.text.planner import Planner, plan
from kamishibai.pretrained.opening import Placed, Placing, close_model, open_model, placing
from kamishibai.weights.layout import read_json
from kamishibai.weights.pretrained import BACK_ENDS, Pretrained, digest_of, find, terms_of

__all__ = ["LanguageModel"]

DEFAULT = "qwen2.5-1.5b"
_OLD_NAMES = frozenset({"GPT2LMHeadModel", "OpenAIGPTLMHeadModel", "CTRLLMHeadModel"})
"""Causal language models that were named before the others agreed on ``…ForCausalLM``."""
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json")
_TEMPER: dict[Any, float] = {Draft: 0.2, Mend: 0.4, Write: 0.8}
"""Staging keeps to the story; writing may wander."""


class LanguageModel(Model[Any, Any]):
    """Any causal language model of transformers with a tokenizer.json: Qwen, Llama, SmolLM, Mistral, Gemma …

    It can say nothing but JSON of a fixed form, so that a small model's answer is valid too; whether it is any good
    depends on the model. What it leaves out of a storyboard is text:planner's, and the user is told.
    """

    id: ClassVar[str] = "text:transformers"
    version: ClassVar[str] = "1"
    asks: ClassVar[type[Frozen]] = Draft
    also: ClassVar[tuple[type[Frozen], ...]] = (Write, Mend)
    default: ClassVar[str] = DEFAULT
    lane: ClassVar[Literal["pool", "device"]] = "device"

    class Options(Model.Options):
        """How it chooses its words, and where its weights lie."""

        unkeyed: ClassVar[frozenset[str]] = frozenset({"device"})

        temperature: float | None = Field(default=None, ge=0, le=2)
        """0 takes the likeliest word, 1 draws freely; left out: 0.2 for storyboards, 0.4 for prompts, 0.8 for stories."""
        top_p: float = Field(default=0.95, gt=0, le=1)
        """Leaves out the unlikely rest of all words: 0.9 keeps those that make up 90 %."""
        max_new_tokens: int = Field(default=4096, ge=16, le=32768)
        """How long one answer may be; a longer one is cut off and asked for again."""
        quantise: Quantise = "none"
        """`int8` or `int4`: smaller weights, on a card with the package bitsandbytes."""
        dtype: Dtype | Literal["auto"] = "auto"
        """Numbers of the weights; `auto` fits the machine."""
        device: str = Field(default="auto", max_length=20)
        """``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``."""

    options: Options

    def __init__(self, options: Frozen | None = None, variant: str = "") -> None:
        super().__init__(options, variant)
        self._known: Pretrained | None = None
        self._placed: Placed | None = None
        self._writer: Any = None

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return that the terms are those of the weights; `terms` has them."""
        return (Licence(name="of the weights in use", commercial=False),)

    @classmethod
    def needs(cls) -> Needs:
        """Return what a model of 1.5 billion numbers takes from the machine."""
        return Needs(memory_mb=4000, download_mb=3100, extra="models")

    def _found(self) -> Pretrained:
        if self._known is None:
            name = self.variant or DEFAULT
            found = find(name, "text", None)
            _refuse_others(found, name)
            self._known = found
        return self._known

    def _placing(self, *, with_torch: bool = False) -> Placing:
        own = self.options
        return placing(self._found(), own.device, own.dtype, own.quantise, with_torch=with_torch)

    def terms(self) -> tuple[Licence, ...]:
        """Return the terms of the weights, and of the planner that stands in where they fail."""
        return (terms_of(self._found()), *Planner.licence())

    def takes_up(self) -> Needs:
        """Return what these weights take from the machine."""
        found = self._found()
        return Needs(memory_mb=self._placing().estimate_mb, disk_mb=found.weights_mb, extra="models")

    def placement(self) -> tuple[str, ...]:
        """Return how its weights would lie in this machine's memory, without torch."""
        return self._placing().why

    def weights(self) -> str:
        """Return a hash of the weights and of the planner's version, which is part of every board.

        Raises
        ------
        UnknownModelError, ModelError, UnsupportedError
            When they are missing, damaged, unsafe, or no causal language model.
        """
        parts = {"weights": digest_of(self._found()), "planner": Planner.version}
        return hashlib.sha256(canonical_json(parts)).hexdigest()

    def load(self) -> None:
        """Bring the weights into memory. Raises ModelError when they are damaged, UnsupportedError for its tokenizer."""
        from kamishibai.models.text.llm.constrained import JsonWriter

        found = self._found()
        self._placed = open_model("AutoModelForCausalLM", found, self._placing(with_torch=True))
        self._writer = JsonWriter(found, self._placed)

    def run(self, asks: Sequence[Any], desk: Desk) -> list[Any]:
        """Answer every ask, in order: a board, a tale or a mended prompt. Raises Cancelled within a few tokens."""
        if not self._writer.chats:
            desk.note(
                f"{_called(self._found())} has no chat template: it goes on from plain text, which it may do badly"
            )
        takes: list[Board | Tale | Mended] = []
        for number, ask in enumerate(asks):
            desk.progress(number / len(asks))
            interview = self._interview(ask, desk, (number / len(asks), (number + 1) / len(asks)))
            if isinstance(ask, Write):
                takes.append(tales.tell_tale(ask, interview))
            elif isinstance(ask, Mend):
                takes.append(mending.mend(ask, interview))
            else:
                takes.append(boards.draft(ask, plan(ask.story, ask.seed), interview))
        return takes

    def _interview(self, ask: Any, desk: Desk, span: tuple[float, float]) -> Interview:
        own = self.options
        return Interview(
            self._writer,
            desk,
            name=_called(self._found()),
            seed=ask.seed,
            temperature=_TEMPER[type(ask)] if own.temperature is None else own.temperature,
            top_p=own.top_p,
            most=own.max_new_tokens,
            span=span,
        )

    def unload(self) -> None:
        """Give the memory back."""
        self._writer = None
        placed, self._placed = self._placed, None
        close_model(placed)


def _called(found: Pretrained) -> str:
    """Return a short name for messages: of a folder its last part."""
    return found.name if found.repo else found.path.name


def _refuse_others(found: Pretrained, name: str) -> None:
    """Refuse a checkpoint that is no causal language model, or that has no tokenizer; torch is not asked."""
    config = read_json(found.path / "config.json")
    said = config.get("architectures")
    architectures = [one for one in said if isinstance(one, str)] if isinstance(said, list) else []
    if not any(one.endswith("ForCausalLM") or one in _OLD_NAMES for one in architectures):
        other = BACK_ENDS.get(found.model_type)
        raise UnsupportedError(
            f"this is {architectures[0] if architectures else 'a model that does not say what it is'} "
            f"({found.model_type or 'no type'}), and no causal language model",
            where=str(found.path / "config.json"),
            hint=f"this one is for `{other}:{name}`"
            if other
            else "choose a …ForCausalLM, such as Qwen2.5-1.5B-Instruct or SmolLM2-1.7B-Instruct",
        )
    if not any((found.path / one).is_file() for one in _TOKENIZERS):
        raise ModelError(
            "the checkpoint has no tokenizer",
            where=str(found.path),
            hint=f"it needs one of {', '.join(_TOKENIZERS)} beside config.json",
        )
