"""plan: what making a film would take, before any work."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from kamishibai.cli import options
from kamishibai.cli.film_options import film_options

if TYPE_CHECKING:
    from rich.console import Console

    from kamishibai.planning import CallPlan, FilmPlan, StagePlan

__all__ = ["plan"]


@film_options()
def plan(
    story: options.Story,
    out: options.Out = None,
    settings: Any = None,
    json: options.OneJson = False,
    debug: options.Debug = False,
) -> None:
    """Say what `make` with the same options would do, and why: what is made, what is there already, and what it takes.

    Nothing is made, loaded or downloaded.

    [dim]Example:[/]  kamishibai plan story.md --picture diffusers:sdxl
    """
    from kamishibai.cli.console import screen
    from kamishibai.cli.json_lines import write_line
    from kamishibai.studio import Studio

    found = Studio(**settings).plan(story, out, text=options.standard_input(story))
    if json:
        write_line(found.model_dump(mode="json"))
    else:
        _tell(found, screen(), shlex.quote(story))


def _tell(found: FilmPlan, console: Console, story: str) -> None:
    from rich.table import Table
    from rich.text import Text

    from kamishibai.cli.console import clean, facts_table, minutes, next_lines, notes_lines

    console.print(Text.assemble((clean(found.title), "bold"), f", {found.scenes} scenes"))
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("work", "model", "memory", "licence"):
        table.add_column(name, overflow="fold")
    for model in found.models:
        memory = f"{model.needs.memory_mb / 1000:.1f} GB" if model.needs.memory_mb else ""
        terms = ", ".join(dict.fromkeys(licence.name for licence in model.licences))
        table.add_row(*(Text(clean(text)) for text in (model.kind, model.id or "none", memory, terms)))
    console.print(table)
    console.print()
    steps = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    steps.add_column("step")
    for name in ("to make", "kept", "about"):
        steps.add_column(name, justify="right")
    for stage in found.stages:
        steps.add_row(*(Text(clean(text)) for text in _row(stage)))
    console.print(steps)
    console.print()
    rows = []
    if found.current:
        rows.append(("film", "nothing has changed: `make` does nothing"))
    if found.memory_mb:
        rows.append(("memory", f"{found.memory_mb / 1000:.1f} GB for the largest model; one at a time"))
    if found.download_mb:
        rows.append(("download", f"{found.download_mb / 1000:.1f} GB"))
    if found.disk_mb:
        rows.append(("disk", f"about {found.disk_mb:,.0f} MB more in the cache"))
    unknown = (
        f", without {', '.join(dict.fromkeys(found.unknown))}, never timed here" if found.unknown else ""
    )
    if not found.current:
        rows.append(
            (
                "time",
                "never timed on this machine"
                if found.seconds is None
                else f"about {minutes(found.seconds)}{unknown}",
            )
        )
    for number, reason in enumerate(_reasons(found)):
        rows.append(("why" if number == 0 else "", reason))
    console.print(facts_table(rows))
    for line in notes_lines([f"{m.id}: {why}" for m in found.models for why in m.placement]):
        console.print(line)
    for line in notes_lines([f"{m.id}: {m.problem}" for m in found.models if m.problem]):
        console.print(line)
    console.print()
    todo = [(model.next, "") for model in found.models if model.next]
    console.print(next_lines(todo or [(f"kamishibai make {story}", "makes it, with the same options")]))


MOST_REASONS = 12


def _reasons(found: FilmPlan) -> list[str]:
    """Return why things are made, a line each, with what they are; cascades last, as they come from the others."""
    from kamishibai.work.explain import place

    groups: dict[str, list[CallPlan]] = {}
    for text, of_it in found.reasons():
        for call in of_it:
            # The same change in many scenes is one reason.
            groups.setdefault(text.replace(f" of {call.scene}", "", 1), []).append(call)
    lines = []
    for text, calls in sorted(groups.items(), key=_is_cascade):
        if len(calls) == 1 and calls[0].why is not None:
            text = calls[0].why.text
        names = list(dict.fromkeys(place(call.stage, call.scene) for call in calls))
        if len(names) > 4:
            names = [*names[:3], f"{len(names) - 3} more"]
        lines.append(f"{text}: {', '.join(names)}")
    if len(lines) > MOST_REASONS:
        lines = [*lines[:MOST_REASONS], f"and {len(lines) - MOST_REASONS} more; --json has them all"]
    return lines


def _is_cascade(group: tuple[str, list[CallPlan]]) -> bool:
    return any(call.why is not None and call.why.cause == "cascade" for call in group[1])


def _row(stage: StagePlan) -> tuple[str, str, str, str]:
    from kamishibai.cli.console import minutes
    from kamishibai.cli.progress import STAGES

    title = STAGES.get(stage.stage, stage.stage.capitalize()) + (
        " (cards)" if stage.maker == "card:papercut" else ""
    )
    work = stage.to_make + stage.follow
    to_make = f"up to {work}" if stage.follow else str(stage.to_make)
    about = ("?" if stage.seconds is None else minutes(stage.seconds)) if work else ""
    return title, to_make, str(stage.reused), about
