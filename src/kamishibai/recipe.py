"""The recipe of a film, read back out of the film itself or out of its project folder."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationError

from kamishibai.documents.frozen import Frozen, canonical_json
from kamishibai.documents.storyboard import Storyboard
from kamishibai.errors import DocumentError, KamishibaiError, MediaError
from kamishibai.models import registry
from kamishibai.models.base import Licence
from kamishibai.project import STORYBOARD, Project
from kamishibai.settings import Settings
from kamishibai.steps.ledger import Entry, Ledger
from kamishibai.steps.models_chosen import Chosen
from kamishibai.version import __version__
from kamishibai.work.key import content_hash, file_hash

if TYPE_CHECKING:
    from kamishibai.pipeline import Made

__all__ = ["Picture", "Recipe", "content_of", "read_recipe", "recipe_of", "without_paths"]

LEDGER = "ledger.json"
MOST_CHARACTERS = 16_000_000
"""The longest recipe that is read; a storyboard has five million bytes at most."""


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
    picks: dict[str, Any] = Field(default_factory=dict)
    """The takes that a person chose: place → seed and prompt."""
    made_by: dict[str, tuple[str, str]] = Field(default_factory=dict)
    """Model → its version and the revision or content of its weights."""
    narration: str = ""
    """SHA-256 of the recording that was used in place of a voice."""
    own: dict[str, str] = Field(default_factory=dict)
    """Cast id → SHA-256 of the user's own picture."""
    content: str = ""
    """Digest of the film's frames and sound: films with the same one look and sound the same."""


def recipe_of(
    made: Made, settings: Settings, models: Mapping[str, Chosen], picks: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a film carries in its own file, so that it can be made again elsewhere.

    Paths of this machine are reduced to their last part.
    """
    plain = settings.model_dump(
        mode="json", exclude={"cache", "cache_gb", "workers", "offline", "commercial_safe", "narration"}
    )
    makers = {one.id: registry.make(one.id, one.options) for one in models.values() if one.id is not None}
    recorded = next((a.call.ask for a in made.answers if a.call.stage == "recording"), None)
    held = {r.who: r.image.sha256 for ask in made.asks.values() for r in getattr(ask, "references", ())}
    own = {who: digest for who, digest in held.items() if made.board.character(who).picture}
    recipe = {
        "kamishibai": __version__,
        "storyboard": made.board.model_dump(mode="json", by_alias=True),
        "settings": without_paths(plain),
        "models": {kind: without_paths(chosen.id) for kind, chosen in models.items()},
        "made_by": {without_paths(id_): [maker.version, maker.weights()] for id_, maker in makers.items()},
        "picks": dict(picks),
        "narration": "" if recorded is None else str(getattr(recorded, "sha256", "")),
        "own": own,
        "content": content_of(made),
    }
    return {name: value for name, value in recipe.items() if value not in ({}, "")}


def content_of(made: Made) -> str:
    """Return the digest of a film's frames and sound."""
    assert made.film.sound is not None
    return content_hash(canonical_json([ref.sha256 for ref in (*made.segments, made.film.sound)]))


def without_paths(value: Any) -> Any:
    """Return a dumped value with absolute paths in it, and in model ids, reduced to their last part."""
    if isinstance(value, dict):
        return {without_paths(name): without_paths(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_paths(part) for part in value]
    if not isinstance(value, str):
        return value
    return _PATH.sub(lambda found: f"{found[1]}{found[2]}", value)


_PATH = re.compile(
    r"^((?:[a-z0-9-]+:){0,2})(?:~|[A-Za-z]:[\\/]|[\\/]|\.\.?[\\/])(?:.*[\\/])?([^\\/]+)[\\/]?$"
)


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
        comment = facts.metadata["comment"]
        if len(comment) > MOST_CHARACTERS:
            raise ValueError("a recipe is never so long")
        said = json.loads(comment)
        recipe = Recipe(
            source=path,
            board=Storyboard.model_validate(said["storyboard"]),
            made_with=said["kamishibai"],
            settings=said["settings"],
            models=said["models"],
            picks=said.get("picks", {}),
            made_by=said.get("made_by", {}),
            narration=said.get("narration", ""),
            own=said.get("own", {}),
            content=said.get("content", ""),
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
    except (KeyError, TypeError, ValueError, RecursionError) as error:
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
        return ledger if ledger.film_sha256 == file_hash(film) else None
    except (OSError, ValueError):
        return None


def _licences(models: dict[str, str | None]) -> dict[str, tuple[Licence, ...]]:
    found = {}
    for id_ in models.values():
        try:
            if id_ is not None:
                found[id_] = registry.class_of(id_).licence()
        except KamishibaiError:
            continue  # made elsewhere, by a model that is not installed here
    return found
