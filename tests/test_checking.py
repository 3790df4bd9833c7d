"""check on real films: made here by the embedded models, made elsewhere, and spoiled."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from kamishibai import Studio
from kamishibai.checking import Scorecard
from kamishibai.documents.film import Caption
from kamishibai.exports.read_captions import read_captions
from kamishibai.exports.srt import srt
from kamishibai.gates.verdict import Verdict

pytestmark = [pytest.mark.slow]

STORY = "A small fox found a lantern in the forest.\n\nThe fox ran home through the rain.\n"
OTHER = (
    "The captain had a parrot who told nothing but lies.\n\nUnder the bridge lived a troll with green hair.\n"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("check")


@pytest.fixture(scope="module")
def studio(folder: Path) -> Studio:
    return Studio(cache=folder / "store", size=144, quality="draft", workers=0)


@pytest.fixture(scope="module")
def project(folder: Path, studio: Studio) -> Path:
    (folder / "story.txt").write_text(STORY)
    return studio.make(folder / "story.txt", folder / "film").folder


@pytest.fixture(scope="module")
def foreign(folder: Path, project: Path) -> Path:
    """The same film as another program would have written it: no recipe, another container, captions in a track."""
    return copied(project / "film.mp4", folder / "foreign.mp4", ("video", "audio", "subtitle"))


def copied(film: Path, out: Path, kinds: Iterable[str]) -> Path:
    with av.open(str(film)) as source, av.open(str(out), "w") as target:
        streams = {s.index: target.add_stream_from_template(s) for s in source.streams if s.type in kinds}
        for packet in source.demux():
            if packet.dts is not None and packet.stream.index in streams:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    return out


def of(card: Scorecard, gate: str) -> list[Verdict]:
    return [verdict for verdict in card.verdicts if verdict.gate == gate]


def why(card: Scorecard) -> dict[str, str]:
    return {one.gate: one.why for one in card.not_judged}


def test_a_project_passes_take_by_take(studio: Studio, project: Path) -> None:
    card = studio.check_film(project)

    assert [(v.gate, v.scene, v.faults) for v in card.verdicts if not v.passed] == []
    assert card.ours
    scenes = [scene.id for scene in studio.show(project).board.scenes]
    assert [verdict.scene for verdict in of(card, "narration")] == scenes
    assert [verdict.scene for verdict in of(card, "picture")] == scenes
    assert [len(of(card, gate)) for gate in ("clip", "captions", "mix")] == [1, 1, 1]
    assert of(card, "mix")[0].measured["speech_to_music_db"] is not None
    assert of(card, "narration")[0].measured["wer"] is not None


def test_a_film_whose_takes_are_gone_is_judged_by_what_is_heard(
    folder: Path, project: Path, tmp_path: Path
) -> None:
    shutil.copy(project / "film.mp4", tmp_path)

    card = Studio(cache=tmp_path / "empty").check_film(tmp_path / "film.mp4")

    assert card.ours
    assert card.passed
    assert [verdict.scene for verdict in of(card, "narration")] == [""]
    assert of(card, "narration")[0].measured["words"] == 16
    assert "captions are read from its own caption track and held against what is heard" in card.notes


def test_a_film_made_elsewhere_is_judged_as_far_as_that_goes(studio: Studio, foreign: Path) -> None:
    card = studio.check_film(foreign)

    assert not card.ours
    assert card.passed
    assert {verdict.gate for verdict in card.verdicts} == {"narration", "picture", "clip", "captions", "mix"}
    assert "the finished mix does not tell" in why(card)["mix"]
    assert "nobody" in why(card)["cast"]


def test_another_story_is_not_heard_in_it(studio: Studio, foreign: Path, tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text(OTHER)

    card = studio.check_film(foreign, tmp_path / "other.txt", gates=["narration"])

    assert not card.passed
    assert of(card, "narration")[0].measured["lines_lost"] == 2


def test_captions_two_seconds_late_beside_a_film_fail(
    studio: Studio, project: Path, foreign: Path, tmp_path: Path
) -> None:
    film = Path(shutil.copy(foreign, tmp_path / "late.mp4"))
    own = read_captions((project / "film.srt").read_text())
    (tmp_path / "late.srt").write_text(srt(tuple(later(caption, Fraction(2)) for caption in own)))

    card = studio.check_film(film, gates=["captions"])

    assert card.notes == ("captions are read from late.srt and held against what is heard",)
    assert not card.passed
    assert float(of(card, "captions")[0].measured["onset_median_s"] or 0) == pytest.approx(2, abs=0.45)


def later(caption: Caption, seconds: Fraction) -> Caption:
    words = tuple(
        w.model_copy(update={"start": w.start + seconds, "end": w.end + seconds}) for w in caption.words
    )
    update: dict[str, Any] = {"start": caption.start + seconds, "end": caption.end + seconds, "words": words}
    return caption.model_copy(update=update)


def test_a_black_silent_film_fails_where_it_can_be_judged(studio: Studio, tmp_path: Path) -> None:
    film = tmp_path / "black.mkv"
    with av.open(str(film), "w") as target:
        video = target.add_stream("libx264", rate=10)
        video.width, video.height, video.pix_fmt = 160, 90, "yuv420p"
        for _ in range(40):
            frame = av.VideoFrame.from_ndarray(np.zeros((90, 160, 3), np.uint8), format="rgb24")
            target.mux(video.encode(frame))
        target.mux(video.encode(None))

    card = studio.check_film(film)

    assert not card.passed
    assert of(card, "clip")[0].faults == ("black: 0:00.0 to 0:03.9",)
    assert why(card)["mix"] == "the film has no sound"
    assert why(card)["captions"] == "the film has no captions"
    assert why(card)["narration"] == "there is no text to hold it against; name one with --story"


def test_with_an_eye_and_a_critic_the_pictures_of_a_project_are_looked_at(
    project: Path, folder: Path
) -> None:
    card = Studio(
        cache=folder / "store", workers=0, eye="fake", critic="fake", ear="none"
    ).check_film(project)  # fmt: skip

    for verdict in of(card, "picture"):
        assert verdict.measured["own_cosine"] is not None
        assert verdict.measured["asked"]
    assert {verdict.scene for verdict in of(card, "cast")} == {
        verdict.scene for verdict in of(card, "picture")
    }


def test_an_eye_cannot_look_at_a_film_whose_pictures_are_not_known(foreign: Path, folder: Path) -> None:
    card = Studio(cache=folder / "store", workers=0, eye="fake", ear="none").check_film(foreign)

    assert "not known" in why(card)["picture"]
    assert "not known" in why(card)["cast"]


def test_without_an_ear_words_are_not_judged_and_nothing_fails(foreign: Path, tmp_path: Path) -> None:
    card = Studio(cache=tmp_path / "store", ear="none").check_film(foreign)

    assert card.passed
    assert why(card)["narration"] == why(card)["captions"] == "switched off"
    assert not of(card, "narration")
