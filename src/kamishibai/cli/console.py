"""What the commands print with: what a story says is shown literally, and never reaches the terminal as a command."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from kamishibai.errors import KamishibaiError

__all__ = [
    "clean", "error_panel", "facts_table", "minutes", "next_lines", "notes_lines", "report_error",
    "screen", "side",
]  # fmt: skip

# C0 and DEL become their visible pictures, C1 and overriding bidi marks a replacement character: an escape
# sequence in a story must neither move the cursor nor disguise what stands beside it.
_VISIBLE = {code: 0x2400 + code for code in range(0x20) if code not in (0x0A,)}
_VISIBLE |= {0x09: 0x20, 0x7F: 0x2421}
_VISIBLE |= dict.fromkeys([*range(0x80, 0xA0), 0x202D, 0x202E, 0x2028, 0x2029], 0xFFFD)


def clean(text: str) -> str:
    """Return `text` with everything a terminal would obey made visible instead; newlines stay."""
    return text.translate(_VISIBLE)


PIPE_WIDTH = 160
"""Columns when nobody's terminal is at the other end: wide enough that paths stay whole."""


def screen() -> Console:
    """Return a console on standard output, for results."""
    return _console(stderr=False)


def side() -> Console:
    """Return a console on standard error, for progress, notes and errors."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PIPE_WIDTH
    return console


def minutes(seconds: float) -> str:
    """Return a length a person reads at once: ``8.4 s``, ``3 min 05 s``, ``1 h 02 min``."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def facts_table(rows: Iterable[tuple[str, RenderableType]]) -> Table:
    """Return a borderless table of names and values; a `str` value is shown literally."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, Text(clean(value)) if isinstance(value, str) else value)
    return table


def notes_lines(notes: Sequence[str]) -> list[Text]:
    """Return one line a note."""
    return [Text.assemble(("note  ", "yellow"), clean(note)) for note in dict.fromkeys(notes)]


def next_lines(commands: Sequence[tuple[str, str]]) -> Table:
    """Return the next commands to type, each with what it does."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold cyan", overflow="fold")
    table.add_column(style="dim", overflow="fold")
    for command, does in commands:
        table.add_row(Text(clean(command)), Text(clean(does)))
    return table


def error_panel(error: KamishibaiError) -> Panel:
    """Return what happened, where, what was kept and what to type next, in a frame."""
    parts: list[Any] = [Text(clean(error.what), style="bold")]
    rows = [(name, value) for name, value in _lines(error) if value]
    if rows:
        parts.append(facts_table(rows))
    return Panel(Group(*parts), title="Stopped", title_align="left", border_style="red", padding=(0, 1))


def _lines(error: KamishibaiError) -> list[tuple[str, str | None]]:
    return [("where", error.where), ("kept", error.kept), ("next", error.hint)]


def report_error(error: KamishibaiError) -> None:
    """Tell an error on standard error: a panel on a terminal, plain lines in a log."""
    console = side()
    if console.is_terminal:
        console.print(error_panel(error))
        return
    console.print(f"error: {clean(error.what)}")
    for name, value in _lines(error):
        if value:
            console.print(f"  {name}: {clean(value)}")
