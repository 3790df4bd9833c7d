"""The parts a paper scene is put together from: palette, lights, planes of scenery, figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import skia

from kamishibai.documents.takes import Life

__all__ = [
    "Anchor", "Box", "Figure", "Light", "Palette", "Plane", "Rgb", "StageSet", "caption_line",
]  # fmt: skip

Rgb = tuple[float, float, float]
"""sRGB, 0 to 1 each."""
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""
_CAPTIONS = ((0.5625, 0.8, 1.0, 1.78), (0.68, 0.72, 0.78, 0.79))


def caption_line(width: float, height: float) -> float:
    """Return where captions of two lines begin in a picture of this shape, as a part of its height.

    Upright films carry them higher, clear of what a telephone lays over its lower edge. Nobody's feet go below.
    """
    return float(np.interp(width / height, *_CAPTIONS))


@dataclass(frozen=True)
class Palette:
    """The few colours one scene is mixed from."""

    zenith: Rgb
    horizon: Rgb
    far: Rgb
    near: Rgb
    light: Rgb
    """Colour of the key light and its glow."""
    ink: Rgb
    """Outlines of drawings: never plain black."""
    shade: Rgb
    """What shadows tend to."""
    tint: Rgb
    """What every coloured drawing is mixed towards by `tint_strength` (0 day … about 0.5 night)."""
    tint_strength: float
    brightness: float
    """Multiplier on a drawing's own colours, 1 by day."""


@dataclass(frozen=True)
class Light:
    """A light with a place, in canvas pixels."""

    x: float
    y: float
    radius: float
    colour: Rgb
    strength: float
    kind: Literal["sun", "moon", "lamp", "window", "fire"] = "lamp"


@dataclass(frozen=True)
class Plane:
    """One sheet of scenery: drawn once, as vectors, in canvas pixels."""

    name: str
    depth: float
    """0 horizon … 1 lens; figures of the main plane stand at about 0.6."""
    draw: Callable[[skia.Canvas], None]
    casts_shadow: bool = True
    """Whether it throws a soft paper shadow on the sheet behind it."""
    ground: Callable[[float], float] | None = None
    """Its upper edge y(x), when things can stand on it."""
    life: Life | None = None
    bounds: Box | None = None
    """What it can touch, for cropping; None: the whole canvas."""
    blend: Literal["normal", "add"] = "normal"


@dataclass(frozen=True)
class Anchor:
    """A named part of the scenery that props can be placed by (tree, table, window, roof, shelf …)."""

    name: str
    box: Box
    depth: float
    relations: frozenset[str] = frozenset({"on", "under", "beside", "behind", "near"})


@dataclass(frozen=True)
class StageSet:
    """Scenery for one scene, back to front, and where the players go."""

    width: int
    height: int
    palette: Palette
    lights: tuple[Light, ...]
    planes: tuple[Plane, ...]
    main: int
    """Index in `planes` of the sheet the subject stands on (or floats before); figures go right in front of it."""
    medium: Literal["ground", "water", "air", "indoors", "undersea", "space"]
    """What the main plane is: decides who stands, swims, floats."""
    metre_px: float
    """Pixels of one metre at the main plane."""
    anchors: Mapping[str, Anchor] = field(default_factory=dict)
    keep_clear: Box | None = None
    """Area of the canvas the subject should be in, free of foreground."""


@dataclass(frozen=True)
class Figure:
    """A drawable cast member or prop. Its own coordinates: y down, feet at (0, 0), 1 unit = 1 metre."""

    name: str
    draw: Callable[[skia.Canvas], None]
    bounds: Box
    """In its own units; top is negative."""
    rests: Literal["stands", "floats", "flies", "hangs", "swims", "lies"] = "stands"
    faces: Literal["left", "right", "front"] = "front"
    """Which way the drawing looks before any mirroring."""
    hand: tuple[float, float] | None = None
    """Where a held thing's centre goes."""
    glow: Rgb | None = None
    """Set when it gives light."""
    main_colour: Rgb = (0.5, 0.5, 0.5)
    height_m: float = 1.0
