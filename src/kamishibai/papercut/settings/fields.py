"""Open country: the meadow with its rolling hills and its one tree."""

from __future__ import annotations

from kamishibai.papercut.builder import SetBuilder
from kamishibai.papercut.palette import hex_rgb
from kamishibai.papercut.settings.growth import (
    LEAF_GREENS,
    draw_tree,
    foreground,
    frame_leaves,
    stand,
    tufts,
    wildflowers,
)
from kamishibai.papercut.shapes import Curve, hill_line
from kamishibai.papercut.sky import hang_sky
from kamishibai.papercut.weather import lay_weather, lightning

__all__ = ["meadow", "rolling_hills"]

_HILLS = tuple(hex_rgb(c) for c in ("#a9c98a", "#93bf78", "#b4cc74", "#7fb06d", "#a2c46a"))


def rolling_hills(
    b: SetBuilder, depths: tuple[float, ...], colours: tuple[tuple[float, float, float], ...], *,
    rise: float = 1.0, trees: tuple[str, ...] = ("round", "pine", "oval"), wood: float = 1.0,
) -> list[Curve]:  # fmt: skip
    """Lay hills one before the other, higher on alternate sides, with small woods on them; return their lines."""
    rng = b.dice("hills")
    lines: list[Curve] = []
    lean = rng.choice((-1.0, 1.0))
    for i, depth in enumerate(depths):
        height = b.unit * rng.uniform(0.07, 0.12) * rise * (1 - 0.12 * i)
        base = hill_line(b.level(depth) - height * 0.5, height, b.width, rng, rng.uniform(0.7, 1.25))
        tilt = lean * height * rng.uniform(0.3, 0.9)
        lean = -lean

        def line(x: float, base: Curve = base, tilt: float = tilt) -> float:
            return base(x) - tilt * (x / b.width - 0.5)

        with b.sheet(f"hill {i + 1}", depth, ground=line) as sheet:
            count = round(rng.uniform(3, 7) * wood * (1.6 if b.view == "wide" else 1.0))
            if count:
                stand(
                    b,
                    sheet,
                    line,
                    depth,
                    trees,
                    count,
                    6.5 - 4.0 * depth,
                    f"hill wood {i}",
                    spare=0.2 + 0.35 * i,
                )
            b.land(sheet, line, colours[i % len(colours)], depth, haze=0.5 - 0.12 * i)
        lines.append(line)
    return lines


def meadow(b: SetBuilder) -> None:
    """Build rolling hills under a wide sky, flowers underfoot, one big tree to a side."""
    rng = b.dice("meadow")
    colours = tuple(rng.sample(_HILLS, len(_HILLS)))
    hang_sky(b)
    if b.weather == "storm":
        lightning(b)
    rolling_hills(b, (0.14, 0.24, 0.36), colours, rise=1.15)
    lay_weather(b, "far")
    line = hill_line(b.level(0.48), b.unit * 0.06, b.width, rng, 0.8)
    with b.sheet("meadow", 0.48, ground=line) as sheet:
        side = -1.0 if b.focus_x > b.width / 2 else 1.0
        side = side if rng.random() < 0.7 else -side
        left, _, right, _ = b.keep_clear
        x = (
            left * rng.uniform(0.4, 0.85)
            if side < 0
            else b.width - (b.width - right) * rng.uniform(0.4, 0.85)
        )
        h = b.px(rng.uniform(4.2, 5.6), 0.48)
        base = line(x) + b.px(0.2, 0.48)
        draw_tree(
            b,
            sheet,
            rng.choice(("round", "round", "oval")),
            x,
            base,
            h,
            0.48,
            rng.choice(LEAF_GREENS),
            rng,
            0.9,
        )
        b.anchor("tree", (x - h * 0.3, base - h, x + h * 0.3, base), 0.48)
        b.land(sheet, line, colours[3], 0.48, haze=0.22)
        tufts(b, sheet, line, 0.48, LEAF_GREENS[1], 16, 0.26, "tufts mid")
    ground = hill_line(b.ground_y - b.unit * 0.012, b.unit * 0.034, b.width, rng, 0.8)
    with b.sheet("grass", 0.6, ground=lambda x: ground(x) + b.unit * 0.014, main=True) as sheet:
        b.land(sheet, ground, colours[4], 0.6, haze=0.42)
        tufts(b, sheet, ground, 0.6, LEAF_GREENS[0], 24, 0.17, "tufts near")
        wildflowers(b, sheet, ground, 0.6, 26, "flowers", 0.55)
    b.anchor(
        "hill",
        (b.width * 0.2, b.level(0.36) - b.unit * 0.1, b.width * 0.8, b.level(0.4)),
        0.36,
        "on",
        "behind",
        "near",
    )
    foreground(b, "foreground", rise=1.0, depth=0.88)
    if rng.random() < 0.6:
        frame_leaves(b, "bough", rng.choice((-1.0, 1.0)), reach=0.3)
    lay_weather(b, "near")
