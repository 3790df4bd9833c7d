"""Cuts the clothes of people: trunk, skirts and robes, and the details that tell a trade."""

from __future__ import annotations

from dataclasses import dataclass

import skia

from kamishibai.papercut.costumes import Costume
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.pen import Pen, blob, ellipse, polygon, union

__all__ = ["Tailor"]


@dataclass(frozen=True)
class Tailor:
    """One person's measures and costume; half widths and lengths in figure units."""

    pen: Pen
    costume: Costume
    skin: Rgb
    wide: float
    trunk: float
    leg: float
    seated: bool

    def draw(self) -> None:
        """Draw the clothed trunk, from the neck to the hem, with the hips at the origin."""
        pen, c, w, t, skin = self.pen, self.costume, self.wide, self.trunk, self.skin
        pen.cut(
            polygon((-3.0, -t - 3.0), (3.6, -t - 3.0), (4.0, -t + 4), (-3.4, -t + 4)),
            lighten(skin, -0.05),
            shade=0,
        )
        top = blob(
            (-w * 0.5, -t + 0.4),
            (w * 0.5, -t + 0.4),
            (w, -t + 4.5),
            (w * 0.93, -t * 0.5),
            (w * 0.98, 0.5),
            (0, 2.6),
            (-w * 0.98, 0.5),
            (-w * 0.93, -t * 0.5),
            (-w, -t + 4.5),
        )
        long = self._skirt_length()
        if "coat" in c.details and "stripes" not in c.details:
            long = 0.0
        if long > 0 and c.cut != "tail":
            self._hem(w, t, long)
        bare = c.cut == "tail"
        pen.cut(top, skin if bare else c.top, line=False)
        self._details(top, w, t)
        pen.line(top)
        if long > 0 and c.cut in ("dress", "robe", "tutu") and "belt" not in c.details:
            # One piece of cloth: the waist seam is a fold, not a line.
            pen.flat(
                polygon((-w * 0.78, -t * 0.22), (w * 0.78, -t * 0.22), (w * 0.98, 3.4), (-w * 0.98, 3.4)),
                c.bottom,
            )
        self._belt(w, t)

    def _hem(self, w: float, t: float, long: float) -> None:
        """Draw what hangs below the waist: a skirt, a robe, the tails of a coat."""
        pen, c = self.pen, self.costume
        swing = 1.18 if c.cut == "robe" else 1.55 if c.cut in ("dress", "skirt") else 1.2
        hem = blob(
            (-w * 0.8, -t * 0.3),
            (w * 0.8, -t * 0.3),
            (w * swing * 0.92, long * 0.55),
            (w * swing, long),
            (0, long + 2.2),
            (-w * swing, long),
            (-w * swing * 0.92, long * 0.55),
        )
        if c.cut == "tutu":
            hem = blob(
                (-w * 0.8, -t * 0.25),
                (0, -t * 0.3),
                (w * 0.8, -t * 0.25),
                (w * 2.0, 0),
                (w * 2.15, 4.4),
                (w, 4.0),
                (0, 6.4),
                (-w, 4.0),
                (-w * 2.15, 4.4),
                (-w * 2.0, 0),
            )
        pen.cut(hem, c.bottom if "longcoat" not in c.details and "labcoat" not in c.details else c.top)
        if "petals" in c.details:
            for x in (-1.1, -0.4, 0.4, 1.1):
                pen.line(blob((x * w * 0.7, -t * 0.1), (x * w * 1.05, long), closed=False), width=0.8)
        if "fur" in c.details or "furtrim" in c.details:
            pen.cut(
                blob(
                    (-w * swing, long - 2.2),
                    (0, long),
                    (w * swing, long - 2.2),
                    (w * swing, long + 2),
                    (0, long + 4.2),
                    (-w * swing, long + 2),
                ),
                (0.97, 0.96, 0.94),
            )

    def _skirt_length(self) -> float:
        """Return how far below the hips the cloth hangs."""
        c = self.costume
        share = {"dress": 0.62, "skirt": 0.5, "robe": 0.84, "tutu": 0.14}.get(c.cut, 0.0)
        if "longcoat" in c.details or "labcoat" in c.details:
            share = 0.42
        if "furtrim" in c.details:
            share = 0.2
        if self.seated:
            share = min(share, 0.2)
        if c.cut in ("dress", "robe") and "cape" in c.details and not self.seated:
            share = 0.86
        return self.leg * share

    def _details(self, top: skia.Path, w: float, t: float) -> None:
        """Draw the cloth's patterns and layers within the outline `top`."""
        pen, c = self.pen, self.costume
        d = c.details
        white = (0.97, 0.96, 0.94)
        if c.cut == "tail":
            for x in (-0.42, 0.42):
                pen.inside(top, ellipse(x * w, -t + 9, 4.2, 3.6), c.top)
        if "stripes" in d:
            for i in range(6):
                y = -t + 5.5 + i * 4.6
                pen.inside(
                    top,
                    polygon((-w * 2, y), (w * 2, y), (w * 2, y + 2.0), (-w * 2, y + 2.0)),
                    c.bottom if c.hat else c.trim,
                )
        if "coat" in d:
            fill = c.trim if "stripes" in d else lighten(c.top, -0.03)
            if "stripes" in d:
                for side in (-1, 1):
                    pen.inside(
                        top,
                        polygon(
                            (side * w * 1.5, -t - 2),
                            (side * w * 0.42, -t - 2),
                            (side * w * 0.5, 4),
                            (side * w * 1.5, 4),
                        ),
                        fill,
                    )
                    pen.line(
                        blob((side * w * 0.42, -t + 1.5), (side * w * 0.5, 2.0), closed=False), width=0.8
                    )
        if "vest" in d:
            pen.inside(top, polygon((-w * 2, -t - 4), (w * 2, -t - 4), (w * 2, 5), (-w * 2, 5)), c.top)
            pen.inside(top, polygon((-w * 0.42, -t - 1), (w * 0.5, -t - 1), (0.6, -t * 0.5)), white)
        if "labcoat" in d:
            pen.inside(top, polygon((-w * 0.42, -t - 1), (w * 0.5, -t - 1), (0.8, -t * 0.45)), c.trim)
            pen.line(blob((0.8, -t * 0.45), (0.8, 2.5), closed=False), width=0.8)
        if "overall" in d:
            bib = polygon((-w * 0.58, -t * 0.62), (w * 0.62, -t * 0.62), (w * 0.7, 6), (-w * 0.66, 6))
            pen.inside(
                top,
                union(bib, polygon((-w * 2, -t * 0.3), (w * 2, -t * 0.3), (w * 2, 6), (-w * 2, 6))),
                c.bottom,
            )
            for side in (-1, 1):
                pen.inside(
                    top,
                    polygon(
                        (side * w * 0.36, -t - 2),
                        (side * w * 0.62, -t - 2),
                        (side * w * 0.62, -t * 0.6),
                        (side * w * 0.36, -t * 0.6),
                    ),
                    c.bottom,
                )
                pen.dot(side * w * 0.49, -t * 0.58, 1.1, 1.1, hex_rgb("F2C23A"))
        self._trims(top, w, t)

    def _trims(self, top: skia.Path, w: float, t: float) -> None:
        """Draw seams, buttons, badges and aprons."""
        pen, c = self.pen, self.costume
        d = c.details
        white = (0.97, 0.96, 0.94)
        if "plates" in d:
            pen.line(blob((0.8, -t + 2), (2.0, -t * 0.4), (0.8, 1.5), closed=False), width=0.8)
            pen.line(
                blob((-w * 0.9, -t * 0.42), (0, -t * 0.34), (w * 0.9, -t * 0.42), closed=False), width=0.8
            )
        if "panel" in d:
            pen.cut(
                polygon((-4.6, -t * 0.62), (6.2, -t * 0.62), (6.2, -t * 0.34), (-4.6, -t * 0.34)),
                lighten(c.shoes, 0.05),
            )
            pen.dot(-1.6, -t * 0.48, 1.3, 1.3, c.trim)
            pen.dot(3.0, -t * 0.48, 1.3, 1.3, hex_rgb("4C9AA8"))
        if "bands" in d:
            for y in (-t * 0.55, -t * 0.16):
                pen.inside(
                    top,
                    polygon((-w * 2, y - 1.4), (w * 2, y - 1.4), (w * 2, y + 1.4), (-w * 2, y + 1.4)),
                    c.trim,
                )
        if "spots" in d:
            for x, y, f in (
                (-4.5, -18.0, c.trim),
                (4.5, -13.0, c.bottom),
                (-3.0, -7.0, c.bottom),
                (5.0, -3.0, c.trim),
            ):
                pen.inside(top, ellipse(x, y, 2.4), f)
        if "stars" in d:
            for x, y in ((-4.4, -16.0), (4.8, -12.0), (-2.0, -6.0)):
                pen.dot(x, y, 1.1, 1.1, c.trim)
        if "star" in d:
            pen.cut(
                polygon(
                    (0.8, -t + 6),
                    (3, -t + 10),
                    (7, -t + 10.4),
                    (4, -t + 13),
                    (5, -t + 17),
                    (0.8, -t + 14.8),
                    (-3.4, -t + 17),
                    (-2.4, -t + 13),
                    (-5.4, -t + 10.4),
                    (-1.4, -t + 10),
                ),
                c.trim,
                shade=0,
            )
        if "buttons" in d or "buttons2" in d:
            pen.line(
                blob((0.8, -t + 3), (1.0, -t * 0.5), (0.8, 2.0), closed=False),
                colour=mix(c.top, pen.ink, 0.6),
                width=0.7,
            )
            xs = (-1.6, 3.4) if "buttons2" in d else (2.6,)
            for i in range(3):
                for x in xs:
                    pen.dot(x, -t + 7 + i * t * 0.26, 0.95, 0.95, c.trim if "labcoat" not in d else white)
        if "badge" in d:
            pen.dot(w * 0.5, -t * 0.66, 1.8, 1.9, c.trim)
        if "pocket" in d:
            pen.line(
                polygon(
                    (w * 0.2, -t * 0.6), (w * 0.72, -t * 0.6), (w * 0.68, -t * 0.4), (w * 0.24, -t * 0.4)
                ),
                colour=mix(c.top, pen.ink, 0.6),
                width=0.7,
            )
        if "apron" in d:
            cloth = white if c.hat != "flatcap" else c.trim
            pen.inside(
                top,
                polygon((-w * 0.55, -t * 0.66), (w * 0.62, -t * 0.66), (w * 0.85, 6), (-w * 0.8, 6)),
                cloth,
            )
            pen.line(blob((-w * 0.55, -t * 0.66), (w * 0.62, -t * 0.66), closed=False), width=0.7)

    def _belt(self, w: float, t: float) -> None:
        """Draw what goes over the outline: belts, collars, ties, scarves."""
        pen, c = self.pen, self.costume
        d = c.details
        y = -t * 0.2
        if "belt" in d or "sash" in d or "cord" in d:
            fill = c.trim if ("sash" in d or "cord" in d or c.cut in ("dress", "tutu")) else hex_rgb("5A3B2A")
            deep = 1.5 if "cord" in d else 2.2
            pen.cut(
                blob(
                    (-w * 0.95, y - deep),
                    (0, y - deep + 0.8),
                    (w * 0.96, y - deep),
                    (w * 0.98, y + deep),
                    (0, y + deep + 0.8),
                    (-w * 0.97, y + deep),
                ),
                fill,
                shade=0.4,
            )
            if "belt" in d:
                pen.cut(
                    polygon((-1.8, y - 2.2), (3.0, y - 2.2), (3.0, y + 3.2), (-1.8, y + 3.2)),
                    hex_rgb("F2C23A"),
                    shade=0,
                )
        if "collar" in d:
            for side in (-1, 1):
                pen.cut(
                    blob(
                        (0.6, -t + 1.0),
                        (side * w * 0.6 + 0.6, -t - 0.4),
                        (side * w * 0.66 + 0.6, -t + 4.0),
                        (side * 2.2 + 0.6, -t + 5.0),
                    ),
                    hex_rgb("FBF8F0") if c.cut != "tail" else c.trim,
                    shade=0.4,
                )
        if "fur" in d:
            pen.cut(
                blob(
                    (-w * 0.95, -t + 3),
                    (0, -t + 0.2),
                    (w * 0.95, -t + 3),
                    (w * 0.8, -t + 7.5),
                    (0, -t + 6),
                    (-w * 0.8, -t + 7.5),
                ),
                (0.97, 0.96, 0.94),
            )
        if "ruff" in d:
            parts = [ellipse(x, -t + 2.0 + 0.05 * x * x, 3.6) for x in (-8.0, -4.0, 0.4, 4.8, 8.8)]
            pen.cut(union(*parts), (0.97, 0.96, 0.94))
        if "tie" in d:
            pen.cut(
                union(
                    polygon((0.6, -t + 3), (-4.6, -t + 0.4), (-4.6, -t + 5.6)),
                    polygon((0.6, -t + 3), (5.8, -t + 0.4), (5.8, -t + 5.6)),
                ),
                c.trim,
            )
        if "scarf" in d:
            dye = c.trim if c.trim[0] < 0.93 or c.trim[2] < 0.8 else hex_rgb("D9574A")
            pen.cut(polygon((2, -t + 3), (6.6, -t + 2.4), (8, -t + 14), (3, -t + 14.6)), lighten(dye, -0.04))
            pen.cut(
                blob(
                    (-w * 0.66, -t - 0.6),
                    (0, -t + 1.6),
                    (w * 0.7, -t - 0.6),
                    (w * 0.78, -t + 3.6),
                    (0, -t + 6.4),
                    (-w * 0.74, -t + 3.6),
                ),
                dye,
            )
