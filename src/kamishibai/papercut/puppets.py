"""Paper puppets: gives an animal of which only a face is drawn a body that can stand, sit, run, sleep and hold."""

from __future__ import annotations

from kamishibai.papercut.coats import Coat, coat_for
from kamishibai.papercut.drawings import load
from kamishibai.papercut.holding import Held
from kamishibai.papercut.muzzles import draw_head, head_scale, head_sunk
from kamishibai.papercut.palette import lighten, mix
from kamishibai.papercut.pen import Pen, Point, blob, ellipse, limb, polygon, reach, union
from kamishibai.papercut.posture import Posture
from kamishibai.papercut.species import SPECIES
from kamishibai.papercut.tails import draw_tail
from kamishibai.papercut.wardrobe import wear_on_neck

__all__ = ["Coat", "coat_for", "draw_puppet", "stature"]

_LEG, _TRUNK = 17.5, 29.0
_UPPER, _LOWER = 11.0, 10.5


def stature(kind: str) -> float:
    """Return the standing height of a species in puppet units, its ears included."""
    species = SPECIES[kind]
    face = load(species.face)
    scale = head_scale(species, face)
    return _LEG + _TRUNK + scale * (face.bounds[3] - face.bounds[1]) - head_sunk(species, scale)


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
