"""hearing: which lines are heard in one go with which, so that what is asked of an ear says all that its answer depends on."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kamishibai.documents.takes import Speech
from kamishibai.models.kinds import Listen
from kamishibai.work.key import seed_for

__all__ = ["listen_asks"]

MOST_S = Fraction(26)
"""Of speech in one go, pauses included."""
GAP_S = Fraction(4, 5)
USUAL = 6
"""Lines in one go, about; where a group ends hangs on the scene alone, so that an edit leaves other groups as they are."""


def listen_asks(spoken: Sequence[tuple[str, Speech]], language: str, honours: frozenset[str]) -> list[Listen]:
    """Return the ask for each line, in order.

    Parameters
    ----------
    spoken
        Of each line, the id of its scene and its take.
    honours
        The ear's: one that honours ``together`` hears neighbouring lines in one go.
    """
    asks = [Listen(sound=speech.sound, language=language) for _, speech in spoken]
    if "together" not in honours:
        return asks
    out: list[Listen] = []
    for first, last in _groups(spoken):
        sounds = tuple(dict.fromkeys(ask.sound for ask in asks[first:last]))
        shared = sounds if len(sounds) > 1 else ()
        out += [ask.model_copy(update={"together": shared}) for ask in asks[first:last]]
    return out


def _groups(spoken: Sequence[tuple[str, Speech]]) -> list[tuple[int, int]]:
    """Return the first and one past the last line of each group."""
    groups: list[tuple[int, int]] = []
    begun, seconds = 0, Fraction(0)
    for index, (scene, speech) in enumerate(spoken):
        length = speech.seconds + GAP_S
        full = seconds + length > MOST_S
        # As in content-defined chunking: the scene itself says whether a group begins with it.
        begins = seed_for(0, scene, "hearing") % USUAL == 0
        if index > begun and (full or begins):
            groups.append((begun, index))
            begun, seconds = index, Fraction(0)
        seconds += length
    if begun < len(spoken):
        groups.append((begun, len(spoken)))
    return groups
