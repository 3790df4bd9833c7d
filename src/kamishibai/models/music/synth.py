"""From the score to sound: each note made once and added wherever it is played, through one hall, in flat memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

import numpy as np

from kamishibai.documents.time import sample_at
from kamishibai.media.filters import Mono, fast_length, pan
from kamishibai.media.modal import reverb_impulse
from kamishibai.media.sound import RATE_HZ, Samples
from kamishibai.models.music.instruments import INSTRUMENTS, play
from kamishibai.models.music.score import Note, Score

__all__ = ["render"]

_BLOCK = 1 << 18
_LAYERS = 4
_MOST_NOTES = 700
"""Notes kept at hand; a long film in many keys lets go of the least used."""


class _Band:
    """Makes notes and remembers them."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, int, int, int], tuple[Samples, Mono]] = {}

    def note(self, note: Note) -> tuple[Samples, Mono, float]:
        """Return the note placed left to right (2, n), what it sends to the hall (n,), and its level."""
        instrument = INSTRUMENTS[note.voice]
        layer = min(_LAYERS, max(1, round(note.velocity * _LAYERS)))
        # Lengths in steps of a twelfth of a second at most 6 s: few enough to be made once each.
        held = min(72, max(1, round(note.seconds * 12))) if instrument.held else 0
        key = (note.voice, note.pitch, layer, held)
        found = self._made.pop(key, None)
        if found is None:
            if len(self._made) >= _MOST_NOTES:
                del self._made[next(iter(self._made))]
            seed = zlib.crc32(repr(key).encode())
            raw = play(
                note.voice, note.pitch, layer / _LAYERS, held / 12, np.random.Generator(np.random.PCG64(seed))
            )
            if raw.ndim == 1:
                # Within an instrument low notes lie a little to one side of the high ones, as on a real one.
                side = instrument.side + 0.10 * max(-1.0, min(1.0, (note.pitch - 66) / 18))
                placed, send = pan(raw, side), np.asarray(raw)
            else:
                placed, send = raw, raw.mean(axis=0)
            found = (placed, np.asarray(send * np.float32(instrument.send), dtype=np.float32))
        self._made[key] = found
        return (*found, instrument.level * (0.25 + note.velocity) ** 1.5)


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
            placed, echo, level = band.note(upcoming)
            at = max(int(upcoming.start * RATE_HZ) - first, 0)
            n = min(echo.size, block + longest - at)
            dry[:, at : at + n] += np.float32(level) * placed[:, :n]
            send[at : at + n] += np.float32(level) * echo[:n]
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
