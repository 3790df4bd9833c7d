"""examiners: makers of the house that measure takes for the gates, cached like any model's."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar

import cv2
import numpy as np
import numpy.typing as npt
from pydantic import Field

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.ref import Ref
from kamishibai.documents.takes import Speech
from kamishibai.documents.time import Time, sample_at, samples_to_time
from kamishibai.engine.clip import PreparedClip
from kamishibai.gates.clip import ClipSeries, clip_series
from kamishibai.gates.identity import cut
from kamishibai.gates.narration import NarrationFacts, examine_narration
from kamishibai.gates.still import StillFacts, still_facts
from kamishibai.media.picture import decode_png, encode_png
from kamishibai.media.sound import decode_wav, encode_wav
from kamishibai.media.speech import fade_ends
from kamishibai.models.base import Desk, Model

__all__ = [
    "ClipExaminer", "CropAsk", "Cropped", "Cropper", "ExamineClip", "ExamineSpeech", "ExamineStill", "SpeechExaminer", "SpeechTrimmer",
    "StillExaminer", "Thumbnail", "TrimSpeech", "thumbnail_pixels",
]  # fmt: skip


class ExamineSpeech(Frozen):
    """Measure one voice take."""

    sound: Ref
    words: int = Field(ge=0)
    """How many words are spoken in it."""


class SpeechExaminer(Model[ExamineSpeech, NarrationFacts]):
    """Measures silences, clipping, cut words, noise and speed of a voice take."""

    id: ClassVar[str] = "gate:narration"
    version: ClassVar[str] = "1"
    asks = ExamineSpeech
    batch = 16

    def run(self, asks: Sequence[ExamineSpeech], desk: Desk) -> list[NarrationFacts]:
        """Return the facts of each take."""
        facts = []
        for ask in asks:
            samples, rate_hz = decode_wav(desk.open(ask.sound))
            facts.append(examine_narration(samples, rate_hz, ask.words))
        return facts


class ExamineStill(Frozen):
    """Measure one picture."""

    image: Ref
    """PNG."""


class StillExaminer(Model[ExamineStill, StillFacts]):
    """Measures whether a picture is blank, tiled, noise or full of letters."""

    id: ClassVar[str] = "gate:picture"
    version: ClassVar[str] = "2"
    asks = ExamineStill

    def run(self, asks: Sequence[ExamineStill], desk: Desk) -> list[StillFacts]:
        """Return the facts of each picture."""
        return [still_facts(decode_png(desk.open(ask.image))) for ask in asks]


class ExamineClip(Frozen):
    """Measure one generated clip."""

    clip: Ref
    """MP4."""


class ClipExaminer(Model[ExamineClip, ClipSeries]):
    """Watches a clip frame by frame."""

    id: ClassVar[str] = "gate:clip"
    version: ClassVar[str] = "2"
    asks = ExamineClip

    def run(self, asks: Sequence[ExamineClip], desk: Desk) -> list[ClipSeries]:
        """Return the series of each clip."""
        return [clip_series(PreparedClip(desk.open(ask.clip), (16, 16)).pictures()) for ask in asks]


class Thumbnail(Frozen):
    """A picture small enough to travel with its facts: RGB bytes, row by row, in hexadecimal."""

    width: int
    height: int
    rgb: str


def thumbnail_pixels(thumbnail: Thumbnail) -> npt.NDArray[np.uint8]:
    """Return a thumbnail's pixels, (height, width, 3)."""
    data = np.frombuffer(bytes.fromhex(thumbnail.rgb), np.uint8)
    return np.array(data.reshape(thumbnail.height, thumbnail.width, 3), np.uint8)


class CropAsk(Frozen):
    """Cut a part out of a picture."""

    image: Ref
    """PNG."""
    box: tuple[int, int, int, int]
    """Left, top, right, bottom in pixels."""


class Cropped(Frozen):
    """The part, and a small copy of it for comparing pixels."""

    image: Ref
    thumbnail: Thumbnail


CROP_PX = 384
"""Longer side of a crop at the most: eyes look at 224 to 384 pixels."""
THUMBNAIL_PX = 32


class Cropper(Model[CropAsk, Cropped]):
    """Cuts parts out of pictures."""

    id: ClassVar[str] = "gate:crop"
    version: ClassVar[str] = "1"
    asks = CropAsk

    def run(self, asks: Sequence[CropAsk], desk: Desk) -> list[Cropped]:
        """Return each part as PNG."""
        out = []
        for ask in asks:
            part = cut(decode_png(desk.open(ask.image))[..., :3], ask.box)
            small = _scaled(part, CROP_PX)
            tiny = _scaled(part, THUMBNAIL_PX)
            thumbnail = Thumbnail(width=tiny.shape[1], height=tiny.shape[0], rgb=tiny.tobytes().hex())
            out.append(Cropped(image=desk.save(encode_png(small), "image/png"), thumbnail=thumbnail))
        return out


def _scaled(pixels: npt.NDArray[np.uint8], longer_px: int) -> npt.NDArray[np.uint8]:
    factor = min(1.0, longer_px / max(pixels.shape[:2]))
    size = (max(1, round(pixels.shape[1] * factor)), max(1, round(pixels.shape[0] * factor)))
    return np.ascontiguousarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


class TrimSpeech(Frozen):
    """Cut a voice take to what lies between two moments."""

    speech: Speech
    start: Time = Field(ge=0)
    end: Time


EDGE_S = 0.01
"""Fade at either cut."""


class SpeechTrimmer(Model[TrimSpeech, Speech]):
    """Cuts invented words off the head and the tail of a voice take."""

    id: ClassVar[str] = "gate:trim"
    version: ClassVar[str] = "1"
    asks = TrimSpeech

    def run(self, asks: Sequence[TrimSpeech], desk: Desk) -> list[Speech]:
        """Return the shorter takes, their words' times moved with them."""
        return [self._trim(ask, desk) for ask in asks]

    def _trim(self, ask: TrimSpeech, desk: Desk) -> Speech:
        samples, rate_hz = decode_wav(desk.open(ask.speech.sound))
        first = sample_at(ask.start, rate_hz)
        last = min(samples.shape[1], sample_at(ask.end, rate_hz))
        edge = round(EDGE_S * rate_hz)
        sound = fade_ends(np.array(samples[0, first:last], np.float32), edge, edge)
        seconds = samples_to_time(len(sound), rate_hz)
        words = tuple(
            word.model_copy(
                update={
                    "start": min(max(word.start - ask.start, Fraction(0)), seconds),
                    "end": min(max(word.end - ask.start, Fraction(0)), seconds),
                }
            )
            for word in ask.speech.words
        )
        return ask.speech.model_copy(
            update={
                "sound": desk.save(encode_wav(sound[None, :], rate_hz), "audio/wav"),
                "seconds": seconds,
                "words": words,
            }
        )
