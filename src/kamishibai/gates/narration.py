"""Is a voice take sound: silence, clipping, words cut off at the ends, and the speed of speech."""

from __future__ import annotations

from typing import Any

import numpy as np

from kamishibai.documents.frozen import Frozen
from kamishibai.media.sound import Samples
from kamishibai.media.speech import active_span, loudness_lufs

__all__ = ["NarrationFacts", "NarrationLimits", "examine_narration", "narration_faults"]

FRAME_S = 0.02
SILENT_DB = -40.0
"""A frame this far below the loudest is silence."""
EDGE_S = 0.008
CUT_DB = -26.0
"""What begins or ends this close to its loudest frame was cut off."""


class NarrationFacts(Frozen):
    """What was measured in one voice take."""

    seconds: float
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


class NarrationLimits(Frozen):
    """What a take may not pass. Storytellers read at 110 to 190 words a minute; single words may be slower."""

    leading_s: float = 1.0
    trailing_s: float = 2.0
    longest_pause_s: float = 2.0
    slowest_wpm: float = 60.0
    fastest_wpm: float = 320.0
    quietest_lufs: float = -36.0


def examine_narration(samples: Samples, rate_hz: int, words: int) -> NarrationFacts:
    """Measure a take of shape (channels, n); `words` is how many words are spoken in it."""
    sound = samples.mean(axis=0, dtype=np.float32)
    seconds = len(sound) / rate_hz
    first, last = active_span(sound, rate_hz, floor_db=SILENT_DB)
    if last <= first or float(np.max(np.abs(sound))) < 1e-3:
        return NarrationFacts(
            seconds=round(seconds, 4), leading_s=round(seconds, 4), trailing_s=0.0, longest_pause_s=0.0,
            clipped_samples=0, head_cut=False, tail_cut=False, peak_dbfs=None, lufs=None, words_per_minute=None,
        )  # fmt: skip
    pauses = _pauses_s(sound[first:last], rate_hz)
    speaking = (last - first) / rate_hz - sum(pause for pause in pauses if pause > 0.5)
    edge = max(1, round(EDGE_S * rate_hz))
    loudest = _loudest(sound, edge)
    return NarrationFacts(
        seconds=round(seconds, 4),
        leading_s=round(first / rate_hz, 4),
        trailing_s=round((len(sound) - last) / rate_hz, 4),
        longest_pause_s=round(max(pauses, default=0.0), 4),
        clipped_samples=_clipped(samples),
        head_cut=_rms(sound[:edge]) > loudest * 10 ** (CUT_DB / 20),
        tail_cut=_rms(sound[-edge:]) > loudest * 10 ** (CUT_DB / 20),
        peak_dbfs=round(20 * float(np.log10(np.max(np.abs(samples)))), 2),
        lufs=_rounded(loudness_lufs(sound, rate_hz)),
        words_per_minute=round(60 * words / max(speaking, FRAME_S), 1) if words else None,
    )


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
