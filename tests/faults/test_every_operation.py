"""Every file operation of a small film fails once: the run ends in a clear error or in the film, the next in the film."""

from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Iterable, Iterator

import pytest
from injection import ERRORS, KINDS, MODES, Fault, Zygote, why_not

from kamishibai.work.runners.local import usable_cores

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_not()), reason=why_not()),
]

STEPS = {"read": 10, "make folder": 2, "unlink": 2}
"""Of these kinds only every so many-th operation fails here: they are many, or little depends on them.
bench/faults.py fails them all, in every way and at every moment."""


@pytest.fixture(scope="module")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    # Other workers have the other cores.
    at_once = 1 if os.environ.get("PYTEST_XDIST_WORKER") else min(2, usable_cores())
    with Zygote(tmp_path_factory.mktemp("faults"), at_once) as ready:
        yield ready


def check(zygote: Zygote, faults: Iterable[Fault], capsys: pytest.CaptureFixture[str], what: str) -> None:
    outcomes = list(zygote.films(faults))
    ended = Counter(outcome.ended for outcome in outcomes)
    with capsys.disabled():
        print(f"\n{what}: {len(outcomes)} operations failed: {dict(ended)}", end="")
    assert outcomes
    assert not [str(outcome) for outcome in outcomes if not outcome.struck]
    wrong = [str(outcome) for outcome in outcomes if outcome.wrong]
    assert not wrong, f"{len(wrong)} of {len(outcomes)}:\n" + "\n".join(wrong[:8])


@pytest.mark.parametrize("kind", KINDS)
def test_a_film_survives_the_failure_of_any_operation(
    kind: str, zygote: Zygote, capsys: pytest.CaptureFixture[str]
) -> None:
    number = zygote.counts()[kind]
    numbers = range(1, number + 1, STEPS.get(kind, 1))
    faults = [Fault(kind, n, ERRORS[n % len(ERRORS)]) for n in numbers]
    check(zygote, faults, capsys, kind)


def test_a_film_survives_a_disk_that_fills_up_at_any_write(
    zygote: Zygote, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = range(1, zygote.counts()["write"] + 1, 2)
    faults = [Fault("write", n, errno.ENOSPC, MODES[1 + n // 2 % 2]) for n in numbers]
    check(zygote, faults, capsys, "write, and all that follow")


@pytest.mark.parametrize("moment", ["film removed", "damaged store"])
def test_a_film_that_is_joined_again_survives_the_failure_of_an_operation(
    moment: str, zygote: Zygote, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = zygote.counts(moment)
    faults = [
        Fault(kind, n, ERRORS[n % len(ERRORS)], moment=moment)
        for kind in KINDS
        for n in range(1, counts[kind] + 1, 31 if kind == "read" else 10)
    ]
    check(zygote, faults, capsys, moment)
