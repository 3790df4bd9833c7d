from __future__ import annotations

import importlib.util
import re
import shlex
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from kamishibai.models import registry
from kamishibai.weights.families import FAMILIES
from kamishibai.weights.presets import presets

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "families"
PAGES = sorted(FOLDER.glob("*.md"))


def _tool(name: str) -> ModuleType:
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        spec = importlib.util.spec_from_file_location(f"{name}_tool", ROOT / "tools" / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(ROOT / "tools"))
    return module


def test_the_pages_of_the_families_are_what_presets_and_notes_say() -> None:
    wanted = _tool("family_pages").pages()
    assert {page.name for page in PAGES} == set(wanted)
    for name, text in wanted.items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, f"{name} is stale: run `make docs`"


def test_the_licences_of_the_weights_are_what_the_presets_say() -> None:
    page = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    assert page == _tool("licences").written(page), "run `make docs`"


SEEN = ("picture", "motion")
"""Kinds whose families have pages of their own: what they make depends on sizes, schedulers and prompts."""


def test_every_preset_and_every_family_of_what_is_seen_has_its_page() -> None:
    notes = _tool("family_pages").notes()
    named = [name for said in notes.values() for name in said["presets"]]
    assert sorted(named) == sorted(one.name for one in presets() if one.kind in SEEN)
    families = [name for said in notes.values() for name in said["families"]]
    assert sorted(families) == sorted(family.name for family in FAMILIES if family.kind in SEEN)


def test_every_preset_is_in_the_page_of_licences() -> None:
    page = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    for one in presets():
        assert f"`{one.name}`" in page
        assert one.licence.source in page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_option_on_a_page_is_one(page: Path) -> None:
    for code in re.findall(r"`([^`]*--option [^`]*)`", page.read_text(encoding="utf-8")):
        words = shlex.split(code)
        for given in (words[i + 1] for i, word in enumerate(words) if word == "--option"):
            id_, field, value = re.fullmatch(r"(\w+:\w+)\.(\w+)=(.*)", given).groups()  # type: ignore[union-attr]
            registry.make(id_, {field: yaml.safe_load(value)})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_model_on_a_page_has_a_back_end(page: Path) -> None:
    for kind, name in re.findall(r"--(picture|motion) (\w+):", page.read_text(encoding="utf-8")):
        assert f"{kind}:{name}" in registry.ids(kind)
