"""The Studio: everything the command line does, for Python. Binds a folder, the store, a runner and the settings."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kamishibai.catalogue import ModelCard, model_cards
from kamishibai.disk import read_whole, write_atomically
from kamishibai.documents.frozen import Frozen
from kamishibai.documents.storyboard import Storyboard
from kamishibai.errors import DocumentError, UsageError
from kamishibai.exports.files import FilmFiles
from kamishibai.filming import Filming, Tell, check_terms, models_for, own_pictures_of
from kamishibai.models import registry
from kamishibai.models.kinds import ASKS, TAKES
from kamishibai.opening import StudioSource, open_source, read_board
from kamishibai.project import STORYBOARD, Project
from kamishibai.recipe import Recipe, read_recipe
from kamishibai.settings import Settings, default_cache, read_settings
from kamishibai.steps.board import draft, is_drafted
from kamishibai.steps.models_chosen import choose, options_for
from kamishibai.weights.hub import keep_offline
from kamishibai.work.call import Answer, Call
from kamishibai.work.events import Listener, nobody
from kamishibai.work.key import content_hash
from kamishibai.work.roots import remember_root
from kamishibai.work.runners.local import LocalRunner, usable_cores
from kamishibai.work.store import Store

if TYPE_CHECKING:
    from kamishibai.checking import Scorecard
    from kamishibai.checkup import Check
    from kamishibai.cleaning import CheckUp, Cleaned, Use
    from kamishibai.exports.comparison import Comparison
    from kamishibai.packing import Packed
    from kamishibai.planning import FilmPlan
    from kamishibai.rebuilding import Rebuilt
    from kamishibai.retakes import TakesShown
    from kamishibai.trial import Trial
    from kamishibai.unpacking import Unpacked
    from kamishibai.writing import Written

__all__ = ["FilmFiles", "ModelCard", "Studio", "StudioBoard"]


@dataclass(frozen=True)
class StudioBoard:
    """A storyboard in its folder, and what the reader and the planner had to say."""

    folder: Path
    board: Storyboard
    notes: tuple[str, ...] = ()
    edited: bool = False
    """A person changed it since it was planned."""


def _noting(project: Project, runner: LocalRunner) -> Callable[[Sequence[str]], None]:
    """Return what notes keys for clean-ups of the cache while the storyboard is planned, before a film is begun."""

    def note(keys: Sequence[str]) -> None:
        project.note_keys(keys)
        remember_root(runner.store.root, project.folder, project.keys())

    return note


class Studio:
    """Makes films from stories.

    Parameters
    ----------
    listen
        Called with every `Event`.
    stop
        Asked now and then; return True to stop. What was finished is kept.
    settings
        Any field of `Settings`; they win over the project's file and the environment.

    Examples
    --------
    >>> from kamishibai import Studio
    >>> film = Studio(size=360).make("story.md")  # doctest: +SKIP
    >>> film.measured["loudness_lufs"]  # doctest: +SKIP
    -14.0
    """

    def __init__(
        self, *, listen: Listener = nobody, stop: Callable[[], bool] = lambda: False, **settings: Any
    ) -> None:
        self._given = settings
        self._listen = listen
        self._note = Tell(listen)
        self._stop = stop
        read_settings(None, settings)  # a wrong setting is told before any work

    # ------------------------------------------------------------------ opening

    def _settings(self, folder: Path | None) -> Settings:
        return read_settings(folder, self._given)

    def _runner(self, settings: Settings, project: Project | None = None) -> LocalRunner:
        workers = settings.workers if settings.workers is not None else usable_cores()
        store = Store(settings.cache or default_cache(), None if project is None else project.own_results)
        return LocalRunner(store, 0 if workers <= 1 else workers, self._listen, self._stop)

    # ------------------------------------------------------------------ storyboard

    def board(
        self, source: str | Path, out: Path | None = None, *, text: bytes | None = None, replan: bool = False
    ) -> StudioBoard:
        """Plan the storyboard of a story and write it where people edit it; nothing is drawn or spoken."""
        opened = open_source(source, out, text=text)
        with Project(opened.folder) as project, self._runner(self._settings(opened.folder)) as runner:
            runner.before_work = _noting(project, runner)
            return self._board(project, opened, runner, replan)

    def _board(
        self, project: Project, opened: StudioSource, runner: LocalRunner, replan: bool
    ) -> StudioBoard:
        settings = self._settings(project.folder)
        state = project.state()
        if opened.storyboard is not None:
            board, digest = read_board(project, opened.storyboard)
            if opened.storyboard.absolute() != project.storyboard_file.absolute():
                digest = project.write_storyboard(board)
                project.remember(state.model_copy(update={"storyboard_sha256": digest}))
            return StudioBoard(project.folder, board, (), digest != state.storyboard_sha256)
        assert opened.reading is not None
        story_sha256 = content_hash(opened.data)
        there = project.storyboard_file.is_file()
        if there and state.source not in ("", opened.name):
            raise UsageError(
                f"this folder holds the film of another story, {state.source}",
                where=str(project.folder),
                hint="choose another folder with --out",
            )
        if there and not replan:
            digest = content_hash(read_whole(project.storyboard_file) or b"")
            edited = digest != state.storyboard_sha256
            if edited and state.story_sha256 not in ("", story_sha256):
                raise UsageError(
                    "both the story and its storyboard were edited since the storyboard was planned",
                    where=str(project.storyboard_file),
                    kept="both, as they are",
                    hint=f"`kamishibai make {project.folder}` uses the storyboard; add --replan to plan it anew "
                    "from the story (the edited one is kept beside it)",
                )
            if edited:
                board, _ = project.read_storyboard()
                self._note(f"using the storyboard you edited, {project.storyboard_file}")
                return StudioBoard(project.folder, board, opened.reading.notes, True)
        chosen = choose("text", settings.text, settings.options)
        check_terms([chosen], settings)
        old = self._old_board(project, replan)
        planned = draft(opened.reading.story, chosen, runner, opened.reading.story.seed or 7, old)
        digest = project.write_storyboard(planned.storyboard)
        planned_from = {"source": opened.name, "story_sha256": story_sha256, "storyboard_sha256": digest}
        if (after := state.model_copy(update=planned_from)) != state:
            project.remember(after)
        notes = (*opened.reading.notes, *planned.notes)
        return StudioBoard(project.folder, planned.storyboard, notes)

    def _old_board(self, project: Project, replan: bool) -> Storyboard | None:
        """Return the storyboard that is there, so that a new one calls the same scenes by the same ids."""
        if not project.storyboard_file.is_file():
            return None
        try:
            return project.read_storyboard()[0]
        except DocumentError as error:
            if not replan:
                raise
            self._note(f"the storyboard cannot be read, so scenes get new ids: {error.what}", warn=True)
            return None

    def write(
        self,
        idea: str = "",
        out: Path | None = None,
        *,
        image: Path | None = None,
        lines: int = 4,
        language: str | None = None,
        force: bool = False,
    ) -> Written:
        """Have the text model write a story of `idea`, or of the picture `image`, to a file that `make` takes.

        Parameters
        ----------
        out
            The story's file; None: named after its title, in this folder. A picture is kept beside it as PNG, and is
            what the main character looks like.
        image
            A picture that the critic describes.
        lines
            How many, 1 to 60; each is one scene.
        language
            Such as ``en``; None: the idea's.
        force
            Files that are there already are written over.

        Raises
        ------
        KamishibaiError
            When the text model writes no stories, what came back was none, or a file would be written over.
        """
        from kamishibai import writing

        wish = writing.check_wish(idea, image, lines, language, out, force)
        settings = self._settings(None)
        writer = writing.choose_writer(settings)
        critic = writing.choose_critic(settings) if wish.image is not None else None
        if settings.offline:
            keep_offline()
        check_terms([one for one in (writer, critic) if one is not None], settings)
        with self._runner(settings.model_copy(update={"workers": 0})) as runner:
            return writing.write_story(
                wish, settings, writer, critic, runner.store, lambda call: runner.run([call])[0]
            )

    # ------------------------------------------------------------------ film

    def make(
        self,
        source: str | Path | None = None,
        out: Path | None = None,
        *,
        text: bytes | None = None,
        replan: bool = False,
        update_lock: bool = False,
    ) -> FilmFiles:
        """Make the film of a story, a storyboard or a project folder; whatever is current is not made again.

        Without a `source` the story is what is heard in the recording that the setting `narration` names; it is
        written to ``story.txt`` in the film's folder, where it can be edited. With `update_lock`, weights that are
        not those of the project's lock are accepted and written to it.

        Raises
        ------
        KamishibaiError
            With what happened, where, what was kept and what to do next.
        """
        began = time.perf_counter()
        if source is None:
            source, out = self._story_of_recording(out)
        opened = open_source(source, out, text=text)
        with Project(opened.folder) as project:
            settings = self._settings(project.folder)
            with self._runner(settings, project) as runner:
                runner.before_work = _noting(project, runner)
                planned = self._board(project, opened, runner, replan)
                for note in planned.notes:
                    self._note(note)
                filming = self._filming(project, settings, runner)
                files = filming.film(planned.board, planned.notes, update_lock=update_lock)
        return files.model_copy(update={"took_s": round(time.perf_counter() - began, 3)})

    def _story_of_recording(self, out: Path | None) -> tuple[Path, Path]:
        """Return the story that is heard in the recording of the settings, written down, and the film's folder."""
        from kamishibai.narrating import folder_of, written_story
        from kamishibai.steps.recording import recording_digest

        recording = self._settings(out).narration
        if recording is None:
            raise UsageError(
                "there is no story", hint="name a story file, or a recording of one with --narration"
            )
        recording_digest(recording)  # before a folder is made for it
        folder = folder_of(recording, out)
        settings = self._settings(folder)
        with Project(folder) as project, self._runner(settings) as runner:
            ear = choose("ear", settings.ear, settings.options)
            path, note = written_story(project, recording, ear, runner)
        if note:
            self._note(note)
        return path, folder

    def plan(self, source: str | Path, out: Path | None = None, *, text: bytes | None = None) -> FilmPlan:
        """Return what `make` would do and take, without doing it: no folder is made, no model is loaded.

        Only the storyboard of a story that has none yet is planned, which costs a moment.
        """
        from kamishibai.planning import plan_film

        opened = open_source(source, out, text=text)
        settings = self._settings(opened.folder)
        project = Project(opened.folder)
        with self._runner(settings.model_copy(update={"workers": 0}), project) as runner:
            board = self._board_on_paper(project, opened, settings, runner)
            if settings.seed is not None:
                board = board.model_copy(update={"seed": settings.seed})
            own = own_pictures_of(project, board, runner.store)
            models = models_for(board, settings, self._note)
            filming = Filming(project, settings, runner, self._note, self._stop, own)
            return plan_film(
                opened.folder, board, settings, models, runner.store, own, project.takes().picks(),
                project.calls().calls, current=filming.is_current(board, models),
            )  # fmt: skip

    def _board_on_paper(
        self, project: Project, opened: StudioSource, settings: Settings, runner: LocalRunner
    ) -> Storyboard:
        if opened.storyboard is not None:
            return read_board(project, opened.storyboard)[0]
        assert opened.reading is not None
        old = None
        if project.storyboard_file.is_file():
            old, digest = project.read_storyboard()
            if digest != project.state().storyboard_sha256:
                return old
        story = opened.reading.story
        chosen = choose("text", settings.text, settings.options)
        heavy = registry.class_of(str(chosen.id)).lane == "device"
        if heavy and not is_drafted(story, chosen, runner, story.seed or 7):
            self._note(
                f"planned on text:planner's storyboard: {chosen.id} is not loaded for a plan", warn=True
            )
            chosen = choose("text", "planner", {})
        return draft(story, chosen, runner, story.seed or 7, old).storyboard

    def show(self, source: str | Path) -> Recipe:
        """Return what a film was made from, by which models and how well it measured.

        Parameters
        ----------
        source
            A film file, or a project folder.

        Raises
        ------
        KamishibaiError
            When it is neither, with what to do.
        """
        return read_recipe(Path(source))

    # ------------------------------------------------------------------ one model alone

    def attempt(
        self, id_: str, ask: Frozen, options: Mapping[str, Any] | None = None
    ) -> tuple[Answer, Store]:
        """Have one model answer one ask; return its answer and the store that holds its files."""
        settings = self._settings(None)
        takes = TAKES[type(ask)]
        merged = {**options_for(id_, settings.options), **(options or {})}
        store = Store(settings.cache or default_cache())
        with LocalRunner(store, 0, self._listen, self._stop) as runner:
            (answer,) = runner.run([Call("try", "", id_, ask, takes, merged)])
        return answer, store

    def try_one(
        self,
        id_: str,
        words: str | Sequence[str],
        out: Path | None = None,
        *,
        seconds: Fraction | float | str | None = None,
        move: str | None = None,
        language: str | None = None,
        speaker: str | None = None,
        prompt: str | None = None,
        negative: str | None = None,
        source: Path | None = None,
        strength: float | None = None,
        mask: Path | None = None,
        like: Sequence[Path] = (),
    ) -> Trial:
        """Have one model alone make something of plain words or of a file, and keep the result in `out`.

        Parameters
        ----------
        id_
            A model's id, or a kind for its default.
        words
            A sentence (voice), a prompt (picture), a line (text), moods (music), names of sounds (sound), a picture
            or a prompt (motion), a sound file (ear); a picture, and texts to compare it with (eye) or questions
            about it (critic), one by one.
        seconds, move, language, speaker, prompt, negative, source, strength, mask, like
            Where that kind of model has a use for them, else they are refused; see `kamishibai.wishes.Wish`.

        Raises
        ------
        KamishibaiError
            When the words mean nothing to that model, or it fails.
        """
        from kamishibai import trial
        from kamishibai.wishes import ask_for, read_wish

        settings = self._settings(None)
        kind = registry.kind_of(id_)
        if id_ in registry.KINDS:
            wanted = getattr(settings, kind, None)
            if wanted is None or (wanted in ("auto", "none") and kind not in registry.EMBEDDED):
                raise UsageError(
                    f"there is no default {kind}", hint=f"name one of `kamishibai models {kind}`"
                )
            id_ = registry.normal_id(kind, "auto" if wanted == "none" else wanted)
        registry.require_packages(id_)
        trial.check_name(kind, out)
        given = {
            "seconds": seconds, "move": move, "language": language, "speaker": speaker, "prompt": prompt,
            "negative": negative, "source": source, "strength": strength, "mask": mask, "like": tuple(like) or None,
        }  # fmt: skip
        wish = read_wish(given)
        beside = {
            other: choose(other, getattr(settings, other), settings.options) for other in ("text", "picture")
        }
        with self._runner(settings.model_copy(update={"workers": 0})) as runner:

            def answer(id_: str, ask: Frozen) -> Answer:
                takes = ASKS[registry.kind_of(id_)][1]
                return runner.run([Call("try", "", id_, ask, takes, options_for(id_, settings.options))])[0]

            ask = ask_for(
                kind,
                words,
                wish,
                settings,
                runner.store,
                lambda draft: answer(str(beside["text"].id), draft).take,
                lambda draw: answer(str(beside["picture"].id), draw).take,
                registry.make(id_, options_for(id_, settings.options)).honours(),
            )
            found = answer(id_, ask)
            made = trial.keep(
                id_, kind, ask, found.take, out, runner.store, settings.quality, like=tuple(like)
            )
        return made.model_copy(update={"reused": found.reused, "took_s": round(found.seconds, 3)})

    def compare(
        self,
        source: str | Path,
        pictures: Sequence[str] = (),
        motions: Sequence[str] = (),
        *,
        scenes: Sequence[str] = (),
        count: int = 1,
        seconds: Fraction | None = None,
        eye: str | None = None,
        out: Path | None = None,
        text: bytes | None = None,
    ) -> Comparison:
        """Have several models make the same scenes, and put what they made side by side on one page in the folder.

        Parameters
        ----------
        pictures, motions
            Ids of models, such as ``diffusers:sdxl``; motion models start from the first picture model's pictures.
        scenes
            Ids of scenes; none is the first one.
        count
            How many takes each model makes of a scene.
        seconds
            Length of a clip.
        eye
            Who scores the pictures, such as ``clip:FOLDER``; None: nobody.

        Raises
        ------
        KamishibaiError
            As `make`; and UsageError when there is nothing to compare or no such scene.
        """
        from kamishibai.compare import SECONDS, chosen_scenes, compare
        from kamishibai.exports.comparison import comparison_html, file_name, said_again

        opened = open_source(source, out, text=text)
        with Project(opened.folder) as project:
            settings = self._settings(project.folder)
            named = [("picture", name) for name in pictures] + [("motion", name) for name in motions]
            chosen = {one.id: one for one in (choose(*each, settings.options) for each in named)}
            if not chosen:
                raise UsageError(
                    "there is nothing to compare", hint="name models with --picture and --motion"
                )
            still_by = next(
                (one for one in chosen.values() if one.kind == "picture"),
                choose("picture", settings.picture, settings.options),
            )
            looking = None if eye is None else choose("eye", eye, settings.options)
            check_terms(chosen.values(), settings)
            with self._runner(settings) as runner:
                board = self._board(project, opened, runner, replan=False).board
                store = runner.store
            if settings.seed is not None:
                board = board.model_copy(update={"seed": settings.seed})
            found = compare(
                board, chosen_scenes(board, scenes), settings, list(chosen.values()), still_by, store,
                count=count, seconds=seconds or SECONDS, eye=looking,
                own=own_pictures_of(project, board, store), listen=self._listen, stop=self._stop,
            )  # fmt: skip
            page = project.folder / file_name(found)
            command = said_again(str(source), found, count)
            write_atomically(page, comparison_html(found, store.open, command).encode("utf-8"))
        return found.model_copy(update={"page": page})

    def check(self, here: Path) -> list[Check]:
        """Return what stands in the way of making films in the folder `here` on this machine, and what does not."""
        from kamishibai.checkup import check_machine

        settings = self._settings(None)
        return check_machine(settings, settings.cache or default_cache(), here)

    def check_film(
        self, source: str | Path, story: Path | None = None, *, gates: Sequence[str] = ()
    ) -> Scorecard:
        """Judge a finished film by every gate, or by those named; nothing is made or changed.

        Parameters
        ----------
        source
            A film file, made here or elsewhere, or a project folder.
        story
            What should be heard, as a text; None: the film's own storyboard, or its captions.
        gates
            Such as ``narration``; none are all.

        Raises
        ------
        KamishibaiError
            When there is no film to judge. A film that fails is no error: see `Scorecard.passed`.
        """
        from kamishibai.checking import check_film, wanted_gates
        from kamishibai.steps.gate_settings import gates_of

        path = Path(source)
        wanted = wanted_gates(gates)
        settings = self._settings(path if path.is_dir() else None)
        kinds = ("ear", "eye", "critic")
        models = {kind: choose(kind, getattr(settings, kind), settings.options) for kind in kinds}
        with self._runner(settings.model_copy(update={"workers": 0})) as runner:
            return check_film(path, story, wanted, gates_of(settings), models, runner, self._stop)

    # ------------------------------------------------------------------ takes by hand

    def _filming(self, project: Project, settings: Settings, runner: LocalRunner) -> Filming:
        return Filming(project, settings, runner, self._note, self._stop, given=self._given_as_json())

    def _given_as_json(self) -> dict[str, Any]:
        given = {name: value for name, value in self._given.items() if value is not None}
        return Settings(**given).model_dump(mode="json", include=set(given))

    def _as_made(self, project: Project) -> Settings:
        """Return the settings that the project's film was made with last, under those that are given now."""
        before = project.state().settings
        try:
            return read_settings(project.folder, {**before, **self._given})
        except UsageError:
            return self._settings(project.folder)  # written by a version with other settings

    def retake(
        self,
        source: str | Path,
        scene: str | None = None,
        kind: str = "picture",
        *,
        seed: int | None = None,
        prompt: str | None = None,
        count: int = 1,
        choose: bool | None = None,
    ) -> TakesShown:
        """Make more takes of a scene's picture, voice, clip or sounds, of a portrait or the music; old takes stay.

        The film is taken as it was made last, with the models of then; its files are not touched: `make` puts in what
        is picked.

        Parameters
        ----------
        source
            The project folder.
        scene
            A scene's id; the cast id for a portrait; None for the music.
        kind
            ``picture``, ``voice``, ``motion``, ``sound``, ``music`` or ``portrait``.
        seed, prompt, count, choose
            See `kamishibai.retakes.retake`.

        Raises
        ------
        KamishibaiError
            When there is no such scene, or the model makes the same take from every seed.
        """
        from kamishibai import retakes

        with Project(_folder_of(source)) as project:
            board, _ = project.read_storyboard()
            settings = self._as_made(project)
            with self._runner(settings, project) as runner:
                filming = self._filming(project, settings, runner)
                return retakes.retake(
                    filming, board, kind, scene, seed=seed, prompt=prompt, count=count, choose=choose
                )

    def make_again(self, source: str | Path) -> FilmFiles:
        """Make a project's film as it was made last, with the models and options of then. Raises KamishibaiError."""
        began = time.perf_counter()
        with Project(_folder_of(source)) as project:
            board, _ = project.read_storyboard()
            settings = self._as_made(project)
            with self._runner(settings, project) as runner:
                given = {**project.state().settings, **self._given_as_json()}
                filming = Filming(project, settings, runner, self._note, self._stop, given=given)
                files = filming.film(board)
        return files.model_copy(update={"took_s": round(time.perf_counter() - began, 3)})

    def takes(self, source: str | Path, scene: str | None = None, kind: str = "picture") -> TakesShown:
        """Return every take of a place, with copies to look at or listen to in the project's folder ``takes``."""
        from kamishibai import retakes

        with Project(_folder_of(source)) as project:
            board, _ = project.read_storyboard()
            settings = self._as_made(project)
            with self._runner(settings, project) as runner:
                return retakes.show_takes(self._filming(project, settings, runner), board, kind, scene)

    def pick(
        self, source: str | Path, scene: str | None, number: int, kind: str = "picture"
    ) -> dict[str, int]:
        """Choose a take by its number (1 is the film's own), and return what is picked now: place → number.

        Raises
        ------
        UsageError
            When there is no such scene or take.
        """
        from kamishibai import retakes

        with Project(_folder_of(source)) as project:
            board, _ = project.read_storyboard()
            return dict(retakes.pick(project, board, kind, scene, number).picked)

    def undo(self, source: str | Path) -> tuple[tuple[str, int, int], ...]:
        """Take back the last pick, and return what is different now: (place, from, to). Raises UsageError."""
        from kamishibai import retakes

        with Project(_folder_of(source)) as project:
            return retakes.undo(project)[1]

    # ------------------------------------------------------------------ the cache

    def _store(self) -> Store:
        return Store(self._settings(None).cache or default_cache())

    def cache_use(self) -> Use:
        """Return what the cache folder holds, for which projects and by which makers. Raises StoreError."""
        from kamishibai.cleaning import usage

        return usage(self._store())

    def cache_clean(
        self, *, unused_days: float = 0, most_gb: float | None = None, dry: bool = False
    ) -> Cleaned:
        """Delete the results that no project refers to, and all that belongs to no result; `dry`: only say what.

        Raises
        ------
        KamishibaiError
            When films are being made with this cache, or a file cannot be read or deleted.
        """
        from kamishibai.cleaning import clean

        return clean(self._store(), unused_days=unused_days, most_gb=most_gb, dry=dry)

    def cache_verify(self, *, repair: bool = False) -> CheckUp:
        """Read every stored file and set aside what is damaged; with `repair`, make it again from the calls on record.

        Raises
        ------
        KamishibaiError
            When a file is there and cannot be read, or on being stopped.
        """
        from kamishibai.cleaning import check_up

        return check_up(self._store(), repair=repair, listen=self._listen, stop=self._stop)

    def models(self, kind: str | None = None) -> list[ModelCard]:
        """Return every installed model, of one kind or of all, or the one of a full id.

        Raises
        ------
        UnknownModelError
            When there is no such kind or model.
        """
        return model_cards(kind)

    # ------------------------------------------------------------------ projects and films that travel

    def pack(
        self, project: str | Path, out: Path | None = None, *, results: bool = True, force: bool = False
    ) -> Packed:
        """Write a project folder to one file, ``NAME.kamishibai``, with the results its film was made from.

        Parameters
        ----------
        out
            The file; None: ``NAME.kamishibai`` in this folder.
        results
            Without them the file is small, and making the film again elsewhere calls the models again.
        force
            A file that is there already is written over.

        Raises
        ------
        KamishibaiError
            When it is no project, or something cannot be read or written.
        """
        from kamishibai.packing import pack

        folder = Path(project)
        settings, made = self._settings(folder), Project(folder)
        cache = settings.cache or Path(made.calls().cache or default_cache())
        store = Store(cache, made.own_results)
        return pack(folder, store, out, results=results, force=force, listen=self._listen, stop=self._stop)

    def unpack(self, archive: str | Path, out: Path | None = None, *, max_gb: float = 64.0) -> Unpacked:
        """Write a packed project to a folder, ``film/NAME`` unless `out` names another; all of it is checked before.

        Its results serve this project alone and never reach the cache.

        Raises
        ------
        KamishibaiError
            When it is no packed project, anything in it is not as it should be, or there is no room for it.
        """
        from kamishibai.unpacking import unpack

        return unpack(Path(archive), out, max_gb=max_gb, listen=self._listen, stop=self._stop)

    def rebuild(
        self,
        film: str | Path,
        out: Path | None = None,
        *,
        narration: Path | None = None,
        pictures: Path | None = None,
    ) -> Rebuilt:
        """Make a film again out of the recipe in its own file, and compare the two frame by frame.

        What is different here (versions, weights) is told before any work. The studio's settings stand above the
        recipe's: ``Studio(picture="diffusers:FOLDER")`` names the checkpoint to use here.

        Parameters
        ----------
        out
            The new project's folder; None: ``film/NAME-again``.
        narration
            The recording that the film was cut to, where it was.
        pictures
            A folder with the user's own pictures of the cast; they are looked for beside the film too.

        Raises
        ------
        KamishibaiError
            When it carries no recipe that can be right, or a model, a picture or the recording is not here.
        """
        from kamishibai import rebuilding

        began = time.perf_counter()
        wanted = rebuilding.prepare(Path(film), out, self._given, narration, pictures)
        for note in wanted.notes:
            self._note(note, warn=True)
        with Project(wanted.folder) as project:
            wanted.lay_out(project)
            with self._runner(wanted.settings, project) as runner:
                files = self._filming(project, wanted.settings, runner).film(wanted.board)
                files = files.model_copy(update={"took_s": round(time.perf_counter() - began, 3)})
                return rebuilding.compared(wanted, project, files, runner.store)


def _folder_of(source: str | Path) -> Path:
    """Return a project folder, named as such or by its storyboard. Raises DocumentError."""
    path = Path(source)
    folder = path.parent if path.name == STORYBOARD else path
    if (folder / STORYBOARD).is_file():
        return folder
    raise DocumentError(
        f"there is no {STORYBOARD} here, so this is no project folder",
        where=str(folder),
        hint="`kamishibai make STORY` makes a film in a folder of its own, film/NAME",
    )
