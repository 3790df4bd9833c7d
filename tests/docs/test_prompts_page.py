"""The prompts that the page shows are those that the code writes."""

from __future__ import annotations

import re
from pathlib import Path

from kamishibai.diffusion.emphasis import HEAVIEST, LIGHTEST, read_emphasis
from kamishibai.documents.yaml_storyboard import load
from kamishibai.models.base import Reads
from kamishibai.steps.prompt import motion_prompt, picture_prompt

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "prompts.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.M | re.S)
SHOWN = re.findall(r"^> (.+)$", PAGE, re.M)


def test_the_prompts_shown_are_those_of_the_scene_shown() -> None:
    board = load("schema: kamishibai.storyboard/1\nlook: paper-cut picture book\n" + BLOCKS[0])
    asked = board.scenes[0], board.cast, board.look
    assert [
        picture_prompt(*asked).positive,
        picture_prompt(*asked, Reads(style="tags")).positive,
        motion_prompt(*asked).positive,
    ] == SHOWN


def test_the_words_and_weights_of_the_second_example_are_read_as_it_says() -> None:
    board = load("schema: kamishibai.storyboard/1\n" + BLOCKS[1])
    prompt = picture_prompt(board.scenes[0], (), "", Reads(negative=True))
    assert prompt.negative == "fire, light"
    assert sorted(set(read_emphasis(prompt.positive).weights)) == [0.7, 1.0, 1.3]
    assert f"from {LIGHTEST:g} to {HEAVIEST:g}" in PAGE
