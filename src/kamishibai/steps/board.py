"""board: turn a story into a storyboard."""

from __future__ import annotations

import re
from collections import Counter

from kamishibai.documents.story import Story
from kamishibai.documents.storyboard import Storyboard
from kamishibai.models.kinds import Board, Draft
from kamishibai.steps.models_chosen import Chosen
from kamishibai.steps.same_ids import same_ids, scene_ids
from kamishibai.work.call import Call, keyed, recall
from kamishibai.work.runners.local import LocalRunner

__all__ = ["draft", "is_drafted", "with_picture"]


def draft(
    story: Story, chosen: Chosen, runner: LocalRunner, seed: int, old: Storyboard | None = None
) -> Board:
    """Return the storyboard that the chosen text model plans, and what it had to say.

    The story's own picture goes to its main character; the planner is not shown it. Nor is it shown `old`, the
    storyboard of the story before it was edited, so that what it plans is found again: ids are kept afterwards.
    """
    (answer,) = runner.run([_call(story, chosen, seed)])
    board: Board = answer.take
    if story.picture is not None:
        board = with_picture(board, story.picture)
    return board if old is None else _kept(old, board)


def _kept(old: Storyboard, board: Board) -> Board:
    """Return `board` with the ids of `old`, in its notes too."""
    named = scene_ids(old, board.storyboard)
    notes = tuple(
        re.sub(r"\b[a-z][a-z_-]*[0-9]+\b", lambda id_: named.get(id_[0], id_[0]), note)
        for note in board.notes
    )
    return Board(storyboard=same_ids(old, board.storyboard), notes=notes)


def is_drafted(story: Story, chosen: Chosen, runner: LocalRunner, seed: int) -> bool:
    """Say whether the storyboard is there already, so that `draft` would load no model."""
    (item,) = keyed([_call(story, chosen, seed)])
    return recall(runner.store, item) is not None


def _call(story: Story, chosen: Chosen, seed: int) -> Call:
    assert chosen.id is not None
    ask = Draft(story=story.model_copy(update={"picture": None}), seed=seed)
    return Call("board", "", chosen.id, ask, Board, chosen.options)


def with_picture(board: Board, picture: str) -> Board:
    """Return `board` with `picture` given to its main character: who acts in most scenes, the earliest of several.

    Somebody whom the front matter gives a picture of their own keeps it; where nobody acts, a note says so.
    """
    cast = board.storyboard.cast
    acting = Counter(actor.who for scene in board.storyboard.scenes for actor in scene.actors)
    seen = [one for one in cast if acting[one.id]]
    if not seen:
        note = f"picture: nobody is seen in this story, so {picture} is not used; give it to a character of the cast"
        return board.model_copy(update={"notes": (*board.notes, note)})
    main = max(seen, key=lambda one: acting[one.id])
    if main.picture is not None:
        return board
    given = tuple(one.model_copy(update={"picture": picture}) if one.id == main.id else one for one in cast)
    return board.model_copy(update={"storyboard": board.storyboard.model_copy(update={"cast": given})})
