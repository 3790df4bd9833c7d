"""The stage: from an ask to sheets of paper, back to front, with everyone in place, lit and alive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import skia

from kamishibai.documents.takes import Layer, Life, Still
from kamishibai.media.picture import Pixels, encode_png
from kamishibai.models.base import Desk
from kamishibai.models.kinds import Draw
from kamishibai.papercut.casting import Company, cast_players
from kamishibai.papercut.drawings import ATTRIBUTION
from kamishibai.papercut.gluing import baked, cull, glue, ground_coat, thinned
from kamishibai.papercut.layout import Placed, arrange, subject_of
from kamishibai.papercut.lighting import contact_shadow, finish, glow_sheet, pool_of_light
from kamishibai.papercut.parts import Box, Light, Plane, StageSet
from kamishibai.papercut.settings import build_set
from kamishibai.papercut.sheets import (
    Cutout,
    clipped,
    crop,
    flatten,
    opaque_rgb,
    paint,
    shadow_under,
    straight,
    surface_on,
)  # fmt: skip
from kamishibai.papercut.troupe import lamp_of, players, sky_things

__all__ = ["OVERSIZE", "Picture", "canvas_size", "draw_scene", "mount", "still_of"]

OVERSIZE = 1.15
"""The canvas against the film, so that a zoom stays sharp."""


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
    stage = build_set(
        scene.setting, scene.time, scene.weather, scene.mood, scene.view, width, height, ask.seed
    )
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


def _focus(company: Company, placed: Sequence[Placed], stage: StageSet) -> tuple[float, float]:
    subject = subject_of(company.players)
    for p in placed:
        if subject is not None and p.player.key == subject.key:
            # A third of the way down a figure is its face, or near enough.
            x = (p.box[0] + p.box[2]) / 2 / stage.width
            y = (p.box[1] + 0.36 * (p.box[3] - p.box[1])) / stage.height
            return (round(min(0.9, max(0.1, x)), 4), round(min(0.85, max(0.15, y)), 4))
    for anchor in company.sights:
        left, top, right, bottom = anchor.box
        x, y = (
            (left + right) / 2 / stage.width,
            (max(0.0, top) + min(bottom, stage.height)) / 2 / stage.height,
        )
        return (round(min(0.85, max(0.15, x)), 4), round(min(0.8, max(0.2, y)), 4))
    return (0.5, 0.55)


def mount(stage: StageSet, placed: Sequence[Placed]) -> list[Cutout]:
    """Return the sheets of a scene, back to front: scenery with the players between, finished with grain."""
    # A lamp in a hand is one light, its own: its bearer gives no second one.
    bearers = {p.player.held_by for p in placed if p.player.shown and p.player.figure.glow is not None}
    shining = [p for p in placed if p.player.figure.glow is not None and p.player.key not in bearers]
    lamps = [lamp_of(p, stage) for p in shining if p.player.zone != "sky"]
    runs, main = thinned(stage.planes, stage.main)
    main_depth = stage.planes[stage.main].depth
    sheets: list[Cutout] = []
    sky_done = False
    for i, run in enumerate(runs):
        if not sky_done and (run[0].depth > 0.06 or i >= main):
            sheets += sky_things(stage, placed)
            sky_done = True
        raster = _plane(run, stage, lamps)
        if raster is not None:
            if i == main:
                _touch_down(raster, stage, placed)
            sheets.append(raster)
        far = [p for p in placed if p.after is not None and stage.planes[p.after] in run]
        sheets += players(stage, far, [*stage.lights, *lamps], run[0].depth)
        if i == main:
            sheets += _halos(lamps, main_depth, stage, alpha=0.44, reach=0.8)
            near = [p for p in placed if p.after is None]
            sheets += players(stage, near, [*stage.lights, *lamps], main_depth)
            sheets += _halos(lamps, main_depth, stage, alpha=0.1, reach=0.34)
    sheets[0] = ground_coat(sheets[0], stage, stage.palette.zenith)
    out = glue(cull(baked(sheets), stage), stage)
    for sheet in out:
        finish(sheet, stage.width, stage.height)
    return out


def _halos(
    lamps: Sequence[Light], depth: float, stage: StageSet, *, alpha: float, reach: float
) -> list[Cutout]:
    """Return the glow of the players' lamps as one flickering sheet."""
    if not lamps:
        return []
    life = Life(kind="flicker", amplitude=0.24, period_s=3.1, phase=0.3)
    halo = glow_sheet("glow", lamps, depth, alpha=alpha, reach=reach, life=life)
    halo = clipped(halo, stage.width, stage.height)
    return [crop(halo) or halo]


def _plane(run: Sequence[Plane], stage: StageSet, lamps: Sequence[Light]) -> Cutout | None:
    """Return one sheet of scenery as pixels, with lamplight and its paper shadow; None when it leaves no mark."""
    plane = run[0]
    whole = (0.0, 0.0, float(stage.width), float(stage.height))
    margin = 0.0 if _wraps(plane) else 0.02 * stage.height
    box = whole if plane.bounds is None else _within(plane.bounds, stage, margin)
    if box[2] - box[0] < 1 or box[3] - box[1] < 1:
        return None

    def draw(canvas: skia.Canvas) -> None:
        for part in run:
            part.draw(canvas)
        if plane.blend == "normal" and 0.2 <= plane.depth <= 0.7:
            for lamp in lamps:
                pool_of_light(canvas, lamp, 0.5 * (plane.depth / 0.6) ** 1.5)

    pixels, x, y = paint(box, draw)
    sheet = Cutout(plane.name, pixels, x, y, plane.depth, plane.blend, plane.life)
    if plane.casts_shadow and plane.blend == "normal" and plane.depth > 0.01:
        sheet = sheet if _wraps(plane) else _trim(sheet, stage, margin)
        h = stage.height
        shadow_under(sheet.pixels, stage.palette.shade, 0.36, 0.0085 * h, 0.0, -0.003 * h)
        return sheet
    return sheet if _wraps(plane) else crop(sheet)


def _wraps(plane: Plane) -> bool:
    return plane.life is not None and plane.life.kind in ("drift", "fall")


def _within(box: Box, stage: StageSet, margin: float) -> Box:
    return (
        max(0.0, box[0] - margin), max(0.0, box[1] - margin),
        min(float(stage.width), box[2] + margin), min(float(stage.height), box[3] + margin),
    )  # fmt: skip


def _trim(sheet: Cutout, stage: StageSet, margin: float) -> Cutout:
    """Return the sheet cut to what it shows plus room for its shadow."""
    shown = crop(sheet)
    if shown is None:
        return sheet
    edges = (shown.x, shown.y, shown.x + shown.width, shown.y + shown.height)
    box = _within(edges, stage, margin)
    x0, y0 = max(int(box[0]) // 2 * 2, sheet.x), max(int(box[1]) // 2 * 2, sheet.y)
    x1, y1 = min(int(box[2]), sheet.x + sheet.width), min(int(box[3]), sheet.y + sheet.height)
    cut = sheet.pixels[y0 - sheet.y : y1 - sheet.y, x0 - sheet.x : x1 - sheet.x]
    return replace(sheet, pixels=np.ascontiguousarray(cut), x=x0, y=y0)


def _touch_down(raster: Cutout, stage: StageSet, placed: Sequence[Placed]) -> None:
    """Put contact shadows on the main plane, in place."""
    surface = surface_on(raster.pixels)
    canvas = surface.getCanvas()
    canvas.translate(-raster.x, -raster.y)
    for p in placed:
        if p.grounded:
            width = (p.box[2] - p.box[0]) * (0.9 if p.player.is_actor else 1.0)
            contact_shadow(canvas, (p.box[0] + p.box[2]) / 2, p.y, width, stage.palette, 0.9)
    surface.flushAndSubmit()


def still_of(picture: Picture, desk: Desk) -> Still:
    """Save a picture's flat image and its sheets, and return the still that refers to them."""
    layers = []
    for sheet in picture.sheets:
        opaque = sheet is picture.sheets[0]
        pixels = opaque_rgb(sheet.pixels) if opaque else straight(sheet.pixels)
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
