"""Encoding: the right number of frames, tagged, the same bytes every time, captions and clips in place."""

from __future__ import annotations

import hashlib
import io
import pickle
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from kamishibai.documents.film import Caption
from kamishibai.documents.ref import Ref
from kamishibai.documents.takes import CameraKey, Shot, Still
from kamishibai.engine.captions import cues
from kamishibai.engine.encode import encode_segment, frames_of
from kamishibai.engine.planes import from_frame
from kamishibai.engine.quality import PRESETS
from kamishibai.engine.segments import Part, SegmentAsk, plan
from kamishibai.errors import MediaError
from kamishibai.media.picture import encode_png

F = Fraction


def decoded(data: bytes) -> list[np.ndarray]:
    with av.open(io.BytesIO(data)) as container:
        return [frame.to_ndarray(format="yuv420p") for frame in container.decode(video=0)]


def test_a_segment_decodes_to_the_frames_that_were_drawn(shelf) -> None:  # type: ignore[no-untyped-def]
    (ask,) = plan(shelf.film([F(1)]))

    seen = decoded(encode_segment(ask, shelf.open, "best"))
    drawn = [frame[0].copy() for frame in frames_of(ask, shelf.open)]

    assert len(seen) == ask.frames == 25
    for a, b in zip(seen, drawn, strict=True):
        error = np.mean((a[:180].astype(float) - b) ** 2)
        assert 10 * np.log10(255**2 / error) > 38


def test_the_same_ask_gives_the_same_bytes(shelf) -> None:  # type: ignore[no-untyped-def]
    _, fade, _ = plan(shelf.film([F(1), F(1)]))

    assert encode_segment(fade, shelf.open) == encode_segment(fade, shelf.open)


@pytest.mark.parametrize("quality", sorted(PRESETS))
def test_every_segment_of_a_film_has_the_same_decoder_settings(shelf, quality: str) -> None:  # type: ignore[no-untyped-def]
    asks = plan(shelf.film([F(1), F(1, 1), F(1)], fps=F(30000, 1001)))

    found = set()
    for ask in asks[:3]:
        with av.open(io.BytesIO(encode_segment(ask, shelf.open, quality))) as container:
            found.add(bytes(container.streams.video[0].codec_context.extradata))

    assert len(found) == 1


def test_a_segment_is_tagged_bt709_limited_range(shelf) -> None:  # type: ignore[no-untyped-def]
    (ask,) = plan(shelf.film([F(1)]))

    with av.open(io.BytesIO(encode_segment(ask, shelf.open))) as container:
        context = container.streams.video[0].codec_context
        tags = [
            int(t)
            for t in (context.color_primaries, context.color_trc, context.colorspace, context.color_range)
        ]

    assert tags == [1, 1, 1, 1]
    assert context.pix_fmt == "yuv420p"


def test_asks_and_openers_travel_to_another_process(shelf) -> None:  # type: ignore[no-untyped-def]
    ask = plan(shelf.film([F(1)]))[0]

    function, again = pickle.loads(pickle.dumps((encode_segment, ask)))

    assert again == ask
    assert function is encode_segment


def test_the_caption_changes_when_the_next_word_is_spoken_and_nowhere_else(shelf, say) -> None:  # type: ignore[no-untyped-def]
    text = "one little fox"
    film = shelf.film([F(2)])
    film = film.model_copy(
        update={
            "cuts": (
                film.cuts[0].model_copy(
                    update={"shot": Shot(seconds=2), "still": shelf.still(layered=False)}
                ),
            )
        }
    )
    captions = cues(say(text, F(1, 5), F(2, 5)), text=text, width=320, height=180, until=F(9, 5))
    (ask,) = plan(film.model_copy(update={"captions": captions}))

    frames = [frame[0].astype(int) for frame in frames_of(ask, shelf.open)]
    changed = [k for k in range(1, 50) if np.abs(frames[k] - frames[k - 1]).max() > 2]

    # It comes within four frames, lights a word at 5, 15 and 25, puts the last out at 33, and goes within four.
    assert [k for k in changed if 8 < k < 36] == [15, 25, 33]
    moved = np.argwhere(np.abs(frames[15] - frames[14]) > 2)
    assert moved[:, 0].min() > 130
    assert np.abs(frames[15] - frames[14])[:, :80].max() <= 2


def test_a_clip_is_played_at_its_own_speed_scaled_to_cover_and_held_at_its_end(shelf) -> None:  # type: ignore[no-untyped-def]
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for k in range(10):
            container.mux(
                stream.encode(
                    av.VideoFrame.from_ndarray(np.full((96, 128, 3), 20 + 20 * k, np.uint8), format="rgb24")
                )
            )
        container.mux(stream.encode(None))
    film = shelf.film([F(2)])
    shot = Shot(seconds=2, clip=shelf.save(buffer.getvalue(), "video/mp4"))
    (ask,) = plan(film.model_copy(update={"cuts": (film.cuts[0].model_copy(update={"shot": shot}),)}))

    levels = [float(from_frame(frame).mean()) for frame in frames_of(ask, shelf.open)]

    assert len(levels) == 50
    assert np.allclose(levels[0:25:5], [20, 60, 100, 140, 180], atol=8)
    assert np.allclose(levels[25:], 200, atol=8)


def test_captions_over_a_clip_do_not_pile_up(shelf) -> None:  # type: ignore[no-untyped-def]
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=1)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        container.mux(
            stream.encode(av.VideoFrame.from_ndarray(np.full((96, 128, 3), 200, np.uint8), format="rgb24"))
        )
        container.mux(stream.encode(None))
    film = shelf.film([F(1)])
    shot = Shot(seconds=1, clip=shelf.save(buffer.getvalue(), "video/mp4"))
    film = film.model_copy(
        update={
            "cuts": (film.cuts[0].model_copy(update={"shot": shot}),),
            "captions": (Caption(start=F(0), end=F(1), text="hello"),),
        }
    )

    frames = [frame[0].copy() for frame in frames_of(plan(film)[0], shelf.open)]

    assert cv2.absdiff(frames[6], frames[18]).max() == 0


@pytest.mark.parametrize("damage", [b"", b"\x89PNG\r\n\x1a\n" + b"\0" * 30, b"GIF89a" + b"\0" * 40])
def test_a_damaged_picture_is_a_media_error(shelf, damage: bytes) -> None:  # type: ignore[no-untyped-def]
    (ask,) = plan(shelf.film([F(1)], seeds=[71]))

    with pytest.raises(MediaError):
        encode_segment(ask, lambda ref: damage)


def test_a_picture_that_unpacks_too_large_is_refused_before_decoding(shelf) -> None:  # type: ignore[no-untyped-def]
    (ask,) = plan(shelf.film([F(1)], seeds=[72]))
    bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (12000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"

    with pytest.raises(MediaError, match="12000×12000"):
        encode_segment(ask, lambda ref: bomb)


@pytest.mark.parametrize("quality", ["good", "best"])
def test_equal_frames_give_equal_bytes_whatever_lay_in_memory_before(quality: str) -> None:
    # 20 blocks a row do not fill an AVX-512 register, which x264's macroblock tree then fills with what it finds.
    still = np.random.default_rng(1).integers(0, 255, (60, 80, 3), np.uint8)
    canvas = cv2.resize(still, (400, 226), interpolation=cv2.INTER_CUBIC)
    image = encode_png(canvas)
    ref = Ref(sha256=hashlib.sha256(image).hexdigest(), media_type="image/png", size=len(image))
    keys = tuple(
        CameraKey(time=Fraction(second), x=x, y=0.5, scale=0.8) for second, x in ((0, 0.42), (2, 0.58))
    )
    part = Part(
        still=Still(image=ref, width=400, height=226), shot=Shot(seconds=Fraction(2), keys=keys), first=0
    )
    ask = SegmentAsk(width=320, height=180, fps=Fraction(30), frames=60, parts=(part,))
    found = set()
    for n in range(8):
        scraps = [np.full(1000 + 7919 * n * k, 17 * n + k, np.uint8) for k in range(1, 30)]
        del scraps[::2]
        found.add(encode_segment(ask, lambda _: image, quality))  # type: ignore[arg-type]
    assert len(found) == 1
