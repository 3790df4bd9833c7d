"""eye:clip: scores pictures against words and against each other with CLIP, from a folder or the hub's cache."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from kamishibai.documents.frozen import Frozen, canonical_json
from kamishibai.documents.takes import Score
from kamishibai.errors import ModelError, UnknownModelError, UnsupportedError
from kamishibai.models.base import Desk, Licence, Model, Needs
from kamishibai.models.kinds import Look
from kamishibai.weights.digests import file_digest
from kamishibai.weights.layout import check_headers, read_json, refuse_escapes, weights_of
from kamishibai.weights.places import snapshot

__all__ = ["ClipEye"]

DEFAULT = "openai/clip-vit-large-patch14"
_SMALL = ("config.json", "preprocessor_config.json", "processor_config.json", "tokenizer.json",
          "tokenizer_config.json", "special_tokens_map.json", "vocab.json", "merges.txt")  # fmt: skip


class ClipEye(Model[Look, Score]):
    """CLIP: the cosine between the embeddings of a picture and a text, or of two pictures.

    Texts longer than CLIP reads (77 tokens) are read in stretches, whose embeddings are averaged; nothing is cut.
    Radford et al. 2021, https://arxiv.org/abs/2103.00020.
    """

    id: ClassVar[str] = "eye:clip"
    version: ClassVar[str] = "1"
    asks: ClassVar[type[Frozen]] = Look
    lane: ClassVar[Literal["pool", "device"]] = "device"
    batch = 8

    class Options(Model.Options):
        """Where it looks from."""

        unkeyed: ClassVar[frozenset[str]] = frozenset({"device"})

        device: str = Field(default="auto", max_length=20)
        """``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``."""

    options: Options

    def __init__(self, options: Frozen | None = None, variant: str = "") -> None:
        super().__init__(options, variant)
        self._model: Any = None
        self._processor: Any = None
        self._device = ""

    @classmethod
    def licence(cls) -> tuple[Licence, ...]:
        """Return the terms of OpenAI's CLIP; other weights have their own."""
        return (Licence(name="MIT", commercial=True, source="https://github.com/openai/CLIP"),)

    @classmethod
    def needs(cls) -> Needs:
        """Return what the default weights take from the machine."""
        return Needs(memory_mb=2500, download_mb=1710, extra="models")

    def terms(self) -> tuple[Licence, ...]:
        """Return the terms of the weights in use: OpenAI's own, or unknown ones."""
        if self.variant in ("", DEFAULT) or self.variant.startswith("openai/clip-vit-"):
            return type(self).licence()
        return (Licence(name="unknown", commercial=False, source=self.variant),)

    def _folder(self) -> Path:
        """Return the folder of the weights. Raises UnknownModelError, UnsupportedError or ModelError."""
        name = self.variant or DEFAULT
        path = Path(name).expanduser()
        found: Path | None = path if path.is_dir() else None
        if found is None and re.fullmatch(r"[\w.-]+/[\w.-]+", name):
            found = snapshot(name, "main")
        if found is None:
            raise UnknownModelError(
                f"the weights of eye:clip ({name}) are not on this machine",
                hint=f"`hf download {name}` fetches them; or name a folder: eye:clip:FOLDER"
                if "/" in name and not name.startswith((".", "/", "~"))
                else "check the path; it is the folder with CLIP's config.json",
            )
        refuse_escapes(found)
        config = read_json(found / "config.json")
        if config.get("model_type") != "clip" or config.get("auto_map"):
            raise UnsupportedError(
                f"this is {config.get('model_type') or 'no'} model, and not a CLIP that transformers knows",
                where=str(found / "config.json"),
                hint="give a CLIP with text and vision, such as openai/clip-vit-large-patch14",
            )
        return found

    def weights(self) -> str:
        """Return a hash of the weights and of how they are used. Raises as the class says for what must not be loaded."""
        folder = self._folder()
        files = weights_of(folder)
        check_headers(files)
        parts = {path.name: file_digest(path) for path in files}
        parts |= {name: file_digest(folder / name) for name in _SMALL if (folder / name).is_file()}
        return hashlib.sha256(canonical_json(parts)).hexdigest()

    def load(self) -> None:
        """Bring CLIP into memory. Raises ModelError when its files are damaged."""
        import os

        # Said before the first import of transformers, which otherwise remarks on packages that nobody asked for.
        os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
        from transformers import CLIPModel, CLIPProcessor
        from transformers.utils import logging

        from kamishibai.devices.device import probe, torch_name

        folder = self._folder()
        device = probe(self.options.device)
        bars = logging.is_progress_bar_enabled()
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            model: Any = CLIPModel.from_pretrained(folder, local_files_only=True, use_safetensors=True)
            self._processor = CLIPProcessor.from_pretrained(folder, local_files_only=True)
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise ModelError(
                f"CLIP cannot be loaded: {str(error).strip().splitlines()[0][:300]}",
                where=str(folder),
                hint="fetch its files again",
            ) from error
        finally:
            if bars:
                logging.enable_progress_bar()  # type: ignore[no-untyped-call]
        self._device = torch_name(device)
        self._model = model.eval().to(self._device)

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

        with Image.open(io.BytesIO(png)) as image, torch.no_grad():
            pixels = self._processor.image_processor(images=image.convert("RGB"), return_tensors="pt")
            found = self._model.get_image_features(pixel_values=pixels["pixel_values"].to(self._device))
            return _unit(found.pooler_output)

    def _text(self, text: str) -> Any:
        """Return the unit embedding of a text of any length."""
        import torch

        parts = _stretches(text, lambda part: self._count(part) <= self._processor.tokenizer.model_max_length)
        with torch.no_grad():
            tokens = self._processor.tokenizer(parts, padding=True, truncation=True, return_tensors="pt")
            found = self._model.get_text_features(**tokens.to(self._device))
            return _unit(torch.stack([_unit(row[None]) for row in found.pooler_output]).mean(0)[None])

    def _count(self, text: str) -> int:
        return len(self._processor.tokenizer(text, verbose=False)["input_ids"])

    def unload(self) -> None:
        """Give the memory back."""
        self._model = self._processor = None


def _unit(rows: Any) -> Any:
    """Return the first row, of length 1, on the processor's side."""
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
