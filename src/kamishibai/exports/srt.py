"""Captions as SubRip (SRT): text alone, whatever it contains."""

from __future__ import annotations

from collections.abc import Sequence

from kamishibai.documents.film import Caption
from kamishibai.documents.time import timecode
from kamishibai.engine.captions import plain_lines

__all__ = ["srt"]

# SubRip has no escapes, and players read <b> and {\an8} as markup. An invisible word joiner (U+2060) after the
# opening sign keeps the text as it looks and leaves nothing to obey.
_JOINER = "\u2060"
_DEFUSED = (("<", f"<{_JOINER}"), ("{", f"{{{_JOINER}"), ("-->", f"--{_JOINER}>"))


def srt(captions: Sequence[Caption]) -> str:
    """Return the captions as SubRip text, numbered from 1, on one line or two each."""
    blocks = []
    for number, caption in enumerate((c for c in captions if c.text.strip()), 1):
        times = f"{timecode(caption.start, ',')} --> {timecode(caption.end, ',')}"
        blocks.append(
            "\n".join(
                [
                    str(number),
                    times,
                    *(_literal(line) for line in plain_lines(caption.text, words=caption.words)),
                ]
            )
            + "\n"
        )
    return "\n".join(blocks)


def _literal(line: str) -> str:
    line = "".join(c for c in line if c.isprintable() or c in "\u200c\u200d")
    for sign, harmless in _DEFUSED:
        line = line.replace(sign, harmless)
    return line
