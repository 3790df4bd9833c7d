"""Where, when and in what light a scene is seen, and what stirs there, in the words of prompts."""

from __future__ import annotations

from kamishibai.documents.storyboard import Scene
from kamishibai.steps.prompts.grammar import plural

__all__ = ["MOODS", "VIEWS", "WEATHERS", "light", "stirring", "where"]

VIEWS = {"close": "close-up", "medium": "", "wide": "wide view"}
_SETTINGS = {
    "forest": "in a forest", "meadow": "in a meadow", "sea": "on the open sea", "beach": "on a beach",
    "underwater": "under water", "mountains": "in the mountains", "desert": "in the desert", "city": "in a city",
    "village": "in a village", "room": "in a room", "garden": "in a garden", "farm": "on a farm", "cave": "in a cave",
    "sky": "high in the sky", "space": "in space", "snow": "in a snowy landscape", "river": "by a river",
    "ship": "on a sailing ship", "library": "in a library", "street": "in a street", "market": "at a market",
    "rooftop": "on a rooftop above the city", "subway": "in a subway station", "tower": "at an old tower",
}  # fmt: skip
_EMPTY = {
    "forest": "a forest", "meadow": "a meadow", "sea": "the open sea", "beach": "a beach", "underwater": "the sea floor",
    "mountains": "the mountains", "desert": "the desert", "city": "a city", "village": "a village", "room": "a room",
    "garden": "a garden", "farm": "a farm", "cave": "a cave", "sky": "the sky", "space": "outer space",
    "snow": "a snowy landscape", "river": "a river", "ship": "a sailing ship", "library": "a library",
    "street": "a street", "market": "a market", "rooftop": "a rooftop above the city", "subway": "a subway station",
    "tower": "an old tower",
}  # fmt: skip
"""What is seen where nobody and nothing else is."""
TIMES = {"dawn": "at dawn", "day": "", "dusk": "at dusk", "night": "at night"}
WEATHERS = {
    "cloudy": "under a cloudy sky", "rain": "in the rain", "storm": "in a thunderstorm", "snow": "in falling snow",
    "fog": "in the fog", "wind": "in the wind",
}  # fmt: skip
MOODS = {
    "calm": "calm", "happy": "cheerful", "sad": "melancholy", "tense": "dramatic", "mysterious": "mysterious",
    "triumphant": "triumphant", "playful": "playful", "tender": "tender",
}  # fmt: skip
INDOORS = frozenset({"room", "library", "subway", "cave"})
_LIGHT = {
    "dawn": "soft morning light",
    "day": "bright daylight",
    "dusk": "warm evening light",
    "night": "moonlight",
}
_LIGHT_INSIDE = {
    "dawn": "soft morning light", "day": "bright interior", "dusk": "warm evening light", "night": "dim light",
}  # fmt: skip
_STIRS = {
    "forest": "leaves stir in the trees", "meadow": "the grass sways", "sea": "the waves roll", "beach": "waves wash ashore",
    "underwater": "water plants sway and bubbles rise", "mountains": "clouds drift over the peaks",
    "desert": "the air shimmers", "city": "lights glimmer in the windows", "garden": "flowers nod in the breeze",
    "farm": "the grass sways", "sky": "clouds drift by", "space": "stars glide slowly past", "river": "the river flows",
    "ship": "the sails billow and the deck sways gently", "street": "lamps glow along the street",
    "market": "awnings sway over the stalls", "rooftop": "clouds drift over the roofs", "cave": "light plays on the rock",
    "village": "smoke rises from the chimneys", "tower": "clouds drift behind the tower",
}  # fmt: skip
_WEATHER_STIRS = {
    "rain": "rain falls", "storm": "rain lashes and lightning flickers", "snow": "snowflakes fall", "fog": "mist drifts",
    "wind": "the wind blows everything about", "cloudy": "clouds drift",
}  # fmt: skip
_BURNING = ("fire", "candle", "torch", "lantern", "lamp", "flame")


def where(scene: Scene, *, alone: bool = False) -> str:
    """Return "in a forest"; `alone`: "a forest", when the place itself is the subject."""
    return _EMPTY[scene.setting] if alone else _SETTINGS[scene.setting]


def light(scene: Scene) -> str:
    """Return the light of the hour, where the place has one."""
    if scene.setting == "space":
        return "starlight"
    if scene.setting == "underwater":
        return "light falling through the water" if scene.time != "night" else "dim blue light"
    if scene.setting in INDOORS:
        # A cave or a station has no bright interior.
        dark = scene.setting in ("cave", "subway") and scene.time == "day"
        return "dim light" if dark else _LIGHT_INSIDE[scene.time]
    if scene.time == "day" and scene.weather in ("cloudy", "rain", "storm", "fog", "snow"):
        return "soft grey daylight"
    if scene.time == "night" and scene.weather in ("storm", "rain", "fog"):
        return "dim night light"
    return _LIGHT[scene.time]


def stirring(scene: Scene) -> list[str]:
    """Return what moves of itself: weather, water, leaves, flames."""
    found = []
    if scene.weather in _WEATHER_STIRS and scene.setting not in (*INDOORS, "underwater", "space"):
        found.append(_WEATHER_STIRS[scene.weather])
    for prop in scene.props:
        burns = any(word in prop.name.lower() for word in _BURNING)
        if burns or prop.glows:
            name, s = (prop.name, "s") if prop.count == 1 else (plural(prop.name), "")
            found.append(f"the {name} glow{s}" + (f" and flicker{s}" if burns else " softly"))
            break
    if scene.setting in _STIRS and len(found) < 2:
        found.append(_STIRS[scene.setting])
    return found
