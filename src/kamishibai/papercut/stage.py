"""The stage: from an ask to sheets of paper, back to front, with everyone in place, lit and alive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import cv2
import numpy as np
import skia

from kamishibai.documents.storyboard import Scene
from kamishibai.documents.takes import Layer, Life, Still
from kamishibai.media.picture import Pixels, encode_png
from kamishibai.models.base import Desk
from kamishibai.models.kinds import Draw
from kamishibai.papercut.casting import Company, cast_players
from kamishibai.papercut.drawings import ATTRIBUTION
from kamishibai.papercut.layout import Placed, arrange, subject_of
from kamishibai.papercut.lighting import (
    contact_shadow,
    finish,
    glow_sheet,
    light_figure,
    pool_of_light,
    tint_filter,
)  # fmt: skip
from kamishibai.papercut.parts import Box, Light, Plane, StageSet
from kamishibai.papercut.settings import build_set
from kamishibai.papercut.sheets import (
    Cutout,
    colour,
    crop,
    flatten,
    lay,
    paint,
    shadow_under,
    straight,
    surface_on,
)

__all__ = ["OVERSIZE", "Picture", "canvas_size", "draw_scene", "mount", "still_of"]

OVERSIZE = 1.15
"""The canvas against the film, so that a zoom stays sharp."""
_SAME_DEPTH = 0.07
"""Still sheets nearer to each other than this are glued together: nobody sees them part."""


@dataclass(frozen=True)
class Picture:
    """A drawn scene before it is written down: sheets back to front and what is to be said about them."""

    width: int
    height: int
    sheets: tuple[Cutout, ...]
    focus: tuple[float, float]
    left_out: tuple[str, ...] = ()
    drawings_used: bool = False
    notes: tuple[str, ...] = ()

    def flat(self) -> Pixels:
        """Return the picture as one RGB array (height, width, 3)."""
        return flatten(self.sheets, self.width, self.height)


def canvas_size(width: int, height: int) -> tuple[int, int]:
    """Return the canvas for a film of `width` × `height`: 1.15 times as large, in even numbers."""
    return (2 * round(width * OVERSIZE / 2), 2 * round(height * OVERSIZE / 2))


def draw_scene(ask: Draw) -> Picture:
    """Return the picture of one scene: set, cast, places, light."""
    scene = ask.scene
    width, height = canvas_size(ask.width, ask.height)
    stage = _set(scene, width, height, ask.seed)
    company = cast_players(ask, stage)
    placed = arrange(company.players, stage, scene.view, ask.seed)
    sheets = mount(stage, placed)
    return Picture(
        width,
        height,
        tuple(sheets),
        _focus(company, placed, stage),
        company.left_out,
        company.drawings_used,
        company.notes,
    )


def _set(scene: Scene, width: int, height: int, seed: int) -> StageSet:
    return build_set(scene.setting, scene.time, scene.weather, scene.mood, scene.view, width, height, seed)


def _focus(company: Company, placed: Sequence[Placed], stage: StageSet) -> tuple[float, float]:
    subject = subject_of(company.players)
    for p in placed:
        if subject is not None and p.player.key == subject.key:
            # A third of the way down a figure is its face, or near enough.
            x = (p.box[0] + p.box[2]) / 2 / stage.width
            y = (p.box[1] + 0.36 * (p.box[3] - p.box[1])) / stage.height
            return (round(min(0.9, max(0.1, x)), 4), round(min(0.85, max(0.15, y)), 4))
    return (0.5, 0.55)


def mount(stage: StageSet, placed: Sequence[Placed]) -> list[Cutout]:
    """Return the sheets of a scene, back to front: scenery with the players between, finished with grain."""
    lamps = [_lamp(p, stage) for p in placed if p.player.figure.glow is not None and p.player.zone != "sky"]
    lights = [*stage.lights, *lamps]
    main_depth = stage.planes[stage.main].depth
    sheets: list[Cutout] = []
    sky_done = False
    for i, plane in enumerate(stage.planes):
        if not sky_done and (plane.depth > 0.06 or i >= stage.main):
            sheets += _sky_things(stage, placed, lights)
            sky_done = True
        raster = _plane(plane, stage)
        if raster is not None:
            if i == stage.main:
                _touch_down(raster, stage, placed, lamps)
            sheets.append(raster)
        if i == stage.main:
            sheets += _players(stage, placed, lights, main_depth)
            sheets += [
                glow_sheet(
                    "glow", lamp, main_depth, alpha=0.34 * lamp.strength, reach=0.8,
                    life=Life(kind="flicker", amplitude=0.22, period_s=3.1, phase=0.37 * n % 1),
                )
                for n, lamp in enumerate(lamps)
            ]  # fmt: skip
    glued = _glue(sheets, stage)
    for sheet in glued:
        finish(sheet, stage.width, stage.height)
    return glued


def _lamp(p: Placed, stage: StageSet) -> Light:
    left, top, right, bottom = p.box
    unit = min(stage.width, stage.height)
    size = max(right - left, bottom - top)
    assert p.player.figure.glow is not None
    return Light(
        (left + right) / 2, (top + bottom) / 2, max(0.24 * unit, min(0.5 * unit, 2.4 * size)),
        p.player.figure.glow, 0.55 + 0.4 * stage.palette.tint_strength / 0.5, "lamp",
    )  # fmt: skip


def _within(box: Box, width: int, height: int, margin: float) -> Box:
    return (
        max(0.0, box[0] - margin), max(0.0, box[1] - margin),
        min(float(width), box[2] + margin), min(float(height), box[3] + margin),
    )  # fmt: skip


def _plane(plane: Plane, stage: StageSet) -> Cutout | None:
    """Return one sheet of scenery as pixels, with its paper shadow; None when it leaves no mark."""
    whole = (0.0, 0.0, float(stage.width), float(stage.height))
    margin = 0.02 * stage.height
    wraps = plane.life is not None and plane.life.kind in ("drift", "fall")
    box = (
        whole
        if plane.bounds is None
        else _within(plane.bounds, stage.width, stage.height, 0 if wraps else margin)
    )
    if box[2] - box[0] < 1 or box[3] - box[1] < 1:
        return None
    pixels, x, y = paint(box, plane.draw)
    sheet = Cutout(plane.name, pixels, x, y, plane.depth, plane.blend, plane.life)
    if plane.casts_shadow and plane.blend == "normal" and plane.depth > 0.01:
        sheet = _trim(sheet, stage, margin, wraps)
        shadow_under(
            sheet.pixels, stage.palette.shade, 0.36, 0.0085 * stage.height, 0.0, -0.003 * stage.height
        )
        return sheet
    return sheet if wraps else crop(sheet)


def _trim(sheet: Cutout, stage: StageSet, margin: float, wraps: bool) -> Cutout:
    """Return the sheet cut to what it shows plus room for its shadow."""
    if wraps:
        return sheet
    shown = crop(sheet)
    if shown is None:
        return sheet
    box = _within(
        (shown.x, shown.y, shown.x + shown.width, shown.y + shown.height), stage.width, stage.height, margin
    )
    x0, y0 = int(max(box[0], sheet.x)) // 2 * 2, int(max(box[1], sheet.y)) // 2 * 2
    x0, y0 = max(x0, sheet.x), max(y0, sheet.y)
    x1, y1 = min(int(box[2]), sheet.x + sheet.width), min(int(box[3]), sheet.y + sheet.height)
    if (x0, y0, x1 - x0, y1 - y0) == (sheet.x, sheet.y, sheet.width, sheet.height):
        return sheet
    cut = np.ascontiguousarray(sheet.pixels[y0 - sheet.y : y1 - sheet.y, x0 - sheet.x : x1 - sheet.x])
    return replace(sheet, pixels=cut, x=x0, y=y0)


def _touch_down(raster: Cutout, stage: StageSet, placed: Sequence[Placed], lamps: Sequence[Light]) -> None:
    """Put contact shadows and pools of lamplight on the main plane, in place."""
    surface = surface_on(raster.pixels)
    canvas = surface.getCanvas()
    canvas.translate(-raster.x, -raster.y)
    for lamp in lamps:
        pool_of_light(canvas, lamp, 0.42)
    for p in placed:
        if p.grounded:
            width = (p.box[2] - p.box[0]) * (0.9 if p.player.is_actor else 1.0)
            contact_shadow(canvas, (p.box[0] + p.box[2]) / 2, p.y, width, stage.palette, 0.9)
    surface.flushAndSubmit()


def _sky_things(stage: StageSet, placed: Sequence[Placed], lights: Sequence[Light]) -> list[Cutout]:
    out = []
    for p in placed:
        if p.player.zone == "sky":
            sheet = _figure_sheet([p], stage, [], 0.04, distance=0.25)
            if sheet is not None:
                if p.player.figure.glow is not None:
                    light = Light(
                        (p.box[0] + p.box[2]) / 2, (p.box[1] + p.box[3]) / 2,
                        1.5 * (p.box[3] - p.box[1]), p.player.figure.glow, 0.6, "moon",
                    )  # fmt: skip
                    out.append(glow_sheet("halo", light, 0.04, alpha=0.3, reach=1.0, life=None))
                out.append(sheet)
    return out


def _players(
    stage: StageSet, placed: Sequence[Placed], lights: Sequence[Light], depth: float
) -> list[Cutout]:
    """Return a sheet for everyone who moves as one: a boat with its crew, a girl with her lantern."""
    on_stage = [p for p in placed if p.player.zone != "sky"]
    carrier = {p.player.key: p.rides for p in on_stage}

    def root(key: str) -> str:
        while carrier.get(key):
            key = cast("str", carrier[key])
        return key

    troupes: dict[str, list[Placed]] = {}
    for p in sorted(on_stage, key=lambda p: p.order):
        troupes.setdefault(root(p.player.key), []).append(p)
    heads = {p.player.key: p for p in on_stage}
    out = []
    for key in sorted(troupes, key=lambda k: heads[k].order):
        sheet = _figure_sheet(troupes[key], stage, lights, depth, head=heads[key])
        if sheet is not None:
            out.append(sheet)
    return out


def _figure_sheet(
    troupe: Sequence[Placed], stage: StageSet, lights: Sequence[Light], depth: float,
    *, distance: float = 0.0, head: Placed | None = None,
) -> Cutout | None:  # fmt: skip
    """Return those who move as one as a lit sheet with its paper shadow."""
    head = head or troupe[0]
    margin = 0.022 * stage.height
    box = (
        min(p.box[0] for p in troupe) - margin, min(p.box[1] for p in troupe) - margin,
        max(p.box[2] for p in troupe) + margin, max(p.box[3] for p in troupe) + margin,
    )  # fmt: skip
    x0, y0 = int(box[0]) // 2 * 2, int(box[1]) // 2 * 2
    size = (
        float(x0),
        float(y0),
        float(x0 + 2 * int((box[2] - x0) / 2 + 1)),
        float(y0 + 2 * int((box[3] - y0) / 2 + 1)),
    )
    pixels = None
    for p in troupe:
        lit = 0.0
        for light in lights:
            if light.kind in ("lamp", "fire", "window"):
                far = float(
                    np.hypot(light.x - (p.box[0] + p.box[2]) / 2, light.y - (p.box[1] + p.box[3]) / 2)
                )
                lit = max(lit, (1 - far / max(1.0, light.radius)) * min(1.0, light.strength))
        if p.player.figure.glow is not None:
            lit = 1.0
        part, x, y = paint(size, _drawer(p, stage, distance, max(0.0, lit)))
        part = light_figure(part, x, y, stage.palette, [li for li in lights if not _own(li, p)])
        if p.sunk:
            _cut_at_water(part, x, y, p, stage)
        if pixels is None:
            pixels = part
        else:
            lay(pixels, x, y, Cutout("", part, x, y, depth))
    assert pixels is not None
    strength = 0.3 if head.player.zone == "sky" else 0.4
    shadow_under(
        pixels,
        stage.palette.shade,
        strength,
        0.0065 * stage.height,
        0.0022 * stage.height,
        0.003 * stage.height,
    )
    return crop(Cutout(head.player.key, pixels, x0, y0, depth, "normal", _life(head, stage)))


def _own(light: Light, p: Placed) -> bool:
    """Say whether `light` is the player's own glow, which does not shine on itself from outside."""
    return (
        p.player.figure.glow is not None
        and p.box[0] <= light.x <= p.box[2]
        and p.box[1] <= light.y <= p.box[3]
    )


def _drawer(p: Placed, stage: StageSet, distance: float, lit: float):  # type: ignore[no-untyped-def]
    paint_ = skia.Paint(ColorFilter=tint_filter(stage.palette, distance, lit))

    def draw(canvas: skia.Canvas) -> None:
        if p.thread:
            middle = (p.box[0] + p.box[2]) / 2
            line = skia.Paint(
                Color=colour(stage.palette.ink, 0.8), StrokeWidth=0.0024 * stage.height, AntiAlias=True
            )
            canvas.drawLine(middle, 0, middle, p.box[1] + 0.03 * (p.box[3] - p.box[1]), line)
        canvas.saveLayer(None, paint_)
        canvas.translate(p.x, p.y)
        canvas.scale(-p.scale if p.mirror else p.scale, p.scale)
        p.player.figure.draw(canvas)
        canvas.restore()

    return draw


def _cut_at_water(pixels: Pixels, x: int, y: int, p: Placed, stage: StageSet) -> None:
    """Cut off what lies below the water line with a scalloped edge, as if the figure stood in a slit of the wave."""
    height, width = pixels.shape[:2]
    left, top, right, bottom = p.box
    share = 0.14 if p.player.figure.rests == "floats" else 0.34
    line = bottom - share * (bottom - top)
    xs = np.arange(width) + x
    step = 0.05 * stage.height
    wave = (
        line
        - y
        + 0.004 * stage.height * np.sin(xs / step * 2 * np.pi)
        + 0.0022 * stage.height * np.sin(xs / step * 3.1)
    )
    keep = np.clip(wave[None, :] - np.arange(height)[:, None] + 0.5, 0, 1)
    mask = (keep * 255).astype(np.uint8)
    cv2.multiply(pixels, cv2.merge([mask] * 4), dst=pixels, scale=1 / 255)


_MOVES: Mapping[str, tuple[str, float, float]] = {
    "walk": ("hop", 0.011, 0.85),
    "run": ("hop", 0.018, 0.55),
    "jump": ("hop", 0.055, 1.3),
    "dance": ("hop", 0.016, 0.7),
    "fly": ("glide", 0.012, 4.4),
    "swim": ("glide", 0.010, 4.8),
}
"""Pose → kind of life, amplitude as a part of the canvas's height, period in seconds."""


def _life(p: Placed, stage: StageSet) -> Life | None:
    """Return the small endless movement that fits how someone stands, swims, flies or hangs."""
    figure, pose = p.player.figure, p.player.pose
    phase = round((0.37 * p.player.member + 0.13 * len(p.player.key)) % 1.0, 3)
    if p.player.zone == "sky":
        return None
    if p.thread or figure.rests == "hangs":
        return Life(kind="sway", amplitude=1.4, period_s=4.2, phase=phase, pivot=(0.5, 0.0))
    if p.sunk or (stage.medium == "space" and pose in ("stand", "sit", "lie")):
        return Life(kind="bob", amplitude=round(0.006 * stage.height, 2), period_s=3.8, phase=phase)
    if pose in _MOVES and p.player.is_actor:
        kind, amount, period = _MOVES[pose]
        return Life(kind=kind, amplitude=round(amount * stage.height, 2), period_s=period, phase=phase)  # type: ignore[arg-type]
    if figure.rests in ("flies", "swims"):
        return Life(kind="glide", amplitude=round(0.009 * stage.height, 2), period_s=4.6, phase=phase)
    if p.player.is_actor:
        lying = pose == "lie"
        return Life(
            kind="breathe", amplitude=0.8 if lying else 0.55, period_s=4.2 if lying else 3.3, phase=phase
        )
    return None


def _glue(sheets: Sequence[Cutout], stage: StageSet) -> list[Cutout]:
    """Return the sheets with still neighbours of nearly equal depth glued together."""
    out: list[Cutout] = []
    for sheet in sheets:
        last = out[-1] if out else None
        if last is None:
            out.append(_ground_coat(sheet, stage))
            continue
        alike = abs(last.depth - sheet.depth) <= _SAME_DEPTH and last.life is None and sheet.life is None
        if alike and last.blend == "normal" and (sheet.blend == "normal" or len(out) == 1):
            box = (
                min(last.x, sheet.x), min(last.y, sheet.y),
                max(last.x + last.width, sheet.x + sheet.width), max(last.y + last.height, sheet.y + sheet.height),
            )  # fmt: skip
            union = (box[2] - box[0]) * (box[3] - box[1])
            if union <= 1.25 * (last.width * last.height + sheet.width * sheet.height):
                out[-1] = _joined(last, sheet, box)
                continue
        out.append(sheet)
    return out


def _joined(under: Cutout, over: Cutout, box: tuple[int, int, int, int]) -> Cutout:
    if box == (under.x, under.y, under.x + under.width, under.y + under.height):
        lay(under.pixels, under.x, under.y, over)
        return under
    pixels = np.zeros((box[3] - box[1], box[2] - box[0], 4), np.uint8)
    lay(pixels, box[0], box[1], under)
    lay(pixels, box[0], box[1], over)
    return replace(under, pixels=pixels, x=box[0], y=box[1])


def _ground_coat(sheet: Cutout, stage: StageSet) -> Cutout:
    """Return the bottom sheet as an opaque one that covers the canvas."""
    pixels = np.empty((stage.height, stage.width, 4), np.uint8)
    pixels[:] = [*(round(255 * c) for c in stage.palette.zenith), 255]
    lay(pixels, 0, 0, sheet)
    return replace(sheet, pixels=pixels, x=0, y=0, life=None)


def still_of(picture: Picture, desk: Desk) -> Still:
    """Save a picture's flat image and its sheets, and return the still that refers to them."""
    layers = []
    for sheet in picture.sheets:
        opaque = sheet is picture.sheets[0]
        pixels = cv2.cvtColor(sheet.pixels, cv2.COLOR_RGBA2RGB) if opaque else straight(sheet.pixels)
        layers.append(
            Layer(
                name=sheet.name, ref=desk.save(encode_png(pixels, level=1), "image/png"),
                x=sheet.x, y=sheet.y, width=sheet.width, height=sheet.height,
                depth=min(1.0, max(0.0, sheet.depth)), blend=sheet.blend, life=sheet.life,
            )
        )  # fmt: skip
    return Still(
        image=desk.save(encode_png(picture.flat(), level=1), "image/png"),
        width=picture.width,
        height=picture.height,
        layers=tuple(layers),
        focus=picture.focus,
        left_out=picture.left_out,
        credits=(ATTRIBUTION,) if picture.drawings_used else (),
        notes=picture.notes,
    )
