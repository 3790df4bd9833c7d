"""Who stands where: sizes softened from life, clusters by relation, everyone turned to each other, things in hands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from kamishibai.documents.storyboard import Place, Pose, View
from kamishibai.papercut.parts import Anchor, Box, Figure, StageSet
from kamishibai.papercut.places import (
    WATERS,
    Floor,
    anchor_for,
    backdrop,
    by_anchor,
    far_water,
    free_place,
    in_far_water,
    in_the_sky,
    row,
    within_frame,
)
from kamishibai.papercut.relations import BRANCHY, Cluster, Spot, attach, flock, ranks

__all__ = ["Placed", "Player", "arrange", "subject_of"]

_SHARE: Mapping[str, float] = {"close": 0.515, "medium": 0.38, "wide": 0.28}
"""Height of the subject as a share of the frame, by view."""
_WIDEST: Mapping[str, float] = {"close": 0.58, "medium": 0.48, "wide": 0.38}
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
    shown: bool = False
    """Whether its holder's drawing shows it already, so that it only needs to give its light."""
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
    box: Box
    mirror: bool = False
    order: float = 0.0
    """Back to front within its zone."""
    grounded: bool = False
    """Whether it stands on the main plane and throws a contact shadow there."""
    sunk: bool = False
    """Whether the water cuts it off."""
    thread: bool = False
    """Whether it hangs from above by a thread."""
    rides: str | None = None
    """The key of the player that carries it (a boat, a holder's hand): the two move as one."""
    perched: bool = False
    """Whether it sits on a branch, which is drawn with it."""
    distance: float = 0.0
    """How far behind the main plane it stands: 0 on it, 1 at the horizon."""
    after: int | None = None
    """Index of the plane it comes right after, when that is not the main one: a whale among far waves."""


def subject_of(players: Sequence[Player]) -> Player | None:
    """Return whom the picture is about: the first actor, else the first thing on the stage."""
    free = [p for p in players if p.held_by is None]
    things = [p for p in free if p.zone == "stage"]
    return next((p for p in free if p.is_actor), next(iter(things or free), None))


def arrange(players: Sequence[Player], stage: StageSet, view: View, seed: int) -> list[Placed]:
    """Return every player's place, back to front.

    Clusters (a player and what is placed by it) go beside the scenery they name, then in a row along the ground
    or the water line, then into the freest spot of the air; things of the sky last; held things into the hand.
    """
    rng = Random(seed)
    subject = subject_of(players)
    if subject is None:
        return []
    floor = Floor(stage, _SHARE[view])
    scales = _scales(players, subject, stage, view, rng)
    by_key = {p.key: p for p in players}
    side = _side(stage, rng)
    spots: list[tuple[Cluster, float, float]] = []
    taken: list[Box] = []
    afar: set[str] = set()

    def put(cluster: Cluster, x: float, y: float) -> None:
        x, y = within_frame(cluster, x, y, floor)
        spots.append((cluster, x, y))
        taken.append(cluster.box_at(x, y))

    clusters = _clusters(players, by_key, scales, stage, rng)
    on_row, in_air, behind = [], [], []
    for c in clusters:
        lead = by_key[c.key]
        anchor = _anchor(lead, stage)
        if lead.zone == "sky":
            continue
        if anchor is None and _beached(lead, stage):
            water = far_water(stage)
            if water is not None:
                c.resize(0.62)
                put(c, *in_far_water(c, water, floor, side))
                afar.add(c.key)
                continue
        if anchor is not None:
            relation = lead.place.relation if lead.place is not None else "in"
            put(c, *by_anchor(c, anchor, relation, floor, rng, wet=_wet(lead, stage)))
        elif floats_free(lead, stage):
            in_air.append(c)
        elif subject.is_actor and _is_backdrop(c, lead, view):
            behind.append(c)
        else:
            on_row.append(c)
    actors = frozenset(p.key for p in players if p.is_actor)
    for c, x, y in row(on_row, actors, subject.key, floor, view, side, taken):
        put(c, x, y)
    for c in behind:
        put(c, *backdrop(c, floor, taken, side))
    for c in sorted(in_air, key=lambda c: not c.has(subject.key)):
        put(c, *free_place(c, floor, taken, side, rng, lead=c.has(subject.key)))
    for c in clusters:
        if by_key[c.key].zone == "sky":
            put(c, *in_the_sky(c, floor, taken, side, rng))
    placed = [_settle(c, s, x, y, by_key, floor) for c, x, y in spots for s in c.spots]
    far = {s.key for c in behind for s in c.spots}
    placed = [replace(p, order=p.order - 1, distance=0.3) if p.player.key in far else p for p in placed]
    water = far_water(stage) if afar else None
    placed = [
        replace(p, after=water, sunk=True, grounded=False, distance=0.2) if p.player.key in afar else p
        for p in placed
    ]
    placed = _face(placed, subject)
    placed += _hands(players, placed, scales)
    return sorted(placed, key=lambda p: (p.player.zone != "sky", p.order))


def floats_free(player: Player, stage: StageSet) -> bool:
    """Say whether a player is in the air, the deep or space rather than on something."""
    figure = player.figure
    if stage.medium == "space":
        return player.is_actor or figure.rests not in ("stands", "lies")
    if stage.medium == "undersea" and figure.rests in ("swims", "floats", "flies"):
        return True
    return (
        player.pose == "fly"
        or figure.rests == "flies"
        or (stage.medium == "undersea" and player.pose == "swim")
    )


def _is_backdrop(c: Cluster, lead: Player, view: View) -> bool:
    """Say whether a thing is so large (a castle, a tree) that it stands behind the players, not in their row."""
    return (
        len(c.spots) == 1
        and not lead.is_actor
        and lead.figure.height_m > 2.2
        and lead.figure.rests == "stands"
        and view != "close"
    )


def _side(stage: StageSet, rng: Random) -> int:
    """Return -1 or 1: the side of the frame that the subject leans to, most often away from sun or moon."""
    light = next((li for li in stage.lights if li.kind in ("sun", "moon")), None)
    side = -1 if rng.random() < 0.5 else 1
    if light is not None and rng.random() < 0.75:
        side = 1 if light.x < stage.width / 2 else -1
    return side


def _extent(figure: Figure) -> float:
    left, top, right, bottom = figure.bounds
    return max(bottom - top, 0.62 * (right - left), 1e-3)


def _scales(
    players: Sequence[Player], subject: Player, stage: StageSet, view: View, rng: Random
) -> dict[str, float]:
    """Return pixels per metre of each player: the subject by the view, the others softened from real sizes."""
    frame = min(stage.height, 1.5 * stage.width)
    actors = sum(1 for p in players if p.is_actor and p.held_by is None)
    share = _SHARE[view] * max(0.76, 1 - 0.05 * max(0, actors - 1)) * rng.uniform(0.96, 1.05)
    share *= min(1.3, max(1.0, subject.figure.height_m**0.3))  # an elephant fills more of the page than a fox
    if view == "wide" and floats_free(subject, stage):
        share *= 1.25  # the air is wide
    width = subject.figure.bounds[2] - subject.figure.bounds[0]
    subject_px = min(share * frame, _WIDEST[view] * stage.width * _extent(subject.figure) / max(width, 1e-3))
    out: dict[str, float] = {}
    for p in players:
        ratio = _extent(p.figure) / _extent(subject.figure)
        # Figures come softened already; what is larger than the subject is softened a little more.
        ratio **= 0.85 if p.is_actor or ratio > 1 else 1.1
        low, high = (0.34, 1.5) if p.is_actor else (0.2, 1.75 if p.figure.height_m > 1.6 else 1.1)
        px = subject_px * min(high, max(low, ratio))
        if p.of_group > 1:
            rhythm = (1.0, 0.84, 0.93, 0.78, 0.9, 0.82)[p.member % 6]
            px *= min(1.0, max(0.45, (1.6 if p.is_actor else 1.32) / p.of_group**0.38)) * rhythm
        if p.zone == "sky":
            px = min(0.17, max(0.07, 0.34 / p.of_group)) * frame
        w, h = p.figure.bounds[2] - p.figure.bounds[0], p.figure.bounds[3] - p.figure.bounds[1]
        most = min(0.70 * stage.height / max(h, 1e-3), 0.62 * stage.width / max(w, 1e-3))
        out[p.key] = min(px / _extent(p.figure), most)
    _lower(players, out, stage)
    return out


def _lower(players: Sequence[Player], scales: dict[str, float], stage: StageSet) -> None:
    """Make what carries others (a tower, a castle) so low that they fit the frame on top of it, in place."""
    by_key = {p.key: p for p in players}
    for key, carrier in _targets(players).items():
        place = by_key[key].place
        if place is None or place.relation not in ("on", "above"):
            continue
        top, base = by_key[key].figure.bounds, by_key[carrier].figure.bounds
        rider = (top[3] - top[1]) * scales[key]
        if by_key[carrier].figure.height_m > 2.2:  # what caught on a tower is small beside it
            scales[key] *= min(1.0, (0.3 if by_key[key].is_actor else 0.22) * stage.height / rider)
        room = 0.64 * stage.height - (top[3] - top[1]) * scales[key]
        tall = (base[3] - base[1]) * scales[carrier]
        if not by_key[carrier].is_actor and tall > room:
            scales[carrier] *= max(0.4, room / tall)


def _targets(players: Sequence[Player]) -> dict[str, str]:
    """Return whom each player is placed by: player key → player key, without circles."""
    out: dict[str, str] = {}
    for p in players:
        if p.place is None or p.held_by:
            continue
        of = p.place.of.lower()
        words = {of, *of.split()[-1:]}
        match = next(
            (q for q in players if q.key != p.key and not q.held_by and q.member == 0 and words & q.names),
            None,
        )
        if match is None:
            continue
        key, seen = match.key, {p.key}
        while key in out and key not in seen:
            seen.add(key)
            key = out[key]
        if key not in seen:
            out[p.key] = match.key
    return out


def _clusters(
    players: Sequence[Player],
    by_key: Mapping[str, Player],
    scales: dict[str, float],
    stage: StageSet,
    rng: Random,
) -> list[Cluster]:
    """Return clusters: a base player or a group, with those placed by it, and by them in turn."""
    targets = _targets(players)
    groups: dict[str, list[Player]] = {}
    for p in players:
        if p.held_by is None and p.key not in targets:
            groups.setdefault(p.key.rsplit("#", 1)[0], []).append(p)
    out = []
    for members in groups.values():
        sized = [(p.key, p.figure, scales[p.key]) for p in members]
        if len(members) == 1:
            key, figure, scale = sized[0]
            cluster = Cluster(key, [Spot(key, figure, 0.0, 0.0, scale, 0.0)])
        elif members[0].zone == "sky" or floats_free(members[0], stage):
            cluster = flock(sized, stage, rng)
        else:
            cluster = ranks(sized, stage, rng, tight=members[0].is_actor)
        queue = [p.key for p in members]
        while queue:
            target = queue.pop(0)
            for i, key in enumerate(k for k, t in targets.items() if t == target):
                child = by_key[key]
                assert child.place is not None
                attach(
                    cluster, target, key, child.figure, scales[key], child.place.relation, stage, rng,
                    target_actor=by_key[target].is_actor, index=i,
                )  # fmt: skip
                queue.append(key)
        out.append(cluster)
    return out


def _anchor(player: Player, stage: StageSet) -> Anchor | None:
    """Return the part of the scenery that decides a player's place: what it names, or the water it swims in."""
    if player.place is not None and not (floats_free(player, stage) and player.place.relation == "in"):
        found = anchor_for(stage, player.place.of)
        if found is not None:
            return found
    if _wet(player, stage):
        return next((a for a in (anchor_for(stage, w) for w in WATERS) if a is not None), None)
    return None


def _wet(player: Player, stage: StageSet) -> bool:
    """Say whether a player on land wants water under it."""
    wants = player.figure.rests in ("floats", "swims") or player.pose == "swim"
    return stage.medium == "ground" and wants and any(anchor_for(stage, w) for w in WATERS)


def _beached(player: Player, stage: StageSet) -> bool:
    """Say whether a swimmer or a boat would lie on dry land where it was put."""
    figure = player.figure
    small = figure.height_m < 0.7  # a fish may lie on a market stall
    return (
        stage.medium == "ground"
        and figure.rests in ("floats", "swims")
        and not small
        and player.place is None
    ) or (stage.medium == "ground" and figure.rests == "swims" and not small)


def _settle(c: Cluster, s: Spot, x: float, y: float, by_key: Mapping[str, Player], floor: Floor) -> Placed:
    """Return one member of a cluster with its place on the canvas and how it rests there."""
    player, lead, stage = by_key[s.key], by_key[c.key], floor.stage
    px, py = x + s.dx, y + s.dy
    free = floats_free(lead, stage) or lead.zone == "sky"
    wet = _wet(lead, stage) and s.based
    high = (
        lead.place is not None and lead.place.relation in ("on", "above") and _anchor(lead, stage) is not None
    )
    on_plane = s.based and not free and not high and not wet
    afloat = player.figure.rests in ("floats", "swims") or player.pose == "swim"
    sunk = (on_plane and stage.medium == "water" and afloat) or (wet and afloat)
    if on_plane and not s.lifted:
        py = floor.stand(px) + s.dy + (y - floor.stand(x))
    left, top, right, bottom = player.figure.bounds
    if sunk:
        py += sink(player.figure) * (bottom - top) * s.scale
    elif s.carrier == c.key and stage.medium == "water" and lead.figure.rests == "floats":
        # The crew goes down with the hull.
        hull = c.spot(c.key)
        py += sink(lead.figure) * (lead.figure.bounds[3] - lead.figure.bounds[1]) * hull.scale
    box = (px + left * s.scale, py + top * s.scale, px + right * s.scale, py + bottom * s.scale)
    hangs = player.figure.rests == "hangs" and s.based and player.place is None and stage.medium == "indoors"
    return Placed(
        player, px, py, s.scale, box, order=s.order + py * 1e-6, grounded=on_plane and not sunk, sunk=sunk,
        thread=hangs, perched=s.perched or (high and s.key == c.key and _in_tree(lead)), rides=s.carrier,
    )  # fmt: skip


def _in_tree(player: Player) -> bool:
    place = player.place
    return (
        place is not None and place.relation in ("on", "in") and any(w in place.of.lower() for w in BRANCHY)
    )


def sink(figure: Figure) -> float:
    """Return the part of a figure that is under water when it swims or floats."""
    if figure.rests == "floats":
        return 0.03 if figure.name == "islet" else 0.10
    return 0.42


def _face(placed: Sequence[Placed], subject: Player) -> list[Placed]:
    """Return the players turned to each other: all to the subject, the subject to its partner or the open side."""
    centre = {p.player.key: (p.box[0] + p.box[2]) / 2 for p in placed}
    others = [p for p in placed if p.player.key != subject.key and p.player.zone == "stage"]
    partners = [
        p for p in others if p.player.is_actor and not p.player.key.startswith(subject.key.split("#")[0])
    ]
    partners = partners or [p for p in others if p.rides is None] or others
    moving = subject.pose in ("walk", "run", "fly", "swim")
    out = []
    for p in placed:
        wish: str = p.player.faces
        here = centre[p.player.key]
        if wish == "auto":
            goal = centre.get(subject.key, here)
            if p.player.key.split("#")[0] == subject.key.split("#")[0]:
                # A group looks one way; the one whom it is about decides.
                here = goal
                goal = min(
                    (centre[q.player.key] for q in partners), key=lambda c: abs(c - here), default=here + 1
                )
            elif p.player.pose in ("walk", "run", "fly") and moving:
                # Those who go together go the same way.
                goal = here + (1 if goal >= here else -1)
            wish = "right" if goal >= here else "left"
        abed = p.player.pose == "lie" or p.player.figure.rests == "lies"
        if abed and p.rides is not None and p.player.faces == "auto":
            wish = p.player.figure.faces  # heads lie on the pillow's side, as they are drawn
        looks = p.player.figure.faces
        if looks not in ("front", wish):
            left, _, right, _ = p.player.figure.bounds
            p = replace(p, mirror=True, box=(p.x - right * p.scale, p.box[1], p.x - left * p.scale, p.box[3]))
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
        extent = _extent(p.figure)
        scale = max(min(scales[p.key], 0.42 * tall / extent), 0.2 * tall / extent)
        f = holder.player.figure
        hand = f.hand or (f.bounds[2] * 0.8, (f.bounds[1] + f.bounds[3]) * 0.45)
        hx = holder.x + (-hand[0] if holder.mirror else hand[0]) * holder.scale
        hy = holder.y + hand[1] * holder.scale
        x, y = hx - (left + right) / 2 * scale, hy - (top + bottom) / 2 * scale
        if p.shown and p.figure.glow is not None and bottom - top < 2.2 * (right - left):
            y += 0.14 * tall  # a lantern hangs from the hand
        box = (x + left * scale, y + top * scale, x + right * scale, y + bottom * scale)
        out.append(
            Placed(
                p, x, y, scale, box, order=holder.order + 1e-5, after=holder.after, rides=holder.player.key
            )
        )
    return out
