"""The contact sheet: the film's own frames, in order, each with its scene and line."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from kamishibai.errors import MediaError
from kamishibai.exports.contact_sheet import contact_sheet
from kamishibai.media.picture import decode_png

F = Fraction
COLOURS = [(200, 40, 40), (40, 180, 40), (40, 40, 200), (200, 200, 40), (40, 200, 200)]


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Return five seconds of film, one colour a second."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=5)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for colour in COLOURS:
            for _ in range(5):
                picture = np.full((90, 160, 3), colour, np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    path = tmp_path / "film.mp4"
    path.write_bytes(buffer.getvalue())
    return path


def test_frames_stand_in_order_in_rows(film: Path) -> None:
    shots = [(F(n) + F(1, 2), f"s{n}", f"The line of scene {n}") for n in range(5)]

    sheet = decode_png(contact_sheet(film, shots, columns=3, tile_px=160))

    row = (sheet.shape[0] - 22) // 2
    for n, colour in enumerate(COLOURS):
        left, top = 22 + n % 3 * 182, 22 + n // 3 * row
        assert np.abs(sheet[top + 45, left + 80].astype(int) - colour).max() < 40


def test_each_frame_has_its_text_beneath(film: Path) -> None:
    def ink(line: str) -> int:
        sheet = decode_png(contact_sheet(film, [(F(1), "s1", line)], tile_px=160))
        return int((sheet[22 + 90 :].min(axis=2) < 120).sum())

    assert ink("") < ink("A fox") < ink("A fox found a lantern in the dark, dark forest")


@pytest.mark.parametrize("line", ["\x00\x1b[31m", "🦊", "<b>{\\an8}", "سلام 你好 ไทย " * 3, "x" * 900])
def test_any_text_can_stand_under_a_frame(film: Path, line: str) -> None:
    assert contact_sheet(film, [(F(1), "s1", line)]).startswith(b"\x89PNG")


def test_a_sheet_of_no_film_is_a_media_error(tmp_path: Path) -> None:
    with pytest.raises(MediaError):
        contact_sheet(tmp_path / "none.mp4", [(F(0), "s", "x")])
