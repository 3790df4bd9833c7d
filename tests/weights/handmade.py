"""Pipelines made by hand: the right names and headers around a few bytes, in folders or in the hub's cache layout."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Shapes = Mapping[str, tuple[int, ...]]

SD15: dict[str, list[str]] = {
    "scheduler": ["diffusers", "PNDMScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}
COMMIT = "a" * 40
"""The commit of every handmade hub snapshot, unless a test names another."""


def safetensors(path: Path, shapes: Shapes | None = None) -> Path:
    """Write a whole safetensors file of zeros in half precision."""
    header: dict[str, Any] = {}
    end = 0
    for name, shape in (shapes or {"weight": (2, 3)}).items():
        size = 2
        for n in shape:
            size *= n
        header[name] = {"dtype": "F16", "shape": list(shape), "data_offsets": [end, end + size]}
        end += size
    raw = json.dumps(header).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(len(raw).to_bytes(8, "little") + raw + bytes(end))
    return path


def write_json(path: Path, value: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def pipeline(
    folder: Path,
    class_name: Any = "StableDiffusionPipeline",
    parts: Mapping[str, list[Any]] = SD15,
    variants: tuple[str, ...] = ("",),
    extra: Mapping[str, Any] | None = None,
) -> Path:
    """Write a pipeline's folder; every part with weights has them in each of `variants`."""
    write_json(folder / "model_index.json", {"_class_name": class_name, **parts, **(extra or {})})
    for name, (library, class_) in parts.items():
        if library is None:
            continue
        if "Scheduler" in class_:
            write_json(folder / name / "scheduler_config.json", {"_class_name": class_})
        elif "Tokenizer" in class_ or "Processor" in class_:
            write_json(folder / name / "tokenizer_config.json", {})
        else:
            write_json(folder / name / "config.json", {"_class_name": class_})
            stem = "diffusion_pytorch_model" if library == "diffusers" else "model"
            for variant in variants:
                dot = f".{variant}" if variant else ""
                safetensors(folder / name / f"{stem}{dot}.safetensors")
    return folder


def shelve(folder: Path, cache: Path, repo: str, commit: str = COMMIT, branch: str | None = "main") -> Path:
    """Put a folder into a hub cache as ``huggingface_hub`` does: blobs by hash, links to them, a branch."""
    home = cache / f"models--{repo.replace('/', '--')}"
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        large = path.suffix == ".safetensors"
        name = hashlib.sha256(data).hexdigest() if large else hashlib.sha1(data).hexdigest()
        blob = home / "blobs" / name
        blob.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(data)
        link = home / "snapshots" / commit / path.relative_to(folder)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(os.path.relpath(blob, link.parent))
    if branch:
        reference = home / "refs" / branch
        reference.parent.mkdir(parents=True, exist_ok=True)
        reference.write_text(commit)
    return home / "snapshots" / commit
