"""Long music from a model that makes thirty seconds at most: windows that each go on from the last, and their seams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kamishibai.media.joining import crossfaded
from kamishibai.media.sound import Samples
from kamishibai.models.kinds import Act

__all__ = ["Seams", "Window", "windows"]

SHORTEST_ACT_S = 2.0
"""A mood that passes sooner stays in its neighbour's window."""
TURN_S = 4.0
"""What is heard of the music before where the mood changes: enough to go on in key and tempo, and not in its mood."""
FADE_TOKENS = 10
EDGE_TOKENS = 10
"""The last tokens of a window, which are decoded without knowing what follows, are not used. The codec's convolutions
look four tokens ahead; its recurrent layers look back, and what lies thirty tokens before is forgotten to a part in
100,000 (measured on EnCodec's 32 kHz architecture, random weights)."""


@dataclass(frozen=True)
class Window:
    """A stretch that is made at once."""

    act: int
    """Index of the act whose mood it has."""
    heard: int
    """Tokens before it that the model goes on from."""
    fresh: int
    """Tokens that it adds."""


def windows(
    acts: Sequence[Act], total: int, rate: float, *, longest: int, overlap: int, least: int = 1
) -> tuple[Window, ...]:
    """Return the windows that fill `total` tokens, each mood's beginning where its act begins.

    Parameters
    ----------
    acts
        In any order; before the first begins, its mood holds already. Those under two seconds are passed over.
    rate
        Tokens a second.
    longest, overlap
        Tokens the model can hold at once, and how many of them repeat what came before.
    least
        The fewest tokens the model can make.
    """
    begins = _begins(acts, total, rate)
    found: list[Window] = []
    for (start, act), (end, _) in zip(begins, [*begins[1:], (total, 0)], strict=True):
        turn = min(overlap, round(TURN_S * rate), start)
        room = [longest - turn]
        while sum(room) < end - start:
            room.append(longest - overlap)
        # Shared out by what each could take, so that no window is left with a moment only.
        until = [(end - start) * sum(room[: k + 1]) // sum(room) for k in range(len(room))]
        for k, (one, other) in enumerate(zip([0, *until[:-1]], until, strict=True)):
            found.append(Window(act, turn if k == 0 else overlap, max(other - one, least)))
    return tuple(found)


def _begins(acts: Sequence[Act], total: int, rate: float) -> list[tuple[int, int]]:
    """Return from which token on which act's mood holds, the first from the very beginning."""
    starts = {i: round(float(act.start) * rate) for i, act in enumerate(acts)}
    order = sorted((i for i in starts if starts[i] < total), key=lambda i: starts[i]) or [0]
    ends = [*(starts[i] for i in order[1:]), total]
    length = {i: end - max(starts[i], 0) for i, end in zip(order, ends, strict=True)}
    kept = [i for i in order if length[i] >= SHORTEST_ACT_S * rate] or [max(order, key=lambda i: length[i])]
    found: list[tuple[int, int]] = []
    for i in kept:
        same = found and (acts[found[-1][1]].mood, acts[found[-1][1]].intensity) == (
            acts[i].mood,
            acts[i].intensity,
        )
        if not same:
            found.append((starts[i] if found else 0, i))
    return found


class Seams:
    """Joins the decoded windows: where two of them hold the same tokens, one passes into the other.

    The tokens of the overlap are the very same in both, so that both decode to nearly the same wave: nothing is
    encoded anew, and nothing is lost.
    """

    def __init__(self, hop: int) -> None:
        self._hop = hop
        """Samples a token."""
        self._held: Samples | None = None
        """What the last window ends with and may still pass into the next."""

    def add(self, window: Window, sound: Samples) -> Samples:
        """Take a window's sound, (channels, (heard + fresh) · hop); return what is settled by it."""
        edge, fade = EDGE_TOKENS * self._hop, FADE_TOKENS * self._hop
        if self._held is None:
            ready = sound
        else:
            begin = window.heard * self._hop - self._held.shape[1]
            fade = min(fade, self._held.shape[1])
            passing = crossfaded(self._held[:, :fade], sound[:, begin : begin + fade])
            ready = np.concatenate([passing, sound[:, begin + fade :]], axis=1)
        keep = min(edge + FADE_TOKENS * self._hop, ready.shape[1])
        self._held = ready[:, ready.shape[1] - keep :]
        return ready[:, : ready.shape[1] - keep]

    def end(self) -> Samples | None:
        """Return what is still held back after the last window."""
        held, self._held = self._held, None
        return held
