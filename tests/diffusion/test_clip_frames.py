"""Frames of a clip: made fluent, played in order, written as MP4 with the colours they had."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from kamishibai.diffusion.covering import Cover
from kamishibai.diffusion.frames import Clip, Smooth, clip_of, encode_mp4, played, rate_of
from kamishibai.errors import MediaError
from kamishibai.media.picture import Pixels

SEVEN = Fraction(7)


def square_at(x: float) -> Pixels:
    """Return a frame of 160 × 96 pixels with a patterned square whose left edge is at `x`."""
    pattern = np.random.default_rng(0).integers(100, 255, (30, 30, 3)).astype(np.uint8)
    way = np.array([[1, 0, x], [0, 1, 30]], np.float32)
    square = cv2.warpAffine(pattern, way, (160, 96))
    there = cv2.warpAffine(np.ones((30, 30), np.float32), way, (160, 96))[..., None]
    return (40 * (1 - there) + square * there).astype(np.uint8)


def gliding(frames: int = 5) -> Clip:
    return np.stack([square_at(20 + 8 * index) for index in range(frames)])


def error(frames: Sequence[Pixels], wanted: Sequence[Pixels]) -> float:
    return float(np.mean([np.abs(a.astype(int) - b).mean() for a, b in zip(frames, wanted, strict=True)]))


def decoded(data: bytes) -> list[Pixels]:
    with av.open(io.BytesIO(data)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_frames_in_between_lie_where_the_motion_would_have_been() -> None:
    cover = Cover((5,), SEVEN)
    true = [square_at(20 + 8 * min(index / 4, 4)) for index in range(20)]

    flowed, blended = list(played(gliding(), cover, "flow")), list(played(gliding(), cover, "blend"))

    assert len(flowed) == len(blended) == 20  # seven a second have become twenty-eight
    assert error(flowed, true) < error(blended, true) / 10


@pytest.mark.parametrize("smooth", ["flow", "blend", "none"])
def test_the_models_own_frames_are_shown_as_they_are(smooth: Smooth) -> None:
    clip = gliding()
    shown = list(played(clip, Cover((5,), SEVEN), smooth))

    times = rate_of(SEVEN, Fraction(1), smooth) / SEVEN
    assert all((shown[int(index * times)] == clip[index]).all() for index in range(5))


def test_a_clip_that_is_slowed_down_lasts_longer_at_the_same_rate() -> None:
    shown = list(played(gliding(), Cover((5,), SEVEN, slow=Fraction(3, 2)), "flow"))

    assert len(shown) == 30
    assert error(shown[6:7], [square_at(20 + 8)]) < 0.5  # its second frame comes half as late again


def test_a_boomerang_comes_back_to_its_first_frame() -> None:
    clip = gliding()
    there_and_back = Cover((5,), SEVEN, rest=Fraction(4, 7), boomerang=True)

    shown = list(played(clip, there_and_back, "none"))

    assert [int(np.argwhere([(frame == one).all() for one in clip])[0, 0]) for frame in shown] == [
        0, 1, 2, 3, 4, 3, 2, 1, 0
    ]  # fmt: skip


def test_what_is_left_over_holds_the_last_frame() -> None:
    clip = gliding()

    shown = list(played(clip, Cover((5,), SEVEN, rest=Fraction(2, 7)), "none"))

    assert len(shown) == 7
    assert all((frame == clip[-1]).all() for frame in shown[4:])


def test_a_clip_shorter_than_promised_is_filled_up_with_its_last_frame() -> None:
    shown = list(played(gliding(4), Cover((5,), SEVEN), "none"))

    assert len(shown) == 5
    assert (shown[4] == shown[3]).all()


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (200, 120, 30), (255, 255, 255)])
def test_colours_come_back_as_they_were(colour: tuple[int, int, int]) -> None:
    frame = np.full((64, 96, 3), colour, np.uint8)

    back = decoded(encode_mp4([frame] * 3, Fraction(24)))

    assert len(back) == 3
    assert np.abs(back[0].astype(int) - frame).max() <= 3


def test_the_file_says_bt709_and_its_rate() -> None:
    with av.open(io.BytesIO(encode_mp4(gliding(), Fraction(28)))) as container:
        stream = container.streams.video[0]
        context = stream.codec_context

        assert (context.color_primaries, context.color_trc, context.colorspace) == (1, 1, 1)
        assert context.pix_fmt == "yuv420p"
        assert stream.average_rate == 28


def test_equal_frames_give_equal_bytes_wherever_memory_lies() -> None:
    # Small noisy frames, some repeated: x264 with its macroblock tree gave other bytes for them every other time.
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 255, (7, 64, 64, 3)).astype(np.uint8)
    frames = [np.roll(noise[i // 10], i if i % 3 == 0 else 0, axis=1) for i in range(56)]

    files, filling = set(), []
    for _ in range(12):
        filling = [*filling[-4:], rng.integers(0, 255, int(rng.integers(1_000, 3_000_000))).astype(np.uint8)]
        files.add(encode_mp4(frames, Fraction(28)))

    assert len(files) == 1


def test_uneven_sizes_lose_a_pixel_and_no_frames_is_an_error() -> None:
    odd = np.full((33, 49, 3), 90, np.uint8)

    assert decoded(encode_mp4([odd], Fraction(24)))[0].shape == (32, 48, 3)
    with pytest.raises(MediaError, match="without frames"):
        encode_mp4([], Fraction(24))


def test_values_are_rounded_to_the_nearest_byte() -> None:
    values = np.array([0.0, 0.5, 1.0, 1.2, -0.1]).reshape(1, 1, 5, 1).repeat(3, 3)

    assert clip_of(values)[0, 0, :, 0].tolist() == [0, 128, 255, 255, 0]
