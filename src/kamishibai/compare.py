"""Models side by side on the scenes of one storyboard: the same words and seeds, measured the same way."""

from __future__ import annotations

import difflib
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal

from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Scene, Storyboard
from kamishibai.documents.takes import Score, Shot, Still
from kamishibai.errors import Cancelled, KamishibaiError, ModelError, UsageError
from kamishibai.exports.comparison import Comparison, Entrant, Sample
from kamishibai.gates.picture import clip_facts, picture_facts
from kamishibai.models import registry
from kamishibai.models.base import Reads
from kamishibai.models.kinds import Animate, Draw, Look
from kamishibai.settings import Settings, frame_size
from kamishibai.steps.cast import portrait_asks, references_for
from kamishibai.steps.cut import Slot
from kamishibai.steps.draw import draw_ask
from kamishibai.steps.models_chosen import Chosen
from kamishibai.steps.move import animate_ask
from kamishibai.steps.prompt import picture_prompt
from kamishibai.work.call import Answer, Call
from kamishibai.work.events import Event, Listener
from kamishibai.work.key import seed_for
from kamishibai.work.runners.local import LocalRunner
from kamishibai.work.store import Store

__all__ = ["SECONDS", "chosen_scenes", "compare"]

SECONDS = Fraction(3)
"""How long a compared clip is, unless something else is wished for."""


@dataclass
class _Table:
    """What all entrants share."""

    board: Storyboard
    scenes: tuple[Scene, ...]
    settings: Settings
    count: int
    store: Store
    own: Mapping[str, Ref]
    listen: Listener
    stop: Callable[[], bool]
    seconds: Fraction
    stills: dict[str, Still] = field(default_factory=dict)
    """Pictures that motion models start from, by scene."""

    @property
    def size(self) -> tuple[int, int]:
        return frame_size(self.settings.aspect or self.board.aspect, self.settings.size)


def chosen_scenes(board: Storyboard, names: Sequence[str]) -> tuple[Scene, ...]:
    """Return the scenes called `names`, or the first one. Raises UsageError for a name that no scene has."""
    by_id = {scene.id: scene for scene in board.scenes}
    for name in names:
        if name not in by_id:
            near = difflib.get_close_matches(name, by_id, 1, cutoff=0.5)
            raise UsageError(
                f"there is no scene {name!r}",
                hint=(f"did you mean {near[0]}? " if near else "") + f"scenes: {', '.join(by_id)}",
            )
    return tuple(by_id[name] for name in dict.fromkeys(names)) or board.scenes[:1]


def compare(
    board: Storyboard,
    scenes: Sequence[Scene],
    settings: Settings,
    models: Sequence[Chosen],
    still_by: Chosen,
    store: Store,
    *,
    count: int = 1,
    seconds: Fraction = SECONDS,
    eye: Chosen | None = None,
    own: Mapping[str, Ref],
    listen: Listener,
    stop: Callable[[], bool],
) -> Comparison:
    """Have every model make `count` takes of every scene, one model after the other, each in a process of its own.

    Parameters
    ----------
    models
        Of kind picture and motion, as they should stand on the page.
    still_by
        Draws the pictures that motion models start from.
    own
        The user's own pictures of the cast.

    Raises
    ------
    KamishibaiError
        Before any work when a model is unknown or its weights are missing; and when none of them made anything.
    """
    makers = [registry.make(str(one.id), one.options) for one in [*models, *([eye] if eye else [])]]
    for maker in makers:
        maker.weights()  # what is missing or unsafe is told before any work
    table = _Table(board, tuple(scenes), settings, count, store, own, listen, stop, seconds)
    entrants = [_pictures(table, one) for one in models if one.kind == "picture"]
    movers = [one for one in models if one.kind == "motion"]
    if movers:
        _stills(table, entrants, still_by, movers)
        entrants += [_clips(table, one) for one in movers]
    if not any(entrant.samples for entrant in entrants):
        raise ModelError(
            "none of the models made anything: " + "; ".join(f"{e.id}: {e.error}" for e in entrants),
            kept="everything that was finished before",
            hint="`kamishibai try ID …` runs one of them alone",
        )
    described = {
        scene.id: picture_prompt(scene.model_copy(update={"prompt": None}), board.cast, "", Reads()).positive
        for scene in scenes
    }
    if eye is not None:
        entrants = _scored(table, entrants, eye, described)
    width, height = table.size
    return Comparison(
        title=board.title, language=board.language, scenes=tuple(scenes), described=described,
        entrants=tuple(entrants), eye=eye.id or "" if eye else "", width=width, height=height,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------ one model's turn
class _Turn:
    """A runner for one model alone, so that what is measured is its own."""

    def __init__(self, table: _Table) -> None:
        self.table = table
        self.load_s: float | None = None
        # A process of its own even where one would do: its peak of memory is the model's.
        workers = 0 if table.settings.workers == 0 else 1
        self.runner = LocalRunner(table.store, workers, self._hear, table.stop)

    def _hear(self, event: Event) -> None:
        if event.event == "load":
            self.load_s = (self.load_s or 0.0) + event.seconds
        self.table.listen(event)

    def run(self, calls: Sequence[Call]) -> tuple[list[tuple[int, Answer]], str]:
        """Return the answers, each with the place of its call, and the error where the model failed.

        What was asked together is then asked one by one, so that only what fails is missing.
        """
        try:
            return list(enumerate(self.runner.run(calls))), ""
        except (Cancelled, UsageError):
            raise
        except KamishibaiError as error:
            self.table.listen(Event(event="warning", text=f"{calls[0].maker}: {error.what}"))
            why = error.what
        answers = []
        for place, call in enumerate(calls):
            try:
                answers += [(place, answer) for answer in self.runner.run([call])]
            except Cancelled:
                raise
            except KamishibaiError:
                continue
        return answers, why

    def __enter__(self) -> _Turn:
        return self

    def __exit__(self, *_: object) -> None:
        self.runner.close()


def _entrant(chosen: Chosen, kind: Literal["picture", "motion"], turn: _Turn, answers: Sequence[tuple[int, Answer]],
             samples: Iterable[Sample], error: str) -> Entrant:  # fmt: skip
    assert chosen.id is not None
    maker = registry.make(chosen.id, chosen.options)
    return Entrant(
        id=chosen.id,
        kind=kind,
        version=maker.version,
        options=chosen.options,
        licences=maker.terms(),
        load_s=turn.load_s,
        seconds=sum(a.seconds for _, a in answers) / len(answers) if answers else None,
        memory_mb=max((a.memory_mb for _, a in answers), default=0),
        samples=tuple(samples),
        error=error,
    )


def _seeded(scene: Scene, take: int) -> Scene:
    """Return `scene` with a seed of its own for each take, where the storyboard fixes one."""
    if scene.seed is None or take == 0:
        return scene
    return scene.model_copy(update={"seed": seed_for(scene.seed, scene.id, "picture", take)})


def _draws(table: _Table, chosen: Chosen, turn: _Turn, count: int) -> tuple[list[Call], dict[str, Ref]]:
    """Return the calls for every scene and take, just as the film would make them; and the cast's portraits."""
    assert chosen.id is not None
    model = registry.make(chosen.id, chosen.options)
    honours, reads = model.honours(), model.reads()
    board = table.board.model_copy(update={"scenes": table.scenes})
    sitters = portrait_asks(board, honours, reads, table.own)
    portraits = dict(table.own)
    if sitters:
        calls = [Call("cast", who, chosen.id, ask, Still, chosen.options) for who, ask in sitters.items()]
        portraits |= {answer.call.scene: answer.take.image for answer in turn.runner.run(calls)}
    draws = []
    for scene in table.scenes:
        for take in range(count):
            ask = draw_ask(
                table.board,
                _seeded(scene, take),
                *table.size,
                take,
                reads=reads,
                honours=honours,
            )
            if "references" in honours:
                ask = ask.model_copy(
                    update={"references": references_for(scene, table.board.cast, portraits)}
                )
            draws.append(Call("draw", scene.id, chosen.id, ask, Still, chosen.options))
    return draws, portraits


def _pictures(table: _Table, chosen: Chosen) -> Entrant:
    with _Turn(table) as turn:
        try:
            calls, portraits = _draws(table, chosen, turn, table.count)
        except ModelError as error:
            table.listen(Event(event="warning", text=f"{chosen.id}: {error.what}"))
            return _entrant(chosen, "picture", turn, (), (), error.what)
        answers, why = turn.run(calls)
    samples = [_drawn(table, calls[place], answer, place % table.count) for place, answer in answers]
    made = _entrant(chosen, "picture", turn, answers, samples, why)
    return made.model_copy(update={"portraits": portraits})


def _drawn(table: _Table, call: Call, answer: Answer, take: int) -> Sample:
    from kamishibai.media.picture import decode_png

    ask, still = answer.call.ask, answer.take
    assert isinstance(ask, Draw)
    assert isinstance(call.ask, Draw)
    return Sample(
        model=answer.call.maker, scene=answer.call.scene, take=take, seed=call.ask.seed, prompt=ask.prompt,
        negative=ask.negative, image=still.image, width=still.width, height=still.height,
        seconds=round(answer.seconds, 3), reused=answer.reused, notes=tuple(n.text for n in answer.notes),
        picture=picture_facts(decode_png(table.store.open(still.image))),
    )  # fmt: skip


# ------------------------------------------------------------------------------------------ clips
def _stills(table: _Table, entrants: Sequence[Entrant], still_by: Chosen, movers: Sequence[Chosen]) -> None:
    """Fill in the pictures that motion models start from: the first picture model's, where there is one."""
    honours = [registry.make(str(one.id), one.options).honours() for one in movers]
    if not any("still" in names for names in honours):
        return
    with _Turn(table) as turn:
        calls, _ = _draws(table, still_by, turn, 1)
        table.stills = {answer.call.scene: answer.take for answer in turn.runner.run(calls)}


def _clips(table: _Table, chosen: Chosen) -> Entrant:
    assert chosen.id is not None
    model = registry.make(chosen.id, chosen.options)
    honours, reads = model.honours(), model.reads()
    calls = []
    for scene in table.scenes:
        slot = Slot(scene=scene.id, start=Fraction(0), end=table.seconds, fade=Fraction(0))
        for take in range(table.count):
            still = table.stills.get(scene.id)
            ask = animate_ask(table.board, scene, slot, still, table.size, table.settings.fps, reads, honours)
            if take:
                ask = ask.model_copy(update={"seed": seed_for(table.board.seed, scene.id, "motion", take)})
            calls.append(Call("move", scene.id, chosen.id, ask, Shot, chosen.options))
    with _Turn(table) as turn:
        answers, why = turn.run(calls)
    samples = [_moved(table, calls[place], answer, place % table.count) for place, answer in answers]
    return _entrant(chosen, "motion", turn, answers, samples, why)


def _moved(table: _Table, call: Call, answer: Answer, take: int) -> Sample:
    """Return a shot as the film would show it, encoded as the film's segments are."""
    from kamishibai.documents.time import frame_at
    from kamishibai.engine.encode import encode_segment
    from kamishibai.engine.mux import join
    from kamishibai.engine.segments import Part, SegmentAsk
    from kamishibai.media.film import frames_at
    from kamishibai.media.picture import encode_png

    ask, read, shot = call.ask, answer.call.ask, answer.take
    assert isinstance(ask, Animate)
    assert isinstance(read, Animate)
    still = ask.still or shot.first
    frames = max(1, frame_at(min(shot.seconds, ask.seconds), ask.fps))
    part = Part(still=still, shot=shot, first=0)
    segment = SegmentAsk(width=ask.width, height=ask.height, fps=ask.fps, frames=frames, parts=(part,))
    data = encode_segment(segment, table.store.open, table.settings.quality)
    with tempfile.TemporaryDirectory(prefix="kamishibai-") as folder:
        path = Path(folder) / "clip.mp4"
        join([data], None, None, {"title": answer.call.maker}, path, fps=ask.fps)
        times = [Fraction(i) / ask.fps for i in range(frames)]
        pictures = frames_at(path, times[:: max(1, frames // 24)])
        clip = table.store.save(path.read_bytes(), "video/mp4")
    first = table.store.save(encode_png(pictures[0]), "image/png")
    return Sample(
        model=answer.call.maker, scene=answer.call.scene, take=take, seed=ask.seed, prompt=read.prompt,
        negative=read.negative, image=first, clip=clip, width=ask.width, height=ask.height,
        seconds=round(answer.seconds, 3), reused=answer.reused, notes=tuple(n.text for n in answer.notes),
        picture=picture_facts(pictures[0]), movement=clip_facts(pictures),
    )  # fmt: skip


# ------------------------------------------------------------------------------------------ scores
def _scored(
    table: _Table, entrants: Sequence[Entrant], eye: Chosen, described: Mapping[str, str]
) -> list[Entrant]:
    """Return the entrants with what the eye says of every sample: the same two texts for every model."""
    assert eye.id is not None
    scenes = {scene.id: scene for scene in table.scenes}
    calls, samples = [], []
    for entrant in entrants:
        for sample in entrant.samples:
            assert sample.image is not None
            scene = scenes[sample.scene]
            faces = [entrant.portraits[a.who] for a in scene.actors if a.who in entrant.portraits]
            texts = (scene.line, described[scene.id])
            look = Look(image=sample.image, texts=texts, pictures=tuple(dict.fromkeys(faces)))
            calls.append(Call("look", scene.id, eye.id, look, Score, eye.options))
            samples.append(sample)
    with _Turn(table) as turn:
        scores = [answer.take for answer in turn.runner.run(calls)]
    found = {}
    for sample, score in zip(samples, scores, strict=True):
        like = sum(score.pictures) / len(score.pictures) if score.pictures else None
        told = {"fits_line": score.texts[0], "fits_scene": score.texts[1], "like_cast": like}
        found[sample.model, sample.scene, sample.take] = sample.model_copy(update=told)
    return [
        entrant.model_copy(
            update={"samples": tuple(found.get((s.model, s.scene, s.take), s) for s in entrant.samples)}
        )
        for entrant in entrants
    ]
