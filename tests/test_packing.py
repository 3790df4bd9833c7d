from __future__ import annotations

import json
import shutil
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from kamishibai import Studio
from kamishibai.documents.frozen import canonical_json
from kamishibai.errors import Cancelled, DamagedError, DocumentError, KamishibaiError, StoreError, UsageError
from kamishibai.media.picture import encode_png
from kamishibai.packed import is_entry_name, is_safe_name
from kamishibai.project import Project
from kamishibai.unpacking import MAX_ENTRIES
from kamishibai.work.events import Event
from kamishibai.work.key import content_hash
from kamishibai.work.records import Record, write_record

STORY = "A small fox found a lantern.\nHe ran home through the rain.\n"
KINDS = ("text", "picture", "motion", "voice", "music", "sound", "ear")
Entries = dict[str, bytes]


def studio(cache: Path, events: list[Event] | None = None, **settings: Any) -> Studio:
    """A studio as somebody else has it: an own cache, and nothing said of models or sizes."""
    listen = (lambda event: None) if events is None else events.append
    return Studio(listen=listen, workers=0, cache=cache, **settings)


def makers(cache: Path, **settings: Any) -> Studio:
    fakes = {**dict.fromkeys(KINDS, "fake"), "text": "planner"}
    return studio(cache, **{**fakes, "size": 144, "quality": "draft", "titles": False, **settings})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a film's project in film/fox and its cache in store."""
    base = tmp_path_factory.mktemp("made")
    (base / "story.txt").write_text(STORY, encoding="utf-8")
    makers(base / "store").make(base / "story.txt", base / "film" / "fox")
    return base


@pytest.fixture(scope="module")
def archive(made: Path) -> Path:
    return studio(made / "store").pack(made / "film" / "fox", made / "fox.kamishibai").path


@pytest.fixture(scope="module")
def entries(archive: Path) -> Entries:
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


# ------------------------------------------------------------------ there and back


def test_an_unpacked_project_is_current_and_makes_nothing(archive: Path, tmp_path: Path) -> None:
    events: list[Event] = []
    there = studio(tmp_path / "cache", events)
    unpacked = there.unpack(archive, tmp_path / "fox")
    film = there.make(unpacked.folder)
    assert film.fresh
    assert [event for event in events if event.event == "call" and event.stage != "unpack"] == []


def test_an_unpacked_project_makes_its_film_again_without_any_model(archive: Path, tmp_path: Path) -> None:
    events: list[Event] = []
    there = studio(tmp_path / "cache", events)
    film = there.unpack(archive, tmp_path / "fox").folder / "fox.mp4"
    before = film.read_bytes()
    film.unlink()
    events.clear()
    there.make(tmp_path / "fox")
    assert [event.stage for event in events if event.event == "call"] == ["join"]
    assert film.read_bytes() == before


def test_results_of_an_archive_never_reach_the_cache_of_other_films(archive: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    there = studio(cache)
    there.unpack(archive, tmp_path / "fox")
    (tmp_path / "fox" / "fox.mp4").unlink()
    there.make(tmp_path / "fox")
    with zipfile.ZipFile(archive) as opened:
        theirs = {name for name in opened.namelist() if name.startswith(("results/", "blobs/"))}
    assert theirs
    assert not [name for name in theirs if (cache / name).exists()]


def test_one_edited_line_makes_that_line_alone(archive: Path, tmp_path: Path) -> None:
    events: list[Event] = []
    there = studio(tmp_path / "cache", events)
    there.unpack(archive, tmp_path / "fox")
    board = tmp_path / "fox" / "storyboard.yaml"
    board.write_text(board.read_text("utf-8").replace("He ran home", "She ran home"), "utf-8")
    there.make(tmp_path / "fox")
    assert {event.scene for event in events if event.event == "call" and event.stage == "speak"} == {"s02"}


def test_the_same_project_gives_the_same_bytes_also_after_a_journey(archive: Path, tmp_path: Path) -> None:
    there = studio(tmp_path / "cache")
    folder = there.unpack(archive, tmp_path / "fox").folder
    again = there.pack(folder, tmp_path / "again.kamishibai")
    assert again.path.read_bytes() == archive.read_bytes()


def test_without_results_the_archive_is_small_and_the_models_make_the_film(
    made: Path, tmp_path: Path
) -> None:
    packed = studio(made / "store").pack(made / "film" / "fox", tmp_path / "small.kamishibai", results=False)
    assert packed.results == 0
    with zipfile.ZipFile(packed.path) as opened:
        assert not [name for name in opened.namelist() if name.startswith(("results/", "blobs/"))]
    events: list[Event] = []
    there = studio(tmp_path / "cache", events)
    there.unpack(packed.path, tmp_path / "fox")
    assert there.make(tmp_path / "fox").fresh
    (tmp_path / "fox" / "fox.mp4").unlink()
    there.make(tmp_path / "fox")
    assert {"draw", "speak"} <= {event.stage for event in events if event.event == "call"}


def test_takes_that_were_made_by_hand_go_along(made: Path, tmp_path: Path) -> None:
    from kamishibai.steps.picks import HandTake, Pick, Takes

    folder = Path(shutil.copytree(made / "film" / "fox", tmp_path / "fox"))
    key = Project(folder).calls().calls[0].key
    takes = (
        Takes()
        .with_takes("picture s001", (HandTake(number=2, pick=Pick(seed=5), key=key),))
        .with_pick("picture s001", 2)
    )
    Project(folder).remember_takes(takes)
    here = studio(made / "store")
    here.pack(folder, tmp_path / "fox.kamishibai")
    there = here.unpack(tmp_path / "fox.kamishibai", tmp_path / "there")
    assert Project(there.folder).takes() == takes


# ------------------------------------------------------------------ what is told of this machine


def test_no_path_of_this_machine_and_no_secret_stands_in_an_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home" / "mira"
    home.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("HF_TOKEN", "hf_canary0123456789")
    (home / "story.txt").write_text(STORY, encoding="utf-8")
    song = home / "own songs" / "song.wav"
    song.parent.mkdir()
    makers(home / "store").try_one("music", "calm", song, seconds=3)
    made = makers(home / "store", music=str(song)).make(home / "story.txt", home / "film" / "fox")
    (made.folder / "kamishibai.yaml").write_text(f"# from {home}/old\ncache: {home}/store\nworkers: 1\n")
    packed = studio(home / "store").pack(made.folder, tmp_path / "fox.kamishibai")
    with zipfile.ZipFile(packed.path) as opened:
        for name in opened.namelist():
            data = opened.read(name)
            texts = name.endswith((".json", ".yaml", ".html", ".srt", ".vtt", ".txt", ".lock", ".mp4"))
            if texts:
                assert str(tmp_path).encode() not in data, name
                assert b"own songs" not in data, name
            assert b"canary0123456789" not in data, name
    assert any("song.wav" in note for note in packed.notes)
    assert any("cache, workers" in note for note in packed.notes)


def test_own_pictures_beside_the_story_and_a_narration_in_the_folder_go_along(
    made: Path, tmp_path: Path
) -> None:
    import numpy as np

    from kamishibai.media.sound import encode_wav

    folder = Path(shutil.copytree(made / "film" / "fox", tmp_path / "fox"))
    board = folder / "storyboard.yaml"
    text = board.read_text("utf-8").replace("noun: fox", "noun: fox\n    picture: faces/fox.png", 1)
    assert "faces/fox.png" in text
    board.write_text(text, "utf-8")
    (tmp_path / "faces").mkdir()
    pixels = np.random.default_rng(1).integers(0, 255, (80, 80, 3), np.uint8)
    (tmp_path / "faces" / "fox.png").write_bytes(encode_png(pixels))
    (folder / "read aloud.wav").write_bytes(encode_wav(np.zeros((2, 4800), np.float32)))
    (folder / "kamishibai.yaml").write_text("narration: read aloud.wav\n")
    state = Project(folder).state()
    Project(folder).remember(state.model_copy(update={"source": str(tmp_path / "story.txt")}))

    here = studio(made / "store")
    packed = here.pack(folder, tmp_path / "fox.kamishibai")
    there = here.unpack(packed.path, tmp_path / "there").folder
    assert (there / "faces" / "fox.png").is_file()
    assert (there / "read aloud.wav").is_file()
    assert not [note for note in packed.notes if "stays here" in note]


def test_what_lies_outside_the_folder_is_left_out_and_told(made: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(made / "film" / "fox", tmp_path / "fox"))
    board = folder / "storyboard.yaml"
    board.write_text(
        board.read_text("utf-8").replace("noun: fox", "noun: fox\n    picture: ../fox.png", 1), "utf-8"
    )
    (tmp_path / "fox.png").write_bytes(b"secret")
    (tmp_path / "voice.wav").write_bytes(b"secret")
    (folder / "linked.wav").symlink_to(tmp_path / "voice.wav")
    (folder / "kamishibai.yaml").write_text("narration: linked.wav\n")
    packed = studio(made / "store").pack(folder, tmp_path / "fox.kamishibai")
    assert b"secret" not in packed.path.read_bytes()
    assert sum("put a copy of it in the folder" in note for note in packed.notes) == 2


def test_an_archive_that_is_there_is_not_written_over_unasked(made: Path, tmp_path: Path) -> None:
    here, out = studio(made / "store"), tmp_path / "mine.kamishibai"
    out.write_text("mine")
    with pytest.raises(UsageError, match="--force"):
        here.pack(made / "film" / "fox", out)
    assert out.read_text() == "mine"
    here.pack(made / "film" / "fox", out, force=True)
    assert zipfile.is_zipfile(out)


def test_a_damaged_result_is_never_packed(made: Path, tmp_path: Path) -> None:
    store = Path(shutil.copytree(made / "store", tmp_path / "store"))
    blob = max((store / "blobs").glob("??/*"), key=lambda path: path.stat().st_size)
    data = bytearray(blob.read_bytes())
    data[len(data) // 2] ^= 1
    blob.write_bytes(data)
    with pytest.raises(DamagedError, match="set aside"):
        studio(store).pack(made / "film" / "fox", tmp_path / "fox.kamishibai")
    assert list(tmp_path.glob("*.kamishibai")) == []
    assert list(tmp_path.glob(".part-*")) == []


def test_a_folder_that_is_no_project_is_no_archive_either(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="storyboard"):
        studio(tmp_path / "store").pack(tmp_path, tmp_path / "x.kamishibai")
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------ unpacking, told from outside


def test_a_folder_that_holds_something_stays_as_it_is(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "fox").mkdir()
    (tmp_path / "fox" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="--out"):
        studio(tmp_path / "cache").unpack(archive, tmp_path / "fox")
    assert files_in(tmp_path) == {"fox/mine.txt"}


def test_an_empty_folder_is_filled(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "fox").mkdir()
    assert (studio(tmp_path / "cache").unpack(archive, tmp_path / "fox").folder / "fox.mp4").is_file()


def test_a_larger_archive_than_allowed_is_refused(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="--max-size"):
        studio(tmp_path / "cache").unpack(archive, tmp_path / "fox", max_gb=0.001)


def test_an_archive_that_does_not_fit_on_the_disk_is_refused(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type(shutil.disk_usage(tmp_path))
    monkeypatch.setattr("kamishibai.unpacking.shutil.disk_usage", lambda path: usage(10**9, 10**9, 10**6))
    with pytest.raises(StoreError, match="are free"):
        studio(tmp_path / "cache").unpack(archive, tmp_path / "a" / "fox")
    assert list(tmp_path.iterdir()) == []


def test_a_stopped_unpacking_leaves_nothing(archive: Path, tmp_path: Path) -> None:
    asked = iter(range(100))
    there = Studio(cache=tmp_path / "cache", stop=lambda: next(asked) > 20)
    with pytest.raises(Cancelled):
        there.unpack(archive, tmp_path / "a" / "b" / "fox")
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------ archives that mean harm

Edit = Callable[[Entries], None]


def with_manifest(entries: Entries, **said: Any) -> Entries:
    """Return the entries with a manifest that agrees with them."""
    old = json.loads(entries["manifest.json"])
    listed = [
        {"name": name, "size": len(data), "sha256": content_hash(data)}
        for name, data in entries.items()
        if name != "manifest.json"
    ]
    return {**entries, "manifest.json": canonical_json({**old, "entries": listed, **said})}


def write(path: Path, entries: Entries, method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as opened:
        for name, data in entries.items():
            opened.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, method)
    return path


@pytest.fixture
def refused(tmp_path: Path) -> Callable[[Path, str], KamishibaiError]:
    """Try to unpack an archive: one clear error, and nothing is left of it anywhere."""
    bad = tmp_path / "bad"
    bad.mkdir()

    def tried(archive: Path, match: str) -> KamishibaiError:
        before = files_in(tmp_path)
        with pytest.raises(KamishibaiError, match=match) as caught:
            studio(tmp_path / "cache").unpack(archive, tmp_path / "deep" / "down" / "fox")
        assert files_in(tmp_path) == before
        assert {path.name for path in tmp_path.iterdir()} == {"bad"}
        assert "\n" not in caught.value.what or "mistakes" in caught.value.what
        assert caught.value.kept == "nothing was unpacked"
        return caught.value

    return tried


@pytest.mark.parametrize(
    "name",
    [
        "../../evil.txt", "project/../../evil.mp4", "/etc/cron.d/evil", "project//etc/evil.mp4", "C:\\evil.mp4",
        "project\\evil.mp4", "project/C:evil.mp4", "project/a:b.mp4", "project/con.mp4", "project/NUL.png",
        "project/com1.json", "project/.hidden.mp4", "project/.kamishibai/state.json", "project/-y.mp4", "project/x.mp4 ",
        "project/x.sh", "project/run.exe", "project/x.mp4.", "project/", "project/a\u202e4pm.mp4", "project/e\u0301.mp4",
        "project/a\u200b.mp4", "project/\x1b[2J.mp4", "project/new\nline.mp4", "project/" + "x" * 300 + ".mp4",
        "project/" + "a/" * 500 + "x.png", "project/\U0001f98a" + "\U0001f98a" * 100 + ".mp4", "blobs/aa/" + "b" * 64,
        "blobs/aa/" + "a" * 63, "blobs/AA/" + "A" * 64, "results/aa/" + "a" * 64 + ".json/x", "results/aa/x.json",
        "hidden/lock", "manifest.json/x", "other.txt",
    ],
    ids=lambda name: ascii(name)[:40],
)  # fmt: skip
def test_names_that_a_project_does_not_have_are_refused(
    name: str, entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    bad = write(tmp_path / "bad" / "x.zip", with_manifest({**entries, name: b"evil"}))
    error = refused(bad, "no entry of this name")
    assert error.where is not None
    assert len(error.where) < 300
    assert error.where.isprintable()


@pytest.mark.parametrize(
    "name", ["con", "LPT1.txt", "aux.tar.gz", "a/b", "a\\b", "..", "", " a", "a.", "a\x00b", "~"]
)
def test_only_plain_names_are_safe(name: str) -> None:
    assert is_safe_name(name) == (name == "~")


def test_names_in_any_script_are_fine() -> None:
    assert is_entry_name("project/雪だるま.mp4")
    assert is_entry_name("project/bilder/Möwe.png")


def test_a_name_cut_at_a_nul_is_refused(
    entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    name = "project/fox.mp4"
    data = write(tmp_path / "bad" / "x.zip", with_manifest(entries)).read_bytes()
    (tmp_path / "bad" / "x.zip").write_bytes(data.replace(name.encode(), b"project/fox\x00mp4"))
    refused(tmp_path / "bad" / "x.zip", "no entry of this name")


@pytest.mark.parametrize(
    "kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK]
)
def test_links_and_devices_are_refused(
    kind: int, entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    bad = tmp_path / "bad" / "x.zip"
    with zipfile.ZipFile(bad, "w") as opened:
        for name, data in entries.items():
            info = zipfile.ZipInfo(name)
            info.create_system = 3
            if name == "project/fox.mp4":
                info.external_attr = (kind | 0o777) << 16
            opened.writestr(info, data)
    refused(bad, "a link, a folder or a device")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["project/fox.mp4", "project/FOX.mp4", "project/\uff46ox.mp4"])
def test_doubles_are_refused_also_where_only_some_systems_take_them_for_one(
    second: str, entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    bad = write(tmp_path / "bad" / "x.zip", entries)
    with zipfile.ZipFile(bad, "a") as opened:
        opened.writestr(second, b"another")
    refused(bad, "two entries are one file")


def test_a_file_that_is_a_folder_too_is_refused(
    entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    bad = with_manifest({**entries, "project/a.png": b"x", "project/a.png/b.png": b"y"})
    refused(write(tmp_path / "bad" / "x.zip", bad), "a file and a folder at once")


def test_a_bomb_is_refused_by_its_ratio(
    entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    bomb = {**entries, "project/bomb.png": bytes(50_000_000)}
    refused(write(tmp_path / "bad" / "x.zip", with_manifest(bomb), zipfile.ZIP_DEFLATED), "bytes unpack to")


def test_a_bomb_of_many_small_entries_is_refused_too(
    entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    bomb = {f"blobs/{n:02x}/{n:064x}".replace(f"/{n:02x}/", "/00/"): bytes(1_000_000) for n in range(250)}
    small = {"manifest.json": entries["manifest.json"], **bomb}
    refused(write(tmp_path / "bad" / "x.zip", with_manifest(small), zipfile.ZIP_DEFLATED), "bytes unpack to")


@pytest.mark.slow
def test_mutated_archives_end_in_one_error_or_in_a_project(made: Path, tmp_path: Path) -> None:
    import random

    small = studio(made / "store").pack(made / "film" / "fox", tmp_path / "s.kamishibai", results=False).path
    data = small.read_bytes()
    with zipfile.ZipFile(small) as opened:
        headers = [info.header_offset for info in opened.infolist()]
        directory = opened.start_dir
    rng = random.Random(7)
    (tmp_path / "bad").mkdir()
    for _ in range(150):
        mutated = bytearray(data)
        at = rng.choice((rng.randrange(directory, len(data)), rng.choice(headers) + rng.randrange(60)))
        at = min(at, len(data) - 1)
        if rng.random() < 0.7:
            mutated[at] = rng.choice((mutated[at] ^ 1 << rng.randrange(8), 0, 0x7F, 0xFF, ord("/"), ord(".")))
        else:
            del mutated[at : at + rng.randrange(1, 40)]
        (tmp_path / "bad" / "x.zip").write_bytes(mutated)
        kept = None
        try:
            studio(tmp_path / "cache").unpack(tmp_path / "bad" / "x.zip", tmp_path / "bad" / "fox")
            shutil.rmtree(tmp_path / "bad" / "fox")
        except KamishibaiError as error:
            kept = error.kept
        assert kept in (None, "nothing was unpacked")
        assert [path.name for path in (tmp_path / "bad").iterdir()] == ["x.zip"]


def _patched(path: Path, name: str, offset: int, local: int, value: bytes) -> Path:
    """Write `value` into both headers of an entry: `offset` in the directory, `local` before the data."""
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as opened:
        begin = opened.getinfo(name).header_offset
        directory = opened.start_dir
    data[begin + local : begin + local + len(value)] = value
    at = data.index(b"PK\x01\x02", directory)
    while data[at + 46 : at + 46 + len(name)] != name.encode():
        at = data.index(b"PK\x01\x02", at + 4)
    data[at + offset : at + offset + len(value)] = value
    path.write_bytes(data)
    return path


def test_an_entry_that_is_longer_than_it_says_is_refused(
    entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    name = "project/story.txt"
    text = {**entries, name: bytes(200_000)}
    listed = with_manifest(text)
    said = json.loads(listed["manifest.json"])
    for entry in said["entries"]:
        if entry["name"] == name:
            entry["size"] = 10
    bad = write(
        tmp_path / "bad" / "x.zip", {**listed, "manifest.json": canonical_json(said)}, zipfile.ZIP_DEFLATED
    )
    refused(_patched(bad, name, 24, 22, struct.pack("<I", 10)), "damaged|another digest|longer or shorter")


def test_an_entry_that_is_shorter_than_it_says_is_refused(
    entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    name = "project/story.txt"
    listed = with_manifest({**entries, name: b"once " * 50})
    said = json.loads(listed["manifest.json"])
    for entry in said["entries"]:
        if entry["name"] == name:
            entry["size"] = 900_000
    bad = write(
        tmp_path / "bad" / "x.zip", {**listed, "manifest.json": canonical_json(said)}, zipfile.ZIP_DEFLATED
    )
    refused(_patched(bad, name, 24, 22, struct.pack("<I", 900_000)), "damaged|longer or shorter")


def test_an_encrypted_entry_is_refused(
    entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    bad = write(tmp_path / "bad" / "x.zip", entries)
    refused(_patched(bad, "project/fox.mp4", 8, 6, struct.pack("<H", 1)), "encrypted")


def test_an_entry_packed_in_another_way_is_refused(
    entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    refused(
        write(tmp_path / "bad" / "x.zip", {"manifest.json": b"{}"}, zipfile.ZIP_LZMA),
        "in a way that is not read here",
    )


@pytest.mark.parametrize("part", [0.0, 0.01, 0.5, 0.95, 0.9999])
def test_a_truncated_archive_is_refused(
    part: float, archive: Path, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    data = archive.read_bytes()
    (tmp_path / "bad" / "x.zip").write_bytes(data[: int(part * len(data))])
    refused(tmp_path / "bad" / "x.zip", "refused")


def test_bytes_behind_the_end_are_refused(
    archive: Path, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    (tmp_path / "bad" / "x.zip").write_bytes(archive.read_bytes() + b"more")
    refused(tmp_path / "bad" / "x.zip", "cut short, or no packed project")


@pytest.mark.parametrize(
    "room", ["blobs/", "results/", "project/fox.mp4", "project/storyboard.yaml", "hidden/", "manifest"]
)
def test_a_flipped_byte_anywhere_is_refused(
    room: str, archive: Path, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    data = bytearray(archive.read_bytes())
    with zipfile.ZipFile(archive) as opened:
        info = next(info for info in opened.infolist() if info.filename.startswith(room))
    begin = info.header_offset + 30 + len(info.filename)
    data[begin + info.file_size // 2] ^= 1
    (tmp_path / "bad" / "x.zip").write_bytes(data)
    refused(tmp_path / "bad" / "x.zip", "refused")


def test_100_000_entries_are_refused_before_they_are_read(
    tmp_path: Path, refused: Callable[[Path, str], KamishibaiError], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = zipfile.ZipInfo("project/a.mp4")
    bad = tmp_path / "bad" / "x.zip"
    with zipfile.ZipFile(bad, "w") as opened:
        opened.writestr(one, b"")
        opened.filelist = [one] * 100_000  # one local header, named a hundred thousand times
    monkeypatch.setattr(zipfile.ZipFile, "_RealGetContents", lambda self: pytest.fail("it was read"))
    refused(bad, f"100,000 entries, more than the {MAX_ENTRIES:,}")


def test_a_huge_manifest_is_refused_before_it_is_read(
    entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    bad = {**entries, "manifest.json": b" " * 20_000_000 + entries["manifest.json"]}
    refused(write(tmp_path / "bad" / "x.zip", bad), "its manifest has 20,")


@pytest.mark.parametrize(
    "manifest",
    [b"", b"[]", b"null", b"\xff\xfe", b"[" * 200_000, b'{"schema": "kamishibai.pack/1"}', b'{"a": ' + b"9" * 10_000 + b"}"],
    ids=["empty", "list", "null", "bytes", "deep", "lacking", "digits"],
)  # fmt: skip
def test_a_manifest_that_is_none_is_refused(
    manifest: bytes, entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    refused(write(tmp_path / "bad" / "x.zip", {**entries, "manifest.json": manifest}), "manifest")


def test_a_manifest_of_another_version_says_so(
    entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    bad = with_manifest(entries, schema="kamishibai.pack/9")
    assert "install" in str(refused(write(tmp_path / "bad" / "x.zip", bad), "kamishibai.pack/9").hint)


def test_a_zip_without_a_manifest_is_no_packed_project(
    tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    refused(write(tmp_path / "bad" / "x.zip", {"project/a.mp4": b"x"}), "no manifest.json")


def test_an_extra_entry_is_refused(
    entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    refused(
        write(tmp_path / "bad" / "x.zip", {**entries, "project/more.mp4": b"x"}), "does not know this entry"
    )


def test_a_file_that_no_document_names_is_refused(
    entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    refused(
        write(tmp_path / "bad" / "x.zip", with_manifest({**entries, "project/more.mp4": b"x"})), "no document"
    )


def test_a_missing_entry_is_refused(
    entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    less = {name: data for name, data in entries.items() if name != "project/fox.mp4"}
    refused(write(tmp_path / "bad" / "x.zip", less), "an entry that is not there")


def test_another_content_than_the_manifest_says_is_refused(
    entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    name = next(name for name in entries if name.startswith("blobs/"))
    other = bytes(byte ^ 1 for byte in entries[name])
    refused(write(tmp_path / "bad" / "x.zip", {**entries, name: other}), "digest is another")
    refused(
        write(tmp_path / "bad" / "y.zip", with_manifest({**entries, name: other})),
        "another digest than its name",
    )


def _told(data: bytes) -> dict[str, Any]:
    return dict(json.loads(data.split(b"\n")[1]))


def _changed_record(entries: Entries, change: Callable[[dict[str, Any]], None]) -> Entries:
    name = next(
        name
        for name in entries
        if name.startswith("results/") and list(_each_ref(_told(entries[name])["take"]))
    )
    said = _told(entries[name])
    change(said)
    return with_manifest({**entries, name: write_record(Record(**said))})


def _each_ref(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if value.keys() == {"sha256", "media_type", "size"}:
            yield value
        for part in value.values():
            yield from _each_ref(part)
    if isinstance(value, list):
        for part in value:
            yield from _each_ref(part)


def test_a_record_that_lies_about_its_file_is_refused(
    entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    def other_size(said: dict[str, Any]) -> None:
        for ref in _each_ref(said["take"]):
            ref["size"] += 1

    bad = _changed_record(entries, other_size)
    refused(write(tmp_path / "bad" / "x.zip", bad), "size")


def test_a_record_under_another_key_is_refused(
    entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    bad = _changed_record(entries, lambda said: said.update(key="0" * 64))
    refused(write(tmp_path / "bad" / "x.zip", bad), "record of another call")


def test_a_blob_that_no_result_holds_is_refused(
    entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    digest = content_hash(b"stowaway")
    bad = with_manifest({**entries, f"blobs/{digest[:2]}/{digest}": b"stowaway"})
    refused(write(tmp_path / "bad" / "x.zip", bad), "no result of the archive holds")


# ------------------------------------------------------------------ documents that mean harm


def _said(entries: Entries, name: str, **fields: Any) -> Entries:
    return with_manifest({**entries, name: canonical_json({**json.loads(entries[name]), **fields})})


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        (
            "hidden/calls.json",
            {"calls": [{"stage": "draw", "scene": "s1", "key": "../../../../home/mira/x"}]},
        ),
        ("hidden/state.json", {"files": {"../../x.mp4": {"size": 1, "modified_ns": 1, "sha256": "0"}}}),
        ("hidden/state.json", {"files": {"/etc/passwd": {"size": 1, "modified_ns": 1, "sha256": "0"}}}),
        ("hidden/state.json", {"surprise": 1}),
        ("hidden/film.json", {"film": "/etc/passwd.mp4"}),
        ("hidden/film.json", {"files": ["../x.mp4"]}),
    ],
)
def test_hidden_files_cannot_name_what_lies_elsewhere(
    name: str,
    fields: dict[str, Any],
    entries: Entries,
    tmp_path: Path,
    refused: Callable[[Path, str], KamishibaiError],
) -> None:
    refused(write(tmp_path / "bad" / "x.zip", _said(entries, name, **fields)), "refused")


def test_takes_by_hand_cannot_name_what_lies_elsewhere(
    entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    take = {"number": 2, "pick": {"seed": 1}, "key": "../x"}
    for takes in ({"places": {"picture s001": [take]}}, {"picked": {"../x": 2}}):
        bad = with_manifest({**entries, "hidden/takes.json": canonical_json(takes)})
        refused(write(tmp_path / "bad" / "x.zip", bad), "refused")


def test_what_an_archive_says_of_a_machine_is_forgotten(entries: Entries, tmp_path: Path) -> None:
    bad = _said(entries, "hidden/calls.json", cache="/home/mira/.cache")
    bad = _said(bad, "hidden/state.json", source="/home/mira/story.txt")
    there = studio(tmp_path / "cache").unpack(write(tmp_path / "x.zip", bad), tmp_path / "fox").folder
    assert Project(there).calls().cache == ""
    assert Project(there).state().source == ""


@pytest.mark.parametrize(
    "line",
    [
        "narration: /etc/passwd", "narration: ../secret.wav", "narration: C:\\secret.wav", "narration: not-there.wav",
        "music: /home/mira/song.mp3", "music: ~/song.mp3", "music: file:../../song.mp3", "picture: diffusers:/models/x",
        "options: {picture: {adapters: [/models/x]}}", "options: {'picture:diffusers:../x': {steps: 2}}",
        "nonsense: 1", "size: 99999999", "- a", "size: &a 720", "size: !!python/object/apply:os.system [ls]", "a: {" * 90,
    ],
)  # fmt: skip
def test_settings_of_a_stranger_that_lead_out_or_are_none_are_refused(
    line: str, entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    bad = with_manifest({**entries, "project/kamishibai.yaml": line.encode()})
    refused(write(tmp_path / "bad" / "x.zip", bad), r"refused|not allowed|not valid YAML|nested")


def test_settings_of_another_machine_are_left_out_and_told(entries: Entries, tmp_path: Path) -> None:
    settings = "cache: /tmp/stolen\ncache_gb: 0\nworkers: 200\nsize: 144\n"
    bad = with_manifest({**entries, "project/kamishibai.yaml": settings.encode()})
    unpacked = studio(tmp_path / "cache").unpack(write(tmp_path / "x.zip", bad), tmp_path / "fox")
    assert yaml.safe_load((unpacked.folder / "kamishibai.yaml").read_text()) == {"size": 144}
    assert any("cache, cache_gb, workers" in note for note in unpacked.notes)


@pytest.mark.parametrize(
    "line",
    [
        "picture: /etc/passwd",
        "picture: ../../x.png",
        "picture: .ssh/x.png",
        "picture: https://x/y.png",
        "voice: vits:/x/y",
    ],
)
def test_a_storyboard_of_a_stranger_cannot_reach_out(
    line: str, entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    name = "project/storyboard.yaml"
    text = entries[name].replace(b"noun: fox", b"noun: fox\n    " + line.encode(), 1)
    assert line.encode() in text
    refused(write(tmp_path / "bad" / "x.zip", with_manifest({**entries, name: text})), "refused")


@pytest.mark.parametrize(
    "data", [b"", b"schema: other", b"\xff", b"a: [" * 3000], ids=["empty", "other", "bytes", "deep"]
)
def test_a_storyboard_that_is_none_is_refused(
    data: bytes, entries: Entries, tmp_path: Path, refused: Callable[[Path, str], KamishibaiError]
) -> None:
    refused(
        write(tmp_path / "bad" / "x.zip", with_manifest({**entries, "project/storyboard.yaml": data})),
        "storyboard|schema|UTF-8|nested",
    )


def test_a_re_zipped_archive_is_as_good_as_the_first(entries: Entries, tmp_path: Path) -> None:
    path = write(tmp_path / "x.zip", dict(reversed(entries.items())), zipfile.ZIP_DEFLATED)
    there = studio(tmp_path / "cache")
    assert there.make(there.unpack(path, tmp_path / "fox").folder).fresh
