"""Put a scene into the one sentence that a text-to-image model reads."""

from __future__ import annotations

from collections.abc import Sequence

from kamishibai.documents.storyboard import Actor, Character, Place, Prop, Scene

__all__ = ["picture_prompt"]

_VIEWS = {"close": "close-up of", "medium": "", "wide": "wide view of"}
_SETTINGS = {
    "forest": "in a forest", "meadow": "in a meadow", "sea": "on the open sea", "beach": "on a beach",
    "underwater": "under water", "mountains": "in the mountains", "desert": "in the desert", "city": "in a city",
    "village": "in a village", "room": "in a room", "garden": "in a garden", "farm": "on a farm", "cave": "in a cave",
    "sky": "high in the sky", "space": "in space", "snow": "in a snowy landscape", "river": "by a river",
    "ship": "on a sailing ship", "library": "in a library", "street": "in a street", "market": "at a market",
    "rooftop": "on a rooftop above the city", "subway": "in a subway station", "tower": "at an old tower",
}  # fmt: skip
_TIMES = {"dawn": "at dawn", "day": "by day", "dusk": "at dusk", "night": "at night"}
_WEATHERS = {
    "cloudy": "under a cloudy sky", "rain": "in the rain", "storm": "in a thunderstorm", "snow": "in falling snow",
    "fog": "in the fog", "wind": "in the wind",
}  # fmt: skip
_MOODS = {
    "calm": "calm", "happy": "cheerful", "sad": "melancholy", "tense": "dramatic", "mysterious": "mysterious",
    "triumphant": "triumphant", "playful": "playful", "tender": "tender",
}  # fmt: skip
_POSES = {
    "stand": "", "walk": "walking", "run": "running", "sit": "sitting", "lie": "lying down", "fly": "flying",
    "swim": "swimming", "dance": "dancing", "jump": "jumping",
}  # fmt: skip
_RELATIONS = {"before": "in front of", "beside": "beside", "near": "near"}
_SIZES = {"tiny": "tiny", "small": "small", "usual": "", "big": "big", "huge": "huge"}
_COUNTS = [
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
_UNCOUNTED = frozenset(
    [
        "water",
        "sand",
        "snow",
        "grass",
        "honey",
        "bread",
        "rice",
        "milk",
        "juice",
        "hair",
        "smoke",
        "fire",
        "ice",
        "cream",
        "cheese",
    ]
)


def picture_prompt(scene: Scene, cast: Sequence[Character], look: str) -> str:
    """Return one sentence that says who does what, with what, where, when and in which style.

    `cast` may hold more characters than the scene shows; those that `scene.actors` names are described once each.
    The sentence holds nothing from the story's line itself, so that no command hidden there reaches a model.
    """
    by_id = {character.id: character for character in cast}
    shown: set[str] = set()
    players = [_actor(actor, by_id, shown, scene) for actor in scene.actors if actor.who in by_id]
    held = {actor.holds for actor in scene.actors if actor.holds}
    things = [_prop(prop, by_id) for prop in scene.props if prop.name not in held]
    subject = _list([*players, *things]) if players else _list(things)
    where = _SETTINGS[scene.setting]
    if not subject:
        subject, where = where.split(" ", 1)[1].removeprefix("in "), ""
    when = _TIMES[scene.time]
    weather = _WEATHERS.get(scene.weather, "")
    parts = [f"{_VIEWS[scene.view]} {subject} {where} {when}".strip()]
    if weather:
        parts.append(weather)
    parts.append(f"{_MOODS[scene.mood]} mood")
    if look:
        parts.append(look)
    sentence = " ".join(", ".join(parts).split())
    return (sentence[:1].upper() + sentence[1:])[:1990].rstrip(" ,") + "."


def _actor(actor: Actor, cast: dict[str, Character], shown: set[str], scene: Scene) -> str:
    character = cast[actor.who]
    words = [_described(character, actor.who in shown)]
    shown.add(actor.who)
    if actor.feeling == "asleep":
        words.append("asleep")
    else:
        words.append(_POSES[actor.pose])
        if actor.feeling != "neutral":
            words.append(f"looking {actor.feeling}")
    if actor.holds:
        prop = next((p for p in scene.props if p.name == actor.holds), None)
        words.append("holding " + (_thing(prop) if prop else _article(actor.holds)))
    words.append(_place(actor.place, cast))
    return " ".join(word for word in words if word)


def _described(character: Character, again: bool) -> str:
    """Return "a small fox", or for somebody with a name "Mira, a girl with red hair"."""
    noun = character.noun or character.name.lower()
    named = character.name if character.name[:1].isupper() and character.name.lower() != noun else ""
    if again:
        return named or f"the {noun}"
    person = character.person
    words: list[str] = [] if character.size == "usual" else [_SIZES[character.size]]
    words += [a for a in character.adjectives if not a.endswith("-haired") and a not in words]
    if character.colour and character.colour not in words:
        words.append(character.colour)
    if person and person.age == "old" and "old" not in words and "grand" not in noun:
        words.append("old")
    text = _counted(character.count, " ".join([*words, noun]))
    extra: list[str] = []
    if person:
        if person.hair:
            extra.append(f"{person.hair} hair")
        if person.outfit and person.outfit not in noun:
            extra.append(f"{_article(person.outfit)} costume")
        if person.clothes and not any(person.clothes in worn for worn in character.wears):
            extra.append(f"{person.clothes} clothes")
    extra += [
        worn if worn.endswith("s") and not worn.endswith("dress") else _article(worn)
        for worn in character.wears
    ]
    if extra:
        text += " with " + _list(extra)
    return f"{named}, {text}," if named else text


def _prop(prop: Prop, cast: dict[str, Character]) -> str:
    return " ".join(word for word in (_thing(prop), _place(prop.place, cast)) if word)


def _thing(prop: Prop) -> str:
    words = [] if prop.size == "usual" else [_SIZES[prop.size]]
    words += [a for a in prop.adjectives if a not in words]
    if prop.glows and "glowing" not in words:
        words.append("glowing")
    if prop.colour and prop.colour not in words:
        words.append(prop.colour)
    return _counted(prop.count, " ".join([*words, prop.name]))


def _place(place: Place | None, cast: dict[str, Character]) -> str:
    if place is None:
        return ""
    of = cast[place.of].name if place.of in cast else place.of
    proper = of[:1].isupper()
    return f"{_RELATIONS.get(place.relation, place.relation)} {of if proper else 'the ' + of}"


def _counted(count: int, noun: str) -> str:
    if count == 1:
        return _article(noun)
    return f"{_COUNTS[count] if count < len(_COUNTS) else 'many'} {_plural(noun)}"


def _article(noun: str) -> str:
    last = noun.rsplit(" ", 1)[-1]
    if last in _UNCOUNTED or (last.endswith("s") and not last.endswith(("ss", "us"))):
        return noun
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def _plural(noun: str) -> str:
    irregular = {"child": "children", "man": "men", "woman": "women", "person": "people", "mouse": "mice", "goose": "geese",
                 "wolf": "wolves", "leaf": "leaves", "fish": "fish", "sheep": "sheep", "deer": "deer"}  # fmt: skip
    head, _, last = noun.rpartition(" ")
    if last in irregular:
        last = irregular[last]
    elif last.endswith(("s", "x", "ch", "sh")):
        last += "" if last.endswith("s") and not last.endswith("ss") else "es"
    elif last.endswith("y") and last[-2:-1] not in "aeiou":
        last = last[:-1] + "ies"
    else:
        last += "s"
    return f"{head} {last}".strip()


def _list(items: Sequence[str]) -> str:
    items = [item.rstrip(",") if i == len(items) - 1 else item for i, item in enumerate(items)]
    if len(items) <= 1:
        return "".join(items)
    return ", ".join(item.rstrip(",") for item in items[:-1]) + " and " + items[-1]
