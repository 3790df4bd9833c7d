"""Who appears in a story: the planner's cast, with what the model knows of them and whom it found beside them.

What the story's front matter and its own words say of somebody stands; the model fills what they leave open. It can
add only those whom the story names: nobody is invented.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from kamishibai.documents.story import Story
from kamishibai.documents.storyboard import Character, Person
from kamishibai.models.text.llm.interview import Interview, cut_off, whole_fields
from kamishibai.models.text.llm.prompts import cast_prompt
from kamishibai.models.text.llm.schema import NO_COLOUR, NOBODY, cast_schema, cleaned

__all__ = ["MAX_CAST", "read_cast"]

MAX_CAST = 64
CAST_TOKENS = 600
"""What an answer about the cast takes."""
STRETCH = 60
"""Lines that are looked through for characters at once."""


def read_cast(story: Story, known: Sequence[Character], interview: Interview) -> list[Character]:
    """Return the cast: `known` first, in its order, then whom the model found beside them.

    Where the context is too short for one line, or an answer breaks off, what was told until then counts, and the
    user is told.
    """
    cast = list(known)
    whole_text = _plain(" ".join(line.text for line in story.lines))
    texts = [line.text for line in story.lines]
    start = 0
    while start < len(texts):
        size = min(STRETCH, len(texts) - start)
        while size and not interview.fits(
            cast_prompt(story.title, texts[start : start + size], cast), min(CAST_TOKENS, interview.most)
        ):
            size //= 2
        if not size:
            interview.tell(
                f"line {start + 1} is longer than {interview.name} can read: its cast is text:planner's"
            )
            start += 1
            continue
        prompt = cast_prompt(story.title, texts[start : start + size], cast)
        answer = interview.ask(
            prompt, cast_schema(), f"cast {start}", 0.2 * start / len(texts), "who is in the story"
        )
        if not answer.whole:
            interview.tell(f"{interview.name} did not finish its cast ({cut_off(answer).rstrip('.')})")
        for told in _told(answer.text):
            if _plain(str(told.get("description", ""))).strip(".!?") in whole_text:
                told["description"] = ""  # a line of the story says what they did, not how they look
            _enter(told, cast, whole_text)
        start += size
    return [*cast, *_speakers(story, cast)][:MAX_CAST]


def _told(text: str) -> list[dict[str, Any]]:
    """Return the complete characters of an answer, also of one that breaks off."""
    found = whole_fields(text).get("cast")
    if found is None:
        # The list is not complete: its complete items are.
        items = re.findall(r"\{[^{}]*\}", text)
        found = [whole_fields(item) for item in items]
    return [one for one in found if isinstance(one, dict) and isinstance(one.get("name"), str)]


def _enter(told: dict[str, Any], cast: list[Character], whole_text: str) -> None:
    """Fill what `cast` leaves open about somebody, or add who is new and named by the story."""
    name = cleaned(told["name"], 40)
    if not name:
        return
    for index, one in enumerate(cast):
        if _plain(name) in (_plain(one.name), _plain(one.id)):
            cast[index] = _filled(one, told)
            return
    # Whole words, except in scripts that write none.
    word = re.escape(_plain(name))
    named = re.search(rf"\b{word}\b", whole_text) if name.isascii() else re.search(word, whole_text)
    if named and len(cast) < MAX_CAST:
        cast.append(_filled(Character(id=_free_id(name, cast), name=name), told))


def _filled(one: Character, told: dict[str, Any]) -> Character:
    noun = one.noun or cleaned(str(told.get("noun", "")), 30).lower()
    human = told.get("gender") != NOBODY
    update: dict[str, Any] = {
        "noun": noun,
        "description": one.description or cleaned(str(told.get("description", "")), 160),
    }
    # The planner knows a fox from a girl by its nouns; where it knows the noun, the model is not asked.
    if one.person is None and human and not one.noun:
        update["person"] = Person.model_validate(
            {
                "gender": told.get("gender", "neutral"),
                "age": told.get("age", "adult"),
                "hair": _colour(told.get("hair")),
                "clothes": _colour(told.get("clothes")),
            }
        )
    elif one.person is not None:
        blanks = {
            name: _colour(told.get(name)) for name in ("hair", "clothes") if getattr(one.person, name) is None
        }
        update["person"] = one.person.model_copy(update=blanks)
    elif one.colour is None:
        update["colour"] = _colour(told.get("colour"))
    return Character.model_validate({**one.model_dump(), **_plain_data(update)})


def _plain_data(update: dict[str, Any]) -> dict[str, Any]:
    return {key: value.model_dump() if isinstance(value, Person) else value for key, value in update.items()}


def _colour(said: Any) -> str | None:
    return said if isinstance(said, str) and said != NO_COLOUR else None


def _speakers(story: Story, cast: Sequence[Character]) -> Iterable[Character]:
    """Return those who say lines of the story and are nobody yet; in English the planner has seen to it."""
    if story.language.split("-")[0] == "en":
        return
    known = list(cast)
    for line in story.lines:
        if line.speaker and not any(_plain(line.speaker) == _plain(one.name) for one in known):
            new = Character(id=_free_id(line.speaker, known), name=line.speaker[:80])
            known.append(new)
            yield new


def _free_id(name: str, cast: Sequence[Character]) -> str:
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:50] or "c" + "".join(
        f"{ord(c):x}" for c in name[:8]
    )
    taken = {one.id for one in cast}
    id_, number = base, 1
    while id_ in taken:
        number += 1
        id_ = f"{base}-{number}"
    return id_


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
