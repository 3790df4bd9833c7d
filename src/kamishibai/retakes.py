"""Retakes by hand: more takes of one scene's picture, voice, clip or sounds, of the music or a portrait; picked and undone."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from kamishibai.disk import clone, write_atomically
from kamishibai.documents.frozen import Frozen, canonical_json
from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Storyboard
from kamishibai.errors import UnsupportedError, UsageError
from kamishibai.filming import Filming, models_for, own_pictures_of
from kamishibai.media.picture import decode_png
from kamishibai.models.base import Model
from kamishibai.pipeline import make
from kamishibai.project import Project
from kamishibai.steps.models_chosen import Chosen
from kamishibai.steps.picks import STAGES, HandTake, Pick, PickKind, Picks, Takes, hand_seed, place_of
from kamishibai.steps.recording import lines_of, recorded_speeches
from kamishibai.work.call import Answer, Call, keyed, maker_of, recall
from kamishibai.work.events import Event
from kamishibai.work.roots import remember_root
from kamishibai.work.runners.local import LocalRunner

__all__ = ["TakeShown", "TakesShown", "check_place", "pick", "retake", "show_takes", "undo"]

FOLDER = "takes"
MOST = 64
SUFFIXES = {"image/png": ".png", "audio/wav": ".wav", "video/mp4": ".mp4"}
ELSE_CHANGE = {
    "voice": "choose another voice or speaker with --voice, or edit the line",
    "motion": "change the scene's camera in the storyboard, or choose another model with --motion",
    "picture": "name a --prompt, change the scene in the storyboard, or choose another model with --picture",
    "sound": "change the scene's sounds in the storyboard",
    "music": "change the moods in the storyboard, or choose another model with --music",
    "portrait": "name a --prompt, or change the character in the storyboard",
}
"""What to do where another seed gives the same take."""


class TakeShown(Frozen):
    """One take, as a person sees it."""

    number: int
    """1 is the film's own."""
    seed: int | None
    prompt: str | None = None
    maker: str = ""
    seconds: float = 0.0
    """What making it took."""
    picked: bool = False
    new: bool = False
    there: bool = True
    """False when its result is not in the cache any more: picking it makes it again."""
    file: Path | None = None
    """A copy to look at or listen to."""


class TakesShown(Frozen):
    """All takes of one place."""

    folder: Path
    kind: str
    scene: str
    takes: tuple[TakeShown, ...]
    sheet: Path | None = None
    """The pictures side by side."""
    notes: tuple[str, ...] = ()

    @property
    def picked(self) -> int:
        """The number of the take that the film has."""
        return next((take.number for take in self.takes if take.picked), 1)


class _Reached(Exception):
    """The call that was waited for."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        self.call = call


class _Until:
    """A runner that works until a certain call is asked for; what is there already is found without a word."""

    def __init__(self, runner: LocalRunner, stage: str, scene: str) -> None:
        self._runner, self._stage, self._scene = runner, stage, scene

    def run(self, calls: Sequence[Call]) -> list[Answer]:
        """Return the answers, or raise _Reached."""
        for call in calls:
            if (call.stage, call.scene) == (self._stage, self._scene):
                raise _Reached(call)
        found = [recall(self._runner.store, item) for item in keyed(calls)]
        there = [answer for answer in found if answer is not None]
        return there if len(there) == len(calls) else self._runner.run(calls)

    def tell(self, event: Event) -> None:
        """Tell whoever listens."""
        self._runner.tell(event)


def check_place(board: Storyboard, kind: str, scene: str | None) -> tuple[PickKind, str]:
    """Return a kind of take and its scene, or the cast id of a portrait; the music has none.

    Raises
    ------
    UsageError
        When there is no such kind or scene, with the nearest valid name.
    """
    kinds = get_args(PickKind)
    if kind not in kinds:
        near = difflib.get_close_matches(kind, kinds, 1)
        raise UsageError(
            f"there are no takes of {kind!r}",
            hint=f"did you mean --kind {near[0]}?" if near else f"kinds are {', '.join(kinds)}",
        )
    if kind == "music":
        if scene:
            raise UsageError("the music is the whole film's", hint="leave the scene out")
        return "music", ""
    whose = "the cast id of who is portrayed" if kind == "portrait" else "a scene"
    ids = [one.id for one in (board.cast if kind == "portrait" else board.scenes)]
    if not scene:
        raise UsageError(f"takes of a {kind} need {whose}", hint=f"there are {', '.join(ids[:12])}")
    if scene not in ids:
        near = difflib.get_close_matches(scene, ids, 1)
        what = "in the cast" if kind == "portrait" else "a scene of this film"
        raise UsageError(
            f"{scene!r} is not {what}",
            hint=f"did you mean {near[0]}?" if near else f"there are {', '.join(ids[:12])}",
        )
    return kind, scene  # type: ignore[return-value]


class _Table:
    """The film as it is asked for now, for finding the call behind a take."""

    def __init__(self, filming: Filming, board: Storyboard, kind: PickKind, scene: str) -> None:
        self.filming, self.kind, self.scene = filming, kind, scene
        settings, project, runner = filming.settings, filming.project, filming.runner
        if settings.seed is not None:
            board = board.model_copy(update={"seed": settings.seed})
        self.board = board
        self.place = place_of(kind, scene)
        self.models: Mapping[str, Chosen] = models_for(board, settings, filming.tell)
        self.own = own_pictures_of(project, board, runner.store)

    def call(self, picks: Picks) -> Call:
        """Return the call that the film asks for in this place, with `picks`.

        What comes before it is made if it is not there.

        Raises
        ------
        UnsupportedError
            When the film has no such take.
        """
        settings, runner = self.filming.settings, self.filming.runner
        until = _Until(runner, STAGES[self.kind], self.scene)
        try:
            recorded = []
            if settings.narration is not None:
                if self.kind == "voice":
                    raise UnsupportedError(
                        "the narration is a recording: there is one take of it",
                        hint="record the line again, or leave out --narration",
                    )
                recorded = lines_of(
                    recorded_speeches(self.board, settings.narration, self.models["ear"], runner)[1]
                )
            make(self.board, settings, self.models, until, self.own, recorded, picks)
        except _Reached as reached:
            return reached.call
        model = self.models.get("picture" if self.kind == "portrait" else self.kind)
        raise UnsupportedError(
            f"this film has no {self.kind} of {self.scene or 'its own'}"
            + (f" by {model.id}" if model is not None and model.id else ""),
            hint="portraits are drawn for models that are held to them, and pictures where motion starts from them"
            if self.kind in ("portrait", "picture")
            else f"choose a model with --{self.kind}",
        )


def retake(
    filming: Filming,
    board: Storyboard,
    kind: str,
    scene: str | None,
    *,
    seed: int | None = None,
    prompt: str | None = None,
    count: int = 1,
    choose: bool | None = None,
) -> TakesShown:
    """Make more takes of one place, keep them beside those that are there, and pick one if it is the only new one.

    Parameters
    ----------
    kind
        ``picture``, ``voice``, ``motion``, ``sound``, ``music`` or ``portrait``.
    scene
        A scene's id; the cast id for a portrait; None for the music.
    seed
        Of the first take, the next ones count up; None: seeds that no take had before.
    prompt
        In place of the one that is written from the storyboard, for models that read words.
    choose
        Pick the first new take; None: when it is the only one.

    Raises
    ------
    KamishibaiError
        When there is no such place, or the model makes the same take from every seed.
    """
    known, place_scene = check_place(board, kind, scene)
    if not 1 <= count <= MOST:
        raise UsageError(f"{count} takes cannot be made at once", hint=f"between 1 and {MOST} can")
    filming.begin()
    project, runner = filming.project, filming.runner
    table = _Table(filming, board, known, place_scene)
    takes = project.takes()
    picks = takes.picks()
    there = takes.places.get(table.place, ())
    current = takes.take(table.place, takes.picked.get(table.place, 1))
    if prompt is None and current is not None:
        prompt = current.pick.prompt
    _refuse_prompt(prompt, known, table.call(picks))
    first = max((take.number for take in there), default=1) + 1
    own = keyed([table.call(_without(takes, table.place).picks())])[0].key
    seen = {own: 1, **{take.key: take.number for take in there}}
    wanted: list[tuple[Pick, Call, str]] = []
    notes = []
    for step in range(count):
        one = (
            hand_seed(table.board.seed, known, place_scene, first + step)
            if seed is None
            else (seed + step) % 2**32
        )
        chosen = Pick(seed=one, prompt=prompt)
        call = table.call(picks.replaced(table.place, chosen))
        key = keyed([call])[0].key
        if key in seen:
            notes.append(f"seed {one} is take {seen[key]} again")
            continue
        seen[key] = first + len(wanted)
        wanted.append((chosen, call, key))
    if not wanted:
        if seed is not None and maker_of(table.call(picks)).varies:
            raise UsageError(
                "; ".join(notes), hint="`kamishibai pick` chooses it; another --seed makes another take"
            )
        raise UnsupportedError(
            f"{table.call(picks).maker} makes the same {known} from every seed", hint=ELSE_CHANGE[known]
        )
    answers = runner.run([call for _, call, _ in wanted])
    same = {
        _dumped(take): number
        for key, number in seen.items()
        if number < first and (take := _stored(runner, key))
    }
    made: list[HandTake] = []
    for (chosen, call, key), answer in zip(wanted, answers, strict=True):
        dumped = _dumped(answer.take.model_dump(mode="json", by_alias=True))
        if dumped in same:
            notes.append(f"seed {chosen.seed} makes take {same[dumped]} again")
            continue
        number = same[dumped] = first + len(made)
        file = _main(answer.take)
        made.append(
            HandTake(number=number, pick=chosen, key=key, file=file, seconds=answer.seconds, maker=call.maker)
        )
    if not made:
        raise UnsupportedError(
            f"{wanted[0][1].maker} makes the same {known} from every seed", hint=ELSE_CHANGE[known]
        )
    takes = takes.with_takes(table.place, tuple(made))
    if choose or (choose is None and len(made) == 1):
        takes = takes.with_pick(table.place, first)
    project.remember_takes(takes)
    remember_root(runner.store.root, project.folder, project.keys())
    return _shown(table, takes, {take.number for take in made}, tuple(notes))


def _stored(runner: LocalRunner, key: str) -> dict[str, Any] | None:
    record = runner.store.find(key)
    return None if record is None else record.take


def _dumped(take: dict[str, Any]) -> bytes:
    return canonical_json(take)


def _refuse_prompt(prompt: str | None, kind: str, call: Call) -> None:
    if prompt is None:
        return
    maker = maker_of(call)
    if kind in ("voice", "sound") or (kind in ("motion", "music") and "prompt" not in maker.honours()):
        raise UnsupportedError(
            f"{call.maker} reads no prompt", hint=f"leave --prompt out, or {ELSE_CHANGE[kind]}"
        )
    if kind in ("picture", "portrait") and not _reads_words(maker, call):
        raise UnsupportedError(
            f"{call.maker} draws from the storyboard and reads no prompt",
            hint="change the scene in the storyboard, or choose a model that reads words with --picture",
        )


def _reads_words(maker: Model[Any, Any], call: Call) -> bool:
    """Say whether a prompt changes what is drawn: a model that does not read it settles it away."""
    other = call.ask.model_copy(update={"prompt": "something else altogether"})
    return bool(maker.settle(call.ask) != maker.settle(other))


def _without(takes: Takes, place: str) -> Takes:
    return takes.model_copy(update={"picked": {p: n for p, n in takes.picked.items() if p != place}})


def _main(take: Any) -> Ref | None:
    """Return what of a take can be looked at or listened to."""
    for name in ("image", "clip", "sound"):
        if isinstance(ref := getattr(take, name, None), Ref):
            return ref
    return None


def show_takes(filming: Filming, board: Storyboard, kind: str, scene: str | None) -> TakesShown:
    """Return all takes of one place, and copies to look at in the project's folder ``takes``.

    Raises
    ------
    KamishibaiError
        When there is no such place.
    """
    known, place_scene = check_place(board, kind, scene)
    filming.begin()
    return _shown(_Table(filming, board, known, place_scene), filming.project.takes(), set())


def _shown(table: _Table, takes: Takes, new: set[int], notes: tuple[str, ...] = ()) -> TakesShown:
    """Copy the takes to the project's folder ``takes`` and return what there is."""
    store, project = table.filming.runner.store, table.filming.project
    picked = takes.picked.get(table.place, 1)
    name = table.place.replace(" ", "-")
    (item,) = keyed([table.call(_without(takes, table.place).picks())])
    own = recall(store, item)
    seed = getattr(item.call.ask, "seed", None)
    shown = [
        TakeShown(
            number=1,
            seed=seed,
            maker=item.call.maker,
            seconds=0.0 if own is None else own.seconds,
            picked=picked == 1,
            there=own is not None,
            file=None if own is None else _copied(project, table, name, 1, _main(own.take)),
        )
    ]
    for take in takes.places.get(table.place, ()):
        there = store.find(take.key) is not None
        shown.append(
            TakeShown(
                number=take.number,
                seed=take.pick.seed,
                prompt=take.pick.prompt,
                maker=take.maker,
                seconds=take.seconds,
                picked=picked == take.number,
                new=take.number in new,
                there=there,
                file=_copied(project, table, name, take.number, take.file) if there else None,
            )
        )
    sheet = None
    if table.kind in ("picture", "portrait"):
        sheet = _sheet(project.folder / FOLDER / f"{name}.png", shown)
    return TakesShown(
        folder=project.folder,
        kind=table.kind,
        scene=table.scene,
        takes=tuple(shown),
        sheet=sheet,
        notes=notes,
    )


def _copied(project: Project, table: _Table, name: str, number: int, ref: Ref | None) -> Path | None:
    if ref is None:
        return None
    path = project.folder / FOLDER / f"{name}-{number}{SUFFIXES.get(ref.media_type, '.bin')}"
    source = table.filming.runner.store.path(ref)
    # Take 1 follows the storyboard; all others stay what they are.
    if number == 1 or not path.is_file() or path.stat().st_size != ref.size:
        clone(source, path)
    return path


def _sheet(path: Path, shown: Sequence[TakeShown]) -> Path | None:
    from kamishibai.exports.takes_sheet import takes_sheet

    tiles = [
        (decode_png(take.file.read_bytes()), f"take {take.number}", f"seed {take.seed}", take.picked)
        for take in shown
        if take.file is not None
    ]
    if not tiles:
        return None
    write_atomically(path, takes_sheet(tiles))
    return path


def pick(project: Project, board: Storyboard, kind: str, scene: str | None, number: int) -> Takes:
    """Choose a take for the film; 1 is the film's own. Returns the takes as they are now.

    Raises
    ------
    UsageError
        When there is no such place or take.
    """
    known, place_scene = check_place(board, kind, scene)
    takes = project.takes()
    place = place_of(known, place_scene)
    if number != 1 and takes.take(place, number) is None:
        numbers = [1, *(take.number for take in takes.places.get(place, ()))]
        command = f"kamishibai retake {project.folder} {place_scene}".rstrip() + f" --kind {known}"
        raise UsageError(
            f"there is no take {number} of {place_scene or 'the film'}'s {known}",
            hint=f"there are takes {', '.join(map(str, numbers))}; `{command}` makes more",
        )
    after = takes.with_pick(place, number)
    if after is not takes:
        project.remember_takes(after)
    return after


def undo(project: Project) -> tuple[Takes, tuple[tuple[str, int, int], ...]]:
    """Go back to what was picked before the last pick; return that, and (place, from, to) of what is different now.

    Raises
    ------
    UsageError
        When nothing was picked.
    """
    takes = project.takes()
    before = takes.undone()
    if before is None:
        raise UsageError(
            "nothing was picked here that could be undone",
            where=str(project.folder),
            hint="`kamishibai retake PROJECT SCENE` makes takes, `kamishibai pick` chooses one",
        )
    project.remember_takes(before)
    places = sorted({*takes.picked, *before.picked})
    changed = tuple(
        (place, takes.picked.get(place, 1), before.picked.get(place, 1))
        for place in places
        if takes.picked.get(place, 1) != before.picked.get(place, 1)
    )
    return before, changed
