"""The colours of one puppet: its species' own, changed by what the story says of it."""

from __future__ import annotations

import colorsys
import random
from dataclasses import dataclass

from kamishibai.papercut.drawings import Recolour, recolour_to
from kamishibai.papercut.palette import hex_rgb, mix
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.species import SPECIES, Species
from kamishibai.papercut.wardrobe import Wear

__all__ = ["Coat", "coat_for"]


@dataclass(frozen=True)
class Coat:
    """A character's own colours over those of its species."""

    species: Species
    coat: Rgb
    belly: Rgb
    paw: Rgb
    tip: Rgb
    face: Recolour
    wear: Wear


def _exchange(species: Species, colour: Rgb | None) -> tuple[Recolour, Recolour]:
    """Return the recolouring of the face, and that of the body's own colours."""
    pairs = {hex_rgb(a): hex_rgb(b) for a, b in species.change}
    shift: Recolour = (lambda c: c) if colour is None else recolour_to(colour, species.coat)

    def face(rgb: Rgb) -> Rgb:
        for old, new in pairs.items():
            if max(abs(a - b) for a, b in zip(rgb, old, strict=True)) < 0.01:
                return shift(new)
        return shift(rgb)

    return face, shift


def coat_for(kind: str, colour: Rgb | None, wear: Wear, rng: random.Random) -> Coat:
    """Return the colours of one character of a species; what the story leaves open is drawn from `rng`."""
    species = SPECIES[kind]
    natural = rng.choice(species.coats) if species.coats else None
    if colour is None and natural is not None and hex_rgb(natural) != species.coat:
        colour = hex_rgb(natural)
    face, shift = _exchange(species, colour)
    coat = shift(species.coat)
    belly, paw, tip = species.belly, species.paw, species.tip or species.paw
    if colour is not None:
        belly = shift(belly) if min(belly) < 0.6 else mix(belly, coat, 0.12)
        paw = shift(paw) if _saturation(paw) > 0.3 else paw
        tip = shift(tip) if _saturation(tip) > 0.3 else tip
    return Coat(species, coat, belly, paw, tip, face, wear)


def _saturation(rgb: Rgb) -> float:
    return colorsys.rgb_to_hsv(*rgb)[1]
