"""gate_settings: what the settings say of every gate: what happens to failing takes, and within which limits."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, get_args

from pydantic import ValidationError

from kamishibai.documents.frozen import Frozen
from kamishibai.errors import UsageError
from kamishibai.gates.verdict import Gate
from kamishibai.settings import GateMode, Settings
from kamishibai.steps.retaking import Budget

__all__ = ["DEFAULTS", "LIMITS", "Gates", "gates_of"]

GATES: tuple[Gate, ...] = get_args(Gate)
DEFAULTS: dict[Gate, GateMode] = {
    "narration": "retake", "picture": "retake", "cast": "warn", "clip": "retake", "captions": "warn", "mix": "warn",
}  # fmt: skip
"""What happens where the settings say nothing."""
LIMITS: dict[Gate, tuple[str, ...]] = {
    "narration": ("narration:NarrationLimits", "told:ToldLimits"),
    "picture": ("still:StillLimits", "matching:MatchingLimits"),
    "cast": ("identity:IdentityLimits",),
    "clip": ("clip:ClipLimits", "footage:FootageLimits"),
    "captions": ("captions:CaptionLimits",),
    "mix": ("mix:MixLimits",),
}
"""Module and class of every gate's limits; a threshold belongs to those that have a field of its name."""


@dataclass(frozen=True)
class Gates:
    """Every gate's mode and limits, and how much retaking is allowed."""

    modes: dict[Gate, GateMode]
    budget: Budget
    best_of: int = 1
    critic_rounds: int = 0
    _limits: dict[str, Frozen] = field(default_factory=dict)

    def looks(self, gate: Gate) -> bool:
        """Say whether the gate is to measure anything."""
        return self.modes[gate] != "off"

    def limits(self, gate: Gate, name: str = "") -> Any:
        """Return the limits of a gate; `name` is the class where a gate has two."""
        return self._limits[name or LIMITS[gate][0].partition(":")[2]]


def gates_of(settings: Settings) -> Gates:
    """Return what `settings` say of the gates.

    Raises
    ------
    UsageError
        For a threshold that no gate has, or that cannot be right; the nearest name is given.
    """
    modes = {gate: settings.gates.get(gate, settings.gates.get("all", DEFAULTS[gate])) for gate in GATES}
    limits: dict[str, Frozen] = {}
    for gate in GATES:
        given = dict(settings.thresholds.get(gate, {}))
        unknown = set(given)
        for place in LIMITS[gate]:
            module, _, name = place.partition(":")
            cls: type[Frozen] = getattr(import_module(f"kamishibai.gates.{module}"), name)
            mine = {field: value for field, value in given.items() if field in cls.model_fields}
            unknown -= mine.keys()
            limits[name] = _checked(cls, mine, gate)
        if unknown:
            _refuse_unknown(gate, next(field for field in given if field in unknown))
    if "all" in settings.thresholds:
        raise UsageError("a threshold belongs to one gate", hint=f"gates are {', '.join(GATES)}")
    seconds = None if settings.retake_minutes is None else settings.retake_minutes * 60
    return Gates(
        modes=modes,
        budget=Budget(settings.retakes, seconds),
        best_of=settings.best_of,
        critic_rounds=settings.critic_rounds,
        _limits=limits,
    )


def _checked(cls: type[Frozen], given: dict[str, float], gate: str) -> Frozen:
    try:
        return cls(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = first["loc"][0] if first["loc"] else ""
        raise UsageError(
            f"threshold {gate}.{name} cannot be {first['input']!r}: {first['msg']}",
            hint=f"its default is {cls.model_fields[str(name)].default}"
            if name in cls.model_fields
            else None,
        ) from error


def _refuse_unknown(gate: Gate, name: str) -> None:
    fields = []
    for place in LIMITS[gate]:
        module, _, cls = place.partition(":")
        fields += list(getattr(import_module(f"kamishibai.gates.{module}"), cls).model_fields)
    near = difflib.get_close_matches(name, fields, 1)
    raise UsageError(
        f"the {gate} gate has no threshold {name!r}",
        hint=f"did you mean {near[0]!r}?" if near else f"it has {', '.join(fields)}",
    )
