"""Two commands on one project or one cache: one writes, the other is told by whom; whoever only looks waits for nobody."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kamishibai.work.store import Store

pytestmark = pytest.mark.slow

AT_ONCE_S = 2.0
"""What a command may take that only looks, once the program is loaded, on a machine that makes a film meanwhile."""
STUCK = '''
import time
from pathlib import Path
from kamishibai.models.music.fake import FakeMusic

class Stuck(FakeMusic):
    """Takes a minute, for as long as a file is there."""
    id = "music:stuck"

    def run(self, asks, desk):
        desk.progress(0.5)
        end = time.monotonic() + 60
        while (Path(__file__).parent / "stuck").exists() and time.monotonic() < end:
            time.sleep(0.05)
        return super().run(asks, desk)
'''


@pytest.fixture
def site(fakes: Path) -> Path:
    """A folder in which music:stuck is installed."""
    folder = fakes / "site"
    info = folder / "stuck-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stuck\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[kamishibai.models]\nmusic:stuck = stuck_music:Stuck\n")
    (folder / "stuck_music.py").write_text(STUCK)
    (folder / "stuck").touch()
    return folder


def command(site: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", "from kamishibai.cli.app import main; main()", *words],
        env={**os.environ, "PYTHONPATH": str(site)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def first(site: Path, run) -> Iterator[subprocess.Popen[str]]:
    """A command that makes the story's film again, and is in the middle of it."""
    assert run("make", "story.txt").code == 0
    process = command(site, "make", "story.txt", "--music", "stuck", "--json")
    assert process.stdout is not None
    for line in process.stdout:
        event = json.loads(line)
        if event["event"] == "progress" and event["maker"] == "music:stuck":
            break
    else:
        raise AssertionError(process.communicate()[1])
    yield process
    process.kill()
    process.communicate(timeout=60)


def test_the_second_writer_is_told_who_the_first_is_and_takes_over_when_it_was_killed(
    first: subprocess.Popen[str], site: Path
) -> None:
    for words in (
        ("make", "story.txt"),
        ("retake", "film/story", "s001"),
        ("board", "story.txt", "--replan"),
    ):
        out, err = (second := command(site, *words)).communicate(timeout=60)
        assert second.returncode == 75, (words, out, err)
        assert f"process {first.pid} on {socket.gethostname()}, since " in err
        assert "is writing to this film" in err
        assert "film/story" in err
        assert "Traceback" not in err
    first.kill()
    first.communicate(timeout=60)
    out, err = (second := command(site, "make", "story.txt", "--json")).communicate(timeout=120)
    assert second.returncode == 0, err
    assert json.loads(out.splitlines()[-1])["exit_code"] == 0


def test_the_first_is_not_disturbed_by_the_second(first: subprocess.Popen[str], site: Path) -> None:
    (second := command(site, "make", "story.txt")).communicate(timeout=60)
    assert second.returncode == 75
    (site / "stuck").unlink()
    out, err = first.communicate(timeout=120)
    assert first.returncode == 0, err
    assert json.loads(out.splitlines()[-1])["event"] == "end"
    # What it could not know while it was told of the owner: the mark is its own again.
    again, _ = (third := command(site, "make", "story.txt", "--music", "stuck", "--json")).communicate(
        timeout=60
    )
    assert third.returncode == 0
    assert not [line for line in map(json.loads, again.splitlines()) if line["event"] == "call"]


def test_whoever_only_looks_waits_for_nobody(
    first: subprocess.Popen[str], run, capsys: pytest.CaptureFixture[str]
) -> None:
    looks = [
        ("plan", "story.txt"), ("plan", "film/story"), ("show", "film/story"), ("cache", "ls"), ("cache", "size"),
        ("cache", "gc", "--dry-run"), ("cache", "verify"),
    ]  # fmt: skip
    took = {}
    for words in looks:
        said = run(*words)  # once for what is imported
        assert said.code == 0, (words, said.err)
        began = time.monotonic()
        assert run(*words).code == 0
        took[" ".join(words)] = time.monotonic() - began
    assert first.poll() is None
    with capsys.disabled():
        print("".join(f"\n{name}: {seconds:.2f} s" for name, seconds in took.items()), end="")
    assert max(took.values()) < AT_ONCE_S


def test_a_clean_up_is_refused_while_a_film_is_made_elsewhere_with_the_cache(
    first: subprocess.Popen[str], site: Path, run, fakes: Path
) -> None:
    said = run("cache", "gc", "--yes")
    if said.code == 0:  # there was nothing to delete
        (fakes / "other.txt").write_text("A hare slept.\n", encoding="utf-8")
        assert run("make", "other.txt").code == 0  # another project does not wait either
        shutil.rmtree(fakes / "film" / "other")
        said = run("cache", "gc", "--yes")
    assert said.code == 75
    assert "films are being made with this cache" in said.err
    there = set(Store(fakes / "store").result_keys())
    first.kill()
    first.communicate(timeout=60)
    assert run("cache", "gc", "--yes").code == 0
    assert set(Store(fakes / "store").result_keys()) < there
    out, err = (second := command(site, "make", "story.txt", "--json")).communicate(timeout=120)
    assert second.returncode == 0, err
    redone = [line["stage"] for line in map(json.loads, out.splitlines()) if line["event"] == "call"]
    assert not {"draw", "speak", "compose"} & set(redone)
