"""Adjectives by what they say: colour, size, glow, feeling, looks; and those that cannot be seen."""

from __future__ import annotations

from typing import Literal

from kamishibai.documents.storyboard import Size

__all__ = ["ADJECTIVES", "COLOURS", "FEELINGS", "GLOWING", "HAIR_COLOURS", "SEEN", "SIZES", "SKIN", "Feeling"]

Feeling = Literal["neutral", "happy", "sad", "afraid", "angry", "asleep", "surprised"]

_COLOURS = """
    red orange yellow green blue purple violet pink brown black white grey gray golden gold silver turquoise crimson
    scarlet amber emerald lavender lilac magenta maroon navy olive indigo beige cream copper bronze ivory ruby teal
    cyan rainbow-coloured colourful
"""
COLOURS = frozenset(_COLOURS.split()) - {"colourful", "rainbow-coloured"}
HAIR_COLOURS = {
    "blond": "golden", "blonde": "golden", "fair": "golden", "ginger": "orange", "auburn": "brown", "dark": "black",
    "grey": "grey", "gray": "grey", "silver": "silver", "brunette": "brown",
}  # fmt: skip
SKIN = {"pale": "pale", "dark-skinned": "dark brown", "brown-skinned": "brown", "black-skinned": "dark brown"}
SIZES: dict[str, Size] = {
    "tiny": "tiny", "teeny": "tiny", "minuscule": "tiny", "microscopic": "tiny", "wee": "tiny", "thumb-sized": "tiny",
    "small": "small", "little": "small", "short": "small", "low": "small", "smallest": "small", "mini": "small",
    "big": "big", "large": "big", "tall": "big", "long": "big", "great": "big", "wide": "big", "bigger": "big",
    "biggest": "big", "high": "big", "fat": "big", "largest": "big", "tallest": "big", "grand": "big",
    "huge": "huge", "giant": "huge", "gigantic": "huge", "enormous": "huge", "massive": "huge", "towering": "huge",
    "mighty": "huge", "immense": "huge", "colossal": "huge", "monstrous": "huge", "vast": "huge",
}  # fmt: skip
GLOWING = frozenset(
    {"glowing", "shining", "shiny", "bright", "luminous", "burning", "lit", "flickering", "gleaming", "glittering",
     "radiant", "glimmering", "shimmering", "lighted", "sparkling", "blazing", "flaming", "twinkling", "fiery", "magic"}
) - {"shiny", "bright", "magic", "sparkling", "glittering"}  # fmt: skip

FEELINGS: dict[str, Feeling] = {
    "happy": "happy", "glad": "happy", "cheerful": "happy", "joyful": "happy", "merry": "happy", "proud": "happy",
    "delighted": "happy", "excited": "happy", "pleased": "happy", "overjoyed": "happy", "jolly": "happy",
    "content": "happy", "grateful": "happy", "relieved": "happy", "thankful": "happy", "hopeful": "happy",
    "sad": "sad", "unhappy": "sad", "lonely": "sad", "miserable": "sad", "heartbroken": "sad", "gloomy": "sad",
    "lonesome": "sad", "homesick": "sad", "sorry": "sad", "disappointed": "sad", "tearful": "sad", "upset": "sad",
    "afraid": "afraid", "scared": "afraid", "frightened": "afraid", "terrified": "afraid", "nervous": "afraid",
    "worried": "afraid", "anxious": "afraid", "fearful": "afraid", "timid": "afraid", "trembling": "afraid",
    "angry": "angry", "furious": "angry", "cross": "angry", "mad": "angry", "annoyed": "angry", "grumpy": "angry",
    "jealous": "angry", "fierce": "angry", "asleep": "asleep", "sleeping": "asleep", "surprised": "surprised",
    "astonished": "surprised", "amazed": "surprised", "startled": "surprised", "puzzled": "surprised",
    "shocked": "surprised", "curious": "surprised", "confused": "surprised",
}  # fmt: skip

_SEEN = """
    ancient bald bare beautiful bearded bent broken bushy checked chubby clean cracked crooked crumbling curly curved
    dirty dotted dry dusty elegant empty faded feathered feathery fluffy flowery folded frosty frozen furry fuzzy
    glass hairy hollow icy iron jagged leafy leather long-haired messy metal mossy muddy narrow neat old open
    paper pale patched patchwork plain plump pointed pointy pretty ragged ripe rotten rough round rusty scruffy
    shabby shaggy sharp shiny silky skinny sleek slender slim slimy smooth snowy soft spiky spotted spotty square
    steep stone straw striped stripy sparkling glittering thick thin torn transparent twisted velvet wet wild wilted
    winding wooden woolen woollen woolly wrinkled young sunny starry foggy misty rainy stormy windy cloudy moonlit
    sunlit colourful colorful masked winged hooded haunted knitted golden-haired red-haired bright crystal striped
    spiral friendly tattered barefoot stuffed toy paper decorated painted ripe blooming magic
"""
SEEN = frozenset(_SEEN.split())

_OTHERS = """
    able absent actual alive all alone amazing angry awake awful bad best better blind bold bored brave busy calm
    careful careless certain charming cheap clear clever cold common cool correct cosy cozy crazy cruel damp dangerous
    dark dead deaf deaf dear deep delicate delicious different difficult dim distant double dreadful drowsy dull eager
    easy eerie electric endless entire equal evil exact expensive faint fair faithful false familiar famous favourite
    favorite final fine firm first flat foolish foreign free fresh friendly full funny gentle good gorgeous graceful
    greedy guilty handsome hard harmless heavy helpful helpless hidden holy honest hopeless horrible hot humble hungry
    icy ill impatient important impossible innocent invisible itchy keen kind last late lazy left light lively lone loose
    lost loud lovely lovesick loyal lucky mean mild modern musical mysterious mystical naughty near necessary new next
    nice noble noisy odd ordinary other own patient peaceful perfect pleasant polite poor popular possible powerful
    precious private quick quiet rapid rare raw ready real rich right rude safe same scary secret serious severe shallow
    shy sick silent silly simple single sleepy slight slow sly smart solid sour special splendid spooky steady sticky
    stiff strange strict strong stubborn sudden sure sweet swift tame tasty tender terrible thankful thirsty tidy tight
    tired tiresome tough true ugly unable unique unknown untidy upset upside useful useless usual vain warm weak wealthy
    weary weird welcome whole wicked wise wonderful wooden worn worse worst worth wrong young sparkly enchanted magical
    second third fourth fifth grown lonely blustery chilly breezy freezing bitter gusty snowy thundery drizzly scorching
    crisp murky gloomy shadowy pitch-black starless moonless cloudless silvery deserted abandoned nearby faraway
    far-off far unhurt unfinished ordinary elderly middle-aged tiny-winged closest nearest latest next-door
"""
ADJECTIVES = (
    frozenset(_OTHERS.split())
    | SEEN
    | COLOURS
    | frozenset(SIZES)
    | frozenset(FEELINGS)
    | GLOWING
    | frozenset(HAIR_COLOURS)
)
