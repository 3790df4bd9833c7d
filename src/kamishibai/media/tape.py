"""A long stereo sound on disk that is sliced like an array, so that memory does not grow with a film's length."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import numpy as np

from kamishibai.errors import MediaError
from kamishibai.media.sound import Samples

__all__ = ["Tape"]

_FRAME_BYTES = 8


class Tape:
    """Silence of `samples` stereo frames at first; ``tape[:, a:b]`` reads float32 (2, b - a), assignment writes.

    Use it as a context manager, or `close` it: its file is deleted then.

    Raises
    ------
    MediaError
        When the file cannot be made, or the disk is full.
    """

    def __init__(self, path: Path, samples: int) -> None:
        self.path = path
        self._samples = samples
        try:
            self._file = path.open("w+b")
            self._file.truncate(samples * _FRAME_BYTES)
        except OSError as error:
            raise self._trouble(error) from error

    def _trouble(self, error: OSError) -> MediaError:
        return MediaError(
            f"a sound of {self._samples * _FRAME_BYTES // 1_000_000} MB could not be kept on disk: {error}",
            where=str(self.path),
        )

    def __enter__(self) -> Tape:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Delete the file."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (2, samples)."""
        return (2, self._samples)

    def __getitem__(self, key: tuple[slice, slice], /) -> Samples:
        """Return ``tape[:, first:last]``."""
        first, last, _ = key[1].indices(self._samples)
        count = max(last - first, 0)
        self._file.seek(first * _FRAME_BYTES)
        frames = np.frombuffer(self._file.read(count * _FRAME_BYTES), dtype=np.float32)
        return np.ascontiguousarray(frames.reshape(-1, 2).T)

    def __setitem__(self, key: tuple[slice, slice], piece: Samples, /) -> None:
        """Write ``tape[:, first:last] = piece``."""
        first, last, _ = key[1].indices(self._samples)
        if piece.shape != (2, max(last - first, 0)):
            raise ValueError(f"{piece.shape} does not fit into samples {first} to {last}")
        try:
            self._file.seek(first * _FRAME_BYTES)
            self._file.write(np.ascontiguousarray(piece.T, dtype=np.float32).tobytes())
        except OSError as error:
            raise self._trouble(error) from error
