from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from kamishibai.cli.app import EXIT_CODES, app
from kamishibai.documents.read_story import FRONT_MATTER, parse_story
from kamishibai.documents.storyboard import Actor, Prop, Scene
from kamishibai.documents.yaml_storyboard import load
from kamishibai.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"])
GUIDE = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")


def _blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", text, re.M | re.S)


def _commands() -> list[tuple[str, str]]:
    """Return every kamishibai command in the docs: those in shell blocks, and those quoted with an argument."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        lines = [line for block in _blocks(text, "sh") for line in block.splitlines()]
        lines += re.findall(r"`(kamishibai [a-z][^`]*)`", text)
        for line in lines:
            command = line.split(" #")[0].split("|")[-1].strip()
            command = re.sub(r"^(\.venv/bin/|\S*/)?kamishibai ", "kamishibai ", command)
            if command.startswith("kamishibai ") and "…" not in command:
                found.append((page.name, command))
    return found


@pytest.mark.parametrize(("page", "command"), _commands(), ids=lambda value: value)
def test_every_command_in_the_docs_can_be_typed(page: str, command: str) -> None:
    root: Any = get_command(app)
    words = shlex.split(command)[1:]
    if words[0].startswith("-"):
        names = {name for parameter in root.params for name in parameter.opts} | {"--help"}
        assert words[0] in names
        return
    if len(words) == 1:
        assert words[0] in root.commands
        return
    command = root.commands[words[0]]
    context = command.make_context(words[0], words[1:])
    if hasattr(command, "commands"):
        name, inner, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        inner.make_context(name, rest)


def test_the_guide_has_a_command_for_every_door() -> None:
    typed = {command.split()[1] for page, command in _commands() if page == "guide.md"}
    doors = {"make", "board", "show", "try", "models", "doctor", "plan", "retake", "pick", "undo", "cache"}
    assert typed >= doors


def test_tests_benches_and_tools_named_in_the_docs_exist() -> None:
    named = set()
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for command in re.findall(r"(?:pytest|python) ((?:(?:tests|bench|tools)[\w/.]*\s?)+)", text):
            named |= {(page.name, path) for path in command.split()}
    assert {"tests/faults/test_crash.py", "bench/faults.py"} <= {path for _, path in named}
    assert not [(page, path) for page, path in named if not (ROOT / path).exists()]


def test_the_reasons_of_the_page_on_building_are_those_that_are_given() -> None:
    text = (ROOT / "docs" / "building.md").read_text(encoding="utf-8")
    told = text.split("Other reasons that you may read:")[1].split("\n\n")[1]
    source = (ROOT / "src" / "kamishibai" / "work" / "explain.py").read_text(encoding="utf-8")
    words = (
        "first time",
        " is new",
        " changed",
        "new seed",
        " in place of ",
        " ≠ ",
        "other weights of",
        "cascade from ",
    )
    for phrase in (*words, "its result is not in the cache any more"):
        assert phrase in told
        assert phrase in source


def test_the_storyboard_of_the_guide_is_one() -> None:
    (text,) = [block for block in _blocks(GUIDE, "yaml") if block.startswith("scenes:")]
    assert load("schema: kamishibai.storyboard/1\n" + text).scenes[0].view == "close"


def test_the_front_matter_of_the_guide_is_read() -> None:
    (text,) = [block for block in _blocks(GUIDE, "yaml") if block.startswith("---")]
    story = parse_story(text + "\nOnce upon a time there was a bear.\n").story
    assert [character.name for character in story.cast] == ["Mira", "Bruno"]
    assert {line.split(":")[0] for line in text.splitlines() if re.match(r"\w", line)} | {"voice"} == set(
        FRONT_MATTER
    )


def test_the_settings_of_the_guide_are_settings() -> None:
    (text,) = [block for block in _blocks(GUIDE, "yaml") if "size: 720" in block]
    assert Settings(**yaml.safe_load(text)).size == 720
    for name in re.findall(r"KAMISHIBAI_([A-Z]+)", GUIDE):
        assert name.lower() in Settings.model_fields


def test_the_fields_named_in_the_guide_are_fields() -> None:
    listed = GUIDE.split("A few things to try:")[1].split("\n## ")[0]
    known = {*Scene.model_fields, *Actor.model_fields, *Prop.model_fields}
    assert set(re.findall(r"`(\w+):", listed)) <= known


def test_the_exit_codes_of_the_guide_are_those_of_the_command() -> None:
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", GUIDE, re.M)}
    assert codes <= set(EXIT_CODES)
    assert codes >= {0, 2, 65, 69, 70, 74, 75, 130}


def test_the_python_of_the_guide_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("text", "picture", "motion", "voice", "sound", "ear"):
        monkeypatch.setenv(f"KAMISHIBAI_{kind.upper()}", "fake")
    monkeypatch.setenv("KAMISHIBAI_WORKERS", "0")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "story.txt").write_text("A fox came home.\n")
    (code,) = _blocks(GUIDE, "python")
    exec(code.replace("size=360", "size=144"), {})
    assert (tmp_path / "film" / "story" / "story.mp4").is_file()


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_extras_named_in_the_docs_exist() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    section = text.split("[project.optional-dependencies]")[1].split("\n[")[0]
    extras = re.findall(r"^(\w+) = \[", section, re.M)
    for page in PAGES:
        for name in re.findall(r"kamishibai\[(\w+)\]", page.read_text(encoding="utf-8")):
            assert name in extras
