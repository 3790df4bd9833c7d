"""Pictures that are none: blank, tiled, noise, full of letters. Real papercut scenes pass."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from desks import RecordingDesk
from kamishibai.documents.read_story import parse_story
from kamishibai.documents.storyboard import Prop
from kamishibai.engine.fonts import font_for
from kamishibai.gates.still import StillFacts, judge_still, letters_wanted, still_facts
from kamishibai.media.picture import Pixels
from kamishibai.models import registry
from kamishibai.models.kinds import Draft
from kamishibai.steps.draw import draw_ask

STORY = (
    b"A penguin found a fence and a house in the snow.\nThe stars shone over the waves of the sea at night.\n"
)


@pytest.fixture(scope="module")
def scenes() -> list[Pixels]:
    """A fence and a row of firs; waves and a starry sky: honest regular patterns."""
    desk = RecordingDesk()
    planner, painter = registry.make("text:planner"), registry.make("picture:papercut")
    planner.load()
    (board,) = planner.run([Draft(story=parse_story(STORY, source="test").story, seed=7)], desk)
    asks = [draw_ask(board.storyboard, scene, 640, 360) for scene in board.storyboard.scenes]
    return [np.ascontiguousarray(desk.pixels(s.image)[..., :3]) for s in painter.run(asks, desk)]


def tiled(picture: Pixels, down: int, across: int) -> Pixels:
    height, width = picture.shape[:2]
    small = cv2.resize(picture, (width // across, height // down), interpolation=cv2.INTER_AREA)
    return np.tile(small, (down, across, 1)).astype(np.uint8)


def lettered(picture: Pixels, words: str, size: int, ink: tuple[int, int, int], lean: float = 0.0) -> Pixels:
    height, width = picture.shape[:2]
    sheet = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    font = font_for(words).at(size)
    ImageDraw.Draw(sheet).text((width * 0.08, height * 0.15), words, font=font, fill=(*ink, 255))
    over = sheet.rotate(lean, resample=Image.Resampling.BICUBIC)
    return np.asarray(Image.alpha_composite(Image.fromarray(picture).convert("RGBA"), over).convert("RGB"))


def test_papercut_scenes_pass(scenes: list[Pixels]) -> None:
    assert [judge_still(still_facts(picture)).faults for picture in scenes] == [()] * len(scenes)


@pytest.mark.parametrize(("value", "fault"), [(0, "black"), (255, "white"), (120, "one colour")])
def test_a_blank_picture_fails(value: int, fault: str) -> None:
    nearly = np.clip(value + np.random.default_rng(0).integers(-1, 2, (90, 160, 3)), 0, 255).astype(np.uint8)

    assert fault in judge_still(still_facts(nearly)).faults[0]


@pytest.mark.parametrize(("down", "across"), [(1, 2), (2, 1), (2, 2), (1, 3), (3, 1), (3, 3), (1, 5)])
def test_a_picture_that_repeats_itself_fails(scenes: list[Pixels], down: int, across: int) -> None:
    for picture in scenes:
        assert judge_still(still_facts(tiled(picture, down, across))).faults == (
            "the picture repeats itself like tiles",
        )


@pytest.mark.parametrize("coarse", [1, 2, 4, 8])
def test_noise_and_undecoded_latents_fail(coarse: int) -> None:
    latents = (
        np.random.default_rng(coarse).integers(0, 256, (360 // coarse, 640 // coarse, 3)).astype(np.uint8)
    )

    picture = cv2.resize(latents, (640, 360), interpolation=cv2.INTER_CUBIC)

    assert judge_still(still_facts(np.asarray(picture, np.uint8))).faults == ("the picture is noise",)


@pytest.mark.parametrize(
    ("size", "ink", "lean"),
    [(30, (255, 255, 255), 0), (22, (250, 240, 90), 4), (40, (255, 255, 255), -6)],
)
def test_letters_across_a_picture_fail_where_none_were_asked_for(
    scenes: list[Pixels], size: int, ink: tuple[int, int, int], lean: float
) -> None:
    facts = still_facts(lettered(scenes[1], "Once upon a time they lived", size, ink, lean))

    assert any("letters cover" in fault for fault in judge_still(facts).faults)
    assert judge_still(facts, letters=True).passed


def test_words_are_wanted_on_signs_and_in_books() -> None:
    planner = registry.make("text:planner")
    planner.load()
    story = parse_story(b"The fox slept.", source="test").story
    (board,) = planner.run([Draft(story=story, seed=7)], RecordingDesk())
    scene = board.storyboard.scenes[0]

    assert not letters_wanted(scene.model_copy(update={"props": ()}))
    assert letters_wanted(scene.model_copy(update={"props": (Prop(name="books"),)}))


def test_a_fault_makes_a_take_worse() -> None:
    sound = StillFacts(brightest=200, darkest=10, deviation=40, detail=0.1, noise=0.1, tiled=0.1, text=0.0)

    assert judge_still(sound).badness < judge_still(sound.model_copy(update={"tiled": 0.9})).badness
