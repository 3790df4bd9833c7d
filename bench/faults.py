"""Makes a small film once for every file operation that it takes, with that operation failing, and tells how each ended.

Run: ``python bench/faults.py [--kind KIND …] [--moment MOMENT …] [--mode MODE …] [--n N …] [--whole]``; without any,
all operations of all kinds fail with ENOSPC, EIO and EACCES, each once and from then on, at every moment: thousands of
films. ``--every 10`` takes every tenth. ``--whole`` makes a film with cards, music and sounds too.
"""

from __future__ import annotations

import argparse
import errno
import sys
import tempfile
import time
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "faults"))
injection: Any = import_module("injection")


def faults(wanted: argparse.Namespace, moment: str, kind: str, mode: str, count: int) -> list[Any]:
    numbers = wanted.n or range(1, count + 1, wanted.every)
    return [
        injection.Fault(kind, n, getattr(errno, name), mode, moment) for n in numbers for name in wanted.errno
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", nargs="+", choices=injection.KINDS, default=injection.KINDS)
    parser.add_argument("--moment", nargs="+", choices=injection.MOMENTS, default=injection.MOMENTS)
    parser.add_argument("--mode", nargs="+", choices=injection.MODES, default=injection.MODES)
    parser.add_argument("--errno", nargs="+", default=[errno.errorcode[code] for code in injection.ERRORS])
    parser.add_argument("--n", nargs="+", type=int, help="only these operations")
    parser.add_argument("--every", type=int, default=1, help="only every so many-th operation")
    parser.add_argument("--whole", action="store_true", help="a film with cards, music and sounds")
    parser.add_argument("--at-once", type=int, default=2, help="films made side by side")
    wanted = parser.parse_args()
    if reason := injection.why_not():
        print(f"no faults here: {reason}", file=sys.stderr)
        return 1
    began, total, bad = time.perf_counter(), 0, 0
    with (
        tempfile.TemporaryDirectory(prefix="faults-") as folder,
        injection.Zygote(Path(folder), wanted.at_once, wanted.whole) as zygote,
    ):
        for moment in wanted.moment:
            counts = zygote.counts(moment)
            for kind in wanted.kind:
                for mode in wanted.mode:
                    if mode == "short first" and kind != "write":
                        continue
                    outcomes = list(zygote.films(faults(wanted, moment, kind, mode, counts[kind])))
                    wrong = [outcome for outcome in outcomes if outcome.wrong]
                    ended = Counter(outcome.ended for outcome in outcomes)
                    told = ", ".join(f"{number} {how}" for how, number in ended.most_common())
                    print(
                        f"{moment:<14} {kind:<14} {mode:<13} {len(outcomes):>5} failed, {len(wrong):>4} wrong: {told}",
                        flush=True,
                    )
                    for outcome in wrong:
                        print(f"  {outcome}", flush=True)
                    total, bad = total + len(outcomes), bad + len(wrong)
    print(f"{total} operations failed in {time.perf_counter() - began:.0f} s, {bad} of them wrongly survived")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
