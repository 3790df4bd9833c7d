"""From the text as shown to the words as spoken, linked word by word: captions show "£5", the voice says "five pounds".

`shown_words` cuts any text, in any script, into the words that captions light up; `read_aloud` adds how an
English voice says each of them. Every shown word gets an entry, even one that is silent (a dash, an emoji).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Literal

from kamishibai.documents.abbreviations import ABBREVIATIONS, NEVER_ENDS, STARTERS, UNITS
from kamishibai.documents.frozen import Frozen
from kamishibai.documents.reading import say, without_markup
from kamishibai.documents.spot import Spot
from kamishibai.documents.vocal_cues import vocal_cues

__all__ = ["ShownWord", "SpokenWord", "is_english", "read_aloud", "shown_words", "spoken_text"]

Mark = Literal["", ",", ";", ":", "—", "…", ".", "!", "?"]
End = Literal["", "sentence", "paragraph"]

OPENING = frozenset("\"'“‘‚„«‹([{<¿¡*_~`—–―-…")
CLOSING = frozenset("\"'”’»›)]}>*_~`—–―-….,;:!?‽،؛؟。、！，？；：")
BREAKING_DASHES = ("—", "―", "--", "...", "…")
MARKS: tuple[tuple[str, Mark], ...] = (
    ("?؟？‽", "?"),
    ("!！", "!"),
    (".。", "."),
    ("…", "…"),
    ("—―–", "—"),
    (":：", ":"),
    (";؛；", ";"),
    (",，،、)]", ","),
)
"""Strongest first; a word takes the strongest mark that follows it."""
UNSPACED = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x2E80, 0x303F), (0x3040, 0x31FF), (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFF66, 0xFF9F), (0x20000, 0x3FFFF),
)  # fmt: skip
"""Thai, Lao, Burmese, Khmer, kana, Han and full-width forms: scripts written without spaces between words."""
OPENING_WIDE = frozenset("「『（《〈【〔“‘［｛")


class ShownWord(Frozen):
    """A word of the text as it is shown, punctuation attached: ``text[first:last]``."""

    shown: str
    first: int
    last: int


class SpokenWord(Frozen):
    """A shown word and how it is said."""

    shown: str
    first: int
    last: int
    spoken: str
    """The words the voice says for it, without punctuation; empty for what is silent (a dash, an emoji)."""
    mark: Mark = ""
    """The punctuation that follows, for the voice's melody."""
    ends: End = ""
    """Whether a sentence or a paragraph ends here."""


def is_english(language: str) -> bool:
    """Say whether a BCP 47 tag (``en``, ``en-GB``) names English."""
    return language.lower().replace("_", "-").split("-")[0] in {"en", "eng"}


def shown_words(text: str) -> tuple[ShownWord, ...]:
    """Cut `text` into the words that captions show and light up one by one.

    Words are runs without white space; a dash or ellipsis between two words ends the first of them; in
    scripts written without spaces every character is a word, with its combining marks and punctuation.
    Control characters separate like spaces and belong to no word.
    """
    found: list[ShownWord] = []
    for first, last in _runs(text):
        for start, end in _pieces(text, first, last):
            found.append(ShownWord(shown=text[start:end], first=start, last=end))
    return tuple(found)


def read_aloud(text: str, language: str = "en") -> tuple[SpokenWord, ...]:
    """Return every shown word of `text` with the words an English voice says for it.

    For other languages the words are said as they are written, without their punctuation. Cues that a voice
    acts (``[laughs]``) are silent.
    """
    shown = shown_words(text)
    english = is_english(language)
    split = [_peel(without_markup(word.shown) if english else word.shown) for word in shown]
    for index in vocal_cues([word.shown for word in shown]):
        split[index] = (split[index][0], "", split[index][2])
    cores = [core for _, core, _ in split]
    words: list[SpokenWord] = []
    for index, (word, (opening, core, closing)) in enumerate(zip(shown, split, strict=True)):
        before = _neighbour(cores, index, -1)
        after = _neighbour(cores, index, +1)
        gap = text[word.last : shown[index + 1].first] if index + 1 < len(shown) else "\n\n"
        ends = _end(core, closing, after, shown[index + 1 :], gap)
        if english and word.shown in {"-", "–"} and before[:1].isdecimal() and after[:1].isdecimal():
            spoken = "to"
        elif english:
            spot = Spot(
                shown=_straight(word.shown),
                core=_straight(core),
                dotted=closing.startswith("."),
                before=before,
                after=after,
                opens=not any(w.spoken for w in words) or _last_end(words) != "",
            )
            spoken = say(spot)
        else:
            spoken = core if any(c.isalnum() for c in core) else ""
        if core and set(opening) & set("([{—") and words and words[-1].spoken and not words[-1].mark:
            words[-1] = words[-1].model_copy(update={"mark": ","})
        mark = _mark(core, "" if spoken == "to" and not core else closing, ends, gap)
        words.append(SpokenWord(**word.model_dump(), spoken=spoken, mark=mark, ends=ends))
    return _settle(words)


def spoken_text(words: tuple[SpokenWord, ...]) -> str:
    """Return the words as they are spoken, with their punctuation, in one line; empty when all are silent."""
    return " ".join(f"{w.spoken}{w.mark}" for w in words if w.spoken)


def _separates(character: str) -> bool:
    return (
        character.isspace()
        or unicodedata.category(character) in {"Cc", "Cs"}
        or character in "\ufeff\u200b\u2028\u2029"
    )


def _runs(text: str) -> Iterator[tuple[int, int]]:
    first = None
    for index, character in enumerate(text):
        if _separates(character):
            if first is not None:
                yield first, index
            first = None
        elif first is None:
            first = index
    if first is not None:
        yield first, len(text)


def _unspaced(character: str) -> bool:
    return any(low <= ord(character) <= high for low, high in UNSPACED)


def _pieces(text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Cut one run at dashes and ellipses between words, and between the characters of unspaced scripts."""
    run = text[first:last]
    if any(_unspaced(character) for character in run):
        yield from _characters(text, first, last)
        return
    if "://" in run or run.lower().startswith("www."):
        yield first, last
        return
    start = index = first
    while index < last:
        dash = next((d for d in BREAKING_DASHES if text.startswith(d, index)), None)
        if dash is None:
            index += 1
            continue
        while index < last and text[index] in "—―-.…":
            index += 1
        said = any(c.isalnum() for c in text[start:index])
        if index < last and said and any(c.isalnum() for c in text[index:last]):
            while index < last and text[index] in CLOSING - OPENING:
                index += 1
            yield start, index
            start = index
    if start < last:
        yield start, last


def _characters(text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Cut a run of an unspaced script into characters; runs of other scripts inside it stay whole."""
    start = first
    waiting = False
    for index in range(first, last):
        character = text[index]
        if index == start:
            waiting = character in OPENING_WIDE or character in OPENING
            continue
        previous = text[index - 1]
        joins = (
            waiting
            or unicodedata.category(character) in {"Mn", "Mc", "Me", "Cf"}
            or _closes(character)
            or (not _unspaced(character) and not _unspaced(previous) and not _closes(previous))
        )
        if character not in OPENING_WIDE and character not in OPENING:
            waiting = False
        if not joins:
            yield start, index
            start = index
            waiting = character in OPENING_WIDE or character in OPENING
    yield start, last


def _closes(character: str) -> bool:
    return character not in OPENING_WIDE and (
        character in CLOSING or unicodedata.category(character) in {"Po", "Pe", "Pf", "Pd"}
    )


def _straight(text: str) -> str:
    text = text.replace("’", "'").replace("‘", "'").replace("ʼ", "'").replace("\u00ad", "")
    # Ligatures, full-width and mathematical letters become plain ones; fractions and exponents stay as they are.
    letters = (
        str(unicodedata.decimal(c))
        if c.isdecimal()
        else unicodedata.normalize("NFKC", c)
        if c.isalpha()
        else c
        for c in text
    )
    return unicodedata.normalize("NFC", "".join(letters))


def _peel(shown: str) -> tuple[str, str, str]:
    """Split a shown word into opening punctuation, core and closing punctuation."""
    first, last = 0, len(shown)
    while first < last and shown[first] in OPENING | OPENING_WIDE:
        if shown[first] in "-–" and shown[first + 1 : first + 2].isdigit():
            break
        first += 1
    while last > first and (shown[last - 1] in CLOSING):
        last -= 1
    return shown[:first], shown[first:last], shown[last:]


def _neighbour(cores: list[str], index: int, step: int) -> str:
    index += step
    while 0 <= index < len(cores) and not cores[index]:
        index += step
    return _straight(cores[index]) if 0 <= index < len(cores) else ""


def _last_end(words: list[SpokenWord]) -> End:
    return words[-1].ends if words else ""


def _end(core: str, closing: str, after: str, rest: tuple[ShownWord, ...], gap: str) -> End:
    """Say whether the sentence or the paragraph ends after this word."""
    if not rest or gap.count("\n") > 1 or "\u2029" in gap:
        return "paragraph"
    marks = [c for c in closing if c in ".!?…‽؟。！？"]
    if not marks:
        return ""
    if not after or after[0].islower():
        return ""
    if "!" in marks or "?" in marks or "…" in marks or "..." in closing:
        return "sentence"
    if core in NEVER_ENDS or f"{core}." in ABBREVIATIONS or f"{core}." in UNITS or core == "St":
        return "sentence" if after in STARTERS and core not in NEVER_ENDS else ""
    initial = len(core) == 1 and core.isupper() and core != "I"
    dotted = "." in core and core.replace(".", "").isalpha() and core not in {"a.m", "p.m", "A.M", "P.M"}
    if (initial or dotted) and after not in STARTERS:
        return ""
    return "sentence"


def _mark(core: str, closing: str, ends: End, gap: str) -> Mark:
    found: Mark = ""
    rest = closing
    if "..." in rest:
        rest = rest.replace("...", "…")
    abbreviated = not ends and rest.startswith(".")
    if abbreviated:
        rest = rest[1:]
    for characters, mark in MARKS:
        if any(c in characters for c in rest):
            found = mark
            break
    if not found and "--" in closing:
        found = "—"
    if ends and found not in {".", "!", "?", "…"}:
        found = "."
    if not found and "\n" in gap:
        found = ","
    return found


def _settle(words: list[SpokenWord]) -> tuple[SpokenWord, ...]:
    """Hand the mark and the end of a silent word (a lone dash, an emoji) to the spoken word before it."""
    settled = list(words)
    for index, word in enumerate(settled):
        if word.spoken:
            continue
        mark: Mark = word.mark or ("—" if word.shown in {"-", "–", "—", "―", "--"} else "")
        host = index - 1
        while host >= 0 and not settled[host].spoken:
            host -= 1
        if host >= 0:
            given: dict[str, str] = {}
            if word.ends:
                given["ends"] = word.ends
            if mark and not settled[host].mark:
                given["mark"] = mark
            if given:
                settled[host] = settled[host].model_copy(update=given)
        settled[index] = word.model_copy(update={"mark": "", "ends": ""})
    return tuple(settled)
