"""Sound as arrays: float32 of shape (channels, samples), read from and written to WAV bytes, and resampled."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from kamishibai.errors import MediaError

__all__ = ["RATE_HZ", "Samples", "decode_wav", "encode_wav", "resample"]

RATE_HZ = 48_000
"""The rate of every sound inside the house."""
Samples = npt.NDArray[np.float32]
"""Shape (channels, samples), nominally within -1 … 1."""


def encode_wav(samples: Samples, rate_hz: int = RATE_HZ, *, subtype: str = "PCM_16") -> bytes:
    """Return the WAV file of `samples`; ``PCM_16`` clips at full scale, ``FLOAT`` keeps everything.

    The bytes depend on the samples alone, so that equal sounds have equal hashes.
    """
    buffer = io.BytesIO()
    soundfile.write(buffer, samples.T, rate_hz, format="WAV", subtype=subtype)
    return buffer.getvalue()


def decode_wav(data: bytes) -> tuple[Samples, int]:
    """Return samples (channels, n) and rate of a WAV file. Raises MediaError when it is none."""
    try:
        samples, rate_hz = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    except soundfile.SoundFileError as error:
        raise MediaError(f"not a readable WAV file: {error}") from error
    return np.ascontiguousarray(samples.T), int(rate_hz)


def resample(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """Return `samples` at another rate (soxr, very high quality; deterministic)."""
    if from_hz == to_hz:
        return samples
    out = soxr.resample(samples.T, from_hz, to_hz, quality="VHQ")
    return np.ascontiguousarray(out.T, dtype=np.float32)
