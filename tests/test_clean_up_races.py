"""Films are made while somebody else cleans up the same cache again and again: no film fails, and none loses a result."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kamishibai.work.events import Event
from kamishibai.work.store import Store
from rooms import made, make, studio

pytestmark = pytest.mark.slow

CLEANER = (
    "import sys, time\nfrom pathlib import Path\nfrom kamishibai.cleaning import clean\n"
    "from kamishibai.errors import BusyProjectError\nfrom kamishibai.work.store import Store\n"
    "done = busy = 0\nprint('in', flush=True)\n"
    "while not Path(sys.argv[2]).exists():\n"
    "    try:\n        clean(Store(Path(sys.argv[1])))\n        done += 1\n"
    "    except BusyProjectError:\n        busy += 1\n"
    "    time.sleep(0.003)\n"
    "print(done, busy)"
)


def test_films_and_clean_ups_do_not_hurt_each_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path, "kept")
    kept = (tmp_path / "kept" / "kept.mp4").read_bytes()
    cleaners = [
        subprocess.Popen(
            [sys.executable, "-c", CLEANER, str(tmp_path / "store"), str(tmp_path / "enough")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    try:
        for cleaner in cleaners:
            assert cleaner.stdout is not None
            assert cleaner.stdout.readline() == "in\n"
        warnings: list[str] = []
        for turn in range(8):
            heard: list[Event] = []
            # The words are new, the pictures' places are not: results are made, found and let go of.
            story = f"A fox ran {turn} miles.\nHe slept.\n"
            film = make(tmp_path, f"film{turn}", heard, story)
            warnings += [
                event.text for event in heard if event.event == "warning" and "missing" in event.text
            ]
            assert film.film.stat().st_size > 1000
            heard.clear()
            film.film.unlink()
            studio(tmp_path, heard).make(tmp_path / f"film{turn}")
            assert made(heard) == []  # all that it is made from is still there
            if turn % 2:
                shutil.rmtree(tmp_path / f"film{turn}")
    finally:
        (tmp_path / "enough").touch()
        told = [cleaner.communicate(timeout=60) for cleaner in cleaners]
    assert [cleaner.returncode for cleaner in cleaners] == [0, 0], told
    counts = [tuple(map(int, out.split())) for out, _ in told]
    with capsys.disabled():
        print(f"\nclean-ups done and refused: {counts}", end="")
    assert sum(done for done, _ in counts) > 0
    assert sum(busy for _, busy in counts) > 0
    assert warnings == []

    (tmp_path / "kept" / "kept.mp4").unlink()
    heard = []
    studio(tmp_path, heard).make(tmp_path / "kept")
    assert made(heard) == []
    assert (tmp_path / "kept" / "kept.mp4").read_bytes() == kept
    found = studio(tmp_path).cache_verify()
    assert found.whole
    assert studio(tmp_path).cache_clean(dry=True).rest == 0
    assert list(Store(tmp_path / "store").result_keys())
