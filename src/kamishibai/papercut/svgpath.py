"""Reads SVG path data and the other basic shapes into skia paths (SVG 1.1, chapters 8 and 9)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

import skia

__all__ = ["parse_path", "parse_shape", "parse_transform"]

_TOKEN = re.compile(r"([MmLlHhVvCcSsQqTtAaZz])|([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}
_CALL = re.compile(r"(\w+)\s*\(([^)]*)\)")


def _arc_flags_apart(data: str) -> str:
    """Return `data` with the one-digit flags of its arcs set apart, as minifiers write ``a1 1 0 01.5.5``."""

    def spread(match: re.Match[str]) -> str:
        rest, out = match.group(2), [match.group(1)]
        at = 0
        while True:
            numbers: list[str] = []
            for place in range(7):
                while at < len(rest) and rest[at] in " ,\t\r\n":
                    at += 1
                if place in (3, 4) and at < len(rest) and rest[at] in "01":
                    numbers.append(rest[at])
                    at += 1
                    continue
                found = _NUMBER.match(rest, at)
                if found is None:
                    return "".join(out)
                numbers.append(found.group(0))
                at = found.end()
            out.append(" " + " ".join(numbers))

    return re.sub(r"([Aa])([^A-DF-Za-df-z]*)", spread, data)


def _commands(data: str) -> Iterator[tuple[str, tuple[float, ...]]]:
    """Yield each command of path data with its numbers, repeated commands written out."""
    command = ""
    numbers: list[float] = []
    if "a" in data or "A" in data:
        data = _arc_flags_apart(data)
    for letter, number in _TOKEN.findall(data):
        if letter:
            command, numbers = letter, []
            if letter in "Zz":
                yield letter, ()
            continue
        numbers.append(float(number))
        if command and len(numbers) == _ARGUMENTS[command.upper()]:
            yield command, tuple(numbers)
            numbers = []
            command = {"M": "L", "m": "l"}.get(command, command)


def parse_path(data: str) -> skia.Path:
    """Return the skia path of an SVG ``d`` attribute. Unreadable tails are dropped, as SVG asks."""
    path = skia.Path()
    x = y = start_x = start_y = 0.0
    control: tuple[float, float] | None = None
    last = ""
    for command, n in _commands(data):
        kind, dx, dy = command.upper(), 0.0, 0.0
        if command.islower():
            dx, dy = x, y
        if kind == "M":
            x, y = n[0] + dx, n[1] + dy
            start_x, start_y = x, y
            path.moveTo(x, y)
        elif kind in "LHV":
            x = n[0] + dx if kind in "LH" else x
            y = n[-1] + dy if kind in "LV" else y
            path.lineTo(x, y)
        elif kind in "CS":
            if kind == "S":
                one = (2 * x - control[0], 2 * y - control[1]) if control and last in "CS" else (x, y)
                n = (one[0] - dx, one[1] - dy, *n)
            control = (n[2] + dx, n[3] + dy)
            path.cubicTo(n[0] + dx, n[1] + dy, *control, n[4] + dx, n[5] + dy)
            x, y = n[4] + dx, n[5] + dy
        elif kind in "QT":
            if kind == "T":
                one = (2 * x - control[0], 2 * y - control[1]) if control and last in "QT" else (x, y)
                n = (one[0] - dx, one[1] - dy, *n)
            control = (n[0] + dx, n[1] + dy)
            path.quadTo(*control, n[2] + dx, n[3] + dy)
            x, y = n[2] + dx, n[3] + dy
        elif kind == "A":
            x, y = n[5] + dx, n[6] + dy
            large = skia.Path.ArcSize.kLarge_ArcSize if n[3] else skia.Path.ArcSize.kSmall_ArcSize
            turn = skia.PathDirection.kCW if n[4] else skia.PathDirection.kCCW
            path.arcTo(abs(n[0]), abs(n[1]), n[2], large, turn, x, y)
        else:
            path.close()
            x, y = start_x, start_y
        last = kind
    return path


def parse_shape(tag: str, a: Mapping[str, str]) -> skia.Path | None:
    """Return the path of an SVG element by its tag and attributes; None for a tag that draws nothing."""

    def number(key: str, default: float = 0.0) -> float:
        found = _NUMBER.match(a.get(key, ""))
        return float(found.group(0)) if found else default

    if tag == "path":
        return parse_path(a.get("d", ""))
    path = skia.Path()
    if tag == "circle":
        path.addCircle(number("cx"), number("cy"), number("r"))
    elif tag == "ellipse":
        cx, cy, rx, ry = number("cx"), number("cy"), number("rx"), number("ry")
        path.addOval(skia.Rect.MakeLTRB(cx - rx, cy - ry, cx + rx, cy + ry))
    elif tag == "rect":
        rx = number("rx", number("ry"))
        ry = number("ry", rx)
        box = skia.Rect.MakeXYWH(number("x"), number("y"), number("width"), number("height"))
        path.addRRect(skia.RRect.MakeRectXY(box, rx, ry))
    elif tag == "line":
        path.moveTo(number("x1"), number("y1"))
        path.lineTo(number("x2"), number("y2"))
    elif tag in ("polyline", "polygon"):
        n = [float(v) for v in _NUMBER.findall(a.get("points", ""))]
        points = [skia.Point(*pair) for pair in zip(n[::2], n[1::2], strict=False)]
        if len(points) < 2:
            return None
        path.addPoly(points, tag == "polygon")
    else:
        return None
    return path


def parse_transform(text: str) -> skia.Matrix:
    """Return the matrix of an SVG ``transform`` attribute."""
    matrix = skia.Matrix()
    for name, inside in _CALL.findall(text):
        n = [float(v) for v in _NUMBER.findall(inside)]
        step = skia.Matrix()
        if name == "matrix" and len(n) == 6:
            step = skia.Matrix.MakeAll(n[0], n[2], n[4], n[1], n[3], n[5], 0, 0, 1)
        elif name == "translate" and n:
            step = skia.Matrix.Translate(n[0], n[1] if len(n) > 1 else 0.0)
        elif name == "scale" and n:
            step = skia.Matrix.Scale(n[0], n[1] if len(n) > 1 else n[0])
        elif name == "rotate" and n:
            step = skia.Matrix.RotateDeg(n[0], skia.Point(n[1], n[2]) if len(n) > 2 else skia.Point(0, 0))
        elif name == "skewX" and n:
            step = skia.Matrix.MakeAll(1, math.tan(math.radians(n[0])), 0, 0, 1, 0, 0, 0, 1)
        elif name == "skewY" and n:
            step = skia.Matrix.MakeAll(1, 0, 0, math.tan(math.radians(n[0])), 1, 0, 0, 0, 1)
        matrix = skia.Matrix.Concat(matrix, step)
    return matrix
