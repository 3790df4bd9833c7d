"""What a model is, and the Desk: the only input and output a model gets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Generic, Literal, Protocol, TypeVar

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.ref import Ref

__all__ = ["Desk", "Licence", "Model", "Needs", "NoOptions", "Reads", "describe"]

AskT = TypeVar("AskT", bound=Frozen)
TakeT = TypeVar("TakeT", bound=Frozen)


class Licence(Frozen):
    """Terms of a model's weights or art."""

    name: str
    """SPDX id where there is one."""
    commercial: bool
    attribution: str = ""
    """The credit that is due in the film, if any."""
    source: str = ""


class Needs(Frozen):
    """What a model takes from the machine, in megabytes."""

    memory_mb: int = 0
    disk_mb: int = 0
    download_mb: int = 0
    extra: str = ""
    """The ``pip install kamishibai[extra]`` that brings its packages; empty for the default install."""


class Reads(Frozen):
    """How a model that reads words wants to be spoken to."""

    style: Literal["sentence", "tags"] = "sentence"
    """``tags``: short phrases between commas, the weightiest first; ``sentence``: plain English."""
    negative: bool = False
    """It takes a second text with what must not be seen."""
    tokens: int | None = None
    """How much of a prompt it can take in at all; None when nothing is cut."""


class NoOptions(Frozen):
    """The options of a model that has none."""

    unkeyed: ClassVar[frozenset[str]] = frozenset()
    """Options that change how a take is made and not what it is (offloading, batch size): no part of any key."""


class Desk(Protocol):
    """The only input and output a model gets."""

    def open(self, ref: Ref) -> bytes:
        """Return the bytes behind `ref`, digest checked. Raises StoreError when they are gone or damaged."""

    def path(self, ref: Ref) -> Path:
        """Return a read-only file that holds `ref`'s bytes, for libraries that want a path."""

    def save(self, data: bytes, media_type: str) -> Ref:
        """Keep `data` and return its Ref."""

    def scratch(self, suffix: str) -> Path:
        """Return a new temporary path that is deleted with the desk."""

    def progress(self, done: float, note: str = "") -> None:
        """Report that `done` (0 to 1) of the current batch is finished. Raises Cancelled when asked to stop."""

    def cancelled(self) -> bool:
        """Say whether the user asked to stop."""

    def note(self, text: str, *, warn: bool = False) -> None:
        """Tell the user how this batch came about; the ledger keeps it (a step down in memory, a retaken picture)."""

    def preview(self, png: bytes) -> None:
        """Show a first view of what is being made; it may be dropped, and is no part of the take."""


class Model(Generic[AskT, TakeT]):
    """Base of every back-end: subclass it, set the class attributes, write `run`.

    A back-end is made with its options and a variant (the part of the id after the second colon), asked
    to `load`, given batches of asks, and asked to `unload`. It keeps no state from ask to ask: the take
    depends on the ask, the options and the version alone.
    """

    id: ClassVar[str]
    """``kind:backend``, e.g. ``voice:hibari``."""
    version: ClassVar[str]
    """Raise it whenever the same ask gives another take: what is stored under the old one is never used again then.
    For what comes with Kamishibai, ``tests/golden`` fails where that was forgotten."""
    asks: ClassVar[type[Frozen]]
    also: ClassVar[tuple[type[Frozen], ...]] = ()
    """Further asks of its kind that it can answer, such as Write and Mend of a text model; see `verbs`."""
    varies: ClassVar[bool] = True
    """False when its take does not depend on the seed: a retake would be the same take."""
    supports: ClassVar[frozenset[str]] = frozenset()
    """Names of optional fields of the ask that this model honours; an ask that sets another is refused."""
    default: ClassVar[str] = ""
    """The preset it takes when its id has no variant, for models whose variant names a checkpoint."""
    lane: ClassVar[Literal["pool", "device"]] = "pool"
    """``pool``: small, works in many processes at once. ``device``: heavy weights or an accelerator; one such
    model is resident at a time, in one process."""
    batch: int = 1
    """How many asks it likes to get at once; a model may settle it when it is loaded."""
    row: ClassVar[int] = 1
    """How many neighbouring batches one worker should take, for makers that reuse what neighbours share."""

    class Options(NoOptions):
        """Validated options; unknown fields are refused."""

    def __init__(self, options: Frozen | None = None, variant: str = "") -> None:
        self.options = options if options is not None else self.Options()
        self.variant = variant

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms of everything this model is made from."""
        raise TypeError(f"{cls.__name__} does not state its licence")

    @classmethod
    def needs(cls) -> Needs:
        """Return what it takes from the machine."""
        return Needs()

    def terms(self) -> tuple[Licence, ...]:
        """Return the terms of what this very model would load: its class's, unless the variant has its own."""
        return type(self).licence()

    def takes_up(self) -> Needs:
        """Return what this very model takes from the machine: its class's needs, unless the variant has its own."""
        return type(self).needs()

    def placement(self) -> tuple[str, ...]:
        """Return how it would be put into this machine's memory, and why, in words; `kamishibai plan` shows them."""
        return ()

    def honours(self) -> frozenset[str]:
        """Return the optional fields of the ask that this very model honours, with its variant and options."""
        return type(self).supports

    @classmethod
    def verbs(cls) -> tuple[type[Frozen], ...]:
        """Return every kind of ask that it can answer."""
        return (cls.asks, *cls.also)

    def speakers(self, language: str) -> tuple[str, ...]:
        """Return the names of the voices it can speak a language in, for `Speak.voice`; empty: it has one voice."""
        return ()

    def reads(self) -> Reads:
        """Return how its prompts should be written."""
        return Reads()

    def settle(self, ask: AskT) -> AskT:
        """Return `ask` as this model understands it: what cannot change its answer set to one plain value.

        Keys are made from the settled ask, so that an edit which this model would not notice costs nothing.
        """
        return ask

    def bond(self, ask: AskT) -> object:
        """Return what asks have in common that are best answered in one go; None: nothing.

        Who hands out work keeps neighbours with an equal bond in one batch. The takes must not depend on it.
        """
        return None

    def weights(self) -> str:
        """Return the revision or content hash of the weights it would load; it is part of every key.

        It is asked for before any work and without loading, so it is also where weights that are missing,
        of the wrong kind or unsafe are refused (UnknownModelError, ModelError, UnsupportedError).
        A model whose variant is a path or a name returns something: then the variant itself is in no key.
        """
        return ""

    def load(self) -> None:
        """Bring the weights into memory. Raises ModelError when they are missing or damaged."""

    def run(self, asks: Sequence[AskT], desk: Desk) -> list[TakeT]:
        """Answer every ask, in order."""
        raise TypeError(f"{type(self).__name__} does not say how to run")

    def unload(self) -> None:
        """Give the memory back."""


def describe(model: Model[AskT, TakeT]) -> str:
    """Return the full id of a model instance, with its variant."""
    return model.id + (f":{model.variant}" if model.variant else "")
