"""The makers behind a recorded narration, cached like any other: read it once, find the lines, cut each one out."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import ClassVar

import numpy as np

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.reading_time import reading_words
from kamishibai.documents.ref import Ref
from kamishibai.documents.takes import Speech, Word
from kamishibai.documents.time import Time, sample_at, samples_to_time
from kamishibai.errors import MediaError
from kamishibai.media.loudness import Meter
from kamishibai.media.recording import Mono, pieces, stated_seconds
from kamishibai.media.sound import RATE_HZ, decode_wav, encode_wav
from kamishibai.media.speech import fade_ends, level, loudness_lufs
from kamishibai.media.stretches import levels
from kamishibai.models.base import Desk, Model, Needs
from kamishibai.steps.align import Alignment, align
from kamishibai.weights.digests import file_digest

__all__ = [
    "AlignAsk", "Aligner", "CutAsk", "Cutter", "Part", "PauseAsk", "Pauser", "ReadAsk", "Reader", "Recording",
]  # fmt: skip

PIECE_S = 27.5
"""As long as an ear's window, so that each piece is heard whole, in one pass."""
SILENT_DBFS = -60.0
"""A recording that never rises above this has no voice in it."""
VOICE_LUFS, PEAK_DBTP = -20.0, -3.0
"""As loud as every other voice of the house, so that the mix holds."""
EVEN = 0.5
MOST_DB = 3.0
"""A line keeps half of what it is louder or softer than the whole, and 3 dB at most."""
FADE_S = 0.008


class Part(Frozen):
    """A piece of the recording and when it begins."""

    sound: Ref
    start: Time
    seconds: Time


class Recording(Frozen):
    """A recording as it was read."""

    parts: tuple[Part, ...]
    seconds: Time
    levels: Ref
    """Mean square of every 10 ms, float32, little-endian."""
    lufs: float | None
    peak_dbfs: float


class ReadAsk(Frozen):
    """The recording by what is in it; where it lies is an option, which changes nothing."""

    sha256: str


class Reader(Model[ReadAsk, Recording]):
    """Decodes a recording into pieces that are cut at pauses; never more than half a minute is in memory."""

    id = "engine:recording"
    version = "1"
    asks = ReadAsk

    class Options(Model.Options):
        """Where the recording lies."""

        unkeyed: ClassVar[frozenset[str]] = frozenset({"path"})

        path: Path = Path()

    options: Options

    @classmethod
    def needs(cls) -> Needs:
        """Return about what a piece takes, decoded and written."""
        return Needs(memory_mb=120)

    def run(self, asks: Sequence[ReadAsk], desk: Desk) -> list[Recording]:
        """Return each recording, read. Raises MediaError for what cannot be, or is silent."""
        return [self._read(ask, desk) for ask in asks]

    def _read(self, ask: ReadAsk, desk: Desk) -> Recording:
        path = self.options.path
        if file_digest(path) != ask.sha256:
            raise MediaError("the recording changed while it was read", where=str(path), hint="run it again")
        stated = stated_seconds(path) or 0.0
        meter, peak = Meter(1, RATE_HZ, true_peak=False), 0.0
        parts: list[Part] = []
        powers = []
        for first, sound in pieces(path, PIECE_S):
            meter.add(sound[None, :])
            peak = max(peak, float(np.max(np.abs(sound), initial=0.0)))
            powers.append(levels(sound, RATE_HZ))
            ref = desk.save(encode_wav(sound[None, :]), "audio/wav")
            start, seconds = samples_to_time(first, RATE_HZ), samples_to_time(len(sound), RATE_HZ)
            parts.append(Part(sound=ref, start=start, seconds=seconds))
            if stated > 0:
                desk.progress(min(1.0, float(start + seconds) / stated), "reading the recording")
        peak_dbfs = 20 * float(np.log10(max(peak, 1e-9)))
        if peak_dbfs < SILENT_DBFS:
            raise MediaError(
                "the recording is silent" if parts else "there is no sound in the recording",
                where=str(path),
                hint="check the microphone, and that the right file is named",
            )
        if peak > 1.0:
            desk.note(f"the recording is {peak_dbfs:.1f} dB over full scale: it is clipped there", warn=True)
        power = np.concatenate(powers).astype("<f4")
        return Recording(
            parts=tuple(parts),
            seconds=parts[-1].start + parts[-1].seconds,
            levels=desk.save(power.tobytes(), "application/octet-stream"),
            lufs=meter.lufs(),
            peak_dbfs=round(peak_dbfs, 2),
        )


class AlignAsk(Frozen):
    """The lines of a story, and what was heard of a recording."""

    lines: tuple[str, ...]
    language: str
    heard: tuple[Word, ...]
    levels: Ref


class Aligner(Model[AlignAsk, Alignment]):
    """Finds the lines in what was heard."""

    id = "engine:align"
    version = "1"
    asks = AlignAsk

    def run(self, asks: Sequence[AlignAsk], desk: Desk) -> list[Alignment]:
        """Return how each story and its recording fit."""
        return [
            align(ask.lines, ask.heard, np.frombuffer(desk.open(ask.levels), "<f4"), ask.language)
            for ask in asks
        ]


class CutAsk(Frozen):
    """One line to be cut out of the pieces it lies in."""

    parts: tuple[Part, ...]
    start: Time
    end: Time
    words: tuple[Word, ...]
    """On the cut's clock."""
    spoken: str
    lufs: float | None
    """Loudness of the whole recording."""


class Cutter(Model[CutAsk, Speech]):
    """Cuts a line out of the recording, softens the cuts and levels it."""

    id = "engine:cut"
    version = "1"
    asks = CutAsk
    batch = 16

    @classmethod
    def needs(cls) -> Needs:
        """Return about what a line of half a minute takes."""
        return Needs(memory_mb=100)

    def run(self, asks: Sequence[CutAsk], desk: Desk) -> list[Speech]:
        """Return each line as a voice take: mono, 48 kHz."""
        takes = []
        for index, ask in enumerate(asks):
            sound = _levelled(_samples(ask, desk), ask.lufs)
            takes.append(
                Speech(
                    sound=desk.save(encode_wav(sound[None, :]), "audio/wav"),
                    seconds=samples_to_time(len(sound), RATE_HZ),
                    words=_within(ask.words, samples_to_time(len(sound), RATE_HZ)),
                    spoken=ask.spoken,
                )
            )
            desk.progress((index + 1) / len(asks))
        return takes


class PauseAsk(Frozen):
    """A line without words: it is shown, and nothing is said."""

    line: str


class Pauser(Model[PauseAsk, Speech]):
    """Gives a line without words the silence it takes to look at it."""

    id = "engine:pause"
    version = "1"
    asks = PauseAsk

    def run(self, asks: Sequence[PauseAsk], desk: Desk) -> list[Speech]:
        """Return silence for each line."""
        takes = []
        for ask in asks:
            words, seconds = reading_words(ask.line)
            silence = np.zeros((1, sample_at(seconds, RATE_HZ)), np.float32)
            takes.append(
                Speech(
                    sound=desk.save(encode_wav(silence), "audio/wav"),
                    seconds=samples_to_time(silence.shape[1], RATE_HZ),
                    words=words,
                )
            )
        return takes


def _samples(ask: CutAsk, desk: Desk) -> Mono:
    first, last = sample_at(ask.start, RATE_HZ), sample_at(ask.end, RATE_HZ)
    out = []
    for part in ask.parts:
        at = sample_at(part.start, RATE_HZ)
        if at < last and at + sample_at(part.seconds, RATE_HZ) > first:
            sound = decode_wav(desk.open(part.sound))[0][0]
            out.append(sound[max(0, first - at) : max(0, last - at)])
    edge = round(FADE_S * RATE_HZ)
    return fade_ends(np.concatenate(out), edge, edge)


def _levelled(sound: Mono, whole_lufs: float | None) -> Mono:
    """Return `sound` at the loudness of the house's voices, keeping some of how it stood out from its neighbours."""
    own = loudness_lufs(sound)
    if own is None:
        return sound
    apart = 0.0 if whole_lufs is None else max(-MOST_DB, min(MOST_DB, EVEN * (own - whole_lufs)))
    return level(sound, VOICE_LUFS + apart, PEAK_DBTP)


def _within(words: Sequence[Word], seconds: Fraction) -> tuple[Word, ...]:
    """Return `words` with no time beyond the end of the sound, which is rounded to samples."""
    return tuple(
        word.model_copy(update={"start": min(word.start, seconds), "end": min(word.end, seconds)})
        for word in words
    )
