"""What the report says of the gates: how many takes passed each, what it measured, what is still wrong."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import get_args

from kamishibai.exports.report import GateRow
from kamishibai.gates.verdict import Gate, Verdict

__all__ = ["gate_rows"]

GATES: tuple[Gate, ...] = get_args(Gate)
MOST_FIGURES = 4
"""Of one gate in one row; the ledger has all."""


def gate_rows(verdicts: Sequence[Verdict]) -> list[GateRow]:
    """Return a row for every gate that judged something, in the order of the gates."""
    rows = []
    for gate in GATES:
        mine = [verdict for verdict in verdicts if verdict.gate == gate]
        if not mine:
            continue
        faults = [
            f"{verdict.scene}: {fault}" if verdict.scene else fault
            for verdict in mine
            if not verdict.passed
            for fault in verdict.faults
        ]
        rows.append(
            GateRow(
                gate=gate,
                judged=len(mine),
                passed=sum(verdict.passed for verdict in mine),
                figures=_figures(mine),
                faults=tuple(faults),
            )
        )
    return rows


def _figures(verdicts: Sequence[Verdict]) -> str:
    """Return the medians of what was measured, by name."""
    found: dict[str, list[float]] = {}
    for verdict in verdicts:
        for name, value in verdict.measured.items():
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                found.setdefault(name, []).append(float(value))
    shown = list(found.items())[:MOST_FIGURES]
    of = "median " if len(verdicts) > 1 else ""
    return ", ".join(f"{of}{name} {statistics.median(values):.3g}" for name, values in shown)
