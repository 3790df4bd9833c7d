"""Human figures cut from the same paper: bodies by age, clothes by trade, poses, feelings and something to hold."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from kamishibai.documents.storyboard import Person
from kamishibai.papercut.costumes import Costume, costume_for, draw_hat
from kamishibai.papercut.heads import HAIRS, SKINS, Head, draw_back_hair, draw_eye, draw_head
from kamishibai.papercut.holding import Held
from kamishibai.papercut.palette import colour_word, hex_rgb, lighten
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.pen import Pen, Point, blob, ellipse, limb, reach, union
from kamishibai.papercut.posture import Posture
from kamishibai.papercut.tailor import Tailor

__all__ = ["Dressed", "dress", "draw_person", "person_stature"]


@dataclass(frozen=True)
class Build:
    """Measures of a body in figure units."""

    leg: float
    trunk: float
    head: float
    """Half the head's width."""
    wide: float
    """Half the shoulders' width."""
    arm: float
    thick: float
    """Width of an arm."""


_BUILDS = {
    "baby": Build(11, 20, 18.5, 8.5, 8.0, 8.0),
    "child": Build(22, 24, 17.5, 8.4, 10.5, 7.0),
    "adult": Build(35, 29, 15.5, 10.2, 13.8, 7.4),
    "old": Build(31, 28, 15.5, 10.2, 13.2, 7.6),
}


@dataclass(frozen=True)
class Dressed:
    """One person, as they look in every scene."""

    build: Build
    head: Head
    costume: Costume
    age: str


def dress(
    person: Person, outfit: str, wears: tuple[str, ...], colour: Rgb | None, rng: random.Random
) -> Dressed:
    """Return how a person looks; what the story leaves open is drawn from `rng` among natural choices."""
    tone = rng.randrange(len(SKINS))
    shade = rng.randrange(len(HAIRS)) if tone < 3 else rng.randrange(2)
    roll, extra = rng.random(), rng.random()
    gender = person.gender if person.gender != "neutral" else ("woman" if rng.random() < 0.5 else "man")
    skin = (colour_word(person.skin) if person.skin else None) or _skin_word(person.skin) or SKINS[tone]
    unearthly = {"troll": ("9CBF5B", "D9713A"), "alien": ("A9D48A", "A9D48A")}.get(outfit)
    if unearthly is not None:
        skin, hair_usual = colour or hex_rgb(unearthly[0]), hex_rgb(unearthly[1])
        colour = None
    else:
        hair_usual = HAIRS[shade]
    hair = (_hair_word(person.hair) if person.hair else None) or hair_usual
    if person.age == "old" and not person.hair:
        hair = hex_rgb("D9D6D3") if roll < 0.6 else hex_rgb("B5B1AE")
    clothes = (colour_word(person.clothes) if person.clothes else None) or colour
    costume = costume_for(outfit or person.outfit or "", gender, person.age, clothes, rng)
    for word in wears:
        costume = _add(costume, word.casefold(), rng)
    if gender == "woman":
        styles = (
            ("bob", "long", "braids", "ponytail", "bun")
            if tone < 4
            else ("puffs", "curly", "braids", "bun", "puffs")
        )
    else:
        styles = (
            ("short", "messy", "curly", "short", "messy")
            if tone < 4
            else ("curly", "short", "curly", "short", "curly")
        )
    style = styles[int(roll * len(styles))]
    told = (person.hair or "").casefold().split()
    if person.age == "old":
        style = "bun" if gender == "woman" else "bald"
    if "bald" in told:
        style = "bald"
    if person.age == "baby":
        style = "none" if roll < 0.4 else "short"
    style = (
        costume.hair
        if costume.hair and (gender == "woman" or costume.hair in ("curly", "bald", "messy", "none"))
        else style
    )
    beard = costume.beard if gender == "man" and person.age in ("adult", "old") else ""
    if gender == "man" and person.age == "old" and not beard and extra < 0.6:
        beard = "full" if extra < 0.3 else "stubby"
    beard, beard_colour = _beard_told(wears) or (beard, None)
    head = Head(
        skin, hair, style, beard, person.age == "old",
        glasses=(person.age == "old" and 0.3 < extra < 0.75) or "glasses" in " ".join(wears),
        freckles=person.age == "child" and tone < 2 and extra < 0.3,
        lashes=gender == "woman",
        nose="red" if "ruff" in costume.details else "",
        patch="patch" in costume.details,
        beard_hair=beard_colour,
    )  # fmt: skip
    return Dressed(_BUILDS[person.age], head, costume, person.age)


def _beard_told(wears: tuple[str, ...]) -> tuple[str, Rgb | None] | None:
    """Return the beard that the story names ("long white beard", "moustache") and its colour, or None."""
    for worn in wears:
        words = worn.casefold().split()
        dye = _hair_word(worn) if len(words) > 1 else None
        if words and words[-1] in ("beard", "whiskers", "goatee"):
            return ("long" if "long" in words else "full"), dye
        if words and words[-1] in ("moustache", "mustache", "moustaches"):
            return "stubby", dye
    return None


def _skin_word(word: str | None) -> Rgb | None:
    table = {
        "pale": 0,
        "fair": 0,
        "light": 0,
        "tan": 2,
        "tanned": 2,
        "olive": 2,
        "brown": 3,
        "dark": 4,
        "black": 5,
    }
    for part in (word or "").casefold().split():
        if part in table:
            return SKINS[table[part]]
    return None


def _hair_word(word: str) -> Rgb | None:
    table = {
        "black": 0,
        "dark": 1,
        "brown": 2,
        "auburn": 3,
        "chestnut": 3,
        "red": 4,
        "ginger": 4,
        "blond": 5,
        "blonde": 5,
        "golden": 5,
        "fair": 5,
        "yellow": 5,
    }
    for part in word.casefold().split():
        if part in table:
            return HAIRS[table[part]]
        if part in ("grey", "gray", "white", "silver"):
            return hex_rgb("D9D6D3")
    return colour_word(word)


_HATS = {
    "crown": "crown", "tiara": "tiara", "top hat": "tophat", "straw hat": "straw", "sun hat": "straw", "witch hat": "witch", "helmet": "helmet",
    "wizard hat": "wizard", "party hat": "party", "beanie": "beanie", "woolly hat": "beanie", "winter hat": "beanie", "cap": "cap", "hood": "hood",
    "bonnet": "straw", "hat": "hat", "beret": "flatcap", "flower crown": "flowers",
}  # fmt: skip


def _add(costume: Costume, word: str, rng: random.Random) -> Costume:
    """Return the costume with one more thing that the story says is worn."""
    dye = colour_word(word)
    for name in sorted(_HATS, key=len, reverse=True):
        if word.endswith(name):
            return replace(
                costume,
                hat=_HATS[name],
                hat_colour=dye
                or (
                    hex_rgb("F2C23A")
                    if name in ("crown", "tiara")
                    else hex_rgb("EBC877")
                    if "straw" in name
                    else costume.hat_colour
                    if costume.hat
                    else hex_rgb("C8433C")
                ),
            )
    if word.endswith(("scarf", "shawl")):
        return replace(costume, details=costume.details | {"scarf"}, trim=dye or costume.trim)
    if word.endswith(("cape", "cloak")):
        return replace(costume, details=costume.details | {"cape"}, trim=dye or costume.trim)
    if word.endswith("apron"):
        return replace(costume, details=costume.details | {"apron"})
    if word.endswith(("dress", "gown")):
        return replace(costume, cut="dress", top=dye or costume.top, bottom=dye or costume.top)
    if word.endswith(("coat", "raincoat", "jacket")):
        return replace(costume, details=costume.details | {"longcoat", "buttons"}, top=dye or costume.top)
    return costume


def person_stature(dressed: Dressed) -> float:
    """Return the standing height in figure units, hair included and hats not."""
    b = dressed.build
    return b.leg + b.trunk + 2.15 * b.head - 1.5


def draw_person(pen: Pen, who: Dressed, posture: Posture, feeling: str, held: Held | None) -> Point:
    """Draw a person with the feet at the origin and return where the hand is."""
    if posture.lying and who.costume.hat not in ("bubble", "ninja"):
        who = replace(who, costume=replace(who.costume, hat=""))
    body = _Body(pen, who, posture)
    canvas = pen.canvas
    canvas.save()
    if posture.lying:
        # On the back along the ground, head to the left: the standing figure, laid down.
        stature = person_stature(who)
        canvas.translate(stature * 0.5, -who.build.wide * 1.15)
        canvas.rotate(-90)
        body.drop = 0.0
        body.posture = replace(posture, far_arm=(-10, -4), near_arm=(12, 4))
        hand = body.draw(feeling if feeling != "neutral" else "asleep", held)
        canvas.restore()
        return (stature * 0.5 + hand[1], -who.build.wide * 1.15 - hand[0])
    canvas.translate(0, body.drop)
    hand = body.draw(feeling, held)
    canvas.restore()
    return (hand[0], hand[1] + body.drop)


class _Body:
    """A person's joints in one posture; the hips are at (0, -leg) before the feet are set on the ground."""

    def __init__(self, pen: Pen, who: Dressed, posture: Posture) -> None:
        self.pen, self.who, self.posture = pen, who, posture
        b = who.build
        self.hips: Point = (0.0, -b.leg)
        spread = b.wide * (0.46 if not posture.prone else 0.25)
        lean = posture.lean + (4.0 if who.age == "old" and not posture.prone and not posture.lying else 0.0)
        self.lean = lean
        thigh, shin = b.leg * 0.5, b.leg * 0.44
        far_leg, near_leg = posture.far_leg, posture.near_leg
        if posture.seated:
            far_leg, near_leg = (108, 12), (98, 6)
            lean = self.lean = -4.0
        elif who.costume.cut == "tail":
            far_leg = near_leg = (lean * -1.0, lean * -1.0)
        self.far_hip = (-spread, -b.leg + 1.0)
        self.near_hip = (spread, -b.leg + 1.0)
        self.far_knee = reach(self.far_hip, far_leg[0], thigh)
        self.far_foot = reach(self.far_knee, far_leg[1], shin)
        self.near_knee = reach(self.near_hip, near_leg[0], thigh)
        self.near_foot = reach(self.near_knee, near_leg[1], shin)
        self.up = 180 - lean
        self.neck = reach(self.hips, self.up, b.trunk)
        chest = reach(self.hips, self.up, b.trunk - 4.6)
        across = 90 - lean
        self.near_shoulder = reach(chest, across, b.wide * 0.84)
        self.far_shoulder = reach(chest, across + 180, b.wide * 0.84)
        lowest = max(self.far_foot[1], self.near_foot[1]) + 3.0
        if posture.seated:
            lowest = max(lowest, self.hips[1] + 5.5)
        self.drop = -lowest - posture.lift

    def draw(self, feeling: str, held: Held | None) -> Point:
        posture, costume = self.posture, self.who.costume
        details = costume.details
        if "wings" in details:
            self._wings()
        if "cape" in details:
            self._cape()
        self._at_head(
            lambda: draw_back_hair(
                self.pen,
                self.who.head,
                hooded=costume.hat in ("hood", "ninja"),
                covered=bool(costume.hat) and costume.hat not in ("halo", "tiara", "flowers", "bubble"),
            )
        )
        crossed = feeling == "afraid" and held is None and posture.far_arm[1] > 90
        both = held is not None and posture.far_arm[1] > 50 and not posture.prone
        if not crossed and not both:
            self._arm(self.far_shoulder, posture.far_arm, near=False)
        self._legs()
        self._clothes()
        hand = reach(
            reach(self.near_shoulder, posture.near_arm[0], self.who.build.arm),
            posture.near_arm[1],
            self.who.build.arm * 0.95,
        )
        raised = hand[1] < self.neck[1] - 2
        if raised:
            self._hold(held, hand)
            self._arm(self.near_shoulder, posture.near_arm, near=True)
        self._at_head(lambda: self._face(feeling))
        if not raised:
            self._hold(held, hand)
            self._arm(self.near_shoulder, posture.near_arm, near=True)
        if crossed or both:
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

    # -- limbs -----------------------------------------------------------------------------------------------

    def _arm(self, shoulder: Point, angles: tuple[float, float], *, near: bool) -> None:
        b, costume = self.who.build, self.who.costume
        elbow = reach(shoulder, angles[0], b.arm)
        hand = reach(elbow, angles[1], b.arm * 0.95)
        wide = (
            1.35 if costume.cut == "robe" or ("cape" in costume.details and costume.cut == "dress") else 1.0
        )
        bare = costume.cut in ("tutu", "tail") or "petals" in costume.details
        sleeve = self.who.head.skin if bare else costume.top
        if "overall" in costume.details or "apron" in costume.details:
            sleeve = costume.top
        if "vest" in costume.details:
            sleeve = hex_rgb("F4F0E6")
        if "coat" in costume.details and "stripes" in costume.details:
            sleeve = costume.trim
        fist = b.thick * 0.53
        self.pen.cut(
            ellipse(*reach(hand, angles[1], 1.0), fist),
            self.who.head.skin if "panel" not in costume.details else costume.shoes,
        )
        cuff = reach(elbow, angles[1], b.arm * 0.72)
        shape = limb(shoulder, elbow, cuff, b.thick * 1.12, b.thick * 0.92 * wide)
        side = -1 if near else 1
        open_at = ((shoulder[0] + side * b.thick * 0.42, shoulder[1] + 0.8, b.thick * 0.66),) if near else ()
        self.pen.cut(shape, sleeve if near else lighten(sleeve, -0.045), shade=0.7, open_at=open_at)
        if "furtrim" in costume.details or "fur" in costume.details:
            self.pen.cut(ellipse(*cuff, b.thick * 0.55, b.thick * 0.36, -angles[1]), (0.97, 0.96, 0.94))

    def _legs(self) -> None:
        b, costume = self.who.build, self.who.costume
        if costume.cut == "tail":
            self._fish_tail()
            return
        bare = costume.cut in ("dress", "skirt", "tutu", "shorts") and "cape" not in costume.details
        stocking = self.who.head.skin if bare else costume.bottom
        if costume.cut == "tutu":
            stocking = hex_rgb("FBE3E8")
        for hip, knee, foot, shade in (
            (self.far_hip, self.far_knee, self.far_foot, -0.045),
            (self.near_hip, self.near_knee, self.near_foot, 0.0),
        ):
            shape = limb(hip, knee, foot, b.thick * 1.32, b.thick * 1.0)
            shoe = union(
                ellipse(foot[0] + 2.0, foot[1] + 0.6, 5.6, 3.3),
                ellipse(foot[0] - 0.6, foot[1] - 0.4, 3.8, 3.6),
            )
            self.pen.cut(shape, lighten(stocking, shade), shade=0.7, line=False)
            if costume.cut == "shorts":
                middle = ((hip[0] + knee[0]) / 2, (hip[1] + knee[1]) / 2)
                self.pen.inside(
                    shape, ellipse(*middle, b.thick * 0.9, b.leg * 0.34), lighten(costume.bottom, shade)
                )
            if "bands" in costume.details:
                self.pen.inside(shape, ellipse(*reach(foot, 180, b.leg * 0.22), b.thick, 1.3), costume.trim)
            self.pen.line(shape)
            if "plates" not in costume.details and not bare:
                boot = ellipse(foot[0], foot[1] - 3.0, b.thick * 0.52, 3.4)
                if costume.hat in ("tricorn", "crown", "souwester", "fedora", "helmet", "santa"):
                    shoe = union(shoe, boot)
            self.pen.cut(shoe, lighten(costume.shoes, shade))

    def _fish_tail(self) -> None:
        b = self.who.build
        fill = self.who.costume.bottom
        canvas = self.pen.canvas
        canvas.save()
        canvas.translate(*self.hips)
        canvas.rotate(self.lean)
        canvas.translate(0, b.leg)
        path = blob(
            (-b.wide * 0.9, -b.leg - 3), (-b.wide * 0.85, -b.leg * 0.55), (0.5, -b.leg * 0.16), (5, -6), (8, -6.5), (b.wide * 0.95, -b.leg * 0.45), (b.wide * 0.9, -b.leg - 3)
        )  # fmt: skip
        fin = blob((6.5, -7), (16, -12), (24, -9), (18, -2), (12, 0), (6, -1), (-1, 1.4), (-7, 0), (-1, -5))
        self.pen.cut(fin, lighten(fill, 0.08))
        self.pen.cut(path, fill)
        canvas.restore()

    # -- clothes ---------------------------------------------------------------------------------------------

    def _clothes(self) -> None:
        canvas = self.pen.canvas
        canvas.save()
        canvas.translate(*self.hips)
        canvas.rotate(self.lean)
        b = self.who.build
        Tailor(
            self.pen, self.who.costume, self.who.head.skin, b.wide, b.trunk, b.leg, self.posture.seated
        ).draw()
        canvas.restore()

    def _cape(self) -> None:
        b, c = self.who.build, self.who.costume
        x, y = self.neck
        drop = (b.trunk + b.leg * 0.72) if not self.posture.seated else b.trunk
        blow = self.lean * 1.1
        fill = c.trim if c.cut in ("trousers",) and c.hat != "crown" else lighten(c.top, -0.1)
        if c.hat == "crown" and c.cut == "trousers":
            fill = hex_rgb("A83246")
        end = reach((x, y), -blow, drop)
        self.pen.cut(
            blob(
                (x - b.wide * 0.6, y + 2),
                (x + b.wide * 0.7, y + 2),
                (x + b.wide * 1.1, y + b.trunk * 0.6),
                (end[0] + b.wide * 1.45, end[1]),
                (end[0], end[1] + 1.4),
                (end[0] - b.wide * 1.6, end[1]),
                (x - b.wide * 1.15, y + b.trunk * 0.6),
            ),
            fill,
        )

    def _wings(self) -> None:
        x, y = self.neck[0] - 1, self.neck[1] + 9
        fill = (0.86, 0.95, 0.98) if "petals" in self.who.costume.details else (0.98, 0.97, 0.94)
        for side in (-1, 1):
            self.pen.cut(
                blob(
                    (x, y),
                    (x + side * 14, y - 18),
                    (x + side * 30, y - 22),
                    (x + side * 33, y - 8),
                    (x + side * 20, y + 3),
                ),
                fill,
            )
            self.pen.cut(
                blob(
                    (x, y),
                    (x + side * 16, y + 2),
                    (x + side * 24, y + 11),
                    (x + side * 16, y + 17),
                    (x + side * 6, y + 10),
                ),
                fill,
            )

    # -- head ------------------------------------------------------------------------------------------------

    def _at_head(self, draw: object) -> None:
        assert callable(draw)
        b, posture = self.who.build, self.posture
        scale = b.head / 17.0
        canvas = self.pen.canvas
        width = self.pen.width
        canvas.save()
        shift = 5.0 if posture.prone else 0.9
        canvas.translate(self.neck[0] + shift, self.neck[1] + posture.nod)
        canvas.rotate(posture.tilt + self.lean * (0.3 if posture.prone else 0.5))
        canvas.translate(0, -15.6 * scale)
        canvas.scale(scale, scale)
        self.pen.width = width / scale
        draw()
        self.pen.width = width
        canvas.restore()

    def _face(self, feeling: str) -> None:
        c, head = self.who.costume, self.who.head
        if c.hat == "ninja":
            draw_hat(self.pen, "ninja", c.hat_colour, c.trim)
            slit = blob((-15, -3), (1.4, -4.6), (16, -3), (15.6, 5), (1.4, 6.4), (-14.6, 5))
            self.pen.cut(slit, head.skin)
            for x, side in ((-5.2, -1), (8.0, 1)):
                draw_eye(self.pen, x, 1.4, side, feeling, lashes=False)
            return
        draw_head(
            self.pen,
            head,
            feeling,
            covered=bool(c.hat) and c.hat not in ("bubble", "halo", "mask", "tiara", "flowers"),
        )
        if c.hat:
            draw_hat(self.pen, c.hat, c.hat_colour, c.trim)
