"""Find who does what to whom, where, in a chunked sentence: one event for every verb."""

from __future__ import annotations

from dataclasses import dataclass, field

from kamishibai.models.text.reading.grammar import REFLEXIVES, words
from kamishibai.models.text.reading.nouns import kind_of
from kamishibai.models.text.reading.people import ROLES
from kamishibai.models.text.reading.phrases import Chunk, Phrase
from kamishibai.models.text.reading.verbs import INVERTS, MENTAL, MOTION, SAY, SEE, base_form

_MADE = words(
    "bake make build have find see buy own cook prepare discover get receive draw paint knit live be"
)
_CAUSE = frozenset({"let", "make", "help"})

__all__ = ["Event", "events_of"]


@dataclass
class Event:
    """One verb with its subjects, objects, prepositions and adjectives."""

    verb: str
    form: str = ""
    """The verb as written."""
    subjects: list[Phrase] = field(default_factory=list)
    objects: list[Phrase] = field(default_factory=list)
    around: list[tuple[str, Phrase]] = field(default_factory=list)
    """(preposition, phrase) pairs, in order."""
    adjectives: list[str] = field(default_factory=list)
    adverbs: list[str] = field(default_factory=list)
    negated: bool = False
    unreal: bool = False
    """Thought, wished, planned or told: not to be seen."""
    later: bool = False
    """In an ``until`` clause: it ends the line, and belongs to what comes after."""
    quoted: bool = False
    passive: bool = False
    """Done to the subject: "was called", "was tossed"."""
    compared: list[Phrase] = field(default_factory=list)
    """Phrases of similes ("like a bird")."""


class _Walk:
    """The state of one pass over a sentence."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.waiting: list[Phrase] = []
        """Noun phrases that no verb has claimed yet."""
        self.hanging: list[tuple[str, Phrase]] = []
        """Prepositions in front of the first verb."""
        self.event: Event | None = None
        self.prep = ""
        self.negated = False
        self.unreal = False
        self.later = False
        self.infinitive = False
        self.auxiliaries: list[str] = []
        self.subjects: list[Phrase] = []
        self.conjoined = False
        self.clause_open = True
        self.relative = ""
        self.last_phrase: Phrase | None = None
        self.last_prep = ""
        self.anchor: Phrase | None = None
        """What the last "with" or "in" was said of, for the next one after an "and"."""
        self.placed = False
        """Whether the event has a place already, so that "with" goes back to who acts."""


def events_of(chunks: list[Chunk]) -> list[Event]:
    """Return the events of one sentence, in order. A sentence without a verb gives one with verb ``""``."""
    walk = _Walk()
    for i, chunk in enumerate(chunks):
        if chunk.kind == "NP" and chunk.phrase is not None:
            _phrase(walk, chunk.phrase, chunks, i)
        elif chunk.kind == "VERB":
            _verb(walk, chunk, chunks, i)
        elif chunk.kind == "AUX":
            walk.auxiliaries.append(chunk.token.lemma)
            if not _verb_follows(chunks, i):
                _verb(walk, chunk, chunks, i)
        elif chunk.kind == "PREP":
            walk.prep = chunk.token.lemma
        elif chunk.kind == "TO":
            _to(walk, chunks, i)
        elif chunk.kind == "NEG":
            walk.negated = True
            if walk.event is not None and walk.event.verb == "be" and not walk.event.objects:
                walk.event.negated = True
        elif chunk.kind == "ADJ":
            if walk.event is not None:
                walk.event.adjectives.append(chunk.token.low)
            walk.prep = ""
        elif chunk.kind == "ADV":
            if walk.event is not None:
                walk.event.adverbs.append(chunk.token.low)
            if walk.prep not in ("", "like", "as", "than"):
                walk.prep = ""
        else:
            _joint(walk, chunk, chunks, i)
    if walk.waiting or walk.hanging:
        bare = Event("", subjects=walk.waiting, around=walk.hanging, unreal=walk.unreal, later=walk.later)
        bare.quoted = any(p.quoted for p in walk.waiting)
        if walk.event is not None and not walk.event.quoted and walk.conjoined and not bare.quoted:
            # "Then a policeman stopped, and a baker, and a woman with a dog."
            bare.verb = walk.event.verb
        walk.events.append(bare)
    return walk.events


def _verb_follows(chunks: list[Chunk], i: int) -> bool:
    """Say whether the auxiliary at `i` helps a later verb ("was slowly walking"), rather than being the verb."""
    for chunk in chunks[i + 1 : i + 5]:
        if chunk.kind == "VERB":
            return True
        if chunk.kind == "AUX":
            return True
        if chunk.kind == "NP" and chunk.phrase and chunk.phrase.kind == "pronoun":
            continue  # a question: "did he run"
        if chunk.kind not in ("ADV", "NEG"):
            return False
    return False


def _phrase(walk: _Walk, phrase: Phrase, chunks: list[Chunk], i: int) -> None:
    before = chunks[i - 1] if i else None
    token = chunks[i].token
    if phrase.kind == "pronoun" and token.low in REFLEXIVES:
        walk.prep = ""
        return
    if walk.prep:
        _after_preposition(walk, phrase)
    elif (
        walk.last_prep
        and walk.conjoined
        and before
        and before.token.low in ("and", "or")
        and not _has_verb(chunks, i)
    ):
        # "with bags and umbrellas": the preposition goes on.
        walk.prep = walk.last_prep
        walk.last_phrase = walk.anchor or walk.last_phrase
        _after_preposition(walk, phrase)
    elif kind_of(phrase.head) == "time" and phrase.kind == "noun" and not phrase.owner:
        if walk.event is None or walk.clause_open:
            walk.hanging.append(("at", phrase))
        else:
            walk.event.around.append(("at", phrase))
        return
    elif walk.event is not None and _takes(walk, phrase, token.low, before, chunks, i):
        pass
    else:
        walk.waiting.append(phrase)
        walk.last_prep = ""
    walk.last_phrase = phrase
    walk.negated = False if walk.event is not None and not walk.waiting else walk.negated


def _takes(walk: _Walk, phrase: Phrase, low: str, before: Chunk | None, chunks: list[Chunk], i: int) -> bool:
    """Give `phrase` to the event before it, as object or late subject; False when it opens a clause of its own."""
    event = walk.event
    assert event is not None
    at_verb = before is not None and (
        before.kind in ("VERB", "AUX", "ADV") or (before.kind == "NP" and not walk.last_prep)
    )
    inverts = not event.subjects and at_verb and event.verb in INVERTS | SAY
    if walk.clause_open and not inverts:
        return False
    if inverts:
        event.subjects.append(phrase)
        walk.subjects = event.subjects
        return True
    if low in ("he", "she", "they", "i", "we") or (not at_verb and _has_verb(chunks, i)):
        return False
    if (
        _has_verb(chunks, i)
        and event.verb not in SEE | _CAUSE
        and not (before and before.token.low == event.form)
    ):
        return False
    if before is not None and before.kind == "CONJ" and not event.objects and event.subjects:
        event.subjects = [*event.subjects, phrase]  # "a policeman stopped, and a baker"
    else:
        if walk.negated or event.negated:
            phrase.negated = True
        event.objects.append(phrase)
    walk.last_prep = ""
    return True


def _has_verb(chunks: list[Chunk], i: int, across: bool = False) -> bool:
    """Say whether the phrase at `i` is the subject of a verb to come, rather than the object of the one before.

    `across` also looks past a conjunction ("and Mira and Tom ran").
    """
    j = i + 1
    while j < len(chunks):
        kind = chunks[j].kind
        following = chunks[j + 1].kind if j + 1 < len(chunks) else ""
        if kind in ("VERB", "AUX"):
            return not (chunks[j].token.low.endswith("ing") and kind == "VERB")
        if kind == "PREP" and following == "NP":
            j += 2
        elif kind in ("ADV", "NEG"):
            j += 1
        elif (across and kind == "CONJ" and following == "NP") or (
            across and kind == "PUNCT" and chunks[j].token.low == "," and following == "NP"
        ):
            j += 2
        else:
            return False
    return False


def _after_preposition(walk: _Walk, phrase: Phrase) -> None:
    prep, walk.prep = walk.prep, ""
    before, walk.last_prep = walk.last_prep, prep
    if prep == "without":
        phrase.negated = True
    simile = prep in ("like", "as", "than", "unlike", "instead of")
    if simile:
        if walk.event is not None:
            walk.event.compared.append(phrase)
        return
    last = walk.last_phrase
    bare = walk.event is None or bool(walk.waiting) or not walk.placed
    if (
        prep in ("with", "without", "of")
        and last is not None
        and bare
        and (
            _is_alive(last) or walk.event is None or (walk.event.verb in _MADE and last in walk.event.objects)
        )
    ):
        last.says_more.append((prep, phrase))
        walk.anchor = last
    elif prep == "in" and walk.last_phrase is not None and _is_worn(phrase):
        walk.anchor = walk.last_phrase
        walk.last_phrase.says_more.append((prep, phrase))
    elif (
        before == "with" != prep
        and last is not None
        and kind_of(phrase.head) in ("thing", "furniture", "body")
    ):
        last.says_more.append((prep, phrase))  # "with a crab in the basket"
    elif walk.event is None or walk.clause_open:
        walk.hanging.append((prep, phrase))
        if walk.waiting and walk.last_phrase is walk.waiting[-1]:
            walk.waiting[-1].says_more.append((prep, phrase))
    else:
        walk.event.around.append((prep, phrase))
        walk.placed = prep not in ("with", "without", "of")
        if walk.event.objects and walk.last_phrase is walk.event.objects[-1]:
            walk.event.objects[-1].says_more.append((prep, phrase))


def _is_alive(phrase: Phrase) -> bool:
    return phrase.kind == "name" or phrase.head in ROLES or kind_of(phrase.head) in ("animal", "creature")


def _is_worn(phrase: Phrase) -> bool:
    return kind_of(phrase.head) == "clothes"


def _verb(walk: _Walk, chunk: Chunk, chunks: list[Chunk], i: int) -> None:
    token = chunk.token
    event = Event(token.lemma, form=token.low, quoted=token.quoted)
    event.negated = walk.negated
    event.unreal = walk.unreal
    event.later = walk.later
    event.passive = "be" in walk.auxiliaries and not token.low.endswith("ing") and token.tag == "VERB"
    participle = token.low.endswith("ing") and not walk.auxiliaries
    if walk.relative and not walk.waiting:
        event.subjects = [walk.last_phrase] if walk.last_phrase is not None else []
    elif walk.waiting:
        event.subjects = walk.waiting
    elif event.verb == "be" and i and chunks[i - 1].token.low == "there":
        event.subjects = []
    elif (
        (participle or _bare_after_seeing(walk, token.low))
        and walk.last_phrase is not None
        and i
        and chunks[i - 1].kind == "NP"
    ):
        event.subjects = [walk.last_phrase]  # "a firefly crying in the grass"
    elif walk.event is not None and (walk.conjoined or walk.infinitive or participle or walk.event.subjects):
        event.subjects = walk.event.subjects or walk.subjects
    if any(modal in walk.auxiliaries for modal in ("would", "could", "might", "should", "may")) and token.lemma not in (
        "see", "hear", "feel",
    ):  # fmt: skip
        event.unreal = True
    if walk.infinitive and walk.event is not None:
        governs = walk.event.verb
        event.unreal = event.unreal or governs in MENTAL or walk.event.unreal or governs in ("go", "refuse")
        # "left home to build a house": it is not built yet.
        event.unreal = event.unreal or (
            governs in MOTION and event.verb in ("build", "find", "seek", "become")
        )
        event.negated = event.negated or walk.event.negated
        if governs in SAY and walk.event.objects:
            event.subjects = walk.event.objects
            event.unreal = True
    event.around = walk.hanging
    walk.hanging, walk.waiting = [], []
    walk.placed = False
    # A new finite verb ends what was wished or negated, unless it is joined inside the wish.
    walk.negated = walk.infinitive = walk.conjoined = walk.clause_open = False
    walk.relative = ""
    walk.auxiliaries = []
    walk.event = event
    walk.last_prep = walk.prep = ""
    if event.subjects:
        walk.subjects = event.subjects
    if event.verb in MENTAL and not event.quoted:
        walk.unreal = True
    walk.events.append(event)


def _bare_after_seeing(walk: _Walk, form: str) -> bool:
    """Say whether a base form follows "saw the fox …" or "let it …"."""
    return (
        walk.event is not None
        and walk.event.verb in SEE | _CAUSE
        and bool(walk.event.objects)
        and base_form(form) == form
    )


def _to(walk: _Walk, chunks: list[Chunk], i: int) -> None:
    following = next((c for c in chunks[i + 1 : i + 3] if c.kind != "ADV"), None)
    if following is not None and following.kind in ("VERB", "AUX"):
        walk.infinitive = True
    else:
        walk.prep = "to"


def _joint(walk: _Walk, chunk: Chunk, chunks: list[Chunk], i: int) -> None:
    """Handle conjunctions, subordinators and punctuation: where one clause ends and another begins."""
    low = chunk.token.low
    walk.prep = ""
    if chunk.kind == "SUB":
        if walk.event is not None or walk.waiting:
            _subordinate(walk, low, chunks, i)
    elif chunk.kind == "CONJ":
        walk.conjoined = True
        if low in ("but",):
            walk.unreal = walk.later = False
            walk.clause_open = True
        following = chunks[i + 1] if i + 1 < len(chunks) else None
        if (
            following is not None
            and following.kind == "NP"
            and (
                _has_verb(chunks, i + 1)
                or (
                    following.phrase and _is_alive(following.phrase) and _has_verb(chunks, i + 1, across=True)
                )
            )
        ):
            walk.clause_open = True
            if not (walk.event is not None and walk.event.verb in MENTAL):
                walk.unreal = False
        elif following is not None and following.kind == "VERB" and walk.event is not None:
            # "wished to fly and jumped": a past tense beside the wish is real again.
            walk.unreal = walk.unreal and walk.event.form == walk.event.verb
    elif low[-1:] in ".!?;:…" or low in ("—", "–", "--") or low in '"“”«»„':
        _clause_ends(walk)
    elif low == ",":
        walk.last_prep = walk.last_prep if i + 1 < len(chunks) and chunks[i + 1].kind == "NP" else ""
        following = chunks[i + 1] if i + 1 < len(chunks) else None
        if following is not None and following.kind in ("SUB", "CONJ") and not walk.waiting:
            walk.conjoined = True
        if following is not None and following.kind == "NP" and _has_verb(chunks, i + 1, across=True):
            walk.clause_open = True
            walk.unreal = walk.unreal and walk.event is not None and walk.event.verb in MENTAL
        walk.conjoined = True


def _subordinate(walk: _Walk, low: str, chunks: list[Chunk], i: int) -> None:
    if low in ("who", "which", "whom") or (low == "that" and walk.event is None):
        walk.relative = low
        if walk.waiting:
            # The main verb comes later: keep its subject aside by letting the relative clause share it.
            walk.last_phrase = walk.waiting[-1]
        return
    if (
        low == "that"
        and walk.event is not None
        and walk.last_phrase is not None
        and i
        and chunks[i - 1].kind == "NP"
    ):
        walk.relative = low
        return
    if low == "until":
        walk.later = True
    if low in ("if", "as if", "as though", "whether", "unless", "because", "why", "how"):
        walk.unreal = True
    elif low in ("when", "while", "where", "after", "before", "once") and not (
        walk.event is not None and walk.event.verb in MENTAL
    ):
        walk.unreal = False
    walk.clause_open = True
    walk.conjoined = False


def _clause_ends(walk: _Walk) -> None:
    if walk.waiting or walk.hanging:
        bare = Event("", subjects=walk.waiting, around=walk.hanging, unreal=walk.unreal)
        bare.quoted = any(p.quoted for p in walk.waiting)
        # A verb may still come for what stands before a closing quotation mark: keep only what is quoted apart.
        if bare.quoted or not walk.waiting:
            walk.events.append(bare)
            walk.waiting, walk.hanging = [], []
    walk.event = None
    walk.negated = walk.unreal = walk.later = walk.infinitive = walk.conjoined = False
    walk.clause_open = True
    walk.relative = ""
    walk.auxiliaries = []
