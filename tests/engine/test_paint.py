"""Painting: what is skipped changes nothing, drifts have no seam, and movement is smooth to a fraction of a pixel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from kamishibai.documents.takes import CameraKey, Life, Shot, Still
from kamishibai.engine.layers import PreparedStill
from kamishibai.engine.paint import Item, Painter
from kamishibai.engine.planes import from_frame, sheet_from_rgba

SIZE = (320, 180)


def blob(seed: int, alpha: int = 255) -> np.ndarray:
    rng = np.random.default_rng(seed)
    picture = np.zeros((180, 320, 4), np.uint8)
    picture[..., :3] = cv2.resize(rng.integers(0, 255, (5, 8, 3), dtype=np.uint8), (320, 180))
    cv2.circle(
        picture,
        (int(rng.integers(60, 260)), int(rng.integers(40, 140))),
        60,
        (*map(int, picture[90, 160, :3]), alpha),
        -1,
    )
    return picture


def shifted(dx: float, dy: float, zoom: float = 1.0) -> np.ndarray:
    return np.array([[zoom, 0, dx], [0, zoom, dy], [0, 0, 1.0]])


def plainly(items: list[Item]) -> np.ndarray:
    """Compose in floating point, whole frames, in luma alone."""
    out = np.full((SIZE[1], SIZE[0]), 16.0)
    for item in items:
        to_centre = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]])
        matrix = (to_centre @ item.matrix @ np.linalg.inv(to_centre))[:2]
        border = cv2.BORDER_REPLICATE if item.sheet.clear is None else cv2.BORDER_CONSTANT
        luma = cv2.warpAffine(item.sheet.luma.astype(np.float32), matrix, SIZE, borderMode=border)
        clear = 0.0 if item.sheet.clear is None else cv2.warpAffine(
            item.sheet.clear.astype(np.float32), matrix, SIZE, borderValue=255)  # fmt: skip
        out = out * (1 - item.strength * (1 - clear / 255)) + luma * item.strength
    return out


def test_painting_only_what_can_be_seen_equals_painting_everything() -> None:
    ground = sheet_from_rgba(blob(0)[..., :3].copy())
    sheets = [sheet_from_rgba(blob(k, 255 if k % 2 else 120)) for k in range(1, 6)]
    window = [
        [Item(ground, shifted(-t, 0, 1.1))]
        + [
            Item(s, shifted(3 * k + t * 0.7, -2 * k, 1 + 0.01 * t), 0.6 if k == 2 else 1.0)
            for k, s in enumerate(sheets)
        ]
        for t in range(4)
    ]
    painter = Painter(SIZE)
    painter.plan(window)

    for items in window:
        seen = painter.paint(items)[0].astype(float)
        assert np.abs(seen - plainly(items)).max() <= 2.5


def test_a_plan_for_a_window_gives_the_same_frames_as_one_for_each_moment() -> None:
    sheets = [sheet_from_rgba(blob(k)) for k in range(4)]
    window = [[Item(s, shifted(t * k, 0)) for k, s in enumerate(sheets)] for t in range(6)]
    together, alone = Painter(SIZE), Painter(SIZE)
    together.plan(window)

    for items in window:
        alone.plan([items])
        for a, b in zip(together.paint(items), alone.paint(items), strict=True):
            assert cv2.absdiff(a, b).max() <= 1


def test_where_nothing_lies_the_frame_is_black() -> None:
    painter = Painter(SIZE)
    items = [Item(sheet_from_rgba(blob(1)), shifted(1000, 0))]
    painter.plan([items])

    y, u, v = painter.paint(items)

    assert (y == 16).all()
    assert (u == 128).all()
    assert (v == 128).all()


def drifting(shelf, width: int, velocity: tuple[float, float]):  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(5)
    tile = np.full((90, width, 4), 255, np.uint8)
    # Smooth all around its ends, so that any seam stands out.
    xs, ys = np.meshgrid(np.arange(width) * 2 * np.pi / width, np.arange(90) * 2 * np.pi / 90)
    for channel in range(3):
        a, b = rng.integers(1, 4, 2)
        tile[..., channel] = 128 + 80 * np.sin(a * xs + channel) * np.cos(b * ys + channel)
    layer = shelf.layer("clouds", tile, 0, 0, 0.5, Life(kind="drift", velocity_px_s=velocity))
    still = Still(image=layer.ref, width=320, height=180, layers=(layer,))
    shot = Shot(seconds=10, keys=(CameraKey(time=0, x=0.5, y=0.5, scale=1.0),))
    return PreparedStill(still, shot, SIZE, shelf.open)


@pytest.mark.parametrize(
    ("width", "velocity"), [(320, (40.0, 20.0)), (150, (-33.0, 51.0)), (322, (7.3, -11.9))]
)
def test_a_drift_shows_no_seam_at_any_moment(shelf, width: int, velocity: tuple[float, float]) -> None:  # type: ignore[no-untyped-def]
    prepared = drifting(shelf, width, velocity)

    for frame in prepared.frames([k * 0.43 for k in range(12)]):
        seen = from_frame(frame).astype(int)
        assert np.abs(np.diff(seen, axis=1)).max() < 14
        assert np.abs(np.diff(seen, axis=0)).max() < 24
        assert frame[0].min() > 40


def test_a_drift_moves_by_its_velocity(shelf) -> None:  # type: ignore[no-untyped-def]
    prepared = drifting(shelf, 320, (30.0, 0.0))

    before, after = (frame[0].copy() for frame in prepared.frames([1.0, 2.0]))

    assert np.abs(np.roll(before, 30, axis=1).astype(int) - after).max() <= 2


def test_a_sheet_that_ends_with_the_canvas_does_not_show_its_end_when_it_glides(shelf) -> None:  # type: ignore[no-untyped-def]
    wave = np.full((180, 320, 4), 255, np.uint8)
    wave[..., :3] = (40, 90, 200)
    layer = shelf.layer("wave", wave, 0, 0, 1.0, Life(kind="glide", amplitude=40, period_s=2))
    still = Still(image=layer.ref, width=320, height=180, layers=(layer,))
    shot = Shot(seconds=4, keys=(CameraKey(time=0, x=0.5, y=0.5, scale=1.0),))

    for frame in PreparedStill(still, shot, SIZE, shelf.open).frames([0.0, 0.5, 1.0, 1.5]):
        assert frame[0].max() - frame[0].min() <= 1
        assert frame[1].max() - frame[1].min() <= 1


def test_a_slow_zoom_moves_every_edge_smoothly(shelf) -> None:  # type: ignore[no-untyped-def]
    disc = np.zeros((216, 384, 3), np.uint8)
    cv2.circle(disc, (900, 900), 500, (255, 255, 255), -1, cv2.LINE_AA, 4)
    disc = cv2.GaussianBlur(disc, (0, 0), 1.0)
    still = Still(image=shelf.picture(disc), width=384, height=216)
    keys = (CameraKey(time=0, x=0.5, y=0.5, scale=1.0), CameraKey(time=4, x=0.5, y=0.5, scale=0.97))
    prepared = PreparedStill(still, Shot(seconds=4, keys=keys), SIZE, shelf.open)

    # The centre of brightness of one row is where an estimator of sub-pixel position finds the edge.
    rows = [frame[0][60].astype(float) - 16 for frame in prepared.frames([k / 25 for k in range(25, 76)])]
    centres = np.array([(row * np.arange(len(row))).sum() / row.sum() for row in rows])

    smooth = np.polyval(np.polyfit(np.arange(51), centres, 4), np.arange(51))
    assert np.ptp(centres) > 0.5
    assert (centres - smooth).std() < 0.02


def test_the_whole_view_shows_the_picture_as_it_was_drawn(shelf) -> None:  # type: ignore[no-untyped-def]
    still = shelf.still(320, 180, layered=False)
    prepared = PreparedStill(
        still, Shot(seconds=1, keys=(CameraKey(time=0, x=0.5, y=0.5, scale=1.0),)), SIZE, shelf.open
    )

    seen = from_frame(next(iter(prepared.frames([0.0])))).astype(float)
    drawn = cv2.imdecode(np.frombuffer(shelf.open(still.image), np.uint8), cv2.IMREAD_COLOR)[..., ::-1]

    assert 10 * np.log10(255**2 / np.mean((seen - drawn) ** 2)) > 36
