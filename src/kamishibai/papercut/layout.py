"""Where everyone stands: sizes softened from life, clusters by relation, a row on the ground, free places in the air."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Literal

from kamishibai.documents.storyboard import Place, Pose, View
from kamishibai.papercut.parts import Anchor, Box, Figure, StageSet
from kamishibai.papercut.relations import Cluster, Spot, attach, overlap

__all__ = ["Placed", "Player", "anchor_for", "arrange", "subject_of"]

_SHARE: Mapping[str, float] = {"close": 0.47, "medium": 0.335, "wide": 0.225}
"""Height of the subject as a share of the frame, by view."""
_WIDEST: Mapping[str, float] = {"close": 0.56, "medium": 0.46, "wide": 0.36}
Zone = Literal["sky", "stage"]


@dataclass(frozen=True)
class Player:
    """A figure that wants a place on the stage, and what decides it."""

    key: str
    figure: Figure
    names: frozenset[str]
    """Lower-case words that a `Place` may call it by: id, name, noun."""
    is_actor: bool = False
    pose: Pose = "stand"
    place: Place | None = None
    held_by: str | None = None
    faces: Literal["left", "right", "auto"] = "auto"
    zone: Zone = "stage"
    member: int = 0
    """Which one of a group it is, from 0."""
    of_group: int = 1


@dataclass(frozen=True)
class Placed:
    """A player with its place: origin (feet) in canvas pixels, pixels a metre, mirrored or not."""

    player: Player
    x: float
    y: float
    scale: float
    mirror: bool = False
    order: float = 0.0
    """Back to front within its zone."""
    grounded: bool = False
    """Whether it stands on the main plane and throws a contact shadow there."""
    sunk: bool = False
    """Whether the water cuts it off at `y`."""
    thread: bool = False
    """Whether it hangs from above by a thread."""
    rides: str | None = None
    """The key of the player that carries it (a boat, a holder's hand): the two move as one."""
    box: Box = field(default=(0.0, 0.0, 0.0, 0.0))


def subject_of(players: Sequence[Player]) -> Player | None:
    """Return whom the picture is about: the first actor, else the first thing on the stage."""
    free = [p for p in players if p.held_by is None]
    return next(
        (p for p in free if p.is_actor),
        next((p for p in free if p.zone == "stage"), free[0] if free else None),
    )


def anchor_for(stage: StageSet, of: str) -> Anchor | None:
    """Return the part of the scenery that `of` names, when it lies where a player can be near it."""
    words = of.lower().split()
    for name, anchor in stage.anchors.items():
        if name.lower() in words or name.lower() == of.lower():
            left, _, right, _ = anchor.box
            middle = (left + right) / 2 / stage.width
            if 0.1 <= middle <= 0.9 and anchor.depth > stage.planes[stage.main].depth - 0.3:
                return anchor
    return None


def _extent(figure: Figure) -> float:
    left, top, right, bottom = figure.bounds
    return max(bottom - top, 0.62 * (right - left), 1e-3)


def _scales(
    players: Sequence[Player], subject: Player, stage: StageSet, view: View, rng: Random
) -> dict[str, float]:
    """Return pixels per metre of each player: the subject by the view, the others softened from real sizes."""
    frame = min(stage.height, 1.5 * stage.width)
    actors = sum(1 for p in players if p.is_actor and p.held_by is None)
    share = _SHARE[view] * max(0.72, 1 - 0.07 * max(0, actors - 1)) * rng.uniform(0.96, 1.05)
    subject_px = share * frame
    wide = subject.figure.bounds[2] - subject.figure.bounds[0]
    subject_px = min(subject_px, _WIDEST[view] * stage.width * _extent(subject.figure) / max(wide, 1e-3))
    out: dict[str, float] = {}
    for p in players:
        ratio = _extent(p.figure) / _extent(subject.figure)
        soft = ratio**0.85  # figures come softened already
        low, high = (0.34, 1.75) if p.is_actor else (0.22, 1.75 if p.figure.height_m > 1.6 else 1.1)
        px = subject_px * min(high, max(low, soft))
        if p.of_group > 1:
            px *= (
                min(1.0, max(0.45, 1.32 / p.of_group**0.38))
                * (1.0, 0.84, 0.93, 0.78, 0.9, 0.82)[p.member % 6]
            )
        if p.zone == "sky":
            px = min(0.24, max(0.12, 0.17 * (1 if p.of_group == 1 else 2.0 / p.of_group))) * frame
        w, h = p.figure.bounds[2] - p.figure.bounds[0], p.figure.bounds[3] - p.figure.bounds[1]
        scale = px / _extent(p.figure)
        scale = min(scale, 0.70 * stage.height / max(h, 1e-3), 0.62 * stage.width / max(w, 1e-3))
        out[p.key] = scale
    return out


def _targets(players: Sequence[Player]) -> dict[str, str]:
    """Return whom each player is placed by: player key → player key, without circles."""
    out: dict[str, str] = {}
    for p in players:
        if p.place is None or p.held_by:
            continue
        of = p.place.of.lower()
        match = [
            q for q in players
            if q.key != p.key and not q.held_by and q.member == 0 and (of in q.names or (of.split()[-1:] and of.split()[-1] in q.names))
        ]  # fmt: skip
        if not match:
            continue
        key, seen = match[0].key, {p.key}
        while key in out and key not in seen:
            seen.add(key)
            key = out[key]
        if key not in seen:
            out[p.key] = match[0].key
    return out


def _air(player: Player, stage: StageSet) -> bool:
    figure = player.figure
    if stage.medium in ("space", "undersea") and (figure.rests != "stands" or stage.medium == "space"):
        return True
    return (
        player.pose == "fly"
        or figure.rests == "flies"
        or (figure.rests == "swims" and stage.medium == "undersea")
    )


def arrange(players: Sequence[Player], stage: StageSet, view: View, seed: int) -> list[Placed]:
    """Return every player's place, back to front.

    Things of the sky first, then clusters (a player and what is placed by it) in a row along the ground or the
    water line with the subject on a third, then those in the air in the freest spot; held things in the hand.
    """
    rng = Random(seed)
    subject = subject_of(players)
    if subject is None:
        return []
    scales = _scales(players, subject, stage, view, rng)
    targets = _targets(players)
    by_key = {p.key: p for p in players}
    clusters = _clusters(players, by_key, targets, scales, stage, rng)
    side = -1 if rng.random() < 0.5 else 1
    light = next((li for li in stage.lights if li.kind in ("sun", "moon")), None)
    if light is not None and rng.random() < 0.75:
        side = 1 if light.x < stage.width / 2 else -1

    row = [c for c in clusters if by_key[c.key].zone == "stage" and not _air(by_key[c.key], stage)]
    air = [c for c in clusters if by_key[c.key].zone == "stage" and _air(by_key[c.key], stage)]
    sky = [c for c in clusters if by_key[c.key].zone == "sky"]
    fixed = [c for c in row if _anchored(by_key[c.key], stage)]
    row = [c for c in row if c not in fixed]

    spots: list[tuple[Cluster, float, float]] = [
        (c, *_by_anchor(c, by_key[c.key], stage, rng)) for c in fixed
    ]
    taken = [c.box_at(x, y) for c, x, y in spots]
    for c, x, y in _row(row, by_key, subject, stage, view, side, taken):
        spots.append((c, x, y))
        taken.append(c.box_at(x, y))
    for c in air:
        x, y = _free(c, by_key[c.key], subject, stage, taken, side, rng)
        spots.append((c, x, y))
        taken.append(c.box_at(x, y))
    for c in sky:
        x, y = _in_the_sky(c, stage, taken, side, rng)
        spots.append((c, x, y))
        taken.append(c.box_at(x, y))

    placed = [_settle(c, s, x, y, by_key, stage) for c, x, y in spots for s in c.spots]
    placed = _face(placed, subject)
    placed += _hands(players, placed, scales)
    return sorted(placed, key=lambda p: (p.player.zone != "sky", p.order))


def _clusters(
    players: Sequence[Player], by_key: Mapping[str, Player], targets: Mapping[str, str],
    scales: dict[str, float], stage: StageSet, rng: Random,
) -> list[Cluster]:  # fmt: skip
    """Return clusters, each a base player with those placed by it, sizes adjusted to each other."""
    groups: dict[str, list[Player]] = {}
    for p in players:
        if p.held_by is None and p.key not in targets:
            head = p.key.rsplit("#", 1)[0]
            groups.setdefault(head, []).append(p)
    out = []
    for members in groups.values():
        if len(members) > 1 and not _air(members[0], stage) and members[0].zone == "stage":
            cluster = _group(members, scales, stage, rng)
            _attach_all(cluster, by_key, targets, scales, stage, rng)
            out.append(cluster)
            continue
        for p in members:
            cluster = Cluster(p.key, [Spot(p.key, p.figure, 0.0, 0.0, scales[p.key], 0.0)])
            _attach_all(cluster, by_key, targets, scales, stage, rng)
            out.append(cluster)
    return out


def _attach_all(
    cluster: Cluster, by_key: Mapping[str, Player], targets: Mapping[str, str],
    scales: dict[str, float], stage: StageSet, rng: Random,
) -> None:  # fmt: skip
    """Place by relation whoever is placed by a member of `cluster`, and by them in turn."""
    queue = [s.key for s in cluster.spots]
    while queue:
        target = queue.pop(0)
        for i, key in enumerate(k for k, t in targets.items() if t == target):
            child = by_key[key]
            assert child.place is not None
            attach(
                cluster, target, key, child.figure, scales[key], child.place.relation, stage, rng,
                target_actor=by_key[target].is_actor, child_actor=child.is_actor, index=i,
            )  # fmt: skip
            queue.append(key)


def _group(members: Sequence[Player], scales: Mapping[str, float], stage: StageSet, rng: Random) -> Cluster:
    """Return a rhythmic group: staggered rows, the biggest in front, no two alike in size."""
    count = len(members)
    rows = 1 if count <= 3 else 2 if count <= 9 else 3
    cluster = Cluster(members[0].key, [])
    width = max((p.figure.bounds[2] - p.figure.bounds[0]) * scales[p.key] for p in members)
    height = max((p.figure.bounds[3] - p.figure.bounds[1]) * scales[p.key] for p in members)
    per_row = -(-count // rows)
    for i, p in enumerate(members):
        r, c = i % rows, i // rows
        shift = 0.5 * (r % 2) if rows > 1 else 0.0
        pitch = 0.92 if p.is_actor else 1.12
        dx = (c + shift - (per_row - 1) / 2) * width * pitch + rng.uniform(-0.06, 0.06) * width
        dy = -r * min(0.34 * height, 0.05 * stage.height) + (i % 2) * 0.008 * stage.height
        cluster.spots.append(Spot(p.key, p.figure, dx, dy, scales[p.key] * (0.9**r), dy * 1e-4))
    return cluster


def _ground(stage: StageSet, x: float) -> float:
    ground = stage.planes[stage.main].ground
    return float(ground(x)) if ground is not None else 0.76 * stage.height


def _stand(stage: StageSet, x: float) -> float:
    """Return where feet go at `x`: a little inside the sheet, clear of its edge and of the caption."""
    inside = {"indoors": 0.035, "ground": 0.02, "water": 0.012}.get(stage.medium, 0.015) * stage.height
    return min(_ground(stage, x) + inside, 0.93 * stage.height)


def _limits(stage: StageSet) -> tuple[float, float]:
    left, right = 0.07 * stage.width, 0.93 * stage.width
    if stage.keep_clear is not None:
        left, right = max(left, stage.keep_clear[0]), min(right, stage.keep_clear[2])
    return left, right


def _centre(stage: StageSet) -> float:
    """Return the middle of what the scenery keeps clear: already off the frame's middle, away from the light."""
    if stage.keep_clear is None:
        return stage.width / 2
    return (stage.keep_clear[0] + stage.keep_clear[2]) / 2


def _row(
    row: Sequence[Cluster], by_key: Mapping[str, Player], subject: Player, stage: StageSet, view: View,
    side: int, taken: Sequence[Box],
) -> list[tuple[Cluster, float, float]]:  # fmt: skip
    """Return the clusters along the ground: the subject's on a third, the others beyond it, overlaps squeezed out."""
    if not row:
        return []
    left, right = _limits(stage)
    ordered = _ordered(row, by_key, subject, side)
    widths = [c.right - c.left for c in ordered]
    room = right - left
    if sum(widths) * 1.08 > room:
        left, right = min(left, 0.05 * stage.width), max(right, 0.95 * stage.width)
        room = right - left
        squeeze = max(0.55, min(1.0, room / (sum(widths) * 1.08)))
        for c in ordered:
            c.resize(squeeze)
        widths = [c.right - c.left for c in ordered]
    gap = 0.0 if len(row) == 1 else min(
        (room - sum(widths)) / (len(row) + 1), {"close": 0.07, "medium": 0.10, "wide": 0.13}[view] * stage.width
    )  # fmt: skip
    total = sum(widths) + gap * (len(row) - 1)
    third = _centre(stage) + side * (0.02 if len(row) == 1 else 0.10) * stage.width
    main = next((i for i, c in enumerate(ordered) if any(s.key == subject.key for s in c.spots)), 0)
    before = sum(widths[:main]) + gap * main + widths[main] / 2
    start = third - before if len(row) <= 2 else _centre(stage) - total / 2
    if len(row) == 2:
        start = 0.6 * (_centre(stage) - total / 2) + 0.4 * start
    if taken and len(row) == 1:
        start = _clear_of(taken, start, widths[0], left, right)
    start = min(max(start, left), right - total) if total <= right - left else (left + right - total) / 2
    out, x = [], start
    for i, c in enumerate(ordered):
        at = x - c.left
        stagger = 0.0 if len(row) < 3 or i == main else (0.012 if i % 2 else -0.012) * stage.height
        out.append((c, at, _stand(stage, at) + stagger))
        x += widths[i] + gap
    return out


def _ordered(
    row: Sequence[Cluster], by_key: Mapping[str, Player], subject: Player, side: int
) -> list[Cluster]:
    """Return clusters left to right: the subject first on its side, its nearest partner next to it."""
    lead = [c for c in row if any(s.key == subject.key for s in c.spots)]
    rest = [c for c in row if c not in lead]
    rest.sort(key=lambda c: not by_key[c.key].is_actor)
    if len(rest) >= 2:
        # Things the subject deals with come between it and its partner; the third and fourth go outside.
        inner, partner, outer = rest[1:2], rest[:1], rest[2:]
        if not by_key[partner[0].key].is_actor:
            inner, partner = rest[:1], rest[1:2]
        outside, beyond = outer[::2], outer[1::2]
        line = [*reversed(outside), *lead, *inner, *partner, *beyond]
    else:
        line = [*lead, *rest]
    return line if side < 0 else line[::-1]


def _clear_of(taken: Sequence[Box], start: float, width: float, left: float, right: float) -> float:
    """Return the start nearest to `start` where a cluster of `width` overlaps nothing that is taken."""
    best, cost = start, float("inf")
    for i in range(41):
        x = left + (max(left, right - width) - left) * i / 40
        hit = sum(max(0.0, min(x + width, b[2]) - max(x, b[0])) for b in taken)
        c = hit * 3 + abs(x - start)
        if c < cost:
            best, cost = x, c
    return best


def _anchored(player: Player, stage: StageSet) -> bool:
    return player.place is not None and anchor_for(stage, player.place.of) is not None


def _by_anchor(c: Cluster, player: Player, stage: StageSet, rng: Random) -> tuple[float, float]:
    """Return where a cluster goes by the part of the scenery it is placed by."""
    assert player.place is not None
    anchor = anchor_for(stage, player.place.of)
    assert anchor is not None
    left, top, right, bottom = anchor.box
    middle, wide = (left + right) / 2, right - left
    relation = player.place.relation
    towards = 1 if middle < stage.width / 2 else -1
    width = c.right - c.left
    x, y = middle, bottom
    if relation == "on":
        x, y = middle + rng.uniform(-0.15, 0.15) * max(0.0, wide - width), top
    elif relation == "above":
        y = top - 0.05 * stage.height
    elif relation in ("beside", "near", "between"):
        x = middle + towards * (wide / 2 + width * 0.55)
    elif relation == "behind":
        x = middle + towards * wide * 0.35
    elif relation in ("under", "before", "in"):
        x = middle + towards * 0.12 * wide
    lo, hi = 0.05 * stage.width - c.left, 0.95 * stage.width - c.right
    x = min(max(x, lo), hi) if lo < hi else stage.width / 2
    if relation in ("under", "before", "beside", "near", "between", "behind", "in"):
        y = _stand(stage, x)
    tall = c.box_at(0, 0)[1]
    return x, max(y, 0.04 * stage.height - tall)


def _free(
    c: Cluster, player: Player, subject: Player, stage: StageSet, taken: Sequence[Box], side: int, rng: Random
) -> tuple[float, float]:
    """Return the freest spot in the air (or the deep) near where such a thing is wanted."""
    left, right = _limits(stage)
    width, height = c.right - c.left, c.bottom - c.top
    is_subject = any(s.key == subject.key for s in c.spots)
    ground = _ground(stage, stage.width / 2)
    deep = stage.medium in ("undersea", "space")
    want_x = _centre(stage) + stage.width * (side * 0.03 if is_subject else -side * 0.14)
    want_y = (
        (0.44 if is_subject else 0.36) * stage.height
        if not deep
        else (0.46 if is_subject else 0.4) * stage.height
    )
    top = 0.07 * stage.height
    low = min(0.80 * stage.height, ground + 0.02 * stage.height if not deep else 0.80 * stage.height)
    best, cost = (want_x, want_y), float("inf")
    for i in range(13):
        cx = left + width / 2 + max(0.0, right - left - width) * i / 12
        for j in range(9):
            cy = top + height / 2 + max(0.0, low - top - height) * j / 8
            box = (cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2)
            hit = sum(overlap(box, b) for b in taken) / max(1.0, width * height)
            near = (abs(cx - want_x) / stage.width) + 1.2 * abs(cy - want_y) / stage.height
            crowd = sum(1 for b in taken if abs((b[1] + b[3]) / 2 - cy) < 0.04 * stage.height) * 0.04
            value = 3.0 * hit + near + crowd + rng.uniform(0, 0.05)
            if value < cost:
                best, cost = (cx, cy), value
    return best[0] - (c.left + c.right) / 2, best[1] - (c.top + c.bottom) / 2


def _in_the_sky(
    c: Cluster, stage: StageSet, taken: Sequence[Box], side: int, rng: Random
) -> tuple[float, float]:
    """Return a place high in the sky, on the side away from the subject and clear of heads and lights."""
    width, height = c.right - c.left, c.bottom - c.top
    lights = [
        (li.x - 60, li.y - 60, li.x + 60, li.y + 60) for li in stage.lights if li.kind in ("sun", "moon")
    ]
    best, cost = (0.0, 0.0), float("inf")
    for i in range(15):
        cx = stage.width * (0.12 + 0.76 * i / 14)
        for j in range(6):
            cy = stage.height * (0.08 + 0.22 * j / 5) + height / 2
            box = (cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2)
            hit = sum(overlap(box, b) for b in [*taken, *lights]) / max(1.0, width * height)
            want = stage.width * (0.5 - side * 0.22)
            value = 4 * hit + 0.5 * abs(cx - want) / stage.width + 0.3 * j / 5 + rng.uniform(0, 0.22)
            if value < cost:
                best, cost = (cx, cy), value
    return best[0] - (c.left + c.right) / 2, best[1] - (c.top + c.bottom) / 2


def _settle(c: Cluster, s: Spot, x: float, y: float, by_key: Mapping[str, Player], stage: StageSet) -> Placed:
    """Return one member of a cluster with its place on the canvas and how it rests there."""
    player = by_key[s.key]
    px, py = x + s.dx, y + s.dy
    free = _air(player, stage) or player.zone == "sky"
    base = s.key in {q.key for q in c.spots if q.based}
    on_plane = base and not free and not (_anchored(by_key[c.key], stage) and _is_high(by_key[c.key]))
    sunk = on_plane and stage.medium == "water" and player.figure.rests in ("floats", "swims")
    if on_plane and not s.lifted:
        py = _stand(stage, px) + s.dy + (y - _stand(stage, x))
    left, top, right, bottom = player.figure.bounds
    if sunk:
        py += (0.14 if player.figure.rests == "floats" else 0.34) * (bottom - top) * s.scale
    box = (px + left * s.scale, py + top * s.scale, px + right * s.scale, py + bottom * s.scale)
    return Placed(
        player, px, py, s.scale, order=s.order + py * 1e-6, grounded=on_plane and not sunk, sunk=sunk,
        thread=player.figure.rests == "hangs" and base and player.place is None, rides=s.carrier, box=box,
    )  # fmt: skip


def _is_high(player: Player) -> bool:
    return player.place is not None and player.place.relation in ("on", "above")


def _face(placed: Sequence[Placed], subject: Player) -> list[Placed]:
    """Return the players turned to each other: everyone to the subject, the subject to its partner or the open side."""
    centre = {p.player.key: (p.box[0] + p.box[2]) / 2 for p in placed}
    others = [p for p in placed if p.player.key != subject.key and p.player.zone == "stage"]
    partners = [p for p in others if p.player.is_actor] or others
    x0 = centre.get(subject.key, 0.0)
    right_edge = max((p.box[2] for p in placed), default=0.0)
    out = []
    for p in placed:
        wish: str = p.player.faces
        if wish == "auto":
            here = centre[p.player.key]
            if p.player.key == subject.key:
                goal = (
                    min((centre[q.player.key] for q in partners), key=lambda c: abs(c - here))
                    if partners
                    else right_edge
                )
            else:
                goal = x0
            wish = "right" if goal >= here else "left"
        looks = p.player.figure.faces
        mirror = looks != "front" and looks != wish
        if mirror:
            left, _, right, _ = p.player.figure.bounds
            box = (p.x - right * p.scale, p.box[1], p.x - left * p.scale, p.box[3])
            p = replace(p, mirror=True, box=box)
        out.append(p)
    return out


def _hands(players: Sequence[Player], placed: Sequence[Placed], scales: Mapping[str, float]) -> list[Placed]:
    """Return the held things, each with its middle in its holder's hand."""
    holders = {p.player.key: p for p in placed}
    out = []
    for p in players:
        holder = holders.get(p.held_by or "")
        if p.held_by is None or holder is None:
            continue
        tall = holder.box[3] - holder.box[1]
        left, top, right, bottom = p.figure.bounds
        scale = min(scales[p.key], 0.42 * tall / max(_extent(p.figure), 1e-3))
        scale = max(scale, 0.2 * tall / max(_extent(p.figure), 1e-3))
        hand = holder.player.figure.hand or (
            holder.player.figure.bounds[2] * 0.8,
            (holder.player.figure.bounds[1] + holder.player.figure.bounds[3]) * 0.45,
        )
        hx = holder.x + (-hand[0] if holder.mirror else hand[0]) * holder.scale
        hy = holder.y + hand[1] * holder.scale
        x, y = hx - (left + right) / 2 * scale, hy - (top + bottom) / 2 * scale
        box = (x + left * scale, y + top * scale, x + right * scale, y + bottom * scale)
        out.append(Placed(p, x, y, scale, order=holder.order + 1e-5, rides=holder.player.key, box=box))
    return out
