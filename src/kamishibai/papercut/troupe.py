"""Figures as sheets: whoever moves as one (a boat and its crew, a girl and her lantern) painted, lit and given life."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import cv2
import numpy as np
import skia

from kamishibai.documents.takes import Life
from kamishibai.media.picture import Pixels
from kamishibai.papercut.layout import Placed, sink
from kamishibai.papercut.lighting import bloom, glow_sheet, light_figure, mixed, tint_filter
from kamishibai.papercut.parts import Box, Light, StageSet
from kamishibai.papercut.sheets import Cutout, colour, crop, lay, paint, shadow_under

__all__ = ["lamp_of", "players", "sky_things"]

_MOVES: Mapping[str, tuple[str, float, float]] = {
    "walk": ("hop", 0.011, 0.85),
    "run": ("hop", 0.018, 0.55),
    "jump": ("hop", 0.055, 1.3),
    "dance": ("hop", 0.016, 0.7),
    "fly": ("glide", 0.012, 4.4),
    "swim": ("glide", 0.010, 4.8),
}
"""Pose → kind of life, amplitude as a part of the canvas's height, period in seconds."""


def lamp_of(p: Placed, stage: StageSet) -> Light:
    """Return the light that a glowing figure gives."""
    left, top, right, bottom = p.box
    unit = min(stage.width, stage.height)
    size = max(right - left, bottom - top)
    assert p.player.figure.glow is not None
    crowd = p.player.of_group**0.6
    # By day a lamp hardly shows.
    strength = 0.15 + 0.85 * min(1.0, (1 - stage.palette.brightness) / 0.4)
    return Light(
        (left + right) / 2, (top + bottom) / 2, max(0.42 * unit, min(0.75 * unit, 3.0 * size)) / crowd,
        p.player.figure.glow, strength / crowd, "lamp",
    )  # fmt: skip


def sky_things(stage: StageSet, placed: Sequence[Placed]) -> list[Cutout]:
    """Return a sheet for each thing that belongs in the sky, with a halo round those that shine."""
    out = []
    for p in placed:
        if p.player.zone != "sky":
            continue
        sheet = _sheet([p], stage, [], 0.04, distance=0.25)
        if sheet is None:
            continue
        if p.player.figure.glow is not None:
            left, top, right, bottom = p.box
            light = Light(
                (left + right) / 2,
                (top + bottom) / 2,
                1.5 * (bottom - top),
                p.player.figure.glow,
                0.6,
                "moon",
            )
            out.append(glow_sheet("halo", [light], 0.04, alpha=0.3, reach=1.0, life=None))
        out.append(sheet)
    return out


def players(stage: StageSet, placed: Sequence[Placed], lights: Sequence[Light], depth: float) -> list[Cutout]:
    """Return a sheet for everyone who moves as one, back to front."""
    on_stage = [p for p in placed if p.player.zone != "sky" and not p.player.shown]
    shown = [p for p in placed if p.player.shown]
    carrier = {p.player.key: p.rides for p in on_stage}

    def root(key: str) -> str:
        while carrier.get(key) in carrier:
            key = cast("str", carrier[key])
        return key

    troupes: dict[str, list[Placed]] = {}
    for p in sorted(on_stage, key=lambda p: p.order):
        troupes.setdefault(root(p.player.key), []).append(p)
    heads = {p.player.key: p for p in on_stage}
    out = []
    for key in sorted(troupes, key=lambda k: heads[k].order):
        head = heads[key]
        sheet = _sheet(troupes[key], stage, lights, depth, distance=head.distance, head=head, shown=shown)
        if sheet is not None:
            out.append(sheet)
    return out


def _sheet(
    troupe: Sequence[Placed], stage: StageSet, lights: Sequence[Light], depth: float,
    *, distance: float = 0.0, head: Placed | None = None, shown: Sequence[Placed] = (),
) -> Cutout | None:  # fmt: skip
    """Return those who move as one as a lit sheet with its paper shadow."""
    head = head or troupe[0]
    margin = 0.022 * stage.height + max(
        (0.4 * (p.box[2] - p.box[0]) for p in troupe if p.perched), default=0.0
    )
    x0 = int(min(p.box[0] for p in troupe) - margin) // 2 * 2
    y0 = int(min(p.box[1] for p in troupe) - margin) // 2 * 2
    if any(p.thread for p in troupe):
        y0 = min(y0, 0)
    right, bottom = max(p.box[2] for p in troupe) + margin, max(p.box[3] for p in troupe) + margin
    size = (
        float(x0),
        float(y0),
        float(x0 + 2 * int((right - x0) / 2 + 1)),
        float(y0 + 2 * int((bottom - y0) / 2 + 1)),
    )
    lamps = {p.player.key: _in_hand(p) for p in troupe}
    lamps |= {q.player.held_by: q.box for q in shown if q.player.held_by is not None}
    pixels: Pixels | None = None
    for p in troupe:
        part, x, y = paint(size, _drawer(p, stage, distance, _lamplight(p, lights)))
        part = light_figure(part, x, y, stage.palette, [li for li in lights if not _own(li, p)])
        if p.player.figure.glow is not None:
            # Who bears a lamp does not shine: the lamp does.
            bloom(part, x, y, lamps[p.player.key] if _bears(p) else p.box, p.player.figure.glow)
        if p.sunk:
            _cut_at_water(part, x, y, p, stage)
        if pixels is None:
            pixels = part
        else:
            lay(pixels, x, y, Cutout("", part, x, y, depth))
    assert pixels is not None
    strength = 0.3 if head.player.zone == "sky" else 0.4
    h = stage.height
    shadow_under(pixels, stage.palette.shade, strength, 0.0065 * h, 0.0022 * h, 0.003 * h)
    return crop(Cutout(head.player.key.split("#")[0], pixels, x0, y0, depth, "normal", _life(head, stage)))


def _lamplight(p: Placed, lights: Sequence[Light]) -> float:
    """Return how much lamplight reaches a player, 0 to 1."""
    if p.player.figure.glow is not None:
        return 1.0
    middle = ((p.box[0] + p.box[2]) / 2, (p.box[1] + p.box[3]) / 2)
    # The players are what one came to see: the dark never takes all of their colours.
    lit = 0.54 if p.player.is_actor else 0.22
    for light in lights:
        if light.kind in ("lamp", "fire", "window"):
            far = float(np.hypot(light.x - middle[0], light.y - middle[1])) / max(1.0, light.radius)
            lit = max(lit, (1 - far) * min(1.0, light.strength))
    return lit


def _own(light: Light, p: Placed) -> bool:
    """Say whether `light` is the player's own glow, which does not shine on itself from outside."""
    inside = p.box[0] <= light.x <= p.box[2] and p.box[1] <= light.y <= p.box[3]
    return p.player.figure.glow is not None and inside and not _bears(p)


def _bears(p: Placed) -> bool:
    """Say whether a glowing player glows by what it has in its hand."""
    return p.player.is_actor and p.player.figure.glow is not None and p.player.figure.hand is not None


def _in_hand(p: Placed) -> Box:
    """Return about where a lamp in a player's hand is."""
    hand = p.player.figure.hand or (0.0, 0.0)
    x, y = p.x + (-hand[0] if p.mirror else hand[0]) * p.scale, p.y + hand[1] * p.scale
    half = 0.1 * (p.box[3] - p.box[1])
    return (x - half, y - half, x + half, y + half)


def _drawer(p: Placed, stage: StageSet, distance: float, lit: float) -> Callable[[skia.Canvas], None]:
    filtered = skia.Paint(ColorFilter=tint_filter(stage.palette, distance, lit))

    def draw(canvas: skia.Canvas) -> None:
        if p.thread:
            middle = (p.box[0] + p.box[2]) / 2
            line = skia.Paint(
                Color=colour(stage.palette.ink, 0.8), StrokeWidth=0.0024 * stage.height, AntiAlias=True
            )
            canvas.drawLine(middle, 0, middle, p.box[1] + 0.03 * (p.box[3] - p.box[1]), line)
        if p.perched:
            _branch(canvas, p, stage)
        canvas.saveLayer(None, filtered)
        canvas.translate(p.x, p.y)
        canvas.scale(-p.scale if p.mirror else p.scale, p.scale)
        p.player.figure.draw(canvas)
        canvas.restore()

    return draw


def _branch(canvas: skia.Canvas, p: Placed, stage: StageSet) -> None:
    """Draw a leafy branch under the feet of a player who sits in a tree."""
    width, foot = p.box[2] - p.box[0], p.y - 0.012 * stage.height
    thick, reach = 0.012 * stage.height, 0.75 * width
    way = 1 if p.x < stage.width / 2 else -1
    root, tip = p.x - way * reach, p.x + way * 0.8 * reach
    bark = mixed(stage.palette.near, (0.36, 0.25, 0.2), 0.45)
    path = skia.Path()
    path.moveTo(root, foot - 0.4 * thick)
    path.quadTo(p.x, foot - 0.9 * thick, tip, foot - 2.2 * thick)
    path.quadTo(p.x, foot + 0.9 * thick, root, foot + 1.2 * thick)
    path.close()
    paint_ = skia.Paint(Color=colour(bark), AntiAlias=True)
    canvas.drawPath(path, paint_)
    leaf_colour = mixed(stage.palette.near, (0.3, 0.45, 0.3), 0.5)
    for t, lift in ((0.62, -1.0), (0.8, 1.0), (1.0, -0.3)):
        x, y = root + (tip - root) * t, foot - 1.3 * thick * t
        canvas.save()
        canvas.translate(x, y)
        canvas.rotate(way * 18 * lift - (0 if way > 0 else 180))
        leaf = skia.Path()
        leaf.moveTo(0, 0)
        leaf.quadTo(1.6 * thick, -1.5 * thick, 3.6 * thick, 0)
        leaf.quadTo(1.6 * thick, 1.5 * thick, 0, 0)
        canvas.drawPath(leaf, skia.Paint(Color=colour(leaf_colour), AntiAlias=True))
        canvas.restore()


def _cut_at_water(pixels: Pixels, x: int, y: int, p: Placed, stage: StageSet) -> None:
    """Cut off what lies below the water with a scalloped edge, as if the figure stood in a slit of the wave."""
    height, width = pixels.shape[:2]
    share = sink(p.player.figure)
    line = p.box[3] - share * (p.box[3] - p.box[1])
    xs = np.arange(width) + x
    turn = 2 * np.pi * xs / (0.05 * stage.height)
    wave = line - y + stage.height * (0.004 * np.sin(turn) + 0.0022 * np.sin(0.49 * turn))
    keep = np.clip(wave[None, :] - np.arange(height)[:, None] + 0.5, 0, 1)
    mask = (keep * 255).astype(np.uint8)
    cv2.multiply(pixels, cv2.merge([mask] * 4), dst=pixels, scale=1 / 255)


def _life(p: Placed, stage: StageSet) -> Life | None:
    """Return the small endless movement that fits how someone stands, swims, flies or hangs."""
    figure, pose, h = p.player.figure, p.player.pose, stage.height

    def alive(kind: Any, amplitude: float, period_s: float, pivot: tuple[float, float] = (0.5, 1.0)) -> Life:
        phase = round((0.37 * p.player.member + 0.13 * len(p.player.key)) % 1.0, 3)
        return Life(kind=kind, amplitude=round(amplitude, 2), period_s=period_s, phase=phase, pivot=pivot)

    if p.player.zone == "sky":
        return None
    if p.thread or figure.rests == "hangs":
        return alive("sway", 1.4, 4.2, (0.5, 0.0))
    if p.sunk or (stage.medium == "space" and pose in ("stand", "sit", "lie")):
        return alive("bob", 0.006 * h, 3.8)
    if pose in _MOVES and p.player.is_actor:
        kind, amount, period = _MOVES[pose]
        return alive(kind, amount * h, period)
    if figure.rests in ("flies", "swims"):
        return alive("glide", 0.009 * h, 4.6)
    if p.player.is_actor:
        return alive("breathe", 0.8, 4.2) if pose == "lie" else alive("breathe", 0.55, 3.3)
    return None
