"""The plan of long music: windows that fill the film, no longer than the model holds, turning where the acts turn."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from kamishibai.models.kinds import Act
from kamishibai.models.music.continuing import Window, windows
from kamishibai.models.music.prompts import MOODS, prompt_for

RATE = 50


def acts(*lengths: float, moods: tuple[str, ...] = tuple(MOODS)) -> list[Act]:
    found, at = [], Fraction(0)
    for number, length in enumerate(lengths):
        end = at + Fraction(length).limit_denominator(1000)
        found.append(Act.model_validate({"start": at, "end": end, "mood": moods[number % len(moods)]}))
        at = end
    return found


def plan(*lengths: float, longest: int = 1500, overlap: int = 400) -> tuple[Window, ...]:
    return windows(
        acts(*lengths), round(sum(lengths) * RATE), RATE, longest=longest, overlap=overlap, least=8
    )


def test_music_that_fits_into_one_window_is_made_at_once() -> None:
    assert plan(20) == (Window(act=0, heard=0, fresh=1000),)


def test_a_long_act_is_shared_out_among_windows_that_each_hear_what_came_before() -> None:
    found = plan(65)
    assert sum(window.fresh for window in found) == 65 * RATE
    assert [window.heard for window in found] == [0, 400, 400]
    assert min(window.fresh for window in found) > 800


def test_a_new_mood_begins_at_its_act_and_hears_less_of_the_old_one() -> None:
    first, second = plan(12, 10)
    assert (first.fresh, second.fresh) == (12 * RATE, 10 * RATE)
    assert (first.act, second.act) == (0, 1)
    assert second.heard == 4 * RATE


def test_a_mood_of_a_moment_is_passed_over_and_the_first_one_kept_holds_from_the_beginning() -> None:
    assert [(window.act, window.fresh) for window in plan(1, 10, 1, 8)] == [(1, 12 * RATE), (3, 8 * RATE)]
    assert [window.act for window in plan(0.3, 0.5)] == [1]


def test_acts_of_one_mood_are_one() -> None:
    same = acts(6, 6, moods=("calm",))
    assert len(windows(same, 600, RATE, longest=1500, overlap=400)) == 1


def test_the_shortest_film_still_has_as_many_tokens_as_the_model_needs() -> None:
    assert plan(0.02) == (Window(act=0, heard=0, fresh=8),)


@given(
    lengths=st.lists(st.floats(0.1, 90), min_size=1, max_size=8),
    longest=st.integers(200, 1500),
    overlap=st.integers(50, 100),
)
def test_windows_fill_every_film_and_never_overflow(lengths: list[float], longest: int, overlap: int) -> None:
    total = max(round(sum(lengths) * RATE), 8)
    found = windows(acts(*lengths), total, RATE, longest=longest, overlap=overlap, least=8)
    assert sum(window.fresh for window in found) == total
    assert found[0].heard == 0
    done = 0
    for window in found:
        assert window.heard + window.fresh <= longest
        assert window.heard <= done
        assert done == 0 or window.heard >= 50  # there is something to join
        done += window.fresh


def test_the_users_words_come_first_then_mood_then_how_full_it_is() -> None:
    act = Act(start=Fraction(0), end=Fraction(9), mood="sad", intensity=0.1)
    text = prompt_for(act, "  a harp\nalone ", "film music")
    assert text == f"a harp alone, {MOODS['sad']}, sparse, very quiet, minimal, film music"
    assert prompt_for(act.model_copy(update={"intensity": 1.0})) != prompt_for(act)
