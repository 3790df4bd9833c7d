"""A rock in the water, for whoever stands at sea without a boat."""

from __future__ import annotations

import skia

from kamishibai.papercut.lighting import mixed
from kamishibai.papercut.parts import Figure, Palette, Rgb
from kamishibai.papercut.sheets import colour

__all__ = ["islet"]

_STONE: Rgb = (0.60, 0.58, 0.60)
_MOSS: Rgb = (0.46, 0.58, 0.40)


def islet(palette: Palette) -> Figure:
    """Return a low, flat-topped rock of cut paper, 1.95 m wide, that floats on the water line."""

    def draw(canvas: skia.Canvas) -> None:
        canvas.scale(0.75, 1.15)
        for k, (shift, rgb) in enumerate(((0.0, _STONE), (0.1, mixed(_STONE, (0.3, 0.3, 0.38), 0.35)))):
            path = skia.Path()
            path.moveTo(-1.3 + 0.5 * shift, 0.0)
            path.cubicTo(-1.2 + shift, -0.28, -0.95, -0.44 + shift, -0.55, -0.47 + 1.2 * shift)
            path.cubicTo(-0.2, -0.54 + 1.3 * shift, 0.4, -0.50 + 1.4 * shift, 0.66, -0.42 + 1.2 * shift)
            path.cubicTo(0.95, -0.36 + shift, 1.2 - shift, -0.2, 1.3 - 0.5 * shift, 0.0)
            path.close()
            canvas.drawPath(path, skia.Paint(Color=colour(rgb), AntiAlias=True))
            if k == 0:
                cap = skia.Path()
                cap.moveTo(-0.86, -0.40)
                cap.cubicTo(-0.6, -0.56, 0.5, -0.58, 0.84, -0.37)
                cap.cubicTo(0.6, -0.36, 0.5, -0.30, 0.36, -0.37)
                cap.cubicTo(0.1, -0.42, -0.05, -0.30, -0.28, -0.38)
                cap.cubicTo(-0.5, -0.42, -0.6, -0.32, -0.86, -0.40)
                canvas.drawPath(cap, skia.Paint(Color=colour(_MOSS), AntiAlias=True))

    return Figure("islet", draw, (-0.98, -0.62, 0.98, 0.0), "floats", "front", None, None, _STONE, 0.62)
