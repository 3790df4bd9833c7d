from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference_tool", ROOT / "tools" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["cli.md", "options.md", "storyboard.md"])
def test_the_reference_is_what_the_code_says(name: str) -> None:
    written = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")
    assert written == _tool().pages()[name], "run `make docs`"


@pytest.mark.parametrize("name", ["options.md", "storyboard.md"])
def test_every_field_says_what_it_is(name: str) -> None:
    rows = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8").splitlines()
    assert [row for row in rows if row.endswith("|  |")] == []
