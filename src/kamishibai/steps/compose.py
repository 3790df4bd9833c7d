"""compose: from the scenes' moods to the acts of the score."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kamishibai.documents.storyboard import Scene, Storyboard
from kamishibai.models.kinds import Act, Compose
from kamishibai.steps.cut import CREDITS, TITLE, Slot
from kamishibai.work.key import seed_for

__all__ = ["compose_ask"]

INTENSITY = {
    "calm": 0.35, "tender": 0.35, "sad": 0.35, "mysterious": 0.45, "happy": 0.6, "playful": 0.6, "tense": 0.7,
    "triumphant": 0.85,
}  # fmt: skip
SHORTEST_ACT = Fraction(8)
"""A mood that passes sooner stays in its neighbour's act: music needs time to mean something."""


def compose_ask(board: Storyboard, slots: Sequence[Slot]) -> Compose:
    """Return the ask for the whole film's score: neighbouring scenes of one mood become one act.

    Stories end warm: the score does not close on a riddle. It is the score that knows which scene is the last, and no
    picture, which would be drawn again when the story goes on.
    """
    scenes: dict[str, Scene] = {scene.id: scene for scene in board.scenes}
    seconds = slots[-1].end
    acts: list[Act] = []
    for index, slot in enumerate(slots):
        until = slots[index + 1].start if index + 1 < len(slots) else seconds
        scene = scenes.get(slot.scene)
        if scene is None and slot.scene == TITLE:
            mood = board.scenes[0].mood
        elif scene is None and slot.scene == CREDITS:
            mood = acts[-1].mood if acts else board.scenes[-1].mood
        else:
            assert scene is not None
            mood = scene.mood
            if scene is board.scenes[-1] and mood == "mysterious":
                mood = "tender"
        last = acts[-1] if acts else None
        if last is not None and (
            last.mood == mood or last.end - last.start < SHORTEST_ACT or until - slot.start < 3
        ):
            acts[-1] = last.model_copy(update={"end": until})
        else:
            acts.append(Act(start=slot.start, end=until, mood=mood, intensity=INTENSITY[mood]))
    return Compose(seconds=seconds, acts=tuple(acts), seed=seed_for(board.seed, "film", "music"))
