"""One bit of one stored file is another, or its end is gone: the next run says so and gives the same film again."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kamishibai import Studio
from kamishibai.errors import KamishibaiError
from kamishibai.work.events import Event

FILM = {
    **dict.fromkeys(("text", "picture", "motion", "voice", "sound", "ear"), "fake"),
    "music": "none",
    "size": 144,
    "fps": 5,
    "quality": "draft",
    "titles": False,
    "workers": 0,
}
PLACES = 3
"""Where each file is damaged, one after the other."""
UNREAD = ("owner", "lock", "journal", "timings.json", "CACHEDIR.TAG")
"""What people may read, and guesses: damage there is nobody's concern."""


@dataclass(frozen=True)
class Finished:
    """A folder with a finished film, its store beside it; the story lies outside, as its path is remembered."""

    folder: Path
    story: Path
    film: bytes

    def files(self) -> list[Path]:
        """Return every file of the store and every hidden file of the project, relative to the folder."""
        roots = (self.folder / "store", self.folder / "out" / ".kamishibai")
        found = [path for root in roots for path in sorted(root.rglob("*"))]
        return [path.relative_to(self.folder) for path in found if path.is_file() and path.stat().st_size]


def make(folder: Path, story: Path) -> list[str]:
    """Make the film; return the warnings that were told."""
    heard: list[Event] = []
    Studio(listen=heard.append, cache=folder / "store", **FILM).make(story, folder / "out")
    return [event.text for event in heard if event.event == "warning"]


@pytest.fixture(scope="module")
def no_sync() -> Iterator[None]:
    # Nothing is cut off here, and waiting for the disk is most of the time.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        yield


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, no_sync: None) -> Finished:
    base = tmp_path_factory.mktemp("damage")
    (base / "story.txt").write_text("A fox ran.\n")
    make(base / "whole", base / "story.txt")
    return Finished(base / "whole", base / "story.txt", (base / "whole" / "out" / "out.mp4").read_bytes())


def flipped(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]


def truncated(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.choice([0, chance.randrange(len(data))])]


def wrongs(finished: Finished, folder: Path, name: Path, damaged: bytes, *, removed: bool) -> Iterator[str]:
    """Damage one file, make the film again, and yield what is wrong."""
    shutil.copytree(finished.folder, folder)
    path = folder / name
    facts = path.stat()
    path.write_bytes(damaged)
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))  # a disk does not say when it forgets
    if removed:
        (folder / "out" / "out.mp4").unlink()
    try:
        told = make(folder, finished.story)
    except Exception as error:
        told_well = isinstance(error, KamishibaiError)
        yield f"no film: {type(error).__name__}{'' if told_well else ' reached the user'}: {error}"
        return
    if (folder / "out" / "out.mp4").read_bytes() != finished.film:
        yield "another film"
    mended = path.is_file() and path.read_bytes() != damaged
    unread = name.name in UNREAD or (removed and name.name == "film.json")
    if mended and not unread and not any(name.stem in text for text in told):
        yield f"mended, and nobody was told: {told}"


@pytest.mark.slow
@pytest.mark.parametrize("removed", [True, False], ids=["film removed", "nothing touched"])
@pytest.mark.parametrize("damage", [flipped, truncated])
def test_damage_to_any_stored_file_is_told_where_it_matters_and_costs_no_film(
    damage: Callable[[bytes, random.Random], bytes],
    removed: bool,
    finished: Finished,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    chance = random.Random(f"{damage.__name__} {removed}")
    wrong = []
    files = finished.files()
    for number, name in enumerate(files * PLACES):
        folder = tmp_path / str(number)
        bad = damage((finished.folder / name).read_bytes(), chance)
        found = list(wrongs(finished, folder, name, bad, removed=removed))
        wrong += [f"{name}: {what}" for what in found]
        shutil.rmtree(folder)
    with capsys.disabled():
        print(f"\n{len(files)} files {damage.__name__} at {PLACES} places, film removed: {removed}", end="")
    assert len({path.parts[1] for path in files}) > 2
    assert not wrong, "\n".join(wrong)
