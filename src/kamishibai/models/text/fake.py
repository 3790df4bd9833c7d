"""A text model that plans without reading: one plain scene a line, for tests of everything downstream."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kamishibai.documents.storyboard import Character, Scene, Storyboard
from kamishibai.models.base import Desk, Licence, Model
from kamishibai.models.kinds import Board, Draft

__all__ = ["FakeText"]


class FakeText(Model[Draft, Board]):
    """Copies every line into a scene of its own; speakers become the cast."""

    id = "text:fake"
    version = "1"
    asks = Draft

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the project's own terms."""
        return (Licence(name="Apache-2.0", commercial=True),)

    def run(self, asks: Sequence[Draft], desk: Desk) -> list[Board]:
        """Return a board of plain scenes for every ask."""
        return [self._plan(ask) for ask in asks]

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
