"""From the score to sound: each note made once and added wherever it is played, through one hall, in flat memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

import numpy as np

from kamishibai.documents.time import sample_at
from kamishibai.media.filters import fast_length
from kamishibai.media.modal import reverb_impulse
from kamishibai.media.sound import RATE_HZ, Samples
from kamishibai.models.music.instruments import INSTRUMENTS, play
from kamishibai.models.music.score import Note, Score

__all__ = ["render"]

_BLOCK = 1 << 18
_LAYERS = 4
_MOST_BYTES = 160_000_000
"""Of notes kept at hand."""


class _Band:
    """Makes notes and remembers them; in a long film of many keys it lets go of what was not played for longest."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, int, int, int], Samples] = {}
        self._bytes = 0

    def note(self, note: Note) -> Samples:
        """Return the note at full level, (1, n) or (2, n)."""
        layer = min(_LAYERS, max(1, round(note.velocity * _LAYERS)))
        # Lengths in steps of a twelfth of a second, at most 6 s: few enough to be made once each.
        held = min(72, max(1, round(note.seconds * 12))) if INSTRUMENTS[note.voice].held else 0
        key = (note.voice, note.pitch, layer, held)
        found = self._made.pop(key, None)
        if found is None:
            rng = np.random.Generator(np.random.PCG64(zlib.crc32(repr(key).encode())))
            found = np.atleast_2d(play(note.voice, note.pitch, layer / _LAYERS, held / 12, rng))
            self._bytes += found.nbytes
            while self._bytes > _MOST_BYTES and self._made:
                self._bytes -= self._made.pop(next(iter(self._made))).nbytes
        self._made[key] = found
        return found


def _sides(note: Note) -> tuple[float, float]:
    """Return how loud a note is left and right: its instrument's place, low notes a little to one side."""
    side = INSTRUMENTS[note.voice].side + 0.10 * max(-1.0, min(1.0, (note.pitch - 66) / 18))
    angle = (side + 1) * np.pi / 4
    return float(np.cos(angle)), float(np.sin(angle))


@lru_cache(maxsize=1)
def _hall() -> Samples:
    return reverb_impulse(2.3, dark_hz=1700, pre_delay_s=0.022, seed=23)


def render(score: Score) -> Iterator[Samples]:
    """Yield the score as stereo pieces (2, n) that join up to exactly its length. Levels are raw."""
    total = sample_at(Fraction(score.seconds), RATE_HZ)
    hall = _hall()
    block = min(_BLOCK, max(total, 4096))
    length = fast_length(block + hall.shape[1])
    room = np.fft.rfft(hall, length)
    longest = 8 * RATE_HZ
    dry = np.zeros((2, block + longest), dtype=np.float32)
    send = np.zeros(block + longest, dtype=np.float32)
    tail = np.zeros((2, length), dtype=np.float32)
    band = _Band()
    waiting = iter(score.notes)
    upcoming = next(waiting, None)
    for first in range(0, total, block):
        while upcoming is not None and int(upcoming.start * RATE_HZ) < first + block:
            instrument = INSTRUMENTS[upcoming.voice]
            note = band.note(upcoming)
            level = instrument.level * (0.25 + upcoming.velocity) ** 1.5
            at = max(int(upcoming.start * RATE_HZ) - first, 0)
            n = min(note.shape[1], block + longest - at)
            sides = _sides(upcoming) if note.shape[0] == 1 else (1.0, 1.0)
            for channel, gain in enumerate(sides):
                piece = np.float32(level * gain) * note[channel % note.shape[0], :n]
                dry[channel, at : at + n] += piece
                send[at : at + n] += np.float32(instrument.send / (gain * len(sides))) * piece
            upcoming = next(waiting, None)
        wet = np.fft.irfft(np.fft.rfft(send[:block], length) * room, length)
        tail += wet
        n = min(block, total - first)
        yield dry[:, :n] + tail[:, :n]
        tail[:, :-block] = tail[:, block:].copy()
        tail[:, -block:] = 0
        dry[:, :longest] = dry[:, block:].copy()
        dry[:, longest:] = 0
        send[:longest] = send[block:].copy()
        send[longest:] = 0
