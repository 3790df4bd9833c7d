"""Shapes of nature cut from paper, as vector paths: hills, peaks, trees, plants, clouds, waves, rocks."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from random import Random

import skia

__all__ = [
    "Curve", "bare_tree", "blob", "bush", "cloud", "dune_line", "fern", "flower", "grass", "hill_line",
    "jagged_line", "leaf",
    "level_line", "oval_tree", "palm", "pine", "polygon", "rock", "round_crown", "sheet_below",
    "smooth",
    "sum_line",
    "tilted_line", "star", "stroke_path", "trunk", "wave_line",
]  # fmt: skip

Curve = Callable[[float], float]
Point = tuple[float, float]


def polygon(points: Sequence[Point]) -> skia.Path:
    """A closed path with straight sides."""
    path = skia.Path()
    path.addPoly([skia.Point(x, y) for x, y in points], True)
    return path


def stroke_path(points: Sequence[Point]) -> skia.Path:
    """An open path with straight parts."""
    path = skia.Path()
    path.addPoly([skia.Point(x, y) for x, y in points], False)
    return path


def smooth(points: Sequence[Point], closed: bool = True) -> skia.Path:
    """A Catmull-Rom curve through the points."""
    n = len(points)
    path = skia.Path()
    path.moveTo(*points[0])
    for i in range(n if closed else n - 1):
        if closed:
            p0, p1, p2, p3 = (points[(i + k) % n] for k in (-1, 0, 1, 2))
        else:
            p0, p1, p2, p3 = (points[min(n - 1, max(0, i + k))] for k in (-1, 0, 1, 2))
        path.cubicTo(
            p1[0] + (p2[0] - p0[0]) / 6, p1[1] + (p2[1] - p0[1]) / 6,
            p2[0] - (p3[0] - p1[0]) / 6, p2[1] - (p3[1] - p1[1]) / 6, p2[0], p2[1],
        )  # fmt: skip
    if closed:
        path.close()
    return path


def blob(
    x: float, y: float, rx: float, ry: float, rng: Random, bumps: int = 9, rough: float = 0.1
) -> skia.Path:
    """A hand-cut round shape."""
    turn = rng.uniform(0, math.tau)
    points = []
    for i in range(bumps):
        a = turn + math.tau * i / bumps
        r = 1 + rng.uniform(-rough, rough)
        points.append((x + math.cos(a) * rx * r, y + math.sin(a) * ry * r))
    return smooth(points)


def hill_line(y: float, height: float, width: float, rng: Random, waves: float = 1.4) -> Curve:
    """A rolling profile around `y` (pixels), `height` from valley to crest, about `waves` crests a `width`."""
    parts = [
        (height * 0.5 * a, math.tau * waves * f / width, rng.uniform(0, math.tau))
        for a, f in (
            (0.72, rng.uniform(0.7, 1.1)),
            (0.3, rng.uniform(1.5, 2.1)),
            (0.1, rng.uniform(3.0, 4.2)),
        )
    ]

    def line(x: float) -> float:
        return y - sum(a * math.sin(x * f + p) for a, f, p in parts)

    return line


def level_line(y: float) -> Curve:
    """Flat ground at `y`."""
    return lambda x: y


def sum_line(base: Curve, other: Curve) -> Curve:
    """Two profiles added."""
    return lambda x: base(x) + other(x)


def tilted_line(base: Curve, slope: float, pivot: float) -> Curve:
    """A profile turned about `pivot`: `slope` pixels down for every pixel to the right."""
    return lambda x: base(x) + slope * (x - pivot)


def dune_line(y: float, height: float, width: float, rng: Random, waves: float = 1.2) -> Curve:
    """Dunes: long lee sides and sharp crests."""
    phase, lean = rng.uniform(0, 1), rng.choice((-1.0, 1.0))
    second = rng.uniform(0, math.tau)

    def line(x: float) -> float:
        t = (lean * x / width * waves + phase) % 1.0
        crest: float = (t / 0.68) ** 1.5 if t < 0.68 else (1 - (t - 0.68) / 0.32) ** 1.7
        return y - height * (0.8 * crest + 0.2 * math.sin(x / width * 4.1 + second))

    return line


def jagged_line(y: float, height: float, width: float, rng: Random, peaks: int = 4) -> Curve:
    """A mountain range: straight flanks with broken shoulders, the highest peak off centre."""
    points: list[Point] = []
    step = width / peaks
    high = rng.choice((peaks // 3, peaks - 1 - peaks // 3))
    for i in range(-1, peaks + 1):
        cx = (i + 0.5) * step + rng.uniform(-0.2, 0.2) * step
        top = rng.uniform(0.5, 0.82) if i != high else 1.0
        low = rng.uniform(0.06, 0.24)
        points.append((cx - step * 0.5, y - height * low))
        points.append(
            (cx - step * rng.uniform(0.2, 0.28), y - height * (low + (top - low) * rng.uniform(0.42, 0.55)))
        )
        points.append((cx - step * 0.12, y - height * (low + (top - low) * rng.uniform(0.66, 0.74))))
        points.append((cx, y - height * top))
        points.append((cx + step * rng.uniform(0.12, 0.2), y - height * top * rng.uniform(0.62, 0.74)))
        points.append((cx + step * rng.uniform(0.26, 0.34), y - height * top * rng.uniform(0.42, 0.5)))
    points.sort()

    def line(x: float) -> float:
        if x <= points[0][0]:
            return points[0][1]
        for (xa, ya), (xb, yb) in itertools.pairwise(points):
            if x <= xb:
                return ya + (yb - ya) * (x - xa) / max(1e-6, xb - xa)
        return points[-1][1]

    return line


def wave_line(y: float, height: float, length: float, phase: float) -> Curve:
    """Pointed paper waves: round troughs that meet in crests."""

    def line(x: float) -> float:
        t = (x / length + phase) % 1.0
        rise: float = (1 - math.sin(math.pi * t)) ** 1.15
        return y - height * rise

    return line


def sheet_below(line: Curve, x0: float, x1: float, bottom: float, step: float) -> skia.Path:
    """The paper under a profile, from `x0` to `x1` down to `bottom`, sampled every `step` pixels."""
    count = max(2, math.ceil((x1 - x0) / step))
    points = [(x0 + (x1 - x0) * i / count, line(x0 + (x1 - x0) * i / count)) for i in range(count + 1)]
    return polygon([*points, (x1, bottom), (x0, bottom)])


def pine(x: float, base: float, height: float, rng: Random, tiers: int = 5, slim: float = 0.4) -> skia.Path:
    """A fir of hanging tiers; `slim` is its width as a part of its height."""
    half = height * slim / 2 * rng.uniform(0.9, 1.1)
    foot = base - height * 0.07
    left: list[Point] = []
    lean = rng.uniform(-0.012, 0.012) * height
    for i in range(tiers):
        y0 = foot - (height * 0.93) * ((tiers - i) / tiers) ** 0.94
        y1 = foot - (height * 0.93) * ((tiers - i - 1) / tiers) ** 0.94
        w = half * ((i + 1) / tiers) ** 0.86
        inner = 0.0 if i == 0 else half * (i / tiers) ** 0.86 * 0.56
        left.append((inner, y0 + (0 if i == 0 else (y1 - y0) * 0.04)))
        left.append((w * 0.62, y0 + (y1 - y0) * 0.6))
        left.append((w * rng.uniform(0.93, 1.04), y1 + height * 0.016))
    path = skia.Path()
    path.moveTo(x + lean, left[0][1])
    for i, (dx, y) in enumerate(left[1:]):
        path.lineTo(x + dx + lean * (1 - i / len(left)), y)
    path.quadTo(x, foot - height * 0.02, x - left[-1][0], left[-1][1])
    for i, (dx, y) in enumerate(reversed(left[1:-1])):
        path.lineTo(x - dx * rng.uniform(0.95, 1.05) + lean * i / len(left), y)
    path.close()
    stem = skia.Path()
    stem.addRect(skia.Rect.MakeLTRB(x - height * 0.022, foot - height * 0.04, x + height * 0.022, base))
    joined = skia.Op(path, stem, skia.kUnion_PathOp)
    return joined if joined is not None else path


def trunk(x: float, base: float, top: float, width: float, rng: Random, lean: float = 0.0) -> skia.Path:
    """A standing trunk that flares at its foot; `lean` shifts its top, in pixels."""
    h = base - top
    w = width / 2
    bend = rng.uniform(-0.35, 0.35) * width
    path = skia.Path()
    path.moveTo(x - w * 2.1, base)
    path.cubicTo(x - w * 1.1, base - h * 0.06, x - w + bend, base - h * 0.3, x + lean - w * 0.62, top)
    path.lineTo(x + lean + w * 0.62, top)
    path.cubicTo(x + w + bend, base - h * 0.3, x + w * 1.1, base - h * 0.06, x + w * 2.2, base)
    path.close()
    return path


def round_crown(x: float, y: float, radius: float, rng: Random, lobes: int = 8) -> skia.Path:
    """A scalloped crown of leaves."""
    path = skia.Path()
    turn = rng.uniform(0, math.tau)
    points = []
    for i in range(lobes):
        a = turn + math.tau * i / lobes
        r = radius * rng.uniform(0.84, 1.0)
        points.append((x + math.cos(a) * r * 1.06, y + math.sin(a) * r * 0.94))
    path.moveTo(*points[0])
    for i in range(lobes):
        ax, ay = points[i]
        bx, by = points[(i + 1) % lobes]
        mx, my = (ax + bx) / 2 - x, (ay + by) / 2 - y
        swell = 1.48
        path.quadTo(x + mx * swell, y + my * swell, bx, by)
    path.close()
    return path


def oval_tree(
    x: float, base: float, height: float, rng: Random, slim: float = 0.42
) -> tuple[skia.Path, skia.Path]:
    """A leaf-shaped tree: (crown, the cut lines of its trunk and veins, to be stroked)."""
    w = height * slim / 2 * rng.uniform(0.92, 1.08)
    foot = base - height * 0.16
    top = base - height
    crown = skia.Path()
    crown.moveTo(x, top)
    crown.cubicTo(x + w * 1.1, top + height * 0.2, x + w * 1.35, foot - height * 0.05, x, foot)
    crown.cubicTo(x - w * 1.35, foot - height * 0.05, x - w * 1.1, top + height * 0.2, x, top)
    crown.close()
    veins = skia.Path()
    veins.moveTo(x, base)
    veins.lineTo(x, top + height * 0.2)
    for i in range(4):
        y = foot - height * (0.08 + 0.145 * i)
        reach = w * (0.62 - 0.11 * i)
        for side in (-1, 1):
            veins.moveTo(x, y)
            veins.quadTo(x + side * reach * 0.5, y - height * 0.035, x + side * reach, y - height * 0.1)
    return crown, veins


def bare_tree(x: float, base: float, height: float, rng: Random, width: float | None = None) -> skia.Path:
    """A leafless tree of forking, tapering limbs."""
    path = skia.Path()

    def limb(px: float, py: float, angle: float, length: float, w: float, order: int) -> None:
        qx, qy = px + math.cos(angle) * length, py + math.sin(angle) * length
        nx, ny = -math.sin(angle) * w / 2, math.cos(angle) * w / 2
        bend = rng.uniform(-0.16, 0.16) * length
        mx, my = (px + qx) / 2 - math.sin(angle) * bend, (py + qy) / 2 + math.cos(angle) * bend
        part = skia.Path()
        part.moveTo(px + nx, py + ny)
        part.quadTo(mx + nx * 0.8, my + ny * 0.8, qx + nx * 0.55, qy + ny * 0.55)
        part.lineTo(qx - nx * 0.55, qy - ny * 0.55)
        part.quadTo(mx - nx * 0.8, my - ny * 0.8, px - nx, py - ny)
        part.close()
        part.addCircle(qx, qy, w * 0.275)
        path.addPath(part)
        if order < 4:
            for side in (-1, 1):
                turn = side * rng.uniform(0.28, 0.62) - 0.1 * math.cos(angle)
                limb(qx, qy, angle + turn, length * rng.uniform(0.6, 0.8), w * 0.56, order + 1)

    limb(x, base, -math.pi / 2 + rng.uniform(-0.06, 0.06), height * 0.36, width or height * 0.07, 0)
    path.setFillType(skia.PathFillType.kWinding)
    return path


def leaf(x: float, y: float, length: float, angle: float, fat: float = 0.36) -> skia.Path:
    """A pointed leaf whose stem is at (x, y), pointing along `angle` (radians)."""
    path = skia.Path()
    path.moveTo(0, 0)
    path.quadTo(length * 0.4, -length * fat, length, 0)
    path.quadTo(length * 0.4, length * fat, 0, 0)
    path.close()
    matrix = skia.Matrix()
    matrix.setRotate(math.degrees(angle))
    matrix.postTranslate(x, y)
    path.transform(matrix)
    return path


def fern(x: float, y: float, length: float, angle: float, curl: float = 0.5, pairs: int = 9) -> skia.Path:
    """A frond of paired leaves along an arching stem; `curl` bends it, in radians over its length."""
    path = skia.Path()
    px, py, a = x, y, angle
    step = length / pairs
    for i in range(pairs):
        size = (
            length
            * 0.34
            * math.sin(math.pi * (0.16 + 0.84 * (i + 0.6) / pairs)) ** 0.8
            * (1 - 0.35 * i / pairs)
        )
        for side in (-1, 1):
            path.addPath(leaf(px, py, max(size, length * 0.05), a + side * (1.05 - 0.04 * i), 0.24))
        qx, qy = px + math.cos(a) * step, py + math.sin(a) * step
        w = length * 0.014 * (1 - 0.7 * i / pairs)
        nx, ny = -math.sin(a) * w, math.cos(a) * w
        path.addPath(
            polygon([(px + nx, py + ny), (qx + nx, qy + ny), (qx - nx, qy - ny), (px - nx, py - ny)])
        )
        px, py = qx, qy
        a += curl / pairs
    path.addPath(leaf(px, py, length * 0.12, a, 0.24))
    return path


def grass(x: float, base: float, height: float, width: float, rng: Random, blades: int = 7) -> skia.Path:
    """A tuft of curved blades."""
    path = skia.Path()
    for i in range(blades):
        t = (i + 0.5) / blades - 0.5
        bx = x + t * width * 0.55
        h = height * rng.uniform(0.55, 1.0) * (1 - abs(t) * 0.7)
        tip = bx + t * width * rng.uniform(0.6, 1.3)
        w = width * 0.055
        path.moveTo(bx - w, base)
        path.quadTo(bx - w * 0.6, base - h * 0.6, tip, base - h)
        path.quadTo(bx + w, base - h * 0.5, bx + w, base)
        path.close()
    return path


def flower(x: float, y: float, radius: float, petals: int, turn: float = 0.0) -> skia.Path:
    """An open blossom of round petals (its heart is drawn by the caller)."""
    path = skia.Path()
    for i in range(petals):
        a = turn + math.tau * i / petals
        path.addPath(leaf(x, y, radius, a, 0.62 if petals <= 6 else 0.4))
    return path


def bush(x: float, base: float, width: float, height: float, rng: Random, lobes: int = 6) -> skia.Path:
    """A low shrub with a scalloped top and a flat foot."""
    path = skia.Path()
    path.moveTo(x - width / 2, base)
    last = (x - width / 2, base)
    for i in range(1, lobes + 1):
        t = i / lobes
        px = x - width / 2 + width * t
        py = base if i == lobes else base - height * math.sin(math.pi * t) ** 0.7 * rng.uniform(0.74, 0.92)
        mx, my = (last[0] + px) / 2, min(last[1], py) - height * rng.uniform(0.26, 0.4)
        path.quadTo(mx, my, px, py)
        last = (px, py)
    path.close()
    return path


def cloud(x: float, y: float, width: float, height: float, rng: Random, lobes: int = 5) -> skia.Path:
    """A cloud with a rounded, heaped top and a flat foot at `y`; centred on `x`."""
    path = skia.Path()
    r = height * 0.16
    path.addRoundRect(skia.Rect.MakeLTRB(x - width / 2, y - r * 2, x + width / 2, y), r, r)
    peak = rng.uniform(-0.16, 0.16)
    for i in range(lobes):
        t = (i + 0.5) / lobes * 2 - 1
        size = max(0.0, 1 - (abs(t - peak) / 1.1) ** 1.6)
        radius = height * (0.16 + 0.32 * size) * rng.uniform(0.88, 1.1)
        cx = x + t * width * 0.37
        path.addCircle(cx, max(y - height + radius, y - radius * 1.0 - height * 0.2 * size), radius)
    path.setFillType(skia.PathFillType.kWinding)
    merged = skia.Simplify(path)
    return merged if merged is not None else path


def rock(x: float, base: float, width: float, height: float, rng: Random) -> skia.Path:
    """A faceted boulder."""
    points = [(x - width / 2, base)]
    for t, h in ((0.1, 0.5), (0.3, 0.88), (0.52, 1.0), (0.74, 0.8), (0.92, 0.38)):
        points.append(
            (
                x - width / 2 + width * (t + rng.uniform(-0.05, 0.05)),
                base - height * h * rng.uniform(0.86, 1.08),
            )
        )
    points.append((x + width / 2, base))
    return polygon(points)


def palm(x: float, base: float, height: float, rng: Random, lean: float) -> tuple[skia.Path, skia.Path]:
    """A palm: (leaning trunk, fronds); `lean` is the sideways reach of its top, in pixels."""
    w = height * 0.035
    top = (x + lean, base - height * 0.86)
    stem = skia.Path()
    stem.moveTo(x - w * 1.7, base)
    stem.quadTo(x + lean * 0.15 - w, base - height * 0.5, top[0] - w * 0.7, top[1])
    stem.lineTo(top[0] + w * 0.7, top[1])
    stem.quadTo(x + lean * 0.15 + w * 1.3, base - height * 0.5, x + w * 1.7, base)
    stem.close()
    fronds = skia.Path()
    for i in range(8):
        a = -math.pi * (0.02 + 0.96 * i / 7) + rng.uniform(-0.1, 0.1)
        reach = height * rng.uniform(0.3, 0.38)
        droop = height * 0.16 * abs(math.cos(a)) + height * 0.03
        ex, ey = top[0] + math.cos(a) * reach, top[1] + math.sin(a) * reach * 0.62 + droop
        cx, cy = top[0] + math.cos(a) * reach * 0.55, top[1] + math.sin(a) * reach * 0.85 - height * 0.05
        blade = skia.Path()
        blade.moveTo(*top)
        blade.quadTo(cx, cy - height * 0.022, ex, ey)
        for k in range(5, 0, -1):  # the notched lower side of the frond
            t = k / 6
            mx = (1 - t) ** 2 * top[0] + 2 * t * (1 - t) * cx + t * t * ex
            my = (1 - t) ** 2 * top[1] + 2 * t * (1 - t) * cy + t * t * ey
            blade.lineTo(mx - math.cos(a) * reach * 0.03, my + height * (0.055 - 0.02 * abs(t - 0.5)))
            blade.lineTo(mx - math.cos(a) * reach * 0.075, my + height * 0.022)
        blade.close()
        fronds.addPath(blade)
    return stem, fronds


def star(
    x: float, y: float, outer: float, inner: float, points: int = 5, turn: float = -math.pi / 2
) -> skia.Path:
    """A star polygon."""
    return polygon([
        (x + math.cos(turn + math.pi * i / points) * (outer if i % 2 == 0 else inner),
         y + math.sin(turn + math.pi * i / points) * (outer if i % 2 == 0 else inner))
        for i in range(2 * points)
    ])  # fmt: skip
