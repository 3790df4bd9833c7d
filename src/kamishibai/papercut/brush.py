"""Cutting and lighting paper on a skia canvas: gradient sheets with a lit edge, soft shadows, glows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import skia

from kamishibai.papercut.palette import lighten, mix
from kamishibai.papercut.parts import Rgb

__all__ = ["Sheet", "argb", "linear", "radial"]


def argb(rgb: Rgb, alpha: float = 1.0) -> int:
    """Pack sRGB and opacity (0 to 1) as skia's 32-bit colour."""
    a, r, g, b = (round(min(1.0, max(0.0, v)) * 255) for v in (alpha, *rgb))
    return a << 24 | r << 16 | g << 8 | b


def linear(x0: float, y0: float, x1: float, y1: float, stops: Sequence[tuple[float, int]]) -> skia.Shader:
    """A linear gradient through (position, colour) stops."""
    return skia.GradientShader.MakeLinear(
        [skia.Point(x0, y0), skia.Point(x1, y1)], [c for _, c in stops], [p for p, _ in stops]
    )


def radial(x: float, y: float, radius: float, stops: Sequence[tuple[float, int]]) -> skia.Shader:
    """A radial gradient through (position, colour) stops."""
    return skia.GradientShader.MakeRadial(
        skia.Point(x, y), max(1.0, radius), [c for _, c in stops], [p for p, _ in stops]
    )


@dataclass
class Sheet:
    """A sheet of paper being worked on: a canvas, and the light and shade its pieces share."""

    canvas: skia.Canvas
    unit: float
    """Pixels that strokes and shadows are scaled by: the canvas's usual height."""
    shade: Rgb
    light: Rgb
    side: float
    """Where light comes from: -1 left … 1 right."""

    def paper(
        self, path: skia.Path, top: Rgb, bottom: Rgb | None = None, *, lift: float = 0.0, edge: float = 0.3,
        span: tuple[float, float] | None = None,
    ) -> None:  # fmt: skip
        """Lay a cut piece: a vertical gradient, a lit cut edge, and a soft shadow when it is lifted (0 to 1).

        `span` is the gradient's top and bottom in pixels; the piece's own height when left out.
        """
        if lift > 0:
            self.shadow(path, lift)
        paint = skia.Paint(AntiAlias=True, Dither=True)
        if bottom is None:
            paint.setColor(argb(top))
        else:
            box = path.getBounds()
            y0, y1 = span or (box.top(), box.bottom())
            paint.setShader(linear(0, y0, 0, max(y0 + 1, y1), ((0, argb(top)), (1, argb(bottom)))))
        self.canvas.drawPath(path, paint)
        if edge > 0:
            self.line(path, mix(lighten(top, 0.1), self.light, 0.25), self.unit * 0.0013, edge)

    def shadow(self, path: skia.Path, lift: float, alpha: float = 0.34) -> None:
        """Throw a blurred shadow of `path`, away from the light and a little upward."""
        sigma = max(0.8, self.unit * 0.0062 * lift)
        paint = skia.Paint(AntiAlias=True, Color=argb(self.shade, alpha))
        paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, sigma))
        self.canvas.save()
        self.canvas.translate(-self.side * sigma * 0.7, -sigma * 0.25)
        self.canvas.drawPath(path, paint)
        self.canvas.restore()

    def flat(self, path: skia.Path, rgb: Rgb, alpha: float = 1.0) -> None:
        """Fill without an edge."""
        self.canvas.drawPath(path, skia.Paint(AntiAlias=True, Color=argb(rgb, alpha)))

    def line(self, path: skia.Path, rgb: Rgb, width: float, alpha: float = 1.0) -> None:
        """Stroke with round ends, `width` in pixels."""
        self.canvas.drawPath(
            path,
            skia.Paint(
                AntiAlias=True, Color=argb(rgb, alpha), Style=skia.Paint.kStroke_Style, StrokeWidth=width,
                StrokeCap=skia.Paint.kRound_Cap, StrokeJoin=skia.Paint.kRound_Join,
            ),
        )  # fmt: skip

    def rect(
        self, box: tuple[float, float, float, float], rgb: Rgb, alpha: float = 1.0, round_: float = 0.0
    ) -> None:
        """Fill a rectangle (left, top, right, bottom), corners rounded by `round_` pixels."""
        paint = skia.Paint(AntiAlias=True, Color=argb(rgb, alpha))
        self.canvas.drawRoundRect(skia.Rect.MakeLTRB(*box), round_, round_, paint)

    def circle(self, x: float, y: float, radius: float, rgb: Rgb, alpha: float = 1.0) -> None:
        """Fill a circle."""
        self.canvas.drawCircle(x, y, radius, skia.Paint(AntiAlias=True, Color=argb(rgb, alpha)))

    def glow(self, x: float, y: float, radius: float, rgb: Rgb, alpha: float, *, add: bool = False) -> None:
        """Lay a soft round light that fades to nothing at `radius`."""
        stops = [(p, argb(rgb, alpha * a)) for p, a in _FALL]
        paint = skia.Paint(Shader=radial(x, y, radius, stops), Dither=True)
        if add:
            paint.setBlendMode(skia.BlendMode.kPlus)
        self.canvas.drawCircle(x, y, radius, paint)

    def wash(self, path: skia.Path, x: float, y: float, radius: float, rgb: Rgb, alpha: float) -> None:
        """Light the part of a piece that lies near a light: a radial screen inside `path`."""
        stops = [(p, argb(rgb, alpha * a)) for p, a in _FALL]
        paint = skia.Paint(Shader=radial(x, y, radius, stops), AntiAlias=True, Dither=True)
        paint.setBlendMode(skia.BlendMode.kSoftLight)
        self.canvas.drawPath(path, paint)
        stops = [(p, argb(rgb, alpha * 0.45 * a)) for p, a in _FALL]
        self.canvas.drawPath(
            path, skia.Paint(Shader=radial(x, y, radius, stops), AntiAlias=True, Dither=True)
        )

    def fade(self, box: tuple[float, float, float, float], rgb: Rgb, top: float, bottom: float) -> None:
        """Lay a band of mist over `box` whose opacity runs from `top` to `bottom`, smoothly."""
        x0, y0, x1, y1 = box
        mid = (top + bottom) / 2
        stops = ((0.0, argb(rgb, top)), (0.5, argb(rgb, mid * 0.9)), (1.0, argb(rgb, bottom)))
        paint = skia.Paint(Shader=linear(0, y0, 0, y1, stops), Dither=True)
        self.canvas.drawRect(skia.Rect.MakeLTRB(x0, y0, x1, y1), paint)


# A smooth fall-off, as (radius, opacity): straight ramps show their rim.
_FALL = ((0.0, 1.0), (0.12, 0.82), (0.28, 0.5), (0.46, 0.25), (0.66, 0.09), (0.84, 0.022), (1.0, 0.0))
