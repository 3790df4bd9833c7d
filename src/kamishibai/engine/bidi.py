"""The order in which words are seen: left to right, right to left, and both in one line (UAX #9 by words)."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from kamishibai.engine.linebreak import Token

__all__ = ["is_rtl", "visual"]


def is_rtl(text: str) -> bool:
    """Say whether the first strongly directed character runs from right to left (rules P2 and P3 of UAX #9)."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in ("R", "AL"):
            return True
        if kind == "L":
            return False
    return False


def visual(line: Sequence[Token], rtl: bool) -> list[Token]:
    """Return a line's tokens from left to right as seen: UAX #9 with tokens in place of characters.

    Tokens never need splitting, since the shaper orders what is inside them; what counts is that runs of the
    other direction keep their own order.
    """
    strong: list[str] = []
    for token in line:
        kinds = [unicodedata.bidirectional(c) for c in token.text]
        first = next((k for k in kinds if k in ("L", "R", "AL")), None)
        strong.append("N" if first is None and "EN" not in kinds and "AN" not in kinds else
                      "E" if first is None else "L" if first == "L" else "R")  # fmt: skip
    # W7: a number after Latin letters is Latin; otherwise it stands alone among right-to-left words.
    last = "R" if rtl else "L"
    for i, kind in enumerate(strong):
        if kind == "E":
            strong[i] = "L" if last == "L" else "E"
        elif kind != "N":
            last = kind
    base = "R" if rtl else "L"
    levels = []
    for i, kind in enumerate(strong):
        if kind == "N":
            before = next((k for k in reversed(strong[:i]) if k != "N"), base)
            after = next((k for k in strong[i + 1 :] if k != "N"), base)
            before, after = ("R" if k == "E" else k for k in (before, after))
            kind = before if before == after else base
        levels.append(kind)
    runs: list[tuple[str, list[Token]]] = []
    for kind, token in zip(levels, line, strict=True):
        if runs and runs[-1][0] == kind and kind != "E":
            runs[-1][1].append(token)
        else:
            runs.append((kind, [token]))
    if rtl:
        return [t for kind, run in reversed(runs) for t in (run[::-1] if kind == "R" else run)]
    # In a left-to-right line a right-to-left stretch, with the numbers inside it, is turned as a whole.
    out: list[Token] = []
    i = 0
    while i < len(runs):
        if runs[i][0] == "L":
            out += runs[i][1]
            i += 1
            continue
        j = i
        while j < len(runs) and runs[j][0] != "L":
            j += 1
        for kind, run in reversed(runs[i:j]):
            out += run[::-1] if kind == "R" else run
        i = j
    return out
