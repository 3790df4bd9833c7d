"""Fixtures that every test shares: an own cache, one thread, no network."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local_hub import LocalHub
from tiny.shelf import take

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep tests away from the user's cache; results are shared within the session alone."""
    folder = tmp_path_factory.getbasetemp().parent / "kamishibai-cache"
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(folder)
    yield folder
    if before is None:
        del os.environ["XDG_CACHE_HOME"]
    else:
        os.environ["XDG_CACHE_HOME"] = before


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Give the folder of a tiny seeded checkpoint by name (see tests/tiny), built once for all workers; read-only."""
    import torch

    torch.set_num_threads(1)
    base = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        base = base.parent  # the workers' own folders lie in the session's
    return lambda name: take(name, base / "tiny")


@pytest.fixture(scope="session")
def small_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a small CLIP that was trained on paper theatre, built once for all workers; read-only."""
    import torch

    from tiny.seeing import take_small_clip

    torch.set_num_threads(1)
    base = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        base = base.parent
    return take_small_clip(base / "tiny")


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    """A hub on this machine in place of the public one, and an empty cache of its files."""
    from huggingface_hub import constants

    with LocalHub() as local:
        monkeypatch.setenv("HF_ENDPOINT", local.url)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
        for name in (
            "HF_HUB_CACHE",
            "HF_HUB_OFFLINE",
            "TRANSFORMERS_OFFLINE",
            "HF_TOKEN",
            "KAMISHIBAI_OFFLINE",
        ):
            monkeypatch.delenv(name, raising=False)
        # The library reads its environment when it is imported, which another test may have done.
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "hf" / "token"))
        yield local


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail any test that opens a connection to another machine."""
    connect = socket.socket.connect
    own = {"127.0.0.1", "::1"} if "hub" in request.fixturenames else set()

    def guarded(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] in own:
            return connect(self, address)
        if self.family in (socket.AF_INET, socket.AF_INET6):
            raise AssertionError(f"a test opened a connection to {address!r}")
        return connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)
