"""Judge measured loudness and true peak against the targets of the mix, with reasons."""

from __future__ import annotations

from typing import Final

from kamishibai.documents.frozen import Frozen
from kamishibai.media.loudness import Loudness

__all__ = ["CEILING_DBTP", "TARGET_LUFS", "TOLERANCE_LU", "LoudnessVerdict", "judge_loudness"]

TARGET_LUFS: Final = -14.0
TOLERANCE_LU: Final = 0.5
CEILING_DBTP: Final = -1.0
_ROUNDING = 0.005
"""Judged at the two decimals that are printed, so that a verdict never contradicts its own numbers."""


class LoudnessVerdict(Frozen):
    """Whether the sound passes, and a printable reason for each finding."""

    passed: bool
    silent: bool
    reasons: tuple[str, ...]


def judge_loudness(
    measured: Loudness,
    *,
    target_lufs: float = TARGET_LUFS,
    tolerance_lu: float = TOLERANCE_LU,
    ceiling_dbtp: float = CEILING_DBTP,
    may_be_silent: bool = False,
) -> LoudnessVerdict:
    """Return the verdict on `measured`; a silent sound passes only where it `may_be_silent`."""
    if measured.lufs is None:
        short = measured.seconds < 0.4 and measured.true_peak_dbtp is not None
        reason = "too short to have a loudness" if short else "silent"
        return LoudnessVerdict(passed=may_be_silent or short, silent=not short, reasons=(reason,))
    passed = True
    reasons = []
    off = measured.lufs - target_lufs
    level = f"{measured.lufs:.2f} LUFS"
    if abs(off) <= tolerance_lu + _ROUNDING:
        reasons.append(f"{level} is within {tolerance_lu:g} LU of {target_lufs:g}")
    else:
        passed = False
        reasons.append(
            f"{level} is {abs(off):.2f} LU too {'loud' if off > 0 else 'quiet'} for {target_lufs:g}"
        )
    peak = measured.true_peak_dbtp
    if peak is not None and peak > ceiling_dbtp + _ROUNDING:
        passed = False
        reasons.append(f"true peak {peak:.2f} dBTP is above {ceiling_dbtp:g}")
    elif peak is not None:
        reasons.append(f"true peak {peak:.2f} dBTP is under {ceiling_dbtp:g}")
    return LoudnessVerdict(passed=passed, silent=False, reasons=tuple(reasons))
