"""models: what is installed, what it needs, its licence, and the options of one model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kamishibai.cli import options

if TYPE_CHECKING:
    from rich.console import Console

    from kamishibai.catalogue import ModelCard

__all__ = ["models"]


def models(
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="KIND|ID",
            help="text, picture, motion, voice, music, sound or ear; or one model.",
            show_default=False,
        ),
    ] = None,
    json: options.OneJson = False,
    debug: options.Debug = False,
) -> None:
    """List the models: what they do, what they need, their licence and whether they are installed.

    [dim]Examples:[/]  kamishibai models voice      kamishibai models voice:none
    """
    from kamishibai.cli.console import screen
    from kamishibai.cli.json_lines import write_line
    from kamishibai.studio import Studio

    cards = Studio().models(kind)
    if json:
        write_line({"models": [card.model_dump(mode="json") for card in cards]})
    elif kind is not None and ":" in kind:
        _one(cards[0], screen())
    else:
        _table(cards, screen())


def _table(cards: list[ModelCard], console: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    from kamishibai.cli.console import clean

    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    kind = ""
    for card in cards:
        if kind and kind != card.id.split(":")[0]:
            table.add_row("", "")
        kind = card.id.split(":")[0]
        name = Text.assemble(
            (clean(card.id), "bold" if card.default else ""), (" *" if card.default else "", "cyan")
        )
        about = Text(clean(card.what.replace("``", "")))
        if card.problem:
            about.append(clean(card.problem), style="yellow")
        else:
            about.append(f"\n{clean(_terms(card))}", style="dim")
            about.append(clean(_here(card)), style="yellow" if card.missing else "green")
        table.add_row(name, about)
    console.print(table)
    console.print()
    console.print(Text("* used when nothing else is asked for", style="dim"))
    console.print(Text("`kamishibai models ID` tells more of one, and what its options are", style="dim"))


def _terms(card: ModelCard) -> str:
    """Return needs and licence on one line, ending so that the state can follow."""
    needs = [
        f"{number} MB {name}"
        for name, number in (("memory", card.needs.memory_mb), ("disk", card.needs.disk_mb))
        if number
    ]
    licences = " + ".join(licence.name for licence in card.licences)
    may = "" if all(licence.commercial for licence in card.licences) else " (no commercial use)"
    return ", ".join([*needs, licences + may]) + ", "


def _megabytes(number: int) -> str:
    return f"{number} MB" if number else "–"


def _here(card: ModelCard) -> str:
    if card.problem:
        return card.problem
    return f"pip install 'kamishibai[{card.needs.extra}]'" if card.missing else "installed"


def _one(card: ModelCard, console: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    from kamishibai.cli.console import clean, facts_table

    rows = [
        ("model", card.id + (" (the default)" if card.default else "")),
        ("version", card.version),
        ("does", card.what.replace("``", "")),
        ("memory", _megabytes(card.needs.memory_mb)),
        ("disk", _megabytes(card.needs.disk_mb)),
        ("download", _megabytes(card.needs.download_mb)),
        ("here", _here(card)),
    ]
    for licence in card.licences:
        terms = f"{licence.name}, {'commercial use allowed' if licence.commercial else 'no commercial use'}"
        rows.append(
            ("licence", "; ".join(part for part in (terms, licence.attribution, licence.source) if part))
        )
    console.print(facts_table(rows))
    if not card.options:
        console.print(Text("It has no options.", style="dim"))
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("option", "values", "default", "what it does"):
        table.add_column(name, overflow="fold")
    for option in card.options:
        table.add_row(
            *(
                Text(clean(text))
                for text in (option.name, option.values, option.default, option.what.replace("`", ""))
            )
        )
    console.print()
    console.print(table)
    first = card.options[0]
    console.print(Text(f"for example: --option {card.id}.{first.name}={first.default}", style="dim"))
