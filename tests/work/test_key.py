from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kamishibai.models.kinds import Speak
from kamishibai.work.key import call_key, seed_for


def key(**changes: object) -> str:
    parts: dict[str, object] = {
        "maker": "voice:x", "version": "1", "weights": "w", "options": {"a": 1, "b": 2}, "ask": Speak(text="Hi"),
    }  # fmt: skip
    return call_key(**(parts | changes))  # type: ignore[arg-type]


def test_equal_calls_have_equal_keys_whatever_the_order_of_their_options() -> None:
    assert key() == key(options={"b": 2, "a": 1})


def test_everything_that_can_change_a_result_changes_the_key() -> None:
    keys = {
        key(),
        key(maker="voice:y"),
        key(version="2"),
        key(weights="v"),
        key(options={"a": 1, "b": 3}),
        key(ask=Speak(text="Ho")),
        key(ask=Speak(text="Hi", seed=1)),
    }
    assert len(keys) == 7


def test_seeds_are_the_same_on_every_machine() -> None:
    assert seed_for(7, "s1", "picture") == 547208502


@given(st.integers(0, 2**32 - 1), st.text(max_size=20), st.integers(0, 9))
def test_seeds_are_in_range(project: int, scene: str, take: int) -> None:
    assert 0 <= seed_for(project, scene, "picture", take) < 2**32
