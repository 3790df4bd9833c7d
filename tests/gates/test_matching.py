"""The picture gate: a picture must fit its own scene best; proved with a CLIP that was trained and really sees."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

import tiny.seeing  # noqa: F401  (makes clip_school importable)
from desks import RecordingDesk
from kamishibai.documents.read_story import parse_story
from kamishibai.documents.storyboard import Actor, Prop, Scene
from kamishibai.gates.matching import Fit, MatchingLimits, alike_scenes, judge_pictures
from kamishibai.models import registry
from kamishibai.models.kinds import Draft
from kamishibai.steps.draw import draw_ask
from kamishibai.steps.prompt import picture_prompt


def scene(id_: str, setting: str = "forest", *who: str, **more: Any) -> Scene:
    return Scene(id=id_, line="", setting=setting, actors=tuple(Actor(who=w) for w in who), **more)


def fits(rows: dict[str, tuple[float, ...]]) -> list[Fit]:
    """A film's scores: a row a picture, a column a text, in the order of the scenes."""
    return [Fit(scene=one, texts=dict(zip(rows, row, strict=True))) for one, row in rows.items()]


RIGHT = {"a": (0.31, 0.20, 0.22, 0.19), "b": (0.21, 0.29, 0.20, 0.20), "c": (0.20, 0.19, 0.33, 0.21),
         "d": (0.22, 0.20, 0.21, 0.30)}  # fmt: skip
EXCHANGED = {"a": RIGHT["b"], "b": RIGHT["a"], "c": RIGHT["c"], "d": RIGHT["d"]}


def passed(rows: dict[str, tuple[float, ...]], **more: Any) -> list[bool]:
    return [verdict.passed for verdict in judge_pictures(fits(rows), **more)]


def test_pictures_that_fit_their_own_text_best_pass() -> None:
    assert passed(RIGHT) == [True] * 4


def test_two_exchanged_pictures_fail_and_the_others_do_not() -> None:
    verdicts = judge_pictures(fits(EXCHANGED))
    assert [v.passed for v in verdicts] == [False, False, True, True]
    assert verdicts[0].faults == ("fits the text of scene b better than its own",)
    assert verdicts[0].measured["nearest"] == "b"


@pytest.mark.parametrize(("factor", "shift"), [(0.1, 0.0), (3.0, -1.0), (1.0, 0.5)])
def test_the_scale_of_a_model_changes_nothing(factor: float, shift: float) -> None:
    def scaled(rows: dict[str, tuple[float, ...]]) -> dict[str, tuple[float, ...]]:
        return {name: tuple(factor * value + shift for value in row) for name, row in rows.items()}

    for rows in (RIGHT, EXCHANGED):
        plain, other = judge_pictures(fits(rows)), judge_pictures(fits(scaled(rows)))
        for one, two in zip(plain, other, strict=True):
            assert one.passed == two.passed
            assert one.badness == pytest.approx(two.badness, abs=1e-3)


def test_a_text_that_fits_every_picture_a_little_is_no_rival() -> None:
    # "It was a picture book." scores high everywhere; by raw cosines no picture would fit its own text best.
    general = {name: (row[0] + 0.2, *row[1:]) for name, row in RIGHT.items()}
    assert all(row[0] > max(row[1:]) for row in general.values())
    assert passed(general) == [True] * 4


def test_a_blank_picture_fails_though_no_other_text_fits_it_better() -> None:
    verdicts = judge_pictures(fits({**RIGHT, "b": (0.15, 0.14, 0.15, 0.15)}))
    assert [v.passed for v in verdicts] == [True, False, True, True]


def test_the_best_of_several_takes_is_the_one_with_the_least_badness() -> None:
    takes = [Fit(scene="a", texts=dict(zip("abcd", row, strict=True)), take=n)
             for n, row in enumerate((RIGHT["c"], RIGHT["a"], (0.25, 0.2, 0.22, 0.19), RIGHT["d"]))]  # fmt: skip
    verdicts = judge_pictures([*takes, *fits(RIGHT)[1:]])[:4]
    order = sorted(range(4), key=lambda n: verdicts[n].badness)
    assert order[:2] == [1, 2]
    assert verdicts[0].badness > 0.5 > verdicts[1].badness


def test_one_scene_alone_passes_and_its_takes_are_ordered_by_the_cosine() -> None:
    verdicts = judge_pictures(
        [Fit(scene="a", texts={"a": value}, take=n) for n, value in enumerate((0.2, 0.3))]
    )
    assert [v.passed for v in verdicts] == [True, True]
    assert verdicts[1].badness < verdicts[0].badness
    assert verdicts[0].measured["held_against"] == 0


def test_of_two_scenes_only_an_exchange_is_found_and_both_are_blamed() -> None:
    assert passed({"a": (0.3, 0.2), "b": (0.2, 0.3)}) == [True, True]
    assert passed({"a": (0.2, 0.3), "b": (0.3, 0.2)}) == [False, False]


def test_scenes_that_ask_for_the_same_are_not_held_against_each_other() -> None:
    # a and b: each picture fits the other's text a little better; nobody could tell them apart.
    rows = {"a": (0.30, 0.32, 0.2, 0.2), "b": (0.32, 0.30, 0.2, 0.2), "c": RIGHT["c"], "d": RIGHT["d"]}
    alike = {"a": frozenset("b"), "b": frozenset("a")}
    assert passed(rows) != [True] * 4
    assert passed(rows, alike=alike) == [True] * 4


def test_scenes_that_are_all_alike_pass() -> None:
    alike = {"a": frozenset("b"), "b": frozenset("a")}
    assert passed({"a": (0.2, 0.3), "b": (0.3, 0.2)}, alike=alike) == [True, True]


def test_a_score_that_is_no_number_fails_and_spoils_no_other() -> None:
    rows = {**RIGHT, "b": (math.nan,) * 4}
    verdicts = judge_pictures(fits(rows))
    assert [v.passed for v in verdicts] == [True, False, True, True]
    assert verdicts[1].faults == ("the eye gave no score of it",)
    assert all(math.isfinite(v.badness) for v in verdicts)


def test_equal_scores_everywhere_prove_nothing_right() -> None:
    verdicts = judge_pictures(fits(dict.fromkeys("abcd", (0.25,) * 4)))
    assert {v.passed for v in verdicts} == {False}
    assert {v.faults for v in verdicts} == {("fits its own text no better than those of other scenes",)}


def test_a_stricter_limit_fails_a_picture_that_a_milder_one_passes() -> None:
    near = {**RIGHT, "a": (0.225, 0.222, 0.22, 0.19)}
    assert not passed(near, limits=MatchingLimits(margin=2.0))[0]
    assert passed(near, limits=MatchingLimits(margin=-9.0, distinct=-9.0))[0]


def test_place_and_cast_make_scenes_alike_whatever_the_hour() -> None:
    scenes = [
        scene("a", "forest", "fox"), scene("b", "forest", "fox", time="night"), scene("c", "forest", "owl"),
        scene("d", "sea", "fox"), scene("e", "forest", "fox", "owl"), scene("f", "forest", "owl", "fox"),
    ]  # fmt: skip
    found = alike_scenes(scenes)
    assert found == {"a": frozenset("b"), "b": frozenset("a"), "c": frozenset(), "d": frozenset(),
                     "e": frozenset("f"), "f": frozenset("e")}  # fmt: skip


def test_scenes_without_actors_are_alike_by_their_things() -> None:
    lamp, boat = Prop(name="Lamp"), Prop(name="boat")
    scenes = [scene("a", props=(lamp,)), scene("b", props=(boat,)), scene("c", props=(Prop(name="lamp"),))]
    assert alike_scenes(scenes)["a"] == frozenset("c")


def test_an_own_prompt_or_the_same_words_make_scenes_alike() -> None:
    scenes = [
        scene("a", "forest", "fox", prompt="A tree."),
        scene("b", "sea", prompt="A tree."),
        scene("c", "city"),
    ]
    assert alike_scenes(scenes)["a"] == frozenset("b")
    assert alike_scenes(scenes, {"b": "And so  on.", "c": "and so on."})["c"] == frozenset("b")


STORY = """A small fox walks in the forest at night.
The fox meets a rabbit in the snow.
The bear sits on the beach in the evening.
The rabbit runs through the city at noon.
An owl waits in the desert at dawn.
"""


@pytest.fixture(scope="module")
def eye(small_clip: Path) -> Any:
    from clip_school.retrieval import Eye

    return Eye(small_clip)


@pytest.fixture(scope="module")
def films(eye: Any) -> list[tuple[Any, Any, list[str]]]:
    """Twelve films of five scenes, none of them used to set the limits, and the words of each scene's prompt."""
    from clip_school.films import draw_film, random_film
    from clip_school.vocabulary import SMALL
    from clip_school.words import prompt_for

    out = []
    for seed in range(12):
        examples = random_film(SMALL, seed)
        film = draw_film(eye, [e.ask(256, 144) for e in examples], [e.scene for e in examples])
        out.append((examples, film, [prompt_for(e).split(". ")[0] + "." for e in examples]))
    return out


@pytest.mark.slow
@pytest.mark.xdist_group("small-clip")
class TestWithAnEyeThatSees:
    """Every figure with the same seeds; what was measured when the limits were set stands in docs/gates.md."""

    def test_films_that_are_drawn_right_hardly_ever_alarm(self, eye: Any, films: Any) -> None:
        from clip_school.films import picture_verdicts

        alarms = [not v.passed for _, film, texts in films for v in picture_verdicts(eye, film, texts)]
        assert len(alarms) == 60
        assert sum(alarms) <= 6

    def test_two_exchanged_pictures_are_caught(self, eye: Any, films: Any) -> None:
        from clip_school.films import picture_verdicts

        caught, blamed = [], []
        for seed, (_, film, texts) in enumerate(films):
            pair = (seed % 5, (seed + 2) % 5)
            for i, verdict in enumerate(picture_verdicts(eye, film.exchanged(*pair), texts)):
                (caught if i in pair else blamed).append(not verdict.passed)
        assert sum(caught) >= 0.85 * len(caught)
        assert sum(blamed) <= 0.15 * len(blamed)

    def test_the_right_take_is_picked_among_three_of_other_scenes(self, eye: Any, films: Any) -> None:
        from clip_school.films import best_takes

        right = [ok for n, (_, film, texts) in enumerate(films) for ok in best_takes(eye, film, texts, n)]
        assert len(right) == 60
        assert sum(right) >= 0.85 * 60  # chance: 0.25

    def test_a_planned_story_passes_by_its_lines_and_fails_with_two_pictures_exchanged(
        self, eye: Any
    ) -> None:
        from clip_school.films import draw_film, picture_verdicts

        story = parse_story(STORY).story
        (board,) = registry.make("text:planner").run([Draft(story=story)], RecordingDesk())
        scenes = board.storyboard.scenes
        asks = [draw_ask(board.storyboard, s, 256, 144) for s in scenes]
        film = draw_film(eye, asks, scenes)
        for texts in (
            [s.line for s in scenes],
            [picture_prompt(s, board.storyboard.cast, board.storyboard.look).positive for s in scenes],
        ):
            assert sum(v.passed for v in picture_verdicts(eye, film, texts)) >= 4
            exchanged = picture_verdicts(eye, film.exchanged(0, 3), texts)
            assert not exchanged[0].passed or not exchanged[3].passed
