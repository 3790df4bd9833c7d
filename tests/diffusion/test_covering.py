"""How clips of native lengths are made to last as long as their scenes."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamishibai.diffusion.covering import Extend, cover, lengths_of, round_up
from kamishibai.weights.families import family_named

SVD = (25,)
WAN = (21, 41, 61, 81)
EXTENDS: tuple[Extend, ...] = ("continue", "boomerang", "hold", "slow")


def test_a_scene_within_one_clip_gets_the_shortest_that_covers_it() -> None:
    covered = cover(Fraction(3), Fraction(16), WAN)

    assert covered.parts == (61,)
    assert covered.told() == ""


def test_a_longer_scene_goes_on_from_the_last_frame_with_no_more_than_it_needs() -> None:
    covered = cover(Fraction(7), Fraction(16), WAN)

    assert covered.parts == (81, 41)
    assert covered.frames == 121  # the frame they share counts once
    assert "goes on from its last frame (2 clips)" in covered.told()


def test_beyond_the_clips_allowed_it_slows_down_and_then_holds() -> None:
    slowed = cover(Fraction(9), Fraction(7), SVD)
    held = cover(Fraction(14), Fraction(7), SVD)

    assert slowed.slow == Fraction(9, 7)
    assert slowed.rest == 0
    assert held.slow == Fraction(3, 2)
    assert held.rest == Fraction(14) - Fraction(49, 7) * Fraction(3, 2)


def test_a_model_that_cannot_start_from_a_frame_does_not_go_on() -> None:
    covered = cover(Fraction(3), Fraction(8), (16,), goes_on=False)

    assert covered.parts == (16,)
    assert covered.slow == Fraction(3, 2)


@pytest.mark.parametrize(
    ("extend", "said"),
    [
        ("boomerang", "runs back and forth"),
        ("hold", "holds its last frame"),
        ("slow", "slowed down 2.24 times"),
    ],
)
def test_the_other_ways_make_one_clip_and_say_what_they_do_with_it(extend: Extend, said: str) -> None:
    covered = cover(Fraction(8), Fraction(7), SVD, extend=extend)

    assert covered.parts == (25,)
    assert said in covered.told()


@given(
    seconds=st.fractions(min_value=Fraction(1, 30), max_value=60, max_denominator=240),
    extend=st.sampled_from(EXTENDS),
    clips=st.integers(1, 4),
    goes_on=st.booleans(),
    model=st.sampled_from([(Fraction(7), SVD), (Fraction(16), WAN), (Fraction(25), (161,))]),
)
def test_every_scene_is_covered_and_rounding_up_keeps_its_clips(
    seconds: Fraction, extend: Extend, clips: int, goes_on: bool, model: tuple[Fraction, tuple[int, ...]]
) -> None:
    fps, lengths = model
    covered = cover(seconds, fps, lengths, extend=extend, clips=clips, goes_on=goes_on)
    rounded = round_up(seconds, covered)
    again = cover(rounded, fps, lengths, extend=extend, clips=clips, goes_on=goes_on)

    assert covered.seconds >= seconds
    assert rounded >= seconds
    assert again.parts == covered.parts
    assert round_up(rounded, again) == rounded
    assert 1 <= covered.slow <= 3


def test_models_with_a_grid_of_lengths_are_asked_for_quarters_of_their_native_one() -> None:
    wan, svd = family_named("wan"), family_named("svd")
    assert wan is not None
    assert svd is not None

    assert lengths_of(wan) == (21, 41, 61, 81)
    assert lengths_of(wan, 30) == (33,)  # rounded up to 4k+1
    assert lengths_of(svd) == (svd.frames,)
