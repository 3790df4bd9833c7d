"""The loudness gate: within half a unit and under the ceiling, with its reasons."""

from __future__ import annotations

import pytest

from kamishibai.gates.loudness import judge_loudness
from kamishibai.media.loudness import Loudness


@pytest.mark.parametrize(
    ("lufs", "peak", "passes"),
    [
        (-14.0, -1.2, True),
        (-14.5, -1.0, True),
        (-13.4, -1.5, False),
        (-14.0, -0.8, False),
        (-20.0, -9.0, False),
    ],
)
def test_what_is_within_the_targets_passes(lufs: float, peak: float, passes: bool) -> None:
    verdict = judge_loudness(Loudness(lufs=lufs, true_peak_dbtp=peak, seconds=30))
    assert verdict.passed is passes
    assert len(verdict.reasons) == 2


def test_a_reason_says_by_how_much() -> None:
    verdict = judge_loudness(Loudness(lufs=-17.25, true_peak_dbtp=-3.0, seconds=30))
    assert "3.25 LU too quiet" in verdict.reasons[0]


def test_silence_passes_only_where_it_is_meant() -> None:
    silent = Loudness(lufs=None, true_peak_dbtp=None, seconds=30)
    assert not judge_loudness(silent).passed
    assert judge_loudness(silent, may_be_silent=True).passed
    assert judge_loudness(silent).silent


def test_a_moment_is_not_failed_for_having_no_loudness() -> None:
    verdict = judge_loudness(Loudness(lufs=None, true_peak_dbtp=-6.0, seconds=0.2))
    assert verdict.passed
    assert not verdict.silent
