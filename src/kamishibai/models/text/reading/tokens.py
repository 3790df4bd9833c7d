"""Cut a line into tokens, and find the names in a story by their capitals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from kamishibai.models.text.reading import grammar
from kamishibai.models.text.reading.adjectives import ADJECTIVES
from kamishibai.models.text.reading.nouns import kind_of, singular
from kamishibai.models.text.reading.people import (
    HUMAN_GROUPS,
    PLURAL_ROLES,
    ROLES,
    TITLES,
)
from kamishibai.models.text.reading.places import PLACES
from kamishibai.models.text.reading.verbs import base_form

__all__ = ["Tag", "Token", "FIRST_WORDS", "is_noun", "names_in", "sentences_of"]

Tag = Literal[
    "DET", "POSS", "NUM", "ADJ", "NOUN", "NAME", "PRON", "VERB", "AUX", "PREP", "CONJ", "SUB", "ADV", "TO", "NEG",
    "PART", "PUNCT",
]  # fmt: skip

_TOKEN = re.compile(
    r"(?P<quote>[\"“”«»„])|(?P<part>['’]s\b|(?<=s)['’](?=\s))|(?P<nt>n['’]t\b)|(?P<word>[^\W\d_]+(?:[-'’](?!s\b)[^\W\d_]+)*)"
    r"|(?P<number>\d+(?:[.,]\d+)*)|(?P<punct>[.!?…,;:()—–-]+)"
)
_PHRASES = sorted(
    (p for p in grammar.PREPOSITIONS | grammar.ADVERB_PHRASES if " " in p), key=lambda p: (-len(p), p)
)
_PHRASE = re.compile(r"\b(" + "|".join(_PHRASES) + r")\b", re.I)
# "The others are the words that open most sentences without being names."
FIRST_WORDS = (
    grammar.DETERMINERS
    | frozenset(grammar.POSSESSIVES)
    | frozenset(grammar.PRONOUNS)
    | grammar.PREPOSITIONS
    | grammar.CONJUNCTIONS
    | grammar.SUBORDINATORS
    | grammar.ADVERBS
    | frozenset(grammar.AUXILIARIES)
    | grammar.INDEFINITE_PRONOUNS
    | frozenset(grammar.NUMBERS)
    | frozenset(grammar.QUANTITIES)
)


@dataclass(frozen=True)
class Token:
    """One word or mark: `low` in small letters, `lemma` its base form, `quoted` inside quotation marks."""

    text: str
    low: str
    lemma: str = ""
    tag: Tag = "NOUN"
    plural: bool = False
    quoted: bool = False
    first: bool = False
    """Whether it opens a sentence."""


def is_noun(word: str) -> bool:
    """Say whether the lower-case `word`, singular or plural, is in a noun table."""
    one, _ = singular(word)
    return (
        kind_of(one) != "unknown"
        or kind_of(word) != "unknown"
        or one in ROLES
        or word in PLURAL_ROLES
        or word in HUMAN_GROUPS
        or word in PLACES
        or one in PLACES
    )


def sentences_of(text: str) -> list[list[Token]]:
    """Return the raw tokens of `text`, sentence by sentence; a quotation does not end its sentence."""
    text = re.sub(r"\b(Mr|Mrs|Ms|Dr|St|Prof)\.(?=\s)", r"\1", text)
    text = _PHRASE.sub(lambda m: m.group().replace(" ", "\u00b7"), text)
    text = re.sub(r"(?<=[^\W\d_])·(?=[^\W\d_])", "·", text)
    sentences: list[list[Token]] = [[]]
    quoted = False
    first = True
    for match in re.finditer(_TOKEN.pattern.replace("(?:[-'’]", "(?:[-'’·]"), text):
        kind, raw = str(match.lastgroup), match.group()
        if kind == "quote":
            quoted = raw in "“«„" or (raw == '"' and not quoted)
            sentences[-1].append(Token(raw, raw, raw, "PUNCT", quoted=quoted))
            first = first or quoted
            continue
        raw = raw.replace("·", " ").replace("’", "'")
        low = raw.lower()
        if kind == "part":
            sentences[-1].append(Token(raw, "'s", "'s", "PART", quoted=quoted))
        elif kind == "nt":
            sentences[-1].append(Token(raw, "n't", "not", "NEG", quoted=quoted))
        elif kind == "punct":
            sentences[-1].append(Token(raw, raw, raw, "PUNCT", quoted=quoted))
            if raw[-1] in ".!?…":
                first = True
                if not quoted:
                    sentences.append([])
        else:
            sentences[-1].append(
                Token(raw, low, low, "NUM" if kind == "number" else "NOUN", quoted=quoted, first=first)
            )
            first = False
    return [sentence for sentence in sentences if any(t.tag != "PUNCT" for t in sentence)]


def names_in(texts: list[str]) -> frozenset[str]:
    """Return the words (small letters) that the story writes with a capital where no sentence begins, or that
    can only be names where one does."""
    names: set[str] = set()
    plain: set[str] = set()
    openers: set[str] = set()
    for text in texts:
        for sentence in sentences_of(text):
            for before, token in zip([None, *sentence], sentence, strict=False):
                if not token.text[:1].isalpha():
                    continue
                capital = token.text[0].isupper() and not (len(token.text) > 1 and token.text.isupper())
                if not capital:
                    plain.add(token.low)
                elif token.first:
                    openers.add(token.low)
                elif (
                    token.low != "i"
                    and (
                        kind_of(singular(token.low)[0]) not in ("time", "nature")
                        or (before is not None and kind_of(before.low) == "animal")  # "her dog Comet"
                    )
                    and token.low not in FIRST_WORDS
                ):
                    names.add(token.low)
    names -= {n for n in names if n in plain and (is_noun(n) or n in TITLES)}
    for word in openers - plain:
        known = (
            word in FIRST_WORDS
            or is_noun(word)
            or word in ADJECTIVES
            or base_form(word)
            or word.endswith("ly")
        )
        if not known and not word.endswith(("ing", "ed")):
            names.add(word)
    return frozenset(names)
