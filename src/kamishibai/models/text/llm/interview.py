"""One ask put to a language model: its questions share a seed, a temper, and a way to report and to stop."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from kamishibai.models.base import Desk
from kamishibai.models.text.llm.constrained import Answer, JsonWriter, Sampling

__all__ = ["Interview", "cut_off", "whole_fields"]


class Interview:
    """Asks a model one thing after another; the same questions with the same seed get the same answers.

    Parameters
    ----------
    most
        Tokens that one answer may have.
    span
        Which part of the batch's progress this ask is, 0 to 1.
    """

    def __init__(
        self,
        writer: JsonWriter,
        desk: Desk,
        *,
        name: str,
        seed: int,
        temperature: float,
        top_p: float,
        most: int,
        span: tuple[float, float],
    ) -> None:
        self.name = name
        self.most = most
        self._writer = writer
        self._desk = desk
        self._seed = seed
        self._temperature = temperature
        self._top_p = top_p
        self._span = span

    @property
    def context(self) -> int:
        """Return how many tokens the model takes in all, question and answer."""
        return self._writer.context

    def fits(self, prompt: str, answer: int) -> bool:
        """Say whether the context has room for `prompt` and an answer of so many tokens."""
        return self._writer.room(prompt) >= answer

    def ask(
        self, prompt: str, schema: Mapping[str, Any], purpose: str, done: float = 0.0, note: str = ""
    ) -> Answer:
        """Return the answer to `prompt` in the form of `schema`.

        Parameters
        ----------
        purpose
            Part of the seed: another purpose is another draw.
        done
            How much of this ask is finished before this question, 0 to 1.

        Raises
        ------
        Cancelled
            When the user asked to stop, within a few tokens.
        """
        digest = hashlib.sha256(f"{self._seed}/{purpose}".encode()).digest()
        how = Sampling(int.from_bytes(digest[:7], "big"), self._temperature, self._top_p, self.most)
        first, last = self._span

        def tick(tokens: int) -> None:
            self._desk.progress(
                first + (last - first) * done, f"{note}, {tokens} tokens" if tokens and note else note
            )

        return self._writer.answer(prompt, schema, how, tick)

    def tell(self, text: str, *, warn: bool = True) -> None:
        """Tell the user something about how this came about."""
        self._desk.note(text, warn=warn)


def cut_off(answer: Answer) -> str:
    """Return what is wrong with an answer that is not whole, as a sentence."""
    return f"it was cut off after {answer.tokens} tokens."


def whole_fields(text: str) -> dict[str, Any]:
    """Return the fields of a JSON object that are complete, also when the text breaks off after them."""
    decode = json.JSONDecoder(strict=False).raw_decode
    found: dict[str, Any] = {}
    at = text.find("{") + 1
    while at:
        try:
            name, end = decode(text, _next(text, at, " \n\t\r,"))
            value, after = decode(text, _next(text, end, " \n\t\r:"))
        except (ValueError, IndexError):
            break
        # A number may go on where the text breaks off; everything else shows its own end.
        if not isinstance(name, str) or (after >= len(text) and isinstance(value, (int, float))):
            break
        found[name] = value
        at = after
    return found


def _next(text: str, at: int, passed_over: str) -> int:
    while text[at] in passed_over:
        at += 1
    return at
