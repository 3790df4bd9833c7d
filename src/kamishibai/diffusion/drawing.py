"""Draws with a loaded text-to-image pipeline: from words, from a picture, or in one region of a picture."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from kamishibai.devices.memory import Device, MemoryPlan
from kamishibai.diffusion.canvas import canvas_size, drawn_size, fitted, paste_back
from kamishibai.diffusion.checks import RETAKES, fault_of, retake_seed
from kamishibai.diffusion.pipe import quiet
from kamishibai.diffusion.schedulers import reseed
from kamishibai.diffusion.steps import LatentMap, NotFinite, Watch, call
from kamishibai.errors import ModelError, UnsupportedError, UsageError
from kamishibai.media.picture import Pixels, decode_png
from kamishibai.models.base import Desk
from kamishibai.models.kinds import Draw
from kamishibai.weights.families import Family

__all__ = ["Easel", "Job", "Manner", "jobs_of"]

Mode = Literal["words", "picture", "repair"]


@dataclass(frozen=True)
class Manner:
    """How a model draws, whatever it draws: None leaves a number to the pipeline's own default."""

    steps: int | None = None
    guidance: float | None = None
    negative: str = ""
    width: int | None = None
    height: int | None = None
    batch: int = 1
    prompt_tokens: int | None = None


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
    def seed(self) -> int:
        """Return the seed of this attempt."""
        return retake_seed(self.ask.seed, self.attempt)

    def shared(self) -> tuple[Any, ...]:
        """Return what jobs of one call must have in common."""
        return self.mode, self.size, self.ask.strength, len(self.ask.references)


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
    if width * film[1] == height * film[0] and width >= film[0]:
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


@dataclass
class Easel:
    """A pipeline at work.

    Parameters
    ----------
    pipe, plan, device
        The pipeline as it was placed.
    reopen
        Opens the same pipeline by another plan, after giving up the one there is.
    hold
        Holds the cast's faces for one call; None when faces are not held.
    """

    pipe: Any
    family: Family
    plan: MemoryPlan
    device: Device
    manner: Manner
    reopen: Callable[[MemoryPlan], Any]
    map: LatentMap | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.fit()

    def fit(self) -> None:
        """Fit the map of previews to the pipeline's autoencoder."""
        with quiet():
            self.map = LatentMap.fitted(self.pipe)
            if hasattr(self.pipe, "maybe_free_model_hooks"):
                self.pipe.maybe_free_model_hooks()

    def groups(self, jobs: Sequence[Job]) -> Iterator[list[int]]:
        """Yield the places of jobs that one call may draw, in order of their first, as many as the plan has room for."""
        waiting = list(range(len(jobs)))
        while waiting:
            alike = [i for i in waiting if jobs[i].shared() == jobs[waiting[0]].shared()]
            group = alike[: max(1, self.plan.batch)]
            waiting = [i for i in waiting if i not in group]
            yield group

    def draw(self, jobs: Sequence[Job], desk: Desk, span: tuple[float, float]) -> list[Pixels]:
        """Return the pictures of jobs that share a call, each at its canvas's size.

        What is faulty or flagged as not safe for work is drawn again with a seed derived from its own.

        Raises
        ------
        ModelError
            When a picture is still faulty after `RETAKES` more tries.
        """
        done: dict[int, Pixels] = {}
        waiting = dict(enumerate(jobs))
        while waiting:
            places = list(waiting)
            drawn = self._finite([waiting[i] for i in places], desk, span)
            for i, (pixels, fault) in zip(places, drawn, strict=True):
                if fault is None:
                    done[i] = _finished(waiting.pop(i), pixels)
                else:
                    waiting[i] = _again(waiting[i], fault, desk)
        return [done[i] for i in range(len(jobs))]

    def _finite(
        self, jobs: list[Job], desk: Desk, span: tuple[float, float]
    ) -> list[tuple[npt.NDArray[np.float32], str | None]]:
        """Draw once; numbers out of range are met with full precision first, and else are a fault."""
        try:
            drawn = self._once(jobs, desk, span)
        except NotFinite:
            if self.plan.dtype != "float32":
                self._widen(desk)
                return self._finite(jobs, desk, span)
            if len(jobs) > 1:
                return [self._finite([job], desk, span)[0] for job in jobs]
            return [(np.empty((0, 0, 3), np.float32), "not a number")]
        if self.plan.dtype != "float32" and any(fault == "not a number" for _, fault in drawn):
            self._widen(desk)
            return self._finite(jobs, desk, span)
        return drawn

    def _widen(self, desk: Desk) -> None:
        desk.note(f"numbers went out of range in {self.plan.dtype}: drawn again in float32", warn=True)
        self.plan = self.plan.model_copy(update={"dtype": "float32"})
        self.pipe = None
        self.pipe = self.reopen(self.plan)
        self.fit()

    def _once(
        self, jobs: list[Job], desk: Desk, span: tuple[float, float]
    ) -> list[tuple[npt.NDArray[np.float32], str | None]]:
        seeds = [job.seed for job in jobs]
        with quiet():
            pipe = self._pipe_for(jobs[0].mode)
            kwargs = self._arguments(pipe, jobs, desk)
            kwargs["generator"] = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
            if len(jobs) == 1:
                kwargs["generator"] = kwargs["generator"][0]
            reseed(pipe, seeds)
            watch = Watch(
                desk, kwargs["num_inference_steps"], span=span, glimpse=self._glimpse(pipe, jobs[0])
            )
            _refuse_empty_adapter(pipe, kwargs)
            result = call(pipe, watch, **kwargs)
        images = np.asarray(result.images, np.float32)
        flags = getattr(result, "nsfw_content_detected", None) or [False] * len(jobs)
        return [
            (image, "not safe for work" if flag else fault_of(image))
            for image, flag in zip(images, flags, strict=True)
        ]

    def _glimpse(self, pipe: Any, job: Job) -> Callable[[torch.Tensor], Pixels | None] | None:
        mapped = self.map
        if mapped is None:
            return None
        return lambda latents: mapped.picture(pipe, latents, *job.size)

    def _pipe_for(self, mode: Mode) -> Any:
        """Return the family's pipeline for `mode`, made of the very components that are loaded."""
        if mode == "words":
            return self.pipe
        import diffusers

        auto = (
            diffusers.AutoPipelineForImage2Image if mode == "picture" else diffusers.AutoPipelineForInpainting
        )
        try:
            pipe = auto.from_pipe(self.pipe)
        except ValueError as error:
            what = "start from a picture" if mode == "picture" else "repair a region"
            raise UnsupportedError(
                f"{self.family.name} cannot {what}", hint="use sd15, sdxl, sd3, flux or zimage"
            ) from error
        pipe.set_progress_bar_config(disable=True)
        return pipe

    def _arguments(self, pipe: Any, jobs: list[Job], desk: Desk) -> dict[str, Any]:
        takes = inspect.signature(type(pipe).__call__).parameters
        first = jobs[0]
        kwargs = self._words(pipe, jobs)
        kwargs["output_type"] = "np"
        kwargs["num_inference_steps"] = self._steps(first)
        guidance = self.manner.guidance
        if guidance is not None:
            distilled = "true_cfg_scale" not in takes or not self.family.negative
            kwargs["guidance_scale" if distilled else "true_cfg_scale"] = guidance
        if self.manner.prompt_tokens and "max_sequence_length" in takes:
            kwargs["max_sequence_length"] = self.manner.prompt_tokens
        if "width" in takes:
            kwargs["width"], kwargs["height"] = first.size
        if first.source is not None:
            kwargs["image"] = [_image(fitted(_there(job.source), job.size)) for job in jobs]
            kwargs["strength"] = first.ask.strength
        if first.region is not None:
            kwargs["mask_image"] = [_mask(_there(job.region), job.size) for job in jobs]
        return {name: value for name, value in kwargs.items() if name in takes}

    def _words(self, pipe: Any, jobs: list[Job]) -> dict[str, Any]:
        """Return what the pipeline reads, for every job."""
        prompts = [job.ask.prompt for job in jobs]
        negatives = [", ".join(filter(None, [job.ask.negative, self.manner.negative])) for job in jobs]
        if not self.family.negative:
            return {"prompt": prompts}
        # A second pass without any text is still asked for where the pipeline would leave it out.
        return {"prompt": prompts, "negative_prompt": [negative or " " for negative in negatives]}

    def _steps(self, job: Job) -> int:
        """Return the steps to ask for: starting from a picture skips some, and at least one must be left."""
        steps = self.manner.steps
        if steps is None:
            steps = int(inspect.signature(type(self.pipe).__call__).parameters["num_inference_steps"].default)
        return steps if job.source is None else max(steps, ceil(1 / job.ask.strength))


def _there(value: Any) -> Any:
    assert value is not None
    return value


def _image(pixels: Pixels) -> Image.Image:
    return Image.fromarray(pixels)


def _mask(region: npt.NDArray[np.bool_], size: tuple[int, int]) -> Image.Image:
    full: Pixels = np.repeat(region[..., None].astype(np.uint8) * 255, 3, axis=2)
    # Whatever the region touches is drawn anew; the canvas keeps the exact edge.
    return Image.fromarray(((fitted(full, size)[..., 0] > 0) * 255).astype(np.uint8))


def _finished(job: Job, pixels: npt.NDArray[np.float32]) -> Pixels:
    """Return a drawn picture on the canvas."""
    drawn = fitted(np.round(pixels.clip(0, 1) * 255).astype(np.uint8), job.canvas)
    if job.source is not None and job.region is not None:
        return paste_back(job.source, drawn, job.region)
    return drawn


def _again(job: Job, fault: str, desk: Desk) -> Job:
    """Return `job` for its next try. Raises ModelError when it has had them all."""
    unsafe = fault == "not safe for work"
    prompt = job.ask.prompt if len(job.ask.prompt) <= 120 else job.ask.prompt[:119] + "…"
    if job.attempt >= RETAKES:
        said = (
            f"the safety checker refused all {RETAKES + 1} pictures" if unsafe else f"the picture is {fault}"
        )
        tries = "" if unsafe else f" after {RETAKES + 1} tries"
        raise ModelError(
            f"{said}{tries} of {prompt!r} (scene {job.ask.scene.id})",
            hint="change the scene's prompt or seed, or set the picture option safety=false if the checker is wrong"
            if unsafe
            else "try another scheduler, dtype float32, or another seed; `kamishibai models verify` checks the files",
        )
    why = "flagged by the safety checker" if unsafe else fault
    desk.note(
        f"the picture was {why}: drawn again with another seed ({job.attempt + 1} of {RETAKES})", warn=True
    )
    return replace(job, attempt=job.attempt + 1)


def _refuse_empty_adapter(pipe: Any, kwargs: dict[str, Any]) -> None:
    """A pipeline with an IP-Adapter fails obscurely when it gets no picture."""
    unet = getattr(pipe, "unet", None)
    loaded = unet is not None and unet.config.get("encoder_hid_dim_type") == "ip_image_proj"
    if loaded and not ("ip_adapter_image" in kwargs or "ip_adapter_image_embeds" in kwargs):
        raise ModelError(
            "an IP-Adapter is loaded and there is no picture for it", hint="set identity to none"
        )
