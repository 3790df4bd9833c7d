from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamishibai.documents.read_story import parse_story
from kamishibai.documents.storyboard import Actor, Character, Place, Scene, Storyboard
from kamishibai.models.kinds import Board
from kamishibai.models.text.planner import plan
from kamishibai.steps.board import _kept
from kamishibai.steps.same_ids import same_ids

lines = st.lists(
    st.sampled_from([f"{who} {does} the {what}." for who in ("Mia", "Tom") for does in ("saw", "ate") for what in "abc"]),
    min_size=1, max_size=9,
)  # fmt: skip
different = st.lists(
    st.text("abcdefg ", min_size=1, max_size=8),
    min_size=1,
    max_size=9,
    unique_by=lambda line: tuple(line.split()),
).filter(lambda told: all(line.split() for line in told))


def board(*told: str, start: int = 1) -> Storyboard:
    return Storyboard(scenes=tuple(Scene(id=f"s{n:02d}", line=line) for n, line in enumerate(told, start)))


def ids(storyboard: Storyboard) -> list[str]:
    return [scene.id for scene in storyboard.scenes]


def planned(text: str) -> Storyboard:
    return plan(parse_story(text).story, 7).storyboard


# ------------------------------------------------------------------------------------------------- scenes
@given(lines)
def test_a_story_that_was_not_edited_keeps_its_storyboard(told: list[str]) -> None:
    assert same_ids(board(*told), board(*told)) == board(*told)


@given(lines, lines)
def test_every_scene_has_an_id_of_its_own_and_is_otherwise_as_planned(old: list[str], new: list[str]) -> None:
    kept = same_ids(board(*old), board(*new))
    assert len(set(ids(kept))) == len(new)
    assert [scene.line for scene in kept.scenes] == new


@given(lines, lines)
def test_the_same_edit_gives_the_same_ids_and_is_settled_at_once(old: list[str], new: list[str]) -> None:
    once = same_ids(board(*old), board(*new))
    assert same_ids(board(*old), board(*new)) == once
    assert same_ids(once, board(*new)) == once


@given(lines, st.data())
def test_an_inserted_line_gets_a_new_id_and_changes_no_other(told: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(told)))
    old = board(*told)
    new = ids(same_ids(old, board(*told[:at], "Nobody knew why.", *told[at:])))
    assert new[:at] + new[at + 1 :] == ids(old)
    assert new[at] not in ids(old)


@given(lines, st.data())
def test_a_line_that_is_gone_takes_its_id_with_it(told: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(told) - 1))
    rest = told[:at] + told[at + 1 :]
    if not rest:
        return
    kept = ids(same_ids(board(*told), board(*rest)))
    # Of equal lines that follow one another, any may be the one that is gone.
    gone = next(id_ for id_ in ids(board(*told)) if id_ not in kept)
    assert told[ids(board(*told)).index(gone)] == told[at]
    assert kept == [id_ for id_ in ids(board(*told)) if id_ != gone]


@given(lines, st.data())
def test_an_edited_line_keeps_its_id(told: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(told) - 1))
    edited = [*told[:at], f"{told[at]} It was late.", *told[at + 1 :]]
    assert ids(same_ids(board(*told), board(*edited))) == ids(board(*told))


@given(different, st.randoms())
def test_lines_keep_their_ids_wherever_they_are_moved(told: list[str], random: object) -> None:
    order = list(range(len(told)))
    random.shuffle(order)  # type: ignore[attr-defined]
    kept = ids(same_ids(board(*told), board(*(told[n] for n in order))))
    assert kept == [ids(board(*told))[n] for n in order]


def test_every_order_of_four_lines_keeps_their_ids() -> None:
    old = board("one", "two", "three", "four")
    for order in permutations(old.scenes):
        assert ids(same_ids(old, board(*(s.line for s in order)))) == [s.id for s in order]


@given(lines, lines)
def test_no_id_of_a_removed_scene_is_given_to_an_inserted_line(old: list[str], new: list[str]) -> None:
    # More lines than before: those that none was replaced by are new.
    kept = same_ids(board(*old), board(*new, "Nobody knew why.", *["And so on."] * len(old)))
    fresh = [id_ for id_ in ids(kept) if id_ not in ids(board(*old))]
    assert len(fresh) >= len(kept.scenes) - len(old)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (["A fox ran.", "It rained."], ["A FOX  ran!", "It rained"], ["s01", "s02"]),
        (["one", "two"], ["The fox ran home.", "one", "two"], ["s03", "s01", "s02"]),
        (["one", "two"], ["one", "two", "three"], ["s01", "s02", "s03"]),
        (["a fox ran", "it rained"], ["it rained hard", "they slept"], ["s02", "s03"]),
        (["a fox ran off", "the end"], ["then", "a fox ran away", "the end"], ["s03", "s01", "s02"]),
        (["x", "hey", "hey"], ["hey", "hey", "x"], ["s02", "s03", "s01"]),
        (["one"], ["two"], ["s01"]),
    ],
)
def test_lines_are_known_again_by_their_words(old: list[str], new: list[str], expected: list[str]) -> None:
    assert ids(same_ids(board(*old), board(*new))) == expected


def test_ids_that_people_gave_are_kept_and_not_given_again() -> None:
    old = Storyboard(scenes=(Scene(id="opening", line="one"), Scene(id="s02", line="two")))
    assert ids(same_ids(old, board("one", "between", "two"))) == ["opening", "s03", "s02"]


def test_an_id_as_long_as_may_be_makes_room_for_another_number() -> None:
    long = "x" * 62 + "99"
    old = Storyboard(scenes=(Scene(id=long, line="one"),))
    new = Storyboard(scenes=(Scene(id=long, line="before"), Scene(id="s02", line="one")))
    kept = same_ids(old, new)
    assert ids(kept)[1] == long
    assert len(ids(kept)[0]) <= 64


def test_hundreds_of_new_lines_are_aligned_within_a_second() -> None:
    old = board(*(f"old line {n} tells of {n * n}" for n in range(500)))
    new = board(*(f"new words {n} and {n * 7}" for n in range(400)))
    assert len(set(ids(same_ids(old, new)))) == 400


def test_what_the_planner_says_of_a_scene_names_it_by_its_id() -> None:
    told = Board(storyboard=board("new", "one"), notes=("scene s02 is staged by text:planner",))
    assert _kept(board("one"), told).notes == ("scene s01 is staged by text:planner",)


# --------------------------------------------------------------------------------------------------- cast
def test_two_foxes_keep_apart_when_a_third_is_told_of_before_them() -> None:
    old = planned("A small fox slept.\nA big fox came.")
    new = same_ids(old, planned("A huge fox sang.\nA small fox slept.\nA big fox came."))
    assert [c.id for c in old.cast] == ["fox", "fox-2"]
    assert [[a.who for a in scene.actors] for scene in new.scenes] == [["fox-3"], ["fox"], ["fox-2"]]
    assert new.scenes[1:] == old.scenes


def test_a_girl_stays_herself_when_she_is_given_a_name() -> None:
    old = planned("A girl ran.\nA dog barked.")
    new = same_ids(old, planned("The girl was called Mira.\nA girl ran.\nA dog barked."))
    girls = [c for c in new.cast if c.noun == "girl"]
    assert any(c.id == "girl" for c in girls)


def test_the_old_cast_comes_first_as_voices_go_by_place() -> None:
    old = planned("Tom sang.\nMia danced.")
    new = same_ids(old, planned("Zoe slept.\nTom sang.\nMia danced."))
    assert [c.id for c in new.cast] == ["tom", "mia", "zoe"]


def test_a_new_character_is_never_given_the_id_of_another() -> None:
    old = Storyboard(cast=(Character(id="fox", name="Rex", noun="fox"),), scenes=(Scene(id="s01", line="x"),))
    new = Storyboard(
        cast=(Character(id="fox", name="Ada", noun="vixen"),), scenes=(Scene(id="s01", line="y"),)
    )
    assert [c.id for c in same_ids(old, new).cast] == ["fox-2"]


def test_places_and_speakers_follow_the_ids_of_the_cast() -> None:
    def told(owl: str, fox: str) -> Storyboard:
        actors = (
            Actor(who=owl, action="sat"),
            Actor(who=fox, action="ran", place=Place(relation="under", of=owl)),
        )
        return Storyboard(
            cast=(Character(id=owl, name="Owl"), Character(id=fox, name="Fox")),
            scenes=(Scene(id="s01", line="x", speaker=fox, actors=actors),),
        )

    assert same_ids(told("owl", "fox"), told("fox", "owl")) == told("owl", "fox")


@given(st.data())
def test_an_inserted_line_about_others_leaves_every_scene_of_the_planner_as_it_was(
    data: st.DataObject,
) -> None:
    told = ["A small fox slept in the forest.", "A girl ran through the forest.", "An owl sat in the forest."]
    at = data.draw(st.integers(0, 3))
    old = planned("\n".join(told))
    more = "A frog jumped in the forest."
    new = same_ids(old, planned("\n".join([*told[:at], more, *told[at:]])))
    assert [scene for scene in new.scenes if scene.line != more] == list(old.scenes)
