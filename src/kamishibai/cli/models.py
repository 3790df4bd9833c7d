"""models: what is installed, what it needs, its licence and options; and the group of commands that keep weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from kamishibai.cli import options
from kamishibai.cli.weights import convert, ls, pull, rm, verify
from kamishibai.cli.weights_shown import megabytes

if TYPE_CHECKING:
    from rich.console import Console, Group

    from kamishibai.catalogue import ModelCard, PresetCard

__all__ = ["models"]


class _ListsByDefault(TyperGroup):
    """A group whose first word may be left out: `models voice` is `models list voice`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put ``list`` before anything that is neither a command nor a call for help."""
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


models = typer.Typer(
    name="models",
    cls=_ListsByDefault,
    help="List the models, and fetch, list, check and remove the weights of those that have some.\n\n"
    "[dim]Examples:[/]  kamishibai models      kamishibai models voice      kamishibai models picture:diffusers:sdxl"
    "      kamishibai models pull sdxl      kamishibai models ls",
    subcommand_metavar="[KIND|ID] | COMMAND",
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@models.command("list")
def list_(
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="KIND|ID",
            help="text, picture, motion, voice, music, sound, ear, eye or critic; or one model, with or without its preset.",
            show_default=False,
        ),
    ] = None,
    json: options.OneJson = False,
    debug: options.Debug = False,
) -> None:
    """List the models: what they do, what they need, their licence and whether they are installed.

    The word `list` can be left out.

    [dim]Examples:[/]  kamishibai models voice      kamishibai models picture:diffusers:sdxl
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


models.command("pull")(pull)
models.command("convert")(convert)
models.command("ls")(ls)
models.command("rm")(rm)
models.command("verify")(verify)


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
        for preset in card.presets:
            table.add_row("", _preset_lines(preset))
    console.print(table)
    console.print()
    console.print(Text("* used when nothing else is asked for", style="dim"))
    console.print(Text("`kamishibai models ID` tells more of one, and what its options are", style="dim"))


def _preset_lines(preset: PresetCard) -> Group:
    """Return a preset in two lines, or more that stay under each other in a narrow window."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    from kamishibai.cli.console import clean

    size = megabytes(preset.download_mb * 10**6) if preset.download_mb else "size not known"
    may = "" if preset.licence.commercial else " (no commercial use)"
    line = Text.assemble((clean(preset.name), "bold" if preset.here else ""))
    line.append(f"  {clean(f'{size}, {preset.licence.name}{may}')}, ", style="dim")
    here = "here" if preset.here else preset.problem or "not here"
    line.append(clean(here), style="green" if preset.here else "yellow")
    return Group(Padding(line, (0, 0, 0, 2)), Padding(Text(clean(preset.what)), (0, 0, 0, 4)))


def _terms(card: ModelCard) -> str:
    """Return needs and licence on one line, ending so that the state can follow."""
    needs = [
        f"{number} MB {name}"
        for name, number in (("memory", card.needs.memory_mb), ("disk", card.needs.disk_mb))
        if number
    ]
    licences = " + ".join(licence.name for licence in card.licences)
    if card.presets:
        return ", ".join([*needs, "licence of the weights in use"]) + ", "
    may = "" if all(licence.commercial for licence in card.licences) else " (no commercial use)"
    return ", ".join([*needs, licences + may]) + ", "


def _checkpoint_rows(card: ModelCard) -> list[tuple[str, str]]:
    """Return what is known of the one checkpoint that an id with a variant names."""
    if not card.presets:
        return []
    (preset,) = card.presets
    fetch = f"not on this machine: `kamishibai models pull {preset.name}` fetches them"
    rows = [
        ("weights", "on this machine" if preset.here else preset.problem or fetch),
        ("from", f"https://huggingface.co/{preset.repo} at {preset.revision}"),
    ]
    if preset.pickled and not preset.here:
        rows.append(("pickle", "its repo holds a pickle alone; `--convert` makes safetensors of it, once"))
    if preset.gated:
        rows.append(("gated", "the hub wants its terms agreed to, and `hf auth login`"))
    if preset.identity:
        rows.append(
            ("faces", f"`kamishibai models pull {preset.name} --with-identity` fetches its IP-Adapter")
        )
    if preset.options:
        rows.append(("sets", ", ".join(f"{name} {value}" for name, value in preset.options.items())))
    rows += [(name, text) for name, text in (("memory", preset.memory), ("time", preset.time)) if text]
    return rows


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
    if ":" in card.id.partition(":")[2]:
        rows += _checkpoint_rows(card)
    for licence in () if card.presets and len(card.id.split(":")) == 2 else card.licences:
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
    told = (option for option in card.options if option.default not in ("unset", "", '""', "{}"))
    first = next(told, card.options[0])
    console.print(Text(f"for example: --option {card.id}.{first.name}={first.default}", style="dim"))
