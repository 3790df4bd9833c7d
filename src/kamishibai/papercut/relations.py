"""Clusters: a player and those placed by it (on, under, in, beside …), in pixels about the first one's feet."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from kamishibai.documents.storyboard import Relation
from kamishibai.papercut.parts import Box, Figure, StageSet

__all__ = ["BRANCHY", "Cluster", "Spot", "attach", "flock", "overlap", "ranks"]

Member = tuple[str, Figure, float]
"""Key, figure and pixels a metre."""

BRANCHY = ("tree", "palm", "evergreen", "bush")
_OPEN = (
    "boat", "canoe", "ship", "sailboat", "basket", "nest", "box", "cup", "pot", "bathtub", "bucket", "cart", "bowl",
    "raft", "balloon", "car", "wagon", "sled", "sleigh", "rocket", "bag", "hat",
)  # fmt: skip
"""What one sits in with the upper half showing."""


@dataclass(frozen=True)
class Spot:
    """A member of a cluster: its feet relative to the cluster's, its pixels a metre and its order (higher: in front)."""

    key: str
    figure: Figure
    dx: float
    dy: float
    scale: float
    order: float
    based: bool = True
    """Whether it rests on the main plane itself."""
    carrier: str | None = None
    """Whom it moves with."""
    perched: bool = False
    """Whether it sits on a branch, which is then drawn."""
    lifted: bool = False
    """Whether it keeps its height relative to the cluster instead of following the ground's curve."""

    @property
    def box(self) -> Box:
        """What it covers, relative to the cluster's feet."""
        left, top, right, bottom = self.figure.bounds
        wide = max(-left, right)  # a figure may be mirrored later
        return (
            self.dx - wide * self.scale,
            self.dy + top * self.scale,
            self.dx + wide * self.scale,
            self.dy + bottom * self.scale,
        )


@dataclass
class Cluster:
    """Players that keep together. `key` is the one whose rest and place decide for all."""

    key: str
    spots: list[Spot] = field(default_factory=list)

    @property
    def left(self) -> float:
        """Leftmost pixel, relative to its feet."""
        return min(s.box[0] for s in self.spots)

    @property
    def right(self) -> float:
        """Rightmost pixel, relative to its feet."""
        return max(s.box[2] for s in self.spots)

    @property
    def top(self) -> float:
        """Topmost pixel, relative to its feet."""
        return min(s.box[1] for s in self.spots)

    @property
    def bottom(self) -> float:
        """Lowest pixel, relative to its feet."""
        return max(s.box[3] for s in self.spots)

    def box_at(self, x: float, y: float) -> Box:
        """Return what it covers on the canvas with its feet at (x, y)."""
        return (x + self.left, y + self.top, x + self.right, y + self.bottom)

    def resize(self, factor: float) -> None:
        """Make the whole cluster smaller or larger about its feet."""
        self.spots = [
            replace(s, dx=s.dx * factor, dy=s.dy * factor, scale=s.scale * factor) for s in self.spots
        ]

    def has(self, key: str) -> bool:
        """Say whether the player `key` is part of it."""
        return any(s.key == key for s in self.spots)

    def spot(self, key: str) -> Spot:
        """Return the member with this key."""
        return next(s for s in self.spots if s.key == key)


def overlap(a: Box, b: Box) -> float:
    """Return the area that two boxes share."""
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def _height(figure: Figure, scale: float) -> float:
    return (figure.bounds[3] - figure.bounds[1]) * scale


def _width(figure: Figure, scale: float) -> float:
    return 2 * max(-figure.bounds[0], figure.bounds[2]) * scale


def ranks(members: Sequence[Member], stage: StageSet, rng: Random, *, tight: bool) -> Cluster:
    """Return a group on the ground in rhythmic, staggered rows, no two alike in size; `tight` for a family."""
    count = len(members)
    rows = 1 if count <= 3 else 2 if count <= 9 else 3
    rows += stage.height > 1.2 * stage.width and count > 2
    cluster = Cluster(members[0][0], [])
    width = max(_width(figure, scale) for _, figure, scale in members)
    height = max(_height(figure, scale) for _, figure, scale in members)
    per_row = -(-count // rows)
    afloat = members[0][1].rests == "floats"
    for i, (key, figure, scale) in enumerate(members):
        r, c = i % rows, i // rows
        shift = 0.5 * (r % 2) if rows > 1 else 0.0
        pitch = 1.0 if tight else 1.15
        dx = (c + shift - (per_row - 1) / 2) * width * pitch + rng.uniform(-0.06, 0.06) * width
        dy = -r * min(0.34 * height, 0.05 * stage.height) + (i % 2) * 0.008 * stage.height
        if afloat and rows == 1:
            dy = (0.0, -0.035, 0.012)[i % 3] * stage.height
        cluster.spots.append(Spot(key, figure, dx, dy, scale * (0.9**r), dy * 1e-4))
    return cluster


def flock(members: Sequence[Member], stage: StageSet, rng: Random) -> Cluster:
    """Return a group in the air or the deep: loosely scattered like birds, never in a grid."""
    cluster = Cluster(members[0][0], [])
    width = max(_width(figure, scale) for _, figure, scale in members)
    height = max(_height(figure, scale) for _, figure, scale in members)
    pitch = max(width, 0.8 * height, 0.075 * stage.height)
    for i, (key, figure, scale) in enumerate(members):
        # The sunflower's spiral spreads any number evenly and shows no rows.
        radius, angle = pitch * 0.78 * math.sqrt(i + 0.3), i * 2.399963 + rng.uniform(-0.25, 0.25)
        dx, dy = 1.25 * radius * math.cos(angle), 0.72 * radius * math.sin(angle)
        cluster.spots.append(Spot(key, figure, dx, dy, scale, dy * 1e-4, based=True))
    return cluster


def attach(
    cluster: Cluster, target: str, key: str, figure: Figure, scale: float, relation: Relation, stage: StageSet,
    rng: Random, *, target_actor: bool, index: int,
) -> None:  # fmt: skip
    """Add `figure` to `cluster`, placed by its member `target`. Sizes give way where the relation needs it.

    `index` counts those already placed by the same target, so that several on one table spread out.
    """
    side = (1 if index % 2 == 0 else -1) * (1 if rng.random() < 0.5 else -1)
    spread = (0, 1, -1, 2, -2)[index % 5]
    where = _kind(relation, cluster.spot(target).figure, target_actor)
    scale = _agree(cluster, target, figure, scale, where, stage)
    t = cluster.spot(target)
    left, top, right, bottom = t.box
    middle, tw, th = (left + right) / 2, right - left, bottom - top
    h, w = _height(figure, scale), _width(figure, scale)
    step = 0.018 * stage.height
    carried: tuple[float, float, float] | None = {
        # dx, dy, order: for those who move with what carries them.
        "branch": (middle + side * 0.2 * tw, top + 0.46 * th, 0.01),
        "back": (middle, top + 0.2 * th, 0.01),
        "head": (middle + side * 0.12 * tw, top + 0.07 * th, 0.01),
        "top": (middle + spread * min(w * 0.9, tw * 0.3), top + 0.06 * th, 0.01),
        "deck": (middle + (spread * 0.22 + side * 0.12) * tw, bottom - 0.26 * th, 0.01),
        "inside": (middle + spread * min(w * 0.75, tw * 0.24), bottom - 0.36 * th, -0.01),
        "bed": (middle, bottom - 0.48 * th, -0.01),
        "above": (middle + side * 0.06 * tw, top - 0.035 * stage.height, 0.02),
    }.get(where)
    if carried is not None:
        dx, dy, order = carried
        carrier = None if where == "above" else target
        spot = Spot(
            key,
            figure,
            dx,
            dy,
            scale,
            t.order + order + 0.001 * index,
            False,
            carrier,
            where == "branch",
            True,
        )
    elif where == "below":
        # What is above goes up: a cloud, a lamp, an umbrella.
        _swap(
            cluster,
            replace(t, dy=t.dy - h - 0.05 * stage.height - max(0.0, bottom - t.dy), lifted=True, based=False),
        )
        spot = Spot(key, figure, middle, t.dy, scale, t.order + 0.01)
    else:
        aside = (0.05 if relation == "near" else 0.02) * stage.width + w / 2
        dx, dy, order = {
            "foot": (middle + side * 0.1 * tw + spread * max(0.2 * tw, 0.95 * w), step, 0.01),
            "door": (middle + spread * 0.2 * tw, 0.6 * step, 0.01),
            "behind": (middle + side * (0.30 * tw + 0.28 * w), -0.8 * step, -0.01),
            "before": (middle + side * (0.34 * tw + 0.2 * w), step, 0.01),
        }.get(where, (cluster.right + aside if side > 0 else cluster.left - aside, 0.0, 0.0))
        spot = Spot(key, figure, dx, t.dy + dy, scale, t.order + order + 0.001 * index)
    cluster.spots.append(spot)


def _kind(relation: Relation, target: Figure, target_actor: bool) -> str:
    """Return what a preposition means for this target: on a tree is its branch, on a horse its back, in a house its door."""
    name = target.name.lower()
    wide = target.bounds[2] - target.bounds[0] > 0.9 * (target.bounds[3] - target.bounds[1])
    aloft = target.rests in ("flies", "hangs")
    if relation in ("on", "in") and any(word in name for word in BRANCHY):
        return "branch"
    if relation in ("on", "in") and target.rests == "floats":
        return "top" if name == "islet" else "deck"
    if relation in ("on", "in") and "bed" in name.split():
        return "bed"
    if relation == "in":
        return "inside" if any(word in name for word in _OPEN) else "door"
    if relation == "on":
        return ("back" if wide else "head") if target_actor else "top"
    if relation == "under":
        return "below" if aloft or "umbrella" in name or "cloud" in name else "foot"
    return relation


_WANTED: Mapping[str, float] = {
    "branch": 1.9,
    "top": 0.8,
    "deck": 1.6,
    "inside": 1.2,
    "bed": 0.75,
    "foot": 1.6,
    "door": 1.5,
}
"""How tall a target must be against whoever is placed by it."""


def _agree(cluster: Cluster, target: str, figure: Figure, scale: float, where: str, stage: StageSet) -> float:
    """Make the target large enough for what is placed by it, and return the child's scale, smaller if it must be."""
    t = cluster.spot(target)
    h, th = _height(figure, scale), _height(t.figure, t.scale)
    ask = (
        2.3
        if where == "foot" and any(word in t.figure.name.lower() for word in BRANCHY)
        else _WANTED.get(where, 0.0)
    )
    wanted = (0.3 if t.figure.name == "islet" else ask) * h
    if where in ("back", "head") and h > 0.6 * th:
        return scale * 0.6 * th / h
    if th >= wanted:
        return scale
    grow = min(
        wanted / max(th, 1e-3), 0.68 * stage.height / max(th, 1e-3), 8.0 if t.figure.name == "islet" else 2.4
    )
    grow = max(1.0, min(grow, 0.62 * stage.width / max(_width(t.figure, t.scale), 1e-3)))
    _swap(cluster, replace(t, scale=t.scale * grow))
    return scale * max(0.55, min(1.0, th * grow / wanted))


def _swap(cluster: Cluster, spot: Spot) -> Spot:
    cluster.spots = [spot if s.key == spot.key else s for s in cluster.spots]
    return spot
