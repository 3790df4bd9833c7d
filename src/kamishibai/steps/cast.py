"""cast: who is seen gets a portrait, or their own picture, which every scene with them is then held to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Actor, Character, Scene, Storyboard
from kamishibai.errors import MediaError
from kamishibai.media.photo import read_photo
from kamishibai.media.picture import encode_png
from kamishibai.models.base import Reads
from kamishibai.models.kinds import Draw, Reference
from kamishibai.steps.prompt import portrait_prompt
from kamishibai.steps.prompts.plain import own_words
from kamishibai.work.key import seed_for

__all__ = [
    "PORTRAIT_SIDE",
    "as_drawn",
    "cast_notes",
    "own_pictures",
    "portrait_asks",
    "references_for",
    "seen",
]

PORTRAIT_SIDE: Final = 768
"""Pixels a side of a portrait: square, which is what image encoders take in."""
_HINT: Final = "put a picture beside the storyboard and write its name here, such as mira.jpg"


def seen(board: Storyboard) -> tuple[Character, ...]:
    """Return the cast members who act in at least one scene, groups too, in the order of the cast."""
    acting = {actor.who for scene in board.scenes for actor in scene.actors}
    return tuple(character for character in board.cast if character.id in acting)


def as_drawn(character: Character) -> Character:
    """Return `character` without what only says how its likeness is found.

    The likeness itself reaches a picture's ask as a `Reference`; a renamed file must not draw anything again.
    """
    plain = Character.model_fields
    names = ("picture", "portrait_prompt", "identity_weight")
    return character.model_copy(update={name: plain[name].default for name in names})


def own_pictures(
    board: Storyboard, folders: Sequence[Path], keep: Callable[[bytes, str], Ref], source: str
) -> dict[str, Ref]:
    """Return the user's own picture of each cast member who is seen and has one, kept as PNG.

    Parameters
    ----------
    folders
        Where a picture may lie, first match wins: the storyboard's folder, then the story's.
    keep
        Stores bytes of a media type, e.g. ``Store.save``.
    source
        The storyboard's file, for messages.

    Raises
    ------
    MediaError
        With file, character and field, when a picture is missing, unreadable or none, or lies elsewhere.
    """
    kept: dict[str, Ref] = {}
    for character in seen(board):
        if character.picture is None or character.identity_weight == 0:
            continue
        where = f"{source}, cast {character.id!r}, picture"
        path = _found(character.picture, folders, where)
        try:
            pixels = read_photo(path)
        except MediaError as error:
            raise MediaError(
                error.what, where=f"{where}: {path}", kept=error.kept, hint=error.hint or _HINT
            ) from error
        kept[character.id] = keep(encode_png(pixels, level=6), "image/png")
    return kept


def _found(picture: str, folders: Sequence[Path], where: str) -> Path:
    """Return the file that `picture` names; it must lie inside one of `folders`.

    A storyboard may come from somebody else: it must not bring pictures from all over the disk into a film.
    """
    if "://" in picture:
        raise MediaError(f"{picture!r} is an address; only files are read", where=where, hint=_HINT)
    named = Path(picture)
    if named.is_absolute() or "\0" in picture:
        raise MediaError(f"{picture!r} does not lie beside the storyboard", where=where, hint=_HINT)
    for folder in folders:
        path = folder / named
        try:
            if not path.exists():
                continue
            inside = path.resolve().is_relative_to(folder.resolve())
        except (OSError, RuntimeError) as error:  # a name that is too long, a circle of links
            raise MediaError(f"{picture!r} cannot be opened: {error}", where=where, hint=_HINT) from error
        if not inside:
            raise MediaError(f"{picture!r} does not lie beside the storyboard", where=where, hint=_HINT)
        return path
    places = " or ".join(str(folder) for folder in dict.fromkeys(folders))
    raise MediaError(f"there is no {picture!r} in {places}", where=where, hint=_HINT)


def portrait_asks(
    board: Storyboard,
    honours: Collection[str],
    reads: Reads,
    own: Collection[str] = (),
    side: int = PORTRAIT_SIDE,
) -> dict[str, Draw]:
    """Return the ask for a portrait of each cast member who is seen and has no picture in `own`, by cast id.

    Empty when the picture model does not honour ``references``: then nothing would look at a portrait.

    Parameters
    ----------
    honours, reads
        What the picture model says of itself.
    own
        Ids of those with a picture of their own, see `own_pictures`.
    side
        Width and height in pixels; the model draws at its native area.
    """
    if "references" not in honours:
        return {}
    return {
        character.id: _portrait(board, character, honours, reads, side)
        for character in seen(board)
        if character.id not in own and character.identity_weight > 0
    }


def _portrait(
    board: Storyboard, character: Character, honours: Collection[str], reads: Reads, side: int
) -> Draw:
    prompt = portrait_prompt(character, board.look, reads)
    return Draw(
        prompt=own_words(character.portrait_prompt) if character.portrait_prompt else prompt.positive,
        negative=prompt.negative if "negative" in honours else "",
        scene=Scene(id="portrait", line="", view="medium", actors=(Actor(who=character.id),)),
        cast=(as_drawn(character),),
        look=board.look,
        width=side,
        height=side,
        seed=seed_for(board.seed, character.id, "portrait"),
    )


def references_for(
    scene: Scene, cast: Sequence[Character], portraits: Mapping[str, Ref]
) -> tuple[Reference, ...]:
    """Return what `scene`'s picture is held to: one reference for each character, in the order of its actors.

    `portraits` maps cast ids to PNGs, own or drawn; who is not in it, or whose weight is 0, is left to the words.
    """
    by_id = {character.id: character for character in cast}
    order = dict.fromkeys(actor.who for actor in scene.actors)
    return tuple(
        Reference(who=who, image=portraits[who], weight=by_id[who].identity_weight)
        for who in order
        if who in portraits and by_id[who].identity_weight > 0
    )


def cast_notes(board: Storyboard, honours: Collection[str], model: str) -> tuple[str, ...]:
    """Return what the user should know about the cast: pictures that `model` cannot be shown."""
    if "references" in honours:
        return ()
    names = [character.name for character in seen(board) if character.picture is not None]
    if not names:
        return ()
    return (
        f"{model} cannot be shown a picture: your own picture of {', '.join(names)} is not used; "
        "the faces are drawn from the storyboard's words alone",
    )
