"""Where on this stage a cluster goes: in a row on the ground, by a part of the scenery, in the air, in the sky."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

from kamishibai.documents.storyboard import Relation, View
from kamishibai.papercut.clearance import clear_span, paper_edge
from kamishibai.papercut.parts import Anchor, Box, StageSet, caption_line
from kamishibai.papercut.relations import BRANCHY, Cluster, overlap

__all__ = [
    "WATERS", "Floor", "anchor_for", "backdrop", "by_anchor", "far_water", "free_place", "in_far_water",
    "in_the_sky", "row", "sight", "within_frame",
]  # fmt: skip

_INSIDE: Mapping[str, float] = {"indoors": 0.03, "ground": 0.02, "water": 0.012}
"""How far inside the main sheet feet stand, as a part of the height: clear of the sheet's edge."""
_GAPS: Mapping[str, float] = {"close": 0.05, "medium": 0.075, "wide": 0.085}
_HEADROOM = 0.07
"""What stays free above the tallest thing: the camera may push in."""
WATERS = ("water", "river", "pond", "lake", "sea", "stream", "ocean", "pool")


class Floor:
    """The main plane of a set as players know it: its line, its free stretch, its middle."""

    def __init__(self, stage: StageSet, share: float = 0.34) -> None:
        self.stage = stage
        self.width, self.height = float(stage.width), float(stage.height)
        self.span, self._tops = clear_span(stage, share)
        self._moon = paper_edge(stage) if stage.medium == "space" else []
        keep = stage.keep_clear
        self.lowest = (caption_line(stage.width, stage.height) - 0.012) * self.height
        """Where feet are at the lowest, clear of the captions."""
        self.keep = keep if keep is not None else (0.2 * self.width, 0.0, 0.8 * self.width, self.height)
        middle = (self.keep[0] + self.keep[2]) / 2
        self.centre = min(max(middle, self.span[0] + 0.1 * self.width), self.span[1] - 0.1 * self.width)

    def line(self, x: float) -> float:
        """Return the upper edge of the main sheet at `x`."""
        ground = self.stage.planes[self.stage.main].ground
        return float(ground(x)) if ground is not None else 0.76 * self.height

    def stand(self, x: float) -> float:
        """Return where feet go at `x`: a little inside the sheet, above the very foot of the frame."""
        if self._moon:
            edge = self._moon[min(len(self._moon) - 1, max(0, int(x / 16)))]
            return min(edge + 0.02 * self.height, self.lowest)
        inside = _INSIDE.get(self.stage.medium, 0.015) * self.height
        y = min(self.line(x) + inside, max(self.lowest, self.line(x)))
        if self.stage.medium == "water":
            # High waves in front must not swallow a boat: it rides up, as boats do.
            near = min(self._tops[max(0, int(x / 16) - 3) : int(x / 16) + 4], default=self.height)
            y = max(min(y, near + 0.035 * self.height), y - 0.06 * self.height)
        return y

    def limits(self, crowd: int) -> tuple[float, float]:
        """Return between what pixels players stand: the clear area, wider for a crowd, never behind a trunk."""
        spare = (0.0, 0.0, 0.07, 0.12, 0.2)[min(crowd, 4)] * self.width
        left, right = max(self.span[0], self.keep[0] - spare), min(self.span[1], self.keep[2] + spare)
        return (left, right) if right - left > 0.3 * (self.span[1] - self.span[0]) else self.span


def anchor_for(stage: StageSet, of: str) -> Anchor | None:
    """Return the part of the scenery that `of` names, when it lies where a player can be near it."""
    words = of.lower().split()
    for name, anchor in stage.anchors.items():
        if name.lower() in words or name.lower() == of.lower():
            left, _, right, _ = anchor.box
            middle = (left + right) / 2 / stage.width
            if 0.12 <= middle <= 0.88 and anchor.depth > stage.planes[stage.main].depth - 0.3:
                return anchor
    return None


def sight(stage: StageSet, name: str) -> Anchor | None:
    """Return the part of the scenery that a thing's name means, when it is large and in sight; near or far."""
    words = name.lower().split()
    for key, anchor in stage.anchors.items():
        left, top, right, bottom = anchor.box
        inside = 0.08 * stage.width < (left + right) / 2 < 0.92 * stage.width
        seen = min(bottom, stage.height) - max(top, 0)
        if words[-1:] == [key.lower()] and inside and seen > 0.13 * stage.height:
            return anchor
    return None


def row(
    clusters: Sequence[Cluster], actors: frozenset[str], subject: str, floor: Floor, view: View,
    side: int, taken: Sequence[Box],
) -> list[tuple[Cluster, float, float]]:  # fmt: skip
    """Return each cluster with its place along the ground, squeezed where there is no room.

    `actors` are the keys of clusters that are led by an actor, `subject` the key of the picture's subject.
    """
    if not clusters:
        return []
    left, right = floor.limits(len(clusters))
    clusters, small = _front_row(clusters, actors, subject, right - left)
    ordered = _ordered(clusters, actors, subject, side)
    widths = [c.right - c.left for c in ordered]
    if sum(widths) * (1.06 if floor.width > floor.height else 1.3) > right - left:
        left, right = floor.span
        # Things give way before people do.
        for c in ordered:
            if c.key not in actors and not c.has(subject):
                c.resize(0.78)
        widths = [c.right - c.left for c in ordered]
        squeeze = max(0.5, min(1.0, (right - left) / (sum(widths) * 1.06)))
        for c in ordered:
            c.resize(squeeze)
        widths = [c.right - c.left for c in ordered]
    room, count = right - left, len(ordered)
    gap = 0.0
    if count > 1:
        gap = min((room - sum(widths)) / (count - 0.4), _GAPS[view] * floor.width)
    total = sum(widths) + gap * (count - 1)
    main = next((i for i, c in enumerate(ordered) if c.has(subject)), 0)
    to_main = sum(widths[:main]) + gap * main + widths[main] / 2
    # Alone, the subject stands where the scenery left room; in company it moves outward and the group is centred.
    lean = 0.02 if count == 1 else 0.09
    start = floor.centre + side * lean * floor.width - to_main
    if count > 1:
        start = 0.65 * (floor.centre - total / 2) + 0.35 * start
    if taken and count == 1:
        start = _clear_of(taken, start, widths[0], left, right)
    start = (left + right - total) / 2 if total > 0.9 * room else min(max(start, left), right - total)
    out, x = [], start
    for i, c in enumerate(ordered):
        at = x - c.left
        stagger = 0.0 if count < 3 or i == main else (0.014 if i % 2 else -0.008) * floor.height
        out.append((c, at, floor.stand(at) + stagger))
        x += widths[i] + gap
    return out + _in_front(small, floor, (left + right) / 2 if count > 1 else start + total / 2, total)


def _front_row(
    clusters: Sequence[Cluster], actors: frozenset[str], subject: str, room: float
) -> tuple[list[Cluster], list[Cluster]]:
    """Return who stands in the row, and small things (flowers, mushrooms) that go before it when it is too long."""
    if len(clusters) < 2 or sum(c.right - c.left for c in clusters) < 0.8 * room:
        return list(clusters), []
    tallest = max((-c.top for c in clusters if c.has(subject) or c.key in actors), default=0.0)
    small = [c for c in clusters if c.key not in actors and not c.has(subject) and -c.top < 0.45 * tallest]
    return [c for c in clusters if c not in small], small


def _in_front(
    small: Sequence[Cluster], floor: Floor, middle: float, wide: float
) -> list[tuple[Cluster, float, float]]:
    """Return the places of small things in a row of their own, nearer to the eye and to both sides of the middle."""
    out, reach = [], {-1: 0.0, 1: 0.0}
    for i, c in enumerate(small):
        way = 1 if i % 2 == 0 else -1
        width = c.right - c.left
        x = middle + way * (max(0.28 * wide, 0.5 * width) + reach[way] + 0.5 * width - 0.25 * wide)
        reach[way] += width + 0.02 * floor.width
        x = min(max(x, floor.span[0] - c.left), floor.span[1] - c.right)
        c.spots = [replace(s, order=s.order + 0.005) for s in c.spots]
        out.append((c, x, floor.stand(x) + 0.01 * floor.height))
    return out


def _ordered(clusters: Sequence[Cluster], actors: frozenset[str], subject: str, side: int) -> list[Cluster]:
    """Return clusters left to right: the subject towards its side, its partner and their things next to it."""
    lead = [c for c in clusters if c.has(subject)]
    rest = [c for c in clusters if not c.has(subject)]
    rest.sort(key=lambda c: c.key not in actors)
    if len(rest) < 2:
        line = [*lead, *rest]
    else:
        # What the subject deals with comes between it and its partner; the third and fourth go outside.
        partner, inner, outer = rest[:1], rest[1:2], rest[2:]
        if partner[0].key not in actors:
            partner, inner = inner, partner
        line = [*outer[::2][::-1], *lead, *inner, *partner, *outer[1::2]]
        if partner[0].key not in actors:
            line = [*outer[::2][::-1], *partner, *lead, *inner, *outer[1::2]]
    return line if side < 0 else line[::-1]


def _clear_of(taken: Sequence[Box], start: float, width: float, left: float, right: float) -> float:
    """Return the start nearest to `start` where a cluster of `width` overlaps nothing that is taken."""
    best, cost = start, float("inf")
    for i in range(41):
        x = left + (max(left, right - width) - left) * i / 40
        hit = sum(max(0.0, min(x + width, b[2]) - max(x, b[0])) for b in taken)
        value = hit * 3 + abs(x - start)
        if value < cost:
            best, cost = x, value
    return best


def by_anchor(
    c: Cluster, anchor: Anchor, relation: Relation, floor: Floor, rng: Random, *, wet: bool
) -> tuple[float, float]:
    """Return where a cluster goes by the part of the scenery it is placed by; `wet` when it swims or floats there."""
    left, top, right, bottom = anchor.box
    middle, wide = (left + right) / 2, right - left
    towards = 1 if middle < floor.width / 2 else -1
    width = c.right - c.left
    x, y = middle, bottom
    if wet:
        near = min(max(floor.centre, left + 0.1 * wide), right - 0.1 * wide)
        x = near - towards * 0.16 * floor.width
        x = min(max(x, floor.span[0] - c.left), floor.span[1] - c.right)
        return x, min(0.55 * top + 0.45 * bottom, floor.line(x) - 0.012 * floor.height)
    if relation in ("on", "in") and any(word in anchor.name for word in BRANCHY):
        # Half way up the crown and on its inner side, where there is room to be seen.
        head = max(top, 0.08 * floor.height)
        x, y = middle + towards * 0.22 * wide, head + 0.42 * (bottom - head)
    elif relation == "on":
        x, y = middle + rng.uniform(-0.15, 0.15) * max(0.0, wide - width), top
    elif relation == "above":
        y = top - 0.05 * floor.height
    elif relation in ("beside", "near", "between"):
        x = middle + towards * (wide / 2 + width * 0.55)
    elif relation == "behind":
        x = middle + towards * wide * 0.35
    else:
        x = middle + towards * 0.12 * wide
    lo, hi = floor.span[0] - c.left, floor.span[1] - c.right
    x = min(max(x, lo), hi) if lo < hi else floor.width / 2
    if relation not in ("on", "above") and y == bottom:
        y = floor.stand(x)
    return x, max(y, 0.04 * floor.height - c.top)


def free_place(
    c: Cluster, floor: Floor, taken: Sequence[Box], side: int, rng: Random, *, lead: bool, tries: int = 2
) -> tuple[float, float]:
    """Return the freest spot in the air (or the deep) near where such a thing is wanted; `lead`: it is the subject."""
    left, right = floor.limits(1 if lead else 4)
    if c.right - c.left > right - left:
        left, right = floor.span
        c.resize(min(1.0, (right - left) / (c.right - c.left)))
    width, height = c.right - c.left, c.bottom - c.top
    deep = floor.stage.medium in ("undersea", "space", "air")
    want_x = floor.centre + floor.width * (side * 0.04 if lead else -side * 0.17)
    want_y = ((0.47 if deep else 0.42) if lead else 0.34) * floor.height
    top = 0.06 * floor.height
    low = floor.lowest if deep else min(0.78 * floor.height, floor.line(floor.centre) - 0.02 * floor.height)
    best, cost, worst = (want_x, want_y), float("inf"), 0.0
    pad = 0.015 * floor.width
    for i in range(17):
        cx = left + width / 2 + max(0.0, right - left - width) * i / 16
        for j in range(11):
            cy = top + height / 2 + max(0.0, low - top - height) * j / 10
            box = (cx - width / 2 - pad, cy - height / 2 - pad, cx + width / 2 + pad, cy + height / 2 + pad)
            hit = sum(overlap(box, b) / max(1.0, min(width * height, _area(b))) for b in taken)
            near = abs(cx - want_x) / floor.width + 1.2 * abs(cy - want_y) / floor.height
            level = 0.05 * sum(1 for b in taken if abs((b[1] + b[3]) / 2 - cy) < 0.04 * floor.height)
            value = 5.0 * hit + near + level + rng.uniform(0, 0.05)
            if value < cost:
                best, cost, worst = (cx, cy), value, hit
    if worst > 0.12 and not lead and tries:
        c.resize(0.78)
        return free_place(c, floor, taken, side, rng, lead=lead, tries=tries - 1)
    return best[0] - (c.left + c.right) / 2, best[1] - (c.top + c.bottom) / 2


def backdrop(c: Cluster, floor: Floor, taken: Sequence[Box], side: int) -> tuple[float, float]:
    """Return where a large thing stands behind the players: on the sheet's edge, hidden by them as little as may be."""
    width = c.right - c.left
    left, right = floor.span
    want = floor.centre - side * 0.2 * floor.width
    best, cost = want, float("inf")
    for i in range(25):
        x = left + width / 2 + max(0.0, right - left - width) * i / 24
        box = c.box_at(x, floor.line(x))
        hidden = sum(overlap(box, b) for b in taken) / _area(box)
        value = 3 * hidden + abs(x - want) / floor.width
        if value < cost:
            best, cost = x, value
    return best, floor.line(best) + 0.006 * floor.height


def far_water(stage: StageSet) -> int | None:
    """Return the index of the nearest sheet of water behind the main plane, None when there is none."""
    for i in range(stage.main - 1, -1, -1):
        plane = stage.planes[i]
        if plane.ground is not None and plane.name.split(" ")[0] in ("wave", "water", "sea", "surf", "river"):
            return i
    return None


def in_far_water(c: Cluster, water: int, floor: Floor, side: int) -> tuple[float, float]:
    """Return where a swimmer lies in the water behind the players, on the side away from the subject."""
    plane = floor.stage.planes[water]
    assert plane.ground is not None
    x = floor.centre - side * 0.2 * floor.width
    x = min(max(x, floor.span[0] - c.left), floor.span[1] - c.right)
    # Half out of the water: what is below its line is cut off.
    return x, float(plane.ground(x)) + 0.45 * (c.bottom - c.top)


def within_frame(c: Cluster, x: float, y: float, floor: Floor) -> tuple[float, float]:
    """Return the place of a cluster pushed into the frame; it shrinks where it is too wide or too tall for that."""
    room = 0.94 * floor.width
    if c.right - c.left > room:
        c.resize(room / (c.right - c.left))
    over = _HEADROOM * floor.height - (y + c.top)
    if over > 0 and -c.top > 0.3 * floor.height:
        if c.bottom > 0.25 * -c.top:  # it hovers: lower it first
            y += over
        else:
            c.resize(max(0.4, 1 - over / -c.top))
    low, high = 0.03 * floor.width - c.left, 0.97 * floor.width - c.right
    return min(max(x, low), high), y


def _area(box: Box) -> float:
    return max(1.0, (box[2] - box[0]) * (box[3] - box[1]))


def in_the_sky(c: Cluster, floor: Floor, taken: Sequence[Box], side: int, rng: Random) -> tuple[float, float]:
    """Return a place high in the sky, on the side away from the subject and clear of heads and lights."""
    width, height = c.right - c.left, c.bottom - c.top
    reach = 0.07 * floor.height
    lights = [
        (li.x - reach, li.y - reach, li.x + reach, li.y + reach)
        for li in floor.stage.lights if li.kind in ("sun", "moon")
    ]  # fmt: skip
    best, cost = (0.0, 0.0), float("inf")
    for i in range(15):
        cx = floor.width * (0.14 + 0.72 * i / 14)
        for j in range(6):
            cy = floor.height * (0.07 + 0.2 * j / 5) + height / 2
            box = (cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2)
            hit = sum(overlap(box, b) / max(1.0, min(width * height, _area(b))) for b in [*taken, *lights])
            want = floor.width * (0.5 - side * 0.2)
            value = 4 * hit + 0.5 * abs(cx - want) / floor.width + 0.06 * j + rng.uniform(0, 0.2)
            if value < cost:
                best, cost = (cx, cy), value
    return best[0] - (c.left + c.right) / 2, best[1] - (c.top + c.bottom) / 2
