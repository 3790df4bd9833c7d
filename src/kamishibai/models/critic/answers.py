"""From what a model says to a caption, an alternative text, and a yes, a no or neither."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = [
    "ALT",
    "alt_text",
    "is_yes_or_no",
    "likely_yes",
    "opening_tokens",
    "plain",
    "sentences",
    "verdict_of",
]

ALT = 200
"""Characters of an alternative text at the most: screen readers read longer ones in pieces."""
LONGEST = 1200
_FIRST_WORDS = (
    "is are was were am do does did can could has have had will would should shall may might must "
    "isn't aren't wasn't weren't don't doesn't didn't can't couldn't hasn't haven't won't wouldn't"
)
_ASKING = frozenset(_FIRST_WORDS.split())
_MARKS = re.compile(
    r"<\|[^|<>]{0,40}\|>|</?s>|<(?:image|pad|unk|bos|eos|end_of_utterance|video)>", re.IGNORECASE
)
_OPENING = re.compile(
    r"^(?:the|this|an?) (?:image|picture|photo|photograph|illustration|drawing|scene) "
    r"(?:shows|depicts|features|displays|presents|captures|is of|of)\s+(?=\S)",
    re.IGNORECASE,
)
_JOINER = "\u200d"
"""Holds an emoji of several together."""


def is_yes_or_no(question: str) -> bool:
    """Say whether yes or no would answer an English `question`, by its first word."""
    words = re.findall(r"[\w']+", question.lower().replace("’", "'"))
    return bool(words) and words[0] in _ASKING


def plain(text: str, marks: Iterable[str] = ()) -> str:
    """Return what a model said as one clean line: no control characters, no `marks` of its chat, of bounded length."""
    for mark in marks:
        text = text.replace(mark, " ")
    text = _MARKS.sub(" ", text).replace("\ufffd", " ")  # half a letter, where the tokens ran out
    kept = "".join(c if c == _JOINER or unicodedata.category(c)[0] not in "CZ" else " " for c in text)
    return " ".join(kept.split())[:LONGEST].strip()


def sentences(text: str, most: int = 3) -> str:
    """Return the first `most` sentences of `text`; a last one that broke off is left out, unless it is the only one."""
    found = re.findall(r"\S.*?[.!?…。！？]+[\"”»’')]*(?=\s|$)|\S.*$", text, re.DOTALL)
    whole = [one for one in found if re.search(r"[.!?…。！？][\"”»’')]*$", one)]
    return " ".join((whole or found)[:most]).strip()


def alt_text(caption: str) -> str:
    """Return one plain sentence of at most `ALT` characters out of a caption, cut between words if it must be.

    "The picture shows" at its beginning is left out: whoever hears it knows that a picture is described.
    """
    sentence = sentences(_OPENING.sub("", caption.strip()), 1)
    if len(sentence) > ALT:
        cut = sentence[: ALT - 1]
        # A script without spaces has no word ends to look for.
        if not sentence[ALT - 1].isspace() and " " in cut:
            cut = cut.rsplit(" ", 1)[0]
        sentence = cut.rstrip(" ,;:–-") + "…"
    return sentence[:1].upper() + sentence[1:]


def opening_tokens(
    yes: Iterable[tuple[int, str]], no: Iterable[tuple[int, str]]
) -> tuple[set[int], set[int]]:
    """Return the tokens that open a yes and those that open a no.

    Both are given as pairs of the first token of a spelling and its text. Tokens that say nothing (a space alone) and
    those that open both are left out.
    """
    found = [
        {token for token, text in pairs if text.strip() and word.startswith(text.strip().casefold())}
        for word, pairs in (("yes", yes), ("no", no))
    ]
    shared = found[0] & found[1]
    return found[0] - shared, found[1] - shared


def likely_yes(
    scores: npt.NDArray[np.float32], yes: Collection[int], no: Collection[int], least: float
) -> float | None:
    """Return how likely a yes is, of yes and no, 0 to 1, from the scores of every token as the answer's first.

    Parameters
    ----------
    scores
        Logits, of shape (vocabulary,).
    yes, no
        Tokens that open either answer.
    least
        What both must have together, of all that may be said; below it the model would say something else, and None
        is returned, as for a vocabulary without such tokens.
    """
    if not yes or not no:
        return None
    exact = scores.astype(np.float64)
    chances = np.exp(exact - exact.max())
    for_yes, for_no = float(chances[sorted(yes)].sum()), float(chances[sorted(no)].sum())
    either = for_yes + for_no
    if either <= 0 or either < least * float(chances.sum()):
        return None
    return round(for_yes / either, 4)


def verdict_of(yes: float | None, surely_no: float, surely_yes: float) -> Literal["yes", "no", "unsure"]:
    """Return the verdict: no up to `surely_no`, yes from `surely_yes`, unsure between them or when nothing is known."""
    if yes is None or surely_no < yes < surely_yes:
        return "unsure"
    return "yes" if yes >= surely_yes else "no"
