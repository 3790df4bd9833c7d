"""What every back-end that generates clips has in common: its facts, and the way from asks to shots."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from fractions import Fraction
from math import ceil, gcd, lcm
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from kamishibai.devices.memory import Device, MemoryPlan, plan_memory
from kamishibai.documents.frozen import Frozen, canonical_json
from kamishibai.documents.takes import Shot, Still
from kamishibai.errors import UnsupportedError, UsageError
from kamishibai.models.base import Desk, Licence, Model, Needs, Reads
from kamishibai.models.kinds import Animate
from kamishibai.models.motion.options import ClipOptions
from kamishibai.weights.checkpoint import Checkpoint, digest, licence_of, locate
from kamishibai.weights.families import Family
from kamishibai.weights.presets import preset

if TYPE_CHECKING:
    from kamishibai.diffusion.covering import Cover
    from kamishibai.diffusion.frames import Clip
    from kamishibai.diffusion.projector import Part, Projector

__all__ = ["ClipModel"]

_MANNER = ("steps", "guidance", "scheduler", "frames", "fps", "width", "height")
"""Options that a preset may set."""


class ClipModel(Model[Animate, Shot]):
    """Base of the back-ends that generate clips; `default` and `families` say which, `arguments` how."""

    asks = Animate
    lane: ClassVar[Literal["pool", "device"]] = "device"
    default: ClassVar[str]
    """The preset that is meant when none is named; empty when one has to be."""
    families: ClassVar[tuple[str, ...]] = ()
    """Families it runs; empty: any."""
    multiple: ClassVar[int] = 1
    """Width and height must be multiples of it, beside the family's."""

    class Options(ClipOptions):
        """How it makes clips."""

    options: ClipOptions

    def __init__(self, options: Frozen | None = None, variant: str = "") -> None:
        super().__init__(options, variant)
        self.batch = self._batch()
        self._found: Checkpoint | None = None
        self._projector: Projector | None = None

    # -------------------------------------------------------------------------------- facts, without torch
    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms of the default preset; `terms` has those of the weights in use."""
        known = preset(cls.default)
        return (known.licence if known else Licence(name="of the weights in use", commercial=False),)

    @classmethod
    def needs(cls) -> Needs:
        """Return what the default preset takes from the machine."""
        known = preset(cls.default)
        return Needs(memory_mb=8000, download_mb=(known and known.download_mb) or 0, extra="models")

    def _checkpoint(self) -> Checkpoint:
        if self._found is None:
            name = self.variant or self.default
            if not name:
                raise UnsupportedError(
                    f"{self.id} needs to be told which model",
                    hint=f"{self.id}:<preset, folder or hub id>; `kamishibai models` lists the presets",
                )
            self._found = locate(name, "motion", self.families)
        return self._found

    def _setting(self, name: str) -> Any:
        """Return an option: the user's, else the preset's, else None."""
        own = getattr(self.options, name, None)
        if own is not None:
            return own
        known = self._checkpoint().preset
        return known.options.get(name) if known else None

    def _family(self) -> Family:
        """Return the facts, with what the preset and this back-end know better."""
        found = self._checkpoint()
        family, chosen = found.family, found.preset.options if found.preset else {}
        changed: dict[str, Any] = {"multiple": lcm(family.multiple, self.multiple)}
        changed |= {name: chosen[name] for name in ("frames", "fps") if name in chosen}
        changed["max_frames"] = max(family.max_frames, changed.get("frames", 1), family.frames)
        if "width" in chosen and "height" in chosen:
            changed["native"] = (chosen["width"], chosen["height"])
        return family.model_copy(update=changed)

    def _batch(self) -> int:
        """Return how many clips are made in one call at most: one, unless the pipeline can do more."""
        return int(getattr(self.options, "batch", 1))

    def _fps(self) -> int:
        return self.options.fps or self._family().fps

    def _negates(self) -> bool:
        """Say whether a negative prompt reaches the clip: only guidance carries it."""
        found, guidance = self._checkpoint(), self._setting("guidance")
        heeds = found.family.negative and found.family.reads_words
        if found.preset is not None and found.preset.negative is not None:
            heeds = found.preset.negative
        return heeds and (guidance is None or guidance > 1)

    def _from_picture(self) -> bool:
        return bool(self._checkpoint().family.picture_pipeline)

    def terms(self) -> tuple[Licence, ...]:
        """Return the terms of the weights."""
        return (licence_of(self._checkpoint()),)

    def takes_up(self) -> Needs:
        """Return what these weights take from the machine."""
        from kamishibai.devices.device import probe_without_torch

        plan = self._plan(probe_without_torch(self.options.device))
        return Needs(memory_mb=plan.estimate_mb, disk_mb=self._checkpoint().weights_mb, extra="models")

    def placement(self) -> tuple[str, ...]:
        """Return how its weights would lie in this machine's memory, without torch."""
        from kamishibai.devices.device import probe_without_torch

        return self._plan(probe_without_torch(self.options.device)).why

    def honours(self) -> frozenset[str]:
        """Return what it starts from: the scene's picture where it can, and words where it reads any."""
        heeded = {"still"} if self._from_picture() else set()
        if self._checkpoint().family.reads_words:
            heeded.add("prompt")
        if self._negates():
            heeded.add("negative")
        return frozenset(heeded)

    def reads(self) -> Reads:
        """Return how its prompts should be written."""
        family = self._checkpoint().family
        return Reads(style=family.style, negative=self._negates(), tokens=family.tokens)

    def weights(self) -> str:
        """Return a hash of the weights, and of what the preset sets where the user does not.

        Raises
        ------
        UnknownModelError, ModelError, UnsupportedError
            When weights are missing, damaged, unsafe or of the wrong kind.
        UsageError
            When a size or a number of frames is not one that the model can make.
        """
        if getattr(self.options, "negative", "") and not self._negates():
            raise UnsupportedError(
                f"{self._checkpoint().name} takes no negative prompt",
                hint="leave out the option negative, or set guidance above 1",
            )
        self._size(16, 9)
        most = self._family().max_frames
        if (self.options.frames or 0) > most:
            raise UsageError(
                f"{self._checkpoint().name} makes at most {most} frames at once, not {self.options.frames}",
                hint="raise the option clips instead: they go on from each other",
            )
        manner = {name: self._setting(name) for name in _MANNER}
        parts = {"weights": digest(self._checkpoint()), "manner": manner}
        return hashlib.sha256(canonical_json(parts)).hexdigest()

    def settle(self, ask: Animate) -> Animate:
        """Return `ask` with plain values for what it does not notice, and its seconds rounded up to what costs the same.

        Of the film's size only the aspect counts, and of a still only the flat picture.
        """
        from kamishibai.diffusion.covering import round_up

        fields = Animate.model_fields
        plain: dict[str, Any] = {name: fields[name].default for name in ("move", "amount")}
        plain["fps"] = Fraction(30)
        honoured = self.honours()
        plain |= {name: fields[name].default for name in Animate.optional - honoured}
        if ask.still is not None and "still" in honoured:
            still = ask.still
            plain["still"] = Still(image=still.image, width=still.width, height=still.height)
        plain["width"], plain["height"] = _aspect(ask.width, ask.height)
        plain["seconds"] = round_up(ask.seconds, self._cover(ask.seconds))
        return ask.model_copy(update=plain)

    # -------------------------------------------------------------------------------- lengths and sizes
    def _cover(self, seconds: Fraction) -> Cover:
        from kamishibai.diffusion.covering import cover, lengths_of

        family, options = self._family(), self.options
        return cover(
            seconds,
            Fraction(self._fps()),
            lengths_of(family, options.frames),
            extend=options.extend,
            clips=options.clips,
            goes_on=self._from_picture(),
        )

    def _size(self, width: int, height: int) -> tuple[int, int]:
        from kamishibai.diffusion.canvas import drawn_size

        return drawn_size(self._family(), (width, height), self.options.width, self.options.height)

    def _plan(self, device: Device) -> MemoryPlan:
        from kamishibai.diffusion.covering import lengths_of

        family, options = self._family(), self.options
        width, height = self._size(*family.native)
        return plan_memory(
            device, family, self._checkpoint().half_mb or self._checkpoint().weights_mb, width, height,
            frames=lengths_of(family, options.frames)[-1],
            batch=self._batch(),
            dtype=options.dtype, offload=options.offload, quantise=options.quantise,
        )  # fmt: skip

    # -------------------------------------------------------------------------------- with torch
    def arguments(self, pipe: Any) -> dict[str, Any]:
        """Return what `pipe` is called with beside words, picture, size, frames, rate, steps and guidance."""
        return {}

    def load(self) -> None:
        """Open the pipeline. Raises ModelError when weights are damaged, UsageError when an option does not fit them."""
        from kamishibai.devices.device import probe
        from kamishibai.diffusion.pipe import open_pipeline
        from kamishibai.diffusion.projector import Projector

        found, family, options = self._checkpoint(), self._family(), self.options
        device = probe(options.device)
        plan = self._plan(device)

        def opened(name: str | None, plan: MemoryPlan) -> Any:
            return open_pipeline(
                found, name, plan, device,
                scheduler=self._setting("scheduler"), compiled=options.compile, placed=False,
            )  # fmt: skip

        pipe = opened(family.picture_pipeline or family.words_pipeline, plan)
        self.batch = plan.batch
        self._projector = Projector(
            pipe, family, plan, device, opened, self.arguments(pipe), self._fps(),
            steps=self._setting("steps"), guidance=self._setting("guidance"),
            attention=options.attention, shrink=options.shrink,
        )  # fmt: skip

    def run(self, asks: Sequence[Animate], desk: Desk) -> list[Shot]:
        """Answer every ask, in order. Raises Cancelled within one step of being asked to stop."""
        firsts = [self._first(ask, desk) for ask in asks]
        covers = [self._cover(ask.seconds) for ask in asks]
        clips = self._clips(firsts, covers, desk)
        shots = []
        for ask, first, cover, clip in zip(asks, firsts, covers, clips, strict=True):
            shots.append(self._shot(ask, first, cover, clip, desk))
        desk.progress(1.0)
        return shots

    def _first(self, ask: Animate, desk: Desk) -> Part:
        """Return the first part to make for `ask`."""
        import numpy as np

        from kamishibai.diffusion.projector import Part
        from kamishibai.media.picture import decode_png

        picture = None
        if ask.still is not None and self._from_picture():
            picture = np.ascontiguousarray(decode_png(desk.open(ask.still.image))[..., :3])
        elif not self._checkpoint().family.words_pipeline:
            raise UnsupportedError(
                f"{self.id} makes clips from a picture, and there is none",
                hint="give it one, or use motion:modelscope, motion:ltx or motion:wan, which need words alone",
            )
        negative = ", ".join(filter(None, [ask.negative, getattr(self.options, "negative", "")]))
        return Part(ask.seed, self._size(ask.width, ask.height), 0, picture, ask.prompt, negative)

    def _clips(self, firsts: Sequence[Part], covers: Sequence[Cover], desk: Desk) -> list[Clip]:
        """Return the frames of every ask: first the first parts of all, then those that go on from them."""
        from dataclasses import replace

        import numpy as np

        from kamishibai.diffusion.canvas import fitted
        from kamishibai.diffusion.projector import part_seed

        assert self._projector is not None
        total, done = sum(len(cover.parts) for cover in covers), 0
        clips: list[Any] = [None] * len(firsts)
        for number in range(max(len(cover.parts) for cover in covers)):
            places = [i for i, cover in enumerate(covers) if len(cover.parts) > number]
            parts = []
            for i in places:
                part = replace(
                    firsts[i], frames=covers[i].parts[number], seed=part_seed(firsts[i].seed, number)
                )
                parts.append(part if number == 0 else replace(part, picture=clips[i][-1]))
            label = f"clip {number + 1} of {max(len(c.parts) for c in covers)}" if total > len(firsts) else ""
            span = (done / total * 0.97, (done + len(parts)) / total * 0.97)
            for i, clip in zip(places, self._projector.film(parts, desk, span, label), strict=True):
                if number == 0:
                    clips[i] = clip
                    continue
                height, width = clips[i].shape[1:3]
                more = [fitted(frame, (width, height)) for frame in clip[1:]]
                clips[i] = np.concatenate([clips[i], np.stack(more)])
            done += len(parts)
        return clips

    def _shot(self, ask: Animate, first: Part, cover: Cover, clip: Clip, desk: Desk) -> Shot:
        from kamishibai.diffusion.canvas import focus_of
        from kamishibai.diffusion.frames import encode_mp4, played, rate_of
        from kamishibai.media.picture import encode_png

        self._tell(ask, cover, desk)
        smooth = self.options.smooth
        data = encode_mp4(played(clip, cover, smooth), rate_of(cover.fps, cover.slow, smooth))
        shown = None
        if first.picture is None:
            height, width = clip.shape[1:3]
            image = desk.save(encode_png(clip[0]), "image/png")
            shown = Still(image=image, width=width, height=height, focus=focus_of(clip[0]))
        return Shot(seconds=ask.seconds, clip=desk.save(data, "video/mp4"), first=shown)

    def _tell(self, ask: Animate, cover: Cover, desk: Desk) -> None:
        """Say what was done beyond playing one native clip; a frame held against the user's wish is a warning."""
        told, extend = cover.told(), self.options.extend
        if not told:
            return
        native = float(cover.parts[0] / cover.fps)
        why = ""
        if extend == "continue" and not self._from_picture():
            why = "; this model starts from words, and cannot go on from a frame"
        elif extend == "continue" and cover.rest:
            why = f"; the option clips (now {self.options.clips}) lets more clips go on from each other"
        warn = bool(cover.rest) and extend in ("continue", "slow")
        desk.note(f"the clip ({native:.1f} s) {told}, to last {float(ask.seconds):.1f} s{why}", warn=warn)

    def unload(self) -> None:
        """Give the memory back."""
        projector, self._projector = self._projector, None
        if projector is not None and projector.pipe is not None:
            from kamishibai.diffusion.pipe import close_pipeline

            close_pipeline(projector.pipe)


def _aspect(width: int, height: int) -> tuple[int, int]:
    """Return the smallest size of the same aspect that an ask may have: 1920 × 1080 is 128 × 72."""
    common = gcd(width, height)
    small = (width // common, height // common)
    times = ceil(64 / min(small))
    return small[0] * times, small[1] * times
