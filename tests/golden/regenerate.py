"""Writes the golden fingerprints anew: ``python tests/golden/regenerate.py [MAKER ...] [--same-version]``.

A fingerprint is replaced where its maker's version was raised. Where the take changed and the version did not, nothing
is written but with ``--same-version``: for a change that no key needs to know of, or an ask that was rewritten.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from importlib.util import find_spec  # noqa: E402

from asks import CASES, NONE  # noqa: E402
from bench import Bench, Case, run  # noqa: E402
from book import GOLDEN, Book, classes, leaning, read, write  # noqa: E402
from fingerprints import Fingerprint, Golden, differences  # noqa: E402


def main(arguments: list[str] | None = None) -> int:
    """Write the golden of the makers named, or of all; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "makers", nargs="*", metavar="MAKER", help="such as picture:papercut; none: every one"
    )
    parser.add_argument(
        "--same-version", action="store_true", help="replace takes whose version was not raised"
    )
    asked = parser.parse_args(arguments)
    known = {case.maker for case in CASES}
    if unknown := sorted(set(asked.makers) - known):
        parser.error(
            f"no maker with a golden take: {', '.join(unknown)}; there are {', '.join(sorted(known))}"
        )
    refused = False
    book = {maker: entry for maker, entry in read().items() if maker in known and maker not in NONE}
    for maker in asked.makers or sorted(known):
        cases = [case for case in CASES if case.maker == maker]
        if missing := sorted({case.needs for case in cases if case.needs and not find_spec(case.needs)}):
            print(f"{maker}: left as it is, for {', '.join(missing)} is not installed")
            refused = True
            continue
        refused |= not settle(book, maker, cases, taken(cases), same_version=asked.same_version)
        write(book)
    print(f"{GOLDEN.stat().st_size / 1000:.0f} KB in {GOLDEN.name}")
    return int(refused)


def taken(cases: list[Case]) -> dict[str, Fingerprint]:
    """Return the fingerprints of one maker's takes, made now."""
    with tempfile.TemporaryDirectory() as name, Bench(Path(name), partial(_tiny, Path(name))) as bench:
        return run(cases, bench, classes()[cases[0].maker])


def settle(
    book: Book, maker: str, cases: list[Case], fresh: dict[str, Fingerprint], *, same_version: bool
) -> bool:
    """Put a maker's takes into the book, keeping those that have not changed; False when some were refused."""
    version, entry = classes()[maker].version, book.get(maker, {"version": "", "takes": {}})
    raised, fine = version != entry["version"], True
    takes: dict[str, Golden] = {}
    for case in cases:
        old, new, lean = entry["takes"].get(case.name), fresh[case.name], leaning(case)
        told = [] if old is None else differences(old, new, case.tolerance)
        leant = old is not None and old.get("on", {}) != lean.get("on", {})
        if old is None or ((told or leant) and (raised or same_version or leant)):
            takes[case.name] = new.golden() | lean
            print(f"{maker}, “{case.name}”: {'new' if old is None else '; '.join(told[:3]) or 'the same'}")
            continue
        takes[case.name] = old
        if told:
            fine = False
            print(
                f"{maker}, “{case.name}”: refused, for version {version} was not raised: {'; '.join(told[:3])}"
            )
    book[maker] = {"version": version if fine else entry["version"], "takes": takes}
    return fine


def _tiny(folder: Path, name: str) -> Path:
    from tiny.shelf import take

    return take(name, folder / "tiny")


if __name__ == "__main__":
    sys.exit(main())
