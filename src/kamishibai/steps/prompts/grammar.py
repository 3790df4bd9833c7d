"""English small change: articles, plurals, counts, lists, and a verb as somebody seen doing it."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["article", "counted", "doing", "listed", "plural"]


def _words(text: str) -> list[str]:
    return text.split()


_COUNTS = _words("no one two three four five six seven eight nine ten eleven twelve")
_UNCOUNTED = frozenset(
    _words(
        "water sand snow grass honey bread rice milk juice hair smoke fire ice cream cheese moonlight sunlight candlelight mud fog"
    )
)
_IRREGULAR = {
    "child": "children", "man": "men", "woman": "women", "person": "people", "mouse": "mice", "goose": "geese",
    "wolf": "wolves", "leaf": "leaves", "fish": "fish", "sheep": "sheep", "deer": "deer",
}  # fmt: skip

_SEEN = _words(
    "blink point cry sing eat drink read write paint draw cook bake dig plant wave bow nod climb crawl tiptoe hide knock "
    "sleep yawn stretch laugh smile giggle whisper shout row sail dive splash juggle kneel sew knit fish build sweep "
    "wink weep tremble shiver pray drum whistle howl bark roar chirp play wander gallop gather rake hammer sneeze "
    "snore dream float glide hover soar flutter hop leap skip spin twirl dance swim fly run walk jump sit march creep "
    "ride skate ski drive wait rest cuddle listen stare gaze clap stumble chase dash race rush scurry"
)
"""Verbs that mean something to the eye without an object."""
_PAST = {
    "sang": "sing", "sung": "sing", "ate": "eat", "drank": "drink", "wrote": "write", "drew": "draw", "dug": "dig",
    "hid": "hide", "slept": "sleep", "swept": "sweep", "built": "build", "knelt": "kneel", "wept": "weep", "crept": "crawl",
    "dreamt": "dream", "leapt": "leap", "spun": "spin", "swam": "swim", "flew": "fly", "ran": "run", "sat": "sit",
    "rode": "ride", "drove": "drive", "dove": "dive", "shook": "tremble", "cried": "cry", "dived": "dive", "blew": "blow",
}  # fmt: skip
_DOUBLED = frozenset(_words("nod dig knit hop skip spin swim run sit clap drum"))


def _forms(verb: str) -> tuple[str, ...]:
    """Return a regular verb's other forms: he *waves*, *waved*, *waving*."""
    stem = verb[:-1] if verb.endswith("e") else verb + verb[-1] if verb in _DOUBLED else verb
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ies", verb[:-1] + "ied", verb + "ing"
    third = verb + ("es" if verb.endswith(("s", "sh", "ch", "x")) else "s")
    return third, stem + "ed", stem + "ing"


_BASE = {form: verb for verb in _SEEN for form in (verb, *_forms(verb))} | _PAST


def doing(action: str) -> str:
    """Return a storyboard's action as what is seen ("waved" → "waving"), or "" when one would see nothing of it.

    One verb alone counts only when it means something without an object (*found* what?); with more words
    ("juggles three apples") it is somebody's own description and is kept.
    """
    first, _, rest = action.lower().strip().partition(" ")
    base = _BASE.get(first)
    if base is not None:
        return f"{_forms(base)[2]} {rest}".strip()
    if not rest:
        return ""
    if first.endswith("ing"):
        return f"{first} {rest}"
    base = first[:-1] if first.endswith("s") and not first.endswith("ss") else first
    return f"{_forms(base)[2]} {rest}" if base.isalpha() and len(base) > 1 else ""


def counted(count: int, noun: str) -> str:
    """Return "a lantern", "three lanterns" or "many lanterns"."""
    if count == 1:
        return article(noun)
    return f"{_COUNTS[count] if count < len(_COUNTS) else 'many'} {plural(noun)}"


def article(noun: str) -> str:
    """Return `noun` after *a* or *an*, where it takes one."""
    last = noun.rsplit(" ", 1)[-1]
    if last in _UNCOUNTED or (last.endswith("s") and not last.endswith(("ss", "us"))):
        return noun
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def plural(noun: str) -> str:
    """Return the plural of `noun`; only its last word changes."""
    head, _, last = noun.rpartition(" ")
    if last in _IRREGULAR:
        last = _IRREGULAR[last]
    elif last.endswith(("fish", "sheep")):
        pass
    elif last.endswith(("s", "x", "ch", "sh")):
        last += "" if last.endswith("s") and not last.endswith("ss") else "es"
    elif last.endswith("y") and last[-2:-1] not in "aeiou":
        last = last[:-1] + "ies"
    else:
        last += "s"
    return f"{head} {last}".strip()


def listed(items: Sequence[str], *, apart: bool = False) -> str:
    """Return "a, b and c"; `apart` sets a comma before *and*, for phrases that would run into each other.

    Where an item has commas of its own, semicolons part them: "Nia, a girl; Theo, a boy; and a kite".
    """
    items = [item.rstrip(",") for item in items]
    if len(items) <= 1:
        return "".join(items)
    comma = ";" if any("," in item for item in items) else ","
    last = f"{comma} and " if comma == ";" or apart else " and "
    return f"{comma} ".join(items[:-1]) + last + items[-1]
