"""check: every gate on a finished film, as a scorecard."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kamishibai.cli import options
from kamishibai.cli.options import MODELS, RUNNING, ids_like, option

if TYPE_CHECKING:
    from rich.console import Console

    from kamishibai.checking import Scorecard
    from kamishibai.gates.verdict import Verdict

__all__ = ["check"]


def check(
    film: Annotated[
        str,
        typer.Argument(
            metavar="FILM",
            help="A film file, made by Kamishibai or by anything else, or a project folder.",
            show_default=False,
        ),
    ],
    story: Annotated[
        Path | None,
        option(
            "--story",
            metavar="FILE",
            help="What should be heard. Default: the film's own storyboard, else its captions.",
        ),
    ] = None,
    gates: Annotated[
        list[str] | None,
        option(
            "--gates",
            metavar="NAMES",
            help="Which gates judge, with commas between: narration, picture, cast, clip, captions, mix. "
            "Default: all.",
        ),
    ] = None,
    thresholds: options.Thresholds = None,
    ear: Annotated[
        str | None,
        option(
            "--ear", metavar="ID", help="Who listens, or none.", panel=MODELS, autocompletion=ids_like("ear")
        ),
    ] = None,
    eye: Annotated[
        str | None,
        option(
            "--eye",
            metavar="ID",
            help="Who compares pictures and faces.",
            panel=MODELS,
            autocompletion=ids_like("eye"),
        ),
    ] = None,
    critic: Annotated[
        str | None,
        option(
            "--critic",
            metavar="ID",
            help="Who says what is missing.",
            panel=MODELS,
            autocompletion=ids_like("critic"),
        ),
    ] = None,
    options_: options.Options = None,
    cache: options.Cache = None,
    json: Annotated[
        bool, option("--json", help="Write all of it as one JSON object.", metavar="", panel=RUNNING)
    ] = False,
    debug: options.Debug = False,
) -> None:
    """Judge a finished film: its sound, narration, captions and pictures. Exit code 76 when something fails.

    [dim]Example:[/]  kamishibai check film/lantern --json
    """
    from kamishibai.cli.console import screen
    from kamishibai.cli.json_lines import write_line
    from kamishibai.cli.progress import Quiet
    from kamishibai.cli.run import run, view_for
    from kamishibai.errors import FailedGateError

    settings: dict[str, Any] = {
        "ear": ear, "eye": eye, "critic": critic, "options": options.model_options(options_) or None, "cache": cache, "thresholds": options.thresholds(thresholds) or None,
    }  # fmt: skip

    def work(listen: Any, stop: Any) -> Scorecard:
        from kamishibai.studio import Studio

        return Studio(listen=listen, stop=stop, **settings).check_film(film, story, gates=gates or ())

    from kamishibai.cli.console import side

    found = run(work, Quiet(side()) if json else view_for(json=False, quiet=False))
    if json:
        write_line(found.model_dump(mode="json"))
    else:
        _card(found, screen())
    if not found.passed:
        raise typer.Exit(FailedGateError.exit_code)


def _card(found: Scorecard, console: Console) -> None:
    """Print the scorecard: one row a gate, what failed under it, and what nobody judged."""
    from rich.table import Table
    from rich.text import Text

    from kamishibai.cli.console import clean, facts_table, minutes, notes_lines

    made = "made by Kamishibai" if found.ours else "made elsewhere"
    rows = [
        ("film", str(found.film)),
        ("length", f"{minutes(found.seconds)}, {found.width}×{found.height}, {made}"),
    ]
    console.print(facts_table(rows))
    console.print()
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("gate", "verdict", "judged", "measured"):
        table.add_column(name, overflow="fold")
    for gate in dict.fromkeys(v.gate for v in found.verdicts):
        mine = [v for v in found.verdicts if v.gate == gate]
        failed = sum(not v.passed for v in mine)
        verdict = Text("failed", style="bold red") if failed else Text("passed", style="green")
        count = str(len(mine)) if len(mine) == 1 else f"{len(mine) - failed} of {len(mine)} pass"
        table.add_row(gate, verdict, count, Text(clean(_figures(mine))))
        for fault in _faults(mine):
            table.add_row("", "", "", Text(clean(fault), style="red"))
    for one in found.not_judged:
        table.add_row(one.gate, Text("not judged", style="yellow"), "", Text(clean(one.why), style="dim"))
    console.print(table)
    for line in notes_lines(found.notes):
        console.print(line)


def _figures(verdicts: Iterable[Verdict]) -> str:
    """Return the median of every figure that was measured, with its name."""
    import statistics

    values: dict[str, list[float]] = {}
    for verdict in verdicts:
        for name, value in verdict.measured.items():
            if isinstance(value, (int, float)):
                values.setdefault(name, []).append(float(value))
    return ", ".join(f"{name} {statistics.median(found):.4g}" for name, found in values.items())


def _faults(verdicts: Iterable[Verdict]) -> list[str]:
    return [
        f"{verdict.scene}: {fault}" if verdict.scene else fault
        for verdict in verdicts
        if not verdict.passed
        for fault in verdict.faults
    ]
