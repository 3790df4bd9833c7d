"""Where golden takes are made: a desk over a folder, materials that no maker had a hand in, and one run a case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from fingerprints import Fingerprint, Tolerance, of_take

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.ref import Ref
from kamishibai.documents.takes import CameraKey, Layer, Life, Shot, Speech, Still, Word
from kamishibai.media.picture import Pixels, encode_png
from kamishibai.media.sound import RATE_HZ, Samples, encode_wav
from kamishibai.models import registry
from kamishibai.models.base import Model
from kamishibai.work.desk import StoreDesk
from kamishibai.work.store import Store

__all__ = ["Bench", "Case", "run"]


class Bench(StoreDesk):
    """A desk, and everything that asks are built from."""

    def __init__(self, folder: Path, tiny: Callable[[str], Path]) -> None:
        super().__init__(Store(folder / "store"))
        self.folder = folder
        self.tiny = tiny

    def picture(self, pixels: Pixels) -> Ref:
        return self.save(encode_png(np.ascontiguousarray(pixels)), "image/png")

    def sound(self, samples: Samples, *, subtype: str = "PCM_16") -> Ref:
        return self.save(encode_wav(samples, subtype=subtype), "audio/wav")

    def scenery(self, width: int = 192, height: int = 108) -> Pixels:
        """Return a picture with a sky, a sun and a hill, drawn by arithmetic alone."""
        yy, xx = np.mgrid[0:height, 0:width]
        out = np.stack([60 + yy, 120 + yy // 2, 220 - yy], axis=-1).astype(np.uint8)
        out[(xx - width * 0.7) ** 2 + (yy - height * 0.3) ** 2 < (height / 8) ** 2] = (250, 220, 90)
        out[yy > height * 0.7 + 8 * np.sin(xx / 17)] = (60, 120, 50)
        return out

    def still(self, *, layered: bool = True) -> Still:
        """Return a still with layers that drift, sway, flicker and hop, or a flat one."""
        pixels = self.scenery()
        height, width = pixels.shape[:2]
        image = self.picture(pixels)
        layers = []
        for name, (x, y, w, h), colour, depth, life in (
            ("cloud", (0, 8, 192, 20), (240, 240, 250), 0.1, Life(kind="drift", velocity_px_s=(24.0, 0.0))),
            ("tree", (30, 40, 20, 50), (90, 60, 30), 0.4, Life(kind="sway", amplitude=6)),
            ("lamp", (90, 30, 40, 40), (255, 210, 120), 0.5, Life(kind="flicker", amplitude=0.4)),
            ("ball", (120, 64, 24, 24), (210, 40, 60), 0.7, Life(kind="hop", amplitude=8, period_s=1)),
        ):
            yy, xx = np.mgrid[0:h, 0:w]
            inside = ((xx - w / 2 + 0.5) / (w / 2)) ** 2 + ((yy - h / 2 + 0.5) / (h / 2)) ** 2 <= 1
            sheet = np.dstack(
                [np.full((h, w, 3), colour, np.uint8), np.where(inside, 230, 0).astype(np.uint8)]
            )
            blend = "add" if name == "lamp" else "normal"
            layers.append(
                Layer(name=name, ref=self.picture(sheet), x=x, y=y, width=w, height=h, depth=depth, life=life, blend=blend)
            )  # fmt: skip
        sky = Layer(name="sky", ref=image, x=0, y=0, width=width, height=height, depth=0.0)
        return Still(
            image=image,
            width=width,
            height=height,
            focus=(0.6, 0.6),
            layers=(sky, *layers) if layered else (),
        )

    def shot(self, seconds: Fraction, *, end: float = 0.8) -> Shot:
        keys = (
            CameraKey(time=Fraction(0), x=0.5, y=0.5, scale=1.0),
            CameraKey(time=seconds, x=0.55, y=0.52, scale=end),
        )
        return Shot(seconds=seconds, keys=keys, parallax=0.5)

    def babble(self, seconds: float, seed: int = 1) -> Samples:
        """Return something like speech, (1, n): tones in bursts of a fifth of a second over faint noise."""
        rng = np.random.Generator(np.random.PCG64(seed))
        at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
        voiced = sum(np.sin(2 * np.pi * hz * at) / (n + 1) for n, hz in enumerate((140, 280, 700, 1900)))
        burst = np.clip(2 * np.sin(2 * np.pi * at / 0.4), 0, 1) * (np.floor(at / 1.2) % 3 < 2)
        sound = 0.15 * voiced * burst + 0.0005 * (rng.random(len(at)) - 0.5)
        return np.asarray(sound[None, :], np.float32)

    def tune(self, seconds: float, hz: float = 220.0) -> Samples:
        """Return a stereo melody, (2, n): one note in half a second."""
        at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
        step = np.floor(at / 0.5)
        tone = np.sin(2 * np.pi * hz * 2 ** ((step * 5 % 12) / 12) * at) * np.exp(-3 * (at % 0.5))
        return np.asarray(np.stack([0.3 * tone, 0.2 * tone]), np.float32)

    def speech(self, seconds: float = 2.4) -> Speech:
        words = tuple(
            Word(text=text, start=Fraction(n, 2), end=Fraction(n, 2) + Fraction(2, 5), first=n * 4, last=n * 4 + 3)
            for n, text in enumerate(("one", "two", "six", "ten"))
        )  # fmt: skip
        sound = self.sound(self.babble(seconds))
        return Speech(sound=sound, seconds=Fraction(str(seconds)), words=words, spoken="one two six ten")

    def clip(self, frames: int = 12) -> Ref:
        """Return an MP4 of the scenery moving to the left."""
        import av

        path = self.scratch(".mp4")
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=24)
            stream.width, stream.height, stream.pix_fmt = 96, 54, "yuv420p"
            stream.codec_context.thread_count = 1
            stream.codec_context.options = {"qp": "10", "x264-params": "asm=0"}
            whole = self.scenery(192, 54)
            for index in range(frames):
                frame = np.ascontiguousarray(whole[:, 4 * index : 4 * index + 96])
                container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
            container.mux(stream.encode(None))
        return self.save(path.read_bytes(), "video/mp4")


Build = Callable[[Bench], Frozen]
HOUSE = Tolerance()


@dataclass(frozen=True)
class Case:
    """One fixed ask of one maker."""

    maker: str
    name: str
    ask: Build
    options: Callable[[Bench], dict[str, Any]] = field(default=lambda bench: {})
    variant: Callable[[Bench], str] = field(default=lambda bench: "")
    slow: bool = False
    needs: str = ""
    """A package that the default install lacks."""
    leans_on: tuple[str, ...] = ()
    """Makers that the ask or the take is made with: where one of them changes so does this take, and its maker's version
    stays."""
    tolerance: Tolerance = HOUSE


def run(cases: Sequence[Case], bench: Bench, cls: type[Model[Any, Any]]) -> dict[str, Fingerprint]:
    """Return the fingerprint of each case's take. Cases that follow one another with equal options share a load."""
    out: dict[str, Fingerprint] = {}
    loaded: tuple[Any, Model[Any, Any]] | None = None
    for case in cases:
        asked = (case.variant(bench), case.options(bench))
        if loaded is None or loaded[0] != asked:
            if loaded is not None:
                loaded[1].unload()
            loaded = (asked, _made(case.maker, cls, *asked))
            loaded[1].load()
        (take,) = loaded[1].run([case.ask(bench)], bench)
        out[case.name] = of_take(take, bench.open)
    if loaded is not None:
        loaded[1].unload()
    return out


def _made(maker: str, cls: type[Model[Any, Any]], variant: str, options: dict[str, Any]) -> Model[Any, Any]:
    cv2.setNumThreads(1)
    if "device" in cls.Options.model_fields and variant:
        options = {"device": "cpu", **options}
    if maker in registry.ids():
        return registry.make(f"{maker}:{variant}" if variant else maker, options)
    return cls(cls.Options(**options), variant)
