"""Small pictures are the film's own, kept in the store, and made again for the scenes alone that changed."""

from __future__ import annotations

import io
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from kamishibai.documents.ref import Ref
from kamishibai.errors import Cancelled, DamagedError, MediaError
from kamishibai.exports.small_pictures import Moment, SmallPictures, middle_of
from kamishibai.media.picture import encode_png
from kamishibai.work.explain import CallKey
from kamishibai.work.store import Store

COLOURS = [(200, 40, 40), (40, 180, 40), (40, 40, 200), (200, 200, 40), (40, 200, 200)]
FPS = Fraction(30)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def segment() -> bytes:
    """Return thirty frames, a colour for every six."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for colour in COLOURS:
            for _ in range(6):
                picture = np.full((90, 160, 3), colour, np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def picture(store: Store, colour: tuple[int, int, int]) -> Ref:
    return store.save(encode_png(np.full((900, 1600, 3), colour, np.uint8)), "image/png")


def counting(made: list[int]) -> Callable[[], None]:
    return lambda: made.append(1)


@pytest.mark.parametrize("frame", range(0, 30, 5))
def test_a_frame_is_the_one_with_that_number(store: Store, frame: int) -> None:
    video = store.save(segment(), "video/mp4")

    (pixels,) = SmallPictures(store).frames([Moment(video=video, at=middle_of(frame, FPS))], 80)

    assert pixels.shape == (45, 80, 3)
    assert np.abs(pixels[20, 40].astype(int) - COLOURS[frame // 6]).max() < 12


def test_a_thumbnail_is_a_small_jpeg_of_the_whole_picture(store: Store) -> None:
    from PIL import Image

    (jpeg,) = SmallPictures(store).thumbnails([picture(store, (200, 40, 40))], 160)

    with Image.open(io.BytesIO(jpeg)) as image:
        assert (image.format, image.size) == ("JPEG", (160, 90))


def test_what_is_kept_is_not_made_again(store: Store) -> None:
    made: list[int] = []
    images = [picture(store, colour) for colour in COLOURS]
    first = SmallPictures(store, counting(made)).thumbnails(images)
    assert len(made) == len(COLOURS)

    images[2] = picture(store, (1, 2, 3))
    after = SmallPictures(store, counting(made)).thumbnails(images)

    assert len(made) == len(COLOURS) + 1
    assert [a == b for a, b in zip(first, after, strict=True)] == [True, True, False, True, True]


def test_one_that_is_gone_is_made_again(store: Store) -> None:
    video = store.save(segment(), "video/mp4")
    wanted = [Moment(video=video, at=middle_of(3, FPS))]
    (before,) = SmallPictures(store).frames(wanted, 80)
    store.blob(store.save(encode_png(before), "image/png").sha256).unlink()

    (after,) = SmallPictures(store).frames(wanted, 80)

    assert (before == after).all()


def test_keys_are_told_whether_found_or_made(store: Store) -> None:
    told: list[CallKey] = []
    image = picture(store, (9, 9, 9))
    for _ in range(2):
        SmallPictures(store, note=told.extend).thumbnails([image])

    assert len(told) == 2
    assert len({call.key for call in told}) == 1
    assert store.find(told[0].key) is not None


def test_one_can_stop_before_each(store: Store) -> None:
    def stop() -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        SmallPictures(store, stop).thumbnails([picture(store, (9, 9, 9))])


def test_a_segment_that_is_missing_or_none_is_told(store: Store) -> None:
    gone = Ref(sha256="0" * 64, media_type="video/mp4", size=1)
    with pytest.raises(DamagedError):
        SmallPictures(store).frames([Moment(video=gone, at=Fraction(0))], 80)
    with pytest.raises(MediaError):
        SmallPictures(store).frames([Moment(video=store.save(b"no film", "video/mp4"), at=Fraction(0))], 80)


@pytest.mark.slow
def test_frames_of_a_film_are_those_of_the_joined_file(tmp_path: Path) -> None:
    from kamishibai import Studio
    from kamishibai.exports import deliver
    from kamishibai.media.film import frames_at

    seen: list[tuple[list[Moment], list[Fraction]]] = []
    shown = deliver._shown

    def watched(made: deliver.Made, times: list[Fraction]) -> list[Moment]:
        moments = shown(made, times)
        seen.append((moments, list(times)))
        return moments

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deliver, "_shown", watched)
        (tmp_path / "story.txt").write_text("A fox ran.\nA cat sang.\n")
        fakes = dict.fromkeys(("text", "picture", "motion", "voice", "music", "sound", "ear"), "fake")
        film = Studio(size=144, quality="draft", workers=0, cache=tmp_path / "store", **fakes).make(
            tmp_path / "story.txt", tmp_path / "out"
        )

    ((moments, times),) = seen
    tiles = SmallPictures(Store(tmp_path / "store")).frames(moments, film.measured["width"])
    for tile, frame in zip(tiles, frames_at(film.film, times), strict=True):
        assert (tile == frame).all()
