"""A language model that can only answer in the form of a JSON schema: at every step other words are out of its reach.

The set of tokens that may come next is computed by llguidance (https://github.com/guidance-ai/llguidance); what the
form prescribes anyway, such as names of fields, is written without asking the model.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kamishibai.errors import KamishibaiError, ModelError, UnsupportedError
from kamishibai.pretrained.opening import Placed, open_part
from kamishibai.pretrained.runtime import is_out_of_memory, quiet
from kamishibai.weights.pretrained import Pretrained

__all__ = ["Answer", "JsonWriter", "Sampling"]

TICK = 8
"""Tokens between two reports, at which work may be stopped."""
LIKELIEST = 512
"""Tokens that are drawn from at the most: to sort a vocabulary of 150,000 at every step would take as long as reading."""
_UNSAID = 4096
"""Context of a model that does not state its own."""


@dataclass(frozen=True)
class Sampling:
    """How words are chosen: `temperature` 0 takes the likeliest; `top_p` leaves the unlikely rest out."""

    seed: int
    temperature: float
    top_p: float
    most: int
    """Tokens the answer may have."""


@dataclass(frozen=True)
class Answer:
    """What was answered; not `whole` when tokens ran out before the form was filled."""

    text: str
    whole: bool
    tokens: int


class JsonWriter:
    """A loaded causal language model and its tokenizer.

    Raises, when it is made, UnsupportedError for a tokenizer that llguidance cannot read.
    """

    def __init__(self, found: Pretrained, placed: Placed) -> None:
        from llguidance import hf

        self._name = found.name if found.repo else found.path.name
        self._placed = placed
        self._tokenizer = open_part("AutoTokenizer", found)
        config = placed.model.config.get_text_config()
        self.context = _context(config, self._tokenizer)
        self._ends = _ends(placed.model, self._tokenizer)
        self._marks = _marks(self._tokenizer)
        try:
            self._words = hf.from_tokenizer(
                self._tokenizer,
                n_vocab=max(int(config.vocab_size), len(self._tokenizer)),
                eos_token=self._ends,
            )
        except (ValueError, RuntimeError) as error:
            raise UnsupportedError(
                f"its tokenizer cannot be held to a form: {str(error).splitlines()[0][:200]}",
                where=str(found.path),
                hint="choose a model with a tokenizer.json",
            ) from error

    @property
    def chats(self) -> bool:
        """Say whether it has a chat template; without one it is given plain text to go on from."""
        return bool(self._tokenizer.chat_template)

    def read(self, prompt: str) -> list[int]:
        """Return the tokens of a prompt, as one turn of a chat where the model knows chats.

        Marks that only the template may use, such as the end of a turn, are taken out of the prompt.
        """
        for mark in self._marks:
            prompt = prompt.replace(mark, " ")
        if not self.chats:
            return [
                int(token) for token in self._tokenizer(f"{prompt}\n\nAnswer:\n", verbose=False)["input_ids"]
            ]
        import jinja2

        try:
            read = self._tokenizer.apply_chat_template(
                [{"role": "user", "content": prompt}],
                add_generation_prompt=True,
                return_dict=True,
                enable_thinking=False,  # templates that know it leave out thinking aloud; others pass over it
            )
        except (jinja2.TemplateError, TypeError, ValueError) as error:
            raise ModelError(
                f"the chat template of {self._name} fails: {str(error)[:200]}",
                hint="choose another model; its template comes with its tokenizer",
            ) from error
        return [int(token) for token in read["input_ids"]]

    def room(self, prompt: str) -> int:
        """Return how many tokens the context has left for an answer; below zero, the prompt alone is too long."""
        return self.context - len(self.read(prompt))

    def answer(
        self, prompt: str, schema: Mapping[str, Any], how: Sampling, tick: Callable[[int], None]
    ) -> Answer:
        """Return what the model says to `prompt`, in the form of `schema`; `tick` hears how many tokens there are.

        Raises
        ------
        ModelError
            When memory runs out, the model's numbers are none, or the form cannot be followed.
        """
        with quiet():
            try:
                return self._answer(self.read(prompt), schema, how, tick)
            except KamishibaiError:
                raise
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                raise ModelError(
                    f"{self._name} ran out of memory while it answered",
                    hint="a smaller model, --option text.quantise=int4 on a card, or a shorter story",
                ) from error

    def _answer(
        self, prompt: list[int], schema: Mapping[str, Any], how: Sampling, tick: Callable[[int], None]
    ) -> Answer:
        import torch

        most = min(how.most, self.context - len(prompt))
        matcher = self._matcher(schema)
        generator = torch.Generator().manual_seed(how.seed)
        said: list[int] = []
        fresh, cache = prompt, None
        told = -1
        with torch.inference_mode():
            while len(said) < most and not matcher.is_stopped():
                if len(said) // TICK != told:
                    told = len(said) // TICK
                    tick(len(said))
                forced = matcher.compute_ff_tokens()[: most - len(said)]
                if not forced:
                    scores, cache = self._forward(fresh, cache)
                    forced, fresh = [self._chosen(scores, matcher, how, generator)], []
                if not matcher.consume_tokens(forced):
                    raise ModelError(f"{self._name} left the form of its answer: {matcher.get_error()[:200]}")
                said += forced
                fresh = [*fresh, *forced]
        # llguidance's own way back to bytes: that of some tokenizers tidies spaces before commas.
        text = self._words.decode_bytes(said).decode("utf-8", "replace")
        return Answer(text, matcher.is_accepting() and not matcher.is_error(), len(said))

    def _matcher(self, schema: Mapping[str, Any]) -> Any:
        from llguidance import LLMatcher

        form: Any = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
        form["json_allowed_escapes"] = '"\\'
        matcher = LLMatcher(
            self._words, LLMatcher.grammar_from_json_schema(json.dumps(schema), overrides=form), log_level=0
        )
        if matcher.is_error():
            raise ModelError(
                f"{self._name} cannot be held to the form of its answer: {matcher.get_error()[:200]}"
            )
        return matcher

    def _forward(self, tokens: list[int], cache: Any) -> tuple[Any, Any]:
        """Return the scores of the next token, float32 on the processor, and the cache of what was read."""
        import torch

        read = torch.tensor([tokens], device=self._placed.device)
        found = self._placed.model(input_ids=read, past_key_values=cache, use_cache=True, logits_to_keep=1)
        cache = getattr(found, "past_key_values", None)
        if cache is None:
            raise UnsupportedError(
                f"{self._name} keeps no cache of what it has read",
                hint="choose a transformer, such as Qwen, Llama or SmolLM",
            )
        return found.logits[0, -1].float().cpu(), cache

    def _chosen(self, scores: Any, matcher: Any, how: Sampling, generator: Any) -> int:
        """Return one token of those the form allows, drawn by their scores."""
        import torch

        bits = np.unpackbits(np.frombuffer(matcher.compute_bitmask(), dtype=np.uint8), bitorder="little")
        allowed = np.zeros(
            len(scores), dtype=bool
        )  # a model may score more tokens than its tokenizer has, or fewer
        allowed[: len(bits)] = bits[: len(scores)]
        scores = scores.masked_fill(torch.from_numpy(~allowed), float("-inf"))
        best = float(scores.max())
        if not np.isfinite(best):
            raise ModelError(
                f"the numbers of {self._name} are not numbers (NaN or infinity)",
                hint="its weights may need another dtype: --option text.dtype=float32",
            )
        if how.temperature == 0:
            return int(scores.argmax())
        likely, order = torch.softmax(scores / how.temperature, dim=0).topk(min(LIKELIEST, len(scores)))
        likely = likely * (likely.cumsum(0) - likely < how.top_p)
        return int(order[torch.multinomial(likely, 1, generator=generator)])


def _context(config: Any, tokenizer: Any) -> int:
    stated = [getattr(config, "max_position_embeddings", None), getattr(tokenizer, "model_max_length", None)]
    # Tokenizers that state no length state a number beyond any model's.
    real = [int(length) for length in stated if isinstance(length, int) and 0 < length < 10_000_000]
    return min(real, default=_UNSAID)


def _marks(tokenizer: Any) -> list[str]:
    """Return what the tokenizer reads as a command and not as words, such as ``<|im_end|>``; longest first."""
    marks = set(tokenizer.all_special_tokens)
    for token in tokenizer.added_tokens_decoder.values():
        text = token.content
        if token.special or (text[:1], text[-1:]) in (("<", ">"), ("[", "]")):
            marks.add(text)
    return sorted((mark for mark in marks if mark.strip()), key=lambda mark: (-len(mark), mark))


def _ends(model: Any, tokenizer: Any) -> list[int]:
    """Return the tokens that end an answer, of the generation config and of the tokenizer."""
    found: list[int] = []
    for said in (getattr(model.generation_config, "eos_token_id", None), tokenizer.eos_token_id):
        found += said if isinstance(said, list) else [said] if isinstance(said, int) else []
    return list(dict.fromkeys(found)) or [0]
