"""terms: which of the chosen models may not be used in work that is sold, and what may stand in for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from kamishibai.documents.frozen import Frozen
from kamishibai.errors import UnknownModelError, UnsupportedError
from kamishibai.models import registry
from kamishibai.models.base import Licence
from kamishibai.steps.models_chosen import Chosen
from kamishibai.weights.presets import preset

__all__ = ["Bound", "bound_by", "refuse_bound", "what_binds"]


class Bound(Frozen):
    """A chosen model whose terms stand in the way of commercial use."""

    id: str
    licence: Licence
    """The first of its licences that forbids it, or that nobody knows."""
    instead: tuple[str, ...] = ()
    """Ids of models of the same kind whose terms allow it."""


def what_binds(licences: Sequence[Licence]) -> Licence | None:
    """Return the first licence that does not allow commercial use; None when all do.

    A model that states no licence at all counts as one whose licence is unknown.
    """
    if not licences:
        return Licence(name="unknown", commercial=False)
    return next((licence for licence in licences if not licence.commercial), None)


def bound_by(chosen: Iterable[Chosen], instead: Callable[[str], tuple[str, ...]]) -> list[Bound]:
    """Return the chosen models that may not be used commercially.

    Parameters
    ----------
    instead
        Returns the ids of a kind that may be.

    Raises
    ------
    KamishibaiError
        When the terms of a model cannot be told because its weights are not here and no preset knows them.
    """
    found = []
    for one in chosen:
        if one.id is None:
            continue
        licence = what_binds(_terms(one))
        if licence is not None:
            others = tuple(id_ for id_ in instead(one.kind) if id_ != one.id)
            found.append(Bound(id=one.id, licence=licence, instead=others))
    return found


def _terms(chosen: Chosen) -> Sequence[Licence]:
    model = registry.make(str(chosen.id), chosen.options)
    try:
        return model.terms()
    except UnknownModelError:
        # Nobody should fetch ten gigabytes to be told that they must not be used.
        known = preset(model.variant or model.default)
        if known is None:
            raise
        return (known.licence,)


def refuse_bound(bound: Iterable[Bound]) -> None:
    """Refuse to go on when any chosen model is bound.

    Raises
    ------
    UnsupportedError
        With every such model, its licence, where that stands, and what may be used instead.
    """
    found = list(bound)
    if not found:
        return
    raise UnsupportedError(
        "commercial-safe: " + "; ".join(_sentence(one) for one in found),
        where=", ".join(dict.fromkeys(one.licence.source for one in found if one.licence.source)) or None,
        kept="everything; no work was begun",
        hint="; ".join(_way_out(one) for one in found)
        + "; or leave out --commercial-safe (setting commercial_safe)",
    )


def _sentence(one: Bound) -> str:
    name = one.licence.name
    if name.lower() in ("", "unknown", "other"):
        return f"nobody knows under which licence the weights of {one.id} are"
    return f"{one.id} is under {name}, which does not allow commercial use"


def _way_out(one: Bound) -> str:
    kind = one.id.split(":", 1)[0]
    if not one.instead:
        return f"no other {kind} model that is known here allows it"
    return "allowed: " + ", ".join(f"--{kind} {id_.split(':', 1)[1]}" for id_ in one.instead)
