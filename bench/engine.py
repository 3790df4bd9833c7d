"""Measures the film engine: CPU seconds against libx264 alone on the same frames, jitter of a slow zoom, SSIM.

Run it with ``python bench/engine.py [--height 720] [--seconds 3]`` from the project's folder. Every row is taken in
this one process and one thread: first the frames are drawn and encoded as the film engine does it, then the same
frames, ready in memory, are encoded by libx264 alone with the same settings; the ratio is between those two. The
smallest of a few rounds counts, because other work on the machine only ever adds.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import time
from collections.abc import Iterator
from fractions import Fraction
from unittest.mock import patch

import cv2
import numpy as np

from kamishibai.documents.film import Cut, Film
from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Actor, Character, Prop, Scene
from kamishibai.documents.takes import CameraKey, Layer, Life, Shot, Still
from kamishibai.engine import encode
from kamishibai.engine.camera import camera_path
from kamishibai.engine.layers import PreparedStill
from kamishibai.engine.planes import Frame
from kamishibai.engine.segments import SegmentAsk, plan
from kamishibai.media.picture import Pixels, encode_png
from kamishibai.models.kinds import Draw
from kamishibai.models.registry import make

ROUNDS = 3
BLOBS: dict[str, bytes] = {}


def save(data: bytes, media_type: str = "image/png") -> Ref:
    ref = Ref(sha256=hashlib.sha256(data).hexdigest(), media_type=media_type, size=len(data))
    BLOBS[ref.sha256] = data
    return ref


def opened(ref: Ref) -> bytes:
    return BLOBS[ref.sha256]


class Table:
    """The part of a desk that the illustrator uses."""

    def open(self, ref: Ref) -> bytes:
        return opened(ref)

    def save(self, data: bytes, media_type: str) -> Ref:
        return save(data, media_type)

    def progress(self, done: float, note: str = "") -> None:
        return None


def painting(width: int, height: int, seed: int) -> Pixels:
    """Return a picture with detail at every scale and a little grain, as photographs and paintings have."""
    rng = np.random.Generator(np.random.PCG64(seed))
    out = np.zeros((height, width, 3), np.float32)
    for octave in range(2, 9):
        cells = rng.normal(0, 1, (2**octave * height // width + 2, 2**octave, 3)).astype(np.float32)
        out += cv2.resize(cells, (width, height), interpolation=cv2.INTER_CUBIC) * 40 / 1.45 ** (octave - 2)
    # Strokes with sharp edges, as outlines and leaves have.
    for _ in range(400):
        at, size = rng.integers(0, (width, height)), int(rng.integers(4, width // 24))
        colour = tuple(float(c) for c in rng.normal(0, 60, 3))
        cv2.ellipse(out, (int(at[0]), int(at[1])), (size, size // 3 + 1), float(rng.integers(180)), 0, 360, colour, -1,
                    cv2.LINE_AA)  # fmt: skip
    out += rng.normal(0, 2.5, (height, width, 1))
    return np.clip(out + 120, 0, 255).astype(np.uint8)


def flat(width: int, height: int) -> Still:
    canvas = (width * 6 // 5 // 2 * 2, height * 6 // 5 // 2 * 2)
    return Still(
        image=save(encode_png(painting(*canvas, 1))), width=canvas[0], height=canvas[1], focus=(0.6, 0.6)
    )


def layered(width: int, height: int) -> Still:
    """Return 12 sheets: sky, drifting clouds, rows of hills, a swaying tree, a hopping figure, a frame, rain."""
    w, h = width * 6 // 5 // 2 * 2, height * 6 // 5 // 2 * 2
    layers: list[Layer] = []
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)

    def add(alpha: np.ndarray, depth: float, life: Life | None = None) -> None:
        rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
        box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        rgba = np.dstack([painting(w, h, len(layers)), np.clip(alpha, 0, 255).astype(np.uint8)])[box]
        place = {"x": int(columns[0]), "y": int(rows[0]), "width": rgba.shape[1], "height": rgba.shape[0]}
        ref = save(encode_png(np.ascontiguousarray(rgba)))
        layers.append(Layer(name=f"sheet {len(layers)}", ref=ref, depth=depth, life=life, **place))

    add(np.full((h, w), 255.0), 0.0)
    cloud = 255 * np.clip(1.2 - np.hypot((xx - w / 3) / (w / 6), (yy - h / 6) / (h / 14)), 0, 1)
    add(cloud + 255 * (np.abs(xx - w / 2) > w / 2 - 2) * (np.abs(yy - h / 6) < 2), 0.1,
        Life(kind="drift", velocity_px_s=(12.0, 0.0)))  # fmt: skip
    for k in range(6):
        top = h * (0.4 + 0.09 * k + 0.04 * np.sin(xx / w * (5 + k) + k))
        add(255 * np.clip((yy - top) / 6, 0, 1), 0.15 + 0.07 * k)
    tree = 255 * np.clip((h * 0.16 - np.hypot(xx - w * 0.25, yy - h * 0.45)) / 2, 0, 1)
    add(tree, 0.58, Life(kind="sway", amplitude=1.0, period_s=5))
    figure = 255 * np.clip((h * 0.14 - np.hypot(xx - w * 0.6, yy - h * 0.65)) / 2, 0, 1)
    add(figure, 0.6, Life(kind="hop", amplitude=14, period_s=0.9))
    add(255 * np.clip((np.abs(xx - w / 2) - w * 0.44 - 20 * np.sin(yy / 60)) / 3, 0, 1), 0.9)
    drops = (np.random.Generator(np.random.PCG64(9)).random((h, w)) > 0.9997).astype(np.float32)
    add(120 * cv2.dilate(drops, np.ones((24, 2))), 0.92, Life(kind="fall", velocity_px_s=(60.0, 900.0)))
    return Still(image=layers[0].ref, width=w, height=h, layers=tuple(layers), focus=(0.6, 0.65))


def drawn(width: int, height: int) -> Still:
    """Return a scene by the house's own illustrator."""
    scene = Scene(
        id="s", line="A small fox found a glowing lantern in the dark forest.", setting="forest", time="night",
        actors=(Actor(who="fox", action="finds"),), props=(Prop(name="lantern", glows=True),),
    )  # fmt: skip
    model = make("picture:papercut")
    model.load()
    ask = Draw(
        prompt="", scene=scene, cast=(Character(id="fox", name="fox"),), width=width, height=height, seed=3
    )
    return model.run([ask], Table())[0]  # type: ignore[arg-type]


def segment(still: Still, width: int, height: int, seconds: int) -> SegmentAsk:
    length = Fraction(seconds)
    keys = camera_path("push", 0.07, length, still.focus, (still.width, still.height), (width, height))
    shot = Shot(seconds=length, keys=keys, parallax=0.5 if still.layers else 0.0)
    cut = Cut(scene="s", start=Fraction(0), end=length, still=still, shot=shot)
    return plan(Film(title="", width=width, height=height, fps=Fraction(30), seconds=length, cuts=(cut,)))[0]


def copied(frame: Frame) -> Frame:
    return frame[0].copy(), frame[1].copy(), frame[2].copy()


def measured(name: str, still: Still, width: int, height: int, seconds: int, quality: str) -> None:
    """Print one row: what preparing, drawing with encoding, and libx264 alone cost."""
    ask = segment(still, width, height, seconds)
    ready = [copied(frame) for frame in encode.frames_of(ask, opened)]

    def from_memory(_ask: SegmentAsk, _opener: object) -> Iterator[Frame]:
        return iter(ready)

    prepare = engine = alone = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        PreparedStill(ask.parts[0].still, ask.parts[0].shot, (width, height), opened)
        prepare = min(prepare, time.process_time() - started)
        started = time.process_time()
        data = encode.encode_segment(ask, opened, quality)
        engine = min(engine, time.process_time() - started)
        with patch.object(encode, "frames_of", from_memory):
            started = time.process_time()
            encode.encode_segment(ask, opened, quality)
            alone = min(alone, time.process_time() - started)
    per = 1000 / ask.frames
    print(
        f"{name:28} {quality:6} {len(still.layers):3} sheets  prepare {prepare * 1000:4.0f} ms   "
        f"frame {engine * per:5.1f} ms   libx264 alone {alone * per:5.1f} ms   ratio {engine / alone:4.2f}   "
        f"{len(data) * 8 / seconds / 1e6:4.1f} Mbit/s"
    )


def jitter(width: int, height: int) -> tuple[float, float]:
    """Return how far, in pixels (standard deviation), a 3 % zoom strays from its course, and the estimator's own floor.

    The place of a fine vertical line is found in every frame from its centre of brightness, and compared with where
    the camera's matrix puts it.
    """
    w, h = width * 6 // 5, height * 6 // 5
    picture = np.full((h, w, 3), 40, np.float32)
    xs = np.arange(w) + 0.5
    places = [w * k / 9 for k in range(1, 9)]
    for place in places:
        picture += 180 * np.exp(-((xs - place) ** 2) / (2 * 3.0**2))[None, :, None]
    still = Still(image=save(encode_png(picture.astype(np.uint8))), width=w, height=h)
    keys = (
        CameraKey(time=Fraction(0), x=0.5, y=0.5, scale=1),
        CameraKey(time=Fraction(4), x=0.5, y=0.5, scale=0.97),
    )
    shot = Shot(seconds=Fraction(4), keys=keys)
    prepared = PreparedStill(still, shot, (width, height), opened)
    from kamishibai.engine.camera import view_at, view_matrix

    errors, floor = [], []
    moments = [k / 30 for k in range(10, 110)]
    for moment, frame in zip(moments, prepared.frames(moments), strict=True):
        matrix = view_matrix(view_at(shot, moment, (w, h), (width, height)), 0, 0, (w, h), (width, height))
        row = frame[0][height // 2].astype(float)
        for place in places:
            true = matrix[0, 0] * place + matrix[0, 2]
            around = np.arange(round(true) - 12, round(true) + 12)
            errors.append(_centre(around, row[around]) - true)
            ideal = 50.4 + 154.6 * np.exp(-((around + 0.5 - true) ** 2) / (2 * (3.0 * matrix[0, 0]) ** 2))
            floor.append(_centre(around, np.round(ideal)) - true)
    by_line = np.array(errors).reshape(len(moments), -1)
    own = np.array(floor).reshape(len(moments), -1)
    return float((by_line - by_line.mean(axis=0)).std()), float((own - own.mean(axis=0)).std())


def _centre(at: np.ndarray, values: np.ndarray) -> float:
    weights = np.maximum(values - values.min() - 8, 0)
    return float(((at + 0.5) * weights).sum() / weights.sum())


def ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Return the mean structural similarity (Wang et al. 2004, Gaussian window of 1.5 pixels) of two luma planes."""

    def blur(x: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(x, (11, 11), 1.5)

    a, b = a.astype(np.float64), b.astype(np.float64)
    ma, mb = blur(a), blur(b)
    va, vb, cov = blur(a * a) - ma**2, blur(b * b) - mb**2, blur(a * b) - ma * mb
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return float((((2 * ma * mb + c1) * (2 * cov + c2)) / ((ma**2 + mb**2 + c1) * (va + vb + c2))).mean())


def fidelity(width: int, height: int) -> float:
    """Return the luma SSIM of drawn frames against a Lanczos resampling in floating point of the same views."""
    from kamishibai.engine.camera import view_at, view_matrix

    still = flat(width, height)
    canvas = (still.width, still.height)
    keys = camera_path("push", 0.07, Fraction(4), still.focus, canvas, (width, height))
    shot = Shot(seconds=Fraction(4), keys=keys)
    rgb = cv2.imdecode(np.frombuffer(opened(still.image), np.uint8), cv2.IMREAD_COLOR)[..., ::-1].astype(
        np.float32
    )
    luma = 16 + 219 / 255 * (rgb @ np.array([0.2126, 0.7152, 0.0722], np.float32))
    moments = [0.0, 1.0, 2.0, 3.0]
    found = []
    for moment, frame in zip(
        moments, PreparedStill(still, shot, (width, height), opened).frames(moments), strict=True
    ):
        matrix = view_matrix(view_at(shot, moment, canvas, (width, height)), 0, 0, canvas, (width, height))
        centre = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]])
        # Band-limited to the smaller size first, so that the ideal does not alias.
        soft = cv2.GaussianBlur(luma, (0, 0), 0.35 / matrix[0, 0])
        ideal = cv2.warpAffine(
            soft, (centre @ matrix @ np.linalg.inv(centre))[:2], (width, height), flags=cv2.INTER_LANCZOS4
        )
        found.append(ssim(frame[0], ideal))
    return float(np.mean(found))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--height", type=int, default=1080)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--best", action="store_true", help="also at the medium preset, which takes minutes")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    width, height = args.height * 16 // 9 // 2 * 2, args.height // 2 * 2
    stills = {"flat painting": flat(width, height), "papercut forest": drawn(width, height),
              "synthetic, with rain": layered(width, height)}  # fmt: skip
    print(f"{width}×{height}, 30 fps, {args.seconds} s each, one thread, least of {ROUNDS} rounds")
    for name, still in stills.items():
        measured(name, still, width, height, args.seconds, "good")
    if args.best:
        measured("flat painting", stills["flat painting"], width, height, args.seconds, "best")
    strayed, own = jitter(1280, 720)
    print(f"jitter of a 3 % zoom: {strayed:.4f} px (the estimator's own floor {own:.4f} px)")
    print(f"luma SSIM against floating-point Lanczos: {fidelity(1280, 720):.4f}")
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
