"""The ear for a Whisper by name: a preset, a folder or a hub id, of transformers or of CTranslate2."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, ClassVar, Literal

from kamishibai.documents.takes import Transcript
from kamishibai.errors import ModelError, UnknownModelError, UsageError
from kamishibai.models.base import Desk, Licence, Needs, describe
from kamishibai.models.ear.faster import FasterEngine
from kamishibai.models.ear.found import CT2, digest, find_whisper
from kamishibai.models.ear.whisper import Whisper
from kamishibai.models.kinds import Listen
from kamishibai.weights.pretrained import Pretrained, terms_of

if TYPE_CHECKING:
    from kamishibai.pretrained.opening import Placing

__all__ = ["NamedWhisper"]


class NamedWhisper(Whisper):
    """A Whisper of any size, by the name of a preset, a folder or a hub id."""

    lane: ClassVar[Literal["pool", "device"]] = "device"

    class Options(Whisper.Options):
        """As the embedded ear's; every sound has a window of its own."""

        share_windows: bool = False
        """Put lines that are asked about together into one pass: quicker, and what is heard may hang on its neighbours."""

    options: Options

    @classmethod
    def needs(cls) -> Needs:
        """Return what the largest usual one takes; `takes_up` knows the one in use, and `weights` which extra it needs."""
        return Needs(memory_mb=4000)

    def terms(self) -> tuple[Licence, ...]:
        """Return the terms of the weights in use, from their preset or their card; unknown ones are not commercial."""
        return (terms_of(self._found()),)

    def takes_up(self) -> Needs:
        """Return what these very weights take."""
        found = self._found()
        if found.model_type == CT2:
            return Needs(memory_mb=round(found.weights_mb * 1.3) + 200, disk_mb=found.weights_mb, extra="ear")
        return Needs(memory_mb=self._placing(found).estimate_mb, disk_mb=found.weights_mb, extra="models")

    def placement(self) -> tuple[str, ...]:
        """Return where it would work, in words."""
        found = self._found()
        if found.model_type == CT2:
            device, numbers = _on_ct2(self.options)
            return (f"{numbers} on {device}, by faster-whisper",)
        return self._placing(found).why

    def weights(self) -> str:
        """Return a hash of the weights and of what is read beside them. Raises for what must not be loaded."""
        found = self._found()
        package, extra = ("faster_whisper", "ear") if found.model_type == CT2 else ("transformers", "models")
        if find_spec(package) is None:
            raise UnknownModelError(
                f"this Whisper needs the package {package}, which is not installed",
                where=str(found.path),
                hint=f"pip install 'kamishibai[{extra}]'",
            )
        if found.model_type != CT2 and self.options.dtype == "int8":
            raise UsageError(
                "int8 is for a Whisper of CTranslate2, and this is one of transformers",
                where=str(found.path),
                hint="leave out the option dtype",
            )
        return digest(found)

    def _found(self) -> Pretrained:
        return find_whisper(self.variant)

    def _placing(self, found: Pretrained, *, with_torch: bool = False) -> Placing:
        from kamishibai.pretrained.opening import placing

        dtype = self.options.dtype if self.options.dtype != "int8" else "auto"
        return placing(found, self.options.device, dtype, with_torch=with_torch)

    def load(self) -> None:
        """Bring the weights into memory. Raises ModelError when they or the packages that run them are missing."""
        found = self._found()
        name = "ear" if found.model_type == CT2 else "models"
        try:
            if found.model_type == CT2:
                device, numbers = _on_ct2(self.options)
                self._engine = FasterEngine(found.path, device, numbers, threads=_cores())
                return
            from kamishibai.models.ear.on_torch import TorchEngine

            self._engine = TorchEngine(found, self._placing(found, with_torch=True))
        except ModuleNotFoundError as error:
            raise ModelError(
                f"{describe(self)} needs a package that is not installed ({error.name})",
                hint=f"pip install 'kamishibai[{name}]'",
            ) from error

    def run(self, asks: Sequence[Listen], desk: Desk) -> list[Transcript]:
        """Answer every ask, in order, as `Whisper.run`; the user is told where word times are less exact."""
        if getattr(self._engine, "guessed_heads", False):
            desk.note(
                f"{describe(self)} does not say which of its heads follow the sound: its word times are less exact",
                warn=True,
            )
        return super().run(asks, desk)


def _cores() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return int(os.environ.get("OMP_NUM_THREADS") or min(cores, 8))


def _on_ct2(options: Whisper.Options) -> tuple[str, str]:
    """Return the device and the numbers for CTranslate2. Raises UsageError for a device that is not there."""
    device = options.device.split(":")[0]
    if device == "auto":
        device = "cuda" if _cards() else "cpu"
    if device == "cuda" and not _cards():
        raise UsageError("CTranslate2 sees no CUDA device here", hint="leave out the option device")
    if device not in ("cpu", "cuda"):
        raise UsageError(
            f"CTranslate2 does not work on {options.device!r}", hint="device is auto, cpu or cuda"
        )
    return device, options.dtype if options.dtype != "auto" else "float16" if device == "cuda" else "int8"


def _cards() -> int:
    try:
        import ctranslate2
    except ModuleNotFoundError:
        return 0
    return int(ctranslate2.get_cuda_device_count())
