from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import yaml

from kamishibai import Studio
from kamishibai.errors import (
    DocumentError,
    KamishibaiError,
    MediaError,
    UnknownModelError,
    UsageError,
)
from kamishibai.project import Project
from kamishibai.recipe import read_recipe
from kamishibai.work.events import Event

STORY = "A small fox found a lantern.\nHe ran home through the rain.\n"
KINDS = ("picture", "motion", "voice", "music", "sound", "ear")


def studio(cache: Path, events: list[Event] | None = None, **settings: Any) -> Studio:
    listen = (lambda event: None) if events is None else events.append
    return Studio(listen=listen, workers=0, cache=cache, **settings)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a film of fakes in film/fox, with one picked picture, and its cache in store."""
    base = tmp_path_factory.mktemp("made")
    (base / "story.txt").write_text(STORY, encoding="utf-8")
    fakes = dict.fromkeys(KINDS, "fake")
    here = studio(base / "store", size=144, quality="draft", titles=False, seed=11, **fakes)
    folder = here.make(base / "story.txt", base / "film" / "fox").folder
    here.retake(folder, "s02", "picture", seed=5)
    here.make_again(folder)
    return base


@pytest.fixture
def film(made: Path, tmp_path: Path) -> Path:
    """The film alone, under another name and in another place."""
    (tmp_path / "elsewhere").mkdir()
    return Path(shutil.copy(made / "film" / "fox" / "fox.mp4", tmp_path / "elsewhere" / "Renamed film.mp4"))


def decoded(path: Path) -> tuple[list[bytes], bytes]:
    """Return every frame and all sound of a film as they come out of the decoder."""
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgb24").tobytes() for frame in container.decode(video=0)]
    with av.open(str(path)) as container:
        sound = b"".join(frame.to_ndarray().tobytes() for frame in container.decode(audio=0))
    return frames, sound


def with_recipe(film: Path, out: Path, change: Callable[[dict[str, Any]], Any]) -> Path:
    """Write the film with another recipe: what `change` makes of it, or returns in its place."""
    with av.open(str(film)) as source, av.open(str(out), "w", options={"movflags": "+faststart"}) as target:
        said = json.loads(source.metadata["comment"])
        other = change(said)
        target.metadata["comment"] = other if isinstance(other, str) else json.dumps(said)
        video = source.streams.video[0]
        stream = target.add_stream_from_template(video)
        for packet in source.demux(video):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    return out


# ------------------------------------------------------------------ the same film


def test_a_film_alone_makes_the_same_film_again_frame_by_frame(film: Path, tmp_path: Path) -> None:
    rebuilt = studio(tmp_path / "cache").rebuild(film, tmp_path / "again")
    assert rebuilt.same is True
    assert rebuilt.differences == ()
    assert decoded(rebuilt.files.film) == decoded(film)


def test_a_picked_take_is_in_the_rebuilt_film_and_can_be_undone(film: Path, tmp_path: Path) -> None:
    here = studio(tmp_path / "cache")
    assert read_recipe(film).picks == {"picture s02": {"seed": 5, "prompt": None}}
    folder = here.rebuild(film, tmp_path / "again").files.folder
    (take,) = Project(folder).takes().places["picture s02"]
    assert take.pick.seed == 5
    assert take.key in {call.key for call in Project(folder).calls().calls if call.stage == "draw"}
    assert take.file is not None
    here.undo(folder)
    assert read_recipe(here.make(folder).film).picks == {}


def test_make_goes_on_from_a_rebuilt_project(film: Path, tmp_path: Path) -> None:
    here = studio(tmp_path / "cache")
    folder = here.rebuild(film, tmp_path / "again").files.folder
    assert here.make(folder).fresh
    assert yaml.safe_load((folder / "kamishibai.yaml").read_text())["seed"] == 11


def test_the_environment_does_not_change_what_a_recipe_says(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAMISHIBAI_SIZE", "360")
    monkeypatch.setenv("KAMISHIBAI_PICTURE", "papercut")
    assert studio(tmp_path / "cache").rebuild(film, tmp_path / "again").same is True


def test_a_rebuild_that_was_stopped_goes_on(film: Path, tmp_path: Path) -> None:
    asked = iter(range(10_000))
    with pytest.raises(KamishibaiError, match="stopped"):
        Studio(cache=tmp_path / "cache", workers=0, stop=lambda: next(asked) > 12).rebuild(
            film, tmp_path / "again"
        )
    assert studio(tmp_path / "cache").rebuild(film, tmp_path / "again").same is True


def test_a_folder_with_another_film_stays_as_it_is(film: Path, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="--out"):
        studio(tmp_path / "cache").rebuild(film, tmp_path / "again")
    assert [path.name for path in (tmp_path / "again").iterdir()] == ["mine.txt"]


def test_another_model_makes_another_film_and_both_are_told(film: Path, tmp_path: Path) -> None:
    events: list[Event] = []
    rebuilt = studio(tmp_path / "cache", events, music="none").rebuild(film, tmp_path / "again")
    assert rebuilt.same is False
    assert rebuilt.differences == ("music:fake made the film's music; here nobody does",)
    assert rebuilt.differences[0] in [event.text for event in events if event.event == "warning"]


def test_other_versions_are_told_before_any_work(film: Path, tmp_path: Path) -> None:
    def older(said: dict[str, Any]) -> None:
        said["kamishibai"] = "0.0.1"
        said["made_by"]["picture:fake"] = ["0", ""]
        said["made_by"]["voice:fake"][1] = "0123456789abcdef"

    old = with_recipe(film, tmp_path / "old.mp4", older)
    events: list[Event] = []
    rebuilt = studio(tmp_path / "cache", events).rebuild(old, tmp_path / "again")
    assert len(rebuilt.differences) == 3
    told = [event for event in events if event.event == "warning"]
    assert [event.text for event in told] == list(rebuilt.differences)
    assert events.index(told[-1]) < next(i for i, event in enumerate(events) if event.event == "call")


def test_a_film_that_does_not_say_what_it_was_cannot_be_compared(film: Path, tmp_path: Path) -> None:
    def silent(said: dict[str, Any]) -> None:
        del said["content"]

    old = with_recipe(film, tmp_path / "old.mp4", silent)
    assert studio(tmp_path / "cache").rebuild(old, tmp_path / "again").same is None


# ------------------------------------------------------------------ what is not here


def test_a_model_that_is_not_here_is_named_with_the_way_out(film: Path, tmp_path: Path) -> None:
    def elsewhere(said: dict[str, Any]) -> None:
        said["settings"]["picture"] = "nowhere"
        said["models"]["picture"] = "picture:nowhere"

    other = with_recipe(film, tmp_path / "other.mp4", elsewhere)
    with pytest.raises(UnknownModelError, match="--picture") as caught:
        studio(tmp_path / "cache").rebuild(other, tmp_path / "again")
    assert "nowhere" in caught.value.what
    assert not (tmp_path / "again").exists()
    assert studio(tmp_path / "cache", picture="fake").rebuild(other, tmp_path / "again").same is True


def test_a_music_file_that_is_not_here_is_named_with_the_way_out(film: Path, tmp_path: Path) -> None:
    def own_music(said: dict[str, Any]) -> None:
        said["settings"]["music"] = "song.mp3"
        said["models"]["music"] = "music:file:song.mp3"

    other = with_recipe(film, tmp_path / "other.mp4", own_music)
    with pytest.raises(UnknownModelError, match="--music"):
        studio(tmp_path / "cache").rebuild(other, tmp_path / "again")


def test_options_go_with_the_checkpoint_that_stands_in() -> None:
    from kamishibai.rebuilding import _options
    from kamishibai.recipe import Recipe

    board = {"scenes": [{"id": "s1", "line": "x"}]}
    recipe = Recipe(source=Path("x"), board=board, models={"picture": "picture:diffusers:sd15"})  # type: ignore[arg-type]
    options = {"picture:diffusers:sd15": {"steps": 4}, "voice:fake": {}}
    assert _options(recipe, options, {"picture": "diffusers:/here/sd"}) == {
        "picture:diffusers:/here/sd": {"steps": 4},
        "voice:fake": {},
    }
    assert _options(recipe, options, {"picture": "papercut"}) == {"voice:fake": {}}


def test_own_pictures_are_known_by_their_content(film: Path, tmp_path: Path) -> None:
    from kamishibai.media.photo import read_photo
    from kamishibai.media.picture import encode_png
    from kamishibai.rebuilding import prepare
    from kamishibai.work.key import content_hash

    pixels = np.random.default_rng(1).integers(0, 255, (80, 80, 3), np.uint8)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "found again.png").write_bytes(encode_png(pixels))
    (tmp_path / "mine" / "fox.png").write_bytes(encode_png(255 - pixels))
    digest = content_hash(encode_png(read_photo(tmp_path / "mine" / "found again.png"), level=6))

    def shown(said: dict[str, Any]) -> None:
        said["storyboard"]["cast"][0]["picture"] = "fox.png"
        said["own"] = {said["storyboard"]["cast"][0]["id"]: digest}

    other = with_recipe(film, tmp_path / "other.mp4", shown)
    with pytest.raises(MediaError, match="--pictures"):
        studio(tmp_path / "cache").rebuild(other, tmp_path / "again")
    wanted = prepare(other, tmp_path / "again", {}, pictures=tmp_path / "mine")
    assert wanted.copies == {"fox.png": tmp_path / "mine" / "found again.png"}
    (tmp_path / "mine" / "found again.png").unlink()
    with pytest.raises(MediaError, match="another than"):
        prepare(other, tmp_path / "again", {}, pictures=tmp_path / "mine")


def test_a_picture_that_was_not_used_is_not_asked_for(film: Path, tmp_path: Path) -> None:
    def unused(said: dict[str, Any]) -> None:
        said["storyboard"]["cast"][0]["picture"] = "/home/mira/fox.png"

    other = with_recipe(film, tmp_path / "other.mp4", unused)
    rebuilt = studio(tmp_path / "cache").rebuild(other, tmp_path / "again")
    assert rebuilt.same is True
    assert "was not used" in rebuilt.differences[0]


def test_the_recording_must_be_the_very_one(film: Path, tmp_path: Path) -> None:
    def recorded(said: dict[str, Any]) -> None:
        said["narration"] = "0" * 64
        said["models"]["voice"] = None

    other = with_recipe(film, tmp_path / "other.mp4", recorded)
    here = studio(tmp_path / "cache")
    with pytest.raises(MediaError, match="--narration FILE"):
        here.rebuild(other, tmp_path / "again")
    (tmp_path / "me.wav").write_bytes(b"another")
    with pytest.raises(MediaError, match="not the recording"):
        here.rebuild(other, tmp_path / "again", narration=tmp_path / "me.wav")
    with pytest.raises(UsageError, match="leave --narration out"):
        here.rebuild(film, tmp_path / "again", narration=tmp_path / "me.wav")


# ------------------------------------------------------------------ recipes that mean harm

HOSTILE: dict[str, Callable[[dict[str, Any]], Any]] = {
    "unknown setting": lambda said: said["settings"].update(nonsense=1),
    "cache": lambda said: said["settings"].update(cache="/tmp/x"),
    "clean-up": lambda said: said["settings"].update(cache_gb=0),
    "narration": lambda said: said["settings"].update(narration="/etc/passwd"),
    "music from the disk": lambda said: said["settings"].update(music="/home/mira/song.mp3"),
    "music from home": lambda said: said["models"].update(music="music:file:~/song.mp3"),
    "options with a path": lambda said: said["settings"].update(options={"picture": {"adapters": ["../../x"]}}),
    "voice with a path": lambda said: said["storyboard"].update(voice="vits:/models/x"),
    "wrong type": lambda said: said["settings"].update(size="enormous"),
    "options as text": lambda said: said["settings"].update(options="x"),
    "unknown kind": lambda said: said["models"].update(shell="shell:rm"),
    "unknown place": lambda said: said.update(picks={"../../x": {"seed": 1}}),
    "pick with more": lambda said: said.update(picks={"music": {"seed": 1, "run": "rm"}}),
    "pick too large": lambda said: said.update(picks={"music": {"seed": 2**40}}),
    "made by nobody": lambda said: said.update(made_by={"a": 1}),
    "storyboard": lambda said: said.update(storyboard={"scenes": []}),
    "deep": lambda said: '{"kamishibai": "1", "storyboard": ' + "[" * 100_000,
    "deep settings": lambda said: json.dumps(said).replace('"options": {}', '"options": {"a": ' + '{"a":' * 700 + "1" + "}" * 701),
    "huge": lambda said: json.dumps({**said, "models": {"text": "x" * 17_000_000}}),
    "no JSON": lambda said: "hello",
    "list": lambda said: "[1, 2]",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_recipe_is_data_and_ends_in_one_error(name: str, film: Path, tmp_path: Path) -> None:
    bad = with_recipe(film, tmp_path / "bad.mp4", HOSTILE[name])
    with pytest.raises(DocumentError) as caught:
        studio(tmp_path / "cache").rebuild(bad, tmp_path / "again")
    assert len(str(caught.value)) < 1000
    assert not (tmp_path / "again").exists()


def test_a_film_of_another_program_is_told_to_be_one(film: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.mp4"
    with av.open(str(other), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height = 64, 64
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))))
        container.mux(stream.encode(None))
    with pytest.raises(DocumentError, match="not made by Kamishibai"):
        studio(tmp_path / "cache").rebuild(other, tmp_path / "again")
    with pytest.raises(DocumentError, match="no such film"):
        studio(tmp_path / "cache").rebuild(tmp_path / "none.mp4", tmp_path / "again")
    with pytest.raises(UsageError, match="kamishibai make"):
        studio(tmp_path / "cache").rebuild(tmp_path, tmp_path / "again")


# ------------------------------------------------------------------ the models that come with it


@pytest.mark.slow
def test_the_embedded_models_make_the_same_film_in_an_empty_cache(tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_text(STORY, encoding="utf-8")
    here = studio(tmp_path / "a", size=144, quality="draft")
    first = here.make(tmp_path / "story.txt", tmp_path / "fox").film
    shutil.copy(first, tmp_path / "moved.mp4")
    rebuilt = studio(tmp_path / "b").rebuild(tmp_path / "moved.mp4", tmp_path / "again")
    assert rebuilt.same is True
    assert decoded(rebuilt.files.film) == decoded(first)
