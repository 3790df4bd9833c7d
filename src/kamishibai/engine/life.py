"""Small endless movements of one sheet: drift, fall, sway, bob, hop, glide, breathe, twinkle, flicker."""

from __future__ import annotations

import math

import numpy as np

from kamishibai.documents.takes import Layer, Life
from kamishibai.engine.camera import Matrix

__all__ = ["movement", "opacity", "reach", "wraps"]

TAU = 2 * math.pi


def wraps(life: Life | None) -> tuple[bool, bool]:
    """Say along which axes (x, y) the layer repeats: those along which a drift or a fall moves."""
    if life is None or life.kind not in ("drift", "fall"):
        return False, False
    return life.velocity_px_s[0] != 0, life.velocity_px_s[1] != 0


def _shift(x: float, y: float) -> Matrix:
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])


def movement(layer: Layer, seconds: float) -> Matrix:
    """Return the canvas-to-canvas map of a layer's life, `seconds` after the cut's start; identity without life.

    For ``drift`` and ``fall`` the result carries the layer's box to where its first repeat begins: one whole
    box, or less, before the canvas's edge, along each axis that moves.
    """
    life = layer.life
    if life is None or life.kind in ("twinkle", "flicker"):
        return np.eye(3)
    turn = TAU * (seconds / life.period_s + life.phase)
    a = life.amplitude
    if life.kind in ("drift", "fall"):
        moves = wraps(life)
        x = (layer.x + life.velocity_px_s[0] * seconds + life.phase * layer.width) % layer.width - layer.width
        y = (
            layer.y + life.velocity_px_s[1] * seconds + life.phase * layer.height
        ) % layer.height - layer.height
        return _shift(x - layer.x if moves[0] else 0.0, y - layer.y if moves[1] else 0.0)
    if life.kind == "bob":
        return _shift(0.0, a * math.sin(turn))
    if life.kind == "hop":
        # |sin| would land with a kink; squaring its half-wave keeps the arc round and the landing soft.
        return _shift(0.0, -a * math.sin(turn / 2) ** 2)
    if life.kind == "glide":
        return _shift(a * math.sin(turn), 0.25 * a * math.sin(2 * turn))
    pivot_x = layer.x + life.pivot[0] * layer.width
    pivot_y = layer.y + life.pivot[1] * layer.height
    if life.kind == "sway":
        angle = math.radians(a) * math.sin(turn)
        c, s = math.cos(angle), math.sin(angle)
        inner = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    else:
        grow = 1.0 + a / 100 * math.sin(turn)
        inner = np.array([[grow, 0.0, 0.0], [0.0, grow, 0.0], [0.0, 0.0, 1.0]])
    moved: Matrix = _shift(pivot_x, pivot_y) @ inner @ _shift(-pivot_x, -pivot_y)
    return moved


def reach(layer: Layer) -> tuple[float, float]:
    """Return how far, in canvas pixels, a layer's edges can come in along x and y while it lives."""
    life = layer.life
    if life is None or life.kind in ("twinkle", "flicker", "drift", "fall"):
        return 0.0, 0.0
    a = abs(life.amplitude)
    if life.kind == "sway":
        angle = math.radians(a)
        rise, shrink = math.sin(angle), 1 - math.cos(angle)
        return layer.height * rise + layer.width * shrink, layer.width * rise + layer.height * shrink
    if life.kind == "breathe":
        return layer.width * a / 100, layer.height * a / 100
    return (a, 0.25 * a) if life.kind == "glide" else (0.0, a)


def opacity(life: Life | None, seconds: float) -> float:
    """Return what a layer's alpha is multiplied by, 0 to 1; ``twinkle`` is one wave, ``flicker`` an uneasy sum of three."""
    if life is None or life.kind not in ("twinkle", "flicker"):
        return 1.0
    turn = TAU * (seconds / life.period_s + life.phase)
    if life.kind == "twinkle":
        dip = 0.5 - 0.5 * math.cos(turn)
    else:
        # Whole multiples of one period, so that the flame loops without a jump.
        dip = (
            0.5 + (0.5 * math.sin(turn) + 0.3 * math.sin(3 * turn + 1.3) + 0.2 * math.sin(7 * turn + 4.1)) / 2
        )
    return min(1.0, max(0.0, 1.0 - life.amplitude * dip))
