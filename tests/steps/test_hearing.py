"""Which lines are heard in one go: all of it stands in the ask, and an edit changes one group alone."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from kamishibai.documents.ref import Ref
from kamishibai.documents.takes import Speech
from kamishibai.steps.hearing import GAP_S, MOST_S, listen_asks

TOGETHER = frozenset({"language", "together"})


def speech(name: str, seconds: int = 3) -> Speech:
    sound = Ref(sha256=name.encode().hex().ljust(64, "0")[:64], media_type="audio/wav", size=len(name))
    return Speech(sound=sound, seconds=Fraction(seconds), words=(), spoken=name)


def lines(count: int, seconds: int = 3) -> list[tuple[str, Speech]]:
    return [(f"s{n:02}", speech(f"s{n:02}", seconds)) for n in range(count)]


def test_an_ear_that_hears_lines_alone_is_told_of_no_others() -> None:
    assert all(ask.together == () for ask in listen_asks(lines(9), "en", frozenset()))


def test_every_line_is_in_the_group_that_it_names_and_groups_fit_a_window() -> None:
    spoken = lines(40)
    asks = listen_asks(spoken, "en", TOGETHER)
    assert [ask.sound for ask in asks] == [take.sound for _, take in spoken]
    assert all(not ask.together or ask.sound in ask.together for ask in asks)
    assert all(len(ask.together) * (3 + GAP_S) <= MOST_S for ask in asks)
    windows = {ask.together or (ask.sound,) for ask in asks}
    assert len(windows) <= 14  # 40 lines of 3.8 s fill 6 windows at the very best


def test_long_lines_are_heard_alone() -> None:
    assert all(ask.together == () for ask in listen_asks(lines(5, seconds=20), "en", TOGETHER))


@given(st.integers(0, 40), st.integers(1, 6))
def test_a_line_put_in_changes_its_own_group_alone(where: int, seconds: int) -> None:
    before = lines(40)
    after = [*before[:where], ("new", speech("new", seconds)), *before[where:]]
    old = {ask.sound: ask for ask in listen_asks(before, "en", TOGETHER)}
    new = {ask.sound: ask for ask in listen_asks(after, "en", TOGETHER)}
    changed = [n for n, (_, take) in enumerate(before) if old[take.sound] != new[take.sound]]
    assert len(changed) <= 14
    assert all(abs(n - where) <= 14 for n in changed)


def test_one_line_is_asked_about_once_however_often_it_is_said() -> None:
    twice = [("a", speech("same")), ("b", speech("same")), ("c", speech("other"))]
    for ask in listen_asks(twice, "en", TOGETHER):
        assert len(ask.together) == len(set(ask.together))
