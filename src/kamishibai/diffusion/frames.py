"""Frames of a generated clip: fewer a second made more by optical flow, played in the order wanted, written as MP4."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import ceil
from typing import Any, Literal

import av
import cv2
import numpy as np
import numpy.typing as npt

from kamishibai.diffusion.covering import Cover
from kamishibai.engine.planes import sheet_from_rgba
from kamishibai.engine.quality import COLOUR, repeatable
from kamishibai.errors import MediaError
from kamishibai.media.picture import Pixels

__all__ = ["Clip", "Smooth", "clip_of", "encode_mp4", "flow_between", "played", "rate_of"]

Clip = npt.NDArray[np.uint8]
"""Shape (frames, height, width, 3), RGB."""
Smooth = Literal["flow", "blend", "none"]
SMOOTH_FPS = 24
"""From this rate on, motion looks smooth in a film of 24 to 60 frames a second."""
CRF = 12
"""The clip is encoded once more with the film, so this first time must not be seen."""


def clip_of(values: npt.NDArray[Any]) -> Clip:
    """Return frames with values from 0 to 1 (frames, height, width, 3) as bytes, rounded to nearest."""
    return np.asarray(np.clip(np.rint(values * 255), 0, 255), np.uint8)


def rate_of(fps: Fraction, slow: Fraction, smooth: Smooth) -> Fraction:
    """Return the frame rate of the written clip: a multiple of the model's own, or its own when nothing is smoothed."""
    if smooth == "none":
        return fps / slow
    return fps * max(1, ceil(SMOOTH_FPS / fps))


def played(clip: Clip, cover: Cover, smooth: Smooth) -> Iterator[Pixels]:
    """Yield the frames of `clip` as `cover` says, at `rate_of` frames a second, the new ones made as `smooth` says.

    ``flow``: moved along the optical flow between its neighbours (DIS: Kroeger et al., 2016); ``blend``: faded from
    one to the other; ``none``: only the model's own frames are shown. A clip of fewer frames than `cover` counts on
    (pipelines round in their own ways) holds its last one longer.
    """
    rate = rate_of(cover.fps, cover.slow, smooth)
    last = len(clip) - 1
    between: _Between | None = None
    seconds = max(cover.seconds, len(clip) / cover.fps * cover.slow)
    for index in range(ceil(seconds * rate)):
        place = index / rate * cover.fps / cover.slow
        if cover.boomerang and last > 0:
            place = last - abs(last - place % (2 * last))
        place = min(place, Fraction(last))
        first = int(place)
        part = place - first
        if smooth == "none" or part == 0:
            yield clip[first + (part >= Fraction(1, 2))]
            continue
        if between is None or between.first != first:
            between = _Between(first, clip[first], clip[first + 1], smooth)
        yield between.at(float(part))


class _Between:
    """Two neighbouring frames and how one moves into the other."""

    def __init__(self, first: int, before: Pixels, after: Pixels, smooth: Smooth) -> None:
        self.first = first
        self._before, self._after = before, after
        self._flows = flow_between(before, after) if smooth == "flow" else None

    def at(self, part: float) -> Pixels:
        """Return the picture `part` (0 to 1) of the way."""
        if self._flows is None:
            return _u8(cv2.addWeighted(self._before, 1 - part, self._after, part, 0))
        there, back = self._flows
        # The flow at the moment between, from those at its ends (Jiang et al., "Super SloMo", 2018, eq. 4).
        to_before = -(1 - part) * part * there + part * part * back
        to_after = (1 - part) ** 2 * there - part * (1 - part) * back
        one, other = _moved(self._before, to_before), _moved(self._after, to_after)
        return _u8(cv2.addWeighted(one, 1 - part, other, part, 0))


def flow_between(before: Pixels, after: Pixels) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return the optical flow from one frame to the next and back, in pixels, each (height, width, 2).

    On one thread, whatever OpenCV is set to: the search passes results from row to row within a thread's share.
    """
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        grey = [cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY) for frame in (before, after)]
        blank = np.zeros((*grey[0].shape, 2), np.float32)
        there = search.calc(grey[0], grey[1], blank.copy())
        back = search.calc(grey[1], grey[0], blank.copy())
    finally:
        cv2.setNumThreads(threads)
    return np.asarray(there, np.float32), np.asarray(back, np.float32)


def _moved(frame: Pixels, flow: npt.NDArray[np.float32]) -> Pixels:
    """Return the picture that takes each pixel from where `flow` points."""
    height, width = frame.shape[:2]
    grid = np.indices((height, width), np.float32)
    x, y = grid[1] + flow[..., 0].astype(np.float32), grid[0] + flow[..., 1].astype(np.float32)
    return _u8(cv2.remap(frame, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _u8(array: Any) -> Pixels:
    """Give OpenCV's result its type."""
    return np.asarray(array, np.uint8)


def encode_mp4(frames: Iterable[Pixels], rate: Fraction) -> bytes:
    """Return an H.264 MP4 of `frames` (all of one size) in BT.709, 4:2:0. Equal frames give equal bytes.

    Raises
    ------
    MediaError
        When there are no frames, or the encoder refuses them.
    """
    buffer = io.BytesIO()
    stream = None
    try:
        with av.open(buffer, "w", format="mp4") as container:
            for index, pixels in enumerate(frames):
                if stream is None:
                    stream = _stream(container, rate, pixels.shape[1], pixels.shape[0])
                for packet in stream.encode(_video_frame(pixels, index, rate)):
                    container.mux(packet)
            if stream is None:
                raise MediaError("a clip without frames cannot be written")
            for packet in stream.encode(None):
                container.mux(packet)
    except av.FFmpegError as error:
        raise MediaError(f"the clip could not be encoded: {error}") from error
    return buffer.getvalue()


def _stream(container: Any, rate: Fraction, width: int, height: int) -> Any:
    stream = container.add_stream("libx264", rate=rate)
    context = stream.codec_context
    context.width, context.height, context.pix_fmt = width - width % 2, height - height % 2, "yuv420p"
    context.time_base = 1 / rate
    context.thread_count = 1
    context.color_primaries = context.color_trc = context.colorspace = 1
    context.color_range = 1
    context.options = {
        "preset": "medium",
        "crf": str(CRF),
        "x264-params": f"{COLOUR}{repeatable()}",
    }
    return stream


def _video_frame(pixels: Pixels, index: int, rate: Fraction) -> av.VideoFrame:
    height, width = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2
    sheet = sheet_from_rgba(np.ascontiguousarray(pixels[:height, :width]))
    frame = av.VideoFrame(width, height, "yuv420p")
    planes = (sheet.luma, sheet.chroma[..., 0], sheet.chroma[..., 1])
    for plane, values in zip(frame.planes, planes, strict=True):
        there = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        np.copyto(there[: plane.height, : plane.width], values)
    frame.pts, frame.time_base = index, 1 / rate
    frame.color_range = frame.colorspace = 1
    return frame
