"""The command, run in this process as a user would type it, with the fakes for models."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kamishibai import Studio
from kamishibai.cli.app import main

SMALL = {"SIZE": "144", "QUALITY": "draft", "WORKERS": "0", "TITLES": "false"}
STORY = "A small fox found a lantern.\nHe ran home through the rain.\n"


@dataclass
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Said]


@pytest.fixture
def fakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an own folder, with the fakes at the smallest size chosen by the environment."""
    for kind in ("text", "picture", "motion", "voice", "music", "sound", "ear"):
        monkeypatch.setenv(f"KAMISHIBAI_{kind.upper()}", "fake")
    for name, value in {**SMALL, "CACHE": str(tmp_path / "store")}.items():
        monkeypatch.setenv(f"KAMISHIBAI_{name}", value)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "story.txt").write_text(STORY, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="session")
def film_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder with the story's film, made once for all tests that only look at one."""
    folder = tmp_path_factory.mktemp("once")
    (folder / "story.txt").write_text(STORY, encoding="utf-8")
    fakes = dict.fromkeys(("text", "picture", "motion", "voice", "music", "sound", "ear"), "fake")
    studio = Studio(
        size=144,
        quality="draft",
        workers=0,
        titles=False,
        cache=folder / "store",
        **fakes,  # type: ignore[arg-type]
    )
    return studio.make(folder / "story.txt", folder / "film" / "story").folder


@pytest.fixture
def film(film_once: Path, fakes: Path) -> Path:
    """An own copy of that project, at film/story."""
    return Path(shutil.copytree(film_once, fakes / "film" / "story"))


@pytest.fixture
def run(fakes: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Type a command; return its exit code and what it wrote."""

    monkeypatch.setenv("COLUMNS", "300")  # a worker of the test run may be given a narrow terminal

    def typed(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["kamishibai", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        assert isinstance(end.value.code, int)
        return Said(end.value.code, out, err)

    return typed
