"""Emoji, and nouns of languages that are not read, become cast and props of their scene."""

from __future__ import annotations

import re

import emoji

from kamishibai.documents.storyboard import DayTime, Setting, Weather
from kamishibai.models.text.reading.beings import Being, Company
from kamishibai.models.text.reading.foreign import symbols_in
from kamishibai.models.text.reading.nouns import kind_of
from kamishibai.models.text.reading.pages import Page, Part, Thing
from kamishibai.models.text.reading.people import ROLES
from kamishibai.models.text.reading.setting import HOMES

__all__ = ["read_pictographs"]

_NAMES = {
    "new moon face": "moon",
    "full moon face": "moon",
    "sun with face": "sun",
    "glowing star": "star",
    "teddy bear": "teddy",
}
_TIMES: dict[str, DayTime] = {
    "moon": "night", "star": "night", "stars": "night", "milky way": "night", "night with stars": "night", "sunrise": "dawn",
    "sunset": "dusk", "cityscape at dusk": "dusk", "crescent moon": "night", "full moon": "night", "new moon": "night",
}  # fmt: skip
_WEATHERS: dict[str, Weather] = {
    "cloud with rain": "rain", "umbrella with rain drops": "rain", "snowflake": "snow", "cloud with snow": "snow",
    "fog": "fog", "cloud with lightning": "storm", "cloud with lightning and rain": "storm", "wind face": "wind",
    "cloud": "cloudy", "high voltage": "storm",
}  # fmt: skip
_SETTINGS: dict[str, Setting] = {
    "evergreen tree": "forest", "deciduous tree": "forest", "palm tree": "beach", "beach with umbrella": "beach",
    "mountain": "mountains", "snow-capped mountain": "mountains", "desert": "desert", "desert island": "beach",
    "cityscape": "city", "night with stars": "city", "house": "village", "houses": "village", "castle": "tower",
    "water wave": "sea", "sailboat": "sea", "rocket": "space", "ringed planet": "space", "camping": "forest",
    "national park": "forest", "metro": "subway", "books": "library", "cactus": "desert", "tulip": "garden", "bed": "room",
}  # fmt: skip
_SEEN_KINDS = frozenset(
    {
        "animal",
        "creature",
        "toy",
        "plant",
        "food",
        "thing",
        "vehicle",
        "building",
        "nature",
        "instrument",
        "clothes",
    }
)
_SCENERY = frozenset(
    {"water wave", "cityscape", "mountain", "desert", "camping", "national park", "fog", "milky way"}
)
_NOT_SHOWN = re.compile(
    r"face|heart|hand|arrow|button|mark|flag|skin tone|symbol|o’clock|square|circle|sparkles|dashing|sweat|zzz|input"
)


def read_pictographs(pages: list[Page], company: Company, language: str) -> None:
    """Add what the emoji of every page show; in languages that are not read, let them set place, hour and weather."""
    english = language.split("-")[0] == "en"
    beings: dict[str, Being] = {}
    setting: Setting | None = None
    time: DayTime | None = None
    for page in pages:
        found = [_name(item["emoji"]) for item in emoji.emoji_list(page.text)]
        if not english:
            named = [_name(symbol) for symbol in symbols_in(page.text, language)]
            found += [
                n
                for n in dict.fromkeys(named)
                if n not in found and (kind_of(n) in _SEEN_KINDS or n in ROLES or n in _SETTINGS)
            ]
        wordless = not any(char.isalpha() for char in page.text)
        if not english or wordless:
            setting = next((_SETTINGS[n] for n in found if n in _SETTINGS), setting)
            time = next((_TIMES[n] for n in found if n in _TIMES), time)
            home = next((s for n in found for s, who in HOMES.items() if n in who), None)
            setting = setting or home
            page.setting = setting or page.setting
            page.time = time or page.time
            page.weather = next((_WEATHERS[n] for n in found if n in _WEATHERS), page.weather)
        for name in found:
            _show(page, name, found.count(name), company, beings)


def _name(symbol: str) -> str:
    data = emoji.EMOJI_DATA.get(symbol, {})
    name = str(data.get("en", "")).strip(":").replace("_", " ").lower()
    name = re.sub(r" (light|medium|dark|medium-light|medium-dark) skin tone", "", name)
    for shown in (_NAMES.get(name, name), name.removesuffix(" face")):
        if kind_of(shown) != "unknown" or shown in ROLES:
            return shown
    return _NAMES.get(name, name)


def _show(page: Page, name: str, count: int, company: Company, beings: dict[str, Being]) -> None:
    kind = kind_of(name)
    hung_up = name in _TIMES or name in _WEATHERS or name in ("sun", "cloud")  # the sky of the setting has it
    if (
        not name
        or name in _SCENERY
        or hung_up
        or (kind == "unknown" and name not in ROLES and _NOT_SHOWN.search(name))
    ):
        return
    if kind in ("animal", "creature", "toy") or name in ROLES:
        being = beings.get(name) or next((b for b in company.beings if b.noun == name), None)
        if being is None:
            person = name in ROLES
            being = Being(
                name,
                "person" if person else kind if kind in ("animal", "creature", "toy") else "animal",
                count=min(count, 12),
            )
            if person:
                being.sex, being.looks.age = ROLES[name]
            company.beings.append(being)
        beings[name] = being
        being.acts += 1
        if not any(part.being is being for part in page.parts):
            page.parts.append(Part(being, active=True))
    elif page.thing(name) is None:
        page.things.append(Thing(name, count))
