"""What is to be drawn in one call of a picture pipeline: an ask with its pictures opened and its sizes settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from kamishibai.devices.memory import SHRINK
from kamishibai.diffusion.canvas import canvas_size, drawn_size, fitted, paste_back, stretched
from kamishibai.diffusion.checks import RETAKES, fault_of, retake_seed
from kamishibai.errors import ModelError, UsageError
from kamishibai.media.picture import Pixels, decode_png
from kamishibai.models.base import Desk
from kamishibai.models.kinds import Draw
from kamishibai.weights.families import Family

__all__ = ["UNSAFE", "Job", "Manner", "Mode", "jobs_of"]

UNSAFE = "not safe for work"
"""The fault of a picture that the safety checker objects to."""
LARGEST = 1.5
"""A source that is larger than this times the usual canvas is reduced to that."""

Mode = Literal["words", "picture", "repair"]


@dataclass(frozen=True)
class Manner:
    """How a model draws, whatever it draws: None leaves a number to the pipeline's own default."""

    steps: int | None = None
    guidance: float | None = None
    negative: str = ""
    width: int | None = None
    height: int | None = None
    attention: str = "auto"
    shrink: bool = False
    prompt_tokens: int | None = None
    """Longest input of the text encoder, where a preset wants another than the pipeline."""


@dataclass(frozen=True)
class Job:
    """One ask, with its pictures opened and its sizes settled."""

    ask: Draw
    size: tuple[int, int]
    canvas: tuple[int, int]
    source: Pixels | None = None
    """On the canvas."""
    region: npt.NDArray[np.bool_] | None = None
    attempt: int = 0

    @property
    def mode(self) -> Mode:
        """Return which of a family's pipelines draws it."""
        if self.region is not None:
            return "repair"
        return "words" if self.source is None else "picture"

    @property
    def own_fault(self) -> str | None:
        """Return what is "wrong" with the source already: a night sky may be black, and stay so."""
        return None if self.source is None else fault_of(self.source)

    @property
    def seed(self) -> int:
        """Return the seed of this attempt."""
        return retake_seed(self.ask.seed, self.attempt)

    def image(self) -> Image.Image:
        """Return the source at the size that is drawn at. Its shape may give a little; it comes back by as much."""
        assert self.source is not None
        return Image.fromarray(stretched(self.source, self.size))

    def mask(self) -> Image.Image:
        """Return what is drawn anew, white, at the size that is drawn at: all that the region touches."""
        assert self.region is not None
        full: Pixels = np.repeat(self.region[..., None].astype(np.uint8) * 255, 3, axis=2)
        touched = stretched(full, self.size)[..., 0] > 0
        return Image.fromarray((touched * 255).astype(np.uint8))

    def finished(self, pixels: npt.NDArray[np.float32]) -> Pixels:
        """Return what was drawn (values 0 to 1) on the canvas; outside a repaired region, the source's own pixels."""
        drawn = np.round(pixels.clip(0, 1) * 255).astype(np.uint8)
        if self.source is None:
            return fitted(drawn, self.canvas)
        drawn = stretched(drawn, self.canvas)
        return drawn if self.region is None else paste_back(self.source, drawn, self.region)

    def shrunk(self, family: Family, times: int) -> Job:
        """Return this job at the size that is left after giving up some of it `times` times."""
        factor, step = SHRINK**times, family.multiple
        width, height = (max(step, int(side * factor) // step * step) for side in self.size)
        return replace(self, size=(width, height)) if times else self

    def again(self, fault: str, desk: Desk) -> Job:
        """Return this job for its next try, with a seed derived from its own.

        Raises
        ------
        ModelError
            When it has had them all; with the prompt and what to change.
        """
        prompt = self.ask.prompt if len(self.ask.prompt) <= 120 else self.ask.prompt[:119] + "…"
        if self.attempt >= RETAKES:
            if fault == UNSAFE:
                raise ModelError(
                    f"the safety checker refused all {RETAKES + 1} pictures of {prompt!r}",
                    hint="change the scene's prompt or seed; if the checker is wrong, switch it off: "
                    "--option picture:diffusers.safety=false",
                )
            raise ModelError(
                f"the picture is {fault} after {RETAKES + 1} tries of {prompt!r}",
                hint="try dtype=float32 or another scheduler; `kamishibai models verify` finds damaged files",
            )
        why = "flagged by the safety checker" if fault == UNSAFE else fault
        desk.note(
            f"the picture was {why}: drawn again with another seed ({self.attempt + 1} of {RETAKES})",
            warn=True,
        )
        return replace(self, attempt=self.attempt + 1)


def jobs_of(asks: Sequence[Draw], family: Family, manner: Manner, desk: Desk) -> list[Job]:
    """Open the pictures of `asks` and settle their sizes.

    Raises
    ------
    UsageError
        When a mask has no source, not its size, or nothing white.
    """
    return [_job(ask, family, manner, desk) for ask in asks]


def _job(ask: Draw, family: Family, manner: Manner, desk: Desk) -> Job:
    film = (ask.width, ask.height)
    job = Job(ask, drawn_size(family, film, manner.width, manner.height), canvas_size(film))
    if ask.source is None:
        if ask.mask is not None:
            raise UsageError("there is a mask but no picture to repair", hint="give the picture as source")
        return job
    source = np.ascontiguousarray(decode_png(desk.open(ask.source))[..., :3])
    height, width = source.shape[:2]
    if width * film[1] == height * film[0] and film[0] <= width <= LARGEST * job.canvas[0]:
        # A picture that already serves as a canvas keeps its own pixels.
        job = replace(job, canvas=(width, height))
    job = replace(job, source=fitted(source, job.canvas))
    if ask.mask is None:
        return job
    mask = decode_png(desk.open(ask.mask))[..., :3]
    if mask.shape[:2] != source.shape[:2]:
        raise UsageError(
            f"the mask is {mask.shape[1]}×{mask.shape[0]} pixels and the picture {width}×{height}",
            hint="make the mask as large as the picture",
        )
    region = fitted(np.ascontiguousarray(mask), job.canvas).min(axis=2) >= 128
    if not region.any():
        raise UsageError(
            "the mask has nothing white, so there is nothing to repair", hint="paint the region white"
        )
    return replace(job, region=region)
