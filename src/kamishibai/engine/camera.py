"""The camera: eased paths over a canvas, the view at a moment, and how depth makes far sheets lag behind."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from kamishibai.documents.storyboard import Move
from kamishibai.documents.takes import CameraKey, Shot

__all__ = ["WHOLE", "Matrix", "View", "camera_path", "fitted", "view_at", "view_matrix"]

Matrix = npt.NDArray[np.float64]
"""Shape (3, 3), acting on column vectors (x, y, 1) in pixel-edge coordinates: the first pixel spans 0 to 1."""


@dataclass(frozen=True)
class View:
    """The part of the canvas in the frame: centre in fractions of the canvas, scale as in `CameraKey`."""

    x: float
    y: float
    scale: float


WHOLE = View(0.5, 0.5, 1.0)
"""The largest view: the one in which all sheets lie as they were drawn."""


def fitted(canvas: tuple[int, int], frame: tuple[int, int]) -> tuple[float, float]:
    """Return width and height, in canvas pixels, of the largest view with the frame's shape."""
    width = min(float(canvas[0]), canvas[1] * frame[0] / frame[1])
    return width, width * frame[1] / frame[0]


def _inside(view: View, canvas: tuple[int, int], frame: tuple[int, int]) -> View:
    """Return the nearest view that does not look past the canvas."""
    width, height = fitted(canvas, frame)
    scale = min(view.scale, 1.0)
    half_x, half_y = scale * width / canvas[0] / 2, scale * height / canvas[1] / 2
    return View(
        min(max(view.x, half_x), 1 - half_x),
        min(max(view.y, half_y), 1 - half_y),
        scale,
    )


def camera_path(
    move: Move,
    amount: float,
    seconds: Fraction,
    focus: tuple[float, float],
    canvas: tuple[int, int],
    frame: tuple[int, int],
) -> tuple[CameraKey, ...]:
    """Return the keys of a move over a canvas of `canvas` pixels for a film of `frame` pixels.

    A push ends, and a pull begins, closer to `focus`; a pan or rise travels `amount` of the frame with the
    focus near its middle. Every key lies inside the canvas.
    """
    wide, close = 1.0, 1.0 - amount

    def towards(scale: float) -> View:
        # Zooming about the focus keeps it where the illustrator composed it, at every depth.
        return View(0.5 + (focus[0] - 0.5) * (1 - scale), 0.5 + (focus[1] - 0.5) * (1 - scale), scale)

    if move == "push":
        views = (towards(wide), towards(close))
    elif move == "pull":
        views = (towards(close), towards(wide))
    elif move == "still" or amount == 0:
        views = (WHOLE, WHOLE)
    else:
        width, height = fitted(canvas, frame)
        horizontal = move in ("pan-left", "pan-right")
        spare = 1 - (width / canvas[0] if horizontal else height / canvas[1])
        extent = width / canvas[0] if horizontal else height / canvas[1]
        # Room to travel comes from the canvas's spare edge first, then from a slight zoom.
        scale = min(1.0, (1 - amount * extent) / (1 - spare)) if spare < amount * extent else 1.0
        middle = towards(scale)
        half = amount * extent / 2
        step = {
            "pan-left": (-half, 0.0),
            "pan-right": (half, 0.0),
            "rise": (0.0, -half),
            "sink": (0.0, half),
        }[move]
        centre = _centred(View(middle.x, middle.y, scale), step, canvas, frame)
        views = (
            View(centre.x - step[0], centre.y - step[1], scale),
            View(centre.x + step[0], centre.y + step[1], scale),
        )
    first, last = (_inside(view, canvas, frame) for view in views)
    keys = [CameraKey(time=Fraction(0), x=first.x, y=first.y, scale=first.scale)]
    if last != first:
        keys.append(CameraKey(time=seconds, x=last.x, y=last.y, scale=last.scale))
    return tuple(keys)


def _centred(view: View, step: tuple[float, float], canvas: tuple[int, int], frame: tuple[int, int]) -> View:
    """Return `view` shifted so that a path of ± `step` around it stays on the canvas."""
    width, height = fitted(canvas, frame)
    half_x = view.scale * width / canvas[0] / 2 + abs(step[0])
    half_y = view.scale * height / canvas[1] / 2 + abs(step[1])
    x = 0.5 if half_x > 0.5 else min(max(view.x, half_x), 1 - half_x)
    y = 0.5 if half_y > 0.5 else min(max(view.y, half_y), 1 - half_y)
    return View(x, y, view.scale)


def _slopes(times: Sequence[float], values: Sequence[float]) -> list[float]:
    """Return monotone cubic slopes (Fritsch and Carlson 1980), zero at both ends: slow in, slow out, no overshoot."""
    secants = [
        (b - a) / (u - t)
        for a, b, t, u in zip(values, values[1:], times, times[1:], strict=False)
    ]  # fmt: skip
    slopes = [0.0] * len(values)
    for i in range(1, len(values) - 1):
        before, after = secants[i - 1], secants[i]
        if before * after > 0:
            slopes[i] = 2 * before * after / (before + after)
    return slopes


def view_at(shot: Shot, seconds: float, canvas: tuple[int, int], frame: tuple[int, int]) -> View:
    """Return the view of a shot's camera path, `seconds` after the cut's start; it rests before and after."""
    keys = shot.keys
    if not keys:
        return WHOLE
    times = [float(key.time) for key in keys]
    if seconds <= times[0] or len(keys) == 1:
        key = keys[0]
        return _inside(View(key.x, key.y, key.scale), canvas, frame)
    if seconds >= times[-1]:
        key = keys[-1]
        return _inside(View(key.x, key.y, key.scale), canvas, frame)
    i = bisect_right(times, seconds) - 1
    span = times[i + 1] - times[i]
    u = (seconds - times[i]) / span
    blended = []
    for values in ([k.x for k in keys], [k.y for k in keys], [k.scale for k in keys]):
        slopes = _slopes(times, values)
        blended.append(
            (2 * u**3 - 3 * u**2 + 1) * values[i]
            + (u**3 - 2 * u**2 + u) * span * slopes[i]
            + (3 * u**2 - 2 * u**3) * values[i + 1]
            + (u**3 - u**2) * span * slopes[i + 1]
        )
    return _inside(View(*blended), canvas, frame)


def follow(depth: float, parallax: float) -> float:
    """Return the part of the camera's travel that a sheet at `depth` shows: 1 at the lens, 1 - parallax at the horizon.

    Far sheets lag behind and no sheet ever outruns the path, so that no edge can come into the frame.
    """
    return 1.0 - parallax * (1.0 - depth)


def view_matrix(
    view: View, depth: float, parallax: float, canvas: tuple[int, int], frame: tuple[int, int]
) -> Matrix:
    """Return the map from canvas to frame for a sheet at `depth`."""
    share = follow(depth, parallax)
    x = 0.5 + (view.x - 0.5) * share
    y = 0.5 + (view.y - 0.5) * share
    scale = 1.0 + (view.scale - 1.0) * share
    zoom = frame[0] / (fitted(canvas, frame)[0] * scale)
    return np.array(
        [
            [zoom, 0.0, frame[0] / 2 - zoom * x * canvas[0]],
            [0.0, zoom, frame[1] / 2 - zoom * y * canvas[1]],
            [0.0, 0.0, 1.0],
        ]
    )
