"""Draws cut-paper shapes in one hand: flat fill, a darker edge away from the light, an ink line, and keeps their extent."""

from __future__ import annotations

import math
from collections.abc import Sequence

import skia

from kamishibai.papercut.drawings import Drawing, Recolour, Shape, to_colour
from kamishibai.papercut.palette import lighten
from kamishibai.papercut.parts import Box, Rgb

__all__ = ["Pen", "Point", "blob", "ellipse", "limb", "outline", "polygon", "reach", "to_paint", "union"]

Point = tuple[float, float]


class Pen:
    """Records drawing in figure units (y down, feet at 0), with `ink` lines `width` units wide."""

    def __init__(self, ink: Rgb, width: float) -> None:
        self.ink = ink
        self.width = width
        self._recorder = skia.PictureRecorder()
        self.canvas = self._recorder.beginRecording(skia.Rect.MakeLTRB(-4000, -4000, 4000, 4000))
        self._boxes: list[skia.Rect] = []

    def done(self) -> tuple[skia.Picture, Box]:
        """Return what was drawn, and the box it fills."""
        if not self._boxes:
            self._boxes.append(skia.Rect.MakeLTRB(-0.5, -1, 0.5, 0))
        box = (
            min(b.left() for b in self._boxes),
            min(b.top() for b in self._boxes),
            max(b.right() for b in self._boxes),
            max(b.bottom() for b in self._boxes),
        )
        return self._recorder.finishRecordingAsPicture(), box

    def _extend(self, path: skia.Path, by: float) -> None:
        moved = skia.Path(path)
        moved.transform(self.canvas.getTotalMatrix())
        box = moved.computeTightBounds()
        self._boxes.append(box.makeOutset(by, by))

    def cut(
        self,
        path: skia.Path,
        fill: Rgb,
        *,
        shade: float = 1.0,
        line: bool = True,
        open_at: Sequence[Circle] = (),
    ) -> None:
        """Lay one piece of paper: fill, a darker crescent at its lower right, its ink line.

        `shade` scales the crescent (0 for none); `open_at` gives circles in which the line is left out, so that
        a limb grows out of the body.
        """
        canvas = self.canvas
        canvas.save()
        canvas.clipPath(path, doAntiAlias=True)
        if shade:
            box = path.computeTightBounds()
            depth = min(2.4, 0.09 * min(box.width(), box.height()) + 0.5) * shade
            canvas.drawPath(path, to_paint(lighten(fill, -0.075)))
            canvas.translate(-depth, -depth * 0.55)
        canvas.drawPath(path, to_paint(fill))
        canvas.restore()
        if line:
            self.line(path, open_at=open_at)
        else:
            self._extend(path, 0.0)

    def flat(self, path: skia.Path, fill: Rgb, alpha: float = 1.0) -> None:
        """Fill a path with no line."""
        self.canvas.drawPath(path, to_paint(fill, alpha))
        self._extend(path, 0.0)

    def inside(self, clip: skia.Path, path: skia.Path, fill: Rgb, alpha: float = 1.0) -> None:
        """Fill `path` where it lies within `clip`: a belly patch, a sock, a stripe."""
        self.canvas.save()
        self.canvas.clipPath(clip, doAntiAlias=True)
        self.canvas.drawPath(path, to_paint(fill, alpha))
        self.canvas.restore()

    def line(
        self,
        path: skia.Path,
        *,
        colour: Rgb | None = None,
        width: float = 1.0,
        open_at: Sequence[Circle] = (),
        alpha: float = 1.0,
    ) -> None:
        """Ink along a path; `width` is in widths of the pen."""
        paint = to_paint(colour or self.ink, alpha)
        paint.setStyle(skia.Paint.kStroke_Style)
        paint.setStrokeWidth(self.width * width)
        paint.setStrokeCap(skia.Paint.kRound_Cap)
        paint.setStrokeJoin(skia.Paint.kRound_Join)
        self.canvas.save()
        for x, y, r in open_at:
            hole = skia.Path()
            hole.addCircle(x, y, r)
            self.canvas.clipPath(hole, skia.ClipOp.kDifference, True)
        self.canvas.drawPath(path, paint)
        self.canvas.restore()
        self._extend(path, self.width * width / 2)

    def dot(self, x: float, y: float, rx: float, ry: float | None = None, colour: Rgb | None = None) -> None:
        """Fill an ellipse, with ink unless told otherwise."""
        self.flat(ellipse(x, y, rx, ry if ry is not None else rx), colour or self.ink)

    def drawing(
        self,
        drawing: Drawing,
        *,
        recolour: Recolour | None = None,
        scale: float = 1.0,
        skip: tuple[int, ...] = (),
    ) -> None:
        """Paint an OpenMoji drawing at the canvas's origin, `scale` units each of its own; `skip` by index."""
        left_out = {id(drawing.shapes[i]) for i in skip}

        def skipped(shape: Shape) -> bool:
            return id(shape) in left_out

        self.canvas.save()
        self.canvas.scale(scale, scale)
        drawing.paint(self.canvas, self.ink, ink_width=self.width / scale, recolour=recolour, skip=skipped)
        self._extend(polygon(*_corners(drawing.bounds)), 0.0)
        self.canvas.restore()

    def figure(self, draw: skia.Picture, box: Box) -> None:
        """Play a recorded picture at the canvas's origin."""
        self.canvas.drawPicture(draw)
        self._extend(polygon(*_corners(box)), 0.0)


Circle = tuple[float, float, float]


def to_paint(rgb: Rgb, alpha: float = 1.0) -> skia.Paint:
    """Return a smooth-edged paint of this colour and opacity."""
    return skia.Paint(AntiAlias=True, Color=to_colour(rgb, alpha))


def _corners(box: Box) -> list[Point]:
    left, top, right, bottom = box
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def ellipse(x: float, y: float, rx: float, ry: float | None = None, turn: float = 0.0) -> skia.Path:
    """An ellipse about (x, y), turned clockwise by `turn` degrees."""
    ry = rx if ry is None else ry
    path = skia.Path()
    path.addOval(skia.Rect.MakeLTRB(-rx, -ry, rx, ry))
    path.transform(skia.Matrix.Translate(x, y).preRotate(turn))
    return path


def polygon(*points: Point) -> skia.Path:
    """A closed polygon."""
    path = skia.Path()
    path.addPoly([skia.Point(*p) for p in points], True)
    return path


def blob(*points: Point, closed: bool = True) -> skia.Path:
    """A smooth curve through points (Catmull–Rom)."""
    path = skia.Path()
    count = len(points)
    path.moveTo(*points[0])
    for i in range(count if closed else count - 1):
        p0 = points[(i - 1) % count] if closed or i > 0 else points[0]
        p1, p2 = points[i], points[(i + 1) % count]
        p3 = points[(i + 2) % count] if closed or i + 2 < count else points[-1]
        path.cubicTo(
            p1[0] + (p2[0] - p0[0]) / 6, p1[1] + (p2[1] - p0[1]) / 6,
            p2[0] - (p3[0] - p1[0]) / 6, p2[1] - (p3[1] - p1[1]) / 6,
            *p2,
        )  # fmt: skip
    if closed:
        path.close()
    return path


def outline(path: skia.Path, width: float) -> skia.Path:
    """The area that a round stroke of `width` along `path` covers."""
    area = skia.Path()
    paint = skia.Paint(
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=width,
        StrokeCap=skia.Paint.kRound_Cap,
        StrokeJoin=skia.Paint.kRound_Join,
    )
    paint.getFillPath(path, area, None, 8.0)
    return skia.Simplify(area)


def reach(start: Point, angle: float, length: float) -> Point:
    """The point `length` from `start` at `angle` degrees: 0 is straight down, positive to the right."""
    turn = math.radians(angle)
    return (start[0] + length * math.sin(turn), start[1] + length * math.cos(turn))


def limb(root: Point, joint: Point, end: Point, w0: float, w1: float) -> skia.Path:
    """A softly bent, tapering limb from `root` over `joint` to `end`, `w0` wide at the root and `w1` at the end."""
    steps = 14
    left: list[Point] = []
    right: list[Point] = []
    # The control point goes beyond the joint, so that the quadratic passes close by it.
    cx, cy = 1.5 * joint[0] - 0.25 * (root[0] + end[0]), 1.5 * joint[1] - 0.25 * (root[1] + end[1])
    for i in range(steps + 1):
        t = i / steps
        x = (1 - t) ** 2 * root[0] + 2 * t * (1 - t) * cx + t * t * end[0]
        y = (1 - t) ** 2 * root[1] + 2 * t * (1 - t) * cy + t * t * end[1]
        dx = 2 * (1 - t) * (cx - root[0]) + 2 * t * (end[0] - cx)
        dy = 2 * (1 - t) * (cy - root[1]) + 2 * t * (end[1] - cy)
        norm = math.hypot(dx, dy) or 1.0
        half = (w0 + (w1 - w0) * t) / 2
        left.append((x - dy / norm * half, y + dx / norm * half))
        right.append((x + dy / norm * half, y - dx / norm * half))
    # Two open curves joined by straight ends: one closed curve would bulge at its four corners.
    body = blob(*left, closed=False)
    body.addPath(blob(*reversed(right), closed=False), skia.Path.AddPathMode.kExtend_AddPathMode)
    body.close()
    return union(body, ellipse(*root, w0 / 2), ellipse(*end, w1 / 2))


def union(first: skia.Path, *others: skia.Path) -> skia.Path:
    """The paths as one piece of paper."""
    path = skia.Simplify(first)
    for other in others:
        path = skia.Op(path, other, skia.PathOp.kUnion_PathOp)
    return path
