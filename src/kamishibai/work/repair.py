"""Repair: finds stored files that are not what they should be, and makes them again from the calls on record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from kamishibai.documents.frozen import Frozen, canonical_json
from kamishibai.documents.ref import Ref
from kamishibai.errors import Cancelled, KamishibaiError
from kamishibai.models.base import Model
from kamishibai.work.call import Call, answer_batch, family, keyed, maker_of
from kamishibai.work.events import Listener, nobody
from kamishibai.work.records import Record
from kamishibai.work.store import Damage, Store

__all__ = ["Found", "Mended", "check_results", "rebuild", "verify"]


class Found(Frozen):
    """What a look at every file of a store found."""

    results: int
    blobs: int
    size: int
    """Bytes that were read."""
    damaged: tuple[Damage, ...] = ()
    """Set aside, or missing."""


class Mended(Frozen):
    """A result that was made again."""

    key: str
    maker: str
    mended: bool
    same: bool = False
    """The very bytes that it had before."""
    why: str = ""
    """Why it could not be made again."""


def check_results(store: Store, keys: Iterable[str]) -> list[Damage]:
    """Read what belongs to the results `keys` and set aside what is damaged; return that."""
    before = len(store.damage)
    for key in sorted(set(keys)):
        record = store.look_up(key)
        for ref in record.refs() if record is not None else ():
            _check(store, store.blob(ref.sha256), key)
    return store.damage[before:]


def _check(store: Store, path: Path, key: str = "") -> None:
    if path.exists() and not store.is_whole(path):
        store.set_aside(path, "its digest is another", key)


def verify(store: Store, tell: Callable[[float], None] = lambda done: None) -> Found:
    """Read every file of a store, and set aside what is not as it was written.

    Parameters
    ----------
    tell
        Called with the part that is done, 0 to 1.

    Raises
    ------
    StoreError
        When a file is there and cannot be read.
    """
    store.damage.clear()
    blobs = list(store.blobs())
    size = 0
    for done, path in enumerate(blobs):
        tell(0.9 * done / len(blobs))
        size += _size(path)
        _check(store, path)
    keys = list(store.result_keys())
    for key in keys:
        record = store.look_up(key)
        size += _size(store.result(key)) if record is not None else 0
        for ref in record.refs() if record is not None else ():
            path = store.blob(ref.sha256)
            if not path.exists() and all(damage.path != path for damage in store.damage):
                store.damage.append(Damage(path=store.blob(ref.sha256), why="missing", key=key))
    tell(1.0)
    damaged = tuple(store.damage)
    store.damage.clear()
    return Found(results=len(keys), blobs=len(blobs), size=size, damaged=damaged)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # a clean-up took it meanwhile


def rebuild(
    store: Store, listen: Listener = nobody, stop: Callable[[], bool] = lambda: False
) -> list[Mended]:
    """Make again every result of which bytes are missing, in the order in which they need each other.

    A result whose record itself was damaged is not known any more: the next film that asks for it makes it.

    Raises
    ------
    Cancelled
        When asked to stop.
    """
    waiting = {
        key: record for key in store.result_keys() if (record := store.look_up(key)) and _lacks(store, record)
    }
    out: list[Mended] = []
    with _Hands() as hands:
        while waiting:
            ready = [r for r in waiting.values() if not any(_missing(store, ref) for ref in r.needs())]
            if not ready:
                out += [_given_up(r, "what it was made from is missing too") for r in waiting.values()]
                break
            # Maker by maker, so that each is loaded as seldom as can be.
            for record in sorted(ready, key=lambda r: (r.maker, canonical_json(r.options))):
                del waiting[record.key]
                if stop():
                    raise Cancelled("stopped", kept="everything that was made again before")
                # Another record's repair may have brought back the bytes that it shares.
                if _lacks(store, record):
                    out.append(_again(store, record, hands, listen, stop))
    return out


def _missing(store: Store, ref: Ref) -> bool:
    return not store.blob(ref.sha256).exists()


def _lacks(store: Store, record: Record) -> bool:
    return any(_missing(store, ref) for ref in record.refs())


def _given_up(record: Record, why: str) -> Mended:
    return Mended(key=record.key, maker=record.maker, mended=False, why=why)


def call_of(record: Record) -> tuple[Call, Model[Frozen, Frozen]]:
    """Return the call behind a record, and a new maker for it. Raises KamishibaiError or ValueError."""
    call = Call("repair", "", record.maker, Frozen(), Frozen, record.options, record.path)
    try:
        maker = maker_of(call)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"there is no maker {record.path} any more") from error
    asks = {verb.__name__: verb for verb in maker.verbs()}
    if record.asked not in asks:
        raise ValueError(f"{record.maker} is not asked to {record.asked.lower()} any more")
    ask = asks[record.asked].model_validate(record.ask)
    return Call("repair", "", record.maker, ask, Frozen, record.options, record.path), maker


class _Hands:
    """Holds the maker that was loaded last, for the next result that it made too."""

    def __init__(self) -> None:
        self._family = ""
        self._maker: Model[Frozen, Frozen] | None = None

    def __enter__(self) -> _Hands:
        return self

    def __exit__(self, *error: object) -> None:
        self.free()

    def take(self, call: Call, maker: Model[Frozen, Frozen]) -> Model[Frozen, Frozen]:
        """Return a loaded maker for `call`: the one at hand, or `maker`."""
        if self._maker is None or self._family != family(call):
            self.free()
            maker.load()
            self._maker, self._family = maker, family(call)
        return self._maker

    def free(self) -> None:
        """Let go of it."""
        if self._maker is not None:
            maker, self._maker = self._maker, None
            maker.unload()


def _again(store: Store, record: Record, hands: _Hands, listen: Listener, stop: Callable[[], bool]) -> Mended:
    try:
        call, maker = call_of(record)
        (item,) = keyed([call])
        if item.key != record.key:
            return _given_up(record, f"it was made by {record.maker} {record.version}; here is another")
        (answer,) = answer_batch(hands.take(call, maker), [item], store, listen, stop)
    except Cancelled:
        raise
    except (KamishibaiError, ValueError) as error:
        return _given_up(record, str(error).splitlines()[0])
    same = answer.take.model_dump(mode="json", by_alias=True) == record.take
    return Mended(key=record.key, maker=record.maker, mended=True, same=same)
