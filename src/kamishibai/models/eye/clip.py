"""eye:clip: scores pictures against words and against each other with CLIP or SigLIP."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from kamishibai.devices.plan import Dtype
from kamishibai.documents.frozen import Frozen, canonical_json
from kamishibai.documents.takes import Score
from kamishibai.models.base import Desk, Licence, Model, Needs
from kamishibai.models.kinds import Look
from kamishibai.pretrained.opening import Placed, Placing, close_model, open_model, open_part, placing
from kamishibai.weights.pretrained import Pretrained, digest_of, find, terms_of

__all__ = ["ClipEye"]

DEFAULT = "clip-vit-large-patch14"
_TYPES = ("clip", "siglip", "siglip2")


class ClipEye(Model[Look, Score]):
    """CLIP or SigLIP: the cosine between the embeddings of a picture and a text, or of two pictures.

    Texts longer than the model reads (77 tokens for CLIP, 64 for SigLIP) are read in stretches, whose embeddings are
    averaged; nothing is cut. Scores of different models cannot be compared: SigLIP was trained with a sigmoid, and
    what fits has a lower cosine there than with CLIP.
    Radford et al. 2021, https://arxiv.org/abs/2103.00020; Zhai et al. 2023, https://arxiv.org/abs/2303.15343.
    """

    id: ClassVar[str] = "eye:clip"
    version: ClassVar[str] = "2"
    varies: ClassVar[bool] = False
    asks: ClassVar[type[Frozen]] = Look
    default: ClassVar[str] = DEFAULT
    lane: ClassVar[Literal["pool", "device"]] = "device"
    batch = 8

    class Options(Model.Options):
        """Where it looks from."""

        unkeyed: ClassVar[frozenset[str]] = frozenset({"device"})

        device: str = Field(default="auto", max_length=20)
        """``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``."""
        dtype: Dtype | Literal["auto"] = "auto"
        """Numbers of the weights; `auto` fits the machine."""

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
            self._known = find(self.variant or DEFAULT, "eye", _TYPES)
        return self._known

    def _placing(self, *, with_torch: bool = False) -> Placing:
        return placing(self._found(), self.options.device, self.options.dtype, with_torch=with_torch)

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
        """Return a hash of the weights and of how they are used.

        Raises
        ------
        UnknownModelError, UnsupportedError, ModelError
            For weights that are missing, of another kind, damaged or unsafe.
        """
        parts = {"weights": digest_of(self._found()), "dtype": self.options.dtype}
        return hashlib.sha256(canonical_json(parts)).hexdigest()

    def load(self) -> None:
        """Bring the model into memory. Raises ModelError when its files are damaged."""
        found = self._found()
        name = "CLIPModel" if found.model_type == "clip" else "AutoModel"
        self._placed = open_model(name, found, self._placing(with_torch=True))
        # One part at a time: a processor would bring both, and folders differ in which of its files they have.
        self._pictures = open_part("AutoImageProcessor", found)
        self._tokens = open_part("AutoTokenizer", found)
        text = self._placed.model.config.text_config
        self._longest = int(text.max_position_embeddings)

    def run(self, asks: Sequence[Look], desk: Desk) -> list[Score]:
        """Answer every ask, in order."""
        pictures: dict[str, Any] = {}
        words: dict[str, Any] = {}
        scores = []
        for index, ask in enumerate(asks):
            for ref in (ask.image, *ask.pictures):
                if ref.sha256 not in pictures:
                    pictures[ref.sha256] = self._picture(desk.open(ref))
            for text in ask.texts:
                if text not in words:
                    words[text] = self._text(text)
            seen = pictures[ask.image.sha256]
            scores.append(
                Score(
                    texts=tuple(round(float(seen @ words[text]), 6) for text in ask.texts),
                    pictures=tuple(round(float(seen @ pictures[ref.sha256]), 6) for ref in ask.pictures),
                )
            )
            desk.progress((index + 1) / len(asks))
        return scores

    def _picture(self, png: bytes) -> Any:
        """Return the unit embedding of a picture."""
        import torch
        from PIL import Image

        assert self._placed is not None
        with Image.open(io.BytesIO(png)) as image, torch.no_grad():
            pixels = self._pictures(images=image.convert("RGB"), return_tensors="pt")["pixel_values"]
            found = self._placed.model.get_image_features(
                pixel_values=pixels.to(self._placed.device, self._placed.dtype)
            )
            return _unit(found.pooler_output)

    def _text(self, text: str) -> Any:
        """Return the unit embedding of a text of any length."""
        import torch

        assert self._placed is not None
        parts = _stretches(text, lambda part: self._count(part) <= self._longest)
        rows = []
        with torch.no_grad():
            for part in parts:
                # SigLIP was trained on texts padded to its whole length, and reads shorter ones wrongly; CLIP looks at
                # the end of the text alone. A stretch at a time, so that no text depends on its neighbours' lengths.
                padding = False if self._found().model_type == "clip" else "max_length"
                tokens = self._tokens(
                    [part], padding=padding, truncation=True, max_length=self._longest, return_tensors="pt"
                )
                wanted = {
                    k: v.to(self._placed.device)
                    for k, v in tokens.items()
                    if k in ("input_ids", "attention_mask")
                }
                if padding:
                    wanted.pop("attention_mask", None)
                rows.append(_unit(self._placed.model.get_text_features(**wanted).pooler_output))
        return _unit(torch.stack(rows).mean(0)[None])

    def _count(self, text: str) -> int:
        return len(self._tokens(text, verbose=False)["input_ids"])

    def unload(self) -> None:
        """Give the memory back."""
        placed, self._placed = self._placed, None
        self._pictures = self._tokens = None
        close_model(placed)


def _unit(rows: Any) -> Any:
    """Return the first row, of length 1, in main memory."""
    row = rows[0].float().cpu()
    return row / row.norm().clamp_min(1e-12)


def _stretches(text: str, fits: Any) -> list[str]:
    """Return `text` in pieces that fit, parted between phrases where that is possible, else between words."""
    pieces: list[str] = []
    for phrase in re.split(r"(?<=[,.;!?])\s+", " ".join(text.split())) or [""]:
        if pieces and fits(f"{pieces[-1]} {phrase}"):
            pieces[-1] += f" {phrase}"
            continue
        if fits(phrase):
            pieces.append(phrase)
            continue
        for word in phrase.split():
            if pieces and fits(f"{pieces[-1]} {word}"):
                pieces[-1] += f" {word}"
            else:
                pieces.append(word)
    return pieces
