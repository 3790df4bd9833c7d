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
from kamishibai.engine.life import movement, opacity, reach, wraps
from kamishibai.engine.paint import Cells, Item, Painter
from kamishibai.engine.planes import Frame, Sheet, premultiply, sheet_from_rgba
from kamishibai.errors import MediaError
from kamishibai.media.picture import MAX_PIXELS, Pixels

__all__ = ["PreparedStill"]

OpenRef = Callable[[Ref], bytes]
STILL_PX = 0.3
"""Sheets that never part by more than this many frame pixels are merged."""
WINDOW = 16
"""Frames that share one plan of what hides what."""
EDGE = 4
"""Pixels by which a sheet that ends with the canvas goes on beyond it: even, and more than interpolation reads."""


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
            if piece.layer is None:
                items.append(Item(piece.sheet, camera @ piece.placed))
                continue
            moved = camera @ movement(piece.layer, seconds)
            strength = opacity(piece.layer.life, seconds)
            if any(wraps(piece.layer.life)):
                items += self._repeats(piece, piece.layer, moved)
            else:
                items.append(Item(piece.sheet, moved @ piece.placed, strength))
        return items

    def _repeats(self, piece: _Piece, layer: Layer, moved: Matrix) -> list[Item]:
        """Return the repeats of a drifting sheet that cover the canvas, each clipped where the next one begins."""
        across, down = wraps(layer.life)
        far = (-(10**6), 10**6)

        def edge(row: int, value: float) -> int:
            return 2 * round(float(moved[row, row] * value + moved[row, 2]) / 2)

        items = []
        for j in range(math.ceil(self._canvas[1] / layer.height) + 1 if down else 1):
            y = layer.y + j * layer.height
            top, bottom = (edge(1, y), edge(1, y + layer.height)) if down else far
            for i in range(math.ceil(self._canvas[0] / layer.width) + 1 if across else 1):
                x = layer.x + i * layer.width
                left, right = (edge(0, x), edge(0, x + layer.width)) if across else far
                step = np.array([[1.0, 0.0, i * layer.width], [0.0, 1.0, j * layer.height], [0.0, 0.0, 1.0]])
                items.append(Item(piece.sheet, moved @ step @ piece.placed, 1.0, (left, top, right, bottom)))
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
        """Return premultiplied `pixels` of a layer, or of several merged ones, scaled and converted."""
        height, width = pixels.shape[:2]
        adds = layer is not None and layer.blend == "add"
        opaque = not adds and (pixels.shape[2] == 3 or bool((pixels[..., 3] == 255).all()))
        across, down = wraps(layer.life) if layer is not None else (False, False)
        pixels = _resized(pixels, self._scaled_size(width, height, across or down))
        if opaque:
            pixels = np.ascontiguousarray(pixels[..., :3])
        zoom_x, zoom_y = width / pixels.shape[1], height / pixels.shape[0]
        # A sheet that ends with the canvas goes on beyond it, so that neither sampling nor its own life shows the end.
        swing = reach(layer) if layer is not None else (0.0, 0.0)
        beyond_x, beyond_y = (EDGE + math.ceil(s / z) for s, z in zip(swing, (zoom_x, zoom_y), strict=True))
        left, right = (
            (EDGE, EDGE) if across else (beyond_x * (x <= 0), beyond_x * (x + width >= self._canvas[0]))
        )
        top, bottom = (
            (EDGE, EDGE) if down else (beyond_y * (y <= 0), beyond_y * (y + height >= self._canvas[1]))
        )
        pixels = _widened(pixels, (left, right), cv2.BORDER_WRAP if across else cv2.BORDER_REFLECT_101, 1)
        pixels = _widened(pixels, (top, bottom), cv2.BORDER_WRAP if down else cv2.BORDER_REFLECT_101, 0)
        if opaque and not (left and right and top and bottom):
            pixels = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2RGBA), np.uint8)
        placed = np.array(
            [[zoom_x, 0.0, x - left * zoom_x], [0.0, zoom_y, y - top * zoom_y], [0.0, 0.0, 1.0]]
        )
        sheet = sheet_from_rgba(pixels, adds=adds, premultiplied=True)
        return _Piece(sheet, placed, layer if layer is not None and layer.life is not None else None, depth)

    def _scaled_size(self, width: int, height: int, even: bool) -> tuple[int, int]:
        if even:
            # A whole number of chroma samples, so that repeats meet without a seam.
            return tuple(max(2, 2 * round(side * self._ratio / 2)) for side in (width, height))  # type: ignore[return-value]
        return max(1, math.ceil(width * self._ratio)), max(1, math.ceil(height * self._ratio))


def _resized(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Return premultiplied pixels at another size."""
    if size == (pixels.shape[1], pixels.shape[0]):
        return pixels
    # Cubic keeps fine edges that two rounds of averaging would soften; far smaller ones need the averaging.
    how = cv2.INTER_CUBIC if size[0] > 0.6 * pixels.shape[1] else cv2.INTER_AREA
    pixels = np.asarray(cv2.resize(pixels, size, interpolation=how), np.uint8)
    if pixels.shape[2] == 4:
        # Cubic overshoots: premultiplied colour must not exceed its alpha.
        alpha = cv2.extractChannel(pixels, 3)
        pixels = np.asarray(cv2.min(pixels, cv2.merge([alpha, alpha, alpha, alpha])), np.uint8)
    return pixels


def _widened(pixels: Pixels, margins: tuple[int, int], border: int, axis: int) -> Pixels:
    """Return pixels continued by `margins` at both ends of an axis (0: y, 1: x)."""
    if not any(margins):
        return pixels
    if pixels.shape[axis] == 1:
        border = cv2.BORDER_REPLICATE
    sides = (*margins, 0, 0) if axis == 0 else (0, 0, *margins)
    return np.asarray(cv2.copyMakeBorder(pixels, *sides, border), np.uint8)


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
