"""How much of a text is heard in a film, line by line: for films whose takes are not there to be judged one by one."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.gates.line_matching import match_lines
from kamishibai.gates.verdict import Verdict
from kamishibai.gates.wer import compared_words, word_errors

__all__ = ["ToldLimits", "judge_told", "lines_as_heard"]

MOST_QUOTED = 3


class ToldLimits(Frozen):
    """What a film's narration may miss, heard through its music and sounds."""

    wer: float = Field(default=0.1, ge=0)
    """Word error rate over the whole film."""
    line: float = Field(default=0.5, ge=0, le=1)
    """Share of one line's words that may be missing or misheard."""


def judge_told(
    lines: Sequence[str], heard: Sequence[str], language: str = "en", limits: ToldLimits | None = None
) -> Verdict:
    """Return the verdict on `lines` of text against all the words `heard` in a film, in their order."""
    limits = limits or ToldLimits()
    words = errors = 0
    lost = []
    for number, (line, said) in enumerate(zip(lines, lines_as_heard(lines, heard, language), strict=True), 1):
        found = word_errors(line, said, language)
        words += found.words
        errors += found.errors
        if found.words and found.deletions + found.substitutions > limits.line * found.words:
            lost.append((number, line))
    rate = errors / max(words, 1)
    faults = [f"line {number} is not heard: “{_short(line)}”" for number, line in lost[:MOST_QUOTED]]
    if len(lost) > MOST_QUOTED:
        faults.append(f"and {len(lost) - MOST_QUOTED} more lines are not heard")
    if rate > limits.wer:
        faults.append(f"{errors} errors in {words} words")
    return Verdict(
        gate="narration",
        passed=not faults,
        faults=tuple(faults),
        badness=round(10 * rate + len(lost), 4),
        measured={"wer": round(rate, 4), "words": words, "errors": errors, "lines_lost": len(lost)},
    )


def lines_as_heard(lines: Sequence[str], heard: Sequence[str], language: str = "en") -> list[str]:
    """Return, for every line, the heard words from its first to its last; nothing where none of it was heard.

    What is heard between lines, such as a song or a title that is read out, belongs to none of them.
    """
    got, sources = compared_words(heard, language)
    found = match_lines([compared_words([line], language)[0] for line in lines], got)
    out = []
    for places in found:
        mine = [place for place in places if place is not None and place.kind != "other"]
        if not mine:
            out.append("")
            continue
        first, last = sources[mine[0].first], sources[max(p.last for p in mine) - 1]
        out.append(" ".join(heard[first : last + 1]))
    return out


def _short(line: str, length: int = 60) -> str:
    flat = " ".join(line.split())
    return flat if len(flat) <= length else flat[: length - 1].rstrip() + "…"
