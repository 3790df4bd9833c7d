"""Follows a pipeline step by step: progress, a way to stop within one step, previews, and numbers that are none."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from kamishibai.errors import Cancelled, ModelError, UnsupportedError
from kamishibai.media.picture import Pixels, encode_png
from kamishibai.models.base import Desk

__all__ = ["LatentMap", "NotFinite", "Watch", "call"]

PREVIEW_EVERY = 5
"""Steps between previews: a preview is one small matrix product, but a terminal or page should not flicker."""
PREVIEW_PX = 256
"""Longest side of a preview."""


class NotFinite(ModelError):
    """The latents stopped being numbers."""


@dataclass(frozen=True)
class LatentMap:
    """A linear way from latents to colours, good enough for a first view: no decoder is run.

    Attributes
    ----------
    matrix
        (channels + 1, 3): the last row is the offset; colours run from -1 to 1.
    """

    matrix: torch.Tensor

    @classmethod
    def fitted(cls, pipe: Any) -> LatentMap | None:
        """Fit the map by least squares to the pipeline's own encodings of plain colours; None where that fails.

        A grid of 27 colours, each a picture of 32 × 32 pixels, costs about as much as one step at the smallest size.
        """
        vae = getattr(pipe, "vae", None)
        if vae is None or not hasattr(vae, "encode"):
            return None
        level = torch.tensor([-0.8, 0.0, 0.8])
        colours = torch.cartesian_prod(level, level, level)
        try:
            device = getattr(pipe, "_execution_device", vae.device)
            pictures = colours.view(-1, 3, 1, 1).expand(-1, 3, 32, 32)
            if _is_video(vae):
                pictures = pictures.unsqueeze(2)
            with torch.no_grad():
                means = [_encoded(vae, picture[None].to(device, vae.dtype)) for picture in pictures]
            grid = torch.cat(means).flatten(2).mean(-1)
            if not torch.isfinite(grid).all():
                return None
            known = torch.cat([grid, torch.ones(len(grid), 1)], 1)
            # A little weight on small coefficients: the channels are many and the colours few.
            ridge = 1e-3 * torch.eye(known.shape[1])
            return cls(torch.linalg.solve(known.T @ known + ridge, known.T @ colours))
        except (RuntimeError, ValueError, TypeError, AttributeError, NotImplementedError):
            return None

    def picture(self, pipe: Any, latents: torch.Tensor, width: int, height: int) -> Pixels | None:
        """Return a small picture of the first latents of a batch; None when their packing is unknown."""
        first = _unpacked(pipe, latents[:1], width, height)
        if first is None:
            return None
        raw = _unscaled(pipe.vae, first.float().cpu())
        if raw.ndim == 5:
            raw = raw[:, :, 0]
        if raw.ndim != 4 or raw.shape[1] + 1 != self.matrix.shape[0]:
            return None
        colours = torch.einsum("chw,cr->hwr", raw[0], self.matrix[:-1]) + self.matrix[-1]
        pixels: Pixels = ((colours / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8).numpy()
        times = max(1, PREVIEW_PX // max(pixels.shape[:2]))
        return np.ascontiguousarray(pixels.repeat(times, 0).repeat(times, 1))


def _encoded(vae: Any, pixels: torch.Tensor) -> torch.Tensor:
    """Return the latents of a picture; autoencoders that know no distribution (Sana's) give them at once."""
    found = vae.encode(pixels)
    latents = found.latent_dist.mode() if hasattr(found, "latent_dist") else found.latent
    return torch.as_tensor(latents).float().cpu()


def _is_video(vae: Any) -> bool:
    # Of the encoder: SVD's autoencoder takes pictures, and only its decoder knows time.
    return any(isinstance(module, torch.nn.Conv3d) for module in getattr(vae, "encoder", vae).modules())


def _unpacked(pipe: Any, latents: torch.Tensor, width: int, height: int) -> torch.Tensor | None:
    """Return latents as (1, channels, [frames,] height, width)."""
    if latents.ndim in (4, 5):
        return latents
    unpack = getattr(pipe, "_unpack_latents", None)
    if latents.ndim != 3 or unpack is None or not hasattr(pipe, "vae_scale_factor"):
        return None
    try:
        unpacked: torch.Tensor = unpack(latents, height, width, pipe.vae_scale_factor)
    except (TypeError, RuntimeError):
        return None
    return unpacked


def _unscaled(vae: Any, latents: torch.Tensor) -> torch.Tensor:
    """Return latents as the autoencoder made them, before the pipeline's own scaling."""
    config = vae.config
    if config.get("latents_mean") is not None and config.get("latents_std") is not None:
        shape = (1, -1) + (1,) * (latents.ndim - 2)
        mean = torch.tensor(config["latents_mean"]).view(shape)
        return latents * torch.tensor(config["latents_std"]).view(shape) + mean
    return latents / (config.get("scaling_factor") or 1.0) + (config.get("shift_factor") or 0.0)


class Watch:
    """What is told and asked at the end of every step of one call.

    Parameters
    ----------
    desk
        Where progress and previews go and whether to stop is asked.
    steps
        How many steps the call was asked for; the pipeline's own count is used once it is known.
    span
        The part of the batch, 0 to 1, that this call is.
    label
        Put before "step i of n".
    glimpse
        Makes a preview from latents; None for none.
    """

    def __init__(
        self,
        desk: Desk,
        steps: int,
        *,
        span: tuple[float, float] = (0.0, 1.0),
        label: str = "",
        glimpse: Callable[[torch.Tensor], Pixels | None] | None = None,
    ) -> None:
        self._desk = desk
        self._steps = steps
        self._span = span
        self._label = f"{label}, " if label else ""
        self._glimpse = glimpse
        self.done = 0

    def step(self, pipe: Any, latents: torch.Tensor | None) -> None:
        """Take note of one more step. Raises Cancelled when asked to stop, NotFinite when the latents are lost."""
        self.done += 1
        total = max(getattr(pipe, "num_timesteps", 0) or self._steps, self.done)
        if latents is not None and not bool(torch.isfinite(latents).all()):
            raise NotFinite(
                f"the numbers went out of range at step {self.done} of {total}",
                hint="use dtype float32, or another scheduler",
            )
        if self._desk.cancelled():
            raise Cancelled("stopped", kept="everything that was finished before")
        # The last part of the span is the decoder's.
        part = self._span[0] + (self._span[1] - self._span[0]) * 0.95 * self.done / total
        self._desk.progress(part, f"{self._label}step {self.done} of {total}")
        if self._glimpse is not None and latents is not None and self._due(total):
            pixels = self._glimpse(latents)
            if pixels is not None:
                self._desk.preview(encode_png(pixels))

    def _due(self, total: int) -> bool:
        return self.done < total and (self.done % PREVIEW_EVERY == 0 or self.done == (total + 1) // 2)


def call(pipe: Any, watch: Watch, **kwargs: Any) -> Any:
    """Call a pipeline and let `watch` see every step; return what the pipeline returns.

    Pipelines without ``callback_on_step_end`` are followed by their older ``callback``, and where they have
    neither, by their progress bar (which shows no latents).

    Raises
    ------
    Cancelled, NotFinite
        From the step they were noticed at; the pipeline can be called again.
    UnsupportedError
        When the denoiser was to be compiled and this machine cannot.
    """
    takes = inspect.signature(type(pipe).__call__).parameters

    def on_end(pipe: Any, step: int, timestep: Any, shown: dict[str, Any]) -> dict[str, Any]:
        watch.step(pipe, shown.get("latents"))
        return {}

    def on_step(step: int, timestep: Any, latents: torch.Tensor) -> None:
        watch.step(pipe, latents)

    try:
        if "callback_on_step_end" in takes:
            return pipe(callback_on_step_end=on_end, **kwargs)
        if "callback" in takes:
            return pipe(callback=on_step, callback_steps=1, **kwargs)
        with _bar(pipe, watch):
            return pipe(**kwargs)
    except BaseException as error:
        # A call that is left half way leaves its last model on the accelerator.
        if hasattr(pipe, "maybe_free_model_hooks"):
            pipe.maybe_free_model_hooks()
        if type(error).__module__.startswith(("torch._dynamo", "torch._inductor")):
            words = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
            raise UnsupportedError(
                f"the denoiser cannot be compiled here: {words[:200]}", hint="leave out the option compile"
            ) from error
        raise


class _Bar:
    """Stands in for a pipeline's progress bar and tells the watch of every step."""

    def __init__(self, pipe: Any, watch: Watch, items: Any = None) -> None:
        self._pipe, self._watch, self._items = pipe, watch, items

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def __iter__(self) -> Iterator[Any]:
        for item in self._items:
            yield item
            self.update()

    def update(self, count: int = 1) -> None:
        for _ in range(count):
            self._watch.step(self._pipe, None)

    def set_postfix(self, *args: Any, **kwargs: Any) -> None:
        return None


@contextmanager
def _bar(pipe: Any, watch: Watch) -> Iterator[None]:
    def progress_bar(iterable: Any = None, total: int | None = None, **_: Any) -> _Bar:
        return _Bar(pipe, watch, iterable)

    pipe.progress_bar = progress_bar
    try:
        yield
    finally:
        del pipe.progress_bar
