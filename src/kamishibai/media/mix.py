"""The mix: narration first, music and effects ducked under it, at -14 LUFS with true peaks under -1 dBTP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import soundfile

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.time import sample_at
from kamishibai.errors import MediaError
from kamishibai.media.ducking import HOP, Span, duck_curve, powers, speech_spans
from kamishibai.media.filters import Mono, add_at, amplitude, fade_edges
from kamishibai.media.limiter import HOP as PEAK_HOP
from kamishibai.media.limiter import Curve, all_true_peaks, apply_gain, limiting_curve
from kamishibai.media.loudness import Loudness, Meter, measure
from kamishibai.media.sound import RATE_HZ, Samples
from kamishibai.media.tape import Tape

__all__ = ["TARGET_LUFS", "MixFacts", "Stem", "WavStem", "mix", "mix_into"]

TARGET_LUFS: Final = -14.0
CEILING_DBTP: Final = -1.8
"""Before encoding: AAC raises true peaks by 0.1 to 0.6 dB, the more the lower its bit rate."""
_SPEECH_LUFS = -20.0
_MUSIC_UNDER_LU = 6.0
"""How far the music's own loudness lies under the narration's where nobody speaks."""
_MUSIC_RATIO_DB = 15.0
_MUSIC_DEPTH_DB = (-12.0, -9.0)
_EFFECTS_RATIO_DB = 14.0
_EFFECTS_DEPTH_DB = (-9.0, -6.0)
_MOST_GAIN_DB = 24.0
_NOTHING_LUFS = -60.0
"""A mix quieter than this is left as it is: there is nothing to hear, only noise to amplify."""
_NEAR_LU = 0.25
"""After a correction this small the next one is seldom needed."""
_CHUNK = HOP * 1000


class Stem(Protocol):
    """A stereo stem: an array (2, n), or a file that is read as it is needed."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (2, samples)."""

    def __getitem__(self, key: tuple[slice, slice], /) -> Samples:
        """Return ``stem[:, first:last]``."""


class WavStem:
    """A stereo stem in a WAV or FLAC file at 48 kHz, read in pieces. Raises MediaError when it is none."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = soundfile.SoundFile(str(path))
        except soundfile.SoundFileError as error:
            raise MediaError(f"not a readable sound file: {error}", where=str(path)) from error
        if self._file.samplerate != RATE_HZ:
            raise MediaError(
                f"a stem is at {RATE_HZ} Hz, this one at {self._file.samplerate}", where=str(path)
            )

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (2, samples)."""
        return (2, int(self._file.frames))

    def __getitem__(self, key: tuple[slice, slice], /) -> Samples:
        """Return ``stem[:, first:last]``."""
        first, last, _ = key[1].indices(self.shape[1])
        self._file.seek(first)
        piece = self._file.read(max(last - first, 0), dtype="float32", always_2d=True).T
        if piece.shape[1] != max(last - first, 0):
            # libsndfile takes a disk that cannot be read for the end of the file.
            raise MediaError(
                f"the sound ends before sample {last:,} of {self.shape[1]:,}",
                where=str(self._file.name),
                hint="check the disk, then run the same command again",
            )
        return np.ascontiguousarray(
            np.broadcast_to(piece, (2, piece.shape[1])) if piece.shape[0] == 1 else piece
        )


class MixFacts(Frozen):
    """What the mix measured; None stands for silence or for a stem that is not there."""

    lufs: float | None
    true_peak_dbtp: float | None
    silent: bool
    speech_to_music_db: float | None
    """Median over the spans in which somebody speaks, music as ducked."""
    speech_to_effects_db: float | None
    speaking_part: float
    """Share of the film in which somebody speaks, 0 to 1."""
    music_gain_db: float
    master_gain_db: float
    most_reduction_db: float
    """The limiter's largest gain reduction."""
    limited_part: float
    """Share of the film in which the limiter holds back more than 1 dB."""


def _chunks(n: int) -> Iterator[tuple[int, int]]:
    return ((first, min(first + _CHUNK, n)) for first in range(0, n, _CHUNK))


def _loudness(samples: Samples) -> float | None:
    """Return the integrated loudness alone: true peaks take three times as long to find."""
    meter = Meter(samples.shape[0], true_peak=False)
    meter.add(samples)
    return meter.lufs()


def _levelled(speech: Sequence[tuple[int, Mono]]) -> list[tuple[int, Mono]]:
    """Return the narration at one loudness, line by line, each with 4 ms fades so that no edge clicks."""
    measured = [_loudness(voice[None]) for _, voice in speech]
    known = [value for value in measured if value is not None]
    if not known:
        return [(start, fade_edges(voice, 0.004, 0.004)) for start, voice in speech]
    usual = float(np.median(known))
    # A mono voice played from both sides is 3 dB louder than its one channel measures.
    level = _SPEECH_LUFS - 3.01
    out = []
    for (start, voice), value in zip(speech, measured, strict=True):
        near = usual if value is None else min(max(value, usual - 4.0), usual + 4.0)
        out.append((start, fade_edges(voice, 0.004, 0.004) * np.float32(amplitude(level - near))))
    return out


def _stem_powers(stem: Stem, n: int) -> tuple[npt.NDArray[np.float64], float | None]:
    """Return the stem's power a hop, over the film's length, and its integrated loudness."""
    level = np.zeros(-(-n // HOP))
    meter = Meter(true_peak=False)
    for first, last in _chunks(min(n, stem.shape[1])):
        piece = stem[:, first:last]
        meter.add(piece)
        part = powers(piece)
        level[first // HOP : first // HOP + part.size] += part
    return level, meter.lufs()


def _pieces_powers(pieces: Sequence[tuple[int, Samples]], n: int) -> npt.NDArray[np.float64]:
    level = np.zeros(-(-n // HOP) + 1)
    for start, piece in pieces:
        part = powers(piece[:, max(0, -start) : max(0, n - start)])
        first = max(start, 0) // HOP
        level[first : first + part.size] += part[: level.size - first]
    return level[:-1]


def _ratios(
    spans: Sequence[Span], voice: npt.NDArray[np.float64], other: npt.NDArray[np.float64]
) -> list[float | None]:
    """Return voice over other, in decibels, for each span: hops with voice in them against all of the other."""
    out: list[float | None] = []
    for a, b in spans:
        said, under = voice[a:b], other[a:b]
        if said.size == 0 or not said.any() or not under.any():
            out.append(None)
            continue
        loud = said[said > said.max() * 1e-3].mean()
        out.append(float(10 * np.log10(loud / max(under.mean(), 1e-14))))
    return out


def _depths(ratios: Sequence[float | None], wanted_db: float, depth_db: tuple[float, float]) -> list[float]:
    """Return how far to duck in each span: as far as the ratio there needs, within the limits."""
    low, high = depth_db
    return [high if ratio is None else min(max(ratio - wanted_db, low), high) for ratio in ratios]


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None


def mix(
    speech: Sequence[tuple[int, Mono]],
    music: Stem | None,
    effects: Sequence[tuple[int, Samples]],
    seconds: Fraction | float,
    *,
    target_lufs: float = TARGET_LUFS,
    ceiling_dbtp: float = CEILING_DBTP,
) -> tuple[Samples, MixFacts]:
    """Return the stereo master (2, n) of a film of `seconds`, and what was measured on it.

    Parameters
    ----------
    speech, effects
        (start sample on the film's clock, 48 kHz sound): mono (n,) narration, stereo (2, n) effects.
    music
        The score from the film's start, an array (2, n) or a `WavStem`; None for none.
    target_lufs, ceiling_dbtp
        Integrated loudness to land on, and the true peak never to pass, before encoding.

    Silence stays silence: a mix with nothing to hear in it is not amplified and its facts say `silent`.
    """
    master = np.zeros((2, sample_at(Fraction(seconds), RATE_HZ)), dtype=np.float32)
    facts = mix_into(master, speech, music, effects, target_lufs=target_lufs, ceiling_dbtp=ceiling_dbtp)
    return master, facts


def mix_into(
    out: Samples | Tape,
    speech: Sequence[tuple[int, Mono]],
    music: Stem | None,
    effects: Sequence[tuple[int, Samples]],
    *,
    target_lufs: float = TARGET_LUFS,
    ceiling_dbtp: float = CEILING_DBTP,
) -> MixFacts:
    """Write the master into `out` (2, n), an array or a `Tape` on disk, and return what was measured; see `mix`."""
    n = out.shape[1]
    voices = _levelled([(start, voice) for start, voice in speech if voice.size])
    spans = speech_spans(voices)
    hops = -(-n // HOP)
    spoken = _pieces_powers([(start, voice[None].repeat(2, axis=0)) for start, voice in voices], n)
    heard = _pieces_powers(effects, n)

    played, music_lufs = _stem_powers(music, n) if music is not None else (np.zeros(hops), None)
    under = _SPEECH_LUFS - _MUSIC_UNDER_LU if spans else _SPEECH_LUFS
    music_gain_db = 0.0 if music_lufs is None else min(max(under - music_lufs, -20.0), 20.0)
    played = played * 10 ** (music_gain_db / 10)
    before = _ratios(spans, spoken, played)
    music_db = duck_curve(spans, _depths(before, _MUSIC_RATIO_DB, _MUSIC_DEPTH_DB), hops) + music_gain_db
    beside = _ratios(spans, spoken, heard)
    effects_db = duck_curve(spans, _depths(beside, _EFFECTS_RATIO_DB, _EFFECTS_DEPTH_DB), hops)
    after = _ratios(spans, spoken, played * 10 ** ((music_db - music_gain_db) / 10))
    beside = _ratios(spans, spoken, heard * 10 ** (effects_db / 10))

    _sum_stems(out, voices, music, effects, music_db, effects_db)
    measured, gain_db, curve = _bring_to_level(out, target_lufs, ceiling_dbtp)
    return MixFacts(
        lufs=measured.lufs,
        true_peak_dbtp=measured.true_peak_dbtp,
        silent=measured.lufs is None and (n >= 0.4 * RATE_HZ or measured.true_peak_dbtp is None),
        speech_to_music_db=_median(after),
        speech_to_effects_db=_median(beside),
        speaking_part=sum(b - a for a, b in spans) / max(hops, 1),
        music_gain_db=music_gain_db,
        master_gain_db=gain_db,
        most_reduction_db=float(-20 * np.log10(curve.min())) if curve.size else 0.0,
        limited_part=float(np.mean(curve < amplitude(-1.0))) if curve.size else 0.0,
    )


def _sum_stems(
    out: Samples | Tape,
    voices: Sequence[tuple[int, Mono]],
    music: Stem | None,
    effects: Sequence[tuple[int, Samples]],
    music_db: npt.NDArray[np.float64],
    effects_db: npt.NDArray[np.float64],
) -> None:
    """Write narration + ducked music + ducked effects into `out`, a chunk at a time."""
    centres = (np.arange(music_db.size) + 0.5) * HOP - 0.5
    for first, last in _chunks(out.shape[1]):
        total = np.zeros((2, last - first), dtype=np.float32)
        for start, piece in effects:
            if start < last and start + piece.shape[1] > first:
                add_at(total, piece[:, max(0, first - start) : last - start], max(start - first, 0))
        a, b = max(first // HOP - 1, 0), last // HOP + 2
        where = np.arange(first, last)
        total *= np.interp(where, centres[a:b], 10 ** (effects_db[a:b] / 20)).astype(np.float32)
        if music is not None and first < music.shape[1]:
            piece = music[:, first : min(last, music.shape[1])]
            gain = np.interp(where[: piece.shape[1]], centres[a:b], 10 ** (music_db[a:b] / 20))
            total[:, : piece.shape[1]] += piece * gain.astype(np.float32)
        for start, voice in voices:
            if start < last and start + voice.size > first:
                add_at(total, voice[None, max(0, first - start) : last - start], max(start - first, 0))
        out[:, first:last] = total


def _bring_to_level(
    out: Samples | Tape, target_lufs: float, ceiling_dbtp: float
) -> tuple[Loudness, float, Curve]:
    """Scale and limit `out` in place until loudness and true peak both hold; return facts, gain and curve."""
    n = out.shape[1]
    meter = Meter(true_peak=False)
    for first, last in _chunks(n):
        meter.add(out[:, first:last])
    peaks = all_true_peaks(out, chunk=_CHUNK)
    loudness = meter.lufs()
    whole = np.ones_like(peaks)
    if loudness is None or loudness < _NOTHING_LUFS:
        return measure(out[:, a:b] for a, b in _chunks(n)), 0.0, whole
    gain_db = min(target_lufs - loudness, _MOST_GAIN_DB)
    ceiling = amplitude(ceiling_dbtp)
    curve, measured = whole, Loudness(lufs=None, true_peak_dbtp=None, seconds=0.0)
    short = np.inf
    for _ in range(8):
        gain = amplitude(gain_db)
        curve = limiting_curve(peaks * np.float32(gain), ceiling)
        # True peaks take three times as long as loudness: they are looked for where this is likely to be the last time.
        near = abs(short) < _NEAR_LU
        meter = Meter(true_peak=near)
        for piece in _limited(out, gain, curve):
            meter.add(piece)
        short = target_lufs - (meter.lufs() or target_lufs)
        if abs(short) >= 0.05 and gain_db + short <= _MOST_GAIN_DB:
            gain_db += short
            continue
        measured = meter.loudness() if near else measure(_limited(out, gain, curve))
        over = (measured.true_peak_dbtp or ceiling_dbtp) - ceiling_dbtp
        if over <= 0.05:
            break
        ceiling *= amplitude(-over)
    gain = amplitude(gain_db)
    for (first, last), piece in zip(_chunks(n), _limited(out, gain, curve), strict=True):
        out[:, first:last] = piece
    return measured, gain_db, curve


def _limited(out: Samples | Tape, gain: float, curve: Curve) -> Iterator[Samples]:
    for first, last in _chunks(out.shape[1]):
        piece = out[:, first:last] * np.float32(gain)
        apply_gain(piece, curve, first // PEAK_HOP)
        yield piece
