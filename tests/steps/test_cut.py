from __future__ import annotations

from fractions import Fraction
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Scene
from kamishibai.documents.takes import Speech
from kamishibai.steps.cut import CREDITS, FADE, LEAD, SHORTEST, TITLE, clock

FPS = Fraction(30)


def speech(seconds: Fraction) -> Speech:
    return Speech(sound=Ref(sha256="0" * 64, media_type="audio/wav", size=1), seconds=seconds, words=())


def scenes(count: int, transition: str = "fade") -> list[Scene]:
    return [Scene(id=f"s{i}", line="x", transition=transition) for i in range(1, count + 1)]


lengths = st.lists(st.fractions(0, 20, max_denominator=48_000), min_size=1, max_size=12)


@given(lengths, st.booleans(), st.sampled_from([Fraction(24), Fraction(30), Fraction(30000, 1001)]))
def test_slots_tile_the_film_on_whole_frames(seconds: list[Fraction], titles: bool, fps: Fraction) -> None:
    slots = clock(scenes(len(seconds)), [speech(s) for s in seconds], fps, titles=titles)
    assert slots[0].start == 0
    for slot, after in pairwise(slots):
        assert slot.end == after.start + after.fade
        assert (slot.start * fps).denominator == 1
    assert (slots[-1].end * fps).denominator == 1


@given(lengths)
def test_a_line_is_heard_whole_before_the_next_scene_begins(seconds: list[Fraction]) -> None:
    slots = clock(scenes(len(seconds)), [speech(s) for s in seconds], FPS, titles=True)[1:-1]
    for slot, length in zip(slots, seconds, strict=True):
        assert slot.speech is not None
        assert slot.speech >= slot.start + slot.fade
        following = [s for s in slots if s.start > slot.start]
        if following:
            assert slot.speech + length <= following[0].start


def test_a_scene_depends_on_no_other_but_for_where_it_starts() -> None:
    talk = [speech(Fraction(n)) for n in (3, 4, 5)]
    whole = clock(scenes(3), talk, FPS, titles=True)
    shorter = clock(scenes(3)[1:], talk[1:], FPS, titles=True)
    assert [s.seconds for s in whole[2:]] == [s.seconds for s in shorter[1:]]


def test_titles_can_be_left_out() -> None:
    with_them = clock(scenes(2), [speech(Fraction(3))] * 2, FPS, titles=True)
    without = clock(scenes(2), [speech(Fraction(3))] * 2, FPS, titles=False)
    assert [s.scene for s in with_them] == [TITLE, "s1", "s2", CREDITS]
    assert [s.scene for s in without] == ["s1", "s2"]


def test_a_hard_cut_has_no_fade_and_a_short_line_still_gets_its_time() -> None:
    (first, second) = clock(scenes(2, "cut"), [speech(Fraction(1, 10))] * 2, FPS, titles=False)
    assert (first.fade, second.fade) == (0, 0)
    assert first.seconds == SHORTEST
    assert first.speech == LEAD
    faded = clock(scenes(2), [speech(Fraction(1))] * 2, FPS, titles=False)[1]
    assert faded.fade == FADE


@pytest.mark.parametrize("titles", [True, False])
def test_what_is_made_of_a_scene_is_as_long_wherever_it_stands(titles: bool) -> None:
    told = [
        Scene(id=f"s{i}", line="x", transition=how) for i, how in enumerate(("fade", "cut", "fade", "cut"))
    ]
    alone = {}
    for order in permutations(told):
        for slot in clock(order, [speech(Fraction(int(s.id[1:]) + 1)) for s in order], FPS, titles=titles):
            if slot.scene.startswith("s"):
                made = (slot.taken_seconds, slot.fade, (slot.speech or 0) - slot.start)
                assert alone.setdefault(slot.scene, made) == made
    assert len(alone) == 4


def test_without_titles_a_film_comes_out_of_black_and_lingers_at_its_end() -> None:
    (first, last) = clock(scenes(2), [speech(Fraction(3))] * 2, FPS, titles=False)
    assert first.fade == FADE
    assert last.end == last.start + last.taken_seconds
    assert last.seconds == first.seconds
