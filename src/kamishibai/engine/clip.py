"""A generated clip played in place of a camera path: frame rate matched, scaled to cover, the last frame held."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import av
import cv2
import numpy as np

from kamishibai.engine.planes import Frame, black_frame, sheet_from_rgba
from kamishibai.errors import MediaError
from kamishibai.media.picture import MAX_PIXELS, Pixels

__all__ = ["PreparedClip"]


class PreparedClip:
    """An MP4 and the frame size it is shown at."""

    def __init__(self, data: bytes, frame: tuple[int, int]) -> None:
        self._data, self._frame = data, frame

    def frames(self, moments: Sequence[float]) -> Iterator[Frame]:
        """Yield the clip's frame at each of the rising `moments` (seconds); after its end, the last one again."""
        out = black_frame(*self._frame)
        pictures = self._decoded()
        shown: Pixels | None = None
        upcoming = next(pictures, None)
        if upcoming is None:
            raise MediaError("the clip has no frames")
        for moment in moments:
            changed = False
            # Half a millisecond of grace: MP4 times are rounded to their own clock.
            while upcoming is not None and (shown is None or upcoming[0] <= moment + 0.0005):
                shown, changed = upcoming[1], True
                upcoming = next(pictures, None)
            if changed and shown is not None:
                out = self._planes(shown)
            # A copy, because captions are burned into what is given out.
            yield out[0].copy(), out[1].copy(), out[2].copy()

    def pictures(self) -> Iterator[Pixels]:
        """Yield every frame of the clip as it is, RGB. Raises MediaError when it cannot be read."""
        for _, picture in self._decoded():
            yield picture

    def _decoded(self) -> Iterator[tuple[float, Pixels]]:
        try:
            with av.open(io.BytesIO(self._data), "r", format="mp4") as container:
                if not container.streams.video:
                    raise MediaError("the clip has no picture")
                stream = container.streams.video[0]
                stream.thread_type = "NONE"
                first: float | None = None
                for picture in container.decode(stream):
                    if picture.width * picture.height > MAX_PIXELS:
                        raise MediaError(f"the clip is too large ({picture.width}×{picture.height})")
                    moment = float(picture.time or 0.0)
                    first = moment if first is None else first
                    yield moment - first, picture.to_ndarray(format="rgb24")
        except av.FFmpegError as error:
            raise MediaError(f"the clip cannot be read: {error}") from error

    def _planes(self, pixels: Pixels) -> Frame:
        width, height = self._frame
        ratio = max(width / pixels.shape[1], height / pixels.shape[0])
        size = (max(width, round(pixels.shape[1] * ratio)), max(height, round(pixels.shape[0] * ratio)))
        if size != (pixels.shape[1], pixels.shape[0]):
            how = cv2.INTER_AREA if ratio < 1 else cv2.INTER_CUBIC
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=how), np.uint8)
        left, top = (size[0] - width) // 2, (size[1] - height) // 2
        sheet = sheet_from_rgba(pixels[top : top + height, left : left + width].copy())
        return sheet.luma, sheet.chroma[..., 0].copy(), sheet.chroma[..., 1].copy()
