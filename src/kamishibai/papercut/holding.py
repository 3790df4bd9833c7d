"""How a thing is held: how large it shows, by which part it is gripped, and whether it takes both hands."""

from __future__ import annotations

import skia

from kamishibai.papercut import lexicon
from kamishibai.papercut.drawings import to_colour
from kamishibai.papercut.parts import Box, Figure, Rgb
from kamishibai.papercut.pen import Point, blob

__all__ = ["Held", "gripped"]

Held = tuple[skia.Picture, Box, Point]
"""A picture in the holder's units, its box, and the point of it that goes into the hand."""

_GRIPS = {
    "own:sword": (0.5, 0.84), "1FA84": (0.16, 0.84), "1F5E1": (0.84, 0.16), "1F9F9": (0.62, 0.4), "1F3A3": (0.1, 0.93),
    "1FA93": (0.5, 0.8), "1F528": (0.42, 0.8), "1FA8F": (0.72, 0.28), "E345": (0.5, 0.3), "1F58C": (0.75, 0.25),
    "2602": (0.53, 0.86), "1F302": (0.5, 0.9), "1F531": (0.5, 0.7), "own:flag": (0.05, 0.72), "1F50D": (0.75, 0.78),
    "own:torch": (0.5, 0.86), "1F366": (0.5, 0.85), "1F36D": (0.3, 0.85), "1F490": (0.5, 0.85), "own:guitar": (0.5, 0.72),
    "1F339": (0.35, 0.85), "1F337": (0.35, 0.85), "1F33B": (0.45, 0.85), "1F33C": (0.4, 0.85), "1F3BB": (0.5, 0.6),
}  # fmt: skip
"""Where in its box a thing is held, from the left and from the top, when that is not its middle."""


def gripped(holding: Figure | None, unit: float, ink: Rgb) -> tuple[Held | None, bool]:
    """Return what is held as a picture in the holder's units, and whether it takes both hands.

    It is shown no larger than a hand can manage. Lanterns hang from the hand, wands and umbrellas are held low,
    balloons float above it.
    """
    if holding is None:
        return None, False
    left, top, right, bottom = holding.bounds
    wide, tall = (right - left) / unit, (bottom - top) / unit
    entry = lexicon.lookup(holding.name)
    rests = entry.rests if entry else holding.rests
    long = tall > 1.6 * wide or (entry is not None and entry.height_m >= 0.7)
    extent = max(wide, tall)
    hung = rests == "hangs" or (holding.glow is not None and tall < 2.2 * wide)
    fit = min(27.0 if hung else 58.0 if long else 34.0, max(14.0, extent)) / extent
    scale = fit / unit
    recorder = skia.PictureRecorder()
    canvas = recorder.beginRecording(skia.Rect.MakeLTRB(-4000, -4000, 4000, 4000))
    canvas.scale(scale, scale)
    holding.draw(canvas)
    box = (left * scale, top * scale, right * scale, bottom * scale)
    height = box[3] - box[1]
    handle = hung
    if handle:
        at = box[1] + 1.0
    elif rests == "flies" and height > 24:
        # It floats well above the hand, on the string that it is drawn with or on one of our own.
        return (
            _on_string(recorder.finishRecordingAsPicture(), box, ink),
            _grown(box),
            (box[0] * 0.9, 22.0),
        ), False
    elif height > 1.6 * (box[2] - box[0]) or height > 30:
        at = box[3] - 0.22 * height
    else:
        at = (box[1] + box[3]) / 2
    across = (box[0] + box[2]) / 2
    if entry is not None and entry.drawing in _GRIPS:
        u, v = _GRIPS[entry.drawing]
        across, at = box[0] + u * (box[2] - box[0]), box[1] + v * height
    both = (
        not handle
        and (entry is None or entry.drawing not in _GRIPS)
        and rests in ("stands", "lies")
        and min(wide, tall) * fit > 19
    )
    return (recorder.finishRecordingAsPicture(), box, (across, at)), both


def _grown(box: Box) -> Box:
    return (box[0], box[1] - 4, box[2], 24.0)


def _on_string(picture: skia.Picture, box: Box, ink: Rgb) -> skia.Picture:
    """Return a floating thing with a string down to the hand at its lower left."""
    recorder = skia.PictureRecorder()
    canvas = recorder.beginRecording(skia.Rect.MakeLTRB(-4000, -4000, 4000, 4000))
    paint = skia.Paint(AntiAlias=True, Color=to_colour(ink), Style=skia.Paint.kStroke_Style, StrokeWidth=0.9)
    canvas.drawPath(blob((0, -2), (1.5, 6), (box[0] * 0.5, 15), (box[0] * 0.9, 22), closed=False), paint)
    canvas.drawPicture(picture)
    return recorder.finishRecordingAsPicture()
