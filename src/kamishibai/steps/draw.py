"""draw: from a scene to the ask for its picture."""

from __future__ import annotations

from kamishibai.documents.storyboard import Camera, Scene, Storyboard
from kamishibai.models.base import Reads
from kamishibai.models.kinds import Draw
from kamishibai.steps.cast import as_drawn
from kamishibai.steps.prompt import picture_prompt
from kamishibai.work.key import seed_for

__all__ = ["draw_ask"]


def draw_ask(
    board: Storyboard,
    scene: Scene,
    width: int,
    height: int,
    take: int = 0,
    *,
    reads: Reads | None = None,
    honours: frozenset[str] = frozenset(),
) -> Draw:
    """Return the ask for one scene's picture, `width` × `height` pixels in the film.

    The line itself is left out of it, and how the camera moves: an edited word that changes nothing one sees draws
    nothing again, and neither does a neighbour. `reads` and `honours` are the model's: its manner of prompt, and which
    optional fields it takes.
    """
    seen = scene.model_copy(
        update={
            "id": "scene", "line": "", "sounds": (), "speaker": None, "pause": 0, "transition": "cut",
            "prompt": None, "negative": None, "seed": None, "camera": Camera(),
        }
    )  # fmt: skip
    cast = tuple(as_drawn(board.character(actor.who)) for actor in scene.actors)
    seed = scene.seed if scene.seed is not None else seed_for(board.seed, scene.id, "picture", take)
    if scene.seed is not None and take:
        seed = seed_for(scene.seed, scene.id, "picture", take)
    prompt = picture_prompt(scene, cast, board.look, reads)
    return Draw(
        prompt=prompt.positive,
        negative=prompt.negative if "negative" in honours else "",
        scene=seen,
        cast=cast,
        look=board.look,
        width=width,
        height=height,
        seed=seed,
    )
