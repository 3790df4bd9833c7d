"""Things that the stories ask for and the set of drawings lacks, cut from the same paper."""

from __future__ import annotations

from collections.abc import Callable

from kamishibai.papercut.handmade.creatures import CREATURES
from kamishibai.papercut.handmade.household import HOUSEHOLD
from kamishibai.papercut.handmade.outdoors import OUTDOORS
from kamishibai.papercut.handmade.toys import TOYS
from kamishibai.papercut.handmade.vessels import VESSELS
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.pen import Pen

__all__ = ["HANDMADE"]

HANDMADE: dict[str, tuple[Callable[[Pen, Rgb], None], str]] = {
    **CREATURES, **HOUSEHOLD, **OUTDOORS, **TOYS, **VESSELS,
}  # fmt: skip
"""How to draw each thing, feet at (0, 0), in its main colour; and that colour when the story gives none."""
