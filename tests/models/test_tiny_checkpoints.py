"""The tiny checkpoints that tests of real models load: the same bytes on every machine and every run."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tiny.shelf import NAMES, build


def content(place: Path) -> dict[str, str]:
    files = [place] if place.is_file() else sorted(f for f in place.rglob("*") if f.is_file())
    return {
        "" if f == place else f.relative_to(place).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in files
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_second_build_is_byte_for_byte_the_first(
    name: str, tiny: Callable[[str], Path], tmp_path: Path
) -> None:
    import torch

    first = tiny(name)
    torch.rand(7)  # wherever the random numbers stand

    build(name, tmp_path / "again")

    assert content(tmp_path / "again") == content(first)


def test_knowing_the_checkpoints_costs_no_import_of_torch() -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests'); import tiny.shelf, tiny.pictures, tiny.clips, tiny.variants"
    )

    done = subprocess.run(
        [sys.executable, "-c", f"{code}; print('torch' in sys.modules)"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "False"
