"""critic:fake: sees colours and nothing else; an ordinary plug-in for tests and trials."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from kamishibai.documents.frozen import Frozen
from kamishibai.media.picture import decode_png
from kamishibai.models.base import Desk, Licence, Model
from kamishibai.models.kinds import Answered, Judge, Notes

__all__ = ["FakeCritic"]

_COLOURS = {
    "red": (1.0, 0.0, 0.0), "green": (0.0, 1.0, 0.0), "blue": (0.0, 0.0, 1.0), "yellow": (1.0, 1.0, 0.0),
    "white": (1.0, 1.0, 1.0), "black": (0.0, 0.0, 0.0), "grey": (0.5, 0.5, 0.5),
}  # fmt: skip
NEAR = 0.5
"""Distance of two colours, of the cube's diagonal 1.73, within which one may be called the other."""


class FakeCritic(Model[Judge, Notes]):
    """Names a picture's mean colour, and says yes to questions that name it. Of shapes it knows nothing."""

    id: ClassVar[str] = "critic:fake"
    version: ClassVar[str] = "1"
    varies: ClassVar[bool] = False
    asks: ClassVar[type[Frozen]] = Judge
    batch = 16

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms: nothing here belongs to anyone else."""
        return (Licence(name="Apache-2.0", commercial=True),)

    def run(self, asks: Sequence[Judge], desk: Desk) -> list[Notes]:
        """Answer every ask, in order."""
        notes = []
        for index, ask in enumerate(asks):
            mean = decode_png(desk.open(ask.image))[..., :3].reshape(-1, 3).mean(axis=0) / 255
            seen = (float(mean[0]), float(mean[1]), float(mean[2]))
            name = min(_COLOURS, key=lambda colour: _distance(_COLOURS[colour], seen))
            text = f"A {name} picture."
            notes.append(
                Notes(
                    caption=text if ask.describe else "",
                    alt=text if ask.describe else "",
                    answers=tuple(_answer(question, seen) for question in ask.questions),
                )
            )
            desk.progress((index + 1) / len(asks))
        return notes


def _answer(question: str, seen: tuple[float, float, float]) -> Answered:
    named = [colour for colour in _COLOURS if re.search(rf"\b{colour}\b", question.lower())]
    if not named:
        return Answered(question=question, said="I only see colours.")
    yes = any(_distance(_COLOURS[colour], seen) < NEAR for colour in named)
    return Answered(
        question=question, said="Yes." if yes else "No.", verdict="yes" if yes else "no", yes=float(yes)
    )


def _distance(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    return float(sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5)
