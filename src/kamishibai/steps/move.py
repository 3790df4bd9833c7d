"""move: from a scene and its picture to the ask for its shot."""

from __future__ import annotations

from kamishibai.documents.storyboard import Scene, Storyboard
from kamishibai.documents.takes import Still
from kamishibai.documents.time import Time
from kamishibai.models.base import Reads
from kamishibai.models.kinds import Animate
from kamishibai.steps.cut import CREDITS, Slot
from kamishibai.steps.prompt import motion_prompt
from kamishibai.work.key import seed_for

__all__ = ["animate_ask", "card_ask"]


def animate_ask(
    board: Storyboard,
    scene: Scene,
    slot: Slot,
    still: Still | None,
    size: tuple[int, int],
    fps: Time,
    reads: Reads,
    honours: frozenset[str],
) -> Animate:
    """Return the ask for one scene's shot, `size` (width, height) pixels in the film.

    Parameters
    ----------
    still
        The scene's picture; None for a model that makes clips from words alone.
    reads, honours
        The motion model's own: how its prompts are written, and which optional fields it takes.
    """
    cast = tuple(board.character(actor.who) for actor in scene.actors)
    prompt = motion_prompt(scene, cast, board.look, reads)
    return Animate(
        still=still if "still" in honours else None,
        seconds=slot.taken_seconds,
        move=scene.camera.move,
        amount=scene.camera.amount,
        width=size[0],
        height=size[1],
        fps=fps,
        prompt=prompt.positive if "prompt" in honours else "",
        negative=prompt.negative if "negative" in honours else "",
        seed=seed_for(board.seed, scene.id, "motion"),
    )


def card_ask(board: Storyboard, slot: Slot, still: Still, size: tuple[int, int], fps: Time) -> Animate:
    """Return the ask for the camera over the title or the credits: the film comes closer, and goes away at its end."""
    return Animate(
        still=still,
        move="pull" if slot.scene == CREDITS else "push",
        seconds=slot.taken_seconds,
        amount=0.04,
        width=size[0],
        height=size[1],
        fps=fps,
        seed=seed_for(board.seed, slot.scene, "motion"),
    )
