from __future__ import annotations

import re
from pathlib import Path

import pytest

from kamishibai.documents.read_story import parse_story
from kamishibai.documents.storyboard import Actor, Character, Prop, Scene, Storyboard
from kamishibai.gates.critic import critic_faults, mended_prompt, questions_for
from kamishibai.models.kinds import Answered, Board, Draft
from kamishibai.models.text.llm.mending import missing_things
from kamishibai.models.text.planner import Planner

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.md"))


class Nothing:
    def progress(self, done: float, note: str = "") -> None:
        return None


def planned(path: Path) -> Storyboard:
    story = parse_story(path.read_text("utf-8"), source=path.name).story
    board: Board = Planner().run([Draft(story=story)], Nothing())[0]  # type: ignore[arg-type]
    return board.storyboard


def no_to(*questions: str) -> tuple[str, ...]:
    return critic_faults([Answered(question=one, said="No.", verdict="no", yes=0.1) for one in questions])


def test_a_planned_story_is_asked_for_who_what_where_and_when() -> None:
    board = planned(next(path for path in EXAMPLES if path.stem == "lantern"))
    assert questions_for(board.scenes[0], board.cast) == (
        "Is there a small fox in the picture?", "Is there a lantern in the picture?", "Does this scene take place in a forest?", "Does this scene take place at night?",
    )  # fmt: skip
    assert questions_for(board.scenes[2], board.cast)[:2] == (
        "Is there a small fox in the picture?",
        "Is there an owl in the picture?",
    )


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_scene_of_the_examples_is_asked_for_in_few_questions_of_one_thing_each(path: Path) -> None:
    board = planned(path)
    for scene in board.scenes:
        asked = questions_for(scene, board.cast)
        assert 1 <= len(asked) <= 8
        assert len(set(asked)) == len(asked)
        assert all(
            re.fullmatch(r"(?:(?:Is|Are) there .+ in the picture|Does this scene take place .+)\?", one)
            for one in asked
        )
        assert not any(word in one for one in asked for word in (" and ", ",", "  "))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_everything_that_is_missed_in_the_examples_is_put_first_once(path: Path) -> None:
    board = planned(path)
    for scene in board.scenes:
        asked = questions_for(scene, board.cast)
        faults = no_to(*asked)
        assert len(faults) == len(asked)
        for tags in (False, True):
            mended = mended_prompt("a picture, calm", faults, tags=tags)
            assert mended.endswith("a picture, calm")
            for thing in missing_things(faults):
                assert mended.lower().count(thing) == 1
            assert (
                mended_prompt(mended, no_to(asked[0])).lower().count(missing_things(faults)[0]) == 1 or tags
            )


def scene(**fields: object) -> Scene:
    return Scene.model_validate({"id": "s1", "line": "x", **fields})


def test_groups_colours_and_sizes_are_asked_for_as_one_would_say_them() -> None:
    cast = (
        Character(id="wolves", name="wolves", noun="wolf", count=3, colour="grey"),
        Character(id="mira", name="Mira", noun="girl"),
    )
    seen = scene(
        actors=[Actor(who="wolves"), Actor(who="mira")],
        props=[Prop(name="apple", colour="red"), Prop(name="star", count=2), Prop(name="snow"), Prop(name="boots"),
               Prop(name="house", colour="#ff0000", size="tiny")],
    )  # fmt: skip
    assert questions_for(seen, cast)[:7] == (
        "Are there several grey wolves in the picture?", "Is there a girl in the picture?", "Is there a red apple in the picture?", "Are there two stars in the picture?",
        "Is there snow in the picture?", "Are there boots in the picture?", "Is there a tiny house in the picture?",
    )  # fmt: skip


def test_daylight_and_weather_that_nobody_could_see_there_are_not_asked_for() -> None:
    assert questions_for(scene(setting="meadow", time="day"), ()) == (
        "Does this scene take place in a meadow?",
    )
    assert questions_for(scene(setting="cave", time="night", weather="rain"), ()) == (
        "Does this scene take place in a cave?",
    )


def test_at_most_eight_questions_are_asked_the_cast_first() -> None:
    cast = tuple(Character(id=f"c{n}", name=f"animal{n}") for n in range(6))
    crowded = scene(
        actors=[Actor(who=one.id) for one in cast], props=[Prop(name=f"thing{n}") for n in range(6)]
    )
    asked = questions_for(crowded, cast)
    assert len(asked) == 8
    assert [one for one in asked if "animal" in one] == list(asked[:6])


def test_what_is_missed_is_said_in_words() -> None:
    assert no_to("Is there a lantern in the picture?", "Are there two stars in the picture?", "Are there boots in the picture?", "Does this scene take place at night?") == (
        "no lantern is seen", "two stars are not seen", "no boots are seen", "it is not at night",
    )  # fmt: skip


def test_an_unsure_answer_is_no_fault() -> None:
    answers = [
        Answered(question="Is there a fox in the picture?", said="Perhaps.", verdict="unsure", yes=0.5),
        Answered(question="Is there an owl in the picture?", said="Yes.", verdict="yes", yes=0.9),
    ]
    assert critic_faults(answers) == ()


def test_what_was_missed_comes_first_in_the_next_prompt() -> None:
    prompt = "A fox in a forest. Moonlight."
    faults = no_to(
        "Is there a lantern in the picture?",
        "Is there a small fox in the picture?",
        "Does this scene take place at night?",
    )
    assert mended_prompt(prompt, faults) == (
        "A lantern and a small fox clearly seen, at night. A fox in a forest. Moonlight."
    )
    assert mended_prompt("fox, forest", faults, tags=True) == "lantern, small fox, at night, fox, forest"


def test_a_second_round_adds_what_is_missed_now_and_nothing_twice() -> None:
    once = mended_prompt("A fox.", no_to("Is there a lantern in the picture?"))
    again = mended_prompt(
        once, no_to("Is there a lantern in the picture?", "Is there an owl in the picture?")
    )
    assert again == "An owl clearly seen. A lantern clearly seen. A fox."
    assert mended_prompt(once, no_to("Is there a lantern in the picture?")) == once


def test_without_faults_the_prompt_stays() -> None:
    assert mended_prompt("A fox.", ()) == "A fox."
    assert mended_prompt("A fox.", ("it looks odd",)) == "A fox."


def test_a_mended_prompt_stays_within_what_a_prompt_may_have_and_ends_with_a_word() -> None:
    mended = mended_prompt("tree " * 399 + "end", no_to("Is there a lantern in the picture?"))
    assert len(mended) <= 2000
    assert mended.startswith("A lantern clearly seen.")
    assert mended.endswith("tree")


def test_marks_in_a_name_of_the_story_do_not_reach_the_prompt() -> None:
    props = [Prop(name="<lora:x:9> (lamp:1.9), nsfw"), Prop(name="<>")]
    asked = questions_for(scene(props=props), ())
    assert asked == (
        "Is there a lora x 9 lamp 1 9 nsfw in the picture?",
        "Does this scene take place in a meadow?",
    )
    assert not set("<>(){}[]:,|") & set(mended_prompt("", no_to(asked[0]), tags=True))
