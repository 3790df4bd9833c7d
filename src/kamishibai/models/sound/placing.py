"""Puts sounds in time and space: effects from their first moment on, ambiences over their whole span, panned and levelled."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from kamishibai.documents.time import sample_at
from kamishibai.media.filters import add_at, amplitude, fade_edges, filtered, high_pass
from kamishibai.media.joining import find_loop, looped, sounding
from kamishibai.media.loudness import measure
from kamishibai.media.sound import RATE_HZ, Samples
from kamishibai.models.kinds import Foley
from kamishibai.models.sound.ambience import AMBIENCE_LUFS, AMBIENCE_PEAK, QUIETER_LU
from kamishibai.models.sound.effects import EFFECT_PEAK_DB, EFFECTS
from kamishibai.models.sound.names import resolve

__all__ = ["FAR", "balanced", "held_down", "placed"]

_MOST_PEAK = amplitude(-3.0)
FAR = re.compile(r"\b(?:distant|far|faraway|far-off|remote)\b")
"""Words that put a sound further away."""
_FAR_DB = -7.0
ONSET_DB = -30.0
"""An effect begins where it first comes within this of its peak: what is softer before it is the model's breath."""
_EFFECT_S = 5.0
"""How long an effect may sound whose nature is not known."""
_LONGER = 1.5
"""How much longer than usual an effect may sound that is known."""
_CROSSFADE_S = 1.5


def placed(ask: Foley, sounds: Mapping[str, Samples]) -> Samples:
    """Return the scene's sound (2, n) of exactly the seconds asked for.

    `sounds` are by the cues' names, (2, m) at 48 kHz, at any level; a cue whose sound is not there is passed over.
    Levels and lengths are those of sound:foley, for the names that it knows.
    """
    out = np.zeros((2, sample_at(ask.seconds, RATE_HZ)), dtype=np.float32)
    for cue in ask.cues:
        start = sample_at(cue.start, RATE_HZ)
        room = out.shape[1] - start
        span = min(sample_at(cue.end, RATE_HZ) - start, room)
        sound = sounds.get(cue.name)
        if sound is None or span <= 0:
            continue
        if cue.kind == "ambience":
            piece = _bed(sound, span, AMBIENCE_LUFS - QUIETER_LU.get(resolve(cue.name) or "", 0.0))
        else:
            # An effect's span says when it must be over at the latest, unless it is next to nothing.
            most = span if span > RATE_HZ // 5 else room
            known = EFFECTS.get(resolve(cue.name) or "")
            seconds = known.seconds * _LONGER if known else _EFFECT_S
            level_db = EFFECT_PEAK_DB + (known.level_db if known else 0.0)
            level_db += _FAR_DB if FAR.search(cue.name.lower()) else 0.0
            piece = _event(sound, min(most, round(seconds * RATE_HZ)), amplitude(level_db))
        add_at(out, balanced(piece, cue.pan), start, amplitude(cue.gain_db))
    return held_down(out)


def _bed(sound: Samples, n: int, lufs: float) -> Samples:
    """Return `n` samples of an ambience, looped where it is shorter, at about `lufs`, from and to silence."""
    first, last = sounding(sound, below_db=-40.0)
    if last - first < RATE_HZ // 2:
        first, last = 0, sound.shape[1]  # a click in silence: there is nothing else to go round
    sound = filtered(sound[:, first:last], high_pass(40, 2))
    if sound.shape[1] < n:
        fade = min(round(_CROSSFADE_S * RATE_HZ), sound.shape[1] // 4)
        loop = find_loop(sound, sound.shape[1], fade, search=sound.shape[1] // 3)
        sound = np.concatenate(list(looped(sound, loop, n)), axis=1)
    # Measured before it is cut: what is short is measured on enough of it.
    loudness = measure(sound[:, : max(n, 2 * RATE_HZ)]).lufs
    gain = amplitude(lufs - loudness) if loudness is not None else 0.0
    sound = sound[:, :n]
    peak = float(np.abs(sound).max(initial=0.0)) * gain
    if peak > AMBIENCE_PEAK:
        gain *= AMBIENCE_PEAK / peak
    seconds = n / RATE_HZ
    return fade_edges(sound * np.float32(gain), min(0.6, seconds / 4), min(0.8, seconds / 4))


def _event(sound: Samples, most: int, level: float) -> Samples:
    """Return an effect that begins at once, `most` samples at the most, its peak at `level`."""
    first, _ = sounding(sound, below_db=ONSET_DB)
    # Two milliseconds before its onset, so that the attack itself is whole.
    first = max(0, first - RATE_HZ // 500)
    piece = sound[:, first : min(sounding(sound, below_db=-50.0)[1], first + most)]
    peak = float(np.abs(piece).max(initial=0.0))
    piece = piece * np.float32(level / peak) if peak > 0 else piece
    return fade_edges(piece, 0.001, min(0.25, piece.shape[1] / RATE_HZ / 4))


def held_down(out: Samples) -> Samples:
    """Return a scene's sound with its peak at -3 dBFS at the most."""
    peak = float(np.abs(out).max(initial=0.0))
    return out * np.float32(_MOST_PEAK / peak) if peak > _MOST_PEAK else out


def balanced(piece: Samples, position: float) -> Samples:
    """Return a stereo piece moved to `position` with constant power; its own width narrows as it moves away."""
    if position == 0:
        return piece
    angle = (position + 1) * np.pi / 4
    left, right = np.sqrt(2) * np.cos(angle), np.sqrt(2) * np.sin(angle)
    keep = 1 - abs(position)
    middle = piece.mean(axis=0, keepdims=True)
    narrow = keep * piece + (1 - keep) * middle
    return np.asarray(narrow * np.array([[left], [right]]), dtype=np.float32)
