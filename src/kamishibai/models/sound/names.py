"""From the words a story uses for sounds to the names the foley artist knows."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kamishibai.models.sound.ambience import AMBIENCES
from kamishibai.models.sound.effects import EFFECTS

__all__ = ["resolve", "sounds_known"]

_SYNONYMS: Mapping[str, str] = {
    "bees": "beehive bees-humming hive",
    "birds": "bird birdsong songbirds chirping twittering singing-birds sparrows robins dawn-chorus",
    "cave": "cavern grotto dripping cave-drips",
    "city": "city-hum town urban rooftop skyline",
    "crickets": "cricket cicadas grasshoppers summer-night",
    "crowd": "crowd-murmur murmur chatter people voices audience talking party school classroom",
    "fire": "campfire fireplace flames bonfire burning hearth candle torch stove",
    "forest": "woods woodland jungle garden park orchard",
    "frogs": "pond swamp marsh",
    "gulls": "seagulls harbour harbor port",
    "heavy rain": "downpour pouring-rain rainstorm",
    "leaves": "rustling-leaves rustle rustling foliage trees meadow grass field",
    "library": "library-hush reading-room museum",
    "market": "marketplace bazaar fair market-square",
    "night": "night-time nighttime",
    "rain": "drizzle raindrops shower rainfall light-rain",
    "river": "stream brook creek waterfall fountain water running-water babbling-brook",
    "room": "room-tone indoors silence quiet hush bedroom kitchen",
    "ship": "ship-creaks boat sailing deck creaking-ship hull sailboat",
    "snow": "snowfall snow-hush snowflakes",
    "space": "space-hum spaceship rocket stars planet cosmos hum engine",
    "storm": "thunderstorm tempest hurricane blizzard",
    "subway": "metro underground station platform tunnel",
    "traffic": "cars street road highway",
    "train ride": "train railway rails carriage wagon",
    "underwater": "under-water deep-sea ocean-floor aquarium diving",
    "waves": "sea ocean surf wave shore beach tide coast lake",
    "wind": "breeze gust gale howling-wind windy gusts",
    "applause": "clapping cheer cheers cheering claps clap",
    "bell": "hand-bell doorbell jingle tinkle bicycle-bell bells ring ringing school-bell",
    "bird call": "chirp tweet bird-call birdcall song-thrush nightingale cuckoo robin sparrow",
    "bubbles": "bubble bubbling gurgle",
    "buzz": "bee buzzing fly mosquito",
    "cat": "meow miaow mew kitten purr cat-meow",
    "chime": "clock-chime chimes strike clock-strikes",
    "church bell": "church-bells tower-bell bell-tower toll tolling gong",
    "clock": "tick ticking tick-tock ticktock clock-tick watch ticks",
    "crackle": "snap twig crunch branch crack crackling twigs",
    "dog": "bark barking woof puppy dog-bark",
    "door close": "door-closes slam door-slam shut door-shut closing-door",
    "door creak": "creak creaking hinge creaking-door door",
    "door open": "door-opens opening-door latch",
    "drip": "drips drop drops droplet",
    "drum": "drums drumbeat drumming drumroll",
    "flute": "pipe recorder flute-phrase melody",
    "flutter": "kite flag sail flapping kite-flutter flap sails",
    "frog": "croak ribbit toad",
    "glass": "clink glass-clink glasses chink toast bottle",
    "gull": "seagull seagull-cry",
    "heartbeat": "heart pulse heart-beat",
    "horn": "trumpet bugle fanfare hunting-horn",
    "ice": "ice-crack cracking-ice ice-cracks frozen-lake",
    "knock": "knocking tap rap knocks tapping",
    "magic": "sparkle twinkle shimmer spell glitter enchantment wand fairy sparkles",
    "music box": "musicbox music-box lullaby carousel",
    "owl": "hoot owls hooting owl-hoot",
    "page": "paper book page-turn pages turning-page rustling-paper letter",
    "parrot": "squawk parrot-squawk macaw cockatoo",
    "pop": "cork plop balloon popping",
    "ship horn": "foghorn ship's-horn steamer ferry-horn steamship",
    "splash": "plunge dive jump-in-water splashing puddle splashes",
    "steps": "footsteps footstep step walking walk steps-on-grass running paws",
    "steps on gravel": "footsteps-on-gravel gravel",
    "steps on leaves": "footsteps-on-leaves",
    "steps on sand": "footsteps-on-sand sand",
    "steps on snow": "footsteps-on-snow footsteps-in-snow steps-in-snow crunching-snow snow-steps",
    "steps on stone": "footsteps-on-stone stone-steps cobblestones stairs steps-on-stairs",
    "steps on wood": "footsteps-on-wood floorboards wooden-floor steps-on-floor floor",
    "thunder": "lightning thunderclap rumble rumbling boom",
    "train whistle": "locomotive steam-whistle steam-train train-horn",
    "violin": "fiddle violin-phrase cello strings viola",
    "whistle": "whistling whistles",
    "whoosh": "swish swoosh rush flying gliding swoop zoom arrow",
    "wings": "wing flapping-wings fluttering wingbeats wing-beats",
    "wolf": "howl wolf-howl howling wolves",
}


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name.strip().lower())


def _table() -> dict[str, str]:
    table = {name: name for name in [*AMBIENCES, *EFFECTS]}
    for name, words in _SYNONYMS.items():
        for word in words.split():
            table.setdefault(_plain(word), name)
    return table


_NAMES = _table()
_FILLERS = re.compile(
    r"\b(?:a|an|the|some|soft|softly|loud|distant|far|faraway|remote|off|gentle|quiet|old|big|small|of|sound)\b"
)


def sounds_known() -> tuple[str, ...]:
    """Return the names of every sound there is, ambiences and effects, sorted."""
    return tuple(sorted({*AMBIENCES, *EFFECTS}))


def resolve(name: str) -> str | None:
    """Return the name under which a sound is known ("footsteps" → "steps"), or None when there is none."""
    plain = _plain(name)
    tries = [plain, _plain(_FILLERS.sub(" ", plain))]
    for text in tries:
        for form in (
            text,
            text.removesuffix("s"),
            text.removesuffix("es"),
            text.removesuffix("ing"),
            text + "s",
        ):
            if form in _NAMES:
                return _NAMES[form]
    return None
