"""The heads of puppets: the face of the drawing, with eyes, brows and tears of our own."""

from __future__ import annotations

from kamishibai.papercut.coats import Coat
from kamishibai.papercut.drawings import Drawing, load
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.pen import Pen, Point, blob, ellipse
from kamishibai.papercut.species import Species
from kamishibai.papercut.wardrobe import wear_on_head

__all__ = ["draw_head", "head_scale", "head_sunk"]


def head_scale(species: Species, face: Drawing) -> float:
    """Return how large the face is drawn, in puppet units for each of its own."""
    left, top, right, bottom = face.bounds
    return species.head * min(48 / (bottom - top), 51 / (right - left))


def head_sunk(species: Species, scale: float) -> float:
    """How far the head overlaps the trunk."""
    return 5.0 + species.chin * scale


def draw_head(pen: Pen, coat: Coat, feeling: str) -> None:
    """Draw a puppet's head with its chin a little below the origin."""
    species = coat.species
    face = load(species.face)
    scale = head_scale(species, face)
    left, _, right, bottom = face.bounds
    canvas = pen.canvas
    canvas.save()
    canvas.translate(-(left + right) / 2 * scale, -bottom * scale + head_sunk(species, scale))
    if species.dragon:
        _horns(pen, coat, scale)
    pen.drawing(face, recolour=coat.face, scale=scale, skip=species.eyes)
    canvas.scale(scale, scale)
    centres = []
    for index in species.eyes:
        box = face.shapes[index].path.computeTightBounds()
        centres.append((box.centerX(), box.centerY()))
    face_pen = _under_scale(pen, scale)
    draw_eyes(face_pen, centres, species, feeling, coat)
    canvas.restore()
    wear_on_head(pen, coat.wear, (bottom - face.bounds[1]) * scale * 0.86 - head_sunk(species, scale), 13.0)


def _horns(pen: Pen, coat: Coat, scale: float) -> None:
    """Draw a dragon's horns and cheek fins, in the units of the face's drawing."""
    pen.canvas.save()
    pen.canvas.scale(scale, scale)
    view = _under_scale(pen, scale)
    for side in (-1, 1):
        x = 36.0
        view.cut(
            blob(
                (x + side * 2.5, 22),
                (x + side * 5.5, 9),
                (x + side * 12, 0.5),
                (x + side * 11.5, 10),
                (x + side * 9, 22),
            ),
            (0.97, 0.92, 0.8),
        )
        view.cut(
            blob(
                (x + side * 21, 34),
                (x + side * 31, 29),
                (x + side * 30, 37),
                (x + side * 32, 44),
                (x + side * 22, 46),
            ),
            coat.paw,
        )
    pen.canvas.restore()


def _under_scale(pen: Pen, scale: float) -> Pen:
    """Return a view of `pen` whose lines are as wide as before on a canvas scaled by `scale`."""
    view = object.__new__(Pen)
    view.__dict__ = {**pen.__dict__, "width": pen.width / scale}
    return view


def draw_eyes(pen: Pen, centres: list[Point], species: Species, feeling: str, coat: Coat) -> None:
    """Draw both eyes, brows, cheeks and a tear, in the units of the face's drawing."""
    r = max(species.eye, 2.75)
    dark = species.mitts
    ink = pen.ink
    line = (0.93, 0.92, 0.95) if dark else ink
    if feeling in ("happy",):
        y = max(c[1] for c in centres) + 8.5
        for (x, _), side in zip(centres, (-1, 1), strict=True):
            pen.flat(ellipse(x + side * 3.2, y, 3.6, 2.3), (0.95, 0.38, 0.42), 0.32)
    for (x, y), side in zip(centres, (-1, 1), strict=True):
        if feeling == "asleep":
            pen.line(
                blob((x - 3.2, y - 0.4), (x, y + 1.6), (x + 3.2, y - 0.4), closed=False),
                colour=line,
                width=1.15,
            )
            continue
        big = {"surprised": 1.28, "afraid": 1.22, "angry": 0.95}.get(feeling, 1.0)
        rx, ry = r * 0.94 * big, r * 1.12 * big
        if species.iris is not None:
            pen.dot(x, y, rx * 1.35, ry * 1.25, species.iris)
            rx *= 0.75
        elif feeling in ("surprised", "afraid") or dark:
            pen.dot(x, y, rx + 1.3, ry + 1.3, (1.0, 0.99, 0.97))
        pen.dot(x, y, rx, ry)
        pen.dot(x + rx * 0.3, y - ry * 0.38, rx * 0.36, rx * 0.36, (1, 1, 1))
        if feeling == "sad":
            _brow(pen, x, y - r - 3.2, side, 1.5, line if not dark else ink)
        elif feeling == "afraid":
            _brow(pen, x, y - r - 4.4, side, 1.3, ink)
        elif feeling == "angry":
            _brow(pen, x, y - r - 1.9, side, -1.6, ink)
        elif feeling == "surprised":
            _brow(pen, x, y - r - 4.8, side, 0.0, ink)
    if feeling == "sad":
        x, y = centres[1]
        tear = blob(
            (x + 1.2, y + r + 1.2), (x + 2.9, y + r + 4.6), (x + 1.2, y + r + 6.2), (x - 0.5, y + r + 4.6)
        )
        pen.cut(tear, (0.57, 0.83, 0.96), shade=0.5)


def _brow(pen: Pen, x: float, y: float, side: int, slope: float, ink: Rgb) -> None:
    """A brow that falls outwards by `slope` (sad, afraid) or inwards when negative (angry)."""
    pen.line(
        blob((x - side * 2.6, y - slope), (x, y - 0.5), (x + side * 2.6, y + slope), closed=False),
        colour=ink,
        width=1.1,
    )
