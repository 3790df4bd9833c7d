"""What the doctor says of devices and of the extra that generative models need."""

from __future__ import annotations

import pytest

from kamishibai import checkup
from kamishibai.devices.memory import Device
from kamishibai.models import registry


def test_the_doctor_names_every_device_with_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    card = Device(kind="cuda", index=1, name="RTX 3060", total_mb=12884, free_mb=11000, bf16=True)
    monkeypatch.setattr(checkup, "devices_without_torch", lambda: [card])

    found = [check.found for check in checkup._devices() if check.name == "device"]

    assert found == ["cuda:1: RTX 3060, 12.9 GB, 11.0 GB free, bfloat16"]


def test_the_doctor_says_which_packages_of_the_extra_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "missing_packages", lambda id_: ("compel",))
    monkeypatch.setattr(checkup, "torch_version", lambda: "2.13.0")

    (said,) = (check for check in checkup._devices() if check.name == "generators")

    assert said.state == "warn"
    assert "compel" in said.found
    assert said.hint == "pip install 'kamishibai[models]'"


def test_a_machine_without_the_extra_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "missing_packages", lambda id_: ("torch", "diffusers"))
    monkeypatch.setattr(checkup, "torch_version", lambda: None)

    (said,) = (check for check in checkup._devices() if check.name == "generators")

    assert said.state == "ok"
    assert "not installed" in said.found
