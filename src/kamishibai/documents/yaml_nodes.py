"""Read YAML as plain data with the line of every value: no tags, no anchors, no duplicate keys, no surprises."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from kamishibai.errors import DocumentError

__all__ = ["Mistake", "Path", "YamlText", "nearest", "raise_mistakes", "read_yaml", "show_path"]

Path = tuple[str | int, ...]
MAX_DEPTH = 24
_PLAIN_TAGS = frozenset({"map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge", "value"})
# libyaml where the wheel has it: ten times as fast on a storyboard of 500 scenes.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?[0-9]{1,18}$")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?$|[-+]?[0-9]+[eE][-+]?[0-9]{1,3}$")


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong, where, and what may have been meant."""

    line: int
    path: str
    what: str

    def __str__(self) -> str:
        return f"line {self.line}{', ' + self.path if self.path else ''}: {self.what}"


@dataclass
class YamlText:
    """The data of a YAML text; by path, the line each value and key stands on and each scalar as written."""

    data: Any
    lines: dict[Path, int] = field(default_factory=dict)
    raw: dict[Path, str] = field(default_factory=dict)

    def line_of(self, path: Path) -> int:
        """Return the line of `path`, or of the nearest thing around it that was written."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def nearest(word: str, words: Iterator[str] | list[str] | tuple[str, ...]) -> str | None:
    """Return the entry of `words` most like `word`, or None when none is near."""
    near = difflib.get_close_matches(word.lower(), list(words), 1, cutoff=0.6)
    return near[0] if near else None


def show_path(path: Path) -> str:
    """Return ``scenes[2].camera.move`` for ``("scenes", 2, "camera", "move")``."""
    shown = ""
    for part in path:
        shown += f"[{part}]" if isinstance(part, int) else f".{part}" if shown else part
    return shown


def raise_mistakes(mistakes: list[Mistake], source: str, hint: str | None = None) -> None:
    """Raise one DocumentError that lists every mistake in the order of the file; return when there is none."""
    if not mistakes:
        return
    mistakes = sorted(set(mistakes), key=lambda m: (m.line, m.path, m.what))
    first = mistakes[0]
    if len(mistakes) == 1:
        place = f"{source}, line {first.line}" + (f", {first.path}" if first.path else "")
        raise DocumentError(first.what, where=place, hint=hint)
    shown = [f"  {mistake}" for mistake in mistakes[:20]]
    if len(mistakes) > 20:
        shown.append(f"  and {len(mistakes) - 20} more")
    raise DocumentError(
        f"{len(mistakes)} mistakes\n" + "\n".join(shown),
        where=source,
        hint=hint or "mend these lines and run again",
    )


def read_yaml(text: str, source: str, first_line: int = 1) -> YamlText:
    """Return the data in `text`; `first_line` is the number of its first line in `source`.

    Scalars follow YAML 1.2's core schema (``on`` and ``no`` are words, not booleans).

    Raises
    ------
    DocumentError
        Bad syntax, anchors or aliases, explicit tags, duplicate keys, more than one document, too deep.
    """
    offset = first_line
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            anchor = getattr(event, "anchor", None)
            if anchor is not None:
                raise DocumentError(
                    f"anchors and aliases (&{anchor}, *{anchor}) are not allowed here",
                    where=f"{source}, line {event.start_mark.line + offset if event.start_mark else 1}",
                    hint="write the value out where it is needed; put quotes around text that begins with & or *",
                )
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise _syntax_error(error, source, offset) from error
    except RecursionError as error:
        raise DocumentError("nested too deeply to be right", where=source) from error
    read = YamlText(None)
    if node is not None:
        mistakes: list[Mistake] = []
        read.data = _build(node, (), read, mistakes, offset)
        raise_mistakes(mistakes, source)
    return read


def _syntax_error(error: yaml.YAMLError, source: str, offset: int) -> DocumentError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    context = getattr(error, "context", None)
    where = f"{source}, line {mark.line + offset}, column {mark.column + 1}" if mark else source
    return DocumentError(
        f"this is not valid YAML: {problem}" + (f" ({context})" if context else ""),
        where=where,
        hint="check the indentation, and put quotes around text that holds ': ' or begins with a symbol",
    )


def _build(node: yaml.Node, path: Path, read: YamlText, mistakes: list[Mistake], offset: int) -> Any:
    line = node.start_mark.line + offset
    read.lines.setdefault(path, line)
    if len(path) > MAX_DEPTH:
        mistakes.append(Mistake(line, "", "nested too deeply to be right"))
        return None
    if node.tag.removeprefix("tag:yaml.org,2002:") not in _PLAIN_TAGS:
        mistakes.append(Mistake(line, show_path(path), f"the tag {node.tag!r} is not allowed here"))
        return None
    if isinstance(node, yaml.ScalarNode):
        read.raw[path] = node.value
        return _scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*path, i), read, mistakes, offset) for i, item in enumerate(node.value)]
    built: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key_line = key_node.start_mark.line + offset
        if not isinstance(key_node, yaml.ScalarNode):
            mistakes.append(Mistake(key_line, show_path(path), "a key must be a plain word"))
            continue
        key = str(key_node.value)
        if key in built:
            mistakes.append(Mistake(key_line, show_path((*path, key)), f"{key!r} is written twice"))
            continue
        inner: Path = (*path, key)
        read.lines[inner] = key_line
        built[key] = _build(value_node, inner, read, mistakes, offset)
    return built


def _scalar(node: yaml.ScalarNode) -> Any:
    value: str = node.value
    if node.style not in (None, ""):  # quoted or block text; libyaml gives plain text the style ""
        return value
    if value in ("", "~", "null", "Null", "NULL"):
        return None
    if value in ("true", "True", "TRUE"):
        return True
    if value in ("false", "False", "FALSE"):
        return False
    if _INT.match(value):
        return int(value)
    if _FLOAT.match(value):
        return float(value)
    return value
