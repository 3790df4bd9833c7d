"""Spellings that are one word to the ear: British and American pairs, contractions, homophones."""

from __future__ import annotations

import re

__all__ = ["expand", "one_spelling"]

_PAIRS = (
    "grey gray|colour color|favour favor|favourite favorite|neighbour neighbor|neighbourhood neighborhood|"
    "harbour harbor|honour honor|honourable honorable|humour humor|labour labor|rumour rumor|vapour vapor|"
    "flavour flavor|armour armor|parlour parlor|saviour savior|splendour splendor|behaviour behavior|"
    "odour odor|tumour tumor|vigour vigor|valour valor|candour candor|glamour glamor|mould mold|moult molt|"
    "plough plow|smoulder smolder|centre center|theatre theater|metre meter|litre liter|fibre fiber|"
    "sabre saber|spectre specter|sceptre scepter|lustre luster|sombre somber|meagre meager|ochre ocher|"
    "calibre caliber|kilometre kilometer|centimetre centimeter|millimetre millimeter|millilitre milliliter|"
    "jewellery jewelry|woollen woolen|marvellous marvelous|traveller traveler|jeweller jeweler|"
    "counsellor counselor|pyjamas pajamas|cosy cozy|tyre tire|kerb curb|programme program|storey story|"
    "cheque check|draught draft|sceptical skeptical|aeroplane airplane|aluminium aluminum|catalogue catalog|"
    "dialogue dialog|analogue analog|moustache mustache|doughnut donut|whisky whiskey|yoghurt yogurt|"
    "axe ax|ageing aging|towards toward|afterwards afterward|backwards backward|forwards forward|"
    "learnt learned|dreamt dreamed|burnt burned|leapt leaped|spelt spelled|defence defense|offence offense|"
    "licence license|practise practice|fulfil fulfill|skilful skillful|enrol enroll|instalment installment|"
    "manoeuvre maneuver|encyclopaedia encyclopedia|mum mom|mummy mommy|okay ok|alright allright|miz ms"
)
_HOMOPHONES = (
    "hare hair|aloud allowed|bear bare|deer dear|flower flour|knight night|knights nights|sea see|son sun|sons suns|"
    "tail tale|tails tales|their there|to too two|through threw|wait weight|way weigh whey|weak week|weather whether|"
    "which witch|whose whos|wood would|write right rite|your youre|its its|blew blue|brake break|buy by bye|cell sell|"
    "cent scent sent|cereal serial|dye die|eight ate|eye i|fair fare|fairy ferry|feat feet|fir fur|flew flu|for four fore|"
    "gate gait|great grate|groan grown|hear here|heard herd|hi high|hole whole|holy wholly|horse hoarse|hour our|"
    "hours ours|idle idol|knead need|knew new|know no|knot not|knows nose|lead led|made maid|mail male|main mane|"
    "maize maze|meat meet|moose mousse|morning mourning|none nun|oar or ore|one won|pail pale|pain pane|pair pear pare|"
    "passed past|patience patients|paws pause|peace piece|peak peek|peal peel|plain plane|pole poll|poor pour|pray prey|"
    "principal principle|profit prophet|rain reign rein|raise rays|rap wrap|read red|real reel|road rode rowed|role roll|"
    "root route|rose rows|sail sale|sails sales|scene seen|seam seem|seas sees seize|sew so sow|shoe shoo|side sighed|"
    "sight site|soar sore|sole soul|some sum|stair stare|stairs stares|stake steak|stationary stationery|steal steel|"
    "straight strait|sweet suite|tea tee|team teem|tear tier|throne thrown|tide tied|toad towed|toe tow|vain vane vein|"
    "wail whale|wails whales|waist waste|ware wear where|wave waive|we wee|were whirr|whine wine|yoke yolk|bough bow|"
    "berry bury|beach beech|bee be|bean been|beat beet|board bored|bold bowled|bread bred|bridal bridle|ceiling sealing|"
    "chews choose|coarse course|creak creek|currant current|dew due do|ewe you|find fined|gilt guilt|hall haul|heal heel|"
    "him hymn|jam jamb|key quay|lone loan|links lynx|loot lute|mist missed|mode mowed|muscle mussel|mustard mustered|"
    "pedal peddle|pi pie|queue cue|ring wring|rung wrung|slay sleigh|staid stayed|sword soared|tacks tax|thyme time|"
    "told tolled|wade weighed|war wore|yore yore|oh o owe|prints prince|guest guessed|bald bawled|ball bawl|band banned|"
    "colonel kernel|cruise crews|days daze|fined find|flea flee|freeze frees|hoard horde|lie lye|mite might|pact packed"
)
_ENDINGS = (
    (re.compile(r"(\w{3,})is(e|ed|es|ing|ation|er)$"), r"\1iz\2"),
    (re.compile(r"(\w{3,})ys(e|ed|es|ing)$"), r"\1yz\2"),
    (re.compile(r"(\w{3,}[aeiou])ll(ed|ing|er|ers)$"), r"\1l\2"),
)
"""One spelling for both sides, so it need not be a real one ("rise" and "rize" become the same)."""

_CONTRACTED = {
    "can't": "can not", "cannot": "can not", "won't": "will not", "shan't": "shall not", "let's": "let us",
    "y'all": "you all", "'tis": "it is", "tis": "it is", "'twas": "it was", "twas": "it was",
    "gonna": "going to", "wanna": "want to", "gotta": "got to", "o'clock": "oclock", "ma'am": "madam",
    "'em": "them", "'cause": "because", "till": "until", "'til": "until",
}  # fmt: skip
_TAILS = (("n't", "not"), ("'ll", "will"), ("'re", "are"), ("'ve", "have"), ("'m", "am"), ("'d", "would"))
_IS_AFTER = frozenset(
    [
        "it",
        "he",
        "she",
        "that",
        "there",
        "here",
        "what",
        "who",
        "where",
        "when",
        "how",
        "this",
        "everything",
        "nobody",
        "somebody",
        "everybody",
    ]
)


def _table(groups: str) -> dict[str, str]:
    table: dict[str, str] = {}
    for group in groups.split("|"):
        first, *others = group.split()
        table.update({other: first for other in others if other != first})
    return table


_ONE = _table(_PAIRS)
_SAME = _table(_HOMOPHONES)


def expand(word: str) -> list[str]:
    """Return the words of a contraction (``it's`` → it, is), or the word without its apostrophes.

    `word` is in small letters with straight apostrophes.
    """
    if word in _CONTRACTED:
        return _CONTRACTED[word].split()
    for tail, full in _TAILS:
        if word.endswith(tail) and len(word) > len(tail):
            return [*expand(word[: -len(tail)]), full]
    if word.endswith("'s") and word[:-2] in _IS_AFTER:
        return [word[:-2], "is"]
    bare = word.replace("'", "")
    return [bare] if bare else []


def one_spelling(word: str) -> str:
    """Return the one spelling that stands for all that sound like `word` (small letters, no apostrophe)."""
    word = _ONE.get(word, word)
    plural = word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else None
    if plural and plural in _ONE:
        word = f"{_ONE[plural]}s"
    for pattern, written in _ENDINGS:
        word = pattern.sub(written, word)
    return _SAME.get(word, word)
