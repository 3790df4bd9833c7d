"""picks: takes that a person had made and chose, in place of those that the storyboard and its seeds lead to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeVar, get_args

from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Storyboard
from kamishibai.work.key import seed_for

__all__ = ["NOTE", "STAGES", "HandTake", "Pick", "PickKind", "Picks", "Takes", "hand_seed", "place_of"]

PickKind = Literal["picture", "voice", "motion", "sound", "music", "portrait"]
STAGES: Final[Mapping[str, str]] = {
    "picture": "draw", "voice": "speak", "motion": "move", "sound": "sound", "music": "compose", "portrait": "cast",
}  # fmt: skip
"""The stage of the film in which a kind of take is made."""
NOTE: Final = "it was picked by hand"
"""Why a take that fails its gate is not made again."""
AskT = TypeVar("AskT", bound=Frozen)


class Pick(Frozen):
    """What is different in the ask of a picked take."""

    seed: int = Field(ge=0, lt=2**32)
    prompt: str | None = Field(default=None, max_length=2000)
    """In place of the one that is written from the storyboard; None: as it is written."""


class HandTake(Frozen):
    """One take that was made by hand. The film's own, which the storyboard leads to, is number 1 and not listed."""

    number: int = Field(ge=2)
    pick: Pick
    key: str
    """Of its result."""
    file: Ref | None = None
    """What can be looked at or listened to."""
    seconds: float = 0.0
    maker: str = ""


def place_of(kind: str, scene: str) -> str:
    """Return the name of what there can be several takes of: ``picture s003``, ``music``."""
    return f"{kind} {scene}".strip()


class Takes(Frozen):
    """Every take that was made by hand in a project, which ones are picked, and what was picked before."""

    places: dict[str, tuple[HandTake, ...]] = Field(default_factory=dict)
    picked: dict[str, int] = Field(default_factory=dict)
    """Place → number; a place that is missing has the film's own."""
    history: tuple[dict[str, int], ...] = ()
    """What `picked` was before each change, the latest last."""

    def take(self, place: str, number: int) -> HandTake | None:
        """Return a take, or None: the film's own, or none of that number."""
        return next((take for take in self.places.get(place, ()) if take.number == number), None)

    def with_takes(self, place: str, more: tuple[HandTake, ...]) -> Takes:
        """Return these and more takes of a place."""
        return self.model_copy(
            update={"places": {**self.places, place: (*self.places.get(place, ()), *more)}}
        )

    def with_pick(self, place: str, number: int) -> Takes:
        """Return these with another take picked; 1 is the film's own."""
        picked = {name: one for name, one in self.picked.items() if name != place}
        if number != 1:
            picked[place] = number
        if picked == self.picked:
            return self
        return self.model_copy(update={"picked": picked, "history": (*self.history, self.picked)})

    def undone(self) -> Takes | None:
        """Return these as they were before the last pick; None when nothing was picked."""
        if not self.history:
            return None
        return self.model_copy(update={"picked": self.history[-1], "history": self.history[:-1]})

    def picks(self) -> Picks:
        """Return what is picked."""
        found = {place: self.take(place, number) for place, number in self.picked.items()}
        return Picks({place: take.pick for place, take in found.items() if take is not None})


class Picks:
    """What is picked, by place (see `place_of`)."""

    def __init__(self, picks: Mapping[str, Pick] | None = None) -> None:
        self._picks = dict(picks or {})

    def __bool__(self) -> bool:
        return bool(self._picks)

    def dump(self) -> dict[str, dict[str, Any]]:
        """Return them for a recipe."""
        return {place: pick.model_dump(mode="json") for place, pick in sorted(self._picks.items())}

    @classmethod
    def read(cls, dumped: Mapping[str, Any]) -> Picks:
        """Return what `dump` wrote. Raises ValueError for what it did not write."""
        for place in dumped:
            kind, _, scene = place.partition(" ")
            if kind not in get_args(PickKind) or bool(scene) == (kind == "music"):
                raise ValueError(f"there is no place {place!r}")
        return cls({place: Pick.model_validate(pick) for place, pick in dumped.items()})

    def replaced(self, place: str, pick: Pick) -> Picks:
        """Return these with another pick in one place."""
        return Picks({**self._picks, place: pick})

    def has(self, kind: PickKind, scene: str = "") -> bool:
        """Say whether a person chose the take."""
        return place_of(kind, scene) in self._picks

    def drawn(self, board: Storyboard) -> Storyboard:
        """Return the storyboard as the illustrator is to read it: with the seeds and prompts of picked pictures."""
        scenes = []
        for scene in board.scenes:
            pick = self._picks.get(place_of("picture", scene.id))
            if pick is not None:
                update = {"seed": pick.seed, "prompt": scene.prompt if pick.prompt is None else pick.prompt}
                scene = scene.model_copy(update=update)
            scenes.append(scene)
        cast = []
        for who in board.cast:
            pick = self._picks.get(place_of("portrait", who.id))
            if pick is not None and pick.prompt is not None:
                who = who.model_copy(update={"portrait_prompt": pick.prompt})
            cast.append(who)
        return board.model_copy(update={"scenes": tuple(scenes), "cast": tuple(cast)})

    def asked(self, kind: PickKind, scene: str, ask: AskT, honours: frozenset[str] = frozenset()) -> AskT:
        """Return the ask for a take with the picked seed, and its prompt where the model (`honours`) reads one."""
        pick = self._picks.get(place_of(kind, scene))
        if pick is None:
            return ask
        update: dict[str, Any] = {"seed": pick.seed}
        if pick.prompt is not None and "prompt" in honours:
            update["prompt"] = pick.prompt
        return ask.model_copy(update=update)


def hand_seed(project_seed: int, kind: str, scene: str, number: int) -> int:
    """Return the seed of a take that is made by hand; no retake of a gate has it."""
    return seed_for(project_seed, scene or "film", f"{kind} by hand", number)
