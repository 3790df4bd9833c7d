"""Captions as WebVTT, with the time of every word, whatever their text contains."""

from __future__ import annotations

from collections.abc import Sequence

from kamishibai.documents.film import Caption
from kamishibai.documents.time import timecode
from kamishibai.engine.captions import plain_lines

__all__ = ["vtt"]

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def vtt(captions: Sequence[Caption], *, word_times: bool = True) -> str:
    """Return the captions as WebVTT; `word_times` puts a timestamp before each word but the first, for karaoke."""
    blocks = ["WEBVTT\n"]
    for number, caption in enumerate((c for c in captions if c.text.strip()), 1):
        times = f"{timecode(caption.start)} --> {timecode(caption.end)}"
        blocks.append(f"{number}\n{times}\n{_text(caption, word_times)}\n")
    return "\n".join(blocks)


def _text(caption: Caption, word_times: bool) -> str:
    stamps = {w.first: timecode(w.start) for w in caption.words[1:] if caption.start < w.start < caption.end}
    last = ""
    # Timestamps within a cue must rise; a word that starts with its neighbour needs none.
    for first in sorted(stamps):
        if stamps[first] <= last:
            del stamps[first]
        else:
            last = stamps[first]
    out: list[str] = []
    at = 0
    for line in plain_lines(caption.text, words=caption.words):
        if out:
            out.append("\n")
        for character in line:
            if character != " ":
                while at < len(caption.text) and caption.text[at].isspace():
                    at += 1
            if word_times and character != " " and at in stamps:
                out.append(f"<{stamps[at]}>")
            if character.isprintable() or character in "\u200c\u200d":
                out.append(character.translate(_ESCAPES))
            if character != " " or (at < len(caption.text) and caption.text[at].isspace()):
                at += 1
    return "".join(out)
