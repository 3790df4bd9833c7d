"""picture:diffusers: any text-to-image pipeline of diffusers, from a preset, a hub id pulled before, a folder or a file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

from kamishibai.devices.memory import Device, MemoryPlan, plan_memory
from kamishibai.diffusion.adapters import lora_file, refuse_stranger
from kamishibai.diffusion.canvas import drawn_size, focus_of
from kamishibai.diffusion.picture_options import PictureOptions
from kamishibai.diffusion.schedulers import refuse_misfit
from kamishibai.diffusion.single_file import config_digest, config_folder
from kamishibai.documents.frozen import Frozen
from kamishibai.documents.storyboard import Actor, Scene
from kamishibai.documents.takes import Still
from kamishibai.errors import UnsupportedError
from kamishibai.media.picture import Pixels, encode_png
from kamishibai.models.base import Desk, Licence, Model, Needs, Reads
from kamishibai.models.kinds import Draw
from kamishibai.weights.checkpoint import Checkpoint, digest, file_digest, licence_of, locate
from kamishibai.weights.families import Family
from kamishibai.weights.ip_adapter import Hold, adapter_digest, hold_of
from kamishibai.weights.presets import Preset, preset, presets

__all__ = ["DiffusersPicture"]

DEFAULT = "sd15"
"""The preset that is meant when none is named."""
PLAIN = Scene(id="scene", line="")
GPU_BATCH = 4
"""Pictures at once on an accelerator when the user does not say; a processor gains nothing from more than one."""


class DiffusersPicture(Model[Draw, Still]):
    """Draws with Stable Diffusion, SDXL, SD 3, FLUX, Z-Image, Qwen-Image and every other family that diffusers knows."""

    id: ClassVar[str] = "picture:diffusers"
    version: ClassVar[str] = "1"
    asks = Draw
    default: ClassVar[str] = DEFAULT
    supports: ClassVar[frozenset[str]] = frozenset({"negative", "references", "source", "mask"})
    lane: ClassVar[Literal["pool", "device"]] = "device"

    class Options(PictureOptions):
        """How it draws."""

    options: Options

    def __init__(self, options: Frozen | None = None, variant: str = "") -> None:
        super().__init__(options, variant)
        self.batch = self.options.batch or 1
        self._found: Checkpoint | None = None
        self._faces: Hold | None = None
        self._easel: Any = None
        self._warned = False

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return that the terms are those of the weights; `terms` has them."""
        return (Licence(name="of the weights in use", commercial=False),)

    @classmethod
    def needs(cls) -> Needs:
        """Return what it takes from the machine: weights are pulled once."""
        smallest = preset(DEFAULT)
        return Needs(memory_mb=4000, download_mb=(smallest and smallest.download_mb) or 2750, extra="models")

    def _checkpoint(self) -> Checkpoint:
        if self._found is None:
            self._found = locate(self.variant or DEFAULT, "picture")
        return self._found

    def _setting(self, name: str) -> Any:
        """Return an option: the user's, else the preset's, else None."""
        own = getattr(self.options, name, None)
        if own is not None:
            return own
        known = self._preset()
        return known.options.get(name) if known else None

    def _preset(self) -> Preset | None:
        """Return what is known of these very weights, also when they were named by their hub id."""
        found = self._checkpoint()
        same = (one for one in presets("picture") if found.repo is not None and one.repo == found.repo)
        return found.preset or next(same, None)

    def _family(self) -> Family:
        """Return the family, at the size that the preset says these weights were made for."""
        family, known = self._checkpoint().family, self._preset()
        if known is None or "width" not in known.options:
            return family
        native = (int(known.options["width"]), int(known.options["height"]))
        return family.model_copy(update={"native": native})

    def _negates(self) -> bool:
        """Say whether a negative prompt reaches the picture: only guidance carries it."""
        found, guidance = self._checkpoint(), self._setting("guidance")
        known = self._preset()
        heeds = found.family.negative if known is None or known.negative is None else known.negative
        return heeds and (guidance is None or guidance > 1)

    def _hold(self) -> Hold:
        if self._faces is None:
            self._faces = hold_of(self._checkpoint(), self.options.identity, self.options.ip_adapter)
        return self._faces

    def terms(self) -> tuple[Licence, ...]:
        """Return the terms of the weights, of the IP-Adapter, and of LoRAs (which state none in their files)."""
        loras = [name for name, weight in self.options.lora.items() if weight]
        unknown = tuple(Licence(name="unknown", commercial=False, source=name) for name in loras)
        adapter = self._hold().adapter
        faces = (adapter.licence,) if adapter is not None else ()
        return (licence_of(self._checkpoint()), *faces, *unknown)

    def takes_up(self) -> Needs:
        """Return what these weights take from the machine."""
        from kamishibai.devices.device import probe_without_torch

        found = self._checkpoint()
        plan = self._plan(probe_without_torch(self.options.device))
        return Needs(memory_mb=plan.estimate_mb, disk_mb=found.weights_mb, extra="models")

    def placement(self) -> tuple[str, ...]:
        """Return how its weights would lie in this machine's memory, without torch."""
        from kamishibai.devices.device import probe_without_torch

        return self._plan(probe_without_torch(self.options.device)).why

    def honours(self) -> frozenset[str]:
        """Return what the family does with an ask beside its prompt."""
        family = self._checkpoint().family
        heeded = {"negative"} if self._negates() else set()
        if self._hold().way in ("ip-adapter", "reference-attention"):
            heeded.add("references")
        if family.image_to_image:
            heeded.add("source")
        if family.inpaint:
            heeded |= {"source", "mask"}
        return frozenset(heeded)

    def reads(self) -> Reads:
        """Return how its prompts should be written."""
        family = self._checkpoint().family
        # CLIP encoders are read in chunks of 77 tokens, so that nothing is cut.
        tokens = None if family.style == "tags" else family.tokens
        return Reads(style=family.style, negative=self._negates(), tokens=tokens)

    def settle(self, ask: Draw) -> Draw:
        """Return `ask` without what a diffusion model is told in words alone: its scene, cast, look and neighbour.

        Of the scene the order of the actors stays where there are references: it says who is where in the frame.
        """
        whose = dict.fromkeys(actor.who for actor in ask.scene.actors) if ask.references else ()
        scene = PLAIN.model_copy(update={"actors": tuple(Actor(who=who) for who in whose)})
        plain: dict[str, Any] = {"scene": scene, "cast": (), "look": ""}
        if ask.source is None:
            plain["strength"] = Draw.model_fields["strength"].default
        return ask.model_copy(update=plain)

    def weights(self) -> str:
        """Return a hash of the weights, of LoRAs, and of what the preset sets where the user does not.

        Raises
        ------
        UnknownModelError, ModelError, UnsupportedError
            When weights or LoRAs are missing, damaged, unsafe or of the wrong kind.
        UsageError
            When an option cannot be right for these weights.
        """
        found, options = self._checkpoint(), self.options
        drawn_size(self._family(), self._family().native, options.width, options.height)
        if options.scheduler is not None:
            refuse_misfit(found, options.scheduler)
        if options.negative and not self._negates():
            raise UnsupportedError(
                f"{found.name} takes no negative prompt", hint="leave out the option negative"
            )
        loras = []
        for name, weight in options.lora.items():
            if weight:
                refuse_stranger(found, name)
                loras.append((file_digest(lora_file(name)), weight))
        loras.sort()
        manner = {
            name: self._setting(name)
            for name in ("steps", "guidance", "scheduler", "width", "height", "prompt_tokens")
        }
        parts: dict[str, Any] = {"weights": digest(found), "lora": loras, "manner": manner}
        hold = self._hold()
        parts["faces"] = [hold.way, adapter_digest(hold.adapter) if hold.adapter else ""]
        if found.single_file:
            parts["config"] = config_digest(config_folder(found, options.config))
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def _plan(self, device: Device) -> MemoryPlan:
        found, options = self._checkpoint(), self.options
        family = self._family()
        width, height = drawn_size(family, family.native, options.width, options.height)
        wanted = options.batch or (1 if device.kind == "cpu" else GPU_BATCH)
        return plan_memory(
            device, family, found.half_mb or found.weights_mb, width, height,
            batch=wanted, dtype=options.dtype, offload=options.offload, quantise=options.quantise,
        )  # fmt: skip

    def load(self) -> None:
        """Open the pipeline. Raises ModelError when weights are damaged, UsageError when an option does not fit them."""
        from kamishibai.devices.device import probe
        from kamishibai.diffusion.drawing import Easel
        from kamishibai.diffusion.identity import Holder, open_holder
        from kamishibai.diffusion.jobs import Manner
        from kamishibai.diffusion.pipe import open_pipeline

        found, options = self._checkpoint(), self.options
        device = probe(options.device)

        def opened(plan: MemoryPlan) -> Any:
            return open_pipeline(
                found, None, plan, device,
                scheduler=self._setting("scheduler"), safety=options.safety, lora=options.lora,
                config=options.config, compiled=options.compile, placed=False,
            )  # fmt: skip

        def held(pipe: Any, again: Callable[[], None]) -> Holder:
            return open_holder(
                pipe,
                self._hold(),
                strength=options.identity_strength,
                layers=options.identity_layers,
                replace=again,
            )

        plan = self._plan(device)
        self.batch = plan.batch
        manner = Manner(
            steps=self._setting("steps"),
            guidance=self._setting("guidance"),
            negative=options.negative,
            width=options.width,
            height=options.height,
            attention=options.attention,
            shrink=options.shrink,
            prompt_tokens=self._setting("prompt_tokens"),
        )
        self._easel = Easel(opened(plan), self._family(), plan, device, manner, opened, held)

    def run(self, asks: Sequence[Draw], desk: Desk) -> list[Still]:
        """Answer every ask, in order. Raises Cancelled within one step of being asked to stop."""
        from kamishibai.diffusion.jobs import jobs_of

        if self.options.safety and self._checkpoint().missing and not self._warned:
            desk.note(
                f"{self._checkpoint().name} comes without its safety checker: nothing is checked", warn=True
            )
            self._warned = True
        easel = self._easel
        jobs = jobs_of(asks, easel.family, easel.manner, desk)
        stills: dict[int, Still] = {}

        def keep(place: int, pixels: Pixels) -> None:
            stills[place] = self._still(pixels, desk)

        easel.draw(jobs, desk, keep)
        return [stills[i] for i in range(len(asks))]

    def _still(self, pixels: Pixels, desk: Desk) -> Still:
        image = desk.save(encode_png(pixels), "image/png")
        credits = tuple(term.attribution for term in self.terms() if term.attribution)
        height, width = pixels.shape[:2]
        return Still(image=image, width=width, height=height, focus=focus_of(pixels), credits=credits)

    def unload(self) -> None:
        """Give the memory back."""
        easel, self._easel = self._easel, None
        if easel is not None:
            easel.close()
