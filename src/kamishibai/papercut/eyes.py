"""Eyes for the animals that the set draws without any, so that every creature of a story can look and sleep."""

from __future__ import annotations

import skia

from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.pen import Point, blob, ellipse, to_paint

__all__ = ["EYES", "draw_eyes"]

# hexcode: x,y of each eye in the drawing's 72 units; `*` marks a dark head, whose eye gets a pale rim.
_TABLE = """
1F400 15,28.5      1F401 18,31        1F402 14,29       1F403 11.5,28.5*  1F404 9.8,27.8     1F405 9.8,32.6
1F406 9.6,31.6     1F408 9.6,30.4     1F409 42.4,12.4   1F40A 54,44       1F40B 24,22.4      1F40C 57.6,33.4
1F40D 44,19        1F40E 13,22        1F40F 12.4,20.6   1F410 12.3,21.2   1F411 10.4,22      1F413 20,21.6
1F417 14.6,29.6*   1F418 19.5,28.5    1F419 32,24.5,40.4,24.5             1F41B 7.2,47       1F41D 55,31
1F41F 54,30        1F420 52,34        1F422 10.4,19.6   1F426 50,20*      1F426-200D-2B1B 50,20*
1F427 39.6,11*     1F428 24.8,19,36,19                  1F429 18.6,19     1F42A 10,22.2      1F42B 12,18.6
1F42C 23,28.6      1F433 24,31.4      1F43F 17,25       1F54A 20,39.8     1F577 34.2,45.6,38,45.6*
1F983 25,14.4      1F985 22,40        1F986 23.6,14*    1F987 31.5,30,35.8,30*               1F988 57,36.4
1F989 34.8,20.4,43,20.4*              1F98C 15,24.6     1F98D 17.4,21*    1F98E 8.6,33.6     1F98F 13.6,36.8
1F990 31,27*       1F992 18.4,14      1F993 12.2,24     1F994 12.4,43     1F995 62.8,14.6    1F996 55.4,22.8
1F997 17,43        1F998 11,19        1F999 16,17.6     1F99A 34.2,26.4*  1F99B 56.6,34      1F99C 33.2,14
1F99D 55.6,37.2    1F9A1 13.4,26.4    1F9A2 23,14.6     1F9A3 26,27       1F9A4 21.6,19.6    1F9A8 15.8,43*
1F9A9 19.6,15.6    1F9AB 19,27.4      1F9AC 58.4,28*    1F9AD 33.4,15.6   1FABC 30.6,24,41.4,24
1FABF 29,13        1FACD 50.4,30.6*   1FACF 17,24.2     E003 17.4,24.2    E009 20,40.4       E010 33.2,14.4
1F41E 33.4,18.4,39.6,18.4*
"""


def _read() -> dict[str, tuple[tuple[Point, ...], bool]]:
    table = {}
    words = _TABLE.split()
    for hexcode, places in zip(words[::2], words[1::2], strict=True):
        numbers = [float(n) for n in places.rstrip("*").split(",")]
        table[hexcode] = (tuple(zip(numbers[::2], numbers[1::2], strict=True)), places.endswith("*"))
    return table


EYES: dict[str, tuple[tuple[Point, ...], bool]] = _read()
"""Places of the eyes, and whether they need a pale rim, by code point."""


def draw_eyes(canvas: skia.Canvas, hexcode: str, feeling: str, ink: Rgb, ink_width: float) -> None:
    """Draw the eyes of a drawing in its own units; those of a sleeper are closed."""
    places, rimmed = EYES[hexcode]
    pale: Rgb = (0.99, 0.98, 0.95)
    for x, y in places:
        if feeling == "asleep":
            paint = to_paint(pale if rimmed else ink)
            paint.setStyle(skia.Paint.kStroke_Style)
            paint.setStrokeCap(skia.Paint.kRound_Cap)
            paint.setStrokeWidth(ink_width)
            canvas.drawPath(blob((x - 2.0, y - 0.3), (x, y + 1.0), (x + 2.0, y - 0.3), closed=False), paint)
            continue
        big = 1.25 if feeling in ("surprised", "afraid") else 1.0
        if rimmed:
            canvas.drawPath(ellipse(x, y, 2.0 * big, 2.15 * big), to_paint(pale))
        canvas.drawPath(ellipse(x, y, 1.3 * big, 1.5 * big), to_paint(ink))
        canvas.drawPath(ellipse(x + 0.42, y - 0.5, 0.45), to_paint((1, 1, 1)))
