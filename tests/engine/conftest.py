"""Small synthetic stills, films and a blob shelf for the engine's tests."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from fractions import Fraction

import cv2
import numpy as np
import pytest

from kamishibai.documents.film import Cut, Film
from kamishibai.documents.ref import Ref
from kamishibai.documents.takes import Layer, Life, Shot, Still, Word
from kamishibai.engine.camera import camera_path
from kamishibai.media.picture import Pixels, encode_png


class Shelf:
    """Blobs in memory, by content."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}

    def save(self, data: bytes, media_type: str = "image/png") -> Ref:
        ref = Ref(sha256=hashlib.sha256(data).hexdigest(), media_type=media_type, size=len(data))
        self.blobs[ref.sha256] = data
        return ref

    def open(self, ref: Ref) -> bytes:
        return self.blobs[ref.sha256]

    def picture(self, pixels: Pixels) -> Ref:
        return self.save(encode_png(pixels))

    def layer(
        self,
        name: str,
        pixels: Pixels,
        x: int,
        y: int,
        depth: float,
        life: Life | None = None,
        blend: str = "normal",
    ) -> Layer:
        return Layer(
            name=name, ref=self.picture(pixels), x=x, y=y, width=pixels.shape[1], height=pixels.shape[0],
            depth=depth, life=life, blend=blend,
        )  # fmt: skip

    def still(self, width: int = 384, height: int = 216, seed: int = 0, *, layered: bool = True) -> Still:
        """Return a sky, a drifting cloud, a glow, two hills, a hopping ball and a dark frame; or the sky alone."""
        rng = np.random.default_rng(seed)
        coarse = rng.integers(40, 220, (6, 10, 3), dtype=np.uint8)
        sky = np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
        image = self.picture(sky)
        if not layered:
            return Still(image=image, width=width, height=height, focus=(0.6, 0.6))
        cloud = np.zeros((height // 4, width, 4), np.uint8)
        cv2.ellipse(
            cloud, (width // 3, height // 8), (width // 6, height // 12), 0, 0, 360, (240, 240, 250, 200), -1
        )
        yy, xx = np.mgrid[0:80, 0:80] - 40
        glow = np.full((80, 80, 4), 230, np.uint8)
        glow[..., 3] = 120 * np.exp(-(xx**2 + yy**2) / 400)
        hills = []
        for k in (0, 1):
            top = height * (0.5 + 0.2 * k) + 10 * np.sin(np.arange(width) / 30 + k)
            hill = np.zeros((height, width, 4), np.uint8)
            hill[..., :3] = (60 + 40 * k, 120 - 30 * k, 70)
            hill[..., 3] = 255 * np.clip(np.arange(height)[:, None] - top[None], 0, 1)
            hills.append(hill)
        ball = np.zeros((60, 60, 4), np.uint8)
        cv2.circle(ball, (30, 30), 26, (230, 120, 40, 255), -1, cv2.LINE_AA)
        frame = np.zeros((height, width, 4), np.uint8)
        frame[:, :20, 3] = frame[:, -20:, 3] = 255
        layers = (
            self.layer("sky", sky, 0, 0, 0.0),
            self.layer("cloud", cloud, 0, 10, 0.1, Life(kind="drift", velocity_px_s=(31.0, 0.0))),
            self.layer("glow", glow, width // 2, 20, 0.15, Life(kind="flicker", amplitude=0.3), "add"),
            self.layer("hill 0", hills[0], 0, 0, 0.3),
            self.layer("hill 1", hills[1], 0, 0, 0.5),
            self.layer("ball", ball, width // 2, height // 2, 0.6, Life(kind="hop", amplitude=8, period_s=1)),
            self.layer("frame", frame, 0, 0, 0.9),
        )
        return Still(image=image, width=width, height=height, layers=layers, focus=(0.6, 0.6))

    def film(
        self,
        seconds: Sequence[Fraction],
        *,
        fade: Fraction = Fraction(1, 5),
        size: tuple[int, int] = (320, 180),
        fps: Fraction = Fraction(25),
        seeds: Sequence[int] = (),
    ) -> Film:
        """Return a film of one cut for each of `seconds`."""
        cuts, now = [], Fraction(0)
        for n, own in enumerate(seconds):
            still = self.still(seed=seeds[n] if seeds else n)
            last = n + 1 == len(seconds)
            length = own if last else own + fade
            move = ("push", "pan-right", "pull")[n % 3]
            keys = camera_path(move, 0.08, length, still.focus, (still.width, still.height), size)
            cuts.append(
                Cut(
                    scene=f"s{seeds[n] if seeds else n}",
                    start=now,
                    end=now + length,
                    fade=fade if n else Fraction(0),
                    still=still,
                    shot=Shot(seconds=length, keys=keys, parallax=0.5),
                )
            )
            now += own
        return Film(title="t", width=size[0], height=size[1], fps=fps, seconds=now, cuts=tuple(cuts))


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def spoken(text: str, start: Fraction = Fraction(0), each: Fraction = Fraction(2, 5)) -> list[Word]:
    """Return the words of `text`, one after another, `each` seconds apart."""
    words, at = [], 0
    for n, piece in enumerate(text.split()):
        first = text.index(piece, at)
        at = first + len(piece)
        begin = start + n * each
        words.append(Word(text=piece, start=begin, end=begin + each * 4 / 5, first=first, last=at))
    return words


@pytest.fixture
def say():  # type: ignore[no-untyped-def]
    return spoken
