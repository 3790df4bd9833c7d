"""ledger: who made what, from which seed, under which licence, and what it cost."""

from __future__ import annotations

from collections.abc import Iterable

from kamishibai.documents.frozen import Frozen
from kamishibai.gates.verdict import Verdict
from kamishibai.models.base import Licence
from kamishibai.work.call import Answer, maker_of
from kamishibai.work.records import refs_in

__all__ = ["Entry", "Ledger", "entries_of"]


class Entry(Frozen):
    """One finished call."""

    stage: str
    scene: str
    maker: str
    version: str
    weights: str = ""
    seed: int | None = None
    prompt: str | None = None
    negative: str | None = None
    notes: tuple[str, ...] = ()
    """How it came about: retaken pictures, steps down in memory, a camera in place of a clip."""
    key: str
    made: tuple[str, ...]
    """SHA-256 of every file it made."""
    seconds: float
    reused: bool


class Ledger(Frozen):
    """The record that lies beside a film."""

    schema_: str = "kamishibai.ledger/1"
    title: str
    film_sha256: str
    entries: tuple[Entry, ...]
    licences: dict[str, tuple[Licence, ...]]
    models: dict[str, str]
    """Kind → id and why."""
    measured: dict[str, object]
    verdicts: tuple[Verdict, ...] = ()
    """What every gate said, scene by scene, then of the whole film."""


def entries_of(answers: Iterable[Answer]) -> tuple[list[Entry], dict[str, tuple[Licence, ...]]]:
    """Return the ledger's lines for finished calls, and the licences of the models that made them."""
    entries: list[Entry] = []
    licences: dict[str, tuple[Licence, ...]] = {}
    weights: dict[str, str] = {}
    for answer in answers:
        call = answer.call
        if call.maker not in weights:
            maker = maker_of(call)
            weights[call.maker] = maker.weights()
            if call.path is None:
                licences[call.maker] = maker.terms()
        made = dict.fromkeys(ref.sha256 for ref in refs_in(answer.take.model_dump(mode="json")))
        entries.append(
            Entry(
                stage=call.stage,
                scene=call.scene,
                maker=call.maker,
                version=answer.version,
                weights=weights[call.maker],
                seed=getattr(call.ask, "seed", None),
                prompt=getattr(call.ask, "prompt", None) or None,
                negative=getattr(call.ask, "negative", None) or None,
                notes=tuple(note.text for note in answer.notes),
                key=answer.key,
                made=tuple(made),
                seconds=round(answer.seconds, 3),
                reused=answer.reused,
            )
        )
    return entries, licences
