"""Small pictures for the report and the contact sheet, each kept in the store: an edit makes only its scenes' again."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import ClassVar

import cv2
import numpy as np
from PIL import Image
from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.ref import Ref
from kamishibai.documents.time import Time
from kamishibai.media.film import picture_in
from kamishibai.media.picture import Pixels, decode_png, encode_png
from kamishibai.models.base import Desk, Model
from kamishibai.work.call import Answer, Call, answer_batch, keyed, maker_of, recall
from kamishibai.work.events import nobody
from kamishibai.work.explain import CallKey
from kamishibai.work.store import Store

__all__ = ["Moment", "Small", "SmallPictures", "jpeg_of", "middle_of"]

THUMBNAIL_PX = 640


class ShrinkAsk(Frozen):
    """Make a picture small."""

    image: Ref
    """PNG."""
    longest_px: int = Field(ge=1)


class FrameAsk(Frozen):
    """Take one frame out of an encoded segment and make it small."""

    video: Ref
    at: Time
    """Seconds from the segment's start."""
    width_px: int = Field(ge=1)


class Small(Frozen):
    """A small picture."""

    image: Ref


class Thumbnailer(Model[ShrinkAsk, Small]):
    """Makes the report's pictures: JPEG."""

    id: ClassVar[str] = "engine:thumbnail"
    version: ClassVar[str] = "1"
    asks = ShrinkAsk

    def run(self, asks: Sequence[ShrinkAsk], desk: Desk) -> list[Small]:
        """Return each picture as JPEG."""
        return [
            Small(image=desk.save(jpeg_of(desk.open(ask.image), ask.longest_px), "image/jpeg"))
            for ask in asks
        ]


class FrameTaker(Model[FrameAsk, Small]):
    """Pulls frames for the contact sheet out of the very bytes that the film is joined from: PNG."""

    id: ClassVar[str] = "engine:frame"
    version: ClassVar[str] = "1"
    asks = FrameAsk

    def run(self, asks: Sequence[FrameAsk], desk: Desk) -> list[Small]:
        """Return each frame as PNG."""
        return [Small(image=desk.save(encode_png(self._frame(ask, desk)), "image/png")) for ask in asks]

    def _frame(self, ask: FrameAsk, desk: Desk) -> Pixels:
        pixels = picture_in(desk.open(ask.video), ask.at)
        height = max(1, round(ask.width_px * pixels.shape[0] / pixels.shape[1]))
        size = (ask.width_px, height)
        return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def jpeg_of(png: bytes, longest_px: int = THUMBNAIL_PX) -> bytes:
    """Return a JPEG of `png`, at most `longest_px` on its longer side."""
    with Image.open(io.BytesIO(png)) as image:
        small = image if image.mode == "RGB" else image.convert("RGB")
        small.thumbnail((longest_px, longest_px), reducing_gap=2.0)
        buffer = io.BytesIO()
        small.save(buffer, "JPEG", quality=82, optimize=True)
    return buffer.getvalue()


class Moment(Frozen):
    """A moment of the film: in which segment, and when in it."""

    video: Ref
    at: Time


class SmallPictures:
    """Makes small pictures, or finds them in the store.

    Parameters
    ----------
    go_on
        Called before each that has to be made; it may raise Cancelled.
    note
        Called with what each was found under, so that clean-ups of the store know whose it is.
    """

    def __init__(
        self,
        store: Store,
        go_on: Callable[[], None] = lambda: None,
        note: Callable[[Sequence[CallKey]], None] = lambda calls: None,
    ) -> None:
        self._store = store
        self._go_on = go_on
        self._note = note

    def thumbnails(self, images: Sequence[Ref], longest_px: int = THUMBNAIL_PX) -> list[bytes]:
        """Return a JPEG of each PNG. Raises KamishibaiError."""
        asks = [ShrinkAsk(image=image, longest_px=longest_px) for image in images]
        return [self._store.open(small.image) for small in self._made("thumbnail", Thumbnailer, asks)]

    def frames(self, moments: Sequence[Moment], width_px: int) -> list[Pixels]:
        """Return the frame of each moment, `width_px` wide. Raises KamishibaiError."""
        asks = [FrameAsk(video=one.video, at=one.at, width_px=width_px) for one in moments]
        return [decode_png(self._store.open(small.image)) for small in self._made("frame", FrameTaker, asks)]

    def _made(
        self,
        stage: str,
        maker: type[Model[ShrinkAsk, Small]] | type[Model[FrameAsk, Small]],
        asks: Sequence[Frozen],
    ) -> list[Small]:
        path = f"{__name__}:{maker.__name__}"
        items = keyed([Call(stage, "", maker.id, ask, Small, path=path) for ask in asks])
        self._note([CallKey(stage=stage, scene="", key=item.key) for item in items])
        found: dict[str, Answer] = {}
        for item in items:
            if item.key in found:
                continue
            answer = recall(self._store, item)
            if answer is None:
                self._go_on()
                (answer,) = answer_batch(maker_of(item.call), [item], self._store, nobody, lambda: False)
            found[item.key] = answer
        return [found[item.key].take for item in items]


def middle_of(frame: int, fps: Fraction) -> Fraction:
    """Return a moment at which the frame with this number is shown, whatever a container rounds its times to."""
    return (frame + Fraction(1, 2)) / fps
