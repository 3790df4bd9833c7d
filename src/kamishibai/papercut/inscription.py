"""Letters for cards: any script, wrapped and sized to fit, as premultiplied pixels. Never a box for a missing glyph."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from PIL import Image, ImageDraw

from kamishibai.engine.bidi import is_rtl, visual
from kamishibai.engine.fonts import FontFace, emoji_face, font_for, is_emoji, missing
from kamishibai.engine.linebreak import Token, balanced, tokens
from kamishibai.errors import DocumentError
from kamishibai.media.picture import Pixels
from kamishibai.papercut.parts import Rgb

__all__ = ["Inscription", "Text", "inscribe", "unlettered"]

_LEADING = 1.2
"""Distance of baselines, in letter heights."""


@dataclass(frozen=True)
class Text:
    """One paragraph of a card: the size of its letters against the card's, and the space before it, in its letters."""

    words: str
    size: float = 1.0
    before: float = 0.0
    ink: Rgb = (0.2, 0.15, 0.25)
    least: float = 0.0
    """Its letters shrink no further than this part of the largest size of the card."""


@dataclass(frozen=True)
class Inscription:
    """Set text: premultiplied pixels of the box asked for, the card's letter size, and how tall the text is, in pixels."""

    pixels: Pixels
    letters: int
    tall: int


@dataclass(frozen=True)
class _Row:
    text: Text
    px: int
    tokens: tuple[Token, ...]
    width: float
    gap: float


def inscribe(texts: Sequence[Text], width: int, height: int, largest: int, *, most: int = 3) -> Inscription:
    """Return `texts` centred under each other, in the largest letters (at most `largest` px) that fit the box.

    The first text takes no more than `most` lines while its letters can still shrink to a third.
    """
    size = largest
    while True:
        rows = _rows(texts, size, width, largest)
        first = sum(1 for row in rows if row.text is texts[0])
        fits = _tall(rows) <= height and all(row.width <= width for row in rows)
        if size <= 9 or (fits and (first <= most or size <= largest / 3)):
            break
        size = max(9, min(size - 1, int(size * 0.94)))
    return Inscription(_draw(rows, width, height), size, round(_tall(rows)))


def unlettered(text: str) -> str:
    """Return the characters of `text` that no font of this machine has, each once."""
    out = []
    for character in dict.fromkeys(text):
        if not character.isspace() and _face_of(character, _main(text)) is None:
            out.append(character)
    return "".join(out)


def _rows(texts: Sequence[Text], size: int, width: int, largest: int) -> list[_Row]:
    rows: list[_Row] = []
    for text in texts:
        px = max(8, round(text.size * size), round(text.least * largest))

        def measure(pieces: Sequence[Token], px: int = px) -> float:
            return sum(_length(p.text, px) for p in pieces) + px * 0.26 * sum(p.spaced for p in pieces[1:])

        for i, line in enumerate(balanced(tokens(text.words), measure, width, 2)):
            rows.append(
                _Row(text, px, tuple(line), measure(line), text.before * px if i == 0 and rows else 0.0)
            )
    return rows


def _tall(rows: Sequence[_Row]) -> float:
    return sum(row.px * _LEADING + row.gap for row in rows)


def _draw(rows: Sequence[_Row], width: int, height: int) -> Pixels:
    out = np.zeros((height, width, 4), np.uint8)
    y = (height - _tall(rows)) / 2
    for row in rows:
        y += row.gap
        rgb = tuple(round(255 * c) for c in row.text.ink)
        image = Image.new("RGBA", (width, height), (*rgb, 0))
        draw = ImageDraw.Draw(image)
        x = (width - row.width) / 2
        baseline = y + row.px * 0.9
        for k, token in enumerate(visual(row.tokens, is_rtl(row.text.words))):
            if k and (token.spaced or is_rtl(row.text.words)):
                x += row.px * 0.26
            pieces = _stretches(token.text)
            for stretch, face in reversed(pieces) if is_rtl(token.text) else pieces:
                font = face.at(row.px)
                way = "rtl" if is_rtl(stretch) else "ltr"
                colour = any(is_emoji(c) for c in stretch)
                draw.text(
                    (x, baseline),
                    stretch,
                    fill=(*rgb, 255),
                    font=font,
                    anchor="ls",
                    direction=way,
                    embedded_color=colour,
                )
                x += font.getlength(stretch, direction=way)
        y += row.px * _LEADING
        part = cast("Pixels", cv2.cvtColor(np.asarray(image, np.uint8), cv2.COLOR_RGBA2mRGBA))
        np.maximum(out, part, out=out)
    return out


def _length(text: str, px: int) -> float:
    return sum(
        face.at(px).getlength(part, direction="rtl" if is_rtl(part) else "ltr")
        for part, face in _stretches(text)
    )


def _main(text: str) -> FontFace:
    """Return the face for most of a text: the house's own when it has all of it, else one for its first script."""
    face = font_for("")
    absent = missing(text, face)
    for character in absent:
        try:
            return font_for(character)
        except DocumentError:
            continue
    return face


def _face_of(character: str, main: FontFace) -> FontFace | None:
    if is_emoji(character):
        return emoji_face()
    if not missing(character, main):
        return main
    try:
        return font_for(character)
    except DocumentError:
        return None


def _stretches(text: str) -> list[tuple[str, FontFace]]:
    """Return a token in stretches of one face each; what no font has is left out (see `unlettered`)."""
    house = font_for("")
    main = house if not missing(text, house) else _main(text)
    out: list[tuple[str, FontFace]] = []
    for character in text:
        face = _face_of(character, main)
        if face is None:
            continue
        if out and (out[-1][1] == face or unicodedata.category(character) in ("Mn", "Mc")):
            out[-1] = (out[-1][0] + character, out[-1][1])
        else:
            out.append((character, face))
    return out
