"""Words that tell the time of day, the weather, the mood, and what there is to hear."""

from __future__ import annotations

import re

from kamishibai.documents.storyboard import DayTime, Mood, Setting, Weather

__all__ = ["AMBIENCE", "MOOD_WORDS", "heard", "mood_of", "time_of", "weather_of"]

_TIME_PHRASES: tuple[tuple[str, DayTime], ...] = (
    (r"(sun|sunlight) (had )?(set|sets|sank|sinks|went down|goes down|was setting|dipped|disappeared|slipped)", "dusk"),
    (r"(sun|moon) (was|were)? ?(low|sinking|setting)|sun (low|red|sinking)|last light|end of the day", "dusk"),
    (r"sun (had )?(rose|rises|came up|comes up|climbed|was rising|woke|peeped|peeked)|first light|crack of dawn", "dawn"),
    (r"all night( long)?\b.*\bin the morning", "day"),
    (r"(early|next|following|misty|foggy) morning|early (one|in the|that) morning|until morning|in the early hours", "dawn"),
    (r"(full|bright|silver|pale|round|new|crescent) moon|moon (rose|rises|shone|shines|was up|came|hung|looked|climbed)", "night"),
    (r"\bdark (forest|wood|woods|sky|sea|street|streets|night|alley|city|ocean|garden|jungle|road|hills?)\b", "night"),
    (r"(it|sky|night|forest|world) (was|grew|got|became|had grown|turned) (very |so |quite |pitch )?(dark|black)", "night"),
    (r"in the dark(?=[,.;!?]|$| (?:and|he|she|it|they|until|with|there|all)\b)|dark and (stormy|cold|quiet)|darkness fell|night (fell|came|was)|late at night|after dark", "night"),
    (r"(when|then|until) (winter|spring|summer|autumn) came|(next|following|all|that|one|every|hot|sunny|rainy|whole) day\b|in the day|by day|daylight|sun (shone|shines|was (high|hot|bright))", "day"),
)  # fmt: skip
_TIME_WORDS: dict[DayTime, str] = {
    "night": "night nights midnight tonight nighttime moonlight moonlit starlight bedtime nightfall starry stars moon",
    "dusk": "dusk evening evenings sunset twilight sundown",
    "dawn": "dawn sunrise daybreak",
    "day": "noon midday afternoon morning mornings daytime sunny sunshine lunchtime today breakfast",
}
_TIME_OF_WORD = {word: time for time, words in _TIME_WORDS.items() for word in words.split()}

_WEATHER_PHRASES: tuple[tuple[str, Weather], ...] = (
    (r"(rain|storm|snow|wind|fog|thunder|blizzard)\w* (had )?(stopped|ended|passed|cleared|was over|died down|lifted|gave way)", "clear"),
    (r"after the (rain|storm|snow|blizzard)|clouds (parted|cleared|lifted|drifted away)|sun (came|comes|broke) (out|through)", "clear"),
    (r"began to (rain|pour|drizzle)|raindrops?|rain (fell|began|drummed|poured)|in the rain|through the rain|pouring", "rain"),
    (r"(snow|snowflakes?) (fell|began|was falling|came|danced|drifted|swirled)|began to snow|through the (falling )?snowflakes", "snow"),
    (r"grey (sky|clouds)|gray (sky|clouds)|dark clouds?|clouds (gathered|covered|rolled|came|hid)", "cloudy"),
    (r"black clouds?|storm clouds?", "storm"),
    (r"(in|that|one|when|all|cold|snowy|the next|next) winter\b|winter (came|had come|night|day|morning)", "snow"),
    (r"(when|until) (spring|summer|autumn) came|(in|that|one|next) (spring|summer)\b", "clear"),
)  # fmt: skip
_WEATHER_WORDS: dict[Weather, str] = {
    "storm": "storm stormy thunder lightning thunderstorm tempest hurricane tornado typhoon thundered squall",
    "rain": "rain rained rainy raining rains drizzle drizzled shower showers downpour rainstorm drizzly monsoon",
    "snow": "snowing snowed snowstorm blizzard snowfall snowflakes snowflake sleet",
    "fog": "fog foggy mist misty haze hazy",
    "wind": "wind windy breeze breezy gust gusts gale blustery gusty winds",
    "cloudy": "cloudy overcast",
    "clear": "sunny sunshine cloudless sunlit",
}
_WEATHER_OF_WORD = {word: weather for weather, words in _WEATHER_WORDS.items() for word in words.split()}
_STRENGTH: tuple[Weather, ...] = ("storm", "snow", "rain", "fog", "wind", "cloudy", "clear")
_DARKEST: tuple[DayTime, ...] = ("night", "dusk", "dawn", "day")

MOOD_WORDS: dict[Mood, str] = {
    "happy": (
        "happy glad smile smiled smiling laugh laughed joy cheerful merry delighted birthday party cake warm sunny sweet "
        "wonderful loved celebrate celebrated picnic friends rainbow present presents singing sang sunshine best flowers "
        "bloomed spring summer delicious candles balloon balloons ice-cream butterfly butterflies garden"
    ),
    "sad": (
        "sad cry cried crying wept tears lonely alone lost sorry miserable sighed sobbed sobbing goodbye broken missed grief "
        "died dead unhappy forgotten nobody cold gone empty homesick heartbroken melted rained tired old-and faded poor"
    ),
    "tense": (
        "afraid scared frightened terrified danger dangerous storm thunder lightning chase chased ran fled escape escaped "
        "trap trapped roar roared growled attack fight sword scream screamed suddenly fell cliff shark wolf monster terrible "
        "pounding trembling trembled broke crash crashed sinking drowning hurry hunters enemy fierce angry tore shook"
    ),
    "mysterious": (
        "dark night midnight moon shadow shadows mist fog foggy strange mysterious secret whisper whispered magic magical ghost "
        "haunted glowing glow lantern cave unknown hidden ancient silent silence quiet rustled owl stars found door key map "
        "enchanted curious candle wondered spell witch wizard forest-deep disappeared treasure faint vanished"
    ),
    "triumphant": (
        "won win victory hero brave bravely saved rescued cheered cheering champion crown crowned proud proudly triumph at-last "
        "finally free freed soared succeeded conquered applause medal prize high top flying hooray hurray everybody whole "
        "land golden"
    ),
    "playful": (
        "play played playing funny silly hop hopped jump jumped bounce bounced giggle giggled tickle trick tricks joke game "
        "danced dance dancing spun skipped splash splashed slid rolled wobbled kite kitten puppy monkey clown chased-tail "
        "twirled balloon puddle puddles tumbled squawked juggled parrot leapt wriggled mischief surprise upside"
    ),
    "tender": (
        "love loved hug hugged kiss kissed gently softly gentle mother grandmother hand held asleep sleep slept dream dreamed "
        "together beside heart cuddled snuggled warm kind kindly friend home smiled baby lullaby held whispered promise thank "
        "tender nest shared gave goodnight tucked curled listened"
    ),
    "calm": (
        "calm quiet quietly peaceful still slowly morning river lake breeze rest rested drifted floated gentle lay sat watched "
        "evening meadow spring village lived once clouds dawn sunrise soft"
    ),
}
_MOODS_OF: dict[str, list[Mood]] = {}
for _mood, _list in MOOD_WORDS.items():
    for _word in _list.split():
        _MOODS_OF.setdefault(_word.replace("-", " "), []).append(_mood)
_LEADING: dict[str, Mood] = {
    "cried": "sad", "crying": "sad", "wept": "sad", "tears": "sad", "lonely": "sad", "sad": "sad", "sobbed": "sad",
    "storm": "tense", "afraid": "tense", "terrible": "tense", "scared": "tense", "frightened": "tense", "terrified": "tense",
    "suddenly": "tense", "monster": "tense", "haunted": "mysterious", "ghost": "mysterious", "midnight": "mysterious",
    "cheered": "triumphant", "won": "triumphant", "victory": "triumphant", "hero": "triumphant", "hurray": "triumphant",
    "hooray": "triumphant", "laughed": "happy", "birthday": "happy", "party": "happy", "danced": "playful",
    "dancing": "playful", "hugged": "tender", "kissed": "tender", "asleep": "tender", "love": "tender", "loved": "tender",
    "glowing": "mysterious", "cry": "sad", "tore": "tense", "laughing": "happy", "smiled": "happy",
}  # fmt: skip
_SETTING_MOOD: dict[Setting, Mood] = {
    "cave": "mysterious", "library": "mysterious", "space": "mysterious", "market": "happy", "garden": "happy",
    "meadow": "calm", "beach": "calm", "river": "calm", "sea": "calm", "underwater": "mysterious",
    "village": "calm", "farm": "happy",
}  # fmt: skip
_MOOD_ORDER: tuple[Mood, ...] = (
    "triumphant", "sad", "tense", "mysterious", "tender", "playful", "happy", "calm",
)  # fmt: skip

_SOUNDS: tuple[tuple[str, str], ...] = (
    ("rain", r"rain\w*|drizzle\w*|downpour|pouring"),
    ("thunder", r"thunder\w*|lightning|tempest|storm\w*"),
    ("wind", r"wind|winds|windy|breeze|gale|gusts?|howled|blizzard|hurricane"),
    ("waves", r"sea|ocean|waves?|beach|shore|surf|seashore|tide"),
    ("fire", r"campfire|bonfire|fireplace|flames?|fire|crackl\w+|hearth"),
    ("owl", r"owls?|hoot\w*"),
    ("birds", r"birds?|sparrows?|robins?|larks?|nightingales?|chirp\w*|tweet\w*|songbirds?|canary|blackbirds?"),
    ("gulls", r"gulls?|seagulls?"),
    ("parrot", r"parrots? (?:squawk|call|scream)\w*|squawk\w*"),
    ("crickets", r"crickets?|cicadas?|grasshoppers?"),
    ("frog", r"frogs?|toads?|croak\w*"),
    ("bees", r"bees|swarm|hive"),
    ("buzz", r"bee|bumblebees?|buzz\w*"),
    ("wolf", r"wol(?:f|ves)|howl(?:ed|ing|s)?"),
    ("dog", r"bark(?:ed|s|ing)|woof"),
    ("cat", r"meow\w*|miaow\w*|purr\w*"),
    ("steps on snow", r"(?:through|in|over|across) the (?:deep |fresh |soft )?snow"),
    ("steps", r"footsteps?|steps|walk(?:ed|s|ing)?|tiptoed|crept|marched|strolled|paced|(?<!tears )ran|running"),
    ("steps on stone", r"stairs|staircase"),
    ("door creak", r"(?<!next )doors?|creak\w*|gate"),
    ("knock", r"knock\w*"),
    ("church bell", r"church bells?|bells? (?:rang|tolled|began)|tower bell"),
    ("bell", r"bells?|jingl\w+|tinkl\w+"),
    ("chime", r"chimes?|struck (?:midnight|twelve|noon)"),
    ("clock", r"clocks?|tick(?:ed|ing|s)?|pendulum"),
    ("river", r"river|stream|brook|creek|waterfall|babbl\w+"),
    ("splash", r"splash\w*|dived?|plunged|plop\w*|puddles?"),
    ("crowd", r"crowd|audience|people hurried|passengers|everyone talked|chatter\w*"),
    ("applause", r"cheer(?:ed|ing|s)?|applau\w+|clapp\w+|hooray|hurray"),
    ("heartbeat", r"heartbeat|heart (?:was )?(?:pound\w+|beat\w*|thump\w*)"),
    ("music box", r"music box|lullaby"),
    ("violin", r"violins?|fiddles?|cello"),
    ("horn", r"trumpets?|fanfare|bugle"),
    ("ship horn", r"foghorn|steamer|steamship"),
    ("drum", r"drums?"),
    ("flute", r"flutes?"),
    ("train ride", r"trains?|railway|locomotive|tram"),
    ("city", r"city|traffic"),
    ("traffic", r"tractor|trucks?|cars?|bus|motorbike|taxi"),
    ("wings", r"wings|flapped|fluttered|flew up"),
    ("flutter", r"kites?|flags?|sails"),
    ("whoosh", r"rockets?|blast(?:ed)? off|swooped|zoom\w*|whoosh\w*"),
    ("leaves", r"rustl\w+|leaves (?:fell|danced|whirled)"),
    ("page", r"pages?|read|reading|letter"),
    ("magic", r"magic\w*|glow(?:ed|s|ing)?|sparkl\w+|glitter\w*|shimmer\w*|glimmer\w*|fairy|wand|spell"),
    ("bubbles", r"bubbl\w+"),
    ("whistle", r"whistl\w+"),
    ("pop", r"popped|burst|pop"),
    ("glass", r"glass (?:broke|shattered)|clink\w*"),
    ("drip", r"drip\w*"),
    ("ice", r"ice (?:crack|broke)\w*|cracking ice"),
)  # fmt: skip
"""Names that sound models know, each with the words of a story that stand for it."""
# What is said not to sound, with the word after it.
_SILENT = re.compile(r"\b(?:not|never|no|without|stopped|n't|nor)(?: (?:a|the|any|yet|even))? [a-z]+")
_SOUND_PATTERNS = tuple((name, re.compile(rf"\b(?:{pattern})\b")) for name, pattern in _SOUNDS)
_TIME_PATTERNS = tuple((re.compile(pattern), time) for pattern, time in _TIME_PHRASES)
_WEATHER_PATTERNS = tuple((re.compile(rf"\b(?:{pattern})"), weather) for pattern, weather in _WEATHER_PHRASES)

_BEDS_BY_DAY: dict[Setting, tuple[str, ...]] = {
    "forest": ("forest", "birds"), "meadow": ("birds",), "garden": ("birds",), "farm": ("birds",), "sea": ("waves",),
    "beach": ("waves",), "ship": ("waves", "ship"), "river": ("river",), "city": ("city",), "street": ("city",),
    "market": ("market",), "rooftop": ("city",), "subway": ("subway",), "mountains": ("wind",), "desert": ("wind",),
    "snow": ("snow",), "sky": ("wind",), "village": ("birds",), "cave": ("cave",), "underwater": ("underwater",),
    "tower": ("wind",), "library": ("library",), "room": ("room",), "space": ("space",),
}  # fmt: skip
_BEDS_BY_NIGHT: dict[Setting, tuple[str, ...]] = {
    **_BEDS_BY_DAY, "forest": ("night", "crickets"), "meadow": ("crickets",), "garden": ("crickets",),
    "farm": ("crickets",), "village": ("night",), "river": ("river", "crickets"),
}  # fmt: skip
AMBIENCE: dict[tuple[Setting, bool], tuple[str, ...]] = {
    (setting, night): beds
    for night, table in ((False, _BEDS_BY_DAY), (True, _BEDS_BY_NIGHT))
    for setting, beds in table.items()
}
"""By setting and whether it is night: what a place sounds like when the story names no sound."""


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+(?:'[a-z]+)?", text)


def time_of(text: str) -> DayTime | None:
    """Return the time of day that lower-case `text` tells, or None. The word that comes last decides a tie."""
    for pattern, told in _TIME_PATTERNS:
        if pattern.search(text):
            return told
    found = [_TIME_OF_WORD[word] for word in _words(text) if word in _TIME_OF_WORD]
    return next((time for time in _DARKEST if time in found), None)


def weather_of(text: str) -> Weather | None:
    """Return the weather that lower-case `text` tells, or None."""
    for pattern, told in _WEATHER_PATTERNS:
        if pattern.search(text):
            return told
    found = {_WEATHER_OF_WORD[word] for word in _words(text) if word in _WEATHER_OF_WORD}
    return next((weather for weather in _STRENGTH if weather in found), None)


def mood_of(text: str, setting: Setting, time: DayTime, weather: Weather) -> Mood:
    """Return the mood of a line from its words, the place and the hour."""
    score: dict[Mood, float] = dict.fromkeys(_MOOD_ORDER, 0.0)
    words = _words(text)
    for i, word in enumerate(words):
        weight = -0.5 if any(w in ("not", "no", "never", "nobody") for w in words[max(0, i - 3) : i]) else 1.0
        for mood in _MOODS_OF.get(word, ()):
            score[mood] += (
                0.7 * weight if mood == "mysterious" else weight
            )  # night and moon are not yet a riddle
        if word in _LEADING:
            score[_LEADING[word]] += 1.2 * weight
    if setting in _SETTING_MOOD:
        score[_SETTING_MOOD[setting]] += 0.3 if _SETTING_MOOD[setting] == "mysterious" else 0.6
    if time == "night":
        score["mysterious"] += 0.15
    if weather == "storm":
        score["tense"] += 1.6
    score["calm"] += 0.5
    return max(_MOOD_ORDER, key=lambda mood: (score[mood], -_MOOD_ORDER.index(mood)))


def heard(text: str) -> list[str]:
    """Return the sounds that lower-case `text` names, in the order of the sound table."""
    text = _SILENT.sub(" ", text)
    return [name for name, pattern in _SOUND_PATTERNS if pattern.search(text)]
