"""write: a story from an idea or from a picture, by a language model; the file is ready for `make`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from kamishibai.cli import options
from kamishibai.cli.options import FILM, MODELS, RUNNING, flag, model_option, option
from kamishibai.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from kamishibai.studio import FilmFiles
    from kamishibai.writing import Written

__all__ = ["write"]


def write(
    idea: Annotated[
        str | None,
        option("--idea", metavar="TEXT", help="What the story is about; - reads standard input.", panel=FILM),
    ] = None,
    image: Annotated[
        Path | None,
        option(
            "--from-image",
            metavar="PICTURE",
            help="Tell the story of a picture; who is seen in it becomes the main character.",
            panel=FILM,
        ),
    ] = None,
    lines: Annotated[
        int,
        option("--lines", metavar="N", help="How many; each is one scene. Default: 4.", panel=FILM),
    ] = 4,
    language: Annotated[
        str | None,
        option("--language", metavar="CODE", help="en, pt-BR … Default: the idea's, else en.", panel=FILM),
    ] = None,
    out: Annotated[
        Path | None,
        option("--out", "-o", metavar="FILE", help="Where the story goes. Default: named after its title."),
    ] = None,
    force: Annotated[bool, flag("--force", help="Write over files that are there already.")] = False,
    make: Annotated[bool, flag("--make", help="Make the film of it at once, as `make` would.")] = False,
    seed: options.Seed = None,
    text: Annotated[str | None, model_option("text", "writes, such as transformers:NAME")] = None,
    critic: Annotated[str | None, model_option("critic", "looks at the picture, such as llava:NAME")] = None,
    options_: options.Options = None,
    commercial_safe: Annotated[
        bool | None,
        flag(
            "--commercial-safe",
            help="Refuse, before any work, models whose licence forbids commercial use or is not known.",
            panel=MODELS,
        ),
    ] = None,
    offline: Annotated[
        bool | None,
        flag("--offline", help="Never touch the network. Writing never does.", panel=RUNNING),
    ] = None,
    cache: options.Cache = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Write a story with a language model, from an idea or from a picture.

    [dim]Examples:[/]

    kamishibai write --idea "a snail who wants to fly" --text transformers:qwen2.5-1.5b

    kamishibai write --from-image cat.jpg --critic llava:NAME --text transformers:NAME --make
    """
    from kamishibai.cli.console import clean, screen
    from kamishibai.cli.json_lines import JsonLines
    from kamishibai.cli.run import run, view_for
    from kamishibai.cli.summary import film_summary

    settings: dict[str, Any] = {
        "text": text, "critic": critic, "seed": seed, "options": options.model_options(options_) or None,
        "commercial_safe": commercial_safe, "offline": offline, "cache": cache,
    }  # fmt: skip
    told = _idea(idea)

    def work(listen: Any, stop: Any) -> tuple[Written, FilmFiles | None]:
        from kamishibai.studio import Studio

        studio = Studio(listen=listen, stop=stop, **settings)
        written = studio.write(told, out, image=image, lines=lines, language=language, force=force)
        return written, studio.make(written.path) if make else None

    view = view_for(json=json, quiet=quiet)
    written, film = run(work, view)
    if isinstance(view, JsonLines):
        beside = {} if film is None else {"film": film.model_dump(mode="json")}
        view.result({**written.model_dump(mode="json"), **beside})
    elif quiet:
        screen().print(clean(str(film.film if film else written.path)), soft_wrap=True)
    else:
        story_summary(written, screen(), show_next=film is None)
        if film is not None:
            film_summary(film, screen(), view.told)


def _idea(given: str | None) -> str:
    """Return the idea, from standard input when it is ``-``. Raises UsageError for bytes that are no text."""
    if given is None:
        return ""
    data = options.standard_input(given)
    try:
        return given if data is None else data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(
            "the idea on standard input is no UTF-8 text", hint="give it as words: --idea TEXT"
        ) from error


def story_summary(written: Written, console: Console, *, show_next: bool) -> None:
    """Show a story, and tell where it lies and what comes next."""
    from rich.text import Text

    from kamishibai.cli.console import clean, facts_table, next_lines, notes_lines

    console.print(Text(clean(written.title), style="bold"), soft_wrap=True)
    console.print()
    for line in written.lines:
        console.print(Text(clean(line)), soft_wrap=True)
    console.print()
    rows: list[Any] = [("saved", str(written.path)), ("by", ", ".join(written.models))]
    rows += [("seen", clean(written.caption))] if written.caption else []
    rows += [("picture", f"{written.picture}, what the main character looks like")] if written.picture else []
    rows += [("language", written.language), ("seed", f"{written.seed}; another number gives another story")]
    console.print(facts_table(rows))
    for note in notes_lines(written.notes):
        console.print(note)
    if show_next:
        console.print()
        path = shlex.quote(str(written.path))
        console.print(
            next_lines([(f"kamishibai make {path}", "makes the film; edit the story first if you like")])
        )
