"""What counts as a faulty picture or clip, and which seed comes next."""

from __future__ import annotations

import numpy as np
import pytest

from kamishibai.diffusion.checks import fault_of, retake_seed

RNG = np.random.default_rng(0)
PICTURE = RNG.random((32, 48, 3), np.float32)


def night() -> np.ndarray:
    """Return a dark scene with one small lamp."""
    pixels = RNG.random((64, 64, 3), np.float32) * 0.03
    pixels[30:40, 30:40] = (0.9, 0.7, 0.3)
    return pixels


def fog() -> np.ndarray:
    """Return a pale gradient with hardly any contrast."""
    return np.broadcast_to(np.linspace(0.78, 0.84, 64, dtype=np.float32)[:, None, None], (64, 64, 3)).copy()


@pytest.mark.parametrize("pixels", [PICTURE, (PICTURE * 255).astype(np.uint8), night(), fog()])
def test_pictures_are_let_pass(pixels: np.ndarray) -> None:
    assert fault_of(pixels) is None


@pytest.mark.parametrize(
    ("pixels", "fault"),
    [
        (np.where(PICTURE > 0.99, np.nan, PICTURE), "not a number"),
        (np.where(PICTURE > 0.99, np.inf, PICTURE), "not a number"),
        (np.zeros((32, 32, 3), np.uint8), "black"),
        (PICTURE * 0.03, "black"),
        (np.full((32, 32, 3), 0.5, np.float32), "one flat colour"),
        (np.full((32, 32, 3), 255, np.uint8), "one flat colour"),
        (0.5 + PICTURE * 0.01, "one flat colour"),
        (np.stack([PICTURE] * 4), "frozen"),
        (np.zeros((4, 32, 32, 3), np.uint8), "black"),
    ],
)
def test_faults_are_named(pixels: np.ndarray, fault: str) -> None:
    assert fault_of(pixels) == fault


def test_a_clip_that_moves_a_little_is_let_pass() -> None:
    frames = np.stack([np.roll(PICTURE, shift, axis=1) for shift in range(4)])

    assert fault_of(frames) is None


def test_a_clip_with_some_flat_frames_is_let_pass() -> None:
    frames = np.stack([np.full_like(PICTURE, 0.5), PICTURE])

    assert fault_of(frames) is None


def test_the_first_seed_is_the_asks_own_and_the_others_follow_from_it() -> None:
    seeds = [retake_seed(7, attempt) for attempt in range(4)]

    assert seeds[0] == 7
    assert len(set(seeds)) == 4
    assert seeds == [retake_seed(7, attempt) for attempt in range(4)]
    assert all(0 <= seed < 2**32 for seed in seeds)
    assert retake_seed(8, 1) != seeds[1]
