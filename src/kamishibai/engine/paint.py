"""Paints sheets into a frame, back to front, touching only the blocks in which a sheet can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from kamishibai.engine.camera import Matrix
from kamishibai.engine.planes import CHROMA, CHROMA_INVERSE, Frame, Plane, Sheet, black_frame

__all__ = ["Cells", "Item", "Painter"]

BLOCK = 32
"""Side of a block of the frame, in pixels: even, small enough to hide much, large enough to keep calls few."""
CELL = 8
"""Side of a cell of a sheet, in pixels, for which the least and greatest alpha are known."""
CALL_BLOCKS = 16
"""How many blocks could be blended in the time that the calls for one rectangle take by themselves (measured)."""
_EMPTY, _BLEND, _COPY = 0, 1, 2

# One-based edges to the zero-based pixel centres that OpenCV warps between.
_TO_EDGE = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]])
_TO_CENTRE = np.array([[1.0, 0.0, -0.5], [0.0, 1.0, -0.5], [0.0, 0.0, 1.0]])
_LINEAR = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP

Counts = npt.NDArray[np.int64]
Rect = tuple[int, int, int, int]
"""Left, top, right, bottom; in blocks while planning, in even luma pixels while painting."""


@dataclass(frozen=True)
class Item:
    """A sheet, its map to the frame (pixel edges), what its alpha is multiplied by, and where it may paint."""

    sheet: Sheet
    matrix: Matrix
    strength: float = 1.0
    clip: Rect | None = None
    """In even luma pixels; may lie outside the frame."""


@dataclass(frozen=True)
class Cells:
    """Summed counts of a sheet's cells that are not wholly opaque, and that are not wholly empty."""

    thin: Counts
    filled: Counts


@dataclass(frozen=True)
class _Plan:
    """For each item, the rectangles to copy and those to blend; `bare` are those that nothing opaque covers."""

    bare: list[Rect]
    copies: list[list[Rect]]
    blends: list[list[Rect]]


@dataclass
class Painter:
    """Paints into frames of one size. Its buffers are reused: a frame is valid until the next is painted."""

    size: tuple[int, int]
    cells: dict[int, Cells] = field(default_factory=dict)
    """What is known of each sheet, by its identity; give the same dict to the next painter of the same sheets."""
    _frame: Frame = field(init=False)
    _plan: _Plan | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._frame = black_frame(*self.size)
        width, height = self.size
        self._luma = [np.empty((height, width), np.uint8) for _ in range(2)]
        self._chroma = np.empty((height // 2, width // 2, 4), np.uint8)
        self._single = [np.empty((height // 2, width // 2), np.uint8) for _ in range(2)]
        xs = np.minimum(np.arange(0, width + BLOCK, BLOCK), width)
        ys = np.minimum(np.arange(0, height + BLOCK, BLOCK), height)
        self._xs, self._ys = np.unique(xs), np.unique(ys)
        left, top = np.meshgrid(self._xs[:-1], self._ys[:-1])
        right, bottom = np.meshgrid(self._xs[1:], self._ys[1:])
        self._middle = np.stack([(left + right) / 2, (top + bottom) / 2])
        self._half = np.stack([(right - left) / 2, (bottom - top) / 2])

    def plan(self, window: Sequence[Sequence[Item]]) -> None:
        """Find out what can be seen during `window`, a list of moments each with the same sheets, back to front."""
        shape = self._middle.shape[1:]
        seen = np.ones(shape, bool)
        count = len(window[0])
        copies: list[list[Rect]] = [[] for _ in range(count)]
        blends: list[list[Rect]] = [[] for _ in range(count)]
        for n in range(count - 1, -1, -1):
            mode = np.where(seen, self._modes([items[n] for items in window]), _EMPTY)
            together = _merged(_rects(mode == _BLEND))
            blends[n] = [self._pixels(rect) for rect in together]
            alone = mode == _COPY
            for left, top, right, bottom in together:
                # Blending an opaque block gives the same as copying it: no need for both.
                alone[top:bottom, left:right] = False
            copies[n] = [self._pixels(rect) for rect in _rects(alone)]
            seen &= mode != _COPY
        self._plan = _Plan([self._pixels(rect) for rect in _rects(seen)], copies, blends)

    def paint(self, items: Sequence[Item]) -> Frame:
        """Return the frame that shows `items`, one moment of the window planned last."""
        if self._plan is None:
            self.plan([items])
        plan = self._plan
        assert plan is not None
        y, u, v = self._frame
        for left, top, right, bottom in plan.bare:
            y[top:bottom, left:right] = 16
            u[top // 2 : bottom // 2, left // 2 : right // 2] = 128
            v[top // 2 : bottom // 2, left // 2 : right // 2] = 128
        for item, copies, blends in zip(items, plan.copies, plan.blends, strict=True):
            if not (copies or blends):
                continue
            luma = np.linalg.inv(_TO_CENTRE @ item.matrix @ _TO_EDGE)
            chroma = np.linalg.inv(_TO_CENTRE @ CHROMA @ item.matrix @ CHROMA_INVERSE @ _TO_EDGE)
            for rect in _clipped(copies, item.clip):
                self._copy(item.sheet, luma, chroma, rect)
            for rect in _clipped(blends, item.clip):
                self._blend(item, luma, chroma, rect)
        return self._frame

    def _copy(self, sheet: Sheet, luma: Matrix, chroma: Matrix, rect: Rect) -> None:
        y, u, v = self._frame
        left, top, right, bottom = rect
        _warp(sheet.luma, luma, left, top, y[top:bottom, left:right], None)
        left, top, right, bottom = left // 2, top // 2, right // 2, bottom // 2
        packed = self._chroma[: bottom - top, : right - left]
        _warp(sheet.chroma, chroma, left, top, packed, None)
        cv2.extractChannel(packed, 0, u[top:bottom, left:right])
        cv2.extractChannel(packed, 1, v[top:bottom, left:right])

    def _blend(self, item: Item, luma: Matrix, chroma: Matrix, rect: Rect) -> None:
        y, u, v = self._frame
        left, top, right, bottom = rect
        sheet, strength = item.sheet, item.strength
        over = self._luma[0][: bottom - top, : right - left]
        under = y[top:bottom, left:right]
        _warp(sheet.luma, luma, left, top, over, 0)
        if strength < 1:
            cv2.convertScaleAbs(over, over, strength, 0)
        if sheet.adds:
            cv2.add(under, over, under)
        else:
            clear = self._luma[1][: bottom - top, : right - left]
            if sheet.clear is None:
                clear[:] = 0
            else:
                _warp(sheet.clear, luma, left, top, clear, 255)
            if strength < 1:
                cv2.convertScaleAbs(clear, clear, strength, 255 * (1 - strength))
            cv2.multiply(under, clear, under, 1 / 255)
            cv2.add(under, over, under)
        left, top, right, bottom = left // 2, top // 2, right // 2, bottom // 2
        packed = self._chroma[: bottom - top, : right - left]
        _warp(sheet.chroma, chroma, left, top, packed, (128, 128, 0, 0) if sheet.adds else (0, 0, 255, 0))
        over, clear = (s[: bottom - top, : right - left] for s in self._single)
        if not sheet.adds:
            cv2.extractChannel(packed, 2, clear)
            if strength < 1:
                cv2.convertScaleAbs(clear, clear, strength, 255 * (1 - strength))
        for channel, plane in enumerate((u, v)):
            under = plane[top:bottom, left:right]
            cv2.extractChannel(packed, channel, over)
            if sheet.adds:
                cv2.addWeighted(under, 1, over, strength, -128 * strength, under)
                continue
            if strength < 1:
                cv2.convertScaleAbs(over, over, strength, 0)
            cv2.multiply(under, clear, under, 1 / 255)
            cv2.add(under, over, under)

    def _modes(self, moments: Sequence[Item]) -> npt.NDArray[np.int64]:
        """Return for each block whether a sheet is empty there, to be blended, or opaque, at every one of `moments`."""
        sheet = moments[0].sheet
        cells = self._cells_of(sheet)
        inverse = np.stack([np.linalg.inv(item.matrix) for item in moments])
        low, high = [], []
        for row in (0, 1):
            a, b, c = (inverse[:, row, k][:, None, None] for k in range(3))
            middle = a * self._middle[0] + b * self._middle[1] + c
            # One pixel more each way for the neighbours that interpolation reads, two for those of chroma.
            reach = np.abs(a) * self._half[0] + np.abs(b) * self._half[1] + 3
            low.append((middle - reach).min(axis=0))
            high.append((middle + reach).max(axis=0))
        width, height = sheet.size
        # A clipped sheet is continued by its neighbour, so neither hides anything by itself.
        covers = (low[0] >= 0) & (low[1] >= 0) & (high[0] <= width) & (high[1] <= height)
        if sheet.clear is None and not sheet.adds:
            covers = np.ones_like(covers)
        x0, x1 = (
            np.clip(np.floor(e / CELL), 0, cells.thin.shape[1] - 1).astype(int)
            for e in (low[0], high[0] + CELL)
        )
        y0, y1 = (
            np.clip(np.floor(e / CELL), 0, cells.thin.shape[0] - 1).astype(int)
            for e in (low[1], high[1] + CELL)
        )

        def count(table: Counts) -> Counts:
            return np.asarray(table[y1, x1] - table[y0, x1] - table[y1, x0] + table[y0, x0])

        full = min(item.strength for item in moments) >= 1 and moments[0].clip is None
        opaque = covers & (count(cells.thin) == 0) if full and not sheet.adds else np.zeros_like(covers)
        return np.where(opaque, _COPY, np.where(count(cells.filled) > 0, _BLEND, _EMPTY))

    def _cells_of(self, sheet: Sheet) -> Cells:
        known = self.cells.get(id(sheet))
        if known is None:
            known = _cells(sheet)
            self.cells[id(sheet)] = known
        return known

    def _pixels(self, rect: Rect) -> Rect:
        left, top, right, bottom = rect
        return int(self._xs[left]), int(self._ys[top]), int(self._xs[right]), int(self._ys[bottom])


def _clipped(rects: list[Rect], clip: Rect | None) -> list[Rect]:
    if clip is None:
        return rects
    inside = [(max(r[0], clip[0]), max(r[1], clip[1]), min(r[2], clip[2]), min(r[3], clip[3])) for r in rects]
    return [r for r in inside if r[0] < r[2] and r[1] < r[3]]


def _rects(mask: npt.NDArray[np.bool_]) -> list[Rect]:
    """Return rectangles of blocks that tile the set ones: runs along rows, equal runs of neighbouring rows joined."""
    rects: list[Rect] = []
    growing: dict[tuple[int, int], int] = {}
    for row in range(mask.shape[0] + 1):
        runs = _runs(mask[row]) if row < mask.shape[0] else set()
        for run in [r for r in growing if r not in runs]:
            rects.append((run[0], growing.pop(run), run[1], row))
        for run in runs:
            growing.setdefault(run, row)
    return sorted(rects)


def _merged(rects: list[Rect]) -> list[Rect]:
    """Return rectangles that cover `rects`, fewer where painting some blocks in vain costs less than another round of calls."""
    boxes = np.array(rects, np.int64).reshape(-1, 4)
    while len(boxes) > 1:
        low = np.minimum(boxes[:, None, :2], boxes[None, :, :2])
        high = np.maximum(boxes[:, None, 2:], boxes[None, :, 2:])
        area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        loss = (high - low).prod(axis=2) - area[:, None] - area[None, :]
        np.fill_diagonal(loss, CALL_BLOCKS + 1)
        i, j = np.unravel_index(int(loss.argmin()), loss.shape)
        if loss[i, j] > CALL_BLOCKS:
            break
        joined = np.concatenate([low[i, j], high[i, j]])
        inside = (boxes[:, :2] >= joined[:2]).all(axis=1) & (boxes[:, 2:] <= joined[2:]).all(axis=1)
        boxes = np.concatenate([boxes[~inside], joined[None]])
    return sorted((int(a), int(b), int(c), int(d)) for a, b, c, d in boxes)


def _runs(row: npt.NDArray[np.bool_]) -> set[tuple[int, int]]:
    """Return (first, one past last) of each run of set flags."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], row, [False]]).astype(np.int8)))
    return {(int(a), int(b)) for a, b in edges.reshape(-1, 2)}


def _cells(sheet: Sheet) -> Cells:
    width, height = sheet.size
    across, down = -(-width // CELL), -(-height // CELL)
    shape = (down + 1, across + 1)
    thin, filled = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    if sheet.adds:
        # Colour without brightness counts too: the chroma of added light lies around 128.
        tint = cv2.inRange(sheet.chroma, (128, 128, 0, 0), (128, 128, 255, 255))
        coloured = cv2.resize(cv2.bitwise_not(tint), (width, height), interpolation=cv2.INTER_NEAREST)
        filled[1:, 1:] = _any(cv2.bitwise_or(_flags(sheet.luma, 0), coloured), across, down)
        thin[1:, 1:] = 1
    elif sheet.clear is None:
        filled[1:, 1:] = 1
    else:
        filled[1:, 1:] = _any(cv2.bitwise_not(_flags(sheet.clear, 254)), across, down)
        thin[1:, 1:] = _any(_flags(sheet.clear, 0), across, down)
    return Cells(thin.cumsum(0).cumsum(1), filled.cumsum(0).cumsum(1))


def _flags(plane: Plane, above: int) -> Any:
    """Return 255 where `plane` is greater than `above`, else 0."""
    return cv2.threshold(plane, above, 255, cv2.THRESH_BINARY)[1]


def _any(flags: Any, across: int, down: int) -> npt.NDArray[np.bool_]:
    """Return for each cell whether any of its flags (255 or 0) is set."""
    height, width = flags.shape
    padded = cv2.copyMakeBorder(
        flags, 0, down * CELL - height, 0, across * CELL - width, cv2.BORDER_CONSTANT, value=0
    )
    # The mean of 8×8 flags of which one is set is 3.98: never rounded to nothing.
    return np.asarray(cv2.resize(padded, (across, down), interpolation=cv2.INTER_AREA)) > 0


def _warp(source: Plane, inverse: Matrix, left: int, top: int, out: Plane, border: Any) -> None:
    """Sample `source` into `out`, whose first pixel is (`left`, `top`) of the frame; no border: edges repeat."""
    matrix = inverse[:2].copy()
    matrix[:, 2] += inverse[:2, 0] * left + inverse[:2, 1] * top
    size = (out.shape[1], out.shape[0])
    if border is None:
        cv2.warpAffine(source, matrix, size, out, _LINEAR, cv2.BORDER_REPLICATE)
    else:
        cv2.warpAffine(source, matrix, size, out, _LINEAR, cv2.BORDER_CONSTANT, border)
