"""What models pull, ls and verify show to a person: sizes, terms, memory, and what is on the shelf."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from kamishibai.models.base import Licence
    from kamishibai.weights.pull import Offer
    from kamishibai.weights.shelf import Shelf, Shelved
    from kamishibai.weights.soundness import Finding

__all__ = [
    "id_of", "megabytes", "offer_facts", "show_findings", "show_offer", "show_pulled", "show_shelf", "terms_text",
]  # fmt: skip


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


def id_of(offered: Offer) -> str:
    """Return the id that a film asks for what is offered by; for a single file ``owner/name:file``."""
    from kamishibai.weights.checkpoint import flag_for
    from kamishibai.weights.pretrained import PART_OF

    first = offered.parts[0]
    if offered.family is None and not offered.backend:
        return f"{first.repo}:{first.files[-1].name}"
    if offered.pipeline in PART_OF:
        return first.repo
    name = offered.preset.name if offered.preset and first.revision == offered.preset.revision else first.repo
    if not offered.preset and first.revision != "main":
        name = f"{first.repo}@{first.revision}"
    if offered.family is None:
        return f"{offered.backend}:{name}"
    return flag_for(offered.family.name, offered.kind, name).removeprefix("--").replace(" ", ":", 1)


def _memory(offered: Offer) -> str:
    """Return how much memory it would take on this machine, and how."""
    from kamishibai.devices.device import probe_without_torch
    from kamishibai.devices.memory import plan_memory

    device = probe_without_torch()
    family = offered.family
    if family is None or family.kind == "sound":
        return _memory_by_size(offered)
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


def _memory_by_size(offered: Offer) -> str:
    """Return how much memory a model that draws nothing would take here, by the size of its files."""
    from kamishibai.devices.device import torch_name
    from kamishibai.pretrained.opening import placing
    from kamishibai.weights.pretrained import Pretrained

    stored = offered.weights_mb
    known = Pretrained(
        name=offered.name, kind=offered.kind, model_type=offered.pipeline, path=offered.folder, weights_mb=stored,
        half_mb=stored if offered.half else -(-stored // 2),
    )  # fmt: skip
    plan = placing(known)
    where = "main memory" if plan.device.kind == "cpu" else torch_name(plan.device)
    need = f"about {megabytes(plan.estimate_mb * 10**6)} of this machine's {where}"
    if plan.offload:
        return f"{need}, moving layers in and out: slow"
    if plan.estimate_mb > plan.device.free_mb:
        return f"{need}, which has {megabytes(plan.device.free_mb * 10**6)} free: too little"
    return need


def show_offer(offered: Offer, console: Console) -> None:
    """Show what a pull would bring: repo, commit, size, licence, memory and folder."""
    from kamishibai.cli.console import facts_table, notes_lines
    from kamishibai.weights.checkpoint import MAKES
    from kamishibai.weights.places import converted_cache

    rows = [("model", id_of(offered) + (f"  {offered.preset.what}" if offered.preset else ""))]
    if offered.kind:
        rows.append(("does", f"{MAKES[offered.kind]}, by {offered.pipeline}"))
    for part in offered.parts:
        rows.append(
            (part.what, f"{part.repo} at {part.revision} ({part.commit[:12]}), {megabytes(part.size)}")
        )
        rows.append(("licence", "; ".join(t for t in (terms_text(part.licence), part.licence.source) if t)))
    here = offered.size - offered.missing
    rows.append(("to fetch", megabytes(offered.missing) + (f"; {megabytes(here)} are here" if here else "")))
    if offered.kind:
        rows.append(("memory", _memory(offered)))
    rows.append(("folder", f"{offered.folder}, shared with other programs"))
    if offered.to_convert:
        size = megabytes(sum(part.pickled_bytes for part in offered.to_convert))
        rows.append(
            (
                "pickle",
                f"its weights are a pickle, which can run code as it is read. It is read once, in a process of its own "
                f"that takes tensors and nothing else, and {size} of safetensors are written to {converted_cache()}; "
                "then the pickle is deleted",
            )
        )
    console.print(facts_table(rows))
    for line in notes_lines(offered.notes):
        console.print(line)


def offer_facts(offered: Offer) -> dict[str, Any]:
    """Return the same for programs."""
    return {
        "id": id_of(offered),
        "kind": offered.kind,
        "pipeline": offered.pipeline,
        "bytes": offered.size,
        "converted": any(part.pickles for part in offered.parts),
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


def show_pulled(offered: Offer, path: Path, console: Console) -> None:
    """Show where it lies, and the commands that use it."""
    from kamishibai.cli.console import facts_table, next_lines
    from kamishibai.weights.pretrained import PART_OF

    id_ = id_of(offered)
    console.print(
        facts_table([("here", f"{megabytes(offered.size)}, every file checked"), ("folder", str(path))])
    )
    console.print()
    if not offered.kind:
        console.print(next_lines(_uses_of(id_, path)))
        return
    kind, _, rest = id_.partition(":")
    if offered.pipeline in PART_OF:
        console.print(next_lines([(f"kamishibai models {PART_OF[offered.pipeline]}", "what loads it")]))
        return
    alone = [(f"kamishibai try {id_} {TRIED[kind]}", "one alone")] if kind in TRIED else []
    console.print(next_lines([*alone, (f"kamishibai make story.md --{kind} {rest}", "a film with it")]))


TRIED = {
    "picture": '"a fox in the snow"', "motion": "picture.png", "voice": '"Once upon a time."', "ear": "speech.wav",
    "music": "calm --seconds 10", "sound": "rain --seconds 5", "text": "story.txt",
}  # fmt: skip
"""What `try` is given to try a model of each kind."""


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


def show_shelf(found: Shelf, console: Console) -> None:
    """Show what is on this machine."""
    from rich.text import Text

    from kamishibai.cli.console import clean
    from kamishibai.weights.places import converted_cache

    if not found.models:
        console.print(Text("No weights are here yet: `kamishibai models pull NAME` fetches some."))
    else:
        for one in found.models:
            console.print(_shelved(one))
    console.print()
    beside = []
    if any(one.converted for one in found.models):
        beside.append(f"what was converted in {converted_cache()}")
    if found.others:
        beside.append(f"{found.others} repos of other programs, {megabytes(found.others_bytes)}")
    if found.unfinished_bytes:
        beside.append(
            f"{megabytes(found.unfinished_bytes)} of downloads that were cut; a pull goes on from them"
        )
    console.print(Text(clean("; ".join([f"in {found.folder}", *beside])), style="dim"), soft_wrap=True)


def _shelved(one: Shelved) -> Any:
    """Return one model of the shelf: its name, what it is, and what is wrong with it, under each other."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    from kamishibai.cli.console import clean

    used = datetime.fromtimestamp(one.last_used).strftime("%Y-%m-%d") if one.last_used else ""
    head = Text.assemble((clean(one.repo), "bold"), f"  {megabytes(one.bytes)}")
    if one.serves:
        head.append(f"  {clean(', '.join(one.serves))}", style="cyan")
    facts = [
        f"{one.kind}: {one.pipeline}" if one.kind else one.pipeline,
        "converted on this machine" if one.converted else "",
        f"at {' '.join([*one.revisions, one.commit[:12]])}",
        terms_text(one.licence),
        f"last used {used}" if used else "",
    ]
    lines: list[Any] = [
        head,
        Padding(Text(clean("; ".join(fact for fact in facts if fact)), style="dim"), (0, 0, 0, 2)),
    ]
    if one.problem:
        lines.append(Padding(Text(clean(one.problem), style="yellow"), (0, 0, 0, 2)))
    return Group(*lines)


def show_findings(found: list[Finding], mended: list[Finding], console: Console, quiet: bool) -> None:
    """Show what is damaged or was mended, and how many files are sound."""
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
    unknown = sum(one.state == "unknown" for one in found)
    told = []
    for converted, are in ((False, "files are what the hub has"), (True, "are what was converted")):
        mine = [one for one in found if one.converted == converted]
        sound = sum(one.state == "sound" for one in mine) + (0 if converted else len(mended))
        if mine or (not converted and not found):
            told.append(f"{sound} of {len(mine)} {are} ({megabytes(sum(one.size for one in mine))})")
    text = "; ".join(told)
    if unknown:
        text += f"; {unknown} lie here without a hash, so only their form was checked"
    console.print(Text(clean(text)))
