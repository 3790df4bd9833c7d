from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from kamishibai.errors import UsageError
from kamishibai.settings import frame_size, read_settings


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "kamishibai.yaml").write_text("size: 480\nquality: best\nfps: 24\n")
    settings = read_settings(
        tmp_path, {"size": 720}, {"KAMISHIBAI_SIZE": "600", "KAMISHIBAI_QUALITY": "draft", "HOME": "/x"}
    )
    assert (settings.size, settings.quality, settings.fps) == (720, "draft", Fraction(24))


def test_an_unknown_setting_names_its_file_and_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "kamishibai.yaml").write_text("qualty: best\n")
    with pytest.raises(UsageError) as caught:
        read_settings(tmp_path, {}, {})
    assert "kamishibai.yaml" in str(caught.value)
    assert "'quality'" in str(caught.value)


@pytest.mark.parametrize("given", [{"size": 99999}, {"fps": 0}, {"aspect": "2:1"}, {"captions": "loud"}])
def test_impossible_settings_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=next(iter(given))):
        read_settings(None, given, {})


@pytest.mark.parametrize("text", ["- a\n- b\n", "{", "\x00"])
def test_a_settings_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "kamishibai.yaml").write_text(text)
    with pytest.raises(UsageError):
        read_settings(tmp_path, {}, {})


@pytest.mark.parametrize(
    ("aspect", "size"),
    [("16:9", (1920, 1080)), ("9:16", (1080, 1920)), ("1:1", (1080, 1080)), ("4:5", (1080, 1350))],
)
def test_frames_have_their_aspect(aspect: str, size: tuple[int, int]) -> None:
    assert frame_size(aspect, 1080) == size


@pytest.mark.parametrize("short", range(144, 400, 7))
def test_frames_are_always_even(short: int) -> None:
    assert all(side % 2 == 0 for aspect in ("16:9", "4:5") for side in frame_size(aspect, short))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_limit_that_is_no_number_is_told_before_any_work(value: float) -> None:
    with pytest.raises(UsageError, match="finite number"):
        read_settings(None, {"thresholds": {"narration": {"wer": value}}}, {})
    with pytest.raises(UsageError):
        read_settings(None, {"retake_minutes": value}, {})
