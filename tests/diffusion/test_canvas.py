"""Sizes: what a family draws at, what the film needs, repairs that touch nothing else, and where the subject is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamishibai.diffusion.canvas import canvas_size, drawn_size, fitted, focus_of, paste_back, stretched
from kamishibai.errors import UsageError
from kamishibai.weights.families import FAMILIES, Family, family_named

PICTURES = [family for family in FAMILIES if family.kind == "picture"]
FILMS = [(1920, 1080), (1080, 1920), (1080, 1080), (864, 1080), (256, 144)]


def sd15() -> Family:
    family = family_named("sd15")
    assert family is not None
    return family


@pytest.mark.parametrize("film", FILMS)
@pytest.mark.parametrize("family", PICTURES, ids=lambda family: family.name)
def test_every_family_draws_near_its_native_area_in_the_films_aspect(
    family: Family, film: tuple[int, int]
) -> None:
    width, height = drawn_size(family, film)

    assert width % family.multiple == height % family.multiple == 0
    assert width * height == pytest.approx(family.native[0] * family.native[1], rel=0.1)
    assert width / height == pytest.approx(film[0] / film[1], rel=0.07)


def test_one_wished_side_gives_the_other_and_two_are_taken_as_they_are() -> None:
    assert drawn_size(sd15(), (1920, 1080), width=640) == (640, 360)
    assert drawn_size(sd15(), (1080, 1920), height=640) == (360, 640)
    assert drawn_size(sd15(), (1920, 1080), width=512, height=512) == (512, 512)


@pytest.mark.parametrize(("side", "near"), [({"width": 513}, "512"), ({"height": 101}, "104")])
def test_a_side_that_is_no_multiple_is_refused_with_the_nearest(side: dict[str, int], near: str) -> None:
    with pytest.raises(UsageError, match=near):
        drawn_size(sd15(), (1920, 1080), **side)


@given(st.integers(64, 2160), st.integers(64, 2160))
def test_a_canvas_has_exactly_the_films_shape_and_is_never_smaller(width: int, height: int) -> None:
    wide, high = canvas_size((width, height))

    assert wide * height == high * width
    assert width <= wide <= 1.35 * width + 1


def test_common_films_get_room_to_zoom() -> None:
    assert canvas_size((1920, 1080)) == (2208, 1242)
    assert canvas_size((1080, 1920)) == (1242, 2208)


def test_a_picture_is_cropped_in_the_middle_and_never_stretched() -> None:
    pixels = np.zeros((100, 100, 3), np.uint8)
    cv2.circle(pixels, (50, 50), 20, (255, 255, 255), -1)

    wide = fitted(pixels, (200, 100))

    assert wide.shape == (100, 200, 3)
    columns, rows = (int((wide[..., 0] > 127).any(axis).sum()) for axis in (0, 1))
    assert abs(columns - rows) <= 2
    assert columns > 70


def test_stretching_and_back_returns_every_part_to_its_place() -> None:
    pixels = np.zeros((111, 185, 3), np.uint8)
    cv2.circle(pixels, (40, 80), 12, (255, 255, 255), -1)

    back = stretched(stretched(pixels, (160, 96)), (185, 111))

    ys, xs = np.nonzero(back[..., 0] > 127)
    assert (xs.mean(), ys.mean()) == pytest.approx((40, 80), abs=0.7)


@given(st.integers(0, 2**32 - 1))
def test_a_repair_keeps_every_pixel_outside_its_region(seed: int) -> None:
    rng = np.random.default_rng(seed)
    source, drawn = (rng.integers(0, 256, (24, 32, 3), np.uint8) for _ in range(2))
    region = rng.random((24, 32)) < 0.5

    mixed = paste_back(source, drawn, region)

    assert np.array_equal(mixed[~region], source[~region])


def test_deep_inside_its_region_a_repair_is_what_was_drawn() -> None:
    source, drawn = np.zeros((60, 60, 3), np.uint8), np.full((60, 60, 3), 200, np.uint8)
    region = np.zeros((60, 60), bool)
    region[10:50, 30:] = True

    mixed = paste_back(source, drawn, region)

    assert (mixed[30, 40:] == 200).all()  # also at the picture's own rim
    assert 0 < mixed[30, 30, 0] < 200
    assert (mixed[30, 29] == 0).all()


def test_a_region_of_everything_is_the_drawn_picture() -> None:
    drawn = np.random.default_rng(1).integers(0, 256, (20, 20, 3), np.uint8)

    assert np.array_equal(paste_back(np.zeros_like(drawn), drawn, np.ones((20, 20), bool)), drawn)


@pytest.mark.parametrize("at", [(0.3, 0.6), (0.7, 0.4), (0.5, 0.5)])
def test_the_camera_looks_at_what_stands_out(at: tuple[float, float]) -> None:
    pixels = np.full((360, 640, 3), (90, 140, 200), np.uint8)
    pixels[240:] = (60, 120, 60)
    cv2.circle(pixels, (round(at[0] * 640), round(at[1] * 360)), 40, (220, 60, 30), -1)

    x, y = focus_of(pixels)

    assert abs(x - at[0]) < 0.13
    assert abs(y - at[1]) < 0.2


def test_a_flat_picture_is_looked_at_in_the_middle() -> None:
    assert focus_of(np.full((90, 160, 3), 120, np.uint8)) == pytest.approx((0.5, 0.5), abs=0.05)
