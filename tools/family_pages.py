"""Writes docs/families/ from the presets, the facts of the families, the memory plan and tools/family_notes.yaml.

Run it after a change of any of them (`make docs`); a test fails while a page is stale.
"""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from licences import allows, table

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "families"
NOTES = ROOT / "tools" / "family_notes.yaml"
NOTE = "<!-- Written by tools/family_pages.py from the presets and tools/family_notes.yaml. Do not edit: run `make docs`. -->\n\n"
CARDS_GB = (6, 8, 12, 16, 24, 48, 80)
PLACES = {"none": "on the card", "model": "a part at a time", "sequential": "layer by layer, very slowly"}


@lru_cache(maxsize=1)
def notes() -> dict[str, Any]:
    """Return the hand-written source."""
    return dict(yaml.safe_load(NOTES.read_text(encoding="utf-8")))


def pages() -> dict[str, str]:
    """Return the text of every page by its name under docs/families."""
    return {"README.md": NOTE + index(), **{f"{name}.md": NOTE + page(name) for name in notes()}}


def _presets(names: list[str]) -> list[Any]:
    from kamishibai.weights.presets import preset

    found = [preset(name) for name in names]
    assert None not in found, names
    return found


def _families(names: list[str]) -> list[Any]:
    from kamishibai.weights.families import family_named

    found = [family_named(name) for name in names]
    assert None not in found, names
    return found


def index() -> str:
    """Return the page that leads to the others."""
    rows = []
    for name, said in notes().items():
        presets = _presets(said["presets"])
        kinds = sorted({family.kind for family in _families(said["families"])}, reverse=True)
        rows.append(
            (
                f"[{said['title']}]({name}.md)",
                ", ".join({"picture": "pictures", "motion": "clips"}[kind] for kind in kinds),
                ", ".join(f"`{one.name}`" for one in presets),
                "; ".join(dict.fromkeys(one.licence.name for one in presets)),
            )
        )
    return "\n".join(
        [
            "# Families of models\n",
            "Pictures and clips can come from generative models instead of the embedded paper theatre. Install them "
            "once (Python 3.11 or newer), fetch weights, name them:\n",
            "```sh\npip install 'kamishibai[models]'\nkamishibai models pull sdxl\n"
            "kamishibai make story.txt --picture diffusers:sdxl\n```\n",
            table(("family", "makes", "presets", "licences of the presets"), rows),
            "A model is named by a preset, by a folder that `save_pretrained` wrote, by a `.safetensors` file, or by a "
            "hub id that was fetched before (`OWNER/NAME` or `OWNER/NAME@REVISION`). A film never fetches anything by "
            "itself. `kamishibai models ls` lists what is on this machine, `kamishibai models verify` checks it. "
            "[Licences](../licences.md) has the terms of every preset.\n",
        ]
    )


def page(name: str) -> str:
    """Return the page of one family."""
    said = notes()[name]
    presets, families = _presets(said["presets"]), _families(said["families"])
    parts = [f"# {said['title']}\n", said["about"].strip() + "\n", _commands(presets)]
    parts += ["## Presets\n", _preset_table(presets), _terms(presets)]
    parts += ["## Memory and time\n", _figures(presets), _plan(presets)]
    parts += ["## What it understands\n"]
    if len(families) > 4:
        parts.append(_all_families(families))
    else:
        parts += [_facts(family, alone=len(families) == 1) for family in families]
    parts += ["## Good to know\n", "\n".join(f"- {' '.join(note.split())}" for note in said["notes"]) + "\n"]
    parts.append("[All families](README.md)\n")
    return "\n".join(parts)


# ------------------------------------------------------------------------------------------ parts of a page
def _id(one: Any) -> str:
    from kamishibai.weights.checkpoint import flag_for

    return flag_for(one.family, one.kind, one.name)


def _commands(presets: list[Any]) -> str:
    first = presets[0]
    flag = _id(first)
    back = flag.removeprefix("--").replace(" ", ":", 1)
    lines = [
        "pip install 'kamishibai[models]'",
        f"kamishibai models pull {first.name}",
        f"kamishibai make story.txt {flag}",
    ]
    text = "## Make a film with it\n\n```sh\n" + "\n".join(lines) + "\n```\n\n"
    folder = flag.replace(f":{first.name}", ":~/models/mine")
    trial = (
        f'`kamishibai try {back} "a fox in the snow"`'
        if first.kind == "picture"
        else f"`kamishibai try {back} picture.png`"
        if not _starts_from_words(first)
        else f'`kamishibai try {back} "a fox runs through the snow"`'
    )
    return text + f"With a folder of your own: `kamishibai make story.txt {folder}`. Alone: {trial}.\n"


def _starts_from_words(one: Any) -> bool:
    from kamishibai.weights.families import family_named

    family = family_named(one.family)
    return bool(family and family.words_pipeline)


def _size(one: Any) -> str:
    from kamishibai.weights.families import family_named

    family = family_named(one.family)
    assert family is not None
    width, height = one.options.get("width", family.native[0]), one.options.get("height", family.native[1])
    frames = f", {one.options['frames']} frames at {one.options['fps']}/s" if one.kind == "motion" else ""
    return f"{width}×{height}{frames}"


def _preset_table(presets: list[Any]) -> str:
    rows = []
    for one in presets:
        rows.append(
            (
                f"`{one.name}`",
                one.what,
                f"{one.download_mb / 1000:.1f} GB" if one.download_mb else "shown by `models pull`",
                str(one.options["steps"]),
                str(one.options.get("guidance", "–")),
                _size(one),
            )
        )
    return table(("preset", "what it is", "download", "steps", "guidance", "native size"), rows)


def _terms(presets: list[Any]) -> str:
    lines = []
    for one in presets:
        gated = "; the hub asks for its terms to be accepted first" if one.gated else ""
        lines.append(
            f"- `{one.name}`: [{one.repo}](https://huggingface.co/{one.repo}), {one.licence.name} "
            f"([read at]({one.licence.source})). Commercial use: {allows(one.licence.name)}{gated}."
        )
        if one.ip_adapter:
            size = f", {one.ip_adapter.download_mb / 1000:.1f} GB" if one.ip_adapter.download_mb else ""
            lines.append(
                f"- its IP-Adapter: [{one.ip_adapter.repo}](https://huggingface.co/{one.ip_adapter.repo}), "
                f"{one.ip_adapter.licence.name}{size}."
            )
    return "\n".join(dict.fromkeys(lines)) + "\n"


def _figures(presets: list[Any]) -> str:
    lines = []
    for one in presets:
        for what, figure in (("memory", one.memory), ("time", one.time)):
            if figure is not None:
                lines.append(f"- `{one.name}`, {what}: {figure.text} ([source]({figure.source})).")
    if not lines:
        return "No figures of its makers were found.\n"
    return "Said by others, not measured here:\n\n" + "\n".join(lines) + "\n"


def _plan(presets: list[Any]) -> str:
    """Return how Kamishibai's memory plan would run the first preset on cards of several sizes."""
    from kamishibai.devices.memory import Device, plan_memory
    from kamishibai.weights.families import family_named

    one = presets[0]
    family = family_named(one.family)
    assert family is not None
    width = int(one.options.get("width", family.native[0]))
    height = int(one.options.get("height", family.native[1]))
    rows = []
    for gb in CARDS_GB:
        device = Device(kind="cuda", total_mb=gb * 1000, free_mb=gb * 950, bf16=True)
        frames = int(one.options.get("frames", 1))
        batch = 4 if one.kind == "picture" else 1
        plan = plan_memory(device, family, one.download_mb or 0, width, height, frames=frames, batch=batch)
        decoded = (
            str(plan.decode_chunk or "all")
            if one.kind == "motion"
            else "tiles"
            if plan.vae_tiling
            else "whole"
        )
        rows.append(
            (
                f"{gb} GB",
                "yes" if plan.fits else "no",
                plan.dtype,
                PLACES[plan.offload],
                str(plan.batch),
                decoded,
                f"{plan.estimate_mb / 1000:.1f} GB",
            )
        )
    head = ("card", "fits", "precision", "weights", "at once", "decoded", "estimate")
    return (
        f"What Kamishibai's own plan does with `{one.name}` on an empty NVIDIA card; an estimate by "
        "its formula, not a measurement:\n\n" + table(head, rows)
    )


def _reading(family: Any) -> str:
    if not family.reads_words:
        return "It reads no words."
    style = "tags between commas, the weightiest first" if family.style == "tags" else "plain sentences"
    tokens = f", {family.tokens} tokens at a time" if family.tokens else ""
    negative = "takes a" if family.negative else "takes no"
    return f"Prompts are {style}{tokens}; it {negative} negative prompt."


def _facts(family: Any, alone: bool) -> str:
    lines = [_reading(family)]
    if family.kind == "picture":
        size = f"about {family.native[0]}×{family.native[1]} pixels" + (
            ", or what the checkpoint's own configuration says" if family.sized_by else ""
        )
        lines.append(f"It draws at {size}, in steps of {family.multiple}.")
        starts = [
            word
            for word, able in (("a picture", family.image_to_image), ("a region", family.inpaint))
            if able
        ]
        if starts:
            lines.append(f"It can start from {' or repair '.join(starts)}.")
        ways = {"ip-adapter": "an IP-Adapter", "reference-attention": "attention shared between pictures"}
        if family.identity:
            lines.append(f"Faces are held by {' or '.join(ways[way] for way in family.identity)}.")
        else:
            lines.append("Faces are held by fixed descriptions and seeds.")
    else:
        starts = [
            word
            for word, able in (
                ("words", family.words_pipeline),
                ("the scene's picture", family.picture_pipeline),
            )
            if able
        ]
        lines.append(f"Clips start from {' or '.join(starts)}.")
        rule = f"{family.frame_step}k+{family.frame_rest}" if family.frame_step > 1 else "any number of"
        lines.append(
            f"It makes {rule} frames, up to {family.max_frames}, at {family.fps} a second, "
            f"about {family.native[0]}×{family.native[1]} pixels in steps of {family.multiple}."
        )
    title = (
        ""
        if alone
        else f"**{family.name}** ({', '.join(f'`{c}`' for c in family.pipelines) or 'by its configuration'}). "
    )
    return title + " ".join(lines) + "\n"


def _all_families(families: list[Any]) -> str:
    rows = [
        (
            family.name,
            ", ".join(f"`{name}`" for name in family.pipelines),
            f"{family.native[0]}×{family.native[1]}"
            + (f", {family.frames} frames at {family.fps}/s" if family.kind == "motion" else ""),
            str(family.tokens or "–"),
            "yes" if family.negative else "no",
        )
        for family in families
    ]
    return table(("family", "classes", "native size", "tokens", "negative prompt"), rows)


def main() -> None:
    """Write the pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(os.path.relpath(FOLDER / name))


if __name__ == "__main__":
    sys.exit(main())
