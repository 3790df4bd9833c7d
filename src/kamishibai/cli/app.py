"""The console command: its groups, its help and its exit codes. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import os
import sys
import traceback

import typer

from kamishibai import __version__, errors
from kamishibai.cli.cache import cache
from kamishibai.cli.check import check
from kamishibai.cli.compare import compare
from kamishibai.cli.doctor import doctor
from kamishibai.cli.make import board, make
from kamishibai.cli.models import models
from kamishibai.cli.pack import pack, unpack
from kamishibai.cli.plan import plan
from kamishibai.cli.rebuild import rebuild
from kamishibai.cli.retake import pick, retake, undo
from kamishibai.cli.show import show
from kamishibai.cli.try_ import try_
from kamishibai.cli.write import write
from kamishibai.errors import KamishibaiError

__all__ = ["app", "main"]

EXIT_CODES = {
    0: "All is well.",
    1: "`doctor` found a problem, or a stop without a code of its own.",
    errors.UsageError.exit_code: "A command, option or setting that cannot be right.",
    errors.DocumentError.exit_code: "A story or storyboard that cannot be read.",
    errors.UnknownModelError.exit_code: "A model that is not there, or cannot do what is asked.",
    errors.ModelError.exit_code: "A model or the program itself failed.",
    errors.MediaError.exit_code: "A file cannot be read or written.",
    errors.BusyProjectError.exit_code: "Another process is making this film.",
    errors.FailedGateError.exit_code: "`check` found a film that fails one of its gates.",
    errors.Cancelled.exit_code: "Stopped with Ctrl-C; finished work is kept.",
}
"""Every exit code of the command, and what it means."""

app = typer.Typer(
    name="kamishibai",
    help="A short story goes in, a narrated, illustrated, animated, scored and captioned film comes out.",
    epilog="[dim]First film:[/]  kamishibai make story.md\n\n[dim]Exit codes:[/]\n"
    + "\n".join(f"{code:>4}  {meaning}" for code, meaning in EXIT_CODES.items()),
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


@app.callback()
def _start() -> None:
    pass


app.command("write")(write)
app.command("make")(make)
app.command("board")(board)
app.command("plan")(plan)
app.command("retake")(retake)
app.command("pick")(pick)
app.command("undo")(undo)
app.command("show")(show)
app.command("pack")(pack)
app.command("unpack")(unpack)
app.command("rebuild")(rebuild)
app.command("try")(try_)
app.command("compare")(compare)
app.command("check")(check)
app.add_typer(models, name="models")
app.add_typer(cache, name="cache")
app.command("doctor")(doctor)


@app.command()
def version() -> None:
    """Print the version.

    [dim]Example:[/]  kamishibai version
    """
    typer.echo(f"kamishibai {__version__}")


def main() -> None:
    """Run the command line, and end the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a letter shows another; it does not end the film.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        code = _run()
    except BrokenPipeError:
        # The reader of our output has gone (`kamishibai … | head`): nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = 1
    if "kamishibai.cli.run" in sys.modules:
        from kamishibai.cli.run import leave

        leave(code)
    sys.exit(code)


def _run() -> int:
    try:
        app()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except KamishibaiError as error:
        return _failed(error)
    except KeyboardInterrupt:
        return errors.Cancelled.exit_code
    except BrokenPipeError:
        raise
    except Exception as error:
        return _unexpected(error)
    return 0


def _failed(error: KamishibaiError) -> int:
    from kamishibai.cli.console import report_error

    if "--debug" in sys.argv:
        traceback.print_exception(error)
    report_error(error)
    if "--json" in sys.argv:
        from kamishibai.cli.json_lines import JsonLines

        JsonLines().failed(error)
    return error.exit_code


def _unexpected(error: Exception) -> int:
    if "--debug" in sys.argv:
        traceback.print_exception(error)
    from kamishibai.errors import ModelError

    name = type(error).__name__
    wrapped = ModelError(
        f"sorry, this is a fault of Kamishibai: {name}: {error}",
        kept="everything that was finished",
        hint="add --debug to see where, and report it please",
    )
    return _failed(wrapped)
