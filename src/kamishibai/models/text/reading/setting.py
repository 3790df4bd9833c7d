"""Where a line takes place: every phrase for a place is weighed by the words that lead to it."""

from __future__ import annotations

from kamishibai.documents.storyboard import Setting
from kamishibai.models.text.reading.clauses import Event
from kamishibai.models.text.reading.grammar import words
from kamishibai.models.text.reading.nouns import SWIMMERS, kind_of
from kamishibai.models.text.reading.people import HUMAN_GROUPS, ROLES
from kamishibai.models.text.reading.phrases import Phrase
from kamishibai.models.text.reading.places import WEAK_PLACES, PlaceWord, place_of
from kamishibai.models.text.reading.verbs import INVERTS, MOTION, SEE

__all__ = ["ENOUGH", "HOMES", "is_place", "place_in"]

_WEIGHT: dict[str, float] = {
    "in": 10, "inside": 10, "into": 10, "within": 10, "aboard": 10, "on board": 10, "throughout": 9, "in the middle of": 10,
    "on": 9, "onto": 9, "upon": 9, "at": 9, "on top of": 9, "at the top of": 9, "to the top of": 9, "atop": 9,
    "through": 8, "across": 7, "along": 8, "over": 7, "up": 8, "down": 8, "around": 7, "round": 7, "all over": 8,
    "at the edge of": 6, "on the edge of": 6, "at the foot of": 7, "at the bottom of": 9, "at the end of": 6,
    "under": 4, "underneath": 4, "beneath": 4, "below": 4, "above": 6, "between": 6, "among": 8, "amongst": 8,
    "to": 6, "toward": 4, "towards": 4, "up to": 6, "over to": 4, "near": 5, "by": 5, "beside": 5, "next to": 5,
    "outside": 5, "past": 5, "behind": 4, "in front of": 5, "before": 4, "beyond": 3, "against": 3, "for": 1, "from": 1,
    "of": 2, "in the corner of": 9, "on the other side of": 6, "by the side of": 5, "at the side of": 5,
    "out of": 0, "away from": 0, "off": 0, "with": 0, "about": 0, "without": 0, "in the shade of": 4,
}  # fmt: skip
_WATERS = frozenset({"water", "sea", "ocean", "wave", "waves", "lake", "surface", "ice"})
_DIVE = frozenset({"dive", "sink", "plunge", "jump", "fall", "swim", "drown"})
_AIRBORNE = frozenset({"fly", "soar", "rise", "float", "glide", "climb", "drift", "hover", "shoot"})
_ENTER = frozenset(
    {
        "climb",
        "enter",
        "visit",
        "cross",
        "reach",
        "explore",
        "sail",
        "approach",
        "haunt",
        "roam",
        "sweep",
        "guard",
        "fill",
        "clean",
    }
)
ENOUGH = 5.0
_OPEN: frozenset[Setting] = frozenset(
    {"forest", "meadow", "mountains", "farm", "village", "snow", "desert", "garden", "river", "beach"}
)
_HOUSES = frozenset(
    {"house", "cottage", "hut", "palace", "castle", "cabin", "mansion", "shack", "igloo", "farmhouse"}
)

HOMES: dict[Setting, frozenset[str]] = {
    "underwater": words("fish octopus squid seahorse jellyfish mermaid eel shark starfish"),
    "sea": words("whale dolphin gull submarine sailboat"),
    "beach": words("crab seagull lobster"),
    "desert": words("camel scorpion coyote"),
    "snow": words("penguin walrus reindeer snowman husky"),
    "farm": words("cow pig hen rooster chicken goat donkey piglet farmer calf scarecrow chick turkey"),
    "forest": words(
    "fox bear wolf owl deer squirrel badger monkey elf gnome raccoon moose boar woodpecker dwarf fawn "
    "stag"
),
    "space": words("astronaut alien rocket spaceship planet"),
    "ship": words("pirate sailor"),
    "cave": words("bat dragon mole"),
    "garden": words("snail bee butterfly ladybug ladybird caterpillar ant worm gardener hedgehog beetle"),
    "river": words("frog duck otter beaver swan toad duckling heron fisherman"),
    "room": words(
        "doll baby teddy puppet cook baker doctor sofa couch bed pillow chair armchair desk cupboard ceiling television "
        "wardrobe fireplace rug carpet piano drawer sink oven"
    ),
    "city": words("taxi policeman"),
    "tower": words("king queen princess prince knight wizard lighthouse-keeper"),
}  # fmt: skip
"""Where somebody is likely to be when the story names no place."""


def is_place(phrase: Phrase) -> PlaceWord | None:
    """Return what `phrase` names as a place, looking at the nouns before its head too ("flower market")."""
    if phrase.kind != "noun":
        return None
    if phrase.modifiers:
        both = place_of(f"{phrase.modifiers[-1]} {phrase.head}")
        if both is not None:
            return both
    return place_of(phrase.head)


def place_in(
    events: list[Event],
    current: Setting | None,
    visited: frozenset[Setting] = frozenset(),
    least: float = ENOUGH,
) -> Setting | None:
    """Return the setting that `events` move to, or None when they stay where they were.

    `visited` are the settings the story has been to: "the captain turned the ship around" goes back to the ship. A place
    that scores less than `least` is only spoken of.
    """
    best: Setting | None = None
    best_score = 0.0
    for i, event in enumerate(events):
        if event.unreal or event.quoted or event.later:
            continue
        scene_follows = any(e.subjects and not e.unreal and not e.quoted and e.subjects is not event.subjects
                            and e.verb in INVERTS | SEE for e in events[i + 1 :])  # fmt: skip
        lifeless = bool(event.subjects) and not any(_moves_itself(s) for s in event.subjects)
        for score, phrase, prep in _candidates(event, scene_follows):
            weather = lifeless and any(kind_of(s.head) == "weather" for s in event.subjects)
            if weather and prep:
                score -= 5
            elif lifeless and prep and event.verb in MOTION | {"catch", "hang", "stick"}:
                score -= 5  # where a kite flies is not where the story goes
            place = is_place(phrase)
            if place is None or phrase.quoted or phrase.negated:
                continue
            setting = place.setting
            if (
                current == "sky"
                and event.verb in SEE
                and prep in ("on", "in", "at")
                and place.setting not in ("sky", "space")
            ):
                # What is seen from the air is flown over.
                score, setting = (
                    6,
                    ("sea" if phrase.head in ("island", "isle", "sea", "ocean") else place.setting),
                )
                best, best_score = (setting, score) if score > best_score else (best, best_score)
                continue
            special = _special(event, phrase, prep, current)
            if special is not None:
                setting, score = special
            elif phrase.head in WEAK_PLACES and not phrase.modifiers:
                score -= 6
            if (
                prep == ""
                and place.setting in visited
                and phrase.article == "the"
                and any(s.head in ROLES for s in event.subjects)
            ):
                score += 5
            if score > best_score:
                best, best_score = setting, score
    return best if best_score >= least else None


def _moves_itself(phrase: Phrase) -> bool:
    return phrase.kind != "noun" or phrase.head in ROLES or phrase.head in HUMAN_GROUPS or (
        kind_of(phrase.head) in ("animal", "creature", "toy", "vehicle", "scenery", "unknown")
    )  # fmt: skip


def _candidates(event: Event, scene_follows: bool = False) -> list[tuple[float, Phrase, str]]:
    found: list[tuple[float, Phrase, str]] = []
    shown = event.verb == "point" and scene_follows
    seeing = event.verb in SEE or event.verb in ("point", "call", "dream")
    from_there = any(prep == "from" for prep, _ in event.around)
    for prep, phrase in event.around:
        score = _WEIGHT.get(prep, 3)
        if prep == "to" and from_there:
            score += 3
        if seeing and any(p is phrase for o in event.objects for _, p in o.says_more):
            score -= 6  # it is where the seen thing is
        if shown and prep in ("across", "over", "to", "towards", "at", "into"):
            score = 8  # "pointed across the river, where a firefly sat crying": the picture goes there
        elif event.verb == "point" or (
            event.verb in ("look", "stare", "gaze") and prep in ("at", "to", "towards", "over", "up")
        ):
            score -= 7
        if prep == "up to" and event.verb in ("fly", "look", "soar"):
            score -= 2
        if prep == "over" and event.verb not in MOTION:
            score -= 4
        if event.verb == "leave":
            score -= 3
        if any(
            a in ("best", "finest", "only") or a.endswith("est") for o in event.objects for a in o.adjectives
        ):
            score -= 8  # "the best bread in the city" may be baked indoors
        found.append((score, phrase, prep))
    for phrase in event.objects:
        if event.verb == "be" and not event.subjects:
            found.append((7, phrase, ""))
        found.append((7 if event.verb in _ENTER else 1, phrase, ""))
        found += [
            (_WEIGHT.get(prep, 3) - 5, p, prep) for prep, p in phrase.says_more if prep == "in" and seeing
        ]
    for phrase in event.subjects:
        found.append(
            (
                9.5
                if event.verb == "open"
                else 4.5
                if event.verb in ("be", "wake", "look", "stand", "lie")
                else 2,
                phrase,
                "",
            )
        )
        found += [
            (_WEIGHT.get(prep, 3) - 2, p, prep) for prep, p in phrase.says_more if prep not in ("with", "of")
        ]
        if not event.verb:
            found.append((6, phrase, ""))
    return found


def _special(
    event: Event, phrase: Phrase, prep: str, current: Setting | None
) -> tuple[Setting, float] | None:
    """Return setting and score where the preposition changes what the place is ("under the water")."""
    head = phrase.head
    if head in ("road", "lane", "track", "path") and not phrase.modifiers and current in _OPEN:
        return current, 1  # there are roads through every country
    if head.split(" ")[-1] == "tree" and current in _OPEN and prep:
        return current, 1
    if head == "lighthouse" and prep in ("", "to", "from", "near", "towards", "at"):
        return (current or "beach"), 4 if current is None else 1
    if {"frozen", "icy"} & set(phrase.adjectives) and head in ("lake", "pond", "river", "stream", "sea"):
        return "snow", 9
    looks_out = event.verb in SEE or event.verb in ("look", "stare", "gaze", "stand", "sit", "wave")
    out = prep in ("from", "at", "by", "through", "out of")
    if head == "window" and looks_out and out and (current in _OPEN or current in ("street", "city")):
        return ("room", 6) if phrase.article in ("his", "her", "their") else (current, 1)
    if head in _WATERS and head != "ice":
        inside = prep in ("out of", "in", "into", "from", "on", "")
        if (
            inside
            and any(s.head in SWIMMERS for s in event.subjects)
            and current
            not in (
                "river",
                "beach",
                "underwater",
                "sea",
                "ship",
            )
        ):
            return "sea", 7
        if prep in ("under", "underneath", "beneath", "below", "at the bottom of"):
            return "underwater", 10
        if prep in ("into", "in") and event.verb in ("dive", "sink", "plunge", "drown"):
            return "underwater", 9
        if head in ("water", "wave", "waves"):
            wet = current in ("sea", "river", "beach", "ship", "underwater", "snow")
            return (current or "river", 1) if wet else ("river", 4)
    place = is_place(phrase)
    if current == "snow" and place is not None and place.setting in ("mountains", "meadow"):
        return "snow", 1  # hills in the snow are white
    if head in _HOUSES and prep == "":
        return "village", 4
    if head in ("sea", "ocean") and prep in ("by", "near", "beside", "next to"):
        return "beach", 6
    if (
        event.verb == "live"
        and head in _HOUSES
        and head not in ("castle", "igloo", "palace")
        and prep == "in"
    ):
        return "village", 5  # to live in a house is told from outside
    if head == "air" or head == "sky" or head == "cloud" or head == "clouds":
        flies = event.verb in _AIRBORNE and prep in (
            "into",
            "through",
            "in",
            "above",
            "to",
            "across",
            "among",
            "over",
            "up to",
        )
        kite = any(
            s.head in ("kite", "moon", "sun", "star", "cloud", "rocket", "firework", "rainbow")
            for s in event.subjects
        )
        if head == "air":
            return "sky", 1
        return ("sky", 9) if flies and not kite else ("sky", 2)
    if head == "moon" and prep in ("on", "onto", "to"):
        return "space", 9
    place = is_place(phrase)
    away = prep in ("near", "by", "beside", "past", "behind", "outside", "in front of", "before", "next to")
    if (
        place is not None
        and away
        and place.setting in ("room", "library")
        and head not in ("bed", "fireplace", "hearth", "window")
    ):
        return ("street" if current in ("city", "street", "market") else "village"), 5
    if head in ("moon", "star", "stars", "planet", "rocket"):
        return (
            ("space", 8)
            if prep in ("among", "through", "to", "inside", "aboard", "on", "in") and event.verb != "look"
            else ("space", 0)
        )
    if head in ("mountain", "hill", "tower", "castle", "house", "tree", "lighthouse", "church", "bridge", "well", "island",
                "statue", "fountain", "barn", "palace", "cottage", "hut", "treehouse", "windmill", "mill"):  # fmt: skip
        outside = prep in (
            "near",
            "by",
            "beside",
            "past",
            "behind",
            "outside",
            "in front of",
            "before",
            "to",
            "towards",
            "next to",
        )
        if head in ("house", "hut", "cottage", "palace") and outside:
            return ("village", 5) if current is None or current in ("room", "sky") else ("village", 2)
        if head == "house" and prep not in ("in", "inside", "into", "at", "through", "around"):
            return "village", 3
        if head in ("hill",) and prep in (
            "up",
            "on",
            "over",
            "down",
            "onto",
            "to the top of",
            "on top of",
            "at the top of",
        ):
            return "meadow", 8
        if head in ("tree", "statue", "fountain", "well", "bridge", "windmill", "mill", "church", "island"):
            place = is_place(phrase)
            weak = head in WEAK_PLACES
            return (place.setting, 3 if weak else 5) if place is not None and head != "island" else None
    return None
