"""A still made ready for the camera: its sheets decoded, merged, scaled and converted once, then drawn for any moment."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from kamishibai.documents.ref import Ref
from kamishibai.documents.takes import Layer, Shot, Still
from kamishibai.engine.camera import Matrix, fitted, follow, view_at, view_matrix
from kamishibai.engine.life import movement, opacity, wraps
from kamishibai.engine.paint import Cells, Item, Painter
from kamishibai.engine.planes import Frame, Sheet, premultiply, sheet_from_rgba
from kamishibai.errors import MediaError
from kamishibai.media.picture import MAX_PIXELS, Pixels

__all__ = ["PreparedStill"]

OpenRef = Callable[[Ref], bytes]
STILL_PX = 0.3
"""Sheets that never part by more than this many frame pixels are merged."""
WINDOW = 12
"""Frames that share one plan of what hides what."""
EDGE = 4
"""Pixels by which a sheet that ends with the canvas goes on beyond it, so that its edge is never sampled."""


@dataclass(frozen=True)
class _Piece:
    """A sheet and the layer that places it; `placed` maps its own pixels to the canvas."""

    sheet: Sheet
    placed: Matrix
    layer: Layer | None
    depth: float


class PreparedStill:
    """One still and its shot for one frame size. `frames` gives those of any moments."""

    def __init__(self, still: Still, shot: Shot, frame: tuple[int, int], open_ref: OpenRef) -> None:
        self._still, self._shot, self._frame = still, shot, frame
        self._canvas = (still.width, still.height)
        closest = min((key.scale for key in shot.keys), default=1.0)
        # Scaled so that the closest view is one to one: linear sampling is then neither soft nor ragged.
        self._ratio = min(1.0, frame[0] / (fitted(self._canvas, frame)[0] * closest))
        self._pieces = self._prepare(open_ref)
        self._cells: dict[int, Cells] = {}

    def frames(self, moments: Sequence[float]) -> Iterator[Frame]:
        """Yield the frame of each moment, in seconds from the cut's start; its planes are reused by the next."""
        painter = Painter(self._frame, self._cells)
        for start in range(0, len(moments), WINDOW):
            window = [self._items(moment) for moment in moments[start : start + WINDOW]]
            painter.plan(window)
            for items in window:
                yield painter.paint(items)

    def _items(self, seconds: float) -> list[Item]:
        view = view_at(self._shot, seconds, self._canvas, self._frame)
        items = []
        for piece in self._pieces:
            camera = view_matrix(view, piece.depth, self._shot.parallax, self._canvas, self._frame)
            moved = piece.placed if piece.layer is None else movement(piece.layer, seconds) @ piece.placed
            strength = 1.0 if piece.layer is None else opacity(piece.layer.life, seconds)
            items.append(Item(piece.sheet, camera @ moved, strength))
        return items

    def _prepare(self, open_ref: OpenRef) -> list[_Piece]:
        if not self._still.layers:
            pixels = _decode(open_ref(self._still.image), keep_alpha=False)
            return [self._piece(pixels, 0, 0, None, 0.0)]
        pieces = []
        for run in self._runs():
            if len(run) == 1:
                layer = run[0]
                pixels = premultiplied(_decode(open_ref(layer.ref)))
                pieces.append(self._piece(pixels, layer.x, layer.y, layer, layer.depth))
            else:
                pixels, x, y = _merged([(layer, _decode(open_ref(layer.ref))) for layer in run])
                pieces.append(self._piece(pixels, x, y, None, run[-1].depth))
        return pieces

    def _runs(self) -> list[list[Layer]]:
        """Group neighbouring sheets that are alive in no way and that the camera never parts visibly."""
        views = [view_at(self._shot, float(k.time), self._canvas, self._frame) for k in self._shot.keys]
        travel = max(
            (
                max(abs(v.x - 0.5) * self._frame[0], abs(v.y - 0.5) * self._frame[1])
                + (1 - v.scale) * max(self._frame)
                for v in views
            ),
            default=0.0,
        )  # fmt: skip
        runs: list[list[Layer]] = []
        for layer in self._still.layers:
            still = layer.life is None and layer.blend == "normal"
            if still and runs:
                first = runs[-1][0]
                apart = abs(
                    follow(layer.depth, self._shot.parallax) - follow(first.depth, self._shot.parallax)
                )
                if first.life is None and first.blend == "normal" and apart * travel < STILL_PX:
                    runs[-1].append(layer)
                    continue
            runs.append([layer])
        return runs

    def _piece(self, pixels: Pixels, x: int, y: int, layer: Layer | None, depth: float) -> _Piece:
        height, width = pixels.shape[:2]
        small = (max(1, math.ceil(width * self._ratio)), max(1, math.ceil(height * self._ratio)))
        adds = layer is not None and layer.blend == "add"
        opaque = pixels.shape[2] == 3 or bool((pixels[..., 3] == 255).all())
        if small != (width, height):
            # Cubic keeps fine edges that two rounds of averaging would soften; far smaller ones need the averaging.
            how = cv2.INTER_CUBIC if self._ratio > 0.6 else cv2.INTER_AREA
            pixels = np.asarray(cv2.resize(pixels, small, interpolation=how), np.uint8)
        if opaque and not adds:
            pixels = np.ascontiguousarray(pixels[..., :3])
        across, down = wraps(layer.life) if layer is not None else (False, False)
        if layer is not None and (across or down):
            pixels = self._repeated(pixels, layer, small)
        left, right = (EDGE if not across and e else 0 for e in (x <= 0, x + width >= self._canvas[0]))
        top, bottom = (EDGE if not down and e else 0 for e in (y <= 0, y + height >= self._canvas[1]))
        if left or right or top or bottom:
            edged = cv2.copyMakeBorder(pixels, top, bottom, left, right, cv2.BORDER_REPLICATE)
            pixels = np.asarray(edged, np.uint8)
        if not ((across or (left and right)) and (down or (top and bottom))) and pixels.shape[2] == 3:
            pixels = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2RGBA), np.uint8)
        zoom_x, zoom_y = width / small[0], height / small[1]
        placed = np.array(
            [[zoom_x, 0.0, x - left * zoom_x], [0.0, zoom_y, y - top * zoom_y], [0.0, 0.0, 1.0]]
        )
        kept = layer if layer is not None and layer.life is not None else None
        return _Piece(sheet_from_rgba(pixels, adds=adds, premultiplied=True), placed, kept, depth)

    def _repeated(self, pixels: Pixels, layer: Layer, size: tuple[int, int]) -> Pixels:
        """Return a drifting sheet repeated until it covers the canvas wherever its first repeat begins."""
        across, down = wraps(layer.life)
        times_x = math.ceil(self._canvas[0] / layer.width) + 1 if across else 1
        times_y = math.ceil(self._canvas[1] / layer.height) + 1 if down else 1
        if times_x * times_y * size[0] * size[1] > MAX_PIXELS:
            raise MediaError(
                f"the layer {layer.name!r} is too small to repeat across the canvas ({layer.width}×{layer.height})"
            )
        return np.tile(pixels, (times_y, times_x, 1)) if times_x * times_y > 1 else pixels


def premultiplied(pixels: Pixels) -> Pixels:
    """Return RGB as it is and RGBA with its colour multiplied by its alpha."""
    return pixels if pixels.shape[2] == 3 else premultiply(pixels)


def _decode(data: bytes, *, keep_alpha: bool = True) -> Pixels:
    """Return RGB or RGBA pixels of a PNG, by the fast decoder; sizes are checked before decoding."""
    if data[:8] != b"\x89PNG\r\n\x1a\n" or len(data) < 24:
        raise MediaError("a layer is not a PNG")
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    if width * height > MAX_PIXELS:
        raise MediaError(f"a layer unpacks to {width}×{height}, over the limit of {MAX_PIXELS} pixels")
    flags = cv2.IMREAD_UNCHANGED if keep_alpha else cv2.IMREAD_COLOR
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if pixels is None:
        raise MediaError("a layer is a damaged PNG")
    if pixels.dtype != np.uint8:
        pixels = cv2.convertScaleAbs(pixels, alpha=255 / 65535)
    if pixels.ndim == 2:
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB), np.uint8)
    order = cv2.COLOR_BGRA2RGBA if pixels.shape[2] == 4 else cv2.COLOR_BGR2RGB
    return np.asarray(cv2.cvtColor(pixels, order), np.uint8)


def _merged(parts: Sequence[tuple[Layer, Pixels]]) -> tuple[Pixels, int, int]:
    """Return several sheets laid over each other as one premultiplied picture, and its place on the canvas."""
    left, top = min(layer.x for layer, _ in parts), min(layer.y for layer, _ in parts)
    right = max(layer.x + pixels.shape[1] for layer, pixels in parts)
    bottom = max(layer.y + pixels.shape[0] for layer, pixels in parts)
    out = np.zeros((bottom - top, right - left, 4), np.uint8)
    for layer, pixels in parts:
        height, width = pixels.shape[:2]
        under = out[layer.y - top : layer.y - top + height, layer.x - left : layer.x - left + width]
        if pixels.shape[2] == 3:
            under[..., :3] = pixels
            under[..., 3] = 255
            continue
        clear = cv2.bitwise_not(cv2.extractChannel(pixels, 3))
        over = premultiply(pixels)
        under[:] = cv2.add(over, cv2.multiply(under.copy(), cv2.merge([clear] * 4), scale=1 / 255))
    return out, left, top
