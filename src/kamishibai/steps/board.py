"""board: turn a story into a storyboard."""

from __future__ import annotations

from kamishibai.documents.story import Story
from kamishibai.models.kinds import Board, Draft
from kamishibai.steps.models_chosen import Chosen
from kamishibai.work.call import Call
from kamishibai.work.runners.local import LocalRunner

__all__ = ["draft"]


def draft(story: Story, chosen: Chosen, runner: LocalRunner, seed: int) -> Board:
    """Return the storyboard that the chosen text model plans, and what it had to say."""
    assert chosen.id is not None
    ask = Draft(story=story, seed=seed)
    (answer,) = runner.run([Call("board", "", chosen.id, ask, Board, chosen.options)])
    board: Board = answer.take
    return board
