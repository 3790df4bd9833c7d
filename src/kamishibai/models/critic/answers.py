"""From what a model says to a caption, an alternative text, and a yes, a no or neither."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

__all__ = ["SURE", "alt_text", "is_yes_or_no", "plain", "verdict_of"]

SURE = 0.65
"""A yes or a no counts when it is at least as likely as this, of the two."""
ALT = 200
"""Characters of an alternative text at the most: screen readers read longer ones in pieces."""
LONGEST = 1200
_ASKING = frozenset(
    [
        "is",
        "are",
        "was",
        "were",
        "do",
        "does",
        "did",
        "can",
        "could",
        "has",
        "have",
        "had",
        "will",
        "would",
        "should",
        "may",
        "might",
        "am",
        "isn't",
        "aren't",
        "doesn't",
    ]
)


def is_yes_or_no(question: str) -> bool:
    """Say whether yes or no would answer `question`, by its first word."""
    words = re.findall(r"[\w']+", question.lower())
    return bool(words) and words[0] in _ASKING


def plain(text: str) -> str:
    """Return what a model said as one clean line: no control characters, no marks of its chat, of bounded length."""
    text = re.sub(r"<\|[^|>]{0,40}\|>|</?s>|<image>|<pad>|<unk>", " ", text)
    kept = "".join(c if c.isspace() or unicodedata.category(c)[0] != "C" else " " for c in text)
    return " ".join(kept.split())[:LONGEST]


def verdict_of(yes: float | None, said: str) -> Literal["yes", "no", "unsure"]:
    """Return the verdict from how likely a yes is, else from the first word of what was said."""
    if yes is not None:
        return "yes" if yes >= SURE else "no" if yes <= 1 - SURE else "unsure"
    first = re.match(r"\W*(yes|no)\b", said, re.IGNORECASE)
    if first is None:
        return "unsure"
    return "yes" if first[1].lower() == "yes" else "no"


def alt_text(caption: str) -> str:
    """Return one plain sentence of at most `ALT` characters out of a caption, cut between words if it must be."""
    caption = re.sub(
        r"^(the|this) (image|picture|photo|illustration) (shows|depicts|features|is of)\s+",
        "",
        caption,
        flags=re.I,
    )
    sentence = re.split(r"(?<=[.!?])\s", caption.strip(), maxsplit=1)[0]
    if len(sentence) > ALT:
        sentence = sentence[: ALT - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"
    return sentence[:1].upper() + sentence[1:]
