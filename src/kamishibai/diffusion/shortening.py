"""Make a prompt fit a text encoder by leaving out whole phrases: the subject and the style are kept."""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["shorten"]

_BOUNDARY = re.compile(r"(?<=[,.;!?])\s+")


def shorten(text: str, fits: Callable[[str], bool]) -> tuple[str, str]:
    """Return as much of `text` as `fits`, and what was left out (empty: nothing).

    Whole phrases go, from the last but one backwards: a prompt begins with who is seen and ends with the style.
    If not even the first and the last phrase fit, the last goes too; then words, from the end.
    """
    if fits(text):
        return text, ""
    phrases = _BOUNDARY.split(text.strip())
    last = phrases.pop() if len(phrases) > 1 else ""
    left: list[str] = []
    while len(phrases) > 1:
        left.insert(0, phrases.pop())
        kept = _closed([*phrases, last])
        if fits(kept):
            return kept, " ".join(left).rstrip(" ,;")
    if last:
        left.append(last)
        if fits(_closed(phrases)):
            return _closed(phrases), " ".join(left)
    words = phrases[0].split() if phrases else []
    over: list[str] = []
    while len(words) > 1:
        over.insert(0, words.pop())
        if fits(" ".join(words)):
            break
    return " ".join(words).rstrip(" ,;"), " ".join([*over, *left])


def _closed(phrases: list[str]) -> str:
    return " ".join(phrase for phrase in phrases if phrase).rstrip(" ,;")
