from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from kamishibai import FilmFiles, Studio
from kamishibai.errors import DocumentError, UnsupportedError, UsageError
from kamishibai.media.film import probe
from kamishibai.work.events import Event

STORY = "A small fox found a lantern.\nHe ran home through the rain.\nEverybody danced."
FAKES = {
    "text": "fake", "picture": "fake", "motion": "fake", "voice": "fake", "music": "fake", "sound": "fake", "ear": "fake",
}  # fmt: skip


class Bench:
    """A studio of fakes at a small size, with an own store, that writes down what it does."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.folder = folder
        self.events: list[Event] = []
        given = {
            **FAKES,
            "size": 144,
            "quality": "draft",
            "workers": 0,
            "cache": folder / "store",
            **settings,
        }
        self.studio = Studio(listen=self.events.append, **given)

    def story(self, text: str, name: str = "story.txt") -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def make(self, text: str = STORY, **kwargs: object) -> FilmFiles:
        self.events.clear()
        return self.studio.make(self.story(text), self.folder / "out", **kwargs)  # type: ignore[arg-type]

    def made(self) -> list[tuple[str, str]]:
        """Return (stage, scene) of every call that was really made in the last run."""
        return [(e.stage, e.scene) for e in self.events if e.event == "call"]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_story_becomes_a_film_with_everything_beside_it(bench: Bench) -> None:
    film = bench.make()
    assert {p.name for p in film.folder.iterdir() if not p.name.startswith(".")} == {
        "out.mp4", "out.srt", "out.vtt", "contact-sheet.png", "report.html", "ledger.json", "storyboard.yaml",
    }  # fmt: skip
    facts = probe(film.film)
    assert (facts.width, facts.height, facts.fps) == (256, 144, 30)
    assert (facts.video_codec, facts.audio_codec, facts.audio_rate_hz) == ("h264", "aac", 48000)
    assert facts.colour[:3] == ("1", "1", "1")
    assert facts.faststart
    assert facts.subtitles
    assert abs(float(facts.seconds) - film.seconds) < 0.001
    assert "A small fox found a lantern." in (film.folder / "out.srt").read_text(encoding="utf-8")


def test_a_rerun_with_nothing_changed_calls_nothing(bench: Bench) -> None:
    first = bench.make()
    stamp = first.film.stat().st_mtime_ns
    second = bench.make()
    assert second.fresh
    assert bench.made() == []
    assert second.film.stat().st_mtime_ns == stamp


def test_the_same_story_makes_the_same_film_in_another_store(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, two = Bench(tmp_path / "a").make(), Bench(tmp_path / "b").make()
    assert one.film.read_bytes() == two.film.read_bytes()


def test_an_edited_line_is_spoken_again_and_no_other(bench: Bench) -> None:
    bench.make()
    bench.make(STORY.replace("danced", "slept"))
    made = bench.made()
    assert [scene for stage, scene in made if stage == "speak"] == ["s003"]
    assert not [
        scene for stage, scene in made if stage == "render" and scene.split("+")[-1] in ("s001", "s002")
    ]


def test_an_inserted_scene_leaves_the_others_pictures_and_segments_alone(bench: Bench) -> None:
    bench.make()
    board = bench.folder / "out" / "storyboard.yaml"
    text = board.read_text(encoding="utf-8")
    start = text.rindex("\n", 0, text.index("- id: s003")) + 1
    extra = text[start:].replace("id: s003", "id: s009").replace("Everybody danced.", "Then it was morning.")
    board.write_text(text[:start] + extra.rstrip() + "\n" + text[start:], encoding="utf-8")
    bench.events.clear()
    bench.studio.make(bench.folder / "out")
    made = bench.made()
    assert {scene for stage, scene in made if stage in ("speak", "draw", "sound")} == {"s009"}
    assert {scene for stage, scene in made if stage == "render"} <= {"s002+s009", "s009", "s009+s003"}


def test_a_storyboard_that_a_person_edited_is_used(bench: Bench) -> None:
    bench.make()
    board = bench.folder / "out" / "storyboard.yaml"
    board.write_text(board.read_text().replace("He ran home", "She ran home"), encoding="utf-8")
    film = bench.make()
    assert "She ran home" in (film.folder / "out.srt").read_text(encoding="utf-8")


def test_when_both_story_and_storyboard_changed_nothing_is_overwritten(bench: Bench) -> None:
    bench.make()
    board = bench.folder / "out" / "storyboard.yaml"
    edited = board.read_text().replace("He ran home", "She ran home")
    board.write_text(edited, encoding="utf-8")
    with pytest.raises(UsageError, match="--replan"):
        bench.make(STORY + "\nThe end came.")
    assert board.read_text() == edited

    bench.make(STORY + "\nThe end came.", replan=True)
    assert (bench.folder / "out" / "storyboard.1.yaml").read_text() == edited


def test_damaged_results_are_noticed_made_again_and_said(bench: Bench) -> None:
    film = bench.make()
    before = film.film.read_bytes()
    film.film.unlink()
    for blob in (bench.folder / "store" / "blobs").rglob("*"):
        if blob.is_file():
            data = bytearray(blob.read_bytes())
            data[len(data) // 2] ^= 1
            blob.write_bytes(data)
    again = bench.make()
    assert again.film.read_bytes() == before
    assert any("damaged" in e.text for e in bench.events if e.event == "warning")


def test_two_stories_do_not_share_a_folder(bench: Bench) -> None:
    bench.make()
    other = bench.story("Another tale.", "other.txt")
    with pytest.raises(UsageError, match="--out"):
        bench.studio.make(other, bench.folder / "out")


@pytest.mark.parametrize(
    "story",
    [
        "Once",
        "🦊🌙",
        "a\x00b\x00 c",
        "'quotes' : %{} {\\an8} ,drawtext= <b>x</b> --> & \\N",
        "word " * 300,
        "١٢٣ مرحبا",
    ],
    ids=["one word", "emoji", "NULs", "markup", "one very long line", "arabic"],
)
def test_strange_stories_make_films(bench: Bench, story: str) -> None:
    film = bench.make(story)
    assert film.film.stat().st_size > 1000


@pytest.mark.parametrize(
    "story", ["", "   \n\n", "...!!!", "\x00\x00"], ids=["empty", "blank", "marks", "NULs"]
)
def test_stories_without_words_are_refused_in_one_sentence(bench: Bench, story: str) -> None:
    with pytest.raises(DocumentError) as caught:
        bench.make(story)
    assert "story.txt" in str(caught.value)


def test_a_title_cannot_leave_the_folder(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = bench.folder / "inside"
    inside.mkdir()
    monkeypatch.chdir(inside)
    film = bench.studio.make("-", text=b"---\ntitle: ../../x\n---\nA story.")
    assert film.folder.resolve().is_relative_to(inside)
    assert film.title == "../../x"


@pytest.mark.skipif(os.name == "nt", reason="these names cannot exist there")
def test_odd_folder_names_work(bench: Bench) -> None:
    for name in ("a:b", "s%03d", "-y", 'it\'s "quoted" & spaced'):
        film = bench.studio.make(bench.story("Once more."), bench.folder / name)
        assert film.film.is_file()


def test_the_ledger_names_model_seed_and_licence_of_everything(bench: Bench) -> None:
    film = bench.make()
    ledger = json.loads((film.folder / "ledger.json").read_text(encoding="utf-8"))
    stages = {entry["stage"] for entry in ledger["entries"]}
    assert {"speak", "draw", "move", "sound", "compose", "mix", "render"} <= stages
    drawn = [e for e in ledger["entries"] if e["stage"] == "draw" and e["scene"] == "s001"]
    assert drawn[0]["maker"] == "picture:fake"
    assert drawn[0]["seed"] is not None
    assert drawn[0]["prompt"]
    assert ledger["licences"]["picture:fake"]


def test_the_report_shows_hostile_text_literally(bench: Bench) -> None:
    film = bench.make("<script>alert(1)</script> said the fox & left.")
    page = (film.folder / "report.html").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.slow
def test_a_language_the_voice_cannot_speak_is_an_error_that_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="--voice none"):
        Bench(tmp_path, voice="hibari").make("ذهب الثعلب إلى الغابة.")
