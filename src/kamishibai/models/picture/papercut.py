"""The embedded illustrator: paper theatre drawn from vectors on the CPU, as layers with depth and life."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from kamishibai.documents.takes import Still
from kamishibai.models.base import Desk, Licence, Model, Needs
from kamishibai.models.kinds import Draw
from kamishibai.papercut.drawings import ATTRIBUTION
from kamishibai.papercut.stage import draw_scene, still_of

__all__ = ["Papercut"]


class Papercut(Model[Draw, Still]):
    """Draws picture-book scenes out of cut paper: no weights, no network, the same picture for the same ask.

    The canvas is 1.15 times the film's size, so that a zoom stays sharp.
    """

    id: ClassVar[str] = "picture:papercut"
    version: ClassVar[str] = "4"
    asks = Draw
    supports: ClassVar[frozenset[str]] = frozenset({"layers"})

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms of the scenery (ours) and of the OpenMoji drawings among the figures."""
        return (
            Licence(name="Apache-2.0", commercial=True),
            Licence(
                name="CC-BY-SA-4.0", commercial=True, attribution=ATTRIBUTION, source="https://openmoji.org"
            ),
        )

    @classmethod
    def needs(cls) -> Needs:
        """Return what it takes from the machine."""
        return Needs(memory_mb=400, disk_mb=80)

    def settle(self, ask: Draw) -> Draw:
        """Return `ask` without the words it does not read: editing a prompt draws nothing again."""
        unread = {
            "description": "",
            "voice": None,
            "picture": None,
            "portrait_prompt": None,
            "identity_weight": 1.0,
        }
        cast = tuple(who.model_copy(update=unread) for who in ask.cast)
        return ask.model_copy(update={"prompt": "", "negative": "", "look": "", "cast": cast})

    def run(self, asks: Sequence[Draw], desk: Desk) -> list[Still]:
        """Answer every ask, in order."""
        out = []
        for i, ask in enumerate(asks):
            picture = draw_scene(ask)
            out.append(still_of(picture, desk))
            desk.progress((i + 1) / len(asks))
        return out
