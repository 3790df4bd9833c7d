"""Who plays: from a scene's actors and props to players with figures, and the words that no drawing was found for."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from kamishibai.documents.storyboard import Actor, Character, Place, Prop, Scene
from kamishibai.models.kinds import Draw
from kamishibai.papercut.figures import character_figure, prop_figure
from kamishibai.papercut.islet import islet
from kamishibai.papercut.layout import Player
from kamishibai.papercut.parts import Anchor, Figure, StageSet
from kamishibai.papercut.places import anchor_for, sight

__all__ = ["Company", "cast_players"]

_SKY = frozenset({
    "sun", "moon", "full moon", "crescent moon", "star", "rainbow", "cloud", "comet", "shooting star", "planet",
    "lightning", "galaxy", "sunset", "sunrise", "constellation", "meteor",
})  # fmt: skip
_PLACES = frozenset({
    "ground", "floor", "water", "sea", "ocean", "sky", "air", "lake", "river", "forest", "wood", "woods", "meadow",
    "field", "grass", "snow", "sand", "beach", "world", "room", "house", "city", "town", "village", "garden", "night",
    "day", "street", "road", "path", "mountain", "mountains", "hill", "island", "desert", "cave", "space", "farm",
    "dark", "light", "rain", "storm", "wind", "fog", "morning", "evening", "horizon", "stage", "kitchen", "library",
    "market", "school", "tower", "subway", "station", "rooftop", "harbour", "harbor", "shore", "deck", "wall",
})  # fmt: skip
"""Words that name the set rather than a thing on it: a place "in the forest" is the whole picture."""
_OF_THE_SET = {
    "library": frozenset({"shelf", "shelves", "bookshelf", "bookshelves", "bookcase", "aisle"}),
    "subway": frozenset({"platform", "tunnel", "train", "tracks"}),
    "ship": frozenset({"deck", "mast", "rail", "bow", "stern"}),
    "farm": frozenset({"barnyard", "pasture", "fence", "barn"}),
    "rooftop": frozenset({"roof", "rooftops", "chimney"}),
}
"""What a setting shows in so many places that being between or near it means being there."""


@dataclass(frozen=True)
class Company:
    """Everyone who plays in a scene, and the words that were left out."""

    players: tuple[Player, ...]
    left_out: tuple[str, ...]
    drawings_used: bool
    sights: tuple[Anchor, ...] = ()
    """Parts of the set that the story names."""
    notes: tuple[str, ...] = ()


def _last(word: str) -> str:
    return word.lower().split()[-1] if word.split() else ""


def _names(*words: str) -> frozenset[str]:
    return frozenset(w for word in words if word for w in (word.lower(), _last(word)))


def cast_players(ask: Draw, stage: StageSet) -> Company:
    """Return the players of a scene: actors first, in order, then props, then what others are placed by."""
    scene = ask.scene
    left_out: list[str] = []
    players: list[Player] = []
    characters = {c.id: c for c in ask.cast}
    for actor in scene.actors:
        character = characters.get(actor.who) or Character(id=actor.who, name=actor.who)
        players += _actor(actor, character, ask, stage, left_out)
    for i, prop in enumerate(scene.props):
        if not (_drawn_already(prop.name, stage) or _part_of_set(prop, scene, stage)):
            players += _prop(prop, i, scene.actors, ask, stage, left_out)
    sights = [sight(stage, prop.name) for prop in scene.props if _part_of_set(prop, scene, stage)]
    players += list(_wanted(players, ask, stage))
    players = _supported([_shown_in_hand(p, players) for p in players], stage)
    shown = tuple(anchor for anchor in sights if anchor is not None)
    return Company(tuple(players), tuple(dict.fromkeys(left_out)), bool(players), shown)


def _drawn_already(name: str, stage: StageSet) -> bool:
    """Say whether the set shows this already: its own moon or sun, clouds, stars; indoors they are out of sight."""
    word = _last(name)
    if stage.medium in ("indoors", "undersea"):
        return word in ("sun", "moon", "sunset", "sunrise", "rainbow", "cloud", "clouds", "sky", "lightning")
    kinds = {light.kind for light in stage.lights}
    planes = " ".join(plane.name for plane in stage.planes)
    if word in ("sun", "moon"):
        return word in planes or (word in kinds and stage.medium not in ("indoors", "undersea"))
    return word in ("star", "stars", "cloud", "clouds", "rain", "snow", "fog", "mist", "lightning") and (
        word.rstrip("s") in planes
    )


def _part_of_set(prop: Prop, scene: Scene, stage: StageSet) -> bool:
    """Say whether the set has this thing in sight already: a tower its clock, a forest its trees, a room its bed."""
    plain = prop.count == 1 and prop.colour is None and prop.size == "usual" and not prop.glows
    held = any(a.holds is not None and _last(a.holds) == _last(prop.name) for a in scene.actors)
    return plain and not held and prop.place is None and sight(stage, prop.name) is not None


def _actor(
    actor: Actor, character: Character, ask: Draw, stage: StageSet, left_out: list[str]
) -> Iterator[Player]:
    held = None
    if actor.holds:
        held = _prop_figure(
            next((p for p in ask.scene.props if _last(p.name) == _last(actor.holds)), Prop(name=actor.holds)),
            stage,
        )
    for member in range(character.count):
        figure = character_figure(
            character, actor.pose, actor.feeling, held, _look_seed(character, member), ink=stage.palette.ink
        )
        if figure is None:
            left_out.append(character.noun or character.name)
            return
        yield Player(
            key=f"{actor.who}#{member}",
            figure=figure,
            names=_names(character.id, character.name, character.noun),
            is_actor=True,
            pose=actor.pose,
            place=actor.place,
            faces=actor.faces,
            member=member,
            of_group=character.count,
        )


def _look_seed(character: Character, member: int) -> int:
    """Return a seed from who the character is, so that it looks the same in every scene of every film.

    Members of a group differ, twins and triplets do not.
    """
    noun = (character.noun or character.name).lower()
    alike = any(word in noun for word in ("twin", "triplet"))
    return zlib.crc32(f"{character.id}/{noun}/{0 if alike else member}".encode())


def _prop_figure(prop: Prop, stage: StageSet, member: int = 0) -> Figure | None:
    return prop_figure(prop, zlib.crc32(prop.name.lower().encode()) + member, ink=stage.palette.ink)


def _holder(prop: Prop, actors: tuple[Actor, ...]) -> str | None:
    for actor in actors:
        if actor.holds and (
            actor.holds.lower() == prop.name.lower() or _last(actor.holds) == _last(prop.name)
        ):
            return f"{actor.who}#0"
    return None


def _prop(
    prop: Prop, index: int, actors: tuple[Actor, ...], ask: Draw, stage: StageSet, left_out: list[str]
) -> Iterator[Player]:
    held = _holder(prop, actors) if prop.count == 1 else None
    for member in range(prop.count):
        figure = _prop_figure(prop, stage, member)
        if figure is None:
            left_out.append(prop.name)
            return
        yield Player(
            key=f"prop{index}:{prop.name.lower()}#{member}",
            figure=figure,
            names=_names(prop.name),
            place=prop.place,
            held_by=held,
            zone="sky" if _in_sky(prop, ask, stage) else "stage",
            member=member,
            of_group=prop.count,
        )


def _is_celestial(name: str) -> bool:
    return name.lower() in _SKY or _last(name).rstrip("s") in _SKY


def _in_sky(prop: Prop, ask: Draw, stage: StageSet) -> bool:
    """Say whether a prop belongs in the sky: a moon does, unless somebody sits on it."""
    sat_on = any(
        a.place is not None and a.place.relation in ("on", "in") and _last(a.place.of) == _last(prop.name)
        for a in ask.scene.actors
    )
    return _is_celestial(prop.name) and not sat_on and stage.medium not in ("indoors", "undersea")


def _wanted(players: list[Player], ask: Draw, stage: StageSet) -> Iterator[Player]:
    """Yield what others are placed by or hold and nobody brought: under the tree, there must be a tree."""
    have = {name for p in players for name in p.names}
    for actor in ask.scene.actors:
        if actor.holds and _last(actor.holds) not in have:
            figure = _prop_figure(Prop(name=actor.holds), stage)
            if figure is not None and any(p.key == f"{actor.who}#0" for p in players):
                have |= _names(actor.holds)
                yield Player(
                    f"held:{actor.holds.lower()}#0", figure, _names(actor.holds), held_by=f"{actor.who}#0"
                )
    for p in players:
        if p.place is None:
            continue
        of = p.place.of.lower()
        here = ask.scene.setting in (of, _last(of)) or _last(of) in _OF_THE_SET.get(ask.scene.setting, ())
        if here or of in have or _last(of) in have or of in _PLACES or _last(of) in _PLACES:
            continue
        if anchor_for(stage, of) is not None or sight(stage, of) is not None:
            continue
        if _is_celestial(of) and (
            p.place.relation not in ("on", "in") or stage.medium == "space" or "sun" in of
        ):
            continue  # under the moon, beyond the stars: that is the sky itself
        figure = _prop_figure(Prop(name=p.place.of), stage)
        if figure is not None:
            have |= _names(of)
            yield Player(f"place:{of}#0", figure, _names(of))


def _shown_in_hand(player: Player, players: list[Player]) -> Player:
    """Return a held thing marked as drawn when its holder's figure, having hands, shows it already."""
    holder = next((p for p in players if p.key == player.held_by), None)
    return replace(player, shown=True) if holder is not None and holder.figure.hand is not None else player


def _supported(players: list[Player], stage: StageSet) -> list[Player]:
    """Return the players with something under the feet of those who stand where there is no ground.

    On the water they board a boat when there is one, else they stand on a rock; in the air, on a cloud.
    """
    if stage.medium != "water":
        return players
    vessels = [p for p in players if p.figure.rests == "floats" and not p.is_actor]
    keys = {p.key for p in players}
    out, rock = [], False
    for p in players:
        loose = p.place is None or not any(_last(p.place.of) in q.names for q in players)
        stands = p.figure.rests in ("stands", "lies") and p.pose not in ("fly", "swim") and p.zone == "stage"
        if not (loose and stands and p.held_by is None and p.key in keys):
            out.append(p)
        elif vessels:
            out.append(replace(p, place=Place(relation="on", of=min(sorted(vessels[0].names), key=len))))
        else:
            rock = True
            out.append(replace(p, place=Place(relation="on", of="islet")))
    if rock:
        out.append(Player("islet#0", islet(stage.palette), frozenset({"islet"})))
    return out
