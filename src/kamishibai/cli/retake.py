"""retake, pick and undo: more takes of one scene, which one the film has, and the way back."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kamishibai.cli import options
from kamishibai.cli.film_options import film_options
from kamishibai.cli.options import flag, option

if TYPE_CHECKING:
    from rich.console import Console

    from kamishibai.retakes import TakesShown

__all__ = ["pick", "retake", "undo"]

Project = Annotated[
    str, typer.Argument(metavar="PROJECT", help="The project folder of a film.", show_default=False)
]
Scene = Annotated[
    str | None,
    typer.Argument(
        metavar="SCENE",
        help="A scene, such as s003; who is portrayed, for --kind portrait; nothing for --kind music.",
        show_default=False,
    ),
]
Kind = Annotated[
    str,
    option(
        "--kind",
        "-k",
        metavar="KIND",
        help="picture, voice, motion, sound, music or portrait. Default: picture.",
    ),
]
Make = Annotated[bool, flag("--make", help="Make the film again at once, as it was made last.")]


@film_options("seed", "text", "retakes", "best_of", "commercial_safe")
def retake(
    project: Project,
    scene: Scene = None,
    kind: Kind = "picture",
    seed: Annotated[
        int | None,
        option(
            "--seed",
            metavar="N",
            help="Seed of the first take; the next ones count up. Default: seeds that no take had.",
            min=0,
            max=2**32 - 1,
        ),
    ] = None,
    prompt: Annotated[
        str | None,
        option("--prompt", metavar="TEXT", help="In place of the storyboard's, for models that read words."),
    ] = None,
    count: Annotated[
        int, option("--count", "-n", metavar="N", help="How many takes. Default: 1.", min=1, max=64)
    ] = 1,
    choose: Annotated[
        bool | None,
        option(
            "--pick/--no-pick",
            help="Put the first new take into the film. Default: when it is the only one.",
            metavar="",
        ),
    ] = None,
    make: Make = False,
    settings: Any = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Make more takes of one scene's picture, voice, clip or sounds, of the music or a portrait. Old takes stay.

    The film is taken as it was made last: the same models and options, unless others are named. Copies to look at
    are put into the project's folder takes.

    [dim]Example:[/]  kamishibai retake film/lantern s003 --kind picture --count 4
    """
    from kamishibai.cli.console import clean, screen
    from kamishibai.cli.json_lines import JsonLines
    from kamishibai.cli.run import run, view_for

    def work(listen: Any, stop: Any) -> tuple[TakesShown, Any]:
        from kamishibai.studio import Studio

        studio = Studio(listen=listen, stop=stop, **settings)
        found = studio.retake(project, scene, kind, seed=seed, prompt=prompt, count=count, choose=choose)
        return found, studio.make_again(project) if make else None

    view = view_for(json=json, quiet=quiet)
    found, film = run(work, view)
    if isinstance(view, JsonLines):
        view.result({"takes": found.model_dump(mode="json"), "film": film and film.model_dump(mode="json")})
    elif quiet:
        for take in found.takes:
            if take.new:
                screen().print(clean(str(take.file or take.number)), soft_wrap=True)
    else:
        _tell(found, screen(), project)
        if film is not None:
            from kamishibai.cli.summary import film_summary

            screen().print()
            film_summary(film, screen(), view.told)


def pick(
    project: Project,
    scene: Scene = None,
    number: Annotated[
        int | None,
        typer.Argument(
            metavar="NUMBER",
            help="Of a take; 1 is the film's own. Without it the takes are listed.",
            show_default=False,
        ),
    ] = None,
    kind: Kind = "picture",
    make: Make = False,
    json: options.OneJson = False,
    debug: options.Debug = False,
) -> None:
    """Choose which take of a scene the film has, or list them.

    [dim]Examples:[/]  kamishibai pick film/lantern s003      kamishibai pick film/lantern s003 2
    """
    from kamishibai.cli.console import screen
    from kamishibai.cli.json_lines import write_line
    from kamishibai.studio import Studio

    if kind == "music" and number is None and (scene or "").isdecimal():
        scene, number = None, int(scene or "1")
    studio = Studio()
    if number is not None:
        picked = studio.pick(project, scene, number, kind)
        if json:
            write_line({"picked": picked})
        else:
            where = f"{scene}'s {kind}" if scene else f"the {kind}"
            screen().print(f"take {number} of {where} is picked", markup=False)
        _make_or_say_how(project, make=make, json=json)
        return
    found = studio.takes(project, scene, kind)
    if json:
        write_line(found.model_dump(mode="json"))
    else:
        _tell(found, screen(), project)


def undo(
    project: Project, make: Make = False, json: options.OneJson = False, debug: options.Debug = False
) -> None:
    """Go back to the take that was in the film before the last pick; again, to the one before that.

    [dim]Example:[/]  kamishibai undo film/lantern
    """
    from kamishibai.cli.console import screen
    from kamishibai.cli.json_lines import write_line
    from kamishibai.studio import Studio

    changed = Studio().undo(project)
    if json:
        write_line({"changed": [{"place": place, "from": old, "to": new} for place, old, new in changed]})
    else:
        for place, old, new in changed:
            screen().print(f"{place}: take {new} again, in place of take {old}", markup=False)
    _make_or_say_how(project, make=make, json=json)


def _make_or_say_how(project: str, *, make: bool, json: bool) -> None:
    """Make the film again, or say how to, and how to go back."""
    from kamishibai.cli.console import next_lines, screen

    if not make:
        if not json:
            folder = shlex.quote(project)
            lines = [
                (f"kamishibai make {folder}", "puts it into the film, with the options of this command"),
                (f"kamishibai undo {folder} --make", "goes back, and makes the film as it was made last"),
            ]
            screen().print()
            screen().print(next_lines(lines))
        return
    from kamishibai.cli.json_lines import JsonLines
    from kamishibai.cli.run import run, view_for
    from kamishibai.cli.summary import film_summary

    def work(listen: Any, stop: Any) -> Any:
        from kamishibai.studio import Studio

        return Studio(listen=listen, stop=stop).make_again(project)

    view = view_for(json=json, quiet=False)
    film = run(work, view)
    if isinstance(view, JsonLines):
        view.result(film.model_dump(mode="json"))
    else:
        film_summary(film, screen(), view.told)


def _tell(found: TakesShown, console: Console, project: str) -> None:
    from rich.table import Table
    from rich.text import Text

    from kamishibai.cli.console import clean, minutes, next_lines, notes_lines

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("take", "", "seed", "took", "prompt", "file"):
        table.add_column(name, justify="right" if name in ("seed", "took") else "left", overflow="fold")
    for take in found.takes:
        mark = ", ".join(word for word, so in (("picked", take.picked), ("new", take.new)) if so)
        row = (
            str(take.number) + (" (the film's own)" if take.number == 1 else ""),
            mark,
            "" if take.seed is None else str(take.seed),
            minutes(take.seconds),
            take.prompt or "",
            str(take.file) if take.file else "" if take.there else "not in the cache any more",
        )
        table.add_row(*(Text(clean(text)) for text in row))
    console.print(table)
    for line in notes_lines(found.notes):
        console.print(line)
    console.print()
    if found.sheet is not None:
        console.print(f"side by side: {clean(str(found.sheet))}", markup=False, soft_wrap=True)
        console.print()
    folder, scene = shlex.quote(project), f" {found.scene}" if found.scene else ""
    kind = "" if found.kind == "picture" else f" --kind {found.kind}"
    last = found.takes[-1].number
    console.print(
        next_lines(
            [
                (
                    f"kamishibai pick {folder}{scene} {last}{kind} --make",
                    "puts a take into the film; 1 is its own",
                ),
                (f"kamishibai retake {folder}{scene}{kind} --make", "one more, and the film with it"),
                (f"kamishibai undo {folder} --make", "goes back"),
            ]
        )
    )
