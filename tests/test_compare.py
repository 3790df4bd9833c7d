"""Models side by side: the same scenes, words and seeds, on one page that needs no other file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from kamishibai import Studio
from kamishibai.cli.app import app
from kamishibai.errors import KamishibaiError, ModelError, UnknownModelError, UsageError
from kamishibai.gates.picture import clip_facts, picture_facts
from kamishibai.models.base import Desk
from kamishibai.models.kinds import Draw, Still
from kamishibai.models.picture.fake import FakePicture

STORY = """schema: kamishibai.storyboard/1
title: Lamp & <b>Fox</b>
look: ink
cast:
  - {id: fox, name: fox}
scenes:
  - id: s1
    line: A fox <script>alert(1)</script> came home.
    setting: forest
    actors: [{who: fox}]
  - id: s2
    line: It slept.
    setting: river
    seed: 5
    actors: [{who: fox, feeling: asleep}]
"""


@pytest.fixture
def film(tmp_path: Path) -> Path:
    (tmp_path / "film").mkdir()
    (tmp_path / "film" / "storyboard.yaml").write_text(STORY)
    return tmp_path / "film"


def studio(film: Path, **more: object) -> Studio:
    settings = {"size": 144, "fps": 8, "quality": "draft", "workers": 0, "cache": film.parent / "store"}
    return Studio(**{**settings, **more})  # type: ignore[arg-type]


def test_every_model_gets_the_same_scenes_and_seeds(film: Path) -> None:
    found = studio(film).compare(film, ["papercut", "fake"], scenes=["s1", "s2"], count=2)
    paper, fake = found.entrants
    assert [(s.scene, s.take, s.seed) for s in paper.samples] == [
        (s.scene, s.take, s.seed) for s in fake.samples
    ]
    assert [(s.scene, s.take) for s in fake.samples] == [("s1", 0), ("s1", 1), ("s2", 0), ("s2", 1)]
    assert len({s.seed for s in fake.samples}) == 4
    assert fake.samples[2].seed == 5


def test_the_first_scene_is_compared_when_none_is_named(film: Path) -> None:
    found = studio(film).compare(film, ["fake"])
    assert [scene.id for scene in found.scenes] == ["s1"]
    assert found.page == film / "compare-s1.html"


def test_the_page_needs_no_other_file_and_shows_text_as_text(film: Path) -> None:
    found = studio(film).compare(film, ["papercut", "fake"], ["camera"], seconds=Fraction(1), eye="fake")
    assert found.page is not None
    page = found.page.read_text()
    assert "<script" not in page
    assert "Lamp &amp; &lt;b&gt;Fox&lt;/b&gt;" in page
    assert set(re.findall(r'(?:src|href|poster)="(\w+):', page)) == {"data"}
    assert not re.findall(r'(?:src|href|poster)="(?!data:)', page)
    assert page.count("<video") == 1
    assert page.count("<img") == 2
    for sample in (sample for entrant in found.entrants for sample in entrant.samples):
        assert f"seed <code>{sample.seed}</code>" in page
    assert "CC-BY-SA-4.0" in page


def test_an_eye_asks_about_every_picture_with_the_same_words(film: Path) -> None:
    found = studio(film).compare(film, ["papercut", "fake"], eye="fake")
    scores = [sample.fits_scene for entrant in found.entrants for sample in entrant.samples]
    assert all(score is not None for score in scores)
    assert found.described["s1"] == "A fox in a forest. Bright daylight, calm mood."
    assert "eye:fake" in (film / "compare-s1.html").read_text()


def test_without_an_eye_the_page_says_that_nobody_scored(film: Path) -> None:
    found = studio(film).compare(film, ["fake"])
    assert found.entrants[0].samples[0].fits_line is None
    assert "No model scored them" in (film / "compare-s1.html").read_text()


def test_what_was_compared_before_is_not_made_again_and_keeps_its_figures(film: Path) -> None:
    first = studio(film).compare(film, ["papercut"], ["camera"], seconds=Fraction(1))
    again = studio(film).compare(film, ["papercut"], ["camera"], seconds=Fraction(1))
    before, after = first.entrants[0], again.entrants[0]
    assert [s.reused for e in again.entrants for s in e.samples] == [True, True]
    assert after.memory_mb == before.memory_mb > 0
    assert after.load_s is None
    assert after.samples[0].image == before.samples[0].image


def test_a_film_draws_the_very_pictures_that_were_compared(film: Path) -> None:
    found = studio(film).compare(film, ["fake"])
    seen = found.entrants[0].samples[0]
    made = studio(film, picture="fake", voice="none", music="none", sound="none", ear="none", titles=False)
    ledger = json.loads((made.make(film).folder / "ledger.json").read_text())
    (entry,) = [e for e in ledger["entries"] if (e["stage"], e["scene"]) == ("draw", "s1")]
    assert entry["reused"]
    assert seen.image is not None
    assert entry["made"] == [seen.image.sha256]


def test_a_model_that_fails_stands_on_the_page_with_its_error(
    film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = FakePicture.run

    def half(self: FakePicture, asks: Sequence[Draw], desk: Desk) -> list[Still]:
        if any(ask.scene.setting == "river" for ask in asks):
            raise ModelError("no water, please")
        return draw(self, asks, desk)

    monkeypatch.setattr(FakePicture, "run", half)
    found = studio(film).compare(film, ["papercut", "fake"], scenes=["s1", "s2"])
    paper, fake = found.entrants
    assert [sample.scene for sample in paper.samples] == ["s1", "s2"]
    assert [sample.scene for sample in fake.samples] == ["s1"]
    assert fake.error == "no water, please"
    assert "no water, please" in (film / "compare-s1+s2.html").read_text()


def test_nothing_is_written_when_no_model_makes_anything(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: FakePicture, asks: Sequence[Draw], desk: Desk) -> list[Still]:
        raise ModelError("out of paint")

    monkeypatch.setattr(FakePicture, "run", fail)
    with pytest.raises(ModelError, match="picture:fake: out of paint"):
        studio(film).compare(film, ["fake"])
    assert not list(film.glob("*.html"))


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        ({"pictures": []}, UsageError, "nothing to compare"),
        ({"pictures": ["fake"], "scenes": ["s3"]}, UsageError, "there is no scene 's3'"),
        ({"pictures": ["fake", "no-such"]}, UnknownModelError, "no-such"),
        ({"pictures": ["fake", "diffusers:/no/such/folder"]}, UnknownModelError, "no such"),
        ({"pictures": ["fake"], "eye": "clip:/no/such/folder"}, UnknownModelError, "no such folder"),
    ],
)
def test_what_cannot_be_compared_is_told_before_any_work(
    film: Path, asked: dict[str, list[str]], error: type[KamishibaiError], says: str
) -> None:
    told: list[str] = []
    with pytest.raises(error, match=says):
        studio(film, listen=lambda event: told.append(event.stage)).compare(film, **asked)  # type: ignore[arg-type]
    assert "draw" not in told


def test_the_command_writes_the_page_and_one_last_line_for_programs(film: Path) -> None:
    options = ["--size", "144", "--workers", "0", "--cache", str(film.parent / "store"), "--json"]
    ran = CliRunner().invoke(app, ["compare", str(film), "--scene", "s2", "--picture", "fake", *options])
    assert ran.exit_code == 0, ran.output
    last = json.loads(ran.stdout.splitlines()[-1])
    assert last["result"]["page"] == str(film / "compare-s2.html")
    assert last["result"]["entrants"][0]["id"] == "picture:fake"


# ------------------------------------------------------------------------------------- measured facts
def test_facts_of_a_picture_tell_light_from_dark_and_detail_from_none() -> None:
    dark, light = np.full((40, 60, 3), 20, np.uint8), np.full((40, 60, 3), 220, np.uint8)
    noise = np.random.default_rng(1).integers(0, 255, (480, 640, 3)).astype(np.uint8)
    assert picture_facts(dark).brightness == 20
    assert picture_facts(light).brightness == 220
    assert picture_facts(dark).sharpness == picture_facts(dark).colourfulness == 0
    assert picture_facts(noise).sharpness > 10
    assert picture_facts(noise).colourfulness > 50


def test_facts_of_a_clip_tell_movement_from_a_still_one() -> None:
    frames = [np.roll(np.eye(40, dtype=np.uint8)[..., None].repeat(3, 2) * 255, i, 1) for i in range(5)]
    assert clip_facts(frames[:1] * 5).movement == 0
    assert clip_facts(frames).movement > 1
    assert clip_facts(frames[:1]).drift == 0


@pytest.mark.slow
@pytest.mark.skipif(find_spec("diffusers") is None, reason="the [models] extra is not installed")
def test_real_pipelines_are_compared_and_scored_by_clip(film: Path, tiny: Callable[[str], Path]) -> None:
    options = {"picture:diffusers": {"steps": 2, "device": "cpu"}, "eye:clip": {"device": "cpu"}}
    pictures = [f"diffusers:{tiny('sd15')}", f"diffusers:{tiny('flux')}"]
    found = studio(film, options=options).compare(film, pictures, eye=f"clip:{tiny('clip')}")
    tags, sentence = (entrant.samples[0] for entrant in found.entrants)
    assert tags.prompt.startswith("fox, forest")
    assert sentence.prompt.startswith("A fox in a forest.")
    assert tags.seed == sentence.seed
    assert tags.like_cast is not None
    assert sentence.like_cast is None
    assert all(sample.fits_line is not None for sample in (tags, sentence))
