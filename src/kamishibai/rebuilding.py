"""rebuild: a film made again out of the recipe in its own file, compared with it frame by frame and sample by sample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kamishibai.disk import clone, write_atomically
from kamishibai.documents.frozen import Frozen
from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Character, Storyboard
from kamishibai.errors import DocumentError, KamishibaiError, MediaError, UsageError
from kamishibai.exports.files import FilmFiles
from kamishibai.filming import models_for
from kamishibai.media.photo import read_photo
from kamishibai.media.picture import encode_png
from kamishibai.models import registry
from kamishibai.opening import OUT
from kamishibai.packed import MACHINE, SETTINGS, is_picture_name, is_sound_name, leads_out, strings_in
from kamishibai.project import HIDDEN, STORYBOARD, Project, slug
from kamishibai.recipe import Recipe, read_recipe
from kamishibai.settings import Settings, read_settings
from kamishibai.steps.models_chosen import FILM_KINDS, Chosen
from kamishibai.steps.picks import STAGES, HandTake, Pick, Picks, Takes
from kamishibai.steps.recording import recording_digest
from kamishibai.steps.voices import OF
from kamishibai.version import __version__
from kamishibai.work.key import content_hash
from kamishibai.work.store import Store

__all__ = ["Rebuilding", "Rebuilt", "compared", "prepare"]

MOST_PICTURES = 500
"""So many files of a folder are looked through for a picture."""

DEEPEST = 12
"""Lists and maps within each other; settings have four."""


class Rebuilt(Frozen):
    """A film that was made again."""

    files: FilmFiles
    same: bool | None
    """Whether every frame and sample is that of the first film; None: that one does not say what it was."""
    differences: tuple[str, ...] = ()
    """What is different here from where it was made."""


@dataclass(frozen=True)
class Rebuilding:
    """All that a film is made again with; nothing of it is written yet."""

    recipe: Recipe
    folder: Path
    board: Storyboard
    settings: Settings
    takes: Takes
    notes: tuple[str, ...]
    """What is different here."""
    copies: Mapping[str, Path]
    """Files that go into the project, by their names there."""

    def lay_out(self, project: Project) -> None:
        """Write the project, so that `make`, `pick` and `undo` go on from it. Raises StoreError."""
        for name, path in self.copies.items():
            clone(path, self.folder / name)
        plain = self.settings.model_dump(
            mode="json", exclude={*MACHINE, "narration", "offline", "commercial_safe"}
        )
        usual = Settings().model_dump(mode="json")
        said = {name: value for name, value in plain.items() if value != usual[name]}
        if self.settings.narration is not None:
            said["narration"] = self.settings.narration.name
        text = yaml.safe_dump(said, sort_keys=False, allow_unicode=True) if said else ""
        write_atomically(self.folder / SETTINGS, text.encode("utf-8"))
        digest = project.write_storyboard(self.board)
        project.remember(project.state().model_copy(update={"storyboard_sha256": digest}))
        if self.takes.places and not project.takes().places:
            project.remember_takes(self.takes)


def prepare(
    film: Path,
    out: Path | None,
    given: Mapping[str, Any],
    narration: Path | None = None,
    pictures: Path | None = None,
) -> Rebuilding:
    """Return what `film` is made again with, after a look at whether it can be.

    Parameters
    ----------
    out
        The new project's folder; None: ``film/NAME-again``.
    given
        Settings that stand above the recipe's: models in place of what is not here, and what is of this machine.
    narration
        The recording that the film was cut to, where it was.
    pictures
        The folder with the user's own pictures; they are looked for beside the film too.

    Raises
    ------
    DocumentError
        When it carries no recipe, or one that cannot be right.
    UnknownModelError, ModelError
        When a model or its weights are not here.
    MediaError
        When a picture or the recording is not here, or another.
    UsageError
        When the folder holds something else.
    """
    if film.is_dir():
        raise UsageError(
            "this is a folder; a film is made again out of its own file",
            where=str(film),
            hint=f"`kamishibai make {film}` makes the film of a project again",
        )
    recipe = read_recipe(film)
    folder = OUT / f"{slug(film.stem)}-again" if out is None else out
    try:
        _refuse_hostile(recipe)
        picks = Picks.read(recipe.picks)
    except RecursionError as error:
        raise _refused(recipe, "it is nested too deeply to be right") from error
    except ValueError as error:
        if isinstance(error, KamishibaiError):
            raise
        raise _refused(recipe, f"its picks cannot be read: {str(error).splitlines()[0][:200]}") from error
    copies: dict[str, Path] = {}
    settings = _settings(recipe, given)
    recording = _recording(recipe, narration)
    if recording is not None:
        name = recording.name if is_sound_name(recording.name) else "narration.wav"
        copies[name] = recording
        settings = settings.model_copy(update={"narration": folder / name})
    board, own, notes = _own_pictures(recipe, pictures)
    copies |= own
    notes = (*_differences(recipe, board, settings.model_copy(update={"narration": recording})), *notes)
    _refuse_occupied(folder, board)
    return Rebuilding(recipe, folder, board, settings, _takes(picks), notes, copies)


def _refused(recipe: Recipe, why: str) -> DocumentError:
    return DocumentError(
        f"the recipe of this film is refused: {why}",
        where=str(recipe.source),
        hint="`kamishibai show FILM` shows what it says; a film that was made by another version is rebuilt by that one",
    )


def _refuse_hostile(recipe: Recipe) -> None:
    """Refuse a recipe that no film of ours has. A film may come from anybody, and a recipe is data."""
    if _deeper(recipe.settings, DEEPEST):
        raise _refused(recipe, "it is nested too deeply to be right")
    known = set(Settings.model_fields) - {*MACHINE, "narration", "offline", "commercial_safe"}
    if strange := sorted(set(recipe.settings) - known):
        raise _refused(recipe, f"this version has no setting {strange[0][:60]!r} in a recipe")
    if strange := [k for k in recipe.models if k not in (*FILM_KINDS, "text") and not k.startswith(OF)]:
        raise _refused(recipe, f"this version has no kind of model {strange[0][:60]!r}")
    voices = [voice for voice in (recipe.board.voice, *(who.voice for who in recipe.board.cast)) if voice]
    for text in strings_in([recipe.settings, recipe.models, list(recipe.made_by), voices]):
        if leads_out(text):
            raise _refused(recipe, f"it names a place on a machine: {text[:60]!r}")


def _deeper(value: Any, most: int) -> bool:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(most == 0 or _deeper(part, most - 1) for part in parts)


def _refuse_occupied(folder: Path, board: Storyboard) -> None:
    if not folder.exists():
        return
    there = [path for path in folder.iterdir() if path.name != HIDDEN] if folder.is_dir() else [folder]
    if not there:
        return
    if folder.is_dir() and (folder / STORYBOARD).is_file():
        found, digest = Project(folder).read_storyboard()
        # A run that was stopped goes on here.
        if found == board and digest == Project(folder).state().storyboard_sha256:
            return
    raise UsageError(
        "something else is there already",
        where=str(folder),
        kept="it, as it is",
        hint="choose another folder with --out",
    )


# ------------------------------------------------------------------ models and settings


def _settings(recipe: Recipe, given: Mapping[str, Any]) -> Settings:
    """Return the recipe's settings, with the models that made the film in place of ``auto``, under what is `given`."""
    above = {name: value for name, value in given.items() if value is not None}
    plain = dict(recipe.settings)
    for kind in FILM_KINDS:
        of_board = kind == "voice" and (recipe.board.voice is not None or recipe.narration)
        if kind in recipe.models and plain.get(kind, "auto") == "auto" and not of_board:
            plain[kind] = recipe.models[kind] or "none"
    plain["options"] = _options(recipe, plain.get("options") or {}, above)
    if isinstance(above.get("options"), dict) and isinstance(plain["options"], dict):
        below = plain["options"]
        above["options"] = {
            **below,
            **{id_: {**below.get(id_, {}), **o} for id_, o in above["options"].items()},
        }
    try:
        Settings(**plain)
    except ValueError as error:
        raise _refused(recipe, "its settings cannot be right for this version") from error
    return read_settings(None, {**plain, **above})


def _options(recipe: Recipe, options: Any, given: Mapping[str, Any]) -> Any:
    """Return options under the names of the models that stand in for the recipe's, where these take the same."""
    if not isinstance(options, dict):
        return options
    moved = dict(options)
    for kind, old in recipe.models.items():
        if old is None or kind not in given or kind not in FILM_KINDS:
            continue
        new = registry.normal_id(kind, str(given[kind]).partition("#")[0])
        if old == new or old not in moved:
            continue
        fields = moved.pop(old)
        if old.split(":")[:2] == new.split(":")[:2]:
            moved.setdefault(new, fields)
    return moved


def _differences(recipe: Recipe, board: Storyboard, settings: Settings) -> tuple[str, ...]:
    """Return what is different here: the program, the models, their weights. Raises when one is not here at all."""
    notes = []
    if recipe.made_with != __version__:
        notes.append(f"the film was made by Kamishibai {recipe.made_with}; here is {__version__}")
    try:
        models = models_for(board, settings, lambda text, *, warn=False: None)  # type: ignore[arg-type]
    except KamishibaiError as error:
        raise _with_way_out(error) from error
    for kind, chosen in models.items():
        notes += _model_differences(recipe, kind, chosen)
    return tuple(dict.fromkeys(notes))


def _model_differences(recipe: Recipe, kind: str, chosen: Chosen) -> Iterator[str]:
    old = recipe.models.get(kind)
    if chosen.id is None:
        if old is not None:
            yield f"{old} made the film's {kind}; here nobody does"
        return
    model = registry.make(chosen.id, chosen.options)
    try:
        weights = model.weights()
    except KamishibaiError as error:
        raise _with_way_out(error, kind) from error
    version, before = recipe.made_by.get(old or "", ("", ""))
    if old is None:
        yield f"{kind} is {chosen.id}; the film was made without"
    elif old.split(":")[:2] != chosen.id.split(":")[:2]:
        yield f"{kind} is {chosen.id} in place of {old}"
    elif version and version != model.version:
        yield f"{chosen.id} is version {model.version}; version {version} made the film"
    elif version and before != weights:
        yield f"{chosen.id} has other weights than those that made the film ({before[:12]} → {weights[:12]})"


def _with_way_out(error: KamishibaiError, kind: str = "") -> KamishibaiError:
    way = (
        f"--{kind.split('/')[0]} names another that makes it"
        if kind
        else "--picture, --voice … name others that do"
    )
    error.hint = f"{error.hint}; or {way}" if error.hint else way
    error.kept = error.kept or "nothing was made"
    return error


# ------------------------------------------------------------------ what the film was shown and told


def _recording(recipe: Recipe, narration: Path | None) -> Path | None:
    if not recipe.narration:
        if narration is not None:
            raise UsageError("this film is not cut to a recording", hint="leave --narration out")
        return None
    mark = f"its SHA-256 begins {recipe.narration[:12]}"
    if narration is None:
        raise MediaError(
            f"the film is cut to a recording, which is not in it ({mark})",
            where=str(recipe.source),
            hint="name it with --narration FILE",
        )
    if recording_digest(narration) != recipe.narration:
        raise MediaError(
            f"this is not the recording that the film is cut to ({mark})",
            where=str(narration),
            hint="name the very file that it was made with: a copy in another format is another recording",
        )
    return narration


def _own_pictures(
    recipe: Recipe, pictures: Path | None
) -> tuple[Storyboard, dict[str, Path], tuple[str, ...]]:
    """Return the storyboard with the pictures that the film was held to, these files, and what there is to say."""
    if pictures is not None and not pictures.is_dir():
        raise UsageError("there is no such folder", where=str(pictures), hint="--pictures names a folder")
    folders = [*([] if pictures is None else [pictures]), recipe.source.absolute().parent]
    copies: dict[str, Path] = {}
    notes = []
    cast = []
    for who in recipe.board.cast:
        if who.picture is not None:
            name = None
            if who.id in recipe.own:
                path = _picture(recipe, who, folders)
                name = who.picture if is_picture_name(who.picture) else f"{who.id}{path.suffix.lower()}"
                copies[name] = path
            else:
                notes.append(f"the picture of {who.name} was not used in this film, and is left out")
            who = who.model_copy(update={"picture": name})
        cast.append(who)
    return recipe.board.model_copy(update={"cast": tuple(cast)}), copies, tuple(notes)


def _picture(recipe: Recipe, who: Character, folders: list[Path]) -> Path:
    """Return the file that shows what the film was held to, by its content."""
    named = str(who.picture).replace("\\", "/").split("/")[-1]
    seen = False
    for folder in folders:
        for path in _candidates(folder, str(who.picture), named):
            try:
                digest = content_hash(encode_png(read_photo(path), level=6))
            except MediaError:
                continue
            if digest == recipe.own[who.id]:
                return path
            seen = seen or path.name == named
    what = "is another than the one that the film was made with" if seen else "is not here"
    raise MediaError(
        f"the picture of {who.name}, {named[:60]!r}, {what}",
        where=", ".join(map(str, folders)),
        hint="put the very picture beside the film, or name the folder that it is in with --pictures",
    )


def _candidates(folder: Path, picture: str, named: str) -> Iterator[Path]:
    if is_picture_name(picture):
        yield folder / picture
    if is_picture_name(named):
        yield folder / named
    try:
        there = sorted(path for path in folder.iterdir() if is_picture_name(path.name) and path.is_file())
    except OSError:
        return
    yield from there[:MOST_PICTURES]


# ------------------------------------------------------------------ picks


def _takes(picks: Picks) -> Takes:
    """Return the picked takes as takes that were made by hand; the keys of their results are known when they are made."""
    takes = Takes()
    for place, pick in picks.dump().items():
        take = HandTake(number=2, pick=Pick(**pick), key="")
        takes = takes.with_takes(place, (take,)).with_pick(place, 2)
    return takes


def _keyed(takes: Takes, project: Project, store: Store) -> Takes:
    """Return takes with the keys of their results, which the film's calls tell."""
    calls: dict[tuple[str, str], str] = {}
    for call in project.calls().calls:
        calls.setdefault((call.stage, call.scene), call.key)
    places = {}
    for place, there in takes.places.items():
        kind, _, scene = place.partition(" ")
        key = calls.get((STAGES[kind], scene), "")
        places[place] = tuple(_found(take, key, store) if not take.key else take for take in there)
    return takes.model_copy(update={"places": places})


def _found(take: HandTake, key: str, store: Store) -> HandTake:
    record = store.look_up(key) if key else None
    if record is None:
        return take
    named = next(
        (record.take[n] for n in ("image", "clip", "sound") if isinstance(record.take.get(n), dict)), None
    )
    return take.model_copy(
        update={
            "key": key,
            "file": None if named is None else Ref(**named),
            "seconds": record.seconds,
            "maker": record.maker,
        }
    )


def compared(rebuilding: Rebuilding, project: Project, files: FilmFiles, store: Store) -> Rebuilt:
    """Return the film that was made again, compared with the first, after its takes were noted."""
    takes = project.takes()
    keyed = _keyed(takes, project, store)
    if keyed != takes:
        project.remember_takes(keyed)
    before, after = rebuilding.recipe.content, read_recipe(files.film).content
    return Rebuilt(
        files=files, same=before == after if before and after else None, differences=rebuilding.notes
    )
