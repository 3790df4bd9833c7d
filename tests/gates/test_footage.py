"""A whole film's pictures by the clock: black, still and flickering stretches."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from kamishibai.gates.footage import Footage, FootageLimits, footage, judge_footage
from kamishibai.gates.verdict import Verdict
from kamishibai.media.picture import Pixels

FPS = 10
rng = np.random.default_rng(0)
SCENE = rng.integers(40, 220, (60, 200, 3)).astype(np.uint8).repeat(2, axis=1)


def moving(index: int) -> Pixels:
    return np.roll(SCENE, index, axis=1)[:, :160]


def still(index: int) -> Pixels:
    return SCENE[:, :160]


def black(index: int) -> Pixels:
    return np.full((60, 160, 3), 16, np.uint8)


def flickering(index: int) -> Pixels:
    return (moving(index) * (1.0 if index % 2 else 0.8)).astype(np.uint8)


def watched(*parts: tuple[Callable[[int], Pixels], float], limits: FootageLimits | None = None) -> Verdict:
    frames = [shot(i) for shot, seconds in parts for i in range(round(seconds * FPS))]
    return judge_footage(footage((i / FPS, frame) for i, frame in enumerate(frames)), limits)


def test_moving_pictures_pass() -> None:
    verdict = watched((moving, 20))

    assert verdict.passed
    assert verdict.measured == {"black_s": 0, "still_s": 0, "flicker_s": 0, "frames": 200}


@pytest.mark.parametrize(
    ("shot", "fault"),
    [
        (black, "black: 0:05.0 to 0:14.9"),
        (still, "nothing moves: 0:05.0 to 0:15.0"),
        (flickering, "the light flickers: "),
    ],
)
def test_a_long_stretch_is_told_with_its_times(shot: Callable[[int], Pixels], fault: str) -> None:
    verdict = watched((moving, 5), (shot, 10), (moving, 5))

    assert len(verdict.faults) == 1
    assert verdict.faults[0].startswith(fault)


@pytest.mark.parametrize(("shot", "seconds"), [(black, 1.5), (still, 5), (flickering, 0.3)])
def test_a_short_one_is_an_effect_and_passes(shot: Callable[[int], Pixels], seconds: float) -> None:
    assert watched((moving, 5), (shot, seconds), (moving, 5)).faults == ()


def test_black_does_not_count_as_still_as_well() -> None:
    assert watched((black, 20)).measured["still_s"] == 0


def test_what_lies_between_two_samples_was_not_seen() -> None:
    times = [i / FPS for i in range(50)] + [60 + i / FPS for i in range(50)]

    verdict = judge_footage(footage((t, still(0)) for t in times))

    # Twice five seconds of a still picture, and not one of a minute.
    assert verdict.passed
    assert verdict.measured["still_s"] == 4.9


def test_limits_are_the_users() -> None:
    assert not watched((moving, 5), (still, 5), limits=FootageLimits(still_s=3)).passed


def test_a_film_without_a_frame_fails() -> None:
    assert judge_footage(Footage()).faults == ("the film has no frames",)
