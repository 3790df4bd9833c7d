"""Paper puppets: gives an animal of which only a face is drawn a body that can stand, sit, run, sleep and hold."""

from __future__ import annotations

import colorsys
import random
from dataclasses import dataclass

from kamishibai.papercut.drawings import Drawing, Recolour, load, recolour_to
from kamishibai.papercut.holding import Held
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.pen import Pen, Point, blob, ellipse, limb, outline, polygon, reach, union
from kamishibai.papercut.posture import Posture
from kamishibai.papercut.species import SPECIES, Species
from kamishibai.papercut.wardrobe import Wear, wear_on_head, wear_on_neck

__all__ = ["Coat", "coat_for", "draw_puppet", "stature"]

_LEG, _TRUNK = 17.5, 29.0
_UPPER, _LOWER = 11.0, 10.5


@dataclass(frozen=True)
class Coat:
    """A character's own colours over those of its species."""

    species: Species
    coat: Rgb
    belly: Rgb
    paw: Rgb
    tip: Rgb
    face: Recolour
    wear: Wear


def _exchange(species: Species, colour: Rgb | None) -> tuple[Recolour, Recolour]:
    """Return the recolouring of the face, and that of the body's own colours."""
    pairs = {hex_rgb(a): hex_rgb(b) for a, b in species.change}
    shift: Recolour = (lambda c: c) if colour is None else recolour_to(colour, species.coat)

    def face(rgb: Rgb) -> Rgb:
        for old, new in pairs.items():
            if max(abs(a - b) for a, b in zip(rgb, old, strict=True)) < 0.01:
                return shift(new)
        return shift(rgb)

    return face, shift


def coat_for(kind: str, colour: Rgb | None, wear: Wear, rng: random.Random) -> Coat:
    """Return the colours of one character of a species; what the story leaves open is drawn from `rng`."""
    species = SPECIES[kind]
    natural = rng.choice(species.coats) if species.coats else None
    if colour is None and natural is not None and hex_rgb(natural) != species.coat:
        colour = hex_rgb(natural)
    face, shift = _exchange(species, colour)
    coat = shift(species.coat)
    belly, paw, tip = species.belly, species.paw, species.tip or species.paw
    if colour is not None:
        belly = shift(belly) if min(belly) < 0.6 else mix(belly, coat, 0.12)
        paw = shift(paw) if _saturation(paw) > 0.3 else paw
        tip = shift(tip) if _saturation(tip) > 0.3 else tip
    return Coat(species, coat, belly, paw, tip, face, wear)


def _saturation(rgb: Rgb) -> float:
    return colorsys.rgb_to_hsv(*rgb)[1]


def _head_scale(species: Species, face: Drawing) -> float:
    left, top, right, bottom = face.bounds
    return species.head * min(48 / (bottom - top), 51 / (right - left))


def stature(kind: str) -> float:
    """Return the standing height of a species in puppet units, its ears included."""
    species = SPECIES[kind]
    face = load(species.face)
    scale = _head_scale(species, face)
    return _LEG + _TRUNK + scale * (face.bounds[3] - face.bounds[1]) - _sunk(species, scale)


def _sunk(species: Species, scale: float) -> float:
    """How far the head overlaps the trunk."""
    return 5.0 + species.chin * scale


def draw_puppet(pen: Pen, coat: Coat, posture: Posture, feeling: str, held: Held | None) -> Point:
    """Draw a puppet with its feet at the origin and return where its hand is.

    `held` is a picture in puppet units, its box, and the point of it that goes into the hand.
    """
    if posture.lying:
        return _draw_asleep(pen, coat, feeling)
    body = _Body(pen, coat, posture)
    pen.canvas.save()
    pen.canvas.translate(0, body.drop)
    hand = body.draw(feeling, held)
    pen.canvas.restore()
    return (hand[0], hand[1] + body.drop)


class _Body:
    """A puppet's joints in one posture; the hips are at (0, -_LEG) before it is set on the ground."""

    def __init__(self, pen: Pen, coat: Coat, posture: Posture) -> None:
        self.pen, self.coat, self.posture = pen, coat, posture
        s = coat.species.stout
        self.stout = s
        self.hips: Point = (0.0, -_LEG)
        spread = 6.2 * s if not posture.prone else 2.5
        lean = posture.lean
        self.up = 180 - lean
        self.neck = reach(self.hips, self.up, _TRUNK)
        chest = reach(self.hips, self.up, _TRUNK - 7.5)
        across = 90 - lean
        self.far_shoulder = reach(chest, across + 180, 7.9 * s)
        self.near_shoulder = reach(chest, across, 7.9 * s)
        self.far_hip = (self.hips[0] - spread, self.hips[1] + 0.5)
        self.near_hip = (self.hips[0] + spread, self.hips[1] + 0.5)
        lengths = (9.6, 7.8)
        self.far_knee = reach(self.far_hip, posture.far_leg[0], lengths[0])
        self.far_foot = reach(self.far_knee, posture.far_leg[1], lengths[1])
        self.near_knee = reach(self.near_hip, posture.near_leg[0], lengths[0])
        self.near_foot = reach(self.near_knee, posture.near_leg[1], lengths[1])
        if posture.seated:
            self.hips = (0.0, -11.0)
            self.neck = (0.0, -11.0 - _TRUNK + 2)
            self.far_shoulder, self.near_shoulder = ((-7.6 * s, -34.0), (7.6 * s, -34.0))
            self.far_foot, self.near_foot = ((-15.5 - 3 * s, -5.5), (15.5 + 3 * s, -5.5))
            self.drop = 0.0
        else:
            lowest = max(self.far_foot[1], self.near_foot[1]) + 4.0
            self.drop = -lowest - posture.lift

    # -- pieces ------------------------------------------------------------------------------------------

    def draw(self, feeling: str, held: Held | None) -> Point:
        posture = self.posture
        if self.coat.species.dragon:
            self._wings()
        self._tail()
        self._arm(self.far_shoulder, posture.far_arm, near=False)
        if not posture.seated:
            self._leg(self.far_hip, self.far_knee, self.far_foot)
            self._leg(self.near_hip, self.near_knee, self.near_foot)
        self._trunk()
        if posture.seated:
            for foot in (self.far_foot, self.near_foot):
                self._sole(foot)
        wear_on_neck(self.pen, self.coat.wear, self.neck, 7.5 * self.stout + 1.5, posture.lean)
        hand = self._hand(self.near_shoulder, posture.near_arm)
        raised = hand[1] < self.neck[1] - 4
        if raised:
            self._hold(held, hand)
            self._arm(self.near_shoulder, posture.near_arm, near=True)
        self._head(feeling)
        if not raised:
            if feeling != "afraid" or held is not None:
                self._hold(held, hand)
            self._arm(self.near_shoulder, posture.near_arm, near=True)
        if feeling == "afraid" and held is None and posture.far_arm[1] > 90:
            self._arm(self.far_shoulder, posture.far_arm, near=True)
        return hand

    def _hold(self, held: Held | None, hand: Point) -> None:
        if held is None:
            return
        picture, box, grip = held
        self.pen.canvas.save()
        self.pen.canvas.translate(hand[0] - grip[0], hand[1] - grip[1])
        self.pen.figure(picture, box)
        self.pen.canvas.restore()

    def _hand(self, shoulder: Point, angles: tuple[float, float]) -> Point:
        return reach(reach(shoulder, angles[0], _UPPER), angles[1], _LOWER)

    def _arm(self, shoulder: Point, angles: tuple[float, float], *, near: bool) -> None:
        elbow = reach(shoulder, angles[0], _UPPER)
        hand = reach(elbow, angles[1], _LOWER)
        sleeve = limb(shoulder, elbow, hand, 8.6, 6.6)
        paw = ellipse(hand[0], hand[1], 4.3)
        whole = union(sleeve, paw)
        coat = self.coat.paw if self.coat.species.mitts else self.coat.coat
        if not near:
            coat = lighten(coat, -0.045)
        self.pen.cut(whole, coat, line=False, shade=0.7)
        if not self.coat.species.mitts:
            # The glove ends a little above the wrist and follows the arm's own outline.
            wrist = reach(elbow, angles[1], _LOWER * 0.72)
            self.pen.inside(whole, ellipse(*reach(wrist, angles[1], 5.0), 6.4), self.coat.paw)
        inward = reach(shoulder, self.up, 1.2)
        side = -1 if shoulder[0] > self.hips[0] or near else 1
        self.pen.line(whole, open_at=((inward[0] + side * 3.0, inward[1], 5.6),) if near else ())

    def _leg(self, hip: Point, knee: Point, foot: Point) -> None:
        shin = limb(hip, knee, foot, 10.6, 7.6)
        fx, fy = foot
        forward = 2.2
        sole = ellipse(fx + forward, fy + 0.6, 6.2, 3.7)
        whole = union(shin, sole)
        coat = self.coat.paw if self.coat.species.mitts else self.coat.coat
        self.pen.cut(whole, coat, line=False, shade=0.7)
        if not self.coat.species.mitts:
            self.pen.inside(whole, ellipse(fx + 1.2, fy + 1.8, 9.5, 6.0), self.coat.paw)
        self.pen.line(whole)

    def _sole(self, foot: Point) -> None:
        """A foot seen from below, as a sitting toy shows it, on a short round leg."""
        x, y = foot
        side = 1 if x > 0 else -1
        leg = limb((x - side * 9, -8.0), (x - side * 4, -6.5), (x, -5.6), 11.5, 10.0)
        coat = self.coat.paw if self.coat.species.mitts else self.coat.coat
        self.pen.cut(leg, coat, open_at=((x - side * 9, -9.0, 7.0),))
        paw = ellipse(x + side * 1.5, y - 0.3, 5.0, 6.0)
        self.pen.cut(paw, self.coat.paw)
        pad = lighten(self.coat.paw, 0.12)
        self.pen.dot(x + side * 1.6, y + 1.2, 2.3, 2.0, pad)
        for dx in (-2.1, 0.0, 2.1):
            self.pen.dot(x + side * 1.5 + dx, y - 2.7 - (0.8 if dx == 0 else 0), 0.95, 1.1, pad)

    def _trunk(self) -> None:
        s, coat = self.stout, self.coat
        length = _TRUNK + 3
        path = blob(
            (0, -length), (6.2 * s, -length + 2.5), (9.6 * s, -length * 0.62), (11.8 * s, -length * 0.26),
            (9.8 * s, 1.5), (0, 4.2), (-9.8 * s, 1.5), (-11.8 * s, -length * 0.26), (-9.6 * s, -length * 0.62),
            (-6.2 * s, -length + 2.5),
        )  # fmt: skip
        belly = ellipse(1.0, -length * 0.33, 7.6 * s, length * 0.43)
        canvas = self.pen.canvas
        canvas.save()
        canvas.translate(*self.hips)
        canvas.rotate(self.posture.lean)
        self.pen.cut(path, coat.coat, line=False)
        self.pen.inside(path, belly, coat.belly)
        if coat.species.mitts:
            self.pen.inside(path, ellipse(0, -length + 2, 13 * s, 8.5), coat.paw)
        if coat.species.tail == "striped":
            for y in (-0.3, -0.47, -0.64):
                for side in (-1, 1):
                    mark = polygon(
                        (side * 12.5 * s, length * y - 1.6),
                        (side * 12.5 * s, length * y + 1.6),
                        (side * 6.4 * s, length * y + 0.4),
                    )
                    self.pen.inside(path, mark, self.pen.ink)
        self.pen.line(path)
        canvas.restore()

    def _wings(self) -> None:
        canvas = self.pen.canvas
        canvas.save()
        canvas.translate(*reach(self.hips, self.up, _TRUNK - 9))
        canvas.rotate(self.posture.lean * 0.6)
        skin = lighten(self.coat.belly, -0.03)
        for side in (-1, 1):
            wing = blob(
                (side * 3, 2), (side * 16, -16), (side * 33, -24), (side * 39, -20), (side * 33, -8), (side * 35, 3),
                (side * 26, 2), (side * 24, 11), (side * 15, 6), (side * 6, 9),
            )  # fmt: skip
            self.pen.cut(wing, mix(self.coat.coat, skin, 0.5))
            for x, y in ((33, -8), (26, 2)):
                self.pen.line(
                    blob((side * 4, 2), (side * x * 0.6, y * 0.9 - 3), (side * x, y), closed=False), width=0.7
                )
        canvas.restore()

    # -- tails -------------------------------------------------------------------------------------------

    def _tail(self) -> None:
        coat, kind = self.coat, self.coat.species.tail
        if kind == "none":
            return
        canvas = self.pen.canvas
        canvas.save()
        root = (
            reach(self.hips, self.up - 90, -7.5 * self.stout)
            if not self.posture.seated
            else (-7.5 * self.stout, -8.0)
        )
        canvas.translate(root[0], root[1] - 0.5)
        canvas.rotate(self.posture.lean * 0.9 + self.posture.tail)
        draw_tail(self.pen, coat, low=self.posture.seated)
        canvas.restore()

    # -- head --------------------------------------------------------------------------------------------

    def _head(self, feeling: str) -> None:
        posture = self.posture
        canvas = self.pen.canvas
        canvas.save()
        ahead = (1.2, 0.0)
        if posture.prone:
            ahead = (7.0, -3.0)
        elif posture.lean > 8:
            ahead = (3.5, 0.0)
        canvas.translate(self.neck[0] + ahead[0], self.neck[1] + ahead[1] + posture.nod)
        canvas.rotate(posture.tilt + posture.lean * (0.12 if posture.prone else 0.3))
        draw_head(self.pen, self.coat, feeling)
        canvas.restore()


def draw_head(pen: Pen, coat: Coat, feeling: str) -> None:
    """Draw a puppet's head with its chin a little below the origin."""
    species = coat.species
    face = load(species.face)
    scale = _head_scale(species, face)
    left, _, right, bottom = face.bounds
    canvas = pen.canvas
    canvas.save()
    canvas.translate(-(left + right) / 2 * scale, -bottom * scale + _sunk(species, scale))
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
    wear_on_head(pen, coat.wear, (bottom - face.bounds[1]) * scale * 0.86 - _sunk(species, scale), 13.0)


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


def draw_tail(pen: Pen, coat: Coat, *, low: bool) -> None:
    """Draw the species' tail to the left of the origin, its root; `low` when it lies on the ground."""
    kind, fill, tip = coat.species.tail, coat.coat, coat.tip
    if kind == "bushy":
        path = (
            blob(
                (2, -2), (-7, 3), (-16, 3), (-24, -3), (-28, -13), (-25, -24), (-20, -17), (-13, -9), (-6, -7)
            )
            if not low
            else blob((3, -5), (-9, -3), (-20, -5), (-29, -1), (-33, 5), (-26, 8.6), (-14, 8.6), (-2, 7))
        )
        pen.cut(path, fill, line=False)
        end = ellipse(-27, -22, 9, 9) if not low else ellipse(-33, 5, 8, 9)
        pen.inside(path, end, tip)
        pen.line(path)
    elif kind in ("stub", "scut"):
        pen.cut(ellipse(-3.4, -0.6, 4.2 if kind == "stub" else 5.0), fill if kind == "stub" else coat.belly)
    elif kind == "curl":
        path = blob(
            (2, 0),
            (-4, -1.4),
            (-7.5, -5),
            (-5.2, -7.6),
            (-3.2, -4.8),
            (-6.8, -2.6),
            (-11, -4.4),
            closed=False,
        )
        pen.line(path, width=3.4)
        pen.line(path, colour=fill, width=1.5)
    else:
        courses: dict[str, list[Point]] = {
            "tuft": [(3, 0), (-8, 3), (-15, -3), (-19, -11)],
            "striped": [(3, 0), (-9, 3), (-17, -5), (-16, -17), (-21, -22)],
            "cat": [(3, 0), (-9, 3), (-17, -5), (-15, -17), (-20, -23)],
            "dog": [(3, 0), (-6, -2), (-12, -8), (-15, -17)],
            "thin": [(3, 0), (-9, 4), (-18, 1), (-24, -6), (-30, -5)],
            "dragon": [(4, 0), (-10, 5), (-21, 2), (-28, -8), (-30, -16)],
            "long": [(3, 0), (-10, 4), (-20, -2), (-22, -14), (-15, -20), (-11, -15)],
        }
        points = courses[kind]
        if low:
            points = [(x, min(6.0, 6.0 + 0.45 * min(0.0, y + 4))) for x, y in points]
        width = {"thin": 2.6, "dog": 6.4, "long": 4.2, "tuft": 3.8, "dragon": 8.0}.get(kind, 6.0)
        path = outline(blob(*points, closed=False), width)
        pen.cut(path, tip if kind == "thin" else fill, shade=0.6, line=False)
        x, y = points[-1]
        if kind == "striped":
            for px, py in (points[2], points[3], points[-1]):
                pen.inside(path, ellipse(px, py, 3.6, 1.9, 20), pen.ink)
        if kind == "cat":
            pen.inside(path, ellipse(x, y, 5, 5), coat.paw)
        pen.line(path)
        if kind == "dragon":
            pen.cut(polygon((x - 7, y + 2), (x, y - 11), (x + 7, y + 2)), tip)
        if kind == "tuft":
            pen.cut(
                blob(
                    (x + 2.2, y + 2.6),
                    (x + 1.8, y - 3.4),
                    (x - 1.6, y - 7.4),
                    (x - 4.2, y - 2.4),
                    (x - 2.2, y + 2.4),
                ),
                tip,
            )


def _draw_asleep(pen: Pen, coat: Coat, feeling: str) -> Point:
    """Draw a puppet curled up on the ground, its head on its paws to the right, and return its paw."""
    s = coat.species.stout
    height = 25 + 4 * (s - 1)
    canvas = pen.canvas
    back = blob(
        (-29 * s, -6), (-27 * s, -15), (-17 * s, -height + 1), (-2, -height), (12, -height * 0.78), (20, -12), (21, -3),
        (14, 0), (-20, 0), (-27 * s, -1.2),
    )  # fmt: skip
    pen.cut(back, coat.coat, line=False)
    if coat.species.mitts:
        pen.inside(back, ellipse(14, -14, 9, 16), coat.paw)
    if coat.species.tail == "striped":
        for x in (-16.0, -7.0, 2.0):
            pen.inside(back, ellipse(x, -height + 2, 1.6, 6, 8), pen.ink)
    pen.line(back)
    thigh = blob((-25 * s, -2), (-25 * s, -11), (-17, -15), (-8, -10), (-7, -2), (-14, -0.4))
    coat_leg = coat.paw if coat.species.mitts else coat.coat
    pen.cut(thigh, coat_leg, open_at=((-16.0, -1.0, 7.0), (-25 * s, -4, 4.0)))
    pen.cut(ellipse(-8.5, -3.2, 6.4, 3.4), coat.paw)
    canvas.save()
    canvas.translate(-24 * s, -4)
    if coat.species.tail not in ("none",):
        canvas.scale(1, 1)
        draw_tail(pen, coat, low=True)
    canvas.restore()
    canvas.save()
    canvas.translate(22, -4.5)
    canvas.rotate(7)
    draw_head(pen, coat, feeling)
    canvas.restore()
    pen.cut(
        union(limb((14, -6), (20, -4), (29, -3.4), 7.5, 6.6), ellipse(30, -3.5, 4.4, 3.5)),
        coat.paw,
        open_at=((12.5, -6.5, 5.0),),
    )
    return (30.0, -5.0)
