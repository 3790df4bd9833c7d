"""The most memory a process has needed."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from kamishibai.work.peak import forget_peak, peak_mb


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forgets a peak")
def test_a_peak_is_measured_and_forgotten() -> None:
    forget_peak()
    before = peak_mb()
    np.ones(40_000_000, np.float64).sum()  # 305 MB, given back at once
    high = peak_mb()
    forget_peak()
    assert high - before > 250
    assert peak_mb() < high - 200
