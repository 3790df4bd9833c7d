"""Integrated loudness (LUFS) and true peak (dBTP) of arrays and of finished files, by ITU-R BS.1770-4 / EBU R 128."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import av
import numpy as np
from pyebur128 import pyebur128

from kamishibai.documents.frozen import Frozen
from kamishibai.errors import MediaError
from kamishibai.media.film import AGAIN
from kamishibai.media.sound import RATE_HZ, Samples

__all__ = ["Loudness", "Meter", "decode_sound", "measure", "measure_file"]

_CHUNK = RATE_HZ * 10
_GATHERED = 256
"""Pieces that are measured at once."""
_SILENT_LUFS = -70.0
"""The absolute gate of BS.1770: what never rises above it has no loudness."""


FORMATS = (
    "wav,w64,aiff,au,caf,flac,mp3,mp2,aac,ogg,mov,mp4,m4a,matroska,webm,asf,avi,flv,mpeg,mpegts,"
    "ac3,eac3,amr,ape,wv,tta,mpc"
)
"""What sounds are read from. Playlists and lists of files, which lead to other files and addresses, are not among them,
whatever their names end in."""


class Loudness(Frozen):
    """What was measured. ``lufs`` is None for silence, and for sounds too short (under 0.4 s) to have one."""

    lufs: float | None
    true_peak_dbtp: float | None
    """None when every sample is zero."""
    seconds: float


class Meter:
    """Measures a sound that arrives in pieces, in flat memory."""

    def __init__(self, channels: int = 2, rate_hz: int = RATE_HZ, *, true_peak: bool = True) -> None:
        mode = pyebur128.MeasurementMode.MODE_I
        if true_peak:
            mode = pyebur128.MeasurementMode(mode | pyebur128.MeasurementMode.MODE_TRUE_PEAK)
        self._state = pyebur128.R128State(channels, rate_hz, mode)
        self._channels = channels
        self._rate_hz = rate_hz
        self._true_peak = true_peak
        self._samples = 0

    def add(self, samples: Samples) -> None:
        """Take the next piece, shape (channels, n)."""
        for first in range(0, samples.shape[1], _CHUNK):
            piece = np.ascontiguousarray(samples[:, first : first + _CHUNK].T, dtype=np.float32)
            self._state.add_frames(piece.reshape(-1), piece.shape[0])
        self._samples += samples.shape[1]

    def lufs(self) -> float | None:
        """Return the integrated loudness so far."""
        if self._samples < 0.4 * self._rate_hz:
            return None
        value = float(pyebur128.get_loudness_global(self._state))
        return value if np.isfinite(value) and value > _SILENT_LUFS else None

    def loudness(self) -> Loudness:
        """Return everything measured so far."""
        peak = 0.0
        if self._true_peak:
            peaks = (pyebur128.get_true_peak(self._state, channel) for channel in range(self._channels))
            peak = max(peaks) if self._samples else 0.0
        return Loudness(
            lufs=self.lufs(),
            true_peak_dbtp=float(20 * np.log10(peak)) if peak > 0 else None,
            seconds=self._samples / self._rate_hz,
        )


def measure(samples: Samples | Iterable[Samples], rate_hz: int = RATE_HZ) -> Loudness:
    """Return the loudness of an array (channels, n), or of pieces of it in order."""
    meter: Meter | None = None
    for piece in [samples] if isinstance(samples, np.ndarray) else samples:
        meter = meter or Meter(piece.shape[0], rate_hz)
        meter.add(piece)
    return meter.loudness() if meter else Loudness(lufs=None, true_peak_dbtp=None, seconds=0.0)


def decode_sound(
    path: Path, rate_hz: int = RATE_HZ, layout: Literal["mono", "stereo"] = "stereo"
) -> Iterator[Samples]:
    """Yield the first sound track of a media file as float32 (2, n) pieces at `rate_hz`; (1, n) with ``mono``.

    Raises
    ------
    MediaError
        When the file cannot be opened or decoded, is of none of `FORMATS`, or has no sound.
    """
    allowed = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
    try:
        with av.open(f"file:{path}", options=allowed) as container:
            if not container.streams.audio:
                raise MediaError("the file has no sound track", where=str(path), hint=AGAIN)
            resampler = av.AudioResampler(format="fltp", layout=layout, rate=rate_hz)
            for frame in container.decode(container.streams.audio[0]):
                for piece in resampler.resample(frame):
                    yield piece.to_ndarray().astype(np.float32, copy=False)
            for piece in resampler.resample(None):
                yield piece.to_ndarray().astype(np.float32, copy=False)
    except av.ArgumentError as error:
        raise MediaError(
            f"this is no sound file, or of a kind that is not read here: {error}", where=str(path)
        ) from error
    except av.FFmpegError as error:
        raise MediaError(f"the sound could not be decoded: {error}", where=str(path), hint=AGAIN) from error


def measure_file(path: Path) -> Loudness:
    """Return loudness and true peak of a finished MP4, WAV or other media file, by decoding it.

    Raises
    ------
    MediaError
        When it cannot be decoded or has no sound.
    """
    return measure(_gathered(decode_sound(path)))


def _gathered(pieces: Iterable[Samples]) -> Iterator[Samples]:
    """Yield `pieces`, which are as short as a codec's frames, in long ones: each costs the same few calls."""
    held: list[Samples] = []
    for piece in pieces:
        held.append(piece)
        if len(held) >= _GATHERED:
            yield np.concatenate(held, axis=1)
            held = []
    if held:
        yield np.concatenate(held, axis=1)
