from __future__ import annotations

import subprocess
import sys

from kamishibai import __version__
from kamishibai.cli.app import EXIT_CODES
from kamishibai.errors import KamishibaiError

HEAVY = ("numpy", "cv2", "skia", "av", "onnxruntime", "torch", "pydantic", "PIL", "kamishibai.studio")


def test_the_command_starts_without_importing_anything_heavy() -> None:
    code = f"import sys, kamishibai.cli.app; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_names_every_command_and_every_exit_code(run) -> None:
    said = run("--help")
    assert said.code == 0
    for name in ("make", "board", "show", "try", "models", "doctor", "version"):
        assert f" {name} " in said.out
    for code in EXIT_CODES:
        assert f" {code}  " in said.out


def test_every_command_shows_an_example_of_itself(run) -> None:
    for name in ("make", "board", "show", "try", "models", "doctor", "version"):
        assert f"kamishibai {name}" in run(name, "--help").out.replace(f"Usage: kamishibai {name}", "")


def test_every_error_has_an_exit_code_that_is_documented() -> None:
    def children(cls: type[KamishibaiError]) -> set[type[KamishibaiError]]:
        return {cls}.union(
            *(children(child) for child in cls.__subclasses__() if child.__module__ == cls.__module__)
        )

    assert {cls.exit_code for cls in children(KamishibaiError)} <= set(EXIT_CODES)


def test_the_version_is_printed(run) -> None:
    assert run("version").out == f"kamishibai {__version__}\n"


def test_an_unknown_command_is_wrong_usage_and_names_the_nearest(run) -> None:
    said = run("mak")
    assert said.code == 2
    assert "make" in said.err


def test_an_unknown_option_is_wrong_usage(run) -> None:
    assert run("make", "story.txt", "--colour", "red").code == 2


def test_models_are_completed_by_kind_without_importing_them() -> None:
    code = (
        "import sys; from kamishibai.cli.options import ids_like; print(ids_like('voice')('n'), ids_like(None)('ear:f'));"
        "print('pydantic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["['none'] ['ear:fake']", "False"]
