from __future__ import annotations

import importlib.metadata

import pytest

from kamishibai import Studio
from kamishibai.errors import UnknownModelError
from kamishibai.models import registry
from kamishibai.steps.models_chosen import choose


@pytest.fixture
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = importlib.metadata.version

    def version(name: str) -> str:
        if name in ("torch", "diffusers"):
            raise importlib.metadata.PackageNotFoundError(name)
        return installed(name)

    monkeypatch.setattr(registry, "version", version)


def test_a_model_without_its_packages_is_refused_with_the_command_that_brings_them(no_torch: None) -> None:
    with pytest.raises(UnknownModelError, match="diffusers, torch") as caught:
        choose("picture", "diffusers:sd15", {})
    assert caught.value.hint == "pip install 'kamishibai[models]'"


def test_trying_such_a_model_is_refused_too(no_torch: None) -> None:
    with pytest.raises(UnknownModelError, match="not installed"):
        Studio().try_one("motion:svd", "picture.png")


def test_models_of_the_default_install_need_nothing_more() -> None:
    for id_ in ("picture:papercut", "motion:camera", "voice:hibari", "text:planner"):
        registry.require_packages(id_)
