"""A take that changes under the same version would be served stale from every store: here it fails."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from asks import CASES, NONE
from bench import Bench, Case, run
from book import COMMAND, GOLDEN, classes, house_makers, leaning, read, version_line
from fingerprints import differences

from kamishibai.errors import UnknownModelError
from kamishibai.models import registry

MOST_BYTES = 200_000


def groups() -> Iterator[Any]:
    """Yield the cases of each maker; those that want torch or take long are for themselves, and slow."""
    for maker in dict.fromkeys(case.maker for case in CASES):
        for needs in dict.fromkeys((case.slow, case.needs) for case in CASES if case.maker == maker):
            cases = [case for case in CASES if case.maker == maker and (case.slow, case.needs) == needs]
            slow, package = needs
            yield pytest.param(
                cases,
                id=maker + (f"-{package or 'long'}" if slow else ""),
                marks=pytest.mark.slow if slow else (),
            )


def complaints(cases: list[Case], bench: Bench, book: dict[str, dict[str, Any]]) -> list[str]:
    """Return what is wrong with one maker's golden takes, and what to do about it."""
    maker = cases[0].maker
    cls, entry = classes()[maker], book.get(maker)
    anew = f"write the golden anew: {COMMAND} {maker}"
    if entry is None:
        return [f"{maker} has no golden takes; {anew}"]
    if entry["version"] != cls.version:
        return [
            f"the golden takes of {maker} are of version {entry['version']}, and it is at {cls.version}; {anew}"
        ]
    told = []
    for case in cases:
        golden = entry["takes"].get(case.name)
        if golden is None:
            told.append(f"{maker} has no golden take of “{case.name}”; {anew}")
        elif golden.get("on", {}) != leaning(case).get("on", {}):
            told.append(
                f"“{case.name}” leans on {', '.join(case.leans_on)}, at another version since; {anew}"
            )
    if told:
        return told
    for name, fresh in run(cases, bench, cls).items():
        (case,) = (case for case in cases if case.name == name)
        if unlike := differences(entry["takes"][name], fresh, case.tolerance):
            told.append(f"“{name}”: " + "; ".join(unlike[:5]))
    if told:
        told.insert(
            0,
            f"{maker} makes other takes under the same version {cls.version}, so that stores would serve stale ones: "
            f"raise the version of {maker} in {version_line(maker)}, then {anew}",
        )
    return told


@pytest.fixture
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    # The fixture with the tiny checkpoints imports torch, which the quick tests do without.
    with Bench(tmp_path, lambda name: request.getfixturevalue("tiny")(name)) as bench:
        yield bench


@pytest.mark.parametrize("cases", list(groups()))
def test_the_same_version_makes_the_same_takes(cases: list[Case], bench: Bench) -> None:
    for package in {case.needs for case in cases if case.needs}:
        if find_spec(package) is None:
            pytest.skip(f"{package} is not installed")

    told = complaints(cases, bench, read())

    assert not told, "\n".join(told)


def test_every_maker_has_golden_takes_or_a_reason() -> None:
    makers = set(registry.ids()) | set(house_makers())

    assert {case.maker for case in CASES} | set(NONE) == makers
    assert not {case.maker for case in CASES} & set(NONE)
    assert set(read()) == makers - set(NONE), f"write the golden anew: {COMMAND}"


@pytest.mark.parametrize("maker", sorted(set(registry.ids()) | set(house_makers()) - set(NONE)))
def test_every_verb_of_a_maker_is_asked(maker: str, bench: Bench) -> None:
    try:
        verbs = set(classes()[maker].verbs())
    except UnknownModelError:
        pytest.skip("its packages are not installed")
    # What an ask leans on can be slow to make, and no such maker has more than one verb.
    cases = [case for case in CASES if case.maker == maker]
    asked = verbs if any(case.leans_on for case in cases) and len(verbs) == 1 else {
        type(case.ask(bench)) for case in cases
    }  # fmt: skip

    assert asked == verbs


def test_no_two_cases_share_a_name_and_every_golden_take_is_asked_for() -> None:
    names = [(case.maker, case.name) for case in CASES]

    assert len(set(names)) == len(names)
    assert {(maker, name) for maker, entry in read().items() for name in entry["takes"]} == set(names)


def test_the_golden_file_stays_small() -> None:
    assert GOLDEN.stat().st_size <= MOST_BYTES


# ----------------------------------------------------------------------------------------------- what a failure says
def cases_of(maker: str) -> list[Case]:
    return [case for case in CASES if case.maker == maker and not case.slow]


def test_another_take_of_the_same_version_names_the_file_whose_version_to_raise(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module("kamishibai.models.motion.camera")
    path = module.camera_path
    monkeypatch.setattr(module, "camera_path", lambda move, amount, *rest: path(move, amount * 1.05, *rest))

    told = complaints(cases_of("motion:camera"), bench, read())

    assert "raise the version of motion:camera in src/kamishibai/models/motion/camera.py" in told[0]
    assert any("“push”: keys[" in line for line in told)


def test_another_version_names_the_command_that_writes_it_anew(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classes()["motion:camera"], "version", "of tomorrow")

    (told,) = complaints(cases_of("motion:camera"), bench, read())

    assert "it is at of tomorrow" in told
    assert told.endswith("python tests/golden/regenerate.py motion:camera")


def test_a_maker_or_a_take_without_golden_names_the_command_too(bench: Bench) -> None:
    book = read()
    del book["motion:camera"]["takes"]["rise"]
    (one,) = complaints(cases_of("motion:camera"), bench, book)
    (none,) = complaints(cases_of("motion:camera"), bench, {})

    assert "“rise”" in one
    assert one.endswith("python tests/golden/regenerate.py motion:camera")
    assert none.endswith("python tests/golden/regenerate.py motion:camera")


@pytest.mark.parametrize("maker", sorted(set(registry.ids()) | set(house_makers())))
def test_the_line_with_a_makers_version_is_found(maker: str) -> None:
    file, _, line = version_line(maker).partition(" (")

    assert (GOLDEN.parents[2] / file).is_file()
    assert line.startswith("version")
