"""Say what part of speech each token is, from the word tables and the words around it."""

from __future__ import annotations

from dataclasses import replace

from kamishibai.models.text.reading import grammar
from kamishibai.models.text.reading.adjectives import ADJECTIVES, COLOURS
from kamishibai.models.text.reading.nouns import KIND_OF, kind_of, singular
from kamishibai.models.text.reading.people import FEMALE_NAMES, MALE_NAMES, PLURAL_ROLES
from kamishibai.models.text.reading.tokens import FIRST_WORDS, Token, is_noun
from kamishibai.models.text.reading.verbs import base_form

__all__ = ["tag"]

_PHRASAL = grammar.words(
    "pick-up put-on put-down put-up put-out put-away take-off take-out lift-up hold-up hold-out light-up set-up set-down "
    "give-up give-away turn-on turn-off blow-out blow-up throw-away throw-out pull-out pull-off pull-on hang-up lay-down "
    "dig-up dig-out fill-up open-up tear-off tear-up switch-on switch-off knock-over carry-away cut-down bring-back "
    "bring-out hand-over let-out let-in wake-up call-out tie-up wipe-off try-on slip-on eat-up drink-up clean-up"
)


def tag(sentence: list[Token], names: frozenset[str]) -> list[Token]:
    """Return `sentence` with a part of speech and a lemma on every token."""
    tagged: list[Token] = []
    for i, token in enumerate(sentence):
        if token.tag in ("PUNCT", "PART", "NEG"):
            tagged.append(token)
            continue
        tagged.append(_tag_one(sentence, i, tagged, names))
    return tagged


def _tag_one(sentence: list[Token], i: int, before: list[Token], names: frozenset[str]) -> Token:
    token = sentence[i]
    low = token.low
    words = [t for t in before if t.tag != "PUNCT" or t.low[-1] in ",.;:"]
    last = words[-1] if words else None
    following = next((t for t in sentence[i + 1 :] if t.tag not in ("PUNCT",)), None)
    after = following.low if following else ""
    if token.tag == "NUM":
        return token
    name = _as_name(token, last, after, names)
    if name:
        return replace(token, tag="NAME", lemma=low)
    if low == "as" and _opens_clause(sentence[i + 1 :]):
        return replace(token, tag="SUB", lemma="while")
    closed = _closed_class(token, last, after)
    if closed is not None:
        return closed
    return _open_class(token, last, after, sentence[i + 1 :])


def _opens_clause(rest: list[Token]) -> bool:
    """Say whether "as" means *while*: "as the storm came closer", not "as white as snow"."""
    words = [t for t in rest if t.tag != "PUNCT"][:5]
    if not words or words[0].low not in (
        "the",
        "a",
        "he",
        "she",
        "it",
        "they",
        "his",
        "her",
        "i",
        "we",
        "their",
    ):
        return False
    if any(t.low == "as" for t in words):
        return False
    return any(base_form(t.low) and not is_noun(t.low) and t.low != base_form(t.low) for t in words[1:])


def _as_name(token: Token, last: Token | None, after: str, names: frozenset[str]) -> bool:
    if not token.text[0].isupper() or token.low in ("i",):
        return False
    if last is not None and last.tag == "NAME" and last.low in ("mr", "mrs", "ms", "miss", "mister", "dr"):
        return True  # "Mr Baker"
    if token.low in names:
        return not (token.first and token.low in FIRST_WORDS)
    given = token.low in FEMALE_NAMES or token.low in MALE_NAMES
    if token.first and given and not is_noun(token.low) and token.low not in FIRST_WORDS:
        return True
    # "Rose smiled": a flower would have its article.
    if token.first and given and is_noun(token.low):
        return base_form(after) is not None or after in grammar.AUXILIARIES or after in ("and", "'s")
    return False


def _closed_class(token: Token, last: Token | None, after: str) -> Token | None:
    low = token.low
    before = last.tag if last else None
    if low in ("not", "never", "cannot"):
        return replace(token, tag="NEG", lemma="not")
    if low == "her" or low == "his":
        open_next = after and (
            is_noun(after) or after in ADJECTIVES or after in grammar.NUMBERS or after.endswith("s")
        )
        blocked = (
            after in grammar.PREPOSITIONS or after in grammar.CONJUNCTIONS or after in grammar.DETERMINERS
        )
        possessive = (
            low == "his"
            or (open_next and not blocked)
            or (after and not blocked and after not in FIRST_WORDS)
        )
        return replace(token, tag="POSS" if possessive else "PRON", lemma="she" if low == "her" else "he")
    if low in grammar.POSSESSIVES:
        return replace(token, tag="POSS", lemma=grammar.POSSESSIVES[low])
    if low in grammar.PRONOUNS or low in grammar.REFLEXIVES:
        return replace(token, tag="PRON", lemma=grammar.PRONOUNS.get(low) or grammar.REFLEXIVES[low])
    if low in grammar.ADVERB_PHRASES:
        return replace(token, tag="ADV", lemma=low)
    if low in ("who", "whom", "which", "how", "why"):
        return replace(token, tag="SUB", lemma=low)
    if low == "that":
        noun_next = is_noun(after) or after in ADJECTIVES
        return replace(token, tag="DET" if noun_next and before not in ("VERB", "NOUN") else "SUB", lemma=low)
    if low == "to":
        return replace(token, tag="TO", lemma="to")
    if low == "like":
        if before in ("PRON", "AUX", "TO", "NEG") or (
            last and last.lemma in ("not", "do", "would", "also", "really")
        ):
            return replace(token, tag="VERB", lemma="like")
        return replace(token, tag="PREP", lemma="like")
    if low in ("as", "than"):
        return replace(token, tag="PREP", lemma=low)
    if low in (
        "while",
        "until",
        "till",
        "because",
        "if",
        "though",
        "although",
        "unless",
        "when",
        "whenever",
        "where",
        "once",
    ):
        if low == "while" and last and last.low in ("a", "little", "long", "short"):
            return replace(token, tag="NOUN", lemma="while")
        if low == "once" and after not in ("the", "a", "he", "she", "it", "they"):
            return replace(token, tag="ADV", lemma=low)
        return replace(token, tag="SUB", lemma="until" if low == "till" else low)
    if low in grammar.NUMBERS and after == "of":
        return replace(token, tag="NOUN", lemma=low, plural=True)
    if low in grammar.NUMBERS:
        return replace(token, tag="NUM", lemma=low)
    if low in grammar.CONJUNCTIONS and low not in ("so", "then", "yet"):
        return replace(token, tag="CONJ", lemma=low)
    if low == "since":
        return replace(token, tag="PREP" if after in grammar.DETERMINERS | {"that"} else "SUB", lemma=low)
    if low in ("so", "then", "yet"):
        return replace(token, tag="ADV", lemma=low)
    if low in ("all", "both") and before == "PRON" and (base_form(after) or after in grammar.AUXILIARIES):
        return replace(token, tag="ADV", lemma=low)  # "they all ate"
    if low in grammar.DETERMINERS:
        return replace(token, tag="DET", lemma=low)
    if low in grammar.INDEFINITE_PRONOUNS:
        return replace(token, tag="PRON", lemma=low)
    if low in ("many", "several", "few", "couple", "countless", "numerous", "various"):
        return replace(token, tag="NUM", lemma=low)
    if low in ("lit", "might", "may", "can", "will") and before in ("DET", "POSS", "ADJ"):
        return None
    if low in grammar.AUXILIARIES:
        return replace(token, tag="AUX", lemma=grammar.AUXILIARIES[low])
    if low in grammar.PREPOSITIONS:
        return _preposition(token, last, after)
    return None


def _preposition(token: Token, last: Token | None, after: str) -> Token:
    """Tell ``ran up the hill`` from ``got up``, and ``past`` the noun from the preposition."""
    low = token.low
    noun_follows = (
        after in grammar.DETERMINERS
        or after in grammar.POSSESSIVES
        or after in grammar.PRONOUNS
        or after in grammar.REFLEXIVES
        or after in grammar.NUMBERS
        or after in grammar.INDEFINITE_PRONOUNS
        or after in grammar.QUANTITIES
        or after in ADJECTIVES
        or is_noun(after)
        or (after != "" and after not in FIRST_WORDS and base_form(after) is None)
        or (
            after.endswith("ing")
            and low in ("by", "without", "for", "of", "after", "before", "about", "from", "in", "like", "at")
        )
        or (after.endswith("ed") and after not in FIRST_WORDS)
    )
    if " " in low:
        return replace(token, tag="PREP", lemma=low)
    if last is not None and last.tag == "VERB" and f"{last.lemma} {low}" in _PHRASAL:
        return replace(token, tag="ADV", lemma=low)  # "picked up a shell"
    adverbial = low in ("up", "down", "off", "out", "over", "in", "on", "around", "round", "along", "by", "past", "inside",
                        "outside", "through", "across", "behind", "below", "above", "underneath", "about", "aboard", "near")  # fmt: skip
    if (
        low in ("round", "near", "inside", "outside")
        and last
        and last.low in ("with", "a", "the", "his", "her", "two")
    ):
        return replace(token, tag="ADJ", lemma=low)
    if adverbial and not noun_follows:
        return replace(token, tag="ADV", lemma=low)
    if low in ("after", "before", "since") and (after in ("he", "she", "it", "they", "i", "we")):
        return replace(token, tag="SUB", lemma=low)
    return replace(token, tag="PREP", lemma=low)


_NOUN_BEFORE = ("DET", "POSS", "ADJ", "NUM", "PART")


def _open_class(token: Token, last: Token | None, after: str, rest: list[Token]) -> Token:
    low = token.low
    before = last.tag if last else None
    noun = is_noun(low)
    verb = base_form(low)
    one, plural = singular(low)
    as_noun = replace(token, tag="NOUN", lemma=PLURAL_ROLES.get(low, one), plural=plural)
    inside_phrase = before in _NOUN_BEFORE
    follows_be = last is not None and last.lemma == "be"
    acts = before in ("NOUN", "NAME", "PRON", "CONJ", "SUB", "ADV", "VERB") and not follows_be
    if low in ADJECTIVES and verb and acts and low not in ("open", "free", "asleep"):
        return replace(token, tag="VERB", lemma=verb)
    stems = (low[:-2], low[:-1], low[:-3], low[:-3] + "y")
    if (
        low.endswith("er")
        and not noun
        and any(stem in ADJECTIVES or stem in grammar.ADVERBS for stem in stems)
    ):
        return replace(token, tag="ADJ" if inside_phrase and _opens_noun(after) else "ADV", lemma=low)
    if low.endswith("est") and not noun and any(stem in ADJECTIVES for stem in stems):
        return replace(token, tag="ADJ", lemma=low)
    if low in ADJECTIVES and not (noun and low not in COLOURS):
        return replace(token, tag="ADJ", lemma=low)
    if low in ADJECTIVES and noun:
        return _adjective_or_noun(token, as_noun, after, before, verb)
    if low.endswith("ly") and not noun and low not in ("family", "fly", "butterfly", "only", "early"):
        return replace(token, tag="ADV", lemma=low)
    if low in grammar.ADVERBS and not (inside_phrase and noun):
        return replace(token, tag="ADV", lemma=low)
    if verb and not noun:
        # "a burning house", "the fallen leaves": a verb form inside a noun phrase is an adjective.
        form = low.endswith(("ing", "ed", "en")) or low in (
            "lost",
            "broken",
            "torn",
            "frozen",
            "hidden",
            "worn",
            "lit",
        )
        if inside_phrase and form and _opens_noun(after):
            return replace(token, tag="ADJ", lemma=low)
        if before in ("DET", "POSS", "ADJ") and not form and not follows_be:
            return as_noun
        if (
            form
            and low.endswith(("ing", "ed"))
            and before == "PREP"
            and _opens_noun(after)
            and low.endswith("ed")
        ):
            return replace(token, tag="ADJ", lemma=low)
        return replace(token, tag="VERB", lemma=verb)
    if noun and verb:
        return _noun_or_verb(token, as_noun, verb, last, after)
    if noun:
        return as_noun
    if (
        inside_phrase
        and _opens_noun(after)
        and (
            low.endswith(
                (
                    "y",
                    "ful",
                    "ous",
                    "ish",
                    "less",
                    "able",
                    "ible",
                    "ic",
                    "al",
                    "ive",
                    "en",
                    "est",
                    "ant",
                    "ent",
                    "ed",
                    "ing",
                )
            )
        )
    ):
        return replace(token, tag="ADJ", lemma=low)
    if (
        "-" in low
        and (low.endswith(("ed", "ing", "old")) or low.split("-")[-1] in ADJECTIVES)
        and inside_phrase
    ):
        return replace(token, tag="ADJ", lemma=low)
    if not inside_phrase and low.endswith("ed") and len(low) > 4:
        return replace(token, tag="VERB", lemma=low[:-2])
    if not inside_phrase and low.endswith("ing") and len(low) > 5:
        return replace(token, tag="VERB", lemma=low[:-3])
    return as_noun


def _opens_noun(after: str) -> bool:
    return bool(after) and (
        is_noun(after) or after in ADJECTIVES or (after not in FIRST_WORDS and after not in ("'s", "n't"))
    )


def _adjective_or_noun(
    token: Token, as_noun: Token, after: str, before: str | None, verb: str | None
) -> Token:
    """``a light box`` or ``a light``; ``an orange cat`` or ``an orange``."""
    if is_noun(after) or after in ADJECTIVES:
        return replace(token, tag="ADJ", lemma=token.low)
    if before in ("DET", "POSS", "ADJ", "NUM", "PART", "PREP"):
        return as_noun
    if verb and before in ("NOUN", "NAME", "PRON", "AUX", "TO"):
        return replace(token, tag="VERB", lemma=verb)
    return replace(token, tag="ADJ", lemma=token.low)


def _noun_or_verb(token: Token, as_noun: Token, verb: str, last: Token | None, after: str) -> Token:
    """``a walk`` or ``they walk``; ``the bear`` or ``to bear``; ``saw a saw``."""
    as_verb = replace(token, tag="VERB", lemma=verb)
    before = last.tag if last else None
    if before in ("DET", "POSS", "NUM", "PART"):
        # "the twins watch" has its noun already; "two watches" has not.
        return as_noun
    if before == "ADJ":
        return as_noun
    if before in ("TO", "PRON", "AUX", "NEG"):
        follows_be = last is not None and last.lemma == "be" and not token.low.endswith(("ing", "ed"))
        past_noun = token.low in KIND_OF and follows_be and token.low not in ("lit",)
        if before == "TO" and token.low != verb:
            return as_noun  # "to dances": not an infinitive
        return as_noun if past_noun else as_verb
    if before == "PREP":
        return as_verb if token.low.endswith("ing") and kind_of(token.low) == "unknown" else as_noun
    if before in ("NOUN", "NAME"):
        object_follows = (
            after in grammar.DETERMINERS
            or after in grammar.POSSESSIVES
            or after in grammar.PREPOSITIONS
            or after in grammar.PRONOUNS
            or after in grammar.ADVERBS
            or after in ("to", "and", "")
            or after.endswith("ly")
        )
        past = token.low.endswith("ed") or token.low in (
            "saw",
            "left",
            "rose",
            "found",
            "fell",
            "felt",
            "lit",
            "shot",
            "set",
            "lay",
        )
        if before == "NAME":
            return as_verb
        return as_verb if past or (object_follows and token.low != verb + "s" and last is not None and last.plural) or (
            token.low.endswith("s") and object_follows and last is not None and not last.plural
        ) else as_noun  # fmt: skip
    if token.low.endswith("ed") or token.low.endswith("ing"):
        return as_verb
    if before in ("CONJ", "ADV", "PUNCT", "SUB"):
        return as_verb if after in grammar.DETERMINERS or after in grammar.POSSESSIVES or (
            before == "ADV" or after in ("up", "down", "into", "onto", "out", "off", "over", "across", "to", "through", "along")
        ) else as_noun  # fmt: skip
    if before == "VERB":
        return as_noun
    return as_verb if token.first and after in grammar.DETERMINERS else as_noun
