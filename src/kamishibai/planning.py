"""What making a film would take, before any work: models, memory, downloads, calls to make and to reuse, time."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Storyboard
from kamishibai.errors import KamishibaiError
from kamishibai.models import registry
from kamishibai.models.base import Licence, Model, Needs
from kamishibai.pipeline import make
from kamishibai.settings import Settings
from kamishibai.steps.models_chosen import Chosen
from kamishibai.steps.recording import lines_of, recorded_speeches
from kamishibai.weights.presets import preset
from kamishibai.work.call import Answer, Call, keyed, recall
from kamishibai.work.events import Event
from kamishibai.work.runners.local import usable_cores
from kamishibai.work.store import Store
from kamishibai.work.timings import Pace, Timings

__all__ = ["FilmPlan", "ModelPlan", "StagePlan", "plan_film"]


class ModelPlan(Frozen):
    """One chosen model: what it is, and how it would be put into this machine."""

    kind: str
    id: str | None
    why: str
    needs: Needs = Needs()
    licences: tuple[Licence, ...] = ()
    placement: tuple[str, ...] = ()
    """How its weights would lie in memory, in words."""
    problem: str = ""
    """Why it cannot work yet; empty when it can."""
    next: str = ""
    """What to type against the problem."""


class StagePlan(Frozen):
    """One step of the film."""

    stage: str
    maker: str
    calls: int
    reused: int
    to_make: int
    certain: bool
    """False while what it is made from has to be made first; then `to_make` is the most it can be."""
    seconds: float | None
    """Wall time of what is to be made, from past calls on this machine; None when there were none."""


class FilmPlan(Frozen):
    """All that is known of a film before it is made."""

    folder: Path
    title: str
    scenes: int
    models: tuple[ModelPlan, ...]
    stages: tuple[StagePlan, ...]
    memory_mb: int
    """Of the largest model that is resident alone; the small ones work beside it."""
    download_mb: int
    seconds: float | None
    """Of all stages whose pace is known; None when none is."""
    unknown: tuple[str, ...] = ()
    """Stages whose pace is not known yet."""

    @property
    def ready(self) -> bool:
        """Whether nothing stands in the way."""
        return not any(model.problem for model in self.models)


class _NotYet(Exception):
    """What follows depends on takes that are still to be made."""


class _OnPaper:
    """A runner that makes nothing: it looks up what is there, and stops where something would have to be made."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.seen: dict[tuple[str, str], list[bool]] = {}
        """Whether each call is there, by stage and maker."""

    def run(self, calls: Sequence[Call]) -> list[Answer]:
        """Return the answers when the store has them all."""
        found = [(item.call, recall(self._store, item)) for item in keyed(calls)]
        for call, answer in found:
            self.seen.setdefault((call.stage, call.maker), []).append(answer is not None)
        answers = [answer for _, answer in found if answer is not None]
        if len(answers) < len(found):
            raise _NotYet
        return answers

    def tell(self, event: Event) -> None:
        """Say nothing."""


def plan_film(
    folder: Path,
    board: Storyboard,
    settings: Settings,
    models: Mapping[str, Chosen],
    store: Store,
    own: Mapping[str, Ref],
) -> FilmPlan:
    """Return what making the film of `board` would take.

    Calls are looked up as `make` would: by key. Where a step waits for takes that are missing, its number of calls
    is known and whether some of them are there already is not.
    """
    cards = tuple(_model(chosen) for chosen in models.values())
    paper = _OnPaper(store)
    if not any(card.problem for card in cards):
        with contextlib.suppress(_NotYet):
            recorded = []
            if settings.narration is not None:
                recorded = lines_of(recorded_speeches(board, settings.narration, models["ear"], paper)[1])
            make(board, settings, models, paper, own, recorded)
    stages = _stages(board, settings, models, paper, Timings(store.root).read())
    paced = [stage.seconds for stage in stages if stage.seconds is not None and stage.to_make]
    return FilmPlan(
        folder=folder,
        title=board.title,
        scenes=len(board.scenes),
        models=cards,
        stages=stages,
        memory_mb=max((card.needs.memory_mb for card in cards), default=0),
        download_mb=sum(card.needs.download_mb for card in cards if card.problem),
        seconds=sum(paced) if paced or not any(stage.to_make for stage in stages) else None,
        unknown=tuple(stage.stage for stage in stages if stage.to_make and stage.seconds is None),
    )


def _model(chosen: Chosen) -> ModelPlan:
    if chosen.id is None:
        return ModelPlan(kind=chosen.kind, id=None, why=chosen.why)
    model = registry.make(chosen.id, chosen.options)
    try:
        model.weights()
        return ModelPlan(
            kind=chosen.kind,
            id=chosen.id,
            why=chosen.why,
            needs=model.takes_up(),
            licences=model.terms(),
            placement=model.placement(),
        )
    except KamishibaiError as error:
        return ModelPlan(
            kind=chosen.kind,
            id=chosen.id,
            why=chosen.why,
            needs=_unmet(model, error),
            problem=error.what if error.where is None else f"{error.where}: {error.what}",
            next=error.hint or "",
        )


def _unmet(model: Model[Any, Any], error: KamishibaiError) -> Needs:
    """Return what a model that cannot work yet would need: its preset's figures, else its class's."""
    needs = type(model).needs()
    if "models pull" not in (error.hint or ""):
        return needs.model_copy(update={"download_mb": 0})
    known = preset(model.variant) if model.variant else None
    return needs if known is None else needs.model_copy(update={"download_mb": known.download_mb or 0})


def _stages(
    board: Storyboard,
    settings: Settings,
    models: Mapping[str, Chosen],
    paper: _OnPaper,
    paces: Mapping[str, Pace],
) -> tuple[StagePlan, ...]:
    workers = max(1, settings.workers if settings.workers is not None else usable_cores())

    def row(stage: str, maker: str, there: list[bool], certain: bool) -> StagePlan:
        pace, to_make = paces.get(f"{stage} {maker}"), there.count(False)
        at_once = 1 if _alone(maker) else max(1, min(workers, to_make))
        seconds = 0.0 if to_make == 0 else None if pace is None else pace.seconds * to_make / at_once
        return StagePlan(
            stage=stage,
            maker=maker,
            calls=len(there),
            reused=there.count(True),
            to_make=to_make,
            certain=certain,
            seconds=seconds,
        )

    stages = [row(stage, maker, there, True) for (stage, maker), there in paper.seen.items()]
    reached = {stage.stage for stage in stages if stage.maker != "card:papercut"}
    for stage, maker, calls in _expected(board, settings, models):
        if stage not in reached:
            stages.append(row(stage, maker, [False] * calls, False))
    return tuple(stages)


def _alone(maker: str) -> bool:
    """Say whether a maker works in the one process of the heavy models."""
    return registry.kind_of(maker) in registry.KINDS and registry.make(maker).lane == "device"


def _expected(
    board: Storyboard, settings: Settings, models: Mapping[str, Chosen]
) -> list[tuple[str, str, int]]:
    """Return (stage, maker, calls) of every step that a film of this storyboard goes through."""
    scenes = len(board.scenes)
    expected = [("speak", models["voice"].id, scenes)]
    if settings.narration is not None:
        expected += [("recording", "engine:recording", 1), ("align", "engine:align", 1)]
        expected.append(("cut", "engine:cut", scenes))
    expected += [("draw", models["picture"].id, scenes)]
    expected += [("move", models["motion"].id, scenes), ("sound", models["sound"].id, scenes)]
    expected += [
        ("compose", models["music"].id, 1),
        ("mix", "engine:mix", 1),
        ("listen", models["ear"].id, scenes),
    ]
    fades = sum(scene.transition == "fade" for scene in board.scenes)
    expected.append(("render", "engine:segment", scenes + fades + (3 if settings.titles else 0)))
    return [(stage, maker, calls) for stage, maker, calls in expected if maker is not None]
