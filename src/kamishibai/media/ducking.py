"""Side-chain ducking: where somebody speaks, and how far everything else steps back for it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from kamishibai.media.filters import Mono
from kamishibai.media.sound import RATE_HZ, Samples

__all__ = ["HOP", "Span", "duck_curve", "powers", "speech_spans"]

HOP = 480
"""Samples a step of envelopes here: ten milliseconds."""
Span = tuple[int, int]
"""First hop, and one past the last."""
Powers = npt.NDArray[np.float64]

_QUIET_DB = -34.0
_BRIDGE_S = 1.2
_ATTACK_S = 0.10
_HOLD_S = 0.15
_RELEASE_S = 0.60


def powers(samples: Samples) -> Powers:
    """Return the mean square of each hop, summed over the channels of (channels, n); ceil(n / HOP) values."""
    n = samples.shape[1]
    hops = -(-n // HOP)
    padded = np.zeros((samples.shape[0], hops * HOP), dtype=np.float32)
    padded[:, :n] = samples
    return np.asarray((padded**2).reshape(-1, hops, HOP).mean(axis=2, dtype=np.float64).sum(axis=0))


def speech_spans(pieces: Sequence[tuple[int, Mono]], *, bridge_s: float = _BRIDGE_S) -> list[Span]:
    """Return when somebody speaks, in hops, pauses shorter than `bridge_s` bridged.

    A hop is speech when it is within 34 dB of the loudest of its own piece.
    """
    found: list[Span] = []
    for start, voice in pieces:
        level = powers(voice[None])
        if not level.any():
            continue
        active = np.flatnonzero(level > level.max() * 10 ** (_QUIET_DB / 10))
        first = start // HOP
        breaks = np.flatnonzero(np.diff(active) > 1)
        edges = zip(
            active[np.concatenate(([0], breaks + 1))], active[np.concatenate((breaks, [-1]))], strict=True
        )
        found.extend((first + int(a), first + int(b) + 1) for a, b in edges)
    bridged: list[Span] = []
    for a, b in sorted(found):
        if bridged and a - bridged[-1][1] < bridge_s * RATE_HZ / HOP:
            bridged[-1] = (bridged[-1][0], max(b, bridged[-1][1]))
        else:
            bridged.append((a, b))
    return bridged


def duck_curve(spans: Sequence[Span], depths_db: Sequence[float], hops: int) -> Powers:
    """Return the level in decibels (0 or less) a hop: down to each span's depth before it begins, back after.

    Attack 100 ms with look-ahead, hold 150 ms, release 600 ms; both ramps are raised cosines in decibels.
    """
    curve = np.zeros(hops)
    attack, hold, release = (round(s * RATE_HZ / HOP) for s in (_ATTACK_S, _HOLD_S, _RELEASE_S))
    down = 0.5 - 0.5 * np.cos(np.pi * np.arange(1, attack + 1) / (attack + 1))
    up = 0.5 + 0.5 * np.cos(np.pi * np.arange(1, release + 1) / (release + 1))
    for (a, b), depth in zip(spans, depths_db, strict=True):
        shape = np.concatenate((down, np.ones(b - a + hold), up)) * depth
        first = a - attack
        lo, hi = max(first, 0), min(first + shape.size, hops)
        if hi > lo:
            curve[lo:hi] = np.minimum(curve[lo:hi], shape[lo - first : hi - first])
    return curve
