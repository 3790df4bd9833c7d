"""doctor: whether this machine can make films, and what to do where it cannot."""

from __future__ import annotations

from pathlib import Path

import typer

from kamishibai.cli import options

__all__ = ["doctor"]

MARKS = {"ok": ("ok", "green"), "warn": ("warn", "yellow"), "problem": ("FAIL", "bold red")}


def doctor(
    cache: options.Cache = None,
    json: options.OneJson = False,
    debug: options.Debug = False,
) -> None:
    """Check this machine: Python, memory, disk, packages, models, fonts. Ends with 1 when something is broken.

    [dim]Example:[/]  kamishibai doctor
    """
    from rich.text import Text

    from kamishibai.cli.console import clean, facts_table, screen
    from kamishibai.cli.json_lines import write_line
    from kamishibai.studio import Studio

    checks = Studio(cache=cache).check(Path.cwd())
    problems = sum(check.state == "problem" for check in checks)
    warnings = sum(check.state == "warn" for check in checks)
    if json:
        write_line({"problems": problems, "checks": [check.model_dump(mode="json") for check in checks]})
        raise typer.Exit(1 if problems else 0)
    console = screen()
    rows = []
    for check in checks:
        word, style = MARKS[check.state]
        line = Text.assemble((f"{word:<4}  ", style), clean(check.found))
        if check.hint and check.state != "ok":
            line.append(f"\n      {clean(check.hint)}", style="cyan")
        rows.append((check.name, line))
    console.print(facts_table(rows))
    console.print()
    if problems:
        console.print(
            Text(f"{problems} problem{'s' if problems > 1 else ''} to mend before a film can be made.", "red")
        )
        raise typer.Exit(1)
    also = f" {warnings} thing{'s' if warnings > 1 else ''} could be better." if warnings else ""
    console.print(Text(f"This machine can make films.{also}", style="bold"))
