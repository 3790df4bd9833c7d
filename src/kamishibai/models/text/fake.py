"""A text model that reads nothing: a plain scene a line, a plain story of any length, for tests of everything downstream."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.storyboard import Character, Scene, Storyboard
from kamishibai.models.base import Desk, Licence, Model
from kamishibai.models.kinds import Board, Draft, Mend, Mended, Tale, Write
from kamishibai.models.text.llm.mending import appended

__all__ = ["FakeText"]

_DEEDS = (
    "set out",
    "found a lantern",
    "lost the way",
    "met a friend",
    "crossed the river",
    "sat by the fire",
)


class FakeText(Model[Any, Any]):
    """Copies every line into a scene of its own; speakers become the cast. Its stories know two words of their idea."""

    id = "text:fake"
    version = "1"
    asks = Draft
    also: ClassVar[tuple[type[Frozen], ...]] = (Write, Mend)

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the project's own terms."""
        return (Licence(name="Apache-2.0", commercial=True),)

    def run(self, asks: Sequence[Any], desk: Desk) -> list[Any]:
        """Return a board of plain scenes, a plain tale or a longer prompt for every ask."""
        takes: list[Board | Tale | Mended] = []
        for ask in asks:
            if isinstance(ask, Write):
                takes.append(self._write(ask))
            elif isinstance(ask, Mend):
                takes.append(appended(ask))
            else:
                takes.append(self._plan(ask))
        return takes

    def _write(self, ask: Write) -> Tale:
        words = re.findall(r"[^\W\d_]{2,20}", ask.idea)[-2:] or ["someone"]
        hero = words[-1].lower()
        lines = tuple(
            f"On day {number} the {hero} {_DEEDS[(ask.seed + number) % len(_DEEDS)]}."
            for number in range(1, ask.lines + 1)
        )
        return Tale(title=" ".join(words).capitalize(), lines=lines)

    def _plan(self, ask: Draft) -> Board:
        story = ask.story
        cast = {character.name: character for character in story.cast}
        for line in story.lines:
            if line.speaker and line.speaker not in cast and len(cast) < 64:
                cast[line.speaker] = Character(id=f"speaker-{len(cast) + 1}", name=line.speaker[:80])
        scenes = tuple(
            Scene(
                id=f"s{i:03d}",
                line=line.text,
                speaker=cast[line.speaker].id if line.speaker in cast else None,
            )
            for i, line in enumerate(story.lines, 1)
        )
        fields = {
            "title": story.title[:300] or "Untitled",
            "language": story.language
            if re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", story.language)
            else "en",
            "look": story.look,
            "aspect": story.aspect,
            "author": story.author,
            "voice": story.voice,
            "seed": story.seed if story.seed is not None else ask.seed,
        }
        given = {name: value for name, value in fields.items() if value is not None}
        board = Storyboard(cast=tuple(cast.values()), scenes=scenes, **given)  # type: ignore[arg-type]
        return Board(storyboard=board)
