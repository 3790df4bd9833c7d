from __future__ import annotations

from pathlib import Path

import pytest

from kamishibai.errors import UsageError
from kamishibai.settings import read_settings


def test_options_of_models_are_merged_field_by_field_and_the_command_line_wins(tmp_path: Path) -> None:
    (tmp_path / "kamishibai.yaml").write_text(
        "options:\n  voice:none: {pace: 2}\n  voice:hibari: {speed: 1.1, sentence_pause_s: 1}\n"
    )
    given = {"options": {"voice:hibari": {"speed": 0.9}, "ear:whisper": {"beam": 2}}}
    assert read_settings(tmp_path, given, {}).options == {
        "voice:none": {"pace": 2},
        "voice:hibari": {"speed": 0.9, "sentence_pause_s": 1},
        "ear:whisper": {"beam": 2},
    }


def test_a_seed_comes_from_the_environment_as_a_number() -> None:
    assert read_settings(None, {}, {"KAMISHIBAI_SEED": "42"}).seed == 42


def test_an_impossible_value_says_where_it_came_from_and_why() -> None:
    with pytest.raises(UsageError) as caught:
        read_settings(None, {}, {"KAMISHIBAI_FPS": "abc"})
    assert caught.value.where == "environment"
    assert "'abc'" in caught.value.what
    assert "Value error" not in caught.value.what
