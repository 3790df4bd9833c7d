"""Names of sounds in the words that text-to-audio models were trained on: whole descriptions, as captions of recordings."""

from __future__ import annotations

from collections.abc import Mapping

from kamishibai.models.sound.names import resolve

__all__ = ["PHRASES", "phrase_for"]

PHRASES: Mapping[str, str] = {
    "bees": "a swarm of bees humming around flowers in a summer garden",
    "birds": "many songbirds chirping in the morning, outdoors",
    "cave": "water dripping in a large echoing cave",
    "city": "a distant city hum with far traffic, outdoor ambience",
    "crickets": "crickets chirping on a quiet summer night",
    "crowd": "a crowd of people murmuring in a large hall, no words to be understood",
    "fire": "a campfire burning and crackling",
    "forest": "forest ambience, leaves in a light wind and a few distant birds",
    "frogs": "many frogs croaking at a pond at night",
    "gulls": "seagulls crying over a harbour, gentle waves",
    "heavy rain": "heavy rain pouring down outdoors",
    "leaves": "leaves of trees rustling in the wind",
    "library": "the quiet hush of a large library, soft room tone",
    "market": "a busy outdoor market, people talking in the distance",
    "night": "a quiet night outdoors, soft crickets and a light breeze",
    "rain": "gentle rain falling steadily",
    "river": "a small river flowing over stones",
    "room": "quiet room tone indoors, almost silent",
    "ship": "a wooden sailing ship creaking on calm water",
    "snow": "soft wind over snow in a quiet winter landscape",
    "space": "a deep low hum inside a spaceship",
    "storm": "a storm with strong wind, rain and distant thunder",
    "subway": "a subway station, a distant train rumbling in the tunnel",
    "traffic": "cars passing by on a busy street",
    "train ride": "inside a train rolling along the rails, rhythmic clatter",
    "underwater": "deep underwater ambience, muffled rumble and bubbles",
    "waves": "ocean waves rolling onto a sandy beach",
    "wind": "wind blowing outdoors, rising and falling",
    "applause": "an audience applauding and clapping in a hall",
    "bell": "a small hand bell ringing once",
    "bird call": "a single bird singing a short clear call",
    "bubbles": "bubbles rising and popping in water",
    "buzz": "a single bee buzzing past",
    "cat": "a cat meowing once",
    "chime": "a grandfather clock striking the hour",
    "church bell": "a large church bell tolling in the distance",
    "clock": "a clock ticking steadily, close",
    "crackle": "dry twigs snapping and crackling underfoot",
    "dog": "a dog barking twice",
    "door close": "a wooden door being closed",
    "door creak": "an old wooden door slowly creaking open",
    "door open": "a door being unlatched and opened",
    "drip": "single drops of water dripping into a pool",
    "drum": "a few beats on a large drum",
    "flute": "a short phrase played on a wooden flute",
    "flutter": "a flag of cloth fluttering in the wind",
    "frog": "a single frog croaking",
    "glass": "two glasses clinking together",
    "gull": "a single seagull crying",
    "heartbeat": "a slow deep heartbeat, close",
    "horn": "a hunting horn sounding a short call",
    "ice": "ice cracking on a frozen lake",
    "knock": "somebody knocking on a wooden door three times",
    "magic": "a sparkling magical shimmer of small bells",
    "music box": "a short melody on a wind-up music box",
    "owl": "an owl hooting, distant, at night",
    "page": "a page of a book being turned, close",
    "parrot": "a parrot squawking",
    "pop": "a cork popping out of a bottle",
    "ship horn": "a large ship's horn sounding once across the water",
    "splash": "something heavy splashing into water",
    "steps": "footsteps walking slowly on grass",
    "steps on gravel": "footsteps walking on gravel, crunching",
    "steps on leaves": "footsteps walking on dry leaves, rustling",
    "steps on sand": "soft footsteps walking on sand",
    "steps on snow": "footsteps crunching in deep snow",
    "steps on stone": "footsteps walking on stone in an echoing hall",
    "steps on wood": "footsteps walking on a wooden floor",
    "thunder": "a clap of thunder, rumbling into the distance",
    "train whistle": "a steam train whistling, distant",
    "violin": "a short phrase played on a solo violin",
    "whistle": "a person whistling a short signal",
    "whoosh": "a fast whoosh passing by",
    "wings": "a large bird flapping its wings, taking off",
    "wolf": "a lone wolf howling in the distance at night",
}  # fmt: skip


def _bare(name: str) -> str | None:
    """Return the known sound that `name` merely names, without describing it: "hoot", and not "a far owl in the rain"."""
    known = resolve(name)
    return known if known is not None and len(name.split()) <= len(known.split()) else None


def phrase_for(name: str) -> str:
    """Return how a sound is described to a model: a phrase for a bare name, else the very words."""
    known = _bare(name)
    return PHRASES[known] if known is not None else " ".join(name.split())
