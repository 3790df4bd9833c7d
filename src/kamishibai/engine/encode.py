"""Draws a segment's frames and encodes them: the same ask gives the same bytes, in any process."""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Callable, Iterator
from fractions import Fraction

import av
import cv2
import numpy as np

from kamishibai.documents.frozen import canonical_json
from kamishibai.documents.ref import Ref
from kamishibai.engine.clip import PreparedClip
from kamishibai.engine.layers import PreparedStill
from kamishibai.engine.lettering import Subtitler
from kamishibai.engine.planes import Frame, black_frame
from kamishibai.engine.quality import COLOUR, PRESETS, Quality, repeatable
from kamishibai.engine.segments import Part, SegmentAsk
from kamishibai.errors import MediaError

__all__ = ["VERSION", "encode_segment", "frames_of"]

VERSION = "3"
"""Part of every segment's key: raised whenever the same ask gives other bytes."""
OpenRef = Callable[[Ref], bytes]
KEPT = 2
"""Prepared pictures kept in memory by a process: the two of a cross-fade, one of which is the next body's."""
RING = 4
"""Frames handed to the encoder in turn."""
LOOK = 10
"""Frames between two looks at whether to go on: at 1080p a few tenths of a second."""
_ready: OrderedDict[bytes, PreparedStill] = OrderedDict()


def encode_segment(
    ask: SegmentAsk,
    open_ref: OpenRef,
    quality: Quality = "good",
    go_on: Callable[[float], None] = lambda done: None,
) -> bytes:
    """Return the segment as an MP4 of one closed group of H.264 pictures or more, tagged BT.709 limited range.

    Parameters
    ----------
    open_ref
        Gives the bytes behind a Ref; a bound method of a picklable object when called in a process pool.
    go_on
        Called every few frames with the part that is done, 0 to 1; what it raises ends the work.

    Raises
    ------
    MediaError
        When a picture cannot be read or the encoder refuses.
    """
    cv2.setNumThreads(1)
    preset = PRESETS[quality]
    buffer = io.BytesIO()
    try:
        with av.open(buffer, "w", format="mp4") as container:
            stream = container.add_stream("libx264", rate=ask.fps)
            context = stream.codec_context
            context.width, context.height, context.pix_fmt = ask.width, ask.height, "yuv420p"
            context.time_base = 1 / ask.fps
            context.thread_count = 1
            context.color_primaries = context.color_trc = context.colorspace = 1
            context.color_range = 1
            context.options = {
                "preset": preset.x264,
                "crf": str(preset.crf),
                "x264-params": f"open-gop=0:scenecut=0:{COLOUR}{repeatable()}",
            }
            ring = _VideoFrames(ask.width, ask.height, ask.fps)
            for index, planes in enumerate(frames_of(ask, open_ref)):
                for packet in stream.encode(ring.holding(planes, index)):
                    container.mux(packet)
                if index % LOOK == LOOK - 1:
                    go_on((index + 1) / ask.frames)
            for packet in stream.encode(None):
                container.mux(packet)
    except av.FFmpegError as error:
        raise MediaError(
            f"the film could not be encoded: {error}", where=", ".join(ask.scenes) or None
        ) from error
    return buffer.getvalue()


def frames_of(ask: SegmentAsk, open_ref: OpenRef) -> Iterator[Frame]:
    """Yield the frames of a segment as planes, captions included; each is valid until the next is asked for."""
    sources = [_part_frames(part, ask, open_ref) for part in ask.parts]
    subtitler = Subtitler(ask.captions, (ask.width, ask.height), ask.language) if ask.captions else None
    mixed = black_frame(ask.width, ask.height)
    black = black_frame(ask.width, ask.height)
    for index, frames in enumerate(zip(*sources, strict=True)):
        frame: Frame = frames[0]
        if ask.blend != "none":
            under, over = (black, frames[0]) if ask.blend == "from-black" else (frames[0], frames[1])
            # Counted so that neither end of the fade repeats the frame beside it.
            weight = (index + 1) / (ask.frames + 1)
            for a, b, out in zip(under, over, mixed, strict=True):
                cv2.addWeighted(a, 1 - weight, b, weight, 0, out)
            frame = mixed
        if subtitler is not None:
            subtitler.burn(frame, index)
        yield frame


def _part_frames(part: Part, ask: SegmentAsk, open_ref: OpenRef) -> Iterator[Frame]:
    moments = [float(Fraction(part.first + k) / ask.fps) for k in range(ask.frames)]
    size = (ask.width, ask.height)
    if part.shot.clip is not None:
        return PreparedClip(open_ref(part.shot.clip), size).frames(moments)
    return _prepared(part, size, open_ref).frames(moments)


def _prepared(part: Part, size: tuple[int, int], open_ref: OpenRef) -> PreparedStill:
    """Return the part's picture made ready, from the last few that this process used when it is among them."""
    key = canonical_json([part.still.model_dump(mode="json"), part.shot.model_dump(mode="json"), list(size)])
    found = _ready.pop(key, None)
    if found is None:
        while len(_ready) >= KEPT:
            _ready.popitem(last=False)
        found = PreparedStill(part.still, part.shot, size, open_ref)
    _ready[key] = found
    return found


class _VideoFrames:
    """Frames for the encoder, used in turn: x264 copies what it is given, and fresh memory costs more than drawing."""

    def __init__(self, width: int, height: int, fps: Fraction) -> None:
        self._time_base = 1 / fps
        self._frames = [av.VideoFrame(width, height, "yuv420p") for _ in range(RING)]
        self._planes = [
            [
                np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[
                    : plane.height, : plane.width
                ]
                for plane in frame.planes
            ]
            for frame in self._frames
        ]

    def holding(self, planes: Frame, index: int) -> av.VideoFrame:
        """Return the next frame with a copy of `planes`."""
        frame = self._frames[index % RING]
        for there, here in zip(self._planes[index % RING], planes, strict=True):
            np.copyto(there, here)
        frame.pts, frame.time_base = index, self._time_base
        frame.pict_type = 0
        frame.color_range = frame.colorspace = 1
        return frame
