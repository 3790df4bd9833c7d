"""Holds a loaded pipeline to pictures of the cast: who is where in the frame, and the way it is done, let go after.

For every ask ``hold`` prepares the pipeline and gives what its call takes besides; ``release`` (or the end of the
``with``) leaves the pipeline exactly as it was, so that an ask without references is drawn as if nothing was there.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol

import numpy as np
from PIL import Image

from kamishibai.documents.ref import Ref
from kamishibai.media.picture import Pixels, decode_png
from kamishibai.models.base import Desk
from kamishibai.models.kinds import Draw
from kamishibai.weights.ip_adapter import Hold

__all__ = [
    "Held",
    "Holder",
    "Likeness",
    "alike",
    "held_as",
    "is_guided",
    "likenesses",
    "open_holder",
    "squared",
]


@dataclass(frozen=True)
class Likeness:
    """What one character looks like, how strongly that holds, and where in the frame."""

    who: str
    pixels: Pixels
    """RGB uint8, (height, width, 3)."""
    weight: float
    span: tuple[float, float]
    """Left and right edge of its part of the frame, as fractions of the width."""

    @property
    def digest(self) -> str:
        """SHA-256 of the pixels: the same face is encoded once."""
        shape = ",".join(map(str, self.pixels.shape)).encode()
        return hashlib.sha256(shape + np.ascontiguousarray(self.pixels).tobytes()).hexdigest()


def likenesses(ask: Draw, open_: Callable[[Ref], bytes]) -> tuple[Likeness, ...]:
    """Return what `ask` is held to, in the order of its references; those of weight 0 are left out.

    The frame is divided into equal columns by the order of the scene's actors, those without a picture too.
    """
    order = list(dict.fromkeys(actor.who for actor in ask.scene.actors))
    order += [r.who for r in ask.references if r.who not in order]
    found = []
    for reference in ask.references:
        if reference.weight == 0:
            continue
        at = order.index(reference.who)
        pixels = decode_png(open_(reference.image))
        if pixels.shape[2] == 4:
            alpha = pixels[..., 3:].astype(np.float32) / 255
            pixels = np.rint(pixels[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
        span = (at / len(order), (at + 1) / len(order))
        found.append(Likeness(reference.who, pixels, reference.weight, span))
    return tuple(found)


def alike(asks: Sequence[Draw]) -> list[list[int]]:
    """Return the indexes of neighbouring asks that are held to the same pictures in the same places.

    Only those can share one call of a pipeline. Nobody's picture depends on who is in the call with them.
    """
    groups: list[list[int]] = []
    for index, ask in enumerate(asks):
        if groups and held_as(asks[groups[-1][0]]) == held_as(ask):
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def held_as(ask: Draw) -> tuple[Any, ...]:
    """Return what asks of one call must have in common: the same pictures in the same places."""
    order = dict.fromkeys(actor.who for actor in ask.scene.actors)
    return (ask.references, tuple(order)) if ask.references else ()


def is_guided(pipe: Any, kwargs: Mapping[str, Any]) -> bool:
    """Say whether a call of `pipe` with these arguments computes with classifier-free guidance.

    That is the rule of diffusers' pipelines with a U-Net: a scale above 1.
    """
    default = inspect.signature(type(pipe).__call__).parameters.get("guidance_scale")
    scale = kwargs.get("guidance_scale", default.default if default is not None else 1.0)
    return float(scale) > 1


def squared(pixels: Pixels, side: int) -> Pixels:
    """Return a picture in a square of `side` pixels, whole: what is missing is filled with the colour of its edges.

    Encoders crop the middle out of what is not square, which would cut the head off a standing figure.
    """
    height, width = pixels.shape[:2]
    edge = pixels[:, [0, -1]] if height > width else pixels[[0, -1]]
    colour = tuple(int(c) for c in np.median(edge.reshape(-1, 3), axis=0))
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    canvas = Image.new("RGB", (side, side), colour)
    small = Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC)
    canvas.paste(small, ((side - size[0]) // 2, (side - size[1]) // 2))
    return np.asarray(canvas, dtype=np.uint8)


@dataclass
class Held:
    """A pipeline as it is held for one call. Use it as a context manager, or call `release`."""

    kwargs: dict[str, Any] = field(default_factory=dict)
    """What the pipeline's call takes besides."""
    letting_go: Callable[[], None] | None = None
    note: str = ""
    """What the user should know about this call."""

    def with_(self, kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of a call with those of `self` beside them."""
        merged = {**kwargs, **self.kwargs}
        both = {
            **(kwargs.get("cross_attention_kwargs") or {}),
            **self.kwargs.get("cross_attention_kwargs", {}),
        }
        return {**merged, "cross_attention_kwargs": both} if both else merged

    def release(self) -> None:
        """Leave the pipeline as it was before. Calling it twice does no harm."""
        if self.letting_go is not None:
            letting_go, self.letting_go = self.letting_go, None
            letting_go()

    def __enter__(self) -> Held:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class Way(Protocol):
    """One way of holding a loaded pipeline to pictures."""

    def hold(self, faces: Sequence[Likeness], width: int, height: int, guided: bool) -> Held:
        """Prepare the pipeline for one call at `width` × `height` pixels; `faces` is not empty."""

    def close(self) -> None:
        """Drop everything that was loaded for it."""


class Holder:
    """Holds one loaded pipeline to the references of one ask after the other.

    Parameters
    ----------
    pipe
        The loaded pipeline; siblings made by ``from_pipe`` share its network and are held with it.
    hold
        The way, from `kamishibai.weights.ip_adapter.hold_of`.
    way
        None: this family is shown no pictures.
    """

    def __init__(self, hold: Hold, way: Way | None) -> None:
        self._note = hold.note
        self._said: set[str] = set()
        self.way = way

    def hold(self, ask: Draw, desk: Desk, *, width: int, height: int, guided: bool) -> Held:
        """Prepare the pipeline for `ask` and for all that are `alike`::

            with holder.hold(ask, desk, width=w, height=h, guided=is_guided(pipe, kwargs)) as held:
                pipe(**held.with_(kwargs))

        Parameters
        ----------
        width, height
            Of what is drawn, in pixels.
        guided
            The call computes with classifier-free guidance (``guidance_scale`` above 1).

        Raises
        ------
        UnsupportedError, ModelError
            When an adapter turns out not to fit the pipeline, or cannot be loaded.
        """
        if ask.references or self.way is None:
            self._say(self._note, desk)
        if self.way is None or not ask.references:
            return Held()
        faces = likenesses(ask, desk.open)
        if not faces:
            return Held()
        held = self.way.hold(faces, width, height, guided)
        self._say(held.note, desk)
        return held

    def _say(self, note: str, desk: Desk) -> None:
        """Tell the user once."""
        if note and note not in self._said:
            self._said.add(note)
            desk.note(note)

    def close(self) -> None:
        """Drop what was loaded for it; the pipeline itself stays."""
        if self.way is not None:
            self.way.close()


def open_holder(
    pipe: Any,
    hold: Hold,
    *,
    strength: float | None = None,
    layers: str = "up",
    span: tuple[float, float] = (0.0, 1.0),
    replace: Callable[[], None] | None = None,
) -> Holder:
    """Return what holds `pipe` to references; an adapter is loaded at the first ask that has some.

    Parameters
    ----------
    strength
        What a reference's weight of 1 means: for an IP-Adapter its scale (0.6 unless told), for reference
        attention the part that a reference's features have beside the picture's own (1 unless told).
    layers
        reference attention: which blocks look at references, ``up``, ``mid-up`` or ``all``.
    span
        reference attention: the part of the denoising, 0 to 1, in which references are looked at.
    replace
        Puts the pipeline in its place again (offloading hooks), after an adapter added layers to it.
    """
    if hold.way == "ip-adapter":
        from kamishibai.diffusion.image_prompt import FluxImagePrompt, ImagePrompt

        assert hold.adapter is not None
        kind = ImagePrompt if getattr(pipe, "unet", None) is not None else FluxImagePrompt
        return Holder(hold, kind(pipe, hold.adapter, 0.6 if strength is None else strength, replace))
    if hold.way == "reference-attention":
        from kamishibai.diffusion.reference_attention import ReferenceAttention

        return Holder(hold, ReferenceAttention(pipe, 1.0 if strength is None else strength, layers, span))
    return Holder(hold, None)
