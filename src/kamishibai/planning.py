"""What making a film would take, before any work: models, memory, downloads, calls to make and to reuse, time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Storyboard
from kamishibai.errors import KamishibaiError
from kamishibai.models import registry
from kamishibai.models.base import Licence, Model, Needs
from kamishibai.on_paper import CallPlan, NotYet, OnPaper, compared
from kamishibai.pipeline import make
from kamishibai.settings import Settings
from kamishibai.steps.models_chosen import Chosen
from kamishibai.steps.picks import Picks
from kamishibai.steps.recording import lines_of, recorded_speeches
from kamishibai.weights.presets import preset
from kamishibai.work.explain import CallKey
from kamishibai.work.runners.local import usable_cores
from kamishibai.work.store import Store
from kamishibai.work.timings import Pace, Timings

__all__ = ["CallPlan", "FilmPlan", "ModelPlan", "StagePlan", "plan_film"]


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
    """Calls that will be made."""
    follow: int = 0
    """Calls that are made too, unless what they are made from turns out as it was."""
    seconds: float | None
    """Wall time of what is to be made and what follows, from past calls on this machine; None when there were none."""
    disk_mb: float | None = None
    """What that takes in the cache, from past calls."""
    memory_mb: int = 0
    """The most that a process of this step has needed."""


class FilmPlan(Frozen):
    """All that is known of a film before it is made."""

    folder: Path
    title: str
    scenes: int
    models: tuple[ModelPlan, ...]
    stages: tuple[StagePlan, ...]
    calls: tuple[CallPlan, ...] = ()
    """Every call of the film in order, as far as it can be foreseen."""
    current: bool = False
    """The finished film is what would be made: `make` does nothing."""
    memory_mb: int
    """Of the largest model that is resident alone, or as measured in past runs; the small ones work beside it."""
    download_mb: int
    disk_mb: float
    """What the new results take in the cache, as far as it is known."""
    seconds: float | None
    """Of all stages whose pace is known; None when none is."""
    unknown: tuple[str, ...] = ()
    """Stages whose pace is not known yet."""

    @property
    def ready(self) -> bool:
        """Whether nothing stands in the way."""
        return not any(model.problem for model in self.models)

    def reasons(self) -> tuple[tuple[str, tuple[CallPlan, ...]], ...]:
        """Return why anything is made, in the order in which it comes up, each with the calls that it is the reason of."""
        found: dict[str, list[CallPlan]] = {}
        for call in self.calls:
            if call.why is not None:
                found.setdefault(call.why.text, []).append(call)
        return tuple((text, tuple(calls)) for text, calls in found.items())


def plan_film(
    folder: Path,
    board: Storyboard,
    settings: Settings,
    models: Mapping[str, Chosen],
    store: Store,
    own: Mapping[str, Ref],
    picks: Picks | None = None,
    before: Sequence[CallKey] = (),
    *,
    current: bool = False,
) -> FilmPlan:
    """Return what making the film of `board` would take.

    Calls are looked up as `make` would: by key. Takes that are still to be made are stood in for, once with what is
    likely and once with something else: what is the same either way is certain. Retakes of takes that will fail their
    gate cannot be foreseen.

    Parameters
    ----------
    before
        The calls of the film as it was made last, in whose light reasons are told.
    current
        The finished film is what would be made.
    """
    cards = tuple(_model(chosen) for chosen in models.values())
    calls: tuple[CallPlan, ...] = ()
    whole = True
    if not any(card.problem for card in cards):

        def go(other: bool) -> tuple[OnPaper, bool]:
            paper = OnPaper(store, () if other else before, other=other)
            try:
                recorded = []
                if settings.narration is not None:
                    recorded = lines_of(recorded_speeches(board, settings.narration, models["ear"], paper)[1])
                make(board, settings, models, paper, own, recorded, picks)
            except NotYet:
                return paper, False
            return paper, True

        likely, whole = go(other=False)
        missing = any(not there for _, _, there, _ in likely.calls)
        calls = compared(likely, go(other=True)[0] if missing else None)
    else:
        whole = False
    paces = Timings(store.root).read()
    stages = _stages(board, settings, models, calls, paces, whole, current)
    paced = [stage.seconds for stage in stages if stage.seconds is not None and stage.to_make + stage.follow]
    busy = any(stage.to_make + stage.follow for stage in stages)
    measured = max((stage.memory_mb for stage in stages if stage.to_make + stage.follow), default=0)
    return FilmPlan(
        folder=folder,
        title=board.title,
        scenes=len(board.scenes),
        models=cards,
        stages=stages,
        calls=calls,
        current=current,
        memory_mb=max(measured, *(card.needs.memory_mb for card in cards)) if cards else measured,
        download_mb=sum(card.needs.download_mb for card in cards if card.problem),
        disk_mb=round(sum(stage.disk_mb or 0.0 for stage in stages), 1),
        seconds=sum(paced) if paced or not busy else None,
        unknown=tuple(
            stage.stage for stage in stages if stage.to_make + stage.follow and stage.seconds is None
        ),
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
    calls: Sequence[CallPlan],
    paces: Mapping[str, Pace],
    whole: bool,
    current: bool,
) -> tuple[StagePlan, ...]:
    workers = max(1, settings.workers if settings.workers is not None else usable_cores())

    def row(stage: str, maker: str, states: Sequence[str]) -> StagePlan:
        pace, to_make, follow = (
            paces.get(f"{stage} {maker}"),
            states.count("make"),
            states.count("follow"),
        )
        work = to_make + follow
        at_once = 1 if _alone(maker) else max(1, min(workers, work))
        return StagePlan(
            stage=stage,
            maker=maker,
            calls=len(states),
            reused=states.count("reuse"),
            to_make=to_make,
            follow=follow,
            seconds=0.0 if work == 0 else None if pace is None else pace.seconds * work / at_once,
            disk_mb=0.0 if work == 0 else None if pace is None else round(pace.size * work / 1e6, 2),
            memory_mb=0 if pace is None else pace.memory_mb,
        )

    rows: dict[tuple[str, str], list[str]] = {}
    for call in calls:
        rows.setdefault((call.stage, call.maker), []).append(call.state)
    stages = [row(stage, maker, states) for (stage, maker), states in rows.items()]
    if not whole:
        reached = {stage.stage for stage in stages if stage.maker != "card:papercut"}
        stages += [
            row(stage, maker, ["follow"] * count)
            for stage, maker, count in _expected(board, settings, models)
            if stage not in reached
        ]
    work = [stage for stage in stages if stage.to_make + stage.follow]
    joined = "reuse" if current else "make" if not work or any(one.to_make for one in work) else "follow"
    return (*stages, row("join", "engine:join", [joined]))


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
