"""cards: the asks for the title and the credits, which name what the models and the art are owed."""

from __future__ import annotations

from collections.abc import Iterable

from kamishibai.documents.storyboard import Camera, Scene, Storyboard
from kamishibai.models.base import Licence
from kamishibai.steps.cut import CREDITS, TITLE
from kamishibai.steps.makers import CardAsk
from kamishibai.work.key import seed_for

__all__ = ["card_asks"]


def card_asks(board: Storyboard, licences: Iterable[Licence], width: int, height: int) -> dict[str, CardAsk]:
    """Return the ask of each card by its slot's name; the credits give every attribution once."""
    due = [licence.attribution for licence in licences if licence.attribution]
    lines = tuple(dict.fromkeys(["Made with Kamishibai", *due]))

    def card(name: str, scene: Scene, credits: tuple[str, ...]) -> CardAsk:
        place = scene.model_copy(
            update={
                "id": "scene", "line": "", "actors": (), "props": (), "sounds": (), "speaker": None, "pause": 0,
                "transition": "cut", "camera": Camera(), "prompt": None, "negative": None, "seed": None,
            }
        )  # fmt: skip
        return CardAsk(
            title=board.title,
            author=board.author,
            lines=credits,
            scene=place,
            width=width,
            height=height,
            seed=seed_for(board.seed, name, "picture"),
        )

    return {TITLE: card(TITLE, board.scenes[0], ()), CREDITS: card(CREDITS, board.scenes[-1], lines)}
