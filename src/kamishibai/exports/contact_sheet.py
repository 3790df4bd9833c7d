"""A contact sheet: frames pulled out of the finished film in a grid, each with its scene and line beneath."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from PIL import Image, ImageDraw

from kamishibai.documents.time import timecode
from kamishibai.engine.fonts import FontFace, font_for, is_emoji
from kamishibai.engine.linebreak import Token, balanced, tokens
from kamishibai.errors import DocumentError
from kamishibai.media.picture import Pixels, encode_png

__all__ = ["TILE_PX", "contact_sheet"]

GROUND, INK, FAINT = (250, 246, 238), (46, 40, 54), (140, 130, 138)
GAP = 22
LETTERS = 19
LINES = 3
TILE_PX = 480
"""Width of a frame."""


def contact_sheet(
    tiles: Sequence[Pixels],
    shots: Sequence[tuple[Fraction, str, str]],
    *,
    language: str = "en",
    columns: int = 0,
) -> bytes:
    """Return a PNG of frames of a film.

    Parameters
    ----------
    tiles
        The frames, RGB and all of one size: `TILE_PX` wide in a film's own sheet.
    shots
        Time in seconds, scene id and line of each frame, in order.
    columns
        Tiles in a row; 0 chooses 2 to 5 by how many there are and by their shape.
    """
    height, width = tiles[0].shape[:2]
    across = columns or min(len(tiles), _columns(len(tiles), width / height))
    down = -(-len(tiles) // across)
    most = max(len(_lines(line, width, language)) for _, _, line in shots)
    text_height = round(LETTERS * 1.35 * (most + 1)) + 14
    sheet = Image.new(
        "RGB", (GAP + across * (width + GAP), GAP + down * (height + text_height + GAP // 2)), GROUND
    )
    draw = ImageDraw.Draw(sheet)
    for n, (tile, (time, scene, line)) in enumerate(zip(tiles, shots, strict=True)):
        left = GAP + n % across * (width + GAP)
        top = GAP + n // across * (height + text_height + GAP // 2)
        sheet.paste(Image.fromarray(tile), (left, top))
        label = " · ".join(part for part in (scene, timecode(time)[3:8]) if part)
        texts = [(part, FAINT, "en") for part in _lines(label, width, "en")[:1]]
        texts += [(part, INK, language) for part in _lines(line, width, language)]
        for row, (text, colour, tongue) in enumerate(texts):
            at = (left, top + height + 8 + round(row * LETTERS * 1.35))
            draw.text(at, text, fill=colour, font=_face(text, tongue).at(LETTERS))
    return encode_png(np.asarray(sheet), level=4)


def _columns(count: int, shape: float) -> int:
    most = 5 if shape < 0.8 else 4 if count > 12 else 3
    return 2 if count <= 4 and shape > 1 else most


def _lines(text: str, width: int, language: str) -> list[str]:
    """Return `text` on at most `LINES` lines of `width` pixels, without what its font cannot draw."""
    face = _face(text, language)
    text = "".join(c for c in text if not is_emoji(c) and c.isprintable() and face.covers(c))
    font = face.at(LETTERS)

    def measure(pieces: Sequence[Token]) -> float:
        return float(font.getlength(_joined(pieces)))

    return [_joined(line) for line in balanced(tokens(text), measure, width, 1)[:LINES]]


def _joined(pieces: Sequence[Token]) -> str:
    return "".join((" " if piece.spaced and i else "") + piece.text for i, piece in enumerate(pieces))


def _face(text: str, language: str) -> FontFace:
    try:
        return font_for(text, language)
    except DocumentError:
        # A line of mixed scripts: labels may lose characters that captions must not.
        return font_for("", language)
