"""Talks about pictures with a loaded model of transformers: a picture is taken in once, and asked about any number of times."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from kamishibai.errors import KamishibaiError, ModelError
from kamishibai.models.critic.answers import opening_tokens
from kamishibai.models.critic.processors import chat_template, marks_of, processor_of
from kamishibai.pretrained.opening import Placed, open_part
from kamishibai.pretrained.runtime import is_out_of_memory, quiet
from kamishibai.weights.pretrained import Pretrained

__all__ = ["Seen", "Talk"]

PLAIN_LLAVA = "USER: <image>\n{} ASSISTANT:"
"""How LLaVA 1.5 was trained to be spoken to, before folders carried templates."""


@dataclass(frozen=True)
class Seen:
    """A picture as a model has taken it in, ready for any number of questions."""

    image: Any
    """RGB PIL image."""
    tokens: Any
    """The beginning of every conversation about it, to its last mark of the picture: shape (n,)."""
    cache: Any
    """What the model keeps of these tokens."""


class Talk:
    """A model that sees, with its tokenizer and its way of taking pictures.

    Raises, when it is made, ModelError for damaged files.
    """

    def __init__(self, found: Pretrained, placed: Placed) -> None:
        self._name = found.name if found.repo or found.preset else found.path.name
        self._where = str(found.path)
        self._placed = placed
        self._tokenizer = open_part("AutoTokenizer", found)
        self._template = chat_template(found)
        self._processor = processor_of(found, placed.model.config, self._tokenizer)
        self._marks = marks_of(self._tokenizer)
        self.yes, self.no = self._openings()

    @property
    def marks(self) -> tuple[str, ...]:
        """Return the marks of its chat, longest first, which are nobody's words."""
        return self._marks

    def look(self, image: Any) -> Seen:
        """Return an RGB PIL image as the model takes it in, which is most of the work of an answer.

        Raises
        ------
        ModelError
            When memory runs out, or its files do not go together.
        """
        import torch

        with self._told(), torch.inference_mode():
            given = self._inputs(image, "")
            tokens = given["input_ids"][0]
            marks = (tokens == self._processor.image_token_id).nonzero()
            length = int(marks.max()) + 1 if len(marks) else 0
            start = {
                name: v[:, :length] if v.shape == given["input_ids"].shape else v for name, v in given.items()
            }
            return Seen(image, tokens[:length], self._placed.model(**start, use_cache=True).past_key_values)

    def say(
        self, seen: Seen, words: str, *, seed: int, most: int, temperature: float, tick: Callable[[], None]
    ) -> tuple[str, npt.NDArray[np.float32]]:
        """Return what the model says to `words` about a picture, and the logits of its first token.

        Parameters
        ----------
        most
            Tokens of the answer at the most.
        temperature
            0 takes the likeliest token every time; else tokens are drawn, by `seed` alone.
        tick
            Called before every token; what it raises ends the talk.

        Raises
        ------
        ModelError
            When memory runs out, its files do not go together, or it answers with no numbers.
        """
        import torch
        from transformers import LogitsProcessor, LogitsProcessorList

        first: list[npt.NDArray[np.float32]] = []

        class Watch(LogitsProcessor):
            def __call__(self, input_ids: Any, scores: Any) -> Any:
                tick()
                if not first:
                    first.append(scores[0].float().cpu().numpy())
                    if not np.isfinite(first[0]).any() or np.isnan(first[0]).any():
                        raise FloatingPointError
                return scores

        placed = self._placed
        how = {"do_sample": True, "temperature": temperature} if temperature else {"do_sample": False}
        devices = [torch.device(placed.device)] if placed.device.startswith("cuda") else []
        with self._told(), torch.random.fork_rng(devices=devices), torch.inference_mode():
            given = self._after(seen, words)
            torch.manual_seed(seed)
            out = placed.model.generate(
                **given, **how, max_new_tokens=most, logits_processor=LogitsProcessorList([Watch()])
            )
        fresh = out[0, given["input_ids"].shape[1] :]
        return str(self._tokenizer.decode(fresh, skip_special_tokens=True)), first[0]

    def _after(self, seen: Seen, words: str) -> dict[str, Any]:
        """Return a conversation that begins with what was seen; as a whole where a template begins otherwise."""
        given, length = self._inputs(seen.image, words), len(seen.tokens)
        if not length or not given["input_ids"][0, :length].equal(seen.tokens):
            return given
        names = ("input_ids", "attention_mask")
        return {name: given[name] for name in names} | {"past_key_values": copy.deepcopy(seen.cache)}

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell in words what goes wrong in the libraries."""
        try:
            with quiet():
                yield
        except KamishibaiError:
            raise
        except FloatingPointError as error:
            raise ModelError(
                f"{self._name} gave no numbers, as half precision does when it overflows",
                where=self._where,
                hint="--option critic:llava.dtype=float32 (or bfloat16), or fetch its files again",
            ) from error
        except (RuntimeError, MemoryError, ValueError, IndexError, TypeError) as error:
            raise self._trouble(error) from error

    def _inputs(self, image: Any, words: str) -> dict[str, Any]:
        """Return the tensors of a fresh conversation of one turn, where the model is."""
        import torch

        for mark in self._marks:
            words = words.replace(mark, " ")
        prompt, begin = self._prompt(words), self._tokenizer.bos_token
        # Where the template has set a mark of beginning, none is added: twice it confuses models.
        begun = {"add_special_tokens": False} if begin and prompt.startswith(begin) else {}
        given = self._processor(images=[image], text=[prompt], **begun, return_tensors="pt")
        placed = self._placed
        return {
            name: value.to(placed.device, placed.dtype if torch.is_floating_point(value) else value.dtype)
            for name, value in given.items()
            if isinstance(value, torch.Tensor)
        }

    def _prompt(self, words: str) -> str:
        if not self._template:
            return PLAIN_LLAVA.format(words)
        import jinja2

        turn = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": words}]}
        try:
            return str(
                self._tokenizer.apply_chat_template(
                    [turn], chat_template=self._template, add_generation_prompt=True, tokenize=False
                )
            )
        except (jinja2.TemplateError, TypeError, ValueError) as error:
            raise ModelError(
                f"the chat template of {self._name} fails: {str(error)[:200]}",
                where=self._where,
                hint="fetch its newest files, or choose another model",
            ) from error

    def _openings(self) -> tuple[set[int], set[int]]:
        """Return the tokens that a yes and a no may begin with, in any case, with and without a space before them."""

        def first(word: str) -> list[tuple[int, str]]:
            spelled = [word, word.capitalize(), word.upper()]
            found = []
            for text in [*spelled, *(f" {one}" for one in spelled)]:
                ids = self._tokenizer(text, add_special_tokens=False)["input_ids"]
                found += [(int(token), str(self._tokenizer.decode([token]))) for token in ids[:1]]
            return found

        return opening_tokens(first("yes"), first("no"))

    def _trouble(self, error: Exception) -> ModelError:
        if is_out_of_memory(error):
            return ModelError(
                f"memory ran out on {self._placed.device} while {self._name} looked at a picture",
                kept="everything that was finished before",
                hint="a smaller model, or the option quantise=int4 on a card",
            )
        return ModelError(
            f"{self._name} cannot look at the picture: {str(error).strip().splitlines()[0][:300]}",
            where=self._where,
            hint="its processor and its weights do not go together: fetch its files again",
        )
