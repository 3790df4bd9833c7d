"""compare: several models on the same scenes, side by side on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from kamishibai.cli import options
from kamishibai.cli.options import FILM, MODELS, RUNNING, Aspect, Quality, flag, ids_like, option

if TYPE_CHECKING:
    from rich.console import Console

    from kamishibai.exports.comparison import Comparison

__all__ = ["compare"]


def compare(
    story: options.Story,
    out: options.Out = None,
    scene: Annotated[
        list[str] | None,
        option("--scene", metavar="ID", help="A scene, such as s02. Can be given again. Default: the first."),
    ] = None,
    picture: Annotated[
        list[str] | None,
        option(
            "--picture",
            metavar="ID",
            help="A model that draws. Can be given again.",
            panel=MODELS,
            autocompletion=ids_like("picture"),
        ),
    ] = None,
    motion: Annotated[
        list[str] | None,
        option(
            "--motion",
            metavar="ID",
            help="A model that moves pictures, those of the first --picture. Can be given again.",
            panel=MODELS,
            autocompletion=ids_like("motion"),
        ),
    ] = None,
    eye: Annotated[
        str | None,
        option(
            "--eye",
            metavar="ID",
            help="Who scores them, such as clip:FOLDER. Default: nobody.",
            panel=MODELS,
            autocompletion=ids_like("eye"),
        ),
    ] = None,
    options_: options.Options = None,
    commercial_safe: Annotated[
        bool | None,
        flag(
            "--commercial-safe",
            help="Refuse, before any work, models whose licence forbids commercial use or is not known.",
            panel=MODELS,
        ),
    ] = None,
    count: Annotated[
        int, option("--count", metavar="N", help="Takes of each model. Default: 1.", min=1, max=16)
    ] = 1,
    aspect: Annotated[Aspect | None, option("--aspect", help="Shape of the frame.", panel=FILM)] = None,
    size: Annotated[
        int | None,
        option("--size", metavar="PX", help="Shorter side of the frame.", panel=FILM, min=144, max=2160),
    ] = None,
    seconds: Annotated[
        str | None, option("--seconds", metavar="N", help="Length of a clip. Default: 3.", panel=FILM)
    ] = None,
    fps: Annotated[
        str | None, option("--fps", metavar="N", help="Frames a second of a clip.", panel=FILM)
    ] = None,
    quality: Annotated[
        Quality | None, option("--quality", help="How well a clip is encoded.", panel=FILM)
    ] = None,
    seed: options.Seed = None,
    workers: Annotated[
        int | None,
        option("--workers", metavar="N", help="0 works in one process.", panel=RUNNING, min=0, max=256),
    ] = None,
    cache: options.Cache = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Compare models: the same scenes, words and seeds, with times, memory, licences and scores on one page.

    [dim]Example:[/]  kamishibai compare story.md --scene s02 --picture diffusers:sd15 --picture diffusers:sdxl
    """
    from kamishibai.cli.console import clean, screen
    from kamishibai.cli.json_lines import JsonLines
    from kamishibai.cli.run import run, view_for

    settings: dict[str, Any] = {
        "aspect": aspect and aspect.value, "size": size, "fps": fps, "quality": quality and quality.value,
        "seed": seed, "options": options.model_options(options_) or None, "workers": workers, "cache": cache,
        "commercial_safe": commercial_safe,
    }  # fmt: skip
    data = options.standard_input(story)

    def work(listen: Any, stop: Any) -> Comparison:
        from kamishibai.studio import Studio
        from kamishibai.wishes import read_wish

        return Studio(listen=listen, stop=stop, **settings).compare(
            story,
            picture or (),
            motion or (),
            scenes=scene or (),
            count=count,
            seconds=read_wish({"seconds": seconds}).seconds,
            eye=eye,
            out=out,
            text=data,
        )

    view = view_for(json=json, quiet=quiet)
    found = run(work, view)
    if isinstance(view, JsonLines):
        view.result(found.model_dump(mode="json"))
    elif quiet:
        screen().print(clean(str(found.page)), soft_wrap=True)
    else:
        _summary(found, screen())


def _summary(found: Comparison, console: Console) -> None:
    """Tell what each model took, and where the page is."""
    from rich.table import Table
    from rich.text import Text

    from kamishibai.cli.console import clean, facts_table
    from kamishibai.exports.comparison import summary

    for heads, rows in summary(found):
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        for head in ("model", *(head.lower() for head in heads)):
            table.add_column(head, overflow="fold")
        for entrant, cells in rows:
            table.add_row(
                Text(clean(entrant.id), style="red" if entrant.error else ""),
                *(Text(cell.text, style="bold" if cell.best else "") for cell in cells),
            )
        console.print(table)
        console.print()
    for entrant in found.entrants:
        if entrant.error:
            console.print(Text(clean(f"{entrant.id}: {entrant.error}"), style="red"))
    console.print(facts_table([("page", str(found.page))]))
