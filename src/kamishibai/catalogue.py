"""The models that are installed: what each does, needs and costs in licences, without loading any."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from kamishibai.devices.device import probe_without_torch
from kamishibai.devices.memory import plan_memory
from kamishibai.documents.fields import FieldCard, field_cards
from kamishibai.documents.frozen import Frozen
from kamishibai.errors import KamishibaiError, UnknownModelError
from kamishibai.models import registry
from kamishibai.models.base import Licence, Needs
from kamishibai.weights import pretrained
from kamishibai.weights.checkpoint import flag_for, locate
from kamishibai.weights.families import family_named
from kamishibai.weights.presets import Preset, presets

__all__ = ["ModelCard", "PresetCard", "allowed_instead", "id_of", "model_cards", "preset_cards", "pull_name"]


class PresetCard(Frozen):
    """What is known of a checkpoint that a back-end takes by a short name."""

    id: str
    """As a film asks for it: ``picture:diffusers:sdxl``."""
    name: str
    what: str
    repo: str
    revision: str
    family: str
    licence: Licence
    download_mb: int | None = None
    """None: not known."""
    gated: bool = False
    pickled: bool = False
    """Its repo holds pickles alone, which a pull converts."""
    identity: bool = False
    """An IP-Adapter is known for it, which holds faces."""
    options: dict[str, Any] = Field(default_factory=dict)
    """What it sets where the user does not."""
    memory: str = ""
    time: str = ""
    here: bool = False
    """Its weights are on this machine, whole."""
    problem: str = ""
    """Why what is here of it cannot be used."""


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
    presets: tuple[PresetCard, ...] = ()
    """Checkpoints it takes by a short name; for an id with a variant, that one."""
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
        return [_card(kind, preset_cards(registry.kind_of(kind)))]
    # Once for all: looking for weights reads the headers of those that are here.
    known = preset_cards(kind)
    return [_card(id_, known) for id_ in registry.ids(kind)]


def _card(id_: str, known: tuple[PresetCard, ...]) -> ModelCard:
    variant = ":".join(id_.split(":")[2:])
    try:
        cls = registry.class_of(id_)
        card = ModelCard(
            id=id_,
            version=cls.version,
            what=(cls.__doc__ or "").strip().partition("\n")[0],
            default=id_ in registry.EMBEDDED.values(),
            licences=cls.licence(),
            needs=cls.needs(),
            options=field_cards(cls.Options),
            missing=registry.missing_packages(id_),
            presets=tuple(one for one in known if _goes_with(one, cls.id, variant)),
        )
        return _with_variant(card) if variant else card
    except KamishibaiError as error:
        return ModelCard(id=id_, problem=error.what)
    except Exception as error:  # one broken plug-in must not hide the others
        return ModelCard(id=id_, problem=f"{type(error).__name__}: {error}")


def _goes_with(card: PresetCard, backend: str, variant: str) -> bool:
    return card.id.startswith(f"{backend}:") and variant in ("", card.name)


def _with_variant(card: ModelCard) -> ModelCard:
    """Return the card of one checkpoint: its own terms and needs in place of the back-end's."""
    if card.presets:
        (known,) = card.presets
        facts: dict[str, Any] = {"what": known.what, "licences": (known.licence,)}
        facts["needs"] = card.needs.model_copy(
            update={"download_mb": known.download_mb or 0, "memory_mb": _memory_mb(known)}
        )
        if not known.here:
            return card.model_copy(update=facts)
        card = card.model_copy(update=facts)
    try:
        model = registry.make(card.id)
        return card.model_copy(update={"licences": model.terms(), "needs": model.takes_up()})
    except KamishibaiError as error:
        return card.model_copy(update={"problem": error.what})


def _memory_mb(known: PresetCard) -> int:
    """Return what a preset's weights would take of this machine's memory, once they are here; 0: not known.

    Of what makes neither pictures nor clips the size of the download is what can be known before; how it is stored is
    not.
    """
    family = family_named(known.family)
    if family is None or family.kind == "sound":
        return known.download_mb or 0
    device = probe_without_torch()
    return plan_memory(
        device, family, known.download_mb or 0, *family.native, frames=family.frames
    ).estimate_mb


# ------------------------------------------------------------------------------------------ presets
def id_of(preset: Preset) -> str:
    """Return the model id that a film asks for a preset by."""
    return flag_for(preset.family, preset.kind, preset.name).removeprefix("--").replace(" ", ":", 1)


def preset_cards(kind: str | None = None) -> tuple[PresetCard, ...]:
    """Return a card for every preset, of one kind or of all."""
    return tuple(_preset_card(one) for one in presets(kind))


def _preset_card(preset: Preset) -> PresetCard:
    here, problem = True, ""
    try:
        if family_named(preset.family) is not None:
            locate(preset.name, preset.kind)
        else:
            pretrained.find(preset.name, preset.kind, None)
    except UnknownModelError:
        here = False
    except KamishibaiError as error:
        here, problem = False, error.what
    return PresetCard(
        id=id_of(preset),
        name=preset.name,
        what=preset.what,
        repo=preset.repo,
        revision=preset.revision,
        family=preset.family,
        licence=preset.licence,
        download_mb=preset.download_mb,
        gated=preset.gated,
        pickled=preset.pickled,
        identity=preset.ip_adapter is not None,
        options=dict(preset.options),
        memory=f"{preset.memory.text} ({preset.memory.source})" if preset.memory else "",
        time=f"{preset.time.text} ({preset.time.source})" if preset.time else "",
        here=here,
        problem=problem,
    )


def allowed_instead(kind: str) -> tuple[str, ...]:
    """Return the ids of a kind whose terms allow commercial use: the embedded one, then presets."""
    own = registry.EMBEDDED.get(kind)
    embedded = () if own is None else (own,)
    return tuple(
        [id_ for id_ in embedded if all(one.commercial for one in registry.class_of(id_).licence())]
        + [id_of(one) for one in presets(kind) if one.licence.commercial]
    )


def pull_name(text: str) -> tuple[str, str | None]:
    """Return what `pull` is given for a full id, and its kind: ``sdxl`` for ``picture:diffusers:sdxl``.

    A preset or the name of a repo is returned as it is; its kind is not known then (None).

    Raises
    ------
    UnknownModelError
        For an id that names no model, or one that has no weights to fetch.
    """
    kind, _, rest = text.partition(":")
    if not rest or kind not in registry.KINDS:
        return text, None
    cls = registry.class_of(text)
    name = ":".join(text.split(":")[2:]) or cls.default
    if not name and cls.lane == "device":
        raise UnknownModelError(
            f"{cls.id} does not say which weights",
            hint=f"name a preset or a repo of the hub; `kamishibai models {kind}` lists the presets",
        )
    if not name:
        raise UnknownModelError(
            f"{cls.id} has no weights to fetch: it comes with its packages",
            hint=f"`kamishibai models {cls.id}` shows what it needs",
        )
    return name, kind
