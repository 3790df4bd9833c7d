"""The cast and the props: turns a story's words into figures that can be placed on the stage."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import skia

from kamishibai.documents.storyboard import Character, Person, Pose, Prop
from kamishibai.papercut import lexicon
from kamishibai.papercut.drawings import Drawing, Recolour, Shape, hexcodes, load, recolour_to
from kamishibai.papercut.eyes import EYES, draw_eyes
from kamishibai.papercut.finder import Match, can_draw, find
from kamishibai.papercut.flight import SHOULDERS, draw_flying, legs
from kamishibai.papercut.handmade import HANDMADE
from kamishibai.papercut.holding import gripped
from kamishibai.papercut.palette import colour_word, hex_rgb
from kamishibai.papercut.parts import Box, Figure, Rgb
from kamishibai.papercut.pen import Pen, Point
from kamishibai.papercut.people import draw_person, dress, person_stature
from kamishibai.papercut.posture import Posture, posture_for
from kamishibai.papercut.puppets import coat_for, draw_puppet, stature
from kamishibai.papercut.wardrobe import wear_for

__all__ = ["INK", "Match", "book_height", "can_draw", "character_figure", "find", "ink_width", "prop_figure"]

INK: Rgb = (0.16, 0.11, 0.20)
"""The ink where no palette gives one."""
_SIZES = {"tiny": 0.6, "small": 0.8, "usual": 1.0, "big": 1.3, "huge": 1.7}
_WARM: Rgb = (1.0, 0.80, 0.45)

Rests = lexicon.Rests


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


def prop_figure(prop: Prop, seed: int, *, ink: Rgb = INK, cache: Path | None = None) -> Figure | None:
    """Return one body of a prop, standing with its feet at (0, 0); None where no drawing fits its name.

    Parameters
    ----------
    prop
        The storyboard's prop; its `count` is left to whoever places the bodies.
    seed
        The scene's or the board's seed, for what the story leaves open.
    ink
        The scene's colour for outlines; every other colour is that of daylight.
    cache
        Folder for the finder's embeddings; None: the user's cache folder.
    """
    found = _given(prop.drawing, prop.name) or find(prop.name, prop.adjectives, cache=cache)
    if found is None:
        return None
    look = _Look(
        name=prop.name,
        entry=lexicon.by_drawing().get(found.drawing),
        size=prop.size,
        colour=_colour(prop.colour, prop.adjectives),
        ink=ink,
        rng=_rng(seed, prop.name),
        glows=prop.glows,
        lead=False,
    )
    return _draw(found.drawing, look)


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

    The look depends on the character and `seed` (the storyboard's, not the scene's) alone, so that it is the
    same in every scene. `holding` is drawn into the figure's hand.
    """
    noun = character.noun or character.name
    found = _given(character.drawing, noun) or find(noun, character.adjectives, cache=cache)
    if found is None and character.noun:
        found = find(character.name, character.adjectives, cache=cache)
    if character.person is not None and (found is None or not found.drawing.startswith(("person:", "own:"))):
        found = Match("person:", noun, 1.0, "table")
    if found is None:
        return None
    look = _Look(
        name=character.name,
        entry=lexicon.lookup(found.name) or lexicon.by_drawing().get(found.drawing),
        size=character.size,
        colour=_colour(character.colour, character.adjectives),
        ink=ink,
        rng=_rng(seed, character.id),
        glows=False,
        lead=True,
        pose=pose,
        feeling=feeling,
        holding=holding,
        character=character,
    )
    return _draw(found.drawing, look)


@dataclass(frozen=True)
class _Look:
    """All that a figure's drawing depends on beside the drawing itself."""

    name: str
    entry: lexicon.Entry | None
    size: str
    colour: Rgb | None
    ink: Rgb
    rng: random.Random
    glows: bool
    lead: bool
    pose: Pose = "stand"
    feeling: str = "neutral"
    holding: Figure | None = None
    character: Character | None = None

    tall: float | None = None

    @property
    def height(self) -> float:
        if self.tall is not None:
            return self.tall
        return book_height(self.entry.height_m if self.entry else 0.5, self.size, lead=self.lead)


def _rng(seed: int, name: str) -> random.Random:
    return random.Random(zlib.crc32(f"{seed}/{name}".encode()))


def _given(hexcode: str | None, name: str) -> Match | None:
    """Return the match for a drawing that the storyboard names outright, when there is such a drawing."""
    return Match(hexcode, name, 1.0, "table") if hexcode is not None and hexcode in hexcodes() else None


def _colour(colour: str | None, adjectives: Sequence[str]) -> Rgb | None:
    for word in [colour, *adjectives]:
        found = colour_word(word) if word else None
        if found is not None:
            return found
    return None


def _draw(drawing: str, look: _Look) -> Figure:
    kind, colon, name = drawing.partition(":")
    if not colon:
        return _plain(load(drawing), look)
    if kind == "puppet":
        return _puppet(name, look)
    if kind == "person":
        return _person(name, look)
    return _handmade(name, look)


# -- drawings used as they are -----------------------------------------------------------------------------


def _wet(shape: Shape) -> bool:
    """Whether a shape is the water that a boat was drawn in."""
    colour = shape.fill or shape.stroke
    box = shape.path.computeTightBounds()
    return colour is not None and colour[2] > 0.85 and colour[0] < 0.65 and box.top() > 42


def _perch(shape: Shape) -> bool:
    """Whether a shape is the pole that a bird was drawn on."""
    box = shape.path.computeTightBounds()
    return shape.stroke is not None and box.height() < 0.5 and box.width() > 3


def _plain(drawing: Drawing, look: _Look) -> Figure:
    """Return an OpenMoji drawing as a figure."""
    entry, height = look.entry, look.height
    recolour: Recolour | None = None if look.colour is None else recolour_to(look.colour, drawing.main_colour)
    skip: Callable[[Shape], bool] | None = _wet if entry is not None and "dry" in entry.flags else None
    if drawing.hexcode in ("1F99C", "E010"):
        skip = _perch
    left, top, right, bottom = drawing.bounds
    if skip is not None:
        boxes = [s.path.computeTightBounds() for s in drawing.shapes if not skip(s)]
        left, right = min(b.left() for b in boxes), max(b.right() for b in boxes)
        top, bottom = min(b.top() for b in boxes), max(b.bottom() for b in boxes)
    scale = height / max(1.0, bottom - top)
    width = min(1.35, max(0.5, ink_width(height) / scale))
    middle = (left + right) / 2

    if look.pose == "fly" and drawing.hexcode in SHOULDERS:
        unfit = tuple(i for i, s in enumerate(drawing.shapes) if legs(s) or (skip is not None and skip(s)))
        flying, air = draw_flying(
            drawing, left=entry is not None and entry.faces == "left", feeling=look.feeling, ink=look.ink,
            ink_width=width, recolour=recolour, skip=unfit,
        )  # fmt: skip
        left, top, right, bottom = air
        middle, height = (left + right) / 2, (bottom - top) * scale

        def draw(canvas: skia.Canvas) -> None:
            canvas.save()
            canvas.scale(scale, scale)
            canvas.translate(-middle, -bottom)
            canvas.drawPicture(flying)
            canvas.restore()

    else:

        def draw(canvas: skia.Canvas) -> None:
            canvas.save()
            canvas.scale(scale, scale)
            canvas.translate(-middle, -bottom)
            drawing.paint(canvas, look.ink, ink_width=width, recolour=recolour, skip=skip)
            if drawing.hexcode in EYES:
                draw_eyes(canvas, drawing.hexcode, look.feeling, look.ink, width)
            canvas.restore()

    half = (right - left) / 2 * scale
    faces = entry.faces if entry else "front"
    hand = (half * (0.78 if faces != "left" else -0.78), -0.36 * height) if look.lead else None
    shown, box = _carrying(draw, (-half, -height, half, 0.0), hand, look)
    main = recolour(drawing.main_colour) if recolour else drawing.main_colour
    glows = look.glows or (entry is not None and entry.glows)
    return Figure(
        name=look.name,
        draw=shown,
        bounds=box,
        rests=_rests(look),
        faces=faces,
        hand=hand,
        glow=_warm(main) if glows else look.holding.glow if look.holding is not None else None,
        main_colour=main,
        height_m=height,
    )


def _handmade(name: str, look: _Look) -> Figure:
    """Return a thing of our own cutting as a figure."""
    entry, height = look.entry, look.height
    paint, usual = HANDMADE[name]
    colour = look.colour or hex_rgb(usual)
    pen = Pen(look.ink, ink_width(height) / (height / 100))
    paint(pen, colour)
    picture, box = pen.done()
    unit = height / (box[3] - box[1])
    middle = (box[0] + box[2]) / 2 if name not in ("balloon", "kite") else 0.0

    def draw(canvas: skia.Canvas) -> None:
        canvas.save()
        canvas.scale(unit, unit)
        canvas.translate(-middle, -box[3])
        canvas.drawPicture(picture)
        canvas.restore()

    bounds: Box = ((box[0] - middle) * unit, -height, (box[2] - middle) * unit, 0.0)
    faces = entry.faces if entry else "front"
    hand = (bounds[2 if faces != "left" else 0] * 0.84, -0.3 * height) if look.lead else None
    shown, bounds = _carrying(draw, bounds, hand, look)
    return Figure(
        name=look.name,
        draw=shown,
        bounds=bounds,
        rests=_rests(look),
        faces=faces,
        hand=hand,
        glow=_warm(_WARM) if look.glows or (entry is not None and entry.glows) else None,
        main_colour=colour,
        height_m=height,
    )


def _rests(look: _Look) -> Rests:
    """Return how a figure rests: as its kind does, unless its pose says otherwise."""
    usual: Rests = look.entry.rests if look.entry is not None else "stands"
    if not look.lead:
        return usual
    if look.pose == "fly":
        return "flies"
    if look.pose == "swim":
        return "swims"
    if look.pose in ("walk", "run", "sit") and usual in ("flies", "floats"):
        return "stands"
    return "lies" if look.pose == "lie" else usual


def _carrying(
    draw: Callable[[skia.Canvas], None], bounds: Box, hand: Point | None, look: _Look
) -> tuple[Callable[[skia.Canvas], None], Box]:
    """Return the drawing and the bounds of a figure with what it holds in front of it."""
    if look.holding is None or hand is None:
        return draw, bounds
    unit = look.height / 100
    held, _ = gripped(look.holding, unit, look.ink)
    assert held is not None
    picture, box, grip = held
    at = (hand[0] - grip[0] * unit, hand[1] - grip[1] * unit)

    def both(canvas: skia.Canvas) -> None:
        draw(canvas)
        canvas.save()
        canvas.translate(*at)
        canvas.scale(unit, unit)
        canvas.drawPicture(picture)
        canvas.restore()

    return both, (
        min(bounds[0], at[0] + box[0] * unit), min(bounds[1], at[1] + box[1] * unit),
        max(bounds[2], at[0] + box[2] * unit), max(bounds[3], at[1] + box[3] * unit),
    )  # fmt: skip


def _warm(colour: Rgb) -> Rgb:
    r, g, b = (0.35 * c + 0.65 * w for c, w in zip(colour, _WARM, strict=True))
    return (r, g, b)


# -- jointed figures -----------------------------------------------------------------------------------------


def _puppet(kind: str, look: _Look) -> Figure:
    """Return an animal puppet as a figure."""
    character = look.character
    wear = wear_for(character.wears if character else (), look.rng, dress_up=character is not None)
    coat = coat_for(kind, look.colour, wear, look.rng)
    unit = look.height / stature(kind)
    held, both = gripped(look.holding, unit, look.ink)
    pose = "lie" if look.feeling == "asleep" and look.pose in ("stand", "sit", "lie") else look.pose
    posture = posture_for(pose, look.feeling, holds=held is not None, both_hands=both)
    pen = Pen(look.ink, ink_width(look.height) / unit)
    hand = draw_puppet(pen, coat, posture, look.feeling, held)
    return _jointed(pen, unit, hand, coat.coat, posture, look)


def _person(outfit: str, look: _Look) -> Figure:
    """Return a human figure; what the storyboard says of the person comes before what the noun says."""
    character = look.character
    flags = look.entry.flags if look.entry is not None else frozenset()
    person = character.person if character is not None else None
    if person is None:
        adjectives = {word.casefold() for word in (character.adjectives if character else ())}
        person = Person(
            gender="woman" if "woman" in flags else "man" if "man" in flags else "neutral",
            age="baby" if "baby" in flags else "child" if "child" in flags or adjectives & {"young", "little"}
            else "old" if "old" in flags or adjectives & {"old", "elderly", "aged"} else "adult",
        )  # fmt: skip
    who = dress(person, outfit, character.wears if character else (), look.colour, look.rng)
    real = {"baby": 0.65, "child": 1.1, "adult": 1.7, "old": 1.62}[person.age]
    if look.entry is not None and look.entry.drawing != "person:" and person.age == "adult":
        real = look.entry.height_m
    height = book_height(real, look.size, lead=True)
    look = replace(look, tall=height)
    unit = height / person_stature(who)
    held, both = gripped(look.holding, unit, look.ink)
    pose = "lie" if look.feeling == "asleep" and look.pose in ("stand", "lie") else look.pose
    posture = posture_for(pose, look.feeling, holds=held is not None, both_hands=both)
    pen = Pen(look.ink, ink_width(height) / unit)
    hand = draw_person(pen, who, posture, look.feeling, held)
    return _jointed(pen, unit, hand, who.costume.top, posture, look)


def _jointed(pen: Pen, unit: float, hand: Point, main: Rgb, posture: Posture, look: _Look) -> Figure:
    picture, box = pen.done()

    def draw(canvas: skia.Canvas) -> None:
        canvas.save()
        canvas.scale(unit, unit)
        canvas.drawPicture(picture)
        canvas.restore()

    holding = look.holding
    return Figure(
        name=look.name,
        draw=draw,
        bounds=(
            box[0] * unit,
            box[1] * unit,
            box[2] * unit,
            box[3] * unit,
        ),
        rests=_rests(look),
        faces="right",
        hand=(hand[0] * unit, hand[1] * unit),
        glow=holding.glow if holding is not None else None,
        main_colour=main,
        height_m=look.height,
    )
