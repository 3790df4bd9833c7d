"""The settings a scene can play in: one builder function each, by the storyboard's setting words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.parts import StageSet
from kamishibai.papercut.settings.cave import cave
from kamishibai.papercut.settings.city import city, rooftop
from kamishibai.papercut.settings.desert import desert
from kamishibai.papercut.settings.farm import farm
from kamishibai.papercut.settings.fields import meadow
from kamishibai.papercut.settings.garden import garden
from kamishibai.papercut.settings.heavens import sky, space
from kamishibai.papercut.settings.library import library
from kamishibai.papercut.settings.mountains import mountains
from kamishibai.papercut.settings.room import room
from kamishibai.papercut.settings.ship import ship
from kamishibai.papercut.settings.shores import beach, river
from kamishibai.papercut.settings.street import market, street
from kamishibai.papercut.settings.subway import subway
from kamishibai.papercut.settings.tower import tower
from kamishibai.papercut.settings.underwater import underwater
from kamishibai.papercut.settings.village import village
from kamishibai.papercut.settings.waters import sea
from kamishibai.papercut.settings.winter import snow
from kamishibai.papercut.settings.woods import forest

__all__ = ["SETTINGS", "build_set"]

SETTINGS: Mapping[str, Callable[[SetBuilder], None]] = {
    "forest": forest, "meadow": meadow, "sea": sea, "beach": beach, "underwater": underwater, "mountains": mountains,
    "desert": desert, "city": city, "village": village, "room": room, "garden": garden, "farm": farm,
    "cave": cave, "sky": sky, "space": space, "snow": snow, "river": river, "ship": ship,
    "library": library, "street": street, "market": market, "rooftop": rooftop, "subway": subway, "tower": tower,
}  # fmt: skip


def build_set(
    setting: str, time: str, weather: str, mood: str, view: str, width: int, height: int, seed: int
) -> StageSet:
    """Build the scenery of one scene on a canvas of `width` × `height` pixels.

    The words are those of the storyboard (`Setting`, `DayTime`, `Weather`, `Mood`, `View`); the same seed
    gives the same set, another seed another shot of the same place. Raises KeyError for an unknown setting.
    """
    builder = SetBuilder(setting, time, weather, mood, view, width, height, seed)
    SETTINGS[setting](builder)
    return builder.finish()
