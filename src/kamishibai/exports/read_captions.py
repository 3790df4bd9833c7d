"""Reads captions back from WebVTT and SubRip, with the moment of every word that has one of its own."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from fractions import Fraction

from kamishibai.documents.film import Caption
from kamishibai.documents.takes import Word

__all__ = ["captions_of", "read_captions", "stamped_words"]

_TIME = r"(?:(\d+):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_CUE = re.compile(rf"{_TIME}\s+-->\s+{_TIME}")
_TAG = re.compile(r"<([^>]*)>")
_STAMP = re.compile(_TIME)


def read_captions(text: str) -> tuple[Caption, ...]:
    """Return the cues of a WebVTT or SubRip text, in order.

    Words carry the moment they light up: the cue's start for the first, an inline timestamp's for those behind one,
    their neighbour's for the others. Styles, notes, numbers and what is not a cue are passed over.
    """
    captions = []
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = block.strip("\n\ufeff").split("\n")
        for number, line in enumerate(lines[:3]):
            found = _CUE.search(line)
            if found:
                start, end = _time(found.groups()[:4]), _time(found.groups()[4:])
                words = tuple(_words("\n".join(lines[number + 1 :]), start, end))
                if words and end > start:
                    shown = " ".join(word.text for word in words)
                    captions.append(Caption(start=start, end=end, text=shown, words=words))
                break
    return tuple(captions)


def captions_of(cues: Iterable[tuple[Fraction, Fraction, str]]) -> tuple[Caption, ...]:
    """Return (from, to, text) cues, such as a film's own track holds them, as captions; empty ones are passed over."""
    captions = []
    for start, end, payload in cues:
        words = tuple(_words(payload, start, end))
        if words and end > start:
            shown = " ".join(word.text for word in words)
            captions.append(Caption(start=start, end=end, text=shown, words=words))
    return tuple(captions)


def stamped_words(captions: tuple[Caption, ...]) -> list[tuple[Word, bool]]:
    """Return every word of `captions` in order, and whether its moment is its own."""
    out: list[tuple[Word, bool]] = []
    for caption in captions:
        before: Fraction | None = None
        for word in caption.words:
            out.append((word, word.start != before))
            before = word.start
    return out


def _words(payload: str, start: Fraction, end: Fraction) -> Iterator[Word]:
    at, moment = 0, start
    first = 0
    for tag in [*_TAG.finditer(payload), None]:
        piece = payload[at : tag.start()] if tag is not None else payload[at:]
        for text in html.unescape(piece).split():
            yield Word(text=text, start=moment, end=end, first=first, last=first + len(text))
            first += len(text) + 1
        if tag is None:
            return
        at = tag.end()
        stamp = _STAMP.fullmatch(tag.group(1).strip())
        if stamp:
            moment = max(moment, _time(stamp.groups()))


def _time(parts: tuple[str | None, ...]) -> Fraction:
    hours, minutes, seconds, fraction = parts
    return (
        int(hours or 0) * 3600
        + int(minutes or 0) * 60
        + int(seconds or 0)
        + Fraction(int(fraction or 0), 10 ** len(fraction or "0"))
    )
