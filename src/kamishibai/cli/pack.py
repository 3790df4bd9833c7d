"""pack and unpack: a project in one file, for another machine or another person."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kamishibai.cli import options
from kamishibai.cli.options import flag, option

if TYPE_CHECKING:
    from kamishibai.packing import Packed
    from kamishibai.unpacking import Unpacked

__all__ = ["pack", "unpack"]


def pack(
    project: Annotated[Path, typer.Argument(metavar="PROJECT", help="A project folder.", show_default=False)],
    out: Annotated[
        Path | None,
        option("--out", "-o", metavar="FILE", help="The archive. Default: NAME.kamishibai, here."),
    ] = None,
    results: Annotated[
        bool,
        option(
            "--results/--no-results",
            help="Take along what the film was made from, so that nothing is made again elsewhere. Default: with it.",
            metavar="",
        ),
    ] = True,
    force: Annotated[bool, flag("--force", help="Write over a file that is there already.")] = False,
    cache: options.Cache = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Pack a project into one file: storyboard, settings, film, your own pictures, and the results behind it.

    Nothing of this machine goes with it: no path, no cache, no name of a folder outside the project.

    [dim]Example:[/]  kamishibai pack film/lantern
    """
    from kamishibai.cli.console import clean, facts_table, next_lines, notes_lines, screen
    from kamishibai.cli.json_lines import JsonLines
    from kamishibai.cli.run import run, view_for

    def work(listen: Any, stop: Any) -> Packed:
        from kamishibai.studio import Studio

        return Studio(listen=listen, stop=stop, cache=cache).pack(project, out, results=results, force=force)

    view = view_for(json=json, quiet=quiet)
    packed = run(work, view)
    if isinstance(view, JsonLines):
        view.result(packed.model_dump(mode="json"))
        return
    console = screen()
    if quiet:
        console.print(clean(str(packed.path)), soft_wrap=True)
        return
    rows = [
        ("archive", str(packed.path)),
        ("title", packed.title),
        ("holds", f"{packed.entries:,} files, {packed.results:,} results, {packed.size / 1e6:,.1f} MB"),
    ]
    console.print(facts_table(rows))
    for line in notes_lines(packed.notes):
        console.print(line)
    console.print()
    command = f"kamishibai unpack {shlex.quote(packed.path.name)}"
    console.print(next_lines([(command, "on another machine; then `kamishibai make` goes on from there")]))


def unpack(
    archive: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="What `kamishibai pack` wrote.", show_default=False),
    ],
    out: Annotated[
        Path | None,
        option("--out", "-o", metavar="DIR", help="The project folder, new or empty. Default: film/NAME."),
    ] = None,
    max_size: Annotated[
        float, option("--max-size", metavar="GB", help="What it may take at most. Default: 64.", min=0)
    ] = 64.0,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Unpack a project that was packed, here or elsewhere. All of it is checked before anything is written.

    The results that come with it serve this project alone: they never reach the cache of your other films.

    [dim]Example:[/]  kamishibai unpack lantern.kamishibai
    """
    from kamishibai.cli.console import clean, facts_table, next_lines, notes_lines, screen
    from kamishibai.cli.json_lines import JsonLines
    from kamishibai.cli.run import run, view_for

    def work(listen: Any, stop: Any) -> Unpacked:
        from kamishibai.studio import Studio

        return Studio(listen=listen, stop=stop).unpack(archive, out, max_gb=max_size)

    view = view_for(json=json, quiet=quiet)
    unpacked = run(work, view)
    if isinstance(view, JsonLines):
        view.result(unpacked.model_dump(mode="json"))
        return
    console = screen()
    if quiet:
        console.print(clean(str(unpacked.folder)), soft_wrap=True)
        return
    rows = [
        ("project", str(unpacked.folder)),
        ("title", unpacked.title),
        ("film", str(unpacked.film) if unpacked.film is not None else "not made yet"),
        ("holds", f"{unpacked.entries:,} files, {unpacked.results:,} results, {unpacked.size / 1e6:,.1f} MB"),
    ]
    console.print(facts_table(rows))
    for line in notes_lines(unpacked.notes):
        console.print(line)
    console.print()
    folder = shlex.quote(str(unpacked.folder))
    console.print(
        next_lines(
            [
                (f"kamishibai show {folder}", "what the film was made from"),
                (f"kamishibai make {folder}", "goes on from there; nothing that came with it is made again"),
            ]
        )
    )
