"""Writes a story: what the model made of an idea, checked line by line, once again with what was wrong, or an error."""

from __future__ import annotations

import re
import unicodedata

from kamishibai.documents.languages import guess_language
from kamishibai.documents.split_scenes import is_wordless, plain
from kamishibai.errors import ModelError, UnsupportedError
from kamishibai.models.kinds import Tale, Write
from kamishibai.models.text.llm.interview import Interview, cut_off, whole_fields
from kamishibai.models.text.llm.prompts import tale_prompt
from kamishibai.models.text.llm.schema import LONGEST_LINE, tale_schema

__all__ = ["clean_line", "faults_of", "tell_tale"]

LINE_TOKENS = 40
"""What a line of a picture book takes; a model whose context has no room for it is not asked."""
_NUMBERED = re.compile(
    r"^\s*(?:#{1,6}\s*|[>*+•-]+\s+|(?:line\s*)?\d{1,3}\s*[.):](?:\s+|$)|\(\d{1,3}\)\s*)", re.IGNORECASE
)
_DENSE = frozenset({"ja", "ko", "zh"})
_OWN_SCRIPTS = frozenset({"ar", "fa", "he", "hi", "ja", "ko", "ru", "th", "uk", "zh", "el"})


def tell_tale(ask: Write, interview: Interview) -> Tale:
    """Return the story that the model writes from an idea.

    Raises
    ------
    UnsupportedError
        When so many lines do not fit into the model's context.
    ModelError
        When two answers were no story; it says what came instead. Nobody else here can write one.
    """
    if not interview.fits(tale_prompt(ask), min(LINE_TOKENS * ask.lines, interview.most)):
        raise UnsupportedError(
            f"{ask.lines} lines and their idea do not fit into the {interview.context:,} tokens that "
            f"{interview.name} takes",
            hint="ask for fewer lines, shorten the idea, or choose a model with a longer context",
        )
    wrong, said = "", ""
    for turn in ("", "again"):
        answer = interview.ask(
            tale_prompt(ask, wrong),
            tale_schema(ask.lines, _shortest(ask)),
            f"tale{turn}",
            0.5 if turn else 0.0,
            "writing",
        )
        fields = whole_fields(answer.text) if answer.whole else {}
        title = clean_line(str(fields.get("title", "")))[:80].strip()
        lines = tuple(clean_line(str(line)) for line in fields.get("lines", ()))
        found = faults_of(title, lines, ask) if answer.whole else [cut_off(answer)]
        doubts = () if found else _doubts(lines, ask)
        if not found and (turn or not doubts):
            notes = (f"the first answer of {interview.name} was refused: {wrong}",) if turn else ()
            return Tale(title=title, lines=lines, notes=(*notes, *doubts))
        found += doubts
        wrong, said = " ".join(found), answer.text
    raise ModelError(
        f"{interview.name} wrote no story, twice: {wrong}",
        where=f"it answered {_shown(said)}",
        hint="another --seed, another idea, or a larger model; raise the option max_new_tokens where it was cut off",
    )


def clean_line(text: str) -> str:
    """Return a line as plain text: no numbers before it, no Markdown, nothing that is not seen or said."""
    text = unicodedata.normalize("NFC", text)
    kept = "".join(
        char if unicodedata.category(char)[0] != "C" or char in "\u200c\u200d" else " " for char in text
    )
    line = plain(kept.replace("<", " ").replace(">", " ").replace("`", "'"))
    while (shorter := _NUMBERED.sub("", line, count=1)) != line:
        line = shorter
    return line.strip()


def faults_of(title: str, lines: tuple[str, ...], ask: Write) -> list[str]:
    """Return what is wrong with a story, a sentence each; empty when it is one."""
    found = []
    if is_wordless(title):
        found.append("The title is empty.")
    if len(lines) != ask.lines:
        found.append(f"There are {len(lines)} lines and not {ask.lines}.")
    first: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        bare = "".join(char for char in line.casefold() if char.isalnum()) or line
        if not line or is_wordless(line):
            found.append(f"Line {number} has no words.")
        elif len(line) > LONGEST_LINE:
            found.append(f"Line {number} has {len(line)} characters, {LONGEST_LINE} is the most.")
        elif re.search(r"\[[\w ']{1,40}\]", line):
            found.append(f"Line {number} has a gap in brackets.")
        elif bare in first:
            found.append(f"Line {number} repeats line {first[bare]}.")
        first.setdefault(bare, number)
    return found


def _shortest(ask: Write) -> int:
    """Return how many characters a line has at least: about three words."""
    return 5 if ask.language.split("-")[0].lower() in _DENSE else 15


def _doubts(lines: tuple[str, ...], ask: Write) -> tuple[str, ...]:
    """Return what may be wrong and cannot be told for certain, the language: once it is asked for again."""
    wanted, seems = ask.language.split("-")[0].lower(), guess_language(" ".join(lines))
    told_apart = wanted in _OWN_SCRIPTS or seems not in ("en", wanted)
    if told_apart and seems != wanted:
        return (f"It seems to be written in {seems!r} and not in {ask.language!r}.",)
    return ()


def _shown(text: str) -> str:
    plain_text = "".join(char if char.isprintable() else " " for char in text)
    return repr(plain_text[:200]) + (" …" if len(text) > 200 else "")
