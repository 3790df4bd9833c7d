"""The report says who drew what from which words, and shows the cast."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from importlib.util import find_spec
from pathlib import Path

import pytest

from kamishibai import Studio
from kamishibai.exports.report import PortraitRow, SceneRow, report_html

STORY = """schema: kamishibai.storyboard/1
title: Lamp
look: ink
cast:
  - {id: fox, name: "fox <lora:x:9>"}
scenes:
  - {id: s1, line: A fox came home., setting: forest, actors: [{who: fox}], prompt: "a (red:1.2) fox", negative: snow}
"""


def page(scene: SceneRow, *portraits: PortraitRow) -> str:
    return unescape(
        report_html(
            title="T", author=None, language="en", film="t.mp4", poster="data:,", facts=(), scenes=[scene],
            portraits=portraits, models=(), notes=(), files=(), command="kamishibai make t", music="", version="1",
        )
    )  # fmt: skip


def row(**more: object) -> SceneRow:
    plain = {"id": "s1", "line": "A fox.", "picture": "data:,x", "where": "forest", "prompt": "A fox in a forest.",
             "seed": 7, "start": "00:00", "end": "00:03"}  # fmt: skip
    return SceneRow.model_validate({**plain, **more})


def test_words_that_no_model_read_are_not_called_a_prompt() -> None:
    assert "<dt>In words</dt><dd>A fox in a forest.</dd>" in page(row())
    assert "<dt>Prompt</dt><dd>A fox in a forest.</dd>" in page(row(read=True))


def test_makers_notes_and_further_words_stand_with_their_scene() -> None:
    shown = page(
        row(
            read=True, negative="blurry", movement="The grass sways.", drawn_by="picture:x", moved_by="motion:y",
            held_to=("fox",), notes=("drawn again with another seed",),
        )
    )  # fmt: skip
    for words in (
        "blurry",
        "The grass sways.",
        "picture:x",
        "motion:y",
        "held to fox",
        "drawn again with another seed",
    ):
        assert words in shown


def test_the_cast_is_shown_where_pictures_are_held_to_it() -> None:
    assert "<h2>The cast</h2>" not in page(row())
    shown = page(
        row(),
        PortraitRow(
            name="Mira", picture="data:,m", prompt="portrait of a girl", seed=3, drawn_by="picture:x"
        ),
        PortraitRow(name="Ann", picture="data:,a"),
    )
    assert re.search(r"Mira.*drawn by.*picture:x.*portrait of a girl", shown, re.S)
    assert re.search(r"Ann.*your own picture", shown, re.S)


@pytest.mark.slow
@pytest.mark.skipif(find_spec("diffusers") is None, reason="the [models] extra is not installed")
def test_a_film_of_a_generative_model_shows_its_words_and_faces(
    tmp_path: Path, tiny: Callable[[str], Path]
) -> None:
    (tmp_path / "film").mkdir()
    (tmp_path / "film" / "storyboard.yaml").write_text(STORY)
    settings = {
        "size": 144,
        "fps": 8,
        "quality": "draft",
        "workers": 0,
        "titles": False,
        "cache": tmp_path / "store",
    }
    made = Studio(
        picture=f"diffusers:{tiny('sd15')}", voice="none", music="none", sound="none", ear="none",
        options={"picture:diffusers": {"steps": 2, "device": "cpu"}}, **settings,
    ).make(tmp_path / "film")  # type: ignore[arg-type]  # fmt: skip
    shown = unescape((made.folder / "report.html").read_text())
    assert "<dt>Prompt</dt><dd>a (red:1.2) fox</dd>" in shown
    assert "<dt>Not to be seen</dt><dd>snow</dd>" in shown
    assert "<h2>The cast</h2>" in shown
    assert "cast fox: name 'fox <lora:x:9>' is given to the models as 'fox'" in shown
    entries = json.loads((made.folder / "ledger.json").read_text())["entries"]
    (drawn,) = [entry for entry in entries if entry["stage"] == "draw"]
    assert (drawn["prompt"], drawn["negative"]) == ("a (red:1.2) fox", "snow")
