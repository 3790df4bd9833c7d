"""Draws with a loaded text-to-image pipeline: from words, from a picture, or in one region of a picture."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from kamishibai.devices.memory import Device, MemoryPlan
from kamishibai.diffusion.checks import fault_of
from kamishibai.diffusion.conditioning import condition, shape_of
from kamishibai.diffusion.identity import Held, Holder
from kamishibai.diffusion.jobs import UNSAFE, Job, Manner, Mode
from kamishibai.diffusion.pipe import close_pipeline, put, quiet
from kamishibai.diffusion.placing import answer_with_ladder
from kamishibai.diffusion.schedulers import refuse_pictures, reseed
from kamishibai.diffusion.steps import LatentMap, NotFinite, Watch, call
from kamishibai.errors import ModelError, UnsupportedError
from kamishibai.media.picture import Pixels
from kamishibai.models.base import Desk
from kamishibai.weights.families import Family

__all__ = ["Easel"]


@dataclass
class Easel:
    """A pipeline at work.

    Parameters
    ----------
    pipe
        The pipeline, not yet brought to its device.
    plan
        How it is run; stepped down when memory runs out.
    reopen
        Opens the same pipeline by another plan.
    hold
        Opens what holds a pipeline to the cast's faces; its second argument puts the pipeline in its place again.
    """

    pipe: Any
    family: Family
    plan: MemoryPlan
    device: Device
    manner: Manner
    reopen: Callable[[MemoryPlan], Any]
    hold: Callable[[Any, Callable[[], None]], Holder]
    holder: Holder | None = field(default=None, init=False)
    map: LatentMap | None = field(default=None, init=False)
    placed: bool = field(default=False, init=False)

    def draw(self, jobs: Sequence[Job], desk: Desk, each: Callable[[int, Pixels], None]) -> None:
        """Draw every job and hand its place and picture, of its canvas's size, to `each` as soon as it is done.

        When memory runs out it goes on by the next gentler plan, with what is left to draw.

        Raises
        ------
        Cancelled
            Within one step of being asked to stop.
        ModelError
            When a picture stays faulty after `RETAKES` more tries, or memory does not suffice in any way.
        """
        done: set[int] = set()

        def rest(plan: MemoryPlan) -> None:
            left = [i for i in range(len(jobs)) if i not in done]
            for group in self._groups(left, jobs, plan.batch):
                span = (len(done) / len(jobs), (len(done) + len(group)) / len(jobs))
                shrunk = [jobs[i].shrunk(self.family, plan.shrunk) for i in group]
                for i, pixels in zip(group, self._group(shrunk, desk, span), strict=True):
                    each(i, pixels)
                    done.add(i)
                desk.progress(span[1])

        _, plan = answer_with_ladder(
            rest, self.plan, self._put, desk, shrink=self.manner.shrink, placed=self.placed
        )
        # What was widened on the way stays so.
        self.plan = plan.model_copy(update={"dtype": self.plan.dtype})

    def _groups(self, places: Sequence[int], jobs: Sequence[Job], most: int) -> Iterator[list[int]]:
        """Yield the places of jobs that one call may draw, at most `most`, in the order of their first."""
        with quiet():
            shapes = {i: self._shape(jobs[i]) for i in places}
        waiting = list(places)
        while waiting:
            group = [i for i in waiting if shapes[i] == shapes[waiting[0]]][: max(1, most)]
            waiting = [i for i in waiting if i not in group]
            yield group

    def _shape(self, job: Job) -> tuple[Any, ...]:
        """Return what jobs of one call have in common, so that no picture depends on who else is in the call."""
        words = shape_of(self.pipe, self.family, *self._texts(job), longest=self.manner.prompt_tokens)
        order = tuple(actor.who for actor in job.ask.scene.actors)
        return words, job.mode, job.size, job.ask.strength, job.ask.references, order

    def _texts(self, job: Job) -> tuple[str, str]:
        """Return what must be seen and what must not."""
        negative = ", ".join(filter(None, [job.ask.negative, self.manner.negative]))
        return job.ask.prompt, negative

    def _put(self, plan: MemoryPlan) -> None:
        self.plan = plan.model_copy(update={"dtype": self.plan.dtype})
        put(self.pipe, self.plan, self.device, self.manner.attention)
        if self.map is None:
            with quiet():
                self.map = LatentMap.fitted(self.pipe)
                if hasattr(self.pipe, "maybe_free_model_hooks"):
                    self.pipe.maybe_free_model_hooks()
        self.placed = True

    def close(self) -> None:
        """Give the memory back."""
        if self.holder is not None:
            self.holder.close()
        close_pipeline(self.pipe)
        self.pipe = self.map = self.holder = None
        self.placed = False

    def _group(self, jobs: Sequence[Job], desk: Desk, span: tuple[float, float]) -> list[Pixels]:
        """Return the pictures of jobs that share a call; what is faulty or flagged is drawn again."""
        done: dict[int, Pixels] = {}
        waiting = dict(enumerate(jobs))
        while waiting:
            places = list(waiting)
            drawn = self._finite([waiting[i] for i in places], desk, span)
            for i, (pixels, fault) in zip(places, drawn, strict=True):
                if fault is None or fault == waiting[i].own_fault:
                    done[i] = waiting.pop(i).finished(pixels)
                else:
                    waiting[i] = waiting[i].again(fault, desk)
            # What is drawn again shares the last of the span, so that progress never runs backwards.
            span = (span[1] - (span[1] - span[0]) * 0.05, span[1])
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
        self.close()
        self.pipe = self.reopen(self.plan)
        self._put(self.plan)

    def _once(
        self, jobs: list[Job], desk: Desk, span: tuple[float, float]
    ) -> list[tuple[npt.NDArray[np.float32], str | None]]:
        seeds = [job.seed for job in jobs]
        with quiet(), self._held(jobs[0], desk) as held:
            # Made anew for each call: it has the parts that the faces were held with.
            pipe = self._pipe_for(jobs[0].mode)
            kwargs = held.with_(self._arguments(pipe, jobs, desk))
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
            (image, UNSAFE if flag else fault_of(image)) for image, flag in zip(images, flags, strict=True)
        ]

    def _held(self, job: Job, desk: Desk) -> Held:
        if self.holder is None:
            self.holder = self.hold(self.pipe, lambda: self._put(self.plan))
        guidance = self.manner.guidance
        if guidance is None:
            guidance = float(self._default("guidance_scale") or 0)
        width, height = job.size
        return self.holder.hold(job.ask, desk, width=width, height=height, guided=guidance > 1)

    def _default(self, name: str) -> Any:
        parameter = inspect.signature(type(self.pipe).__call__).parameters.get(name)
        return None if parameter is None else parameter.default

    def _glimpse(self, pipe: Any, job: Job) -> Callable[[torch.Tensor], Pixels | None] | None:
        mapped = self.map
        if mapped is None:
            return None
        return lambda latents: mapped.picture(pipe, latents, *job.size)

    def _pipe_for(self, mode: Mode) -> Any:
        """Return the family's pipeline for `mode`, made of the very components that are loaded."""
        if mode == "words":
            return self.pipe
        refuse_pictures(self.pipe)
        import diffusers

        picture = mode == "picture"
        auto = diffusers.AutoPipelineForImage2Image if picture else diffusers.AutoPipelineForInpainting
        try:
            pipe = auto.from_pipe(self.pipe)
        except ValueError as error:
            # The auto classes know some families (Chroma) by their first pipeline alone.
            own = type(self.pipe).__name__.removesuffix("Pipeline")
            sibling = getattr(diffusers, f"{own}{'Img2Img' if picture else 'Inpaint'}Pipeline", None)
            if sibling is None:
                what = "start from a picture" if picture else "repair a region"
                raise UnsupportedError(
                    f"{self.family.name} cannot {what}", hint="use sd15, sdxl, sd3, flux or zimage"
                ) from error
            pipe = sibling(**self.pipe.components)
        pipe.set_progress_bar_config(disable=True)
        return pipe

    def _arguments(self, pipe: Any, jobs: list[Job], desk: Desk) -> dict[str, Any]:
        takes = inspect.signature(type(pipe).__call__).parameters
        first = jobs[0]
        kwargs = self._words(pipe, jobs, takes, desk)
        kwargs["output_type"] = "np"
        kwargs["num_inference_steps"] = self._steps(first)
        guidance = self.manner.guidance
        if guidance is not None:
            distilled = "true_cfg_scale" not in takes or not self.family.negative
            kwargs["guidance_scale" if distilled else "true_cfg_scale"] = guidance
        # Sizes are settled here, with the memory they take; PixArt and Sana would choose their own.
        kwargs["use_resolution_binning"] = False
        if "width" in takes:
            kwargs["width"], kwargs["height"] = first.size
        if first.source is not None and "strength" not in takes:
            raise UnsupportedError(
                f"{self.family.name} cannot start from a picture by strength",
                hint="use sd15, sdxl, sd3 or flux",
            )
        if first.source is not None:
            kwargs["image"] = [job.image() for job in jobs]
            kwargs["strength"] = first.ask.strength
        if first.region is not None:
            kwargs["mask_image"] = [job.mask() for job in jobs]
        return {name: value for name, value in kwargs.items() if name in takes}

    def _words(self, pipe: Any, jobs: list[Job], takes: Collection[str], desk: Desk) -> dict[str, Any]:
        """Return what the pipeline reads, for every job."""
        prompts, negatives = zip(*(self._texts(job) for job in jobs), strict=True)
        if "true_cfg_scale" in takes and self.family.negative:
            # Without any negative prompt these pipelines leave guidance out altogether.
            negatives = tuple(negative or " " for negative in negatives)
        return condition(pipe, self.family, prompts, negatives, desk.note, longest=self.manner.prompt_tokens)

    def _steps(self, job: Job) -> int:
        """Return the steps to ask for: starting from a picture skips some, and at least one must be left."""
        steps = self.manner.steps
        if steps is None:
            steps = int(self._default("num_inference_steps"))
        return steps if job.source is None else max(steps, ceil(1 / job.ask.strength))


def _refuse_empty_adapter(pipe: Any, kwargs: dict[str, Any]) -> None:
    """A pipeline with an IP-Adapter fails obscurely when it gets no picture."""
    unet = getattr(pipe, "unet", None)
    # diffusers sets it as an attribute of the config, past its items.
    loaded = unet is not None and getattr(unet.config, "encoder_hid_dim_type", None) == "ip_image_proj"
    if loaded and not ("ip_adapter_image" in kwargs or "ip_adapter_image_embeds" in kwargs):
        raise ModelError("an IP-Adapter is loaded and there is no picture for it", hint="set identity to off")
