"""Do captions appear when their words are heard: onset errors against the voice's own times or an ear's."""

from __future__ import annotations

from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.gates.alignment import OnsetErrors
from kamishibai.gates.verdict import Verdict

__all__ = ["CaptionLimits", "judge_captions"]


class CaptionLimits(Frozen):
    """How late or early captions may be, in seconds."""

    median_s: float = Field(default=0.1, ge=0)
    p95_s: float = Field(default=0.35, ge=0)
    """Captions lead their first word by up to a tenth of a second, and times by an ear are off by as much."""
    ear_s: float = Field(default=0.3, ge=0)
    """Added to both where an ear says when words are heard, and not the voice itself: Whisper base hears words begin
    0.1 s too early, and those after a pause up to 0.45 s."""
    compared: float = Field(default=0.5, ge=0, le=1)
    """Share of the onsets that must be found; with fewer, nothing can be said."""


def judge_captions(
    errors: OnsetErrors, limits: CaptionLimits | None = None, *, by_ear: bool = False
) -> Verdict:
    """Return the verdict on a film's captions; `by_ear`, their words' times are an ear's and not the voice's own."""
    limits = limits or CaptionLimits()
    more = limits.ear_s if by_ear else 0.0
    faults = []
    if errors.median_s is None or errors.p95_s is None or errors.compared < limits.compared * errors.expected:
        if errors.expected:
            faults.append(f"only {errors.compared} of {errors.expected} onsets were found")
    else:
        if errors.median_s > limits.median_s + more:
            faults.append(f"half of them are off by more than {1000 * errors.median_s:.0f} ms")
        if errors.p95_s > limits.p95_s + more:
            faults.append(f"one in twenty is off by more than {1000 * errors.p95_s:.0f} ms")
    return Verdict(
        gate="captions",
        passed=not faults,
        faults=tuple(faults),
        badness=round(10 * (errors.p95_s or 0.0) + len(faults), 3),
        measured={
            "onsets": errors.compared,
            "onset_median_s": errors.median_s,
            "onset_p95_s": errors.p95_s,
            "onset_bias_s": errors.bias_s,
        },
    )
