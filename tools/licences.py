"""Writes the section about weights in docs/licences.md from the presets and the table of licences.

Run it after a change of either (`make docs`); a test fails while the section is stale.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "licences.md"
BEGIN = "<!-- Written by tools/licences.py from the presets. Do not edit: run `make docs`. -->"
END = "<!-- End of what tools/licences.py writes. -->"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def allows(name: str) -> str:
    """Return what a licence says about commercial use: yes, no or for some, and what it takes."""
    from kamishibai.weights.licences import terms_of

    terms = terms_of(name)
    if terms is None:
        return "no"
    word = "yes" if terms.commercial else "for some" if terms.conditional else "no"
    return f"{word}; {terms.note}" if terms.note else word


def section() -> str:
    """Return the generated section, between its marks."""
    from kamishibai.catalogue import id_of
    from kamishibai.weights.presets import presets

    rows = []
    for one in presets():
        back = id_of(one).rpartition(":")[0]
        rows.append(
            (
                f"`{one.name}` ({back})",
                f"[{one.repo}](https://huggingface.co/{one.repo})",
                one.licence.name,
                allows(one.licence.name),
                f"[source]({one.licence.source})",
            )
        )
    adapters = {}
    for one in presets():
        if one.ip_adapter:
            adapters[one.ip_adapter.file] = (
                f"IP-Adapter for {one.family}",
                f"[{one.ip_adapter.repo}](https://huggingface.co/{one.ip_adapter.repo})",
                one.ip_adapter.licence.name,
                allows(one.ip_adapter.licence.name),
                f"[source]({one.ip_adapter.licence.source})",
            )
    return "\n".join(
        [
            BEGIN,
            "",
            "## Weights of generative models",
            "",
            "Kamishibai carries none of these weights: `models pull` fetches what you ask for, and shows its "
            "licence before it does. The licences were read where the last column leads. “Yes” means that anybody may "
            "use the weights commercially; “for some” that it takes a small turnover or a registration. "
            "`--commercial-safe` refuses what is not “yes” before any work begins, and weights whose "
            "terms nobody stated.",
            "",
            table(("preset", "weights", "licence", "commercial use", "read at"), [*rows, *adapters.values()]),
            "Weights that are no preset have the terms of their model card (`README.md`), and none are assumed where it "
            "states none. A licence that Kamishibai does not know counts as not commercial. LoRA files state no terms: "
            "look where you found them.",
            "",
            END,
        ]
    )


def written(page: str) -> str:
    """Return the page with its generated section anew; it is put before the libraries where there is none yet."""
    if BEGIN in page:
        before, rest = page.split(BEGIN, 1)
        return before + section() + rest.split(END, 1)[1]
    before, mark, rest = page.partition("## Libraries of the default install")
    return before + section() + "\n\n" + mark + rest


def main() -> None:
    """Write the section."""
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(os.path.relpath(PAGE))


if __name__ == "__main__":
    sys.exit(main())
