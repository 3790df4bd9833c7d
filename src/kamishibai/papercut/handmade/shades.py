"""The colours that handmade things share."""

from __future__ import annotations

from kamishibai.papercut.palette import hex_rgb

__all__ = ["BRASS", "CREAM", "FLAME", "GLASS", "GOLD", "GREEN", "IRON", "PLANK", "RED", "ROPE", "WOOD"]

WOOD = hex_rgb("A5713F")
PLANK = hex_rgb("C08A52")
IRON = hex_rgb("565863")
BRASS = hex_rgb("D9A441")
GOLD = hex_rgb("F2C23A")
CREAM = hex_rgb("FBF6EA")
GLASS = hex_rgb("FFE9A8")
FLAME = hex_rgb("FFB53A")
RED = hex_rgb("D9574A")
GREEN = hex_rgb("5C9E5A")
ROPE = hex_rgb("D9BC86")
