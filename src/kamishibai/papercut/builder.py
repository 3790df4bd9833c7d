"""The carpenter of one scene: perspective, colours and light, and the sheets as they are laid back to front."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Literal

import skia

from kamishibai.documents.takes import Life
from kamishibai.papercut.brush import Sheet
from kamishibai.papercut.palette import lighten, lit, mix, scheme_for
from kamishibai.papercut.parts import Anchor, Box, Light, Plane, Rgb, StageSet, caption_line
from kamishibai.papercut.shapes import Curve, sheet_below

__all__ = ["SetBuilder"]

# Per view: how far the ground lies above where captions begin (the camera may push in), how far above the ground
# the horizon lies (both parts of the height), a metre (part of the unit).
_VIEWS = {"close": (0.062, 0.48, 0.335), "medium": (0.058, 0.355, 0.205), "wide": (0.052, 0.255, 0.113)}

# Where snow that falls also lies, and where no weather reaches.
_SNOWED = frozenset({"forest", "meadow", "mountains", "city", "village", "garden", "farm", "river"})
_SHELTERED = frozenset({"room", "library", "subway", "tower", "cave", "underwater", "space"})

Medium = Literal["ground", "water", "air", "indoors", "undersea", "space"]


class SetBuilder:
    """Collects the planes, lights and anchors of one scene.

    Ground is seen from a standing eye: what lies at `depth` 0.6 has `metre_px` pixels a metre, what is
    farther shrinks by `scale(depth)` and nears the horizon accordingly.
    """

    def __init__(
        self, setting: str, time: str, weather: str, mood: str, view: str, width: int, height: int, seed: int
    ) -> None:
        self.setting, self.time, self.weather, self.mood, self.view = setting, time, weather, mood, view
        self.width, self.height, self.seed = width, height, seed
        rng = self.dice("layout")
        lift, rise, metre = _VIEWS[view]
        captions = caption_line(width, height)
        ground = captions - lift
        horizon = ground - rise
        tall = height > width * 1.05
        self.unit = min(height, width * 1.35) if tall else float(height)
        if tall:  # the upper half of a portrait is sky: keep the eye's height right for the smaller unit
            horizon = ground - (ground - horizon) * (0.6 + 0.4 * self.unit / height)
        self.horizon = height * (horizon + rng.uniform(-0.03, 0.03))
        self.ground_y = height * (ground + rng.uniform(-0.01, 0.006))
        self.front_y = height * (captions + 0.45 * (1 - captions))
        """Where the nearest, darkest sheet begins: it fills the place of the captions."""
        self.metre_px = self.unit * metre
        self.side = rng.choice((-1.0, 1.0))
        """The side of the light; the subject leans to the other."""
        self.scheme = scheme_for(setting, time, weather, mood, rng.uniform(-7.0, 7.0))
        self.palette = self.scheme.palette
        self.dark = time == "night"
        self.dim = time in ("night", "dusk")
        low = {"dawn": 0.78, "day": 0.32, "dusk": 0.84, "night": 0.36}[time]
        self.light_x = width * (0.5 + self.side * rng.uniform(0.2, 0.34))
        self.light_y = self.horizon * (low + rng.uniform(-0.08, 0.08))
        reach = {"close": 0.31, "medium": 0.29, "wide": 0.27}[view] * (1.35 if tall else 1.0)
        self.focus_x = width * (0.5 - self.side * rng.uniform(0.0, 0.07) * (0.5 if tall else 1.0))
        self.keep_clear: Box = (
            max(width * 0.04, self.focus_x - width * reach),
            max(height * 0.12, self.ground_y - self.metre_px * 1.75),
            min(width * 0.96, self.focus_x + width * reach),
            min(height * 0.985, self.ground_y + self.unit * 0.035),
        )
        self.medium: Medium = "ground"
        self.planes: list[Plane] = []
        self.lights: list[Light] = []
        self.anchors: dict[str, Anchor] = {}
        self._worth: dict[str, float] = {}
        self.main = 0

    def dice(self, name: str) -> Random:
        """Random numbers of their own for a part of the scene, so that parts do not disturb one another."""
        return Random(f"{self.seed}/{self.setting}/{name}")  # a text seed is hashed by SHA-512: stable

    def scale(self, depth: float) -> float:
        """Size of things at `depth` against the main plane."""
        return float(max(0.0, depth / 0.6) ** 1.75)

    def level(self, depth: float) -> float:
        """Where flat ground at `depth` lies, in pixels from the top."""
        return self.horizon + (self.ground_y - self.horizon) * self.scale(depth)

    def px(self, metres: float, depth: float = 0.6) -> float:
        """Pixels of so many metres at `depth`."""
        return metres * self.metre_px * self.scale(depth)

    def tone(self, rgb: Rgb, depth: float, light: float = 0.0, chroma: float = 1.0) -> Rgb:
        """A daylight colour as this scene shows it at `depth`; `light` raises its lightness first."""
        local = lighten(rgb, light, chroma) if light or chroma != 1.0 else rgb
        if self.weather == "snow" and self.setting in _SNOWED:
            local = mix(local, (0.93, 0.96, 0.98), 0.16)
        out = lit(local, self.palette, depth, scenery=True)
        if self.weather == "fog" and depth < 0.62 and self.setting not in _SHELTERED:
            out = mix(out, self.scheme.mist, 0.72 * (1.0 - depth / 0.62) ** 0.7)
        return out

    @contextmanager
    def sheet(
        self, name: str, depth: float, *, shadow: bool = True, ground: Curve | None = None,
        life: Life | None = None, bounds: Box | None = None, blend: Literal["normal", "add"] = "normal",
        main: bool = False,
    ) -> Iterator[Sheet]:  # fmt: skip
        """Record one plane; it is added when the block ends. `main` marks what the subject stands on."""
        recorder = skia.PictureRecorder()
        pad = self.width
        canvas = recorder.beginRecording(skia.Rect.MakeLTRB(-pad, -pad, self.width + pad, self.height + pad))
        yield Sheet(canvas, self.unit, self.palette.shade, self.palette.light, self.side)
        picture = recorder.finishRecordingAsPicture()
        if main:
            self.main = len(self.planes)
        self.planes.append(Plane(name, depth, _player(picture), shadow, ground, life, bounds, blend))

    def land(
        self, sheet: Sheet, line: Curve, rgb: Rgb, depth: float, *, haze: float = 0.4, bottom: float | None = None,
        edge: float = 0.3, step: float | None = None, wash: float = 0.5,
    ) -> skia.Path:  # fmt: skip
        """Lay the paper under `line` in a daylight colour, its foot sinking in mist by `haze`; return its shape."""
        foot = self.height * 1.02 if bottom is None else bottom
        if self.weather == "snow" and self.setting in _SNOWED:
            rgb = mix(rgb, (0.93, 0.96, 0.98), 0.66)
        path = sheet_below(line, -self.width * 0.06, self.width * 1.06, foot, step or self.width / 90)
        top_colour = self.tone(rgb, depth, 0.03)
        low = mix(self.tone(rgb, depth, -0.05), self.scheme.mist if depth < 0.55 else self.palette.near, haze)
        tops = [line(self.width * i / 12) for i in range(13)]
        reach = max(self.unit * 0.1, self.unit * 0.34 * self.scale(max(depth, 0.3)))
        sheet.paper(path, top_colour, low, edge=edge, span=(min(tops), max(tops) + reach))
        if wash > 0:
            self.wash(sheet, path, depth, wash)
        if depth == 0.6:  # a pool of light where the subject stands leads the eye there
            glow = mix(self.palette.light, self.palette.horizon, 0.3)
            sheet.wash(path, self.focus_x, self.ground_y, self.unit * 0.62, glow, 0.42 if self.dim else 0.3)
        return path

    def wash(self, sheet: Sheet, path: skia.Path, depth: float, strength: float) -> None:
        """Light a piece from the scene's sun or moon: strong far away, faint up close."""
        power = strength * (1.0 - 0.75 * min(1.0, depth / 0.8)) * (0.9 if self.dim else 0.6)
        if self.weather in ("rain", "storm", "fog"):
            power *= 0.35
        sheet.wash(path, self.light_x, self.light_y, self.width * 0.62, self.palette.light, power)

    def anchor(self, name: str, box: Box, depth: float, *relations: str) -> None:
        """Name a part of the scenery; of several with one name the nearest that is well seen is kept.

        The box is cut to the picture; a part that is mostly outside it is not named.
        """
        left, right = sorted((box[0], box[2]))
        top, bottom = sorted((box[1], box[3]))
        seen: Box = (
            max(0.0, left),
            max(0.0, top),
            min(float(self.width), right),
            min(float(self.height), bottom),
        )
        if seen[2] - seen[0] < 2 or seen[3] - seen[1] < 1:
            return
        share = (seen[2] - seen[0]) / (right - left)
        worth = share + 0.6 * depth
        if share < 0.35 or worth <= self._worth.get(name, 0.0):
            return
        given = frozenset(relations) if relations else frozenset({"on", "under", "beside", "behind", "near"})
        self._worth[name] = worth
        self.anchors[name] = Anchor(name, seen, depth, given)

    def lamp(
        self, x: float, y: float, radius: float, rgb: Rgb, strength: float = 0.8,
        kind: Literal["sun", "moon", "lamp", "window", "fire"] = "lamp",
    ) -> None:  # fmt: skip
        """Add a light with a place."""
        self.lights.append(Light(x, y, radius, rgb, strength, kind))

    def glow_plane(
        self, name: str, depth: float, spots: list[tuple[float, float, float]], rgb: Rgb, alpha: float,
        flicker: float = 0.12, period_s: float = 2.6,
    ) -> None:  # fmt: skip
        """Add a plane of flickering light: (x, y, radius) each, added to what lies behind."""
        if not spots:
            return
        box = (
            max(0.0, min(x - r for x, _, r in spots)), max(0.0, min(y - r for _, y, r in spots)),
            min(float(self.width), max(x + r for x, _, r in spots)),
            min(float(self.height), max(y + r for _, y, r in spots)),
        )  # fmt: skip
        phase = self.dice(name).random()
        life = Life(kind="flicker", amplitude=flicker, period_s=period_s, phase=phase) if flicker else None
        with self.sheet(name, depth, shadow=False, life=life, bounds=box, blend="add") as sheet:
            for x, y, r in spots:
                sheet.glow(x, y, r, rgb, alpha)

    def clear_of(self, x: float, half: float) -> bool:
        """Whether something `half` pixels to each side of `x` stays out of the subject's place."""
        left, _, right, _ = self.keep_clear
        return x + half < left or x - half > right

    def finish(self) -> StageSet:
        """Return what was built."""
        return StageSet(
            width=self.width, height=self.height, palette=self.palette, lights=tuple(self.lights),
            planes=tuple(self.planes), main=self.main, medium=self.medium, metre_px=self.metre_px,
            anchors=self.anchors, keep_clear=self.keep_clear,
        )  # fmt: skip


def _player(picture: skia.Picture) -> Callable[[skia.Canvas], None]:
    def draw(canvas: skia.Canvas) -> None:
        canvas.drawPicture(picture)

    return draw
