"""cache: what is stored, for which films, and how to check, mend and clean it."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kamishibai.cli import options
from kamishibai.cli.options import flag, option
from kamishibai.errors import BusyProjectError, DamagedError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from kamishibai.cleaning import CheckUp, Cleaned, Use

__all__ = ["cache"]

MOST_SHOWN = 20

cache = typer.Typer(
    name="cache",
    help="Look into the cache that all films share, check it, mend it, and make it smaller.\n\n"
    "[dim]Examples:[/]  kamishibai cache size      kamishibai cache ls      kamishibai cache verify --repair"
    "      kamishibai cache gc --dry-run",
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@cache.command("size")
def size(cache: options.Cache = None, json: options.OneJson = False, debug: options.Debug = False) -> None:
    """Say how much is stored, by whom it was made and how long that took.

    [dim]Example:[/]  kamishibai cache size
    """
    use = _use(cache)
    if json:
        _write(use)
        return
    from rich.table import Table
    from rich.text import Text

    from kamishibai.cli.console import clean, facts_table, minutes, next_lines, screen

    console = screen()
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("made by")
    for name in ("results", "size", "took"):
        table.add_column(name, justify="right")
    for maker in use.makers:
        row = (clean(maker.maker), f"{maker.results:,}", _bytes(maker.size), minutes(maker.seconds))
        table.add_row(*(Text(text) for text in row))
    if use.makers:
        console.print(table)
        console.print()
    unused = (
        f"{_bytes(use.unused.size)} in {use.unused.results:,} results, {minutes(use.unused.seconds)} of work"
    )
    console.print(
        facts_table(
            [
                ("folder", str(use.folder)),
                ("stored", f"{_bytes(use.size)} in {use.results:,} results, {minutes(use.seconds)} of work"),
                ("of no film", unused),
                ("rest", f"{_bytes(use.rest)} unfinished, damaged or orphaned"),
            ]
        )
    )
    console.print()
    console.print(next_lines([("kamishibai cache gc --dry-run", "says what could be deleted")]))


@cache.command("ls")
def ls(cache: options.Cache = None, json: options.OneJson = False, debug: options.Debug = False) -> None:
    """List the projects whose results are stored.

    [dim]Example:[/]  kamishibai cache ls
    """
    use = _use(cache)
    if json:
        _write(use)
        return
    from rich.table import Table
    from rich.text import Text

    from kamishibai.cli.console import clean, minutes, screen

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("project", overflow="fold")
    for name in ("results", "size", "took"):
        table.add_column(name, justify="right")
    for project in use.projects:
        name = str(project.folder) + ("" if project.there else " (gone)")
        row = (clean(name), f"{project.results:,}", _bytes(project.size), minutes(project.seconds))
        table.add_row(*(Text(text) for text in row))
    row = ("no project", f"{use.unused.results:,}", _bytes(use.unused.size), minutes(use.unused.seconds))
    table.add_row(*(Text(text, style="dim") for text in row))
    screen().print(table)


@cache.command("gc")
def gc(
    dry_run: Annotated[bool, flag("--dry-run", "-n", help="Delete nothing, only say what would be.")] = False,
    yes: Annotated[bool, flag("--yes", "-y", help="Do not ask.")] = False,
    unused_days: Annotated[
        float, option("--unused-days", metavar="N", help="Only what was not used for N days.", min=0)
    ] = 0,
    max_gb: Annotated[
        float | None,
        option(
            "--max-gb",
            metavar="N",
            help="Only until N gigabytes are left; what was used longest ago goes first.",
            min=0,
        ),
    ] = None,
    cache: options.Cache = None,
    json: options.OneJson = False,
    debug: options.Debug = False,
) -> None:
    """Delete results that no project refers to, and what killed runs left unfinished.

    Nothing that a film in a project folder, a take made by hand or a film under way is made from is deleted.

    [dim]Example:[/]  kamishibai cache gc --dry-run
    """
    from kamishibai.studio import Studio

    studio = Studio(**_settings(cache))
    found = studio.cache_clean(unused_days=unused_days, most_gb=max_gb, dry=True)
    if dry_run:
        _tell_cleaned(found, json=json)
        return
    if not (found.size or found.results):
        # The marks of dead runs go all the same, unless somebody is at work.
        with contextlib.suppress(BusyProjectError):
            studio.cache_clean(unused_days=unused_days, most_gb=max_gb)
        _tell_cleaned(found, json=json)
        return
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError(
                "deleting results needs a yes", hint="add --yes, or --dry-run to see what would go"
            )
        _tell_cleaned(found, json=False)
        typer.confirm("Delete them?", abort=True)
    _tell_cleaned(studio.cache_clean(unused_days=unused_days, most_gb=max_gb), json=json)


@cache.command("verify")
def verify(
    repair: Annotated[
        bool, flag("--repair", help="Make again what is damaged or missing, with the models it was made by.")
    ] = False,
    cache: options.Cache = None,
    json: options.OneJson = False,
    debug: options.Debug = False,
) -> None:
    """Read every stored file, and every film that was made from them, and compare it with its digest.

    What is damaged is set aside; the next film that needs it makes it again, or `--repair` does so at once.
    Exit code 74: damage was found and not mended.

    [dim]Example:[/]  kamishibai cache verify --repair
    """
    from kamishibai.cli.run import run, view_for
    from kamishibai.studio import Studio

    def work(listen: Any, stop: Any) -> CheckUp:
        return Studio(listen=listen, stop=stop, **_settings(cache)).cache_verify(repair=repair)

    found = run(work, view_for(json=False, quiet=True))
    if json:
        _write(found)
    else:
        from kamishibai.cli.console import screen

        _tell_verified(found, screen())
    count = len(found.damaged) + len(found.films)
    if count and not repair:
        raise DamagedError(
            "one stored file is damaged or missing"
            if count == 1
            else f"{count} stored files are damaged or missing",
            where=str(found.folder),
            kept="all others; the damaged ones are set aside in its folder damaged",
            hint="`kamishibai cache verify --repair` makes them again",
        )
    lost = [one for one in found.mended if not one.mended]
    if lost:
        raise DamagedError(
            f"{len(lost)} stored results could not be made again",
            where=str(found.folder),
            kept="all others; the damaged files are set aside in its folder damaged",
            hint="`kamishibai make PROJECT` makes what a film needs of them",
        )


def _settings(cache: Any) -> dict[str, Any]:
    return {} if cache is None else {"cache": cache}


def _use(cache: Any) -> Use:
    from kamishibai.studio import Studio

    return Studio(**_settings(cache)).cache_use()


def _write(value: Any) -> None:
    from kamishibai.cli.json_lines import write_line

    write_line(value.model_dump(mode="json"))


def _bytes(size: int) -> str:
    """Return a size that a person reads at once."""
    for unit, of in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= of:
            return f"{size / of:.1f} {unit}"
    return f"{size} bytes"


def _tell_cleaned(found: Cleaned, *, json: bool) -> None:
    if json:
        _write(found)
        return
    from kamishibai.cli.console import facts_table, minutes, notes_lines, screen

    console = screen()
    verb = "deleted" if found.done else "would go"
    rows = [
        ("folder", str(found.folder)),
        (
            verb,
            f"{_bytes(found.size)}: {found.results:,} results that took {minutes(found.seconds)} to make, "
            f"and {_bytes(found.rest)} of unfinished and damaged files",
        ),
        ("stays", f"{_bytes(found.kept_size)} in {found.kept:,} results"),
    ]
    console.print(facts_table(rows))
    for line in notes_lines([f"{folder} is not there any more" for folder in found.gone]):
        console.print(line)


def _tell_verified(found: CheckUp, console: Console) -> None:
    from kamishibai.cli.console import facts_table, notes_lines

    mended = [one for one in found.mended if one.mended]
    rows = [
        ("folder", str(found.folder)),
        ("read", f"{_bytes(found.size)} in {found.results:,} results and {found.blobs:,} files"),
        ("damaged", str(len(found.damaged) + len(found.films)) if not found.whole else "nothing"),
    ]
    if found.mended:
        same = sum(one.same for one in mended)
        rows.append(("made again", f"{len(mended)} results, {same} of them with the very bytes they had"))
    console.print(facts_table(rows))
    notes = [f"{damage.path}: {damage.why}" for damage in found.damaged]
    notes += [f"{path}: not what was written; `kamishibai make` writes it anew" for path in found.films]
    notes += [
        f"{one.maker} could not make its result again: {one.why}" for one in found.mended if not one.mended
    ]
    for line in notes_lines(notes[:MOST_SHOWN]):
        console.print(line)
    if len(notes) > MOST_SHOWN:
        console.print(f"… and {len(notes) - MOST_SHOWN} more")
