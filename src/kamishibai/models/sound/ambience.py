"""The ambiences that can be asked for by name: continuous random processes, so that no loop can show."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kamishibai.media.filters import add_at, amplitude, fade_edges, filtered, high_pass
from kamishibai.media.loudness import measure
from kamishibai.media.sound import RATE_HZ, Samples
from kamishibai.models.sound import animals, places, water, weather
from kamishibai.models.sound.grains import Maker, Rng

__all__ = ["AMBIENCES", "AMBIENCE_LUFS", "AMBIENCE_PEAK", "QUIETER_LU", "ambience"]

AMBIENCES: Mapping[str, Maker] = {
    "bees": animals.bees,
    "birds": animals.birds,
    "cave": water.cave,
    "city": places.city,
    "crickets": animals.crickets,
    "crowd": places.crowd,
    "fire": places.fire,
    "forest": places.forest,
    "frogs": animals.frogs,
    "gulls": animals.gulls,
    "heavy rain": weather.heavy_rain,
    "leaves": places.leaves,
    "library": places.library,
    "market": places.market,
    "night": places.night,
    "rain": weather.rain,
    "river": water.river,
    "room": places.room,
    "ship": places.ship,
    "snow": weather.snow_hush,
    "space": places.space,
    "storm": weather.storm,
    "subway": places.subway,
    "traffic": places.traffic,
    "train ride": places.train_ride,
    "underwater": water.underwater,
    "waves": water.waves,
    "wind": weather.wind,
}
AMBIENCE_LUFS = -32.0
QUIETER_LU: Mapping[str, float] = {
    "room": 10.0, "library": 8.0, "snow": 5.0, "leaves": 3.0, "birds": 3.0, "crickets": 3.0, "bees": 3.0,
    "night": 3.0, "gulls": 3.0,
}  # fmt: skip
"""What should hardly be there stays below the rest."""
AMBIENCE_PEAK = amplitude(-14.0)
_SECTION_S = 40
_OVERLAP_S = 2


def _section(maker: Maker, n: int, rng: Rng) -> Samples:
    """Return (2, n); long spans are made of sections that overlap, so that memory and randomness stay fresh."""
    step, overlap = (_SECTION_S - _OVERLAP_S) * RATE_HZ, _OVERLAP_S * RATE_HZ
    if n <= _SECTION_S * RATE_HZ:
        return maker(n, rng)
    out = np.zeros((2, n), dtype=np.float32)
    ramp = np.sin(np.pi / 2 * (np.arange(overlap) + 0.5) / overlap).astype(np.float32)
    for first in range(0, n - overlap, step):
        piece = maker(min(step + overlap, n - first), rng)
        if first > 0:
            piece[:, :overlap] *= ramp
        if first + step < n - overlap:
            piece[:, -overlap:] *= ramp[::-1]
        add_at(out, piece, first)
    return out


def ambience(name: str, n: int, rng: Rng) -> Samples:
    """Return (2, n) of the ambience `name`, about -32 LUFS, from and to silence at its edges.

    Raises
    ------
    KeyError
        When there is no ambience of that name.
    """
    maker = AMBIENCES[name]
    # Made a little longer than needed: what is short is measured on enough of it.
    # What lies under 55 Hz is not heard, it only takes room in the mix.
    made = filtered(_section(maker, max(n, 2 * RATE_HZ), rng)[:, :n], high_pass(55, 2))
    loudness = measure(made).lufs
    target = AMBIENCE_LUFS - QUIETER_LU.get(name, 0.0)
    gain = amplitude(target - loudness) if loudness is not None else 0.0
    peak = float(np.abs(made).max(initial=0.0)) * gain
    if peak > AMBIENCE_PEAK:
        gain *= AMBIENCE_PEAK / peak
    seconds = n / RATE_HZ
    return fade_edges(made * np.float32(gain), min(0.6, seconds / 4), min(0.8, seconds / 4))
