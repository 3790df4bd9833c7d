"""Finds the drawing for a word: by the table, by a drawing's name, by its keywords and at last by meaning."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import emoji

from kamishibai.papercut import lexicon, meaning
from kamishibai.papercut.drawings import hexcodes

__all__ = ["Match", "can_draw", "drawable", "find"]


@dataclass(frozen=True)
class Match:
    """A drawing found for a word."""

    drawing: str
    """A code point, or ``person:``, ``puppet:``, ``own:`` and a name."""
    name: str
    confidence: float
    """0 to 1."""
    how: Literal["table", "name", "keyword", "meaning"]


# Code points that can stand in a picture: things, animals, plants, food, vehicles, buildings, weather.
# Faces, hands, hearts, arrows, squares, zodiac, keycaps, buttons, flags, charts and yellow people cannot.
_THINGS = """
231A-231B 23F0-23F3 2600-2601 2602-2604 260E 2614-2615 2618 2692-2694 2696-2697 2699 26B0-26B1 26BD-26BE
26C4-26C5 26C8 26CF 26D3 26E9-26EA 26F0-26F2 26F4-26F5 26F8 26FA 2702 2708-2709 270F 2744 2B50
1F308 1F30A-1F30B 1F30D-1F30F 1F315 1F319 1F31E-1F321 1F324-1F32A 1F32D-1F37F 1F380-1F385 1F388-1F38B
1F390 1F392-1F393 1F396 1F399 1F39F-1F3A1 1F3A3-1F3A5 1F3A7-1F3AB 1F3AD-1F3AF 1F3B2-1F3B3 1F3B5-1F3BB 1F3BD-1F3C0
1F3C5-1F3C6 1F3C8-1F3C9 1F3CD-1F3D6 1F3D8-1F3DD 1F3DF-1F3E2 1F3E5 1F3E8 1F3EA-1F3F0 1F3F8-1F3FA
1F400-1F43C 1F43E-1F43F 1F451-1F457 1F459-1F462 1F47B 1F47D 1F480 1F484 1F488-1F48A 1F48C-1F48E 1F490 1F492
1F4A1 1F4A3 1F4A7 1F4B0 1F4BA-1F4BC 1F4BF-1F4C5 1F4CB-1F4D3 1F4D5-1F4D6 1F4DA 1F4DC-1F4DE 1F4E1-1F4E3 1F4E6
1F4EB 1F4EE-1F4F1 1F4F7 1F4F9-1F4FB 1F4FD 1F50B-1F50E 1F511-1F514 1F517 1F525-1F52C 1F52D-1F52E 1F531
1F54A 1F56F-1F570 1F573 1F576-1F579 1F58A-1F58D 1F5A5 1F5A8 1F5B2 1F5BC 1F5C3-1F5C4 1F5D1
1F5DC-1F5DE 1F5E1 1F5FA-1F5FC 1F5FF 1F680-1F683 1F686-1F68B 1F68C-1F699 1F69A-1F6A0 1F6A2 1F6A4 1F6A6-1F6AA
1F6B2 1F6BD 1F6BF 1F6C1 1F6CB 1F6CE-1F6CF 1F6D2 1F6D5-1F6D6 1F6DD-1F6E2 1F6E5 1F6E9 1F6EB-1F6FC
1F93F-1F945 1F947-1F96F 1F97B-1F97F 1F980-1F9AE 1F9B4 1F9BA 1F9BC-1F9BD 1F9C0-1F9CB 1F9E2-1F9E9 1F9EA-1F9EB 1F9ED-1F9FA 1F9FC
1F9FD 1FA70-1FA74 1FA79-1FA8F 1FA90-1FAA9 1FAAB-1FAAE 1FAB0-1FABF 1FACD-1FADC
"""

_VETO = frozenset(
    """sea horse|seahorse|dragon fly|lady bird|guinea fowl|sea lion cub|idea|hope|silence|time|thing|way|day|night
    |morning|evening|afternoon|dawn|dusk|noon|midnight|life|love|death|peace|war|luck|joy|fear|anger|sadness|happiness
    |courage|dream|wish|secret|story|tale|adventure|journey|trip|voice|sound|noise|word|name|question|answer|problem
    |mistake|end|beginning|middle|side|top|bottom|corner|air|wind|darkness|light|shadow|smell|taste|warmth|cold|heat
    |minute|hour|second|week|month|year|season|spring|summer|autumn|fall|winter|world|place|space|part|piece|lot|bit
    |kind|sort|moment|memory|smile|laugh|tear|tears|breath|eye|eyes|hand|hands|face|head|hair|foot|feet|leg|legs|arm
    |arms|finger|nose|mouth|ear|ears|back|body|skin|tail|paw|wings|help|work|job|game|play|show|turn|help|care|trouble
    |fun|surprise|magic|power|strength|truth|lie|promise|plan|chance|reason|fact|news|friendship|kindness|freedom
    |patience|wisdom|beauty|hunger|thirst|sleep|rest|step|steps|jump|race|walk|run|dance|party|feast|celebration
    |holiday|concert|performance|applause|rhythm|harmony|crossing|rule|law|price|number|size|shape|colour|color
    |line|circle|square|point|edge|distance|direction|north|south|east|west|left|right|center|centre|inside|outside
    |grain|dust|sand|mud|water|sea|ocean|rain|snow|fog|mist|storm|weather|sky|ground|floor|wall|ceiling|roof|room
    |kitchen|garden|forest|wood|woods|meadow|field|farm|village|town|city|street|road|path|river|lake|pond|stream
    |hill|valley|cave|beach|shore|coast|desert|jungle|country|land|attic|cellar|basement|yard|park|square|market
    |library|station|tunnel|rooftop|platform|harbour|harbor|port|deck|horizon|sunset|sunrise|moonlight|starlight
    |sunlight|echo|crack|gap|surface|wave|dragonfly|platform|carriage|record|root|saucer|keyboard|helmet|antenna|machine|date|violin bow|record player|paper
    |information|fortune|soul|science|photograph|album|pad|sheet|case|cover|lid|handle|strap|set|item|object|stuff|group|depth|heights|rush|roar|whisper|scream|cry|knock|ring tone|click|tick
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
) - {"ring tone"}
"""Words that have no picture of their own: ideas, times, parts of the body, and places, which are scenery."""

_MEASURES = frozenset(
    [
        "bunch",
        "pile",
        "piece",
        "slice",
        "handful",
        "flock",
        "herd",
        "lot",
        "pair",
        "group",
        "couple",
        "bit",
        "stack",
        "bowl",
        "heap",
        "row",
        "field",
        "kind",
        "sort",
        "swarm",
        "pack",
        "school",
        "family",
        "glass",
        "pinch",
        "drop",
        "crumb",
        "number",
        "host",
        "dozen",
        "hundred",
        "lots",
        "plenty",
        "load",
        "scrap",
    ]
)


@lru_cache(maxsize=1)
def _code_points() -> frozenset[int]:
    out: set[int] = set()
    for span in _THINGS.split():
        first, _, last = span.partition("-")
        out.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(out)


@lru_cache(maxsize=1)
def drawable() -> dict[str, str]:
    """Return the English name of every code point that can stand in a picture, by code point."""
    allowed, have = _code_points(), hexcodes()
    out: dict[str, str] = {}
    for character, data in emoji.EMOJI_DATA.items():
        points = [ord(c) for c in character if ord(c) != 0xFE0F]
        hexcode = f"{points[0]:04X}"
        if len(points) == 1 and points[0] in allowed and hexcode in have:
            out.setdefault(hexcode, data["en"].strip(":").replace("_", " ").lower())
    return dict(sorted(out.items()))


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Return code points by the drawings' full names and aliases."""
    out: dict[str, str] = {}
    data = emoji.EMOJI_DATA
    for hexcode, name in drawable().items():
        out.setdefault(name, hexcode)
    for character, entry in data.items():
        points = [ord(c) for c in character if ord(c) != 0xFE0F]
        hexcode = f"{points[0]:04X}"
        if len(points) == 1 and hexcode in drawable():
            for alias in entry.get("alias", []):
                out.setdefault(alias.strip(":").replace("_", " ").lower(), hexcode)
    return out


@lru_cache(maxsize=1)
def _keywords() -> dict[str, str]:
    """Return code points by the last word of a drawing's name, where only one drawing claims that word."""
    claims: dict[str, set[str]] = {}
    for hexcode, name in drawable().items():
        head = re.split(r" (?:with|in|of|and|on) ", name)[0].split()[-1]
        claims.setdefault(head, set()).add(hexcode)
    return {head: next(iter(codes)) for head, codes in claims.items() if len(codes) == 1 and len(head) > 3}


def _heads(noun: str) -> Iterable[str]:
    """Yield a noun phrase and then its ever shorter heads: "old rusty key", "rusty key", "key"."""
    before, of, after = noun.partition(" of ")
    phrases = [noun]
    if of:
        phrases += [lexicon.plain(after), before] if before.split()[-1:][0] in _MEASURES else [before]
    for phrase in phrases:
        words = phrase.split()
        for i in range(len(words)):
            yield " ".join(words[i:])


def _lexical(noun: str, adjectives: Sequence[str]) -> Match | None:
    text = lexicon.plain(noun)
    if not text:
        return None
    for adjective in adjectives:
        entry = lexicon.lookup(f"{adjective.casefold()} {text}")
        if entry is not None:
            return Match(entry.drawing, entry.words[0], 1.0, "table")
    for at, phrase in enumerate(_heads(text)):
        sure = 1.0 if at == 0 else 0.85
        entry = lexicon.lookup(phrase)
        if entry is not None:
            return Match(entry.drawing, entry.words[0], sure, "table")
        forms = lexicon.singulars(phrase)
        if any(form in _VETO for form in forms):
            return None
        for form in forms:
            if form in _names():
                return Match(_names()[form], form, 0.95 * sure, "name")
        for form in forms:
            if form in _keywords():
                return Match(_keywords()[form], drawable()[_keywords()[form]], 0.8 * sure, "keyword")
    return None


def can_draw(noun: str) -> bool:
    """Say whether a noun has a drawing by table, name or keyword; fast, and without the model of meaning."""
    return _lexical(noun, ()) is not None


def find(noun: str, adjectives: Sequence[str] = (), *, cache: Path | None = None) -> Match | None:
    """Return the drawing for a noun, or None where nothing fits well: a wrong picture is worse than none.

    Parameters
    ----------
    noun
        A word or short phrase, singular or plural: ``lantern``, ``the old keys``, ``cup of tea``.
    adjectives
        What the story says of it; they only choose between drawings ("black" and "cat").
    cache
        Folder for the matrix of name embeddings; None: the user's cache folder.
    """
    found = _lexical(noun, adjectives)
    text = lexicon.plain(noun)
    if found is not None or not text or any(form in _VETO for form in lexicon.singulars(text.split()[-1])):
        return found
    if any(form in _VETO for form in lexicon.singulars(text)):
        return None
    return _by_meaning(text, cache)


_CLOSE = 0.72
"""How alike a word and a name must be. Below this the model mixes up sorts of things; found on 400 story nouns."""


@lru_cache(maxsize=1)
def _known() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return every name that a word can be compared with, and the drawing of each."""
    pairs: dict[str, str] = {}
    for entry in lexicon.entries():
        for word in entry.words:
            pairs.setdefault(word, entry.drawing)
    for hexcode, name in drawable().items():
        pairs.setdefault(name, hexcode)
    return tuple(pairs), tuple(pairs.values())


@lru_cache(maxsize=4)
def _matrix(cache: Path | None) -> meaning.Matrix:
    return meaning.name_matrix(_known()[0], cache)


def _only_sounds_alike(text: str, name: str) -> bool:
    """Say whether a likeness is one of spelling or of a borrowed word.

    The model reads rare words in pieces and finds "broccoli" close to "brooch"; and "fortune" close to "fortune
    cookie", which is a cookie.
    """
    mine, theirs = text.split(), re.split(r"[ -]", name)
    if mine[-1] == theirs[-1]:
        return False
    if set(mine) & set(theirs):
        return True
    return any(a[:3] == b[:3] for a in mine for b in theirs)


@lru_cache(maxsize=512)
def _by_meaning(text: str, cache: Path | None) -> Match | None:
    """Return the drawing whose name is closest in meaning, if it is close enough to be the same sort of thing."""
    names, drawings = _known()
    closeness = _matrix(cache) @ meaning.embed([text])[0]
    for at in closeness.argsort(kind="stable")[::-1][:5]:
        if closeness[at] < _CLOSE:
            return None
        if not _only_sounds_alike(text, names[at]):
            return Match(drawings[at], names[at], round(float(closeness[at]) * 0.9, 3), "meaning")
    return None
