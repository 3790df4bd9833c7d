"""The contact sheet: the film's own frames, in order, each with its scene and line."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from kamishibai.exports.contact_sheet import contact_sheet
from kamishibai.media.picture import Pixels, decode_png

F = Fraction
COLOURS = [(200, 40, 40), (40, 180, 40), (40, 40, 200), (200, 200, 40), (40, 200, 200)]
TILES: list[Pixels] = [np.full((90, 160, 3), colour, np.uint8) for colour in COLOURS]


def test_frames_stand_in_order_in_rows() -> None:
    shots = [(F(n) + F(1, 2), f"s{n}", f"The line of scene {n}") for n in range(5)]

    sheet = decode_png(contact_sheet(TILES, shots, columns=3))

    row = (sheet.shape[0] - 22) // 2
    for n, colour in enumerate(COLOURS):
        left, top = 22 + n % 3 * 182, 22 + n // 3 * row
        assert (sheet[top + 45, left + 80] == colour).all()


def test_each_frame_has_its_text_beneath() -> None:
    def ink(line: str) -> int:
        sheet = decode_png(contact_sheet(TILES[:1], [(F(1), "s1", line)]))
        return int((sheet[22 + 90 :].min(axis=2) < 120).sum())

    assert ink("") < ink("A fox") < ink("A fox found a lantern in the dark, dark forest")


@pytest.mark.parametrize("line", ["\x00\x1b[31m", "🦊", "<b>{\\an8}", "سلام 你好 ไทย " * 3, "x" * 900])
def test_any_text_can_stand_under_a_frame(line: str) -> None:
    assert contact_sheet(TILES[:1], [(F(1), "s1", line)]).startswith(b"\x89PNG")
