"""The foley artist: every sound of a scene synthesised, placed in time and space."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from kamishibai.documents.takes import Sound
from kamishibai.documents.time import sample_at
from kamishibai.media.filters import add_at, amplitude, convolve, fade_edges, filtered, low_pass
from kamishibai.media.modal import reverb_impulse
from kamishibai.media.sound import RATE_HZ, Samples, encode_wav
from kamishibai.models.base import Desk, Licence, Model, Needs
from kamishibai.models.kinds import Cue, Foley
from kamishibai.models.sound.ambience import AMBIENCES, ambience
from kamishibai.models.sound.effects import EFFECTS, effect
from kamishibai.models.sound.names import resolve
from kamishibai.models.sound.placing import FAR, balanced, held_down

__all__ = ["FoleyArtist", "make_scene"]


class FoleyArtist(Model[Foley, Sound]):
    """Synthesises ambiences and effects from noise, chirps and struck modes; nothing is sampled."""

    id = "sound:foley"
    version = "1"
    asks = Foley
    supports = frozenset({"cues"})
    batch = 4

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms: every sound is computed, none is recorded."""
        return (Licence(name="CC0-1.0", commercial=True, source="synthesised"),)

    @classmethod
    def needs(cls) -> Needs:
        """Return what it takes from the machine."""
        return Needs(memory_mb=200)

    def run(self, asks: Sequence[Foley], desk: Desk) -> list[Sound]:
        """Answer every ask, in order."""
        takes = []
        for done, ask in enumerate(asks):
            desk.progress(done / len(asks), f"{len(ask.cues)} sounds")
            made, left_out = make_scene(ask)
            takes.append(
                Sound(sound=desk.save(encode_wav(made), "audio/wav"), seconds=ask.seconds, left_out=left_out)
            )
        return takes


def _rng_of(seed: int, index: int, name: str) -> np.random.Generator:
    # Seeded by name too, so that a cue keeps its sound when another is added before it.
    digest = hashlib.sha256(f"{seed}/{index}/{name}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:8], "little")))


def make_scene(ask: Foley) -> tuple[Samples, tuple[str, ...]]:
    """Return the scene's sound (2, n) of exactly the seconds asked for, and the names it has no sound for."""
    out = np.zeros((2, sample_at(ask.seconds, RATE_HZ)), dtype=np.float32)
    left_out = []
    heard: dict[str, int] = {}
    for cue in ask.cues:
        name = resolve(cue.name)
        if name is None:
            left_out.append(cue.name)
            continue
        heard[name] = heard.get(name, 0) + 1
        start = sample_at(cue.start, RATE_HZ)
        piece = _make_cue(cue, name, out.shape[1] - start, _rng_of(ask.seed, heard[name], name))
        if piece is not None:
            add_at(out, piece, start, amplitude(cue.gain_db))
    return held_down(out), tuple(left_out)


def _make_cue(cue: Cue, name: str, room: int, rng: np.random.Generator) -> Samples | None:
    """Return the sound of one cue, at most `room` samples; None when it has no place in the scene."""
    span = float(cue.end - cue.start)
    if cue.kind == "ambience" and name in AMBIENCES:
        n = min(sample_at(cue.end - cue.start, RATE_HZ), room)
        return balanced(ambience(name, n, rng), cue.pan) if n > 0 else None
    if room <= 0:
        return None
    if name in EFFECTS:
        bed = cue.kind == "ambience"
        piece = effect(name, span, rng, whole=bed)
        if bed:
            piece = piece * np.float32(amplitude(-6.0))
    else:
        # An ambience asked for as an effect is a short stretch of it.
        piece = ambience(name, int(min(max(span, 2.0), 6.0) * RATE_HZ), rng) * np.float32(amplitude(6.0))
    if FAR.search(cue.name.lower()):
        piece = _far_away(piece)
    if piece.shape[1] > room:
        piece = fade_edges(piece[:, :room], 0.001, 0.25)
    return balanced(piece, cue.pan)


def _far_away(piece: Samples) -> Samples:
    """Return a sound as distance leaves it: duller, softer, with more echo than itself. It rings a second longer."""
    dull = filtered(np.pad(piece, ((0, 0), (0, RATE_HZ))), low_pass(1500, 1.5))
    echo = convolve(dull, reverb_impulse(2.2, dark_hz=1500, pre_delay_s=0.05, seed=89))[:, : dull.shape[1]]
    far = fade_edges(0.6 * dull + echo, 0.001, 0.4)
    loudest = max(float(np.abs(far).max()), 1e-9)
    return np.asarray(far * np.float32(0.45 * float(np.abs(piece).max()) / loudest), dtype=np.float32)
