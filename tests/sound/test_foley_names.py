"""Names of sounds: everything a story is likely to say finds its sound, and nothing finds a wrong one."""

from __future__ import annotations

import pytest

from kamishibai.models.sound.names import resolve, sounds_known


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("rain", "rain"),
        ("Footsteps", "steps"),
        ("church bells", "church bell"),
        ("the distant sea", "waves"),
        ("tick-tock", "clock"),
        ("seagulls", "gulls"),
        ("an owl", "owl"),
        ("footsteps in snow", "steps on snow"),
        ("knocking", "knock"),
        ("door_creak", "door creak"),
        ("campfire", "fire"),
        ("foghorn", "ship horn"),
        ("page turn", "page"),
        ("clink", "glass"),
        ("howl", "wolf"),
    ],
)
def test_a_word_for_a_sound_finds_it(said: str, known: str) -> None:
    assert resolve(said) == known


@pytest.mark.parametrize("said", ["", "philosophy", "colourless green ideas", "xylophage", "🐙"])
def test_what_makes_no_known_sound_is_refused(said: str) -> None:
    assert resolve(said) is None


def test_every_known_sound_answers_to_its_own_name() -> None:
    assert all(resolve(name) == name for name in sounds_known())
    assert len(sounds_known()) >= 60
