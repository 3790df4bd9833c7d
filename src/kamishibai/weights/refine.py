"""Settles what a family leaves open by a checkpoint's own configs: its native size, its frame count, its relatives."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kamishibai.errors import UnsupportedError
from kamishibai.weights.families import Family, family_named
from kamishibai.weights.layout import read_json

__all__ = ["refined"]


def refined(family: Family, folder: Path, index: Mapping[str, Any]) -> Family:
    """Return the family as the checkpoint in `folder` has it.

    Raises
    ------
    ModelError
        For a config that is not JSON.
    UnsupportedError
        For weights of the family that cannot begin from words: a refiner, an inpainting or editing UNet.
    """
    unet = _config(folder / "unet")
    _refuse_helpers(folder, index, unet)
    if family.name == "sd15" and unet.get("cross_attention_dim") == 1024:
        family = family_named("sd2") or family
        family = family.model_copy(update={"pipelines": (str(index["_class_name"]),)})
    changed: dict[str, Any] = {}
    side = _native_side(family, folder)
    if side:
        changed["native"] = (side, side)
    if family.name == "svd" and isinstance(unet.get("num_frames"), int):
        changed["frames"] = unet["num_frames"]
    if family.name == "cogvideox":
        changed |= _cogvideox(_config(folder / "transformer"))
    if family.name == "wan" and index.get("expand_timesteps") is True:
        # Wan 2.2's 5B: one checkpoint for words and pictures, a coarser autoencoder, 24 frames a second.
        changed |= {
            "words_pipeline": "WanPipeline", "picture_pipeline": "WanImageToVideoPipeline", "multiple": 32,
            "native": (1280, 704), "frames": 121, "fps": 24,
        }  # fmt: skip
    return family.model_copy(update=changed) if changed else family


def _refuse_helpers(folder: Path, index: Mapping[str, Any], unet: Mapping[str, Any]) -> None:
    why = {9: "repairs regions of pictures", 8: "edits given pictures"}.get(unet.get("in_channels") or 0)
    if "StableDiffusion" not in str(index["_class_name"]) or "Video" in str(index["_class_name"]):
        why = None
    if index.get("requires_aesthetics_score") is True:
        why = "is the refiner of SDXL, which finishes pictures of another model"
    if why:
        raise UnsupportedError(
            f"this checkpoint {why} and cannot make one from words",
            where=str(folder),
            hint="name its base model; a region is repaired with that too",
        )


def _cogvideox(transformer: Mapping[str, Any]) -> dict[str, Any]:
    """Return size and length as diffusers takes them from the transformer: 8 pixels to a latent, 1.5 at 16 frames."""
    width, height, frames = (transformer.get(f"sample_{name}") for name in ("width", "height", "frames"))
    if not (isinstance(width, int) and isinstance(height, int) and isinstance(frames, int)):
        return {}
    newer = transformer.get("patch_size_t") is not None
    return {
        "native": (width * 8 // 16 * 16, height * 8 // 16 * 16),
        "frames": frames,
        "max_frames": frames,
        "fps": 16 if newer else 8,
    }


def _config(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    return read_json(path) if path.is_file() else {}


def _native_side(family: Family, folder: Path) -> int:
    """Return the side in pixels that diffusers itself would default to: ``sample_size`` times the autoencoder's factor."""
    if not family.sized_by:
        return 0
    side = _config(folder / family.sized_by).get("sample_size")
    blocks = _config(folder / "vae").get("block_out_channels")
    if not isinstance(side, int) or not isinstance(blocks, list):
        return 0
    return int(side * 2 ** (len(blocks) - 1))
