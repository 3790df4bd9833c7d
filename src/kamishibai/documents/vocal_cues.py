"""Finds the cues in a text that tell a voice to laugh or sigh, such as ``[laughs]``: they are acted, and never read."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["CUES", "vocal_cues"]

CUES = frozenset({"laughter", "laughs", "sighs", "music", "gasps", "clears throat"})
"""What Bark knows, by its makers' own list (https://github.com/suno-ai/bark). Other words in brackets are words."""
SPEAKERS = frozenset({"[MAN]", "[WOMAN]"})
"""These lean Bark towards a voice, and are written in capitals."""
LONGEST = 3
_AROUND = ".,;:!?…\"'“”‘’—–-()"


def vocal_cues(shown: Sequence[str]) -> dict[int, str]:
    """Return, for every shown word that belongs to a cue, what the voice is told: the first has all of it, others "".

    ``["She", "[clears", "throat]."]`` gives ``{1: "[clears throat]", 2: ""}``.
    """
    found: dict[int, str] = {}
    for index, word in enumerate(shown):
        if index in found or not word.lstrip(_AROUND).startswith("["):
            continue
        for count in range(1, LONGEST + 1):
            cue = " ".join(shown[index : index + count]).strip(_AROUND)
            if cue in SPEAKERS or (cue.endswith("]") and cue[1:-1].lower() in CUES):
                found |= {index: cue, **dict.fromkeys(range(index + 1, index + count), "")}
                break
    return found
