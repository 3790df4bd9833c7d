"""Clips that are none: frozen, flickering, black, drifting away. A real camera shot over papercut passes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kamishibai import Studio
from kamishibai.gates.clip import clip_series, judge_clip
from kamishibai.gates.footage import footage, judge_footage
from kamishibai.gates.verdict import Verdict
from kamishibai.media.film import moving_pictures
from kamishibai.media.picture import Pixels

pytestmark = [pytest.mark.slow]

FPS = 24


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> list[list[Pixels]]:
    """Two camera moves over two papercut scenes, as encoded."""
    folder = tmp_path_factory.mktemp("shots")
    studio = Studio(cache=folder / "store", size=144, quality="draft", workers=0, fps=FPS)
    made = []
    for name, words, move in (
        ("a", "A fox in the snowy forest", "push"),
        ("b", "A ship on the sea", "pan-right"),
    ):
        path = folder / f"{name}.mp4"
        studio.try_one("motion:camera", words, path, seconds=3, move=move)
        made.append([frame for _, frame in moving_pictures(Path(path), 256)])
    return made


def judged(frames: list[Pixels]) -> Verdict:
    return judge_clip(clip_series(frames))


def watched(frames: list[Pixels], repeat: int = 1) -> Verdict:
    return judge_footage(footage((i / FPS, frame) for i, frame in enumerate(frames * repeat)))


def gain(frame: Pixels, by: float) -> Pixels:
    return np.clip(frame * by, 0, 255).astype(np.uint8)


def test_camera_moves_pass(shots: list[list[Pixels]]) -> None:
    for shot in shots:
        assert judged(shot).faults == ()
        assert watched(shot).faults == ()
        assert judged(shot[::-1]).faults == ()


def test_a_frozen_clip_fails(shots: list[list[Pixels]]) -> None:
    still = [shots[0][0]] * len(shots[0])

    assert judged(still).faults == ("nothing moves",)
    assert "nothing moves" in watched(still, 3).faults[0]


def test_flicker_fails(shots: list[list[Pixels]]) -> None:
    flickering = [gain(frame, 1.0 if i % 2 else 0.85) for i, frame in enumerate(shots[0])]

    assert "the light flickers" in judged(flickering).faults
    assert "the light flickers" in watched(flickering).faults[0]


def test_a_fade_to_black_fails(shots: list[list[Pixels]]) -> None:
    count = len(shots[0])
    faded = [gain(frame, max(0.0, 1 - 1.6 * i / count)) for i, frame in enumerate(shots[0])]

    assert any("black" in fault for fault in judged(faded).faults)


def test_black_that_lasts_is_told_with_its_time(shots: list[list[Pixels]]) -> None:
    black = [np.zeros_like(shots[0][0])] * (3 * FPS)

    verdict = watched([*shots[0], *black, *shots[1]])

    assert len(verdict.faults) == 1
    assert verdict.faults[0].startswith("black: 0:03.0 to 0:0")


def test_a_dissolve_to_another_picture_fails(shots: list[list[Pixels]]) -> None:
    count = len(shots[0])
    mixed = [
        np.asarray((1 - i / (count - 1)) * a + i / (count - 1) * b, np.uint8)
        for i, (a, b) in enumerate(zip(*shots, strict=True))
    ]

    assert judged(mixed).faults == ("it ends as another picture than it began",)


def test_a_film_may_cut_to_another_picture(shots: list[list[Pixels]]) -> None:
    assert watched([*shots[0], *shots[1], *shots[0]]).faults == ()
