"""The tails of puppets, one course for each kind."""

from __future__ import annotations

from kamishibai.papercut.coats import Coat
from kamishibai.papercut.pen import Pen, Point, blob, ellipse, outline, polygon

__all__ = ["draw_tail"]


def draw_tail(pen: Pen, coat: Coat, *, low: bool) -> None:
    """Draw the species' tail to the left of the origin, its root; `low` when it lies on the ground."""
    kind, fill, tip = coat.species.tail, coat.coat, coat.tip
    if kind == "bushy":
        path = (
            blob(
                (2, -2), (-7, 3), (-16, 3), (-24, -3), (-28, -13), (-25, -24), (-20, -17), (-13, -9), (-6, -7)
            )
            if not low
            else blob((3, -5), (-9, -3), (-20, -5), (-29, -1), (-33, 5), (-26, 8.6), (-14, 8.6), (-2, 7))
        )
        pen.cut(path, fill, line=False)
        end = ellipse(-27, -22, 9, 9) if not low else ellipse(-33, 5, 8, 9)
        pen.inside(path, end, tip)
        pen.line(path)
    elif kind in ("stub", "scut"):
        pen.cut(ellipse(-3.4, -0.6, 4.2 if kind == "stub" else 5.0), fill if kind == "stub" else coat.belly)
    elif kind == "curl":
        path = blob(
            (2, 0),
            (-4, -1.4),
            (-7.5, -5),
            (-5.2, -7.6),
            (-3.2, -4.8),
            (-6.8, -2.6),
            (-11, -4.4),
            closed=False,
        )
        pen.line(path, width=3.4)
        pen.line(path, colour=fill, width=1.5)
    else:
        courses: dict[str, list[Point]] = {
            "tuft": [(3, 0), (-8, 3), (-15, -3), (-19, -11)],
            "striped": [(3, 0), (-9, 3), (-17, -5), (-16, -17), (-21, -22)],
            "cat": [(3, 0), (-9, 3), (-17, -5), (-15, -17), (-20, -23)],
            "dog": [(3, 0), (-6, -2), (-12, -8), (-15, -17)],
            "thin": [(3, 0), (-9, 4), (-18, 1), (-24, -6), (-30, -5)],
            "dragon": [(4, 0), (-10, 5), (-21, 2), (-28, -8), (-30, -16)],
            "long": [(3, 0), (-10, 4), (-20, -2), (-22, -14), (-15, -20), (-11, -15)],
        }
        points = courses[kind]
        if low:
            points = [(x, min(6.0, 6.0 + 0.45 * min(0.0, y + 4))) for x, y in points]
        width = {"thin": 2.6, "dog": 6.4, "long": 4.2, "tuft": 3.8, "dragon": 8.0}.get(kind, 6.0)
        path = outline(blob(*points, closed=False), width)
        pen.cut(path, tip if kind == "thin" else fill, shade=0.6, line=False)
        x, y = points[-1]
        if kind == "striped":
            for px, py in (points[2], points[3], points[-1]):
                pen.inside(path, ellipse(px, py, 3.6, 1.9, 20), pen.ink)
        if kind == "cat":
            pen.inside(path, ellipse(x, y, 5, 5), coat.paw)
        pen.line(path)
        if kind == "dragon":
            pen.cut(polygon((x - 7, y + 2), (x, y - 11), (x + 7, y + 2)), tip)
        if kind == "tuft":
            pen.cut(
                blob(
                    (x + 2.2, y + 2.6),
                    (x + 1.8, y - 3.4),
                    (x - 1.6, y - 7.4),
                    (x - 4.2, y - 2.4),
                    (x - 2.2, y + 2.4),
                ),
                tip,
            )
