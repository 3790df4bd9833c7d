"""Is a voice take sound and are its words the line's: silence, noise, clipping, cut words, speed, word errors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from fractions import Fraction
from typing import Any

import numpy as np
from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.takes import Word
from kamishibai.gates.verdict import Verdict
from kamishibai.gates.wer import Pair, WordErrors, heard_words
from kamishibai.media.sound import Samples
from kamishibai.media.speech import active_span, loudness_lufs

__all__ = [
    "NarrationFacts", "NarrationLimits", "examine_narration", "judge_narration", "narration_faults", "trim_span",
]  # fmt: skip

FRAME_S = 0.02
SILENT_DB = -40.0
"""A frame this far below the loudest is silence."""
EDGE_S = 0.008
CUT_DB = -26.0
"""What begins or ends this close to its loudest frame was cut off."""
LEAD_S, TAIL_S = Fraction(3, 20), Fraction(1, 4)
"""Left before the first and after the last word of the line where the rest is cut off."""
WORTH_S = Fraction(1, 1)
"""Silence shorter than this is left as it is."""
ALIKE = 0.65
"""Share of the letters that a misheard stretch of words has in common with what was said."""
MOST_QUOTED = 4


class NarrationFacts(Frozen):
    """What was measured in one voice take."""

    seconds: float
    words: int = 0
    """How many words are spoken in it, as it was told."""
    leading_s: float
    """Silence before the first sound; the whole length when there is no sound at all."""
    trailing_s: float
    longest_pause_s: float
    """The longest silence between the first and the last sound."""
    clipped_samples: int
    """Samples in runs of three or more at full scale."""
    head_cut: bool
    tail_cut: bool
    peak_dbfs: float | None
    lufs: float | None
    words_per_minute: float | None
    """Over the time from the first sound to the last, without pauses longer than half a second."""
    snr_db: float | None = None
    """How far the loud frames (90th percentile) lie over the quiet ones (10th): noise fills the gaps between words."""


class NarrationLimits(Frozen):
    """What a take may not pass. Storytellers read at 110 to 190 words a minute; single words may be slower.

    Of the words, none may be missing and none added; a share may be heard as others, and one always, as any ear
    misspells a name. Without an ear the sound alone is judged.
    """

    leading_s: float = Field(default=1.0, ge=0)
    trailing_s: float = Field(default=2.0, ge=0)
    longest_pause_s: float = Field(default=2.0, ge=0)
    slowest_wpm: float = Field(default=60.0, ge=0)
    fastest_wpm: float = Field(default=320.0, gt=0)
    quietest_lufs: float = Field(default=-36.0, le=0)
    snr_db: float = Field(default=12.0, ge=0)
    wer: float = Field(default=0.1, ge=0)
    """Share of the words that may be heard as others."""
    missing: int = Field(default=0, ge=0)
    """Words that may be missing."""
    added: int = Field(default=0, ge=0)
    """Words that may be added."""


def examine_narration(samples: Samples, rate_hz: int, words: int) -> NarrationFacts:
    """Measure a take of shape (channels, n); `words` is how many words are spoken in it."""
    sound = samples.mean(axis=0, dtype=np.float32)
    seconds = len(sound) / rate_hz
    first, last = active_span(sound, rate_hz, floor_db=SILENT_DB)
    if last <= first or float(np.max(np.abs(sound))) < 1e-3:
        return NarrationFacts(
            seconds=round(seconds, 4), words=words, leading_s=round(seconds, 4), trailing_s=0.0, longest_pause_s=0.0,
            clipped_samples=0, head_cut=False, tail_cut=False, peak_dbfs=None, lufs=None, words_per_minute=None,
        )  # fmt: skip
    pauses = _pauses_s(sound[first:last], rate_hz)
    speaking = (last - first) / rate_hz - sum(pause for pause in pauses if pause > 0.5)
    edge = max(1, round(EDGE_S * rate_hz))
    loudest = _loudest(sound, edge)
    return NarrationFacts(
        seconds=round(seconds, 4),
        words=words,
        leading_s=round(first / rate_hz, 4),
        trailing_s=round((len(sound) - last) / rate_hz, 4),
        longest_pause_s=round(max(pauses, default=0.0), 4),
        clipped_samples=_clipped(samples),
        head_cut=_rms(sound[:edge]) > loudest * 10 ** (CUT_DB / 20),
        tail_cut=_rms(sound[-edge:]) > loudest * 10 ** (CUT_DB / 20),
        peak_dbfs=round(20 * float(np.log10(np.max(np.abs(samples)))), 2),
        lufs=_rounded(loudness_lufs(sound, rate_hz)),
        words_per_minute=round(60 * words / max(speaking, FRAME_S), 1) if words else None,
        snr_db=_snr_db(sound[first:last], rate_hz),
    )


def judge_narration(
    facts: NarrationFacts, errors: WordErrors | None, limits: NarrationLimits | None = None, scene: str = ""
) -> Verdict:
    """Return the verdict on one take: on its sound, and on its words where an ear has heard them.

    `badness` orders takes of one line: ten times the word error rate, half a point for every word missing or added,
    and a point for every fault.
    """
    limits = limits or NarrationLimits()
    words = facts.words if errors is None else errors.words
    faults = list(narration_faults(facts, words, limits))
    measured: dict[str, float | int | str | None] = {"snr_db": facts.snr_db, "leading_s": facts.leading_s}
    wrong = 0.0
    if errors is not None and words:
        faults += _word_faults(errors, limits)
        measured |= {
            "wer": round(errors.rate, 4),
            "insertions": errors.insertions,
            "deletions": errors.deletions,
            "substitutions": errors.substitutions,
        }
        wrong = 10 * errors.rate + 0.5 * (errors.insertions + errors.deletions)
    measured |= {"words_per_minute": facts.words_per_minute, "longest_pause_s": facts.longest_pause_s}
    return Verdict(
        gate="narration",
        scene=scene,
        passed=not faults,
        faults=tuple(faults),
        badness=round(wrong + len(faults), 4),
        measured=measured,
    )


def _word_faults(errors: WordErrors, limits: NarrationLimits) -> list[str]:
    missing: list[str] = []
    added: list[str] = []
    misheard: list[tuple[str, str]] = []
    for run in _wrong_runs(errors.pairs):
        said = " ".join(p.expected for p in run if p.expected)
        heard = " ".join(p.heard for p in run if p.heard)
        if _alike(said, heard):
            # Two words heard as one are one thing misheard; in three there is room for a word that was left out.
            misheard += [(said, heard)] * max(1, len(said.split()) - 1)
            continue
        missing += [p.expected for p in run if p.kind == "deletion"]
        added += [p.heard for p in run if p.kind == "insertion"]
        misheard += [(p.expected, p.heard) for p in run if p.kind == "substitution"]
    faults = []
    if len(missing) > limits.missing:
        faults.append("missing " + _quoted(missing))
    if len(added) > limits.added:
        faults.append("added " + _quoted(added))
    if len(misheard) > max(1, int(limits.wer * errors.words)):
        told = [f"“{said}” heard as “{heard}”" for said, heard in dict.fromkeys(misheard)]
        faults.append(", ".join(told[:MOST_QUOTED]))
    return faults


def _alike(said: str, heard: str) -> bool:
    """Say whether two stretches of words sound like one another; one word in both would be a word in another place."""
    if not said or not heard or set(said.split()) & set(heard.split()):
        return False
    return SequenceMatcher(None, said.replace(" ", ""), heard.replace(" ", "")).ratio() >= ALIKE


def _wrong_runs(pairs: Iterable[Pair]) -> list[list[Pair]]:
    """Return the stretches of the alignment in which every word is wrong.

    An ear that hears "stars faded" as "star is faded" adds no word, and one that hears "all ready" as "already" misses
    none: such a stretch is misheard where its letters are mostly the same.
    """
    runs: list[list[Pair]] = [[]]
    for pair in pairs:
        if pair.kind == "match":
            runs.append([])
        else:
            runs[-1].append(pair)
    return [run for run in runs if run]


def _quoted(words: Iterable[str]) -> str:
    shown = list(words)
    more = f" and {len(shown) - MOST_QUOTED} more" if len(shown) > MOST_QUOTED else ""
    return ", ".join(f"“{word}”" for word in shown[:MOST_QUOTED]) + more


def trim_span(
    heard: Sequence[Word], spoken: str, seconds: Fraction, language: str = "en"
) -> tuple[Fraction, Fraction] | None:
    """Return (start, end) of what belongs to the line, where a take begins or ends with words or silence of its own.

    Parameters
    ----------
    heard
        The words of the whole take with their times.
    spoken
        The line as it was given to the voice.
    seconds
        Length of the take.

    Returns
    -------
    None when there is nothing to cut off, or when the line's first or last word was not found: cutting there would
    guess.
    """
    wanted = [Word(text=text, start=Fraction(0), end=Fraction(0)) for text in spoken.split()]
    pairs = heard_words(wanted, heard, language)
    if not pairs:
        return None
    start, end = Fraction(0), seconds
    first, last = heard[pairs[0].heard], heard[pairs[-1].heard]
    if pairs[0].expected == 0:
        before = heard[pairs[0].heard - 1].end if pairs[0].heard else Fraction(0)
        lead = min(LEAD_S, max(Fraction(0), first.start - before) / 2)
        start = max(Fraction(0), first.start - lead)
    if pairs[-1].expected == len(wanted) - 1:
        after = heard[pairs[-1].heard + 1].start if pairs[-1].heard + 1 < len(heard) else seconds
        tail = min(TAIL_S, max(Fraction(0), after - last.end) / 2)
        end = min(seconds, last.end + tail)
    # Silence of a natural length stays, so that a sound take is not cut for nothing.
    start = start if pairs[0].heard > 0 or start > WORTH_S else Fraction(0)
    end = end if pairs[-1].heard + 1 < len(heard) or seconds - end > WORTH_S else seconds
    return (start, end) if (start > 0 or end < seconds) and end - start > Fraction(1, 5) else None


def narration_faults(
    facts: NarrationFacts, words: int, limits: NarrationLimits | None = None
) -> tuple[str, ...]:
    """Return what is wrong with a take, each in a few words; empty when it is sound."""
    limits = limits or NarrationLimits()
    if not words:
        return ()
    if facts.peak_dbfs is None:
        return ("silent: no word is heard",)
    faults = []
    if facts.leading_s > limits.leading_s:
        faults.append(f"{facts.leading_s:.1f} s of silence before the first word")
    if facts.trailing_s > limits.trailing_s:
        faults.append(f"{facts.trailing_s:.1f} s of silence after the last word")
    if facts.longest_pause_s > limits.longest_pause_s:
        faults.append(f"a pause of {facts.longest_pause_s:.1f} s inside the line")
    if facts.clipped_samples:
        faults.append(f"{facts.clipped_samples} clipped samples")
    if facts.head_cut:
        faults.append("the first word is cut off")
    if facts.tail_cut:
        faults.append("the last word is cut off")
    if facts.snr_db is not None and facts.snr_db < limits.snr_db:
        faults.append(f"noise under the voice ({facts.snr_db:.0f} dB)")
    if facts.lufs is not None and facts.lufs < limits.quietest_lufs:
        faults.append(f"too quiet ({facts.lufs:.1f} LUFS)")
    if facts.words_per_minute is not None and words >= 4:
        if facts.words_per_minute < limits.slowest_wpm:
            faults.append(f"too slow ({facts.words_per_minute:.0f} words a minute)")
        if facts.words_per_minute > limits.fastest_wpm:
            faults.append(f"too fast ({facts.words_per_minute:.0f} words a minute)")
    return tuple(faults)


def _rms(sound: Any) -> float:
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))) if len(sound) else 0.0


def _frames(sound: Any, size: int) -> Any:
    count = len(sound) // size
    return np.sqrt(np.mean(np.square(sound[: count * size].reshape(count, size), dtype=np.float64), axis=1))


def _loudest(sound: Any, size: int) -> float:
    levels = _frames(sound, size)
    return float(levels.max()) if len(levels) else _rms(sound)


def _pauses_s(sound: Any, rate_hz: int) -> list[float]:
    """Return the length of every silence inside `sound`."""
    levels = _frames(sound, max(1, round(FRAME_S * rate_hz)))
    if not len(levels):
        return []
    quiet = np.concatenate([[0], (levels < levels.max() * 10 ** (SILENT_DB / 20)).astype(int), [0]])
    steps = np.diff(quiet)
    return [float(n) * FRAME_S for n in np.flatnonzero(steps == -1) - np.flatnonzero(steps == 1)]


def _snr_db(sound: Any, rate_hz: int) -> float | None:
    """Return how far the loud frames lie over the quiet ones, at most 96 dB; None for less than a third of a second."""
    levels = _frames(sound, max(1, round(FRAME_S * rate_hz)))
    if len(levels) < 16:
        return None
    low, high = np.quantile(levels, (0.1, 0.9))
    return round(float(20 * np.log10(max(high, 1e-9) / max(low, high * 10 ** (-96 / 20), 1e-9))), 1)


def _clipped(samples: Samples) -> int:
    """Count samples at full scale that stand in runs of three or more: one alone may be an honest peak."""
    total = 0
    for channel in np.abs(samples) >= 0.999:
        steps = np.diff(np.concatenate([[0], channel.astype(int), [0]]))
        runs = np.flatnonzero(steps == -1) - np.flatnonzero(steps == 1)
        total += int(runs[runs >= 3].sum())
    return total


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
