"""motion:fake: holds the camera still, or plays a small clip of moving bars, for tests and trials."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction

import av
import numpy as np

from kamishibai.documents.time import frame_at
from kamishibai.models.base import Desk, Licence, Model
from kamishibai.models.kinds import Animate, CameraKey, Shot

__all__ = ["FakeMotion"]


class FakeMotion(Model[Animate, Shot]):
    """The quickest motion there is: one camera key, or with ``clip`` an MP4 made on the spot."""

    id = "motion:fake"
    version = "1"
    asks = Animate
    supports = frozenset({"still", "prompt", "negative"})

    class Options(Model.Options):
        """What it gives back."""

        clip: bool = False
        """Return a clip, as a model that generates frames does, in place of a camera path."""

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms: it is part of the program."""
        return (Licence(name="Apache-2.0", commercial=True),)

    def run(self, asks: Sequence[Animate], desk: Desk) -> list[Shot]:
        """Return one shot an ask."""
        options = self.options
        assert isinstance(options, FakeMotion.Options)
        shots = []
        for done, ask in enumerate(asks, 1):
            if options.clip:
                shots.append(Shot(seconds=ask.seconds, clip=desk.save(_bars(ask), "video/mp4")))
            else:
                key = CameraKey(time=Fraction(0), x=0.5, y=0.5, scale=1.0)
                shots.append(Shot(seconds=ask.seconds, keys=(key,)))
            desk.progress(done / len(asks))
        return shots


def _bars(ask: Animate) -> bytes:
    """Return a clip of 256 pixels width in which a bright bar, coloured by the seed, crosses the frame once."""
    width, height = 256, max(2, round(256 * ask.height / ask.width / 2) * 2)
    rng = np.random.Generator(np.random.PCG64(ask.seed))
    ground, bar = rng.integers(0, 128, 3), rng.integers(160, 256, 3)
    count = max(1, frame_at(ask.seconds, ask.fps))
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=ask.fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.thread_count = 1
        stream.options = {"preset": "ultrafast", "crf": "20"}
        for index in range(count):
            picture = np.empty((height, width, 3), np.uint8)
            picture[:] = ground
            left = (width - 16) * index // max(1, count - 1)
            picture[:, left : left + 16] = bar
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return buffer.getvalue()
