"""The golden file: maker → version → fingerprints, one take a line; and where each maker is written."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from functools import lru_cache
from pathlib import Path
from typing import Any

from bench import Case

import kamishibai.steps
from kamishibai.models import registry
from kamishibai.models.base import Model

__all__ = ["COMMAND", "GOLDEN", "Book", "classes", "house_makers", "leaning", "read", "version_line", "write"]

GOLDEN = Path(__file__).with_name("golden.json")
COMMAND = "python tests/golden/regenerate.py"
Book = dict[str, dict[str, Any]]


def read(path: Path | None = None) -> Book:
    """Return what is in the golden file; nothing when there is none."""
    path = path or GOLDEN
    if not path.exists():
        return {}
    book: Book = json.loads(path.read_text("utf-8"))
    return book


def write(book: Book, path: Path | None = None) -> None:
    """Write the golden file: a line a take, so that a diff names what changed."""
    makers = []
    for maker, entry in sorted(book.items()):
        takes = ",\n".join(
            f"  {json.dumps(name, ensure_ascii=False)}: {json.dumps(take, ensure_ascii=False, separators=(',', ':'))}"
            for name, take in entry["takes"].items()
        )
        makers.append(
            f'{json.dumps(maker)}: {{"version": {json.dumps(entry["version"])}, "takes": {{\n{takes}\n}}}}'
        )
    (path or GOLDEN).write_text("{\n" + ",\n".join(makers) + "\n}\n", "utf-8")


def leaning(case: Case) -> dict[str, Any]:
    """Return the versions of the makers that a case's ask is made with."""
    return {"on": {maker: classes()[maker].version for maker in case.leans_on}} if case.leans_on else {}


def house_makers() -> dict[str, type[Model[Any, Any]]]:
    """Return every maker under kamishibai.steps, by id."""
    for module in pkgutil.walk_packages(kamishibai.steps.__path__, "kamishibai.steps."):
        importlib.import_module(module.name)
    waiting, found = [Model], {}
    while waiting:
        cls: type[Any] = waiting.pop()
        waiting += cls.__subclasses__()
        if cls.__module__.startswith("kamishibai.steps.") and isinstance(getattr(cls, "id", None), str):
            found[cls.id] = cls
    return found


@lru_cache(maxsize=1)
def classes() -> dict[str, type[Model[Any, Any]]]:
    """Return the class of every maker there is."""
    return {id_: registry.class_of(id_) for id_ in registry.ids()} | house_makers()


def version_line(maker: str) -> str:
    """Return where a maker's version is written: ``src/…/papercut.py (version = "4")``."""
    owner = next(cls for cls in classes()[maker].__mro__ if "version" in vars(cls))
    path = Path(inspect.getsourcefile(owner) or "?")
    root = GOLDEN.parents[2]
    lines = (line.strip() for line in inspect.getsource(owner).splitlines())
    line = next(line for line in lines if line.startswith(("version =", "version:")))
    return f"{path.relative_to(root) if path.is_relative_to(root) else path} ({line})"
