"""Clusters: a player and those placed by it (on, under, in, beside …), in pixels about the first one's feet."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random

from kamishibai.papercut.parts import Box, Figure, StageSet

__all__ = ["Cluster", "Spot", "attach", "overlap"]

_BRANCHY = ("tree", "palm", "evergreen", "bush")
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


def attach(
    cluster: Cluster, target: str, key: str, figure: Figure, scale: float, relation: str, stage: StageSet,
    rng: Random, *, target_actor: bool, child_actor: bool, index: int,
) -> None:  # fmt: skip
    """Add `figure` to `cluster`, placed by its member `target`. Sizes give way where the relation needs it.

    `index` counts those already placed by the same target, so that several on one table spread out.
    """
    t = cluster.spot(target)
    name = t.figure.name.lower()
    side = (1 if index % 2 == 0 else -1) * (1 if rng.random() < 0.5 else -1)
    spread = (0, 1, -1, 2, -2)[index % 5]
    th = _height(t.figure, t.scale)
    h, w = _height(figure, scale), _width(figure, scale)
    branchy = any(word in name for word in _BRANCHY)
    container = any(word in name for word in _OPEN) or t.figure.rests == "floats"
    if relation == "in" and branchy:
        relation = "on"
    if relation == "on" and container:
        relation = "in"
    if relation in ("on", "in", "under") and not target_actor:
        wanted = {"on": 1.9 if branchy else 0.9, "in": 1.25, "under": 1.7}[relation]
        if t.figure.rests in ("flies", "hangs") and relation == "under":
            wanted = 0.0
        if th < wanted * h:
            grow = min(wanted * h / max(th, 1e-3), 0.66 * stage.height / max(th, 1e-3), 2.2)
            grow = max(1.0, min(grow, 0.6 * stage.width / max(_width(t.figure, t.scale), 1e-3)))
            t = _swap(cluster, replace(t, scale=t.scale * grow))
            th *= grow
            if th < wanted * h:
                scale *= max(0.55, th / (wanted * h))
                h, w = _height(figure, scale), _width(figure, scale)
    left, top, right, bottom = t.box
    middle, tw, order = (left + right) / 2, right - left, t.order
    dx, dy, lifted, based = middle, t.dy, True, False
    if relation == "on":
        if branchy:
            dx, dy = middle + side * 0.2 * tw, top + 0.46 * th
        elif target_actor:
            riding = tw > 0.9 * th
            dx, dy = (middle, top + 0.42 * th) if riding else (middle + side * 0.1 * tw, top + 0.07 * th)
        else:
            dx, dy = middle + spread * min(w * 0.9, tw * 0.3), top + 0.06 * th
        order += 0.01 + 0.001 * index
    elif relation == "in":
        dx, dy = middle + spread * min(w * 0.75, tw * 0.24), bottom - 0.36 * th
        big = h < 0.45 * th and not container
        dy = t.dy + 0.01 * stage.height if big else dy
        order += 0.01 if big else -0.01
    elif relation == "under":
        if t.figure.rests in ("flies", "hangs") or th < 0.9 * h:
            _swap(
                cluster,
                replace(
                    t, dy=t.dy - h - 0.06 * stage.height - max(0.0, bottom - t.dy), lifted=True, based=False
                ),
            )
            dy, order = t.dy, order + 0.01
            based = True
        else:
            dx, dy = middle + (side * 0.14 + spread * 0.2) * tw, t.dy + 0.018 * stage.height
            order, based, lifted = order + 0.01, True, False
    elif relation in ("beside", "near", "between"):
        gap = (0.05 if relation == "near" else 0.02) * stage.width
        edge = cluster.right + gap + w / 2 if side > 0 else cluster.left - gap - w / 2
        dx, based, lifted = edge, True, False
    elif relation == "behind":
        dx, dy, order = middle + side * (0.30 * tw + 0.28 * w), t.dy - 0.014 * stage.height, order - 0.01
        based, lifted = True, False
    elif relation == "before":
        dx, dy = middle + side * (0.34 * tw + 0.2 * w), t.dy + 0.018 * stage.height
        order, based, lifted = order + 0.01, True, False
    elif relation == "above":
        dx, dy, order = middle + side * 0.1 * tw, top - 0.07 * stage.height, order + 0.02
    carrier = target if lifted and relation in ("on", "in") else None
    cluster.spots.append(Spot(key, figure, dx, dy, scale, order, based, carrier, lifted))


def _swap(cluster: Cluster, spot: Spot) -> Spot:
    cluster.spots = [spot if s.key == spot.key else s for s in cluster.spots]
    return spot
