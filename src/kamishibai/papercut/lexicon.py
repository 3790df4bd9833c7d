"""What the illustrator knows by heart: the drawing, size and bearing of common story nouns (data/lexicon.txt)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal, cast

__all__ = ["Entry", "by_drawing", "entries", "lookup", "plain", "singulars"]

Rests = Literal["stands", "floats", "flies", "hangs", "swims", "lies"]
Faces = Literal["left", "right", "front"]


@dataclass(frozen=True)
class Entry:
    """One line of the table."""

    drawing: str
    """A code point, or ``person:``, ``puppet:``, ``own:`` and a name."""
    height_m: float
    rests: Rests
    faces: Faces
    flags: frozenset[str]
    words: tuple[str, ...]

    @property
    def glows(self) -> bool:
        """Whether it gives light."""
        return "glows" in self.flags

    @property
    def held(self) -> bool:
        """Whether it fits a hand."""
        return "held" in self.flags


_IRREGULAR = {
    "children": "child", "women": "woman", "men": "man", "people": "person", "mice": "mouse", "geese": "goose",
    "teeth": "tooth", "feet": "foot", "oxen": "ox", "wolves": "wolf", "leaves": "leaf", "loaves": "loaf",
    "knives": "knife", "wives": "wife", "elves": "elf", "shelves": "shelf", "calves": "calf", "halves": "half",
    "thieves": "thief", "dwarves": "dwarf", "dice": "die", "cacti": "cactus", "scarves": "scarf",
    "hooves": "hoof", "lives": "life",
}  # fmt: skip
_ARTICLES = re.compile(r"^(?:the|a|an|his|her|its|their|my|our|your|some|one) ")


def plain(noun: str) -> str:
    """Return a noun in lower case, without article, with single spaces."""
    text = re.sub(r"[\s_]+", " ", noun.replace("’", "'")).strip(' .,;:!?"“”').casefold()
    return _ARTICLES.sub("", text)


def singulars(noun: str) -> tuple[str, ...]:
    """Return a plain noun followed by what it may be the plural of, likeliest first."""
    head, _, tail = noun.rpartition(" ")
    out = [noun]
    candidates: list[str] = []
    if tail in _IRREGULAR:
        candidates.append(_IRREGULAR[tail])
    elif tail.endswith("men") and len(tail) > 4:
        candidates.append(tail[:-3] + "man")
    elif tail.endswith("ies") and len(tail) > 4:
        candidates += [tail[:-3] + "y", tail[:-1]]
    elif tail.endswith(("ches", "shes", "sses", "xes", "zes", "oes")):
        candidates += [tail[:-2], tail[:-1]]
    elif tail.endswith("s") and not tail.endswith(("ss", "us", "is")) and len(tail) > 3:
        candidates += [tail[:-1]]
    out += [f"{head} {one}" if head else one for one in candidates]
    return tuple(out)


@lru_cache(maxsize=1)
def entries() -> tuple[Entry, ...]:
    """Return the whole table in its order."""
    out = []
    text = (files("kamishibai.papercut") / "data" / "lexicon.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        drawing, height, rests, faces, rest = line.split(maxsplit=4)
        flags, words = rest.split(maxsplit=1)
        out.append(
            Entry(
                drawing=drawing,
                height_m=float(height),
                rests=cast(Rests, rests),
                faces=cast(Faces, faces),
                flags=frozenset() if flags == "-" else frozenset(flags.split(",")),
                words=tuple(word.strip() for word in words.split(",")),
            )
        )
    return tuple(out)


@lru_cache(maxsize=1)
def _by_word() -> dict[str, Entry]:
    table: dict[str, Entry] = {}
    for entry in entries():
        for word in entry.words:
            table.setdefault(word, entry)
    return table


def lookup(noun: str) -> Entry | None:
    """Return the table's entry for a noun in singular or plural, or None."""
    table = _by_word()
    for candidate in singulars(plain(noun)):
        if candidate in table:
            return table[candidate]
    return None


@lru_cache(maxsize=1)
def by_drawing() -> dict[str, Entry]:
    """Return the first entry of each drawing."""
    table: dict[str, Entry] = {}
    for entry in entries():
        table.setdefault(entry.drawing, entry)
    return table
