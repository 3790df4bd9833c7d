"""models pull, ls, rm and verify: weights of generative models, fetched once and kept in the cache all programs share."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kamishibai.cli import options
from kamishibai.cli.options import flag, option

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from kamishibai.models.base import Licence
    from kamishibai.weights.pull import Offer
    from kamishibai.weights.shelf import Finding, Shelf, Shelved

__all__ = ["ls", "megabytes", "pull", "rm", "terms_text", "verify"]

Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="A preset, a repo of the hub as OWNER/NAME, one file of it as OWNER/NAME:FILE, or a model's id.",
        show_default=False,
    ),
]
MaybeName = Annotated[
    str | None,
    typer.Argument(
        metavar="NAME",
        help="A preset, a repo or an id as for pull; all that is here when it is left out.",
        show_default=False,
    ),
]
Yes = Annotated[bool, flag("--yes", "-y", help="Do not ask.")]


def pull(
    name: Name,
    revision: Annotated[
        str | None,
        option(
            "--revision", metavar="R", help="A branch, a tag or a commit. Default: the preset's, else main."
        ),
    ] = None,
    with_identity: Annotated[
        bool, flag("--with-identity", help="Fetch the IP-Adapter too, which holds faces from scene to scene.")
    ] = False,
    yes: Yes = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Fetch weights: shows size, licence and memory first, goes on where it was cut, checks every file.

    [dim]Examples:[/]  kamishibai models pull sdxl      kamishibai models pull motion:svd --yes
    """
    from kamishibai.catalogue import allowed_instead, pull_name
    from kamishibai.cli.console import screen
    from kamishibai.cli.json_lines import JsonLines
    from kamishibai.cli.run import run, view_for
    from kamishibai.settings import read_settings
    from kamishibai.steps.terms import Bound, refuse_bound, what_binds
    from kamishibai.weights import pull as pulling

    settings = read_settings(Path.cwd())
    wanted, kind = pull_name(name)
    view = view_for(json=json, quiet=quiet)
    offered = run(
        lambda listen, stop: pulling.offer(
            wanted, kind, revision=revision, with_identity=with_identity, offline=settings.offline
        ),
        view_for(json=False, quiet=True),
    )
    bound = what_binds([part.licence for part in offered.parts])
    if settings.commercial_safe and bound is not None:
        instead = allowed_instead(offered.kind) if offered.kind else ()
        refuse_bound([Bound(id=_id_of(offered), licence=bound, instead=instead)])
    if offered.missing:
        if not (json or quiet):
            _show_offer(offered, screen())
        _ask(
            f"Download {megabytes(offered.missing)}?",
            yes,
            f"kamishibai models pull {name}" + (f" --revision {revision}" if revision else ""),
        )

    def work(listen: Any, stop: Any) -> Path:
        return pulling.pull(offered, _reporter("pull", listen, stop)).path

    path = run(work, view)
    if isinstance(view, JsonLines):
        view.result({**_offer_facts(offered), "path": str(path)})
    elif quiet:
        screen().print(str(path), soft_wrap=True)
    else:
        _show_pulled(offered, path, screen())


def ls(json: options.OneJson = False, debug: options.Debug = False) -> None:
    """List the weights on this machine: size, licence, when they were last used and which presets they serve.

    [dim]Example:[/]  kamishibai models ls
    """
    from kamishibai.cli.console import screen
    from kamishibai.cli.json_lines import write_line
    from kamishibai.weights.shelf import shelf

    found = shelf()
    if json:
        write_line(found.model_dump(mode="json"))
    else:
        _show_shelf(found, screen())


def rm(
    name: Name,
    yes: Yes = False,
    json: options.OneJson = False,
    debug: options.Debug = False,
) -> None:
    """Remove weights from this machine, for every program that shares the cache. Asks first.

    [dim]Example:[/]  kamishibai models rm sdxl
    """
    from kamishibai.catalogue import pull_name
    from kamishibai.cli.console import clean, screen
    from kamishibai.cli.json_lines import write_line
    from kamishibai.errors import UsageError
    from kamishibai.weights.lock import folders_that_pin
    from kamishibai.weights.shelf import removal, remove

    planned = removal(pull_name(name)[0])
    pinned = folders_that_pin(planned.repo, planned.commits, Path.cwd())
    if pinned and not yes:
        raise UsageError(
            f"{planned.repo} is what a film here was made with",
            where=", ".join(str(folder) for folder in pinned),
            kept="the weights and the film",
            hint=f"`kamishibai models rm {name} --yes` removes it all the same; the film itself stays",
        )
    many = f" ({len(planned.commits)} revisions)" if len(planned.commits) > 1 else ""
    _ask(
        f"Remove {planned.repo}{many} for every program on this machine and free {megabytes(planned.bytes)}?",
        yes,
        f"kamishibai models rm {name}",
    )
    remove(planned)
    if json:
        write_line({"removed": planned.model_dump(mode="json")})
    else:
        screen().print(clean(f"Removed {planned.repo}: {megabytes(planned.bytes)} are free again."))


def verify(
    name: MaybeName = None,
    repair: Annotated[bool, flag("--repair", help="Fetch what is damaged again.")] = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Read all weights and compare them with the hashes they had on the hub. Ends with 74 when some are damaged.

    [dim]Example:[/]  kamishibai models verify sdxl --repair
    """
    from kamishibai.catalogue import pull_name
    from kamishibai.cli.console import screen
    from kamishibai.cli.json_lines import JsonLines
    from kamishibai.cli.run import run, view_for
    from kamishibai.errors import DamagedError
    from kamishibai.settings import read_settings
    from kamishibai.weights import shelf

    settings = read_settings(Path.cwd())
    wanted = None if name is None else pull_name(name)[0]
    view = view_for(json=json, quiet=quiet)
    found = run(lambda listen, stop: shelf.verify(wanted, _reporter("verify", listen, stop)), view)
    broken = [one for one in found if one.state in ("damaged", "gone")]
    mended: list[Finding] = []
    if broken and repair:
        mended = run(
            lambda listen, stop: shelf.repair(
                broken, _reporter("pull", listen, stop), offline=settings.offline
            ),
            view_for(json=json, quiet=quiet),
        )
    if not isinstance(view, JsonLines):
        _show_findings(found, mended, screen(), quiet)
    if broken and not mended:
        raise DamagedError(
            f"{len(broken)} of {len(found)} files are damaged: "
            + ", ".join(f"{one.repo} {one.file}" for one in broken),
            where=str(broken[0].path),
            kept="the others",
            hint=f"kamishibai models verify{f' {name}' if name else ''} --repair",
        )
    if isinstance(view, JsonLines):
        view.result(
            {
                "files": len(found),
                "bytes": sum(one.size for one in found),
                "findings": [one.model_dump(mode="json") for one in found if one.state != "sound"],
                "mended": [one.file for one in mended],
            }
        )


# ------------------------------------------------------------------------------------------ asking and reporting
def _ask(question: str, yes: bool, command: str) -> None:
    """Go on when the user agrees. Raises Cancelled when not, UsageError when there is nobody to ask."""
    from kamishibai.errors import Cancelled, UsageError

    if yes:
        return
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError(
            f"{question} There is nobody here to ask.",
            kept="everything, as it is",
            hint=f"{command} --yes",
        )
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Cancelled("nothing was done", kept="everything, as it is")


def _reporter(stage: str, listen: Any, stop: Callable[[], bool]) -> Callable[[str, int, int], None]:
    """Return a listener that turns bytes into events, a few hundred in all, and ends when the user asks."""
    from kamishibai.errors import Cancelled
    from kamishibai.work.events import Event

    listen(Event(event="stage", stage=stage, total=1))
    told = (-1, "")

    def report(file: str, done: int, total: int) -> None:
        nonlocal told
        if stop():
            raise Cancelled(
                "stopped by you", kept="what came so far", hint="the same command goes on from here"
            )
        mark = (done * 400 // max(total, 1), file)
        if mark != told:
            told = mark
            share = min(done / max(total, 1), 1.0)
            text = f"{file}, {megabytes(done)} of {megabytes(total)}"
            listen(Event(event="progress", stage=stage, scene=file, done=share, text=text))

    return report


# ------------------------------------------------------------------------------------------ words
def megabytes(count: int) -> str:
    """Return a size in decimal units, as disks and hubs count: ``6.9 GB``, ``340 MB``, ``12 kB``."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            number = count / size
            return f"{number:.1f} {unit}" if number < 10 else f"{number:.0f} {unit}"
    return f"{count} bytes"


def terms_text(licence: Licence) -> str:
    """Return a licence and what it allows, in words."""
    if licence.name.lower() in ("", "unknown"):
        return "unknown: nobody has granted commercial use"
    may = "commercial use allowed" if licence.commercial else "no commercial use"
    return f"{licence.name}, {may}"


def _id_of(offered: Offer) -> str:
    from kamishibai.weights.checkpoint import flag_for

    first = offered.parts[0]
    if offered.family is None:
        return f"{first.repo}:{first.files[-1].name}"
    name = offered.preset.name if offered.preset and first.revision == offered.preset.revision else first.repo
    if not offered.preset and first.revision != "main":
        name = f"{first.repo}@{first.revision}"
    return flag_for(offered.family.name, offered.kind, name).removeprefix("--").replace(" ", ":", 1)


def _memory(offered: Offer) -> str:
    """Return how much memory it would take on this machine, and how."""
    from kamishibai.devices.device import probe_without_torch
    from kamishibai.devices.memory import plan_memory

    family = offered.family
    assert family is not None
    device = probe_without_torch()
    plan = plan_memory(device, family, offered.weights_mb, *family.native, frames=family.frames)
    where = "main memory" if device.kind == "cpu" else device.name or device.kind
    need = f"about {megabytes(plan.estimate_mb * 10**6)} of this machine's {where}"
    if not plan.fits:
        return f"{need}, which has {megabytes(device.free_mb * 10**6)} free: too little"
    slow = {
        "none": "",
        "model": ", moving parts in and out",
        "sequential": ", moving layers in and out: very slow",
    }
    return need + slow[plan.offload]


# ------------------------------------------------------------------------------------------ views
def _show_offer(offered: Offer, console: Console) -> None:
    from kamishibai.cli.console import facts_table, notes_lines

    rows = [("model", _id_of(offered) + (f"  {offered.preset.what}" if offered.preset else ""))]
    if offered.kind:
        makes = "clips" if offered.kind == "motion" else "pictures"
        rows.append(("makes", f"{makes}, by {offered.pipeline}"))
    for part in offered.parts:
        rows.append(
            (part.what, f"{part.repo} at {part.revision} ({part.commit[:12]}), {megabytes(part.size)}")
        )
        rows.append(("licence", "; ".join(t for t in (terms_text(part.licence), part.licence.source) if t)))
    here = offered.size - offered.missing
    rows.append(("to fetch", megabytes(offered.missing) + (f"; {megabytes(here)} are here" if here else "")))
    if offered.family is not None:
        rows.append(("memory", _memory(offered)))
    rows.append(("folder", f"{offered.folder}, shared with other programs"))
    console.print(facts_table(rows))
    for line in notes_lines(offered.notes):
        console.print(line)


def _offer_facts(offered: Offer) -> dict[str, Any]:
    return {
        "id": _id_of(offered),
        "kind": offered.kind,
        "pipeline": offered.pipeline,
        "bytes": offered.size,
        "parts": [
            {
                "what": part.what,
                "repo": part.repo,
                "revision": part.revision,
                "commit": part.commit,
                "licence": part.licence.model_dump(mode="json"),
            }
            for part in offered.parts
        ],
        "notes": list(offered.notes),
    }


def _show_pulled(offered: Offer, path: Path, console: Console) -> None:
    from kamishibai.cli.console import facts_table, next_lines

    id_ = _id_of(offered)
    console.print(
        facts_table([("here", f"{megabytes(offered.size)}, every file checked"), ("folder", str(path))])
    )
    console.print()
    if not offered.kind:
        console.print(next_lines(_uses_of(id_, path)))
        return
    kind, _, rest = id_.partition(":")
    first = (
        f'kamishibai try {id_} "a fox in the snow"'
        if kind == "picture"
        else f"kamishibai try {id_} picture.png"
    )
    console.print(
        next_lines([(first, "one alone"), (f"kamishibai make story.md --{kind} {rest}", "a film with it")])
    )


def _uses_of(id_: str, path: Path) -> list[tuple[str, str]]:
    """Return the command that uses a single file: a LoRA or an adapter as an option, a checkpoint by its path."""
    from kamishibai.errors import KamishibaiError
    from kamishibai.weights.checkpoint import flag_for
    from kamishibai.weights.strangers import family_of_file

    try:
        family = family_of_file(path)
    except KamishibaiError as error:
        option = "ip_adapter=" + id_ if "IP-Adapter" in error.what else f"lora='{{\"{id_}\": 0.8}}'"
        return [(f"kamishibai make story.md --picture diffusers --option picture.{option}", error.what)]
    return [(f"kamishibai make story.md {flag_for(family.name, family.kind, str(path))}", "a film with it")]


def _show_shelf(found: Shelf, console: Console) -> None:
    from rich.text import Text

    from kamishibai.cli.console import clean

    if not found.models:
        console.print(Text("No weights are here yet: `kamishibai models pull NAME` fetches some."))
    else:
        console.print(_shelf_table(found.models))
    console.print()
    beside = []
    if found.others:
        beside.append(f"{found.others} repos of other programs, {megabytes(found.others_bytes)}")
    if found.unfinished_bytes:
        beside.append(
            f"{megabytes(found.unfinished_bytes)} of downloads that were cut; a pull goes on from them"
        )
    console.print(Text(clean("; ".join([f"in {found.folder}", *beside])), style="dim"), soft_wrap=True)


def _shelf_table(models: tuple[Shelved, ...]) -> Any:
    from rich.table import Table
    from rich.text import Text

    from kamishibai.cli.console import clean

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("repo", "serves", "revision", "size", "licence", "last used"):
        table.add_column(name, overflow="fold")
    for one in models:
        used = datetime.fromtimestamp(one.last_used).strftime("%Y-%m-%d") if one.last_used else ""
        at = " ".join([*one.revisions, one.commit[:12]])
        cells = [one.repo, ", ".join(one.serves), at, megabytes(one.bytes), terms_text(one.licence), used]
        table.add_row(*(Text(clean(cell)) for cell in cells))
        if one.problem:
            table.add_row(Text(f"  {clean(one.problem)}", style="yellow"))
    return table


def _show_findings(found: list[Finding], mended: list[Finding], console: Console, quiet: bool) -> None:
    from rich.text import Text

    from kamishibai.cli.console import clean

    fixed = {(one.repo, one.commit, one.file) for one in mended}
    for one in found:
        if one.state in ("damaged", "gone"):
            word = "mended" if (one.repo, one.commit, one.file) in fixed else one.state
            line = Text.assemble((f"{word:<8}", "green" if word == "mended" else "red"))
            console.print(line + Text(clean(f"{one.repo} {one.file}: {one.why}")), soft_wrap=True)
    if quiet:
        return
    sound = sum(one.state == "sound" for one in found)
    unknown = sum(one.state == "unknown" for one in found)
    size = megabytes(sum(one.size for one in found))
    text = f"{sound + len(mended)} of {len(found)} files are what the hub has ({size})"
    if unknown:
        text += f"; {unknown} lie here without a hash, so only their form was checked"
    console.print(Text(clean(text)))
