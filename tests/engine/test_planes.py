"""Colour: BT.709 limited range, premultiplied, chroma level with the left of two columns."""

from __future__ import annotations

import numpy as np
import pytest

from kamishibai.engine.planes import from_frame, sheet_from_rgba


def solid(*rgba: int) -> np.ndarray:
    return np.full((4, 6, len(rgba)), rgba, np.uint8)


@pytest.mark.parametrize(
    ("rgb", "yuv"),
    [  # BT.709: Y' = 16 + 219 (0.2126 R + 0.7152 G + 0.0722 B), Cb = 128 + 224 (B - Y') / 1.8556, ...
        ((0, 0, 0), (16, 128, 128)),
        ((255, 255, 255), (235, 128, 128)),
        ((255, 0, 0), (63, 102, 240)),
        ((0, 255, 0), (173, 42, 26)),
        ((0, 0, 255), (32, 240, 118)),
    ],
)
def test_colours_have_their_bt709_values(rgb: tuple[int, int, int], yuv: tuple[int, int, int]) -> None:
    sheet = sheet_from_rgba(solid(*rgb))

    assert (int(sheet.luma[2, 2]), *(int(c) for c in sheet.chroma[1, 1, :2])) == yuv
    assert sheet.clear is None


def test_a_colour_survives_the_way_there_and_back() -> None:
    sheet = sheet_from_rgba(solid(200, 120, 40))

    seen = from_frame((sheet.luma, sheet.chroma[..., 0].copy(), sheet.chroma[..., 1].copy()))

    assert np.abs(seen.astype(int) - (200, 120, 40)).max() <= 3


def test_an_empty_sheet_lets_all_of_the_background_through() -> None:
    sheet = sheet_from_rgba(solid(255, 0, 0, 0))

    assert not sheet.luma.any()
    assert not sheet.chroma[..., :2].any()
    assert sheet.clear is not None
    assert (sheet.clear == 255).all()
    assert (sheet.chroma[..., 2] == 255).all()


def test_added_light_carries_no_black_level() -> None:
    sheet = sheet_from_rgba(solid(255, 255, 255, 0), adds=True)

    assert not sheet.luma.any()
    assert (sheet.chroma[..., :2] == 128).all()


def test_chroma_is_filtered_about_the_even_columns() -> None:
    picture = np.zeros((2, 8, 3), np.uint8)
    picture[:, 4] = (0, 0, 255)

    u = sheet_from_rgba(picture).chroma[0, :, 0].astype(int) - 128

    assert u[2] == pytest.approx(56, abs=1)
    assert u[1] == u[3] == 0


def test_an_odd_picture_is_padded_to_even_size() -> None:
    sheet = sheet_from_rgba(np.full((5, 7, 3), 90, np.uint8))

    assert sheet.size == (8, 6)
    assert sheet.luma.min() == sheet.luma.max()
