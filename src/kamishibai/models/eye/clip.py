"""eye:clip: scores pictures against words and against each other with CLIP or SigLIP."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from kamishibai.devices.plan import Dtype
from kamishibai.documents.frozen import Frozen
from kamishibai.documents.takes import Score
from kamishibai.errors import ModelError
from kamishibai.models.base import Desk, Licence, Model, Needs
from kamishibai.models.eye.reading import stretches
from kamishibai.models.kinds import Look
from kamishibai.pretrained.opening import Placed, Placing, close_model, open_model, open_part, placing
from kamishibai.pretrained.runtime import quiet
from kamishibai.weights.pretrained import Pretrained, digest_of, find, terms_of

__all__ = ["TYPES", "ClipEye"]

DEFAULT = "clip-vit-large-patch14"
TYPES = ("clip", "siglip", "siglip2")
PICTURES = 8
"""Pictures that go through a card at once."""


class ClipEye(Model[Look, Score]):
    """CLIP or SigLIP: the cosine between the embeddings of a picture and a text, or of two pictures.

    Texts longer than the model reads (77 tokens for CLIP, 64 for SigLIP) are read in stretches, whose embeddings are
    averaged; nothing is cut. Scores of different models cannot be compared: SigLIP was trained with a sigmoid, and
    what fits has a lower cosine there than with CLIP.
    Radford et al. 2021, https://arxiv.org/abs/2103.00020; Zhai et al. 2023, https://arxiv.org/abs/2303.15343.
    """

    id: ClassVar[str] = "eye:clip"
    version: ClassVar[str] = "3"
    varies: ClassVar[bool] = False
    asks: ClassVar[type[Frozen]] = Look
    default: ClassVar[str] = DEFAULT
    lane: ClassVar[Literal["pool", "device"]] = "device"
    batch = PICTURES

    class Options(Model.Options):
        """Where it looks from."""

        unkeyed: ClassVar[frozenset[str]] = frozenset({"device"})

        device: str = Field(default="auto", max_length=20)
        """``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``."""
        dtype: Dtype | Literal["auto"] = "auto"
        """Numbers of the weights; ``auto`` is float32 on a processor and float16 on a card."""

    options: Options

    def __init__(self, options: Frozen | None = None, variant: str = "") -> None:
        super().__init__(options, variant)
        self._known: Pretrained | None = None
        self._placed: Placed | None = None
        self._pictures: Any = None
        self._tokens: Any = None
        self._longest = 77

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms of OpenAI's CLIP; other weights have their own."""
        return (Licence(name="MIT", commercial=True, source="https://github.com/openai/CLIP"),)

    @classmethod
    def needs(cls) -> Needs:
        """Return what the default weights take from the machine."""
        return Needs(memory_mb=2500, download_mb=1710, extra="models")

    def _found(self) -> Pretrained:
        if self._known is None:
            self._known = find(self.variant or DEFAULT, "eye", TYPES)
        return self._known

    def _placing(self, *, with_torch: bool = False) -> Placing:
        # float16 and not bfloat16 on a card: what tells pictures apart is in the third place of a cosine.
        return placing(
            self._found(), self.options.device, self.options.dtype, half="float16", with_torch=with_torch
        )

    def terms(self) -> tuple[Licence, ...]:
        """Return the terms of the weights in use."""
        return (terms_of(self._found()),)

    def takes_up(self) -> Needs:
        """Return what these weights take from the machine."""
        found = self._found()
        return Needs(memory_mb=self._placing().estimate_mb, disk_mb=found.weights_mb, extra="models")

    def placement(self) -> tuple[str, ...]:
        """Return how its weights would lie in this machine's memory, without torch."""
        return self._placing().why

    def weights(self) -> str:
        """Return a hash of the weights and of every file beside them.

        Raises
        ------
        UnknownModelError, UnsupportedError, ModelError
            For weights that are missing, of another kind, damaged or unsafe.
        """
        return digest_of(self._found())

    def load(self) -> None:
        """Bring the model into memory. Raises ModelError when its files are damaged."""
        found = self._found()
        self._placed = open_model("AutoModel", found, self._placing(with_torch=True))
        # One part at a time: a processor would bring both, and folders differ in which of its files they have. Pictures
        # are taken in by Pillow, so that no score depends on whether torchvision is installed.
        self._pictures = open_part("AutoImageProcessor", found, backend="pil")
        self._tokens = open_part("AutoTokenizer", found)
        self._longest = int(self._placed.model.config.text_config.max_position_embeddings)

    def run(self, asks: Sequence[Look], desk: Desk) -> list[Score]:
        """Answer every ask, in order. Raises ModelError when the model sees no numbers."""
        refs = {ref.sha256: ref for ask in asks for ref in (ask.image, *ask.pictures)}
        texts = list(dict.fromkeys(text for ask in asks for text in ask.texts))
        steps, done = len(refs) + len(texts) or 1, 0
        pictures: dict[str, Any] = {}
        words: dict[str, Any] = {}
        keys, size = list(refs), self._together()
        for start in range(0, len(keys), size):
            some = keys[start : start + size]
            pictures |= zip(some, self._seen([desk.open(refs[key]) for key in some]), strict=True)
            done += len(some)
            desk.progress(done / steps)
        for text in texts:
            words[text] = self._text(text)
            done += 1
            desk.progress(done / steps)
        return [
            Score(
                texts=tuple(self._likeness(pictures[ask.image.sha256], words[text]) for text in ask.texts),
                pictures=tuple(
                    self._likeness(pictures[ask.image.sha256], pictures[r.sha256]) for r in ask.pictures
                ),
            )
            for ask in asks
        ]

    def _together(self) -> int:
        """Return how many pictures go through at once: on a processor one, where more are no faster and not the same."""
        assert self._placed is not None
        return 1 if self._placed.device == "cpu" else PICTURES

    def _likeness(self, one: Any, other: Any) -> float:
        """Return the cosine of two unit embeddings."""
        value = float(one @ other)
        if value != value:
            raise ModelError(
                f"{self._found().name} gave no numbers, as half precision does when it overflows",
                where=str(self._found().path),
                hint="--option eye:clip.dtype=float32, or fetch its files again",
            )
        return round(max(-1.0, min(1.0, value)), 6)

    def _seen(self, pngs: Sequence[bytes]) -> list[Any]:
        """Return the unit embeddings of pictures, at most `PICTURES`.

        On a card always as many go through, the last one again where there are fewer: a picture's embedding then
        does not depend on how many others there are.
        """
        import torch
        from PIL import Image

        assert self._placed is not None
        images = []
        for png in pngs:
            with Image.open(io.BytesIO(png)) as image:
                images.append(image.convert("RGB"))
        images += images[-1:] * (self._together() - len(images))
        with quiet(), torch.inference_mode():
            # SigLIP 2 takes pictures of any shape in patches, and is told which of them are there.
            given = self._pictures(images=images, return_tensors="pt")
            found = self._placed.model.get_image_features(**self._on_device(given)).pooler_output
        return [_unit(row) for row in found[: len(pngs)]]

    def _text(self, text: str) -> Any:
        """Return the unit embedding of a text of any length."""
        import torch

        assert self._placed is not None
        siglip = self._found().model_type != "clip"
        if siglip:
            text = text.lower()  # as its texts were in training; not every tokenizer of it does so
        rows = []
        with quiet(), torch.inference_mode():
            for part in stretches(text, lambda part: self._count(part) <= self._longest):
                # A stretch at a time, so that no text depends on its neighbours' lengths. SigLIP was trained on texts
                # padded to its whole length, with the padding read; CLIP looks at the end of the text alone.
                given = self._tokens(
                    [part],
                    padding="max_length" if siglip else False,
                    truncation=True,
                    max_length=self._longest,
                    return_tensors="pt",
                )
                names = ("input_ids",) if siglip else ("input_ids", "attention_mask")
                given = self._on_device({name: given[name] for name in names})
                rows.append(_unit(self._placed.model.get_text_features(**given).pooler_output[0]))
        return _unit(torch.stack(rows).mean(0))

    def _on_device(self, given: Any) -> dict[str, Any]:
        """Return tensors where the model is, numbers in the model's own type."""
        import torch

        assert self._placed is not None
        device, dtype = self._placed.device, self._placed.dtype
        return {
            name: value.to(device, dtype if torch.is_floating_point(value) else value.dtype)
            for name, value in given.items()
        }

    def _count(self, text: str) -> int:
        return len(self._tokens(text, verbose=False)["input_ids"])

    def unload(self) -> None:
        """Give the memory back."""
        placed, self._placed = self._placed, None
        self._pictures = self._tokens = None
        close_model(placed)


def _unit(row: Any) -> Any:
    """Return a row, of length 1, in main memory."""
    row = row.float().cpu()
    return row / row.norm().clamp_min(1e-12)
