"""The embedded composer: writes a score for the film's moods and plays it on instruments of its own."""

from __future__ import annotations

from collections.abc import Sequence

from kamishibai.documents.takes import Music
from kamishibai.media.loudness import Meter
from kamishibai.media.sound import Samples
from kamishibai.media.tape import Tape
from kamishibai.models.base import Desk, Licence, Model, Needs
from kamishibai.models.kinds import Compose
from kamishibai.models.music.composer import compose
from kamishibai.models.music.finishing import LOUDNESS_LUFS, fade_out, level, reel
from kamishibai.models.music.score import Score
from kamishibai.models.music.synth import render

__all__ = ["LOUDNESS_LUFS", "Musicbox", "perform"]


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
        with reel(ask.seconds, desk) as made:
            perform(score, made.out, desk)
            sound = made.keep()
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
    fade_out(out)
    level(out, meter.lufs())
