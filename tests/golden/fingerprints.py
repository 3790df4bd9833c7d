"""Fingerprints of takes: small enough to commit, deaf to the rounding of other processors, and to nothing seen or heard.

Words and structure are digested; numbers are kept to five digits; of what lies behind a Ref a picture keeps the mean
colours of a grid, a sound its levels in a quarter of an octave and an eighth of a second, a clip the grids of three frames.
A processor with other vector units rounds the last bit of a pixel or of a sample otherwise, so that digests of
bytes would say nothing; the tolerances here stand well above that, and well below what anyone could see or hear.
"""

from __future__ import annotations

import base64
import hashlib
import io
import math
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from pydantic import BaseModel

from kamishibai.documents.frozen import canonical_json
from kamishibai.documents.ref import Ref
from kamishibai.documents.takes import Layer, Still
from kamishibai.media.picture import Pixels, decode_png
from kamishibai.media.sound import Samples, decode_wav
from kamishibai.steps.examiners import Thumbnail, thumbnail_pixels

__all__ = [
    "Fingerprint", "Golden", "Tolerance", "differences", "of_frames", "of_levels", "of_picture", "of_sound", "of_take",
]  # fmt: skip

GRID = 20
"""Cells along either side of a picture."""
LAYER_GRID = 8
"""Cells of a layer, over the whole canvas: a crop that is a pixel wider is the same picture."""
SLOT_S = 0.125
WINDOW = 4096
BANDS_AN_OCTAVE = 4
LOWEST_HZ, HIGHEST_HZ = 80.0, 12_000.0
FLOOR = 1e-8
"""Power, of a full-scale sine's, that every level holds beside its own: what lies 80 dB down is not heard."""
STEP_DB = 0.5

Grid = npt.NDArray[np.uint8]
Open = Callable[[Ref], bytes]
Golden = dict[str, Any]
"""A fingerprint as it is committed: ``form``, ``numbers``, ``seen`` (kind, size and shape of each grid), and all ``grids``."""


@dataclass(frozen=True)
class Tolerance:
    """How far a take may stand from its golden one; the defaults are for all that does not run through a network."""

    colour: float = 2.0
    """Of 255, in the mean of any cell."""
    level_db: float = 2.0
    """In any cell of a sound that is within `depth_db` of its loudest."""
    loudness_db: float = 0.4
    """In the mean of all those cells."""
    depth_db: float = 60.0
    seconds: float = 0.002
    """Of any moment."""
    relative: float = 5e-4
    absolute: float = 2e-4
    probability: float = 2e-4
    """Of fields that are named so."""


@dataclass(frozen=True)
class _Number:
    where: str
    value: float
    kind: str


@dataclass(frozen=True)
class _Seen:
    """What is seen or heard behind one Ref."""

    kind: str
    size: tuple[int, ...]
    grid: Grid
    where: str = ""


@dataclass(frozen=True)
class Fingerprint:
    """A take's words and structure as a digest, its numbers, and a grid for each picture, sound or clip."""

    form: str
    numbers: tuple[_Number, ...] = ()
    seen: tuple[_Seen, ...] = ()

    def golden(self) -> Golden:
        """Return it as it is committed; where its numbers and grids belong is told by the next take."""
        out: Golden = {"form": self.form}
        if self.numbers:
            out["numbers"] = [_short(one.value) for one in self.numbers]
        if self.seen:
            whole = b"".join(np.ascontiguousarray(one.grid).tobytes() for one in self.seen)
            out["seen"] = [
                [one.kind] if one.kind == "layer" else [one.kind, list(one.size), list(one.grid.shape)]
                for one in self.seen
            ]
            out["grids"] = base64.b85encode(zlib.compress(whole, 9)).decode()
        return out


# --------------------------------------------------------------------------------------------------- taking them
def of_take(take: BaseModel, open_ref: Open) -> Fingerprint:
    """Return the fingerprint of a take, of everything behind its Refs too."""
    form: list[list[Any]] = []
    numbers: list[_Number] = []
    seen: list[_Seen] = []
    for where, value, kind in _leaves(take, "", (0, 0)):
        if kind:
            numbers.append(_Number(where, float(value), kind))
            form.append([where, kind])
        elif isinstance(value, str | bool | None):
            form.append([where, value])
        else:
            seen.append(replace(_behind(value, open_ref), where=where))
            form.append([where, seen[-1].kind])
    digest = hashlib.sha256(canonical_json(form)).hexdigest()[:16]
    return Fingerprint(digest, tuple(numbers), tuple(seen))


@dataclass(frozen=True)
class _Placed:
    layer: Layer
    canvas: tuple[int, int]


def _leaves(value: Any, where: str, canvas: tuple[int, int]) -> Iterator[tuple[str, Any, str]]:
    """Yield every leaf with its path, and for a number its kind."""
    if isinstance(value, Layer):
        yield f"{where}.pixels", _Placed(value, canvas), ""
        for name, field in value:
            if name in ("x", "y", "width", "height"):
                yield f"{where}.{name}", field, "pixel"
            elif name != "ref":
                yield from _leaves(field, f"{where}.{name}", canvas)
    elif isinstance(value, Ref | Thumbnail):
        yield where, value, ""
    elif isinstance(value, BaseModel):
        inner = (value.width, value.height) if isinstance(value, Still) else canvas
        for name, field in value:
            yield from _leaves(field, f"{where}.{name}" if where else name, inner)
    elif isinstance(value, list | tuple):
        yield f"{where}[]", f"{len(value)} items", ""
        for index, item in enumerate(value):
            yield from _leaves(item, f"{where}[{index}]", canvas)
    elif isinstance(value, dict):
        for name in sorted(value):
            yield from _leaves(value[name], f"{where}.{name}", canvas)
    elif isinstance(value, Fraction):
        yield where, value, "time"
    elif isinstance(value, int) and not isinstance(value, bool):
        yield where, value, "count"
    elif isinstance(value, float):
        yield where, value, "probability" if where.endswith(("probability", ".yes")) else "float"
    elif value is None or isinstance(value, str | bool):
        yield where, value, ""
    else:
        raise TypeError(f"{where}: no fingerprint for a {type(value).__name__}")


def _short(value: float) -> float | int:
    rounded = float(f"{value:.6g}")
    return int(rounded) if rounded.is_integer() else rounded


def _behind(value: Ref | _Placed | Thumbnail, open_ref: Open) -> _Seen:
    if isinstance(value, Thumbnail):
        return of_picture(thumbnail_pixels(value))
    if isinstance(value, _Placed):
        return _of_layer(decode_png(open_ref(value.layer.ref)), value)
    data = open_ref(value)
    if value.media_type == "image/png":
        return of_picture(decode_png(data))
    if value.media_type == "audio/wav":
        return of_sound(*decode_wav(data))
    if value.media_type == "video/mp4":
        return of_clip(data)
    if value.media_type == "application/octet-stream":
        return of_levels(np.frombuffer(data, "<f4"))
    raise TypeError(f"no fingerprint for {value.media_type}")


def of_picture(pixels: Pixels) -> _Seen:
    """Return the fingerprint of a picture (height, width, 3 or 4)."""
    return _picture(_premultiplied(pixels), GRID, "picture")


def _of_layer(pixels: Pixels, placed: _Placed) -> _Seen:
    """Return the fingerprint of a layer as it lies on its still's canvas."""
    (wide, high), layer = placed.canvas, placed.layer
    whole = np.zeros((high, wide, 4), np.float64)
    own = _premultiplied(
        pixels if pixels.shape[2] == 4 else np.dstack([pixels, np.full(pixels.shape[:2], 255)])
    )
    left, top = max(0, layer.x), max(0, layer.y)
    part = own[top - layer.y : high - layer.y, left - layer.x : wide - layer.x]
    whole[top : top + part.shape[0], left : left + part.shape[1]] = part
    return _picture(whole, LAYER_GRID, "layer")


def _premultiplied(pixels: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return `pixels` so that what is transparent has no colour."""
    out = np.asarray(pixels, np.float64)
    if out.shape[2] == 4:
        out = out.copy()
        out[..., :3] *= out[..., 3:] / 255
    return out


def _picture(pixels: npt.NDArray[np.float64], side: int, kind: str) -> _Seen:
    # A layer is always seen over the canvas of its still, whose size is among the numbers.
    size = () if kind == "layer" else pixels.shape[1::-1]
    return _Seen(kind, size, _cells(pixels, side))


def _cells(pixels: npt.NDArray[np.float64], side: int) -> Grid:
    """Return the means of `side` × `side` cells, or of single pixels where there are fewer."""
    for axis in (0, 1):
        length = pixels.shape[axis]
        edges = np.unique(np.arange(min(side, length)) * length // min(side, length))
        sums = np.add.reduceat(pixels, edges, axis=axis)
        widths = np.diff([*edges, length])
        pixels = sums / widths.reshape([-1 if one == axis else 1 for one in range(3)])
    return np.asarray(np.rint(pixels), np.uint8)


def of_clip(data: bytes) -> _Seen:
    """Return the fingerprint of an MP4: its size, its frames' count, and its first, middle and last frame."""
    with av.open(io.BytesIO(data)) as container:
        return of_frames([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def of_frames(frames: list[npt.NDArray[np.uint8]]) -> _Seen:
    """Return the fingerprint of a clip by its frames, (height, width, 3) each."""
    chosen = [frames[0], frames[len(frames) // 2], frames[-1]]
    grid = np.stack([_cells(np.asarray(frame, np.float64), GRID) for frame in chosen])
    return _Seen("clip", (*frames[0].shape[1::-1], len(frames)), grid)


def of_sound(samples: Samples, rate_hz: int) -> _Seen:
    """Return the fingerprint of a sound (channels, n): its level in every band and slot, and on every side.

    Bands overlap like tents, so that a tone which moves tips the balance of two.
    """
    power = np.stack([_power(channel, rate_hz) for channel in samples])
    rows = [power.mean(axis=0)]
    if len(samples) > 1:
        rows.append(power.sum(axis=1))
    return _Seen("sound", (samples.shape[1], rate_hz), _levels(np.concatenate(rows)))


def _power(sound: npt.NDArray[np.float32], rate_hz: int) -> npt.NDArray[np.float64]:
    """Return the power in each (band, slot); a full-scale sine has about 1."""
    hop = round(SLOT_S * rate_hz / 4)
    slots = max(1, math.ceil(len(sound) / (4 * hop)))
    padded = np.zeros(slots * 4 * hop + WINDOW, np.float64)
    padded[WINDOW // 2 : WINDOW // 2 + len(sound)] = sound
    starts = np.arange(slots * 4) * hop + hop // 2
    window = np.hanning(WINDOW)
    frames = padded[starts[:, None] + np.arange(WINDOW)] * window
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2 * (4 / window.sum() ** 2)
    banded = (power @ _tents(rate_hz).T).reshape(slots, 4, -1).mean(axis=1)
    return np.asarray(banded.T, np.float64)


def _tents(rate_hz: int) -> npt.NDArray[np.float64]:
    count = int(BANDS_AN_OCTAVE * math.log2(HIGHEST_HZ / LOWEST_HZ)) + 1
    hz = np.maximum(np.fft.rfftfreq(WINDOW, 1 / rate_hz), 1e-3)
    at = np.clip(BANDS_AN_OCTAVE * np.log2(hz / LOWEST_HZ), 0, count - 1)
    return np.maximum(0.0, 1 - np.abs(at[None, :] - np.arange(count)[:, None]))


def of_levels(power: npt.NDArray[np.float32]) -> _Seen:
    """Return the fingerprint of a series of mean squares."""
    return _Seen("levels", (len(power),), _levels(np.asarray(power, np.float64)))


def _levels(power: npt.NDArray[np.float64]) -> Grid:
    """Return `power` in steps of half a decibel, from -100 dB on."""
    level_db = 10 * np.log10(power + FLOOR)
    return np.asarray(np.clip(np.rint((level_db + 100) / STEP_DB), 0, 255), np.uint8)


# ------------------------------------------------------------------------------------------------- comparing them
def differences(golden: Golden, fresh: Fingerprint, tolerance: Tolerance | None = None) -> list[str]:
    """Return what is other in `fresh` than in `golden`, in words; nothing when they are the same."""
    allowed = tolerance or Tolerance()
    if golden["form"] != fresh.form:
        return ["its words or its structure are others"]
    told = []
    for number, before in zip(fresh.numbers, golden.get("numbers", ()), strict=True):
        if abs(_short(number.value) - before) > _margin(number.kind, before, allowed):
            told.append(f"{number.where} is {_short(number.value)} and was {before}")
    for now, old in zip(fresh.seen, _opened(golden), strict=True):
        told += [f"{now.where}: {what}" for what in _unlike(old, now, allowed)]
    return told


def _opened(golden: Golden) -> list[_Seen]:
    data = (
        np.frombuffer(zlib.decompress(base64.b85decode(golden["grids"])), np.uint8)
        if "seen" in golden
        else None
    )
    out, at = [], 0
    for kind, *rest in golden.get("seen", ()):
        assert data is not None
        size, shape = rest or ((), (LAYER_GRID, LAYER_GRID, 4))
        length = math.prod(shape)
        out.append(_Seen(kind, tuple(size), data[at : at + length].reshape(shape)))
        at += length
    return out


def _margin(kind: str, value: float, allowed: Tolerance) -> float:
    if kind == "count":
        return 0.0
    if kind == "pixel":
        return 1.0
    if kind == "time":
        return allowed.seconds
    if kind == "probability":
        return allowed.probability
    return allowed.absolute + allowed.relative * abs(value)


def _unlike(before: _Seen, now: _Seen, allowed: Tolerance) -> list[str]:
    # The samples of a voice are counted from moments that a network says.
    slack = allowed.seconds * before.size[1] if before.kind == "sound" else 0.0
    apart = max((abs(one - other) for one, other in zip(before.size, now.size, strict=True)), default=0)
    if before.grid.shape != now.grid.shape or apart > slack:
        return [f"its size is {now.size} and was {before.size}"]
    change = now.grid.astype(np.float64) - before.grid
    if now.kind in ("sound", "levels"):
        return _louder(np.maximum(before.grid, now.grid), change * STEP_DB, allowed)
    if np.abs(change).max(initial=0) <= allowed.colour:
        return []
    cell = [int(one) for one in np.unravel_index(int(np.abs(change).argmax()), change.shape)]
    return [
        f"{int((np.abs(change) > allowed.colour).sum())} of {change.size} means are others, the most by "
        f"{np.abs(change).max():.0f} of 255, in cell {cell}"
    ]


def _louder(level: Grid, change_db: npt.NDArray[np.float64], allowed: Tolerance) -> list[str]:
    heard = change_db[level >= level.max(initial=0) - allowed.depth_db / STEP_DB]
    told = []
    if abs(heard.mean()) > allowed.loudness_db:
        told.append(f"{abs(heard.mean()):.1f} dB {'louder' if heard.mean() > 0 else 'softer'}")
    if np.abs(heard).max() > allowed.level_db:
        far = int((np.abs(heard) > allowed.level_db).sum())
        told.append(f"{far} of {heard.size} levels are others, the most by {np.abs(heard).max():.1f} dB")
    return told
