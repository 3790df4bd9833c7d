from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

STUCK = '''
import threading
from kamishibai.models.music.fake import FakeMusic

class Stuck(FakeMusic):
    """Computes for a minute and never asks whether it should stop."""
    id = "music:stuck"

    def run(self, asks, desk):
        desk.progress(0.5)
        threading.Event().wait(60)
'''


@pytest.fixture
def stuck(fakes: Path) -> dict[str, str]:
    """An environment in which music:stuck is installed."""
    info = fakes / "site" / "stuck-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stuck\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[kamishibai.models]\nmusic:stuck = stuck_music:Stuck\n")
    (fakes / "site" / "stuck_music.py").write_text(STUCK)
    return {**os.environ, "PYTHONPATH": str(fakes / "site")}


def _started(environment: dict[str, str], workers: str) -> subprocess.Popen[str]:
    """Start a film and return when the model that never stops is at work."""
    command = [sys.executable, "-c", "from kamishibai.cli.app import main; main()"]
    command += ["make", "story.txt", "--music", "stuck", "--workers", workers, "--json"]
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        event = json.loads(line)
        if event["event"] == "progress" and event["maker"] == "music:stuck":
            return process
    raise AssertionError(process.communicate()[1])


@pytest.mark.parametrize("workers", ["0", "2"])
def test_ctrl_c_ends_a_model_that_never_listens_and_says_how_to_go_on(
    stuck: dict[str, str], workers: str
) -> None:
    process = _started(stuck, workers)
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert time.monotonic() - asked < 5  # under a second on a quiet machine
    assert process.returncode == 130
    last = json.loads(out.splitlines()[-1])
    assert (last["event"], last["exit_code"], last["error"]["kind"]) == ("end", 130, "Cancelled")
    assert "kept: everything that was finished" in err
    assert "run the same command again" in err
    assert "Traceback" not in err


def test_a_killed_command_leaves_no_worker_behind(stuck: dict[str, str]) -> None:
    process = _started(stuck, "2")
    process.kill()
    # The workers hold the other ends of its pipes: these close when the last of them is gone.
    process.communicate(timeout=20)
    assert process.returncode == -signal.SIGKILL


def test_a_reader_that_goes_away_ends_the_command_in_silence(stuck: dict[str, str]) -> None:
    process = _started(stuck, "0")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    process.send_signal(signal.SIGINT)  # the next thing it writes finds the pipe closed
    err = process.stderr.read()
    assert process.wait(timeout=20) in (1, 130)
    assert "Traceback" not in err
    assert "BrokenPipe" not in err


def test_help_into_a_closed_pipe_is_silent() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "from kamishibai.cli.app import main; main()", "make", "--help"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
