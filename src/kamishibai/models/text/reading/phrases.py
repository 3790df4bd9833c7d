"""Gather tagged tokens into noun phrases, verbs and prepositions: the pieces that clauses are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kamishibai.models.text.reading import grammar
from kamishibai.models.text.reading.grammar import words
from kamishibai.models.text.reading.nouns import KIND_OF, kind_of, singular
from kamishibai.models.text.reading.people import GROUPS, ROLES, TITLES
from kamishibai.models.text.reading.places import PLACES
from kamishibai.models.text.reading.tokens import Token

__all__ = ["Chunk", "Phrase", "chunks_of"]

_MEASURES = words(
    "pile bunch group flock swarm pack herd school row line handful heap stack couple pair lot lots "
    "hundreds thousands dozens piece slice bit kind sort crowd gang band team cluster scrap strip "
    "millions bundle drop number circle family litter colony variety speck crumb sheet gust ray beam "
    "blanket bed sea world field"
)
_CONTAINERS = words(
    "cup glass bowl jar pot bottle box basket plate bag bucket sack chest tin can mug jug pocket"
)


@dataclass
class Phrase:
    """A noun phrase: what it is called and everything said about it inside the phrase."""

    head: str = ""
    """Lemma of its noun (a compound where the table has one), or a name, or a pronoun's base (he, she, it, they …)."""
    kind: Literal["noun", "name", "pronoun"] = "noun"
    article: str = ""
    """Determiner in small letters; ``'s`` where an owner stands instead."""
    name: str = ""
    """The proper name in it, as written (``Captain Tom``)."""
    title: str = ""
    adjectives: list[str] = field(default_factory=list)
    modifiers: list[str] = field(default_factory=list)
    """Nouns before the head that make no known compound with it (stone, carrot)."""
    count: int = 1
    plural: bool = False
    counted: bool = False
    owner: Phrase | None = None
    of: Phrase | None = None
    says_more: list[tuple[str, Phrase]] = field(default_factory=list)
    """What prepositions hang on it: ("with", red hair)."""
    apposition: Phrase | None = None
    quoted: bool = False
    negated: bool = False
    start: int = 0

    def words(self) -> str:
        """Return the head with its modifiers, for a look-up by meaning."""
        return " ".join([*self.modifiers, self.head])


@dataclass
class Chunk:
    """A piece of a sentence. `token` is its (first) token, `phrase` is set for noun phrases."""

    kind: Literal["NP", "VERB", "AUX", "PREP", "CONJ", "SUB", "ADV", "ADJ", "TO", "NEG", "PUNCT"]
    token: Token
    phrase: Phrase | None = None


def chunks_of(tokens: list[Token]) -> list[Chunk]:
    """Return the chunks of one tagged sentence, with ``of`` phrases and appositions already joined."""
    chunks: list[Chunk] = []
    i = 0
    while i < len(tokens):
        token = tokens[i]
        if token.tag in ("DET", "POSS", "NUM", "NOUN", "NAME", "PRON", "ADJ", "PART"):
            phrase, end = _noun_phrase(tokens, i)
            if phrase is not None:
                chunks.append(Chunk("NP", token, phrase))
                i = end
                continue
        kind = token.tag
        if kind in ("DET", "POSS", "NUM", "PART"):
            kind = "ADV"  # a determiner with no noun after it ("and then another") says nothing to draw
        elif kind in ("NOUN", "NAME", "PRON"):
            kind = "ADV"
        chunks.append(Chunk(kind, token))  # type: ignore[arg-type]
        i += 1
    return _appositions(_joined_by_of(chunks))


def _noun_phrase(tokens: list[Token], i: int) -> tuple[Phrase | None, int]:
    """Return the phrase that starts at token `i` and the index after it, or (None, i)."""
    phrase = Phrase(start=i, quoted=tokens[i].quoted)
    first = tokens[i]
    if first.tag == "PRON":
        phrase.kind, phrase.head = "pronoun", first.lemma
        phrase.plural = first.lemma in ("they", "we", "everyone", "everybody")
        phrase.negated = first.low in ("nobody", "nothing", "none")
        return phrase, i + 1
    nouns: list[Token] = []
    names: list[Token] = []
    while i < len(tokens) and tokens[i].quoted == phrase.quoted:
        token = tokens[i]
        if token.tag == "PART":
            if not nouns and not names:
                return None, i
            owner = _finished(phrase, nouns, names)
            phrase = Phrase(article="'s", owner=owner, start=i, quoted=token.quoted)
            nouns, names = [], []
        elif token.tag in ("DET", "POSS") and not nouns and not names:
            _determine(phrase, token)
        elif token.tag == "NUM" and not nouns and not names:
            _number(phrase, token)
        elif token.tag == "ADJ" and not nouns and not names:
            phrase.adjectives.append(token.low)
        elif token.tag == "ADJ" and nouns and f"{nouns[-1].low} {token.low}" in KIND_OF:
            nouns.append(token)
        elif token.tag == "NOUN" and not names:
            if nouns and nouns[-1].plural and not _compound(nouns[-1], token):
                break
            nouns.append(token)
        elif token.tag == "NAME":
            names.append(token)
        elif _joins_adjectives(tokens, i, nouns, names):
            pass
        else:
            break
        i += 1
    if not nouns and not names:
        return None, i
    return _finished(phrase, nouns, names), i


def _determine(phrase: Phrase, token: Token) -> None:
    if token.tag == "POSS":
        phrase.article = token.low
        phrase.owner = Phrase(head=token.lemma, kind="pronoun", quoted=token.quoted)
    else:
        phrase.article = phrase.article or token.low
        phrase.negated = phrase.negated or token.low in ("no", "neither")
        if token.low in ("both", "all", "some"):
            phrase.count = grammar.QUANTITIES[token.low]


def _number(phrase: Phrase, token: Token) -> None:
    if token.low in grammar.NUMBERS:
        phrase.count = grammar.NUMBERS[token.low]
    elif token.low in grammar.QUANTITIES:
        phrase.count = grammar.QUANTITIES[token.low]
    elif token.low.isdigit():
        phrase.count = max(1, min(24, int(token.low[:4])))
    phrase.counted = True
    phrase.article = phrase.article or token.low


def _joins_adjectives(tokens: list[Token], i: int, nouns: list[Token], names: list[Token]) -> bool:
    """Say whether the mark or word at `i` stands between two adjectives of one phrase ("small, pale ghost")."""
    if nouns or names or i == 0 or i + 2 >= len(tokens) or tokens[i - 1].tag != "ADJ":
        return False
    joins = tokens[i].low in (",", "and", "but", "very")
    return joins and tokens[i + 1].tag == "ADJ" and tokens[i + 2].tag in ("ADJ", "NOUN")


def _compound(first: Token, second: Token) -> str | None:
    for left in (first.lemma, first.low):
        for right in (second.lemma, second.low):
            word = f"{left} {right}"
            if word in KIND_OF or word in ROLES or word in PLACES:
                return word
    return None


def _finished(phrase: Phrase, nouns: list[Token], names: list[Token]) -> Phrase:
    if nouns:
        last = nouns[-1]
        phrase.head, phrase.plural = last.lemma, last.plural
        rest = nouns[:-1]
        if rest and (compound := _compound(rest[-1], last)):
            phrase.head, rest = compound, rest[:-1]
        phrase.modifiers = [t.lemma for t in rest]
        young = phrase.head in ("child", "baby", "kid", "mother", "father", "mama", "papa", "family")
        if rest and young and kind_of(rest[-1].lemma) == "animal":
            # "six mouse children": small mice.
            if phrase.head in ("child", "baby", "kid"):
                phrase.adjectives.append("small")
            phrase.plural = phrase.plural or phrase.head == "family"
            phrase.head, phrase.modifiers = rest[-1].lemma, phrase.modifiers[:-1]
    if names:
        if not nouns:
            phrase.kind = "name"
            phrase.head = names[-1].low
        elif nouns[-1].low in TITLES and nouns[-1].text[0].isupper():
            names = [nouns[-1], *names]
        phrase.name = " ".join(t.text for t in names)
        low = names[0].low.rstrip(".")
        if low in TITLES:
            phrase.title = low
    if nouns and not phrase.plural and not phrase.article and kind_of(phrase.head) == "animal":
        # "past silver fish": without an article there are several.
        phrase.plural = singular(phrase.head)[0] == phrase.head and phrase.head.endswith(
            ("fish", "sheep", "deer", "moose")
        )
    if phrase.plural and phrase.count == 1 and phrase.article not in ("a", "an", "one"):
        phrase.count = 3
    return phrase


def _joined_by_of(chunks: list[Chunk]) -> list[Chunk]:
    """Join ``a pile | of | books`` into one phrase about books, and ``cup | of | tea`` into one about a cup."""
    joined: list[Chunk] = []
    i = 0
    while i < len(chunks):
        chunk = chunks[i]
        following = chunks[i + 1 : i + 3]
        is_of = len(following) == 2 and following[0].token.low == "of" and following[1].kind == "NP"
        if chunk.kind == "NP" and chunk.phrase and is_of and following[1].phrase:
            chunks[i + 2] = Chunk("NP", chunk.token, _of(chunk.phrase, following[1].phrase))
            i += 2
            continue
        joined.append(chunk)
        i += 1
    return joined


def _of(first: Phrase, second: Phrase) -> Phrase:
    number = first.article in grammar.NUMBERS or first.article in grammar.QUANTITIES
    if first.head in _MEASURES and kind_of(second.head) not in ("abstract", "time"):
        group = GROUPS.get(first.head, 1)
        second.count = max(second.count, group) if second.plural else second.count
        second.counted = second.counted or second.plural
        second.article = first.article
        second.adjectives = [*first.adjectives, *second.adjectives]
        second.start = first.start
        return second
    if first.head in _CONTAINERS and second.kind == "noun" and not second.article:
        first.of = second
        return first
    if first.head in grammar.NUMBERS or (number and first.kind == "pronoun"):
        second.count = grammar.NUMBERS.get(first.head, first.count)
        second.counted = True
        return second
    first.of = second
    return first


def _appositions(chunks: list[Chunk]) -> list[Chunk]:
    """Tie ``Mira, a small girl with red hair,`` and ``a girl named Mira`` together."""
    kept: list[Chunk] = []
    i = 0
    while i < len(chunks):
        chunk = chunks[i]
        if chunk.kind == "NP" and chunk.phrase and not chunk.phrase.quoted:
            end = _apposed(chunks, i)
            if end:
                i = end
                kept.append(chunk)
                continue
        kept.append(chunk)
        i += 1
    return kept


def _apposed(chunks: list[Chunk], i: int) -> int:
    """Return the index after the apposition to the phrase at `i`, having noted it there; 0 where there is none."""
    phrase = chunks[i].phrase
    assert phrase is not None
    rest = chunks[i + 1 :]
    kinds = [c.kind for c in rest[:3]]
    if kinds[:2] == ["VERB", "NP"] and rest[0].token.low in ("named", "called") and rest[1].phrase:
        named = rest[1].phrase
        if named.name and phrase.kind == "noun":
            phrase.name = named.name
            return i + 3
    if kinds[:2] != ["PUNCT", "NP"] or rest[0].token.low != "," or rest[1].phrase is None:
        return 0
    other = rest[1].phrase
    named_first = (
        phrase.kind == "name"
        and other.kind == "noun"
        and other.article in ("a", "an", "the", "his", "her", "'s", "their")
    )
    named_second = phrase.kind == "noun" and other.kind == "name" and not other.article
    explained = (
        phrase.kind == other.kind == "noun"
        and phrase.head in ROLES
        and (other.head in ROLES or kind_of(other.head) == "animal")
        and phrase.article in ("the", "'s", "his", "her", "their", "my", "our")
        and other.article in ("a", "an")
    )  # "the farmer, a big man with a moustache,"
    if not (named_first or named_second or explained):
        return 0
    # The apposition runs on through its own prepositions up to the next comma, or to the end.
    end = i + 3
    while end + 1 < len(chunks) and chunks[end].kind in ("PREP", "CONJ") and chunks[end + 1].kind == "NP":
        if chunks[end].kind == "CONJ" and chunks[end - 2].kind not in ("PREP", "CONJ"):
            return 0  # "Mira, a fox and a bear": a list
        inner = chunks[end + 1].phrase
        if inner is not None:
            other.says_more.append((_preposition_of(chunks, end), inner))
        end += 2
    closes = end >= len(chunks) or chunks[end].kind == "PUNCT"
    if not closes or (end + 1 < len(chunks) and chunks[end + 1].kind == "CONJ" and chunks[end].token.low == "," and end == i + 3
                      and any(c.kind == "NP" for c in chunks[end + 1 : end + 3])):  # fmt: skip
        return 0
    if explained and not (end + 1 < len(chunks) and chunks[end + 1].kind in ("VERB", "AUX", "ADV")):
        return 0
    if named_second:
        phrase.name = other.name
    else:
        phrase.apposition = other
    return end + 1 if end < len(chunks) and chunks[end].token.low == "," else end


def _preposition_of(chunks: list[Chunk], at: int) -> str:
    """Return the preposition that holds at `at`: an ``and`` carries on the one before it."""
    while at >= 2 and chunks[at].kind == "CONJ":
        at -= 2
    return chunks[at].token.lemma
