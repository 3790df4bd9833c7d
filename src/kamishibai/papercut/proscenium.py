"""The little theatre that cards are shown in: curtains, a scalloped valance, a board hanging on two strings."""

from __future__ import annotations

import skia

from kamishibai.papercut.lighting import mixed
from kamishibai.papercut.parts import Palette, Rgb
from kamishibai.papercut.sheets import colour

__all__ = ["CREAM", "INK", "draw_board", "draw_curtain", "draw_valance"]

CREAM: Rgb = (0.985, 0.953, 0.882)
INK: Rgb = (0.235, 0.145, 0.235)
_RED: Rgb = (0.655, 0.165, 0.205)
_DEEP: Rgb = (0.33, 0.06, 0.13)
_GOLD: Rgb = (0.91, 0.72, 0.36)


def _cloth(palette: Palette, t: float) -> Rgb:
    """Return the curtain's red, `t` from its lit folds (0) to its depths (1), under the scene's light."""
    red = mixed(_RED, _DEEP, t)
    return mixed(red, palette.shade, 0.35 * palette.tint_strength)


def _soft(sigma: float, shade: Rgb, alpha: float) -> skia.Paint:
    paint = skia.Paint(Color=colour(shade, alpha), AntiAlias=True)
    paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, max(0.5, sigma)))
    return paint


def draw_curtain(canvas: skia.Canvas, palette: Palette, wide: float, height: float) -> None:
    """Draw the left curtain, tied back: `wide` pixels at the top, hanging from y = 0 to `height`, from x = 0."""
    folds = 6
    tie = 0.62 * height
    for i in range(folds):
        reach = 1 - i / folds
        top, waist, hem = wide * reach, wide * 0.36 * reach + 0.012 * wide, wide * 0.52 * reach
        path = skia.Path()
        path.moveTo(-0.1 * wide, -0.02 * height)
        path.lineTo(top, -0.02 * height)
        path.cubicTo(top * 1.0, 0.30 * height, waist * 1.9, 0.50 * height, waist, tie)
        path.cubicTo(waist * 1.25, tie + 0.10 * height, hem, 0.86 * height, hem, 1.02 * height)
        path.lineTo(-0.1 * wide, 1.02 * height)
        path.close()
        canvas.drawPath(path, _soft(0.012 * height, palette.shade, 0.5 if i else 0.55))
        lit, deep = _cloth(palette, 0.08 + 0.4 * (i % 2)), _cloth(palette, 0.72 + 0.22 * (i % 2))
        shader = skia.GradientShader.MakeLinear(
            [skia.Point(top * 0.55, 0), skia.Point(top * 1.02, 0)], [colour(deep), colour(lit)]
        )
        canvas.drawPath(path, skia.Paint(Shader=shader, AntiAlias=True, Dither=True))
        edge = skia.Paint(Color=colour(mixed(lit, (1, 0.85, 0.7), 0.3), 0.45), AntiAlias=True)
        edge.setStyle(skia.Paint.kStroke_Style)
        edge.setStrokeWidth(max(1.0, 0.0016 * height))
        canvas.drawPath(path, edge)
    _tassel(canvas, palette, wide, tie, height)


def _tassel(canvas: skia.Canvas, palette: Palette, wide: float, tie: float, height: float) -> None:
    gold = mixed(_GOLD, palette.shade, 0.3 * palette.tint_strength)
    band = skia.Path()
    band.moveTo(-0.05 * wide, tie - 0.030 * height)
    band.cubicTo(
        0.15 * wide,
        tie + 0.002 * height,
        0.28 * wide,
        tie + 0.004 * height,
        0.41 * wide,
        tie - 0.012 * height,
    )
    band.lineTo(0.42 * wide, tie + 0.012 * height)
    band.cubicTo(
        0.28 * wide,
        tie + 0.034 * height,
        0.15 * wide,
        tie + 0.030 * height,
        -0.05 * wide,
        tie + 0.004 * height,
    )
    band.close()
    canvas.drawPath(band, _soft(0.006 * height, palette.shade, 0.5))
    canvas.drawPath(band, skia.Paint(Color=colour(gold), AntiAlias=True))


def draw_valance(canvas: skia.Canvas, palette: Palette, width: float, deep: float) -> None:
    """Draw the scalloped pelmet across the top, `deep` pixels at its lowest, with a golden hem."""
    count = max(3, round(width / (2.6 * deep)))
    gold = mixed(_GOLD, palette.shade, 0.3 * palette.tint_strength)
    pitch = width / count
    for row, (lift, t) in enumerate(((0.0, 0.5), (-0.34 * deep, 0.08))):
        offset = 0.0 if row else -pitch / 2
        for i in range(-1 if not row else 0, count + 1):
            left = offset + i * pitch
            path = skia.Path()
            path.moveTo(left - 1, -deep)
            path.lineTo(left - 1, 0.42 * deep + lift)
            path.cubicTo(
                left + 0.2 * pitch,
                1.18 * deep + lift,
                left + 0.8 * pitch,
                1.18 * deep + lift,
                left + pitch + 1,
                0.42 * deep + lift,
            )
            path.lineTo(left + pitch + 1, -deep)
            path.close()
            canvas.drawPath(path, _soft(0.07 * deep, palette.shade, 0.55))
            shader = skia.GradientShader.MakeLinear(
                [skia.Point(0, -0.1 * deep), skia.Point(0, deep + lift)],
                [colour(_cloth(palette, min(1.0, t + 0.42))), colour(_cloth(palette, t))],
            )
            canvas.drawPath(path, skia.Paint(Shader=shader, AntiAlias=True, Dither=True))
            hem = skia.Paint(Color=colour(gold), AntiAlias=True)
            hem.setStyle(skia.Paint.kStroke_Style)
            hem.setStrokeWidth(max(1.5, 0.045 * deep))
            line = skia.Path()
            line.moveTo(left, 0.42 * deep + lift)
            line.cubicTo(
                left + 0.2 * pitch,
                1.18 * deep + lift,
                left + 0.8 * pitch,
                1.18 * deep + lift,
                left + pitch,
                0.42 * deep + lift,
            )
            canvas.drawPath(line, hem)


def draw_board(
    canvas: skia.Canvas,
    palette: Palette,
    box: tuple[float, float, float, float],
    unit: float,
    *,
    strings: bool,
) -> None:
    """Draw a cream paper board with notched corners and a fine double border, hung on two strings from above."""
    left, top, right, bottom = box
    night = palette.tint_strength
    cream = mixed(CREAM, palette.tint, 0.07 * night)
    ink = mixed(INK, palette.ink, 0.5)
    if strings:
        line = skia.Paint(
            Color=colour(mixed(_GOLD, palette.shade, 0.4), 0.95),
            StrokeWidth=max(1.5, 0.0032 * unit),
            AntiAlias=True,
        )
        for x in (left + 0.16 * (right - left), right - 0.16 * (right - left)):
            canvas.drawLine(x, -0.02 * unit, x, top + 0.022 * unit, line)
    outer = _ticket(left, top, right, bottom, 0.03 * unit)
    for spread, alpha in ((0.020, 0.28), (0.007, 0.34)):
        canvas.save()
        canvas.translate(0, 0.007 * unit)
        canvas.drawPath(outer, _soft(spread * unit, palette.shade, alpha))
        canvas.restore()
    shader = skia.GradientShader.MakeLinear(
        [skia.Point(0, top), skia.Point(0, bottom)],
        [colour(mixed(cream, (1, 1, 1), 0.25)), colour(mixed(cream, (0.93, 0.80, 0.62), 0.22))],
    )
    canvas.drawPath(outer, skia.Paint(Shader=shader, AntiAlias=True, Dither=True))
    for inset, wide, alpha in ((0.016, 0.0032, 0.75), (0.0235, 0.0014, 0.55)):
        border = skia.Paint(Color=colour(mixed(ink, _RED, 0.55), alpha), AntiAlias=True)
        border.setStyle(skia.Paint.kStroke_Style)
        border.setStrokeWidth(max(1.0, wide * unit))
        d = inset * unit
        canvas.drawPath(_ticket(left + d, top + d, right - d, bottom - d, 0.03 * unit - 0.25 * d), border)
    if strings:
        for x in (left + 0.16 * (right - left), right - 0.16 * (right - left)):
            canvas.drawCircle(
                x, top + 0.022 * unit, 0.0062 * unit, skia.Paint(Color=colour(_GOLD), AntiAlias=True)
            )


def _ticket(left: float, top: float, right: float, bottom: float, notch: float) -> skia.Path:
    """Return a rectangle whose corners are bitten off by quarter circles."""
    path = skia.Path()
    path.moveTo(left + notch, top)
    path.lineTo(right - notch, top)
    path.arcTo(skia.Rect.MakeLTRB(right - notch, top - notch, right + notch, top + notch), 180, -90, False)
    path.lineTo(right, bottom - notch)
    path.arcTo(
        skia.Rect.MakeLTRB(right - notch, bottom - notch, right + notch, bottom + notch), 270, -90, False
    )
    path.lineTo(left + notch, bottom)
    path.arcTo(skia.Rect.MakeLTRB(left - notch, bottom - notch, left + notch, bottom + notch), 0, -90, False)
    path.lineTo(left, top + notch)
    path.arcTo(skia.Rect.MakeLTRB(left - notch, top - notch, left + notch, top + notch), 90, -90, False)
    path.close()
    return path
