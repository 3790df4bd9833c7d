"""Read and write ``storyboard.yaml``: every mistake with its line, field and nearest name; comments for the editor."""

from __future__ import annotations

import types
import typing
from fractions import Fraction
from typing import Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.storyboard import (
    SCHEMA,
    DayTime,
    Mood,
    Move,
    Pose,
    Relation,
    Setting,
    Size,
    Storyboard,
    Transition,
    View,
    Weather,
)
from kamishibai.documents.yaml_nodes import (
    Mistake,
    Path,
    YamlText,
    nearest,
    raise_mistakes,
    read_yaml,
    show_path,
)
from kamishibai.errors import DocumentError

__all__ = ["MAX_BYTES", "dump", "load"]

MAX_BYTES = 5_000_000
# Fields that are written even at their default, because they are what people change first.
_ALWAYS: dict[str, frozenset[str]] = {
    "Storyboard": frozenset({"schema", "title", "language", "seed", "look", "aspect", "cast"}),
    "Character": frozenset({"id", "name", "noun"}),
    "Actor": frozenset({"who", "pose"}),
    "Prop": frozenset({"name"}),
    "Scene": frozenset(
        {"id", "line", "setting", "time", "weather", "mood", "view", "actors", "props", "sounds", "camera"}
    ),
    "Camera": frozenset({"move", "amount"}),
    "Person": frozenset({"gender", "age"}),
}
_FLOW = frozenset({"camera", "place", "person", "sounds", "adjectives", "wears"})


# ---------------------------------------------------------------------------------------------- reading
def load(text: str, source: str = "storyboard.yaml") -> Storyboard:
    """Return the storyboard that `text` spells; `source` is its file name for messages.

    Raises
    ------
    DocumentError
        With every mistake at once: line, field, what is wrong and the nearest valid name.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise DocumentError(
            f"a storyboard of more than {MAX_BYTES // 1_000_000} MB cannot be right", where=source
        )
    read = read_yaml(text, source)
    if not isinstance(read.data, dict):
        raise DocumentError(
            "this is not a storyboard: it should be a list of fields such as title, cast and scenes",
            where=source,
            hint="`kamishibai board STORY` writes one from a story",
        )
    schema = read.data.get("schema", SCHEMA)
    if schema != SCHEMA:
        raise DocumentError(
            f"this is schema {schema!r}; this version reads {SCHEMA!r}",
            where=f"{source}, line {read.line_of(('schema',))}",
            hint="update kamishibai, or write the storyboard anew with `kamishibai board`",
        )
    mistakes = _ids(read)
    try:
        board = _validate(read)
    except ValidationError as error:
        mistakes += [m for problem in error.errors() if (m := _mistake(problem, read)) is not None]
        raise_mistakes(mistakes, source)
        raise DocumentError(str(error), where=source) from error
    raise_mistakes(mistakes, source)
    return board


def _validate(read: YamlText) -> Storyboard:
    """Validate, reading bare numbers and words such as 1984 or true as text where text is wanted."""
    try:
        return Storyboard.model_validate(read.data)
    except ValidationError as error:
        changed = False
        for problem in error.errors():
            path = tuple(problem["loc"])
            if problem["type"] == "string_type" and path in read.raw and problem["input"] is not None:
                _put(read.data, path, read.raw[path])
                changed = True
        if not changed:
            raise
        return Storyboard.model_validate(read.data)


def _put(data: Any, path: Path, value: str) -> None:
    for part in path[:-1]:
        data = data[part]
    data[path[-1]] = value


def _ids(read: YamlText) -> list[Mistake]:
    """Find ids that are used twice and names of characters that are not in the cast."""
    mistakes: list[Mistake] = []
    known: dict[str, dict[str, Path]] = {"cast": {}, "scenes": {}}
    for part, seen in known.items():
        for i, item in enumerate(_items(read.data, part)):
            id_ = item.get("id")
            if not isinstance(id_, str):
                continue
            if id_ in seen:
                first = read.line_of(seen[id_])
                what = f"the id {id_!r} is used twice (first on line {first})"
                mistakes.append(_at(read, (part, i, "id"), what))
            else:
                seen[id_] = (part, i, "id")
    cast = known["cast"]
    for i, scene in enumerate(_items(read.data, "scenes")):
        named: list[tuple[Path, Any]] = [(("scenes", i, "speaker"), scene.get("speaker"))]
        for j, actor in enumerate(_items(scene, "actors")):
            named.append((("scenes", i, "actors", j, "who"), actor.get("who")))
        for path, who in named:
            if isinstance(who, str) and who not in cast:
                meant = nearest(who, list(cast))
                what = f"{who!r} is not in the cast" + (
                    f"; did you mean {meant!r}?" if meant else f" ({', '.join(cast) or 'which is empty'})"
                )
                mistakes.append(_at(read, path, what))
    return mistakes


def _items(data: Any, key: str) -> list[dict[str, Any]]:
    found = data.get(key) if isinstance(data, dict) else None
    return [item if isinstance(item, dict) else {} for item in found] if isinstance(found, list) else []


def _at(read: YamlText, path: Path, what: str) -> Mistake:
    return Mistake(read.line_of(path), show_path(path), what)


def _mistake(problem: Any, read: YamlText) -> Mistake | None:
    """Put one of pydantic's complaints into a sentence with a line; None where `_ids` has said it already."""
    path: Path = tuple(problem["loc"])
    kind: str = problem["type"]
    given = problem["input"]
    if (kind == "value_error" and not path) or (kind == "too_short" and given):
        return None  # `_ids` has said the first; the second only repeats that an entry of the list is wrong
    model = _model_at(path[:-1])
    if kind == "extra_forbidden":
        fields = _field_names(model) if model else []
        meant = nearest(str(path[-1]), fields)
        what = f"there is no field {path[-1]!r} here"
        return _at(read, path, what + (f"; did you mean {meant!r}?" if meant else f" ({', '.join(fields)})"))
    if kind == "missing":
        return _at(read, path, f"{path[-1]!r} is missing")
    if kind == "literal_error":
        options = [str(option) for option in _options(path)]
        meant = nearest(str(given), options)
        what = f"{given!r} is not allowed" + (f"; did you mean {meant!r}?" if meant else "")
        return _at(read, path, f"{what} (one of: {', '.join(options)})" if options else what)
    if kind in ("model_type", "model_attributes_type"):
        return _at(read, path, f"this should be a group of fields, not {_shown(given)}")
    if kind == "tuple_type":
        return _at(read, path, f"this should be a list (- one, - two), not {_shown(given)}")
    if kind == "string_pattern_mismatch":
        pattern = problem["ctx"]["pattern"]
        return _at(read, path, f"{given!r} is not well formed (it should match {pattern})")
    message = str(problem["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    return _at(read, path, f"{_shown(read.raw.get(path, given))}: {message}")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _field_names(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _annotation(path: Path) -> Any:
    """Return the type that the document model gives to `path`, or None."""
    at: Any = Storyboard
    for part in path:
        at = _unwrapped(at)
        if isinstance(part, int):
            at = get_args(at)[0] if get_origin(at) is tuple else None
        elif isinstance(at, type) and issubclass(at, BaseModel):
            found = [f.annotation for n, f in at.model_fields.items() if part in (n, f.alias)]
            at = found[0] if found else None
        else:
            return None
    return _unwrapped(at)


def _unwrapped(annotation: Any) -> Any:
    """Strip ``| None`` and ``Annotated``."""
    while True:
        origin = get_origin(annotation)
        if origin in (Union, types.UnionType):
            rest = [arg for arg in get_args(annotation) if arg is not type(None)]
            annotation = rest[0]
        elif origin is typing.Annotated:
            annotation = get_args(annotation)[0]
        else:
            return annotation


def _model_at(path: Path) -> type[BaseModel] | None:
    found = _annotation(path)
    return found if isinstance(found, type) and issubclass(found, BaseModel) else None


def _options(path: Path) -> tuple[Any, ...]:
    found = _annotation(path)
    return get_args(found) if get_origin(found) is Literal else ()


# ---------------------------------------------------------------------------------------------- writing
def dump(board: Storyboard) -> str:
    """Return `board` as YAML that is pleasant to edit; ``load(dump(board)) == board``."""
    head = board.model_copy(update={"cast": (), "scenes": board.scenes[:1]})
    fields = _plain(head)
    del fields["cast"], fields["scenes"]
    parts = [_HEADER, _yaml(fields)]
    parts.append(
        "\n# Who appears. The id is what the scenes call them; the rest is how they look, in every scene.\n"
    )
    if board.cast:
        parts.append("cast:\n" + "".join(_item(_plain(character)) for character in board.cast))
    else:
        parts.append("cast: []\n")
    parts.append("\n# One entry a scene, in the order of the film.\nscenes:\n")
    parts.append("\n".join(_item(_plain(scene)) for scene in board.scenes))
    return "".join(parts)


def _plain(record: Frozen) -> dict[str, Any]:
    """Return the fields worth writing, as plain data in the model's order."""
    always = _ALWAYS.get(type(record).__name__, frozenset())
    written: dict[str, Any] = {}
    for name, field in type(record).model_fields.items():
        value = getattr(record, name)
        shown = field.alias or name
        if shown in always or field.is_required() or value != _default(field):
            written[shown] = _value(value)
    return written


def _default(field: Any) -> Any:
    default = field.get_default(call_default_factory=True)
    # Times give their defaults as text, which validation turns into fractions.
    return Fraction(default) if field.annotation is Fraction and isinstance(default, str) else default


def _value(value: Any) -> Any:
    if isinstance(value, Frozen):
        return _plain(value)
    if isinstance(value, tuple):
        return [_value(item) for item in value]
    if isinstance(value, Fraction):
        return _seconds(value)
    return value


def _seconds(time: Fraction) -> int | float | str:
    """Return a time as people write it: 2, 0.4, or ``1/3`` where no short decimal is exact."""
    if time.denominator == 1:
        return int(time)
    short = round(float(time), 3)
    return short if Fraction(repr(short)) == time else str(time)


class _Dumper(yaml.SafeDumper):
    """Keeps the order of fields, sets short groups on one line, and never writes an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        node = super().represent_mapping(tag, mapping, flow_style)
        for key, value in node.value:
            short = isinstance(value, (yaml.MappingNode, yaml.SequenceNode)) and key.value in _FLOW
            if short or (isinstance(value, yaml.CollectionNode) and not value.value):
                value.flow_style = True
        return node


def _yaml(data: dict[str, Any]) -> str:
    return yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=False
    )


def _item(data: dict[str, Any]) -> str:
    """Return `data` as one entry of a list, two columns in."""
    lines = _yaml(data).splitlines(keepends=True)
    return "".join(
        ("  - " if i == 0 else "    " if line.strip() else "") + line for i, line in enumerate(lines)
    )


def _list(title: str, values: Any) -> str:
    lines, line = [], f"#   {title + ':':<11}"
    for value in get_args(values):
        if len(line) + len(value) > 108:
            lines.append(line)
            line = "#   " + " " * 11
        line += f" {value}"
    return "\n".join([*lines, line]) + "\n"


_HEADER = (
    "# The storyboard. Change anything here and run `kamishibai make` again:\n"
    "# only what your change touches is made anew.\n"
    "#\n"
    "# A scene may set\n"
    + _list("setting", Setting)
    + _list("time", DayTime)
    + _list("weather", Weather)
    + _list("mood", Mood)
    + _list("view", View)
    + "#   camera:     {move, amount 0 to 0.3}; move is one of\n"
    + _list("", Move).replace(":", " ", 1)
    + _list("transition", Transition)
    + "#   pause:      seconds of silence after the line\n"
    "#   prompt:     replaces the words that a picture model is given\n"
    "#   negative:   replaces the words for what must not be seen\n"
    "#   seed:       another number, another picture\n"
    "# An actor or prop may set\n"
    + _list("pose", Pose)
    + _list("size", Size)
    + "#   place:      {relation, of: a cast id, a prop or a part of the scenery}; relation is one of\n"
    + _list("", Relation).replace(":", " ", 1)
    + "#   colour:     a word (golden) or '#rrggbb';  count: how many;  holds: a prop in its hand\n"
    "# A character may set, for models that can be shown a face\n"
    "#   picture:    your own photo or drawing of it, in this folder (mira.jpg)\n\n"
)
