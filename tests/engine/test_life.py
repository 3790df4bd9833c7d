"""Life: every movement is smooth, loops without a jump and stays as small as it was asked to be."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from kamishibai.documents.ref import Ref
from kamishibai.documents.takes import Layer, Life
from kamishibai.engine.life import movement, opacity, reach, wraps

REF = Ref(sha256="0" * 64, media_type="image/png", size=1)


def layer(kind: str, **life: object) -> Layer:
    return Layer(
        name="l", ref=REF, x=100, y=50, width=200, height=80, depth=0.5, life=Life(kind=kind, **life)
    )


@pytest.mark.parametrize("kind", ["sway", "bob", "hop", "glide", "breathe"])
def test_a_movement_returns_to_where_it_was_after_one_period(kind: str) -> None:
    moving = layer(kind, amplitude=5, period_s=2.5, phase=0.3)

    for moment in (0.0, 0.7, 1.9):
        assert np.allclose(movement(moving, moment), movement(moving, moment + 2.5), atol=1e-9)


@pytest.mark.parametrize("kind", ["sway", "bob", "hop", "glide", "breathe"])
def test_no_corner_leaves_its_reach_nor_jumps_from_frame_to_frame(kind: str) -> None:
    moving = layer(kind, amplitude=6, period_s=2, pivot=(0.5, 1.0))
    corners = np.array([[100, 300, 100, 300], [50, 50, 130, 130], [1, 1, 1, 1]])

    seen = np.array([(movement(moving, k / 60) @ corners)[:2] for k in range(121)])

    reach_x, reach_y = reach(moving)
    assert np.abs(seen[:, 0] - corners[0]).max() <= reach_x + 1e-6
    assert np.abs(seen[:, 1] - corners[1]).max() <= reach_y + 1e-6
    assert np.abs(np.diff(seen, axis=0)).max() < 1.5
    assert np.abs(seen - seen[0]).max() > 1


def test_a_hop_only_goes_up() -> None:
    hopping = layer("hop", amplitude=10, period_s=1)

    heights = [movement(hopping, k / 50)[1, 2] for k in range(51)]

    assert max(heights) <= 1e-9
    assert min(heights) == pytest.approx(-10)


def test_a_drift_wraps_by_the_layers_own_width_and_only_along_its_way() -> None:
    drifting = layer("drift", velocity_px_s=(30.0, 0.0))

    offsets = np.array([movement(drifting, k / 30)[0, 2] + drifting.x for k in range(400)])
    steps = np.diff(offsets)

    assert wraps(drifting.life) == (True, False)
    assert offsets.min() >= -200
    assert offsets.max() < 0
    assert np.allclose(np.where(steps < 0, steps + 200, steps), 1.0)
    assert movement(drifting, 1.3)[1, 2] == 0


@pytest.mark.parametrize("kind", ["twinkle", "flicker"])
def test_opacity_dips_by_its_amplitude_at_most_and_loops(kind: str) -> None:
    life = Life(kind=kind, amplitude=0.4, period_s=2)

    seen = [opacity(life, k / 60) for k in range(121)]

    assert 0.6 - 1e-9 <= min(seen) < max(seen) <= 1
    assert seen[0] == pytest.approx(seen[120])
    assert max(abs(a - b) for a, b in itertools.pairwise(seen)) < 0.05
