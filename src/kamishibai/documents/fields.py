"""Describes the fields of a document or of a model's options for people: values, default, and what each is for."""

from __future__ import annotations

import ast
import inspect
import textwrap
import types
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from kamishibai.documents.frozen import Frozen

__all__ = ["FieldCard", "field_cards"]

_PLAIN: Mapping[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Fraction: "number or fraction",
    Path: "path",
    Any: "anything",
}


class FieldCard(Frozen):
    """One field, in words."""

    name: str
    values: str
    default: str
    """As it is written in YAML; empty when the field is required."""
    what: str
    """The field's docstring, on one line."""


def field_cards(cls: type[BaseModel]) -> tuple[FieldCard, ...]:
    """Return a card for every field of `cls`, in the order of its definition."""
    docs = _docs(cls)
    cards = []
    for name, field in cls.model_fields.items():
        cards.append(
            FieldCard(
                name=field.alias or name,
                values=_values(field.annotation, field.metadata),
                default="" if field.is_required() else _spelled(field.get_default(call_default_factory=True)),
                what=(field.description or docs.get(name, "")).replace("``", "`"),
            )
        )
    return tuple(cards)


@lru_cache(maxsize=128)
def _docs(cls: type[BaseModel]) -> dict[str, str]:
    """Return the docstring below each field, base classes included; Python itself does not keep them."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if base in (BaseModel, Frozen) or not issubclass(base, BaseModel):
            continue
        try:
            body = ast.parse(textwrap.dedent(inspect.getsource(base))).body[0]
        except (OSError, TypeError, SyntaxError):
            continue  # no source, as in a frozen program
        assert isinstance(body, ast.ClassDef)
        for field, doc in zip(body.body, body.body[1:], strict=False):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and isinstance(doc, ast.Expr)
                and isinstance(doc.value, ast.Constant)
                and isinstance(doc.value.value, str)
            ):
                found[field.target.id] = " ".join(doc.value.value.split())
    return found


def _values(annotation: Any, metadata: list[Any]) -> str:
    """Return what a field may hold."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        return _values(inner, [*metadata, *more])
    if origin in (Union, types.UnionType):
        parts = [arg for arg in get_args(annotation) if arg is not type(None)]
        return " or ".join(dict.fromkeys(_values(part, metadata) for part in parts))
    if origin is Literal:
        return ", ".join(str(arg) for arg in get_args(annotation))
    if origin in (tuple, list):
        return f"list of {_values(get_args(annotation)[0], [])}"
    if origin is dict:
        return "fields by name"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation.__name__
    name, limits = _PLAIN.get(annotation, "text"), _limits(metadata)
    return f"{name}, {limits}" if limits else name


def _limits(metadata: list[Any]) -> str:
    """Return the limits of a number or a text, in words."""
    least = most = above = below = None
    for item in metadata:
        for one in item if isinstance(item, annotated_types.GroupedMetadata) else (item,):
            least = getattr(one, "ge", least)
            most = getattr(one, "le", most)
            above = getattr(one, "gt", above)
            below = getattr(one, "lt", below)
            if isinstance(one, FieldInfo):
                return _limits(one.metadata)
            if isinstance(one, annotated_types.MaxLen):
                return f"at most {one.max_length} characters"
            if (pattern := getattr(one, "pattern", None)) is not None:
                return f"matching {pattern}"
    if least is not None and most is not None:
        return f"{least} to {most}"
    words = [
        f"{name} {value}"
        for name, value in (("at least", least), ("at most", most), ("above", above), ("below", below))
        if value is not None
    ]
    return ", ".join(words)


def _spelled(value: Any) -> str:
    if value is None:
        return "unset"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, BaseModel):
        inner = {name: getattr(value, name) for name in type(value).model_fields}
        return "{" + ", ".join(f"{name}: {_spelled(part)}" for name, part in inner.items()) + "}"
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(_spelled(part) for part in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_spelled(part)}" for name, part in value.items()) + "}"
    return str(value) if value != "" else '""'
