"""show: what a film was made from, by whom, and how well it measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kamishibai.cli import options
from kamishibai.cli.options import option

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from kamishibai.recipe import Recipe

__all__ = ["show"]


def show(
    film: Annotated[
        str, typer.Argument(metavar="FILM", help="A film that Kamishibai made, or a project folder.")
    ],
    scene: Annotated[
        str | None, option("--scene", metavar="ID", help="Everything about one scene, such as s003.")
    ] = None,
    json: options.OneJson = False,
    debug: options.Debug = False,
) -> None:
    """Show the recipe of a film: scenes, models, seeds, licences and measured values.

    [dim]Example:[/]  kamishibai show film/lantern/lantern.mp4 --scene s002
    """
    from kamishibai.cli.console import screen
    from kamishibai.cli.json_lines import write_line
    from kamishibai.studio import Studio

    recipe = Studio().show(film)
    if json:
        write_line(recipe.model_dump(mode="json", by_alias=True))
    elif scene is not None:
        _scene(recipe, scene, screen())
    else:
        _whole(recipe, screen())


def _whole(recipe: Recipe, console: Console) -> None:
    from rich.text import Text

    from kamishibai.cli.console import clean, facts_table, minutes, notes_lines
    from kamishibai.cli.summary import measured_rows

    board = recipe.board
    by = f" by {clean(board.author)}" if board.author else ""
    console.print(Text.assemble((clean(board.title), "bold"), by))
    rows = [("source", str(recipe.source))]
    if recipe.film is not None:
        film = recipe.film
        rows += [
            ("film", str(film.path)),
            ("length", minutes(film.seconds)),
            ("picture", f"{film.width}×{film.height}, {film.fps} a second, {film.video}"),
            ("sound", film.audio or "none"),
        ]
        if film.captions:
            rows.append(("captions", ", ".join(film.captions)))
    rows += [("language", board.language), ("look", board.look), ("seed", str(_seed(recipe)))]
    if recipe.made_with:
        rows.append(("made with", f"Kamishibai {recipe.made_with}"))
    if recipe.content:
        rows.append(("content", f"{recipe.content} (films with the same one look and sound the same)"))
    if recipe.narration:
        rows.append(("cut to", f"a recording, SHA-256 {recipe.narration}"))
    console.print(facts_table([*rows, *measured_rows(recipe.measured)]))
    if recipe.models:
        console.print()
        console.print(_models(recipe))
    if recipe.picks:
        console.print()
        console.print(_picks(recipe))
    console.print()
    console.print(_scenes(recipe))
    for line in notes_lines(recipe.notes):
        console.print(line)


def _seed(recipe: Recipe) -> int:
    given = recipe.settings.get("seed")
    return given if isinstance(given, int) else recipe.board.seed


def _models(recipe: Recipe) -> Table:
    from rich.table import Table
    from rich.text import Text

    from kamishibai.cli.console import clean

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("work", "model", "version", "licence", "commercial use"):
        table.add_column(name, overflow="fold")
    for kind, id_ in recipe.models.items():
        licences = recipe.licences.get(id_ or "", ())
        names = ", ".join(licence.name for licence in licences) or ("" if id_ is None else "not known here")
        may = "" if not licences else "yes" if all(licence.commercial for licence in licences) else "no"
        version, weights = recipe.made_by.get(id_ or "", ("", ""))
        made_by = version + (f", weights {weights[:12]}" if weights else "")
        table.add_row(kind, Text(clean(id_ or "none")), Text(clean(made_by)), Text(clean(names)), may)
    return table


def _picks(recipe: Recipe) -> Table:
    from rich.table import Table
    from rich.text import Text

    from kamishibai.cli.console import clean

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("picked by hand", "seed", "prompt"):
        table.add_column(name, overflow="fold")
    for place, pick in recipe.picks.items():
        said = pick if isinstance(pick, dict) else {}  # a film may come from anybody
        texts = (place, str(said.get("seed", "")), str(said.get("prompt") or ""))
        table.add_row(*(Text(clean(text)) for text in texts))
    return table


def _scenes(recipe: Recipe) -> Table:
    from rich.table import Table
    from rich.text import Text

    from kamishibai.cli.console import clean

    seeds = {entry.scene: entry.seed for entry in recipe.entries if entry.stage == "draw"}
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("scene", "line", "where", "who and what", "seed"):
        table.add_column(name, overflow="fold", justify="right" if name == "seed" else "left")
    for scene in recipe.board.scenes:
        who = [actor.who for actor in scene.actors] + [prop.name for prop in scene.props]
        seed = seeds.get(scene.id)
        texts = (scene.id, scene.line, f"{scene.setting}, {scene.time}, {scene.weather}", ", ".join(who))
        table.add_row(*(Text(clean(text)) for text in texts), "" if seed is None else str(seed))
    return table


def _scene(recipe: Recipe, id_: str, console: Console) -> None:
    import difflib

    from rich.table import Table
    from rich.text import Text

    from kamishibai.cli.console import clean, facts_table, minutes
    from kamishibai.errors import UsageError

    ids = [scene.id for scene in recipe.board.scenes]
    if id_ not in ids:
        near = difflib.get_close_matches(id_, ids, 1)
        raise UsageError(
            f"there is no scene {id_!r} in this film",
            hint=f"did you mean {near[0]}?" if near else f"scenes are {ids[0]} to {ids[-1]}",
        )
    scene = recipe.board.scenes[ids.index(id_)]
    mine = [entry for entry in recipe.entries if id_ in entry.scene.split("+")]
    prompt = next((entry.prompt for entry in mine if entry.stage == "draw" and entry.prompt), None)
    rows = [
        ("scene", scene.id),
        ("line", scene.line),
        ("where", f"{scene.setting}, {scene.time}, {scene.weather}, {scene.mood}"),
        ("view", f"{scene.view}, camera {scene.camera.move}"),
        (
            "who",
            ", ".join(f"{actor.who} ({actor.action or actor.pose})" for actor in scene.actors) or "nobody",
        ),
        ("things", ", ".join(prop.name for prop in scene.props) or "none"),
        ("sounds", ", ".join(scene.sounds) or "none"),
    ]
    if prompt or scene.prompt:
        rows.append(("prompt", prompt or scene.prompt or ""))
    console.print(facts_table(rows))
    if not mine:
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("step", "made by", "seed", "took", "sha256 of the result"):
        table.add_column(name, overflow="fold")
    for entry in mine:
        made = " ".join(digest[:12] for digest in entry.made[:3]) + (" …" if len(entry.made) > 3 else "")
        seed = "" if entry.seed is None else str(entry.seed)
        table.add_row(
            entry.stage, Text(clean(f"{entry.maker} {entry.version}")), seed, minutes(entry.seconds), made
        )
    console.print()
    console.print(table)
