"""The takes of one picture side by side, numbered, so that a person can pick one."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw

from kamishibai.engine.fonts import font_for
from kamishibai.media.picture import Pixels, encode_png

__all__ = ["takes_sheet"]

GROUND, INK, FAINT, MARK = (250, 246, 238), (46, 40, 54), (140, 130, 138), (196, 84, 60)
GAP, LETTERS, TILE_PX = 22, 20, 480


def takes_sheet(takes: Sequence[tuple[Pixels, str, str, bool]]) -> bytes:
    """Return a PNG of pictures in a grid.

    Parameters
    ----------
    takes
        Of each: its pixels (height, width, 3), its name, what there is to say of it, and whether it is picked.
    """
    tiles = [_scaled(pixels) for pixels, _, _, _ in takes]
    across = min(len(tiles), 2 if len(tiles) <= 4 else 3)
    height = max(tile.shape[0] for tile in tiles) + LETTERS * 2
    rows = -(-len(tiles) // across)
    sheet = Image.new("RGB", (GAP + across * (TILE_PX + GAP), GAP + rows * (height + GAP)), GROUND)
    draw = ImageDraw.Draw(sheet)
    font = font_for("", "en").at(LETTERS)
    for n, (tile, (_, name, told, picked)) in enumerate(zip(tiles, takes, strict=True)):
        left, top = GAP + n % across * (TILE_PX + GAP), GAP + n // across * (height + GAP)
        if picked:
            frame = (left - 5, top - 5, left + TILE_PX + 4, top + tile.shape[0] + 4)
            draw.rectangle(frame, outline=MARK, width=4)
        sheet.paste(Image.fromarray(tile), (left, top))
        under = top + tile.shape[0] + 9
        draw.text((left, under), name, fill=MARK if picked else INK, font=font)
        draw.text((left + 12 + int(font.getlength(name)), under), told, fill=FAINT, font=font)
    return encode_png(np.asarray(sheet), level=4)


def _scaled(pixels: Pixels) -> Pixels:
    height = max(1, round(TILE_PX * pixels.shape[0] / pixels.shape[1]))
    small = cv2.resize(np.ascontiguousarray(pixels[..., :3]), (TILE_PX, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)
