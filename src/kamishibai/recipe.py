"""The recipe of a film, read back out of the film itself or out of its project folder."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.storyboard import Storyboard
from kamishibai.errors import DocumentError, KamishibaiError, MediaError
from kamishibai.models import registry
from kamishibai.models.base import Licence
from kamishibai.project import STORYBOARD, Project
from kamishibai.steps.ledger import Entry, Ledger

__all__ = ["Picture", "Recipe", "read_recipe"]

LEDGER = "ledger.json"


class Picture(Frozen):
    """The film file itself."""

    path: Path
    width: int
    height: int
    fps: str
    seconds: float
    video: str
    audio: str = ""
    captions: tuple[str, ...] = ()
    """Codec and language of each caption track."""


class Recipe(Frozen):
    """What a film was made from, by whom and how well it measured."""

    source: Path
    board: Storyboard
    film: Picture | None = None
    """None for a project whose film is not made yet."""
    made_with: str = ""
    """Version of Kamishibai."""
    settings: dict[str, Any] = Field(default_factory=dict)
    models: dict[str, str | None] = Field(default_factory=dict)
    """Kind → id; None when that kind was switched off."""
    licences: dict[str, tuple[Licence, ...]] = Field(default_factory=dict)
    measured: dict[str, Any] = Field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    """The ledger: one entry a finished call. Empty when no ledger of this very film lies beside it."""
    notes: tuple[str, ...] = ()


def read_recipe(source: Path) -> Recipe:
    """Return the recipe of a film file or of a project folder.

    Raises
    ------
    DocumentError
        When there is neither a film of ours nor a project.
    MediaError
        When the file is no film at all.
    """
    if source.is_dir():
        return _of_project(source)
    if not source.exists():
        raise DocumentError(
            "there is no such film or project folder",
            where=str(source),
            hint="`kamishibai make STORY` makes one",
        )
    if source.name == STORYBOARD:
        return _of_project(source.parent)
    return _of_film(source)


def _of_project(folder: Path) -> Recipe:
    project = Project(folder)
    board, _ = project.read_storyboard()
    film = _film_of(folder)
    if film is None:
        return Recipe(source=folder, board=board, notes=("the film is not made yet",))
    made = _of_film(film)
    notes = list(made.notes)
    before = made.board
    if made.settings.get("seed") is not None:
        # That film was made with another seed on purpose; the storyboard keeps its own.
        before = before.model_copy(update={"seed": board.seed})
    if before != board:
        notes.append(f"{STORYBOARD} was edited after this film was made")
    return made.model_copy(update={"source": folder, "notes": tuple(notes)})


def _film_of(folder: Path) -> Path | None:
    """Return the film that the project's last run wrote, or None."""
    names = [name for name in Project(folder).state().files if name.endswith(".mp4")]
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _of_film(path: Path) -> Recipe:
    from kamishibai.media.film import probe

    try:
        facts = probe(path)
    except MediaError as error:
        error.hint = error.hint or "name a film that Kamishibai made, or a project folder"
        raise
    try:
        said = json.loads(facts.metadata["comment"])
        recipe = Recipe(
            source=path,
            board=Storyboard.model_validate(said["storyboard"]),
            made_with=said["kamishibai"],
            settings=said["settings"],
            models=said["models"],
            film=Picture(
                path=path,
                width=facts.width,
                height=facts.height,
                fps=str(facts.fps),
                seconds=float(facts.seconds),
                video=facts.video_codec,
                audio=f"{facts.audio_codec}, {facts.audio_rate_hz} Hz" if facts.audio_codec else "",
                captions=facts.subtitles,
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        # ValidationError is a ValueError: a recipe of another version is no recipe for this one.
        why = (
            "its recipe cannot be read here" if isinstance(error, ValidationError) else "it carries no recipe"
        )
        raise DocumentError(
            f"this film was not made by Kamishibai, or {why}",
            where=str(path),
            hint="`kamishibai show FOLDER` reads a project folder",
        ) from error
    ledger = _ledger_beside(path)
    if ledger is not None:
        return recipe.model_copy(
            update={"licences": ledger.licences, "measured": ledger.measured, "entries": ledger.entries}
        )
    note = f"no {LEDGER} of this film lies beside it: seeds and measured values are not known"
    return recipe.model_copy(update={"licences": _licences(recipe.models), "notes": (note,)})


def _ledger_beside(film: Path) -> Ledger | None:
    """Return the ledger in the film's folder when it is the ledger of exactly this file."""
    try:
        ledger = Ledger.model_validate_json((film.parent / LEDGER).read_bytes())
        digest = hashlib.sha256()
        with film.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
    except (OSError, ValueError):
        return None
    return ledger if ledger.film_sha256 == digest.hexdigest() else None


def _licences(models: dict[str, str | None]) -> dict[str, tuple[Licence, ...]]:
    found = {}
    for id_ in models.values():
        try:
            if id_ is not None:
                found[id_] = registry.class_of(id_).licence()
        except KamishibaiError:
            continue  # made elsewhere, by a model that is not installed here
    return found
