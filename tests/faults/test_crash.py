from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from killing import collect_garbage, decoded, make_whole, results, temporary

STORY = "A small fox found a lantern.\nHe ran home through the rain.\nEverybody danced."
FAKES = [
    part
    for kind in ("text", "picture", "motion", "voice", "music", "sound", "ear")
    for part in (f"--{kind}", "fake")
]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills a POSIX process group")


def command(folder: Path, *more: str) -> list[str]:
    return [
        sys.executable, "-m", "kamishibai", "make", str(folder / "story.txt"), "--out", str(folder / "out"),
        "--cache", str(folder / "store"), "--size", "144", "--quality", "draft", *FAKES, *more,
    ]  # fmt: skip


def finished(folder: Path, *more: str) -> bytes:
    folder.mkdir(exist_ok=True)
    (folder / "story.txt").write_text(STORY)
    subprocess.run(command(folder, *more), check=True, capture_output=True, timeout=120)
    return (folder / "out" / "out.mp4").read_bytes()


@pytest.mark.slow
def test_a_film_survives_being_killed_at_any_moment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(7)
    uninterrupted = make_whole(tmp_path / "whole", None, chance, most=0)
    whole = tmp_path / "whole" / "out" / "out.mp4"
    frames, sound = decoded(whole)
    kills: Counter[str] = Counter()
    wrong = list(uninterrupted.wrong)
    while kills.total() < 30:
        folder = tmp_path / f"round-{kills.total()}"
        done = make_whole(folder, whole.read_bytes(), chance, most=min(10, 30 - kills.total()))
        kills += done.kills
        wrong += done.wrong
        assert results(folder).keys() == results(tmp_path / "whole").keys()
        again = decoded(folder / "out" / "out.mp4")
        assert all(np.array_equal(*pair) for pair in zip(frames, again[0], strict=True))
        assert np.array_equal(sound, again[1])
        collect_garbage(folder)
        assert not temporary(folder)
    with capsys.disabled():
        print(f"\nkilled during: {dict(kills)}", end="")
    assert not wrong


@pytest.mark.slow
def test_ctrl_c_stops_at_once_keeps_what_was_finished_and_says_how_to_go_on(tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_text("\n".join(f"Scene number {n} of a long story." for n in range(60)))
    process = subprocess.Popen(
        command(tmp_path, "--workers", "2"),
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    results = tmp_path / "store" / "results"
    deadline = time.monotonic() + 60
    while sum(1 for _ in results.rglob("*.json")) < 5 and time.monotonic() < deadline:
        if process.poll() is not None:
            break
        time.sleep(0.02)  # polling a real process, not waiting for luck
    assert process.poll() is None
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert time.monotonic() - asked < 5
    assert "again" in told
    assert "Traceback" not in told


@pytest.mark.slow
def test_a_full_disk_is_one_clear_error_and_the_next_run_goes_on(tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_text(STORY)
    limited = ["bash", "-c", 'ulimit -f 40; exec "$@"', "limited", *command(tmp_path, "--workers", "0")]
    result = subprocess.run(limited, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 74, result.stderr
    assert "Traceback" not in result.stderr
    assert not list(tmp_path.rglob(".part-*"))
    assert not (tmp_path / "out" / "out.mp4").exists()
    assert finished(tmp_path, "--workers", "0")
