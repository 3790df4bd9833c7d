"""The camera: eased, aimed, on the canvas, near sheets faster than far ones."""

from __future__ import annotations

from fractions import Fraction
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamishibai.documents.storyboard import Move
from kamishibai.documents.takes import CameraKey, Shot
from kamishibai.engine.camera import camera_path, view_at, view_matrix

MOVES = get_args(Move)
CANVAS, FRAME = (2208, 1242), (1920, 1080)


def shot_of(move: str, amount: float = 0.1, focus: tuple[float, float] = (0.5, 0.5), canvas: tuple[int, int] = CANVAS,
            frame: tuple[int, int] = FRAME, parallax: float = 0.5) -> Shot:  # fmt: skip
    keys = camera_path(move, amount, Fraction(4), focus, canvas, frame)
    return Shot(seconds=Fraction(4), keys=keys, parallax=parallax)


@given(
    move=st.sampled_from(MOVES),
    amount=st.floats(0, 0.3),
    focus=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    canvas=st.tuples(st.integers(200, 4000), st.integers(200, 4000)),
    frame=st.sampled_from([(1920, 1080), (1080, 1920), (1080, 1080), (1080, 1350)]),
    depth=st.floats(0, 1),
    parallax=st.floats(0, 1),
    moment=st.floats(-1, 6),
)
def test_no_sheet_is_ever_seen_past_the_canvas(move, amount, focus, canvas, frame, depth, parallax, moment):  # type: ignore[no-untyped-def]
    shot = shot_of(move, amount, focus, canvas, frame)

    view = view_at(shot, moment, canvas, frame)
    to_canvas = np.linalg.inv(view_matrix(view, depth, parallax, canvas, frame))
    corners = to_canvas @ np.array([[0, frame[0]], [0, frame[1]], [1, 1]])

    assert corners[:2, 0].min() >= -1e-6
    assert corners[0, 1] <= canvas[0] + 1e-6
    assert corners[1, 1] <= canvas[1] + 1e-6


@pytest.mark.parametrize("move", [m for m in MOVES if m != "still"])
def test_a_move_starts_and_ends_softly_and_never_stops_between(move: str) -> None:
    shot = shot_of(move)

    path = np.array(
        [(v.x, v.y, v.scale) for v in (view_at(shot, t / 100, CANVAS, FRAME) for t in range(401))]
    )
    speed = np.abs(np.diff(path, axis=0)).sum(axis=1)

    assert speed[0] < 0.02 * speed.max()
    assert speed[-1] < 0.02 * speed.max()
    assert speed[40:-40].min() > 0.3 * speed.max()
    assert np.abs(np.diff(speed)).max() < 0.03 * speed.max()


def test_a_path_of_three_keys_passes_the_middle_one_without_stopping() -> None:
    keys = tuple(CameraKey(time=Fraction(t), x=0.4 + 0.1 * t, y=0.5, scale=0.6) for t in (0, 1, 2))
    shot = Shot(seconds=Fraction(2), keys=keys)

    before, at, after = (view_at(shot, t, CANVAS, FRAME).x for t in (0.99, 1.0, 1.01))

    assert at == pytest.approx(0.5)
    assert after - before > 0.0015


@pytest.mark.parametrize("move", ["push", "pull"])
def test_a_zoom_keeps_the_focus_where_it_is_at_every_depth(move: str) -> None:
    focus = (0.7, 0.4)
    shot = shot_of(move, 0.2, focus)
    point = np.array([focus[0] * CANVAS[0], focus[1] * CANVAS[1], 1])

    seen = [
        (view_matrix(view_at(shot, t, CANVAS, FRAME), depth, 0.5, CANVAS, FRAME) @ point)[:2]
        for t in (0, 1, 2, 4)
        for depth in (0.0, 0.5, 1.0)
    ]

    assert np.ptp(np.array(seen), axis=0).max() < 1e-6


def test_pans_and_rises_go_where_they_say() -> None:
    def travelled(move: str) -> tuple[float, float]:
        shot = shot_of(move)
        first, last = view_at(shot, 0, CANVAS, FRAME), view_at(shot, 4, CANVAS, FRAME)
        return last.x - first.x, last.y - first.y

    assert travelled("pan-right")[0] == pytest.approx(0.1)
    assert travelled("pan-left")[0] == pytest.approx(-0.1)
    assert travelled("rise")[1] == pytest.approx(-0.1)
    assert travelled("sink")[1] == pytest.approx(0.1)
    assert travelled("still") == (0, 0)


def test_a_near_sheet_moves_up_to_twice_as_far_as_the_horizon() -> None:
    shot = shot_of("pan-right")

    def shift(depth: float) -> float:
        first, last = (
            view_matrix(view_at(shot, t, CANVAS, FRAME), depth, 0.5, CANVAS, FRAME) for t in (0, 4)
        )
        return abs(last[0, 2] - first[0, 2])

    assert 1.7 * shift(0.0) < shift(1.0) < 2.3 * shift(0.0)
    assert shift(0.0) < shift(0.5) < shift(1.0)
