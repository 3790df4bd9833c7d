"""make and board: from a story to a storyboard and to a film."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from kamishibai.cli import options
from kamishibai.cli.film_options import film_options
from kamishibai.cli.options import MODELS, flag, model_option

if TYPE_CHECKING:
    from kamishibai.studio import FilmFiles, StudioBoard

__all__ = ["board", "make"]


@film_options()
def make(
    story: options.StoryOrNone = None,
    out: options.Out = None,
    replan: options.Replan = False,
    settings: Any = None,
    update_lock: Annotated[
        bool,
        flag(
            "--update-lock",
            help="Accept other weights than those in the project's kamishibai.lock.",
            panel=MODELS,
        ),
    ] = False,
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

    data = options.standard_input(story)

    def work(listen: Any, stop: Any) -> FilmFiles:
        from kamishibai.studio import Studio

        studio = Studio(listen=listen, stop=stop, **settings)
        return studio.make(story, out, text=data, replan=replan, update_lock=update_lock)

    view = view_for(json=json, quiet=quiet)
    films = run(work, view)
    if isinstance(view, JsonLines):
        view.result(films.model_dump(mode="json"))
    elif quiet:
        screen().print(clean(str(films.film)), soft_wrap=True)
    else:
        film_summary(films, screen(), view.told)


def board(
    story: options.Story,
    out: options.Out = None,
    replan: options.Replan = False,
    text: Annotated[str | None, model_option("text", "plans the storyboard")] = None,
    options_: options.Options = None,
    cache: options.Cache = None,
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

    settings = {
        "text": text,
        "options": options.model_options(options_) or None,
        "cache": cache,
        "workers": 0,
    }
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
