"""The cast and the props: turns a story's words into figures that can be placed on the stage."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import skia

from kamishibai.documents.storyboard import Actor, Character, Pose, Prop
from kamishibai.papercut import lexicon
from kamishibai.papercut.drawings import Drawing, Recolour, Shape, hexcodes, load, recolour_to
from kamishibai.papercut.finder import Match, can_draw, find
from kamishibai.papercut.palette import colour_word
from kamishibai.papercut.parts import Box, Figure, Rgb

__all__ = ["Match", "can_draw", "character_figure", "find", "prop_figure"]

INK: Rgb = (0.16, 0.11, 0.20)
"""The ink where no palette gives one."""
_SIZES = {"tiny": 0.6, "small": 0.8, "usual": 1.0, "big": 1.3, "huge": 1.7}
_WARM: Rgb = (1.0, 0.80, 0.45)


def book_height(real_m: float, size: str = "usual", *, lead: bool = False) -> float:
    """Return the height in the book of a thing that is `real_m` metres tall in the world.

    The book softens sizes by an exponent, so that a mouse beside an elephant is small but can be seen; small
    characters (`lead`) are softened more than small things.
    """
    exponent = 0.5 if lead and real_m < 1 else 0.6
    return float(real_m**exponent * _SIZES[size])


def ink_width(height_m: float) -> float:
    """Return the ink's width in metres for a figure of this height: finer on small things, never a cable."""
    return 0.0105 * float(height_m**0.55)


def _wet(shape: Shape) -> bool:
    """Whether a shape is the water that a boat was drawn in."""
    colour = shape.fill or shape.stroke
    box = shape.path.computeTightBounds()
    return colour is not None and colour[2] > 0.85 and colour[0] < 0.65 and box.top() > 42


def drawing_figure(
    name: str,
    drawing: Drawing,
    entry: lexicon.Entry | None,
    height: float,
    ink: Rgb,
    colour: Rgb | None,
    glows: bool,
) -> Figure:
    """Return an OpenMoji drawing as a figure `height` metres tall."""
    recolour: Recolour | None = None if colour is None else recolour_to(colour, drawing.main_colour)
    skip = _wet if entry is not None and "dry" in entry.flags else None
    left, top, right, bottom = drawing.bounds
    if skip is not None:
        boxes = [s.path.computeTightBounds() for s in drawing.shapes if not skip(s)]
        left, right = min(b.left() for b in boxes), max(b.right() for b in boxes)
        top, bottom = min(b.top() for b in boxes), max(b.bottom() for b in boxes)
    scale = height / max(1.0, bottom - top)
    width = min(1.35, max(0.5, ink_width(height) / scale))
    middle = (left + right) / 2

    def draw(canvas: skia.Canvas) -> None:
        canvas.save()
        canvas.scale(scale, scale)
        canvas.translate(-middle, -bottom)
        drawing.paint(canvas, ink, ink_width=width, recolour=recolour, skip=skip)
        canvas.restore()

    half = (right - left) / 2 * scale
    bounds: Box = (-half, -height, half, 0.0)
    main = recolour(drawing.main_colour) if recolour else drawing.main_colour
    return Figure(
        name=name,
        draw=draw,
        bounds=bounds,
        rests=entry.rests if entry else "stands",
        faces=entry.faces if entry else "front",
        hand=None,
        glow=(_warm(main) if glows else None),
        main_colour=main,
        height_m=height,
    )


def _warm(colour: Rgb) -> Rgb:
    r, g, b = (0.35 * c + 0.65 * w for c, w in zip(colour, _WARM, strict=True))
    return (r, g, b)


def _colour(colour: str | None, adjectives: Sequence[str]) -> Rgb | None:
    for word in [colour, *adjectives]:
        found = colour_word(word) if word else None
        if found is not None:
            return found
    return None


_FALLBACK = {"own:unicorn": "1F40E", "own:ship": "26F5", "own:lantern": "1F3EE"}


def prop_figure(prop: Prop, seed: int, *, ink: Rgb = INK, cache: Path | None = None) -> Figure | None:
    """Return one body of a prop, standing with its feet at (0, 0); None where no drawing fits its name."""
    found = Match(prop.drawing, prop.name, 1.0, "table") if prop.drawing else find(prop.name, prop.adjectives, cache=cache)
    if found is None:
        return None
    entry = lexicon.by_drawing().get(found.drawing)
    hexcode = found.drawing if found.drawing in hexcodes() else _FALLBACK.get(found.drawing, "1F31F")
    height = book_height(entry.height_m if entry else 0.5, prop.size)
    colour = _colour(prop.colour, prop.adjectives)
    glows = prop.glows or (entry is not None and entry.glows)
    return drawing_figure(prop.name, load(hexcode), entry, height, ink, colour, glows)


def character_figure(
    character: Character,
    pose: Pose,
    feeling: str,
    holding: Figure | None,
    seed: int,
    *,
    ink: Rgb = INK,
    cache: Path | None = None,
) -> Figure | None:
    """Return one body of a character in a pose; None where no drawing fits.

    The look depends on the character and `seed` (the storyboard's) alone, so it is the same in every scene.
    """
    noun = character.noun or character.name
    found = find(noun, character.adjectives, cache=cache)
    if found is None:
        return None
    entry = lexicon.by_drawing().get(found.drawing)
    hexcode = found.drawing if found.drawing in hexcodes() else "1F98A"
    height = book_height(entry.height_m if entry else 0.5, character.size, lead=True)
    return drawing_figure(character.name, load(hexcode), entry, height, ink, _colour(character.colour, character.adjectives), False)
