"""Split a story's text into scenes: a line each, or a paragraph by sentences of about 8 to 25 words."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import pysbd

from kamishibai.documents.languages import is_spaceless

__all__ = ["Passage", "is_wordless", "measure", "plain", "sentences", "split_passages"]

SHORT, LONG, TOO_LONG = 8, 25, 32
"""Words: shorter sentences join a neighbour, longer ones stand alone, and beyond the last are cut at a clause."""
MAX_CHARS = 600

_FENCE = re.compile(r"^\s*(```|~~~)")
_RULE = re.compile(r"^\s*([-*_=~•·.]\s*){3,}$")
_BULLET = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+(?=\S)")
_HEADING = re.compile(r"^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_TAG = re.compile(
    r"</?(?:b|i|em|strong|u|s|p|br|hr|div|span|center|small|big|sub|sup|a|img|mark|font|h[1-6]|ul|ol|li|blockquote)"
    r"(?:\s[^<>]*)?/?>",
    re.I,
)
_SCRIPT_LINE = re.compile(r"^(?P<name>[^\s:\"“”«»„][^:\"“”«»„!?.,;]{0,39}?)\s*[:：]\s+(?P<said>\S.*)$", re.S)
_OPENERS = (
    "note notes chapter part act scene title author moral ps nb warning hint once then so the and but one "
    "remember finally first second third last next suddenly here there this that it time place"
)
_NOT_A_SPEAKER = frozenset(_OPENERS.split())
_SAID = (
    "said|says|asked|asks|whispered|whispers|cried|shouted|called|answered|replied|sighed|laughed|murmured|"
    "muttered|yelled|exclaimed|squeaked|squawked|barked|roared|croaked|chirped|growled|hooted|sang|begged|"
    "grumbled|giggled|gasped|announced|declared|added|wondered|explained|warned|promised|screamed|hissed|told"
)
_END_QUOTE = "\"”»’'"
_SAID_AFTER = re.compile(
    rf"[,!?.…—-]\s*[\"”»]\s*(?:(?:{_SAID})\s+(?P<a>(?:the|a|an|his|her|their|my|old|little)?\s*[\w' -]{{1,40}}?)"
    rf"|(?P<b>(?:the|his|her|their|my)\s+[\w'-]+(?:\s+[\w'-]+)?|[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+)?|[Ss]?[Hh]e|[Tt]hey|I)\s+(?:{_SAID})\b)"
    r"(?=[,.;:!?—]|\s+(?:and|as|to|in|with|from|at|softly|quietly|loudly|happily|sadly|gently|again|\w+ly|while|who)\b|$)"
)
_SAID_BEFORE = re.compile(
    rf"(?:^|[.;,]\s+)(?P<a>(?:[Tt]he|[Hh]is|[Hh]er|[Tt]heir|[Mm]y)\s+[\w'-]+(?:\s+[\w'-]+)?|[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+)?|[Ss]he|[Hh]e)"
    rf"\s+(?:\w+ly\s+)?(?:{_SAID})(?:\s+\w+ly)?\s*[,:]\s*[\"“«„]"
)
_CLAUSE = re.compile(
    r"(?<=[;:—–])\s+|\s+(?=[—–]\s)|(?<=,)\s+(?=(?:and|but|so|then|when|while|where|until|because|for|or|yet|as|"
    r"who|which|with)\b)|\s+(?=(?:and then|but|because|while|until)\s)"
)
_COMMA = re.compile(r"(?<=[,،、，；])\s*")


@dataclass(frozen=True)
class Passage:
    """One scene's worth of text, its line in the file, and who says it."""

    text: str
    number: int
    speaker: str | None = None


def split_passages(text: str, first_line: int = 1) -> tuple[str | None, list[Passage]]:
    """Return the title that `text` gives itself (its first heading), and its passages in order."""
    title, rows = _rows(text, first_line)
    passages: list[Passage] = []
    for block in _blocks(rows):
        for number, unit in _unwrapped(block):
            passages.extend(_scenes(unit, number))
    if not passages and title:
        passages = [Passage(title, first_line)]
    return title, passages


def measure(text: str) -> int:
    """Return the length of `text` in words; scripts without spaces count two letters a word."""
    if is_spaceless(text):
        return (sum(c.isalnum() for c in text) + 1) // 2
    return len(text.split())


def is_wordless(text: str) -> bool:
    """Say whether `text` has neither a letter, a digit, nor a symbol such as an emoji."""
    return not any(unicodedata.category(c)[0] in "LN" or unicodedata.category(c) == "So" for c in text)


def plain(text: str) -> str:
    """Return one line of Markdown without its marks."""
    text = re.sub(r"!\[([^\]]*)\]\([^)]*\)", "", text)
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\[\^[^\]]*\]", "", text)
    text = _TAG.sub(" ", text)
    text = re.sub(r"(?<![\\\w*])(\*{1,3})(?=\S)(.+?)(?<=\S)\1(?![\w*])", r"\2", text)
    text = re.sub(r"(?<![\\\w_])(_{1,3})(?=\S)(.+?)(?<=\S)\1(?![\w_])", r"\2", text)
    text = re.sub(r"~~(.+?)~~", r"\1", text)
    text = re.sub(r"(`+)(.+?)\1", r"\2", text)
    text = re.sub(r"\\([\\`*_{}\[\]()#+.!~>-])", r"\1", text)
    text = html.unescape(text) if re.search(r"&(?:\w{2,8}|#\d{1,6});", text) else text
    return re.sub(r"\s+", " ", text).strip()


def _rows(text: str, first_line: int) -> tuple[str | None, list[tuple[int, str]]]:
    """Return the title and the numbered rows; an empty row parts blocks. Comments and headings are gone."""
    text = re.sub(r"<!--.*?(-->|\Z)", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)
    title: str | None = None
    rows: list[tuple[int, str]] = []
    lines = text.split("\n")
    for i, raw in enumerate(lines):
        number = first_line + i
        heading = _HEADING.match(raw)
        following = lines[i + 1].strip() if i + 1 < len(lines) else ""
        # A title may also be underlined; "---" alone below text is taken for a break instead.
        underlined = raw.strip() and re.fullmatch(r"={3,}", following) and not raw.startswith((" ", "\t"))
        if heading or underlined:
            found = plain(heading.group(2) if heading else raw)
            title = title or (found if not is_wordless(found) else None)
            rows.append((number, ""))
        elif _FENCE.match(raw) or _RULE.match(raw):
            rows.append((number, ""))
        else:
            row = re.sub(r"^\s*(>\s?)+", "", raw)
            bullet = _BULLET.match(row)
            if bullet:
                rows.append((number, ""))
                row = row[bullet.end() :]
            rows.append((number, row.rstrip()))
    return title, rows


def _blocks(rows: list[tuple[int, str]]) -> list[list[tuple[int, str]]]:
    blocks: list[list[tuple[int, str]]] = [[]]
    for number, row in rows:
        if row.strip():
            blocks[-1].append((number, row.strip()))
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _unwrapped(block: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Join the rows of `block` that are one sentence wrapped by an editor; a row by itself stays a line."""
    rows = [row for _, row in block]
    lower = [row[0].islower() for row in rows]
    # A poem in small letters is not wrapped text.
    poem = all(lower) and len(rows) > 1
    runs_on = [
        not re.search(r"[.!?…:;。！？；।۔؟\"”»)\]’]$", row)
        and row[-1].isascii()
        and ((lower[i + 1] and not poem) or (len(row) >= 60 and not _SCRIPT_LINE.match(rows[i + 1])))
        for i, row in enumerate(rows[:-1])
    ]
    wrapped = any(runs_on) and all(len(row) >= 50 for row in rows[:-1])
    units: list[tuple[int, str]] = []
    for i, (number, row) in enumerate(block):
        if i and (wrapped or runs_on[i - 1]):
            units[-1] = (units[-1][0], f"{units[-1][1]} {row}")
        else:
            units.append((number, row))
    return units


def _scenes(unit: str, number: int) -> list[Passage]:
    text = plain(unit)
    speaker, text = _script_speaker(text)
    if not text or is_wordless(text):
        return []
    if measure(text) <= LONG and len(text) <= MAX_CHARS:
        pieces = [text]
    else:
        pieces = _merge([part for s in sentences(text) for part in _cut(s)])
    return [Passage(piece, number, speaker or said_by(piece)) for piece in pieces if not is_wordless(piece)]


def _script_speaker(text: str) -> tuple[str | None, str]:
    """Split ``Mira: "Hello!"`` into the speaker and what is said, without its quotation marks."""
    match = _SCRIPT_LINE.match(text)
    if not match:
        return None, text
    name, said = match["name"].strip(), match["said"].strip()
    words = name.split()
    quoted = said[0] in '"“«„' and said[-1] in '"”»“'
    titled = len(words) <= 3 and all(w[0].isupper() or not w[0].isalpha() for w in words)
    if words[0].lower() in _NOT_A_SPEAKER and not (words[0] == "The" and 1 < len(words) <= 3):
        return None, text
    if not (titled or (quoted and len(words) <= 3)) or not any(c.isalpha() for c in name):
        return None, text
    inner = said[1:-1].strip()
    if quoted and not any(mark in inner for mark in '"“”«»„'):
        said = inner
    return name, said


def said_by(text: str) -> str | None:
    """Return who says the quoted words in ``"…," said the fox``, or None."""
    match = _SAID_AFTER.search(text) or _SAID_BEFORE.search(text)
    if not match:
        return None
    groups = match.groupdict()
    name = (groups.get("a") or groups.get("b") or "").strip()
    name = re.sub(r"\s+(?:softly|quietly|loudly|\w+ly|again|and|as|to|in|with)$", "", name)
    if not name or name.lower() in ("to", "that", "if", "for", "it"):
        return None
    return name


@lru_cache(maxsize=1)
def _segmenter() -> pysbd.Segmenter:
    return pysbd.Segmenter(language="en", clean=False)


def sentences(text: str) -> list[str]:
    """Return the sentences of `text`, stripped; a quotation and who says it stay together."""
    if is_spaceless(text):
        found = re.findall(r".+?(?:[。！？!?…]+[」』”’）)]*|$)", text, flags=re.S)
    elif re.search(r"[।۔؟]", text):
        found = re.split(r"(?<=[।۔؟!.])\s+", text)
    else:
        found = [s for part in _bites(text) for s in _segmenter().segment(part)]
    return _reunited([s.strip() for s in found if s.strip()])


def _reunited(sentences: list[str]) -> list[str]:
    """Put ``"Where?"`` and ``she asked.`` together again where the splitter parted them."""
    joined: list[str] = []
    for sentence in sentences:
        if joined and (len(sentence) == 1 or (sentence[0].islower() and joined[-1][-1] in _END_QUOTE)):
            joined[-1] = f"{joined[-1]} {sentence}"
        else:
            joined.append(sentence)
    return joined


def _bites(text: str, size: int = 4000) -> list[str]:
    """Cut very long text near full stops, so that the splitter's patterns stay fast."""
    bites = []
    while len(text) > size:
        stop = max(text.rfind(mark, size // 2, size) for mark in (". ", "! ", "? ", " "))
        stop = stop + 1 if stop > 0 else size
        bites.append(text[:stop])
        text = text[stop:]
    return [*bites, text]


def _cut(sentence: str) -> list[str]:
    """Cut a sentence that is too long at clauses, then commas, then anywhere between words."""
    if measure(sentence) <= TOO_LONG and len(sentence) <= MAX_CHARS:
        return [sentence]
    pieces = [sentence]
    for pattern in (_CLAUSE, _COMMA):
        pieces = [part for piece in pieces for part in _cut_at(piece, pattern)]
    return [part for piece in pieces for part in _cut_anywhere(piece)]


def _cut_at(text: str, pattern: re.Pattern[str]) -> list[str]:
    """Cut at the fitting place nearest the middle until every piece is short enough or has no such place."""
    if measure(text) <= TOO_LONG and len(text) <= MAX_CHARS:
        return [text]
    cuts = [
        m for m in pattern.finditer(text) if measure(text[: m.start()]) >= 5 and measure(text[m.end() :]) >= 5
    ]
    if not cuts:
        return [text]
    best = min(cuts, key=lambda m: abs(m.start() - len(text) / 2))
    return [*_cut_at(text[: best.start()].strip(), pattern), *_cut_at(text[best.end() :].strip(), pattern)]


def _cut_anywhere(text: str) -> list[str]:
    if is_spaceless(text):
        return [text[i : i + 2 * LONG] for i in range(0, len(text), 2 * LONG)]
    pieces: list[str] = []
    rest = text
    while measure(rest) > 2 * TOO_LONG or len(rest) > MAX_CHARS:
        words = rest[: MAX_CHARS + 1].split(" ")[: LONG + 1]
        head = " ".join(words[:-1]) if len(words) > 1 else rest[:MAX_CHARS]
        pieces.append(head.strip())
        rest = rest[len(head) :].strip()
    return [*pieces, rest] if rest else pieces


def _merge(sentences: list[str]) -> list[str]:
    """Join neighbours while one of them is short and both fit into one scene."""
    gap = "" if sentences and is_spaceless(sentences[0]) else " "
    merged: list[str] = []
    for sentence in sentences:
        if merged and _belong(merged[-1], sentence):
            merged[-1] += gap + sentence
        else:
            merged.append(sentence)
    short = len(merged) > 1 and measure(merged[-1]) < SHORT and len(merged[-2]) + len(merged[-1]) < MAX_CHARS
    if short and measure(merged[-2]) + measure(merged[-1]) <= TOO_LONG:
        tail = merged.pop()
        merged[-1] += gap + tail
    return merged


def _belong(first: str, second: str) -> bool:
    if measure(first) >= SHORT and measure(second) >= SHORT:
        return False
    a, b = said_by(first), said_by(second)
    if a and b and a != b:
        return False
    return measure(first) + measure(second) <= LONG and len(first) + len(second) < MAX_CHARS
