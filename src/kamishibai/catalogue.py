"""The models that are installed: what each does, needs and costs in licences, without loading any."""

from __future__ import annotations

from kamishibai.documents.fields import FieldCard, field_cards
from kamishibai.documents.frozen import Frozen
from kamishibai.errors import KamishibaiError
from kamishibai.models import registry
from kamishibai.models.base import Licence, Needs

__all__ = ["ModelCard", "model_cards"]


class ModelCard(Frozen):
    """What is known of a model without loading it."""

    id: str
    version: str = ""
    what: str = ""
    default: bool = False
    licences: tuple[Licence, ...] = ()
    needs: Needs = Needs()
    options: tuple[FieldCard, ...] = ()
    missing: tuple[str, ...] = ()
    """Packages of its extra that are not installed."""
    problem: str = ""
    """Why it cannot be used here; empty when it can."""


def model_cards(kind: str | None = None) -> list[ModelCard]:
    """Return every installed model, of one kind or of all, or the one of a full id.

    Raises
    ------
    UnknownModelError
        When there is no such kind or model.
    """
    if kind is not None and kind not in registry.KINDS:
        registry.class_of(kind)
        return [_card(kind)]
    return [_card(id_) for id_ in registry.ids(kind)]


def _card(id_: str) -> ModelCard:
    try:
        cls = registry.class_of(id_)
        return ModelCard(
            id=id_,
            version=cls.version,
            what=(cls.__doc__ or "").strip().partition("\n")[0],
            default=id_ in registry.EMBEDDED.values(),
            licences=cls.licence(),
            needs=cls.needs(),
            options=field_cards(cls.Options),
            missing=registry.missing_packages(id_),
        )
    except KamishibaiError as error:
        return ModelCard(id=id_, problem=error.what)
    except Exception as error:  # one broken plug-in must not hide the others
        return ModelCard(id=id_, problem=f"{type(error).__name__}: {error}")
