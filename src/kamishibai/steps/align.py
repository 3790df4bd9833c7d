"""align: find every line of the story in a recording, and say where to cut it; a pure function of words and levels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.spoken import SpokenWord, read_aloud, spoken_text
from kamishibai.documents.takes import Word
from kamishibai.documents.time import Time
from kamishibai.gates.line_matching import Found, match_lines
from kamishibai.gates.wer import compared_words
from kamishibai.media.stretches import FRAME_S, Levels, quietest

__all__ = ["Alignment", "Elsewhere", "Extra", "LineCut", "align"]

HEAD_S, TAIL_S = 0.12, 0.25
"""Silence that is left around a line, where the recording has it: a breath before, the room's end after."""
EARLY_S, LATE_S = 0.45, 0.7
"""A line's sound may begin before, and end after, what the ear says of its first and last word by this much."""
SPOKEN = 0.34
"""A line of which less than this part was heard was not spoken."""
BREATH_S = 0.45
"""What follows on a line's last word within this time, where words are missing, is those words misheard."""
BREAK_FRAMES = round(0.08 / FRAME_S)
SPILL_FRAMES = round(0.4 / FRAME_S)
"""How far beyond an aside's edge a line's own sound is looked for."""
SNAP_S = (0.25, 0.4)
"""A word after a pause begins with the sound, when that is no further from where it was heard than this."""
GHOST = 0.4
"""Words between lines that are all less likely than this were made of a breath or a noise: no aside."""
UNCERTAIN_S = 0.15
"""How far an ear's word times may be off."""


class LineCut(Frozen):
    """One line in the recording; times are seconds of the recording, those of words are seconds of the cut."""

    start: Time
    end: Time
    words: tuple[Word, ...]
    spoken: str
    missed: tuple[str, ...] = ()
    """Words that were not heard; their times are between their neighbours'."""
    inside: tuple[str, ...] = ()
    """Words that were said inside the line beside its own."""


class Extra(Frozen):
    """What was said between lines and is left out of the film."""

    start: Time
    text: str


class Elsewhere(Frozen):
    """A line that was not found in its place."""

    line: int
    """Counted from 0."""
    start: Time | None = None
    """Where it seems to be said instead, out of order."""


class Alignment(Frozen):
    """How a story and a recording fit."""

    cuts: tuple[LineCut | None, ...]
    """None for a line without words, and for one that was not spoken."""
    missing: tuple[Elsewhere, ...] = ()
    extras: tuple[Extra, ...] = ()
    heard: float = Field(default=0.0, ge=0, le=1)
    """Which part of the story's words was heard as it is written, in order."""


@dataclass(frozen=True)
class _Token:
    """One compared word of what was heard."""

    text: str
    word: int
    start: float
    end: float


def align(lines: Sequence[str], heard: Sequence[Word], power: Levels, language: str = "en") -> Alignment:
    """Return where each of `lines` is in a recording.

    Parameters
    ----------
    heard
        Every word of the recording with its times, in order.
    power
        Mean square of every 10 ms of it, from `kamishibai.media.stretches.levels`.
    """
    spoken = [read_aloud(line, language) for line in lines]
    wanted = [compared_words([word.spoken for word in words], language) for words in spoken]
    tokens = _tokens(heard, language)
    found = match_lines([texts for texts, _ in wanted], [token.text for token in tokens])
    exact = sum(f is not None and f.kind == "same" for line in found for f in line)
    total = sum(len(texts) for texts, _ in wanted)
    missing = [
        index
        for index, (line, (texts, _)) in enumerate(zip(found, wanted, strict=True))
        if texts and sum(f is not None and f.kind != "other" for f in line) < max(1.0, SPOKEN * len(texts))
    ]
    spans = _spans([[] if i in missing else line for i, line in enumerate(found)], tokens)
    loud = _loud(power)
    edges = _edges(spans, tokens, power, loud)
    cuts = [
        None if span is None else _cut(words, owners, line, span, edge, tokens, loud)
        for words, (_, owners), line, span, edge in zip(spoken, wanted, found, spans, edges, strict=True)
    ]
    return Alignment(
        cuts=tuple(cuts),
        missing=tuple(
            Elsewhere(line=i, start=_elsewhere(wanted[i][0], tokens) if len(missing) <= 20 else None)
            for i in missing
        ),
        extras=_extras(spans, tokens, heard),
        heard=exact / total if total else 0.0,
    )


def _tokens(heard: Sequence[Word], language: str) -> list[_Token]:
    """Return the compared words; those that one heard word makes share its time evenly."""
    texts, sources = compared_words([word.text for word in heard], language)
    count = np.bincount(sources, minlength=len(heard)) if sources else np.zeros(0, int)
    seen: dict[int, int] = {}
    tokens = []
    for text, source in zip(texts, sources, strict=True):
        place = seen.get(source, 0)
        seen[source] = place + 1
        start, end = float(heard[source].start), float(heard[source].end)
        part = (end - start) / int(count[source])
        tokens.append(_Token(text, source, start + place * part, start + (place + 1) * part))
    return tokens


# ------------------------------------------------------------------------------------------ which words are a line's
def _spans(found: Sequence[Sequence[Found | None]], tokens: Sequence[_Token]) -> list[tuple[int, int] | None]:
    """Return (first, last) tokens of each line, with those at its ends that must be its missing words, misheard."""
    spans: list[tuple[int, int] | None] = []
    for line in found:
        there = [f for f in line if f is not None]
        spans.append((there[0].first, there[-1].last) if there else None)
    taken = sorted(place for span in spans if span is not None for place in span)
    for index, line in enumerate(found):
        span = spans[index]
        if span is None:
            continue
        first, last = span
        before = next((i for i, f in enumerate(line) if f is not None), 0)
        after = next((i for i, f in enumerate(reversed(line)) if f is not None), 0)
        room_before = first - max((t for t in taken if t <= first and t != first), default=0)
        room_after = min((t for t in taken if t >= last and t != last), default=len(tokens)) - last
        for _ in range(min(2 * before, room_before)):
            if tokens[first].start - tokens[first - 1].end > BREATH_S:
                break
            first -= 1
        for _ in range(min(2 * after, room_after)):
            if tokens[last].start - tokens[last - 1].end > BREATH_S:
                break
            last += 1
        spans[index] = (first, last)
    return spans


def _extras(
    spans: Sequence[tuple[int, int] | None], tokens: Sequence[_Token], heard: Sequence[Word]
) -> tuple[Extra, ...]:
    """Return what was said outside every line, run by run."""
    mine = {tokens[i].word for span in spans if span is not None for i in range(*span)}
    runs: list[list[int]] = []
    for word in sorted({token.word for token in tokens} - mine):
        if runs and word == runs[-1][-1] + 1:
            runs[-1].append(word)
        else:
            runs.append([word])
    said = [run for run in runs if max(heard[i].probability for i in run) >= GHOST]
    return tuple(Extra(start=heard[run[0]].start, text=" ".join(heard[i].text for i in run)) for run in said)


def _elsewhere(wanted: Sequence[str], tokens: Sequence[_Token]) -> Fraction | None:
    """Return when most of a missing line's words are said, in order, in one stretch of its length."""
    found = match_lines([wanted], [token.text for token in tokens])[0]
    there = [f for f in found if f is not None and f.kind == "same"]
    if len(there) < max(2, 0.6 * len(wanted)) or there[-1].last - there[0].first > 1.5 * len(wanted) + 2:
        return None
    return _ms(tokens[there[0].first].start)


# ------------------------------------------------------------------------------------------ where to cut
def _edges(
    spans: Sequence[tuple[int, int] | None],
    tokens: Sequence[_Token],
    power: Levels,
    loud: npt.NDArray[np.bool_],
) -> list[tuple[int, int]]:
    """Return, for each line, the frames between which its sound lies: the quietest points beside it.

    Beside another line the quietest point is all there is. Beside an aside, which may be a word that the ear made
    of the line's own last sound, what still sounds there is the line's until it pauses.
    """
    quiet = np.flatnonzero(_pauses(loud))

    def between(before: int, after: int) -> int:
        one, other = tokens[before], tokens[after]
        first = max((one.start + one.end) / 2, one.end - UNCERTAIN_S)
        last = max(min((other.start + other.end) / 2, other.start + UNCERTAIN_S), first + FRAME_S)
        return quietest(power, round(first / FRAME_S), round(last / FRAME_S))

    # A place at which one line ends and the next begins is there twice.
    places = Counter(place for span in spans if span is not None for place in span)
    edges = []
    for span in spans:
        if span is None:
            edges.append((0, 0))
            continue
        first, last = span
        low = between(first - 1, first) if first else 0
        high = between(last - 1, last) if last < len(tokens) else len(power)
        if first and places[first] == 1:
            at = int(np.searchsorted(quiet, low, side="right")) - 1
            low = int(quiet[at]) if at >= 0 and low - quiet[at] <= SPILL_FRAMES else low
        if last < len(tokens) and places[last] == 1:
            at = int(np.searchsorted(quiet, high))
            high = int(quiet[at]) if at < len(quiet) and quiet[at] - high <= SPILL_FRAMES else high
        edges.append((low, high))
    return edges


def _pauses(loud: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return which frames lie in the middle of a pause."""
    return np.convolve(loud, np.ones(BREAK_FRAMES), mode="same") < 0.5


def _loud(power: Levels) -> npt.NDArray[np.bool_]:
    """Return which frames are sound: over the room's noise, and not 45 dB under the voice."""
    if not len(power):
        return np.zeros(0, np.bool_)
    voice, room = float(np.percentile(power, 95)), float(np.percentile(power, 5))
    return power > max(voice * 10**-4.5, min(room * 8, voice * 10**-2))


def _onset(loud: npt.NDArray[np.bool_], index: int, tokens: Sequence[_Token]) -> float | None:
    """Return where sound begins after a pause near the start of a token, when it does, and not in its neighbours."""
    frame = round(tokens[index].start / FRAME_S)
    first, last = frame - round(SNAP_S[0] / FRAME_S), frame + round(SNAP_S[1] / FRAME_S)
    if index:
        before = tokens[index - 1]
        first = max(first, round((before.start + before.end) / 2 / FRAME_S))
    last = min(last, round(tokens[index].end / FRAME_S))
    found = [
        k
        for k in range(max(BREAK_FRAMES, first), min(len(loud), last))
        if loud[k] and not loud[k - BREAK_FRAMES : k].any()
    ]
    return min(found, key=lambda k: abs(k - frame)) * FRAME_S if found else None


def _cut(
    words: Sequence[SpokenWord],
    owners: Sequence[int],
    line: Sequence[Found | None],
    span: tuple[int, int],
    edge: tuple[int, int],
    tokens: Sequence[_Token],
    loud: npt.NDArray[np.bool_],
) -> LineCut:
    first, last = tokens[span[0]], tokens[span[1] - 1]
    low = max(edge[0], round((first.start - EARLY_S) / FRAME_S))
    high = min(edge[1], round((last.end + LATE_S) / FRAME_S))
    sounding = np.flatnonzero(loud[low:high])
    begin = low + int(sounding[0]) if len(sounding) else low
    finish = low + int(sounding[-1]) + 1 if len(sounding) else max(high, low + 1)
    start = max(edge[0], begin - round(HEAD_S / FRAME_S))
    end = min(edge[1], finish + round(TAIL_S / FRAME_S))
    times: dict[int, tuple[float, float]] = {}
    for owner, found in zip(owners, line, strict=True):
        if found is None:
            continue
        if owner in times:
            one = times[owner][0]
        else:
            onset = _onset(loud, found.first, tokens)
            one = tokens[found.first].start if onset is None else onset
        times[owner] = (one, tokens[found.last - 1].end)
    said = [index for index, word in enumerate(words) if word.spoken]
    placed = _placed(words, said, times, begin * FRAME_S, finish * FRAME_S)
    inside = [t.text for i, t in enumerate(tokens[span[0] : span[1]], span[0]) if not _is_found(i, line)]
    return LineCut(
        start=_ms(start * FRAME_S),
        end=_ms(end * FRAME_S),
        words=_shown(words, placed, start * FRAME_S, end * FRAME_S),
        spoken=spoken_text(tuple(words)),
        missed=tuple(words[index].shown for index in said if index not in times),
        inside=tuple(inside) if len(inside) > sum(f is None for f in line) else (),
    )


def _is_found(token: int, line: Sequence[Found | None]) -> bool:
    return any(f is not None and f.first <= token < f.last for f in line)


def _placed(
    words: Sequence[SpokenWord],
    said: Sequence[int],
    times: dict[int, tuple[float, float]],
    begin: float,
    finish: float,
) -> dict[int, tuple[float, float]]:
    """Return a time for every spoken word, in order; missed ones share the gap between their neighbours by length."""
    out: dict[int, tuple[float, float]] = {}
    at = 0
    while at < len(said):
        index = said[at]
        floor = out[said[at - 1]][0] + FRAME_S if at else begin
        if index in times:
            one, other = times[index]
            one = begin if at == 0 else min(max(one, floor), max(floor, finish - FRAME_S))
            out[index] = (one, min(max(other, one + FRAME_S), max(finish, one + FRAME_S)))
            at += 1
            continue
        run = [index]
        while at + len(run) < len(said) and said[at + len(run)] not in times:
            run.append(said[at + len(run)])
        after = at + len(run)
        low = max(floor, out[said[at - 1]][1]) if at else begin
        high = max(times[said[after]][0], low) if after < len(said) else max(finish, low)
        if high - low < FRAME_S * len(run):
            low = floor
            high = max(high, low + FRAME_S * len(run))
        weights = np.cumsum([0.0, *(len(words[i].spoken) + 1 for i in run)])
        for place, i in enumerate(run):
            one, other = (low + (high - low) * float(w / weights[-1]) for w in weights[place : place + 2])
            out[i] = (one, other)
        at = after
    return out


def _shown(
    words: Sequence[SpokenWord], placed: dict[int, tuple[float, float]], start: float, end: float
) -> tuple[Word, ...]:
    """Return every shown word on the cut's clock; silent ones (a dash, an emoji) stand between their neighbours."""
    order = sorted(placed)
    following = dict(zip(order, [placed[i][0] for i in order[1:]] + [end], strict=True))
    out = []
    for index, word in enumerate(words):
        if index in placed:
            one, other = placed[index]
            other = max(min(other, following[index]), one + FRAME_S / 2)
        else:
            one = max((placed[i][1] for i in order if i < index), default=start)
            other = max(min((placed[i][0] for i in order if i > index), default=end), one)
        one, other = max(one - start, 0.0), min(max(other - start, FRAME_S / 2), end - start)
        same = word.spoken.casefold() == word.shown.strip(".,;:!?…\"'“”‘’()—-").replace("’", "'").casefold()
        out.append(
            Word(
                text=word.shown,
                start=_ms(min(one, other)),
                end=_ms(other),
                first=word.first,
                last=word.last,
                spoken="" if same else word.spoken,
            )
        )
    return tuple(out)


def _ms(seconds: float) -> Fraction:
    return Fraction(round(seconds * 1000), 1000)
