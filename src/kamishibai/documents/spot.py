"""A word of a text where it stands, as the rules for reading aloud see it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Spot"]


@dataclass(frozen=True)
class Spot:
    """A word where it stands."""

    shown: str
    core: str
    """Without the punctuation around it; apostrophes are straight."""
    dotted: bool
    """A full stop follows, which may belong to the word."""
    before: str
    after: str
    """The cores of the neighbours, empty at the ends."""
    opens: bool
    """It opens its sentence."""
