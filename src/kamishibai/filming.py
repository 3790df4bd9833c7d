"""Filming: the one film of a project, from its storyboard to its finished files; whatever is current is not made again."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kamishibai.catalogue import allowed_instead
from kamishibai.cleaning import keep_under
from kamishibai.documents.frozen import canonical_json
from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Storyboard
from kamishibai.errors import Cancelled, DamagedError, KamishibaiError, StoreError
from kamishibai.exports.files import FilmFiles
from kamishibai.models import registry
from kamishibai.models.kinds import Mend
from kamishibai.project import Calls, Project, slug
from kamishibai.settings import Settings
from kamishibai.steps.cast import cast_notes, own_pictures
from kamishibai.steps.locked import pinned_by
from kamishibai.steps.models_chosen import FILM_KINDS, Chosen, choose
from kamishibai.steps.picks import Picks
from kamishibai.steps.terms import bound_by, refuse_bound
from kamishibai.steps.voices import own_voices
from kamishibai.version import __version__
from kamishibai.weights.hub import keep_offline
from kamishibai.weights.lock import FILE as LOCK
from kamishibai.weights.lock import check, merged, read_lock, refuse, write_lock
from kamishibai.work.call import Answer
from kamishibai.work.events import Event
from kamishibai.work.explain import CallKey, Explainer
from kamishibai.work.key import content_hash
from kamishibai.work.repair import check_results
from kamishibai.work.roots import remember_root
from kamishibai.work.runners.local import LocalRunner
from kamishibai.work.store import Store
from kamishibai.work.timings import Cost, Timings

__all__ = ["Filming", "Tell", "check_terms", "models_for", "own_pictures_of", "slug_of"]

FILM = "film.json"
FILM_FORM = "kamishibai.film-files/1"
MOST_REPAIRS = 100
"""Damaged files that one run makes again; a disk that spoils more wants a person."""


class Tell:
    """Says something to whoever watches; ``warn`` for what should be read."""

    def __init__(self, listen: Callable[[Event], None]) -> None:
        self.listen = listen

    def __call__(self, text: str, *, warn: bool = False) -> None:
        """Say `text`."""
        self.listen(Event(event="warning" if warn else "note", text=text))


def check_terms(chosen: Iterable[Chosen], settings: Settings) -> None:
    """Refuse models that may not be used in work that is sold, where the settings ask for that."""
    if settings.commercial_safe:
        refuse_bound(bound_by(chosen, allowed_instead))


def own_pictures_of(project: Project, board: Storyboard, store: Store) -> dict[str, Ref]:
    """Return the user's own pictures of the cast, looked for beside the storyboard and then beside the story."""
    folders = [project.folder]
    source = project.state().source
    if source and Path(source).is_absolute():
        folders.append(Path(source).parent)
    return own_pictures(board, folders, store.save, str(project.storyboard_file))


def models_for(board: Storyboard, settings: Settings, tell: Tell) -> dict[str, Chosen]:
    """Return which model does each kind of work for this storyboard, and why."""
    wanted = {kind: getattr(settings, kind) for kind in FILM_KINDS}
    if wanted["voice"] == "auto" and board.voice:
        wanted["voice"] = board.voice
    spoken = settings.narration is None
    chosen = {
        kind: choose(kind, wanted[kind], settings.options)
        if spoken or kind != "voice"
        else Chosen(kind="voice", id=None, why="the narration is a recording")
        for kind in FILM_KINDS
    }
    if spoken:
        chosen |= own_voices(board, chosen["voice"], settings.options)
    elif settings.voice != "auto":
        tell(f"{settings.voice} does not speak: the narration is a recording", warn=True)
    if chosen["critic"].id:
        # Where the storyboard's own model can, it writes the prompts anew that the critic finds wanting.
        author = choose("text", settings.text, settings.options)
        if Mend in registry.class_of(str(author.id)).verbs():
            chosen["text"] = author
    for id_, options in settings.options.items():
        if id_ in registry.KINDS:
            continue  # whoever was chosen took them, or refused them
        registry.make(id_, options)  # a misspelt model or option is told, not passed over
        kind = registry.kind_of(id_)
        if kind in chosen and chosen[kind].id != id_ and not str(chosen[kind].id).startswith(f"{id_}:"):
            tell(f"the options of {id_} are not used: {kind} is {chosen[kind].id or 'none'}", warn=True)
    check_terms(chosen.values(), settings)
    return chosen


@dataclass
class Filming:
    """What one run makes a film with. Its project must be entered."""

    project: Project
    settings: Settings
    runner: LocalRunner
    tell: Tell
    stop: Callable[[], bool]
    own: Mapping[str, Ref] | None = None
    """The user's own pictures of the cast, by cast id; None: they are looked for."""
    given: Mapping[str, Any] = field(default_factory=dict)
    """The settings that the command line or the caller gave, as JSON."""

    def film(self, board: Storyboard, notes: tuple[str, ...] = (), *, update_lock: bool = False) -> FilmFiles:
        """Make the film of `board`, or find that it is current.

        Results that turn out damaged while they are read are set aside, told and made again.

        Raises
        ------
        KamishibaiError
            With what happened, where, what was kept and what to do next.
        """
        seen: set[str] = set()
        planned = self.runner.explainer.asked
        while True:
            try:
                return self._film(board, notes, update_lock, planned)
            except DamagedError as error:
                again = error.where in seen or len(seen) >= MOST_REPAIRS
                seen.add(error.where or "")
                if again:
                    error.hint = "the disk may be failing: choose another cache folder with --cache"
                    raise
                # Where one file is damaged others may be: all of this film's are looked at before going on.
                self.tell(f"{error.where}: {error.what}; it is made again", warn=True)
                check_results(self.runner.store, {call.key for call in self.runner.explainer.asked})

    def _film(
        self,
        board: Storyboard,
        notes: tuple[str, ...],
        update_lock: bool,
        planned: tuple[CallKey, ...],
    ) -> FilmFiles:
        project, settings, runner = self.project, self.settings, self.runner
        if settings.seed is not None:
            board = board.model_copy(update={"seed": settings.seed})
        if settings.offline:
            keep_offline()
        models = models_for(board, settings, self.tell)
        own = self.own if self.own is not None else own_pictures_of(project, board, runner.store)
        picks = project.takes().picks()
        recipe = recipe_digest(board, settings, models, own, picks)
        state = project.state()
        self._tell_damage()
        found = self._current(recipe)
        if found is not None:
            with contextlib.suppress(StoreError):  # a film that is finished needs no cache
                # The folder may have been moved: a clean-up should know where it is now.
                remember_root(runner.store.root, project.folder, project.keys())
            return found

        self._lock_weights(models, update_lock)

        # These pull in the whole engine; a rerun with nothing to do never gets here.
        from kamishibai.exports.deliver import deliver
        from kamishibai.pipeline import make

        self.begin(planned)
        for chosen in models.values():
            if chosen.id is None and chosen.kind == "ear" and settings.ear != "none":
                self.tell(chosen.why)
        picture = registry.make(str(models["picture"].id), models["picture"].options)
        for note in cast_notes(board, picture.honours(), str(models["picture"].id)):
            self.tell(note, warn=True)
        beside, recorded, told = self._recorded(board, models)
        made = make(board, settings, models, runner, own, recorded, picks)
        made.answers = [*beside, *made.answers]
        began = time.perf_counter()
        self._listen(Event(event="stage", stage="join", total=1))
        self._listen(Event(event="progress", stage="join"))
        self._go_on()
        name = slug_of(project, board)
        files = deliver(
            made,
            project.folder,
            name,
            settings,
            models,
            runner.store,
            picks=picks.dump(),
            go_on=self._go_on,
            note=runner.explainer.note,
        )
        took = round(time.perf_counter() - began, 4)
        Timings(runner.store.root).add([Cost(stage="join", maker="engine:join", seconds=took)])
        self._listen(Event(event="call", stage="join", seconds=took))
        files = files.model_copy(update={"notes": (*notes, *told, *files.notes)})
        runner.tell_damage()
        project.hide(FILM, FILM_FORM, files)
        self.end()
        # Last: a run that is cut short before is not taken for a finished one.
        stamps = {file: project.stamp(file) for file in files.files}
        project.remember(
            state.model_copy(update={"recipe_sha256": recipe, "files": stamps, "settings": self.given})
        )
        self._listen(Event(event="film", text=str(files.film), done=1.0, seconds=files.seconds))
        return files

    def is_current(self, board: Storyboard, models: Mapping[str, Chosen]) -> bool:
        """Say whether the finished film is what would be made; where weights are missing nothing can be."""
        own, picks = self.own or {}, self.project.takes().picks()
        try:
            recipe = recipe_digest(board, self.settings, models, own, picks)
        except KamishibaiError:
            return False
        return self.project.fresh(self.project.state(), recipe)

    def begin(self, planned: tuple[CallKey, ...] = ()) -> None:
        """Let the runner say why calls are made, and see to it that no clean-up takes what they make.

        `planned` are the calls behind the storyboard, which the film refers to as well.
        """
        project, runner = self.project, self.runner
        runner.presence.enter()
        runner.explainer = Explainer(runner.store, project.calls().calls, planned)
        runner.before_work = project.note_keys
        remember_root(runner.store.root, project.folder, project.keys())
        self._tell_damage()

    def end(self) -> None:
        """Write down which results the finished film is made from, and keep the cache under its cap."""
        project, runner = self.project, self.runner
        calls = Calls(cache=str(runner.store.root.absolute()), calls=runner.explainer.asked)
        project.remember_calls(calls)
        remember_root(runner.store.root, project.folder, project.keys())
        if self.settings.cache_gb is not None:
            for note in keep_under(runner.store, self.settings.cache_gb, runner.presence):
                self.tell(note, warn=True)

    def _current(self, recipe: str) -> FilmFiles | None:
        """Return the finished film when it is what this recipe makes."""
        project = self.project
        if not project.fresh(project.state(), recipe):
            return None
        files = project.hidden(FILM, FILM_FORM, FilmFiles)
        self._tell_damage()
        if files is None:
            return None
        # The folder may have been moved since.
        here = {"folder": project.folder, "film": project.folder / files.film.name}
        return files.model_copy(update={"fresh": True, **here})

    def _tell_damage(self) -> None:
        for text in self.project.damage:
            self.tell(text, warn=True)
        self.project.damage.clear()

    def _listen(self, event: Event) -> None:
        self.runner.tell(event)

    def _go_on(self) -> None:
        if self.stop():
            raise Cancelled(
                "stopped",
                kept="everything that was finished before",
                hint="run the same command again: it goes on from here",
            )

    def _recorded(
        self, board: Storyboard, models: Mapping[str, Chosen]
    ) -> tuple[list[Answer], list[Answer], tuple[str, ...]]:
        """Return the answers behind the lines of a recorded narration, the lines, and what there is to say of them."""
        if self.settings.narration is None:
            return [], [], ()
        from kamishibai.steps.recording import lines_of, recorded_speeches

        _, answers, notes = recorded_speeches(board, self.settings.narration, models["ear"], self.runner)
        for note in notes:
            self.tell(note)
        return [answer for answer in answers if answer.call.stage != "cut"], lines_of(answers), notes

    def _lock_weights(self, models: Mapping[str, Chosen], update: bool) -> None:
        """Refuse other weights than the project's lock names, and write down those it does not know."""
        folder = self.project.folder
        now = pinned_by(models)
        if not now and not (folder / LOCK).is_file():
            return
        lock = None if update else read_lock(folder)
        refuse(check(lock, now), folder)
        fresh = merged(lock, now)
        if fresh != lock:
            write_lock(folder, fresh)


def recipe_digest(
    board: Storyboard,
    settings: Settings,
    models: Mapping[str, Chosen],
    own: Mapping[str, Ref],
    picks: Picks,
) -> str:
    """Return the digest of all that a film's files are made from."""
    made_by = {}
    for kind, chosen in models.items():
        if chosen.id is not None:
            model = registry.make(chosen.id, chosen.options)
            made_by[kind] = [chosen.id, model.version, model.weights(), chosen.options, chosen.speaker]
    recording = None
    if settings.narration is not None:
        from kamishibai.steps.recording import recording_digest

        recording = recording_digest(settings.narration)
    return content_hash(
        canonical_json(
            {
                "kamishibai": __version__,
                "board": board.model_dump(mode="json", by_alias=True),
                "settings": settings.model_dump(mode="json", exclude=set(UNKEYED)),
                "models": made_by,
                "narration": recording,
                "own": {who: ref.sha256 for who, ref in own.items()},
                "picks": picks.dump(),
            }
        )
    )


UNKEYED = ("workers", "cache", "cache_gb", "offline", "commercial_safe", "narration")
"""Settings that change how a film is made and not what it is; a recording counts by its content."""


def slug_of(project: Project, board: Storyboard) -> str:
    """Return the name of the film's files: the folder's, when that is safe, else the title's."""
    name = project.folder.absolute().name
    return name if slug(name) == name else slug(board.title)
