"""Writes docs/reference/ from the code itself: the command line, the settings and options, the storyboard.

Run it after a change of any of them (`make docs`); a test fails while a page is stale.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NOTE = "<!-- Written by tools/reference.py from the code. Do not edit: run `make docs`. -->\n\n"


def pages() -> dict[str, str]:
    """Return the text of every page by its path under docs/reference."""
    return {
        "cli.md": NOTE + cli_page(),
        "options.md": NOTE + options_page(),
        "storyboard.md": NOTE + storyboard_page(),
    }


# ------------------------------------------------------------------------------------------ Markdown
def _cell(text: str) -> str:
    return _prose(text).replace("|", "\\|").replace("<", "&lt;")


def _prose(text: str) -> str:
    return " ".join(text.split()).replace("``", "`")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


# ------------------------------------------------------------------------------------------ command line
def cli_page() -> str:
    """Return every command with its arguments and options, and the exit codes."""
    from typer.main import get_command

    from kamishibai.cli.app import EXIT_CODES, app

    root: Any = get_command(app)
    parts = ["# The command line\n", _plain(root.help) + "\n"]
    rows = [(f"[`{name}`](#kamishibai-{name})", _first(command)) for name, command in root.commands.items()]
    parts.append(_table(("command", "what it does"), rows))
    for name, command in root.commands.items():
        parts.append(_command(name, command))
        inner = getattr(command, "commands", {})
        parts += [_command(f"{name} {word}", one, "###") for word, one in inner.items()]
    parts.append("## Exit codes\n")
    parts.append(_table(("code", "meaning"), [(str(code), meaning) for code, meaning in EXIT_CODES.items()]))
    return "\n".join(parts)


def _plain(markup: str | None) -> str:
    from rich.text import Text

    return Text.from_markup(markup or "").plain


def _first(command: Any) -> str:
    return _plain(command.help).strip().split("\n\n")[0]


def _command(name: str, command: Any, level: str = "##") -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and not p.hidden]
    tail = (
        [command.subcommand_metavar]
        if hasattr(command, "commands")
        else [*map(_named, arguments), "[OPTIONS]"]
    )
    usage = " ".join(["kamishibai", name, *tail])
    text = _plain(command.help).strip()
    about, _, example = text.partition("Example")
    parts = [f"{level} kamishibai {name}\n", f"```\n{usage}\n```\n", about.strip() + "\n"]
    commands = [
        c.strip() for c in example.replace("\n", "  ").split("  ") if c.strip().startswith("kamishibai")
    ]
    if commands:
        parts.append("```sh\n" + "\n".join(commands) + "\n```\n")
    if arguments:
        parts.append(
            _table(("argument", "what it is"), [(_code(_named(a)), _plain(a.help)) for a in arguments])
        )
    if options:
        parts.append(_table(("option", "values", "what it does"), [_option(o) for o in options]))
    return "\n".join(parts)


def _named(argument: Any) -> str:
    name = str(argument.metavar or argument.name).upper()
    return name if argument.required else f"[{name}]"


def _option(option: Any) -> tuple[str, str, str]:
    names = [*option.opts, *option.secondary_opts]
    if option.metavar is not None:
        values = option.metavar
    else:
        choices = getattr(option.type_descriptor.annotation, "__members__", {})
        values = ", ".join(member.value for member in choices.values())
    return " ".join(_code(name) for name in names), _code(values), _plain(option.help)


# ------------------------------------------------------------------------------------------ options
def options_page() -> str:
    """Return the settings, and the models with their options."""
    from kamishibai.documents.fields import field_cards
    from kamishibai.models import registry
    from kamishibai.settings import FILE, PREFIX, Settings

    parts = [
        "# Settings and options\n",
        f"## Settings\n\nEach can stand in a project's `{FILE}` (`size: 720`), in the environment "
        f"(`{PREFIX}SIZE=720`) and, where the command has it, on the command line (`--size 720`); the later wins.\n",
        _table(
            ("setting", "values", "default", "environment", "what it is"),
            [
                (
                    _code(card.name),
                    card.values,
                    _code(card.default),
                    _code(PREFIX + card.name.upper()) if card.name != "options" else "",
                    card.what,
                )
                for card in field_cards(Settings)
            ],
        ),
        "## Models\n\nAn option of a model is set with `--option MODEL.FIELD=VALUE`, or in the settings file:\n\n"
        "```yaml\noptions:\n  voice:none:\n    pace: 2\n```\n",
    ]
    own = sorted(
        p.name for p in entry_points(group="kamishibai.models") if p.dist and p.dist.name == "kamishibai"
    )
    for kind in registry.KINDS:
        for id_ in (i for i in own if registry.kind_of(i) == kind):
            parts.append(_model(id_))
    return "\n".join(parts)


def _model(id_: str) -> str:
    from kamishibai.documents.fields import field_cards
    from kamishibai.models import registry

    cls = registry.class_of(id_)
    what = _prose((cls.__doc__ or "").strip().split("\n\n")[0])
    default = " This is the default." if id_ in registry.EMBEDDED.values() else ""
    needs = cls.needs()
    facts = [f"{n} MB {name}" for name, n in (("memory", needs.memory_mb), ("disk", needs.disk_mb)) if n]
    if needs.extra:
        facts.append(f"`pip install 'kamishibai[{needs.extra}]'`")
    lines = [f"### {id_}\n", what + default + "\n"]
    if facts:
        lines.append(f"Needs {', '.join(facts)}.\n")
    for licence in cls.licence():
        terms = [licence.name, "commercial use allowed" if licence.commercial else "no commercial use"]
        if licence.name.startswith("of the weights"):
            terms = ["that of the weights in use; `kamishibai models` lists it by preset"]
        lines.append(
            "- Licence: " + "; ".join([*terms, *(t for t in (licence.attribution, licence.source) if t)])
        )
    lines.append("")
    cards = field_cards(cls.Options)
    if cards:
        rows = [(_code(c.name), c.values, _code(c.default), c.what) for c in cards]
        lines.append(_table(("option", "values", "default", "what it does"), rows))
    return "\n".join(lines)


# ------------------------------------------------------------------------------------------ storyboard
def storyboard_page() -> str:
    """Return every field of the storyboard."""
    from kamishibai.documents import storyboard as doc
    from kamishibai.documents.fields import field_cards

    parts = [
        "# The storyboard\n",
        "`storyboard.yaml` says what the film shows and tells. It is yours to edit; nothing is ever measured or "
        "recorded in it. Times are seconds. A field that is left out has its default; a field that does not exist "
        "is an error that names the nearest one that does.\n",
    ]
    for cls in (
        doc.Storyboard,
        doc.Scene,
        doc.Actor,
        doc.Prop,
        doc.Place,
        doc.Camera,
        doc.Character,
        doc.Person,
    ):
        parts.append(f"## {cls.__name__}\n\n{_prose(cls.__doc__ or '')}\n")
        rows = [(_code(c.name), c.values, _code(c.default) or "required", c.what) for c in field_cards(cls)]
        parts.append(_table(("field", "values", "default", "what it is"), rows))
    return "\n".join(parts)


def main() -> None:
    """Write the pages."""
    folder = ROOT / "docs" / "reference"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")
        print(os.path.relpath(folder / name))


if __name__ == "__main__":
    sys.exit(main())
