"""Splits a line into pieces that a voice model can take, joins what it said, and estimates when each word is heard."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from kamishibai.documents.spoken import SpokenWord
from kamishibai.documents.takes import Word
from kamishibai.media.speech import active_span, audible, fade_ends, join

__all__ = ["Mono", "Piece", "estimated_times", "fault_of", "joined", "split", "timed", "weight"]

Mono = npt.NDArray[np.float32]
"""Shape (samples,)."""
HEAD_S, TAIL_S = 0.06, 0.14
EDGE_S = 0.03
"""Kept before the first and after the last audible frame of a piece, and faded."""
COMMA = 0.6
"""What a cut anywhere but at a comma costs, in halves of the piece."""
COMMA_PAUSE = 0.5
"""Silence between the two halves of a sentence cut at a comma, in sentence pauses; elsewhere a fifth of that."""
SHORTEST_PAUSE_S = 0.16
"""A shorter gap is a stop consonant or a breath inside a word."""
NEAR = 0.2
"""A pause is taken for that of a comma when it lies this near where the comma is expected, in lengths of the piece."""
SILENCE = 1e-4
"""-80 dBFS: a voice whose peak stays under it said nothing."""
SHORTEST_WORD_S = 0.03
"""No voice says a word in less; what is shorter broke off."""


@dataclass(frozen=True)
class Piece:
    """What a model says in one go."""

    words: tuple[int, ...]
    """Places of the words that are heard in it, among all words of the line."""
    text: str
    """What the model is told: words, punctuation, cues."""
    pause_s: float
    """Silence after it, in seconds."""


# ----------------------------------------------------------------------------------------- splitting
def split(
    words: Sequence[SpokenWord],
    told: Sequence[str],
    fits: Callable[[str], bool],
    pauses: Mapping[str, float],
) -> list[Piece]:
    """Return the pieces of a line: its sentences, and those that do not fit cut at commas, else between words.

    Parameters
    ----------
    told
        What the model is told for each word, with its punctuation; empty for what is silent.
    fits
        Says whether a text fits into one pass of the model. A single word that does not is cut between letters.
    pauses
        Seconds of silence after a ``sentence`` and a ``paragraph``.
    """
    found: list[Piece] = []
    for places, pause_s in _sentences(words, told, pauses):
        found.extend(_fitting(words, told, places, fits, pause_s, pauses["sentence"]))
    return found


def _sentences(
    words: Sequence[SpokenWord], told: Sequence[str], pauses: Mapping[str, float]
) -> Iterator[tuple[list[int], float]]:
    """Yield the told words of each sentence and the pause after it; a lone cue goes with the sentence it opens."""
    place: list[int] = []
    waiting: tuple[list[int], float] | None = None
    for index, word in enumerate(words):
        if told[index]:
            # ``He left. [sighs].``: the cue has a full stop of its own, so it closes what stands before it.
            closes = waiting is not None and not word.spoken and word.shown[-1:] in ".!?…"
            (waiting[0] if closes and waiting is not None else place).append(index)
        if word.ends and place:
            if waiting is not None:
                yield waiting
            waiting, place = (place, pauses[word.ends]), []
    if waiting is not None:
        if place and not any(words[i].spoken for i in place):
            waiting, place = (waiting[0] + place, 0.0), []
        yield waiting
    if place:
        yield place, 0.0


def _fitting(
    words: Sequence[SpokenWord],
    told: Sequence[str],
    places: list[int],
    fits: Callable[[str], bool],
    pause_s: float,
    sentence_s: float,
) -> Iterator[Piece]:
    text = _text(words, told, places)
    if fits(text):
        yield Piece(tuple(i for i in places if words[i].spoken), text, pause_s)
        return
    if len(places) == 1:
        yield from _letters(places, text, fits, pause_s)
        return
    lengths = [weight(words[i]) for i in places]
    middle = sum(lengths) / 2
    best, at, so_far = None, 1, 0.0
    for position, length in enumerate(lengths[:-1]):
        so_far += length
        cost = abs(so_far - middle) / middle + (0.0 if words[places[position]].mark else COMMA)
        if best is None or cost < best:
            best, at = cost, position + 1
    between = COMMA_PAUSE * sentence_s * (1.0 if words[places[at - 1]].mark else 0.2)
    yield from _fitting(words, told, places[:at], fits, between, sentence_s)
    yield from _fitting(words, told, places[at:], fits, pause_s, sentence_s)


def _letters(places: list[int], text: str, fits: Callable[[str], bool], pause_s: float) -> Iterator[Piece]:
    """Cut one endless word in halves until they fit."""
    parts = [text]
    while not all(fits(part) for part in parts) and max(map(len, parts)) > 1:
        parts = [
            half
            for part in parts
            for half in ([part] if fits(part) else [part[: len(part) // 2], part[len(part) // 2 :]])
            if half
        ]
    for index, part in enumerate(parts):
        yield Piece(tuple(places), part, pause_s if index == len(parts) - 1 else 0.0)


def _text(words: Sequence[SpokenWord], told: Sequence[str], places: Sequence[int]) -> str:
    """Return what the model is told; words that touch in the line (Chinese ones) touch here too."""
    out = ""
    for k, index in enumerate(places):
        apart = k > 0 and words[places[k - 1]].last != words[index].first
        out += (" " if apart else "") + told[index]
    return out


def weight(word: SpokenWord) -> float:
    """Return about how long a word takes to say, in letters: a syllable of Chinese is three, a word costs one more."""
    if not word.spoken:
        return 0.0
    total = 1.0
    for character in word.spoken:
        point = ord(character)
        if 0x3400 <= point <= 0x9FFF or 0xF900 <= point <= 0xFAFF or 0x20000 <= point <= 0x3FFFF:
            total += 3.0
        elif 0x3040 <= point <= 0x30FF or 0xAC00 <= point <= 0xD7A3:
            total += 2.2
        elif character.isdigit():
            total += 4.0
        elif character.isalpha() or character == " ":
            total += 1.0
    return total


# ----------------------------------------------------------------------------------------- judging, joining
def fault_of(sound: Mono, words: int, rate_hz: int) -> str | None:
    """Return what is wrong with what a model said for `words` words: not a number, silence, or far too short."""
    if not np.isfinite(sound).all():
        return "not a number"
    if len(sound) == 0 or float(np.abs(sound).max()) < SILENCE:
        return "silent"
    first, last = active_span(sound, rate_hz)
    return "too short" if last - first < words * SHORTEST_WORD_S * rate_hz else None


def joined(
    pieces: Sequence[Piece], sounds: Sequence[Mono], words: Sequence[SpokenWord], rate_hz: int
) -> tuple[Mono, dict[int, tuple[int, int]]]:
    """Return the whole line, and the estimated (start, end) of every heard word in samples.

    Every piece is freed of its constant part and of the silence around it, faded at both ends (15 ms and 30 ms, in
    what was silent) and followed by its pause, so that nothing clicks where two meet.
    """
    edge = round(EDGE_S * rate_hz)
    at = round(HEAD_S * rate_hz)
    laid: list[tuple[int, Mono]] = []
    spans: dict[int, tuple[int, int]] = {}
    pause = 0
    for piece, sound in zip(pieces, sounds, strict=True):
        sound = (sound - np.mean(sound, dtype=np.float64)).astype(np.float32)
        first, last = active_span(sound, rate_hz)
        cut = np.zeros(last - first + 2 * edge, np.float32)
        begin, end = max(0, first - edge), min(len(sound), last + edge)
        cut[begin - first + edge : end - first + edge] = sound[begin:end]
        laid.append((at - edge, fade_ends(cut, edge // 2, edge)))
        heard = [words[i] for i in piece.words]
        times = estimated_times(
            [weight(w) for w in heard], [bool(w.mark) for w in heard], sound[first:last], rate_hz
        )
        for i, (start, stop) in zip(piece.words, times, strict=True):
            # A word cut between letters lies in several pieces.
            spans[i] = (spans[i][0] if i in spans else at + start, at + stop)
        pause = round(piece.pause_s * rate_hz)
        at += last - first + pause
    samples = at - pause + round(TAIL_S * rate_hz)
    return join(laid, samples), spans


# ----------------------------------------------------------------------------------------- word times
def estimated_times(
    weights: Sequence[float], marks: Sequence[bool], sound: Mono, rate_hz: int
) -> list[tuple[int, int]]:
    """Estimate the (start, end) of each word in `sound`, in samples: in order, none without length.

    The model tells nothing about when it says what. Words share the time in which something is heard by their
    letters; a pause is put after a word with punctuation where one is expected near it, and no word lies in a pause.
    This is rough: it knows no stress, no drawl, no laugh, and nothing of words that were not said or were added. On
    99 words of clean read English whose times are known (voice:hibari), starts lay 65 ms off in the median, 160 ms at
    the ninetieth hundredth and 262 ms at the most; a livelier voice strays further. An ear's alignment is better
    wherever there is one; `Speech.estimated` says so.

    Parameters
    ----------
    weights
        How long each word is to say, in any unit.
    marks
        Whether punctuation follows it.
    sound
        Shape (samples,), without silence around it.
    """
    if not weights:
        return []
    runs = _runs(sound, rate_hz)
    lengths = np.array([stop - start for start, stop in runs], np.float64)
    heard_until = np.cumsum(lengths)
    total = float(heard_until[-1])
    shares = np.concatenate([[0.0], np.cumsum(np.maximum(weights, 1e-3))])
    edges = shares / shares[-1] * total
    anchors = {0: 0.0, len(weights): total}
    for k in np.argsort([runs[i][1] - runs[i + 1][0] for i in range(len(runs) - 1)], kind="stable"):
        pause = float(heard_until[k])
        near = [i for i in range(1, len(weights)) if marks[i - 1] and i not in anchors]
        best = min(near, key=lambda i: abs(edges[i] - pause), default=None)
        if best is None or abs(edges[best] - pause) > NEAR * total:
            continue
        if all((i < best) == (when < pause) for i, when in anchors.items()):
            anchors[best] = pause
    known = sorted(anchors)
    edges = np.interp(shares, [shares[i] for i in known], [anchors[i] for i in known])
    out: list[tuple[int, int]] = []
    for i in range(len(weights)):
        start = _in_sound(edges[i], runs, heard_until, after=True)
        stop = _in_sound(edges[i + 1], runs, heard_until, after=False)
        start = max(start, out[-1][0] + 1 if out else 0)
        out.append((start, max(stop, start + 1)))
    return out


def _runs(sound: Mono, rate_hz: int) -> list[tuple[int, int]]:
    """Return the stretches in which something is heard, as samples; at least one."""
    loud, step = audible(sound, rate_hz)
    places = np.flatnonzero(loud)
    if not len(places):
        return [(0, max(1, len(sound)))]
    breaks = np.flatnonzero(np.diff(places) * step >= SHORTEST_PAUSE_S * rate_hz)
    firsts = places[np.concatenate([[0], breaks + 1])]
    lasts = places[np.concatenate([breaks, [len(places) - 1]])]
    return [(int(a) * step, min(len(sound), int(b + 1) * step)) for a, b in zip(firsts, lasts, strict=True)]


def _in_sound(
    heard: float, runs: Sequence[tuple[int, int]], heard_until: npt.NDArray[np.float64], *, after: bool
) -> int:
    """Return the sample at which `heard` samples of audible sound have passed; beside a pause, after or before it."""
    near = 1e-6 if after else -1e-6
    k = min(int(np.searchsorted(heard_until, heard + near, side="right" if after else "left")), len(runs) - 1)
    return round(runs[k][1] - (float(heard_until[k]) - heard))


def timed(
    words: Sequence[SpokenWord], spans: Mapping[int, tuple[int, int]], samples: int, rate_hz: int
) -> tuple[Word, ...]:
    """Return every shown word with its time; silent ones (dashes, cues) stand in the gap between their neighbours."""
    out: list[Word] = []
    at = 0
    for index, word in enumerate(words):
        if index in spans:
            start, end = spans[index]
        else:
            start = max((e for i, (_, e) in spans.items() if i < index), default=0)
            end = min((s for i, (s, _) in spans.items() if i > index), default=samples)
        start = min(max(start, at), samples - 1)
        end = min(samples, max(end, start + 1))
        at = start
        plain = word.shown.strip(".,;:!?…\"'“”‘’()—-").replace("’", "'").casefold()
        out.append(
            Word(
                text=word.shown,
                start=Fraction(start, rate_hz),
                end=Fraction(end, rate_hz),
                first=word.first,
                last=word.last,
                spoken="" if word.spoken.casefold() == plain else word.spoken,
            )
        )
    return tuple(out)
