"""Makes clips with a loaded video pipeline: from words or a picture, checked, retaken, stepped down when memory ends."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from PIL import Image

from kamishibai.devices.memory import SHRINK, Device, MemoryPlan
from kamishibai.diffusion.canvas import fitted
from kamishibai.diffusion.checks import RETAKES, fault_of, retake_seed
from kamishibai.diffusion.conditioning import condition, shape_of
from kamishibai.diffusion.frames import Clip, clip_of
from kamishibai.diffusion.pipe import put, quiet
from kamishibai.diffusion.placing import answer_with_ladder
from kamishibai.diffusion.schedulers import reseed
from kamishibai.diffusion.steps import LatentMap, NotFinite, Watch, call
from kamishibai.errors import ModelError, UnsupportedError
from kamishibai.media.picture import Pixels
from kamishibai.models.base import Desk
from kamishibai.weights.families import Family

__all__ = ["Part", "Projector", "part_seed"]

_FRAMES = ("num_frames", "video_length", "frames")
_RATES = ("fps", "frame_rate", "target_fps")
_GUIDANCE = ("max_guidance_scale", "guidance_scale")
"""Names that pipelines have for one and the same thing."""


@dataclass(frozen=True)
class Part:
    """One clip to generate: a scene's only one, or one of several that go on from each other."""

    seed: int
    size: tuple[int, int]
    """(width, height) in pixels."""
    frames: int
    picture: Pixels | None = None
    """Its first frame; None for a clip from words."""
    prompt: str = ""
    negative: str = ""
    attempt: int = 0

    def shared(self) -> tuple[Any, ...]:
        """Return what parts of one call must have in common."""
        return self.picture is None, self.size, self.frames


def part_seed(seed: int, number: int) -> int:
    """Return the seed of a scene's part `number`; part 0 has the scene's own."""
    if number == 0:
        return seed
    return int.from_bytes(hashlib.sha256(f"{seed}/part/{number}".encode()).digest()[:4], "big")


@dataclass
class Projector:
    """A pipeline at work.

    Parameters
    ----------
    pipe
        The pipeline, not yet brought to its device.
    reopen
        Opens a class of pipeline by a plan; None is the class that `pipe` has.
    arguments
        What else the pipeline is called with, by its own names; those that it does not take are left out.
    """

    pipe: Any
    family: Family
    plan: MemoryPlan
    device: Device
    reopen: Callable[[str | None, MemoryPlan], Any]
    arguments: Mapping[str, Any]
    fps: int
    steps: int | None = None
    guidance: float | None = None
    attention: str = "auto"
    shrink: bool = False
    map: LatentMap | None = field(default=None, init=False)
    placed: bool = field(default=False, init=False)

    def film(self, parts: Sequence[Part], desk: Desk, span: tuple[float, float], label: str) -> list[Clip]:
        """Return the clip of every part, progress running through `span`.

        When memory runs out it goes on by the next gentler plan, with what is left to make.

        Raises
        ------
        Cancelled
            Within one step of being asked to stop.
        ModelError
            When a clip stays faulty after `RETAKES` more tries, or memory does not suffice in any way.
        """
        done: dict[int, Clip] = {}

        def rest(plan: MemoryPlan) -> None:
            left = [i for i in range(len(parts)) if i not in done]
            for group in self._groups(left, parts, plan.batch):
                width = (span[1] - span[0]) / len(parts)
                begun = span[0] + width * len(done)
                within = (begun, begun + width * len(group))
                clips = self._group([self._shrunk(parts[i]) for i in group], desk, within, label)
                done.update(zip(group, clips, strict=True))

        _, self.plan = answer_with_ladder(
            rest, self.plan, self._put, desk, shrink=self.shrink, placed=self.placed
        )
        return [done[i] for i in range(len(parts))]

    def _put(self, plan: MemoryPlan) -> None:
        self.plan = plan.model_copy(update={"dtype": self.plan.dtype})
        put(self.pipe, self.plan, self.device, self.attention)
        if self.map is None:
            with quiet():
                self.map = LatentMap.fitted(self.pipe)
                if hasattr(self.pipe, "maybe_free_model_hooks"):
                    self.pipe.maybe_free_model_hooks()
        self.placed = True

    def _groups(self, places: Sequence[int], parts: Sequence[Part], most: int) -> Iterator[list[int]]:
        """Yield the places of parts that one call may make, in the order of their first."""
        waiting = list(places)
        while waiting:
            if most == 1:
                group = waiting[:1]
            else:
                first = self._alike(parts[waiting[0]])
                group = [i for i in waiting if self._alike(parts[i]) == first][:most]
            waiting = [i for i in waiting if i not in group]
            yield group

    def _alike(self, part: Part) -> tuple[Any, ...]:
        if not self.family.reads_words:
            return part.shared()
        return (*part.shared(), shape_of(self.pipe, self.family, part.prompt, part.negative))

    def _shrunk(self, part: Part) -> Part:
        """Return `part` at the size that is left after giving up some of it."""
        if not self.plan.shrunk:
            return part
        factor, step = SHRINK**self.plan.shrunk, self.family.multiple
        width, height = (max(step, int(side * factor) // step * step) for side in part.size)
        return replace(part, size=(width, height))

    def _group(self, parts: Sequence[Part], desk: Desk, span: tuple[float, float], label: str) -> list[Clip]:
        """Return the clips of parts that share a call; what is faulty is made again."""
        done: dict[int, Clip] = {}
        waiting = dict(enumerate(parts))
        while waiting:
            places = list(waiting)
            made = self._finite([waiting[i] for i in places], desk, span, label)
            for i, (clip, fault) in zip(places, made, strict=True):
                if fault is None:
                    waiting.pop(i)
                    done[i] = clip
                else:
                    waiting[i] = _again(waiting[i], fault, desk)
            # What is made again shares the last of the span, so that progress never runs backwards.
            span = (span[1] - (span[1] - span[0]) * 0.05, span[1])
        return [done[i] for i in range(len(parts))]

    def _finite(
        self, parts: list[Part], desk: Desk, span: tuple[float, float], label: str
    ) -> list[tuple[Clip, str | None]]:
        """Make clips once; numbers out of range are met with full precision first, and else are a fault."""
        try:
            made = self._once(parts, desk, span, label)
        except NotFinite:
            if self.plan.dtype == "float32" and len(parts) > 1:
                return [self._finite([part], desk, span, label)[0] for part in parts]
            made = [(np.empty((0, 0, 0, 3), np.uint8), "not a number") for _ in parts]
        if self.plan.dtype != "float32" and any(fault == "not a number" for _, fault in made):
            desk.note(f"numbers went out of range in {self.plan.dtype}: made again in float32", warn=True)
            self._open(None, self.plan.model_copy(update={"dtype": "float32"}))
            return self._finite(parts, desk, span, label)
        return made

    def _open(self, name: str | None, plan: MemoryPlan) -> None:
        """Put another pipeline in the place of the one there is."""
        name = name or type(self.pipe).__name__
        self.pipe = self.map = None
        self.plan = plan
        self.pipe = self.reopen(name, plan)
        self._put(plan)

    def _fit_class(self, part: Part) -> None:
        """Have the pipeline that starts from words or from a picture, as `part` does."""
        name = self.family.words_pipeline if part.picture is None else self.family.picture_pipeline
        if not name:
            what = "words alone" if part.picture is None else "a picture"
            raise UnsupportedError(f"{self.family.name} makes no clip from {what}")
        if name == type(self.pipe).__name__:
            return
        self.pipe = _as(name, self.pipe)
        put(self.pipe, self.plan, self.device, self.attention)

    def _once(
        self, parts: list[Part], desk: Desk, span: tuple[float, float], label: str
    ) -> list[tuple[Clip, str | None]]:
        seeds = [retake_seed(part.seed, part.attempt) for part in parts]
        with quiet():
            self._fit_class(parts[0])
            kwargs = self._arguments(parts, desk)
            generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
            kwargs["generator"] = generators if len(parts) > 1 else generators[0]
            reseed(self.pipe, seeds)
            steps = kwargs.get("num_inference_steps") or _default_steps(self.pipe)
            watch = Watch(desk, steps, span=span, label=label, glimpse=self._glimpse(parts[0]))
            result = call(self.pipe, watch, **kwargs)
        if not hasattr(result, "frames"):
            raise UnsupportedError(f"{type(self.pipe).__name__} gives back something else than a clip")
        return [_checked(frames) for frames in _arrays(result.frames, len(parts))]

    def _glimpse(self, part: Part) -> Callable[[torch.Tensor], Pixels | None] | None:
        mapped, pipe = self.map, self.pipe
        if mapped is None:
            return None

        def look(latents: torch.Tensor) -> Pixels | None:
            clip = _upright(pipe, latents, part, mapped.matrix.shape[0] - 1)
            if clip is None:
                return None
            # The middle of the clip: its beginning may be a picture that everybody knows.
            middle = clip.shape[2] // 2
            return mapped.picture(pipe, clip[:, :, middle : middle + 1], *part.size)

        return look

    def _arguments(self, parts: list[Part], desk: Desk) -> dict[str, Any]:
        takes = inspect.signature(type(self.pipe).__call__).parameters
        first = parts[0]
        kwargs: dict[str, Any] = {**self.arguments, "output_type": "np"}
        kwargs["width"], kwargs["height"] = first.size
        kwargs |= dict.fromkeys(_FRAMES, first.frames)
        kwargs |= dict.fromkeys(_RATES, self.fps)
        kwargs["decode_chunk_size"] = self.plan.decode_chunk
        if self.steps is not None:
            kwargs["num_inference_steps"] = self.steps
        if self.guidance is not None:
            kwargs[_named(_GUIDANCE, takes, type(self.pipe).__name__, "guidance")] = self.guidance
        if first.picture is not None:
            _named(("image",), takes, type(self.pipe).__name__, "picture to begin with")
            pictures = [Image.fromarray(fitted(_there(part.picture), part.size)) for part in parts]
            kwargs["image"] = pictures if len(parts) > 1 else pictures[0]
        if "prompt" in takes:
            kwargs |= self._words(parts, desk)
        _refuse_unmet(type(self.pipe).__name__, takes, kwargs)
        return {name: value for name, value in kwargs.items() if name in takes}

    def _words(self, parts: list[Part], desk: Desk) -> dict[str, Any]:
        negatives = [part.negative for part in parts] if self.family.negative else None
        prompts = [part.prompt for part in parts]
        kwargs = condition(self.pipe, self.family, prompts, negatives, desk.note)
        if len(parts) == 1:
            # Some pipelines take one prompt only, and a list of one means the same to the others.
            alone = (name for name in ("prompt", "negative_prompt") if isinstance(kwargs.get(name), list))
            kwargs |= {name: kwargs[name][0] for name in alone}
        return kwargs


def _as(name: str, pipe: Any) -> Any:
    """Return the pipeline class of that name around the very components and settings of `pipe`.

    Not by ``from_pipe``, which would turn the weights into float32.
    """
    import diffusers

    kind = getattr(diffusers, name)
    there = {**dict(pipe.config), **pipe.components}
    other = kind(**{key: there[key] for key in inspect.signature(kind.__init__).parameters if key in there})
    other.set_progress_bar_config(disable=True)
    return other


def _upright(pipe: Any, latents: torch.Tensor, part: Part, channels: int) -> torch.Tensor | None:
    """Return a clip's latents as (1, channels, frames, height, width); None when their packing is unknown."""
    first = latents[:1]
    if first.ndim == 5:
        # Some keep channels before frames, others (SVD, CogVideoX) after them.
        return first if first.shape[1] == channels else first.transpose(1, 2)
    if first.ndim != 3 or not hasattr(pipe, "_unpack_latents") or not hasattr(pipe, "_denormalize_latents"):
        return None
    try:
        frames = (part.frames - 1) // pipe.vae_temporal_compression_ratio + 1
        width, height = (side // pipe.vae_spatial_compression_ratio for side in part.size)
        patches = (pipe.transformer_spatial_patch_size, pipe.transformer_temporal_patch_size)
        clip = pipe._unpack_latents(first, frames, height, width, *patches)
        plain: torch.Tensor = pipe._denormalize_latents(clip, pipe.vae.latents_mean, pipe.vae.latents_std)
        return plain
    except (TypeError, RuntimeError, AttributeError):
        return None


def _named(names: Sequence[str], takes: Mapping[str, Any], pipeline: str, what: str) -> str:
    """Return which of `names` the pipeline has. Raises UnsupportedError when it has none: nothing is ignored."""
    found = next((name for name in names if name in takes), None)
    if found is None:
        hint = f"leave out the option {what}" if what == "guidance" else "use another model"
        raise UnsupportedError(f"{pipeline} takes no {what}", hint=hint)
    return found


def _default_steps(pipe: Any) -> int:
    known = inspect.signature(type(pipe).__call__).parameters.get("num_inference_steps")
    return int(known.default) if known is not None and isinstance(known.default, int) else 1


def _refuse_unmet(name: str, takes: Mapping[str, inspect.Parameter], kwargs: Mapping[str, Any]) -> None:
    plain = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    needed = {key for key, value in takes.items() if value.default is value.empty and value.kind in plain}
    unmet = sorted(needed - {"self"} - kwargs.keys())
    if unmet:
        raise UnsupportedError(
            f"{name} also needs {', '.join(unmet)}, which a scene does not have",
            hint="use a text-to-video or image-to-video pipeline",
        )


def _there(value: Pixels | None) -> Pixels:
    assert value is not None
    return value


def _arrays(frames: Any, count: int) -> list[np.ndarray[Any, Any]]:
    """Return the frames of each clip of a call as (frames, height, width, 3), values from 0 to 1."""
    if isinstance(frames, torch.Tensor):
        frames = frames.float().cpu().movedim(-3, -1).numpy()
    clips = []
    for clip in list(frames)[:count]:
        values = np.stack([np.asarray(frame) for frame in clip])
        clips.append(values.astype(np.float32) / 255 if values.dtype == np.uint8 else values)
    return clips


def _checked(frames: np.ndarray[Any, Any]) -> tuple[Clip, str | None]:
    fault = fault_of(frames)
    return (clip_of(np.nan_to_num(frames)), fault)


def _again(part: Part, fault: str, desk: Desk) -> Part:
    """Return `part` for its next try. Raises ModelError when it has had them all."""
    if part.attempt >= RETAKES:
        prompt = part.prompt if len(part.prompt) <= 120 else part.prompt[:119] + "…"
        raise ModelError(
            f"the clip is {fault} after {RETAKES + 1} tries" + (f" of {prompt!r}" if prompt else ""),
            hint="try another seed, more steps, dtype float32, or another model; motion:camera always works",
        )
    desk.note(
        f"the clip was {fault}: made again with another seed ({part.attempt + 1} of {RETAKES})", warn=True
    )
    return replace(part, attempt=part.attempt + 1)
