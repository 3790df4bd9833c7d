"""The embedded composer: writes a score for the film's moods and plays it on instruments of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import soundfile

from kamishibai.documents.ref import Ref
from kamishibai.documents.takes import Music
from kamishibai.documents.time import sample_at
from kamishibai.media.filters import amplitude
from kamishibai.media.limiter import HOP, all_true_peaks, apply_gain, limiting_curve
from kamishibai.media.loudness import Meter
from kamishibai.media.sound import RATE_HZ, Samples, encode_wav
from kamishibai.media.tape import Tape
from kamishibai.models.base import Desk, Licence, Model, Needs
from kamishibai.models.kinds import Compose
from kamishibai.models.music.composer import compose
from kamishibai.models.music.score import Score
from kamishibai.models.music.synth import render

__all__ = ["LOUDNESS_LUFS", "Musicbox", "perform"]

LOUDNESS_LUFS = -20.0
_CEILING = amplitude(-3.5)
_LONG_S = 300
"""Longer scores are kept as FLAC: an hour of WAV would not fit into the memory this model may take."""
_CHUNK = HOP * 20_000


class Musicbox(Model[Compose, Music]):
    """Composes and plays: one theme a film, turned by the moods of its acts, home at the end."""

    id = "music:musicbox"
    version = "1"
    asks = Compose
    supports = frozenset({"acts", "prompt"})

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms: composed and synthesised by the program, free of anyone's samples."""
        return (Licence(name="CC0-1.0", commercial=True, source="synthesised"),)

    @classmethod
    def needs(cls) -> Needs:
        """Return what it takes from the machine."""
        return Needs(memory_mb=500)

    def run(self, asks: Sequence[Compose], desk: Desk) -> list[Music]:
        """Answer every ask, in order."""
        return [self._make(ask, desk) for ask in asks]

    def _make(self, ask: Compose, desk: Desk) -> Music:
        score = compose(float(ask.seconds), ask.acts, ask.prompt, ask.seed)
        desk.progress(0.05, f"{len(score.notes)} notes in {score.key}")
        n = sample_at(ask.seconds, RATE_HZ)
        if ask.seconds <= _LONG_S:
            out = np.zeros((2, n), dtype=np.float32)
            perform(score, out, desk)
            sound = desk.save(encode_wav(out), "audio/wav")
        else:
            sound = _perform_long(score, n, desk)
        return Music(
            sound=sound,
            seconds=ask.seconds,
            key=score.key,
            tempo_bpm=score.tempo_bpm,
            notes=score.description,
        )


def perform(score: Score, out: Samples | Tape, desk: Desk | None = None) -> None:
    """Play `score` into `out` (2, n): about -20 LUFS, peaks under -3 dBFS, from silence to silence."""
    n = out.shape[1]
    meter = Meter(true_peak=False)
    at = 0
    for piece in render(score):
        part = piece[:, : n - at]
        out[:, at : at + part.shape[1]] = part
        at += part.shape[1]
        meter.add(part)
        if desk is not None:
            desk.progress(0.05 + 0.75 * at / n, "playing")
    _fade_out(out)
    loudness = meter.lufs()
    gain = amplitude(LOUDNESS_LUFS - loudness) if loudness is not None else 1.0
    curve = limiting_curve(all_true_peaks(out) * np.float32(gain), _CEILING)
    for first in range(0, n, _CHUNK):
        piece = out[:, first : first + _CHUNK] * np.float32(gain)
        apply_gain(piece, curve, first // HOP)
        out[:, first : first + _CHUNK] = piece


def _fade_out(out: Samples | Tape) -> None:
    """Bring what still rings down to exact silence over the last second and a half."""
    n = out.shape[1]
    m = min(int(1.5 * RATE_HZ), n // 3)
    if m > 0:
        out[:, n - m : n] *= (0.5 + 0.5 * np.cos(np.pi * (np.arange(m) + 1) / m)).astype(np.float32)


def _perform_long(score: Score, n: int, desk: Desk) -> Ref:
    """Return the Ref of a long score, kept on disk while it is played and packed as FLAC."""
    packed = desk.scratch(".flac")
    with Tape(desk.scratch(".f32"), n) as tape:
        perform(score, tape, desk)
        with soundfile.SoundFile(str(packed), "w", RATE_HZ, 2, subtype="PCM_16", format="FLAC") as file:
            for first in range(0, n, _CHUNK):
                file.write(np.ascontiguousarray(tape[:, first : first + _CHUNK].T))
    return desk.save(packed.read_bytes(), "audio/flac")
