"""A call: one ask to one maker, found in the store by its key or answered and kept."""

from __future__ import annotations

import contextlib
import importlib
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kamishibai.disk import write_atomically
from kamishibai.documents.frozen import Frozen
from kamishibai.errors import KamishibaiError, ModelError, StoreError, UnsupportedError
from kamishibai.models import registry
from kamishibai.models.base import Model
from kamishibai.work.desk import StoreDesk
from kamishibai.work.events import Event, Listener
from kamishibai.work.key import call_key
from kamishibai.work.peak import peak_mb
from kamishibai.work.records import Note, Record
from kamishibai.work.store import Store

__all__ = ["Answer", "Call", "Keyed", "answer_batch", "family", "foresee", "keyed", "maker_of", "recall"]


@dataclass(frozen=True)
class Call:
    """One ask for one maker: a back-end by its id, or a step of the house itself by its import path."""

    stage: str
    scene: str
    maker: str
    ask: Frozen
    takes: type[Frozen]
    options: Mapping[str, Any] = field(default_factory=dict)
    path: str | None = None
    """``module:Class`` of a maker that is not a plug-in (segments, mix, measuring)."""


@dataclass(frozen=True)
class Keyed:
    """A call with its key."""

    call: Call
    key: str
    version: str
    weights: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Those that can change the take."""


@dataclass(frozen=True)
class Answer:
    """What came back, and whether it was there already."""

    call: Call
    key: str
    take: Any
    reused: bool
    seconds: float
    """Wall time it took when it was made."""
    version: str = ""
    notes: tuple[Note, ...] = ()
    """What the maker had to tell about it."""
    memory_mb: int = 0
    """The most memory that its process, or its accelerator, had needed when it was done; 0: not known."""
    why: str = ""
    """Why it was made and not found; empty when it was found."""


def family(call: Call) -> str:
    """Return what calls have in common that one loaded maker can answer."""
    return f"{call.maker} {sorted(call.options.items())!r}"


def maker_of(call: Call) -> Model[Any, Any]:
    """Return a new, unloaded maker for `call`. Raises UnknownModelError or UsageError."""
    if call.path is None:
        return registry.make(call.maker, call.options)
    module, _, name = call.path.partition(":")
    cls: type[Model[Any, Any]] = getattr(importlib.import_module(module), name)
    return cls(cls.Options(**call.options))


def keyed(calls: Sequence[Call]) -> list[Keyed]:
    """Return `calls` with their asks settled and their keys; makers are made once a family, never loaded.

    Raises
    ------
    UnsupportedError
        When an ask is of a kind that its maker does not answer, or sets a field that it does not honour.
    """
    makers: dict[str, tuple[Model[Any, Any], str]] = {}
    out = []
    for call in calls:
        name = family(call)
        if name not in makers:
            maker = maker_of(call)
            makers[name] = (maker, maker.weights())
        maker, weights = makers[name]
        _refuse_unanswered(call, maker)
        _refuse_unsupported(call, maker)
        call = replace(call, ask=maker.settle(call.ask))
        # Weights speak for the variant: the same files under another name or path are the same model.
        spoken_for = maker.id if weights and maker.variant else call.maker
        options = _plain(maker)
        key = call_key(spoken_for, maker.version, weights, options, call.ask)
        out.append(Keyed(call, key, maker.version, weights, options))
    return out


def _plain(maker: Model[Any, Any]) -> dict[str, Any]:
    """Return the options that can change a take."""
    unkeyed: frozenset[str] = getattr(maker.options, "unkeyed", frozenset())
    return maker.options.model_dump(mode="json", exclude=set(unkeyed))


def _refuse_unanswered(call: Call, maker: Model[Any, Any]) -> None:
    if isinstance(call.ask, maker.verbs()):
        return
    kind = registry.kind_of(call.maker)
    raise UnsupportedError(
        f"{call.maker} does not {type(call.ask).__name__.lower()}: "
        f"it can {', '.join(verb.__name__.lower() for verb in maker.verbs())}",
        where=f"scene {call.scene}" if call.scene else None,
        hint="name a language model: --text transformers:NAME"
        if kind == "text"
        else f"`kamishibai models {kind}` lists what there is",
    )


def _refuse_unsupported(call: Call, maker: Model[Any, Any]) -> None:
    optional: frozenset[str] = getattr(type(call.ask), "optional", frozenset())
    for name in sorted(optional - maker.honours()):
        if getattr(call.ask, name) != type(call.ask).model_fields[name].default:
            raise UnsupportedError(
                f"{call.maker} has no use for {name}",
                where=f"scene {call.scene}" if call.scene else None,
                hint=f"leave {name} out, or choose a model that honours it",
            )


def recall(store: Store, item: Keyed) -> Answer | None:
    """Return the stored answer to a call, or None when it has to be made."""
    return _answer(item, store.find(item.key))


def foresee(store: Store, item: Keyed) -> Answer | None:
    """Return what `recall` would, without changing anything in the store: damage is for who works to set aside."""
    record = store.peek(item.key)
    if not isinstance(record, Record) or not all(store.holds(ref) for ref in record.refs()):
        return None
    return _answer(item, record)


def _answer(item: Keyed, record: Record | None) -> Answer | None:
    if record is None:
        return None
    try:
        take = item.call.takes.model_validate(record.take)
    except ValueError:
        return None  # written by a version with other fields: made again
    return Answer(
        item.call, item.key, take, True, record.seconds, item.version, record.notes, record.memory_mb
    )


def answer_batch(
    maker: Model[Any, Any],
    items: Sequence[Keyed],
    store: Store,
    tell: Listener,
    stop: Callable[[], bool],
) -> list[Answer]:
    """Have a loaded maker answer `items`, and keep every take.

    Raises
    ------
    KamishibaiError
        The maker's own, or ModelError around anything else that it raised.
    """
    began = time.perf_counter()
    first = items[0].call

    def report(done: float, note: str) -> None:
        tell(_event("progress", first, done=done, text=note))

    def show(png: bytes) -> None:
        path = store.root / "previews" / f"kamishibai-{first.stage}-{first.scene or 'film'}.png"
        with contextlib.suppress(StoreError):  # a preview is not worth a film
            write_atomically(path, png)
            tell(_event("preview", first, text=str(path)))

    scenes = ", ".join(dict.fromkeys(item.call.scene for item in items if item.call.scene))
    where = f"scene {scenes}" if scenes else None
    try:
        with StoreDesk(store, report, stop, show) as desk:
            takes = maker.run([item.call.ask for item in items], desk)
    except KamishibaiError as error:
        if where is not None:
            error.where = where if error.where is None else f"{where}, {error.where}"
        raise
    except MemoryError as error:
        raise ModelError(
            f"{items[0].call.maker} ran out of memory",
            where=where,
            kept="everything that was finished before",
            hint="use a smaller --size or fewer --workers",
        ) from error
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        raise ModelError(
            f"{items[0].call.maker} failed: {type(error).__name__}: {error} ({last.name}, line {last.lineno})",
            where=where,
            kept="everything that was finished before",
            hint="run again with --debug for the whole trace; this is a fault of the back-end, please report it",
        ) from error
    # Rounded here, so that who reads it again finds the very number that was reckoned with.
    seconds = round((time.perf_counter() - began) / max(len(items), 1), 6)
    notes = tuple(dict.fromkeys(desk.notes))
    memory_mb = peak_mb()
    for note in notes:
        tell(
            _event(
                "warning" if note.warn else "note",
                first,
                text=f"{where}: {note.text}" if where else note.text,
            )
        )
    answers = []
    for item, take in zip(items, takes, strict=True):
        if not isinstance(take, item.call.takes):
            raise ModelError(f"{item.call.maker} answered with a {type(take).__name__}", where=where)
        store.keep(
            Record(
                key=item.key,
                maker=item.call.maker,
                version=item.version,
                take=take.model_dump(mode="json", by_alias=True),
                seconds=seconds,
                weights=item.weights,
                options=dict(item.options),
                path=item.call.path,
                asked=type(item.call.ask).__name__,
                ask=item.call.ask.model_dump(mode="json", by_alias=True),
                notes=notes,
                memory_mb=memory_mb,
            )
        )
        answers.append(Answer(item.call, item.key, take, False, seconds, item.version, notes, memory_mb))
        tell(_event("call", item.call, seconds=seconds, key=item.key))
    return answers


def _event(event: Any, call: Call, **facts: Any) -> Event:
    return Event(event=event, stage=call.stage, scene=call.scene, maker=call.maker, **facts)
