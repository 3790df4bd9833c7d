"""Mends a picture prompt: the model's new one where it keeps the subject and names what was missing, else the old one.

Without a model the missing things are appended to the old prompt; that is the safety net, and a note says so.
"""

from __future__ import annotations

import re

from kamishibai.models.kinds import Mend, Mended
from kamishibai.models.text.llm.interview import Interview, cut_off, whole_fields
from kamishibai.models.text.llm.prompts import mend_prompt
from kamishibai.models.text.llm.schema import cleaned, mend_schema

__all__ = ["LONGEST_PROMPT", "appended", "mend", "missing_things"]

LONGEST_PROMPT = 2000
_MISSING = re.compile(
    r"^\W*(?:there (?:is|are) )?no (?P<a>.+?)(?: (?:is|are|was|were|can be))?(?: (?:seen|visible|there|shown|found))?\W*$"
    r"|^\W*(?P<b>.+?) (?:is|are|was|were) (?:missing|not (?:seen|visible|there|shown|in the picture))\W*$"
    r"|^\W*missing:? (?P<c>.+?)\W*$",
    re.IGNORECASE,
)
_SMALL_WORDS = (
    "a an the and or of in on at to with for from by is are was were be it its his her their this that very as into "
    "onto under over near beside behind before above between no not some one two three who which"
)
_SMALL = frozenset(_SMALL_WORDS.split())


def missing_things(faults: tuple[str, ...]) -> tuple[str, ...]:
    """Return the things that `faults` say are not seen: ``no lantern is seen`` → ``lantern``."""
    found = []
    for fault in faults:
        match = _MISSING.match(" ".join(fault.split()))
        if match:
            thing = cleaned(match["a"] or match["b"] or match["c"], 80)
            thing = re.sub(r"^(?:the|any|an?) ", "", thing, flags=re.IGNORECASE)
            if thing:
                found.append(thing)
    return tuple(dict.fromkeys(found))


def appended(ask: Mend, why: str = "") -> Mended:
    """Return the old prompt with the missing things at its end, in at most 2000 characters, and a note."""
    things = [thing for thing in missing_things(ask.faults) if thing.casefold() not in ask.prompt.casefold()]
    # What is named already is said again, more loudly: it was not seen all the same.
    things = things or list(missing_things(ask.faults))
    if not things:
        return Mended(
            prompt=ask.prompt[:LONGEST_PROMPT],
            notes=(f"{why}the prompt stays as it was: its faults name nothing that was missing",),
        )
    if ask.tags:
        more = "".join(f", {thing}" for thing in things)
    else:
        more = "".join(f", with {_an(thing)} clearly seen" for thing in things)
    more = more[: LONGEST_PROMPT // 2]
    old, notes = ask.prompt.rstrip(" ,.;"), [f"{why}{', '.join(things)} was added to the prompt as it was"]
    if len(old) + len(more) > LONGEST_PROMPT:
        old = old[: LONGEST_PROMPT - len(more)]
        notes.append("the prompt's end was cut to make room")
    return Mended(prompt=old + more if old else more[2:], notes=tuple(notes))


def mend(ask: Mend, interview: Interview) -> Mended:
    """Return the model's prompt, or the old one with the missing things appended when that is better."""
    longest = max(200, min(LONGEST_PROMPT, 2 * len(ask.prompt) + 100))
    prompt = mend_prompt(ask)
    if not interview.fits(prompt, min(longest // 3, interview.most)):
        return _instead(ask, interview, "the prompt and its faults are longer than its context")
    answer = interview.ask(prompt, mend_schema(longest), "mend", note="mending a prompt")
    if not answer.whole:
        return _instead(ask, interview, cut_off(answer).rstrip("."))
    new = _prompt(str(whole_fields(answer.text).get("prompt", "")))
    why = _refused(ask, new)
    return _instead(ask, interview, why) if why else Mended(prompt=new)


def _instead(ask: Mend, interview: Interview, why: str) -> Mended:
    return appended(ask, f"{interview.name} mended nothing ({why}): ")


def _prompt(text: str) -> str:
    """Return a model's prompt without tags, weights and marks that a picture model would read as commands."""
    text = re.sub(r"<[^<>]*>|[\x00-\x1f\x7f<>{}\[\]()|\\]|\w+://\S+", " ", text)
    text = "".join(char for char in text if char.isprintable())
    return re.sub(r"\s+([,.])", r"\1", " ".join(text.split()))[:LONGEST_PROMPT].strip(" ,;")


def _refused(ask: Mend, new: str) -> str:
    """Return why a new prompt is not better than the old one; empty when it may be."""
    if not any(char.isalpha() for char in new):
        return "its answer was empty"
    if _words(new) == _words(ask.prompt):
        return "its answer was the old prompt"
    said = set(_words(new))
    lost = [word for word in _subject(ask) if word not in said]
    if lost:
        return f"its answer dropped {', '.join(lost)}"
    unsaid = [thing for thing in missing_things(ask.faults) if not set(_words(thing)) <= said]
    return f"its answer does not name {', '.join(unsaid)}" if unsaid else ""


def _subject(ask: Mend) -> list[str]:
    """Return what the prompt is about: the words it shares with its line, else its first three."""
    words = _words(ask.prompt)
    line = set(_words(ask.line))
    return list(dict.fromkeys(word for word in words if word in line)) or words[:3]


def _words(text: str) -> list[str]:
    """Return the words that carry meaning, in their plain form: lower case, singular."""
    found = (word for word in re.findall(r"[^\W_]+", text.casefold()) if word not in _SMALL)
    return [
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
        for word in found
    ]


def _an(thing: str) -> str:
    plural = thing.endswith("s") and not thing.endswith("ss")
    if plural or re.match(
        r"(?:a|an|the|some|two|three|his|her|their|many|several|\d+)\b", thing, re.IGNORECASE
    ):
        return thing
    return f"{'an' if thing[:1].lower() in 'aeiou' else 'a'} {thing}"
