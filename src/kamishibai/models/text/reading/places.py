"""From the words for places to the settings that can be drawn, and what each setting holds already."""

from __future__ import annotations

from typing import NamedTuple

from kamishibai.documents.storyboard import DayTime, Setting, Weather

__all__ = ["INDOORS", "PARTS", "PLACES", "SHELTERED", "WEAK_PLACES", "PlaceWord", "place_of"]


class PlaceWord(NamedTuple):
    """What a place word brings: a setting, and the time and weather that go with it."""

    setting: Setting
    weather: Weather | None = None
    time: DayTime | None = None


_TABLE: dict[Setting, str] = {
    "forest": "forest wood woods woodland jungle rainforest grove glade clearing thicket copse swamp treetop treetops treehouse",
    "meadow": (
        "meadow field grassland prairie pasture hill hillside hilltop plain valley savanna savannah moor heath lawn "
        "grass countryside country slope knoll paddock campsite picnic-spot wheatfield steppe"
    ),
    "sea": "sea ocean waves bay open-sea high-seas lagoon horizon strait",
    "beach": "beach shore seashore seaside coast island isle sand sandbank coastline harbour harbor port pier jetty quay dock cove",
    "underwater": "underwater seabed seafloor reef coral-reef ocean-floor sea-floor depths shipwreck",
    "mountains": "mountain mountains peak summit mountaintop cliff ridge canyon gorge volcano crag pass alp alps highland highlands",
    "desert": "desert dune dunes oasis pyramid savannah-desert sahara outback wasteland",
    "city": "city town metropolis skyline downtown suburb capital",
    "village": "village hamlet cottage inn settlement neighbourhood neighborhood",
    "room": (
        "room bedroom kitchen living-room house home hut cabin school classroom shop store bakery theatre theater hall "
        "ballroom palace parlour nursery attic cellar basement bathroom office hospital hotel restaurant cafe museum "
        "workshop studio laboratory lab stage concert-hall corridor hallway indoors upstairs downstairs bed playroom "
        "dining-room sitting-room cockpit throne-room dungeon inside carpet fireplace hearth circus-tent pub tavern"
    ),
    "garden": "garden yard backyard park orchard greenhouse courtyard vineyard veranda flowerbed playground zoo",
    "farm": "farm farmyard barn barnyard stable henhouse cornfield pigsty coop hayloft chicken-coop",
    "cave": "cave cavern grotto mine tunnel den lair burrow hole",
    "sky": "sky clouds air heavens",
    "space": "space galaxy universe moon planet mars outer-space cosmos orbit asteroid spaceship rocket spacecraft stars",
    "snow": "snow ice snowfield north-pole south-pole arctic antarctica iceberg igloo tundra glacier polar-ice rink ice-rink floe",
    "river": "river stream brook creek lake pond riverbank waterfall canal bank lakeside shallows marsh pool",
    "ship": "ship pirate-ship deck mast crow's-nest boat sailboat galleon raft ferry yacht submarine rowboat schooner",
    "library": "library bookshop bookstore archive reading-room",
    "street": "street road alley lane avenue square plaza pavement sidewalk boulevard crossing corner-shop crossroads market-square",
    "market": "market bazaar marketplace fair flower-market fish-market stall stalls supermarket",
    "rooftop": "rooftop roof rooftops roofs balcony terrace chimney",
    "subway": "subway metro underground station train-station platform train railway subway-station metro-station tram bus-station tube",
    "tower": "tower castle belfry turret battlements fortress clock-tower bell-tower steeple keep",
}
PLACES: dict[str, PlaceWord] = {
    word.replace("-", " "): PlaceWord(setting) for setting, words in _TABLE.items() for word in words.split()
}
PLACES.update(
    {
        "snow": PlaceWord("snow"), "igloo": PlaceWord("snow"), "moonlight": PlaceWord("meadow", None, "night"),
        "path": PlaceWord("forest"), "bridge": PlaceWord("river"), "sand": PlaceWord("beach"),
        "church": PlaceWord("village"), "well": PlaceWord("village"), "mill": PlaceWord("village"),
        "windmill": PlaceWord("meadow"), "tent": PlaceWord("meadow"), "fountain": PlaceWord("street"),
        "bus": PlaceWord("street"), "car": PlaceWord("street"), "statue": PlaceWord("street"),
        "fence": PlaceWord("farm"), "water": PlaceWord("river"), "town": PlaceWord("village"),
        "palm tree": PlaceWord("beach"), "seaweed": PlaceWord("underwater"), "aquarium": PlaceWord("underwater"),
        "lighthouse": PlaceWord("beach"), "football pitch": PlaceWord("meadow"), "pitch": PlaceWord("meadow"),
        "bookshelf": PlaceWord("library"), "graveyard": PlaceWord("village", "fog"),
        "cemetery": PlaceWord("village", "fog"), "airport": PlaceWord("city"),
        "skyscraper": PlaceWord("city"), "mushroom": PlaceWord("forest"), "kingdom": PlaceWord("tower"),
        "tree": PlaceWord("meadow"), "cloud": PlaceWord("sky"),
        "wave": PlaceWord("sea"), "nest": PlaceWord("forest"), "hive": PlaceWord("garden"),
    }
)  # fmt: skip
WEAK_PLACES = frozenset(
    "path bridge sand church well tent fountain bus car wave statue fence water palm-tree mushroom tree nest hive waves grass "
    "hole air bank horizon stars moon clouds carpet fireplace hearth inside home stall stalls boat raft train "
    "chimney pool rocket bookshelf hall corner indoors country plain pass lab seaweed mill windmill bay stage "
    "roof hill slope balcony door corridor upstairs downstairs shallows treetop treetops roofs depths".replace(
        "-", " "
    ).split(" ")
) | {"palm tree"}
"""Words that name a place only where nothing stronger does, or where the words around them say so."""

INDOORS: frozenset[str] = frozenset({"room", "library", "cave", "subway"})
SHELTERED: frozenset[str] = INDOORS | {"underwater", "space"}
"""Settings that no weather reaches."""

# Parts that the scenery of a setting has by itself, so that a story's "under the tree" needs no tree of its own.
PARTS: dict[str, frozenset[str]] = {
    "forest": frozenset({"tree", "branch", "bush", "grass", "path", "trunk"}),
    "meadow": frozenset({"grass", "flower", "field", "path", "tree"}),
    "sea": frozenset({"island"}),
    "beach": frozenset({"rock", "palm tree", "palm"}),
    "underwater": frozenset({"seaweed", "coral", "sand", "reef", "water"}),
    "mountains": frozenset({"rock", "tree"}),
    "desert": frozenset({"dune", "sand", "cactus"}),
    "city": frozenset({"house", "building", "street", "skyscraper", "window"}),
    "village": frozenset({"house", "roof", "street", "path", "window", "door", "church"}),
    "room": frozenset({"window", "floor", "wall", "door", "table", "shelf", "carpet", "rug", "ceiling"}),
    "garden": frozenset({"grass", "flower", "tree", "fence", "arch", "gate", "hedge"}),
    "farm": frozenset({"barn", "fence", "hay", "silo", "windmill"}),
    "cave": frozenset({"rock", "wall", "stone"}),
    "sky": frozenset({"cloud"}),
    "space": frozenset({"star", "planet", "ground", "moon", "mars", "crater"}),
    "snow": frozenset({"snow", "ice", "ground"}),
    "river": frozenset({"reed", "water", "bank", "river", "grass", "stone", "tree", "bridge"}),
    "ship": frozenset({"deck", "mast", "sail", "rail", "barrel", "helm"}),
    "library": frozenset({"shelf", "bookshelf", "bookcase", "floor", "window", "table", "carpet", "rug"}),
    "street": frozenset({"house", "lamp", "streetlamp", "lamppost", "door", "window", "road"}),
    "market": frozenset({"stall", "street", "awning"}),
    "rooftop": frozenset({"roof", "chimney", "skyline", "house", "building", "window", "balcony"}),
    "subway": frozenset({"train", "platform", "bench", "floor", "wall", "station"}),
    "tower": frozenset({"window", "wall", "stair", "stairs", "floor"}),
}


def place_of(noun: str) -> PlaceWord | None:
    """Return what the place word `noun` (singular or compound, lower case) brings, or None when it names no place."""
    found = PLACES.get(noun)
    if found is None and " " in noun:
        found = PLACES.get(noun.rsplit(" ", 1)[1])
    return found
