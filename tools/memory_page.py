"""Writes the table of docs/memory.md from the memory plan itself. Run `make docs`; a test fails while it is stale."""

from __future__ import annotations

from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "memory.md"
BEGIN = "<!-- table: written by tools/memory_page.py -->\n"
END = "<!-- end of table -->\n"
CARDS_GIB = (6, 8, 12, 16, 24, 48, 80)
FAMILIES = ("sd15", "sdxl", "sd3", "flux", "zimage", "qwenimage", "svd", "modelscope", "ltx", "wan")
FREE = 0.95
"""Part of a card that the screen and others leave."""


def table() -> str:
    """Return the table: a row a family, a column a card."""
    from kamishibai.weights.families import family_named

    columns = [f"{gib} GB" for gib in CARDS_GIB]
    rows = [f"| family, size | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    for name in FAMILIES:
        family = family_named(name)
        assert family is not None, name
        width, height = family.native
        frames = f", {family.frames} frames" if family.kind == "motion" else ""
        cells = [_cell(family, gib) for gib in CARDS_GIB]
        rows.append(f"| `{name}`, {width}×{height}{frames} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _cell(family: object, gib: int) -> str:
    from kamishibai.devices.memory import Device, plan_memory
    from kamishibai.weights.families import Family

    assert isinstance(family, Family)
    total = round(gib * 1073.741824)
    card = Device(kind="cuda", total_mb=total, free_mb=round(total * FREE), bf16=True)
    batch = 4 if family.kind == "picture" else 1
    plan = plan_memory(card, family, 0, *family.native, frames=family.frames, batch=batch)
    words = [{"none": "whole", "model": "parts", "sequential": "layers"}[plan.offload]]
    words += ["tiles"] * plan.vae_tiling + ["pieces"] * plan.forward_chunking
    if plan.decode_chunk is not None:
        words.append(f"{plan.decode_chunk} frames")
    words += [f"{plan.batch} at once"] * (plan.batch > 1)
    return f"{', '.join(words)}: {plan.estimate_mb / 1000:.1f}" if plan.fits else "does not fit"


def page() -> str:
    """Return docs/memory.md with the table as the code has it now."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
