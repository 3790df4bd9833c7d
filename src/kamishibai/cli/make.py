"""make and board: from a story to a storyboard and to a film."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kamishibai.cli import options
from kamishibai.cli.options import Aspect, Captions, Quality

if TYPE_CHECKING:
    from kamishibai.studio import FilmFiles, StudioBoard

__all__ = ["board", "make"]


def _model(kind: str, what: str, off: bool = False) -> Any:
    none = f", or none for a film without {off}" if off else ""
    return typer.Option(
        f"--{kind}", metavar="ID", help=f"Who {what}{none}.", show_default=False, rich_help_panel="Models"
    )


def make(
    story: options.Story,
    out: options.Out = None,
    aspect: Annotated[
        Aspect | None,
        typer.Option(
            "--aspect", help="Shape of the frame. Default: the storyboard's, else 16:9.", show_default=False
        ),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(
            "--size",
            metavar="PX",
            help="Shorter side of the frame, 144 to 2160. Default: 1080.",
            show_default=False,
        ),
    ] = None,
    fps: Annotated[
        str | None,
        typer.Option(
            "--fps",
            metavar="N",
            help="Frames a second, such as 25 or 30000/1001. Default: 30.",
            show_default=False,
        ),
    ] = None,
    quality: Annotated[
        Quality | None,
        typer.Option("--quality", help="draft is quick, best is slow. Default: good.", show_default=False),
    ] = None,
    captions: Annotated[
        Captions | None,
        typer.Option(
            "--captions",
            help="In the picture, as a track to switch on, both, or none. Default: both. SRT and VTT files are always written.",
            show_default=False,
        ),
    ] = None,
    titles: Annotated[
        bool | None,
        typer.Option(
            "--titles/--no-titles", help="Title card and credits. Default: with them.", show_default=False
        ),
    ] = None,
    seed: options.Seed = None,
    text: Annotated[str | None, _model("text", "plans the storyboard")] = None,
    picture: Annotated[str | None, _model("picture", "draws")] = None,
    motion: Annotated[str | None, _model("motion", "moves the pictures")] = None,
    voice: Annotated[str | None, _model("voice", "speaks", "narration")] = None,
    music: Annotated[str | None, _model("music", "composes", "music")] = None,
    sound: Annotated[str | None, _model("sound", "makes the sounds", "sounds")] = None,
    ear: Annotated[str | None, _model("ear", "checks the narration", "this check")] = None,
    option: options.Options = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=0,
            max=256,
            metavar="N",
            help="Processes to work in. Default: one a core.",
            show_default=False,
        ),
    ] = None,
    cache: options.Cache = None,
    replan: options.Replan = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Make the film of a story.

    What is current is not made again: stop it at any time, edit a line, and run the same command.

    [dim]Example:[/]  kamishibai make story.md --aspect 9:16 --music none
    """
    from kamishibai.cli.console import clean, screen
    from kamishibai.cli.json_lines import JsonLines
    from kamishibai.cli.run import run, view_for
    from kamishibai.cli.summary import film_summary

    settings = {
        "text": text, "picture": picture, "motion": motion, "voice": voice, "music": music, "sound": sound,
        "ear": ear, "options": options.model_options(option) or None, "aspect": aspect and aspect.value,
        "size": size, "fps": fps, "quality": quality and quality.value,
        "captions": captions and captions.value, "titles": titles, "workers": workers, "cache": cache,
        "seed": seed,
    }  # fmt: skip
    data = options.standard_input(story)

    def work(listen: Any, stop: Any) -> FilmFiles:
        from kamishibai.studio import Studio

        return Studio(listen=listen, stop=stop, **settings).make(story, out, text=data, replan=replan)

    view = view_for(json=json, quiet=quiet)
    films = run(work, view)
    if isinstance(view, JsonLines):
        view.result(films.model_dump(mode="json"))
    elif quiet:
        screen().print(clean(str(films.film)), soft_wrap=True)
    else:
        film_summary(films, screen())


def board(
    story: options.Story,
    out: options.Out = None,
    text: Annotated[str | None, _model("text", "plans the storyboard")] = None,
    option: options.Options = None,
    cache: options.Cache = None,
    replan: options.Replan = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Plan the storyboard of a story and stop there, so that you can edit it.

    [dim]Example:[/]  kamishibai board story.md --out film/story
    """
    from kamishibai.cli.console import clean, screen
    from kamishibai.cli.json_lines import JsonLines
    from kamishibai.cli.run import run, view_for
    from kamishibai.cli.summary import board_summary

    settings = {"text": text, "options": options.model_options(option) or None, "cache": cache, "workers": 0}
    data = options.standard_input(story)

    def work(listen: Any, stop: Any) -> StudioBoard:
        from kamishibai.studio import Studio

        return Studio(listen=listen, stop=stop, **settings).board(story, out, text=data, replan=replan)

    view = view_for(json=json, quiet=quiet)
    planned = run(work, view)
    path = planned.folder / "storyboard.yaml"
    if isinstance(view, JsonLines):
        view.result(
            {
                "storyboard": str(path),
                "edited": planned.edited,
                "notes": list(planned.notes),
                "board": planned.board.model_dump(mode="json", by_alias=True),
            }
        )
    elif quiet:
        screen().print(clean(str(path)), soft_wrap=True)
    else:
        board_summary(planned, screen())
