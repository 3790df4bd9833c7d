"""Long sounds are cut where nobody speaks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from kamishibai.media.stretches import levels, quietest, stretches

RATE_HZ = 16_000


def phrases(*seconds: float) -> npt.NDArray[np.float32]:
    """Return noise and silence in turn, beginning with noise."""
    rng = np.random.default_rng(0)
    parts = [
        rng.normal(0, 0.1 if index % 2 == 0 else 0.0005, round(length * RATE_HZ))
        for index, length in enumerate(seconds)
    ]
    return np.concatenate(parts).astype(np.float32)


def test_a_sound_that_fits_stays_whole() -> None:
    assert stretches(phrases(3, 1, 3), RATE_HZ, 7.0) == [(0, 7 * RATE_HZ)]


def test_a_long_sound_is_cut_in_its_pauses_and_nothing_is_lost() -> None:
    sound = phrases(6, 0.5, 6, 0.5, 6, 0.5, 6)

    parts = stretches(sound, RATE_HZ, 10.0)

    assert [first for first, _ in parts[1:]] == [last for _, last in parts[:-1]]
    assert (parts[0][0], parts[-1][1]) == (0, len(sound))
    pauses = [(6.0, 6.5), (12.5, 13.0), (19.0, 19.5)]
    for _, cut in parts[:-1]:
        assert any(low + 0.1 <= cut / RATE_HZ <= high - 0.1 for low, high in pauses), cut / RATE_HZ


def test_speech_without_a_pause_is_cut_all_the_same() -> None:
    parts = stretches(phrases(50), RATE_HZ, 10.0)

    assert all(last - first <= 10 * RATE_HZ for first, last in parts)
    assert len(parts) <= 9


def test_digital_silence_is_cut_too() -> None:
    parts = stretches(np.zeros(25 * RATE_HZ, np.float32), RATE_HZ, 10.0)

    assert parts[-1][1] == 25 * RATE_HZ
    assert all(0 < last - first <= 10 * RATE_HZ for first, last in parts)


@pytest.mark.parametrize(("first", "last"), [(0, 0), (5, 5), (90, 500), (-10, 20)])
def test_the_quietest_place_is_looked_for_within_the_sound(first: int, last: int) -> None:
    power = levels(phrases(1.0), RATE_HZ)

    assert 0 <= quietest(power, first, last) <= len(power)
