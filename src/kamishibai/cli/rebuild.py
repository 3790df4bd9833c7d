"""rebuild: a film made again out of its own file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kamishibai.cli import options
from kamishibai.cli.film_options import film_options
from kamishibai.cli.options import MODELS, option

if TYPE_CHECKING:
    from kamishibai.rebuilding import Rebuilt

__all__ = ["rebuild"]

_OF_THE_FILM = (
    "aspect", "size", "fps", "quality", "captions", "titles", "seed", "text", "narration", "gates", "threshold", "retakes",
    "retake_minutes", "best_of", "motion_fallback",
)  # fmt: skip
"""What the recipe says and nobody else: with another size it would be another film."""


@film_options(*_OF_THE_FILM)
def rebuild(
    film: Annotated[
        Path, typer.Argument(metavar="FILM", help="A film that Kamishibai made.", show_default=False)
    ],
    out: Annotated[
        Path | None,
        option("--out", "-o", metavar="DIR", help="The new project folder. Default: film/NAME-again."),
    ] = None,
    narration: Annotated[
        Path | None,
        option("--narration", metavar="FILE", help="The recording that the film is cut to.", panel=MODELS),
    ] = None,
    pictures: Annotated[
        Path | None,
        option(
            "--pictures",
            metavar="DIR",
            help="Where your own pictures of the cast lie. Default: beside the film.",
            panel=MODELS,
        ),
    ] = None,
    settings: Any = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Make a film again out of the recipe that its file carries, and compare the two.

    Models by other names or folders than there are named with --picture, --voice and so on. What differs here, in
    versions or weights, is told first; at the end you read whether it is the same film.

    [dim]Example:[/]  kamishibai rebuild lantern.mp4 --out film/lantern-again
    """
    from kamishibai.cli.console import clean, notes_lines, screen
    from kamishibai.cli.json_lines import JsonLines
    from kamishibai.cli.run import run, view_for
    from kamishibai.cli.summary import film_summary

    def work(listen: Any, stop: Any) -> Rebuilt:
        from kamishibai.studio import Studio

        studio = Studio(listen=listen, stop=stop, **settings)
        return studio.rebuild(film, out, narration=narration, pictures=pictures)

    view = view_for(json=json, quiet=quiet)
    rebuilt = run(work, view)
    if isinstance(view, JsonLines):
        view.result(rebuilt.model_dump(mode="json"))
        return
    console = screen()
    if quiet:
        console.print(clean(str(rebuilt.files.film)), soft_wrap=True)
        return
    film_summary(rebuilt.files, console, view.told)
    console.print()
    console.print(clean(_verdict(rebuilt)))
    if rebuilt.same is False:
        for line in notes_lines(rebuilt.differences):
            console.print(line)


def _verdict(rebuilt: Rebuilt) -> str:
    if rebuilt.same:
        return "The same film: every frame and sample."
    if rebuilt.same is None:
        return "The first film does not say what its frames and sound were, so nobody can say whether this is the same."
    if rebuilt.differences:
        return "Not the same film, frame by frame. What is different here may be why:"
    return (
        "Not the same film, frame by frame, though program, models and weights are the same: the processor or a library "
        "counts otherwise here."
    )
