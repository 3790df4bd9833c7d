"""What grows in more than one setting: stands of trees, tufts, flowers, and the dark frame at the sides."""

from __future__ import annotations

import math
from random import Random

import skia

from kamishibai.documents.takes import Life
from kamishibai.papercut.brush import Sheet
from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb, lighten, mix
from kamishibai.papercut.parts import Rgb
from kamishibai.papercut.shapes import (
    Curve,
    bush,
    fern,
    flower,
    grass,
    leaf,
    oval_tree,
    pine,
    round_crown,
    sheet_below,
    trunk,
)  # fmt: skip

__all__ = [
    "BARK", "LEAF_GREENS", "Growth", "draw_tree", "foreground", "frame_leaves", "stand", "tufts", "wildflowers",
]  # fmt: skip

BARK = hex_rgb("#7a5140")
LEAF_GREENS = tuple(hex_rgb(c) for c in ("#5f9a55", "#7fae58", "#4a8a62", "#94b35a"))
_BLOSSOMS = tuple(hex_rgb(c) for c in ("#e8604f", "#f4b53f", "#f7f0dd", "#c97bb4", "#6f8fd6", "#f08c9c"))

Growth = str
"""Kind of tree: "pine", "round", "oval", "birch"."""


def draw_tree(
    b: SetBuilder, sheet: Sheet, kind: Growth, x: float, base: float, height: float, depth: float, rgb: Rgb,
    rng: Random, lift: float = 0.5,
) -> None:  # fmt: skip
    """Draw one tree, its foot at (x, base), `height` pixels tall, leaves in the daylight colour `rgb`."""
    top, low = b.tone(rgb, depth, 0.05), b.tone(rgb, depth, -0.09)
    bark = b.tone(BARK, depth, -0.04)
    if kind == "pine":
        sheet.paper(
            pine(x, base, height, rng, rng.choice((4, 5, 6)), rng.uniform(0.36, 0.46)), top, low, lift=lift
        )
        return
    if kind == "oval":
        crown, veins = oval_tree(x, base, height, rng, rng.uniform(0.36, 0.5))
        stem = skia.Path()
        stem.addRect(skia.Rect.MakeLTRB(x - height * 0.016, base - height * 0.3, x + height * 0.016, base))
        sheet.paper(stem, bark, edge=0)
        sheet.paper(crown, top, low, lift=lift)
        sheet.line(veins, mix(top, bark, 0.6), height * 0.012, 0.8)
        return
    if kind == "birch":
        white = b.tone(hex_rgb("#efe6d8"), depth)
        sheet.paper(
            trunk(x, base, base - height * 0.8, height * 0.05, rng), white, mix(white, bark, 0.35), lift=lift
        )
        for _ in range(7):
            y = base - height * rng.uniform(0.05, 0.6)
            sheet.rect(
                (x - height * 0.02, y, x + height * rng.uniform(-0.008, 0.012), y + height * 0.008),
                bark,
                0.75,
            )
    else:
        sheet.paper(
            trunk(x, base, base - height * 0.6, height * 0.075, rng),
            bark,
            lighten(bark, -0.04),
            lift=lift * 0.6,
        )
    r = height * 0.27
    for dx, dy, size in ((-0.62, 0.26, 0.72), (0.66, 0.2, 0.76), (0.0, -0.28, 1.0), (0.06, 0.34, 0.62)):
        shade = 0.5 + 0.4 * dx * b.side
        piece = mix(low, top, shade)
        sheet.paper(
            round_crown(x + dx * r * 1.05, base - height * 0.68 + dy * r, r * size, rng, rng.choice((7, 8, 9))),
            lighten(piece, 0.03), lighten(piece, -0.05), lift=lift * 0.8,
        )  # fmt: skip


def stand(
    b: SetBuilder, sheet: Sheet, line: Curve, depth: float, kinds: tuple[Growth, ...], count: int, metres: float,
    name: str, greens: tuple[Rgb, ...] = LEAF_GREENS, spare: float = 0.0,
) -> None:  # fmt: skip
    """Draw a row of trees along `line`; those within `spare` of the subject's place (0 none … 1 all) are left out."""
    rng = b.dice(name)
    left, _, right, _ = b.keep_clear
    mid, half = (left + right) / 2, (right - left) / 2
    spots = [(i + rng.uniform(0.08, 0.92)) / count * 1.1 - 0.05 for i in range(count)]
    for t in sorted(spots, key=lambda _: rng.random()):
        x = t * b.width
        kind, rgb = rng.choice(kinds), rng.choice(greens)
        h = b.px(metres, depth) * rng.uniform(0.68, 1.2)
        if spare and abs(x - mid) < half * spare:
            continue
        draw_tree(b, sheet, kind, x, line(x) + b.px(0.12, depth), h, depth, rgb, rng)


def tufts(
    b: SetBuilder, sheet: Sheet, line: Curve, depth: float, rgb: Rgb, count: int, metres: float, name: str
) -> None:
    """Scatter tufts of grass along and below a ground line."""
    rng = b.dice(name)
    for _ in range(count):
        x = rng.uniform(0, b.width)
        y = line(x) + b.px(rng.uniform(0.0, 0.5), depth)
        h = b.px(metres, depth) * rng.uniform(0.6, 1.2)
        tone = b.tone(rgb, depth, rng.uniform(-0.06, 0.06))
        sheet.flat(grass(x, y, h, h * 0.9, rng, rng.choice((5, 6, 7))), tone)


def wildflowers(
    b: SetBuilder, sheet: Sheet, line: Curve, depth: float, count: int, name: str, spread: float = 0.9,
    blossoms: tuple[Rgb, ...] = _BLOSSOMS, tall: float = 0.28,
) -> None:  # fmt: skip
    """Scatter flowers over the ground below `line`, larger the nearer they stand."""
    rng = b.dice(name)
    colours = rng.sample(blossoms, min(3, len(blossoms)))
    spots = sorted((rng.random() ** 1.2 * spread, rng.uniform(0, b.width)) for _ in range(count))
    for down, x in spots:
        y = line(x) + b.px(down, depth) + b.px(0.1, depth)
        size = b.px(0.075, depth) * (0.7 + 0.8 * down) * rng.uniform(0.8, 1.2)
        stem = b.px(tall, depth) * (0.6 + 0.5 * down) * rng.uniform(0.7, 1.1)
        rgb = b.tone(rng.choice(colours), depth)
        path = skia.Path()
        path.moveTo(x, y)
        path.quadTo(x + stem * 0.1, y - stem * 0.5, x + stem * 0.04, y - stem)
        green = b.tone(LEAF_GREENS[2], depth, -0.08)
        sheet.line(path, green, max(1.0, size * 0.16))
        sheet.flat(leaf(x, y - stem * 0.2, stem * 0.42, -0.7, 0.3), green)
        sheet.flat(leaf(x, y - stem * 0.3, stem * 0.38, -2.4, 0.3), green)
        sheet.flat(flower(x + stem * 0.04, y - stem, size, rng.choice((5, 6)), rng.uniform(0, 1)), rgb)
        sheet.circle(x + stem * 0.04, y - stem, size * 0.26, b.tone(hex_rgb("#f2c552"), depth))


def foreground(
    b: SetBuilder, name: str, *, rise: float = 1.0, growth: str = "grass", depth: float = 0.9
) -> None:
    """Lay the darkest sheet along the foot of the picture: high at the sides, low before the subject."""
    rng = b.dice(name)
    left, _, right, foot = b.keep_clear
    mid, half = (left + right) / 2, max(1.0, (right - left) / 2)
    low = max(foot + b.unit * 0.012, b.front_y)
    lift_l, lift_r = (rng.uniform(0.05, 0.13) * b.unit * rise for _ in range(2))

    def line(x: float) -> float:
        t = (x - mid) / half
        far = max(0.0, abs(t) - 0.86)
        rise_by: float = (lift_l if t < 0 else lift_r) * min(1.0, far * 1.2) ** 1.2
        return low - rise_by + math.sin(x / b.unit * 5 + lift_l) * b.unit * 0.006

    dark = mix(b.palette.near, b.palette.shade, 0.15)
    with b.sheet(
        name, depth, bounds=(0, min(b.height * 0.6, low - b.unit * 0.36), b.width, b.height)
    ) as sheet:
        spots = [rng.uniform(0, b.width) for _ in range(round(26 * b.width / b.unit))]
        for x in spots:
            t = abs(x - mid) / half
            aside = max(0.0, abs(x - mid) - half)  # how far it may reach before it is in the subject's way
            h = b.unit * (0.03 + 0.09 * min(1.0, max(0.0, t - 0.5))) * rng.uniform(0.6, 1.2) * rise
            tone = lighten(dark, rng.uniform(0.0, 0.05))
            y = line(x) + b.unit * 0.01
            if growth == "fern" and t > 1.0 and rng.random() < 0.7:
                for _ in range(3):
                    a = -math.pi / 2 + rng.uniform(-0.8, 0.8)
                    sheet.flat(
                        fern(
                            x,
                            y,
                            min(h * 2.1, max(h * 0.5, aside * 1.15)),
                            a,
                            1.1 if math.cos(a) > 0 else -1.1,
                        ),
                        tone,
                    )
            elif growth == "bush" and t > 1.0:
                w = min(h * 3, max(h * 0.6, aside * 1.9))
                sheet.paper(bush(x, y, w, min(h * 1.3, w * 0.7), rng), tone, dark, lift=0.5)
            elif growth != "none":
                sheet.flat(grass(x, y, h, h * 1.0, rng, 7), tone)
        path = sheet_below(line, -b.width * 0.05, b.width * 1.05, b.height * 1.02, b.width / 80)
        sheet.paper(path, lighten(dark, 0.035), dark, edge=0.18)


def frame_leaves(b: SetBuilder, name: str, side: float, *, depth: float = 0.96, reach: float = 0.3) -> None:
    """Hang a leafy bough into an upper corner (`side` −1 left, 1 right), swaying a little."""
    rng = b.dice(name)
    dark = mix(b.palette.near, b.palette.shade, 0.1)
    x0 = -b.width * 0.02 if side < 0 else b.width * 1.02
    y0 = b.height * rng.uniform(-0.02, 0.06)
    aside = b.keep_clear[0] if side < 0 else b.width - b.keep_clear[2]
    # In upright frames the subject reaches high: a bough is short, and ends beside it or above it.
    reach *= 0.62 if b.height > 1.05 * b.width else 1.0
    n = min(b.unit * reach, max(aside / 1.2, b.keep_clear[1] / 0.85))
    life = Life(
        kind="sway",
        amplitude=0.5,
        period_s=rng.uniform(4.5, 6.5),
        phase=rng.random(),
        pivot=(0.0 if side < 0 else 1.0, 0.0),
    )
    box = (0.0, 0.0, n * 1.35, n * 0.95) if side < 0 else (b.width - n * 1.35, 0.0, float(b.width), n * 0.95)
    with b.sheet(name, depth, life=life, bounds=box) as sheet:
        for _ in range(3):
            droop = rng.uniform(0.1, 0.75)
            length = n * rng.uniform(0.75, 1.2)
            px, py, a = x0, y0 + rng.uniform(-0.04, 0.05) * b.unit, droop
            steps = 9
            stem = skia.Path()
            stem.moveTo(px, py)
            leaves: list[skia.Path] = []
            for i in range(steps):
                px -= side * math.cos(a) * length / steps
                py += math.sin(a) * length / steps * 0.8
                a += 0.05
                stem.lineTo(px, py)
                for s in (-1, 1):
                    turn = a + s * rng.uniform(0.5, 0.95)
                    turn = turn if side < 0 else math.pi - turn
                    leaves.append(
                        leaf(px, py, n * rng.uniform(0.13, 0.19) * (1.1 - 0.4 * i / steps), turn, 0.34)
                    )
            sheet.line(stem, lighten(dark, -0.02), n * 0.016)
            for piece in leaves:
                tone = lighten(dark, rng.uniform(0.0, 0.06))
                sheet.paper(piece, tone, edge=0.12, lift=0.0)
