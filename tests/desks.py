"""A desk in memory for tests of models: it keeps what is saved, told and shown, and can ask to stop."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from kamishibai.documents.ref import Ref
from kamishibai.errors import Cancelled
from kamishibai.media.picture import Pixels, decode_png, encode_png


class RecordingDesk:
    """Keeps everything; with `stop_after`, asks to stop once it has been told of so much progress."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.blobs: dict[str, bytes] = {}
        self.reported: list[tuple[float, str]] = []
        self.notes: list[str] = []
        self.warnings: list[str] = []
        self.previews: list[bytes] = []
        self.stop_after = stop_after

    def open(self, ref: Ref) -> bytes:
        return self.blobs[ref.sha256]

    def path(self, ref: Ref) -> Path:
        raise AssertionError("a picture needs no file")

    def save(self, data: bytes, media_type: str) -> Ref:
        digest = hashlib.sha256(data).hexdigest()
        self.blobs[digest] = data
        return Ref(sha256=digest, media_type=media_type, size=len(data))

    def scratch(self, suffix: str) -> Path:
        raise AssertionError("a picture needs no file")

    def progress(self, done: float, note: str = "") -> None:
        if self.cancelled():
            raise Cancelled("stopped")
        self.reported.append((done, note))

    def cancelled(self) -> bool:
        return self.stop_after is not None and len(self.reported) >= self.stop_after

    def note(self, text: str, *, warn: bool = False) -> None:
        (self.warnings if warn else self.notes).append(text)

    def preview(self, png: bytes) -> None:
        self.previews.append(png)

    def picture(self, pixels: Pixels) -> Ref:
        """Keep a picture and return its ref."""
        return self.save(encode_png(np.ascontiguousarray(pixels)), "image/png")

    def pixels(self, ref: Ref) -> Pixels:
        """Return the pixels of a picture that was kept."""
        return decode_png(self.blobs[ref.sha256])
