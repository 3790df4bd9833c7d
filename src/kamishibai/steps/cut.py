"""cut: put every scene on the film's one clock, on whole frames."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.storyboard import Scene
from kamishibai.documents.takes import Speech
from kamishibai.documents.time import Time

__all__ = ["CREDITS", "TITLE", "Slot", "clock"]

TITLE, CREDITS = "title", "credits"
FADE = Fraction(1, 2)
LEAD = Fraction(3, 10)
"""Silence between the end of the fade into a scene and its first word."""
SHORTEST = Fraction(5, 2)
"""A scene is seen alone for at least this long."""
TITLE_SECONDS = Fraction(3)
CREDITS_SECONDS = Fraction(4)


class Slot(Frozen):
    """When one scene or card is on screen, and when its line is heard; seconds on the film's clock."""

    scene: str
    start: Time
    end: Time
    """One past the last moment it is seen, the fade into the next one included."""
    fade: Time
    """Cross-fade from the one before, counted from `start`."""
    speech: Time | None = None
    """When its speech take begins."""
    taken: Time | None = None
    """How long its shot and its sounds are made, from `start`; None: as long as it is seen."""

    @property
    def taken_seconds(self) -> Fraction:
        """How long its shot and its sounds are made."""
        return self.seconds if self.taken is None else self.taken

    @property
    def seconds(self) -> Fraction:
        """How long it is seen, fades included."""
        return self.end - self.start


def _whole(seconds: Fraction, fps: Fraction) -> Fraction:
    """Round a duration up to whole frames."""
    return Fraction(ceil(seconds * fps)) / fps


def clock(scenes: Sequence[Scene], speeches: Sequence[Speech], fps: Fraction, *, titles: bool) -> list[Slot]:
    """Return a slot for the title card, every scene and the credits, in order, without a gap.

    A slot's own time is its fade-in, then the lead, the speech and the scene's pause (never under `SHORTEST`);
    it stays on screen while the next one fades in. The end of the last slot is the film's length.

    No scene's time hangs on another, nor on whether it is the first or the last: a scene that opens the film fades in
    from black, one that ends it lingers for as long as a fade, and every shot is made with room for a fade at its end,
    even where a cut follows.
    """
    plan: list[tuple[str, Fraction, Fraction, Fraction | None]] = []
    if titles:
        plan.append((TITLE, Fraction(0), TITLE_SECONDS, None))
    for scene, speech in zip(scenes, speeches, strict=True):
        fade = FADE if scene.transition == "fade" else Fraction(0)
        own = fade + max(LEAD + speech.seconds + scene.pause, SHORTEST)
        plan.append((scene.id, fade, own, fade + LEAD))
    if titles:
        plan.append((CREDITS, FADE, FADE + CREDITS_SECONDS, None))

    slots: list[Slot] = []
    now = Fraction(0)
    for index, (name, fade, own, lead) in enumerate(plan):
        length = _whole(own, fps)
        if index + 1 < len(plan):
            following = plan[index + 1][1]
        else:
            following = Fraction(0) if titles else FADE
        slots.append(
            Slot(
                scene=name,
                start=now,
                end=now + length + _whole(following, fps),
                fade=_whole(fade, fps),
                speech=None if lead is None else now + lead,
                taken=length + _whole(FADE, fps),
            )
        )
        now += length
    return slots
